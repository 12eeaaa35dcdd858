"""The lists that the recognisers ask: given names, surnames, towns, and what is no name.

They were composed by hand for Canadian texts, but for the rarer given names (most are from
Faker's lists), and lie beside this module as plain files that a researcher can read. Words are
compared without case and accents. No list is complete:
what stands around a word decides where the lists are silent.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "Lists",
    "dictionary_sha256",
    "fold",
    "in_dictionary",
    "is_english",
    "is_function_word",
    "lists",
    "word_set",
]

_FOLDER = Path(__file__).parent / "lists"
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "‐": "-", "ø": "o", "ł": "l"})


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """A word in lower case, without accents, with straight apostrophes.

    Examples
    --------
    >>> fold("Zoë"), fold("D’Arcy")
    ('zoe', "d'arcy")
    """
    lower = word.translate(_PLAIN).lower().translate(_PLAIN)
    if lower.isascii():
        return lower
    parts = unicodedata.normalize("NFD", lower)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def word_set(words: str) -> frozenset[str]:
    """Words parted by spaces, as a set."""
    return frozenset(words.split())


class Lists(NamedTuple):
    """The lists, folded.

    Attributes
    ----------
    first : frozenset of str
        Given names that are hardly ever another word.
    doubtful : frozenset of str
        Given names that are also words, months or places.
    rare : frozenset of str
        Those of the given names that are rarer here, and so may be a word where they are short.
    surnames : frozenset of str
    towns, doubtful_towns : frozenset of str
        The second are also words, persons' names or regions.
    others : frozenset of str
        Capitalised words and phrases that are no finding.
    """

    first: frozenset[str]
    rare: frozenset[str]
    doubtful: frozenset[str]
    surnames: frozenset[str]
    towns: frozenset[str]
    doubtful_towns: frozenset[str]
    others: frozenset[str]


@lru_cache(maxsize=1)
def lists() -> Lists:
    """The lists, read once."""
    doubtful = frozenset(_words("word-names.txt"))
    usual = frozenset(_words("first-names.txt"))
    more = frozenset(_words("more-first-names.txt"))
    places = _phrases("towns.txt")
    return Lists(
        first=(usual | more) - doubtful,
        rare=more - usual - doubtful,
        doubtful=doubtful,
        surnames=frozenset(_words("surnames.txt")),
        towns=frozenset(fold(place) for place in places if not place.endswith("*")),
        doubtful_towns=frozenset(fold(p[:-1]) for p in places if p.endswith("*")),
        others=frozenset(_bare(phrase) for phrase in _phrases("not-names.txt")),
    )


def _lines(name: str) -> list[str]:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _words(name: str) -> list[str]:
    return [fold(word) for line in _lines(name) for word in line.split()]


def _phrases(name: str) -> list[str]:
    return [phrase.strip() for line in _lines(name) for phrase in line.split(",") if phrase.strip()]


def _bare(phrase: str) -> str:
    """A phrase as `words.words_of` gives its words: folded, without full stops and possessives."""
    return re.sub(r"\.|'s\b", "", fold(phrase))


# ── English words ───────────────────────────────────────────────────────────────────────

_ENDINGS = re.compile(r"(?:'s|s'|'d|'ll|'ve|'re|n't)$")
_SURNAME_FORM = re.compile(r"(?:o'(?!clock)|d'|mc)[a-z]{3,}$")
_SUFFIXES = (
    ("ies", "y"), ("ied", "y"), ("ier", "y"), ("iest", "y"), ("ily", "y"), ("es", ""), ("s", ""),
    ("ed", ""), ("ed", "e"), ("d", ""), ("ing", ""), ("ing", "e"), ("er", ""), ("er", "e"),
    ("ers", ""), ("ers", "e"), ("est", ""), ("ly", ""), ("ness", ""), ("ship", ""), ("less", ""),
    ("ful", ""), ("y", ""), ("ish", ""), ("ings", ""), ("ings", "e"), ("'s", ""), ("ment", ""),
)  # fmt: skip
_PREFIXES = ("un", "re", "non", "pre", "co", "over", "under", "mis", "dis", "multi", "self")
# What a dictionary of nouns, verbs and adjectives leaves out, and words of the field.
_MORE = word_set(
    """
    a about above across after again against all also although always am among an and another
    any anybody anyone anything are around as at away be because been before behind being below
    beneath beside besides between beyond both but by can cannot could did do does doing done
    down during each either else enough etc even ever every everybody everyone everything except
    few for from further gonna gotta had has have having he her here hers herself hi him himself
    his how however i if in indeed inside instead into is it its itself just least less let like
    maybe me might mine more most much must my myself near neither never nevertheless next no
    nobody none nor not nothing now nowhere of off often oh on once one ones only onto or other
    others otherwise ought our ours ourselves out outside over own per perhaps please quite rather
    really same shall she should since so some somebody somehow someone something sometimes
    somewhere soon still such than that the their theirs them themselves then there therefore
    these they this those though three through throughout thus till to today together tomorrow
    too toward towards two under unless until unto up upon us very via was we well were what
    whatever when whenever where wherever whether which while who whoever whom whose why will
    with within without would yeah yep yes yesterday yet you your yours yourself yourselves
    blog blogs blogged burnout co-worker co-workers coworker coworkers cubbies cubby ecosystem
    email emails emailed emoji fidgets fingerpaint fundraiser handout hashtag hugs internet
    kiddos kinda laminator lockdown mentee mentees mentorship microphone mindful mindfulness
    mindset moms neurodivergent nope okay online orientation outro pedagogical pedagogies
    playdough playgroup podcast potluck practicum practicums preschooler preschoolers
    provocation provocations reframing roadmap rota scaffolding scrapbook screenshot selfie
    signup sippy smartboard snowsuit snowsuits stickies takeaway takeaways teammate teammates
    toolkit underpaid unpaid wellbeing whiteboard wifi wiggles workbook yay yoga youtube webinar
    webinars website websites wow hmm umm um uh ah aha haha lol omg ugh oops hooray aww awww
    argh aargh phew whew hmmm hmmmm zzz eek yikes whoa woah yup yep nope eww ew blah meh tsk psst
    shh shhh yum yummy woohoo woot boo gah bah welp ahem aw awe brr gee sheesh oof yesternight
    anyways anyhow alot tho altho cuz cos coz bcuz gotcha dunno lemme gimme wanna ya yall y'all
    six eight nine ten eleven twelve thirteen twenty thirty forty fifty sixty seventy eighty
    first second third fourth fifth dont didnt cant wont im ive id youre thats whats isnt wasnt
    couldnt wouldnt doesnt havent hasnt arent lets theres heres theyre weve youve hes shes
    """
)


def _dictionary() -> frozenset[str]:
    """The words that the installed language model's lemmatiser knows; empty where there is none."""
    return _loaded()[0]


