"""pictures: who may be shown, and a copy in whose bytes nothing but pixels stands."""

import io
import os
import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageCms, PngImagePlugin

from reflect_analysis.corpus import Corpus, Document, Picture
from reflect_analysis.errors import CorpusError, DisclosureError, OutputError
from reflect_analysis.pictures import (
    PIXEL_LIMIT,
    CopiedPicture,
    copy_picture,
    why_not_shown,
    why_unreadable,
)

AGREED = Picture(None, "A kettle", people_shown="nobody", place_signs="none", use="yes")
SECRETS = ("Maribel", "Lantern 900", "2031:05:06", "Heron Creek", "51.123")


def copied_alone(picture: Picture, to: Path) -> CopiedPicture:
    """The copy of a picture whose record nobody governs."""
    document = Document("S1", "A kettle.", picture=picture)
    return copy_picture(document, to, corpus=Corpus((document,)))


def secretive_exif(*, orientation: int = 1) -> PIL.Image.Exif:
    """What a telephone writes, thumbnail and place included."""
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F], exif[0x0110] = "Lantern", "Lantern 900"
    exif[0x013B], exif[0x8298] = "Maribel Farrow", "Maribel Farrow 2031"
    exif[0x010E] = "Heron Creek, back door"
    exif.get_ifd(0x8769).update({0x9003: "2031:05:06 07:08:09", 0xA431: "LANTERN-SERIAL-4711"})
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 7.0, 22.8), 3: "W", 4: (120.0, 1.0, 2.0)})
    return exif


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>Maribel</dc:creator></x:xmpmeta>'


def halves(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> PIL.Image.Image:
    """A picture that is red on the left and blue on the right."""
    image = PIL.Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image.convert(mode)


def with_iptc(jpeg: bytes) -> bytes:
    """A JPEG with an IPTC record and a comment, as a picture editor adds them."""
    record = b"\x1c\x02\x50" + struct.pack(">H", 7) + b"Maribel"
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(record)) + record
    parts = [(b"\xff\xed", block), (b"\xff\xfe", b"Heron Creek")]
    added = b"".join(mark + struct.pack(">H", len(data) + 2) + data for mark, data in parts)
    return jpeg[:2] + added + jpeg[2:]


def saved(kind: str, *, orientation: int = 1) -> bytes:
    """A picture of a kind with everything that the kind can hold of its owner."""
    file = io.BytesIO()
    exif = secretive_exif(orientation=orientation)
    if kind == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", "Maribel Farrow")
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        texts.add_text("Comment", "Heron Creek", zip=True)
        halves().save(file, "PNG", exif=exif, pnginfo=texts)
    elif kind == "GIF":
        halves().save(file, "GIF", comment=b"Maribel, Heron Creek")
    elif kind == "BMP":
        halves().save(file, "BMP")
    elif kind == "JPEG":
        halves().save(file, "JPEG", exif=exif, xmp=XMP, quality=95)
        return with_iptc(file.getvalue())
    elif kind == "TIFF":
        halves().save(file, "TIFF", exif=exif)
    else:
        options = {"lossless": True} if kind == "WEBP" else {}
        halves().save(file, kind, exif=exif, xmp=XMP, **options)
    return file.getvalue()


@pytest.fixture
def copied(tmp_path):
    """Copy the bytes of a picture; returns what was written and its bytes."""

    def copier(
        data: bytes, name: str = "Maribel at Heron Creek.jpg"
    ) -> tuple[CopiedPicture, bytes]:
        original = tmp_path / "from a telephone" / name
        original.parent.mkdir()
        original.write_bytes(data)
        made = copied_alone(replace(AGREED, path=str(original)), tmp_path / "picture 1.TIFF")
        assert original.read_bytes() == data
        return made, made.path.read_bytes()

    return copier


def chunks_of(png: bytes) -> list[bytes]:
    names, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        names.append(png[at + 4 : at + 8])
        at += length + 12
    return names


def segments_of(jpeg: bytes) -> set[int]:
    """The kinds of segments before the pixels."""
    found, at = set(), 2
    while jpeg[at + 1] != 0xDA:
        found.add(jpeg[at + 1])
        at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
    return found


