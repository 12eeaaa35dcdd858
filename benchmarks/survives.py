"""What of a study survives the way through each format, and README's table of it.

python benchmarks/survives.py          prints the table
python benchmarks/survives.py README.md    compares it with the table there

One composed study with everything in it goes out in each format and is read back; each row
compares what came back with what went out. For the projects of Taguette and QualCoder, which
this package reads and does not write, the study is put into their files by their published
schemas. Nothing in the table is written by hand.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, CodeChange, CounterExample, Group, Origin
from reflect_analysis.codings import Coding, Codings, CurrentCoding, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Picture, Turn
from reflect_analysis.exchange import (
    Exchanged,
    ExchangeReport,
    ExportFormat,
    Region,
    export_study,
    read_exchange,
    write_refi,
)

BEGIN, END = "<!-- survives: python benchmarks/survives.py -->", "<!-- /survives -->"
WHOLE, PART, WORDS, NOTHING = "yes", "part", "words", "–"
AT = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)
DAY = "2025-03-04 09:30:00"
SIDE = "reflect_analysis/study.json"

# ── a study with everything in it ──

R1 = "🙂 I asked Mina before I needed it.\n\nShe said: come on Thursdays."
V1 = "The kettle takes as long as it takes."
T1 = "How was the week?\n\nLong, and I asked for help."
HELP = Code(
    "help",
    "Help",
    "Somebody helps, or is asked to.",
    "ties",
    include=("help that is offered",),
    exclude=("help from a machine",),
    examples=("She carried my boxes.",),
    counter_examples=(CounterExample("I managed alone.", "nobody else is in it"),),
    patterns=("carried my",),
)
ASKING = Code("asking", "Asking", "The writer asks first.", "ties", parent="help")
PATIENCE = Code("patience", "Patience", "Waiting is named.", "pace", human_only=True)
OWN_WORDS = Code(
    *("in_vivo_1", "as long as it takes", "Time is let be.", "pace"),
    unit="reflection",
    origin=Origin("V1", 17, 36),
    in_vivo=True,
)
OLD = Code("aid", "Aid", "An earlier name.", "ties", status="retired", replaced_by=("help",))
BOOK = Codebook(
    (HELP, ASKING, PATIENCE, OWN_WORDS, OLD),
    (Group("ties", "Ties"), Group("pace", "Pace")),
    title="Mentoring",
    language="cs",
    licence="CC BY 4.0",
    general_rules=("One code a passage.",),
    history=(CodeChange("rename", "asking", by="ada", at=AT, reason="clearer"),),
)


def _span(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def study() -> tuple[Corpus, Codebook, Codings]:
    """The texts, the codebook and the log."""
    picture = Picture("kettle.png", "A kettle on a stove.", "nobody", "", "none", "yes")
    asked, week = T1.index("Long"), T1.index("\n\n")
    documents = (
        Document("R1", R1, "reflection", "P1", Attributes(session=2)),
        Document("V1", V1, "photo-voice", "P2", picture=picture),
        Document(
            *("T1", T1, "transcript"),
            turns=(
                Turn(0, week, "Host", None, time=0.0),
                Turn(asked, len(T1), "P1", "P1", time=4.5),
            ),
        ),
    )
    cases = (
        Case("P1", Attributes(role="ECE", years=12), "yes"),
        Case("P2", quotes="no", governance=Governance("nation-1", ("coding", "export"))),
    )
    cleared = tuple(Clearance(each.sha256, "lead", "read", AT) for each in documents)
    return Corpus(documents, cases, cleared), BOOK, _log()


def _log() -> Codings:
    own, kettle = _span(R1, "I asked Mina"), _span(V1, "as long as it takes")
    proposal = Coding(
        *("R1", *_span(R1, "come on Thursdays"), "help", "rules", "machine"),
        *(0.75, "pattern 1 at 48–58"),
        at=AT,
    )
    refused = Coding(
        "T1", *_span(T1, "the week"), "help", "rules", "machine", 0.5, "pattern", at=AT
    )
    return Codings(
        (
            Coding("R1", *own, "asking", "ada", blind=True, phase="reliability", at=AT),
            Coding("R1", *own, "asking", "ben", at=AT),
            Coding("V1", *kettle, "patience", "ada", at=AT),
            Coding("T1", *_span(T1, "I asked for help"), "asking", "ben", at=AT),
            *(proposal, refused),
        ),
        (
            Decision(proposal.id, "accept", "ada", "fits", at=AT),
            Decision(refused.id, "reject", "ben", "a greeting", at=AT),
        ),
        (
            Seen("ada", "R1", blind=True, phase="reliability", at=AT),
            Seen("ada", "V1", at=AT),
            Seen("ben", "R1", at=AT),
            Seen("ben", "T1", at=AT),
        ),
        (
            Memo("ada", "Why before?", "analytic", "R1", *own, at=AT),
            Memo("ben", "A short one.", "analytic", "V1", at=AT),
            Memo("ada", "Too near to patience?", "analytic", code_id="help", at=AT),
            Memo("ada", "I know this town.", "reflexive", at=AT),
        ),
    )


REGIONS = (Region("V1", 2, 3, 8, 9, "patience", "ada", AT, "spout"),)

# ── what is compared: each row a set of plain facts ──

Facts = dict[str, frozenset[object]]
Rows = dict[str, Iterable[object]]  # the same while it is gathered
Names = Mapping[str, str]  # by the id of a code
Place = tuple[object, ...]
Places = Mapping[str, Place]  # by the id of a coding
Placed = Sequence[tuple[CurrentCoding, Place]]
# What stands in a description, where it is no fact any more for a reader of the format.
IN_WORDS: Mapping[str, str] = {
    "include and exclude": "help from a machine",
    "examples and counter-examples": "She carried my boxes.",
    "codes for people only": "Coded by people only.",
    "patterns of the rule coder": "carried my",
    "consent to be quoted": "Consent to be quoted: no",
    "who governs whose words": "Governed by nation-1",
    "participants' words as names, not to be printed": "In vivo: in_vivo_1",
    "retired codes and what replaced them": "Status: retired",
    "where a code is judged": "Unit: reflection",
    "language, licence and rules of the codebook": "Rule: One code a passage.",
    "who read what": "Read by ada",
    "what was coded blind, and in which phase": "blind, reliability phase",
    "evidence and scores of a machine": "score 0.75",
    "decisions on proposals": "accepted by a person",
    "machine or person": "proposed by a machine",
    "alt texts of pictures": "A kettle on a stove.",
    "memos": "Too near to patience?",
}


def facts(found: Exchanged) -> Facts:
    """What a study says, row by row of the table, without ids that a format may change."""
    corpus, book, log = found.corpus, found.codebook, found.codings
    names = {code.id: code.name.rpartition(".")[2].casefold() for code in book}
    placed = [(row, _place(corpus, row.coding, names)) for row in log.current]
    rows: Rows = {
        "texts": ((d.id, d.text) for d in corpus),
        "kinds of text": ((d.id, d.kind) for d in corpus if d.kind != "reflection"),
        "coded passages": (place for _, place in placed),
        **_codebook_facts(book, names),
        **_memo_facts(log, names),
        **_participant_facts(corpus, placed),
        **_coding_facts(log, placed, {c.id: _place(corpus, c, names) for c in log.codings}),
        "history of the codebook": ((h.action, h.code_id, h.reason) for h in book.history),
        **_picture_facts(found, names),
        "that the texts are cleared": (d.id for d in corpus if d not in _uncleared(corpus)),
    }
    return {name: frozenset(row) for name, row in rows.items()}


def _codebook_facts(book: Codebook, names: Names) -> Rows:
    """What its codes are, and what each of them says."""
    groups = {group.id: group.name for group in book.groups}
    return {
        "codes": names.values(),
        "codes below codes": ((names[c.id], names[c.parent]) for c in book if c.parent),
        "groups of codes": ((names[c.id], groups[c.group]) for c in book if not c.parent),
        "definitions": ((names[c.id], c.definition) for c in book if c.definition),
        "include and exclude": ((names[c.id], w) for c in book for w in (*c.include, *c.exclude)),
        "examples and counter-examples": (
            (names[c.id], w) for c in book for w in (*c.examples, *c.counter_examples)
        ),
        "codes for people only": (names[c.id] for c in book if c.human_only),
        "participants' words as names, not to be printed": (
            names[c.id] for c in book if c.name_withheld
        ),
        "retired codes and what replaced them": (
            (names[c.id], *(names[each] for each in c.replaced_by)) for c in book if c.retired
        ),
        "where a code is judged": ((names[c.id], c.unit) for c in book if c.unit != "sentence"),
        "language, licence and rules of the codebook": (
            row
            for row in (
                ("language", book.language) if book.language != "en" else None,
                ("licence", book.licence) if book.licence else None,
                *(("rule", each) for each in book.general_rules),
            )
            if row
        ),
        "patterns of the rule coder": ((names[c.id], p) for c in book for p in c.patterns),
    }


def _memo_facts(log: Codings, names: Names) -> Rows:
    """What was written beside the codings."""
    return {
        "memos": (
            (m.by, m.text, m.document_id, m.start, names.get(m.code_id, "")) for m in log.memos
        ),
        "kinds of memos": ((m.text, m.kind) for m in log.memos if m.kind != "analytic"),
    }


def _participant_facts(corpus: Corpus, placed: Placed) -> Rows:
    """Who the participants are, what is theirs, and what may be done with it."""
    return {
        "participants": (case.id for case in corpus.cases),
        "whose text it is": ((d.id, case) for d in corpus for case in corpus.cases_of(d)),
        "participant × code": (
            (corpus.case_at(row.coding.document_id, row.coding.start), place[-1])
            for row, place in placed
            if row.status != "machine" and row.coding.document_id in corpus
        ),
        "attributes": (
            (each.id, *pair)
            for each in (*corpus.cases, *corpus)
            for pair in each.attributes.items()
        ),
        "consent to be quoted": ((c.id, c.quotes) for c in corpus.cases if c.quotes != "ask"),
        "who governs whose words": (
            (c.id, c.governance.authority, c.governance.approved_uses)
            for c in corpus.cases
            if c.governance
        ),
        "turns of speakers": ((d.id, t.start, t.case_id) for d in corpus for t in d.turns),
        "times of a recording": (
            (d.id, t.start, t.time) for d in corpus for t in d.turns if t.time
        ),
    }


def _coding_facts(log: Codings, placed: Placed, by_id: Places) -> Rows:
    """Who coded, read and decided, person or machine."""
    return {
        "who coded": ((*place, row.coding.coder) for row, place in placed),
        "when it was coded": ((*place, row.coding.at) for row, place in placed),
        "machine or person": (
            (*place, row.coding.coder_kind)
            for row, place in placed
            if row.coding.coder_kind == "machine"
        ),
        "evidence and scores of a machine": (
            (*place, row.coding.score, row.coding.evidence)
            for row, place in placed
            if row.coding.evidence
        ),
        "decisions on proposals": (
            (by_id.get(d.coding_id), d.action, d.by, d.reason) for d in log.decisions
        ),
        "who read what": ((s.coder, s.document_id) for s in log.seen),
        "what was coded blind, and in which phase": (
            (*place, row.coding.blind, row.coding.phase)
            for row, place in placed
            if row.coding.blind or row.coding.phase
        ),
        "rejected proposals": (by_id[key] for key in _rejected(log)),
    }


def _picture_facts(found: Exchanged, names: Names) -> Rows:
    """The pictures, what they show in words, and their coded parts."""
    return {
        "alt texts of pictures": ((d.id, d.picture.alt_text) for d in found.corpus if d.picture),
        "pictures": found.pictures,
        "regions of pictures": (
            (r.x0, r.y0, r.x1, r.y1, names.get(r.code_id), r.coder) for r in found.regions
        ),
    }


def _place(corpus: Corpus, row: Coding, names: Names) -> Place:
    words = ""
    if row.document_id in corpus:
        words = corpus.document(row.document_id).text[row.start : row.end]
    return (row.document_id, row.start, words, names.get(row.code_id, row.code_id))


def _rejected(log: Codings) -> list[str]:
    return [each.coding_id for each in log.decisions if each.action == "reject"]


def _uncleared(corpus: Corpus) -> list[Document]:
    hashes = {each.sha256 for each in corpus.clearances}
    return [each for each in corpus if each.sha256 not in hashes]


# ── the ways ──


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (12, 12), "white").save(out, "PNG")
    return out.getvalue()


def _write_refi(folder: Path, name: str, variant: str = "refi") -> Path:
    corpus, book, log = study()
    path = folder / name
    write_refi(
        path,
        codebook=book,
        corpus=corpus,
        codings=log,
        variant="nvivo" if variant == "nvivo" else "refi",
        regions=REGIONS,
        pictures={"V1": _png()},
    )
    return path


def _without_side(path: Path) -> Path:
    """The package as another program writes it: in its own name, without what it does not know."""
    target = path.with_name(f"bare {path.name}")
    ours = re.compile(rb' origin="[^"]*"| id="machine"')
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name != SIDE:
                new.writestr(name, ours.sub(b"", data) if name == "project.qde" else data)
    return target


def _stripped(path: Path) -> Path:
    """The package as a program writes it that keeps no descriptions and makes its own GUIDs."""
    target = path.with_name(f"stripped {path.name}")
    about = re.compile(rb"<Description>.*?</Description>|<Description/>", re.DOTALL)
    guid = re.compile(rb"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")

    def new(found: re.Match[bytes]) -> bytes:
        return str(uuid5(NAMESPACE_URL, found[0].decode())).upper().encode()

    with zipfile.ZipFile(_without_side(path)) as old, zipfile.ZipFile(target, "w") as written:
        for name in old.namelist():
            data = old.read(name)
            data = about.sub(b"", data) if name == "project.qde" else data
            own = guid.sub(new, data) if name == "project.qde" else data
            written.writestr(guid.sub(new, name.encode()).decode(), own)
    return target


def _words_of(path: Path) -> str:
    """All that a file says, its side file left aside."""
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith((".qde", ".txt"))]
        return "\n".join(archive.read(name).decode("utf-8") for name in names)


def _export(folder: Path, name: str, form: ExportFormat) -> Path:
    corpus, book, log = study()
    path = folder / name
    export_study(path, form, corpus=corpus, codebook=book, codings=log)
    return path


def _annotations(path: Path) -> Facts:
    """Read beside the texts, as one must; what these bring is not the file's."""
    corpus = study()[0]
    found = facts(read_exchange(path, corpus=corpus))
    held = facts(Exchanged(corpus, Codebook((), ()), Codings(), ExchangeReport("ours")))
    own = {name: row if not held[name] else frozenset() for name, row in found.items()}
    # Passages are in the file itself; whose they are only the texts tell.
    return {**own, "participant × code": frozenset()}


