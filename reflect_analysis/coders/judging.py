"""Judge the rules of codes on what one participant wrote or said in one document.

A reading is that person's words: a whole reflection, or all their turns in a transcript. What
is found keeps its offsets in the document and, where it was passed over, what blocked it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from reflect_analysis.coders.grammar import Grammar
from reflect_analysis.coders.matching import Hit, RegexTimeoutError, Words, regex_hits
from reflect_analysis.coders.phrases import Clause, Pattern, Reference, Regex, Term
from reflect_analysis.coders.rulebook import CodeRules, Rulebook
from reflect_analysis.coders.scopes import SCOPES
from reflect_analysis.errors import CodebookError
from reflect_analysis.language import Parse

__all__ = ["Find", "Reading", "judge"]


# The numbers of a stretch and of a sentence in it.
Sentence: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """One participant's words in one document.

    Parameters
    ----------
    document_id : str
    stretches : tuple of (int, Parse)
        Each with the offset at which it begins in the document.
    prompt : str
        The question that the document answers.
    """

    document_id: str
    stretches: tuple[tuple[int, Parse], ...]
    prompt: str = ""


class Find(NamedTuple):
    """What a pattern found, in code points of the document.

    `pieces` are the spans of its parts; `sentence` is its (stretch, sentence), or `None` where
    it was found across sentences; `blocked` says why it does not count, and is empty where it
    does.
    """

    pattern: str
    pieces: tuple[tuple[int, int], ...]
    sentence: Sentence | None
    blocked: str = ""

    @property
    def start(self) -> int:
        """Where its first part begins."""
        return self.pieces[0][0] if len(self.pieces) == 1 else min(s for s, _ in self.pieces)

    @property
    def end(self) -> int:
        """Where its last part ends."""
        return self.pieces[0][1] if len(self.pieces) == 1 else max(e for _, e in self.pieces)

    @property
    def about(self) -> tuple[str, int, int]:
        """Pattern, start and end."""
        return self.pattern, self.start, self.end


def judge(rulebook: Rulebook, reading: Reading) -> dict[str, tuple[Find, ...]]:
    """What every code of a rulebook finds in a reading; codes that find nothing are left out.

    Raises
    ------
    CodebookError
        If a regular expression runs over its time: the code, the pattern and the document.
    """
    sheet = _Sheet(rulebook, reading)
    touched: dict[str, set[int]] = {}
    for number in sheet.hits:
        for code_id, place in rulebook.users.get(number, ()):
            touched.setdefault(code_id, set()).add(place)
    for code_id, rules in rulebook.rules.items():
        if code_id in touched:
            patterns = [
                pattern
                for place, pattern in enumerate(rules.patterns)
                if place in touched[code_id] or not pattern.steps
            ]
            found = tuple(sheet.finds(rules, patterns))
            if found:
                sheet.found[code_id] = found
    return {
        code_id: tuple(sheet.final(rulebook.rules[code_id], found))
        for code_id, found in sheet.found.items()
    }


class _Sheet:
    """A reading while it is judged: where phrases are, and what codes found so far."""

    def __init__(self, rulebook: Rulebook, reading: Reading) -> None:
        self.rulebook = rulebook
        self.reading = reading
        self._grammars: dict[int, Grammar] = {}
        self.hits: dict[int, list[tuple[int, Hit]]] = {}
        self.found: dict[str, tuple[Find, ...]] = {}
        self._scoped: dict[tuple[int, tuple[int, ...], str], int | None] = {}
        self._words = [Words(parse) for _, parse in reading.stretches]
        # Where the phrases are that were asked for when something else was found.
        self._later: dict[int, list[tuple[int, Hit]]] = {}
        for stretch, words in enumerate(self._words):
            for number, hits in rulebook.matcher.hits(words).items():
                self.hits.setdefault(number, []).extend((stretch, hit) for hit in hits)
            for number, leaf in rulebook.expressions.items():
                hits = self._by_expression(leaf, words.parse)
                if hits:
                    self.hits.setdefault(number, []).extend((stretch, hit) for hit in hits)

    def _where(self, number: int) -> Sequence[tuple[int, Hit]]:
        """Where a phrase is: (stretch, hit)."""
        if number in self.rulebook.users:
            return self.hits.get(number, ())
        if number not in self._later:
            self._later[number] = [
                (stretch, hit)
                for stretch, words in enumerate(self._words)
                for hit in self._alone(number, words)
            ]
        return self._later[number]

    def _alone(self, number: int, words: Words) -> Sequence[Hit]:
        leaf = self.rulebook.leaf(number)
        if isinstance(leaf, Regex):
            return self._by_expression(leaf, words.parse)
        return self.rulebook.single(number).hits(words).get(number, ())

    def _by_expression(self, leaf: Regex, parse: Parse) -> list[Hit]:
        try:
            return regex_hits(leaf.expression, parse)
        except RegexTimeoutError:
            codes = ", ".join(map(repr, self.rulebook.codes_with(leaf)))
            raise CodebookError(
                f"code {codes}: the regular expression {leaf.source} runs too long on document "
                f"{self.reading.document_id!r}; make its repetitions shorter or more definite"
            ) from None

    # ── before "&&" and "!!" ──

    def finds(self, rules: CodeRules, patterns: Sequence[Pattern]) -> Iterator[Find]:
        """What patterns of a code find, before what excludes it elsewhere in the reflection."""
        unless = [term for pattern in patterns for term in pattern.unless]
        for pattern in patterns:
            for find in self.by_pattern(pattern, rules):
                yield find if find.blocked else self._unless(find, unless)

    def by_pattern(self, pattern: Pattern, rules: CodeRules) -> Iterable[Find]:
        if len(pattern.steps) > 1:
            return self.story(pattern, rules)
        return (
            find._replace(pattern=pattern.text)
            for clause in pattern.steps
            for find in self.clause(clause, rules)
        )

    def story(self, pattern: Pattern, rules: CodeRules) -> Iterator[Find]:
        """A, then B: the first A, and of what may follow it the last B."""
        pieces: list[tuple[int, int]] = []
        here = -1
        for number, step in enumerate(pattern.steps):
            kept = [f for f in self.clause(step, rules) if not f.blocked and f.start >= here]
            if not kept:
                return
            is_last = number == len(pattern.steps) - 1
            find = max(kept, key=_place) if is_last else min(kept, key=_place)
            pieces.append((find.start, find.end))
            here = find.end
        yield Find(pattern.text, tuple(pieces), None)

    def clause(self, clause: Clause, rules: CodeRules) -> Iterator[Find]:
        """What a clause finds, sentence by sentence where it has several parts."""
        if not all(map(self._stands, clause.needs)):
            return
        for find in self._together(clause.needs, rules):
            yield find if find.blocked else self._unless(find, clause.unless)

    def _together(self, needs: Sequence[Term], rules: CodeRules) -> Iterable[Find]:
        """What terms find; of several only where a sentence holds all of them."""
        if len(needs) == 1:
            return self.term(needs[0], rules)
        places = [{sentence for sentence, _, _ in self._spans(term)} for term in needs]
        shared = set.intersection(*places)
        if not shared:
            return ()
        return _joined([list(self.term(term, rules, shared)) for term in needs])

    def _stands(self, term: Term) -> bool:
        """Whether any phrase of a term is in the reading."""
        return any(
            leaf.code_id in self.found
            if isinstance(leaf, Reference)
            else bool(self._where(self.rulebook.numbers[leaf]))
            for leaf in term.leaves
        )

    def term(
        self, term: Term, rules: CodeRules, within: AbstractSet[Sentence | None] | None = None
    ) -> Iterator[Find]:
        """Every place of every phrase of a term, each judged by the scopes of the code.

        Parameters
        ----------
        within : set of Sentence, optional
            The sentences of which alone is asked.
        """
        for leaf in term.leaves:
            if isinstance(leaf, Reference):
                for find in self._told_by(leaf):
                    if within is None or find.sentence in within:
                        yield find
                continue
            for stretch, hit in self._where(self.rulebook.numbers[leaf]):
                sentence = stretch, hit.sentence
                if within is None or sentence in within:
                    blocked = self._blocked(stretch, hit, rules)
                    yield Find("", (self._span(stretch, hit),), sentence, blocked)

    def _spans(self, term: Term) -> Iterator[tuple[Sentence | None, int, int]]:
        """Every place of every phrase of a term, whatever scope that is in."""
        for leaf in term.leaves:
            if isinstance(leaf, Reference):
                for find in self._told_by(leaf):
                    yield find.sentence, find.start, find.end
                continue
            for stretch, hit in self._where(self.rulebook.numbers[leaf]):
                yield (stretch, hit.sentence), *self._span(stretch, hit)

    def _told_by(self, leaf: Reference) -> Iterator[Find]:
        """What counts of another code."""
        return (find for find in self.found.get(leaf.code_id, ()) if not find.blocked)

    def _span(self, stretch: int, hit: Hit) -> tuple[int, int]:
        offset, parse = self.reading.stretches[stretch]
        return offset + parse.starts[hit.first], offset + parse.ends[hit.last - 1]

    def _blocked(self, stretch: int, hit: Hit, rules: CodeRules) -> str:
        """By which scope a match does not count for a code; empty if it counts."""
        for scope, rule in rules.scopes:
            cue = self._cue(stretch, hit.said, scope)
            if rule == "require" and cue is None:
                return f"not {scope}"
            if rule == "exclude" and cue is not None:
                offset, parse = self.reading.stretches[stretch]
                return f"{scope} by {offset + parse.starts[cue]}–{offset + parse.ends[cue]}"
        return ""

    def _cue(self, stretch: int, said: tuple[int, ...], scope: str) -> int | None:
        key = (stretch, said, scope)
        if key not in self._scoped:
            self._scoped[key] = SCOPES[scope](self._grammar(stretch), said)
        return self._scoped[key]

    def _grammar(self, stretch: int) -> Grammar:
        if stretch not in self._grammars:
            parse = self.reading.stretches[stretch][1]
            self._grammars[stretch] = Grammar(parse, self.reading.prompt)
        return self._grammars[stretch]

    def _unless(self, find: Find, terms: Sequence[Term]) -> Find:
        """A find, blocked if its sentence holds what it must not, whatever scope that is in."""
        for term in terms:
            for sentence, start, end in self._spans(term):
                if sentence is not None and sentence == find.sentence:
                    return find._replace(blocked=f"unless {start}–{end}")
        return find

    # ── "&&" and "!!" ──

    def final(self, rules: CodeRules, finds: Iterable[Find]) -> Iterator[Find]:
        """What is left of the finds of a code after what the whole reflection must hold or not."""
        if not any(pattern.given or pattern.without for pattern in rules.patterns):
            yield from finds
            return
        for_all = [pattern for pattern in rules.patterns if not pattern.steps]
        own = {pattern.text: (pattern, *for_all) for pattern in rules.patterns}
        for find in finds:
            if find.blocked:
                yield find
                continue
            yield find._replace(blocked=self._elsewhere(own[find.pattern], rules))

    def _elsewhere(self, patterns: Iterable[Pattern], rules: CodeRules) -> str:
        """By what the rest of the reflection blocks a find; empty where it does not."""
        for pattern in patterns:
            for clause in pattern.without:
                for other in self.clause(clause, rules):
                    if not other.blocked:
                        return f"told otherwise at {other.start}–{other.end}"
            for clause in pattern.given:
                if next(iter(self.clause(clause, rules)), None) is None:
                    return "what '&&' asks for is nowhere in the reflection"
        return ""


def _place(find: Find) -> tuple[int, int]:
    return find.start, find.end


def _joined(columns: Sequence[Sequence[Find]]) -> Iterator[Find]:
    """One find for each sentence that holds all parts; blocked if a part only stands blocked."""
    sentences = dict.fromkeys(find.sentence for find in columns[0] if find.sentence is not None)
    for sentence in sentences:
        parts = []
        for column in columns:
            here = [find for find in column if find.sentence == sentence]
            if not here:
                break
            parts.append(min(here, key=lambda find: (bool(find.blocked), find.start)))
        else:
            pieces = tuple(sorted(piece for part in parts for piece in part.pieces))
            blocked = next((part.blocked for part in parts if part.blocked), "")
            yield Find("", pieces, sentence, blocked)
