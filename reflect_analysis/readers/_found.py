"""What one source gave: documents, cases, clearances, what was left out, and every fault.

A reader of a source returns a `Found` and goes on after a fault, so that one error can
name them all; only a file that cannot be opened as such raises. No message carries a
participant's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Literal, cast, get_args

from reflect_analysis.corpus import Answer, Case, Clearance, Document, Kind, Omission
from reflect_analysis.errors import did_you_mean

KINDS: tuple[str, ...] = get_args(Kind)
Voice = Literal["participant", "other"]
LANGUAGES = {"english": "en", "anglais": "en", "french": "fr", "français": "fr", "francais": "fr"}

# Letters that a lost or doubled decoding leaves behind: a run of Latin-1 signs as no
# language has it, UTF-8 read as Windows-1252, or the replacement character.
_GARBLED = re.compile(
    "([\u00a1-\u00ff])(?!\\1{3})[\u00a1-\u00ff]{3,}|\ufffd|\u00c3[\u0080-\u00bf]|\u00e2\u20ac"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A file as it was reached, and the short name by which messages and rows call it.

    Parameters
    ----------
    path : Path
    name : str
    stem : str
        The beginning of ids that are made from the file; its own stem by default, and more
        of its path where two files would give the same.
    """

    path: Path
    name: str
    stem: str = ""

    def __post_init__(self) -> None:
        if not self.stem:
            object.__setattr__(self, "stem", self.path.stem)


@dataclass(frozen=True, slots=True)
class Found:
    """What one source gave.

    Parameters
    ----------
    documents : tuple of Document
        A language of ``""`` means: not stated, to be detected.
    cases : tuple of (Case, str)
        Each with its place.
    clearances : tuple of Clearance
    omissions : tuple of Omission
    faults : tuple of str
    guesses : Mapping of str to Mapping
        For each table, which column was taken for what without being told.
    consents : tuple of (str, {"yes", "no", "ask"})
        Participants and each answer that they gave about being quoted, wherever it stood.
    headers : tuple of str
        The columns of the tables, to tell a mistyped `mapping` from an absent one.
    """

    documents: tuple[Document, ...] = ()
    cases: tuple[tuple[Case, str], ...] = ()
    clearances: tuple[Clearance, ...] = ()
    omissions: tuple[Omission, ...] = ()
    faults: tuple[str, ...] = ()
    guesses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    consents: tuple[tuple[str, Answer], ...] = ()


def merge(parts: Iterable[Found]) -> Found:
    """Several findings as one, in their order."""
    found = list(parts)
    guesses: dict[str, dict[str, str]] = {}
    for part in found:
        for name, guess in part.guesses.items():
            guesses.setdefault(name, {}).update(guess)
    return Found(
        documents=tuple(chain.from_iterable(f.documents for f in found)),
        cases=tuple(chain.from_iterable(f.cases for f in found)),
        clearances=tuple(chain.from_iterable(f.clearances for f in found)),
        omissions=tuple(chain.from_iterable(f.omissions for f in found)),
        faults=tuple(chain.from_iterable(f.faults for f in found)),
        guesses={name: guess for name, guess in guesses.items() if guess},
        headers=tuple(dict.fromkeys(chain.from_iterable(f.headers for f in found))),
        consents=tuple(chain.from_iterable(f.consents for f in found)),
    )


def with_notes(found: Found, name: str, notes: Mapping[str, str]) -> Found:
    """A finding with what was done to its file without being told."""
    if not notes:
        return found
    guesses = {**found.guesses, name: {**notes, **found.guesses.get(name, {})}}
    return replace(found, guesses=guesses)


def left_out(name: str, reason: str, *, place: str = "", text: str = "") -> Found:
    """A finding that says only what was left out."""
    return Found(omissions=(Omission(name, place, reason, word_count(text)),))


