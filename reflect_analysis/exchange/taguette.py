"""Taguette: its SQLite project, as it lies on the computer or is exported.

Positions count bytes of UTF-8 over the text without its tags. A highlight keeps a copy of its
passage, so that the unit is proved and not assumed: another one that finds more of the copies
is taken instead, and said. Texts that came into the program in another encoding than it took
them for are garbled there for good; they are marked, and never mended by guessing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Kind
from reflect_analysis.errors import ExchangeError, did_you_mean
from reflect_analysis.exchange.assembling import (
    NamedCode,
    Parts,
    Selected,
    codebook_of,
    exchanged,
    source_report,
)
from reflect_analysis.exchange.foreign import Tables, moment, open_tables, whole
from reflect_analysis.exchange.markup import Readable, bare, readable
from reflect_analysis.exchange.refi.codes import Names
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged, Unit
from reflect_analysis.readers._found import is_garbled

__all__ = ["TAGUETTE_TABLES", "by_tags", "read_taguette"]

TAGUETTE_TABLES: Mapping[str, tuple[str, ...]] = {
    "projects": ("id", "name"),
    "documents": ("id", "project_id", "name", "contents"),
    "tags": ("id", "project_id", "path"),
    "highlights": ("id", "document_id", "start_offset", "end_offset"),
    "highlight_tags": ("highlight_id", "tag_id"),
}
_UNITS: tuple[Unit, ...] = ("utf-8 bytes", "code points", "utf-16")
_NOBODY = "taguette"
_CUT = "its positions cut a character in two; taken behind it"
_ID_LENGTH = 120


@dataclass(frozen=True, slots=True)
class _Highlight:
    id: int
    start: int | None
    end: int | None
    passage: str
    tags: tuple[int, ...]
    by: str
    at: datetime


def read_taguette(
    path: str | Path, *, project: str = "", kind: Kind = "reflection", assume_seen: bool = False
) -> Exchanged:
    """Read a project of Taguette from its SQLite file.

    Parameters
    ----------
    path : str or Path
        ``….sqlite3``; it is opened read-only.
    project : str
        The name or number of the project, where the file holds several.
    kind : str
        What the texts are.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.

    Returns
    -------
    Exchanged
        A tag with a dot in its name is a subcode where its beginning is a tag too, else its
        beginning is the group. Garbled texts bear the flag ``"garbled"``.

    Raises
    ------
    ExchangeError
        If the file cannot be read as such, or several projects are in it.
    """
    file = Path(path)
    with open_tables(file) as tables:
        tables.check(TAGUETTE_TABLES, "Taguette")
        chosen = _project(tables, project)
        return _Reading(tables, chosen, kind).read(assume_seen=assume_seen)


def _project(tables: Tables, wanted: str) -> dict[str, Any]:
    found = list(tables.rows("projects", ("id", "name", "description", "created"), by="id"))
    if not found:
        raise ExchangeError(f"{tables.name}: no project in it")
    named = [row for row in found if wanted in (str(row["id"]), str(row["name"]))]
    if len(found) == 1 and not wanted:
        return found[0]
    if len(named) == 1:
        return named[0]
    numbers = ", ".join(str(row["id"]) for row in found)
    hint = did_you_mean(wanted, [str(row["name"]) for row in found]) if wanted else ""
    raise ExchangeError(
        f"{tables.name}: {len(found)} projects, numbers {numbers}; say which: project=…{hint}"
    )


class _Reading:
    """One project being read."""

    def __init__(self, tables: Tables, project: Mapping[str, Any], kind: Kind) -> None:
        self.tables, self.project, self.kind = tables, project, kind
        self.problems = Problems(tables.name)
        self.created = moment([project["created"]], UNKNOWN_TIME)
        self.tags = self._tags()
        book = codebook_of(
            list(by_tags(self.tags)),
            title=str(project["name"]),
            about=str(project["description"] or ""),
        )
        self.parts = Parts(
            "Taguette project", self.problems, book, "Taguette", undated=self.created
        )

    def read(self, *, assume_seen: bool) -> Exchanged:
        found = list(self._documents())
        highlights = self._highlights({number for number, _, _ in found})
        unit, shares = _unit([(html, highlights.get(number, [])) for number, _, html in found])
        if unit != "utf-8 bytes":
            self.problems.notes.append(
                f"positions count {unit} here, not bytes of UTF-8: {shares[unit]:.0%} of the "
                f"highlights fit, against {shares['utf-8 bytes']:.0%}"
            )
        runner_up = max(share for each, share in shares.items() if each != unit)
        for number, document, html in found:
            self._select(document, html, highlights.get(number, []), unit, runner_up)
        self._tell_garbled()
        return exchanged(self.parts, assume_seen=assume_seen)

    def _tags(self) -> dict[int, tuple[str, str]]:
        rows = self.tables.rows("tags", ("id", "project_id", "path", "description"), by="id")
        return {
            row["id"]: (clean(str(row["path"] or "")), clean(str(row["description"] or "")))
            for row in rows
            if row["project_id"] == self.project["id"]
        }

    def _documents(self) -> Iterator[tuple[int, Document, Readable]]:
        names = Names(" ")
        columns = ("id", "project_id", "name", "description", "filename", "contents")
        for row in self.tables.rows("documents", columns, by="id"):
            if row["project_id"] != self.project["id"]:
                continue
            html = readable(str(row["contents"] or ""))
            place = f"document {row['id']}"
            if not html.text.strip():
                self.problems.omit(place, "it has no text")
                continue
            about = {"description": clean(str(row["description"] or ""))}
            about["file"] = clean(str(row["filename"] or ""))
            document = Document(
                names.new(clean(str(row["name"] or ""))[:_ID_LENGTH] or place),
                html.text,
                self.kind,
                attributes=Attributes({key: value for key, value in about.items() if value}),
                flags=("garbled",) if is_garbled(html.text) else (),
                source=self.tables.name,
                place=place,
            )
            self.parts.documents.append(document)
            yield row["id"], document, html

    def _highlights(self, documents: set[int]) -> dict[int, list[_Highlight]]:
        """By document; those of documents that were not read are listed."""
        tags: dict[int, list[int]] = {}
        pairs = self.tables.rows("highlight_tags", ("highlight_id", "tag_id"), by="tag_id")
        for row in pairs:
            tags.setdefault(row["highlight_id"], []).append(row["tag_id"])
        authors = self._authors()
        found: dict[int, list[_Highlight]] = {}
        columns = ("id", "document_id", "start_offset", "end_offset", "snippet")
        own = {
            row["id"]
            for row in self.tables.rows("documents", ("id", "project_id"), by="id")
            if row["project_id"] == self.project["id"]
        }
        for row in self.tables.rows("highlights", columns, by="start_offset"):
            if row["document_id"] not in own:
                continue
            if row["document_id"] not in documents:
                self.problems.omit(f"highlight {row['id']}", "its document has no text")
                continue
            by, at = authors.get(row["id"], (_NOBODY, self.created))
            highlight = _Highlight(
                row["id"],
                whole(row["start_offset"]),
                whole(row["end_offset"]),
                bare(str(row["snippet"] or "")),
                tuple(tags.get(row["id"], ())),
                by,
                at,
            )
            found.setdefault(row["document_id"], []).append(highlight)
        return found

    def _authors(self) -> dict[int, tuple[str, datetime]]:
        """Who last set the tags of each highlight, and when, by the program's own log."""
        columns = ("id", "date", "user_login", "project_id", "payload")
        found: dict[int, tuple[str, datetime]] = {}
        for row in self.tables.rows("commands", columns, by="id"):
            try:
                payload = json.loads(str(row["payload"]))
            except (ValueError, RecursionError):
                continue
            if isinstance(payload, dict) and payload.get("type") == "highlight_add":
                number = whole(payload.get("highlight_id"))
                if number is not None and row["project_id"] == self.project["id"]:
                    by = clean(str(row["user_login"] or "")) or _NOBODY
                    found[number] = by, moment([row["date"]], self.created)
        return found

    def _select(
        self,
        document: Document,
        html: Readable,
        highlights: Sequence[_Highlight],
        unit: Unit,
        runner_up: float,
    ) -> None:
        spans = html.spans(unit, [_written(each) for each in highlights])
        rows = [
            self._selected(each, document, span, cut=cut)
            for each, (span, cut) in zip(highlights, spans, strict=True)
        ]
        reports = self.parts.select(document, rows)
        report = source_report(document, reports, rows, unit=unit, runner_up=runner_up)
        self.parts.sources.append(report)

    def _selected(
        self, each: _Highlight, document: Document, span: tuple[int, int] | None, *, cut: bool
    ) -> Selected:
        written = _written(each)
        note = _CUT if cut else ""
        if span is None:
            note = f"{written[0]}–{written[1]} is no passage of the text"
        quoted = None
        if each.passage and span:
            quoted = _bones(document.passage(*span)) == _bones(each.passage)
            note = note if quoted else "the copy that Taguette keeps of it says something else"
        codes = tuple(
            self.parts.book.ids[str(tag)] for tag in each.tags if str(tag) in self.parts.book.ids
        )
        return Selected(str(each.id), written, span, codes, each.by, each.at, quoted, note)

    def _tell_garbled(self) -> None:
        garbled = [each.id for each in self.parts.documents if "garbled" in each.flags]
        if garbled:
            self.problems.notes.append(
                f"{len(garbled)} of {len(self.parts.documents)} documents came into Taguette in "
                "another encoding than it took them for, and are garbled there (the flag "
                '"garbled"); where the originals are at hand, read those and find the quotes again'
            )


