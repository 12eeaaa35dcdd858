"""``merge``, ``export``, ``backup``, ``restore``, ``withdraw``: copies, and who leaves a study."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reflect_analysis.cli import exchange
from reflect_analysis.cli._shared import Json
from reflect_analysis.cli._study import (
    SOMEBODY,
    By,
    MaybeBy,
    Study,
    answer,
    as_typed,
    hint,
    is_export,
    local_time,
    opened,
)

if TYPE_CHECKING:
    from reflect_analysis.project import Project
    from reflect_analysis.project.restoring import Restored
    from reflect_analysis.project.withdrawal.reporting import WithdrawalReport

__all__ = ["backup", "export", "merge", "restore", "withdraw"]


# ── merge ──


def merge(
    study: Study,
    others: Annotated[
        list[str], typer.Argument(help="The copies, or other studies.", metavar="OTHERS")
    ],
    by: By,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            help="What holds where they differ: codebook=VERSION, document:ID=HASH; and whether "
            "names in another study are the same people: study:FILE=same, another or without."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Join copies of the study into it; twice does no harm.

    The other files are not changed. Where copies went on in different ways, nothing is merged
    before --choose says which holds; the message names what there is to choose from.
    """
    wanted = dict(map(_choice, choose or ()))
    _check_files(others)
    with opened(study) as project:
        report = project.merge(others, by=by, choose=wanted)
    content = dataclasses.asdict(report) | {"changed": report.changed}
    purging = (
        hint("withdraw", as_typed(study), case, "--by", by, "--purge-backups")
        for case in report.withdrawn
    )
    lines = [f"to erase them from the backups: {words}" for words in purging]
    answer(content, str(report), *lines, as_json=as_json)


def _check_files(others: list[str]) -> None:
    """A folder of text is made a study again first."""
    from reflect_analysis.errors import ProjectError, raise_all

    raise_all(
        ProjectError,
        [
            f"{other} is a study as text; make a file of it first: "
            f"{hint('import', 'NEW-STUDY', other, '--by', 'NAME')}"
            for other in others
            if is_export(Path(other))
        ],
    )


def _choice(text: str) -> tuple[str, str]:
    subject, sign, version = text.rpartition("=")
    if not (subject and sign and version):
        raise typer.BadParameter(
            f"{text!r}: expected WHAT=WHICH, such as codebook=1a2b3c4d", param_hint="--choose"
        )
    return subject.strip(), version.strip()


# ── export and backup ──


