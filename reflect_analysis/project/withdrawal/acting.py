"""The act of a withdrawal: all that is done in one transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reflect_analysis.codebook import Codebook
from reflect_analysis.corpus import Tombstone
from reflect_analysis.disclosure.withdrawal import Pair, Traces, clean, traces_in
from reflect_analysis.errors import ProjectError, UnknownIdError, did_you_mean
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import schema, views
from reflect_analysis.project.entries import Entry, Event, latest_event, write_entries
from reflect_analysis.project.history import read_events, undone_in
from reflect_analysis.project.rows import Row
from reflect_analysis.project.withdrawal.applying import (
    alike_in,
    burial_of,
    bury,
    documents_in,
    holds_case,
    keep_found,
)
from reflect_analysis.project.withdrawal.burying import Burial
from reflect_analysis.project.withdrawal.remains import (
    beside_answers,
    beside_of,
    hashes_of,
    hashes_under,
    sources_of,
)
from reflect_analysis.project.withdrawal.reporting import WithdrawalReport, sent_in
from reflect_analysis.project.withdrawal.stones import add_tombstones, read_tombstones
from reflect_analysis.project.withdrawal.transcripts import holds, pair_of, turns_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["withdraw_from", "words_before"]

_REASON = "a participant withdrew"
_COUNTS = ("deleted", "changed")
_LISTS = ("documents", "shared", "spared")


def words_before(connection: Connection, case_id: str, by: str) -> frozenset[str]:
    """The hashes of all texts that will go when a participant withdraws; empty for nobody known."""
    if not holds_case(connection, case_id):
        return frozenset()
    return hashes_under(connection, [_stone(connection, case_id, "", by)])


def withdraw_from(
    connection: Connection, case_id: str, *, by: str, known: frozenset[str] = frozenset()
) -> tuple[WithdrawalReport, frozenset[str]]:
    """Set a tombstone, and delete what lies under it.

    Parameters
    ----------
    connection : Connection
    case_id, by : str
    known : frozenset of str
        What `words_before` gave.

    Returns
    -------
    report : WithdrawalReport
        As far as the study itself goes.
    hashes : frozenset of str
        Of all texts of which something may be kept outside the study.

    Raises
    ------
    UnknownIdError
        If the study knows no such participant.
    """
    stone = read_tombstones(connection).get(case_id)
    if stone is not None and not holds_case(connection, case_id):
        return _with_surroundings(connection, _told_before(connection, stone)), known
    _check_known(connection, case_id)
    event = latest_event(connection, by, "withdraw")
    burial, documents = _begun(connection, case_id, event)
    gone = [row for row in documents if pair_of(row) in burial.erased | burial.spans.keys()]
    late = [row for row in gone if row["text_hash"] not in known]
    # Of all of them: a text that was known before may have another title now.
    beside = beside_of(connection, gone, case_id) | beside_answers(burial, documents)
    hashes = known.union(hashes_of(connection, late, case_id), beside)
    traces, books = _books(connection, burial, by)
    buried = bury(connection, burial)
    report = WithdrawalReport(
        case_id,
        event.at,
        by,
        deleted=buried.deleted,
        changed=buried.changed,
        documents=_ids(pair_of(row) for row in gone if pair_of(row) in burial.erased),
        shared=_ids((document, old) for document, old, _ in burial.moved),
        spared=_ids(burial.stones[case_id].spared),
        traces=traces,
        sources=sources_of(gone),
    )
    _end(connection, burial, dataclasses.replace(event, payload=_payload(report)), books)
    return _with_surroundings(connection, report), hashes


def _stone(connection: Connection, case_id: str, at: str, by: str) -> Tombstone:
    return Tombstone(case_id, at, by, spared=frozenset(_spared(connection, case_id)))


def _begun(connection: Connection, case_id: str, event: Event) -> tuple[Burial, list[Row]]:
    """The tombstone set, and what it knows of all documents."""
    add_tombstones(connection, [_stone(connection, case_id, event.at, event.by)])
    burial = burial_of(connection)
    if burial is None:
        raise ProjectError("the tombstone was not kept")  # pragma: no cover  # it was just set
    documents = list(documents_in(connection))
    burial.learn(documents)
    return burial, documents


def _end(connection: Connection, burial: Burial, event: Event, books: tuple[Row, ...]) -> None:
    """What was learned goes into the tombstone, and the act into the log."""
    keep_found(connection, burial)
    case_id = event.payload["case"]
    moved = dataclasses.replace(burial.stones[case_id], replaced=frozenset(burial.moved))
    add_tombstones(connection, [moved])
    write_entries(connection, [Entry(event, {"codebooks": books} if books else {})])


def _payload(report: WithdrawalReport) -> dict[str, object]:
    """For the log: ids and counts, from which a second report tells what the first one did."""
    lists = {name: list(getattr(report, name)) for name in _LISTS}
    counts = {name: dict(getattr(report, name)) for name in _COUNTS}
    return {"case": report.case_id, **counts, **lists}


def _told_before(connection: Connection, stone: Tombstone) -> WithdrawalReport:
    """What the log tells of a withdrawal that was recorded earlier, here or in a copy."""
    report = WithdrawalReport(stone.case_id, stone.at, stone.by, before=True)
    for event in read_events(connection):
        payload = event.payload
        if event.action == "withdraw" and payload.get("case") == stone.case_id:
            found = dict(payload) | {name: tuple(payload.get(name, ())) for name in _LISTS}
            if found.get("deleted"):
                told = {name: found[name] for name in (*_COUNTS, *_LISTS) if name in found}
                report = dataclasses.replace(report, **told)
    return report


def _ids(pairs: Iterable[Pair]) -> tuple[str, ...]:
    return tuple(sorted({document for document, _ in pairs}))


def _check_known(connection: Connection, case_id: str) -> None:
    from sqlalchemy import select

    if holds_case(connection, case_id):
        return
    known = set(connection.execute(select(schema.cases.c.id)).scalars())
    hint = did_you_mean(case_id, known)
    raise UnknownIdError(f"no participant {case_id!r} in this study{hint}; nobody was withdrawn")


def _with_surroundings(connection: Connection, report: WithdrawalReport) -> WithdrawalReport:
    """The report with what the study's log and its other documents tell."""
    now = views.text_hashes(connection).items()
    rows = (row for row in documents_in(connection) if pair_of(row) in now)
    unascribed = {row["id"] for row in rows if not _is_ascribed(row)}
    sent = sent_in(read_events(connection))
    alike = alike_in(connection)
    return dataclasses.replace(report, sent=sent, unascribed=len(unascribed), alike=alike)


