"""Saturation: how many new codes each further text brought, whatever the order of reading.

Only codes that were made from passages say anything here: with a codebook that was fixed
beforehand the curve shows how soon known codes turn up, and nothing about what is missing. The
order of reading is one of many, so the curve is drawn over random orders with a band. No curve
proves that nothing new would come: there is no stamp that says "reached".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.errors import counted
from reflect_analysis.incidence import CodedUnit, Incidence, find_incidence
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus

    Counts = npt.NDArray[np.float64]

__all__ = ["NewInformation", "SaturationCurve", "new_information", "saturation_curve"]


_FROM_END = 5  # units: what is told nearer to the first or last is of few texts


@dataclass(frozen=True, slots=True)
class NewInformation:
    """Guest, Namey and Chen's figure for one order of texts.

    Parameters
    ----------
    base, run : int
        Texts of the base, and of each run after it.
    threshold : float
        Share of new information at or below which a run counts as having brought little.
    codes_in_base : int
    ratios : tuple of float
        New codes in the run after the first n texts, over `codes_in_base`, for
        n = base, base + 1, …; empty where the base holds no code or there are too few texts.
    reached : int, optional
        The smallest n whose run is at or below the threshold.
    """

    base: int
    run: int
    threshold: float
    codes_in_base: int
    ratios: tuple[float, ...]
    reached: int | None

    def __str__(self) -> str:
        """As its authors write it, such as ``5 % at 6+2``."""
        share = f"{self.threshold * 100:g} %"
        if self.reached is None:
            return f"{share} not reached (base {self.base}, run {self.run})"
        return f"{share} at {self.reached}+{self.run} (base {self.base})"


def new_information(
    new: Sequence[int], *, base: int = 4, run: int = 2, threshold: float = 0.05
) -> NewInformation:
    """Guest, Namey and Chen's ratio of new codes in a run to those of the base.

    Parameters
    ----------
    new : sequence of int
        New codes that each text brought, in the order of reading.
    base, run : int
        At least 1. The authors try bases of 4, 5 and 6 and runs of 2 and 3.
    threshold : float
        In [0, 1); the authors try 0.05 and 0.

    Returns
    -------
    NewInformation

    Raises
    ------
    ValueError
        If base, run or threshold are out of range.

    References
    ----------
    Guest, G., Namey, E., & Chen, M. (2020). A simple method to assess and report thematic
    saturation in qualitative research. PLOS ONE 15(5), e0232076.

    Examples
    --------
    Ten codes in the first four texts; the fifth and sixth bring two, the seventh and eighth
    none:

    >>> str(new_information([5, 3, 1, 1, 1, 1, 0, 0]))
    '5 % at 6+2 (base 4)'
    """
    if base < 1 or run < 1 or not 0 <= threshold < 1:
        given = f"base {base}, run {run}, threshold {threshold}"
        raise ValueError(f"{given}: expected at least 1, at least 1, and a share below 1")
    known = sum(new[:base])
    places = range(base, len(new) - run + 1) if known else range(0)
    ratios = tuple(sum(new[n : n + run]) / known for n in places)
    reached = next((base + i for i, ratio in enumerate(ratios) if ratio <= threshold), None)
    return NewInformation(base, run, threshold, known, ratios, reached)


@dataclass(frozen=True)
class SaturationCurve:
    """Distinct codes found in the first 1, 2, … units, over random orders.

    Parameters
    ----------
    mean, low, high : tuple of float
        Codes after n units: mean, and the band that holds 95 % of the orders.
    observed : tuple of int
        The same in the order in which the texts were read.
    new : tuple of int
        New codes that each unit brought in that order.
    information : NewInformation
        In that order.
    reached_in : float
        Share of the random orders that reach the threshold, in [0, 1].
    unit : {"reflection", "participant"}
    codes : tuple of str
        The codes that were counted.
    inductive : bool
        Whether all of them were made from passages.
    orders : int
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    left_out : int
        Codes that a report leaves out, as it hides their counts.
    random_state : int
        By which the orders were drawn.
    """

    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    observed: tuple[int, ...]
    new: tuple[int, ...]
    information: NewInformation
    reached_in: float
    unit: Literal["reflection", "participant"]
    codes: tuple[str, ...]
    inductive: bool
    orders: int
    draft: bool = False
    runs: tuple[Run, ...] = field(default=(), repr=False)
    left_out: int = 0
    random_state: int = 0

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def note(self) -> str:
        """What was counted, and what it does not show."""
        basis = (
            "Codes that were made from passages"
            if self.inductive
            else "Codes of a codebook that was fixed beforehand, so that the curve says how soon "
            "known codes turn up and not what is missing"
        )
        hidden = (
            f"Not in it: {counted(self.left_out, 'code')} whose count is hidden, as how soon a "
            "code turns up would give it back. "
        )
        return (
            f"{basis}; {counted(len(self.codes), 'code')} over {len(self)} {self.unit}s, in the "
            f"order of reading and in {self.orders} random orders (mean, and the band of 95 % of "
            f"them). {hidden if self.left_out else ''}"
            f"New information: {self.information}; {self.reached_in * 100:.0f} % of the random "
            "orders reach it. The thresholds were tried on interviews: that they hold for short "
            "written texts is not shown."
        )

    def shown(self, *, every: int = 5) -> tuple[int, ...]:
        """The numbers of units at which the curve may be sent: steps, and the whole.

        The mean before the last units tells how many codes stand in so few, and the mean of the
        first ones how many codes a unit holds, so that neither is told.

        Parameters
        ----------
        every : int
            The step, and how far each is from the last; at least 1, and never less than 5 apart
            from either end.

        Returns
        -------
        tuple of int
        """
        if every < 1:
            raise ValueError(f"every {every}: expected at least 1")
        last = len(self)
        steps = range(every, last - max(every, _FROM_END) + 1, every)
        return (*(n for n in steps if n >= _FROM_END), last)

    def to_frame(self) -> pd.DataFrame:
        """One row a unit: n, mean, low, high, observed, new."""
        import pandas as pd

        names = ("mean", "low", "high", "observed", "new")
        frame = pd.DataFrame({name: getattr(self, name) for name in names})
        frame.insert(0, "n", range(1, len(self) + 1))
        return frame

    def __repr__(self) -> str:
        return f"<SaturationCurve: {len(self.codes)} codes, {len(self)} × {self.unit}>"

    def _repr_html_(self) -> str:
        rows = (
            (n, f"{mean:.1f} [{low:.0f}, {high:.0f}]", seen)
            for n, (mean, low, high, seen) in enumerate(
                zip(self.mean, self.low, self.high, self.observed, strict=True), start=1
            )
        )
        table = html_table((f"{self.unit}s", "Codes, random orders", "Codes, as read"), rows)
        return f"<p>{escape(repr(self))}</p>{table}<p>{escape(self.note)}</p>"


def saturation_curve(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    codes: Sequence[str] | None = None,
    unit: Literal["reflection", "participant"] = "reflection",
    rule: tuple[int, int, float] = (4, 2, 0.05),
    orders: int = 1000,
    random_state: int = 0,
) -> SaturationCurve:
    """How many distinct codes the first 1, 2, … units hold.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
    codes : sequence of str, optional
        By default the codes that were made from passages (`Code.origin`).
    unit : {"reflection", "participant"}
    rule : (int, int, float)
        Base, run and threshold, as in `new_information`.
    orders : int
        Random orders, at least 1.
    random_state : int

    Returns
    -------
    SaturationCurve

    Raises
    ------
    ValueError
        If no code was made from a passage and none were named, no unit was read for them, or
        `orders` or `rule` is out of range.
    UnknownIdError
        If a code is unknown.
    """
    if orders < 1:
        raise ValueError(f"orders {orders}: expected at least 1 random order of reading")
    wanted = tuple(codes) if codes is not None else _inductive(codebook)
    codebook.check_in_use(wanted, "the saturation curve")
    if not wanted:
        raise ValueError(
            "no code of this codebook was made from a passage, so there is nothing to saturate: "
            "name codes to see how soon they turn up"
        )
    found = find_incidence(codings, corpus=corpus, codebook=codebook, unit=unit)
    said, units = _read_for(found, wanted)
    if not units:
        raise ValueError("no text was read for all of these codes")
    as_read = _first_seen(said[_order_of_reading(units, codings)])
    import numpy as np

    generator = np.random.default_rng(random_state)
    news = [_first_seen(said[generator.permutation(len(units))]) for _ in range(orders)]
    sums = np.cumsum(news, axis=1)
    low, high = np.quantile(sums, [0.025, 0.975], axis=0)
    reached = [_judged(new, rule).reached is not None for new in news]
    return SaturationCurve(
        mean=_floats(sums.mean(axis=0)),
        low=_floats(low),
        high=_floats(high),
        observed=tuple(int(n) for n in np.cumsum(as_read)),
        new=tuple(as_read),
        information=_judged(as_read, rule),
        reached_in=sum(reached) / orders,
        unit=unit,
        codes=wanted,
        inductive=set(wanted) <= set(_inductive(codebook)),
        orders=orders,
        draft=found.draft,
        runs=found.runs,
        random_state=random_state,
    )


def _judged(new: Sequence[int], rule: tuple[int, int, float]) -> NewInformation:
    base, run, threshold = rule
    return new_information(new, base=base, run=run, threshold=threshold)


def _inductive(codebook: Codebook) -> tuple[str, ...]:
    return tuple(code.id for code in codebook.in_use if code.origin is not None)


def _read_for(found: Incidence, codes: Sequence[str]) -> tuple[Counts, list[CodedUnit]]:
    """Whether each code is in each unit that was read for all of them."""
    import numpy as np

    said = found.said[:, [found.codes.index(code) for code in codes]]
    rows = [row for row in range(len(found)) if not np.isnan(said[row]).any()]
    return said[rows], [found.units[row] for row in rows]


def _order_of_reading(units: Sequence[CodedUnit], codings: Codings) -> list[int]:
    """The rows in the order in which their texts were first read, by whoever read them."""
    first: dict[str, datetime] = {}
    for seen in codings.seen:
        if seen.document_id not in first or seen.at < first[seen.document_id]:
            first[seen.document_id] = seen.at
    times = [min(first[each] for each in unit.document_ids if each in first) for unit in units]
    return sorted(range(len(units)), key=lambda row: (times[row], units[row].id))


def _first_seen(said: Counts) -> list[int]:
    """New codes that each row brings."""
    import numpy as np

    new = np.zeros(len(said), dtype=int)
    firsts = said.argmax(axis=0)[said.any(axis=0)]
    np.add.at(new, firsts, 1)
    return [int(n) for n in new]


def _floats(values: Counts) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
