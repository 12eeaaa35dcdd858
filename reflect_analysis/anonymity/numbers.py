"""Identifiers that are known by the words around them: licences, ages, handles, spelled numbers.

A number alone says little; *licence number* before it says what it is. The finding covers the
number, not the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reflect_analysis.anonymity.patterns import Hit, Pattern
from reflect_analysis.anonymity.spoken import (
    is_counting,
    spoken_addresses_in,
    spoken_licences_in,
    spoken_phones_in,
)
from reflect_analysis.anonymity.wordlists import fold, is_english, lists

__all__ = ["ages_in", "cued_handles_in", "licences_in", "spelled_phones_in"]

_ID = (
    r"(?P<it>(?:[A-Z]{2,6}(?:-[A-Z]{1,4})?[ \u00a0]\d(?:[\d-]{3,}\w?|\d{1,3}(?:[ -]\d{2,4})+))|"
    r"(?=[\w/–-]*\d)[A-Za-z]{0,6}[\s#:]?[-–/]?(?=[\w/–-]*\d)[\w]+(?:[-–/. "
    r"](?=[\w]*\d)[\w]+)*(?:-[A-Za-z]{1,3})?)"
)
_SIGN = (
    r"(?:\s*(?:number|numbers|num|no|nr|id|code|#|n[o°º]|numéro|is|was|being|"
    r"it['’]?s|est|est le|of|reads|starts with|=|:|,|-|–|\(|\"|“)\s*[.:]?\s*)*"
)
_CUES = (
    r"licen[cs]e|licen[cs]ing|certificate|certification|cert|registration|registry|registrant|reg|"
    r"employee|emp|staff|personnel|payroll|worker|badge|member|membership|student|file|case|claim|"
    r"account|acct|policy|passport|permit|health card|health number|care ?card|phn|"
    r"msp|medicare|ohip|ramq|"
    r"driver['’]?s licen[cs]e|driver['’]?s|dl|credential|facility|transit|treaty|"
    r"status card|status|"
    r"id card|id|ece|ecea|uci|permanent resident|pr card|work permit|visa|"
    r"permis|certificat|matricule|employée?|dossier|carte|assurance maladie|attestation|membre"
)
_LICENCE = re.compile(
    rf"(?i)(?<![\w-])(?:my |our |her |his |the |new |old |{_CUES}|bc|b\.c\.|"
    rf"\s)*?(?<![\w-])(?:{_CUES})(?![\w])\.?"
    rf"(?P<sign>{_SIGN})\s*{_ID}(?![\w])"
)
_NUMBERED = re.compile(r"(?i)number|num\b|no\b|\bnr\b|\bid\b|#|n[o°º]|numéro|:|code|is\b|est\b|=")
_BARE = re.compile(
    r"(?<![\w-])(?P<it>(?:ECE|ECEA|EMP|CCL|CCFL|LIC|CERT|REG|STF|ID|EID|FCC|LNR|"
    r"GDC)[-–#: ]{0,2}(?:BC[-– ]?)?\d[\d-]{2,}[A-Z]?|[A-Z]{2,5}[-–]\d{5,}|"
    r"[A-Z]\d{6,}|[A-Z]{2}-[A-Z]{2,4}[- ]\d{3,})(?![\w])"
)
_NEARBY = re.compile(
    r"(?i)(?<![\w-])(?:licen[cs]e|certificate|certification|registration|employee|"
    r"badge|permit|staff id|payroll|"
    r"passport|permis|certificat|matricule|registry)(?![\w])[^.!?\n]{0,60}?(?<![\w-])"
    r"(?P<it>(?-i:[A-Z]{1,6}(?:-[A-Z]{1,4})?)[-–# ]?\d[\d-]{3,}\w?|"
    r"\d{2,5}-\d{3,6}|\d{6,8})(?![\w-])"
)
_YEARISH = re.compile(r"(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?")


_SPACED = re.compile(
    r"(?i)\b(?:licen[cs]e|registration|certificate|reg['’]?n|reg['’]?d|plate|permit|employee|staff)"
    r"\.?\s*(?:number|no\.?|#|is|:|\s)*\s*"
    r"(?P<it>(?-i:[A-Z]{1,4})[ -]\d{1,4}(?:[ -]\d{1,4}){1,4}|(?-i:[A-Z]{2,4}\d)[ -]?\d{2}[A-Z]?|"
    r"(?-i:[A-Z]{3})[ -]?\d{3}|\d{2,4}(?:[ -/]\d{2,4}){1,3})(?![\w-])"
)


def licences_in(text: str) -> Iterator[Hit]:
    """Numbers of licences, certificates, employees and the like."""
    why = "a number that is called a licence, certificate or employee number"
    for match in _LICENCE.finditer(text):
        shown = match["it"]
        digits = sum(map(str.isdigit, shown))
        numbered = _NUMBERED.search(match["sign"] or "")
        if digits < 3 or _YEARISH.fullmatch(shown.strip()) or "$" in match[0]:  # noqa: PLR2004  # a grade, a count
            continue
        if numbered or (digits >= 4 and re.match(r"[\s#]*$", match["sign"] or "")):  # noqa: PLR2004  # four digits are a number by themselves
            yield match.start("it"), match.end("it"), 0.85, why
    for match in _NEARBY.finditer(text):
        if not _YEARISH.fullmatch(match["it"]) and not re.match(r"\d{3}-\d{4}$", match["it"]):
            yield match.start("it"), match.end("it"), 0.7, why
    for form in (_BARE, _SPACED):
        for match in form.finditer(text):
            if not _YEARISH.fullmatch(match["it"]):
                yield match.start("it"), match.end("it"), 0.75, why


_TENS = r"(?:ninety|hundred)"
_UNITS = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_OLD = (
    rf"(?:9\d|1[01]\d|{_TENS}(?:[- ](?:and[- ])?{_UNITS})?|(?:a|one) hundred(?: and "
    rf"(?:{_UNITS}|ten))?)"
)
_AGES = (
    re.compile(
        rf"(?i)(?<![\w.,$-])(?P<it>{_OLD}[- ](?:years?|yrs?)[- ]?(?:old|of age|"
        rf"young)?)(?![\w])(?! of\b| in\b| ago| later| from)"
    ),
    re.compile(
        rf"(?i)\b(?:age|aged|at age|turn(?:s|ed|ing)?|turned|at the age of|almost|nearly|"
        rf"is now|who is|who['’]s|she['’]?s|he['’]?s|(?:she|he|grandmother|grandma|"
        rf"grandfather|grandpa|granny|nana|oma|opa|baba|elder|neighbour|mother|father|"
        rf"aunt|uncle|mother-in-law|father-in-law|kokum|mushum|lola|lolo) (?:is|"
        rf"was))\s+(?:almost |nearly |now |already |over )?(?P<it>{_OLD})(?![\w%$-]|"
        rf"\s*(?:%|per ?cent|minutes?|hours?|days?|weeks?|months?|children|kids|people|"
        rf"km|dollars|centimet|cm|pounds|times|sure|done|degrees|seconds))"
    ),
    re.compile(
        rf"(?i)\b(?:mother|father|mother-in-law|father-in-law|grandmother|grandfather|"
        rf"grandma|grandpa|granny|oma|opa|nana|aunt|uncle|elder|neighbou?r|great-\w+|"
        rf"kokum|lola|lolo|poh-?poh|nani|dadi|baba|babcia|nonna|nonno|volunteer|she|he|"
        rf"man|woman|lady)\s*,\s*(?:who is |now |aged |age )?(?P<it>{_OLD})\s*(?=[,.;)])"
    ),
    re.compile(
        rf"(?i)\b(?:is|was|are|were|be)\s+(?:now |almost |nearly |already |over "
        rf")?(?P<it>ninety(?:[- ]{_UNITS})?|(?:a|one) hundred and {_UNITS})(?![\w-]|"
        rf"\s*(?:%|per ?cent|minutes?|hours?|days?|children|kids|people|dollars|times))"
    ),
    re.compile(
        r"(?i)(?<![\w.,])(?:âgée?s? de |a |avait |fête ses |à )(?P<it>(?:9\d|1[01]\d|"
        r"quatre-vingt-(?:dix(?:-\w+)?|onze|douze|treize|quatorze|quinze|seize)|cent) "
        r"ans)\b"
    ),
    re.compile(
        r"(?i)(?<!\w)(?P<it>(?:9\d|1[01]\d|quatre-vingt-(?:dix(?:-\w+)?|onze|douze|"
        r"treize|quatorze|quinze|seize)) ans)\b(?! d['’e])"
    ),
)
_AGE_APPOSED = re.compile(
    rf"(?:(?<![\w-])[A-Z][\w'’-]+\s*(?:,|\()\s*(?:now |aged? |who is |almost )?(?P<it>{_OLD})"
    r"\s*(?:[,.;)](?!\d)))|(?i:\b(?:his|her|their|my \w+['’]s) (?:mid-|late |early )?nineties\b)"
)
_AGE_WORDS = re.compile(
    r"(?i)(?<!\w)(?P<it>(?:9\d|1[01]\d)(?:-| )year(?:-| )old|centenarian|nonagenarian)(?!\w)"
)


def ages_in(text: str) -> Iterator[Hit]:
    """Ages over 89."""
    for match in _AGE_APPOSED.finditer(text):
        start, end = match.span("it") if match["it"] else match.span()
        yield start, end, 0.6, "an age over 89"
    for form in (*_AGES, _AGE_WORDS):
        for match in form.finditer(text):
            if (
                not re.match(r"90(?!\d)|ninety(?![- ]\w)", match["it"])
                or "year" in match["it"]
                or form is not _AGES[0]
            ):
                yield match.start("it"), match.end("it"), 0.75, "an age over 89"


_HANDLES = (
    re.compile(
        r"(?i)\b(?:insta|instagram|ig|tiktok|tik tok|twitter|snapchat|snap|facebook|fb|"
        r"messenger|telegram|discord|"
        r"whatsapp|youtube|threads|bluesky|mastodon|pinterest|linkedin|handle|username|"
        r"user name|skype|teams|reddit|"
        r"venmo|paypal|tumblr|etsy)\b(?:\s+(?:handle|account|page|name|username|user|is|"
        r"was|as|at|under|me|id|it['’]?s|called|on|there|or|and|i['’]?m|am))*"
        r"\s*(?:[:=(–—-]|\bis\b|\bas\b|\bat\b)?\s*[“\"'(]?(?P<it>(?=[\w.-]*[._\d-])[A-Za"
        r"-z][\w]*(?:[._-][\w]+)+|[A-Za-z]+\d[\w]*|u/\w+)(?![\w@])"
    ),
    re.compile(
        r"(?<![\w/@.])(?P<it>[ru]/\w{3,}|[a-z]+(?:_[a-z0-9]+)+|[A-Za-z]\w{2,}#\d{4})(?![\w@./])"
    ),
)


_PLATFORM = (
    r"(?:insta|instagram|ig|tiktok|tik tok|twitter|snapchat|snap|discord|bluesky|pinterest|"
    r"telegram|mastodon|tumblr|reddit|facebook|fb|messenger|youtube|handle|username|linkedin)"
)
# One word without a sign of its own: only where no dictionary holds it.
_PLAIN_HANDLES = (
    re.compile(
        rf"(?i)\b{_PLATFORM}\b(?:\s*(?:handle|account|page|name|username|is|as|under|called|"
        r"i['’]?m|it['’]?s|at|user|=|:|–|-|\(|"
        r",))*\s*[“\"']?(?P<it>(?-i:[a-z][a-z\d]{4,}))(?![\w@.]\w)"
    ),
    re.compile(
        rf"(?i)(?<![\w@./])(?P<it>(?-i:[a-z][a-z\d]{{4,}}))\s+(?:on|"
        rf"over on)\s+(?:my\s+)?{_PLATFORM}\b"
    ),
    re.compile(r"(?<![\w@])@\s(?P<it>[a-z][\w.]{4,}\w)"),
)


def _plain_handles_in(text: str) -> Iterator[Hit]:
    for form in _PLAIN_HANDLES:
        for match in form.finditer(text):
            known = is_english(match["it"]) or fold(match["it"]) in lists().others
            if not known and match["it"] not in ("facebook", "instagram", "tiktok"):
                yield match.start("it"), match.end("it"), 0.6, "a word where a handle is told"


def cued_handles_in(text: str) -> Iterator[Hit]:
    """Names on social networks that are written without their sign."""
    yield from _plain_handles_in(text)
    for form in _HANDLES:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.75, "a handle of a social network"


_DIGIT = (
    r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|double (?:oh|zero|"
    r"one|two|three|four|five|six|seven|eight|nine)|\d)"
)
_SPELLED = re.compile(rf"(?i)(?<!\w)(?P<it>{_DIGIT}(?:[\s,.-]+{_DIGIT}){{6,12}})(?!\w)")
_MASKED = re.compile(
    r"(?i)\b(?:ext|extension|poste|local)\.?\s*(?:#|no\.?|number|is|:)?\s*(?P<it>\d{2,5})(?!\w)"
)
_AREA = re.compile(r"(?i)\barea code (?:is |of )?\(?(?P<it>\d{3})(?!\d)")
_LOCAL = re.compile(
    r"(?i)\b(?:call|text|cell|phone|tel|telephone|number|reach me|mobile|fax|"
    r"appelez|téléphone|cellulaire)\b[^.!?\n\d]{0,30}"
    r"(?P<it>\(?\d{3}\)?[\s.\-–/]{0,3}\d{3}[\s.\-–/]{0,3}\d{4}|\d{3}[\s.\-–]\d{4}|"
    r"\d{3}[\s.\-–]\d{2}[\s.\-–]\d{2}|[2-9]\d{6})(?!\d)"
)


def spelled_phones_in(text: str) -> Iterator[Hit]:
    """Telephone numbers in words, extensions, and numbers that are called one."""
    for match in _SPELLED.finditer(text):
        if sum(map(str.isalpha, match["it"])) > 10 and not is_counting(match["it"]):  # noqa: PLR2004  # digits are for the other forms
            yield match.start("it"), match.end("it"), 0.75, "a telephone number in words"
    for form in (_MASKED, _AREA):
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.6, "a part of a telephone number"
    for match in _LOCAL.finditer(text):
        yield match.start("it"), match.end("it"), 0.8, "a number that is called a telephone number"


# Nine digits however they are parted, in a sentence that speaks of a social insurance number.
_NINE = r"(?P<it>\d(?:[ .\-–/_·]{0,3}\d){8})(?!\d|-\d)"
_SIN_CUE = (
    r"(?:(?<!\w)(?:SINs?|NAS)(?!\w)|(?i:(?<![\w.])[sn]\.\s?[ia]\.\s?[ns]\b\.?|"
    r"\bsocial(?:[ -](?:insurance|security|ins))?(?: number| num| no\b| #|:|\b)|"
    r"assurance sociale|\b(?:sin|nas)\b))"
)
_CALLED_SINS = (
    re.compile(rf"{_SIN_CUE}(?:[^!?\n\d]|\d(?!\d{{2}})){{0,80}}?\n?(?<![\w-]){_NINE}"),
    re.compile(rf"(?<![\w-]){_NINE}[\s),–-]{{0,4}}(?:\w+ ){{0,4}}?{_SIN_CUE}"),
)
_SPACED_PHONE = re.compile(
    r"(?<![\d-])(?P<it>\(?[2-9]\d\d\)?[ .\-–/]{0,2}[2-9]\d\d[ .\-–/]{0,2}\d\d[ .\-–]\d\d)(?!\d)"
)
_HANDLE_FIRST = re.compile(
    r"(?i)(?<![\w@./])(?P<it>(?=[\w.]*[._\d])[a-z][\w]*(?:[._][\w]+)*)\s+on\s+"
    r"(?:insta|instagram|ig|tiktok|twitter|snap|snapchat|facebook|fb|threads|discord|pinterest)\b"
)
_LIVES_AT = re.compile(
    r"(?:[Ll]ives? at|[Ll]iving at|[Ll]ived at|[Ll]ocated at|[Aa]ddress is|[Mm]oved "
    r"to|[Aa]ddress:)\s+"
    r"(?P<it>\d{1,5}[A-Za-z]?(?:-[A-Z\d]+)?\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?)"
)
_LOT = re.compile(
    r"(?<!\w)(?P<it>(?:Lot|Site|Parcel)\s+\d+[A-Z]?,?\s+[A-Z][\w'’-]+\s+[A-Z][\w'’-]"
    r"+)"
)


def called_sins_in(text: str) -> Iterator[Hit]:
    """Nine digits that are called a social insurance number."""
    why = "nine digits that are called a social insurance number"
    for form in _CALLED_SINS:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.8, why


def other_forms_in(form: re.Pattern[str], why: str) -> Callable[[str], Iterator[Hit]]:
    """A finder of one form."""

    def find(text: str) -> Iterator[Hit]:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.7, why

    return find


NUMBERS = (
    Pattern("licence number", licences_in),
    Pattern("age", ages_in, direct=False),
    Pattern("handle", cued_handles_in),
    Pattern("phone", spelled_phones_in),
    Pattern("phone", spoken_phones_in),
    Pattern("street address", spoken_addresses_in),
    Pattern("licence number", spoken_licences_in),
    Pattern("phone", other_forms_in(_SPACED_PHONE, "ten digits in the form of a telephone number")),
    Pattern("SIN", called_sins_in),
    Pattern("handle", other_forms_in(_HANDLE_FIRST, "a handle of a social network")),
    Pattern("street address", other_forms_in(_LIVES_AT, "a number and a name where one lives")),
    Pattern("street address", other_forms_in(_LOT, "a lot and the name of a road")),
)
