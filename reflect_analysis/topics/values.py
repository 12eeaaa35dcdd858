"""The values that a topic fit gives: frozen rows, and how stable they are.

A topic holds ids, numbers and single words; no passage of a text stands in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import Attributes, html_table, to_frame
from reflect_analysis.errors import TopicsError, UnknownIdError, raise_all
from reflect_analysis.provenance import Run, fingerprint
from reflect_analysis.topics.acts import TopicAct
from reflect_analysis.topics.guidance import Guidance
from reflect_analysis.topics.meaning import Meaning
from reflect_analysis.topics.placing import Placing
from reflect_analysis.topics.verdicts import (
    STABLE_ARI,
    STABLE_JACCARD,
    Coherence,
    NumberTried,
    Stability,
    TopicStability,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OUTLIER",
    "STABLE_ARI",
    "STABLE_JACCARD",
    "Coherence",
    "Engine",
    "Grouped",
    "Neighbour",
    "NumberTried",
    "Stability",
    "Term",
    "Topic",
    "TopicStability",
    "TopicUnit",
    "Topics",
    "Verdict",
]

Engine = Literal["terms", "k-means", "agglomerative", "bertopic"]
# What a solution may come from; the last is no engine of `fit_topics`.
Grouped = Literal["terms", "k-means", "agglomerative", "bertopic", "zero-shot"]

OUTLIER = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """One group of segments.

    Parameters
    ----------
    number : int
        0 for the largest, then by falling size.
    words : tuple of str
        The words that mark it, the strongest first; each is used by at least two
        participants, where there are two.
    size : int
        Segments in it.
    participants : int
        Known participants whose segments it holds.
    largest_share : float
        Share of its segments that come from one participant (a document of an unknown case
        counts for itself), in (0, 1].
    representatives : tuple of str
        Ids of the segments nearest to its centre, spread over participants.
    stability : TopicStability
        Whether its members and words come back in bootstrap samples.
    other_words : Attributes
        The same topic told otherwise: ``"c-tf-idf"`` the most frequent here and rare
        elsewhere, ``"key"`` the nearest to its centre in meaning, ``"diverse"`` key words
        that say different things; or what a representation model of the caller gave. Each
        is a text of words with commas between.
    """

    number: int
    words: tuple[str, ...]
    size: int
    participants: int
    largest_share: float
    representatives: tuple[str, ...]
    stability: TopicStability = field(default_factory=TopicStability)
    other_words: Attributes = field(default_factory=Attributes)

    @property
    def one_participant(self) -> bool:
        """Whether one participant makes more than half of it."""
        return self.largest_share > 0.5  # noqa: PLR2004  # more than half is what the flag means

    @property
    def label(self) -> str:
        """Its four strongest words, or its number where it has none."""
        return ", ".join(self.words[:4]) or f"topic {self.number}"


@dataclass(frozen=True, slots=True)
class TopicUnit:
    """A segment and the topic it is in.

    Parameters
    ----------
    segment_id, document_id : str
    start, end : int
        Half-open code points into the document.
    case_id : str, optional
    topic : int
        Number of the topic; −1 for an outlier.
    similarity : float
        Cosine with the topic's centre, in [−1, 1]; not a probability. `nan` for an outlier.
    """

    segment_id: str
    document_id: str
    start: int
    end: int
    case_id: str | None
    topic: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Term:
    """A word of texts that are too few to be grouped.

    Parameters
    ----------
    term : str
    count, segments, participants : int
        How often it stands, in how many segments, of how many known participants.
    places : tuple of (str, int, int)
        Segment id and half-open code points into the segment's text, at most five.
    """

    term: str
    count: int
    segments: int
    participants: int
    places: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The segment most like another: its id and the cosine of the two, in [−1, 1]."""

    segment_id: str
    nearest: str
    similarity: float


