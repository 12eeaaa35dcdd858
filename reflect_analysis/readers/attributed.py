"""Pages with attributed quotes and photo-voice stories: what participants said, and no more.

A page is a text file without front matter that quotes somebody. Quotes and stories become
documents; prose, headings, menus, captions, contacts and pull quotes are left out, each
listed with its line, its reason and its number of words.

Rules
-----
**Attributions.** A quote is the paragraph above a line that says who spoke: after a dash or
a tilde ("— Community of practice participant"; the next line may hold a title), in
brackets ("(Educator, interview)"), or bare, as role, place and kind ("ECE, Nelson,
Reflection"). It may stand on a line of its own, in the paragraph's last line, or behind
closing quotation marks.

**Names.** A name identifies: it is never kept, and never becomes a case. What is kept is
the role, the place that follows it, and the kind of text. A place is told from a name by
its position alone (after the role), so somebody who writes "Educator, Charlene" has her
name taken for a place: the check of identifiers looks at it again.

**Voices.** Quotes attributed to a role are reflections of unknown participants, flagged
``"selected"``, because somebody chose and published them. Words of a director, a professor
or another office, and words under a bare name (an epigraph) are of kind ``"quote"`` and
voice ``"other"``; their attribution is the title without the name, or ``"named author"``.

**Broken quotes.** A quote that begins with a small letter was cut by a column, a page or an
advertisement where the paragraph above breaks off or runs into another ("suppoEvery
educator"), and where its writer uses capitals. It is flagged ``"broken"``. Its text is the
pieces that can be told to be its own, joined by ``" […] "``: the last one, and the one before
where it speaks in the first person; where the beginning is lost, the text begins with
``"[…]"``. Missing letters are never guessed. A word that a line's end parts is joined; the
quote is flagged where the page does not show how it is written. See `_broken`.

**Credits, captions, menus.** A line that says who took a picture or wrote the page is no
attribution, whatever role stands in it, and short entries below one another are no quote.

**Stories.** See `_stories`. The title is an attribute and the text is the paragraphs; the
description of the picture becomes its alt text.

**Pull quotes.** A block whose words all stand in a longer block too is left out; so is a
quote that repeats part of another.

**No quote at all.** See `plain`: the file is one reflection, or nothing is read from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Omission, Picture

from ._attribution import Attribution, bracketed, marked, parse_bracketed, parse_marked, parse_plain
from ._blocks import (
    Block,
    fold,
    repeated,
    shingle_counts,
    split_blocks,
)
from ._broken import (
    ENDS_IN_HYPHEN,
    GAP,
    cut_before,
    inner_pieces,
    made_whole,
    with_dropped_capitals,
    words_of,
)
from ._found import Found, is_garbled, merge, word_count
from ._stories import Story, find_stories
from .plain import is_signed_reflection, read_plain

_MARKS = {'"': '"', "“": "”", "«": "»", "„": "“"}
_INLINE = re.compile(r"^(?P<quote>.*[\"”»“])\s*(?:[—–―~]|--?)\s*(?P<rest>[^\"”»“—–]+)$", re.DOTALL)
_INLINE_BRACKET = re.compile(
    r"^(?P<quote>.*[\"”»“])\.?\s*[(\[](?P<rest>[^()\[\]]+)[)\]]\.?$", re.DOTALL
)
PROSE = "prose of the page"

_FEWEST_WORDS = 3
_MOST_PARAGRAPHS = 6


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quote: its pieces, whether it is broken, who spoke, and the blocks that it takes up."""

    pieces: tuple[str, ...]
    attribution: Attribution
    blocks: tuple[int, ...]
    line: int
    broken: bool = False
    # Words of the block before that are not the quote's: (line, number of words).
    foreign: tuple[int, int] | None = None


