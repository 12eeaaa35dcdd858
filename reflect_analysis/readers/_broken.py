"""What a page's layout broke: words, sentences, quotes, and the capital that opens a text.

What can be told for certain is put together: the two halves of a word that stands whole
elsewhere on the page, and a dropped capital that is no word by itself. What cannot is not
guessed: the quote is flagged, and ``" […] "`` stands where something may be missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ._blocks import Block, is_first_person, stands_twice
from ._found import is_garbled, word_count

GAP = " […] "

_GLUE = re.compile(r"(?<![^\W_])[a-zà-ÿ]{2,}(?=[A-ZÀ-Þ][a-zà-ÿ])")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHEN = re.compile(r"(?<![\w-])([^\W\d_]+)[-\u00ad\u2010]\n\s*([^\W\d_]+)")
# A capital before the rest of a word; I, A, O, Y and their like are words themselves.
_DROPPED = re.compile(r"[^\W\d_]")
_WORDS_OF_ONE_LETTER = frozenset("AIOYÀÔ")
_CASED = re.compile(r"[.!?…]\s+[A-ZÀ-Þ]|\bI\b")
ENDS_IN_HYPHEN = re.compile(r"[^\W\d_][-\u00ad\u2010]$")
_HEADING_WORDS = 6
_FARTHEST = 6


@dataclass(frozen=True, slots=True)
class Cut:
    """What stands before a block that begins inside a sentence.

    Parameters
    ----------
    head : str
        The piece that can be told to be the same quote's, ``""`` where it is lost.
    at : int, optional
        The block in which that piece stands.
    foreign : (int, int), optional
        Words of that block that are not the quote's: their line and their number.
    is_broken : bool
        Whether anything is missing at all.
    """

    head: str = ""
    at: int | None = None
    foreign: tuple[int, int] | None = None
    is_broken: bool = True


LOST = Cut()
WHOLE = Cut(is_broken=False)


def with_dropped_capitals(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, each dropped capital with the rest of its word.

    Examples
    --------
    >>> [block.text for block in with_dropped_capitals([Block(1, ("W",)), Block(3, ("hen",))])]
    ['When']
    """
    capital: Block | None = None
    for block in blocks:
        if capital and block.lines[0][:1].islower():
            first = capital.text.strip() + block.lines[0]
            yield Block(capital.line, (first, *block.lines[1:]))
            capital = None
            continue
        if capital:
            yield capital
        capital = block if _is_dropped(block.text.strip()) else None
        if capital is None:
            yield _with_own_capital(block)
    if capital:
        yield capital


def _with_own_capital(block: Block) -> Block:
    """A block whose first line is nothing but the capital of its second."""
    if len(block.lines) == 1 or not _is_dropped(block.lines[0].strip()):
        return block
    first, second, *rest = block.lines
    if not second[:1].islower():
        return block
    return Block(block.line, (first.strip() + second, *rest))


def _is_dropped(text: str) -> bool:
    is_capital = _DROPPED.fullmatch(text) is not None and text.isupper()
    return is_capital and text not in _WORDS_OF_ONE_LETTER


def words_of(blocks: Iterable[Block]) -> Counter[str]:
    """How often each word stands on a page, those with a hyphen too."""
    return Counter(word for block in blocks for word in _WORD.findall(block.text.casefold()))


def made_whole(text: str, words: Counter[str]) -> tuple[str, bool]:
    r"""A text without the hyphens of its line ends, and whether all of them are certain.

    A word is certain when it stands on the page as well, with its hyphen or without.

    Examples
    --------
    >>> made_whole("a commu-\nnity", Counter(["community"]))
    ('a community', True)
    >>> made_whole("my self-\nrespect", Counter(["self-respect"]))
    ('my self-respect', True)
    >>> made_whole("a commu-\nnity", Counter())
    ('a community', False)
    """
    is_certain = True

    def joined(found: re.Match[str]) -> str:
        nonlocal is_certain
        first, second = found[1], found[2]
        whole, apart = words[f"{first}{second}".casefold()], words[f"{first}-{second}".casefold()]
        is_certain = is_certain and whole + apart > 0
        return f"{first}-{second}" if apart > whole else f"{first}{second}"

    return _HYPHEN.sub(joined, text), is_certain


