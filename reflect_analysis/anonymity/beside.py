"""Identifiers beside the texts: in columns, ids of participants, alt texts, and file names.

Only what identifies by itself is sought here: addresses, numbers, a column of names, a first
name with a surname, the name of a centre; `prose` has what is searched as a text is. Role, town
and community stand in columns on purpose; how few share them is the business of
`reflect_analysis.disclosure`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from reflect_analysis.anonymity.cues import NAMES_IN_LOWER, THINGS_OR_SURNAMES
from reflect_analysis.anonymity.findings import (
    ALT_TEXT,
    CASE_ID,
    FILE_NAME,
    PICTURE_FILE,
    Finding,
    stem_of,
)
from reflect_analysis.anonymity.known import NAME_COLUMNS
from reflect_analysis.anonymity.names import names_in
from reflect_analysis.anonymity.numbers import NUMBERS
from reflect_analysis.anonymity.patterns import PATTERNS
from reflect_analysis.anonymity.place_words import GENERIC
from reflect_analysis.anonymity.places import centres_in
from reflect_analysis.anonymity.prose import spaced
from reflect_analysis.anonymity.stand_ins import is_stand_in
from reflect_analysis.anonymity.wordlists import fold, is_english, lists, word_set
from reflect_analysis.corpus import Corpus

__all__ = ["find_beside", "is_named_id"]

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
# Columns of where somebody works; which kind of place it is may stand there as well.
_CENTRE_COLUMN = re.compile(
    r"(?i)(?:.*[\s_-])?(?:cent(?:re|er)|day[\s_-]?care|child[\s_-]?care|pre-?school|school|workplace|"
    r"employer|garderie|école)(?:[\s_-]?(?:cent(?:re|er)|name))*"
)
_PSEUDONYM = re.compile(r"[A-Za-z]{0,12}[-_ ]?\d{1,4}")


def find_beside(corpus: Corpus) -> Iterator[Finding]:
    """Direct identifiers in attributes of documents and cases, alt texts, and the names of files.

    Yields
    ------
    Finding
        With ``field`` set: ``"attribute email"``, ``"case attribute name"``, ``"case id"``,
        ``"file name"``, ``"picture's file"`` or ``"alt text"``.
    """
    for document in corpus:
        for column, value in document.attributes.items():
            yield from _in_cell(document.id, f"attribute {column}", str(column), value)
    for number, case in enumerate(corpus.cases, 1):
        yield from _in_id(f"case {number}", case.id)
        for column, value in case.attributes.items():
            yield from _in_cell(case.id, f"case attribute {column}", str(column), value)
    for document in corpus:
        if document.picture is not None:
            alt_text, path = document.picture.alt_text or "", document.picture.path or ""
            yield from _in_words(document.id, ALT_TEXT, alt_text)
            yield from _in_file_name(document.id, PICTURE_FILE, stem_of(path))
    seen: set[str] = set()
    for document in corpus:
        if document.source and document.source not in seen:
            seen.add(document.source)
            yield from _in_file_name(document.id, FILE_NAME, stem_of(document.source))


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
        yield from _centre_in(holder, field, column, cell)


def _centre_in(holder: str, field: str, column: str, cell: str) -> Iterator[Finding]:
    """A centre by name: in any column by its own words, in a column of centres by its capital."""
    if is_stand_in(cell) or _is_pseudonym(cell, holder):
        return
    if _CENTRE_COLUMN.fullmatch(column.strip()) and _names_centre(cell):
        why = "a name in a column of centres"
        yield Finding(holder, 0, len(cell), "centre", 0.85, direct=True, why=why, field=field)
        return
    for hit in centres_in(cell):
        if hit.kind == "centre" and hit.direct:
            yield Finding(
                holder,
                hit.start,
                hit.end,
                hit.kind,
                hit.score,
                direct=True,
                why=hit.why,
                field=field,
            )


def _names_centre(cell: str) -> bool:
    """Whether a cell names one centre, and not a kind of them ("Public", "Family child care")."""
    own = [word for word in _WORD.findall(cell) if fold(word) not in GENERIC]
    capitals = [word for word in own if word[0].isupper() and not word.isupper()]
    return len(capitals) > 1 or any(not is_english(fold(word)) for word in capitals)


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# MarisolVega, but not McKay.
_GLUED = re.compile(r"(?<=[^\W\d_A-Z]{2})(?=[A-Z])")
_JOINED = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_SHORTEST, _MOST = 2, 3


def _in_id(holder: str, case_id: str) -> Iterator[Finding]:
    """A participant's id that is a name; nothing of it stands in the finding."""
    if is_stand_in(case_id):
        return
    if is_named_id(case_id):
        why = "an id in the form of a name"
        yield Finding(holder, 0, len(case_id), "name", 0.9, direct=True, why=why, field=CASE_ID)
        return
    for pattern in (*PATTERNS, *NUMBERS):
        if pattern.direct and pattern.kind in ("e-mail", "phone"):
            for start, end, score, why in pattern.find(case_id):
                yield Finding(
                    holder, start, end, pattern.kind, score, direct=True, why=why, field=CASE_ID
                )


