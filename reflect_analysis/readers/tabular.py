"""Tables with one reflection a row, and the table of the participants.

A row is a text of a participant; every column that is not one of the six that the reader
knows becomes an attribute. What a column was taken for without being told stands in the
run's settings. Cells are strings: ``NA`` is a word that somebody wrote.

Rules
-----
- A column is known by its plain name (``text``) or, where there is none of that name, by a
  synonym (``Reflection``, ``Answer``). Two synonyms side by side are a fault, not a guess:
  the answers to a second question must not vanish unseen; unless the table is a survey of one
  row a person (`surveys`), where each question has its own document.
- A table of posts with threads or parents is a forum: see `threads`.
- Columns of direct identifiers are no attributes: left out and listed. So is a date in
  another style than the rest of its column.
- A table without a text is the table of the participants if its file or sheet is called so
  (participants, cases), or if it has a participant and none of the marks of texts: an id
  beside the participant, a session, a date, a prompt, a thread, or cells as long as texts.
  With one of these it is more likely that the text column was not recognised: a fault that
  says how to name it.
- A column of consent to be quoted reaches the case of the row's participant, whose strictest
  answer holds. A text that is refused and names no participant is left out and listed: no
  case could carry the refusal.
- Tables of codings, of what was read and of approvals are no texts: left out, with the
  name of the function that reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Omission
from reflect_analysis.errors import did_you_mean

from ._consent import GOVERNED, NO_CONSENT, ConsentColumn, consent_column
from ._dates import REASON as ODD_DATE
from ._dates import odd_dates
from ._forums import forum_of
from ._found import (
    Found,
    Place,
    checked_kind,
    checked_language,
    checked_voice,
    is_garbled,
    left_out,
    merge,
    slug,
    with_consent,
)
from ._identifying import identifies, listed
from ._mapping import ROLES, Columns
from ._participants import cases_of
from ._questions import Survey, guessed_questions
from ._sheets import Row, Table, tables_of
from ._speakers import NOBODY, Speakers, speakers_for
from ._vocabulary import COLUMNS, plain
from .surveys import read_survey, survey_of
from .threads import read_forum

# Which columns make a table one of ours, and who reads it.
_FOREIGN: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"document_id", "start", "end", "code_id"}), "codings: read_codings reads them"),
    (frozenset({"document_id", "start", "end", "use"}), "approvals: read_approvals reads them"),
    (frozenset({"coding_id", "action"}), "decisions on codings: read_codings reads them"),
    (frozenset({"by", "document_id", "code_id", "text"}), "memos: read_codings reads them"),
    (frozenset({"segment_id", "document_id"}), "segments: segment makes them anew"),
)
_SEEN = frozenset({"coder", "document_id"})
_TABLES_OF_CASES = ("participant", "case")
_MARKS_OF_TEXTS = frozenset(
    {"session", "date", "prompt", "provocation", "question", "thread", "seance", "consigne"}
)
_LONG_CELL = 150


def read_tables(place: Place, mapping: Columns, speakers: Speakers = NOBODY) -> Found:
    """The texts and cases of a CSV, TSV or XLSX file.

    Parameters
    ----------
    place : Place
    mapping : Mapping of str to str
        Columns by the role that they have; see `read_corpus`.
    speakers : mapping of str to str or None
        Cases by the names of a forum's members; `None` for an organiser.

    Raises
    ------
    CorpusError
        If the file cannot be opened as a table; faults in rows are in the finding.
    """
    tables, omissions = tables_of(place)
    found = [read_table(table, mapping, speakers_for(place, speakers)) for table in tables]
    if len(found) > 1 and any(f.documents or f.cases for f in found):
        # One sheet of a workbook holds the texts; another may hold anything.
        found = [
            left_out(t.source, "a sheet without a column of texts", place=t.prefix.rstrip(", "))
            if f.faults and not (f.cases or _has_text(t, mapping) or _has_consent(t))
            else f
            for t, f in zip(tables, found, strict=True)
        ]
    return merge([*found, Found(omissions=tuple(omissions))])


def read_table(table: Table, mapping: Columns, speakers: Speakers = NOBODY) -> Found:
    """What one table gives: texts, cases, or the reason why it was left out."""
    if not table.header:
        if table.faults:
            return Found(faults=table.faults)
        return left_out(table.source, "an empty table", place=table.prefix.rstrip(", "))
    foreign = _foreign(table)
    if foreign:
        return left_out(table.source, f"a table of {foreign}", place=table.prefix.rstrip(", "))
    if not table.rows and not table.faults:
        return left_out(table.source, "a table without rows", place=table.prefix.rstrip(", "))
    if forum := forum_of(table, mapping):
        found = read_forum(forum, speakers)
    elif survey := survey_of(table, mapping):
        table, found = survey.table, read_survey(survey, mapping)
    else:
        return _read_plain(table, mapping)
    return merge([_sound(table), found])


def _read_plain(table: Table, mapping: Columns) -> Found:
    """A table of one text a row, or of one participant a row."""
    columns = _columns(table, mapping)
    known = [f"{table.name}: {fault}" for fault in columns.consent.faults]
    faults = (*_sound(table).faults, *columns.faults, *known)
    found = _texts(table, columns) if "text" in columns.at else _without_text(table, columns)
    mine = Found(faults=faults, headers=table.header, guesses=_guesses(table, columns))
    return merge([mine, found])


def _sound(table: Table) -> Found:
    """The faults of a table as such: its cells, its header, the width of its rows."""
    guesses = {table.name: {"delimiter": table.delimiter}} if table.delimiter else {}
    faults = (*table.faults, *_header_faults(table), *_width_faults(table))
    return Found(faults=faults, headers=table.header, guesses=guesses)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where each role stands in the header, and which of them nobody had named."""

    at: Mapping[str, int]
    guessed: Mapping[str, str]
    faults: tuple[str, ...] = ()
    consent: ConsentColumn = NO_CONSENT

    def cell(self, role: str, cells: tuple[str, ...]) -> str:
        index = self.at.get(role, len(cells))
        return cells[index] if index < len(cells) else ""