# ── whose a text is ──


def _spared(connection: Connection, case_id: str) -> Iterator[Pair]:
    """Texts that were ascribed to a participant once and are another's now.

    Somebody mistook a column and mended it: the other one's words must not go with this one.
    """
    from sqlalchemy import select

    events = schema.events
    places = {each.id: each.at for each in connection.execute(select(events.c.id, events.c.at))}
    rows = list(documents_in(connection))
    theirs = {pair_of(row) for row in rows if holds(row, case_id)}
    by_pair: dict[Pair, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (places[row["event_id"]], row["event_id"])):
        if pair_of(row) in theirs:
            by_pair.setdefault(pair_of(row), []).append(row)
    gone = undone_in(connection)
    for pair, versions in by_pair.items():
        holding = [row for row in versions if row["event_id"] not in gone]
        last = (holding or versions)[-1]
        if not holds(last, case_id) and _is_ascribed(last):
            yield pair


def _is_ascribed(row: Row) -> bool:
    return row["case_id"] is not None or any(turn.case_id for turn in turns_of(row))


# ── the codebook ──


def _books(connection: Connection, burial: Burial, by: str) -> tuple[Traces, tuple[Row, ...]]:
    """Where the codebook goes back to the withdrawn, and its next version without their words."""
    try:
        book = views.read_codebook(connection)
    except ProjectError:  # there is none yet
        return Traces(), ()
    traces = traces_in(book, burial.is_gone, burial.quotes)
    cleaned = clean(book, burial.is_gone, burial.quotes)
    if cleaned is book:
        return traces, ()
    told = clean(_revised(book, cleaned, by), burial.is_gone, burial.quotes)
    return traces, (as_rows.codebook_row(told),)


def _revised(book: Codebook, cleaned: Codebook, by: str) -> Codebook:
    """The cleaned codebook, each change of a code a row of its history."""
    for code in cleaned.in_use:
        book = book.revise(code, by=by, reason=_REASON)
    codes = {code.id: code for code in book}
    retired = {code.id: code for code in cleaned if code.retired}
    return dataclasses.replace(
        cleaned,
        codes=tuple(retired.get(code_id, code) for code_id, code in codes.items()),
        history=book.history,
    )
