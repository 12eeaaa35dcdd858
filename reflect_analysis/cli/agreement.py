"""``agreement``: how far coders agree, as a table, and the sheet for their meeting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from reflect_analysis.cli._shared import (
    ApproachName,
    ClearedBy,
    Json,
    LetStand,
    Note,
    SmallCell,
    check_clearing,
    print_json,
    read_texts,
    tell,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.reliability import Agreement

__all__ = ["agreement"]

Folders = Annotated[
    list[Path],
    typer.Argument(help="Folders of codings, one a coder.", metavar="FOLDERS", readable=False),
]
Texts = Annotated[
    list[Path], typer.Option(help="The texts that were coded; may be repeated.", readable=False)
]
Book = Annotated[Path, typer.Option(help="The codebook, a YAML file.", readable=False)]
UnitName = Literal["document", "paragraph", "sentence", "turn", "span"]
Table = Annotated[
    Path | None, typer.Option(help="Table to write: .docx, .xlsx, .csv, .html, .tex or .md.")
]
Sheet = Annotated[
    Path | None,
    typer.Option(help="Sheet for the coders' meeting, with their passages: .docx or .xlsx. Keep."),
]
Coders = Annotated[
    list[str] | None, typer.Option("--coder", help="A coder to compare; by default all people.")
]
Phases = Annotated[
    list[str] | None,
    typer.Option("--phase", help="calibration or reliability; each is measured by itself."),
]
_FORMATS = (".docx", ".xlsx", ".csv", ".html", ".tex", ".md")


class _Asked(NamedTuple):
    """What is compared, and who cleared the texts."""

    coders: list[str] | None
    unit: UnitName
    phases: list[str] | None
    clearing: tuple[str, str, Path | None]

    @property
    def by(self) -> Any:
        """The unit as the library calls it."""
        return self.unit if self.unit in {"document", "span"} else "segment"


def agreement(  # noqa: PLR0917  # typer turns each parameter into an option
    folders: Folders,
    corpus: Texts,
    codebook: Book,
    unit: Annotated[UnitName, typer.Option(help="On what they are compared.")] = "document",
    coder: Coders = None,
    phase: Phases = None,
    approach: Annotated[ApproachName, typer.Option(help="How the study works.")] = "codebook",
    out: Table = None,
    sheet: Sheet = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    k: SmallCell = 5,
    as_json: Json = False,
) -> None:
    """Measure how far coders agree on each code, on what they read independently."""
    from reflect_analysis.codebook import read_codebook
    from reflect_analysis.codings import read_codings

    _check_options(approach, out, sheet, (cleared_by, note))
    log, book = read_codings(*folders), read_codebook(codebook)
    asked = _Asked(coder, unit, phase, (cleared_by, note, let_stand))
    texts = read_texts(corpus, *asked.clearing)
    found = _measured(log, texts, book, asked)
    _write(found, out, k)
    if sheet:
        _write_sheet(log, texts, book, asked, sheet)
    _print(found, out, sheet, as_json)


def _check_options(
    approach: str, out: Path | None, sheet: Path | None, cleared: tuple[str, str]
) -> None:
    """Refuse what cannot be done, before the texts are read."""
    from reflect_analysis.errors import AgreementError
    from reflect_analysis.reliability import REFLEXIVE
    from reflect_analysis.report.folder import check_parents

    if approach == "reflexive":
        raise AgreementError(REFLEXIVE)
    check_clearing(*cleared)
    for path, known, name in ((out, _FORMATS, "--out"), (sheet, _FORMATS[:2], "--sheet")):
        if path is not None and path.suffix.lower() not in known:
            raise _wrong(f"{path.name} ends in none of {', '.join(known)}", name)
        if path is not None:
            check_parents(path)


def _wrong(told: str, where: str) -> typer.BadParameter:
    return typer.BadParameter(told, param_hint=where)


def _choices(texts: Corpus, book: Codebook, asked: _Asked) -> dict[str, Any]:
    """What measuring and listing are asked alike; only segments need cleared texts."""
    from reflect_analysis.segmentation import segment

    segments = segment(texts, by=asked.unit) if asked.by == "segment" else None  # type: ignore[arg-type]  # the other units are none of segments
    phases: Any = asked.phases or None
    chosen = {"corpus": texts, "segments": segments, "codebook": book, "phase": phases}
    return {"coders": asked.coders or None, "unit": asked.by, **chosen}


def _measured(log: Codings, texts: Corpus, book: Codebook, asked: _Asked) -> Agreement:
    from reflect_analysis.reliability import measure_agreement

    tell("measuring agreement")
    return measure_agreement(log, **_choices(texts, book, asked))


def _write(found: Agreement, out: Path | None, k: int) -> None:
    from reflect_analysis.tables import export_table

    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(found, out, k=k)


def _write_sheet(log: Codings, texts: Corpus, book: Codebook, asked: _Asked, sheet: Path) -> None:
    """The passages on which they differ, for the meeting; the texts must be cleared."""
    from reflect_analysis.reliability import disagreements
    from reflect_analysis.tables import calibration_sheet, export_table

    texts.check_cleared()
    found = disagreements(log, **_choices(texts, book, asked))
    if not len(found):
        tell("no sheet was written: the coders agree everywhere")
        return
    sheet.parent.mkdir(parents=True, exist_ok=True)
    export_table(calibration_sheet(found, codebook=book), sheet)
    tell(f"{len(found)} passages written to {sheet}: participants' words, never send it")


def _print(found: Agreement, out: Path | None, sheet: Path | None, as_json: bool) -> None:
    """The figures by code, what fell out, and the sentence."""
    if as_json:
        print_json(_facts(found) | {"out": _name(out), "sheet": _name(sheet)})
        return
    for line in _lines(found):
        print(line)
    for each in found.left_out:
        print(f"left out: {each}")
    for note in found.notes:
        print(f"note: {note}")
    print(found.sentence())
    if out:
        print(f"written to {out}")


def _name(path: Path | None) -> str | None:
    return str(path) if path else None


def _lines(found: Agreement) -> list[str]:
    """A line a code: counts first, in letters that every console has."""
    from reflect_analysis.reliability import CodeAgreement, interval_words, told

    two = all(isinstance(row, CodeAgreement) and row.table for row in found.main)
    counted = "both/1st/2nd/neither" if two else "found by each"
    width = max(len(row.code_id) for row in found.main)
    lines = [f"{'':{width}}  {'units':>5}  {counted:>20}  {'alpha':>5}  95 % interval"]
    for row in found.main:
        table = row.table if isinstance(row, CodeAgreement) else None
        counts = "/".join(map(str, table or row.positives))
        figures = f"{row.units:5}  {counts:>20}  {told(row.alpha.value):>5}"
        more = row.alpha.reason or interval_words(row.alpha)
        lines.append(f"{row.code_id:{width}}  {figures}  {more}")
    return lines


def _facts(found: Agreement) -> dict[str, Any]:
    """Everything for a program; what is undefined is null."""
    parts = ("codes", "pairs", "sets", "spans")
    frames = {part: found.to_frame(part) for part in parts}  # type: ignore[arg-type]  # these are its parts
    rows = {
        part: frame.astype(object).where(frame.notna(), None).to_dict("records")
        for part, frame in frames.items()
    }
    left_out = [{"what": e.what, "reason": e.reason, "count": e.count} for e in found.left_out]
    about = {"unit": found.unit, "coders": found.coders, "phases": found.phases}
    return {
        "sentence": found.sentence(),
        **about,
        **rows,
        "left_out": left_out,
        "notes": found.notes,
    }
