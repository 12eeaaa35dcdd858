"""Subtitles with their speakers and times: WebVTT (``.vtt``) and SubRip (``.srt``).

Cues are cut for a screen, not for speech: consecutive cues of a speaker are joined into one
turn, and words that a rolling caption shows again are taken once. Who speaks is told by a
voice tag (``<v NAME>``: Teams) or by ``Name:`` before the words (Zoom). Tags, settings, styles
and comments are no words; comments are listed. Parsed here and not by a library, because
those that are there pass over a broken cue in silence; every cue that cannot be read is a
fault with its line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reflect_analysis.corpus import Document, Omission
from reflect_analysis.errors import CorpusError

from ._files import control_fault, read_text, suffix_of
from ._found import Found, Place, left_out, merge, slug, word_count
from ._speakers import NOBODY, Speakers, known_label, speakers_for
from .transcripts import Said, as_transcript, colon_opening, joined, seconds

_STAMP = r"(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_TIMES = re.compile(rf"\s*(?P<start>{_STAMP})\s*-->\s*(?P<end>{_STAMP})(?:\s.*)?$")
_BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?:\s|$)")
_TAG = re.compile(
    r"</?(?:v|c|i|b|u|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}>"
    r"|\{\\[^{}]*\}",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)*[ \t]+(?P<name>[^<>]+)>|(?P<end></v\s*>)", re.IGNORECASE)
_NEW_SPEAKER = re.compile(r"(?:>>|&gt;&gt;)+\s*")
_TOUCHING = 0.6  # seconds between two cues of a rolling caption, at most
_FLASH = 0.1  # seconds: too short to be said
_FEWEST_REPEATED = 3  # words: one who says "yes" twice said it twice


@dataclass(slots=True)
class Cue:
    """A cue as it stands: its line, its times in seconds, its lines of text."""

    line: int
    start: float
    end: float
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a cue: who speaks (`None`: not told), and the words."""

    speaker: str | None
    text: str


def read_subtitles(place: Place, speakers: Speakers = NOBODY) -> Found:
    """The transcript of a ``.vtt`` or ``.srt`` file.

    Parameters
    ----------
    place : Place
    speakers : mapping of str to str or None
        Cases by label; `None` for a facilitator, whose turns are not coded.

    Raises
    ------
    CorpusError
        If it cannot be opened as a text, or is not what its name says.
    """
    text = read_text(place)
    if not text.strip():
        return left_out(place.name, "an empty file")
    cues, notes, faults = parse_cues(text, name=place.name, is_vtt=_is_vtt(text, place))
    omissions = [_left_out_notes(place.name, notes)] if notes else []
    if faults:
        return Found(faults=tuple(faults))
    if not any(line.strip() for cue in cues for line in cue.lines):
        return merge([Found(omissions=tuple(omissions)), left_out(place.name, "no words")])
    known = speakers_for(place, speakers)
    lines = _labelled([_lines(cue) for cue in cues], known)
    faults = _control_faults(place.name, cues, lines)
    if faults:
        return Found(faults=tuple(faults))
    kept, again = _once(cues, lines)
    if again:
        reason = "words that a rolling caption shows again"
        omissions.append(Omission(place.name, "cues that repeat the one before", reason, again))
    return merge([_transcript(place, cues, kept, known), Found(omissions=tuple(omissions))])


def _is_vtt(text: str, place: Place) -> bool:
    if re.match(r"WEBVTT(?:[ \t]|\n|$)", text):
        return True
    if suffix_of(place.path) == ".vtt":
        raise CorpusError(
            f"{place.name}, line 1: not WebVTT, whose first line is 'WEBVTT'; export it again, "
            "or name it .srt where it is SubRip"
        )
    return False


def parse_cues(
    text: str, *, name: str, is_vtt: bool
) -> tuple[list[Cue], list[tuple[int, int]], list[str]]:
    r"""The cues of a file, its comments (line, words) and its faults.

    Examples
    --------
    >>> cues, _, _ = parse_cues("1\n00:00:01,000 --> 00:00:02,5\nHello", name="a.srt", is_vtt=False)
    >>> cues
    [Cue(line=2, start=1.0, end=2.5, lines=['Hello'])]
    """
    cues: list[Cue] = []
    notes: list[tuple[int, int]] = []
    faults: list[str] = []
    state = "header" if is_vtt else ""
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        times = _TIMES.match(line)
        start, end = (seconds(times["start"]), seconds(times["end"])) if times else (None, None)
        if start is not None and end is not None:
            _without_id(cues, state)
            cues.append(Cue(number, start, end))
            state = "cue"
        elif "-->" in line and state not in ("NOTE", "STYLE"):
            faults.append(f"{name}, line {number}: the times of a cue cannot be read")
            state = "cue"
        elif not line.strip():
            state = "" if is_vtt or state != "cue" else "after"
        elif is_vtt and not state and (block := _BLOCK.match(line)):
            state = block[1]
            notes += [(number, word_count(line[4:]))] * (state == "NOTE")
        elif state == "NOTE":
            notes.append((number, word_count(line)))
        elif state in ("cue", "after") and cues:
            cues[-1].lines.append(line)
        elif not state and not _begins_cue(lines, number):
            faults.append(f"{name}, line {number}: words outside of any cue")
    return cues, notes, faults if cues or faults else [f"{name}: no cue with its times"]


def _without_id(cues: list[Cue], state: str) -> None:
    """Take the number of a cue from the words of the cue before it."""
    if (
        state in ("cue", "after")
        and cues
        and cues[-1].lines
        and cues[-1].lines[-1].strip().isdigit()
    ):
        cues[-1].lines.pop()


