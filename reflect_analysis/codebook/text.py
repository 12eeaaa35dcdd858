"""A codebook as YAML for people: in the researcher's order, long texts folded, nothing else.

Words stand without quotation marks where YAML allows it, patterns always in single ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reflect_analysis.codebook.files import Found, Location, Place, read_bytes
from reflect_analysis.codebook.rows import Code, CodeChange, Origin
from reflect_analysis.codebook.values import Codebook
from reflect_analysis.errors import CodebookError

__all__ = ["find_in_yaml", "to_yaml"]

_WIDTH = 100
_NEVER = 1_000_000  # columns: ruamel breaks no line by itself


def find_in_yaml(path: Path) -> Found:
    """The nested values of a YAML file, which know their lines.

    Raises
    ------
    CodebookError
        If it is no YAML, not UTF-8, or not a mapping.
    """
    data = _load(path)
    if not isinstance(data, Mapping):
        raise CodebookError(f"{path.name}: expected the keys 'groups' and 'codes' at the top")

    def place(location: Location) -> Place:
        line = _line_of(data, location)
        return line, f", line {line}"

    return Found(path.name, data, place)


def _load(path: Path) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(read_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CodebookError(
            f"{path.name}: not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CodebookError(f"{path.name}, line {line}: not YAML: {error.problem}") from None
    except YAMLError as error:  # a character that YAML does not allow has no line
        raise CodebookError(f"{path.name}: not YAML: {error}") from None


def _line_of(data: Any, location: Location) -> int:
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


# ── writing ─────────────────────────────────────────────────────────────────────


def to_yaml(codebook: Codebook) -> str:
    """A codebook as the text of a YAML file."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _NEVER
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(_spaced(_tree(codebook)), stream)
    return stream.getvalue()


def _tree(codebook: Codebook) -> dict[str, Any]:
    """The codebook as nested values, in the order of the file."""
    groups = [
        _filled(id=group.id, name=_word(group.name), description=_long(group.description))
        for group in codebook.groups
    ]
    return {
        "title": _word(codebook.title),
        **_filled(description=_long(codebook.description)),
        "language": _word(codebook.language),
        **_filled(
            licence=_word(codebook.licence),
            general_rules=_words(codebook.general_rules),
        ),
        "groups": groups,
        "codes": [_code(code) for code in codebook],
        **_filled(history=[_change(change) for change in codebook.history]),
    }


def _filled(**entries: Any) -> dict[str, Any]:
    """The entries that say something."""
    return {key: value for key, value in entries.items() if value not in ("", [], {}, None, False)}


def _code(code: Code) -> dict[str, Any]:
    return {
        "id": code.id,
        "name": _word(code.name),
        "group": code.group,
        **_filled(
            parent=code.parent,
            status="" if code.status == "defined" else code.status,
            replaced_by=list(code.replaced_by),
            in_vivo=code.in_vivo,
            name_approved_by=_word(code.name_approved_by),
            origin=_origin(code.origin),
            definition=_long(code.definition),
            include=_words(code.include),
            exclude=_words(code.exclude),
            examples=_words(code.examples),
            counter_examples=[
                {"text": _word(each.text), "why": _word(each.why)} for each in code.counter_examples
            ],
            scopes=dict(code.scopes),
            patterns=[_pattern(each) for each in code.patterns],
            unit="" if code.unit == "sentence" else code.unit,
            human_only=code.human_only,
            source=[{"cite": _word(each.cite), "verified": each.verified} for each in code.source],
            note=_long(code.note),
        ),
    }


def _change(change: CodeChange) -> dict[str, Any]:
    return {
        "action": change.action,
        "code": change.code_id,
        **_filled(into=list(change.into), by=_word(change.by)),
        "at": change.at.isoformat(),
        **_filled(
            reason=_word(change.reason),
            version_before=_word(change.version_before),
            version_after=_word(change.version_after),
            origin=_origin(change.origin),
        ),
    }


def _origin(origin: Origin | None) -> dict[str, Any]:
    if origin is None:
        return {}
    return {"document": _word(origin.document_id), "start": origin.start, "end": origin.end}


def _words(items: Iterable[str]) -> list[Any]:
    return [_word(item) for item in items]


def _word(text: str) -> Any:
    """A text of any length on one line, or as a block where it has several."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if not _is_plain(text):
        return DoubleQuotedScalarString(text)
    return LiteralScalarString(text) if "\n" in text else text


def _pattern(text: str) -> Any:
    from ruamel.yaml.scalarstring import SingleQuotedScalarString

    return SingleQuotedScalarString(text) if _is_plain(text) and "\n" not in text else _word(text)


def _long(text: str) -> Any:
    """A text that is folded at the width of a page where it is longer."""
    from ruamel.yaml.scalarstring import FoldedScalarString

    if len(text) <= _WIDTH or not _is_plain(text) or "\n" in text or "  " in text:
        return _word(text)
    folded = FoldedScalarString(text)
    folded.fold_pos = _breaks(text)  # where ruamel looks for it
    return folded


def _breaks(text: str) -> list[int]:
    """The blanks at which the lines of a folded text end."""
    breaks, begun, last = [], 0, -1
    for place, letter in enumerate(text):
        if letter == " ":
            last = place
        if place - begun >= _WIDTH and last > begun:
            breaks.append(last)
            begun, last = last + 1, -1
    return breaks


def _is_plain(text: str) -> bool:
    """Whether a text can stand in YAML as people read it: no sign that only an escape gives."""
    return all(letter.isprintable() or letter == "\n" for letter in text)


def _spaced(tree: dict[str, Any]) -> Any:
    """The tree with an empty line before each part and each code."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    top = CommentedMap(tree)
    for name in ("general_rules", "groups", "codes", "history"):
        if name in top:
            top.yaml_set_comment_before_after_key(name, before="\n")
    codes = CommentedSeq(top["codes"])
    for index in range(1, len(codes)):
        codes.yaml_set_comment_before_after_key(index, before="\n")
    top["codes"] = codes
    return top
