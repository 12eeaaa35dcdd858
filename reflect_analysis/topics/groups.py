"""Topics by session and by attribute: how many participants, of how many, with intervals.

What is counted is participants, never texts: one who writes much is one. N of a column is
who has a text there that was grouped, so that a session in which nobody wrote is no nought.
A text of an unknown case counts for no participant. The exact counts are for the study's own
people; `TopicsBy.shown` gives what may be sent.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.coefficients import wilson_interval
from reflect_analysis.disclosure import (
    DEFAULT_K,
    HIDDEN,
    SuppressedTable,
    governed_groups,
    show_count,
    suppress_table,
)
from reflect_analysis.errors import TopicsError, UnknownIdError, did_you_mean, raise_all

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.corpus import Corpus
    from reflect_analysis.topics.acts import TopicGroup
    from reflect_analysis.topics.values import Topics, TopicUnit, Verdict

__all__ = ["TopicShare", "TopicsBy", "topics_by", "verdict_of"]

_WITHHELD = "words withheld"


@dataclass(frozen=True, slots=True)
class TopicShare:
    """Participants of one column with a text in one topic.

    Parameters
    ----------
    topic : str
        Key of the group of texts (`TopicGroup.key`): the topic's number where no act changed
        it.
    label : str
        The researcher's name, else the words.
    value : str
        Of the attribute.
    participants, of_participants : int
        n of N: with a text in the topic, and with any text that was grouped.
    low, high : float
        Wilson's interval of n / N at 95 %; `nan` where nobody is there.
    texts : int
        Segments behind it, those of unknown cases left out.
    stability : str
        The verdict on the topic.
    one_participant : bool
        Whether one participant wrote or said more than half of the topic's counted texts.
    """

    topic: str
    label: str
    value: str
    participants: int
    of_participants: int
    low: float
    high: float
    texts: int
    stability: str
    one_participant: bool = False

    @property
    def share(self) -> float:
        """The share n / N; `nan` where nobody is there."""
        return self.participants / self.of_participants if self.of_participants else math.nan


@dataclass(frozen=True)
class TopicsBy:
    """Topics by an attribute: exact counts, and the table that may be sent.

    Parameters
    ----------
    by : str
        The attribute.
    rows : tuple of TopicShare
        Topic by topic, every value of the attribute.
    sizes : tuple of (str, int)
        Participants with a grouped text, by value.
    repeated : bool
        Whether a participant stands in more than one column, as with sessions: then columns
        are no parts of a whole, and no total is given.
    verdict : str
        Whether the whole solution is stable.
    governed : frozenset of str
        Values that stand for a governed community.
    unplaced : int
        Grouped segments without the attribute, or of an unknown case.
    named : frozenset of str
        Keys of the groups that a person named: such a label is not the texts' own words.
    """

    by: str
    rows: tuple[TopicShare, ...]
    sizes: tuple[tuple[str, int], ...]
    repeated: bool
    verdict: str
    governed: frozenset[str] = frozenset()
    unplaced: int = 0
    named: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TopicShare]:
        return iter(self.rows)

    @cached_property
    def topics(self) -> dict[str, str]:
        """Label of each topic by its key, in order."""
        return {row.topic: row.label for row in self.rows}

    def to_frame(self) -> pd.DataFrame:
        """Exact counts, one row a topic and value: to keep, not to send.

        Returns
        -------
        DataFrame
            The fields of `TopicShare`, then ``share``, ``solution`` (the verdict on it).
        """
        frame = to_frame(self.rows, TopicShare)
        return frame.assign(share=[row.share for row in self.rows], solution=self.verdict)

    def shown(self, *, k: int = DEFAULT_K) -> SuppressedTable:
        """The counts as they may be sent, small ones hidden with what gives them back.

        Parameters
        ----------
        k : int
            Counts of fewer persons are hidden; at least 3.

        Returns
        -------
        SuppressedTable
            A row a topic, in the order of `topics`. Where a participant stands in one column
            only, groups of fewer than k are joined and a total stands behind; with repeated
            participants each column stands for itself.
        """
        return self._each_alone(k) if self.repeated else self._as_parts(k)

    def _counts(self) -> pd.DataFrame:
        import pandas as pd

        counts = {
            value: [row.participants for row in self.rows if row.value == value]
            for value, _ in self.sizes
        }
        return pd.DataFrame(counts, index=list(self.topics))

    def _as_parts(self, k: int) -> SuppressedTable:
        governed = self.governed & {value for value, _ in self.sizes}
        return suppress_table(self._counts(), sizes=dict(self.sizes), k=k, governed=governed)

    def _each_alone(self, k: int) -> SuppressedTable:
        """Columns that share participants: none can be subtracted from another."""
        open_ = [(value, size) for value, size in self.sizes if value not in self.governed]
        counts = {(row.topic, row.value): row.participants for row in self.rows}
        cells = tuple(
            tuple(_printed(counts[key, value], size, k) for value, size in open_)
            for key in self.topics
        )
        columns = tuple(value for value, _ in open_)
        return SuppressedTable(
            tuple(self.topics), columns, cells, k, tuple(size for _, size in open_)
        )

    def labels(self, *, k: int = DEFAULT_K) -> dict[str, str]:
        """Label of each topic as it may be sent: words of few persons are withheld."""
        table = self.shown(k=k)
        told = {}
        for key, cells in zip(table.index, table.cells, strict=True):
            hidden = all(not cell.isdecimal() or cell == "0" for cell in cells)
            few = hidden and key not in self.named
            told[key] = f"Topic {key}: {_WITHHELD if few else self.topics[key]}"
        return told

    def __repr__(self) -> str:
        shape = f"{len(self.topics)} topics by {self.by} ({len(self.sizes)} groups)"
        return f"<TopicsBy: {shape}; {self.verdict}>"

    def _repr_html_(self) -> str:
        cells = [
            (
                row.label,
                row.value,
                f"{row.participants} of {row.of_participants}",
                interval_told(row.low, row.high),
                row.stability,
            )
            for row in self.rows
        ]
        head = ("Topic", self.by.capitalize(), "Participants", "95 % interval", "This topic")
        return f"<p>{escape(repr(self))} Exact counts: not to be sent.</p>{html_table(head, cells)}"


def _printed(n: int, size: int, k: int) -> str:
    shown = show_count(n, size, k=k)
    return shown.text if shown.exact else HIDDEN


def interval_told(low: float, high: float) -> str:
    """An interval of shares in per cent; "–" where there is none.

    >>> interval_told(0.2214, 0.5312)
    '22–53 %'
    """
    if math.isnan(low):
        return "–"
    return f"{round(low * 100)}–{round(high * 100)} %"


def verdict_of(topics: Topics, group: TopicGroup) -> Verdict:
    """The verdict on a group of texts: the topic's own, or else that on the solution.

    What a researcher merged or split was never fitted again, so it was not measured.
    """
    if group.key != str(group.topics[0]):
        return "not measured"
    own = topics[group.topics[0]].stability.verdict
    return topics.stability.verdict if own == "not measured" else own


def topics_by(topics: Topics, corpus: Corpus, by: str = "session") -> TopicsBy:
    """Count the participants of each topic by session or by any other attribute.

    Parameters
    ----------
    topics : Topics
        What researchers merged, split or dropped is counted as they left it.
    corpus : Corpus
        The one that was grouped.
    by : str
        An attribute of the documents or of their participants, such as ``"session"``,
        ``"role"`` or ``"place"``.

    Returns
    -------
    TopicsBy

    Raises
    ------
    TopicsError
        If nothing was grouped.
    UnknownIdError
        If a grouped text is not in the corpus, or none has the attribute.

    Notes
    -----
    Records whose governors have not approved ``"tables"`` are in no count.
    """
    if not topics.rows:
        raise TopicsError("nothing was grouped, so there is nothing to count by an attribute")
    placed = _placed(topics, corpus, by)
    people = _people(placed.values())
    values = sorted({value for _, value in placed.values()}, key=_in_order)
    sizes = tuple((value, len(people[value])) for value in values)
    rows = tuple(row for group in topics.groups for row in _shares(topics, group, placed, sizes))
    counted = sum(len(each) for each in people.values())
    repeated = counted > len(frozenset().union(*people.values()))
    named = frozenset(group.key for group in topics.groups if group.named)
    governed = governed_groups(corpus, by) & set(values)
    unplaced = len(topics.units) - len(placed)
    return TopicsBy(by, rows, sizes, repeated, topics.stability.verdict, governed, unplaced, named)


Placed = dict[str, tuple[str, str]]  # case id and value, by segment id


def _placed(topics: Topics, corpus: Corpus, by: str) -> Placed:
    """Every grouped segment of a known participant, with its value of the attribute."""
    foreign = sorted({u.document_id for u in topics.units if u.document_id not in corpus})
    raise_all(UnknownIdError, [f"document {each!r} is not in this corpus" for each in foreign])
    found: Placed = {}
    names: set[str] = set()
    for unit in topics.units:
        document = corpus.document(unit.document_id)
        attributes = _attributes_of(unit, corpus)
        names.update(attributes)
        value = attributes.get(by)
        able = unit.case_id is not None and corpus.permits(document, "tables")
        if able and value not in (None, ""):
            found[unit.segment_id] = (str(unit.case_id), str(value))
    if not found:
        hint = did_you_mean(by, sorted(names))
        raise UnknownIdError(f"no grouped text of a known participant has {by!r}{hint}")
    return found


def _attributes_of(unit: TopicUnit, corpus: Corpus) -> Mapping[str, object]:
    """Of the document, and of who speaks in this passage of it."""
    document = corpus.document(unit.document_id)
    own = dict(corpus.case(unit.case_id).attributes) if unit.case_id else {}
    return {**own, **corpus.attributes_of(document)}


def _people(placed: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    people: dict[str, set[str]] = {}
    for case_id, value in placed:
        people.setdefault(value, set()).add(case_id)
    return people


def _in_order(value: str) -> tuple[bool, float, str]:
    """Numbers by size, then words by the alphabet."""
    number = float(value) if value.isdecimal() else math.inf
    return not value.isdecimal(), number, value


def _shares(
    topics: Topics, group: TopicGroup, placed: Placed, sizes: Sequence[tuple[str, int]]
) -> Iterator[TopicShare]:
    inside = [placed[segment_id] for segment_id in group.segment_ids if segment_id in placed]
    people = _people(inside)
    verdict, one = verdict_of(topics, group), _one_participant(inside)
    for value, size in sizes:
        n = len(people.get(value, ()))
        low, high = wilson_interval(n, size)
        texts = sum(each == value for _, each in inside)
        yield TopicShare(group.key, group.label, value, n, size, low, high, texts, verdict, one)


def _one_participant(inside: Iterable[tuple[str, str]]) -> bool:
    """Whether more than half of the counted texts are one participant's."""
    counts = Counter(case_id for case_id, _ in inside)
    return 2 * max(counts.values(), default=0) > counts.total()
