"""Direct identifiers by their form: what each looks like, and why it was taken for one.

A pattern gives (start, end, score, why) in code points. Scores say how much of the form was
there: a number with its separators is surer than bare digits. None of it leaves the machine,
and nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reflect_analysis.anonymity.births import births_in
from reflect_analysis.anonymity.sins import sins_in
from reflect_analysis.anonymity.wordlists import is_english

Hit = tuple[int, int, float, str]

_SURE, _LIKELY, _POSSIBLE = 0.95, 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of identifier, how it is found, and whether it identifies by itself."""

    kind: str
    find: Callable[[str], Iterator[Hit]]
    direct: bool = True


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
        rf"(?i)(?<![\w.+-])[\w+-][\w.+-]{{0,63}}{_AT}[\w-]+(?:(?:{_DOT}|"
        rf"\.)[\w-]+)*{_DOT}[a-z]{{2,}}\b",
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
_SAID_EMAIL = _each(
    _form(
        rf"(?<![\w.+-])[\w+-][\w.+'-]{{0,63}}@[\w-]{{1,60}},{_TLD}(?!\w)",
        _LIKELY,
        "an e-mail address with a slip",
    ),
    _form(
        rf"(?i)(?<![\w.+-])[\w+-]{{1,40}}(?:\s+(?:dot|point|underscore|dash|hyphen|tiret(?: bas)"
        rf"?)\s+"
        rf"[\w+-]{{1,40}}){{0,4}}{_AT}[\w-]{{1,60}}(?:(?:{_DOT}|\.|\s+(?:dash|tiret|hyphen)\s+)"
        rf"[\w-]{{1,60}}){{0,4}}"
        rf"(?:{_DOT}|\.)(?:ca|com|org|net|edu|info|qu[ée]bec|fr|example)\b",
        _LIKELY,
        "an e-mail address, spelled out",
    ),
    _form(
        r"(?i)\b(?:e-?mail|courriel|gmail|hotmail|address)\b[^.!?\n]{0,25}?(?<![\w.+-])"
        r"(?P<it>[\w+-][\w.+-]{1,40}"
        r"\s*(?:@|\(at\)|\bat\b)\s*(?:gmail|hotmail|outlook|yahoo|shaw|telus|icloud|live|bell|"
        r"rogers|sasktel))(?![\w.])",
        _POSSIBLE,
        "an e-mail address without its end",
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
_SHORT_URL = _each(
    _form(
        r"(?<![\w@./-])[A-Za-z][\w-]*(?:\.[a-z][\w-]*)*\.[a-z]{2,8}/[^\s<>\"”»]*[^\s<>\""
        r"”».,;:!?')\]]",
        _LIKELY,
        "a web address",
    ),
    _form(
        r"(?i)(?<![\w@./-])[a-z][\w-]+(?:\.[\w-]+)*\.(?:example|blogspot|wordpress|"
        r"weebly|wixsite)(?![\w-])",
        _LIKELY,
        "the name of a web site",
    ),
    _form(
        r"(?i)(?<![\w@./-])(?:(?:www|w w w)\s+(?:dot|point)\s+)?[a-z][\w-]{2,60}"
        r"\s+(?:dot|point)\s+(?:ca|com|org|net|info|example)\b(?:\s+(?:slash|barre(?: oblique)?)"
        r"\s+[\w-]{1,40}){0,4}",
        _POSSIBLE,
        "the name of a web site, spelled out",
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
_PROVINCE = r"[ABCEGHJ-NPRSTVXY]"
_SLIP = r"[\dOoIlSB]"
# Canada Post uses no D, F, I, O, Q, U, and begins none with W or Z.
_POSTAL = _each(
    _form(
        r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \u00a0.,/_–-]{0,3}"
        r"\d[ABCEGHJ-NPRSTV-Z]\d(?!\w)",
        _SURE,
        "a Canadian postal code",
    ),
    # O for 0, l for 1, S for 5: with a figure left, and parted or called so.
    _form(
        rf"(?<!\w)(?=\w{{0,2}}\d|\w{{3}}[ \u00a0-]\w{{0,2}}\d){_PROVINCE}{_SLIP}[A-Z][ \u00a0-]"
        rf"{_SLIP}[A-Z]{_SLIP}(?!\w)",
        _POSSIBLE,
        "a Canadian postal code with a slip",
    ),
    _form(
        rf"(?i)(?<!\w)(?:postal\s?code|code\s+postal|postal|p\.?c\.?|c\.?p\.?|zip(?:\s?code)?)"
        rf"\s*(?:is|est|was|le|:|=|#|-|–)?\s*(?P<it>[a-z]{_SLIP}[a-z0][ \u00a0.-]{{0,3}}"
        rf"{_SLIP}[a-z0]{_SLIP})(?!\w)(?<=[\w .-]{{6}})",
        _LIKELY,
        "what is called a postal code",
    ),
    _form(
        r"(?i)\b(?:postal\s?codes?|code\s+postal|postal\s+area|fsa|forward sortation)"
        r"\b[^.!?\n]{0,40}?"
        r"(?<!\w)(?P<it>(?-i:[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z])|"
        r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z](?=\s*(?:[.,;)]|$)))(?!\w)(?!\s?\d)",
        _POSSIBLE,
        "the first half of a postal code",
    ),
    _form(
        r"(?i)(?<!\w)(?P<it>[a-z],? (?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine),? "
        r"[a-z],? (?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine),? [a-z],? "
        r"(?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine))(?!\w)",
        _LIKELY,
        "a Canadian postal code, spelled out",
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
        r"(?i)(?<![\w.,$/-])\d{1,6}[a-z]?,?\s+(?:rue|avenue|av\.|boulevard|boul\.?|blvd|chemin|"
        r"ch\.|"
        r"place|pl\.|rang|route|rte\.?|mont[ée]e|c[ôo]te|impasse|terrasse|all[ée]e)"
        r"\s+(?:d[eu]s?\s+|de\s+la\s+|de\s+l['’]|la\s+|l['’])?[\w'’-]+",
        _LIKELY,
        "a street address in French",
    ),
    _form(
        r"(?i)\b(?:p\.?\s?o\.?\s+(?:box|bag|drawer)|(?:mail|lock|post(?:al)?)\s?(?:box|bag)|bag|"
        r"case\s+postale|c\.\s?p\.|s\.?s\.?\s?#?|r\.?r\.?\s?#)\s*(?:no\.?|#)?\s*\d+\b"
        r"(?:[\s,]*(?:site|comp\.?|box|stn|s\.?|c\.?)\s*\d+)*",
        _SURE,
        "a postal box or rural route",
    ),
)

