"""Find the phrases of many patterns in a parse, looking up each word of the text once.

Every variant of a phrase is filed under its rarest word. A text's words are looked up in that
index, and only where one is found is the variant tried, so that the time hangs on the length
of the text and on what it holds, hardly on the number of patterns. A match never leaves its
sentence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reflect_analysis.coders.cues import COMMON
from reflect_analysis.coders.phrases import Gap, Slot, Token, Variant
from reflect_analysis.language import Parse, normalised

__all__ = ["Hit", "Matcher", "PhraseIndex", "RegexTimeoutError", "regex_hits"]

# Seconds that a regular expression may take on one sentence.
REGEX_SECONDS = 1.0


class Hit(NamedTuple):
    """A phrase in a parse: half-open tokens, and those that the phrase names itself."""

    first: int
    last: int
    said: tuple[int, ...]
    sentence: int


# Tokens that a variant takes, each with whether it names the word.
Taken = tuple[tuple[int, bool], ...]


class RegexTimeoutError(RuntimeError):
    """A regular expression that ran over its time."""


class _Entry(NamedTuple):
    """A variant in the index.

    `leaf` is the number of its phrase; `before` says how many words may come before the filed
    one, exactly so many if `fixed`; `plain` are its slots if it has neither gap nor option.
    """

    number: int
    leaf: int
    variant: Variant
    before: int
    fixed: bool
    plain: tuple[Slot, ...] | None


class PhraseIndex(dict[str, tuple[_Entry, ...]]):
    """Variants by the word that they are filed under; an unknown word gives an empty tuple.

    Parameters
    ----------
    phrases : sequence of (int, sequence of Variant)
        Each phrase with its number.
    """

    def __init__(self, phrases: Sequence[tuple[int, Sequence[Variant]]]) -> None:
        super().__init__()
        self._prefixes: list[tuple[str, _Entry]] = []
        self.everywhere: tuple[_Entry, ...] = ()
        self._count = 0
        for leaf, variants in phrases:
            for variant in variants:
                self._file(leaf, variant)
        for word in self:
            self[word] += self._by_prefix(word)

    def _file(self, leaf: int, variant: Variant) -> None:
        places = [i for i, part in enumerate(variant) if _rarity(part) is not None]
        place = min(places, key=lambda i: _rarity(variant[i]) or 0) if places else 0
        before = variant[:place]
        slots = tuple(part for part in variant if isinstance(part, Slot) and not part.optional)
        entry = _Entry(
            number=self._count,
            leaf=leaf,
            variant=variant,
            before=sum(part.most if isinstance(part, Gap) else 1 for part in before),
            fixed=all(part in slots for part in before),
            plain=slots if len(slots) == len(variant) else None,
        )
        self._count += 1
        if not places:
            self.everywhere += (entry,)
            return
        for token in _options(variant[place]):
            for word in token.words | token.exact:
                self[word] = (*self.get(word, ()), entry)
            self._prefixes += [(prefix, entry) for prefix in token.prefixes]

    def __missing__(self, word: str) -> tuple[_Entry, ...]:
        found = self[word] = self._by_prefix(word)
        return found

    def _by_prefix(self, word: str) -> tuple[_Entry, ...]:
        return tuple(entry for prefix, entry in self._prefixes if word.startswith(prefix))


def _options(part: Slot | Gap) -> tuple[Token, ...]:
    return part.options if isinstance(part, Slot) else ()


def _rarity(part: Slot | Gap) -> float | None:
    """How often a part would be looked at: the less, the better; `None` where it names no word."""
    if isinstance(part, Gap) or part.optional or not all(t.is_literal for t in part.options):
        return None
    words = [word for token in part.options for word in token.words | token.exact]
    prefixes = sum(len(token.prefixes) for token in part.options)
    return sum(100.0 if word in COMMON else 1.0 for word in words) + 3.0 * prefixes


class Matcher:
    """All phrases of a set of codes, ready to be found in parses."""

    def __init__(self, phrases: Sequence[tuple[int, Sequence[Variant]]]) -> None:
        self._index = PhraseIndex(phrases)

    def hits(self, parse: Parse) -> dict[int, list[Hit]]:
        """Every phrase that a parse holds, by its number, in the order of the text."""
        found: dict[int, dict[tuple[int, int], Hit]] = {}
        tried: set[tuple[int, int]] = set()
        begins = [begin for begin, _ in parse.sentences]
        for token, entries in self._candidates(parse):
            number = bisect_right(begins, token) - 1
            begin, end = parse.sentences[number]
            for entry in entries:
                for start in _starts(parse, entry, token, begin):
                    if (entry.number, start) in tried:
                        continue
                    tried.add((entry.number, start))
                    taken = _match(entry, parse, start, end)
                    if taken:
                        hit = _hit(taken, number)
                        found.setdefault(entry.leaf, {}).setdefault(hit[:2], hit)
        return {leaf: [hits[key] for key in sorted(hits)] for leaf, hits in found.items()}

    def _candidates(self, parse: Parse) -> list[tuple[int, tuple[_Entry, ...]]]:
        """Tokens with the variants that are filed under one of their words."""
        filed = self._index.__getitem__
        forms, lemmas = parse.forms, parse.lemmas
        found = [(i, e) for i, e in enumerate(map(filed, forms)) if e]
        other = ((i, e) for i, e in enumerate(map(filed, lemmas)) if e)
        found += [(i, e) for i, e in other if lemmas[i] is not forms[i]]
        found += [(i, e) for i, e in enumerate(map(filed, parse.stems)) if e]
        if self._index.everywhere:
            found += [(i, self._index.everywhere) for i in range(len(parse))]
        return found


def _hit(taken: Taken, sentence: int) -> Hit:
    """A match; where no word is named, as in ``*:ADJ``, all are."""
    said = tuple([i for i, named in taken if named] or [i for i, _ in taken])
    return Hit(taken[0][0], taken[-1][0] + 1, said, sentence)


def _starts(parse: Parse, entry: _Entry, token: int, begin: int) -> Iterable[int]:
    """Where a variant may begin if its filed word stands at `token`."""
    if entry.fixed:
        start = token - entry.before
        return (start,) if start >= begin else ()
    starts, words, here = [token], 0, token
    while here > begin and words < entry.before:
        here -= 1
        words += parse.pos[here] != "PUNCT"
        starts.append(here)
    return starts


def _match(entry: _Entry, parse: Parse, at: int, end: int) -> Taken:
    """The tokens taken by a variant that begins at a token, each with whether it is named.

    Gaps are as short as they can be; an optional word is taken if it is there. Empty where
    the variant does not match.
    """
    if entry.plain is None:
        return _walk(entry.variant, 0, parse, at, end) or ()
    if at + len(entry.plain) > end:
        return ()
    taken = []
    for slot in entry.plain:
        fit = _fits(slot, parse, at)
        if fit is None:
            return ()
        taken.append((at, fit))
        at += 1
    return tuple(taken)


def _walk(variant: Variant, part: int, parse: Parse, at: int, end: int) -> Taken | None:
    if part == len(variant):
        return ()
    here = variant[part]
    if isinstance(here, Gap):
        return _over_gap(variant, part, parse, at, end)
    if at < end:
        fit = _fits(here, parse, at)
        if fit is not None:
            rest = _walk(variant, part + 1, parse, at + 1, end)
            if rest is not None:
                return ((at, fit), *rest)
    return _walk(variant, part + 1, parse, at, end) if here.optional else None


def _over_gap(variant: Variant, part: int, parse: Parse, at: int, end: int) -> Taken | None:
    """What follows a gap, as near as it can be; marks do not count as words."""
    gap = variant[part]
    words = 0
    while at < end and isinstance(gap, Gap):
        rest = _walk(variant, part + 1, parse, at, end)
        if rest is not None:
            return rest
        words += parse.pos[at] != "PUNCT"
        if words > gap.most:
            return None
        at += 1
    return None


def _fits(slot: Slot, parse: Parse, at: int) -> bool | None:
    """`None` where a token does not fit; else whether the slot names its word."""
    form = parse.forms[at]
    for words, exact, prefixes, pos, tests in slot.options:
        if words and not (form in words or parse.lemmas[at] in words or parse.stems[at] in words):
            continue
        if exact and form not in exact:
            continue
        if prefixes and not form.startswith(prefixes):
            continue
        if pos and pos not in (parse.pos[at], parse.tags[at]):
            continue
        if tests and not all(_holds(test, parse, at) for test in tests):
            continue
        if words or exact or prefixes:
            return True
        if not pos and not tests and parse.pos[at] == "PUNCT":
            continue
        return any(test[0] in _WORD_COLUMNS for test in tests)
    return None


_WORD_COLUMNS = frozenset(["forms", "lemmas", "text"])


def _holds(test: tuple[str, frozenset[str], str], parse: Parse, at: int) -> bool:
    column, values, kind = test
    value = (
        parse.text[parse.starts[at] : parse.ends[at]]
        if column == "text"
        else getattr(parse, column)[at]
    )
    return (value in values) == (kind == "in")


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Any:
    import regex  # type: ignore[import-untyped]  # it ships no types

    return regex.compile(expression, regex.IGNORECASE)


def regex_hits(expression: str, parse: Parse) -> list[Hit]:
    """Where a regular expression matches within the sentences of a parse.

    Raises
    ------
    RegexTimeoutError
        If it takes more than `REGEX_SECONDS` on one sentence.
    """
    compiled = _compiled(expression)
    plain = normalised(parse.text)
    found = []
    for number, (begin, end) in enumerate(parse.sentences):
        offset = parse.starts[begin]
        sentence = plain[offset : parse.ends[end - 1]]
        try:
            spans = [m.span() for m in compiled.finditer(sentence, timeout=REGEX_SECONDS)]
        except TimeoutError:
            raise RegexTimeoutError(expression) from None
        for left, right in spans:
            said = _tokens_in(parse, begin, end, offset + left, offset + right)
            if said and left < right:
                found.append(Hit(said[0], said[-1] + 1, said, number))
    return found


def _tokens_in(parse: Parse, begin: int, end: int, left: int, right: int) -> tuple[int, ...]:
    """The tokens of a sentence that a span touches."""
    return tuple(i for i in range(begin, end) if parse.starts[i] < right and parse.ends[i] > left)
