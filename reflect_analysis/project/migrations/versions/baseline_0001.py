"""The tables as they were first. A later revision changes them; what stands here stays."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Columns in their order: "!" is part of the key, "?" may be empty.
_TABLES = {
    "study": "key! value",
    "events": "id! at by action undoes? payload",
    "tombstones": "case_id! at by documents spared replaced",
}
# Rows of these belong to the event that wrote them.
_OF_EVENTS = {
    "documents": "id! text_hash! case_id? text about position",
    "cases": "id! about position",
    "clearances": "id! sha256 by note at position",
    "omissions": "id! source place reason words position",
    "runs": "id! chain! position about",
    "codebooks": "id! version about",
    "codings": "id! document_id text_hash start end code_id coder coder_kind score? evidence blind "
    "at run_id codebook_version phase region?",
    "decisions": "id! coding_id action by reason replacement_id at",
    "seen": "id! coder document_id text_hash coder_kind codes at run_id blind phase start? end?",
    "memos": "id! by text kind document_id text_hash start? end? code_id at region? replaces",
    "topic_acts": "id! fingerprint kind topics label why by at undoes about position",
    "approvals": "id! document_id text_hash about",
    "coders": "id! name role at",
    "phases": "id! name kind blind state at",
    "assignments": "id! coder document_id phase at",
    "choices": "id! subject chosen by at",
}
# All others are text.
_TYPES: dict[str, Any] = {
    **dict.fromkeys(("start", "end", "words", "position"), sa.Integer),
    "score": sa.Float,
    "blind": sa.Boolean,
}
_INDICES = {
    "events": ("at id", "by at id"),
    "codings": ("document_id",),
    "decisions": ("coding_id",),
    "seen": ("document_id",),
    "memos": ("document_id",),
    "approvals": ("document_id",),
    "assignments": ("document_id",),
}


def upgrade() -> None:
    """Make all tables and indices."""
    for table, columns in {**_TABLES, **_OF_EVENTS}.items():
        _make(table, columns.split(), of_event=table in _OF_EVENTS)
    for table, indices in _INDICES.items():
        for columns in indices:
            _index(table, *columns.split())
    for table in _OF_EVENTS:
        _index(table, "event_id")
    op.create_index(
        op.f("ix_events_undoes"),
        "events",
        ["undoes"],
        sqlite_where=sa.text("undoes IS NOT NULL"),
        postgresql_where=sa.text("undoes IS NOT NULL"),
    )


def _make(table: str, words: list[str], *, of_event: bool) -> None:
    names = [word.rstrip("!?") for word in words]
    key = [name for name, word in zip(names, words, strict=True) if word.endswith("!")]
    columns = [
        sa.Column(name, _TYPES.get(name, sa.Text)(), nullable=word.endswith("?"))
        for name, word in zip(names, words, strict=True)
    ]
    references = []
    if of_event:
        columns.append(sa.Column("event_id", sa.Text(), nullable=False))
        key.append("event_id")
        name = op.f(f"fk_{table}_event_id_events")
        references.append(sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=name))
    primary = sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))
    op.create_table(table, *columns, *references, primary)


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
