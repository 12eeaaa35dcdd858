"""What an evaluation says: code by code, against each person, beside the people themselves.

A figure that rests on fewer than ten positives is no figure and is not kept, so that no mean
can take it in; under thirty it is marked. A mean is never given without the lowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis.coders.evaluation.measures import Calibration
from reflect_analysis.coefficients import Coefficient
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Agreed", "Evaluation", "EvaluationRow", "PeopleRow", "Shown", "Spread", "standing"]

FEWEST = 10
FEW = 30

Measured = Literal["precision", "recall", "f1", "kappa", "ac1", "average_precision"]
Shown = Literal[
    "measured",
    "fewer than 30 positives",
    "fewer than 10 positives",
    "human only",
    "not for machines",
    "not coded by the coder",
    "not read by both",
]
MEASURES: tuple[Measured, ...] = (
    "precision",
    "recall",
    "f1",
    "kappa",
    "ac1",
    "average_precision",
)
AGREEMENT: tuple[Measured, ...] = ("kappa", "f1", "ac1")


def standing(positives: int) -> Shown:
    """What may be said of a code with so many positives."""
    if positives < FEWEST:
        return "fewer than 10 positives"
    return "fewer than 30 positives" if positives < FEW else "measured"


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A machine against one person, for one code.

    Parameters
    ----------
    code_id, code : str
    unit : str
        What was judged: ``"sentence"``, ``"document"`` …, or ``"reflection"`` for a code that
        is judged on all that a participant wrote or said in a document.
    against : str
        The person; empty for a code that only people apply.
    shown : str
        ``"measured"``, or why figures are marked or left out.
    units : int
        Units that both read for this code.
    positives, proposed : int
        Of these, those in which the person, and the machine, found it.
    precision, recall, f1, kappa, ac1, average_precision : Coefficient, optional
        `None` where they are not shown; average precision for coders that score.
    calibration : Calibration, optional
        For coders that give probabilities.
    note : str
    """

    code_id: str
    code: str
    unit: str
    against: str
    shown: Shown
    units: int = 0
    positives: int = 0
    proposed: int = 0
    precision: Coefficient | None = None
    recall: Coefficient | None = None
    f1: Coefficient | None = None
    kappa: Coefficient | None = None
    ac1: Coefficient | None = None
    average_precision: Coefficient | None = None
    calibration: Calibration | None = None
    note: str = ""

    @property
    def has_figures(self) -> bool:
        """Whether the figures are shown."""
        return self.kappa is not None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Agreement of two coders: `kappa`, `f1` and `ac1`, each a Coefficient."""

    kappa: Coefficient
    f1: Coefficient
    ac1: Coefficient


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """Two people with each other, for one code, on units that the machine read as well.

    Parameters
    ----------
    code_id, first, second : str
    shown : str
        As in `EvaluationRow`, by the fewer positives of the two.
    units : int
    first_positives, second_positives : int
    kappa, f1, ac1 : Coefficient, optional
    machine : tuple of Agreed, optional
        The machine with the first, and with the second, on these units. `None` where it was
        measured against both on the same units, so that their rows say it.
    """

    code_id: str
    first: str
    second: str
    shown: Shown
    units: int
    first_positives: int
    second_positives: int
    kappa: Coefficient | None = None
    f1: Coefficient | None = None
    ac1: Coefficient | None = None
    machine: tuple[Agreed, Agreed] | None = None

    def machine_with(self, person: str) -> Agreed | None:
        """The machine with one of the two on these units, where its own row is on others."""
        if self.machine is None:
            return None
        return self.machine[0] if person == self.first else self.machine[1]


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean over codes, and the lowest of them beside it.

    Parameters
    ----------
    mean, lowest : float
    code_id : str
        The code of the lowest.
    codes : int
        How many codes have a figure.
    """

    mean: float
    lowest: float
    code_id: str
    codes: int

    def __str__(self) -> str:
        """As in a paper: ``.56 (lowest .31, isolation)``."""
        return f"{figure(self.mean)} (lowest {figure(self.lowest)}, {self.code_id})"


