"""Names of persons: by lists, by the shape of a word, by what stands around it, by a model.

A capitalised word that is no English word, a given name from the list, a word after *my
co-worker* or before *said*: each is a reason, and the finding says which. The model's guess is
one reason among them, because the small English model misses single names and takes *Circle
Time* for a person. In French the lists and the words around do the work alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from reflect_analysis.anonymity.around import (
    Search,
    does_act,
    is_cued,
    is_listed,
    is_person,
    is_plain,
    is_plural,
    is_taken,
    take,
)
from reflect_analysis.anonymity.cues import (
    BEFORE_MONTHS,
    BY_AUTHOR,
    CITED,
    DOUBTFUL_IN_LOWER,
    HONORIFICS,
    LOOSE_HONORIFICS,
    MAX_RUN,
    MONTHS,
    NEVER,
    PARTICLES,
    PLACE_BEFORE,
    ROLES,
    SHORTEST,
    THINGS,
    THINGS_OR_SURNAMES,
    WITH,
)
from reflect_analysis.anonymity.hints import is_french_small, is_given, near_calendar
from reflect_analysis.anonymity.lower import take_lower
from reflect_analysis.anonymity.singles import judge_single
from reflect_analysis.anonymity.wordlists import is_english, is_function_word, lists, word_set
from reflect_analysis.anonymity.words import Word, listed_phrases, words_of

__all__ = ["NameHit", "names_in"]


class NameHit(NamedTuple):
    """A stretch that may be a person's name."""

    start: int
    end: int
    score: float
    full: bool
    why: str


def names_in(
    text: str, parsed: Any = None, *, blocked: Sequence[tuple[int, int]] = (), french: bool = False
) -> Iterator[NameHit]:
    """The names that may stand in a text.

    Parameters
    ----------
    text : str
    parsed : Parse, optional
        Tags and entities of the text.
    blocked : sequence of (int, int)
        Code points that hold something else, such as the name of a centre.
    french : bool
        Whether the text is in French.
    """
    words = words_of(text, parsed, elided=french)
    lower = _writes_in_lower(words)
    search = Search(text, words, _blocked(text, words, blocked), french, lower)
    _take_runs(search)
    _take_entities(search)
    take_lower(search)
    _take_again(search)
    for first in sorted(search.taken):
        last, score, full, why = search.taken[first]
        yield NameHit(words[first].start, words[last].end, score, full, why)


def _writes_in_lower(words: list[Word]) -> bool:
    """Whether sentences begin without capitals, as a rule."""
    heads = [word for word in words if word.begins and word.gap.strip(' -–—"“') != "\n"]
    return sum(word.capital for word in heads) <= len(heads) * 0.25


