"""The passages behind a number, as a table to be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reflect_analysis.tables.values import Column, Table

if TYPE_CHECKING:
    from reflect_analysis.tracing import Trace

__all__ = ["trace_table"]


def trace_table(trace: Trace, *, number: int = 1) -> Table:
    """The passages that a number counts, with their words: a KEEP table, never sent.

    Parameters
    ----------
    trace : Trace
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    columns = (
        Column("Code"),
        Column("Text"),
        Column("From", "number", width=7),
        Column("To", "number", width=7),
        Column("Participant"),
        Column("Coded as"),
        Column("By"),
        Column("Standing"),
        Column("Passage", width=60),
    )
    rows = tuple(
        (
            row.code_id,
            row.document_id,
            row.start,
            row.end,
            row.case_id,
            ", ".join(row.coded_as),
            ", ".join(row.coders),
            row.status,
            row.text,
        )
        for row in trace.passages
    )
    told = "; ".join(f"{name}: {count}" for name, count in trace.counts)
    draft = any(row.status == "machine" for row in trace.passages)
    title = f"Passages behind the number of {trace.asked}"
    return Table(title, columns, rows, number=number, note=f"{told}.", draft=draft, keep=True)
