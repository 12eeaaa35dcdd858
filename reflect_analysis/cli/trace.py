"""``trace``: from a number of the report to the passages that it counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from reflect_analysis.cli._findings import Clearing, MaybeBook, check_file, gather
from reflect_analysis.cli._shared import (
    ClearedBy,
    Json,
    LetStand,
    Note,
    People,
    check_clearing,
    print_json,
)

if TYPE_CHECKING:
    from reflect_analysis.cli._findings import Material
    from reflect_analysis.tracing import Trace

__all__ = ["trace"]

UnitName = Literal["reflection", "participant", "sentence"]
Where = Annotated[
    str,
    typer.Argument(
        help="The study (study.reflect, a URL), or the folder with the texts.", metavar="STUDY"
    ),
]
Codes = Annotated[
    list[str],
    typer.Argument(help="A code by its id; of several any counts.", metavar="CODE..."),
]
With = Annotated[str, typer.Option("--with", help="Another code that stands in the same unit.")]
Unit = Annotated[UnitName, typer.Option(help="With --with: in what both stand.")]
Session = Annotated[str, typer.Option(help="Only texts of this session.")]
CaseId = Annotated[str, typer.Option("--case", help="Only this participant, by pseudonym.")]
Attribute = Annotated[
    list[str] | None,
    typer.Option(help='Only texts or participants that bear it, such as "role=ECE".'),
]
Words = Annotated[
    bool, typer.Option("--words", help="Show each passage with its words; never send it.")
]
OutFile = Annotated[
    Path | None,
    typer.Option(help="File for the list of passages, with their words: keep it.", readable=False),
]


def trace(  # noqa: PLR0917  # typer turns each parameter into an option
    study: Where,
    code: Codes,
    with_: With = "",
    unit: Unit = "reflection",
    session: Session = "",
    case: CaseId = "",
    attribute: Attribute = None,
    codebook: MaybeBook = None,
    codings: People = None,
    words: Words = False,
    out: OutFile = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    as_json: Json = False,
) -> None:
    """Count a number of the report again, and list the passages behind it. The counts are exact.

    A row of the theme table: trace STUDY CODE. A pair: --with OTHER. A session: --session 2. A
    state of several codes: name them all. A group: --attribute role=ECE. A person: --case P07.
    """
    check_clearing(cleared_by, note)
    check_file(out)
    wanted = _wanted(attribute or [], session)
    clearing = Clearing(cleared_by, note, let_stand)
    found = gather([study], codebook, codings, clearing=clearing)
    traced = _traced(found, code, with_, unit, case, wanted)
    if out:
        from reflect_analysis.tables import export_table
        from reflect_analysis.tables.tracing import trace_table

        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(trace_table(traced), out)
    _print(traced, words, out, as_json)


def _wanted(attributes: Iterable[str], session: str) -> dict[str, str]:
    wanted = {"session": session} if session else {}
    for each in attributes:
        name, equals, value = each.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise typer.BadParameter(f"{each!r}: expected NAME=VALUE", param_hint="--attribute")
        wanted[name.strip()] = value.strip()
    return wanted


def _traced(
    found: Material, code: list[str], other: str, unit: UnitName, case: str, wanted: dict[str, str]
) -> Trace:
    from reflect_analysis.errors import ReflectAnalysisError
    from reflect_analysis.segmentation import segment
    from reflect_analysis.tracing import trace_count

    by_sentence = bool(other) and unit == "sentence"
    try:
        return trace_count(
            found.log,
            code,
            corpus=found.corpus,
            codebook=found.book,
            with_code=other or None,
            unit="segment" if unit == "sentence" else unit,
            segments=segment(found.corpus) if by_sentence else None,
            case=case or None,
            where=wanted,
        )
    except ReflectAnalysisError:
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--attribute, --session") from None


def _print(traced: Trace, words: bool, out: Path | None, as_json: bool) -> None:
    """The counts; each passage where its words were asked for."""
    frame = traced.to_frame(words=True) if words else None
    if as_json:
        listed = {} if frame is None else {"list": frame.to_dict("records")}
        counts = dict(traced.counts)
        print_json({"asked": traced.asked, **counts, **listed, "out": str(out) if out else None})
        return
    print(f"{traced.asked} (exact counts: keep them)")
    for name, number in traced.counts:
        print(f"{number:>14}  {name}")
    for row in traced.passages if words else ():
        who = row.case_id or "unknown"
        print(f"{row.document_id} {row.start}–{row.end}, {who}, {row.code_id}, {row.status}")
        print(f"  “{' '.join(row.text.split())}”")
    if out:
        print(f"{len(traced)} passages written to {out}: participants' words, never send it")
    elif not words:
        print("--words shows the passages, --out FILE writes them")
