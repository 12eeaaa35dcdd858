"""Topics of a data set: found in a sample by the leading process, then given to every text.

Nothing of it begins before all partitions are coded, because only then has somebody cleared each
text. The fit is kept: after a stop the same command goes on with the partitions that are left.
Where the texts, their approvals or the sample change, the topics are found anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from reflect_analysis.codings import Codings
from reflect_analysis.embeddings import model_name
from reflect_analysis.provenance import fingerprint, package_version
from reflect_analysis.report.grouping import shareable_topics
from reflect_analysis.report.study import Study
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.coders import KEEP_NOTHING
from reflect_analysis.scale.dataset import DatasetPlan, keyed
from reflect_analysis.scale.files import (
    TOPICS,
    TOPICS_KEY,
    RunFolder,
    load_receipt,
    pyarrow,
    write_text,
)
from reflect_analysis.scale.partition import groupable
from reflect_analysis.scale.reading import read_documents
from reflect_analysis.scale.running import run_jobs
from reflect_analysis.scale.sampling import draw
from reflect_analysis.scale.telling import HowFar, Tell, many
from reflect_analysis.scale.topic_counts import TopicCounts, count_topics, shown_topics
from reflect_analysis.scale.topic_parts import (
    AssignedPart,
    assign_partition,
    known_part,
    with_vectors,
)
from reflect_analysis.scale.values import Job, TopicSample, Work

if TYPE_CHECKING:
    from reflect_analysis.anonymity import AnonymityReport
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.tables import Table
    from reflect_analysis.topics import Topics

__all__ = ["Grouped", "drop_stale_topics", "group_dataset", "topics_key"]

_FINDING = ("document_id", "start", "end", "kind", "score", "direct", "why", "field")


@dataclass(frozen=True)
class Grouped:
    """Topics with what their table is made from.

    Parameters
    ----------
    counts : TopicCounts
    corpus : Corpus
        The texts of the sample: which words may be shown is read off them.
    findings : AnonymityReport, optional
        What the check for identifiers found in those that were checked; `None` where none was:
        texts that ``clearance.yaml`` clears are not.
    """

    counts: TopicCounts
    corpus: Corpus
    findings: AnonymityReport | None

    def table(self, work: Work, k: int) -> Table | None:
        """The topics as they may be sent; `None` where nothing of them may be."""
        model = self.counts.model
        study = Study(
            self.corpus, work.codebook, Codings(), model, k=k, findings=self.findings
        )  # of a study the words alone are asked for here, its counts never
        safe = shareable_topics(study)
        return None if safe is None else shown_topics(self.counts, safe, k=k)


def group_dataset(
    plan: DatasetPlan, work: Work, jobs: Sequence[Job], cluster: Cluster, tell: Tell
) -> Grouped | None:
    """Find topics in a sample and put every text to them.

    Parameters
    ----------
    plan : DatasetPlan
    work : Work
        With `Work.topics` and their key.
    jobs : sequence of Job
        Every partition; all are coded.
    cluster : Cluster
    tell : callable

    Returns
    -------
    Grouped or None
        `None` where the sample was too small to be grouped; why is told.
    """
    folder, sample = RunFolder(work.out), work.topics or TopicSample()
    drawn, of = draw(plan, sample.size, sample.seed)
    read = {job: read_documents(work, job, rows) for job, rows in drawn.items()}
    corpus = groupable(work, tuple(chain.from_iterable(read.values())))
    n_drawn = sum(map(len, drawn.values()))
    model = _found_before(folder, work.topics_key)
    if model is None:
        tell(f"seeking topics in a sample of {n_drawn:,} of {many(of, 'text')}")
        model = _fit(folder, plan, work, corpus, tell)
    if not model.rows:
        for line in model.notes or ("no text could be grouped",):
            tell(f"no topics: {line}")
        return None
    parts = _assign(folder, work, jobs, cluster, tell)
    rows, persons = count_topics(model, (folder.of(TOPICS, job) for job in jobs))
    left_out: Counter[str] = Counter()
    for part in parts:
        left_out.update(part.left_out)
    texts = sum(part.texts for part in parts)
    notes = sorted({part.note for part in parts} - {""})
    counts = TopicCounts(
        model,
        sample,
        rows,
        persons.known,
        persons.unknown,
        texts,
        n_drawn,
        of,
        dict(left_out),
        " ".join(notes) if texts > model.n_units else "",
    )
    # Those of the plan have no keys, by which files are named.
    checked = {
        job: read[drawn_from]
        for drawn_from, job in zip(plan.jobs, jobs, strict=True)
        if drawn_from in read and _is_checked(folder, job)
    }
    able = {document.id for documents in checked.values() for document in documents}
    findings = _findings(folder, tuple(checked), corpus.where(lambda each: each.id in able))
    return Grouped(counts, corpus, findings)


# ── what was found before ──


def topics_key(plan: DatasetPlan, sample: TopicSample) -> str:
    """Fingerprint of all that topics depend on: texts, approvals, sample and model."""
    return fingerprint(_data(plan), asdict(sample), model_name())[:32]


def _data(plan: DatasetPlan) -> str:
    return fingerprint([job.key for job in keyed(plan, [package_version()])])[:32]


def drop_stale_topics(folder: RunFolder, plan: DatasetPlan) -> None:
    """Remove topics of other texts: they hold ids of who may have withdrawn since."""
    about = _about(folder)
    # A fit that was stopped before it had its key leaves words and ids that nobody will ask for.
    is_left = about is None and folder.model.exists()
    if is_left or (about is not None and about.get("data") != _data(plan)):
        folder.drop_topics()


def _about(folder: RunFolder) -> dict[str, Any] | None:
    place = folder.keep / TOPICS_KEY
    try:
        return dict(json.loads(place.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}


def _found_before(folder: RunFolder, key: str) -> Topics | None:
    from reflect_analysis.errors import TopicsError
    from reflect_analysis.topics import load_topics

    if (_about(folder) or {}).get("key") != key:
        return None
    try:
        return load_topics(folder.model)
    except TopicsError:
        return None


def _fit(folder: RunFolder, plan: DatasetPlan, work: Work, corpus: Corpus, tell: Tell) -> Topics:
    """The topics of the sample; saved, the key last."""
    from reflect_analysis.topics import TopicSettings, fit_topics, save_topics

    sample = work.topics or TopicSample()
    folder.drop_topics()
    segments, vectors, _ = with_vectors(corpus, sample.vectors)

    def progress(done: int, total: int) -> None:
        if done % max(total // 10, 1) == 0 or done == total:
            tell(f"fitted {done} of {total}")

    model = fit_topics(
        segments,
        embeddings=vectors,
        random_state=sample.seed,
        settings=TopicSettings(refits=sample.refits),
        cache=KEEP_NOTHING,
        progress=progress,
    )
    save_topics(model, folder.model, words=True)
    about = {"key": work.topics_key, "data": _data(plan), "sample": asdict(sample)}
    write_text(folder.keep / TOPICS_KEY, json.dumps(about, indent=1) + "\n")
    return model


# ── every text ──


def _assign(
    folder: RunFolder, work: Work, jobs: Sequence[Job], cluster: Cluster, tell: Tell
) -> list[AssignedPart]:
    known = {job: known_part(folder, job, work.topics_key) for job in jobs}
    left = [job for job, part in known.items() if part is None]
    if left:
        folder.take_back_tables()
        tell(f"putting the texts of {many(len(left), 'partition')} to the topics")
        how_far = HowFar(len(left), tell)

        def done(part: AssignedPart) -> None:
            how_far.add(part.texts + sum(part.left_out.values()))

        run_jobs(work, left, cluster, done, assign_partition, how_far=how_far)
    parts = (known[job] or known_part(folder, job, work.topics_key) for job in jobs)
    return [part for part in parts if part is not None]


def _is_checked(folder: RunFolder, job: Job) -> bool:
    """Whether the texts of a partition were searched for identifiers before they were coded."""
    receipt = load_receipt(folder.of("manifests", job))
    return receipt is not None and receipt.checked


def _findings(folder: RunFolder, jobs: Sequence[Job], corpus: Corpus) -> AnonymityReport | None:
    """What the check found in texts of the sample; `None` where it was run in no partition."""
    if not jobs:
        return None
    from reflect_analysis.anonymity import AnonymityReport, Finding

    rows = (Finding(**row) for row in _finding_rows(folder, jobs, corpus))
    return AnonymityReport(corpus, tuple(rows))


def _finding_rows(
    folder: RunFolder, jobs: Sequence[Job], corpus: Corpus
) -> Iterator[dict[str, Any]]:
    parquet, pc = pyarrow("pyarrow.parquet"), pyarrow("pyarrow.compute")
    ids = pyarrow().array([document.id for document in corpus], pyarrow().string())
    for job in jobs:
        table = parquet.read_table(folder.of("findings", job), columns=list(_FINDING))
        yield from table.filter(pc.is_in(table["document_id"], ids)).to_pylist()
