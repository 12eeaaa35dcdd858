"""The elements of REFI-QDA, whatever their namespace, and what is wrong with them.

Programs write several namespaces, GUIDs in any case with or without braces, and times with or
without a zone; here all that becomes one form. Faults, omissions and notes are collected, so
that a file is judged once and in full.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from reflect_analysis.corpus import Omission

__all__ = [
    "Problems",
    "attribute_value",
    "child",
    "children",
    "clean",
    "description",
    "guid_of",
    "local",
    "moment",
    "target_of",
    "whole_number",
]

_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_EXPECTED_GUID = "expected 8-4-4-4-12 digits from 0 to F; export the project again"
_LONGEST_NUMBER = 19
_SHOWN = 60


@dataclass(slots=True)
class Problems:
    """What is wrong with a file, and what of it was left out.

    Parameters
    ----------
    file : str
        Its name, for messages.
    """

    file: str
    faults: list[str] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)

    def fault(self, place: str, what: str) -> None:
        """A fault that lets nothing of the file be read."""
        self.faults.append(f"{self.file}, {place}: {what}")

    def omit(self, place: str, reason: str, text: str = "") -> None:
        """Something that is left out, and how many words it had."""
        self.omissions.append(Omission(self.file, place, reason, len(text.split())))

    def bad_guid(self, place: str, element: Any) -> None:
        """A GUID that is none: nothing could refer to the thing."""
        came = (element.get("guid") or "")[:_SHOWN]
        self.fault(place, f"GUID {came!r}; {_EXPECTED_GUID}")

    def doubled(self, place: str) -> None:
        """A GUID that two things bear: what refers to it means either."""
        self.fault(place, "its GUID stands twice; export the project again")

    def count(self, place: str, reason: str) -> None:
        """One of many alike that are left out: listed together, with their number."""
        self.counted[place, reason] += 1

    def all_omissions(self) -> tuple[Omission, ...]:
        """What was left out, those that were counted behind."""
        counted = (
            Omission(self.file, place, f"{reason} ({number} times)" if number > 1 else reason)
            for (place, reason), number in self.counted.items()
        )
        return (*self.omissions, *counted)


def local(element: Any) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Any, *names: str) -> Iterator[Any]:
    """The children of an element that bear one of these names."""
    return (each for each in element if local(each) in names)


def child(element: Any, name: str) -> Any:
    """The first child of this name, or `None`."""
    return next(children(element, name), None)


def clean(text: str | None) -> str:
    """A text without what no codebook can hold."""
    return _CONTROL.sub("", (text or "").replace("\r\n", "\n").replace("\r", "\n")).strip()


def description(element: Any) -> str:
    """The text of its Description."""
    found = child(element, "Description")
    return "" if found is None else clean(found.text)


def guid_of(element: Any, name: str = "guid") -> str:
    """A GUID in capitals without braces; empty where there is none, or it is broken."""
    found = _GUID.fullmatch((element.get(name) or "").strip())
    return found[1].upper() if found else ""


def target_of(element: Any) -> str:
    """What a reference points to: ``targetGUID``, or ``guid`` in a codebook alone."""
    return guid_of(element, "targetGUID") or guid_of(element)


def whole_number(text: str | None) -> int | None:
    """A whole number, or `None` where there is none that a position could be."""
    stripped = (text or "").strip()
    if not re.fullmatch(r"[+-]?[0-9]+", stripped) or len(stripped) > _LONGEST_NUMBER:
        return None
    return int(stripped)


def moment(text: str | None) -> datetime | None:
    """A time in UTC, to the second; a time without a zone counts as UTC."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def attribute_value(element: Any) -> Any:
    """The value of a VariableValue by the name of its element; `None` where it is empty.

    A value that is not of its type stays as it was written.
    """
    for each in element:
        kind, text = local(each).removesuffix("Value"), clean(each.text)
        if kind in _TYPES and text:
            try:
                return _TYPES[kind](text)
            except (ValueError, KeyError):
                return text
    return None


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


def _integer(text: str) -> int:
    if len(text) > _SHOWN:
        raise ValueError
    return int(text)


_TYPES: dict[str, Any] = {
    "Text": str,
    "Boolean": _boolean,
    "Integer": _integer,
    "Float": float,
    "Date": date.fromisoformat,
    "DateTime": str,
}
