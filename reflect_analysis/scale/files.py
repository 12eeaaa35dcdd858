"""The folder of a run: what is written of each partition, whole or not at all.

``keep/`` holds what is the researcher's alone: codings, findings and counts by partition, and a
manifest for each. A manifest is written last and by renaming: where it stands, the partition is
whole. ``share/`` holds the tables with small counts hidden, and is made when all partitions are.
``keep/.call`` names the call whose tasks may write, for as long as it lasts.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from reflect_analysis._optional import require
from reflect_analysis._waiting import patiently, take_lock
from reflect_analysis.errors import OutputError
from reflect_analysis.scale.values import Job, OpenFinding, Receipt

__all__ = [
    "FOUND",
    "READ",
    "TOPICS",
    "RunFolder",
    "beside",
    "dask_pip",
    "file_hash",
    "load_about",
    "load_receipt",
    "pyarrow",
    "remove",
    "write_receipt",
    "write_rows",
    "write_text",
]

dask_pip = '"reflect-analysis[scale]"'
MARKER = "run.json"
FORMAT = 1
KINDS = ("codings", "findings", "found", "read", "manifests", "topics")
FOUND, READ, TOPICS = "found", "read", "topics"
TOPICS_KEY = "topic-model.json"
OPEN = "findings-open.csv"
_PART = ".part"
_LEFT = re.compile(rf"-[0-9a-f]{{8}}{re.escape(_PART)}(\.\w+)?")
# Tables that were being put in place, and those whose place they took.
_LEFT_OF_SHARE = re.compile(r"\.share-[0-9a-f]{8}\.(part|old)")
_CALL, _LOCK = ".call", ".lock"
# Seconds before each further look at it.
_LOOKS = (0.2, 0.8, 2.0, 4.0)
_ABOUT = b"reflect_analysis"
_HELD = "another program holds it; close it and run the same command again"


def pyarrow(module: str = "pyarrow") -> Any:
    """Pyarrow or a module of it, imported at use."""
    return require(module, pip=dask_pip, purpose="read and write Parquet")


class RunFolder:
    """Where each thing of a run lies; ``keep/topic-model`` holds the topics of a sample.

    Parameters
    ----------
    out : Path
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.keep, self.share = out / "keep", out / "share"
        self.model = self.keep / "topic-model"

    def of(self, kind: str, job: Job) -> Path:
        """The file of a partition by what it holds: one of `KINDS`."""
        suffix = "json" if kind == "manifests" else "parquet"
        return self.keep / kind / f"{job.name}.{suffix}"

    def check(self) -> None:
        """Refuse a folder that holds something else than a run.

        Raises
        ------
        OutputError
        """
        if self.out.is_file():
            raise OutputError(f"{self.out}: this is a file; name a folder that does not exist yet")
        if not (self.keep / MARKER).is_file() and any(map(_is_of_others, self._held_here())):
            raise OutputError(
                f"{self.out}: holds something that is no run of reflect_analysis (no "
                f"{Path('keep', MARKER)}); name a folder that does not exist yet"
            )

    def _held_here(self) -> Iterator[Path]:
        """What lies here, without the folders that a call makes before it says what lies here."""
        if not self.out.exists():
            return
        ours = {self.keep, *(self.keep / kind for kind in KINDS)}
        for folder in (self.out, *sorted(ours)):
            if folder == self.out or folder.is_dir():
                yield from (path for path in folder.iterdir() if path not in ours)

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the run that lies here; empty where there is none."""
        try:
            return dict(json.loads((self.keep / MARKER).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Say what lies here, and how it came to be."""
        told = json.dumps({"format": FORMAT, **facts}, ensure_ascii=False, indent=1)
        write_text(self.keep / MARKER, told + "\n")

    def prepare(self, jobs: Iterable[Job], facts: Mapping[str, Any]) -> None:
        """Make the folders, say what lies here, remove what is left of other partitions."""
        for kind in KINDS:
            (self.keep / kind).mkdir(parents=True, exist_ok=True)
        self.tell(facts)
        self.drop_others(jobs)

    def drop_others(self, jobs: Iterable[Job]) -> None:
        """Remove what is of no partition of these, and what lies half written.

        Raises
        ------
        OutputError
            If another program holds a file of it.
        """
        self._sweep()
        names = {job.name for job in jobs}
        for path in (path for kind in KINDS for path in (self.keep / kind).iterdir()):
            if path.name.endswith(_PART) or path.stem not in names:
                remove(path)

    def _sweep(self) -> None:
        """Remove what a run that was ended in the middle of writing left beside the partitions."""
        left = [path for path in self.keep.iterdir() if _LEFT.search(path.name)]
        left += [path for path in self.out.iterdir() if _LEFT_OF_SHARE.fullmatch(path.name)]
        for path in left:
            _discard(path)

    def take_back_tables(self) -> None:
        """Remove tables of an earlier run: while partitions are left there are none.

        Raises
        ------
        OutputError
            If another program holds one of them.
        """
        self._take_away(self.share)
        for name in ("themes.csv", "topics.csv"):
            remove(self.keep / name)

    def _take_away(self, folder: Path) -> None:
        """Remove a folder whole: half of it in its place could be taken for what it was.

        Under the other name, within ``keep``, the next run finds what could not be removed.
        """
        away = self.keep / f"{folder.name}-{uuid.uuid4().hex[:8]}{_PART}"
        try:
            patiently(partial(folder.rename, away))
        except FileNotFoundError:
            return
        except OSError as error:
            raise _not_removed(folder, error) from None
        _discard(away)

    def drop_partitions(self) -> None:
        """Remove all that was made of texts; what a person typed stays.

        Raises
        ------
        OutputError
            If another program holds a file of it.
        """
        self.end_calls()
        self._sweep()
        self.drop_topics()
        for path in (path for kind in KINDS for path in (self.keep / kind).glob("*")):
            remove(path)

    def drop_partition(self, job: Job) -> None:
        """Remove what was made of a partition.

        Raises
        ------
        OutputError
            If another program holds a file of it.
        """
        for kind in reversed(KINDS):  # the manifest before what it names
            remove(self.of(kind, job))

    def drop_topics(self) -> None:
        """Remove topics that were found in other texts than the data set's are now.

        Raises
        ------
        OutputError
            If another program holds a file of them.
        """
        self.take_back_tables()
        self._take_away(self.model)
        remove(self.keep / TOPICS_KEY)
        for path in (self.keep / TOPICS).glob("*"):
            remove(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes here meanwhile.

        Raises
        ------
        OutputError
            If somebody does, or files cannot be locked here.
        """
        self.keep.mkdir(parents=True, exist_ok=True)
        with (self.keep / _LOCK).open("wb") as file:
            try:
                take_lock(file, 0.0)
            except OSError as error:
                raise OutputError(_unlocked(self.out, error)) from None
            yield

    # ── who may write ──

    @property
    def call(self) -> str:
        """The call whose tasks may write here; empty where there is none."""
        try:
            return self._told_call()
        except (OSError, ValueError):
            return ""

    def _told_call(self) -> str:
        return (self.keep / _CALL).read_text(encoding="ascii")

    def why_not(self, call: str) -> str:
        """Why a call may not write here; empty where it may.

        It is looked at again for some seconds: a network drive may tell for a while what stood in
        the file before, or refuse it once.

        Parameters
        ----------
        call : str
            Empty where nobody asks.
        """
        why = self._why_not(call) if call else ""
        for pause in _LOOKS if why else ():
            time.sleep(pause)
            why = self._why_not(call)
            if not why:
                break
        return why

    def _why_not(self, call: str) -> str:
        try:
            return "" if self._told_call() == call else f"{_CALL} does not name it"
        except (OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or type(error).__name__
            return f"{_CALL} cannot be read: {told}"

    @contextmanager
    def written_by(self, call: str) -> Iterator[None]:
        """Let the tasks of one call write here, and none of them when it ends, however it does.

        A task on a worker that others began cannot be ended: after a stop it goes on, and would
        write for a codebook, or of a person, that are there no more.

        Parameters
        ----------
        call : str
            A name that no other call has.
        """
        write_text(self.keep / _CALL, call)
        try:
            yield
        finally:
            # It hides nothing that came before; the next call ends it, too. Where the lock of a
            # drive failed, another call may stand there, which is not ours to end; what cannot be
            # read is ended, since tasks that go on are worse than a call to be made again.
            with suppress(OSError):
                if self.call in (call, ""):
                    self.end_calls()

    def end_calls(self) -> None:
        """No task may write here any more.

        The file stays: a network drive may tell for a minute that a file which was removed, and
        made anew, is not there.

        Raises
        ------
        OutputError
            If another program holds the file.
        """
        place = self.keep / _CALL
        try:
            write_text(place, "")
        except OSError:  # a full disk, which keeps nobody from leaving
            remove(place)

    def check_call(self, call: str) -> None:
        """Refuse what a task would write whose call has ended.

        Parameters
        ----------
        call : str
            Empty where nobody asks.

        Raises
        ------
        OutputError
        """
        if why := self.why_not(call):
            raise OutputError(
                f"{self.out}: the call that this belongs to has ended ({why}), so nothing of it "
                "is written; run the same command again"
            )


def _is_of_others(path: Path) -> bool:
    """Whether a file is none of those that a call writes before it says what lies there."""
    return path.name not in (_LOCK, _CALL) and not _LEFT.search(path.name)


def _unlocked(out: Path, error: OSError) -> str:
    """Why the lock of a folder could not be had."""
    if error.errno == errno.EAGAIN:
        return f"{out}: another run is writing here; wait for it, or name another folder"
    why = error.__cause__ or error
    return (
        f"{out}: files cannot be locked here ({why}), so that two runs could write into it at "
        "once; name a folder of another drive that all workers see, or ask who runs this one to "
        "allow locks (Lustre: mount with -o flock)"
    )


@contextmanager
def beside(
    path: Path, ending: str = "", *, before: Callable[[], None] = lambda: None
) -> Iterator[Path]:
    """A place beside a file, renamed to it when all went well and lies on the disk.

    Parameters
    ----------
    path : Path
    ending : str
        Of the name meanwhile, for what writes by the ending of a name.
    before : callable
        Called right before it is renamed; where it raises, nothing is put in place.

    Raises
    ------
    OutputError
        If another program holds the file.
    """
    part = path.with_name(f"{path.name}-{uuid.uuid4().hex[:8]}{_PART}{ending}")
    try:
        yield part
        with part.open("r+b") as file:  # else a power cut can leave a whole name and no bytes
            os.fsync(file.fileno())
        before()
        _put(part, path)
    finally:
        with suppress(PermissionError):  # what stays is swept, and hides nothing that came before
            patiently(partial(part.unlink, missing_ok=True))


def _put(part: Path, path: Path) -> None:
    try:
        patiently(partial(part.replace, path))
    except PermissionError:
        raise OutputError(f"{path}: {_HELD}") from None


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises
    ------
    OutputError
        If another program holds it, as Excel on Windows does.
    """
    try:
        patiently(partial(path.unlink, missing_ok=True))
    except PermissionError:
        raise OutputError(f"{path}: {_HELD}") from None


def _discard(path: Path) -> None:
    """Remove a file, or a folder with all that it holds.

    Raises
    ------
    OutputError
    """
    if path.is_symlink() or not path.is_dir():
        remove(path)
        return
    try:
        patiently(partial(shutil.rmtree, path))
    except OSError as error:
        raise _not_removed(path, error) from None


def _not_removed(folder: Path, error: OSError) -> OutputError:
    what = "another program holds a file of it" if isinstance(error, PermissionError) else error
    return OutputError(
        f"{folder}: cannot be removed ({what}); close what has it open and run the same command "
        "again"
    )


def file_hash(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str, *, before: Callable[[], None] = lambda: None) -> None:
    """Write a text file, whole or not at all; `before` as in `beside`."""
    with beside(path, before=before) as part:
        part.write_text(text, encoding="utf-8", newline="")


def write_rows(
    path: Path,
    columns: Mapping[str, Any],
    *,
    about: Mapping[str, Any] | None = None,
    before: Callable[[], None] = lambda: None,
) -> str:
    """Write columns as a Parquet file, whole or not at all.

    Parameters
    ----------
    path : Path
    columns : mapping of str to array or list
    about : mapping, optional
        Goes into its head.
    before : callable
        As in `beside`.

    Returns
    -------
    str
        The sha256 of the file.
    """
    table = pyarrow().table(dict(columns))
    if about is not None:
        table = table.replace_schema_metadata({_ABOUT: json.dumps(about)})
    with beside(path, before=before) as part:
        pyarrow("pyarrow.parquet").write_table(table, part, compression="zstd")
        return file_hash(part)


def load_about(path: Path) -> dict[str, Any] | None:
    """What stands in the head of a file of `write_rows`, or `None` where it is not whole."""
    try:
        metadata = pyarrow("pyarrow.parquet").read_schema(path).metadata or {}
        return dict(json.loads(metadata[_ABOUT]))
    except (OSError, ValueError, KeyError):  # pyarrow's errors are ValueErrors
        return None


def write_receipt(
    path: Path, receipt: Receipt, *, before: Callable[[], None] = lambda: None
) -> None:
    """Write what came of a partition: with it the partition is whole; `before` as in `beside`."""
    told = json.dumps(asdict(receipt), ensure_ascii=False, indent=1) + "\n"
    write_text(path, told, before=before)


def load_receipt(path: Path) -> Receipt | None:
    """What came of a partition, or `None` where it is not whole."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        waiting = tuple(OpenFinding(**each) for each in facts.pop("waiting"))
        let_stand = tuple(facts.pop("let_stand"))
        return Receipt(**facts, let_stand=let_stand, waiting=waiting)
    except (OSError, ValueError, TypeError, KeyError):
        return None
