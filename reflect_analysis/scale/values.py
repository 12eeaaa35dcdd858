"""What a run over a data set is made of: the work, its partitions, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from reflect_analysis._sources import PACKAGE, digest
from reflect_analysis.codebook import Codebook
from reflect_analysis.corpus import Case, Document, Tombstone
from reflect_analysis.embeddings import model_name
from reflect_analysis.errors import did_you_mean
from reflect_analysis.language.pipelines import model_identity
from reflect_analysis.provenance import fingerprint, package_version
from reflect_analysis.readers.datasets import DatasetColumns
from reflect_analysis.scale.coders import CoderSpec, called
from reflect_analysis.scale.naming import names_key, names_of

__all__ = [
    "FileSeen",
    "GoneText",
    "Job",
    "OpenFinding",
    "Receipt",
    "TopicSample",
    "TopicVectors",
    "Work",
    "installed",
    "link_print",
]

TopicVectors = Literal["semantic", "static"]
_LEAST, _MOST = 20, 50_000
_LOADED = digest(PACKAGE)[:12]  # now: an upgrade may bring other files


@dataclass(frozen=True, slots=True)
class TopicSample:
    """How topics are sought in a data set: fitted in a sample, all other texts put to them.

    Parameters
    ----------
    size : int
        Texts that are drawn, from each participant in proportion to what they wrote; from 20
        to 50,000. Those that cannot be grouped (in another language than English, words of
        others) are drawn with the others and leave the sample.
    seed : int
        Of the draw and of the fit; at least 0.
    vectors : {"semantic", "static"}
        The packaged sentence model, or averaged word vectors (`embeddings.average_words`), many
        times as fast and less able.
    refits : int, optional
        Behind each figure of stability, as in `topics.TopicSettings`.

    Raises
    ------
    ValueError
        If one of them is out of range.
    """

    size: int = 5_000
    seed: int = 0
    vectors: TopicVectors = "semantic"
    refits: int | None = None

    def __post_init__(self) -> None:
        if not _LEAST <= self.size <= _MOST:
            raise ValueError(
                f"size of the topics' sample: expected {_LEAST} to {_MOST:,}, came {self.size!r}"
            )
        if self.seed < 0:
            raise ValueError(f"seed of the topics: expected 0 or more, came {self.seed!r}")
        known = get_args(TopicVectors)
        if self.vectors not in known:
            hint = did_you_mean(str(self.vectors), known)
            raise ValueError(
                f"vectors of the topics: expected one of {', '.join(known)}, came "
                f"{self.vectors!r}{hint}"
            )
        if self.refits is not None and (self.refits < 0 or self.refits == 1):
            raise ValueError(f"refits: expected 0 or at least 2, came {self.refits!r}")


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file of the data set as it was when the data set was looked over.

    Parameters
    ----------
    sha256 : str
    size : int
        In bytes.
    changed : int
        When it was last written, in nanoseconds.
    """

    sha256: str
    size: int
    changed: int


@dataclass(frozen=True, slots=True)
class Job:
    """One partition: some rows of one file.

    Parameters
    ----------
    file : str
        Its path below the data set's folder.
    groups : tuple of int
        The row groups of the file in which the rows lie.
    skip, rows : int
        Rows of these groups that are passed over, and that are read.
    first : int
        Number of the first row in the file, counted from 1, for messages.
    cleared : bool
        Whether ``clearance.yaml`` clears all of its texts.
    key : str
        Fingerprint of everything that the result depends on.
    """

    file: str
    groups: tuple[int, ...]
    skip: int
    rows: int
    first: int
    cleared: bool = False
    key: str = ""

    @property
    def name(self) -> str:
        """The stem of its files: by what they hold, so that a new file renames no other's."""
        return f"part-{self.key[:16]}"


@dataclass(frozen=True, slots=True)
class GoneText:
    """A text of somebody who withdrew, beside which a text of another person stands.

    Parameters
    ----------
    id : str
    job : Job
        The partition in which it lies; its words stand there alone.
    row : int
        Of the partition, counted from 0.
    links : frozenset of str
        Fingerprints of its id and its thread, by which others name it: a thread is often called
        by words of who began it, and words do not travel (`link_print`).
    """

    id: str
    job: Job
    row: int
    links: frozenset[str]


def link_print(link: str) -> str:
    """Fingerprint of what a text is named by: its id, or its thread."""
    return fingerprint("link", link)[:32]


def installed() -> dict[str, str]:
    """What the same texts must be worked on with everywhere, by version; nothing is loaded."""
    return {
        "reflect_analysis": package_version(),
        "the code of reflect_analysis": _LOADED,
        "the language model": model_identity(),
        "the sentence model": model_name(),
    }


