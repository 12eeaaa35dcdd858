"""How far topics agree with themselves, beside BERTopic's defaults on the same vectors.

python benchmarks/topics.py --texts FILE.csv --column NAME [--sizes 100 300 1000 0]
python benchmarks/topics.py --texts FILE.csv --column NAME --part few
python benchmarks/topics.py --texts FILE.csv --column NAME --part time

The texts are no part of the project: any file with a column of short texts will do. Samples of
each size (0: all) are drawn once. BERTopic runs as its defaults are, with a seed; ours runs at
the number of topics that the defaults found with their first seed. Both are fitted over seeds,
over the same bootstrap samples and over orders of the rows, and again on shuffled vectors.
Outliers count as groups of one; rows that a sample did not draw count for neither. NPMI is
taken over all the words of the texts, stop words included, for both.

The words of a topic are chosen by how they stand in these very texts, ours also by whether they
meet there; so NPMI is shown in the texts and, beside it, in the texts of the file that the sample
left out. BERTopic's default words are stop words, which meet by chance, at 0, everywhere.

`few` fits the first 1 to 60 texts. `time` fits 6,000 vectors with each in turn after a warm-up, and
then ten times in worker processes; other work on the machine spoils it, so CPU seconds stand
beside.
"""

from __future__ import annotations

import argparse
import csv
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _measuring import Row, Seconds, by_turns, timed
from _reflections import reflections

from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.embeddings import embed
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import TopicSettings, fit_topics
from reflect_analysis.topics.clusters import Cluster, Labels, cluster_for
from reflect_analysis.topics.coherence import diversity, embedding_coherence, npmi
from reflect_analysis.topics.neighbours import Vectors
from reflect_analysis.topics.refits import NOT_DRAWN, Refit, Steps, run_refits
from reflect_analysis.topics.representations import vocabulary_of
from reflect_analysis.topics.stability import agreement, information, shuffled
from reflect_analysis.topics.values import OUTLIER
from reflect_analysis.topics.words import analyser

FEWEST_TOPICS = 3  # Of the defaults, for a comparison at their number.
TIMED = 6_000
FEW = 60
# (vectors, texts, seed) → labels of the rows.
Fit = Callable[[Vectors, Sequence[str], int], Labels]


# Material ---------------------------------------------------------------------------


def read(path: Path, column: str) -> list[str]:
    """The different texts of a column that hold a letter, in the order of the file."""
    if not path.is_file():
        raise SystemExit(f"{path}: no such file")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or ()):
            names = ", ".join(reader.fieldnames or ())
            raise SystemExit(f"{path}: no column {column!r}; there are {names}")
        return [row[column] for row in reader if any(map(str.isalpha, row[column]))]


def segments_of(texts: Sequence[str]) -> Segments:
    """The texts as cleared documents of one segment each, the participants unknown."""
    documents = tuple(
        Document(f"t{place:06}", text, language="en") for place, text in enumerate(texts)
    )
    cleared = tuple(Clearance(document.sha256, "benchmark", "not shown") for document in documents)
    rows = tuple(Segment.of(document, 0, len(document.text), None) for document in documents)
    return Segments(Corpus(documents, (), cleared), rows, "document")


# Two kinds of fit -------------------------------------------------------------------


def defaults(vectors: Vectors, texts: Sequence[str], seed: int) -> Labels:
    """BERTopic as it comes, but for a seed in its UMAP."""
    return _defaults(vectors, texts, seed)[0]


