"""The quotes of a report: candidates for the register, and those that may be printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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

__all__ = [
    "AWAITING",
    "CodeQuotes",
    "Quotes",
    "gather_quotes",
    "one_line",
    "with_identifiers",
    "without",
]

AWAITING = "awaiting approval"
_SAME_WORDS = "another quote under its code has the same words, or part of them"
_HIDDEN = "its code's count is hidden, so one quote at most is printed"
_UNCODED = "no coding stands on the passage"
_USE = "report"
Span = tuple[str, int, int]
Printed = dict[str, list[QuoteRecord]]  # by code id
Reasons = dict[Span, list[str]]


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
    approved : int
        Passages that were approved for the report, printed or not.
    """

    candidates: tuple[QuoteRecord, ...]
    selection: QuoteSelection
    by_code: tuple[CodeQuotes, ...]
    cells: dict[str, str]
    approved: int = 0


def gather_quotes(study: Study) -> Quotes:
    """Choose candidates, and print those that were approved."""
    attributions = Attributions(study.corpus, study.attribution, study.k)
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
    selection = without(selection, study.withheld_quotes)
    printed, reasons = _printed(study, selection)
    approved = _approved_spans(study)
    selection = _as_printed(selection, printed, reasons, approved)
    waiting = _waiting(selection, records) - _untold(study)
    by_code = tuple(_of_code(study, printed, waiting))
    return Quotes(records, selection, by_code, _cells(study, printed, waiting), len(approved))


def without(selection: QuoteSelection, withheld: Mapping[Span, str]) -> QuoteSelection:
    """The selection without quotes that would tell too much beside what was sent before."""
    out = [QuoteOmission(*q.span, withheld[q.span]) for q in selection.quotes if q.span in withheld]
    quotes = tuple(quote for quote in selection.quotes if quote.span not in withheld)
    return QuoteSelection(quotes, (*selection.omissions, *out))


def _approved_spans(study: Study) -> tuple[Span, ...]:
    """The passages on which the strictest decision is a yes."""
    decisions: dict[Span, set[str]] = {}
    for approval in study.approvals:
        if approval.use == _USE and approval.decision != "awaiting":
            decisions.setdefault(approval.span, set()).add(approval.decision)
    return tuple(span for span, made in decisions.items() if made == {"yes"})


def _printed(study: Study, selection: QuoteSelection) -> tuple[Printed, Reasons]:
    """The quotes under each code: no words twice, and one where the row's count is hidden.

    Beside them why each other quote does not stand under its codes.
    Two quotes would tell that there are at least two where the table says "<5".
    """
    hidden: set[str] = set()
    if study.approach != "reflexive":
        shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
        hidden = {code_id for code_id, each in shown.items() if each and each.hides_rest}
    printed: Printed = {}
    reasons: Reasons = {}
    for code in study.codes:
        mine = [quote for quote in selection.quotes if code.id in quote.codes]
        printed[code.id], spare = _unlike(mine, one_at_most=code.id in hidden)
        for span, reason in spare:
            reasons.setdefault(span, []).append(reason)
    return printed, reasons


def _unlike(
    quotes: Iterable[QuoteRecord], *, one_at_most: bool
) -> tuple[list[QuoteRecord], list[tuple[Span, str]]]:
    """The quotes whose words no other one says, case and marks disregarded; why not the rest."""
    kept: dict[str, QuoteRecord] = {}
    spare: list[tuple[Span, str]] = []
    for quote in quotes:
        words = " ".join(["", *re.findall(r"\w+", quote.text.casefold()), ""])
        if any(words in other or other in words for other in kept):
            spare.append((quote.span, _SAME_WORDS))
        elif kept and one_at_most:
            spare.append((quote.span, _HIDDEN))
        else:
            kept[words] = quote
    return list(kept.values()), spare


