"""A data set that was coded: its counts, its tables, and where its codings lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from reflect_analysis.codebook import Codebook
from reflect_analysis.errors import agreeing
from reflect_analysis.provenance import Run, new_run
from reflect_analysis.scale.files import FOUND, READ, TOPICS, RunFolder
from reflect_analysis.scale.tabulating import add_counts, themes_of
from reflect_analysis.scale.telling import many
from reflect_analysis.scale.values import Job, Receipt
from reflect_analysis.themes import Approach, ThemeTable

if TYPE_CHECKING:
    from reflect_analysis.scale.topic_counts import TopicCounts

__all__ = ["ScaledRun", "check_approach"]


@dataclass(frozen=True)
class ScaledRun:
    """A data set that was coded whole.

    Parameters
    ----------
    out : Path
        The folder, with ``share`` and ``keep`` in it.
    codebook : Codebook
    jobs : tuple of Job
        The partitions.
    receipts : tuple of Receipt
        What came of each, in the same order.
    communities : mapping of str to str
        By participant, where it is known.
    computed : int
        Partitions that were worked on now; the others were there from before.
    wall : mapping of str to float
        Seconds by step of this call.
    topics : TopicCounts, optional
        Where they were asked for and the texts could be grouped.
    """

    out: Path
    codebook: Codebook
    jobs: tuple[Job, ...]
    receipts: tuple[Receipt, ...]
    communities: Mapping[str, str]
    computed: int
    wall: Mapping[str, float] = field(default_factory=dict)
    topics: TopicCounts | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Sums over the partitions of what `Receipt.counts` holds."""
        summed: Counter[str] = Counter()
        for receipt in self.receipts:
            summed.update(receipt.counts)
        return dict(summed)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of work by step, added over all partitions and workers."""
        summed: dict[str, float] = {}
        for receipt in self.receipts:
            for step, seconds in receipt.seconds.items():
                summed[step] = summed.get(step, 0.0) + seconds
        return summed

    def codings(self) -> tuple[Path, ...]:
        """The codings, a Parquet file each partition: ids, places and evidence, no texts."""
        folder = RunFolder(self.out)
        return tuple(folder.of("codings", job) for job in self.jobs)

    def assigned(self) -> tuple[Path, ...]:
        """Which text is in which topic, a Parquet file each partition; none without topics."""
        folder = RunFolder(self.out)
        return tuple(folder.of(TOPICS, job) for job in self.jobs) if self.topics else ()

    def themes(
        self, *, claims: Mapping[str, str] | None = None, approach: Approach = "codebook"
    ) -> ThemeTable:
        """The theme table with exact counts, from the counts of the partitions; no text is read.

        Parameters
        ----------
        claims : mapping of str to str, optional
            The researcher's theme for a group, by group id.
        approach : {"content-analysis", "coding-reliability", "codebook"}
            Intervals are given in the first two only.

        Raises
        ------
        ValueError
            For a reflexive study, in which no machine codes.
        """
        check_approach(approach)
        folder = RunFolder(self.out)
        counts = add_counts(
            self.receipts,
            (folder.of(FOUND, job) for job in self.jobs),
            (folder.of(READ, job) for job in self.jobs),
            self.communities,
        )
        return themes_of(
            counts, self.codebook, claims=claims or {}, approach=approach, runs=(self.run,)
        )

    @property
    def run(self) -> Run:
        """How it was coded, for the methods paragraph."""
        counts = self.counts
        made_with = self.receipts[0].made_with
        sentences = counts.get("segments", 0)
        summary = (
            f"{many(sentences, 'sentence')} of {many(counts['documents'], 'document')} in "
            f"{many(len(self.jobs), 'partition')} {agreeing(sentences, 'were')} coded by a machine "
            "(codebook "
            f"{self.codebook.version})"
        )
        for name, why in _LEFT_OUT.items():
            if counts.get(name):
                summary += f", leaving out {counts[name]:,} {why}"
        keys = [job.key for job in self.jobs]
        return new_run("code", summary, inputs=keys[:1], settings=dict(made_with))

    def __repr__(self) -> str:
        counts = self.counts
        told = f"{many(counts['documents'], 'document')} in {many(len(self.jobs), 'partition')}"
        return f"<ScaledRun {str(self.out)!r}: {told}, {many(counts['codings'], 'coding')}>"


_LEFT_OUT = {
    "governed": "governed documents without approval for coding",
    "unread": "documents in a language that it cannot read",
    "left_out": "withdrawn or refused",
}


def check_approach(approach: str) -> None:
    """Raise `ValueError` for an approach that is none, or in which no machine codes."""
    if approach == "reflexive":
        raise ValueError("approach 'reflexive': no machine codes in a reflexive study")
    if approach not in get_args(Approach):
        raise ValueError(f"approach {approach!r}; expected one of {', '.join(get_args(Approach))}")
