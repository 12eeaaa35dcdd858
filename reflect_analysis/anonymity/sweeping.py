"""Known names wherever else they stand: where nobody found them, and in what stands beside a text.

A full name is known in any case. A single word is known in any case only if it is no English
word: "grace" and "april" are words, and somebody must have found them in their place.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from reflect_analysis.anonymity.naming import PERSON, Naming, Thing
from reflect_analysis.anonymity.wordlists import fold, is_english, lists
from reflect_analysis.language import primary

__all__ = ["Known", "Use"]

_SHORTEST = 3
# What is too common to be looked for without a finding.
_NEVER = frozenset({"age", "date of birth"})
# Initials that are more often something else.
_COMMON = """
    a.b. a.d. a.m. b.a. b.c. b.s. c.e. c.v. e.c. e.g. g.p. i.d. i.e. i.q. m.a. m.d. n.b. n.l. n.s.
    n.t. n.w. o.k. p.c. p.e. p.m. p.s. t.a. t.v. u.k. u.n. u.s. v.p. y.t.
"""
_ABBREVIATIONS = frozenset(_COMMON.split())
_LEFT, _RIGHT = r"(?<![\w@/])(?<!\w[-‑])", r"(?![\w@])(?![-‑]\w)"


class Use(NamedTuple):
    """A place in a text where something is replaced, and how it was known.

    Parameters
    ----------
    start, end : int
    thing : Thing
    how : str
    """

    start: int
    end: int
    thing: Thing
    how: str


class Known:
    """The words of all things that are known, ready to be looked for.

    Parameters
    ----------
    naming : Naming
    """

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        forms: dict[str, set[str]] = defaultdict(set)
        for thing in naming.things.values():
            for form in _forms(naming, thing):
                forms[form].add(thing.surrogate)
        ids = set(map(fold, naming.cases))
        self._things = {
            form: naming.things[next(iter(who))]
            for form, who in forms.items()
            if len(who) == 1 and form not in ids
        }
        self.ambiguous = sorted({who for each in forms.values() if len(each) > 1 for who in each})
        self._initials = _unique_initials(naming)
        self._pattern = _pattern(self._things)

    def uses(self, text: str, document_id: str = "", *, language: str = "en") -> Iterator[Use]:
        """Where known words stand in a text; with a document, its people's initials too.

        In another language than English nothing here tells a name from a word: there a single
        word is known only with its capital and from the list of given names.
        """
        english = primary(language) == "en"
        for match in self._pattern.finditer(text) if self._pattern else ():
            thing = self._things.get(_plain(match[0]))
            if thing is None or self._is_word(match[0]):
                continue
            if english or " " in match[0] or _is_given_name(match[0]):
                yield Use(*match.span(), thing, "known words")
        for thing, pattern in self._initials:
            if document_id in thing.seen:
                for match in pattern.finditer(text):
                    yield Use(*match.span(), thing, "initials")

    def words(self, text: str) -> Iterator[tuple[int, int, Thing]]:
        """Where a known name stands that is an English word too, so that nobody can tell."""
        for match in self._pattern.finditer(text) if self._pattern else ():
            thing = self._things.get(_plain(match[0]))
            if thing is not None and match[0][0].isupper() and self._is_word(match[0]):
                yield (*match.span(), thing)

    def whole(self, text: str) -> Thing | None:
        """The thing that a short text is, and nothing else."""
        return self._things.get(_plain(text.strip()))

    def reworded(self, text: str) -> str:
        """A text that is not coded, without the known words."""
        parts: list[str] = []
        here = 0
        for use in sorted(self.uses(text), key=lambda use: (use.start, -use.end)):
            if use.start >= here:
                parts += (text[here : use.start], use.thing.surrogate)
                here = use.end
        return "".join([*parts, text[here:]])

    @staticmethod
    def _is_word(words: str) -> bool:
        """Whether it may be English: one word that is, or several without capitals that are."""
        parts = words.split()
        if len(parts) > 1 and all(part[0].isupper() for part in parts):
            return False
        return all(map(_may_be_english, parts))


def _may_be_english(word: str) -> bool:
    """Whether a word is in the dictionary and not a name that is hardly ever another word."""
    folded = fold(word)
    return is_english(folded) and folded not in lists().first


def _is_given_name(word: str) -> bool:
    return word[0].isupper() and fold(word) in lists().first


def _plain(words: str) -> str:
    return " ".join(fold(words).split())


def _forms(naming: Naming, thing: Thing) -> set[str]:
    """The words by which a thing is looked for, folded."""
    if thing.kind in _NEVER:
        return set()
    forms = {_plain(words) for words in thing.words.values()}
    if thing.kind == PERSON:
        full = thing.full_names
        forms = {" ".join(name) for name in full} | {f"{name[0]} {name[-1]}" for name in full}
        parts = {part for name in full for part in (name[0], name[-1])}
        parts |= {name[0] for name in thing.words if len(name) == 1}
        forms |= {part for part in parts if naming.only(part) is thing}
    return {form for form in forms if len(form) >= _SHORTEST}


def _pattern(things: dict[str, Thing]) -> re.Pattern[str] | None:
    """All forms at once, the longest first; blanks may be line ends, letters bear any accent."""
    if not things:
        return None
    ordered = sorted(things, key=lambda form: (-len(form), form))
    choices = "|".join("".join(map(_any_letter, form)) for form in ordered)
    return re.compile(f"{_LEFT}(?:{choices}){_RIGHT}", re.IGNORECASE)


_ACCENTED = {
    "a": "aàâäáãå", "c": "cç", "e": "eèêëé", "i": "iìîïí", "l": "lł", "n": "nñ", "o": "oòôöóõø",
    "u": "uùûüú", "y": "yÿý", "'": "'’‘ʼ", "-": "-‑‐",
}  # fmt: skip


def _any_letter(sign: str) -> str:
    if sign == " ":
        return r"[^\S\n]+"
    return f"[{re.escape(_ACCENTED[sign])}]" if sign in _ACCENTED else re.escape(sign)


def _unique_initials(naming: Naming) -> list[tuple[Thing, re.Pattern[str]]]:
    """The dotted initials of people that nobody else bears."""
    pairs = {(name[0][0], name[-1][0]): p for p in naming.people() for name in p.full_names}
    bearers = Counter(
        pair for p in naming.people() for pair in {(n[0][0], n[-1][0]) for n in p.full_names}
    )
    return [
        (thing, re.compile(rf"(?<![\w.]){first}\.\s?{last}\.(?!\w)", re.IGNORECASE))
        for (first, last), thing in pairs.items()
        if bearers[first, last] == 1 and f"{first}.{last}." not in _ABBREVIATIONS
    ]
