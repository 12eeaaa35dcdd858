"""Everything legible in a PDF: pages, properties, alternative texts, links, attachments.

What a page shows is read as running text, a page a piece. Every string of every object is read
as well, so that nothing hides in a property, a bookmark or a tag for screen readers, and what
is embedded is handed back to be taken apart.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from reflect_analysis._quiet import without_log

__all__ = ["PAGES_LIMIT", "PrintedText", "read_printed"]

PAGES_LIMIT = 2000
_PICTURE = "/DCTDecode"

# Where it stands, the text or the embedded bytes, and whether it is running text.
PrintedText = tuple[str, str | bytes, bool]


def read_printed(data: bytes) -> Iterator[PrintedText]:
    """Texts and embedded files of a PDF.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    ValueError
        If it is locked, damaged or too long to be read.
    """
    with without_log("pypdf"):
        try:
            yield from list(_parts(data))
        except ValueError:
            raise
        except Exception as problem:  # noqa: BLE001  # pypdf raises whatever the file provokes
            raise ValueError(f"a damaged PDF ({type(problem).__name__})") from None


def _parts(data: bytes) -> Iterator[PrintedText]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise ValueError("a PDF that is locked")
    if len(reader.pages) > PAGES_LIMIT:
        raise ValueError(f"a PDF of more than {PAGES_LIMIT} pages")
    for number, page in enumerate(reader.pages, start=1):
        yield f"page {number}", page.extract_text(), True
    yield from _strings(reader.trailer, "trailer")
    for number in sorted({ref for refs in reader.xref.values() for ref in refs}
                         | set(reader.xref_objStm)):  # fmt: skip
        found = reader.get_object(number)
        if found is not None:
            yield from _of_object(found, f"object {number}")


def _of_object(found: Any, place: str) -> Iterator[PrintedText]:
    """The strings of one object, and what it embeds."""
    yield from _strings(found, place)
    kind, sort = (
        str(found.get(key)) if hasattr(found, "get") else "" for key in ("/Type", "/Subtype")
    )
    if kind == "/EmbeddedFile":
        yield f"{place}, attachment", found.get_data(), False
    elif kind == "/Metadata":
        yield f"{place}, properties", found.get_data(), False
    elif sort == "/Image" and _PICTURE in str(found.get("/Filter")):
        yield f"{place}, picture", bytes(found._data), False  # noqa: SLF001  # decoding would lose what the picture says of itself


def _strings(value: Any, place: str, depth: int = 0) -> Iterator[PrintedText]:
    """The texts in an object; links to other objects are read where these stand."""
    from pypdf.generic import ByteStringObject, IndirectObject, TextStringObject

    if isinstance(value, IndirectObject) or depth > 20:  # noqa: PLR2004  # deeper than any file
        return
    if isinstance(value, TextStringObject):
        yield place, str(value), False
    elif isinstance(value, ByteStringObject):
        yield place, bytes(value).decode("latin-1"), False
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in ("/ID", "/W"):
                yield from _strings(each, f"{place} {key}", depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, place, depth + 1)
