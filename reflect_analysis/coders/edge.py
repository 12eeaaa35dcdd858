"""`code_segments`: the one edge between coders and codings.

Whatever the coder, here its codes are checked against the codebook, human-only codes are kept
from it, governed records that are not approved for coding and texts that it cannot read are
left out, thresholds are applied, evidence is attached and the run is stamped. What was read is
told by `Seen`, with the codes that were looked for: "read and not coded" is not "never read".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.protocol import AnyCoder, ExplainingCoder, Proposal, SpanCoder
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.errors import CoderError, GovernanceError
from reflect_analysis.language import primary
from reflect_analysis.provenance import Run, merge_runs, new_run, now
from reflect_analysis.segments import Segment, Segments

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Scores = npt.NDArray[np.float64]

__all__ = ["code_segments"]

_SHOWN = 10


def code_segments(
    coder: AnyCoder,
    segments: Segments,
    codebook: Codebook,
    *,
    threshold: float | Mapping[str, float] = 0.5,
    name: str | None = None,
) -> Codings:
    """Code segments by a coder: proposals for people to review.

    Parameters
    ----------
    coder : Coder, SpanCoder, scikit-learn estimator or function
        A function takes a list of texts and returns scores, (n_texts, n_codes) or a frame with
        a column a code. Without ``codes_`` the columns are the codes of the codebook in its
        order, with or without those that are human-only.
    segments : Segments
    codebook : Codebook
        Its version is stamped on every coding.
    threshold : float or mapping of str to float
        The least score that makes a coding, for all codes or by code (0.5 for the others).
        Rules have no score and ignore it.
    name : str, optional
        The coder's name in the codings; by default its own.

    Returns
    -------
    Codings
        A row a coding, and a `Seen` row for every document that was read, with the codes that
        were looked for. A code whose unit is the reflection is judged on all that a participant
        wrote or said in a document, and its span goes from the first to the last segment of it
        (for rules: of the evidence).

    Raises
    ------
    CoderError
        If scores have the wrong shape or are not numbers.
    GovernanceError
        If nothing is left after governed records without approval for coding are taken out.
    UnknownIdError
        If the coder, or `threshold`, names a code that the codebook lacks.
    ValueError
        If the coder was made from another version of the codebook.

    Examples
    --------
    A function is a coder:

    >>> from reflect_analysis.codebook import Code, Group
    >>> from reflect_analysis.corpus import Corpus, Document
    >>> corpus = Corpus((Document("R1", "I was alone. Then they came."),))
    >>> document = corpus.document("R1")
    >>> rows = (Segment.of(document, 0, 12, None), Segment.of(document, 13, 28, None))
    >>> codebook = Codebook((Code("isolation", "Isolation", "Alone.", "b"),), (Group("b", "B"),))
    >>> def coder(texts):
    ...     return [["alone" in text] for text in texts]
    >>> codings = code_segments(coder, Segments(corpus, rows, "sentence"), codebook, name="words")
    >>> codings, codings.codings[0].evidence
    (<Codings: 1 by words, of 1 documents seen>, 'score 1, threshold 0.5')
    """
    _check_is_coder(coder)
    limits = _thresholds(threshold, codebook)
    _check_version(coder, codebook)
    left = _Left.out_of(segments, coder, codebook)
    kept = left.segments
    if isinstance(coder, SpanCoder):
        named = _named_codes(coder, codebook)
        codes = _machine_codes(codebook.ids if named is None else named, codebook)
        proposals = list(coder.propose(kept, codes))
        codebook.check_ids({p.code_id for p in proposals}, "the coder")
        proposals = [p for p in proposals if p.code_id in codes]
    else:
        codes, proposals = _by_scores(coder, kept, codebook, limits)
    called = name or _name_of(coder)
    run = _run(coder, called, left, codebook, codes, limits)
    return _codings(proposals, kept, codes, called, run, codebook.version)


def _check_is_coder(coder: object) -> None:
    able = hasattr(coder, "predict_proba") or hasattr(coder, "propose") or callable(coder)
    if isinstance(coder, type) or not able:
        raise TypeError(
            f"{coder!r} is no coder: expected an object with predict_proba(texts) or "
            "propose(segments, codes), or a function of texts"
        )


def _thresholds(given: float | Mapping[str, float], codebook: Codebook) -> dict[str, float]:
    """The threshold of every code."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(codebook.ids, float(given))
    codebook.check_ids(given, "threshold")
    return {code_id: float(given.get(code_id, 0.5)) for code_id in codebook.ids}


