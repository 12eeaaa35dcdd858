"""Codes that occur together: counts first, and each measure beside what it hides.

The unit must be named, because it decides the answer: two codes in one sentence, in one
reflection, or in what one participant wrote in a year. A unit counts only where both codes
were read for. Co-occurrence is no cause and no direction, so nothing here draws an arrow.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import escape
from math import nan
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure import DEFAULT_K, Persons
from reflect_analysis.disclosure.counts import check_k, check_same_k, is_sensitive
from reflect_analysis.disclosure.linked import (
    People,
    ToldRow,
    hidden_beside_themes,
    imagined_for,
)
from reflect_analysis.incidence import CodedUnit, Incidence, UnitKind, find_incidence
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.incidence import Array
    from reflect_analysis.segments import Segments

__all__ = ["UNEVEN", "CodePair", "Pairs", "cooccurrence"]

# Where one code is this many times as frequent as the other, Jaccard is small whatever they
# have in common (ATLAS.ti flags the same ratio).
UNEVEN = 5
_TAIL = 0.025  # on either side of a 95 % interval
_FAR = 60.0  # log odds beyond those of any counts that a study has


@dataclass(frozen=True, slots=True)
class CodePair:
    """Two codes and the units in which they were found.

    Parameters
    ----------
    first, second : str
        Code ids, in the codebook's order.
    n_first, n_second, n_both : int
        Units with the one, the other, and both.
    n_units : int
        Units that were read for both codes.
    persons : Persons
        Who stands behind the units with both.
    low, high : float
        Exact 95 % interval of `lift`; ``nan`` where it is undefined.
    p : float
        Exact test of independence on participants, two-sided; ``nan`` unless asked for.

    Examples
    --------
    >>> pair = CodePair("a", "b", 100, 10, 5, 400)
    >>> round(pair.jaccard, 6), pair.overlap, round(pair.dice, 5), round(pair.cosine, 6)
    (0.047619, 0.5, 0.09091, 0.158114)
    >>> pair.uneven
    True
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_both: int
    n_units: int
    persons: Persons = field(default_factory=Persons)
    low: float = nan
    high: float = nan
    p: float = nan

    @property
    def jaccard(self) -> float:
        """Units with both, of the units with either (ATLAS.ti's c); in [0, 1]."""
        return _ratio(self.n_both, self.n_first + self.n_second - self.n_both)

    @property
    def overlap(self) -> float:
        """Units with both, of the units with the rarer code (Szymkiewicz–Simpson); in [0, 1]."""
        return _ratio(self.n_both, min(self.n_first, self.n_second))

    @property
    def dice(self) -> float:
        """Twice the units with both, of the units with each; in [0, 1]."""
        return _ratio(2 * self.n_both, self.n_first + self.n_second)

    @property
    def cosine(self) -> float:
        """Units with both, of the geometric mean of the units with each; in [0, 1]."""
        return _ratio(self.n_both, (self.n_first * self.n_second) ** 0.5)

    @property
    def lift(self) -> float:
        """Units with both, of those expected if the codes fell independently; 1 is chance."""
        return _ratio(self.n_both * self.n_units, self.n_first * self.n_second)

    @property
    def uneven(self) -> bool:
        """Whether one code is more than five times as frequent as the other."""
        rare, common = sorted((self.n_first, self.n_second))
        return rare > 0 and common > UNEVEN * rare


def _told(row: CodePair, people: People, *, in_texts: bool) -> ToldRow:
    """What a pair tells: of each code in the units read for both, too, as Jaccard gives it."""
    codes, tells = ((row.first,), (row.second,)), (row.first, row.second)
    part_of = people.texts_part if in_texts else people.part
    parts = (one, read_one), (other, read_other) = part_of(codes[0]), part_of(codes[1])
    read, both = read_one & read_other, one & other
    cells = (both, one & read, other & read, read)
    if not in_texts:
        return ToldRow(tells, cells, parts, tells=tells)
    # Who said both somewhere, or the one, and never both in the same unit.
    together = people.speakers(both)
    persons = [people.said(each) for each in codes]
    secrets = tuple(units & ~together for units in (*persons, persons[0] & persons[1]))
    return ToldRow(tells, (*cells, together), parts, secrets, tells)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else nan


