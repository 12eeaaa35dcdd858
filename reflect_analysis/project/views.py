"""The present of a study as queries over its log, and what a value adds to it.

A row holds if one of the events that wrote it holds. Of several rows for one thing (a document
that was edited, a participant whose consent changed) the latest holds. A coding belongs to the
text that its coder read: when that text is not the document's any more, the coding is passed
over in the view and kept in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError, UnknownIdError, raise_all
from reflect_analysis.memos import standing_memos
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import schema
from reflect_analysis.project.entries import write_rows
from reflect_analysis.project.history import undone_in
from reflect_analysis.project.rows import Row, as_json
from reflect_analysis.project.withdrawal import laid
from reflect_analysis.provenance import Run, merge_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reflect_analysis.project.entries import Entry
    from reflect_analysis.topics import TopicAct

__all__ = [
    "documents_of",
    "holding",
    "new_rows",
    "read_approvals",
    "read_codebook",
    "read_coding",
    "read_codings",
    "read_corpus",
    "read_facts",
    "read_topic_acts",
    "text_hashes",
    "write_facts",
]

Value = TypeVar("Value")


def write_facts(connection: Connection, facts: Mapping[str, str]) -> None:
    """What the study is."""
    write_rows(connection, schema.study, [{"key": k, "value": v} for k, v in facts.items()])


def read_facts(connection: Connection) -> dict[str, str]:
    """What the study is."""
    from sqlalchemy import select

    return {row.key: row.value for row in connection.execute(select(schema.study))}


def holding(connection: Connection, name: str, *where: Any) -> Iterator[Row]:
    """The rows of a table whose event holds, in the order of the events."""
    from sqlalchemy import select

    table, events = schema.ROW_TABLES[name], schema.events
    # An outer join, for SQLite's sake: it would go through all events to spare itself a sort.
    asked = (
        select(table)
        .outerjoin(events, table.c.event_id == events.c.id)
        .where(*where)
        .order_by(events.c.at, events.c.id)
    )
    found = connection.execute(asked)
    names = tuple(found.keys())
    rows: Iterable[Row] = (dict(zip(names, row, strict=True)) for row in found)
    if where:
        rows = list(rows)
        gone = undone_in(connection, {row["event_id"] for row in rows})
    else:
        gone = undone_in(connection)
    yield from (row for row in rows if row["event_id"] not in gone)


def _latest(rows: Iterable[Row]) -> dict[str, Row]:
    """The last row of each id, in the order in which the ids came first."""
    found: dict[str, Row] = {}
    for row in rows:
        found[row["id"]] = row
    return found


def _in_order(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of each event as they were saved: a database gives them in any order."""
    for _, group in groupby(rows, key=itemgetter("event_id")):
        yield from sorted(group, key=itemgetter("position"))


def _values(make: Callable[[Mapping[str, Any]], Value], rows: Iterable[Any]) -> tuple[Value, ...]:
    """Rows as values, each id once."""
    return tuple(make(row) for row in _latest(rows).values())


# ── what was read ──


def _documents(connection: Connection) -> dict[str, Row]:
    """The documents as they are now; what was chosen in a merge was written again there."""
    return _latest(_in_order(holding(connection, "documents")))


def text_hashes(
    connection: Connection, document_ids: Sequence[str] | None = None
) -> dict[str, str]:
    """The hash of each document's text as it is now, of all documents or of some."""
    from sqlalchemy import select

    table, events = schema.documents, schema.events
    asked = (
        select(table.c.id, table.c.text_hash, table.c.event_id)
        .outerjoin(events, table.c.event_id == events.c.id)
        .order_by(events.c.at, events.c.id)
    )
    if document_ids is not None:
        asked = asked.where(table.c.id.in_(document_ids))
    found = connection.execute(asked).all()
    gone = undone_in(connection, {event_id for _, _, event_id in found})
    # Of several rows of a document the last counts.
    return {name: text_hash for name, text_hash, event_id in found if event_id not in gone}


def read_corpus(connection: Connection) -> Corpus:
    """The texts and cases as they are now."""
    chains = holding(connection, "runs", schema.runs.c.chain == "corpus")
    return Corpus(
        tuple(map(as_rows.document_of, _documents(connection).values())),
        _values(as_rows.case_of, _in_order(holding(connection, "cases"))),
        _values(as_rows.clearance_of, _in_order(holding(connection, "clearances"))),
        _values(as_rows.omission_of, _in_order(holding(connection, "omissions"))),
        _values(as_rows.run_of, _in_order(chains)),
    )


