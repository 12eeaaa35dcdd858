"""What tells a name from a word where the lists are silent: who follows, typing slips, French.

Each function looks at one thing and says yes or no; `names`, `singles` and `lower` weigh them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reflect_analysis.anonymity.cues import ACTIONS, MONTHS, ROLES, SEASONAL, SPEECH
from reflect_analysis.anonymity.wordlists import fold, in_dictionary, is_english, lists, word_set
from reflect_analysis.anonymity.words import Word

__all__ = [
    "FRENCH_SMALL",
    "PAST",
    "STRONG_LEAD",
    "VIRTUES",
    "VOCATIVE",
    "is_compound",
    "is_described",
    "is_french_small",
    "is_given",
    "is_label",
    "is_misspelt",
    "near_calendar",
]

FRENCH_SMALL = word_set(
    "avant apres pendant depuis dans avec sans sous sur pour par chez entre vers contre des selon "
    "malgre lors quand lorsque puis ensuite alors mais donc car ni or si comme cette ce cet ces "
    "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs un une le la les du de au aux "
    "je tu il elle on nous vous ils elles en ne pas plus moins tres bien tout toute tous toutes "
    "chaque autre meme hier aujourd'hui demain matin soir midi enfin aussi toujours jamais souvent "
    "parfois encore voici voila c'est est il a quel quelle quels quelles qui que quoi dont ou "
    "pourquoi comment combien beaucoup peu trop assez oui non peut-etre sauf durant envers parmi "
    "autour apres-midi aucune aucun plusieurs quelques certains certaines ici cela ceci ca rien "
    "personne quelqu'un deux trois quatre cinq six sept huit neuf dix premiere premier derniere "
    "heureusement malheureusement bref bon bonne petit petite grand grande enfants parents janvier "
    "fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi "
    "mercredi jeudi vendredi samedi dimanche noel paques careme toussaint halloween action nouvel "
    "jour an fete saint-jean epiphanie chandeleur ramadan hiver printemps ete automne vacances "
    "relache rentree semaine mois annee journee maman papa merci bonjour salut allo"
)
# Those that are no English word and no name: taken for French in any text.
_FRENCH_ANYWHERE = word_set(
    "avant apres pendant depuis avec sans pour chez selon malgre lorsque quand puis ensuite alors "
    "mais donc cette notre votre leur leurs nous vous elle elles chaque hier demain aujourd'hui "
    "toujours jamais souvent parfois encore voici voila beaucoup aussi enfin heureusement"
)
PAST = word_set(
    "came went took gave sat stood ran brought looked made got left showed held helped handed "
    "pushed pulled threw picked built started stopped joined kept tried stayed slept ate drew "
    "danced sang played was had did called worked lived moved covered paid sent bought cleaned "
    "listened drove bit kicked climbed jumped found turned taught spent met said told asked hid "
    "fell spoke wrote read woke broke chose flew grew knew rode rose saw shook stole swam wore won "
    "fed felt heard hurt laid lent lost meant sold shot spilled swept thought caught cried tripped"
)
VIRTUES = word_set(
    "hope joy grace faith love charity patience mercy honor honour prudence constance harmony "
    "peace serenity clarity destiny karma bliss glory legacy verity liberty justice temperance "
    "trinity"
)
_AFTER_IS = re.compile(
    r"(?i)\s+(?:is|was|has|['’]s|est)\s+(?:(?:also|now|still|only|both)\s+)?(?:"
    r"(?:my|our|the|a|an|his|her|their|your|one of (?:my|our|"
    r"the))\s+(?:[\w-]+\s+){0,2}(?P<role>[\w-]+)"
    r"|(?P<state>(?:in|from|off|back at|back from) (?:the )?(?:hospital|work|bed|surgery|sick|"
    r"town)|"
    r"sick|away|late|absent|hired|pregnant|retiring|retired|crying|laughing|asleep|hiding|teething|"
    r"upset|leaving|home|born|(?:two|three|four|five|six|[2-6])(?: and a half)?(?: years| now|"
    r"[.,;!])))"
)
_DID = re.compile(
    r"(?i)\s+(?:(?:brought|took|lost|forgot|left|found|wore|dropped|had|gave|threw|broke|packed|"
    r"ate|hurt|got)"
    r"\s+(?:her|his)\b|(?:hired|trained|interviewed|emailed|texted|phoned|whispered|giggled|"
    r"napped)\b|"
    r"(?:has|had)\s+(?:an?\s+)?(?:cough|cold|fever|rash|birthday|meltdown|day off|baby|sister|"
    r"brother|"
    r"runny|ear|tummy|doctor|appointment|allerg)|and (?:her|his) (?:mom|mum|dad|mother|father|"
    r"sister|"
    r"brother|baby|twin|family|parents|grandma|friend|partner|husband|wife|team|group)\b)"
)
_MAY_DO = re.compile(
    r"(?i)\s+(?:will|won['’]?t|can|can['’]?t|could|would)\s+(?:cover|bring|call|text|email|open|"
    r"close|be "
    r"(?:late|away|off|back|here|there)|lead|sub|drive|nap|eat|phone|train|teach|cook|fill in)\b"
)
_PRONOUN = re.compile(r"(?i)\b(?:she|he|her|his|him|herself|himself|elle)\b")
_BRACKET = re.compile(
    r"(?i)\s*\((?:(?:the|a|an|my|our|not|that['’]?s|who|she|he|her|his|also|both|they|aged?|from|"
    r"kid|child|mentor|educator|ece|dad|mom|mum)\b|\d(?:\.\d)?(?:\s?(?:yrs?|years?|mo|y/?o))?\))"
)
_APPOSED = re.compile(
    r"(?i)\s*,\s*(?:born|b\.|who(?:se)?|aged?)\b|\s+the\s+(?:educator|mentor|director|teacher|"
    r"sub|cook|"
    r"student|supervisor|manager|toddler|baby|mentee|ece|principal|nurse)\b"
)
_FROM = re.compile(
    r"(?i)\s+from\s+(?:(?:the\s+)?(?:work|licen[cs]ing|upstairs|downstairs|across|next|accounting|"
    r"head|office|payroll|kitchen|college|toddlers?|infants?|preschool|hr|school|board|agency|"
    r"ministry|band|centre|center|church|bank|store|city|union|early|other|room|ccrr|down|up|my|"
    r"our)"
    r"\b|(?-i:[A-Z]))"
)
_ADVERB = re.compile(
    r"(?i)\s+(?:always|never|often|just|still|also|usually|finally|only|then)\s+([a-z]+)"
)
STRONG_LEAD = re.compile(
    r"(?i)\b(?:(?:paired|partnered|matched|shifts?|lunch|coffee|sat|teamed|opened|closed|opening|"
    r"closing|spoke|co-?taught|carpool(?:ed|ing)?|partners|bestie|besties|friends|on the floor|"
    r"in the room|chat(?:ted|ting)?) (?:up )?with|(?:thanks|thx|thank you|shout ?outs?|kudos|props|"
    r"hugs|ty|credit|cheers) (?:go(?:es)? )?to|texted|emailed|messaged|paged|phoned|asked|tell|"
    r"told|"
    r"me and|myself and|me \+|i and)\s+$"
)
VOCATIVE = re.compile(r"\s*,\s*(?:you|can|could|please|we|i|come|are|stop|look|wait|thank)\b")


def is_given(low: str) -> bool:
    """Whether a folded word is a given name, a hyphenated one by its parts.

    Examples
    --------
    >>> is_given("maria"), is_given("anne-sofia"), is_given("window")
    (True, True, False)
    """
    known = lists()
    if low in known.first or low in known.others:
        return low in known.first
    parts = low.split("-")
    return (
        len(parts) > 1
        and (parts[0] in known.first or parts[-1] in known.first)
        and all(p in known.first | known.doubtful or not is_english(p) for p in parts)
    )


def is_french_small(low: str, *, french: bool) -> bool:
    """Whether a word is one of French's small ones, or of its calendar."""
    return low in (FRENCH_SMALL if french else _FRENCH_ANYWHERE)


