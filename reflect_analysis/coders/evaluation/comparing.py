"""`evaluate`: a coder against people, beside the people with each other, on the same units."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.asking import name_of
from reflect_analysis.coders.evaluation.apart import Measured
from reflect_analysis.coders.evaluation.choosing import (
    Chosen,
    People,
    codebook_of,
    codes_wanted,
    kept_apart,
)
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
    units_of,
    was_read,
)
from reflect_analysis.coders.evaluation.values import Evaluation, EvaluationRow, PeopleRow, Shown
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.codings import Codings
from reflect_analysis.errors import TrainingDataError
from reflect_analysis.provenance import merge_runs, new_run
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy.typing as npt

    from reflect_analysis.coders.labelling import LabellingPlan

    Array = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["evaluate"]


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
    >>> from reflect_analysis.codebook import Code, Group
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
    book = codebook or codebook_of(coder, human_codings)
    wanted = codes_wanted(book, codes)
    people = People.out_of(human_codings, coders, learn_from)
    chosen = Chosen.out_of(segments, people, groups)
    drawn = None if audit is None else audit_of(audit, segments)
    able = {code.id for code in book.machine_codes()}
    machine = [code_id for code_id in wanted if code_id in able]
    kinds = units_of(chosen.segments, book, machine, chosen.groups)
    measured = Measured.of(kinds, coder, drawn)
    here = measured.segments(kinds, chosen.segments)
    kept_together = "participant" if groups is None else "group"
    split, notes = kept_apart(coder, here, trained_on, f"{folds} folds, {kept_together}s")
    if codebook is None and book is not getattr(coder, "codebook", None):
        notes.append("No codebook was given: codes stand by themselves, without subcodes.")

    setting = Setting(book, threshold, folds, random_state)
    anew = trained_on is None and learns(coder)
    said = _said(coder, kinds, people, setting, anew=anew)
    sheets, left = _sheets(people, kinds, said, measured.chosen, book)
    rows, between = _rows(book, wanted, sheets, Draws(draws, random_state))
    about = Evaluation(
        coder=name_of(coder),
        people=people.names,
        rows=rows,
        between=between,
        split=split,
        units=len(here),
        documents=len(here.by_document),
        groups=len(chosen.groups_of(here)),
        grouped_by=kept_together,
        notes=tuple(dict.fromkeys([*chosen.notes, *measured.notes, *notes, *left, *people.notes])),
    )
    return _with_runs(about, here, people.log, sheets, setting)


def _said(
    coder: AnyCoder,
    kinds: Sequence[Units],
    people: People,
    setting: Setting,
    *,
    anew: bool,
) -> list[tuple[Said, ...]]:
    """What the coder says of each kind of unit, for each person it is measured against."""
    if kinds and anew:
        return _learned(coder, kinds, people, setting)
    return [(each,) * len(people.names) for each in said_as_it_is(coder, kinds, setting)]


def _learned(
    coder: AnyCoder, kinds: Sequence[Units], people: People, setting: Setting
) -> list[tuple[Said, ...]]:
    """What a coder says that learned in folds, for each kind of unit and person."""
    answers = []
    log, names, teacher = people.log, people.names, people.learn_from
    for units in kinds:
        labels, _ = judged_by_people(log, units, names, setting.codebook)
        read = was_read(labels, 2)
        if teacher is None:
            each = [
                said_in_folds(coder, units, labels[:, i, :], read[:, i], setting)
                for i in range(len(names))
            ]
        else:
            taught, _ = judged_by_people(log, units, [teacher], setting.codebook)
            anybody = was_read(labels, (1, 2)) | was_read(taught, (1, 2))
            each = [said_in_folds(coder, units, taught[:, 0, :], anybody, setting)] * len(names)
        answers.append(tuple(each))
    if not any(said.has_learned for each in answers for said in each):
        faults = [reason for each in answers for said in each for reason in said.refused]
        raise TrainingDataError(dict.fromkeys(faults))
    return answers


def _sheets(
    people: People,
    kinds: Sequence[Units],
    said: Sequence[tuple[Said, ...]],
    chosen: Sequence[Flags],
    codebook: Codebook,
) -> tuple[list[Sheet], list[str]]:
    """What people and the coder said of each kind of unit, and what was left out, in words."""
    sheets, notes = [], []
    for units, answers, kept in zip(kinds, said, chosen, strict=True):
        values, after = _independently(people, units, codebook, kept)
        notes += [f"{after} judgements of a machine's proposal were left out."] * bool(after)
        sheets.append(Sheet(units, people.names, values, answers, people.reconciled))
    return sheets, notes


def _independently(
    people: People, units: Units, codebook: Codebook, kept: Flags
) -> tuple[Array, int]:
    """What people said of these units by themselves, and how many judgements of proposals leave."""
    values, proposed = judged_by_people(people.log, units, people.names, codebook)
    values[proposed] = np.nan
    values[~kept] = np.nan
    return values, int(proposed[kept].sum())


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
