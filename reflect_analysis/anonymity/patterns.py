"""Direct identifiers by their form: what each looks like, and why it was taken for one.

A pattern gives (start, end, score, why) in code points. Scores say how much of the form was
there: a number with its separators is surer than bare digits. None of it leaves the machine,
and nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Hit = tuple[int, int, float, str]

_SURE, _LIKELY, _POSSIBLE = 0.95, 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of identifier and how it is found."""

    kind: str
    find: Callable[[str], Iterator[Hit]]


def _form(regex: str, score: float, why: str) -> tuple[re.Pattern[str], float, str]:
    """One form; a group called ``it`` narrows what is found."""
    return re.compile(regex), score, why


def _each(*forms: tuple[re.Pattern[str], float, str]) -> Callable[[str], Iterator[Hit]]:
    """A finder of several forms."""

    def find(text: str) -> Iterator[Hit]:
        for form, score, why in forms:
            for match in form.finditer(text):
                group = "it" if "it" in form.groupindex else 0
                yield match.start(group), match.end(group), score, why

    return find


# ── electronic addresses ────────────────────────────────────────────────────────────────

_TLD = r"(?:ca|com|org|net|edu|gov|info|coop|quebec|co\.uk|fr|us|uk)"
_AT = r"(?:\s*[(\[{<]\s*(?:at|arobase|@)\s*[)\]}>]\s*|\s+(?:at|arobase)\s+)"
_DOT = r"(?:\s*[(\[{<]\s*(?:dot|point|\.)\s*[)\]}>]\s*|\s+(?:dot|point)\s+)"
_EMAIL = _each(
    _form(
        r"(?<![\w.+-])[\w+-][\w.+'-]{0,63}@[\w-]+(?:\.[\w-]+)+",
        _SURE,
        "an e-mail address",
    ),
    _form(
        rf"(?i)(?<![\w.+-])[\w+-][\w.+-]{{0,63}}{_AT}[\w-]+(?:(?:{_DOT}|\.)[\w-]+)*{_DOT}[a-z]{{2,}}\b",
        _LIKELY,
        "an e-mail address, spelled out",
    ),
    _form(
        rf"(?i)(?<![\w.+-])[\w+-][\w.+-]{{0,63}}{_AT}[\w-]+(?:\.[\w-]+)*\.{_TLD}\b",
        _LIKELY,
        "an e-mail address, spelled out",
    ),
    _form(
        rf"(?i)(?<![\w.+-])[\w+-][\w.+-]{{0,63}}\s*@\s*[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[a-z]{{2,}}\b",
        _LIKELY,
        "an e-mail address, spelled out",
    ),
)
_URL = _each(
    _form(r"(?i)\bhttps?://[^\s<>\"”»]*[^\s<>\"”».,;:!?')\]]", _SURE, "a web address"),
    _form(r"(?i)\bwww\.[\w-]+\.[^\s<>\"”»]*[^\s<>\"”».,;:!?')\]]", _SURE, "a web address"),
    _form(
        rf"(?<![\w@./-])[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.{_TLD}"
        r"(?:/[^\s<>\"”»]*[^\s<>\"”».,;:!?')\]])?(?![\w-])",
        _LIKELY,
        "the name of a web site",
    ),
)
_HANDLE = _each(
    _form(
        r"(?<![\w@./+-])@(?=[\w.]*[^\W\d_])\w[\w.]{0,28}\w(?![\w@])",
        _LIKELY,
        "a handle of a social network",
    ),
)

# ── numbers ─────────────────────────────────────────────────────────────────────────────

_GAP = r"[\s.\-–/]{0,3}"
_TOLL_FREE = r"8(?:00|88|77|66|55|44|33|22)"
_PHONE = _each(
    _form(
        rf"(?<![\d-])(?:\+?1{_GAP})?(?:\({_TOLL_FREE}\)|{_TOLL_FREE}){_GAP}"
        rf"(?:\d{{3}}{_GAP}\d{{4}}|[A-Z]{{7}}|\d{{3}}[.-]?[A-Z]{{4}})(?!\w)",
        _SURE,
        "a toll-free telephone number",
    ),
    _form(
        rf"(?<![\d-])(?:\+?1{_GAP})?(?:\(\s*[2-9]\d\d\s*\){_GAP}|[2-9]\d\d[\s.\-–/]{{1,3}})"
        r"[2-9]\d\d[\s.\-–]{0,3}\d{4}(?:\s*(?:x|ext\.?|poste)\s*\d{1,5})?(?!\d)",
        _SURE,
        "a telephone number with its area code",
    ),
    _form(
        r"(?<![\d-])(?:\+?1)?[2-9]\d\d[2-9]\d{6}(?!\d)",
        _LIKELY,
        "ten digits in the form of a telephone number",
    ),
    _form(
        r"(?<!\w)\+(?!1\b)\d{1,3}(?:[\s.\-()]{0,2}\d){7,12}(?!\d)",
        _SURE,
        "an international telephone number",
    ),
    _form(
        r"(?<![\d.-])[2-9]\d\d[-.]\d{4}(?![\d-])",
        _POSSIBLE,
        "seven digits in the form of a local telephone number",
    ),
)
# Canada Post uses no D, F, I, O, Q, U, and begins none with W or Z.
_POSTAL = _each(
    _form(
        r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \u00a0-]?\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)",
        _SURE,
        "a Canadian postal code",
    ),
)
_SIN_FORM = re.compile(r"(?<![\d-])(\d{3})([\s-]?)(\d{3})\2(\d{3})(?![\d-]\d|\d)")
_SIN_WORD = re.compile(r"(?i)\b(?:SIN|NAS|social insurance|assurance sociale)\b[^.\d]{0,25}$")
_SIN_DIGITS = 9


