"""From a file to its text: bounded, UTF-8 and nothing else, line ends made one.

Offsets count the letters as they stand, so nothing else is changed: no Unicode
normalisation, no trimming. What would make a reader guess (another encoding, control
characters) is a fault with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from reflect_analysis.errors import CorpusError, raise_all

from ._found import Place

FILE_LIMIT = 50 * 1024**2
LINE_LIMIT = 1_000_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LISTED = 5
_SAVE_AS = (
    "save it as UTF-8 (Excel: 'CSV UTF-8'; Word: 'Plain text', then 'Unicode (UTF-8)'; "
    "Notepad: encoding 'UTF-8')"
)


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
        With every fault: too large, not UTF-8, a line too long, control characters.
    """
    text = one_line_end(_decoded(read_bytes(place), place.name))
    if pages:
        text = text.replace("\f", "\n").replace("\v", "\n")
    raise_all(CorpusError, _text_faults(text, place.name))
    return text


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


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CorpusError(f"{name}: UTF-16, not UTF-8; {_SAVE_AS}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{name}, line {line}: not UTF-8: byte 0x{data[error.start]:02X} at position "
            f"{error.start}; {_SAVE_AS}"
        ) from None


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
