"""Social insurance numbers: nine digits by their check, their threes, or what they are called.

Where one is called so, a part of it counts too, and so does one that was typed wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["sins_in", "threes_in"]

Hit = tuple[int, int, float, str]

_SURE, _LIKELY, _POSSIBLE = 0.95, 0.8, 0.6
_FORM = re.compile(r"(?<![\d-])(\d{3})([\s-]?)(\d{3})\2(\d{3})(?![\d-]\d|\d)")
_CUE = (
    r"(?:(?<![\w.])(?:SINs?|NAS)(?!\w)|(?i:(?<![\w.])[sn][./ ]\s?[ia][./ ]\s?[ns]\b\.?|"
    r"\b(?:sin|nas)\s?(?:#|no\b|num\b|number|numéro|card|slip|:|=|is\b|est\b|and\b|ends?\b|"
    r"starts?\b)|"
    r"\b(?:my|her|his|their|mon|son|the|le|new|old|temp(?:orary)?)\s+(?:sin|nas)\b|\b(?:sin|nas)\b|"
    r"\bsocial(?:[ -](?:insurance|insur\w*|security|ins))?\.?(?:[ -]?(?:number|num|no|#|:))?|"
    r"\bsoc(?:ial)?\.?\s+ins(?:ur\w*)?\b\.?|\binsurance\s+(?:number|no|#)|"
    r"assurance[ -]sociale|\bT4A?s?(?!\w)|\bpay\s?stubs?\b|\b(?:government|federal|tax)"
    r"\s+number\b))"
)
_NINE = r"(?P<it>[\dO](?:[ .\-–—/_·\u00a0]{0,3}\d){8})(?!\d|[-.]\d)"
_CALLED = (
    re.compile(rf"{_CUE}(?:[^!?\n\d]|\d(?!\d{{2}})){{0,80}}?\n?(?<![\w-]){_NINE}"),
    re.compile(rf"(?<![\w-]){_NINE}[^.!?\n\d]{{0,40}}?{_CUE}"),
)
_PART = (
    re.compile(
        rf"{_CUE}[^.!?\n\d]{{0,30}}?\b(?i:end(?:s|ed|ing)?|start(?:s|ed|ing)?|begin(?:s|ning)?|"
        rf"began|"
        r"last|first|finit|termine|commence|se termine)\b[^.!?\n\d]{0,25}?"
        r"(?<![\w-])(?P<it>\d{2,4}(?:[ -]\d{3})?)(?![\w-])"
    ),
    re.compile(
        r"\b(?i:last|first|final|premiers|derniers)\s(?i:two|three|four|few|six|2|3|4|6|trois|"
        r"deux|quatre)?"
        rf"[^.!?\n\d]{{0,30}}?{_CUE}[^.!?\n\d]{{0,25}}?"
        r"(?<![\w-])(?P<it>\d{2,4}(?:[ -]\d{3})?)(?![\w-])"
    ),
    re.compile(r"(?<!\w)(?P<it>(?:[xX*#•]{3}[ -]?){1,2}\d{3}(?:[ -]\d{3})?)(?![\w-])"),
)
# Two digits beside each other stand in every form above; most texts hold none.
_SIGN = re.compile(r"\d[ .\-–—/_·\u00a0]{0,3}\d")
_THREES = re.compile(
    r"(?<![\w$€.,/-])(?P<it>\d{3}(?P<by>[ \u00a0-]|\. ?| - )\d{3}(?P=by)\d{3})(?![\w%]|[-.,/ ]\d)"
)
_ROUND = re.compile(r"0{3}")
_COUNTED = re.compile(r"(?i)\s*(?:dollars|people|children|\$|million|views)")


def sins_in(text: str) -> Iterator[Hit]:
    """Nine digits that pass the check or are called such a number, and parts of one."""
    if not _SIGN.search(text):
        return
    for match in _FORM.finditer(text):
        if passes_luhn(match[1] + match[3] + match[4]):
            score = _SURE if match[2] else _POSSIBLE
            why = "nine digits that pass the check of a social insurance number"
            yield *match.span(), score, why
    why = "nine digits that are called a social insurance number"
    for form in _CALLED:
        for match in form.finditer(text):
            yield match.start("it"), match.end("it"), _LIKELY, why
    for form in _PART:
        for match in form.finditer(text):
            yield (
                match.start("it"),
                match.end("it"),
                _POSSIBLE,
                "a part of a social insurance number",
            )


def threes_in(text: str) -> Iterator[Hit]:
    """Nine digits in threes that fail the check: a slip of one digit, perhaps."""
    for match in _THREES.finditer(text):
        counted = _COUNTED.match(text, match.end()) or _ROUND.search(match["it"])
        if not counted:
            yield match.start("it"), match.end("it"), 0.5, "nine digits in threes"


def passes_luhn(digits: str) -> bool:
    """Whether the check digit is right; nine noughts are no number.

    Examples
    --------
    >>> passes_luhn("046454286"), passes_luhn("046454287"), passes_luhn("000000000")
    (True, False, False)
    """
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return set(digits) != {"0"} and sum(d - 9 * (d > 9) for d in doubled) % 10 == 0  # noqa: PLR2004  # digits are summed