def _foreign(table: Table) -> str:
    names = frozenset(plain(column) for column in table.header)
    what = next((what for needed, what in _FOREIGN if needed <= names), "")
    if not what and names >= _SEEN and "text" not in names:
        return "what coders have read: read_codings reads it"
    return what


def _has_text(table: Table, mapping: Columns) -> bool:
    return "text" in _columns(table, mapping).at


def _has_consent(table: Table) -> bool:
    consent = consent_column(table.header, rows=_cells(table))
    return consent.index is not None or bool(consent.faults)


def _columns(table: Table, mapping: Columns) -> _Columns:
    single = {r: c for r, c in mapping.items() if isinstance(c, str) and r in ROLES}
    named = {r: table.header.index(c) for r, c in single.items() if c in table.header}
    names = [plain(column) for column in table.header]
    at, guessed, faults = dict(named), {}, []
    for role in ROLES:
        if role in named:
            continue
        free = [n for n in range(len(names)) if n not in named.values()]
        exact = [n for n in free if names[n] == role]
        others = [n for n in free if names[n] in COLUMNS[role]]
        if not exact and len(others) > 1:
            choices = ", ".join(repr(table.header[n]) for n in others)
            faults.append(
                f"{table.name}: several columns could be the {role}: {choices}; say which "
                f"(in Python: mapping={{{role!r}: {table.header[others[0]]!r}}}) or rename one"
            )
        elif exact or others:
            at[role] = (exact or others)[0]
            if table.header[at[role]] != role:
                guessed[role] = table.header[at[role]]
    governed = () if "text" in at else GOVERNED
    rows = _cells(table)
    consent = consent_column(table.header, rows=rows, taken=at.values(), governed=governed)
    guessed |= consent.guesses(table.header, rows)
    return _Columns(at, guessed, tuple(faults), consent)


def _cells(table: Table) -> list[tuple[str, ...]]:
    return [cells for _, cells in table.rows]


def _header_faults(table: Table) -> Iterator[str]:
    counts = Counter(column.casefold() for column in table.header if column)
    for column, count in counts.items():
        if count > 1:
            yield f"{table.name}: the column {column!r} stands {count} times; rename or remove one"
    for index, column in enumerate(table.header):
        first = next((p for p, cells in table.rows if index < len(cells) and cells[index]), None)
        if not column and first:
            yield f"{table.name}: column {index + 1} has no name, but a cell in {first}"


def _width_faults(table: Table) -> Iterator[str]:
    width = len(table.header)
    for where, cells in table.rows:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            yield (
                f"{table.source}, {where}: {len(cells)} cells under {width} columns; a text with "
                "a comma stands in quotation marks"
            )


def _guesses(table: Table, columns: _Columns) -> Mapping[str, Mapping[str, str]]:
    guessed = dict(columns.guessed)
    if table.delimiter:
        guessed["delimiter"] = table.delimiter
    if "text" in columns.at and "id" not in columns.at:
        guessed["id"] = "made from the file and the row"
    return {table.name: guessed} if guessed else {}


def _texts(table: Table, columns: _Columns) -> Found:
    others = _attributes(table.header, columns)
    out = [
        n
        for n, c in others
        if identifies(c, (cells[n] for _, cells in table.rows if n < len(cells)))
    ]
    attributes = [(n, c) for n, c in others if n not in out]
    odd = _odd_dates(table, [n for n, _ in attributes])
    left = listed(table.name, [table.header[n] for n in out])
    mine = Found(omissions=(*left, *(Omission(table.source, p, ODD_DATE) for p, _ in odd)))
    return merge([mine, _documents(table, columns, attributes, frozenset(odd))])


