"""Survey exports: one row a person, several open questions, one document an answer.

The shapes of Qualtrics, SurveyMonkey, Google Forms, Microsoft Forms, REDCap and LimeSurvey are
known by their columns; any other table of one row a person is taken for a survey where its
open questions are named (``mapping={"text": ["Q3", "Q5"]}``) or are plain to see.

Rules
-----
- A row is one case. Its id is the participant's column, else the survey's own id of the
  response, else the file and the row. Attributes stand with the case, or, where a column names
  the participant (who may answer twice and may have a row in the table of participants), with
  the documents.
- An answer is one document with its question as ``prompt``; an empty answer is none.
- Open questions that nobody named are those with long answers of which hardly two are alike;
  the guess is shown in the run's settings. Where the mapping names some, the others are left
  out and listed: words that were not checked for identifiers are no attribute.
- A second row of headers (question texts, import ids, choices) is joined with the first.
- Columns of direct identifiers and of the program's own data are left out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Document, Omission

from ._consent import ConsentColumn, consent_column
from ._dates import REASON as ODD_DATE
from ._dates import odd_dates
from ._found import (
    Found,
    checked_kind,
    checked_language,
    checked_voice,
    is_garbled,
    merge,
    slug,
    word_count,
)
from ._identifying import holds_identifiers, listed
from ._mapping import Columns, named
from ._questions import (
    DATES,
    IDENTIFYING,
    METADATA,
    Survey,
    cell,
    guessed_questions,
    sign,
    survey_of,
    why_kept_out,
)
from ._sheets import Row, Table
from ._vocabulary import COLUMNS, plain

__all__ = ["read_survey", "survey_of"]

_OWN_IDS = ("responseid", "respondentid", "id")
_PREVIEWS = frozenset({"survey preview", "survey test", "spam", "1", "2", "8"})
_UNASKED = "-99"  # what Qualtrics writes for a question that was shown and not answered
_CLOCK = re.compile(r",?[T ]+\d{1,2}:\d{2}.*$", re.DOTALL)
_DATE_LENGTH = 60
_UNNAMED = "an open question that the mapping does not name"
_PREVIEW = "a preview or spam, not a response"
_NO_ANSWER = "a row without an answer"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What each column of a survey is taken for."""

    questions: tuple[int, ...]
    attributes: tuple[int, ...]
    roles: Mapping[str, int]
    own_id: int | None
    date: int | None
    consent: ConsentColumn
    odd: Mapping[int, frozenset[int]]
    omissions: tuple[Omission, ...]
    guesses: Mapping[str, str]
    faults: tuple[str, ...] = ()


def read_survey(survey: Survey, mapping: Columns) -> Found:
    """One document an answer, one case a row.

    Parameters
    ----------
    survey : Survey
    mapping : mapping
        ``"text"`` names the open questions by header or by question.
    """
    plan = _plan(survey, mapping)
    table = survey.table
    headers = tuple(dict.fromkeys((*table.header, *survey.prompts)))
    mine = Found(
        omissions=plan.omissions,
        faults=plan.faults,
        guesses={table.name: plan.guesses},
        headers=headers,
    )
    if not plan.questions:
        fault = (
            f"{table.name}: a survey{f' of {survey.vendor}' if survey.vendor else ''} without an "
            "open question that is plain to see; name them (in Python: "
            "mapping={'text': ['…', '…']})"
        )
        return merge([mine, Found(faults=(fault,))])
    ids = [_case_id(survey, plan, row) for row in table.rows]
    counts = Counter(ids)
    rows = zip(table.rows, ids, strict=True)
    parts = [
        _row(survey, plan, number, row, case_id, again=counts[case_id] > 1)
        for number, (row, case_id) in enumerate(rows)
    ]
    return merge([mine, *parts])


