"""The persons of a study, and imagined ones before them: on whom it is tried what counts tell.

The imagined say and read whatever the structure allows (a subcode is never said without its
parent, a code never where nobody read for it) and nothing that only the data show. What every
reader of the tables knows of the data holds for them as well: which codes nobody said, for which
every text was read, and, where sessions are told of, how many texts a person has in each and in
which sessions nothing was read for a code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from reflect_analysis.incidence import CodedUnit, Incidence

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Part = tuple[Flags, Flags]

__all__ = ["People", "imagined_for"]

_FEWEST = 2400  # so many that few counts of a usual codebook are alike in all by chance
_SPARE = 256  # imagined persons beyond the counts: no sum of theirs is another by chance
_SHARES = (0.03, 0.08, 0.2, 0.45, 0.75)  # how much an imagined person says of each text
_TEXTS = 3  # of each imagined person: so that two codes can stand in different ones


@dataclass(frozen=True, eq=False)
class People:
    """The persons of a study with what they said in each text, and imagined ones before them.

    Parameters
    ----------
    incidence : Incidence
        Of reflections, segments or participants: each unit is a text here.
    values : mapping of str to mapping of str to str
        By attribute what each participant bears of it, by id.
    imagined : int
        How many persons are imagined (`imagined_for`), each with three texts, or with as many
        in each session as somebody of the study has.
    sessions : mapping of str to str
        The session of each document, where sessions are told of.
    """

    incidence: Incidence = field(repr=False)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    imagined: int = _FEWEST
    sessions: Mapping[str, str] = field(default_factory=dict, repr=False)

    def said(self, codes: Iterable[str]) -> Flags:
        """Who said any of some codes: first the imagined persons, then the study's."""
        return self.speakers(self.texts_said(codes))

    def read(self, codes: Iterable[str]) -> Flags:
        """Who was read for any of some codes."""
        return self.speakers(self.texts_read(codes))

    def part(self, codes: Sequence[str]) -> Part:
        """Both: a part of a `ToldRow`."""
        return self.said(codes), self.read(codes)

    def texts_said(self, codes: Iterable[str]) -> Flags:
        """The texts in which any of some codes was found."""
        return self._any(self._said, codes)

    def texts_read(self, codes: Iterable[str]) -> Flags:
        """The texts that were read for any of some codes."""
        return self._any(self._read, codes)

    def texts_in(self, session: str) -> Flags:
        """The texts of known persons in a session."""
        import numpy as np

        made = np.array([each == session for each in self._slots] * self.imagined)
        real = [self._session_of(unit) == session for unit in self.incidence.units]
        known = np.array(self._places) > 0
        found: Flags = np.concatenate([made & self._present, np.array(real, dtype=bool) & known])
        return found

    def texts_part(self, codes: Sequence[str]) -> Part:
        """Both: a part of a `ToldRow` that counts texts."""
        return self.texts_said(codes), self.texts_read(codes)

    def speakers(self, texts: Flags) -> Flags:
        """The known persons of whom some texts are."""
        import numpy as np

        made = texts[: self._made].reshape(self.imagined, -1).any(axis=1)
        real = np.bincount(self._places, texts[self._made :], len(self._known) + 1)[1:]
        return np.concatenate([made, real > 0])

    def texts_of(self, persons: Flags) -> Flags:
        """The texts of some persons, and those of which nobody knows whose they are."""
        import numpy as np

        made = persons[: self.imagined].repeat(len(self._slots))
        whose = np.concatenate([[True], persons[self.imagined :]])
        return np.concatenate([made, whose[self._places]])

    def within(self, attribute: str, values: Iterable[str]) -> Flags:
        """Who bears one of some values of an attribute."""
        import numpy as np

        given = self.values[attribute]
        real = [given.get(person, "") for person in self._known]
        made = _chance(attribute).choice(sorted(set(real)), self.imagined)
        return np.isin(np.concatenate([made, real]), list(values))

    def everyone(self) -> Flags:
        """All known persons."""
        import numpy as np

        return np.ones(self.imagined + len(self._known), dtype=bool)

    def counts(self, units: Flags) -> Floats:
        """How much of each person some persons or texts are: the imagined, then the study's.

        Each of the study's own is possible, however rare, so that no count is taken for nobody's
        because nobody like them was imagined. Last come the texts of which nobody knows whose
        they are: each counts as a text, and as no person.
        """
        import numpy as np

        nobodys = np.array(self._places) == 0
        if not self.counts_texts(units):
            return np.concatenate([units.astype(float), np.zeros(int(nobodys.sum()))])
        made = units[: self._made].reshape(self.imagined, -1).sum(axis=1)
        given = units[self._made :]
        real = np.bincount(self._places, given, len(self._known) + 1)[1:]
        return np.concatenate([made.astype(float), real, given[nobodys].astype(float)])

    def behind(self, units: Flags) -> int:
        """How many persons of the study stand behind some persons or texts."""
        if not self.counts_texts(units):
            return int(units[self.imagined :].sum())
        places = units[self._made :].nonzero()[0]
        return len({self.incidence.units[place].person for place in places})

    @cached_property
    def _made(self) -> int:
        """How many texts are imagined."""
        return self.imagined * len(self._slots)

    @cached_property
    def _slots(self) -> tuple[str, ...]:
        """The session of each text that an imagined person may have."""
        if self.sessions:
            most: Counter[str] = Counter()
            for pattern in self._patterns:
                most |= pattern
            return tuple(sorted(most.elements()))
        # Of a study with one text a person every reader knows that texts are persons.
        alone = len(self._known) == len(self.incidence)
        return ("",) * (1 if alone else _TEXTS)

    @cached_property
    def _patterns(self) -> tuple[Counter[str], ...]:
        """How many texts somebody of the study has in each session; more than two are two."""
        found: dict[int, Counter[str]] = {}
        for place, unit in zip(self._places, self.incidence.units, strict=True):
            if place:
                found.setdefault(place, Counter())[self._session_of(unit)] += 1
        few = {tuple(sorted((s, min(n, 2)) for s, n in each.items())) for each in found.values()}
        return tuple(Counter(dict(each)) for each in sorted(few))

    def _session_of(self, unit: CodedUnit) -> str:
        return self.sessions.get(unit.document_ids[0], "")

    @cached_property
    def _present(self) -> Flags:
        """Which of the imagined texts there are, (imagined texts,)."""
        import numpy as np

        if not self.sessions:
            return np.ones(self._made, dtype=bool)
        ranks = [self._slots[:place].count(each) for place, each in enumerate(self._slots)]
        each = [
            [rank < pattern[slot] for slot, rank in zip(self._slots, ranks, strict=True)]
            for pattern in self._patterns
        ]
        drawn = _chance("sessions").integers(len(each), size=self.imagined)
        found: Flags = np.array(each, dtype=bool)[drawn].ravel()
        return found

    @cached_property
    def _known(self) -> dict[str, int]:
        """The participants, each with a place."""
        found = {unit.case_id: None for unit in self.incidence.units if unit.case_id}
        return {case_id: place for place, case_id in enumerate(found, start=1)}

    @cached_property
    def _places(self) -> list[int]:
        """Whose each text is: 0 where nobody knows."""
        return [self._known.get(unit.case_id or "", 0) for unit in self.incidence.units]

    @property
    def persons(self) -> tuple[str, ...]:
        """The ids of the study's persons."""
        return tuple(self._known)

    def is_nought(self, units: Flags) -> bool:
        """Whether nobody of the study is there, and none of their texts."""
        return not self.number(units)

    def number(self, units: Flags) -> int:
        """How many of the study's persons, or of their texts, some are."""
        first = self._made if self.counts_texts(units) else self.imagined
        return int(units[first:].sum())

    def documents(self, texts: Flags) -> int:
        """In how many documents of the study some texts stand: of a transcript several do."""
        places = texts[self._made :].nonzero()[0]
        return len({each for place in places for each in self.incidence.units[place].document_ids})

    @property
    def unknown(self) -> int:
        """Of how many texts nobody knows whose they are."""
        return self._places.count(0)

    def counts_texts(self, units: Flags) -> bool:
        """Whether these are texts, not persons."""
        return len(units) == self._made + len(self.incidence)

    def _any(self, table: Mapping[str, Flags], codes: Iterable[str]) -> Flags:
        import numpy as np

        found: Flags = np.zeros(self._made + len(self.incidence), dtype=bool)
        for code in codes:
            found = found | table[code]
        return found

    @cached_property
    def _shares(self) -> Floats:
        """How much each imagined person says or reads, by text."""
        drawn = _chance("shares").choice(_SHARES, self.imagined)
        shares: Floats = drawn.repeat(len(self._slots))
        return shares

    @cached_property
    def _read(self) -> dict[str, Flags]:
        """What was read for each code; codes for which the same was read are read alike."""
        import numpy as np

        read, chance = ~np.isnan(self.incidence.said), _chance("read")
        columns = dict(zip(self.incidence.codes, read.T, strict=True))
        made = {
            column.tobytes(): (chance.random(self._made) < self._shares) | self._keen
            for column in read.T
        }
        of = {code: column.tobytes() for code, column in columns.items()}
        for code, parent in self._upwards:
            made[of[parent]] = made[of[parent]] | made[of[code]]
        found: dict[str, Flags] = {}
        for code, column in columns.items():
            may = made[of[code]] & self._where_any(column) | column.all()
            found[code] = np.concatenate([may & self._present, column])
        return found

    def _where_any(self, read: Flags) -> Flags:
        """The imagined texts of sessions in which some text of a known person was read.

        Posts without a session that nobody read are known not to have been: of a code that was
        read in dated texts alone, who said it in some session is who said it.
        """
        import numpy as np

        known = np.array(self._places) > 0
        there = {self._session_of(self.incidence.units[n]) for n in (read & known).nonzero()[0]}
        found: Flags = np.array([slot in there for slot in self._slots] * self.imagined, dtype=bool)
        return found

    @cached_property
    def _keen(self) -> Flags:
        """The texts of every second imagined person: all are read."""
        import numpy as np

        keen: Flags = np.repeat(np.arange(self.imagined) % 2 == 0, len(self._slots))
        return keen

    @cached_property
    def _said(self) -> dict[str, Flags]:
        import numpy as np

        found, drawn = {}, self._drawn()
        columns = self.incidence.said.T
        for place, (code, column) in enumerate(zip(self.incidence.codes, columns, strict=True)):
            said = column == 1  # where nobody said it, the nought is printed
            found[code] = np.concatenate([drawn[:, place] & said.any(), said]) & self._read[code]
        for code, parent in self._upwards:
            found[parent] = found[parent] | found[code]
        return found

    def _drawn(self) -> Flags:
        """What the imagined say by themselves, (imagined texts, codes).

        Two in three say few things in all, every two codes together as far as there is room, in
        one text and in two: these tell counts apart that differ in rare company alone.
        """
        chance, codes = _chance("said"), len(self.incidence.codes)
        drawn: Flags = chance.random((self._made, codes)) < self._shares[:, None]
        each, few = len(self._slots), self.imagined * 2 // 3
        drawn[: few * each] = False
        there = self._present.reshape(-1, each)
        for person, things in zip(range(few), self._few_things(chance), strict=False):
            texts = person * each + chance.choice(there[person].nonzero()[0], size=len(things))
            texts[:2] = texts[0] if person % 2 else texts[:2]
            drawn[texts, things] = True
        return drawn

    def _few_things(self, chance: np.random.Generator) -> Iterator[list[int]]:
        """Every two codes, twice, in any order; then any three to five, for ever."""
        codes = len(self.incidence.codes)
        pairs = [[a, b] for a in range(codes) for b in range(a + 1) for _ in range(2)]
        chance.shuffle(pairs)
        yield from sorted(pairs[: self.imagined // 2])
        while codes:
            yield chance.integers(codes, size=int(chance.integers(3, 6))).tolist()

    @cached_property
    def _upwards(self) -> tuple[tuple[str, str], ...]:
        """Each code with the one above it, the lowest first."""
        above = self.incidence.parents
        lines = {code: list(_line(code, above)) for code in self.incidence.codes}
        order = sorted(self.incidence.codes, key=lambda code: (-len(lines[code]), code))
        return tuple((code, above[code]) for code in order if above.get(code) in lines)


def _line(code: str, above: Mapping[str, str]) -> Iterator[str]:
    """The codes above one, the nearest first."""
    seen = {code}
    while (code := above.get(code, "")) and code not in seen:
        yield code
        seen.add(code)


def _chance(name: str) -> np.random.Generator:
    """The same chance in every run."""
    import numpy as np

    return np.random.default_rng(list(name.encode()))


def imagined_for(counts: int) -> int:
    """How many persons must be imagined beside so many counts."""
    return max(_FEWEST, counts + _SPARE)