def _attributes(header: Iterable[str], columns: _Columns) -> list[tuple[int, str]]:
    """The columns that no role has."""
    known = {*columns.at.values(), *columns.consent.columns}
    return [(n, c) for n, c in enumerate(header) if c and n not in known]


def _documents(
    table: Table,
    columns: _Columns,
    attributes: Iterable[tuple[int, str]],
    odd: Collection[tuple[str, int]],
) -> Found:
    """The texts of the rows, without the cells that are left out of `attributes`."""
    found = []
    for row in table.rows:
        problems: list[str] = []
        answer = columns.consent.answer(row[1], problems)
        participant = columns.cell("participant", row[1]).strip()
        if not columns.cell("text", row[1]).strip():
            omission = Omission(table.source, row[0], "a row without text")
            told = ((participant, answer),) if answer and participant else ()
            part = Found(omissions=(omission,), consents=told)
        else:
            kept = [(n, c) for n, c in attributes if (row[0], n) not in odd]
            part = with_consent(_document(table, columns, kept, row, problems), answer)
        faults = tuple(f"{table.source}, {row[0]}: {problem}" for problem in problems)
        found.append(replace(part, faults=faults))
    return merge(found)


def _odd_dates(table: Table, columns: Iterable[int]) -> list[tuple[str, int]]:
    """Rows and columns of dates in another style than the rest of their column."""
    found = []
    for n in columns:
        cells = [row[n] if n < len(row) else "" for _, row in table.rows]
        found += [(table.rows[at][0], n) for at in sorted(odd_dates(cells))]
    return found


def _document(
    table: Table,
    columns: _Columns,
    attributes: Iterable[tuple[int, str]],
    row: Row,
    problems: list[str],
) -> Document:
    where, cells = row
    text = columns.cell("text", cells)
    document_id = columns.cell("id", cells).strip()
    if not document_id:
        if "id" in columns.at:
            problems.append("no id")
        document_id = f"{slug(table.stem)}-{where.rpartition(' ')[2]}"
    return Document(
        id=document_id,
        text=text,
        kind=checked_kind(columns.cell("kind", cells), "reflection", problems),
        case_id=columns.cell("participant", cells).strip() or None,
        attributes=Attributes(
            {c: cells[n].strip() for n, c in attributes if n < len(cells) and cells[n].strip()}
        ),
        voice=checked_voice(columns.cell("voice", cells), problems),
        language=checked_language(columns.cell("language", cells), problems),
        flags=("garbled",) if is_garbled(text) else (),
        source=table.source,
        place=where,
    )


def _without_text(table: Table, columns: _Columns) -> Found:
    """The table of the participants, or the fault that there is no column of texts."""
    is_named = any(word in table.stem.casefold() for word in _TABLES_OF_CASES)
    at = columns.at.get("participant", columns.at.get("id") if is_named else None)
    long = _long_column(table)
    marked = "id" in columns.at or any(plain(c) in _MARKS_OF_TEXTS for c in table.header)
    if at is not None and (is_named or not (long or marked)):
        return cases_of(table, at, consent=columns.consent)
    if any("be the text" in fault for fault in columns.faults):
        return Found()
    names = ", ".join(repr(column) for column in table.header if column)
    near = long or like_text(table.header) or _only_question(table)
    hint = f"; did you mean 'text' by {near!r}?" if near else ""
    fault = (
        f"{table.name}: no column 'text' among {names}; name the column of texts so, or say which "
        f"(in Python: mapping={{'text': {near or '…'!r}}}){hint}"
    )
    return Found(faults=(fault,))


def like_text(header: Iterable[str]) -> str:
    """The column whose name is nearest to one of a column of texts, or ``""``.

    Examples
    --------
    >>> like_text(["participant", "country", "txt"]), like_text(["role"])
    ('txt', '')
    >>> like_text(["ResponseId", "quote_consent"])
    ''
    """
    columns = [column for column in header if column and not _is_no_text(column)]
    for known in (("text",), COLUMNS["text"]):
        near = next((c for c in columns if did_you_mean(plain(c), known)), "")
        if near:
            return near
    return ""


def _only_question(table: Table) -> str:
    """The one column whose cells are in words of somebody's own, or ``""``."""
    survey = Survey(table, table.header)
    found = guessed_questions(survey)
    return table.header[found[0]] if len(found) == 1 else ""


def _is_no_text(column: str) -> bool:
    """Whether a column is called an id or a consent: "ResponseId" is near "Response"."""
    name = plain(column)
    is_id = name in ("id", "responseid", "respondentid") or name.endswith("_id")
    return is_id or "consent" in name


def _long_column(table: Table) -> str:
    """The column that holds the longest cells, where they are as long as texts."""
    longest = [0] * len(table.header)
    for _, cells in table.rows:
        for index, cell in enumerate(cells[: len(longest)]):
            longest[index] = max(longest[index], len(cell))
    best = max(range(len(longest)), key=longest.__getitem__)
    return table.header[best] if longest[best] >= _LONG_CELL else ""