_STREETS = _each(
    _form(
        r"(?i)\b(?:r\.?\s?r\.?|rural route)\s*(?:#|no\.?)?\s*\d+\b(?:,?\s*(?:site|"
        r"comp\.?|box|s\.?|c\.?)\s*\d+)*",
        _SURE,
        "a postal box or rural route",
    ),
    _form(
        r"(?i)\b(?:site\s+\d+,?\s*(?:comp\.?|compartment|box)\s*\d+|general delivery|"
        r"poste restante|(?:b\.?p\.?|box)\s+\d{2,5}(?=,?\s+(?-i:[A-Z])))",
        _LIKELY,
        "a postal box or rural route",
    ),
    _form(
        r"(?<![\w.,$/-])\d{1,5}\s*[-–]\s*(?:\d{1,5}\s+)?(?:[A-Z][\w'’.-]*|\d+(?:st|nd|"
        r"rd|th))(?:\s+[A-Z][\w'’.-]*){0,2}\s+"
        r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Crescent|Cres|Boulevard|Blvd|Lane|"
        r"Way|Court|Place|Pl)\b\.?"
        r"(?:\s+(?:NE|NW|SE|SW|[NSEW])\b)?",
        _SURE,
        "a street address",
    ),
    _form(
        r"(?<![\w.,$/-])\d{1,6}[A-Za-z]?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w'’.-]*\s+){1,3}"
        r"(?:Close|Grove|Gardens?|Heights|Hill|Loop|Row|Walk|Path|Ridge|Bay|Landing|"
        r"Point|Alley|Gate|Green|Park|View|"
        r"Wynd|Manor|Route|Rte|Sideroad|Concession|Line|Side Road|Rise|Crossing|"
        r"Broadway|Esplanade|Promenade)\b",
        _LIKELY,
        "a street address",
    ),
    _form(
        r"(?<![\w.,$/-])\d{2,6}[a-z]?\s+(?!of\b|the\b|to\b|on\b|in\b|per\b|min|kids|"
        r"child|km|hour|years?\b|more\b)"
        r"(?:(?:[a-z][\w'’-]*|\d+(?:st|nd|rd|th))\s+){1,2}(?:street|st|avenue|ave|road|"
        r"rd|drive|crescent|cres|"
        r"boulevard|blvd|highway|hwy|lane|court|crt|place)\b(?!\s+(?:work|party|trip))",
        _POSSIBLE,
        "a street address in lower case",
    ),
)
_NUMBERED_STREETS = _each(
    _form(
        r"(?<![\w.,$/-])(?:\d{1,5}\s*[-–]\s*)?\d{1,6}\s+(?:No\.?|Number)\s*\d{1,3}\s+(?:Road|Rd|"
        r"Hwy|Highway)\b\.?",
        _SURE,
        "a street address",
    ),
    _form(
        r"(?<![\w.,$/-])\d{1,6}[A-Za-z]?(?:\s*[-–]\s*|\s+)\d{1,4}(?:[A-Za-z]|st|nd|rd|th)?\s+"
        r"(?:[NSEW]\.?\s+)?(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Crescent|Cres|Lane|Ln|Place|Pl)"
        r"\b\.?(?:\s+(?:NE|NW|SE|SW|[NSEW]|North|South|East|West)\b)?",
        _SURE,
        "a street address",
    ),
    _form(
        r"(?i)(?<![\w-])(?:lot|site|parcel|pad|stall|space|trailer)\s*#?\s*\d+[a-z]?\s*,?\s+"
        r"(?:[\w'’-]+\s+){1,3}(?:street|st|avenue|ave|road|rd|drive|trail|lane|way|highway|hwy|"
        r"flats|park|court|estates|ranch|village|reserve|loop|bench|acres|subdivision|crescent)\b",
        _LIKELY,
        "a lot and the name of a road or place",
    ),
    _form(
        r"(?<![\w-])(?:[Ll]ot|[Pp]arcel|[Ss]ite|[Pp]ad)\s*#?\s*\d+[A-Za-z]?\s*,?\s+"
        r"(?:on\s+)?[A-Z][\w'’-]+\s+[A-Z][\w'’-]+",
        _LIKELY,
        "a lot and the name of a road or place",
    ),
    _form(
        r"(?:(?<!\w)\d{1,6}\s+)?(?<!\w)(?:Range|Township|Twp|Concession|Sideroad|Side|Line)"
        r"(?:\s+(?:Road|Rd|Line))?\s+\d{1,4}[A-Z]?(?!\w)",
        _POSSIBLE,
        "a numbered country road",
    ),
)
# A street without a number tells where, not who.
_STREET_NAMES = _each(
    _form(
        r"(?<![\w'’-])(?:[Oo]n|[Aa]t|[Oo]ff|[Nn]ear|[Aa]long|[Dd]own|[Uu]p|[Pp]lace on|"
        r"[Cc]orner of|[Bb]ehind|[Aa]cross|[Ff]rom|[Tt]o|[Pp]ast|[Oo]nto|[Bb]y|[Bb]etween|"
        r"[Ff]ollow|"
        r"[Cc]ross(?:ed|ing)?|[Aa]round|[Ll]ives? on|[Ll]iv(?:ed|ing) on|address(?: is|:)?)"
        r"\s+(?:the\s+)?"
        r"(?P<it>(?:[A-Z][\w'’-]+\s+|\d+(?:st|nd|rd|th)\s+){1,3}"
        r"(?:Street|St(?!\.?\s+[A-Z][a-z])|Avenue|Ave|Road|Rd|Drive|Dr|Crescent|Cres|"
        r"Boulevard|Blvd|Lane|Ln|Way|Court|Crt|Highway|Hwy|"
        r"Terrace|Trail|Parkway|Square)\b\.?(?:\s*#\s*\d+)?(?:\s+(?:NE|NW|SE|SW)\b)?)",
        _POSSIBLE,
        "the name of a street",
    ),
    _form(
        r"(?<![\w'’-])(?P<it>[A-Z][\w'’-]+\s+(?:Rd|Ave|Cres|Blvd|Hwy|Crt)"
        r"\b\.?(?:\s*#\s*\d+)?)(?!\s+[A-Z][a-z]+['’]s)",
        _POSSIBLE,
        "the name of a street",
    ),
    _form(
        r"\b(?:[Cc]orner (?:of|at|:)|[Ii]ntersection of|[Cc]ross ?streets?(?: are| is|:)?)\s+"
        r"(?P<it>(?:\d+(?:st|nd|rd|th)|[A-Z][\w'’-]+)(?: [A-Z][\w'’-]+)?\.? (?:and|&|at|/|\+) "
        r"(?:\d+(?:st|nd|rd|th)|[A-Z][\w'’-]+)(?: (?:St|Ave|Rd|Street|Avenue|Road)\b\.?)?)",
        _POSSIBLE,
        "the corner of two streets",
    ),
    _form(
        r"(?<![\w.,$/-])(?:[Hh]ighway|[Hh]wy\.?|[Aa]utoroute|[Rr]oute)\s+\d{1,3}[A-Z]?(?!\w)",
        0.4,
        "a numbered road",
    ),
    _form(
        r"(?i)\b(?:corner (?:of|at)|intersection of)\s+(?P<it>(?:\d+(?:st|nd|rd|th)|[a-z]{3,20})"
        r"(?: st| ave| rd| street)? "
        r"(?:and|&) (?:\d+(?:st|nd|rd|th)|[a-z]{3,20})(?: (?:st|ave|rd|street|avenue|road))?)"
        r"(?!\w)",
        0.4,
        "the corner of two streets",
    ),
    _form(
        r"(?<!\w)(?:rue|boulevard|boul\.|chemin|rang|montée|allée|côte)\s+"
        r"(?:d[eu]s?\s+|de\s+la\s+|de\s+l['’]|la\s+|l['’]|"
        r"d['’])?[A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+)?",
        _POSSIBLE,
        "the name of a street in French",
    ),
)

