"""What a coder does with a text: code, change, remove, decide, note, flag, read, and go back.

Each operation is done through the desk, and durable when it returns; then it says what changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from reflect_analysis.codings import Action, Coding, MemoKind
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.panel.asking import (
    Message,
    open_in,
    place_of,
    region_of,
    span_of,
    text,
    texts,
)
from reflect_analysis.panel.seat import Done, Seat
from reflect_analysis.panel.showing import left_id, memo_shown
from reflect_analysis.project.entries import Act, Event
from reflect_analysis.project.team import AGREED
from reflect_analysis.regions import Region

__all__ = ["OPERATIONS", "went"]

_STATUS = {"accept": "accepted", "reject": "rejected", "reopen": "current"}


# ── codings ──


def code(seat: Seat, message: Message, act: Act) -> Done:
    """Code a span, or a region of the picture."""
    document_id = text(message, "document")
    start, end, region = place_of(message)
    codes = texts(message, "codes")
    made = seat.desk.code(document_id, start, end, *codes, region=region, act=act)
    return Done(document=document_id, codings=[seat.shown(each) for each in made])


def recode(seat: Seat, message: Message, act: Act) -> Done:
    """Another code for what the coder coded."""
    return _change(seat, _own(seat, message), act, code_id=text(message, "code"))


def move(seat: Seat, message: Message, act: Act) -> Done:
    """Other edges of what the coder coded: of words, or of a region of the picture."""
    coding = _own(seat, message)
    start, end, region = place_of(message)
    span = (start, end) if region is None else None
    return _change(seat, coding, act, span, region=region)


def remove(seat: Seat, message: Message, act: Act) -> Done:
    """Take back what the coder coded, whenever that was."""
    coding = _own(seat, message)
    seat.desk.decide_many([coding], "reject", act=act)
    return Done(document=coding.document_id, gone=seat.drop(coding.document_id, coding.id))


def decide(seat: Seat, message: Message, act: Act) -> Done:
    """Accept, reject or change proposals; or reopen them, so that they wait again."""
    ids, action = texts(message, "codings"), text(message, "action")
    reason = text(message, "reason", "")
    found = [_proposal(seat, each) for each in ids]
    if not found:
        raise ValueError("codings: expected at least one")
    if action == "change":
        if len(found) > 1:
            raise ValueError("one proposal at a time is changed")
        code_id = text(message, "code", "") or None
        return _change(seat, found[0], act, span_of(message), code_id=code_id, reason=reason)
    seat.desk.decide_many(found, cast("Action", action), reason=reason, act=act)
    status = _STATUS[action]
    return Done(document=found[0].document_id, codings=[seat.shown(each, status) for each in found])


def _change(
    seat: Seat,
    coding: Coding,
    act: Act,
    span: tuple[int, int] | None = None,
    *,
    region: Region | None = None,
    code_id: str | None = None,
    reason: str = "",
) -> Done:
    made, decision = seat.desk.change(
        coding, span=span, region=region, code_id=code_id, reason=reason, act=act
    )
    gone = seat.drop(coding.document_id, coding.id)
    shown = seat.changed(coding, made, decision.at)
    return Done(document=coding.document_id, codings=[shown], gone=gone)


def _own(seat: Seat, message: Message) -> Coding:
    """The coder's own coding, or a proposal that somebody accepted, while it holds."""
    coding_id = text(message, "coding")
    found = seat.desk.coding(coding_id)
    mine = found.coder == seat.coder
    if not mine and found.coder == AGREED:
        raise ProjectError("what was agreed is changed where it was agreed, with a reason")
    if not mine and found.coder_kind == "person":
        raise ProjectError(f"this is {found.coder}'s coding, and theirs to change")
    shown = seat.leaf(found.document_id).codings.get(coding_id)
    if shown is None or shown["status"] == "rejected":
        raise UnknownIdError("this coding holds no more; it was changed or removed meanwhile")
    return found


def _proposal(seat: Seat, coding_id: str) -> Coding:
    found = seat.desk.coding(coding_id)
    if found.coder_kind != "machine":
        raise ProjectError(f"this is {found.coder}'s coding, and no proposal of a machine")
    if coding_id not in seat.leaf(found.document_id).codings:
        raise UnknownIdError("this proposal was changed meanwhile")
    return found


def take_up(seat: Seat, message: Message, act: Act) -> Done:
    """Make again what the coder made on an earlier wording, where its words are in the text now."""
    document_id, wanted = text(message, "document"), texts(message, "left")
    found = {left_id(each): each for each in seat.desk.left(document_id)}
    if missing := [each for each in wanted if each not in found]:
        raise UnknownIdError(f"{len(missing)} of these were made again or settled meanwhile")
    made = seat.desk.take_up([found[each] for each in wanted], act=act)
    leaf = seat.leaf(document_id, anew=True)
    seat.list_anew()
    return Done(
        document=document_id,
        codings=[leaf.codings[each.id] for each in made],
        more={
            "left": seat.left(document_id),
            "memos_of": seat.memos_of(document_id),
            "code_memos": seat.code_memos(),
            "waiting": seat.waiting(),
        },
    )


# ── notes ──


