"""The quotes of a report: candidates for the register, and those that may be printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reflect_analysis.disclosure import (
    Approval,
    Attributions,
    QuoteOmission,
    QuoteRecord,
    QuoteSelection,
    approved_quotes,
    quote_record,
)
from reflect_analysis.report.study import Study
from reflect_analysis.themes import choose_quotes, shown_participants

__all__ = ["AWAITING", "CodeQuotes", "Quotes", "gather_quotes", "one_line"]

AWAITING = "awaiting approval"
_USE = "report"
Printed = dict[str, list[QuoteRecord]]  # by code id


@dataclass(frozen=True, slots=True)
class CodeQuotes:
    """The printed quotes of one code.

    Parameters
    ----------
    group, code : str
        Names.
    quotes : tuple of (str, str, str)
        Text, attribution, language.
    awaiting : bool
        Whether there are candidates that nobody has approved.
    """

    group: str
    code: str
    quotes: tuple[tuple[str, str, str], ...]
    awaiting: bool


@dataclass(frozen=True, slots=True)
class Quotes:
    """All quotes of a report.

    Parameters
    ----------
    candidates : tuple of QuoteRecord
        The register, with decisions already made.
    selection : QuoteSelection
        What may be printed, and why the rest may not.
    by_code : tuple of CodeQuotes
        In the codebook's order, codes without any left out.
    cells : dict of str to str
        What stands in the theme table, by code id.
    """

    candidates: tuple[QuoteRecord, ...]
    selection: QuoteSelection
    by_code: tuple[CodeQuotes, ...]
    cells: dict[str, str]


def gather_quotes(study: Study) -> Quotes:
    """Choose candidates, and print those that were approved."""
    attributions = Attributions(study.corpus, k=study.k)
    chosen = choose_quotes(study.codings, corpus=study.corpus, codebook=study.codebook)
    known = {record.span for record in chosen}
    decided = {a.span: a for a in study.approvals if a.use == _USE and a.decision != "awaiting"}
    beside = (_beside(study, attributions, a) for a in decided.values() if a.span not in known)
    records = tuple(
        _with_decision(study, attributions, record, decided.get(record.span))
        for record in (*chosen, *filter(None, beside))
    )
    groups = {code.id: code.group for code in study.codebook}
    selection = approved_quotes(
        records, study.approvals, study.corpus, themes=groups, attributions=attributions
    )
    printed = _printed(study, selection)
    selection = _as_printed(selection, printed)
    waiting = _waiting(selection, records)
    by_code = tuple(_of_code(study, printed, waiting))
    return Quotes(records, selection, by_code, _cells(study, printed, waiting))


def _printed(study: Study, selection: QuoteSelection) -> Printed:
    """The quotes under each code: no words twice, and one where the row's count is hidden.

    Two quotes would tell that there are at least two where the table says "<5".
    """
    hidden: set[str] = set()
    if study.approach != "reflexive":
        shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
        hidden = {code_id for code_id, each in shown.items() if each and each.hides_rest}
    return {
        code.id: _unlike(q for q in selection.quotes if code.id in q.codes)[
            : 1 if code.id in hidden else None
        ]
        for code in study.codebook
    }


def _unlike(quotes: Iterable[QuoteRecord]) -> list[QuoteRecord]:
    """The quotes without those whose words another one says too, case and marks disregarded."""
    kept: dict[str, QuoteRecord] = {}
    for quote in quotes:
        words = " ".join(["", *re.findall(r"\w+", quote.text.casefold()), ""])
        if not any(words in other or other in words for other in kept):
            kept[words] = quote
    return list(kept.values())


def _as_printed(selection: QuoteSelection, printed: Printed) -> QuoteSelection:
    """The selection without quotes that stand under no code in the end, and why."""
    spans = {quote.span for quotes in printed.values() for quote in quotes}
    spare = tuple(
        QuoteOmission(*quote.span, "says the same as another quote or would give a count back")
        for quote in selection.quotes
        if quote.span not in spans
    )
    quotes = tuple(quote for quote in selection.quotes if quote.span in spans)
    return QuoteSelection(quotes, (*selection.omissions, *spare))


def _beside(study: Study, attributions: Attributions, approval: Approval) -> QuoteRecord | None:
    """The record of a passage on which somebody decided though it is no candidate today."""
    documents = {document.id: document for document in study.corpus}
    document = documents.get(approval.document_id)
    codes = _codes_within(study, approval)
    if document is None or not approval.start < approval.end <= len(document.text):
        return QuoteRecord(*approval.span, codes=codes, sha256=approval.sha256)
    if not codes:
        return None
    return quote_record(
        document, approval.start, approval.end, attributions=attributions, codes=codes
    )


def _with_decision(
    study: Study, attributions: Attributions, record: QuoteRecord, approval: Approval | None
) -> QuoteRecord:
    """A row of the register as it stands now: the attribution to be printed, what was decided."""
    if record.text:
        document = study.corpus.document(record.document_id)
        record = replace(record, attribution=attributions.of(document, at=record.start))
    if approval is None or approval.sha256 != record.sha256:
        return record
    return replace(record, decision=approval.decision, by=approval.by, note=approval.note)


def _codes_within(study: Study, approval: Approval) -> tuple[str, ...]:
    """The codes of which a passage holds an instance."""
    found = (
        row.coding.code_id
        for row in study.codings.current
        if row.coding.document_id == approval.document_id
        and row.coding.start < approval.end
        and approval.start < row.coding.end
    )
    return tuple(dict.fromkeys(found))


def _of_code(study: Study, printed: Printed, waiting: set[str]) -> Iterator[CodeQuotes]:
    for code in study.codebook:
        told = tuple(_told(study, quote) for quote in printed[code.id])
        if told or code.id in waiting:
            group = study.codebook.group(code.group)
            claim = study.claims.get(group.id) or group.name
            yield CodeQuotes(claim, code.name, told, code.id in waiting)


def _told(study: Study, record: QuoteRecord) -> tuple[str, str, str]:
    language = study.corpus.document(record.document_id).language
    return one_line(record.text), record.attribution, language


def _waiting(selection: QuoteSelection, records: tuple[QuoteRecord, ...]) -> set[str]:
    """Codes with a candidate on which nobody has decided."""
    spans = {(o.document_id, o.start, o.end) for o in selection.omissions if o.reason == AWAITING}
    return {code for record in records if record.span in spans for code in record.codes}


def _cells(study: Study, printed: Printed, waiting: set[str]) -> dict[str, str]:
    """One quote a code, not the same twice while there is another; else how it stands."""
    used, cells = set(), {}
    for code in study.codebook:
        mine = printed[code.id]
        fresh = [quote for quote in mine if quote.span not in used]
        if mine:
            quote = (fresh or mine)[0]
            used.add(quote.span)
            cells[code.id] = f"“{one_line(quote.text)}” ({quote.attribution})"
        elif code.id in waiting:
            cells[code.id] = AWAITING
    return cells


def one_line(text: str) -> str:
    """A quote without the line breaks of its page."""
    return re.sub(r"\s+", " ", text).strip()
