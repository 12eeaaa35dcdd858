"""Whether a name in two studies is one participant, or one text: what only a person can say.

Copies of one study mean the same by the same name. Two studies do not: both may have a P01, and a
withdrawal in the one must not erase the other's participant. Who came in before, from whichever
study and by whatever name, is known by the entries of the log (`knowing`). Everything else is
asked, and what was answered is kept for the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError, did_you_mean, raise_all
from reflect_analysis.project.merging.knowing import PERSON, TEXT, Side, known_names
from reflect_analysis.project.merging.naming import Names, prefix_of
from reflect_analysis.project.merging.sources import Source
from reflect_analysis.project.views import holding, read_facts

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["WAYS", "Identities", "identities"]

# What two things of one name are: the same, two, or two of which the one stays out.
WAYS = ("same", "another", "without")
_STUDY = "study"
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
    reference, names = Side(), {source.name: Names() for source in sources}
    reference.add(connection, Names())
    others: dict[str, list[Source]] = {}
    for source in sources:
        if source.study == study:
            names[source.name] = _as_here(reference, source)
            reference.add(source.connection, names[source.name])
        else:
            others.setdefault(source.study, []).append(source)
    known = _stored([connection, *(source.connection for source in sources)])
    faults, choices = list[str](), dict[str, str]()
    used, subjects = set[str](), {f"{_STUDY}:{source.name}" for source in sources}
    waiting = {other: _side_of(others[other]) for other in sorted(others)}
    while waiting:
        tried = [
            _Asked(study, other, tuple(s.name for s in others[other]), choose, known).about(
                reference, side
            )
            for other, side in waiting.items()
        ]
        asked = min(tried, key=lambda each: each.doubt)
        subjects |= asked.subjects(waiting.pop(asked.other))
        faults += asked.faults
        choices |= asked.choices
        used |= asked.used
        for source in others[asked.other]:
            names[source.name] = asked.found
            reference.add(source.connection, asked.found)
    raise_all(ProjectError, faults, "nothing was merged:" if faults else None)
    return Identities(names, choices, frozenset(subjects), frozenset(used))


def _side_of(sources: Iterable[Source]) -> Side:
    side = Side()
    for source in sources:
        side.add(source.connection, Names())
    return side


def _as_here(reference: Side, source: Source) -> Names:
    """The names in a copy of this study: a third study may have come into it by another way."""
    side = _side_of([source])

    def another(kind: str, events: Mapping[str, set[str]]) -> dict[str, str]:
        known = known_names(reference, side, kind)
        # Who is here by an entry that is there too bears one name in all copies.
        ours = {name for name in known if events.get(name, set()) & side.events}
        return {name: here for name, here in known.items() if here != name and name not in ours}

    people, texts = another(PERSON, reference.people), another(TEXT, reference.texts)
    return Names(prefix_of(source.study), people, texts)


def _wrong(choose: Mapping[str, str]) -> Iterator[str]:
    for subject, way in choose.items():
        if subject.partition(":")[0] in (_STUDY, PERSON, TEXT) and way not in WAYS:
            yield f"{subject}={way}: expected one of {', '.join(WAYS)}{did_you_mean(way, WAYS)}"


def _stored(connections: Iterable[Connection]) -> dict[str, str]:
    """What was said before, in whichever copy."""
    return {
        row["subject"]: row["chosen"]
        for connection in connections
        for row in holding(connection, "choices")
        if row["subject"].partition(":")[0] in (_STUDY, PERSON, TEXT)
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
        self.other, self._files, self._choose, self._stored = other, files, choose, stored
        self._pair = "+".join(sorted((here, other)))
        self._back = prefix_of(here)
        self._people: dict[str, str | None] = {}
        self._texts: dict[str, str | None] = {}
        self._contradictions: list[str] = []
        self.choices: dict[str, str] = {}
        self.used: set[str] = set()
        self.found = Names()
        self.faults: tuple[str, ...] = ()

    def about(self, reference: Side, side: Side) -> _Asked:
        """Find out who is who there, as far as it was said, and what has to be said."""
        self.found = self._names(reference, side)
        self.faults = tuple(self._faults(reference, side))
        return self

    @property
    def doubt(self) -> tuple[bool, bool]:
        """What needs no answer goes first: by it the answer to another study may be known."""
        return bool(self.faults), bool(self.used)

    # ── what was said ──

    def _study_subject(self) -> str | None:
        """How somebody named this study in a choice."""
        for subject in self._choose:
            kind, _, name = subject.partition(":")
            is_id = len(name) >= _FEWEST and self.other.startswith(name)
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

    def _names(self, reference: Side, side: Side) -> Names:
        """What becomes of the names of the other study, as far as it was said."""
        whole, before = self._study_subject(), self._stored.get(f"{_STUDY}:{self._pair}")
        if whole is not None and before is not None:
            self._compare(whole, self._choose[whole], before)
        known = known_names(reference, side, PERSON)
        for name in sorted(side.people):
            if name in known:
                self._keep(PERSON, name, known[name])
            elif (back := self._given_back(PERSON, name)) is not None:
                self._people[name] = back
            elif name in reference.people or (name in side.stones and not reference.is_empty):
                # Where only they have it: a withdrawal would erase whoever bears this name one day.
                self._decide(PERSON, reference, side, name, taken=name in known.values())
        known = known_names(reference, side, TEXT)
        for name in sorted(side.texts):
            if name in known:
                self._keep(TEXT, name, known[name])
            elif (back := self._given_back(TEXT, name)) is not None:
                self._texts[name] = back
            elif name in reference.texts:
                self._decide(TEXT, reference, side, name, taken=name in known.values())
        return Names(prefix_of(self.other), self._new(self._people), self._documents(side))

    def _keep(self, kind: str, name: str, here: str) -> None:
        """What was joined before stays so, also by the name that it was given then."""
        given = self._choose.get(f"{kind}:{name}")
        if given is not None:
            self._compare(f"{kind}:{name}", given, "same" if here == name else "another")
        if here == name:
            return
        (self._people if kind == PERSON else self._texts)[name] = f"={here}"
        whole = self._study_subject()
        said = self._stored.keys() & {f"{kind}:{self._pair}:{name}", f"{_STUDY}:{self._pair}"}
        if whole is None or said or given is not None or name.startswith(self._back):
            return
        if self._choose[whole] == "same" and kind == PERSON:
            self.used.add(whole)
            self._contradictions.append(
                f"{whole}: {name} of {' and '.join(self._files)} came in in an earlier merge and "
                f"is {here} here, which cannot be changed now; leave this choice away"
            )

    def _given_back(self, kind: str, name: str) -> str | None:
        """The own name of what bears this study's prefix there: it comes home."""
        own = name.removeprefix(self._back)
        said = self._stored.get(f"{kind}:{self._pair}:{own}")
        return f"={own}" if own != name and said == "another" else None

    def _decide(self, kind: str, reference: Side, side: Side, name: str, *, taken: bool) -> None:
        if kind == PERSON:
            ways, here, there = self._people, reference.people.get(name, set()), side.people[name]
        else:
            ways, here, there = self._texts, reference.texts[name], side.texts[name]
        way = self._said_before(kind, name)
        if way is None and taken:
            way = self._remember(kind, name, self._way_of_taken(kind, name))
        elif way is None:
            if _was_erased(kind, reference, side, name, here, there):
                return
            way = self._remember(kind, name, self._way(kind, reference, side, name))
        ways[name] = way

    def _way_of_taken(self, kind: str, name: str) -> str:
        """There the one who bears this name here bears another: so these are two."""
        whole = self._study_subject()
        before = self._stored.get(f"{_STUDY}:{self._pair}")
        for subject in (f"{kind}:{name}", whole if before is None else None):
            if subject is not None and subject in self._choose:
                if self._choose[subject] == "same":
                    self._compare(subject, "same", "another")
                self.used.add(subject)
                return self._choose[subject]
        return "without" if before == "without" else "another"

    def _way(self, kind: str, reference: Side, side: Side, name: str) -> str | None:
        if kind == PERSON:
            return self._said_now(kind, name)
        return self._way_of_text(reference, side, name)

    def _way_of_text(self, reference: Side, side: Side, name: str) -> str | None:
        """A text goes with the people whose it is, unless it is named; else it is asked for."""
        here, there = reference.owners.get(name, set()), side.owners.get(name, set())
        ways = {self._people.get(each, "same") for each in there}
        known = {way[1:] for way in ways if way is not None and way.startswith("=")}
        if f"{TEXT}:{name}" in self._choose:
            return self._said_now(TEXT, name)
        if None in ways:
            return None
        if "without" in ways:
            return "without"
        if "another" in ways or (known and not known & here):
            return "another"
        return "same" if there and there == here else self._said_now(TEXT, name)

    def _new(self, ways: Mapping[str, str | None]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for name, way in ways.items():
            if way is not None and way.startswith("="):
                found[name] = way[1:]
            elif way == "another":
                found[name] = f"{prefix_of(self.other)}{name}"
            elif way == "without":
                found[name] = None
        return found

    def _documents(self, side: Side) -> dict[str, str | None]:
        """The texts by their new names; who is left out takes theirs along."""
        found = self._new(self._texts)
        out = {name for name, way in self._people.items() if way == "without"}
        return found | {name: None for name, owners in side.owners.items() if owners & out}

    # ── what was not said ──

    def subjects(self, side: Side) -> frozenset[str]:
        """All that may be chosen about."""
        return frozenset(
            [
                *(f"{_STUDY}:{name}" for name in self._files),
                *filter(None, [self._study_subject()]),
                *(f"{PERSON}:{name}" for name in side.people),
                *(f"{TEXT}:{name}" for name in side.texts),
            ]
        )

    def _faults(self, reference: Side, side: Side) -> Iterator[str]:
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
        example = f"{PERSON}:{people[0]}" if people else f"{TEXT}:{texts[0]}"
        name = f"{prefix_of(self.other)}{(people or texts)[0]}"
        yield (
            f"{' and '.join(self._files)}: another study, begun apart from this one, and both "
            f"have {told}{withdrew}. Whether these are the same, nobody but you can say. Choose, "
            f'in the shell by --choose: "{subject}=same" (one study that was begun twice), '
            f'"{subject}=another" (they come in under other names, such as {name}) or '
            f'"{subject}=without" (they stay out). Of one alone: "{example}=same"'
        )


def _was_erased(
    kind: str, reference: Side, side: Side, name: str, here: set[str], there: set[str]
) -> bool:
    """Whether one side withdrew what the other one has by an entry of the log that both have.

    Its rows are gone, so they cannot say by which name it is known; where another one who withdrew
    there may be meant as well, this is asked.
    """
    if here and there:
        return False
    if not here and not there:  # withdrawn in both, and at once with others
        return bool(reference.stones.get(name, set()) & side.stones.get(name, set()))
    withdrew, events = (side, here) if here else (reference, there)
    buried = withdrew.stones if kind == PERSON else withdrew.texts
    alike = [each for each in buried if each.endswith(f"-{name}")]
    return bool(events & withdrew.events) and name in buried and not alike


def _named(names: Sequence[str], thing: str) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    plural = "s" if len(names) > 1 else ""
    return [f"the {thing}{plural} {', '.join(names[:_SHOWN])}{more}"]
