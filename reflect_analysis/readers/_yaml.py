"""YAML as plain strings that know their lines.

A date stays the word that was written, ``no`` stays ``"no"``, and ``session: 02`` keeps
its zero: what a study writes down is never turned into something else. Only ``null`` and
an empty value are `None`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from reflect_analysis.errors import CorpusError

Value: TypeAlias = "str | list[Entry] | dict[str, Entry] | None"


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and the line (from 1) on which it begins."""

    value: Value
    line: int

    @property
    def word(self) -> str:
        """The value, where it is a word; ``""`` where there is none."""
        return self.value.strip() if isinstance(self.value, str) else ""

    @property
    def words(self) -> str | None:
        """A word, or a list of words joined by ``"; "``; `None` for anything deeper."""
        if isinstance(self.value, list):
            parts = [part.word for part in self.value]
            return "; ".join(parts) if all(parts) else None
        return None if isinstance(self.value, dict) else self.word


def read_yaml(text: str, name: str, *, first_line: int = 1) -> Entry:
    """A YAML text as entries.

    Parameters
    ----------
    text : str
    name : str
        The file, for messages.
    first_line : int
        The line of the file on which the text begins.

    Raises
    ------
    CorpusError
        If it is not YAML, with the line; for a doubled key; for an alias (``*name``).
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

    try:
        with warnings.catch_warnings():
            # It would print what was written; an alias is a fault in any case.
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            # Not the round-trip loader: it marks the folds of a folded text with bell characters.
            node = YAML(typ="safe", pure=True).compose(text)
        return _entry(node, name, first_line, set()) if node else Entry(None, first_line)
    except MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + first_line
        raise CorpusError(f"{name}, line {line}: not YAML: {error.problem}") from None
    except YAMLError:
        raise CorpusError(f"{name}, line {first_line}: not YAML") from None
    except RecursionError:
        raise CorpusError(f"{name}, line {first_line}: nested too deeply") from None


def _entry(node: Any, name: str, first_line: int, seen: set[int]) -> Entry:
    line = node.start_mark.line + first_line
    if id(node) in seen:
        raise CorpusError(f"{name}, line {line}: an alias (*) stands here; write the value out")
    seen.add(id(node))
    if node.id == "scalar":
        return Entry(None if str(node.tag).endswith(":null") else str(node.value), line)
    if node.id == "sequence":
        return Entry([_entry(part, name, first_line, seen) for part in node.value], line)
    return Entry(dict(_pairs(node, name, first_line, seen)), line)


def _pairs(node: Any, name: str, first_line: int, seen: set[int]) -> Iterator[tuple[str, Entry]]:
    keys: set[str] = set()
    for key_node, value_node in node.value:
        key, line = str(key_node.value).strip(), key_node.start_mark.line + first_line
        if key_node.id != "scalar":
            raise CorpusError(f"{name}, line {line}: a key must be a word")
        if key in keys:
            raise CorpusError(f"{name}, line {line}: {key!r} stands twice")
        keys.add(key)
        value = _entry(value_node, name, first_line, seen)
        yield key, Entry(value.value, line)
