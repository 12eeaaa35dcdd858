"""The states of participants over sessions, and what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.coefficients import mcnemar_mid_p, mcnemar_p
from reflect_analysis.disclosure import DEFAULT_K
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.change.told import Move
    from reflect_analysis.incidence import Incidence

__all__ = ["BOTH", "NEITHER", "NO_TEXT", "UNREAD", "Changed", "PersonSession", "StateChanges"]

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
    texts : Incidence, optional
        What the states were found in, from which follows what they tell beside other counts.
    withheld : frozenset, optional
        What gives a hidden count back beside what else is told, as a report finds it; left out,
        it is found beside a theme table.
    withheld_at : int, optional
        The threshold for which that was found.
    told_before : dict
        What was worked out of what these rows may tell by themselves.
    """

    rows: tuple[PersonSession, ...]
    sessions: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]]
    design: Literal["trajectory", "recurrent cross-sectional"]
    caveats: tuple[str, ...] = ()
    undated: int = 0
    draft: bool = False
    runs: tuple[Run, ...] = field(default=(), repr=False)
    texts: Incidence | None = field(default=None, repr=False)
    withheld: frozenset[Hashable] | None = field(default=None, repr=False)
    withheld_at: int | None = field(default=None, repr=False)
    told_before: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

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
    def hidden_before(self) -> dict[Hashable, frozenset[Hashable]]:
        """What was found to be withheld, by what was asked for and threshold."""
        return {}

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], PersonSession]:
        return {(row.case_id, row.session): row for row in self.rows}

    def counts(self) -> pd.DataFrame:
        """Participants in each state, (n_states, n_sessions); each column adds up to all."""
        import pandas as pd

        found = Counter((row.state, row.session) for row in self.rows)
        body = {s: [found[name, s] for name in self.names] for s in self.sessions}
        return pd.DataFrame(body, index=list(self.names))

    def shown_people(self, *, k: int = DEFAULT_K) -> int | None:
        """How many participants have a text in any session, as it may be sent.

        Parameters
        ----------
        k : int
            At least 3.

        Returns
        -------
        int or None
            `None` where few of the study have none: then nothing of change is told, as each
            table says of how many it tells.
        """
        from reflect_analysis.change.beside import EVERYBODY, hidden_beside

        return None if EVERYBODY in hidden_beside(self, k=k) else len(self.participants)

    def shown(self, *, k: int = DEFAULT_K) -> dict[tuple[str, str], int | None]:
        """The counts that may be sent, by state and session; `None` where one is hidden.

        The states of a session add up to all participants, so that one hidden count never
        stands alone.

        Parameters
        ----------
        k : int
            At least 3.
        """
        from reflect_analysis.change.beside import hidden_beside
        from reflect_analysis.change.told import shown_states

        found, hidden = shown_states(self, k=k), hidden_beside(self, k=k)
        return {each: None if ("state", *each) in hidden else n for each, n in found.items()}

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

    def shown_moves(self, *, k: int = DEFAULT_K) -> dict[Move, int]:
        """The flows between neighbouring sessions that may be sent beside `shown` and `changed`.

        Parameters
        ----------
        k : int
            Fewer people are no flow; at least 3.

        Returns
        -------
        dict of (str, str, str, str) to int
            By session and state, and the next session and its state.
        """
        from reflect_analysis.change.beside import hidden_beside
        from reflect_analysis.change.told import shown_moves

        hidden, states = hidden_beside(self, k=k), self.shown(k=k)
        return {
            move: n
            for move, n in shown_moves(self, k=k).items()
            if ("move", *move) not in hidden
            and None not in (states[move[1], move[0]], states[move[3], move[2]])
        }

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

    def shown_changed(
        self, first: str = "", last: str = "", *, k: int = DEFAULT_K
    ) -> tuple[Changed, ...]:
        """The rows of `changed` that may be sent beside `shown`, each with its four counts.

        Parameters
        ----------
        first, last : str
            Sessions; by default the first and the last.
        k : int
            At least 3.

        Raises
        ------
        ValueError
            If a session is unknown, or there is only one.
        """
        from reflect_analysis.change.beside import hidden_beside
        from reflect_analysis.change.told import shown_changes

        rows = self.changed(first, last)
        hidden = hidden_beside(self, k=k, between=(rows[0].first, rows[0].last))
        found = shown_changes(self, rows, k=k)
        return tuple(
            row for row in found if ("changed", row.state, row.first, row.last) not in hidden
        )

    def people(self, state: str, session: str) -> tuple[str, ...]:
        """The participants who are in a state in a session.

        Parameters
        ----------
        state : str
            One of `names`; ``"both"`` are not counted with either state.
        session : str

        Raises
        ------
        ValueError
            If state or session is unknown.
        """
        self._check_sessions(session)
        if state not in self.names:
            raise ValueError(f"{state!r}: expected one of {', '.join(self.names)}")
        there = self._by_place
        return tuple(c for c in self.participants if there[c, session].state == state)

    def ways(self, state: str, first: str, last: str) -> dict[str, tuple[str, ...]]:
        """Who is behind the four counts of `Changed`, of those who were read in both sessions.

        Parameters
        ----------
        state : str
            One of the two states.
        first, last : str
            Sessions.

        Returns
        -------
        dict of str to tuple of str
            Participants by ``"kept"``, ``"gained"``, ``"lost"`` and ``"never"``.

        Raises
        ------
        ValueError
            If the state or a session is unknown.
        """
        self._check_state(state)
        self._check_sessions(first, last)
        names = {(True, True): "kept", (False, True): "gained", (True, False): "lost"}
        found: dict[str, list[str]] = {name: [] for name in ("kept", "gained", "lost", "never")}
        for case_id in self.participants:
            pair = [self._by_place[case_id, session].state for session in (first, last)]
            if not {NO_TEXT, UNREAD}.intersection(pair):
                before, after = (each in {state, BOTH} for each in pair)
                found[names.get((before, after), "never")].append(case_id)
        return {name: tuple(people) for name, people in found.items()}

    def _changed(self, state: str, first: str, last: str) -> Changed:
        n = {name: len(people) for name, people in self.ways(state, first, last).items()}
        return Changed(
            state,
            first,
            last,
            **n,
            exact=mcnemar_p(n["gained"], n["lost"]),
            mid_p=mcnemar_mid_p(n["gained"], n["lost"]),
        )

    def first_session(self, state: str = "") -> dict[str, str]:
        """For each participant who mentions a state, the first session in which they do.

        Parameters
        ----------
        state : str
            By default the second one, such as recovery.
        """
        wanted = state or tuple(self.states)[1]
        self._check_state(wanted)
        found: dict[str, str] = {}
        for row in self.rows:
            if row.state in {wanted, BOTH}:
                found.setdefault(row.case_id, row.session)
        return found

    def first_counts(self, state: str = "") -> dict[str, int]:
        """Participants by the first session in which they mention a state: all, each once.

        Parameters
        ----------
        state : str
            By default the second one, such as recovery.

        Returns
        -------
        dict of str to int
            By session; then who mentions it in none (``"in no session"``), and of whom nothing
            was read (``"not read"``). Who has no text in an earlier session may have mentioned
            it then.
        """
        from reflect_analysis.change.told import first_counts

        wanted = state or tuple(self.states)[1]
        self._check_state(wanted)
        return first_counts(self, wanted)

    def shown_first(self, state: str = "", *, k: int = DEFAULT_K) -> dict[str, int | None]:
        """The same as they may be sent beside `shown`, `changed` and `shown_moves`.

        Parameters
        ----------
        state : str
            By default the second one.
        k : int
            At least 3.

        Returns
        -------
        dict of str to int or None
            `None` where a count is hidden; all are, where one of few people would follow.
        """
        from reflect_analysis.change.beside import hidden_beside
        from reflect_analysis.change.told import shown_first

        wanted = state or tuple(self.states)[1]
        self._check_state(wanted)
        found, hidden = shown_first(self, wanted, k=k), hidden_beside(self, k=k, state=wanted)
        return {name: None if ("first", wanted, name) in hidden else n for name, n in found.items()}

    def first_frame(self) -> pd.DataFrame:
        """One row a participant: the first session in which each state is mentioned, or empty."""
        import pandas as pd

        body = {
            f"first session of {state}": [first.get(case_id, "") for case_id in self.participants]
            for state, first in ((each, self.first_session(each)) for each in self.states)
        }
        return pd.DataFrame({"case_id": list(self.participants), **body})

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Each participant’s states, session by session."""
        there = self._by_place
        return {c: tuple(there[c, s].state for s in self.sessions) for c in self.participants}

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

    def _check_state(self, state: str) -> None:
        if state not in self.states:
            raise ValueError(f"{state!r}: expected one of {', '.join(self.states)}")

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
        state = tuple(self.states)[1]
        first = html_table((f"{state} first mentioned", "Participants"), self._first_rows(state))
        gone, before = self.stopped
        told = (
            f"{gone} times a text was the last before a gap, {before} of them with the first state."
        )
        notes = "".join(f"<li>{escape(each)}</li>" for each in (told, *self.caveats))
        return f"<p>{escape(repr(self))}</p>{table}{first}<ul>{notes}</ul>"

    def _first_rows(self, state: str) -> list[tuple[str, int]]:
        counts = self.first_counts(state)
        return [(f"Session {name}" if name in self.sessions else name.capitalize(), n)
                for name, n in counts.items()]  # fmt: skip
