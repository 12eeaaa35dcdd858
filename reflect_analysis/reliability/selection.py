"""Who is compared on what: independent readings alone, phases kept apart.

A coefficient over reconciled codings measures the meeting, and one over accepted proposals
measures the machine. So before anything is counted: one phase at a time, what each coder
saw without the others, and of a log only what its coder said. What leaves is counted, with
its reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from reflect_analysis.codings import Codings, Phase
from reflect_analysis.coefficients.measures import PAIR
from reflect_analysis.errors import AgreementError, did_you_mean, raise_all
from reflect_analysis.reliability.blindness import Phasing, Readings

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Coding
    from reflect_analysis.corpus import Corpus

__all__ = [
    "LeftOut",
    "Selection",
    "choose_coders",
    "choose_codes",
    "choose_phases",
    "left_aside",
    "phase_words",
    "told_aside",
]

# A coder of such a name may be no person who read by herself. It may also be Mary Gold: so the
# name decides only where neither a phase nor the caller says otherwise.
_RECONCILED = re.compile(
    r"\b(?:adjudicat\w*|consensus|reconcil\w*|agreed|gold|final|resolved|merged)\b", re.IGNORECASE
)

GOVERNED = "governed, and this use of them not approved"
ELSEWHERE = "not in this corpus"
OTHERS = "in the words of others (a director, an author)"
PHASE = "not read by two of them in this phase"
SIGHTED = "not read blind"
PART = "read in part alone"
LANGUAGE = "in another language than the codebook's, not read by two of them"
ONE = "read by one of them alone"
NONE = "read by none of them"

_PHASES: dict[str, str] = {
    "": "no phase set",
    "calibration": "calibration",
    "reliability": "reliability sample",
    "consensus": "consensus",
}


def phase_words(phase: str) -> str:
    """A phase in words.

    Examples
    --------
    >>> phase_words("reliability"), phase_words("")
    ('reliability sample', 'no phase set')
    """
    return _PHASES[phase]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Units or codings that did not enter, and why.

    Parameters
    ----------
    phase : str
    what : {"document", "segment", "coding"}
    reason : str
    count : int
    governed : bool
        Whether their number may not be sent: it would tell how many there are of a few.
    """

    phase: Phase
    what: Literal["document", "segment", "coding"]
    reason: str
    count: int
    governed: bool = False

    def __str__(self) -> str:
        return f"{self.count} {self.what}{'s' * (self.count != 1)} {self.reason}"


def choose_coders(codings: Codings, coders: Sequence[str] | None) -> tuple[str, ...]:
    """The coders to compare: those named, else all people who read something.

    By default who stands for a reconciliation is left out (`left_aside`). A name alone hinders
    nobody who was named by the caller.

    Raises
    ------
    AgreementError
        With every fault: fewer than two, one named twice or unknown, or one whose codings
        were reconciled.
    """
    if isinstance(coders, str):
        raise TypeError(f"expected a list of coders, got the string {coders!r}")
    chosen = tuple(coders) if coders is not None else _people(codings)
    faults = [
        f"no coder {name!r} in these codings, which are by {_listed(codings.coders)}"
        f"{did_you_mean(name, codings.coders)}"
        for name in chosen
        if name not in codings.coders
    ]
    faults += [f"coder {n!r} stands {c} times" for n, c in Counter(chosen).items() if c > 1]
    consensus = _of_consensus_alone(codings)
    faults += [_told_reconciled(name) for name in chosen if name in consensus]
    if len(chosen) < PAIR:
        faults.append(_too_few(codings, chosen))
    raise_all(AgreementError, faults)
    return chosen


def _people(codings: Codings) -> tuple[str, ...]:
    """Everybody who read as a person, apart from who stands for a reconciliation."""
    rows = (*codings.seen, *codings)
    people = {row.coder for row in rows if row.coder_kind == "person"}
    aside = left_aside(codings)
    return tuple(name for name in sorted(people) if name not in aside)


def left_aside(codings: Codings) -> dict[str, str]:
    """Whom the default takes for a reconciliation, and why: by the phases, else by the name."""
    phases = _phases_of(codings)
    people = {row.coder for row in (*codings.seen, *codings) if row.coder_kind == "person"}
    found: dict[str, str] = {}
    for name in sorted(people):
        if phases[name] == {"consensus"}:
            found[name] = "holds consensus codings alone"
        elif phases[name] <= {"", "consensus"} and _is_named_so(name):
            found[name] = "by the name a reconciliation"
    return found


def _is_named_so(coder: str) -> bool:
    return bool(_RECONCILED.search(coder.replace("_", " ")))


