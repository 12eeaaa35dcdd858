"""One content saved as every format, by other programs' writers or by hand."""

import io
import zipfile
from html import escape
from pathlib import Path

import pytest


def _txt(parts) -> bytes:
    return "\n\n".join(f"{'#' * level} {text}".strip() for text, level in parts).encode()


def _docx(parts) -> bytes:
    import docx

    document = docx.Document()
    for text, level in parts:
        if level:
            document.add_heading(text, level)
        else:
            document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _odt(parts) -> bytes:
    import odfdo

    document = odfdo.Document("text")
    document.body.clear()
    for text, level in parts:
        document.body.append(odfdo.Header(level, text) if level else odfdo.Paragraph(text))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _rtf_letter(letter: str) -> str:
    """A letter as Word writes it: in halves of 16 bits with a sign."""
    if letter.isascii():
        return letter
    halves = letter.encode("utf-16-be")
    units = [
        int.from_bytes(halves[n : n + 2], "big", signed=True) for n in range(0, len(halves), 2)
    ]
    return "".join(f"\\u{unit}?" for unit in units)


def _rtf(parts) -> bytes:
    lines = [r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}"]
    for text, level in parts:
        written = "".join(map(_rtf_letter, text))
        outline = f"\\outlinelevel{level - 1}\\b " if level else ""
        lines.append("\\pard\\plain\\f0 " + outline + written.replace(chr(10), "\\line ") + "\\par")
    return "\r\n".join([*lines, "}"]).encode("ascii")


def _html(parts) -> bytes:
    body = "".join(
        f"<h{level}>{escape(text)}</h{level}>"
        if level
        else f"<p>{escape(text).replace(chr(10), '<br>')}</p>\n"
        for text, level in parts
    )
    head = '<meta charset="utf-8"><title>A page</title><script>let x = "<p>no</p>";</script>'
    menu = "<nav><a href='/'>Home</a> <a href='/about'>About us</a></nav>"
    whole = f"<head>{head}</head><body>{menu}<main>{body}</main></body>"
    return f"<!DOCTYPE html><html>{whole}</html>".encode()


WRITERS = {"txt": _txt, "md": _txt, "docx": _docx, "odt": _odt, "rtf": _rtf, "html": _html}


@pytest.fixture
def save(tmp_path):
    """Write a file below a new folder, from bytes or from (text, level) parts; its path."""

    def saved(name: str, content) -> Path:
        path = tmp_path / "study files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            parts = [(part, 0) if isinstance(part, str) else part for part in content]
            content = WRITERS[path.suffix[1:]](parts)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return saved


@pytest.fixture
def with_members():
    """A zip archive with some members added or replaced."""

    def changed(data: bytes, members: dict[str, bytes | str]) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
            for info in old.infolist():
                if info.filename not in members:
                    new.writestr(info, old.read(info))
            for name, content in members.items():
                new.writestr(name, content)
        return out.getvalue()

    return changed


@pytest.fixture
def as_pdf():
    """A PDF whose pages show some lines, in the manner of a typewriter."""
    return _pdf


def _pdf(pages: list[list[str]]) -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    kids = []
    for lines in pages:
        shown = b" ".join(b"(" + _escaped(line) + b") Tj T*" for line in lines)
        stream = b"BT /F1 11 Tf 14 TL 50 780 Td " + shown + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    return _assembled(objects)


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _assembled(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)
