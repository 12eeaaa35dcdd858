"""Transcripts in the layouts that people and programs write: labels, times, and turns.

Three layouts are told apart, and nothing else is taken for a transcript:

- ``Name: words`` or ``[Name] words``, perhaps with the time before or behind the name;
- a line of its own with name and time (``Name  0:03``, ``[Name] 14:03:22``), then the words:
  Otter, Teams, Zoom;
- a line of two times (``0:0:0.0 --> 0:0:2.4``), the name, then the words: older Teams.

The document is written anew as ``Name: words``, a turn a paragraph, so that times and marks
are no words; a turn is the span of what was said, without the label. A label is never a case
by itself: see `_speakers`. What stands before the first label (title, date, keywords) and
lines of the program itself are left out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Omission, Turn

from ._found import Found, Place, is_garbled, merge, slug, word_count
from ._speakers import Speakers, known_label, speakers_for, unmapped


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLOCK = r"\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIME = rf"[\[(]?(?P<time>{_CLOCK})[\])]?"
# One to four words, the first with a capital, a digit or a letter of a script without case.
_NAME = r"(?P<name>[^\W_](?:[^:\[\]()\n<>?!;|]|\([^()\n]{1,20}\)){0,38})"
_BARE = _NAME.replace("<name>", "<bare>")
_COLON = re.compile(
    rf"(?:{_TIME}\s*[-–—]?\s*)?(?:\*\*)?(?P<open>\[)?{_NAME}(?(open)\])(?:\*\*)?"
    rf"(?:\s*[\[(]?(?P<after>{_CLOCK})[\])]?)?(?:\*\*)?\s*:(?:\*\*)?(?:\s+|$)"
)
_BRACKETED = re.compile(rf"(?:{_TIME}\s*)?\[{_NAME}(?:\s+(?P<after>{_CLOCK}))?\](?:\s+|$)(?!\(?\d)")
_HEADER = re.compile(
    rf"(?:\*\*)?(?:\[{_NAME}\]|{_BARE})(?:\*\*)?"
    rf"(?:\s*[-–—,|]\s*|\s+)[\[(]?(?P<after>{_CLOCK})[\])]?\s*$"
)
_ARROW = re.compile(r"(?P<time>\d{1,3}:[\d:]{3,5}(?:\.\d+)?)\s*-->\s*[\d:.]{4,20}\s*$")
LABELLED = "name before the words"
_NAME_WORDS = 5
# In brackets, what was heard and not who spoke.
_SOUNDS = _words(
    "laughter laughs laughing music applause pause silence crosstalk inaudible unintelligible "
    "crying coughs sighs recording redacted rires musique applaudissements"
)
_HOSTS = _words("facilitator interviewer moderator host researcher animatrice animateur chercheuse")
_PROGRAM = re.compile(
    r"transcribed by https?://|.* (?:started|stopped) transcription\.?$|https?://otter\.ai",
    re.IGNORECASE,
)
_FEWEST_LABELS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What one speaker says without a break."""

    speaker: str
    text: str
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of a turn: who, when, and the words on the same line."""

    label: str
    rest: str
    time: float | None
    is_bracketed: bool = False


def seconds(clock: str) -> float | None:
    """A time of a recording in seconds; `None` where it is none.

    Examples
    --------
    >>> seconds("0:03"), seconds("01:02:03.500"), seconds(""), seconds("0:75")
    (3.0, 3723.5, None, None)
    """
    parts = clock.replace(",", ".").split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) < 2 or any(number >= 60 for number in numbers[1:]):  # noqa: PLR2004  # a clock
        return None
    total = 0.0
    for number in numbers:
        total = total * 60 + number
    return total


def colon_opening(line: str) -> Opening | None:
    """``Name: words``, or ``[Name] words``, as the beginning of a turn.

    Examples
    --------
    >>> colon_opening("[00:01:02] Ana L.: I stayed.")
    Opening(label='Ana L.', rest='I stayed.', time=62.0, is_bracketed=False)
    >>> colon_opening("and one thing: no") is None, colon_opening("[laughter]") is None
    (True, True)
    """
    for pattern in (_COLON, _BRACKETED):
        found = pattern.match(line)
        if found and _is_name(found["name"]):
            time = seconds(found["time"] or found["after"] or "")
            bracketed = pattern is _BRACKETED or bool(found["open"])
            if bracketed and found["name"].split()[0].casefold() in _SOUNDS:
                return None
            return Opening(known_label(found["name"]), line[found.end() :], time, bracketed)
    return None


def _is_name(name: str) -> bool:
    """Whether what stands before a colon may be a name: few words, none of a web address."""
    first = name[0]
    cased = first.isupper() or first.isdigit() or not (first.islower() or first.isupper())
    if name.isdigit() or "//" in name:
        return False
    return cased and len(name.split()) <= _NAME_WORDS


def header_opening(line: str) -> Opening | None:
    """``Name  0:03`` on a line of its own.

    Examples
    --------
    >>> header_opening("Ana L.  0:03")
    Opening(label='Ana L.', rest='', time=3.0, is_bracketed=False)
    >>> header_opening("We met at 10:30") is None
    True
    """
    found = _HEADER.match(line.strip())
    name = (found["name"] or found["bare"] or "").strip(" *") if found else ""
    if not found or not name or not _is_name(name) or _has_small_words(name):
        return None
    time = seconds(found["after"])
    return Opening(known_label(name), "", time) if time is not None else None


def _has_small_words(name: str) -> bool:
    """Whether a name goes on in small letters as a sentence does ("We met at")."""
    words: list[str] = re.findall(r"[^\W\d_]+", name)
    return sum(word[0].islower() for word in words[1:]) > len(words) // 2


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the beginnings of turns are written in one transcript."""

    name: str
    openings: dict[int, Opening]