def read_codebook(connection: Connection, version: str | None = None) -> Codebook:
    """The codebook in use, or an earlier version of it."""
    rows = list(holding(connection, "codebooks"))
    if not rows:
        raise ProjectError("the project holds no codebook yet")
    found = [row for row in rows if row["version"] == version]
    if version and not found:
        known = ", ".join(dict.fromkeys(row["version"] for row in rows))
        raise UnknownIdError(f"no version {version!r} of the codebook; there are {known}")
    return as_rows.codebook_of((found or rows)[-1])


# ── what was coded ──


def read_codings(
    connection: Connection,
    document_ids: Iterable[str] | None = None,
    waiting: Sequence[Entry] = (),
    *,
    texts: Mapping[str, str] | None = None,
) -> Codings:
    """The log as it holds now, of all documents or of some.

    Parameters
    ----------
    connection : Connection
    document_ids : iterable of str, optional
    waiting : sequence of Entry
        What was acknowledged before the connection was taken and may not be in the tables yet.
    texts : mapping of str to str, optional
        The hash of the wording that is meant, by document; by default as each text is now.
    """
    ids = None if document_ids is None else sorted(set(document_ids))
    now = text_hashes(connection, ids) if texts is None else texts
    late = _not_stored(connection, waiting)

    def rows(name: str) -> Iterator[Row]:
        table = schema.ROW_TABLES[name]
        chosen = () if ids is None else (table.c.document_id.in_(ids),)
        others = (row for row in late.get(name, ()) if ids is None or row["document_id"] in ids)
        for row in chain(holding(connection, name, *chosen), others):
            if not row["document_id"] or row["text_hash"] == now.get(row["document_id"]):
                yield row

    codings = _values(as_rows.coding_of, rows("codings"))
    known = {coding.id for coding in codings}
    decided = chain(_decisions(connection, ids, known), late.get("decisions", ()))
    decisions = (
        decision
        for decision in _values(as_rows.decision_of, decided)
        if decision.coding_id in known
        and (not decision.replacement_id or decision.replacement_id in known)
    )
    chains = holding(connection, "runs", schema.runs.c.chain == "codings")
    return Codings(
        codings=codings,
        decisions=tuple(decisions),
        seen=_values(as_rows.seen_of, rows("seen")),
        memos=standing_memos(_values(as_rows.memo_of, rows("memos"))),
        runs=merge_runs(_values(as_rows.run_of, _in_order(chains))),
    )


def read_part(
    connection: Connection,
    document_id: str,
    coding_ids: Iterable[str],
    waiting: Sequence[Entry] = (),
) -> Codings:
    """The log of one document, of its codings only some and those that decisions bind to them.

    How each of these stands is told as by the whole log: what took the place of what, and how it
    was decided, is followed to its ends. In a text with thousands of codings this is soon read.
    """
    from sqlalchemy import or_

    table, decided = schema.codings, schema.decisions
    late = _not_stored(connection, waiting)
    ids: set[str] = set()
    decisions: dict[str, Row] = {}
    asking = set(coding_ids)
    while asking:
        ids |= asking
        now_asked = sorted(asking)
        wanted = or_(decided.c.coding_id.in_(now_asked), decided.c.replacement_id.in_(now_asked))
        others = (
            row
            for row in late.get("decisions", ())
            if {row["coding_id"], row["replacement_id"]} & asking
        )
        found = {row["id"]: row for row in chain(holding(connection, decided.name, wanted), others)}
        decisions |= found
        bound = {row[key] for row in found.values() for key in ("coding_id", "replacement_id")}
        asking = {each for each in bound if each} - ids
    now = text_hashes(connection, [document_id]).get(document_id)

    def rows(name: str, *where: Any) -> Iterator[Row]:
        others = (row for row in late.get(name, ()) if row["document_id"] == document_id)
        stored = holding(connection, name, *where)
        return (row for row in chain(stored, others) if row["text_hash"] == now)

    here = [row for row in rows("codings", table.c.id.in_(sorted(ids))) if row["id"] in ids]
    known = {row["id"] for row in here}
    bound_here = (
        row
        for row in decisions.values()
        if row["coding_id"] in known and (row["replacement_id"] or row["coding_id"]) in known
    )
    return Codings(
        codings=_values(as_rows.coding_of, here),
        decisions=_values(as_rows.decision_of, bound_here),
        seen=_values(as_rows.seen_of, rows("seen", schema.seen.c.document_id == document_id)),
        memos=standing_memos(
            _values(as_rows.memo_of, rows("memos", schema.memos.c.document_id == document_id))
        ),
    )


