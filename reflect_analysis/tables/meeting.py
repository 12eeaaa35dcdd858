"""The sheet for the coders' meeting: passages side by side, with room for what is decided.

Agreement is measured before it, and the codings that the meeting settles are of another
phase: they are never measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reflect_analysis.reliability import Disagreement, Disagreements, phase_words
from reflect_analysis.tables.values import Cell, Column, Table

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook

__all__ = ["calibration_sheet"]

_LINK = re.compile(r"→ `([^`]+)`")
_PASSAGE, _SAID, _ROOM = 40, 22, 18  # characters of the columns


def calibration_sheet(
    found: Disagreements, *, codebook: Codebook | None = None, number: int = 1
) -> tuple[Table, ...]:
    """The sheet for the coders' meeting: each passage, what each said, room for what is decided.

    It holds participants' words: every page says that it is to be kept, and it is not written
    into a report's ``share`` folder.

    Parameters
    ----------
    found : Disagreements
    codebook : Codebook, optional
        Adds a table of the codes in question, as they are defined now.
    number : int
        Of the first table.

    Returns
    -------
    tuple of Table
        For `export_table`, as DOCX to write on or XLSX to fill in.

    Raises
    ------
    ValueError
        If the coders agree everywhere: there is nothing to meet about.
    """
    if not len(found):
        raise ValueError("there is no disagreement in the list: nothing to put on a sheet")
    sheet = Table(
        title="Where the coders differ: for the meeting",
        columns=(
            Column("No.", "number", width=4),
            Column("Passage, in «…»", width=_PASSAGE),
            *(Column(coder, width=_SAID) for coder in found.coders),
            Column("Decision", width=_ROOM),
            Column("Change to the codebook", width=_ROOM),
        ),
        rows=tuple(_rows(found)),
        number=number,
        groups=tuple(map(_heading, found)),
        group_name="Code",
        note=_note(found),
        keep=True,
    )
    return (sheet, _codes(found, codebook, number + 1)) if codebook is not None else (sheet,)


def _rows(found: Disagreements) -> Iterator[tuple[Cell, ...]]:
    for index, row in enumerate(found, start=1):
        said = (row.said(i, coder) for i, coder in enumerate(found.coders))
        context = f"{_cut_left(row.before)}«{row.passage}»{_cut_right(row.after)}"
        place = f"{row.document_id}, {row.start}–{row.end}"
        yield index, f"{context}\n({place})", *said, "", ""


def _heading(row: Disagreement) -> str:
    return f"{row.code} ({phase_words(row.phase)})" if row.phase else row.code


def _codes(found: Disagreements, codebook: Codebook, number: int) -> Table:
    """The codes of the list, and of what stands beside them, as they are defined now."""
    ids = {row.code_id for row in found}
    ids |= {mark.code_id for row in found for marks in row.marks for mark in marks}
    names = {code.id: code.name for code in codebook}

    def told(*lines: str) -> str:
        """Lines in which a pointer to another code bears its name."""
        return _LINK.sub(lambda at: f"→ {names.get(at[1], at[1])}", "\n".join(lines))

    codes = [code for code in codebook if code.id in ids]
    parts = ((c.name, told(c.definition), told(*c.include), told(*c.exclude)) for c in codes)
    return Table(
        title="The codes in question",
        columns=(
            Column("Code", width=16),
            *(Column(name, width=_PASSAGE) for name in ("Definition", "Include", "Exclude")),
        ),
        rows=tuple(parts),
        number=number,
        note=f"Version {codebook.version} of the codebook.",
        keep=True,
    )


def _note(found: Disagreements) -> str:
    by = {"document": "text", "segment": "segment", "span": "place"}[found.unit]
    return (
        f"A passage stands here where, in the same {by}, one coder found the code and another "
        "did not. A coder’s cell gives every code that the coder gave the passage, with the "
        "words marked where they are others than the passage. What the meeting settles is coded "
        "anew in the phase “consensus”; agreement is measured on the codings before it."
    )


def _cut_left(text: str) -> str:
    return f"…{text}" if text and not text[:1].isupper() else text


def _cut_right(text: str) -> str:
    return f"{text}…" if text and text.rstrip()[-1:] not in {".", "!", "?", "”", '"'} else text
