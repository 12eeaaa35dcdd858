"""What agreement is for one code: counts beside coefficients and reasons beside gaps.

One number hides what matters: a coefficient on three positives, a percentage that any two
coders reach on a rare code. So a row holds the counts, both families of coefficients and
their intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, ClassVar, Literal

from reflect_analysis.coefficients import Coefficient
from reflect_analysis.disclosure import Persons

if TYPE_CHECKING:
    from reflect_analysis.codings import Phase

__all__ = [
    "BOUND",
    "COEFFICIENTS",
    "CodeAgreement",
    "CodeSpans",
    "SetAgreement",
    "TextAgreement",
    "landis_koch",
]

Unit = Literal["document", "segment", "span"]
Text = Literal["all", "coded"]

BOUND = 0.667  # below it Krippendorff draws no conclusion, not even a tentative one
COEFFICIENTS = ("percent", "positive", "negative", "kappa", "alpha", "ac1")
SPAN_COEFFICIENTS = ("exact", "overlapping", "characters", "distance", "alpha", "alpha_overlap")
_LABELS = (
    (0.0, "poor"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
    (1.0, "almost perfect"),
)


class _Measured:
    """A row of coefficients, each of which may be undefined."""

    __slots__ = ()
    _names: ClassVar[tuple[str, ...]]

    def coefficients(self) -> Iterator[tuple[str, Coefficient]]:
        """The coefficients with their names."""
        for name in self._names:
            yield name, getattr(self, name)

    @property
    def undefined(self) -> tuple[str, ...]:
        """What could not be computed, and why, those of one reason together; intervals too."""
        reasons: dict[str, list[str]] = {}
        for name, coefficient in self.coefficients():
            if coefficient.reason:
                reasons.setdefault(coefficient.reason, []).append(name)
            elif coefficient.interval is not None and coefficient.interval.reason:
                told = f"no interval ({coefficient.interval.reason})"
                reasons.setdefault(told, []).append(name)
        return tuple(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())


def landis_koch(value: float) -> str:
    """Landis and Koch's word for a kappa; nowhere shown unless it is asked for.

    Its authors call the divisions arbitrary; they know neither the number of units nor how
    rare a code is.

    Examples
    --------
    >>> landis_koch(0.41), landis_koch(-0.1), landis_koch(float("nan"))
    ('moderate', 'poor', '')

    References
    ----------
    Landis, J. R., & Koch, G. G. (1977). The measurement of observer agreement for
    categorical data. Biometrics 33(1), 159-174, p. 165.
    """
    if isnan(value):
        return ""
    if value < 0:
        return "poor"
    return next(word for bound, word in _LABELS[1:] if value <= bound or bound == 1)


@dataclass(frozen=True, slots=True)
class CodeAgreement(_Measured):
    """How far coders agree on one code.

    Parameters
    ----------
    phase : str
        The phase of the study; phases are never mixed.
    text : {"all", "coded"}
        All units, or of segments those that at least one of the coders coded with anything.
    group, code_id, code : str
    coders : tuple of str
    units : int
        Units that at least two of the coders read for this code.
    table : tuple of int, optional
        Of two coders: both, the first alone, the second alone, neither. `None` for more.
    positives : tuple of int
        For each coder, units with the code among those units.
    percent, positive, negative : Coefficient
        Agreement in all units, on presence, on absence; of several coders, among all pairs
        of their ratings.
    kappa : Coefficient
        Cohen's of two coders, Fleiss' of several (units that all of them rated).
    alpha, ac1 : Coefficient
    below : float
        P(α < .667): how much of the resampling distribution lies below that bound.
    prevalence, bias : float
        Of two coders: both less neither, and first alone less second alone, over the units.
    said : tuple of Persons
        Persons behind the units that some coder, then each coder, found positive.
    read : Persons
        Persons behind all units.
    withheld : bool
        Whether its figures are hidden because others would give back what they tell.
    """

    _names: ClassVar[tuple[str, ...]] = COEFFICIENTS

    phase: Phase
    text: Text
    group: str
    code_id: str
    code: str
    coders: tuple[str, ...]
    units: int
    table: tuple[int, int, int, int] | None
    positives: tuple[int, ...]
    percent: Coefficient
    positive: Coefficient
    negative: Coefficient
    kappa: Coefficient
    alpha: Coefficient
    ac1: Coefficient
    below: float
    prevalence: float
    bias: float
    said: tuple[Persons, ...] = ()
    read: Persons = field(default_factory=Persons)
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """How far coders agree on the sets of codes that they gave: a second look, not the first.

    Parameters
    ----------
    phase, text : str
    units : int
        Units that at least two coders read for all the codes.
    n_codes : int
    empty : int
        Units that no coder gave any code: they agree, and there may be many.
    masi, jaccard : Coefficient
        Krippendorff's alpha with these distances between sets.
    """

    phase: Phase
    text: Text
    units: int
    n_codes: int
    empty: int
    masi: Coefficient
    jaccard: Coefficient

    def coefficients(self) -> Iterator[tuple[str, Coefficient]]:
        """The coefficients with their names."""
        yield "masi", self.masi
        yield "jaccard", self.jaccard


@dataclass(frozen=True, slots=True)
class CodeSpans(_Measured):
    """How far coders agree on where one code stands, whatever the units.

    Parameters
    ----------
    phase : str
    group, code_id, code : str
    coders : tuple of str
    units : int
        Documents that all of the coders read whole for this code.
    positives : tuple of int
        Spans of each coder in them.
    exact, overlapping : Coefficient
        F1 of the spans of two coders that match exactly, and that share a character, after
        outer space and punctuation were trimmed; of several coders, see the pairs.
    characters : Coefficient
        F1 of the characters that two coders marked, whatever the spans.
    distance : Coefficient
        Median distance of the borders of spans that overlap, in characters, beginning and
        end summed.
    alpha : Coefficient
        uα of this code against everything else: borders and code together.
    alpha_overlap : Coefficient
        (k)uα: is it called by this code by the others too, where their marks overlap?
    below : float
        P(uα < .667).
    said : tuple of Persons
        Persons behind the documents in which some coder, then each coder, marked it.
    read : Persons
        Persons behind all documents.
    withheld : bool
        Whether its figures are hidden because others would give back what they tell.
    """

    _names: ClassVar[tuple[str, ...]] = SPAN_COEFFICIENTS

    phase: Phase
    group: str
    code_id: str
    code: str
    coders: tuple[str, ...]
    units: int
    positives: tuple[int, ...]
    exact: Coefficient
    overlapping: Coefficient
    characters: Coefficient
    distance: Coefficient
    alpha: Coefficient
    alpha_overlap: Coefficient
    below: float = float("nan")
    said: tuple[Persons, ...] = ()
    read: Persons = field(default_factory=Persons)
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class TextAgreement:
    """The unitizing family over all codes.

    Parameters
    ----------
    phase : str
    documents, characters : int
        Read whole by all coders for all the codes.
    u : Coefficient
        uα: borders and codes together, text that nobody coded included.
    binary : Coefficient
        |uα: coded or not, text that nobody coded included.
    cu : Coefficient
        cuα: codes where marks of two coders overlap; text that nobody coded does not enter.
    coverage : float
        Share of the text on which cu rests, in [0, 1].
    """

    phase: Phase
    documents: int
    characters: int
    u: Coefficient
    binary: Coefficient
    cu: Coefficient
    coverage: float
