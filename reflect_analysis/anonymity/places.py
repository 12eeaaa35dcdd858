"""Where a story happened: centres and schools, room names, towns, communities.

A place is named by a list (towns), by its last words (*Child Care Centre*), or by the words
before it (*I work at*). A province or a country is no finding: it holds too many people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from reflect_analysis.anonymity.place_words import (
    CAPITAL_GROUPS,
    FIRST_WORDS,
    GENERIC,
    KINDS_OF_ROOM,
    LEADERS,
    ORDINARY_ROOMS,
    PLAIN_GROUPS,
    PLAIN_LEAD,
)
from reflect_analysis.anonymity.wordlists import fold, is_english, lists

__all__ = ["PlaceHit", "centres_in", "rooms_in", "towns_in"]


class PlaceHit(NamedTuple):
    """A stretch that may name a place."""

    start: int
    end: int
    kind: str
    score: float
    direct: bool
    why: str


_UP = r"[A-ZÀ-ÖØ-Þ]"
_CAP = rf"(?:{_UP}[\w'’‘-]*\w|{_UP}\b\.?|\d{{1,3}}\b)"
_OF = (
    r"(?:of the|of|the|and|&|de la|de l['’]|de|des|du|d['’]|la|le|les|l['’]|aux|à la|à|n['’]|o['’])"
)
_STRONG = (
    r"(?:(?:Early (?:Learning|Years|Childhood|Education)|Child(?:ren)?(?:['’]s)? "
    r"(?:Care|Development|Learning)|"
    r"Childcare|Day ?[Cc]are|Out[ -][Oo]f[ -]School(?: Care)?|After[ -]?School(?: "
    r"Care)?|School Age Care|"
    r"Infant(?:[/ -]Toddler)?|Head Start|StrongStart|Strong Start|Nature|Forest|"
    r"Nursery|Family|Friendship|"
    r"Community|Learning|Enrichment|Outdoor|Elementary|Secondary|Primary|Montessori|"
    r"Co-?op(?:erative)?) ?)*"
    r"(?:Child ?[Cc]are(?: Cent(?:re|er)| Society)?|Childcare|Day ?[Cc]are|Day "
    r"?[Nn]ursery|Pre-?[Ss]chool|"
    r"Play ?[Ss]chool|Nursery(?: School)?|Montessori|Kindergarten|Kinder[a-z]+|"
    r"Early Learning|Early Years|"
    r"Children['’]s (?:Cent(?:re|er)|House|Garden|Program)|Head Start|(?:Out|"
    r"After)[ -]of[ -]School(?: Care)?|"
    r"After[ -]?School(?: Care)?|Elementary|Secondary|Schools?|Schoolhouse|Academy|"
    r"College|University|Institute|"
    r"Polytechnic|Playgroup|Playcare|Playhouse|Family Place|Cent(?:re|er)|"
    r"Co-?op(?:erative)?|Learning Lab)"
)
_WEAK = (
    r"(?:Cabin|Nest|House|Garden|Gardens|Kids|Kidz|Tots|Care|Place|Society|Program|Cottage|Village|"
    r"Hut|Den|Corner|Farm|Meadow|Grove|Acres|Haven|Home|Hall|Lodge|Church|Club|Hub|Tree|Steps|"
    r"Sprouts|Beginnings|Explorers|Learners|Adventures|Discoveries|Hospital|Library|Clinic)"
)
_NAMED_CENTRE = re.compile(
    rf"(?<![\w’'-])(?P<it>(?:{_CAP}(?:\s+{_OF})?[ "
    rf"\u00a0]+){{1,6}}?{_STRONG}(?:\s+(?:of|at|de) {_CAP})?)(?![\w’'-])"
)
_AT = (
    r"(?:at|for|from|with|to|into|of|join(?:ed|ing)?|left|leaving|visit(?:ed|ing)?|"
    r"run(?:s|ning)?|opened|"
    r"own(?:s|ed)?|over at|started at|both|chez|à)"
)
_AT_CENTRE = re.compile(
    rf"(?<!\w)(?:[Aa]t|[Oo]ver at)\s+(?:the\s+)?(?P<it>{_CAP}(?:(?:\s+{_OF})?[ "
    rf"\u00a0]+{_CAP}){{1,5}})(?![\w’'-])"
)
_AT_WEAK = re.compile(
    rf"(?<!\w){_AT}\s+(?:the\s+)?(?P<it>(?:{_CAP}(?:\s+{_OF})?[ \u00a0]+){{1,4}}{_WEAK})(?![\w’'-])"
)
_WORK = re.compile(
    rf"(?<!\w)(?i:work(?:s|ed|ing)?|job|practicum|teach(?:es|ing)?|taught|placement|"
    rf"volunteer(?:s|ed|ing)?|"
    rf"employed|hired|position|shifts?|director|manager|supervisor|educators?|ECEs?|"
    rf"staff|cook|colleagues?|"
    rf"co-?workers?|team|day|days|week|year|years|child ?care|daycare|preschool|"
    rf"toddlers|infants|parents|families|"
    rf"back|here|hello|hi|greetings|writing|post(?:ing)?|sub(?:bed|bing)?|started|"
    rf"transferred|moved over)"
    rf"\s+(?:\w+\s+){{0,2}}?(?i:at|from|for|with)\s+(?:the\s+)?(?P<it>{_CAP}(?:(?:\s+"
    rf"{_OF})?[ \u00a0]+{_CAP}){{0,5}})(?![\w’'-])"
)
_FROM_CENTRE = re.compile(
    rf"(?<!\w)(?:from|with|of|joined)\s+(?P<it>{_CAP}(?:(?:\s+{_OF})?[ "
    rf"\u00a0]+{_CAP}){{1,4}})(?=\s+(?:in|here)\b)"
)
_ALONE = re.compile(
    rf"(?<![\w’'-])(?P<it>(?:{_UP}[\w'’-]+[ \u00a0]){{1,3}}(?:Tots|Kidz|Kids|Sprouts)|"
    rf"Kinder(?!garten|garden)[A-Za-z]{{3,}})(?![\w’'-])"
)
_CALLED = re.compile(
    rf"(?i:\b(?:centre|center|daycare|day care|child ?care|preschool|school|"
    rf"kindergarten|playschool|place|garderie|"
    rf"centre de la petite enfance))(?:\s+(?i:is|was|that is|that was|,|where i "
    rf"work(?: is)?))?\s*,?\s*"
    rf"(?i:called|named|named after|nommée?|appelée?|is|"
    rf":)\s+[“\"']?(?P<it>{_CAP}(?:(?:\s+{_OF})?[ \u00a0]+{_CAP}){{0,5}})"
)
_LABELLED = re.compile(
    rf"(?i:\b(?:centre|center|daycare|school|employer|workplace|site|garderie|"
    rf"école)\s*[:=–—-])\s*[“\"']?"
    rf"(?P<it>{_CAP}(?:(?:\s+{_OF})?[ \u00a0]+{_CAP}){{0,6}})"
)
_LOWER_KEYS = (
    r"(?:day ?care|pre-?school|child ?care(?: cent(?:re|er))?|elementary(?: "
    r"school)?|montessori|playschool|nursery school|"
    r"children['’]?s cent(?:re|er)|learning cent(?:re|er)|early learning|academy|"
    r"head start|kinderhaus|kindergarten|"
    r"out of school care|family place|tots|kids|kidz)"
)
_LOWER_CENTRE = re.compile(
    rf"(?<![\w'’-])(?:at|for|from|to|join|joined|left|"
    rf"called)\s+(?P<it>(?:[^\W\d_][\w'’-]*\s+){{1,4}}{_LOWER_KEYS})(?![\w'’-])"
)
_FRENCH_CENTRE = re.compile(
    rf"(?<!\w)(?P<it>(?:CPE|C\.P\.E\.|[Gg]arderie|[ÉEée]cole|[Cc]entre(?: éducatif| communautaire| "
    rf"de la petite enfance| préscolaire| de jour)?|[Pp]r[ée]-?maternelle|"
    rf"[Hh]alte-garderie|[Cc]égep|"
    rf"[Cc]ollège|[Uu]niversité|[Ss]ervice de garde|[Jj]ardin d['’]enfants|"
    rf"[Mm]aternelle|[Bb]ureau coordonnateur)"
    rf"(?:\s+(?:primaire|élémentaire|secondaire|privée|francophone|en milieu familial))?\s+"
    rf"(?:(?:du|de la|de l['’]|des|de|les|la|le|l['’]|d['’]|à|aux|au|et|en)\s*)*[«“\"]?\s*"
    rf"{_UP}[\w'’-]+(?:[ \u00a0-](?:(?:du|de la|de l['’]|des|de|les|la|le|l['’]|"
    rf"d['’]|à|aux|au|et|en)\s*)*{_UP}[\w'’-]+)*)"
)
_NATION = re.compile(
    rf"(?<!\w)(?P<it>(?:{_UP}[\w'’‘:̱-]+[ \u00a0]+){{1,3}}(?:First Nation|Indian "
    rf"Band|Band|Reserve|Nation|Band Council|Métis Settlement))(?!\w|s\b)"
)


def centres_in(text: str) -> Iterator[PlaceHit]:
    """Centres, schools and other places of work by name."""
    for match in _NAMED_CENTRE.finditer(text):
        hit = _trimmed(text, *match.span("it"))
        if hit and _names_something(text[slice(*hit)]):
            yield PlaceHit(*hit, "centre", 0.85, direct=True, why="the name of a centre or school")
    for match in _FRENCH_CENTRE.finditer(text):
        if fold(match["it"]) not in lists().others:
            yield PlaceHit(
                *match.span("it"), "centre", 0.85, direct=True, why="the name of a centre or school"
            )
    for form in (_CALLED, _LABELLED):
        yield from _by_cue(text, form, 0.75, "a name where a centre is named")
    yield from _by_cue(text, _AT_WEAK, 0.65, "a name where a place of work is named")
    yield from _by_cue(text, _WORK, 0.6, "a name where a place of work is named")
    yield from _by_cue(text, _AT_CENTRE, 0.6, "a name after “at”")
    yield from _by_cue(text, _FROM_CENTRE, 0.5, "a name where a place of work is named")
    yield from _by_cue(text, _ALONE, 0.55, "a name in the form of a centre's")
    for match in _NATION.finditer(text):
        hit = _trimmed(text, *match.span("it"))
        if hit and len(text[slice(*hit)].split()) > 1:
            yield PlaceHit(
                *hit, "community", 0.7, direct=False, why="the name of a nation or community"
            )
    yield from _lower_centres(text)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """A name without the ordinary words that begin it: *The*, *Our*, a weekday."""
    words = list(re.finditer(r"\S+", text[start:end]))
    while words and _leads_in(words[0][0], begins=_at_head(text, start + words[0].start())):
        words.pop(0)
    return (start + words[0].start(), end) if words else None


def _leads_in(word: str, *, begins: bool) -> bool:
    low = fold(word.strip(".,"))
    return low in LEADERS or (
        begins and low.endswith("ing") and low in ("working", "leaving", "visiting", "joining")
    )


def _at_head(text: str, start: int) -> bool:
    return not text[:start].strip() or text[:start].rstrip()[-1] in '.!?:;\n“"'


def _names_something(name: str) -> bool:
    """Whether a name holds a word that is not the field's own."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", name)
    own = [w for w in words if fold(w) not in GENERIC and fold(w) not in ("of", "de", "et")]
    if fold(name) in lists().others or not own:
        return False
    return not all(fold(w) in lists().others for w in own) or len(words) > 3  # noqa: PLR2004  # Cariboo Kids Child Care


