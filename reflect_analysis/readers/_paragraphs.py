"""What a laid-out file gives, whatever its format: paragraphs, answers, what was left out.

Word, OpenDocument, RTF, HTML and PDF are read into the same `Content`, and a `Content`
becomes one text: paragraphs parted by a blank line, a heading as Markdown marks it
(``## What I learned``), an item of a list behind a bullet. So the same words give the same
document whatever program saved them. Each line of the text knows its place in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reflect_analysis.corpus import Omission

from ._found import word_count

BULLET = "• "
TEXT_LIMIT = 10_000_000

_RULE = re.compile(r"[-–—]{2,3}|—|\.\.\.")
_KEY = re.compile(r"\s*(?:[\"'“”‘’]?[\w .#()-]+[\"'“”‘’]?\s*:|-\s|#|$)")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})
_QUESTIONS = frozenset({"question", "questions", "prompt", "prompts", "consigne", "provocation"})
_LABEL = re.compile(r"[^\W_][^:\n?]{0,38}:?")
_LABEL_WORDS = 4
_LONG_ANSWER = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    r"""A paragraph.

    Parameters
    ----------
    text : str
        Line breaks inside it are ``\n``.
    place : str
        ``"paragraph 3"``, ``"page 2"``, ``"line 40"``.
    level : int
        1 to 9 for a heading, 0 for none.
    """

    text: str
    place: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What a laid-out file holds.

    Parameters
    ----------
    paragraphs : tuple of Paragraph
    answers : tuple of (str, Paragraph)
        Questions and their answers, from tables that ask.
    omissions : tuple of Omission
    notes : Mapping of str to str
        What was done without being told, for `Found.guesses`.
    """

    paragraphs: tuple[Paragraph, ...]
    answers: tuple[tuple[str, Paragraph], ...] = ()
    omissions: tuple[Omission, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Collected:
    """A `Content` while it is being read."""

    source: str
    paragraphs: list[Paragraph] = field(default_factory=list)
    answers: list[tuple[str, Paragraph]] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def add(self, text: str, place: str, *, level: int = 0, item: bool = False) -> None:
        """Add a paragraph, unless it is empty."""
        clean = text.strip("\n").rstrip()
        if clean.strip():
            bullet = BULLET if item and not level else ""
            self.paragraphs.append(Paragraph(bullet + clean, place, level))

    def omit(self, text: str, place: str, reason: str) -> None:
        """List what is left out, unless no word stands in it."""
        if word_count(text):
            self.omissions.append(Omission(self.source, place, reason, word_count(text)))

    def leave(self, place: str, reason: str) -> None:
        """List something that is left out and is no text."""
        self.omissions.append(Omission(self.source, place, reason))

    def add_table(self, rows: Sequence[Sequence[str]], where: str) -> None:
        """Add a table: answers where it asks, turns where it says who speaks, else its cells."""
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        if asks(filled):
            self._add_answers(filled, where)
            return
        speaks = is_of_turns(filled)
        for number, row in enumerate(filled, start=1):
            place = f"{where}, row {number}"
            if speaks:
                self.add(f"{row[-2].strip().rstrip(':')}: {row[-1].strip()}", place)
            for cell in () if speaks else row:
                for part in re.split(r"\n{2,}", cell):
                    self.add(part, place)

    def _add_answers(self, rows: Sequence[Sequence[str]], where: str) -> None:
        for number, row in enumerate(rows, start=1):
            place = f"{where}, row {number}"
            question, answer = (" ".join(row[0].split()), row[1].strip())
            if number == 1 and not question.endswith("?") and _is_header(row):
                continue
            if answer:
                self.answers.append((question, Paragraph(answer, place)))
            else:
                self.leave(place, "a question without an answer")

    def content(self) -> Content:
        """What was read."""
        kept = tuple(self.paragraphs)
        return Content(kept, tuple(self.answers), tuple(self.omissions), dict(self.notes))


def asks(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table has two columns, questions and their answers.

    Examples
    --------
    >>> asks([["What helped you?", "Tea with my partner."], ["What was hard?", ""]])
    True
    >>> asks([["Session", "3"], ["Date", "8 April"]])
    False
    """
    if not rows or any(len(row) != 2 for row in rows):  # noqa: PLR2004  # question and answer
        return False
    body = rows[1:] if _is_header(rows[0]) else rows
    asked = sum(row[0].strip().endswith("?") for row in body)
    told = any(word_count(row[1]) >= _LONG_ANSWER for row in body)
    return bool(body) and told and (2 * asked > len(body) or _is_header(rows[0]))


def _is_header(row: Sequence[str]) -> bool:
    return row[0].strip().rstrip(":").casefold() in _QUESTIONS


def is_of_turns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last two columns of a table are who speaks and what is said.

    Labels are short and come back.

    Examples
    --------
    >>> is_of_turns([["P01", "I was late."], ["P02", "So was I."], ["P01", "Ha."]])
    True
    """
    if len(rows) < 3 or any(len(row) not in (2, 3) for row in rows):  # noqa: PLR2004  # perhaps times first
        return False
    labels = Counter(row[-2].strip().rstrip(":") for row in rows)
    fits = all(
        _LABEL.fullmatch(label) and len(label.split()) <= _LABEL_WORDS and not label[0].isdigit()
        for label in labels
    )
    return fits and len(labels) > 1 and max(labels.values()) > 1 and len(labels) < len(rows)


def composed(paragraphs: Iterable[Paragraph]) -> tuple[str, list[str]]:
    """The paragraphs as one text, and the place in the file of each of its lines.

    Front matter that was typed into a document (between two lines ``---``, which Word
    makes dashes, with quotation marks that it bends) becomes front matter again.
    """
    listed = list(paragraphs)
    front, rest = front_matter(listed)
    lines = [(line, paragraph.place) for paragraph, line in front]
    for paragraph in rest:
        lines += [("", paragraph.place)] if lines else []
        lines += [(line, paragraph.place) for line in _lines(paragraph)]
    return "\n".join(line for line, _ in lines), [place for _, place in lines]


def _lines(paragraph: Paragraph) -> list[str]:
    if paragraph.level:
        return [f"{'#' * min(paragraph.level, 6)} {' '.join(paragraph.text.split())}"]
    return [line.rstrip() for line in paragraph.text.strip().split("\n")]


def front_matter(
    paragraphs: Sequence[Paragraph],
) -> tuple[list[tuple[Paragraph, str]], Sequence[Paragraph]]:
    """The lines of the front matter, and the paragraphs after it."""
    lines: list[tuple[Paragraph, str]] = []
    for index, paragraph in enumerate(paragraphs):
        for line in paragraph.text.split("\n"):
            is_rule = _RULE.fullmatch(line.strip()) is not None
            if not lines and not is_rule:
                return [], paragraphs
            lines.append((paragraph, "---" if is_rule else line.rstrip().translate(_STRAIGHT)))
            if is_rule and len(lines) > 2:  # noqa: PLR2004  # the two rules around at least one key
                return lines, paragraphs[index + 1 :]
            if not is_rule and not _KEY.match(line):
                return [], paragraphs
    return [], paragraphs


def headings_of(text: str) -> Iterator[str]:
    r"""The headings of a text, as Markdown marks them.

    Examples
    --------
    >>> list(headings_of("# Winter\n\nWe met.\n\n## What was hard ##\n\nTime."))
    ['Winter', 'What was hard']
    """
    for found in re.finditer(r"^#{1,6}[ \t]+(\S[^\n]*)$", text, re.MULTILINE):
        heading = found[1].rstrip("# \t").strip("*_ ")
        if heading:
            yield heading
