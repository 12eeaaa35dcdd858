"""The picture of a photo-voice story for the page, and the answers that go with it.

The picture is decoded and written anew, upright and without what its camera knew; a file is
never handed over as it is. Regions are pixels of the upright picture in its full size, whatever
the size in which it is shown.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reflect_analysis.corpus import Document

__all__ = ["picture_shown"]

_SIDE = 1600  # pixels of the longer side as it is shown
_MOST_PIXELS = 80_000_000
_QUALITY = 88


def picture_shown(document: Document) -> tuple[dict[str, Any] | None, list[list[Any]]]:
    """The picture of a document for the page, and its SHOWeD answers.

    Returns
    -------
    picture : dict or None
        ``src`` is empty where there is no file, or nobody may look at it.
    answers : list
        ``[question, answer, start, end]``, the span in code points.
    """
    if document.picture is None:
        return None, []
    return _picture(document), _answers(document)


def _picture(document: Document) -> dict[str, Any]:
    picture = document.picture
    assert picture is not None  # noqa: S101  # asked by the caller
    shown = {"src": "", "alt": picture.alt_text or "", "width": 0, "height": 0}
    if picture.use == "no" or not picture.path:
        return shown
    try:
        return shown | _decoded(Path(picture.path))
    except (OSError, ValueError, SyntaxError):  # what Pillow raises of a file that is none
        return shown


def _decoded(path: Path) -> dict[str, Any]:
    from PIL import Image, ImageOps

    with Image.open(path) as file:
        width, height = file.size
        if width * height > _MOST_PIXELS:
            raise ValueError(f"{width} × {height} pixels are more than are decoded")
        upright = ImageOps.exif_transpose(file)
        plain = upright.convert("RGBA" if "transparency" in file.info else "RGB")
    width, height = plain.size
    plain.thumbnail((_SIDE, _SIDE))
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    out = io.BytesIO()
    kind = "PNG" if plain.mode == "RGBA" or file.format == "PNG" else "JPEG"
    fresh.save(out, kind, **({"quality": _QUALITY} if kind == "JPEG" else {}))
    data = base64.b64encode(out.getvalue()).decode()
    return {"src": f"data:image/{kind.lower()};base64,{data}", "width": width, "height": height}


def _answers(document: Document) -> list[list[Any]]:
    """The last paragraphs of the text answer the questions that `showed` names."""
    from reflect_analysis.readers.photo_voice import PROMPTS

    told = str(document.attributes.get("showed", ""))
    names = [each.strip() for each in told.split(";") if each.strip()]
    paragraphs = document.text.split("\n\n")
    if not names or len(paragraphs) < len(names):
        return []
    found, end = [], len(document.text)
    for name, words in zip(reversed(names), reversed(paragraphs), strict=False):
        found.append([PROMPTS.get(name, name), words, end - len(words), end])
        end -= len(words) + 2
    return found[::-1]
