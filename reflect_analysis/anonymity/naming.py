"""Who is who: which words stand for one person, centre or town, and what stands for these.

A fuller name says who a shorter one is, where it can mean nobody else: "Maria" is Maria Lopez as
long as no other Maria is known, or none in the same text. Where it may mean several it gets a
surrogate of its own, and a note says so. Nobody is merged by likeness of spelling.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from reflect_analysis.anonymity.key import Entry, Key
from reflect_analysis.anonymity.wordlists import fold
from reflect_analysis.corpus import Corpus

__all__ = ["Naming", "Style", "Thing", "kind_of", "tokens_of"]

Style = Literal["numbers", "brackets"]
Tokens = tuple[str, ...]

PERSON = "name"
_TITLES = frozenset(
    (
        "ms",
        "mrs",
        "mr",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "mme",
        "mlle",
        "madame",
        "monsieur",
    )
)
_WORD = re.compile(r"[^\W_]+(?:['’‑-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$|(?<=s)['’]$", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<!\w)[Pp]-?0*(\d{1,4})(?!\w)")
_BRACKETED = re.compile(r"\[([^\[\]\n]{1,40}?) (\d{1,5})\]")
# What the recognisers call a thing, and what it is called in a surrogate.
_CALLED = {
    "email": "e-mail",
    "e mail": "e-mail",
    "url": "web address",
    "street address": "address",
    "sin": "insurance number",
    "person": PERSON,
    "participant": PERSON,
    "school": "centre",
    "center": "centre",
}


def kind_of(kind: str) -> str:
    """What a finding's kind is called in surrogates.

    Examples
    --------
    >>> kind_of("e-mail"), kind_of("postal_code"), kind_of("URL")
    ('e-mail', 'postal code', 'web address')
    """
    plain = kind.lower().replace("_", " ").replace("-", " ")
    return _CALLED.get(plain, plain)


def tokens_of(words: str) -> Tokens:
    """The words of a name as they are compared: folded, without titles and possessives.

    Examples
    --------
    >>> tokens_of("Ms. Zoë O’Hara’s")
    ('zoe', "o'hara")
    """
    found = [fold(_POSSESSIVE.sub("", word)) for word in _WORD.findall(words)]
    while len(found) > 1 and found[0] in _TITLES:
        found = found[1:]
    return tuple(found)


@dataclass(eq=False)
class Thing:
    """A person, centre, town, number …: its surrogate and the words that stand for it.

    Attributes
    ----------
    words : dict of (str, ...) to str
        By what is compared, as they stood first.
    given : set of (str, ...)
        Names that the researcher said are this person's.
    seen : set of str
        Documents in which a finding named it.
    """

    surrogate: str
    kind: str
    case: bool = False
    words: dict[Tokens, str] = field(default_factory=dict)
    given: set[Tokens] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    @property
    def full_names(self) -> list[Tokens]:
        """Its names of two or more words."""
        return [tokens for tokens in self.words if len(tokens) > 1]

    def entry(self) -> Entry:
        """The row of the key; the fullest words first."""
        ordered = sorted(self.words.items(), key=lambda pair: -len(pair[0]))
        return Entry(self.surrogate, self.kind, tuple(words for _, words in ordered), self.case)


class Naming:
    """The things that are known, and the next free surrogate of each kind.

    Parameters
    ----------
    corpus : Corpus
        Whose case ids and stand-ins no surrogate may repeat.
    key : Key
        What earlier texts taught.
    people : mapping of str to str
        Names to case ids, or to surrogates of the key.
    style : {"numbers", "brackets"}
        People as ``P41`` or as ``[name 1]``.
    """

    def __init__(self, corpus: Corpus, key: Key, people: Mapping[str, str], style: Style) -> None:
        self.cases = {case.id for case in corpus.cases}
        self.style = style
        self.notes: dict[str, set[str]] = defaultdict(set)  # what is told, of which documents
        self.things: dict[str, Thing] = {}
        self._taken = set(_numbers(corpus, key))
        for entry in key:
            thing = Thing(entry.surrogate, entry.kind, entry.case)
            thing.words = {_form(entry.kind, words): words for words in entry.words}
            self.things[entry.surrogate] = thing
        for words, surrogate in people.items():
            case = surrogate in self.cases
            thing = self.things.setdefault(surrogate, Thing(surrogate, PERSON, case))
            self.give(thing, words)

    def give(self, thing: Thing, words: str) -> None:
        """Take a name for a person's, whoever else may bear it."""
        thing.given.add(tokens_of(words))
        thing.words.setdefault(tokens_of(words), words)

    # ── asked ──

    def people(self) -> list[Thing]:
        """The persons."""
        return [thing for thing in self.things.values() if thing.kind == PERSON]

    def named(self, part: str, *, last: bool = False) -> list[Thing]:
        """The persons with a full name that begins, or ends, with a word."""
        place = -1 if last else 0
        return [p for p in self.people() if any(name[place] == part for name in p.full_names)]

    def bearers(self, part: str) -> list[Thing]:
        """The persons with a full name that begins or ends with a word, each once."""
        return list(dict.fromkeys([*self.named(part), *self.named(part, last=True)]))

    def only(self, part: str) -> Thing | None:
        """The one person whom a single word can mean in any text; `None` where it may be several.

        The researcher's own word comes first.
        """
        given = [p for p in self.people() if (part,) in p.given]
        alone = [p for p in self.people() if set(p.words) == {(part,)}]
        may_be = given or list(dict.fromkeys([*self.bearers(part), *alone]))
        return may_be[0] if len(may_be) == 1 else None

    # ── learning ──

    def learn(self, kind: str, found: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Thing]:
        """The thing of each pair of words and document, the full names first."""
        pairs = sorted(set(found), key=lambda pair: (-len(_form(kind, pair[0])), pair))
        firsts: dict[str, set[str]] = defaultdict(set)
        for words, _ in pairs:
            name = _form(kind, words)
            if len(name) > 1:
                firsts[name[0]].add(name[-1])
        known: dict[tuple[str, str], Thing] = {}
        for words, document in pairs:
            tokens = _form(kind, words)
            if kind == PERSON:
                alone = len(firsts.get(tokens[0], ())) < 2 if tokens else True  # noqa: PLR2004  # two bear it
                thing = self._person(tokens, document, alone=alone)
            else:
                thing = self._thing(kind, tokens)
            thing = thing or self._new(kind)
            thing.words.setdefault(tokens, words)
            thing.seen.add(document)
            known[words, document] = thing
        return known

    def _thing(self, kind: str, tokens: Tokens) -> Thing | None:
        return next((t for t in self.things.values() if t.kind == kind and tokens in t.words), None)

    def _person(self, tokens: Tokens, document: str, *, alone: bool) -> Thing | None:
        given = next((p for p in self.people() if tokens in p.given), None)
        if given is not None:
            return given
        if len(tokens) > 1:
            return self._thing(PERSON, tokens) or self._by_full_name(tokens, document, alone=alone)
        who = self._one_of(self.bearers(tokens[0]) if tokens else [], document)
        return who or next((p for p in self.people() if set(p.words) == {tokens}), None)

    def _by_full_name(self, tokens: Tokens, document: str, *, alone: bool) -> Thing | None:
        first, last = tokens[0], tokens[-1]
        same = [p for p in self.named(first) if any(n[-1] == last for n in p.full_names)]
        if not same and len(first) == 1:  # "M. Lopez"
            same = [p for p in self.named(last, last=True) if _begins(p, first)]
        if not same and alone and not self.named(first):  # who was only "Maria" until now
            same = [p for p in self.people() if set(p.words) == {(first,)}]
            if len(same) == 1:
                self.notes[f"{same[0].surrogate}: a full name was taken for this person's"].add(
                    document
                )
        return self._one_of(same, document)

    def _one_of(self, may_be: list[Thing], document: str) -> Thing | None:
        if len(may_be) < 2:  # noqa: PLR2004  # nobody else can be meant
            return may_be[0] if may_be else None
        here = [thing for thing in may_be if document in thing.seen]
        if len(here) == 1:
            return here[0]
        who = ", ".join(sorted(thing.surrogate for thing in may_be))
        self.notes[f"a name may mean {who}; it got a surrogate of its own"].add(document)
        return None

    # ── surrogates ──

    def _new(self, kind: str) -> Thing:
        numbered = kind == PERSON and self.style == "numbers"
        label = "P" if numbered else kind
        known = [number for each, number in self._taken if each == label]
        number = max(known, default=0) + 1
        self._taken.add((label, number))
        surrogate = f"P{number:02d}" if numbered else f"[{kind} {number}]"
        self.things[surrogate] = Thing(surrogate, kind)
        return self.things[surrogate]


def _form(kind: str, words: str) -> Tokens:
    """What is compared: of a name its words, of anything else all of it."""
    if kind == PERSON:
        return tokens_of(words)
    return tuple(fold(word) for word in words.split())


def _begins(person: Thing, letter: str) -> bool:
    return any(name[0].startswith(letter) for name in person.full_names)


def _numbers(corpus: Corpus, key: Key) -> Iterable[tuple[str, int]]:
    """The stand-ins that the study uses already, by label and number."""
    ids = [case.id for case in corpus.cases]
    for text in (*ids, *(entry.surrogate for entry in key), *(d.text for d in corpus)):
        yield from (("P", int(number)) for number in _NUMBERED.findall(text))
        yield from ((label, int(number)) for label, number in _BRACKETED.findall(text))
