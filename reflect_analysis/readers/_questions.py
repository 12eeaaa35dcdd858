"""Which tables are surveys, which program wrote them, and which columns are open questions.

The headers of a program (question texts, import ids, choices in a second and a third row) are
made one header, with the question of each column beside it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ._consent import asked
from ._found import word_count
from ._identifying import is_identifying
from ._mapping import ROLES, Columns, named
from ._sheets import Row, Table
from ._vocabulary import COLUMNS, plain


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By which columns a program is known, in plain letters without a sign between them.
_VENDORS: Mapping[str, frozenset[str]] = {
    "Qualtrics": _words(
        "startdate enddate status ipaddress progress durationinseconds finished recordeddate "
        "responseid recipientlastname recipientfirstname recipientemail externalreference "
        "locationlatitude locationlongitude distributionchannel userlanguage"
    ),
    "SurveyMonkey": _words(
        "respondentid collectorid startdate enddate ipaddress emailaddress firstname lastname "
        "customdata1 customdata"
    ),
    "LimeSurvey": _words(
        "submitdate lastpage startlanguage seed datestamp ipaddr refurl datesubmitted "
        "datestarted datelastaction referrerurl"
    ),
    "Microsoft Forms": _words("starttime completiontime email name lastmodifiedtime"),
}
_FEWEST_SIGNS = 3
_GOOGLE = ("timestamp", "horodateur", "horodatage")
_OWN_DATA = frozenset().union(*_VENDORS.values()) | _words(
    "startdate enddate interviewtime grouptime score totalscore quizfeedback points"
)
DATES = (
    *("recordeddate", "enddate", "submitdate", "datesubmitted", "completiontime", "datestamp"),
    *("timestamp", "horodateur", "horodatage", "startdate"),
)
_REDCAP = re.compile(r"redcap_(?!event_name|repeat)\w+|\w+_(?:complete|timestamp)")
_NOT_ANSWERS = ("response", "open-ended response", "réponse", "réponse ouverte")
_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"')
_CODE = re.compile(r"^[A-Za-z]\w*\d\w*(?:\[[^\]]*\])?(?:\.|:)?\s+(?=\S)")
_LONG_FORM = frozenset({"prompt", "provocation", "question", "thread", "consigne"})
_OPEN_WORDS = 6
_SHORT_OPEN_WORDS = 3
_DISTINCT = 0.8
_ASKING_WORDS = 5

IDENTIFYING = "identifying"
METADATA = "a column of the survey program's own data"


@dataclass(frozen=True, slots=True)
class Survey:
    """A table of one row a person, with one header.

    Parameters
    ----------
    table : Table
    prompts : tuple of str
        The question of each column.
    vendor : str
        The program, ``""`` where it is not known.
    """

    table: Table
    prompts: tuple[str, ...]
    vendor: str = ""

    def column(self, name: str) -> int | None:
        """Where a column stands, by its header or by its question."""
        for names in (self.table.header, self.prompts):
            if name in names:
                return names.index(name)
        return None

    def cells(self, column: int) -> list[str]:
        """A column without its header, without blanks around a cell."""
        return [cell(row, column) for row in self.table.rows]


def survey_of(table: Table, mapping: Columns) -> Survey | None:
    """The survey that a table is; `None` for any other table."""
    survey = _with_one_header(table, vendor_of(table.header))
    chosen = named(mapping, "text")
    found = [name for name in chosen if survey.column(name) is not None]
    plain_names = {plain(column) for column in survey.table.header}
    if found and (len(chosen) > 1 or not isinstance(mapping["text"], str)):
        return survey
    if survey.vendor and "text" not in plain_names:
        return survey
    if found or "text" in plain_names or plain_names & _LONG_FORM:
        return None
    return survey if _is_wide(survey) else None


def vendor_of(header: Sequence[str]) -> str:
    """The program that wrote a table.

    Examples
    --------
    >>> vendor_of(["StartDate", "EndDate", "ResponseId", "Q1"]), vendor_of(["id", "text"])
    ('Qualtrics', '')
    """
    signs = [sign(column) for column in header]
    counts = {vendor: len(known.intersection(signs)) for vendor, known in _VENDORS.items()}
    best = max(counts, key=counts.__getitem__)
    if counts[best] >= _FEWEST_SIGNS:
        return best
    names = [plain(column) for column in header]
    parts = any(n.startswith("redcap_") or n.endswith("_complete") or "___" in n for n in names)
    if names and (parts and names[0] in ("record_id", "study_id")):
        return "REDCap"
    return "Google Forms" if signs and signs[0] in _GOOGLE and len(signs) > 1 else ""


def sign(column: str) -> str:
    return plain(column).replace("_", "")


def cell(row: Row, column: int) -> str:
    return row[1][column].strip() if column < len(row[1]) else ""


def _with_one_header(table: Table, vendor: str) -> Survey:
    """The table with its question texts, import ids and choices taken from its first rows."""
    header, rows, prompts = table.header, table.rows, table.header
    imports = next((n for n, row in enumerate(rows[:3]) if any(map(_IMPORT_ID.match, row[1]))), -1)
    if imports >= 0 or (vendor == "Qualtrics" and rows and _repeats_header(header, rows[0])):
        vendor = vendor or "Qualtrics"
        if imports != 0:
            prompts = tuple(cell(rows[0], n) or name for n, name in enumerate(header))
        rows = rows[max(imports + 1, 1) :]
    elif vendor == "SurveyMonkey" and rows and _is_choices(header, rows[0]):
        header = tuple(_with_choices(header, rows[0]))
        prompts, rows = header, rows[1:]
    cleaned = tuple(_question(prompt) for prompt in prompts)
    return Survey(replace(table, header=header, rows=rows), cleaned, vendor)


def _repeats_header(header: Sequence[str], row: Row) -> bool:
    """Whether a first row names the columns again ("Start Date" below ``StartDate``)."""
    same = [n for n, c in enumerate(header) if c and sign(c) == sign(cell(row, n))]
    return len(same) >= _FEWEST_SIGNS or "startdate" in {sign(header[n]) for n in same}


def _is_choices(header: Sequence[str], row: Row) -> bool:
    """Whether a row holds the choices of SurveyMonkey: nothing below the respondent's id."""
    at = [n for n, column in enumerate(header) if sign(column) in ("respondentid", "collectorid")]
    return all(not cell(row, n) for n in at)


