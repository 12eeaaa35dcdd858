"""What ``themes``, ``quotes`` and ``trace`` share: a study or a folder of texts, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import typer

from reflect_analysis.cli._reporting import Faults
from reflect_analysis.cli._shared import tell

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.disclosure import Approval
    from reflect_analysis.tables import Table
    from reflect_analysis.themes import Approach
    from reflect_analysis.workflow import Material as Given

__all__ = [
    "Clearing",
    "Material",
    "MaybeApproach",
    "MaybeBook",
    "check_approach",
    "check_file",
    "check_sources",
    "counted_from",
    "folders_of",
    "gather",
    "is_study",
    "lines_of",
    "read_given",
    "read_let_stand",
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

    cleared = clearing or Clearing()
    check_sources(sources, codebook, cleared)
    check_approach(approach)
    faults = Faults()
    given = faults.of(partial(read_given, sources, codebook, codings or (), approach=approach))
    decided = faults.of(partial(read_approvals, approvals)) if approvals else ()
    reasons = faults.of(partial(read_let_stand, cleared.let_stand))
    faults.tell()
    found = counted_from(cast("Given", given), cleared, reasons)
    return found._replace(approvals=(*found.approvals, *(decided or ())))


def check_sources(sources: Sequence[str], codebook: Path | None, clearing: Clearing) -> None:
    """Refuse what does not go together, before anything is read."""
    if not any(map(is_study, sources)):
        if codebook is None:
            raise typer.BadParameter("expected the codebook's file", param_hint="--codebook")
        return
    if len(sources) > 1:
        raise typer.BadParameter("a study stands by itself", param_hint="STUDY")
    if clearing.by or clearing.let_stand:
        raise typer.BadParameter(
            "texts of a study are cleared in it: import STUDY TEXTS --cleared-by NAME --note HOW",
            param_hint="--cleared-by, --let-stand",
        )


def folders_of(sources: Sequence[str]) -> list[Path]:
    """Where what people typed may lie: the texts themselves, or what lies beside a study."""
    if any(map(is_study, sources)):
        return [Path(each).parent for each in sources if "://" not in each]
    return [Path(each) for each in sources]


def read_given(
    sources: Sequence[str], codebook: Path | None, codings: Sequence[Path], *, approach: str = ""
) -> Given:
    """The study as it stands, or texts with a codebook and people's codings."""
    from reflect_analysis.cli._study import opened
    from reflect_analysis.workflow import read_material, read_study

    check_approach(approach)
    asked = cast("Approach", approach) if approach else None
    if any(map(is_study, sources)):
        with opened(sources[0]) as project:
            found = read_study(project, codebook, codings=codings, approach=asked)
        _check_cleared(found, sources[0])
        return found
    book = cast("Path", codebook)
    return read_material(folders_of(sources), book, codings=codings, approach=asked, tell=tell)


def _check_cleared(found: Given, study: str) -> None:
    """Refuse texts that wait to be cleared, with the command that clears those of a study."""
    from reflect_analysis.cli._study import as_typed, hint, some
    from reflect_analysis.errors import NotClearedError

    if waiting := [document.id for document in found.corpus.uncleared()]:
        clear = ("import", as_typed(study), "TEXTS", "--cleared-by", "NAME", "--note", "HOW")
        raise NotClearedError(
            f"{len(waiting)} documents of the study wait to be cleared: {some(waiting)}. When a "
            f"person has read them for identifiers: {hint(*clear, '--by', 'NAME')}"
        )


def read_let_stand(let_stand: Path | None) -> dict[str, str] | None:
    """Why findings may stand; what reads them is loaded only where they are given."""
    if let_stand is None:
        return None
    from reflect_analysis.anonymity import read_reasons

    return read_reasons(let_stand)


def counted_from(
    given: Given, clearing: Clearing, reasons: Mapping[str, str] | None = None
) -> Material:
    """What the report counts, of the same texts: cleared, and coded by the rules if by nobody.

    The reasons of what may stand were read with the rest, so that what is wrong is told together.
    """
    from reflect_analysis.workflow import code_material

    if given.coder is not None:
        tell("coding by rules, because no --codings were given: a draft")
    who = {"by": clearing.by, "note": clearing.note}
    corpus, _, log = code_material(given, **who, reasons=reasons, tell=tell)
    return Material(corpus, given.codebook, log, given.approvals, given.approach)


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
