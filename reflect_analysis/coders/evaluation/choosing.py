"""What `evaluate` measures, on whose words and against whom: checked before a coder is asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders.asking import name_of
from reflect_analysis.coders.evaluation.learning import learns
from reflect_analysis.coders.evaluation.units import people_of, permitted, was_read, whose_words
from reflect_analysis.coders.evaluation.values import counted
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import SHOWN_IDS
from reflect_analysis.errors import AgreementError, GovernanceError, TrainingDataError
from reflect_analysis.ratings import rate_segments
from reflect_analysis.segments import Segments

__all__ = ["Chosen", "People", "codebook_of", "codes_wanted", "kept_apart"]

CONSENSUS = "consensus"


def codebook_of(coder: AnyCoder, human: Codings) -> Codebook:
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


def codes_wanted(codebook: Codebook, codes: Sequence[str] | None) -> tuple[str, ...]:
    """The codes that are asked for, in the codebook's order; by default all that are in use."""
    if codes is None:
        return tuple(code.id for code in codebook.in_use)
    if isinstance(codes, str):
        raise TypeError(f"expected a sequence of codes, came one string; pass [{codes!r}]")
    codebook.check_ids(codes, "codes")
    return tuple(code_id for code_id in codebook.ids if code_id in set(codes))


@dataclass(frozen=True)
class People:
    """The people whom a coder is measured against, and what they coded.

    Parameters
    ----------
    log : Codings
        Without what was reconciled, where there is something else.
    names : tuple of str
    learn_from : str, optional
        The person from whom a coder that learns does so, whoever it is measured against.
    reconciled : bool
        Whether they judged together.
    """

    log: Codings
    names: tuple[str, ...]
    learn_from: str | None
    reconciled: bool

    @classmethod
    def out_of(cls, human: Codings, coders: Sequence[str] | None, learn_from: str | None) -> People:
        """Find them in codings.

        Raises
        ------
        UnknownIdError
            If a person is not known.
        """
        log, reconciled = _independent(human)
        found = cls(log, people_of(log, coders), learn_from, reconciled)
        people_of(log, found.readers)
        return found

    @property
    def readers(self) -> tuple[str, ...]:
        """All whose reading matters, who is learned from included."""
        return tuple(dict.fromkeys((*self.names, *filter(None, [self.learn_from]))))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of their codings."""
        theirs = [c for c in self.log if c.coder in self.names and c.coder_kind == "person"]
        seeing = sum(not coding.blind for coding in theirs)
        if self.reconciled:
            return ("The people's codings are reconciled: they are not compared with each other.",)
        marked = f"{counted(len(theirs), 'coding')} are not marked as blind."
        return (f"{seeing:,} of the people's {marked}",) if seeing else ()


def _independent(human: Codings) -> tuple[Codings, bool]:
    """People's codings without the reconciled ones, and whether there are only such."""
    theirs = [coding for coding in human if coding.coder_kind == "person"]
    if theirs and all(coding.phase == CONSENSUS for coding in theirs):
        return human, True
    log = human.where(lambda coding: coding.phase != CONSENSUS)
    seen = tuple(row for row in human.seen if row.phase != CONSENSUS)
    return dataclasses.replace(log, seen=seen), False


@dataclass(frozen=True)
class Chosen:
    """The segments that are measured, whom they belong to, and what was left out."""

    segments: Segments
    groups: tuple[Hashable, ...]
    notes: tuple[str, ...]

    @classmethod
    def out_of(
        cls,
        segments: Segments,
        people: People,
        groups: Sequence[Hashable] | None,
    ) -> Chosen:
        """Choose those that may be coded and that somebody read.

        Raises
        ------
        AgreementError
            If nobody read any.
        GovernanceError
            If all wait for approval.
        """
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
        log, asked = people.log, people.readers
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
        f"{counted(governed, 'governed document')} without approval left out.": governed,
        f"{counted(unread, 'segment')} that nobody read left out.": unread,
        f"{counted(unmarked, 'coding')} left out whose coder never marked the text as "
        "read.": unmarked,
    }
    return tuple(note for note, number in told.items() if number)


def kept_apart(
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
    told = f"taken as it was fitted on {counted(len(learned), 'other document')}"
    writers = {c for each in learned & known for c in corpus.cases_of(corpus.document(each))}
    same = len(writers.intersection(row.case_id for row in measured))
    if not same:
        return told, []
    whose = "participant who is" if same == 1 else "participants who are"
    note = f"The coder learned from other texts of {same} {whose} measured here"
    return told, [f"{note}: the figures are likely too good."]
