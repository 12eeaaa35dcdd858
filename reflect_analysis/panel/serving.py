"""The panel on a page of its own, for whoever has never seen a notebook.

It is for this computer alone: it listens on the loopback address, asks every request for a token
that is made anew at each start, and refuses requests that another page or another name for this
computer has sent. Nothing is asked of any other host.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from reflect_analysis.errors import ProjectError
from reflect_analysis.panel.doors import Door
from reflect_analysis.panel.joining import STATIC
from reflect_analysis.panel.sitting import Sitting

if TYPE_CHECKING:
    from tornado.web import Application

__all__ = ["PanelServer", "make_application"]

HOST = "127.0.0.1"
_TOKEN_BYTES = 24
_MOST_BYTES = 8 * 1024 * 1024  # of one message


class PanelServer:
    """A panel that is served on this computer, until it is closed.

    Parameters
    ----------
    sitting : Sitting
    port : int
        0 for any that is free.
    door : Door, optional
        Where an earlier one was served that was killed: taken again if it is free, so that a page
        that is still open comes back.

    Attributes
    ----------
    port : int
    door : Door
    address : str
        What a browser opens; whoever knows it may code in this coder's name.

    Raises
    ------
    ProjectError
        If the port is taken.
    """

    def __init__(self, sitting: Sitting, port: int = 0, *, door: Door | None = None) -> None:
        self._sitting = sitting
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        again = door if door is not None and port in (0, door.port) else None
        try:
            self._sockets = _bound(again.port if again else port)
            token = again.token if again else token
        except ProjectError:
            if again is None or port:
                raise
            self._sockets = _bound(0)
        self.port = int(self._sockets[0].getsockname()[1])
        self.door = Door(self.port, token)
        self.address = f"http://{HOST}:{self.port}/?token={token}"

    async def serve(self, ready: Callable[[], object], ended: asyncio.Event | None = None) -> None:
        """Serve until it is ended or interrupted.

        Parameters
        ----------
        ready : callable
            Called once, when a browser may come.
        ended : asyncio.Event, optional
        """
        from tornado.httpserver import HTTPServer

        application = make_application(self._sitting, port=self.port, token=self.door.token)
        server = HTTPServer(application, max_body_size=_MOST_BYTES)
        server.add_sockets(self._sockets)
        try:
            ready()
            await (ended or asyncio.Event()).wait()
        finally:
            server.stop()
            await server.close_all_connections()


def _bound(port: int) -> list[socket.socket]:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # else a port that was just left could not be taken again
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen()
        found.setblocking(False)  # noqa: FBT003  # as sockets are asked
    except (OSError, OverflowError) as error:
        found.close()
        told = getattr(error, "strerror", None) or str(error)
        raise ProjectError(
            f"port {port} cannot be used ({told}); leave --port out, and a free one is taken"
        ) from None
    return [found]


def make_application(sitting: Sitting, *, port: int, token: str) -> Application:
    """The pages of a panel.

    Parameters
    ----------
    sitting : Sitting
    port : int
    token : str
    """
    from tornado.web import Application

    from reflect_analysis.panel import pages  # loads tornado, which the package does not

    files = {path.name: path for path in STATIC.iterdir() if path.suffix in pages.KINDS}
    about = {"port": port, "token": token}
    return Application(
        [
            (r"/", pages.Page, about),
            (r"/static/([^/]*)", pages.Static, {**about, "files": files}),
            (r"/ws", pages.Line, {**about, "sitting": sitting}),
            (r".*", pages.Nothing, about),
        ],
        websocket_max_message_size=_MOST_BYTES,
        log_function=lambda _: None,  # an address holds the token: it is written nowhere
    )
