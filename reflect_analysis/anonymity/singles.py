"""Single capitalised words: whether each is a name, and why."""

from __future__ import annotations

import re

from reflect_analysis.anonymity.around import (
    Search,
    _apposed,
    does_act,
    is_cued,
    is_dated,
    is_listed,
    is_numbered,
    is_plain,
    is_plural,
    surroundings,
    title_before,
)
from reflect_analysis.anonymity.cues import (
    ACTIONS,
    BY_AUTHOR,
    HONORIFICS,
    LOOSE_HONORIFICS,
    MONTHS,
    NAMED,
    PLACE_BEFORE,
    PRONOUNS,
    ROLES,
    SHORTEST,
    SPEECH,
    STORIES,
    THINGS,
    UNCOUNTED,
)
from reflect_analysis.anonymity.hints import (
    PAST,
    STRONG_LEAD,
    is_compound,
    is_described,
    is_french_small,
    is_given,
    is_label,
    is_misspelt,
    near_calendar,
)
from reflect_analysis.anonymity.wordlists import is_english, is_function_word, lists, word_set

__all__ = ["judge_single"]


def judge_single(search: Search, number: int) -> tuple[float, str] | None:  # noqa: C901, PLR0911  # one reason after another, the surest first
    """Whether one capitalised word is a name, and why."""
    word = search.words[number]
    known = lists()
    if len(word.text) == 1:
        titled = title_before(search, number) in HONORIFICS
        return (0.6, "an initial after a title") if titled else None
    if word.low in HONORIFICS:
        return None
    if word.low in known.others and STORIES.search(surroundings(search, number)):
        return None
    if BY_AUTHOR.search(search.lead(number)):
        return None
    prior = _titled(search, number)
    if prior:
        return prior
    if is_given(word.low):
        if word.shouted and len(word.text) <= 3:  # noqa: PLR2004  # ANA may be an abbreviation
            return (0.5, "a given name from the list") if is_cued(search, number, number) else None
        return 0.85, "a given name from the list"
    if word.low in known.doubtful:
        return _doubtful(search, number)
    if word.shouted:
        return _two_letters(search, number)
    if any(letter.isupper() for letter in word.text[2:]) and not _mixed(word.text):
        return None
    return _strange(search, number)


def _two_letters(search: Search, number: int) -> tuple[float, str] | None:
    """Whether two letters do what a person does: *JJ hid under the loft*."""
    word, following = search.words[number], search.after(number)
    if word.low not in _TWO_LETTERS:
        return None
    acts = following is not None and following.low in (PAST | ACTIONS | SPEECH) - {"a", "est"}
    named = acts or word.owns or is_cued(search, number, number)
    return (0.5, "two letters by which a person is called") if named else None


_TWO_LETTERS = word_set("aj bj cj dj ej jj kc kj lj mj pj rj sj tj vj jd")


def _mixed(text: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:Ma?c|O['’]|D['’]|De|La|Le|Di|Da|Du|St|Van|Vander|Von|"
            r"Fitz)?[^\W\d_a-z][^\W\d_A-Z]+(?:['’‘-][^\W\d_]+)*",
            text,
        )
    )


def _titled(search: Search, number: int) -> tuple[float, str] | None:
    """A word after a title such as Mrs or Auntie."""
    title = title_before(search, number)
    word = search.words[number]
    if title in HONORIFICS and word.low not in lists().others:
        return 0.8, "a capitalised word after a title"
    if title in LOOSE_HONORIFICS and (is_listed(word) or not is_english(word.low)):
        return 0.8, "a name after a title"
    return None


def _doubtful(search: Search, number: int) -> tuple[float, str] | None:  # noqa: C901, PLR0911, PLR0912  # one ground after another, the surest first
    """A given name that is also a word: by what stands around it."""
    word = search.words[number]
    why = "a word that is also a given name, where a person is meant"
    if (
        is_function_word(word.low)
        and (word.begins or not is_cued(search, number, number))
        and word.low != "will"
    ):
        return None
    if search.before(number) in PLACE_BEFORE and word.low in lists().doubtful_towns:
        return None
    if word.shouted and _is_emphasis(search, number):
        return None
    if is_label(search.text, word):
        return 0.65, "a word that speaks in a chat, beside a name that does"
    if is_described(search.text, word) or STRONG_LEAD.search(search.lead(number)):
        return 0.65, why
    if _among_others(search, number):
        return 0.55, why
    if is_cued(search, number, number) and not is_numbered(search, number):
        return 0.75, why
    if is_numbered(search, number):
        strange = not is_english(word.low) and not near_calendar(word.low)
        return (0.5, why) if strange and word.low not in MONTHS else None
    if word.low in MONTHS:
        return (
            (0.7, why)
            if does_act(search, number, strictly=word.begins) and not is_dated(search, number)
            else None
        )
    if word.begins:
        return (0.65, why) if does_act(search, number, strictly=word.low in UNCOUNTED) else None
    following = search.after(number)
    if (
        following
        and following.capital
        and following.low not in PRONOUNS
        and not is_listed(following)
    ):
        return None
    if word.shouted or search.before(number) in ("the", "a", "an", "this", "our", "your", "my"):
        return None
    if _among_virtues(search, number):
        return None
    return 0.6, "a capitalised word that is also a given name"


