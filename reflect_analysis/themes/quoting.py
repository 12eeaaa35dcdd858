"""Candidates for quotation: some passages of each code, spread over people and places.

No passage is chosen by a model's score, and none is printed before a named person approved it.
Who refused to be quoted, and whose authority has not approved it, is no candidate at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import Attributions, QuoteRecord, quote_record
from reflect_analysis.themes.counting import counted_codes

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.incidence import Span

__all__ = ["choose_quotes", "may_be_quoted", "quotable", "spread"]

# A quote that a reader can take in: shorter says little, longer needs a cut by a person.
FITTING_WORDS = range(6, 61)
# The first of these that is known says where somebody works.
_PLACES = ("place", "community", "region")


def choose_quotes(
    codings: Codings, *, corpus: Corpus, codebook: Codebook, per_code: int = 6
) -> tuple[QuoteRecord, ...]:
    """Candidates for quotation: for each code some passages, spread over people and places.

    No passage is chosen by a model's score. Passages of participants who refused, of
    records whose use in quotes is not approved, and of broken or garbled documents are no
    candidates; each of the others still awaits a person's approval. What speaks against a code
    stands in `negative_cases`.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
    codebook : Codebook
    per_code : int
        Passages of a code at most.

    Returns
    -------
    tuple of QuoteRecord
        In the order of the texts, each with all codes that fall on exactly its span.
    """
    codings = codings.under(codebook)
    fit = quotable(corpus)
    codes: dict[Span, list[str]] = {}
    for row in codings.current:
        span = (row.coding.document_id, row.coding.start, row.coding.end)
        words = row.coding.region is None  # a region of a picture has none to quote
        if words and may_be_quoted(fit, span):
            codes.setdefault(span, []).append(row.coding.code_id)
    chosen: set[Span] = set()
    for code in counted_codes(codebook, codings):
        spans = [span for span, ids in codes.items() if code.id in ids]
        chosen.update(spread(spans, fit, per_code))
    attributions = Attributions(fit)
    return tuple(
        quote_record(
            fit.document(span[0]),
            *span[1:],
            attributions=attributions,
            codes=tuple(dict.fromkeys(codes[span])),
        )
        for span in sorted(chosen)
    )


def quotable(corpus: Corpus) -> Corpus:
    """Participants' texts of which a passage may be a candidate at all."""
    return corpus.permitted("quotes").where(
        lambda d: d.voice == "participant" and not {"broken", "garbled"}.intersection(d.flags)
    )


def may_be_quoted(corpus: Corpus, span: Span) -> bool:
    """Whether the text is there, and the participant whose words they are has not refused."""
    if span[0] not in corpus:
        return False
    case_id = corpus.case_at(*span[:2])
    return case_id is None or corpus.case(case_id).quotes != "no"


def spread(spans: Iterable[Span], corpus: Corpus, most: int) -> list[Span]:
    """One passage of each participant, places in turn, then a second of each, until enough."""
    ranked: list[tuple[int, bool, int, Span]] = []
    turns: dict[str, int] = {}
    places: dict[tuple[int, str], int] = {}
    for span in sorted(spans, key=lambda span: (not _fits(corpus, span), span)):
        speaker = corpus.case_at(*span[:2]) or span[0]
        turn = turns.get(speaker, 0)
        turns[speaker] = turn + 1
        here = turn, _place(corpus, span)
        places[here] = places.get(here, 0) + 1
        ranked.append((turn, not _fits(corpus, span), places[here], span))
    return [ranks[-1] for ranks in sorted(ranked)[:most]]


def _place(corpus: Corpus, span: Span) -> str:
    """Where the speaker works; of who is unknown, the text's own place."""
    case_id = corpus.case_at(*span[:2])
    own = corpus.case(case_id).attributes if case_id else {}
    known = {**own, **corpus.document(span[0]).attributes}
    return next((str(known[name]) for name in _PLACES if known.get(name)), "")


def _fits(corpus: Corpus, span: Span) -> bool:
    document_id, start, end = span
    return len(corpus.document(document_id).passage(start, end).split()) in FITTING_WORDS
