"""What the commands on a study share: how it is named and opened, and how they answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reflect_analysis.cli._shared import print_json, tell

if TYPE_CHECKING:
    from reflect_analysis.project import Project

__all__ = [
    "SOMEBODY",
    "By",
    "MaybeBy",
    "Study",
    "answer",
    "as_typed",
    "counted",
    "hint",
    "is_export",
    "local_time",
    "named",
    "opened",
    "short",
    "some",
]

_SHORT = 8  # letters of an event's id, enough to name it again
# Tables whose name is no plural of a thing; what nobody counts is left out.
_THINGS = {"seen": "readings", "topic_acts": "topic acts"}
_UNTOLD = ("runs", "stayed")
SHOWN_IDS = 10  # a line names so many; the rest is a number


def named(name: str) -> str:
    """A name that is one."""
    if not name.strip():
        raise typer.BadParameter("expected a name, by which the study knows this person")
    return name.strip()


Study = Annotated[
    str,
    typer.Argument(
        help="The study: a file such as study.reflect, or a PostgreSQL URL.", metavar="STUDY"
    ),
]
By = Annotated[
    str,
    typer.Option("--by", help="Who does it, by the name that the study uses.", callback=named),
]

# For what changes nothing in the study: who did it is told in the log if they say so.
MaybeBy = Annotated[str, typer.Option("--by", help="Who does it, for the log.", callback=named)]
SOMEBODY = "somebody"


@contextlib.contextmanager
def opened(study: str) -> Iterator[Project]:
    """The study, with what should be known of the place where it lies."""
    from reflect_analysis import Project

    told = 0
    with Project.open(study) as project:
        told = _tell_new(project, told)
        yield project
    _tell_new(project, told)  # a backup is made beside the work, and may fail


def _tell_new(project: Project, told: int) -> int:
    for line in project.notes[told:]:
        tell(line)
    return len(project.notes)


def as_typed(study: str) -> str:
    """The study as it was typed; a URL without its password."""
    from reflect_analysis.project.engine import Address

    return str(Address(study)) if "://" in study else study


def is_export(path: Path) -> bool:
    """Whether `export` wrote a folder."""
    return (path / "contents.json").is_file() and any(path.glob("*.jsonl"))


def hint(*words: str) -> str:
    """A command to type next, in words that every shell takes."""
    return " ".join(["reflect-analysis", *(f'"{w}"' if " " in w else w for w in words)])


def counted(payload: Mapping[str, Any]) -> str:
    """What an event tells of itself: names as they are, counts with their things.

    Examples
    --------
    >>> counted({"documents": 3, "codebooks": 1, "seen": 1, "runs": 2})
    '3 documents, 1 codebook, 1 reading'
    >>> counted({"name": "ben", "role": "coder"})
    'ben, coder'
    >>> counted({"files": [{"file": "from ben.reflect", "events": 3}]})
    'from ben.reflect'
    >>> counted({"format": "text", "where": "sent", "stayed": "0198c0de"})
    'did not leave, text, sent'
    """
    told = ["did not leave"] if "stayed" in payload else []
    for name, value in payload.items():
        if name in _UNTOLD:
            continue
        if isinstance(value, str):
            told.append(value)
        elif isinstance(value, int):
            thing = _THINGS.get(name, name)
            told.append(f"{value} {thing.removesuffix('s') if value == 1 else thing}")
        elif name == "withdrawn":  # of a restored or an imported copy
            told.append(f"erased again: {', '.join(value)}")
        elif name == "files":
            told += [str(each["file"]) for each in value]
    return ", ".join(told)


def local_time(at: str) -> str:
    """A time of the log as this computer's clock shows it."""
    from datetime import datetime

    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def short(event_id: str) -> str:
    """The beginning of an event's id."""
    return event_id[:_SHORT]


def some(ids: Sequence[str]) -> str:
    """A few ids, and how many more there are."""
    more = len(ids) - SHOWN_IDS
    return ", ".join(ids[:SHOWN_IDS]) + (f" and {more} more" if more > 0 else "")


def answer(content: Mapping[str, Any], *lines: str, as_json: bool) -> None:
    """One object for a program, or lines for a person."""
    if as_json:
        print_json(content)
        return
    for line in lines:
        print(line)
