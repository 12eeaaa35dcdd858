"""What an edit to a code leaves as it was, so that only what changed is looked for again.

Patterns of a code find what they find independently of one another: one that was added can
change a reading only where its words are, one that was taken out only where it had found
something. All else on which a code hangs (its scopes, patterns that exclude for all, codes that
it refers to) is its `frame`; where that changed, the code is judged anew wherever it had found
something, be it blocked: scopes decide what counts and not what is there. Where a code that it
needs changed, it is judged anew wherever that code finds something else than before.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reflect_analysis.coders.judging import Find, Reading
from reflect_analysis.coders.matching import Words
from reflect_analysis.coders.results import Key, Results, Version, finds_in
from reflect_analysis.coders.rulebook import CodeRules, Rulebook

__all__ = ["Claim", "Edits", "hold_in"]


# Codes that are needed, each with the fingerprint of its earlier rules.
_Needs = tuple[tuple[str, str], ...]


class _Edit(NamedTuple):
    """From an earlier version of a code's rules to the one that is asked for.

    `old` is the fingerprint of the earlier one, `same` the patterns that both have and that
    find what they found: none where the frame changed. `needs` are the codes that it needs and
    that changed, each with the fingerprint of its earlier rules. `added` holds the other
    patterns, and `first` the phrases without which none of these can match.
    """

    old: str
    same: frozenset[str]
    needs: _Needs
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
    """What a code found in a reading before; it holds unless an edit may find more there."""

    finds: tuple[Find, ...]
    edits: tuple[_Edit, ...] = ()


def hold_in(claims: Iterable[Claim], reading: Reading) -> bool:
    """Whether all claims hold in a reading, by a look at the words that were added."""
    edits = {edit.added: edit for claim in claims for edit in claim.edits}  # each once
    return not any(edit.may_find(reading) for edit in edits.values())


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
        edits: tuple[_Edit, ...] = (edit,) if edit.first else ()
        for code_id, old in edit.needs:
            needed = self._of_needed(key, self._rules[code_id])
            if needed is None or needed.finds != finds_in(layers, old):
                return None
            edits += needed.edits
        return Claim(finds, edits)

    def _of_needed(self, key: Key, rules: CodeRules) -> Claim | None:
        """What a code that another one needs finds in a reading."""
        done, layers = self._kept.record(key)
        if rules.fingerprint in done:
            return Claim(finds_in(layers, rules.fingerprint))
        return self.claim(key, rules)

    def _edit(self, rules: CodeRules, done: frozenset[str]) -> _Edit | None:
        """The smallest edit that leads here from any version by which a reading was judged."""
        place = rules.fingerprint, done
        if place not in self._known:
            self._known[place] = self._smallest(rules, done)
        return self._known[place]

    def _smallest(self, rules: CodeRules, done: frozenset[str]) -> _Edit | None:
        now = set(rules.marks)
        earlier: dict[str, tuple[bool, list[str], _Needs]] = {}
        for each in sorted(done):
            version = self._kept.version(each)
            both = [mark for mark in version.marks if mark in now]
            in_order = both == [mark for mark in rules.marks if mark in version.marks]
            needs = self._changed(version, rules, done)
            if version.places == rules.places and in_order and needs is not None:
                earlier[each] = (version.frame == rules.frame, both, needs)
        if not earlier:
            return None
        old = max(earlier, key=lambda each: (earlier[each][0], len(earlier[each][1])))
        framed, both, needs = earlier[old]
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
        return _Edit(old, same, needs, book, first)

    def _changed(self, version: Version, rules: CodeRules, done: frozenset[str]) -> _Needs | None:
        """The codes that rules need and that changed; `None` where one has no results from before.

        What a code finds of its own decides on those that need it. That is the same wherever
        all its finds are, with what blocked them: what stands after ``&&`` and ``!!`` blocks
        with words of its own.
        """
        before, now = dict(version.needs), dict(rules.needs)
        if before.keys() != now.keys():
            return None
        judged = {self._kept.version(each).own: each for each in sorted(done)}
        changed = [(code, judged.get(own)) for code, own in before.items() if own != now[code]]
        found = tuple((code, old) for code, old in changed if old)
        return found if len(found) == len(changed) else None
