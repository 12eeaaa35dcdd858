"""A study as REFI-QDA: project and sources that other programs read, in one archive.

The elements stand in the order that the schema asks for, and no container is empty. Positions
count code points over LF text, as the specification has it; the variant for NVivo counts
UTF-16 over CRLF behind a byte order mark, as that program does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.codings import Codings, CurrentCoding, Memo
from reflect_analysis.corpus import Corpus, Document, Omission
from reflect_analysis.exchange.offsets import Reading, SourceText
from reflect_analysis.exchange.refi.parts import (
    KIND,
    MEMO,
    about_book,
    about_case,
    about_code,
    about_coding,
    about_reading,
    as_time,
    as_value,
    guid,
    holdable,
    value_types,
)
from reflect_analysis.exchange.values import Region
from reflect_analysis.provenance import package_version

__all__ = ["Pictures", "Variant", "Writing", "book_xml", "write_project"]

Variant = Literal["refi", "nvivo"]
Pictures = Mapping[str, tuple[str, bytes]]
PROJECT = "urn:QDA-XML:project:1.0"
BOOK = "urn:QDA-XML:codebook:1.0"
# Deeper than this, programs and parsers give up; nobody reads such a tree either.
_DEEPEST = 60
_QUOTE = 100


@dataclass
class Writing:
    """What is written, and what could not be said.

    Parameters
    ----------
    corpus, codebook, codings
        The part of the study that may leave.
    variant : {"refi", "nvivo"}
    regions : sequence of Region
    pictures : mapping
        Suffix and content by document.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    variant: Variant = "refi"
    regions: Sequence[Region] = ()
    pictures: Pictures = field(default_factory=dict)
    losses: list[Omission] = field(default_factory=list)
    members: dict[str, bytes] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    memos: list[tuple[str, Memo]] = field(default_factory=list)

    def lose(self, place: str, reason: str) -> None:
        """Something that the format has no place for."""
        self.losses.append(Omission("study", place, reason))

    @property
    def origin(self) -> str:
        """What other programs are told wrote the file."""
        form = " (variant for NVivo)" if self.variant == "nvivo" else ""
        return f"reflect_analysis {package_version()}{form}"


def _add(holder: Any, tag: str, text: str | None = None, /, **attributes: str | None) -> Any:
    """A child element; attributes that are `None` are left out."""
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    space = etree.QName(holder).namespace
    given = {key: holdable(value) for key, value in attributes.items() if value is not None}
    element = etree.SubElement(holder, f"{{{space}}}{tag}", given)
    if text is not None:
        element.text = text
    return element


def _describe(holder: Any, *texts: str) -> None:
    about = "\n".join(filter(None, texts))
    if about:
        _add(holder, "Description", holdable(about))


def _bytes(root: Any) -> bytes:
    from lxml import etree

    data: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=False)
    return data


# ── codes ──


def book_xml(codebook: Codebook) -> bytes:
    """A codebook as a .qdc; names of in vivo codes that nobody approved are withheld."""
    from lxml import etree

    root = etree.Element(f"{{{BOOK}}}CodeBook", nsmap={None: BOOK})
    root.set("origin", f"reflect_analysis {package_version()}")
    _write_codes(root, codebook, {}, frozenset(), withhold=True)
    return _bytes(root)


def _write_codes(
    holder: Any,
    codebook: Codebook,
    memos: Mapping[str, list[str]],
    used: frozenset[str],
    *,
    withhold: bool = False,
) -> None:
    """Groups as codes that cannot be given, and below them the codes."""
    if not (codebook.codes or codebook.groups):
        return
    top = _add(holder, "Codes")
    below: dict[tuple[str, str | None], list[Code]] = {}
    for code in codebook:
        deep = len(codebook.ancestors(code.id)) > _DEEPEST
        key = ("", code.parent) if code.parent and not deep else (code.group, None)
        below.setdefault(key, []).append(code)

    def write(code: Code, parent: Any) -> None:
        given = "true" if not code.retired or code.id in used else "false"
        name = code.public_name if withhold else code.name
        element = _add(parent, "Code", guid=guid("code", code.id), name=name, isCodable=given)
        _describe(element, about_code(code))
        for note in memos.get(code.id, ()):
            _add(element, "NoteRef", targetGUID=note)
        for each in below.get(("", code.id), ()):
            write(each, element)

    for group in codebook.groups:
        name = guid("group", group.id)
        element = _add(top, "Code", guid=name, name=group.name, isCodable="false")
        _describe(element, group.description)
        for code in below.get((group.id, None), ()):
            write(code, element)