def _written(each: _Highlight) -> tuple[int, int]:
    return (-1 if each.start is None else each.start, -1 if each.end is None else each.end)


def _bones(text: str) -> str:
    """A passage without its blanks: breaks between paragraphs are put in here."""
    return "".join(text.split())


def _unit(
    sources: Sequence[tuple[Readable, Sequence[_Highlight]]],
) -> tuple[Unit, dict[Unit, float]]:
    """The unit by which most passages are what the program keeps of them; bytes in doubt."""
    shares: dict[Unit, float] = {}
    total = sum(bool(each.passage) for _, highlights in sources for each in highlights)
    for unit in _UNITS:
        found = sum(_quoted(html, highlights, unit) for html, highlights in sources)
        shares[unit] = found / total if total else 0.0
    return max(_UNITS, key=lambda unit: shares[unit]), shares


def _quoted(html: Readable, highlights: Sequence[_Highlight], unit: Unit) -> int:
    spans = html.spans(unit, [_written(each) for each in highlights])
    return sum(
        span is not None
        and bool(each.passage)
        and _bones(html.text[slice(*span)]) == _bones(each.passage)
        for each, (span, _) in zip(highlights, spans, strict=True)
    )


def by_tags(tags: Mapping[int, tuple[str, str]]) -> Iterator[NamedCode]:
    """Tags as codes; what stands before a dot is the parent, or the heading."""
    keys = {path: str(number) for number, (path, _) in tags.items() if path}
    for number, (path, about) in tags.items():
        heading = _before(path)
        while heading in keys:
            heading = _before(heading)
        yield NamedCode(str(number), path, about, heading, keys.get(_before(path), ""))


def _before(path: str) -> str:
    """What stands before the last dot; a tag without a name is above none."""
    return path.rpartition(".")[0].strip()
