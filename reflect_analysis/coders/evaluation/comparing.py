"""`evaluate`: a coder against people, beside the people with each other, on the same units."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders.asking import name_of
from reflect_analysis.coders.evaluation.apart import Measured
from reflect_analysis.coders.evaluation.learning import (
    Said,
    Setting,
    learns,
    said_as_it_is,
    said_in_folds,
)
from reflect_analysis.coders.evaluation.sheets import Draws, Sheet, by_code
from reflect_analysis.coders.evaluation.units import (
    Units,
    audit_of,
    judged_by_people,
    people_of,
    permitted,
    units_of,
    was_read,
    whose_words,
)
from reflect_analysis.coders.evaluation.values import Evaluation, EvaluationRow, PeopleRow, Shown
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import SHOWN_IDS
from reflect_analysis.errors import AgreementError, GovernanceError, TrainingDataError
from reflect_analysis.provenance import merge_runs, new_run
from reflect_analysis.ratings import rate_segments
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    from reflect_analysis.coders.labelling import LabellingPlan

    Array = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["evaluate"]

CONSENSUS = "consensus"


def evaluate(  # noqa: PLR0913  # each is a choice that a study makes
    coder: AnyCoder,
    segments: Segments,
    human_codings: Codings,
    *,
    codebook: Codebook | None = None,
    coders: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
    groups: Sequence[Hashable] | None = None,
    folds: int = 5,
    threshold: float | Mapping[str, float] | None = None,
    learn_from: str | None = None,
    trained_on: Iterable[str] | None = None,
    audit: LabellingPlan | Iterable[str] | None = None,
    random_state: int = 0,
    draws: int = 2000,
) -> Evaluation:
    """Measure a coder against people, on units that it did not learn from.

    Units that are, or hold, an example or counter-example of the coder's own codebook are left
    out: it was made from them. The notes of the result say how many.

    Parameters
    ----------
    coder : Coder, SpanCoder, scikit-learn estimator or function
        One that learns is fitted anew within folds, so that only its settings are taken; rules
        and functions are taken as they are. All are measured through `code_segments`.
    segments : Segments
        The units. A code whose unit is the reflection is judged on all that a participant wrote
        or said in a document.
    human_codings : Codings
        People's. What a person did not read is not measured, nor what a person judged only by
        deciding on a machine's proposal. Reconciled codings (phase ``"consensus"``) are used
        where there are no others, and then people are not compared with each other.
    codebook : Codebook, optional
        By default the coder's own.
    coders : sequence of str, optional
        The people; by default all.
    codes : sequence of str, optional
        By default all that are in use.
    groups : sequence of hashable, (n_segments,), optional
        What must not be on both sides of a split, and what intervals resample: by default the
        participant, and where that is not known the document.
    folds : int
        At least 2.
    threshold : float or mapping of str to float, optional
        As in `code_segments`; by default its own.
    learn_from : str, optional
        The person whose codings a coder that learns learns from, whoever it is measured
        against. By default it learns from each in turn and is measured against that one.
    trained_on : iterable of str, optional
        Take a coder that learns as it stands: it was fitted on these documents or segments, by
        id (an empty list for none of this corpus). Refused if one of them is to be measured.
    audit : LabellingPlan or iterable of str, optional
        Measure only on units that chance drew, by id; of a plan those with the reason
        ``"audit"``. What was read because a machine doubted it, or because it was unlike the
        rest, is learned from and not measured. A reflection is measured if all its segments
        were drawn.
    random_state : int
        Seed of the folds and of the draws.
    draws : int
        Bootstrap draws where there are 100 participants or more; under that the jackknife.

    Returns
    -------
    Evaluation
        For each code and person support, precision, recall, F1, κ, AC1, average precision and,
        for coders that give probabilities, calibration, with intervals by participant. Figures
        under 10 positives are not given, under 30 marked.

    Raises
    ------
    AgreementError
        If the people read none of the units, or none that may be measured.
    GovernanceError
        If all of them wait for approval.
    TrainingDataError
        If nothing can be learned, or a coder would be measured on what it learned from.
    UnknownIdError
        If a person, a code, or a unit of the audit is not known.

    Examples
    --------
    >>> from reflect_analysis.codings import Coding, Seen
    >>> from reflect_analysis.corpus import Case, Clearance, Corpus, Document
    >>> texts = ["I was alone."] * 12 + ["We talked."] * 12
    >>> rows = tuple(Document(f"R{i}", text, case_id=f"P{i % 6}") for i, text in enumerate(texts))
    >>> clear = [Clearance(document.sha256, "ada", "read") for document in rows]
    >>> corpus = Corpus(rows, tuple(Case(f"P{i}") for i in range(6)), clearances=tuple(clear))
    >>> from reflect_analysis.segments import Segment
    >>> cut = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in corpus)
    >>> book = Codebook((Code("alone", "Alone", "Alone.", "g"),), (Group("g", "G"),))
    >>> coded = tuple(Coding(f"R{i}", 0, 12, "alone", "ada") for i in range(12))
    >>> people = Codings(coded, seen=tuple(Seen("ada", d.id) for d in corpus))
    >>> def words(texts):
    ...     return [["alone" in text] for text in texts]
    >>> found = evaluate(words, Segments(corpus, cut, "sentence"), people, codebook=book)
    >>> found.rows[0].kappa.value, found.rows[0].positives, found.rows[0].shown
    (1.0, 12, 'fewer than 30 positives')
    """
    book = codebook or _codebook_of(coder, human_codings)
    wanted = _wanted(book, codes)
    log, reconciled = _independent(human_codings)
    people = people_of(log, coders)
    teachers = people_of(log, [learn_from]) if learn_from else people
    chosen = _Chosen.out_of(segments, log, (*people, *teachers), groups)
    drawn = None if audit is None else audit_of(audit, segments)
    able = {code.id for code in book.machine_codes()}
    machine = [code_id for code_id in wanted if code_id in able]
    kinds = units_of(chosen.segments, book, machine, chosen.groups)
    measured = Measured.of(kinds, coder, drawn)
    here = measured.segments(kinds, chosen.segments)
    kept_together = "participant" if groups is None else "group"
    split, notes = _split(coder, here, trained_on, f"{folds} folds, {kept_together}s")
    if codebook is None and book is not getattr(coder, "codebook", None):
        notes.append("No codebook was given: codes stand by themselves, without subcodes.")
    setting = Setting(book, threshold, folds, random_state)
    anew = trained_on is None and learns(coder)
    said = _said(coder, kinds, log, people, setting, learn_from, anew=anew)
    sheets = []
    for units, answers, kept in zip(kinds, said, measured.chosen, strict=True):
        values, after = _independently(log, units, people, book, kept)
        notes += [f"{after} judgements of a machine's proposal were left out."] * bool(after)
        sheets.append(Sheet(units, people, values, answers, reconciled))
    notes = [
        *chosen.notes,
        *measured.notes,
        *notes,
        *_standing_of(log, people, reconciled=reconciled),
    ]
    rows, between = _rows(book, wanted, sheets, Draws(draws, random_state))
    about = Evaluation(
        coder=name_of(coder),
        people=people,
        rows=rows,
        between=between,
        split=split,
        units=len(here),
        documents=len(here.by_document),
        groups=len(chosen.groups_of(here)),
        grouped_by=kept_together,
        notes=tuple(dict.fromkeys(notes)),
    )
    return _with_runs(about, here, log, sheets, setting)


def _codebook_of(coder: AnyCoder, human: Codings) -> Codebook:
    """The coder's own codebook; for one that learns from these codings, their codes."""
    own = getattr(coder, "codebook", None)
    if isinstance(own, Codebook):
        return own
    if not learns(coder):
        raise TypeError(
            f"{name_of(coder)} brings no codebook, so that its codes have no order: give codebook="
        )
    ids = {coding.code_id for coding in human} | {c for row in human.seen for c in row.codes}
    codes = tuple(Code(code_id, code_id, "As people used it.", "codes") for code_id in sorted(ids))
    return Codebook(codes, (Group("codes", "Codes"),))


