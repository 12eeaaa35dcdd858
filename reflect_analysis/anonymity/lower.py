"""Names in lower case: those of the lists, and any word where a person is named."""

from __future__ import annotations

import re

from reflect_analysis.anonymity.around import Search, is_plural, is_taken, take, taken_ends
from reflect_analysis.anonymity.cues import (
    ACTIONS,
    CLAUSE_HEADS,
    DOUBTFUL_IN_LOWER,
    HONORIFICS,
    LINE_END,
    NAMES_IN_LOWER,
    PERSON_CALLED,
    ROLES,
    SEASONAL,
    SHORTEST,
    SPEECH,
    SURE_NAME_IS,
    VERBS,
    WORDS_IN_LOWER,
)
from reflect_analysis.anonymity.hints import (
    PAST,
    STRONG_LEAD,
    VIRTUES,
    VOCATIVE,
    is_described,
)
from reflect_analysis.anonymity.wordlists import (
    fold,
    is_english,
    is_function_word,
    lists,
    word_set,
)
from reflect_analysis.anonymity.words import Word

__all__ = ["take_lower"]


def take_lower(search: Search) -> None:
    """Names in lower case: those of the list, and any word where a person is named."""
    for number, word in enumerate(search.words):
        if word.capital or number in search.blocked or is_taken(search, number):
            continue
        if word.text.endswith(("é", "ée", "és", "ées")):  # a French participle: signé
            continue
        why = _lower(search, number)
        if why:
            last = _lower_surname(search, number)
            take(search, number, last, 0.6 if last > number else 0.5, why, full=last > number)


def _lower(search: Search, number: int) -> str:  # noqa: PLR0911  # one ground after another, the surest first
    """Why a word in lower case is a name, or nothing."""
    word = search.words[number]
    known = lists()
    strong = word.low in known.first
    if search.before(number) in word_set("mr mrs ms miss mme") and (
        strong or word.low in known.surnames | known.doubtful or not is_english(word.low)
    ):
        return "a word after a title, in lower case"
    if word.low in NAMES_IN_LOWER and not search.french:
        owned = search.before(number) in word_set("the a an my your his her no")
        return "" if owned else "a given name from the list, in lower case"
    if word.low in known.rare and (len(word.low) <= _LONG + 1 or is_english(word.low)):
        strong = False
    sure = strong and word.low not in WORDS_IN_LOWER and len(word.low) >= SHORTEST
    if sure and search.french and len(word.low) > _LONG and word.low not in known.rare:
        return "a given name from the list, in lower case"
    if sure and not search.french and (len(word.low) > SHORTEST or not is_english(word.low)):
        return "a given name from the list, in lower case"
    if not search.french and _owns_plainly(search, number):
        return "a given name from the list with a plain s, in lower case"
    listed = word.low in known.first or word.low in DOUBTFUL_IN_LOWER
    if word.low in known.doubtful and not is_function_word(word.low) and not _is_verb(word):
        listed = listed or _told_of(search, number)
    if not listed and (is_english(word.low) or search.french or len(word.low) < 2):  # noqa: PLR2004  # a letter
        return ""
    return _lower_cue(search, number, listed=listed)


def _lower_cue(search: Search, number: int, *, listed: bool) -> str:  # noqa: PLR0911  # one ground after another, the surest first
    word = search.words[number]
    lead = search.lead(number)
    previous = search.before(number)
    following = search.after(number)
    what = "a word in lower case where a person is named"
    if PERSON_CALLED.search(lead) or SURE_NAME_IS.search(lead):
        return what
    if not listed:
        role = previous in ROLES and following is not None and following.low in VERBS | ACTIONS
        return what if role and _owned(search, number - 1) else ""
    if previous in ROLES and not search.words[number - 1].owns and _owned(search, number - 1):
        return what
    if _is_met(search, number):
        return what
    if previous in HONORIFICS | word_set("little lil"):
        return what
    if (
        following is not None
        and following.low in VERBS
        and previous
        not in word_set(
            "the a an my his her our your their of in for to much no more this that some any"
        )
    ):
        return what
    if _signed(search, number) or _beside(search, number) or _does(search, number):
        return what
    role = bool(re.search(r",\s*$", lead)) and any(
        w in ROLES for w in re.findall(r"[\w-]+", fold(lead))[-5:]
    )
    return (
        what
        if role and search.text[word.end : word.end + 1] == "," and not is_plural(word.low)
        else ""
    )


def _owns_plainly(search: Search, number: int) -> bool:
    """Whether a name owns something without its apostrophe: *jordyns mom*."""
    word, following = search.words[number], search.after(number)
    name = word.low[:-1]
    sure = _is_usual(name) and not is_english(name)
    return sure and is_plural(word.low) and following is not None and not is_english(word.low)


def _is_usual(low: str) -> bool:
    known = lists()
    return low in known.first and low not in known.rare and low not in WORDS_IN_LOWER


def _is_verb(word: Word) -> bool:
    return word.low in SPEECH | ACTIONS or word.tag.startswith("VB")


def _told_of(search: Search, number: int) -> bool:
    """Whether a doubtful name stands where only a person does: *a boy called ocean*."""
    lead, following = search.lead(number), search.after(number)
    role = (
        search.before(number) in ROLES
        and following is not None
        and following.low in SPEECH | ACTIONS
    )
    titled = search.before(number) in HONORIFICS
    return titled or bool(PERSON_CALLED.search(lead)) or (role and _owned(search, number - 1))


