"""What the panel's server answers: its page, the page's modules, and the line to the sitting.

Every request is asked whence it comes, and for the token. This module loads tornado, so it is
imported when a panel is served and not before.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tornado.web import HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

if TYPE_CHECKING:
    from reflect_analysis.panel.sitting import Sitting

__all__ = ["KINDS", "Line", "Nothing", "Page", "Static"]

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_NAMES = ("127.0.0.1", "localhost")
_NONE: Mapping[str, Path] = {}
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


class Guarded(RequestHandler):
    """Asks whence a request comes, and for the token."""

    secret = True

    def initialize(self, port: int, token: str) -> None:
        """Take what the server knows of itself."""
        self.names = names_of(port)
        self.token = token

    def prepare(self) -> None:
        """Refuse before anything is done."""
        check(self)

    def set_default_headers(self) -> None:
        """Whatever the answer, the page may ask no other host."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002  # as tornado calls it
        """A sentence, and nothing of the request."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_TOLD.get(status_code, "This page does not exist.\n"))


class Page(Guarded):
    """The page itself."""

    def get(self) -> None:
        """Give it."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_PAGE)


class Static(Guarded):
    """The page's modules; they are in every copy of this package, and no secret."""

    secret = False

    def initialize(self, port: int, token: str, files: Mapping[str, Path] = _NONE) -> None:
        """Take the list of files."""
        super().initialize(port, token)
        self.files = files

    def get(self, name: str) -> None:
        """Give one of the list."""
        if name not in self.files:  # names of a list, never a path
            raise HTTPError(404)
        path = self.files[name]
        self.set_header("Content-Type", f"{KINDS[path.suffix]}; charset=utf-8")
        self.finish(path.read_bytes())


class Nothing(Guarded):
    """Every other address."""

    def get(self) -> None:
        """Say that it does not exist."""
        raise HTTPError(404)


class Line(WebSocketHandler):
    """Messages of one page."""

    secret = True

    def initialize(self, port: int, token: str, sitting: Sitting) -> None:
        """Take the sitting that answers."""
        self.names = names_of(port)
        self.token = token
        self.sitting = sitting

    def prepare(self) -> None:
        """Refuse before the line is drawn."""
        if self.request.headers.get("Origin") is None:  # a browser always sends it
            raise HTTPError(403)
        check(self)

    def check_origin(self, origin: str) -> bool:
        """Whether the page is ours, as tornado asks."""
        return _is_ours(origin, self.names)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002  # as tornado calls it
        """A sentence, and nothing of the request."""
        self.finish(_TOLD.get(status_code, ""))

    async def on_message(self, message: str | bytes) -> None:
        """Answer a message."""
        try:
            asked = json.loads(message)
        except ValueError:
            asked = None
        reply = self.sitting.take(asked if isinstance(asked, dict) else {})
        try:
            await self.write_message(json.dumps(reply, ensure_ascii=False))
        except WebSocketClosedError:
            return  # the page is gone, and asks again when it is back


def check(handler: Guarded | Line) -> None:
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


def names_of(port: int) -> frozenset[str]:
    """By which names a page of ours asks."""
    return frozenset(f"{name}:{port}" for name in _NAMES)


def _is_ours(origin: str, names: frozenset[str]) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "http" and parts.netloc in names
