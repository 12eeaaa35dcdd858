"""How a value came to be: runs, fingerprints and the methods paragraph.

Every container carries the chain of runs that made it, so that a table or a figure can
print its own history. A fingerprint is a hash of content: equal content, equal
fingerprint, on every machine.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from reflect_analysis._rows import Attributes

__all__ = [
    "Run",
    "begun",
    "describe_methods",
    "fingerprint",
    "merge_runs",
    "new_run",
    "now",
    "text_hash",
]

# By two clocks, before any text is read: `corpus` imports this module.
_BEGUN = time.time(), time.monotonic()


def begun() -> float:
    """When this process began, in seconds since 1970; the earlier time if its clock was set."""
    wall, steady = _BEGUN
    return min(wall, time.time() - (time.monotonic() - steady))


def now() -> datetime:
    """The time in UTC, to the second: finer times differ between file formats."""
    return datetime.now(UTC).replace(microsecond=0)


def package_version() -> str:
    """Version of the installed package, or ``"unknown"`` in a bare checkout."""
    try:
        return version("reflect-analysis")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Run:
    """One step that made or changed a value.

    Parameters
    ----------
    step : str
        What was done, as a word: ``"read"``, ``"clear"``, ``"segment"``, ``"code"`` …
    summary : str
        One sentence in the past tense for the methods paragraph, without a final stop.
    settings : Mapping
        The settings used, as plain values.
    seed : int, optional
        Seed of the random numbers, where there were any.
    model : str, optional
        Name and hash of the model, where there was one.
    inputs : tuple of str
        Fingerprints of what went in.
    at : datetime
        When, in UTC.
    package_version : str
        Version of reflect_analysis.
    """

    step: str
    summary: str
    settings: Attributes = field(default_factory=Attributes)
    seed: int | None = None
    model: str | None = None
    inputs: tuple[str, ...] = ()
    at: datetime = field(default_factory=now)
    package_version: str = field(default_factory=package_version)

    @property
    def id(self) -> str:
        """Short id of the run: a fingerprint of all that it records."""
        parts = (self.step, self.summary, dict(self.settings), self.seed, self.model)
        return fingerprint(*parts, self.inputs, self.at.isoformat(), self.package_version)[:16]


def new_run(step: str, summary: str, *, inputs: Iterable[str] = (), **facts: Any) -> Run:
    """A run of now; `facts` are `settings`, `seed`, `model` and `at` of `Run`."""
    settings = Attributes(facts.pop("settings", {}))
    return Run(step, summary, settings=settings, inputs=tuple(inputs), **facts)


def text_hash(text: str) -> str:
    """sha256 of a text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprint(*parts: object) -> str:
    """sha256 of plain values, as 64 hex digits: the order of keys does not matter.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    """
    return text_hash(_ENCODER.encode(parts))


def _plain(value: object) -> object:
    """What JSON does not know, as something that it does."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot take a fingerprint of {type(value).__name__}")


# Made once: `json.dumps` with these settings would make one for every coding.
_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, default=_plain, check_circular=False
)


def merge_runs(*chains: Iterable[Run]) -> tuple[Run, ...]:
    """Several chains as one, each run once, in the order of first appearance."""
    return tuple({run.id: run for chain in chains for run in chain}.values())


def describe_methods(runs: Iterable[Run]) -> str:
    """The methods paragraph: what each run did, in order, with versions.

    Parameters
    ----------
    runs : iterable of Run

    Returns
    -------
    str
        One paragraph of plain English.

    Examples
    --------
    >>> describe_methods([Run("read", "12 documents were read", package_version="0.1.0")])
    '12 documents were read. The work was done with reflect_analysis 0.1.0.'
    """
    chain = merge_runs(runs)
    sentences = [run.summary[:1].upper() + run.summary[1:] for run in chain if run.summary]
    versions = sorted({run.package_version for run in chain})
    if versions:
        sentences.append(f"The work was done with reflect_analysis {' and '.join(versions)}")
    return " ".join(f"{sentence}." for sentence in sentences)
