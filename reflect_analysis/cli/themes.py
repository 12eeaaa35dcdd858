"""``themes``: how many participants each code was found in, as it may be sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reflect_analysis.cli._findings import (
    Clearing,
    MaybeApproach,
    MaybeBook,
    check_file,
    gather,
    lines_of,
)
from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger, held
from reflect_analysis.cli._shared import (
    ClearedBy,
    Json,
    LetStand,
    Note,
    People,
    SmallCell,
    check_clearing,
    print_json,
)

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study
    from reflect_analysis.tables import Table

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
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    as_json: Json = False,
) -> None:
    """The theme table of a study or of a folder, with small counts hidden."""
    from reflect_analysis.report.releasing import release_for
    from reflect_analysis.report.study import Study
    from reflect_analysis.tables import export_table

    check_clearing(cleared_by, note)
    check_file(out)
    check_ledger(ledger, out, to, k)
    clearing = Clearing(cleared_by, note, let_stand)
    found = gather(sources, codebook, codings, approach=approach, clearing=clearing)
    study = Study(found.corpus, found.book, found.log, approach=found.approach, k=k)
    shown = held(
        study,
        _shown,
        lambda study, table: release_for(to, study, table.told, ()),
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


def _shown(study: Study) -> Table:
    """The theme table without what the study withholds, as the report shows it."""
    from reflect_analysis.tables import shown_themes

    texts = None if study.coarse else len(study.texts)
    return shown_themes(study.themes, k=study.k, texts=texts).without(study.withheld)


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