@dataclass(frozen=True)
class Work:
    """What all partitions share; a worker is given it once.

    Parameters
    ----------
    source : Path
        The folder of the data set; every worker must see it, and `out`.
    out : Path
        The folder that is kept.
    codebook : Codebook
    coder : str, Path or callable
        See `coders.make_coder`.
    columns : DatasetColumns
    cases : tuple of Case
        All participants of the data set.
    withdrawn : tuple of Tombstone
        With the hashes of their texts in all of the data set.
    gone : tuple of GoneText
        Texts of theirs that others may quote, as their prompt above all.
    by, note : str
        Who cleared the texts and how; empty where ``clearance.yaml`` clears each.
    reasons : mapping of str to str
        Why a finding of the check may stand, by its id.
    made : str
        Fingerprint of the coder as the leading process made it.
    topics : TopicSample, optional
    topics_key : str
        Fingerprint of all that the topics depend on.
    files : mapping of str to FileSeen
        The files of the data set, which must still be these when they are read.
    installed : mapping of str to str
        What the leading process has: a worker that has something else writes nothing.
    call : str
        Which call it belongs to: when that has ended, nothing is written (`files.RunFolder`).
    """

    source: Path
    out: Path
    codebook: Codebook
    coder: CoderSpec
    columns: DatasetColumns
    cases: tuple[Case, ...]
    withdrawn: tuple[Tombstone, ...] = ()
    by: str = ""
    note: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    made: str = ""
    topics: TopicSample | None = None
    topics_key: str = ""
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    installed: Mapping[str, str] = field(default_factory=installed)
    call: str = ""
    gone: tuple[GoneText, ...] = ()

    @cached_property
    def known(self) -> dict[str, Case]:
        """The participants by id."""
        return {case.id: case for case in self.cases}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that the study knows: they are sought in every text that is checked."""
        return names_of(self.cases)

    @cached_property
    def names_key(self) -> str:
        """Fingerprint of the names and pseudonyms that a check asks for."""
        return names_key(self.cases)

    @cached_property
    def gone_by_link(self) -> dict[str, list[GoneText]]:
        """Texts of who withdrew by the fingerprints of what others name them by."""
        found: dict[str, list[GoneText]] = {}
        for text in self.gone:
            for link in text.links:
                found.setdefault(link, []).append(text)
        return found

    @cached_property
    def gone_read(self) -> dict[str, Document]:
        """Texts of who withdrew by id, as a worker has read them: they are read once."""
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """What is sent to a worker: no text."""
        return {name: told for name, told in self.__dict__.items() if name != "gone_read"}

    @cached_property
    def id(self) -> str:
        """Under which workers hold it; the same in every process."""
        parts = (str(self.source), str(self.out), self.codebook.version, called(self.coder))
        told = (self.by, self.note, dict(self.reasons), len(self.cases), self.topics_key)
        return fingerprint(*parts, *told)[:16]


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A direct identifier that stands without a reason: its place and kind, never the words."""

    id: str
    document_id: str
    field: str
    start: int
    end: int
    kind: str
    why: str
    place: str
    participant: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one partition.

    Parameters
    ----------
    key : str
        Of the `Job`.
    source : str
        File and rows.
    made_with : mapping of str to str
        Fingerprints of the codebook and the coder, and the package's version.
    counts : mapping of str to int
        ``documents``, ``left_out`` (withdrawn, or refused and of nobody), ``governed`` (wait for
        approval), ``unread`` (in a language that the coder does not read), ``segments``,
        ``codings``, ``texts`` (that the tables count), ``findings``.
    totals : mapping of str to mapping
        By code what the tables need of all texts of the partition; see `counting`.
    seconds : mapping of str to float
        By step, on the clock.
    processor : float
        Seconds of the processor, which others who use the machine change less.
    let_stand : tuple of str
        Ids of the direct findings for which there was a reason.
    cleared : mapping of str to str
        ``by``, ``note`` and ``at``: who cleared the texts, how, and when they were coded so.
    files : mapping of str to str
        sha256 of each file of the partition, by what it holds.
    waiting : tuple of OpenFinding
        Those for which there was none; then nothing was coded.
    checked : bool
        Whether each text was searched for identifiers; texts that ``clearance.yaml`` clears are
        not.
    names : str
        `Work.names_key` of the call that searched them.
    """

    key: str
    source: str
    made_with: Mapping[str, str]
    counts: Mapping[str, int]
    totals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    processor: float = 0.0
    let_stand: tuple[str, ...] = ()
    cleared: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[OpenFinding, ...] = ()
    checked: bool = False
    names: str = ""