def with_consent(document: Document, answer: Answer | None) -> Found:
    """A document and the consent that stands beside it, which all who speak in it gave.

    A refusal without a participant leaves the document out: there is no case to carry it, and
    a text that is kept could be quoted.
    """
    speakers = (turn.case_id for turn in document.turns)
    cases = dict.fromkeys(filter(None, (document.case_id, *speakers)))
    if answer == "no" and not cases:
        reason = "consent to be quoted is refused, and no participant is named to carry it"
        return left_out(document.source, reason, place=document.place, text=document.text)
    consents = tuple((case, answer) for case in cases) if answer else ()
    return Found(documents=(document,), consents=consents)


def word_count(text: str) -> int:
    """Number of words.

    Examples
    --------
    >>> word_count("We are — still — here.")
    4
    """
    return len(re.findall(r"[^\W_][\w'’-]*", text))


def is_garbled(text: str) -> bool:
    """Whether a text holds letters that a lost encoding left behind.

    Examples
    --------
    >>> is_garbled("Noël à l’été, «déjà»"), is_garbled("the Ã©ducatrice")
    (False, True)
    """
    return _GARBLED.search(text) is not None


def slug(stem: str) -> str:
    """A file's stem as the beginning of an id.

    Examples
    --------
    >>> slug("Our stories, part 2")
    'Our-stories-part-2'
    """
    return re.sub(r"[^\w.-]+", "-", stem).strip("-") or "text"


_CODE = re.compile(r"[A-Za-z]{0,4}[-_ ]?\d{1,4}(?:\.0+)?|n\s?/\s?a|#n/a", re.IGNORECASE)
_ONE_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ_-]{0,19}")


def told_cell(cell: str, *, word: bool = False) -> str:
    """A cell for a message: a code as it is, of what may be somebody's words their number.

    Parameters
    ----------
    cell : str
    word : bool
        Whether one word in lower case is told, too: in a column of a few known words.

    Examples
    --------
    >>> told_cell("P11"), told_cell("only if Petra agrees"), told_cell("letter", word=True)
    ("'P11'", 'of 4 words (20 characters)', "'letter'")
    """
    bare = cell.strip()
    if _CODE.fullmatch(bare) or (word and _ONE_WORD.fullmatch(bare)):
        return repr(bare)
    count = len(bare.split())
    return f"of {count} word{'s' if count != 1 else ''} ({len(bare)} characters)"


def checked_kind(word: str, default: Kind, faults: list[str]) -> Kind:
    """A kind of document; `default` where none is stated, or one that is added to the faults."""
    plain = word.strip().casefold().replace("_", "-").replace(" ", "-")
    if not plain:
        return default
    if plain not in KINDS:
        known = ", ".join(KINDS)
        hint = did_you_mean(plain, KINDS)
        faults.append(f"kind {told_cell(word, word=True)}; expected one of {known}{hint}")
        return default
    return cast("Kind", plain)


def checked_voice(word: str, faults: list[str]) -> Voice:
    """A voice; ``"participant"`` where none is stated."""
    plain = word.strip().casefold()
    if plain not in ("", "participant", "other"):
        told = told_cell(word, word=True)
        faults.append(f"voice {told}; expected 'participant' or 'other'")
    return "other" if plain == "other" else "participant"


def checked_language(word: str, faults: list[str]) -> str:
    """An ISO 639-1 code, or ``""`` where none is stated.

    Examples
    --------
    >>> [checked_language(word, []) for word in ("fr-CA", "English", "")]
    ['fr', 'en', '']
    """
    plain = word.strip().casefold()
    plain = LANGUAGES.get(plain, plain)
    if plain and not re.fullmatch(r"[a-z]{2,3}([-_][a-z0-9]+)*", plain):
        told = told_cell(word, word=True)
        faults.append(f"language {told}; expected an ISO 639-1 code such as 'en' or 'fr'")
        return ""
    return re.split("[-_]", plain)[0]