def _wanted(codebook: Codebook, codes: Sequence[str] | None) -> tuple[str, ...]:
    if codes is None:
        return tuple(code.id for code in codebook.in_use)
    if isinstance(codes, str):
        raise TypeError(f"expected a sequence of codes, came one string; pass [{codes!r}]")
    codebook.check_ids(codes, "codes")
    return tuple(code_id for code_id in codebook.ids if code_id in set(codes))


def _independent(human: Codings) -> tuple[Codings, bool]:
    """People's codings without the reconciled ones, and whether there are only such."""
    theirs = [coding for coding in human if coding.coder_kind == "person"]
    if theirs and all(coding.phase == CONSENSUS for coding in theirs):
        return human, True
    log = human.where(lambda coding: coding.phase != CONSENSUS)
    seen = tuple(row for row in human.seen if row.phase != CONSENSUS)
    return dataclasses.replace(log, seen=seen), False


@dataclass(frozen=True)
class _Chosen:
    """The segments that are measured, whom they belong to, and what was left out."""

    segments: Segments
    groups: tuple[Hashable, ...]
    notes: tuple[str, ...]

    @classmethod
    def out_of(
        cls,
        segments: Segments,
        log: Codings,
        people: Sequence[str],
        groups: Sequence[Hashable] | None,
    ) -> _Chosen:
        if groups is not None and len(groups) != len(segments):
            raise ValueError(
                f"expected {len(segments)} groups, one a segment in their order, got {len(groups)}"
            )
        allowed = permitted(segments, "coding")
        governed = len(segments.by_document) - len(allowed.by_document)
        if governed and not len(allowed):
            raise GovernanceError(
                f"all {governed} documents wait for the approval of those who govern them; add "
                "'coding' to the approved uses of their cases when it is given"
            )
        asked = tuple(dict.fromkeys(people))
        codes = {c for row in log.seen for c in row.codes} | {c.code_id for c in log}
        ratings = rate_segments(log, allowed, coders=asked, codes=sorted(codes))
        read = was_read(ratings.values, (1, 2))
        if not read.any():
            raise AgreementError(
                f"none of the {len(allowed)} segments was read by {', '.join(asked) or 'a person'}"
                "; expected rows of `Seen` for documents of these segments"
            )
        kept = {row.id for row, is_read in zip(allowed, read, strict=True) if is_read}
        whose = [whose_words(row) for row in segments] if groups is None else groups
        by_id = {row.id: group for row, group in zip(segments, whose, strict=True)}
        chosen = segments.where(lambda row: row.id in kept)
        notes = _left_out(governed, len(allowed) - len(kept), ratings.unread)
        return cls(chosen, tuple(by_id[row.id] for row in chosen), notes)

    def groups_of(self, segments: Segments) -> set[Hashable]:
        """To whom some of the segments belong."""
        by_id = {row.id: group for row, group in zip(self.segments, self.groups, strict=True)}
        return {by_id[row.id] for row in segments}


