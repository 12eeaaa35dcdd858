"""`Sitting`: one coder at one panel, as messages that come and replies that go.

Nothing of Jupyter or of a server is known here. An operation is answered when the store has it;
its id is the id of the store's event, so that one that is sent again is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, cast

from reflect_analysis.errors import ProjectError, ReflectAnalysisError
from reflect_analysis.panel import doing, growing, meeting
from reflect_analysis.panel.asking import Message, digest_of, event_id_of, open_in, text
from reflect_analysis.panel.doing import went
from reflect_analysis.panel.seat import Done, Seat
from reflect_analysis.panel.showing import Shown, codebook_shown, queue_shown
from reflect_analysis.panel.watching import Watch
from reflect_analysis.project.entries import Act
from reflect_analysis.project.team import AGREED
from reflect_analysis.review import Order, next_after

if TYPE_CHECKING:
    from reflect_analysis.project import Project

__all__ = ["Sitting"]

Operation = Callable[[Seat, Message, Act], Done]
_OPERATIONS: dict[str, Operation] = {
    **doing.OPERATIONS,
    **growing.OPERATIONS,
    **meeting.OPERATIONS,
}
_KINDS = {
    "staletext": "stale",
    "unknownid": "unknown",
    **dict.fromkeys(("value", "type", "key"), "usage"),
}
_FAULTS = (ReflectAnalysisError, ValueError, TypeError, KeyError)
_STALE = "This text was corrected meanwhile, and nothing was stored. Look again."
_OF_A_TEXT = ("left", "memos_of", "read", "flagged")  # what an answer tells of one text
_ABOUT = "panel"  # under which an event tells of the page that asked for it


class StaleTextError(ProjectError):
    """A page asked for something in a text of which it shows other words."""

    def __init__(self) -> None:
        super().__init__(_STALE)


class Sitting:
    """One coder at one panel.

    Parameters
    ----------
    project : Project
    coder : str
        By the name that the study uses.

    Raises
    ------
    ProjectError
        If nobody of the study bears this name, or a reader does.

    Attributes
    ----------
    seat : Seat
        What the coder has before them.
    lock : RLock
        Held while a message is answered; by whoever else looks at the seat, too.

    Examples
    --------
    ``sitting.take({"op": "hello", "id": …, "session": …})`` gives the study as the page shows it.
    """

    def __init__(self, project: Project, coder: str) -> None:
        if coder == AGREED:
            raise ProjectError(
                f"{AGREED!r} stands for what coders agreed on, and is no coder's name"
            )
        self.project = project
        self.coder = coder
        self.lock = RLock()  # JupyterLab answers a page in another thread than that of the cells
        self.seat = Seat(project, coder)
        self._watch = Watch(project, coder)
        self._order: dict[str, Order] = {}
        self._asks: dict[str, Callable[[Message], Shown]] = {
            "hello": self._hello,
            "open": self._open,
            "next": self._next,
            "queue": self._queue,
            "look": lambda _: {"type": "done", "ok": True, **self._standing()},
            "guide": lambda _: {"type": "guide", "text": guide()},
            "preview": lambda message: meeting.preview(self.seat, message),
            "adjudicate": lambda message: meeting.layers(self.seat, message),
        }

    def __repr__(self) -> str:
        return f"<Sitting of {self.coder} at {self.project!r}>"

    def take(self, message: Message) -> Shown:
        """Do what a message asks, and answer it.

        Parameters
        ----------
        message : mapping
            With ``op``, ``id``, ``session`` and ``after``.

        Returns
        -------
        dict
            With ``type``, and ``re``, the id of the message. Whatever went wrong is told in it;
            nothing is raised.
        """
        re = str(message.get("id", ""))
        try:
            with self.lock:
                reply = self._answer(message)
        except _FAULTS as error:
            reply = _refused(error)
        except Exception as error:  # noqa: BLE001  # the page must hear of it, or it waits for ever
            reply = _refused(error, "something went wrong here; nothing was stored")
        reply["re"] = re
        return reply

    def _answer(self, message: Message) -> Shown:
        op, session = text(message, "op"), text(message, "session", "")
        news = self._watch.look(session, text(message, "after", "") or None)
        phase_changed = self.seat.keep_up()
        codebook = self.seat.desk.codebook
        if news == "study":
            self.seat.refresh()
        elif news == "own":
            self.seat.forget()
        changed = self.seat.desk.codebook != codebook
        try:
            reply = self._do(op, message, session)
        except _FAULTS as error:  # refused, often by what the page is to hear of now
            reply = _refused(error)
        if changed:
            reply |= self.seat.codebook_told()
        self._add_news(reply, message, session, phase_changed=phase_changed)
        self._add_correction(reply, message)
        return reply

    def _do(self, op: str, message: Message, session: str) -> Shown:
        if op in self._asks:
            return self._asks[op](message)
        if op in _OPERATIONS:
            return self._operate(_OPERATIONS[op], message, session)
        raise ValueError(f"op {op!r}: no such operation; is the page older than this version?")

    # ── what changes nothing ──

    def _hello(self, message: Message) -> Shown:
        session = text(message, "session", "")
        self.seat.refresh()
        self._watch.greet(session)
        desk = self.seat.desk
        phase = desk.phase
        return {
            "type": "study",
            "study": self.project.id,
            "title": self.project.title or self.project.address.name,
            "approach": self.project.approach,
            "coder": self.coder,
            "role": desk.role,
            "phase": None if phase is None else {"name": phase.name, "kind": phase.kind},
            "blind": desk.blind,
            "codebook": codebook_shown(desk.codebook),
            "groups": [{"id": g.id, "name": g.name} for g in desk.codebook.groups],
            "queue": queue_shown(self.seat.queue()),
            "coders": [] if desk.blind else sorted(self.project.team_state().members),
            "waiting": self.seat.waiting(),
            "memos": self.seat.code_memos(),
            **self._standing(),
        }

    def _open(self, message: Message) -> Shown:
        return self.seat.document(text(message, "document"))

    def _queue(self, message: Message) -> Shown:
        order = self._order_of(message)
        return {"type": "queue", "order": order, "queue": queue_shown(self.seat.queue(order))}

    def _next(self, message: Message) -> Shown:
        order = self._order_of(message)
        found = next_after(self.seat.queue(order), text(message, "from", ""), order=order)
        if found is None:
            return {"type": "done", "ok": True, "document": None, **self._standing()}
        return self.seat.document(found)

    def _order_of(self, message: Message) -> Order:
        session = text(message, "session", "")
        order = text(message, "order", "") or self._order.get(session, "assigned")
        self._order[session] = cast("Order", order)
        return self._order[session]

    # ── operations ──

    def _operate(self, operation: Operation, message: Message, session: str) -> Shown:
        event_id, digest = event_id_of(message), digest_of(message)
        known = self.project.event(event_id)
        if known is None and self._is_stale(message):
            return _refused(StaleTextError())
        if known is None:
            act = Act(event_id, {_ABOUT: {"session": session, "of": digest}})
            self._watch.expect(event_id, session)
            done = operation(self.seat, message, act)
        else:
            told = known.payload.get(_ABOUT, {})
            if known.by != self.coder or told.get("of") != digest:
                raise ValueError("id: this id was used for another operation")
            done = went(self.seat, self._meant(known), message)
            if not known.undoes:
                _keep_to_open(done, message)
        return {
            "type": "done",
            "ok": True,
            "event": event_id if done.wrote else None,
            "codings": done.codings,
            "gone": done.gone,
            "memos": done.memos,
            **self._standing(),
            **done.more,
        }

    def _meant(self, event: Any) -> Any:
        """What an undo or a redo is about; else the event itself."""
        while event.undoes:
            event = self.project.event(event.undoes)
        return event

    def _standing(self) -> Shown:
        """How things stand now: what every answer tells."""
        return {
            "can": self._can(),
            "progress": self.seat.progress(),
            "last": self._watch.last(),
        }

    def _can(self) -> dict[str, bool]:
        desk = self.seat.desk
        undo, redo = self.project.can_go(self.coder)
        return {
            "undo": undo,
            "redo": redo,
            "new_code": True,
            "edit_code": not desk.blind,
            "decide": not desk.blind,
            "adjudicate": desk.may_adjudicate,
        }

    # ── texts that were corrected ──

    def _is_stale(self, message: Message) -> bool:
        """Whether the coder looked at other words than the study holds by now."""
        document_id, read = text(message, "document", ""), text(message, "sha256", "")
        return bool(document_id and read) and self._now(document_id) != read

    def _now(self, document_id: str) -> str:
        return self.seat.desk.document(document_id).sha256

    def _add_correction(self, reply: Shown, message: Message) -> None:
        """The open text anew, or that it may not be shown now, if it is not what the page shows."""
        found = open_in(message)
        if found is None or reply["type"] == "document":
            return
        document_id, read = found
        try:
            if self._now(document_id) == read:
                return
            reply["corrected"] = self.seat.document(document_id)
        except ReflectAnalysisError as error:
            reply["closed"] = {"document": document_id, "why": str(error)}

    # ── news ──

    def _add_news(
        self, reply: Shown, message: Message, session: str, *, phase_changed: bool
    ) -> None:
        """Tell the page what it does not know: the coder's own work elsewhere, and a new phase."""
        if phase_changed:
            phase = self.seat.desk.phase
            reply["phase"] = None if phase is None else {"name": phase.name, "kind": phase.kind}
            reply["blind"] = self.seat.desk.blind
            reply["phase_changed"] = True
        if not self._watch.elsewhere(session):
            return
        reply["elsewhere"] = True
        reply["last"] = self._watch.last()
        document_id = message.get("document")
        if reply["type"] == "done" and isinstance(document_id, str) and document_id:
            reply["document"] = self.seat.document(document_id)


@cache
def guide() -> str:
    """The guide for the first week of coding, in Markdown."""
    return (Path(__file__).parent / "first-week.md").read_text(encoding="utf-8")


def _keep_to_open(done: Done, message: Message) -> None:
    """Tell of no text that the page does not show: what was done there leads nobody to it."""
    opened = open_in(message)
    shown = opened[0] if opened else text(message, "document", "")
    done.more.pop("document_id", None)
    if done.document != shown:
        for name in _OF_A_TEXT:
            done.more.pop(name, None)


def _refused(error: Exception, words: str = "") -> Shown:
    name = type(error).__name__.removesuffix("Error").lower()
    kind = "fault" if words else _KINDS.get(name, name)
    message = words or str(error.args[0] if isinstance(error, KeyError) else error)
    return {"type": "done", "ok": False, "error": {"kind": kind, "message": message}}