_SECOND_PARTS = word_set(
    "time times day days room rooms work house ball book books board land paper stick sticks box "
    "boxes care play dough bin bins table side line lines wear mess making school night week gear"
)


def is_compound(low: str) -> bool:
    """Whether a word is two ordinary ones written together: *snacktime*."""
    for cut in range(3, len(low) - 2):
        if low[cut:] in _SECOND_PARTS and in_dictionary(low[:cut]):
            return True
    return False


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CALENDAR = word_set(
    "january february march april june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday christmas thanksgiving halloween easter "
    "novembre decembre septembre octobre fevrier janvier juillet"
)
_LONG_ENOUGH = 6


@lru_cache(maxsize=20_000)
def near_calendar(low: str) -> bool:
    """Whether a word is a month, a day or a holiday with a slip of the fingers: *Febuary*.

    Examples
    --------
    >>> near_calendar("febuary"), near_calendar("wendesday"), near_calendar("augustina")
    (True, True, False)
    """
    if len(low) < _LONG_ENOUGH or low in lists().first:
        return False
    return any(word in _CALENDAR for word in _one_slip(low))


_LABEL = re.compile(
    r"(?m)^\W*(?:\d[\d:.]*\W*(?:[ap]\.?m\.?\W*)?)?(?P<it>[^\W\d_][\w'’-]*)(?:\s[A-Z][\w.'’-]*)?\s?:"
)


