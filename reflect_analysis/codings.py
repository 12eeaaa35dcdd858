"""Who said what of which span, when and why: an append-only log, and its current view.

Nothing is overwritten. A decision on a proposal is a new row that refers to it, and what
holds now is a function of the log (`Codings.current`). What a coder has read is a row of
its own (`Seen`), because "read and not coded" is not "never read", and neither is zero.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from reflect_analysis._rows import check_choices, missing_in, read_csv, to_frame, write_csv
from reflect_analysis._whole import whole_files
from reflect_analysis.errors import CorpusError, UnknownIdError, raise_all
from reflect_analysis.memos import Memo, MemoKind
from reflect_analysis.provenance import Run, fingerprint, merge_runs, now
from reflect_analysis.regions import Region

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.corpus import Corpus

__all__ = [
    "Coding",
    "Codings",
    "CurrentCoding",
    "Decision",
    "Memo",
    "MemoKind",
    "Phase",
    "Seen",
    "read_codings",
]

CoderKind = Literal["person", "machine"]
Action = Literal["accept", "reject", "change", "reopen"]
Status = Literal["human", "reviewed", "machine"]
Phase = Literal["", "calibration", "reliability", "consensus"]
_CHOICES = {"coder_kind": get_args(CoderKind), "phase": get_args(Phase)}


@dataclass(frozen=True, slots=True)
class Coding:
    """One coder's word that a span is an instance of a code.

    Parameters
    ----------
    document_id : str
    start, end : int
        Half-open code points into the document; both 0 for a region of its picture.
    code_id : str
    coder : str
        A person's pseudonym or a machine coder's name.
    coder_kind : {"person", "machine"}
    score : float, optional
        The machine's own measure, in its own unit; `None` for people and rules.
    evidence : str
        Why: the pattern and the offsets, the nearest example, the heaviest features.
    blind : bool
        Whether the coder saw neither another's codings nor proposals.
    at : datetime
    run_id : str
        The run that made it, for a machine.
    codebook_version : str
    phase : {"", "calibration", "reliability", "consensus"}
        While coders trained, apart for the measure of agreement, or together; or in no phase.
    id : str
        Fingerprint of the rest, set when left out: the same coding has the same id everywhere.
    region : Region, optional
        A rectangle of the document's picture, which counts for the document, not for its text.
    """

    document_id: str
    start: int
    end: int
    code_id: str
    coder: str
    coder_kind: CoderKind = "person"
    score: float | None = None
    evidence: str = ""
    blind: bool = False
    at: datetime = field(default_factory=now)
    run_id: str = ""
    codebook_version: str = ""
    phase: Phase = ""
    id: str = ""
    region: Region | None = None

    def __post_init__(self) -> None:
        check_choices(self, _CHOICES)
        if not self.id:
            key = (self.document_id, self.start, self.end, self.code_id, self.coder)
            place = () if self.region is None else (str(self.region),)
            stamp = (self.at.isoformat(), self.run_id, self.codebook_version, *place)
            object.__setattr__(self, "id", fingerprint(key, stamp)[:20])


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on a proposed coding.

    Parameters
    ----------
    coding_id : str
        The proposal.
    action : {"accept", "reject", "change", "reopen"}
        Reopened, a proposal waits again as if nobody had decided on it.
    by : str
    reason : str
    replacement_id : str
        For ``"change"``: the id of the coding that stands in the proposal's place.
    at : datetime
    id : str
        Fingerprint of the rest, set when left out.
    """

    coding_id: str
    action: Action
    by: str
    reason: str = ""
    replacement_id: str = ""
    at: datetime = field(default_factory=now)
    id: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            key = (self.coding_id, self.action, self.by, self.reason, self.replacement_id)
            object.__setattr__(self, "id", fingerprint(key, self.at.isoformat())[:20])


