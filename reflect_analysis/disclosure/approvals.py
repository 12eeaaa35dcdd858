"""Who approved which passage for which use, and so which quotes may be printed.

The invariant: a quote is printed when a named person approved *that passage for that use*,
the participant has not refused, whoever governs the record agrees, and the passage stands
in its document letter for letter. Everything else is left out by name, with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis._rows import to_frame
from reflect_analysis.corpus import Answer, Corpus, Document
from reflect_analysis.disclosure.attribution import Attributions
from reflect_analysis.disclosure.counts import DEFAULT_K
from reflect_analysis.provenance import text_hash

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Approval",
    "QuoteOmission",
    "QuoteRecord",
    "QuoteSelection",
    "approved_quotes",
    "quote_record",
    "speakers_of",
]

Approved = Literal["yes", "no", "edit", "awaiting"]
DECISIONS: tuple[str, ...] = get_args(Approved)
# A passage decided twice is as its strictest decision says.
_STRICTEST_FIRST = ("no", "edit", "yes", "awaiting")
_UNFIT_FLAGS = ("broken", "garbled")
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person decided about one passage and one use.

    Parameters
    ----------
    document_id : str
    start, end : int
        Half-open code points.
    use : str
        What it is approved for: ``"report"``, ``"slides"``, ``"website"`` …
    decision : {"yes", "no", "edit", "awaiting"}
        ``"edit"``: only after a change, which then is a new passage to be approved.
    by : str
        Who decided.
    note : str
    sha256 : str
        Hash of the passage, by which it is known again.
    """

    document_id: str
    start: int
    end: int
    use: str = "report"
    decision: Approved = "awaiting"
    by: str = ""
    note: str = ""
    sha256: str = ""

    @property
    def span(self) -> Span:
        """Document and offsets."""
        return self.document_id, self.start, self.end


