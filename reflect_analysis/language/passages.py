"""Where a text is cut into passages, by each unit: for who codes them and for who forgets them.

Nothing is gated here: `segmentation` asks whether the texts are cleared.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Document
from reflect_analysis.language import parse, primary, readable
from reflect_analysis.language.values import Stretch, stretches
from reflect_analysis.segments import Unit

__all__ = ["cut"]

# A blank line, or a line that is a heading: structure, which nobody says of herself.
_GAP = re.compile(r"\n\s*\n|^#{1,6}[ \t].*$", re.MULTILINE)

# What can be an answer: a letter, a digit, an emoji; not a mark or a space. U+206F is the last of
# the general punctuation; what comes later is letters, symbols and emoji.
_SAYS = re.compile(r"[^\W_]|[^\x00-\u206f]")

# Texts whose parses are held at once: bounds the memory of a large corpus.
BLOCK = 2_000

Spans = Iterable[tuple[int, int]]


def cut(
    documents: Iterable[Document],
    by: Unit,
    *,
    model: str | None = None,
    cache: Cache | None = None,
) -> Iterator[tuple[Document, Stretch, Spans]]:
    """Every stretch of every document, with the passages in it.

    Parameters
    ----------
    documents : iterable of Document
    by : {"sentence", "paragraph", "turn", "document"}
    model : str, optional
    cache : Cache, optional

    Yields
    ------
    document : Document
    stretch : Stretch
    spans : iterable of (int, int)
        Half-open code points counted from the start of the stretch, without outer white space.
    """
    pieces = [(document, stretch) for document in documents for stretch in stretches(document)]
    cuts = _sentences(pieces, model, cache) if by == "sentence" else _cuts(pieces, by)
    for (document, stretch), spans in zip(pieces, cuts, strict=True):
        yield document, stretch, spans


def _text_of(piece: tuple[Document, Stretch]) -> str:
    document, stretch = piece
    return document.passage(stretch.start, stretch.end)


def _cuts(pieces: Iterable[tuple[Document, Stretch]], by: Unit) -> Iterator[Spans]:
    """Whole stretches, or their paragraphs."""
    for piece in pieces:
        text = _text_of(piece)
        yield _paragraphs(text) if by == "paragraph" else _trimmed(text, 0, len(text))


def _sentences(
    pieces: list[tuple[Document, Stretch]], model: str | None, cache: Cache | None
) -> Iterator[Spans]:
    """The sentences of each stretch, parsed language by language."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for language in dict.fromkeys(primary(document.language) for document, _ in pieces):
        here = (_text_of(p) for p in pieces if primary(p[0].language) == language)
        texts = list(dict.fromkeys(here))
        chosen = model if readable(language) else None
        for first in range(0, len(texts), BLOCK):
            block = texts[first : first + BLOCK]
            for known in parse(block, language=language, model=chosen, cache=cache):
                found[language, known.text] = list(_within(known.text, known.sentence_spans()))
    for piece in pieces:
        yield found[primary(piece[0].language), _text_of(piece)]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """What stands between blank lines and headings; a line of marks alone is left out."""
    here = 0
    for gap in _GAP.finditer(text):
        yield from _trimmed(text, here, gap.start())
        here = gap.end()
    yield from _trimmed(text, here, len(text))


def _within(text: str, sentences: Spans) -> Iterator[tuple[int, int]]:
    """The sentences as far as they lie in one paragraph."""
    paragraphs = list(_paragraphs(text))
    if paragraphs == [(0, len(text))]:  # nearly always
        for start, end in sentences:
            yield from _trimmed(text, start, end)
        return
    ends = [end for _, end in paragraphs]
    for start, end in sentences:
        for left, right in paragraphs[bisect_right(ends, start) :]:
            if left >= end:
                break
            yield from _trimmed(text, max(start, left), min(end, right))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A span without outer white space; none where nothing is said."""
    passage = text[start:end]
    if _SAYS.search(passage):
        left = len(passage) - len(passage.lstrip())
        yield start + left, start + len(passage.rstrip())
