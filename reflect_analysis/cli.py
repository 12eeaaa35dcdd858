"""The command ``reflect-analysis``: parse, one or two library calls, print.

Exit 0: done; 1: the material is at fault, with a message on standard error; 2: wrong usage.
Progress goes to standard error, ``--json`` puts one object on standard output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from reflect_analysis.errors import ReflectAnalysisError

app = typer.Typer(
    name="reflect-analysis",
    help="Code educators' reflections by a codebook and report them without exposing anybody.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ApproachName = Literal["content-analysis", "coding-reliability", "codebook", "reflexive"]
# readable=False: a file that may not be read is the material's fault (1), not wrong usage (2).
Sources = Annotated[
    list[Path], typer.Argument(help="Files or folders with the texts.", readable=False)
]
Out = Annotated[Path, typer.Option(help="Folder to write.", file_okay=False, readable=False)]
Book = Annotated[Path, typer.Option(help="The codebook, a YAML file.", readable=False)]
Approvals = Annotated[
    Path | None, typer.Option(help="The quote register, filled in (XLSX or CSV).", readable=False)
]
People = Annotated[
    list[Path] | None,
    typer.Option(
        "--codings", help="Folder of a person's codings; then no machine codes.", readable=False
    ),
]
ClearedBy = Annotated[str, typer.Option(help="Who checked the texts for identifiers.")]
Note = Annotated[str, typer.Option(help="How they were checked.")]
LetStand = Annotated[
    Path | None,
    typer.Option(help="The findings of `check`, with the column reason filled in.", readable=False),
]
SmallCell = Annotated[int, typer.Option("--k", min=3, help="Hide counts of persons below this.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier report.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
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
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """From texts to the report: OUT/share may be sent, OUT/keep may not."""
    from reflect_analysis import analyse, check_output, read_approvals, read_reasons, write_report

    if bool(cleared_by.strip()) != bool(note.strip()):
        raise typer.BadParameter(
            "they belong together: who cleared the texts, and how",
            param_hint="--cleared-by, --note",
        )
    check_output(out, overwrite=overwrite)
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
        tell=_tell,
    )
    _tell("writing the report")
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
    )
    if any(omission.place for omission in study.corpus.omissions):
        _tell("keep/omissions.csv names each part of a file that was left out, with its reason")
    _tell_of_quotes(written)
    _print_report(written, as_json)


@app.command()
def demo(
    out: Out = Path("demo-report"), overwrite: Overwrite = False, as_json: Json = False
) -> None:
    """Write the report of the demonstration that comes with the package."""
    from reflect_analysis import demo_files

    files = demo_files()
    report(
        [files.corpus],
        files.codebook,
        out,
        approvals=files.approvals,
        overwrite=overwrite,
        as_json=as_json,
    )


@app.command()
def check(
    sources: Sources,
    out: Annotated[
        Path | None, typer.Option(help="CSV or XLSX for the findings, with their words.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for names, addresses and numbers that identify a person.

    The file of --out holds participants' words: keep it like the texts, never send it.
    """
    from reflect_analysis import check_anonymity, read_corpus
    from reflect_analysis.report.folder import check_parents
    from reflect_analysis.workflow import tell_what_was_read

    if out:
        if out.suffix.lower() not in (".csv", ".xlsx"):
            raise typer.BadParameter(
                f"{out.name} ends in neither .csv nor .xlsx", param_hint="--out"
            )
        check_parents(out)
    corpus = read_corpus(sources)
    tell_what_was_read(corpus, _tell)
    found = check_anonymity(corpus)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        found.to_csv(out)
    counts = found.counts()
    if as_json:
        _print_json({"findings": counts, "out": str(out) if out else None})
        return
    for kind, count in counts.items():
        print(f"{count:6}  {kind}")
    print(f"{sum(counts.values())} findings" + (f", written to {out}" if out else ""))
    if out:
        print("That file holds participants' words: keep it like the texts, never send it.")


def _tell_of_quotes(written: Any) -> None:
    """How many of the approved quotes are printed, where any was approved."""
    printed, approved = written.quotes_printed, written.quotes_approved
    if approved:
        line = f"{printed} of {approved} approved quotes are printed"
        more = "; keep/quotes-left-out.csv says why the others are not"
        _tell(line + (more if printed < approved else ""))


def _print_report(written: Any, as_json: bool) -> None:
    """Name what was written, for a person or a program."""
    if as_json:
        files = {"share": written.share, "keep": written.keep}
        paths = {name: [str(path) for path in found] for name, found in files.items()}
        quotes = {
            "quotes_approved": written.quotes_approved,
            "quotes_printed": written.quotes_printed,
        }
        _print_json({"report": str(written.main), "draft": written.draft, **quotes, **paths})
        return
    print(f"To send: {written.out / 'share'}")
    print(f"To keep: {written.out / 'keep'}")
    print(f"Report:  {written.main}")


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, ensure_ascii=True, indent=2))


def _tell(line: str) -> None:
    """Progress, where it does not mix with results."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Run the command; a fault of the material is a message and exit 1, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A cp1252 console lacks characters that file names and ids may hold.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except ReflectAnalysisError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        # What no module has named better: a file or folder that may not be opened or written.
        print(
            ": ".join(filter(None, (error.filename, error.strerror or str(error)))), file=sys.stderr
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