def _plan(survey: Survey, mapping: Columns) -> _Plan:
    table = survey.table
    chosen = [n for name in named(mapping, "text") if (n := survey.column(name)) is not None]
    guessed = guessed_questions(survey)
    questions = chosen or guessed
    roles, faults = _roles(survey, mapping, taken=questions)
    own_id = _own_id(survey, mapping)
    date = _first(survey, DATES) if survey.vendor else None
    taken = {*questions, *roles.values(), own_id, date}
    consent = _consent(survey, taken={n for n in taken if n is not None})
    omissions: list[Omission] = []
    attributes: list[int] = []
    for n, column in enumerate(table.header):
        if n in taken or n in consent.columns or not column:
            continue
        why = why_kept_out(survey, n)
        if why == IDENTIFYING or (why is None and holds_identifiers(survey.cells(n))):
            omissions += listed(table.name, [column])
        elif why or n in guessed:
            omissions += listed(table.name, [column], why or _UNNAMED)
        else:
            attributes.append(n)
    odd = {n: cells for n in attributes if (cells := odd_dates(survey.cells(n)))}
    guesses = {"survey": survey.vendor or "one row a person"}
    guesses |= {} if chosen else {"text": "; ".join(table.header[n] for n in questions)}
    guesses |= {"participant": _who(table, roles.get("participant", own_id), mapping)}
    guesses |= consent.guesses(table.header, [cells for _, cells in table.rows])
    faults += [f"{table.name}: {fault}" for fault in consent.faults]
    return _Plan(
        questions=tuple(questions),
        attributes=tuple(attributes),
        roles=roles,
        own_id=own_id,
        date=date,
        consent=consent,
        odd=odd,
        omissions=tuple(omissions),
        guesses={role: told for role, told in guesses.items() if told},
        faults=tuple(faults),
    )


def _who(table: Table, column: int | None, mapping: Columns) -> str:
    if column is None:
        return "made from the file and the row"
    name = table.header[column]
    known = (*named(mapping, "participant"), *named(mapping, "id"), "participant")
    return "" if name in known else name


def _own_id(survey: Survey, mapping: Columns) -> int | None:
    """The column of the response's own id."""
    told = [n for name in named(mapping, "id") if (n := survey.column(name)) is not None]
    return told[0] if told else _first(survey, _OWN_IDS)


def _first(survey: Survey, signs: Iterable[str]) -> int | None:
    """The first column of one of these names, the first name before the second."""
    header = [sign(column) for column in survey.table.header]
    return next((header.index(sign) for sign in signs if sign in header), None)


def _roles(
    survey: Survey, mapping: Columns, *, taken: Iterable[int]
) -> tuple[dict[str, int], list[str]]:
    """The columns of the participant, the kind, the language and the voice."""
    header, roles, faults = survey.table.header, {}, []
    free = [n for n in range(len(header)) if n not in set(taken)]
    for role in ("participant", "kind", "language", "voice"):
        told = [n for name in named(mapping, role) if (n := survey.column(name)) is not None]
        exact = [n for n in free if plain(header[n]) == role]
        known = [n for n in free if plain(header[n]) in COLUMNS[role]]
        if role == "participant":
            known += [n for n in free if plain(header[n]) in ("record_id", "study_id")]
            known = [n for n in known if sign(header[n]) not in _OWN_IDS]
        found = told or exact or known
        if len(found) > 1 and not (told or exact):
            names = ", ".join(repr(header[n]) for n in found)
            faults.append(f"{survey.table.name}: several columns could be the {role}: {names}")
        if found:
            roles[role] = found[0]
    return roles, faults


def _consent(survey: Survey, *, taken: set[int]) -> ConsentColumn:
    """The columns of consent, by their headers or by their questions."""
    table = survey.table
    own = {n for n in range(len(table.header)) if why_kept_out(survey, n) == METADATA}
    rows = [cells for _, cells in table.rows]
    return consent_column(table.header, prompts=survey.prompts, rows=rows, taken=taken | own)