def _check_version(coder: AnyCoder, codebook: Codebook) -> None:
    made_from = getattr(coder, "codebook_version", codebook.version)
    if made_from != codebook.version:
        raise ValueError(
            f"the coder was made from version {made_from} of the codebook, not {codebook.version}; "
            "make it anew from this codebook"
        )


def _name_of(coder: AnyCoder) -> str:
    named = getattr(coder, "name", None) or getattr(coder, "__name__", None)
    return str(named or type(coder).__name__)


# ── what is left out ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Left:
    """The segments that may be coded, and how many documents were left out and why."""

    segments: Segments
    governed: int
    unread: int

    @classmethod
    def out_of(cls, segments: Segments, coder: AnyCoder, codebook: Codebook) -> _Left:
        corpus = segments.corpus
        documents = [corpus.document(document_id) for document_id in segments.by_document]
        governed = {d.id for d in documents if not corpus.permits(d, "coding")}
        if governed and len(governed) == len(documents):
            raise GovernanceError(_waiting(sorted(governed)))
        reads = _reader(coder, codebook)
        unread = {d.id for d in documents if d.id not in governed and not reads(d.language)}
        out = governed | unread
        kept = segments.where(lambda row: row.document_id not in out) if out else segments
        return cls(kept, len(governed), len(unread))


def _waiting(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_SHOWN]) + (f" and {len(ids) - _SHOWN} more" if ids[_SHOWN:] else "")
    return (
        f"all {len(ids)} documents wait for the approval of those who govern them: {shown}. "
        "Nothing was coded; add 'coding' to the approved uses of their cases when it is given"
    )


def _reader(coder: AnyCoder, codebook: Codebook) -> Callable[[str], bool]:
    """Which languages a coder reads: it says so, else the codebook's."""
    own = getattr(coder, "reads", None)
    if callable(own):
        return lambda language: bool(own(language))
    expected = primary(codebook.language)
    return lambda language: primary(language) == expected


# ── coders that score texts ─────────────────────────────────────────────────────


def _by_scores(
    coder: AnyCoder, segments: Segments, codebook: Codebook, limits: Mapping[str, float]
) -> tuple[tuple[str, ...], list[Proposal]]:
    """(codes looked for, proposals) of a coder that scores texts."""
    readings = _readings(segments)
    by_segment = [((row.start, row.end), row.document_id, row.text) for row in segments]
    by_reading = [((r[0].start, r[-1].end), r[0].document_id, _joined(r)) for r in readings]
    looked_for: tuple[str, ...] = _machine_codes(_named_codes(coder, codebook) or (), codebook)
    proposals = []
    for unit, rows in (("sentence", by_segment), ("reflection", by_reading)):
        if not rows or not _wants(unit, looked_for, codebook):
            continue
        texts = [text for _, _, text in rows]
        codes, scores = _scored(coder, texts, codebook)
        looked_for = _machine_codes(codes, codebook)
        chosen = [code for code in looked_for if codebook[code].unit == unit]
        hits = _hits(scores, codes, chosen, limits)
        why = _explained(coder, _name_of(coder), texts, hits)
        for row, code_id, score in hits:
            (start, end), document_id, _ = rows[row]
            evidence = why[row].get(code_id) if row in why else None
            evidence = evidence or f"score {score:.3g}, threshold {limits[code_id]:g}"
            proposals.append(Proposal(document_id, start, end, code_id, evidence, score))
    return looked_for, proposals


def _wants(unit: str, looked_for: Sequence[str], codebook: Codebook) -> bool:
    """Whether a coder may have codes of a unit; it may if it does not say which it has."""
    known = looked_for or [code.id for code in codebook.machine_codes()]
    return any(codebook[code_id].unit == unit for code_id in known)


def _readings(segments: Segments) -> list[list[Segment]]:
    """The segments of each participant, or unknown speaker, in each document, in order."""
    groups: dict[tuple[str, str], list[Segment]] = {}
    for row in segments:
        turns = segments.corpus.document(row.document_id).turns
        speakers = (turn.speaker for turn in turns if turn.start <= row.start < turn.end)
        who = row.case_id or next(speakers, "")
        groups.setdefault((row.document_id, who), []).append(row)
    return list(groups.values())


def _joined(rows: Sequence[Segment]) -> str:
    return "\n".join(row.text for row in rows)


