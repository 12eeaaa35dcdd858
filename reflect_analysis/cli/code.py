"""``code``: code texts by the codebook's rules, or try the rules on the codebook's examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from reflect_analysis.cli._shared import (
    ClearedBy,
    Json,
    LetStand,
    Note,
    check_clearing,
    print_json,
    read_texts,
    tell,
)

if TYPE_CHECKING:
    from reflect_analysis.coders import LintReport, RuleCoder
    from reflect_analysis.codings import Codings
    from reflect_analysis.segments import Segments

__all__ = ["code"]

Texts = Annotated[
    list[Path] | None,
    typer.Argument(help="Files or folders with the texts.", readable=False, metavar="SOURCES"),
]
Book = Annotated[
    Path | None,
    typer.Option(help="The codebook: a YAML, CSV, XLSX or DOCX file.", readable=False),
]
Folder = Annotated[
    Path | None, typer.Option(help="Folder to write the codings into.", readable=False)
]
Check = Annotated[
    Path | None,
    typer.Option(
        help="Try the rules of this codebook (YAML, CSV, XLSX or DOCX) on its own examples.",
        readable=False,
    ),
]
TryOn = Annotated[
    list[Path] | None,
    typer.Option("--corpus", help="With --check: texts to try the patterns on.", readable=False),
]

Everything = Annotated[
    bool, typer.Option("--all", help="With --check: all there is to look at, a line each.")
]


class _Clearing(NamedTuple):
    """Who cleared the texts and how, and the file with the reasons of what may stand."""

    by: str
    note: str
    let_stand: Path | None


def code(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Texts = None,
    codebook: Book = None,
    out: Folder = None,
    check: Check = None,
    corpus: TryOn = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Code texts by the rules of a codebook, or --check the rules by its examples."""
    check_clearing(cleared_by, note)
    clearing = _Clearing(cleared_by, note, let_stand)
    if check is not None:
        if sources or codebook or out:
            raise _wrong("takes --corpus, and no sources, --codebook or --out", "--check")
        _check(check, corpus or [], clearing, everything, as_json)
        return
    if not sources or codebook is None or out is None:
        raise _wrong("expected SOURCES, --codebook FILE and --out FOLDER, or --check FILE", "code")
    if corpus:
        raise _wrong("belongs to --check; name the texts by themselves", "--corpus")
    if everything:
        raise _wrong("belongs to --check", "--all")
    _code(sources, codebook, out, clearing, as_json)


def _wrong(told: str, where: str) -> typer.BadParameter:
    return typer.BadParameter(told, param_hint=where)


def _code(
    sources: list[Path], codebook: Path, out: Path, clearing: _Clearing, as_json: bool
) -> None:
    """Code texts and write the codings."""
    from reflect_analysis.coders import code_segments

    _check_folder(out)
    coder = _coder(codebook)
    segments = _segments(sources, clearing)
    tell("coding by rules")
    codings = code_segments(coder, segments, coder.codebook)
    codings.to_csv(out)
    _print_codings(codings, coder, out, as_json)


def _print_codings(codings: Codings, coder: RuleCoder, out: Path, as_json: bool) -> None:
    """How many passages of each code were proposed, in how many texts."""
    counts = dict.fromkeys(coder.codes_, 0)
    for coding in codings:
        counts[coding.code_id] += 1
    documents, version = len(codings.seen), coder.codebook_version
    if as_json:
        facts = {"out": str(out), "documents": documents, "codebook_version": version}
        print_json({**facts, "codings": counts})
        return
    for code_id, count in counts.items():
        print(f"{count:6}  {code_id}")
    print(f"{len(codings)} codings of {documents} documents, written to {out}")
    print("They are proposals by rules: a person decides.")


def _check_folder(out: Path) -> None:
    """Refuse a place that holds something, before the work."""
    from reflect_analysis._whole import is_left
    from reflect_analysis.errors import OutputError
    from reflect_analysis.report.folder import check_parents

    check_parents(out)
    if out.exists() and (not out.is_dir() or not all(map(is_left, out.iterdir()))):
        raise OutputError(f"{out}: holds something already; name a folder that does not exist yet")


def _coder(path: Path) -> RuleCoder:
    """The rules of a codebook's file; faults of its patterns bear the file's name."""
    from reflect_analysis.codebook import read_codebook
    from reflect_analysis.coders import RuleCoder
    from reflect_analysis.errors import CodebookError

    book = read_codebook(path)
    try:
        return RuleCoder(book)
    except CodebookError as error:
        raise CodebookError([f"{path.name}: {fault}" for fault in error.faults]) from None


def _segments(sources: list[Path], clearing: _Clearing) -> Segments:
    """Sentences of cleared texts."""
    from reflect_analysis.segmentation import segment

    return segment(read_texts(sources, *clearing))


def _check(
    path: Path,
    sources: list[Path],
    clearing: _Clearing,
    everything: bool,
    as_json: bool,
) -> None:
    """Try the rules on the codebook's examples, then look through the codebook."""
    from reflect_analysis.coders import check_examples, lint_codebook

    book = _coder(path).codebook
    segments = _segments(sources, clearing) if sources else None
    examples, report = check_examples(book), lint_codebook(book, segments)
    if as_json:
        print_json({"passed": examples.passed, "examples": _rows(examples), "lint": _rows(report)})
    else:
        print(examples)
        print()
        _print_lint(report, everything)
    if not examples.passed:
        raise typer.Exit(1)


def _print_lint(report: LintReport, everything: bool) -> None:
    """What there is to look at: by kind, or all of it."""
    if not report.rows:
        print("To look at: nothing.")
        return
    print(f"To look at ({len(report)}{'' if everything else ', --all shows each'}):")
    if everything:
        for row in report:
            print(f"- {row}")
    else:
        print(report.summary())


def _rows(report: Any) -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [asdict(row) for row in report]
