"""Filled-in sheets read back: how often people were right, beside what guessing gives.

Several readers may fill in the same sheet. Each answer counts once; the interval takes
answers for independent, which those of one reader are not quite, so it is rather too narrow.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.coefficients import wilson_interval
from reflect_analysis.disclosure.sheets import Record, described, read_sheet
from reflect_analysis.errors import TopicsError, raise_all
from reflect_analysis.topics.questions import KEY_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GivenName", "SheetScores", "TopicScore", "score_sheets"]

ALL = "all"
_YES = {"y": "yes", "yes": "yes", "n": "no", "no": "no"}


@dataclass(frozen=True, slots=True)
class TopicScore:
    """How often the readers were right about one topic, or about all.

    Parameters
    ----------
    topic : str
        Key of the group of texts; ``"all"`` for all together.
    right, answered : int
        Right answers, of those given.
    chance : float
        Share that guessing would get right, in (0, 1).
    low, high : float
        Wilson's interval of the share at 95 %; `nan` where nothing was answered.
    unanswered : int
        Questions without an answer, which count for nothing.
    stability : str
        The verdict on the topic, of all on the solution.
    """

    topic: str
    right: int
    answered: int
    chance: float
    low: float
    high: float
    unanswered: int
    stability: str

    @property
    def share(self) -> float:
        """Share right, in [0, 1]; `nan` where nothing was answered."""
        return self.right / self.answered if self.answered else math.nan

    @property
    def above_chance(self) -> bool:
        """Whether the whole interval lies above what guessing gives."""
        return self.low > self.chance


@dataclass(frozen=True, slots=True)
class GivenName:
    """What a reader called a group: the reader's own words."""

    topic: str
    reader: str
    name: str


