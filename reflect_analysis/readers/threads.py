"""Forum threads from a private platform: tables or JSON, flat or with nested replies.

A post is a document of its member, with ``thread``, ``parent``, ``author`` and ``time`` as
attributes, and the post that opened the thread as its ``prompt``.

Rules
-----
- The opening post is the one without a parent; in a thread without parents the earliest. Where
  an organiser wrote it (her name is mapped to `None`, or a column says her role) it is the
  provocation: kept with voice ``"other"``, never coded. Where a member did, it is her own
  question: a post of hers, and the prompt of the replies; ``prompt_from`` names it, so that a
  withdrawal finds them.
- An author's name is never a case by itself: ``speakers`` maps it, or the mapping names the
  column as the participant's; a code such as ``P07`` is taken for an id, which is shown. Other
  authors are ``member 1``, ``member 2`` and so on, unknown cases, and listed.
- Another member's words inside a post (`_quoting`) become turns that are not coded and belong
  to that member, with the marks around them.
- Posts are taken in the order of their times where these sort (``2025-01-06 …``, seconds), else
  as they stand. A date in another style than the rest of its column is left out and listed.
- A body in HTML becomes text. Columns of direct identifiers are left out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Omission, Turn

from ._consent import consent_column
from ._dates import REASON as ODD_DATE
from ._dates import odd_dates
from ._files import control_fault, read_text
from ._forums import NAMES, PROVOCATIONS, Forum, json_forum, parsed
from ._found import (
    Found,
    Place,
    checked_kind,
    checked_language,
    checked_voice,
    is_garbled,
    left_out,
    merge,
    slug,
    word_count,
)
from ._identifying import identifies, listed
from ._mapping import Columns
from ._quoting import Earlier, Quote, known_member, marked_quotes, plain_body
from ._speakers import NOBODY, Speakers, known_label, speakers_for
from ._vocabulary import plain

_ORGANISERS = frozenset(
    {
        *("organiser", "organizer", "facilitator", "moderator", "admin", "administrator"),
        *("host", "staff", "instructor", "researcher"),
        *("animatrice", "animateur", "organisatrice"),
    }
)
_YES = frozenset({"true", "1", "yes"})
_GONE = frozenset({"[deleted]", "[removed]", "(deleted)", "(removed)", "[supprimé]"})
_CODE = re.compile(r"[A-Z]{1,4}-?\d{1,4}[a-z]?")
_UNMAPPED = (
    "an author who is mapped to no participant (an unknown case; map the name in speakers=, or "
    "name the column as the participant's)"
)


@dataclass(slots=True)
class _Post:
    """A post as it was written, before anybody's case is known."""

    id: str
    body: str
    place: str
    told: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)
    quotes: Sequence[tuple[int, int]] = ()
    thread: str = ""
    case_id: str | None = None
    label: str = ""
    is_organiser: bool = False

    @property
    def parent(self) -> str:
        """The post that it answers."""
        return self.told.get("parent", "")


def read_thread_file(place: Place, mapping: Columns, speakers: Speakers = NOBODY) -> Found:
    """The posts of a ``.json`` file: a list with parents, or replies inside posts.

    Parameters
    ----------
    place : Place
    mapping : mapping
        Keys by what they hold: ``"text"``, ``"author"``, ``"thread"``, ``"parent"``, ``"time"``.
    speakers : mapping of str to str or None
        Cases by authors' names; `None` for an organiser.

    Raises
    ------
    CorpusError
        If it is no JSON, with the line.
    """
    text = read_text(place)
    if not text.strip():
        return left_out(place.name, "an empty file")
    forum, nested = json_forum(parsed(text, place.name), mapping, name=place.name, stem=place.stem)
    if forum is None:
        reason = "JSON without posts of a forum (a text and an author or thread)"
        return left_out(place.name, reason)
    reason = "a list inside posts that holds no replies"
    lists = tuple(Omission(place.name, f"key {key!r}", reason) for key in sorted(nested))
    return merge([read_forum(forum, speakers_for(place, speakers)), Found(omissions=lists)])