def _with_choices(header: Sequence[str], row: Row) -> Iterator[str]:
    question = ""
    for n in range(max(len(header), len(row[1]))):
        told = header[n] if n < len(header) else ""
        question = told or question
        choice = cell(row, n)
        bare = not choice or choice.casefold() in _NOT_ANSWERS
        yield question if bare else f"{question}: {choice}"


def _question(header: str) -> str:
    """A question as it was read: without tags, and without the code before it.

    Examples
    --------
    >>> _question("G01Q02. What <b>stays</b> with&nbsp;you?")
    'What stays with you?'
    """
    parted = re.sub(r"</?(?:br|p|div|li|ul|ol|h\d)\b[^<>]*>", " ", header, flags=re.IGNORECASE)
    text = " ".join(html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", parted)).split())
    return _CODE.sub("", text) or text


# ── which columns are open questions ────────────────────────────────────────────────────


def _is_wide(survey: Survey) -> bool:
    """Whether a table of no known program asks several open questions, plainly."""
    if any(word in survey.table.stem.casefold() for word in ("participant", "case")):
        return False
    found = guessed_questions(survey)
    texts = [n for n, c in enumerate(survey.table.header) if plain(c) in COLUMNS["text"]]
    asking = [n for n in found if _is_asking(survey.prompts[n])]
    if len(texts) == 1:
        return any(n not in texts for n in asking)
    return len(found) > 1 or (bool(found) and _has_response_id(survey.table.header))


def _has_response_id(header: Sequence[str]) -> bool:
    """Whether a survey program numbered the rows: one open question is a survey then."""
    return not {"responseid", "respondentid"}.isdisjoint(map(sign, header))


def _is_asking(prompt: str) -> bool:
    return prompt.endswith("?") or len(prompt.split()) >= _ASKING_WORDS


def guessed_questions(survey: Survey) -> list[int]:
    """The columns of open questions, by the length and the distinctness of their cells."""
    return [
        n
        for n, column in enumerate(survey.table.header)
        if column
        and why_kept_out(survey, n) is None
        and not _is_role(column)
        and not asked((column, survey.prompts[n]), survey.cells(n))
        and is_open([c for c in survey.cells(n) if c], asking=_is_asking(survey.prompts[n]))
    ]


def _is_role(column: str) -> bool:
    name = plain(column)
    return any(name == role or name in COLUMNS[role] for role in ROLES if role != "text")


def is_open(answers: Sequence[str], *, asking: bool = False) -> bool:
    """Whether answers are in words of one's own.

    Parameters
    ----------
    answers : sequence of str
        Filled cells.
    asking : bool
        Whether the column's name is a question, so that three words are an answer.

    Examples
    --------
    >>> is_open(["Strongly agree", "Agree", "Agree"]), is_open(["7", "12"])
    (False, False)
    >>> is_open(["I began to wait before I step in.", "We walk to the creek in any weather."])
    True
    """
    if not answers or len(set(map(str.casefold, answers))) < _DISTINCT * len(answers):
        return False
    if _are_choices(answers):
        return False
    lengths = [word_count(answer) for answer in answers]
    fewest = _SHORT_OPEN_WORDS if asking and max(lengths) >= _OPEN_WORDS else _OPEN_WORDS
    return median(lengths) >= fewest


def _are_choices(answers: Sequence[str]) -> bool:
    """Whether cells are ticked choices in one cell: parts between signs that come again."""
    parts = [{p.strip().casefold() for p in re.split(r"[;,]", a) if p.strip()} for a in answers]
    counts = Counter(part for each in parts for part in each)
    again = sum(count for count in counts.values() if count > 1)
    return any(len(each) > 1 for each in parts) and 2 * again >= counts.total()


def why_kept_out(survey: Survey, column: int) -> str | None:
    """Why a column is never read; `None` for one that may be."""
    header, prompt = survey.table.header[column], survey.prompts[column]
    if is_identifying(header, prompt):
        return IDENTIFYING
    own = survey.vendor and (sign(header) in _OWN_DATA or sign(header) in DATES)
    if own or (survey.vendor == "REDCap" and _REDCAP.fullmatch(plain(header))):
        return METADATA
    return None
