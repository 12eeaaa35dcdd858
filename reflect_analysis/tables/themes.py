"""The theme table as it may be sent: small counts hidden, and all that would give them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reflect_analysis.disclosure import (
    ALL_TEXTS,
    HIDDEN,
    ReleasedCell,
    Shown,
    count_note,
    released_count,
    released_total,
)
from reflect_analysis.tables.values import NOT_READ, Cell, Column, Of, Table, half_up
from reflect_analysis.themes import ThemeRow, ThemeTable, shareable_themes, shown_participants

__all__ = ["STATUS_WORDS", "shown_themes"]

STATUS_WORDS: dict[str, str] = {
    "human": "people",
    "reviewed": "machine, reviewed",
    "machine": "machine",
    "not read": "nobody",
}


def shown_themes(
    table: ThemeTable,
    *,
    k: int = 5,
    quotes: Mapping[str, str] | None = None,
    agreement: Mapping[str, float] | None = None,
    agreement_note: str = "",
    texts: int | None = None,
    number: int = 1,
) -> Table:
    """A theme table with small counts hidden, ready for any format.

    Where a count of participants is hidden, the reflections, passages, median, communities
    and interval of its row are hidden with it, and rows of codes above or below that would give
    it back. A reflexive study gets meanings instead of
    counts.

    Parameters
    ----------
    table : ThemeTable
        With exact counts.
    k : int
        Counts of persons below `k` are hidden; at least 3.
    quotes : mapping of str to str, optional
        What stands in the quote column, by code id; left out, there is no such column.
    agreement : mapping of str to float, optional
        A coefficient by code id, in [−1, 1], as it may be sent.
    agreement_note : str
        What that coefficient is, of whom, on which units.
    texts : int, optional
        Texts in the study, from which follows how many were not read for a code.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    table = shareable_themes(table, k=k)
    reflexive = table.approach == "reflexive"
    makers = _meanings() if reflexive else _counts(table, k, agreement or {}, texts)
    if quotes is not None:
        makers.append(_Maker(Column("Quote"), lambda row: quotes.get(row.code_id, NOT_READ)))
    return Table(
        title="Codes by theme or group" if reflexive else _title(table),
        columns=tuple(maker.column for maker in makers),
        rows=tuple(tuple(maker.cell(row) for maker in makers) for row in table.rows),
        number=number,
        groups=tuple(row.claim or row.group for row in table.rows),
        group_name="Theme or group",
        note=_meaning_note() if reflexive else f"{_note(table, k)} {agreement_note}".rstrip(),
        draft=table.draft,
        released=tuple(() if reflexive else _told(row, k, texts) for row in table.rows),
    )


def _told(row: ThemeRow, k: int, texts: int | None) -> tuple[ReleasedCell, ...]:
    """The counts that a row tells, for the ledger."""
    shown = shown_participants(row, k=k)
    if shown is None:
        return (released_total(ALL_TEXTS, texts, "texts"),) if texts else ()
    cells = []
    if row.of_participants and shown.text != HIDDEN:
        cells.append(released_count(row.code_id, shown, row.of_participants))
    if not shown.hides_rest:
        texts_told = (row.reflections or 0, row.of_reflections)
        rest = {"passages": row.references, "communities": row.communities}
        if row.quiet:
            del rest["passages"]
        else:
            cells.append(ReleasedCell(row.code_id, (), texts_told[0], *texts_told, "texts"))
        cells += [released_total(row.code_id, n, unit) for unit, n in rest.items() if n is not None]
    return tuple(cells)


@dataclass(frozen=True, slots=True)
class _Maker:
    """A column, and how its cell is made from a row."""

    column: Column
    cell: Callable[[ThemeRow], Cell]


def _meanings() -> list[_Maker]:
    """The columns of a reflexive study."""
    return [
        _Maker(Column("Code"), lambda row: row.code),
        _Maker(Column("Meaning"), lambda row: row.definition),
    ]


