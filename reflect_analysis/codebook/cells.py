"""What stands in the cells of a codebook's table, both ways, without loss.

Items of a list stand one a line within the cell; the further lines of an item are indented by
two blanks. A counter-example is ``text — why``. What a spreadsheet would take for a formula is
disarmed by an apostrophe in CSV, and taken back when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from reflect_analysis._rows import FORMULA_STARTS, is_formula
from reflect_analysis.codebook.rows import CounterExample, Origin, Source

__all__ = [
    "armed",
    "join_counter",
    "join_items",
    "join_scopes",
    "join_sources",
    "print_origin",
    "read_origin",
    "rearmed",
    "split_counter",
    "split_items",
    "split_scopes",
    "split_source",
]

_DASH = " — "
_VERIFIED, _NOT_VERIFIED = " (verified)", " (not verified)"
_BULLET = re.compile(r"^[•▪‣◦]\s+")
_ORIGIN = re.compile(r"(\d+)\s*[–-]\s*(\d+)\s+of\s+(.+)", re.DOTALL)


# ── formulas ──


def armed(cell: str, *, for_csv: bool) -> str:
    """A cell as it is written: in CSV never a formula, and always such that it reads back.

    Examples
    --------
    >>> armed("=SUM(A1)", for_csv=True), rearmed("'=SUM(A1)"), armed("-11", for_csv=True)
    ("'=SUM(A1)", '=SUM(A1)', '-11')
    """
    computes = for_csv and is_formula(cell)
    return f"'{cell}" if computes or rearmed(cell) != cell else cell


def rearmed(cell: str) -> str:
    """What `armed` was given."""
    disarmed = cell.startswith("'") and cell.lstrip("'").startswith(FORMULA_STARTS)
    return cell[1:] if disarmed else cell


# ── lists ──


def join_items(items: Iterable[str]) -> str:
    r"""Items as the lines of a cell.

    Examples
    --------
    >>> join_items(["one", "two\nlines"])
    'one\ntwo\n  lines'
    """
    marked = (f"• {item}" if _BULLET.match(item) else item for item in items)
    return "\n".join(item.replace("\n", "\n  ") for item in marked)


def split_items(cell: str) -> list[str]:
    r"""The items of a cell; a bullet before one is taken off.

    Examples
    --------
    >>> split_items("• one\ntwo\n  lines\n")
    ['one', 'two\nlines']
    """
    items: list[str] = []
    for line in cell.split("\n"):
        if line.startswith("  ") and items:
            items[-1] += f"\n{line[2:]}"
        elif line.strip():
            items.append(_BULLET.sub("", line.lstrip()))
    return [item.strip() for item in items]


def join_counter(counter_examples: Iterable[CounterExample]) -> str:
    """Counter-examples as the lines of a cell."""
    return join_items(map(_counter_item, counter_examples))


def _counter_item(each: CounterExample) -> str:
    """``text — why`` on one line, where that can be read in one way only; else on several."""
    line = f"{each.text}{_DASH}{each.why}"
    if "\n" not in line and split_counter(line) == (each.text, each.why):
        return line
    # A line of the text that begins with dashes gets one more: the first with one alone parts.
    text = re.sub(r"\n(—+ )", r"\n—\1", each.text)
    return f"{text}\n— {each.why}"


def split_counter(item: str) -> tuple[str, str]:
    """Text and why of a counter-example; why is empty where there is no dash."""
    text, parted, why = item.partition("\n— ")
    if parted:
        return re.sub(r"\n—(—+ )", r"\n\1", text), why
    text, parted, why = item.rpartition(_DASH)
    return (text.strip(), why.strip()) if parted else (item, "")


def join_sources(sources: Iterable[Source]) -> str:
    """References as the lines of a cell, with a word behind those that somebody checked."""
    return join_items(map(_source_item, sources))


def _source_item(source: Source) -> str:
    if source.verified:
        return f"{source.cite}{_VERIFIED}"
    ambiguous = source.cite.endswith((_VERIFIED, _NOT_VERIFIED))
    return f"{source.cite}{_NOT_VERIFIED}" if ambiguous else source.cite


def split_source(item: str) -> tuple[str, bool]:
    """A reference, and whether somebody checked it."""
    for ending, verified in ((_NOT_VERIFIED, False), (_VERIFIED, True)):
        if item.endswith(ending):
            return item.removesuffix(ending), verified
    return item, False


def join_scopes(scopes: Mapping[str, str]) -> str:
    """``negated: include``, one a line."""
    return "\n".join(f"{scope}: {rule}" for scope, rule in scopes.items())


def split_scopes(cell: str) -> dict[str, str]:
    """The rules by scope."""
    pairs = (line.partition(":") for line in split_items(cell))
    return {scope.strip().lower(): rule.strip().lower() for scope, _, rule in pairs}


# ── places ──


def print_origin(origin: Origin | None) -> str:
    """``10–25 of DOCUMENT``."""
    return str(origin) if origin else ""


def read_origin(cell: str) -> dict[str, object] | None:
    """The parts of a printed origin, or `None` where it is none."""
    found = _ORIGIN.fullmatch(cell.strip())
    if not found:
        return None
    return {"document": found[3], "start": int(found[1]), "end": int(found[2])}
