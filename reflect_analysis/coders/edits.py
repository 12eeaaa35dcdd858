"""What an edit to a code leaves as it was, so that only what changed is looked for again.

Patterns of a code find what they find independently of one another: one that was added can
change a reading only where its words are, one that was taken out only where it had found
something. All else on which a code hangs (its scopes, patterns that exclude for all, codes that
it refers to) is its `frame`; where that changed, the code is judged anew wherever it had found
something, be it blocked: scopes decide what counts and not what is there. Where what it refers
to changed as well, it is judged anew everywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from reflect_analysis.coders.judging import Find, Reading
from reflect_analysis.coders.matching import Words
from reflect_analysis.coders.results import Key, Results, finds_in
from reflect_analysis.coders.rulebook import CodeRules, Rulebook

__all__ = ["Claim", "Edits"]


class _Edit(NamedTuple):
    """From an earlier version of a code's rules to the one that is asked for.

    `old` is the fingerprint of the earlier one, `same` the patterns that both have and that
    find what they found: none where the frame changed. `added` holds the others, and `first`
    the phrases without which none of these can match.
    """

    old: str
    same: frozenset[str]
    added: Rulebook
    first: frozenset[int]

    def may_find(self, reading: Reading) -> bool:
        """Whether what the added patterns need is anywhere in a reading."""
        if not self.first.isdisjoint(self.added.expressions):
            return True
        return bool(self.first) and any(
            not self.first.isdisjoint(self.added.matcher.hits(Words(parse)))
            for _, parse in reading.stretches
        )


class Claim(NamedTuple):
    """What a code found in a reading before; it holds unless `edit` may find more there."""

    finds: tuple[Find, ...]
    edit: _Edit | None

    def holds_in(self, reading: Reading) -> bool:
        """Whether it holds, by a look at the words that were added."""
        return self.edit is None or not self.edit.may_find(reading)


class Edits:
    """Earlier results that still hold under the rules of today.

    Parameters
    ----------
    rules : mapping of str to CodeRules
        All rules of the codebook.
    kept : Results
    """

    def __init__(self, rules: Mapping[str, CodeRules], kept: Results) -> None:
        self._rules = rules
        self._kept = kept
        self._known: dict[tuple[str, frozenset[str]], _Edit | None] = {}

    def claim(self, key: Key, rules: CodeRules) -> Claim | None:
        """What a code found in a reading, where an edit may have left that as it was."""
        done, layers = self._kept.record(key)
        edit = self._edit(rules, done)
        if edit is None:
            return None
        finds = finds_in(layers, edit.old)
        if any(find.pattern not in edit.same for find in finds):
            return None
        return Claim(finds, edit if edit.first else None)

    def _edit(self, rules: CodeRules, done: frozenset[str]) -> _Edit | None:
        """The smallest edit that leads here from any version by which a reading was judged."""
        place = rules.fingerprint, done
        if place not in self._known:
            self._known[place] = self._smallest(rules, done)
        return self._known[place]

    def _smallest(self, rules: CodeRules, done: frozenset[str]) -> _Edit | None:
        now = set(rules.marks)
        earlier: dict[str, tuple[bool, list[str]]] = {}
        for each in done:
            frame, places, marks = self._kept.version(each)
            both = [mark for mark in marks if mark in now]
            if places == rules.places and both == [m for m in rules.marks if m in marks]:
                earlier[each] = (frame == rules.frame, both)
        if not earlier:
            return None
        old = max(sorted(earlier), key=lambda each: (earlier[each][0], len(earlier[each][1])))
        framed, both = earlier[old]
        pairs = list(zip(rules.marks, rules.patterns, strict=True))
        added = tuple(pattern for mark, pattern in pairs if mark not in both)
        same = frozenset(pattern.text for mark, pattern in pairs if framed and mark in both)
        part = {rules.code_id: dataclasses.replace(rules, patterns=added)}
        book = Rulebook({**self._rules, **part} if added else {}, part if added else ())
        first = frozenset(
            number
            for number, users in book.users.items()
            if any(code_id == rules.code_id for code_id, _ in users)
        )
        return _Edit(old, same, book, first)
