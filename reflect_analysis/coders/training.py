"""What a coder learns from: texts with people's codings, checked before anything is learned.

`training_set` makes it from codings; every `fit` checks it by `lessons`. A governed record whose
use in training is not approved, and what nobody read, are left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.contexts import contexts_of, joined, readings_of
from reflect_analysis.coders.lessons import Lesson, check_texts, read_lesson
from reflect_analysis.codings import Codings
from reflect_analysis.errors import GovernanceError, TrainingDataError, raise_all
from reflect_analysis.ratings import rate_segments
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Array = npt.NDArray[np.float64]

__all__ = ["Lesson", "TrainingSet", "check_texts", "read_lesson", "training_set"]


_HALF = 0.5
# Participants as `Ratings.participants` gives them; one of unknown case is as its document alone.
Unit = Literal["sentence", "reflection"]
Combine = Literal["majority", "any", "all"]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Texts with what people coded in them, for every coder that learns.

    ``coder.fit(data.texts, data.y, groups=data.groups)``; a coder that reads neighbours also
    takes ``contexts=data.contexts``, and all take ``ids=data.ids``.

    Parameters
    ----------
    texts : tuple of str
    y : DataFrame of shape (n_texts, n_codes)
        1 coded, 0 read and not coded, NaN not read, or disputed.
    groups : tuple of str
        Whose words each text is, so that no participant stands on both sides of a split.
    contexts : tuple of str
        The passage in which each text stands; see `contexts_of`.
    ids : tuple of str
        The segment (of a reading, its first) of every text.
    governed : int
        Documents left out: their use in training is not approved.
    unread : int
        Texts left out: none of the coders read them for any of the codes.
    disputed : int
        Ratings left out: as many coders said yes as no.
    """

    texts: tuple[str, ...]
    y: pd.DataFrame
    groups: tuple[str, ...]
    contexts: tuple[str, ...]
    ids: tuple[str, ...]
    governed: int = 0
    unread: int = 0
    disputed: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        people, codes = len(set(self.groups)), self.y.shape[1]
        left = {
            "governed documents": self.governed,
            "unread texts": self.unread,
            "disputed ratings": self.disputed,
        }
        out = ", ".join(f"{number} {noun}" for noun, number in left.items() if number)
        told = f"<TrainingSet: {len(self)} texts of {people} participants, {codes} codes"
        return f"{told}; left out: {out}>" if out else f"{told}>"