def _blocked(text: str, words: list[Word], spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    closed = {
        number
        for number, word in enumerate(words)
        if any(start < word.end and word.start < end for start, end in spans)
    }
    known_elsewhere: set[str] = set()
    for first, last in listed_phrases(words):
        closed.update(range(first, last))
        known_elsewhere.update(w.low for w in words[first:last] if w.capital and is_given(w.low))
    closed.update(n for n, w in enumerate(words) if w.low in known_elsewhere)
    for number, word in enumerate(words):
        if CITED.match(text, word.end) and word.capital:
            closed.add(number)
            if number and words[number - 1].capital and word.gap == " ":
                closed.add(number - 1)
    return frozenset(closed)


def _take_runs(search: Search) -> None:
    place = 0
    while place < len(search.words):
        run = _run_from(search, place)
        if len(run) > 1 or (run and search.words[run[0]].capital):
            _judge(search, run)
        place = run[-1] + 1 if run else place + 1


def _run_from(search: Search, place: int) -> list[int]:
    """Capitalised words from here on, particles between them included."""
    run: list[int] = []
    for number in range(place, min(place + MAX_RUN, len(search.words))):
        word = search.words[number]
        if number in search.blocked or (run and not _joins(search, run[-1], word)):
            break
        if not word.capital:
            if not (run and word.low in PARTICLES and _particle_leads(search, number)):
                break
        elif _is_other(search, number, alone=not run):
            break
        run.append(number)
        if word.owns:
            break
    while run and not search.words[run[-1]].capital:
        run.pop()
    return run


def _joins(search: Search, last: int, word: Word) -> bool:
    if word.gap.strip(" \u00a0") == "":
        return "\n" not in word.gap
    return word.gap.strip() in (".", "-") and len(search.words[last].text) <= 2  # noqa: PLR2004  # an initial, or "St"


def _particle_leads(search: Search, number: int) -> bool:
    following = search.after(number)
    if following is None:
        return False
    again = search.after(number + 1)
    second = following.low in PARTICLES and again is not None and again.capital
    return (following.capital and following.low not in lists().others) or second


def _is_other(search: Search, number: int, *, alone: bool) -> bool:
    """Whether a capitalised word is no name, whatever stands around it."""
    word = search.words[number]
    known = lists()
    initial = len(word.text) == 1 and word.low != "i" and search.text[word.end :][:1] == "."
    if word.low in NEVER and not initial:
        return len(word.text) > 1 or word.low == "i" or alone
    if (word.begins and is_french_small(word.low, french=search.french)) or near_calendar(word.low):
        return True
    if word.low in known.others:
        named = word.low in known.first or word.low in known.doubtful
        return not named and not (not alone and word.low in known.surnames)
    return word.begins and alone and len(word.text) > 1 and is_plain(word.low)


def _judge(search: Search, run: list[int]) -> None:
    while run and _drop_first(search, run):
        run = run[1:]
    if not run:
        return
    words = [search.words[number] for number in run]
    if len(run) == 1:
        verdict = judge_single(search, run[0])
        if verdict:
            take(search, run[0], run[0], *verdict, full=False)
        return
    verdict = _several(search, run, words)
    if verdict:
        take(search, run[0], run[-1], *verdict, full=True)
        return
    for number in run:
        single = judge_single(search, number)
        if single:
            take(search, number, number, *single, full=False)


def _drop_first(search: Search, run: list[int]) -> bool:
    """Whether the first word of a run is a title or begins a sentence and is no name."""
    word = search.words[run[0]]
    if len(run) < 2:  # noqa: PLR2004  # nothing would be left
        return False
    if word.begins and is_function_word(word.low) and word.low != "will":
        return search.words[run[1]].low not in lists().surnames
    if word.low in HONORIFICS or word.low in LOOSE_HONORIFICS or word.low in ROLES:
        return word.low not in lists().first
    return word.begins and (word.low in WITH or word.low in PLACE_BEFORE)


def _several(search: Search, run: list[int], words: list[Word]) -> tuple[float, str] | None:  # noqa: C901, PLR0911  # one ground after another, the surest first
    """Whether several capitalised words are a first name with a surname."""
    known = lists()
    if search.words[run[0]].shouted and all(w.shouted for w in words) and not is_listed(words[0]):
        return None
    head, tail = words[0], words[-1]
    if BY_AUTHOR.search(search.lead(run[0])):
        return None
    strange = not is_english(tail.low) or tail.low in known.surnames
    things = any(word.low in THINGS for word in words[1:]) and not _is_person_of(search, run)
    cued = is_cued(search, run[0], run[-1])
    if len(head.text) == 1:
        pointed = words[1].gap.startswith(".") and len(tail.text) >= SHORTEST and head.low != "i"
        pointed = pointed and not is_function_word(tail.low) and tail.low not in known.others
        good = strange or pointed or is_person(words[1:])
        return (0.75, "an initial before a surname") if good and not things else None
    if is_given(head.low) and not things:
        return 0.9, "a given name from the list before a capitalised word"
    if (
        head.low in known.doubtful
        and not things
        and (strange or is_listed(tail) or is_person(words))
    ):
        return 0.8, "a given name that is also a word, before a surname"
    if (
        tail.low in known.surnames
        and not things
        and (not is_english(head.low) or is_person(words) or cued)
    ):
        return 0.8, "a capitalised word before a surname from the list"
    if cued and not things:
        return 0.75, "capitalised words where a person is named"
    if search.before(run[0]) in ("the", "our", "a", "an", "this"):
        return None
    unknown = sum(not is_english(word.low) for word in words if word.capital)
    if unknown == sum(word.capital for word in words) and not any(w.shouted for w in words):
        return 0.65, "capitalised words that no dictionary holds"
    if is_person(words) and unknown and not things:
        return 0.65, "taken for a person's name by the language model"
    return None


def _is_person_of(search: Search, run: list[int]) -> bool:
    """Whether a name ends with a surname that is a thing, too: *Petra Hall*, not *the Ada Hall*."""
    known, lead = lists(), search.before(run[0])
    *firsts, tail = (search.words[number] for number in run)
    sure = firsts[0].low in known.first - known.doubtful - known.others - known.towns
    plain = any(word.low in THINGS for word in firsts[1:])
    placed = lead in _BEFORE_PLACES or search.words[run[0]].shouted
    return sure and not plain and not placed and tail.low in THINGS_OR_SURNAMES


_BEFORE_PLACES = word_set("the our a an this that at in on near through behind outside inside")


def _take_entities(search: Search) -> None:
    """Single words that the model takes for a person, where no list says otherwise."""
    for number, word in enumerate(search.words):
        if word.entity != "PERSON" or number in search.blocked or not word.capital:
            continue
        if any(first <= number <= last for first, (last, *_) in search.taken.items()):
            continue
        if word.low in lists().others or is_english(word.low) or word.shouted:
            continue
        if search.before(number) in PLACE_BEFORE or len(word.text) < SHORTEST:
            continue
        take(search, number, number, 0.5, "taken for a name by the language model", full=False)


def _take_again(search: Search) -> None:
    """The same name wherever it stands once more with a capital."""
    known = lists()
    for number, word in enumerate(search.words):
        plural = word.low[:-1] if is_plural(word.low) and word.capital else word.low
        if not {word.low, plural} & search.lows or is_taken(search, number):
            continue
        if not word.capital and not (search.lower and word.low in DOUBTFUL_IN_LOWER):
            continue
        if not word.capital and search.before(number) in BEFORE_MONTHS | word_set(
            "i we you they to a my no some with any your our their have of not such in can could "
            "would should must please the this that will may did do and"
        ):
            continue
        if number in search.blocked or word.low in MONTHS | PARTICLES or len(word.low) < SHORTEST:
            continue
        if word.begins and is_english(word.low) and not does_act(search, number, strictly=False):
            continue
        if word.low in known.others or search.before(number) in ("in", "from", "at", "the"):
            continue
        take(search, number, number, 0.6, "a name that stands elsewhere in this text", full=False)