def dictionary_sha256() -> str:
    """sha256 of the file from which the dictionary was read; empty where there is none.

    Not of the one that lies there now: a model may be installed after the first question.
    """
    return _loaded()[1]


@lru_cache(maxsize=1)
def _loaded() -> tuple[frozenset[str], str]:
    from reflect_analysis.language.pipelines import model_name

    spec = importlib.util.find_spec(model_name(None))
    if spec is None or spec.origin is None:
        return frozenset(), ""
    files = sorted(Path(spec.origin).parent.rglob("lemmatizer/lookups/lookups.bin"))
    if not files:
        return frozenset(), ""
    data = files[0].read_bytes()
    return _words_in(data), hashlib.sha256(data).hexdigest()


def _words_in(data: bytes) -> frozenset[str]:
    """The words of a lemmatiser's tables."""
    import srsly  # type: ignore[import-untyped]  # it ships no types

    tables = srsly.msgpack_loads(data)
    words: set[str] = set()
    for group in dict(tables.get("lemma_index", {})).values():
        words.update(group)
    for group in dict(tables.get("lemma_exc", {})).values():
        words.update(group)
    return frozenset(words)


def in_dictionary(word: str) -> bool:
    """Whether a folded word stands in the dictionary as it is."""
    return word in _MORE or word in _dictionary()


def is_function_word(word: str) -> bool:
    """Whether a folded word is one of the small ones: *to*, *my*, *so*."""
    return word in _MORE


@lru_cache(maxsize=50_000)
def is_english(word: str) -> bool:
    """Whether a folded word, or what it is made from, is in the dictionary.

    Examples
    --------
    >>> is_english("laughing"), is_english("oyinkansola")
    (True, False)
    """
    known = _dictionary()
    if word in _MORE or (word in known and not _SURNAME_FORM.match(word)):
        return True
    if _SURNAME_FORM.match(word):
        return False
    plain = _ENDINGS.sub("", word)
    if plain != word and is_english(plain):
        return True
    if "-" in word:
        return all(is_english(part) for part in word.split("-") if part)
    return _is_made_from(word, known) or not known


def _is_made_from(word: str, known: frozenset[str]) -> bool:
    for ending, stem in _SUFFIXES:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            base = word[: -len(ending)] + stem
            doubled = len(base) > 3 and base[-1] == base[-2]  # noqa: PLR2004  # running: run
            if base in known or base in _MORE or (doubled and base[:-1] in known):
                return True
    return any(
        word.startswith(prefix) and word[len(prefix) :] in known and len(word) > len(prefix) + 3
        for prefix in _PREFIXES
    )
