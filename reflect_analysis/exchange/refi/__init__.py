"""REFI-QDA, the exchange format of programs for qualitative analysis, both ways.

`read_refi` takes a project (.qdpx, .qde) or a codebook (.qdc) of any program; `write_refi`
writes what other programs can read, and beside it, in the same archive, what the format cannot
say, so that a study comes back equal.

References
----------
REFI-QDA Standard, version 1.5 (2019). Rotterdam Exchange Format Initiative. qdasoftware.org
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from reflect_analysis.corpus import Kind
from reflect_analysis.errors import CodebookError, CorpusError, ExchangeError
from reflect_analysis.exchange.offsets import decode
from reflect_analysis.exchange.refi.elements import local
from reflect_analysis.exchange.refi.package import SIDE_MEMBER, Package, open_package
from reflect_analysis.exchange.refi.parts import guid
from reflect_analysis.exchange.refi.reading import read_book, read_project
from reflect_analysis.exchange.refi.saving import write_refi
from reflect_analysis.exchange.refi.side import read_side
from reflect_analysis.exchange.values import Exchanged, LineEnds, Unit

__all__ = ["read_refi", "write_refi"]


def read_refi(
    path: str | Path,
    *,
    kind: Kind = "reflection",
    unit: Unit = "",
    line_ends: LineEnds = "",
    assume_seen: bool = False,
) -> Exchanged:
    """Read a REFI-QDA project or codebook, whatever program wrote it.

    In which unit the positions of a text count, and whether a line end counts as one or two, is
    inferred for each source, and proved by whole words and by the quotes beside; the report
    says it selection by selection. Texts come out with LF line ends and positions in code
    points. Everything that no value of this package holds is listed.

    A project that `write_refi` wrote, and that no other program has changed since, comes back
    as it was.

    Parameters
    ----------
    path : str or Path
        A ``.qdpx``, ``.qde`` or ``.qdc``, known by its content. The texts of a bare ``.qde``
        are looked for beside it, never elsewhere.
    kind : str
        What the texts are, where the file does not tell: transcripts of recordings and
        captions of pictures are known.
    unit : {"", "code points", "utf-16"}
        What positions count, where it is known; empty to be inferred.
    line_ends : {"", "LF", "CRLF as one", "CRLF as two"}
        The same for line ends.
    assume_seen : bool
        Whether every coder is taken to have read each document that they coded in. The format
        does not say who read what, and this package takes nothing as read by itself.

    Returns
    -------
    Exchanged
        ``.corpus``, ``.codebook``, ``.codings`` and ``.report``; ``.regions`` of pictures,
        ``.sets`` and ``.links``. Nobody has cleared the documents, unless the file is our own.

    Raises
    ------
    ExchangeError
        With every fault and its place: the file could do harm or is damaged, ids are broken or
        doubled, a text is not UTF-8, or two readings of its positions fit alike.
    """
    with open_package(path) as package:
        try:
            if local(package.root) == "CodeBook":
                return read_book(package)
            found = read_project(
                package, kind=kind, unit=unit, line_ends=line_ends, assume_seen=assume_seen
            )
        except (CorpusError, CodebookError) as problem:
            # What the values themselves refuse is the file's fault too.
            raise ExchangeError([f"{package.name}: {fault}" for fault in problem.faults]) from None
        return _with_side(found, package)


def _with_side(found: Exchanged, package: Package) -> Exchanged:
    """The study of the side file, where there is one that fits."""
    member = package.member(SIDE_MEMBER)
    if member is None or package.archive is None:
        return found

    def text_of(document_id: str) -> str | None:
        data = package.read(f"internal://{guid('document', document_id)}.txt")
        return None if data is None else decode(data).text

    side = read_side(package.archive.read(member), package.xml, text_of)
    if isinstance(side, str):
        note = f"the side file of reflect_analysis was left aside: {side}"
        report = dataclasses.replace(found.report, notes=(*found.report.notes, note))
        return dataclasses.replace(found, report=report)
    report = dataclasses.replace(
        found.report,
        omissions=(),
        notes=("the study is as reflect_analysis wrote it: its side file fits",),
    )
    return Exchanged(
        *(side.corpus, side.codebook, side.codings, report, side.regions),
        pictures=found.pictures,
    )
