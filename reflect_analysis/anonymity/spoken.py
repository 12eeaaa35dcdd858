"""Numbers in words: telephones, addresses and employee numbers as people say them.

*six oh four 555 oh one two three* and *twenty-two Maple Crescent* tell as much as digits do.
What is said is counted in digits, so that counting to seven is no telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = [
    "SPOKEN_NUMBER",
    "is_counting",
    "spoken_addresses_in",
    "spoken_licences_in",
    "spoken_phones_in",
]

Hit = tuple[int, int, float, str]

_UNITS = ["zero", "oh", "o", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fourty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_UNIT = "|".join(_UNITS)
_TEEN = "|".join(_TEENS)
_SAID = rf"(?:(?:double|triple)[\s-]+(?:{_UNIT})|(?:{_TEEN})(?:-(?:{_UNIT}))?|{_UNIT}|hundred)"
SPOKEN_NUMBER = rf"(?:{_SAID})(?:[\s-]+(?:and\s+)?(?:{_SAID}|thousand)){{0,5}}"
_CHAIN = re.compile(
    rf"(?i)(?<![\w$])(?P<it>(?:{_SAID}|\(?\d{{1,4}}\)?)(?:[\s,.–-]{{1,3}}(?:{_SAID}|\d{{1,4}}))"
    r"{2,12})(?!\w)"
)
_PART = re.compile(rf"(?i)\b(?:{_SAID}|\d+)\b")
_LENGTHS = (7, 9, 10, 11)
_FEWEST_WORDS = 3


def spoken_phones_in(text: str) -> Iterator[Hit]:
    """Digits in words, mixed with figures or not, of the length of a telephone number or SIN."""
    for match in _CHAIN.finditer(text):
        parts = [part[0].lower() for part in _PART.finditer(match["it"])]
        words = [part for part in parts if not part.isdigit()]
        digits = sum(map(_length, parts))
        if digits in _LENGTHS and len(words) >= _FEWEST_WORDS and not is_counting(match["it"]):
            yield match.start("it"), match.end("it"), 0.75, "a telephone number in words"


def _length(part: str) -> int:
    """How many digits a part stands for."""
    if part.isdigit():
        return len(part)
    if part.startswith(("double", "hundred")) or part.split("-", maxsplit=1)[0] in _TEENS:
        return 2
    return 3 if part.startswith("triple") else 1


def is_counting(words: str) -> bool:
    """Whether numbers follow each other as in counting: *one two three*."""
    parts = [part[0].lower() for part in _PART.finditer(words)]
    order = [*_UNITS[3:], *_TEENS]
    return all(part in order for part in parts) and parts == sorted(parts, key=order.index)


_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Crescent|Cres|Boulevard|Blvd|Lane|Way|Court|Place|"
    r"Highway|Terrace|Circle|Trail|Close|Grove|Loop|Row)"
)
_ADDRESS = re.compile(
    rf"(?<![\w-])(?P<it>(?i:{SPOKEN_NUMBER})\s+(?:[A-Z][\w'’.-]*\s+){{1,3}}{_STREET})(?!\w)"
)
_LICENCE = re.compile(
    r"(?i)\b(?:licen[cs]e|certificate|registration|employee|staff|badge|payroll|member|matricule)"
    rf"\s+(?:number|no\.?|id|#|is|:|\s)+\s*(?P<it>{SPOKEN_NUMBER})(?!\w)"
)


def spoken_addresses_in(text: str) -> Iterator[Hit]:
    """A street with its number in words."""
    yield from _found(_ADDRESS, text, "a street address with its number in words")


def spoken_licences_in(text: str) -> Iterator[Hit]:
    """The number of a licence or an employee in words, of two words or more."""
    hits = _found(_LICENCE, text, "a licence or employee number in words")
    yield from (hit for hit in hits if re.search(r"[\s-]", text[hit[0] : hit[1]]))


def _found(form: re.Pattern[str], text: str, why: str) -> Iterator[Any]:
    for match in form.finditer(text):
        yield match.start("it"), match.end("it"), 0.7, why
