"""``withdrawn.yaml``: who withdrew, for whoever reads the old files again.

It lies beside the texts and holds ids and hashes, never a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from reflect_analysis._whole import write_whole
from reflect_analysis.corpus import Tombstone
from reflect_analysis.disclosure.withdrawal.honouring import joined
from reflect_analysis.errors import CorpusError, OutputError, raise_all

__all__ = ["WITHDRAWN_FILES", "read_withdrawn", "write_withdrawn"]

WITHDRAWN_FILES = ("withdrawn.yaml", "withdrawn.yml")
_HEAD = (
    "# Who withdrew from this study: read_corpus leaves their texts out. Ids and hashes only.\n"
    "# Keep this file beside the texts, also when older copies of them come back.\n"
)
_LISTS = {"documents": 2, "spared": 2, "replaced": 3}


def read_withdrawn(path: str | Path) -> tuple[Tombstone, ...]:
    """Read tombstones.

    Raises
    ------
    CorpusError
        If the file cannot be read, with every fault.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    source = Path(path)
    try:
        data = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CorpusError(f"{source}: cannot be opened ({error.strerror})") from None
    except (YAMLError, UnicodeDecodeError):
        raise CorpusError(f"{source.name}: no YAML that can be read") from None
    entries = data if isinstance(data, list) else [data]
    faults = [
        f"{source.name}, entry {number}: {fault}"
        for number, entry in enumerate(entries, start=1)
        for fault in _faults(entry)
    ]
    raise_all(CorpusError, faults)
    return joined(map(_stone, entries))


def _faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "expected case, at, by, documents and replaced"
        return
    for name in ("case", "at", "by"):
        if not isinstance(entry.get(name), str):
            yield f"{name!r} is no text in quotation marks"
    for name, length in _LISTS.items():
        rows = entry.get(name, [])
        if not isinstance(rows, list) or not all(_is_row(row, length) for row in rows):
            yield f"{name!r} is no list of {length} texts each"


def _is_row(row: Any, length: int) -> bool:
    good = isinstance(row, list) and len(row) == length
    return good and all(isinstance(each, str) for each in row)


def _stone(entry: dict[str, Any]) -> Tombstone:
    lists = (frozenset(map(tuple, entry.get(name, ()))) for name in _LISTS)
    return Tombstone(entry["case"], entry["at"], entry["by"], *lists)


def write_withdrawn(folder: str | Path, stones: Iterable[Tombstone]) -> Path:
    """Write tombstones beside the texts, joined with those that are there.

    Raises
    ------
    CorpusError
        If the file that is there cannot be read; it stays as it is.
    OutputError
        If it cannot be written.
    """
    target = Path(folder) / WITHDRAWN_FILES[0]
    known = read_withdrawn(target) if target.is_file() else ()
    lines = [line for stone in joined(known, stones) for line in _lines(stone)]
    try:
        write_whole(target, (_HEAD + "".join(lines)).encode("utf-8"))
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from None
    return target


def _lines(stone: Tombstone) -> Iterator[str]:
    """A tombstone as YAML; a text in JSON's quotation marks is one in YAML's."""
    yield f"- case: {_quoted(stone.case_id)}\n"
    yield f"  at: {_quoted(stone.at)}\n  by: {_quoted(stone.by)}\n"
    for name in _LISTS:
        rows = sorted(getattr(stone, name))
        if rows:
            yield f"  {name}:\n"
        yield from (f"  - {_quoted(list(row))}\n" for row in rows)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
