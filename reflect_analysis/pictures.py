"""Pictures: whether one may be shown, and a copy that says nothing but what it shows.

A photograph carries more than the eye sees: where and when it was taken, by which camera,
by whom, and a small copy of itself from before it was cropped. So no picture is ever copied
as a file. It is decoded, turned as its camera meant it, brought to the common colours, laid
on white where it is transparent, and written anew; what is not a pixel is left behind, the
name of the file included.

Invariants: the original is only read; a picture that was not agreed to, by those it shows and
by those who govern its record, is never copied; no file makes this module take more than a
bounded amount of memory.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from reflect_analysis.corpus import Corpus, Document, Picture
from reflect_analysis.errors import CorpusError, DisclosureError, GovernanceError, OutputError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["CopiedPicture", "copy_picture", "upright_size", "why_not_shown", "why_unreadable"]

PictureUse = Literal["quotes", "export"]
FILE_LIMIT = 100 * 1024**2
PIXEL_LIMIT = 70_000_000  # more than a telephone takes; decoded it is 280 MB
# The others that Pillow knows are old or call other programs. HEIC is here for those who
# have installed a plugin that reads it.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
_AS_JPEG = ("JPEG", "MPO", "WEBP", "AVIF", "HEIF")
_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".avif", ".heic", ".heif")
)
_QUALITY = 92
_ORIENTATION = 0x0112  # the number of the EXIF field
_ON_ITS_SIDE = frozenset((5, 6, 7, 8))  # orientations that change width and height
_OTHER = {
    ".heic": "HEIC is not read here; save it as JPEG",
    ".heif": "HEIF is not read here; save it as JPEG",
    ".svg": "a drawing in SVG is not copied; save it as PNG",
}
# What is written where there is no release yet. "No. 12" is taken for none: to be on the safe side.
_NO_RELEASE = re.compile(
    r"(?:no|none|not|nothing|n/?a|missing|pending|waiting|ask|to be|unknown|false|\W|"
    r"non|aucune?|rien|en attente)(?!\w)|$",
    re.IGNORECASE,
)
_NO_SIGNS = frozenset(
    ("none", "no", "nothing", "no signs", "none visible", "false", "aucun", "aucune", "non")
)


@dataclass(frozen=True, slots=True)
class CopiedPicture:
    """A picture as it was written.

    Parameters
    ----------
    path : Path
        With the suffix of what it is now: ``.jpg`` or ``.png``.
    width, height : int
        In pixels, after turning.
    notes : tuple of str
        What was changed beside leaving out what is not a pixel.
    """

    path: Path
    width: int
    height: int
    notes: tuple[str, ...] = ()


def why_not_shown(picture: Picture) -> tuple[str, ...]:
    """Every reason for which a picture may not be copied, sent or printed; none: it may be.

    What nobody wrote down is a reason too: a picture is shown when somebody has looked at it,
    not when nobody has.

    Examples
    --------
    >>> why_not_shown(Picture("a.jpg", "A kettle", "nobody", place_signs="none", use="yes"))
    ()
    >>> why_not_shown(Picture("a.jpg", "A hand", "children", place_signs="none", use="ask"))
    ('its use has not been agreed to yet', 'children are shown and no release is recorded')
    """
    return tuple(_reasons(picture))


def _reasons(picture: Picture) -> Iterator[str]:
    if picture.use == "no":
        yield "its use was refused"
    elif picture.use != "yes":
        yield "its use has not been agreed to yet"
    if not (picture.alt_text or "").strip():
        yield "it has no alt text"
    if picture.people_shown is None:
        yield "whether people are shown is not recorded (people_shown)"
    elif picture.people_shown != "nobody" and _NO_RELEASE.match(_plain(picture.releases)):
        yield f"{picture.people_shown} are shown and no release is recorded"
    if not _plain(picture.place_signs):
        yield "whether signs give the place away is not recorded (place_signs)"
    elif _plain(picture.place_signs) not in _NO_SIGNS:
        yield "signs that may give the place away are recorded; cover them and write 'none'"


def _plain(words: str | None) -> str:
    return (words or "").strip().rstrip(".").casefold()


def why_unreadable(path: Path) -> str:
    """Why a file cannot be copied as a picture, or ``""``.

    It is decoded to its end, so that one which breaks off is known before it is needed.
    """
    try:
        with _opened(path) as image:
            image.draft("RGB", (64, 64))  # a JPEG is read whole, but made small at once
            image.load()
    except CorpusError as error:
        return error.faults[0].removeprefix(f"{path.name}: ")
    return ""


def upright_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture as it is looked at, without decoding it.

    Raises
    ------
    CorpusError
        If it cannot be read.
    """
    with _opened(path) as image:
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
    return (height, width) if turned else (width, height)


