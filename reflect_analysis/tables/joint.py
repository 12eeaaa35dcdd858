"""The joint display as it may be sent.

The range of scores is not printed: its ends are one person each. Any quantile is the score of one
or two persons, and with five scores the median and both quartiles are three of them; so the
median stands only where at least k scores lie on either side of it (2k people), the quartiles
only where k lie beyond each (4k), and both in the digits that the scale's width makes sensible.
Both sides of a code must have at least k people with a score, and nobody may be told apart who
has none.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley. Percentiles are single
observations, which guides to the checking of output release only with a least number of others
on each side; that this number is k is our own rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import (
    HIDDEN,
    ReleasedCell,
    TreeCount,
    count_note,
    hidden_in_groups,
    show_count,
)
from reflect_analysis.disclosure.counts import check_same_k
from reflect_analysis.disclosure.linked import (
    People,
    ToldRow,
    hidden_beside_themes,
    imagined_for,
)
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.errors import agreeing, counted
from reflect_analysis.tables.values import Cell, Column, Of, Table, half_up

if TYPE_CHECKING:
    from reflect_analysis.joint import GroupShare, JointDisplay, JointRow, ScoreSummary

__all__ = ["display_values", "joint_table", "told_display"]

_NOT_TYPED = "not typed yet"


def joint_table(
    display: JointDisplay,
    *,
    k: int = 5,
    quotes: Mapping[str, str] | None = None,
    number: int = 1,
) -> Table:
    """Codes by group, scores with and without the code, quotes and the researcher's inference.

    Parameters
    ----------
    display : JointDisplay
        With exact counts.
    k : int
        Counts of persons below `k` are hidden, with their shares and intervals; at least 3, and
        no more than the groups were made for.
    quotes : mapping of str to str, optional
        Approved quotes by code id, as a report prints them elsewhere, in place of the display's.
    number : int
        As in "Table 1".

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If `k` is larger than that of the display, whose groups could be smaller, or a report
        found what must be withheld for another `k`.
    """
    check_same_k(k, display.withheld_at, asked="joint_display")
    if k > display.k:
        raise ValueError(f"the groups were made for k = {display.k}: give joint_display k={k}")
    tied = _tied(display, k)
    scored = bool(display.scale)
    told = _quotes_of(display, tied, k) if quotes is None else quotes
    quoted = any(row.code_id in told for row in display.rows)
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
            _cells(
                row,
                k,
                tied=row.code_id in tied,
                scored=scored,
                digits=_digits(display),
                quotes=(told.get(row.code_id),) if quoted else (),
            )
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


def told_display(display: JointDisplay, people: People, *, k: int) -> Iterator[ToldRow]:
    """What the rows would tell, as far as none is hidden for its own counts.

    Parameters
    ----------
    display : JointDisplay
    people : People
        Of the same study, with `display_values`.
    k : int
        At least 3.
    """
    tied = _in_trees(display, k)
    groups = {
        group: people.within(display.by, _members(display, group)) for group in display.groups
    }
    everyone = people.everyone()
    scored = people.within(_SCORED, ["yes"]) if display.scale else everyone
    around = [(units, everyone) for units in (*groups.values(), scored)]
    for row in display.rows:
        if row.total[1]:
            said, read = part = people.part([row.code_id])
            found = [] if row.code_id in tied else list(_open_groups(row, k))
            cells = [units & groups[group] for group in found for units in part]
            if row.code_id not in tied and display.scale and _shows_scores(row, k):
                cells += [said & scored, read & ~said & scored]
            yield ToldRow(row.code_id, tuple(cells), (part, *around), tells=(row.code_id,))


_SCORED = "a score"


def display_values(display: JointDisplay) -> dict[str, dict[str, str]]:
    """What participants bear of the attributes that a display tells of, for `People`."""
    found = {display.by: dict(display.group_of)}
    if display.scale:
        found[_SCORED] = dict.fromkeys(display.scored, "yes")
    return found


def _members(display: JointDisplay, group: str) -> set[str]:
    """The values of the attribute that a group joins."""
    named = set(display.group_of.values())
    return {group} if group in named else named.difference(display.groups)


def _open_groups(row: JointRow, k: int) -> Iterator[str]:
    """The groups whose counts would be printed."""
    for share, hide in zip(row.groups, _hidden(row, k), strict=True):
        if share.of and not hide:
            yield share.group


def _tied(display: JointDisplay, k: int) -> frozenset[str]:
    """The codes that others above or below them, or other counts, would give back."""
    hidden = _in_trees(display, k)
    if display.withheld is not None:
        return hidden | display.withheld
    if display.people is None:
        return hidden
    counts = (2 * len(display.groups) + 8) * len(display.people.codes)
    people = People(display.people, display_values(display), imagined=imagined_for(counts))
    found = hidden_beside_themes(people, told_display(display, people, k=k), k=k)
    return hidden | {str(code) for code in found}


def _in_trees(display: JointDisplay, k: int) -> frozenset[str]:
    """The codes that others above or below them would give back, in a group or in all."""
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


def _cells(
    row: JointRow,
    k: int,
    *,
    tied: bool,
    scored: bool,
    digits: int,
    quotes: tuple[Cell, ...],
) -> tuple[Cell, ...]:
    hidden = (True,) * len(row.groups) if tied else _hidden(row, k)
    groups = (
        cell
        for share, hide in zip(row.groups, hidden, strict=True)
        for cell in _share_cells(share, hide=hide)
    )
    scores = _score_cells(row, k, tied=tied, digits=digits) if scored else ()
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


def _score_cells(row: JointRow, k: int, *, tied: bool, digits: int) -> tuple[Cell, Cell]:
    if not row.total[1]:
        return None, None
    if tied or not _shows_scores(row, k):
        return HIDDEN, HIDDEN
    return _score_cell(row.present, k, digits), _score_cell(row.absent, k, digits)


def _score_cell(scores: ScoreSummary | None, k: int, digits: int) -> Cell:
    """``6 (3 to 17), n = 20``; without the quartiles, or the median, where too few stand beyond."""
    if scores is None:  # pragma: no cover  # both are there where they are shown
        return None
    if scores.n < 2 * k:
        return f"{HIDDEN}, n = {scores.n}"
    middle, lower, upper = (
        half_up(each, digits) for each in (scores.median, scores.lower, scores.upper)
    )
    beyond = f" ({lower} to {upper})" if scores.n >= 4 * k else ""
    return f"{middle}{beyond}, n = {scores.n}"


_WIDE = 10  # a scale on which whole points are fine enough for a median


def _digits(display: JointDisplay) -> int:
    """Digits after the point: none on a wide scale, whose scores are its points."""
    sides = [side for row in display.rows for side in (row.present, row.absent) if side and side.n]
    width = max((s.most for s in sides), default=0.0) - min((s.least for s in sides), default=0.0)
    return 0 if width >= _WIDE else 1


def _quotes_of(display: JointDisplay, tied: frozenset[str], k: int) -> dict[str, str]:
    """The quotes of each code that has any."""
    found = {}
    for row in display.rows:
        few = row.code_id in tied or show_count(*row.total, k=k).hides_rest
        most = 1 if few else len(row.quotes)  # two would tell that there are two
        told = (f"“{' '.join(q.text.split())}” ({q.attribution})" for q in row.quotes[:most])
        found[row.code_id] = "\n".join(told)
    return {code: words for code, words in found.items() if words}


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


def _taken_for_independent(by: str) -> str:
    if by == "community":
        return "they take the participants of one community for independent of one another"
    return "they take participants for independent of their communities and are too narrow"


def _on_joined(display: JointDisplay) -> str:
    """Why groups stand together; which they are is not said, because few bear their names."""
    if not display.joined:
        return ""
    told = (
        f"“Other groups”: groups of fewer than {display.k} participants, and those that a nation "
        "or community governs, are joined and not named"
    )
    alone = len(display.groups) == 1
    return f"{told}; here no group is left to stand beside them." if alone else f"{told}."


def _note(display: JointDisplay, k: int, *, scored: bool) -> str:
    groups = (
        f"Participants by {display.by}, of those who were read for the code, with Wilson’s 95 % "
        f"intervals; {_taken_for_independent(display.by)}."
    )
    scores = (
        f"{display.scale}: median of {2 * k} people or more (middle half, of {4 * k} or more), "
        f"where at least {k} people with a score mentioned the code and {k} did not."
    )
    waiting = f"{len(display.open)} of {counted(len(display), 'inference')}"
    parts = [
        groups,
        _on_joined(display),
        scores if scored else "",
        "Inferences are typed by the researchers; a score beside a code is no effect of it.",
        f"{waiting} {agreeing(len(display.open), 'are')} not typed yet." * bool(display.open),
        count_note(k),
    ]
    return " ".join(part for part in parts if part)