def is_label(text: str, word: Word) -> bool:
    """Whether a word speaks in a chat or list, where another line begins with a sure name."""
    if not re.match(r"\s?:", text[word.end : word.end + 2]):
        return False
    labels = list(_LABEL.finditer(text))
    others = [m["it"] for m in labels if m.start("it") != word.start]
    here = any(m.start("it") == word.start for m in labels)
    return here and any(is_given(fold(other)) for other in others)


@lru_cache(maxsize=5_000)
def is_misspelt(low: str) -> bool:
    """Whether a longer word is an ordinary one with a slip of the fingers."""
    if low in _CALENDAR or near_calendar(low):
        return True
    return len(low) >= _LONG_ENOUGH and any(in_dictionary(word) for word in _one_slip(low))


def _one_slip(low: str) -> set[str]:
    """What a word may have been before a letter was lost, added, changed or swapped."""
    cuts = [(low[:n], low[n:]) for n in range(len(low) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    lost = {a + letter + b for a, b in cuts for letter in _LETTERS}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
    return swapped | lost | changed | {a + b[1:] for a, b in cuts if b}


def is_described(text: str, word: Word) -> bool:  # noqa: PLR0911  # one ground after another, the surest first
    """Whether what follows a word that may be a name speaks of a person."""
    tail = text[word.end : word.end + 110]
    if _BRACKET.match(tail):
        return word.low not in MONTHS or not re.match(r"\s*\(\d", tail)
    if _FROM.match(tail) or _APPOSED.match(tail):
        return word.low not in MONTHS
    if _DID.match(tail) or (_MAY_DO.match(tail) and word.low not in MONTHS):
        return True
    adverb = _ADVERB.match(tail)
    if adverb and (adverb[1] in SPEECH | ACTIONS):
        return word.low not in VIRTUES and not (word.low in MONTHS and adverb[1] in SEASONAL)
    match = _AFTER_IS.match(tail)
    if match is None:
        return _told_on(tail, word)
    if match["state"]:
        return True
    return match["role"].lower() in ROLES or any(w in ROLES for w in match[0].lower().split()[2:])


def _told_on(tail: str, word: Word) -> bool:
    """Whether *is*, *was* or *has* follows, and *she* or *he* in the same sentence."""
    sentence = re.split(r"[.!?\n]", tail, maxsplit=1)[0]
    verb = re.match(r"(?i)\s+(?:is|was|has|had|will|can|did|does|and i)\b", sentence)
    return bool(verb) and word.low not in MONTHS and bool(_PRONOUN.search(sentence))
