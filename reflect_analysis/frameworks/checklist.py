"""A checklist on the report itself: an author answers each question, or it stands unanswered.

Nothing here is counted, and nothing answers for the author.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from reflect_analysis._rows import html_table
from reflect_analysis.errors import FrameworkError, did_you_mean, raise_all
from reflect_analysis.frameworks.files import load_yaml
from reflect_analysis.frameworks.values import Framework, FrameworkRow

__all__ = [
    "NOT_ANSWERED",
    "AnsweredChecklist",
    "ChecklistAnswer",
    "answer_checklist",
    "answer_faults",
    "read_checklist_answers",
]

NOT_ANSWERED = "not answered"
_KEYS = ("answer", "by")


@dataclass(frozen=True, slots=True)
class ChecklistAnswer:
    """What the author answers, and who it is.

    Raises
    ------
    FrameworkError
        If it is empty, or nobody is named.
    """

    answer: str
    by: str

    def __post_init__(self) -> None:
        missing = [name for name in _KEYS if not getattr(self, name).strip()]
        raise_all(FrameworkError, (f"an answer needs {name!r}" for name in missing))


@dataclass(frozen=True)
class AnsweredChecklist:
    """The questions of a checklist, each with its answer or none.

    Parameters
    ----------
    framework : Framework
        Of the kind ``"checklist"``.
    answers : mapping of str to ChecklistAnswer
        By row id.
    """

    framework: Framework
    answers: Mapping[str, ChecklistAnswer]

    @property
    def open(self) -> tuple[FrameworkRow, ...]:
        """The questions that nobody has answered."""
        return tuple(row for row in self.framework if row.id not in self.answers)

    def told(self, row_id: str) -> tuple[str, str]:
        """The answer to a question, and by whom; ``"not answered"`` and nobody."""
        found = self.answers.get(row_id)
        return (found.answer, found.by) if found else (NOT_ANSWERED, "")

    def __len__(self) -> int:
        return len(self.framework)

    def __repr__(self) -> str:
        answered = len(self) - len(self.open)
        return f"<AnsweredChecklist {self.framework.title!r}: {answered} of {len(self)} answered>"

    def _repr_html_(self) -> str:
        rows = ((row.part, row.name, *self.told(row.id)) for row in self.framework)
        table = html_table(("Part", "Question", "Answer", "By"), rows)
        return f"<p>{escape(repr(self))}</p>{table}"


def answer_checklist(
    framework: Framework, answers: Mapping[str, ChecklistAnswer] | None = None
) -> AnsweredChecklist:
    """Put an author's answers beside the questions of a checklist.

    Parameters
    ----------
    framework : Framework
    answers : mapping of str to ChecklistAnswer, optional
        By row id; what is missing stands as not answered.

    Returns
    -------
    AnsweredChecklist

    Raises
    ------
    FrameworkError
        If the framework is no checklist, or an answer belongs to no question: every fault.
    """
    given = dict(answers or {})
    raise_all(FrameworkError, answer_faults(framework, given))
    return AnsweredChecklist(framework, given)


def answer_faults(framework: Framework, answers: Mapping[str, ChecklistAnswer]) -> Iterator[str]:
    """What is wrong with the answers to a checklist, each with the id of the framework."""
    if framework.kind != "checklist":
        yield f"{framework.id!r} is of the kind {framework.kind!r}; only a checklist is answered"
    ids = [row.id for row in framework]
    for row_id in answers:
        if row_id not in ids:
            told = f"framework {framework.id!r}: the answer {row_id!r} belongs to no question"
            yield told + did_you_mean(row_id, ids)


def read_checklist_answers(path: str | Path) -> dict[str, ChecklistAnswer]:
    """Read the answers to a checklist from YAML.

    Parameters
    ----------
    path : str or Path
        Row ids, each with ``answer`` and ``by``. An entry with both left empty is not answered.

    Returns
    -------
    dict of str to ChecklistAnswer

    Raises
    ------
    FrameworkError
        With every fault and its line.
    """
    found = load_yaml(path, "ids of questions, each with 'answer' and 'by'")
    faults, answers = [], {}
    for row_id, entry in found.data.items():
        told = list(_entry_faults(entry))
        faults += [f"{found.name}{found.place((row_id,))[1]}: {row_id}: {each}" for each in told]
        if not told and any(_text(entry.get(key)) for key in _KEYS):
            answers[str(row_id)] = ChecklistAnswer(*(_text(entry.get(key)) for key in _KEYS))
    raise_all(FrameworkError, faults)
    return answers


def _entry_faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield "expected the keys 'answer' and 'by'"
        return
    for key in entry:
        if key not in _KEYS:
            yield f"unknown key {str(key)!r}{did_you_mean(str(key), _KEYS)}"
    odd = [key for key in _KEYS if not isinstance(entry.get(key), str | None)]
    yield from (f"{key!r}: expected text; put it in quotation marks" for key in odd)
    filled = [key for key in _KEYS if _text(entry.get(key))]
    if len(filled) == 1 and not odd:
        missing = next(key for key in _KEYS if key not in filled)
        yield f"no {missing!r}: an answer stands with the name of who gives it"


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str) else ""
