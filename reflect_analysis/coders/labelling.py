"""What to label next, and why: chosen by chance, by doubt, or because it is unlike the rest.

Only what chance chose can say how often a code occurs or how well people agree, so that at
least a fifth of every round is an audit: units at random, marked as such. Every unit has a
random number that follows from the seed and its id alone, and the audit is the units with the
smallest. So it stays a simple random sample of all units over any number of rounds, whatever
else is labelled between them: a unit whose turn comes and that somebody has read already is
part of it without being read again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from reflect_analysis._rows import html_table, read_csv, to_frame, write_csv
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.evaluation.scoring import has_scores, score_segments, thresholds_of
from reflect_analysis.coders.evaluation.units import Units, people_of, permitted, units_of, was_read
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.codings import Codings
from reflect_analysis.errors import CorpusError, GovernanceError, did_you_mean, raise_all
from reflect_analysis.provenance import Run, fingerprint, merge_runs, new_run
from reflect_analysis.ratings import rate_segments
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Array = npt.NDArray[np.float64]

__all__ = [
    "LabellingPlan",
    "PlannedUnit",
    "Reason",
    "Strategy",
    "choose_to_label",
    "read_labelling_plan",
]

Reason = Literal["audit", "uncertain", "diverse"]
Strategy = Literal["mixed", "random", "uncertain", "diverse"]

LEAST_AUDIT = 0.2


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit that somebody is to read, and why; no word of it.

    Parameters
    ----------
    unit_id : str
        The segment, ``document_id:start-end``.
    reason : {"audit", "uncertain", "diverse"}
    round : int
        From 1.
    labelled : bool
        Whether it was read, or planned in an earlier round, when its turn in the audit came.
    frame : int
        Units from which was chosen.
    seed : int
    probability : float, optional
        For the audit: the share of all units that it holds by now, which is the chance that
        each of them had; `None` for what chance did not choose.
    """

    unit_id: str
    reason: Reason
    round: int
    labelled: bool
    frame: int
    seed: int
    probability: float | None = None


@dataclass(frozen=True)
class LabellingPlan:
    """What was chosen to be labelled, round by round; rounds are added, never changed.

    Parameters
    ----------
    rows : tuple of PlannedUnit
    runs : tuple of Run

    Raises
    ------
    CorpusError
        If a unit stands twice in the audit or outside it, or rounds have different seeds.
    """

    rows: tuple[PlannedUnit, ...]
    runs: tuple[Run, ...] = ()

    def __post_init__(self) -> None:
        counts = Counter((row.unit_id, row.reason == "audit") for row in self.rows)
        faults = [
            f"unit {unit!r} stands {count} times {'in' if audit else 'outside'} the audit"
            for (unit, audit), count in counts.items()
            if count > 1
        ]
        seeds = sorted({row.seed for row in self.rows})
        if len(seeds) > 1:
            faults.append(f"rounds with the seeds {seeds}: the audit of a study has one seed")
        raise_all(CorpusError, faults)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[PlannedUnit]:
        return iter(self.rows)

    @property
    def audit(self) -> tuple[str, ...]:
        """The units that chance chose, of all rounds: what prevalence and reliability rest on."""
        return tuple(row.unit_id for row in self.rows if row.reason == "audit")

    @property
    def rounds(self) -> int:
        """How many rounds were planned."""
        return max((row.round for row in self.rows), default=0)

    @property
    def to_label(self) -> tuple[str, ...]:
        """The units of the last round that somebody is to read, mixed, so that none shows why."""
        last = [row for row in self.rows if row.round == self.rounds and not row.labelled]
        return tuple(row.unit_id for row in sorted(last, key=lambda row: row.unit_id))

    def to_frame(self) -> pd.DataFrame:
        """One row a unit, the fields of `PlannedUnit` as columns."""
        return to_frame(self.rows, PlannedUnit)

    def to_csv(self, path: str | Path) -> None:
        """Write the plan for `read_labelling_plan`: ids and reasons, no word of a text."""
        write_csv(self.rows, PlannedUnit, Path(path))

    def _counts(self) -> Counter[str]:
        return Counter(row.reason for row in self.rows if row.round == self.rounds)

    def __repr__(self) -> str:
        told = ", ".join(f"{self._counts()[reason]} {reason}" for reason in get_args(Reason))
        return f"<LabellingPlan: round {self.rounds}: {told}; {len(self.audit)} in the audit>"

    def _repr_html_(self) -> str:
        rounds = range(1, self.rounds + 1)
        counts = Counter((row.round, row.reason) for row in self.rows)
        free = Counter(row.round for row in self.rows if row.labelled)
        total = Counter(row.round for row in self.rows)
        heads = ("Round", "Audit", "Uncertain", "Diverse", "Read before", "To read")
        body = (
            (n, *(counts[n, reason] for reason in get_args(Reason)), free[n], total[n] - free[n])
            for n in rounds
        )
        return f"<p>{escape(repr(self))}</p>{html_table(heads, body)}"


