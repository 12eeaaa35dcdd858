"""The value of a sheet: its questions with their answers, and the two files that it becomes.

The sheet holds participants' words and is kept; the answers stand in the key alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from reflect_analysis._rows import Attributes
from reflect_analysis.disclosure.sheets import write_sheet
from reflect_analysis.errors import OutputError

__all__ = ["KEY_COLUMNS", "SheetKind", "SheetQuestion", "TopicSheet"]

SheetKind = Literal["word-intrusion", "document-intrusion", "naming"]

KEY_COLUMNS = ("question", "kind", "topic", "answer", "choices", "stability", "solution")
_KEPT = "KEEP: participants’ words, never to be sent"
_HOW = {
    "word-intrusion": (
        "Each row shows words. All but one belong together.",
        "Write the number of the word that does not belong into the column “answer”.",
        "Guess where you do not know: a row without an answer is not counted.",
    ),
    "document-intrusion": (
        "Each row shows passages. All but one come from one group.",
        "Write the number of the passage that does not belong into the column “answer”.",
        "Guess where you do not know: a row without an answer is not counted.",
    ),
    "naming": (
        "Go through the rows from the top, and do not look ahead.",
        "Task “name”: read the passages and write what they have in common, in a few words.",
        "Task “apply”: does the passage belong under the name that you gave? Write yes or no.",
        "Guess where you do not know: a row without an answer is not counted.",
    ),
}
_ALONE = "Answer alone, before you talk about it with anybody."


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """One row of a sheet, with its answer.

    Parameters
    ----------
    id : str
        Says which sheet it is of, and nothing of the topic.
    topic : str
        Key of the group of texts (`TopicGroup.key`).
    shown : tuple of str
        Words or passages in the order in which they are shown.
    answer : str
        The place of the intruder, from 1; ``"yes"`` or ``"no"``; empty where nothing is right
        or wrong.
    task : {"find", "name", "apply"}
    group : str
        What the reader knows the group by, where a sheet comes back to it.
    """

    id: str
    topic: str
    shown: tuple[str, ...]
    answer: str
    task: Literal["find", "name", "apply"] = "find"
    group: str = ""

    @property
    def choices(self) -> int:
        """Among how many a reader chooses; 0 where no answer is right or wrong."""
        if self.task == "find":
            return len(self.shown)
        return 2 if self.task == "apply" else 0


@dataclass(frozen=True)
class TopicSheet:
    """A sheet to be filled in by readers, and its key.

    Parameters
    ----------
    kind : {"word-intrusion", "document-intrusion", "naming"}
    questions : tuple of SheetQuestion
    solution : str
        Whether the whole solution is stable.
    stability : Attributes
        The verdict on each topic asked about, by its key.
    left_out : tuple of str
        Topics that are not asked about, and why.
    """

    kind: SheetKind
    questions: tuple[SheetQuestion, ...]
    solution: str
    stability: Attributes = field(default_factory=Attributes)
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.questions)

    def __iter__(self) -> Iterator[SheetQuestion]:
        return iter(self.questions)

    def save(self, path: str | Path, *, key: str | Path | None = None) -> tuple[Path, Path]:
        """Write the sheet and its key, as XLSX or CSV by the suffix.

        The sheet holds participants' words: keep it like the texts, never send it. The key
        holds the answers: do not give it to the readers.

        Parameters
        ----------
        path : str or Path
            Ends in ``.xlsx`` or ``.csv``; nothing may lie there.
        key : str or Path, optional
            By default beside the sheet, with ``-key`` in its name.

        Returns
        -------
        tuple of Path
            The sheet and the key.

        Raises
        ------
        OutputError
            If one of the files is there: it may have been filled in.
        ValueError
            If a path ends otherwise.
        """
        sheet = Path(path)
        answers = Path(key) if key else sheet.with_name(f"{sheet.stem}-key{sheet.suffix}")
        _check_free(sheet, answers)
        write_sheet(
            sheet,
            "KEEP",
            self._rows(),
            widths=self._widths(),
            choices=self._choices(),
            notes=(*_HOW[self.kind], _ALONE, self.standing),
        )
        write_sheet(answers, "KEEP key", self._key(), widths=dict.fromkeys(KEY_COLUMNS, 16))
        return sheet, answers

    @property
    def standing(self) -> str:
        """What stands on every row: that it is kept, and whether the topics are stable."""
        return f"{_KEPT}; groups by a machine: {self.solution}"

    @property
    def _places(self) -> int:
        return max((len(question.shown) for question in self.questions), default=0)

    @property
    def _noun(self) -> str:
        return "word" if self.kind == "word-intrusion" else "passage"

    def _widths(self) -> dict[str, int]:
        if self.kind == "naming":
            texts = {"group": 8, "task": 8, "text": 90, "answer": 30}
        else:
            width = 16 if self.kind == "word-intrusion" else 46
            names = [f"{self._noun} {place}" for place in range(1, self._places + 1)]
            texts = {**dict.fromkeys(names, width), "answer": 10}
        return {"question": 14, **texts, "standing": 30}

    def _choices(self) -> dict[str, list[str]]:
        if self.kind == "naming":  # a name may be anything, so no list can be offered
            return {}
        return {"answer": [str(place) for place in range(1, self._places + 1)]}

    def _rows(self) -> list[dict[str, str | int]]:
        return [self._row(question) for question in self.questions]

    def _row(self, question: SheetQuestion) -> dict[str, str | int]:
        if self.kind == "naming":
            several = len(question.shown) > 1
            lines = [f"{'– ' if several else ''}{text}" for text in question.shown]
            texts = {"group": question.group, "task": question.task, "text": "\n\n".join(lines)}
        else:
            padded = [*question.shown, *[""] * (self._places - len(question.shown))]
            texts = {f"{self._noun} {n}": text for n, text in enumerate(padded, start=1)}
        return {"question": question.id, **texts, "answer": "", "standing": self.standing}

    def _key(self) -> list[dict[str, str | int]]:
        return [
            {
                "question": question.id,
                "kind": self.kind,
                "topic": f"topic {question.topic}",  # "0+2" alone looks like a sum
                "answer": question.answer,
                "choices": question.choices or "",
                "stability": str(self.stability[question.topic]),
                "solution": self.solution,
            }
            for question in self.questions
        ]

    def __repr__(self) -> str:
        topics = len({question.topic for question in self.questions})
        out = f"; {len(self.left_out)} topics left out" if self.left_out else ""
        shape = f"{len(self)} questions on {topics} topics"
        return f"<TopicSheet {self.kind}: {shape}; {self.solution}{out}>"


def _check_free(*paths: Path) -> None:
    for path in paths:
        if path.suffix.lower() not in {".xlsx", ".csv"}:
            raise ValueError(f"expected a path that ends in .xlsx or .csv, not {path.name!r}")
    if paths[0] == paths[1]:
        raise ValueError(f"the sheet and its key cannot both be {paths[0].name!r}")
    there = [f"{path}: exists already and may be filled in; name another file" for path in paths
             if path.exists()]  # fmt: skip
    if there:
        raise OutputError(there)
