"""The names that the participants and texts of another study bear here.

Two studies may both have a P01 who are two people. Where somebody said so, the one who comes in
is renamed in every row that names them, always in the same way, so that a second merge finds
them again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reflect_analysis.corpus import Tombstone
from reflect_analysis.project.rows import Row, as_json, from_json, span_of, with_id
from reflect_analysis.provenance import fingerprint

__all__ = ["Names", "prefix_of"]

_LETTERS = 6  # of the study's id
_IN_DOCUMENTS = ("codings", "seen", "memos", "approvals", "assignments")
_BY_CONTENT = ("seen", "memos", "approvals", "assignments")  # whose id is that of their content
_NO_CONTENT = ("id", "position", "event_id")


def prefix_of(study: str) -> str:
    """What stands before the names of a study's participants in another study."""
    return f"{study[:_LETTERS]}-"


@dataclass(frozen=True)
class Names:
    """What becomes of the names of another study; what is not mentioned stays.

    Parameters
    ----------
    prefix : str
    cases, documents : mapping of str to str or None
        The new name, or `None` for what is left out.
    """

    prefix: str = ""
    cases: Mapping[str, str | None] = field(default_factory=dict)
    documents: Mapping[str, str | None] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set)  # codings that were left out

    def rows(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows as they come in. Codings go before the decisions on them."""
        if not self.cases and not self.documents:
            yield from rows
            return
        for row in rows:
            if (found := self._row(table, row)) is not None:
                yield found

    def stone(self, stone: Tombstone) -> Tombstone:
        """A tombstone, of whom it is here; who is left out is withdrawn all the same."""
        return dataclasses.replace(
            stone,
            case_id=self._kept(self.cases, stone.case_id),
            documents=frozenset((self._document(d), h) for d, h in stone.documents),
            spared=frozenset((self._document(d), h) for d, h in stone.spared),
            replaced=frozenset((self._document(d), a, b) for d, a, b in stone.replaced),
        )

    def _kept(self, names: Mapping[str, str | None], name: str) -> str:
        """A name that is needed even where its rows are left out."""
        return names.get(name, name) or f"{self.prefix}{name}"

    def _document(self, document_id: str) -> str:
        return self._kept(self.documents, document_id)

    def _row(self, table: str, row: Row) -> Row | None:
        if table in _IN_DOCUMENTS:
            return self._in_document(table, row)
        renamed: dict[str, Callable[[Row], Row | None]] = {
            "cases": self._case,
            "documents": self._document_row,
            "decisions": self._decision,
            "codebooks": self._codebook,
            "choices": self._choice,
            "topic_acts": self._topic_act,
            "events": self._event,
        }
        return renamed[table](row) if table in renamed else row

    def _case(self, row: Row) -> Row | None:
        return self._renamed(row, self.cases)

    def _decision(self, row: Row) -> Row | None:
        gone = {row["coding_id"], row["replacement_id"]} & self._dropped
        return None if gone else row

    def _renamed(self, row: Row, names: Mapping[str, str | None]) -> Row | None:
        name = names.get(row["id"], row["id"])
        return None if name is None else {**row, "id": name}

    def _document_row(self, row: Row) -> Row | None:
        renamed = self._renamed(row, self.documents)
        if renamed is None:
            return None
        about = from_json(row["about"])
        turns = about.get("turns", ())
        owners = {row["case_id"], *(turn["case_id"] for turn in turns)}
        if not owners & self.cases.keys():
            return renamed
        for turn in turns:
            turn["case_id"] = self._owner(turn["case_id"])
        return {**renamed, "case_id": self._owner(row["case_id"]), "about": as_json(about)}

    def _owner(self, case_id: str | None) -> str | None:
        return None if case_id is None else self._kept(self.cases, case_id)

    def _in_document(self, table: str, row: Row) -> Row | None:
        before = row["document_id"]
        name = self.documents.get(before, before)
        if name is None:
            if table == "codings":
                self._dropped.add(row["id"])
            return None
        if name == before:
            return row
        renamed = {**row, "document_id": name}
        return _with_content_id(renamed) if table in _BY_CONTENT else renamed

    def _codebook(self, row: Row) -> Row:
        """Its examples and origins name texts; the version that codings bear stays."""
        before = from_json(row["about"])
        about = as_json(self._in_tree(before))
        if about == as_json(before):
            return row
        return {**row, "id": fingerprint(about)[:20], "about": about}

    def _in_tree(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._in_tree(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = {name: self._in_tree(each) for name, each in value.items()}
        if isinstance(found.get("document_id"), str):
            found["document_id"] = self._document(found["document_id"])
        return found

    def _topic_act(self, row: Row) -> Row:
        """The parts of a split name segments by their text; it stays the same act."""
        before = from_json(row["about"])
        parts = [[label, list(self._segments(ids))] for label, ids in before["parts"]]
        return (
            row
            if parts == before["parts"]
            else {**row, "about": as_json({**before, "parts": parts})}
        )

    def _segments(self, ids: Iterable[str]) -> Iterator[str]:
        for segment_id in ids:
            document_id, start, end = span_of(segment_id)
            if (name := self.documents.get(document_id, document_id)) is not None:
                yield f"{name}:{start}-{end}"

    def _choice(self, row: Row) -> Row:
        kind, _, name = row["subject"].partition(":")
        names = {"document": self.documents, "case": self.cases}.get(kind, {})
        return {**row, "subject": f"{kind}:{self._kept(names, name)}"} if name in names else row

    def _event(self, row: Row) -> Row:
        """A withdrawal names a participant, and a merge the texts that were blotted out in it."""
        payload = from_json(row["payload"])
        if payload.get("case") in self.cases:
            payload["case"] = self._kept(self.cases, payload["case"])
        elif "replaced" in payload:
            payload["replaced"] = [[self._document(d), *rest] for d, *rest in payload["replaced"]]
        else:
            return row
        return {**row, "payload": as_json(payload)}


def _with_content_id(row: Row) -> Row:
    content = {name: value for name, value in row.items() if name not in _NO_CONTENT}
    rest: Row = {name: row[name] for name in ("position", "event_id") if name in row}
    return {**with_id(content), **rest}