def read_page(text: str, *, name: str, stem: str) -> Found:
    """The quotes and stories of a page; where there are none, one reflection or an omission.

    Parameters
    ----------
    text : str
    name : str
        The file.
    stem : str
        The beginning of the ids: ``stem-q01``, ``stem-pv1``.
    """
    raw = [part for block in split_blocks(text) for part in _parted(block)]
    blocks = list(with_dropped_capitals(raw))
    stories = list(find_stories(blocks))
    taken = {index for story in stories for index in range(story.first, story.after)}
    quotes = list(_find_quotes(_Page(blocks, set(taken), shingle_counts(blocks))))
    if not stories and not quotes:
        return read_plain(text, raw, name=name, stem=stem)
    if not stories and len(quotes) == 1 and _is_signature(blocks, quotes[0]):
        return _signed(text, raw, quotes[0], name=name, stem=stem)
    doubled = _doubled(quotes)
    kept = [quote for index, quote in enumerate(quotes) if index not in doubled]
    words = words_of(blocks)
    documents = [
        *(_quote_document(q, n, name, stem) for n, q in enumerate(kept, start=1)),
        *(_story_document(s, words, n, name, stem) for n, s in enumerate(stories, start=1)),
    ]
    used = taken | {index for quote in quotes for index in quote.blocks}
    omissions = [
        *_unused(blocks, used, name),
        *(_repeated_quote(quotes[index], name) for index in sorted(doubled)),
        *_left_of(quotes, stories, name),
    ]
    return merge(
        [
            Found(documents=tuple(sorted(documents, key=_line))),
            Found(omissions=tuple(sorted(omissions, key=_line))),
        ]
    )


def _parted(block: Block) -> Iterator[Block]:
    """A block, parted where a quotation begins right below the attribution of another."""
    start = 0
    for index in range(1, len(block.lines)):
        if not Block(0, (block.lines[index],)).opens_quotation:
            continue
        above = (marked(line) for line in block.lines[max(start, index - 2) : index])
        if any(rest and parse_marked(rest, after_quotation=True) for rest in above):
            yield Block(block.line + start, block.lines[start:index])
            start = index
    yield Block(block.line + start, block.lines[start:])


def _line(row: Document | Omission) -> int:
    return int(row.place.rpartition(" ")[2])


@dataclass
class _Page:
    """The blocks of a page, those that are spoken for, and the words that it repeats."""

    blocks: Sequence[Block]
    used: set[int]
    counts: Counter[int]

    @cached_property
    def words(self) -> Counter[str]:
        """How often each word stands on the page."""
        return words_of(self.blocks)

    @cached_property
    def pulled(self) -> set[int]:
        """The blocks that repeat words of the page."""
        return repeated(self.blocks)


def _find_quotes(page: _Page) -> Iterator[_Quote]:
    for index in range(len(page.blocks)):
        quote = None if index in page.used else _quote_at(page, index)
        if quote:
            page.used.update(quote.blocks)
            yield quote


def _quote_at(page: _Page, index: int) -> _Quote | None:
    """The quote whose attribution stands in a block, or `None`."""
    blocks = page.blocks
    if _is_list(blocks, index):
        return None
    own, attribution = _split_attribution(blocks[index], blocks[index - 1] if index else None)
    if attribution is None:
        return None
    if own:
        last = Block(blocks[index].line, tuple(own.split("\n")))
        if not _may_be_quoted(last):
            return None
        return _complete(page, index, last, attribution, (index,))
    above = index - 1
    if above < 0 or above in page.used or not _may_be_quoted(blocks[above]):
        return None
    return _complete(page, above, blocks[above], attribution, (above, index))


def _is_list(blocks: Sequence[Block], index: int) -> bool:
    """Whether a block is part of a list, whose items a dash opens too."""
    block = blocks[index]
    beside = [*blocks[max(index - 1, 0) : index], *blocks[index + 1 : index + 2]]
    return block.bullets > 1 or (_is_item(block) and any(map(_is_item, beside)))


