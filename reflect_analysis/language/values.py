"""The parse of a text as a value: tuples of words, lemmas, tags and heads.

spaCy is not needed to make, keep or read one; `pipelines` fills the columns.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

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
    return lower if lower.isascii() else unicodedata.normalize("NFC", lower.translate(_PLAIN))


class Entity(NamedTuple):
    """A named entity, in code points of the text."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Parse:
    """What is known of the words of one text.

    Tokens are words and the marks that part them; white space, quotation marks, brackets and
    hyphens inside words are no tokens, so that “worn-out”, worn "out" and worn out read the
    same.

    Parameters
    ----------
    text : str
        The text as it was given.
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

    def __len__(self) -> int:
        """Number of tokens."""
        return len(self.forms)

    def sentence_spans(self) -> Iterator[tuple[int, int]]:
        """Sentences in code points, each with the marks that open and close it."""
        begins = [self._first_mark(first) for first, _ in self.sentences]
        yield from zip(begins, [*begins[1:], len(self.text)], strict=True)

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


def decoded(data: bytes, text: str) -> Parse | None:
    """A cache entry as a parse; a broken one counts as absent."""
    try:
        return from_columns(json.loads(data), text)
    except (ValueError, TypeError, IndexError):
        return None


def from_columns(columns: Sequence[Any], text: str) -> Parse:
    """The columns that `pipelines.parsed` gives, as a parse of their text."""
    begins, lengths, relative, sentence_starts, entities, *joined = columns
    count = len(begins)
    lemmas, stems, tags, pos, deps = (_interned(column, count) for column in joined)
    starts = array("I", begins)
    ends = array("I", map(int.__add__, begins, lengths))
    plain = normalised(text).lower() if text.isascii() else None
    if plain is None:
        words = [compared(text[s:e]) for s, e in zip(starts, ends, strict=True)]
    else:
        words = [plain[s:e] for s, e in zip(starts, ends, strict=True)]
    forms = tuple(map(sys.intern, words))
    return Parse(
        text=text,
        starts=starts,
        ends=ends,
        forms=forms,
        lemmas=tuple(lemma or form for lemma, form in zip(lemmas, forms, strict=True)),
        stems=stems,
        tags=tags,
        pos=pos,
        deps=deps,
        heads=tuple(map(int.__add__, relative, range(count))),
        sentences=tuple(zip(sentence_starts, [*sentence_starts[1:], count], strict=True)),
        entities=tuple(Entity(*entity) for entity in entities),
    )


def _interned(joined: str, count: int) -> tuple[str, ...]:
    """A column of `count` strings, each kept once in memory."""
    values = joined.split("\x1f") if count else []
    if len(values) != count:
        raise ValueError("columns of unequal length")
    return tuple(map(sys.intern, values))