def _left_out(governed: int, unread: int, unmarked: int) -> tuple[str, ...]:
    """What is not measured, in words."""
    told = {
        f"{_counted(governed, 'governed document')} without approval left out.": governed,
        f"{_counted(unread, 'segment')} that nobody read left out.": unread,
        f"{_counted(unmarked, 'coding')} left out whose coder never marked the text as "
        "read.": unmarked,
    }
    return tuple(note for note, number in told.items() if number)


def _split(
    coder: AnyCoder, measured: Segments, trained_on: Iterable[str] | None, folds: str
) -> tuple[str, list[str]]:
    """How what was learned from is kept apart, in words; refused where it is not."""
    if trained_on is None:
        if learns(coder):
            return f"fitted anew in {folds} kept together", []
        return "taken as it is", []
    if isinstance(trained_on, str):
        raise TypeError(f"expected ids, came one string; pass [{trained_on!r}]")
    here = measured.by_document
    corpus = measured.corpus
    known = {document.id for document in corpus}
    learned = {each if each in known else each.rpartition(":")[0] for each in trained_on}
    both = sorted(learned.intersection(here))
    if both:
        shown = ", ".join(both[:SHOWN_IDS])
        more = f" and {len(both) - SHOWN_IDS} more" if both[SHOWN_IDS:] else ""
        raise TrainingDataError(
            f"the coder learned from {len(both)} of the {len(here)} documents that it would be "
            f"measured on: {shown}{more}. Leave these out of the segments, or leave out "
            "trained_on= to have it fitted anew within folds"
        )
    told = f"taken as it was fitted on {_counted(len(learned), 'other document')}"
    writers = {c for each in learned & known for c in corpus.cases_of(corpus.document(each))}
    same = len(writers.intersection(row.case_id for row in measured))
    if not same:
        return told, []
    whose = "participant who is" if same == 1 else "participants who are"
    note = f"The coder learned from other texts of {same} {whose} measured here"
    return told, [f"{note}: the figures are likely too good."]


