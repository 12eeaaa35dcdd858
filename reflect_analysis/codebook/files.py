"""Reading and writing a codebook: YAML here, tables in `sheets`, the suffix decides.

Every kind of file becomes the same nested values (`Found`), each entry with its place, and is
checked once: so every fault is told at once, in the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis._whole import write_whole
from reflect_analysis.codebook.checks import Link, faults_between
from reflect_analysis.codebook.rows import (
    Code,
    CodeChange,
    CounterExample,
    Group,
    Origin,
    Source,
)
from reflect_analysis.codebook.values import Codebook
from reflect_analysis.errors import CodebookError, OutputError, raise_all

__all__ = ["Found", "doubled_ids", "read_bytes", "read_codebook", "write_codebook"]

Location = Sequence[str | int]
Place = tuple[int, str]  # for the order of the faults, and in words


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds, not yet checked.

    Parameters
    ----------
    name : str
        Of the file.
    data : nested values
    place : callable
        From the keys that lead to a value to where it stands.
    faults : tuple of (Place, str)
        What reading itself met.
    """

    name: str
    data: Any
    place: Callable[[Location], Place]
    faults: tuple[tuple[Place, str], ...] = ()


def read_codebook(path: str | Path) -> Codebook:
    """Read a codebook from YAML, CSV, Excel or the tables of a Word file.

    Parameters
    ----------
    path : str or Path
        A table needs the columns ``name`` and ``definition``; ``group`` and all others may be
        missing. ``codebooks/README.md`` tells of the columns.

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        With every fault and its line or row.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "codebook.yaml"
    >>> _ = path.write_text('''
    ... groups: [{id: belonging, name: Belonging}]
    ... codes:
    ...   - {id: isolation, name: Isolation, group: belonging, definition: Lacking connection.}
    ... ''')
    >>> read_codebook(path).ids
    ('isolation',)
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if source.is_dir():
        raise CodebookError(f"{source}: this is a folder; name the codebook's file")
    if suffix in _TABLES:
        from reflect_analysis.codebook.sheets import find_in_tables

        return _checked(find_in_tables(source))
    if suffix in _FOREIGN:
        raise CodebookError(f"{source.name}: {suffix} is not read; {_FOREIGN[suffix]}")
    from reflect_analysis.codebook.text import find_in_yaml

    return _checked(find_in_yaml(source))


_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".docx")
_FOREIGN = {
    ".xls": "save it as .xlsx",
    ".doc": "save it as .docx",
    ".ods": "save it as .xlsx",
    ".pdf": "copy its table into a workbook",
    ".qdc": "that is a REFI-QDA codebook, which read_refi reads",
}


def write_codebook(codebook: Codebook, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a codebook for people to edit; `read_codebook` gives the same codebook back.

    Parameters
    ----------
    codebook : Codebook
    path : str or Path
        The suffix decides: ``.yaml``, ``.xlsx`` or ``.csv``.
    overwrite : bool
        Whether a file that lies there may be replaced; comments in it are lost.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CodebookError
        If there is no code to write, or a text is longer than a cell of Excel.
    OutputError
        If a file lies there, or another program holds it.
    ValueError
        If the suffix is another.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in (".yaml", ".yml", ".xlsx", ".csv"):
        raise ValueError(f"expected a path that ends in .yaml, .xlsx or .csv, not {target.name!r}")
    if not codebook.codes:
        raise CodebookError(f"{target.name}: there is no code to write yet")
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists already; name another file, or say overwrite=True")
    _put(_content(codebook, suffix), target)
    return target


def _content(codebook: Codebook, suffix: str) -> bytes:
    if suffix in (".yaml", ".yml"):
        from reflect_analysis.codebook.text import to_yaml

        return to_yaml(codebook).encode("utf-8")
    from reflect_analysis.codebook.tables import to_csv, to_xlsx

    return to_xlsx(codebook) if suffix == ".xlsx" else to_csv(codebook).encode("utf-8-sig")


def _put(content: bytes, target: Path) -> None:
    """Write beside, and rename: a file that another program holds stays whole."""
    try:
        write_whole(target, content)
    except PermissionError:
        raise OutputError(
            f"{target}: cannot be written; if it is open in Excel or Word, close it and try again"
        ) from None
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from None


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises
    ------
    CodebookError
        If it cannot be read, or another program holds it.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CodebookError(f"{path}: there is no such file") from None
    except PermissionError:
        raise CodebookError(
            f"{path}: cannot be opened; if it is open in Excel or Word, close it and try again"
        ) from None
    except OSError as error:
        raise CodebookError(f"{path}: cannot be read: {error.strerror or error}") from None


# ── checking ────────────────────────────────────────────────────────────────────


def _checked(found: Found) -> Codebook:
    """What a file holds as a codebook, or every fault with its place."""
    model, faults = _validated(found)
    told = [*found.faults, *faults, *_faults_between(found)]
    told.sort(key=lambda fault: fault[0][0])
    unique = dict.fromkeys((where, fault) for (_, where), fault in told)
    raise_all(CodebookError, (f"{found.name}{where}: {fault}" for where, fault in unique))
    try:
        return _codebook(model)
    except CodebookError as error:
        raise CodebookError([f"{found.name}: {fault}" for fault in error.faults]) from None


def _validated(found: Found) -> tuple[Any, list[tuple[Place, str]]]:
    """A checked model, if it is one, and every fault of its shape with its place."""
    from pydantic import ValidationError

    from reflect_analysis.codebook.shape import CodebookFile, in_words

    try:
        return CodebookFile.model_validate(found.data), []
    except ValidationError as error:
        each = error.errors(include_url=False)
        return None, [(found.place(e["loc"]), in_words(e, found.data)) for e in each]


def _faults_between(found: Found) -> Iterator[tuple[Place, str]]:
    """Faults between codes; what has no shape to compare is passed over."""
    groups, codes = (list(_entries(found, name)) for name in ("groups", "codes"))
    yield from doubled_ids("group", groups)
    yield from doubled_ids("code", codes)
    has_groups = isinstance(found.data.get("groups"), list)
    ids = [group["id"] for _, group in groups] if has_groups else None
    for number, fault in faults_between([_link(code) for _, code in codes], ids):
        yield codes[number][0], fault


def _entries(found: Found, name: str) -> Iterator[tuple[Place, Any]]:
    """The entries of a list that have an id, with their places."""
    entries = found.data.get(name)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping) and _word(entry, "id"):
            yield found.place((name, index)), entry


def _word(entry: Any, key: str) -> str | None:
    """The value of a key, where it is text."""
    value = entry.get(key)
    return value if isinstance(value, str) else None


def _link(entry: Any) -> Link:
    others = entry.get("replaced_by")
    replaced_by = [each for each in others if isinstance(each, str)] if _is_list(others) else []
    return Link(
        entry["id"],
        _word(entry, "group"),
        _word(entry, "parent"),
        _word(entry, "status") or "defined",
        tuple(replaced_by),
        entry.get("in_vivo") in (True, "yes", "true"),
    )


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def doubled_ids(noun: str, entries: Iterable[tuple[Place, Any]]) -> Iterator[tuple[Place, str]]:
    """Entries with an ``id`` that an earlier one bears, each with the place of the first."""
    first: dict[str, Place] = {}
    for place, entry in entries:
        if first.setdefault(entry["id"], place) != place:
            where = first[entry["id"]][1].lstrip(", ")
            yield place, f"{noun} {entry['id']!r} stands in {where} already"


# ── from the checked model ──────────────────────────────────────────────────────


def _codebook(model: Any) -> Codebook:
    about = {name: getattr(model, name) for name in ("title", "description", "language", "licence")}
    return Codebook(
        tuple(map(_code, model.codes)),
        tuple(Group(group.id, group.name, group.description) for group in model.groups),
        general_rules=tuple(model.general_rules),
        history=tuple(map(_change, model.history)),
        **about,
    )


def _code(model: Any) -> Code:
    return Code(
        id=model.id,
        name=model.name,
        definition=model.definition,
        group=model.group,
        parent=model.parent,
        include=tuple(model.include),
        exclude=tuple(model.exclude),
        examples=tuple(model.examples),
        counter_examples=tuple(CounterExample(c.text, c.why) for c in model.counter_examples),
        patterns=tuple(model.patterns),
        scopes=Attributes(model.scopes),
        unit=model.unit,
        human_only=model.human_only,
        source=tuple(Source(s.cite, s.verified) for s in model.source),
        note=model.note,
        status=model.status,
        origin=_origin(model.origin),
        in_vivo=model.in_vivo,
        name_approved_by=model.name_approved_by,
        replaced_by=tuple(model.replaced_by),
    )


def _change(model: Any) -> CodeChange:
    return CodeChange(
        action=model.action,
        code_id=model.code,
        into=tuple(model.into),
        by=model.by,
        at=model.at,
        reason=model.reason,
        version_before=model.version_before,
        version_after=model.version_after,
        origin=_origin(model.origin),
    )


def _origin(model: Any) -> Origin | None:
    return Origin(model.document, model.start, model.end) if model else None
