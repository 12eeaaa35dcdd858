"""What earlier releases told, as counts of today's persons: known to whoever reads the next one.

The ledger holds each printed count against its like. What follows from a sum of last year's and
one of today's only the solver sees (`differences`), so a count that was sent is told to it as
what it counts: the same codes, or what took their place, of those who were counted then. It is
told only where today's data still give the printed number; where they do not, or who was counted
is not here any more, or what was counted is not known (topics, states over sessions, scores,
bounds), the count is held against its like alone, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reflect_analysis.disclosure.counts import DEFAULT_K, is_sensitive
from reflect_analysis.disclosure.linked.differences import ToldRow
from reflect_analysis.disclosure.releases import ALL, PERSONS, Release, ReleasedCell

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.disclosure.linked.people import People

    Flags = npt.NDArray[np.bool_]
    # Who, or which texts, and of whom.
    Counted = tuple[Flags, Flags]

__all__ = ["THEN", "Sent", "printed_before", "quiet_before", "sent_rows", "sent_values"]

_AND = " and "
# How the attribute begins of who was counted in an earlier release.
THEN = "counted before, "
# What neither comparisons nor displays print as a group.
_NO_GROUP = frozenset({"", "not known"})
_IN_ALL = frozenset({PERSONS, "texts", "reflections", "segments"})
Values = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What of earlier releases is reckoned as known.

    Parameters
    ----------
    rows : tuple of ToldRow
        For the solver: what is told whatever follows from it.
    known : mapping of str to int
        By the name of a release, how many of its printed counts these are.
    unheld : mapping of str to int
        How many others of persons or texts could not be told: the data changed, who was counted
        is not here, or what is counted is not known.
    barred : tuple of array
        What must not follow today: the counts of those who were counted then and are here still.
        Subtracted from the counts of then they would tell of the few who are gone.
    """

    rows: tuple[ToldRow, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    unheld: Mapping[str, int] = field(default_factory=dict)
    barred: tuple[Flags, ...] = ()


def sent_values(
    releases: Sequence[Release],
    present: Collection[str],
    attribute_of: Callable[[str], Mapping[str, str]],
) -> Values:
    """What participants bear of the attributes in earlier releases, for `People`.

    Parameters
    ----------
    releases : sequence of Release
    present : collection of str
        The participants of today.
    attribute_of : callable
        What each of them bears of an attribute, by its name.
    """
    attributes = {
        cell.where[0][0] for each in releases for cell in each.cells if len(cell.where) == 1
    }
    found: Values = {name: dict(attribute_of(name)) for name in sorted(attributes)}
    for place, release in enumerate(releases):
        if _others_now(release, present):
            found[_then(place)] = dict.fromkeys(release.persons, "yes")
    return {name: each for name, each in found.items() if set(each.values()) - _NO_GROUP}


def _nothing(_: str) -> Sequence[str]:
    """What became of a code, where nobody knows."""
    return ()


def sent_rows(
    people: People,
    releases: Sequence[Release],
    present: Collection[str],
    became: Callable[[str], Sequence[str]] = _nothing,
    *,
    k: int = DEFAULT_K,
) -> Sent:
    """What earlier releases told, as far as today's data give the same numbers.

    Parameters
    ----------
    people : People
        With `sent_values` among its values.
    releases : sequence of Release
    present : collection of str
        The participants of today.
    became : callable
        The codes that stand in the place of one that is in use no more, together.
    k : int
        Counts of fewer persons are hidden.
    """
    rows: dict[bytes, ToldRow] = {}
    barred: dict[bytes, Flags] = {}
    known: Counter[str] = Counter()
    unheld: Counter[str] = Counter()
    for place, release in enumerate(releases):
        then = _Then(people, release, place, present, became, k)
        for row in then.rows():
            rows.setdefault(b"".join(units.tobytes() for units in row.cells), row)
        barred |= {units.tobytes(): units for units in then.barred}
        known[release.name] += then.known
        unheld[release.name] += then.unheld
    return Sent(tuple(rows.values()), +known, +unheld, tuple(barred.values()))


def printed_before(
    code: str, count: int, of: int, releases: Iterable[Release], present: Collection[str]
) -> Release | None:
    """The earlier release that printed a count of today's persons, if one did.

    Parameters
    ----------
    code : str
    count, of : int
        Participants who said it, of those who were read for it.
    releases : iterable of Release
    present : collection of str
        The participants of today.
    """
    for release in releases:
        cells = (cell for cell in release.cells if cell.key == (code, (), PERSONS) and cell.exact)
        same = not _others_now(release, present)
        if same and any((cell.low, cell.total) == (count, of) for cell in cells):
            return release
    return None


def quiet_before(
    releases: Iterable[Release], present: Collection[str], became: Callable[[str], Sequence[str]]
) -> frozenset[str]:
    """The codes whose reflections earlier releases hide beside change, and what became of them.

    Parameters
    ----------
    releases : iterable of Release
    present : collection of str
        The participants of today.
    became : callable
        As in `sent_rows`.
    """
    codes = {code for each in releases for code in each.quiet_of(present)}
    return frozenset(codes.union(*map(became, codes)))


def _others_now(release: Release, present: Collection[str]) -> bool:
    """Whether others were counted than today; where nobody knows whom, the same."""
    return bool(release.persons) and set(release.persons) != set(present)


def _then(place: int) -> str:
    """The attribute of who was counted in an earlier release."""
    return f"{THEN}{place}"


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a cell may count: which, of which, their parts, and what was printed beside it."""

    units: Flags
    of: Flags
    parts: tuple[Counted, ...]
    beside: tuple[Flags, ...] = ()


class _Then:
    """The counts of one earlier release."""

    def __init__(
        self,
        people: People,
        release: Release,
        place: int,
        present: Collection[str],
        became: Callable[[str], Sequence[str]],
        k: int,
    ) -> None:
        self.people, self.release, self.place, self.became = people, release, place, became
        self.gone = len(set(release.persons).difference(present))
        self.k, self.barred = k, list["Flags"]()
        self.others = _others_now(release, present)
        self.known = self.unheld = 0
        self.groups: dict[tuple[str, str], set[str]] = {}
        units = Counter({cell.what: 0 for cell in release.cells})
        for cell in release.cells:
            units[cell.what] += 1 if cell.unit == PERSONS else -1
            for name, group in cell.where:
                self.groups.setdefault((cell.what, name), set()).add(group)
        # Pairs by reflection or segment tell their units beside the persons.
        self.by_participant = any(n > 0 for what, n in units.items() if _AND in what)

    def rows(self) -> Iterator[ToldRow]:
        """What the release told that holds today as well."""
        if self.others and not self.gone:
            # Of those who came since no few may follow, nor of what they said.
            everyone = self.people.everyone()
            yield ToldRow(("sent", self.place), (self._among(everyone),), ((self._mask, everyone),))
        for cell in self.release.cells:
            if not cell.exact or cell.unit not in _IN_ALL or cell.what.startswith(ALL):
                continue
            told = list(self._told(cell))
            barred = list(self._barred(cell)) if self.gone else []
            self.barred += barred
            reckoned = bool(told or barred)
            self.known += reckoned
            self.unheld += not reckoned and not cell.of_all
            yield from told

    def _told(self, cell: ReleasedCell) -> Iterator[ToldRow]:
        """Each reading of a cell that gives its numbers."""
        for reading in self._readings(cell):
            counted, read = self._among(reading.units), self._among(reading.of)
            if self._gives(cell, counted, read):
                more = [self._among(each) for each in reading.beside]
                cells = (counted, *([read] if cell.total else []), *more)
                yield ToldRow(("sent", self.place, cell.key), cells, reading.parts)

    def _barred(self, cell: ReleasedCell) -> Iterator[Flags]:
        """What those who are here still are of a count, where the rest tells of those who went."""
        for reading in self._readings(cell):
            counted, read = self._among(reading.units), self._among(reading.of)
            went, of = cell.low - self._number(cell, counted), self.gone
            if cell.total:
                of = cell.total - self._number(cell, read)
            few = is_sensitive(went, of, self.k)
            if cell.unit != PERSONS:  # one person may have many
                few = self.gone < self.k or 0 < went < self.k
            # Of fewer than today, or of more than went, it is of others, or was read anew.
            possible = went >= 0 and of >= 0 and (went <= of or cell.unit != PERSONS)
            if possible and few and (went or of):
                yield counted

    def _number(self, cell: ReleasedCell, units: Flags) -> int:
        return self.people.documents(units) if cell.unit == "texts" else self.people.number(units)

    def _gives(self, cell: ReleasedCell, counted: Flags, read: Flags) -> bool:
        """Whether today's data give the numbers of a cell."""
        # Of how many a pair is may count texts of unknown persons, too.
        spare = self.people.unknown if cell.unit == PERSONS else 0
        if self.gone and not cell.total:  # they may be in it, and another came
            return False
        of = not cell.total or 0 <= cell.total - self._number(cell, read) <= spare
        return of and self._number(cell, counted) == cell.low

    @property
    def _mask(self) -> Flags:
        return self.people.within(_then(self.place), ["yes"])

    def _among(self, units: Flags) -> Flags:
        """Of some, those who were counted then."""
        if not self.others:
            return units
        texts = self.people.counts_texts(units)
        return units & (self.people.texts_of(self._mask) if texts else self._mask)

    def _readings(self, cell: ReleasedCell) -> Iterator[_Reading]:
        """What a cell may count, of whom, and what was printed beside it."""
        if codes := self._now(cell.codes or (cell.what,)):
            part = self._part(codes, cell.unit)
            if part is not None:
                yield from self._grouped(part, cell)
        elif not cell.where:
            for one, other in self._two(cell.what):
                yield from self._pair(one, other, cell.unit)

    def _now(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that are counted today for some of then; none where one is not known."""
        there, found = set(self.people.incidence.codes), list[str]()
        for code in codes:
            now = [code] if code in there else list(self.became(code))
            if not now or not there.issuperset(now):
                return ()
            found += now
        return tuple(dict.fromkeys(found))

    def _part(self, codes: Sequence[str], unit: str) -> Counted | None:
        if unit == PERSONS:
            return self.people.part(codes)
        mine = self.people.incidence.kind == "reflection" and unit == "texts"
        return self.people.texts_part(codes) if mine else None

    def _grouped(self, part: Counted, cell: ReleasedCell) -> Iterator[_Reading]:
        """The same of a group; who "others" are follows from the groups beside them."""
        if not cell.where:
            yield _Reading(*part, parts=(part,))
        elif len(cell.where) == 1 and cell.unit == PERSONS:
            ((name, group),) = cell.where
            for values in self._bearing(cell.what, name, group):
                units, everyone = self.people.within(name, values), self.people.everyone()
                yield _Reading(part[0] & units, part[1] & units, (part, (units, everyone)))

    def _bearing(self, what: str, name: str, group: str) -> Iterator[set[str]]:
        there = set(self.people.values.get(name, {}).values())
        if group in there:
            yield {group}
        elif there:
            rest = there - self.groups[what, name]
            yield from (rest, rest - _NO_GROUP) if rest & _NO_GROUP else (rest,)

    def _two(self, what: str) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
        """The two codes of a pair."""
        words = what.split(_AND)
        for place in range(1, len(words)):
            one, other = (
                self._now([_AND.join(words[:place])]),
                self._now([_AND.join(words[place:])]),
            )
            if one and other:
                yield one, other

    def _pair(self, one: Sequence[str], other: Sequence[str], unit: str) -> Iterator[_Reading]:
        """A pair tells the counts of both its codes, too: Jaccard and lift give them."""
        persons = self.people.part(one), self.people.part(other)
        texts = self.people.texts_part(one), self.people.texts_part(other)
        in_texts = _pair_of(*texts)
        if unit == PERSONS:
            found = _pair_of(*persons)
            if self.by_participant:
                yield found
            yield _Reading(self.people.speakers(in_texts.units), found.of, persons)
        elif unit == f"{self.people.incidence.kind}s":
            yield in_texts


def _pair_of(first: Counted, second: Counted) -> _Reading:
    (one, read_one), (other, read_other) = first, second
    read = read_one & read_other
    return _Reading(one & other, read, (first, second), (one & read, other & read))
