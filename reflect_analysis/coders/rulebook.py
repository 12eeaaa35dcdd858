"""The patterns of a codebook, read and checked once, ready to be judged on texts.

What a code's patterns find depends on the code, on the codes that it refers to, and on
nothing else: the fingerprint of these is the key under which results are kept, so that after
an edit to one code only that code (and what refers to it) is run again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.cues import VERSION
from reflect_analysis.coders.matching import Matcher, cost
from reflect_analysis.coders.patterns import PatternError, names_in, read_naming, read_pattern
from reflect_analysis.coders.phrases import Pattern, Phrase, Reference, Regex, Term, Variant
from reflect_analysis.coders.scopes import SCOPES
from reflect_analysis.errors import CodebookError, did_you_mean, raise_all
from reflect_analysis.provenance import fingerprint

__all__ = ["CodeRules", "Rulebook", "is_naming", "read_rules"]

RULES = ("exclude", "include", "require")

# Names for words with what they stand for, as a key.
Named = tuple[tuple[str, tuple[Variant, ...]], ...]


@dataclass(frozen=True, slots=True)
class CodeRules:
    """What decides on one code.

    Parameters
    ----------
    code_id : str
    patterns : tuple of Pattern
    scopes : tuple of (str, str)
        The scopes that are not simply included, each with its rule, cheapest first.
    marks : tuple of str
        For each pattern a hash of it, and of the words that it names.
    frame : str
        Hash of all else: the scopes, the patterns that exclude for all others, and the rules of
        every code that is referred to.
    places : str
        Hash of what else decides where the patterns find anything, whether it counts or is
        blocked: not of the scopes, unless a pattern tells a story.
    own : str
        Hash of all but the codes after ``&&`` and ``!!``, on which no other code depends.
    needs : tuple of (str, str)
        The codes without which a pattern cannot be judged, each with its `own`.
    fingerprint : str
        Hash of marks and frame: equal rules find the same.
    """

    code_id: str
    patterns: tuple[Pattern, ...]
    scopes: tuple[tuple[str, str], ...]
    marks: tuple[str, ...]
    frame: str
    places: str
    own: str
    needs: tuple[tuple[str, str], ...]
    fingerprint: str

    def framed(self, frame: str) -> CodeRules:
        """The same patterns in another frame."""
        key = fingerprint(frame, self.marks)[:16]
        return dataclasses.replace(self, frame=frame, fingerprint=key)

    def references(self) -> frozenset[str]:
        """The codes that the patterns refer to."""
        return frozenset(_references(self.patterns))


def _references(patterns: Iterable[Pattern]) -> Iterator[str]:
    for pattern in patterns:
        for leaf in pattern.leaves():
            if isinstance(leaf, Reference):
                yield leaf.code_id


def read_rules(codebook: Codebook) -> dict[str, CodeRules]:
    """The rules of every code that has patterns, each after those that it refers to.

    Raises
    ------
    CodebookError
        With every fault: code, pattern, column and what was expected.
    """
    faults: list[str] = []
    words = _words(codebook, faults)
    read_now = {code.id: tuple(_patterns(code, words, faults)) for code in codebook}
    patterns = {code_id: found for code_id, found in read_now.items() if found}
    for code in codebook:
        faults += _scope_faults(code)
        faults += _pattern_faults(code, patterns, codebook)
    raise_all(CodebookError, faults)
    read: dict[str, CodeRules] = {}
    for code_id in _ordered(patterns):
        read[code_id] = _rules(codebook[code_id], patterns[code_id], words, read)
    return {code_id: _with_exclusions(rules, read) for code_id, rules in read.items()}


@lru_cache(maxsize=4096)
def _read(text: str, named: Named) -> Pattern:
    return read_pattern(text, dict(named))


class _Words(NamedTuple):
    """A name for words, where it stands and what it stands for."""

    code_id: str
    text: str
    variants: tuple[Variant, ...]


def _words(codebook: Codebook, faults: list[str]) -> dict[str, _Words]:
    """The names for words of a codebook: they may stand in any code and hold for all."""
    found: dict[str, _Words] = {}
    for code in codebook:
        for number, text in enumerate(code.patterns, start=1):
            try:
                naming = read_naming(text)
            except PatternError as error:
                faults.append(f"code {code.id!r}, pattern {number} {text!r}, {error}")
                continue
            if naming is None:
                continue
            name, variants = naming
            if name in found:
                where = f"code {code.id!r}, pattern {number} {text!r}"
                faults.append(f"{where}: code {found[name].code_id!r} names '${name}' already")
            found.setdefault(name, _Words(code.id, text, variants))
    return found


@lru_cache(maxsize=4096)
def is_naming(text: str) -> bool:
    """Whether a pattern only names words."""
    try:
        return read_naming(text) is not None
    except PatternError:
        return True


def _patterns(code: Code, words: Mapping[str, _Words], faults: list[str]) -> Iterator[Pattern]:
    for number, text in enumerate(code.patterns, start=1):
        if is_naming(text):
            continue
        wanted = names_in(text)
        unknown = any(name not in words for name in wanted)  # then the hint needs all of them
        named = [(n, each.variants) for n, each in words.items() if unknown or n in wanted]
        try:
            yield _read(text, tuple(named))
        except PatternError as error:
            faults.append(f"code {code.id!r}, pattern {number} {text!r}, {error}")


def _scope_faults(code: Code) -> Iterator[str]:
    for scope, rule in code.scopes.items():
        if scope not in SCOPES:
            hint = did_you_mean(scope, SCOPES) or f"; expected one of {', '.join(sorted(SCOPES))}"
            yield f"code {code.id!r}: unknown scope {scope!r}{hint}"
        if rule not in RULES:
            yield f"code {code.id!r}: scope {scope!r} is {rule!r}; expected {', '.join(RULES)}"


def _pattern_faults(
    code: Code, read: Mapping[str, tuple[Pattern, ...]], codebook: Codebook
) -> Iterator[str]:
    """What is wrong with patterns that parse."""
    patterns = read.get(code.id, ())
    if patterns and not any(pattern.steps for pattern in patterns):
        yield f"code {code.id!r}: patterns that only exclude; there is nothing to exclude from"
    for pattern in patterns:
        where = f"code {code.id!r}, pattern {pattern.text!r}"
        if len(pattern.steps) > 1 and code.unit != "reflection":
            yield f"{where}: '>>' needs a code with unit: reflection"
        for wanted in _references([pattern]):
            if wanted not in codebook:
                yield f"{where}: no code {wanted!r}{did_you_mean(wanted, codebook.ids)}"
            elif all(map(is_naming, codebook[wanted].patterns)):
                yield f"{where}: code {wanted!r} has no patterns to refer to"
    cycle = _cycle(code.id, read)
    if cycle:
        yield f"code {code.id!r} refers to itself: {' → '.join(cycle)}"


def _needed(pattern: Pattern) -> Iterator[str]:
    """The codes without which a pattern cannot be judged: not those after ``&&`` and ``!!``."""
    yield from _references([Pattern(pattern.text, pattern.steps, pattern.unless)])


def _cycle(code_id: str, read: Mapping[str, tuple[Pattern, ...]]) -> list[str]:
    """The way from a code back to itself, or an empty list."""
    ways = [[code_id]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for wanted in (each for pattern in read.get(way[-1], ()) for each in _needed(pattern)):
            if wanted == code_id:
                return [*way, wanted]
            if wanted not in seen:
                seen.add(wanted)
                ways.append([*way, wanted])
    return []


def _ordered(patterns: Mapping[str, tuple[Pattern, ...]]) -> list[str]:
    """The codes, each after those that it needs."""
    done: dict[str, None] = {}

    def visit(code_id: str) -> None:
        if code_id not in done:
            for pattern in patterns[code_id]:
                for wanted in _needed(pattern):
                    visit(wanted)
            done[code_id] = None

    for code_id in patterns:
        visit(code_id)
    return list(done)


def _rules(
    code: Code,
    patterns: tuple[Pattern, ...],
    words: Mapping[str, _Words],
    read: Mapping[str, CodeRules],
) -> CodeRules:
    chosen = {scope: code.scopes.get(scope, "exclude") for scope in SCOPES}
    scopes = tuple((scope, rule) for scope, rule in chosen.items() if rule != "include")
    needed = sorted({wanted for pattern in patterns for wanted in _needed(pattern)})
    needs = tuple((wanted, read[wanted].own) for wanted in needed)
    marks = tuple(_mark(pattern.text, words) for pattern in patterns)
    for_all = [m for m, pattern in zip(marks, patterns, strict=True) if not pattern.steps]
    frame = fingerprint(VERSION, code.id, scopes, needs, for_all)[:16]
    # A story goes on from what counts, so that its scopes decide on what it finds.
    story = scopes if any(len(pattern.steps) > 1 for pattern in patterns) else ()
    places = fingerprint(VERSION, code.id, story)[:16]
    bare = CodeRules(code.id, patterns, scopes, marks, "", places, "", needs, "").framed(frame)
    return dataclasses.replace(bare, own=bare.fingerprint)


def _mark(text: str, words: Mapping[str, _Words]) -> str:
    """A pattern's hash, with the words that it names."""
    used = sorted({words[name].text for name in names_in(text) if name in words})
    return fingerprint(text, used)[:16]