def memo(seat: Seat, message: Message, act: Act) -> Done:
    """A memo on a span, a document, a code, or the study."""
    kind = text(message, "kind", "analytic")
    if kind in {"flag", "waiting"}:
        raise ValueError(f"kind {kind!r}: expected analytic, method or reflexive")
    document_id, region = text(message, "document", ""), region_of(message)
    made = seat.desk.memo(
        text(message, "text"),
        kind=cast("MemoKind", kind),
        document_id=document_id,
        span=span_of(message) if document_id and region is None else None,
        region=region,
        code_id=text(message, "code", ""),
        act=act,
    )
    changed = seat.add_memo(made)
    return Done(document=document_id, memos=[memo_shown(made)], codings=changed)


def edit_memo(seat: Seat, message: Message, act: Act) -> Done:
    """Other words in the place of a memo of the coder's own; what it said stays in the store."""
    words = text(message, "text")
    if not words.strip():
        raise ValueError("the memo is empty; to take it away, remove it")
    kind = text(message, "kind", "")
    if kind in {"flag", "waiting"}:
        raise ValueError(f"kind {kind!r}: expected analytic, method or reflexive")
    return _revised(seat, message, act, words, kind)


def remove_memo(seat: Seat, message: Message, act: Act) -> Done:
    """Take a memo of the coder's own away."""
    return _revised(seat, message, act, "", "")


def _revised(seat: Seat, message: Message, act: Act, words: str, kind: str) -> Done:
    before = seat.memo(text(message, "memo"))
    made = seat.desk.revise_memo(
        before, words, kind=cast("MemoKind", kind) if kind else None, act=act
    )
    changed = seat.drop_memo(before)
    if words:
        changed = [*changed, *seat.add_memo(made)]
    document_id = before.document_id
    more = {"memos_of": seat.memos_of(document_id)} if document_id else {}
    if before.code_id:
        more["code_memos"] = seat.code_memos()
    shown = list({each["id"]: each for each in changed}.values())
    return Done(document=document_id, codings=shown, more=more)


def flag(seat: Seat, message: Message, act: Act) -> Done:
    """Mark a document to come back to it, or not any more."""
    document_id, on = text(message, "document"), bool(message.get("on", True))
    leaf = seat.leaf(document_id)
    if on == leaf.flagged:
        return Done(wrote=False, document=document_id, more={"flagged": on})
    if on:
        note = text(message, "note", "").strip() or "to come back to"
        seat.add_memo(seat.desk.memo(note, kind="flag", document_id=document_id, act=act))
    else:
        seat.take_back(seat.flag_events(document_id), act, "its flag")
        seat.leaf(document_id, anew=True)
    return Done(document=document_id, more={"flagged": on})


def read(seat: Seat, message: Message, act: Act) -> Done:
    """Read: what is not coded was looked for and not found; or not read yet."""
    document_id, on = text(message, "document"), bool(message.get("on", True))
    leaf = seat.leaf(document_id)
    if on == leaf.read:
        return Done(wrote=False, document=document_id, more={"read": on})
    if on:
        seat.desk.read(document_id, act=act)
        leaf.read = True
        seat.tell(leaf)
    else:
        seat.take_back(seat.read_events(document_id), act, "that it was read")
        seat.leaf(document_id, anew=True)
    return Done(document=document_id, more={"read": on})


# ── back and forth ──


def undo(seat: Seat, message: Message, act: Act) -> Done:
    """Take back the last thing that this coder did, in whatever session."""
    return went(seat, seat.desk.undo(act=act), message)


def redo(seat: Seat, message: Message, act: Act) -> Done:
    """Do again what was taken back."""
    event = seat.desk.redo(act=act)
    return went(seat, seat.project.event(event.undoes or "") or event, message)


def went(seat: Seat, event: Event, message: Message) -> Done:
    """What is different since an event holds, or does not hold any more.

    Of an event over several texts it is told of the one that the page shows, if it is one of them.
    """
    touched = seat.project.touched(event.id)
    done = Done(document=_foremost(touched.documents, message))
    if touched.codebook:
        seat.refresh()
        done.more = seat.codebook_told()
    elif touched.memos or not touched.documents:
        seat.list_anew()
    for document_id in touched.documents:
        changed, gone = seat.catch_up(document_id, touched.codings)
        leaf = seat.leaf(document_id)
        done.codings += [leaf.codings[each] for each in changed]
        done.gone += gone
    if touched.memos:
        done.more |= {"code_memos": seat.code_memos(), "waiting": seat.waiting()}
    done.gone = list(dict.fromkeys(done.gone))
    if done.document:
        done.more["document_id"] = done.document
        done.more["left"] = seat.left(done.document)
        done.more["memos_of"] = seat.memos_of(done.document)
        leaf = seat.leaf(done.document)
        done.more |= {"read": leaf.read, "flagged": leaf.flagged}
    return done


def _foremost(documents: Sequence[str], message: Message) -> str:
    """The document of some that the page shows or names; else the first."""
    opened = open_in(message)
    for wanted in (opened[0] if opened else "", text(message, "document", "")):
        if wanted in documents:
            return wanted
    return documents[0] if documents else ""


OPERATIONS = {
    each.__name__: each
    for each in (
        *(code, recode, move, remove, decide, take_up, flag, read),
        *(memo, edit_memo, remove_memo, undo, redo),
    )
}
