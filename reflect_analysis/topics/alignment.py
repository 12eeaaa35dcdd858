"""Topics beside the codebook: which code is near to which topic, and which topic to none.

The topics were found without the codes, so their nearness is evidence for both; a topic
that no code covers is a candidate for a new one. Nearness is the cosine of a topic's centre
with a code's prototype, the mean vector of its definition, inclusions and examples; since
a code may be near to all that is said, it counts only where it passes the nearness of the
same code to the texts at large. Where there are codings, their overlap stands beside it.
Topics of a guided fit are no evidence for the codes, and the alignment says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.embeddings import embed, model_name
from reflect_analysis.errors import TopicsError
from reflect_analysis.topics.candidates import Candidate, candidates_frame, candidates_of
from reflect_analysis.topics.clusters import Vectors, unit
from reflect_analysis.topics.overlap import AlignmentRow, Overlap
from reflect_analysis.topics.selection import GIVEN
from reflect_analysis.topics.values import Topics

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.segments import Segments

__all__ = ["BEYOND", "COVERED", "Alignment", "AlignmentRow", "align", "prototypes_of"]


# Of the examples of the starter codebook three in four lie this near to their own code, and
# three in four lie farther from every other.
COVERED = 0.45
# Of 1,656 pairs of a topic of sentences and a code that two coders used (demonstration corpus, 2
# to 30 topics) the codes that cover by the threshold alone overlap with the coders' beyond chance
# in 48 %, by this excess too in 67 % (recall .44 and .33), by .05 in 82 % (.27). A topic of nearly
# all sentences, which 8 codes covered by the threshold alone, is covered by none. For topics of
# whole texts, in which many codes stand, the share is about 30 % whatever the excess.
BEYOND = 0.03

Value = Literal["similarity", "excess", "coded", "jaccard", "lift"]


@dataclass(frozen=True)
class Alignment:
    """Every topic beside every code.

    Parameters
    ----------
    rows : tuple of AlignmentRow
        Topic by topic, in the codebook's order.
    threshold : float
        A code covers a topic from this similarity, where the excess is above `least_excess`.
    candidates : tuple of Candidate
        The topics that no code covers, with segments to quote by id.
    labels : tuple of str
        What each topic is called, from 0.
    verdict : str
        Whether the solution is stable.
    mark : str
        What a reader must know of a guided fit; empty where it was not guided.
    least_excess : float
        By how much a topic must be nearer to a code than the texts at large, for the code to
        cover it.
    verdicts : tuple of str
        Whether each topic is stable, from 0; empty where only the solution's verdict is known.
    """

    rows: tuple[AlignmentRow, ...]
    threshold: float
    candidates: tuple[Candidate, ...] = ()
    labels: tuple[str, ...] = ()
    verdict: str = ""
    mark: str = ""
    least_excess: float = BEYOND
    verdicts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[AlignmentRow]:
        return iter(self.rows)

    @property
    def independent(self) -> bool:
        """Whether the topics were found without the codes, and so are evidence for them."""
        return not self.mark

    def covers(self, row: AlignmentRow) -> bool:
        """Whether the code of a row covers its topic."""
        return row.similarity >= self.threshold and row.excess > self.least_excess

    @cached_property
    def nearest(self) -> dict[int, AlignmentRow]:
        """The code that covers a topic best, or else the most similar, by topic."""
        best: dict[int, AlignmentRow] = {}
        for row in self.rows:
            if row.topic not in best or self._rank(row) > self._rank(best[row.topic]):
                best[row.topic] = row
        return best

    def _rank(self, row: AlignmentRow) -> tuple[bool, float]:
        covers = self.covers(row)
        return covers, row.excess if covers else row.similarity

    @property
    def uncovered(self) -> tuple[int, ...]:
        """Topics that no code covers: candidates for new codes."""
        return tuple(topic for topic, row in self.nearest.items() if not self.covers(row))

    @property
    def codes_without_topic(self) -> tuple[str, ...]:
        """Codes that cover no topic, in the codebook's order.

        Nothing follows about whether a code is in the texts: a theme that is told rarely, or
        always beside another, makes no topic.
        """
        found = {row.code_id for row in self.rows if self.covers(row)}
        return tuple(dict.fromkeys(r.code_id for r in self.rows if r.code_id not in found))

    @property
    def many_to_one(self) -> dict[str, tuple[int, ...]]:
        """The topics of each code where every covered topic goes to the code that covers it best.

        Several topics may share a code; a code in none of them is left out.
        """
        found: dict[str, tuple[int, ...]] = {}
        for topic, row in self.nearest.items():
            if self.covers(row):
                found[row.code_id] = (*found.get(row.code_id, ()), topic)
        return found

    def one_to_one(self, *, by: Literal["similarity", "jaccard"] = "similarity") -> OneToOne:
        """Topics and codes matched so that each stands at most once and the sum is greatest.

        Parameters
        ----------
        by : {"similarity", "jaccard"}
            What is summed. By similarity, only pairs in which the code covers the topic are
            matched; by Jaccard index, only those that share a segment.

        Returns
        -------
        tuple of AlignmentRow
            By topic.

        References
        ----------
        Kuhn, H. W. (1955). The Hungarian method for the assignment problem. Naval Research
        Logistics Quarterly, 2, 83–97; as solved by scipy's linear_sum_assignment.

        Examples
        --------
        Topic 1 is nearest to the same code as topic 0, and takes the second best:

        >>> rows = [(0, "a", 0.9), (0, "b", 0.5), (1, "a", 0.8), (1, "b", 0.7)]
        >>> found = Alignment(tuple(AlignmentRow(*row, excess=0.1) for row in rows), 0.45)
        >>> [(row.topic, row.code_id) for row in found.one_to_one()], found.many_to_one
        ([(0, 'a'), (1, 'b')], {'a': (0, 1)})
        """
        if by not in ("similarity", "jaccard"):
            raise ValueError(f"by: expected 'similarity' or 'jaccard', came {by!r}")
        fit = self.covers if by == "similarity" else (lambda row: row.jaccard > 0)
        able = [row for row in self.rows if fit(row)]
        return _one_to_one(able, [float(getattr(row, by)) for row in able])

    def to_matrix(self, value: Value = "similarity") -> pd.DataFrame:
        """(n_topics, n_codes) of similarities, or of another column of `to_frame`."""
        frame = self.to_frame()
        if value not in frame.columns[2:]:
            raise ValueError(f"value: expected one of {list(frame.columns[2:])}, came {value!r}")
        codes = list(dict.fromkeys(frame["code_id"]))
        matrix = frame.pivot(index="topic", columns="code_id", values=value)  # noqa: PD010  # each pair stands once
        return matrix[codes]

    def to_frame(self) -> pd.DataFrame:
        """One row a pair of topic and code.

        Returns
        -------
        DataFrame
            The fields of `AlignmentRow`, then ``covers``, ``stability`` (the verdict on the
            solution), ``independent`` (false where the fit was guided) and
            ``topic_stability`` (the verdict on the topic).
        """
        return to_frame(self.rows, AlignmentRow).assign(
            covers=[self.covers(row) for row in self.rows],
            stability=self.verdict,
            independent=self.independent,
            topic_stability=[self._verdict_on(row.topic) for row in self.rows],
        )

    def _verdict_on(self, topic: int) -> str:
        return self.verdicts[topic] if self.verdicts else self.verdict

    def candidates_frame(
        self, segments: Segments | None = None, *, quotes: int = 3
    ) -> pd.DataFrame:
        """The topics that no code covers; for the researcher's eyes where it holds passages.

        Parameters
        ----------
        segments : Segments, optional
            With them the frame has passages: participants' words, never to be sent. Passages
            of participants who refused to be quoted, and of records whose governors have not
            approved quotes, are left out.
        quotes : int
            Passages a topic, spread over participants.

        Returns
        -------
        DataFrame
            ``topic, label, words, size, participants, nearest_code, similarity, stability,
            segment_ids``; with segments also ``passages``.
        """
        return candidates_frame(self.candidates, segments, quotes=quotes)

    def __repr__(self) -> str:
        topics = len(self.nearest)
        free = f"; no code covers {', '.join(map(str, self.uncovered))}" if self.uncovered else ""
        codes = len(self) // max(topics, 1)
        return f"<Alignment: {topics} topics × {codes} codes{free}{self._remarks()}>"

    def _remarks(self) -> str:
        stable = self.verdict if self.verdict in ("not stable", "not measured") else ""
        told = [f"topics {stable}" if stable else "", self.mark]
        return "".join(f"; {each}" for each in told if each)

    def _repr_html_(self) -> str:
        rows = (
            (
                topic,
                self.labels[topic] if self.labels else "",
                self._verdict_on(topic),
                row.code_id,
                f"{row.similarity:.2f}",
                "yes" if self.covers(row) else "no",
                _overlap_told(row),
            )
            for topic, row in self.nearest.items()
        )
        heads = (
            "Topic",
            "Called",
            "Grouping",
            "Nearest code",
            "Similarity",
            "Covered",
            "Segments coded",
        )
        alone = ", ".join(self.codes_without_topic)
        unfound = f"<p>No topic for: {escape(alone)}</p>" if alone else ""
        return f"<p>{escape(repr(self))}</p>{html_table(heads, rows)}{unfound}"


OneToOne = tuple[AlignmentRow, ...]


def _one_to_one(able: Sequence[AlignmentRow], values: Sequence[float]) -> OneToOne:
    """The pairs of the greatest sum, each topic and each code at most once."""
    from scipy.optimize import linear_sum_assignment

    topics = sorted({row.topic for row in able})
    codes = list(dict.fromkeys(row.code_id for row in able))
    gain = np.zeros((len(topics), len(codes)))
    at = {}
    for row, value in zip(able, values, strict=True):
        place = (topics.index(row.topic), codes.index(row.code_id))
        gain[place], at[place] = value, row
    found = zip(*map(np.ndarray.tolist, linear_sum_assignment(gain, maximize=True)), strict=True)
    return tuple(at[place] for place in found if place in at)


def _overlap_told(row: AlignmentRow) -> str:
    if row.coded is None:
        return "–"
    lift = "" if np.isnan(row.lift) else f" (lift {row.lift:.1f})"
    return f"{row.coded} of {row.in_topic}{lift}"


def align(  # the choices behind a comparison, each with a default
    topics: Topics,
    codebook: Codebook,
    *,
    codings: Codings | None = None,
    prototypes: NDArray[np.floating[Any]] | None = None,
    threshold: float = COVERED,
    least_excess: float = BEYOND,
    model: str | Path | None = None,
    cache: Cache | None = None,
) -> Alignment:
    """Set topics beside the codes of a codebook that a machine may propose.

    Human-only codes have no row: to name a machine's grouping by one is to propose it.

    Parameters
    ----------
    topics : Topics
    codebook : Codebook
    codings : Codings, optional
        Of the same corpus: then each pair also shows how many of the topic's segments were
        given the code, beside how many would be by chance. Codings that topics themselves
        gave (`Topics.to_codings`) are left out.
    prototypes : ndarray, optional
        (n_codes, n_dimensions): the vectors of `Codebook.machine_codes`, by the model that
        made the topics' vectors; by default computed with `model`.
    threshold : float
        Similarity from which a code may cover a topic, in [−1, 1]; it depends on the model.
    least_excess : float
        By how much a topic must be nearer to a code than the texts at large. A topic of most of
        the texts is a little nearer than they to many codes, which says nothing. By default .03,
        measured on the packaged model and codebook; .05 covers less and errs more seldom.
    model, cache
        As for `fit_topics`; the model must be the one behind the topics.

    Returns
    -------
    Alignment

    Raises
    ------
    TopicsError
        If the prototypes do not fit the codes, or the topics' vectors, or would come from
        another model than they.
    """
    mark = topics.guided.mark if topics.guided else ""
    codes = codebook.machine_codes()
    if not topics.rows or not codes:
        return Alignment((), threshold, mark=mark, least_excess=least_excess)
    if prototypes is None:
        check_model(topics, model)
    vectors = prototypes_of(codes, model, cache) if prototypes is None else prototypes
    similarities = _similarities(topics, codes, np.asarray(vectors, dtype=np.float32))
    overlap = Overlap.of(topics, codebook, codings) if codings is not None else None
    rows = tuple(_rows(topics, codes, similarities, overlap))
    labels = tuple(topics.label(row.number) for row in topics)
    found = Alignment(
        rows,
        threshold,
        labels=labels,
        verdict=topics.stability.verdict,
        mark=mark,
        least_excess=least_excess,
        verdicts=tuple(row.stability.verdict for row in topics),
    )
    near = {topic: found.nearest[topic] for topic in found.uncovered}
    return dataclasses.replace(found, candidates=candidates_of(topics, near))


def _rows(
    topics: Topics, codes: Sequence[Code], similarities: Vectors, overlap: Overlap | None
) -> Iterator[AlignmentRow]:
    at_large = similarities[-1]
    for topic in topics:
        for place, code in enumerate(codes):
            cosine = similarities[topic.number, place]
            near = (round(float(cosine), 6), round(float(cosine - at_large[place]), 6))
            counts = overlap.counts(topic.number, code.id) if overlap else ()
            yield AlignmentRow(topic.number, code.id, *near, *counts)


def check_model(topics: Topics, model: str | Path | None) -> None:
    """Raise `TopicsError` where vectors would come from another model than the topics'."""
    runs = [run for run in topics.runs if run.step == "topics"]
    made_with = runs[-1].model if runs else None
    if made_with in (None, GIVEN) or made_with == model_name(model):
        return
    raise TopicsError(
        f"the topics' vectors are by {made_with}, and {model_name(model)} would be used here; "
        "name the same model, or give vectors by it"
    )


