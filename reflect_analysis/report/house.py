"""An institution's own look: a Word file for the report as DOCX, stylesheets for HTML and PDF.

A stylesheet comes after the report's own and changes whatever it names. The page has to stay one
file that asks nothing of any network, so a stylesheet that would load something is refused. What
says DRAFT stays where it is, whatever a stylesheet says.

Not here: other page templates. A page with other blocks would be another report, and nobody would
have searched it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from reflect_analysis.errors import ReportError, raise_all
from reflect_analysis.report.word import check_template

__all__ = ["House", "read_house"]

_HEADING = "These stylesheets cannot be part of a page that is whole by itself:"
# An escaped character is the same character to a browser: \75rl( loads as url( does.
_ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(\n)|(.))", re.IGNORECASE)
_LOADS = re.compile(
    r"(?P<import>@import)"
    r"|(?P<function>(?<![\w-])(?:-webkit-)?(?:image-set|image|src)\()"
    r"""|(?P<url>url\(\s*["']?\s*(?!["'\s]|data:|\#)[^\s"')]{0,60})""",
    re.IGNORECASE,
)
_ENDS = re.compile("</style", re.IGNORECASE)
_WHY = {
    "import": "put the other file’s rules into this one, or give it as a template beside it",
    "function": "write url(data:…)",
    "url": "put the picture or font into the file as url(data:…)",
}


@dataclass(frozen=True, slots=True)
class House:
    """What an institution gives.

    Parameters
    ----------
    word : Path, optional
        A Word file whose styles, page, header and footer the report as DOCX takes.
    style : str
        Rules of CSS that come after the report's own, in HTML and PDF.
    """

    word: Path | None = None
    style: str = ""


def read_house(template: str | Path | Iterable[str | Path] | None) -> House:
    """Read the files of an institution, told apart by their endings; refuse what cannot be used.

    Parameters
    ----------
    template : path, or iterable of them, optional
        One Word file at most, and stylesheets (``.css``, UTF-8), which follow one another.

    Returns
    -------
    House

    Raises
    ------
    ReportError
        If a file cannot be read, there are several Word files, or a stylesheet would load
        something or end the page's style: every such place with its line.
    """
    given = [template] if isinstance(template, str | Path) else list(template or ())
    paths = [Path(each) for each in given]
    sheets = [path for path in paths if path.suffix.lower() == ".css"]
    word = [path for path in paths if path not in sheets]
    unread: list[str] = []
    if len(word) > 1:
        names = ", ".join(path.name for path in word)
        unread.append(f"{names}: the report takes the styles of one Word file; name one")
    else:
        for path in word:
            _tried(check_template, path, unread)
    texts = [_tried(_read, path, unread) for path in sheets]
    faults = [
        fault for path, text in zip(sheets, texts, strict=True) for fault in _faults(path, text)
    ]
    raise_all(ReportError, [*unread, *faults], None if unread else _HEADING)
    return House(word[0] if word else None, "\n".join(texts))


def _tried(read: Callable[[Path], str | None], path: Path, unread: list[str]) -> str:
    """What a file holds; nothing where it cannot be used, which is told with the rest."""
    try:
        return read(path) or ""
    except ReportError as error:
        unread.extend(error.faults)
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ReportError(f"{path.name}: no UTF-8; save the stylesheet as UTF-8") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ReportError(f"{path.name}: cannot be read ({why})") from None


def _faults(path: Path, text: str) -> Iterator[str]:
    """Each place that would load something or end the style, once; comments are no shelter.

    What stands in a comment of one reading is a rule of another, so that everything is looked at.
    """
    seen: set[tuple[int, str]] = set()
    for read in (text, _ESCAPED.sub(_plain, text)):
        for line, told in _places(read):
            if (line, told) not in seen:
                seen.add((line, told))
                yield f"{path.name}, line {line}: {told}"


def _places(text: str) -> Iterator[tuple[int, str]]:
    for match in _LOADS.finditer(text):
        kind = match.lastgroup or ""
        yield _line(text, match), f"{match[0]!r} would load what is not in the page; {_WHY[kind]}"
    for match in _ENDS.finditer(text):
        yield _line(text, match), f"{match[0]!r} would end the page’s style; take it out"


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1


def _plain(match: re.Match[str]) -> str:
    """The character that an escape stands for."""
    number, broken, itself = match.groups()
    if number:
        code = int(number, 16)
        return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004  # the last character
    return "" if broken else str(itself)