def _is_emphasis(search: Search, number: int) -> bool:
    """Whether a word is in capitals for its weight: no other word near it is, and no role leads."""
    near = [search.word(number + step) for step in (-2, -1, 1, 2)]
    shouting = any(w is not None and w.shouted for w in near)
    return not shouting and search.before(number) not in ROLES | NAMED | HONORIFICS


def _among_others(search: Search, number: int) -> bool:
    """Whether several of one name are told: *two Roses*."""
    return search.before(number) in ("two", "three", "both") and is_plural(search.words[number].low)


def _among_virtues(search: Search, number: int) -> bool:
    """Whether ordinary capitalised words stand beside it in a list: *Trust, Patience, Courage*."""
    nearby = [search.word(number + 1), search.word(number - 1)]
    gaps = [nearby[0].gap if nearby[0] else "", search.words[number].gap]
    return any(
        w is not None
        and gap.strip() in (",", "&", "/")
        and w.capital
        and is_plain(w.low)
        and not is_function_word(w.low)
        for w, gap in zip(nearby, gaps, strict=True)
    )


def _several_of_one(search: Search, number: int) -> bool:
    """Whether *two Sophies*, *the Garcias* stand here."""
    word = search.words[number]
    if not is_plural(word.low) or search.before(number) not in ("two", "three", "both", "the"):
        return False
    known = lists()
    one = word.low[:-1]
    if search.before(number) == "the":
        return one in known.surnames and not is_english(one)
    return is_given(one) or one in known.doubtful or one in known.surnames


def _strange(search: Search, number: int) -> tuple[float, str] | None:  # noqa: C901, PLR0911, PLR0912  # one ground after another, the surest first
    """A capitalised word from no list of names."""
    word = search.words[number]
    english = is_english(word.low)
    if near_calendar(word.low) or is_french_small(word.low, french=search.french):
        return None
    if not english and (is_compound(word.low) or (word.begins and is_misspelt(word.low))):
        return None
    town = word.low in lists().towns or word.low in lists().doubtful_towns
    previous = search.before(number)
    unclear = town or len(word.text) < SHORTEST
    person = does_act(search, number, strictly=True) or is_cued(search, number, number)
    if previous in PLACE_BEFORE or (unclear and not person):
        return None
    if previous == "the" and is_plural(word.low) and not english and not is_english(word.low[:-1]):
        return 0.5, "a family's name"
    if previous in ("the", "a", "an", "our", "some", "of", "le", "la", "les", "du", "des", "au"):
        return None
    if _several_of_one(search, number):
        return 0.5, "several who bear one name"
    if word.entity in ("NORP", "LANGUAGE", "DATE", "FAC", "LOC") and not is_cued(
        search, number, number
    ):
        return None
    if word.low in lists().surnames and not word.begins:
        return 0.6, "a surname from the list"
    cued = is_cued(search, number, number)
    if english and word.low in THINGS | ROLES:
        return None
    if english and word.begins and word.tag == "NNP" and _apposed(search, number, number):
        return 0.5, "a word beside the role of a person"
    if english:
        follows = search.after(number)
        phrase = follows is not None and follows.capital
        person = word.entity == "PERSON"
        if (
            cued
            and not word.begins
            and not phrase
            and (
                person or previous in ROLES or previous in NAMED or _apposed(search, number, number)
            )
        ):
            return 0.55, "a capitalised word where a person is named"
        return None
    if cued:
        return 0.7, "an unknown word where a person is named"
    acts = does_act(search, number, strictly=False)
    if word.begins or search.french:
        sure = acts and (not search.french or does_act(search, number, strictly=True))
        if sure:
            return 0.55, "an unknown word that does what a person does"
        if search.french:
            plain = search.words[number].gap in (" ", ", ") and not word.begins
            return (0.45, "a capitalised word inside a French sentence") if plain else None
        follows = search.after(number)
        phrase = follows is not None and follows.capital
        long = len(word.text) > SHORTEST and not is_plural(word.low)
        return (0.4, "a word at the head that no dictionary holds") if long and not phrase else None
    return 0.55, "a capitalised word that no dictionary holds"
