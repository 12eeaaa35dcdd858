"""``quotes``: the quotes that may be printed, by code; with ``--keep`` all candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reflect_analysis.cli._findings import (
    FORMATS,
    Clearing,
    MaybeApproach,
    MaybeBook,
    check_file,
    gather,
)
from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger, held
from reflect_analysis.cli._shared import (
    Approvals,
    ClearedBy,
    Json,
    LetStand,
    Note,
    People,
    SmallCell,
    check_clearing,
    print_json,
    tell,
)
from reflect_analysis.cli.themes import Sources

if TYPE_CHECKING:
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.disclosure import QuoteRecord
    from reflect_analysis.report.quotes import Quotes
    from reflect_analysis.tables import Table
    from reflect_analysis.themes import NegativeCases

__all__ = ["quotes"]

OutFile = Annotated[
    Path | None,
    typer.Option(
        help="File: a table of the approved quotes, or with --keep the register to fill in (XLSX).",
        readable=False,
    ),
]
Keep = Annotated[
    bool,
    typer.Option("--keep", help="All candidates, with what speaks against a code; never send it."),
]
Contrary = Annotated[
    list[str] | None,
    typer.Option(help="With --keep: CODE=OTHER, where OTHER says the opposite; again for more."),
]
Codes = Annotated[
    list[str] | None, typer.Option("--code", help="Only this code; may be given again.")
]


def quotes(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Sources,
    codebook: MaybeBook = None,
    approvals: Approvals = None,
    codings: People = None,
    code: Codes = None,
    keep: Keep = False,
    contrary: Contrary = None,
    out: OutFile = None,
    approach: MaybeApproach = "",
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    as_json: Json = False,
) -> None:
    """The approved quotes of each code, as the report prints them; or the candidates."""
    from reflect_analysis.report.quotes import gather_quotes
    from reflect_analysis.report.releasing import release_for
    from reflect_analysis.report.study import Study

    check_clearing(cleared_by, note)
    check_file(out, (".xlsx",) if keep else FORMATS)
    if keep and ledger is not None:
        raise typer.BadParameter("candidates are kept, never sent", param_hint="--ledger")
    check_ledger(ledger, out, to, k)
    opposites = _pairs(contrary or [], keep)
    clearing = Clearing(cleared_by, note, let_stand)
    found = gather(sources, codebook, codings, approvals, approach=approach, clearing=clearing)
    found.book.check_ids(code or [], "--code")
    study = Study(
        corpus=found.corpus,
        codebook=found.book,
        codings=found.log,
        approvals=found.approvals,
        approach=found.approach,
        k=k,
    )
    if keep:
        from reflect_analysis.themes import negative_cases

        gathered = gather_quotes(study)
        against = negative_cases(
            found.log, corpus=found.corpus, codebook=found.book, contrary=opposites
        )
        _write(gathered, code or (), found.corpus, out)
        _print_candidates(gathered, against, code or (), out, as_json)
        return
    gathered = held(
        study,
        gather_quotes,
        lambda study, found: release_for(to, study, (), _sent(found, code or ())),
        ledger=ledger,
        out=out,
    )
    names = {each.name for each in study.codes if not code or each.id in code}
    _print_approved(gathered, names, out, as_json)


def _pairs(contrary: Iterable[str], keep: bool) -> dict[str, list[str]]:
    """The codes and their opposites."""
    pairs: dict[str, list[str]] = {}
    for each in contrary:
        code, equals, other = each.partition("=")
        if not (code.strip() and equals and other.strip()):
            raise typer.BadParameter(f"{each!r}: expected CODE=OTHER", param_hint="--contrary")
        pairs.setdefault(code.strip(), []).append(other.strip())
    if pairs and not keep:
        raise typer.BadParameter("belongs to --keep", param_hint="--contrary")
    return pairs


def _print_approved(found: Quotes, names: set[str], out: Path | None, as_json: bool) -> None:
    """What may be printed, by code."""
    from reflect_analysis.report.quotes import AWAITING

    chosen = [each for each in found.by_code if each.code in names]
    if out:
        from reflect_analysis.tables import export_table

        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(_table(chosen), out)
    waiting = [each.code for each in chosen if each.awaiting]
    # Of all codes: a passage that has other words now stands under none.
    spare = Counter(o.reason for o in found.selection.omissions if o.reason != AWAITING)
    if as_json:
        rows = [
            {"group": each.group, "code": each.code, "quote": text, "attribution": who}
            for each in chosen
            for text, who, _ in each.quotes
        ]
        told = {"quotes": rows, "awaiting": waiting, "not_printed": dict(spare)}
        print_json({**told, "out": str(out) if out else None})
        return
    for each in chosen:
        if each.quotes:
            print(each.code)
        for text, who, _ in each.quotes:
            print(f"  “{text}” ({who})")
    for reason, count in spare.items():
        some = "1 passage with a decision is" if count == 1 else f"{count} decided passages are"
        tell(f"{some} not printed: {reason}")
    if waiting:
        tell(f"candidates await approval under {len(waiting)} codes; --keep shows them")
    if not any(each.quotes for each in chosen):
        print("No quote is approved.")
    if out:
        print(f"written to {out}")


def _table(chosen: Sequence[Any]) -> Table:
    """The approved quotes as a table; it tells no counts."""
    from reflect_analysis.tables import Column, Table

    rows = tuple((each.code, text, who) for each in chosen for text, who, _ in each.quotes)
    return Table(
        title="Approved quotes",
        columns=(Column("Code"), Column("Quote", width=60), Column("Who")),
        rows=rows,
        groups=tuple(each.group for each in chosen for _ in each.quotes),
        group_name="Theme or group",
        note="Each was approved by a named person for this use.",
        released=tuple(() for _ in rows),
    )


def _of_codes(found: Quotes, codes: Sequence[str]) -> list[QuoteRecord]:
    """The candidates of some codes; of all where none is named."""
    wanted = set(codes)
    return [each for each in found.candidates if not wanted or wanted.intersection(each.codes)]


def _sent(found: Quotes, codes: Sequence[str]) -> list[QuoteRecord]:
    """The printed quotes of some codes; of all where none is named."""
    wanted = set(codes)
    return [q for q in found.selection.quotes if not wanted or wanted.intersection(q.codes)]


def _write(found: Quotes, codes: Sequence[str], corpus: Corpus, out: Path | None) -> None:
    """The register of the candidates, to be filled in by who approves."""
    from reflect_analysis.disclosure import write_register

    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_register(_of_codes(found, codes), out, corpus)


def _print_candidates(
    found: Quotes,
    against: NegativeCases,
    codes: Sequence[str],
    out: Path | None,
    as_json: bool,
) -> None:
    """All candidates with their decisions, and what speaks against the codes."""
    wanted = set(codes)
    records = _of_codes(found, codes)
    cases = [each for each in against if not wanted or each.code_id in wanted]
    if as_json:
        rows = [
            {"place": each.span, "codes": each.codes, "quote": each.text, "who": each.attribution}
            | {"consent": each.consent, "risk": each.risk, "decision": each.decision}
            for each in records
        ]
        negative = [
            {"code": each.code_id, "kind": each.kind, "place": each.quote.span}
            | {"quote": each.quote.text, "why": each.why, "also": each.also}
            for each in cases
        ]
        told = {"candidates": rows, "negative_cases": negative}
        print_json({**told, "out": str(out) if out else None})
        return
    print("KEEP: participants' words, never to be sent")
    for each in records:
        where = f"{each.document_id} {each.start}–{each.end}"
        print(f"{', '.join(each.codes)} [{each.decision}] {where}")
        print(f"  “{_flat(each.text)}” ({each.attribution})")
        if each.risk:
            print(f"  {each.risk}")
    for case in cases:
        also = ", and mentions the code too" if case.also else ""
        print(f"against {case.code_id}: {case.kind}, {case.why}{also}")
        print(f"  “{_flat(case.quote.text)}” ({case.quote.document_id})")
    if not against.searched:
        tell("no opposite of a code was named (--contrary CODE=OTHER): none was looked for")
    if out:
        print(f"register written to {out}")


def _flat(text: str) -> str:
    return " ".join(text.split())
