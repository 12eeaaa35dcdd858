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

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.cues import VERSION
from reflect_analysis.coders.matching import Matcher
from reflect_analysis.coders.patterns import (
    Pattern,
    PatternError,
    Phrase,
    Reference,
    Regex,
    read_pattern,
)
from reflect_analysis.coders.scopes import SCOPES
from reflect_analysis.errors import CodebookError, did_you_mean, raise_all
from reflect_analysis.provenance import fingerprint

__all__ = ["CodeRules", "Rulebook", "read_rules"]

RULES = ("exclude", "include", "require")

_read = lru_cache(maxsize=4096)(read_pattern)


@dataclass(frozen=True, slots=True)
class CodeRules:
    """What decides on one code.

    Parameters
    ----------
    code_id : str
    patterns : tuple of Pattern
    scopes : tuple of (str, str)
        The scopes that are not simply included, each with its rule, cheapest first.
    fingerprint : str
        Hash of the patterns and scopes, and of those of every code that they refer to.
    """

    code_id: str
    patterns: tuple[Pattern, ...]
    scopes: tuple[tuple[str, str], ...]
    fingerprint: str

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
    patterns = {code.id: tuple(_patterns(code, faults)) for code in codebook if code.patterns}
    for code in codebook:
        faults += _scope_faults(code)
        faults += _pattern_faults(code, patterns.get(code.id, ()), codebook)
    raise_all(CodebookError, faults)
    read: dict[str, CodeRules] = {}
    for code_id in _ordered(patterns):
        read[code_id] = _rules(codebook[code_id], patterns[code_id], read)
    return {code_id: _with_exclusions(rules, read) for code_id, rules in read.items()}


def _patterns(code: Code, faults: list[str]) -> Iterator[Pattern]:
    for number, text in enumerate(code.patterns, start=1):
        try:
            yield _read(text)
        except PatternError as error:
            faults.append(f"code {code.id!r}, pattern {number} {text!r}, {error}")


def _scope_faults(code: Code) -> Iterator[str]:
    for scope, rule in code.scopes.items():
        if scope not in SCOPES:
            hint = did_you_mean(scope, SCOPES) or f"; expected one of {', '.join(sorted(SCOPES))}"
            yield f"code {code.id!r}: unknown scope {scope!r}{hint}"
        if rule not in RULES:
            yield f"code {code.id!r}: scope {scope!r} is {rule!r}; expected {', '.join(RULES)}"


def _pattern_faults(code: Code, patterns: tuple[Pattern, ...], codebook: Codebook) -> Iterator[str]:
    """What is wrong with patterns that parse."""
    if patterns and not any(pattern.steps for pattern in patterns):
        yield f"code {code.id!r}: patterns that only exclude; there is nothing to exclude from"
    for pattern in patterns:
        where = f"code {code.id!r}, pattern {pattern.text!r}"
        if len(pattern.steps) > 1 and code.unit != "reflection":
            yield f"{where}: '>>' needs a code with unit: reflection"
        for wanted in _references([pattern]):
            if wanted not in codebook:
                yield f"{where}: no code {wanted!r}{did_you_mean(wanted, codebook.ids)}"
            elif not codebook[wanted].patterns:
                yield f"{where}: code {wanted!r} has no patterns to refer to"
    cycle = _cycle(code.id, codebook)
    if cycle:
        yield f"code {code.id!r} refers to itself: {' → '.join(cycle)}"


def _steps_refer(code_id: str, codebook: Codebook) -> Iterator[str]:
    """The codes without which a code cannot be judged: not those after ``!!``."""
    if code_id not in codebook:
        return
    for text in codebook[code_id].patterns:
        try:
            pattern = _read(text)
        except PatternError:
            continue
        yield from _needed(pattern)


def _needed(pattern: Pattern) -> Iterator[str]:
    yield from _references([Pattern(pattern.text, pattern.steps, pattern.unless)])


def _cycle(code_id: str, codebook: Codebook) -> list[str]:
    """The way from a code back to itself, or an empty list."""
    ways = [[code_id]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for wanted in _steps_refer(way[-1], codebook):
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


def _rules(code: Code, patterns: tuple[Pattern, ...], read: Mapping[str, CodeRules]) -> CodeRules:
    chosen = {scope: code.scopes.get(scope, "exclude") for scope in SCOPES}
    scopes = tuple((scope, rule) for scope, rule in chosen.items() if rule != "include")
    needed = sorted({wanted for pattern in patterns for wanted in _needed(pattern)})
    parts = [read[wanted].fingerprint for wanted in needed]
    key = fingerprint(VERSION, code.id, code.patterns, scopes, parts)[:16]
    return CodeRules(code.id, patterns, scopes, key)


def _with_exclusions(rules: CodeRules, read: Mapping[str, CodeRules]) -> CodeRules:
    """The same rules; their fingerprint also tells of the codes that stand after ``!!``."""
    others = sorted(rules.references())
    if not others:
        return rules
    key = fingerprint(rules.fingerprint, [read[each].fingerprint for each in others])[:16]
    return dataclasses.replace(rules, fingerprint=key)


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
        unique = dict.fromkeys(leaf for leaf in leaves if not isinstance(leaf, Reference))
        self.numbers: dict[Phrase | Regex, int] = {leaf: i for i, leaf in enumerate(unique)}
        self.expressions = {i: leaf for leaf, i in self.numbers.items() if isinstance(leaf, Regex)}
        self.matcher = Matcher(
            [(i, leaf.variants) for leaf, i in self.numbers.items() if isinstance(leaf, Phrase)]
        )

    @cached_property
    def users(self) -> dict[int, tuple[tuple[str, int], ...]]:
        """For each phrase the patterns, by code and place, that are judged where it is found."""
        users: dict[int, dict[tuple[str, int], None]] = {}
        for code_id, rules in self.rules.items():
            for place, pattern in enumerate(rules.patterns):
                for number in self._numbers_of([pattern], {code_id}):
                    users.setdefault(number, {})[code_id, place] = None
        return {number: tuple(patterns) for number, patterns in users.items()}

    def _numbers_of(self, patterns: Iterable[Pattern], seen: set[str]) -> Iterator[int]:
        """The phrases of some patterns and of all codes that they refer to."""
        for pattern in patterns:
            for leaf in pattern.leaves():
                if not isinstance(leaf, Reference):
                    yield self.numbers[leaf]
                elif leaf.code_id not in seen:
                    seen.add(leaf.code_id)
                    yield from self._numbers_of(self.rules[leaf.code_id].patterns, seen)


def _closure(rules: Mapping[str, CodeRules], wanted: Iterable[str]) -> set[str]:
    found: set[str] = set()
    open_ = list(wanted)
    while open_:
        code_id = open_.pop()
        if code_id not in found:
            found.add(code_id)
            open_ += rules[code_id].references()
    return found
