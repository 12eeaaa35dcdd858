"""`estimate_prevalence`: a machine's shares, and what an audit says of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.evaluation.units import (
    Units,
    audit_of,
    judged_by_people,
    people_of,
    permitted,
    units_of,
)
from reflect_analysis.coders.evaluation.values import figure
from reflect_analysis.coders.labelling import LabellingPlan
from reflect_analysis.coders.prevalence.powered import prediction_powered_share
from reflect_analysis.coders.prevalence.values import Prevalence, PrevalenceRow, Standing
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.coefficients import Coefficient
from reflect_analysis.coefficients.measures import divide
from reflect_analysis.errors import GovernanceError, UnknownIdError, did_you_mean
from reflect_analysis.provenance import merge_runs, new_run
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["estimate_prevalence"]

LEAST_AUDIT = 100
FEWEST = 10


def estimate_prevalence(  # noqa: PLR0913  # each is a choice that a study makes
    machine_codings: Codings,
    human_codings: Codings,
    audit: LabellingPlan | Iterable[str],
    *,
    segments: Segments,
    codebook: Codebook,
    coder: str | None = None,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    trained_on: Iterable[str] = (),
    level: float = 0.95,
) -> Prevalence:
    """Count codes by a machine, and correct the shares where an audit supports it.

    It does where people read at least 100 units that chance chose, and machine and people
    correlate by more than 1/√(n − 2) there: below that the sample alone says more.

    Parameters
    ----------
    machine_codings : Codings
        Of `code_segments`, for all units; what the machine did not read is not in the share.
    human_codings : Codings
        A decision on a proposal is a judgement too; where several people read a unit it counts
        by the share of them who found the code.
    audit : LabellingPlan or iterable of str
        The units that chance chose, by id: of a plan only those with the reason ``"audit"``.
    segments : Segments
        All units. Records without approval for tables leave.
    codebook : Codebook
    coder : str, optional
        The machine; needed where there are several.
    coders : sequence of str, optional
        The people; by default all.
    codes : sequence of str, optional
        By default all that are in use.
    trained_on : iterable of str
        Documents or segments that the machine learned from. What it says of these it does not
        say of others: where the audit, or the units that are counted, hold any of them, the
        difference between the two is no measure of its errors, and nothing is corrected. To
        have a share corrected, code these by the same machine fitted without them, in folds, and
        leave `trained_on` out; or count other units than it learned from.
    level : float
        Confidence level of the intervals, in (0, 1).

    Returns
    -------
    Prevalence

    Raises
    ------
    GovernanceError
        If no unit may be counted in a table.
    UnknownIdError
        If a unit of the audit, a person, a code or the machine is not known.

    References
    ----------
    Egami, N., Hinck, M., Stewart, B. M., & Wei, H. (2023). Using imperfect surrogates for
    downstream inference: Design-based supervised learning for social science applications of
    large language models. NeurIPS 36 (why a machine's labels are not taken as true).
    See `prediction_powered_share` for the estimate.
    """
    named = [code.id for code in codebook.in_use] if codes is None else list(codes)
    codebook.check_ids(named, "codes")
    machine = _machine(machine_codings, coder)
    people = people_of(human_codings, coders)
    planned = audit_of(audit, segments)
    counted = permitted(segments, "coding", "tables")
    if not len(counted):
        raise GovernanceError(
            "no unit may be counted: all wait for the approval of those who govern them; add "
            "'coding' and 'tables' to the approved uses of their cases when it is given"
        )
    chosen = [code.id for code in codebook if code.id in set(named)]
    learned = frozenset(trained_on)
    rows: dict[str, PrevalenceRow] = {}
    notes: list[str] = []
    for units in units_of(counted, codebook, chosen):
        sheet = _Sheet.of(units, machine_codings, machine, human_codings, people, codebook)
        sample = _Sample.of(units, planned, learned)
        rows |= {c: sheet.row(codebook[c], sample, level) for c in units.codes}
        notes += sheet.notes(sample)
    out = len(segments.by_document) - len(counted.by_document)
    if out:
        notes.append(f"{out} documents without approval for coding and tables left out.")
    found = Prevalence(tuple(rows[c] for c in chosen), machine, people, len(planned), tuple(notes))
    return _with_runs(found, machine_codings, human_codings, audit, counted, codebook)


def _machine(codings: Codings, coder: str | None) -> str:
    """The machine whose codings are counted."""
    rows: list[Coding | Seen] = [*codings.codings, *codings.seen]
    known = sorted({row.coder for row in rows if row.coder_kind == "machine"})
    if coder is not None and coder not in known:
        hint = did_you_mean(coder, known)
        raise UnknownIdError(f"the machine codings: no machine coder {coder!r}{hint}")
    if coder is None and len(known) != 1:
        raise ValueError(f"expected one machine coder, got {known}: name one by coder=")
    return coder or known[0]


@dataclass(frozen=True)
class _Sample:
    """Which units are in the audit, or why it does not fit them, and which taught the machine."""

    audit: Flags
    learned: Flags
    misfit: str = ""

    @classmethod
    def of(cls, units: Units, audit: frozenset[str], learned: frozenset[str]) -> _Sample:
        whole = all(len(rows) == 1 for rows in units.rows)
        inside = np.array([all(row.id in audit for row in rows) for rows in units.rows], dtype=bool)
        known = np.array(
            [any(learned & {row.id, row.document_id} for row in rows) for rows in units.rows],
            dtype=bool,
        )
        if whole:
            return cls(inside, known)
        misfit = (
            "it is judged on whole reflections and the audit drew parts of them; choose the audit "
            "from segment(corpus, by='document')"
        )
        return cls(np.zeros(len(units), dtype=bool), known, misfit)


@dataclass(frozen=True)
class _Sheet:
    """What machine and people said of units of one kind."""

    units: Units
    said: Array
    true: Array
    proposed: Flags

    @classmethod
    def of(
        cls,
        units: Units,
        machine_codings: Codings,
        machine: str,
        human_codings: Codings,
        people: tuple[str, ...],
        codebook: Codebook,
    ) -> _Sheet:
        said = units.rated(machine_codings, [machine], codebook)[:, 0, :]
        values, proposed = judged_by_people(human_codings, units, people, codebook)
        readers = (~np.isnan(values)).sum(axis=1)
        true = divide(np.nansum(values, axis=1), readers)
        return cls(units, said, true, np.any(proposed, axis=1))

    def notes(self, sample: _Sample) -> list[str]:
        """What a reader must know of the audit."""
        decided = int(self.proposed[sample.audit].any(axis=1).sum())
        if not decided:
            return []
        return [f"{decided} units of the audit were judged by deciding on proposals, not blind."]

    def row(self, code: Code, sample: _Sample, level: float) -> PrevalenceRow:
        """How often one code occurs."""
        column = self.units.codes.index(code.id)
        said, true = self.said[:, column], self.true[:, column]
        read = ~np.isnan(said)
        # For a code that only people apply the audit speaks of all units.
        asked = read if read.any() else np.ones(len(said), dtype=bool)
        people = np.where(sample.audit & asked, true, np.nan)[asked]
        clusters = [self.units.groups[unit] for unit in np.flatnonzero(asked)]
        sampled = people[~np.isnan(people)]
        both = np.column_stack([said[asked], people])[~np.isnan(people)]
        reason, correlation = _unsupported(both, sample, read) if read.any() else ("", None)
        standing: Standing = "uncorrected" if reason else "corrected"
        standing = standing if read.any() else "people only"
        corrected = None
        if standing == "corrected":
            corrected = prediction_powered_share(
                said[asked], people, clusters=clusters, level=level
            )
        rough = 0 < sampled.sum() < FEWEST
        return PrevalenceRow(
            code_id=code.id,
            code=code.public_name,
            unit=self.units.kind,
            standing=standing,
            reason=reason,
            read=int(read.sum()),
            proposed=int(np.nansum(said)),
            raw=float(said[read].mean()) if read.any() else None,
            corrected=corrected,
            audited=len(sampled),
            found=float(sampled.sum()),
            audit=_alone(people, clusters, level) if len(sampled) else None,
            correlation=correlation,
            participants=self._participants(said == 1),
            of_participants=self._participants(read),
            note=f"fewer than {FEWEST} positives in the audit: rough" if rough else "",
        )

    def _participants(self, chosen: Flags) -> int:
        cases = {self.units.rows[unit][0].case_id for unit in np.flatnonzero(chosen)}
        return len(cases - {None})


def _alone(people: Array, clusters: Sequence[Hashable], level: float) -> Coefficient:
    """The share in the audit by itself: what is said where the machine says nothing."""
    nothing = np.zeros(len(people))
    return prediction_powered_share(nothing, people, clusters=clusters, level=level)


def _unsupported(both: Array, sample: _Sample, read: Flags) -> tuple[str, float | None]:
    """Why an audit cannot carry a correction, and the correlation where there is one."""
    n = len(both)
    reason = _learned(sample, read) or sample.misfit
    if not reason and n < LEAST_AUDIT:
        reason = f"{n} units of the audit were read; at least {LEAST_AUDIT} are needed"
    reason = reason or _constant(*both.T)
    if reason:
        return reason, None
    correlation = float(np.asarray(np.corrcoef(both.T))[0, 1])
    least = 1 / math.sqrt(n - 2)
    if correlation > least:
        return "", correlation
    told = f"machine and people correlate by {figure(correlation)} in the audit"
    return f"{told}; more than {figure(least)} is needed", correlation


def _learned(sample: _Sample, read: Flags) -> str:
    """Where the machine learned from what it is measured on, or from what it counts."""
    audited = int((sample.learned & sample.audit & read).sum())
    if audited:
        return f"the machine learned from {audited} units of the audit"
    counted = int((sample.learned & read).sum())
    if not counted:
        return ""
    return (
        f"the machine learned from {counted} of the {int(read.sum())} units that it counts, and "
        "does not err there as elsewhere"
    )


def _constant(said: Array, true: Array) -> str:
    """Which of the two never varies."""
    for values, told in ((said, "the machine proposed it"), (true, "people found it")):
        if np.ptp(values) == 0:
            return f"in the audit {told} {'everywhere' if values[0] else 'nowhere'}"
    return ""


def _with_runs(
    found: Prevalence,
    machine: Codings,
    human: Codings,
    audit: LabellingPlan | Iterable[str],
    segments: Segments,
    codebook: Codebook,
) -> Prevalence:
    """The same with the chain of runs that made it."""
    planned = audit.runs if isinstance(audit, LabellingPlan) else ()
    run = new_run(
        "prevalence",
        found.summary.rstrip("."),
        inputs=[segments.fingerprint, codebook.version],
        settings={"audit": found.planned, "coder": found.coder, "people": list(found.people)},
    )
    runs = merge_runs(segments.runs, machine.runs, human.runs, planned, [run])
    return dataclasses.replace(found, runs=runs)
