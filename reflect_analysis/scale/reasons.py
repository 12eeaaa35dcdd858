"""The sheet in which a person says why a finding may stand: written by a run, read by the next.

What somebody typed into it is never lost to a run: rows with a reason stay, and what is still
open is put beside them. When all is coded, it holds the reasons that were used, or is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from reflect_analysis.anonymity.findings import SHEET
from reflect_analysis.disclosure.sheets import read_sheet, write_sheet
from reflect_analysis.errors import OutputError
from reflect_analysis.scale.files import beside
from reflect_analysis.scale.values import OpenFinding

__all__ = ["drop_reasons", "read_open", "settle_reasons", "write_open"]

_NAMES = (
    *("id", "document_id", "participant", "field", "start", "end", "kind", "why", "place"),
    "reason",
)
Row = Mapping[str, str]


def read_open(path: Path) -> dict[str, Row]:
    """The rows of the sheet by finding; none where there is no sheet.

    Raises
    ------
    CorpusError
        If the sheet cannot be read: it may hold what somebody typed, so it is not written over.
    """
    if not path.is_file():
        return {}
    return {cells["id"]: cells for _, cells in read_sheet(path, sheet=SHEET, needs=("id",))}


def write_open(path: Path, waiting: Iterable[OpenFinding], reasons: Mapping[str, str]) -> None:
    """Put what waits for a reason into the sheet, beside every reason that there is.

    Parameters
    ----------
    path : Path
    waiting : iterable of OpenFinding
        Places and kinds, no words.
    reasons : mapping of str to str
        Those that were given, by finding.
    """
    before = read_open(path)
    rows: dict[str, Row] = {key: row for key, row in before.items() if row.get("reason")}
    for key, reason in reasons.items():
        rows[key] = {**before.get(key, {"id": key}), "reason": reason}
    for each in waiting:
        told = {name: str(getattr(each, name)) for name in _NAMES[:-1]}
        rows[each.id] = {**rows.get(each.id, {}), **told}
    _write(path, rows.values())


def settle_reasons(path: Path, reasons: Mapping[str, str]) -> None:
    """Leave in the sheet only the reasons that were used, now that nothing is open."""
    before = read_open(path)
    if before:
        _keep(path, before, lambda row: row["id"] in reasons)
    else:
        path.unlink(missing_ok=True)


def drop_reasons(path: Path, gone: Iterable[str]) -> frozenset[str]:
    """Remove the findings in the texts of some participants.

    Returns
    -------
    frozenset of str
        Their ids.
    """
    before, withdrawn = read_open(path), frozenset(gone)
    out = {key for key, row in before.items() if row.get("participant") in withdrawn}
    if out:
        _keep(path, before, lambda row: row["id"] not in out)
    return frozenset(out)


def _keep(path: Path, rows: Mapping[str, Row], keep: Callable[[Row], bool]) -> None:
    kept = [row for row in rows.values() if keep(row)]
    if len(kept) == len(rows):
        return
    if kept:
        _write(path, kept)
    else:
        path.unlink()


def _write(path: Path, rows: Iterable[Row]) -> None:
    """The sheet, whole or not at all; columns that somebody added stay."""
    listed = list(rows)
    names = dict.fromkeys([*_NAMES, *(name for row in listed for name in row if name)])
    filled = [{name: row.get(name, "") for name in names} for row in listed]
    try:
        with beside(path, path.suffix) as part:
            widths = {**dict.fromkeys(names, 14), "reason": 40}
            write_sheet(part, SHEET, filled, widths=widths)
    except PermissionError:
        raise OutputError(f"{path}: another program holds it; close it and try again") from None
