"""Spans as JSON lines: a document a line, with its text and what was coded in it.

The form that annotation programs and trainers of language models read: ``text``, and ``spans``
of ``start``, ``end`` and ``label``. Positions are half-open code points, as in Python. Coder,
time and who read what stand beside, so that a log comes back; definitions do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings, Decision, Phase, Seen
from reflect_analysis.corpus import Answer, Case, Corpus, Document, Governance, Kind
from reflect_analysis.errors import ExchangeError, raise_all
from reflect_analysis.exchange.assembling import (
    Found,
    NamedCode,
    Parts,
    Selected,
    codebook_of,
    exchanged,
    source_report,
)
from reflect_analysis.exchange.foreign import moment
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged

__all__ = ["read_spans", "spans_lines"]

_LARGEST_FILE = 500 * 1024**2
_NOBODY = "imported"


def spans_lines(corpus: Corpus, codings: Codings) -> Iterator[str]:
    """One line of JSON a document: what holds now, in the order of the corpus."""
    spans: dict[str, list[dict[str, Any]]] = {}
    accepted = {each.coding_id: each for each in codings.decisions if each.action == "accept"}
    for row in codings.current:
        each = row.coding
        if each.region is not None:  # a line tells of a text alone
            continue
        told = {
            "start": each.start,
            "end": each.end,
            "label": each.code_id,
            "coder": each.coder,
            "coder_kind": each.coder_kind,
            "status": row.status,
            "at": each.at.isoformat(),
        }
        told |= {"blind": True} if each.blind else {}
        told |= {"phase": each.phase} if each.phase else {}
        if row.status == "reviewed" and (decision := accepted.get(each.id)):
            told |= {"accepted_by": decision.by, "accepted_at": decision.at.isoformat()}
        spans.setdefault(each.document_id, []).append(told)
    seen: dict[str, list[dict[str, Any]]] = {}
    for read in codings.seen:
        if read.whole and read.coder_kind == "person":
            line = {"coder": read.coder, "codes": list(read.codes), "at": read.at.isoformat()}
            seen.setdefault(read.document_id, []).append(line)
    cases = {case.id: case for case in corpus.cases}
    for document in corpus:
        case = cases.get(document.case_id or "")
        yield json.dumps(
            {
                "id": document.id,
                "kind": document.kind,
                "case_id": document.case_id,
                **(_agreed(case) if case else {}),
                "unit": "code points",
                "text": document.text,
                "spans": spans.get(document.id, []),
                "seen": seen.get(document.id, []),
            },
            ensure_ascii=False,
        )


def _agreed(case: Case) -> dict[str, Any]:
    """What a participant and who governs their words agreed to."""
    told: dict[str, Any] = {"quotes": case.quotes}
    if case.governance:
        told |= {"governed_by": case.governance.authority}
        told |= {"approved_uses": list(case.governance.approved_uses)}
    return told


def _case(case_id: str, row: Mapping[str, Any]) -> Case:
    """A participant, with what the line says of consent and governance."""
    quotes: Answer = next((each for each in get_args(Answer) if each == row.get("quotes")), "ask")
    authority, uses = clean(str(row.get("governed_by") or "")), row.get("approved_uses")
    approved = tuple(map(str, uses)) if isinstance(uses, list) else ()
    governance = Governance(authority, approved) if authority else None
    return Case(case_id, quotes=quotes, governance=governance)


def read_spans(
    path: str | Path,
    *,
    kind: Kind = "reflection",
    codebook: Codebook | None = None,
    assume_seen: bool = False,
) -> Exchanged:
    """Read spans from JSON lines.

    Parameters
    ----------
    path : str or Path
        Each line an object with ``text`` and ``spans`` (or ``label``, a list of
        ``[start, end, label]``); ``id``, ``case_id``, ``kind`` and ``seen`` may be missing.
    kind : str
        What the texts are, where a line does not tell.
    codebook : Codebook, optional
        Its codes by id; without it the codes are made of the labels.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.

    Returns
    -------
    Exchanged

    Raises
    ------
    ExchangeError
        With every line that is none, and every label that the codebook lacks.
    """
    file = Path(path)
    rows, faults = _rows(file)
    labels = dict.fromkeys(str(s["label"]) for _, row in rows for s in row["spans"])
    if codebook is None:
        book = codebook_of([NamedCode(each, each) for each in labels], title=file.stem)
    else:
        faults += [
            f"{file.name}: no code {each!r} in the codebook"
            for each in labels
            if each not in codebook
        ]
        book = Found(codebook, {each: each for each in labels})
    raise_all(ExchangeError, faults)
    parts = Parts("spans as JSON lines", Problems(file.name), book)
    for number, row in rows:
        _take(parts, row, f"line {number}", kind)
    return exchanged(parts, assume_seen=assume_seen)


def _take(parts: Parts, row: Mapping[str, Any], place: str, kind: Kind) -> None:
    case_id = clean(str(row.get("case_id") or "")) or None
    document = Document(
        clean(str(row.get("id") or row.get("_input_hash") or place)),
        str(row["text"]),
        kind=_kind(row.get("kind"), kind),
        case_id=case_id,
        source=parts.problems.file,
        place=place,
    )
    if case_id and case_id not in {case.id for case in parts.cases}:
        parts.cases.append(_case(case_id, row))
    parts.documents.append(document)
    selected = [_selected(parts, document, span) for span in row["spans"]]
    reports = parts.select(document, selected)
    parts.sources.append(source_report(document, reports, selected, unit="code points"))
    _decide(parts, document, selected, row["spans"])
    for read in row["seen"]:
        if isinstance(read, dict) and read.get("coder"):
            codes = tuple(parts.book.ids.get(str(c), str(c)) for c in read.get("codes") or ())
            known = tuple(each for each in codes if each in parts.book.codebook)
            if codes and not known:
                continue  # looked for codes that nothing here bears
            at = moment([read.get("at")], UNKNOWN_TIME)
            parts.seen.append(Seen(clean(str(read["coder"])), document.id, codes=known, at=at))


def _decide(
    parts: Parts, document: Document, rows: list[Selected], spans: list[Mapping[str, Any]]
) -> None:
    """Who accepted what a machine proposed, where a line says it; else it stays a proposal."""
    made = {
        (each.start, each.end, each.code_id, each.coder, each.at): each.id
        for each in parts.codings
        if each.document_id == document.id and each.coder_kind == "machine"
    }
    for row, span in zip(rows, spans, strict=True):
        by = clean(str(span.get("accepted_by") or ""))
        if row.span and row.at and by:
            coding_id = made.get((*row.span, row.codes[0], row.coder, row.at))
            at = moment([span.get("accepted_at")], UNKNOWN_TIME)
            if coding_id:
                parts.decisions.append(Decision(coding_id, "accept", by, at=at))


def _selected(parts: Parts, document: Document, span: Mapping[str, Any]) -> Selected:
    start, end = span["start"], span["end"]
    inside = 0 <= start < end <= len(document.text)
    return Selected(
        f"{start}–{end}",
        (start, end),
        (start, end) if inside else None,
        (parts.book.ids[str(span["label"])],),
        clean(str(span.get("coder") or "")) or _NOBODY,
        moment([span.get("at")], UNKNOWN_TIME),
        note="" if inside else f"it lies outside the {len(document.text)} characters of the text",
        coder_kind="machine" if _by_machine(span) else "person",
        blind=span.get("blind") is True,
        phase=next((each for each in get_args(Phase) if each == span.get("phase")), ""),
    )


def _by_machine(span: Mapping[str, Any]) -> bool:
    """No machine becomes a person: what it proposed is its own, also when it was accepted."""
    return span.get("coder_kind") == "machine" or span.get("status") in ("machine", "reviewed")


def _kind(word: object, default: Kind) -> Kind:
    return next((each for each in get_args(Kind) if each == word), default)


# ── the lines ──


def _rows(file: Path) -> tuple[list[tuple[int, dict[str, Any]]], list[str]]:
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[str] = []
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ExchangeError(f"{file.name}: larger than {_LARGEST_FILE} bytes")
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ExchangeError(
            f"{file.name}: not UTF-8; save it again as UTF-8 (in an editor: Save with encoding)"
        ) from None
    except OSError as problem:
        raise ExchangeError(f"{file.name}: cannot be read ({type(problem).__name__})") from None
    ids: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row, fault = _row(line)
        if row is None:
            faults.append(f"{file.name}, line {number}: {fault}")
            continue
        rows.append((number, row))
        known = ids.setdefault(str(row.get("id") or f"line {number}"), number)
        if known != number:
            faults.append(f"{file.name}, line {number}: the id of line {known} again")
    if not rows and not faults:
        faults.append(f"{file.name}: no line in it")
    return rows, faults


def _row(line: str) -> tuple[dict[str, Any] | None, str]:
    """A line as an object with spans, or what is wrong with it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None, "not JSON"
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return None, "expected an object with a text"
    if not row["text"].strip():
        return None, "an empty text"
    spans = row.get("spans")
    if spans is None:
        listed = row.get("label") or row.get("labels") or []
        spans = [_triple(each) for each in listed] if isinstance(listed, list) else [None]
    if not isinstance(spans, list) or not all(map(_is_span, spans)):
        return None, "each span has a start and an end in whole numbers, and a label"
    seen = row.get("seen") or []
    if not isinstance(seen, list) or not all(map(_is_reading, seen)):
        return None, "seen is a list of objects with a coder and, if any, a list of codes"
    return {**row, "spans": spans, "seen": seen}, ""


def _triple(value: object) -> object:
    """What doccano writes."""
    if isinstance(value, list) and len(value) == len(("start", "end", "label")):
        return dict(zip(("start", "end", "label"), value, strict=True))
    return None


def _is_reading(read: object) -> bool:
    return not isinstance(read, dict) or isinstance(read.get("codes") or [], list)


def _is_span(span: object) -> bool:
    return (
        isinstance(span, dict)
        and all(type(span.get(each)) is int for each in ("start", "end"))
        and isinstance(span.get("label"), str)
        and bool(span["label"].strip())
    )
