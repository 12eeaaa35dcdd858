"""Codes against texts, participants or groups: the tables that others calculate with.

Rows are units or groups, columns are codes, and three things stay apart in every cell: found,
read and not found (0), not read (NaN). A matrix of texts or of participants has a row for one
person and is never sent; of groups, what may be sent is `CodeMatrix.shown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure import (
    DEFAULT_K,
    HIDDEN,
    SuppressedTable,
    TreeCount,
    governed_groups,
    hidden_in_groups,
    show_count,
    suppress_table,
)
from reflect_analysis.errors import did_you_mean
from reflect_analysis.incidence import CodedUnit, Incidence, find_incidence
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.incidence import Array

__all__ = ["UNKNOWN_GROUP", "CodeMatrix", "code_matrix"]

UNKNOWN_GROUP = "not known"
_UNITS = ("document", "case")
_NOT_KNOWN = "–"


@dataclass(frozen=True, eq=False)
class CodeMatrix:
    """Codes against texts, participants or groups, exact: for the study's own people.

    Parameters
    ----------
    values : array of shape (n_rows, n_codes)
        Of a text or participant 1 found, 0 read and not found (or the number of passages); of a
        group its participants in whom the code was found. NaN where nobody read for the code.
    read : array of shape (n_rows, n_codes)
        Participants of a group who were read for the code; of a text or participant 1 or 0.
    rows : tuple of str
        Ids of documents or cases, or the values of the attribute.
    codes : tuple of str
        Ids, in the codebook's order.
    by : str
        ``"document"``, ``"case"`` or the attribute.
    names : mapping of str to str
        Codes by id.
    sizes : tuple of int
        Participants of each group who were read for any code; empty for texts and participants.
    people : int
        Participants who were read for any code, whatever their group.
    repeated : bool
        Whether a participant stands in several groups, as with sessions: then groups are no
        parts of a whole, and there is no total.
    governed : frozenset of str
        Groups that stand for a governed community.
    parents : mapping of str to str
        The code above each code; codes without one are left out.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    """

    values: Array
    read: Array
    rows: tuple[str, ...]
    codes: tuple[str, ...]
    by: str
    names: Mapping[str, str] = field(repr=False)
    sizes: tuple[int, ...] = ()
    people: int = 0
    repeated: bool = False
    governed: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict, repr=False)
    draft: bool = False
    runs: tuple[Run, ...] = ()

    @property
    def of_groups(self) -> bool:
        """Whether a row is a group of participants; otherwise it is one text or one person."""
        return self.by not in _UNITS

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """(n_rows, n_codes) of floats, indexed by ``document_id``, ``case_id`` or the attribute."""
        import pandas as pd

        frame = pd.DataFrame(self.values, index=list(self.rows), columns=list(self.codes))
        return frame.rename_axis(index=self.by if self.of_groups else f"{self.by}_id")

    @cached_property
    def unlike(self) -> tuple[str, ...]:
        """Codes for which other participants were read than for most, so that no N fits all.

        They stand in no table of groups that is sent; a code that nobody read for is none.
        """
        wanted = self._sizes
        return tuple(
            code
            for column, code in enumerate(self.codes)
            if self.read[:, column].any() and self._sizes_of(column) != wanted
        )

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        """How many of each group were read for most codes."""
        found = [self._sizes_of(column) for column in range(len(self.codes))]
        found = [sizes for sizes in found if any(sizes)]
        return max(found, key=found.count) if found else self.sizes

    def _sizes_of(self, column: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self.read[:, column])

    def shown(self, *, k: int = DEFAULT_K) -> SuppressedTable:
        """Codes by group as they may be sent: small counts hidden with what gives them back.

        Parameters
        ----------
        k : int
            Counts of fewer persons are hidden; at least 3.

        Returns
        -------
        SuppressedTable
            A row a code. Groups of fewer than k, and governed ones with others, are joined;
            where a participant stands in several groups (sessions), each column stands for
            itself, governed ones are left out, and there is no total. A code for which others
            were read than for most is "–" (`unlike`).

        Raises
        ------
        ValueError
            If the rows are texts or participants: these are never sent.
        """
        if not self.of_groups:
            raise ValueError(f"a row is one {self.by}: such a matrix is to be kept, never sent")
        sizes = dict(zip(self.rows, self._sizes, strict=True))
        if self.repeated:
            return self._each_alone(sizes, k)
        present = [name for name in self.rows if sizes[name]]
        governed = self.governed.intersection(present)
        counts = self._counts()[present]
        return suppress_table(counts, sizes=sizes, k=k, governed=governed)

    def tied(self, *, k: int = DEFAULT_K) -> frozenset[str]:
        """Codes that others above or below them would give back, in one group or in all.

        Groups of fewer than k are taken together, as they are shown.
        """
        large = [row for row, size in enumerate(self._sizes) if size >= k]
        small = [row for row in range(len(self)) if row not in large]
        parts = [[row] for row in large]
        parts += [] if self.repeated else [small, list(range(len(self)))]
        return hidden_in_groups((list(self._tree_counts(part)) for part in parts), k)

    def _tree_counts(self, rows: list[int]) -> Iterator[TreeCount]:
        """The counts of each code in some groups together."""
        for column, code in enumerate(self.codes):
            read = int(self.read[rows, column].sum())
            if read and code not in self.unlike:
                said = sum(n for n in self.values[rows, column].tolist() if n == n)  # noqa: PLR0124  # NaN
                yield TreeCount(code, self.parents.get(code, ""), int(said), read)

    def _counts(self) -> pd.DataFrame:
        """Codes × groups, without what cannot stand beside the others."""
        frame = self.to_frame().T
        frame.loc[list(self.unlike)] = float("nan")
        return frame

    def _each_alone(self, sizes: Mapping[str, int], k: int) -> SuppressedTable:
        """Columns that share participants: none is a part of another."""
        groups = [name for name in self.rows if name not in self.governed and sizes[name]]
        frame = self._counts()[groups]
        cells = tuple(
            tuple(_printed(value, sizes[name], k) for name, value in zip(groups, row, strict=True))
            for row in frame.to_numpy().tolist()
        )
        of = tuple(sizes[name] for name in groups)
        return SuppressedTable(self.codes, tuple(groups), cells, k, of)

    def __repr__(self) -> str:
        draft = ", DRAFT" if self.draft else ""
        return f"<CodeMatrix: {len(self)} × {self.by}, {len(self.codes)} codes{draft}>"

    def _repr_html_(self) -> str:
        if self.of_groups:
            head = ("Code", *self.rows)
            rows = [(self.names[code], *self._told(n)) for n, code in enumerate(self.codes)]
        else:
            head = ("Code", f"{self.by}s with it", "read for it")
            found, read = (self.values > 0).sum(axis=0), self.read.sum(axis=0)
            counts = zip(self.codes, found.tolist(), read.tolist(), strict=True)
            rows = [(self.names[code], str(n), f"{of:.0f}") for code, n, of in counts]
        table = html_table(head, rows)
        return f"<p>{escape(repr(self))} Exact: to keep, not to send.</p>{table}"

    def _told(self, column: int) -> list[str]:
        """One code in each group: how many of how many."""
        pairs = zip(self.values[:, column].tolist(), self.read[:, column].tolist(), strict=True)
        return [f"{n:.0f} of {of:.0f}" if of else _NOT_KNOWN for n, of in pairs]


def _printed(value: float, size: int, k: int) -> str:
    if value != value:  # noqa: PLR0124  # not a number: nobody read for it
        return _NOT_KNOWN
    shown = show_count(int(value), size, k=k)
    return shown.text if shown.exact else HIDDEN


def code_matrix(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    by: str = "case",
    counts: bool = False,
    only_whole: bool = False,
    use: str = "tables",
) -> CodeMatrix:
    """Set codes against texts, participants, or groups of participants.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use is not approved are left out.
    codebook : Codebook
        Codes in use, in its order; a passage of a subcode counts for its parent too.
    by : str
        ``"document"``, ``"case"``, or an attribute of participants or of their texts, such as
        ``"role"`` or ``"session"``: then participants of each group are counted.
    counts : bool
        Passages instead of 0 and 1, for texts and participants.
    only_whole : bool
        Whether a 0 needs every text of the unit to have been read for the code. Otherwise who
        was read once in three texts was read, as in the theme table.
    use : str
        The use that governed records must be approved for.

    Returns
    -------
    CodeMatrix
        A document of unknown case is a document, and stands in no row of participants or
        groups. Participants without the attribute are the group ``"not known"``, so that no
        group follows from the total of another table.

    Raises
    ------
    ValueError
        If nobody bears the attribute; or counts of passages by group are asked for, which one
        talkative participant would decide.
    UnknownIdError
        If a coding names a code that the codebook lacks.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Codebook, Group
    >>> from reflect_analysis.codings import Coding, Codings, Seen
    >>> from reflect_analysis.corpus import Case, Corpus, Document
    >>> book = Codebook((Code("joy", "Joy", "Gladness.", "g"),), (Group("g", "G"),))
    >>> texts = tuple(Document(f"R{n}", "So glad.", case_id=f"P{n}") for n in (1, 2, 3))
    >>> corpus = Corpus(texts, tuple(Case(f"P{n}") for n in (1, 2, 3)))
    >>> log = Codings((Coding("R1", 0, 7, "joy", "ada"),), seen=(Seen("ada", "R1"),
    ...     Seen("ada", "R2")))
    >>> code_matrix(log, corpus=corpus, codebook=book).to_frame()["joy"].tolist()
    [1.0, 0.0, nan]
    """
    if counts and by not in _UNITS:
        raise ValueError(f"passages by {by}: one participant would decide them; leave counts out")
    found = find_incidence(codings, corpus=corpus, codebook=codebook, use=use)
    names = {code.id: code.name for code in codebook.public()}
    if by in _UNITS:
        return _of_units(found, by, names, counts=counts, only_whole=only_whole)
    parents = {code.id: code.parent for code in codebook if code.parent}
    return replace(_of_groups(found, by, names, corpus), parents=parents)


def _of_units(
    found: Incidence, by: str, names: Mapping[str, str], *, counts: bool, only_whole: bool
) -> CodeMatrix:
    import numpy as np

    def key(unit: CodedUnit) -> str | None:
        return unit.document_ids[0] if by == "document" else unit.case_id

    units = found.grouped(key, by)
    values = np.array(units.passages if counts else units.said)
    if only_whole:
        unread = dict.fromkeys((unit.id for unit in units.units), np.zeros(len(found.codes), bool))
        for unit, row in zip(found.units, np.isnan(found.passages), strict=True):
            name = key(unit)
            if name is not None:
                unread[name] = unread[name] | row
        partly = np.array(list(unread.values())).reshape(values.shape)
        values[partly & (values == 0)] = np.nan
    read = (~np.isnan(values)).astype(float)
    rows = tuple(unit.id for unit in units.units)
    return CodeMatrix(
        values, read, rows, found.codes, by, names, draft=found.draft, runs=found.runs
    )


def _of_groups(found: Incidence, by: str, names: Mapping[str, str], corpus: Corpus) -> CodeMatrix:
    import numpy as np

    known = found.take(lambda unit: unit.case_id is not None)
    groups = {unit.id: _group(unit, by, corpus) for unit in known.units}
    there = sorted({*groups.values()} - {""}, key=_order)
    if not there:
        told = {name for d in corpus for name in corpus.attributes_of(d)}
        told |= {name for case in corpus.cases for name in case.attributes}
        raise ValueError(f"no participant’s text has a value of {by!r}{did_you_mean(by, told)}")
    rows = [*there, *([UNKNOWN_GROUP] if "" in groups.values() else [])]
    parts = [
        known.take(lambda unit, name=name: (groups[unit.id] or UNKNOWN_GROUP) == name).grouped(  # type: ignore[misc]  # a default that keeps this turn's name
            lambda unit: unit.case_id, by
        )
        for name in rows
    ]
    read = np.array([(~np.isnan(part.said)).sum(axis=0) for part in parts], float)
    said = np.array([np.nansum(part.said, axis=0) for part in parts], float)
    values = np.where(read > 0, said, np.nan)
    people = [unit.id for part in parts for unit in _read_units(part)]
    return CodeMatrix(
        values,
        read,
        tuple(rows),
        found.codes,
        by,
        names,
        sizes=tuple(len(_read_units(part)) for part in parts),
        people=len(set(people)),
        repeated=len(people) > len(set(people)),
        governed=governed_groups(corpus, by),
        draft=found.draft,
        runs=found.runs,
    )


def _read_units(part: Incidence) -> list[CodedUnit]:
    """The units that somebody read for any code."""
    import numpy as np

    rows = np.flatnonzero((~np.isnan(part.said)).any(axis=1))
    return [part.units[row] for row in rows]


def _group(unit: CodedUnit, by: str, corpus: Corpus) -> str:
    """What a participant's text belongs to: the text's own value, else the participant's."""
    for document_id in unit.document_ids:
        own = corpus.document(document_id).attributes.get(by)
        if own not in (None, ""):
            return str(own)
    of_case = corpus.case(unit.case_id or "").attributes.get(by)
    return "" if of_case is None else str(of_case)


def _order(value: str) -> tuple[bool, float, str]:
    """Numbers as numbers, before words."""
    try:
        return False, float(value), value
    except ValueError:
        return True, 0.0, value
