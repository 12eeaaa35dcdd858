"""Whether a name in two studies is one participant, or one text: what only a person can say.

Copies of one study mean the same by the same name. Two studies do not: both may have a P01, and a
withdrawal in the one must not erase the other's participant. A name is known to be the same where
one of the files holds the very entry of the log by which the other one has it: then they were
joined before. Everything else is asked, and what was answered is kept for the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError, did_you_mean, raise_all
from reflect_analysis.project import schema
from reflect_analysis.project.merging.naming import Names, prefix_of
from reflect_analysis.project.merging.sources import Source
from reflect_analysis.project.rows import from_json
from reflect_analysis.project.views import holding, read_facts
from reflect_analysis.project.withdrawal.stones import read_tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["WAYS", "Identities", "identities"]

# What two things of one name are: the same, two, or two of which the one stays out.
WAYS = ("same", "another", "without")
_STUDY, _PERSON, _TEXT = "study", "person", "text"
_SHOWN = 8
_FEWEST = 6  # letters of a study's id by which it may be named


@dataclass(frozen=True)
class Identities:
    """Who is who.

    Parameters
    ----------
    names : mapping of str to Names
        By the name of a source.
    choices : mapping of str to str
        What was answered now, to be kept.
    subjects : frozenset of str
        All that may be chosen about.
    used : frozenset of str
        The subjects that were asked for.
    """

    names: Mapping[str, Names]
    choices: Mapping[str, str] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()


@dataclass
class _Side:
    """What is known by its name on one side: by which entries of the log, and whose it is."""

    events: set[str] = field(default_factory=set)
    people: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    stones: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def add(self, connection: Connection, names: Names) -> None:
        """What a copy knows, by the names that it has here."""
        from sqlalchemy import select

        events, cases, documents = schema.events, schema.cases, schema.documents
        self.events.update(connection.execute(select(events.c.id)).scalars())
        for row in connection.execute(select(cases.c.id, cases.c.event_id)):
            if (name := names.cases.get(row.id, row.id)) is not None:
                self.people.setdefault(name, set()).add(row.event_id)
        asked = select(documents.c.id, documents.c.event_id, documents.c.case_id, documents.c.about)
        for name, event_id, case_id, about in connection.execute(asked):
            self._add_document(names, name, event_id, _owners(case_id, about))
        for stone in map(names.stone, read_tombstones(connection).values()):
            self.people.setdefault(stone.case_id, set())
            self.stones.setdefault(stone.case_id, set()).add((stone.at, stone.by))
            for document_id, *_ in (*stone.documents, *stone.replaced):
                self.texts.setdefault(document_id, set())
                self.owners.setdefault(document_id, set()).add(stone.case_id)

    def _add_document(self, names: Names, name: str, event_id: str, owners: set[str]) -> None:
        here = names.documents.get(name, name)
        if here is None:
            return
        owned = {found for each in owners if (found := names.cases.get(each, each)) is not None}
        self.texts.setdefault(here, set()).add(event_id)
        self.owners.setdefault(here, set()).update(owned)
        for each in owned:
            self.people.setdefault(each, set()).add(event_id)

    @property
    def is_empty(self) -> bool:
        return not (self.people or self.texts)


def _owners(case_id: str | None, about: str) -> set[str]:
    turns = from_json(about).get("turns", ()) if '"turns":[{' in about else ()
    return {each for each in (case_id, *(turn["case_id"] for turn in turns)) if each}


def identities(
    connection: Connection, sources: Sequence[Source], choose: Mapping[str, str]
) -> Identities:
    """Who is who in the studies that are joined.

    Raises
    ------
    ProjectError
        With every other study of which that has to be said, and how; or a choice that is none.
    """
    study = read_facts(connection)["id"]
    raise_all(ProjectError, _wrong(choose))
    reference, names = _Side(), {source.name: Names() for source in sources}
    reference.add(connection, Names())
    others: dict[str, list[Source]] = {}
    for source in sources:
        if source.study == study:
            reference.add(source.connection, Names())
        else:
            others.setdefault(source.study, []).append(source)
    known = _stored([connection, *(source.connection for source in sources)])
    faults, choices = list[str](), dict[str, str]()
    used, subjects = set[str](), {f"{_STUDY}:{source.name}" for source in sources}
    for other in sorted(others):
        asked = _Asked(study, other, tuple(s.name for s in others[other]), choose, known)
        side = _Side()
        for source in others[other]:
            side.add(source.connection, Names())
        found = asked.names(reference, side)
        faults += asked.faults(reference, side)
        choices |= asked.choices
        used |= asked.used
        subjects |= asked.subjects(side)
        for source in others[other]:
            names[source.name] = found
            reference.add(source.connection, found)
    raise_all(ProjectError, faults, "nothing was merged:" if faults else None)
    return Identities(names, choices, frozenset(subjects), frozenset(used))


def _wrong(choose: Mapping[str, str]) -> Iterator[str]:
    for subject, way in choose.items():
        if subject.partition(":")[0] in (_STUDY, _PERSON, _TEXT) and way not in WAYS:
            yield f"{subject}={way}: expected one of {', '.join(WAYS)}{did_you_mean(way, WAYS)}"


def _stored(connections: Iterable[Connection]) -> dict[str, str]:
    """What was said before, in whichever copy."""
    return {
        row["subject"]: row["chosen"]
        for connection in connections
        for row in holding(connection, "choices")
        if row["subject"].partition(":")[0] in (_STUDY, _PERSON, _TEXT)
    }


class _Asked:
    """What has to be said of one other study, what was said, and what was not.

    Parameters
    ----------
    here, other : str
        Ids of the two studies.
    files : tuple of str
        Of the other one.
    choose, stored : mapping of str to str
    """

    def __init__(
        self,
        here: str,
        other: str,
        files: tuple[str, ...],
        choose: Mapping[str, str],
        stored: Mapping[str, str],
    ) -> None:
        self._other, self._files, self._choose, self._stored = other, files, choose, stored
        self._pair = "+".join(sorted((here, other)))
        self._back = prefix_of(here)
        self._people: dict[str, str | None] = {}
        self._texts: dict[str, str | None] = {}
        self._contradictions: list[str] = []
        self.choices: dict[str, str] = {}
        self.used: set[str] = set()

    # ── what was said ──

    def _study_subject(self) -> str | None:
        """How somebody named this study in a choice."""
        for subject in self._choose:
            kind, _, name = subject.partition(":")
            is_id = len(name) >= _FEWEST and self._other.startswith(name)
            if kind == _STUDY and (name in self._files or is_id):
                return subject
        return None

    def _said_before(self, kind: str, name: str) -> str | None:
        """What was answered for one name in an earlier merge."""
        before = self._stored.get(f"{kind}:{self._pair}:{name}")
        given = self._choose.get(f"{kind}:{name}")
        if before is not None and given is not None:
            self._compare(f"{kind}:{name}", given, before)
        return before

    def _said_now(self, kind: str, name: str) -> str | None:
        """What is answered for one name, or else for the whole study, now or before."""
        alone, whole, key = f"{kind}:{name}", self._study_subject(), f"{_STUDY}:{self._pair}"
        before = self._stored.get(key)
        if alone in self._choose:
            self.used.add(alone)
            return self._choose[alone]
        if whole is not None:
            self.used.add(whole)
            if before is None:
                self.choices[key] = self._choose[whole]
        return before or (self._choose[whole] if whole is not None else None)

    def _compare(self, subject: str, given: str, before: str | None) -> None:
        self.used.add(subject)
        told = f"{subject}: {before!r} was chosen in an earlier merge and cannot be changed now"
        if before not in (None, given) and told not in self._contradictions:
            self._contradictions.append(told)

    def _remember(self, kind: str, name: str, way: str | None) -> str | None:
        key = f"{kind}:{self._pair}:{name}"
        if way is not None and key not in self._stored:
            self.choices[key] = way
        return way

    # ── what follows ──

    def names(self, reference: _Side, side: _Side) -> Names:
        """What becomes of the names of the other study, as far as it was said."""
        whole, before = self._study_subject(), self._stored.get(f"{_STUDY}:{self._pair}")
        if whole is not None and before is not None:
            self._compare(whole, self._choose[whole], before)
        for name in sorted(side.people):
            if (back := self._given_back(_PERSON, name)) is not None:
                self._people[name] = back
            elif name in reference.people or (name in side.stones and not reference.is_empty):
                # Where only they have it: a withdrawal would erase whoever bears this name one day.
                self._decide_person(reference, side, name)
        for name in sorted(side.texts):
            if (back := self._given_back(_TEXT, name)) is not None:
                self._texts[name] = back
            elif name in reference.texts:
                self._decide_text(reference, side, name)
        return Names(prefix_of(self._other), self._new(self._people), self._documents(side))

    def _given_back(self, kind: str, name: str) -> str | None:
        """The own name of what bears this study's prefix there: it comes home."""
        own = name.removeprefix(self._back)
        said = self._stored.get(f"{kind}:{self._pair}:{own}")
        return f"={own}" if own != name and said == "another" else None

    def _decide_person(self, reference: _Side, side: _Side, name: str) -> None:
        here, there = reference.people.get(name, set()), side.people[name]
        buried = reference.stones.get(name, set()) & side.stones.get(name, set())
        if here & there or buried:
            self._check_joined(_PERSON, name)
            return
        way = self._said_before(_PERSON, name)
        if way is None:
            if f"{self._back}{name}" not in side.people and _is_known(reference, side, here, there):
                return
            way = self._remember(_PERSON, name, self._said_now(_PERSON, name))
        self._people[name] = way

    def _decide_text(self, reference: _Side, side: _Side, name: str) -> None:
        here, there = reference.texts[name], side.texts[name]
        if here & there:
            self._check_joined(_TEXT, name)
            return
        way = self._said_before(_TEXT, name)
        if way is None:
            if f"{self._back}{name}" not in side.texts and _is_known(reference, side, here, there):
                return
            way = self._remember(_TEXT, name, self._way_of_text(reference, side, name))
        self._texts[name] = way

    def _check_joined(self, kind: str, name: str) -> None:
        """What was joined before stays so."""
        if self._choose.get(f"{kind}:{name}") is not None:
            self._compare(f"{kind}:{name}", self._choose[f"{kind}:{name}"], "same")

    def _way_of_text(self, reference: _Side, side: _Side, name: str) -> str | None:
        """A text goes with the people whose it is, unless it is named; else it is asked for."""
        here, there = reference.owners.get(name, set()), side.owners.get(name, set())
        ways = {self._people.get(each, "same") for each in there}
        if f"{_TEXT}:{name}" in self._choose:
            return self._said_now(_TEXT, name)
        if None in ways:
            return None
        if "without" in ways or "another" in ways:
            return "another"
        return "same" if there and there == here else self._said_now(_TEXT, name)

    def _new(self, ways: Mapping[str, str | None]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, way in ways.items():
            if way is not None and way.startswith("="):
                found[name] = way[1:]
            elif way == "another":
                found[name] = f"{prefix_of(self._other)}{name}"
            elif way == "without":
                found[name] = None
        return found

    def _documents(self, side: _Side) -> dict[str, str | None]:
        """The texts by their new names; who is left out takes theirs along."""
        found = self._new(self._texts)
        out = {name for name, way in self._people.items() if way == "without"}
        return found | {name: None for name, owners in side.owners.items() if owners & out}

    # ── what was not said ──

    def subjects(self, side: _Side) -> frozenset[str]:
        """All that may be chosen about."""
        return frozenset(
            [
                *(f"{_STUDY}:{name}" for name in self._files),
                *filter(None, [self._study_subject()]),
                *(f"{_PERSON}:{name}" for name in side.people),
                *(f"{_TEXT}:{name}" for name in side.texts),
            ]
        )

    def faults(self, reference: _Side, side: _Side) -> Iterator[str]:
        """What has to be said, and how."""
        yield from self._contradictions
        people = [name for name, way in self._people.items() if way is None]
        texts = [
            name
            for name, way in self._texts.items()
            if way is None and not side.owners.get(name, set()) & set(people)
        ]
        if not people and not texts:
            return
        told = " and ".join(_named(people, "participant") + _named(texts, "text"))
        gone = sorted(set(people) & (reference.stones.keys() | side.stones.keys()))
        withdrew = f" ({', '.join(gone[:_SHOWN])} withdrew in one of them)" if gone else ""
        subject = f"{_STUDY}:{self._files[0]}"
        example = f"{_PERSON}:{people[0]}" if people else f"{_TEXT}:{texts[0]}"
        name = f"{prefix_of(self._other)}{(people or texts)[0]}"
        yield (
            f"{' and '.join(self._files)}: another study, begun apart from this one, and both "
            f"have {told}{withdrew}. Whether these are the same, nobody but you can say. Choose, "
            f'in the shell by --choose: "{subject}=same" (one study that was begun twice), '
            f'"{subject}=another" (they come in under other names, such as {name}) or '
            f'"{subject}=without" (they stay out). Of one alone: "{example}=same"'
        )


def _is_known(reference: _Side, side: _Side, here: set[str], there: set[str]) -> bool:
    """Whether the log of one side holds the entry by which the other one has something.

    That is so too where its rows were erased since; what came in by another name is none of these.
    """
    return bool(here & side.events or there & reference.events)


def _named(names: Sequence[str], thing: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    plural = "s" if len(names) > 1 else ""
    return [f"the {thing}{plural} {', '.join(names[:_SHOWN])}{more}"]