def _with_exclusions(rules: CodeRules, read: Mapping[str, CodeRules]) -> CodeRules:
    """The same rules; their frame also tells of the codes that stand after ``!!``."""
    others = sorted(rules.references())
    if not others:
        return rules
    return rules.framed(fingerprint(rules.frame, [read[c].fingerprint for c in others])[:16])


class Rulebook:
    """Rules of some codes together with all that they refer to, their phrases in one index.

    Parameters
    ----------
    rules : mapping of str to CodeRules
        All rules of the codebook.
    wanted : iterable of str
        The codes to be judged.
    """

    def __init__(self, rules: Mapping[str, CodeRules], wanted: Iterable[str]) -> None:
        closure = _closure(rules, wanted)
        self.rules = {code_id: rules[code_id] for code_id in rules if code_id in closure}
        leaves = (
            leaf for each in self.rules.values() for p in each.patterns for leaf in p.leaves()
        )
        self.numbers: dict[Phrase | Regex, int] = {}
        # Phrases that find the same have one number, however they are written: I|me and me|I.
        same: dict[object, int] = {}
        for leaf in leaves:
            if not isinstance(leaf, Reference):
                key = frozenset(leaf.variants) if isinstance(leaf, Phrase) else leaf
                self.numbers[leaf] = same.setdefault(key, len(same))
        self._leaves = {number: leaf for leaf, number in self.numbers.items()}
        self._single: dict[int, Matcher] = {}

    @cached_property
    def matcher(self) -> Matcher:
        """What finds the phrases without which no pattern can match."""
        first = ((i, self._leaves[i]) for i in self.users)
        return Matcher([(i, leaf.variants) for i, leaf in first if isinstance(leaf, Phrase)])

    @cached_property
    def expressions(self) -> dict[int, Regex]:
        """The regular expressions without which no pattern can match."""
        first = ((i, self._leaves[i]) for i in self.users)
        return {i: leaf for i, leaf in first if isinstance(leaf, Regex)}

    def leaf(self, number: int) -> Phrase | Regex:
        """The phrase or expression of a number."""
        return self._leaves[number]

    def single(self, number: int) -> Matcher:
        """What finds one phrase alone: asked for only where another part of a pattern matched."""
        if number not in self._single:
            leaf = self._leaves[number]
            variants = leaf.variants if isinstance(leaf, Phrase) else ()
            self._single[number] = Matcher([(number, variants)])
        return self._single[number]

    def codes_with(self, leaf: Regex) -> list[str]:
        """The codes in whose patterns an expression stands."""
        rules = self.rules.items()
        return [c for c, each in rules if any(leaf in p.leaves() for p in each.patterns)]

    @cached_property
    def users(self) -> dict[int, tuple[tuple[str, int], ...]]:
        """For each phrase the patterns, by code and place, that can match only where it is."""
        users: dict[int, dict[tuple[str, int], None]] = {}
        for code_id, rules in self.rules.items():
            for place, pattern in enumerate(rules.patterns):
                for number in self._first_of(pattern, {code_id}):
                    users.setdefault(number, {})[code_id, place] = None
        return {number: tuple(patterns) for number, patterns in users.items()}

    def _first_of(self, pattern: Pattern, seen: set[str]) -> Iterator[int]:
        """The phrases of the term that is looked for first, and those of all it refers to."""
        terms = [term for clause in pattern.steps for term in clause.needs]
        for leaf in min(terms, key=_cost_of_term).leaves if terms else ():
            if not isinstance(leaf, Reference):
                yield self.numbers[leaf]
            elif leaf.code_id not in seen:
                seen.add(leaf.code_id)
                for inner in self.rules[leaf.code_id].patterns:
                    yield from self._first_of(inner, seen)


def _cost_of_term(term: Term) -> float:
    """How often a term would be looked at; that of another code is looked at anyway."""
    return sum(
        sum(map(cost, leaf.variants)) if isinstance(leaf, Phrase) else _COST[type(leaf)]
        for leaf in term.leaves
    )


# A regular expression is run on every sentence; a code that is referred to is judged before.
_COST = {Regex: 1_000.0, Reference: 100.0}


def _closure(rules: Mapping[str, CodeRules], wanted: Iterable[str]) -> set[str]:
    found: set[str] = set()
    open_ = list(wanted)
    while open_:
        code_id = open_.pop()
        if code_id not in found:
            found.add(code_id)
            open_ += rules[code_id].references()
    return found
