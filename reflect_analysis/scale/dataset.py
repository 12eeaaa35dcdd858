"""Look a data set over before anything is coded: its partitions, and every fault.

One pass reads ids, participants, texts and the few columns of known words, batch by batch. What
would stop the run in its tenth hour stops it here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reflect_analysis.corpus import Case, Clearance, Tombstone
from reflect_analysis.errors import (
    CorpusError,
    GovernanceError,
    NotClearedError,
    agreeing,
    counted,
    raise_all,
)
from reflect_analysis.provenance import fingerprint, text_hash
from reflect_analysis.readers.datasets import (
    Beside,
    DatasetColumns,
    cell_faults,
    dataset_columns,
    text_as_read,
)
from reflect_analysis.scale.cells import (
    as_text,
    broken_rows,
    check_unchanged,
    is_plain,
    look_at,
    unreadable,
)
from reflect_analysis.scale.files import pyarrow
from reflect_analysis.scale.gone import Gone, find_gone
from reflect_analysis.scale.papers import Papers, read_papers
from reflect_analysis.scale.parting import files_of, parted
from reflect_analysis.scale.settling import AttributeCells
from reflect_analysis.scale.telling import many
from reflect_analysis.scale.values import FileSeen, Job

__all__ = ["DatasetPlan", "keyed", "look_over", "stone_key"]

_SHOWN = 10
# Of a text, in characters: spaCy parses no longer one.
MOST = 1_000_000
# Rows that are looked at together: texts of transcripts make them heavy.
_BATCH, _FEWEST = 4096, 256


@dataclass(frozen=True)
class DatasetPlan:
    """What a data set holds, and how it is parted.

    Parameters
    ----------
    folder : Path
    columns : DatasetColumns
        As the header and the cells of all files tell them.
    papers : Papers
    cases : tuple of Case
        Those of the table of the participants, then those whom only the texts name.
    jobs : tuple of Job
        Without keys; see `keyed`.
    files : mapping of str to FileSeen
        Each file as it was looked over.
    writers : tuple of frozenset of str
        By partition the participants who write in it.
    texts : int
    gone : Gone
        What goes with those who withdrew.
    dates : mapping of str to Counter
        By column how many dates each file writes otherwise than most, and leaves out so.
    """

    folder: Path
    columns: DatasetColumns
    papers: Papers
    cases: tuple[Case, ...]
    jobs: tuple[Job, ...]
    files: Mapping[str, FileSeen]
    writers: tuple[frozenset[str], ...]
    texts: int
    gone: Gone
    dates: Mapping[str, Counter[str]]

    @property
    def beside(self) -> Beside:
        """What stands beside the texts."""
        return self.papers.beside


def look_over(
    source: Path,
    *,
    rows: int,
    cleared_by_note: bool,
    known: Callable[[Sequence[Tombstone]], Sequence[Tombstone]] = tuple,
) -> DatasetPlan:
    """Read what must be known before the work begins.

    Parameters
    ----------
    source : Path
        A Parquet file, or a folder of them. Beside them may lie a table of the participants
        (beside a single file as ``participants.csv`` or ``.xlsx``), ``withdrawn.yaml``, and
        ``clearance.yaml``, which clears texts by their sha256, or all texts of a file by the
        file's.
    rows : int
        Of a partition, at most.
    cleared_by_note : bool
        Whether somebody answers for the texts; else ``clearance.yaml`` must clear each.
    known : callable
        Puts to who withdrew what earlier runs know of their texts.

    Raises
    ------
    CorpusError
        With every fault of the columns, the ids, the texts and what stands beside them.
    NotClearedError, GovernanceError
    """
    folder, files, others = files_of(source)
    schemas, unread = _schemas(folder, files)
    papers, broken = read_papers(source, others)
    beside = papers.beside
    broken = (*unread, *broken)
    columns = _columns(schemas, folder, broken)
    seen = {file: look_at(folder / file) for file in files}
    cleared = _Cleared.by(beside.clearances, seen)
    look = _Look(folder, columns, cleared, min(max(rows, _FEWEST), _BATCH))
    for file, schema in schemas.items():
        if set(columns.header) <= set(schema.names):
            look.read(file, schema)
    raise_all(CorpusError, [*broken, *look.faults()])
    columns = look.cells.settled(columns, withdrawn=bool(beside.withdrawn))
    jobs = tuple(map(look.with_clearance, parted(folder, files, rows)))
    _check_all_unchanged(folder, seen)
    gone = find_gone(folder, columns, jobs, known(beside.withdrawn))
    _check_all_unchanged(folder, seen)
    plan = DatasetPlan(
        folder,
        columns,
        papers,
        (*beside.cases, *look.new_cases(beside)),
        jobs,
        seen,
        tuple(look.writers(job) for job in jobs),
        look.texts,
        gone,
        look.cells.odd(columns),
    )
    if not cleared_by_note:
        _check_cleared(look)
    _check_governed(look, plan)
    return plan


def _check_all_unchanged(folder: Path, seen: Mapping[str, FileSeen]) -> None:
    for file, each in seen.items():
        check_unchanged(folder, file, each)


def keyed(plan: DatasetPlan, made_with: Sequence[object]) -> tuple[Job, ...]:
    """The partitions, each with the fingerprint of all that its result depends on.

    Parameters
    ----------
    plan : DatasetPlan
    made_with : sequence of plain values
        Codebook, coder, package.
    """
    known = {case.id: case for case in plan.beside.cases}
    # By their names: the first file may hold the same columns in another order than before.
    header = plan.columns.header
    roles = sorted((role, header[at]) for role, at in plan.columns.roles.at.items())
    columns = [sorted(header), roles]
    gone = stones_key(plan.beside.withdrawn)
    jobs = []
    for job, writers in zip(plan.jobs, plan.writers, strict=True):
        governed = [
            (each, known[each].governance.authority, known[each].governance.approved_uses)  # type: ignore[union-attr]  # as is asked below
            for each in sorted(writers)
            if each in known and known[each].governance
        ]
        rows = (job.file, plan.files[job.file].sha256, job.groups, job.skip, job.rows)
        odd = [(c, plan.columns.dates[c]) for c, found in plan.dates.items() if found[job.file]]
        others = [*plan.gone.reaching(job), odd]
        key = fingerprint(list(made_with), columns, rows, governed, gone, others)
        jobs.append(replace(job, key=key[:32]))
    return tuple(jobs)


def stones_key(stones: Iterable[Tombstone]) -> str:
    """Fingerprint of who withdrew, and of the texts by which they are known."""
    return fingerprint(sorted(map(stone_key, stones)))[:32]


def stone_key(stone: Tombstone) -> str:
    """Fingerprint of one who withdrew, and of the texts by which they are known."""
    texts = map(sorted, (stone.documents, stone.spared, stone.replaced))
    return fingerprint([stone.case_id, *texts])[:32]


# ── files and partitions ──


def _schemas(folder: Path, files: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The columns of each file that can be read, all of the same names; and what is wrong."""
    parquet = pyarrow("pyarrow.parquet")
    found: dict[str, Any] = {}
    faults = []
    for file in files:
        try:
            found[file] = parquet.read_schema(folder / file)
        except unreadable() as error:
            faults.append(f"{file}: cannot be read as Parquet ({type(error).__name__})")
    first = set(next(iter(found.values())).names) if found else set()
    for file, schema in found.items():
        if set(schema.names) != first:
            odd = ", ".join(sorted(map(repr, set(schema.names) ^ first)))
            faults.append(f"{file}: other columns than {next(iter(found))}: {odd}")
    return found, faults


