"""Which tables and JSON files are forums, and their posts as rows of words.

A forum is known by its columns: a body, and a thread or a parent. Replies inside posts (JSON)
become rows with the parent and the thread that their place tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reflect_analysis.errors import CorpusError

from ._files import one_line_end
from ._mapping import Columns, named
from ._questions import vendor_of
from ._sheets import Table, cell_text
from ._vocabulary import COLUMNS, plain

# What a column or a key is called, in the order in which it is taken.
NAMES: Mapping[str, tuple[str, ...]] = {
    "thread": (
        *("thread", "thread_id", "thread_title", "topic", "topic_id", "topic_title"),
        *("discussion", "discussion_id", "discussion_title", "subject", "fil", "sujet"),
    ),
    "parent": (
        *("parent", "parent_id", "parent_post_id", "reply_to", "in_reply_to", "reply_to_id"),
        *("in_reply_to_id", "replyto", "inreplyto", "parentid", "reply_to_post_id"),
        "en_reponse_a",
    ),
    "author": (
        *("author", "author_name", "member", "user", "username", "user_name", "posted_by"),
        *("poster", "from", "sender", "display_name", "userfullname", "auteur", "autrice"),
        *("author_id", "user_id", "member_id"),
    ),
    "time": (
        *("time", "timestamp", "created_at", "created", "posted_at", "posted", "date_posted"),
        *("datetime", "date_time", "sent", "published", "published_at", "heure"),
    ),
    "body": (
        *("text", "body", "content", "message", "post", "comment", "html", "body_html", "raw"),
        *("body_text", "post_text", "post_content", "message_body", "texte", "contenu"),
    ),
    "id": ("id", "post_id", "message_id", "comment_id", "reply_id", "entry_id", "document_id"),
    "role": ("author_role", "user_role", "role", "is_staff", "is_organiser", "is_organizer"),
    "prompt": ("prompt", "provocation"),
}
PROVOCATIONS = frozenset({"provocation", "prompt", "announcement", "topic_starter"})

_NESTED = ("replies", "children", "comments", "posts", "responses", "messages", "answers", "items")
_HOLDERS = (*_NESTED, "threads", "topics", "discussions", "data")
_NAMED = ("username", "display_name", "name")
_DEPTH = 200
_LOOSE = frozenset({"topic", "subject", "sujet"})  # a reflection may have one too


@dataclass(frozen=True, slots=True)
class Forum:
    """Posts in the order of the file, and how its columns are called.

    Parameters
    ----------
    source, name, stem : str
        The file; the file with its sheet; the beginning of ids that have to be made.
    rows : tuple of (str, Mapping)
        Place and cells by column.
    columns : Mapping of str to str
        The column of each part of a post.
    participant : str
        A column that holds participants' ids, or ``""``.
    header : tuple of str
    """

    source: str
    name: str
    stem: str
    rows: tuple[tuple[str, Mapping[str, str]], ...]
    columns: Mapping[str, str]
    participant: str
    header: tuple[str, ...]


def columns_of(header: Sequence[str], mapping: Columns) -> tuple[dict[str, str], str]:
    """The column of each part of a post, and the one of the participants, ``""`` for none."""
    names: dict[str, str] = {}
    whose = [column for column in header if column and _is_participant(column)]
    whose = [column for column in named(mapping, "participant") if column in header] or whose
    by_name = {plain(column): column for column in reversed(header) if column}
    for part, known in NAMES.items():
        role = {"body": "text"}.get(part, part)
        told = [column for column in named(mapping, role) if column in header]
        found = told or [by_name[name] for name in known if name in by_name]
        if found and found[0] not in (*names.values(), *whose[:1]):
            names[part] = found[0]
    return names, whose[0] if whose else ""


def _is_participant(column: str) -> bool:
    return plain(column) == "participant" or plain(column) in COLUMNS["participant"]


def forum_of(table: Table, mapping: Columns) -> Forum | None:
    """The forum that a table is: posts with a body, and a thread or a parent; else `None`."""
    columns, whose = columns_of(table.header, mapping)
    if not table.rows or not _is_forum(table, columns, mapping, whose=whose):
        return None
    rows = tuple(
        (where, {c: cells[n] for n, c in enumerate(table.header) if c and n < len(cells)})
        for where, cells in table.rows
    )
    return Forum(table.source, table.name, table.stem, rows, columns, whose, table.header)


def _is_forum(table: Table, columns: Mapping[str, str], mapping: Columns, *, whose: str) -> bool:
    """Whether columns are those of posts, and of no survey and no table of reflections.

    A ``topic`` beside a participant may be that of a reflection; beside an author it is a
    forum's.
    """
    if "body" not in columns or len(named(mapping, "text")) > 1:
        return False
    vendor = vendor_of(table.header)
    if "parent" in columns:
        return vendor in ("", "Google Forms")
    if vendor or "thread" not in columns or not _says_post(table):
        return False
    plainly = plain(columns["thread"]) not in _LOOSE or bool(named(mapping, "thread"))
    return "author" in columns or (bool(whose) and plainly)


def _says_post(table: Table) -> bool:
    """Whether a column of kinds, where there is one, names posts."""
    at = next((n for n, column in enumerate(table.header) if plain(column) == "kind"), None)
    if at is None:
        return True
    kinds = {plain(cells[at]) for _, cells in table.rows if at < len(cells)}
    return bool(kinds & {"post", *PROVOCATIONS}) or kinds <= {""}


# ── JSON ────────────────────────────────────────────────────────────────────────────────


def parsed(text: str, name: str) -> Any:
    """What a JSON text holds.

    Raises
    ------
    CorpusError
        With the line, and without the words.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CorpusError(f"{name}, line {error.lineno}: not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise CorpusError(f"{name}: not JSON that can be read: nested too deeply") from None


def json_forum(
    whole: Any, mapping: Columns, *, name: str, stem: str
) -> tuple[Forum | None, set[str]]:
    """The forum that a JSON value holds, and the keys of lists inside posts that are no replies."""
    walk = _Walk(mapping, name)
    records = tuple(walk.posts(whole))
    keys = tuple(dict.fromkeys(key for _, record in records for key in record))
    columns, whose = columns_of(keys, mapping)
    about = {"author", "thread", "parent"}.intersection(columns)
    if "body" not in columns or not (about or whose):
        return None, set()
    return Forum(name, name, stem, records, columns, whose, keys), walk.left


class _Walk:
    """A walk through nested replies, with a stack of its own: people answer deeply."""

    def __init__(self, mapping: Columns, name: str) -> None:
        self.left: set[str] = set()
        self._name = name
        self._bodies = frozenset((*named(mapping, "text"), *NAMES["body"]))
        self._waiting: list[tuple[Any, str, str, str, int]] = []

    def posts(self, whole: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Each post as flat words, with the thread and the parent that nesting tells."""
        self._waiting = [(whole, "", "", "item", 0)]
        while self._waiting:
            value, thread, parent, where, depth = self._waiting.pop()
            if depth > _DEPTH:
                raise CorpusError(
                    f"{self._name}: lists and replies are nested more than {_DEPTH} deep"
                )
            if isinstance(value, list):
                self._waiting += [
                    (each, thread, parent, f"{where} {n}", depth + 1)
                    for n, each in reversed([*enumerate(value, start=1)])
                ]
            elif isinstance(value, Mapping):
                yield from self._object(value, thread, parent, where, depth)

    def _object(
        self, value: Mapping[str, Any], thread: str, parent: str, where: str, depth: int
    ) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The post that an object is, if it is one; what lies inside waits."""
        record = {key: _word(item) for key, item in value.items() if _is_flat(item)}
        names = {plain(key): key for key in record}
        is_post = any(key in self._bodies or plain(key) in self._bodies for key in record)
        title = _first(record, names, ("title", "name", "id")) if not is_post else ""
        inside = _first(record, names, NAMES["thread"]) or thread or title
        if is_post:
            own = _first(record, names, NAMES["id"]) or where
            above = _first(record, names, NAMES["parent"]) or parent
            parent = own
            keys = {"thread": inside, "parent": above, "id": own}
            yield where, {**record, **_under(names, keys)}
        for key, item in reversed([*value.items()]):
            if isinstance(item, list | Mapping) and plain(key) in _HOLDERS:
                self._waiting.append((item, inside, parent, f"{where}, {key}", depth + 1))
            elif is_post and key not in record and item:
                self.left.add(key)


def _first(record: Mapping[str, str], names: Mapping[str, str], known: Sequence[str]) -> str:
    """The first filled word under one of some keys."""
    return next((record[names[n]] for n in known if n in names and record[names[n]]), "")


def _under(names: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str]:
    """Thread, parent and id under the keys by which a record calls them, else under these."""
    told = {}
    for part, word in keys.items():
        key = next((names[n] for n in NAMES[part] if n in names), part)
        if word:
            told[key] = word
    return told


def _is_flat(item: object) -> bool:
    """Whether a value is a word, or an object that stands for a person."""
    if isinstance(item, Mapping):
        return any(isinstance(item.get(key), str) for key in _NAMED)
    return not isinstance(item, list)


def _word(item: Any) -> str:
    """A value as a word; of an author as an object, her name."""
    if isinstance(item, Mapping):
        item = next(item[key] for key in _NAMED if isinstance(item.get(key), str))
    return one_line_end(cell_text(item))
