"""What guided a fit: the mark that a guided solution bears wherever it appears.

Topics that were led to the codes say nothing about whether the codes are in the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Guidance", "GuideKind"]

GuideKind = Literal["seed words", "zero-shot", "labels"]


@dataclass(frozen=True, slots=True)
class Guidance:
    """How a fit was led.

    Parameters
    ----------
    kind : {"seed words", "zero-shot", "labels"}
    guides : tuple of str
        Codes, or the names that seed words or labels were given under.
    topics : tuple of str
        For each topic from 0 the guide that it follows; ``""`` for one that follows none.
    anchors : tuple of tuple of float
        (n_guides, n_dimensions), of unit length: what the texts were led to.
    thresholds : tuple of float
        Of zero-shot: the least cosine by which a text goes to each guide.
    weight : float
        Share of a guide in the vector of a text that it pulled, in [0, 1]; 0 for zero-shot.
    pulled : int
        Segments that a guide pulled, or that it was given.
    """

    kind: GuideKind
    guides: tuple[str, ...]
    topics: tuple[str, ...] = ()
    anchors: tuple[tuple[float, ...], ...] = ()
    thresholds: tuple[float, ...] = ()
    weight: float = 0.0
    pulled: int = 0

    @property
    def mark(self) -> str:
        """What stands wherever the solution is named."""
        return f"guided by {_BY[self.kind]}: no independent evidence for the codes"

    @property
    def sentence(self) -> str:
        """The mark as a sentence for a reader."""
        return (
            f"The grouping was guided by {_BY[self.kind]}. That its topics agree with the codes "
            "is how it was made, and no independent evidence for the codes."
        )

    @property
    def unfound(self) -> tuple[str, ...]:
        """Guides that no topic follows."""
        return tuple(guide for guide in self.guides if guide not in self.topics)


_BY = {
    "seed words": "seed words",
    "zero-shot": "the definitions of the codes (zero-shot)",
    "labels": "labels",
}
