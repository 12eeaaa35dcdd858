"""Who withdrew: the one value that every store, corpus and file of a study agrees on.

It holds ids and hashes, never a word of the person.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tombstone"]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That a person withdrew, and by which texts they are known wherever these come back.

    Two of one person are joined so that neither order nor grouping matters: what one of them
    lists is listed, and what only one of them spares is not spared.

    Parameters
    ----------
    case_id : str
    at, by : str
        When, and who recorded it.
    documents : frozenset of (str, str)
        Document and hash of the texts that were deleted, in this withdrawal or another.
    spared : frozenset of (str, str)
        Texts that were ascribed to this person once and to another one when they withdrew.
    replaced : frozenset of (str, str, str)
        Document, old and new hash of shared texts.
    """

    case_id: str
    at: str
    by: str
    documents: frozenset[tuple[str, str]] = frozenset()
    spared: frozenset[tuple[str, str]] = frozenset()
    replaced: frozenset[tuple[str, str, str]] = frozenset()

    def __or__(self, other: Tombstone) -> Tombstone:
        """Both as one: commutative, associative, and with itself the same."""
        at, by = min((self.at, self.by), (other.at, other.by))
        # What one did not know of when it was set, it did not spare.
        documents = self.documents | other.documents | (self.spared ^ other.spared)
        return Tombstone(
            self.case_id,
            at,
            by,
            documents,
            (self.spared & other.spared) - documents,
            self.replaced | other.replaced,
        )
