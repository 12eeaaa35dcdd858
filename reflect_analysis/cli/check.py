"""``check``: what in texts, and beside them, may identify a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reflect_analysis.cli._shared import Json, Sources, print_json, tell

__all__ = ["check"]


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