def _sins(text: str) -> Iterator[Hit]:
    """Social insurance numbers: nine digits that pass the check, or are called one."""
    for match in _SIN_FORM.finditer(text):
        digits = match[1] + match[3] + match[4]
        called = _SIN_WORD.search(text[max(0, match.start() - 45) : match.start()])
        start, end = match.span()
        if _passes_luhn(digits):
            score = _SURE if called or match[2] else _POSSIBLE
            yield start, end, score, "nine digits that pass the check of a social insurance number"
        elif called:
            yield start, end, _LIKELY, "nine digits that are called a social insurance number"


def _passes_luhn(digits: str) -> bool:
    """Whether the check digit is right; nine noughts are no number.

    Examples
    --------
    >>> _passes_luhn("046454286"), _passes_luhn("046454287"), _passes_luhn("000000000")
    (True, False, False)
    """
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return set(digits) != {"0"} and sum(d - 9 * (d > 9) for d in doubled) % 10 == 0  # noqa: PLR2004  # digits are summed


# ── dates of birth ──────────────────────────────────────────────────────────────────────

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|janvier|f[ée]vrier|mars|avril|mai|"
    r"juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre)\.?"
)
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|"
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+(?:19|20)\d\d)?(?!\d)|"
    rf"(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th|er)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?:19|20)\d\d)?(?!\w))"
)
_BIRTH = _each(
    _form(
        r"(?i)\b(?:born|date\s+of\s+birth|birth\s*date|birthday|d\.?o\.?b\.?|n[ée]e?s?\s+le|"
        r"date\s+de\s+naissance|anniversaire)(?!\w)"
        rf"[\s:,–-]*(?:(?:was|is|on|est|le|in)\s+){{0,3}}(?P<it>{_DATE})",
        _SURE,
        "a date of birth",
    ),
    _form(
        rf"(?i)(?<!\w)(?P<it>{_DATE})\s+(?:is|was)\s+(?:my|his|her|their)\s+birthday\b",
        _SURE,
        "a date of birth",
    ),
)

# ── street addresses ────────────────────────────────────────────────────────────────────

_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Crescent|Cres|Boulevard|Blvd|Lane|Ln|Way|Court|Crt|"
    r"Ct|Place|Pl|Highway|Hwy|Terrace|Terr|Circle|Cir|Trail|Mews|Parkway|Pkwy|Square|Sq)"
)
_SAINT = r"St\.?\s+(?:Albert|Andrew|Ann|George|James|John|Joseph|Mary|Michael|Paul|Peter|Thomas)"
_UNIT = r"(?:(?:#|[Uu]nit|[Aa]pt\.?|[Ss]uite|[Nn]o\.?)\s*\d+[A-Za-z]?\s*[,–-]?\s*)?"
_ADDRESS = _each(
    _form(
        rf"(?<![\w.,$/-]){_UNIT}\d{{1,6}}[A-Za-z]?(?:\s*[-–]\s*\d{{1,6}})?\s+(?:[NSEW]\.?\s+)?"
        rf"(?!(?:[A-Z]\w+\s+){{0,2}}{_SAINT})"
        rf"(?:(?:[A-Z][\w'’.-]*|\d+(?:st|nd|rd|th))\s+){{1,3}}{_STREET}\b\.?"
        r"(?:\s+(?:[NSEW]|NE|NW|SE|SW|North|South|East|West)\b)?",
        _SURE,
        "a street address",
    ),
    _form(
        r"(?i)(?<![\w.,$/-])\d{2,6}\s+(?!of\b|the\b|to\b|on\b|in\b|per\b)[\w'’-]+\s+"
        r"(?:street|avenue|road|crescent|boulevard|blvd|highway)\b",
        _LIKELY,
        "a street address in lower case",
    ),
    _form(
        r"(?i)(?<![\w.,$/-])\d{1,6}[a-z]?,?\s+(?:rue|avenue|boulevard|boul\.|chemin|place|rang|all[ée]e)"
        r"\s+(?:d[eu]s?\s+|de\s+la\s+|de\s+l['’]|la\s+|l['’])?[\w'’-]+",
        _LIKELY,
        "a street address in French",
    ),
    _form(
        r"(?i)\b(?:p\.?\s?o\.?\s+box|case\s+postale|c\.\s?p\.|r\.?r\.?\s?#)\s*\d+\b",
        _SURE,
        "a postal box or rural route",
    ),
)

PATTERNS = (
    Pattern("e-mail", _EMAIL),
    Pattern("URL", _URL),
    Pattern("handle", _HANDLE),
    Pattern("phone", _PHONE),
    Pattern("postal code", _POSTAL),
    Pattern("SIN", _sins),
    Pattern("date of birth", _BIRTH),
    Pattern("street address", _ADDRESS),
)