def _is_item(block: Block) -> bool:
    return block.bullets == len(block.lines)


def _may_be_quoted(block: Block) -> bool:
    is_layout = block.is_menu or block.is_credit
    if block.is_marked_heading or block.is_title_case or block.bullets or is_layout:
        return False
    # A list of the people of a team has the form of attributions, one below the other.
    fewest = 1 if block.opens_quotation else _FEWEST_WORDS
    return block.words >= fewest and not any(map(parse_plain, block.lines))


def _split_attribution(block: Block, above: Block | None) -> tuple[str, Attribution | None]:
    """What of a block is quoted (``""``: nothing, the quote stands above), and by whom."""
    for tail in range(min(2, len(block.lines)), 0, -1):
        head, lines = block.lines[:-tail], block.lines[-tail:]
        before = Block(block.line, head) if head else above
        attribution = _attribution_of(lines, before, is_own=bool(head))
        if attribution:
            return "\n".join(head), attribution
    return _split_inline(block)


def _attribution_of(
    lines: Sequence[str], before: Block | None, *, is_own: bool
) -> Attribution | None:
    """The attribution that one or two lines are, below what they attribute."""
    quoted = before is not None and before.closes_quotation
    if Block(0, (marked(lines[0]) or bracketed(lines[0]) or lines[0],)).is_credit:
        return None
    if marked(lines[0]):
        return _dashed(lines, quoted=quoted)
    if len(lines) > 1:
        return None
    inside = bracketed(lines[0])
    if inside:
        return parse_bracketed(inside)
    if is_own and before is not None and not (before.is_finished or quoted):
        return None
    return parse_plain(lines[0], after_quotation=quoted)


def _dashed(lines: Sequence[str], *, quoted: bool) -> Attribution | None:
    """The attribution behind a dash or a tilde, with the line of a title below it."""
    rest = marked(lines[0])
    is_hyphen = fold(lines[0]).lstrip("*_").startswith("-")
    if is_hyphen and rest[0].islower() and not quoted:
        return None
    told = parse_marked(rest, after_quotation=quoted)
    if told is None or len(lines) == 1:
        return told
    # Where the second line has a mark of its own, the first one is the quote.
    return None if marked(lines[1]) else parse_marked("\n".join((rest, lines[1])))


def _split_inline(block: Block) -> tuple[str, Attribution | None]:
    """An attribution behind closing quotation marks, in the same line."""
    plain = block.text.rstrip()
    if not block.opens_quotation:
        return "", None
    found = _INLINE.match(plain)
    attribution = parse_marked(fold(found["rest"]), after_quotation=True) if found else None
    if attribution is None:
        found = _INLINE_BRACKET.match(plain)
        attribution = parse_bracketed(fold(found["rest"])) if found else None
    return (found["quote"], attribution) if found and attribution else ("", None)


def _complete(
    page: _Page, index: int, last: Block, attribution: Attribution, taken: tuple[int, ...]
) -> _Quote:
    """The quote that ends with a block: its paragraphs, or the pieces of a broken one."""
    blocks = page.blocks
    first = _first_paragraph(page, index, last)
    if first < index:
        paragraphs = (*(block.text for block in blocks[first:index]), last.text)
        taken, line = (*range(first, index), *taken), blocks[first].line
        return _whole(page, _without_marks(paragraphs), attribution, taken, line)
    cut = cut_before(blocks, page.used, page.pulled, index, last)
    head: tuple[str, ...] = ()
    line = last.line
    if cut.at is not None:
        taken, line = (cut.at, *taken), blocks[cut.at].line
        halves = f"{cut.head}\n{last.text}"
        if cut.at == index - 1 and ENDS_IN_HYPHEN.search(cut.head):
            return _whole(page, halves, attribution, taken, line)
        head = (cut.head,)
    elif cut.is_broken:
        head = ("",)  # an empty first piece shows that the beginning is lost
    inner = inner_pieces(last, page.counts)
    if not (head or len(inner) > 1 or last.plain.endswith("-")):
        return _whole(page, _without_marks((last.text,)), attribution, taken, line)
    pieces = tuple(made_whole(piece, page.words)[0] for piece in (*head, *inner))
    return _Quote(pieces, attribution, taken, line, broken=True, foreign=cut.foreign)


