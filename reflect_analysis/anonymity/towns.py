"""Towns and communities: by the list, and by the words before and behind them.

A province or a country is no finding: it holds too many people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from reflect_analysis.anonymity.cues import MONTHS
from reflect_analysis.anonymity.hints import near_calendar
from reflect_analysis.anonymity.place_words import GENERIC
from reflect_analysis.anonymity.places import CAPITAL, PlaceHit, trimmed
from reflect_analysis.anonymity.wordlists import fold, is_english, lists

__all__ = ["towns_in"]

_PREPOSITION = re.compile(
    r"(?i)(?:\b(?:in|from|near|outside|around|leaving|left|via|toward|towards|visit|"
    r"visited|visiting|town of|city of|"
    r"village of|district of|downtown|greater|north of|south of|east of|west of|"
    r"drove to|moved to|move to|moving to|"
    r"go to|went to|come to|came to|commute to|travel(?:led|ed)? to|flew to|back to|"
    r"over to|up to|down to|relocated to|"
    r"going to|driving to|closer to|close to|next to|road to|highway to|bus to|trip "
    r"to|ferry to|way to|train to|commut(?:e|ing) to|home to|return(?:ed|ing)? to|"
    r"all the way to|born in|raised in|based in|just outside|grew up in|between|"
    r"here in|live in|lives in|out of|hello from|at the|"
    r"à|de|près de|vers|chez nous à|town|city|town:|ville|ville :|community of|"
    r"people of|whole of|all of|only .{1,20} in)"
    r"\s*:?\s+(?:the\s+)?|\b(?:town|city|community|place|location|from|ville)\s*[:=]\s*)$"
)
_PROVINCE = re.compile(
    r"\s*[,(]\s*(?:B\.?C\.?|British Columbia|Alta?\.?|AB|Alberta|Sask\.?|SK|"
    r"Saskatchewan|Man\.?|MB|Manitoba|Ont\.?|ON|"
    r"Ontario|QC|Qu[ée]bec|PQ|NB|New Brunswick|NS|Nova Scotia|PEI|NL|Newfoundland|"
    r"Yukon|YT|NWT|NT|NU|Nunavut)\b",
    re.IGNORECASE,
)
_FEATURE = re.compile(
    rf"(?<!\w)(?:[Ii]n|[Ff]rom|[Nn]ear|[Aa]t|[Tt]o|[Oo]utside|[Oo]n|"
    rf"[Aa]round)\s+(?P<it>(?:{CAPITAL}[\w'’-]+[ \u00a0]){{1,2}}(?:Lake|Creek|River|Bay|"
    r"Harbour|Falls|Island|Valley|Beach|Springs|Hill|Mountain|Landing|Crossing|"
    r"Mills|Arm|Inlet|Flats|Cove|Point|Head|"
    r"Heights|Junction|Corners|Ridge|Pass|Narrows|Sound|Prairie|Plains|House|City|"
    r"Town|Village|Forks|Meadows|Mission|Reserve|Park))(?!\w)"
)
_FORT = re.compile(
    rf"(?<!\w)(?P<it>(?:Fort|Port|Mount|Saint|Sainte|St\.|Ste\.|St|Ste|Lac|Baie|"
    rf"Rivière|Saint-|New|Lake|Cape|Camp)[ \u00a0-]{CAPITAL}[\w'’-]+(?:-[\w'’-]+)*)"
)
_UNKNOWN = re.compile(
    rf"(?<!\w)(?P<cue>[Ii]n|[Ff]rom|[Nn]ear|[Oo]utside|moved to|move to|drove to|"
    rf"went to|go to|back to|travelled to|flew to|live in|à|vers)\s+"
    rf"(?P<it>{CAPITAL}[\w'’-]+(?:[ \u00a0]{CAPITAL}[\w'’-]+)?)(?![\w’'-])"
)
_PROVINCE_BARE = re.compile(
    r"(?i)\s+(?:b\.?c\b|ab\b|sk\b|mb\b|qc\b|n\.?w\.?t\b|alberta|saskatchewan|ontario|manitoba|"
    r"british columbia|yukon|nova scotia|new brunswick)"
)
_FROM_TO = re.compile(rf"[Ff]rom\s+{CAPITAL}[\w'’-]+(?:\s+{CAPITAL}[\w'’-]+)?\s+(?:to|and)\s+$")
_POPULATED = re.compile(r"(?i)\s*[,(]\s*(?:population|pop\.)\s")
_CUED = (
    re.compile(
        rf"(?<!\w)(?:[Tt]he|[Oo]n|[Ff]rom|[Nn]ear|[Ii]n|"
        rf"[Aa]t)\s+(?P<it>{CAPITAL}[\w'’:-]+(?:[ \u00a0]{CAPITAL}"
        r"[\w'’:-]+)?)\s+(?:reserve|rez|reservation|hamlet|settlement|township|band office|"
        r"band school|"
        r"nation|village|townsite|ferry|turnoff|valley|flats|bridge)(?!\w)"
    ),
    re.compile(
        rf"(?i:\b(?:reserve|rez|village|hamlet|town|settlement|community|outport|municipality)\s+"
        rf"(?:of|called|named|near|outside|beside|"
        rf"past))\s+(?P<it>{CAPITAL}[\w'’:-]+(?:[ \u00a0]{CAPITAL}[\w'’:-]+)?)"
    ),
    re.compile(
        rf"[Ff]rom\s+{CAPITAL}[\w'’-]+(?:\s+{CAPITAL}[\w'’-]+)?\s+to\s+(?P<it>{CAPITAL}[\w'’-]+)"
    ),
    re.compile(
        rf"(?<![\w’'-])(?P<it>{CAPITAL}[\w'’:-]+(?:[ \u00a0]{CAPITAL}[\w'’:-]+)?)"
        r"(?=\s*[,(]\s*(?:population|pop\.)\s)"
    ),
)
_NOT_TOWN_AFTER = re.compile(r"(?i)\s+(?:day|park school|school)\b")


@lru_cache(maxsize=1)
def _town_form() -> re.Pattern[str]:
    """Every listed town as one expression; a star in the list is a group of its own."""
    known = lists()
    sure = "|".join(_form_of(t) for t in sorted(known.towns, key=len, reverse=True))
    doubt = "|".join(_form_of(t) for t in sorted(known.doubtful_towns, key=len, reverse=True))
    return re.compile(rf"(?<![\w’'-])(?:(?P<sure>{sure})|(?P<doubt>{doubt}))(?![\w-])")


def _form_of(town: str) -> str:
    return re.escape(town).replace(r"\ ", r"[ \u00a0]")


def _folded(text: str) -> str:
    """A text folded code point for code point."""
    return "".join(_letter(c) for c in text)


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    low = fold(character)
    return low if len(low) == 1 else character


def towns_in(text: str, parsed: Any = None) -> Iterator[PlaceHit]:
    """Towns by the list and by the words before them."""
    folded = text.lower() if text.isascii() else _folded(text)
    for match in _town_form().finditer(folded):
        verdict = _town(text, match)
        if verdict:
            yield PlaceHit(*match.span(), "town", verdict[0], direct=False, why=verdict[1])
    for match in _FEATURE.finditer(text):
        hit = trimmed(text, *match.span("it"))
        if (
            hit
            and fold(text[slice(*hit)]) not in lists().others
            and len(text[slice(*hit)].split()) > 1
        ):
            yield PlaceHit(*hit, "town", 0.55, direct=False, why="a name in the form of a place")
    for match in _FORT.finditer(text):
        first = match["it"].split()[0].lower()
        placed = first in ("fort", "port") or _PREPOSITION.search(text[: match.start()][-30:])
        if placed and first != "new" and fold(match["it"]) not in lists().others:
            why = "a name in the form of a place"
            yield PlaceHit(*match.span("it"), "town", 0.6, direct=False, why=why)
    yield from _cued_towns(text)
    yield from _unknown_towns(text, parsed)


def _cued_towns(text: str) -> Iterator[PlaceHit]:
    """Small places that their kind tells: *the Bonaparte reserve*, *the village of Likely*."""
    for form in _CUED:
        for match in form.finditer(text):
            low = fold(match["it"])
            own = any(fold(word) not in GENERIC for word in match["it"].split())
            calendar = low.split()[0] in MONTHS or near_calendar(low)
            if own and low not in lists().others and not calendar:
                why = "a name where a village or reserve is told"
                yield PlaceHit(*match.span("it"), "town", 0.5, direct=False, why=why)


def _town(text: str, match: re.Match[str]) -> tuple[float, str] | None:
    word = text[match.start() : match.end()]
    lead = text[max(0, match.start() - 30) : match.start()]
    province = _PROVINCE.match(text, match.end()) or _PROVINCE_BARE.match(text, match.end())
    if _NOT_TOWN_AFTER.match(text, match.end()) and not province:
        return None
    cued = bool(province) or bool(_PREPOSITION.search(lead)) or _ends_address(text, match)
    cued = cued or bool(_FROM_TO.search(lead)) or bool(_POPULATED.match(text, match.end()))
    capital = word[0].isupper() or word[0].isdigit()
    if match["doubt"]:
        sure = (
            (capital or province)
            and cued
            and not re.match(r"['’]s\s", text[match.end() : match.end() + 3])
        )
        return (0.7, "a town where a place is named") if sure else None
    if capital:
        return 0.85, "a town of Canada"
    plain = all(is_english(part) for part in re.findall(r"[^\W\d_]+", fold(word)))
    if plain and not cued:
        return None
    return 0.6, "a town of Canada, in lower case"


def _ends_address(text: str, match: re.Match[str]) -> bool:
    """Whether a town follows a number and a comma, or a postal code follows it."""
    lead = text[max(0, match.start() - 50) : match.start()]
    postal = re.match(
        r"(?i)[\s,]+(?:[a-z]{2,}[\s,]+)?[a-z]\d[a-z]", text[match.end() : match.end() + 24]
    )
    return bool(re.search(r"\d[^.!?\n]{0,40},\s*$", lead)) or bool(postal)


def _unknown_towns(text: str, parsed: Any) -> Iterator[PlaceHit]:
    """Words after *in* or *from* that no dictionary holds, or that the model takes for a place."""
    places = {e.start: e for e in getattr(parsed, "entities", ()) if e.label == "GPE"}
    known = lists()
    for match in _UNKNOWN.finditer(text):
        start, end = match.span("it")
        parts = [fold(w) for w in text[start:end].split()]
        low = fold(text[start:end])
        if (
            low in known.others
            or parts[0] in known.others
            or near_calendar(parts[0])
            or parts[0] in known.first
            or text[start:end].isupper()
        ):
            continue
        place = places.get(start)
        strange = not is_english(parts[0])
        if place is not None and low not in known.doubtful:
            yield PlaceHit(
                place.start,
                place.end,
                "town",
                0.6,
                direct=False,
                why="taken for a place by the language model",
            )
        elif strange and parts[0] not in known.surnames:
            yield PlaceHit(
                start, end, "town", 0.45, direct=False, why="an unknown name where a place is named"
            )
