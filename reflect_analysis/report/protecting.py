"""What the further results of a report tell beside its theme table and beside one another.

Each kind hides what its own counts forbid; what two tables give back together only the report
knows, which has them all. The rows that would do so are marked as withheld in the results, so
that tables, figures and the ledger of releases leave them out alike. What was sent before is
known as well: it is told to the same solver, and what then would follow is hidden, too.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from reflect_analysis.change import StateChanges
from reflect_analysis.change.beside import (
    EVERYBODY,
    change_sessions,
    narrowed,
    quiet_codes,
    told_changes,
)
from reflect_analysis.disclosure.linked import (
    THEN,
    People,
    Sent,
    ToldRow,
    hidden_rows,
    imagined_for,
    quiet_before,
    sent_rows,
    sent_values,
    told_themes,
)
from reflect_analysis.frameworks.showing import told_sides
from reflect_analysis.incidence import Incidence, find_incidence, value_of
from reflect_analysis.tables.comparison import told_comparison
from reflect_analysis.tables.joint import display_values, told_display
from reflect_analysis.themes import shown_participants

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.report.study import Study

__all__ = ["Protected", "given_back", "protect", "protected", "quiet_in", "yielding_in"]

Values = Mapping[str, Mapping[str, str]]
# What is told whatever follows from it, what is asked for, and what was sent before.
_Told = tuple[list[ToldRow], list[ToldRow], Sent]

# What each kind tells, in the order in which its rows are kept: pairs are many, and the last.
_TOLD: dict[str, Callable[[Any, People, int], Any]] = {
    "Comparison": lambda value, people, k: told_comparison(value, people, k=k),
    "FilledFramework": lambda value, people, k: told_sides(value, people, k=k),
    "StateChanges": lambda value, people, k: told_changes(value, people, k=k),
    "JointDisplay": lambda value, people, k: told_display(value, people, k=k),
    "Pairs": lambda value, people, k: value.told(people, k=k),
}


@dataclass(frozen=True, slots=True)
class Protected:
    """The further results of a study, with what they must withhold.

    Parameters
    ----------
    values : tuple
    beside : mapping of int to int
        By the place of a value, how many of its rows are hidden because of earlier releases.
    known, unheld : mapping of str to int
        As in `Sent`: counts of earlier releases that were reckoned with, and that could not be.
    """

    values: tuple[Any, ...]
    beside: Mapping[int, int] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    unheld: Mapping[str, int] = field(default_factory=dict)


def protected(study: Study) -> tuple[Any, ...]:
    """The further results of a study, with what they must withhold.

    Parameters
    ----------
    study : Study
        Of any approach; a reflexive one counts nobody.
    """
    return study.beside.values


def protect(study: Study) -> Protected:
    """The same, with what was hidden beside earlier releases; worked out anew."""
    told = [value for value in study.further if type(value).__name__ in _TOLD]
    if study.approach == "reflexive" or not told:
        return Protected(study.further)
    found = _Found(study)
    values = tuple(
        _withholding(value, found.hidden[place], study.k) if place in found.hidden else value
        for place, value in enumerate(study.further)
    )
    return Protected(values, found.beside, found.known, found.unheld)


def given_back(study: Study) -> tuple[dict[str, str], Sent]:
    """The rows of the theme table from which, beside earlier releases, a few people follow.

    Parameters
    ----------
    study : Study
        With what was sent `earlier`.

    Returns
    -------
    (dict of str to str, Sent)
        By code why its numbers are hidden, and what was reckoned as known.
    """
    if study.approach == "reflexive" or not study.earlier:
        return {}, Sent()
    texts = find_incidence(study.codings, corpus=study.corpus, codebook=study.codebook)
    values = _values_before(study)

    def told(people: People) -> _Told:
        themes = list(told_themes(people, _open(study), quiet=study.quiet))
        rows = [row for row in themes[1:] if row.key[1] in _open(study)]  # type: ignore[index]  # each is ("theme", code)
        return themes[:1], rows, _sent(study, people)

    people, (everybody, rows, sent) = _on_imagined(partial(People, texts, values), told)
    found = hidden_rows(
        people,
        rows,
        fixed=(*sent.rows, *everybody),
        closed=study.in_trees,
        barred=sent.barred,
        k=study.k,
    )
    names = "; ".join(dict.fromkeys(release.name for release in study.earlier))
    why = f"a count of few people would follow from its numbers and those of {names}"
    return {str(key[1]): f"{key[1]}: {why}" for key in sorted(found)}, sent  # type: ignore[index, type-var]  # as above


def quiet_in(study: Study) -> frozenset[str]:
    """Codes whose reflections would give a change of few people back, now or told before."""
    changes = (each for n, each in _changes(study) if n not in study.yielding)
    now = {code for each in changes for code in quiet_codes(each, k=study.k)}
    return _quiet_then(study).union(now)


def yielding_in(study: Study) -> frozenset[int]:
    """Places of changes beside which reflections that were printed before should be hidden.

    These are out, so it is the change that is not told: neither who moved how nor who wrote in
    which session, without which they tell of nobody.
    """
    if study.approach == "reflexive" or not study.earlier:
        return frozenset()
    asked = {place: quiet_codes(each, k=study.k) for place, each in _changes(study)}
    known = _printed(study, frozenset().union(*asked.values()))
    return frozenset(place for place, codes in asked.items() if codes & known)


def _changes(study: Study) -> Iterator[tuple[int, StateChanges]]:
    for place, value in enumerate(study.further):
        if isinstance(value, StateChanges):
            yield place, value


def _printed(study: Study, codes: frozenset[str]) -> frozenset[str]:
    """Those of some codes whose reflections earlier releases printed, of all or of some."""
    if not codes:
        return codes
    texts = find_incidence(study.codings, corpus=study.corpus, codebook=study.codebook)
    people = People(texts, _values_before(study), imagined_for(0))
    sent = {cell.tobytes() for row in _sent(study, people).rows for cell in row.cells}
    then = (people.within(each, ["yes"]) for each in people.values if each.startswith(THEN))
    counted_then = [people.texts_of(each) for each in (people.everyone(), *then)]
    return frozenset(
        code
        for code in codes
        if any((people.texts_said([code]) & each).tobytes() in sent for each in counted_then)
    )


def _quiet_then(study: Study) -> frozenset[str]:
    return quiet_before(study.earlier, study.participants, partial(_current, study.codebook))


def _current(book: Codebook, code: str) -> tuple[str, ...]:
    """What is counted in the place of a code now; nothing where nobody knows."""
    return book.current_ids(code) if code in book.ids or code in book.dropped else ()


def _withholding(value: Any, hidden: set[Any], k: int) -> Any:
    return dataclasses.replace(value, withheld=frozenset(hidden), withheld_at=k)


class _Found:
    """What of each result is hidden, and why where earlier releases are the reason."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.hidden: dict[int, set[Any]] = {}
        self.beside: Counter[int] = Counter()
        self.known: Counter[str] = Counter()
        self.unheld: Counter[str] = Counter()
        texts = find_incidence(study.codings, corpus=study.corpus, codebook=study.codebook)
        for places, incidence in _together(study, texts):
            self.hidden |= {place: _known(study, place) for place in places}
            self._solve(incidence, places)
        self._yield()

    def _solve(self, incidence: Incidence, places: list[int]) -> None:
        people, (fixed, rows, sent) = _told_together(self.study, incidence, places)
        closed, k = self.study.in_trees, self.study.k
        alone = hidden_rows(people, rows, fixed=fixed, closed=closed, k=k)
        beside: frozenset[Any] = frozenset()
        if sent.rows or sent.barred:
            # What follows from earlier releases by themselves is no reason to show it again.
            known, left = (*sent.rows, *fixed), [row for row in rows if row.key not in alone]
            beside = hidden_rows(people, left, fixed=known, closed=closed, barred=sent.barred, k=k)
        for place, key in (*alone, *beside):
            self.hidden[place].add(key)
        self.beside.update(place for place, _ in beside)
        for place, value in _changes(self.study):
            if place in places:
                self.hidden[place] |= narrowed(
                    value, self.hidden[place], k=k, quiet=self.study.quiet
                )
        if incidence.kind == "reflection":
            self.known += Counter(sent.known)
            self.unheld += Counter(sent.unheld)

    def _yield(self) -> None:
        """Of change that must not be told nothing is shown."""
        k = self.study.k
        for place, value in _changes(self.study):
            if place in self.study.yielding:
                self.beside[place] = _rows_of(value, k)
                self.hidden[place] = {EVERYBODY}


