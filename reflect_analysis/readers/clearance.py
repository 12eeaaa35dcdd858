"""``clearance.yaml``: a person's word that certain texts hold no identifier any more.

Keys ``by``, ``note``, ``at`` and ``sha256`` (a list of the texts' hashes); several
clearances are a list of such entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from reflect_analysis.corpus import Clearance

from ._files import read_text
from ._found import Found, Place
from ._yaml import Entry, read_yaml

CLEARANCE_FILES = ("clearance.yaml", "clearance.yml")
_HASH = re.compile(r"[0-9a-f]{64}")


def read_clearances(place: Place) -> Found:
    """The clearances of a file.

    Raises
    ------
    CorpusError
        If the file cannot be read; faults in entries are in the finding.
    """
    top = read_yaml(read_text(place), place.name)
    entries = top.value if isinstance(top.value, list) else [top]
    clearances: list[Clearance] = []
    faults: list[str] = []
    for entry in entries:
        if isinstance(entry.value, dict):
            clearances += _clearances(entry.value, f"{place.name}, line", entry.line, faults)
        else:
            faults.append(f"{place.name}, line {entry.line}: expected by, note, at and sha256")
    return Found(clearances=tuple(clearances), faults=tuple(faults))


def _clearances(
    keys: Mapping[str, Entry], where: str, line: int, faults: list[str]
) -> list[Clearance]:
    told = {key: keys[key].word if key in keys else "" for key in ("by", "note", "at")}
    faults += [f"{where} {line}: no {key!r}" for key, word in told.items() if not word]
    at = _time(told["at"])
    if told["at"] and at is None:
        faults.append(
            f"{where} {keys['at'].line}: 'at' is no ISO time such as 2025-05-12T09:00:00Z"
        )
    hashes = keys["sha256"].value if "sha256" in keys else None
    if not isinstance(hashes, list):
        faults.append(f"{where} {line}: 'sha256' is a list of the hashes of the cleared texts")
        return []
    bad = [entry for entry in hashes if not _HASH.fullmatch(entry.word.casefold())]
    faults += [f"{where} {entry.line}: no sha256 of 64 hex digits" for entry in bad]
    if at is None:
        return []
    good = (entry.word.casefold() for entry in hashes if entry not in bad)
    return [Clearance(each, told["by"], told["note"], at) for each in good]


def _time(word: str) -> datetime | None:
    """An ISO time; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