@dataclass(frozen=True)
class Evaluation:
    """How well a coder does what people do.

    Parameters
    ----------
    coder : str
        The machine.
    people : tuple of str
    rows : tuple of EvaluationRow
        In the codebook's order, one a person; one for a code that only people apply.
    between : tuple of PeopleRow
        The people with each other.
    split : str
        How what was learned from was kept apart from what was measured.
    units, documents, groups : int
        Segments, documents and participants (or the groups given) that entered.
    grouped_by : str
        What the groups are.
    notes : tuple of str
        What was left out, and what a reader must know.
    runs : tuple of Run
    """

    coder: str
    people: tuple[str, ...]
    rows: tuple[EvaluationRow, ...]
    between: tuple[PeopleRow, ...]
    split: str
    units: int
    documents: int
    groups: int
    grouped_by: str = "participant"
    notes: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[EvaluationRow]:
        return iter(self.rows)

    def over_codes(
        self, measure: Measured = "kappa", *, codes: Iterable[str] | None = None
    ) -> Spread | None:
        """The machine over the codes that have figures: each person counts alike.

        Parameters
        ----------
        measure : {"precision", "recall", "f1", "kappa", "ac1", "average_precision"}
        codes : iterable of str, optional
            Only these.

        Returns
        -------
        Spread or None
            `None` where no code has a figure.
        """
        chosen = {row.code_id for row in self.rows} if codes is None else set(codes)
        rows = [row for row in self.rows if row.code_id in chosen]
        return _spread([(row.code_id, getattr(row, measure)) for row in rows])

    def people_over_codes(self, measure: Measured = "kappa") -> Spread | None:
        """The people with each other, over the codes in which the machine has figures too.

        Parameters
        ----------
        measure : {"f1", "kappa", "ac1"}
        """
        measured = {row.code_id for row in self.rows if row.has_figures}
        shown = [row for row in self.between if row.code_id in measured]
        return _spread([(row.code_id, getattr(row, measure)) for row in shown])

    @property
    def same_units(self) -> bool:
        """Whether people were compared with each other on the units of the machine's figures."""
        return all(row.machine is None for row in self.between)

    def common_over_codes(self, measure: Measured = "kappa") -> Spread | None:
        """The machine on the units on which people were compared with each other.

        The same as `over_codes` for these codes where `same_units`.

        Parameters
        ----------
        measure : {"f1", "kappa", "ac1"}
        """
        found = [
            (row.code_id, self.on_common(row, pair, measure))
            for row in self.rows
            for pair in self.beside(row)
            if row.has_figures and pair.kappa is not None
        ]
        return _spread(found)

    @staticmethod
    def on_common(
        row: EvaluationRow, pair: PeopleRow, measure: Measured = "kappa"
    ) -> Coefficient | None:
        """The machine with the person of a row, on the units of a pair of people."""
        agreed: Coefficient | None = getattr(pair.machine_with(row.against) or row, measure)
        return agreed

    def beside(self, row: EvaluationRow) -> tuple[PeopleRow, ...]:
        """How the person of a row agrees with the others, for its code."""
        return tuple(
            pair
            for pair in self.between
            if pair.code_id == row.code_id and row.against in {pair.first, pair.second}
        )

    @property
    def summary(self) -> str:
        """One or two sentences for a paper."""
        from reflect_analysis.coders.evaluation.showing import summary

        return summary(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a code and person; figures that are not shown are missing.

        Returns
        -------
        DataFrame
            ``code_id, code, unit, against, shown, units, positives, proposed``; each measure
            with its bounds (``kappa, kappa_low, kappa_high`` …); ``brier`` and
            ``brier_constant``; ``people_units``, and the mean agreement of the person with the
            other people with the lowest beside it (``people_kappa, people_kappa_lowest`` …),
            and that of the machine with this person on the units that these people read
            (``common_kappa`` …); ``note``.
        """
        import pandas as pd

        return pd.DataFrame([self._record(row) for row in self.rows])

    def _record(self, row: EvaluationRow) -> dict[str, Any]:
        head = ("code_id", "code", "unit", "against", "shown", "units", "positives", "proposed")
        record: dict[str, Any] = {name: getattr(row, name) for name in head}
        for measure in MEASURES:
            record |= _bounds(measure, getattr(row, measure))
        record |= _bounds("brier", row.calibration.brier if row.calibration else None)
        record["brier_constant"] = row.calibration.constant if row.calibration else None
        pairs = self.beside(row)
        record["people_units"] = min((pair.units for pair in pairs), default=0)
        for measure in AGREEMENT:
            found = _defined(getattr(pair, measure) for pair in pairs)
            record[f"people_{measure}"] = fmean(found) if found else None
            record[f"people_{measure}_lowest"] = min(found, default=None)
            compared = [pair for pair in pairs if pair.kappa is not None]
            common = _defined(self.on_common(row, pair, measure) for pair in compared)
            record[f"common_{measure}"] = fmean(common) if common else None
        return record | {"note": row.note}

    def people_to_frame(self) -> pd.DataFrame:
        """One row a code and pair of people: counts, κ, F1 and AC1 with their bounds."""
        import pandas as pd

        counts = ("code_id", "first", "second", "shown", "units", "first_positives")
        records = []
        for row in self.between:
            record: dict[str, Any] = {name: getattr(row, name) for name in counts}
            record["second_positives"] = row.second_positives
            for measure in AGREEMENT:
                record |= _bounds(measure, getattr(row, measure))
            records.append(record)
        return pd.DataFrame(records)

    def reliability_to_frame(self) -> pd.DataFrame:
        """The reliability table of probabilities, one row a code, person and part of [0, 1].

        Returns
        -------
        DataFrame
            ``code_id, against, low, high, units, probability, share``; empty for a coder that
            gives no probabilities.
        """
        import pandas as pd

        columns = ("low", "high", "units", "probability", "share")
        rows = [
            (row.code_id, row.against, *(getattr(part, name) for name in columns))
            for row in self.rows
            if row.calibration
            for part in row.calibration.bins
        ]
        return pd.DataFrame(rows, columns=["code_id", "against", *columns])

    def __str__(self) -> str:
        """The table as text, with the sentence and the notes."""
        from reflect_analysis.coders.evaluation.showing import as_text

        return as_text(self)

    def __repr__(self) -> str:
        measured = len({row.code_id for row in self.rows if row.has_figures})
        who = ", ".join(self.people)
        return f"<Evaluation of {self.coder} against {who}: {measured} codes measured>"

    def _repr_html_(self) -> str:
        from reflect_analysis.coders.evaluation.showing import as_html

        return as_html(self)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun, and the noun's plural where that is no matter of an s."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def figure(value: float) -> str:
    """Two decimals without the zero before the point, as papers print what cannot exceed 1.

    Examples
    --------
    >>> figure(0.567), figure(-0.021), figure(1.0), figure(float("nan"))
    ('.57', '−.02', '1.00', '–')
    """
    if value != value:  # noqa: PLR0124  # only nan differs from itself
        return "–"
    text = f"{abs(value):.2f}"
    sign = "−" if value < 0 and float(text) else ""
    return sign + (text.removeprefix("0"))


def _bounds(name: str, coefficient: Coefficient | None) -> dict[str, float | None]:
    low, high = coefficient.interval if coefficient and coefficient.interval else (None, None)
    value = coefficient.value if coefficient else None
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _defined(coefficients: Iterable[Coefficient | None]) -> list[float]:
    return [c.value for c in coefficients if c is not None and c.value == c.value]  # nan


def _spread(found: Sequence[tuple[str, Coefficient | None]]) -> Spread | None:
    """The mean over codes of the mean of each, and the lowest single figure."""
    by_code: dict[str, list[float]] = {}
    for code_id, coefficient in found:
        for value in _defined([coefficient]):
            by_code.setdefault(code_id, []).append(value)
    if not by_code:
        return None
    lowest, code_id = min((min(each), code_id) for code_id, each in by_code.items())
    return Spread(fmean(map(fmean, by_code.values())), lowest, code_id, len(by_code))