def copy_picture(
    document: Document,
    to: str | Path,
    *,
    corpus: Corpus,
    use: PictureUse = "export",
    largest: int = 0,
) -> CopiedPicture:
    """A copy of a document's picture without anything but its pixels.

    Location, time, camera, author, caption, thumbnail, XMP, IPTC and the texts of a PNG are
    left out; the colours are those of its profile, which is left out too.

    Parameters
    ----------
    document : Document
        Whose picture it is; it is looked up in the corpus by its id.
    to : str or Path
        Where it is to lie, under a name that is not the original's (that may hold a
        person's). It gets its suffix here: a photograph becomes ``.jpg``, all else ``.png``.
    corpus : Corpus
        Which knows who governs the record.
    use : {"export", "quotes"}
        What the copy is for: to leave the study, or to be printed beside its words. Whoever
        governs the record has approved that use, or nothing is copied.
    largest : int
        Pixels of the longer side at most: a larger picture is made smaller; 0 for any size.

    Returns
    -------
    CopiedPicture

    Raises
    ------
    GovernanceError
        If the record is governed and the use is not approved.
    UnknownIdError
        If the corpus lacks the document.
    DisclosureError
        If it may not be shown, with every reason.
    CorpusError
        If it cannot be read: missing, broken, too large, of another kind; or if the document
        has no picture.
    OutputError
        If something lies there already, or nothing can be written there.
    """
    if use not in get_args(PictureUse):
        raise ValueError(f"use {use!r}; expected one of {', '.join(get_args(PictureUse))}")
    own = corpus.document(document.id)
    if not corpus.permits(own, use):
        raise GovernanceError(
            f"{own.id}: its picture is not copied: the record waits for the approval of the nation "
            f"or community that governs it; ask it to approve {use!r}"
        )
    if own.picture is None:
        raise CorpusError(f"{own.id}: there is no picture to copy")
    return _copied(own.picture, to, largest)


def _copied(picture: Picture, to: str | Path, largest: int = 0) -> CopiedPicture:
    """The copy itself, of whatever may be shown; governance was asked before."""
    why = why_not_shown(picture)
    if why:
        raise DisclosureError(f"a picture is not copied: {'; '.join(why)}")
    if picture.path is None:
        raise CorpusError("a picture is not copied: its file is not known")
    notes: list[str] = []
    with _opened(Path(picture.path)) as image:
        suffix = ".jpg" if image.format in _AS_JPEG else ".png"
        if getattr(image, "is_animated", False):
            notes.append("the first of several pictures in the file")
            image.seek(0)
        pixels = _pixels(image, notes)
    if largest and max(pixels.size) > largest:
        pixels.thumbnail((largest, largest))
        notes.append(f"made smaller: {largest} pixels on the longer side")
    target = _named(Path(to), suffix)
    _write(pixels, target)
    return CopiedPicture(target, pixels.width, pixels.height, tuple(notes))


def _named(to: Path, suffix: str) -> Path:
    """The name with its true suffix; a dot in an id ("S1.2") begins no suffix."""
    is_suffix = to.suffix.lower() in _SUFFIXES
    return to.with_suffix(suffix) if is_suffix else to.with_name(to.name + suffix)


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """A picture that is not decoded yet; what goes wrong with it inside is one error."""
    import PIL.Image

    _check_file(path)
    PIL.Image.init()
    known = [name for name in _FORMATS if name in PIL.Image.OPEN]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that is left out in any case
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(path, formats=known) as image:
                _check_size(path, *image.size)
                yield image
    except CorpusError:
        raise
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError):
        raise CorpusError(_too_large(path)) from None
    except PIL.UnidentifiedImageError:
        told = _OTHER.get(path.suffix.lower(), "not a picture that can be read")
        raise CorpusError(f"{path.name}: {told}") from None
    except MemoryError:
        raise CorpusError(f"{path.name}: too large for the memory of this computer") from None
    except Exception as error:  # noqa: BLE001  # Pillow raises whatever the broken file provokes
        raise CorpusError(
            f"{path.name}: broken, or it breaks off ({type(error).__name__}); copy it again"
        ) from None


