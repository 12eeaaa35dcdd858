"""Where a story happened: centres, schools, communities; `towns` and `rooms` have the others.

A place is named by a list (towns), by its last words (*Child Care Centre*), or by the words
before it (*I work at*). A province or a country is no finding: it holds too many people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reflect_analysis.anonymity.place_words import (
    FIRST_WORDS,
    GENERIC,
    LEADERS,
    PLAIN_LEAD,
)
from reflect_analysis.anonymity.wordlists import fold, is_english, is_function_word, lists

__all__ = ["CAPITAL", "PlaceHit", "centres_in", "trimmed"]


class PlaceHit(NamedTuple):
    """A stretch that may name a place."""

    start: int
    end: int
    kind: str
    score: float
    direct: bool
    why: str


CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_CAP = rf"(?:{CAPITAL}[\w'’‘-]*\w|{CAPITAL}\b\.?|\d{{1,3}}\b)"
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
    rf"(?<![\w’'-])(?P<it>(?:{CAPITAL}[\w'’-]+[ \u00a0]){{1,3}}(?:Tots|Kidz|Kids|Sprouts)|"
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
_HEAD_LOWER_CENTRE = re.compile(
    rf"(?m)(?:^|[.!?:;,]\s+|\b(?:and|or|of|the|our|my|called|named|sub at|against)\s+)[-*•\s]*"
    rf"(?P<it>(?:[a-zà-ÿ][\w'’-]{{1,30}}\s+){{1,3}}(?:{_LOWER_KEYS}|(?:forest|nature) school|"
    rf"playgroup|kids club|"
    rf"nursery|co-?op preschool|day ?home|after ?school(?: care)?|oosc?))(?![\w'’-])"
)
_ORGANISATION = re.compile(
    rf"(?<!\w)(?P<it>(?:YM-?YWCA|YMCA|YWCA|BGC|Boys (?:and|&) Girls Club)s?\s+(?:of|at|in|de)"
    rf"\s+(?:the\s+)?"
    rf"{CAPITAL}[\w'’-]+(?:[ \u00a0]{CAPITAL}[\w'’-]+)*|"
    rf"{CAPITAL}[\w'’-]+(?:[ \u00a0]{CAPITAL}[\w'’-]+)?[ \u00a0](?:YM-?YWCA|YMCA|YWCA|BGC))(?!\w)"
)
_EMPLOYER = re.compile(
    rf"\b(?:I|[Ww]e|she|he|they|[Ss]he|[Hh]e|[Tt]hey)(?:['’]ve|['’]d| have| had)?\s+(?:just |"
    rf"finally |recently |also )?"
    rf"(?:left|quit|joined|applied (?:to|at)|interviewed (?:at|with)|came (?:back )?to|"
    rf"returned to|subbed (?:at|for)|"
    rf"tour(?:ed)?|toured|opened|run|ran|manage|managed|own|owned)\s+(?:the\s+)?"
    rf"(?P<it>{_CAP}(?:(?:\s+{_OF})?[ \u00a0]+{_CAP}){{1,4}})(?![\w'’-])"
)
_FATE = re.compile(
    rf"(?<![\w’'-])(?P<it>{_CAP}(?:(?:\s+{_OF})?[ \u00a0]+{_CAP}){{1,4}})(?=\s+(?:closed|"
    rf"is closing|shut|has closed|had closed|"
    rf"closes|opened|is open|is hiring|was hiring|reopened|expanded|lost (?:its|their)"
    rf" licen[cs]e|laid off|unionized|"
    rf"has a wait|had a wait|is full|took over|merged|ferme|a fermé|ouvre|a ouvert)\b)"
)
_FRENCH_WORK = re.compile(
    rf"(?:\b(?:stage|travaill\w+|emploi|poste|engagée?|embauchée?|remplace(?:ment)?s?|œuvre|"
    rf"bénévolat)\s+(?:\w+\s+){{0,2}}?"
    rf"(?:à|au|aux|chez|pour)\s+)(?P<it>(?:(?:la|le|les|l['’])\s*)"
    rf"?{CAPITAL}[\w'’-]+(?:[ -](?:d(?:e|u|es)\s+)?{CAPITAL}[\w'’-]+)*)"
)
_FRENCH_LOWER = re.compile(
    r"(?<![\w'’-])(?P<it>(?:garderie|cpe|c\.p\.e\.|halte-garderie|pr[ée]-?maternelle|"
    r"service de garde|jardin d['’]enfants)"
    r"\s+(?:les|la|le|aux|au)\s+(?P<own>[a-zà-ÿ][\w'’-]+(?:\s+(?:de\s+|du\s+|des\s+|en\s+|d['’])"
    r"?[a-zà-ÿ][\w'’-]+)?))"
    r"(?=\s*(?:[.,;:!?)\n]|$|est\b|a\b|et\b|à\b|où\b|qui\b|ferme|cherche))"
)
_FRENCH_DAYS = re.compile(
    r"(?:matin|soir|midi|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jour|mois|semaine|"
    r"plus|moins|"
    r"même|premi|derni|prochain|temps|enfants?|parents?|année|même|meilleur|seul|deux|trois)"
)
_APPOSED_CENTRE = re.compile(
    rf"(?i:\b(?:our|my|the|a|small|little)\s+(?:centre|center|daycare|school|preschool|program|"
    rf"childcare))"
    rf"\s*[,(–—]\s*(?P<it>{_CAP}(?:(?:\s+{_OF})?[ \u00a0]+{_CAP}){{1,5}})(?=\s*[,.;)–—])"
)
_WORKS_AT = re.compile(
    rf"(?i:\b(?:work(?:s|ed|ing)?|job|practicum|hired|placement|volunteer(?:s|ed|ing)?|shifts?|"
    rf"sub(?:bed|bing)?|"
    rf"employed|interviewed)\s+(?:\w+\s+)?at\s+(?:the\s+)?)(?P<it>{CAPITAL}[\w'’-]{{3,}})"
    rf"(?![\w’'-]|\s+{CAPITAL})"
)
_FRENCH_CENTRE = re.compile(
    rf"(?<!\w)(?P<it>(?:CPE|C\.P\.E\.|[Gg]arderie|[ÉEée]cole|[Cc]entre(?: éducatif| communautaire| "
    rf"de la petite enfance| préscolaire| de jour)?|[Pp]r[ée]-?maternelle|"
    rf"[Hh]alte-garderie|[Cc]égep|"
    rf"[Cc]ollège|[Uu]niversité|[Ss]ervice de garde|[Jj]ardin d['’]enfants|"
    rf"[Mm]aternelle|[Bb]ureau coordonnateur)"
    rf"(?:\s+(?:primaire|élémentaire|secondaire|privée|francophone|en milieu familial))?\s+"
    rf"(?:(?:du|de la|de l['’]|des|de|les|la|le|l['’]|d['’]|à|aux|au|et|en)\s*)*[«“\"]?\s*"
    rf"{CAPITAL}[\w'’-]+(?:[ \u00a0-](?:(?:du|de la|de l['’]|des|de|les|la|le|l['’]|"
    rf"d['’]|à|aux|au|et|en)\s*)*{CAPITAL}[\w'’-]+)*)"
)
_NATION = re.compile(
    rf"(?<!\w)(?P<it>(?:{CAPITAL}[\w'’‘:̱-]+[ \u00a0]+){{1,3}}(?:First Nation|Indian "
    rf"Band|Band|Reserve|Nation|Band Council|Métis Settlement))(?!\w|s\b)"
)


def centres_in(text: str) -> Iterator[PlaceHit]:
    """Centres, schools and other places of work by name."""
    for match in _NAMED_CENTRE.finditer(text):
        hit = trimmed(text, *match.span("it"))
        if hit and _names_something(text[slice(*hit)]):
            yield PlaceHit(*hit, "centre", 0.85, direct=True, why="the name of a centre or school")
    for match in _FRENCH_CENTRE.finditer(text):
        if fold(match["it"]) not in lists().others:
            yield PlaceHit(
                *match.span("it"), "centre", 0.85, direct=True, why="the name of a centre or school"
            )
    for match in _WORKS_AT.finditer(text):
        low = fold(match["it"])
        listed = low in lists().others | lists().first | lists().towns | GENERIC
        if not listed and not match["it"].isupper():
            why = "a name where a place of work is named"
            yield PlaceHit(*match.span("it"), "centre", 0.5, direct=False, why=why)
    for form in (_CALLED, _LABELLED, _APPOSED_CENTRE):
        yield from _by_cue(text, form, 0.75, "a name where a centre is named")
    yield from _by_cue(text, _AT_WEAK, 0.65, "a name where a place of work is named")
    yield from _by_cue(text, _WORK, 0.6, "a name where a place of work is named")
    yield from _by_cue(text, _AT_CENTRE, 0.6, "a name after “at”")
    yield from _by_cue(text, _FROM_CENTRE, 0.5, "a name where a place of work is named")
    yield from _by_cue(text, _ALONE, 0.55, "a name in the form of a centre's")
    for match in _NATION.finditer(text):
        hit = trimmed(text, *match.span("it"))
        if hit and len(text[slice(*hit)].split()) > 1:
            yield PlaceHit(
                *hit, "community", 0.7, direct=False, why="the name of a nation or community"
            )
    yield from _lower_centres(text)
    yield from _other_centres(text)


def trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
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
        hit = trimmed(text, *match.span("it"))
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
    long = any(len(w) >= 3 and w[0].isupper() for w in words)  # noqa: PLR2004  # as 67 I
    if is_function_word(fold(words[-1])) or not long:  # "Then I shut the door" names no centre
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


def _other_centres(text: str) -> Iterator[PlaceHit]:
    """Clubs that go by their letters, employers, and centres in lower case at the head."""
    for match in _ORGANISATION.finditer(text):
        why = "the name of a centre or school"
        yield PlaceHit(*match.span("it"), "centre", 0.8, direct=True, why=why)
    yield from _by_cue(text, _EMPLOYER, 0.5, "a name where a place of work is left or joined")
    yield from _by_cue(text, _FATE, 0.5, "a name of what opens or closes")
    for match in _FRENCH_WORK.finditer(text):
        low = re.sub(r"^(?:l[ae]s?|l['’])\s*", "", fold(match["it"]))
        if low not in lists().others | lists().towns | lists().doubtful_towns | lists().first:
            why = "a name where a place of work is named"
            yield PlaceHit(*match.span("it"), "centre", 0.5, direct=False, why=why)
    for match in _FRENCH_LOWER.finditer(text):
        if not _FRENCH_DAYS.match(match["own"]):
            why = "a centre named in lower case"
            yield PlaceHit(*match.span("it"), "centre", 0.5, direct=False, why=why)
    for match in _HEAD_LOWER_CENTRE.finditer(text):
        words = [fold(word) for word in re.findall(r"[\w'’-]+", match["it"])]
        own = [w for w in words if w not in GENERIC | PLAIN_LEAD | LEADERS and w not in _KEYS]
        odd = [w for w in own if w.endswith("s") or not is_english(w)]
        plain = PLAIN_LEAD.intersection(words) or any(map(is_function_word, words))
        if (len(own) > 1 or odd) and not plain and not _is_worker(words):
            why = "a centre named in lower case"
            yield PlaceHit(*match.span("it"), "centre", 0.45, direct=False, why=why)


_KEYS = frozenset(re.findall(r"\w+", "daycare day care preschool pre childcare school tots kids"))


def _is_worker(words: list[str]) -> bool:
    """Whether it is a phrase of doing: *we love daycare*."""
    return any(word.endswith(("ing", "ed", "ly")) for word in words)


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
