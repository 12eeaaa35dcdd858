"""What a coder is: the least that `code_segments` asks of it.

A coder speaks scikit-learn: settings in ``__init__``, learned state with a trailing ``_``,
``fit(texts, y)`` and ``predict_proba(texts)``. Any scikit-learn estimator and any plain function
from texts to scores are coders too. One that must see whole documents, as rules do, also has
``propose``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from reflect_analysis.segments import Segments

__all__ = ["AnyCoder", "Coder", "ExplainingCoder", "Proposal", "SpanCoder"]


@runtime_checkable
class Coder(Protocol):
    """Scores texts for codes.

    Optional attributes:

    - ``codes_``: code ids, one a column; else `classes_` where these are texts, else the columns
      are the codes of the codebook in its order.
    - ``name``, and ``model_``: name and hash of a model.
    - ``reads(language) -> bool``; else the language of the codebook.
    - ``thresholds_``: by code, the least score that makes a coding; else one half.
    - ``exclusive``: true where a text has one code, the likeliest.
    - ``uses_context``: true where ``predict_proba`` and ``explain`` also take ``contexts=``, the
      passage in which each text stands (`contexts_of`).
    - ``gives_probabilities``: false where scores are something else.
    - ``told_``: how it was trained, as a clause of the methods paragraph.
    """

    def fit(self, texts: Sequence[str], y: Any) -> Any:
        """Learn from texts and their codes, (n_texts, n_codes) of 0 and 1; returns self."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> Any:
        """Scores as (n_texts, n_codes); the higher, the surer."""
        ...


@runtime_checkable
class ExplainingCoder(Protocol):
    """A coder that says why."""

    def explain(self, texts: Sequence[str]) -> Sequence[Mapping[str, str]]:
        """For every text the evidence by code id, without the text's words."""
        ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """One code for one span, as a coder of whole documents proposes it."""

    document_id: str
    start: int
    end: int
    code_id: str
    evidence: str
    score: float | None = None


@runtime_checkable
class SpanCoder(Protocol):
    """A coder that reads whole documents and proposes spans itself."""

    def propose(self, segments: Segments, codes: Sequence[str]) -> Iterable[Proposal]:
        """Proposals for these codes in the documents of these segments."""
        ...


AnyCoder: TypeAlias = Coder | SpanCoder | Callable[[Sequence[str]], Any]