def _begins_cue(lines: Sequence[str], number: int) -> bool:
    """Whether the line below (lines count from 1) holds the times of a cue: this is its id."""
    return number < len(lines) and "-->" in lines[number]


def _left_out_notes(name: str, notes: Sequence[tuple[int, int]]) -> Omission:
    return Omission(name, f"line {notes[0][0]}", "notes in subtitles", sum(n for _, n in notes))


def _lines(cue: Cue) -> list[_Line]:
    """The lines of a cue without tags, each with the speaker that a voice tag names.

    A voice holds until its end tag or the next one, over lines.
    """
    lines: list[_Line] = []
    voice: str | None = None
    for line in cue.lines:
        at = 0
        for tag in _VOICE.finditer(line):
            lines += _plain(voice, line[at : tag.start()])
            at = tag.end()
            voice = None if tag["end"] else known_label(html.unescape(tag["name"]))
        lines += _plain(voice, line[at:])
    return lines


def _plain(speaker: str | None, text: str) -> Iterator[_Line]:
    words = " ".join(html.unescape(_TAG.sub("", text)).split())
    if words:
        yield _Line(speaker, words)


def _labelled(cues: list[list[_Line]], speakers: Speakers) -> list[list[_Line]]:
    """The lines with the speakers whom ``Name:`` tells, where no voice tag does.

    A label is one that is mapped, or that begins a cue where at least half of the cues begin
    with one; inside a cue only a label that begins another.
    """
    if any(line.speaker is not None for lines in cues for line in lines):
        return [[line if line.speaker else _Line("", line.text) for line in cue] for cue in cues]
    first = [colon_opening(_bare(lines[0].text)) for lines in cues if lines]
    found = {opening.label for opening in first if opening}
    known = {label for label in found if label in speakers}
    if 2 * sum(opening is not None for opening in first) >= len(first) > 0:
        known |= found
    told = [[_told(line, known, speakers) for line in lines] for lines in cues]
    if all(line.speaker is None for lines in told for line in lines):
        return told
    return _carried(told)


def _bare(text: str) -> str:
    return _NEW_SPEAKER.sub("", text, count=1) if _NEW_SPEAKER.match(text) else text


def _told(line: _Line, known: set[str], speakers: Speakers) -> _Line:
    text = _bare(line.text)
    opening = colon_opening(text)
    if opening and (opening.label in known or opening.label in speakers):
        return _Line(opening.label, opening.rest)
    return _Line("", text) if text != line.text else line


def _carried(cues: list[list[_Line]]) -> list[list[_Line]]:
    """A speaker goes on until the next label; words before the first are an unknown one's."""
    speaker = ""
    carried = []
    for lines in cues:
        told = []
        for line in lines:
            speaker = speaker if line.speaker is None else line.speaker
            told.append(_Line(speaker, line.text))
        carried.append(told)
    return carried


def _once(cues: Sequence[Cue], lines: Sequence[list[_Line]]) -> tuple[list[list[_Line]], int]:
    """The lines without those that a cue repeats from the one before, and how many words."""
    kept: list[list[_Line]] = []
    again = 0
    for n, now in enumerate(lines):
        repeated = _repeated(cues, lines, n) if n else 0
        again += sum(word_count(line.text) for line in now[:repeated])
        rest = now[repeated:]
        if n and not repeated and kept[-1] and _grows(cues, lines, n):
            again += word_count(kept[-1][-1].text)
            kept[-1] = kept[-1][:-1]
        kept.append(rest)
    return kept, again


def _repeated(cues: Sequence[Cue], lines: Sequence[list[_Line]], n: int) -> int:
    """How many first lines of a cue are the last ones of the cue before, on the screen still."""
    before, now = lines[n - 1], lines[n]
    if cues[n].start - cues[n - 1].end > _TOUCHING:
        return 0
    for count in range(min(len(before), len(now)), 0, -1):
        same = now[:count]
        if before[-count:] == same:
            words = sum(word_count(line.text) for line in same)
            flashes = cues[n].end - cues[n].start < _FLASH
            rolls = flashes or max(len(before), len(now)) > 1
            return count if rolls or words >= _FEWEST_REPEATED else 0
    return 0


def _grows(cues: Sequence[Cue], lines: Sequence[list[_Line]], n: int) -> bool:
    """Whether a cue says the one line of the cue before again, and goes on."""
    before, now = lines[n - 1], lines[n]
    if len(before) != 1 or not now or cues[n].start - cues[n - 1].end > _TOUCHING:
        return False
    old, new = before[0], now[0]
    is_longer = new.text.startswith(f"{old.text} ") and new.speaker == old.speaker
    return is_longer and word_count(old.text) >= _FEWEST_REPEATED


def _control_faults(name: str, cues: Sequence[Cue], lines: Sequence[list[_Line]]) -> list[str]:
    """An entity (``&#x1;``) may stand for a sign that no text holds."""
    return [
        f"{name}, line {cue.line}: {fault}"
        for cue, each in zip(cues, lines, strict=True)
        if (fault := control_fault("".join(f"{line.speaker or ''}{line.text}" for line in each)))
    ]


def _transcript(
    place: Place, cues: Sequence[Cue], lines: Sequence[list[_Line]], speakers: Speakers
) -> Found:
    """The document: turns where anybody is told, else one text of a speaker unknown."""
    said = joined(
        (
            Said(line.speaker or "", line.text, cue.start)
            for cue, each in zip(cues, lines, strict=True)
            for line in each
            if line.text
        ),
        " ",
    )
    document = Document(slug(place.stem), "-", language="", place=f"line {cues[0].line}")
    if not said:
        return left_out(place.name, "no words")
    return as_transcript(document, said, speakers, place=place)
