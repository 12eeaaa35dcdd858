"""What people type beside the numbers: a YAML file with an entry an id, read with its lines.

A choice among models and an inference from two kinds of data are made by a person. No program
makes them, so they are asked for in a file, with the name of who answers for them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from reflect_analysis._whole import write_whole
from reflect_analysis.codebook.files import Found
from reflect_analysis.codebook.text import find_in_yaml
from reflect_analysis.errors import (
    CodebookError,
    FrameworkError,
    OutputError,
    did_you_mean,
    raise_all,
)

__all__ = ["JudgementFile", "read_judgements", "write_judgements"]

Made = TypeVar("Made")
_EMPTY = "is empty: a person types it, with a name and a reason"


@dataclass(frozen=True, slots=True)
class JudgementFile:
    """The shape of a file that people type.

    Parameters
    ----------
    of : str
        What its keys are, such as ``"ids of frameworks"``.
    texts : tuple of str
        The keys of an entry that hold text; all are needed.
    lists : tuple of str
        Those that hold a list of texts; all are needed.
    """

    of: str
    texts: tuple[str, ...]
    lists: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of an entry."""
        return self.lists + self.texts

    @property
    def expected(self) -> str:
        """What the file holds, in words."""
        return f"{self.of}, each with {', '.join(map(repr, self.keys))}"


def read_judgements(
    path: str | Path,
    shape: JudgementFile,
    make: Callable[[str, Mapping[str, Any]], Made],
    check: Callable[[str, Mapping[str, Any]], Iterator[tuple[str, str]]] | None = None,
) -> dict[str, Made]:
    """Read what people typed.

    Parameters
    ----------
    path : str or Path
    shape : JudgementFile
    make : callable
        Makes a value of an id and its entry.
    check : callable, optional
        What is wrong with an id and its entry, each with the key of it; with an empty key for
        the id itself.

    Returns
    -------
    dict of str to value
        By id, in the order of the file.

    Raises
    ------
    FrameworkError
        With every fault and its line.
    """
    found = _loaded(Path(path), shape)
    told: list[tuple[int, str]] = []
    made: dict[str, Made] = {}
    for key, entry in found.data.items():
        name, faults = str(key), list(_entry_faults(entry, shape))
        if isinstance(entry, Mapping) and check is not None:
            faults += check(name, {k: v for k, v in entry.items() if _is_whole(k, v, shape)})
        if not faults:
            try:
                made[name] = make(name, _plain(entry, shape))
            except FrameworkError as error:
                faults = [("", fault) for fault in error.faults]
        for where, fault in faults:
            line, place = found.place((key, where) if where else (key,))
            told.append((line, f"{found.name}{place}: {name}: {fault}"))
    raise_all(FrameworkError, (fault for _, fault in sorted(told)))
    return made


def _loaded(path: Path, shape: JudgementFile) -> Found:
    """The file's entries; one that holds nothing but comments holds none."""
    try:
        return find_in_yaml(path)
    except CodebookError as error:
        # The codebook's reader tells of its own keys.
        raise FrameworkError(
            f"{path.name}: expected {shape.expected}" if "'groups'" in fault else fault
            for fault in error.faults
        ) from None


def _entry_faults(entry: Any, shape: JudgementFile) -> Iterator[tuple[str, str]]:
    """What is wrong with the shape of an entry, each with the key of it."""
    if not isinstance(entry, Mapping):
        yield "", f"expected the keys {', '.join(map(repr, shape.keys))}"
        return
    for key in entry:
        if key not in shape.keys:
            yield key, f"unknown key {str(key)!r}{did_you_mean(str(key), shape.keys)}"
    for key in shape.keys:
        if key not in entry:
            yield "", f"no {key!r}: {_EMPTY.partition(': ')[2]}"
        elif not _is_whole(key, entry[key], shape):
            yield key, f"{key!r} {_wrong(entry[key], shape, key)}"


def _is_whole(key: Any, value: Any, shape: JudgementFile) -> bool:
    """Whether the value of a key is what the shape asks for, and says something."""
    if key in shape.lists:
        return isinstance(value, list) and bool(value) and all(map(_is_text, value))
    return key in shape.texts and _is_text(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _wrong(value: Any, shape: JudgementFile, key: str) -> str:
    if value is None or value in ("", []) or (isinstance(value, str) and not value.strip()):
        return _EMPTY
    if key in shape.lists:
        return "expected a list of ids, such as [first, second]"
    return "expected text; put it in quotation marks"


def _plain(entry: Mapping[str, Any], shape: JudgementFile) -> dict[str, Any]:
    """An entry as plain values, without what the YAML reader knows of their lines."""
    texts = {key: str(entry[key]).strip() for key in shape.texts}
    return texts | {key: tuple(str(each).strip() for each in entry[key]) for key in shape.lists}


def write_judgements(
    made: Mapping[str, object], path: str | Path, shape: JudgementFile, *, overwrite: bool = False
) -> Path:
    """Write what people typed, as `read_judgements` reads it.

    Values bear the keys of the shape as attributes.

    Raises
    ------
    OutputError
        If a file lies there and `overwrite` is false, or it cannot be written.
    """
    from ruamel.yaml import YAML

    target = Path(path)
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists already; name another file, or say overwrite=True")
    yaml, stream = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000  # no line is broken that a person wrote as one
    yaml.dump({name: _entry(each, shape) for name, each in made.items()}, stream)
    try:
        write_whole(target, stream.getvalue().encode("utf-8"))
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from None
    return target


def _entry(made: object, shape: JudgementFile) -> dict[str, Any]:
    """A value as an entry of the file."""
    told = {key: getattr(made, key) for key in shape.keys}
    return {key: list(each) if key in shape.lists else each for key, each in told.items()}