def _defaults(vectors: Vectors, texts: Sequence[str], seed: int) -> tuple[Labels, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bertopic import BERTopic
        from umap import UMAP

        # As BERTopic's __init__ makes it.
        reduce = UMAP(
            n_neighbors=15,
            n_components=5,
            min_dist=0.0,
            metric="cosine",
            low_memory=False,
            random_state=seed,
        )
        model = BERTopic(embedding_model=None, umap_model=reduce)
        found, _ = model.fit_transform(list(texts), vectors.copy())
    return np.asarray(found, dtype=np.int64), model


def ours(n_topics: int, n: int) -> Cluster:
    """What `fit_topics` uses at a number of topics where it agrees best with itself."""
    return cluster_for("k-means", n_topics, TopicSettings(), n)


def words_of_defaults(model: Any) -> list[tuple[str, ...]]:
    """The ten words of each of BERTopic's topics."""
    numbers = sorted(number for number in model.get_topics() if number != OUTLIER)
    return [tuple(word for word, _ in model.get_topic(number) if word) for number in numbers]


# Figures ----------------------------------------------------------------------------


# The labels of refits, by what they vary.
Refits = dict[str, list[Labels]]


def refits_of(
    fit: Fit,
    vectors: Vectors,
    texts: Sequence[str],
    counts: dict[str, int],
    tell: Callable[[str], None],
) -> Refits:
    """Refits over seeds, bootstrap samples and orders; the same samples for every fit."""
    n, rng = len(vectors), np.random.default_rng(7)
    every = np.arange(n)
    plans: dict[str, Callable[[int], Refit]] = {
        "seeds": lambda seed: Refit(every, seed),
        "bootstrap": lambda _: Refit(np.unique(rng.integers(n, size=n)), 0),
        "order": lambda _: Refit(rng.permutation(n), 0),
    }
    found: Refits = {}
    for over, count in counts.items():
        tell(over)
        drawn = [plans[over](number) for number in range(count)]
        found[over] = [_refit(fit, vectors, texts, each) for each in drawn]
    return found


def _refit(fit: Fit, vectors: Vectors, texts: Sequence[str], refit: Refit) -> Labels:
    labels = np.full(len(vectors), NOT_DRAWN, dtype=np.int64)
    labels[refit.rows] = fit(vectors[refit.rows], [texts[row] for row in refit.rows], refit.seed)
    return labels


def mean(groupings: Sequence[Labels], index: Callable[[Labels, Labels], float]) -> float:
    """An index between refits, two by two, on the average."""
    pairs = [index(a, b) for place, a in enumerate(groupings) for b in groupings[:place]]
    return float(np.mean(pairs))


def shares(groupings: Sequence[Labels]) -> float:
    """Mean share of outliers."""
    return float(np.mean([(each[each != NOT_DRAWN] == OUTLIER).mean() for each in groupings]))


def topics_in(groupings: Sequence[Labels]) -> str:
    """The least and the most topics of the refits."""
    numbers = [int(each.max()) + 1 for each in groupings]
    return str(numbers[0]) if len(set(numbers)) == 1 else f"{min(numbers)}–{max(numbers)}"


def row(
    name: str,
    real: Refits,
    null: Refits,
    words: Sequence[Sequence[str]],
    texts: tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]],
    vectors: Vectors,
) -> dict[str, str]:
    """One row of the table, each agreement beside that of shuffled vectors."""
    seeds = real["seeds"]
    figures = {"": name, "topics": topics_in(seeds), "in samples": topics_in(real["bootstrap"])}
    for over, own in real.items():
        beside = null[over]
        for index, told in ((agreement, "ARI"), (information, "NMI")):
            figures[f"{told} {over}"] = f"{mean(own, index):.2f} ({mean(beside, index):.2f})"
    figures["outliers"] = f"{shares(seeds):.2f} ({shares(null['seeds']):.2f})"
    figures["diversity"] = f"{diversity(words):.2f}"
    figures["NPMI"] = f"{npmi(words, texts[0]):.3f}"
    figures["NPMI elsewhere"] = f"{npmi(words, texts[1]):.3f}" if texts[1] else "–"
    figures["vectors"] = f"{embedding_coherence(vectors, seeds[0]):.3f}"
    return figures


