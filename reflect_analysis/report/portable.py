"""The page as PDF, printed by a browser that is there: Chromium, Chrome or Edge.

Nothing is downloaded and no browser is shipped. Where there is none, that is said, and the page
can be printed to PDF from any browser by hand.
"""

from __future__ import annotations

import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from reflect_analysis.errors import OutputError

__all__ = ["NO_BROWSER", "find_browser", "print_pdf"]

NO_BROWSER = (
    "no Chromium, Chrome or Edge was found on this computer, so no PDF was made; open the HTML "
    "report in any browser and print it to PDF"
)
_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pdf-header-footer",
    # The page holds all that it needs: no name is resolved, so no connection is opened.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_SECONDS = 120
_TEXT = rb"(?:\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>)"
# What Chromium writes of itself, in this order.
_PROPERTIES = re.compile(
    rb"(?P<title>/Title " + _TEXT + rb"\s*)?/Creator " + _TEXT + rb"\s*/Producer " + _TEXT
    + rb"\s*/CreationDate " + _TEXT + rb"\s*/ModDate " + _TEXT
)  # fmt: skip


def find_browser() -> Path | None:
    """The browser that prints: the command's, else at the usual places; `None` without any."""
    for name in _COMMANDS:
        found = shutil.which(name)
        if found:
            return Path(found)
    return next((path for path in _usual_places() if path.is_file()), None)


def _usual_places() -> Iterator[Path]:
    if platform.system() == "Darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / name for name in _MAC)
    elif platform.system() == "Windows":
        names = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        for place in filter(None, map(os.environ.get, names)):
            yield from (Path(place) / name for name in _WINDOWS)


def print_pdf(page: str, browser: Path) -> bytes:
    """A page printed to PDF, with its title and nothing about this computer.

    Parameters
    ----------
    page : str
        Self-contained HTML.
    browser : Path

    Raises
    ------
    OutputError
        If the browser prints nothing.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            str(browser),
            *_FLAGS,
            *_sandbox(),
            f"--user-data-dir={Path(folder) / 'profile'}",
        ]
        command += [f"--print-to-pdf={printed}", source.as_uri()]
        try:
            done = subprocess.run(  # noqa: S603  # a browser found at its usual place, our own page
                command, capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise OutputError(_failed(browser, type(problem).__name__)) from None
        if not printed.is_file():
            raise OutputError(_failed(browser, f"exit code {done.returncode}"))
        content = printed.read_bytes()
    return _forgotten(content)


def _failed(browser: Path, why: str) -> str:
    return (
        f"{browser.name} printed no PDF ({why}); leave pdf out of the formats, and print the HTML "
        "report by hand"
    )


def _sandbox() -> tuple[str, ...]:
    """The administrator of a Linux machine has no sandbox; the page is our own."""
    root = sys.platform == "linux" and os.geteuid() == 0
    return ("--no-sandbox",) if root else ()


def _forgotten(data: bytes) -> bytes:
    """The same file without the program, the system and the time of printing.

    Their places are overwritten letter for letter, as every other place is told by its offset.
    """
    properties = _PROPERTIES.search(data)
    if properties is None:
        return _anew(data)
    kept = properties.group("title") or b""
    told = kept + b" " * (len(properties[0]) - len(kept))
    return data[: properties.start()] + told + data[properties.end() :]


def _anew(data: bytes) -> bytes:
    """The same pages, written by another program: slower, whatever the browser wrote."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    title = writer.metadata.title if writer.metadata else ""
    writer.metadata = None
    writer.add_metadata({"/Title": title or ""})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
