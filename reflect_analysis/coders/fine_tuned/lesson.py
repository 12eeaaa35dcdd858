"""What a coder is taught: texts and their codes, checked before anything is trained.

Every fault is told at once, by row and code, without a word of a text. A code with fewer than
ten positives is refused with its count: what a model learns from less cannot be measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import TrainingDataError, did_you_mean, raise_all

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["FEWEST", "Lesson", "check_texts", "read_lesson"]

FEWEST = 10
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts with their codes.

    `targets` is (n_texts, n_codes) of 0 and 1, `weights` (n_texts,) with mean 1, `groups`
    (n_texts,) of numbers or `None`, `ids` what `explain` names the texts by.
    """

    texts: tuple[str, ...]
    contexts: tuple[str, ...]
    targets: Array
    weights: Array
    codes: tuple[str, ...]
    ids: tuple[str, ...]
    groups: npt.NDArray[np.int64] | None = None


def read_lesson(
    texts: Sequence[str],
    y: Any,
    *,
    codes: Sequence[str] | None,
    exclusive: bool,
    contexts: Sequence[str] | None = None,
    sample_weight: Any = None,
    groups: Sequence[Any] | None = None,
    ids: Sequence[str] | None = None,
) -> Lesson:
    """Check what is to be learned from; see `FineTunedCoder.fit`."""
    import numpy as np

    check_texts(texts, contexts)
    named, targets = _targets(y, codes)
    weights = np.ones(len(texts)) if sample_weight is None else _weights(sample_weight)
    lengths = {"y": len(targets), "sample_weight": len(weights)}
    lengths |= {n: len(v) for n, v in (("groups", groups), ("ids", ids)) if v is not None}
    raise_all(TrainingDataError, _length_faults(lengths, len(texts)))
    raise_all(TrainingDataError, _faults(targets, named, weights, exclusive=exclusive))
    return Lesson(
        texts=tuple(texts),
        contexts=tuple(contexts) if contexts is not None else ("",) * len(texts),
        targets=targets,
        weights=weights / weights.mean(),
        codes=named,
        ids=tuple(map(str, ids)) if ids is not None else _row_names(len(texts)),
        groups=None
        if groups is None
        else np.unique(list(map(str, groups)), return_inverse=True)[1],
    )


def check_texts(texts: Any, contexts: Any = None) -> None:
    """Refuse what is no sequence of strings, or contexts that do not match the texts."""
    for name, rows in (("texts", texts), ("contexts", contexts)):
        if isinstance(rows, str):
            raise TypeError(f"expected a sequence of {name}, came one string; pass [text]")
        for place, row in enumerate(() if rows is None else rows):
            if not isinstance(row, str):
                came = type(row).__name__
                raise TypeError(f"{name}[{place}]: expected a string, came {came}")
    if contexts is not None and len(contexts) != len(texts):
        raise ValueError(
            f"expected a context for each of {len(texts)} texts, came {len(contexts)}; "
            "give '' for a text without one"
        )


def _row_names(number: int) -> tuple[str, ...]:
    return tuple(f"row {place}" for place in range(1, number + 1))


def _weights(given: Any) -> Array:
    import numpy as np

    try:
        return np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise TrainingDataError("sample_weight: expected numbers, one a text") from None


def _targets(y: Any, codes: Sequence[str] | None) -> tuple[tuple[str, ...], Array]:
    """(codes, 0 and 1 by text and code) from a frame, an array, or one code a text."""
    import numpy as np

    columns = getattr(y, "columns", None)
    given = np.asarray(y)
    if given.ndim == 1:
        return _one_code_a_text(given, codes)
    named = tuple(map(str, columns)) if columns is not None else tuple(codes or ())
    if given.ndim != 2 or given.shape[1] != len(named):  # noqa: PLR2004  # rows and columns
        raise TrainingDataError(
            f"expected y of shape (n_texts, {len(named)} codes), came {given.shape}; name the "
            "codes by codes=, or pass a frame with a column a code"
        )
    try:
        return named, given.astype(float)
    except (TypeError, ValueError):
        raise TrainingDataError("expected y as 0 and 1, came something else than numbers") from None


def _one_code_a_text(
    given: npt.NDArray[Any], codes: Sequence[str] | None
) -> tuple[tuple[str, ...], Array]:
    import numpy as np

    rows = given.tolist()
    wrong = [place for place, code in enumerate(rows, 1) if not isinstance(code, str) or not code]
    if wrong:
        raise TrainingDataError(
            f"y, {_rows(wrong)}: expected a code id, came something else; one code a text is "
            "given by its id, several by a table of 0 and 1 with a column a code"
        )
    named = tuple(codes) if codes is not None else tuple(sorted(set(rows)))
    unknown = sorted(set(rows) - set(named))
    raise_all(
        TrainingDataError,
        (f"y holds {code!r}, which codes= does not{did_you_mean(code, named)}" for code in unknown),
    )
    return named, (given[:, None] == np.asarray(named)[None, :]).astype(float)


def _length_faults(lengths: dict[str, int], texts: int) -> Iterator[str]:
    if not texts:
        yield "no texts to learn from"
    for name, length in lengths.items():
        if length != texts:
            yield f"{name}: expected one entry a text, {texts} in all, came {length}"


def _faults(
    targets: Array, codes: tuple[str, ...], weights: Array, *, exclusive: bool
) -> Iterator[str]:
    import numpy as np

    yield from _code_name_faults(codes)
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any():
        yield "sample_weight: expected finite numbers of 0 or more, one a text"
    elif not weights.any():
        yield "sample_weight: all weights are 0"
    readable = True
    for code, column in zip(codes, targets.T, strict=True):
        wrong = np.flatnonzero(~np.isin(column, (0, 1))) + 1
        if len(wrong):
            readable = False
            missing = np.isnan(column[wrong - 1]).all()
            came = "none (NaN)" if missing else "another value"
            yield f"y, code {code!r}, {_rows(wrong.tolist())}: expected 0 or 1, came {came}"
    if readable:
        yield from _count_faults(targets, codes, exclusive=exclusive)


def _code_name_faults(codes: tuple[str, ...]) -> Iterator[str]:
    if not codes:
        yield "no codes to learn"
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        yield f"codes named twice: {', '.join(doubled)}"


def _count_faults(targets: Array, codes: tuple[str, ...], *, exclusive: bool) -> Iterator[str]:
    import numpy as np

    if exclusive:
        wrong = np.flatnonzero(targets.sum(axis=1) != 1) + 1
        if len(wrong):
            yield (
                f"y, {_rows(wrong.tolist())}: expected exactly one code a text; for none or "
                "several leave exclusive=True out"
            )
        if len(codes) == 1:
            yield f"only one code, {codes[0]!r}: there is nothing to tell apart"
    for code, column in zip(codes, targets.T, strict=True):
        positives = int(column.sum())
        if positives < FEWEST:
            yield f"code {code!r}: {positives} positives, at least {FEWEST} are needed"
        elif positives == len(targets) and not exclusive:
            yield f"code {code!r}: all {positives} texts have it; texts without it are needed"


def _rows(places: Sequence[int]) -> str:
    shown = ", ".join(map(str, places[:_SHOWN]))
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"row{'s' if len(places) > 1 else ''} {shown}{more}"