def _whole(
    page: _Page, text: str, attribution: Attribution, taken: tuple[int, ...], line: int
) -> _Quote:
    """A quote in one piece; broken where a word at a line's end cannot be told for certain."""
    whole, is_certain = made_whole(text, page.words)
    return _Quote((whole,), attribution, taken, line, broken=not is_certain)


def _first_paragraph(page: _Page, index: int, last: Block) -> int:
    """The first paragraph of a quotation that closes in a block.

    By convention each paragraph of a long quotation opens anew, and only the last closes.
    """
    blocks = page.blocks
    if not last.closes_quotation:
        return index
    first, is_open = index, last.opens_quotation and last.plain.count('"') != 1
    for above in range(index - 1, max(index - 1 - _MOST_PARAGRAPHS, -1), -1):
        block = blocks[above]
        opens = block.opens_quotation
        if above in page.used or block.is_short or block.closes_quotation:
            break
        if is_open and not opens:
            break
        if opens:
            first, is_open = above, True
    return first


def _without_marks(paragraphs: Sequence[str]) -> str:
    """A quotation without the quotation marks around it, where they are a pair."""
    text = "\n\n".join(paragraphs)
    bare = re.sub(r"^([*_]{1,3})(.*)\1$", r"\2", text.strip(), flags=re.DOTALL)
    opening = bare[:1]
    closing = _MARKS.get(opening)
    if closing is None or not bare.rstrip(".").endswith(closing):
        return bare
    inside = bare[1 : bare.rindex(closing)]
    for paragraph in paragraphs[1:]:
        # By convention each paragraph of a quotation opens anew, and the last one closes.
        inside = (
            inside.replace(f"\n\n{opening}", "\n\n", 1) if paragraph.startswith(opening) else inside
        )
    is_pair = opening not in inside and closing not in inside
    return inside.strip() if is_pair else bare


def _doubled(quotes: Sequence[_Quote]) -> set[int]:
    """The quotes whose words stand in another quote."""
    texts = [
        Block(quote.line, tuple(GAP.join(quote.pieces).strip().split("\n"))) for quote in quotes
    ]
    same: dict[str, int] = {}
    found = repeated(texts)
    for index, block in enumerate(texts):
        if same.setdefault(block.plain.casefold(), index) != index:
            found.add(index)
    return found


def _is_signature(blocks: Sequence[Block], quote: _Quote) -> bool:
    """Whether the only attribution of a file is the name below one reflection."""
    is_last = quote.blocks[-1] == len(blocks) - 1 and not quote.broken
    return is_last and quote.attribution.is_bare_name and is_signed_reflection(_unsigned(blocks))


