"""Whose words a label in a transcript or a forum stands before.

A label is often a real name, so none becomes a case by itself: a person maps it, in the call
(``speakers=``), in the front matter of a file, or in a file ``speakers.yaml`` beside the
transcripts. What maps a label for one file wins over what maps it for all. A label that is
mapped to nobody belongs to an unknown case and is listed; one that is mapped to nothing
(`None`) is a facilitator's, whose words are context and are not coded.

``speakers.yaml`` holds labels, or names of files that hold labels::

    Facilitator: null
    Ana L.: P03
    meeting-2.vtt:
      Speaker 1: P07
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from reflect_analysis.corpus import Omission
from reflect_analysis.errors import CorpusError

from ._files import read_text
from ._found import Found, Place, word_count
from ._yaml import Entry, read_yaml

Speakers = Mapping[str, str | None]

NOBODY: Speakers = MappingProxyType({})
SPEAKER_FILES = ("speakers.yaml", "speakers.yml")

_UNMAPPED = (
    "a speaker's label that is mapped to no participant (an unknown case; map it in speakers=, "
    "in the front matter or in speakers.yaml)"
)


def checked_speakers(speakers: object) -> Speakers:
    """The map that a caller gave, or an empty one.

    Raises
    ------
    TypeError
        If it is no mapping of labels to ids or `None`.
    ValueError
        If a label or an id is empty.

    Examples
    --------
    >>> dict(checked_speakers({"Ana L.": "P03", "Host": None}))
    {'Ana L.': 'P03', 'Host': None}
    """
    if speakers is None:
        return NOBODY
    if not isinstance(speakers, Mapping):
        raise TypeError(f"speakers maps labels to ids or None, not {type(speakers).__name__}")
    checked: dict[str, str | None] = {}
    for label, case in speakers.items():
        if not isinstance(label, str) or not isinstance(case, str | None):
            raise TypeError("speakers maps labels to ids or None; both are strings")
        if not label.strip() or (case is not None and not case.strip()):
            raise ValueError("speakers holds an empty label or id; a facilitator is mapped to None")
        checked[known_label(label)] = case.strip() if case else None
    return checked


def known_label(label: str) -> str:
    """A label without doubled blanks, by which it is looked up."""
    return " ".join(label.split())


def read_speaker_file(place: Place) -> Found:
    """The faults of a file ``speakers.yaml``; the readers of transcripts read the rest."""
    try:
        faults = [*_SpeakerFile(place).faults]
    except CorpusError as error:
        return Found(faults=error.faults)
    return Found(faults=tuple(faults))


def speakers_for(place: Place, given: Speakers) -> Speakers:
    """All that is known of a file's speakers, from the call and from ``speakers.yaml`` beside.

    A broken ``speakers.yaml`` counts as none: `read_speaker_file` tells its faults.
    """
    beside = _beside(place)
    if beside is None:
        return given
    try:
        file = _SpeakerFile(beside)
    except CorpusError:
        return given
    return {**file.general, **given, **file.of(place.path.name)}


def _beside(place: Place) -> Place | None:
    for name in SPEAKER_FILES:
        path = place.path.parent / name
        if path.is_file():
            return Place(path, str(Path(place.name).with_name(name).as_posix()))
    return None


class _SpeakerFile:
    """A file ``speakers.yaml``, taken apart."""

    def __init__(self, place: Place) -> None:
        self.name = place.name
        self.faults: list[str] = []
        self.general: dict[str, str | None] = {}
        self._by_file: dict[str, dict[str, str | None]] = {}
        top = read_yaml(read_text(place), place.name)
        entries = self._pairs(top, "a map of labels to participants")
        if list(entries) == ["speakers"] and isinstance(entries["speakers"].value, dict):
            entries = entries["speakers"].value
        for label, entry in entries.items():
            if isinstance(entry.value, dict):
                self._by_file[label.casefold()] = dict(self._labels(entry.value))
            else:
                self.general.update(self._labels({label: entry}))

    def _pairs(self, entry: Entry, what: str) -> Mapping[str, Entry]:
        if isinstance(entry.value, dict):
            return entry.value
        if entry.value is not None:
            self.faults.append(f"{self.name}, line {entry.line}: expected {what}")
        return {}

    def _labels(self, entries: Mapping[str, Entry]) -> Iterator[tuple[str, str | None]]:
        for label, entry in entries.items():
            if isinstance(entry.value, list | dict):
                self.faults.append(
                    f"{self.name}, line {entry.line}: a speaker is one participant or null"
                )
            else:
                yield known_label(label), entry.word or None

    def of(self, file: str) -> Mapping[str, str | None]:
        """The labels of one file."""
        return self._by_file.get(file.casefold(), {})


def unmapped(source: str, said: Iterable[tuple[str, str]], speakers: Speakers) -> list[Omission]:
    """An entry for each label that is mapped to nobody, with the number of its words.

    A label is often a name, and what is listed here outlives the names in the texts: so a
    speaker is told by her number and her first turn.

    Parameters
    ----------
    source : str
    said : iterable of (str, str)
        Labels and words, in the order of the text.
    speakers : mapping
    """
    numbers: dict[str, int] = {}
    places: dict[str, str] = {}
    words: dict[str, int] = {}
    for turn, (label, text) in enumerate(said, start=1):
        number = numbers.setdefault(label, len(numbers) + 1)
        if known_label(label) not in speakers:
            told = f"speaker {number}, first in turn {turn}" if label else "no speaker"
            place = places.setdefault(label, told)
            words[place] = words.get(place, 0) + word_count(text)
    return [Omission(source, place, _UNMAPPED, count) for place, count in words.items()]
