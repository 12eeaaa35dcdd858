"""``report`` and ``demo``: from a study, or from texts, to what may be sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import typer

from reflect_analysis.cli._findings import MaybeApproach, MaybeBook, check_approach, is_study
from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger
from reflect_analysis.cli._reporting import (
    Answers,
    Asked,
    Behind,
    ChoicesFile,
    ClaimsFile,
    Compare,
    Faults,
    Formats,
    Frameworks,
    Given,
    Indicators,
    InferencesFile,
    JointBy,
    MemoWords,
    ProgrammesFile,
    Researcher,
    ScaleOf,
    StatesOf,
    Template,
    Within,
    read_asked,
)
from reflect_analysis.cli._shared import (
    Approvals,
    ClearedBy,
    Json,
    LetStand,
    Note,
    Out,
    Overwrite,
    People,
    SmallCell,
    check_clearing,
    print_json,
    tell,
)
from reflect_analysis.cli.themes import Sources

if TYPE_CHECKING:
    from reflect_analysis.themes import Approach
    from reflect_analysis.workflow import Analysis, Material

__all__ = ["demo", "report"]


class _Basis(NamedTuple):
    """What the report rests on, as it stands in the command."""

    sources: Sequence[str]
    codebook: Path | None
    codings: Sequence[Path]
    approach: str

    @property
    def is_study(self) -> bool:
        """Whether it rests on a study."""
        return any(map(is_study, self.sources))

    @property
    def folders(self) -> list[Path]:
        """Where what people typed may lie beside."""
        if self.is_study:
            return [Path(each).parent for each in self.sources if "://" not in each]
        return [Path(each) for each in self.sources]


def report(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Sources,
    out: Out,
    codebook: MaybeBook = None,
    approvals: Approvals = None,
    codings: People = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    approach: MaybeApproach = "",
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    attribution: Behind = "",
    format_: Formats = "",
    template: Template = None,
    researchers: Researcher = None,
    states: StatesOf = "",
    compare: Compare = None,
    within: Within = "",
    framework: Frameworks = None,
    answers: Answers = None,
    indicators: Indicators = None,
    programmes: ProgrammesFile = None,
    choices: ChoicesFile = None,
    joint: JointBy = "",
    scale: ScaleOf = "",
    inferences: InferencesFile = None,
    claims: ClaimsFile = None,
    memo_words: MemoWords = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """From a study, or from texts, to the report: OUT/share may be sent, OUT/keep may not.

    A study (study.reflect) is reported as it stands: its texts, codebook, codings and approvals.
    """
    from reflect_analysis import check_output

    check_clearing(cleared_by, note)
    check_approach(approach)
    basis = _Basis(sources, codebook, codings or (), approach)
    _check_basis(basis, cleared=bool(cleared_by or let_stand))
    check_output(out, overwrite=overwrite)
    how = {
        "attribution": _checked_template(attribution),
        "formats": _formats(format_),
        "template": _checked_word_file(template),
        "overwrite": overwrite,
        "ledger": ledger,
        "to": to,
        "k": k,
        "memo_words": memo_words,
    }
    _check_ledger(ledger, out, to, k)
    asked = Asked(
        states=states,
        compare=compare or (),
        within=within,
        frameworks=framework or (),
        answers=answers,
        indicators=indicators,
        programmes=programmes,
        choices=choices,
        joint=joint,
        scale=scale,
        inferences=inferences,
        claims=claims,
        researchers=researchers,
        approvals=approvals,
        k=k,
    )
    material, given, reasons = _read_all(basis, asked, let_stand)
    study = _analysed(material, given, (cleared_by, note, reasons))
    written = _written(out, study, given, how)
    _tell_of_report(study, written)
    _print_report(written, as_json)


def _check_basis(basis: _Basis, *, cleared: bool) -> None:
    """Refuse what does not go together, before anything is read."""
    if not basis.is_study:
        if basis.codebook is None:
            raise typer.BadParameter("expected the codebook's file", param_hint="--codebook")
        return
    if len(basis.sources) > 1:
        raise typer.BadParameter("a study is reported by itself", param_hint="STUDY")
    if cleared:
        raise typer.BadParameter(
            "texts of a study are cleared in it: import STUDY TEXTS --cleared-by NAME --note HOW",
            param_hint="--cleared-by, --let-stand",
        )


def _read_all(basis: _Basis, asked: Asked, let_stand: Path | None) -> tuple[Material, Given, Any]:
    """All that is read, and held against one another: what is wrong is told at once."""
    from reflect_analysis.report.checking import check_wanted

    faults = Faults()
    material = faults.of(partial(_material, basis))
    book = material.codebook if material else None
    given = read_asked(asked, basis.folders, book, faults)
    reasons = faults.of(partial(_reasons, let_stand))
    if material is not None:
        faults.of(
            lambda: check_wanted(
                given.wanted,
                corpus=material.corpus,
                codebook=material.codebook,
                approach=material.approach,
            )
        )
    faults.tell()
    return cast("Material", material), given, reasons


def _material(basis: _Basis) -> Material:
    """The study as it stands, or texts with a codebook and people's codings."""
    from reflect_analysis.cli._study import opened
    from reflect_analysis.workflow import read_material, read_study

    approach = cast("Approach", basis.approach) if basis.approach else None
    if basis.is_study:
        with opened(basis.sources[0]) as project:
            found = read_study(project, basis.codebook, codings=basis.codings, approach=approach)
        _check_cleared(found, basis.sources[0])
        return found
    return read_material(
        basis.folders,
        cast("Path", basis.codebook),
        codings=basis.codings,
        approach=approach,
        tell=tell,
    )


