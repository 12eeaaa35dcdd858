"""Text files with front matter: one document a file, a transcript with its speakers.

The front matter is YAML between two lines ``---``: ``id``, ``kind``, ``participant``,
``language`` and ``voice``; every other key becomes an attribute, unless it is
nearly one of these. ``quote_consent`` is the consent of all who speak in the file.
``speakers:`` maps the labels of a transcript to participants, or to null for a
facilitator, whose turns are context and are not coded. What follows the front
matter is the text, without the blank lines around it; nothing else is changed, so the labels
of the speakers stay in the text and outside the turns.

A file without front matter is either one reflection or a page; `plain` and `attributed`
say how they are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Answer, Document, Kind, Turn
from reflect_analysis.errors import CorpusError, did_you_mean

from ._consent import checked_answer, consent_hint, strictest
from ._files import read_text
from ._found import (
    Found,
    Place,
    checked_kind,
    checked_language,
    checked_voice,
    is_garbled,
    left_out,
    merge,
    slug,
    told_cell,
    with_consent,
)
from ._speakers import NOBODY, Speakers, speakers_for
from ._vocabulary import COLUMNS, CONSENT, near_key, plain
from ._yaml import Entry, read_yaml
from .attributed import read_page
from .transcripts import LABELLED, layout_of, read_lines, seconds

Value = TypeVar("Value")

_KEYS = ("id", "kind", "participant", "language", "voice", "speakers")
_SYNONYMS = {word: key for key in _KEYS for word in COLUMNS.get(key, ())}

# "LABEL:", perhaps bold, perhaps with the time before or after it.
_TIME = r"[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?[\])]?"
_BEFORE, _AFTER = rf"(?:{_TIME}\s+)?(?:\*\*)?", rf"(?:\*\*)?(?:\s+{_TIME})?(?:\*\*)?\s*:(?:\*\*)?"
_ANY_LABEL = re.compile(rf"{_BEFORE}(?P<label>[^\W_](?:[^:\n]{{0,38}}[^\s:*])?){_AFTER}(?:\s|$)")
_ASIDE = re.compile(r"#{1,6}\s|\[[^\]]*\]$|\([^)]*\)$|[-*_]{3,}$")
_LABEL_WORDS = 4
_TALKS = ("transcript", "debrief", "video")


def read_text_file(place: Place, speakers: Speakers = NOBODY) -> Found:
    """The document, or the page, of a ``.txt`` or ``.md`` file.

    Parameters
    ----------
    place : Place
    speakers : mapping of str to str or None
        Cases by the labels of a transcript; see `_speakers`.

    Raises
    ------
    CorpusError
        With every fault and its line.
    """
    return read_content(read_text(place, pages=True), place, speakers)


def read_content(text: str, place: Place, speakers: Speakers = NOBODY) -> Found:
    """The document, or the page, that a text is, whatever file it was taken from.

    Parameters
    ----------
    text : str
        With LF line ends; places are lines of it.
    place : Place
        The file, for names, the id and ``speakers.yaml`` beside it.
    speakers : mapping of str to str or None

    Raises
    ------
    CorpusError
        With every fault and its line.
    """
    if not text.strip():
        return left_out(place.name, "an empty file")
    lines = text.split("\n")
    known = speakers_for(place, speakers)
    if lines[0].rstrip() != "---":
        if layout_of(lines, known):
            document = Document(slug(place.stem), "-", language="")
            return read_lines(
                lines, known, document=document, place=place, place_of=lambda n: f"line {n + 1}"
            )
        return read_page(text, name=place.name, stem=slug(place.stem))
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    if not end:
        raise CorpusError(f"{place.name}, line 1: front matter that is never closed by '---'")
    front = read_yaml("\n".join(lines[1:end]), place.name, first_line=2)
    return _document(place, front, "\n".join(lines[end + 1 :]), end + 2, known)


def _document(place: Place, front: Entry, rest: str, first_line: int, known: Speakers) -> Found:
    """The document of a file with front matter; `first_line` is that of `rest`."""
    if not isinstance(front.value, dict):
        raise CorpusError(f"{place.name}, line 2: front matter without keys such as 'id: …'")
    if not rest.strip():
        return left_out(place.name, "front matter without a text")
    keys = Keys(front.value, place.name, slug(place.stem))
    text = rest.strip()
    first_line += rest[: rest.index(text[0])].count("\n")
    speakers = keys.speakers()
    if keys.may_talk() and _is_written_anew(text, speakers, known):
        return _talk(place, keys, text, first_line, {**known, **speakers})
    everyone = {**known, **speakers} if speakers else {}
    turns = tuple(
        _turns(text, everyone, lambda n: f"{place.name}, line {first_line + n}", keys.faults)
    )
    document = replace(
        keys.document(default="transcript" if speakers else "reflection"),
        text=text,
        flags=("garbled",) if is_garbled(text) else (),
        turns=turns,
        place=f"line {first_line}",
    )
    found = with_consent(document, keys.consent())
    return replace(found, faults=tuple(keys.faults), guesses=keys.guesses())


def _is_written_anew(text: str, speakers: Speakers, known: Speakers) -> bool:
    """Whether a text is a transcript in another layout than ``Label: words``, or without a map."""
    layout = layout_of(text.split("\n"), {**known, **speakers})
    return layout is not None and (not speakers or layout.name != LABELLED)


def _talk(place: Place, keys: Keys, text: str, first_line: int, speakers: Speakers) -> Found:
    """The transcript below a front matter, as `transcripts` reads it."""
    found = read_lines(
        text.split("\n"),
        speakers,
        document=keys.document(default="transcript"),
        place=place,
        place_of=lambda n: f"line {first_line + n}",
    )
    told = [with_consent(document, keys.consent()) for document in found.documents]
    rest = replace(found, documents=())
    guesses = {**keys.guesses().get(place.name, {}), **found.guesses.get(place.name, {})}
    whole = merge([*told, rest, Found(faults=tuple(keys.faults))])
    return replace(whole, guesses={place.name: guesses})


class Keys:
    """The front matter of a file, and the faults found in it."""

    def __init__(self, keys: Mapping[str, Entry], name: str, stem: str) -> None:
        self.keys, self.name, self.stem = keys, name, stem
        self.faults: list[str] = []

    def word(self, key: str) -> str:
        """The word of a key, ``""`` where there is none."""
        if key not in self.keys:
            return ""
        if isinstance(self.keys[key].value, list | dict):
            self.fault(key, f"{key!r} is nested; expected a word")
        return self.keys[key].word

    def fault(self, key: str, what: str) -> None:
        """Note what is wrong with a key."""
        self.faults.append(f"{self.name}, line {self.keys[key].line}: {what}")

    def checked(self, key: str, check: Callable[..., Value]) -> Value:
        """The value of a key, as one of those in `_found` checks it."""
        faults: list[str] = []
        value = check(self.word(key), faults=faults)
        for fault in faults:
            self.fault(key, fault)
        return value

    def document(self, *, default: Kind) -> Document:
        """The document that the keys describe, without its text."""
        return Document(
            id=self.word("id") or self.stem,
            text="-",
            kind=self.checked("kind", partial(checked_kind, default=default)),
            case_id=self.word("participant") or None,
            attributes=Attributes(dict(self.attributes())),
            voice=self.checked("voice", checked_voice),
            language=self.checked("language", checked_language),
            source=self.name,
        )

    def may_talk(self) -> bool:
        """Whether the text may be a talk: of such a kind, or of no kind and no participant."""
        kind = plain(self.word("kind")) if "kind" in self.keys else ""
        return kind in _TALKS or not (kind or "participant" in self.keys)

    def consent(self) -> Answer | None:
        """The strictest consent to be quoted; `None` where none is stated."""
        keys = [key for key in self.keys if plain(key) in CONSENT]
        answers = [self.checked(key, checked_answer) for key in keys]
        return strictest(answers) if answers else None

    def guesses(self) -> Mapping[str, Mapping[str, str]]:
        """Which key was taken for the consent without being called so."""
        taken = [k for k in self.keys if plain(k) in CONSENT and k != "quote_consent"]
        return {self.name: {"quote_consent": ", ".join(taken)}} if taken else {}

    def _hint(self, key: str) -> str:
        """What a key was probably to be, where that key is absent."""
        near = near_key(key, _KEYS, _SYNONYMS)
        if near and near not in self.keys:
            return f"did you mean {near!r}? Rename it so, or by another word"
        return consent_hint(key)

    def attributes(self) -> Iterator[tuple[str, str]]:
        """The keys that only the study knows."""
        for key, entry in self.keys.items():
            words = entry.words
            if key in _KEYS or plain(key) in CONSENT:
                continue
            hint = self._hint(key)
            if hint:
                self.fault(key, f"unknown key {key!r}: {hint}")
            elif words is None:
                self.fault(key, f"{key!r} is nested; expected a word or a list of words")
            elif words:
                yield key, words

    def speakers(self) -> dict[str, str | None]:
        """The labels, each with its participant or `None`."""
        entry = self.keys.get("speakers")
        if entry is None:
            return {}
        if not isinstance(entry.value, dict) or not entry.value:
            self.fault("speakers", "'speakers' maps each label to a participant or to null")
            return {}
        for case in entry.value.values():
            if isinstance(case.value, list | dict):
                self.faults.append(
                    f"{self.name}, line {case.line}: a speaker is one participant or null"
                )
        return {label: case.word or None for label, case in entry.value.items()}


def _turns(
    text: str, speakers: Mapping[str, str | None], where: Callable[[int], str], faults: list[str]
) -> Iterator[Turn]:
    """The turns of a transcript, without the labels.

    A label at the beginning of a line opens a turn, which goes on to the next label:
    paragraphs without one belong to whoever spoke last. Headings, rules and paragraphs in
    brackets are nobody's words.
    """
    speaker, span, before = "", (0, 0), ""
    time: float | None = None
    known_label = _labels(speakers)
    unknown: dict[str, list[int]] = {}
    for number, start, line in _lines(text) if speakers else ():
        label, begin = _label(line, known_label)
        at_paragraph, before = not before.strip(), line
        is_aside = _ASIDE.match(line.strip()) is not None
        if label in speakers or is_aside:
            yield from _turn(speaker, span, speakers, time)
            speaker, span = (label or speaker), (0, 0)
            time = _time(line[:begin]) if label else None
        elif label and (at_paragraph or _resembles(label, speakers)):
            unknown.setdefault(label, []).append(number)
        elif line.strip() and not speaker:
            unknown.setdefault("", []).append(number)
        if not is_aside:
            words = _within(text, start + begin * (label in speakers), start + len(line))
            span = _joined(span, words)
    yield from _turn(speaker, span, speakers, time)
    faults += [_unknown(label, [*map(where, at)], speakers) for label, at in unknown.items()]


def _unknown(label: str, places: list[str], speakers: Iterable[str]) -> str:
    """The fault of a label that nobody named, or of words without any."""
    more = f" (and {len(places) - 1} times more)" if len(places) > 1 else ""
    if not label:
        return f"{places[0]}: words before the first speaker's label{more}"
    near = next((known for known in speakers if did_you_mean(label, [known])), "")
    hint = f"; it is nearly one that is named there ({told_cell(near)})" if near else ""
    told = f"unknown speaker, a label {told_cell(label)}{more}"
    return f"{places[0]}: {told}; name it under 'speakers'{hint}"


def _joined(span: tuple[int, int], words: tuple[int, int]) -> tuple[int, int]:
    """A span that reaches from the beginning of one to the end of the other."""
    if words[1] <= words[0]:
        return span
    return (span[0] if span[1] > span[0] else words[0]), words[1]


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Number, offset and content of each line."""
    start = 0
    for number, line in enumerate(text.split("\n")):
        yield number, start, line
        start += len(line) + 1


