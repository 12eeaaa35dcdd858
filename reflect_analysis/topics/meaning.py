"""The verbs by which topics are given a meaning; `Topics` is the only class that has them.

Naming, merging, splitting and dropping give a new value with one more act; nothing that was
found changes by them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import UnknownIdError
from reflect_analysis.provenance import fingerprint, now
from reflect_analysis.topics.acts import (
    Part,
    TopicAct,
    TopicGroup,
    faults_of,
    fitting,
    groups_of,
    labels_of,
    told_of,
)
from reflect_analysis.topics.guidance import Guidance

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from reflect_analysis.cache import Cache
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.segments import Segments
    from reflect_analysis.topics.alignment import Alignment
    from reflect_analysis.topics.assigning import Assigned
    from reflect_analysis.topics.values import Topic, TopicUnit

__all__ = ["Meaning"]


class Meaning:
    """Acts on topics, and what follows from them."""

    if TYPE_CHECKING:  # what Topics itself gives
        rows: tuple[Topic, ...]
        units: tuple[TopicUnit, ...]
        guided: Guidance | None
        acts: tuple[TopicAct, ...]
        notes: tuple[str, ...]

        @cached_property
        def fingerprint(self) -> str:
            """Hash of the solution."""
            ...

    # ── acts ──

    def name(
        self, number: int, label: str, *, by: str, why: str, at: datetime | None = None
    ) -> Self:
        """The topics with a name for one of them; of merged ones, for all that go together.

        Parameters
        ----------
        number : int
        label : str
            The researcher's own words.
        by, why : str
            Who names it, and for what reason.
        at : datetime, optional
            By default now.

        Raises
        ------
        TopicsError
            If there is no such topic, or it was dropped.
        ValueError
            If nobody, or no reason, is given.
        """
        return self._acted("name", (number,), by, why, at, label=label)

    def merge(
        self,
        numbers: Iterable[int],
        *,
        by: str,
        why: str,
        label: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The topics with some that are read as one; each keeps its number and its figures.

        Parameters
        ----------
        numbers : iterable of int
            At least two.
        by, why, at
            As in `name`.
        label : str
            What they are called together.
        """
        return self._acted("merge", tuple(numbers), by, why, at, label=label)

    def split(
        self,
        number: int,
        parts: Mapping[str, Iterable[str]],
        *,
        by: str,
        why: str,
        at: datetime | None = None,
    ) -> Self:
        """The topics with one that is read as several; it keeps its number and its figures.

        Parameters
        ----------
        number : int
        parts : mapping of str to iterable of str
            Ids of segments by the label of the part. Segments in no part stay with the topic.
        by, why, at
            As in `name`.

        Raises
        ------
        ValueError
            If a part has no segments; and as `name`.
        """
        parts = {label: tuple(ids) for label, ids in parts.items()}
        empty = [label for label, ids in parts.items() if not ids]
        if empty:
            raise ValueError(f"parts: no segments in {', '.join(map(repr, empty))}")
        rows = tuple(Part(label, tuple(ids)) for label, ids in parts.items())
        return self._acted("split", (number,), by, why, at, parts=rows)

    def drop(self, number: int, *, by: str, why: str, at: datetime | None = None) -> Self:
        """The topics with one that means nothing; it keeps its number, and is said to be dropped.

        Parameters
        ----------
        number : int
        by, why, at
            As in `name`.
        """
        return self._acted("drop", (number,), by, why, at)

    def undo(self, act_id: str, *, by: str, why: str, at: datetime | None = None) -> Self:
        """The topics with an act that no longer holds; both stay on record.

        Parameters
        ----------
        act_id : str
            Of one of `acts`.
        by, why, at
            As in `name`.
        """
        return self._acted("undo", (), by, why, at, undoes=act_id)

    def with_act(self, *acts: TopicAct) -> Self:
        """The topics with acts from elsewhere, such as a store, in their order.

        Acts that are here already change nothing.

        Raises
        ------
        TopicsError
            If an act is about another solution, or does not fit those before it, with every
            fault.
        """
        known = set(self.acts)
        new = tuple(act for act in dict.fromkeys(acts) if act not in known)
        return self._with(acts=(*self.acts, *new)) if new else self

    def with_acts(self, acts: Iterable[TopicAct]) -> Self:
        """The topics with those of stored acts that are about them and fit.

        Acts of other solutions are passed over, and a note says how many. Where two people
        worked apart, an act may not fit what was done before it, such as a name for a topic
        that was dropped: it is left out, and a note says so.

        Parameters
        ----------
        acts : iterable of TopicAct
            In their order, such as `Project.topic_acts`.

        Examples
        --------
        ``topics.with_acts(project.topic_acts())``
        """
        known = {act.id for act in self.acts}
        given = list(dict.fromkeys(acts))
        mine = [act for act in given if act.fingerprint == self.fingerprint]
        new = [act for act in mine if act.id not in known]
        fit, faults = fitting(self.fingerprint, self._members(), self.acts, new)
        told = [f"An act was left out: {fault}." for fault in faults]
        told += _passed_over(len(given) - len(mine))
        notes = (*self.notes, *(each for each in told if each not in self.notes))
        return self._with(acts=(*self.acts, *fit), notes=notes) if fit or told else self

    def _acted(
        self,
        kind: Any,
        numbers: tuple[int, ...],
        by: str,
        why: str,
        at: datetime | None,
        *,
        label: str = "",
        parts: tuple[Part, ...] = (),
        undoes: str = "",
    ) -> Self:
        key = (self.fingerprint, kind, numbers, label, by, why, at or now(), parts, undoes)
        act = TopicAct(*key)
        if act.id in {each.id for each in self.acts}:
            # The same again within a second, as after an undo: another act all the same.
            act = dataclasses.replace(act, id=fingerprint(act.id, len(self.acts))[:20])
        return self._with(acts=(*self.acts, act))

    def _with(self, **changes: Any) -> Self:
        return dataclasses.replace(self, **changes)  # type: ignore[type-var,misc,unused-ignore]  # Topics is a dataclass

    def _act_faults(self) -> Iterator[str]:
        """What is wrong with the acts."""
        if not self.acts:
            return
        yield from faults_of(self.fingerprint, self._members(), self.acts)

    def _members(self) -> dict[int, frozenset[str]]:
        """Ids of the segments of every topic."""
        found: dict[int, set[str]] = {row.number: set() for row in self.rows}
        for unit in self.units:
            found.get(unit.topic, set()).add(unit.segment_id)
        return {number: frozenset(ids) for number, ids in found.items()}

    # ── what holds ──

    @cached_property
    def _names(self) -> dict[int, str]:
        return labels_of((row.number for row in self.rows), self.acts)

    def label(self, number: int) -> str:
        """What a topic is called: the name that a researcher gave, else its words."""
        self._check_number(number)
        return self._names.get(number) or self.rows[number].label

    def named(self, number: int) -> bool:
        """Whether a researcher has named a topic."""
        self._check_number(number)
        return number in self._names

    def act_told(self, number: int) -> str:
        """What became of a topic: ``"merged with 2"``, ``"split into …"``, ``"dropped"``, or empty."""  # noqa: E501  # the three forms
        self._check_number(number)
        return told_of(number, (row.number for row in self.rows), self.acts)

    def _check_number(self, number: int) -> None:
        if number not in range(len(self.rows)):
            raise UnknownIdError(f"no topic {number!r}; there are {len(self.rows)}, from 0")

    @cached_property
    def groups(self) -> tuple[TopicGroup, ...]:
        """The topics as the acts leave them: merged ones as one, split ones in parts, dropped out."""  # noqa: E501  # the three acts
        words = {row.number: row.label for row in self.rows}
        return groups_of(words, self.units, self.acts)

    def marks(self) -> str:
        """What a reader must know of guidance and acts, to be set behind a summary."""
        told = [self.guided.mark] if self.guided else []
        if self.acts:
            told.append(f"{len(self.acts)} act{'' if len(self.acts) == 1 else 's'} of researchers")
        return "".join(f"; {each}" for each in told)

    # ── use ──

    def assign(
        self,
        segments: Segments,
        *,
        embeddings: NDArray[np.floating[Any]] | None = None,
        model: str | Path | None = None,
        cache: Cache | None = None,
    ) -> Assigned:
        """Put texts into these topics; see `assign_topics`."""
        from reflect_analysis.topics.assigning import assign_topics

        return assign_topics(
            self._topics(), segments, embeddings=embeddings, model=model, cache=cache
        )

    def to_codebook(
        self,
        codebook: Codebook,
        alignment: Alignment | None = None,
        *,
        by: str,
        only: Sequence[int] | None = None,
        segments: Segments | None = None,
        at: datetime | None = None,
    ) -> Codebook:
        """A codebook with a provisional code for topics that no code covers; see `topics_to_codebook`."""  # noqa: E501  # the name of the function
        from reflect_analysis.topics.codebooks import topics_to_codebook

        return topics_to_codebook(
            self._topics(), codebook, alignment, by=by, only=only, segments=segments, at=at
        )

    def to_codings(
        self,
        segments: Segments,
        codebook: Codebook,
        alignment: Alignment | None = None,
        *,
        codes: Mapping[int | str, str] | None = None,
    ) -> Codings:
        """The topics as one more coder; see `topics_to_codings`."""
        from reflect_analysis.topics.codebooks import topics_to_codings

        return topics_to_codings(self._topics(), segments, codebook, alignment, codes=codes)

    def save(self, folder: str | Path, *, words: bool = False) -> Path:
        """Write the topics into a new folder, without a pickle; see `save_topics`."""
        from reflect_analysis.topics.files import save_topics

        return save_topics(self._topics(), folder, words=words)

    def _topics(self) -> Any:
        return self


def _passed_over(count: int) -> list[str]:
    """That acts of other solutions change nothing here."""
    if not count:
        return []
    told = "1 act is" if count == 1 else f"{count} acts are"
    return [f"{told} about another solution and changed nothing in this one."]
