"""Cells of Parquet files: which can be read as text, and whether a file is still the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reflect_analysis.errors import CorpusError
from reflect_analysis.scale.files import file_hash, pyarrow
from reflect_analysis.scale.values import FileSeen, Job

__all__ = [
    "as_text",
    "batches_of",
    "broken_rows",
    "check_unchanged",
    "is_plain",
    "look_at",
    "rows_of",
    "unreadable",
]

# Rows of a file that are looked at, and turned from columns, at once: texts of transcripts make
# them heavy.
_ROWS = 4096


def unreadable() -> tuple[type[BaseException], ...]:
    """What pyarrow raises where a file, or a page of it, cannot be read."""
    return OSError, pyarrow().ArrowException


# ── columns ──


def is_plain(kind: Any) -> bool:
    """Whether a column of this type holds single values: no lists, structs or maps."""
    return not pyarrow("pyarrow.types").is_nested(_inner(kind))


def _inner(kind: Any) -> Any:
    """The type of the values, where a column keeps each of them once."""
    return kind.value_type if pyarrow("pyarrow.types").is_dictionary(kind) else kind


def as_text(column: Any) -> Any:
    """A column with its bytes as text; every other type as it is.

    Some programs write text into Parquet without saying that it is text.
    """
    if not _holds_bytes(column.type):
        return column
    pa = pyarrow()
    return _decoded(column).cast(pa.large_binary()).cast(pa.large_string())


def broken_rows(column: Any) -> list[int]:
    """Rows, counted from 0, of a column of text or bytes that are no UTF-8."""
    types, pa = pyarrow("pyarrow.types"), pyarrow()
    inner = _inner(column.type)
    is_text = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    if not (is_text or _holds_bytes(inner)):
        return []
    raw = _decoded(column).cast(pa.large_binary())
    try:
        raw.cast(pa.large_string())
    except pa.ArrowInvalid:
        return [row for row, cell in enumerate(raw.to_pylist()) if not _is_utf8(cell)]
    return []


def _holds_bytes(kind: Any) -> bool:
    types, inner = pyarrow("pyarrow.types"), _inner(kind)
    asked = ("is_binary", "is_large_binary", "is_fixed_size_binary", "is_binary_view")
    return any(getattr(types, name)(inner) for name in asked)


def _decoded(column: Any) -> Any:
    is_dictionary = pyarrow("pyarrow.types").is_dictionary(column.type)
    return column.dictionary_decode() if is_dictionary else column


def _is_utf8(cell: bytes | None) -> bool:
    try:
        (cell or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ── files ──


def batches_of(folder: Path, file: str, columns: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Some columns of a file, batch by batch, each with the number of its first row from 1.

    Raises
    ------
    CorpusError
        If the file cannot be read.
    """
    first = 1
    try:
        with pyarrow("pyarrow.parquet").ParquetFile(folder / file) as opened:
            for batch in opened.iter_batches(_ROWS, columns=list(columns)):
                yield first, batch
                first += batch.num_rows
    except unreadable() as error:
        raise CorpusError(
            f"{file}: cannot be read from row {first} on ({type(error).__name__}), it is damaged; "
            "copy it or write it anew"
        ) from None


def rows_of(
    folder: Path, job: Job, columns: Sequence[str], only: Sequence[int] | None
) -> Iterator[tuple[object, ...]]:
    """The cells of the rows of a partition; of the file no more is unpacked than a batch.

    Parameters
    ----------
    folder : Path
    job : Job
    columns : sequence of str
    only : sequence of int, optional
        Rows of the partition, counted from 0 and rising; by default all.
    """
    here, end = 0, job.skip + job.rows
    with pyarrow("pyarrow.parquet").ParquetFile(folder / job.file) as file:
        batches = file.iter_batches(_ROWS, row_groups=list(job.groups), columns=list(columns))
        for batch in batches:
            first, last = max(job.skip - here, 0), min(end - here, batch.num_rows)
            if first < last:
                part = batch.slice(first, last - first)
                begins = here + first - job.skip
                if only is not None:
                    part = taken(part, _between(only, begins, begins + len(part)))
                cells = [as_text(part.column(name)).to_pylist() for name in columns]
                yield from zip(*cells, strict=True)
            here += batch.num_rows
            if here >= end:
                return


def taken(batch: Any, rows: Sequence[int]) -> Any:
    """Some rows of a batch; Arrow knows no type of no rows at all."""
    return batch.take(list(rows)) if rows else batch.slice(0, 0)


def _between(rows: Sequence[int], first: int, end: int) -> list[int]:
    """Those of some rows that lie in a stretch, counted from its beginning."""
    return [row - first for row in rows if first <= row < end]


def look_at(path: Path) -> FileSeen:
    """A file as it is now."""
    found = path.stat()  # before the hash: what is written meanwhile has a later time
    return FileSeen(file_hash(path), found.st_size, found.st_mtime_ns)


def check_unchanged(folder: Path, file: str, seen: FileSeen) -> None:
    """A file is what it was when the data set was looked over.

    Size and time are asked first: another machine may see another time of the same file, and then
    its hash decides.

    Raises
    ------
    CorpusError
    """
    path = folder / file
    try:
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) == (seen.size, seen.changed):
            return
        if now.st_size == seen.size and file_hash(path) == seen.sha256:
            return
    except OSError as error:
        raise CorpusError(
            f"{file}: was there when the data set was looked over, and cannot be opened any more "
            f"({error.strerror}); put it back and run the same command again"
        ) from None
    raise CorpusError(
        f"{file}: changed since the data set was looked over, so nobody knows whether its texts "
        "are cleared; run the same command again when nothing writes there any more"
    )
