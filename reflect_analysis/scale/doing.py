"""`code_dataset`: from a folder of Parquet files to codings and tables, as one call."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reflect_analysis.codebook import Codebook, read_codebook
from reflect_analysis.disclosure.counts import check_k
from reflect_analysis.errors import (
    CorpusError,
    NotClearedError,
    OutputError,
    agreeing,
    raise_all,
)
from reflect_analysis.language import model_identity
from reflect_analysis.provenance import now, package_version
from reflect_analysis.report.folder import check_parents
from reflect_analysis.scale.cluster import Cluster
from reflect_analysis.scale.coders import CoderSpec, coder_fingerprint, make_coder, rows_for
from reflect_analysis.scale.connecting import check_installed
from reflect_analysis.scale.dataset import DatasetPlan, keyed, look_over
from reflect_analysis.scale.files import OPEN, RunFolder, pyarrow
from reflect_analysis.scale.grouping import Grouped, drop_stale_topics, group_dataset, topics_key
from reflect_analysis.scale.leaving import Left, drop_withdrawn, forget_erased
from reflect_analysis.scale.partition import (
    UNIT,
    code_partition,
    findings_of_cases,
    known_receipt,
)
from reflect_analysis.scale.reasons import read_open, settle_reasons, write_open
from reflect_analysis.scale.running import run_jobs
from reflect_analysis.scale.runs import ScaledRun, check_approach
from reflect_analysis.scale.sending import Sending, write_tables
from reflect_analysis.scale.settings import absolute, check_apart, check_settings, given
from reflect_analysis.scale.settling import links_read
from reflect_analysis.scale.telling import HowFar, Tell, many
from reflect_analysis.scale.values import Job, OpenFinding, Receipt, TopicSample, Work
from reflect_analysis.themes import Approach

__all__ = ["ScaledRun", "code_dataset"]

_SHOWN = 10


def code_dataset(  # noqa: PLR0913  # each is a choice that a study makes
    source: str | Path,
    out: str | Path,
    codebook: str | Path | Codebook,
    *,
    coder: CoderSpec = "rules",
    scheduler: str = "local",
    workers: int = 2,
    memory: str = "2GB",
    rows: int | None = None,
    cleared_by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    topics: TopicSample | None = None,
    approach: Approach = "codebook",
    k: int = 5,
    ledger: str | Path | None = None,
    to: str = "",
    tell: Tell = lambda _: None,
) -> ScaledRun:
    """Check, cut, code and count a data set of Parquet files by partition, on Dask.

    Written partitions are not computed again: after a stop (Ctrl+C, a crash, a job's walltime)
    the same call goes on. One is computed anew where its file, the codebook, the coder, the
    package or an approval has changed, a reason or ``clearance.yaml`` is not given any more, the
    names or pseudonyms of the participants, by which it was checked, or a text of who withdrew that
    it repeats or quotes have changed, or what was written of it is damaged; a file that holds many
    partitions changes as a whole, so many smaller files are better than one.
    Where somebody withdrew since, everything is computed anew.

    In a script, call it below ``if __name__ == "__main__":``, because worker processes import
    the script.

    Parameters
    ----------
    source : path
        A Parquet file or a folder of them, with the columns that `read_corpus` knows in tables:
        an id and a text for each row, ``participant``, ``prompt``, ``language``, ``kind``,
        ``session`` and the like. Beside the files may lie the table of the participants (with
        community, governance, approved_uses; beside a single file as ``participants.csv`` or
        ``.xlsx``), ``withdrawn.yaml``, and ``clearance.yaml``, in
        which the sha256 of a file (``sha256sum``; in PowerShell ``Get-FileHash``) clears all of
        its texts, until the file changes.
    out : path
        The folder to be made, or that of the same run before; not inside `source`. ``keep/``
        holds codings, findings, counts, and in ``run.json`` who had cleared the texts when they
        were coded, who did in the last call, and why findings stand; ``share/`` the theme table
        with small counts hidden.
    codebook : path or Codebook
    coder : {"rules", "semantic", "static"}, path or callable
        A path is the folder of a `FineTunedCoder`; a callable makes a coder of the codebook in
        each worker, such as a `SupervisedCoder` that is trained there; one that comes out
        otherwise in a worker than here is refused. ``"static"`` is ``"semantic"`` on averaged
        word vectors.
    scheduler : str
        ``"local"``; ``"here"``, without Dask; the address of a Dask scheduler (``tcp://…``)
        whose workers see both folders; ``"slurm"`` (dask-jobqueue, with queue, account and
        walltime in dask's configuration; not tried on a real cluster).
    workers : int
        Processes, for ``"local"`` and ``"slurm"``.
    memory : str
        Of each worker that is begun here; at least 1.5 GB.
    rows : int
        Rows of a partition, at most 20,000; by default 5,000 with ``"rules"`` and ``"static"``
        and 500 with the slower coders. A worker's memory is bounded by it. With another number
        everything is computed anew.
    cleared_by, note : str
        Who cleared the texts and how; needed where ``clearance.yaml`` does not clear each.
    reasons : mapping of str to str, optional
        Why a finding of the check may stand, by its id.
    topics : TopicSample, optional
        Seek topics in a sample, too, and put every text to them (`ScaledRun.topics`).
    approach : {"content-analysis", "coding-reliability", "codebook"}
    k : int
        Counts of fewer persons are hidden in ``share``; at least 3.
    ledger : path, optional
        The file of everything that was sent (`disclosure.Ledger`). What would tell of single
        persons beside it is hidden, and what is shown is entered. Without one, tables of the
        same texts before and after somebody came or went give that person back.
    to : str
        Whom the tables are sent to; needed with `ledger`.
    tell : callable
        Gets a line about each step.

    Returns
    -------
    ScaledRun

    Raises
    ------
    ClusterError
        If the processes cannot be begun, the scheduler does not answer, or all of its workers
        are gone.
    CorpusError
        With every fault of the data set, before anything is coded; and where what stands beside
        the texts changed meanwhile, before topics are sought and before a table is made.
    CodebookError
    DisclosureError
        If the ledger cannot be read, or a pseudonym stands in what may be sent.
    CoderError
        If a coder cannot be made, is not the same in every worker, or ended several of them.
    NotClearedError
        With the direct identifiers that stand without a reason, when all partitions are done;
        those that hold any are not coded, and no table is made. ``keep/findings-open.csv``
        lists all of them for the reasons (``--let-stand``).
    GovernanceError
        If all texts wait for the approval of those who govern them.
    MissingDependencyError
        If Dask or pyarrow is not installed.
    OutputError
        If `out` holds something else or lies in `source`, another run is writing there or files
        cannot be locked there, another program holds what must go, or a worker has other
        versions or does not see the folders.
    ValueError
        If one of `cleared_by` and `note`, or of `ledger` and `to`, comes without the other, or
        a setting is none.
    KeyboardInterrupt
        When it is stopped; whole partitions stay.
    """
    check_approach(approach)
    check_k(k)
    parted = rows_for(coder) if rows is None else rows
    check_settings(cleared_by, note, parted)
    cluster = Cluster(scheduler, workers, memory)
    check_installed(cluster)
    started = time.perf_counter()
    place, target = Path(source).absolute(), Path(out).absolute()
    folder = _folder_of(place, target)
    sending = Sending(k, Path(ledger) if ledger else None, to)
    sending.known(folder)
    left = drop_withdrawn(folder, place, tell)
    read_open(folder.keep / OPEN)
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    chosen = absolute(coder)
    coder_made = coder_fingerprint(chosen, make_coder(chosen, book))
    tell("looking the data set over")
    note_given = bool(cleared_by.strip())
    plan = look_over(place, rows=parted, cleared_by_note=note_given, known=left.known)
    _tell_plan(plan, tell)
    left = forget_erased(folder, left, plan, given(reasons or {}), tell)
    jobs = keyed(plan, [coder_made, book.version, package_version(), UNIT, model_identity()])
    work = Work(
        plan.folder,
        target,
        book,
        chosen,
        plan.columns,
        plan.cases,
        plan.gone.stones,
        cleared_by.strip(),
        note.strip(),
        given(reasons or {}),
        coder_made,
        topics,
        topics_key(plan, topics) if topics else "",
        plan.files,
        call=uuid.uuid4().hex,
        gone=plan.gone.texts,
    )
    call = _Call(folder, plan, jobs, work, left, cluster, sending, approach, tell)
    return call.run(started)


def _folder_of(source: Path, target: Path) -> RunFolder:
    """The folder of the run, where it may be made or holds the same run."""
    folder = RunFolder(target)
    check_apart(source, target)
    check_parents(target)
    folder.check()
    return folder


@dataclass(frozen=True)
class _Call:
    """A data set that was looked over, and all that is to be done with it."""

    folder: RunFolder
    plan: DatasetPlan
    jobs: tuple[Job, ...]
    work: Work
    left: Left
    cluster: Cluster
    sending: Sending
    approach: Approach
    tell: Tell

    def run(self, started: float) -> ScaledRun:
        """Code what is left of it, and make the tables."""
        with self.folder.held(), self.folder.written_by(self.work.call):
            self.folder.prepare(self.jobs, self._recorded | self._facts)
            drop_stale_topics(self.folder, self.plan)
            looked = time.perf_counter()
            run = self._coded()
            worked = time.perf_counter()
            self._check_papers()
            grouped = self._grouped() if self.work.topics else None
            sorted_ = time.perf_counter()
            run = replace(run, topics=grouped.counts if grouped else None)
            self.folder.drop_others(self.jobs)  # a task of an earlier call may have written since
            self._check_papers()
            self.tell("making the tables")
            table = grouped.table(self.work, self.sending.k) if grouped else None
            write_tables(
                run, self.plan, self.sending, approach=self.approach, topics=table, tell=self.tell
            )
        wall = {
            "look over": looked - started,
            "partitions": worked - looked,
            "topics": sorted_ - worked,
            "tables": time.perf_counter() - sorted_,
        }
        return replace(run, wall=wall)

    @property
    def _facts(self) -> dict[str, Any]:
        """What is kept of the run before anything is coded."""
        made_of = {"source": self.plan.folder.name, "codebook": self.work.codebook.version}
        return made_of | self.left.facts

    @property
    def _recorded(self) -> dict[str, Any]:
        """What the last call that came to its end told: it stands until another does."""
        names = ("cleared", "reasons", "cleared_in_last_call")
        return {name: told for name, told in self.folder.facts.items() if name in names}

    def _coded(self) -> ScaledRun:
        """Work off what is left, and keep who cleared the texts and why findings stand."""
        work, jobs = self.work, self.jobs
        progress = _Progress(self.folder, work, jobs, self.left, self.tell)
        computed = progress.work_off(self.cluster)
        used = _used_reasons(self.folder, work, jobs, self.left)
        receipts = progress.receipts()
        facts = self._facts | {"cleared": _who_cleared(receipts), "reasons": used}
        if work.by:
            last = {"by": work.by, "note": work.note, "at": now().isoformat()}
            facts["cleared_in_last_call"] = last
        self.folder.tell(facts)
        settle_reasons(self.folder.keep / OPEN, used)
        communities = _communities(self.plan)
        return ScaledRun(work.out, work.codebook, jobs, receipts, communities, computed)

    def _check_papers(self) -> None:
        """Nothing is counted of who withdrew, or whose approval went, while the work was done.

        Raises
        ------
        CorpusError
        """
        try:
            self.plan.papers.check_unchanged()
        except CorpusError:
            self.folder.take_back_tables()  # they count them, too, where nothing was left to do
            raise

    def _grouped(self) -> Grouped | None:
        try:
            return group_dataset(self.plan, self.work, self.jobs, self.cluster, self.tell)
        except KeyboardInterrupt:
            self.tell(
                "stopped: all partitions are coded; run the same command again to go on with topics"
            )
            raise


def _who_cleared(receipts: Sequence[Receipt]) -> list[dict[str, Any]]:
    """Who had cleared the texts when they were coded, how, and when that was.

    Partitions that were cleared alike are added up.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for receipt in receipts:
        told = receipt.cleared
        new = {**told, "partitions": 0, "texts": 0}
        row = found.setdefault((told["by"], told["note"]), new)
        row["at"] = min(row["at"], told["at"])
        row["partitions"] += 1
        row["texts"] += receipt.counts.get("documents", 0)
    return list(found.values())


def _communities(plan: DatasetPlan) -> dict[str, str]:
    """The community of each participant who has one."""
    named = {case.id: case.attributes.get("community") for case in plan.cases}
    return {case_id: str(name) for case_id, name in named.items() if name}


def _tell_plan(plan: DatasetPlan, tell: Tell) -> None:
    tell(
        f"{many(plan.texts, 'text')} of {many(len(plan.cases), 'participant')} in "
        f"{many(len(plan.jobs), 'partition')} of {many(len(plan.files), 'file')}"
    )
    for column in plan.columns.left_out:
        tell(f"left out the column {column!r}: a column of direct identifiers")
    for column in links_read(plan.columns):
        tell(f"read of the column {column!r}: which texts quote those of who withdrew, no more")
    for column, files in plan.dates.items():
        odd = many(files.total(), "date", "are")
        usual = plan.columns.dates[column]
        tell(
            f"left out of the column {column!r}: {odd} written otherwise than {usual}, as most are"
        )


# ── working off ──


class _Progress:
    """The partitions that are left, and how far the work is."""

    def __init__(
        self, folder: RunFolder, work: Work, jobs: Sequence[Job], gone: Left, tell: Tell
    ) -> None:
        self.folder, self.work, self.jobs, self.tell = folder, work, jobs, tell
        self._gone = gone
        # Each file of a partition is read for its hash: once a call.
        found = {job.key: known_receipt(work, job) for job in jobs}
        self._done = {key: receipt for key, receipt in found.items() if receipt is not None}
        self.left = [job for job in jobs if job.key not in self._done]
        self.waiting: list[OpenFinding] = []
        self._how_far = HowFar(len(self.left), tell)

    def _known(self, job: Job) -> Receipt | None:
        """What came of a partition, as long as its files lie there."""
        done = self._done.get(job.key)
        if done is None:
            return known_receipt(self.work, job)
        kinds = ("manifests", *done.files)
        return done if all(self.folder.of(kind, job).is_file() for kind in kinds) else None

    def receipts(self) -> tuple[Receipt, ...]:
        """What came of each partition.

        Raises
        ------
        OutputError
            If something of a partition was removed meanwhile.
        """
        found = [self._known(job) for job in self.jobs]
        if missing := found.count(None):
            raise OutputError(
                f"{self.work.out}: files of {many(missing, 'partition')} were changed or removed "
                "while it was written; run the same command again"
            )
        return tuple(filter(None, found))

    def work_off(self, cluster: Cluster) -> int:
        """Have what is left worked on; how many partitions that were.

        Raises
        ------
        NotClearedError
            If texts could not be cleared.
        """
        self._check_cases()
        if not self.left:
            every = "all " if len(self.jobs) > 1 else ""
            self.tell(f"{every}{many(len(self.jobs), 'partition', 'were')} done before")
            return 0
        self.folder.take_back_tables()
        before = len(self.jobs) - len(self.left)
        if before:
            left = f"{len(self.left):,} {agreeing(len(self.left), 'are')} left"
            self.tell(f"{many(before, 'partition', 'were')} done before, {left}")
        try:
            run_jobs(
                self.work, self.left, cluster, self._take, code_partition, how_far=self._how_far
            )
        except KeyboardInterrupt:
            whole = len(self.jobs) - [self._known(job) for job in self.jobs].count(None)
            self.tell(
                f"stopped: {whole:,} of {many(len(self.jobs), 'partition')} "
                f"{agreeing(whole, 'are')} written; run the same command again to go on"
            )
            raise
        if self.waiting:
            self.folder.drop_topics()  # words of texts that nobody clears any more
        self._check_waiting()
        return len(self.left)

    def _take(self, receipt: Receipt) -> None:
        """A partition is done."""
        self.waiting += receipt.waiting
        self._how_far.add(receipt.counts.get("documents", 0))

    def _check_cases(self) -> None:
        """What identifies in the table of the participants needs a reason, too."""
        if not self.work.by:
            return
        for finding in findings_of_cases(self.work.cases):
            if finding.direct and finding.id not in self.work.reasons:
                self.waiting.append(
                    OpenFinding(
                        finding.id,
                        finding.document_id,
                        finding.field,
                        finding.start,
                        finding.end,
                        finding.kind,
                        finding.why,
                        "the participants",
                        finding.document_id,
                    )
                )
        self._check_waiting()

    def _check_waiting(self) -> None:
        if not self.waiting:
            return
        self.folder.take_back_tables()  # also where all partitions were done before
        place = self.folder.keep / OPEN
        write_open(place, self.waiting, self._gone.remembered(self.work.reasons))
        told = [f"{each.id} ({each.place}): {each.why}" for each in self.waiting[:_SHOWN]]
        more = len(self.waiting) - _SHOWN
        if more > 0:
            told.append(f"and {more:,} more, each with its place in {place}")
        texts = len({each.document_id for each in self.waiting})
        raise NotClearedError(
            told,
            f"{many(texts, 'text', 'are')} not cleared, and of partitions with such texts nothing "
            "was coded. Replace each identifier in its source, or give a reason why it may stand: "
            f"fill in {place} and give it (reasons=, or --let-stand FILE) with the same command:",
        )


def _used_reasons(folder: RunFolder, work: Work, jobs: Sequence[Job], left: Left) -> dict[str, str]:
    """The reasons that were given, each of a finding.

    Those for texts of who withdrew are none any more, and nobody need take them out.

    Raises
    ------
    NotClearedError
        With every other one: it was meant for something else.
    """
    if not work.reasons:
        return {}
    known = {finding.id for finding in findings_of_cases(work.cases)}
    parquet = pyarrow("pyarrow.parquet")
    for job in jobs:
        ids = parquet.read_table(folder.of("findings", job), columns=["id"])
        known.update(ids["id"].to_pylist())
    unknown = sorted(left.remembered(work.reasons).keys() - known)
    told = "there is no such finding, or not any more; take the reason out"
    raise_all(NotClearedError, [f"reason for {each}: {told}" for each in unknown])
    return {key: reason for key, reason in work.reasons.items() if key in known}
