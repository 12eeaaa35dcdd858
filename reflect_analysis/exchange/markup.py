"""A text in HTML as people read it, and where each character of its bare words went.

Programs that show a text in a browser count positions over the text without its tags. People
read paragraphs apart: so line breaks are put in where a block ends, and positions are moved
along. Nothing is loaded, and nothing of the markup is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from reflect_analysis.errors import ExchangeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reflect_analysis.exchange.values import Unit

__all__ = ["Readable", "bare", "readable"]

# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
))
# fmt: on
_CLOSE = frozenset(("li", "tr", "dt", "dd"))  # one line apart, not two
_HIDDEN = frozenset(("script", "style"))


@dataclass(frozen=True, eq=False)
class Readable:
    """A text without tags.

    Parameters
    ----------
    text : str
        With line breaks between blocks.
    bare : str
        Without: what positions are counted over.
    places : array of (n_bare,)
        Where each character of `bare` stands in `text`.
    """

    text: str
    bare: str
    places: NDArray[np.int64]

    def spans(
        self, unit: Unit, written: Sequence[tuple[int, int]]
    ) -> list[tuple[tuple[int, int] | None, bool]]:
        """Spans of `text` for positions over `bare`, and whether one cut a character in two.

        A position inside a character is taken behind it, as the programs do. `None` for a
        position outside the text and for what holds no character.
        """
        import numpy as np

        from reflect_analysis.exchange.offsets import Reading, SourceText

        starts = SourceText(self.bare).starts(Reading(unit, crlf=False))
        flat = np.array([n for pair in written for n in pair], dtype=np.int64)
        at = np.searchsorted(starts, flat)
        inside = (flat >= 0) & (flat <= starts[-1])
        cut = inside & (starts[np.minimum(at, len(starts) - 1)] != flat)
        pairs = zip(at.reshape(-1, 2), inside.reshape(-1, 2), cut.reshape(-1, 2), strict=True)
        return [
            (self._span(int(a), int(b)) if held.all() and a < b else None, bool(split.any()))
            for (a, b), held, split in pairs
        ]

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return int(self.places[start]), int(self.places[end - 1]) + 1


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[tuple[str, int]] = []  # a text, and how many line breaks stand before
        self.breaks = 0
        self.hidden = 0

    def _block(self, tag: str) -> None:
        if tag == "br":
            self.breaks += 1
        elif tag in _BLOCKS:
            self.breaks = max(self.breaks, 1 if tag in _CLOSE else 2)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's own signature
        self._block(tag)
        self.hidden += tag in _HIDDEN

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            self._block(tag)
        self.hidden = max(0, self.hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append((data, self.breaks))
            self.breaks = 0


def readable(html: str) -> Readable:
    r"""The text of a piece of HTML.

    Raises
    ------
    ExchangeError
        If it is none.

    Examples
    --------
    >>> found = readable("<p>Was für ein Tag &amp; mehr</p><p>Zwei</p>")
    >>> found.text, found.bare
    ('Was für ein Tag & mehr\n\nZwei', 'Was für ein Tag & mehrZwei')
    >>> found.spans("utf-8 bytes", [(4, 8), (23, 27)])
    [((4, 7), False), ((24, 28), False)]
    """
    import numpy as np

    words = _Words()
    try:
        words.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
        words.close()
    except AssertionError:  # how Python's parser says that a declaration is broken
        raise ExchangeError(
            "a text in HTML cannot be read: a declaration in it is broken"
        ) from None
    text: list[str] = []
    places = []
    at, ends = 0, 2  # at the front no break is put in
    for piece, breaks in words.pieces:
        put = max(0, breaks - ends) if at else 0
        text += ["\n" * put, piece]
        places.append(np.arange(at + put, at + put + len(piece)))
        at += put + len(piece)
        stripped = len(piece) - len(piece.rstrip("\n"))
        ends = stripped + (ends + put if stripped == len(piece) else 0)
    bare_text = "".join(piece for piece, _ in words.pieces)
    joined = np.concatenate(places) if places else np.zeros(0, dtype=np.int64)
    return Readable("".join(text), bare_text, joined)


def bare(html: str) -> str:
    """The text of a piece of HTML without any breaks put in."""
    return readable(html).bare