def _scored(coder: Any, texts: list[str], codebook: Codebook) -> tuple[tuple[str, ...], Scores]:
    """(codes, scores) of texts, checked."""
    called = _name_of(coder)
    predict = getattr(coder, "predict_proba", None)
    answer = coder(texts) if predict is None else predict(texts)
    codes = _named_columns(answer) or _named_codes(coder, codebook)
    scores = _as_array(answer, called)
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


def _named_codes(coder: Any, codebook: Codebook) -> tuple[str, ...] | None:
    """The codes that a coder names, checked; `None` where it names none."""
    named = getattr(coder, "codes_", None)
    if named is None:
        classes = getattr(coder, "classes_", None)
        texts = classes is not None and all(isinstance(each, str) for each in classes)
        named = classes if texts else None
    if named is None:
        return None
    codebook.check_ids(map(str, named), _name_of(coder))
    return tuple(map(str, named))


def _machine_codes(codes: Iterable[str], codebook: Codebook) -> tuple[str, ...]:
    """Without those that only people may apply."""
    return tuple(code_id for code_id in codes if not codebook[code_id].human_only)


def _as_array(answer: Any, called: str) -> Scores:
    """Scores as numbers; scikit-learn's list of one (n, 2) array a code becomes columns."""
    import numpy as np

    if isinstance(answer, list) and answer and all(getattr(a, "ndim", 0) == 2 for a in answer):  # noqa: PLR2004  # texts by classes
        answer = np.column_stack([each[:, -1] for each in answer])
    try:
        return np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise CoderError(f"{called}: expected scores as numbers, (n_texts, n_codes)") from None


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


def _explained(
    coder: Any, called: str, texts: Sequence[str], hits: Sequence[tuple[int, str, float]]
) -> dict[int, Mapping[str, str]]:
    """The coder's own evidence for the texts that were coded, by row."""
    if not isinstance(coder, ExplainingCoder) or not hits:
        return {}
    rows = list(dict.fromkeys(row for row, _, _ in hits))
    reasons = list(coder.explain([texts[row] for row in rows]))
    if len(reasons) != len(rows):
        raise CoderError(f"{called}: explain gave {len(reasons)} answers for {len(rows)} texts")
    return dict(zip(rows, reasons, strict=True))


# ── what comes out ──────────────────────────────────────────────────────────────


def _codings(
    proposals: Iterable[Proposal],
    segments: Segments,
    codes: tuple[str, ...],
    called: str,
    run: Run,
    version: str,
) -> Codings:
    """Proposals as codings, with what was read; nothing was read where no code was looked for."""
    at, run_id = now(), run.id
    rows = tuple(
        Coding(
            document_id=p.document_id,
            start=p.start,
            end=p.end,
            code_id=p.code_id,
            coder=called,
            coder_kind="machine",
            score=p.score,
            evidence=p.evidence,
            at=at,
            run_id=run_id,
            codebook_version=version,
        )
        for p in proposals
    )
    read: Iterator[str] = iter(segments.by_document if codes else ())
    seen = tuple(Seen(called, document_id, "machine", codes, at, run_id) for document_id in read)
    return Codings(rows, seen=seen, runs=merge_runs(segments.runs, [run]))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _run(
    coder: AnyCoder,
    called: str,
    left: _Left,
    codebook: Codebook,
    codes: Sequence[str],
    limits: Mapping[str, float],
) -> Run:
    """What was coded and what was left out, in one sentence."""
    segments = _counted(len(left.segments), "segment")
    documents = _counted(len(left.segments.by_document), "document")
    summary = (
        f"{segments} of {documents} {'was' if len(left.segments) == 1 else 'were'} coded by "
        f"{called} for {len(codes)} of {len(codebook)} codes (codebook {codebook.version})"
    )
    if left.unread:
        left_out = _counted(left.unread, "document")
        summary += f", leaving out {left_out} in a language that it cannot read"
    if left.governed:
        left_out = _counted(left.governed, "governed document")
        summary += f", leaving out {left_out} without approval for coding"
    settings = {
        "coder": called,
        "codes": list(codes),
        "by": left.segments.by,
        "thresholds": {} if isinstance(coder, SpanCoder) else {c: limits[c] for c in codes},
        "left_out": {"governed": left.governed, "language": left.unread},
    }
    model = getattr(coder, "model_", None)
    return new_run(
        "code",
        summary,
        inputs=[left.segments.fingerprint, codebook.version],
        settings=settings,
        model=model if isinstance(model, str) else None,
    )
