"""The ledger of releases: what is to be sent is tested against all that was sent before.

A table that is safe by itself can still give somebody away beside last year's: 12 of 34 and
then 13 of 35 say of the one who joined that she said it; a cell that one recipient got hidden
may follow from margins that another got. The invariant: of what is in the ledger no two
releases together tell of fewer than k persons more than each alone does. Recipients are
taken to talk to one another.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from reflect_analysis._rows import html_table
from reflect_analysis._whole import write_whole
from reflect_analysis.disclosure.counts import DEFAULT_K, check_k, is_sensitive
from reflect_analysis.disclosure.descent import tied_counts
from reflect_analysis.disclosure.releases import (
    PERSONS,
    Release,
    ReleasedCell,
    ReleasedQuote,
    Where,
)
from reflect_analysis.disclosure.solving import Bounds, Line, possible_range
from reflect_analysis.errors import DisclosureError, OutputError, raise_all

__all__ = ["Leak", "Ledger", "read_ledger"]

Key = tuple[str, Where, str, int]
_RELEASES = "releases, format 1"  # another format is another key, so it cannot be misread
_HEADING = "Beside what was sent before, this would tell of single persons:"


@dataclass(frozen=True, slots=True)
class Leak:
    """What a new release would give away beside earlier ones; never the count itself.

    Parameters
    ----------
    what : str
        The code, or empty.
    where : tuple of (str, str)
    reason : str
        With the earlier release by recipient and day.
    span : (str, int, int), optional
        Of a quote.
    """

    what: str
    where: Where
    reason: str
    span: tuple[str, int, int] | None = None

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Ledger:
    """All releases of a study, in the order in which they were sent.

    Parameters
    ----------
    releases : tuple of Release
    k : int
        Differences of fewer persons are refused, at least 3.
    """

    releases: tuple[Release, ...] = ()
    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        check_k(self.k)

    def __len__(self) -> int:
        return len(self.releases)

    def check(self, release: Release) -> tuple[Leak, ...]:
        """What a release would give away beside all earlier ones.

        Parameters
        ----------
        release : Release

        Returns
        -------
        tuple of Leak
            Empty where it may be sent; one a count or quote.

        Notes
        -----
        Five attacks are tried. *Differencing*: a count, or a denominator, is printed of nearly
        the same persons as before; where fewer than k came or went, texts, passages and all other
        sums must be the same as well, since one person may have many. *Solving*: the sums of all
        releases that count the same persons are solved together, in whole numbers, for what was
        hidden. *Joining*: a quote comes with other words behind it than before. *Descent*: counts
        of codes that were split, merged or given up are subtracted from those of what took their
        place. *Change*: reflections of a code that were hidden beside tables of change come later.
        Where a release does not say whom it counts, it is taken to count the same persons and some
        more. What is not tried: knowledge from outside, and differences of three releases at once.
        Sums and differences of unlike counts (a union sent last year, its codes today) need the
        data: a report tries them (`earlier`).
        """
        found = chain(
            self._grown(release),
            self._solved(release),
            self._descended(release),
            self._reattributed(release),
            self._quieted(release),
        )
        first: dict[object, Leak] = {}
        for leak in found:
            first.setdefault((leak.what, leak.where, leak.span), leak)
        return tuple(first.values())

    def add(self, release: Release) -> Ledger:
        """The ledger with one more release.

        Raises
        ------
        DisclosureError
            With everything that `check` finds.
        """
        raise_all(DisclosureError, map(str, self.check(release)), _HEADING)
        return replace(self, releases=(*self.releases, release))

    def save(self, path: str | Path) -> None:
        """Write the ledger as JSON; the old file stays until the new one is whole.

        Nothing that was sent is ever lost by it: a release that somebody entered into the file
        since this ledger was read was not held against what is new here.

        Raises
        ------
        DisclosureError
            If the file is there and cannot be read, or holds a release that is not in here.
        OutputError
            If it cannot be written.
        """
        target = Path(path)
        try:
            with _alone(target):
                self._check_whole(target)
                self._write(target)
        except (DisclosureError, OutputError):  # these are OSErrors, too
            raise
        except OSError as error:
            raise OutputError(f"{target}: cannot be written ({error.strerror})") from None

    def _check_whole(self, target: Path) -> None:
        """Everything in a file is in here, too."""
        mine = [_to_json(each) for each in self.releases]
        lost = [each.name for each in read_ledger(target).releases if _to_json(each) not in mine]
        if lost:
            raise DisclosureError(
                f"{target.name}: holds what was entered since it was read, and what was to be "
                f"entered now was not held against it ({'; '.join(lost)}). Nothing was written; "
                "read it again (run the same command again)"
            )

    def _write(self, target: Path) -> None:
        content = {_RELEASES: [_to_json(each) for each in self.releases]}
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        write_whole(target, text.encode("utf-8"))

    # ── differencing ────────────────────────────────────────────────────────────────────

    def _grown(self, release: Release) -> Iterator[Leak]:
        for earlier in self.releases:
            if not earlier.overlaps(release, self.k):
                continue
            few = release.few_apart(earlier, self.k)
            before = {cell.key: cell for cell in earlier.cells}
            sizes = {c.total for c in earlier.cells if c.total and c.unit == PERSONS}
            for cell in release.cells:
                old = before.get(cell.key)
                if why := self._why(old, cell, few=few, sizes=sizes if few else set()):
                    yield Leak(cell.what, cell.where, f"{cell.name}: beside {earlier.name} {why}")

    def _why(
        self, old: ReleasedCell | None, new: ReleasedCell, *, few: bool | None, sizes: set[int]
    ) -> str:
        """What one count tells beside an earlier one; empty where it tells nothing."""
        told = f"tells of fewer than {self.k} persons who came, went or were read anew"
        if old is None or not (old.exact and new.exact):
            others = sizes if old is None and not new.where else {old.total} if old else set()
            grown = few is not False and any(self._is_few(new.total, each) for each in others)
            return f"its denominator {told}" if grown and new.unit == PERSONS else ""
        if new.unit == PERSONS:
            return f"the count {told}" if self._tells(old, new, few=few) else ""
        return f"the count {told}" if self._tells_of_theirs(old, new, few=few) else ""

    def _is_few(self, one: int, other: int) -> bool:
        """Whether two printed denominators differ by few."""
        return bool(one and other) and 0 < abs(one - other) < self.k

    def _tells(self, old: ReleasedCell, new: ReleasedCell, *, few: bool | None) -> bool:
        """Whether the difference of two printed counts is a count of few."""
        count, persons = new.low - old.low, new.total - old.total
        if persons < 0:
            count, persons = -count, -persons
        if new.of_all and old.of_all:  # the difference itself are those who came
            return bool(few and new.what) or 0 < abs(count) < self.k
        if count == 0 and persons == 0:
            return False
        if not 0 <= count <= persons:
            return abs(count) < self.k
        return is_sensitive(count, persons, self.k)

    def _tells_of_theirs(self, old: ReleasedCell, new: ReleasedCell, *, few: bool | None) -> bool:
        """The same of texts and the like: each is somebody's, and one person may have many.

        Where the same persons were counted, some new texts may be one person's: how often a
        code stands in these few would tell what she wrote. Read anew, the same texts tell of
        the coders.
        """
        count, grown = new.low - old.low, new.total - old.total
        if few:
            return bool(count or grown)
        return 0 < abs(grown) < self.k

    # ── solving ─────────────────────────────────────────────────────────────────────────

    def _solved(self, release: Release) -> Iterator[Leak]:
        same = [each for each in self.releases if each.counts_same(release)]
        alone = [_System([each]) for each in (*same, release)]
        together = _System([*same, release])
        for key in together.hidden:
            found = together.range_of(key)
            if found is None or not self._is_narrow(key, found):
                continue
            singly = [each.range_of(key) for each in alone if key in each.bounds]
            if all(each is None or each != found for each in singly):
                cell = ReleasedCell(key[0], key[1], 0, 0, key[3], key[2])
                names = "; ".join(each.name for each in same)
                reason = f"{cell.name}: hidden, and would follow from this together with {names}"
                yield Leak(cell.what, cell.where, reason)

    def _is_narrow(self, key: Key, found: Bounds) -> bool:
        """Whether too few values are left, one of them of few persons."""
        low, high = found
        if high is None or high - low + 1 >= self.k - 1:
            return False
        what, _, _, total = key
        if not what:
            return any(0 < value < self.k for value in range(low, high + 1))
        return any(is_sensitive(value, total, self.k) for value in range(low, high + 1))

    # ── descent ─────────────────────────────────────────────────────────────────────────

    def _descended(self, release: Release) -> Iterator[Leak]:
        for earlier in self.releases:
            if not earlier.counts_same(release) and not release.few_apart(earlier, self.k):
                continue
            for cell, codes in tied_counts(earlier, release, self.k):
                reason = f"{cell.name}: beside {codes} in {earlier.name} it tells of few persons"
                yield Leak(cell.what, cell.where, reason)

    # ── joining ─────────────────────────────────────────────────────────────────────────

    def _reattributed(self, release: Release) -> Iterator[Leak]:
        for earlier in self.releases:
            before = {quote.span: quote for quote in earlier.quotes}
            for quote in release.quotes:
                old = before.get(quote.span)
                if old is not None and _say_more_together(old, quote):
                    where = f"{quote.document_id}:{quote.start}–{quote.end}"
                    reason = f"quote {where}: stood with another attribution in {earlier.name}"
                    yield Leak("", (), reason, quote.span)

    # ── change ──────────────────────────────────────────────────────────────────────────

    def _quieted(self, release: Release) -> Iterator[Leak]:
        for earlier in self.releases:
            quiet = earlier.quiet_of(release.persons)
            for cell in release.cells:
                if cell.what in quiet and cell.exact and cell.unit in {"texts", "passages"}:
                    reason = f"{cell.name}: beside change in {earlier.name} it tells of few persons"
                    yield Leak(cell.what, cell.where, reason)

    def __repr__(self) -> str:
        return f"<Ledger: {len(self)} release{'s' * (len(self) != 1)}>"

    def _repr_html_(self) -> str:
        rows = (
            (f"{r.at:%Y-%m-%d}", r.to, r.title, len(r.cells), len(r.quotes)) for r in self.releases
        )
        return html_table(("Day", "Sent to", "What", "Counts", "Quotes"), rows)


class _System:
    """What some releases say of the same persons, as bounds and sums."""

    def __init__(self, releases: Iterable[Release]) -> None:
        self.bounds: dict[Key, Bounds] = {}
        self.hidden: dict[Key, None] = {}
        parts: list[tuple[Where, list[ReleasedCell]]] = []
        for release in releases:
            for cell in release.cells:
                low, high = self.bounds.get(_key(cell), (cell.low, cell.high))
                self.bounds[_key(cell)] = max(low, cell.low), min(high or 0, cell.high)
                if not cell.exact:
                    self.hidden[_key(cell)] = None
            parts += _partitions(release.cells)
        lines = (self._line(above, cells) for above, cells in parts)
        self.lines = list(dict.fromkeys(filter(None, lines)))

    def _line(self, above: Where, parts: Sequence[ReleasedCell]) -> Line[Key] | None:
        """The sum of some parts, whichever release tells it; `None` where none does.

        Of what was said it is the sum only if the groups are all that were asked.
        """
        what, unit, total = parts[0].what, parts[0].unit, parts[0].total
        key = (what, above, unit, sum(cell.total for cell in parts) if what else total)
        return (key, tuple(map(_key, parts))) if key in self.bounds else None

    def range_of(self, key: Key) -> Bounds | None:
        """What can be inferred of one count; `None` where the releases contradict each other."""
        return possible_range(key, self.bounds, self.lines)


def _partitions(
    cells: Sequence[ReleasedCell],
) -> Iterator[tuple[Where, list[ReleasedCell]]]:
    """The cells of a release that differ by one attribute alone, with what they share.

    Of persons by attribute only where their sum is told beside them: then they are all.
    """
    told = {cell.where for cell in cells if not cell.what}
    parts: dict[tuple[str, str, Where, str], list[ReleasedCell]] = {}
    for cell in cells:
        for place, (name, _) in enumerate(cell.where):
            above = cell.where[:place] + cell.where[place + 1 :]
            parts.setdefault((cell.what, cell.unit, above, name), []).append(cell)
    for (what, _, above, _), found in parts.items():
        if what or above in told:
            yield above, found


def _key(cell: ReleasedCell) -> Key:
    return (*cell.key, cell.total)


def _say_more_together(one: ReleasedQuote, other: ReleasedQuote) -> bool:
    first, second = (set(quote.attribution.split(", ")) for quote in (one, other))
    return not (first <= second or second <= first)


# ── the file ────────────────────────────────────────────────────────────────────────────


def read_ledger(path: str | Path, *, k: int = DEFAULT_K) -> Ledger:
    """Read a ledger; one that does not exist yet is empty.

    Parameters
    ----------
    path : str or Path
        What `Ledger.save` wrote.
    k : int

    Raises
    ------
    DisclosureError
        If the file is there and cannot be read: nothing could be tested against it.
    """
    source = Path(path)
    try:
        content = json.loads(source.read_text(encoding="utf-8"))
        return Ledger(tuple(map(_from_json, content[_RELEASES])), k)
    except FileNotFoundError:
        return Ledger((), k)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DisclosureError(
            f"{source.name}: no ledger of releases that can be read ({type(error).__name__}); "
            "without it nothing can be tested against what was sent. Put back a copy of it"
        ) from None


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Nobody else saves this file meanwhile; whoever does is waited for.

    Raises
    ------
    OSError
    OutputError
        If files cannot be locked there.
    """
    import portalocker

    path = target.with_name(f".{target.name}.lock")
    while True:
        with path.open("a", encoding="ascii") as file:
            try:
                portalocker.lock(file, portalocker.LOCK_EX)
            except portalocker.LockException:
                raise OutputError(
                    f"{target.parent}: files cannot be locked here; keep the ledger elsewhere"
                ) from None
            if not _is_of(file.fileno(), path):
                continue  # who held it before took it away
            try:
                yield
            finally:
                with suppress(PermissionError):  # Windows takes no open file away
                    path.unlink()
        with suppress(OSError):
            if os.name == "nt":
                path.unlink()
        return