@dataclass(frozen=True)
class SheetScores:
    """What readers found in a sheet.

    Parameters
    ----------
    kind : str
        ``"word-intrusion"``, ``"document-intrusion"`` or ``"naming"``.
    rows : tuple of TopicScore
        A topic each, then all together.
    readers : tuple of str
        By the names of their files.
    solution : str
        Whether the whole solution is stable.
    names : tuple of GivenName
        Of a naming sheet.
    """

    kind: str
    rows: tuple[TopicScore, ...]
    readers: tuple[str, ...]
    solution: str
    names: tuple[GivenName, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[TopicScore]:
        return iter(self.rows)

    @property
    def overall(self) -> TopicScore:
        """All topics together."""
        return self.rows[-1]

    def to_frame(self) -> pd.DataFrame:
        """One row a topic, the last for all.

        Returns
        -------
        DataFrame
            The fields of `TopicScore`, then ``share, above_chance, kind, readers, solution``.
        """
        return to_frame(self.rows, TopicScore).assign(
            share=[row.share for row in self.rows],
            above_chance=[row.above_chance for row in self.rows],
            kind=self.kind,
            readers=len(self.readers),
            solution=self.solution,
        )

    def names_frame(self) -> pd.DataFrame:
        """One row a reader and group: ``topic, reader, name``."""
        return to_frame(self.names, GivenName)

    def __repr__(self) -> str:
        return f"<SheetScores {self.kind}: {_told(self.overall)}; {self.solution}>"

    def _repr_html_(self) -> str:
        cells = [
            (
                row.topic,
                f"{row.right} of {row.answered}",
                _share(row.share),
                _interval(row),
                _share(row.chance),
                row.stability,
            )
            for row in self.rows
        ]
        head = ("Topic", "Right", "Share", "95 % interval", "By guessing", "Grouping")
        return f"<p>{escape(repr(self))}</p>{html_table(head, cells)}"


def _told(row: TopicScore) -> str:
    if not row.answered:
        return "nothing was answered"
    counts = f"{row.right} of {row.answered} right ({_interval(row)})"
    return f"{counts}, by guessing {_share(row.chance)}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0%}".replace("%", " %")


def _interval(row: TopicScore) -> str:
    return "–" if math.isnan(row.low) else f"{_share(row.low)} to {_share(row.high)}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row of the key."""

    topic: str
    answer: str
    choices: int
    stability: str


@dataclass(frozen=True, slots=True)
class _Key:
    kind: str
    solution: str
    asked: Mapping[str, _Asked]


def score_sheets(sheets: str | Path | Iterable[str | Path], key: str | Path) -> SheetScores:
    """Score filled-in sheets of one kind by their key.

    Parameters
    ----------
    sheets : path or iterable of path
        XLSX or CSV as `TopicSheet.save` wrote it, one a reader, with the column ``answer``
        filled in.
    key : path
        The file with the answers.

    Returns
    -------
    SheetScores

    Raises
    ------
    CorpusError
        If a file cannot be read, or lacks a column.
    TopicsError
        With every answer that is none, every question that is not in the key, and every
        question that stands twice.
    """
    paths = [sheets] if isinstance(sheets, str | Path) else list(sheets)
    known = _read_key(Path(key))
    answers: list[tuple[str, str, str]] = []
    faults: list[str] = []
    readers = _readers(paths)
    for reader, path in zip(readers, paths, strict=True):
        found, wrong = _answers(Path(path), known)
        answers += [(reader, question, answer) for question, answer in found.items()]
        faults += wrong
    raise_all(TopicsError, faults)
    rows = tuple(_scores(known, answers, len(readers)))
    names = tuple(
        GivenName(known.asked[question].topic, reader, answer)
        for reader, question, answer in answers
        if answer and not known.asked[question].choices
    )
    return SheetScores(known.kind, rows, readers, known.solution, names)


def _readers(paths: Sequence[str | Path]) -> tuple[str, ...]:
    """The stems of the files; where two are alike, the paths."""
    if not paths:
        raise ValueError("sheets: expected at least one file")
    stems = [Path(path).stem for path in paths]
    return tuple(stems if len(set(stems)) == len(stems) else [str(path) for path in paths])


def _read_key(path: Path) -> _Key:
    rows = read_sheet(path, needs=KEY_COLUMNS)
    raise_all(TopicsError, _key_faults(path, rows))
    asked = {
        cells["question"]: _Asked(
            cells["topic"].removeprefix("topic "),
            cells["answer"],
            int(cells["choices"] or 0),
            cells["stability"],
        )
        for _, cells in rows
    }
    first = rows[0][1]
    return _Key(first["kind"], first["solution"], asked)


def _key_faults(path: Path, rows: Sequence[Record]) -> Iterator[str]:
    if not rows:
        yield f"{path.name}: expected a row a question, came none"
    for question, count in Counter(cells["question"] for _, cells in rows).items():
        if count > 1:
            yield f"{path.name}: question {question!r} stands {count} times"
    for number, cells in rows:
        choices = cells["choices"]
        if choices and not (choices.isdecimal() and int(choices) > 1 and cells["answer"]):
            yield f"{path.name}, row {number}: not as it was written; use the key as it came"


def _answers(path: Path, key: _Key) -> tuple[dict[str, str], list[str]]:
    """The answers by question, empty where there is none, and what is wrong with the file."""
    found: dict[str, str] = {}
    faults = []
    for number, cells in read_sheet(path, needs=("question", "answer")):
        question, where = cells["question"], f"{path.name}, row {number}"
        if question not in key.asked:
            faults.append(f"{where}: question {described(question)} is not in the key; give the "
                          "key that was written with this sheet")  # fmt: skip
        elif question in found:
            faults.append(f"{where}: question {question!r} stands twice")
        else:
            found[question], wrong = _answer(cells["answer"], key.asked[question])
            faults += [f"{where}: {each}" for each in wrong]
    return found, faults


def _answer(given: str, asked: _Asked) -> tuple[str, list[str]]:
    """An answer as the key writes it."""
    if not given or not asked.choices:
        return given, []
    if asked.answer in {"yes", "no"}:
        plain = _YES.get(given.casefold(), "")
        return plain, [] if plain else [f"answer {described(given)}; expected yes or no"]
    fits = given.isdecimal() and 1 <= int(given) <= asked.choices
    wrong = f"answer {described(given)}; expected a number from 1 to {asked.choices}"
    return (str(int(given)), []) if fits else ("", [wrong])


def _scores(
    key: _Key, answers: Sequence[tuple[str, str, str]], readers: int
) -> Iterator[TopicScore]:
    scored = {question: asked for question, asked in key.asked.items() if asked.choices}
    topics = sorted({asked.topic for asked in scored.values()}, key=lambda t: (len(t), t))
    given = [(scored[q], answer) for _, q, answer in answers if q in scored and answer]
    for topic in topics:
        mine = [(asked, answer) for asked, answer in given if asked.topic == topic]
        questions = [asked for asked in scored.values() if asked.topic == topic]
        yield _score(topic, questions, mine, readers, questions[0].stability)
    yield _score(ALL, list(scored.values()), given, readers, key.solution)


def _score(
    topic: str,
    questions: Sequence[_Asked],
    given: Sequence[tuple[_Asked, str]],
    readers: int,
    stability: str,
) -> TopicScore:
    right = sum(asked.answer == answer for asked, answer in given)
    counted = [asked for asked, _ in given] or list(questions)
    chance = sum(1 / asked.choices for asked in counted) / len(counted)
    low, high = wilson_interval(right, len(given)) if given else (math.nan, math.nan)
    missing = len(questions) * readers - len(given)
    return TopicScore(topic, right, len(given), chance, low, high, missing, stability)
