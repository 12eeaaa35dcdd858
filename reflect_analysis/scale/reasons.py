"""The sheet in which a person says why a finding may stand: written by a run, read by the next.

What somebody typed into it is never lost to a run: rows with a reason stay, and what is still
open is put beside them. When all is coded, it holds the reasons that were used, or is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path

from reflect_analysis._tombstones import Tombstone
from reflect_analysis.anonymity.findings import SHEET
from reflect_analysis.disclosure.sheets import read_sheet, write_sheet
from reflect_analysis.errors import OutputError
from reflect_analysis.scale.files import beside, remove
from reflect_analysis.scale.values import OpenFinding

__all__ = [
    "drop_findings",
    "drop_reasons",
    "findings_beside",
    "findings_in",
    "read_open",
    "settle_reasons",
    "write_open",
]

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
    rows = {key: row for key, row in before.items() if _is_filled(row)}
    for key, reason in reasons.items():
        rows[key] = {**before.get(key, {"id": key}), "reason": reason}
    for each in waiting:
        told = {name: str(getattr(each, name)) for name in _NAMES[:-1]}
        rows[each.id] = {**rows.get(each.id, {}), **told}
    _write(path, rows.values())


def _is_filled(row: Row) -> bool:
    """Whether somebody typed something into a row: a reason, or a note in a column of their own."""
    return any(cell for name, cell in row.items() if name == "reason" or name not in _NAMES)


def settle_reasons(path: Path, reasons: Container[str]) -> None:
    """Leave in the sheet only the reasons that were used, now that nothing is open."""
    before = read_open(path)
    if before:
        _keep(path, before, lambda row: row["id"] in reasons)
    else:
        remove(path)


def drop_reasons(path: Path, stones: Iterable[Tombstone]) -> frozenset[str]:
    """Remove the findings in the texts of who withdrew, known by participant or by document.

    Returns
    -------
    frozenset of str
        Their ids.
    """
    before, gone = read_open(path), tuple(stones)
    people = {stone.case_id for stone in gone}
    texts = {document for stone in gone for document, _ in stone.documents}
    out = {
        key
        for key, row in before.items()
        if row.get("participant") in people or row.get("document_id") in people | texts
    }
    if out:
        _keep(path, before, lambda row: row["id"] not in out)
    return frozenset(out)


def drop_findings(path: Path, out: Container[str]) -> None:
    """Remove findings, whatever was typed beside them."""
    if before := read_open(path):
        _keep(path, before, lambda row: row["id"] not in out)


def findings_in(findings: Iterable[str], documents: Container[str]) -> frozenset[str]:
    """Those of some findings that are in, or beside the text of, one of some documents.

    Examples
    --------
    >>> sorted(findings_in(["R1:0-3:phone", "R1[attribute a]:0-3:phone", "R2:0-3:phone"], {"R1"}))
    ['R1:0-3:phone', 'R1[attribute a]:0-3:phone']
    """
    return frozenset(
        each for each in findings if any(holder in documents for holder, _ in _holders(each))
    )


def findings_beside(findings: Iterable[str], documents: Container[str]) -> frozenset[str]:
    """Those of some findings that are in a cell beside one of some documents.

    Examples
    --------
    >>> findings_beside(["R1:0-3:phone", "R1[attribute a]:0-3:phone"], {"R1"})
    frozenset({'R1[attribute a]:0-3:phone'})
    """
    return frozenset(
        each
        for each in findings
        if any(h in documents and at.startswith("[attribute ") for h, at in _holders(each))
    )


def _holders(finding: str) -> Iterator[tuple[str, str]]:
    """The documents that the id of a finding may name, each with the field that is left then.

    The id of a document may itself hold brackets and colons.
    """
    holder = finding.rsplit(":", 2)[0]
    yield holder, ""
    yield from ((holder[:at], holder[at:]) for at, sign in enumerate(holder) if sign == "[")


def _keep(path: Path, rows: Mapping[str, Row], keep: Callable[[Row], bool]) -> None:
    kept = [row for row in rows.values() if keep(row)]
    if len(kept) == len(rows):
        return
    if kept:
        _write(path, kept)
    else:
        remove(path)


def _write(path: Path, rows: Iterable[Row]) -> None:
    """The sheet, whole or not at all; columns that somebody added stay, also without a name."""
    listed = list(rows)
    names = dict.fromkeys([*_NAMES, *(name for row in listed for name in row)])
    filled = [{name: row.get(name, "") for name in names} for row in listed]
    try:
        with beside(path, path.suffix) as part:
            widths = {**dict.fromkeys(names, 14), "reason": 40}
            write_sheet(part, SHEET, filled, widths=widths)
    except PermissionError:
        raise OutputError(f"{path}: another program holds it; close it and try again") from None