def _said(
    coder: AnyCoder,
    kinds: Sequence[Units],
    log: Codings,
    people: tuple[str, ...],
    setting: Setting,
    learn_from: str | None,
    *,
    anew: bool,
) -> list[tuple[Said, ...]]:
    """What the coder says of each kind of unit, for each person it is measured against."""
    if kinds and anew:
        return _learned(coder, kinds, log, learn_from, people, setting)
    return [(each,) * len(people) for each in said_as_it_is(coder, kinds, setting)]


def _learned(
    coder: AnyCoder,
    kinds: Sequence[Units],
    log: Codings,
    learn_from: str | None,
    people: tuple[str, ...],
    setting: Setting,
) -> list[tuple[Said, ...]]:
    """What a coder says that learned in folds, for each kind of unit and person."""
    answers = []
    for units in kinds:
        labels, _ = judged_by_people(log, units, people, setting.codebook)
        read = was_read(labels, 2)
        if learn_from is None:
            each = [
                said_in_folds(coder, units, labels[:, i, :], read[:, i], setting)
                for i in range(len(people))
            ]
        else:
            taught, _ = judged_by_people(log, units, [learn_from], setting.codebook)
            anybody = was_read(labels, (1, 2)) | was_read(taught, (1, 2))
            each = [said_in_folds(coder, units, taught[:, 0, :], anybody, setting)] * len(people)
        answers.append(tuple(each))
    if not any(said.has_learned for each in answers for said in each):
        faults = [reason for each in answers for said in each for reason in said.refused]
        raise TrainingDataError(dict.fromkeys(faults))
    return answers


def _independently(
    log: Codings, units: Units, people: Sequence[str], codebook: Codebook, kept: Flags
) -> tuple[Array, int]:
    """What people said of these units by themselves, and how many judgements of proposals leave."""
    values, proposed = judged_by_people(log, units, people, codebook)
    values[proposed] = np.nan
    values[~kept] = np.nan
    return values, int(proposed[kept].sum())


def _standing_of(log: Codings, people: Sequence[str], *, reconciled: bool) -> list[str]:
    """What a reader must know of the people's codings."""
    theirs = [c for c in log if c.coder in people and c.coder_kind == "person"]
    seeing = sum(not coding.blind for coding in theirs)
    notes = []
    if reconciled:
        notes.append("The people's codings are reconciled: they are not compared with each other.")
    elif seeing:
        notes.append(
            f"{seeing:,} of the people's {_counted(len(theirs), 'coding')} are not marked as blind."
        )
    return notes


def _rows(
    codebook: Codebook, wanted: Sequence[str], sheets: Sequence[Sheet], draws: Draws
) -> tuple[tuple[EvaluationRow, ...], tuple[PeopleRow, ...]]:
    """Every code against every person, and the people with each other."""
    rows: list[EvaluationRow] = []
    between: list[PeopleRow] = []
    for code_id in wanted:
        code, sheet = codebook[code_id], by_code(sheets, code_id)
        if sheet is None:
            shown: Shown = "human only" if code.human_only else "not for machines"
            rows.append(EvaluationRow(code.id, code.public_name, code.unit, "", shown))
            continue
        rows += sheet.rows(code, draws)
        between += sheet.pairs(code, draws)
    return tuple(rows), tuple(between)


def _with_runs(
    found: Evaluation, segments: Segments, log: Codings, sheets: Sequence[Sheet], setting: Setting
) -> Evaluation:
    """The same with the chain of runs that made it."""
    chains = [said.runs for sheet in sheets for said in sheet.said]
    settings = {"folds": setting.folds, "split": found.split, "notes": list(found.notes)}
    run = new_run(
        "evaluate",
        found.summary.rstrip("."),
        inputs=[segments.fingerprint, setting.codebook.version],
        settings=settings,
        seed=setting.random_state,
    )
    return dataclasses.replace(found, runs=merge_runs(segments.runs, log.runs, *chains, [run]))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
