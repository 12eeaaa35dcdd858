"""A study written as a folder of text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis._whole import left_in, whole_files
from reflect_analysis.codebook import write_codebook
from reflect_analysis.errors import (
    GovernanceError,
    OutputError,
    ProjectError,
    ReflectAnalysisError,
)
from reflect_analysis.project import views
from reflect_analysis.project.migrating import REVISION
from reflect_analysis.project.text.lines import TABLES, line_of, sorted_rows
from reflect_analysis.project.withdrawal.reporting import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = [
    "CODEBOOK",
    "CONTENTS",
    "FORMAT",
    "README",
    "Exported",
    "check_approved",
    "file_of",
    "text_beside",
    "write_text",
]

FORMAT = "reflect_analysis text 1"
CONTENTS, README, CODEBOOK = "contents.json", "README.txt", "codebook.yaml"

_README = """\
A study of reflect_analysis as text.

This folder holds the whole study, participants' words too: keep it as you keep the study itself.

contents.json    the format, and how many lines each file has
study.jsonl      what the study is
events.jsonl     who did what and when; every line of the files below names the event that wrote it
tombstones.jsonl who withdrew, by hashes, so that no old copy brings them back
documents.jsonl  the texts; cases.jsonl the participants, by pseudonym
codings.jsonl    who coded which span: "start" and "end" count characters (Unicode code points)
                 from 0, and "end" is the first one after the span
decisions.jsonl  what people decided on codings; seen.jsonl who read what
and so on, one file a table. One line is one row, in JSON (RFC 8259), encoded as UTF-8; the lines
are sorted by their keys, events by their time. An event that another one "undoes" does not hold,
nor do its lines. Of several lines of one document, participant or codebook that hold, the latest
counts.

codebook.yaml    the codebook in use, for reading only; codebooks.jsonl has all versions

To make a study of it again, in Python:

    from reflect_analysis import Project
    Project.import_text("THIS FOLDER", "study.reflect")
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Parameters
    ----------
    folder : Path
    lines : mapping of str to int
        By table.
    """

    folder: Path
    lines: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """One line."""
        told = {name: count for name, count in self.lines.items() if count and name != "study"}
        return f"{self.folder}: {counted(told)}"


def file_of(table: str) -> str:
    """The file of a table."""
    return f"{table}.jsonl"


def check_approved(connection: Connection) -> None:
    """Refuse a study with records whose export nobody has approved who governs them.

    Raises
    ------
    GovernanceError
        With the first of their ids.
    """
    corpus = views.read_corpus(connection)
    waiting = [each.id for each in corpus if not corpus.permits(each, "export")]
    if waiting:
        raise GovernanceError(
            f"{len(waiting)} documents wait for the approval of the nation or community that "
            f"governs them to be exported, such as {waiting[0]!r}; a copy that stays with the "
            "study's own people may be written with --for-keeping (for_keeping=True)"
        )


@contextmanager
def text_beside(folder: str | Path) -> Iterator[Path]:
    """A folder for `write_text`, whose files take their places when all went well.

    Parameters
    ----------
    folder : path
        One that does not exist, is empty, or holds an earlier export, also one that was killed
        half-way; what else lies in it, such as git's own folder, stays.

    Raises
    ------
    OutputError
        If something else lies there, or it cannot be written; what was there before stays.
    """
    target = Path(folder).absolute()
    _check_free(target)
    try:
        with whole_files(target, last=CONTENTS, without=(CODEBOOK,)) as beside:
            yield beside
    except ReflectAnalysisError:  # some are OSErrors, too
        raise
    except OSError as error:
        told = error.strerror or error
        raise OutputError(f"{target}: cannot be written: {told}") from error


def write_text(connection: Connection, beside: Path, folder: str | Path) -> Exported:
    """Write a study into the folder of `text_beside`, so that an old export stays whole.

    Parameters
    ----------
    connection : Connection
        That sees one state of the study.
    beside : Path
    folder : path
        Where it comes to lie.

    Raises
    ------
    OutputError
        If the export of another study lies there.
    """
    target, own = Path(folder).absolute(), views.read_facts(connection)["id"]
    for place in (target, *left_in(target)):  # what a killed export moved away is replaced, too
        if _study_in(place) not in {own, None}:
            told = "the export of another study lies there; name another folder"
            raise OutputError(f"{place}: {told}")
    return Exported(target, _written(connection, beside))


def _check_free(target: Path) -> None:
    if target.is_dir() and (target / CONTENTS).is_file():
        return
    if target.is_dir() and all(path.name.startswith(".") for path in target.iterdir()):
        return  # empty, or made by git
    if any((left / CONTENTS).is_file() for left in left_in(target)):
        return  # an export that was killed: they go first and come last
    if target.exists():
        raise OutputError(f"{target}: something else lies there; name a new folder")


def _study_in(target: Path) -> str | None:
    """The id of the study that an earlier export is of; `None` where it does not say."""
    try:
        text = (target / file_of("study")).read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        return next((str(row["value"]) for row in rows if row["key"] == "id"), None)
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _written(connection: Connection, folder: Path) -> dict[str, int]:
    """The files of an export, and how many lines each has."""
    lines = {}
    for name, table in TABLES.items():
        lines[name] = _write_lines(connection, table, folder / file_of(name))
    contents = {"format": FORMAT, "tables_of": REVISION, "lines": lines}
    _write(folder / CONTENTS, json.dumps(contents, indent=1) + "\n")
    _write(folder / README, _README)
    try:
        book = views.read_codebook(connection)
    except ProjectError:  # there is none yet
        return lines
    if book.codes:
        write_codebook(book, folder / CODEBOOK)
    return lines


def _write_lines(connection: Connection, table: Table, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in sorted_rows(connection, table):
            file.write(f"{line_of(table, row)}\n")
            count += 1
    return count


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