def _columns(schemas: Mapping[str, Any], folder: Path, broken: Sequence[str]) -> DatasetColumns:
    """The columns by what they are for; those of the first file that can be read.

    Raises
    ------
    CorpusError
        With what was found wrong before, where they cannot be told.
    """
    if not schemas:
        raise CorpusError(broken)
    try:
        return dataset_columns(next(iter(schemas.values())).names, folder.name)
    except CorpusError as error:
        raise CorpusError([*broken, *error.faults]) from None


# ── what the columns hold ──


@dataclass(frozen=True, slots=True)
class _Cleared:
    """What ``clearance.yaml`` clears: whole files by their hash, and texts by theirs.

    A file's hash stands for every text in it, and a file that changed is not cleared any more:
    it is one line in the place of many thousands.
    """

    files: frozenset[str]
    texts: frozenset[str]

    @classmethod
    def by(cls, clearances: Iterable[Clearance], seen: Mapping[str, FileSeen]) -> _Cleared:
        """Those clearances that are of files, and the others."""
        known = frozenset(clearance.sha256 for clearance in clearances)
        files = frozenset(file for file, each in seen.items() if each.sha256 in known)
        return cls(files, known - {each.sha256 for each in seen.values()})


class _Look:
    """Ids, participants, and what is wrong, of all files."""

    def __init__(
        self, folder: Path, columns: DatasetColumns, cleared: _Cleared, at_once: int
    ) -> None:
        self.folder, self.columns, self._at_once = folder, columns, at_once
        self.cells = AttributeCells(columns)
        self._known = cleared
        self._cleared: dict[str, list[bool]] = {}
        self.texts = 0
        self._ids: list[Any] = []
        self._writers: dict[str, list[str | None]] = {}
        self._blank: dict[tuple[str, str], list[int]] = {}
        self._faults: list[str] = []

    def read(self, file: str, schema: Any) -> None:
        """Look a file over: all columns that will be read, since any of them may be damaged."""
        header = list(self.columns.header)
        odd = [name for name in header if not is_plain(schema.field(name).type)]
        for name in odd:
            kind = schema.field(name).type
            self._faults.append(
                f"{file}: the column {name!r} holds {kind}; expected one value a row, such as text"
            )
        if odd:
            return
        first = 1
        self._writers[file], self._cleared[file] = [], []
        try:
            with pyarrow("pyarrow.parquet").ParquetFile(self.folder / file) as opened:
                for batch in opened.iter_batches(self._at_once, columns=header):
                    self._look_at(file, first, batch)
                    first += batch.num_rows
        except unreadable() as error:
            self._faults.append(
                f"{file}: cannot be read from row {first} on ({type(error).__name__}), it is "
                "damaged; copy it or write it anew"
            )
        self.texts += first - 1

    def _look_at(self, file: str, first: int, batch: Any) -> None:
        """Look some rows over, unless there is a cell that is no text at all."""
        broken = {name: broken_rows(batch.column(name)) for name in self.columns.header}
        for column, rows in broken.items():
            if rows:
                told = _some([f"row {first + row}" for row in rows])
                self._faults.append(f"{file}: the column {column!r} is no UTF-8 in {told}")
        if any(broken.values()):
            return
        self.cells.take(file, batch)
        roles = ("id", "text", "participant", "kind", "language", "voice")
        names = {role: name for role in roles if (name := self.columns.column(role))}
        self._take(file, first, {role: batch.column(name) for role, name in names.items()})

    def _take(self, file: str, first: int, columns: Mapping[str, Any]) -> None:
        pc, pa = pyarrow("pyarrow.compute"), pyarrow()
        cells = {role: as_text(each).cast(pa.large_string()) for role, each in columns.items()}
        for role in ("id", "text"):
            bare = pc.utf8_trim_whitespace(pc.fill_null(cells[role], ""))
            blank = pc.indices_nonzero(pc.equal(pc.utf8_length(bare), 0)).to_pylist()
            if blank:
                self._blank.setdefault((file, role), []).extend(first + row for row in blank)
        self._ids.append(pc.utf8_trim_whitespace(pc.fill_null(cells["id"], "")))
        if "participant" in cells:
            writers = pc.utf8_trim_whitespace(pc.fill_null(cells["participant"], "")).to_pylist()
        else:
            writers = [None] * len(cells["id"])
        self._writers[file] += [each or None for each in writers]
        words: dict[str, list[str]] = {
            role: [each or "" for each in pc.unique(cells[role]).to_pylist()]
            for role in ("kind", "language", "voice")
            if role in cells
        }
        self._faults += [f"{file}: {fault}" for fault in cell_faults(words)]
        control = pc.indices_nonzero(
            pc.fill_null(pc.match_substring_regex(cells["text"], _CONTROL), False)  # noqa: FBT003  # pyarrow's signature
        ).to_pylist()
        if control:
            told = _some([f"row {first + row}" for row in control])
            self._faults.append(f"{file}: control characters in the text of {told}; remove them")
        self._faults += self._too_long(file, first, cells)
        if file in self._known.files:
            self._cleared[file] += [True] * len(cells["text"])
        elif self._known.texts:
            hashes = (text_hash(text_as_read(each)) for each in cells["text"].to_pylist())
            self._cleared[file] += [each in self._known.texts for each in hashes]

    def _too_long(self, file: str, first: int, cells: Mapping[str, Any]) -> Iterator[str]:
        pc = pyarrow("pyarrow.compute")
        lengths = pc.fill_null(pc.utf8_length(cells["text"]), 0)
        for row in pc.indices_nonzero(pc.greater(lengths, MOST)).to_pylist():
            yield (
                f"{file}, row {first + row} ({cells['id'][row].as_py()}): a text of "
                f"{lengths[row].as_py():,} characters, more than {MOST:,}; part it"
            )

    def faults(self) -> Iterator[str]:
        """Every fault."""
        yield from dict.fromkeys(self._faults)
        for (file, role), rows in self._blank.items():
            told = _some([f"row {row}" for row in rows])
            lacks = "an id" if role == "id" else "a text"
            yield f"{file}: {counted(len(rows), 'row')} without {lacks}: {told}"
        if not self.texts:
            if not self._faults:
                yield "the data set holds no rows"
            return
        yield from self._doubled()

    def _doubled(self) -> Iterator[str]:
        """Ids that stand in several rows, of one file or of several."""
        pc, pa = pyarrow("pyarrow.compute"), pyarrow()
        whole = pa.chunked_array(self._ids, pa.large_string())
        if len(pc.unique(whole)) == self.texts:
            return
        counts = pa.table({"id": whole}).group_by("id").aggregate([("id", "count")])
        many = counts.filter(pc.greater(counts["id_count"], 1)).to_pylist()
        told = [f"{row['id']!r} ({row['id_count']} times)" for row in many if row["id"]]
        if told:
            yield (
                f"{counted(len(told), 'id')} in several rows: {_some(sorted(told))}; give each "
                "text an id of its own"
            )

    def writers(self, job: Job) -> frozenset[str]:
        """Who writes in a partition."""
        rows = self._writers[job.file][job.first - 1 : job.first - 1 + job.rows]
        return frozenset(filter(None, rows))

    def with_clearance(self, job: Job) -> Job:
        """The partition, knowing whether all of its texts were cleared before."""
        rows = self._cleared[job.file][job.first - 1 : job.first - 1 + job.rows]
        return replace(job, cleared=bool(rows) and all(rows))

    @property
    def waiting(self) -> int:
        """Texts that ``clearance.yaml`` does not clear."""
        return self.texts - sum(map(sum, self._cleared.values()))

    def everybody(self) -> Counter[str | None]:
        """Texts by participant; under `None` those of nobody known."""
        return Counter(each for rows in self._writers.values() for each in rows)

    def new_cases(self, beside: Beside) -> Iterator[Case]:
        """Participants whom only the texts name."""
        known = {case.id for case in beside.cases}
        known |= {stone.case_id for stone in beside.withdrawn}
        for each in self.everybody():
            if each and each not in known:
                yield Case(each)


