"""An evaluation as text, as a table in a notebook, and as the sentence of a paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import fmean
from typing import TYPE_CHECKING, Literal

from reflect_analysis.coders.evaluation.values import (
    AGREEMENT,
    FEW,
    FEWEST,
    MEASURES,
    counted,
    figure,
)

if TYPE_CHECKING:
    from reflect_analysis.coders.evaluation.values import Evaluation, EvaluationRow, Measured
    from reflect_analysis.coefficients import Coefficient

__all__ = ["as_html", "as_text", "summary"]

# κ first, and the people's figure beside the machine's: that is the comparison.
NAMES: dict[Measured, str] = {
    "kappa": "κ",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "ac1": "AC1",
    "average_precision": "Average precision",
}
Whose = Literal["machine", "common", "people"]
WHOSE: dict[Whose, str] = {"machine": "", "common": "On common units: ", "people": "People: "}
MARK = "*"
STYLE = "text-align:left;vertical-align:top;white-space:nowrap;padding:2px 8px"


def summary(evaluation: Evaluation) -> str:
    """What was measured and what came out, in the past tense."""
    told = (
        f"The coder “{evaluation.coder}” was measured against "
        f"{counted(len(evaluation.people), 'person', 'people')} on "
        f"{_texts(evaluation)} by "
        f"{counted(evaluation.groups, evaluation.grouped_by)} ({evaluation.split})"
    )
    people = evaluation.people_over_codes()
    # Side by side only what has both: codes with positives enough by everybody.
    common = {row.code_id for row in evaluation.between if row.kappa} if people else None
    machine = evaluation.over_codes(codes=common)
    if machine is None:
        return f"{told}; no code had {FEWEST} positives, so that no figure is given."
    by = " by each person" if people else ""
    over = f"Over the {machine.codes} codes" if machine.codes > 1 else "For the one code"
    told += f". {over} with at least {FEWEST} positives{by} the mean κ was {machine}"
    if people is not None and evaluation.same_units:
        told += f"; that of the people with each other on the same units was {people}"
    elif people is not None:
        told += (
            f". Not everybody read the same units: on those that two people read, the mean κ of "
            f"the machine with them was {evaluation.common_over_codes()}, that of the people with "
            f"each other {people}"
        )
    return f"{told}."


def _texts(evaluation: Evaluation) -> str:
    """How many units of how many documents."""
    documents = counted(evaluation.documents, "document")
    unit = _unit(evaluation)
    if unit == "document" and evaluation.units == evaluation.documents:
        return documents
    return f"{counted(evaluation.units, unit)} of {documents}"


def _unit(evaluation: Evaluation) -> str:
    kinds = [row.unit for row in evaluation.rows if row.unit != "reflection"]
    return kinds[0] if kinds else "segment"


def _columns(evaluation: Evaluation) -> list[tuple[Measured, Whose]]:
    """The measures that a row has, and whose they are.

    Of the machine; of the machine on what two people read, where that is less; of the people.
    """
    beside: list[Whose] = ["people"] if evaluation.same_units else ["common", "people"]
    found: list[tuple[Measured, Whose]] = []
    for name in NAMES:
        if any(getattr(row, name) for row in evaluation.rows):
            found.append((name, "machine"))
            if evaluation.between and name in AGREEMENT:
                found += [(name, whose) for whose in beside]
    return found


def _heads(evaluation: Evaluation) -> list[str]:
    named = ["Code", "Unit", "Against", "Units", "Positives", "Proposed"]
    told = [f"{WHOSE[whose]}{NAMES[name]}" for name, whose in _columns(evaluation)]
    return [*named, *(told or [""])]


def _cells(evaluation: Evaluation, row: EvaluationRow) -> list[str]:
    """A row as text; where there are no figures the reason stands in their place."""
    marked = MARK if row.shown.startswith(f"fewer than {FEW}") else ""
    named = [row.code, row.unit, row.against]
    if not row.against:
        return [*named, "", "", "", row.shown]
    counts = [str(row.units), f"{row.positives}{marked}", str(row.proposed)]
    if not row.has_figures:
        return [*named, *counts, f"{row.shown}{f' ({row.note})' if row.note else ''}"]
    figures = [
        _cell(getattr(row, name))
        if whose == "machine"
        else _beside_cell(evaluation, row, name, whose)
        for name, whose in _columns(evaluation)
    ]
    return [*named, *counts, *figures]


def _beside_cell(evaluation: Evaluation, row: EvaluationRow, name: Measured, whose: Whose) -> str:
    """The person's agreement with the others, or the machine's on the units of these.

    Of several the mean and the lowest.
    """
    pairs = evaluation.beside(row)
    shown = [pair for pair in pairs if pair.kappa is not None]
    if not shown:
        return pairs[0].shown if pairs and name == "kappa" and whose == "people" else "–"
    common = whose == "common"
    found = [evaluation.on_common(row, p, name) if common else getattr(p, name) for p in shown]
    if len(found) == 1:
        return _cell(found[0])
    values = [each.value for each in found if each is not None]
    return f"{figure(fmean(values))} (lowest {figure(min(values))})"


def _cell(coefficient: Coefficient | None) -> str:
    """A figure with its interval."""
    if coefficient is None:
        return "–"
    if coefficient.reason:
        return f"– ({coefficient.reason})"
    interval = coefficient.interval
    if interval is None or interval.reason:
        return figure(coefficient.value)
    return f"{figure(coefficient.value)} [{figure(interval.lower)}, {figure(interval.upper)}]"


def _notes(evaluation: Evaluation) -> list[str]:
    notes = [evaluation.summary, *evaluation.notes]
    if any(row.has_figures and row.shown != "measured" for row in evaluation.rows):
        notes.append(f"{MARK} fewer than {FEW} positives: the figures are rough.")
    if any(_lacks_interval(row) for row in evaluation.rows):
        notes.append("Without an interval: the figure is the same without any one participant.")
    named = sorted({f"{row.code}: {row.note}" for row in evaluation.rows if row.note})
    return [*notes, *(f"{note}." for note in named)]


def _lacks_interval(row: EvaluationRow) -> bool:
    found = [getattr(row, name) for name in MEASURES]
    return any(c.interval.reason for c in found if c is not None and c.interval is not None)


def as_text(evaluation: Evaluation) -> str:
    """The table in columns of a fixed width, then the sentence and the notes."""
    heads = _heads(evaluation)
    rows = [heads, *(_cells(evaluation, row) for row in evaluation.rows)]
    full = [row for row in rows if len(row) == len(heads)]
    widths = [max(len(row[i]) for row in full) for i in range(len(heads))]
    for row in rows:
        widths[:3] = [max(w, len(cell)) for w, cell in zip(widths[:3], row[:3], strict=True)]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([*lines, "", *_notes(evaluation)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join(padded).rstrip()


def as_html(evaluation: Evaluation) -> str:
    """A table for a notebook: words to the left, the reason across where there are no figures."""
    heads = _heads(evaluation)
    head = "".join(f'<th scope="col" style="{STYLE}">{escape(name)}</th>' for name in heads)
    body = "".join(_html_row(_cells(evaluation, row), len(heads)) for row in evaluation.rows)
    notes = "".join(f"<p>{escape(note)}</p>" for note in _notes(evaluation))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def _html_row(cells: Sequence[str], width: int) -> str:
    *first, last = cells
    rest = width - len(first)
    span = f' colspan="{rest}"' if rest > 1 else ""
    told = "".join(f'<td style="{STYLE}">{escape(cell)}</td>' for cell in first)
    return f'<tr>{told}<td{span} style="{STYLE}">{escape(last)}</td></tr>'
