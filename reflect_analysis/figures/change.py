"""Change over sessions: the grid of participants is kept, the flows may be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.change import BOTH, NEITHER, NO_TEXT, UNREAD
from reflect_analysis.errors import counted
from reflect_analysis.figures.canvas import (
    GREY,
    INK,
    ORANGE,
    Figure,
    finish,
    new_drawing,
    say,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reflect_analysis.change import StateChanges

__all__ = ["flow_figure", "session_grid"]

KEEP_MARK = "KEEP: a row is one person; never to be sent"
_HIDDEN = "hidden"
_NO_FLOW = "Flows: none is drawn, as each could point to persons."
_ROW = 0.22
_TOP, _DEPTH, _BAR = 0.45, 3.6, 0.34  # inches
_READABLE = 0.14  # a block that is lower has no room for its number


@dataclass(frozen=True, slots=True)
class _Look:
    """How a state is drawn: by colour, and by hatching where there is no colour."""

    face: str
    hatch: str = ""


def _looks(changes: StateChanges) -> dict[str, _Look]:
    first, second = changes.states
    return {
        first: _Look(ORANGE),
        BOTH: _Look("#CC79A7", "////"),
        second: _Look("#56B4E9", "...."),
        NEITHER: _Look("#e4e8ea"),
        UNREAD: _Look("white", "xxxx"),
        NO_TEXT: _Look("white"),
        _HIDDEN: _Look("#f4f1e6", "\\\\\\\\"),
    }


def session_grid(changes: StateChanges, *, name: str = "KEEP-session-grid") -> Figure:
    """Draw each participant's state in each session: for the study's own people, never sent.

    Parameters
    ----------
    changes : StateChanges
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``case_id, session, state``.
    """
    people, looks = changes.participants, _looks(changes)
    left, cell = 1.0, min(1.1, 5.2 / max(len(changes.sessions), 1))
    height = 0.9 + _ROW * len(people) + 0.45
    drawing, axes = new_drawing(7.6, height)
    say(axes, 0.15, 0.18, KEEP_MARK, fontsize=8, weight="bold", color=ORANGE)
    for place, session in enumerate(changes.sessions):
        say(axes, left + cell * (place + 0.5), 0.5, f"Session {session}", ha="center", fontsize=8.5)
    for line, case_id in enumerate(people):
        y = 0.65 + _ROW * line
        say(axes, left - 0.12, y + _ROW / 2, case_id, ha="right", fontsize=8.5)
        for place, session in enumerate(changes.sessions):
            look = looks[changes.state(case_id, session).state]
            _box(axes, left + cell * place, y, cell - 0.04, _ROW - 0.03, look)
    _key(axes, changes.names, looks, height - 0.28)
    frame = changes.to_frame()[["case_id", "session", "state"]]
    title = "Participants and what they mentioned in each session"
    there = f"{counted(len(people), 'participant')}, {counted(len(changes.sessions), 'session')}"
    alt = f"{KEEP_MARK}. {title}: {there}."
    return finish(drawing, name=name, title=title, alt_text=alt, data=frame, draft=changes.draft)


def flow_figure(changes: StateChanges, *, k: int = 5, name: str = "state-flows") -> Figure:
    """Draw participants by state in each session, and how many moved from which to which.

    States whose counts are hidden are one block; a flow is drawn where at least `k` people take
    it and, beside the other tables of change, it lets no few follow (`StateChanges.shown_moves`).

    Parameters
    ----------
    changes : StateChanges
    k : int
        At least 3.
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``session, state, participants`` and, for a flow, ``to_session, to_state``.
    """
    looks, columns = _looks(changes), _columns(changes, k)
    flows = _flows(changes, k)
    drawing, axes = new_drawing(7.6, _TOP + _DEPTH + 0.75)
    step = 6.6 / max(len(changes.sessions) - 1, 1)
    at = {session: 0.4 + step * place for place, session in enumerate(changes.sessions)}
    scale = _DEPTH / max(len(changes.participants), 1)
    _draw_flows(axes, flows, columns, at, scale, looks)
    for session, blocks in columns.items():
        say(axes, at[session], 0.25, f"Session {session}", ha="left", fontsize=8.5)
        for block in blocks:
            _box(axes, at[session], block.top, _BAR, block.n * scale, looks[block.state])
            if block.n * scale >= _READABLE:
                middle = block.top + block.n * scale / 2
                say(axes, at[session] + _BAR + 0.06, middle, str(block.n), fontsize=8.5)
    if not flows and len(changes.sessions) > 1:
        say(axes, 0.4, _TOP + _DEPTH + 0.12, _NO_FLOW, fontsize=8.5, color=INK)
    height = _TOP + _DEPTH + 0.75
    _key(axes, [*changes.names, _HIDDEN], looks, height - 0.42)
    title = f"Participants’ states over {len(changes.sessions)} sessions"
    alt = _alt_text(title, columns, flows)
    return finish(
        drawing,
        name=name,
        title=title,
        alt_text=alt,
        data=_data(columns, flows),
        draft=changes.draft,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """One state in one session, or all hidden ones: where it begins, and how many people."""

    state: str
    n: int
    top: float


@dataclass(frozen=True, slots=True)
class _Flow:
    """People who went from one state to another between neighbouring sessions."""

    first: str
    last: str
    state: str
    to_state: str
    n: int


def _columns(changes: StateChanges, k: int) -> dict[str, list[_Block]]:
    """For each session its blocks from the top, the hidden states as one at the bottom."""
    people, shown = len(changes.participants), changes.shown(k=k)
    scale, columns = _DEPTH / max(people, 1), {}
    told = changes.shown_people(k=k)
    for session in changes.sessions:
        counts = {name: shown[name, session] for name in changes.names}
        known = {name: n for name, n in counts.items() if n}
        rest = people - sum(known.values()) if told is not None else 0
        blocks, top = [], _TOP
        for state, n in [*known.items(), *([(_HIDDEN, rest)] if rest else [])]:
            blocks.append(_Block(state, n, top))
            top += n * scale
        columns[session] = blocks
    return columns


def _flows(changes: StateChanges, k: int) -> list[_Flow]:
    """The moves that may be sent."""
    moves = changes.shown_moves(k=k).items()
    return [_Flow(first, last, start, end, n) for (first, start, last, end), n in moves]


def _draw_flows(
    axes: Axes,
    flows: Sequence[_Flow],
    columns: dict[str, list[_Block]],
    at: dict[str, float],
    scale: float,
    looks: dict[str, _Look],
) -> None:
    """Bands between the blocks, from the top of each side down."""
    out = {(s, b.state): b.top for s, blocks in columns.items() for b in blocks}
    into = dict(out)
    for flow in flows:
        start, end = (flow.first, flow.state), (flow.last, flow.to_state)
        width = flow.n * scale
        x1, x2 = at[flow.first] + _BAR, at[flow.last]
        _band(axes, (x1, out[start]), (x2, into[end]), width, looks[flow.state].face)
        out[start] += width
        into[end] += width


def _band(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], width: float, colour: str
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    points = [(x1, y1), (middle, y1), (middle, y2), (x2, y2)]
    back = [(x2, y2 + width), (middle, y2 + width), (middle, y1 + width), (x1, y1 + width)]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    path = Path([*points, *back, points[0]], codes)
    axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=GREY, lw=0.4, alpha=0.35, zorder=0))


def _box(axes: Axes, x: float, y: float, width: float, height: float, look: _Look) -> None:
    from matplotlib.patches import Rectangle

    style: dict[str, Any] = {"facecolor": look.face, "edgecolor": GREY, "lw": 0.6}
    axes.add_patch(Rectangle((x, y), width, height, hatch=look.hatch, **style))


def _key(axes: Axes, names: Sequence[str], looks: dict[str, _Look], y: float) -> None:
    """The states with their looks, in a line of up to seven."""
    step = 7.3 / len(names)
    for place, state in enumerate(names):
        x = 0.15 + step * place
        _box(axes, x, y - 0.07, 0.17, 0.14, looks[state])
        say(axes, x + 0.22, y, state, fontsize=7.5, color=INK)


def _data(columns: dict[str, list[_Block]], flows: Sequence[_Flow]) -> pd.DataFrame:
    import pandas as pd

    names = ["session", "state", "to_session", "to_state", "participants"]
    rows = [(s, b.state, "", "", b.n) for s, blocks in columns.items() for b in blocks]
    moves = [(f.first, f.state, f.last, f.to_state, f.n) for f in flows]
    return pd.DataFrame([*rows, *moves], columns=names)


def _alt_text(title: str, columns: dict[str, list[_Block]], flows: Sequence[_Flow]) -> str:
    told = "; ".join(
        f"session {session}: {', '.join(f'{b.state} {b.n}' for b in blocks)}"
        for session, blocks in columns.items()
    )
    moves = ", ".join(
        f"{f.n} from {f.state} in {f.first} to {f.to_state} in {f.last}" for f in flows
    )
    if not moves and len(columns) > 1:
        return f"{title}. Participants in {told}. {_NO_FLOW}"
    return f"{title}. Participants in {told}." + (f" Flows: {moves}." if moves else "")