_LOWER_STREET = re.compile(
    r"(?<![\w-])(?:on|at|off|near|along)\s+(?P<it>(?P<name>[a-z][a-z'’-]{2,})\s+"
    r"(?:street|avenue|road|crescent|drive|boulevard|highway))\b"
)


def _lower_streets(text: str) -> Iterator[Hit]:
    """A street in lower case, if its name is no ordinary word."""
    for match in _LOWER_STREET.finditer(text):
        if not is_english(match["name"]):
            yield (
                match.start("it"),
                match.end("it"),
                _POSSIBLE,
                "the name of a street in lower case",
            )


PATTERNS = (
    Pattern("e-mail", _EMAIL),
    Pattern("e-mail", _SAID_EMAIL),
    Pattern("URL", _URL),
    Pattern("URL", _SHORT_URL),
    Pattern("handle", _HANDLE),
    Pattern("phone", _PHONE),
    Pattern("postal code", _POSTAL),
    Pattern("SIN", sins_in),
    Pattern("date of birth", births_in),
    Pattern("street address", _ADDRESS),
    Pattern("street address", _STREETS),
    Pattern("street address", _NUMBERED_STREETS),
    Pattern("street address", _STREET_NAMES, direct=False),
    Pattern("street address", _lower_streets, direct=False),
)
