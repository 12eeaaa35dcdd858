"""Photo-voice stories on a page.

A story has a title, a description of its picture, text, and perhaps an attribution. It is
looked for below a heading that names photo-voice, or where Markdown shows a picture. Title
and description are the two short lines right above the text. A story without attribution
must speak in the first person singular, so that a section of the page ("Contact", "Our
team") is not taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._attribution import Attribution, bracketed, marked, parse_bracketed, parse_marked, parse_plain
from ._blocks import Block, is_first_person

_SECTION = re.compile(r"photo[\s-]?(?:voice|voix)", re.IGNORECASE)
_IMAGE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\([^)]*\)$")
_PREFIX = re.compile(
    r"^\W*(?:image|photo|picture|photograph|alt(?: text)?|photographie)\s*:\s*", re.IGNORECASE
)
_CLOSING = re.compile(
    r"^(?:infographics?|contact|resources?|newsletters?|videos?|references?|links?|about|news|"
    r"events?|gallery|downloads?|menu|search|footer|partners|funders)\b",
    re.IGNORECASE,
)
_DESCRIPTION_WORDS = 40


@dataclass(frozen=True, slots=True)
class Story:
    """A story and the blocks that it takes up, from `first` to before `after`."""

    first: int
    after: int
    title: str
    description: str
    text: str
    line: int
    attribution: Attribution | None


def find_stories(blocks: Sequence[Block]) -> Iterator[Story]:
    """The stories of a page, in order."""
    section = False
    index = 0
    while index < len(blocks):
        block = blocks[index]
        story = _story_at(blocks, index, section=section)
        if story:
            yield story
            index = story.after
            continue
        if block.is_short:
            section = bool(_SECTION.search(block.plain)) or (
                section and not _CLOSING.match(block.plain)
            )
        index += 1


def whole_attribution(block: Block) -> Attribution | None:
    """The attribution that a block of one or two lines is, or `None`."""
    if len(block.lines) > 2:  # noqa: PLR2004  # a name and a title
        return None
    rest = marked(block.lines[0])
    if rest:
        return parse_marked("\n".join((rest, *block.lines[1:])))
    inside = bracketed(block.text)
    if inside:
        return parse_bracketed(inside)
    return parse_plain(block.text) if len(block.lines) == 1 else None


def _story_at(blocks: Sequence[Block], index: int, *, section: bool) -> Story | None:
    """The story whose title stands at an index, or `None`."""
    title = blocks[index]
    if not _is_title(title) or index + 1 >= len(blocks):
        return None
    description, is_picture = _description(blocks[index + 1])
    if not (section or is_picture):
        return None
    start = index + 2 if description else index + 1
    end = _end_of_prose(blocks, start)
    attribution = whole_attribution(blocks[end]) if end < len(blocks) else None
    prose = blocks[start:end]
    text = "\n\n".join(block.text for block in prose)
    told = attribution is not None or (bool(description) and is_first_person(text))
    if not prose or not told or (attribution and attribution.voice == "other"):
        return None
    after = end + 1 if attribution else end
    line = prose[0].line
    return Story(index, after, title.plain, description, text, line, attribution)


def _is_title(block: Block) -> bool:
    if len(block.lines) > 1 or block.bullets or block.has_contact or whole_attribution(block):
        return False
    plain = block.plain
    if _SECTION.search(plain) or _CLOSING.match(plain) or _IMAGE.match(plain):
        return False
    return block.is_short or (block.words <= 10 and plain[-1] in "!?…")  # noqa: PLR2004  # a title's length


def _description(block: Block) -> tuple[str, bool]:
    """The description of a picture that a block is, and whether it says itself that it is one."""
    plain = " ".join(block.plain.split())
    image = _IMAGE.match(plain)
    if image:
        return image["alt"].strip(), True
    if _PREFIX.match(plain):
        return _PREFIX.sub("", plain).strip("[]() "), True
    fits = block.words <= _DESCRIPTION_WORDS and not block.is_finished and not block.bullets
    fits = fits and not block.is_marked_heading and not is_first_person(plain)
    return (plain, False) if fits and whole_attribution(block) is None else ("", False)


def _end_of_prose(blocks: Sequence[Block], start: int) -> int:
    end = start
    while end < len(blocks) and blocks[end].is_prose and whole_attribution(blocks[end]) is None:
        end += 1
    return end