# ── nothing but pixels ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_a_copy_holds_no_place_no_time_no_camera_and_no_author(kind, copied):
    original = saved(kind)
    if kind not in ("BMP", "WEBP"):
        assert b"Maribel" in original  # or the test would prove nothing
    made, data = copied(original)
    for secret in (*SECRETS, "SERIAL", "Farrow", "Exif", "xmp", "Photoshop", "8BIM", "iCCP"):
        assert secret.encode() not in data
        assert secret.encode("utf-16-le") not in data
    with PIL.Image.open(made.path) as image:
        assert not dict(image.getexif())
        assert not image.getexif().get_ifd(0x8825)
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Heron" not in made.path.name.encode()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "TIFF", "GIF", "BMP"])
def test_only_segments_of_pixels_are_written(kind, copied):
    made, data = copied(saved(kind))
    if kind in ("JPEG", "WEBP"):
        assert made.path.name == "picture 1.jpg"
        # JFIF, tables of quantisation and of Huffman, the frame: no application segment, no comment
        assert segments_of(data) <= {0xE0, 0xDB, 0xC0, 0xC4}
    else:
        assert made.path.name == "picture 1.png"
        assert set(chunks_of(data)) == {b"IHDR", b"IDAT", b"IEND"}


def test_texts_that_a_png_holds_packed_are_gone(copied):
    original = saved("PNG")
    assert {b"zTXt", b"iTXt", b"tEXt", b"eXIf"} <= set(chunks_of(original))
    _, data = copied(original)
    unpacked = zlib.decompress(data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8])
    assert b"Heron" not in unpacked


def test_what_stands_behind_the_end_of_a_picture_is_gone(copied):
    _, data = copied(saved("JPEG") + b"Maribel's other picture" + saved("JPEG"))
    assert b"Maribel" not in data
    assert data.endswith(b"\xff\xd9")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (40, 20), (2, 10)),
        (3, (40, 20), (37, 10)),
        (6, (20, 40), (10, 2)),
        (8, (20, 40), (10, 37)),
    ],
)
def test_a_picture_stands_as_its_camera_was_held(kind, orientation, size, red, copied):
    made, _ = copied(saved(kind, orientation=orientation))
    assert (made.width, made.height) == size
    with PIL.Image.open(made.path) as image:
        assert image.size == size
        r, _, b = image.convert("RGB").getpixel(red)
    assert (r > 200, b < 60) == (True, True)


def test_colours_are_those_of_the_profile_and_the_profile_is_gone(copied):
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The red and the blue of the profile change places, and its description names an owner.
    swapped = swapped.replace(b"rXYZ", b"qXYZ").replace(b"bXYZ", b"rXYZ").replace(b"qXYZ", b"bXYZ")
    file = io.BytesIO()
    halves().save(file, "PNG", icc_profile=swapped)
    made, data = copied(file.getvalue())
    assert b"iCCP" not in data
    with PIL.Image.open(made.path) as image:
        r, _, b = image.getpixel((2, 10))
    assert (b > 200, r < 60) == (True, True)
    assert not made.notes


def test_a_broken_profile_is_noted_and_the_picture_kept(copied):
    file = io.BytesIO()
    halves().save(file, "JPEG", icc_profile=b"Maribel's screen" * 20)
    made, data = copied(file.getvalue())
    assert b"Maribel" not in data
    assert made.notes == ("its colour profile cannot be read; colours may differ",)


def test_what_a_transparent_part_hides_does_not_go_along(copied):
    image = PIL.Image.new("RGBA", (4, 4), (10, 20, 30, 0))
    file = io.BytesIO()
    image.save(file, "PNG")
    made, _ = copied(file.getvalue())
    with PIL.Image.open(made.path) as shown:
        assert shown.mode == "RGB"
        assert shown.getcolors() == [(16, (255, 255, 255))]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_common_way_to_keep_pixels_is_copied(mode, copied):
    file = io.BytesIO()
    if mode == "I;16":
        PIL.Image.new("I;16", (4, 4), 128 * 256).save(file, "PNG")
    else:
        halves(mode, (4, 4)).save(file, "TIFF" if mode == "CMYK" else "PNG")
    made, _ = copied(file.getvalue())
    with PIL.Image.open(made.path) as image:
        assert image.mode in ("L", "RGB")
        assert image.size == (4, 4)
        if mode == "I;16":
            assert image.getpixel((0, 0)) == 128


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF", "WEBP", "MPO"])
def test_of_several_pictures_in_a_file_the_first_is_copied(kind, copied):
    file = io.BytesIO()
    first, second = PIL.Image.new("RGB", (8, 8), "red"), PIL.Image.new("RGB", (8, 8), "blue")
    first.save(file, kind, save_all=True, append_images=[second])
    made, _ = copied(file.getvalue())
    assert made.notes == ("the first of several pictures in the file",)
    with PIL.Image.open(made.path) as image:
        assert getattr(image, "n_frames", 1) == 1
        r, _, b = image.convert("RGB").getpixel((4, 4))
    assert (r > 200, b < 60) == (True, True)


