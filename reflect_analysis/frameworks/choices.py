"""Choices that people typed: which models come first under their conditions, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reflect_analysis.errors import did_you_mean
from reflect_analysis.frameworks.indicators import Choice
from reflect_analysis.frameworks.values import Framework
from reflect_analysis.judgements import JudgementFile, read_judgements, write_judgements

__all__ = ["CHOICES", "read_choices", "write_choices"]

CHOICES = "choices.yaml"
_SHAPE = JudgementFile("ids of frameworks", ("by", "why"), ("rows",))


def read_choices(
    path: str | Path, frameworks: Iterable[Framework] | None = None
) -> dict[str, Choice]:
    """Read which rows of each framework a person chose, in which order.

    Parameters
    ----------
    path : str or Path
        YAML: the id of a framework, with ``rows`` (row ids, the first first), ``by`` and
        ``why``.
    frameworks : iterable of Framework, optional
        Those that are chosen from: another id, or another row, is a fault.

    Returns
    -------
    dict of str to Choice
        By framework id, for `fill_framework`.

    Raises
    ------
    FrameworkError
        With every fault and its line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "choices.yaml"
    >>> _ = path.write_text("models: {rows: [onboarding], by: Ana, why: They leave first.}")
    >>> read_choices(path)["models"].rows
    ('onboarding',)
    """
    known = None if frameworks is None else {each.id: each for each in frameworks}

    def check(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if known is not None:
            yield from _faults(name, entry.get("rows", ()), known)

    return read_judgements(path, _SHAPE, lambda _, entry: Choice(**entry), check)


def _faults(
    name: str, rows: Iterable[str], known: Mapping[str, Framework]
) -> Iterator[tuple[str, str]]:
    """What the frameworks of the report do not have."""
    if name not in known:
        there = ", ".join(known) or "none"
        told = f"no framework of this report bears this id{did_you_mean(name, known)}"
        yield "", f"{told} (there are: {there})"
        return
    framework = known[name]
    if framework.kind == "checklist":
        yield "", "is a checklist: its questions are answered, nothing is chosen"
        return
    ids = [row.id for row in framework]
    for row in rows:
        if row not in ids:
            yield "rows", f"the framework has no row {row!r}{did_you_mean(row, ids)}"


def write_choices(
    choices: Mapping[str, Choice], path: str | Path, *, overwrite: bool = False
) -> Path:
    """Write choices as YAML; `read_choices` gives the same back.

    Parameters
    ----------
    choices : mapping of str to Choice
        By framework id.
    path : str or Path
    overwrite : bool
        Whether a file that lies there is replaced; comments in it are lost.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If a file lies there, or it cannot be written.
    """
    return write_judgements(choices, path, _SHAPE, overwrite=overwrite)
