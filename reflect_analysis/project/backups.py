"""Copies of a project file: made when it is opened and on demand, kept in a folder beside it.

A copy is made by SQLite itself while others go on writing, checked, and only then given its name;
what is in the folder is whole. Copies that were made on opening are few; those that somebody
asked for, and those made before something risky, stay until somebody deletes them. Beside them
lies ``withdrawn.json``: who withdrew, by case and by the hashes of their texts, without a word, so
that a restored copy forgets them again even where the project file itself is lost.

A project on a server has its backups there (pg_dump), or in the text export.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ProjectError
from reflect_analysis.project.engine import BUSY_SECONDS, Address, in_words, plain_connection
from reflect_analysis.project.pending import sync_file, sync_folder

if TYPE_CHECKING:
    from reflect_analysis.project.withdrawal.stones import Tombstone

__all__ = [
    "Backup",
    "backup_when_due",
    "backups_of",
    "copies_beside",
    "copy_database",
    "files_in",
    "folder_of",
    "is_due",
    "join_withdrawn",
    "make_backup",
    "named",
    "new_name",
    "patience",
    "read_withdrawn",
    "remember_withdrawn",
    "start_backup",
    "study_of",
    "withdrawn_beside",
]

KEPT = 10  # of those that were made on opening
EVERY = timedelta(days=1)
ON_OPENING, ASKED, BROKEN = "open", "asked", "broken"
_PARTIAL = ".partial"
_LOCK = "backup.lock"
_JOURNAL = "-journal"
_STALE_SECONDS = 3600  # after which a copy that was begun and never ended is thrown away
WITHDRAWN = "withdrawn.json"
SUFFIX = ".reflect"  # of a study's file, if its owner did not name it otherwise
_BACKUPS = "-backups"
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"-(\d{8}T\d{6}Z)(?:-\d+)?-(open|asked|broken|before-\w+)$")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a project file.

    Parameters
    ----------
    path : Path
    at : datetime
        When it was made, in UTC.
    reason : str
        ``"open"``, ``"asked"``, ``"before-restore"``, ``"before-0002"`` (tables of that number),
        or ``"broken"`` for a broken file that a restored one took the place of.
    size : int
        In bytes.
    """

    path: Path
    at: datetime
    reason: str
    size: int


def folder_of(project: Path) -> Path:
    """Where the copies of a project file lie."""
    return project.with_name(f"{project.name}{_BACKUPS}")


def backups_of(project: Path) -> tuple[Backup, ...]:
    """The copies of a project file, oldest first."""
    found = []
    for path in folder_of(project).glob(f"*{project.suffix}"):
        told = _NAME.search(path.stem)
        if told is None:
            continue
        with contextlib.suppress(FileNotFoundError):  # thrown away by another at this moment
            about, at = path.stat(), datetime.strptime(told[1], _STAMP).replace(tzinfo=UTC)
            found.append((about.st_mtime_ns, Backup(path, at, told[2], about.st_size)))
    found.sort(key=lambda each: (each[1].at, each[0]))
    return tuple(backup for _, backup in found)


def files_in(project: Path) -> tuple[Path, ...]:
    """Every file in the folder of the backups that may hold words, by whatever name.

    Somebody may have put a copy there by hand; what SQLite left beside a broken file holds pages
    of it. A file of another kind counts if it bears the name of a study.
    """
    known = [backup.path for backup in backups_of(project)]
    others = [
        path
        for path in sorted(folder_of(project).glob("*"))
        if path not in known and path.is_file() and _may_hold_words(path, project)
    ]
    return (*known, *others)


def _may_hold_words(path: Path, project: Path) -> bool:
    if path.name in {WITHDRAWN, _LOCK} or _PARTIAL in path.name:
        return False
    return (
        path.suffix == project.suffix or path.name.endswith(_JOURNAL) or study_of(path) is not None
    )


def copies_beside(project: Path, study: str) -> tuple[Path, ...]:
    """Other files in a project's folder that are the same study, or that cannot be read."""
    return tuple(
        path
        for path in sorted(project.parent.iterdir())
        if path.suffix in {project.suffix, SUFFIX} - {""}
        and path.is_file()
        and not _is_same(path, project)
        and study_of(path) in {study, None}
    )


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return path == other