# ── the project ──


def write_project(work: Writing) -> bytes:
    """The XML of a project; the texts and pictures go to `work.members`."""
    from lxml import etree

    root = etree.Element(f"{{{PROJECT}}}Project", nsmap={None: PROJECT})
    root.set("name", holdable(work.codebook.title))
    root.set("origin", work.origin)
    current = _sayable(work)
    _write_users(root, work)
    _number_memos(work)
    used = frozenset(row.coding.code_id for row in current)
    if work.codebook.codes or work.codebook.groups:
        book = _add(root, "CodeBook")
        _write_codes(book, work.codebook, _notes_of(work, "code"), used)
    _write_variables(root, work)
    _write_cases(root, work)
    _write_sources(root, work, current)
    _write_notes(root, work)
    _describe(root, about_book(work.codebook))
    for note in _notes_of(work, "project").get("", ()):
        _add(root, "NoteRef", targetGUID=note)
    _tell_losses(work, current)
    return _bytes(root)


def _sayable(work: Writing) -> list[CurrentCoding]:
    """What holds now, of codes that the codebook has."""
    known = [row for row in work.codings.current if row.coding.code_id in work.codebook]
    lost = len(work.codings.current) - len(known)
    if lost:
        work.lose("codings", f"{lost} of codes that the codebook does not hold")
    return [row for row in known if row.coding.region is None]


def _regions(work: Writing) -> dict[str, list[Region]]:
    """The coded parts of each document's picture: as they were read, and coded since."""
    coded = [
        Region(
            coding.document_id,
            *(box.x0, box.y0, box.x1, box.y1),
            *(coding.code_id, coding.coder, coding.at),
            id=coding.id,
        )
        for coding in (row.coding for row in work.codings.current)
        if (box := coding.region) is not None
    ]
    found: dict[str, list[Region]] = {}
    for each in (*work.regions, *coded):
        found.setdefault(each.document_id, []).append(each)
    return found


def _write_users(root: Any, work: Writing) -> None:
    machines = {c.coder for c in work.codings if c.coder_kind == "machine"}
    machines |= {s.coder for s in work.codings.seen if s.coder_kind == "machine"}
    names = [*work.codings.coders, *(memo.by for memo in work.codings.memos)]
    names += [region.coder for region in work.regions if region.coder]
    if not names:
        return
    users = _add(root, "Users")
    for name in dict.fromkeys(names):
        kind = "machine" if name in machines else None
        _add(users, "User", guid=guid("user", name), name=name, id=kind)


def _write_variables(root: Any, work: Writing) -> None:
    attributes: list[Mapping[str, Any]] = [each.attributes for each in work.corpus.cases]
    attributes += [each.attributes for each in work.corpus]
    work.types = value_types(attributes)
    if work.corpus.documents:
        work.types.setdefault(KIND, "Text")
    if not work.types:
        return
    holder = _add(root, "Variables")
    for name, kind in work.types.items():
        _add(holder, "Variable", guid=guid("variable", name), name=name, typeOfVariable=kind)


