"""The gate of every `fit`: texts and their codes, checked before anything is learned.

All coders take the same and refuse the same. Every fault is told at once, by row and code,
without a word of a text.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reflect_analysis.errors import TrainingDataError, did_you_mean, raise_all

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.intp]

__all__ = ["FEWEST", "Lesson", "check_positives", "check_texts", "read_lesson"]

# What a machine learned from fewer positives cannot be measured either.
FEWEST = 10
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts and their codes, checked.

    `y` is (n_texts, n_codes) of 0, 1 and NaN, `weights` (n_texts,) with mean 1, `ids` what
    texts are called in evidence.
    """

    texts: tuple[str, ...]
    y: Array
    codes: tuple[str, ...]
    groups: tuple[Hashable, ...] | None
    contexts: tuple[str, ...] | None
    weights: Array
    ids: tuple[str, ...]

    def of(self, code: str) -> Array:
        """What people said for a code."""
        return self.y[:, self.codes.index(code)]

    def rows_of(self, code: str) -> Rows:
        """The texts that were read for a code."""
        return np.flatnonzero(~np.isnan(self.of(code)))

    def positives(self, code: str) -> int:
        """How many texts have a code; 0 for one that was not asked."""
        return int(np.nansum(self.of(code))) if code in self.codes else 0

    def groups_of(self, rows: Rows) -> list[Hashable] | None:
        """The participants of some texts."""
        return None if self.groups is None else [self.groups[row] for row in rows]

    def of_codes(self, codes: Sequence[str], *, exclusive: bool) -> Lesson:
        """What is there to learn for some codes: the texts that were read for one of them.

        Of codes that exclude each other, the texts that have one of them.
        """
        y = self.y[:, [self.codes.index(code) for code in codes]]
        useful = (y == 1).any(axis=1) if exclusive else ~np.isnan(y).all(axis=1)
        rows = np.flatnonzero(useful)
        weights = self.weights[rows]
        groups, contexts = self.groups_of(rows), self.contexts
        return Lesson(
            tuple(self.texts[row] for row in rows),
            y[rows],
            tuple(codes),
            None if groups is None else tuple(groups),
            None if contexts is None else tuple(contexts[row] for row in rows),
            weights / (weights.mean() or 1.0),
            tuple(self.ids[row] for row in rows),
        )


def check_texts(texts: Sequence[str], contexts: Sequence[str] | None = None) -> None:
    """Refuse what is no sequence of strings, or contexts that do not match the texts."""
    given: dict[str, Any] = {"texts": texts, "contexts": () if contexts is None else contexts}
    for noun, rows in given.items():
        if isinstance(rows, str):
            raise TypeError(f"expected a sequence of {noun}, came one string; pass [text]")
        for place, row in enumerate(rows):
            if not isinstance(row, str):
                came = type(row).__name__
                raise TypeError(f"{noun}[{place}]: expected a string, came {came}")
    if contexts is not None and len(contexts) != len(texts):
        raise ValueError(
            f"expected a context for each of {len(texts)} texts, came {len(contexts)}; "
            "give '' for a text without one"
        )


def read_lesson(
    texts: Sequence[str],
    y: Any,
    *,
    codes: Sequence[str] | None = None,
    known: Sequence[str] | None = None,
    groups: Sequence[Hashable] | None = None,
    contexts: Sequence[str] | None = None,
    sample_weight: Any = None,
    ids: Sequence[str] | None = None,
) -> Lesson:
    """Check what is to be learned from.

    Parameters
    ----------
    y : DataFrame, array of shape (n_texts, n_codes), or sequence of str
        0, 1, or NaN for not read; or one code id a text.
    codes : sequence of str, optional
        What the columns of an array are; of one code a text, those that are to be learned.
    known : sequence of str, optional
        Where `codes` is left out: the columns of an array of that width; of one code a text,
        those that may stand there.
    ids : sequence of str, optional
        What the texts are called in evidence; by default ``row 1``, ``row 2`` …

    Raises
    ------
    TrainingDataError
        With every fault.
    """
    check_texts(texts, contexts)
    named, values = _targets(y, codes, known)
    weights = np.ones(len(texts)) if sample_weight is None else _weights(sample_weight)
    lengths = {"y": len(values), "sample_weight": len(weights)}
    lengths |= {n: len(v) for n, v in (("groups", groups), ("ids", ids)) if v is not None}
    raise_all(TrainingDataError, _length_faults(lengths, len(texts)))
    raise_all(TrainingDataError, [*_value_faults(values, named), *_weight_faults(weights)])
    return Lesson(
        tuple(texts),
        values,
        named,
        None if groups is None else tuple(groups),
        None if contexts is None else tuple(contexts),
        weights / weights.mean(),
        tuple(f"row {place}" for place in range(1, len(texts) + 1))
        if ids is None
        else tuple(map(str, ids)),
    )


