"""Find the phrases of many patterns in a parse, looking up each word of the text once.

Every variant of a phrase is filed under its rarest word. A text's words are looked up in that
index, and only where one is found is the variant tried, so that the time hangs on the length
of the text and on what it holds, hardly on the number of patterns. A match never leaves its
sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from reflect_analysis.coders.cues import COMMON, COMMONEST, FREQUENT
from reflect_analysis.coders.phrases import Gap, Slot, Token, Variant
from reflect_analysis.language import Parse, normalised

__all__ = ["Hit", "Matcher", "PhraseIndex", "RegexTimeoutError", "Words", "cost", "regex_hits"]

# Seconds that a regular expression may take on one sentence.
REGEX_SECONDS = 1.0
# Words in an index up to which it is first asked whether the text holds any of them.
_SMALL = 100
# The cost of a phrase that names no word.
_ANY_WORD = 10_000.0


class Hit(NamedTuple):
    """A phrase in a parse: half-open tokens, and those that the phrase names itself."""

    first: int
    last: int
    said: tuple[int, ...]
    sentence: int


# Tokens that a variant takes, each with whether it names the word.
Taken = tuple[tuple[int, bool], ...]
# Where what is left of a variant, from a part on, does not match: (part, token).
_Dead = set[tuple[int, int]]


class RegexTimeoutError(RuntimeError):
    """A regular expression that ran over its time."""


class _Entry(NamedTuple):
    """A variant in the index.

    `leaf` is the number of its phrase; `before` says how many words may come before the filed
    one, exactly so many if `fixed`; `plain` are its slots if it has neither gap nor option;
    a sentence must hold a word of each set of the index that has a bit in `needs`.
    """

    number: int
    leaf: int
    variant: Variant
    before: int
    fixed: bool
    plain: tuple[Slot, ...] | None
    needs: int


# A variant after what a sentence must hold for it, which is looked at for nearly all of them.
_Filed = tuple[int, _Entry]


class PhraseIndex(dict[str, list[_Filed]]):
    """Variants by the word that they are filed under.

    Parameters
    ----------
    phrases : sequence of (int, sequence of Variant)
        Each phrase with its number.
    """

    def __init__(self, phrases: Sequence[tuple[int, Sequence[Variant]]]) -> None:
        super().__init__()
        self._prefixes: list[tuple[str, _Filed]] = []
        self.everywhere: list[_Filed] = []
        self._count = 0
        # The sets of words of which a sentence must hold one, each with its bit; and by word
        # the bits of all sets that it is in.
        self._sets: dict[frozenset[str], int] = {}
        self._bits: dict[str, int] = {}
        for leaf, variants in phrases:
            for variant in variants:
                self._file(leaf, variant)
        self._begins = tuple({prefix for prefix, _ in self._prefixes})
        for word in self:
            self[word].extend(self._by_prefix(word))

    def _file(self, leaf: int, variant: Variant) -> None:
        rarities = {i: c for i, part in enumerate(variant) if (c := _rarity(part)) is not None}
        places = sorted(rarities, key=rarities.__getitem__)
        place = places[0] if places else 0
        before = variant[:place]
        slots = tuple(part for part in variant if isinstance(part, Slot) and not part.optional)
        entry = _Entry(
            number=self._count,
            leaf=leaf,
            variant=variant,
            before=sum(part.most if isinstance(part, Gap) else 1 for part in before),
            fixed=all(part in slots for part in before),
            plain=slots if len(slots) == len(variant) else None,
            needs=sum({self._bit(_needs(variant[i])) for i in places[1:]}),
        )
        self._count += 1
        filed = (entry.needs, entry)
        if not places:
            self.everywhere.append(filed)
            return
        for token in _options(variant[place]):
            for word in token.words | token.exact:
                self.setdefault(word, []).append(filed)
            self._prefixes += [(prefix, filed) for prefix in token.prefixes]

    def _bit(self, words: frozenset[str]) -> int:
        """The bit of a set of words; none of an empty one, which asks for nothing."""
        bit = self._sets.get(words)
        if bit is None:
            bit = self._sets[words] = 1 << len(self._sets) if words else 0
            for word in words:
                self._bits[word] = self._bits.get(word, 0) | bit
        return bit

    def lacking(self, words: Iterable[str]) -> int:
        """The bits of the sets of which none of these words is one."""
        held, bits = 0, self._bits
        for word in words:
            if word in bits:
                held |= bits[word]
        return ~held

    def candidates(self, parse: Parse) -> list[tuple[int, list[_Filed]]]:
        """Tokens with what is filed under their form, their lemma or their stem."""
        forms = parse.forms
        found = [(i, self[word]) for i, word in enumerate(forms) if word in self]
        found += [
            (i, self[word])
            for i, word in enumerate(parse.lemmas)
            if word in self and word != forms[i]
        ]
        found += [(i, self[word]) for i, word in enumerate(parse.stems) if word and word in self]
        if self._begins:
            begins = self._begins
            rest = [i for i, w in enumerate(forms) if w.startswith(begins) and w not in self]
            found += [(i, self._by_prefix(forms[i])) for i in rest]
        if self.everywhere:
            found += [(i, self.everywhere) for i in range(len(forms))]
        return found

    def may_be_in(self, words: Words) -> bool:
        """Whether a text can hold anything that is filed: a quick look for a small index."""
        if self._begins or self.everywhere or len(self) > _SMALL:
            return True
        return words.holds_any(self.keys())

    def _by_prefix(self, word: str) -> list[_Filed]:
        if not word.startswith(self._begins):
            return []
        return [filed for prefix, filed in self._prefixes if word.startswith(prefix)]


def _options(part: Slot | Gap) -> tuple[Token, ...]:
    return part.options if isinstance(part, Slot) else ()


def _rarity(part: Slot | Gap) -> float | None:
    """How often a part would be looked at: the less, the better; `None` where it names no word."""
    if isinstance(part, Gap) or part.optional or not all(t.is_literal for t in part.options):
        return None
    words = [word for token in part.options for word in token.words | token.exact]
    prefixes = sum(len(token.prefixes) for token in part.options)
    return sum(map(_frequency, words)) + 3.0 * prefixes


def cost(variant: Variant) -> float:
    """How often a variant would be looked at, by the rarest of its words."""
    return min((c for part in variant if (c := _rarity(part)) is not None), default=_ANY_WORD)


def _frequency(word: str) -> float:
    """How often a word stands in a text, roughly, beside one that is in no list."""
    if word in COMMONEST:
        return 300.0
    return 80.0 if word in COMMON else 10.0 if word in FREQUENT else 1.0


def _needs(part: Slot | Gap) -> frozenset[str]:
    """The words of which one must be there; empty where a prefix would do as well."""
    options = _options(part)
    if any(token.prefixes for token in options):
        return frozenset()
    return frozenset().union(*(token.words | token.exact for token in options))


class Words:
    """A parse, and by what the words of each of its sentences can be found."""

    __slots__ = ("_all", "_in_sentences", "_of_tokens", "parse")

    def __init__(self, parse: Parse) -> None:
        self.parse = parse
        self._all: frozenset[str] = frozenset()
        self._of_tokens: list[int] = []
        self._in_sentences: dict[int, frozenset[str]] = {}

    def of_tokens(self) -> Sequence[int]:
        """For each token the number of its sentence."""
        if not self._of_tokens:
            for number, (begin, end) in enumerate(self.parse.sentences):
                self._of_tokens += [number] * (end - begin)
        return self._of_tokens

    def holds_any(self, wanted: KeysView[str]) -> bool:
        """Whether any word of the text is found by one of these."""
        if not self._in_sentences:  # nothing was looked for yet, and the words may be packed still
            return self.parse.holds_any(wanted)
        if not self._all:
            self._all = frozenset(self.parse.forms).union(self.parse.lemmas, self.parse.stems)
        return not wanted.isdisjoint(self._all)

    def in_sentence(self, number: int) -> frozenset[str]:
        """All by which the words of a sentence are found."""
        known = self._in_sentences.get(number)
        if known is None:
            begin, end = self.parse.sentences[number]
            columns = (self.parse.lemmas, self.parse.stems)
            rest = (column[begin:end] for column in columns)
            known = frozenset(self.parse.forms[begin:end]).union(*rest)
            self._in_sentences[number] = known
        return known


class Matcher:
    """Phrases, each with its number, ready to be found in parses."""

    def __init__(self, phrases: Sequence[tuple[int, Sequence[Variant]]]) -> None:
        self._index = PhraseIndex(phrases)

    def hits(self, words: Words) -> dict[int, list[Hit]]:
        """Every phrase that a parse holds, by its number, in the order of the text."""
        index, parse = self._index, words.parse
        if not index.may_be_in(words):
            return {}
        found: dict[int, dict[tuple[int, int], Hit]] = {}
        tried: set[tuple[int, int]] = set()
        dead: dict[int, _Dead] = {}
        for token, number, entry in _possible(index, words):
            begin, end = parse.sentences[number]
            for start in _starts(parse, entry, token, begin):
                if (entry.number, start) in tried:
                    continue
                tried.add((entry.number, start))
                taken = _match(entry, parse, start, end, dead)
                if taken:
                    hit = _hit(taken, number)
                    found.setdefault(entry.leaf, {}).setdefault(hit[:2], hit)
        return {leaf: [hits[key] for key in sorted(hits)] for leaf, hits in found.items()}


def _possible(index: PhraseIndex, words: Words) -> Iterator[tuple[int, int, _Entry]]:
    """(token, sentence, variant) where the sentence holds every word of the variant.

    Of twenty variants under the words of a text nineteen are out by this, so that each costs
    one look at a number.
    """
    of_tokens = words.of_tokens()
    lacking: dict[int, int] = {}
    for token, entries in index.candidates(words.parse):
        number = of_tokens[token]
        if number not in lacking:
            lacking[number] = index.lacking(words.in_sentence(number))
        absent = lacking[number]
        for needs, entry in entries:
            if not needs & absent:
                yield token, number, entry


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


def _match(entry: _Entry, parse: Parse, at: int, end: int, dead: dict[int, _Dead]) -> Taken:
    """The tokens taken by a variant that begins at a token, each with whether it is named.

    Gaps are as short as they can be; an optional word is taken if it is there. Empty where
    the variant does not match.

    Parameters
    ----------
    dead : dict of int to set of (int, int)
        For each variant what is known to fail in this text, whatever came before it. It is
        added to, so that a variant of several gaps takes parts × words × gap steps and not
        gap ** gaps.
    """
    if entry.plain is None:
        first = entry.variant[0]
        if isinstance(first, Slot) and not first.optional and _fits(first, parse, at) is None:
            return ()  # nearly always: a gap lets a variant begin at several words
        failed = dead.setdefault(entry.number, set())
        return _Walk(entry.variant, parse, end, failed).onward(0, at) or ()
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


class _Walk(NamedTuple):
    """A variant with gaps or options on its way through a sentence that ends at `end`."""

    variant: Variant
    parse: Parse
    end: int
    dead: _Dead

    def onward(self, part: int, at: int) -> Taken | None:
        """What is taken by a part and those after it; `None` where they do not match."""
        if part == len(self.variant):
            return ()
        if (part, at) in self.dead:
            return None
        here = self.variant[part]
        taken = self.gap(here, part, at) if isinstance(here, Gap) else self.slot(here, part, at)
        if taken is None:
            self.dead.add((part, at))
        return taken

    def slot(self, slot: Slot, part: int, at: int) -> Taken | None:
        """A word, and what follows it."""
        fit = _fits(slot, self.parse, at) if at < self.end else None
        rest = None if fit is None else self.onward(part + 1, at + 1)
        if fit is not None and rest is not None:
            return ((at, fit), *rest)
        return self.onward(part + 1, at) if slot.optional else None

    def gap(self, gap: Gap, part: int, at: int) -> Taken | None:
        """What follows a gap, as near as it can be; marks do not count as words."""
        words = 0
        for here in range(at, self.end):
            rest = self.onward(part + 1, here)
            if rest is not None:
                return rest
            words += self.parse.pos[here] != "PUNCT"
            if words > gap.most:
                return None
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
