"""Names on social networks, with their sign and without it.

A word with an underscore, a word behind *insta:* or *find me as*, a name with a number sign:
what an account is called looks like no word of a sentence, or stands where one is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reflect_analysis.anonymity.hints import is_misspelt
from reflect_analysis.anonymity.wordlists import fold, is_english, is_function_word, lists, word_set

__all__ = ["handles_in"]

Hit = tuple[int, int, float, str]

_PLATFORM = (
    r"(?:insta|instagram|ig|the ?gram|tiktok|tik tok|twitter|snapchat|snap|discord|bluesky|bsky|"
    r"pinterest|telegram|mastodon|tumblr|reddit|facebook|fb|messenger|youtube|yt|linkedin|threads|"
    r"whatsapp|skype|wechat|viber|signal|twitch|venmo|paypal|etsy|kik|bereal|flickr|substack|"
    r"patreon|ko-?fi|strava|goodreads|roblox|x-?box|steam|slack|teams)"
)
_ACCOUNT = (
    r"(?:handle|user\s?-?name|user\s?id|screen\s?name|gamer\s?tag|nom d['’]utilisateur|"
    r"identifiant|pseudo|login)"
)
_BETWEEN = (
    r"(?:\s+(?:handle|account|accounts|page|name|username|user|id|is|was|as|at|under|me|it['’]?s|"
    r"called|on|there|here|or|and|i['’]?m|am|i|go|goes|by|the|forum|app|group|admin|for|class|"
    r"channel|shop|store|board|blog|has|my|our|her|his|je|suis|est|c['’]est|sous|compte|nom|moi|"
    r"mon|link|profile|tag|which))*"
)
# Signs of its own: an underscore, a full stop or a hyphen inside, a figure.
# All are bounded: a text that was garbled holds runs of any length.
_MARKED = (
    r"(?:_{0,3}[A-Za-z](?:\w{0,40}[.-]\w{1,40}(?:[.-]\w{1,40}){0,4}|[A-Za-z\d]{0,40}_\w{0,40}|"
    r"[A-Za-z]{0,40}\d\w{0,40}|[a-z]{2,20}&[a-z]{2,20})|u/\w{1,40})"
)
_END = r"(?![\w@/]|[.-]\w)"
_FORMS = (
    re.compile(
        rf"(?i)(?<!\w)(?:{_PLATFORM}|{_ACCOUNT})(?!\w|\.\w){_BETWEEN}"
        rf"\s*(?:[:=(–—,/-])?\s*[“\"'(@]?(?P<it>{_MARKED}){_END}"
    ),
    re.compile(rf"(?<![\w/@.\\])(?P<it>[ru]/\w{{3,40}}|[A-Za-z]\w{{2,40}}#\d{{4}}){_END}"),
    re.compile(
        rf"(?i)(?<![\w@./])(?P<it>{_MARKED})\s*[,(–—-]?\s+"
        rf"(?:(?:over|up|is me|everywhere|me|also|still|too)\s+)?(?:on|sur|via|through|at)"
        rf"\s+(?:the |my |their |her )?"
        rf"{_PLATFORM}(?!\w)"
    ),
    re.compile(
        rf"(?i)(?<!\w)(?:dm|d\.m\.|pm|tag|follow|add|find|suivez|ping|message|msg|look)\s+"
        rf"(?:(?:me|us|her|him|moi|up|at|on|as|@|here|there|is|it['’]s|under|à)\s*,?\s+)*"
        rf"(?P<it>{_MARKED}){_END}"
    ),
    re.compile(
        r"(?i)(?<![\w@])(?P<it>[a-z]\w{0,40}(?:\s+(?:underscore|tiret bas)\s+\w{1,40}){1,5})"
        r"(?!\w|\s+at\s|@)"
    ),
    re.compile(
        rf"(?i)(?<![\w@])(?P<it>[a-z]\w{{1,40}}(?:\s+(?:dot|point)\s+[a-z]\w{{1,40}}){{1,4}})"
        rf"\s+(?:on|sur)\s+{_PLATFORM}(?!\w)"
    ),
)
# Dotted words behind *under* or *as*; three words in one with capitals.
_DOTTED = re.compile(
    r"(?i)(?<!\w)(?:under|as|je suis|c['’]est|i['’]m|known as|photos? by|credit(?: to)?|post(?:s|"
    r"ed|ing)? as)\s+"
    r"(?P<it>(?-i:[a-z]\w{1,30}\.[a-z]\w{1,30}(?:\.[a-z]\w{0,30}){0,3}|[a-z]+\d{2,6}))(?![\w@/]|"
    r"[.-]\w)"
)
_HUMPS = re.compile(
    r"(?<![\w@/.#])(?P<it>[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20}){2,5}\d{0,4})(?![\w@/]|\.\w)"
)
_UNDERSCORED = re.compile(
    r"(?<![\w/@.#:\\<$])(?P<it>_{0,3}[A-Za-z0-9]{1,40}(?:_{1,3}[A-Za-z0-9]{1,40}){1,6}_{0,3})"
    r"(?![\w@/(=:]|\.\w)"
)

_SEPARATED = (
    r"(?:\s*(?:handle|account|page|name|username|channel|shop|store|board|blog|is|as|under|"
    r"called|i['’]?m|it['’]?s|at|user|id|"
    r"c['’]est|est|=|:|–|—|-|\())*"
)
# One word without a sign of its own: only where no dictionary holds it.
_PLAIN = (
    re.compile(
        rf"(?i)(?<![\w./@])(?:{_PLATFORM}|{_ACCOUNT})(?!\w|[./]\w){_SEPARATED}\s*,?\s*[“\"'@]?"
        r"(?P<it>(?-i:[a-z][a-z\d]{4,}|[A-Za-z][a-z\d]{1,30}(?:[A-Z][a-z\d]{0,30}){1,8}))"
        r"(?![\w@]|[.]\w)"
    ),
    re.compile(
        rf"(?i)(?<![\w@./])(?P<it>(?-i:[a-z][a-z\d]{{4,}}|"
        rf"[A-Z]?[a-z]{{1,30}}(?:[A-Z][a-z\d]{{0,30}}){{1,8}}))\s+(?:on|"
        rf"over on|sur)\s+(?:my\s+)?{_PLATFORM}(?!\w)"
    ),
    re.compile(r"(?<![\w@])@\s(?P<it>[a-z][\w.]{4,}\w)"),
    re.compile(
        rf"(?i)(?<!\w)(?:as|under|i['’]?m|i am|by|called)\s+[“\"']?(?P<it>(?-i:[a-z][a-z\d]{{6,}}|"
        rf"[A-Za-z][a-z\d]{{1,30}}(?:[A-Z][a-z\d]{{0,30}}){{1,8}}))[”\"']?\s+(?:on|over on|"
        rf"there on)\s+{_PLATFORM}(?!\w)"
    ),
)
_MINE = (
    re.compile(
        r"(?i)\b(?:my|our|her|his|their)\s+(?:account|profile|page|feed|channel|blog|user|shop)\s*"
        r"(?:is|was|called|name|[:=,–—-])?\s*[(“\"']?(?P<it>(?-i:[a-z][a-z\d]{6,}))(?![\w@]|[.]\w)"
    ),
    re.compile(
        r"(?i)\b(?:i['’]?m|i am|as|it['’]?s)\s+(?P<it>(?-i:[a-z][a-z\d]{7,}))\s+(?:everywhere|"
        r"online|there|"
        r"on (?:there|here|all of them|everything))(?!\w)"
    ),
)
# A word of the dictionary where nothing else can stand: "insta: mudpie."
_TOLD = re.compile(
    rf"(?i)(?<![\w./@])(?:(?:{_PLATFORM}|{_ACCOUNT})\s*(?:handle|name|id|user)?\s*[:=]|"
    rf"{_ACCOUNT}\s+(?:is|was|est)|handle\s+is)\s*[“\"']?(?P<it>[a-z][a-z\d]{{4,}})[”\"']?"
    r"(?=\s*(?:[,;)!\n]|\.(?!\w)|$))"
)
_NO_HANDLES = word_set(
    "facebook instagram tiktok account follow private public none later please thanks daily never "
    "everyone nothing wi-fi parents photos pictures messages people videos"
)
_WHY = "a handle of a social network"


def handles_in(text: str) -> Iterator[Hit]:
    """Names on social networks that are written without their sign."""
    for form in _FORMS:
        for match in form.finditer(text):
            if not _is_plain(match["it"]):
                yield match.start("it"), match.end("it"), 0.75, _WHY
    for match in _UNDERSCORED.finditer(text):
        if re.search(r"[A-Za-z]", match["it"]) and not _is_code(match["it"]):
            yield match.start("it"), match.end("it"), 0.7, "a name with an underscore in it"
    yield from _written_as_one(text)
    for match in _TOLD.finditer(text):
        if fold(match["it"]) not in _NO_HANDLES and not is_function_word(fold(match["it"])):
            yield match.start("it"), match.end("it"), 0.6, "a word where a handle is told"
    yield from _plain_handles_in(text)


def _written_as_one(text: str) -> Iterator[Hit]:
    for form in (_DOTTED, _HUMPS):
        for match in form.finditer(text):
            if fold(match["it"]) not in lists().others:
                why = "words written as one, as in a handle"
                yield match.start("it"), match.end("it"), 0.5, why


def _is_plain(word: str) -> bool:
    """Whether a marked word is ordinary all the same: *co-op*, *drop-in*, a time, a version."""
    if "_" in word or "/" in word or "#" in word:
        return False
    if not re.search(r"[._\d]", word):
        return all(is_english(fold(part)) for part in word.split("-"))
    return bool(
        re.fullmatch(r"(?i)[a-z]{1,2}\d{1,3}|v?\d[\d.]*|(?:[a-z]\.)+[a-z]?\.?|covid-?19", word)
    )


def _is_code(word: str) -> bool:
    """Whether it is a participant's id or a blank to be filled in: *P_07*, *ECE_12*."""
    return bool(re.fullmatch(r"_*[A-Z]{1,12}(?:_+\d{1,4})+|_*\d+(?:_+\d+)*_*", word))


def _plain_handles_in(text: str) -> Iterator[Hit]:
    for form in (*_PLAIN, *_MINE):
        for match in form.finditer(text):
            word = fold(match["it"])
            known = (
                is_english(word)
                or is_misspelt(word)
                or word in lists().others
                or word in lists().first
            )
            if not known and word not in _NO_HANDLES:
                yield match.start("it"), match.end("it"), 0.6, "a word where a handle is told"
