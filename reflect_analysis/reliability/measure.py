"""Agreement between coders: codings in, a row a code out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from reflect_analysis.coefficients import Resampling
from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.errors import AgreementError, did_you_mean
from reflect_analysis.provenance import merge_runs, new_run
from reflect_analysis.reliability.basis import Basis, basis_of
from reflect_analysis.reliability.notes import Remark, remarks_of
from reflect_analysis.reliability.rated import (
    CodeAgreement,
    SetAgreement,
    Text,
    Unit,
)
from reflect_analysis.reliability.rows import Sheet
from reflect_analysis.reliability.selection import (
    GOVERNED,
    NONE,
    ONE,
    PART,
    LeftOut,
    Selection,
    phase_words,
)
from reflect_analysis.reliability.spans import SpanMeasures, SpanSheet
from reflect_analysis.reliability.values import (
    Agreement,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings, Phase
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.provenance import Run
    from reflect_analysis.ratings import Ratings
    from reflect_analysis.segments import Segments

__all__ = ["Audit", "measure_agreement"]


class Audit(Protocol):
    """A plan of what to label, as far as it is asked here: the ids of what chance chose."""

    @property
    def audit(self) -> tuple[str, ...]:
        """Ids of the units that chance chose."""


Approach = Literal["content-analysis", "coding-reliability", "codebook", "reflexive"]
_AUDITED = Remark("Only the units that chance chose to be read are compared.")
REFLEXIVE = (
    "a reflexive study has no agreement to measure: a code is the researcher's own reading, and "
    "a second reading adds to it, it does not check it (Braun & Clarke); write of how the "
    "readings differed, or declare another approach if codes are to be applied alike by several "
    "coders"
)


def measure_agreement(  # noqa: PLR0913  # each is a choice that decides what is compared
    codings: Codings,
    coders: Sequence[str] | None = None,
    *,
    corpus: Corpus | None = None,
    segments: Segments | None = None,
    codebook: Codebook | None = None,
    codes: Iterable[str] | None = None,
    unit: Unit | None = None,
    phase: Phase | Sequence[Phase] | None = None,
    approach: Approach = "codebook",
    blind_only: bool = True,
    audit: Audit | None = None,
    draws: int = 2000,
    random_state: int = 0,
) -> Agreement:
    """Measure how far coders agree, code by code, on what they read independently.

    What one coder alone read, what was not read blind, what is governed without approval and
    what belongs to another phase leaves, and is counted with its reason. Accepted proposals
    and decisions of others are no independent judgements; a machine's codings count as it
    made them.

    Parameters
    ----------
    codings : Codings
    coders : sequence of str, optional
        By default all people who read something. A machine must be named.
    corpus : Corpus, optional
        Gives participants (intervals draw participants, not passages), governance, languages
        and, for spans, the texts. Without it each document stands for itself.
    segments : Segments, optional
        The units, for ``unit="segment"``.
    codebook : Codebook, optional
        Gives names, groups and order; with it a passage of a subcode counts for its parent.
    codes : iterable of str, optional
        By default all of the codebook, the human-only ones included.
    unit : {"document", "segment", "span"}, optional
        ``"document"``, or ``"segment"`` where segments are given. A code agrees in a document
        wherever in it each coder found it; ``"span"`` asks whether they found it in the same
        place.
    phase : str or sequence of str, optional
        ``"calibration"``, ``"reliability"`` or ``""``. By default the reliability sample, and
        without one each phase that is present, by itself. Never the consensus.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        A reflexive study is refused, with the reason.
    blind_only : bool
        Whether what was read with sight of others' codings is left out.
    audit : LabellingPlan, optional
        The plan by which segments were chosen to be read (`choose_to_label`): those that chance
        chose alone are compared, since units chosen by doubt are harder than the rest.
    draws : int
        Bootstrap draws of participants; under 100 participants intervals are the jackknife's.
    random_state : int
        Seed of the draws.

    Returns
    -------
    Agreement

    Raises
    ------
    AgreementError
        If there is nothing to compare: one coder, an unknown one, no unit that two of them
        read, reconciled codings, spans outside the text, a reflexive study.
    UnknownIdError
        If a coding names a code that the codebook lacks.

    Examples
    --------
    >>> from reflect_analysis import Coding, Codings, Seen
    >>> def reading(coder, *found):
    ...     seen = (Seen(coder, f"R{n}", blind=True) for n in range(1, 9))
    ...     marks = (Coding(f"R{n}", 0, 5, "isolation", coder, blind=True) for n in found)
    ...     return Codings(tuple(marks), seen=tuple(seen))
    >>> found = measure_agreement(reading("ada", 1, 2, 3) + reading("bo", 1, 2, 4))
    >>> found.to_frame()[["code_id", "units", "both", "first_only", "second_only", "neither"]]
         code_id  units  both  first_only  second_only  neither
    0  isolation      8     2           1            1        4
    >>> round(found.row("isolation").alpha.value, 3)
    0.5
    """
    if approach == "reflexive":
        raise AgreementError(REFLEXIVE)
    if approach not in get_args(Approach):
        raise ValueError(f"no approach {approach!r}{did_you_mean(approach, get_args(Approach))}")
    basis = basis_of(
        codings,
        coders,
        corpus=corpus,
        segments=segments if audit is None else _audited(segments, audit),
        codebook=codebook,
        codes=codes,
        unit=unit,
        phase=phase,
        blind_only=blind_only,
    )
    resampling = Resampling(draws=draws, random_state=random_state)
    parts = [_Part(basis, one, resampling) for one in basis.selections]
    parts = _comparable(parts, named=phase is not None)
    found = _agreement(basis, parts, resampling)
    return found if audit is None else found.with_remark(_AUDITED)


def _audited(segments: Segments | None, audit: Audit) -> Segments:
    """The segments that chance chose to be read."""
    if segments is None:
        raise AgreementError(
            "audit= names segments: give those that the plan was made from, segments=…"
        )
    chosen = frozenset(audit.audit)
    kept = segments.where(lambda row: row.id in chosen)
    if len(kept) < len(chosen):
        raise AgreementError(
            f"{len(chosen) - len(kept)} of {len(chosen)} units of the audit are none of these "
            "segments: give the segments that the plan was made from"
        )
    return kept


@dataclass(frozen=True)
class _Part:
    """The measures of one phase."""

    basis: Basis
    selection: Selection
    resampling: Resampling

    @property
    def phase(self) -> Phase:
        return self.selection.phase

    @cached_property
    def ratings(self) -> Ratings:
        return self.basis.ratings(self.selection)

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(self.ratings, self.phase, self.resampling, self.basis.printed, self.exempt)

    @cached_property
    def plain(self) -> Sheet:
        """The same with each code as it was given: in a set a parent adds nothing."""
        if self.basis.codebook is None:
            return self.sheet
        flat = replace(self.basis, codebook=None)
        return Sheet(flat.ratings(self.selection), self.phase, self.resampling)

    @cached_property
    def spans(self) -> SpanSheet | None:
        """Where codes stand; `None` where the texts are not known."""
        texts = self.selection.permitted
        if texts is None:
            return None
        return SpanSheet(
            self.basis.by_document(self.selection),
            self.selection.log,
            {document.id: document.text for document in texts},
            self.phase,
            self.resampling,
            self.basis.printed,
            self.exempt,
        )

    @cached_property
    def exempt(self) -> frozenset[str]:
        """Documents of unknown case that were published before."""
        texts = self.selection.permitted or ()
        return frozenset(d.id for d in texts if "selected" in d.flags and not d.case_id)

    @property
    def texts(self) -> tuple[Text, ...]:
        return ("all", "coded") if self.basis.unit == "segment" else ("all",)

    @cached_property
    def n_shared(self) -> int:
        """Units that two coders read, for whatever code."""
        import numpy as np

        read = (~np.isnan(self.ratings.values)).any(axis=2)
        return int((read.sum(axis=1) >= PAIR).sum())

    def rows(self) -> Iterator[CodeAgreement]:
        if self.basis.unit != "span":
            for text in self.texts:
                yield from self.sheet.rows(text)

    def pairs(self) -> Iterator[CodeAgreement]:
        if self.basis.unit != "span":
            for text in self.texts:
                yield from self.sheet.pairs(text)

    def sets(self) -> Iterator[SetAgreement]:
        if self.basis.unit != "span" and len(self.basis.codes) > 1:
            for text in self.texts:
                yield self.plain.sets(text)

    def left_out(self) -> Iterator[LeftOut]:
        """Units, then codings, that did not enter."""
        what: Literal["document", "segment"] = (
            "segment" if self.basis.unit == "segment" else "document"
        )
        counts = self._segments_out() if what == "segment" else self._documents_out()
        for reason, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
            yield LeftOut(self.phase, what, reason, count, governed=reason == GOVERNED)
        told = self.selection.readings.left_out() | {
            "in what their coder never marked as read": self.ratings.unread,
            f"in none of the {what}s": self.ratings.outside,
        }
        for reason, count in told.items():
            if count:
                yield LeftOut(self.phase, "coding", reason, count)

    def _documents_out(self) -> Counter[str]:
        return Counter(self.selection.reasons.values())

    def _segments_out(self) -> Counter[str]:
        """The segments of documents that fell out, and those of others that one coder read."""
        import numpy as np

        read = (~np.isnan(self.ratings.values)).any(axis=2).sum(axis=1)
        readers = {unit.id: n for unit, n in zip(self.ratings.units, read, strict=True)}
        counts: Counter[str] = Counter()
        for row in self.basis.segments or ():
            reason, n = self.selection.reasons.get(row.document_id, ""), readers.get(row.id, 0)
            if n < PAIR:
                # Of a document that was read in part each segment was read or was not.
                counts[reason if reason not in {"", PART} else ONE if n else NONE] += 1
        return counts


def _comparable(parts: list[_Part], *, named: bool) -> list[_Part]:
    """The phases in which two coders read something.

    Raises
    ------
    AgreementError
        If there is none, or one that was asked for is not.
    """
    empty = [part for part in parts if not part.n_shared]
    if empty and (named or len(empty) == len(parts)):
        raise AgreementError([_nothing_shared(part) for part in empty])
    return [part for part in parts if part.n_shared]


def _nothing_shared(part: _Part) -> str:
    unit = "segment" if part.basis.unit == "segment" else "document"
    coders = ", ".join(map(repr, part.basis.coders))
    told = "; ".join(str(each) for each in part.left_out()) or "nothing was read"
    hint = ""
    if not part.selection.codings.seen:
        hint = (
            " No row says what anybody read (seen.csv): what was read and not coded cannot be "
            "told from what was never read."
        )
    elif part.selection.blind_only and not part.selection.readings.kept:
        hint = " With blind_only=False what was read with sight of others is measured, and says so."
    return (
        f"no {unit} was read by two of {coders} ({phase_words(part.phase)}): {told}. Have the "
        f"same texts read by both, independently.{hint}"
    )


def _agreement(basis: Basis, parts: Sequence[_Part], resampling: Resampling) -> Agreement:
    chosen = parts[0].selection
    machines = chosen.readings.machines
    codes = basis.codebook.in_use if basis.codebook is not None else ()
    found = Agreement(
        rows=tuple(row for part in parts for row in part.rows()),
        unit=basis.unit,
        coders=basis.coders,
        machines=machines,
        pairs=tuple(row for part in parts for row in part.pairs()),
        sets=tuple(row for part in parts for row in part.sets()),
        of_spans=SpanMeasures(partial(_span_sheets, tuple(parts))),
        left_out=tuple(row for part in parts for row in part.left_out()),
        remarks=tuple(
            dict.fromkeys(each for part in parts for each in remarks_of(basis, part.selection))
        ),
        by_participant=basis.corpus is not None,
        seed=resampling.random_state,
        draws=resampling.draws,
        blind=chosen.blind_only,
        segments_by=basis.segments.by if basis.segments and basis.unit == "segment" else "",
        parents={code.id: code.parent for code in codes if code.parent},
    )
    return replace(found, runs=_runs(basis, chosen.codings, found, resampling))


def _span_sheets(parts: Sequence[_Part]) -> Iterator[SpanSheet]:
    return (part.spans for part in parts if part.spans is not None)


def _runs(
    basis: Basis, codings: Codings, found: Agreement, resampling: Resampling
) -> tuple[Run, ...]:
    run = new_run(
        "agreement",
        found.sentence().rstrip("."),
        settings={
            "coders": list(basis.coders),
            "unit": basis.unit,
            "phases": list(found.phases),
            "blind_only": found.blind,
            "draws": resampling.draws,
        },
        seed=resampling.random_state,
    )
    texts = basis.corpus.runs if basis.corpus is not None else ()
    cut = basis.segments.runs if basis.segments is not None else ()
    return merge_runs(texts, cut, codings.runs, (run,))
