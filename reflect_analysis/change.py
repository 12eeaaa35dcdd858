"""Change over sessions: what each participant mentioned when, and who moved which way.

A participant in a session is in one of five states, and two of them are easily confused:
*not mentioned* is a text that was read and holds neither code, *no text* is no text at all.
People who stop writing are often those whom a study is about, so they stand in every table.
Texts mention, describe and tell; they do not show that anybody recovered, nor why.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.coefficients import mcnemar_mid_p, mcnemar_p
from reflect_analysis.disclosure import DEFAULT_K
from reflect_analysis.disclosure.counts import check_k
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.incidence import CodedUnit, Incidence, find_incidence
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus

__all__ = ["BOTH", "NEITHER", "NO_TEXT", "UNREAD", "PersonSession", "StateChanges", "state_changes"]

BOTH, NEITHER, NO_TEXT, UNREAD = "both", "not mentioned", "no text", "not read"


@dataclass(frozen=True, slots=True)
class PersonSession:
    """One participant in one session.

    Parameters
    ----------
    case_id, session : str
    state : str
        The name of the one state or the other, ``"both"``, ``"not mentioned"``, ``"no text"``,
        or ``"not read"``: nobody read any of the texts for all of the codes. Where some were
        read, the state is what these mention.
    document_ids : tuple of str
        The texts, so that every state can be traced to its passages.
    within : bool
        For ``"both"``: whether one single text holds both, as where strain and recovery are
        told in one breath, which is no change between sessions.
    words : int
        Words of the texts.
    """

    case_id: str
    session: str
    state: str
    document_ids: tuple[str, ...] = ()
    within: bool = False
    words: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """Who moved which way between two sessions, for one of the states.

    Parameters
    ----------
    state : str
    first, last : str
        The sessions.
    kept, gained, lost, never : int
        Participants read in both: who mentioned it in both, in the last alone, in the first
        alone, in neither.
    exact, mid_p : float
        McNemar's test of `gained` against `lost`, exact and mid-p.
    """

    state: str
    first: str
    last: str
    kept: int
    gained: int
    lost: int
    never: int
    exact: float
    mid_p: float

    @property
    def paired(self) -> int:
        """Participants who were read in both sessions."""
        return self.kept + self.gained + self.lost + self.never


@dataclass(frozen=True)
class StateChanges:
    """Participants × sessions, with exact counts and one row a person: never to be sent.

    Parameters
    ----------
    rows : tuple of PersonSession
        By participant, then in the order of the sessions; a row for each of both.
    sessions : tuple of str
        In order.
    states : dict of str to tuple of str
        The two states by name, and their codes.
    design : {"trajectory", "recurrent cross-sectional"}
        Whether the same people were read in all sessions.
    caveats : tuple of str
        What a reader of these numbers must know, from these data; no count of people is in it.
    undated : int
        Texts of known participants that have no session and are left out.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    """

    rows: tuple[PersonSession, ...]
    sessions: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]]
    design: Literal["trajectory", "recurrent cross-sectional"]
    caveats: tuple[str, ...] = ()
    undated: int = 0
    draft: bool = False
    runs: tuple[Run, ...] = field(default=(), repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """All states, in the order in which tables and figures show them."""
        first, second = self.states
        return first, BOTH, second, NEITHER, UNREAD, NO_TEXT

    @property
    def participants(self) -> tuple[str, ...]:
        """Everybody who has a text in any session."""
        return tuple(dict.fromkeys(row.case_id for row in self.rows))

    def state(self, case_id: str, session: str) -> PersonSession:
        """One participant in one session; `KeyError` for an unknown one."""
        return self._by_place[case_id, session]

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], PersonSession]:
        return {(row.case_id, row.session): row for row in self.rows}

    def counts(self) -> pd.DataFrame:
        """Participants in each state, (n_states, n_sessions); each column adds up to all."""
        import pandas as pd

        found = Counter((row.state, row.session) for row in self.rows)
        body = {s: [found[name, s] for name in self.names] for s in self.sessions}
        return pd.DataFrame(body, index=list(self.names))

    def shown(self, *, k: int = DEFAULT_K) -> dict[tuple[str, str], int | None]:
        """The counts that may be sent, by state and session; `None` where one is hidden.

        The states of a session add up to all participants, so that one hidden count never
        stands alone.

        Parameters
        ----------
        k : int
            At least 3.
        """
        check_k(k)
        counts = self.counts()
        caps = [len(self.participants)] * len(self.names)
        found: dict[tuple[str, str], int | None] = {}
        for session in self.sessions:
            values = counts[session].tolist()
            hidden = protect_row(values, caps, k).cells
            for name, value, hides in zip(self.names, values, hidden, strict=True):
                found[name, session] = None if hides else int(value)
        return found

    def transitions(self, first: str, last: str) -> pd.DataFrame:
        """Participants by their state in two sessions, (n_states, n_states): from rows to columns.

        Parameters
        ----------
        first, last : str
            Sessions.

        Raises
        ------
        ValueError
            If a session is unknown.
        """
        import pandas as pd

        self._check_sessions(first, last)
        there = self._by_place
        moves = Counter((there[c, first].state, there[c, last].state) for c in self.participants)
        body = [[moves[a, b] for b in self.names] for a in self.names]
        return pd.DataFrame(body, index=list(self.names), columns=list(self.names))

    def changed(self, first: str = "", last: str = "") -> tuple[Changed, ...]:
        """Who moved which way, for each of the two states, on participants read in both sessions.

        Parameters
        ----------
        first, last : str
            Sessions; by default the first and the last.

        Raises
        ------
        ValueError
            If a session is unknown, or there is only one.
        """
        if len(self.sessions) < 2:  # noqa: PLR2004  # from one to another
            raise ValueError("there is one session: change needs two")
        first, last = first or self.sessions[0], last or self.sessions[-1]
        self._check_sessions(first, last)
        return tuple(self._changed(state, first, last) for state in self.states)

    def _changed(self, state: str, first: str, last: str) -> Changed:
        there = self._by_place
        pairs = [(there[c, first].state, there[c, last].state) for c in self.participants]
        read = [pair for pair in pairs if not {NO_TEXT, UNREAD}.intersection(pair)]
        moves = Counter((a in {state, BOTH}, b in {state, BOTH}) for a, b in read)
        gained, lost = moves[False, True], moves[True, False]
        return Changed(
            state,
            first,
            last,
            kept=moves[True, True],
            gained=gained,
            lost=lost,
            never=moves[False, False],
            exact=mcnemar_p(gained, lost),
            mid_p=mcnemar_mid_p(gained, lost),
        )

    def first_session(self, state: str = "") -> dict[str, str]:
        """For each participant who mentions a state, the first session in which they do.

        Parameters
        ----------
        state : str
            By default the second one, such as recovery.
        """
        wanted = state or tuple(self.states)[1]
        if wanted not in self.states:
            raise ValueError(f"{wanted!r}: expected one of {', '.join(self.states)}")
        found: dict[str, str] = {}
        for row in self.rows:
            if row.state in {wanted, BOTH}:
                found.setdefault(row.case_id, row.session)
        return found

    @property
    def stopped(self) -> tuple[int, int]:
        """How often somebody wrote in a session and not in the next; how often of a first state."""
        gone = Counter(
            earlier.state
            for case_id in self.participants
            for earlier, later in pairwise(self.state(case_id, s) for s in self.sessions)
            if later.state == NO_TEXT and earlier.state != NO_TEXT
        )
        first = next(iter(self.states))
        return sum(gone.values()), gone[first] + gone[BOTH]

    def _check_sessions(self, *sessions: str) -> None:
        for session in sessions:
            if session not in self.sessions:
                raise ValueError(f"session {session!r}: expected one of {', '.join(self.sessions)}")

    def to_frame(self) -> pd.DataFrame:
        """One row a participant and session, the fields of `PersonSession`."""
        return to_frame(self.rows, PersonSession)

    def to_matrix(self) -> pd.DataFrame:
        """States, (n_participants, n_sessions)."""
        import pandas as pd

        there = self._by_place
        body = {s: [there[c, s].state for c in self.participants] for s in self.sessions}
        return pd.DataFrame(body, index=list(self.participants))

    def __repr__(self) -> str:
        return (
            f"<StateChanges: {len(self.participants)} participants × "
            f"{len(self.sessions)} sessions, {self.design}>"
        )

    def _repr_html_(self) -> str:
        counts = self.counts()
        rows = ((name, *counts.loc[name]) for name in counts.index)
        table = html_table(("State", *(f"Session {s}" for s in self.sessions)), rows)
        gone, before = self.stopped
        told = (
            f"{gone} times a text was the last before a gap, {before} of them with the first state."
        )
        notes = "".join(f"<li>{escape(each)}</li>" for each in (told, *self.caveats))
        return f"<p>{escape(repr(self))}</p>{table}<ul>{notes}</ul>"


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
    )
    return replace(found, caveats=_caveats(found, corpus, codings))


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
    return wanted


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
        _about_coders(found, codings),
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


def _about_coders(found: StateChanges, codings: Codings) -> str:
    """Whether sessions were read by different coders or under different codebooks."""
    session_of = {d: row.session for row in found.rows for d in row.document_ids}
    read: dict[str, set[str]] = {session: set() for session in found.sessions}
    for seen in codings.seen:
        if seen.document_id in session_of:
            read[session_of[seen.document_id]].add(seen.coder)
    if len({frozenset(coders) for coders in read.values()}) <= 1:
        return ""
    return "The sessions were not all read by the same coders: a change may be the coders’."
