"""QualCoder: its project folder (``….qda``), a database with the texts beside their files.

A selection keeps the words that were selected, so that the unit of its positions is proved:
the program's editor counts 16-bit units, other parts of it count characters. Categories become
groups, cases stay cases, whole or as the speakers of a text; regions of pictures are kept as
such, the journal becomes memos. What belongs to recordings, and drawings, is listed.

References
----------
QualCoder documentation, "SQLite data structure", database versions 1 to 17.
github.com/ccbogel/QualCoder
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.codings import Memo
from reflect_analysis.corpus import Case, Document, Kind, Turn
from reflect_analysis.errors import ExchangeError, raise_all
from reflect_analysis.exchange.assembling import (
    NamedCode,
    Parts,
    Selected,
    codebook_of,
    exchanged,
    source_report,
)
from reflect_analysis.exchange.foreign import Tables, moment, open_tables, whole
from reflect_analysis.exchange.offsets import Fit, Positions, SourceText, Written, understand
from reflect_analysis.exchange.refi.codes import Names
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged, Region, SelectionReport, Unit

__all__ = ["QUALCODER_TABLES", "qualcoder_file", "read_qualcoder"]

QUALCODER_TABLES: Mapping[str, tuple[str, ...]] = {
    "source": ("id", "name", "fulltext"),
    "code_name": ("cid", "name"),
    "code_text": ("ctid", "cid", "fid", "pos0", "pos1"),
}
DATABASE = "data.qda"
_NOBODY = "qualcoder"
_ID_LENGTH = 120
_UNREAD = {
    "code_av": "a coded part of a recording",
    "graph": "a drawing",
    "ris": "a bibliographic entry",
    "stored_sql": "a stored query",
}


@dataclass(slots=True)
class _Source:
    """A text of the project, and what points into it."""

    number: int
    name: str
    text: SourceText
    memo: str
    owner: str
    at: datetime
    codings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)

    def positions(self) -> Positions:
        """What is to be understood: the selections, with the ends of notes and cases as marks."""
        written = tuple(
            Written(*_pair(row), str(row["seltext"] or ""), str(row["ctid"]))
            for row in self.codings
        )
        marks = tuple(n for row in (*self.notes, *self.cases) for n in _pair(row))
        return Positions(self.name, self.text, written, marks)


def qualcoder_file(path: Path) -> Path:
    """The database of a project: the file itself, or in the project's folder."""
    return path / DATABASE if path.is_dir() else path


def read_qualcoder(
    path: str | Path, *, kind: Kind = "reflection", unit: Unit = "", assume_seen: bool = False
) -> Exchanged:
    """Read a project of QualCoder.

    Parameters
    ----------
    path : str or Path
        The folder ``….qda``, or the ``data.qda`` in it; it is opened read-only.
    kind : str
        What the texts are.
    unit : {"", "code points", "utf-16"}
        What positions count, where it is known; empty to be inferred.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.

    Returns
    -------
    Exchanged
        `regions` are the coded parts of pictures; their documents are named by the picture.

    Raises
    ------
    ExchangeError
        If the file cannot be read as such, or two readings of its positions fit alike.
    """
    file = qualcoder_file(Path(path))
    if not file.is_file():
        raise ExchangeError(f"{Path(path).name}: no {DATABASE} in it; expected a QualCoder project")
    with open_tables(file) as tables:
        named = dataclasses.replace(tables, name=Path(path).name)
        named.check(QUALCODER_TABLES, "QualCoder")
        return _Reading(named, kind).read(unit=unit, assume_seen=assume_seen)


def _pair(row: Mapping[str, Any]) -> tuple[int, int]:
    start, end = whole(row["pos0"]), whole(row["pos1"])
    return (-1 if start is None else start, -1 if end is None else end)


def _words(value: object) -> str:
    return clean(str(value)) if value is not None else ""


