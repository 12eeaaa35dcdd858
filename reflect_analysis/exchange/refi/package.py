"""A .qdpx, .qde or .qdc file, opened so that it can do no harm, and its members found.

Containers differ: the folder is ``sources`` or ``Sources``, the project ``project.qde``,
``Project.qde`` or the study's name; members are looked up whatever their capitals. Nothing
outside the archive, or beside a bare .qde outside its folder, is ever opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import unquote

from reflect_analysis._archives import Archive, open_archive, parse_xml
from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange.refi.elements import local

__all__ = ["SIDE_MEMBER", "TEXT_LIMIT", "Package", "open_package"]

SIDE_MEMBER = "reflect_analysis/study.json"
# All texts together, one text, all pictures together: what is judged takes many times its size.
TEXT_LIMIT, ONE_TEXT_LIMIT, PICTURES_LIMIT = 200 * 1024**2, 20 * 1024**2, 200 * 1024**2
# Of bare XML; a package is read member by member, whatever its recordings weigh.
FILE_LIMIT = 200 * 1024**2
# An element takes far more memory than its four characters in a file.
TAG_LIMIT = 2_000_000
_ZIP = b"PK"
_HOW = "export it again as a REFI-QDA project (.qdpx) or codebook (.qdc)"


@dataclass
class Package:
    """An opened file: its XML, and a way to its members.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    root : lxml element
    xml : bytes
    archive : Archive, optional
        Of a .qdpx.
    folder : Path
        Where the file lies.
    """

    name: str
    root: Any
    xml: bytes
    archive: Archive | None
    folder: Path
    used: int = 0
    shown: int = 0
    _members: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for member in self.archive.names if self.archive else ():
            plain = member.replace("\\", "/").casefold()
            for key in (plain, plain.rpartition("/")[2]):
                self._members.setdefault(key, member)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.archive is not None:
            self.archive.zip.close()

    def member(self, path: str) -> str | None:
        """The member that a path of the project means, or `None`."""
        scheme, parted, rest = path.partition("://")
        plain = unquote(rest if parted else scheme).replace("\\", "/").lstrip("/").casefold()
        if parted and scheme.lower() == "absolute":
            return None
        for key in (f"sources/{plain}", plain, plain.rpartition("/")[2]):
            if key in self._members:
                return self._members[key]
        return None

    def read(self, path: str) -> bytes | None:
        """The content that a path means; `None` where it is not there, or may not be opened.

        Raises
        ------
        ExchangeError
            If all that was read passes the bound, or a member is damaged.
        """
        member = self.member(path)
        if member is not None and self._size(member) > ONE_TEXT_LIMIT:
            limit = ONE_TEXT_LIMIT // 1024**2
            raise ExchangeError(f"{self.name}, {member}: more than {limit} MB of text; split it")
        data = self._content(path)
        self.used += len(data or b"")
        if self.used > TEXT_LIMIT:
            limit = TEXT_LIMIT // 1024**2
            raise ExchangeError(f"{self.name}: more than {limit} MB in its sources; split it")
        return data

    def picture(self, path: str) -> bytes | str:
        """A picture, or why it is not read."""
        member = self.member(path)
        if member is None or self.archive is None:
            return "its picture is missing"
        self.shown += self._size(member)
        if self.shown > PICTURES_LIMIT:
            limit = PICTURES_LIMIT // 1024**2
            return f"its picture, because all of them have more than {limit} MB: keep the file"
        return self.archive.read(member)

    def _size(self, member: str) -> int:
        return self.archive.zip.getinfo(member).file_size if self.archive else 0

    def _content(self, path: str) -> bytes | None:
        member = self.member(path)
        if member is not None and self.archive is not None:
            return self.archive.read(member)
        return self._beside(path) if self.archive is None else None

    def _beside(self, path: str) -> bytes | None:
        """A file beside a bare .qde, in its folder or the folder of sources there."""
        scheme, parted, rest = path.partition("://")
        if parted and scheme.lower() == "absolute":
            return None
        parts = PurePosixPath(unquote(rest if parted else scheme).replace("\\", "/").lstrip("/"))
        home = self.folder.resolve()
        for start in ("sources", "Sources", "."):
            try:
                found = (home / start / parts).resolve()
                inside = found.is_relative_to(home) and found.is_file()
                if inside and found.stat().st_size <= ONE_TEXT_LIMIT:
                    return found.read_bytes()
            except (OSError, ValueError):
                continue
        return None


def open_package(path: str | Path) -> Package:
    """Open a project or codebook of REFI-QDA, told by its content, not by its name.

    It is closed as a file is: ``with open_package(path) as package``.

    Raises
    ------
    ExchangeError
        If there is no such file, it is none of these, or it could do harm.
    """
    source = Path(path)
    archive = None
    try:
        if _starts_as_zip(source):
            archive = open_archive(source, source.name, error=ExchangeError)
            member = _project_member(archive)
            data, place = archive.read(member), f"{source.name}, {member}"
        else:
            data, place = _bare(source), source.name
        return Package(source.name, _root(data, place), data, archive, source.parent)
    except BaseException as problem:
        if archive is not None:
            archive.zip.close()
        if isinstance(problem, OSError) and not isinstance(problem, ExchangeError):
            why = problem.strerror or type(problem).__name__
            raise ExchangeError(f"{source.name}: cannot be opened ({why})") from None
        raise


def _starts_as_zip(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def _bare(source: Path) -> bytes:
    """XML that stands in no archive."""
    size = source.stat().st_size
    if size > FILE_LIMIT:
        limit = f"{FILE_LIMIT // 1024**2} MB"
        raise ExchangeError(f"{source.name}: {size / 1024**2:,.0f} MB; at most {limit} is read")
    return source.read_bytes()


def _root(data: bytes, place: str) -> Any:
    """The root of the XML, which is that of a project or a codebook."""
    if data.count(b"<") > TAG_LIMIT:
        raise ExchangeError(f"{place}: more than {TAG_LIMIT:,} elements of XML; split the project")
    if not data.strip():
        raise ExchangeError(f"{place}: empty; {_HOW}")
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        raise ExchangeError(f"{place}: neither a package nor XML; {_HOW}")
    root = parse_xml(data, place, error=ExchangeError)
    if local(root) not in ("Project", "CodeBook"):
        raise ExchangeError(
            f"{place}: the XML begins with {local(root)[:40]!r}, not with Project or CodeBook; "
            f"{_HOW}"
        )
    return root


def _project_member(archive: Archive) -> str:
    """The one project of an archive."""
    found = [name for name in archive.names if name.lower().endswith((".qde", ".qdc"))]
    top = [name for name in found if "/" not in name.replace("\\", "/")] or found
    if len(top) != 1:
        came = f"{len(top)} of them" if top else "none"
        raise ExchangeError(f"{archive.name}: expected one project.qde, came {came}; {_HOW}")
    return top[0]
