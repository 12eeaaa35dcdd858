"""What agreement is: a row a code, with counts beside coefficients and reasons beside gaps.

One number hides what matters: a coefficient on three positives, a percentage that any two
coders reach on a rare code, a mean under which one code failed. So a row holds the counts,
both families of coefficients and their intervals, and there is no mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis.coefficients import Coefficient
from reflect_analysis.disclosure import Persons
from reflect_analysis.provenance import Run
from reflect_analysis.reliability.selection import LeftOut

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codings import Phase
    from reflect_analysis.reliability.notes import Remark
    from reflect_analysis.reliability.spans import SpanMeasures

__all__ = [
    "BOUND",
    "COEFFICIENTS",
    "Agreement",
    "CodeAgreement",
    "CodeSpans",
    "SetAgreement",
    "TextAgreement",
    "landis_koch",
]

Unit = Literal["document", "segment", "span"]
Text = Literal["all", "coded"]
Part = Literal["codes", "pairs", "sets", "spans"]

BOUND = 0.667  # below it Krippendorff draws no conclusion, not even a tentative one
COEFFICIENTS = ("percent", "positive", "negative", "kappa", "alpha", "ac1")
# A training round is the last that a study would be judged by.
_MAIN_FIRST: tuple[Phase, ...] = ("reliability", "", "calibration")
SPAN_COEFFICIENTS = ("exact", "overlapping", "characters", "distance", "alpha", "alpha_overlap")
TEXT_WORDS: dict[str, str] = {
    "all": "all text that was read",
    "coded": "without segments that nobody coded",
}
_LABELS = (
    (0.0, "poor"),
    (0.2, "slight"),
    (0.4, "fair"),
    (0.6, "moderate"),
    (0.8, "substantial"),
    (1.0, "almost perfect"),
)


def _told(coefficients: Mapping[str, Coefficient]) -> tuple[str, ...]:
    """What is undefined, and why, those of one reason together."""
    reasons: dict[str, list[str]] = {}
    for name, coefficient in coefficients.items():
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
class CodeAgreement:
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
    """

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

    def coefficients(self) -> Iterator[tuple[str, Coefficient]]:
        """The coefficients with their names."""
        for name in COEFFICIENTS:
            yield name, getattr(self, name)

    @property
    def undefined(self) -> tuple[str, ...]:
        """What could not be computed, and why; intervals too."""
        return _told(dict(self.coefficients()))


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
class CodeSpans:
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
    """

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

    def coefficients(self) -> Iterator[tuple[str, Coefficient]]:
        """The coefficients with their names."""
        for name in SPAN_COEFFICIENTS:
            yield name, getattr(self, name)

    @property
    def undefined(self) -> tuple[str, ...]:
        """What could not be computed, and why; intervals too."""
        return _told(dict(self.coefficients()))


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


@dataclass(frozen=True)
class Agreement:
    """The agreement of coders, code by code, with exact counts: for the study's own eyes.

    What may be sent is made from it by the tables and the report, which hide small counts.

    Parameters
    ----------
    rows : tuple of CodeAgreement
        In the order of phases, of texts (all, then without what nobody coded), of codes.
    unit : {"document", "segment", "span"}
    coders : tuple of str
    machines : frozenset of str
        Those of the coders that are machines.
    pairs : tuple of CodeAgreement
        Each pair of several coders on each code, without intervals.
    sets : tuple of SetAgreement
    of_spans : SpanMeasures, optional
        Where the texts are known: `spans`, `span_pairs`, `texts`, worked out when looked at.
    left_out : tuple of LeftOut
        Units and codings that did not enter, and why.
    remarks : tuple of Remark
        What else the reader must know; `notes` has their words.
    by_participant : bool
        Whether intervals draw participants; without a corpus they draw documents.
    draws, seed : int
        Of the bootstrap; under 100 participants intervals are the jackknife's.
    blind : bool
        Whether blind readings alone were used.
    segments_by : str
        The unit of segmentation, where segments are the units.
    runs : tuple of Run
    """

    rows: tuple[CodeAgreement, ...]
    unit: Unit
    coders: tuple[str, ...]
    machines: frozenset[str] = frozenset()
    pairs: tuple[CodeAgreement, ...] = ()
    sets: tuple[SetAgreement, ...] = ()
    of_spans: SpanMeasures | None = field(default=None, repr=False, compare=False)
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[Remark, ...] = ()
    by_participant: bool = True
    draws: int = 0
    seed: int = 0
    blind: bool = True
    segments_by: str = ""
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.main)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the reader must know, with exact counts."""
        return tuple(dict.fromkeys(remark.text for remark in self.remarks))

    def with_remark(self, remark: Remark) -> Agreement:
        """The same with one more thing to know beside it."""
        return replace(self, remarks=(*self.remarks, remark))

    @property
    def spans(self) -> tuple[CodeSpans, ...]:
        """A row a code on where it stands, whatever the unit; without texts none."""
        return self.of_spans.rows if self.of_spans is not None else ()

    @property
    def span_pairs(self) -> tuple[CodeSpans, ...]:
        """The same of each pair of several coders."""
        return self.of_spans.pairs if self.of_spans is not None else ()

    @property
    def texts(self) -> tuple[TextAgreement, ...]:
        """The unitizing family over all codes, by phase; without texts none."""
        return self.of_spans.texts if self.of_spans is not None else ()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases measured, each by itself."""
        rows = self.spans if self.unit == "span" else self.rows
        return tuple(dict.fromkeys(row.phase for row in rows))

    @property
    def main_phase(self) -> Phase:
        """The phase of the main rows: the reliability sample, else none set, else calibration."""
        return next((phase for phase in _MAIN_FIRST if phase in self.phases), "")

    @property
    def main(self) -> tuple[CodeAgreement | CodeSpans, ...]:
        """The rows of the main phase over all text."""
        chosen = self.main_phase
        if self.unit == "span":
            return tuple(row for row in self.spans if row.phase == chosen)
        return tuple(row for row in self.rows if row.phase == chosen and row.text == "all")

    @property
    def lowest(self) -> CodeAgreement | CodeSpans | None:
        """Of those, the row with the lowest alpha; `None` where none could be computed."""
        known = [row for row in self.main if not isnan(row.alpha.value)]
        return min(known, key=lambda row: row.alpha.value, default=None)

    def row(self, code_id: str) -> CodeAgreement | CodeSpans:
        """The main row of a code."""
        for row in self.main:
            if row.code_id == code_id:
                return row
        from reflect_analysis.errors import UnknownIdError, did_you_mean

        hint = did_you_mean(code_id, [row.code_id for row in self.main])
        raise UnknownIdError(f"no code {code_id!r} in this agreement{hint}")

    def to_frame(self, of: Part | None = None, *, labels: bool = False) -> pd.DataFrame:
        """One row a code (and phase, and text, where there are several).

        Parameters
        ----------
        of : {"codes", "pairs", "sets", "spans"}, optional
            What is shown; by default the codes, by the unit that was asked for.
        labels : bool
            Adds Landis and Koch's word for kappa to codes and pairs.

        Returns
        -------
        DataFrame
            Counts, then each coefficient with the bounds of its interval, P(α < .667),
            indices, and what is undefined.
        """
        from reflect_analysis.reliability.frames import frame_of, frame_of_sets, frame_of_spans

        wanted = of or ("spans" if self.unit == "span" else "codes")
        if wanted not in get_args(Part):
            raise ValueError(f"no part {of!r}; use {', '.join(map(repr, get_args(Part)))}")
        if wanted == "sets":
            return frame_of_sets(self.sets)
        if wanted == "spans" or self.unit == "span":
            return frame_of_spans(self.span_pairs if wanted == "pairs" else self.spans)
        rows = self.pairs if wanted == "pairs" else self.rows
        frame = frame_of(rows)
        if labels:
            frame["label"] = [landis_koch(row.kappa.value) for row in rows]
        return frame

    def pair_matrix(self, code_id: str, *, coefficient: str = "alpha") -> pd.DataFrame:
        """A coefficient of each pair of coders on one code, (n_coders, n_coders).

        Parameters
        ----------
        code_id : str
        coefficient : str
            A column of `to_frame`: ``"alpha"``, ``"kappa"``, ``"ac1"``, ``"percent"`` …

        Returns
        -------
        DataFrame
            On its diagonal what a coder has with herself: 1, and no distance.
        """
        import pandas as pd

        main = self.row(code_id)
        known = [name for name, _ in main.coefficients()]
        if coefficient not in known:
            raise ValueError(f"no coefficient {coefficient!r}; use {', '.join(known)}")
        alike = 0.0 if coefficient == "distance" else 1.0
        matrix = pd.DataFrame(alike, index=list(self.coders), columns=list(self.coders))
        for row in self._pairs_of(main):
            first, second = row.coders
            value = dict(row.coefficients())[coefficient].value
            matrix.loc[first, second] = matrix.loc[second, first] = value
        return matrix

    def _pairs_of(self, main: CodeAgreement | CodeSpans) -> list[CodeAgreement | CodeSpans]:
        """The pairs behind a main row; of two coders it is its own."""
        pairs = self.span_pairs if self.unit == "span" else self.pairs
        wanted = (main.code_id, main.phase)
        texts = {"all"} if self.unit != "span" else {None}
        found = [r for r in pairs if (r.code_id, r.phase) == wanted]
        return [r for r in found if getattr(r, "text", None) in texts] or [main]

    def sentence(self, *, k: int = 5) -> str:
        """The sentence for the paper: who read what, how far they agree, and how that was found.

        Parameters
        ----------
        k : int
            The interval of a code on which fewer persons wrote is not given; at least 3.

        Returns
        -------
        str
            Plain English; it holds counts of units and coefficients, and nobody's words.
        """
        from reflect_analysis.reliability.wording import sentence_of

        return sentence_of(self, k=k)

    def __repr__(self) -> str:
        codes = len(self.main)
        least = self.lowest
        low = f", lowest α {least.alpha.value:.2f} ({least.code_id})" if least else ""
        return f"<Agreement: {', '.join(self.coders)} on {codes} codes by {self.unit}{low}>"

    def _repr_html_(self) -> str:
        from reflect_analysis.reliability.page import page_of

        return page_of(self)