def _rows_of(changes: StateChanges, k: int) -> int:
    """How much change would be told of, if nothing forbade it."""
    if changes.texts is None:
        return 0
    people = People(changes.texts, sessions=change_sessions(changes))
    return sum(row.key != EVERYBODY for row in told_changes(changes, people, k=k))


def _known(study: Study, place: int) -> set[Any]:
    """What of a result is withheld beside earlier releases, where its tests must leave it out."""
    return set(study.withheld) if type(study.further[place]).__name__ == "Comparison" else set()


def _together(study: Study, texts: Incidence) -> Iterator[tuple[list[int], Incidence]]:
    """Results of the same units; pairs by segment have their own."""
    kinds = list(_TOLD)
    places = [n for n, value in enumerate(study.further) if type(value).__name__ in kinds]
    by_segment = [n for n in places if getattr(study.further[n], "unit", "") == "segment"]
    joint = [n for n in places if n not in by_segment]
    yield sorted(joint, key=lambda n: kinds.index(type(study.further[n]).__name__)), texts
    yield from (([n], study.further[n].incidence) for n in by_segment)


def _told_together(study: Study, incidence: Incidence, places: list[int]) -> tuple[People, _Told]:
    """On whom it is tried, what is told whatever follows, what is asked for, what was sent."""
    values, sessions = _values(study, places), _sessions(study, places)

    def told(people: People) -> _Told:
        themes = list(told_themes(people, _open(study), quiet=study.quiet))
        asked = (place for place in places if place not in study.yielding)
        rows = [row for place in asked for row in _told(study, place, people)]
        return themes, rows, _sent(study, people)

    return _on_imagined(partial(People, incidence, values, sessions=sessions), told)


