"""What a researcher does with topics: names, merges, splits and drops, one event each.

An act never changes what was found: the numbers of the topics, their members and every figure
stay as they were, and the acts are laid over them as a view. An act knows the solution that
it is about by its fingerprint, so that none is ever applied to another fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from reflect_analysis.errors import TopicsError
from reflect_analysis.provenance import fingerprint, now

__all__ = [
    "ActKind",
    "Part",
    "TopicAct",
    "TopicGroup",
    "act_of",
    "act_row",
    "faults_of",
    "fitting",
    "groups_of",
    "in_force",
    "labels_of",
]

ActKind = Literal["name", "merge", "split", "drop", "undo"]

_FEWEST = {"merge": 2, "undo": 0}
_SHOWN = 5
# The fields that a row holds as they are.
_TEXTS = ("id", "fingerprint", "kind", "label", "why", "by", "undoes")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a topic that was split.

    Parameters
    ----------
    label : str
    segment_ids : tuple of str
        Those of the topic's segments that belong to it; none where all were of participants who
        withdrew.
    """

    label: str
    segment_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicAct:
    """One act of a researcher on the topics of one solution.

    Parameters
    ----------
    fingerprint : str
        `Topics.fingerprint` of the solution.
    kind : {"name", "merge", "split", "drop", "undo"}
    topics : tuple of int
        Numbers of the topics: one, of a merge at least two, of an undo none.
    label : str
        The name that is given, or that of the merged topics.
    by, why : str
        Who, and for what reason.
    at : datetime
        In UTC.
    parts : tuple of Part
        Of a split.
    undoes : str
        Of an undo: the id of the act that no longer holds.
    id : str
        Fingerprint of the rest, set when left out.

    Raises
    ------
    ValueError
        If nobody acts, no reason is given, or the fields do not fit the kind.
    """

    fingerprint: str
    kind: ActKind
    topics: tuple[int, ...]
    label: str = ""
    by: str = ""
    why: str = ""
    at: datetime = field(default_factory=now)
    parts: tuple[Part, ...] = ()
    undoes: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        for name in ("label", "by", "why"):
            object.__setattr__(self, name, " ".join(getattr(self, name).split()))
        object.__setattr__(self, "topics", tuple(map(int, self.topics)))
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        if not self.id:
            parts = [(part.label, part.segment_ids) for part in self.parts]
            key = (self.fingerprint, self.kind, self.topics, self.label, self.by, self.why)
            made = fingerprint(key, self.at.isoformat(), parts, self.undoes)[:20]
            object.__setattr__(self, "id", made)

    def _faults(self) -> Iterator[str]:
        if self.kind not in get_args(ActKind):
            yield f"kind: expected one of {', '.join(get_args(ActKind))}, came {self.kind!r}"
            return
        if not self.by:
            yield "by: an act has somebody who did it"
        if not self.why:
            yield "why: an act has a reason; a few words will do"
        fewest = _FEWEST.get(self.kind, 1)
        fits = len(self.topics) >= fewest if self.kind == "merge" else len(self.topics) == fewest
        if not fits or len(set(self.topics)) < len(self.topics):
            least = "at least " if self.kind == "merge" else ""
            yield f"topics: a {self.kind} is of {least}{fewest}, each once; came {self.topics}"
        if self.kind == "name" and not self.label:
            yield "label: expected a name, came nothing"
        if self.kind == "undo" and not self.undoes:
            yield "undoes: expected the id of an act"
        if self.kind == "split":
            yield from self._part_faults()

    def _part_faults(self) -> Iterator[str]:
        if len(self.parts) < 2:  # noqa: PLR2004  # one part is no split
            yield f"parts: a split is into at least 2, came {len(self.parts)}"
        labels = [part.label for part in self.parts]
        if not all(label.strip() for label in labels) or len(set(labels)) < len(labels):
            yield "parts: each has a label of its own"
        ids = [segment_id for part in self.parts for segment_id in part.segment_ids]
        if len(set(ids)) < len(ids):
            yield "parts: no segment stands in two"


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """What a researcher works with after the acts: a topic, some merged, or a part of one.

    Parameters
    ----------
    key : str
        ``"5"`` for a topic, ``"0+2"`` for merged ones, ``"3a"`` for a part of a split one; what
        a split leaves over is ``"3*"``.
    label : str
        The name in force, else the words.
    topics : tuple of int
        The numbers behind it.
    segment_ids : tuple of str
    participants : int
        Known participants.
    named : bool
        Whether a person gave the label.
    """

    key: str
    label: str
    topics: tuple[int, ...]
    segment_ids: tuple[str, ...]
    participants: int
    named: bool

    @property
    def size(self) -> int:
        """Segments in it."""
        return len(self.segment_ids)


class UnitLike(Protocol):
    """What of a unit the view looks at."""

    @property
    def segment_id(self) -> str:
        """Id of the segment."""
        ...

    @property
    def case_id(self) -> str | None:
        """Its participant."""
        ...

    @property
    def topic(self) -> int:
        """Number of its topic."""
        ...


