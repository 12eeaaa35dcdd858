"""What a withdrawal from values left, did and could not reach: ids and counts, never words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from reflect_analysis.anonymity.key import Key
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus, Tombstone
from reflect_analysis.disclosure import Approval
from reflect_analysis.disclosure.withdrawal import NO_TRACES, Traces, write_withdrawn

__all__ = ["Reply", "Withdrawn"]

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """Another person's text that goes back to the withdrawn; a person decides on it.

    Parameters
    ----------
    document_id : str
    why : {"quotes", "answers", "same thread"}
        Words of the withdrawn stand in it, letter for letter; or it answers a text of theirs, or
        stands in its thread.
    spans : tuple of (int, int)
        Where the words stand, in half-open code points.
    """

    document_id: str
    why: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, repr=False)
class Withdrawn:
    """The values without a participant, and what else a person has to do.

    Parameters
    ----------
    case_id : str
    tombstone : Tombstone
        By which the participant's texts are known if they come back; `save` writes it.
    corpus : Corpus
        Without the participant; the tombstone is in `Corpus.withdrawn`.
    codings : Codings, optional
    quotes : tuple of Approval
    codebook : Codebook, optional
    key : Key, optional
        Each without the participant, where it was given.
    removed : mapping of str to int
        Rows by what they are: ``"documents"``, ``"codings"``, ``"quotes"`` …
    shared : tuple of str
        Documents that others speak in too; the participant's turns were blotted out in them.
    replies : tuple of Reply
    traces : Traces
        Codes of the codebook that go back to the participant.
    stale : tuple of str
        Models that learned from the participant's texts: to be fitted again, without them.
    untold : tuple of str
        Models that do not tell from what they learned: to be fitted again if they are older.
    forgotten : int
        Entries of the cache and of this process's memory.
    sources : tuple of str
        Files from which the participant's texts and pictures were read.
    unascribed : int
        Documents of nobody known: whether the participant wrote one cannot be told.
    notes : tuple of str
    """

    case_id: str
    tombstone: Tombstone
    corpus: Corpus
    codings: Codings | None = None
    quotes: tuple[Approval, ...] = ()
    codebook: Codebook | None = None
    key: Key | None = None
    removed: Mapping[str, int] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    traces: Traces = NO_TRACES
    stale: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    forgotten: int = 0
    sources: tuple[str, ...] = ()
    unascribed: int = 0
    notes: tuple[str, ...] = ()

    def save(self, folder: str | Path) -> Path:
        """Write the tombstone to ``withdrawn.yaml`` in the folder of the texts.

        `read_corpus` leaves the participant out then, whichever copy of the texts lies there.
        Those of other withdrawals stay in the file.
        """
        return write_withdrawn(folder, [self.tombstone])

    def __str__(self) -> str:
        """The report as lines."""
        head = f"{self.case_id} withdrew on {self.tombstone.at[:10]}"
        return "\n".join([head, *(f"  {line}" for line in self._lines())])

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {noun}" for noun, count in self.removed.items() if count)
        return f"<Withdrawn {self.case_id}: {told or 'nothing'} removed>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _lines(self) -> Iterator[str]:
        counts = ", ".join(f"{count} {noun}" for noun, count in self.removed.items() if count)
        yield f"removed: {counts or 'nothing'}"
        yield from _listed("turns blotted out in", self.shared)
        for why, told in _WHY.items():
            yield from _listed(told, (r.document_id for r in self.replies if r.why == why))
        yield from _listed("codes first made from the person's passages", self.traces.origins)
        yield from _listed("codes whose in vivo name was withdrawn", self.traces.in_vivo)
        yield from _listed("codes with the person's words, taken out", self.traces.examples)
        yield from _listed("fit again, for they learned from these texts", self.stale)
        yield from _listed("fit again if they are older, for they do not tell", self.untold)
        yield f"forgotten in memory and in the cache: {self.forgotten} entries"
        yield from _listed("files outside these values", self.sources)
        if self.unascribed:
            yield f"documents of nobody known: {self.unascribed}; whose they are cannot be told"
        yield from self.notes


_WHY = {
    "quotes": "others' texts that hold the person's words; decide on each",
    "answers": "replies to the person",
    "same thread": "others in the same thread",
}


def _listed(title: str, ids: Iterable[str]) -> Iterator[str]:
    found = list(ids)
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield f"{title}: {', '.join(found[:_SHOWN])}{more}"