def _by_cue(text: str, form: re.Pattern[str], score: float, why: str) -> Iterator[PlaceHit]:
    for match in form.finditer(text):
        hit = _trimmed(text, *match.span("it"))
        if hit and _may_be_centre(text[slice(*hit)]):
            yield PlaceHit(*hit, "centre", score, direct=score >= 0.7, why=why)  # noqa: PLR2004  # surer than a guess


def _may_be_centre(name: str) -> bool:
    words = name.split()
    known = lists()
    low = fold(name)
    first = fold(words[0].strip(".,'’"))
    if low in known.others or low in known.towns or low in known.doubtful_towns:
        return False
    if first in known.first or (
        len(words) == 1 and (first in known.doubtful or first in known.others)
    ):
        return False
    if not any(len(w) >= 3 and w[0].isupper() for w in words):  # noqa: PLR2004  # as 67 I
        return False
    plain = [
        w for w in words if fold(w) not in GENERIC and fold(w.strip("'’s")) not in known.others
    ]
    if not plain or all(w.isupper() for w in words) or first in ("zoom", "google", "facebook"):
        return False
    if len(words) == 1:
        return len(name) > 3 and not is_english(low)  # noqa: PLR2004  # an abbreviation
    persons = fold(words[-1]) in known.surnames and (
        first in known.doubtful or not is_english(first)
    )
    return not persons and not fold(" ".join(words[:2])).startswith(("early years", "circle time"))


