"""The joint display as it may be sent.

The range of scores is not printed: its ends are one person each. The middle half is, where at
least k people with a score stand on both sides of a code, and nobody can be told apart who
has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import (
    HIDDEN,
    ReleasedCell,
    TreeCount,
    count_note,
    hidden_in_groups,
    show_count,
)
from reflect_analysis.disclosure.counts import check_k
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.tables.values import Cell, Column, Of, Table, half_up

if TYPE_CHECKING:
    from reflect_analysis.joint import GroupShare, JointDisplay, JointRow, ScoreSummary

__all__ = ["joint_table"]

_NOT_TYPED = "not typed yet"


def joint_table(display: JointDisplay, *, k: int = 5, number: int = 1) -> Table:
    """Codes by group, scores with and without the code, quotes and the researcher's inference.

    Parameters
    ----------
    display : JointDisplay
        With exact counts.
    k : int
        Counts of persons below `k` are hidden, with their shares and intervals; at least 3, and
        no more than the groups were made for.
    number : int
        As in "Table 1".

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If `k` is larger than that of the display, whose groups could be smaller.
    """
    check_k(k)
    if k > display.k:
        raise ValueError(f"the groups were made for k = {display.k}: give joint_display k={k}")
    tied = _tied(display, k)
    scored = bool(display.scale)
    quoted = any(row.quotes for row in display.rows)
    columns = (
        Column("Code"),
        *(column for group in display.groups for column in _group_columns(group)),
        *(_score_columns(display.scale) if scored else ()),
        *((Column("Quotes"),) if quoted else ()),
        Column("Inference"),
    )
    return Table(
        title=f"Joint display: codes by {display.by}" + (f" and {display.scale}" * scored),
        columns=columns,
        rows=tuple(
            _cells(row, k, tied=row.code_id in tied, scored=scored, quoted=quoted)
            for row in display.rows
        ),
        number=number,
        note=_note(display, k, scored=scored),
        draft=display.draft,
        released=tuple(
            () if row.code_id in tied else tuple(_told(row, display, k)) for row in display.rows
        ),
    )


def _group_columns(group: str) -> tuple[Column, Column]:
    share = Column(f"{group}: % [95 %]", "number", width=14)
    return Column(group, "number", width=max(9, len(group) + 1)), share


def _score_columns(scale: str) -> tuple[Column, Column]:
    return (
        Column(f"{scale}, code mentioned", "number", width=15),
        Column(f"{scale}, not mentioned", "number", width=15),
    )


def _tied(display: JointDisplay, k: int) -> frozenset[str]:
    """The codes that others above or below them would give back."""
    columns = [
        [
            TreeCount(row.code_id, row.parent, row.groups[place].n, row.groups[place].of)
            for row in display.rows
            if row.groups[place].of
        ]
        for place in range(len(display.groups))
    ]
    totals = [
        TreeCount(row.code_id, row.parent, *row.total) for row in display.rows if row.total[1]
    ]
    return hidden_in_groups((*columns, totals), k)


def _cells(row: JointRow, k: int, *, tied: bool, scored: bool, quoted: bool) -> tuple[Cell, ...]:
    hidden = (True,) * len(row.groups) if tied else _hidden(row, k)
    groups = (
        cell
        for share, hide in zip(row.groups, hidden, strict=True)
        for cell in _share_cells(share, hide=hide)
    )
    scores = _score_cells(row, k, tied=tied) if scored else ()
    few = tied or show_count(*row.total, k=k).hides_rest
    most = 1 if few else len(row.quotes)  # two would tell that there are two
    quotes = (_quotes(row, most),) if quoted else ()
    return (row.code, *groups, *scores, *quotes, _inferred(row))


def _hidden(row: JointRow, k: int) -> tuple[bool, ...]:
    """Which groups are hidden: what the total in the theme table would give back as well."""
    read = [share for share in row.groups if share.of]
    found = iter(protect_row([s.n for s in read], [s.of for s in read], k).cells)
    return tuple(bool(share.of) and next(found) for share in row.groups)


def _share_cells(share: GroupShare, *, hide: bool) -> tuple[Cell, Cell]:
    if not share.of:
        return None, None
    if hide:
        return HIDDEN, HIDDEN
    low, high = half_up(100 * share.low), half_up(100 * share.high)
    return Of(share.n, share.of), f"{half_up(100 * share.n / share.of)} % [{low}–{high}]"


def _shows_scores(row: JointRow, k: int) -> bool:
    """Whether k people with a score stand on both sides, and those without are none or k."""
    sides = [side for side in (row.present, row.absent) if side is not None]
    return bool(sides) and all(
        side.n >= k and (side.of == side.n or side.of - side.n >= k) for side in sides
    )


def _score_cells(row: JointRow, k: int, *, tied: bool) -> tuple[Cell, Cell]:
    if not row.total[1]:
        return None, None
    if tied or not _shows_scores(row, k):
        return HIDDEN, HIDDEN
    return _score_cell(row.present), _score_cell(row.absent)


def _score_cell(scores: ScoreSummary | None) -> Cell:
    if scores is None:  # pragma: no cover  # both are there where they are shown
        return None
    middle, lower, upper = (half_up(x, 1) for x in (scores.median, scores.lower, scores.upper))
    return f"{middle} ({lower} to {upper}), n = {scores.n}"


def _quotes(row: JointRow, most: int) -> Cell:
    told = (f"“{' '.join(each.text.split())}” ({each.attribution})" for each in row.quotes[:most])
    return "\n".join(told) or None


def _inferred(row: JointRow) -> Cell:
    if row.inference is None:
        return _NOT_TYPED
    return f"{row.inference.kind}: {row.inference.text} ({row.inference.by})"


def _told(row: JointRow, display: JointDisplay, k: int) -> Iterator[ReleasedCell]:
    """The counts that a row tells, for the ledger."""
    for share, hide in zip(row.groups, _hidden(row, k), strict=True):
        if share.of and not hide:
            where = ((display.by, share.group),)
            yield ReleasedCell(row.code_id, where, share.n, share.n, share.of)
    if display.scale and _shows_scores(row, k):
        for name, side in (("mentioned", row.present), ("not mentioned", row.absent)):
            n = side.n if side else 0
            scale = (("code", name), ("scale", display.scale))
            yield ReleasedCell(row.code_id, scale, n, n, 0)


def _note(display: JointDisplay, k: int, *, scored: bool) -> str:
    groups = (
        f"Participants by {display.by}, of those who were read for the code, with Wilson’s 95 % "
        "intervals; they take participants for independent of their communities and are "
        "therefore too narrow."
    )
    scores = (
        f"{display.scale}: median (middle half), where at least {k} people with a score mentioned "
        f"the code and {k} did not."
    )
    parts = [
        groups,
        scores if scored else "",
        "Inferences are typed by the researchers; a score beside a code is no effect of it.",
        f"{len(display.open)} of {len(display)} inferences are not typed yet." * bool(display.open),
        count_note(k),
    ]
    return " ".join(part for part in parts if part)
