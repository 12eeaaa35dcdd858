"""Finding the state of each participant in each session, and what threatens the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from reflect_analysis.change.values import (
    BOTH,
    NEITHER,
    NO_TEXT,
    UNREAD,
    PersonSession,
    StateChanges,
)
from reflect_analysis.errors import CodebookError, raise_all
from reflect_analysis.incidence import CodedUnit, Incidence, find_incidence
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.provenance import Run

__all__ = ["check_states", "state_changes"]


def state_changes(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    states: Mapping[str, Sequence[str]],
    session: str = "session",
    sessions: Sequence[str] | None = None,
) -> StateChanges:
    """Find each participant's state in each session.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
    states : mapping of str to sequence of str
        Two states and the codes of each, such as
        ``{"strain": ["exhaustion"], "recovery": ["renewal"]}``.
    session : str
        The attribute of a document that says when it was written. Texts without it are left
        out, and the caveats say how many.
    sessions : sequence of str, optional
        Their order; by default as numbers where they hold any, else as words.

    Returns
    -------
    StateChanges

    Raises
    ------
    ValueError
        If there are not two states, a state has no code, the two share one, or no text has a
        session.
    CodebookError
        If a code of the one state stands above one of the other: each of its passages would be
        both.
    UnknownIdError
        If a state names an unknown code.

    References
    ----------
    Grossoehme, D., & Lipstein, E. (2016). Analyzing longitudinal qualitative data: the
    application of trajectory and recurrent cross-sectional approaches. BMC Research Notes 9,
    136. Saldaña, J. (2003). Longitudinal Qualitative Research. AltaMira.
    """
    wanted = _checked(states, codebook)
    texts = find_incidence(codings, corpus=corpus, codebook=codebook)
    place = {document.id: _session_of(document.attributes.get(session)) for document in corpus}
    known = texts.take(lambda unit: unit.case_id is not None)
    dated = known.take(lambda unit: bool(place[unit.document_ids[0]]))
    if not len(dated):
        raise ValueError(f"no participant’s text has a value of {session!r}")
    order = _order({place[unit.document_ids[0]] for unit in dated.units}, sessions)
    finder = _Finder(dated, wanted, corpus)
    rows = tuple(finder.rows(order, place))
    found = StateChanges(
        rows,
        order,
        wanted,
        _design(rows),
        undated=len(known) - len(dated),
        draft=texts.draft,
        runs=texts.runs,
        texts=texts,
    )
    return replace(found, caveats=_caveats(found, corpus, codings))


def check_states(states: Mapping[str, Sequence[str]], codebook: Codebook) -> None:
    """Refuse two states between which no change can be told; as `state_changes` does.

    Parameters
    ----------
    states : mapping of str to sequence of str
    codebook : Codebook

    Raises
    ------
    ValueError, UnknownIdError, CodebookError
        As of `state_changes`.
    """
    _checked(states, codebook)


def _checked(states: Mapping[str, Sequence[str]], codebook: Codebook) -> dict[str, tuple[str, ...]]:
    wanted = {name: tuple(codes) for name, codes in states.items()}
    if len(wanted) != 2 or not all(wanted.values()):  # noqa: PLR2004  # from one to another
        raise ValueError(f"states {tuple(wanted)}: expected two, each with codes")
    if {BOTH, NEITHER, NO_TEXT, UNREAD}.intersection(wanted):
        raise ValueError(f"states {tuple(wanted)}: one bears a name that is kept for another")
    for name, codes in wanted.items():
        codebook.check_in_use(codes, f"the state {name!r}")
    first, second = wanted.values()
    if set(first) & set(second):
        raise ValueError(f"both states hold {', '.join(sorted(set(first) & set(second)))}")
    raise_all(CodebookError, (*_above(first, second, codebook), *_above(second, first, codebook)))
    return wanted


def _above(ones: Sequence[str], others: Sequence[str], codebook: Codebook) -> Iterator[str]:
    """The codes of one state that stand above codes of the other."""
    for other in others:
        for one in ones:
            if one in codebook.ancestors(other):
                yield (
                    f"states: {other!r} is a subcode of {one!r}, so each of its passages would be "
                    f"both states; name the other subcodes of {one!r} in its place"
                )


def _session_of(value: object) -> str:
    return "" if value is None else str(value).strip()


def _order(found: set[str], sessions: Sequence[str] | None) -> tuple[str, ...]:
    if sessions is None:
        return tuple(sorted(found, key=_natural))
    missing = sorted(found - set(sessions))
    if missing:
        raise ValueError(f"the order of sessions lacks {', '.join(missing)}")
    return tuple(sessions)


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Session 10 stands after session 9."""
    return tuple((int(p), "") if p.isdigit() else (-1, p) for p in re.findall(r"\d+|\D+", name))


