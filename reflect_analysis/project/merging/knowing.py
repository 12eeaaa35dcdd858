"""Under which name somebody who came in before is known here.

The log says so: an entry has one id in every copy, and its rows bear one participant or text each,
in one place. Whoever stands there in another study is who stands there here, by whatever name, and
through whichever study the entry came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reflect_analysis.project import schema
from reflect_analysis.project.merging.naming import Names
from reflect_analysis.project.rows import from_json
from reflect_analysis.project.withdrawal.stones import read_tombstones

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["PERSON", "TEXT", "Side", "known_names"]

PERSON, TEXT = "person", "text"
_Key = tuple[object, ...]  # the kind first, then the place in the log
_Texts = dict[str, set[tuple[str, str]]]  # by text hash


@dataclass
class Side:
    """What is known by its name on one side: by which entries of the log, and whose it is."""

    events: set[str] = field(default_factory=set)
    people: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    stones: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    places: dict[_Key, set[str]] = field(default_factory=dict)
    # What was written and by which entry, and what was deleted; by kind.
    written: dict[str, _Texts] = field(default_factory=lambda: {PERSON: {}, TEXT: {}})
    deleted: dict[str, _Texts] = field(default_factory=lambda: {PERSON: {}, TEXT: {}})

    def add(self, connection: Connection, names: Names) -> None:
        """What a copy knows, by the names that it has here."""
        from sqlalchemy import select

        events, cases = schema.events, schema.cases
        self.events.update(connection.execute(select(events.c.id)).scalars())
        places: dict[_Key, set[str]] = {}
        for row in connection.execute(select(cases.c.id, cases.c.event_id, cases.c.position)):
            if (name := names.cases.get(row.id, row.id)) is not None:
                self.people.setdefault(name, set()).add(row.event_id)
                places.setdefault((PERSON, "case", row.event_id, row.position), set()).add(name)
        self._add_documents(connection, names, places)
        self._add_stones(connection, names, places)
        for key, found in places.items():
            if len(found) == 1:  # else two rows that were said again stand in one place
                self.places.setdefault(key, set()).update(found)

    def _add_documents(
        self, connection: Connection, names: Names, places: dict[_Key, set[str]]
    ) -> None:
        from sqlalchemy import select

        table = schema.documents.c
        asked = select(
            table.id, table.event_id, table.case_id, table.about, table.position, table.text_hash
        )
        for row in connection.execute(asked):
            here = names.documents.get(row.id, row.id)
            if here is None:
                continue
            self.texts.setdefault(here, set()).add(row.event_id)
            owners = self.owners.setdefault(here, set())
            places.setdefault((TEXT, row.event_id, row.position), set()).add(here)
            self.written[TEXT].setdefault(row.text_hash, set()).add((row.event_id, here))
            for number, each in enumerate(_owners(row.case_id, row.about)):
                if each is None or (name := names.cases.get(each, each)) is None:
                    continue
                owners.add(name)
                self.people.setdefault(name, set()).add(row.event_id)
                key = (PERSON, "text", row.event_id, row.position, number)
                places.setdefault(key, set()).add(name)
                self.written[PERSON].setdefault(row.text_hash, set()).add((row.event_id, name))

    def _add_stones(
        self, connection: Connection, names: Names, places: dict[_Key, set[str]]
    ) -> None:
        for stone in map(names.stone, read_tombstones(connection).values()):
            name = stone.case_id
            self.people.setdefault(name, set())
            self.stones.setdefault(name, set()).add((stone.at, stone.by))
            places.setdefault((PERSON, "stone", stone.at, stone.by), set()).add(name)
            for document_id, *_ in (*stone.documents, *stone.replaced):
                self.texts.setdefault(document_id, set())
                self.owners.setdefault(document_id, set()).add(name)
            for document_id, text_hash in stone.documents:
                self.deleted[PERSON].setdefault(text_hash, set()).add(("", name))
                self.deleted[TEXT].setdefault(text_hash, set()).add(("", document_id))
                key = (TEXT, "stone", stone.at, stone.by, text_hash)
                places.setdefault(key, set()).add(document_id)

    @property
    def is_empty(self) -> bool:
        """Whether nobody is here."""
        return not (self.people or self.texts)


def _owners(case_id: str | None, about: str) -> Iterator[str | None]:
    """Whose a text is, and whose its turns are, each in its place."""
    yield case_id or None
    if '"turns":[{' in about:
        yield from (turn["case_id"] or None for turn in from_json(about).get("turns", ()))


def known_names(reference: Side, side: Side, kind: str) -> dict[str, str]:
    """The names here of who or what came in before, by the names there.

    Parameters
    ----------
    reference, side : Side
        Here and there.
    kind : {"person", "text"}

    Returns
    -------
    dict of str to str
        Without those who are two here, unless one of these bears the name that it has there.
    """
    found: dict[str, set[str]] = {}
    for key in side.places.keys() & reference.places.keys():
        if key[0] == kind:
            for name in side.places[key]:
                found.setdefault(name, set()).update(reference.places[key])
    erased: dict[str, set[str]] = {}
    for name, here in (
        *_erased(side.written[kind], reference.deleted[kind], reference.events),
        *(
            (there, name)
            for name, there in _erased(reference.written[kind], side.deleted[kind], side.events)
        ),
    ):
        erased.setdefault(name, set()).add(here)
    # A text may have been ascribed to somebody else before it went: who stands here and there in
    # one place is nobody else there.
    stand = set(_sure(found).values())
    left = {name: here - stand for name, here in erased.items() if name not in found}
    return _sure({**left, **found})


def _erased(
    written: Mapping[str, set[tuple[str, str]]],
    deleted: Mapping[str, set[tuple[str, str]]],
    events: set[str],
) -> Iterator[tuple[str, str]]:
    """What one side still has and the other one deleted, by their names.

    A text names nobody by itself (two may have written the same word); of one that came in by an
    entry of the log that both have, there is no doubt where only one bears it on either side.
    """
    for text_hash in written.keys() & deleted.keys():
        names = {name for _, name in written[text_hash]}
        others = {name for _, name in deleted[text_hash]}
        if len(names) == len(others) == 1 and any(e in events for e, _ in written[text_hash]):
            yield names.pop(), others.pop()


def _sure(found: Mapping[str, set[str]]) -> dict[str, str]:
    sure: dict[str, str] = {}
    for name, names in found.items():
        if name in names:
            sure[name] = name
        elif len(names) == 1:
            (sure[name],) = names
    return sure
