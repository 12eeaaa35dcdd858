"""Reading a scale's scores, one a participant."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from reflect_analysis.disclosure.sheets import read_sheet
from reflect_analysis.errors import CorpusError, FrameworkError, raise_all
from reflect_analysis.joint.values import Scale

__all__ = ["read_scale", "score_of"]


def read_scale(path: str | Path, name: str) -> Scale:
    """Read one column of scores from a CSV or XLSX file.

    Parameters
    ----------
    path : str or Path
        With a column ``participant`` and one named as the scale.
    name : str
        Name of the column; an empty cell is no score.

    Returns
    -------
    Scale

    Raises
    ------
    FrameworkError
        With every fault and its row; scores themselves are in no message.
    """
    source, column = Path(path), "_".join(name.lower().split())
    try:
        rows = read_sheet(source, needs=("participant", column))
    except CorpusError as error:
        raise FrameworkError(error.faults) from None
    faults, scores = [], dict[str, float]()
    for number, cells in rows:
        case_id, score = cells["participant"], score_of(cells[column])
        if not case_id:
            faults.append(f"{source.name}, row {number}: no participant")
        elif case_id in scores:
            faults.append(f"{source.name}, row {number}: {case_id!r} has a score already")
        elif cells[column] and score is None:
            faults.append(f"{source.name}, row {number}: {name} is no number")
        elif score is not None:
            scores[case_id] = score
    raise_all(FrameworkError, faults)
    return Scale(name, scores)


def score_of(text: str) -> float | None:
    """A cell or attribute as a score, or `None`; a comma may be the decimal sign."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found if isfinite(found) else None
