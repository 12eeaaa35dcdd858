"""Rows of agreement as frames: a column for each figure, for a notebook or a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.coefficients import Coefficient
    from reflect_analysis.reliability.rated import (
        CodeAgreement,
        CodeSpans,
        SetAgreement,
    )

__all__ = ["bounds", "frame_of", "frame_of_sets", "frame_of_spans"]


def frame_of(rows: Sequence[CodeAgreement]) -> pd.DataFrame:
    """Rows as a frame, a column for each figure."""
    import pandas as pd

    records = [_record(row, who) for row, who in zip(rows, _columns(rows), strict=True)]
    frame = pd.DataFrame(records)
    cells = ["both", "first_only", "second_only", "neither"]
    return frame.astype(dict.fromkeys(cells, "Int64")) if len(frame) else frame


def _record(row: CodeAgreement, who: Sequence[str]) -> dict[str, Any]:
    cells = row.table or (None,) * 4
    names = ("both", "first_only", "second_only", "neither")
    record: dict[str, Any] = {
        "coders": ", ".join(row.coders),
        "phase": row.phase,
        "text": row.text,
        "group": row.group,
        "code_id": row.code_id,
        "code": row.code,
        "units": row.units,
        **dict(zip(names, cells, strict=True)),
        **{f"positives_{c}": n for c, n in zip(who, row.positives, strict=True)},
    }
    record |= _figures(row)
    record["alpha_interval"] = row.alpha.interval.method if row.alpha.interval else ""
    record |= {"p_below_667": row.below, "prevalence": row.prevalence, "bias": row.bias}
    return record | {"undefined": "; ".join(row.undefined)}


def frame_of_spans(rows: Sequence[CodeSpans]) -> pd.DataFrame:
    """Rows on spans as a frame, a column for each figure."""
    import pandas as pd

    records = []
    for row, who in zip(rows, _columns(rows), strict=True):
        record: dict[str, Any] = {
            "coders": ", ".join(row.coders),
            **{name: getattr(row, name) for name in ("phase", "group", "code_id", "code")},
            "documents": row.units,
            **{f"spans_{c}": n for c, n in zip(who, row.positives, strict=True)},
        }
        record |= _figures(row)
        record |= {"p_below_667": row.below, "undefined": "; ".join(row.undefined)}
        records.append(record)
    return pd.DataFrame(records)


def frame_of_sets(rows: Sequence[SetAgreement]) -> pd.DataFrame:
    """Rows on sets of codes as a frame."""
    import pandas as pd

    names = ("phase", "text", "units", "n_codes", "empty")
    records = [{name: getattr(row, name) for name in names} | _figures(row) for row in rows]
    return pd.DataFrame(records)


def _columns(rows: Sequence[CodeAgreement | CodeSpans]) -> Sequence[Sequence[str]]:
    """What the coders are called in column names: by their place where rows are of pairs."""
    same = len({row.coders for row in rows}) <= 1
    return [row.coders if same else ("first", "second") for row in rows]


def _figures(row: CodeAgreement | CodeSpans | SetAgreement) -> dict[str, float]:
    """Each coefficient with the bounds of its interval."""
    figures: dict[str, float] = {}
    for name, coefficient in row.coefficients():
        low, high = bounds(coefficient)
        figures |= {name: coefficient.value, f"{name}_low": low, f"{name}_high": high}
    return figures


def bounds(coefficient: Coefficient) -> tuple[float, float]:
    """The bounds of an interval; ``nan`` where there is none."""
    interval = coefficient.interval
    return (float("nan"), float("nan")) if interval is None else (interval.lower, interval.upper)