def _as_printed(
    selection: QuoteSelection, printed: Printed, reasons: Reasons, approved: Iterable[Span]
) -> QuoteSelection:
    """The selection without quotes that stand under no code in the end, and why."""
    spans = {quote.span for quotes in printed.values() for quote in quotes}
    spare = [
        QuoteOmission(*quote.span, "; ".join(dict.fromkeys(reasons.get(quote.span, [_UNCODED]))))
        for quote in selection.quotes
        if quote.span not in spans
    ]
    quotes = tuple(quote for quote in selection.quotes if quote.span in spans)
    told = [*selection.omissions, *spare]
    known = spans | {(o.document_id, o.start, o.end) for o in told}
    lost = [QuoteOmission(*span, _UNCODED) for span in approved if span not in known]
    return QuoteSelection(quotes, (*told, *lost))


def _beside(study: Study, attributions: Attributions, approval: Approval) -> QuoteRecord | None:
    """The record of a passage on which somebody decided though it is no candidate today."""
    documents = {document.id: document for document in study.corpus}
    document = documents.get(approval.document_id)
    codes = _codes_within(study, approval)
    if (
        document is None
        or not study.corpus.permits(document, "quotes")
        or not approval.start < approval.end <= len(document.text)
    ):
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
        attribution = attributions.of(document, at=record.start)
        record = with_identifiers(study, replace(record, attribution=attribution))
    if approval is None or approval.sha256 != record.sha256:
        return record
    return replace(record, decision=approval.decision, by=approval.by, note=approval.note)


def with_identifiers(study: Study, record: QuoteRecord) -> QuoteRecord:
    """The record with the kinds of identifiers that the check found in its words, as a risk.

    A role, a place and a rare event can be a name in a small town: who approves is to see the
    first two, and knows the third.
    """
    if study.findings is None:
        return record
    kinds = {
        finding.kind
        for finding in study.findings.in_texts
        if finding.document_id == record.document_id
        and finding.start < record.end
        and record.start < finding.end
    }
    told = f"in the words: {', '.join(sorted(kinds))}" if kinds else ""
    return replace(record, risk="; ".join(filter(None, (record.risk, told))))


def _codes_within(study: Study, approval: Approval) -> tuple[str, ...]:
    """The codes of which a passage holds an instance."""
    found = (
        row.coding.code_id
        for row in study.coded.current
        if row.coding.document_id == approval.document_id
        and row.coding.start < approval.end
        and approval.start < row.coding.end
    )
    return tuple(dict.fromkeys(found))


def _of_code(study: Study, printed: Printed, waiting: set[str]) -> Iterator[CodeQuotes]:
    for code in study.codes:
        told = tuple(_told(study, quote) for quote in printed[code.id])
        if told or code.id in waiting:
            group = study.printed.group(code.group)
            claim = study.claims.get(group.id) or group.name
            yield CodeQuotes(claim, code.name, told, code.id in waiting)


def _told(study: Study, record: QuoteRecord) -> tuple[str, str, str]:
    language = study.corpus.document(record.document_id).language
    return one_line(record.text), record.attribution, language


def _waiting(selection: QuoteSelection, records: tuple[QuoteRecord, ...]) -> set[str]:
    """Codes with a candidate on which nobody has decided."""
    spans = {(o.document_id, o.start, o.end) for o in selection.omissions if o.reason == AWAITING}
    return {code for record in records if record.span in spans for code in record.codes}


def _untold(study: Study) -> set[str]:
    """Codes of which not even may be told that there are passages.

    Where the row is hidden and nobody may have said it, and where few came or went since an
    earlier report: then a code that awaits approval now tells what they said.
    """
    if study.coarse:
        return {row.code_id for row in study.themes.rows}
    if study.approach == "reflexive":
        return set()
    shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
    return {code for code, each in shown.items() if each and each.hides_rest and not each.low}


def _cells(study: Study, printed: Printed, waiting: set[str]) -> dict[str, str]:
    """One quote a code, not the same twice while there is another; else how it stands."""
    used, cells = set(), {}
    for code in study.codes:
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
