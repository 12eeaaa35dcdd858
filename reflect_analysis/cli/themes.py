"""``themes``: how many participants each code was found in, as it may be sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from reflect_analysis.cli._findings import (
    Clearing,
    MaybeApproach,
    MaybeBook,
    check_approach,
    check_file,
    check_sources,
    counted_from,
    folders_of,
    lines_of,
    read_given,
    read_let_stand,
)
from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger, held
from reflect_analysis.cli._reporting import ClaimsFile, Faults, read_claimed
from reflect_analysis.cli._shared import (
    ClearedBy,
    Json,
    LetStand,
    Note,
    People,
    SmallCell,
    check_clearing,
    print_json,
    tell,
)

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study
    from reflect_analysis.tables import Table
    from reflect_analysis.workflow import Material as Given

__all__ = ["themes"]

Sources = Annotated[
    list[str],
    typer.Argument(
        help="The study (study.reflect, a URL), or files and folders with the texts.",
        metavar="STUDY...",
    ),
]
TableFile = Annotated[
    Path | None,
    typer.Option(help="File for the table: DOCX, XLSX, CSV, HTML, TEX or MD.", readable=False),
]


def themes(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Sources,
    codebook: MaybeBook = None,
    codings: People = None,
    out: TableFile = None,
    approach: MaybeApproach = "",
    claims: ClaimsFile = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    as_json: Json = False,
) -> None:
    """The theme table of a study or of a folder, small counts hidden.

    As the report has it, but for what a report hides beside change over sessions.
    """
    from reflect_analysis.report.contents import told_by_agreement
    from reflect_analysis.report.releasing import release_for
    from reflect_analysis.tables import export_table

    check_clearing(cleared_by, note)
    check_file(out)
    check_ledger(ledger, out, to, k)
    check_approach(approach)
    clearing = Clearing(cleared_by, note, let_stand)
    check_sources(sources, codebook, clearing)
    read = partial(read_given, sources, codebook, codings or (), approach=approach)
    study = _study(read, folders_of(sources), claims, clearing)
    study = dataclasses.replace(study, k=k)
    shown = held(
        study,
        _shown,
        lambda study, table: release_for(to, study, (*table.told, *told_by_agreement(study)), ()),
        ledger=ledger,
        out=out,
    )
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(shown, out)
    said = _said(study, shown)
    if as_json:
        rows = [dict(zip((c.name for c in shown.columns), r, strict=True)) for r in shown.texts()]
        about = {"title": shown.title, "draft": shown.draft, "note": shown.note, "said": said}
        print_json({**about, "rows": rows, "out": str(out) if out else None})
        return
    for line in (shown.title, *lines_of(shown), shown.note, said):
        if line:
            print(line)
    if out:
        print(f"written to {out}")


def _study(
    read: Callable[[], Given], folders: Sequence[Path], claims: Path | None, clearing: Clearing
) -> Study:
    """What the report counts, with its claims and its agreement; what is wrong is told at once."""
    from reflect_analysis.report.study import Study
    from reflect_analysis.workflow import people_agree

    faults = Faults()
    given = faults.of(read)
    book = given.codebook if given else None
    claimed = read_claimed(claims, folders, book, faults)
    reasons = faults.of(partial(read_let_stand, clearing.let_stand))
    faults.tell()
    found = counted_from(cast("Given", given), clearing, reasons)
    return Study(
        found.corpus,
        found.book,
        found.log,
        claims=claimed,
        approach=found.approach,
        agreement=people_agree(found.log, found.corpus, found.book, found.approach, tell),
    )


def _shown(study: Study) -> Table:
    """The theme table without what the study withholds, by the function of the report."""
    from reflect_analysis.report.contents import first_table

    return first_table(study)


def _said(study: Study, shown: Table) -> str:
    """What a table without a number means; empty where there is one."""
    from reflect_analysis.disclosure import HIDDEN

    counted = [row for row in study.themes.rows if row.of_reflections]
    if not study.texts.documents:
        return "No text of a participant may be tabulated, so there is nothing to count."
    if not counted:
        return "Nobody has read these texts for any code yet, so there is nothing to count."
    if not any(row.references for row in counted):
        return "The texts were read, and none of the codes was found in them."
    numbers = [n for n, column in enumerate(shown.columns) if column.kind == "number"]
    cells = {row[n] for row in shown.rows for n in numbers} - {None}
    if cells == {HIDDEN}:
        return "Every count is hidden: in so small a group, each could point to persons."
    return ""