def _unsigned(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the attribution at their end."""
    own, _ = _split_attribution(blocks[-1], blocks[-2] if len(blocks) > 1 else None)
    last = [Block(blocks[-1].line, tuple(own.split("\n")))] if own else []
    return [*blocks[:-1], *last]


def _signed(text: str, blocks: Sequence[Block], quote: _Quote, *, name: str, stem: str) -> Found:
    """The reflection above a name."""
    unsigned = _unsigned(blocks)
    last = unsigned[-1].lines[-1]
    above = text[: text.rindex(last) + len(last)]
    found = read_plain(above, unsigned, name=name, stem=stem)
    return merge([found, Found(omissions=tuple(_left_of([quote], [], name)))])


def _quote_document(quote: _Quote, number: int, name: str, stem: str) -> Document:
    text, who = GAP.join(quote.pieces).strip(), quote.attribution
    is_participant = who.voice == "participant"
    return Document(
        id=f"{stem}-q{number:02d}",
        text=text,
        kind="reflection" if is_participant else "quote",
        attributes=_attributes(who),
        voice=who.voice,
        language="",
        flags=_flags(text, selected=is_participant, broken=quote.broken),
        source=name,
        place=f"line {quote.line}",
    )


def _story_document(
    story: Story, words: Counter[str], number: int, name: str, stem: str
) -> Document:
    text, is_certain = made_whole(story.text, words)
    who = _attributes(story.attribution) if story.attribution else Attributes()
    return Document(
        id=f"{stem}-pv{number}",
        text=text,
        kind="photo-voice",
        attributes=Attributes(title=story.title) | who,
        language="",
        flags=_flags(text, selected=True, broken=not is_certain),
        picture=Picture(path=None, alt_text=story.description or None),
        source=name,
        place=f"line {story.line}",
    )


def _attributes(who: Attribution) -> Attributes:
    told = {"attribution": who.text, "role": who.role, "place": who.place, "form": who.form}
    return Attributes({key: value for key, value in told.items() if value})


def _flags(text: str, *, selected: bool, broken: bool) -> tuple[str, ...]:
    flags = {"selected": selected, "broken": broken, "garbled": is_garbled(text)}
    return tuple(flag for flag, holds in flags.items() if holds)


def _unused(blocks: Sequence[Block], used: set[int], name: str) -> Iterator[Omission]:
    pulled = repeated(blocks)
    advertised = _advertised(blocks, used)
    for index, block in enumerate(blocks):
        if index in used:
            continue
        reason = _reason(block)
        if index in pulled:
            reason = "repeats words of the page: a pull quote"
        elif reason == PROSE and index in advertised:
            reason = "a contact, an address or an advertisement"
        yield Omission(name, f"line {block.line}", reason, block.words)


def _advertised(blocks: Sequence[Block], used: set[int]) -> set[int]:
    """The prose between a heading and an address right below it."""
    found: set[int] = set()
    for index, block in enumerate(blocks):
        if index in used or not block.has_contact or block.is_prose:
            continue
        above = index - 1
        while above >= 0 and above not in used and blocks[above].is_prose:
            above -= 1
        if above >= 0 and above not in used and blocks[above].is_short:
            found |= set(range(above + 1, index))
    return found


def _repeated_quote(quote: _Quote, name: str) -> Omission:
    words = sum(map(word_count, quote.pieces))
    return Omission(name, f"line {quote.line}", "repeats words of another quote", words)


def _left_of(quotes: Sequence[_Quote], stories: Sequence[Story], name: str) -> Iterator[Omission]:
    """What was left out of the quotes and stories themselves: names, and words run into them."""
    named = [(q.line, q.attribution) for q in quotes]
    named += [(s.line, s.attribution) for s in stories if s.attribution]
    for line, who in named:
        if who.dropped:
            reason = "in an attribution: a name, or what may be one"
            yield Omission(name, f"line {line}", reason, who.dropped)
    for quote in quotes:
        if quote.foreign:
            line, words = quote.foreign
            yield Omission(name, f"line {line}", "words of the page that run into a quote", words)


def _reason(block: Block) -> str:
    """What a block that nobody said looks like."""
    is_logo = re.search(r"\blogos?\b|^(?:funded|supported) by\b", block.plain, re.IGNORECASE)
    signs = {
        "garbled": is_garbled(block.text),
        "a logo or a funder": is_logo is not None,
        "a contact, an address or an advertisement": block.has_contact,
        "a list": block.bullets > 0,
        "a menu": block.is_menu,
        "a caption or a credit": block.is_credit,
        "a heading": block.is_marked_heading,
        "a heading, a menu or a name": block.is_title_case,
        "a short line: a heading, a caption, a menu or a name": block.is_short,
    }
    return next((reason for reason, holds in signs.items() if holds), PROSE)
