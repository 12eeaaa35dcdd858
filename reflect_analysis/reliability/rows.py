"""From ratings to rows: one code at a time, on the units that two coders read for it.

A unit that one coder alone read leaves every coefficient, AC1 and Fleiss' kappa included:
what nobody else read says nothing of agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

from reflect_analysis.coefficients import (
    Coefficient,
    Resampling,
    bias_index,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    negative_agreement,
    percent_agreement,
    positive_agreement,
    prevalence_index,
    set_alpha,
    two_by_two,
)
from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.disclosure import Persons
from reflect_analysis.reliability.rated import (
    BOUND,
    CodeAgreement,
    SetAgreement,
    Text,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Phase
    from reflect_analysis.ratings import RatedUnit, Ratings

    Array = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["Sheet", "group_of", "name_of", "persons_of", "why_none"]

_NOT_SOUGHT = "not looked for by {names}"
_NOBODY = "nobody looked for this code"
_NOT_FOR_ALL = "no unit was read by two coders for all codes"
_ONE_READER = "no unit was read by two coders for this code"


def persons_of(units: Iterable[RatedUnit], exempt: frozenset[str] = frozenset()) -> Persons:
    """The persons who may stand behind some units; a unit of unknown case is one by its document.

    Parameters
    ----------
    units : iterable of RatedUnit
    exempt : frozenset of str
        Documents of unknown case that were published before: they expose nobody anew.
    """
    rows = list(units)
    known = {unit.case_id for unit in rows if unit.case_id}
    unknown = {unit.document_id for unit in rows if not unit.case_id} - exempt
    return Persons(len(known), len(unknown))


@dataclass(frozen=True)
class Sheet:
    """Ratings of one phase, and how rows are made of them.

    Parameters
    ----------
    ratings : Ratings
    phase : str
    resampling : Resampling
        How intervals are found; participants are drawn.
    codebook : Codebook, optional
        Gives names and groups.
    exempt : frozenset of str
        See `persons_of`.
    """

    ratings: Ratings
    phase: Phase
    resampling: Resampling
    codebook: Codebook | None = None
    exempt: frozenset[str] = frozenset()
    _drawn: dict[bytes, Resampling] = field(default_factory=dict, init=False, repr=False)

    def rows(self, text: Text = "all") -> Iterator[CodeAgreement]:
        """A row for each code."""
        for code_id in self.ratings.codes:
            table = self._table(code_id, text)
            yield self._row(code_id, text, self.ratings.coders, table)

    def pairs(self, text: Text = "all") -> Iterator[CodeAgreement]:
        """A row for each pair of several coders on each code, without intervals."""
        if len(self.ratings.coders) <= PAIR:
            return
        for code_id in self.ratings.codes:
            table = self._table(code_id, text)
            for columns in combinations(range(len(self.ratings.coders)), PAIR):
                names = tuple(self.ratings.coders[column] for column in columns)
                yield self._row(code_id, text, names, _paired(table[:, columns]), sure=False)

    def sets(self, text: Text = "all") -> SetAgreement:
        """All codes together, as sets; codes that were not looked for by two stay out."""
        import numpy as np

        values = self._values(text)
        sought = (~np.isnan(values)).any(axis=0).sum(axis=0) >= PAIR
        values = values[:, :, sought]
        read = ~np.isnan(values).any(axis=2) & bool(sought.any())
        read &= read.sum(axis=1, keepdims=True) >= PAIR
        sets = np.nan_to_num(values) > 0
        units = read.any(axis=1)
        return SetAgreement(
            self.phase,
            text,
            units=int(units.sum()),
            n_codes=int(sought.sum()),
            empty=int((units & ~(sets & read[:, :, None]).any(axis=(1, 2))).sum()),
            masi=self._set_alpha(sets, read, "masi"),
            jaccard=self._set_alpha(sets, read, "jaccard"),
        )

    def _set_alpha(self, sets: Flags, read: Flags, name: str) -> Coefficient:
        if not read.any():
            return Coefficient(float("nan"), 0, reason=_NOT_FOR_ALL)
        rows = _some(read)
        how = self._resampled(rows)
        return set_alpha(sets[rows], name, mask=read[rows], interval=how)  # type: ignore[arg-type]  # one of its two names

    def _values(self, text: Text) -> Array:
        """The ratings, without the units that nobody coded where they are to be left out."""
        import numpy as np

        values = self.ratings.values.copy()
        if text == "coded":
            values[~(values > 0).any(axis=(1, 2))] = np.nan
        return values

    def _table(self, code_id: str, text: Text) -> Array:
        """The ratings of one code, (n_units, n_coders), on units that two coders read."""
        return _paired(self._values(text)[:, :, self.ratings.codes.index(code_id)])

    def _row(
        self,
        code_id: str,
        text: Text,
        coders: tuple[str, ...],
        table: Array,
        *,
        sure: bool = True,
    ) -> CodeAgreement:
        """The row of a code; `sure` adds the intervals."""
        two, any_read = len(coders) == PAIR, bool((table >= 0).any())
        if any_read:
            found = self._coefficients(table, sure=sure)
        else:
            found = _all_undefined(why_none(self.ratings, code_id, coders))
        interval = found["alpha"].interval
        return CodeAgreement(
            phase=self.phase,
            text=text,
            group=group_of(self.codebook, code_id),
            code_id=code_id,
            code=name_of(self.codebook, code_id),
            coders=coders,
            units=int((table >= 0).any(axis=1).sum()),
            table=two_by_two(table) if two else None,
            positives=tuple(int(n) for n in (table > 0).sum(axis=0)),
            **found,
            below=interval.share_below(BOUND) if interval else float("nan"),
            prevalence=float(prevalence_index(table)) if two else float("nan"),
            bias=float(bias_index(table)) if two else float("nan"),
            said=self._said(table),
            read=self._persons(_some(table >= 0)),
            withheld=False,  # a report says which are
        )

    def _coefficients(self, table: Array, *, sure: bool) -> dict[str, Coefficient]:
        """Every coefficient of one code; the name says which field of a row it is."""
        read = _some(table >= 0)
        rated, how = table[read], self._resampled(read) if sure else None
        return {
            "percent": percent_agreement(rated, interval=how),
            "positive": positive_agreement(rated, interval=how),
            "negative": negative_agreement(rated, interval=how),
            "kappa": self._kappa(table, sure=sure),
            "alpha": krippendorff_alpha(rated, interval=how),
            "ac1": gwet_ac1(rated, categories=(0, 1), interval=how),
        }

    def _kappa(self, table: Array, *, sure: bool) -> Coefficient:
        """Cohen's of two coders; of several Fleiss', on units that all of them read."""
        complete = ~_some(~(table >= 0))
        rated, how = table[complete], self._resampled(complete) if sure else None
        if table.shape[1] == PAIR:
            return cohen_kappa(rated, interval=how)
        if not complete.any():
            return Coefficient(float("nan"), 0, reason="no unit was read by all of the coders")
        return fleiss_kappa(rated, categories=(0, 1), interval=how)

    def _resampled(self, chosen: Flags) -> Resampling:
        """The resampling of some units; the same units share their draws."""
        key = chosen.tobytes()
        if key not in self._drawn:
            people = self.ratings.participants
            kept = [who for who, keep in zip(people, chosen, strict=True) if keep]
            self._drawn[key] = replace(self.resampling, clusters=kept)
        return self._drawn[key]

    def _said(self, table: Array) -> tuple[Persons, ...]:
        each = [self._persons(table[:, column] > 0) for column in range(table.shape[1])]
        return (self._persons(_some(table > 0)), *each)

    def _persons(self, chosen: Flags) -> Persons:
        units = (unit for unit, kept in zip(self.ratings.units, chosen, strict=True) if kept)
        return persons_of(units, self.exempt)


def name_of(codebook: Codebook | None, code_id: str) -> str:
    """The name of a code; of one that went, how it stands."""
    if codebook is None:
        return code_id
    code = codebook[code_id]
    if not code.retired:
        return code.name
    return f"{code.name} ({'split, to be decided' if code.replaced_by else 'retired'})"


def group_of(codebook: Codebook | None, code_id: str) -> str:
    """The name of a code's group; empty without a codebook."""
    return codebook.group(codebook[code_id].group).name if codebook is not None else ""


def why_none(ratings: Ratings, code_id: str, coders: Sequence[str]) -> str:
    """Why no unit was read by two of these coders for a code."""
    import numpy as np

    table = ratings.of(code_id)
    columns = {coder: ratings.coders.index(coder) for coder in coders}
    idle = [c for c, column in columns.items() if np.isnan(table[:, column]).all()]
    if len(idle) == len(coders):
        return _NOBODY
    return _NOT_SOUGHT.format(names=" and ".join(idle)) if idle else _ONE_READER


def _paired(table: Array) -> Array:
    """The ratings of units that two coders read; the other units are not read."""
    import numpy as np

    alone = (~np.isnan(table)).sum(axis=1) < PAIR
    return np.where(alone[:, None], np.nan, table)


def _some(flags: Flags) -> Flags:
    """Where any of a unit's flags is set, (n_units,)."""
    import numpy as np

    found: Flags = np.logical_or.reduce(flags, axis=1)
    return found


def _all_undefined(reason: str) -> dict[str, Coefficient]:
    none = Coefficient(float("nan"), 0, reason=reason)
    return dict.fromkeys(("percent", "positive", "negative", "kappa", "alpha", "ac1"), none)
