"""Which units may be measured: none that the codebook gives as an example, none but the audit's.

Who writes a codebook takes its examples from the texts. A coder that is written or set by them
knows these units, and would be measured on what it was made from. And where an audit is named,
only what chance drew says how a coder does on the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.evaluation.units import Units
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.errors import AgreementError
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    Flags = npt.NDArray[np.bool_]

__all__ = ["Measured", "holds_examples"]

# Fewer words than these stand in a text by chance: they are an example only as a whole text.
LEAST_WORDS = 3
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def holds_examples(texts: Sequence[str], codebook: Codebook) -> Flags:
    """Which texts are, hold, or are a part of an example or counter-example of a codebook.

    Parameters
    ----------
    texts : sequence of str
    codebook : Codebook

    Returns
    -------
    ndarray of bool, (n_texts,)

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Group
    >>> rain = Code("rain", "Rain", "It rains.", "g", examples=("It rained all day.",))
    >>> book = Codebook((rain,), (Group("g", "G"),))
    >>> texts = ["We met; it rained all day.", "It rained all", "It rained."]
    >>> holds_examples(texts, book).tolist()
    [True, True, False]
    """
    given = [text for code in codebook for text in code.examples]
    given += [each.text for code in codebook for each in code.counter_examples]
    examples = {words for words in map(_words, given) if words.strip()}
    return np.array([_is_one(_words(text), examples) for text in texts], dtype=bool)


def _words(text: str) -> str:
    """The words of a text alone, each between blanks."""
    found = _WORD.findall(text.casefold().replace("’", "'"))
    return f" {' '.join(found)} "


def _is_one(text: str, examples: set[str]) -> bool:
    if text in examples:
        return True
    long = len(text.split()) >= LEAST_WORDS
    return any(
        (len(each.split()) >= LEAST_WORDS and each in text) or (long and text in each)
        for each in examples
    )


@dataclass(frozen=True)
class Measured:
    """The units of each kind that are measured.

    Parameters
    ----------
    chosen : tuple of ndarray of bool, each (n_units,)
        One for each kind of unit.
    notes : tuple of str
        What was left out, in words.
    """

    chosen: tuple[Flags, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, kinds: Sequence[Units], coder: AnyCoder, audit: frozenset[str] | None) -> Measured:
        """Choose them.

        Parameters
        ----------
        kinds : sequence of Units
        coder : Coder, SpanCoder, estimator or function
            Its own codebook is the one whose examples it knows.
        audit : frozenset of str, optional
            Ids of the segments that chance drew.

        Raises
        ------
        AgreementError
            If none is left.
        """
        drawn = [_drawn(units, audit) for units in kinds]
        known = [_known(units, coder) for units in kinds]
        chosen = tuple(here & ~examples for here, examples in zip(drawn, known, strict=True))
        if kinds and not any(each.any() for each in chosen):
            raise AgreementError(_nothing(drawn, audit))
        notes: list[str] = []
        for units, here, examples in zip(kinds, drawn, known, strict=True):
            notes += _told(units, here, examples, audit)
        return cls(chosen, tuple(notes))

    def segments(self, kinds: Sequence[Units], otherwise: Segments) -> Segments:
        """The segments that are measured: the units themselves, or else their parts."""
        return kinds[0].segments_of(np.flatnonzero(self.chosen[0])) if kinds else otherwise


def _drawn(units: Units, audit: frozenset[str] | None) -> Flags:
    """A reflection was drawn if all parts of it were."""
    return np.array(
        [audit is None or all(row.id in audit for row in rows) for rows in units.rows], dtype=bool
    )


def _known(units: Units, coder: AnyCoder) -> Flags:
    own = getattr(coder, "codebook", None)
    if not isinstance(own, Codebook):
        return np.zeros(len(units), dtype=bool)
    return holds_examples(units.texts, own)


def _nothing(drawn: Sequence[Flags], audit: frozenset[str] | None) -> str:
    if audit is not None and not any(each.any() for each in drawn):
        return (
            f"none of the {len(audit)} units of the audit was read by the people; have them read "
            "it, or leave out audit= to measure on all that they read"
        )
    return (
        "every unit is, or holds, an example or counter-example of the coder's codebook: nothing "
        "is left that it was not made from; measure it on other texts"
    )


def _told(units: Units, drawn: Flags, examples: Flags, audit: frozenset[str] | None) -> list[str]:
    notes = []
    if audit is not None and drawn.any():
        notes.append(
            f"Measured on the {int(drawn.sum()):,} {units.kind}s of an audit of {len(audit):,} "
            "units, drawn by chance, that people read."
        )
    elif audit is not None:
        notes.append(
            f"Codes that are judged on a {units.kind} are not measured: the audit drew no whole "
            "one."
        )
    left = int((drawn & examples).sum())
    if left:
        nouns, verbs = (
            (units.kind, "is, or holds,") if left == 1 else (f"{units.kind}s", "are, or hold,")
        )
        notes.append(
            f"{left:,} {nouns} left out that {verbs} an example or counter-example of the "
            "coder's codebook: it was made from them."
        )
    return notes