class _Reading:
    """A project being read."""

    def __init__(self, tables: Tables, kind: Kind) -> None:
        self.tables, self.kind = tables, kind
        self.problems = Problems(tables.name)
        columns = ("databaseversion", "date", "memo", "about")
        about = next(tables.rows("project", columns, by="date"), dict.fromkeys(columns))
        self.created = moment([about["date"]], UNKNOWN_TIME)
        book = codebook_of(
            list(self._codes()), title=Path(tables.name).stem, about=_words(about["memo"])
        )
        program = " ".join(filter(None, ("QualCoder", _words(about["about"]))))
        self.parts = Parts("QualCoder project", self.problems, book, program, undated=self.created)

    def read(self, *, unit: Unit, assume_seen: bool) -> Exchanged:
        sources = {source.number: source for source in self._sources()}
        self._attach(sources)
        values = self._values()
        cases = self._cases(values)
        fits, faults = understand([each.positions() for each in sources.values()], unit=unit)
        raise_all(ExchangeError, [f"{self.tables.name}: {each}" for each in faults])
        for source, fit in zip(sources.values(), fits, strict=True):
            document = self._document(source, fit, cases, values)
            self._select(document, source, fit)
        regions = tuple(self._regions())
        self.parts.memos += self._journal()
        self._rest()
        made = exchanged(self.parts, assume_seen=assume_seen)
        return dataclasses.replace(made, regions=regions)

    # ── codes ──

    def _codes(self) -> Iterator[NamedCode]:
        paths = self._categories()
        columns = ("cid", "name", "memo", "catid", "supercid")
        for row in self.tables.rows("code_name", columns, by="cid"):
            parent = "" if row["supercid"] is None else str(row["supercid"])
            heading = paths.get(row["catid"], "")
            yield NamedCode(
                str(row["cid"]), _words(row["name"]), _words(row["memo"]), heading, parent
            )

    def _categories(self) -> dict[Any, str]:
        """The names of categories, those above before them."""
        columns = ("catid", "name", "memo", "supercatid")
        rows = {row["catid"]: row for row in self.tables.rows("code_cat", columns, by="catid")}
        found = {}
        for number, row in rows.items():
            names: list[str] = []
            above, passed = number, set()
            while above in rows and above not in passed:  # a circle ends where it began
                passed.add(above)
                names.append(_words(rows[above]["name"]))
                above = rows[above]["supercatid"]
            found[number] = " / ".join(reversed(names))
            if _words(row["memo"]):
                self.problems.omit(f"category {number}", "its memo", _words(row["memo"]))
        return found

    # ── texts ──

    def _sources(self) -> Iterator[_Source]:
        names = Names(" ")
        columns = ("id", "name", "fulltext", "mediapath", "memo", "owner", "date")
        for row in self.tables.rows("source", columns, by="id"):
            text = SourceText.of(str(row["fulltext"] or ""))
            name = names.new(_words(row["name"])[:_ID_LENGTH] or f"source {row['id']}")
            if not text.text.strip():
                self.problems.omit(f"source {name}", f"no text ({_medium(row['mediapath'])})")
                continue
            owner = _words(row["owner"]) or _NOBODY
            at = moment([row["date"]], self.created)
            yield _Source(row["id"], name, text, _words(row["memo"]), owner, at)

    def _attach(self, sources: Mapping[int, _Source]) -> None:
        """Put selections, notes and cases to their texts; those of none are listed."""
        columns = ("ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "date", "memo")
        for row in self.tables.rows("code_text", columns, by="pos0"):
            self._put(sources, row, "codings", f"coding {row['ctid']}")
        for row in self.tables.rows(
            "annotation", ("anid", "fid", "pos0", "pos1", "memo", "owner", "date"), by="pos0"
        ):
            self._put(sources, row, "notes", f"annotation {row['anid']}")
        for row in self.tables.rows(
            "case_text", ("id", "caseid", "fid", "pos0", "pos1"), by="pos0"
        ):
            self._put(sources, row, "cases", f"case link {row['id']}", quiet=True)

    def _put(
        self,
        sources: Mapping[int, _Source],
        row: dict[str, Any],
        where: str,
        place: str,
        *,
        quiet: bool = False,
    ) -> None:
        source = sources.get(row["fid"])
        if source is not None:
            getattr(source, where).append(row)
        elif not quiet:  # of pictures and recordings cases have no text here
            self.problems.omit(place, "its text is not there")

    # ── cases ──

    def _values(self) -> dict[tuple[str, Any], dict[str, Any]]:
        """Attributes by ``"case"`` or ``"file"`` and number."""
        types = {
            row["name"]: row["valuetype"]
            for row in self.tables.rows("attribute_type", ("name", "valuetype"), by="name")
        }
        found: dict[tuple[str, Any], dict[str, Any]] = {}
        columns = ("name", "attr_type", "value", "id")
        for row in self.tables.rows("attribute", columns, by="name"):
            value = _words(row["value"])
            if value:
                typed = _number(value) if types.get(row["name"]) == "numeric" else value
                place = (str(row["attr_type"]), row["id"])
                found.setdefault(place, {})[_words(row["name"])] = typed
        return found

    def _cases(self, values: Mapping[tuple[str, Any], Mapping[str, Any]]) -> dict[int, str]:
        names = Names(" ")
        found = {}
        for row in self.tables.rows("cases", ("caseid", "name", "memo"), by="caseid"):
            name = names.new(_words(row["name"])[:_ID_LENGTH] or f"case {row['caseid']}")
            found[row["caseid"]] = name
            about = dict(values.get(("case", row["caseid"]), {}))
            if _words(row["memo"]):
                about.setdefault("description", _words(row["memo"]))
            self.parts.cases.append(Case(name, Attributes(about)))
        return found

    def _document(
        self,
        source: _Source,
        fit: Fit,
        cases: Mapping[int, str],
        values: Mapping[tuple[str, Any], Mapping[str, Any]],
    ) -> Document:
        marks = fit.marks()
        ends = list(zip(marks[::2], marks[1::2], strict=True))
        notes, links = ends[: len(source.notes)], ends[len(source.notes) :]
        document = Document(
            source.name,
            source.text.text,
            self.kind,
            attributes=Attributes(values.get(("file", source.number), {})),
            source=self.tables.name,
            place=f"source {source.number}",
        )
        document = self._with_cases(document, source, links, cases)
        self.parts.documents.append(document)
        self._memos(document, source, notes)
        return document

    def _with_cases(
        self,
        document: Document,
        source: _Source,
        spans: Sequence[tuple[int, int]],
        cases: Mapping[int, str],
    ) -> Document:
        """Whose text it is: one case's as a whole, or a turn for each part."""
        linked = [
            (start, end, cases[row["caseid"]])
            for (start, end), row in zip(spans, source.cases, strict=True)
            if row["caseid"] in cases and 0 <= start < end
        ]
        place = f"source {source.name}"
        if len(linked) < len(source.cases):
            self.problems.omit(place, "a link to a case that is not there, or to no passage of it")
        owners = {case for *_, case in linked}
        if len(owners) == 1 and any(_covers(document.text, *span[:2]) for span in linked):
            return dataclasses.replace(document, case_id=owners.pop())
        turns: list[Turn] = []
        for start, end, case in sorted(linked):
            if turns and start < turns[-1].end:
                self.problems.omit(place, f"the part of case {case!r}: it overlaps another's")
            else:
                turns.append(Turn(start, end, case, case))
        return dataclasses.replace(document, turns=tuple(turns))

    def _memos(self, document: Document, source: _Source, spans: Sequence[tuple[int, int]]) -> None:
        if source.memo:
            self.parts.memos.append(
                Memo(source.owner, source.memo, document_id=document.id, at=source.at)
            )
        for (start, end), row in zip(spans, source.notes, strict=True):
            text, at = _words(row["memo"]), moment([row["date"]], self.created)
            if not 0 <= start < end:
                self.problems.omit(f"annotation {row['anid']}", "it lies outside its text", text)
            elif text:
                owner = _words(row["owner"]) or _NOBODY
                self.parts.memos.append(
                    Memo(owner, text, "analytic", document.id, start, end, at=at)
                )

    # ── selections ──

    def _select(self, document: Document, source: _Source, fit: Fit) -> None:
        rows = [self._selected(row, fit, index) for index, row in enumerate(source.codings)]
        reports = self.parts.select(document, rows)
        spans: dict[tuple[int, int], tuple[SelectionReport, Selected]] = {}
        for report, row in zip(reports, rows, strict=True):
            spans.setdefault(row.written, (report, row))
        self.parts.sources.append(
            source_report(
                document,
                [report for report, _ in spans.values()],
                [row for _, row in spans.values()],
                unit=fit.reading.unit,
                line_ends=fit.reading.line_ends(source.text),
                proved=fit.proved,
                runner_up=fit.runner_up,
            )
        )
        if fit.doubt or fit.poor:
            told = fit.doubt or f"only {fit.score:.0%} of its selections fit the words"
            self.problems.notes.append(f"source {document.id!r}: {told}; look at some of them")

    def _selected(self, row: Mapping[str, Any], fit: Fit, index: int) -> Selected:
        span = fit.span(index)
        code = self.parts.book.ids.get(str(row["cid"]))
        quoted = bool(fit.quoted[index]) if row["seltext"] else None
        note = "" if span else fit.why_not(index)
        if span and quoted is False:
            note = "the words that QualCoder keeps of it are others"
        if span and code is None:
            self.problems.omit(f"coding {row['ctid']}", "its code is not there")
        return Selected(
            *(str(row["ctid"]), _pair(row), span, (code,) if code else ()),
            coder=_words(row["owner"]) or _NOBODY,
            at=moment([row["date"]], self.created),
            quoted=quoted,
            note=note,
            memo=_words(row["memo"]),
        )

    def _regions(self) -> Iterator[Region]:
        names = {
            row["id"]: row["name"] for row in self.tables.rows("source", ("id", "name"), by="id")
        }
        columns = ("imid", "id", "x1", "y1", "width", "height", "cid", "date", "owner", "memo")
        for row in self.tables.rows("code_image", columns, by="imid"):
            left, top, width, height = (
                _pixels(row[each]) for each in ("x1", "y1", "width", "height")
            )
            code = self.parts.book.ids.get(str(row["cid"]))
            if row["id"] not in names or None in (left, top, width, height) or code is None:
                self.problems.omit(
                    f"region {row['imid']}", "its picture, place or code is not there"
                )
                continue
            yield Region(
                _words(names[row["id"]]),
                *(left or 0, top or 0, (left or 0) + (width or 0), (top or 0) + (height or 0)),
                code_id=code,
                coder=_words(row["owner"]) or _NOBODY,
                at=moment([row["date"]], self.created),
                name=_words(row["memo"]),
                id=str(row["imid"]),
            )

    def _journal(self) -> Iterator[Memo]:
        """What the researchers wrote beside their work: memos on nothing in particular."""
        columns = ("jid", "name", "jentry", "date", "owner")
        for row in self.tables.rows("journal", columns, by="jid"):
            text = "\n\n".join(filter(None, (_words(row["name"]), _words(row["jentry"]))))
            if _words(row["jentry"]):
                at = moment([row["date"]], self.created)
                yield Memo(_words(row["owner"]) or _NOBODY, text, "reflexive", at=at)

    def _rest(self) -> None:
        for table, what in _UNREAD.items():
            if count := self.tables.count(table):
                told = f"{what} ({count} times)" if count > 1 else what
                self.problems.omit(table, told)


def _covers(text: str, start: int, end: int) -> bool:
    """Whether a span holds all words of a text."""
    return not (text[:start].strip() or text[end:].strip())


def _medium(path: object) -> str:
    kinds = {"images": "a picture", "audio": "a recording", "video": "a recording"}
    kind = str(path or "").lstrip("/").partition("/")[0].partition(":")[0]
    return kinds.get(kind, "nothing was read out of it")


def _number(text: str) -> int | float | str:
    try:
        return int(text) if len(text) < len("9" * 19) else text
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _pixels(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) and abs(value) < 2**31 else None