@dataclass(frozen=True)
class Topics(Meaning):
    """The topics of a set of segments.

    Parameters
    ----------
    engine : {"terms", "k-means", "agglomerative", "bertopic", "zero-shot"}
        ``"terms"`` where nothing was grouped: then `rows` and `units` are empty, and
        `terms` and `neighbours` show what the texts hold.
    n_units : int
        Segments that were looked at.
    rows : tuple of Topic
    units : tuple of TopicUnit
        Every segment that was grouped, sorted by id.
    stability : Stability
    centroids : tuple of tuple of float
        (n_topics, n_dimensions), of unit length, in the order of `rows`.
    centre : tuple of float
        Mean direction of all the segments that were grouped, of unit length.
    numbers_tried : tuple of NumberTried
        From which the number of topics was chosen; empty where it was given or followed
        from the engine.
    terms : tuple of Term
    neighbours : tuple of Neighbour
    left_out : Attributes
        Segments that were not looked at, by reason: ``governance`` (the governing nation or
        community has not approved topics), ``voice`` (not a participant's words),
        ``language``, ``no words``.
    notes : tuple of str
        What a reader of the topics must know, such as an engine that gave way to another.
    runs : tuple of Run
    coherence : Coherence
        Secondary figures of its words and vectors.
    guided : Guidance, optional
        What led the fit: then it is no independent evidence for the codes.
    acts : tuple of TopicAct
        What researchers named, merged, split and dropped; no number changes by it.
    placing : Placing, optional
        The rule by which new texts are assigned.

    Raises
    ------
    TopicsError
        If units and topics contradict one another.
    """

    engine: Grouped
    n_units: int
    rows: tuple[Topic, ...]
    units: tuple[TopicUnit, ...]
    stability: Stability
    centroids: tuple[tuple[float, ...], ...] = ()
    centre: tuple[float, ...] = ()
    numbers_tried: tuple[NumberTried, ...] = ()
    terms: tuple[Term, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    left_out: Attributes = field(default_factory=Attributes)
    notes: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()
    coherence: Coherence = field(default_factory=Coherence)
    guided: Guidance | None = None
    acts: tuple[TopicAct, ...] = ()
    placing: Placing | None = None

    def __post_init__(self) -> None:
        raise_all(TopicsError, self._faults())

    def _faults(self) -> Iterator[str]:
        numbers = [row.number for row in self.rows]
        if numbers != list(range(len(numbers))):
            yield f"topics are numbered {numbers}; expected 0 to {len(numbers) - 1}"
        if len(self.centroids) != len(self.rows):
            yield f"{len(self.centroids)} centroids of {len(self.rows)} topics"
        if len(self.assignments) < len(self.units):
            yield "a segment stands twice among the units"
        for unit in self.units:
            if unit.topic != OUTLIER and unit.topic not in range(len(numbers)):
                yield f"segment {unit.segment_id!r}: no topic {unit.topic}"
        yield from self._act_faults()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.rows)

    def __contains__(self, wanted: object) -> bool:
        """Whether a topic is here, given by its number or by itself."""
        return wanted in self.rows or wanted in range(len(self.rows))

    def __getitem__(self, number: int) -> Topic:
        """The topic of this number, or `UnknownIdError`."""
        if number not in range(len(self.rows)):
            raise UnknownIdError(f"no topic {number!r}; there are {len(self.rows)}, from 0")
        return self.rows[number]

    @cached_property
    def assignments(self) -> Attributes:
        """Number of the topic (−1 for an outlier) by segment id."""
        return Attributes({unit.segment_id: unit.topic for unit in self.units})

    @property
    def outlier_share(self) -> float:
        """Share of the segments in no topic, in [0, 1]; `nan` where nothing was grouped."""
        if not self.units:
            return math.nan
        return sum(unit.topic == OUTLIER for unit in self.units) / len(self.units)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the engine and of which segment is in which topic."""
        return fingerprint(self.engine, [(u.segment_id, u.topic) for u in self.units])

    def members(self, number: int) -> tuple[str, ...]:
        """Ids of the segments of a topic (−1: the outliers)."""
        return tuple(unit.segment_id for unit in self.units if unit.topic == number)

    def to_frame(self) -> pd.DataFrame:
        """One row a topic.

        Returns
        -------
        DataFrame
            ``topic, label, words, size, share, participants, largest_share,
            one_participant, representatives, engine, stability, topic_stability,
            members_again, members_shuffled, words_again, act, guided``; `label` is the name
            that a researcher gave, or else the words, `share` is of all the segments that
            were grouped, `stability` the verdict on the solution, `topic_stability` that on
            the topic, with its figures (`TopicStability`).
        """
        frame = to_frame(self.rows, Topic, drop=("stability", "other_words")).rename(
            columns={"number": "topic"}
        )
        frame.insert(1, "label", [self.label(row.number) for row in self.rows])
        frame["words"] = [", ".join(row.words) for row in self.rows]
        frame.insert(4, "share", [row.size / len(self.units) for row in self.rows])
        frame.insert(7, "one_participant", [row.one_participant for row in self.rows])
        frame["representatives"] = ["; ".join(row.representatives) for row in self.rows]
        again = [row.stability for row in self.rows]
        return frame.assign(
            engine=self.engine,
            stability=self.stability.verdict,
            topic_stability=[each.verdict for each in again],
            members_again=[each.members for each in again],
            members_shuffled=[each.shuffled for each in again],
            words_again=[each.words for each in again],
            act=[self.act_told(row.number) for row in self.rows],
            guided=self.guided.kind if self.guided else "",
        )

    def units_frame(self) -> pd.DataFrame:
        """One row a segment, with the fields of `TopicUnit`."""
        return to_frame(self.units, TopicUnit)

    def terms_frame(self) -> pd.DataFrame:
        """One row a term, with the fields of `Term` but its places."""
        return to_frame(self.terms, Term, drop=("places",))

    def __repr__(self) -> str:
        return f"<Topics: {self._told()}>"

    def _told(self) -> str:
        if self.engine == "terms":
            return f"none, {len(self.terms)} terms of {self.n_units} segments (not grouped)"
        outliers = f", {self.outlier_share:.0%} in none" if self.outlier_share else ""
        return f"{self.n_units} segments by {self.engine}{outliers}; {self.stability}{self.marks()}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        table = _terms_html(self.terms) if self.engine == "terms" else _topics_html(self)
        second = "" if self.engine == "terms" else f"<p>{escape(str(self.coherence))}</p>"
        return f"<p>{escape(repr(self))}</p>{notes}{table}{second}"


def _topics_html(topics: Topics) -> str:
    head = (
        *("Topic", "Words", "Segments", "Participants", "From one participant"),
        *("This topic", "All topics"),
        *(("Called",) if topics.acts else ()),
    )
    cells = [
        (
            str(row.number),
            ", ".join(row.words),
            str(row.size),
            str(row.participants),
            f"{row.largest_share:.0%}{' (!)' if row.one_participant else ''}",
            str(row.stability),
            topics.stability.verdict,
            *((_called(topics, row.number),) if topics.acts else ()),
        )
        for row in topics
    ]
    return html_table(head, cells)


def _called(topics: Topics, number: int) -> str:
    """What researchers made of a topic: its name, and whether it was merged, split or dropped."""
    name = topics.label(number) if topics.named(number) else ""
    told = topics.act_told(number)
    return f"{name} ({told})".strip() if told else name


def _terms_html(terms: tuple[Term, ...]) -> str:
    cells = [(t.term, str(t.segments), str(t.participants)) for t in terms]
    return html_table(("Term", "Segments", "Participants"), cells)
