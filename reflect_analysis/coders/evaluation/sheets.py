"""One kind of unit with what people and machine said of it, and the rows that follow from it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.codebook import Code
from reflect_analysis.coders.evaluation.learning import Said
from reflect_analysis.coders.evaluation.measures import (
    Calibration,
    agreement_of,
    average_precision,
    calibration,
    precision_and_recall,
)
from reflect_analysis.coders.evaluation.units import Units
from reflect_analysis.coders.evaluation.values import (
    FEWEST,
    Agreed,
    EvaluationRow,
    PeopleRow,
    Shown,
    standing,
)
from reflect_analysis.coefficients import Coefficient, Resampling

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Draws", "Sheet"]


@dataclass(frozen=True, slots=True)
class Draws:
    """How intervals are found."""

    draws: int
    random_state: int

    def of(self, units: Units, read: npt.NDArray[np.bool_]) -> Resampling:
        """Participants drawn whole: the jackknife below 100 of them, BCa from there on."""
        clusters = tuple(units.groups[unit] for unit in np.flatnonzero(read))
        return Resampling(clusters, draws=self.draws, random_state=self.random_state)


@dataclass(frozen=True)
class Sheet:
    """What was said of the units of one kind.

    Parameters
    ----------
    units : Units
    people : tuple of str
    judged : ndarray, (n_units, n_people, n_codes)
        1, 0, or NaN where not read, or judged only after a proposal.
    said : tuple of Said
        The machine's, one a person whom it is measured against.
    reconciled : bool
        Whether people judged together, so that their agreement says nothing.
    """

    units: Units
    people: tuple[str, ...]
    judged: Array
    said: tuple[Said, ...]
    reconciled: bool

    def rows(self, code: Code, draws: Draws) -> Iterator[EvaluationRow]:
        """The machine against each person, for one code."""
        for number, person in enumerate(self.people):
            yield self._row(code, number, person, draws)

    def _row(self, code: Code, number: int, person: str, draws: Draws) -> EvaluationRow:
        column = self.units.codes.index(code.id)
        said = self.said[number]
        truth, machine = self.judged[:, number, column], said.values[:, column]
        read = ~np.isnan(truth) & ~np.isnan(machine)
        head = (code.id, code.public_name, self.units.kind, person)
        note = _learned(said, code.id)
        if not read.any():
            positives = int(np.nansum(truth))
            silent = np.isnan(machine).all()
            why: Shown = "not coded by the coder" if silent else "not read by both"
            return EvaluationRow(*head, why, positives=positives, note=note)
        truth, machine = truth[read], machine[read]
        counts = (len(truth), int(truth.sum()), int(machine.sum()))
        shown = standing(counts[1])
        if counts[1] < FEWEST:
            return EvaluationRow(*head, shown, *counts, note=note)
        interval = draws.of(self.units, read)
        precision, recall = precision_and_recall(truth, machine, interval)
        f1, kappa, ac1 = agreement_of(np.column_stack([truth, machine]), interval)
        scores = said.scores[read, column]
        ranked, calibrated = _by_scores(truth, scores, interval, sure=code.id in said.probable)
        return EvaluationRow(
            *head,
            shown,
            *counts,
            precision=precision,
            recall=recall,
            f1=f1,
            kappa=kappa,
            ac1=ac1,
            average_precision=ranked,
            calibration=calibrated,
            note=note,
        )

    def pairs(self, code: Code, draws: Draws) -> Iterator[PeopleRow]:
        """The people with each other, for one code, where the machine read as well.

        Where one of them read more, the machine's figures on what both read stand beside.
        """
        if self.reconciled:
            return
        for first, second in itertools.combinations(range(len(self.people)), 2):
            yield self._pair(code, (first, second), draws)

    def _both(self, number: int, column: int) -> Array:
        """What a person and the machine said, (n_units, 2)."""
        return np.column_stack(
            [self.judged[:, number, column], self.said[number].values[:, column]]
        )

    def _pair(self, code: Code, pair: tuple[int, int], draws: Draws) -> PeopleRow:
        column = self.units.codes.index(code.id)
        said = [self._both(number, column) for number in pair]
        each = np.column_stack([np.isfinite(both).all(axis=1) for both in said])
        read = np.asarray(each.all(axis=1))
        named = (code.id, self.people[pair[0]], self.people[pair[1]])
        if not read.any():
            return PeopleRow(*named, "not read by both", 0, 0, 0)
        people = np.column_stack([both[read, 0] for both in said])
        one, other = (int(count) for count in people.sum(axis=0))
        row = PeopleRow(*named, standing(min(one, other)), len(people), one, other)
        if min(one, other) < FEWEST:
            return row
        interval = draws.of(self.units, read)
        f1, kappa, ac1 = agreement_of(people, interval)
        row = dataclasses.replace(row, kappa=kappa, f1=f1, ac1=ac1)
        if (each == read[:, None]).all():
            return row
        first, second = (_agreed(both[read], interval) for both in said)
        return dataclasses.replace(row, machine=(first, second))


def _agreed(both: Array, interval: Resampling) -> Agreed:
    f1, kappa, ac1 = agreement_of(both, interval)
    return Agreed(kappa, f1, ac1)


def _by_scores(
    truth: Array, scores: Array, interval: Resampling, *, sure: bool
) -> tuple[Coefficient | None, Calibration | None]:
    """What only scores of all units tell; `sure` where they are probabilities."""
    if np.isnan(scores).any():
        return None, None
    ranked = average_precision(truth, scores, interval)
    if not sure or scores.min() < 0 or scores.max() > 1:
        return ranked, None
    return ranked, calibration(truth, scores, interval)


def _learned(said: Said, code_id: str) -> str:
    """In how many folds a code was learned, where it was not in all."""
    times, alike = said.learned.get(code_id, said.folds), said.similar.get(code_id, 0)
    if not times and said.folds:
        return "too few positives to learn"
    if alike and alike == said.folds:
        return "by similarity: too few positives to learn"
    told = [f"learned in {times - alike} of {said.folds} folds"] * (times - alike < said.folds)
    told += [f"by similarity in {alike}"] * bool(alike)
    return ", ".join(told)


def by_code(sheets: Sequence[Sheet], code_id: str) -> Sheet | None:
    """The sheet on which a code is judged."""
    return next((sheet for sheet in sheets if code_id in sheet.units.codes), None)