@dataclass(frozen=True)
class Pairs:
    """Co-occurrence of the codes of a study, with exact counts: for the researcher's own eyes.

    Parameters
    ----------
    rows : tuple of CodePair
        Each pair once, in the codebook's order; a code with its own subcode is left out.
    incidence : Incidence
        What they were counted from.
    names : dict of str to str
        Codes by id.
    withheld : frozenset of (str, str), optional
        Pairs that give a hidden count back beside what else is told, as a report finds them;
        left out, they are found beside a theme table and one another.
    withheld_at : int, optional
        The k for which a report found them; with another nothing is shown.
    """

    rows: tuple[CodePair, ...]
    incidence: Incidence = field(repr=False)
    names: dict[str, str] = field(repr=False)
    withheld: frozenset[tuple[str, str]] | None = field(default=None, repr=False)
    withheld_at: int | None = field(default=None, repr=False)

    @property
    def unit(self) -> str:
        """In what the codes occurred together."""
        return self.incidence.kind

    @property
    def runs(self) -> tuple[Run, ...]:
        """How the counts came to be."""
        return self.incidence.runs

    @property
    def draft(self) -> bool:
        """Whether any of it rests on machine coding that nobody has reviewed."""
        return self.incidence.draft

    @property
    def independent(self) -> bool:
        """Whether no person has two units; else the intervals are narrower than they should be."""
        people = [unit.person for unit in self.incidence.units]
        return len(people) == len(set(people))

    def __len__(self) -> int:
        return len(self.rows)

    def shown(self, *, k: int = DEFAULT_K) -> tuple[CodePair, ...]:
        """The pairs that may be sent.

        A pair is left out where those who mention both, or one without the other, or neither,
        are fewer than `k` people: what is printed of a pair gives all of these back. So is one
        of which a difference from another pair, or from the theme table, is of so few
        (`disclosure.linked`): a pair tells the counts of both its codes.

        Parameters
        ----------
        k : int
            At least 3.

        Raises
        ------
        ValueError
            If a report found what must be withheld for another `k`.
        """
        check_same_k(k, self.withheld_at, asked="cooccurrence")
        withheld = self._withheld(k) if self.withheld is None else self.withheld
        return tuple(row for row in self._few_behind(k) if (row.first, row.second) not in withheld)

    def told(self, people: People, *, k: int = DEFAULT_K) -> Iterator[ToldRow]:
        """What the pairs would tell, as far as none is hidden for its own counts.

        Parameters
        ----------
        people : People
            With the units of these pairs, or, for pairs by participant, their reflections.
        k : int
            At least 3.
        """
        for row in self._few_behind(k):
            yield _told(row, people, in_texts=self.unit != "participant")

    def _few_behind(self, k: int) -> tuple[CodePair, ...]:
        """The pairs that nothing of their own forbids."""
        check_k(k)
        return tuple(row for row in self.rows if row.n_both and self._may_be_shown(row, k))

    def _withheld(self, k: int) -> frozenset[Hashable]:
        """The pairs that are hidden beside the theme table and one another."""
        if k not in self._withheld_by:
            counts = 4 * len(self._few_behind(k)) + 4 * len(self.incidence.codes)
            people = People(self.incidence, imagined=imagined_for(counts))
            self._withheld_by[k] = hidden_beside_themes(people, self.told(people, k=k), k=k)
        return self._withheld_by[k]

    @cached_property
    def _withheld_by(self) -> dict[int, frozenset[Hashable]]:
        return {}

    def people_read(self, row: CodePair) -> int:
        """How many people were read for both codes; a text of an unknown case counts as one."""
        return len(self._people[row.first][0] & self._people[row.second][0])

    def _may_be_shown(self, row: CodePair, k: int) -> bool:
        """Whether nobody stands alone behind anything that follows from the pair's numbers."""
        (read_first, first), (read_second, second) = (
            self._people[code] for code in (row.first, row.second)
        )
        everybody = read_first & read_second
        with_first, with_second = len(first & everybody), len(second & everybody)
        both, total = row.persons.at_most, len(everybody)
        questions = (
            (with_first, total),
            (with_second, total),
            (both, with_first),
            (both, with_second),
            (both, total),
            (row.persons.known, total),
        )
        return not any(is_sensitive(n, of, k) for n, of in questions)

    @cached_property
    def _people(self) -> dict[str, tuple[set[str], set[str]]]:
        """For each code who was read for it, and who mentioned it."""
        found = {}
        for column, code in enumerate(self.incidence.codes):
            told = list(
                zip(self.incidence.units, self.incidence.said[:, column].tolist(), strict=True)
            )
            read = {unit.person for unit, value in told if value >= 0}
            found[code] = read, {unit.person for unit, value in told if value == 1}
        return found

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: counts, measures, the interval of lift and whether it is uneven."""
        import pandas as pd

        counts = ("first", "second", "n_first", "n_second", "n_both", "n_units")
        measures = ("jaccard", "overlap", "dice", "cosine", "lift", "low", "high", "p", "uneven")
        columns = {name: [getattr(row, name) for row in self.rows] for name in counts + measures}
        columns["participants"] = [row.persons.known for row in self.rows]
        order = [*counts, "participants", *measures]
        frame = pd.DataFrame(columns)[order]
        return frame.rename(columns={"low": "lift_low", "high": "lift_high"})

    def to_matrix(self) -> pd.DataFrame:
        """Units with both codes, (n_codes, n_codes); on the diagonal, units with the code."""
        import numpy as np
        import pandas as pd

        codes = self.incidence.codes
        said = self.incidence.said
        once = np.nansum(said, axis=0).astype(int)
        frame = pd.DataFrame(np.diag(once), index=list(codes), columns=list(codes))
        for row in self.rows:
            frame.loc[row.first, row.second] = frame.loc[row.second, row.first] = row.n_both
        return frame

    def __repr__(self) -> str:
        together = sum(row.n_both > 0 for row in self.rows)
        return f"<Pairs by {self.unit}: {together} of {len(self)} pairs occur together>"

    def _repr_html_(self) -> str:
        found = sorted((r for r in self.rows if r.n_both), key=lambda r: -r.n_both)[:20]
        rows = (
            (
                self.names[row.first],
                self.names[row.second],
                f"{row.n_both} of {row.n_units}",
                f"{row.jaccard:.2f}",
                f"{row.overlap:.2f}",
                f"{row.lift:.1f}",
            )
            for row in found
        )
        head = ("Code", "Code", f"{self.unit}s with both", "Jaccard", "Overlap", "Lift")
        return f"<p>{escape(repr(self))}</p>{html_table(head, rows)}"


def cooccurrence(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    unit: UnitKind = "reflection",
    segments: Segments | None = None,
    test: bool = False,
) -> Pairs:
    """Count which codes occur in the same unit.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
    unit : {"segment", "reflection", "participant"}
        A reflection is what one participant wrote or said in one document.
    segments : Segments, optional
        The units for ``"segment"``.
    test : bool
        Whether to test each pair, on participants whatever the unit: Fisher's exact test is
        the permutation test that shuffles one code among the participants, all at once.

    Returns
    -------
    Pairs

    Notes
    -----
    Lift's interval is exact for given frequencies of both codes: the exact interval of the
    odds ratio, each bound put in terms of the units with both that it makes expected. It takes
    units as independent, which several units of one person are not (`Pairs.independent`).

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal Statistical
    Society 98(1), 39-82. Fog, A. (2008). Calculation methods for Wallenius' noncentral
    hypergeometric distribution. Communications in Statistics 37(2), 258-273.
    """
    found = find_incidence(codings, corpus=corpus, codebook=codebook, unit=unit, segments=segments)
    people = found.grouped(_case_of, "participant") if test else None
    kin = {code: {code, *codebook.ancestors(code)} for code in found.codes}
    rows = tuple(
        _pair(found, first, second, people)
        for first, second in itertools.combinations(found.codes, 2)
        if first not in kin[second] and second not in kin[first]
    )
    return Pairs(rows, found, {code.id: code.name for code in codebook.public()})


def _case_of(unit: CodedUnit) -> str | None:
    return unit.case_id


def _pair(found: Incidence, first: str, second: str, people: Incidence | None) -> CodePair:
    one, other = found.of(first), found.of(second)
    both = (one == 1) & (other == 1)
    n_first, n_second, n_both, n_units = _counts(one, other)
    low, high = _lift_interval(n_first, n_second, n_both, n_units)
    persons = _persons(found.units[row] for row in both.nonzero()[0])
    p = _tested(people.of(first), people.of(second)) if people is not None else nan
    return CodePair(
        first, second, n_first, n_second, n_both, n_units, persons, low=low, high=high, p=p
    )


def _counts(one: Array, other: Array) -> tuple[int, int, int, int]:
    """Units with the one, the other, both, of those read for both."""
    import numpy as np

    read = ~np.isnan(one) & ~np.isnan(other)
    a, b = one[read] == 1, other[read] == 1
    return int(a.sum()), int(b.sum()), int((a & b).sum()), int(read.sum())


def _persons(units: Iterable[CodedUnit]) -> Persons:
    """Who stands behind some units."""
    behind = {unit.person: unit for unit in units}
    known = sum(unit.case_id is not None for unit in behind.values())
    return Persons(known, len(behind) - known)


@lru_cache(maxsize=4096)  # pairs of rare codes have the same few margins
def _lift_interval(n_first: int, n_second: int, n_both: int, n_units: int) -> tuple[float, float]:
    """Exact 95 % interval of lift for given margins.

    Fisher's noncentral hypergeometric distribution over the counts that the margins allow; its
    odds at both ends of the interval, and the mean count at these.
    """
    if 0 in {n_first, n_second} or n_units in {n_first, n_second}:
        return nan, nan
    import numpy as np
    from scipy.optimize import brentq
    from scipy.special import gammaln

    least, most = max(0, n_first + n_second - n_units), min(n_first, n_second)
    counts = np.arange(least, most + 1, dtype=float)
    cells = (counts, n_first - counts, n_second - counts, n_units - n_first - n_second + counts)
    weights = -sum(gammaln(cell + 1) for cell in cells)

    def chances(log_odds: float) -> Array:
        logs = weights + counts * log_odds
        masses: Array = np.exp(logs - logs.max())
        masses /= masses.sum()
        return masses

    def mean_at(tail: slice) -> float:
        root = brentq(lambda log_odds: chances(log_odds)[tail].sum() - _TAIL, -_FAR, _FAR)
        return float(chances(root) @ counts)

    place, scale = n_both - least, n_units / (n_first * n_second)
    low = least if n_both == least else mean_at(slice(place, None))
    high = most if n_both == most else mean_at(slice(place + 1))
    return low * scale, high * scale


def _tested(one: Array, other: Array) -> float:
    """Fisher's exact test on participants; ``nan`` where one code does not vary."""
    n_first, n_second, n_both, n_units = _counts(one, other)
    if 0 in {n_first, n_second} or n_units in {n_first, n_second}:
        return nan
    from reflect_analysis.coefficients import fisher_p

    return fisher_p(n_both, n_first, n_second - n_both, n_units - n_first)
