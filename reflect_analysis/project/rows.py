"""Values of the package as rows of the store, and back.

A row is a plain mapping that JSON can hold: the same row stands in a table, in the log of what
waits to be stored, and in a line of the text export.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Document, Omission
from reflect_analysis.disclosure import Approval
from reflect_analysis.provenance import Run, fingerprint
from reflect_analysis.regions import Region

if TYPE_CHECKING:
    from cattrs import Converter

    from reflect_analysis.topics import TopicAct

__all__ = [
    "Row",
    "approval_of",
    "approval_row",
    "as_json",
    "case_of",
    "case_row",
    "clearance_of",
    "clearance_row",
    "codebook_of",
    "codebook_row",
    "coding_of",
    "coding_row",
    "decision_of",
    "decision_row",
    "document_of",
    "document_row",
    "from_json",
    "memo_of",
    "memo_row",
    "omission_of",
    "omission_row",
    "run_of",
    "run_row",
    "seen_of",
    "seen_row",
    "span_of",
    "topic_act_of",
    "topic_act_row",
    "with_id",
]

Row = dict[str, Any]
Value = TypeVar("Value")

# What JSON has no type for; a key that no attribute of a study bears.
_DATE, _TIME = "$date", "$time"


def as_json(value: Any) -> str:
    """A plain value as one line of JSON, keys in their order."""
    return _ENCODER.encode(value)


def from_json(text: str) -> Any:
    """What `as_json` wrote."""
    return _DECODER.decode(text)


def _tagged(value: object) -> object:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot store a value of type {type(value).__name__}")


def _untagged(value: Row) -> Any:
    if value.keys() == {_TIME}:
        return datetime.fromisoformat(value[_TIME])
    if value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    return value


# Made once: `json.dumps` and `json.loads` would make one for each of 200,000 events.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_tagged, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_hook=_untagged)


@cache
def _converter() -> Converter:
    """How dataclasses become plain values; attributes and times are kept for `as_json`."""
    from cattrs import Converter

    converter = Converter(unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(Attributes, dict)
    converter.register_structure_hook(Attributes, lambda data, _: Attributes(data))
    converter.register_structure_hook(datetime, lambda data, _: data)
    return converter


def _plain(value: Any, *drop: str) -> Row:
    """The fields of a dataclass as plain values."""
    row: Row = _converter().unstructure(value)
    return {name: item for name, item in row.items() if name not in drop}


def _value(kind: type[Value], data: Mapping[str, Any]) -> Value:
    return _converter().structure(data, kind)


def with_id(row: Row) -> Row:
    """A row with the fingerprint of its content for an id: the same row has the same id."""
    return {"id": fingerprint(row)[:20], **row}


_NAMES: dict[Any, tuple[str, ...]] = {}


def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass; asked for each of 200,000 rows."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return _NAMES[kind]


def _flat(value: Any) -> Row:
    """A flat dataclass as a row: times as text, tuples as JSON."""
    row = {name: getattr(value, name) for name in _names(type(value))}
    for name, item in row.items():
        if isinstance(item, datetime):
            row[name] = item.isoformat()
        elif isinstance(item, tuple):
            row[name] = as_json(item)
    return row


def _unflat(kind: type[Value], row: Mapping[str, Any], *lists: str) -> Value:
    data = {name: row[name] for name in _names(kind) if name in row}
    if "at" in data:
        data["at"] = datetime.fromisoformat(data["at"])
    for name in lists:
        data[name] = tuple(from_json(data[name]))
    return kind(**data)


# ── what was read ──


def document_row(document: Document) -> Row:
    """A document; its text and the hash of it stand by themselves."""
    about = as_json(_plain(document, "id", "text", "case_id"))
    keys = {"id": document.id, "text_hash": document.sha256, "case_id": document.case_id}
    return {**keys, "text": document.text, "about": about}


def document_of(row: Mapping[str, Any]) -> Document:
    """The document of a row."""
    keys = {name: row[name] for name in ("id", "text", "case_id")}
    return _value(Document, {**keys, **from_json(row["about"])})


def case_row(case: Case) -> Row:
    """A participant."""
    return {"id": case.id, "about": as_json(_plain(case, "id"))}


def case_of(row: Mapping[str, Any]) -> Case:
    """The participant of a row."""
    return _value(Case, {"id": row["id"], **from_json(row["about"])})


def clearance_row(clearance: Clearance) -> Row:
    """A clearance."""
    return with_id(_flat(clearance))


def clearance_of(row: Mapping[str, Any]) -> Clearance:
    """The clearance of a row."""
    return _unflat(Clearance, row)


def omission_row(omission: Omission) -> Row:
    """What a reader left out."""
    return with_id(_flat(omission))


def omission_of(row: Mapping[str, Any]) -> Omission:
    """The omission of a row."""
    return _unflat(Omission, row)


def run_row(run: Run, chain: str) -> Row:
    """A run of the corpus or of the codings."""
    return {"id": run.id, "chain": chain, "about": as_json(_plain(run))}


def run_of(row: Mapping[str, Any]) -> Run:
    """The run of a row."""
    return _value(Run, from_json(row["about"]))


def codebook_row(codebook: Codebook) -> Row:
    """A codebook; its id covers what the version leaves out, such as notes and history."""
    about = as_json(_plain(codebook))
    return {"id": fingerprint(about)[:20], "version": codebook.version, "about": about}


def codebook_of(row: Mapping[str, Any]) -> Codebook:
    """The codebook of a row."""
    return _value(Codebook, from_json(row["about"]))


# ── what was coded ──


def coding_row(coding: Coding, text_hash: str) -> Row:
    """A coding, with the hash of the text into which its offsets point."""
    region = None if coding.region is None else str(coding.region)
    return {**_flat(coding), "region": region, "text_hash": text_hash}


def coding_of(row: Mapping[str, Any]) -> Coding:
    """The coding of a row."""
    region = Region.read(row["region"]) if row.get("region") else None
    return _unflat(Coding, {**row, "region": region})


def decision_row(decision: Decision) -> Row:
    """A decision on a proposal."""
    return _flat(decision)


def decision_of(row: Mapping[str, Any]) -> Decision:
    """The decision of a row."""
    return _unflat(Decision, row)


def seen_row(seen: Seen, text_hash: str) -> Row:
    """What a coder read."""
    return with_id({**_flat(seen), "text_hash": text_hash})


def seen_of(row: Mapping[str, Any]) -> Seen:
    """What a coder read, of a row."""
    return _unflat(Seen, row, "codes")


def memo_row(memo: Memo, text_hash: str) -> Row:
    """A memo; `text_hash` is empty where it is about no document."""
    region = None if memo.region is None else str(memo.region)
    return with_id({**_flat(memo), "region": region, "text_hash": text_hash})


def memo_of(row: Mapping[str, Any]) -> Memo:
    """The memo of a row."""
    region = Region.read(row["region"]) if row.get("region") else None
    return _unflat(Memo, {**row, "region": region})


# ── what was decided ──


def approval_row(approval: Approval, text_hash: str) -> Row:
    """What was decided about a quote."""
    about = as_json(_plain(approval, "document_id"))
    return with_id({"document_id": approval.document_id, "text_hash": text_hash, "about": about})


def approval_of(row: Mapping[str, Any]) -> Approval:
    """The approval of a row."""
    return _value(Approval, {"document_id": row["document_id"], **from_json(row["about"])})


def topic_act_row(act: TopicAct) -> Row:
    """What a researcher did with topics; it bears its own id, by which it is undone."""
    from reflect_analysis.topics import act_row

    return act_row(act)


def topic_act_of(row: Mapping[str, Any]) -> TopicAct:
    """The act of a row."""
    from reflect_analysis.topics import act_of

    act = act_of(row)
    for part in act.parts:
        for segment_id in part.segment_ids:
            span_of(segment_id)
    return act


def span_of(segment_id: str) -> tuple[str, int, int]:
    """The document of a segment, and where it stands in its text; `ValueError` for no such id.

    >>> span_of("T1:3:10-24")
    ('T1:3', 10, 24)
    """
    document_id, _, span = segment_id.rpartition(":")
    start, _, end = span.partition("-")
    return document_id, int(start), int(end)
