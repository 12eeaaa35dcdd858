"""The parse of a text as a value: tuples of words, lemmas, tags and heads.

spaCy is not needed to make, keep or read one; `pipelines` fills the columns.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from reflect_analysis.provenance import text_hash

if TYPE_CHECKING:
    from reflect_analysis.corpus import Document

# One code point for one, so that offsets stay true: the model knows the plain forms best.
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "‐": "-", "\u00a0": " ", "\u202f": " "}
)


def normalised(text: str) -> str:
    """A text with straight apostrophes and plain spaces and hyphens, code point for code point.

    Examples
    --------
    >>> normalised("don’t")
    "don't"
    """
    return text.translate(_PLAIN)


def compared(text: str) -> str:
    """A word as it is compared."""
    lower = text.lower()
    return lower if lower.isascii() else _composed(lower.translate(_PLAIN))


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


class Entity(NamedTuple):
    """A named entity, in code points of the text."""

    start: int
    end: int
    label: str


class Parse:
    """What is known of the words of one text; read-only.

    Tokens are words and the marks that part them; white space, quotation marks, brackets and
    hyphens inside words are no tokens, so that “worn-out”, worn "out" and worn out read the
    same. Columns are unpacked when they are first asked for: most texts are looked at for
    their words alone.

    Parameters
    ----------
    text : str
        The text as it was given.
    columns : sequence
        Starts, lengths, heads relative to the token, first tokens of the sentences, entities;
        then lemmas, stems, tags, parts of speech and dependencies, each joined by spaces.

    Attributes
    ----------
    text : str
    starts, ends : array of int
        Half-open code points of each token.
    forms : tuple of str
        Lower case, composed (NFC), with straight apostrophes.
    lemmas : tuple of str
        Lower case; a pronoun is its own lemma.
    stems : tuple of str
        For an adjective or a name made from a verb (*drained*, *exhausting*), that verb; else
        an empty string.
    tags, pos, deps : tuple of str
        Penn tag, universal part of speech (``"PUNCT"`` for every mark) and dependency label;
        empty strings for a language that has no parser here.
    heads : tuple of int
        Index of the token that governs each token; its own for the root of a sentence.
    sentences : tuple of (int, int)
        Half-open ranges of tokens.
    entities : tuple of Entity
    """

    __slots__ = (
        *("_packed", "deps", "ends", "entities", "forms", "heads", "lemmas", "pos"),
        *("sentences", "starts", "stems", "tags", "text"),
    )
    text: str
    starts: array[int]
    ends: array[int]
    forms: tuple[str, ...]
    lemmas: tuple[str, ...]
    stems: tuple[str, ...]
    tags: tuple[str, ...]
    pos: tuple[str, ...]
    deps: tuple[str, ...]
    heads: tuple[int, ...]
    sentences: tuple[tuple[int, int], ...]
    entities: tuple[Entity, ...]

    def __init__(self, text: str, columns: Sequence[Any]) -> None:
        begins, lengths, relative, firsts, entities, *joined = columns
        count = len(begins)
        if any(column.count(" ") != max(count - 1, 0) for column in joined):
            raise ValueError("columns of unequal length")
        self.text = text
        self.starts = array("I", begins)
        self.ends = array("I", map(int.__add__, begins, lengths))
        lasts = [*firsts[1:], count] if firsts else []
        self.sentences = tuple(zip(firsts, lasts, strict=True))
        self._packed = (array("i", relative), entities, *joined)

    def __getattr__(self, name: str) -> Any:
        """A column that was not unpacked yet."""
        unpack = _UNPACK.get(name)
        if unpack is None:
            raise AttributeError(name)
        value = unpack(self)
        object.__setattr__(self, name, value)
        return value

    def packed(self, place: int) -> Any:
        """A column as it was given, for `_UNPACK`."""
        return self._packed[place]

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.starts)

    def sentence_spans(self) -> Iterator[tuple[int, int]]:
        """Sentences in code points, each with the marks that open and close it."""
        begins = [self._first_mark(first) for first, _ in self.sentences]
        ends = [*begins[1:], len(self.text)] if begins else []
        yield from zip(begins, ends, strict=True)

    def _first_mark(self, token: int) -> int:
        """Where a sentence begins: its first word, or the opening marks that touch it."""
        if token == 0:
            return 0
        floor = self.ends[token - 1]
        between = self.text[floor : self.starts[token]]
        return floor + len(between) - len(between.split()[-1] if _opens(between) else "")

    def __repr__(self) -> str:
        return f"<Parse: {len(self)} tokens in {len(self.sentences)} sentences>"


def _opens(between: str) -> bool:
    """Whether what stands between two sentences ends in marks that open the second."""
    return any(map(str.isspace, between)) and not between[-1].isspace()


class Stretch(NamedTuple):
    """A run of one participant's words in a document, in code points."""

    start: int
    end: int
    case_id: str | None
    speaker: str


def stretches(document: Document) -> tuple[Stretch, ...]:
    """What of a document may be read for coding.

    The whole text, or in a transcript the coded turns, without labels and without those of a
    facilitator. Nothing of a document whose voice is ``"other"``.
    """
    if document.voice == "other":
        return ()
    if document.turns:
        return tuple(
            Stretch(t.start, t.end, t.case_id, t.speaker) for t in document.turns if t.coded
        )
    return (Stretch(0, len(document.text), document.case_id, ""),)


def kept_hashes(document: Document) -> tuple[str, ...]:
    """The hashes under which something of a document may be kept: its text and its turns.

    A withdrawal hands them to `Cache.forget` and `language.forget`.
    """
    turns = (document.passage(turn.start, turn.end) for turn in document.turns)
    return tuple(dict.fromkeys([document.sha256, *map(text_hash, turns)]))


def decoded(data: bytes, text: str) -> Parse | None:
    """A cache entry as a parse; a broken one counts as absent."""
    try:
        return Parse(text, json.loads(data))
    except (ValueError, TypeError, IndexError, AttributeError):
        return None


def _forms(parse: Parse) -> tuple[str, ...]:
    text = parse.text
    spans = zip(parse.starts, parse.ends, strict=True)
    lower = normalised(text).lower()
    if len(lower) == len(text):  # a few letters grow when they are lowered
        words = [lower[start:end] for start, end in spans]
        return tuple([sys.intern(w if w.isascii() else _composed(w)) for w in words])
    return tuple([sys.intern(compared(text[start:end])) for start, end in spans])


def _lemmas(parse: Parse) -> tuple[str, ...]:
    """Where a lemma was left out, the form is the lemma."""
    lemmas = _strings(parse, _LEMMAS)
    return tuple([lemma or form for lemma, form in zip(lemmas, parse.forms, strict=True)])


def _heads(parse: Parse) -> tuple[int, ...]:
    return tuple(map(int.__add__, parse.packed(0), range(len(parse))))


def _entities(parse: Parse) -> tuple[Entity, ...]:
    return tuple(Entity(*entity) for entity in parse.packed(1))


def _strings(parse: Parse, place: int) -> tuple[str, ...]:
    """A column of words, each kept once in memory."""
    return tuple(map(sys.intern, parse.packed(place).split(" "))) if len(parse) else ()


_LEMMAS = 2
_UNPACK: dict[str, Callable[[Parse], tuple[Any, ...]]] = {
    "forms": _forms,
    "lemmas": _lemmas,
    "heads": _heads,
    "entities": _entities,
    "stems": partial(_strings, place=3),
    "tags": partial(_strings, place=4),
    "pos": partial(_strings, place=5),
    "deps": partial(_strings, place=6),
}
