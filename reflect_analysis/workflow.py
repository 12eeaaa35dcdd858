"""The straight line in one call: sources, codebook → everything that a report needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reflect_analysis.anonymity import AnonymityReport, check_anonymity, mark_cleared
from reflect_analysis.codebook import Codebook, read_codebook
from reflect_analysis.coders import RuleCoder, code_segments
from reflect_analysis.codings import Codings, read_codings
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import (
    AgreementError,
    CodebookError,
    CorpusError,
    GovernanceError,
    UnknownIdError,
    raise_all,
)
from reflect_analysis.readers import read_corpus
from reflect_analysis.reliability import Agreement, measure_agreement
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments
from reflect_analysis.themes import Approach
from reflect_analysis.topics import Alignment, Topics, align, fit_topics

__all__ = [
    "Analysis",
    "analyse",
    "check_spans",
    "codings_of_people",
    "read_cleared",
    "tell_what_was_read",
]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Analysis:
    """What the main job found, as values for `write_report`.

    Parameters
    ----------
    corpus : Corpus
        Cleared.
    codebook : Codebook
    codings : Codings
    topics : Topics, optional
        `None` in a reflexive study.
    alignment : Alignment, optional
        Of the topics with the codebook, and with the codings of people where there are any.
    findings : AnonymityReport, optional
        What the check found, where one was run.
    agreement : Agreement, optional
        Where two people or more read the same texts independently.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    topics: Topics | None
    alignment: Alignment | None
    findings: AnonymityReport | None
    agreement: Agreement | None = None


def analyse(  # noqa: PLR0913  # each is a choice that a study makes
    sources: str | Path | Iterable[str | Path],
    codebook: str | Path | Codebook,
    *,
    codings: Iterable[str | Path] = (),
    cleared_by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    approach: Approach = "codebook",
    random_state: int = 0,
    tell: Tell = lambda _: None,
) -> Analysis:
    """Read, check, segment, code and find topics.

    Parameters
    ----------
    sources : path or paths
    codebook : path or Codebook
    codings : paths
        Folders of people's codings (`Codings.to_csv`): with them, no machine codes.
    cleared_by, note : str
        Who cleared the texts and how; needed where they do not bring a clearance.
    reasons : mapping of str to str, optional
        Why a finding of the check may stand, by its id.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        A reflexive study runs no machine coder and no topics.
    random_state : int
    tell : callable
        Gets a line about each step, for a progress display.

    Returns
    -------
    Analysis

    Raises
    ------
    CorpusError, CodebookError, NotClearedError, GovernanceError, UnknownIdError
        Each with every fault.
    ValueError
        If one of `cleared_by` and `note` is given without the other.
    """
    if bool(cleared_by.strip()) != bool(note.strip()):
        raise ValueError("cleared_by and note belong together: who cleared the texts, and how")
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    human = read_codings(*codings)
    book.check_ids((coding.code_id for coding in human.under(book)), "the codings")
    by_people = approach == "reflexive" or bool(human.coders)
    coder = None if by_people else _rule_coder(book, codebook)
    corpus, findings = _read_and_cleared(sources, cleared_by, note, reasons, tell)
    corpus.check_cleared()
    _check_belonging(human, corpus, tell)
    log = _by_rules(corpus, coder, tell) if coder else human
    topics = None
    if approach != "reflexive":
        tell("finding topics")
        topics = _topics(corpus, random_state, tell)
    alignment = _alignment(topics, book, human, tell) if topics and topics.rows else None
    agreement = _agreement(log, corpus, book, approach, tell)
    return Analysis(corpus, book, log, topics, alignment, findings, agreement)


def _alignment(topics: Topics, book: Codebook, log: Codings, tell: Tell) -> Alignment:
    """Topics beside the codes; a machine's codings stand on the same definitions, and stay out."""
    return align(topics, book, codings=codings_of_people(log, tell))


def codings_of_people(log: Codings, tell: Tell = lambda _: None) -> Codings | None:
    """What people coded and read, for the overlap of topics with codes; whose it is, is told.

    Parameters
    ----------
    log : Codings
    tell : callable

    Returns
    -------
    Codings or None
        `None` where no person coded or read anything.
    """
    people = sorted({row.coder for row in (*log, *log.seen) if row.coder_kind == "person"})
    if not people:
        return None
    tell(f"topics are set beside the codings of {', '.join(people)}")
    return log.by_coder(*people)


def _agreement(
    log: Codings, corpus: Corpus, book: Codebook, approach: Approach, tell: Tell
) -> Agreement | None:
    """How far the people agree; `None` where there is nothing to compare, with the reason told."""
    people = {row.coder for row in (*log.seen, *log) if row.coder_kind == "person"}
    if approach == "reflexive" or len(people) <= 1:
        return None
    tell("measuring agreement")
    try:
        return measure_agreement(log, corpus=corpus, codebook=book)
    except AgreementError as error:
        tell(f"no agreement is reported: {error}")
        return None


def _rule_coder(book: Codebook, origin: str | Path | Codebook) -> RuleCoder:
    """The coder by the codebook's patterns; made before the texts are read, for its faults."""
    try:
        return RuleCoder(book)
    except CodebookError as error:
        if isinstance(origin, Codebook):
            raise
        name = Path(origin).name
        raise CodebookError([f"{name}: {fault}" for fault in error.faults]) from None