def _case_id(survey: Survey, plan: _Plan, row: Row) -> str:
    """The participant's id, else that of the response, else the file and the row.

    A bare number is no id among several surveys, so the file stands before it.
    """
    if "participant" in plan.roles and (told := cell(row, plan.roles["participant"])):
        return told
    stem = slug(survey.table.stem)
    own = cell(row, plan.own_id) if plan.own_id is not None else ""
    if own and not (own.isdigit() and survey.vendor != "SurveyMonkey"):
        return own
    return f"{stem}-{own or row[0].rpartition(' ')[2]}"


def _row(survey: Survey, plan: _Plan, number: int, row: Row, case_id: str, *, again: bool) -> Found:
    """The case and the answers of one row."""
    source, where = survey.table.source, row[0]
    status = _first(survey, ["status"]) if survey.vendor == "Qualtrics" else None
    if status is not None and cell(row, status).casefold() in _PREVIEWS:
        return Found(omissions=(Omission(source, where, _PREVIEW, _row_words(plan, row)),))
    problems: list[str] = []
    answer = plan.consent.answer(row[1], problems)
    odd = [n for n, cells in plan.odd.items() if number in cells]
    about = Attributes(
        {
            survey.table.header[n]: cell(row, n)
            for n in plan.attributes
            if n not in odd and cell(row, n)
        }
    )
    # Who is named by a column may answer twice, so what a row says is of its answers.
    is_case = "participant" not in plan.roles and not again
    documents = [
        _document(survey, plan, (row, n), case_id, Attributes() if is_case else about, problems)
        for n in plan.questions
        if cell(row, n) and not (survey.vendor == "Qualtrics" and cell(row, n) == _UNASKED)
    ]
    ids = _ids(survey, plan, case_id, where if again else "")
    faults = tuple(f"{source}, {where}: {problem}" for problem in dict.fromkeys(problems))
    omissions = [Omission(source, where, ODD_DATE) for _ in odd]
    omissions += [] if documents else [Omission(source, where, _NO_ANSWER)]
    return Found(
        documents=tuple(replace(d, id=ids[n]) for n, d in documents),
        cases=((Case(case_id, about), f"{source}, {where}"),) if is_case and documents else (),
        consents=((case_id, answer),) if answer else (),
        omissions=tuple(omissions),
        faults=faults,
    )


def _row_words(plan: _Plan, row: Row) -> int:
    return sum(word_count(cell(row, n)) for n in plan.questions)


def _ids(survey: Survey, plan: _Plan, case_id: str, where: str) -> dict[int, str]:
    """The id of the answer to each question: the case, the row where it comes again, the code."""
    header = survey.table.header
    codes = {
        n: header[n] if re.fullmatch(r"[\w.\[\]-]{1,20}", header[n]) else f"q{place}"
        for place, n in enumerate(plan.questions, start=1)
    }
    row = f"-{where.rpartition(' ')[2]}" if where else ""
    return {n: slug(f"{case_id}{row}-{code}") for n, code in codes.items()}


def _document(
    survey: Survey,
    plan: _Plan,
    place: tuple[Row, int],
    case_id: str,
    about: Attributes,
    problems: list[str],
) -> tuple[int, Document]:
    """The answer to one question, and where the question stands."""
    row, n = place
    text = row[1][n].strip()
    header, prompt = survey.table.header[n], survey.prompts[n]
    told = {role: cell(row, at) for role, at in plan.roles.items()}
    date = _CLOCK.sub("", cell(row, plan.date)[:_DATE_LENGTH]) if plan.date is not None else ""
    asked = {"prompt": prompt, "question": header if header != prompt else "", "date": date}
    document = Document(
        id=case_id,
        text=text,
        kind=checked_kind(told.get("kind", ""), "reflection", problems),
        case_id=case_id,
        attributes=about | {key: word for key, word in asked.items() if word},
        voice=checked_voice(told.get("voice", ""), problems),
        language=checked_language(told.get("language", ""), problems),
        flags=("garbled",) if is_garbled(text) else (),
        source=survey.table.source,
        place=f"{row[0]}, column {n + 1}",
    )
    return n, document
