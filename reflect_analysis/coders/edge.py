"""`code_segments`: the one edge between coders and codings.

Whatever the coder, here its codes are checked against the codebook, human-only codes are kept
from it, governed records that are not approved for coding and texts that it cannot read are
left out, thresholds are applied, evidence is attached and the run is stamped. What was read is
told by `Seen`, with the codes that were looked for: "read and not coded" is not "never read".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reflect_analysis._collector import without_collector
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.asking import Scoring, machine_codes, name_of, named_codes
from reflect_analysis.coders.protocol import AnyCoder, Proposal, SpanCoder
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.errors import CoderError, GovernanceError, raise_all
from reflect_analysis.language import primary
from reflect_analysis.provenance import Run, merge_runs, new_run, now
from reflect_analysis.segments import Segments

__all__ = ["code_segments"]

_SHOWN = 10
HALF = 0.5


def code_segments(
    coder: AnyCoder,
    segments: Segments,
    codebook: Codebook,
    *,
    threshold: float | Mapping[str, float] | None = None,
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
    threshold : float or mapping of str to float, optional
        The least score that makes a coding, for all codes or by code. By default, and for codes
        that a mapping does not name, the coder's own ``thresholds_``, else 0.5. Of a coder that
        is ``exclusive`` the likeliest code of a text is taken where no threshold is given.
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
        If scores have the wrong shape or are not numbers, or a proposal lies outside what the
        coder was given.
    GovernanceError
        If nothing is left after governed records without approval for coding are taken out.
    NotClearedError
        If a document was not cleared.
    UnknownIdError
        If the coder, or `threshold`, names a code that the codebook lacks.
    ValueError
        If the coder was made from another version of the codebook.

    Examples
    --------
    A function is a coder:

    >>> from reflect_analysis.codebook import Code, Group
    >>> from reflect_analysis.corpus import Clearance, Corpus, Document
    >>> from reflect_analysis.segments import Segment
    >>> document = Document("R1", "I was alone. Then they came.")
    >>> corpus = Corpus((document,), clearances=(Clearance(document.sha256, "ada", "read"),))
    >>> rows = (Segment.of(document, 0, 12, None), Segment.of(document, 13, 28, None))
    >>> codebook = Codebook((Code("isolation", "Isolation", "Alone.", "b"),), (Group("b", "B"),))
    >>> def coder(texts):
    ...     return [["alone" in text] for text in texts]
    >>> codings = code_segments(coder, Segments(corpus, rows, "sentence"), codebook, name="words")
    >>> codings, codings.codings[0].evidence
    (<Codings: 1 by words, of 1 documents seen>, 'score 1, threshold 0.5')
    """
    _check_is_coder(coder)
    _check_version(coder, codebook)
    limits = _thresholds(threshold, coder, codebook)
    _check_cleared(segments)
    left = _Left.out_of(segments, coder, codebook)
    kept = left.segments
    if isinstance(coder, SpanCoder):
        named = named_codes(coder, codebook)
        codes = machine_codes(codebook.ids if named is None else named, codebook)
        proposals = _checked(coder.propose(kept, codes), kept, name_of(coder))
        codebook.check_ids({p.code_id for p in proposals}, "the coder")
        proposals = [p for p in proposals if p.code_id in codes]
    else:
        likeliest = threshold is None and bool(getattr(coder, "exclusive", False))
        scoring = Scoring(coder, codebook, limits, likeliest=likeliest)
        codes, proposals = scoring.propose(kept)
    called = name or name_of(coder)
    run = _run(coder, called, left, codebook, codes, limits)
    with without_collector():
        return _codings(proposals, kept, codes, called, run, codebook.version)


def _check_is_coder(coder: object) -> None:
    able = hasattr(coder, "predict_proba") or hasattr(coder, "propose") or callable(coder)
    if isinstance(coder, type) or not able:
        raise TypeError(
            f"{coder!r} is no coder: expected an object with predict_proba(texts) or "
            "propose(segments, codes), or a function of texts"
        )


def _thresholds(
    given: float | Mapping[str, float] | None, coder: object, codebook: Codebook
) -> dict[str, float]:
    """The threshold of every code: as given, else the coder's own, else one half."""
    own = getattr(coder, "thresholds_", None) or {}
    limits = {code_id: float(own.get(code_id, HALF)) for code_id in codebook.ids}
    if isinstance(given, Mapping):
        codebook.check_ids(given, "threshold")
        limits |= {code_id: float(value) for code_id, value in given.items()}
    elif given is not None:
        limits = dict.fromkeys(codebook.ids, float(given))
    wrong = [code_id for code_id, value in limits.items() if math.isnan(value)]
    if wrong:
        raise ValueError(f"threshold: not a number, for {', '.join(wrong[:_SHOWN])}")
    return limits


def _check_cleared(segments: Segments) -> None:
    """Whoever made these segments: nothing is coded before it is cleared."""
    corpus = segments.corpus
    waiting = {document.id for document in corpus.uncleared()}.intersection(segments.by_document)
    if waiting:
        corpus.where(lambda document: document.id in segments.by_document).check_cleared()


def _check_version(coder: AnyCoder, codebook: Codebook) -> None:
    made_from = getattr(coder, "codebook_version", codebook.version)
    if made_from != codebook.version:
        raise ValueError(
            f"the coder was made from version {made_from} of the codebook, not {codebook.version}; "
            "make it anew from this codebook"
        )


def _checked(found: Iterable[object], kept: Segments, called: str) -> list[Proposal]:
    """What a coder of whole documents proposes, if all of it lies in what it was given."""
    proposals = list(found)
    faults = (
        f"{called}, proposal {number}: {fault}"
        for number, proposal in enumerate(proposals, start=1)
        for fault in _proposal_faults(proposal, kept)
    )
    raise_all(CoderError, faults)
    return [each for each in proposals if isinstance(each, Proposal)]


def _proposal_faults(proposal: object, kept: Segments) -> Iterator[str]:
    if not isinstance(proposal, Proposal):
        yield f"expected a Proposal, got {type(proposal).__name__}"
        return
    if proposal.document_id not in kept.by_document:
        yield f"document {proposal.document_id!r} was not given to it"
        return
    length = len(kept.corpus.document(proposal.document_id).text)
    if not 0 <= proposal.start < proposal.end <= length:
        span = f"{proposal.start}–{proposal.end}"
        yield f"{proposal.document_id!r}: span {span} lies outside its {length} characters"
    if proposal.score is not None and not math.isfinite(proposal.score):
        yield f"{proposal.document_id!r}: score {proposal.score} is no number"


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
    told = getattr(coder, "told_", None)
    if isinstance(told, str):
        summary += f"; {called}: {told}"
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