def _matrix(path: Path) -> Facts:
    """What the cells of participant × code say."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {code.id: code.name.casefold() for code in BOOK}
    nothing: Facts = {name: frozenset() for name in facts(_ours())}
    coded = {(row["case_id"], names[c]) for row in rows for c in names if row.get(c) == "1"}
    return nothing | {
        "codes": frozenset(names[each] for each in rows[0] if each in names),
        "participants": frozenset(row["case_id"] for row in rows),
        "participant × code": frozenset(coded),
    }


def _ours() -> Exchanged:
    corpus, book, log = study()
    return Exchanged(corpus, book, log, ExchangeReport("ours"), REGIONS, pictures={"V1": _png()})


# ── projects of Taguette and QualCoder, by their schemas ──

TAGUETTE = """
CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created DATETIME);
CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT,
  created DATETIME, project_id INTEGER, text_direction TEXT, contents TEXT);
CREATE TABLE commands (id INTEGER PRIMARY KEY, date DATETIME, user_login TEXT,
  project_id INTEGER, document_id INTEGER, payload TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER,
  end_offset INTEGER, snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
"""


def _fill(path: Path, schema: str, tables: Mapping[str, list[tuple[object, ...]]]) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    for table, rows in tables.items():
        for row in rows:
            marks = ",".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608  # constants
    connection.commit()
    connection.close()
    return path


def _taguette(folder: Path) -> Path:
    corpus, book, log = study()
    numbers = {document.id: number for number, document in enumerate(corpus, 1)}
    tags = {code.id: number for number, code in enumerate(book, 1)}
    tables: dict[str, list[tuple[object, ...]]] = {
        "projects": [(1, "study", "", DAY)],
        "documents": [
            (numbers[d.id], d.id, "", f"{d.id}.txt", DAY, 1, "LEFT_TO_RIGHT", _html(d.text))
            for d in corpus
        ],
        "tags": [(tags[c.id], 1, _path(c, book), c.definition) for c in book],
        "highlights": [],
        "highlight_tags": [],
        "commands": [],
    }
    for number, row in enumerate(log.current, 1):
        coding, text = row.coding, corpus.document(row.coding.document_id).text
        start, end = (len(_bare(text[:n]).encode()) for n in (coding.start, coding.end))
        document, words = numbers[coding.document_id], escape(text[coding.start : coding.end])
        tables["highlights"].append((number, document, start, end, words))
        tables["highlight_tags"].append((number, tags[coding.code_id]))
        payload = {"type": "highlight_add", "highlight_id": number}
        tables["commands"].append((number, DAY, coding.coder, 1, document, json.dumps(payload)))
    return _fill(folder / "taguette.sqlite3", TAGUETTE, tables)


def _html(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))


def _bare(text: str) -> str:
    return text.replace("\n\n", "")


def _path(code: Code, book: Codebook) -> str:
    return f"{book[code.parent].name}.{code.name}" if code.parent else code.name


QUALCODER = """
CREATE TABLE project (databaseversion text, date text, memo text, about text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text,
  owner text, date text);
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text,
  supercatid integer);
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text,
  date text, color text, supercid integer);
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text,
  pos0 integer, pos1 integer, owner text, date text, memo text);
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer,
  width integer, height integer, cid integer, memo text, date text, owner text);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer,
  memo text, owner text, date text);