def _lower_centres(text: str) -> Iterator[PlaceHit]:
    for match in _LOWER_CENTRE.finditer(text):
        words = [fold(word) for word in re.findall(r"[\w'’-]+", match["it"])]
        keys = set(
            re.findall(
                r"[\w'’-]+", "daycare day care preschool pre-school child childcare kids tots"
            )
        )
        own = [w for w in words if w not in GENERIC and w not in keys and w not in LEADERS]
        if own and words[0] not in GENERIC - FIRST_WORDS and not PLAIN_LEAD.intersection(words):
            yield PlaceHit(
                *match.span("it"), "centre", 0.5, direct=False, why="a centre named in lower case"
            )


# ── rooms ───────────────────────────────────────────────────────────────────────────────

_ROOM_KEY = r"(?:[Rr]oom|[Cc]lassroom)"
_CAP_ROOM = re.compile(
    rf"(?<![\w’'-])(?P<it>{_UP}[\w'’-]*(?:[ \u00a0](?:and |& "
    rf")?{_UP}[\w'’-]*){{0,2}}[ \u00a0]{_ROOM_KEY}s?)(?![\w-])"
)
_CAP_GROUP = re.compile(
    rf"(?<![\w’'-])(?P<it>{_UP}[\w'’-]*(?:[ \u00a0]{_UP}[\w'’-]*){{0,2}}[ "
    rf"\u00a0](?:Class|Group|Pod|Den|Nest|Wing))(?![\w-])"
)
_NUMBER_ROOM = re.compile(
    r"(?<!\w)(?P<it>(?:[Rr]oom|[Cc]lassroom|[Ss]alle|[Ll]ocal)[ "
    r"\u00a0](?:[A-Z]?\d{1,3}[A-Z]?(?:[ \u00a0](?:West|East|North|South))|"
    r"[A-Z]\d{1,3}|\d{1,3}[A-Z]|[A-F](?=[\s,.;)])(?!\s+[a-z]+\s+(?:was|is))))(?!\w)"
)
_LOWER_ROOM = re.compile(
    rf"(?<![\w-])(?P<it>(?:little |busy |wee |baby )?(?:{KINDS_OF_ROOM})(?:['’]s?)? "
    rf"(?:room|classroom|class|group|pod)s?)(?![\w-])",
    re.IGNORECASE,
)
_CAP_BEASTS = re.compile(
    r"(?<![\w-])(?:[Ii]n|[Ww]ith|[Tt]o|[Ff]rom|[Oo]f|[Oo]ver|[Bb]etween|[Aa]nd|my|our|for)\s+"
    rf"(?:the\s+)?(?P<it>(?:[A-Z][a-z]+ )?(?:{CAPITAL_GROUPS}))(?![\w-])"
)
_FRENCH_ROOM = re.compile(
    rf"(?<!\w)(?P<it>(?:[Ll]ocal|[Ss]alle|[Gg]roupe|[Cc]lasse|[Pp]ouponnière) (?:des "
    rf"|de la |du |les )?[«“\"]?\s?{_UP}[\w'’-]+(?: {_UP}[\w'’-]+)?)"
)