def read_forum(forum: Forum, speakers: Speakers) -> Found:
    """The posts of a forum as documents.

    Parameters
    ----------
    forum : Forum
    speakers : mapping of str to str or None
        Cases by authors' names; `None` for an organiser.
    """
    forum, odd = _with_one_style(forum)
    out = _identifying_columns(forum)
    posts, found = _posts(forum, out)
    faults = _tree(forum, posts)
    listed_parents = _without_parents(forum, posts)
    codes = _cases(forum, posts, speakers)
    openings = _openings(posts)
    documents = _documents(forum, posts, openings)
    told = {("text" if p == "body" else p): column for p, column in forum.columns.items()}
    guesses = {part: column for part, column in told.items() if column != part}
    if "parent" not in forum.columns and not _sort_keys(posts):
        guesses["order"] = "as the posts stand in the file"
    if codes:
        guesses["participant"] = f"{forum.columns['author']} (codes as ids)"
    elif forum.participant and forum.participant != "participant":
        guesses["participant"] = forum.participant
    mine = Found(
        omissions=(
            *listed(forum.name, out),
            *odd,
            *listed_parents,
            *_unmapped(forum, posts, speakers),
        ),
        faults=tuple(faults),
        guesses={forum.name: guesses},
        headers=forum.header,
    )
    return merge([mine, found, documents])


def _with_one_style(forum: Forum) -> tuple[Forum, list[Omission]]:
    """The forum without the dates that are written otherwise than the rest of their column."""
    rows = [dict(cells) for _, cells in forum.rows]
    left = []
    for column in {*forum.header} - {forum.columns["body"]}:
        for n in odd_dates([row.get(column, "") for row in rows]):
            rows[n][column] = ""
            left.append(n)
    places = [where for where, _ in forum.rows]
    omissions = [Omission(forum.source, places[n], ODD_DATE) for n in sorted(left)]
    return replace(forum, rows=tuple(zip(places, rows, strict=True))), omissions


def _identifying_columns(forum: Forum) -> list[str]:
    """The columns that say who somebody is; the authors' names are taken apart instead."""
    parts = {*forum.columns.values(), forum.participant}
    return [
        column
        for column in forum.header
        if column
        and column not in parts
        and (
            plain(column) in NAMES["author"]
            or identifies(column, (cells.get(column, "") for _, cells in forum.rows))
        )
    ]


def _posts(forum: Forum, out: Sequence[str]) -> tuple[list[_Post], Found]:
    """The posts with a body; what is wrong with the others."""
    columns = forum.columns
    special = {*columns.values(), forum.participant, *out} - {columns.get("role", "")}
    parts = {*columns.values(), forum.participant}
    known = [n for n, column in enumerate(forum.header) if column in parts]
    table = [[cells.get(column, "") for column in forum.header] for _, cells in forum.rows]
    consent = consent_column(forum.header, rows=table, taken=known)
    faults = [f"{forum.name}: {fault}" for fault in consent.faults]
    special |= {forum.header[n] for n in consent.columns}
    posts, omissions, consents = [], [], []
    for (where, cells), row in zip(forum.rows, table, strict=True):
        told = {part: cells.get(column, "").strip() for part, column in columns.items()}
        body, blocks = plain_body(cells.get(columns["body"], ""))
        problems = [fault] if (fault := control_fault(body)) else []
        whose = cells.get(forum.participant, "").strip() if forum.participant else ""
        others = {c: v.strip() for c, v in cells.items() if v.strip() and c not in special}
        if answer := consent.answer(row, problems):
            consents += [(whose, answer)] if whose else []
            if answer == "no" and not whose:
                reason = "consent to be quoted is refused, and no participant is named to carry it"
                omissions.append(Omission(forum.source, where, reason, word_count(body)))
                body = ""
        faults += [f"{forum.source}, {where}: {problem}" for problem in problems]
        if not body or body.casefold() in _GONE:
            omissions.append(Omission(forum.source, where, "a post without words"))
            continue
        post_id = told.get("id") or f"{slug(forum.stem)}-{where.rpartition(' ')[2]}"
        posts.append(_Post(post_id, body, where, told, others, blocks, case_id=whose or None))
    found = Found(
        omissions=tuple(omissions),
        faults=tuple(faults),
        consents=tuple(consents),
        guesses={forum.name: guesses} if (guesses := consent.guesses(forum.header, table)) else {},
    )
    return posts, found


def _tree(forum: Forum, posts: Sequence[_Post]) -> list[str]:
    """Give each post its thread; a fault for posts that answer each other."""
    by_id = {post.id: post for post in posts}
    tops: dict[str, _Post] = {}
    faults = []
    for post in posts:
        path: dict[str, _Post] = {}
        top = post
        while top.id not in tops and top.id not in path and top.parent in by_id:
            path[top.id] = top
            top = by_id[top.parent]
        if top.id in path:
            faults.append(f"{forum.source}, {post.place}: post {post.id!r} answers itself")
        top = tops.get(top.id, top)
        tops.update(dict.fromkeys((*path, post.id), top))
        post.thread = post.told.get("thread", "") or top.told.get("thread", "") or top.id
    return faults


