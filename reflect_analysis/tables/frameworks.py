"""A filled framework, and the checklist, as they may be sent.

What accounts say of a row is told only as far as the counts beside it tell it: "for" where one
to four people spoke would say that somebody did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import HIDDEN, ReleasedCell, count_note
from reflect_analysis.frameworks.showing import SIDES, Side, SideShown, show_sides
from reflect_analysis.tables.values import NOT_READ, Cell, Column, Of, Table

if TYPE_CHECKING:
    from reflect_analysis.frameworks import (
        AnsweredChecklist,
        FilledFramework,
        FilledRow,
        Framework,
        WordingFinding,
    )

__all__ = [
    "checklist_table",
    "framework_matrix_table",
    "framework_table",
    "use_case_table",
    "wording_table",
]

_ROWS = {"decision-matrix": "Model", "components": "Component", "theory-of-change": "Link"}
_QUOTES = 2  # of a side; one where its count is hidden: two would tell that there are two
Sides = Mapping[tuple[str, Side], SideShown]


def framework_table(
    filled: FilledFramework,
    *,
    k: int = 5,
    quotes: Mapping[str, str] | None = None,
    number: int = 1,
) -> Table:
    """The rows of a framework with indicators, accounts for and against, and gaps.

    Parameters
    ----------
    filled : FilledFramework
        With exact counts.
    k : int
        Counts of persons below `k` are hidden; at least 3.
    quotes : mapping of str to str, optional
        Approved quotes by code id, as they may be printed; left out, there is no such column.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        Columns that would be empty are left out. What the accounts say stands as "for",
        "against", "for and against", "no account", "not read" or "no code", and of a side whose
        count is hidden stands only that it is. A reflexive study gets codes in place of counts.
    """
    sides = show_sides(filled, k=k)
    makers = [maker for maker in _makers(filled, sides, quotes) if maker.needed]
    rows = filled.rows
    reflexive = filled.approach == "reflexive"
    parted = any(row.row.part for row in rows)
    return Table(
        title=filled.framework.title,
        columns=tuple(maker.column for maker in makers),
        rows=tuple(tuple(maker.cell(row) for maker in makers) for row in rows),
        number=number,
        groups=tuple(row.row.part.capitalize() for row in rows) if parted else (),
        group_name="Part",
        note=_note(filled, k, reflexive=reflexive),
        draft=filled.draft,
        released=tuple(() if reflexive else tuple(_told(row, filled, sides)) for row in rows),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """A column, how its cell is made from a row, and whether any row fills it."""

    column: Column
    cell: Callable[[FilledRow], Cell]
    needed: bool = True


def _makers(
    filled: FilledFramework, sides: Sides, quotes: Mapping[str, str] | None
) -> list[_Maker]:
    rows, framework = filled.rows, filled.framework
    asked = any(row.row.indicators for row in rows)
    return [
        _Maker(Column(_ROWS.get(framework.kind, "Row")), lambda row: row.row.name),
        _Maker(
            Column("Condition"),
            lambda row: row.row.condition or None,
            any(row.row.condition for row in rows),
        ),
        _Maker(Column("Indicators"), _indicators, asked),
        *_accounts(filled, sides),
        _Maker(
            Column("Quotes"),
            lambda row: _quoted(row, sides, quotes or {}),
            quotes is not None,
        ),
        _Maker(Column("Gaps"), lambda row: _gaps(row, filled.names), any(map(_has_gap, rows))),
    ]


def _accounts(filled: FilledFramework, sides: Sides) -> list[_Maker]:
    """Counts on both sides and what they say; of a reflexive study the codes that may speak."""
    against = any(row.row.contradicts for row in filled.rows)
    if filled.approach == "reflexive":
        return [
            _Maker(Column("Codes for"), lambda row: _names(row.row.supports, filled.names)),
            _Maker(
                Column("Codes against"),
                lambda row: _names(row.row.contradicts, filled.names),
                against,
            ),
        ]
    unit = "Texts" if any(each.unit == "texts" for each in sides.values()) else "Participants"
    return [
        _Maker(Column(f"{unit} for", "number"), lambda row: _count(sides[row.row.id, "for"])),
        _Maker(
            Column(f"{unit} against", "number"),
            lambda row: _count(sides[row.row.id, "against"]),
            against,
        ),
        # Of the kind of numbers, so that it is hidden with them beside earlier releases.
        _Maker(Column("Accounts", "number"), lambda row: _standing(row, sides)),
    ]


def _count(side: SideShown) -> Cell:
    """``12 of 34``, ``<5 of 34``, or "–" where nobody read."""
    if side.shown is None:
        return None
    if side.shown.exact:
        return Of(side.shown.low, side.total)
    return side.shown.text if side.shown.text == HIDDEN else f"{side.shown.text} of {side.total}"


def _standing(row: FilledRow, sides: Sides) -> Cell:
    """What the printed counts say, and nothing that they do not."""
    if row.standing in {"no code", "not read"}:
        return row.standing
    read = [(side, sides[row.row.id, side]) for side in SIDES if sides[row.row.id, side].shown]
    if not any(each.says is not None for _, each in read):
        return HIDDEN
    words = [
        f"{side} {HIDDEN}" if each.says is None else side
        for side, each in read
        if each.says is not False
    ]
    return " and ".join(words) or "no account"


def _indicators(row: FilledRow) -> Cell:
    return "; ".join(f"{each.name}: {each}" for each in row.indicators) or None


def _has_gap(row: FilledRow) -> bool:
    return bool(row.missing or row.unread or not row.row.codes)


def _gaps(row: FilledRow, names: Mapping[str, str]) -> Cell:
    """What is missing whatever was said: figures, readers, codes."""
    gaps = [f"no figure for {', '.join(row.missing)}"] if row.missing else []
    gaps += [f"nobody read for {_names(row.unread, names)}"] if row.unread else []
    gaps += [] if row.row.codes else ["no code tells of it"]
    return "; ".join(gaps) or None


def _names(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return "; ".join(names[code] for code in codes) or NOT_READ


def _quoted(row: FilledRow, sides: Sides, quotes: Mapping[str, str]) -> Cell:
    found: list[str] = []
    for side, codes in zip(SIDES, (row.row.supports, row.row.contradicts), strict=True):
        told = sides[row.row.id, side].shown
        mine = dict.fromkeys(quotes[code] for code in codes if code in quotes)
        most = _QUOTES if told and not told.hides_rest else 1
        found += [f"{side.capitalize()}: {quote}" for quote in list(mine)[:most]]
    return "\n".join(found) or None


def _told(row: FilledRow, filled: FilledFramework, sides: Sides) -> Iterator[ReleasedCell]:
    """The counts that a row tells, for the ledger."""
    for side, codes in zip(SIDES, (row.row.supports, row.row.contradicts), strict=True):
        each = sides[row.row.id, side]
        if each.shown and each.shown.text != HIDDEN:
            what = f"{filled.framework.id} {row.row.id} {side}"
            low, high = each.shown.low, min(each.shown.high, each.total)
            yield ReleasedCell(what, (), low, high, each.total, each.unit, tuple(codes))


def _note(filled: FilledFramework, k: int, *, reflexive: bool) -> str:
    counted = (
        "Of N: those with a text that was read for any code of that side; each counts once. "
        f"{NOT_READ} not read, or no code: never zero. {count_note(k)}"
    )
    parts = [
        *filled.framework.always_said,
        _choice(filled),
        "" if reflexive else counted,
        f"Source: {filled.framework.source}" if filled.framework.source else "",
    ]
    return " ".join(part for part in parts if part)


def _choice(filled: FilledFramework) -> str:
    """What a person decided, who and why; a matrix without a choice says so."""
    if filled.choice is None:
        matrix = filled.framework.kind == "decision-matrix"
        return "Nobody has typed a choice yet." if matrix else ""
    named = (filled.framework[row_id].name for row_id in filled.choice.rows)
    order = "; ".join(f"{place}. {name}" for place, name in enumerate(named, start=1))
    why = filled.choice.why.strip().rstrip(".")
    return f"Chosen by {filled.choice.by}: {order}. Why: {why}."


def framework_matrix_table(filled: FilledFramework, *, number: int = 1) -> Table:
    """What each participant says of each row: for the study's own people, never sent.

    Parameters
    ----------
    filled : FilledFramework
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        Marked KEEP. A cell is "for", "against", "both", empty for read and silent, "not read"
        or "no code".
    """
    frame = filled.to_matrix()
    names = [row.row.name for row in filled.rows]
    body = zip(frame.index.tolist(), frame.to_numpy().tolist(), strict=True)
    return Table(
        title=f"{filled.framework.title}: what each participant says",
        columns=(Column("Participant"), *map(Column, names)),
        rows=tuple((str(case), *map(str, cells)) for case, cells in body),
        number=number,
        note="A row is one person. Empty: read, and nothing said of it.",
        draft=filled.draft,
        keep=True,
    )


def use_case_table(framework: Framework, *, number: int = 1) -> Table:
    """Situations with the model that comes first and those beside it.

    Parameters
    ----------
    framework : Framework
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        Without a row where the framework names no use case.
    """
    rows = tuple(
        (
            case.situation,
            framework[case.primary].name,
            "; ".join(framework[row_id].name for row_id in case.complementary) or None,
        )
        for case in framework.use_cases
    )
    columns = Column("Situation"), Column("Primary model"), Column("Complementary models")
    return Table(
        title=f"{framework.title}: use cases",
        columns=columns,
        rows=rows,
        number=number,
        note=" ".join(framework.always_said),
        released=((),) * len(rows),
    )


def checklist_table(
    answered: AnsweredChecklist,
    *,
    findings: Sequence[WordingFinding] | None = None,
    number: int = 1,
) -> Table:
    """A checklist with the author's answers; what is not answered says so.

    Parameters
    ----------
    answered : AnsweredChecklist
    findings : sequence of WordingFinding, optional
        Of `check_wording` on the report's own words; left out, the table says that nobody
        checked them.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    framework = answered.framework
    rows = tuple((_question(row.name, row.text), *answered.told(row.id)) for row in framework)
    return Table(
        title=framework.title,
        columns=(Column("Question"), Column("Answer"), Column("Answered by")),
        rows=rows,
        number=number,
        groups=tuple(row.part for row in framework) if any(row.part for row in framework) else (),
        group_name="Part",
        note=" ".join(filter(None, (*framework.always_said, _worded(framework, findings)))),
        released=((),) * len(rows),
    )


def _question(name: str, text: str) -> str:
    return f"{name} {text}".strip()


def _worded(framework: Framework, findings: Sequence[WordingFinding] | None) -> str:
    if not framework.terms:
        return ""
    if findings is None:
        return "The report’s own words were not searched for deficit terms."
    if not findings:
        return f"None of {len(framework.terms)} deficit terms stands in the report’s own words."
    return f"Deficit terms in the report’s own words: {'; '.join(map(str, findings))}."


def wording_table(findings: Sequence[WordingFinding], *, number: int = 1) -> Table:
    """Where a report's own words use deficit terms: for its authors.

    Parameters
    ----------
    findings : sequence of WordingFinding
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        Marked KEEP.
    """
    rows = tuple(
        (found.term, f"{found.paragraph}.{found.sentence}", found.line, found.context)
        for found in findings
    )
    columns = (
        Column("Term"),
        Column("Paragraph and sentence"),
        Column("Line", "number"),
        Column("Sentence", width=60),
    )
    return Table("Deficit terms in the report’s own words", columns, rows, number, keep=True)
