"""Dataclass rows to frames and CSV, and back.

Truth in this package is rows: frozen dataclasses. A frame is a view of them. What comes
back from a file is checked here, once: every fault is reported, each with its row.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reflect_analysis._whole import is_left, whole_file
from reflect_analysis.errors import ReflectAnalysisError, did_you_mean, raise_all

if TYPE_CHECKING:
    import pandas as pd

Row = TypeVar("Row")

# What a spreadsheet would take for a formula when a cell begins with it (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_ALIKE = 1024  # values of a column that are remembered while it is read


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute a cell; a negative number alone computes nothing.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("-1+1"), is_formula("-11")
    (True, True, False)
    """
    return text.startswith(FORMULA_STARTS) and not _NEGATIVE.fullmatch(text)


class Attributes(Mapping[str, Any]):
    """A mapping that does not change: hashable, comparable, kept in its order.

    Examples
    --------
    >>> Attributes(role="ECE", session=2)
    Attributes(role='ECE', session=2)
    >>> Attributes(role="ECE") | {"place": "Nelson"}
    Attributes(role='ECE', place='Nelson')
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        self._items = {**(items or {}), **named}

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset((key, repr(value)) for key, value in self._items.items()))

    def __or__(self, other: Mapping[str, Any]) -> Attributes:
        return Attributes({**self._items, **other})

    def __repr__(self) -> str:
        return f"Attributes({', '.join(f'{k}={v!r}' for k, v in self._items.items())})"


def to_frame(rows: Iterable[Any], kind: type, *, drop: Sequence[str] = ()) -> pd.DataFrame:
    """Rows of one dataclass as a frame, a column a field, in the fields' order.

    Built from attribute tuples: `dataclasses.asdict` copies deeply and is an order of
    magnitude slower on 100,000 rows.
    """
    import pandas as pd

    names = [field.name for field in dataclasses.fields(kind) if field.name not in drop]
    return pd.DataFrame([tuple(getattr(row, n) for n in names) for row in rows], columns=names)


def html_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table for a notebook, every cell escaped; to the left, because Jupyter sets words right.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequences
        A cell a head.

    Examples
    --------
    >>> html_table(["Code"], [["<a>"]]).count("&lt;a&gt;")
    1
    """
    style = "text-align:left;vertical-align:top;padding:2px 8px"
    head = "".join(f'<th scope="col" style="{style}">{escape(name)}</th>' for name in heads)
    cells = ("".join(f'<td style="{style}">{escape(str(c))}</td>' for c in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def check_choices(row: Any, choices: Mapping[str, Sequence[str]]) -> None:
    """Raise `ValueError` where a field of a row holds none of the words that it may hold.

    Examples
    --------
    >>> from reflect_analysis.codings import Seen
    >>> Seen("ada", "r1", "human")
    Traceback (most recent call last):
    ValueError: Seen: coder_kind is 'human'; expected 'person' or 'machine'
    """
    for name, allowed in choices.items():
        value = getattr(row, name)
        if value not in allowed:
            told = " or ".join(map(repr, allowed))
            raise ValueError(f"{type(row).__name__}: {name} is {value!r}; expected {told}")


def write_csv(rows: Iterable[Any], kind: type[Row], path: Path) -> None:
    """Write rows as CSV: UTF-8, LF, `None` as an empty cell, tuples joined by ``;``.

    The file comes whole or not at all. It is the round-trip format of `read_csv`: cells are not
    changed. What a spreadsheet is meant to open goes through the tables module, which disarms
    formulas.
    """
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]  # a dataclass by contract
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_to_cell(getattr(row, name)) for name in names] for row in rows)


def read_csv(path: Path, kind: type[Row], error: type[ReflectAnalysisError]) -> tuple[Row, ...]:
    """Read what `write_csv` wrote; columns with a default may be missing.

    Raises
    ------
    ReflectAnalysisError
        `error`, with every fault and its row.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        return from_records(csv.DictReader(file), kind, error, source=path.name)


def missing_in(folder: Path, name: str) -> str:
    """That a folder lacks a file, and in which of its own folders such files lie."""
    inside = sorted(p.parent.name for p in folder.glob(f"*/{name}") if not is_left(p.parent))
    told = f"no {name} in this folder"
    if not inside:
        return told
    # A folder is one person's; which of them are meant is nobody's guess.
    return f"{told}, but in {', '.join(inside)} inside it; name each that is meant"


def from_records(
    records: Iterable[Mapping[str, Any]],
    kind: type[Row],
    error: type[ReflectAnalysisError],
    *,
    source: str,
) -> tuple[Row, ...]:
    """Records of strings as rows of a dataclass.

    Raises
    ------
    ReflectAnalysisError
        `error`, with every fault and its row; the header counts as row 1.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]  # a dataclass by contract
    hints = typing.get_type_hints(kind).items()
    # A hundred thousand rows that say the same hold it once: the codes that a coder read for.
    readers = {name: lru_cache(maxsize=_ALIKE)(_reader(hint)) for name, hint in hints}
    rows, faults = [], []
    for number, record in enumerate(records, start=2):
        try:
            rows.append(kind(**_values(record, fields, readers)))
        except (ValueError, TypeError) as problem:
            faults.append(f"{source}, row {number}: {problem}")
    raise_all(error, faults)
    return tuple(rows)


def _values(
    record: Mapping[str, Any],
    fields: Mapping[str, dataclasses.Field[Any]],
    readers: Mapping[str, Callable[[str], Any]],
) -> dict[str, Any]:
    """The keyword arguments that one record stands for."""
    unknown = [name for name in record if name not in fields]
    if unknown:
        name = str(unknown[0])
        raise ValueError(f"unknown column {name!r}{did_you_mean(name, fields)}")
    values = {}
    for name, field in fields.items():
        cell = record.get(name)
        if cell is None or (cell == "" and _has_default(field)):
            if not _has_default(field):
                raise ValueError(f"no {name!r}")
            continue
        try:
            values[name] = readers[name](str(cell))
        except ValueError:
            raise ValueError(f"{name!r} cannot be {cell!r}") from None
    return values


def _has_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _to_cell(value: object) -> str:
    """One value as a cell that `_reader` reads back."""
    if value is None or type(value) is str:  # nearly always
        return value or ""
    if isinstance(value, tuple):
        return ";".join(_to_cell(part) for part in value)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return str(value)


def _reader(hint: Any) -> Callable[[str], Any]:
    """How a cell of this type is read."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _reader(next(part for part in arguments if part is not type(None)))
    if origin is tuple:
        part = _reader(arguments[0])
        return lambda cell: tuple(part(piece) for piece in cell.split(";") if piece)
    if origin is typing.Literal:
        return lambda cell: _choice(cell, arguments)
    if hint is Attributes:
        return lambda cell: Attributes(json.loads(cell))
    simple: dict[Any, Callable[[str], Any]] = {
        bool: _boolean,
        datetime: datetime.fromisoformat,
        float: float,
        int: int,
    }
    return simple[hint] if hint in simple else _own_reader(hint)


def _own_reader(kind: Any) -> Callable[[str], Any]:
    """How a value of a kind of ours is read from what its `str` wrote."""
    found: Callable[[str], Any] = getattr(kind, "read", str)
    return found


def _choice(cell: str, allowed: tuple[Any, ...]) -> str:
    if cell not in allowed:
        raise ValueError(cell)
    return cell


def _boolean(cell: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    try:
        return known[cell.strip().lower()]
    except KeyError:
        raise ValueError(cell) from None
