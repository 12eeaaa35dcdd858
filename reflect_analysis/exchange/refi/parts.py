"""The smallest parts of what is written: GUIDs, texts that XML can hold, values, words about.

A GUID is made of what it stands for, so that the same study gives the same file, and a second
export of a study is known again by a program that holds the first.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import CurrentCoding, Seen
from reflect_analysis.corpus import Case

__all__ = [
    "KIND",
    "MEMO",
    "about_book",
    "about_case",
    "about_code",
    "about_coding",
    "about_reading",
    "as_time",
    "as_value",
    "guid",
    "holdable",
    "value_types",
]

_SPACE = UUID("9b0f7c0e-5d0f-5b8e-9a53-6f1d0a3c2e41")
# The variable that says what a text is.
KIND = "document kind"
# Behind the kind of a memo, in the name of its note.
MEMO = " memo"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def guid(kind: str, key: str) -> str:
    """The GUID of a thing of the study.

    Examples
    --------
    >>> guid("code", "belonging") == guid("code", "belonging") != guid("case", "belonging")
    True
    """
    plain = f"{kind}:{key}".encode("utf-8", "backslashreplace").decode()
    return str(uuid5(_SPACE, plain)).upper()


def holdable(text: str) -> str:
    """A text with U+FFFD for what XML cannot hold: no character is lost, no offset moves."""
    return _ILLEGAL.sub("\ufffd", text)


def as_time(at: datetime) -> str:
    """A time as XML has it, in UTC."""
    try:
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        at = at.replace(tzinfo=UTC)
    return f"{at.replace(tzinfo=None).isoformat()}Z"


# ── values ──


def value_types(attributes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The type of each variable: Text, where its values are of several."""
    found: dict[str, set[str]] = {}
    for each in attributes:
        for name, value in each.items():
            if value is not None:
                found.setdefault(str(name), set()).add(_type(value))
    return {name: next(iter(types)) if len(types) == 1 else "Text" for name, types in found.items()}


def _type(value: Any) -> str:
    """The type of a value; what no other type holds is Text."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    if isinstance(value, float):
        return "Float" if math.isfinite(value) else "Text"
    if isinstance(value, datetime):
        return "DateTime"
    return "Date" if isinstance(value, date) else "Text"


def as_value(value: Any, kind: str) -> str:
    """A value as its type is written."""
    if kind == "Boolean":
        return "true" if value else "false"
    if kind == "Float":
        return format(Decimal(repr(value)), "f")
    if kind == "DateTime":
        return as_time(value)
    if isinstance(value, str | bool | int | float):
        return holdable(str(value))
    if isinstance(value, date):
        return value.isoformat()
    return holdable(json.dumps(value, ensure_ascii=False, default=str))


# ── words about ──


def about_code(code: Code) -> str:
    """The definition, and below it what the format has no place for, a line each."""
    counter = (f"{each.text} — {each.why}" for each in code.counter_examples)
    lists = {
        "Include": code.include,
        "Exclude": code.exclude,
        "Example": code.examples,
        "Not an example": counter,
        "Source": (source.cite for source in code.source),
        "Replaced by": code.replaced_by,
        "Unit": () if code.unit == "sentence" else (code.unit,),
        "In vivo": (_in_vivo(code),) if code.in_vivo else (),
    }
    lines = [f"{label}: {item}" for label, items in lists.items() for item in items]
    if code.note:
        lines.append(f"Note: {code.note}")
    if code.human_only:
        lines.append("Coded by people only.")
    if code.status != "defined":
        lines.append(f"Status: {code.status}")
    return holdable("\n\n".join(filter(None, (code.definition, "\n".join(lines)))))


def _in_vivo(code: Code) -> str:
    """That a name is a participant's words, and whether it may be printed."""
    by = " ".join(code.name_approved_by.split())
    return f"{code.id}, approved by {by}" if by else f"{code.id}, not approved"


def about_book(book: Codebook) -> str:
    """The description of a codebook, and below it what the format has no place for."""
    lines = [f"Language: {book.language}"] if book.language != "en" else []
    lines += [f"Licence: {line}" for line in (" ".join(book.licence.split()),) if line]
    lines += [f"Rule: {' '.join(rule.split())}" for rule in book.general_rules]
    return holdable("\n\n".join(filter(None, (book.description, "\n".join(lines)))))


def about_case(case: Case) -> str:
    """Consent and governance of a case."""
    lines = [f"Consent to be quoted: {case.quotes}."]
    if case.governance:
        uses = ", ".join(case.governance.approved_uses) or "nothing"
        authority = " ".join(case.governance.authority.split())  # one line, to be known again
        lines.append(f"Governed by {authority}; approved: {uses}.")
    return holdable("\n".join(lines))


def about_coding(row: CurrentCoding) -> str:
    """What of a coding the format has no place for; empty where nothing is."""
    coding = row.coding
    told = {
        "proposed by a machine, nobody has decided": row.status == "machine",
        "proposed by a machine, accepted by a person": row.status == "reviewed",
        "blind": coding.blind,
        f"{coding.phase} phase": bool(coding.phase),
        f"score {coding.score:.3g}" if coding.score is not None else "": coding.score is not None,
    }
    facts = ", ".join(fact for fact, holds in told.items() if holds)
    return holdable(f"{coding.code_id} by {coding.coder}: {facts}") if facts else ""


def about_reading(rows: Iterable[Seen]) -> str:
    """Who read a document."""
    return holdable("\n".join(dict.fromkeys(map(_reading, rows))))


def _reading(row: Seen) -> str:
    def facts() -> Iterator[str]:
        if not row.whole:
            yield f"{row.start}–{row.end}"
        if row.codes:
            yield f"for {', '.join(row.codes)}"
        if row.blind:
            yield "blind"
        if row.phase:
            yield f"{row.phase} phase"

    told = ", ".join(facts())
    return f"Read by {row.coder}{f' ({told})' if told else ''}."
