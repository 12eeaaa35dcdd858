"""What a withdrawal did, and what it could not reach: ids and counts, never words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reflect_analysis.disclosure.withdrawal import NO_TRACES, Traces
from reflect_analysis.project.entries import Event

__all__ = ["Sent", "WithdrawalReport", "alike_note", "counted", "file_lines", "sent_in", "some"]

# What takes a study out of its file, and brings copies that others still have.
_LEAVING = ("export", "merge", "import", "copy", "backup", "restore")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Sent:
    """One time that the study, or a copy of it, was elsewhere.

    Parameters
    ----------
    at, by, action : str
        When, who, and ``"export"``, ``"merge"``, ``"copy"``, ``"backup"`` ….
    where : str
        The folder or the file, as far as the log tells.
    """

    at: str
    by: str
    action: str
    where: str


@dataclass(frozen=True, slots=True)
class WithdrawalReport:
    """What became of a participant's data.

    Parameters
    ----------
    case_id, at, by : str
    before : bool
        Whether the withdrawal was recorded earlier; what was deleted is what the log tells of it.
    deleted, changed : mapping of str to int
        Rows by table. Changed were a transcript that others speak in too and what points into it,
        and what quoted the person.
    documents, shared, spared : tuple of str
        Ids of the documents that were deleted, of those in which turns were blotted out, and of
        those that were ascribed to the person once and are another's: these stay.
    traces : Traces
        Codes that go back to the person.
    forgotten : int
        Entries of this computer's cache.
    backups, copies : tuple of str
        Files among the backups, and copies of the study beside it, that hold the person still.
    unreadable : tuple of str
        Files that cannot be read and may do so.
    left_to_do : tuple of str
        What could not be done yet: the same command goes on with it.
    alike : tuple of str
        Documents that are, word for word, one of the person's, and stay: they are ascribed to
        another participant, or a few words that anybody writes.
    sent : tuple of Sent
        What can no longer be recalled.
    sources : tuple of str
        Files outside the study from which the documents were read, and their pictures.
    unascribed : int
        Documents of nobody known: whether the person wrote one of them cannot be told.
    notes : tuple of str
        What else is out of reach.
    """

    case_id: str
    at: str
    by: str
    before: bool = False
    deleted: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    traces: Traces = NO_TRACES
    forgotten: int = 0
    backups: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    left_to_do: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ()
    sources: tuple[str, ...] = ()
    unascribed: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The report as lines."""
        return "\n".join([self._head(), *(f"  {line}" for line in self._lines())])

    def __repr__(self) -> str:
        return f"<WithdrawalReport of {self.case_id}: {counted(self.deleted)} deleted>"

    def _head(self) -> str:
        if self.before:
            return f"{self.case_id} withdrew on {self.at[:10]} already, recorded by {self.by}"
        return f"{self.case_id} withdrew on {self.at[:10]}, recorded by {self.by}"

    def _lines(self) -> Iterator[str]:
        yield from self.left_to_do
        if self.before and not self.deleted:  # an older copy forgot them when it was opened
            yield "nothing of the person is left in this study"
        else:
            yield f"deleted{' then' if self.before else ''}: {counted(self.deleted)}"
        if self.changed:
            yield f"changed: {counted(self.changed)}"
        yield from _listed("documents deleted", self.documents)
        yield from _listed("turns blotted out in", self.shared)
        yield from _listed("kept, for they are ascribed to others now", self.spared)
        yield from _listed("kept, though word for word the same as one that went", self.alike)
        yield from _listed("codes first made from the person's passages", self.traces.origins)
        yield from _listed("codes whose in vivo name was withdrawn", self.traces.in_vivo)
        yield from _listed("codes with the person's words, taken out", self.traces.examples)
        yield f"forgotten in this computer's cache: {some(self.forgotten, 'entries', 'entry')}"
        yield from file_lines(self.backups, self.unreadable, self.copies)
        yield from _listed("files that the texts were read from, wherever they lie", self.sources)
        if self.unascribed:
            yield (
                f"{some(self.unascribed, 'documents', 'document')} of nobody known: whether the "
                "person wrote one of them cannot be told"
            )
        yield from self.notes
        if self.sent:
            yield "no longer to be recalled; tell those who have it:"
            yield from (f"    {s.at[:10]} {s.action} by {s.by}: {s.where}" for s in self.sent)


def file_lines(
    backups: Iterable[str], unreadable: Iterable[str], copies: Iterable[str]
) -> Iterator[str]:
    """Files that hold a person who withdrew, and what to do about each kind."""
    found = (
        ("backups that hold the person, until they are purged", backups),
        ("files that cannot be read and may hold the person; delete them by hand", unreadable),
        ("copies of the study that hold the person; delete them, or withdraw there too", copies),
    )
    for title, paths in found:
        if told := "; ".join(paths):
            yield f"{title}: {told}"


_THINGS = {"seen": "readings", "topic_acts": "topic acts"}


def alike_note(ids: Sequence[str]) -> str:
    """What to say where texts of the withdrawn come under other ids and names."""
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return (
        f"{', '.join(ids[:_SHOWN])}{more}: the same, word for word, as a text of somebody who "
        "withdrew, under another name; ask whose it is, and withdraw them too if it is theirs"
    )


def counted(counts: Mapping[str, int]) -> str:
    """Rows by table, as things: one, or several."""
    named = []
    for table, count in counts.items():
        thing = _THINGS.get(table, table)
        named.append(some(count, thing, thing.removesuffix("s")))
    return ", ".join(named) or "nothing"


def some(count: int, several: str, one: str) -> str:
    """A number of things.

    Examples
    --------
    >>> some(1, "entries", "entry"), some(0, "entries", "entry")
    ('1 entry', '0 entries')
    """
    return f"{count} {one if count == 1 else several}"


def _listed(title: str, ids: Iterable[str]) -> Iterator[str]:
    found = list(ids)
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield f"{title}: {', '.join(found[:_SHOWN])}{more}"


def sent_in(events: Iterable[Event]) -> tuple[Sent, ...]:
    """When a study, or a copy of it, was elsewhere; not what could not be written in the end."""
    leaving = [event for event in events if event.action in _LEAVING]
    stayed = {event.payload["stayed"] for event in leaving if "stayed" in event.payload}
    return tuple(
        Sent(event.at, event.by, event.action, _where(event.payload))
        for event in leaving
        if event.id not in stayed and "stayed" not in event.payload
    )


def _where(payload: Mapping[str, object]) -> str:
    files = payload.get("files")
    if isinstance(files, list):
        return ", ".join(str(each.get("file", "")) for each in files if isinstance(each, dict))
    found = (payload.get(name) for name in ("where", "file", "backup"))
    return str(next(filter(None, found), "place not recorded"))
