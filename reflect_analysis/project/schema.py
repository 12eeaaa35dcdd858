"""The tables of a study. All are append-only: the present is a query over them.

Every row belongs to the event that wrote it. An event that was undone stays, and its rows are
passed over; only the data of a participant who withdrew is ever erased (`project.withdrawal`).
Times are ISO 8601 text in UTC, so that a file reads the same in SQLite, in PostgreSQL and in
twenty years.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

__all__ = ["ROW_TABLES", "events", "metadata", "study", "tombstones"]

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    }
)

# What the study is: its id, title, approach, and when it began.
study = Table(
    "study",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

# Who did what and when. `id` is random and made by the one who acts, so that an event that is
# written twice is one event. The payload is JSON with ids and counts, never a text.
events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("undoes", Text),
    Column("payload", Text, nullable=False),
    Index(None, "at", "id"),
    Index(None, "by", "at", "id"),
)
# Few events undo another, and each view asks for those that do.
Index(
    None,
    events.c.undoes,
    sqlite_where=events.c.undoes.is_not(None),
    postgresql_where=events.c.undoes.is_not(None),
)

# The withdrawn: by case and by their texts. A tombstone wins over every row that comes back from an
# old copy. All three lists are JSON, sorted: `documents` holds (document, text hash) of what was
# deleted; `spared` the same of what was once ascribed to this person by mistake and is another's;
# `replaced` (document, old hash, new hash) of shared texts in which the turns were blotted out.
tombstones = Table(
    "tombstones",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("documents", Text, nullable=False),
    Column("spared", Text, nullable=False),
    Column("replaced", Text, nullable=False),
)


def _of_event() -> Column[str]:
    return Column("event_id", Text, ForeignKey("events.id"), primary_key=True, index=True)


def _position() -> Column[int]:
    """Where a value stood in what was saved: a database gives the rows of an event in any order."""
    return Column("position", Integer, nullable=False)


# ── what was read ──

documents = Table(
    "documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text_hash", Text, primary_key=True),
    Column("case_id", Text),
    Column("text", Text, nullable=False),
    Column("about", Text, nullable=False),
    _position(),
    _of_event(),
)
cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", Text, nullable=False),
    _position(),
    _of_event(),
)
clearances = Table(
    "clearances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Text, nullable=False),
    _position(),
    _of_event(),
)
omissions = Table(
    "omissions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Integer, nullable=False),
    _position(),
    _of_event(),
)
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("chain", Text, primary_key=True),  # "corpus" or "codings"
    _position(),
    Column("about", Text, nullable=False),
    _of_event(),
)
codebooks = Table(
    "codebooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("about", Text, nullable=False),
    _of_event(),
)

# ── what was coded ──

codings = Table(
    "codings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document_id", Text, nullable=False, index=True),
    Column("text_hash", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("code_id", Text, nullable=False),
    Column("coder", Text, nullable=False),
    Column("coder_kind", Text, nullable=False),
    Column("score", Float),
    Column("evidence", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("at", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("codebook_version", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("region", Text),  # of the picture: left,top,right,bottom
    _of_event(),
)
decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("coding_id", Text, nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("replacement_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    _of_event(),
)
seen = Table(
    "seen",
    metadata,
    Column("id", Text, primary_key=True),
    Column("coder", Text, nullable=False),
    Column("document_id", Text, nullable=False, index=True),
    Column("text_hash", Text, nullable=False),
    Column("coder_kind", Text, nullable=False),
    Column("codes", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("phase", Text, nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    _of_event(),
)
memos = Table(
    "memos",
    metadata,
    Column("id", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("document_id", Text, nullable=False, index=True),
    Column("text_hash", Text, nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    Column("code_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("region", Text),  # of the picture: left,top,right,bottom
    Column("replaces", Text, nullable=False),  # `at` of the memo before it
    _of_event(),
)

# ── what was decided about the study ──

# What researchers did with the topics of one solution, which its fingerprint names. `topics` and
# `about` are JSON: the numbers, and the parts of a split with the ids of their segments.
topic_acts = Table(
    "topic_acts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("undoes", Text, nullable=False),  # id of an act
    Column("about", Text, nullable=False),
    _position(),
    _of_event(),
)
approvals = Table(
    "approvals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document_id", Text, nullable=False, index=True),
    Column("text_hash", Text, nullable=False),
    Column("about", Text, nullable=False),
    _of_event(),
)
coders = Table(
    "coders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", Text, nullable=False),
    _of_event(),
)
phases = Table(
    "phases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # "open" or "closed"
    Column("at", Text, nullable=False),
    _of_event(),
)
assignments = Table(
    "assignments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("coder", Text, nullable=False),
    Column("document_id", Text, nullable=False, index=True),
    Column("phase", Text, nullable=False),
    Column("at", Text, nullable=False),
    _of_event(),
)
choices = Table(
    "choices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject", Text, nullable=False),  # "codebook" or "document:ID"
    Column("chosen", Text, nullable=False),  # a version or a text's hash
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    _of_event(),
)

# Every table whose rows belong to an event, in the order in which a copy is written.
ROW_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(cases, documents, clearances, omissions, runs, codebooks),
        *(codings, decisions, seen, memos),
        *(topic_acts, approvals, coders, phases, assignments, choices),
    )
}
