"""How codes come into a codebook and change: each verb gives a new codebook.

Open coding begins with a provisional code made from a passage; later it is defined, moved,
merged or dropped, and every step is a row of the history.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reflect_analysis.codebook.checks import IN_VIVO_ID, slug
from reflect_analysis.codebook.lineage import Lineage, Log
from reflect_analysis.codebook.rows import Action, Code, Group, Origin, differing_fields
from reflect_analysis.errors import CodebookError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["OPEN_CODES", "Growing"]

# Where a provisional code stands until somebody moves it.
OPEN_CODES = Group("open_codes", "Open codes", "Made while reading, and not yet defined.")
_KEPT = ("id", "status", "origin", "replaced_by")


class Growing(Lineage):
    """The verbs by which codes come and change."""

    # ── codes come ──

    def add(self, code: Code, *, by: str, reason: str = "", at: datetime | None = None) -> Self:
        """The codebook with one more code, at the end of its group.

        Parameters
        ----------
        code : Code
        by : str
            Who adds it.
        reason : str
        at : datetime, optional
            By default now.

        Raises
        ------
        CodebookError
            If the id is taken, or was that of a code that was dropped, or the code does not fit.
        """
        self._check_new(code.id)
        if code.retired:
            raise CodebookError(f"code {code.id!r}: a new code is not retired; use retire")
        log = Log(by, reason, at)
        return self._changed(
            _placed(self.codes, code), log.row("create", code.id, origin=code.origin)
        )

    def provisional(  # noqa: PLR0913  # what open coding notes of a code in one go
        self,
        name: str,
        origin: Origin | None = None,
        *,
        by: str,
        in_vivo: bool = False,
        definition: str = "",
        group: str = "",
        code_id: str = "",
        reason: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The codebook with a code that was made from a passage, to be defined later.

        Parameters
        ----------
        name : str
            The coder's own words, or with `in_vivo` the participant's.
        origin : Origin, optional
            The passage.
        by : str
        in_vivo : bool
            Whether the name is a participant's words: it is then printed nowhere that may be
            sent until `approve_name`, and the id tells nothing of it.
        definition : str
            As far as there is one yet.
        group : str
            Id of a group; by default "Open codes", which is made where it is missing.
        code_id : str
            By default from the name, or ``in_vivo_1``, ``in_vivo_2`` ….
        reason, at
            As in `add`.

        Examples
        --------
        >>> from reflect_analysis.codebook import Codebook
        >>> book = Codebook(()).provisional("the room breathes", by="Ana", in_vivo=True)
        >>> book.ids, book["in_vivo_1"].public_name
        (('in_vivo_1',), 'in vivo code: in_vivo_1')
        """
        words = " ".join(name.split())
        made = Code(
            id=code_id or self._free_id(words, in_vivo=in_vivo),
            name=words,
            definition=definition,
            group=group or OPEN_CODES.id,
            status="provisional",
            origin=origin,
            in_vivo=in_vivo,
        )
        known = {each.id for each in self.groups}
        home = self if group or OPEN_CODES.id in known else self.with_group(OPEN_CODES)
        return home.add(made, by=by, reason=reason, at=at)

    def with_group(self, group: Group) -> Self:
        """The codebook with one more heading, or with another wording of one that it has."""
        known = [each.id for each in self.groups]
        if group.id not in known:
            return self._with(groups=(*self.groups, group))
        return self._with(
            groups=tuple(group if each.id == group.id else each for each in self.groups)
        )

    def _free_id(self, name: str, *, in_vivo: bool) -> str:
        """An id that no code has or ever had."""
        taken = {code.id for code in self.codes} | {change.code_id for change in self.history}
        if in_vivo:
            used = (int(i.removeprefix("in_vivo_")) for i in taken if IN_VIVO_ID.fullmatch(i))
            return f"in_vivo_{max(used, default=0) + 1}"
        stem = slug(name) or "code"
        names = [stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 3))]
        return next(each for each in names if each not in taken)

    def _check_new(self, code_id: str) -> None:
        if code_id in self:
            raise CodebookError(f"code {code_id!r} is in the codebook already")
        if code_id in self.dropped:
            raise CodebookError(
                f"code {code_id!r} was dropped, and its codings still bear the id; choose another"
            )

    # ── codes change ──

    def define(  # noqa: PLR0913  # the fields that turn a provisional code into a defined one
        self,
        code_id: str,
        *,
        by: str,
        name: str | None = None,
        definition: str | None = None,
        group: str | None = None,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        examples: Iterable[str] | None = None,
        reason: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The codebook with a code defined, or defined anew; what is left out stays as it is.

        A new name is the researcher's own: a code that was in vivo is so no longer.

        Parameters
        ----------
        code_id : str
        by : str
        name, definition, group : str, optional
        include, exclude, examples : iterable of str, optional
        reason, at
            As in `add`.

        Raises
        ------
        CodebookError
            If there is no definition in the end, or the code is retired.
        """
        before = self._in_use(code_id)
        given: dict[str, str | None] = {"name": name, "definition": definition, "group": group}
        lists = {"include": include, "exclude": exclude, "examples": examples}
        changes = {key: value for key, value in given.items() if value is not None}
        items = {key: tuple(value) for key, value in lists.items() if value is not None}
        after = dataclasses.replace(before, status="defined", **changes, **items)  # type: ignore[arg-type]  # each key has its own type
        if after.name != before.name:
            after = dataclasses.replace(after, in_vivo=False, name_approved_by="")
        return self._revised(before, after, Log(by, reason, at))

    def revise(self, code: Code, *, by: str, reason: str = "", at: datetime | None = None) -> Self:
        """The codebook with another wording of a code that it has: any field but the history.

        Parameters
        ----------
        code : Code
            With the id of the code that it takes the place of.
        by, reason, at
            As in `add`.

        Raises
        ------
        CodebookError
            If the code is retired, or the wording does not fit.
        ValueError
            If the status, the origin or what replaced it would change: there are verbs for that.
        """
        before = self._in_use(code.id)
        told = [name for name in _KEPT if getattr(before, name) != getattr(code, name)]
        if told:
            raise ValueError(f"code {code.id!r}: {', '.join(told)} cannot be changed by revise")
        if code.in_vivo and code.name != before.name:
            code = dataclasses.replace(code, name_approved_by="")
        return self._revised(before, code, Log(by, reason, at))

    def _revised(self, before: Code, after: Code, log: Log) -> Self:
        changed = differing_fields(before, after)
        if not changed:
            return self
        return self._changed(self._swapped(after), log.row(_action(changed), after.id))

    def move(
        self,
        code_id: str,
        group: str,
        *,
        by: str,
        parent: str | None = None,
        reason: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The codebook with a code under another group, or under another code of it.

        Parameters
        ----------
        code_id, group : str
        by : str
        parent : str, optional
            The code of which it becomes a subcode; left out, it is one no longer.
        reason, at
            As in `add`.
        """
        before = self._in_use(code_id)
        after = dataclasses.replace(before, group=group, parent=parent)
        return self._revised(before, after, Log(by, reason, at))

    def approve_name(
        self, code_id: str, *, by: str, reason: str = "", at: datetime | None = None
    ) -> Self:
        """The codebook with an in vivo name that may be printed.

        Parameters
        ----------
        code_id : str
        by : str
            Who takes the responsibility.
        reason, at
            As in `add`.

        Raises
        ------
        CodebookError
            If the code is not in vivo.
        """
        before = self[code_id]
        if not before.in_vivo:
            raise CodebookError(f"code {code_id!r} is not in vivo; its name needs no approval")
        log = Log(by, reason, at)
        after = dataclasses.replace(before, name_approved_by=log.by)
        return self._changed(self._swapped(after), log.row("approve", code_id))


def _action(changed: Sequence[str]) -> Action:
    """What a change of these fields is called."""
    fields = set(changed)
    if "status" in fields:
        return "define"
    if fields <= {"name", "in_vivo", "name_approved_by"}:
        return "rename"
    return "move" if fields <= {"group", "parent"} else "redefine"


def _placed(codes: Sequence[Code], code: Code) -> list[Code]:
    """The codes with one more, behind the last of its group."""
    places = [place for place, each in enumerate(codes) if each.group == code.group]
    at = places[-1] + 1 if places else len(codes)
    return [*codes[:at], code, *codes[at:]]
