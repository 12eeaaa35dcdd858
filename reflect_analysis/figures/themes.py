"""The figure of the theme table: participants in whom each code was found, of how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.figures.canvas import Figure, finish, new_drawing
from reflect_analysis.figures.dots import WIDTH, DotLine, DotPlot, groups_of
from reflect_analysis.themes import ThemeRow, ThemeTable, shareable_themes, shown_participants

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["theme_figure"]

_UNREAD, _UNKNOWN, _SMALL = "not read for this code", "no participant known", "not drawn: hidden"


def theme_figure(table: ThemeTable, *, k: int = 5, name: str = "themes") -> Figure:
    """Draw the participants of each code, in the codebook's order.

    Where texts were read and no participant is known, reflections are drawn instead.

    A code with a small count has no dot and says so in its place; so has a code that nobody
    read for. The line of each code ends at the number of participants read for it.

    Parameters
    ----------
    table : ThemeTable
    k : int
        Counts of persons below `k` are not drawn; at least 3.
    name : str
        Stem of the files.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        For a reflexive study, in which a count is no measure of weight.
    """
    if table.approach == "reflexive":
        raise ValueError("a reflexive study has no figure of counts; its theme table has meanings")
    table = shareable_themes(table, k=k)
    known = any(row.of_participants for row in table.rows)
    whole = not known and any(row.of_reflections for row in table.rows)
    lines = tuple((_line_of_texts if whole else _line)(row, k) for row in table.rows)
    noun = "reflections" if whole else "participants"
    found = f"{noun} in {'which' if whole else 'whom'}"
    read = "that were read" if whole else "with a text that was read"
    plot = DotPlot(
        lines,
        f"{noun.capitalize()}, of {_denominator(lines)} {read}",
        filled="coded or reviewed by people",
        hollow="proposed by a machine, not reviewed",
        draft=table.draft,
    )
    drawing, axes = new_drawing(WIDTH, plot.height)
    plot.draw(axes)
    return finish(
        drawing,
        name=name,
        title=f"{found.capitalize()} each code was found",
        alt_text=_alt_text(lines, found, draft=table.draft),
        data=_data(lines, noun),
        draft=table.draft,
    )


def _line(row: ThemeRow, k: int) -> DotLine:
    shown = shown_participants(row, k=k)
    name, machine = row.claim or row.group, row.status == "machine"
    if shown is None:
        return DotLine(name, row.code, "–", None, 0, _UNREAD, machine)
    total = row.of_participants
    if total == 0:
        return DotLine(name, row.code, "–", None, 0, _UNKNOWN, machine)
    if shown.exact:
        return DotLine(name, row.code, f"{shown} of {total}", shown.low, total, "", machine)
    told = shown.text if shown.text == HIDDEN else f"{shown} of {total}"
    return DotLine(name, row.code, told, None, total, _SMALL, machine)


def _line_of_texts(row: ThemeRow, k: int) -> DotLine:
    """The reflections of a row, where no participant is known."""
    shown = shown_participants(row, k=k)
    name, machine = row.claim or row.group, row.status == "machine"
    if shown is None or row.reflections is None:
        return DotLine(name, row.code, "–", None, 0, _UNREAD, machine)
    total = row.of_reflections
    if shown.hides_rest:
        return DotLine(name, row.code, HIDDEN, None, total, _SMALL, machine)
    told = f"{row.reflections} of {total}"
    return DotLine(name, row.code, told, row.reflections, total, "", machine)


def _denominator(lines: Sequence[DotLine]) -> str:
    """The number at which the lines end, or the largest where they differ."""
    totals = {line.total for line in lines if line.total} or {0}
    return str(max(totals)) if len(totals) == 1 else f"up to {max(totals)}"


def _data(lines: Sequence[DotLine], noun: str) -> pd.DataFrame:
    """What is drawn: a hidden count is missing here too."""
    import pandas as pd

    columns = ["group", "code", noun, f"of_{noun}", "shown", "machine"]
    rows = [(li.group, li.label, li.count, li.total, li.told, li.hollow) for li in lines]
    return pd.DataFrame(rows, columns=columns).astype({noun: "Int64"})


def _alt_text(lines: Sequence[DotLine], found: str, *, draft: bool) -> str:
    """The whole figure in words, group by group."""
    if not lines:
        return "An empty figure: there is no code."
    start = "Draft, machine coding not reviewed. " if draft else ""
    told = [
        f"{group}: {'; '.join(f'{line.label} {_in_words(line)}' for line in members)}."
        for group, members in groups_of(lines)
    ]
    return f"{start}Dot plot of the {found} each code was found. {' '.join(told)}"


def _in_words(line: DotLine) -> str:
    if line.missing == _SMALL:
        return "hidden, a count that could point to persons"
    return line.missing or line.told
