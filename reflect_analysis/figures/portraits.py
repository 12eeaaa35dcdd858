"""The portrait of one text: which codes stand where in it. It is kept, never sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from reflect_analysis.errors import GovernanceError
from reflect_analysis.figures.canvas import (
    BLUE,
    GREY,
    INK,
    LINE,
    ORANGE,
    Figure,
    finish,
    new_drawing,
    say,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus, Document

__all__ = ["code_portrait"]

Status = Literal["human", "reviewed", "machine"]

KEEP_MARK = "KEEP: one person’s text; never to be sent"
_ROW, _BAR = 0.26, 0.17
_WIDTH, _LEAST = 7.6, 0.045  # inches; a passage of a word is still seen
_TOP = 0.75
# People's codings are full, a machine's are outlined: told apart without colour too.
_LOOKS: dict[Status, dict[str, Any]] = {
    "human": {"facecolor": BLUE, "edgecolor": BLUE},
    "reviewed": {"facecolor": "#9cc7e3", "edgecolor": BLUE, "hatch": "////"},
    "machine": {"facecolor": "white", "edgecolor": ORANGE},
}
_TOLD: dict[Status, str] = {
    "human": "people",
    "reviewed": "machine, reviewed",
    "machine": "machine",
}


def code_portrait(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    document_id: str,
    name: str = "KEEP-code-portrait",
) -> Figure:
    """Draw where each code stands along one text: for the study's own people, never sent.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
    codebook : Codebook
        Its order is that of the rows; codes that the text does not hold are no rows.
    document_id : str
    name : str
        Stem of the files.

    Returns
    -------
    Figure
        Its data: ``code_id, start, end, status, coder``, one row a passage, without words.

    Raises
    ------
    UnknownIdError
        If there is no such document, or a coding names a code that the codebook lacks.
    GovernanceError
        If whoever governs the record has not approved its use in tables.
    """
    import pandas as pd

    document = corpus.document(document_id)
    if not corpus.permits(document, "tables"):
        raise GovernanceError(f"document {document_id!r}: its use in 'tables' is not approved")
    passages = _passages(codings, codebook, document_id)
    coded = {row.code_id for row in passages}
    codes = [code for code in codebook if code.id in coded]
    names = {code.id: code.name for code in codes}
    left = 0.3 + max(map(width_of, names.values()), default=1.5)
    height = _TOP + _ROW * max(len(codes), 1) + 0.75
    drawing, axes = new_drawing(max(_WIDTH, left + 4), height)
    width = max(_WIDTH, left + 4) - left - 0.3
    say(axes, 0.15, 0.18, KEEP_MARK, fontsize=8, weight="bold", color=ORANGE)
    title = f"Codes along the text {document_id}"
    say(axes, 0.15, 0.42, title, fontsize=9, weight="bold")
    if not codes:
        say(axes, left, _TOP + _ROW / 2, "No code stands in this text.", fontsize=9)
    scale = width / max(len(document.text), 1)
    _draw_turns(axes, document, left, scale, _ROW * len(codes))
    for line, code in enumerate(codes):
        y = _TOP + _ROW * line
        say(axes, left - 0.1, y + _ROW / 2, names[code.id], ha="right", fontsize=8.5)
        axes.plot([left, left + width], [y + _ROW / 2] * 2, color=LINE, lw=0.7, zorder=0)
        for row in [row for row in passages if row.code_id == code.id]:
            _bar(axes, left + row.start * scale, y, (row.end - row.start) * scale, row.status)
    bottom = _TOP + _ROW * max(len(codes), 1)
    _draw_foot(axes, document, left, width, bottom)
    draft = any(row.status == "machine" for row in passages)
    alt = _alt_text(title, passages, names)
    frame = pd.DataFrame(passages, columns=list(_Passage._fields))
    return finish(drawing, name=name, title=title, alt_text=alt, data=frame, draft=draft)


class _Passage(NamedTuple):
    """Where a code stands, and by whom."""

    code_id: str
    start: int
    end: int
    status: Status
    coder: str


def _passages(codings: Codings, codebook: Codebook, document_id: str) -> list[_Passage]:
    """Where each code stands, as the codebook names it now; regions of a picture stand nowhere."""
    held = codings.under(codebook)
    codebook.check_ids((coding.code_id for coding in held), "the codings")
    rows = [
        _Passage(each.code_id, each.start, each.end, row.status, each.coder)
        for row in held.current
        for each in [row.coding]
        if each.document_id == document_id and each.region is None
    ]
    return sorted(rows, key=lambda row: row.status, reverse=True)  # people's are drawn last


def _bar(axes: Axes, x: float, y: float, width: float, status: Status) -> None:
    from matplotlib.patches import Rectangle

    top = y + (_ROW - _BAR) / 2
    axes.add_patch(Rectangle((x, top), max(width, _LEAST), _BAR, lw=1.0, **_LOOKS[status]))


def _draw_turns(axes: Axes, document: Document, left: float, scale: float, depth: float) -> None:
    """A line where a speaker begins; those who are not coded are grey."""
    from matplotlib.patches import Rectangle

    for turn in document.turns:
        x = left + turn.start * scale
        axes.plot([x, x], [_TOP, _TOP + depth], color=LINE, lw=0.5, zorder=0)
        if not turn.coded:
            wide = (turn.end - turn.start) * scale
            box = Rectangle((x, _TOP), wide, depth, facecolor="#f1f3f4", lw=0, zorder=-1)
            axes.add_patch(box)


def _draw_foot(axes: Axes, document: Document, left: float, width: float, bottom: float) -> None:
    """Beginning and end of the text, and what the looks mean."""
    axes.plot([left, left + width], [bottom + 0.08] * 2, color=INK, lw=0.8)
    say(axes, left, bottom + 0.22, "beginning", fontsize=8, color=GREY)
    words = f"end ({len(document.text.split()):,} words)"
    say(axes, left + width, bottom + 0.22, words, ha="right", fontsize=8, color=GREY)
    x = left
    for status, told in _TOLD.items():
        _bar(axes, x, bottom + 0.4, 0.26, status)
        say(axes, x + 0.34, bottom + 0.4 + _ROW / 2, told, fontsize=8, color=GREY)
        x += 0.6 + width_of(told, size=8)


def _alt_text(title: str, passages: Iterable[_Passage], names: dict[str, str]) -> str:
    counts = Counter(row.code_id for row in passages)
    told = "; ".join(f"{names[code]} {counts[code]}" for code in names)
    return f"{KEEP_MARK}. {title}, passages of each code: {told or 'none'}."
