"""Codings as Web Annotations: JSON-LD that annotation servers and browsers' tools read.

Each coding points into its document twice, by position and by quote, so that whoever has the
text can prove the one by the other. Texts are not in it, but for the coded passages and a few
words around each; only what a person coded or accepted is. Coming back, a quote decides: where
it does not stand at its position, it is found again in the text or listed, never guessed.

References
----------
Sanderson, R., Ciccarese, P., & Young, B. (2017). *Web Annotation Data Model*, 4.2.4 and 4.2.5.
W3C Recommendation. w3.org/TR/annotation-model
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings, CurrentCoding
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import ExchangeError, raise_all
from reflect_analysis.exchange.assembling import Parts, Selected, exchanged, source_report
from reflect_analysis.exchange.finding import Texts
from reflect_analysis.exchange.foreign import moment, whole
from reflect_analysis.exchange.quotes import book_of, documents_by_name
from reflect_analysis.exchange.refi.elements import Problems, clean
from reflect_analysis.exchange.unknowns import UNKNOWN_TIME
from reflect_analysis.exchange.values import Exchanged, SourceReport

__all__ = ["ANNOTATIONS", "annotations_page", "read_annotations"]

ANNOTATIONS = "http://www.w3.org/ns/anno.jsonld"
_DOCUMENT, _CODE = "urn:reflect-analysis:document:", "urn:reflect-analysis:code:"
_CODING = "urn:reflect-analysis:coding:"
_AROUND = 32  # characters before and after a quote
_LARGEST_FILE = 200 * 1024**2
_TAGGING = ("tagging", "classifying", "identifying")


# ── out ──


def annotations_page(corpus: Corpus, codebook: Codebook, codings: Codings) -> str:
    """What people coded or accepted, as one collection of annotations.

    Parameters
    ----------
    corpus : Corpus
    codebook : Codebook
    codings : Codings
        Of documents of the corpus; see `what_may_leave`.
    """
    held = (row for row in codings.current if row.coding.region is None)
    rows = [row for row in held if row.status != "machine"]
    texts = {document.id: document.text for document in corpus}
    items = [
        _annotation(row, codebook, texts[row.coding.document_id])
        for row in rows
        if row.coding.document_id in texts
    ]
    page = {
        "@context": ANNOTATIONS,
        "type": "AnnotationCollection",
        "label": codebook.title,
        "total": len(items),
        "first": {"type": "AnnotationPage", "startIndex": 0, "items": items},
    }
    return json.dumps(page, ensure_ascii=False, indent=1) + "\n"


def _annotation(row: CurrentCoding, codebook: Codebook, text: str) -> dict[str, Any]:
    coding = row.coding
    start, end = coding.start, coding.end
    name = codebook[coding.code_id].name if coding.code_id in codebook else coding.code_id
    kind = "Person" if coding.coder_kind == "person" else "Software"
    at = coding.at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return {
        "id": f"{_CODING}{quote(coding.id, safe='')}",
        "type": "Annotation",
        "motivation": "classifying",
        "creator": {"type": kind, "name": coding.coder},
        "created": f"{at}Z",
        "body": {
            "id": f"{_CODE}{quote(coding.code_id, safe='')}",
            "type": "TextualBody",
            "purpose": "tagging",
            "value": name,
        },
        "target": {
            "source": f"{_DOCUMENT}{quote(coding.document_id, safe='')}",
            "selector": [
                {"type": "TextPositionSelector", "start": start, "end": end},
                {
                    "type": "TextQuoteSelector",
                    "exact": text[start:end],
                    "prefix": text[max(0, start - _AROUND) : start],
                    "suffix": text[end : end + _AROUND],
                },
            ],
        },
    }


# ── in ──


@dataclass(frozen=True, slots=True)
class _Row:
    """One target of one annotation."""

    place: str
    codes: tuple[str, ...]
    memo: str
    coder: str
    at: str
    source: str
    start: int
    end: int
    exact: str
    around: tuple[str, str]


def read_annotations(
    path: str | Path,
    corpus: Corpus | None = None,
    *,
    codebook: Codebook | None = None,
    coder: str = "imported",
    assume_seen: bool = False,
) -> Exchanged:
    """Read Web Annotations of texts that are at hand.

    Parameters
    ----------
    path : str or Path
        JSON-LD: an annotation, a list, a page or a collection that holds its first page.
    corpus : Corpus, optional
        The texts; without them the annotations are counted, and none becomes a coding.
    codebook : Codebook, optional
        Its codes, by id or name; without it the codes are made of the tags.
    coder : str
        Who coded, where an annotation does not say.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in.

    Returns
    -------
    Exchanged
        Its corpus is the one given. Tags are codings, other bodies of text are memos.

    Raises
    ------
    ExchangeError
        If it is no such file, or the codebook lacks a tag, with every one.
    """
    file = Path(path)
    rows = [row for number, each in enumerate(_items(file), 1) for row in _rows(each, number)]
    texts = corpus or Corpus(())
    book, unknown = book_of(rows, codebook, file)
    raise_all(ExchangeError, unknown)
    parts = Parts("Web Annotations", Problems(file.name), book)
    finder, names = Texts(texts), documents_by_name(texts)
    held: dict[str, list[Selected]] = {}
    for row in rows:
        document_id, selected = _placed(row, texts, finder, names, parts, coder)
        held.setdefault(document_id, []).append(selected)
    for document in texts:
        if own := held.get(document.id):
            reports = parts.select(document, own)
            parts.sources.append(source_report(document, reports, own, unit="code points"))
    if lost := held.get(""):
        parts.select(Document("", " "), lost)
        parts.sources.append(SourceReport("", "not found", selections=len(lost), score=0.0))
    return exchanged(parts, corpus=texts, assume_seen=assume_seen)


def _placed(
    row: _Row,
    corpus: Corpus,
    finder: Texts,
    names: Mapping[str, tuple[str, ...]],
    parts: Parts,
    coder: str,
) -> tuple[str, Selected]:
    """The document of an annotation, and its place there: by position where the quote agrees."""
    document_id, span, note = "", None, "its document is not among the texts"
    known = names.get(row.source, ())
    if len(known) == 1:
        document_id, span, note = known[0], *_span(row, corpus.document(known[0]), finder)
    quoted = None if not row.exact or span is None else not note
    selected = Selected(
        row.place,
        (row.start, row.end),
        span,
        tuple(parts.book.ids[each] for each in row.codes),
        row.coder or coder,
        moment([row.at], UNKNOWN_TIME),
        quoted=quoted,
        note=note,
        memo=row.memo,
    )
    return document_id, selected


def _span(row: _Row, document: Document, finder: Texts) -> tuple[tuple[int, int] | None, str]:
    inside = 0 <= row.start < row.end <= len(document.text)
    if not row.exact:
        told = "without a quote, so its position is not proved"
        return ((row.start, row.end), told) if inside else (None, "no passage of the text")
    if inside and document.text[row.start : row.end] == row.exact:
        return (row.start, row.end), ""
    place = finder.find(row.exact, document.id)
    if place.document_id:
        return (place.start, place.end), "not at its position; found again by its quote"
    before, after = row.around
    wide = finder.find(f"{before}{row.exact}{after}", document.id) if before or after else place
    if wide.how == "exact":
        start = wide.start + len(before)
        return (start, start + len(row.exact)), "found again by its quote and the words around it"
    return None, place.reason


def _items(file: Path) -> list[dict[str, Any]]:
    """The annotations of a file, however they are wrapped."""
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ExchangeError(f"{file.name}: larger than {_LARGEST_FILE} bytes; split it")
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ExchangeError(
            f"{file.name}: not UTF-8; save it again as UTF-8 (in an editor: Save with encoding)"
        ) from None
    except (OSError, ValueError, RecursionError) as problem:
        if isinstance(problem, ExchangeError):
            raise
        raise ExchangeError(
            f"{file.name}: cannot be read as JSON ({type(problem).__name__})"
        ) from None
    first = data.get("first") if isinstance(data, dict) else None
    page = first if isinstance(first, dict) else data
    items = page.get("items", [page]) if isinstance(page, dict) else page
    found = [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
    found = [each for each in found if "Annotation" in _listed(each.get("type"))]
    if not found:
        raise ExchangeError(
            f"{file.name}: no annotations in it; expected JSON-LD of type Annotation, "
            "AnnotationPage or AnnotationCollection with its first page"
        )
    return found


def _rows(each: Mapping[str, Any], number: int) -> Iterator[_Row]:
    """An annotation once a target."""
    bodies = list(_listed(each.get("body"))) + list(_listed(each.get("bodyValue")))
    tagging = any(str(word) in _TAGGING for word in _listed(each.get("motivation")))
    codes = dict.fromkeys(filter(None, (_tag(body, tagging=tagging) for body in bodies)))
    told = [_value(body) for body in bodies if not _tag(body, tagging=tagging)]
    by = next(iter(_listed(each.get("creator"))), "")
    name = by.get("name") or by.get("nickname") or by.get("id") if isinstance(by, dict) else by
    for part, target in enumerate(_listed(each.get("target")), start=1):
        place = f"annotation {number}" + (f", target {part}" if part > 1 else "")
        memo = "\n\n".join(filter(None, map(clean, told)))
        at = str(each.get("created") or "")
        who = clean(str(name or ""))
        yield _Row(place, tuple(codes), memo, who, at, *_target(target))


def _target(target: object) -> tuple[str, int, int, str, tuple[str, str]]:
    """The document, the position and the quote that a target names."""
    given = target if isinstance(target, dict) else {"source": target}
    source = given.get("source") or given.get("id") or ""
    source = source.get("id", "") if isinstance(source, dict) else source
    found = {
        str(each.get("type")): each
        for each in _listed(given.get("selector"))
        if isinstance(each, dict)
    }
    position = found.get("TextPositionSelector", {})
    quoted = found.get("TextQuoteSelector", {})
    start, end = whole(position.get("start")), whole(position.get("end"))
    words = [str(quoted.get(key) or "") for key in ("exact", "prefix", "suffix")]
    return (
        _document_name(str(source)),
        *(-1 if start is None else start, -1 if end is None else end),
        *(words[0], (words[1], words[2])),
    )


def _document_name(source: str) -> str:
    """How a document is called among names: small letters, one blank between words."""
    own = source.startswith(_DOCUMENT)
    plain = unquote(source.removeprefix(_DOCUMENT) if own else source.rpartition("/")[2])
    return " ".join(plain.casefold().split())


def _tag(body: object, *, tagging: bool) -> str:
    """The code that a body names; empty where it is a remark."""
    if not isinstance(body, dict):
        return clean(body) if tagging and isinstance(body, str) else ""
    purpose = body.get("purpose")
    if not (any(str(p) in _TAGGING for p in _listed(purpose)) if purpose else tagging):
        return ""
    return _value(body)


def _value(body: object) -> str:
    value = body.get("value") if isinstance(body, dict) else body
    return clean(value) if isinstance(value, str) else ""


def _listed(value: object) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