def training_set(
    segments: Segments,
    codings: Codings,
    codebook: Codebook,
    *,
    coders: Sequence[str],
    codes: Sequence[str] | None = None,
    unit: Unit = "sentence",
    combine: Combine = "majority",
) -> TrainingSet:
    """What a coder may learn from people's codings.

    Parameters
    ----------
    segments : Segments
    codings : Codings
        Only what holds now counts.
    codebook : Codebook
    coders : sequence of str
        The people from whom is learned.
    codes : sequence of str, optional
        By default those of `unit` that a machine may propose.
    unit : {"sentence", "reflection"}
        ``"sentence"``: every segment is a text. ``"reflection"``: all that a participant wrote
        or said in a document is one, as `code_segments` gives it to a coder for codes whose
        unit is the reflection; it has a code where one of its segments has.
    combine : {"majority", "any", "all"}
        What holds where several coders read a text. With ``"majority"`` a tie is left out.

    Returns
    -------
    TrainingSet

    Raises
    ------
    GovernanceError
        If nothing is left after governed records without approval for training are taken out.
    NotClearedError
        If a document is not cleared.
    TrainingDataError
        If a code is one that no machine may propose, or no coder read anything.
    UnknownIdError
        If the codebook lacks a code.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Group
    >>> from reflect_analysis.codings import Coding, Seen
    >>> from reflect_analysis.corpus import Clearance, Corpus, Document
    >>> from reflect_analysis.segments import Segment
    >>> document = Document("R1", "I was alone. Then they came.")
    >>> corpus = Corpus((document,), clearances=(Clearance(document.sha256, "ada", "read"),))
    >>> rows = (Segment.of(document, 0, 12, None), Segment.of(document, 13, 28, None))
    >>> codebook = Codebook((Code("isolation", "Isolation", "Alone.", "b"),), (Group("b", "B"),))
    >>> log = Codings((Coding("R1", 0, 12, "isolation", "ada"),), seen=(Seen("ada", "R1"),))
    >>> data = training_set(Segments(corpus, rows, "sentence"), log, codebook, coders=["ada"])
    >>> data, data.y["isolation"].tolist(), data.contexts[1]
    (<TrainingSet: 2 texts of 1 participants, 1 codes>, [1.0, 0.0], 'I was alone. Then they came.')
    """
    chosen = _chosen(codebook, codes, unit)
    kept, governed = _permitted(segments)
    ratings = rate_segments(codings, kept, coders=coders, codes=chosen, codebook=codebook)
    values, disputed = _combined(ratings.values, combine)
    if unit == "sentence":
        texts, groups = kept.texts, ratings.participants
        contexts = contexts_of(kept, use="training")
        ids = tuple(row.id for row in kept)
    else:
        place = {row.id: number for number, row in enumerate(kept)}
        readings = readings_of(kept)
        parts = [[place[row.id] for row in reading] for reading in readings]
        texts = contexts = tuple(map(joined, readings))
        groups = tuple(ratings.participants[part[0]] for part in parts)
        ids = tuple(reading[0].id for reading in readings)
        values = np.array([_any(values[part]) for part in parts]).reshape(len(parts), len(chosen))
    read = np.flatnonzero(~np.isnan(values).all(axis=1))
    if not len(read):
        raise TrainingDataError(
            f"{', '.join(coders)}: read none of the {len(texts)} texts for any of these codes"
        )

    def of_read(items: Sequence[str]) -> tuple[str, ...]:
        return tuple(items[row] for row in read.tolist())

    import pandas as pd

    return TrainingSet(
        of_read(texts),
        pd.DataFrame(values[read], columns=list(chosen)),
        of_read(groups),
        of_read(contexts),
        of_read(ids),
        governed,
        len(texts) - len(read),
        disputed,
    )


def _chosen(codebook: Codebook, codes: Sequence[str] | None, unit: Unit) -> tuple[str, ...]:
    able = [code.id for code in codebook.machine_codes()]
    if codes is None:
        return tuple(code_id for code_id in able if codebook[code_id].unit == unit)
    codebook.check_ids(codes, "codes")
    closed = [code_id for code_id in codes if code_id not in able]
    raise_all(
        TrainingDataError,
        [f"code {c!r}: human-only, retired or not defined; no machine learns it" for c in closed],
    )
    return tuple(codes)


def _permitted(segments: Segments) -> tuple[Segments, int]:
    """The segments that may be learned from, and how many documents are left out."""
    corpus = segments.corpus
    used = frozenset(segments.by_document)
    corpus.where(lambda document: document.id in used).check_cleared()
    out = {name for name in used if not corpus.permits(corpus.document(name), "training")}
    if out and out == used:
        raise GovernanceError(
            f"all {len(out)} documents wait for the approval of those who govern them. Nothing "
            "is learned from them; add 'training' to the approved uses of their cases when it "
            "is given"
        )
    return (segments.where(lambda row: row.document_id not in out) if out else segments), len(out)


def _combined(values: Array, combine: Combine) -> tuple[Array, int]:
    """(n_units, n_codes) of several coders' ratings, and how many were a tie."""
    read = ~np.isnan(values)
    count, yes = read.sum(axis=1), np.nansum(values, axis=1)
    if combine == "any":
        result = (yes > 0).astype(float)
    elif combine == "all":
        result = (yes == count).astype(float)
    elif combine == "majority":
        result = (yes > _HALF * count).astype(float)
    else:
        raise ValueError(f"combine={combine!r}; expected 'majority', 'any' or 'all'")
    tie = (combine == "majority") & (count > 0) & (yes == _HALF * count)
    result[(count == 0) | tie] = np.nan
    return result, int(tie.sum())


def _any(values: Array) -> Array:
    """1 where one is, NaN where none is and one was not read."""
    return np.where(
        (values == 1).any(axis=0), 1.0, np.where(np.isnan(values).any(axis=0), np.nan, 0.0)
    )