def _write_values(holder: Any, attributes: Mapping[str, Any], types: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if value is None:
            continue
        kind = types[str(name)]
        element = _add(holder, "VariableValue")
        _add(element, "VariableRef", targetGUID=guid("variable", str(name)))
        _add(element, f"{kind}Value", as_value(value, kind))


def _write_cases(root: Any, work: Writing) -> None:
    if not work.corpus.cases:
        return
    own: dict[str, list[str]] = {}
    spoken: dict[str, list[str]] = {}
    for document in work.corpus:
        if document.case_id:
            own.setdefault(document.case_id, []).append(source_guid(document, work.pictures))
        for turn in document.turns:
            if turn.case_id:
                key = f"{document.id}:{turn.start}-{turn.end}"
                spoken.setdefault(turn.case_id, []).append(guid("turn", key))
    holder = _add(root, "Cases")
    for case in work.corpus.cases:
        element = _add(holder, "Case", guid=guid("case", case.id), name=case.id)
        _describe(element, about_case(case))
        _write_values(element, case.attributes, work.types)
        for target in own.get(case.id, ()):
            _add(element, "SourceRef", targetGUID=target)
        for target in dict.fromkeys(spoken.get(case.id, ())):
            _add(element, "SelectionRef", targetGUID=target)


def source_guid(document: Document, pictures: Pictures) -> str:
    """The GUID of the element that stands for a document among the sources."""
    return guid("picture" if document.id in pictures else "document", document.id)


# ── sources ──


def _write_sources(root: Any, work: Writing, current: Iterable[CurrentCoding]) -> None:
    if not work.corpus.documents:
        return
    by_document: dict[str, list[CurrentCoding]] = {}
    for row in current:
        by_document.setdefault(row.coding.document_id, []).append(row)
    seen: dict[str, list[Any]] = {}
    for each in work.codings.seen:
        seen.setdefault(each.document_id, []).append(each)
    regions = _regions(work)
    notes = {kind: _notes_of(work, kind) for kind in ("document", "span")}
    noted: dict[str, list[tuple[int, int]]] = {}
    for _, memo in work.memos:
        if _target(memo, work) == "span":
            noted.setdefault(memo.document_id, []).append((memo.start or 0, memo.end or 0))
    holder = _add(root, "Sources")
    for document in work.corpus:
        place = _place(holder, work, document)
        about = about_reading(seen.get(document.id, ()))
        alt = document.picture.alt_text if document.picture else None
        _describe(place.text, f"Picture: {alt}" if alt else "", about)
        spans: dict[tuple[int, int], list[CurrentCoding]]
        spans = {span: [] for span in noted.get(document.id, ())}
        for row in by_document.get(document.id, ()):
            spans.setdefault((row.coding.start, row.coding.end), []).append(row)
        _write_selections(place.text, work, document, spans, notes["span"])
        _write_regions(place.source, work, document, regions.get(document.id, ()))
        for note in notes["document"].get(document.id, ()):
            _add(place.source, "NoteRef", targetGUID=note)
        own = {KIND: document.kind} if KIND not in document.attributes else {}
        _write_values(place.source, {**document.attributes, **own}, work.types)


@dataclass(frozen=True, slots=True)
class _Place:
    """The element of a source, and that of its text: the same, but for a picture."""

    source: Any
    text: Any


def _place(holder: Any, work: Writing, document: Document) -> _Place:
    """The elements of a document; its text and picture go to the members."""
    own = guid("document", document.id)
    # In XML no lone surrogate can stand, in UTF-8 neither: one question mark for each.
    ends = document.text.replace("\n", "\r\n") if work.variant == "nvivo" else document.text
    data = ends.encode("utf-8", "replace")
    data = b"\xef\xbb\xbf" + data if work.variant == "nvivo" else data
    work.members[f"sources/{own}.txt"] = data
    path = f"internal://{own}.txt"
    if document.id not in work.pictures:
        element = _add(holder, "TextSource", guid=own, name=document.id, plainTextPath=path)
        return _Place(element, element)
    suffix, content = work.pictures[document.id]
    outer = guid("picture", document.id)
    work.members[f"sources/{outer}{suffix}"] = content
    where = f"internal://{outer}{suffix}"
    element = _add(holder, "PictureSource", guid=outer, name=document.id, path=where)
    text = _add(element, "TextDescription", guid=own, name=document.id, plainTextPath=path)
    return _Place(element, text)


def _write_selections(
    element: Any,
    work: Writing,
    document: Document,
    spans: Mapping[tuple[int, int], list[CurrentCoding]],
    notes: Mapping[str, list[str]],
) -> None:
    """The passages that were coded or noted, each once, then those that speakers said."""
    places = _positions(document, work.variant)
    for (start, end), codings in sorted(spans.items(), key=lambda pair: pair[0]):
        key = f"{document.id}:{start}-{end}"
        selection = _add(
            element,
            "PlainTextSelection",
            guid=guid("selection", key),
            name=_quote(document.text[start:end]),
            startPosition=str(places[start]),
            endPosition=str(places[end]),
        )
        _describe(selection, *map(about_coding, codings))
        for row in codings:
            _write_coding(selection, row)
        for note in notes.get(key, ()):
            _add(selection, "NoteRef", targetGUID=note)
    for turn, speaker in {(t.start, t.end): t.speaker for t in document.turns}.items():
        _add(
            element,
            "PlainTextSelection",
            guid=guid("turn", f"{document.id}:{turn[0]}-{turn[1]}"),
            name=speaker,
            startPosition=str(places[turn[0]]),
            endPosition=str(places[turn[1]]),
        )


def _positions(document: Document, variant: Variant) -> Sequence[int]:
    """Where each code point of a text stands, as the variant counts."""
    if variant == "refi":
        return range(len(document.text) + 1)
    breaks = tuple(i for i, each in enumerate(document.text) if each == "\n")
    found: list[int] = (
        SourceText(document.text, breaks).starts(Reading("utf-16", crlf=True)).tolist()
    )
    return found


def _quote(passage: str) -> str:
    """The beginning of a passage on one line: a second proof of its positions."""
    line = " ".join(passage.split())
    return line if len(line) <= _QUOTE else f"{line[:_QUOTE]}…"


def _write_coding(selection: Any, row: CurrentCoding) -> None:
    coding = row.coding
    element = _add(
        selection,
        "Coding",
        guid=guid("coding", coding.id),
        creatingUser=guid("user", coding.coder),
        creationDateTime=as_time(coding.at),
    )
    _add(element, "CodeRef", targetGUID=guid("code", coding.code_id))


def _write_regions(element: Any, work: Writing, document: Document, mine: Sequence[Region]) -> None:
    if mine and document.id not in work.pictures:
        work.lose(f"document {document.id}", f"{len(mine)} regions, because its picture stays here")
        return
    corners: dict[tuple[int, int, int, int], list[Region]] = {}
    for each in mine:
        corners.setdefault((each.x0, each.y0, each.x1, each.y1), []).append(each)
    for box, rows in corners.items():
        names = ("firstX", "firstY", "secondX", "secondY")
        places = dict(zip(names, map(str, box), strict=True))
        key = f"{document.id}:{box}"
        selection = _add(
            element, "PictureSelection", guid=guid("region", key), name=rows[0].name, **places
        )
        for row in (row for row in rows if row.code_id in work.codebook):
            made = _add(
                selection,
                "Coding",
                guid=guid("region coding", f"{key}:{row.code_id}:{row.coder}"),
                creatingUser=guid("user", row.coder) if row.coder else None,
                creationDateTime=as_time(row.at) if row.at else None,
            )
            _add(made, "CodeRef", targetGUID=guid("code", row.code_id))


# ── notes ──


def _number_memos(work: Writing) -> None:
    """Each memo with its GUID."""
    work.memos = [
        (guid("memo", f"{number}:{memo.by}:{memo.at.isoformat()}"), memo)
        for number, memo in enumerate(work.codings.memos)
    ]


def _notes_of(work: Writing, kind: str) -> dict[str, list[str]]:
    """The GUIDs of the notes on codes, documents, spans, or the project, by what they are on."""
    found: dict[str, list[str]] = {}
    for name, memo in work.memos:
        if _target(memo, work) == kind:
            key = {"code": memo.code_id, "document": memo.document_id}.get(kind, "")
            if kind == "span":
                key = f"{memo.document_id}:{memo.start}-{memo.end}"
            found.setdefault(key, []).append(name)
    return found


def _target(memo: Memo, work: Writing) -> str:
    if memo.document_id in work.corpus:
        return "document" if memo.start is None or memo.end is None else "span"
    return "code" if memo.code_id in work.codebook else "project"


def _write_notes(root: Any, work: Writing) -> None:
    if not work.memos:
        return
    holder = _add(root, "Notes")
    for name, memo in work.memos:
        who = guid("user", memo.by)
        when = as_time(memo.at)
        kind = None if memo.kind == "analytic" else f"{memo.kind}{MEMO}"
        note = _add(holder, "Note", guid=name, name=kind, creatingUser=who, creationDateTime=when)
        _add(note, "PlainTextContent", holdable(memo.text))


def _tell_losses(work: Writing, current: Sequence[CurrentCoding]) -> None:
    """What stands in the side file alone, by number."""
    log = work.codings
    numbers = {
        "codings that hold no more": len(log) - len(log.current),
        "decisions on proposals": len(log.decisions),
        "rows of what was read, but for a line in the descriptions": len(log.seen),
        "changes in the history of the codebook": len(work.codebook.history),
        "patterns for the rule coder": sum(len(code.patterns) for code in work.codebook),
        "codings with evidence": sum(bool(row.coding.evidence) for row in current),
        "passages from which codes came": sum(code.origin is not None for code in work.codebook),
        "turns that are context only": sum(not t.coded for d in work.corpus for t in d.turns),
        "times of a recording": sum(t.time is not None for d in work.corpus for t in d.turns),
        "texts of other voices": sum(each.voice != "participant" for each in work.corpus),
        "texts in another language than English": sum(d.language != "en" for d in work.corpus),
        "clearances of texts": len(work.corpus.clearances),
    }
    for what, number in numbers.items():
        if number:
            work.lose("study", f"{number} {what}: in the side file alone")
    told = {
        "consent and governance": len(work.corpus.cases),
        "retired, in vivo or people-only": sum(
            code.retired or code.in_vivo or code.human_only for code in work.codebook
        ),
    }
    for what, number in told.items():
        if number:
            why = "in descriptions, for this package to read; a program may drop them"
            work.lose("study", f"{number} rows with {what}: {why}")
