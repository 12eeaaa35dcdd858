"""The parse of a text as a value: tuples of words, lemmas, tags and heads.

spaCy is not needed to make, keep or read one; `pipelines` fills the columns. A cache entry is
three lines, each read when it is first asked for: where sentences begin, by which a text is cut;
its words, in which patterns are looked for; and the grammar, which is needed only where one was
found.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from operator import add
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
    same. Columns are unpacked when they are first asked for.

    Parameters
    ----------
    text : str
        The text as it was given.
    columns : sequence
        Starts, lengths, heads relative to the token, first tokens of the sentences, entities;
        then lemmas (empty where the form is the lemma), stems, tags, parts of speech and
        dependencies, each joined by spaces.
    entry : bytes
        In place of columns: what `entry` gave, as a cache kept it.

    Raises
    ------
    ValueError
        If columns are of unequal length, or the entry is none.

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
        *("_begins", "_count", "_firsts", "_grammar", "_lines", "_words"),
        *("deps", "ends", "entities", "forms", "heads", "lemmas", "pos"),
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
    _begins: list[int]
    _firsts: list[int]
    _words: Sequence[str]
    _grammar: Sequence[Any]

    def __init__(
        self, text: str, columns: Sequence[Any] | None = None, *, entry: bytes = b""
    ) -> None:
        self.text = text
        if columns is None:
            self._take(entry)
        else:
            self._fill(columns)

    def _fill(self, columns: Sequence[Any]) -> None:
        begins, lengths, relative, firsts, entities, *joined = columns
        count = len(begins)
        if any(column.count(" ") != max(count - 1, 0) for column in joined):
            raise ValueError("columns of unequal length")
        lemmas, stems, *grammar = joined
        self._count, self._firsts = count, firsts
        self._words = (" ".join(_forms(self.text, begins, lengths)), lemmas, stems)
        self._grammar = (begins, lengths, relative, entities, *grammar)

    def _take(self, entry: bytes) -> None:
        """Only the first line is read and checked: the cache knows whole packs by checksum."""
        head, words, grammar = entry.split(b"\n")
        self._count, self._firsts, self._begins = json.loads(head.decode("ascii"))
        self._lines = (words, grammar)

    def entry(self) -> bytes:
        """The parse without its text, as a cache keeps it."""
        head = (self._count, self._firsts, self._begins)
        return b"\n".join(map(_json, (head, self._words, self._grammar)))

    def __getattr__(self, name: str) -> Any:
        """A column that was not unpacked yet."""
        unpack = _UNPACK.get(name)
        if unpack is None:
            raise AttributeError(name)
        value = unpack(self)
        object.__setattr__(self, name, value)
        return value

    def line(self, number: int) -> Any:
        """A line of the entry that a cache gave, for `_UNPACK`."""
        return json.loads(self._lines[number].decode("utf-8", "surrogatepass"))

    def holds_any(self, words: AbstractSet[str]) -> bool:
        """Whether any word of the text is found by one of these; without unpacking a column."""
        return any(not words.isdisjoint(column.split(" ")) for column in self._words)

    def word_column(self, place: int) -> tuple[str, ...]:
        """Forms, lemmas or stems as they are kept, for `_UNPACK`."""
        return tuple(map(sys.intern, self._words[place].split(" "))) if self._count else ()

    def grammar_column(self, place: int) -> Any:
        """A column of grammar as it is kept, for `_UNPACK`."""
        return self._grammar[place]

    def __len__(self) -> int:
        """Number of tokens."""
        return self._count

    def first_tokens(self) -> Sequence[int]:
        """The first token of each sentence."""
        return self._firsts

    def sentence_spans(self) -> Iterator[tuple[int, int]]:
        """Sentences in code points, each with the marks that open and close it."""
        begins = self._begins
        ends = [*begins[1:], len(self.text)] if begins else []
        yield from zip(begins, ends, strict=True)

    def first_mark(self, token: int) -> int:
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
        return Parse(text, entry=data)
    except (ValueError, TypeError):
        return None


def _json(value: object) -> bytes:
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return plain.encode("utf-8", "surrogatepass")


def _forms(text: str, begins: Sequence[int], lengths: Sequence[int]) -> list[str]:
    """The words of a text as they are compared."""
    ends = map(add, begins, lengths)
    lower = normalised(text).lower()
    if len(lower) != len(text):  # a few letters grow when they are lowered
        return [compared(text[start:end]) for start, end in zip(begins, ends, strict=True)]
    words = [lower[start:end] for start, end in zip(begins, ends, strict=True)]
    return [word if word.isascii() else _composed(word) for word in words]


def _begins(parse: Parse) -> list[int]:
    """Where the sentences begin, in code points."""
    return [parse.first_mark(first) for first, _ in parse.sentences]


def _sentences(parse: Parse) -> tuple[tuple[int, int], ...]:
    firsts = parse.first_tokens()
    return tuple(zip(firsts, [*firsts[1:], len(parse)], strict=True)) if firsts else ()


def _lemmas(parse: Parse) -> tuple[str, ...]:
    """Where a lemma was left out, the form is the lemma."""
    pairs = zip(parse.word_column(1), parse.forms, strict=True)
    return tuple([lemma or form for lemma, form in pairs])


def _starts(parse: Parse) -> array[int]:
    return array("I", parse.grammar_column(0))


def _ends(parse: Parse) -> array[int]:
    return array("I", map(add, parse.starts, parse.grammar_column(1)))


def _heads(parse: Parse) -> tuple[int, ...]:
    return tuple(map(add, parse.grammar_column(2), range(len(parse))))


def _entities(parse: Parse) -> tuple[Entity, ...]:
    return tuple(Entity(*entity) for entity in parse.grammar_column(3))


def _names(parse: Parse, place: int) -> tuple[str, ...]:
    """A column of labels, each kept once in memory."""
    return tuple(map(sys.intern, parse.grammar_column(place).split(" "))) if len(parse) else ()


_UNPACK: dict[str, Callable[[Parse], Any]] = {
    "_begins": _begins,
    "_words": partial(Parse.line, number=0),
    "_grammar": partial(Parse.line, number=1),
    "forms": partial(Parse.word_column, place=0),
    "lemmas": _lemmas,
    "stems": partial(Parse.word_column, place=2),
    "sentences": _sentences,
    "starts": _starts,
    "ends": _ends,
    "heads": _heads,
    "entities": _entities,
    "tags": partial(_names, place=4),
    "pos": partial(_names, place=5),
    "deps": partial(_names, place=6),
}