def layout_of(lines: Sequence[str], speakers: Iterable[str] = ()) -> _Layout | None:
    """The layout of a transcript, or `None` where the lines are none."""
    mapped = frozenset(speakers)
    arrows = _arrows(lines)
    if arrows:
        return _Layout("times, then name", arrows)
    headers = {n: o for n, line in enumerate(lines) if (o := header_opening(line))}
    if len(headers) > 1 or any(o.label in mapped for o in headers.values()):
        return _Layout("name and time above the words", headers)
    labelled = {n: o for n, line in enumerate(lines) if (o := colon_opening(line))}
    labelled = _plausible(labelled, mapped)
    return _Layout(LABELLED, labelled) if _enough(labelled, lines, mapped) else None


def _arrows(lines: Sequence[str]) -> dict[int, Opening]:
    """Turns of older Teams: a line of two times, a name, the words."""
    found: dict[int, Opening] = {}
    for n, line in enumerate(lines[:-1]):
        times = _ARROW.match(line.strip())
        name = lines[n + 1].strip()
        if times and name and _is_name(name) and not name.endswith((".", "?", "!")):
            found[n] = Opening(known_label(name), "", seconds(times["time"]))
    return found if len(found) > 1 else {}


def _plausible(labelled: dict[int, Opening], mapped: frozenset[str]) -> dict[int, Opening]:
    """The labels that are names: mapped, repeated, or every word of them with a capital.

    In brackets only a repeated one is, and one that stands before a colon elsewhere.
    """
    counts = Counter(o.label for o in labelled.values())
    plain = {o.label for o in labelled.values() if not o.is_bracketed}

    def is_name(opening: Opening) -> bool:
        label = opening.label
        if label in mapped or (not opening.is_bracketed and counts[label] > 1):
            return True
        if opening.is_bracketed:
            return label in plain or (not plain and len(counts) > 1)
        return not any(word[0].islower() for word in label.split())

    return {n: o for n, o in labelled.items() if is_name(o)}


def _enough(labelled: dict[int, Opening], lines: Sequence[str], mapped: frozenset[str]) -> bool:
    """Whether so many lines begin with a label that they are turns."""
    counts = Counter(o.label for o in labelled.values())
    if mapped.intersection(counts):
        return True
    if len(counts) < 2 or 2 * len(labelled) < _paragraph_count(lines):  # noqa: PLR2004  # one is no talk
        return False
    hosted = any(label.casefold() in _HOSTS for label in counts)
    return hosted or (len(labelled) >= _FEWEST_LABELS and max(counts.values()) > 1)


def _paragraph_count(lines: Sequence[str]) -> int:
    """How many paragraphs lines are: those between blank lines, else each line."""
    filled = [bool(line.strip()) for line in lines]
    begins = sum(now and not before for before, now in zip([False, *filled], filled, strict=False))
    return begins if begins > 1 else sum(filled)


def is_transcript(paragraphs: Sequence[str], *, speakers: Iterable[str] = ()) -> bool:
    r"""Whether paragraphs are turns of a talk.

    Parameters
    ----------
    paragraphs : sequence of str
        A paragraph may hold several lines.
    speakers : iterable of str
        Labels that are known to be speakers.

    Examples
    --------
    >>> is_transcript(["Ana L.  0:03", "I stayed.", "Ben  0:09", "Why?"])
    True
    >>> is_transcript(["Phone: 12", "Place: Nelson", "Hours: nine to five"])
    False
    """
    return layout_of(_lines_of(paragraphs)[0], speakers) is not None


def _lines_of(paragraphs: Sequence[str]) -> tuple[list[str], list[int]]:
    """The lines of paragraphs, a blank one between two, and the paragraph of each."""
    lines: list[str] = []
    origin: list[int] = []
    for n, paragraph in enumerate(paragraphs):
        if lines and not paragraph.strip() and not lines[-1].strip():
            continue
        parts = paragraph.split("\n")
        lines += parts
        origin += [n] * len(parts)
    return lines, origin


