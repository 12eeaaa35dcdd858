"""What the page gets, as plain values that JSON holds.

Here nothing is decided: whoever calls gives only what the coder may see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import Coding, Codings, Decision, Memo
from reflect_analysis.corpus import Document
from reflect_analysis.project.rows import memo_row
from reflect_analysis.project.team import AGREED
from reflect_analysis.review import CodeMark, Waiting, code_marks, title_of

__all__ = [
    "Shown",
    "codebook_shown",
    "coding_shown",
    "codings_shown",
    "document_shown",
    "memo_id",
    "memo_shown",
    "queue_shown",
    "waiting_shown",
]

Shown = dict[str, Any]
_HEADING = re.compile(r"^(#{1,6})[ \t]+\S.*$", re.MULTILINE)

# What names the person, what says where they are, what the page shows in a place of its own, and
# what was answered about consent.
_NOT_SHOWN = frozenset(
    {
        *("name", "email", "author", "participant", "pseudonym", "attribution", "pair", "case"),
        *("place", "town", "city", "centre", "center", "region", "province", "community", "site"),
        *("title", "prompt", "headings", "showed", "use_text", "use_picture", "quotes", "consent"),
        *("file", "url", "link", "source"),
    }
)


# ── the codebook ──


def codebook_shown(codebook: Codebook) -> list[Shown]:
    """The codes in the codebook's order, with how each is drawn."""
    marks = code_marks(codebook)
    groups = {group.id: group.name for group in codebook.groups}
    return [
        _code_shown(code, marks[code.id], groups, len(codebook.ancestors(code.id)))
        for code in codebook
    ]


def _code_shown(code: Code, mark: CodeMark, groups: Mapping[str, str], depth: int) -> Shown:
    return {
        "id": code.id,
        "name": code.name,
        "group": groups.get(code.group, code.group),
        "group_id": code.group,
        "parent": code.parent,
        "depth": depth,
        "definition": code.definition,
        "include": list(code.include),
        "exclude": list(code.exclude),
        "examples": list(code.examples),
        "counter_examples": [
            {"text": each.text, "why": each.why} for each in code.counter_examples
        ],
        "status": code.status,
        "human_only": code.human_only,
        "unit": code.unit,
        "in_vivo": code.in_vivo,
        "replaced_by": list(code.replaced_by),
        "key": mark.key,
        "hue": mark.hue,
        "pattern": mark.pattern,
    }


# ── a document ──


def document_shown(document: Document) -> Shown:
    """A document without what was coded in it."""
    turns = document.turns if document.kind == "transcript" else ()
    others = () if turns else document.turns
    return {
        "type": "document",
        "id": document.id,
        "title": title_of(document),
        "case": document.case_id or "",
        "text": document.text,
        "sha256": document.sha256,
        "kind": document.kind,
        "prompt": str(document.attributes.get("prompt", "")),
        "attributes": attributes_shown(document),
        "turns": [
            {
                "start": turn.start,
                "end": turn.end,
                "speaker": turn.speaker,
                "at": turn.time,
                "coded": turn.coded,
            }
            for turn in turns
        ],
        "headings": [
            {"start": found.start(), "end": found.end(), "level": len(found[1])}
            for found in _HEADING.finditer(document.text)
        ],
        "quoted": [
            {"start": turn.start, "end": turn.end, "by": turn.case_id or turn.speaker}
            for turn in others
            if not turn.coded
        ],
    }


def attributes_shown(document: Document) -> list[list[str]]:
    """The document's own attributes; none that names a person, or a place where few are.

    A coder should read the text, and not the person whom a role and a town would call to mind.
    """
    return [
        [name, str(value)]
        for name, value in document.attributes.items()
        if name.casefold() not in _NOT_SHOWN and str(value).strip()
    ]


# ── what was coded ──


def codings_shown(log: Codings, coder: str) -> dict[str, Shown]:
    """Codings by id: what holds, and the proposals that were rejected."""
    memos = spans_with_memos(log.memos)
    latest: dict[str, Decision] = {}
    for decision in sorted(log.decisions, key=lambda d: (d.at, d.id)):
        latest[decision.coding_id] = decision
    shown = {}
    for row in log.current:
        status = "accepted" if row.status == "reviewed" else "current"
        shown[row.coding.id] = coding_shown(row.coding, coder, memos, status)
    for coding in log:
        decided = latest.get(coding.id)
        rejected = decided is not None and decided.action == "reject"
        if rejected and coding.coder_kind == "machine":
            shown[coding.id] = coding_shown(coding, coder, memos, "rejected")
    return shown


def coding_shown(
    coding: Coding, coder: str, memos: Mapping[tuple[int, int], int], status: str = "current"
) -> Shown:
    """A coding, on the layer on which the page draws it."""
    region = coding.region
    return {
        "id": coding.id,
        "document": coding.document_id,
        "start": coding.start,
        "end": coding.end,
        "region": None if region is None else [region.x0, region.y0, region.x1, region.y1],
        "code": coding.code_id,
        "coder": coding.coder,
        "layer": _layer(coding, coder),
        "score": coding.score,
        "evidence": coding.evidence,
        "memos": memos.get((coding.start, coding.end), 0) if region is None else 0,
        "status": status,
    }


def _layer(coding: Coding, coder: str) -> str:
    if coding.coder == AGREED:
        return "agreed"
    if coding.coder_kind == "machine":
        return "proposed"
    return "own" if coding.coder == coder else "other"


# ── memos ──


def spans_with_memos(memos: Iterable[Memo]) -> Counter[tuple[int, int]]:
    """How many memos lie on each span of one document."""
    return Counter(
        (memo.start, memo.end)
        for memo in memos
        if memo.start is not None and memo.end is not None and memo.kind not in {"flag", "waiting"}
    )


def memo_id(memo: Memo) -> str:
    """By which the page knows a memo; the same for the same memo everywhere."""
    return str(memo_row(memo, "")["id"])


def memo_shown(memo: Memo) -> Shown:
    """A memo."""
    return {
        "id": memo_id(memo),
        "text": memo.text,
        "kind": memo.kind,
        "document": memo.document_id,
        "start": memo.start,
        "end": memo.end,
        "code": memo.code_id,
        "coder": memo.by,
        "at": memo.at.isoformat(timespec="seconds"),
    }


def waiting_shown(memo: Memo) -> Shown:
    """A code that waits for the meeting: its name stands in the first line of the memo."""
    name, _, definition = memo.text.partition("\n")
    in_vivo = name.startswith(IN_VIVO)
    return {
        **memo_shown(memo),
        "name": name.removeprefix(IN_VIVO),
        "definition": definition.strip(),
        "in_vivo": in_vivo,
    }


IN_VIVO = "in vivo: "


def queue_shown(rows: Iterable[Waiting]) -> list[Shown]:
    """A queue."""
    names = ("id", "title", "kind", "assigned", "read", "flagged", "own", "proposed")
    return [{name: getattr(row, name) for name in names} for row in rows]