def _check_file(path: Path) -> None:
    """A fault for what is no file, or larger than any photograph."""
    try:
        size = path.stat().st_size
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise CorpusError(f"{path.name}: cannot be read: {told}") from None
    if not path.is_file():
        raise CorpusError(f"{path.name}: no ordinary file")
    if size > FILE_LIMIT:
        raise CorpusError(
            f"{path.name}: {size / 1024**2:.0f} MB; a picture has at most {FILE_LIMIT // 1024**2}"
        )


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > PIXEL_LIMIT:
        raise CorpusError(_too_large(path))


def _too_large(path: Path) -> str:
    return f"{path.name}: more than {PIXEL_LIMIT // 10**6} million pixels; save it smaller"


def _pixels(image: Image, notes: list[str]) -> Image:
    """What a picture shows: turned, opaque, in the common colours, and nothing beside it."""
    image.load()
    turned = _turned(image, notes)
    profile = image.info.get("icc_profile")
    shown = _coloured(_opaque(_eight_bits(turned)), profile, notes)
    shown.info = {}
    return shown


def _turned(image: Image, notes: list[str]) -> Image:
    """A picture as its camera was held."""
    from PIL import ImageOps

    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
        turned = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # metadata may be broken in any way; the picture is whole
        notes.append("how the camera was held cannot be read; look whether it stands upright")
        return image.copy()
    if orientation != 1:
        notes.append("turned as the camera was held")
    return turned


def _eight_bits(image: Image) -> Image:
    """Scientific and scanned greys of 16 or 32 bits as common ones."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode == "F":
        raise ValueError("real numbers are no picture")
    return image


def _opaque(image: Image) -> Image:
    """A picture on white: what a transparent part hides does not go along."""
    import PIL.Image

    if not image.has_transparency_data:
        return image
    whole = image.convert("RGBA")
    white = PIL.Image.new("RGB", whole.size, "white")
    white.paste(whole, mask=whole.getchannel("A"))
    return white


def _coloured(image: Image, profile: Any, notes: list[str]) -> Image:
    """A picture in sRGB, or in greys; the profile itself may name a device or its owner."""
    if image.mode in ("1", "L"):
        return image.convert("L")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image if image.mode == "RGB" else image.convert("RGB")
    from PIL import ImageCms

    try:
        common = ImageCms.createProfile("sRGB")
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, own, common, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("its colour profile cannot be read; colours may differ")
        return image.convert("RGB")
    return converted or image.convert("RGB")


def _write(pixels: Image, target: Path) -> None:
    """A new file, whole or not at all; what bears its name stays, though it came meanwhile."""
    part = target.with_name(f".{target.name}-{secrets.token_hex(4)}.part")
    try:
        try:
            if target.suffix == ".jpg":
                pixels.save(part, "JPEG", quality=_QUALITY, exif=b"")
            else:
                pixels.save(part, "PNG", optimize=True)
            _take_place(part, target)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError:
        raise OutputError(f"{target}: exists already; name another file") from None
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise OutputError(f"{target}: cannot be written: {told}") from None


def _take_place(part: Path, target: Path) -> None:
    """Give a file its name where nothing bears it, not even a link that leads nowhere.

    Raises
    ------
    FileExistsError
        If something does.
    OSError
        If it cannot be written.
    """
    if os.name == "nt":  # there a file that is renamed replaces none
        part.rename(target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a drive on which no file has two names
        _copy_new(part, target)


def _copy_new(part: Path, target: Path) -> None:
    content = part.read_bytes()
    with target.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:  # Ctrl+C too
            target.unlink(missing_ok=True)
            raise
