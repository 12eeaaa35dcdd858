"""What became of each code: the history of a codebook, read.

Nothing is lost. A code that went into another, was split or is given no more stays as a
retired code that names what took its place, so that a coding of years ago can still be read.
A code that was dropped (only a provisional one can be) leaves its id in the history, and no
other code ever takes that id.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from reflect_analysis.codebook.rows import Action, Code, CodeChange, Group, Origin
from reflect_analysis.errors import CodebookError
from reflect_analysis.provenance import now

if TYPE_CHECKING:
    from typing import Self

__all__ = ["CodingLike", "Lineage", "Log"]


class Log:
    """Who changes something, when and why."""

    def __init__(self, by: str, reason: str, at: datetime | None) -> None:
        self.by, self.reason, self.at = by.strip(), reason, at or now()
        if not self.by:
            raise ValueError("by: a change has somebody who made it")

    def row(
        self,
        action: Action,
        code_id: str,
        *,
        into: tuple[str, ...] = (),
        origin: Origin | None = None,
    ) -> CodeChange:
        """A row of the history, without versions."""
        return CodeChange(action, code_id, into, self.by, self.at, self.reason, origin=origin)


class CodingLike(Protocol):
    """What of a coding is looked at: codings stand in a higher layer."""

    @property
    def id(self) -> str:
        """Id of the coding."""
        ...

    @property
    def document_id(self) -> str:
        """Its document."""
        ...

    @property
    def coder(self) -> str:
        """Who coded."""
        ...

    @property
    def code_id(self) -> str:
        """Its code, as it was called then."""
        ...

    @property
    def codebook_version(self) -> str:
        """The version of the codebook by which it was made."""
        ...


class Lineage:
    """What a codebook tells of its past; `Codebook` is the only class that has it."""

    codes: tuple[Code, ...]
    groups: tuple[Group, ...]
    history: tuple[CodeChange, ...]

    if TYPE_CHECKING:  # what Codebook itself gives

        @cached_property
        def version(self) -> str:
            """Fingerprint of the content."""
            ...

        def __getitem__(self, code_id: str) -> Code: ...
        def __contains__(self, code_id: object) -> bool: ...

    # ── what was ──

    @cached_property
    def dropped(self) -> frozenset[str]:
        """Ids of codes that were dropped."""
        gone = {change.code_id for change in self.history if change.action == "drop"}
        return frozenset(code_id for code_id in gone if code_id not in self)

    def beginnings(self) -> dict[str, CodeChange]:
        """When, by whom and from which passage each code first came; codes from the start lack."""
        found: dict[str, CodeChange] = {}
        for change in self.history:
            if change.action == "create":
                found.setdefault(change.code_id, change)
        return found

    def current_ids(self, code_id: str) -> tuple[str, ...]:
        """The codes in use that an id stands for now, through every merge and split.

        Parameters
        ----------
        code_id : str

        Returns
        -------
        tuple of str
            The id itself for a code in use; several where a code was split and a person has to
            decide; none where it was retired or dropped and nothing took its place.

        Raises
        ------
        UnknownIdError
            If there never was such a code.
        """
        if code_id in self.dropped:
            return ()
        code = self[code_id]
        if not code.retired:
            return (code_id,)
        found = (each for old in code.replaced_by for each in self.current_ids(old))
        return tuple(dict.fromkeys(found))

    def settled_id(self, code_id: str) -> str | None:
        """The code under which codings of an id count now, as far as no person has to decide.

        Merges are followed; a code that was split, or retired with nothing in its place, stays
        itself; `None` stands for a code that was dropped. An id that the codebook never held
        is given back as it came: `check_ids` tells of it.
        """
        if code_id in self.dropped:
            return None
        while code_id in self and len(self[code_id].replaced_by) == 1:
            code_id = self[code_id].replaced_by[0]
        return code_id

    # ── for a log of codings, which stands in a higher layer ──

    @cached_property
    def has_gone_codes(self) -> bool:
        """Whether a code was retired or dropped: only then has a log to be read anew."""
        return bool(self.dropped) or any(code.retired for code in self.codes)

    def is_split(self, code_id: str) -> bool:
        """Whether codings under an id wait for a person, because the code was split."""
        settled = self.settled_id(code_id)
        return settled in self and len(self[str(settled)].replaced_by) > 1

    def looked_for(self, codes: Sequence[str], found: Collection[str]) -> tuple[str, ...] | None:
        """The codes that somebody looked for, as they are named now.

        A code that others went into was looked for where it was itself, or all of those were,
        or where it was found: what nobody looked for is no zero.

        Parameters
        ----------
        codes : sequence of str
            Empty for the whole codebook.
        found : collection of str
            The codes, by their ids of now, that were found in the same reading.

        Returns
        -------
        tuple of str, or None
            `None` where nothing is left: an empty tuple stands for the whole codebook.
        """
        if not codes:
            return ()
        given = set(codes)
        settled = dict.fromkeys(filter(None, map(self.settled_id, codes)))
        now = [
            each
            for each in settled
            if each in given or self._parts.get(each, {each}) <= given or each in found
        ]
        return tuple(now) or None

    @cached_property
    def _parts(self) -> dict[str, set[str]]:
        """The codes that went into each, without itself."""
        parts: dict[str, set[str]] = {}
        for code in self.codes:
            settled = self.settled_id(code.id)
            if settled is not None and settled != code.id:
                parts.setdefault(settled, set()).add(code.id)
        return parts

    def late_faults(self, codings: Iterable[CodingLike]) -> Iterator[str]:
        """Codings under a code that was retired already in the very version that they name."""
        versions = {code.id: self.retired_versions(code.id) for code in self.codes if code.retired}
        for coding in codings:
            if coding.codebook_version in versions.get(coding.code_id, ()):
                yield (
                    f"coding {coding.id!r} of {coding.document_id!r} by {coding.coder!r}: "
                    f"{self.why_not(coding.code_id)}"
                )

    def why_not(self, code_id: str) -> str:
        """Why nothing new may be coded under a known id, and what to use; empty where it may."""
        if code_id in self.dropped:
            return f"code {code_id!r} was dropped"
        if not self[code_id].retired:
            return ""
        now = " or ".join(map(repr, self.current_ids(code_id)))
        return f"code {code_id!r} is retired{f'; use {now}' if now else ''}"

    def retired_versions(self, code_id: str) -> frozenset[str]:
        """The versions of the codebook, as far as known, in which a code was retired already."""
        out: set[str] = {self.version} if self[code_id].retired else set()
        away = False
        for change in self.history:
            if change.code_id == code_id and change.action in ("merge", "split", "retire"):
                away = True
            elif change.code_id == code_id and change.action == "restore":
                away = False
            if away:
                out.add(change.version_after)
        return frozenset(out)

    # ── small steps ──

    def _in_use(self, code_id: str) -> Code:
        """The code of an id, if it is not retired."""
        code = self[code_id]
        if code.retired:
            raise CodebookError(f"code {code_id!r} is retired; restore it first")
        return code

    def _check_no_children(self, code_id: str) -> None:
        below = [c.id for c in self.codes if c.parent == code_id and not c.retired]
        if below:
            raise CodebookError(
                f"code {code_id!r} has subcodes: {', '.join(below)}; move or retire them first"
            )

    def _swapped(self, code: Code) -> list[Code]:
        return [code if each.id == code.id else each for each in self.codes]

    def _changed(self, codes: Iterable[Code], *rows: CodeChange) -> Self:
        """The codebook with other codes, and the rows of its history stamped with versions."""
        kept = tuple(codes)
        versions = (self.version, self._with(codes=kept).version)
        stamped = (
            dataclasses.replace(row, version_before=versions[0], version_after=versions[1])
            for row in rows
        )
        return self._with(codes=kept, history=(*self.history, *stamped))

    def _with(
        self,
        *,
        codes: Sequence[Code] | None = None,
        groups: Sequence[Group] | None = None,
        history: Sequence[CodeChange] | None = None,
    ) -> Self:
        raise NotImplementedError  # Codebook replaces its fields