# ── who may be shown ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"use": "no"}, "its use was refused"),
        ({"use": "ask"}, "its use has not been agreed to yet"),
        ({"alt_text": None}, "it has no alt text"),
        ({"alt_text": " "}, "it has no alt text"),
        ({"people_shown": None}, "whether people are shown is not recorded (people_shown)"),
        ({"people_shown": "adults"}, "adults are shown and no release is recorded"),
        (
            {"people_shown": "children", "releases": "Not yet signed"},
            "children are shown and no release is recorded",
        ),
        (
            {"place_signs": None},
            "whether signs give the place away is not recorded (place_signs)",
        ),
        (
            {"place_signs": "A school bus with its number"},
            "signs that may give the place away are recorded; cover them and write 'none'",
        ),
    ],
)
def test_a_picture_that_was_not_agreed_to_is_not_copied(change, reason, tmp_path):
    path = tmp_path / "a.png"
    halves().save(path)
    picture = replace(AGREED, path=str(path), **change)
    assert why_not_shown(picture) == (reason,)
    with pytest.raises(DisclosureError, match="a picture is not copied: ") as caught:
        copied_alone(picture, tmp_path / "copy")
    assert reason in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_every_reason_is_told_at_once():
    assert len(why_not_shown(Picture(None, None))) == 4


@pytest.mark.parametrize("words", ["Nora and both parents signed", "yes", "on file, 2025-01-14"])
def test_a_release_in_any_words_is_one(words):
    assert not why_not_shown(replace(AGREED, people_shown="children", releases=words))


@pytest.mark.parametrize("words", ["no", "None yet", "not asked", "?", "n/a", "", "aucune"])
def test_words_that_say_there_is_no_release_are_none(words):
    assert why_not_shown(replace(AGREED, people_shown="adults", releases=words))


# ── what cannot be copied ───────────────────────────────────────────────────────────────