def read_coding(
    connection: Connection, coding_id: str, waiting: Sequence[Entry] = ()
) -> Coding | None:
    """One coding of a text as it is now, if it holds."""
    table = schema.codings
    late = _not_stored(connection, waiting).get("codings", ())
    found = chain(
        holding(connection, table.name, table.c.id == coding_id),
        (row for row in late if row["id"] == coding_id),
    )
    for row in found:
        if (
            text_hashes(connection, [row["document_id"]]).get(row["document_id"])
            == row["text_hash"]
        ):
            return as_rows.coding_of(row)
    return None


def _not_stored(connection: Connection, entries: Sequence[Entry]) -> Mapping[str, Sequence[Row]]:
    """The rows of entries that are not in the tables, by table: what is there may be undone."""
    from sqlalchemy import select

    ids = [entry.event.id for entry in entries]
    asked = select(schema.events.c.id).where(schema.events.c.id.in_(ids))
    stored = set(connection.execute(asked).scalars()) if ids else set()
    rows: dict[str, list[Row]] = {}
    for entry in entries:
        if entry.event.id not in stored:
            for name, found in entry.rows.items():
                rows.setdefault(name, []).extend(found)
    return laid(connection, rows)[0] if rows else rows


def documents_of(
    connection: Connection, coding_id: str, waiting: Sequence[Entry] = ()
) -> tuple[str, ...]:
    """The document in which a coding lies, if there is one."""
    from sqlalchemy import select

    table = schema.codings
    asked = select(table.c.document_id).where(table.c.id == coding_id).distinct()
    late = (row for entry in waiting for row in entry.rows.get("codings", ()))
    others = [row["document_id"] for row in late if row["id"] == coding_id]
    return tuple(dict.fromkeys([*connection.execute(asked).scalars(), *others]))


def _decisions(
    connection: Connection, ids: Sequence[str] | None, codings: Iterable[str]
) -> Iterator[Row]:
    if ids is None:
        return holding(connection, "decisions")
    return holding(connection, "decisions", schema.decisions.c.coding_id.in_(sorted(codings)))


def read_approvals(connection: Connection) -> tuple[Approval, ...]:
    """What was decided about quotes of the texts as they are now."""
    now = text_hashes(connection)
    rows = (
        r for r in holding(connection, "approvals") if r["text_hash"] == now.get(r["document_id"])
    )
    return _values(as_rows.approval_of, rows)


def read_topic_acts(connection: Connection, fingerprint: str | None = None) -> tuple[TopicAct, ...]:
    """What researchers did with topics, in the order in which it was kept."""
    table = schema.topic_acts
    where = () if fingerprint is None else (table.c.fingerprint == fingerprint,)
    return _values(as_rows.topic_act_of, _in_order(holding(connection, table.name, *where)))


# ── what a value adds ──


def new_rows(
    connection: Connection,
    *,
    corpus: Corpus | None = None,
    codebook: Codebook | None = None,
    codings: Codings | None = None,
    approvals: Sequence[Approval] = (),
    topic_acts: Sequence[TopicAct] = (),
) -> dict[str, tuple[Row, ...]]:
    """The rows of some values that do not hold already, by table.

    Raises
    ------
    UnknownIdError
        If codings, approvals or the parts of a topic are of documents that are in neither the
        project nor `corpus`.
    """
    hashes = text_hashes(connection)
    rows: dict[str, Iterable[Row]] = {}
    if corpus is not None:
        hashes |= {document.id: document.sha256 for document in corpus}
        rows |= _corpus_rows(corpus)
    if codebook is not None:
        rows["codebooks"] = [as_rows.codebook_row(codebook)]
    if codings is not None:
        coded = _coding_rows(codings, hashes)
        rows["runs"] = [*rows.get("runs", ()), *coded.pop("runs")]
        rows |= coded
    if approvals:
        rows["approvals"] = [
            as_rows.approval_row(a, _hash(hashes, a.document_id)) for a in approvals
        ]
    if topic_acts:
        rows["topic_acts"] = _placed(_act_rows(connection, topic_acts))
    left, _ = laid(connection, rows)
    _check_segments(left.get("topic_acts", ()), hashes)
    return {name: _unknown(connection, name, found) for name, found in left.items()}


