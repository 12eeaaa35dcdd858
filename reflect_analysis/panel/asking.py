"""What a message of the page holds, checked: a page may be older than this, or broken.

Every fault is a `ValueError` or a `TypeError` in words; nothing of a participant's stands in it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from reflect_analysis.provenance import fingerprint
from reflect_analysis.regions import Region
from reflect_analysis.review import Filter

__all__ = [
    "Message",
    "digest_of",
    "event_id_of",
    "filter_of",
    "number",
    "open_in",
    "place_of",
    "region_of",
    "span_of",
    "text",
    "texts",
    "within_of",
]

Message = Mapping[str, Any]

# What changes when a message is sent again, and what may be a participant's words.
_NOT_TOLD = frozenset(
    {
        *("session", "after", "re", "open"),
        *("text", "name", "definition", "reason", "note", "include", "exclude"),
    }
)
_HALF = re.compile("[\ud800-\udfff]")


def text(message: Message, name: str, default: str | None = None) -> str:
    """A text; one that is left out is the default, if there is one."""
    found = message.get(name, default)
    if found is None and default is not None:
        return default
    if not isinstance(found, str):
        raise TypeError(f"{name}: expected a text, came {type(found).__name__}")
    if _HALF.search(found) or "\0" in found:
        raise ValueError(f"{name}: holds half a character, which cannot be stored")
    return found


def texts(message: Message, name: str) -> tuple[str, ...]:
    """Several texts, each once."""
    found = message.get(name)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError(f"{name}: expected a list of texts")
    return tuple(dict.fromkeys(found))


def number(message: Message, name: str) -> int:
    """A whole number."""
    found = message.get(name)
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError(f"{name}: expected a whole number, came {type(found).__name__}")
    return found


def open_in(message: Message) -> tuple[str, str] | None:
    """The document that the page shows and the hash of its words, if it tells."""
    found = message.get("open")
    if not isinstance(found, list) or [type(each) for each in found] != [str, str]:
        return None
    return found[0], found[1]


def span_of(message: Message) -> tuple[int, int] | None:
    """A span, if the message has one."""
    if message.get("start") is None and message.get("end") is None:
        return None
    return number(message, "start"), number(message, "end")


def place_of(message: Message) -> tuple[int, int, Region | None]:
    """A span of the text, or a region of the picture."""
    region = region_of(message)
    if region is not None:
        return 0, 0, region
    return number(message, "start"), number(message, "end"), None


def within_of(message: Message) -> tuple[int, int, Region | None] | None:
    """The whole of which a place is a part, if the message names one: two numbers, or four."""
    found = message.get("within")
    if found is None:
        return None
    if not isinstance(found, list) or not all(type(each) is int for each in found):
        raise ValueError("within: expected whole numbers")
    if len(found) == len(("start", "end")):
        return found[0], found[1], None
    return 0, 0, Region.of(found)


def region_of(message: Message) -> Region | None:
    """A region of the picture, if the message has one."""
    region = message.get("region")
    if region is None:
        return None
    if not isinstance(region, list) or not all(type(each) is int for each in region):
        raise ValueError("region: expected four whole numbers")
    return Region.of(region)


def filter_of(message: Message) -> Filter:
    """Which proposals are meant."""
    asked = message.get("filter") or {}
    if not isinstance(asked, Mapping):
        raise TypeError("filter: expected its parts by name")
    least = asked.get("at_least")
    if isinstance(least, bool) or not isinstance(least, int | float | None):
        raise TypeError("at_least: expected a number")
    code, coder, document = (text(asked, name, "") for name in ("code", "coder", "document"))
    return Filter(code, coder, document, least)


def event_id_of(message: Message) -> str:
    """The id that the page made, as the store writes ids.

    Raises
    ------
    ValueError
        If it is no UUID: ids that are not random would meet one another.
    """
    try:
        return uuid.UUID(text(message, "id")).hex
    except (ValueError, TypeError):
        raise ValueError("id: expected a UUID, which the page makes for each operation") from None


def digest_of(message: Message) -> str:
    """By which an operation that is sent again is known to be the same; it tells no words."""
    told = {name: value for name, value in message.items() if name not in _NOT_TOLD}
    return fingerprint(told)[:12]
