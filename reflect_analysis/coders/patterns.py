r"""The pattern language of the rule coder, on one page.

A pattern describes what people say within one sentence. Case does not matter, nor do curly or
straight apostrophes, hyphens, quotation marks or brackets: ``worn out`` finds “worn-out”.

=====================  =====================================================================
You write              It finds
=====================  =====================================================================
``drain``              the word and all its forms: *drain, drains, drained, draining*
``"left"``             exactly this form: *left*, not *leave*; several words in quotes likewise
``exhaust*``           every word that begins so: *exhausted, exhaustion*
``nothing left``       words in a row, with no comma between them
``drain|exhaust``      either word
``worn out | done in`` either phrase
``(worn|tired) out``   either word, then *out*; ``( )`` makes a group
``(very|so)? tired``   *tired*, with or without *very* or *so*
``feel ... alone``     up to 4 words between; ``...7`` up to 7; never beyond the sentence
``so * that``          any one word in between
``left:ADJ``, ``*:ADJ``  the word, or any word, used so (NOUN, VERB, ADJ, ADV … or a Penn tag: VBD)
``don't``              *don't, don’t, didn't, do not*
``[{"LEMMA": "feel"}, {"POS": "ADJ", "OP": "?"}]``  tokens as in spaCy's Matcher, as JSON
``/burn(ed|t)?.?out/`` a regular expression, by itself; it is stopped when it takes too long
=====================  =====================================================================

Phrases are joined, from tight to loose:

=====================  =====================================================================
``mentor & listen``    both in the sentence, in any order
``tired ! baby``       the first, unless the second is in the sentence too
``@exhaustion``        whatever the patterns of that code find; stands like a phrase
``A >> B``             A, and later B, in the same reflection (codes with ``unit: reflection``)
``A && B``             A, where B is somewhere in the same reflection, in whatever scope
``A !! B``             A, unless B is somewhere in the same reflection
``$job = work|post``   a name for words, for all codes: ``love my $job``
=====================  =====================================================================

``@exhaustion | @detachment >> @renewal`` is a whole recovery. A pattern that begins with ``!``,
``&&`` or ``!!`` holds for all patterns of its code. ``@code`` is what the patterns of that code
find, not those of its subcodes, and is taken before the ``&&`` and ``!!`` of that code, so that
two codes may exclude each other.

**What does not count.** A match is passed over when it is denied (``negated``), only imagined
(``hypothetical``), somebody else's (``others``), told as another's words (``reported``) or the
question quoted back (``prompt``). *When I am alone I cry* tells what happens and counts; *if I
am alone I cry* is imagined. Each can be switched for a code: ``scopes: {others: include}``
counts them as well, ``scopes: {negated: require}`` counts only them. A negation that the pattern
itself spells out does not deny it: ``not alone`` and ``no one to ask`` find what they say.

A word without quotes matches by its form, by its dictionary form, and, where an adjective is
made from a verb, by that verb: write ``drain`` for all forms; ``drained`` finds *drained* alone.
A pronoun is only itself (``I`` does not find *me*). In the codebook's file put every pattern in
single quotes (an apostrophe is doubled: ``'don''t'``), for YAML reads ``@ ! * [ "`` its own way.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import product
from typing import NoReturn, TypeAlias

from reflect_analysis.coders.phrases import (
    PENN,
    UNIVERSAL,
    Clause,
    Gap,
    Leaf,
    Pattern,
    Phrase,
    Reference,
    Regex,
    Slot,
    Term,
    Token,
    Variant,
    json_slot,
    made_optional,
    merged,
    word_token,
    written_forms,
)
from reflect_analysis.errors import did_you_mean
from reflect_analysis.language import normalised

__all__ = ["PatternError", "Words", "names_in", "read_naming", "read_pattern"]

MOST_VARIANTS = 500
LONGEST_GAP = 30
_GAP = 4

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*'?|'[^\W_]+", re.UNICODE)
_PART_OF_SPEECH = re.compile(r":([A-Za-z]+\$?)")
_REFERENCE = re.compile(r"@([A-Za-z][A-Za-z0-9_]*)")
_NAME = re.compile(r"\$([A-Za-z][A-Za-z0-9_]*)")
_NAMING = re.compile(rf"\s*{_NAME.pattern}\s*=")
_DOTS = re.compile(r"(?:\.\.\.|…)(\d*)")


class PatternError(ValueError):
    """A pattern that does not parse: the column (from 1) and what was expected there."""

    def __init__(self, column: int, expected: str) -> None:
        super().__init__(f"column {column}: {expected}")
        self.column = column


# Names for words, each with the phrases that it stands for.
Words: TypeAlias = Mapping[str, tuple[Variant, ...]]


def read_pattern(text: str, words: Words | None = None) -> Pattern:
    """Read one pattern.

    Parameters
    ----------
    text : str
    words : mapping of str to tuple of Variant, optional
        What the names in it stand for.

    Raises
    ------
    PatternError
        With the column and what was expected there.

    Examples
    --------
    >>> pattern = read_pattern("feel ... alone ! not alone")
    >>> len(pattern.steps[0].needs), len(pattern.steps[0].unless)
    (1, 1)
    >>> read_pattern("feel (alone")
    Traceback (most recent call last):
        ...
    reflect_analysis.coders.patterns.PatternError: column 12: expected ')' for the '(' in column 6
    """
    return _Reader(text, words or {}).pattern()


def read_naming(text: str) -> tuple[str, tuple[Variant, ...]] | None:
    """The name and the phrases of ``$job = work|post``; `None` for any other pattern.

    Raises
    ------
    PatternError
        With the column and what was expected there.

    Examples
    --------
    >>> name, phrases = read_naming("$job = post | line of work")
    >>> name, len(phrases)
    ('job', 2)
    """
    found = _NAMING.match(text)
    return (found[1], _Reader(text, {}).words_after(found.end())) if found else None


def names_in(text: str) -> list[str]:
    """The names for words that a pattern may use."""
    return _NAME.findall(text)


class _Reader:
    """A recursive descent through one pattern."""

    def __init__(self, text: str, words: Words) -> None:
        self.text = text
        self.words = words
        self.plain = normalised(unicodedata.normalize("NFC", text))
        self.at = 0
        # Where the last bar without spaces stands in the phrase that is being read, or -1.
        self.bar = -1

    # ── joining phrases ──

    def pattern(self) -> Pattern:
        steps: list[Clause] = []
        unless: list[Term] = []
        if self.sees("!") or self.sees("&&"):
            while self.takes_one("!"):
                unless.append(self.term())
        else:
            steps.append(self.clause())
            while self.takes(">>"):
                steps.append(self.clause())
        given, without = self.clauses_after("&&"), self.clauses_after("!!")
        if self.sees("&&"):
            self.fail("'&&' must stand before '!!'")
        self.must_end()
        return Pattern(self.text, tuple(steps), tuple(unless), given, without)

    def clauses_after(self, mark: str) -> tuple[Clause, ...]:
        clauses = []
        while self.takes(mark):
            clauses.append(self.clause())
        return tuple(clauses)

    def words_after(self, begun: int) -> tuple[Variant, ...]:
        """The phrases of a name for words, from the column after its sign on."""
        self.at = begun
        variants = self.phrase().variants
        while self.takes_wide_bar():
            variants += self.phrase().variants
        self.must_end()
        return variants

    def clause(self) -> Clause:
        needs = [self.term()]
        while self.takes_one("&"):
            needs.append(self.term())
        unless = []
        while self.takes_one("!"):
            unless.append(self.term())
        if self.takes_one("&"):
            self.fail("'&' must stand before '!'", self.at - 1)
        return Clause(tuple(needs), tuple(unless))

    def term(self) -> Term:
        leaves = [self.leaf()]
        while self.takes_wide_bar():
            leaves.append(self.leaf())
        return Term(tuple(leaves))

    def leaf(self) -> Leaf:
        self.skip()
        reference = _REFERENCE.match(self.plain, self.at)
        if reference:
            self.at = reference.end()
            return Reference(reference[1])
        if self.sees("@"):
            self.fail("expected the id of a code after '@'")
        return self.regex() if self.sees("/") else self.phrase()

    def regex(self) -> Regex:
        opened = self.at
        end = self.at + 1
        while end < len(self.plain) and self.plain[end] != "/":
            end += 2 if self.plain[end] == "\\" else 1
        if end >= len(self.plain):
            self.fail("expected '/' at the end of the regular expression", len(self.plain))
        self.at = end + 1
        expression = self.plain[opened + 1 : end].replace("\\/", "/")
        _check_regex(expression, opened + 2)
        return Regex(f"/{expression}/", expression)

    # ── words in a row ──

    def phrase(self) -> Phrase:
        begun = self.at
        variants = self.sequence()
        source = self.plain[begun : self.at].strip()
        for variant in variants:
            self.check_variant(variant, begun)
        return Phrase(source, tuple(dict.fromkeys(variants)))

    def check_variant(self, variant: Variant, begun: int) -> None:
        needed = [part for part in variant if isinstance(part, Slot) and not part.optional]
        if not needed:
            self.fail("expected at least one word that is not optional", begun)
        if isinstance(variant[0], Gap) or isinstance(variant[-1], Gap):
            self.fail("a gap needs a word on both sides", begun)

    def sequence(self) -> list[Variant]:
        """Items up to what ends a phrase, as all the variants that they expand to."""
        begun = self.at
        items: list[list[Variant]] = []
        bar, self.bar = self.bar, -1
        while (item := self.item()) is not None:
            items.append(item)
        if self.bar >= 0 and len(items) > 1:
            self.fail(_AMBIGUOUS, self.bar)
        self.bar = bar
        if not items:
            self.fail(f"expected a word, a group or '*'{self.came()}")
        count = 1
        for item in items:
            count *= len(item)
        if count > MOST_VARIANTS:
            self.fail(f"stands for {count} variants, {MOST_VARIANTS} at most; split it", begun)
        return [tuple(part for piece in pieces for part in piece) for pieces in product(*items)]

    def item(self) -> list[Variant] | None:
        """One word, group, gap or JSON list with its alternatives; `None` where the phrase ends."""
        self.skip()
        dots = _DOTS.match(self.plain, self.at)
        if dots:
            return [self.gap(dots)]
        options = self.primary()
        if options is None:
            return None
        while self.is_tight_bar():
            self.bar = self.at
            self.at += 1
            more = self.primary()
            if more is None:
                self.fail(f"expected a word after '|'{self.came()}")
            options = [*options, *more]
        options = merged(options)
        if self.plain.startswith("?", self.at):
            self.at += 1
            return made_optional(options)
        return options

    def is_tight_bar(self) -> bool:
        if not self.plain.startswith("|", self.at):
            return False
        after = self.plain[self.at + 1 : self.at + 2]
        if not after or after.isspace():
            self.fail(_BARS)
        return True

    def takes_wide_bar(self) -> bool:
        """Take a bar between phrases: the space before it has been skipped, one must follow."""
        found = self.takes("|")
        if found and not self.rest[:1].isspace():
            self.fail(_BARS)
        return found

    def gap(self, dots: re.Match[str]) -> Variant:
        self.at = dots.end()
        most = int(dots[1]) if dots[1] else _GAP
        if not 1 <= most <= LONGEST_GAP:
            self.fail(f"a gap is 1 to {LONGEST_GAP} words, not {most}", dots.start())
        return (Gap(most),)

    def primary(self) -> list[Variant] | None:
        """What a bar may join: a word, a quotation, ``*``, a group or a JSON list."""
        here = self.plain[self.at : self.at + 1]
        readers: dict[str, Callable[[], list[Variant]]] = {
            "(": self.group,
            '"': self.quotation,
            "“": self.quotation,
            "[": self.json_tokens,
            "*": self.any_word,
            "$": self.named,
        }
        if here in readers:
            return readers[here]()
        if here in _ENDS_PHRASE or self.plain.startswith(">>", self.at):
            return None
        return self.word()

    def group(self) -> list[Variant]:
        opened = self.at
        self.at += 1
        variants = self.sequence()
        while self.takes_wide_bar():
            variants += self.sequence()
        if not self.takes(")"):
            place = opened + 1
            if self.rest.lstrip()[:1] in ("&", "!", ">", "@", "/"):
                self.fail("only words can stand inside ( ); '&', '!', '>>', '@' and '/' cannot")
            self.fail(f"expected ')' for the '(' in column {place}")
        return variants

    def quotation(self) -> list[Variant]:
        opened = self.at
        closing = "”" if self.plain[opened] == "“" else '"'
        end = self.plain.find(closing, opened + 1)
        if end < 0:
            self.fail(f"expected {closing} at the end of the quotation", len(self.plain))
        self.at = end + 1
        words = self.plain[opened + 1 : end].lower().split()
        if not words:
            self.fail("expected words inside the quotation marks", opened)
        forms = [form for word in words for form in written_forms(word, exact=True)]
        pos = self.part_of_speech()
        slots = [Slot((Token(exact=form, pos=pos),)) for form in forms]
        return [tuple(slots)]

    def named(self) -> list[Variant]:
        found = _NAME.match(self.plain, self.at)
        if not found:
            self.fail("expected a name for words after '$'")
        if found[1] not in self.words:
            hint = did_you_mean(found[1], self.words) or f"; write '${found[1]} = one | another'"
            self.fail(f"no words are named '${found[1]}'{hint}")
        self.at = found.end()
        return list(self.words[found[1]])

    def any_word(self) -> list[Variant]:
        self.at += 1
        return [(Slot((Token(pos=self.part_of_speech()),)),)]

    def word(self) -> list[Variant]:
        found = _WORD.match(self.plain, self.at)
        if not found:
            self.fail(f"expected a word, a group or '*'{self.came()}")
        self.at = found.end()
        lower = found[0].lower()
        if self.plain.startswith("*", self.at):
            self.at += 1
            return [(Slot((Token(prefixes=(lower,), pos=self.part_of_speech()),)),)]
        pos = self.part_of_speech()
        return [
            tuple(Slot((word_token(forms, pos),)) for forms in written_forms(lower, exact=False))
        ]

    def part_of_speech(self) -> str:
        found = _PART_OF_SPEECH.match(self.plain, self.at)
        if not found:
            return ""
        if found[1] not in UNIVERSAL | PENN:
            hint = did_you_mean(found[1].upper(), sorted(UNIVERSAL))
            self.fail(f"expected a part of speech such as NOUN, got {found[1]!r}{hint}")
        self.at = found.end()
        return found[1]

    def json_tokens(self) -> list[Variant]:
        try:
            value, end = json.JSONDecoder().raw_decode(self.plain, self.at)
        except json.JSONDecodeError as error:
            self.fail(f"{_TOKENS} (not JSON: {error.msg})", error.pos)
        begun, self.at = self.at, end
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fail(_TOKENS, begun)
        try:
            return [tuple(json_slot(each) for each in value)]
        except ValueError as error:
            self.fail(str(error), begun)

    # ── small steps ──

    @property
    def rest(self) -> str:
        return self.plain[self.at :]

    def skip(self) -> None:
        while self.plain[self.at : self.at + 1].isspace():
            self.at += 1

    def sees(self, mark: str) -> bool:
        self.skip()
        return self.plain.startswith(mark, self.at)

    def takes(self, mark: str) -> bool:
        found = self.sees(mark)
        if found:
            self.at += len(mark)
        return found

    def takes_one(self, mark: str) -> bool:
        """Take a mark that does not stand twice."""
        return not self.sees(mark * 2) and self.takes(mark)

    def must_end(self) -> None:
        self.skip()
        if self.at < len(self.plain):
            self.fail(f"expected the end of the pattern{self.came()}")

    def came(self) -> str:
        here = self.rest[:1]
        return f", got {here!r}" if here else ", got the end of the pattern"

    def fail(self, expected: str, at: int | None = None) -> NoReturn:
        raise PatternError((self.at if at is None else at) + 1, expected)


_ENDS_PHRASE = frozenset(["", ")", "|", "&", "!"])
_BARS = "a bar has spaces on both sides (worn out | done in) or none (worn|tired)"
_TOKENS = 'expected a list of tokens such as [{"LEMMA": "feel"}]'
_AMBIGUOUS = (
    "a bar without spaces next to other words can be read in two ways; write (worn|tired) out "
    "for either word and then the next, or worn | tired out for either phrase"
)


def _check_regex(expression: str, column: int) -> None:
    import regex  # type: ignore[import-untyped]  # it ships no types

    if not expression:
        raise PatternError(column, "expected a regular expression between the slashes")
    try:
        compiled = regex.compile(expression, regex.IGNORECASE)
    except regex.error as error:
        place = column + (error.pos or 0)
        raise PatternError(place, f"not a regular expression: {error.msg}") from None
    if compiled.fullmatch(""):
        raise PatternError(column, "a regular expression that matches nothing at all")
