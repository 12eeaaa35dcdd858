"""Zip archives and XML that come from elsewhere, opened so that they can do no harm.

A file of Word or Excel is a zip of XML, and both can be made to fill the memory, to name
files outside the archive, or to fetch from elsewhere. Everything is checked before a
parser sees it: how many members, how large they become, how they are called, that no XML
brings a document type (the door of every entity) and none is nested without end. Nothing
is ever written to disk here; members are read into memory, within bounds.

References
----------
Fifield, D. (2019). A better zip bomb. *13th USENIX Workshop on Offensive Technologies*.
Morgan, T. D., & Al Ibrahim, O. (2014). *XML schema, DTD, and entity attacks*.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from reflect_analysis.errors import CorpusError, ReflectAnalysisError

__all__ = ["Archive", "check_office", "check_xml", "open_archive", "parse_xml"]

MOST_MEMBERS = 20_000
# What is read into memory: all of an office file, or one member of a package.
UNPACKED_LIMIT = 500 * 1024**2
# The list of members is read before they can be counted.
LIST_LIMIT = 32 * 1024**2
# Sheets of equal rows shrink to a hundredth; a bomb to a thousandth, the most that deflate can.
RATIO_LIMIT, RATIO_FROM = 400, 4 * 1024**2
DEPTH_LIMIT = 200
# What is parsed into a tree takes several times its size.
XML_LIMIT = 100 * 1024**2

_XML = (".xml", ".rels", ".xhtml", ".qde", ".vml")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = {
    "docx": "a Word document",
    "xlsx": "an XLSX workbook",
    "xlsm": "an XLSX workbook",
    "odt": "an OpenDocument text",
    "qdpx": "a project of REFI-QDA",
}
_CHUNK = 1 << 16
_TAIL = 1 << 17  # where the last records of an archive stand, behind a comment too


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive whose members were checked.

    Parameters
    ----------
    name : str
        The file, for messages.
    zip : ZipFile
    error : type of ReflectAnalysisError
        What is raised.
    """

    name: str
    zip: zipfile.ZipFile
    error: type[ReflectAnalysisError] = CorpusError

    @property
    def names(self) -> tuple[str, ...]:
        """The members, without folders, in their order."""
        return tuple(m.filename for m in self.zip.infolist() if not m.is_dir())

    def read(self, member: str) -> bytes:
        """The content of a member.

        Raises
        ------
        ReflectAnalysisError
            `error`, for a member that is not there, is damaged, or unpacks to more than 500 MB.
        """
        try:
            if self.zip.getinfo(member).file_size > UNPACKED_LIMIT:
                raise self.error(
                    f"{self.name}, {member[:80]}: more than {UNPACKED_LIMIT // 1024**2} MB; "
                    "split it"
                )
            return self.zip.read(member)
        except KeyError:
            raise self.error(f"{self.name}: damaged: it holds no {member!r}") from None
        except _BROKEN as problem:
            if isinstance(problem, ReflectAnalysisError):
                raise
            raise self.error(
                f"{self.name}: damaged at {member!r} ({type(problem).__name__}); save it again"
            ) from None


# What zipfile raises for archives that are cut, altered, locked or packed in unknown ways.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,  # bz2
    RuntimeError,
    NotImplementedError,
    ValueError,
    IndexError,
)


def open_archive(
    data: bytes | Path, name: str, *, error: type[ReflectAnalysisError] = CorpusError
) -> Archive:
    """A zip archive, once its members are known to be harmless.

    Parameters
    ----------
    data : bytes or Path
        The content; or a file whose members are read one by one, so that recordings and
        pictures which nobody reads may be as large as they are. Close its `zip`.
    name : str
        The file, for messages.
    error : type of ReflectAnalysisError
        What is raised: `CorpusError` for a source, `ExchangeError` for a package.

    Raises
    ------
    ReflectAnalysisError
        If it is no zip archive or is locked; if it has too many members, is content that
        would unpack to more than 500 MB, or is packed as bombs are; if a member is called
        twice, or so that it would lie outside the archive.

    Examples
    --------
    >>> open_archive(b"Dear diary", "notes.docx")
    Traceback (most recent call last):
    reflect_analysis.errors.CorpusError: notes.docx: not a Word document; ...
    """
    with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
        head = file.read(len(_OLE))
        size = _list_size(file)
    if head == _OLE:
        raise error(
            f"{name}: locked with a password, or in the format before 2007; open it and save "
            "it again without a password, in the present format"
        )
    if size > LIST_LIMIT:
        raise error(f"{name}: too many files in one archive; at most {MOST_MEMBERS:,} are read")
    try:
        opened = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
    except _BROKEN:
        kind = _KINDS.get(name.rpartition(".")[2].lower(), "a zip archive")
        if head.startswith(b"PK"):
            raise error(
                f"{name}: damaged or cut off, so it is not {kind} any more; copy it again, or "
                "save it again where it was made"
            ) from None
        raise error(f"{name}: not {kind}; open it where it was made and save it again") from None
    for fault in _member_faults(opened, whole=isinstance(data, bytes)):
        opened.close()
        raise error(f"{name}: {fault}")
    return Archive(name, opened, error)


