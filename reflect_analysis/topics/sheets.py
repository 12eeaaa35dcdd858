"""Sheets by which people test topics: find the intruder; name the group, then apply the name.

No figure that a machine computes tells whether a person sees one thing in a topic; these
tasks do. A sheet holds participants' words and is kept by the study's own people, never
sent. The answers stand in a file of their own, the key, which readers do not get; question
numbers say nothing of the topic.

References
----------
Chang, J., Boyd-Graber, J., Wang, C., Gerrish, S., & Blei, D. M. (2009). Reading tea leaves:
how humans interpret topic models. NeurIPS 22, 288–296, section 3 (word intrusion).
Hoyle, A. et al. (2025). ProxAnn: use-oriented evaluations of topic models and document
clustering. ACL 2025 (name the group from its documents, then apply the name).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis._rows import Attributes
from reflect_analysis.errors import TopicsError
from reflect_analysis.provenance import fingerprint
from reflect_analysis.topics.candidates import in_turn, may_be_quoted
from reflect_analysis.topics.groups import verdict_of
from reflect_analysis.topics.questions import SheetKind, SheetQuestion, TopicSheet

if TYPE_CHECKING:
    from reflect_analysis.segments import Segments
    from reflect_analysis.topics.acts import TopicGroup
    from reflect_analysis.topics.values import Topics

__all__ = ["document_intrusion", "naming_sheet", "word_intrusion"]

_FEWEST_SHOWN = 3  # two and an intruder: which of two is the odd one cannot be said
_CUT = " […]"


# ── word intrusion ──────────────────────────────────────────────────────────────────────


def word_intrusion(
    topics: Topics, *, shown: int = 5, each: int = 2, random_state: int = 0
) -> TopicSheet:
    """Ask which word does not belong among those of a topic.

    Parameters
    ----------
    topics : Topics
        What researchers merged or dropped is asked as they left it.
    shown : int
        Words of the topic in a question, beside the intruder; at least 3.
    each : int
        Questions a topic, with other words and another intruder.
    random_state : int

    Returns
    -------
    TopicSheet

    Raises
    ------
    TopicsError
        If there are not two topics with words enough.
    """
    _check_numbers(shown=shown, each=each, fewest=_FEWEST_SHOWN)
    words = {group.key: _words_of(topics, group) for group in topics.groups}
    fewer = {key: "a part of a topic has no words of its own" for key in words if not words[key]}
    fewer |= {key: "too few words" for key in words if 0 < len(words[key]) < _FEWEST_SHOWN}
    asked = {key: mine for key, mine in words.items() if key not in fewer}
    rng = np.random.default_rng(random_state)
    drafts: list[Draft] = []
    for key, mine in asked.items():
        others = _foreign_words(key, asked)
        if not others:
            fewer[key] = "no other topic has a word of its own"
            continue
        intruders = _drawn(rng, others, each)
        drafts += [(key, _drawn(rng, mine, shown), intruder) for intruder in intruders]
    return _sheet("word-intrusion", topics, drafts, fewer, rng, random_state)


def _words_of(topics: Topics, group: TopicGroup) -> list[str]:
    """The words of the topics of a group, in turn; none for a part of a split one."""
    if group.key != "+".join(map(str, group.topics)):
        return []
    lists = [topics[number].words for number in group.topics]
    ranked = sorted(
        (
            (place, turn, word)
            for turn, words in enumerate(lists)
            for place, word in enumerate(words)
        )
    )
    return list(dict.fromkeys(word for _, _, word in ranked))


def _foreign_words(key: str, words: Mapping[str, Sequence[str]]) -> list[str]:
    """The strongest words of the other topics that are none of this one's, plurals reckoned."""
    own = {word.removesuffix("s") for word in words[key]}
    others = (word for other, theirs in words.items() if other != key for word in theirs[:5])
    return list(dict.fromkeys(word for word in others if word.removesuffix("s") not in own))


# ── document intrusion ──────────────────────────────────────────────────────────────────


