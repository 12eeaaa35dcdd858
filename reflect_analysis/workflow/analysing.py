"""The straight line in one call: sources, codebook → everything that a report needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders import RuleCoder, code_segments
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus
from reflect_analysis.errors import (
    AgreementError,
    CorpusError,
    GovernanceError,
    UnknownIdError,
    counted,
)
from reflect_analysis.reliability import Agreement, measure_agreement
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments
from reflect_analysis.themes import Approach
from reflect_analysis.topics import Alignment, Topics, align, fit_topics
from reflect_analysis.workflow.reading import (
    Material,
    Tell,
    check_spans,
    cleared,
    read_material,
    read_study,
)

if TYPE_CHECKING:
    from reflect_analysis.anonymity import AnonymityReport
    from reflect_analysis.disclosure import Approval
    from reflect_analysis.project import Project

__all__ = [
    "Analysis",
    "analyse",
    "analyse_material",
    "code_material",
    "codings_of_people",
    "people_agree",
]


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
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        How the study works.
    approvals : tuple of Approval
        What was decided about quotes, where a study was analysed.

    Notes
    -----
    It is what was found, for any use; `report.study.Study` is what is shown of a study, also of
    one that was never analysed here, beside what was sent before.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    topics: Topics | None
    alignment: Alignment | None
    findings: AnonymityReport | None
    agreement: Agreement | None = None
    approach: Approach = "codebook"
    approvals: tuple[Approval, ...] = ()

    def parts(self) -> dict[str, Any]:
        """Every part by the name by which `write_report` takes it; approvals where there are any.

        Examples
        --------
        >>> write_report("report", **found.parts(), k=5)  # doctest: +SKIP
        """
        named = (each.name for each in fields(self))
        return {n: getattr(self, n) for n in named if n != "approvals" or self.approvals}


def analyse(  # noqa: PLR0913  # each is a choice that a study makes
    sources: str | Path | Iterable[str | Path] | Project,
    codebook: str | Path | Codebook | None = None,
    *,
    codings: Iterable[str | Path] = (),
    cleared_by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    approach: Approach | None = None,
    random_state: int = 0,
    tell: Tell = lambda _: None,
) -> Analysis:
    """Read, check, segment, code and find topics; or take a study as it stands.

    Parameters
    ----------
    sources : path or paths, or Project
        Of a study that is open, the texts, codebook, codings, approvals and acts on topics are
        taken, and no machine codes.
    codebook : path or Codebook
        May be left out for a study, and else stands in the place of its own.
    codings : paths
        Folders of people's codings (`Codings.to_csv`): with them, no machine codes. They stand in
        the place of those that a study holds.
    cleared_by, note : str
        Who cleared the texts and how; needed where they do not bring a clearance.
    reasons : mapping of str to str, optional
        Why a finding of the check may stand, by its id.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        A reflexive study runs no machine coder and no topics. By default what the study says, and
        for texts ``"codebook"``.
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
    ProjectError
        If a blind phase of the study is open.
    ValueError
        If one of `cleared_by` and `note` is given without the other, or texts without a codebook.

    Examples
    --------
    >>> with Project.open("study.reflect") as project:  # doctest: +SKIP
    ...     write_report("report", **analyse(project).parts())
    """
    if bool(cleared_by.strip()) != bool(note.strip()):
        raise ValueError("cleared_by and note belong together: who cleared the texts, and how")
    if isinstance(sources, str | Path | Iterable):
        if codebook is None:
            raise ValueError("codebook: expected its file, or a Codebook; only a study has its own")
        given = read_material(sources, codebook, codings=codings, approach=approach, tell=tell)
    else:
        given = read_study(sources, codebook, codings=codings, approach=approach)
    return analyse_material(
        given, by=cleared_by, note=note, reasons=reasons, random_state=random_state, tell=tell
    )


def analyse_material(
    given: Material,
    *,
    by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    random_state: int = 0,
    tell: Tell = lambda _: None,
) -> Analysis:
    """Clear what a person answers for, code what nobody coded, find topics, measure agreement.

    Parameters
    ----------
    given : Material
    by, note, reasons
        As of `read_cleared`.
    random_state, tell
        As of `analyse`.

    Raises
    ------
    CorpusError, NotClearedError, GovernanceError, UnknownIdError
        Each with every fault.
    """
    book, approach = given.codebook, given.approach
    if not len(given.corpus):
        raise CorpusError("there is no text yet to analyse; import TEXTS into the study")
    corpus, findings, log = code_material(given, by=by, note=note, reasons=reasons, tell=tell)
    topics = None
    if approach != "reflexive":
        tell("finding topics")
        topics = _topics(corpus, random_state, tell)
    if topics is not None and given.acts:
        topics = topics.with_acts(given.acts)
    human = given.codings
    alignment = _alignment(topics, book, human, tell) if topics and topics.rows else None
    agreement = people_agree(log, corpus, book, approach, tell)
    return Analysis(
        corpus, book, log, topics, alignment, findings, agreement, approach, given.approvals
    )


def code_material(
    given: Material,
    *,
    by: str = "",
    note: str = "",
    reasons: Mapping[str, str] | None = None,
    tell: Tell = lambda _: None,
) -> tuple[Corpus, AnonymityReport | None, Codings]:
    """The texts cleared, what the check found, and the codings on which every count stands.

    Of several people's codings all that hold now count, and what they agreed upon. What nobody
    coded is coded by the rules, where the study asks for it.

    Parameters
    ----------
    given, by, note, reasons, tell
        As of `analyse_material`.

    Raises
    ------
    CorpusError, NotClearedError, UnknownIdError
        Each with every fault.
    """
    corpus, findings = cleared(given.corpus, by, note, reasons, tell)
    corpus.check_cleared()
    _check_belonging(given.codings, corpus, tell)
    log = _by_rules(corpus, given.coder, tell) if given.coder else given.codings
    return corpus, findings, log


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


def people_agree(
    log: Codings, corpus: Corpus, book: Codebook, approach: Approach, tell: Tell
) -> Agreement | None:
    """How far the people agree; `None` where there is nothing to compare, with the reason told.

    Parameters
    ----------
    log : Codings
    corpus : Corpus
    book : Codebook
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        A reflexive study measures none.
    tell : callable
    """
    people = {row.coder for row in (*log.seen, *log) if row.coder_kind == "person"}
    if approach == "reflexive" or len(people) <= 1:
        return None
    tell("measuring agreement")
    try:
        return measure_agreement(log, corpus=corpus, codebook=book)
    except AgreementError as error:
        tell(f"no agreement is reported: {error}")
        return None


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
        tell(f"left out the codings of {counted(len(foreign), 'document')} not in these sources")
    check_spans(human, corpus)


def _by_rules(corpus: Corpus, coder: RuleCoder, tell: Tell) -> Codings:
    """What the codebook's patterns propose."""
    segments: Segments = segment(corpus, by="sentence")
    book = coder.codebook
    tell(
        f"coding {counted(len(segments), 'sentence')} by the rules of {counted(len(book), 'code')}"
    )
    codings = code_segments(coder, segments, book)
    tell(f"proposed {counted(len(codings), 'coding')}")
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
