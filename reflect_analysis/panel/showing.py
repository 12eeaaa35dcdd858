"""What the page gets, as plain values that JSON holds.

Here nothing is decided: whoever calls gives only what the coder may see.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import Coding, Codings, Decision, Memo
from reflect_analysis.corpus import Document
from reflect_analysis.project.desked import NAMING
from reflect_analysis.project.former import LeftCoding, LeftMemo
from reflect_analysis.project.rows import memo_row
from reflect_analysis.project.team import AGREED
from reflect_analysis.regions import Region
from reflect_analysis.review import CodeMark, Waiting, code_marks, title_of

__all__ = [
    "Earlier",
    "Noted",
    "Shown",
    "came_from",
    "codebook_shown",
    "coding_shown",
    "codings_shown",
    "document_shown",
    "evidence_told",
    "left_id",
    "left_shown",
    "memo_id",
    "memo_shown",
    "place_of",
    "place_of_memo",
    "queue_shown",
    "waiting_shown",
]

Shown = dict[str, Any]
NotedPlace = tuple[int, int] | Region
_RULE = re.compile(r"^(?:'.*'|\".*\")(?: \(pattern \d+\))? at \d+–\d+", re.DOTALL)
_PLACE = re.compile(r"(?: at| and) (\d+)–(\d+)")
_HEADING = re.compile(r"^(#{1,6})[ \t]+\S.*$", re.MULTILINE)

# Shown in every study: when a text was written, and no nearer than the year. Whatever else is known
# of a text or its writer may tell who they are, under any name and in any language.
_ALWAYS = ("session", "date")
# What the page shows in a place of its own.
_ELSEWHERE = frozenset({"title", "prompt", "headings", "showed"})
_NOT_TOLD = _ELSEWHERE | NAMING
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


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


def document_shown(
    document: Document, known: Mapping[str, object] | None = None, show: Iterable[str] = ()
) -> Shown:
    """A document without what was coded in it.

    Parameters
    ----------
    document : Document
    known : mapping, optional
        What is known of it and of its case; by default its own attributes.
    show : iterable of str
        The attributes that the study shows to its coders.
    """
    shown, hidden = attributes_shown(document.attributes if known is None else known, show)
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
        "attributes": shown,
        "hidden": hidden,
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


def attributes_shown(
    known: Mapping[str, object], show: Iterable[str] = ()
) -> tuple[list[list[str]], list[str]]:
    """What a coder sees of what is known of a text: session and year, and what the study names.

    A coder should read the text, and not the person whom a role and a town would call to mind.

    Returns
    -------
    shown : list of [str, str]
        Name and value.
    hidden : list of str
        The names of what is not shown and may be.
    """
    named = {name.casefold() for name in show}
    told = {name: str(value).strip() for name, value in known.items()}
    told = {name: value for name, value in told.items() if value}
    shown = [
        row for name, value in told.items() for row in _shown(name, value, name.casefold() in named)
    ]
    seen = {name for name, _ in shown} | {"date" for name, _ in shown if name == "year"}
    return shown, sorted(n for n in told if n not in seen and n.casefold() not in _NOT_TOLD)


def _shown(name: str, value: str, named: bool) -> list[list[str]]:  # noqa: FBT001  # of one call
    """A row, or none."""
    if named or name == "session":
        return [[name, value]]
    year = _YEAR.search(value) if name in _ALWAYS else None
    return [["year", year[0]]] if year else []


# ── what was coded ──


def codings_shown(log: Codings, coder: str, words: str = "") -> dict[str, Shown]:
    """Codings of one document by id: what holds, and the proposals that were rejected.

    Parameters
    ----------
    log : Codings
    coder : str
    words : str
        The text, from which a rule's evidence is told.
    """
    noted, came = Noted(log.memos), came_from(log)
    latest: dict[str, Decision] = {}

    def shown_as(coding: Coding, status: str) -> Shown:
        on = noted.on(place_of(coding), coding.code_id, came.get(coding.id, ()))
        return coding_shown(coding, coder, on, status, words=words)

    for decision in sorted(log.decisions, key=lambda d: (d.at, d.id)):
        latest[decision.coding_id] = decision
    shown = {}
    for row in log.current:
        status = "accepted" if row.status == "reviewed" else "current"
        shown[row.coding.id] = shown_as(row.coding, status)
    for coding in log:
        decided = latest.get(coding.id)
        rejected = decided is not None and decided.action == "reject"
        if rejected and coding.coder_kind == "machine":
            shown[coding.id] = shown_as(coding, "rejected")
    return shown


def coding_shown(
    coding: Coding,
    coder: str,
    noted: Sequence[str] = (),
    status: str = "current",
    *,
    words: str = "",
) -> Shown:
    """A coding, on the layer on which the page draws it; with the ids of the memos on it."""
    region = coding.region
    told = evidence_told(coding, words)
    return {
        "id": coding.id,
        "document": coding.document_id,
        "start": coding.start,
        "end": coding.end,
        "region": None if region is None else _corners(region),
        "code": coding.code_id,
        "coder": coding.coder,
        "layer": _layer(coding, coder),
        "score": coding.score,
        "evidence": told,
        "rule": coding.evidence if told != coding.evidence else "",
        "memos": len(noted),
        "noted": list(noted),
        "status": status,
    }


def _corners(region: Region) -> list[int]:
    return [region.x0, region.y0, region.x1, region.y1]


def evidence_told(coding: Coding, words: str) -> str:
    """A machine's evidence as a coder reads it: of a rule the words that it found, not its pattern.

    Parameters
    ----------
    coding : Coding
    words : str
        The text of its document.

    Returns
    -------
    str
        The evidence as it stands where it names no places in what was coded.
    """
    counted = coding.evidence.partition("passed over:")[0]
    if coding.coder_kind != "machine" or not _RULE.match(counted):
        return coding.evidence
    places = [(int(start), int(end)) for start, end in _PLACE.findall(counted)]
    if not all(coding.start <= start < end <= coding.end <= len(words) for start, end in places):
        return coding.evidence
    whole = [(a, b) for a, b in places if not any(_within((a, b), each) for each in places)]
    found = dict.fromkeys(" ".join(words[start:end].split()) for start, end in sorted(whole))
    return f"the words {', '.join(f'“{each}”' for each in found)}"


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a span is a part of another."""
    return other[0] <= span[0] and span[1] <= other[1] and span != other