def _without_parents(forum: Forum, posts: Sequence[_Post]) -> list[Omission]:
    known = {post.id for post in posts}
    return [
        Omission(forum.source, post.place, "a post that a reply names as its parent is not here")
        for post in posts
        if post.parent and post.parent not in known | {post.thread}
    ]


def _cases(forum: Forum, posts: Sequence[_Post], speakers: Speakers) -> bool:
    """Give each post its case and the label of its author; whether codes were taken for ids."""
    authors = [known_label(post.told.get("author", "")) for post in posts]
    for post, author in zip(posts, authors, strict=True):
        post.is_organiser = _is_organiser(post, author, speakers)
    members = {a for a, post in zip(authors, posts, strict=True) if a and not post.is_organiser}
    codes = all(_CODE.fullmatch(author) for author in members - set(speakers))
    taken = False
    numbers: dict[str, int] = {}
    for post, author in zip(posts, authors, strict=True):
        if not post.case_id and author and not post.is_organiser:
            post.case_id = speakers.get(author)
            if post.case_id is None and codes and not forum.participant:
                post.case_id, taken = author, True
        number = numbers.setdefault(author, len(numbers) + 1) if not post.case_id else 0
        post.label = post.case_id or ("organiser" if post.is_organiser else f"member {number}")
    return taken


def _is_organiser(post: _Post, author: str, speakers: Speakers) -> bool:
    if author in speakers:
        return speakers[author] is None
    role = plain(post.told.get("role", ""))
    told = role in _YES or bool(_ORGANISERS.intersection(role.split("_")))
    kind = plain(post.others.get("kind", "") or post.others.get("type", ""))
    return told or kind in PROVOCATIONS or bool(_ORGANISERS.intersection(author.casefold().split()))


def _openings(posts: Sequence[_Post]) -> dict[str, _Post]:
    """The post that opened each thread: without a parent, else the earliest."""
    threads: dict[str, list[_Post]] = {}
    for post in posts:
        threads.setdefault(post.thread, []).append(post)
    first = {}
    for thread, members in threads.items():
        roots = [post for post in members if post.parent in ("", thread)]
        if roots:
            first[thread] = _by_time(roots)[0]
    return first


def _by_time(posts: Sequence[_Post]) -> list[_Post]:
    """Posts by time, where all times are written so that they sort; else as they stand."""
    keys = _sort_keys(posts)
    return [posts[n] for n in sorted(range(len(posts)), key=keys.__getitem__)] if keys else [*posts]


def _date(post: _Post) -> str:
    return next((word for key, word in post.others.items() if plain(key) == "date"), "")


def _sort_keys(posts: Sequence[_Post]) -> list[Any]:
    """The times of posts so that they sort; none where one does not."""
    times = [post.told.get("time", "") or _date(post) for post in posts]
    if all(re.match(r"\d{4}-\d{2}-\d{2}", time) for time in times):
        return [time.replace("T", " ") for time in times]
    numbers = all(re.fullmatch(r"\d{9,13}", time) for time in times)
    return [int(time) for time in times] if numbers else []


def _unmapped(forum: Forum, posts: Sequence[_Post], speakers: Speakers) -> list[Omission]:
    """Authors who are mapped to nobody, by number and first post: a name would stay here."""
    words: Counter[str] = Counter()
    places: dict[str, str] = {}
    for post in posts:
        author = known_label(post.told.get("author", ""))
        if not post.case_id and not post.is_organiser and author not in speakers:
            who = post.label if author else "no author"
            places.setdefault(who, f"{who}, first in {post.place}" if author else who)
            words[who] += word_count(post.body)
    return [Omission(forum.source, places[who], _UNMAPPED, count) for who, count in words.items()]


# ── documents ───────────────────────────────────────────────────────────────────────────