def is_named_id(case_id: str) -> bool:
    """Whether a participant's id is a given name with a surname.

    One name alone may be a pseudonym that somebody chose.

    Examples
    --------
    >>> [is_named_id(each) for each in ("Marisol Vega", "vega_marisol", "ECE-12", "Maria")]
    [True, True, False, False]
    """
    if not re.search(r"\d", case_id) and _is_short_name(_WORD.findall(_JOINED.sub(" ", case_id))):
        return True
    words = _WORD.findall(_GLUED.sub(" ", case_id))
    names = [word for word in words if len(word) >= _SHORTEST and fold(word) not in _NO_NAMES]
    if len(names) < _SHORTEST:
        return False
    listed = lists()
    own = [word for word in names if not is_english(fold(word))]
    if any(fold(word) in listed.first - listed.others for word in own):
        return True
    last = fold(names[-1])
    known = last in listed.surnames or (bool(own) and last not in listed.others)
    return known and len(names) == len(words) and all(word.istitle() for word in names)


# Short names that are words as well, or stand on no list.
_SHORT_SURNAMES = word_set(
    "an au bo bu cai cao chu dai dao ding do du fan fu go gu he ho hu im ko le li lo lu luo ly "
    "ma mai "
    "mo ng nie oh ong pan su sy tan tu uy vo vu wu xi xu ye yi yu yun zou"
)
_SHORT_GIVEN = word_set(
    "ai al an bao bo chi ed hoa hua hui jae jia jie jin jo jun lan le li lin ling ly mei min "
    "ming na "
    "qi rui su ty tai tam thi wei wen xi xin yan yi ying yu yun"
)


def _is_short_name(words: list[str]) -> bool:
    """Whether two or three short words, or an initial and a surname, are a name: *Li Wei*."""
    lows = [fold(word) for word in words]
    if not 1 < len(lows) <= _MOST or (_NO_NAMES - _SHORT_SURNAMES).intersection(lows):
        return False
    listed = lists()
    surnames = {low for low in lows if low in listed.surnames | _SHORT_SURNAMES}
    given = {low for low in lows if low in listed.first | listed.doubtful | _SHORT_GIVEN}
    initials = [low for low in lows if len(low) == 1]
    if len(lows) == _SHORTEST and initials:
        return any(low in listed.surnames for low in lows)
    sure = listed.first | listed.surnames | _SHORT_SURNAMES | NAMES_IN_LOWER
    named = bool(surnames or given - listed.doubtful)
    named = named and all(low in surnames | given for low in lows)
    return named and bool(given) and len(given | surnames) > 1 and not sure.isdisjoint(lows)


# What stands beside a chosen name, or a number, in an id: "Mentor Anna".
_FIELD = """
    assistant case child ece educator facilitator group id interview leader manager mentee mentor
    ms mr mrs nation new pair parent part participant person respondent site student teacher team
    the town
"""
_NO_NAMES = GENERIC | frozenset(_FIELD.split())


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


def _in_file_name(holder: str, field: str, stem: str) -> Iterator[Finding]:
    """A file named after a person: *Reflection - Maria Gonzalez.docx*, *petra_hall.txt*."""
    apart = spaced(stem)
    for finding in _in_words(holder, field, apart):
        if finding.kind in ("name", "phone", "e-mail", "SIN"):
            yield finding
    words = list(_WORD.finditer(apart))
    for first, second in pairwise(words):
        pair = {fold(first[0]), fold(second[0])}
        why = "a given name beside a surname"
        if any(_is_sure(one) and _is_last(*(pair - {one})) for one in pair if len(pair) > 1):
            span = first.start(), second.end()
            yield Finding(holder, *span, "name", 0.85, direct=True, why=why, field=field)


def _is_sure(low: str) -> bool:
    """Whether a word is a given name and hardly ever anything else."""
    listed = lists()
    return low in listed.first - listed.doubtful - listed.others


def _is_last(low: str) -> bool:
    """Whether a word may be a surname, in whichever case a file's name is written."""
    listed = lists()
    if low in THINGS_OR_SURNAMES | listed.surnames:
        return True
    strange = low not in _NO_NAMES | listed.others | listed.towns and not is_english(low)
    return strange and len(low) > _SHORTEST
