"""The topics with their words and with quotes: approved ones, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.figures.canvas import GREY, LINE, Figure, finish, new_drawing, say
from reflect_analysis.figures.dots import WIDTH
from reflect_analysis.figures.topic_rows import (
    DrawnTopic,
    TopicRows,
    fitted,
    mark_verdict,
    say_lines,
    topic_rows,
)

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.disclosure import QuoteRecord, QuoteSelection
    from reflect_analysis.topics import Topics

__all__ = ["topic_quote_figure"]

_STEP, _GAP, _INDENT = 0.175, 0.14, 0.5
_NONE = "No approved quote."
Line = tuple[str, dict[str, object]]
Quotes = Mapping[int, Sequence["QuoteRecord"]]


def topic_quote_figure(
    topics: Topics,
    quotes: QuoteSelection,
    *,
    each: int = 2,
    k: int = 5,
    name: str = "topic-quotes",
    draft: bool = False,
) -> Figure:
    """Draw each topic's words with the approved quotes that lie in its texts.

    Parameters
    ----------
    topics : Topics
    quotes : QuoteSelection
        What `approved_quotes` let through: nothing else is printed.
    each : int
        Quotes a topic, in the order in which they come.
    k : int
        Topics of fewer than `k` persons are not drawn; at least 3.
    name : str
        Stem of the files.
    draft : bool
        Whether it belongs to a draft, and says so.

    Returns
    -------
    Figure
        Its data: ``topic, words, participants, quote, attribution, topic_stability,
        stability``, one row a quote; a topic without one has a row without.

    Raises
    ------
    ValueError
        If `each` is below 1.
    """
    if each < 1:
        raise ValueError(f"each: expected at least one quote a topic, came {each!r}")
    rows = topic_rows(topics, k)
    found = {row.number: _inside(topics, row.number, quotes.quotes)[:each] for row in rows.drawn}
    verdict = topics.stability.verdict
    title = f"Exploratory groupings with quotes ({verdict})"
    blocks = [_block(row, found[row.number]) for row in rows.drawn]
    notes = [rows.told] if rows.told else []
    top = 0.45 if draft else 0.25
    deep = top + sum(_STEP * len(block) + _GAP for block in blocks)
    height = max(deep, 0.6) + 0.15 * len(notes) + 0.35
    drawing, axes = new_drawing(WIDTH, height)
    if not blocks:
        say(axes, 0.15, 0.3, "There is no topic that may be drawn.")
    y = top
    for block in blocks:
        for text, style in block:
            say(axes, 0.15 if style.get("weight") else _INDENT, y, text, **style)
            y += _STEP
        axes.plot([0.15, WIDTH - 0.15], [y - 0.02, y - 0.02], color=LINE, lw=0.8)
        y += _GAP
    say_lines(axes, 0.15, max(deep, 0.6) + 0.02, notes, step=0.15)
    mark_verdict(axes, verdict, right=WIDTH - 0.15, y=height - 0.16)
    alt = _alt_text(title, rows, found, draft=draft)
    data = _data(rows.drawn, found, verdict)
    return finish(drawing, name=name, title=title, alt_text=alt, data=data, draft=draft)


def _inside(topics: Topics, number: int, quotes: Iterable[QuoteRecord]) -> list[QuoteRecord]:
    """The quotes that lie wholly in one text of the topic."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for unit in topics.units:
        if unit.topic == number:
            spans.setdefault(unit.document_id, []).append((unit.start, unit.end))
    return [
        quote
        for quote in quotes
        if any(s <= quote.start and quote.end <= e for s, e in spans.get(quote.document_id, ()))
    ]


def _block(row: DrawnTopic, quotes: Sequence[QuoteRecord]) -> list[Line]:
    """The lines of one topic with their styles."""
    head = fitted(f"{row.number}  {row.words}: {row.participants}, {row.verdict}", WIDTH - 0.6)
    lines: list[Line] = [(line, {"weight": "bold"}) for line in head]
    for quote in quotes:
        passage = " ".join(quote.text.split())
        lines += [(line, {}) for line in fitted(f"“{passage}”", WIDTH - _INDENT - 0.3)]
        behind: dict[str, object] = {"fontsize": 8, "color": GREY}
        lines += [(f"— {quote.attribution}", behind)] if quote.attribution else []
    return lines if quotes else [*lines, (_NONE, {"fontsize": 8, "color": GREY, "style": "italic"})]


def _data(drawn: Sequence[DrawnTopic], found: Quotes, verdict: str) -> pd.DataFrame:
    import pandas as pd

    columns = ("topic", "words", "participants", "quote", "attribution", "topic_stability")
    rows = [
        (row.number, row.words, row.participants, text, behind, row.verdict)
        for row in drawn
        for text, behind in [(q.text, q.attribution) for q in found[row.number]] or [("", "")]
    ]
    return pd.DataFrame(rows, columns=list(columns)).assign(stability=verdict)


def _alt_text(title: str, rows: TopicRows, found: Quotes, *, draft: bool) -> str:
    told = []
    for row in rows.drawn:
        quotes = [f"“{q.text}” ({q.attribution})" for q in found[row.number]] or [_NONE]
        told.append(f"{row.number}, {row.words}, {row.verdict}: {' '.join(quotes)}")
    body = f"Topics with their words and quotes. {' '.join(told)}" if told else "No topic is drawn."
    return " ".join(filter(None, ("Draft." if draft else "", f"{title}.", body, rows.told)))
