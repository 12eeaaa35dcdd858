"""What a pattern is made of: clauses of phrases, phrases of words and gaps.

The text's tokens are spaCy's, so a pattern's words are cut as spaCy cuts them: *can't* is
*ca* and *n't*, *worn-out* is two words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from reflect_analysis.coders.cues import word_set
from reflect_analysis.language import normalised

UNIVERSAL = word_set("ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN SCONJ SYM VERB X")
PENN = word_set(
    "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNP NNPS NNS PDT POS PRP PRP$ RB RBR RBS RP TO UH VB "
    "VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
)
# What the parts of a contraction may be written as. (spaCy cuts "can't" into "ca" and "n't".)
_CLITICS = {
    "n't": ("n't", "not", "nt"),
    "'m": ("'m", "am", "m"),
    "'re": ("'re", "are"),
    "'s": ("'s", "is", "has"),
    "'ve": ("'ve", "have", "ve"),
    "'ll": ("'ll", "will", "ll"),
    "'d": ("'d", "would", "had"),
}
_BEFORE_NOT = {"ca": "can", "wo": "will", "sha": "shall", "ai": "ai"}
_WHOLE = {"cannot": ("can", "not"), "gonna": ("gon", "na"), "gotta": ("got", "ta")}
_CONTRACTION = re.compile(r"(?<=\w)(n't|'m|'re|'s|'ve|'ll|'d)$")

_COLUMNS = {
    "LOWER": "forms",
    "LEMMA": "lemmas",
    "TEXT": "text",
    "ORTH": "text",
    "POS": "pos",
    "TAG": "tags",
    "DEP": "deps",
}


class Token(NamedTuple):
    """What one word of the text must be; all that is named must hold.

    `words` match by form, lemma or stem, `exact` by form, `prefixes` by the beginning of the
    form; `pos` is a universal or Penn tag; `tests` are (column, values, kind).
    """

    words: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    pos: str = ""
    tests: tuple[tuple[str, frozenset[str], str], ...] = ()

    @property
    def is_literal(self) -> bool:
        """Whether the token names words, so that it can be looked up."""
        return bool(self.words or self.exact or self.prefixes)


class Slot(NamedTuple):
    """One word of the text, as any of several tokens."""

    options: tuple[Token, ...]
    optional: bool = False


class Gap(NamedTuple):
    """Up to so many words."""

    most: int


Variant: TypeAlias = tuple[Slot | Gap, ...]


class Phrase(NamedTuple):
    """Words in a row: the variants that its groups expand to."""

    source: str
    variants: tuple[Variant, ...]


class Regex(NamedTuple):
    """A regular expression on the text of a sentence."""

    source: str
    expression: str


class Reference(NamedTuple):
    """Whatever the patterns of another code find."""

    code_id: str


Leaf: TypeAlias = Phrase | Regex | Reference


class Term(NamedTuple):
    """Phrases of which one is enough."""

    leaves: tuple[Leaf, ...]


class Clause(NamedTuple):
    """What one sentence must hold, and what it must not."""

    needs: tuple[Term, ...]
    unless: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as it was read.

    Parameters
    ----------
    text : str
        As it was written.
    steps : tuple of Clause
        One, or several that follow one another in a reflection; none where the pattern only
        excludes, for all patterns of its code.
    unless : tuple of Term
        Where there are no steps: what the sentence must not hold.
    given, without : tuple of Clause
        What the reflection must hold, and what it must not.
    """

    text: str
    steps: tuple[Clause, ...]
    unless: tuple[Term, ...] = ()
    given: tuple[Clause, ...] = ()
    without: tuple[Clause, ...] = ()

    def leaves(self) -> Iterator[Leaf]:
        """Every phrase, expression and reference."""
        clauses = (*self.steps, *self.given, *self.without)
        terms = [term for clause in clauses for term in (*clause.needs, *clause.unless)]
        for term in (*terms, *self.unless):
            yield from term.leaves


def word_token(forms: frozenset[str], pos: str) -> Token:
    """One word matches by its lemma; the part of a contraction as it may be written."""
    if len(forms) > 1:
        return Token(exact=forms, pos=pos)
    return Token(words=forms, pos=pos)


def written_forms(word: str, *, exact: bool) -> Iterator[frozenset[str]]:
    """The tokens that a written word is cut into, each as the forms that it may have."""
    for piece in filter(None, word.rstrip("'").split("-")):
        if piece in _WHOLE:
            first, second = _WHOLE[piece]
            yield frozenset([first])
            yield frozenset(_CLITICS["n't"] if second == "not" and not exact else [second])
            continue
        cut = _CONTRACTION.search(piece)
        if cut is None:
            yield frozenset(_CLITICS.get(piece, [piece]))
            continue
        before = piece[: cut.start()]
        plain = _BEFORE_NOT.get(before, before) if cut[1] == "n't" else before
        yield frozenset([before, plain]) if exact else frozenset([plain])
        yield frozenset([cut[1]]) if exact else frozenset(_CLITICS[cut[1]])


def merged(options: Sequence[Variant]) -> list[Variant]:
    """Alternatives of one word each as one slot; longer ones stay variants."""
    single = [v[0] for v in options if len(v) == 1 and isinstance(v[0], Slot)]
    single = [slot for slot in single if not slot.optional]
    if len(single) <= 1:
        return list(options)
    longer = [v for v in options if not (len(v) == 1 and v[0] in single)]
    tokens = [token for slot in single for token in slot.options]
    return [(Slot(_joined(tokens)),), *longer]


def _joined(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Plain words as one token, so that a long list is one look-up."""
    words: set[str] = set()
    others = []
    for token in tokens:
        if token == Token(words=token.words) and token.words:
            words |= token.words
        else:
            others.append(token)
    return ((Token(words=frozenset(words)),) if words else ()) + tuple(others)


def made_optional(options: list[Variant]) -> list[Variant]:
    """With or without: one word stays one slot, a group becomes one variant more."""
    if len(options) == 1 and len(options[0]) == 1 and isinstance(options[0][0], Slot):
        return [(options[0][0]._replace(optional=True),)]
    return [*options, ()]


def json_slot(token: dict[str, Any]) -> Slot:
    """One token of spaCy's Matcher, as far as it is understood here."""
    left = dict(token)
    operator = left.pop("OP", "1")
    if operator not in ("1", "?"):
        raise ValueError(f"OP may be '?' or '1', not {operator!r}; for more words use ...")
    unknown = [key for key in left if key not in _COLUMNS]
    if unknown:
        known = ", ".join(_COLUMNS)
        raise ValueError(f"expected one of {known} or OP, got {unknown[0]!r}")
    exact = left.pop("LOWER") if isinstance(left.get("LOWER"), str) else None
    forms = frozenset([normalised(exact.lower())]) if exact else frozenset()
    tests = tuple(_json_test(_COLUMNS[key], value) for key, value in left.items())
    return Slot((Token(exact=forms, tests=tests),), optional=operator == "?")


def _json_test(column: str, value: Any) -> tuple[str, frozenset[str], str]:
    if isinstance(value, str):
        return column, frozenset([_lowered(column, value)]), "in"
    if isinstance(value, dict) and len(value) == 1:
        (kind, wanted), *_ = value.items()
        if kind in ("IN", "NOT_IN") and isinstance(wanted, list):
            values = frozenset(_lowered(column, str(each)) for each in wanted)
            return column, values, "in" if kind == "IN" else "not in"
    raise ValueError('expected a text, {"IN": […]} or {"NOT_IN": […]}')


def _lowered(column: str, value: str) -> str:
    return normalised(value).lower() if column in ("forms", "lemmas") else value
