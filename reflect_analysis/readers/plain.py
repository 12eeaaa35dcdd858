"""Whether a text file without front matter is one reflection, or a page that quotes nobody.

The rule is conservative: what is left out is listed with its reason and can be given front
matter; what is taken for a participant's words without being so spoils every count.

A file is **one reflection** when

- it is a single block of prose, whatever it speaks of, without a list of three items or
  more, or a web address that makes up the text; or
- it is several blocks of prose in the first person singular ("I", "my"; in French "je",
  "mon"), with at most two lines that look like headings (a date, a greeting) and not more
  of them than of paragraphs, no list of three items or more, and no web, mail or telephone
  address.

Everything else is a page or a set of slides.
"""

from __future__ import annotations

from collections.abc import Sequence

from reflect_analysis.corpus import Document, Omission

from ._blocks import Block, is_first_person
from ._found import Found, is_garbled

_MOST_ITEMS = 2
_MOST_HEADINGS = 2


def why_a_page(blocks: Sequence[Block]) -> str:
    """Why a file is a page rather than one reflection, or ``""``."""
    items = sum(block.bullets for block in blocks)
    headings = sum(block.is_short for block in blocks)
    contacts = sum(block.has_contact for block in blocks)
    signs = []
    if items > _MOST_ITEMS:
        signs.append(f"{items} items of lists")
    if len(blocks) > 1:
        if headings > min(_MOST_HEADINGS, len(blocks) - headings):
            signs.append(f"{headings} lines like headings")
        if contacts:
            signs.append("addresses")
        if not any(is_first_person(block.text) for block in blocks):
            signs.append(f"{len(blocks)} blocks without a first person")
    elif contacts and blocks[0].is_short:
        signs.append("an address")
    if all(is_garbled(block.text) for block in blocks):
        signs.append("garbled")
    return ", ".join(signs)


def read_plain(text: str, blocks: Sequence[Block], *, name: str, stem: str) -> Found:
    """One reflection of an unknown case, or the omission of a page.

    Parameters
    ----------
    text : str
        As it stands; the blanks around it are left out.
    blocks : sequence of Block
        The same text in blocks.
    name, stem : str
        The file, and the id.
    """
    words = sum(block.words for block in blocks)
    why = why_a_page(blocks)
    if why:
        reason = (
            f"looks like a page or slides, not like one reflection ({why}), and quotes nobody; "
            "if it is a reflection, give it front matter"
        )
        return Found(omissions=(Omission(name, "", reason, words),))
    flags = ("garbled",) if is_garbled(text) else ()
    place = f"line {blocks[0].line}"
    document = Document(stem, text.strip(), language="", flags=flags, source=name, place=place)
    return Found(documents=(document,))


def is_signed_reflection(blocks: Sequence[Block]) -> bool:
    """Whether the blocks above a bare name at the end of a file are one signed reflection."""
    speaking = sum(is_first_person(block.text) for block in blocks)
    return 2 * speaking >= len(blocks) > 0 and not why_a_page(blocks)
