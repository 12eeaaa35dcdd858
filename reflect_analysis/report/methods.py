"""What the runs did, told without their counts: for a page that may be sent.

A run counts all that it met, governed records included. Beside the numbers of the report
such a sum would give back by subtraction how many there are of a few, so where there are
governed records the shared page tells steps, settings and models alone. The sentences with
their counts stay in ``keep/methods.txt``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from reflect_analysis.provenance import Run, describe_methods

__all__ = ["band", "describe_without_counts", "in_words", "listed", "without_counts"]

# A number of texts or persons at its noun; not "1 to 4 persons", which says what is hidden.
_COUNTED = re.compile(
    r"(?<! to )\b\d+ (?:of|different|more|(?:coding|document|part|participant|passage|person|"
    r"reading|reflection|segment|span|text|topic|turn|unit)s?)\b"
)

_STEPS = {
    "read": "the texts were read from files",
    "check": "the texts were searched for identifiers",
    "clear": "the texts were cleared of identifiers by {by}",
    "segment": "the texts were cut into segments (by {by})",
    "code": "the segments (by {by}) were coded by {coder} for {codes} codes{model}",
    "topics": "the segments (by {by}) were looked at for topics by {engine}{model}{seed}",
}


def describe_without_counts(runs: Iterable[Run]) -> str:
    """The methods paragraph of `describe_methods` without any count of texts or persons.

    Parameters
    ----------
    runs : iterable of Run
        A step that the package does not know is passed over: its sentence could count.

    Examples
    --------
    >>> run = Run("segment", "12 segments of 9 documents were taken", {"by": "turn"})
    >>> describe_without_counts([run]).partition(".")[0]
    'The texts were cut into segments (by turn)'
    """
    return describe_methods(_told(runs))


def without_counts(text: str) -> str:
    """A paragraph without the sentences that count texts or persons.

    Examples
    --------
    >>> without_counts("Two coders: A, B. Not in it: 3 texts that one read. Read blind.")
    'Two coders: A, B. Read blind.'
    """
    sentences = re.split(r"(?<=[.;]) (?=[A-Z])", text)
    return " ".join(sentence for sentence in sentences if not _COUNTED.search(sentence))


def _told(runs: Iterable[Run]) -> Iterator[Run]:
    """The runs with other sentences, each sentence once."""
    told: set[str] = set()
    for run in runs:
        summary = _sentence(run)
        if summary not in told:
            told.add(summary)
            yield dataclasses.replace(run, summary=summary)


def _sentence(run: Run) -> str:
    facts = {
        "by": run.settings.get("by", "document"),
        "coder": run.settings.get("coder", "a coder"),
        "codes": len(run.settings.get("codes", ())),
        "engine": run.settings.get("engine", "a machine"),
        "model": f" ({run.model})" if run.model else "",
        "seed": "" if run.seed is None else f", random seed {run.seed}",
    }
    return _STEPS.get(run.step, "").format(**facts)


def band(number: int, k: int) -> tuple[int, int]:
    """Between which numbers one lies that is not told: as many of them as persons hide a person.

    Examples
    --------
    >>> band(34, 5), band(3, 5)
    ((30, 34), (1, 4))
    """
    low = number // k * k
    return max(low, 1), low + k - 1


def in_words(number: int, k: int) -> str:
    """The same as words for a sentence."""
    low, high = band(number, k)
    return f"{low} to {high}" if number >= k else f"fewer than {k}"


def listed(parts: Sequence[str]) -> str:
    """Parts as a list in a sentence."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
