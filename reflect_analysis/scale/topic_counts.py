"""Topics of a data set by counts, and the table of them that may be sent.

The counts are those of all texts, the words those of the sample. What hides small counts is what
hides them in the topics of one machine: the same functions, on the same numbers. A topic's words
are withheld where few persons stand behind it in the sample or in the whole.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis._rows import to_frame
from reflect_analysis.disclosure import (
    HIDDEN,
    Part,
    Persons,
    ReleasedCell,
    Shown,
    count_note,
    hidden_parts,
    released_count,
    show_persons,
)
from reflect_analysis.figures.topic_rows import shown_persons, told_words
from reflect_analysis.scale.files import pyarrow
from reflect_analysis.scale.values import TopicSample
from reflect_analysis.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.topics import Topics

__all__ = ["TopicCount", "TopicCounts", "count_topics", "shown_topics"]

OUTLIER = -1
_WITHHELD = "words withheld"
_WORDS = (
    "Words: the strongest of each group in the sample; a word that could be a name, or that one "
    "participant alone uses in the group, is left out."
)
_COLUMNS = (
    Column("Words"),
    Column("Participants", "number"),
    Column("Texts", "number"),
    Column("Grouping"),
)
_NOT_STABLE = {
    "not stable": "The grouping is not stable: on a part of the sample it comes out otherwise. "
    "Nothing should rest on it.",
    "not measured": "Whether the grouping is stable was not measured. Nothing should rest on it.",
}


@dataclass(frozen=True, slots=True)
class TopicCount:
    """One topic in all texts of a data set.

    Parameters
    ----------
    topic : int
        Its number, by size in the sample; −1 for the texts in none.
    label : str
        Its strongest words in the sample.
    texts : int
    participants : int
        Known participants with a text in it.
    unknown : int
        Texts of nobody known.
    largest_share : float
        Share of its texts that come from one participant, in [0, 1].
    sampled : int
        Texts of the sample that the fit put into it.
    stability : str
        The verdict on it, from the sample.
    """

    topic: int
    label: str
    texts: int
    participants: int
    unknown: int
    largest_share: float
    sampled: int
    stability: str

    @property
    def persons(self) -> Persons:
        """Who may stand behind it."""
        return Persons(self.participants, self.unknown)


@dataclass(frozen=True)
class TopicCounts:
    """The topics of a data set, found in a sample of it, by counts in all of it.

    Parameters
    ----------
    model : Topics
        The topics of the sample.
    sample : TopicSample
    rows : tuple of TopicCount
        Every topic, then the texts in none where there are any.
    participants, unknown : int
        Behind all texts that were put into a topic or into none.
    texts : int
        Those.
    drawn, of : int
        Texts that were drawn for the sample, and out of how many.
    left_out : mapping of str to int
        Texts that were not looked at, by reason.
    note : str
        Why texts outside the sample were not put where the fit would have, where that is so.
    """

    model: Topics
    sample: TopicSample
    rows: tuple[TopicCount, ...]
    participants: int
    unknown: int
    texts: int
    drawn: int
    of: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    note: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TopicCount]:
        return iter(self.rows)

    @property
    def verdict(self) -> str:
        """Whether the solution is stable."""
        return self.model.stability.verdict

    @property
    def persons(self) -> Persons:
        """Who may stand behind all of the texts."""
        return Persons(self.participants, self.unknown)

    @property
    def sentence(self) -> str:
        """The sample, its seed and its share, as a table tells them."""
        fitted = self.model.n_units
        by = "averaged word vectors" if self.sample.vectors == "static" else "the sentence model"
        seed = f"with the seed {self.sample.seed}"
        could = f", of which {fitted:,} could be grouped" if fitted < self.drawn else ""
        if self.drawn == self.of:
            return f"The topics were found in all {self.of:,} texts{could}, by {by} {seed}."
        return (
            f"The topics were found by {by} in a sample: {self.drawn:,} of {self.of:,} texts "
            f"({self.drawn / self.of:.1%}), drawn from each participant in proportion "
            f"{seed}{could}; the other texts were put to them afterwards."
        )

    def to_frame(self) -> pd.DataFrame:
        """Exact counts, one row a topic: to keep, not to send."""
        return to_frame(self.rows, TopicCount).assign(solution=self.verdict)

    def __repr__(self) -> str:
        topics = f"{len(self.model)} topics of {self.drawn:,} texts"
        return f"<TopicCounts: {topics}, {self.verdict}; {self.texts:,} texts put into them>"


# ── counting ──


def count_topics(model: Topics, paths: Iterable[Path]) -> tuple[tuple[TopicCount, ...], Persons]:
    """Count what the partitions hold; and who stands behind all of it.

    Parameters
    ----------
    model : Topics
    paths : iterable of Path
        The files of all partitions.
    """
    parquet, columns = pyarrow("pyarrow.parquet"), ["case_id", "topic", "fitted"]
    parts = [parquet.read_table(path, columns=columns) for path in paths]
    table = pyarrow().concat_tables(parts).combine_chunks()
    cases = _numbers(table["case_id"])
    topics = table["topic"].to_numpy()
    fitted = table["fitted"].to_numpy(zero_copy_only=False)
    numbers = [*range(len(model)), *([OUTLIER] if (topics == OUTLIER).any() else [])]
    rows = tuple(_count(model, n, cases[topics == n], fitted[topics == n]) for n in numbers)
    return rows, Persons(len(np.unique(cases[cases >= 0])), int((cases < 0).sum()))


def _numbers(cases: Any) -> Any:
    """A number for each participant, −1 for nobody known."""
    pc = pyarrow("pyarrow.compute")
    coded = cases.combine_chunks().dictionary_encode()
    return pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)


def _count(model: Topics, number: int, cases: Any, fitted: Any) -> TopicCount:
    known = cases[cases >= 0]
    unknown = len(cases) - len(known)
    most = max(int(np.bincount(known).max()) if len(known) else 0, min(unknown, 1))
    one = number != OUTLIER
    return TopicCount(
        number,
        model.label(number) if one else "in no topic",
        len(cases),
        len(np.unique(known)),
        unknown,
        most / len(cases) if len(cases) else 0.0,
        int(fitted.sum()),
        model[number].stability.verdict if one else "",
    )


# ── the table that may be sent ──


def shown_topics(counts: TopicCounts, safe: Topics, *, k: int, number: int = 1) -> Table:
    """The topics as they may be sent.

    Parameters
    ----------
    counts : TopicCounts
    safe : Topics
        Those of the sample with the words that may be shown (`report.grouping`).
    k : int
        Counts of fewer persons are hidden, with all that would give them back; at least 3.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
        A row a topic: words, participants n of N, texts n of N, whether it is stable.
    """
    rows = [row for row in counts if row.topic != OUTLIER]
    seen = dataclasses.replace(safe, rows=tuple(map(_as_counted, safe.rows, rows)))
    shown = dict(zip((row.topic for row in rows), _protected(counts, rows, k), strict=True))
    told: list[tuple[ReleasedCell, ...]] = []
    cells: list[tuple[str, ...]] = []
    for row in rows:
        topic, count = seen[row.topic], shown[row.topic]
        few = _few(row, counts, k) or shown_persons(counts.model, counts.model[row.topic], k)[1]
        words = _WITHHELD if few or not topic.words else told_words(seen, topic)
        texts = HIDDEN if count.hides_rest else f"{row.texts} of {counts.texts}"
        cells.append((words, _persons(count, counts.participants), texts, counts.verdict))
        told.append(_told(f"topic {told_words(seen, topic)}", row, count, counts))
    note = [
        _WORDS,
        counts.sentence,
        counts.note,
        _NOT_STABLE.get(counts.verdict, ""),
        count_note(k),
    ]
    return Table(
        f"Exploratory groupings of the texts ({counts.verdict})",
        _COLUMNS,
        tuple(cells),
        number=number,
        note=" ".join(filter(None, note)),
        released=tuple(told),
    )


def _as_counted(topic: Any, row: TopicCount) -> Any:
    """A topic of the sample with its share in the whole."""
    return dataclasses.replace(topic, largest_share=row.largest_share)


def _protected(counts: TopicCounts, rows: list[TopicCount], k: int) -> Iterator[Shown]:
    """Each count as it may be printed beside the others: every text is in one topic."""
    total = counts.persons
    alone = [show_persons(row.persons, total, k=k) for row in rows]
    parts = [
        Part(row.participants if total.known else row.unknown, row.texts, shown.hides_rest)
        for row, shown in zip(rows, alone, strict=True)
    ]
    everybody = total.known or total.unknown
    hidden = hidden_parts(parts, everybody, k) if total.at_most else [False] * len(rows)
    for shown, hide in zip(alone, hidden, strict=True):
        given_back = hide and not shown.hides_rest
        yield Shown(HIDDEN, 0, total.known, hides_rest=True) if given_back else shown


def _few(row: TopicCount, counts: TopicCounts, k: int) -> bool:
    """Whether words would point to few persons."""
    shown = show_persons(row.persons, counts.persons, k=k)
    return row.persons.at_most < k or shown.text == HIDDEN


def _persons(shown: Shown, total: int) -> str:
    if not total:
        return "–"
    return HIDDEN if shown.text == HIDDEN else f"{shown} of {total}"


def _told(
    what: str, row: TopicCount, shown: Shown, counts: TopicCounts
) -> tuple[ReleasedCell, ...]:
    """The counts that a row tells, for a ledger."""
    cells = []
    if counts.participants and shown.text != HIDDEN:
        cells.append(released_count(what, shown, counts.participants))
    if not shown.hides_rest:
        cells.append(ReleasedCell(what, (), row.texts, row.texts, counts.texts, "texts"))
    return tuple(cells)