def _list_size(file: IO[bytes]) -> int:
    """How many bytes the list of an archive's members has, as its last record says; or 0."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - _TAIL))
    tail = file.read()
    file.seek(0)
    last, large = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if large >= 0 and large + 48 <= len(tail):
        return int(struct.unpack_from("<Q", tail, large + 40)[0])
    if last >= 0 and last + 16 <= len(tail):
        return int(struct.unpack_from("<L", tail, last + 12)[0])
    return 0


def _member_faults(opened: zipfile.ZipFile, *, whole: bool) -> Iterator[str]:
    members = opened.infolist()
    if len(members) > MOST_MEMBERS:
        yield f"{len(members):,} files in one archive; at most {MOST_MEMBERS:,} are read"
    size = sum(member.file_size for member in members)
    if whole and size > UNPACKED_LIMIT:
        yield (
            f"unpacks to {size / 1024**2:,.0f} MB; at most {UNPACKED_LIMIT // 1024**2} MB are "
            "read; make its pictures smaller (in Word: Compress Pictures), or split it"
        )
    seen: set[str] = set()
    for member in members:
        if member.filename in seen:
            yield f"{member.filename!r} stands twice in it"
        seen.add(member.filename)
        yield from _member_fault(member)


def _member_fault(member: zipfile.ZipInfo) -> Iterator[str]:
    shown = repr(member.filename[:80])
    if member.flag_bits & 0x1:
        yield "locked with a password; save it without one"
    if _leaves(member.orig_filename) or _leaves(member.filename):
        yield f"a member is called {shown}, which lies outside the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        yield f"a member {shown} is a link"
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > RATIO_FROM and ratio > RATIO_LIMIT:
        yield (
            f"{shown} unpacks to {ratio:,.0f} times its size, as zip bombs do; open the file "
            "where it was made and save it again"
        )


def _leaves(member: str) -> bool:
    r"""Whether a member's name leads out of the folder that it would be unpacked in.

    Examples
    --------
    >>> [_leaves(n) for n in ("word/a.xml", "../a", "/etc/a", "C:/a", "a\\..\\b", "a..b")]
    [False, True, True, True, True, False]
    """
    parts = re.split(r"[/\\]", member)
    return parts[0] == "" or ".." in parts or ":" in parts[0] or "\x00" in member


def check_office(
    data: bytes, name: str, *, error: type[ReflectAnalysisError] = CorpusError
) -> Archive:
    """An archive all of whose XML is known to be harmless.

    To be called before openpyxl or another program sees the file; a reader that opens single
    members has `open_archive` and `parse_xml`.

    Raises
    ------
    ReflectAnalysisError
        As `open_archive` and `check_xml` do.
    """
    archive = open_archive(data, name, error=error)
    for member in archive.names:
        content = archive.read(member) if member.lower().endswith(_XML) else b""
        if content.strip():
            check_xml(content, f"{name}, {member}", error=error)
    return archive


def check_xml(data: bytes, name: str, *, error: type[ReflectAnalysisError] = CorpusError) -> None:
    """Refuse XML that is damaged, brings a document type, or is nested without end.

    A document type is where entities are declared, those that fetch from elsewhere and
    those that grow; no format that is read here has one.

    Raises
    ------
    ReflectAnalysisError

    Examples
    --------
    >>> check_xml(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>', "a.xml")
    Traceback (most recent call last):
    reflect_analysis.errors.CorpusError: a.xml: a document type stands in the XML; ...
    """
    from xml.parsers import expat

    depth = 0

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise error(f"{name}: XML nested more than {DEPTH_LIMIT} deep")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: Any) -> NoReturn:
        raise error(f"{name}: a document type stands in the XML; no such file is read")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.StartDoctypeDeclHandler = doctype
    try:
        for start in range(0, len(data), _CHUNK):
            parser.Parse(data[start : start + _CHUNK], False)  # noqa: FBT003  # expat takes it so
        parser.Parse(b"", True)  # noqa: FBT003  # the same
    except (expat.ExpatError, ValueError, LookupError) as problem:
        if isinstance(problem, ReflectAnalysisError):
            raise
        line = getattr(problem, "lineno", 0)
        raise error(f"{name}, line {line}: not XML that can be read; save the file again") from None


def parse_xml(data: bytes, name: str, *, error: type[ReflectAnalysisError] = CorpusError) -> Any:
    """The root of an XML text, parsed without entities and without a network.

    Raises
    ------
    ReflectAnalysisError
        As `check_xml` does.
    """
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    if len(data) > XML_LIMIT:
        raise error(f"{name}: {len(data) / 1024**2:,.0f} MB of XML; split the file")
    check_xml(data, name, error=error)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", 0) or 0
        raise error(f"{name}, line {line}: not XML that can be read; save the file again") from None
