"""The codebook: the instrument of the study, as a value with a content fingerprint.

Headings are *groups*; a theme is a researcher's written claim and does not stand here. The
version is the fingerprint of all that can change a coding, and is stamped on every one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis._rows import Attributes, to_frame
from reflect_analysis.errors import CodebookError, UnknownIdError, did_you_mean, raise_all
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Code", "Codebook", "CounterExample", "Group", "Source", "read_codebook"]

CodeUnit = Literal["sentence", "reflection"]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the codebook."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class CounterExample:
    """A near miss, and why it is not coded."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a code comes from in the literature; `verified` when somebody checked it."""

    cite: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """One code.

    Parameters
    ----------
    id : str
        Lower-case letters, digits and underscores.
    name : str
    definition : str
    group : str
        Id of its group.
    parent : str, optional
        Id of the code of which this is a subcode.
    include, exclude : tuple of str
    examples : tuple of str
    counter_examples : tuple of CounterExample
    patterns : tuple of str
        For the rule coder, in its own small language.
    scopes : Attributes
        How the rule coder judges a match inside a negation, a hypothesis, another person's
        experience or a quoted prompt: ``"exclude"``, ``"include"`` or ``"require"``.
    unit : {"sentence", "reflection"}
        Where the code is judged: ``"reflection"`` for what is told across sentences.
    human_only : bool
        Never applied by a machine.
    source : tuple of Source
    note : str
    """

    id: str
    name: str
    definition: str
    group: str
    parent: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[CounterExample, ...] = ()
    patterns: tuple[str, ...] = ()
    scopes: Attributes = field(default_factory=Attributes)
    unit: CodeUnit = "sentence"
    human_only: bool = False
    source: tuple[Source, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Codebook:
    """Codes in groups, in the researcher's order.

    Parameters
    ----------
    codes : tuple of Code
    groups : tuple of Group
    title, description, language, licence : str
    general_rules : tuple of str
        What holds for every code.

    Raises
    ------
    CodebookError
        With every fault: doubled ids, unknown groups or parents, cycles, missing definitions.
    """

    codes: tuple[Code, ...]
    groups: tuple[Group, ...] = ()
    title: str = "Codebook"
    description: str = ""
    language: str = "en"
    licence: str = ""
    general_rules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        raise_all(CodebookError, self._faults())

    def _faults(self) -> Iterator[str]:
        yield from _doubled("group", (group.id for group in self.groups))
        yield from _doubled("code", (code.id for code in self.codes))
        groups = [group.id for group in self.groups]
        parents = {code.id: code.parent for code in self.codes}
        if not self.codes:
            yield "a codebook without codes"
        for code in self.codes:
            if not code.definition.strip():
                yield f"code {code.id!r}: no definition"
            if code.group not in groups:
                hint = did_you_mean(code.group, groups)
                yield f"code {code.id!r}: unknown group {code.group!r}{hint}"
            if code.parent is not None and code.parent not in parents:
                hint = did_you_mean(code.parent, parents)
                yield f"code {code.id!r}: unknown parent {code.parent!r}{hint}"
            elif _in_cycle(code.id, parents):
                yield f"code {code.id!r} is its own ancestor"

    @cached_property
    def _codes(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._codes

    def __getitem__(self, code_id: str) -> Code:
        """The code of this id, or `UnknownIdError`."""
        try:
            return self._codes[code_id]
        except KeyError:
            hint = did_you_mean(code_id, self._codes)
            raise UnknownIdError(f"no code {code_id!r} in this codebook{hint}") from None

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the codes, in the codebook's order."""
        return tuple(self._codes)

    @cached_property
    def version(self) -> str:
        """Fingerprint of the content, 12 hex digits; stamped on every coding."""
        return fingerprint(self.language, self.general_rules, [_content(c) for c in self.codes])[
            :12
        ]

    def group(self, group_id: str) -> Group:
        """The group of this id, or `UnknownIdError`."""
        found = {group.id: group for group in self.groups}.get(group_id)
        if found is None:
            raise UnknownIdError(f"no group {group_id!r} in this codebook")
        return found

    def machine_codes(self) -> tuple[Code, ...]:
        """The codes that a machine may propose."""
        return tuple(code for code in self.codes if not code.human_only)

    def children(self, code_id: str) -> tuple[Code, ...]:
        """The subcodes of a code."""
        return tuple(code for code in self.codes if code.parent == code_id)

    def check_ids(self, code_ids: Iterable[str], where: str) -> None:
        """Raise `UnknownIdError` for every id that is not a code, saying where it came from."""
        unknown = sorted(set(code_ids).difference(self._codes))
        hints = [f"{where}: no code {u!r}{did_you_mean(u, self._codes)}" for u in unknown]
        raise_all(UnknownIdError, hints)

    def to_frame(self) -> pd.DataFrame:
        """One row a code, lists joined by line breaks.

        Returns
        -------
        DataFrame
            ``code_id, name, group, parent, definition, include, exclude, examples, unit,
            human_only, source``.
        """
        drop = ("counter_examples", "patterns", "scopes", "note")
        frame = to_frame(self.codes, Code, drop=drop).rename(columns={"id": "code_id"})
        for name in ("include", "exclude", "examples"):
            frame[name] = ["\n".join(items) for items in frame[name]]
        frame["source"] = ["\n".join(_printed(s) for s in code.source) for code in self.codes]
        return frame

    def __repr__(self) -> str:
        return f"<Codebook {self.title!r}: {len(self)} codes, version {self.version}>"

    def _repr_html_(self) -> str:
        names = {group.id: group.name for group in self.groups}
        rows = "".join(
            f"<tr><td>{escape(names[code.group])}</td><td>{escape(code.name)}</td>"
            f"<td>{escape(code.definition)}</td></tr>"
            for code in self.codes
        )
        head = "<tr><th>Group</th><th>Code</th><th>Definition</th></tr>"
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table>"


def _printed(source: Source) -> str:
    return source.cite if source.verified else f"{source.cite} (not verified)"


def _doubled(noun: str, ids: Iterable[str]) -> Iterator[str]:
    for item, count in Counter(ids).items():
        if count > 1:
            yield f"{noun} {item!r} stands {count} times"


def _in_cycle(code_id: str, parents: Mapping[str, str | None]) -> bool:
    """Whether following the parents of a code leads back to it."""
    seen: set[str] = set()
    here = parents.get(code_id)
    while here is not None and here not in seen:
        if here == code_id:
            return True
        seen.add(here)
        here = parents.get(here)
    return False


def _content(code: Code) -> list[object]:
    """All of a code that can change what is coded by it."""
    counter = [(item.text, item.why) for item in code.counter_examples]
    return [
        *(code.id, code.name, code.definition, code.group, code.parent),
        *(code.include, code.exclude, code.examples, counter),
        *(code.patterns, dict(code.scopes), code.unit, code.human_only),
    ]


def read_codebook(path: str | Path) -> Codebook:
    """Read a codebook from YAML.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Codebook

    Raises
    ------
    CodebookError
        With every fault and its line.

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
    data = _load_yaml(source)
    model, faults = _validated(data)
    told = dict.fromkeys(sorted([*faults, *_line_faults(data)], key=lambda fault: fault[0]))
    raise_all(CodebookError, (f"{source.name}, line {line}: {fault}" for line, fault in told))
    codes = tuple(_code(each) for each in model.codes)
    groups = tuple(Group(g.id, g.name, g.description) for g in model.groups)
    about = {name: getattr(model, name) for name in ("title", "description", "language", "licence")}
    try:
        return Codebook(codes, groups, general_rules=tuple(model.general_rules), **about)
    except CodebookError as error:
        raise CodebookError([f"{source.name}: {fault}" for fault in error.faults]) from None


def _load_yaml(path: Path) -> Any:
    """The file as nested values that know their lines."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if path.is_dir():
        raise CodebookError(f"{path}: this is a folder; name the codebook's file")
    try:
        data = YAML(typ="rt").load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CodebookError(f"{path}: there is no such file") from None
    except OSError as error:
        raise CodebookError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise CodebookError(
            f"{path.name}: not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CodebookError(f"{path.name}, line {line}: not YAML: {error.problem}") from None
    except YAMLError as error:  # a character that YAML does not allow has no line
        raise CodebookError(f"{path.name}: not YAML: {error}") from None
    if not isinstance(data, Mapping):
        raise CodebookError(f"{path.name}: expected the keys 'groups' and 'codes' at the top")
    return data


def _line_of(data: Any, location: Sequence[str | int]) -> int:
    """The line (from 1) of a place in the file, as far down as it exists."""
    line = 1
    for key in location:
        if not isinstance(data, Mapping | list):
            break
        try:
            mark = data.lc.data[key]  # type: ignore[union-attr]  # ruamel's values carry their lines
            data = data[key]  # type: ignore[index]  # a nested value of the file
        except (KeyError, IndexError, AttributeError, TypeError):
            break
        line = mark[0] + 1
    return line


def _validated(data: Any) -> tuple[Any, list[tuple[int, str]]]:
    """The file as a checked model, if it is one, and every fault of its shape with its line."""
    from pydantic import ValidationError

    from reflect_analysis._codebook_file import CodebookFile, in_words

    try:
        return CodebookFile.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, [(_line_of(data, each["loc"]), in_words(each, data)) for each in found]


def _line_faults(data: Any) -> Iterator[tuple[int, str]]:
    """Faults between codes, each with its line; what has no shape to compare is passed over."""
    groups, codes = (list(_entries(data, name)) for name in ("groups", "codes"))
    yield from _doubled_lines("group", groups)
    yield from _doubled_lines("code", codes)
    group_ids = [group["id"] for _, group in groups]
    parents = {code["id"]: _word(code, "parent") for _, code in codes}
    for line, code in codes:
        where = f"code {code['id']!r}"
        group, parent = _word(code, "group"), _word(code, "parent")
        if group and group not in group_ids and isinstance(data.get("groups"), list):
            yield line, f"{where}: unknown group {group!r}{did_you_mean(group, group_ids)}"
        if parent and parent not in parents:
            yield line, f"{where}: unknown parent {parent!r}{did_you_mean(parent, parents)}"
        elif _in_cycle(code["id"], parents):
            yield line, f"{where} is its own ancestor"


def _entries(data: Any, name: str) -> Iterator[tuple[int, Any]]:
    """The entries of a list that have an id, with their lines."""
    entries = data.get(name)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, Mapping) and _word(entry, "id"):
            yield _line_of(data, (name, index)), entry


def _word(entry: Any, key: str) -> str | None:
    """The value of a key, where it is text."""
    value = entry.get(key)
    return value if isinstance(value, str) else None


def _doubled_lines(noun: str, entries: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for line, entry in entries:
        if first.setdefault(entry["id"], line) != line:
            yield line, f"{noun} {entry['id']!r} stands in line {first[entry['id']]} already"


def _code(model: Any) -> Code:
    """A checked model as a code."""
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
    )