def read_labelling_plan(path: str | Path) -> LabellingPlan:
    """Read what `LabellingPlan.to_csv` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LabellingPlan

    Raises
    ------
    CorpusError
        If the file is missing or a row cannot be read, with every fault.
    """
    source = Path(path)
    if not source.is_file():
        raise CorpusError(f"{source}: no such file")
    return LabellingPlan(read_csv(source, PlannedUnit, CorpusError))


def choose_to_label(  # noqa: PLR0913  # each is a choice that a study makes
    segments: Segments,
    codings: Codings,
    *,
    n: int,
    strategy: Strategy = "mixed",
    audit_share: float = LEAST_AUDIT,
    coder: AnyCoder | None = None,
    codebook: Codebook | None = None,
    codes: Sequence[str] | None = None,
    before: LabellingPlan | None = None,
    embeddings: Array | None = None,
    random_state: int = 0,
) -> LabellingPlan:
    """Choose the units that people are to label next.

    Units of governed records without approval for coding are never chosen, and those without
    approval for training only for the audit; neither are units of documents that nobody has
    cleared, nor those that somebody has read.

    Parameters
    ----------
    segments : Segments
        All units of the study, in the same cut for every round.
    codings : Codings
        What was read until now, by people.
    n : int
        Units to read in this round; fewer where no more are left.
    strategy : {"mixed", "random", "uncertain", "diverse"}
        What the units beside the audit are: half uncertain and half diverse, all of the audit,
        or all of one kind. Without a `coder` that scores, ``"mixed"`` takes diverse ones.
        Doubt and difference choose in turn over the participants, so that nobody's texts
        prevail.
    audit_share : float
        Share of the audit in a round, in [0.2, 1].
    coder : Coder, scikit-learn estimator or function, optional
        Fitted; its scores say which units are uncertain: those nearest to the threshold of a
        code, in standard deviations of the code's scores.
    codebook : Codebook, optional
        Needed with `coder`.
    codes : sequence of str, optional
        The codes that are to be labelled: a unit counts as read when somebody has read it for
        all of these. By default when somebody has read it for any.
    before : LabellingPlan, optional
        The rounds until now; they are part of the result, and give the seed.
    embeddings : ndarray, (n_segments, n_dimensions), optional
        Sentence vectors; by default those of the packaged model, for diverse units only.
    random_state : int
        Seed of the first round.

    Returns
    -------
    LabellingPlan

    Raises
    ------
    GovernanceError
        If no unit may be labelled.
    ValueError
        If `n`, the strategy or the share is out of range, or a coder that scores is missing.

    References
    ----------
    Ohlsson, E. (1995). Coordination of samples using permanent random numbers. In B. G. Cox
    et al. (Eds.), Business survey methods (pp. 153–169). Wiley.
    Arthur, D., & Vassilvitskii, S. (2007). k-means++: The advantages of careful seeding. SODA
    2007, 1027–1035.
    """
    _check(n, strategy, audit_share, coder, codebook)
    old = before or LabellingPlan(())
    seed = old.rows[0].seed if old.rows else random_state
    frame = _frame(segments)
    read = _read(frame, codings, codes)
    known = read | {row.unit_id for row in old}
    count = n if strategy == "random" else math.ceil(audit_share * n)
    audit = _next_in_audit([row.id for row in frame], old.audit, count, seed)
    new = [unit_id for unit_id in audit if unit_id not in known]
    pool = _Pool(permitted(frame, "training"), known.union(audit), seed + old.rounds)
    wanted = 0 if strategy == "random" else n - len(new)
    asks = strategy in {"uncertain", "mixed"}
    doubt = _doubt(coder, pool.segments, codebook) if asks else None
    if doubt is not None:
        pool.take_uncertain(doubt, wanted if strategy == "uncertain" else wanted // 2)
    if strategy in {"mixed", "diverse"} and pool.has_more(wanted):
        pool.take_diverse(_vectors(segments, pool.segments, embeddings), wanted)
    held = len(set(old.audit).intersection(row.id for row in frame)) + len(audit)
    planned = partial(PlannedUnit, round=old.rounds + 1, frame=len(frame), seed=seed)
    chance = held / len(frame)
    rows = [planned(u, "audit", labelled=u in known, probability=chance) for u in audit]
    rows += [planned(unit, why, labelled=False) for unit, why in pool.taken.items()]
    run = _run(segments, frame, strategy, rows)
    return LabellingPlan((*old.rows, *rows), merge_runs(old.runs, segments.runs, [run]))


def _check(
    n: int, strategy: str, share: float, coder: AnyCoder | None, codebook: Codebook | None
) -> None:
    known = get_args(Strategy)
    if strategy not in known:
        hint = did_you_mean(strategy, known)
        raise ValueError(f"no strategy {strategy!r}; expected one of {', '.join(known)}{hint}")
    if n < 1:
        raise ValueError(f"expected at least one unit to choose, got n={n!r}")
    if not LEAST_AUDIT <= share <= 1:
        raise ValueError(
            f"expected an audit_share between {LEAST_AUDIT} and 1, got {share!r}: only units that "
            "chance chose can say how often a code occurs"
        )
    if strategy == "uncertain" and (coder is None or not has_scores(coder)):
        raise ValueError(
            "doubt needs a coder that scores, and rules say yes or nothing: give coder= and "
            "codebook=, or choose strategy 'mixed', 'diverse' or 'random'"
        )
    if coder is not None and codebook is None:
        raise ValueError("a coder needs the codebook whose codes it scores: give codebook=")


def _frame(segments: Segments) -> Segments:
    """What may be labelled: cleared, and approved for coding where somebody governs it."""
    uncleared = {document.id for document in segments.corpus.uncleared()}
    cleared = segments.where(lambda row: row.document_id not in uncleared)
    frame = permitted(cleared, "coding")
    if not len(frame):
        waiting = len(segments.by_document)
        raise GovernanceError(
            f"none of the {waiting} documents may be labelled: {len(uncleared)} are not cleared, "
            "and the others wait for the approval of those who govern them"
        )
    return frame


def _read(frame: Segments, codings: Codings, codes: Sequence[str] | None) -> set[str]:
    """The units that a person has read: for all of these codes, or for any."""
    named = {code_id for row in codings.seen for code_id in row.codes}
    coded = {coding.code_id for coding in codings}
    chosen = tuple(codes) if codes is not None else (*sorted(named | coded), "")
    people = people_of(codings)
    if not people:
        return set()
    ratings = rate_segments(codings, frame, coders=people, codes=chosen)
    known = was_read(ratings.values, 1)
    done = np.all(known, axis=1) if codes is not None else np.any(known, axis=1)
    return {row.id for row, is_read in zip(frame, done.tolist(), strict=True) if is_read}


def _next_in_audit(ids: Sequence[str], audit: Sequence[str], count: int, seed: int) -> list[str]:
    """The next units by their permanent random numbers.

    Units that came to the study later and whose number is below those of the audit come in as
    well, however many: else the audit would hold too few of the new texts.
    """
    done = set(audit)
    last = max((_number(unit_id, seed) for unit_id in audit), default=-1)
    rest = sorted((_number(unit_id, seed), unit_id) for unit_id in ids if unit_id not in done)
    late = sum(number <= last for number, _ in rest)
    return [unit_id for _, unit_id in rest[: max(count, late)]]


def _number(unit_id: str, seed: int) -> int:
    """A unit's own random number: the same in every round and on every machine."""
    return int(fingerprint("audit", seed, unit_id)[:16], 16)


def _doubt(coder: AnyCoder | None, segments: Segments, codebook: Codebook | None) -> Array | None:
    """How far each unit is from the nearest threshold, in standard deviations; inf: not read."""
    if coder is None or codebook is None or not has_scores(coder) or not len(segments):
        return None
    codes = [code.id for code in codebook.machine_codes()]
    # A reflection's score says nothing of which segment is in doubt.
    units = units_of(segments, codebook, codes)[0]
    limits = thresholds_of(code_segments(coder, segments, codebook))
    scores = units.scored(score_segments(coder, segments, codebook))
    apart = np.full(len(segments), np.inf)
    for column, code_id in enumerate(units.codes):
        of_code = scores[:, column]
        spread = np.nanstd(of_code) if np.isfinite(of_code).any() else 0.0
        if spread > 0:
            distance = np.abs(of_code - limits.get(code_id, 0.5)) / spread
            each = np.array([distance[unit] for unit in _unit_of_segment(units)])
            apart = np.fmin(apart, each)
    return apart


def _unit_of_segment(units: Units) -> list[int]:
    """The unit in which each segment lies."""
    found = {row: unit for unit, rows in enumerate(units.members) for row in rows}
    return [found[row] for row in range(len(found))]


def _vectors(segments: Segments, pool: Segments, given: Array | None) -> Array:
    """The vectors of a pool of segments."""
    if given is None:
        from reflect_analysis.embeddings import embed

        return np.asarray(embed(pool.texts), dtype=float)
    table = np.asarray(given, dtype=float)
    if table.ndim != 2 or len(table) != len(segments):  # noqa: PLR2004  # units by dimensions
        raise ValueError(
            f"expected embeddings of shape ({len(segments)} segments, dimensions), "
            f"got {table.shape}"
        )
    place = {row.id: number for number, row in enumerate(segments)}
    return table[[place[row.id] for row in pool]]


class _Pool:
    """The units that may be chosen by doubt or difference, and those that were."""

    def __init__(self, segments: Segments, known: set[str], seed: int) -> None:
        self.segments = segments
        self.taken: dict[str, Reason] = {}
        self._random = np.random.default_rng(seed)
        self._known = np.array([row.id in known for row in segments], dtype=bool)
        self._open = ~self._known
        names = dict.fromkeys(row.case_id or f"document:{row.document_id}" for row in segments)
        index = {name: number for number, name in enumerate(names)}
        whose = [index[row.case_id or f"document:{row.document_id}"] for row in segments]
        self._whose = np.array(whose, dtype=int)
        self._picks = np.zeros(len(names), dtype=int)

    def has_more(self, wanted: int) -> bool:
        """Whether more are wanted and there are any."""
        return len(self.taken) < wanted and bool(self._open.any())

    def _in_turn(self, able: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """Of the open units those of the participants who were chosen least."""
        here = np.flatnonzero(self._open & able)
        picks = self._picks[self._whose[here]]
        least: npt.NDArray[np.intp] = here[picks == picks.min()] if len(here) else here
        return least

    def _take(self, number: int, reason: Reason) -> None:
        self.taken[self.segments.rows[number].id] = reason
        self._open[number] = False
        self._picks[self._whose[number]] += 1

    def take_uncertain(self, doubt: Array, wanted: int) -> None:
        """The most doubtful unit of each participant in turn; chance decides between equals."""
        order = self._random.permutation(len(doubt))
        for _ in range(wanted):
            here = self._in_turn(np.isfinite(doubt))
            if not len(here):
                return
            self._take(int(here[np.lexsort((order[here], doubt[here]))[0]]), "uncertain")

    def take_diverse(self, vectors: Array, wanted: int) -> None:
        """Units far from all that is known and chosen, as k-means++ seeds its centres."""
        near = _squared_distances(vectors, self._known | ~self._open)
        anywhere = np.ones(len(vectors), dtype=bool)
        while self.has_more(wanted):
            here = self._in_turn(anywhere)
            total = near[here].sum()
            chances = near[here] / total if 0 < total < np.inf else None
            number = int(self._random.choice(here, p=chances))
            self._take(number, "diverse")
            near = np.minimum(near, ((vectors - vectors[number]) ** 2).sum(axis=1))


def _squared_distances(vectors: Array, known: npt.NDArray[np.bool_]) -> Array:
    """From each unit to the nearest known one, squared; infinite where none is known."""
    from sklearn.metrics import pairwise_distances_argmin_min

    if not known.any():
        return np.full(len(vectors), np.inf)
    _, apart = pairwise_distances_argmin_min(vectors, vectors[known], metric="sqeuclidean")
    near: Array = apart
    return near


def _run(segments: Segments, frame: Segments, strategy: str, rows: Sequence[PlannedUnit]) -> Run:
    """What was chosen and from what, in one sentence."""
    counts = Counter(row.reason for row in rows)
    told = ", ".join(f"{counts[reason]} {reason}" for reason in get_args(Reason) if counts[reason])
    out = len(segments.by_document) - len(frame.by_document)
    summary = (
        f"{len(rows)} of {len(frame):,} units were chosen to be labelled in round "
        f"{rows[0].round if rows else 1} ({told or 'none was left'})"
    )
    if out:
        summary += f"; {out} documents that are not cleared or wait for an approval were left out"
    settings = {"strategy": strategy, "reasons": dict(counts), "documents_left_out": out}
    seed = rows[0].seed if rows else None
    return new_run("choose", summary, inputs=[frame.fingerprint], settings=settings, seed=seed)
