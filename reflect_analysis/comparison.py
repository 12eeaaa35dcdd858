"""Groups compared: how many participants of each mentioned a code, and how sure that is.

People are compared, never passages: eight passages of one talkative person are one person. A
code is tested only where both groups, and both those who mentioned it and those who did not,
are at least five people; elsewhere the counts stand with the reason. Every test made is one of
a stated number, and its p value is adjusted for that number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from math import isnan, nan
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table
from reflect_analysis.errors import agreeing, counted, did_you_mean
from reflect_analysis.incidence import Incidence, find_incidence, value_of
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.incidence import Array

__all__ = ["FEWEST", "Comparison", "GroupDifference", "compare_groups"]

# Fewer people than this in a group, or on one side of a code, and nothing is tested: the test
# would have no power, and its result would give the small count away.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """One code in two groups of participants.

    Parameters
    ----------
    code_id, code : str
    first, second : str
        The groups.
    n_first, of_first, n_second, of_second : int
        Participants who mentioned it, of those who were read for it.
    difference : float
        Share of the first less share of the second, in [-1, 1]; ``nan`` where a group is empty.
    low, high : float
        Newcombe's 95 % interval of the difference.
    more : float
        How probable it is that the first share is the larger one, in [0, 1]
        (`probability_of_more`).
    p : float
        Fisher's mid-p; by permutation within strata where these were given, of those who bear
        one. ``nan`` where no test was made.
    adjusted : float
        `p` for the number of tests (Benjamini and Hochberg).
    reason : str
        Why no test was made; empty otherwise.
    parent : str
        The id of the code above it; empty where there is none.
    """

    code_id: str
    code: str
    first: str
    second: str
    n_first: int
    of_first: int
    n_second: int
    of_second: int
    difference: float = nan
    low: float = nan
    high: float = nan
    more: float = nan
    p: float = nan
    adjusted: float = nan
    reason: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Comparison:
    """All codes in two groups, with exact counts: for the researcher's own eyes.

    Parameters
    ----------
    rows : tuple of GroupDifference
        In the codebook's order.
    by : str
        The attribute that makes the groups.
    within : str
        The attribute within which labels were shuffled, or empty.
    without_group : int
        Participants who were read and bear no value of the attribute, or another one.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    people : Incidence, optional
        Everybody who was read, from which follows what the counts tell beside others.
    group_of : mapping of str to str
        What each of them bears of the attribute.
    withheld : frozenset of str, optional
        Codes whose row gives a hidden count back beside what else is told, as a report finds
        them; left out, they are found beside a theme table and one another.
    withheld_at : int, optional
        The k for which a report found them; with another nothing is shown.
    without_stratum : int
        Participants of the two groups who bear no value of `within`: they are in the counts
        and in no test.
    """

    rows: tuple[GroupDifference, ...]
    by: str
    within: str = ""
    without_group: int = 0
    draft: bool = False
    runs: tuple[Run, ...] = ()
    people: Incidence | None = field(default=None, repr=False)
    group_of: Mapping[str, str] = field(default_factory=dict, repr=False)
    withheld: frozenset[str] | None = field(default=None, repr=False)
    without_stratum: int = 0
    withheld_at: int | None = field(default=None, repr=False)

    @property
    def n_tests(self) -> int:
        """How many tests were made."""
        return sum(not isnan(row.p) for row in self.rows)

    @property
    def note(self) -> str:
        """What was compared and how, in words for under a table; no count of people is in it."""
        how = (
            f"permutation of the groups within {self.within} (9,999 draws)"
            if self.within
            else "Fisher’s exact test (mid-p)"
        )
        return (
            f"Participants are compared by {self.by}; differences with Newcombe’s 95 % "
            f"intervals. {self._of_others}{self.n_tests} of {counted(len(self.rows), 'code')} "
            f"{agreeing(self.n_tests, 'were')} tested by {how}, p adjusted for "
            f"{counted(self.n_tests, 'test')} (Benjamini–Hochberg); no test where fewer than "
            f"{FEWEST} people stand in a group or on one side of a code. {self._of_strata} "
            f"Mentioning a code is what is compared: a difference is neither a cause nor an effect."
        )

    @property
    def _of_others(self) -> str:
        """That some were left out, without their number, which may be small."""
        if not self.without_group:
            return ""
        return (
            f"Others were read as well: who bears neither group, or whose {self.by} is not known, "
            "is not compared. "
        )

    @property
    def _of_strata(self) -> str:
        """What the intervals and the tests take for independent."""
        if not self.within and self.by == "community":
            return (
                "Intervals and p take participants of one community for independent of one "
                "another: they say nothing of other communities."
            )
        if not self.within:
            return (
                "Intervals and p take participants for independent of their communities: the "
                "intervals are therefore too narrow, and p too small."
            )
        outside = (
            f" Participants whose {self.within} is not known are in the counts, in no test."
            if self.without_stratum
            else ""
        )
        return (
            f"The intervals take participants for independent of their {self.within} and are "
            f"therefore too narrow.{outside}"
        )

    def __len__(self) -> int:
        return len(self.rows)

    def hiding(self, codes: Collection[str]) -> Comparison:
        """Without the tests of some codes: p is adjusted for the other tests alone.

        An adjusted p depends on the rank of every other one, hidden ones among them.

        Parameters
        ----------
        codes : collection of str
            Ids of codes whose counts are not printed.
        """
        rows = [
            replace(row, p=nan, adjusted=nan) if row.code_id in codes else row for row in self.rows
        ]
        return replace(self, rows=_adjusted(rows))

    def to_frame(self) -> pd.DataFrame:
        """One row a code, the fields of `GroupDifference` as columns."""
        from reflect_analysis._rows import to_frame

        return to_frame(self.rows, GroupDifference)

    def __repr__(self) -> str:
        return f"<Comparison by {self.by}: {len(self)} codes, {self.n_tests} tested>"

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{escape(repr(self))}</p>"
        head = ("Code", self.rows[0].first, self.rows[0].second, "Difference", "Adjusted p")
        rows = (
            (
                row.code,
                f"{row.n_first} of {row.of_first}",
                f"{row.n_second} of {row.of_second}",
                f"{row.difference:+.2f} [{row.low:+.2f}, {row.high:+.2f}]",
                row.reason or f"{row.adjusted:.3f}",
            )
            for row in self.rows
        )
        number = self.without_stratum
        outside = f" Without a known {self.within}: {number}." if number else ""
        note = escape(f"{self.note}{outside}")
        return f"<p>{escape(repr(self))}</p>{html_table(head, rows)}<p>{note}</p>"


def compare_groups(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    by: str,
    groups: tuple[str, str] | None = None,
    within: str | None = None,
    random_state: int = 0,
) -> Comparison:
    """Compare two groups of participants, code by code.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
    by : str
        An attribute of the cases, such as ``"role"``.
    groups : (str, str), optional
        Two of its values, the second may be ``"others"``: all further values. Left out, the
        attribute must have exactly two.
    within : str, optional
        An attribute, such as ``"community"``, within which groups are shuffled: people of one
        community resemble each other. Who bears none is in the counts and in no test.
    random_state : int
        For the shuffling.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If nobody bears the attribute, or it has not two values and no groups were named, or a
        group is unknown; the values that there are are named. If nobody of the two groups bears
        `within`, or it is `by`.

    Notes
    -----
    Participants of unknown case are nobody's group and are left out.

    References
    ----------
    Newcombe (1998), as in `newcombe_interval`; Benjamini and Hochberg (1995), as in
    `adjusted_p_values`; Phipson and Smyth (2010), as in `permutation_p`.
    """
    people = find_incidence(codings, corpus=corpus, codebook=codebook, unit="participant")
    values = {unit.id: value_of(corpus, unit.id, by) for unit in people.units}
    first, second = _two_groups(by, {each for each in values.values() if each}, groups)
    group_of = {unit: _side(value, first, second) for unit, value in values.items()}
    chosen = people.take(lambda unit: bool(group_of[unit.id]))
    labels = [group_of[unit.id] for unit in chosen.units]
    strata = _strata(chosen, corpus, by, within) if within else None
    names = {code.id: code.name for code in codebook.public()}
    test = _Tester(chosen, labels, strata, random_state)
    rows = [
        replace(
            test.row(code_id, names[code_id], first, second),
            parent=codebook[code_id].parent or "",
        )
        for code_id in chosen.codes
    ]
    left_out = len(people) - len(chosen)
    return Comparison(
        _adjusted(rows),
        by,
        within or "",
        left_out,
        people.draft,
        people.runs,
        people,
        {case: value or "not known" for case, value in values.items()},
        without_stratum=sum(not each for each in strata or ()),
    )


def _two_groups(by: str, found: set[str], groups: tuple[str, str] | None) -> tuple[str, str]:
    there = ", ".join(sorted(found)) or "none"
    if groups is None:
        if len(found) != 2:  # noqa: PLR2004  # two groups are compared
            raise ValueError(
                f"{by!r} has {counted(len(found), 'value')} ({there}): name two of them as groups"
            )
        first, second = sorted(found)
        return first, second
    missing = [each for each in groups if each not in found and each != "others"]
    if missing or groups[0] == groups[1] or groups[0] == "others":
        raise ValueError(f"groups {groups}: expected two different values of {by!r} ({there})")
    return groups


def _strata(chosen: Incidence, corpus: Corpus, by: str, within: str) -> list[str]:
    """What each of the compared bears of the attribute; empty where it is not known."""
    if within == by:
        raise ValueError(f"within {within!r}: each would hold one group; name another attribute")
    strata = [value_of(corpus, unit.id, within) for unit in chosen.units]
    if not any(strata):
        known = sorted({name for case in corpus.cases for name in case.attributes} - {by})
        raise ValueError(
            f"within {within!r}: nobody in the two groups bears it{did_you_mean(within, known)}; "
            f"expected one of {', '.join(known) or 'none, as there is no further attribute'}"
        )
    return strata


def _side(value: str, first: str, second: str) -> str:
    if value in {first, second}:
        return value
    return second if value and second == "others" else ""


class _Tester:
    """Counts and tests each code in the chosen participants."""

    def __init__(
        self, people: Incidence, labels: list[str], strata: list[str] | None, random_state: int
    ) -> None:
        self.people, self.labels, self.strata = people, labels, strata
        self.random_state = random_state

    def row(self, code_id: str, code: str, first: str, second: str) -> GroupDifference:
        said = self.people.of(code_id)
        counts = (*self._count(said, first), *self._count(said, second))
        row = GroupDifference(code_id, code, first, second, *counts)
        if 0 in {row.of_first, row.of_second}:
            return replace(row, reason="nobody was read for it in one of the groups")
        return self._tested(_described(row), said)

    def _count(self, said: Array, group: str) -> tuple[int, int]:
        mine = [value for value, label in zip(said, self.labels, strict=True) if label == group]
        read = [value for value in mine if not isnan(value)]
        return int(sum(read)), len(read)

    def _tested(self, row: GroupDifference, said: Array) -> GroupDifference:
        from reflect_analysis.coefficients import fisher_mid_p

        reason = _why_not(row)
        if reason:
            return replace(row, reason=reason)
        if self.strata is None:
            return replace(row, p=fisher_mid_p(*_table(row)))
        return self._within_strata(row, said, self.strata)

    def _within_strata(
        self, row: GroupDifference, said: Array, strata: list[str]
    ) -> GroupDifference:
        """Tested on those who bear a stratum: all others together are none."""
        import numpy as np

        from reflect_analysis.coefficients import permutation_p

        placed = np.where([bool(each) for each in strata], said, np.nan)
        n_first, of_first = self._count(placed, row.first)
        n_second, of_second = self._count(placed, row.second)
        reason = _why_not(
            replace(row, n_first=n_first, of_first=of_first, n_second=n_second, of_second=of_second)
        )
        if reason:
            return replace(row, reason=f"of those with a stratum: {reason}")
        found = permutation_p(placed, self.labels, strata=strata, random_state=self.random_state)
        return replace(row, p=found.value, reason=found.reason)


def _table(row: GroupDifference) -> tuple[int, int, int, int]:
    return row.n_first, row.of_first, row.n_second, row.of_second


def _described(row: GroupDifference) -> GroupDifference:
    from reflect_analysis.coefficients import newcombe_interval, probability_of_more

    low, high = newcombe_interval(*_table(row))
    more = probability_of_more(*_table(row)).value
    difference = row.n_first / row.of_first - row.n_second / row.of_second
    return replace(row, difference=difference, low=low, high=high, more=more)


def _why_not(row: GroupDifference) -> str:
    """Why a code is not tested; empty where it is."""
    if min(row.of_first, row.of_second) < FEWEST:
        return f"a group has fewer than {FEWEST} people"
    said = row.n_first + row.n_second
    if said < FEWEST:
        return f"fewer than {FEWEST} people mentioned it"
    if row.of_first + row.of_second - said < FEWEST:
        return f"fewer than {FEWEST} people did not mention it"
    return ""


def _adjusted(rows: list[GroupDifference]) -> tuple[GroupDifference, ...]:
    from reflect_analysis.coefficients import adjusted_p_values

    values = adjusted_p_values([row.p for row in rows])
    return tuple(replace(row, adjusted=float(p)) for row, p in zip(rows, values, strict=True))
