"""Dates of birth: dates of any form where a birth or a birthday is told.

A date alone is no finding; what stands around it says that somebody was born on it. A finding
covers the date, not the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["births_in"]

Hit = tuple[int, int, float, str]

_SURE, _LIKELY, _POSSIBLE = 0.95, 0.8, 0.6

# ── dates ───────────────────────────────────────────────────────────────────────────────

_MONTH = (
    r"(?:jan(?:uary|v(?:ier)?)?|feb(?:r?uary|r)?|f[ée]v(?:r(?:ier)?)?|mar(?:ch|s)?|apr(?:il)?|"
    r"avr(?:il)?|may|mai|june?|juin|jul(?:y|lie)?|juil(?:let)?|aug(?:ust)?|ao[ûu]t|"
    r"sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|d[ée]c(?:ember|embre)?)\.?"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth|premier|"
    r"(?:twenty|thirty)[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_UNIT = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_SAID_YEAR = (
    rf"(?:(?:two thousand|twenty|nineteen)(?:[- ](?:and[- ])?(?:oh[- ])?(?:ten|eleven|twelve|"
    rf"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    rf"ninety)(?:[- ]{_UNIT})?|{_UNIT}))+)"
)
_FULL_YEAR = r"(?:(?:19|20)\d\d)"
_YEAR = (
    rf"(?:\s*[-/,.]?\s*(?:(?:in|of|de)\s+)?(?:{_FULL_YEAR}|['’‘]\s?\d\d|{_SAID_YEAR})|"
    r"\s?[-/]\s?\d\d)"
)
_FIGURES = (
    r"(?:(?:19|20)\d\d(?P<p>\s?[-/.]\s?|\s|–|_)[01]?\d(?P=p)[0-3]?\d|"
    r"[0-3]?\d(?P<q>\s?[-/.]\s?|\s|–|_)[0-3]?\d(?P=q)(?:(?:19|20)\d\d|['’]?\d\d)|"
    r"(?:19|20)\d\d[01]\d[0-3]\d|(?:19|20)\d\d\s?[-/]\s?[A-Za-z]{3}\s?[-/]\s?\d{1,2})"
)
_WORDS = (
    rf"(?:(?:the\s+)?{_DAY}(?:st|nd|rd|th|er|ère|e)?[-/.,\s]?\s?(?:of\s+|de\s+)?{_MONTH}"
    rf"(?:{_YEAR}|\s?\d{{2}}(?!\d|:|\s?[ap]\.?m))?|"
    rf"{_MONTH}[\s/.-]*(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?:{_YEAR})?|"
    rf"(?:the\s+)?{_ORDINAL}\s+(?:(?:day\s+)?of\s+|de\s+)?{_MONTH}(?:{_YEAR})?|"
    rf"{_MONTH}\s+(?:the\s+)?{_ORDINAL}(?:{_YEAR})?|"
    rf"{_FULL_YEAR}[\s,/-]+{_MONTH}[\s/-]*{_DAY}(?:st|nd|rd|th)?)"
)
_END = r"(?![\w]|[-/.:]\d)"
_DATE = rf"(?:{_FIGURES}|{_WORDS}){_END}"
# Less than a whole date, only right behind a label.
_MONTH_YEAR = rf"(?:(?:\w+\s+)?{_MONTH}[\s,/.-]*(?:of\s+|de\s+)?(?:{_FULL_YEAR}|['’]\d\d))"
_SHORT = (
    rf"(?:{_MONTH_YEAR}|{_FULL_YEAR}|[0-3]?\d\s?[-/.]\s?[0-3]?\d|\d{{8}}|\d{{6}}|\d{{4}}|"
    rf"(?:the\s+|le\s+)?{_DAY}(?:st|nd|rd|th|er)){_END}"
)


def _named(form: str) -> str:
    """A form with its groups renamed, so that it may stand twice in one expression."""
    return re.sub(r"\(\?P([<=])([pq])", r"(?P\1\g<2>2", form)


# ── births ──────────────────────────────────────────────────────────────────────────────

_LABEL = (
    r"(?:d\s?[./]?\s?o\s?[./]?\s?b\b\.?|d\.?d\.?n\b\.?|date\s+of\s+birth|"
    r"dates?\s+(?:de\s+)?naiss(?:ance|\.)?|birth[\s-]?dates?|b[\s-]?dates?|birth[\s-]?days?|"
    r"b['’\s-]?days?|born|birth|naissance|anniversaire|anniv\.?|n[ée]\(?e?\)?s?\s+le|"
    r"né\(?e?\)?s?|(?:sa|ma|ta|leurs?|votre)\s+f[êe]te|year\s+of\s+birth|yob)"
)
_OLD = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"sixteen|eighteen|twenty(?:-\w+)?|thirty(?:-\w+)?|forty(?:-\w+)?|fifty(?:-\w+)?|"
    r"sixty(?:-\w+)?)"
)
_NO_AGE = (
    r"(?!\s+(?:pages?|shades?|times|corners?|heads?|cartwheels|somersaults|chairs?|tables?|"
    r"rooms?|kids|children|cheeks?|cups|boxes|tires|forms|people|families|"
    r"keys|circles)\b)"
)
_TURNED = (
    rf"(?:turn(?:s|ed|ing)?|will\s+(?:be|turn)|(?:she|he|they)['’]?ll\s+be|"
    rf"(?:is|was|be|he['’]s|she['’]s)\s+(?:going\s+to\s+be|gonna\s+be))\s+(?:just\s+)"
    rf"?{_OLD}\b{_NO_AGE}|"
    rf"(?:a|aura|eu|avoir|fêté ses|fête ses|fêter ses)\s+(?:\d{{1,2}}|deux|trois|quatre|cinq|"
    r"six|sept|huit)\s+ans"
)
_NEAR = re.compile(
    rf"(?i)(?<![\w.])(?:{_LABEL}|{_TURNED}|birthed|(?:leap(?: year| day)?|preemie|rainbow|"
    rf"christmas)\s+bab(?:y|ies)|came\s+into\s+(?:the|this)\s+world|"
    rf"celebrat(?:es?|ed|ing)\s+(?:his|her|their)\s+\w+)(?!\w)"
    rf"[^.!\n]{{0,45}}?(?<![\w/.-])(?P<it>{_DATE})"
)
_LABELLED = re.compile(
    rf"(?i)(?<![\w.])(?:{_LABEL})(?!\w)(?:\s*(?:[:=(,–—?#\[|>*]|-|\b(?:is|was|are|on|est|le|"
    rf"in|en|format|mm|dd|yyyy|yy)\b|\.(?=\s*[\d\n])|/)){{0,5}}\s*(?:\n\s*)?"
    rf"(?P<it>{_DATE}|{_MONTH_YEAR}{_END})"
)
_TIGHT = re.compile(
    r"(?i)(?:(?<![\w.])b\.\s*|(?<![\w.])(?:d\s?[./]?\s?o\s?[./]?\s?b\b\.?|d\.?d\.?n\b\.?|"
    r"b['’\s-]?day|birth[\s-]?days?|birth[\s-]?dates?|b[\s-]?dates?|date\s+of\s+birth|yob|"
    r"year\s+of\s+birth|date\s+de\s+naissance|anniversaire|f[êe]te(?=\s*[:=])|(?:sa|ma)\s+f[êe]te)"
    r"(?:['’]s)?\s*(?:\b(?:is|was|on|est|le|in|c['’]est)\b|[:=(–—-]|\s){0,5}\s*)"
    rf"(?P<it>{_DATE}|{_SHORT})"
)
_BORN_IN = re.compile(
    rf"(?i)(?<!\w)(?:born|née?s?)\s+(?:[\w'’]+\s+){{0,4}}?(?:in|en|back in|around|c\.)\s+"
    rf"(?P<it>(?:(?:early |late |mid-?)?{_MONTH}\s*,?\s*(?:of\s+|de\s+)?)?(?:{_FULL_YEAR}|"
    rf"['’]\d\d))(?!\d)"
)
_BEFORE = re.compile(
    rf"(?i)(?<![\w/.-])(?P<it>{_DATE})[\s,:;)–—-]*(?:"
    r"(?:(?!\b(?:and|but)\b)[^.!?\n]){0,30}?"
    r"\b(?:was born|were born|is born|been born|est née?s?|birth\s?date|(?:as|for) (?:his|her|"
    r"their|"
    r"my|the|a) (?:birth\s?day|b['’-]?day|dob|birth\s?date)|d\.?o\.?b\b)|"
    r"(?:is|was|['’]?s|est|=|c['’]est)?\s*(?:also\s+|actually\s+|when it(?: is|['’]s)\s+)?(?:my|"
    r"his|her|their|the|our|"
    r"[A-Z]?[\w-]+['’]?s|sa|son|ma|mon|l['’])\s*(?:[\w-]+\s+){0,2}?"
    r"(?:birth\s?day|b['’\s-]?day|anniversaire|f[êe]te)\b|"
    r"(?:birth\s?days?|b['’-]?days?|bab(?:y|ies)|newborns?|births?|kiddos?|twins|preemie)\b|"
    rf"\s*(?:[\w’'-]+\s+){{1,2}}(?:turn(?:s|ed)|will be|a eu|aura)\s+(?:{_OLD})\b{_NO_AGE})"
)
# A holiday, where a birth is told.
_HOLIDAY = re.compile(
    rf"(?i)(?<![\w.])(?:{_LABEL})(?!\w)[^.!\n]{{0,25}}?(?P<it>(?:canada day|christmas(?: day|"
    rf" eve)?|boxing day|"
    r"new year['’]?s(?: day| eve)?|hallowe['’]?en|valentine['’]?s(?: day)?|leap day|"
    r"remembrance day|"
    r"st\.? patrick['’]?s(?: day)?|easter(?: sunday)?|thanksgiving(?: day)?|labour day|"
    r"orange shirt day|"
    r"groundhog day|noël|la saint-jean|jour de l['’]an|diwali)(?:,?\s+(?:of\s+)?(?:19|20)\d\d)?)"
    r"(?!\w)"
    r"(?!\s+(?:party|concert|tea|craft|song|was|is))"
)
# An entry of a child's file: the date beside what else is asked.
_ENTRY = re.compile(
    rf"(?<![\w/.-])(?:(?:\b(?:[Mm]ale|[Ff]emale|[Bb]oy|[Gg]irl|M|F|[Gg]arçon|[Ff]ille)\s*[,;|/)"
    rf"–-]?\s*)"
    rf"(?P<it>{_FIGURES}{_END})|(?P<then>{_named(_FIGURES)}{_END})\s*[,;|(/–-]?\s*"
    r"(?:(?:[Mm]ale|[Ff]emale|[Bb]oy|[Gg]irl|M|F|[Gg]arçon|[Ff]ille)\b|(?:no |known |nut |egg |"
    r"dairy |milk |peanut )?"
    r"[Aa]llerg|sans allerg|(?:immuni[sz]|vaccin)))"
)
# A line that speaks of birthdays, of several children.
_SEVERAL = re.compile(
    r"(?im)^[^\n]*\b(?:birth\s?dates|birth\s?days|b-?days|dobs|anniversaires)\b[^\n]*$"
)
# A whole day by numbers of a year in which a grown person was born, as an entry of its own.
_LONG_PAST = re.compile(
    r"(?m)(?:^|[,;:|(–]|\s-)\s*(?P<it>(?:19[3-9]\d|200[0-6])[-/.]\d{1,2}[-/.]\d{1,2}|"
    r"\d{1,2}[-/.]\d{1,2}[-/.](?:19[3-9]\d|200[0-6]))(?![\w-])"
)
# The head of a column: what follows on the lines below are such dates.
_HEAD = re.compile(
    r"(?im)^(?=[^\n]*[|,;\t/–—-])[^\n\d]*(?<![\w.])(?:d\.?o\.?b\.?|birth[\s-]?dates?|"
    r"date of birth|birthdays?|b['’-]?days?|ddn|date de naissance)(?!\w)"
    r"[^\n\d]*\n(?P<rows>(?:[^\n]+\n?)+)"
)
_ANY = re.compile(rf"(?i)(?<![\w/.-])(?P<it>{_DATE})")
_TOLD = (
    (_LABELLED, _SURE, "a date of birth"),
    (_NEAR, _LIKELY, "a date where a birth is told"),
    (_BEFORE, _LIKELY, "a date where a birth is told"),
    (_TIGHT, _POSSIBLE, "the date or year of a birth"),
    (_BORN_IN, _POSSIBLE, "the date or year of a birth"),
    (_HOLIDAY, _POSSIBLE, "a holiday where a birth is told"),
    (_LONG_PAST, 0.5, "a day long past, as of a birth"),
)
_DAY_ALONE = re.compile(
    rf"(?i)(?<![\w/.-])(?P<it>{_DAY}(?:st|nd|rd|th))(?!\w|\s+(?:birth|b-?day|of))"
)
# Other days of a child's file.
_OTHER_DAY = re.compile(r"(?i)\b(?:start(?:s|ed|ing)?|enrol\w*|since|due|expir\w+|hired)\W{0,3}$")


def births_in(text: str) -> Iterator[Hit]:
    """Dates of birth.

    Parameters
    ----------
    text : str

    Yields
    ------
    tuple of (int, int, float, str)
        Start and end in code points, score and reason; they may overlap.
    """
    for form, score, why in _TOLD:
        for match in form.finditer(text):
            if not _OTHER_DAY.search(text, max(0, match.start("it") - 16), match.start("it")):
                yield match.start("it"), match.end("it"), score, why
    for match in _ENTRY.finditer(text):
        span = match.span("it" if match["it"] else "then")
        yield *span, _POSSIBLE, "a date in the entry of a child"
    yield from _listed(text)


def _listed(text: str) -> Iterator[Hit]:
    """Dates in the rows below a head that speaks of birth."""
    for head in _HEAD.finditer(text):
        for match in _ANY.finditer(text, head.start("rows"), head.end("rows")):
            yield match.start("it"), match.end("it"), _POSSIBLE, "a date in a list of birthdays"
    for line in _SEVERAL.finditer(text):
        for form in (_ANY, _DAY_ALONE):
            for match in form.finditer(text, line.start(), line.end()):
                yield match.start("it"), match.end("it"), _POSSIBLE, "a date in a list of birthdays"
