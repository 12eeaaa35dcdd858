"""`write_refi`: what may leave, checked, made ready and put in its place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings, Memo
from reflect_analysis.corpus import Corpus, Omission
from reflect_analysis.errors import ExchangeError, OutputError, raise_all
from reflect_analysis.exchange.leaving import what_may_leave
from reflect_analysis.exchange.offsets import decode
from reflect_analysis.exchange.placing import Ready
from reflect_analysis.exchange.refi.package import SIDE_MEMBER
from reflect_analysis.exchange.refi.parts import guid
from reflect_analysis.exchange.refi.side import Side, write_side
from reflect_analysis.exchange.refi.writing import Variant, Writing, book_xml, write_project
from reflect_analysis.exchange.values import Exported, Region

__all__ = ["ready_refi", "write_refi"]

# The same study gives the same bytes.
_WHEN = (1980, 1, 1, 0, 0, 0)
_PICTURES = {"JPEG": ".jpg", "PNG": ".png"}


def write_refi(
    path: str | Path,
    *,
    codebook: Codebook,
    corpus: Corpus | None = None,
    codings: Codings | None = None,
    variant: Variant = "refi",
    regions: Sequence[Region] = (),
    pictures: Mapping[str, bytes] | None = None,
    overwrite: bool = False,
) -> Exported:
    """Write a study for another program for qualitative analysis.

    A project holds the texts, cases and variables, codes, the codings that hold now, and memos.
    What the format cannot say (criteria, versions, who read what and whether blind, decisions)
    is summed up in descriptions, and stands in full in a side file within the archive, which
    `read_refi` knows again and other programs pass over.

    Parameters
    ----------
    path : str or Path
        Ends in ``.qdpx`` for a project, in ``.qdc`` for the codebook alone.
    codebook : Codebook
        In a ``.qdc`` its examples and notes are written as they are: give
        ``codebook.public()`` where they may be participants' words.
    corpus : Corpus, optional
        Needed for a project. Governed records leave only where "export" was approved.
    codings : Codings, optional
    variant : {"refi", "nvivo"}
        As the specification has it, or as NVivo for Windows counts positions.
    regions : sequence of Region
        Coded parts of pictures.
    pictures : mapping, optional
        Content of pictures by document. One leaves only where its use was agreed, turned
        upright, and without what the camera wrote into it.
    overwrite : bool
        Whether an existing file is replaced.

    Returns
    -------
    Exported
        The ids of the documents that left, what was left out, and what the format cannot say.

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    ExchangeError
        If codings or memos lie outside their texts, with every one; or there is no code.
    OutputError
        If the file exists.
    ValueError
        If the path has another ending, or a project has no corpus.
    """
    if Path(path).exists() and not overwrite:
        raise OutputError(f"{path}: exists; move it, or say overwrite")
    told = (codebook, corpus, codings, variant, regions, pictures or {})
    return ready_refi(Path(path), *told).place()


def ready_refi(
    target: Path,
    codebook: Codebook,
    corpus: Corpus | None = None,
    codings: Codings | None = None,
    variant: Variant = "refi",
    regions: Sequence[Region] = (),
    pictures: Mapping[str, bytes] = MappingProxyType({}),
) -> Ready:
    """What `write_refi` writes, checked and nowhere yet."""
    suffix = target.suffix.lower()
    if suffix not in (".qdpx", ".qdc"):
        raise ValueError(f"expected a name that ends in .qdpx or .qdc, not {target.name!r}")
    if suffix == ".qdpx" and corpus is None:
        raise ValueError("a project (.qdpx) needs a corpus; a codebook alone is a .qdc")
    leaving = what_may_leave(Corpus(()) if corpus is None else corpus, codebook, codings)
    if suffix == ".qdc":
        return _ready_book(target, leaving.codebook, leaving.left_out)
    raise_all(ExchangeError, _outside(leaving.corpus, leaving.codings))
    ready, kept_back = _pictures(leaving.corpus, pictures)
    held = tuple(each for each in regions if each.document_id in leaving.corpus)
    work = Writing(leaving.corpus, leaving.codebook, leaving.codings, variant, held, ready)
    project = write_project(work)
    side = Side(leaving.corpus, leaving.codebook, leaving.codings, held)
    members = {"project.qde": project, **work.members}
    members[SIDE_MEMBER] = write_side(side, project, _read_back(work))
    exported = Exported(
        target,
        "REFI-QDA project" + (" for NVivo" if variant == "nvivo" else ""),
        tuple(document.id for document in leaving.corpus),
        (*leaving.left_out, *kept_back),
        tuple(work.losses),
    )
    return Ready(exported, _zipped(members))


def _ready_book(target: Path, codebook: Codebook, left_out: tuple[Omission, ...]) -> Ready:
    if not (codebook.codes or codebook.groups):
        raise ExchangeError(
            f"{target.name}: a .qdc holds at least one code; this codebook has none"
        )
    kept = "definitions, criteria and examples stand together in one description"
    losses = (Omission("study", "codebook", kept),)
    exported = Exported(target, "REFI-QDA codebook", (), left_out, losses)
    return Ready(exported, book_xml(codebook))


def _read_back(work: Writing) -> dict[str, str]:
    """The texts as a reader gets them."""
    names = {each.id: f"sources/{guid('document', each.id)}.txt" for each in work.corpus}
    return {key: decode(work.members[name]).text for key, name in names.items()}


def _outside(corpus: Corpus, codings: Codings) -> Iterator[str]:
    lengths = {document.id: len(document.text) for document in corpus}
    for row in codings:
        if row.end > lengths[row.document_id]:
            yield (
                f"coding {row.id!r}: {row.start}–{row.end} lies outside the "
                f"{lengths[row.document_id]} characters of document {row.document_id!r}"
            )
    for number, memo in enumerate(codings.memos, start=1):
        if memo.document_id and not _lies_in(memo, lengths[memo.document_id]):
            yield (
                f"memo {number} by {memo.by!r}: {memo.start}–{memo.end} is no passage of document "
                f"{memo.document_id!r}"
            )


def _lies_in(memo: Memo, length: int) -> bool:
    if memo.start is None or memo.end is None:
        return True
    return 0 <= memo.start < memo.end <= length


def _pictures(
    corpus: Corpus, given: Mapping[str, bytes]
) -> tuple[dict[str, tuple[str, bytes]], list[Omission]]:
    """The pictures that may leave, upright and bare; and those that may not."""
    ready: dict[str, tuple[str, bytes]] = {}
    kept = []
    for document_id, data in given.items():
        document = corpus.document(document_id) if document_id in corpus else None
        agreed = document is not None and document.picture and document.picture.use == "yes"
        bare = _bare(data) if agreed else None
        if bare is not None:
            ready[document_id] = bare
        else:
            why = "not a JPEG or PNG that can be read" if agreed else "its use was not agreed"
            kept.append(Omission("pictures", f"picture of {document_id}", why))
    return ready, kept


def _bare(data: bytes) -> tuple[str, bytes] | None:
    """A picture turned as its file asks for, without place, time and camera."""
    import warnings

    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            # What Pillow warns of for a picture that fills the memory is a refusal here.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=tuple(_PICTURES)) as picture:
                form = str(picture.format)
                upright = ImageOps.exif_transpose(picture)
                plain = Image.frombytes(upright.mode, upright.size, upright.tobytes())
                if upright.mode == "P":
                    plain.putpalette(upright.getpalette() or [])
                out = io.BytesIO()
                plain.save(out, form, **({"quality": 95} if form == "JPEG" else {}))
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    return _PICTURES[form], out.getvalue()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            packed = zipfile.ZIP_STORED if name.endswith((".jpg", ".png")) else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, _WHEN)
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, packed)
    return out.getvalue()