def _documents(forum: Forum, posts: Sequence[_Post], openings: Mapping[str, _Post]) -> Found:
    """Every post as a document, in the order of the file."""
    names = _labels(posts)
    faults: list[str] = []
    made: dict[int, Document] = {}
    threads: dict[str, list[int]] = {}
    for n, post in enumerate(posts):
        threads.setdefault(post.thread, []).append(n)
    for thread, members in threads.items():
        earlier = Earlier()
        asked: set[str] = set()
        opening = openings.get(thread)
        order = {id(post): n for n, post in enumerate(_by_time([posts[n] for n in members]))}
        for n in sorted(members, key=lambda n: (posts[n] is not opening, order[id(posts[n])])):
            post = posts[n]
            if (prompt := post.told.get("prompt", "")) and prompt not in asked:
                asked.add(prompt)
                earlier.add(prompt, "organiser")
            turns = _turns(post, earlier, names)
            earlier.add(post.body, post.label)
            problems: list[str] = []
            made[n] = _document(forum, post, opening, turns, problems)
            faults += [f"{forum.source}, {post.place}: {problem}" for problem in problems]
    return Found(documents=tuple(made[n] for n in sorted(made)), faults=tuple(faults))


def _labels(posts: Iterable[_Post]) -> dict[str, _Post]:
    """A post of each author, by her name and by her label."""
    names: dict[str, _Post] = {}
    for post in posts:
        for name in (known_label(post.told.get("author", "")), post.label):
            if name:
                names.setdefault(name.casefold(), post)
    return names


def _turns(post: _Post, earlier: Earlier, names: Mapping[str, _Post]) -> tuple[Turn, ...]:
    """The post cut into its own words and those of others; nothing where all are its own."""
    marked = marked_quotes(post.body, post.quotes, members=names)
    runs = [
        quote
        for quote in earlier.runs(post.body, post.label)
        if not any(quote.start < m.end and m.start < quote.end for m in marked)
    ]
    if not marked and not runs:
        return ()
    turns = []
    at = 0
    for quote in sorted((*marked, *runs), key=lambda q: q.start):
        turns += _own(post, at, quote.start)
        turns.append(_quoted(post, quote, earlier, names))
        at = quote.end
    return (*turns, *_own(post, at, len(post.body)))


def _own(post: _Post, start: int, end: int) -> list[Turn]:
    """The member's own words between two quotations, where there are any."""
    passage = post.body[start:end]
    if not re.search(r"\w|[^\x00-\u206f]", passage):
        return []
    begin = start + len(passage) - len(passage.lstrip())
    return [Turn(begin, start + len(passage.rstrip()), post.label, post.case_id)]


def _quoted(post: _Post, quote: Quote, earlier: Earlier, names: Mapping[str, _Post]) -> Turn:
    """The words of another, or of herself before: never coded here."""
    who = names.get(known_member(quote.who, names))
    holder = "" if who else earlier.holder(_bare(post.body[quote.start : quote.end]))
    who = who or names.get(holder.casefold())
    label = who.label if who else "quoted"
    return Turn(quote.start, quote.end, label, who.case_id if who else None, coded=False)


def _bare(passage: str) -> str:
    """A quotation without its marks."""
    passage = re.sub(r"^[ \t]*[>\s]+", "", passage, flags=re.MULTILINE)
    return re.sub(r"\[/?quote[^\]]*\]", "", passage, flags=re.IGNORECASE)


def _document(
    forum: Forum,
    post: _Post,
    opening: _Post | None,
    turns: tuple[Turn, ...],
    problems: list[str],
) -> Document:
    others = {plain(key): key for key in post.others}
    told = {key: post.others[others[key]] for key in ("kind", "language", "voice") if key in others}
    kind = told.get("kind", "")
    is_kind = plain(kind) in PROVOCATIONS
    voice = checked_voice(told.get("voice", ""), problems)
    known = {others[key] for key in told}
    about = {key: word for key, word in post.others.items() if key not in known}
    reply = opening is not None and opening is not post
    prompt = post.told.get("prompt", "") or (opening.body if opening and reply else "")
    asked = opening.id if opening and reply and not opening.is_organiser else ""
    has_parent = post.parent if post.parent != post.thread else ""
    parts = {
        "thread": post.thread,
        "parent": has_parent,
        "author": _author(forum, post),
        "time": post.told.get("time", ""),
        "prompt": prompt,
        "prompt_from": "" if post.told.get("prompt") else asked,
    }
    return Document(
        id=post.id,
        text=post.body,
        kind=checked_kind("" if is_kind else kind, "post", problems),
        case_id=post.case_id,
        attributes=Attributes({**about, **{k: v for k, v in parts.items() if v}}),
        voice="other" if post.is_organiser else voice,
        language=checked_language(told.get("language", ""), problems),
        flags=("garbled",) if is_garbled(post.body) else (),
        turns=turns,
        source=forum.source,
        place=post.place,
    )


def _author(forum: Forum, post: _Post) -> str:
    """The author as the study may call her; nothing where a column of cases says it already."""
    return "" if post.case_id and "author" not in forum.columns else post.label
