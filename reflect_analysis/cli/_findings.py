"""What ``themes``, ``quotes`` and ``trace`` share: a study or a folder of texts, as values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import typer

from reflect_analysis.cli._shared import read_texts, tell

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.disclosure import Approval
    from reflect_analysis.tables import Table
    from reflect_analysis.themes import Approach

__all__ = [
    "Material",
    "MaybeApproach",
    "MaybeBook",
    "check_approach",
    "check_file",
    "gather",
    "is_study",
    "lines_of",
]

FORMATS = (".docx", ".xlsx", ".csv", ".html", ".tex", ".md")
STUDY = ".reflect"
MaybeBook = Annotated[
    Path | None,
    typer.Option(help="The codebook's file; that of the study where one is given.", readable=False),
]
MaybeApproach = Annotated[
    str, typer.Option(help="How the study works; as the study says where one is given.")
]


class Material(NamedTuple):
    """What is counted and quoted."""

    corpus: Corpus
    book: Codebook
    log: Codings
    approvals: tuple[Approval, ...]
    approach: Approach


class Clearing(NamedTuple):
    """Who cleared the texts and how, and the file with the reasons of what may stand."""

    by: str = ""
    note: str = ""
    let_stand: Path | None = None


def gather(
    sources: Sequence[str],
    codebook: Path | None,
    codings: Sequence[Path] | None,
    approvals: Path | None = None,
    *,
    approach: str = "",
    clearing: Clearing | None = None,
) -> Material:
    """A study as it stands, or texts with a codebook and codings as the report takes them."""
    from reflect_analysis.disclosure import read_approvals

    check_approach(approach)
    decided = read_approvals(approvals) if approvals else ()
    if any(map(is_study, sources)):
        found = _of_study(sources, codebook, codings)
    else:
        found = _of_files([Path(s) for s in sources], codebook, codings or (), clearing)
    chosen = cast("Approach", approach) if approach else found.approach
    return found._replace(approvals=(*found.approvals, *decided), approach=chosen)


def check_approach(approach: str) -> None:
    """Refuse a way of working that is none."""
    from typing import get_args

    from reflect_analysis.themes import Approach

    known = get_args(Approach)
    if approach and approach not in known:
        raise typer.BadParameter(f"expected one of {', '.join(known)}", param_hint="--approach")


def is_study(source: str) -> bool:
    """Whether a source is a study, and no text."""
    return "://" in source or (source.endswith(STUDY) and not Path(source).is_dir())


def _of_study(
    sources: Sequence[str], codebook: Path | None, codings: Sequence[Path] | None
) -> Material:
    from reflect_analysis.cli._study import opened
    from reflect_analysis.workflow import read_study

    if len(sources) > 1 or codings:
        raise typer.BadParameter(
            "a study stands by itself, with the codings that it holds", param_hint="STUDY"
        )
    with opened(sources[0]) as project:
        found = read_study(project, codebook)
    return Material(found.corpus, found.codebook, found.codings, found.approvals, found.approach)


def _of_files(
    sources: Sequence[Path],
    codebook: Path | None,
    codings: Sequence[Path],
    clearing: Clearing | None,
) -> Material:
    """The texts, with people's codings; where there are none, with what the rules propose."""
    from reflect_analysis.codebook import read_codebook
    from reflect_analysis.codings import read_codings
    from reflect_analysis.workflow import check_spans

    if codebook is None:
        raise typer.BadParameter("expected the codebook's file", param_hint="--codebook")
    book, log = read_codebook(codebook), read_codings(*codings)
    corpus = read_texts(sources, *(clearing or Clearing()))
    corpus.check_cleared()
    check_spans(log, corpus)
    if not codings:
        log = _by_rules(corpus, book)
    return Material(corpus, book, log, (), "codebook")


def _by_rules(corpus: Corpus, book: Codebook) -> Codings:
    from reflect_analysis.coders import RuleCoder, code_segments
    from reflect_analysis.segmentation import segment

    tell("coding by rules, because no --codings were given: a draft")
    return code_segments(RuleCoder(book), segment(corpus), book)


def check_file(out: Path | None, formats: Sequence[str] = FORMATS) -> None:
    """Refuse an ending that cannot be written, before the work."""
    if out is None:
        return
    from reflect_analysis.report.folder import check_parents

    if out.suffix.lower() not in formats:
        told = f"{out.name} ends in none of {', '.join(formats)}"
        raise typer.BadParameter(told, param_hint="--out")
    check_parents(out)


def lines_of(table: Table) -> list[str]:
    """A table as lines: columns side by side, headings of groups between, no empty column."""
    texts = table.texts()
    kept = [n for n in range(len(table.columns)) if {row[n] for row in texts} - {"–", ""}]
    heads = [table.columns[n].name for n in kept]
    rows = [[row[n] for n in kept] for row in texts]
    widths = [max(map(len, cells)) for cells in zip(heads, *rows, strict=True)]
    told = [_line(heads, widths)]
    for heading, numbers in table.sections():
        told += [heading] if heading else []
        told += [_line(rows[number], widths) for number in numbers]
    return [*([table.mark] if table.mark else []), *told]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    words = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return "  ".join(words).rstrip()
