"""The panel on a page of its own, for whoever has never seen a notebook.

It is for this computer alone: it listens on the loopback address, asks every request for a token
that is made anew at each start, and refuses requests that another page or another name for this
computer has sent. Nothing is asked of any other host.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reflect_analysis.errors import ProjectError
from reflect_analysis.panel.doors import Door
from reflect_analysis.panel.joining import STATIC
from reflect_analysis.panel.sitting import Sitting

if TYPE_CHECKING:
    from tornado.web import Application

__all__ = ["PanelServer", "make_application"]

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")
_TOKEN_BYTES = 24
_MOST_BYTES = 8 * 1024 * 1024  # of one message
_NONE: Mapping[str, Path] = {}
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Coding panel</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/panel.css">
<script type="module" src="static/page.js"></script>
</head>
<body><main id="panel"></main>
<noscript>The coding panel needs JavaScript.</noscript></body>
</html>
"""


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

    page, static, line, nothing = _handlers()
    files = {path.name: path for path in STATIC.iterdir() if path.suffix in _KINDS}
    about = {"port": port, "token": token}
    return Application(
        [
            (r"/", page, about),
            (r"/static/([^/]*)", static, {**about, "files": files}),
            (r"/ws", line, {**about, "sitting": sitting}),
            (r".*", nothing, about),
        ],
        websocket_max_message_size=_MOST_BYTES,
        log_function=lambda _: None,  # an address holds the token: it is written nowhere
    )


@cache
def _handlers() -> tuple[type, type, type, type]:  # noqa: C901  # four small classes, made when tornado is loaded
    """The handlers; tornado is loaded here, and not when the package is."""
    from tornado.web import HTTPError, RequestHandler
    from tornado.websocket import WebSocketClosedError, WebSocketHandler

    class Guarded(RequestHandler):
        """Asks whence a request comes, and for the token."""

        secret = True

        def initialize(self, port: int, token: str) -> None:
            self.names = {f"{name}:{port}" for name in _NAMES}
            self.token = token

        def prepare(self) -> None:
            check(self)

        def set_default_headers(self) -> None:
            for name, value in _HEADERS.items():
                self.set_header(name, value)

        def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002  # as tornado calls it
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(_TOLD.get(status_code, "This page does not exist.\n"))

    def check(handler: Any) -> None:
        """Refuse who knows the token not, or comes by another name or from another page.

        Another name for this computer is how a page of the web would reach it (DNS rebinding).
        """
        headers = handler.request.headers
        if handler.request.host not in handler.names:
            raise HTTPError(403)
        origin = headers.get("Origin")
        if origin is not None and not _is_ours(origin, handler.names):
            raise HTTPError(403)
        given = handler.get_query_argument("token", "")
        if handler.secret and not hmac.compare_digest(given.encode(), handler.token.encode()):
            raise HTTPError(401)

    class Page(Guarded):
        def get(self) -> None:
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_PAGE)

    class Static(Guarded):
        """The page's modules; they are in every copy of this package, and no secret."""

        secret = False

        def initialize(self, port: int, token: str, files: Mapping[str, Path] = _NONE) -> None:
            super().initialize(port, token)
            self.files = files

        def get(self, name: str) -> None:
            if name not in self.files:  # names of a list, never a path
                raise HTTPError(404)
            path = self.files[name]
            self.set_header("Content-Type", f"{_KINDS[path.suffix]}; charset=utf-8")
            self.finish(path.read_bytes())

    class Nothing(Guarded):
        def get(self) -> None:
            raise HTTPError(404)

    class Line(WebSocketHandler):
        """Messages of one page."""

        secret = True

        def initialize(self, port: int, token: str, sitting: Sitting) -> None:
            self.names = {f"{name}:{port}" for name in _NAMES}
            self.token = token
            self.sitting = sitting

        def prepare(self) -> None:
            if self.request.headers.get("Origin") is None:  # a browser always sends it
                raise HTTPError(403)
            check(self)

        def check_origin(self, origin: str) -> bool:
            return _is_ours(origin, self.names)

        def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002  # as tornado calls it
            self.finish(_TOLD.get(status_code, ""))

        async def on_message(self, message: str | bytes) -> None:
            try:
                asked = json.loads(message)
            except ValueError:
                asked = None
            reply = self.sitting.take(asked if isinstance(asked, dict) else {})
            try:
                await self.write_message(json.dumps(reply, ensure_ascii=False))
            except WebSocketClosedError:
                return  # the page is gone, and asks again when it is back

    return Page, Static, Line, Nothing


_TOLD = {
    401: "This address has no valid token. Open the one that the command printed.\n",
    403: "This request came from elsewhere and is refused.\n",
    405: "This page is only looked at.\n",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "reflect-analysis",
}


def _is_ours(origin: str, names: set[str]) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "http" and parts.netloc in names