def bomb() -> bytes:
    """A small file that says it holds 60,000 by 60,000 pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def large() -> bytes:
    """A PNG beyond our limit and below the one at which Pillow warns."""
    data = bytearray(bomb())
    data[16:24] = struct.pack(">II", 10_000, PIXEL_LIMIT // 10_000 + 1)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.png", bomb(), "more than 70 million pixels; save it smaller"),
        ("a.png", large(), "more than 70 million pixels; save it smaller"),
        ("a.jpg", saved("JPEG")[:600], "broken, or it breaks off"),
        ("a.jpg", saved("JPEG")[:-80], "broken, or it breaks off (OSError); copy it again"),
        ("a.png", saved("PNG")[:-40], "broken, or it breaks off"),
        ("a.jpg", b"", "not a picture that can be read"),
        ("a.jpg", b"I laughed so hard.", "not a picture that can be read"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(50), "HEIC is not read here; save it as JPEG"),
        ("a.svg", b"<svg/>", "a drawing in SVG is not copied; save it as PNG"),
        (
            "a.eps",
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            "not a picture that can be read",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason_and_writes_nothing(
    name, data, reason, tmp_path
):
    path = tmp_path / name
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert why_unreadable(path).startswith(reason)
        with pytest.raises(CorpusError, match="^" + name):
            copied_alone(replace(AGREED, path=str(path)), tmp_path / "copy")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_missing_picture_and_a_folder_are_told(tmp_path):
    assert why_unreadable(tmp_path / "a.png").startswith("cannot be read: ")
    (tmp_path / "b.png").mkdir()
    assert why_unreadable(tmp_path / "b.png") == "no ordinary file"
    with pytest.raises(CorpusError, match="its file is not known"):
        copied_alone(AGREED, tmp_path / "copy")


def test_a_readable_picture_has_no_reason_against_it(tmp_path):
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"):
        path = tmp_path / f"a.{kind}"
        path.write_bytes(saved(kind))
        assert why_unreadable(path) == ""


def test_a_dot_in_a_name_is_no_suffix(tmp_path):
    halves().save(tmp_path / "a.png")
    picture = replace(AGREED, path=str(tmp_path / "a.png"))
    made = [copied_alone(picture, tmp_path / name).path.name for name in ("S1.1", "S1.2", "b.jpg")]
    assert made == ["S1.1.png", "S1.2.png", "b.png"]


def test_an_existing_file_and_the_original_are_never_written_over(tmp_path):
    path = tmp_path / "a.png"
    halves().save(path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        copied_alone(replace(AGREED, path=str(path)), path)
    with pytest.raises(OutputError, match="cannot be written"):
        copied_alone(replace(AGREED, path=str(path)), tmp_path / "no folder" / "a")
    assert path.read_bytes() == before


def meanwhile(monkeypatch, act):
    """What another does just when the pixels of a copy are written."""
    real = PIL.Image.Image.save

    def save(image, *given, **named):
        real(image, *given, **named)
        act()

    monkeypatch.setattr(PIL.Image.Image, "save", save)


def test_a_file_that_came_while_a_copy_was_made_stays(tmp_path, monkeypatch):
    halves().save(tmp_path / "a.jpg")
    target = tmp_path / "copy.jpg"
    meanwhile(monkeypatch, lambda: target.write_bytes(b"another's"))
    with pytest.raises(OutputError, match="exists already"):
        copied_alone(replace(AGREED, path=str(tmp_path / "a.jpg")), tmp_path / "copy")
    assert target.read_bytes() == b"another's"
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "copy.jpg"}


@pytest.mark.skipif(os.name == "nt", reason="a link takes a right there")
def test_a_link_that_leads_nowhere_is_not_written_over(tmp_path):
    halves().save(tmp_path / "a.jpg")
    link = tmp_path / "copy.jpg"
    link.symlink_to(tmp_path / "gone")
    with pytest.raises(OutputError, match="exists already"):
        copied_alone(replace(AGREED, path=str(tmp_path / "a.jpg")), tmp_path / "copy")
    assert link.is_symlink()
    assert not (tmp_path / "gone").exists()


@pytest.mark.skipif(os.name == "nt", reason="a file is renamed there")
def test_on_a_drive_without_links_a_copy_is_new_and_whole_too(tmp_path, monkeypatch):
    def unlinked(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unlinked)
    halves().save(tmp_path / "a.jpg")
    original = replace(AGREED, path=str(tmp_path / "a.jpg"))
    made = copied_alone(original, tmp_path / "copy")
    with PIL.Image.open(made.path) as image:
        assert image.size == (made.width, made.height)
    with pytest.raises(OutputError, match="exists already"):
        copied_alone(original, tmp_path / "copy")
    meanwhile(monkeypatch, lambda: (tmp_path / "other.jpg").write_bytes(b"another's"))
    with pytest.raises(OutputError, match="exists already"):
        copied_alone(original, tmp_path / "other")
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "copy.jpg", "other.jpg"}


def test_metadata_that_cannot_be_read_cost_nothing_but_themselves(tmp_path):
    path = tmp_path / "a.jpg"
    halves().save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xffMaribel")
    made = copied_alone(replace(AGREED, path=str(path)), tmp_path / "copy")
    assert b"Maribel" not in made.path.read_bytes()
    assert made.width == 40


KINDS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
SOUND = {kind: saved(kind) for kind in KINDS}


def copied_or_told(path, to) -> CopiedPicture | None:
    """The copy, or nothing where an error names the file; anything else fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(why_unreadable(path), str)
        try:
            return copied_alone(replace(AGREED, path=str(path)), to)
        except CorpusError as error:
            told = error
    assert told.faults[0].startswith(f"{path.name}: ")
    return None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(st.tuples(st.integers(0, 1400), st.integers(0, 255)), max_size=6),
    end=st.integers(0, 2500),
)
def test_whatever_a_file_holds_it_is_copied_clean_or_told(kind, changes, end, tmp_path):
    data = bytearray(SOUND[kind])
    for at, value in changes:
        data[at % len(data)] = value
    path, copy = tmp_path / "Maribel.img", tmp_path / "copy"
    path.write_bytes(bytes(data[:end]))
    made = copied_or_told(path, copy)
    if made is None:
        assert not list(tmp_path.glob("copy*"))
        return
    written = made.path.read_bytes()
    made.path.unlink()
    assert b"Maribel" not in written
    if made.path.suffix == ".png":
        assert set(chunks_of(written)) == {b"IHDR", b"IDAT", b"IEND"}
    else:
        assert segments_of(written) <= {0xE0, 0xDB, 0xC0, 0xC4}
