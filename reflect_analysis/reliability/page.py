"""The page of an agreement in a notebook: the sentence, the counts, what fell out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from reflect_analysis.coefficients import Coefficient
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    CodeSpans,
    SetAgreement,
    TextAgreement,
)
from reflect_analysis.reliability.selection import phase_words
from reflect_analysis.reliability.values import (
    TEXT_WORDS,
    Agreement,
)
from reflect_analysis.reliability.wording import interval_words, told

__all__ = ["page_of", "set_words", "text_words"]

_DASH = "–"


def page_of(agreement: Agreement) -> str:
    """The page that a notebook shows."""
    parts = [f"<p>{escape(agreement.sentence())}</p>"]
    for phase in agreement.phases:
        if agreement.unit == "span":
            rows = [row for row in agreement.spans if row.phase == phase]
            parts.append(_titled(f"By spans ({phase_words(phase)})", _span_table(rows)))
            continue
        for text in dict.fromkeys(row.text for row in agreement.rows if row.phase == phase):
            chosen = [r for r in agreement.rows if (r.phase, r.text) == (phase, text)]
            where = f", {TEXT_WORDS[text]}" if agreement.unit == "segment" else ""
            title = f"By {agreement.unit} ({phase_words(phase)}{where})"
            parts.append(_titled(title, _code_table(chosen)))
    parts += [f"<p>{escape(line)}</p>" for line in _second(agreement)]
    out = [f"{each} ({phase_words(each.phase)})" for each in agreement.left_out]
    parts.append(_listed("What did not enter", out))
    parts.append(_listed("To know beside it", agreement.notes))
    return "".join(parts)


def _titled(title: str, table: str) -> str:
    return f"<p><b>{escape(title)}</b></p>{table}"


def _listed(title: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<p>{escape(title)}</p><ul>{items}</ul>" if lines else ""


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in body
    )
    return f"<table><tr>{top}</tr>{rows}</table>"


def _code_table(rows: Sequence[CodeAgreement]) -> str:
    two = all(row.table for row in rows)
    cells = ["Both", "First only", "Second only", "Neither"] if two else ["Positives"]
    head = [
        "Code",
        "Units",
        *cells,
        "Agree",
        "Positive agreement (F1)",
        "κ",
        "α",
        "95 % interval",
        "AC1",
    ]
    body = [
        [
            row.code,
            str(row.units),
            *(map(str, row.table) if row.table else [" / ".join(map(str, row.positives))]),
            f"{told(100 * row.percent.value, 0)} %" if row.units else _DASH,
            told(row.positive.value),
            told(row.kappa.value),
            told(row.alpha.value),
            interval_words(row.alpha),
            told(row.ac1.value),
            told(row.below),
            "; ".join(row.undefined),
        ]
        for row in rows
    ]
    return _table([*head, "P(α < .667)", "Not computed"], body)


def _span_table(rows: Sequence[CodeSpans]) -> str:
    head = ["Code", "Documents", "Spans", "Exact F1", "Overlap F1", "Boundary distance", "uα"]
    body = [
        [
            row.code,
            str(row.units),
            " / ".join(map(str, row.positives)),
            told(row.exact.value),
            told(row.overlapping.value),
            told(row.distance.value, 0),
            told(row.alpha.value),
            interval_words(row.alpha),
            told(row.alpha_overlap.value),
            "; ".join(row.undefined),
        ]
        for row in rows
    ]
    return _table([*head, "95 % interval", "(k)uα", "Not computed"], body)


def _second(agreement: Agreement) -> Iterator[str]:
    """Sets and the whole text, after the codes."""
    for row in agreement.sets:
        yield set_words(row)
    for text in agreement.texts:
        yield text_words(text)


def set_words(row: SetAgreement) -> str:
    """Agreement on sets of codes, as a sentence."""
    where = f"{phase_words(row.phase)}, {TEXT_WORDS[row.text]}"
    return (
        f"All {row.n_codes} codes as sets ({where}): α with MASI distance "
        f"{_with_interval(row.masi)}, with Jaccard distance {_with_interval(row.jaccard)}, on "
        f"{row.units} units of which {row.empty} were given no code by anybody."
    )


def text_words(row: TextAgreement) -> str:
    """The unitizing family over all codes, as a sentence."""
    if not row.documents:
        return f"Spans of all codes ({phase_words(row.phase)}): {row.u.reason}."
    family = (
        ("coded or not, all text (|uα)", row.binary),
        ("borders and codes, all text (uα)", row.u),
        ("codes where marks overlap, without text that nobody coded (cuα)", row.cu),
    )
    figures = "; ".join(f"{name} {_with_interval(found)}" for name, found in family)
    where = f"{row.documents} documents, {row.characters:,} characters"
    return f"Spans of all codes in {where} ({phase_words(row.phase)}): {figures}."


def _with_interval(found: Coefficient) -> str:
    """A coefficient with its interval, or with the reason why there is none."""
    more = found.reason or interval_words(found)
    return f"{told(found.value)} ({more})" if more != _DASH else told(found.value)
