"""Tables that are too large to be read at once: the same reader, a part at a time.

What a column is taken for is decided once: its role by the header, and whether it identifies, or
mixes styles of dates, by the cells of the whole data set (`CellsSeen`). A part whose cells look
another way must not be read another way. Beside the texts stand what `read_corpus` finds in a
folder: the table of the participants, ``clearance.yaml`` and ``withdrawn.yaml``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reflect_analysis.corpus import Answer, Case, Clearance, Document, Tombstone
from reflect_analysis.errors import CorpusError, raise_all

from ._consent import consent_hint, strictest
from ._dates import style_of, usual_style
from ._found import Found, checked_kind, checked_language, checked_voice
from ._identifying import holds_identifiers, is_identifying
from ._language import with_languages
from ._sheets import Table, cell_text
from ._walk import Asked, files_of, read_files
from .tabular import _attributes, _Columns, _columns, _documents
from .withdrawn import withdrawn_in

__all__ = [
    "Beside",
    "CellsSeen",
    "DatasetColumns",
    "cell_faults",
    "dataset_columns",
    "read_beside",
    "read_part",
    "read_stones",
    "text_as_read",
]


@dataclass(frozen=True)
class DatasetColumns:
    """What each column of a data set is taken for.

    Parameters
    ----------
    header : tuple of str
        The columns that are read, in their order; those of direct identifiers are not.
    left_out : tuple of str
        Those.
    roles : mapping of roles to columns
    dates : mapping of str to str
        How dates are written in a column in which some are written otherwise, which are left out.
    """

    header: tuple[str, ...]
    left_out: tuple[str, ...]
    roles: _Columns
    dates: Mapping[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The columns that no role has."""
        return tuple(column for _, column in _attributes(self.header, self.roles))

    def without(self, columns: Iterable[str]) -> DatasetColumns:
        """The same without some columns that no role has: their cells identify."""
        out = tuple(columns)
        kept = tuple(column for column in self.header if column not in out)
        roles = _columns(Table("", "", "", kept, ()), {})
        return replace(self, header=kept, left_out=(*self.left_out, *out), roles=roles)

    def attribute(self, column: str, cell: str) -> str:
        """What is read of a cell of an attribute; ``""`` of a date in an odd style.

        Examples
        --------
        >>> columns = dataset_columns(["id", "text", "day"], "t")
        >>> columns = replace(columns, dates={"day": "2025-04-08"})
        >>> columns.attribute("day", "2025-05-01 "), columns.attribute("day", "1 May 2025")
        ('2025-05-01', '')
        """
        usual = self.dates.get(column, "")
        return "" if usual and style_of(cell) not in ("", usual) else cell.strip()

    def column(self, role: str) -> str | None:
        """The column of a role (``"id"``, ``"text"``, ``"participant"`` …), if there is one."""
        index = self.roles.at.get(role)
        return None if index is None else self.header[index]


def dataset_columns(header: Sequence[str], name: str) -> DatasetColumns:
    """Decide what the columns of a data set are.

    Parameters
    ----------
    header : sequence of str
    name : str
        How messages call it.

    Raises
    ------
    CorpusError
        With every fault: a name that stands twice, no id, no text, several columns that could be
        one of them, a column of consent or governance that cannot be read.

    Examples
    --------
    >>> columns = dataset_columns(["id", "Answer", "email"], "texts")
    >>> columns.column("text"), columns.column("participant"), columns.left_out
    ('Answer', None, ('email',))
    """
    out = tuple(column for column in header if is_identifying(column))
    kept = tuple(column for column in header if column not in out)
    roles = _columns(Table(name, "", name, kept, ()), {})
    raise_all(CorpusError, _column_faults(kept, roles, name))
    return DatasetColumns(kept, out, roles)


def _column_faults(header: tuple[str, ...], roles: _Columns, name: str) -> Iterator[str]:
    for column, count in Counter(header).items():
        if count > 1:
            yield f"{name}: the column {column!r} stands {count} times; rename or remove one"
    yield from roles.faults
    yield from (f"{name}: {fault}" for fault in roles.consent.faults)
    taken = {*roles.at.values(), *roles.consent.columns}
    told = " ".join(roles.consent.faults)
    for number, column in enumerate(header):
        hint = "" if number in taken or repr(column) in told else consent_hint(column)
        if hint:
            yield f"{name}: the column {column!r}: {hint}"
    needed = {"id": "an id of its own for each text", "text": "the texts"}
    for role, what in needed.items():
        if role not in roles.at and not any(f"be the {role}" in fault for fault in roles.faults):
            listed = ", ".join(repr(column) for column in header)
            yield f"{name}: expected a column {role!r} ({what}), came {listed}; name it so"


