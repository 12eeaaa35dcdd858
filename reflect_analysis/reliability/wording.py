"""Agreement in words: the sentence for the paper, and the page in a notebook.

A range is given with its minimum and the code that it belongs to, because under a mean a
code that failed is not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from reflect_analysis.provenance import package_version
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    CodeSpans,
)
from reflect_analysis.reliability.selection import phase_words
from reflect_analysis.reliability.showing import shown_row
from reflect_analysis.reliability.values import (
    Agreement,
)

if TYPE_CHECKING:
    from reflect_analysis.coefficients import Coefficient

__all__ = ["interval_words", "sentence_of", "told"]

Row = CodeAgreement | CodeSpans
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DASH = "–"
_PAIR = 2
EVEN = 0.5
_HIDDEN = "found by too few, or by nearly all"


def told(value: float, decimals: int = 2) -> str:
    """A coefficient in print, rounded half away from zero.

    Examples
    --------
    >>> told(0.666), told(-0.0009), told(float("nan"))
    ('0.67', '0.00', '–')
    """
    if isnan(value):
        return _DASH
    from decimal import ROUND_HALF_UP, Decimal

    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):f}".replace("-", "−")


def interval_words(coefficient: Coefficient, decimals: int = 2) -> str:
    """The interval in print; a dash where there is none."""
    interval = coefficient.interval
    if interval is None or interval.reason:
        return _DASH
    return f"{told(interval.lower, decimals)} to {told(interval.upper, decimals)}"


def sentence_of(agreement: Agreement, *, k: int, version: bool = True) -> str:
    """The sentence for the paper; each phase has its own.

    No range runs over a row that the table hides: its least and its greatest would be the
    hidden figures of one code.

    Parameters
    ----------
    agreement : Agreement
    k : int
        Counts of fewer persons are hidden; at least 3.
    version : bool
        Whether it names the package's version at its end.
    """
    agreement = agreement.safe(k=k)
    parts = [_of_phase(agreement, phase, k) for phase in agreement.phases]
    made = f"Computed with reflect_analysis {package_version()}." if version else ""
    return " ".join(filter(None, [*parts, _how(agreement, k), made]))


def _of_phase(agreement: Agreement, phase: str, k: int) -> str:
    rows = [row for row in _rows(agreement) if row.phase == phase]
    read = f"{_who(agreement)} read {_units(agreement, rows)}{_blindly(agreement)}"
    during = f" ({phase_words(phase)})" if phase else ""
    spans = "; the spans that they marked are compared" if agreement.unit == "span" else ""
    head = f"{read}{during} for {_count(sum(row.units > 0 for row in rows), 'code')}{spans}."
    told_of = _ranges(agreement, rows, k) or "For none of them can agreement be told."
    shown = _shown(rows, k)
    return f"{head} {told_of}{_left_out(rows, k)}{_gap(shown)}{_weak(shown)}"


def _shown(rows: Sequence[Row], k: int) -> list[Row]:
    """The rows of which nothing is hidden."""
    return [row for row in rows if not shown_row(row, k=k).hides_rest]


def _ranges(agreement: Agreement, rows: Sequence[Row], k: int) -> str:
    """The range of each coefficient over the codes of which it may be told; empty if none."""
    shown = _shown(rows, k)
    others = [_share(shown), *(_range(each, shown, of) for each, of in _others(agreement))]
    parts = list(filter(None, [_alphas(agreement, rows, k), *others]))
    told_of = "; ".join(parts)
    return f"{told_of[:1].upper()}{told_of[1:]}." if parts else ""


def _alphas(agreement: Agreement, rows: Sequence[Row], k: int) -> str:
    """Alpha's range over the rows that show it, its lowest with its code."""
    known = [row for row in rows if not isnan(shown_row(row, k=k).alpha)]
    if not known:
        return ""
    name = "The unitizing α" if agreement.unit == "span" else "Krippendorff’s α"
    least, most = (f(known, key=lambda row: row.alpha.value) for f in (min, max))
    return f"{name} of single codes ran from {_least(least)} to {told(most.alpha.value)}"


def _share(rows: Sequence[Row]) -> str:
    known = [row.percent.value for row in rows if isinstance(row, CodeAgreement)]
    values = [100 * value for value in known if not isnan(value)]
    if not values:
        return ""
    return f"agreement in {_ends(values, 0)} % of the units"


