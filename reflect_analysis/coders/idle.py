"""Patterns that can never find anything of their own, judged by the patterns alone.

Only what is certain is told: a pattern that stands twice, one whose every phrase another
pattern of the code finds word for word, one that its own code excludes, and a name for words
that no pattern uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.patterns import names_in
from reflect_analysis.coders.phrases import Gap, Pattern, Phrase, Slot, Term, Token, Variant
from reflect_analysis.coders.rulebook import CodeRules, is_naming, read_rules

__all__ = ["idle_patterns"]


def idle_patterns(codebook: Codebook) -> Iterator[tuple[str, str]]:
    """(code, what is told) of every pattern that finds nothing of its own.

    Raises
    ------
    CodebookError
        If patterns do not parse.
    """
    rules = read_rules(codebook)
    used = {
        name
        for code in codebook
        for text in code.patterns
        if not is_naming(text)
        for name in names_in(text)
    }
    for code in codebook.in_use:
        yield from _unused_names(code, used)
        if code.id in rules:
            yield from _idle(rules[code.id])


def _unused_names(code: Code, used: set[str]) -> Iterator[tuple[str, str]]:
    for text in filter(is_naming, code.patterns):
        name = names_in(text)[0]
        if name not in used:
            yield code.id, f"no pattern uses the words named '${name}'"


def _idle(rules: CodeRules) -> Iterator[tuple[str, str]]:
    """Of one code."""
    excluded = [term for pattern in rules.patterns if not pattern.steps for term in pattern.unless]
    for place, pattern in enumerate(rules.patterns):
        told = _excludes_itself(pattern, excluded) or _is_found_by(pattern, rules, place)
        if told:
            yield rules.code_id, f"{pattern.text!r} {told}"


def _excludes_itself(pattern: Pattern, for_all: Sequence[Term]) -> str:
    """Whether what a pattern needs is what it, or its code, excludes from the sentence."""
    if len(pattern.steps) != 1:
        return ""
    (clause,) = pattern.steps
    for term in clause.needs:
        for unless in (*clause.unless, *for_all):
            excluded = _phrases(unless)
            if all(any(_holds(v, other) for other in excluded) for v in _phrases(term) or [()]):
                return "can find nothing: '!' excludes the same words"
    return ""


def _is_found_by(pattern: Pattern, rules: CodeRules, place: int) -> str:
    """Whether another pattern of the code finds whatever this one finds."""
    own = _only_term(pattern)
    if own is None:
        return ""
    for number, other in enumerate(rules.patterns):
        term = _only_term(other)
        if number == place or term is None or not _is_plain(other):
            continue
        if other.text == pattern.text:
            if number < place:
                return "stands twice"
            continue
        found = _phrases(term)
        if all(any(_covers(wide, narrow) for wide in found) for narrow in _phrases(own) or [()]):
            return f"finds nothing that {other.text!r} does not find"
    return ""


def _only_term(pattern: Pattern) -> Term | None:
    """The term of a pattern that has no other; `None` where it has more, or a reference."""
    if len(pattern.steps) != 1 or len(pattern.steps[0].needs) != 1:
        return None
    term = pattern.steps[0].needs[0]
    return term if all(isinstance(leaf, Phrase) for leaf in term.leaves) else None


def _is_plain(pattern: Pattern) -> bool:
    """Whether nothing narrows a pattern."""
    narrowed = any(clause.unless for clause in pattern.steps)
    return not (narrowed or pattern.given or pattern.without)


def _phrases(term: Term) -> list[Variant]:
    """The phrases of a term, with and without their optional words."""
    variants = [v for leaf in term.leaves if isinstance(leaf, Phrase) for v in leaf.variants]
    return [written for variant in variants for written in _written_out(variant)]


def _written_out(variant: Variant) -> Iterator[Variant]:
    choices = [
        ((), (part._replace(optional=False),))
        if isinstance(part, Slot) and part.optional
        else ((part,),)
        for part in variant
    ]
    for pieces in product(*choices):
        yield tuple(part for piece in pieces for part in piece)


def _holds(whole: Variant, part: Variant) -> bool:
    """Whether a phrase always holds another, word next to word."""
    size = len(part)
    return any(_covers(part, whole[i : i + size]) for i in range(len(whole) - size + 1))


def _covers(wide: Variant, narrow: Variant) -> bool:
    """Whether one phrase finds whatever another finds, word for word."""
    return len(wide) == len(narrow) > 0 and all(
        _covers_part(one, other) for one, other in zip(wide, narrow, strict=True)
    )


def _covers_part(wide: Slot | Gap, narrow: Slot | Gap) -> bool:
    if isinstance(wide, Gap) or isinstance(narrow, Gap):
        return isinstance(wide, Gap) and isinstance(narrow, Gap) and wide.most >= narrow.most
    return all(any(_covers_token(w, n) for w in wide.options) for n in narrow.options)


def _covers_token(wide: Token, narrow: Token) -> bool:
    """Whether one token fits whatever another fits."""
    if wide == narrow:
        return True
    if wide.tests or narrow.tests or (wide.pos and wide.pos != narrow.pos):
        return False
    if wide.prefixes:
        words = narrow.exact | frozenset(narrow.prefixes)
        return bool(words) and all(word.startswith(wide.prefixes) for word in words)
    if wide.exact:
        return bool(narrow.exact) and narrow.exact <= wide.exact
    return bool(narrow.words | narrow.exact) and (narrow.words | narrow.exact) <= wide.words