def prototypes_of(codes: Sequence[Code], model: str | Path | None, cache: Cache | None) -> Vectors:
    """(n_codes, n_dimensions), of unit length: the mean of what each code says of itself."""
    texts = [_texts_of(code) for code in codes]
    vectors = embed([text for each in texts for text in each], model=model, cache=cache)
    ends = np.cumsum([len(each) for each in texts])
    groups = np.split(vectors, ends[:-1])
    return unit(np.stack([group.mean(axis=0) for group in groups]))


def _texts_of(code: Code) -> list[str]:
    texts = (code.definition, *code.include, *code.examples)
    return [text for text in texts if text.strip()]


def _similarities(topics: Topics, codes: Sequence[Code], prototypes: Vectors) -> Vectors:
    """(n_topics + 1, n_codes); the last row is that of the centre of all segments."""
    centroids = np.asarray([*topics.centroids, topics.centre], dtype=np.float32)
    checked = checked_prototypes(prototypes, (len(codes), centroids.shape[1]))
    similarities: Vectors = centroids @ checked.T
    return similarities


def checked_prototypes(prototypes: Vectors, expected: tuple[int, int]) -> Vectors:
    """Prototypes at unit length, if they have the shape and are numbers."""
    if prototypes.shape != expected:
        raise TopicsError(
            f"prototypes: expected shape {expected} (codes × the dimensions of the topics' "
            f"vectors), came {prototypes.shape}; use the model that made the topics' vectors"
        )
    if not np.isfinite(prototypes).all():
        raise TopicsError("prototypes: expected finite numbers, came NaN or infinity")
    return unit(prototypes)