def read_paragraphs(
    paragraphs: Sequence[str],
    speakers: Speakers,
    *,
    place: Place,
    place_of: Callable[[int], str],
    attributes: Attributes = Attributes(),  # noqa: B008  # a frozen value
) -> Found:
    """The one transcript that paragraphs hold; ask `is_transcript` before.

    Parameters
    ----------
    paragraphs : sequence of str
    speakers : mapping of str to str or None
        Cases by label; `None` for a facilitator. What ``speakers.yaml`` beside the file says
        is added.
    place : Place
    place_of : callable
        How a paragraph (from 0) is called in messages: ``"paragraph 3"``, ``"line 12"``.
    attributes : Attributes
        Of the document.
    """
    lines, origin = _lines_of(paragraphs)
    document = Document(slug(place.stem), "-", language="", attributes=attributes)
    return read_lines(
        lines,
        speakers_for(place, speakers),
        document=document,
        place=place,
        place_of=lambda n: place_of(origin[n]),
    )


def read_lines(
    lines: Sequence[str],
    speakers: Speakers,
    *,
    document: Document,
    place: Place,
    place_of: Callable[[int], str],
) -> Found:
    """A document with the turns that lines hold; see `read_paragraphs`."""
    layout = layout_of(lines, speakers)
    said, dropped = _said(lines, layout) if layout else ([], [])
    if layout is None or not said:
        return Found(faults=(f"{place.name}: no turns were found",))
    omissions = tuple(Omission(place.name, place_of(n), why, words) for n, why, words in dropped)
    first = replace(document, place=place_of(min(layout.openings)))
    found = as_transcript(first, said, speakers, place=place)
    guesses = {place.name: {"layout": layout.name}}
    return merge([found, Found(omissions=omissions, guesses=guesses)])


def _said(lines: Sequence[str], layout: _Layout) -> tuple[list[Said], list[tuple[int, str, int]]]:
    """The turns of a transcript, and the lines that are left out: number, reason, words."""
    said: list[Said] = []
    dropped: list[tuple[int, str, int]] = []
    current: Opening | None = None
    words: list[str] = []
    skip = -1

    def close() -> None:
        text = _paragraphs(words)
        if current and text:
            said.append(Said(current.label, text, current.time))
        words.clear()

    before: list[int] = []
    for n, line in enumerate(lines):
        opening = layout.openings.get(n)
        if opening:
            close()
            current, skip = opening, n + 1 if "-->" in line else -1
            words.append(opening.rest)
        elif n == skip:
            continue
        elif _PROGRAM.match(line.strip()):
            dropped.append((n, "a line of the program that transcribed", word_count(line)))
        elif current is None:
            before += [n] * bool(line.strip())
        else:
            words.append(line)
    close()
    if before:
        count = sum(word_count(lines[n]) for n in before)
        dropped.insert(0, (before[0], "lines before the first speaker", count))
    return joined(said, "\n\n"), dropped


def _paragraphs(lines: Iterable[str]) -> str:
    """Lines as one text, with at most one blank line between two."""
    text = "\n".join(line.strip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def joined(said: Iterable[Said], between: str) -> list[Said]:
    """Consecutive words of one speaker as one turn, which begins when the first did."""
    turns: list[Said] = []
    for each in said:
        if turns and turns[-1].speaker == each.speaker:
            turns[-1] = replace(turns[-1], text=f"{turns[-1].text}{between}{each.text}")
        else:
            turns.append(each)
    return turns


def as_transcript(
    document: Document,
    said: Sequence[Said],
    speakers: Speakers,
    *,
    place: Place,
) -> Found:
    """A document of turns, each with its label before it; and the labels mapped to nobody."""
    parts: list[str] = []
    turns: list[Turn] = []
    at = 0
    for each in said:
        label = f"{each.speaker}: " if each.speaker else ""
        known = known_label(each.speaker)
        case = speakers.get(known)
        start = at + len(label)
        is_host = known in speakers and case is None
        turns.append(
            Turn(start, start + len(each.text), each.speaker, case, not is_host, each.time)
        )
        parts.append(label + each.text)
        at += len(parts[-1]) + 2
    text = "\n\n".join(parts)
    whole = replace(
        document,
        text=text,
        kind="transcript" if document.kind == "reflection" else document.kind,
        turns=tuple(turns),
        flags=("garbled",) if is_garbled(text) else (),
        source=place.name,
        place=document.place or "line 1",
    )
    pairs = ((each.speaker, each.text) for each in said)
    return Found(documents=(whole,), omissions=tuple(unmapped(place.name, pairs, speakers)))