def rooms_in(text: str, *, french: bool = False) -> Iterator[PlaceHit]:
    """Rooms and groups by the name that a centre gave them."""
    why = "the name of a room or group"
    for form in (_CAP_ROOM, _CAP_GROUP):
        for match in form.finditer(text):
            hit = _trimmed(text, *match.span("it"))
            if hit and _is_room(text[slice(*hit)]):
                yield PlaceHit(*hit, "room", 0.75, direct=False, why=why)
    for form in (_NUMBER_ROOM, _LOWER_ROOM, _CAP_BEASTS):
        for match in form.finditer(text):
            if "room only" not in match[0]:
                yield PlaceHit(*match.span("it"), "room", 0.65, direct=False, why=why)
    if french:
        for match in _FRENCH_ROOM.finditer(text):
            yield PlaceHit(*match.span("it"), "room", 0.65, direct=False, why=why)


def _is_room(name: str) -> bool:
    words = [fold(re.sub(r"['’]s?$", "", w)) for w in name.split()]
    if len(words) < 2 or fold(name) in lists().others:  # noqa: PLR2004  # Room alone
        return False
    return any(
        w not in ORDINARY_ROOMS and w not in PLAIN_GROUPS and w not in GENERIC for w in words[:-1]
    )


# ── towns ───────────────────────────────────────────────────────────────────────────────

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
    rf"[Aa]round)\s+(?P<it>(?:{_UP}[\w'’-]+[ \u00a0]){{1,2}}(?:Lake|Creek|River|Bay|"
    r"Harbour|Falls|Island|Valley|Beach|Springs|Hill|Mountain|Landing|Crossing|"
    r"Mills|Arm|Inlet|Flats|Cove|Point|Head|"
    r"Heights|Junction|Corners|Ridge|Pass|Narrows|Sound|Prairie|Plains|House|City|"
    r"Town|Village|Forks|Meadows|Mission|Reserve|Park))(?!\w)"
)
_FORT = re.compile(
    rf"(?<!\w)(?P<it>(?:Fort|Port|Mount|Saint|Sainte|St\.|Ste\.|St|Ste|Lac|Baie|"
    rf"Rivière|Saint-|New|Lake|Cape|Camp)[ \u00a0-]{_UP}[\w'’-]+(?:-[\w'’-]+)*)"
)
_UNKNOWN = re.compile(
    rf"(?<!\w)(?P<cue>[Ii]n|[Ff]rom|[Nn]ear|[Oo]utside|moved to|move to|drove to|"
    rf"went to|go to|back to|travelled to|flew to|live in|à|vers)\s+"
    rf"(?P<it>{_UP}[\w'’-]+(?:[ \u00a0]{_UP}[\w'’-]+)?)(?![\w’'-])"
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
        hit = _trimmed(text, *match.span("it"))
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
    yield from _unknown_towns(text, parsed)


def _town(text: str, match: re.Match[str]) -> tuple[float, str] | None:
    word = text[match.start() : match.end()]
    lead = text[max(0, match.start() - 30) : match.start()]
    province = _PROVINCE.match(text, match.end())
    if _NOT_TOWN_AFTER.match(text, match.end()) and not province:
        return None
    cued = bool(province) or bool(_PREPOSITION.search(lead)) or _ends_address(text, match)
    capital = word[0].isupper() or word[0].isdigit()
    if match["doubt"]:
        sure = capital and cued and not re.match(r"['’]s\s", text[match.end() : match.end() + 3])
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