class _Finder:
    """States of participants from what was found in their texts."""

    def __init__(
        self, texts: Incidence, states: Mapping[str, tuple[str, ...]], corpus: Corpus
    ) -> None:
        self.texts, self.corpus = texts, corpus
        self.columns = {
            name: [texts.codes.index(c) for c in codes] for name, codes in states.items()
        }

    def rows(self, order: Sequence[str], place: Mapping[str, str]) -> Iterable[PersonSession]:
        groups: dict[tuple[str, str], list[int]] = {}
        for row, unit in enumerate(self.texts.units):
            key = (unit.case_id or "", place[unit.document_ids[0]])
            groups.setdefault(key, []).append(row)
        for case_id in sorted({case_id for case_id, _ in groups}, key=_natural):
            for session in order:
                yield self._row(case_id, session, groups.get((case_id, session), []))

    def _row(self, case_id: str, session: str, rows: list[int]) -> PersonSession:
        if not rows:
            return PersonSession(case_id, session, NO_TEXT)
        units = [self.texts.units[row] for row in rows]
        in_each = [self._mentioned(row) for row in rows]
        return PersonSession(
            case_id,
            session,
            self._state(in_each),
            tuple(document_id for unit in units for document_id in unit.document_ids),
            within=any(mentions is not None and all(mentions) for mentions in in_each),
            words=sum(self._words(unit) for unit in units),
        )

    def _mentioned(self, row: int) -> tuple[bool, bool] | None:
        """Whether one text mentions the one and the other; `None` where it was not read for all."""
        import numpy as np

        said = self.texts.said[row]
        first, second = (said[columns] for columns in self.columns.values())
        if np.isnan(first).any() or np.isnan(second).any():
            return None
        return bool(first.any()), bool(second.any())

    def _state(self, in_each: Sequence[tuple[bool, bool] | None]) -> str:
        read = [mentions for mentions in in_each if mentions is not None]
        if not read:
            return UNREAD
        one, other = (any(mentions[side] for mentions in read) for side in (0, 1))
        first, second = self.columns
        return {(True, True): BOTH, (True, False): first, (False, True): second}.get(
            (one, other), NEITHER
        )

    def _words(self, unit: CodedUnit) -> int:
        document = self.corpus.document(unit.document_ids[0])
        if not document.turns:
            return len(document.text.split())
        turns = [turn for turn in document.turns if turn.case_id == unit.case_id]
        return sum(len(document.passage(turn.start, turn.end).split()) for turn in turns)


def _design(rows: Sequence[PersonSession]) -> Literal["trajectory", "recurrent cross-sectional"]:
    everywhere = all(row.state not in {NO_TEXT, UNREAD} for row in rows)
    return "trajectory" if everywhere else "recurrent cross-sectional"


_REGRESSION = (
    "People whose first session was an unusually hard or good one tend back to the middle by "
    "themselves; participants of one community and one facilitator resemble each other."
)
_WORDING = "Texts mention a state: they do not show that anybody recovered, nor what caused it."


def _caveats(found: StateChanges, corpus: Corpus, codings: Codings) -> tuple[str, ...]:
    """What threatens these numbers, as far as these data show it: no count of people."""
    notes = (
        _about_absence(found),
        _about_prompts(found, corpus),
        _about_length(found),
        *_about_coders(found, codings),
        "Texts without a session are left out." if found.undated else "",
        _REGRESSION,
        _WORDING,
    )
    return tuple(note for note in notes if note)


def _about_absence(found: StateChanges) -> str:
    gone, _ = found.stopped
    return (
        "Some have no text after a session in which they wrote: who leaves does not write."
        if gone
        else ""
    )


def _about_prompts(found: StateChanges, corpus: Corpus) -> str:
    asked: dict[str, set[str]] = {}
    for row in found.rows:
        for document_id in row.document_ids:
            prompt = str(corpus.document(document_id).attributes.get("prompt") or "")
            asked.setdefault(row.session, set()).add(prompt)
    if len({frozenset(prompts - {""}) for prompts in asked.values()}) <= 1:
        return ""
    return "The prompt was not the same in all sessions: what is asked is mentioned."


def _about_length(found: StateChanges) -> str:
    from statistics import median

    words = {
        session: median([r.words for r in found.rows if r.session == session and r.words] or [0])
        for session in found.sessions
    }
    if min(words.values()) * 1.25 >= max(words.values()):
        return ""
    told = ", ".join(f"{session}: {count:.0f}" for session, count in words.items())
    return (
        f"Texts differ in length (median words a participant by session: {told}); longer ones "
        "mention more."
    )


def _about_coders(found: StateChanges, codings: Codings) -> Iterator[str]:
    """Whether sessions were read by different coders, codebooks or settings of a machine."""
    session_of = {d: row.session for row in found.rows for d in row.document_ids}
    read = [row for row in codings.seen if row.document_id in session_of]
    if _differ((session_of[row.document_id], row.coder) for row in read):
        yield "The sessions were not all read by the same coders: a change may be the coders’."
    held = [row.coding for row in codings.current if row.coding.document_id in session_of]
    versions = ((session_of[c.document_id], c.codebook_version) for c in held)
    # Of a coding without a version nothing is known.
    if _differ((session, version) for session, version in versions if version):
        yield (
            "The sessions were not all coded under one version of the codebook: a change may be "
            "the codebook’s."
        )
    settings = {run.id: _settings(run) for run in codings.runs}
    if _differ(
        (session_of[row.document_id], settings[row.run_id])
        for row in read
        if row.run_id in settings
    ):
        yield (
            "A machine coded the sessions with other settings, or in other versions: a change may "
            "be the machine’s."
        )


def _differ(pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether what is told of some sessions is not the same of each."""
    told: dict[str, set[str]] = {}
    for session, value in pairs:
        told.setdefault(session, set()).add(value)
    return len({frozenset(values) for values in told.values()}) > 1


def _settings(run: Run) -> str:
    """What a machine coded with: not what it coded, nor what was left out."""
    chosen = {name: value for name, value in run.settings.items() if name != "left_out"}
    return fingerprint(run.step, chosen, run.model, run.seed, run.package_version)
