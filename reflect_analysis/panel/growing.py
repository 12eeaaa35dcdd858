"""Codes made, changed, moved, merged and retired where one codes.

In a blind phase a new code waits: it would tell the others what was found. It is kept as a memo on
the passage, and the meeting takes it into the codebook or lets it go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reflect_analysis.codebook import Code, Codebook, Group, Origin
from reflect_analysis.codings import Memo
from reflect_analysis.errors import CodebookError
from reflect_analysis.panel.asking import Message, region_of, span_of, text, texts
from reflect_analysis.panel.seat import Done, Seat
from reflect_analysis.panel.showing import IN_VIVO, Shown, memo_id, waiting_shown
from reflect_analysis.project.entries import Act
from reflect_analysis.regions import Region

__all__ = ["OPERATIONS"]

Place = tuple[str, tuple[int, int] | None, Region | None]  # a document, and what of it
_LISTS = ("include", "exclude", "examples")


def new_code(seat: Seat, message: Message, act: Act) -> Done:
    """A code from a selection, which is coded with it; in a blind phase it waits."""
    name = " ".join(text(message, "name").split())
    if not name:
        raise ValueError("a code needs a name")
    definition, in_vivo = text(message, "definition", "").strip(), bool(message.get("in_vivo"))
    place = _place(message)
    if (taken := _of_name(seat.desk.codebook, name)) is not None:
        raise CodebookError(f"a code of this name is in the codebook already: {taken.id}")
    if seat.desk.blind:
        return _let_wait(seat, name, definition, place, act, in_vivo=in_vivo)
    document_id, span, region = place
    origin = Origin(document_id, *span) if span and region is None else None

    def grown(book: Codebook) -> Codebook:
        return book.provisional(name, origin, by=seat.coder, in_vivo=in_vivo, definition=definition)

    return _changed(seat, grown, act, place)


def _place(message: Message) -> Place:
    """The passage or the part of a picture from which a code is made, if the message names one."""
    document_id = text(message, "document", "")
    region = region_of(message) if document_id else None
    if region is not None:
        return document_id, (0, 0), region
    return document_id, span_of(message) if document_id else None, None


def _let_wait(
    seat: Seat,
    name: str,
    definition: str,
    place: Place,
    act: Act,
    *,
    in_vivo: bool,
) -> Done:
    words = f"{IN_VIVO if in_vivo else ''}{name}\n{definition}".strip()
    document_id, span, region = place
    span = None if region else span
    memo = seat.desk.memo(
        words, kind="waiting", document_id=document_id, span=span, region=region, act=act
    )
    seat.add_memo(memo)
    return Done(document=document_id, more={"waiting": seat.waiting(), "waits": memo_id(memo)})


def adopt_code(seat: Seat, message: Message, act: Act) -> Done:
    """Take a code that waited into the codebook, with all that was noted under its name.

    Each passage is coded for who noted it. A code of this name that is in the codebook by now is
    given to them; else it is made, with every definition that was noted. What lies in a text that
    may not be coded now waits still, and is counted in the answer.
    """
    chosen = _waiting(seat, message)
    noted = [chosen, *(each for each in seat.waiting_memos() if each != chosen)]
    told = [(memo, waiting_shown(memo)) for memo in noted]
    name = told[0][1]["name"]
    told = [each for each in told if each[1]["name"].casefold() == name.casefold()]
    may = [each for each in told if seat.may_be_coded(each[0])]
    may = may or told  # which the desk refuses, and says why
    taken, memos = _of_name(seat.desk.codebook, name), [memo for memo, _ in may]
    if taken is None:
        made = seat.desk.adopt(memos, _grown(seat, name, [shown for _, shown in may]), act=act)
    else:
        made = seat.desk.adopt_as(memos, taken.id, act=act)
    seat.forget()
    shown = [seat.shown(each) for each in made]
    more = {**seat.codebook_told(), "waits_still": len(told) - len(may)}
    return Done(document=chosen.document_id, codings=shown, more=more)


def _grown(seat: Seat, name: str, told: Sequence[Shown]) -> Callable[[Codebook], Codebook]:
    """The codebook with a code that waited: whoever noted it, their words for it are in it."""
    definition = "\n".join(dict.fromkeys(each["definition"] for each in told if each["definition"]))
    at = told[0]
    origin = None if at["start"] is None else Origin(at["document"], at["start"], at["end"])
    in_vivo = any(each["in_vivo"] for each in told)
    return lambda book: book.provisional(
        name, origin, by=seat.coder, in_vivo=in_vivo, definition=definition
    )


def drop_waiting(seat: Seat, message: Message, act: Act) -> Done:
    """Let a code go that waited, as one coder noted it in one place."""
    found = _waiting(seat, message)
    seat.desk.let_go(found, act=act)
    seat.forget()
    return Done(document=found.document_id, more={"waiting": seat.waiting()})


def edit_code(seat: Seat, message: Message, act: Act) -> Done:
    """Other words for a code; with a definition a provisional code is defined."""
    code_id = text(message, "code")
    words = {n: text(message, n).strip() for n in ("name", "definition") if n in message}
    lists = {n: _lines(message, n) for n in _LISTS if n in message}
    named = _of_name(seat.desk.codebook, words.get("name", ""))
    if named is not None and named.id != code_id:
        raise CodebookError(f"a code of this name is in the codebook already: {named.id}")

    def edited(book: Codebook) -> Codebook:
        return _edited(book, code_id, {**words, **lists}, seat.coder, text(message, "reason", ""))

    return _changed(seat, edited, act)


def _edited(
    book: Codebook, code_id: str, given: Mapping[str, Any], by: str, reason: str
) -> Codebook:
    before = book[code_id]
    after = dataclasses.replace(before, **given)
    if before.status == "provisional" and after.definition != before.definition:
        return book.define(code_id, by=by, reason=reason, **given)
    if after.name != before.name and before.in_vivo:
        after = dataclasses.replace(after, in_vivo=False, name_approved_by="")
    return book.revise(after, by=by, reason=reason)


def move_code(seat: Seat, message: Message, act: Act) -> Done:
    """A code under another code, or under another group."""
    code_id, reason = text(message, "code"), text(message, "reason", "")
    parent, group = text(message, "parent", ""), text(message, "group", "")

    def moved(book: Codebook) -> Codebook:
        book, home = _home(book, book[parent].group if parent else group or book[code_id].group)
        return book.move(code_id, home, parent=parent or None, by=seat.coder, reason=reason)

    return _changed(seat, moved, act)


def _home(book: Codebook, group: str) -> tuple[Codebook, str]:
    """A group by its id or its name; one that is new is made."""
    for each in book.groups:
        if group in (each.id, each.name):
            return book, each.id
    from reflect_analysis.codebook.checks import slug

    made = Group(slug(group) or "group", group)
    return book.with_group(made), made.id


def merge_codes(seat: Seat, message: Message, act: Act) -> Done:
    """Several codes go into one."""
    codes, into = texts(message, "codes"), text(message, "into")
    reason = text(message, "reason", "")
    return _changed(seat, lambda book: book.merge(codes, into, by=seat.coder, reason=reason), act)


def retire_code(seat: Seat, message: Message, act: Act) -> Done:
    """A code that is given no more."""
    code_id, reason = text(message, "code"), text(message, "reason", "")
    return _changed(seat, lambda book: book.retire(code_id, by=seat.coder, reason=reason), act)


def restore_code(seat: Seat, message: Message, act: Act) -> Done:
    """A retired code in use again."""
    code_id, reason = text(message, "code"), text(message, "reason", "")
    return _changed(seat, lambda book: book.restore(code_id, by=seat.coder, reason=reason), act)


# ── inside ──


def _changed(
    seat: Seat,
    change: Callable[[Codebook], Codebook],
    act: Act,
    place: Place = ("", None, None),
) -> Done:
    before = seat.desk.codebook
    document_id, span, region = place
    where = (document_id, *span) if span else None
    made = seat.desk.change_codebook(change, span=where, region=region, act=act)
    shown = [seat.shown(each) for each in made]
    return Done(
        wrote=seat.desk.codebook != before,
        document=document_id if span else "",
        codings=shown,
        more=seat.codebook_told(),
    )


def _of_name(book: Codebook, name: str) -> Code | None:
    return next((code for code in book.in_use if code.name.casefold() == name.casefold()), None)


def _lines(message: Message, name: str) -> tuple[str, ...]:
    """A list of texts, or one text with a line for each."""
    if isinstance(message.get(name), str):
        return tuple(text(message, name).splitlines())
    return texts(message, name)


def _waiting(seat: Seat, message: Message) -> Memo:
    wanted = text(message, "waiting")
    seat.forget()  # another may have adopted or dropped it meanwhile
    found = next((each for each in seat.waiting_memos() if memo_id(each) == wanted), None)
    if found is None:
        raise CodebookError("this code waits no more")
    return found


OPERATIONS = {
    each.__name__: each
    for each in (
        *(new_code, adopt_code, drop_waiting, edit_code, move_code),
        *(merge_codes, retire_code, restore_code),
    )
}