def check_positives(
    lesson: Lesson,
    *,
    able: Collection[str] | None,
    exclusive: bool,
    rare: str,
    ways: Sequence[str],
) -> dict[str, int]:
    """The codes with fewer than 10 positives, with their positives.

    Parameters
    ----------
    lesson : Lesson
    able : collection of str, optional
        The codes that a machine may propose; `None` where that is not known.
    exclusive : bool
        Whether every text has one code.
    rare, ways : str, sequence of str
        What is done with such a code, and what could be: ``"refuse"`` raises.

    Raises
    ------
    TrainingDataError
        For every code that cannot be learned.
    """
    faults = list(_code_faults(lesson, able, exclusive=exclusive))
    few = {c: lesson.positives(c) for c in lesson.codes if lesson.positives(c) < FEWEST}
    if rare == "refuse":
        choices = " or ".join(f"rare={way!r}" for way in ways if way != "refuse")
        faults += [
            f"code {code!r}: {count} positives of {len(lesson.rows_of(code))} texts, at least "
            f"{FEWEST} are needed; code more, or choose {choices}"
            for code, count in few.items()
        ]
    raise_all(TrainingDataError, faults)
    if len(few) == len(lesson.codes):
        told = ", ".join(f"{code} ({count})" for code, count in few.items())
        raise TrainingDataError(f"no code has {FEWEST} positives: {told}")
    if exclusive and len(lesson.codes) - len(few) == 1:
        (only,) = set(lesson.codes).difference(few)
        raise TrainingDataError(f"only one code, {only!r}: there is nothing to tell apart")
    return few


def _code_faults(lesson: Lesson, able: Collection[str] | None, *, exclusive: bool) -> Iterator[str]:
    for code in lesson.codes:
        if able is not None and code not in able:
            yield f"code {code!r}: not one of the codebook that a machine may propose"
        positives, count = lesson.positives(code), len(lesson.rows_of(code))
        if positives == count and positives >= FEWEST and not exclusive:
            yield f"code {code!r}: all {count} texts have it; texts without it are needed"
    if exclusive:
        one = (np.nansum(lesson.y, axis=1) == 1) & ~np.isnan(lesson.y).any(axis=1)
        wrong = (np.flatnonzero(~one) + 1).tolist()
        if wrong:
            yield (
                f"y, {_places(wrong)}: {len(wrong)} texts have none or several codes, or were "
                "not read for one; exclusive=True asks for one code a text"
            )


def _weights(given: Any) -> Array:
    try:
        return np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise TrainingDataError("sample_weight: expected numbers, one a text") from None


def _targets(
    y: Any, codes: Sequence[str] | None, known: Sequence[str] | None
) -> tuple[tuple[str, ...], Array]:
    """(codes, values) from a frame, an array, or one code a text."""
    columns = getattr(y, "columns", None)
    given = np.asarray(y)
    if given.ndim == 1 and given.dtype.kind in "OU":
        return _one_code_a_text(given.tolist(), codes, known)
    if codes is None and known is not None and given.shape[1:] == (len(known),):
        codes = known
    named = tuple(map(str, columns if columns is not None else codes or ()))
    if given.ndim != 2 or given.shape[1] != len(named) or not named:  # noqa: PLR2004  # rows and columns
        raise TrainingDataError(
            f"expected y of shape (n_texts, {len(named)} codes), came {given.shape}; name the "
            "codes by codes=, or pass a frame with a column a code"
        )
    try:
        return named, given.astype(float)
    except (TypeError, ValueError):
        raise TrainingDataError("expected y as 0 and 1, came something else than numbers") from None


def _one_code_a_text(
    rows: list[Any], codes: Sequence[str] | None, known: Sequence[str] | None
) -> tuple[tuple[str, ...], Array]:
    wrong = [place for place, code in enumerate(rows, 1) if not isinstance(code, str) or not code]
    if wrong:
        raise TrainingDataError(
            f"y, {_places(wrong)}: expected a code id a text; several codes a text are given by a "
            "table of 0 and 1 with a column a code"
        )
    found = set(rows)
    named = tuple(sorted(found))
    if codes is not None or known is not None:
        named = tuple(codes if codes is not None else (c for c in known or () if c in found))
    hints = codes if codes is not None else known or ()
    unknown = sorted(found.difference(named))
    raise_all(
        TrainingDataError,
        [f"y holds the unknown code {c!r}{did_you_mean(c, hints)}" for c in unknown],
    )
    return named, np.array([[float(code == each) for each in named] for code in rows])


def _length_faults(lengths: dict[str, int], texts: int) -> Iterator[str]:
    if not texts:
        yield "no texts to learn from"
    for name, length in lengths.items():
        if length != texts:
            yield f"{name}: expected one entry a text, {texts} in all, came {length}"


def _value_faults(values: Array, codes: Sequence[str]) -> Iterator[str]:
    for code in sorted({code for code in codes if list(codes).count(code) > 1}):
        yield f"code {code!r} is named twice"
    if not codes:
        yield "no codes to learn"
    for code, column in zip(codes, values.T, strict=True):
        wrong = np.flatnonzero(~(np.isin(column, (0, 1)) | np.isnan(column))) + 1
        if len(wrong):
            yield f"y, code {code!r}, {_places(wrong.tolist())}: expected 0, 1 or NaN (not read)"


def _weight_faults(weights: Array) -> Iterator[str]:
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any():
        yield "sample_weight: expected finite numbers of 0 or more, one a text"
    elif not weights.any():
        yield "sample_weight: all weights are 0"


def _places(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:_SHOWN]))
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"
