"""Negative cases: passages that speak against a code, to be read before anything is claimed.

Two kinds are told apart, because they say different things. *Contrary*: somebody said what
another code holds, and the researcher named that code as this one's opposite; nothing else
knows what contradicts what. *Rejected*: a machine proposed the code and a person said no, with
the reason that was given. That is a bound of the code and no participant's contradiction. Both
are candidates for a person's reading, never a finding; neither is looked for by a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure import Attributions, QuoteRecord, quote_record
from reflect_analysis.incidence import Tally, join_spans
from reflect_analysis.themes.quoting import may_be_quoted, quotable, spread

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings, Decision
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.incidence import Span

__all__ = ["NegativeCase", "NegativeCases", "negative_cases"]

Kind = Literal["contrary", "rejected"]


@dataclass(frozen=True, slots=True)
class NegativeCase:
    """One passage that speaks against a code.

    Parameters
    ----------
    code_id : str
        The code that it speaks against.
    kind : {"contrary", "rejected"}
    quote : QuoteRecord
        The passage as a candidate, with the attribution that falls back; not approved.
    why : str
        The contrary code, or who rejected the proposal and the reason given.
    also : bool
        For ``"contrary"``: whether the same participant mentions the code itself too, in any
        of their texts, so that one account holds both.
    """

    code_id: str
    kind: Kind
    quote: QuoteRecord
    why: str
    also: bool = False


@dataclass(frozen=True)
class NegativeCases:
    """The negative cases of a study: participants' words, for the study's own people alone.

    Parameters
    ----------
    rows : tuple of NegativeCase
        In the codebook's order.
    searched : tuple of str
        Codes of which a contrary was named: for the others nobody said what would contradict
        them, so that none found means nothing.
    """

    rows: tuple[NegativeCase, ...]
    searched: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[NegativeCase]:
        return iter(self.rows)

    def of(self, code_id: str) -> tuple[NegativeCase, ...]:
        """Those of one code."""
        return tuple(row for row in self.rows if row.code_id == code_id)

    def to_frame(self) -> pd.DataFrame:
        """One row a passage, with its words: to keep, never to send."""
        import pandas as pd

        columns = ("code_id", "kind", "document_id", "start", "end", "passage", "why", "also")
        rows = [
            (row.code_id, row.kind, *row.quote.span, row.quote.text, row.why, row.also)
            for row in self.rows
        ]
        return pd.DataFrame(rows, columns=list(columns))

    def __repr__(self) -> str:
        contrary = sum(row.kind == "contrary" for row in self.rows)
        told = f"{contrary} contrary, {len(self.rows) - contrary} rejected proposals"
        return f"<NegativeCases: {told}; contraries named for {len(self.searched)} codes>"

    def _repr_html_(self) -> str:
        rows = ((row.code_id, row.kind, row.quote.text, row.why) for row in self.rows)
        table = html_table(("Code", "Kind", "Passage", "Why"), rows)
        return f"<p>{escape(repr(self))} Participants’ words: to keep.</p>{table}"


def negative_cases(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    contrary: Mapping[str, Sequence[str]] | None = None,
    per_code: int = 6,
) -> NegativeCases:
    """Passages that speak against codes, spread over people and places.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        As for `choose_quotes`, who refused, who is not approved and what is broken is left out.
    codebook : Codebook
    contrary : mapping of str to sequence of str, optional
        For a code those that say the opposite, such as ``{"belonging": ["isolation"]}``. The
        codebook does not hold it: it is the researcher's claim.
    per_code : int
        Passages of each kind at most.

    Returns
    -------
    NegativeCases

    Raises
    ------
    UnknownIdError
        If a code is not in the codebook.
    ValueError
        If a code is named as its own contrary.

    References
    ----------
    Lincoln, Y. S., & Guba, E. G. (1985). Naturalistic Inquiry. Sage, 309-313.
    """
    named = {code: tuple(others) for code, others in (contrary or {}).items()}
    codebook.check_ids([*named, *(each for o in named.values() for each in o)], "contrary")
    own = [code for code, others in named.items() if code in others]
    if own:
        raise ValueError(f"{', '.join(own)}: no code is its own contrary")
    finder = _Finder(Tally(codings, quotable(corpus), codebook), per_code)
    rows: list[NegativeCase] = []
    for code in codebook.in_use:
        for other in named.get(code.id, ()):
            rows += finder.contrary(code.id, other)
        rows += finder.rejected(code.id)
    return NegativeCases(tuple(rows), tuple(named))


class _Finder:
    """Finds the passages against one code after another."""

    def __init__(self, tally: Tally, most: int) -> None:
        self.tally, self.corpus, self.most = tally, tally.corpus, most
        self.attributions = Attributions(self.corpus)

    def contrary(self, code_id: str, other: str) -> Iterator[NegativeCase]:
        """Passages of the other code, of those first who never mention this one."""
        mine = set(map(self._person, self.tally.passages(code_id)))
        spans = [span for span in self.tally.passages(other) if may_be_quoted(self.corpus, span)]
        clear = [span for span in spans if self._person(span) not in mine]
        both = [span for span in spans if self._person(span) in mine]
        chosen = spread(clear, self.corpus, self.most)
        chosen += spread(both, self.corpus, self.most - len(chosen))
        for span in chosen:
            also = self._person(span) in mine
            yield NegativeCase(code_id, "contrary", self._record(span, (other,)), other, also)

    def rejected(self, code_id: str) -> Iterator[NegativeCase]:
        """Passages on which a person rejected the proposal, and nobody coded it after all."""
        latest = {d.coding_id: d for d in sorted(self.tally.codings.decisions, key=_when)}
        held = self.tally.passages(code_id)
        said = {}
        for coding in self.tally.codings:
            decision = latest.get(coding.id)
            if decision is None or decision.action != "reject" or coding.code_id != code_id:
                continue
            (span,) = join_spans([coding])
            if span[2] > span[1] and not _overlaps(span, held) and may_be_quoted(self.corpus, span):
                reason = f": {decision.reason}" if decision.reason else ""
                said[span] = f"rejected by {decision.by}{reason}"
        for span in spread(said, self.corpus, self.most):
            yield NegativeCase(code_id, "rejected", self._record(span, ()), said[span])

    def _person(self, span: Span) -> str:
        return self.corpus.case_at(*span[:2]) or span[0]

    def _record(self, span: Span, codes: tuple[str, ...]) -> QuoteRecord:
        document = self.corpus.document(span[0])
        return quote_record(document, *span[1:], attributions=self.attributions, codes=codes)


def _when(decision: Decision) -> tuple[datetime, str]:
    return decision.at, decision.id


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(o[0] == span[0] and o[1] < span[2] and span[1] < o[2] for o in others)