# ── what holds ──────────────────────────────────────────────────────────────────


def in_force(acts: Sequence[TopicAct]) -> tuple[TopicAct, ...]:
    """The acts that hold: without those undone, and the undoings; an undo can be undone."""
    gone: set[str] = set()
    for act in reversed(acts):
        if act.kind == "undo" and act.id not in gone:
            gone.add(act.undoes)
    return tuple(act for act in acts if act.kind != "undo" and act.id not in gone)


@dataclass(frozen=True, slots=True)
class _State:
    """The acts in force, replayed: what became of every topic."""

    heads: dict[int, tuple[int, ...]]
    names: dict[int, str]
    parts: dict[int, tuple[Part, ...]]
    dropped: frozenset[int]

    @classmethod
    def of(cls, numbers: Iterable[int], acts: Sequence[TopicAct]) -> _State:
        heads: dict[int, tuple[int, ...]] = {number: (number,) for number in numbers}
        names: dict[int, str] = {}
        parts: dict[int, tuple[Part, ...]] = {}
        dropped: set[int] = set()
        for act in in_force(acts):
            together = tuple(sorted({n for number in act.topics for n in heads[number]}))
            if act.kind == "merge":
                heads |= dict.fromkeys(together, together)
            if act.kind == "split":
                parts[act.topics[0]] = act.parts
            if act.kind == "drop":
                dropped.update(together)
            elif act.label:
                names |= dict.fromkeys(together, act.label)
        return cls(heads, names, parts, frozenset(dropped))


def labels_of(numbers: Iterable[int], acts: Sequence[TopicAct]) -> dict[int, str]:
    """The names that researchers gave and that hold, by number."""
    return _State.of(numbers, acts).names


def told_of(number: int, numbers: Iterable[int], acts: Sequence[TopicAct]) -> str:
    """What became of one topic, in a few words; empty where nothing did."""
    state = _State.of(numbers, acts)
    told = []
    others = [str(each) for each in state.heads[number] if each != number]
    if others:
        told.append(f"merged with {', '.join(others)}")
    if number in state.parts:
        told.append(f"split into {', '.join(part.label for part in state.parts[number])}")
    if number in state.dropped:
        told.append("dropped")
    return "; ".join(told)


def groups_of(
    words: Mapping[int, str], units: Sequence[UnitLike], acts: Sequence[TopicAct]
) -> tuple[TopicGroup, ...]:
    """The topics as the acts leave them, in the order of the numbers; dropped ones are out."""
    state = _State.of(words, acts)
    members: dict[int, list[UnitLike]] = {number: [] for number in words}
    for unit in units:
        if unit.topic in members:
            members[unit.topic].append(unit)
    kept = dict.fromkeys(state.heads[n] for n in sorted(words) if n not in state.dropped)
    return tuple(
        group
        for together in kept
        for group in _groups(together, state, words, [u for n in together for u in members[n]])
    )


def _groups(
    together: tuple[int, ...], state: _State, words: Mapping[int, str], units: Sequence[UnitLike]
) -> Iterator[TopicGroup]:
    first = together[0]
    parts = state.parts.get(first, ())
    for place, part in enumerate(parts):
        ids = frozenset(part.segment_ids)
        inside = [unit for unit in units if unit.segment_id in ids]
        if not inside:
            continue
        yield _group(f"{first}{_letter(place)}", part.label, together, inside, named=True)
    taken = {segment_id for part in parts for segment_id in part.segment_ids}
    left = [unit for unit in units if unit.segment_id not in taken]
    if left:
        given = [state.names[number] for number in together if number in state.names]
        label = given[0] if given else " / ".join(words[number] for number in together)
        key = f"{first}*" if parts else "+".join(map(str, together))
        yield _group(key, label, together, left, named=bool(given))


def _group(
    key: str, label: str, topics: tuple[int, ...], units: Sequence[UnitLike], *, named: bool
) -> TopicGroup:
    ids = tuple(sorted(unit.segment_id for unit in units))
    people = {unit.case_id for unit in units} - {None}
    return TopicGroup(key, label, topics, ids, len(people), named)


def _letter(place: int) -> str:
    """a, b … z, aa, ab …"""  # noqa: D400  # the series has no end
    rest, last = divmod(place, 26)
    return (_letter(rest - 1) if rest else "") + "abcdefghijklmnopqrstuvwxyz"[last]


# ── what may be done ────────────────────────────────────────────────────────────


def fitting(
    act_fingerprint: str,
    members: Mapping[int, frozenset[str]],
    before: Sequence[TopicAct],
    acts: Iterable[TopicAct],
) -> tuple[tuple[TopicAct, ...], tuple[str, ...]]:
    """The acts that fit this solution and what was done to it before, and the faults of the rest.

    Parameters
    ----------
    act_fingerprint, members
        As in `faults_of`.
    before : sequence of TopicAct
        That hold already.
    acts : iterable of TopicAct
        In their order.
    """
    fit, faults = list(before), list[str]()
    for act in acts:
        found = list(_faults(act, act_fingerprint, members, fit))
        faults += [f"{act.kind} {act.id!r} by {act.by!r}: {fault}" for fault in found]
        if not found:
            fit.append(act)
    return tuple(fit[len(before) :]), tuple(faults)


