"""``themes``: how many participants each code was found in, as it may be sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reflect_analysis.cli._findings import (
    Clearing,
    MaybeApproach,
    MaybeBook,
    check_file,
    gather,
    lines_of,
)
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
    as_json: Json = False,
) -> None:
    """The theme table of a study or of a folder, with small counts hidden."""
    from reflect_analysis.tables import export_table, shown_themes
    from reflect_analysis.themes import theme_table

    check_clearing(cleared_by, note)
    check_file(out)
    clearing = Clearing(cleared_by, note, let_stand)
    found = gather(sources, codebook, codings, approach=approach, clearing=clearing)
    counted = theme_table(
        found.log, corpus=found.corpus, codebook=found.book, approach=found.approach
    )
    texts = found.corpus.permitted("tables").where(lambda d: d.voice == "participant")
    shown = shown_themes(counted, k=k, texts=len(texts))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(shown, out)
        tell("not held against what was sent before; `report --ledger` does that")
    if as_json:
        rows = [dict(zip((c.name for c in shown.columns), r, strict=True)) for r in shown.texts()]
        about = {"title": shown.title, "draft": shown.draft, "note": shown.note}
        print_json({**about, "rows": rows, "out": str(out) if out else None})
        return
    for line in (shown.title, *lines_of(shown), shown.note):
        print(line)
    if out:
        print(f"written to {out}")
