"""Identifiers that are known by the words around them: licences, ages, spelled numbers.

A number alone says little; *licence number* before it says what it is. The finding covers the
number, not the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from reflect_analysis.anonymity.ages import ages_in
from reflect_analysis.anonymity.handles import handles_in
from reflect_analysis.anonymity.patterns import Hit, Pattern
from reflect_analysis.anonymity.sins import threes_in
from reflect_analysis.anonymity.spoken import (
    is_counting,
    spoken_addresses_in,
    spoken_licences_in,
    spoken_phones_in,
)

__all__ = ["licences_in", "spelled_phones_in"]

_ID = (
    r"(?P<it>(?:[A-Z]{2,6}(?:-[A-Z]{1,4})?[ \u00a0]\d(?:[\d-]{3,}\w?|\d{1,3}(?:[ -]\d{2,4})+))|"
    r"(?=[\w/–-]*\d)[A-Za-z]{0,6}[\s#:]?[-–/]?(?=[\w/–-]*\d)[\w]+(?:[-–/. "
    r"](?=[\w]*\d)[\w]+)*(?:-[A-Za-z]{1,3})?)"
)
_SIGN = (
    r"(?:\s*(?:number|numbers|num|no|nr|id|code|#|n[o°º]|numéro|is|was|being|"
    r"it['’]?s|est|est le|of|as|reads|starts with|ends in|=|:|,|-|–|\(|\"|“)\s*[.:]?){0,6}"
)
_CUES = (
    r"licen[cs]e|licen[cs]ing|lic|certificate|certification|cert(?:['’]?n)?|registration|registry|"
    r"registrant|reg|"
    r"employee|empl?|staff|personnel|payroll|worker|badge|member|membership|student|file|case|"
    r"claim|"
    r"account|acct|policy|passport|permit|health card|health number|care ?card|phn|"
    r"msp|medicare|ohip|ramq|"
    r"driver['’]?s licen[cs]e|driver['’]?s|dl|credential|facility|transit|treaty|"
    r"status card|status|"
    r"id card|id|ecea?|r\.?ece|(?-i:OCT|PEN|OEN|RIN|CRC|WCB|WSIB)|uci|permanent resident|pr card|"
    r"work permit|visa|"
    r"criminal record check|union|"
    r"permis|certificat|matricule|employée?|dossier|carte|assurance maladie|attestation|membre"
)
_LICENCE = re.compile(
    rf"(?i)(?<![\w-])(?:{_CUES})(?![\w])\.?"
    rf"(?P<sign>{_SIGN})\s*{_ID}(?![\w])"
)
_COLLEGE = re.compile(
    r"(?i)\b(?:college|registry|ministry|licensing|payroll|system|records?)\b[^.!?\n]{0,25}\b"
    r"(?:as|under|is|lists? me|know me by)\s+(?P<it>(?-i:[A-Z]{1,5})?[-–# ]?\d[\d-]{2,}\w?)"
    r"(?![\w-])"
)
_MIXED = re.compile(
    r"(?i)(?<![\w-])(?:licen[cs]e|facility|permit|certificate|registration|permis|certificat)"
    r"[^.!?\n]{0,20}?(?<![\w-])"
    r"(?P<it>(?-i:(?=[A-Z-]*\d)[A-Z0-9]{2,6}-[A-Z0-9]{4,8}))(?![\w-])"
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
    for form in (_BARE, _SPACED, _COLLEGE, _MIXED):
        for match in form.finditer(text):
            if not _YEARISH.fullmatch(match["it"]):
                yield match.start("it"), match.end("it"), 0.75, why


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
    r"(?i)\b(?:call|text|cell|ring|dial|buzz|whatsapp|cel|poste|numéro|phone|tel|telephone|"
    r"number|reach me|mobile|fax|"
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


_SPACED_PHONE = re.compile(
    r"(?<![\d-])(?P<it>\(?[2-9]\d\d\)?[ .\-–/]{0,2}[2-9]\d\d[ .\-–/]{0,2}\d\d[ .\-–]\d\d)(?!\d)"
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


def other_forms_in(form: re.Pattern[str], why: str) -> Callable[[str], Iterator[Hit]]:
    """A finder of one form."""

    def find(text: str) -> Iterator[Hit]:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), 0.7, why

    return find


NUMBERS = (
    Pattern("licence number", licences_in),
    Pattern("age", ages_in, direct=False),
    Pattern("handle", handles_in),
    Pattern("phone", spelled_phones_in),
    Pattern("phone", spoken_phones_in),
    Pattern("street address", spoken_addresses_in),
    Pattern("licence number", spoken_licences_in),
    Pattern("phone", other_forms_in(_SPACED_PHONE, "ten digits in the form of a telephone number")),
    Pattern("SIN", threes_in, direct=False),
    Pattern("street address", other_forms_in(_LIVES_AT, "a number and a name where one lives")),
    Pattern("street address", other_forms_in(_LOT, "a lot and the name of a road")),
)
