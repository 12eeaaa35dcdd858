"""Ctrl+C at a chosen change: Python tells what a program is about to do to files.

A change is a file under a folder that is opened for writing, is renamed or removed, a transaction
of a study that begins or is committed, and the first line that is printed. The one of the number
that is asked for does not come about: there the program is stopped, as a terminal stops it, and
once. So is what a file is given after its first line. Only the main thread is counted: it alone
hears of Ctrl+C.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import os
import re
import sqlite3
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

__all__ = ["APART", "Contents", "arm", "contents", "disarm", "strange", "without_log"]

# By the name that Python gives them: which of its arguments are paths.
_CHANGES = {
    "os.rename": (0, 1), "os.remove": (0,), "os.rmdir": (0,), "os.mkdir": (0,), "os.link": (0, 1),
    "os.truncate": (0,), "shutil.rmtree": (0,), "sqlite3.connect": (0,),
}  # fmt: skip
_WRITES = ("write", "writerow", "writerows", "writelines")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_APART = "cache"  # what is computed is kept there as well as it can be
APART = (_APART, "cache-empty", "figures.json")
# Random ids, and when something was done: another run writes others.
_STAMP = r"\d{4}-?\d\d-?\d\d[T ]\d\d:?\d\d(?::?\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"
_OWN = re.compile(rf"{_STAMP}|[0-9a-f]{{7,}}")
# What the next command takes away, or a lock that nobody holds.
_PASSING = re.compile(r"\.pending$|-journal$|\.lock$|\.partial$")
# What a command that is given again adds a line to.
_LOGS = re.compile(r" events$|/events\.jsonl$|/contents\.json$|^sent\.json$")

Contents = dict[str, Counter[tuple[str, str]]]


@dataclass(slots=True)
class _Counter:
    """The folder that is watched, the change that is stopped, and how many there were."""

    folder: str = ""
    stop_at: int = 0
    count: int = 0
    stopped: str = ""
    printed: bool = False


_counter = _Counter()
_PRINT = builtins.print
_installed: list[bool] = []


def arm(folder: Path, stop_at: int = 0) -> None:
    """Stop before a change under a folder; 0 counts them alone."""
    if not _installed:
        _install()
        _installed.append(True)
    _counter.count, _counter.stopped, _counter.printed = 0, "", False
    _counter.folder, _counter.stop_at = str(folder.resolve()), stop_at
    builtins.print = _printing


def disarm() -> tuple[int, str]:
    """How many changes there were, and before which one it was stopped, if it was."""
    _counter.folder = ""
    sys.setprofile(None)
    builtins.print = _PRINT  # others know it as itself
    return _counter.count, _counter.stopped


def _install() -> None:
    from sqlalchemy import Engine, event

    event.listen(Engine, "begin", lambda _: _change("begin"))
    event.listen(Engine, "commit", lambda _: _change("commit"))
    sys.addaudithook(_heard)


def _printing(*values: object, **how: Any) -> None:
    if how.get("file") in (None, sys.stdout) and not _counter.printed:
        _counter.printed = bool(_counter.folder)
        _change("print")
    _PRINT(*values, **how)


def _heard(name: str, told: tuple[Any, ...]) -> None:
    if not _counter.folder:
        return
    if name == "open":
        paths = told[:1] if _is_writing(*told) else ()
    else:
        paths = tuple(told[each] for each in _CHANGES.get(name, ()))
    if any(map(_is_here, paths)):
        names = " ".join(Path(str(path)).name for path in paths)
        _change(f"{name} {names}")
        if name == "open" and _is_main():
            sys.setprofile(_watch)


def _watch(_: object, event: str, called: Any) -> None:
    """What is written next is half of a file, as far as anybody knows."""
    if event == "c_return" and getattr(called, "__name__", "") in _WRITES:
        sys.setprofile(None)
        _change("the rest of what is written")


def _is_writing(_: object, mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return bool(set(mode) & set("wax+"))
    return isinstance(flags, int) and bool(flags & _WRITING)


def _is_here(path: object) -> bool:
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    plain = os.fsdecode(path)
    if plain.startswith("file:"):  # as SQLite is told of it
        plain = url2pathname(plain.removeprefix("file:").partition("?")[0])
    place, folder = Path(plain).resolve(), Path(_counter.folder)
    return place.is_relative_to(folder) and not place.is_relative_to(folder / _APART)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _change(what: str) -> None:
    if not _counter.folder or not _is_main():
        return
    sys.setprofile(None)
    _counter.count += 1
    if _counter.count == _counter.stop_at:
        _counter.stopped = what
        raise KeyboardInterrupt


# ── what a folder holds ──


def contents(folder: Path) -> Contents:
    """What each file and folder in a folder holds, apart from stamps, random ids and the cache.

    Raises
    ------
    Exception
        If a file cannot be read to its end.
    """
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name not in APART and not _PASSING.search(path.name):
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            files = [each for each in inside if each.is_file() and not _PASSING.search(each.name)]
            named = ((_plain(each.relative_to(folder).as_posix()), each) for each in files)
            found[_plain(path.name)] = Counter(
                (f"{name}{table}", value) for name, each in named for table, value in _held(each)
            )
    return found


def without_log(found: Contents) -> Contents:
    """The same without logs of what was done and sent, and without backups."""
    return {
        name: Counter({each: n for each, n in held.items() if not _LOGS.search(each[0])})
        for name, held in found.items()
        if not name.endswith("-backups")
    }


def strange(found: Contents, first: Contents, last: Contents) -> list[str]:
    """What is neither as it was before nor as it is at the end."""
    names = sorted({*found, *first, *last})
    return [
        f"{name}: {_told(found.get(name), first.get(name), last.get(name))}"
        for name in names
        if found.get(name) not in (first.get(name), last.get(name))
    ]


def _told(
    found: Counter[tuple[str, str]] | None,
    first: Counter[tuple[str, str]] | None,
    last: Counter[tuple[str, str]] | None,
) -> str:
    here, before, end = (each or Counter() for each in (found, first, last))
    more, less = here - before - end, end - here
    names = [sorted({name for name, _ in each}) for each in (more, less)]
    return f"neither as before nor as at the end: has {names[0]}, lacks {names[1]}"


def _held(path: Path) -> Iterator[tuple[str, str]]:
    """What a file holds, by its parts."""
    if path.suffix == ".reflect":
        yield from _tables(path)
    else:
        yield "", _digest(path.name, path.read_bytes())


def _tables(path: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as base:
        if base.execute("pragma integrity_check").fetchone() != ("ok",):
            raise ValueError(f"{path.name} is broken")
        asked = "select name from sqlite_master where type = 'table' order by name"
        for (table,) in base.execute(asked).fetchall():
            rows = base.execute(f'select * from "{table}"').fetchall()  # noqa: S608  # its own name
            told = sorted(_plain(repr(row)) for row in rows)
            yield f" {table}", f"{len(rows)} rows, {_hash(repr(told).encode())}"


def _digest(name: str, data: bytes) -> str:
    if name.endswith((".docx", ".xlsx", ".qdpx")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = sorted(archive.namelist())
            parts = {_plain(each): _digest(each, archive.read(each)) for each in names}
        return _hash(repr(sorted(parts.items())).encode())
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _hash(data)
    return _hash(_plain(text).encode())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _plain(text: str) -> str:
    """A text without what is another one in each run."""
    return _OWN.sub("#", text)