def _of_consensus_alone(codings: Codings) -> frozenset[str]:
    """Who holds nothing but reconciled codings."""
    return frozenset(n for n, each in _phases_of(codings).items() if each == {"consensus"})


def _phases_of(codings: Codings) -> dict[str, set[Phase]]:
    """The phases that the rows of each coder name."""
    found: dict[str, set[Phase]] = {}
    for row in (*codings.seen, *codings):
        found.setdefault(row.coder, set()).add(row.phase)
    return found


def told_aside(codings: Codings) -> Iterator[str]:
    """A sentence for each coder whom the default leaves out."""
    for name, why in left_aside(codings).items():
        way = f"; if that is a person who read alone, name all coders: coders=[…, {name!r}]"
        yield f"{name!r} is not compared ({why}{way * (name not in _of_consensus_alone(codings))})"


def _told_reconciled(coder: str) -> str:
    return (
        f"coder {coder!r} holds reconciled codings: agreement is measured between readings that "
        "were made independently; name the coders who read before the meeting"
    )


def _too_few(codings: Codings, chosen: Sequence[str]) -> str:
    machines = sorted({row.coder for row in codings.seen if row.coder_kind == "machine"})
    came = _listed(chosen) if chosen else "nobody"
    more = f"; a machine must be named: coders=[…, {machines[0]!r}]" if machines else ""
    aside = [told for told in told_aside(codings) if not any(repr(n) in told for n in chosen)]
    return (
        f"agreement needs two coders, came {came}; let a second person read the same texts "
        f"without sight of the first, and read both folders together{more}"
        f"{''.join(f'; {told}' for told in aside)}"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "nobody"


def choose_phases(
    codings: Codings, coders: Sequence[str], phase: Phase | Sequence[Phase] | None
) -> tuple[Phase, ...]:
    """The phases to measure, each by itself.

    Left out, it is the reliability sample, and without one each phase that is present but
    the consensus.

    Raises
    ------
    AgreementError
        If a phase is the consensus, or is in none of the coders' rows.
    """
    present = Phasing(codings, coders).present or frozenset[Phase]({""})
    if phase is None:
        found: frozenset[Phase] = present - {"consensus"}
        if not found:
            raise AgreementError(f"{_consensus_alone()}; came codings of the consensus alone")
        kept = {"reliability"} if "reliability" in found else found
        return tuple(each for each in get_args(Phase) if each in kept)
    asked: tuple[Phase, ...] = (phase,) if isinstance(phase, str) else tuple(phase)
    raise_all(AgreementError, (f for each in asked for f in _phase_faults(each, present)))
    return tuple(dict.fromkeys(asked))


def _phase_faults(phase: str, present: frozenset[str]) -> Iterator[str]:
    if phase == "consensus":
        yield _consensus_alone()
    elif phase not in get_args(Phase):
        known = [name for name in get_args(Phase) if name]
        yield f"no phase {phase!r}{did_you_mean(phase, known)}; use {_listed(known)}"
    elif phase not in present:
        there = ", ".join(phase_words(each) for each in sorted(present)) or "nothing"
        yield f"nothing was read in the phase {phase!r}; there is: {there}"


def _consensus_alone() -> str:
    return (
        "reconciled codings have no agreement to measure: everybody had agreed; measure the "
        "phase before the meeting (phase='reliability')"
    )


def choose_codes(
    codings: Codings,
    coders: Sequence[str],
    codes: Iterable[str] | None,
    codebook: Codebook | None,
) -> tuple[str, ...]:
    """The codes to measure: those named, else the codebook's in use, else those that were used.

    A code that was split is one of them while it holds passages on which nobody has decided.

    Raises
    ------
    AgreementError
        If a code is unknown.
    UnknownIdError
        If a coding names a code that the codebook lacks.
    """
    if isinstance(codes, str):
        raise TypeError(f"expected a list of codes, got the string {codes!r}")
    if codebook is not None:
        codebook.check_ids((coding.code_id for coding in codings), "the codings")
    used = {coding.code_id for coding in codings if coding.coder in coders}
    used |= {code for row in codings.seen if row.coder in coders for code in row.codes}
    known = codebook.ids if codebook is not None else tuple(sorted(used))
    if codes is None:
        found = tuple(sorted(used)) if codebook is None else _in_use(codings, codebook)
        if not found:
            raise AgreementError("no code was used or looked for; give the codebook")
        return found
    asked = tuple(dict.fromkeys(codes))
    faults = (f"no code {c!r}{did_you_mean(c, known)}" for c in asked if c not in known)
    raise_all(AgreementError, faults)
    if not asked:
        raise AgreementError("no code was named; leave codes out to measure them all")
    return asked


def _in_use(codings: Codings, codebook: Codebook) -> tuple[str, ...]:
    """The codes in use, and those that were split and still hold passages."""
    waiting = {coding.code_id for coding in codings.needing_review(codebook)}
    return tuple(code.id for code in codebook if not code.retired or code.id in waiting)


@dataclass(frozen=True)
class Selection:
    """What is compared in one phase.

    Parameters
    ----------
    codings : Codings
        The whole log.
    coders : tuple of str
    phase : str
    corpus : Corpus, optional
    language : str
        The codebook's; texts in another are told apart among those that fell out.
    blind_only : bool
    uses : tuple of str
        What those who govern a record must have approved.
    """

    codings: Codings
    coders: tuple[str, ...]
    phase: Phase
    corpus: Corpus | None = None
    language: str = ""
    blind_only: bool = True
    uses: tuple[str, ...] = ("tables",)

    @cached_property
    def readings(self) -> Readings:
        """What each coder read and coded in this phase, of texts that may be used."""
        usable = self.codings
        if self.permitted is not None:
            usable = usable.of_documents(document.id for document in self.permitted)
        return Readings(usable, self.coders, self.phase, blind_only=self.blind_only)

    @cached_property
    def permitted(self) -> Corpus | None:
        """Participants' texts whose use is approved."""
        if self.corpus is None:
            return None
        corpus = self.corpus
        return corpus.where(
            lambda document: (
                document.voice == "participant"
                and all(corpus.permits(document, use) for use in self.uses)
            )
        )

    @cached_property
    def log(self) -> Codings:
        """The independent codings and readings."""
        return self.readings.independent

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Why a document is no unit that two coders read, by its id."""
        known = [document.id for document in self.corpus or ()]
        rows = (*self.codings.seen, *self.codings)
        touched = [row.document_id for row in rows if row.coder in self.coders]
        found = ((each, self._reason(each)) for each in dict.fromkeys([*known, *touched]))
        return {document_id: reason for document_id, reason in found if reason}

    def _reason(self, document_id: str) -> str:
        """The first of the reasons that holds, or nothing where two coders read it whole."""
        outside = self._outside(document_id)
        if outside:
            return outside
        whole, part = self.readings.readers(document_id)
        if len(whole) >= PAIR:
            return ""
        for count, reason in (
            (len(whole | part), PART),
            (len(whole | part | self.readings.sighted(document_id)), SIGHTED),
            (len(self.readings.ever(document_id)), PHASE),
        ):
            if count >= PAIR:
                return reason
        if self._is_foreign(document_id):
            return LANGUAGE
        return ONE if self.readings.ever(document_id) else NONE

    def _outside(self, document_id: str) -> str:
        """Why a document does not belong to what may be measured."""
        if self.corpus is None or document_id in self._ids_permitted:
            return ""
        if document_id not in self._ids:
            return ELSEWHERE
        document = self.corpus.document(document_id)
        return OTHERS if document.voice != "participant" else GOVERNED

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(document.id for document in self.corpus or ())

    @cached_property
    def _ids_permitted(self) -> frozenset[str]:
        return frozenset(document.id for document in self.permitted or ())

    def _is_foreign(self, document_id: str) -> bool:
        if self.corpus is None or not self.language:
            return False
        return self.corpus.document(document_id).language != self.language

    def check(self) -> None:
        """The spans of these coders lie within the texts, and some text is in the corpus.

        Raises
        ------
        AgreementError
            With every fault.
        """
        if self.corpus is None:
            return
        lengths = {document.id: len(document.text) for document in self.corpus}
        mine = [coding for coding in self.codings if coding.coder in self.coders]
        outside = [coding for coding in mine if _is_beyond(coding, lengths)]
        raise_all(AgreementError, (_beyond(c, lengths[c.document_id]) for c in outside))
        read = {row.document_id for row in self.codings.seen if row.coder in self.coders}
        if read and not read & lengths.keys():
            raise AgreementError(
                f"none of the {len(read)} documents that were read is in this corpus: expected "
                f"ids such as {next(iter(lengths), '')!r}, came {min(read)!r}"
            )


def _is_beyond(coding: Coding, lengths: dict[str, int]) -> bool:
    return coding.end > lengths.get(coding.document_id, coding.end)


def _beyond(coding: Coding, length: int) -> str:
    return (
        f"coding {coding.id!r} by {coding.coder!r}: {coding.start}–{coding.end} lies outside the "
        f"{length} characters of {coding.document_id!r}; the text has changed since it was coded"
    )
