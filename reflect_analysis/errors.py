"""The errors of the package: one base class, one class per kind of material.

A caller's mistake in code raises `TypeError` or `ValueError`. What is wrong in the
researcher's material raises one of the errors below, once, with every fault and its
place. No message carries a participant's words: ids, places and what was expected.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "AgreementError",
    "ClusterError",
    "CodebookError",
    "CoderError",
    "CorpusError",
    "DisclosureError",
    "ExchangeError",
    "FrameworkError",
    "GovernanceError",
    "MissingDependencyError",
    "NotClearedError",
    "OutputError",
    "ProjectError",
    "ReflectAnalysisError",
    "RegionError",
    "ReportError",
    "TopicsError",
    "TrainingDataError",
    "UnknownIdError",
    "agreeing",
    "counted",
    "did_you_mean",
    "raise_all",
]


class ReflectAnalysisError(Exception):
    """Base of all errors about the researcher's material.

    Parameters
    ----------
    faults : str or iterable of str
        Each fault with its place: what was expected, what came, where, what to do.
    heading : str, optional
        One line above the faults, where there are several.

    Attributes
    ----------
    faults : tuple of str

    Examples
    --------
    >>> print(CorpusError(["a.csv, row 3: no text", "a.csv, row 9: id 'R2' again"]))
    2 faults:
      - a.csv, row 3: no text
      - a.csv, row 9: id 'R2' again
    """

    def __init__(self, faults: str | Iterable[str], heading: str | None = None) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        self.heading = heading
        super().__init__(str(self))

    def __str__(self) -> str:
        """The faults as text, one a line."""
        if len(self.faults) == 1 and self.heading is None:
            return self.faults[0]
        heading = self.heading or f"{len(self.faults)} faults:"
        return "\n".join([heading, *(f"  - {fault}" for fault in self.faults)])


class CorpusError(ReflectAnalysisError, ValueError):
    """A source that cannot be read, or a corpus that contradicts itself."""


class CodebookError(ReflectAnalysisError, ValueError):
    """A codebook that cannot be applied as it stands."""


class CoderError(ReflectAnalysisError, ValueError):
    """A coder whose answer cannot be used: its shape is wrong, or a score is not a number."""


class NotClearedError(ReflectAnalysisError, PermissionError):
    """Texts that nobody has cleared of identifiers yet."""


class DisclosureError(ReflectAnalysisError, PermissionError):
    """An output that was meant to be sent and would expose a person."""


class GovernanceError(ReflectAnalysisError, PermissionError):
    """Records that wait for the approval of the nation or community that governs them."""


class UnknownIdError(ReflectAnalysisError, LookupError):
    """An id that the corpus, the codebook or the codings do not hold."""


class TrainingDataError(ReflectAnalysisError, ValueError):
    """Too little, or unfit, human coding to learn from."""


class TopicsError(ReflectAnalysisError, ValueError):
    """Texts or vectors that cannot be grouped as asked."""


class AgreementError(ReflectAnalysisError, ValueError):
    """Codings from which no agreement can be computed."""


class ExchangeError(ReflectAnalysisError, ValueError):
    """A file of another program that cannot be read, or a study it cannot hold."""


class FrameworkError(ReflectAnalysisError, ValueError):
    """A framework that cannot be filled, or an indicator without its date or source."""


class ReportError(ReflectAnalysisError, ValueError):
    """A result that no report shows, or researchers' answers that cannot be read."""


class ProjectError(ReflectAnalysisError, OSError):
    """A project file that cannot be opened, written or merged."""


class RegionError(ReflectAnalysisError, ValueError):
    """A region that does not lie within the picture of its document."""


class OutputError(ReflectAnalysisError, FileExistsError):
    """An output that cannot be written: it exists already, or another program holds it."""


class ClusterError(ReflectAnalysisError, RuntimeError):
    """Processes that should share the work and cannot be begun, or do not answer."""


class MissingDependencyError(ReflectAnalysisError, ImportError):
    """A package or model that is not installed; the message names the pip command."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """A hint for a mistyped word, ready to be appended to a message.

    Examples
    --------
    >>> did_you_mean("belongng", ["belonging", "renewal"])
    "; did you mean 'belonging'?"
    >>> did_you_mean("xyz", ["belonging"])
    ''
    """
    close = difflib.get_close_matches(word, list(options), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


_OF_ONE = {"are": "is", "were": "was", "have": "has"}


def counted(number: int, noun: str, verb: str = "") -> str:
    """A number with its noun, and the verb behind it where one is given, in their number.

    Examples
    --------
    >>> counted(1, "text"), counted(3, "photo-voice story"), counted(2, "community")
    ('1 text', '3 photo-voice stories', '2 communities')
    >>> counted(1, "text", "were"), counted(0, "text", "are")
    ('1 text was', '0 texts are')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith(("ry", "ty")) else f"{noun}s"
    parts = (str(number), noun if number == 1 else plural, agreeing(number, verb))
    return " ".join(part for part in parts if part)


def agreeing(number: int, verb: str) -> str:
    """A verb in the number of what it is said of.

    Examples
    --------
    >>> f"1 of 5 codes {agreeing(1, 'were')}", agreeing(2, "are")
    ('1 of 5 codes was', 'are')
    """
    return _OF_ONE.get(verb, verb) if number == 1 else verb


def raise_all(
    error: type[ReflectAnalysisError], faults: Iterable[str], heading: str | None = None
) -> None:
    """Raise `error` with every fault; do nothing when there is none."""
    collected = tuple(faults)
    if collected:
        raise error(collected, heading)