def _layer(coding: Coding, coder: str) -> str:
    if coding.coder == AGREED:
        return "agreed"
    if coding.coder_kind == "machine":
        return "proposed"
    return "own" if coding.coder == coder else "other"


# ── what rests on an earlier wording ──


def left_id(left: LeftCoding | LeftMemo) -> str:
    """By which the page knows what rests on an earlier wording."""
    return left.coding.id if isinstance(left, LeftCoding) else memo_id(left.memo)


def left_shown(found: Iterable[LeftCoding | LeftMemo], coder: str, in_use: Iterable[str]) -> Shown:
    """What rests on an earlier wording of a text: the coder's own one by one, the rest counted.

    Parameters
    ----------
    found : iterable of LeftCoding or LeftMemo
        What the coder may see.
    coder : str
    in_use : iterable of str
        The codes that may be given.
    """
    codes, everything = frozenset(in_use), tuple(found)
    own = [_left_shown(each, codes) for each in everything if each.by == coder]
    others = Counter(each.by for each in everything if each.by != coder)
    return {"own": own, "others": sorted(others.items())}


def _left_shown(left: LeftCoding | LeftMemo, codes: frozenset[str]) -> Shown:
    start, end = left.span or (None, None)
    told = {"id": left_id(left), "start": start, "end": end, "gone": left.gone}
    if isinstance(left, LeftMemo):
        region = left.memo.region
        told |= {"code": left.memo.code_id, "text": left.memo.text, "kind": left.memo.kind}
    else:
        region = left.coding.region
        told |= {"code": left.coding.code_id, "text": "", "kind": "coding"}
        told["retired"] = left.coding.code_id not in codes
    return {**told, "region": None if region is None else _corners(region)}


# ── memos ──


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a coding was, until a change put another in its place."""

    place: NotedPlace
    code_id: str
    until: datetime


class Noted:
    """The memos of one document, by the span or region that they are about.

    A memo that names a code is on codings of that code alone; one that names none is on all that
    lie there. Written before a coding was moved or given another code, it is on what took its
    place.
    """

    def __init__(self, memos: Iterable[Memo]) -> None:
        self._there: dict[NotedPlace, list[tuple[Memo, str]]] = {}
        for memo in memos:
            place = place_of_memo(memo)
            if place is not None and memo.kind not in {"flag", "waiting"}:
                self._there.setdefault(place, []).append((memo, memo_id(memo)))

    def on(self, place: NotedPlace, code_id: str, came: Iterable[Earlier] = ()) -> list[str]:
        """The ids of the memos on a coding of a code, which was before what `came` says."""
        found = {name for _, name in self._of(place, code_id)}
        for each in came:
            before = self._of(each.place, each.code_id)
            # Of one with other words by now it is not known when it was first written.
            found |= {name for memo, name in before if memo.replaces or memo.at <= each.until}
        return sorted(found)

    def _of(self, place: NotedPlace, code_id: str) -> Iterator[tuple[Memo, str]]:
        there = self._there.get(place, ())
        return (each for each in there if each[0].code_id in ("", code_id))


def came_from(log: Codings) -> dict[str, tuple[Earlier, ...]]:
    """What codings were before they were changed, by the id of what they are now."""
    changes: dict[str, list[Decision]] = {}
    for decision in log.decisions:
        if decision.replacement_id:
            changes.setdefault(decision.replacement_id, []).append(decision)
    codings = {coding.id: coding for coding in log} if changes else {}

    def earlier(coding_id: str) -> Iterator[Earlier]:
        asking, known = [coding_id], {coding_id}
        while asking:
            for decision in changes.get(asking.pop(), ()):
                before = codings.get(decision.coding_id)
                if before is not None and before.id not in known:
                    yield Earlier(place_of(before), before.code_id, decision.at)
                    known.add(before.id)
                    asking.append(before.id)

    return {coding_id: tuple(earlier(coding_id)) for coding_id in changes}


def place_of(coding: Coding) -> NotedPlace:
    """The span or the region that a coding is of."""
    return (coding.start, coding.end) if coding.region is None else coding.region


def place_of_memo(memo: Memo) -> NotedPlace | None:
    """The span or the region that a memo is about."""
    if memo.region is not None:
        return memo.region
    return None if memo.start is None or memo.end is None else (memo.start, memo.end)


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
        "region": None if memo.region is None else _corners(memo.region),
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