@dataclass(frozen=True, slots=True)
class QuoteRecord(Approval):
    """One row of the register: a passage, what is known of it, and the decision.

    Parameters
    ----------
    text : str
        The passage.
    codes : tuple of str
        The codes under which it would stand.
    consent : {"yes", "no", "ask"}
        The participant's consent to be quoted; ``"ask"`` where nobody knows.
    attribution : str
        What would stand behind it.
    risk : str
        What the approver should know: how many bear the attribution, who governs.
    flags : tuple of str
        Those of the document.
    """

    text: str = ""
    codes: tuple[str, ...] = ()
    consent: Answer = "ask"
    attribution: str = ""
    risk: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuoteOmission:
    """A quote that is not printed, and why; never its words."""

    document_id: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class QuoteSelection:
    """The quotes that may be printed, and those that may not.

    Parameters
    ----------
    quotes : tuple of QuoteRecord
        With the codes under which they may stand and the attribution of now.
    omissions : tuple of QuoteOmission
    """

    quotes: tuple[QuoteRecord, ...]
    omissions: tuple[QuoteOmission, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The quotes, one row each."""
        return to_frame(self.quotes, QuoteRecord)

    def __repr__(self) -> str:
        return f"<QuoteSelection: {len(self.quotes)} quotes, {len(self.omissions)} left out>"


def quote_record(
    document: Document,
    start: int,
    end: int,
    *,
    attributions: Attributions,
    codes: Sequence[str] = (),
    use: str = "report",
) -> QuoteRecord:
    """The register's row for a passage, with the decision still to be made.

    Parameters
    ----------
    document : Document
    start, end : int
        Half-open code points.
    attributions : Attributions
        Of the corpus that holds the document.
    codes : sequence of str
    use : str

    Returns
    -------
    QuoteRecord

    Raises
    ------
    ValueError
        If the offsets lie outside the document.
    """
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"{document.id}:{start}-{end} is outside {len(document.text)} characters")
    text = document.passage(start, end)
    return QuoteRecord(
        document_id=document.id,
        start=start,
        end=end,
        use=use,
        sha256=text_hash(text),
        text=text,
        codes=tuple(codes),
        consent=_consent(attributions.corpus, document, start, end),
        attribution=attributions.of(document, at=start),
        risk=_risk(attributions, document, start),
        flags=document.flags,
    )


def speakers_of(corpus: Corpus, document: Document, start: int, end: int) -> tuple[str, ...]:
    """The participants whose words stand between two offsets."""
    if not document.turns:
        return corpus.cases_of(document)
    spoken = (t.case_id for t in document.turns if t.start < end and start < t.end)
    return tuple(dict.fromkeys(case_id for case_id in spoken if case_id))


def _consent(corpus: Corpus, document: Document, start: int, end: int) -> Answer:
    """The strictest consent of those who speak."""
    cases = [corpus.case(case_id) for case_id in speakers_of(corpus, document, start, end)]
    given = {case.quotes for case in cases} or {"ask"}
    return next(answer for answer in ("no", "ask", "yes") if answer in given)


def _risk(attributions: Attributions, document: Document, start: int) -> str:
    """What an approver should know, without the words."""
    corpus = attributions.corpus
    borne = attributions.shared_by(document, at=start)
    parts = [f"attribution borne by {borne} participant{'s' * (borne != 1)}"]
    known = attributions.risks.of_quote(document, start, start + 1)
    if known is not None and known.others < attributions.k:
        parts.append(f"{' and '.join(known.rare)} shared by {known.shared_by}")
    if not corpus.cases_of(document):
        parts = ["speaker unknown"]
    if attributions.as_published(document, at=start):
        parts.append("printed as it was published")
    parts += [f"governed by {g.authority}" for g in corpus.governance_of(document)]
    if document.turns:
        parts.append("others heard it said")
    return "; ".join(dict.fromkeys(parts))


# ── the choice of what may be printed ───────────────────────────────────────────────────


def approved_quotes(
    records: Iterable[QuoteRecord],
    approvals: Iterable[Approval],
    corpus: Corpus,
    *,
    use: str = "report",
    most: int = 2,
    largest_share: float = 0.1,
    themes: Mapping[str, str] | None = None,
    attributions: Attributions | None = None,
) -> QuoteSelection:
    """The quotes that may enter what is sent.

    A quote does so only when a named person approved exactly that passage for that use, the
    participant's consent is not ``"no"``, its document is cleared and neither broken nor
    garbled, whoever governs it approved ``"quotes"``, and the passage stands in its
    document letter for letter.

    Parameters
    ----------
    records : iterable of QuoteRecord
        The candidates, the best first.
    approvals : iterable of Approval
        Where a passage was decided twice, the strictest decision counts.
    corpus : Corpus
    use : str
    most : int
        Quotes of one participant under one theme, at least 1; a document of an unknown
        person counts as a participant of its own.
    largest_share : float
        The part of all quotes that one participant may have, in (0, 1]; `most` quotes may be
        hers however few there are.
    themes : mapping of str to str, optional
        The theme (or group) of each code; by default every code is one.
    attributions : Attributions, optional
        By default those of the corpus with the usual template and k.

    Returns
    -------
    QuoteSelection
        The quotes in the order of the candidates, each with the codes under which there was
        still room for its participant and with the attribution of now; and the omissions.

    Raises
    ------
    ValueError
        If `most` is below 1, or `largest_share` is not in (0, 1].
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, not {most!r}")
    if not 0 < largest_share <= 1:
        raise ValueError(f"largest_share must lie in (0, 1], not be {largest_share!r}")
    gate = _Gate(corpus, _strictest(approvals, use), themes or {}, most)
    named = attributions or Attributions(corpus, k=DEFAULT_K)
    quotes: list[QuoteRecord] = []
    omissions: list[QuoteOmission] = []
    for record in records:
        reason = gate.reason_against(record)
        codes = gate.codes_with_room(record) if reason is None else ()
        if reason is None and record.codes and not codes:
            reason = f"{most} quotes of this participant stand under its themes already"
        if reason is None:
            quotes.append(gate.let_through(record, codes, named))
        else:
            omissions.append(QuoteOmission(*record.span, reason))
    kept, spare = _shared_out(quotes, gate, most, largest_share)
    return QuoteSelection(tuple(kept), (*omissions, *spare))


def _shared_out(
    quotes: Sequence[QuoteRecord], gate: _Gate, most: int, largest_share: float
) -> tuple[list[QuoteRecord], list[QuoteOmission]]:
    """The quotes without those by which one participant would speak for all; the last go first."""
    kept = list(quotes)
    spare: list[QuoteOmission] = []
    while True:
        room = max(most, int(largest_share * len(kept)))
        counts = Counter(person for quote in kept for person in gate.persons(quote))
        loudest = {person for person, count in counts.items() if count > room}
        last = next((q for q in reversed(kept) if loudest.intersection(gate.persons(q))), None)
        if last is None:
            return kept, spare
        kept.remove(last)
        reason = f"its participant would have more than {largest_share:.0%} of all quotes"
        spare.append(QuoteOmission(*last.span, reason))


def _strictest(approvals: Iterable[Approval], use: str) -> dict[Span, Approval]:
    """The decision that counts for each passage."""
    decided: dict[Span, Approval] = {}
    for approval in approvals:
        if approval.use == use:
            before = decided.get(approval.span, approval)
            decided[approval.span] = min(before, approval, key=_strictness)
    return decided


def _strictness(approval: Approval) -> int:
    return _STRICTEST_FIRST.index(approval.decision)


class _Gate:
    """What each candidate is held against; it counts what it lets through."""

    def __init__(
        self,
        corpus: Corpus,
        decided: Mapping[Span, Approval],
        themes: Mapping[str, str],
        most: int,
    ) -> None:
        self.corpus, self.decided, self.themes, self.most = corpus, decided, themes, most
        self.documents = {document.id: document for document in corpus}
        self.uncleared = {document.id for document in corpus.uncleared()}
        self.printed: Counter[tuple[str, str]] = Counter()

    def reason_against(self, record: QuoteRecord) -> str | None:
        """Why a quote may not be printed, or `None`; a refusal comes before everything else."""
        document = self.documents.get(record.document_id)
        if document is None:
            return "its document is not in the corpus"
        return (
            self._refusal(record, document)
            or self._unfitness(document)
            or _lack_of_approval(record, self.decided.get(record.span), document)
        )

    def _refusal(self, record: QuoteRecord, document: Document) -> str | None:
        if _consent(self.corpus, document, record.start, record.end) == "no":
            return "the participant does not consent to be quoted"
        if not self.corpus.permits(document, "quotes"):
            return "whoever governs the record has not approved quotes"
        return None

    def _unfitness(self, document: Document) -> str | None:
        unfit = [flag for flag in _UNFIT_FLAGS if flag in document.flags]
        if unfit:
            return f"its document is flagged {' and '.join(unfit)}"
        return "its document is not cleared" if document.id in self.uncleared else None

    def codes_with_room(self, record: QuoteRecord) -> tuple[str, ...]:
        """The codes under which every speaker has fewer quotes than allowed."""
        return tuple(
            code
            for code in record.codes
            if all(self.printed[slot] < self.most for slot in self._slots(record, (code,)))
        )

    def _slots(self, record: QuoteRecord, codes: Iterable[str]) -> set[tuple[str, str]]:
        """(person, theme) for each person who speaks and each theme of the codes."""
        persons = self.persons(record)
        return {(person, self.themes.get(code, code)) for person in persons for code in codes}

    def persons(self, record: QuoteRecord) -> tuple[str, ...]:
        """Those who speak; an unknown person is one of her own."""
        document = self.documents[record.document_id]
        speakers = speakers_of(self.corpus, document, record.start, record.end)
        return speakers or (f"unknown:{document.id}",)

    def let_through(
        self, record: QuoteRecord, codes: tuple[str, ...], attributions: Attributions
    ) -> QuoteRecord:
        """The quote as it may be printed; it takes up room under its themes."""
        self.printed.update(self._slots(record, codes))
        document, approval = self.documents[record.document_id], self.decided[record.span]
        fresh = quote_record(
            document, record.start, record.end, attributions=attributions, codes=codes
        )
        decided = {field.name: getattr(approval, field.name) for field in fields(Approval)}
        return replace(fresh, **decided)


def _lack_of_approval(
    record: QuoteRecord, approval: Approval | None, document: Document
) -> str | None:
    if approval is None or approval.decision == "awaiting":
        return "awaiting approval"
    if approval.decision == "edit":
        return "approved only after an edit: register the edited passage"
    if approval.decision == "no":
        return "not approved"
    if not approval.by.strip():
        return "approved by nobody named"
    passage = document.passage(record.start, record.end)
    if text_hash(passage) != approval.sha256 or (record.text and record.text != passage):
        return "the passage no longer stands in its document letter for letter"
    return None
