"""The quotes of a report: candidates for the register, and those that may be printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reflect_analysis.disclosure import (
    Approval,
    Attributions,
    QuoteRecord,
    QuoteSelection,
    approved_quotes,
    quote_record,
)
from reflect_analysis.report.study import Study
from reflect_analysis.themes import choose_quotes

__all__ = ["AWAITING", "CodeQuotes", "Quotes", "gather_quotes", "one_line"]

AWAITING = "awaiting approval"
_USE = "report"


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
    by_code = tuple(_of_code(study, selection, records))
    return Quotes(records, selection, by_code, _cells(study, selection, records))


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


def _of_code(
    study: Study, selection: QuoteSelection, records: tuple[QuoteRecord, ...]
) -> Iterator[CodeQuotes]:
    waiting = _waiting(selection, records)
    for code in study.codebook:
        told = tuple(_told(study, q) for q in selection.quotes if code.id in q.codes)
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


def _cells(
    study: Study, selection: QuoteSelection, records: tuple[QuoteRecord, ...]
) -> dict[str, str]:
    """One quote a code, not the same twice while there is another; else how it stands."""
    waiting, used, cells = _waiting(selection, records), set(), {}
    for code in study.codebook:
        mine = [quote for quote in selection.quotes if code.id in quote.codes]
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
