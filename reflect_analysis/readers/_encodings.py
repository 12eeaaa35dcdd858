"""Which encoding a file has: UTF-8 if it can be, else what its letters leave no doubt of.

UTF-8 is tried first and strictly: hardly any text of another encoding is valid UTF-8 by
chance. What fails is Windows-1252 (Latin-1 is part of it) or the old MacRoman in practice;
charset-normalizer says how much of a mess each would be, and the letters of English and
French settle what it leaves open. Only the words with such letters are looked at: in a
long text three of them would be lost. A guess is shown with its certainty, and below
`CERTAIN` there is none: then the file is a fault, as is one that mixes encodings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reflect_analysis.errors import CorpusError

CERTAIN = 0.3
SAVE_AS = (
    "save it as UTF-8 (Excel: 'CSV UTF-8'; Word: 'Plain text', then 'Unicode (UTF-8)'; "
    "Notepad: encoding 'UTF-8')"
)

_SHOWN = {"cp1252": "Windows-1252", "mac_roman": "MacRoman"}
_WORD = re.compile(rb"[^\s]{0,60}[\x80-\xff][^\s]{0,60}")
_WORDS = 2000
# A letter of several bytes, well-formed: in another encoding it would read as "Ã©" or "â€™".
_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|[\xe2][\x80-\x84][\x80-\xbf]")
# Byte order marks, the longer before the shorter that they begin with.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
# How the signs beyond ASCII stand in English and French, by their weight.
_USUAL = re.compile(
    r"(?<=[A-Za-z’'])[éèêàâçôûùîïëœæ](?![A-Z])|[éèêàâçôûùîïëœæ](?=[a-zéèêàâçôûùîïëœæ])"
    r"|(?<!\S)[àÀ](?!\S)|(?<![a-z])[ÉÈÊÀÂÇÔÎŒ](?=\w)|(?<=\w)’(?=\w)|(?<!\w)[“‘«](?=\s?[\w“‘«.…])"
    r"|(?<=\S)[”’»](?!\w)|[–—](?=[\s\w])|(?<=[\w\s])…(?!\w)|[•\xa0]"
)
_SEEN = re.compile(r"(?<=[A-Za-z])[áíóúñäöüßåø]|[áíóúñäöüßåø](?=[a-z])|(?<=\d)[°½¼¾€%]|[€£©®¿¡·]")
_SEEN_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding, how it is shown, and how certain it is, in [0, 1]."""

    encoding: str
    shown: str
    certainty: float = 1.0


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file, and its encoding as it is shown; ``""`` for UTF-8.

    Raises
    ------
    CorpusError
        If the encoding is not certain, there are two, or it is no text at all.

    Examples
    --------
    >>> decode("She left her fiancé.".encode("cp1252"), "a.txt")
    ('She left her fiancé.', 'Windows-1252 (guessed, certainty 1.00)')
    """
    if what := _no_text(data):
        raise CorpusError(f"{name}: no text: it begins as {what}; {_REMEDY}")
    marked = next((mark for mark in _MARKS if data.startswith(mark[0])), None)
    if marked:
        return _marked(data, marked[1], marked[2], name)
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError as problem:
        return _guessed(data, problem, name)


# How files begin that are no texts, whatever their names end in.
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls)"),
    (b"%PDF-", "a PDF (.pdf)"),
    (b"{\\rtf", "rich text (.rtf)"),
    (b"\x89PNG\r\n", "a picture (.png)"),
    (b"\xff\xd8\xff", "a picture (.jpg)"),
)
_ZIP = b"PK\x03\x04"
_INSIDE = (
    (b"word/", "a Word document (.docx)"),
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text (.odt)"),
)
_REMEDY = "give it the ending of what it is, or save it as text"


def _no_text(data: bytes) -> str:
    """What a file is that is no text, by its first bytes; ``""`` for any other."""
    if data.startswith(_ZIP):
        return next((what for part, what in _INSIDE if part in data), "a zip archive")
    return next((what for start, what in _SIGNATURES if data.startswith(start)), "")


def _marked(data: bytes, encoding: str, shown: str, name: str) -> tuple[str, str]:
    """A text whose first bytes name its encoding."""
    try:
        return data.decode(encoding), f"{shown} (by its byte order mark)"
    except UnicodeDecodeError as problem:
        raise CorpusError(
            f"{name}: begins as {shown} and is none at position {problem.start}; {SAVE_AS}"
        ) from None


def _guessed(data: bytes, problem: UnicodeDecodeError, name: str) -> tuple[str, str]:
    """A text that is no UTF-8, where its letters tell what it is."""
    line = data.count(b"\n", 0, problem.start) + 1
    where = (
        f"{name}, line {line}: not UTF-8: byte 0x{data[problem.start]:02X} at position "
        f"{problem.start}"
    )
    if _UTF8.search(data):
        raise CorpusError(f"{where}, while other letters are: two encodings in one file; {SAVE_AS}")
    guess = guess_encoding(data)
    if guess is None or guess.certainty < CERTAIN:
        found = f", and {guess.shown} is not certain ({guess.certainty:.2f})" if guess else ""
        raise CorpusError(f"{where}{found}; {SAVE_AS}")
    text = data.decode(guess.encoding)
    return text, f"{guess.shown} (guessed, certainty {guess.certainty:.2f})"


def guess_encoding(data: bytes) -> Guess | None:
    """The likeliest encoding of bytes that are no UTF-8; its certainty is the lead that it has."""
    from charset_normalizer import from_bytes

    sample = b" " + b" ".join(_WORD.findall(data)[:_WORDS]) + b" "
    matches = from_bytes(sample, cp_isolation=list(_SHOWN), threshold=1.0, explain=False)
    mess = {match.encoding: match.chaos for match in matches}
    scores = {
        encoding: _usual(text) * (1 - min(mess.get(encoding, 1.0), 1.0) / 2)
        for encoding in _SHOWN
        if (text := _strictly(sample, encoding)) and _strictly(data, encoding)
    }
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or not ranked[0][1]:
        return None
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    return Guess(ranked[0][0], _SHOWN[ranked[0][0]], ranked[0][1] - second)


def _strictly(data: bytes, encoding: str) -> str:
    """The text of some bytes, ``""`` where they cannot be this encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _usual(text: str) -> float:
    """The share of the signs beyond ASCII that stand as English and French have them."""
    beyond = sum(character > "\x7f" for character in text)
    weight = len(_USUAL.findall(text)) + _SEEN_WEIGHT * len(_SEEN.findall(text))
    return min(weight / beyond, 1.0) if beyond else 0.0
