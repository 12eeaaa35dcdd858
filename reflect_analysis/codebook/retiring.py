"""How codes go out of use: merged, split, retired, restored, or dropped."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from reflect_analysis.codebook.checks import ancestors
from reflect_analysis.codebook.growing import Growing
from reflect_analysis.codebook.lineage import Log
from reflect_analysis.codebook.rows import Code
from reflect_analysis.errors import CodebookError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["History"]

Given = TypeVar("Given")


class History(Growing):
    """All verbs of a codebook."""

    # ── codes go ──

    def merge(
        self,
        code_ids: Iterable[str],
        into: str | Code,
        *,
        by: str,
        reason: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The codebook with codes retired in favour of one that takes them up.

        Their codings count under that one (`Codings.under`). It stays as it is defined: its
        patterns, examples and criteria do not grow by themselves. Subcodes go along.

        Parameters
        ----------
        code_ids : iterable of str
            May hold the id of `into`.
        into : str or Code
            A code of the codebook, or a new one.
        by, reason, at
            As in `add`.

        Raises
        ------
        CodebookError
            If there is nothing to merge, or one of the codes is retired already.
        """
        if isinstance(into, Code):
            home = self.add(into, by=by, reason=reason, at=at)
            return home.merge(code_ids, into.id, by=by, reason=reason, at=at)
        log = Log(by, reason, at)
        old = [each for each in dict.fromkeys(_ids(code_ids)) if each != into]
        if not old:
            raise CodebookError(f"nothing to merge into {into!r}: name at least one other code")
        for code_id in (into, *old):
            self._in_use(code_id)
        codes = _without_parents(self.codes, old, into)
        retired = [_retired(code, (into,)) if code.id in old else code for code in codes]
        rows = [log.row("merge", code_id, into=(into,)) for code_id in old]
        return self._changed(retired, *rows)

    def split(
        self,
        code_id: str,
        into: Iterable[str | Code],
        *,
        by: str,
        reason: str = "",
        at: datetime | None = None,
    ) -> Self:
        """The codebook with a code retired in favour of several parts.

        Its codings stay under it until a person has decided on each
        (`Codings.needing_review`).

        Parameters
        ----------
        code_id : str
        into : iterable of str or Code
            At least two: codes of the codebook, or new ones.
        by, reason, at
            As in `add`.

        Raises
        ------
        CodebookError
            If there are fewer than two parts, the code itself is one, it has subcodes, or it is
            retired already.
        """
        given = list(_ids(into))
        parts = tuple(dict.fromkeys(each if isinstance(each, str) else each.id for each in given))
        if len(parts) < 2 or code_id in parts:  # noqa: PLR2004  # one part is a merge
            raise CodebookError(
                f"code {code_id!r}: expected at least two other codes as its parts, came {parts}"
            )
        self._in_use(code_id)
        self._check_no_children(code_id)
        new = [each for each in given if isinstance(each, Code)]
        if new:
            home = self.add(new[0], by=by, reason=reason, at=at)
            rest = [new[0].id if each is new[0] else each for each in given]
            return home.split(code_id, rest, by=by, reason=reason, at=at)
        for part in parts:
            self._in_use(part)
        retired = self._swapped(_retired(self[code_id], parts))
        return self._changed(retired, Log(by, reason, at).row("split", code_id, into=parts))

    def retire(
        self, code_id: str, *, by: str, reason: str = "", at: datetime | None = None
    ) -> Self:
        """The codebook with a code that is given no more; its codings stay under it.

        Raises
        ------
        CodebookError
            If it has subcodes in use, or is retired already.
        """
        code = self._in_use(code_id)
        self._check_no_children(code_id)
        row = Log(by, reason, at).row("retire", code_id)
        return self._changed(self._swapped(_retired(code, ())), row)

    def restore(
        self, code_id: str, *, by: str, reason: str = "", at: datetime | None = None
    ) -> Self:
        """The codebook with a retired code in use again.

        Under a parent that is retired itself it does not go back: it has none then.

        Raises
        ------
        CodebookError
            If the code is not retired.
        """
        code = self[code_id]
        if not code.retired:
            raise CodebookError(f"code {code_id!r} is not retired")
        parent = code.parent if code.parent and not self[code.parent].retired else None
        defined = any(c.action == "define" and c.code_id == code_id for c in self.history)
        is_open = not code.definition or (code.origin is not None and not defined)
        back = dataclasses.replace(
            code, status="provisional" if is_open else "defined", replaced_by=(), parent=parent
        )
        return self._changed(self._swapped(back), Log(by, reason, at).row("restore", code_id))

    def drop(self, code_id: str, *, by: str, reason: str = "", at: datetime | None = None) -> Self:
        """The codebook without a provisional code; its id stays in the history.

        Raises
        ------
        CodebookError
            If the code is not provisional, has subcodes, or another went into it.
        """
        code = self._in_use(code_id)
        if code.status != "provisional":
            raise CodebookError(f"code {code_id!r} is defined: retire it, so that its codings last")
        self._check_no_children(code_id)
        inside = [each.id for each in self.codes if code_id in each.replaced_by]
        if inside:
            raise CodebookError(f"code {code_id!r} stands for {', '.join(inside)} now: retire it")
        left = [each for each in self.codes if each.id != code_id]
        return self._changed(left, Log(by, reason, at).row("drop", code_id))


def _ids(code_ids: Iterable[Given]) -> Iterable[Given]:
    if isinstance(code_ids, str):
        raise TypeError(f"expected a list of ids, came one text: {code_ids!r}")
    return code_ids


def _retired(code: Code, replaced_by: tuple[str, ...]) -> Code:
    return dataclasses.replace(code, status="retired", replaced_by=replaced_by)


def _without_parents(codes: Sequence[Code], old: Sequence[str], target: str) -> list[Code]:
    """The codes with the subcodes of those that go given to the one that stays.

    What stands above that one goes to the next code above that stays.
    """
    parents: Mapping[str, str | None] = {code.id: code.parent for code in codes}
    above = {target, *ancestors(target, parents)}

    def new_parent(code: Code) -> str | None:
        if code.parent not in old or code.id in old:
            return code.parent
        if code.id not in above:
            return target
        return next((each for each in ancestors(code.id, parents) if each not in old), None)

    return [dataclasses.replace(code, parent=new_parent(code)) for code in codes]
