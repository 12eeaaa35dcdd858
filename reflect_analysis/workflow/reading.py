"""What an analysis begins with: texts of files, or a study, as values that nothing was done to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from reflect_analysis.codebook import Codebook, read_codebook
from reflect_analysis.coders import RuleCoder
from reflect_analysis.codings import Codings, read_codings
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import CodebookError, CorpusError, ProjectError, raise_all
from reflect_analysis.readers import read_corpus
from reflect_analysis.themes import Approach

if TYPE_CHECKING:
    from reflect_analysis.anonymity import AnonymityReport
    from reflect_analysis.disclosure import Approval
    from reflect_analysis.project import Project
    from reflect_analysis.topics import TopicAct

__all__ = [
    "Material",
    "Tell",
    "check_spans",
    "cleared",
    "read_cleared",
    "read_material",
    "read_study",
    "tell_what_was_read",
]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What an analysis begins with: read, and nothing coded, grouped or measured yet.

    Parameters
    ----------
    corpus : Corpus
    codebook : Codebook
    codings : Codings
        What is there already.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
    approvals : tuple of Approval
        What was decided about quotes, where a study holds it.
    acts : tuple of TopicAct
        What people did with topics, where a study holds it.
    coder : RuleCoder, optional
        What codes the texts, where nobody has and the study asks for it.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    approach: Approach = "codebook"
    approvals: tuple[Approval, ...] = ()
    acts: tuple[TopicAct, ...] = ()
    coder: RuleCoder | None = None


def read_material(
    sources: str | Path | Iterable[str | Path],
    codebook: str | Path | Codebook,
    *,
    codings: Iterable[str | Path] = (),
    approach: Approach | None = None,
    tell: Tell = lambda _: None,
) -> Material:
    """Read texts, a codebook and people's codings; what nobody coded is for the rules.

    Parameters
    ----------
    sources, codebook, codings, approach, tell
        As of `analyse`.

    Raises
    ------
    CorpusError, CodebookError, UnknownIdError
        Each with every fault.
    """
    book = codebook if isinstance(codebook, Codebook) else read_codebook(codebook)
    human = _of_codebook(read_codings(*codings), book)
    by_people = approach == "reflexive" or bool(human.coders)
    coder = None if by_people else _rule_coder(book, codebook)
    corpus = _read(sources, tell)
    return Material(corpus, book, human, approach or "codebook", coder=coder)


def read_study(
    project: Project,
    codebook: str | Path | Codebook | None = None,
    *,
    codings: Iterable[str | Path] = (),
    approach: Approach | None = None,
) -> Material:
    """A study as it stands: its texts, codebook, codings, approvals and acts on topics.

    Every coder's work that holds now counts, and what was agreed upon. No machine codes: of a
    machine there is what the study holds.

    Parameters
    ----------
    project : Project
    codebook, codings, approach
        As of `analyse`: each stands in the place of what the study holds.

    Raises
    ------
    ProjectError
        If a blind phase is open, or there is no codebook.
    UnknownIdError
        If codings name a code that the codebook lacks.
    """
    phase = project.open_phase()
    if phase is not None and phase.blind:
        raise ProjectError(
            f"{project.address.name}: the blind phase {phase.name!r} is open; what others coded is "
            "shown when it has ended (reflect-analysis end-phase)"
        )
    named = codebook if isinstance(codebook, Codebook | None) else read_codebook(codebook)
    book, folders = named or project.codebook(), tuple(codings)
    return Material(
        project.corpus(),
        book,
        _of_codebook(read_codings(*folders) if folders else project.codings(), book),
        approach or cast("Approach", project.approach or "codebook"),
        project.approvals(),
        project.topic_acts(),
    )


def _of_codebook(log: Codings, book: Codebook) -> Codings:
    """Codings of which each names a code of the codebook."""
    book.check_ids((coding.code_id for coding in log.under(book)), "the codings")
    return log


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
    return cleared(_read(sources, tell), by, note, reasons, tell)[0]


def _read(sources: str | Path | Iterable[str | Path], tell: Tell) -> Corpus:
    tell("reading the sources")
    corpus = read_corpus(sources)
    tell_what_was_read(corpus, tell)
    return corpus


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


def cleared(
    corpus: Corpus, by: str, note: str, reasons: Mapping[str, str] | None, tell: Tell
) -> tuple[Corpus, AnonymityReport | None]:
    """The corpus with the clearance that the caller gives, if any, and what the check found."""
    if not corpus.uncleared() or not (by.strip() or note.strip()):
        return corpus, None
    # Its patterns take half a second to compile, and most texts come cleared.
    from reflect_analysis.anonymity import check_anonymity, mark_cleared

    tell("checking for identifiers")
    findings = check_anonymity(corpus)
    cleared = mark_cleared(corpus, findings, by=by, note=note, reasons=reasons)
    if findings.guesses:
        tell(
            f"{len(findings.guesses)} possible names in the texts, taken to be covered by the "
            "note; see `reflect-analysis check … --out FILE`"
        )
    return cleared, findings


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
