"""Which topics may be drawn, and by which words: what the topics' figures share.

A topic of few persons is not drawn: neither its size, its words nor its place. One that a
researcher dropped is not drawn either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import (
    HIDDEN,
    Part,
    Persons,
    Shown,
    hidden_parts,
    show_persons,
)
from reflect_analysis.figures.canvas import GREY, say, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reflect_analysis.topics import Topic, Topics

__all__ = [
    "DrawnTopic",
    "TopicRows",
    "mark_unstable",
    "mark_verdict",
    "shown_persons",
    "told_words",
    "topic_rows",
]

_WORDS = 6
_DROPPED = "dropped"
_ONE = "largely one participant"


@dataclass(frozen=True, slots=True)
class DrawnTopic:
    """A topic that may be drawn.

    Parameters
    ----------
    number : int
    words : str
        The researcher's name where there is one, its strongest words, and a mark where more
        than half of it comes from one participant.
    participants : str
        ``12 of 34``, or where the count is hidden ``<5``, ``≥30``.
    texts : int, optional
        `None` where the count of persons is hidden, and with it all sizes.
    verdict : str
        Whether this topic is stable.
    members, shuffled : float
        How far its members come back in bootstrap samples, and what shuffled vectors give.
    """

    number: int
    words: str
    participants: str
    texts: int | None
    verdict: str
    members: float
    shuffled: float

    @property
    def marked(self) -> str:
        """The words, and that the topic is not stable where it is not."""
        return mark_unstable(self.words, self.verdict)


@dataclass(frozen=True, slots=True)
class TopicRows:
    """The topics that may be drawn, and how many may not."""

    drawn: tuple[DrawnTopic, ...]
    few: int
    dropped: int

    @property
    def told(self) -> str:
        """What is not drawn, in a sentence; empty where everything is."""
        few = f"{self.few} of few persons" if self.few else ""
        dropped = f"{self.dropped} dropped by a researcher" if self.dropped else ""
        parts = " and ".join(filter(None, (few, dropped)))
        return f"Topics not drawn: {parts}." if parts else ""


def topic_rows(topics: Topics, k: int) -> TopicRows:
    """The topics of at least `k` persons that were not dropped."""
    drawn, few, dropped = [], 0, 0
    for topic in topics:
        shown, hidden = shown_persons(topics, topic, k)
        if _DROPPED in topics.act_told(topic.number):
            dropped += 1
        elif hidden:
            few += 1
        else:
            drawn.append(_drawn(topics, topic, shown))
    return TopicRows(tuple(drawn), few, dropped)


def _drawn(topics: Topics, topic: Topic, shown: Shown) -> DrawnTopic:
    total = persons_of(topics).known
    bare = shown.text == HIDDEN
    participants = (HIDDEN if bare else f"{shown} of {total}") if total else "no participant known"
    texts = None if shown.hides_rest else topic.size
    words = told_words(topics, topic)
    again = topic.stability
    figures = (again.verdict, again.members, again.shuffled)
    return DrawnTopic(topic.number, words, participants, texts, *figures)


def shown_persons(topics: Topics, topic: Topic, k: int) -> tuple[Shown, bool]:
    """The persons of a topic as they may be printed, and whether its words are withheld.

    Every text is in one topic, so a count may be hidden for the sake of another one
    (`disclosure.hidden_parts`); its words then stand.
    """
    shown = _alone(topics, topic, k)
    few = _persons_in(topics, topic).at_most < k or shown.text == HIDDEN
    if not shown.hides_rest and topic.number in _given_back(topics, k):
        shown = Shown(HIDDEN, 0, persons_of(topics).known, hides_rest=True)
    return shown, few


def _alone(topics: Topics, topic: Topic, k: int) -> Shown:
    """The persons of a topic as they might be printed were there no other."""
    return show_persons(_persons_in(topics, topic), persons_of(topics), k=k)


def _persons_in(topics: Topics, topic: Topic) -> Persons:
    inside = [unit for unit in topics.units if unit.topic == topic.number]
    unknown = len({unit.document_id for unit in inside if unit.case_id is None})
    return Persons(topic.participants, unknown)


def _given_back(topics: Topics, k: int) -> frozenset[int]:
    """The topics of which no number may be printed, beside those that are."""
    total = persons_of(topics)
    if not total.at_most:
        return frozenset()
    parts = []
    for topic in topics:
        persons = _persons_in(topics, topic)
        alone = _alone(topics, topic, k).hides_rest
        said = persons.known if total.known else persons.unknown
        parts.append(Part(said, topic.size, alone))
    hidden = hidden_parts(parts, total.known or total.unknown, k)
    return frozenset(topic.number for topic, hide in zip(topics, hidden, strict=True) if hide)


def persons_of(topics: Topics) -> Persons:
    """The persons behind all the texts that were grouped."""
    known = {unit.case_id for unit in topics.units} - {None}
    return Persons(len(known), len({u.document_id for u in topics.units if u.case_id is None}))


def told_words(topics: Topics, topic: Topic) -> str:
    """The researcher's name and the words, or the words alone; and whether one person's they are.

    How much of it is that person's is not told. Only for topics whose words may be shown.
    """
    largely = f"; {_ONE}" if topic.one_participant else ""
    return _named(topics, topic) + largely


def _named(topics: Topics, topic: Topic) -> str:
    words = ", ".join(topic.words[:_WORDS])
    label = topics.label(topic.number)
    if label == topic.label:
        return words or f"topic {topic.number}"
    return f"{label} ({words})" if words else label


def mark_unstable(words: str, verdict: str) -> str:
    """The words of a topic, and that it is not stable where it is not."""
    return f"{words}; {verdict}" if verdict == "not stable" else words


def mark_verdict(axes: Axes, verdict: str, *, right: float, y: float) -> None:
    """The line that stands under every figure of topics."""
    words = f"Exploratory groupings by a machine: {verdict}. Not themes."
    say(axes, right, y, words, ha="right", fontsize=8, weight="bold")


def say_lines(axes: Axes, x: float, y: float, lines: Sequence[str], *, step: float) -> None:
    """Lines of small grey text under one another."""
    for number, line in enumerate(lines):
        say(axes, x, y + step * number, line, fontsize=7.5, color=GREY)


def fitted(text: str, width: float, *, size: float = 9) -> list[str]:
    """A text on as many lines as it needs within a width in inches."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size=size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]