class CellsSeen:
    """What the cells of a column hold, told bit by bit: a few numbers are kept and no words.

    Examples
    --------
    >>> seen = CellsSeen()
    >>> list(seen.add(["2025-04-08", "2025-04-09", "9 April 2025", None]))
    ['2025-04-08', '2025-04-08', '8 April 2025', '']
    >>> seen.usual, seen.identify
    ('2025-04-08', False)
    """

    def __init__(self) -> None:
        self.identify = False
        self._filled = 0
        self._styles: Counter[str] = Counter()

    @property
    def usual(self) -> str:
        """How most dates are written where some are written otherwise; else ``""``."""
        return usual_style(self._styles, self._filled)

    def add(self, cells: Iterable[object]) -> Iterator[str]:
        """Look at some cells; of each the style of its date, ``""`` for what is no date."""
        known: dict[object, tuple[bool, str]] = {}
        for cell in cells:
            if cell not in known:
                known[cell] = self._judged(cell_text(cell))
            filled, style = known[cell]
            self._filled += filled
            if style:
                self._styles[style] += 1
            yield style

    def _judged(self, cell: str) -> tuple[bool, str]:
        self.identify = self.identify or holds_identifiers([cell])
        return bool(cell.strip()), style_of(cell)


def text_as_read(cell: object) -> str:
    """The text of a document that stands in a cell."""
    return cell_text(cell)


def read_part(
    rows: Iterable[tuple[str, Sequence[object]]], columns: DatasetColumns, source: str
) -> tuple[Document, ...]:
    """The documents of some rows, as the reader of tables makes them.

    Parameters
    ----------
    rows : iterable of (str, sequence of object)
        Each with its place, and its cells as in `DatasetColumns.header`.
    columns : DatasetColumns
    source : str
        The file.

    Raises
    ------
    CorpusError
        With every fault.
    """
    told = tuple((place, tuple(map(cell_text, cells))) for place, cells in rows)
    table = Table(source, "", Path(source).stem, columns.header, told)
    found = _documents(
        table, columns.roles, _attributes(table.header, columns.roles), _odd(table, columns)
    )
    raise_all(CorpusError, found.faults)
    documents, _ = with_languages(found.documents)
    return documents


def _odd(table: Table, columns: DatasetColumns) -> frozenset[tuple[str, int]]:
    """Places and columns of dates that are written otherwise than in most rows of the data set."""
    judged = [(n, c) for n, c in enumerate(table.header) if c in columns.dates]
    return frozenset(
        (place, n)
        for place, cells in table.rows
        for n, column in judged
        if cells[n].strip() and not columns.attribute(column, cells[n])
    )


@dataclass(frozen=True)
class Beside:
    """What stands beside the texts.

    Parameters
    ----------
    cases : tuple of Case
    clearances : tuple of Clearance
    withdrawn : tuple of Tombstone
    """

    cases: tuple[Case, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    withdrawn: tuple[Tombstone, ...] = ()


def read_beside(paths: Iterable[Path]) -> Beside:
    """Read the tables and papers that stand beside the texts.

    Parameters
    ----------
    paths : iterable of Path
        Tables of participants, ``clearance.yaml``, ``withdrawn.yaml``.

    Raises
    ------
    CorpusError
        With every fault; a file that holds texts is one.
    """
    given = list(paths)
    if not given:
        return Beside()
    places, _, faults = files_of(given)
    stones, rest, broken = withdrawn_in(places)
    found, _ = read_files(rest, Asked({}, {}))
    raise_all(CorpusError, [*faults, *broken, *found.faults, *_misplaced(found)])
    gone = {stone.case_id for stone in stones}
    cases = tuple(case for case in _cases(found) if case.id not in gone)
    return Beside(cases, found.clearances, stones)


def read_stones(paths: Iterable[Path]) -> tuple[Tombstone, ...]:
    """Who withdrew, as the papers beside the texts say.

    Parameters
    ----------
    paths : iterable of Path
        Of these only ``withdrawn.yaml`` is opened; `read_beside` opens all.

    Raises
    ------
    CorpusError
        If it cannot be read: nobody knows then who withdrew.
    """
    places, _, _ = files_of(paths)
    stones, _, faults = withdrawn_in(places)
    raise_all(CorpusError, faults)
    return stones


def _misplaced(found: Found) -> Iterator[str]:
    for source in dict.fromkeys(document.source for document in found.documents):
        yield (
            f"{source}: holds texts; all texts of a data set stand in its Parquet files, beside "
            "them only the participants, clearance.yaml and withdrawn.yaml"
        )
    for case_id, count in Counter(case.id for case, _ in found.cases).items():
        if count > 1:
            yield f"participant {case_id!r} stands {count} times; give each participant one row"


def _cases(found: Found) -> Iterator[Case]:
    """The participants, each with the strictest of their answers."""
    answers: dict[str, list[Answer]] = {}
    for case_id, answer in found.consents:
        answers.setdefault(case_id, []).append(answer)
    for case, _ in found.cases:
        yield replace(case, quotes=strictest(answers[case.id])) if case.id in answers else case


def cell_faults(cells: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What is wrong with the different cells of the columns that hold a few known words.

    Parameters
    ----------
    cells : mapping of str to iterable of str
        By role: ``"kind"``, ``"language"``, ``"voice"``.
    """
    faults: list[str] = []
    for cell in cells.get("kind", ()):
        checked_kind(cell, "reflection", faults)
    for cell in cells.get("voice", ()):
        checked_voice(cell, faults)
    for cell in cells.get("language", ()):
        checked_language(cell, faults)
    yield from faults
