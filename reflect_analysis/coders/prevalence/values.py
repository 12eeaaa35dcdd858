"""How often codes occur, as a value: each share with its standing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.coefficients import Coefficient
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Prevalence", "PrevalenceRow", "Standing"]

Standing = Literal["corrected", "uncorrected", "people only"]


@dataclass(frozen=True, slots=True)
class PrevalenceRow:
    """How often one code occurs.

    Parameters
    ----------
    code_id, code : str
    unit : str
        What is counted: ``"sentence"``, ``"document"`` …, or ``"reflection"``.
    standing : {"corrected", "uncorrected", "people only"}
        ``"people only"`` where no machine looked for it: then only the audit speaks.
    reason : str
        Why it is uncorrected; empty otherwise.
    read : int
        Units that the machine read for this code: the denominator.
    proposed : int
        Of these, those in which it proposed the code.
    raw : float, optional
        Their share as the machine counts it, in [0, 1]. It has no interval, because none would
        hold what it misses and invents.
    corrected : Coefficient, optional
        The share with what the audit says of the machine's errors; its interval is for
        participants like these.
    audited : int
        Units of the audit that people read for this code.
    found : float
        Of these, those in which they found it; where several read a unit, the share of them.
    audit : Coefficient, optional
        The share in the audit alone.
    correlation : float, optional
        Of machine and people in the audit, in [−1, 1].
    participants, of_participants : int
        Participants with a unit that the machine proposed, and with one that it read: as it
        counts them, for whether a participant ever says something no audit of units corrects.
    note : str
    """

    code_id: str
    code: str
    unit: str
    standing: Standing
    reason: str
    read: int
    proposed: int
    raw: float | None
    corrected: Coefficient | None
    audited: int
    found: float
    audit: Coefficient | None
    correlation: float | None
    participants: int
    of_participants: int
    note: str = ""

    @property
    def share(self) -> float | None:
        """The corrected share, else the machine's; in the audit where there is no machine's."""
        if self.corrected is not None:
            return self.corrected.value
        if self.raw is not None:
            return self.raw
        return self.audit.value if self.audit else None


@dataclass(frozen=True)
class Prevalence:
    """How often codes occur, with exact counts: for the researcher's own eyes.

    Parameters
    ----------
    rows : tuple of PrevalenceRow
        In the codebook's order.
    coder : str
        The machine.
    people : tuple of str
    planned : int
        Units of the audit, read or not yet.
    notes : tuple of str
    runs : tuple of Run
    """

    rows: tuple[PrevalenceRow, ...]
    coder: str
    people: tuple[str, ...]
    planned: int
    notes: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a code, the fields of `PrevalenceRow`, with the bounds of the intervals.

        Returns
        -------
        DataFrame
            ``corrected_low, corrected_high, audit_low, audit_high`` beside the shares.
        """
        import pandas as pd

        return pd.DataFrame([_record(row) for row in self.rows])

    @property
    def summary(self) -> str:
        """One or two sentences for a paper."""
        corrected = sum(row.standing == "corrected" for row in self.rows)
        counted = sum(row.standing != "people only" for row in self.rows)
        units = sorted({row.unit for row in self.rows})
        told = (
            f"Shares of {' and '.join(f'{unit}s' for unit in units)} as counted by "
            f"“{self.coder}” were corrected for {corrected} of {counted} codes by an audit of "
            f"{self.planned} units chosen at random (prediction-powered inference, intervals by "
            "participant)"
        )
        rest = counted - corrected
        were = "is" if rest == 1 else "are"
        return f"{told}; {rest} {were} uncorrected." if rest else f"{told}."

    def __str__(self) -> str:
        """The table as text, with the sentence and the notes."""
        rows = [_HEADS, *map(_cells, self.rows)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS) - 1)]
        lines = [
            "  ".join([*(c.ljust(w) for c, w in zip(row[:-1], widths, strict=True)), row[-1]])
            for row in rows
        ]
        return "\n".join([*(line.rstrip() for line in lines), "", self.summary, *self.notes])

    def __repr__(self) -> str:
        corrected = sum(row.standing == "corrected" for row in self.rows)
        return f"<Prevalence of {len(self)} codes by {self.coder}: {corrected} corrected>"

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in (self.summary, *self.notes))
        return html_table(_HEADS, map(_cells, self.rows)) + notes


_HEADS = (
    "Code",
    "Unit",
    "Read",
    "By the machine",
    "Corrected",
    "In the audit",
    "Participants, by the machine",
    "Standing",
)


def _percent(share: float | None) -> str:
    return "–" if share is None or math.isnan(share) else f"{share:.1%}".replace("%", " %")


def _with_interval(share: Coefficient | None) -> str:
    if share is None or math.isnan(share.value):
        return "–"
    if share.interval is None or share.interval.reason:
        return _percent(share.value)
    low, high = (_percent(bound).removesuffix(" %") for bound in share.interval)
    return f"{_percent(share.value)} [{low}, {high}]"


def _cells(row: PrevalenceRow) -> tuple[str, ...]:
    people = f"{row.participants} of {row.of_participants}" if row.read else "–"
    audit = f"{_with_interval(row.audit)} of {row.audited}" if row.audited else "–"
    standing = f"{row.standing}: {row.reason}" if row.reason else row.standing
    return (
        row.code,
        row.unit,
        str(row.read),
        _percent(row.raw),
        _with_interval(row.corrected),
        audit,
        people,
        f"{standing}; {row.note}" if row.note else standing,
    )


def _record(row: PrevalenceRow) -> dict[str, Any]:
    names = [name for name in PrevalenceRow.__slots__ if name not in {"corrected", "audit"}]
    record: dict[str, Any] = {name: getattr(row, name) for name in names}
    for name in ("corrected", "audit"):
        found: Coefficient | None = getattr(row, name)
        low, high = found.interval if found and found.interval else (None, None)
        record |= {name: found.value if found else None, f"{name}_low": low, f"{name}_high": high}
    return record
