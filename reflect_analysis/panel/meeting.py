"""Work on many codings at once, and on those of several coders: never in a blind phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import cast

from reflect_analysis.codings import Action, Coding
from reflect_analysis.errors import ProjectError
from reflect_analysis.panel.asking import (
    Message,
    filter_of,
    number,
    place_of,
    text,
    texts,
    within_of,
)
from reflect_analysis.panel.seat import Done, Seat
from reflect_analysis.panel.showing import Shown, coding_shown
from reflect_analysis.project.entries import Act
from reflect_analysis.project.team import AGREED
from reflect_analysis.review import Differing, differing, proposals

__all__ = ["OPERATIONS", "layers", "preview"]

_EXAMPLES = 12


# ── bulk decisions ──


def preview(seat: Seat, message: Message) -> Shown:
    """How many proposals a filter takes, of which codes, with some of them to look at."""
    found = _matching(seat, message)
    step = max(1, len(found) // _EXAMPLES)
    return {
        "type": "preview",
        "n": len(found),
        "documents": len({coding.document_id for coding in found}),
        "by_code": _counted(coding.code_id for coding in found),
        "by_coder": _counted(coding.coder for coding in found),
        "examples": [_example(seat, coding) for coding in found[::step][:_EXAMPLES]],
    }


def _counted(names: Iterable[str]) -> list[list[object]]:
    return [list(each) for each in Counter(names).most_common()]


def _example(seat: Seat, coding: Coding) -> Shown:
    document = seat.desk.corpus.document(coding.document_id)
    shown = coding_shown(coding, seat.coder, words=document.text)
    return {**shown, "text": document.passage(coding.start, coding.end)}


def decide_many(seat: Seat, message: Message, act: Act) -> Done:
    """Accept or reject all that a filter takes, if they are as many as the preview said."""
    found, expected = _matching(seat, message), number(message, "expected")
    if len(found) != expected:
        raise ProjectError(
            f"the filter takes {len(found)} proposals now, and the preview showed {expected}; "
            "look at them again"
        )
    action = cast("Action", text(message, "action"))
    seat.desk.decide_many(found, action, reason=text(message, "reason", ""), act=act)
    here = text(message, "here", "")
    seat.forget()
    leaf = seat.leaf(here) if here else None
    ids = {coding.id for coding in found}
    shown = [] if leaf is None else [each for i, each in leaf.codings.items() if i in ids]
    return Done(codings=shown, more={"decided": len(found)})


def _matching(seat: Seat, message: Message) -> tuple[Coding, ...]:
    if seat.desk.blind:
        raise ProjectError("proposals are hidden in a blind phase")
    wanted = filter_of(message)
    log = seat.desk.log([wanted.document] if wanted.document else None)
    allowed = {document.id for document in seat.desk.documents()}
    return tuple(c for c in proposals(log, wanted) if c.document_id in allowed)


# ── adjudication ──


def layers(seat: Seat, message: Message) -> Shown:
    """What each coder said of a document, stretch by stretch."""
    _check_may_see(seat)
    document_id = text(message, "document")
    seat.desk.document(document_id)
    log = seat.desk.log([document_id])
    people = {c.coder for c in log if c.coder_kind == "person"}
    people |= {s.coder for s in log.seen if s.coder_kind == "person" and s.whole}
    coders = sorted(people - {AGREED})
    codes = [code.id for code in seat.desk.codebook]
    rows = differing(log, coders, codes, agreed_by=AGREED)
    return {
        "type": "layers",
        "document": document_id,
        "coders": coders,
        "rows": [_row_shown(seat, row) for row in rows],
        "may_agree": seat.desk.may_adjudicate,
    }


def _row_shown(seat: Seat, row: Differing) -> Shown:
    region = row.region
    return {
        "start": row.start,
        "end": row.end,
        "region": None if region is None else [region.x0, region.y0, region.x1, region.y1],
        "by": {coder: list(codes) for coder, codes in row.by.items()},
        "agreed": None if row.agreed is None else list(row.agreed),
        "differs": row.differs,
        "edges": row.edges_differ,
        "codings": [coding_shown(each, seat.coder) for each in row.codings],
    }


def agree(seat: Seat, message: Message, act: Act) -> Done:
    """Say what was agreed about a stretch of the text or a part of the picture, and why."""
    document_id = text(message, "document")
    start, end, region = place_of(message)
    made = seat.desk.agree(
        document_id,
        start,
        end,
        *texts(message, "codes"),
        region=region,
        within=within_of(message),
        reason=text(message, "reason", ""),
        act=act,
    )
    before = set(seat.known(document_id))
    leaf = seat.leaf(document_id, anew=True)
    return Done(
        document=document_id,
        codings=[leaf.codings[each.id] for each in made if each.id in leaf.codings],
        gone=[each for each in before if each not in leaf.codings],
    )


def _check_may_see(seat: Seat) -> None:
    if seat.desk.blind:
        raise ProjectError("others' codings are hidden in a blind phase")


OPERATIONS = {each.__name__: each for each in (decide_many, agree)}
