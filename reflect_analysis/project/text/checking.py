"""A folder of text, read and checked: every fault of it with its file and line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import (
    ProjectError,
    ReflectAnalysisError,
    did_you_mean,
    raise_all,
)
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import schema
from reflect_analysis.project.entries import row_faults
from reflect_analysis.project.migrating import REVISION
from reflect_analysis.project.rows import Row, from_json
from reflect_analysis.project.text.exporting import CONTENTS, FORMAT, file_of
from reflect_analysis.project.text.lines import TABLES, key_of, row_of
from reflect_analysis.project.withdrawal.stones import tombstone_of
from reflect_analysis.provenance import text_hash

if TYPE_CHECKING:
    from sqlalchemy import Table

__all__ = ["Reading"]

_MOST = 50  # faults that are told; a broken folder has thousands
_FACTS = ("id", "title", "approach")

# How a row becomes a value; whoever cannot be one could not be read later.
_VALUES: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "tombstones": tombstone_of,
    "cases": as_rows.case_of,
    "documents": as_rows.document_of,
    "clearances": as_rows.clearance_of,
    "omissions": as_rows.omission_of,
    "runs": as_rows.run_of,
    "codebooks": as_rows.codebook_of,
    "codings": as_rows.coding_of,
    "decisions": as_rows.decision_of,
    "seen": as_rows.seen_of,
    "memos": as_rows.memo_of,
    "approvals": as_rows.approval_of,
    "topic_acts": as_rows.topic_act_of,
}


class Reading:
    """A folder that is being read, and what is wrong with it so far.

    Parameters
    ----------
    folder : path

    Raises
    ------
    ProjectError
        If it is no export, or one of another version.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.faults: list[str] = []
        self._wanted = _contents(self.folder)
        self._events: set[str] = set()
        self._facts: set[str] = set()

    def rows(self, name: str) -> Iterator[Row]:
        """The sound rows of a table; those that are not are among the faults."""
        table, path = TABLES[name], self.folder / file_of(name)
        if not path.is_file():
            self.faults.append(f"{path.name}: missing")
            return
        places: dict[tuple[str, ...], int] = {}
        count = 0
        with path.open("rb") as file:
            for count, line in enumerate(file, start=1):
                row, faults = _row(table, line, self._events)
                if row is not None and not faults:
                    first = places.setdefault(key_of(table, row), count)
                    faults = [f"the same key stands in line {first}"] if first != count else []
                self.faults += [f"{path.name}, line {count}: {fault}" for fault in faults]
                if row is not None:
                    self._note(name, row)
                    if not faults:
                        yield row
        if count != self._wanted.get(name):
            told = f"{count} lines, and {CONTENTS} says {self._wanted.get(name)}"
            self.faults.append(f"{path.name}: {told}")

    def _note(self, name: str, row: Row) -> None:
        """What other lines refer to, be the rest of this one sound or not."""
        if name == schema.events.name:
            self._events.add(str(row.get("id")))
        elif name == schema.study.name:
            self._facts.add(str(row.get("key")))

    def end(self) -> None:
        """Raise `ProjectError` with every fault, its file and its line."""
        missing = [name for name in _FACTS if name not in self._facts]
        faults = [*self.faults, *(f"{file_of('study')}: no line for {name!r}" for name in missing)]
        more = len(faults) - _MOST
        told = [*faults[:_MOST], *([f"and {more} faults more"] if more > 0 else [])]
        heading = f"{self.folder} cannot be imported, and nothing was made:" if told else None
        raise_all(ProjectError, told, heading)


def _contents(source: Path) -> Mapping[str, int]:
    """How many lines each file should have."""
    if not source.is_dir():
        raise ProjectError(f"{source}: there is no such folder")
    path = source / CONTENTS
    if not path.is_file():
        raise ProjectError(f"{source}: no {CONTENTS} in it; expected a folder that export wrote")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        told, tables, lines = data["format"], data["tables_of"], dict(data["lines"])
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise ProjectError(f"{CONTENTS}: cannot be read ({type(error).__name__})") from error
    if told != FORMAT or tables != REVISION:
        raise ProjectError(
            f"{CONTENTS}: written as {told!r} with tables {tables!r}; this version reads "
            f"{FORMAT!r} with tables {REVISION!r}. Update with: "
            "pip install --upgrade reflect-analysis"
        )
    return lines


def _row(table: Table, data: bytes, events: set[str]) -> tuple[Row | None, list[str]]:
    """One line as a row, and its faults; a message holds no value, which may be a text."""
    if not data.endswith(b"\n"):
        return None, ["does not end; the file was cut off"]
    try:
        plain = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None, ["is not UTF-8"]
    except json.JSONDecodeError as error:
        return None, [f"is no JSON from character {error.colno} on ({error.msg})"]
    if not isinstance(plain, dict):
        return None, ["expected a JSON object"]
    faults = [*_name_faults(table, plain)]
    if faults:
        return None, faults
    row = row_of(plain)
    faults += [*row_faults(table.name, row), *_reference_faults(row, events)]
    return row, faults or [*_value_faults(table.name, row)]


@cache
def _columns(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in TABLES[table].columns)


def _name_faults(table: Table, data: Mapping[str, Any]) -> Iterator[str]:
    columns = _columns(table.name)
    for name in data:
        if name not in columns:
            yield f"unknown key {name!r}{did_you_mean(name, columns)}"
    missing = [repr(name) for name in columns if name not in data]
    if missing:
        yield f"no {', '.join(missing)}"


def _reference_faults(row: Row, events: set[str]) -> Iterator[str]:
    if "event_id" not in row:
        return
    if not isinstance(row["event_id"], str) or row["event_id"] not in events:
        yield f"its event is not in {file_of(schema.events.name)}"


def _value_faults(table: str, row: Row) -> Iterator[str]:
    """What cannot be what the table holds."""
    from cattrs import BaseValidationError

    try:
        for name in ("about", "payload"):
            if name in row:
                from_json(row[name])
        if table in _VALUES:
            _VALUES[table](row)
    except ReflectAnalysisError as error:
        yield from error.faults
        return
    except (ValueError, TypeError, LookupError, AttributeError, BaseValidationError) as error:
        yield f"cannot be read as one of the {table} ({type(error).__name__})"
        return
    if table == "documents" and text_hash(row["text"]) != row["text_hash"]:
        yield "'text_hash' is not the hash of 'text': the text was changed here"