def _on_imagined(
    people_of: Callable[..., People], told: Callable[[People], _Told]
) -> tuple[People, _Told]:
    """What is told, of so many imagined persons as there must be beside so many counts."""
    imagined = imagined_for(0)
    while True:
        people = people_of(imagined=imagined)
        fixed, rows, sent = told(people)
        wanted = imagined_for(_distinct((*fixed, *rows, *sent.rows)))
        if wanted <= imagined:
            return people, (fixed, rows, sent)
        imagined = wanted


def _sent(study: Study, people: People) -> Sent:
    """What was sent before, of codes that were split or merged since as well."""
    became = partial(_current, study.codebook)
    sent = sent_rows(people, study.earlier, study.participants, became, k=study.k)
    return dataclasses.replace(sent, barred=(*sent.barred, *_hushed(study, people)))


def _hushed(study: Study, people: People) -> Iterator[Any]:
    """The reflections that were hidden beside change, which no pair may give back either."""
    if people.incidence.kind != "reflection":
        return
    for code in sorted(_quiet_then(study).intersection(people.incidence.codes)):
        texts = people.texts_said([code])
        # Where everybody wrote one text they are the participants, which are printed.
        if (people.counts(texts) != people.counts(people.said([code]))).any():
            yield texts


def _distinct(rows: Iterable[ToldRow]) -> int:
    """How many counts some rows tell."""
    return len({cell.tobytes() for row in rows for cell in row.cells})


def _values_before(study: Study) -> Values:
    """What participants bear of what earlier releases told of."""
    return sent_values(
        study.earlier,
        study.participants,
        lambda name: {
            case_id: value_of(study.corpus, case_id, name) or "not known"
            for case_id in study.participants
        },
    )


def _values(study: Study, places: list[int]) -> Values:
    """What participants bear of the attributes that the results tell of."""
    found: dict[str, Mapping[str, str]] = {**_values_before(study)}
    for place in places:
        value = study.further[place]
        if type(value).__name__ == "Comparison":
            found[value.by] = value.group_of
        elif type(value).__name__ == "JointDisplay":
            found |= display_values(value)
    return found


def _sessions(study: Study, places: list[int]) -> Mapping[str, str]:
    """The session of each text, where change is told of."""
    found: dict[str, str] = {}
    for place in places:
        if type(study.further[place]).__name__ == "StateChanges":
            found |= change_sessions(study.further[place])
    return found


def _open(study: Study) -> frozenset[str]:
    """The codes whose counts the theme table prints."""
    shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
    return frozenset(code for code, each in shown.items() if each is not None and each.exact)


def _told(study: Study, place: int, people: People) -> Iterator[ToldRow]:
    """What a result tells, its rows known by its place as well."""
    value = study.further[place]
    for row in _TOLD[type(value).__name__](value, people, study.k):
        yield dataclasses.replace(row, key=(place, row.key))
