"""Reading a framework from YAML: every fault at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reflect_analysis.codebook.files import Found, Place, doubled_ids
from reflect_analysis.codebook.text import find_in_yaml
from reflect_analysis.errors import CodebookError, FrameworkError, raise_all
from reflect_analysis.frameworks.values import Framework, FrameworkRow, UseCase, faults_between

__all__ = ["load_yaml", "read_framework"]


def read_framework(path: str | Path) -> Framework:
    """Read a framework from its YAML file.

    Parameters
    ----------
    path : str or Path
        ``codebooks/frameworks/README.md`` tells of the keys.

    Returns
    -------
    Framework

    Raises
    ------
    FrameworkError
        With every fault and its line.
    """
    from pydantic import ValidationError

    from reflect_analysis.frameworks.shape import FrameworkFile, in_words

    found = load_yaml(path, "the keys 'id', 'title', 'kind' and 'rows'")
    faults = list(_faults_between(found))
    try:
        model = FrameworkFile.model_validate(found.data)
    except ValidationError as error:
        shape = error.errors(include_url=False)
        faults += [(found.place(each["loc"]), in_words(each)) for each in shape]
        model = None
    told = (f"{found.name}{place}: {fault}" for (_, place), fault in sorted(faults))
    raise_all(FrameworkError, dict.fromkeys(told))
    return _framework(model)


def load_yaml(path: str | Path, expected: str) -> Found:
    """The values of a YAML file, which know their lines.

    Raises
    ------
    FrameworkError
        If it cannot be opened, is no YAML, or has no keys at the top.
    """
    source = Path(path)
    try:
        return find_in_yaml(source)
    except CodebookError as error:
        # The codebook's reader tells of its own keys.
        faults = [
            f"{source.name}: expected {expected} at the top" if "'groups'" in fault else fault
            for fault in error.faults
        ]
        raise FrameworkError(faults) from None


def _faults_between(found: Found) -> Iterator[tuple[Place, str]]:
    """What is wrong between entries, of those that have the shape to be asked."""
    entries = _listed(found.data.get("rows"))
    named = [
        (found.place(("rows", number, "id")), entry)
        for number, entry in enumerate(entries)
        if isinstance(entry, Mapping) and _word(entry.get("id"))
    ]
    yield from doubled_ids("the row", named)
    rows = tuple(map(_asked_row, entries))
    cases = tuple(_asked_case(entry) for entry in _listed(found.data.get("use_cases")))
    for location, told in faults_between(rows, cases):
        yield found.place(location), told


def _asked_row(entry: Any) -> FrameworkRow:
    found = entry if isinstance(entry, Mapping) else {}
    sides = (_words(found.get("for")), _words(found.get("against")))
    return FrameworkRow(_word(found.get("id")), "", supports=sides[0], contradicts=sides[1])


def _asked_case(entry: Any) -> UseCase:
    found = entry if isinstance(entry, Mapping) else {}
    return UseCase("", _word(found.get("primary")), _words(found.get("complementary")))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _words(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(_word, _listed(value))))


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str) else ""


def _framework(model: Any) -> Framework:
    return Framework(
        id=model.id,
        title=model.title,
        kind=model.kind,
        rows=tuple(map(_row, model.rows)),
        use_cases=tuple(
            UseCase(case.situation, case.primary, tuple(case.complementary))
            for case in model.use_cases
        ),
        always_said=tuple(model.always_said),
        source=model.source,
        licence=model.licence,
    )


def _row(entry: Any) -> FrameworkRow:
    return FrameworkRow(
        id=entry.id,
        name=entry.name,
        part=entry.part,
        text=entry.text,
        condition=entry.condition,
        indicators=tuple(entry.indicators),
        supports=tuple(entry.supports),
        contradicts=tuple(entry.contradicts),
        terms=tuple(entry.terms),
    )