def faults_of(
    act_fingerprint: str,
    members: Mapping[int, frozenset[str]],
    acts: Sequence[TopicAct],
) -> Iterator[str]:
    """What is wrong with acts on a solution of this fingerprint, in their order.

    Parameters
    ----------
    act_fingerprint : str
    members : mapping of int to frozenset of str
        Ids of the segments of every topic.
    acts : sequence of TopicAct
    """
    yield from fitting(act_fingerprint, members, (), acts)[1]


def _faults(
    act: TopicAct,
    wanted: str,
    members: Mapping[int, frozenset[str]],
    earlier: Sequence[TopicAct],
) -> Iterator[str]:
    if act.fingerprint != wanted:
        yield (
            f"is about the solution {act.fingerprint[:12]}, not this one ({wanted[:12]}); "
            "topics of another fit are other topics, whatever their numbers"
        )
        return
    unknown = [number for number in act.topics if number not in members]
    if unknown:
        yield f"no topic {', '.join(map(str, unknown))}; there are {len(members)}, from 0"
        return
    if act.id in {each.id for each in earlier}:
        yield "stands twice"
    state = _State.of(members, earlier)
    gone = [number for number in act.topics if number in state.dropped]
    if gone:
        yield f"topic {', '.join(map(str, gone))} was dropped; undo that first"
    yield from _KIND_FAULTS.get(act.kind, _no_faults)(act, state, members, earlier)


def _no_faults(*_: object) -> Iterator[str]:
    yield from ()


def _merge_faults(act: TopicAct, state: _State, *_: object) -> Iterator[str]:
    split = [number for number in act.topics if number in state.parts]
    if split:
        yield f"topic {', '.join(map(str, split))} was split; undo that first"


def _split_faults(
    act: TopicAct, state: _State, members: Mapping[int, frozenset[str]], *_: object
) -> Iterator[str]:
    (number,) = act.topics
    if len(state.heads[number]) > 1:
        yield f"topic {number} goes with {told_together(state.heads[number])}; undo that first"
    ids = [segment_id for part in act.parts for segment_id in part.segment_ids]
    strange = [segment_id for segment_id in ids if segment_id not in members[number]]
    if strange:
        more = f" and {len(strange) - _SHOWN} more" if strange[_SHOWN:] else ""
        shown = ", ".join(map(repr, strange[:_SHOWN]))
        yield f"segments {shown}{more} are not in topic {number}"


def _undo_faults(
    act: TopicAct, _: object, members: Mapping[int, frozenset[str]], earlier: Sequence[TopicAct]
) -> Iterator[str]:
    target = next((each for each in earlier if each.id == act.undoes), None)
    if target is None:
        yield f"no act {act.undoes!r} to be undone"
        return
    # What was done on top of an act may rest on it: a topic that was split cannot be merged.
    before = [each for each in in_force([*earlier, act]) if each.kind != "undo"]
    for place, each in enumerate(before):
        for fault in _faults(each, each.fingerprint, members, before[:place]):
            yield f"{each.kind} {each.id!r} rests on it ({fault}); undo that one first"


_KIND_FAULTS: dict[str, Any] = {
    "merge": _merge_faults,
    "split": _split_faults,
    "undo": _undo_faults,
}


def told_together(numbers: Sequence[int]) -> str:
    """Numbers as words.

    >>> told_together((0, 2, 5))
    '0, 2 and 5'
    """
    told = list(map(str, numbers))
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


# ── kept ────────────────────────────────────────────────────────────────────────


def act_row(act: TopicAct) -> dict[str, Any]:
    """An act as a flat row for a store.

    Parameters
    ----------
    act : TopicAct

    Returns
    -------
    dict
        Its fields, each a text: ``topics`` as JSON, ``at`` in ISO 8601, and the parts in
        ``about``.
    """
    told = {name: getattr(act, name) for name in _TEXTS}
    parts = [[part.label, list(part.segment_ids)] for part in act.parts]
    rest = {"topics": _json(list(act.topics)), "at": act.at.isoformat()}
    return told | rest | {"about": _json({"parts": parts})}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def act_of(row: Mapping[str, Any]) -> TopicAct:
    """The act of a row that `act_row` made.

    Raises
    ------
    TopicsError
        If the row is no such row.
    """
    try:
        parts = tuple(Part(label, tuple(ids)) for label, ids in json.loads(row["about"])["parts"])
        return TopicAct(
            **{name: row[name] for name in _TEXTS},
            topics=tuple(json.loads(row["topics"])),
            at=datetime.fromisoformat(row["at"]),
            parts=parts,
        )
    except (KeyError, TypeError, ValueError) as error:
        where = row.get("id", "without an id")
        raise TopicsError(f"act {where!r}: cannot be read ({type(error).__name__})") from error
