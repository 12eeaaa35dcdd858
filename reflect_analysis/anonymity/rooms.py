"""Rooms and groups of a centre, by the name or the number that it gave them.

The toddler room and the nap room are everywhere; Room 4, the Otters and the Sunflower room are one
centre's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reflect_analysis.anonymity.hints import is_misspelt
from reflect_analysis.anonymity.place_words import (
    CAPITAL_GROUPS,
    CAPITAL_KINDS,
    FRENCH_GROUPS,
    GENERIC,
    KINDS_OF_ROOM,
    ORDINARY_ROOMS,
    PLAIN_GROUPS,
)
from reflect_analysis.anonymity.places import CAPITAL, PlaceHit, trimmed
from reflect_analysis.anonymity.wordlists import fold, is_english, lists

__all__ = ["rooms_in"]

_ROOM_KEY = r"(?:[Rr]oom|[Cc]lassroom)"
_CAP_ROOM = re.compile(
    rf"(?<![\w’'-])(?P<it>{CAPITAL}[\w'’-]*(?:[ \u00a0](?:and |& "
    rf")?{CAPITAL}[\w'’-]*){{0,2}}[ \u00a0]{_ROOM_KEY}s?)(?![\w-])"
)
_CAP_GROUP = re.compile(
    rf"(?<![\w’'-])(?P<it>{CAPITAL}[\w'’-]*(?:[ \u00a0]{CAPITAL}[\w'’-]*){{0,2}}[ "
    rf"\u00a0](?:Class|Group|Pod|Den|Nest|Wing|Studio|Loft|Burrow|Hive|Suite|Crew|Bunch|"
    rf"Gang))(?![\w-])"
)
_SAID_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_NUMBERED_ROOM = re.compile(
    r"(?<![\w-])(?P<it>(?:(?:Room|Classroom|Portable|Pod|Suite|Salle|"
    r"Local)[ \u00a0]#?(?:\d{1,3}[A-Z]?|"
    r"One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)|(?:Nest|Den|Pod|Burrow|Hive|Wing|"
    r"Cabin)[ \u00a0]"
    r"(?:\d{1,2}|One|Two|Three|Four|[A-F])))(?![\w-])"
)
# What is counted after a number, so that it is none of a room.
_COUNTED = (
    r"(?!\s*(?:%|[x×]|more|extra|kids|kiddos|children|people|staff|adults|of\b|or\b|ish|degrees|°|"
    r"square|feet|times|hours?|minutes?|infants|toddlers|more|temperature|°|:\d|/\d|[.,]\d|-\d))"
)
_ANY_ROOM = re.compile(
    r"(?i)(?<![\w-])(?P<it>(?:class[ -]?room|room|rm\.?|portable|salle|local)[ \u00a0]?"
    rf"(?:(?:number|num|no\.?|nr|numéro|n[o°])[ \u00a0]?)?#?[ \u00a0]?"
    rf"(?:[a-z]?-?\d{{1,3}}-?[a-z]?|{_SAID_NUMBER}))(?![\w-]){_COUNTED}"
)
_AGE_ROOM = re.compile(
    r"(?<![\w-])(?P<it>(?:[Ii]nfants?|[Tt]oddlers?|[Pp]re-?[Ss]chool(?:er)?s?|[Pp]re-?[Kk]|"
    r"[Nn]ursery|"
    r"[Bb]ab(?:y|ies)|[Jj]uniors?|[Ss]eniors?|[Kk]inder(?:garten)?s?|JK|SK)(?:[ -](?:[Rr]oom|"
    r"[Rr]m\.?|"
    r"[Cc]lass(?:room)?|[Gg]roup))[ -]?#?(?:[1-9]\d?[A-Z]?|[A-F]))(?![\w-])|"
    r"(?<![\w-])(?P<short>(?:Infant|Toddler|Preschool|Pre-?K|Nursery|Junior|Senior|Kinder|JK|SK)"
    r"[ -]#?(?:[1-9][A-Z]?|[A-F]))(?![\w-]|\s*(?:–|-|to|and|yrs?|years?|months?|:\d|/\d))"
)
_NAMED_AFTER = re.compile(
    rf"(?<![\w-])(?P<it>(?:Room|Rm\.?|Classroom|Salle|Team|Pod|Groupe?|Local)[ \u00a0]"
    rf"(?:{CAPITAL_KINDS}|{CAPITAL_GROUPS}))(?![\w-])"
)
_LABELLED_ROOM = re.compile(
    r"(?m)(?:^|[,;|(–—]|\s-)\s*(?i:room|rm|class ?room|group|class|salle|local|groupe)"
    r"(?i:[ \u00a0]name)?\s*[:=]\s*[“\"]?(?P<it>(?:the )"
    r"?[A-Z\d][\w'’#-]*(?:[ \u00a0][A-Z\d][\w'’-]*){0,2})(?![\w-])"
)
_CALLED_ROOM = re.compile(
    rf"(?:\b(?i:rooms?|group|class|classroom|pod|salle|groupe)\b(?:[ \u00a0](?i:is|was|are|we))"
    rf"?[ \u00a0,]+"
    rf"(?i:called|named|nommée?|appelée?|known as)\s+[“\"]?(?:(?i:the|les?|la)\s+)?|"
    rf"\b(?i:my|our|her|his|their)\s+(?i:room|group|class)\s*,\s*(?:the\s+)?)"
    rf"(?P<it>{CAPITAL}[\w'’-]+(?:[ \u00a0]{CAPITAL}[\w'’-]+)?)"
)
_FRENCH_GROUP = re.compile(
    rf"(?<![\w-])(?:[Ll]es|[Cc]hez les|[Dd]es|[Aa]ux)\s+(?P<it>(?:[Pp]etits?\s+|[Pp]etites\s+)?"
    rf"(?:{FRENCH_GROUPS}))(?![\w-])"
)
_UNKNOWN_ROOM = re.compile(
    r"(?<![\w'’-])(?:[Tt]he|[Oo]ur|[Mm]y|[Ii]n|[Hh]er|[Hh]is)\s+(?P<it>(?P<own>[^\W\d_]{4,30})"
    r"[ \u00a0](?:room|rm))(?![\w-])"
)
_THE_NEST = re.compile(
    r"(?<![\w-])(?:(?:[Ii]n|[Tt]o|[Ff]rom|[Oo]f)\s+)?[Tt]he\s+(?P<it>Den|Nest|Loft|Hive|Burrow|"
    r"Pond|Meadow|"
    r"Treehouse|Greenhouse)(?![\w-])(?!\s+[A-Z])"
)
_THE_BEASTS = re.compile(
    rf"(?<![\w-])(?:[Tt]he|[Mm]y|[Oo]ur|[Aa]s|[Aa]re|,)\s+(?P<it>(?:(?:Little|Busy|Wee|Baby|Tiny|"
    rf"Big) )?"
    rf"(?:{CAPITAL_GROUPS}))(?![\w-])"
)
_HEAD_BEASTS = re.compile(
    rf"(?<![\w-])(?={CAPITAL})(?P<it>{CAPITAL_GROUPS})\s+(?:and|&|,)\s+"
    rf"(?=(?:the\s+)?(?:{CAPITAL_GROUPS})(?![\w-]))"
)
_LED = re.compile(
    rf"(?<![\w-])(?={CAPITAL})(?P<it>{CAPITAL_GROUPS}|{CAPITAL_KINDS})\s+"
    r"(?:leads?|staff|educators?|teachers?|"
    rf"team|float|floater|"
    rf"kids|kiddos|families|parents|side|crew|shift|ratio)(?![\w-])"
)
_KIND_SIDE = re.compile(
    rf"(?<![\w-])(?:[Tt]he|[Mm]y|[Oo]ur)\s+(?P<it>(?-i:{CAPITAL_KINDS}))\s+"
    r"(?:side|kids|kiddos|end|crew|team|space|parents|families|hallway|door|gang)(?![\w-])"
)
_NUMBER_ROOM = re.compile(
    r"(?<!\w)(?P<it>(?:[Rr]oom|[Cc]lassroom|[Ss]alle|[Ll]ocal)[ "
    r"\u00a0](?:[A-Z]?\d{1,3}[A-Z]?(?:[ \u00a0](?:West|East|North|South))|"
    r"[A-Z]\d{1,3}|\d{1,3}[A-Z]|[A-F](?=[\s,.;)])(?!\s+[a-z]+\s+(?:was|is))))(?!\w)"
)
_ROOM_BEHIND = r"(?:['’]s?)? (?:room|classroom|class|group|pod)"
# Most words have no room behind them: that is asked first, before hundreds of kinds.
_LOWER_ROOM = re.compile(
    rf"(?<![\w-])(?P<it>(?:little |busy |wee |baby )?(?=[\w-]+{_ROOM_BEHIND})"
    rf"(?:{KINDS_OF_ROOM}){_ROOM_BEHIND}s?)(?![\w-])",
    re.IGNORECASE,
)
_CAP_BEASTS = re.compile(
    r"(?<![\w-])(?:[Ii]n|[Ww]ith|[Tt]o|[Ff]rom|[Oo]f|[Oo]ver|[Bb]etween|[Aa]nd|my|our|for)\s+"
    rf"(?:the\s+)?(?P<it>(?:[A-Z][a-z]+ )?(?:{CAPITAL_GROUPS}))(?![\w-])"
)
_FRENCH_ROOM = re.compile(
    rf"(?<!\w)(?P<it>(?:[Ll]ocal|[Ss]alle|[Gg]roupe|[Cc]lasse|[Pp]ouponnière) (?:des "
    rf"|de la |du |les )?[«“\"]?\s?{CAPITAL}[\w'’-]+(?: {CAPITAL}[\w'’-]+)?)"
)


_OTHER_ROOMS = (
    *(_NUMBER_ROOM, _LOWER_ROOM, _CAP_BEASTS, _NUMBERED_ROOM, _ANY_ROOM, _THE_NEST, _THE_BEASTS),
    *(_KIND_SIDE, _NAMED_AFTER, _AGE_ROOM, _HEAD_BEASTS, _LED),
)


def rooms_in(text: str, *, french: bool = False) -> Iterator[PlaceHit]:
    """Rooms and groups by the name that a centre gave them."""
    why = "the name of a room or group"
    for form in (_CAP_ROOM, _CAP_GROUP):
        for match in form.finditer(text):
            hit = trimmed(text, *match.span("it"))
            if hit and _is_room(text[slice(*hit)]):
                yield PlaceHit(*hit, "room", 0.75, direct=False, why=why)
    for form in _OTHER_ROOMS:
        for match in form.finditer(text):
            span = match.span("it" if match["it"] else "short")
            if "room only" not in match[0]:
                yield PlaceHit(*span, "room", 0.65, direct=False, why=why)
    for form in (_FRENCH_ROOM, _FRENCH_GROUP) if french else ():
        for match in form.finditer(text):
            yield PlaceHit(*match.span("it"), "room", 0.65, direct=False, why=why)
    yield from _told_rooms(text, french=french)


def _told_rooms(text: str, *, french: bool) -> Iterator[PlaceHit]:
    """Names where a room is told, and words that no dictionary holds before *room*."""
    for form in (_LABELLED_ROOM, _CALLED_ROOM):
        for match in form.finditer(text):
            words = [fold(word) for word in re.findall(r"[^\W_]+", match["it"])]
            own = [w for w in words if w not in ORDINARY_ROOMS and w not in GENERIC]
            if own and words[0] not in lists().first:
                why = "a name where a room is told"
                yield PlaceHit(*match.span("it"), "room", 0.6, direct=False, why=why)
    for match in _UNKNOWN_ROOM.finditer(text) if not french else ():
        low = fold(match["own"])
        if low not in ORDINARY_ROOMS and not is_english(low) and not is_misspelt(low):
            why = "an unknown word before “room”"
            yield PlaceHit(*match.span("it"), "room", 0.5, direct=False, why=why)


def _is_room(name: str) -> bool:
    words = [fold(re.sub(r"['’]s?$", "", w)) for w in name.split()]
    if len(words) < 2 or fold(name) in lists().others:  # noqa: PLR2004  # Room alone
        return False
    return any(
        w not in ORDINARY_ROOMS and w not in PLAIN_GROUPS and w not in GENERIC for w in words[:-1]
    )
