"""What agreement is: a row a code, and no mean, under which one code could fail unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from reflect_analysis.provenance import Run
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    CodeSpans,
    SetAgreement,
    TextAgreement,
    Unit,
    landis_koch,
)
from reflect_analysis.reliability.selection import LeftOut
from reflect_analysis.reliability.showing import hidden_in_coders

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codings import Phase
    from reflect_analysis.reliability.notes import Remark
    from reflect_analysis.reliability.spans import SpanMeasures

__all__ = ["Agreement"]

Part = Literal["codes", "pairs", "sets", "spans"]

# A training round is the last that a study would be judged by.
_MAIN_FIRST: tuple[Phase, ...] = ("reliability", "", "calibration")
TEXT_WORDS: dict[str, str] = {
    "all": "all text that was read",
    "coded": "without segments that nobody coded",
}

Coded = TypeVar("Coded", CodeAgreement, CodeSpans)


def _hiding(rows: Iterable[Coded], codes: Collection[str]) -> tuple[Coded, ...]:
    """The rows, those of some codes marked as withheld."""
    return tuple(replace(row, withheld=True) if row.code_id in codes else row for row in rows)


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
    withheld : frozenset of str
        Codes whose figures may not be sent (`hiding`).
    parents : mapping of str to str
        The code above each, where a codebook was given.
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
    withheld: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.main)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the reader must know, with exact counts."""
        return tuple(dict.fromkeys(remark.text for remark in self.remarks))

    def hiding(self, codes: Collection[str]) -> Agreement:
        """The same, of which the figures of some codes may not be sent.

        Parameters
        ----------
        codes : collection of str
            Whose counts are hidden elsewhere, as beside those of codes above or below them.
        """
        withheld = self.withheld.union(codes)
        rows, pairs = (_hiding(each, withheld) for each in (self.rows, self.pairs))
        return replace(self, rows=rows, pairs=pairs, withheld=withheld)

    def safe(self, *, k: int) -> Agreement:
        """The same without what a coder's counts of a code and its subcodes tell of few.

        Parameters
        ----------
        k : int
            Counts of fewer persons are hidden; at least 3.
        """
        if not self.parents:
            return self
        counted = (row for row in self.rows if row.text == "all")
        rows = self.spans if self.unit == "span" else counted
        found = hidden_in_coders(rows, self.parents, k=k)
        return self.hiding(found) if found - self.withheld else self

    def with_remark(self, remark: Remark) -> Agreement:
        """The same with one more thing to know beside it."""
        return replace(self, remarks=(*self.remarks, remark))

    @property
    def spans(self) -> tuple[CodeSpans, ...]:
        """A row a code on where it stands, whatever the unit; without texts none."""
        return _hiding(self.of_spans.rows, self.withheld) if self.of_spans is not None else ()

    @property
    def span_pairs(self) -> tuple[CodeSpans, ...]:
        """The same of each pair of several coders."""
        return _hiding(self.of_spans.pairs, self.withheld) if self.of_spans is not None else ()

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