def _labels(speakers: Iterable[str]) -> re.Pattern[str]:
    """The pattern of the labels that are named, the longest first."""
    names = "|".join(re.escape(name) for name in sorted(speakers, key=len, reverse=True))
    return re.compile(rf"{_BEFORE}(?P<label>{names}){_AFTER}")


def _label(line: str, known: re.Pattern[str]) -> tuple[str, int]:
    """The label that a line begins with, if any, and the offset of what follows it."""
    found = known.match(line)
    if found:
        return found["label"], found.end()
    other = _ANY_LABEL.match(line)
    if not other or not other["label"][0].isupper() or len(other["label"].split()) > _LABEL_WORDS:
        return "", 0
    return other["label"], other.end()


def _resembles(label: str, speakers: Mapping[str, str | None]) -> bool:
    """Whether a word before a colon, inside a paragraph, looks like a mistyped label.

    "P15" does among P09 and P10; "One thing" does not.
    """
    shapes = {re.sub(r"\d+", "0", known.casefold()) for known in speakers}
    return re.sub(r"\d+", "0", label.casefold()) in shapes


def _within(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _time(label: str) -> float | None:
    """The time that stands with a label, in seconds."""
    found = re.search(_TIME, label)
    return seconds(found[0].strip("[]()")) if found else None


def _turn(
    speaker: str, span: tuple[int, int], speakers: Mapping[str, str | None], time: float | None
) -> Iterator[Turn]:
    """The turn, where anything was said in it."""
    if speaker and span[1] > span[0]:
        case_id = speakers[speaker]
        yield Turn(*span, speaker, case_id, coded=case_id is not None, time=time)