def study_of(path: Path) -> str | None:
    """The id of the study in a file; `None` if it is none, or cannot be read."""
    try:
        with plain_connection(path) as connection:
            found = connection.execute("SELECT value FROM study WHERE key = 'id'").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else str(found[0])


def named(project: Path, backup: str | Path) -> Path:
    """The file of a backup, by its path or by its name in the folder.

    Raises
    ------
    ProjectError
        If there is none.
    """
    for path in (Path(backup), folder_of(project) / Path(backup).name):
        if path.is_file():
            return path
    known = ", ".join(each.path.name for each in backups_of(project)) or "none"
    raise ProjectError(f"{backup}: there is no such backup of {project.name}; there are: {known}")


def new_name(project: Path, reason: str) -> Path:
    """A name that is not taken, for a copy of now."""
    stamp = datetime.now(UTC).strftime(_STAMP)
    folder = folder_of(project)
    for number in range(1, 1000):
        again = f"-{number}" if number > 1 else ""
        path = folder / f"{project.stem}-{stamp}{again}-{reason}{project.suffix}"
        if not path.exists():
            return path
    raise ProjectError(f"{folder}: too many backups in one second")


def make_backup(project: Path, reason: str = ASKED, *, name: Path | None = None) -> Backup:
    """Copy a project file, also while it is in use, and check the copy.

    Parameters
    ----------
    project : Path
    reason : str
    name : Path, optional
        From `new_name`; by default a name of now.

    Raises
    ------
    ProjectError
        If it cannot be copied, or it is broken; then nothing is left behind.
    """
    folder = folder_of(project)
    partial = folder / f"{uuid.uuid4().hex}{_PARTIAL}"
    try:
        folder.mkdir(exist_ok=True)
        _clear_stale(folder)
        with in_words(Address(project)), plain_connection(project) as source:
            copy_database(source, partial)
        final = name if name is not None and not name.exists() else new_name(project, reason)
        partial.replace(final)
    except OSError as error:  # a ProjectError is one too
        raise ProjectError(f"no backup was made: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    sync_folder(folder)
    return next(each for each in backups_of(project) if each.path == final)


def copy_database(source: sqlite3.Connection, path: Path) -> None:
    """Copy a database in one piece into a new file, or over one that SQLite can open.

    The copy is checked. What is overwritten is overwritten whole or not at all.
    """
    with plain_connection(path, create=True) as target:
        source.backup(target, progress=patience())
        told = target.execute("PRAGMA quick_check(1)").fetchone()
        if told != ("ok",):
            raise sqlite3.DatabaseError("database disk image is malformed")


def patience() -> Callable[[int, int, int], None]:
    """SQLite tries a locked database again for ever; nobody should wait so long."""
    until = time.monotonic() + BUSY_SECONDS

    def tried(status: int, _: int, __: int) -> None:
        busy = status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
        if busy and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    return tried


def _clear_stale(folder: Path) -> None:
    for path in folder.glob(f"*{_PARTIAL}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


# ── on opening ──


def start_backup(project: Path, tell: Callable[[str], None]) -> threading.Thread:
    """Make a backup beside the work, if one is due.

    Parameters
    ----------
    project : Path
    tell : callable
        Takes a sentence where none could be made.
    """

    def work() -> None:
        try:
            backup_when_due(project)
        except ProjectError as error:
            tell(str(error))

    thread = threading.Thread(target=work, name="reflect-backup", daemon=True)
    thread.start()
    return thread


def backup_when_due(project: Path) -> Backup | None:
    """Make a backup if one is due, and throw the oldest of its kind away."""
    if not is_due(project):
        return None
    with _turn(folder_of(project)) as mine:
        if not mine or not is_due(project):
            return None
        made = make_backup(project, ON_OPENING)
        of_its_kind = [each for each in backups_of(project) if each.reason == ON_OPENING]
        for old in of_its_kind[:-KEPT]:
            with contextlib.suppress(OSError):
                old.path.unlink()
        return made


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[bool]:
    """Whether it is this process's turn: a team that opens a study at once needs one copy of it."""
    import portalocker

    try:
        folder.mkdir(exist_ok=True)
        file = (folder / _LOCK).open("wb")
    except OSError as error:
        raise ProjectError(f"no backup was made: {error}") from error
    with file:
        try:
            portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.LockException:
            yield False
            return
        yield True


def is_due(project: Path) -> bool:
    """Whether the last backup is older than a day and something changed since."""
    made = [each for each in backups_of(project) if each.reason != BROKEN]
    if not made:
        return True
    if datetime.now(UTC) - made[-1].at < EVERY:
        return False
    return _state(project) != _state(made[-1].path)


def _state(path: Path) -> tuple[Any, ...] | None:
    """What changes with every entry; `None` for a file that cannot be read."""
    asked = "SELECT count(*), max(at), (SELECT count(*) FROM tombstones) FROM events"
    try:
        with plain_connection(path) as connection:
            return tuple(connection.execute(asked).fetchone())
    except sqlite3.Error:
        return None


# ── who withdrew ──


def remember_withdrawn(project: Path, study: str, stones: Iterable[Tombstone]) -> None:
    """Keep who withdrew beside the backups, joined with who is there already.

    Parameters
    ----------
    project : Path
    study : str
        Its id: in another study the same pseudonym is another person.
    stones : iterable of Tombstone
        Ids and hashes, no words.
    """
    from reflect_analysis.project.withdrawal.stones import tombstone_row

    by_study = _withdrawn(project)
    known = by_study.get(study, {})
    joined = join_withdrawn(known.values(), stones)
    if joined == known:
        return
    lines = {
        each: [tombstone_row(found[case_id]) for case_id in sorted(found)]
        for each, found in sorted({**by_study, study: joined}.items())
    }
    folder = folder_of(project)
    partial = folder / f"{uuid.uuid4().hex}{_PARTIAL}"
    try:
        folder.mkdir(exist_ok=True)
        with partial.open("wb", buffering=0) as file:
            file.write(json.dumps(lines, ensure_ascii=False, indent=1).encode("utf-8"))
            sync_file(file)
        partial.replace(folder / WITHDRAWN)
    except OSError as error:
        raise ProjectError(f"{folder}: who withdrew could not be kept there ({error})") from error
    sync_folder(folder)


def read_withdrawn(project: Path, study: str) -> dict[str, Tombstone]:
    """Who withdrew from a study, by case, as it is kept beside the backups.

    Raises
    ------
    ProjectError
        If the file cannot be read: nothing is restored then, for somebody could come back.
    """
    return _withdrawn(project).get(study, {})


def withdrawn_beside(study: str, *places: Path) -> dict[str, Tombstone]:
    """Who withdrew from a study, by all that is kept in the folders of some files.

    A copy comes back under another name, or out of the backups of another file: the withdrawal
    that lies next to either holds.

    Parameters
    ----------
    study : str
    places : Path
        Files, or folders that an export wrote; they need not exist.

    Raises
    ------
    ProjectError
        If one of the files cannot be read.
    """
    found = [_withdrawn_in(path).get(study, {}).values() for path in _kept_beside(places)]
    return join_withdrawn(*found)


def _kept_beside(places: Iterable[Path]) -> tuple[Path, ...]:
    folders: dict[Path, None] = {}
    for place in places:
        folder = place.absolute().parent
        folders[folder] = None
        if folder.name.endswith(_BACKUPS):  # the studies lie above their backups
            folders[folder.parent] = None
    files = [
        path
        for folder in folders
        for path in (folder / WITHDRAWN, *sorted(folder.glob(f"*{_BACKUPS}/{WITHDRAWN}")))
    ]
    return tuple(dict.fromkeys(path for path in files if path.is_file()))


def _withdrawn(project: Path) -> dict[str, dict[str, Tombstone]]:
    return _withdrawn_in(folder_of(project) / WITHDRAWN)


def _withdrawn_in(path: Path) -> dict[str, dict[str, Tombstone]]:
    from reflect_analysis.project.withdrawal.stones import tombstone_of

    if not path.exists():
        return {}
    try:
        lines = json.loads(path.read_text(encoding="utf-8"))
        return {
            study: {row["case_id"]: tombstone_of(row) for row in rows}
            for study, rows in lines.items()
        }
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ProjectError(
            f"{path}: cannot be read ({type(error).__name__}). It names who withdrew. Move it "
            "away and open the project, which writes it anew; nothing is restored before"
        ) from error


def join_withdrawn(*sources: Iterable[Tombstone]) -> dict[str, Tombstone]:
    """Tombstones of several places, by case."""
    joined: dict[str, Tombstone] = {}
    for stone in (each for source in sources for each in source):
        known = joined.get(stone.case_id)
        joined[stone.case_id] = stone if known is None else known | stone
    return joined