def _check_cleared(found: Material, study: str) -> None:
    """Refuse texts that wait to be cleared, with the command that clears those of a study."""
    from reflect_analysis.cli._study import as_typed, hint, some
    from reflect_analysis.errors import NotClearedError

    if waiting := [document.id for document in found.corpus.uncleared()]:
        clear = ("import", as_typed(study), "TEXTS", "--cleared-by", "NAME", "--note", "HOW")
        raise NotClearedError(
            f"{len(waiting)} documents of the study wait to be cleared: {some(waiting)}. When a "
            f"person has read them for identifiers: {hint(*clear, '--by', 'NAME')}"
        )


def _analysed(material: Material, given: Given, clearing: tuple[str, str, Any]) -> Analysis:
    """What was found, with what was decided about quotes in the study and in a register."""
    from reflect_analysis.workflow import analyse_material

    by, note, reasons = clearing
    found = analyse_material(material, by=by, note=note, reasons=reasons, tell=tell)
    return dataclasses.replace(found, approvals=(*found.approvals, *given.approvals))


def _reasons(let_stand: Path | None) -> Any:
    """Why findings may stand; what reads them is loaded only where they are given."""
    if let_stand is None:
        return None
    from reflect_analysis import read_reasons

    return read_reasons(let_stand)


def _written(out: Path, study: Analysis, given: Given, how: dict[str, Any]) -> Any:
    """What is asked for beyond the codes, counted; then everything written."""
    from reflect_analysis import write_report
    from reflect_analysis.report import further_results

    tell("counting what occurs together, and what changes")
    further = further_results(
        study.codings,
        corpus=study.corpus,
        codebook=study.codebook,
        wanted=given.wanted,
        approach=study.approach,
        tell=tell,
    )
    tell("writing the report")
    typed = {"claims": given.claims, "researchers": given.researchers}
    return write_report(out, **study.parts(), **how, **typed, further=further)


def _checked_word_file(template: Path | None) -> Path | None:
    """The Word file whose styles the report takes; refused before the long work."""
    from reflect_analysis.report.word import check_template

    if template is not None:
        check_template(template)
    return template


def _formats(asked: str) -> tuple[Any, ...]:
    """The formats that are asked for; by default all, with a word on what cannot be made."""
    from reflect_analysis.report.folder import check_formats
    from reflect_analysis.report.portable import NO_BROWSER, find_browser

    if not asked.strip():
        if find_browser() is None:
            tell(NO_BROWSER)
            return ("html", "docx")
        return ("html", "docx", "pdf")
    wanted = [each.strip().lower() for each in asked.split(",") if each.strip()]
    try:
        return check_formats(wanted)  # type: ignore[arg-type]  # what is no format is refused there
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--format") from None


def _checked_template(attribution: str) -> str | tuple[str, ...]:
    """The template, or the usual one; refused before the long work."""
    from reflect_analysis.disclosure import TEMPLATE
    from reflect_analysis.disclosure.templates import parse_template

    template = attribution.strip() or TEMPLATE
    try:
        parse_template(template)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--attribution") from None
    return template


def _check_ledger(ledger: Path | None, out: Path, to: str, k: int) -> None:
    """The same as of every file that is sent; without a ledger, earlier reports are named."""
    from reflect_analysis.report.folder import earlier_reports

    check_ledger(ledger, out, to, k)
    if ledger is None and (earlier := earlier_reports(out)):
        tell(
            f"another report lies here ({earlier[0].name}): was it sent, the difference of the two "
            "can tell of single persons; keep what is sent with --ledger FILE --to WHOM"
        )


_DEMO_STATES = "strain=exhaustion,detachment;recovery=burnout_recovery,renewal"
_DEMO_FRAMEWORKS = ("mentorship-decision-matrix", "theory-of-change", "equity-checklist")


def demo(
    out: Out = Path("demo-report"), overwrite: Overwrite = False, as_json: Json = False
) -> None:
    """Write the report of the demonstration that comes with the package."""
    from reflect_analysis import demo_files

    files = demo_files()
    frameworks = files.codebook.parent / "frameworks"
    report(
        [str(files.corpus)],
        out,
        files.codebook,
        approvals=files.approvals,
        states=_DEMO_STATES,
        compare=["experience"],
        framework=[frameworks / f"{name}.yaml" for name in _DEMO_FRAMEWORKS],
        indicators=frameworks / "indicators.csv",
        programmes=frameworks / "programme.csv",
        overwrite=overwrite,
        as_json=as_json,
    )


def _tell_of_report(study: Any, written: Any) -> None:
    """What was left out, what is hidden, and how many of the approved quotes are printed."""
    if any(omission.place for omission in study.corpus.omissions):
        tell("keep/omissions.csv names each part of a file that was left out, with its reason")
    if hidden := len(written.withheld):
        tell(f"{hidden} counts or quotes are hidden because of what was sent before")
    printed, approved = written.quotes_printed, written.quotes_approved
    if approved:
        line = f"{printed} of {approved} approved quotes are printed"
        more = "; keep/quotes-left-out.csv says why the others are not"
        tell(line + (more if printed < approved else ""))


def _print_report(written: Any, as_json: bool) -> None:
    """Name what was written, for a person or a program."""
    if as_json:
        files = {"share": written.share, "keep": written.keep}
        paths = {name: [str(path) for path in found] for name, found in files.items()}
        quotes = {
            "quotes_approved": written.quotes_approved,
            "quotes_printed": written.quotes_printed,
        }
        print_json({"report": str(written.main), "draft": written.draft, **quotes, **paths})
        return
    print(f"To send: {written.out / 'share'}")
    print(f"To keep: {written.out / 'keep'}")
    print(f"Report:  {written.main}")