def document_intrusion(
    topics: Topics,
    segments: Segments,
    *,
    shown: int = 3,
    each: int = 2,
    longest: int = 600,
    random_state: int = 0,
) -> TopicSheet:
    """Ask which passage does not belong among those of a topic.

    Parameters
    ----------
    topics : Topics
    segments : Segments
        Those that were grouped. Passages of participants who refused to be quoted, and of
        records whose governors have not approved quotes, are not shown.
    shown : int
        Passages of the topic in a question, beside the intruder, of different participants
        where there are; at least 2.
    each : int
        Questions a topic, no passage of it twice.
    longest : int
        Characters of a passage that are shown.
    random_state : int

    Returns
    -------
    TopicSheet

    Raises
    ------
    TopicsError
        If there are not two topics with passages enough.
    """
    _check_numbers(shown=shown, each=each, fewest=_FEWEST_SHOWN - 1)
    rng = np.random.default_rng(random_state)
    passages = _Passages(topics, segments, rng, longest)
    fewer: dict[str, str] = {}
    drafts: list[Draft] = []
    for key in passages.keys:
        others = passages.elsewhere(key)
        if len(passages.of(key)) < shown or not others:
            fewer[key] = f"fewer than {shown} passages that may be shown, or no other topic"
            continue
        drafts += passages.intrusions(key, others, shown=shown, each=each)
    return _sheet("document-intrusion", topics, drafts, fewer, rng, random_state)


