"""``report``, ``demo`` and ``check``: from texts to what may be sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from reflect_analysis.cli._shared import (
    ApproachName,
    Approvals,
    Book,
    ClearedBy,
    Json,
    LetStand,
    Note,
    Out,
    Overwrite,
    People,
    SmallCell,
    Sources,
    check_clearing,
    print_json,
    tell,
)

__all__ = ["check", "demo", "report"]

LedgerFile = Annotated[
    Path | None,
    typer.Option(
        help="File of everything that was sent (JSON; made where there is none).", readable=False
    ),
]
SentTo = Annotated[str, typer.Option(help="Whom the report is sent to; with --ledger.")]
Behind = Annotated[
    str, typer.Option(help='What stands behind a quote, such as "{role}, {place}, {source}".')
]
Formats = Annotated[
    str,
    typer.Option(
        "--format",
        help="Of the whole report, with commas: html, docx, pdf. By default all that this "
        "computer can make.",
    ),
]
Template = Annotated[
    Path | None,
    typer.Option(
        help="A Word file whose styles, header and footer the report takes.", readable=False
    ),
]
Researcher = Annotated[
    Path | None,
    typer.Option(
        "--researchers",
        help="Who the researchers are (YAML; keep/researchers.yaml asks).",
        readable=False,
    ),
]
StatesOf = Annotated[
    str,
    typer.Option(
        help='The states of change and their codes, such as "strain=exhaustion;recovery=renewal", '
        "or a YAML file."
    ),
]
Compare = Annotated[
    list[str] | None,
    typer.Option(help="An attribute of participants by which two groups are compared."),
]
Frameworks = Annotated[
    list[Path] | None,
    typer.Option("--framework", help="A framework, or a checklist (YAML).", readable=False),
]
Answers = Annotated[
    Path | None,
    typer.Option(help="Answers to the checklist among the frameworks (YAML).", readable=False),
]
Indicators = Annotated[
    Path | None,
    typer.Option(
        help="Workforce indicators, dated and sourced, for the frameworks (CSV, XLSX).",
        readable=False,
    ),
]
ProgrammesFile = Annotated[
    Path | None,
    typer.Option("--programmes", help="Programmes by year (CSV, XLSX).", readable=False),
]


def report(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Sources,
    codebook: Book,
    out: Out,
    approvals: Approvals = None,
    codings: People = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    approach: Annotated[ApproachName, typer.Option(help="How the study works.")] = "codebook",
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    attribution: Behind = "",
    format_: Formats = "",
    template: Template = None,
    researchers: Researcher = None,
    states: StatesOf = "",
    compare: Compare = None,
    framework: Frameworks = None,
    answers: Answers = None,
    indicators: Indicators = None,
    programmes: ProgrammesFile = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """From texts to the report: OUT/share may be sent, OUT/keep may not."""
    from reflect_analysis import analyse, check_output, read_approvals, read_reasons, write_report
    from reflect_analysis.report import further_results, read_researchers
    from reflect_analysis.report.word import check_template

    check_clearing(cleared_by, note)
    check_output(out, overwrite=overwrite)
    behind = _checked_template(attribution)
    _check_ledger(ledger, out, to, k)
    # Each small file is read before the long work, for its faults.
    formats = _formats(format_)
    if template is not None:
        check_template(template)
    known = read_researchers(researchers) if researchers else None
    wanted = _wanted(states, compare or (), framework or (), answers, indicators, programmes)
    approved = read_approvals(approvals) if approvals else ()
    reasons = read_reasons(let_stand) if let_stand else None
    study = analyse(
        sources,
        codebook,
        codings=codings or (),
        cleared_by=cleared_by,
        note=note,
        reasons=reasons,
        approach=approach,
        tell=tell,
    )
    tell("counting what occurs together, and what changes")
    further = further_results(
        study.codings,
        corpus=study.corpus,
        codebook=study.codebook,
        wanted=wanted,
        approach=approach,
        tell=tell,
    )
    tell("writing the report")
    written = write_report(
        out,
        corpus=study.corpus,
        codebook=study.codebook,
        codings=study.codings,
        topics=study.topics,
        alignment=study.alignment,
        approvals=approved,
        approach=approach,
        k=k,
        overwrite=overwrite,
        findings=study.findings,
        agreement=study.agreement,
        attribution=behind,
        further=further,
        researchers=known,
        formats=formats,
        template=template,
        ledger=ledger,
        to=to,
    )
    if any(omission.place for omission in study.corpus.omissions):
        tell("keep/omissions.csv names each part of a file that was left out, with its reason")
    if written.withheld:
        hidden = len(written.withheld)
        tell(f"{hidden} counts or quotes are hidden because of what was sent before")
    _tell_of_quotes(written)
    _print_report(written, as_json)


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


def _wanted(  # as they stand in the command
    states: str,
    compare: Sequence[str],
    frameworks: Sequence[Path],
    answers: Path | None,
    indicators: Path | None,
    programmes: Path | None,
) -> Any:
    """What the study asks for beyond its texts, every file read."""
    from reflect_analysis.frameworks import (
        read_checklist_answers,
        read_framework,
        read_indicators,
    )
    from reflect_analysis.programmes import read_programmes
    from reflect_analysis.report import Wanted, read_states

    return Wanted(
        states=read_states(states) if states.strip() else None,
        compare=tuple(compare),
        frameworks=tuple(map(read_framework, frameworks)),
        answers=read_checklist_answers(answers) if answers else {},
        indicators=read_indicators(indicators) if indicators else (),
        programmes=read_programmes(programmes) if programmes else None,
    )


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
    """Refuse a ledger without a recipient, or one that cannot be read, before the long work."""
    from reflect_analysis.report.folder import check_parents, earlier_reports
    from reflect_analysis.report.releasing import open_ledger

    if bool(to.strip()) != (ledger is not None):
        raise typer.BadParameter(
            "they belong together: where releases are kept, and whom this one is sent to",
            param_hint="--ledger, --to",
        )
    if ledger is not None:
        check_parents(ledger)
        open_ledger(ledger, out, to=to, k=k)
    elif earlier := earlier_reports(out):
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
        [files.corpus],
        files.codebook,
        out,
        approvals=files.approvals,
        states=_DEMO_STATES,
        compare=["experience"],
        framework=[frameworks / f"{name}.yaml" for name in _DEMO_FRAMEWORKS],
        indicators=frameworks / "indicators.csv",
        programmes=frameworks / "programme.csv",
        overwrite=overwrite,
        as_json=as_json,
    )


def check(
    sources: Sources,
    out: Annotated[
        Path | None, typer.Option(help="CSV or XLSX for the findings, with their words.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for names, addresses and numbers that identify a person.

    Texts are searched, and what stands beside them: columns, pictures' alt texts, file names.
    A project of another program is read as import reads it.
    The file of --out holds participants' words: keep it like the texts, never send it.
    """
    from reflect_analysis import check_anonymity
    from reflect_analysis.cli.exchange import read_sources
    from reflect_analysis.report.folder import check_parents
    from reflect_analysis.workflow import tell_what_was_read

    if out:
        if out.suffix.lower() not in (".csv", ".xlsx"):
            raise typer.BadParameter(
                f"{out.name} ends in neither .csv nor .xlsx", param_hint="--out"
            )
        check_parents(out)
    corpus = read_sources(sources)
    tell_what_was_read(corpus, tell)
    found = check_anonymity(corpus)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        found.to_csv(out)
    counts = found.counts()
    if as_json:
        places = found.counts_by_place()
        in_texts = places.pop("texts")
        where = {"in_texts": in_texts, "beside_texts": places}
        print_json({"findings": counts, **where, "out": str(out) if out else None})
        return
    _tell_counts(found.counts_by_place())
    print(f"{sum(counts.values())} findings" + (f", written to {out}" if out else ""))
    if out:
        print("That file holds participants' words: keep it like the texts, never send it.")


def _tell_counts(places: dict[str, dict[str, int]]) -> None:
    """Kinds in the texts, then kinds beside them by where they stand."""
    in_texts = places.pop("texts")
    if in_texts:
        print("in the texts:")
    for kind, count in in_texts.items():
        print(f"{count:6}  {kind}")
    if places:
        print("beside the texts:")
    for place, kinds in places.items():
        for kind, count in kinds.items():
            print(f"{count:6}  {kind} ({place})")


def _tell_of_quotes(written: Any) -> None:
    """How many of the approved quotes are printed, where any was approved."""
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
