"""``report`` and ``demo``: from a study, or from texts, to what may be sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer

from reflect_analysis.cli._findings import (
    Clearing,
    MaybeApproach,
    MaybeBook,
    check_approach,
    check_sources,
    folders_of,
    read_given,
    read_let_stand,
)
from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger, tell_hidden
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
    from reflect_analysis.workflow import Analysis, Material

__all__ = ["demo", "report"]


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
    clearing = Clearing(cleared_by, note, let_stand)
    check_sources(sources, codebook, clearing)
    read = partial(read_given, sources, codebook, codings or (), approach=approach)
    check_output(out, overwrite=overwrite)
    how = {
        "attribution": _checked_template(attribution),
        "formats": _formats(format_),
        "template": _checked_house(template or ()),
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
    material, given, reasons = _read_all(read, folders_of(sources), asked, let_stand)
    study = _analysed(material, given, (cleared_by, note, reasons))
    written = _written(out, study, given, how)
    _tell_of_report(study, written)
    _print_report(written, as_json)


def _read_all(
    read: Callable[[], Material], folders: Sequence[Path], asked: Asked, let_stand: Path | None
) -> tuple[Material, Given, Any]:
    """All that is read, and held against one another: what is wrong is told at once."""
    from reflect_analysis.report.checking import check_wanted

    faults = Faults()
    material = faults.of(read)
    book = material.codebook if material else None
    given = read_asked(asked, folders, book, faults)
    reasons = faults.of(partial(read_let_stand, let_stand))
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


def _analysed(material: Material, given: Given, clearing: tuple[str, str, Any]) -> Analysis:
    """What was found, with what was decided about quotes in the study and in a register."""
    from reflect_analysis.workflow import analyse_material

    by, note, reasons = clearing
    found = analyse_material(material, by=by, note=note, reasons=reasons, tell=tell)
    return dataclasses.replace(found, approvals=(*found.approvals, *given.approvals))


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


def _checked_house(template: Sequence[Path]) -> tuple[Path, ...]:
    """The files of an institution's own look; refused before the long work."""
    from reflect_analysis.report.house import read_house

    read_house(template)
    return tuple(template)


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
    tell_hidden(written.hidden)
    for remark in written.remarks:
        tell(remark)
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
