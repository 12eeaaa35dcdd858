"""What was made of the texts of somebody who withdrew goes before anything else is done."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reflect_analysis.errors import CorpusError
from reflect_analysis.provenance import fingerprint
from reflect_analysis.readers.datasets import read_stones
from reflect_analysis.scale.dataset import stone_key
from reflect_analysis.scale.files import OPEN, RunFolder
from reflect_analysis.scale.parting import papers_of
from reflect_analysis.scale.reasons import drop_reasons
from reflect_analysis.scale.telling import Tell

__all__ = ["Left", "drop_withdrawn"]


@dataclass(frozen=True, slots=True)
class Left:
    """Who withdrew, as a run's folder keeps it: fingerprints alone, salted.

    The salt is the folder's own, so that two folders cannot be compared, and no table made
    beforehand serves. It lies beside them: who has the folder, and guesses an id, can try it.

    Parameters
    ----------
    withdrawn : frozenset of str
        Of who withdrew, with the texts by which they are known.
    forgotten : frozenset of str
        Of the findings in their texts, in this call or an earlier one.
    salt : str
        The folder's own.
    """

    withdrawn: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    salt: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Left:
        """What the facts of a run tell; nobody where they tell nothing.

        Those of an earlier form are salted now.
        """
        listed = (facts.get(name) for name in ("withdrawn", "forgotten"))
        withdrawn, forgotten = (
            frozenset(each if isinstance(each, list) else ()) for each in listed
        )
        if isinstance(salt := facts.get("salt"), str):
            return cls(withdrawn, forgotten, salt)
        fresh = cls()
        return cls(fresh.salted(withdrawn), fresh.salted(forgotten), fresh.salt)

    @property
    def facts(self) -> dict[str, Any]:
        """The same, to be kept."""
        kept = {"withdrawn": sorted(self.withdrawn), "forgotten": sorted(self.forgotten)}
        return {**kept, "salt": self.salt}

    def salted(self, prints: Iterable[str]) -> frozenset[str]:
        """Fingerprints as this folder keeps them."""
        return frozenset(fingerprint(self.salt, each)[:32] for each in prints)

    def remembered(self, reasons: Mapping[str, str]) -> dict[str, str]:
        """The reasons without those for texts of who withdrew."""
        gone = {key for key in reasons if self.salted([_print(key)]) <= self.forgotten}
        return {key: told for key, told in reasons.items() if key not in gone}


def _print(finding_id: str) -> str:
    """The id of a finding names its document, so that it is not kept itself."""
    return fingerprint(finding_id)[:32]


def drop_withdrawn(folder: RunFolder, source: Path, tell: Tell) -> Left:
    """Remove what an earlier run made, where somebody withdrew since.

    It asks nothing but who withdrew, so that no fault of the texts keeps their rows. All
    partitions go: a text of the withdrawn may stand under another name in any of them. Where
    nobody can tell who withdrew, or nobody did, nothing goes.

    Parameters
    ----------
    folder : RunFolder
    source : Path
        The data set.
    tell : callable

    Returns
    -------
    Left
        To be kept among the run's facts.

    Raises
    ------
    CorpusError
        If the sheet of reasons cannot be read.
    OutputError
        If another run is writing in the folder, or another program holds a file of it.
    """
    before = Left.of(folder.facts)
    try:
        stones = read_stones(papers_of(source))
    except CorpusError:  # `look_over` tells it, with every other fault
        return before
    gone = before.salted(map(stone_key, stones))
    now = Left(gone, before.forgotten, before.salt)
    if not folder.facts or now.withdrawn <= before.withdrawn:
        return now
    with folder.held():
        folder.drop_partitions()
        out = drop_reasons(folder.keep / OPEN, stones)
        now = Left(gone, now.forgotten | now.salted(map(_print, out)), now.salt)
        folder.tell(now.facts)
    tell("who withdrew has changed: what was made before is removed, and all is coded anew")
    return now