def _is_met(search: Search, number: int) -> bool:  # noqa: PLR0911  # one ground after another, the surest first
    """Whether one was met, thanked or spoken to, is described, or stands among the names."""
    word, lead = search.words[number], search.lead(number)
    previous = search.before(number)
    following = search.after(number)
    if previous in _BEFORE_THINGS or re.search(r"\d", word.gap):
        return False
    if STRONG_LEAD.search(lead) and word.low not in _STUFF:
        return word.low != "will" or following is None
    if previous in ("and", "&") and number > 1 and (number - 2) in taken_ends(search):
        return word.low not in VIRTUES | _STUFF or bool(STRONG_LEAD.search(search.lead(number - 2)))
    if word.gap.strip() == "," and (number - 1) in taken_ends(search):
        return word.low not in _STUFF
    told = search.text[word.end :]
    if re.search(r"(?i)\b(?:said|says|say|hey|hi|ok|okay|told|asked)\s+$", lead):
        return bool(VOCATIVE.match(told))
    if following is not None and word.low in ("will", "may") and following.low in PAST:
        return previous not in _PRONOUNS
    if not search.lower:
        return False
    if previous in _DONE_TO:
        return word.low not in _STUFF | VIRTUES
    head = word.begins or not previous or previous in CLAUSE_HEADS
    if head and word.low not in VIRTUES:
        past = following is not None and (following.low in PAST or following.tag == "VBD")
        doing = re.match(r"\s+(?:was|is)\s+\w+ing\b", told)
        return past or bool(doing) or is_described(search.text, word)
    return bool(re.match(r"\s*,\s*[a-z]+", told)) and _name_next(search, number)


def _name_next(search: Search, number: int) -> bool:
    """Whether a sure given name stands behind the comma, and a verb before: *is dee, lorna*."""
    following = search.word(number + 1)
    return (
        following is not None
        and following.gap.strip() == ","
        and _is_usual(following.low)
        and not is_english(following.low)
    )


_LONG = 4
_BEFORE_THINGS = word_set(
    "the a an my your his her our their this that some any no more much little of in on its these"
)
_SKIES = word_set(
    "dawn autumn summer winter spring sky rain sunshine star moon ocean river brook snow storm"
)
_DONE_TO = word_set(
    "bit hit pushed hugged kicked scratched comforted tackled bumped tickled poked shoved chased "
    "texted paged emailed phoned thanked"
)
_PRONOUNS = word_set("i you he she we they it that this who which there kids children")
_STUFF = word_set(
    "clay art music paint basil sage lavender rose sand rain snow play water rosemary thyme ivy "
    "holly lego dot ginger olive honey brandy pepper cherry berry jade ruby amber coral"
)


def _does(search: Search, number: int) -> bool:
    """Whether a listed word begins a clause and does something, in a text without capitals."""
    word, following = search.words[number], search.after(number)
    if not search.lower or following is None:
        return False
    head = word.begins or not search.before(number) or search.before(number) in CLAUSE_HEADS
    if not head or (word.low in _SKIES and following.low in SEASONAL):
        return False
    plain = word_set("is was has had does did who a est")
    if following.low in ACTIONS - plain - {"and"}:
        return True
    rest = [w.low for w in search.words[number + 1 : number + 10]]
    return following.low in plain and bool({"she", "he", "her", "his"}.intersection(rest))


def _owned(search: Search, number: int) -> bool:
    """Whether a role stands as *my mentor*, *our new director*, *coworker* at the head."""
    owners = word_set(
        "my our the his her their your this that new old dear ma mon notre a and with"
    )
    return (
        any(search.before(n) in owners for n in (number, number - 1)) or search.words[number].begins
    )


def _signed(search: Search, number: int) -> bool:
    """Whether a word alone is greeted, or signs at the end of a line."""
    lead = search.lead(number, 30)
    ends = LINE_END.match(search.text, search.words[number].end)
    last = number == len(search.words) - 1
    greeted = re.search(
        r"(?i)(?:^|[\n.!?]\s*)(?:hi|hello|hey|dear|thanks|thank you|ty|bye|"
        r"bonjour|salut|merci)(?: so much| again| all| "
        r"everyone| folks| team| again)?\s*,?\s*(?:it['’]?s|its|this is|c['’]est)?\s*$",
        lead,
    )
    signed = re.search(
        r"(?i)(?:\n\s*[–—~-]*\s*|\s[–—~]\s*|\s-\s*|(?:thanks|love|cheers|hugs|xo|regards)"
        r"(?: u| you| to)?(?: all)?,?\s+)$",
        lead,
    )
    tail = search.after(number)
    again = tail is not None and tail.low in ("again", "here", "from", "and")
    return bool(
        (
            greeted
            and (
                ends
                or again
                or search.text[search.words[number].end : search.words[number].end + 1] in ",!"
            )
        )
        or (signed and ends and last)
    )


def _beside(search: Search, number: int) -> bool:
    """Whether a word stands as *x and i*, *me and x*, or beside a name that was taken."""
    previous, following = search.before(number), search.after(number)
    if following is not None and following.low == "and":
        second = search.word(number + 2)
        if second is not None and second.low == "i":
            return True
        listed = second is not None and second.low in lists().first
        if listed and second is not None and second.low not in WORDS_IN_LOWER:
            return True
    if previous == "and" and number >= 2:  # noqa: PLR2004  # X and Y
        return search.words[number - 2].low == "me" or (number - 2) in taken_ends(search)
    return False


def _lower_surname(search: Search, number: int) -> int:
    """The place of a surname in lower case that follows, or the place itself."""
    following = search.after(number)
    if following is None or following.capital or search.words[number].owns:
        return number
    known = lists()
    plain = is_english(following.low) and following.low not in known.surnames
    if (
        plain
        or len(following.low) < SHORTEST
        or (following.low in known.first and is_english(following.low))
    ):
        return number
    if following.low in known.surnames and following.low in word_set("brown young parent may long"):
        return number
    return number + 1 if not search.french or following.low in known.surnames else number