def compare(
    texts: Sequence[str], rest: Sequence[str], vectors: Vectors, counts: dict[str, int]
) -> list[dict[str, str]]:
    """The rows of one sample; `rest` are the texts that it left out."""
    from sklearn.feature_extraction.text import CountVectorizer

    n = len(texts)
    split = CountVectorizer().build_analyzer()
    every = [split(text) for text in texts], [split(text) for text in rest]
    null = shuffled(vectors, np.random.default_rng(11))
    labels, model = _defaults(vectors, texts, 0)
    n_topics = int(labels.max()) + 1
    theirs = _both(defaults, vectors, null, texts, counts, f"{n} defaults")
    rows = [row(f"{n} defaults", *theirs, words_of_defaults(model), every, vectors)]
    if n_topics < FEWEST_TOPICS:
        note = f"{n}: the defaults find {n_topics} topics, too few for a comparison at their number"
        print(note, flush=True)
        n_topics = FEWEST_TOPICS

    def fit(some: Vectors, _: Sequence[str], seed: int) -> Labels:
        return ours(n_topics, n).fit(some, seed)

    own = _both(fit, vectors, null, texts, counts, f"{n} ours")
    counted = vocabulary_of(segments_of(texts).rows, vectors, analyser())
    words = counted.words(own[0]["seeds"][0], 10)
    return [*rows, row(f"{n} ours", *own, words, every, vectors)]


def _both(
    fit: Fit,
    vectors: Vectors,
    null: Vectors,
    texts: Sequence[str],
    counts: dict[str, int],
    name: str,
) -> tuple[Refits, Refits]:
    """Refits on the vectors and on shuffled ones."""

    def tell(over: str, kind: str = "") -> None:
        print(f"  {name}{kind}: {over}", file=sys.stderr, flush=True)

    real = refits_of(fit, vectors, texts, counts, tell)
    beside = refits_of(fit, null, texts, counts, lambda over: tell(over, ", shuffled"))
    return real, beside


def show(rows: Sequence[dict[str, str]]) -> None:
    """A Markdown table."""
    heads = list(rows[0])
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for each in rows:
        print("| " + " | ".join(each[head] for head in heads) + " |", flush=True)


# Parts ------------------------------------------------------------------------------


def table(given: argparse.Namespace, texts: Sequence[str], vectors: Vectors) -> None:
    """The comparison at each size."""
    rows = []
    for size in given.sizes:
        n = min(size or len(texts), len(texts))
        drawn = np.sort(np.random.default_rng(given.seed).choice(len(texts), n, replace=False))
        count = given.refits if n <= given.many else given.refits_of_many
        counts = {"seeds": count, "bootstrap": count} | ({"order": count} if given.order else {})
        rest = [texts[place] for place in np.setdiff1d(np.arange(len(texts)), drawn)]
        rows += compare([texts[place] for place in drawn], rest, vectors[drawn], counts)
        show(rows[-2:])
    print()
    show(rows)


def few(_: argparse.Namespace, texts: Sequence[str], vectors: Vectors) -> None:
    """1 to 60 texts: no exception, and no result of outliers alone."""
    engines: dict[str, list[int]] = {}
    for n in range(1, min(FEW, len(texts)) + 1):
        chosen = TopicSettings(refits=2)
        topics = fit_topics(segments_of(texts[:n]), embeddings=vectors[:n], settings=chosen)
        if not topics.rows and not topics.terms:
            raise SystemExit(f"{n} texts: neither topics nor terms")
        if topics.outlier_share == 1:
            raise SystemExit(f"{n} texts: outliers alone")
        engines.setdefault(topics.engine, []).append(n)
    for engine, sizes in engines.items():
        print(f"{engine}: {sizes[0]} to {sizes[-1]} texts, no exception, none all outliers")


def time_fits(given: argparse.Namespace, texts: Sequence[str], vectors: Vectors) -> None:
    """What one fit of each takes, as a user calls it, and ten refits in worker processes."""
    n = min(TIMED, len(texts))
    texts, vectors = texts[:n], vectors[:n]
    alone = TopicSettings(refits=0, workers=1)
    fit = fit_row("one fit of topics", alone, texts, vectors, given.times)
    print(fit, flush=True)
    segments = segments_of(texts)
    chosen = TopicSettings(workers=given.workers)
    whole = timed(lambda: _fitted(segments, vectors, chosen))
    print(f"fit_topics as it comes, in {given.workers} processes: {whole}", flush=True)
    one = min(fit.ours, key=lambda spent: spent.processor)
    for engine, number in (("bertopic", None), ("k-means", 60)):
        _time_refits(engine, number, vectors, given.workers, one)