class _Passages:
    """The passages that may be shown, by group, each voice once before any comes twice."""

    def __init__(
        self, topics: Topics, segments: Segments, rng: np.random.Generator, longest: int
    ) -> None:
        if longest < 1:
            raise ValueError(f"longest: expected at least 1 character, came {longest!r}")
        known = {row.id: row for row in segments if may_be_quoted(row, segments)}
        units = {unit.segment_id: unit for unit in topics.units}
        self.rng = rng
        self._texts = {i: _shortened(row.text, longest) for i, row in known.items()}
        self._nearest = {
            group.key: [i for i in in_turn(units[j] for j in group.segment_ids) if i in known]
            for group in topics.groups
        }
        self._voices = {i: row.case_id or row.document_id for i, row in known.items()}

    @property
    def keys(self) -> list[str]:
        return list(self._nearest)

    def of(self, key: str) -> list[str]:
        """Ids, the nearest to the centre first."""
        return self._nearest[key]

    def text(self, segment_id: str) -> str:
        return self._texts[segment_id]

    def elsewhere(self, key: str) -> list[str]:
        """Ids of the passages in the other groups that say something else in words."""
        own = {self.text(i) for i in self.of(key)}
        others = (i for other in self.keys if other != key for i in self.of(other))
        return [i for i in others if self.text(i) not in own]

    def mixed(self, ids: Sequence[str]) -> list[str]:
        """The ids at random, each voice once before any comes twice."""
        drawn = _drawn(self.rng, ids, len(ids))
        seen: dict[str, int] = {}
        turns = []
        for place, segment_id in enumerate(drawn):
            voice = self._voices[segment_id]
            turns.append((seen.get(voice, 0), place, segment_id))
            seen[voice] = seen.get(voice, 0) + 1
        return [segment_id for _, _, segment_id in sorted(turns)]

    def intrusions(
        self, key: str, others: Sequence[str], *, shown: int, each: int
    ) -> Iterator[tuple[str, list[str], str]]:
        mine, foreign = self.mixed(self.of(key)), self.mixed(others)
        count = min(each, len(mine) // shown, len(foreign))
        for number in range(count):
            part = mine[number * shown : (number + 1) * shown]
            yield key, [self.text(i) for i in part], self.text(foreign[number])


def _shortened(text: str, longest: int) -> str:
    """The beginning of a passage up to a whole word."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    return (plain[:longest].rpartition(" ")[0] or plain[:longest]) + _CUT


# ── name it, then apply the name ────────────────────────────────────────────────────────


def naming_sheet(
    topics: Topics,
    segments: Segments,
    *,
    exemplars: int = 5,
    each: int = 6,
    longest: int = 600,
    random_state: int = 0,
) -> TopicSheet:
    """A reader names each group from its nearest passages, then applies the name to others.

    Parameters
    ----------
    topics : Topics
    segments : Segments
        As for `document_intrusion`.
    exemplars : int
        Passages from which the group is named, at least 2.
    each : int
        Unseen passages to which the name is applied: half of the group, half of others; even,
        at least 2. The two halves are of one size, so that chance is one half.
    longest, random_state
        As for `document_intrusion`.

    Returns
    -------
    TopicSheet

    Raises
    ------
    TopicsError
        If no two topics have passages enough.
    """
    _check_numbers(shown=exemplars, each=each // 2, fewest=_FEWEST_SHOWN - 1)
    if each % 2:
        raise ValueError(f"each: expected an even number, came {each!r}")
    rng = np.random.default_rng(random_state)
    passages = _Passages(topics, segments, rng, longest)
    able = [key for key in passages.keys if len(passages.of(key)) > _FEWEST_SHOWN - 1]
    fewer = dict.fromkeys(set(passages.keys).difference(able), "fewer than 3 passages")
    order = _drawn(rng, able, len(able)) if len(able) > 1 else []
    steps = [
        (f"group {place}", key, *step)
        for place, key in enumerate(order, start=1)
        for step in _named_then_applied(passages, key, exemplars, each // 2)
    ]
    mark = _mark("naming", topics, steps)
    questions = [
        SheetQuestion(f"{mark}-{number:03}", key, texts, answer, task, group)
        for number, (group, key, task, texts, answer) in enumerate(steps, start=1)
    ]
    return _finished("naming", topics, questions, fewer)


Step = tuple[Literal["name", "apply"], tuple[str, ...], str]


def _named_then_applied(passages: _Passages, key: str, exemplars: int, half: int) -> Iterator[Step]:
    """The rows of one group: what it is named from, then members and others at random."""
    own = passages.of(key)
    most = min(exemplars, len(own) - 1)  # one at least is left to apply the name to
    first = {passages.text(i) for i in own[:most]}
    yield "name", tuple(passages.text(i) for i in own[:most]), ""
    members = [i for i in passages.mixed(own[most:]) if passages.text(i) not in first]
    others = passages.mixed(passages.elsewhere(key))
    size = min(half, len(members), len(others))
    both = [(i, "yes") for i in members[:size]] + [(i, "no") for i in others[:size]]
    for place in passages.rng.permutation(len(both)).tolist():
        segment_id, answer = both[place]
        yield "apply", (passages.text(segment_id),), answer


# ── what the sheets share ───────────────────────────────────────────────────────────────

Draft = tuple[str, Sequence[str], str]


def _sheet(
    kind: SheetKind,
    topics: Topics,
    drafts: Sequence[Draft],
    fewer: Mapping[str, str],
    rng: np.random.Generator,
    random_state: int,
) -> TopicSheet:
    """The questions in a random order, the intruder at a random place."""
    mark = _mark(kind, topics, (random_state, drafts))
    questions = []
    for number, place in enumerate(rng.permutation(len(drafts)).tolist(), start=1):
        key, mine, intruder = drafts[place]
        texts = [*_drawn(rng, mine, len(mine))]
        at = int(rng.integers(len(texts) + 1))
        texts.insert(at, intruder)
        questions.append(SheetQuestion(f"{mark}-{number:03}", key, tuple(texts), str(at + 1)))
    return _finished(kind, topics, questions, fewer)


def _finished(
    kind: SheetKind,
    topics: Topics,
    questions: Sequence[SheetQuestion],
    fewer: Mapping[str, str],
) -> TopicSheet:
    left_out = tuple(f"topic {key}: {reason}" for key, reason in sorted(fewer.items()))
    if not questions:
        told = f" ({'; '.join(left_out)})" if left_out else ""
        raise TopicsError(
            f"no {kind} sheet can be made: it takes two topics, each with words or passages "
            f"enough{told}"
        )
    asked = {question.topic for question in questions}
    verdicts = {g.key: verdict_of(topics, g) for g in topics.groups if g.key in asked}
    return TopicSheet(
        kind, tuple(questions), topics.stability.verdict, Attributes(verdicts), left_out
    )


def _mark(kind: SheetKind, topics: Topics, content: object) -> str:
    """By which a question of another sheet is known; a letter first, so that it is no number."""
    hashed = fingerprint(topics.fingerprint, [act.id for act in topics.acts], kind, content)
    return f"{kind[0]}{hashed[:6]}"


def _drawn(rng: np.random.Generator, items: Sequence[str], count: int) -> list[str]:
    """Some of the items at random, none twice."""
    places = rng.permutation(len(items))[:count].tolist()
    return [items[place] for place in places]


def _check_numbers(*, shown: int, each: int, fewest: int) -> None:
    if shown < fewest:
        raise ValueError(f"expected at least {fewest} to be shown, came {shown!r}")
    if each < 1:
        raise ValueError(f"each: expected at least one question a topic, came {each!r}")
