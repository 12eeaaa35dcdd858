"""The figure of the theme table: participants in whom each code was found, of how many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.figures.canvas import Figure, finish, new_drawing
from reflect_analysis.figures.dots import WIDTH, DotLine, DotPlot, groups_of
from reflect_analysis.themes import ThemeRow, ThemeTable, shown_participants

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["theme_figure"]

_UNREAD, _UNKNOWN, _SMALL = "not read for this code", "no participant known", "not drawn: hidden"


def theme_figure(table: ThemeTable, *, k: int = 5, name: str = "themes") -> Figure:
    """Draw the participants of each code, in the codebook's order.

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
    lines = tuple(_line(row, k) for row in table.rows)
    plot = DotPlot(
        lines,
        f"Participants, of {_denominator(lines)} with a text that was read",
        filled="coded or reviewed by people",
        hollow="proposed by a machine, not reviewed",
        draft=table.draft,
    )
    drawing, axes = new_drawing(WIDTH, plot.height)
    plot.draw(axes)
    return finish(
        drawing,
        name=name,
        title="Participants in whom each code was found",
        alt_text=_alt_text(lines, draft=table.draft),
        data=_data(lines),
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


def _denominator(lines: Sequence[DotLine]) -> str:
    """The number at which the lines end, or the largest where they differ."""
    totals = {line.total for line in lines if line.total} or {0}
    return str(max(totals)) if len(totals) == 1 else f"up to {max(totals)}"


def _data(lines: Sequence[DotLine]) -> pd.DataFrame:
    """What is drawn: a hidden count is missing here too."""
    import pandas as pd

    columns = ["group", "code", "participants", "of_participants", "shown", "machine"]
    rows = [(li.group, li.label, li.count, li.total, li.told, li.hollow) for li in lines]
    return pd.DataFrame(rows, columns=columns).astype({"participants": "Int64"})


def _alt_text(lines: Sequence[DotLine], *, draft: bool) -> str:
    """The whole figure in words, group by group."""
    if not lines:
        return "An empty figure: there is no code."
    start = "Draft, machine coding not reviewed. " if draft else ""
    told = [
        f"{group}: {'; '.join(f'{line.label} {_in_words(line)}' for line in members)}."
        for group, members in groups_of(lines)
    ]
    return f"{start}Dot plot of the participants in whom each code was found. {' '.join(told)}"


def _in_words(line: DotLine) -> str:
    if line.missing == _SMALL:
        return "hidden, a count that could point to persons"
    return line.missing or line.told
