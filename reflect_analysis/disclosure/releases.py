"""What was told to whom: the shown counts and quotes of one release, and nothing that was hidden.

A release is what a recipient can read off the files. A printed count is its own smallest
and largest value, a hidden one keeps the bounds that its mark leaves, so whoever holds
the ledger learns no more of a hidden count than the recipients did. The pseudonyms of those
who were counted are kept beside, because two tables can only be subtracted from each other
if they count nearly the same persons; the ledger therefore lies in ``keep``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reflect_analysis.disclosure.cells import NOT_KNOWN, SuppressedTable
from reflect_analysis.disclosure.counts import HIDDEN, Shown
from reflect_analysis.disclosure.rounding import bucket
from reflect_analysis.provenance import now

__all__ = [
    "AGREEMENT",
    "ALL",
    "ALL_TEXTS",
    "PERSONS",
    "Release",
    "ReleasedCell",
    "ReleasedQuote",
    "Where",
    "released_count",
    "released_table",
    "released_total",
]

# Attributes and their values, in alphabetical order of the attributes.
Where = tuple[tuple[str, str], ...]
PERSONS = "persons"
# How the ledger calls the agreement of coders on something.
AGREEMENT = "agreement"
# How the ledger calls what a study has in all.
ALL = "all "
ALL_TEXTS = f"{ALL}texts"


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """One count of persons as a recipient has it.

    Parameters
    ----------
    what : str
        What they said: the id of a code. Empty for a count of persons by attributes.
    where : tuple of (str, str)
        The attributes that the persons share; empty for all of them.
    low, high : int
        What can be read off: the count lies in [low, high].
    total : int
        Persons in the group: the denominator. The count itself where it counts all of them;
        0 where no denominator is printed.
    unit : str
        ``"persons"``, or what is theirs: ``"texts"``, ``"passages"``, ``"communities"`` …
    codes : tuple of str
        The codes any of which they said, where `what` is no code itself.
    """

    what: str
    where: Where
    low: int
    high: int
    total: int
    unit: str = PERSONS
    codes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def key(self) -> tuple[str, Where, str]:
        """What is counted, whenever and of how many."""
        return self.what, self.where, self.unit

    @property
    def of_all(self) -> bool:
        """Whether it says how many there are, and not how many of them said something."""
        return not self.what or (self.exact and self.low == self.total)

    @property
    def exact(self) -> bool:
        """Whether the count itself was printed."""
        return self.low == self.high

    @property
    def name(self) -> str:
        """What is counted, in words: ids and values of attributes alone."""
        about = ", ".join(f"{name} {value}" for name, value in self.where)
        unit = "" if self.unit == PERSONS else f" ({self.unit})"
        return " of ".join(filter(None, (f"{self.what or 'participants'}{unit}", about)))


@dataclass(frozen=True, slots=True)
class ReleasedQuote:
    """A quote that was sent: where it stands and what stood behind it, never its words."""

    document_id: str
    start: int
    end: int
    attribution: str

    @property
    def span(self) -> tuple[str, int, int]:
        """Document and offsets."""
        return self.document_id, self.start, self.end


@dataclass(frozen=True, slots=True)
class Release:
    """What one recipient was sent.

    Parameters
    ----------
    to : str
        The recipient: ``"ministry"``, ``"website"`` … Everybody is taken to know everything
        that anybody was sent.
    cells : tuple of ReleasedCell
    quotes : tuple of ReleasedQuote
    persons : tuple of str
        Pseudonyms of those who were counted; empty where nobody knows.
    at : datetime
    title : str
    withheld : tuple of str
        What was hidden because of earlier releases, with the reason.
    remarks : tuple of str
        What of earlier releases was reckoned as known, and what could not be.
    book : tuple of str
        The codes in use then; empty where nobody knows.
    became : tuple of (str, tuple of str)
        Codes in use no more, each with those that stood in its place.
    quiet : tuple of str
        Codes whose reflections and passages it hides beside what was told of change, then or
        before.
    """

    to: str
    cells: tuple[ReleasedCell, ...] = ()
    quotes: tuple[ReleasedQuote, ...] = ()
    persons: tuple[str, ...] = ()
    at: datetime = field(default_factory=now)
    title: str = ""
    withheld: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    book: tuple[str, ...] = field(default=(), repr=False)
    became: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    quiet: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.to.strip():
            raise ValueError("a release needs a recipient: name whom it is sent to")

    @property
    def name(self) -> str:
        """Recipient and day, for a message."""
        return f"what was sent to {self.to} on {self.at:%Y-%m-%d}"

    def few_apart(self, other: Release, k: int) -> bool | None:
        """Whether some, but fewer than k, persons came or went between two releases.

        `None` where nobody knows whom one of them counts.
        """
        if not self.persons or not other.persons:
            return None
        ours, theirs = set(self.persons), set(other.persons)
        return 0 < len(ours - theirs) < k or 0 < len(theirs - ours) < k

    def counts_same(self, other: Release) -> bool:
        """Whether two releases count the same persons, as far as anybody knows."""
        if not self.persons or not other.persons:
            return True
        return set(self.persons) == set(other.persons)

    def overlaps(self, other: Release, k: int) -> bool:
        """Whether one release, or all of it but a few persons, is counted in the other again."""
        if not self.persons or not other.persons:
            return True
        first, second = set(self.persons), set(other.persons)
        return len(first - second) < k or len(second - first) < k

    def quiet_of(self, persons: Collection[str]) -> tuple[str, ...]:
        """What it keeps quiet of some persons: all, unless none of them was counted."""
        others = bool(self.persons and persons) and not set(self.persons).intersection(persons)
        return () if others else self.quiet

    def __repr__(self) -> str:
        counts = f"{len(self.cells)} counts, {len(self.quotes)} quotes"
        return f"<Release to {self.to!r} on {self.at:%Y-%m-%d}: {counts}>"


def released_total(what: str, number: int, unit: str = PERSONS) -> ReleasedCell:
    """A number that says how many there are: participants, texts, passages of a code.

    Those of persons and of texts are held against earlier ones by themselves; all others only
    where few persons came or went.

    Examples
    --------
    >>> released_total("all texts", 90, "texts").of_all
    True
    """
    return ReleasedCell(what, (), number, number, number if unit in (PERSONS, "texts") else 0, unit)


def released_count(what: str, shown: Shown, total: int) -> ReleasedCell:
    """A count of all participants as it was printed beside its denominator.

    Examples
    --------
    >>> from reflect_analysis.disclosure import show_count
    >>> released_count("belonging", show_count(3, 36), 36)
    ReleasedCell(what='belonging', where=(), low=1, high=4, total=36, unit='persons')
    """
    return ReleasedCell(what, (), shown.low, min(shown.high, total), total)


def released_table(table: SuppressedTable, by: str | Sequence[str]) -> tuple[ReleasedCell, ...]:
    """The counts of a table by attributes as it was printed, margins included.

    Parameters
    ----------
    table : SuppressedTable
    by : str or two of them
        The attribute of the columns, where the rows are what people said; the attributes of
        rows and columns of a cross-table.

    Returns
    -------
    tuple of ReleasedCell

    Raises
    ------
    ValueError
        If a cross-table comes with one attribute, or a table of what people said with two.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    wanted = 1 if table.sizes else 2
    if len(names) != wanted:
        raise ValueError(f"expected {wanted} attribute{'s' * (wanted > 1)}, not {names!r}")
    return tuple(_said(table, names[0]) if table.sizes else _crossed(table, names))


