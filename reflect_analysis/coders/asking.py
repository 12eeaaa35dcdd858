"""How a coder that scores texts is asked, and its answer checked.

The texts are segments, or, for codes whose unit is the reflection, all that a participant wrote
or said in a document. A useless answer is one named error: its shape, what is no number, and
for which text and code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.codebook import Codebook, CodeUnit
from reflect_analysis.coders.contexts import contexts_of, joined, readings_of
from reflect_analysis.coders.protocol import ExplainingCoder, Proposal
from reflect_analysis.errors import CoderError
from reflect_analysis.segments import Segment, Segments

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Scores = npt.NDArray[np.float64]

__all__ = ["Scoring", "machine_codes", "name_of", "named_codes"]

_SHOWN = 10


def name_of(coder: object) -> str:
    """A coder's own name."""
    named = getattr(coder, "name", None) or getattr(coder, "__name__", None)
    return str(named or type(coder).__name__)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts for codes of one unit, where each of them stands, and the passage around it."""

    unit: CodeUnit
    rows: Sequence[Sequence[Segment]]

    def texts(self) -> list[str]:
        return [joined(row) for row in self.rows]

    def contexts(self, segments: Segments) -> Sequence[str]:
        return contexts_of(segments) if self.unit == "sentence" else self.texts()

    def proposal(self, row: int, code_id: str, evidence: str, score: float) -> Proposal:
        first, last = self.rows[row][0], self.rows[row][-1]
        return Proposal(first.document_id, first.start, last.end, code_id, evidence, score)


@dataclass(frozen=True, slots=True)
class Scoring:
    """A coder that scores texts, and how it is asked."""

    coder: Any
    codebook: Codebook
    limits: Mapping[str, float]
    likeliest: bool

    def propose(self, segments: Segments) -> tuple[tuple[str, ...], list[Proposal]]:
        """(codes looked for, proposals) for segments."""
        named = named_codes(self.coder, self.codebook)
        looked_for = machine_codes(named or (), self.codebook)
        proposals: list[Proposal] = []
        for unit in (
            _Texts("sentence", [(row,) for row in segments]),
            _Texts("reflection", readings_of(segments)),
        ):
            if unit.rows and _wants(unit.unit, looked_for, self.codebook):
                looked_for, found = self._of_unit(unit, segments)
                proposals += found
        return looked_for, proposals

    def _of_unit(self, unit: _Texts, segments: Segments) -> tuple[tuple[str, ...], list[Proposal]]:
        texts = unit.texts()
        contexts = None
        if getattr(self.coder, "uses_context", False):
            contexts = list(unit.contexts(segments))
        codes, scores = _scored(self.coder, texts, contexts, self.codebook)
        looked_for = machine_codes(codes, self.codebook)
        chosen = [code for code in looked_for if self.codebook[code].unit == unit.unit]
        hits = _hits(scores, codes, chosen, self.limits)
        if self.likeliest:
            hits = _likeliest(scores, codes, chosen)
        why = _explained(self.coder, texts, contexts, hits)
        proposals = []
        for row, code_id, score in hits:
            told = why[row].get(code_id) if row in why else None
            told = told or f"score {score:.3g}, threshold {self.limits[code_id]:g}"
            proposals.append(unit.proposal(row, code_id, told, score))
        return looked_for, proposals


def _wants(unit: str, looked_for: Sequence[str], codebook: Codebook) -> bool:
    """Whether a coder may have codes of a unit; it may if it does not say which it has."""
    known = looked_for or [code.id for code in codebook.machine_codes()]
    return any(codebook[code_id].unit == unit for code_id in known)


def _scored(
    coder: Any, texts: list[str], contexts: list[str] | None, codebook: Codebook
) -> tuple[tuple[str, ...], Scores]:
    """(codes, scores) of texts, checked."""
    called = name_of(coder)
    predict = getattr(coder, "predict_proba", coder)
    answer = predict(texts) if contexts is None else predict(texts, contexts=contexts)
    codes = _named_columns(answer) or named_codes(coder, codebook)
    scores = _as_array(answer, coder, called)
    _check_shape(scores, len(texts), codes, codebook, called)
    if codes is None:
        codes = _codes_by_count(scores.shape[1], coder, codebook, called)
    codebook.check_ids(codes, called)
    _check_numbers(scores, codes, called)
    return tuple(codes), scores


def _named_columns(answer: Any) -> tuple[str, ...] | None:
    """The codes that a frame names."""
    columns = getattr(answer, "columns", None)
    return None if columns is None else tuple(map(str, columns))


def named_codes(coder: Any, codebook: Codebook) -> tuple[str, ...] | None:
    """The codes that a coder names, checked; `None` where it names none."""
    named = getattr(coder, "codes_", None)
    if named is None:
        classes = getattr(coder, "classes_", None)
        texts = classes is not None and all(isinstance(each, str) for each in classes)
        named = classes if texts else None
    if named is None:
        return None
    codebook.check_ids(map(str, named), name_of(coder))
    return tuple(map(str, named))


def machine_codes(codes: Iterable[str], codebook: Codebook) -> tuple[str, ...]:
    """Without those that only people may apply, or that are retired."""
    able = {code.id for code in codebook.machine_codes()}
    return tuple(code_id for code_id in codes if code_id in able)


def _as_array(answer: Any, coder: Any, called: str) -> Scores:
    """Scores as numbers; scikit-learn's list of one (n, n_classes) array a code becomes columns."""
    import numpy as np

    if isinstance(answer, list) and answer and all(getattr(a, "ndim", 0) == 2 for a in answer):  # noqa: PLR2004  # texts by classes
        classes = getattr(coder, "classes_", None) or [(0, 1)] * len(answer)
        columns = [_of_yes(*each) for each in zip(answer, classes, strict=True)]
        answer = np.column_stack(columns)
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise CoderError(f"{called}: expected scores as numbers, (n_texts, n_codes)") from None


