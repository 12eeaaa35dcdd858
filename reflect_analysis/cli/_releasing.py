"""What ``report``, ``themes`` and ``quotes`` share: what is sent is held against what was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from reflect_analysis.cli._shared import tell

if TYPE_CHECKING:
    from reflect_analysis.disclosure import Release
    from reflect_analysis.report.study import Study

__all__ = ["LedgerFile", "SentTo", "check_ledger", "held", "tell_hidden"]

LedgerFile = Annotated[
    Path | None,
    typer.Option(
        help="File of everything that was sent (JSON; made where there is none).", readable=False
    ),
]
SentTo = Annotated[str, typer.Option(help="Whom it is sent to; with --ledger.")]
Gathered = TypeVar("Gathered")
_UNHELD = (
    "not held against what was sent before: was anything sent, the difference can tell of single "
    "persons; keep what is sent with --ledger FILE --to WHOM"
)


def check_ledger(ledger: Path | None, out: Path | None, to: str, k: int) -> None:
    """Refuse a ledger without a recipient, or one that cannot be read, before the long work."""
    from reflect_analysis.report.folder import check_parents
    from reflect_analysis.report.releasing import open_ledger

    if bool(to.strip()) != (ledger is not None):
        raise typer.BadParameter(
            "they belong together: where releases are kept, and whom this one is sent to",
            param_hint="--ledger, --to",
        )
    if ledger is None:
        return
    if out is None:
        raise typer.BadParameter("name the file that is sent", param_hint="--out")
    check_parents(ledger)
    open_ledger(ledger, out, to=to, k=k)


def tell_hidden(hidden: int) -> None:
    """Say how much is hidden because of what was sent before, if anything."""
    if hidden:
        them = "count or quote is" if hidden == 1 else "counts or quotes are"
        tell(f"{hidden} {them} hidden because of what was sent before")


def held(
    study: Study,
    gather: Callable[[Study], Gathered],
    release_of: Callable[[Study, Gathered], Release],
    *,
    ledger: Path | None,
    out: Path | None,
) -> Gathered:
    """What may be sent beside what was sent before, entered in the ledger before it is written.

    Parameters
    ----------
    study : Study
    gather : callable
        What is shown of a study, what it withholds left out.
    release_of : callable
        What that tells, of the study as it is shown.
    ledger : Path, optional
        Without one nothing is held against anything, and a line says so where a file is written.
    out : Path, optional
        The file.
    """
    from reflect_analysis.report.releasing import (
        beside_earlier,
        hidden_beside_earlier,
        open_ledger,
    )

    if ledger is None:
        if out is not None:
            tell(_UNHELD)
        return gather(study)
    known = open_ledger(ledger, out or Path(), to="whoever", k=study.k)
    (shown, found), release = beside_earlier(
        study,
        known,
        lambda each: (each, gather(each)),
        lambda each: release_of(*each),
    )
    known.add(release).save(ledger)
    tell_hidden(hidden_beside_earlier(shown))
    for remark in release.remarks:
        tell(remark)
    return found