def rows(*, quick: bool) -> Iterator[Row]:
    """Topics of composed reflections from their vectors, beside BERTopic's defaults."""
    texts = list(reflections(1_000 if quick else TIMED))
    vectors, turns = embed(texts), 2 if quick else 3
    alone = TopicSettings(refits=0, workers=1)
    yield fit_row("one fit of topics", alone, texts, vectors, turns, "no slower: at least 1 ×")
    yield fit_row("topics and how stable they are, by default", TopicSettings(), texts, vectors, 2)


def fit_row(
    what: str,
    settings: TopicSettings,
    texts: Sequence[str],
    vectors: Vectors,
    turns: int,
    asked: str = "",
) -> Row:
    """What BERTopic gives, topics, words and representative texts, by each on the same vectors."""
    segments = segments_of(texts)
    theirs, ours = (
        lambda: defaults(vectors, texts, 1),
        lambda: _fitted(segments, vectors, settings),
    )
    for run in (theirs, ours):
        run()  # compiles what is compiled at its first use
    mine, other = by_turns(ours, theirs, turns)
    rival = "BERTopic's defaults with random_state"
    return Row(f"{what}, {len(texts):,} vectors", mine, rival, other, asked)


def _time_refits(
    engine: Any, n_topics: int | None, vectors: Vectors, workers: int, fit: Seconds
) -> None:
    """Ten refits of all rows by an engine beside one fit by it, and beside one whole fit.

    BERTopic is refitted over seeds, k-means, which has none, over orders of the rows.
    """
    n = len(vectors)
    cluster = cluster_for(engine, n_topics, TopicSettings(), n)
    cluster.fit(vectors, 0)
    one = timed(lambda: cluster.fit(vectors, 1))
    rng = np.random.default_rng(3)
    every = np.arange(n)
    drawn = [every if cluster.seeded else rng.permutation(n) for _ in range(10)]
    refits = [Refit(each, seed) for seed, each in enumerate(drawn)]
    shared = cluster.with_neighbours if cluster.seeded else lambda _: cluster
    # Workers are started, and compile, at their first use; the steps keep them for the next.
    steps = Steps()
    for when in ("at first", "then"):
        ten = timed(
            lambda: run_refits(shared(vectors), vectors, refits, workers=workers, steps=steps)
        )
        print(
            f"ten refits by {engine} in {workers} processes, {when}: {ten}; clock "
            f"{ten.clock / one.clock:.1f} × its groups alone ({one}), "
            f"{ten.clock / fit.clock:.1f} × fit_topics without refits",
            flush=True,
        )
    steps.end()


def _fitted(segments: Segments, vectors: Vectors, settings: TopicSettings) -> None:
    fit_topics(segments, embeddings=vectors, settings=settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", type=Path, required=True, metavar="FILE.csv")
    parser.add_argument("--column", required=True, metavar="NAME")
    parser.add_argument("--part", choices=("table", "few", "time"), default="table")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300, 1_000, 0])
    parser.add_argument("--refits", type=int, default=10)
    parser.add_argument("--many", type=int, default=2_000, help="above so many texts fewer refits")
    parser.add_argument("--refits-of-many", type=int, default=3)
    parser.add_argument("--order", action=argparse.BooleanOptionalAction, default=True,
                        help="whether the rows are put into other orders, too")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="by which samples are drawn")
    parser.add_argument("--times", type=int, default=3, help="fits of each that are timed")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    texts = read(given.texts, given.column)
    if len(texts) < FEW:
        raise SystemExit(f"{given.texts}: {len(texts)} texts are too few for a comparison")
    vectors = embed(texts)
    parts = {"table": table, "few": few, "time": time_fits}
    parts[given.part](given, texts, vectors)


if __name__ == "__main__":
    main()
