"""The examples of a codebook as its tests: what the rules say of each.

An example must be found and a counter-example must not. What is found or passed over is told by
pattern and offsets, never by words: in a study's own codebook the examples are participants'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.evidence import told_finds
from reflect_analysis.coders.judging import Find
from reflect_analysis.coders.rules import RuleCoder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExampleCheck", "ExampleRow", "check_examples", "family"]

Kind = Literal["example", "counter-example"]


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """What the rules say of one example or counter-example.

    Parameters
    ----------
    code_id : str
    kind : {"example", "counter-example"}
    number : int
        Which of them, from 1.
    passed : bool
        An example that is found, or a counter-example that is not.
    found : str
        The patterns that count, with their offsets; a subcode's with its id.
    blocked : str
        What was passed over and why.
    """

    code_id: str
    kind: Kind
    number: int
    passed: bool
    found: str = ""
    blocked: str = ""

    def __str__(self) -> str:
        """What happened to it, in words."""
        told = f"found by {self.found}" if self.found else "nothing found"
        blocked = f"; passed over {self.blocked}" if self.blocked else ""
        return f"{self.kind} {self.number}: {told}{blocked}"


@dataclass(frozen=True)
class ExampleCheck:
    """The examples of a codebook, run through its rules.

    Parameters
    ----------
    rows : tuple of ExampleRow
        By code, examples before counter-examples.
    unchecked : tuple of str
        Codes with examples for which there are no rules: no pattern, or human-only.
    """

    rows: tuple[ExampleRow, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all pass; true also where there is nothing to check."""
        return not self.failed

    @property
    def failed(self) -> tuple[ExampleRow, ...]:
        """Those that do not pass."""
        return tuple(row for row in self.rows if not row.passed)

    def to_frame(self) -> pd.DataFrame:
        """One row an example or counter-example, the fields of `ExampleRow` as columns."""
        return to_frame(self.rows, ExampleRow)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ExampleRow]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"<ExampleCheck: {self._summary()}>"

    def __str__(self) -> str:
        """A line a code, and below it a line for each that does not pass."""
        return "\n".join([*self._lines(), f"{self._summary()}."])

    def _summary(self) -> str:
        told = f"{len(self) - len(self.failed)} of {len(self)} examples and counter-examples pass"
        left = f"; no rules look for {', '.join(self.unchecked)}" if self.unchecked else ""
        return told + left

    def _lines(self) -> Iterator[str]:
        for code_id in dict.fromkeys(row.code_id for row in self.rows):
            rows = [row for row in self.rows if row.code_id == code_id]
            counts = ", ".join(_counted(rows, kind) for kind in ("example", "counter-example"))
            yield f"{code_id}: {counts}"
            yield from (f"  {row}" for row in rows if not row.passed)

    def _repr_html_(self) -> str:
        """What does not pass, then the counts by code."""
        failed = [(row.code_id, row) for row in self.failed]
        faults = html_table(("Code", "Does not pass"), failed) if failed else ""
        counts = html_table(("Code", "Examples pass", "Counter-examples pass"), self._counts())
        return f"<p>{escape(repr(self))}</p>{faults}{counts}"

    def _counts(self) -> Iterator[tuple[str, ...]]:
        for code_id in dict.fromkeys(row.code_id for row in self.rows):
            rows = [row for row in self.rows if row.code_id == code_id]
            yield (code_id, *(_share(rows, kind) for kind in get_args(Kind)))


def _counted(rows: Sequence[ExampleRow], kind: str) -> str:
    """How many of a kind pass."""
    chosen = [row for row in rows if row.kind == kind]
    noun = f"{kind}{'' if len(chosen) == 1 else 's'}"
    return f"{_share(rows, kind)} {noun} pass"


def _share(rows: Sequence[ExampleRow], kind: str) -> str:
    chosen = [row.passed for row in rows if row.kind == kind]
    return f"{sum(chosen)} of {len(chosen)}"


def check_examples(
    codebook: Codebook, *, model: str | None = None, cache: Cache | None = None
) -> ExampleCheck:
    """Run every example and counter-example of a codebook through its rules.

    What a subcode finds is found for its parent too, as in every table.

    Parameters
    ----------
    codebook : Codebook
    model : str, optional
        The English model; see `language.parse`.
    cache : Cache, optional
        Where parses are kept; by default `default_cache()`.

    Returns
    -------
    ExampleCheck

    Raises
    ------
    CodebookError
        If patterns do not parse: each with code, pattern and column.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reflect_analysis.codebook import Code, Codebook, CounterExample, Group
    >>> code = Code(
    ...     "exhaustion",
    ...     "Exhaustion",
    ...     "Worn out.",
    ...     "strain",
    ...     examples=("I am drained.",),
    ...     counter_examples=(CounterExample("The sink is drained.", "No person."),),
    ...     patterns=("drain",),
    ... )
    >>> cache = Cache(pathlib.Path(tempfile.mkdtemp()))
    >>> check = check_examples(Codebook((code,), (Group("strain", "Strain"),)), cache=cache)
    >>> print(check)
    exhaustion: 1 of 1 example pass, 0 of 1 counter-example pass
      counter-example 1: found by 'drain' at 12–19
    1 of 2 examples and counter-examples pass.
    """
    coder = RuleCoder(codebook, model=model, cache=cache)
    rows: list[ExampleRow] = []
    unchecked: list[str] = []
    for code in codebook.in_use:
        texts = _texts(code)
        members = [each for each in family(code, codebook) if each in coder.codes_]
        if texts and (code.human_only or not members):
            unchecked.append(code.id)
            continue
        found = coder.finds(text for _, _, text in texts)
        rows += [
            _row(code.id, kind, number, {codebook[m]: finds[m] for m in members if m in finds})
            for (kind, number, _), finds in zip(texts, found, strict=True)
        ]
    return ExampleCheck(tuple(rows), tuple(unchecked))


def family(code: Code, codebook: Codebook) -> list[str]:
    """The ids of a code and of its subcodes at any depth."""
    return list(codebook.family(code.id))


def _texts(code: Code) -> list[tuple[Kind, int, str]]:
    """The examples of a code, then its counter-examples, each with its number."""
    examples: list[tuple[Kind, int, str]] = [
        ("example", number, text) for number, text in enumerate(code.examples, start=1)
    ]
    return examples + [
        ("counter-example", number, each.text)
        for number, each in enumerate(code.counter_examples, start=1)
    ]


def _row(
    code_id: str, kind: Kind, number: int, finds: Mapping[Code, tuple[Find, ...]]
) -> ExampleRow:
    """What was found in one text for a code and its subcodes, and whether that is right."""
    found, blocked = [], []
    for member, all_finds in finds.items():
        kept, passed = told_finds(all_finds, member.patterns)
        prefix = "" if member.id == code_id else f"{member.id}: "
        found += [f"{prefix}{each}" for each in kept]
        blocked += [f"{prefix}{each}" for each in passed]
    right = bool(found) == (kind == "example")
    return ExampleRow(code_id, kind, number, right, "; ".join(found), "; ".join(blocked))