def read_cleared(
    sources: str | Path | Iterable[str | Path],
    *,
    by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    tell: Tell = lambda _: None,
) -> Corpus:
    """Read texts, say what was read, and clear them where a person answers for them.

    Parameters
    ----------
    sources : path or paths
    by, note : str
        Who cleared the texts and how; without them, those that bring no clearance of their own
        stay uncleared.
    reasons : mapping of str to str, optional
        Why a finding of the check may stand, by its id.
    tell : callable
        Gets a line about each step.

    Returns
    -------
    Corpus

    Raises
    ------
    CorpusError, NotClearedError
        Each with every fault.
    """
    return _read_and_cleared(sources, by, note, reasons, tell)[0]


def _read_and_cleared(
    sources: str | Path | Iterable[str | Path],
    by: str,
    note: str,
    reasons: Mapping[str, str] | None,
    tell: Tell,
) -> tuple[Corpus, AnonymityReport | None]:
    """The corpus, and what the check for identifiers found where it was run."""
    tell("reading the sources")
    corpus = read_corpus(sources)
    tell_what_was_read(corpus, tell)
    return _cleared(corpus, by, note, reasons, tell)


def tell_what_was_read(corpus: Corpus, tell: Tell) -> None:
    """Say how many documents were read and what was left out; a file that gave nothing is named.

    Parameters
    ----------
    corpus : Corpus
    tell : callable
        Gets each line; it holds names of files and reasons, never a participant's words.
    """
    for run in corpus.runs[-1:]:
        tell(run.summary)
    whole = [omission for omission in corpus.omissions if not omission.place]
    for omission in whole:
        tell(f"left out {omission.source}: {omission.reason}")
    # The first words of a reason: what follows them is about one place.
    parts = Counter(re.split(r" \(|, ", o.reason)[0] for o in corpus.omissions if o.place)
    if parts:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in parts.most_common())
        tell(f"left out {parts.total()} part{'s' * (parts.total() > 1)} of files: {reasons}")


def _cleared(
    corpus: Corpus, by: str, note: str, reasons: Mapping[str, str] | None, tell: Tell
) -> tuple[Corpus, AnonymityReport | None]:
    """The corpus with the clearance that the caller gives, if it gives one."""
    if not corpus.uncleared() or not (by.strip() or note.strip()):
        return corpus, None
    tell("checking for identifiers")
    findings = check_anonymity(corpus)
    cleared = mark_cleared(corpus, findings, by=by, note=note, reasons=reasons)
    if findings.guesses:
        tell(
            f"{len(findings.guesses)} possible names in the texts, taken to be covered by the "
            "note; see `reflect-analysis check … --out FILE`"
        )
    return cleared, findings


def _check_belonging(human: Codings, corpus: Corpus, tell: Tell) -> None:
    """People's codings belong to these texts: none of them does not, and no span lies outside.

    Codings of some other texts are told and left out of every count: a part of a study may be
    reported by itself.
    """
    known = {document.id: document for document in corpus}
    coded = {coding.document_id for coding in human}
    foreign = sorted(coded.difference(known))
    if foreign and len(foreign) == len(coded):
        raise UnknownIdError(
            f"the codings: none of their {len(coded)} documents is in these sources; "
            f"expected ids such as {next(iter(known))!r}, came {foreign[0]!r}"
        )
    if foreign:
        tell(f"left out the codings of {len(foreign)} documents that are not in these sources")
    check_spans(human, corpus)


def check_spans(codings: Codings, documents: Iterable[Document]) -> None:
    """Refuse codings that lie outside their texts; those of other texts are passed over.

    Parameters
    ----------
    codings : Codings
    documents : iterable of Document
        Such as a corpus; of two with one id the later holds.

    Raises
    ------
    CorpusError
        With every such coding.
    """
    lengths = {document.id: len(document.text) for document in documents}
    outside = (c for c in codings if c.end > lengths.get(c.document_id, c.end))
    raise_all(
        CorpusError,
        [
            f"coding {c.id!r} of {c.document_id!r}: {c.start}–{c.end} lies outside its "
            f"{lengths[c.document_id]} characters; the text has changed since it was coded"
            for c in outside
        ],
    )


def _by_rules(corpus: Corpus, coder: RuleCoder, tell: Tell) -> Codings:
    """What the codebook's patterns propose."""
    segments: Segments = segment(corpus, by="sentence")
    book = coder.codebook
    tell(f"coding {len(segments)} sentences by the rules of {len(book)} codes")
    codings = code_segments(coder, segments, book)
    tell(f"proposed {len(codings)} codings")
    return codings


def _topics(corpus: Corpus, random_state: int, tell: Tell) -> Topics | None:
    """Topics of whole written texts; a corpus that may not be modelled has none.

    Talk stays out: beside its turns, texts group by length and not by subject. A post has turns
    where it quotes another.
    """
    written = corpus.where(lambda document: document.kind == "post" or not document.turns)
    try:
        return fit_topics(segment(written, by="document"), random_state=random_state)
    except GovernanceError as error:
        tell(f"no topics: {error}")
        return None