def _said(table: SuppressedTable, by: str) -> Iterator[ReleasedCell]:
    for row, cells in zip(table.index, table.cells, strict=True):
        for column, cell, size in zip(table.columns, cells, table.sizes, strict=True):
            where = () if column == table.columns[-1] else ((by, column),)
            if cell != NOT_KNOWN:
                low, high = _read(cell, table.rounding, size)
                yield ReleasedCell(row, where, low, high, size)


def _crossed(table: SuppressedTable, by: Sequence[str]) -> Iterator[ReleasedCell]:
    corner = table.cells[-1][-1]
    total = _read(corner, table.rounding, None)[1] if corner != HIDDEN else 0
    for row, cells in zip(table.index, table.cells, strict=True):
        for column, cell in zip(table.columns, cells, strict=True):
            parts = [(by[0], row)] if row != table.index[-1] else []
            parts += [(by[1], column)] if column != table.columns[-1] else []
            low, high = _read(cell, table.rounding, total)
            yield ReleasedCell("", tuple(sorted(parts)), low, high, total)


def _read(cell: str, base: int, most: int | None) -> tuple[int, int]:
    """The smallest and largest count that a printed cell can stand for."""
    if cell == HIDDEN:
        return 0, most or 0
    return bucket(int(cell), base) if base else (int(cell), int(cell))