def _of_yes(chances: Any, classes: Sequence[Any]) -> Any:
    """The chances of "yes" of one code; none where its training texts were all "no"."""
    yes = [place for place, each in enumerate(classes) if each in (1, True)]
    return chances[:, yes[0]] if yes else 0 * chances[:, 0]


def _check_shape(
    scores: Scores, texts: int, codes: Sequence[str] | None, codebook: Codebook, called: str
) -> None:
    columns = str(len(codes)) if codes is not None else f"{len(codebook)} codes"
    width_fits = codes is None or (scores.ndim == 2 and scores.shape[1] == len(codes))  # noqa: PLR2004  # rows and columns
    if scores.ndim != 2 or scores.shape[0] != texts or not width_fits:  # noqa: PLR2004  # rows and columns
        raise CoderError(
            f"{called}: expected scores of shape ({texts} texts, {columns}), got {scores.shape}"
        )


def _codes_by_count(width: int, coder: Any, codebook: Codebook, called: str) -> tuple[str, ...]:
    """The codes of unnamed columns: all of the codebook, or those that a machine may apply."""
    machine = tuple(code.id for code in codebook.machine_codes())
    classes = getattr(coder, "classes_", None)
    two_classes = classes is not None and len(classes) == 2 and width == 2  # noqa: PLR2004  # yes and no
    if two_classes and not getattr(coder, "multilabel_", False):
        raise CoderError(
            f"{called}: a classifier of two classes, {classes!r}, does not say which "
            "code it is for; set codes_, or return one column a code"
        )
    if width == len(codebook):
        return codebook.ids
    if width == len(machine):
        return machine
    raise CoderError(
        f"{called}: expected {len(codebook)} columns, a code each ({len(machine)} without those "
        f"that are human-only), got {width}; set codes_ to name them"
    )


def _check_numbers(scores: Scores, codes: Sequence[str], called: str) -> None:
    import numpy as np

    if np.isfinite(scores).all():
        return
    bad = ~np.isfinite(scores)
    named = [codes[int(column)] for column in np.flatnonzero(bad.any(axis=0))]
    row = int(np.flatnonzero(bad.any(axis=1))[0])
    raise CoderError(
        f"{called}: {int(bad.sum())} scores are not finite numbers, first for text {row + 1} "
        f"(counted from 1), of {', '.join(named[:_SHOWN])}"
    )


def _hits(
    scores: Scores, codes: Sequence[str], chosen: Sequence[str], limits: Mapping[str, float]
) -> list[tuple[int, str, float]]:
    """(row, code, score) of every score that reaches its threshold, row by row."""
    place = {code_id: column for column, code_id in enumerate(codes)}
    return [
        (row, code_id, float(scores[row, place[code_id]]))
        for row in range(scores.shape[0])
        for code_id in chosen
        if scores[row, place[code_id]] >= limits[code_id]
    ]


def _likeliest(
    scores: Scores, codes: Sequence[str], chosen: Sequence[str]
) -> list[tuple[int, str, float]]:
    """(row, code, score) of the highest score of every row, where that is one of `chosen`."""
    best = scores.argmax(axis=1).tolist()
    found = ((row, codes[column]) for row, column in enumerate(best))
    return [(row, code_id, float(scores[row].max())) for row, code_id in found if code_id in chosen]


def _explained(
    coder: Any,
    texts: Sequence[str],
    contexts: Sequence[str] | None,
    hits: Sequence[tuple[int, str, float]],
) -> dict[int, Mapping[str, str]]:
    """The coder's own evidence for the texts that were coded, by row."""
    if not isinstance(coder, ExplainingCoder) or not hits:
        return {}
    rows = list(dict.fromkeys(row for row, _, _ in hits))
    asked = [texts[row] for row in rows]
    if contexts is None:
        reasons = list(coder.explain(asked))
    else:
        around = [contexts[row] for row in rows]
        reasons = list(coder.explain(asked, contexts=around))  # type: ignore[call-arg]  # uses_context says that it takes them
    if len(reasons) != len(rows):
        raise CoderError(
            f"{name_of(coder)}: explain gave {len(reasons)} answers for {len(rows)} texts"
        )
    return dict(zip(rows, reasons, strict=True))
