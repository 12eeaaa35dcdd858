"""The quote register: out to a workbook in which people decide, and back.

It holds participants' words, so it belongs to what is kept, not to what is sent; and words that
wait for the approval of those who govern them stand in no register at all. What
comes back from Excel is checked cell by cell, and every fault is reported with its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure.approvals import DECISIONS, Approval, QuoteRecord, Span
from reflect_analysis.disclosure.sheets import DatedCell, described, read_sheet, write_sheet
from reflect_analysis.errors import (
    CorpusError,
    GovernanceError,
    OutputError,
    did_you_mean,
    raise_all,
)

__all__ = ["read_approvals", "span_faults", "whole", "write_register"]

_SHEET = "register"
_HASH_LENGTH = 64
_WIDTHS = {
    "text": 70,
    "attribution": 24,
    "codes": 24,
    "consent": 9,
    "risk": 26,
    "flags": 12,
    "use": 9,
    "decision": 11,
    "by": 18,
    "note": 30,
    "document_id": 16,
    "start": 7,
    "end": 7,
    "sha256": 20,
}
_HOW_TO = (
    "One row is one passage for one use. Fill in the columns decision, by and note.",
    "decision: yes (it may be printed as it stands), no, edit (note says what), awaiting.",
    "by: who decided; a decision without a name does not count.",
    "Leave document_id, start, end and sha256 as they are: by them the passage is found again.",
    "This file holds participants' words. Keep it; do not send it with the report.",
)


def write_register(
    records: Iterable[QuoteRecord], path: str | Path, corpus: Corpus, *, overwrite: bool = False
) -> None:
    """Write the register as a workbook in which decisions are filled in.

    Strings stay strings: no cell becomes a formula or a link.

    Parameters
    ----------
    records : iterable of QuoteRecord
    path : str or Path
        Ends in ``.xlsx``.
    corpus : Corpus
        Which knows who governs the records.
    overwrite : bool
        Whether an existing file, which may hold decisions, is replaced.

    Raises
    ------
    GovernanceError
        If a record holds words of a governed document and ``"quotes"`` is not approved, with
        every such passage; nothing is written then.
    UnknownIdError
        If a record holds words of a document that the corpus lacks.
    OutputError
        If the file exists, or is held by another program.
    ValueError
        If the path does not end in ``.xlsx``.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise ValueError(f"the register is an .xlsx file, not {target.name!r}")
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists, and may hold decisions; move it or say overwrite")
    held = list(records)
    raise_all(GovernanceError, _waiting(held, corpus))
    rows = [_register_row(record) for record in held]
    choices = {"decision": DECISIONS}
    write_sheet(target, _SHEET, rows, widths=_WIDTHS, choices=choices, notes=_HOW_TO)


def _waiting(records: Iterable[QuoteRecord], corpus: Corpus) -> Iterator[str]:
    """The passages that nobody has approved who governs them; one without its words may stand."""
    for record in records:
        if record.text and not corpus.permits(corpus.document(record.document_id), "quotes"):
            yield (
                f"{record.document_id}:{record.start}-{record.end}: waits for the approval of the "
                "nation or community that governs it; leave it out, or ask it to approve 'quotes'"
            )


def _register_row(record: QuoteRecord) -> dict[str, str | int]:
    values = {name: getattr(record, name) for name in _WIDTHS}
    return {n: "; ".join(v) if isinstance(v, tuple) else v for n, v in values.items()}


def read_approvals(path: str | Path) -> tuple[Approval, ...]:
    """Read decisions from a register or any table with its columns, XLSX or CSV.

    Parameters
    ----------
    path : str or Path
        With the columns ``document_id``, ``start``, ``end``, ``use``, ``decision``, ``by``
        and ``sha256``; ``note`` may be missing and others are passed over. An empty
        decision is ``"awaiting"``.

    Returns
    -------
    tuple of Approval

    Raises
    ------
    CorpusError
        With every fault and its row; the same fault of several rows is one line.
    """
    source = Path(path)
    needs = ("document_id", "start", "end", "use", "decision", "by", "sha256")
    approvals: dict[tuple[Span, str], tuple[int, Approval]] = {}
    faults: dict[str, list[int]] = {}
    for number, cells in read_sheet(source, sheet=_SHEET, needs=needs):
        found = list(_row_faults(cells))
        for fault in found:
            faults.setdefault(fault, []).append(number)
        if found:
            continue
        approval = _approval(cells)
        first, before = approvals.setdefault((approval.span, approval.use), (number, approval))
        if before != approval:
            fault = f"decided otherwise than in row {first}, for the same passage"
            faults.setdefault(fault, []).append(number)
    told = [f"{source.name}, {_rows_told(rows)}: {fault}" for fault, rows in faults.items()]
    raise_all(CorpusError, told)
    return tuple(approval for _, approval in approvals.values())


def _rows_told(numbers: Sequence[int]) -> str:
    """Rows in rising order as "row 2", "rows 2–15" or "rows 2–4, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"row{'s' if len(numbers) > 1 else ''} {', '.join(told)}"


def _row_faults(cells: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with one row; a message never holds a long cell, which may be a quote."""
    yield from span_faults(cells)
    decision = cells["decision"].lower() or "awaiting"
    if decision not in DECISIONS:
        hint = did_you_mean(decision, DECISIONS)
        expected = ", ".join(DECISIONS)
        yield f"'decision' is {described(cells['decision'])}; expected one of {expected}{hint}"
    elif decision != "awaiting" and not cells["by"]:
        yield f"'decision' is {decision!r} but nobody is named in 'by'"


def span_faults(cells: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the columns by which a passage is found again."""
    if isinstance(cells["document_id"], DatedCell):
        yield "the spreadsheet turned 'document_id' into a date; format the column as text"
    elif not cells["document_id"]:
        yield "no 'document_id'"
    start, end = whole(cells["start"]), whole(cells["end"])
    for name, value in (("start", start), ("end", end)):
        if value is None:
            yield f"{name!r} is {described(cells[name])}; expected a whole number"
    if start is not None and end is not None and not start < end:
        yield f"'end' is {end}, not after 'start' {start}"
    if not cells["use"]:
        yield "no 'use'; expected what it is approved for, such as report"
    if not _is_hash(cells["sha256"]):
        yield "'sha256' is not the hash that the register gave; copy it from there"


def whole(cell: str) -> int | None:
    """A cell as a whole number of at least 0: "12", "12.0", "12,0"."""
    plain = cell.replace(",", ".").removesuffix(".0")
    return int(plain) if plain.isdecimal() and not isinstance(cell, DatedCell) else None


def _is_hash(cell: str) -> bool:
    return len(cell) == _HASH_LENGTH and set(cell.lower()) <= set("0123456789abcdef")


def _approval(cells: Mapping[str, str]) -> Approval:
    decision = cells["decision"].lower() or "awaiting"
    return Approval(
        document_id=str(cells["document_id"]),
        start=whole(cells["start"]) or 0,
        end=whole(cells["end"]) or 0,
        use=cells["use"].lower(),
        decision=decision,  # type: ignore[arg-type]  # one of DECISIONS: checked in _row_faults
        by=cells["by"],
        note=cells.get("note", ""),
        sha256=cells["sha256"].lower(),
    )
