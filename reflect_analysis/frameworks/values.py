"""A framework: rows that a report speaks to, and the codes whose passages speak for or against.

A framework is somebody's claim about the world, such as what an effective programme includes or
which model fits which condition. Coded passages are accounts of it; they do not prove it, and
those who left did not write them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.errors import FrameworkError, UnknownIdError, did_you_mean, raise_all
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook

__all__ = ["Framework", "FrameworkKind", "FrameworkRow", "UseCase", "faults_between"]

Location = tuple[str | int, ...]

FrameworkKind = Literal["components", "decision-matrix", "theory-of-change", "checklist"]


@dataclass(frozen=True, slots=True)
class FrameworkRow:
    """One row: a component, a model, a link in a chain, or a question of a checklist.

    Parameters
    ----------
    id, name : str
    part : str
        The heading under which it stands, such as ``"need"`` in a theory of change.
    text : str
        What it says, in the framework's words.
    condition : str
        In a decision matrix, under which condition it comes first.
    indicators : tuple of str
        Names of the workforce indicators that tell of the condition.
    supports, contradicts : tuple of str
        Codes whose passages speak for it, and against it.
    terms : tuple of str
        In a checklist, words that a report should not use.
    """

    id: str
    name: str
    part: str = ""
    text: str = ""
    condition: str = ""
    indicators: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes of the row."""
        return self.supports + self.contradicts


@dataclass(frozen=True, slots=True)
class UseCase:
    """A situation with the model that comes first in it and those beside it, by row id."""

    situation: str
    primary: str
    complementary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Framework:
    """Rows of a framework, checked when made.

    Parameters
    ----------
    id, title : str
    kind : {"components", "decision-matrix", "theory-of-change", "checklist"}
    rows : tuple of FrameworkRow
    use_cases : tuple of UseCase
    always_said : tuple of str
        Sentences that stand under every output of it.
    source, licence : str

    Raises
    ------
    FrameworkError
        If it has no row, ids are doubled, a code stands twice in a row, or a use case names an
        unknown row: every fault at once.
    """

    id: str
    title: str
    kind: FrameworkKind
    rows: tuple[FrameworkRow, ...]
    use_cases: tuple[UseCase, ...] = ()
    always_said: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        raise_all(FrameworkError, self._faults())

    def _faults(self) -> Iterator[str]:
        if not self.rows:
            yield f"framework {self.id!r} has no row"
        counted = Counter(row.id for row in self.rows if row.id)
        yield from (f"two rows bear the id {each!r}" for each, n in counted.items() if n > 1)
        for _, told in faults_between(self.rows, self.use_cases):
            yield told

    @cached_property
    def _by_id(self) -> dict[str, FrameworkRow]:
        return {row.id: row for row in self.rows}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the content: which version of the framework was filled."""
        rows, cases = map(astuple, self.rows), map(astuple, self.use_cases)
        return fingerprint(self.id, self.kind, list(rows), list(cases), self.always_said)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[FrameworkRow]:
        return iter(self.rows)

    def __getitem__(self, row_id: str) -> FrameworkRow:
        """A row by its id, or `UnknownIdError`."""
        if row_id not in self._by_id:
            hint = did_you_mean(row_id, self._by_id)
            raise UnknownIdError(f"the framework {self.id!r} has no row {row_id!r}{hint}")
        return self._by_id[row_id]

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes of all rows, each once."""
        return tuple(dict.fromkeys(code for row in self.rows for code in row.codes))

    @property
    def terms(self) -> tuple[str, ...]:
        """All words that a report should not use, each once."""
        return tuple(dict.fromkeys(term for row in self.rows for term in row.terms))

    def check_codes(self, codebook: Codebook) -> None:
        """Raise `FrameworkError` with every code that the codebook lacks or has retired."""
        raise_all(FrameworkError, self.code_faults(codebook), _heading(self))

    def code_faults(self, codebook: Codebook) -> Iterator[str]:
        """Every code that the codebook lacks or has retired, with its row and what to do."""
        for row in self.rows:
            for code in row.codes:
                if code not in codebook:
                    hint = did_you_mean(code, codebook.ids)
                    yield f"row {row.id!r}: the codebook has no code {code!r}{hint}"
                elif codebook[code].retired:
                    new = " and ".join(map(repr, codebook.current_ids(code)))
                    place = f"; name {new} in its place" if new else "; take it out"
                    yield f"row {row.id!r}: the code {code!r} is retired{place}"

    def to_frame(self) -> pd.DataFrame:
        """One row a row, the fields of `FrameworkRow` as columns."""
        return to_frame(self.rows, FrameworkRow)

    def __repr__(self) -> str:
        return f"<Framework {self.title!r}: {self.kind}, {len(self)} rows>"

    def _repr_html_(self) -> str:
        rows = (
            (row.part, row.name, row.condition, _listed(row.supports), _listed(row.contradicts))
            for row in self.rows
        )
        table = html_table(("Part", "Row", "Condition", "For", "Against"), rows)
        said = "".join(f"<p>{escape(each)}</p>" for each in self.always_said)
        return f"<p>{escape(repr(self))}</p>{table}{said}"


def faults_between(
    rows: Sequence[FrameworkRow], use_cases: Sequence[UseCase]
) -> Iterator[tuple[Location, str]]:
    """What is wrong between rows and use cases, each with its place in the file."""
    ids = [row.id for row in rows]
    for number, row in enumerate(rows):
        for side, codes in (("for", row.supports), ("against", row.contradicts)):
            for code in sorted({each for each in codes if codes.count(each) > 1}):
                yield ("rows", number, side), f"row {row.id!r}: {code!r} stands twice in {side!r}"
        for code in sorted(set(row.supports) & set(row.contradicts)):
            told = f"row {row.id!r}: {code!r} cannot speak both for it and against it"
            yield ("rows", number, "against"), told
    for number, case in enumerate(use_cases):
        named = [case.primary, *case.complementary]
        for wanted in dict.fromkeys(filter(None, named)):
            if wanted not in ids:
                hint = did_you_mean(wanted, ids)
                yield ("use_cases", number), f"a use case names the row {wanted!r}{hint}"
            elif named.count(wanted) > 1:
                yield ("use_cases", number), f"a use case names the row {wanted!r} twice"


def _heading(framework: Framework) -> str:
    return f"{framework.title!r} does not fit the codebook:"


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(codes)
