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
from reflect_analysis.reliability.selection import phase_words
from reflect_analysis.reliability.showing import shown_row
from reflect_analysis.reliability.values import Agreement, CodeAgreement, CodeSpans

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


def sentence_of(agreement: Agreement, *, k: int) -> str:
    """The sentence for the paper; each phase has its own."""
    parts = [_of_phase(agreement, phase, k) for phase in agreement.phases]
    closing = f"{_how(agreement)} Computed with reflect_analysis {package_version()}."
    return " ".join([*parts, closing])


def _of_phase(agreement: Agreement, phase: str, k: int) -> str:
    rows = [row for row in _rows(agreement) if row.phase == phase]
    known = [row for row in rows if not isnan(row.alpha.value)]
    read = f"{_who(agreement)} read {_units(agreement, rows)}{_blindly(agreement)}"
    during = f" ({phase_words(phase)})" if phase else ""
    head = f"{read}{during} for {_count(sum(row.units > 0 for row in rows), 'code')}."
    if not known:
        return f"{head} For none of them could agreement be computed."
    return f"{head} {_ranges(agreement, known, k)}{_gap(rows, k)}{_weak(known, k)}"


def _ranges(agreement: Agreement, rows: Sequence[Row], k: int) -> str:
    """The range of each coefficient over the codes; alpha's lowest with its code."""
    name = "The unitizing α" if agreement.unit == "span" else "Krippendorff’s α"
    least, most = (f(rows, key=lambda row: row.alpha.value) for f in (min, max))
    ends = f"{name} of single codes ran from {_least(least, k)} to {told(most.alpha.value)}"
    others = "; ".join([_share(rows), *(_range(each, rows, of) for each, of in _others(agreement))])
    return f"{ends}; {others}.".replace("; ; ", "; ")


def _share(rows: Sequence[Row]) -> str:
    values = [100 * row.percent.value for row in rows if isinstance(row, CodeAgreement)]
    if not values:
        return ""
    return f"agreement in {told(min(values), 0)} to {told(max(values), 0)} % of the units"


def _others(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """The other coefficients, by name and by field."""
    if agreement.unit == "span":
        return ("F1 of exact matches", "exact"), ("F1 of overlapping matches", "overlapping")
    kappa = "Cohen’s κ" if len(agreement.coders) == _PAIR else "Fleiss’ κ"
    return ("agreement on presence", "positive"), (kappa, "kappa"), ("Gwet’s AC1", "ac1")


def _range(name: str, rows: Sequence[Row], field: str) -> str:
    known = [v for v in (float(getattr(row, field).value) for row in rows) if not isnan(v)]
    return f"{name} from {told(min(known))} to {told(max(known))}" if known else ""


def _gap(rows: Sequence[Row], k: int) -> str:
    """The codes for which alpha could not be computed, by their reasons."""
    lost = [row for row in rows if isnan(row.alpha.value)]
    reasons = Counter(_HIDDEN if shown_row(r, k=k).hides_rest else r.alpha.reason for r in lost)
    return "".join(
        f" For {_count(count, 'code')} α could not be computed ({reason})."
        for reason, count in reasons.items()
    )


def _weak(rows: Sequence[Row], k: int) -> str:
    """The codes whose alpha is rather below the bound than above it."""
    weak = [row for row in rows if not isnan(row.below) and row.below > EVEN]
    if not weak:
        return ""
    names = [row.code for row in weak if not isnan(shown_row(row, k=k).alpha)]
    which = f" ({', '.join(names)})" if len(names) == len(weak) else ""
    return f" For {_count(len(weak), 'code')} α is more likely below .667 than above it{which}."


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
    tail = ", compared by the spans they marked," if agreement.unit == "span" else ""
    return f"the same {n} {kind}{tail}"


def _blindly(agreement: Agreement) -> str:
    return (
        " independently of each other"
        if agreement.blind
        else ", not all of them blind to each other,"
    )


def _least(row: Row, k: int) -> str:
    """The least alpha with its interval and its code, as far as they may be sent."""
    safe, interval = shown_row(row, k=k), row.alpha.interval
    value = told(row.alpha.value)
    if isnan(safe.alpha):
        return f"{value} (a code of few participants)"
    if safe.hides_rest:
        return f"{value} ({row.code})"
    if interval is None or interval.reason:
        return f"{value} ({row.code}; no interval)"
    level = round(100 * interval.level)
    return f"{value} ({row.code}; {level} % interval {interval_words(row.alpha)})"


def _how(agreement: Agreement) -> str:
    """How the intervals were found."""
    methods = {
        row.alpha.interval.method
        for row in _rows(agreement)
        if row.alpha.interval is not None and not row.alpha.interval.reason
    }
    if not methods:
        return "No interval could be computed."
    whom = "documents" if any("No corpus" in note for note in agreement.notes) else "participants"
    ways = {
        "jackknife": f"by the jackknife over {whom}",
        "bca": f"by {agreement.draws:,} bootstrap draws of {whom} (BCa, seed {agreement.seed})",
        "percentile": f"by {agreement.draws:,} bootstrap draws of {whom} (seed {agreement.seed})",
    }
    return f"Intervals are {' or '.join(ways[method] for method in sorted(methods))}."