def _counts(
    table: ThemeTable, k: int, agreement: Mapping[str, float], texts: int | None
) -> list[_Maker]:
    """The columns of a study that counts."""
    shown = {row.code_id: shown_participants(row, k=k) for row in table.rows}

    def rest(value: Callable[[ThemeRow], Cell]) -> Callable[[ThemeRow], Cell]:
        """A figure of the row, hidden where it would give the count of participants back."""
        return lambda row: _beside(shown[row.code_id], value(row))

    def in_texts(value: Callable[[ThemeRow], Cell]) -> Callable[[ThemeRow], Cell]:
        """A figure of texts, hidden where it would give few people of a change back as well."""
        told = rest(value)
        return lambda row: HIDDEN if row.quiet and shown[row.code_id] else told(row)

    makers = [
        _Maker(Column("Code"), lambda row: row.code),
        _Maker(
            Column("Participants", "number"), lambda row: _participants(row, shown[row.code_id])
        ),
        _Maker(Column("Reflections", "number"), lambda row: _reflections(row, shown, texts)),
        _Maker(Column("Passages", "number"), in_texts(lambda row: row.references)),
        _Maker(Column("Median passages", "number", 1), in_texts(lambda row: row.median_references)),
        _Maker(Column("Communities", "number"), rest(lambda row: row.communities)),
        _Maker(Column("Coded by"), lambda row: STATUS_WORDS[row.status]),
        _Maker(Column("Agreement", "number", 2), lambda row: agreement.get(row.code_id)),
    ]
    if _of_reflections_alone(table):
        of_persons = {"Participants", "Median passages", "Communities"}
        makers = [maker for maker in makers if maker.column.name not in of_persons]
    if any(row.low is not None for row in table.rows):
        makers.insert(2, _Maker(Column("95 % interval", "number"), rest(_interval)))
    return makers


def _beside(shown: Shown | None, value: Cell) -> Cell:
    if shown is None:
        return None
    return HIDDEN if shown.hides_rest else value


def _participants(row: ThemeRow, shown: Shown | None) -> Cell:
    """``12 of 34``, ``<5 of 34``, or "–" where nobody read or no participant is known."""
    if shown is None or row.of_participants == 0:
        return None
    if shown.exact:
        return Of(shown.low, row.of_participants)
    return shown.text if shown.text == HIDDEN else f"{shown.text} of {row.of_participants}"


def _reflections(row: ThemeRow, shown: Mapping[str, Shown | None], texts: int | None) -> Cell:
    """``20 of 90``; where nobody read, "–" with the number of texts not read."""
    if row.reflections is None:
        return f"{NOT_READ} ({texts} not read)" if texts else None
    if row.quiet:
        return HIDDEN
    return _beside(shown[row.code_id], Of(row.reflections, row.of_reflections))


def _interval(row: ThemeRow) -> Cell:
    if row.low is None or row.high is None:
        return None
    return f"{half_up(100 * row.low)}–{half_up(100 * row.high)} %"


def _title(table: ThemeTable) -> str:
    if _of_reflections_alone(table):
        return "Reflections in which each code was found"
    return "Participants in whom each code was found"


def _of_reflections_alone(table: ThemeTable) -> bool:
    """Whether texts were read of which no participant is known."""
    read = any(row.of_reflections for row in table.rows)
    return read and not any(row.of_participants for row in table.rows)


def _note(table: ThemeTable, k: int) -> str:
    """What the reader of the table alone needs to know."""
    parts = [
        "Of N: texts that were read for the code; whose they are is not known."
        if _of_reflections_alone(table)
        else "Of N: participants with a text that was read for the code; each counts once.",
        "A passage of a subcode counts for its parent as well. The order is the codebook's.",
        f"{NOT_READ} not read for this code, or not known: never zero.",
        count_note(k),
    ]
    if any(row.quiet for row in table.rows):
        parts.append(
            "Reflections and passages are hidden where, less the participants, they would tell "
            "how few mentioned the code in two sessions."
        )
    if any(row.low is not None for row in table.rows):
        parts.append(
            "Intervals are Wilson's; they take participants for independent of their "
            "communities and are therefore too narrow."
        )
    return " ".join(parts)


def _meaning_note() -> str:
    return "The order is the codebook's. How often something was said is no measure of its weight."
