"""What was asked of the coders' agreement, checked: coders, codes, phases, units, texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from reflect_analysis.errors import AgreementError, did_you_mean
from reflect_analysis.ratings import Ratings, rate_documents, rate_segments
from reflect_analysis.reliability.rated import (
    Unit,
)
from reflect_analysis.reliability.selection import (
    Selection,
    choose_coders,
    choose_codes,
    choose_phases,
    told_aside,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings, Phase
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.segments import Segments

__all__ = ["Basis", "basis_of"]


@dataclass(frozen=True)
class Basis:
    """What was asked, checked: coders, codes, phases and units.

    Parameters
    ----------
    coders, codes : tuple of str
    selections : tuple of Selection
        One a phase.
    unit : str
    corpus, segments, codebook
        As in `measure_agreement`.
    dropped : int
        Codings of codes that the codebook dropped since: they are left out.
    aside : tuple of str
        Whom the default did not compare, in words.
    """

    coders: tuple[str, ...]
    codes: tuple[str, ...]
    selections: tuple[Selection, ...]
    unit: Unit
    corpus: Corpus | None = None
    segments: Segments | None = None
    codebook: Codebook | None = None
    dropped: int = 0
    aside: tuple[str, ...] = ()

    @cached_property
    def printed(self) -> Codebook | None:
        """The codebook as it may be sent: a name in a participant's words may be withheld."""
        return self.codebook.public() if self.codebook is not None else None

    def ratings(self, selection: Selection) -> Ratings:
        """The ratings of one phase by the unit."""
        if self.unit == "segment" and self.segments is not None:
            return self._by_segment(selection, self.segments)
        return self.by_document(selection)

    def _by_segment(self, selection: Selection, segments: Segments) -> Ratings:
        corpus = selection.permitted
        ids = {document.id for document in corpus} if corpus is not None else None
        kept = segments.where(lambda row: ids is None or row.document_id in ids)
        return rate_segments(
            selection.log, kept, coders=self.coders, codes=self.codes, codebook=self.codebook
        )

    def by_document(self, selection: Selection) -> Ratings:
        """The ratings of one phase by whole documents."""
        return rate_documents(
            selection.log,
            coders=self.coders,
            codes=self.codes,
            corpus=selection.permitted,
            codebook=self.codebook,
        )


def basis_of(  # noqa: PLR0913  # the same choices as measure_agreement
    codings: Codings,
    coders: Sequence[str] | None,
    *,
    corpus: Corpus | None,
    segments: Segments | None,
    codebook: Codebook | None,
    codes: Iterable[str] | None,
    unit: Unit | None,
    phase: Phase | Sequence[Phase] | None,
    blind_only: bool,
    uses: tuple[str, ...] = ("tables",),
) -> Basis:
    """Check what is to be compared.

    Raises
    ------
    AgreementError, UnknownIdError
        See `measure_agreement`.
    """
    chosen_unit = _chosen_unit(unit, segments, corpus)
    texts = corpus if corpus is not None else segments.corpus if segments is not None else None
    _check_same_texts(texts, segments)
    chosen, dropped = choose_coders(codings, coders), 0
    aside = tuple(told_aside(codings)) if coders is None else ()
    if codebook is not None:
        whole = codings.by_coder(*chosen)
        codings = codings.under(codebook)
        dropped = len(whole) - len(codings.by_coder(*chosen))
    phases = choose_phases(codings, chosen, phase)
    wanted = choose_codes(codings, chosen, codes, codebook)
    language = codebook.language if codebook is not None else ""
    selections = tuple(
        Selection(codings, chosen, one, texts, language, blind_only, uses) for one in phases
    )
    selections[0].check()
    return Basis(chosen, wanted, selections, chosen_unit, texts, segments, codebook, dropped, aside)


def _chosen_unit(unit: Unit | None, segments: Segments | None, corpus: Corpus | None) -> Unit:
    chosen: Unit = unit or ("segment" if segments is not None else "document")
    if chosen not in get_args(Unit):
        raise ValueError(
            f"no unit {unit!r}{did_you_mean(chosen, get_args(Unit))}; use "
            f"{', '.join(map(repr, get_args(Unit)))}"
        )
    if chosen == "segment" and segments is None:
        raise AgreementError(
            "unit='segment' needs the segments: segments=segment(corpus, by='sentence')"
        )
    if chosen == "span" and corpus is None and segments is None:
        raise AgreementError("unit='span' needs the texts in which the spans lie: corpus=corpus")
    return chosen


def _check_same_texts(corpus: Corpus | None, segments: Segments | None) -> None:
    """Segments of another version of a text would point to other words."""
    if corpus is None or segments is None or corpus is segments.corpus:
        return
    known = {document.id: document.text for document in corpus}
    moved = [d.id for d in segments.corpus if known.get(d.id, d.text) != d.text]
    if moved:
        raise AgreementError(
            f"{len(moved)} documents differ between the corpus and the segments, such as "
            f"{moved[0]!r}: make the segments anew, segment(corpus, by=…)"
        )