# As in the reader of files; in the words of RE2, which knows no half surrogate pairs.
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{7f}-\x{9f}]"


def _some(told: Sequence[str]) -> str:
    more = len(told) - _SHOWN
    return ", ".join(told[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _check_cleared(look: _Look) -> None:
    """Each text is cleared by ``clearance.yaml``, where nobody answers for all of them."""
    if look.waiting:
        raise NotClearedError(
            f"{look.waiting:,} of {many(look.texts, 'text')} {agreeing(look.waiting, 'are')} not "
            "cleared. Nothing is coded before "
            "clearing: say by= and note= (in the shell --cleared-by NAME --note TEXT); then each "
            "partition is checked for identifiers before it is coded. Where people read the texts "
            "before, clearance.yaml beside them may list the sha256 of each text, or of a whole "
            "file"
        )


def _check_governed(look: _Look, plan: DatasetPlan) -> None:
    """Something is left when governed texts wait for their approval."""
    waiting = {
        case.id
        for case in plan.beside.cases
        if case.governance and "coding" not in case.governance.approved_uses
    }
    if waiting and not set(look.everybody()) - waiting:
        raise GovernanceError(
            "no text is left: all wait for the approval of those who govern them "
            f"({many(look.texts, 'text')}). Nothing was coded; add 'coding' to the approved uses "
            "of their cases when it is given"
        )