CREATE TABLE attribute_type (name text, date text, owner text, memo text, caseOrFile text,
  valuetype text);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text,
  id integer, date text, owner text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer,
  pos1 integer, owner text, date text, memo text);
CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text);
"""


def _qualcoder(folder: Path) -> Path:
    corpus, book, log = study()
    files = {document.id: number for number, document in enumerate(corpus, 1)}
    codes = {code.id: number for number, code in enumerate(book, 1)}
    heads = {group.id: number for number, group in enumerate(book.groups, 1)}
    cases = {case.id: number for number, case in enumerate(corpus.cases, 1)}
    notes = {memo.document_id: memo for memo in log.memos if memo.start is None}
    placed = [memo for memo in log.memos if memo.start is not None]
    spans = [(cases[case], files[d.id], *span) for d in corpus for case, span in _owned(d) if case]
    numeric = {"years", "session"}
    owners: dict[str, Sequence[Case | Document]] = {"case": corpus.cases, "file": corpus.documents}
    values = [
        (name, kind, str(value), number)
        for kind, things in owners.items()
        for number, each in enumerate(things, 1)
        for name, value in each.attributes.items()
    ]
    tables: dict[str, list[tuple[object, ...]]] = {
        "project": [("v17", DAY, "", "QualCoder 3")],
        "source": [
            (files[d.id], d.id, d.text, None, notes[d.id].text if d.id in notes else "", "ben", DAY)
            for d in corpus
        ]
        + [(9, "kettle.png", None, "/images/kettle.png", "", "ada", DAY)],
        "code_cat": [(heads[g.id], g.name, "ada", DAY, "", None) for g in book.groups],
        "code_name": [
            (
                *(codes[c.id], c.name, c.definition, heads[c.group], "ada", DAY, "#fff"),
                codes[c.parent] if c.parent else None,
            )
            for c in book
        ],
        "code_text": [
            (
                *(number, codes[row.coding.code_id], files[row.coding.document_id]),
                corpus.document(row.coding.document_id).text[row.coding.start : row.coding.end],
                *(row.coding.start, row.coding.end, row.coding.coder, DAY, ""),
            )
            for number, row in enumerate(log.current, 1)
        ],
        "code_image": [
            (1, 9, r.x0, r.y0, r.x1 - r.x0, r.y1 - r.y0, codes[r.code_id], "", DAY, r.coder)
            for r in REGIONS
        ],
        "annotation": [
            (number, files[m.document_id], m.start, m.end, m.text, m.by, DAY)
            for number, m in enumerate(placed, 1)
        ],
        "attribute_type": [
            (name, DAY, "ada", "", kind, "numeric" if name in numeric else "character")
            for name, kind in dict.fromkeys((name, kind) for name, kind, *_ in values)
        ],
        "attribute": [(n, *row, DAY, "ada") for n, row in enumerate(values, 1)],
        "cases": [(number, name, "", "ada", DAY) for name, number in cases.items()],
        "case_text": [(n, *row, "ada", DAY, "") for n, row in enumerate(spans, 1)],
        "journal": [(1, "", m.text, DAY, m.by) for m in log.memos if m.kind == "reflexive"],
    }
    project = folder / "study.qda"
    project.mkdir()
    _fill(project / "data.qda", QUALCODER, tables)
    return project


def _owned(document: Document) -> list[tuple[str | None, tuple[int, int]]]:
    if document.turns:
        return [(turn.case_id, (turn.start, turn.end)) for turn in document.turns]
    return [(document.case_id, (0, len(document.text)))]


# ── the table ──

Way = Callable[[Path], tuple[Facts, str]]


def _read(path: Path, *, written: bool = True) -> tuple[Facts, str]:
    return facts(read_exchange(path)), _words_of(path) if written else ""


def _csv(folder: Path) -> tuple[Facts, str]:
    return _matrix(_export(folder, "m.csv", "csv-matrix")), ""


def _jsonld(folder: Path) -> tuple[Facts, str]:
    return _annotations(_export(folder, "a.jsonld", "jsonld")), ""


WAYS: Mapping[str, Way] = {
    "`.qdpx` back here": lambda at: _read(_write_refi(at, "a.qdpx")),
    "`.qdpx` by another program": lambda at: _read(_without_side(_write_refi(at, "b.qdpx"))),
    "the same for NVivo": lambda at: _read(_without_side(_write_refi(at, "c.qdpx", "nvivo"))),
    "by one that drops descriptions": lambda at: _read(_stripped(_write_refi(at, "g.qdpx"))),
    "`.qdc`": lambda at: _read(_export(at, "d.qdc", "qdc")),
    "from Taguette": lambda at: _read(_taguette(at), written=False),
    "from QualCoder": lambda at: _read(_qualcoder(at), written=False),
    "`.jsonl`": lambda at: _read(_export(at, "e.jsonl", "jsonl")),
    "`.jsonld`": _jsonld,
    "case × code": _csv,
}


def cell(went: frozenset[object], came: frozenset[object], phrase: str, words: str) -> str:
    """How much of a row came back."""
    if went and went == came:
        return WHOLE
    if went & came:
        return PART
    return WORDS if phrase and phrase in words else NOTHING


def table() -> list[list[str]]:
    """The table: a heading, then a row a thing of the study."""
    with tempfile.TemporaryDirectory() as folder:
        ways = {name: way(Path(folder)) for name, way in WAYS.items()}
    rows = [["", *ways]]
    for name, went in facts(_ours()).items():
        phrase = IN_WORDS.get(name, "")
        cells = [cell(went, came[name], phrase, words) for came, words in ways.values()]
        rows.append([name, *cells])
    return rows


def as_markdown(rows: list[list[str]]) -> str:
    """The table between its marks, as README has it."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = f"|{'---|' * len(rows[0])}"
    return "\n".join((BEGIN, lines[0], rule, *lines[1:], END))


def differences(document: str, rows: list[list[str]]) -> list[str]:
    """Where the table of a document is not the one that was measured."""
    if BEGIN not in document or END not in document:
        return [f"no table between {BEGIN} and {END}"]
    told = document.split(BEGIN, 1)[1].split(END, 1)[0].strip().split("\n")
    found = [[each.strip() for each in line.strip().strip("|").split("|")] for line in told]
    there = [row for number, row in enumerate(found) if number != 1]
    if len(there) != len(rows):
        return [f"{len(there) - 1} rows, and {len(rows) - 1} were measured"]
    return [
        f"{mine[0] or 'heading'}, {rows[0][column] or 'name'}: {his!r}, and {own!r} was measured"
        for theirs, mine in zip(there, rows, strict=True)
        for column, (his, own) in enumerate(zip(theirs, mine, strict=False))
        if his != own or len(theirs) != len(mine)
    ]


def main() -> None:
    rows = table()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a console's is a TextIOWrapper
    if len(sys.argv) == 1:
        print(as_markdown(rows))
        return
    wrong = differences(Path(sys.argv[1]).read_text(encoding="utf-8"), rows)
    print("\n".join(wrong) or "the table is as measured")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
