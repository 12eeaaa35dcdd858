"""What was made of the texts of somebody who withdrew goes before anything else is done.

And by what their texts are known stays, so that a copy goes, too, when they are deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.errors import CorpusError
from reflect_analysis.provenance import fingerprint
from reflect_analysis.readers.datasets import read_stones
from reflect_analysis.scale.dataset import DatasetPlan, stone_key
from reflect_analysis.scale.files import OPEN, RunFolder
from reflect_analysis.scale.parting import papers_of
from reflect_analysis.scale.reasons import (
    drop_findings,
    drop_reasons,
    findings_beside,
    findings_in,
    read_open,
)
from reflect_analysis.scale.telling import Tell, many

__all__ = ["Left", "drop_withdrawn", "forget_erased"]


@dataclass(frozen=True, slots=True)
class Left:
    """Who withdrew, as a run's folder keeps it: fingerprints alone, salted.

    The salt is the folder's own, so that two folders cannot be compared, and no table made
    beforehand serves. It lies beside them: who has the folder, and guesses an id, can try it.
    Hashes of texts are those of ``withdrawn.yaml``: a copy is known by them.

    Parameters
    ----------
    withdrawn : frozenset of str
        Of who withdrew, with the texts by which they are known.
    forgotten : frozenset of str
        Of the findings in their texts, in this call or an earlier one.
    salt : str
        The folder's own.
    texts : mapping of str to frozenset of str
        By fingerprint of a person the sha256 of the texts that an earlier call met.
    """

    withdrawn: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()
    salt: str = field(default_factory=lambda: uuid.uuid4().hex)
    texts: Mapping[str, frozenset[str]] = field(default_factory=dict)

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
            told = facts.get("texts")
            texts = told.items() if isinstance(told, dict) else ()
            met = {person: frozenset(each) for person, each in texts if isinstance(each, list)}
            return cls(withdrawn, forgotten, salt, met)
        fresh = cls()
        return cls(fresh.salted(withdrawn), fresh.salted(forgotten), fresh.salt)

    @property
    def facts(self) -> dict[str, Any]:
        """The same, to be kept."""
        kept = {"withdrawn": sorted(self.withdrawn), "forgotten": sorted(self.forgotten)}
        texts = {person: sorted(each) for person, each in self.texts.items()}
        return {**kept, "salt": self.salt, "texts": texts}

    def salted(self, prints: Iterable[str]) -> frozenset[str]:
        """Fingerprints as this folder keeps them."""
        return frozenset(fingerprint(self.salt, each)[:32] for each in prints)

    def person(self, case_id: str) -> str:
        """Fingerprint of a person, as this folder keeps it."""
        return fingerprint(self.salt, "person", case_id)[:32]

    def known(self, stones: Iterable[Tombstone]) -> tuple[Tombstone, ...]:
        """Tombstones with the hashes of texts that an earlier call met, under no document's id."""
        return tuple(self._known(stone) for stone in stones)

    def _known(self, stone: Tombstone) -> Tombstone:
        met = self.texts.get(self.person(stone.case_id), frozenset())
        new = met - {sha256 for _, sha256 in stone.spared}
        return replace(stone, documents=stone.documents | {("", sha256) for sha256 in new})

    def with_texts(self, told: Sequence[Tombstone], found: Sequence[Tombstone]) -> Left:
        """The same, with the hashes of texts that were found and that no file told."""
        texts = {
            self.person(stone.case_id): frozenset(sha for _, sha in new.documents - stone.documents)
            for stone, new in zip(told, found, strict=True)
        }
        return replace(self, texts={person: each for person, each in texts.items() if each})

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
    now = replace(before, withdrawn=gone)
    if not folder.facts or now.withdrawn <= before.withdrawn:
        return now
    with folder.held():
        folder.drop_partitions()
        out = drop_reasons(folder.keep / OPEN, stones)
        now = replace(now, forgotten=now.forgotten | now.salted(map(_print, out)))
        folder.tell(now.facts)
    tell("who withdrew has changed: what was made before is removed, and all is coded anew")
    return now


def forget_erased(
    folder: RunFolder, left: Left, plan: DatasetPlan, reasons: Iterable[str], tell: Tell
) -> Left:
    """Keep by what the texts of the withdrawn are known, and forget findings that went with them.

    Copies that name nobody go with a withdrawal, and what quotes a text in a cell beside a reply
    is blotted out: nobody need take out the reasons that were given there.

    Parameters
    ----------
    folder : RunFolder
    left : Left
        Of `drop_withdrawn`.
    plan : DatasetPlan
    reasons : iterable of str
        The findings for which a reason is given.
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
        If another run is writing in the folder, or another program holds the sheet.
    """
    bare = sum(not (stone.documents or stone.replaced) for stone in plan.gone.stones)
    if bare:
        tell(
            f"of {many(bare, 'participant')} who withdrew no text is known, neither by a row nor "
            "by withdrawn.yaml nor by an earlier run: a copy that names nobody would be coded; "
            "where there may be one, list id and sha256 of their texts as documents there"
        )
    now = left.with_texts(plan.beside.withdrawn, plan.gone.stones)
    place = folder.keep / OPEN
    listed = read_open(place)
    findings = {*reasons, *listed}
    theirs = findings_in(findings, plan.gone.erased)
    out = theirs | findings_beside(findings, plan.gone.beside)
    now = replace(now, forgotten=now.forgotten | now.salted(map(_print, out)))
    if theirs & listed.keys():
        with folder.held():
            folder.tell({**folder.facts, **now.facts})
            drop_findings(place, theirs)
    return now