def _others(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """The other coefficients, by name and by field."""
    if agreement.unit == "span":
        return (
            ("F1 of exact matches", "exact"),
            ("F1 of overlapping matches", "overlapping"),
            ("F1 of marked characters", "characters"),
        )
    kappa = "Cohen’s κ" if len(agreement.coders) == _PAIR else "Fleiss’ κ"
    return ("positive agreement (F1)", "positive"), (kappa, "kappa"), ("Gwet’s AC1", "ac1")


def _range(name: str, rows: Sequence[Row], field: str) -> str:
    known = [v for v in (float(getattr(row, field).value) for row in rows) if not isnan(v)]
    return f"{name} {_ends(known)}" if known else ""


def _ends(values: Sequence[float], decimals: int = 2) -> str:
    """The least and the greatest; one number where both print alike."""
    least, most = told(min(values), decimals), told(max(values), decimals)
    return least if least == most else f"{least} to {most}"


def _left_out(rows: Sequence[Row], k: int) -> str:
    """How many codes the ranges leave out."""
    hidden = sum(shown_row(row, k=k).hides_rest for row in rows)
    if not hidden:
        return ""
    n = _count(hidden, "code")
    return f" The figures of {n}, {_HIDDEN}, are in none of these ranges."


def _gap(shown: Sequence[Row]) -> str:
    """The codes for which alpha could not be computed, by their reasons."""
    reasons = Counter(row.alpha.reason for row in shown if isnan(row.alpha.value))
    return "".join(
        f" For {_count(count, 'code')} α could not be computed ({reason})."
        for reason, count in reasons.items()
    )


def _weak(shown: Sequence[Row]) -> str:
    """The codes whose alpha is rather below the bound than above it."""
    weak = [row.code for row in shown if not isnan(row.below) and row.below > EVEN]
    if not weak:
        return ""
    which = ", ".join(weak)
    return f" For {_count(len(weak), 'code')} α is more likely below .667 than above it ({which})."


def _rows(agreement: Agreement) -> Sequence[Row]:
    if agreement.unit == "span":
        return agreement.spans
    return [row for row in agreement.rows if row.text == "all"]


def _who(agreement: Agreement) -> str:
    people = [name for name in agreement.coders if name not in agreement.machines]
    machines = [name for name in agreement.coders if name in agreement.machines]
    parts = (
        [f"{_number(len(people))} {'people' if len(people) != 1 else 'person'}"] if people else []
    )
    parts += [f"a machine ({name})" for name in machines]
    who = " and ".join(parts)
    return who[:1].upper() + who[1:]


def _number(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else str(n)


def _count(n: int, noun: str) -> str:
    return f"{_number(n)} {noun}{'s' * (n != 1)}"


def _units(agreement: Agreement, rows: Sequence[Row]) -> str:
    """How many units of which kind; several numbers where codes differ."""
    sizes = {row.units for row in rows if row.units} or {0}
    least, most = min(sizes), max(sizes)
    n = str(most) if least == most else f"{least} to {most}"
    noun = "document" if agreement.unit == "span" else agreement.unit
    kind = f"{noun}{'s' * (most != 1)}"
    if agreement.segments_by:
        kind += f" (by {agreement.segments_by})"
    return f"the same {n} {kind}"


def _blindly(agreement: Agreement) -> str:
    return (
        " independently of each other"
        if agreement.blind
        else ", not all of them blind to each other,"
    )


def _least(row: Row) -> str:
    """The least alpha with its interval and its code."""
    value, interval = told(row.alpha.value), row.alpha.interval
    if interval is None or interval.reason:
        return f"{value} ({row.code}; no interval)"
    level = round(100 * interval.level)
    return f"{value} ({row.code}; {level} % interval {interval_words(row.alpha)})"


def _how(agreement: Agreement, k: int) -> str:
    """How the intervals were found of the rows that show them; empty if no row may."""
    shown = _shown(_rows(agreement), k)
    if not any(row.units for row in shown):
        return ""
    methods = {
        row.alpha.interval.method
        for row in shown
        if row.alpha.interval is not None and not row.alpha.interval.reason
    }
    if not methods:
        return "No interval could be computed."
    whom = "participants" if agreement.by_participant else "documents"
    ways = {
        "jackknife": f"by the jackknife over {whom}",
        "bca": f"by {agreement.draws:,} bootstrap draws of {whom} (BCa, seed {agreement.seed})",
        "percentile": f"by {agreement.draws:,} bootstrap draws of {whom} (seed {agreement.seed})",
    }
    return f"Intervals are {' or '.join(ways[method] for method in sorted(methods))}."