def cut_before(
    blocks: Sequence[Block], used: Collection[int], pulled: Collection[int], index: int, last: Block
) -> Cut:
    """What stands before the last block of a quote, where that begins inside a sentence.

    Parameters
    ----------
    blocks : sequence of Block
    used : collection of int
        Blocks that belong to other quotes.
    pulled : collection of int
        Blocks that repeat words of the page.
    index : int
        Where the last block stands.
    last : Block
        Its words without the attribution.
    """
    if not last.begins_lower or last.opens_quotation:
        return WHOLE
    is_free = index > 0 and index - 1 not in used
    cut = _cut_right_above(blocks[index - 1], index - 1) if is_free else None
    if cut:
        return cut
    far = _far_head(blocks, used, pulled, index)
    if far is not None:
        return Cut(blocks[far].text, far)
    return LOST if _is_cased(last) else WHOLE


def _cut_right_above(above: Block, at: int) -> Cut | None:
    """The cut where the block above breaks off, or runs into the words of the page."""
    glue = _GLUE.search(above.text)
    if glue:
        return _glued(above, at, glue.end())
    if _DROPPED.fullmatch(above.text.strip()):
        return Cut(above.text.strip(), at)
    if ENDS_IN_HYPHEN.search(above.text) is None and _ends_before(above):
        return None
    return Cut(above.text, at) if is_first_person(above.text) else LOST


def _ends_before(block: Block) -> bool:
    """Whether what follows a block does not go on with it."""
    is_heading = block.is_short and (block.is_title_case or block.words <= _HEADING_WORDS)
    is_layout = block.is_menu or block.is_credit or block.has_contact or block.bullets > 0
    return block.is_finished or block.is_marked_heading or is_heading or is_layout


def _is_cased(block: Block) -> bool:
    """Whether somebody wrote with capitals, so that a small one at the beginning is a cut."""
    return _CASED.search(block.plain) is not None


def _glued(above: Block, at: int, end: int) -> Cut:
    """A quote whose last word ran into the words of the page."""
    head, rest = above.text[:end], above.text[end:]
    if not is_first_person(head):
        return LOST
    return Cut(head, at, (above.line + head.count("\n"), word_count(rest)))


def _far_head(
    blocks: Sequence[Block], used: Collection[int], pulled: Collection[int], index: int
) -> int | None:
    """The block in which a sentence begins that an advertisement, a heading or a pull quote parts.

    It speaks in the first person and breaks off; in between somebody else speaks, and at least
    one block is no prose.
    """
    parted = False
    for above in range(index - 1, max(index - 1 - _FARTHEST, -1), -1):
        block = blocks[above]
        if above in used:
            return None
        speaks = is_first_person(block.text) and above not in pulled
        if speaks:
            begins = not (block.is_finished or block.is_marked_heading or block.is_title_case)
            return above if parted and begins and not block.bullets else None
        parted = parted or above in pulled or _is_furniture(block)
    return None


def _is_furniture(block: Block) -> bool:
    """Whether a block is a heading, a caption, a list, an address: no running text."""
    is_list = block.bullets > 0 or block.is_menu
    return block.is_short or block.has_contact or is_list or is_garbled(block.text)


def inner_pieces(last: Block, counts: Counter[int]) -> tuple[str, ...]:
    """The pieces of a block in which a word runs into another sentence.

    A piece that the page repeats elsewhere is the page's own and is left out.
    """
    glue = _GLUE.search(last.text)
    if not glue:
        return (last.text,)
    pieces = (last.text[: glue.end()], last.text[glue.end() :])
    return tuple("" if stands_twice(piece, counts) else piece for piece in pieces)
