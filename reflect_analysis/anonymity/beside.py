"""Identifiers beside the texts: in columns, in pictures' alt texts, and in file names.

Only what identifies by itself is sought here: addresses, numbers, a column of names, a first
name with a surname. Role, town and community stand in columns on purpose; how few share them
is the business of `reflect_analysis.disclosure`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reflect_analysis.anonymity.findings import ALT_TEXT, FILE_NAME, Finding, stem_of
from reflect_analysis.anonymity.known import NAME_COLUMNS
from reflect_analysis.anonymity.names import names_in
from reflect_analysis.anonymity.numbers import NUMBERS
from reflect_analysis.anonymity.patterns import PATTERNS
from reflect_analysis.anonymity.stand_ins import is_stand_in
from reflect_analysis.anonymity.wordlists import fold, lists
from reflect_analysis.corpus import Corpus

__all__ = ["find_beside"]

_COLUMNS = {
    "e-mail": re.compile(r"(?i)(?:.*[\s_-])?(?:e-?mails?|courriel)(?:[\s_-]address)?"),
    "phone": re.compile(
        r"(?i)(?:.*[\s_-])?(?:phones?|cell|mobile|telephone|tel|téléphone)(?:[\s_-](?:number|no))?"
    ),
    "street address": re.compile(
        r"(?i)(?:.*[\s_-])?(?:street|mailing|home)?[\s_-]?(?:address|adresse)"
    ),
    "postal code": re.compile(r"(?i)(?:postal|zip)[\s_-]?code|code[\s_-]postal"),
    "SIN": re.compile(r"(?i)sin|nas|social[\s_-]insurance(?:[\s_-]number)?"),
    "date of birth": re.compile(
        r"(?i)d\.?o\.?b\.?|birth[\s_-]?(?:date|day)|date[\s_-]of[\s_-]birth|"
        r"date[\s_-]de[\s_-]naissance"
    ),
    "licence number": re.compile(
        r"(?i)(?:licen[cs]e|certificate|employee|registration|staff|"
        r"student)[\s_-]?(?:number|no|id|#)|ip[\s_-]?address"
    ),
    "name": NAME_COLUMNS,
}
_PSEUDONYM = re.compile(r"[A-Za-z]{0,12}[-_ ]?\d{1,4}")


def find_beside(corpus: Corpus) -> Iterator[Finding]:
    """Direct identifiers in attributes of documents and cases, alt texts, and the names of files.

    Yields
    ------
    Finding
        With ``field`` set: ``"attribute email"``, ``"case attribute name"``, ``"file name"`` or
        ``"alt text"``.
    """
    for document in corpus:
        for column, value in document.attributes.items():
            yield from _in_cell(document.id, f"attribute {column}", str(column), value)
    for case in corpus.cases:
        for column, value in case.attributes.items():
            yield from _in_cell(case.id, f"case attribute {column}", str(column), value)
    for document in corpus:
        if document.picture is not None:
            yield from _in_words(document.id, ALT_TEXT, document.picture.alt_text or "")
    seen: set[str] = set()
    for document in corpus:
        if document.source and document.source not in seen:
            seen.add(document.source)
            yield from _in_file_name(document.id, document.source)


def _in_cell(holder: str, field: str, column: str, value: object) -> Iterator[Finding]:
    """What a column is called tells what its cells hold; else the cell is read."""
    cell = str(value) if value is not None else ""
    if not cell.strip() or isinstance(value, bool):
        return
    for kind, form in _COLUMNS.items():
        if form.fullmatch(column.strip()):
            if is_stand_in(cell) or (kind == "name" and _is_pseudonym(cell, holder)):
                return
            why = "a column that holds such identifiers"
            yield Finding(holder, 0, len(cell), kind, 0.9, direct=True, why=why, field=field)
            return
    if isinstance(value, str):
        yield from _in_words(holder, field, cell)


def _is_pseudonym(cell: str, holder: str) -> bool:
    return cell.strip() == holder or bool(_PSEUDONYM.fullmatch(cell.strip()))


def _in_words(holder: str, field: str, words: str) -> Iterator[Finding]:
    if is_stand_in(words):
        return
    for pattern in (*PATTERNS, *NUMBERS):
        if pattern.direct:
            for start, end, score, why in pattern.find(words):
                yield Finding(
                    holder, start, end, pattern.kind, score, direct=True, why=why, field=field
                )
    for name in names_in(words):
        if name.full and _is_given(words[name.start : name.end]):
            yield Finding(
                holder,
                name.start,
                name.end,
                "name",
                name.score,
                direct=True,
                why=name.why,
                field=field,
            )


def _is_given(name: str) -> bool:
    """Whether a name begins with a given name of the lists: a column holds titles, too."""
    return fold(name.split(maxsplit=1)[0]) in lists().first


def _in_file_name(holder: str, source: str) -> Iterator[Finding]:
    """A file named after a person: *Reflection - Maria Gonzalez.docx*."""
    apart = re.sub(r"[_\-.,()\[\]+]", " ", stem_of(source))
    for finding in _in_words(holder, FILE_NAME, apart):
        if finding.kind in ("name", "phone", "e-mail", "SIN"):
            yield finding
