"""The files of a data set, what lies beside them, and the partitions into which they are cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from reflect_analysis.disclosure.withdrawal import WITHDRAWN_FILES
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers.clearance import CLEARANCE_FILES
from reflect_analysis.scale.files import pyarrow
from reflect_analysis.scale.values import Job

__all__ = ["files_of", "papers_of", "parted"]

# Beside a file that is given alone any other table may lie: there a name says what a file is.
_PAPERS = (
    *WITHDRAWN_FILES,
    *CLEARANCE_FILES,
    *(f"participants{ending}" for ending in (".csv", ".tsv", ".xlsx", ".xlsm")),
)


def papers_of(source: Path) -> list[Path]:
    """What lies beside the Parquet files of a data set.

    Raises
    ------
    CorpusError
        If there is no such data set.
    """
    return files_of(source)[2]


def files_of(source: Path) -> tuple[Path, list[str], list[Path]]:
    """The data set's folder, its Parquet files below it, and what else lies beside them.

    Beside a single file that is what says who takes part, who withdrew and what is cleared.
    """
    if not source.exists():
        raise CorpusError(f"{source}: there is no such file or folder")
    if source.is_file():
        beside = sorted(path for path in source.parent.iterdir() if path.is_file())
        papers = [path for path in beside if path.name.casefold() in _PAPERS]
        return source.parent, [source.name], papers
    seen = [path for path in sorted(source.rglob("*")) if path.is_file() and not _hidden(path)]
    seen = [p for p in seen if not any(map(_is_hidden_name, p.relative_to(source).parts))]
    parts = [path.relative_to(source).as_posix() for path in seen if _is_parquet(path)]
    if not parts:
        raise CorpusError(
            f"{source}: no file that ends in .parquet; `read_corpus` reads CSV, XLSX and the like "
            "on one machine"
        )
    return source, parts, [path for path in seen if not _is_parquet(path)]


def _hidden(path: Path) -> bool:
    return _is_hidden_name(path.name)


def _is_hidden_name(name: str) -> bool:
    return name.startswith((".", "_", "~$"))


def _is_parquet(path: Path) -> bool:
    return path.suffix.casefold() in {".parquet", ".pq"}


def parted(folder: Path, files: Iterable[str], rows: int) -> Iterator[Job]:
    """Row groups of a file put together, or a large one cut, to partitions of so many rows."""
    for file in files:
        metadata = pyarrow("pyarrow.parquet").read_metadata(folder / file)
        groups: list[int] = []
        first, held = 1, 0
        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            if groups and held + count > rows:
                yield Job(file, tuple(groups), 0, held, first)
                groups, first, held = [], first + held, 0
            if count > rows:
                for skip in range(0, count, rows):
                    here = min(rows, count - skip)
                    yield Job(file, (group,), skip, here, first + skip)
                first += count
            elif count:
                groups.append(group)
                held += count
        if groups:
            yield Job(file, tuple(groups), 0, held, first)
