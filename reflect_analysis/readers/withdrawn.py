"""``withdrawn.yaml``: who withdrew, so that old copies of the texts bring nobody back."""

from __future__ import annotations

from collections.abc import Iterable

from reflect_analysis.corpus import Tombstone
from reflect_analysis.disclosure.withdrawal import WITHDRAWN_FILES, joined, read_withdrawn
from reflect_analysis.errors import CorpusError

from ._found import Place

__all__ = ["withdrawn_in"]


def withdrawn_in(
    places: Iterable[Place],
) -> tuple[tuple[Tombstone, ...], list[Place], tuple[str, ...]]:
    """The tombstones among files, the other files, and the faults of the first."""
    rest: list[Place] = []
    stones: list[Tombstone] = []
    faults: list[str] = []
    for place in places:
        if place.path.name.casefold() not in WITHDRAWN_FILES:
            rest.append(place)
            continue
        try:
            stones += read_withdrawn(place.path)
        except CorpusError as error:
            faults += error.faults
    return joined(stones), rest, tuple(faults)