def _corpus_rows(corpus: Corpus) -> dict[str, Iterable[Row]]:
    return {
        "cases": _placed(map(as_rows.case_row, corpus.cases)),
        "documents": _placed(map(as_rows.document_row, corpus.documents)),
        "clearances": _placed(map(as_rows.clearance_row, corpus.clearances)),
        "omissions": _placed(map(as_rows.omission_row, corpus.omissions)),
        "runs": _run_rows(corpus.runs, "corpus"),
    }


def _coding_rows(codings: Codings, hashes: Mapping[str, str]) -> dict[str, list[Row]]:
    read = {c.document_id for c in codings} | {s.document_id for s in codings.seen}
    missing = sorted(read.difference(hashes))
    raise_all(UnknownIdError, [f"codings of {each!r}: no such document" for each in missing])
    return {
        "codings": [as_rows.coding_row(c, hashes[c.document_id]) for c in codings],
        "decisions": [as_rows.decision_row(d) for d in codings.decisions],
        "seen": [as_rows.seen_row(s, hashes[s.document_id]) for s in codings.seen],
        "memos": [as_rows.memo_row(m, hashes.get(m.document_id, "")) for m in codings.memos],
        "runs": list(_run_rows(codings.runs, "codings")),
    }


def _run_rows(runs: Sequence[Run], chain: str) -> Iterator[Row]:
    return _placed(as_rows.run_row(run, chain) for run in runs)


def _placed(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with their place in what is saved."""
    return ({**row, "position": position} for position, row in enumerate(rows))


def _act_rows(connection: Connection, acts: Sequence[TopicAct]) -> Iterator[Row]:
    """Acts as rows; one that was kept before is what it is there.

    It may have quoted somebody who withdrew, whose words nobody knows any more.
    """
    from sqlalchemy import select

    table = schema.topic_acts
    asked = select(table).where(table.c.id.in_([act.id for act in acts]))
    known = {row["id"]: row for row in connection.execute(asked).mappings()}
    for act in acts:
        row = as_rows.topic_act_row(act)
        yield {name: known[act.id][name] for name in row} if act.id in known else row


def _check_segments(rows: Iterable[Row], hashes: Mapping[str, str]) -> None:
    """The segments of the parts of a topic, without those of the withdrawn, lie in known texts."""
    parts = chain.from_iterable(as_rows.from_json(row["about"])["parts"] for row in rows)
    spans = {as_rows.span_of(each)[0] for _, ids in parts for each in ids}
    missing = sorted(spans.difference(hashes))
    raise_all(
        UnknownIdError, [f"a part of a topic in {each!r}: no such document" for each in missing]
    )


def _hash(hashes: Mapping[str, str], document_id: str) -> str:
    if document_id not in hashes:
        raise UnknownIdError(f"no document {document_id!r} in the project")
    return hashes[document_id]


def _unknown(connection: Connection, name: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows that differ from what holds."""
    wanted = list(rows)
    holds = holding(connection, name) if wanted else iter(())
    known = _latest(list(holds)[-1:] if name == "codebooks" else holds)  # one codebook is in use
    if name == "clearances":  # whoever reads the files again clears them at another time
        known |= {_word(row): row for row in known.values()}
        wanted = [row for row in wanted if _word(row) not in known]
    return tuple(row for row in wanted if not _same(row, known.get(row["id"])))


def _word(row: Row) -> str:
    """What a clearance says, whenever it was said."""
    return as_json([row["sha256"], row["by"], row["note"]])


def _same(row: Row, known: Mapping[str, Any] | None) -> bool:
    """Whether a row says what is known; where it stands in a chain says nothing."""
    told = (name for name in row if name != "position")
    return known is not None and all(known[name] == row[name] for name in told)
