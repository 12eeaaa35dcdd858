"""From a file to its text: bounded, decoded once, line ends made one.

Offsets count the letters as they stand, so nothing else is changed: no Unicode
normalisation, no trimming. What was changed on the way (a byte order mark left out, line
ends made one, an encoding that was guessed) is noted; control characters are a fault with
their line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from reflect_analysis.errors import CorpusError, raise_all

from ._encodings import decode
from ._found import Place

FILE_LIMIT = 50 * 1024**2
LINE_LIMIT = 1_000_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what was changed on the way to it: ``encoding``, ``line ends``, ``mark``."""

    text: str
    notes: Mapping[str, str] = field(default_factory=dict)


def read_bytes(place: Place) -> bytes:
    """The content of a file of at most 50 MB."""
    try:
        size = place.path.stat().st_size
        if size > FILE_LIMIT:
            raise CorpusError(
                f"{place.name}: {size / 1024**2:.0f} MB; a source has at most "
                f"{FILE_LIMIT // 1024**2} MB; split it"
            )
        if not place.path.is_file():
            raise CorpusError(f"{place.name}: no ordinary file")
        return place.path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{place.name}: cannot be read: {error.strerror or error}") from None


def read_text(place: Place, *, pages: bool = False) -> str:
    """The text of a file, with LF line ends and without a byte order mark.

    Parameters
    ----------
    place : Place
    pages : bool
        Whether form feeds and vertical tabs are line ends, as a text that was taken from
        a laid-out page has them. Where they are not, they are faults.

    Raises
    ------
    CorpusError
        With every fault: too large, of no certain encoding, a line too long, control
        characters.
    """
    return read_decoded(place, pages=pages).text


def read_decoded(place: Place, *, pages: bool = False) -> Decoded:
    """The text of a file as `read_text` gives it, with what was changed on the way."""
    raw, encoding = decode(read_bytes(place), place.name)
    text = one_line_end(raw)
    if pages:
        text = text.replace("\f", "\n").replace("\v", "\n")
    raise_all(CorpusError, _text_faults(text, place.name))
    return Decoded(text, _notes(raw, encoding))


def notes_of(place: Place) -> Mapping[str, str]:
    """What was changed on the way to the text of a file; nothing for one that cannot be read."""
    try:
        return read_decoded(place, pages=True).notes
    except CorpusError:
        return {}


def _notes(raw: str, encoding: str) -> dict[str, str]:
    notes = {
        "encoding": encoding,
        "byte order mark": "left out" if raw.startswith("\ufeff") else "",
        "line ends": line_ends(raw),
    }
    return {key: note for key, note in notes.items() if note}


def line_ends(text: str) -> str:
    r"""How the lines of a text ended before they were made LF, ``""`` where they were.

    Examples
    --------
    >>> line_ends("one\r\ntwo\nthree"), line_ends("one\ntwo")
    ('CRLF and LF', '')
    """
    pairs = text.count("\r\n")
    counts = {
        "CRLF": pairs,
        "CR": text.count("\r") - pairs,
        "LF": text.count("\n") - pairs,
    }
    found = [name for name, count in counts.items() if count]
    return " and ".join(found) if found and found != ["LF"] else ""


def file_hash(path: Path) -> str:
    """sha256 of a file's content, ``""`` where it cannot be read."""
    try:
        with path.open("rb") as file:
            digest = sha256()
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def one_line_end(text: str) -> str:
    r"""A text without a byte order mark and with LF line ends.

    Examples
    --------
    >>> one_line_end("\ufeffone\r\ntwo\rthree")
    'one\ntwo\nthree'
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def control_fault(text: str) -> str:
    """What is wrong with the characters of a text, or ``""``."""
    found = _CONTROL.search(text)
    return f"control character U+{ord(found[0]):04X}; remove it" if found else ""


def _text_faults(text: str, name: str) -> Iterator[str]:
    lines = text.split("\n")
    for number in [n for n, line in enumerate(lines, start=1) if len(line) > LINE_LIMIT]:
        yield f"{name}, line {number}: more than {LINE_LIMIT:,} characters; is this a text?"
    if not _CONTROL.search(text):
        return
    bad = [n for n, line in enumerate(lines, start=1) if _CONTROL.search(line)]
    shown = ", ".join(map(str, bad[:_LISTED])) + (
        f" and {len(bad) - _LISTED} more" if len(bad) > _LISTED else ""
    )
    what = control_fault(text)
    yield f"{name}, line{'s' if len(bad) > 1 else ''} {shown}: {what}"


def suffix_of(path: Path) -> str:
    """The suffix in lower case: Windows and cameras write ``.PNG`` and ``.TXT`` too."""
    return path.suffix.lower()
