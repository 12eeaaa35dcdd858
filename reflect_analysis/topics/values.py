"""The values that a topic fit gives: frozen rows, and how stable they are.

A topic holds ids, numbers and single words; no passage of a text stands in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import Attributes, to_frame
from reflect_analysis.errors import TopicsError, UnknownIdError, raise_all
from reflect_analysis.provenance import Run, fingerprint

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "OUTLIER",
    "STABLE_ARI",
    "Engine",
    "Neighbour",
    "NumberTried",
    "Stability",
    "Term",
    "Topic",
    "TopicUnit",
    "Topics",
]

Engine = Literal["terms", "k-means", "agglomerative", "bertopic"]
Verdict = Literal["stable", "not stable", "not measured"]

OUTLIER = -1
# TextAnalysisR's convention: a model is called stable from this mean ARI between refits.
STABLE_ARI = 0.60


@dataclass(frozen=True, slots=True)
class Topic:
    """One group of segments.

    Parameters
    ----------
    number : int
        0 for the largest, then by falling size.
    words : tuple of str
        The words that mark it (c-TF-IDF), the strongest first; each is used by at least two
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
    """

    number: int
    words: tuple[str, ...]
    size: int
    participants: int
    largest_share: float
    representatives: tuple[str, ...]

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


@dataclass(frozen=True, slots=True)
class NumberTried:
    """A number of topics that was tried, and its agreement over bootstrap samples.

    Parameters
    ----------
    n_topics : int
    bootstrap, shuffled : float
        Mean adjusted Rand index between refits, for the vectors and for shuffled ones.
    error : float
        Standard error of `bootstrap`.
    """

    n_topics: int
    bootstrap: float
    shuffled: float
    error: float

    @property
    def excess(self) -> float:
        """Share of the agreement left to gain over shuffled vectors that was gained.

        1 where the refits agree wholly, 0 where they agree as those of shuffled vectors do.

        >>> NumberTried(2, bootstrap=0.75, shuffled=0.5, error=0.02).excess
        0.5
        """
        room = 1 - self.shuffled
        return (self.bootstrap - self.shuffled) / room if room > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Stability:
    """How far a solution agrees with itself when it is fitted again.

    Each figure is the mean adjusted Rand index between the refits, two by two: 1 for the
    same groups, 0 for chance, `nan` where it was not measured. Outliers count as groups of
    one, and two refits without any structure agree at 0. The index rewards few topics, so
    it is read with the number of topics and beside its value for shuffled vectors.

    Parameters
    ----------
    n_topics : int
        Topics of the solution.
    seeds, seeds_shuffled : float
        Over seeds, on the same texts; `nan` for an engine without random numbers.
    bootstrap, bootstrap_shuffled : float
        Over bootstrap samples of the texts.
    refits : int
        Refits behind each figure.
    units : int
        Segments in each refit: all, or a sample of them where they are many.
    reason : str
        Why it was not measured.

    References
    ----------
    Hubert, L., & Arabie, P. (1985). Comparing partitions. Journal of Classification, 2,
    193–218. The limit of .60 is the convention of the R package TextAnalysisR.
    """

    n_topics: int
    seeds: float = math.nan
    seeds_shuffled: float = math.nan
    bootstrap: float = math.nan
    bootstrap_shuffled: float = math.nan
    refits: int = 0
    units: int = 0
    reason: str = ""

    @property
    def faults(self) -> tuple[str, ...]:
        """Each condition of a stable solution that this one fails."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[str]:
        if self.n_topics < 2:  # noqa: PLR2004  # one group agrees with itself on any texts
            yield "fewer than two topics"
        if self.bootstrap < STABLE_ARI:
            yield f"ARI over bootstrap samples below {STABLE_ARI:.2f}"
        if self.seeds < STABLE_ARI:
            yield f"ARI over seeds below {STABLE_ARI:.2f}"
        if self.bootstrap <= self.bootstrap_shuffled:
            yield "ARI over bootstrap samples not above that of shuffled vectors"
        # A search that always finds the optimum agrees at 1 on shuffled vectors as well.
        if self.seeds < self.seeds_shuffled:
            yield "ARI over seeds below that of shuffled vectors"

    @property
    def verdict(self) -> Verdict:
        """``"stable"``, ``"not stable"`` or ``"not measured"``."""
        if math.isnan(self.bootstrap):
            return "not measured"
        return "not stable" if self.faults else "stable"

    def to_frame(self) -> pd.DataFrame:
        """One row a kind of refit.

        Returns
        -------
        DataFrame
            ``refits_over, ari, ari_shuffled, refits, units, n_topics, verdict``.
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "refits_over": ["seeds", "bootstrap"],
                "ari": [self.seeds, self.bootstrap],
                "ari_shuffled": [self.seeds_shuffled, self.bootstrap_shuffled],
                "refits": self.refits,
                "units": self.units,
                "n_topics": self.n_topics,
                "verdict": self.verdict,
            }
        )

    def __str__(self) -> str:
        """The verdict with its figures."""
        if self.verdict == "not measured":
            return f"not measured: {self.reason}" if self.reason else "not measured"
        figures = (
            f"{name} {_index(value)} (shuffled {_index(shuffled)})"
            for name, value, shuffled in (
                ("bootstrap", self.bootstrap, self.bootstrap_shuffled),
                ("seeds", self.seeds, self.seeds_shuffled),
            )
            if not math.isnan(value)
        )
        return f"{self.verdict}: {self.n_topics} topics, ARI over {', over '.join(figures)}"


def _index(value: float) -> str:
    """A figure of at most 1 as papers print it: without the leading zero.

    >>> _index(0.237), _index(-0.001), _index(1.0)
    ('.24', '.00', '1.00')
    """
    rounded = round(value, 2) + 0.0  # makes −0 a 0
    return f"{rounded:.2f}".replace("0.", ".", 1).replace("-", "−")


@dataclass(frozen=True)
class Topics:
    """The topics of a set of segments.

    Parameters
    ----------
    engine : {"terms", "k-means", "agglomerative", "bertopic"}
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

    Raises
    ------
    TopicsError
        If units and topics contradict one another.
    """

    engine: Engine
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

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.rows)

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
            one_participant, representatives, engine, stability``; `share` is of all the
            segments that were grouped, `stability` the verdict on the solution.
        """
        frame = to_frame(self.rows, Topic).rename(columns={"number": "topic"})
        frame.insert(1, "label", [row.label for row in self.rows])
        frame["words"] = [", ".join(row.words) for row in self.rows]
        frame.insert(4, "share", [row.size / len(self.units) for row in self.rows])
        frame.insert(7, "one_participant", [row.one_participant for row in self.rows])
        frame["representatives"] = ["; ".join(row.representatives) for row in self.rows]
        return frame.assign(engine=self.engine, stability=self.stability.verdict)

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
        return f"{self.n_units} segments by {self.engine}{outliers}; {self.stability}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        table = _terms_html(self.terms) if self.engine == "terms" else _topics_html(self)
        return f"<p>{escape(repr(self))}</p>{notes}{table}"


def _topics_html(topics: Topics) -> str:
    head = ("Topic", "Words", "Segments", "Participants", "From one participant", "Stability")
    cells = [
        (
            str(row.number),
            ", ".join(row.words),
            str(row.size),
            str(row.participants),
            f"{row.largest_share:.0%}{' (!)' if row.one_participant else ''}",
            topics.stability.verdict,
        )
        for row in topics
    ]
    return _table_html(head, cells)


def _terms_html(terms: tuple[Term, ...]) -> str:
    cells = [(t.term, str(t.segments), str(t.participants)) for t in terms]
    return _table_html(("Term", "Segments", "Participants"), cells)


def _table_html(head: tuple[str, ...], cells: Sequence[tuple[str, ...]]) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells
    )
    return f"<table><tr>{titles}</tr>{rows}</table>"