def export(  # noqa: PLR0917  # typer turns each parameter into an option
    study: Study,
    out: Annotated[
        Path,
        typer.Option(
            help="A folder for text, recal and public (new, or an earlier export), else a file.",
            readable=False,
        ),
    ],
    format_: Annotated[
        exchange.FileFormat, typer.Option("--format", help="What to write.")
    ] = "text",
    by: MaybeBy = SOMEBODY,
    rows: Annotated[
        exchange.Rows, typer.Option(help="The rows of csv-matrix, recal and ena.")
    ] = "",
    stanza: Annotated[
        str, typer.Option(help="For ena: the attribute within which codes are connected.")
    ] = "document_id",
    framework: Annotated[
        list[Path] | None,
        typer.Option("--framework", help="For public: a framework (YAML).", readable=False),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier file.")
    ] = False,
    for_keeping: Annotated[
        bool,
        typer.Option(
            "--for-keeping",
            help="The copy stays with the study's own people, governed records too.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the study as text to keep, or for another program.

    The folder of text holds participants' words: keep it as you keep the study. Import it into a
    new study to have the same one again.

    For other programs: qdpx and qdc (REFI-QDA: ATLAS.ti, MAXQDA, QualCoder …), nvivo (a qdpx as
    NVivo for Windows counts), jsonl (spans), jsonld (Web Annotations), and for R csv-matrix
    (participant × code), recal (unit × coder) and ena. Governed records leave only where "export"
    was approved; for another program uncleared ones never, while the folder of text holds them too,
    for it is the study itself. The log says what left.

    public: codebook, frameworks, licence and credits for others to adapt, nothing of participants.
    """
    if format_ != "text":
        options = exchange.Asked(format_, rows, stanza, overwrite, tuple(framework or ()))
        exchange.export_file(study, out, options, by=by, as_json=as_json)
        return
    with opened(study) as project:
        found = project.export_text(out, by=by, for_keeping=for_keeping)
    content = {"out": str(found.folder), "format": format_, "lines": dict(found.lines)}
    back = hint("import", "NEW-STUDY", str(out), "--by", "NAME")
    told = "It holds participants' words: keep it as you keep the study, never send it."
    answer(content, str(found), told, f"to have the study again: {back}", as_json=as_json)


def backup(
    study: Study,
    by: MaybeBy = SOMEBODY,
    check: Annotated[
        bool, typer.Option("--check", help="Read every row first; a broken study is not copied.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy the study as it is now into the folder beside it."""
    from reflect_analysis.errors import ProjectError, raise_all

    with opened(study) as project:
        if check:
            heading = "the study is not whole, and no copy was made:"
            raise_all(ProjectError, list(project.check()), heading)
        made = project.backup(by=by)
    restoring = hint("restore", as_typed(study), made.path.name, "--by", "NAME")
    content = {"backup": str(made.path), "at": made.at.isoformat(), "size": made.size}
    told = ["every row of the study was read, and nothing is wrong"] if check else []
    lines = (str(made.path), *told, f"to go back to it: {restoring}")
    answer(content | {"checked": check}, *lines, as_json=as_json)


# ── restore ──


def restore(
    study: Study,
    backup: Annotated[
        str, typer.Argument(help="Name or path of a backup; without one they are listed.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who does it, by the study's names.")] = "",
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the study, or list its backups."""
    from reflect_analysis import Project

    if not backup:
        _list_backups(study, as_json)
        return
    if not by.strip():
        raise typer.BadParameter("who restores it?", param_hint="--by")
    _print_restored(Project.restore(study, backup, by=by.strip()), study, by, as_json)


def _list_backups(study: str, as_json: bool) -> None:
    """The backups of a file, which may be broken or missing."""
    from reflect_analysis.errors import ProjectError
    from reflect_analysis.project.backups import backups_of
    from reflect_analysis.project.engine import Address

    address = Address(study)
    if address.path is None:
        raise ProjectError(f"{address.name}: a project on a server has its backups there")
    found = backups_of(address.path)
    if not found and not address.path.exists():
        raise ProjectError(f"{address}: there is no such file, and no backups of it")
    rows = [
        {"backup": str(b.path), "at": b.at.isoformat(), "reason": b.reason, "size": b.size}
        for b in found
    ]
    lines = [f"{local_time(b.at.isoformat())}  {b.path.name}" for b in found]
    words = hint("restore", study, found[-1].path.name, "--by", "NAME") if found else ""
    last = f"to go back to the newest: {words}" if found else f"no backups of {address.name}"
    answer({"backups": rows}, *lines, last, as_json=as_json)


def _print_restored(found: Restored, study: str, by: str, as_json: bool) -> None:
    lines = [f"restored {found.backup.name}"]
    if found.kept:
        merging = hint("merge", study, str(found.kept), "--by", by)
        lines += [f"what was there before: {found.kept}", f"to have that too: {merging}"]
    if found.withdrawn:
        lines.append(f"erased from it, for they withdrew: {', '.join(found.withdrawn)}")
    content = {
        "restored": str(found.backup),
        "kept": str(found.kept) if found.kept else None,
        "withdrawn": found.withdrawn,
    }
    answer(content, *lines, as_json=as_json)


# ── withdraw ──


def withdraw(
    study: Study,
    case: Annotated[str, typer.Argument(help="The participant, by pseudonym.", metavar="CASE")],
    by: By,
    purge_backups: Annotated[
        bool, typer.Option("--purge-backups", help="Erase them from the backups too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a participant for ever, and say what is out of reach."""
    if at_a_console() and not (yes or as_json):
        typer.confirm(f"Erase {case} from {as_typed(study)}? No undo brings them back", abort=True)
    with opened(study) as project:
        report = project.withdraw(case, by=by)
        cleaned: tuple[Path, ...] = ()
        if purge_backups:
            cleaned, report = _purged(project, report, by)
    lines = [f"erased from {path.name}" for path in cleaned]
    if report.backups:
        purging = hint("withdraw", as_typed(study), case, "--by", by, "--purge-backups")
        lines.append(f"to erase them from the backups: {purging}")
    ways = (hint("withdraw", copy, case, "--by", by) for copy in report.copies)
    lines += [f"to erase them from that copy: {way}" for way in ways]
    if report.left_to_do:
        again = hint("withdraw", as_typed(study), case, "--by", by)
        lines.append(f"not everything is done yet; once that is put right: {again}")
    answer(_facts(report, cleaned), str(report), *lines, as_json=as_json)


def _facts(report: WithdrawalReport, cleaned: tuple[Path, ...]) -> dict[str, Any]:
    """The report for a program."""
    named = {"traces": report.traces._asdict(), "cleaned": list(map(str, cleaned))}
    return dataclasses.asdict(report) | named


def _purged(
    project: Project, report: WithdrawalReport, by: str
) -> tuple[tuple[Path, ...], WithdrawalReport]:
    """The backups from which a person was erased, and the report with those that are left."""
    if not report.backups:
        return (), report
    found = project.purge(report.case_id, by=by)
    left = tuple(sorted({*report.unreadable, *map(str, found.unreadable)}))
    return found.cleaned, dataclasses.replace(report, backups=(), unreadable=left)


def at_a_console() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()
