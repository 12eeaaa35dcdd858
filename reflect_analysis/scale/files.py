"""The folder of a run: what is written of each partition, whole or not at all.

``keep/`` holds what is the researcher's alone: codings, findings and counts by partition, and a
manifest for each. A manifest is written last and by renaming: where it stands, the partition is
whole. ``share/`` holds the tables with small counts hidden, and is made when all partitions are.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reflect_analysis._optional import require
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
_ABOUT = b"reflect_analysis"


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
        empty = not self.out.exists() or not any(self.out.iterdir())
        if not empty and not (self.keep / MARKER).is_file():
            raise OutputError(
                f"{self.out}: holds something that is no run of reflect_analysis (no "
                f"{Path('keep', MARKER)}); name a folder that does not exist yet"
            )

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
        self._sweep()
        names = {job.name for job in jobs}
        for path in (path for kind in KINDS for path in (self.keep / kind).iterdir()):
            if path.name.endswith(_PART) or path.stem not in names:
                remove(path)

    def _sweep(self) -> None:
        """Remove what a run that was ended in the middle of writing left in ``keep`` itself."""
        for path in self.keep.iterdir():
            if _LEFT.search(path.name):
                remove(path)

    def take_back_tables(self) -> None:
        """Remove tables of an earlier run: while partitions are left there are none."""
        shutil.rmtree(self.share, ignore_errors=True)
        for name in ("themes.csv", "topics.csv"):
            remove(self.keep / name)

    def drop_partitions(self) -> None:
        """Remove all that was made of texts; what a person typed stays."""
        self._sweep()
        self.drop_topics()
        for path in (path for kind in KINDS for path in (self.keep / kind).glob("*")):
            remove(path)

    def drop_topics(self) -> None:
        """Remove topics that were found in other texts than the data set's are now."""
        self.take_back_tables()
        shutil.rmtree(self.model, ignore_errors=True)
        remove(self.keep / TOPICS_KEY)
        for path in (self.keep / TOPICS).glob("*"):
            remove(path)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes here meanwhile.

        Raises
        ------
        OutputError
            If somebody does.
        """
        import portalocker

        self.keep.mkdir(parents=True, exist_ok=True)
        with (self.keep / ".lock").open("w", encoding="ascii") as file:
            try:
                portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
            except portalocker.LockException:
                raise OutputError(
                    f"{self.out}: another run is writing here; wait for it, or name another folder"
                ) from None
            yield


@contextmanager
def beside(path: Path, ending: str = "") -> Iterator[Path]:
    """A place beside a file, renamed to it when all went well and lies on the disk.

    Parameters
    ----------
    path : Path
    ending : str
        Of the name meanwhile, for what writes by the ending of a name.
    """
    part = path.with_name(f"{path.name}-{uuid.uuid4().hex[:8]}{_PART}{ending}")
    try:
        yield part
        with part.open("r+b") as file:  # else a power cut can leave a whole name and no bytes
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises
    ------
    OutputError
        If another program holds it, as Excel on Windows does.
    """
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        raise OutputError(
            f"{path}: another program holds it; close it and run the same command again"
        ) from None


def file_hash(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with beside(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def write_rows(
    path: Path, columns: Mapping[str, Any], *, about: Mapping[str, Any] | None = None
) -> str:
    """Write columns as a Parquet file, whole or not at all; `about` goes into its head.

    Returns
    -------
    str
        The sha256 of the file.
    """
    table = pyarrow().table(dict(columns))
    if about is not None:
        table = table.replace_schema_metadata({_ABOUT: json.dumps(about)})
    with beside(path) as part:
        pyarrow("pyarrow.parquet").write_table(table, part, compression="zstd")
        return file_hash(part)


def load_about(path: Path) -> dict[str, Any] | None:
    """What stands in the head of a file of `write_rows`, or `None` where it is not whole."""
    try:
        metadata = pyarrow("pyarrow.parquet").read_schema(path).metadata or {}
        return dict(json.loads(metadata[_ABOUT]))
    except (OSError, ValueError, KeyError):  # pyarrow's errors are ValueErrors
        return None


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Write what came of a partition: with it the partition is whole."""
    write_text(path, json.dumps(asdict(receipt), ensure_ascii=False, indent=1) + "\n")


def load_receipt(path: Path) -> Receipt | None:
    """What came of a partition, or `None` where it is not whole."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        waiting = tuple(OpenFinding(**each) for each in facts.pop("waiting"))
        let_stand = tuple(facts.pop("let_stand"))
        return Receipt(**facts, let_stand=let_stand, waiting=waiting)
    except (OSError, ValueError, TypeError, KeyError):
        return None