def _is_of(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _to_json(release: Release) -> dict[str, Any]:
    return {
        "to": release.to,
        "at": release.at.isoformat(),
        "title": release.title,
        "persons": list(release.persons),
        "cells": [
            [c.what, [list(p) for p in c.where], c.low, c.high, c.total, *_unit_of(c)]
            for c in release.cells
        ],
        "quotes": [[q.document_id, q.start, q.end, q.attribution] for q in release.quotes],
        "withheld": list(release.withheld),
        # Of releases that have none nothing is written: their form stays as it was.
        **_some("codes", {cell.what: list(cell.codes) for cell in release.cells if cell.codes}),
        **_some("remarks", list(release.remarks)),
        **_some("book", list(release.book)),
        **_some("became", {code: list(now) for code, now in release.became}),
        **_some("quiet", list(release.quiet)),
    }


def _some(name: str, content: Any) -> dict[str, Any]:
    return {name: content} if content else {}


def _unit_of(cell: ReleasedCell) -> list[str]:
    return [] if cell.unit == PERSONS else [cell.unit]


def _from_json(found: Mapping[str, Any]) -> Release:
    codes = {what: tuple(map(str, ids)) for what, ids in found.get("codes", {}).items()}
    cells = (
        ReleasedCell(
            str(what),
            tuple((str(a), str(v)) for a, v in where),
            int(low),
            int(high),
            int(n),
            str(*unit) or PERSONS,
            codes.get(what, ()),
        )
        for what, where, low, high, n, *unit in found["cells"]
    )
    quotes = (
        ReleasedQuote(str(d), int(a), int(b), str(words)) for d, a, b, words in found["quotes"]
    )
    return Release(
        to=str(found["to"]),
        cells=tuple(cells),
        quotes=tuple(quotes),
        persons=tuple(map(str, found["persons"])),
        at=datetime.fromisoformat(found["at"]),
        title=str(found.get("title", "")),
        withheld=tuple(map(str, found.get("withheld", ()))),
        remarks=tuple(map(str, found.get("remarks", ()))),
        book=tuple(map(str, found.get("book", ()))),
        became=tuple((c, tuple(map(str, now))) for c, now in found.get("became", {}).items()),
        quiet=tuple(map(str, found.get("quiet", ()))),
    )