@dataclass(frozen=True, slots=True)
class Seen:
    """That a coder read a document, or a part of it, and for which codes.

    Parameters
    ----------
    coder, document_id : str
    coder_kind : {"person", "machine"}
    codes : tuple of str
        The codes that were looked for; empty means the whole codebook.
    at : datetime
    run_id : str
    blind : bool
        Whether the coder saw neither another's codings nor proposals.
    phase : {"", "calibration", "reliability", "consensus"}
    start, end : int, optional
        The part that was read, which makes no document read; left out for the whole.
    """

    coder: str
    document_id: str
    coder_kind: CoderKind = "person"
    codes: tuple[str, ...] = ()
    at: datetime = field(default_factory=now)
    run_id: str = ""
    blind: bool = False
    phase: Phase = ""
    start: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        check_choices(self, _CHOICES)

    @property
    def whole(self) -> bool:
        """Whether the whole document was read."""
        return self.start is None


@dataclass(frozen=True, slots=True)
class CurrentCoding:
    """A coding that holds now, with its standing.

    ``"human"``: a person's; ``"reviewed"``: a machine's that a person accepted; ``"machine"``.
    """

    coding: Coding
    status: Status


@dataclass(frozen=True)
class Codings:
    """An append-only log of codings, decisions, what was seen, and memos.

    Parameters
    ----------
    codings : tuple of Coding
    decisions : tuple of Decision
    seen : tuple of Seen
    memos : tuple of Memo
    runs : tuple of Run

    Raises
    ------
    CorpusError
        If a decision refers to a coding that the log does not hold, or two different
        codings bear one id.
    """

    codings: tuple[Coding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    seen: tuple[Seen, ...] = ()
    memos: tuple[Memo, ...] = ()
    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        for name in ("codings", "decisions", "seen", "memos"):
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        raise_all(CorpusError, self._faults())

    def _faults(self) -> Iterator[str]:
        by_id: dict[str, Coding] = {}
        for coding in self.codings:
            if by_id.setdefault(coding.id, coding) != coding:
                yield f"two different codings bear the id {coding.id!r}"
            span = (coding.start, coding.end)
            if span != (0, 0) if coding.region else not _is_span(*span):
                where = "beside a region" if coding.region else "empty or negative"
                yield f"coding {coding.id!r}: span {span[0]}–{span[1]} is {where}"
        for row in self.seen:
            if (row.start is None) != (row.end is None) or not _is_span(row.start, row.end):
                place = f"seen {row.document_id!r} by {row.coder!r}"
                yield f"{place}: part {row.start}–{row.end} is no span"
        for decision in self.decisions:
            for wanted in filter(None, (decision.coding_id, decision.replacement_id)):
                if wanted not in by_id:
                    yield f"decision {decision.id!r} refers to coding {wanted!r}, not in the log"

    def __len__(self) -> int:
        return len(self.codings)

    def __iter__(self) -> Iterator[Coding]:
        return iter(self.codings)

    def __contains__(self, wanted: object) -> bool:
        """Whether the log holds a coding, given by itself or by its id; of whatever standing."""
        if isinstance(wanted, Coding):
            return self._by_id.get(wanted.id) == wanted
        return wanted in self._by_id

    @cached_property
    def _by_id(self) -> dict[str, Coding]:
        return {coding.id: coding for coding in self.codings}

    def __add__(self, other: Codings) -> Codings:
        """Both logs as one."""
        return Codings(
            codings=self.codings + other.codings,
            decisions=self.decisions + other.decisions,
            seen=self.seen + other.seen,
            memos=self.memos + other.memos,
            runs=merge_runs(self.runs, other.runs),
        )

    @cached_property
    def coders(self) -> tuple[str, ...]:
        """Everybody who coded or read something, sorted."""
        return tuple(sorted({c.coder for c in self.codings} | {s.coder for s in self.seen}))

    @cached_property
    def current(self) -> tuple[CurrentCoding, ...]:
        """What holds now: a function of the rows, whatever their order.

        The latest decision on a proposal counts; of two in the same second, the one with
        the larger id, so that everybody's copy shows the same. A rejected or changed
        proposal leaves the view; the replacement of a change is in it as its own coding
        while the change holds.
        """
        latest: dict[str, Decision] = {}
        for decision in sorted(self.decisions, key=lambda d: (d.at, d.id)):
            latest[decision.coding_id] = decision
        overruled = {
            decision.replacement_id
            for decision in self.decisions
            if decision.replacement_id and latest[decision.coding_id] != decision
        } - {decision.replacement_id for decision in latest.values()}
        view = (
            _standing(coding, latest.get(coding.id))
            for coding in self.codings
            if coding.id not in overruled
        )
        return tuple(sorted(filter(None, view), key=_place))

    def where(self, keep: Callable[[Coding], bool]) -> Codings:
        """The log with the codings for which `keep` is true, and the decisions on them."""
        kept = tuple(filter(keep, self.codings))
        ids = {coding.id for coding in kept}
        decisions = tuple(
            d
            for d in self.decisions
            if d.coding_id in ids and (not d.replacement_id or d.replacement_id in ids)
        )
        return dataclasses.replace(self, codings=kept, decisions=decisions)

    def by_coder(self, *coders: str) -> Codings:
        """What these coders coded and read."""
        seen = tuple(row for row in self.seen if row.coder in coders)
        kept = self.where(lambda coding: coding.coder in coders)
        return dataclasses.replace(kept, seen=seen)

    def of_documents(self, document_ids: Iterable[str]) -> Codings:
        """What was coded and read in these documents."""
        ids = frozenset(document_ids)
        seen = tuple(row for row in self.seen if row.document_id in ids)
        kept = self.where(lambda coding: coding.document_id in ids)
        return dataclasses.replace(kept, seen=seen)

    def under(self, codebook: Codebook) -> Codings:
        """The log as the codebook names its codes now; this one stays as it is.

        Codings of a code that went into another count under that one and keep their ids. Those
        of a code that was split stay under it until a person has decided (`needing_review`);
        those of a code that was dropped are left out.

        Raises
        ------
        UnknownIdError
            If codings were made under a code that their codebook had retired already.
        """
        if not codebook.has_gone_codes:
            return self
        raise_all(UnknownIdError, codebook.late_faults(self.codings))
        kept = self.where(lambda coding: codebook.settled_id(coding.code_id) is not None)
        codings = tuple(_renamed(coding, codebook) for coding in kept.codings)
        found: dict[tuple[str, str], set[str]] = {}
        for coding in codings:
            found.setdefault((coding.coder, coding.document_id), set()).add(coding.code_id)
        looked_for = (
            (row, codebook.looked_for(row.codes, found.get((row.coder, row.document_id), ())))
            for row in self.seen
        )
        seen = (
            dataclasses.replace(row, codes=codes) for row, codes in looked_for if codes is not None
        )
        memos = tuple(_renamed(memo, codebook) for memo in self.memos)
        return dataclasses.replace(kept, codings=codings, seen=tuple(seen), memos=memos)

    def needing_review(self, codebook: Codebook) -> tuple[Coding, ...]:
        """The codings that hold now under a code that was split: a person decides on each."""
        held = (row.coding for row in self.current)
        return tuple(coding for coding in held if codebook.is_split(coding.code_id))

    def documents_seen(self, code_id: str, coders: Iterable[str] | None = None) -> frozenset[str]:
        """Documents that at least one of the coders read whole for a code."""
        chosen = frozenset(coders) if coders is not None else None
        return frozenset(
            row.document_id
            for row in self.seen
            if row.whole
            and (chosen is None or row.coder in chosen)
            and (not row.codes or code_id in row.codes)
        )

    def to_frame(self, *, corpus: Corpus | None = None) -> pd.DataFrame:
        """The current view, one row a coding.

        Parameters
        ----------
        corpus : Corpus, optional
            With it the frame has each passage. These are participants' words: never sent.

        Returns
        -------
        DataFrame
            The fields of `Coding`, with ``coding_id`` for ``id``, and ``status``; with a corpus
            ``code_id``, ``passage`` and ``evidence`` stand first.

        Raises
        ------
        UnknownIdError
            If codings are of documents that the corpus lacks, with every id.
        CorpusError
            If a span goes beyond the text of its document.
        """
        held = [row.coding for row in self.current]
        drop = () if any(coding.region for coding in held) else ("region",)
        frame = to_frame(held, Coding, drop=drop).rename(columns={"id": "coding_id"})
        frame = frame.assign(status=[row.status for row in self.current])
        if corpus is None:
            return frame
        words = iter(corpus.passages((c.document_id, c.start, c.end) for c in held if not c.region))
        frame = frame.assign(passage=["" if c.region else next(words) for c in held])
        first = ["code_id", "passage", "evidence"]
        return frame[[*first, *(name for name in frame.columns if name not in first)]]

    def to_matrix(self, *, coder: str | None = None) -> pd.DataFrame:
        """Documents × codes: 1 coded, 0 looked for and not coded, NaN not looked for.

        Parameters
        ----------
        coder : str, optional
            Only this coder; by default all of them together.

        Returns
        -------
        DataFrame
            (n_documents, n_codes) of floats, both sorted by id; the codes are those that
            were coded or named as looked for.
        """
        import numpy as np
        import pandas as pd

        log = self.by_coder(coder) if coder is not None else self
        named = {code for row in log.seen for code in row.codes}
        codes = sorted(named | {row.coding.code_id for row in log.current})
        documents = sorted({s.document_id for s in log.seen} | {c.document_id for c in log.codings})
        matrix = pd.DataFrame(np.nan, index=documents, columns=codes)
        for code in codes:
            matrix.loc[sorted(log.documents_seen(code)), code] = 0.0
        for row in log.current:
            matrix.loc[row.coding.document_id, row.coding.code_id] = 1.0
        return matrix.rename_axis(index="document_id", columns="code_id")

    def to_csv(self, folder: str | Path) -> None:
        """Write the log into a folder, as ``codings.csv`` and a file each for the other rows.

        All of them or none: what was there before stays where this is stopped.
        """
        with whole_files(Path(folder), last="codings.csv") as part:
            for name, kind in _FILES.items():
                write_csv(getattr(self, name), kind, part / f"{name}.csv")

    def __repr__(self) -> str:
        documents = len({row.document_id for row in self.seen})
        who = ", ".join(self.coders) or "nobody"
        return f"<Codings: {len(self)} by {who}, of {documents} documents seen>"


_Named = TypeVar("_Named", Coding, Memo)
_FILES: dict[str, type] = {"codings": Coding, "decisions": Decision, "seen": Seen, "memos": Memo}


def read_codings(*folders: str | Path) -> Codings:
    """Read the folders that `Codings.to_csv` wrote, as one log.

    Parameters
    ----------
    *folders : str or Path
        Each with ``codings.csv``; the other files may be missing.

    Raises
    ------
    CorpusError
        If a file is missing or a row cannot be read, with every fault.
    """
    missing = [f for f in folders if not (Path(f) / "codings.csv").is_file()]
    faults = [f"{folder}: {missing_in(Path(folder), 'codings.csv')}" for folder in missing]
    raise_all(CorpusError, faults)
    joined = Codings()
    for folder in folders:
        paths = {name: Path(folder) / f"{name}.csv" for name in _FILES}
        rows: dict[str, Any] = {
            name: read_csv(path, _FILES[name], CorpusError)
            for name, path in paths.items()
            if path.is_file()
        }
        joined += Codings(**rows)
    return joined


def _standing(coding: Coding, decision: Decision | None) -> CurrentCoding | None:
    """How a coding stands after the latest decision on it, or `None` if it holds no more."""
    if decision is not None and decision.action == "reopen":
        decision = None
    if decision is not None and decision.action != "accept":
        return None
    if coding.coder_kind == "person":
        return CurrentCoding(coding, "human")
    return CurrentCoding(coding, "reviewed" if decision else "machine")


def _renamed(row: _Named, codebook: Codebook) -> _Named:
    """A row under the id that its code has now; nothing else of it changes."""
    code_id = codebook.settled_id(row.code_id)
    return row if code_id in (row.code_id, None) else dataclasses.replace(row, code_id=code_id)


def _is_span(start: int | None, end: int | None) -> bool:
    return start is None or end is None or 0 <= start < end


def _place(row: CurrentCoding) -> tuple[str, int, int, str, str, str]:
    coding = row.coding
    return (coding.document_id, coding.start, coding.end, coding.code_id, coding.coder, coding.id)
