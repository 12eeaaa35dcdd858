"""Damaged and hostile files: each is one CorpusError or a listed omission, and nothing else.

Valid files of every format are built here and altered at random, outside and inside their
archives. Whatever comes of it, `read_corpus` gives a corpus or a CorpusError, and changes
nothing in the folder that it reads.
"""

import io
import tempfile
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path

import docx
import odfdo
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis.corpus import Corpus
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import _files, read_corpus

NAME_OF_SOMEBODY = "Quillfeather"
WORDS = (
    f"I was tired, {NAME_OF_SOMEBODY} said, and I stayed until five. Émile cried – I sat by him."
)


def _docx() -> bytes:
    document = docx.Document()
    document.add_heading("Monday", 1)
    document.add_paragraph(WORDS)
    table = document.add_table(2, 2)
    for cell, text in zip(
        table._cells, ["What helped?", "Tea with my partner.", "Why?", "It is."], strict=True
    ):
        cell.text = text
    return _saved(document)


def _odt() -> bytes:
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Header(1, "Monday"))
    document.body.append(odfdo.Paragraph(WORDS))
    return _saved(document)


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in (["id", "participant", "text"], ["R1", "P1", WORDS], ["R2", "P2", "I left."]):
        book.active.append(row)
    return _saved(book)


def _saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


RTF = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}}{\stylesheet{\s1 heading 1;}}"
    r"{\header Study\par}\pard\s1 Monday\par\pard I was tired\'2e {\deleted so}"
    r" \u201?mile cried.\par"
    r"\trowd\cellx1\cellx2\pard\intbl What helped?\cell Tea with me.\cell\row{\footnote a b}}"
)
FILES = {
    "a.txt": WORDS,
    "a.md": f"---\nid: R1\nparticipant: P1\nspeakers:\n  P1: P1\n---\n\nP1: {WORDS}\n\n## Then\n",
    "a.rtf": RTF,
    "a.html": f"<html><head><meta charset=utf-8></head><body><nav>Home</nav><h1>Monday</h1>"
    f"<p>{WORDS}<table><tr><td>What helped?<td>Tea with me.</table>"
    "<blockquote>“I counted.”</blockquote></html>",
    "a.csv": f'id;participant;text\r\nR1;P1;"{WORDS}"\r\n',
    "a.json": '[{"thread": "T1", "id": "1", "author": "P1", "time": "2025-04-08", '
    '"text": "I left."}]',
    "a.vtt": "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Ana>I stayed late.</v>\n\n"
    "00:00:05.000 --> 00:00:07.000\n<v Ben>I left.</v>\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:04,000\nAna: I stayed.\n\n"
    "2\n00:00:05,000 --> 00:00:07,000\nBen: No.\n",
    "stories.yaml": "- id: S1\n  participant: P1\n  title: Boots\n  caption: I take them off.\n"
    "  consent: {use_text: yes, use_picture: yes}\n",
    "clearance.yaml": f"by: A\nnote: read twice\nat: 2025-05-12\nsha256: [{'a' * 64}]\n",
    "speakers.yaml": "Ana: P1\nHost: null\n",
    "a.txt.yaml": "id: R1\nparticipant: P1\nkind: debrief\n",
}


@cache
def valid(name: str) -> bytes:
    """A valid file of each kind."""
    made = {"a.docx": _docx, "a.odt": _odt, "a.xlsx": _xlsx, "a.pdf": _pdf_of_two_pages}
    return made[name]() if name in made else FILES[name].encode()


def _pdf_of_two_pages() -> bytes:
    import pypdf

    writer = pypdf.PdfWriter()
    for _ in range(2):
        page = writer.add_blank_page(600, 800)
        stream = pypdf.generic.StreamObject()
        stream.set_data(b"BT /F1 12 Tf 14 TL 50 700 Td (I was tired and) Tj T* (I stayed.) Tj ET")
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        names = {pypdf.generic.NameObject(k): pypdf.generic.NameObject(v) for k, v in font.items()}
        fonts = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/F1"): pypdf.generic.DictionaryObject(names)}
        )
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


NAMES = ("a.docx", "a.odt", "a.xlsx", "a.pdf", *FILES)
ZIPS = ("a.docx", "a.odt", "a.xlsx")
BITS = (
    b"\x00",
    b"\xff\xfe",
    b"{",
    b"}",
    b"<",
    b"&b;",
    b"\\u-1?",
    b"\r",
    b'"',
    b": ",
    b"\xe9",
    b"9" * 12,
)

EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["cut", "flip", "insert", "drop", "double"]),
        st.integers(0, 255),
        st.sampled_from(BITS),
    ),
    min_size=1,
    max_size=6,
)


def altered(data: bytes, edits) -> bytes:
    """A file with some edits, each at a share of its length."""
    for where, what, number, bit in edits:
        at = int(where * len(data))
        if what == "cut":
            data = data[: max(at, 1)]
        elif what == "flip":
            data = data[:at] + bytes([number]) + data[at + 1 :]
        elif what == "insert":
            data = data[:at] + bit + data[at:]
        elif what == "drop":
            data = data[:at] + data[at + number :]
        else:
            data = data[: at + number] + data[at:]
    return data


def members_altered(data: bytes, edits) -> bytes:
    """An archive in which one member of XML is altered, and packed anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        names = [n for n in old.namelist() if n.endswith((".xml", ".rels"))]
        chosen = names[int(edits[0][0] * len(names))]
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, altered(content, edits) if name == chosen else content)
    return out.getvalue()


def read_safely(files: dict[str, bytes], **options) -> Corpus | CorpusError:
    """A corpus or a CorpusError; anything else fails. The folder stays as it was."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        try:
            found = read_corpus(folder, **options)
        except CorpusError as error:
            assert error.faults  # noqa: PT017  # an error or a corpus, either is right
            found = error
        assert {p.name: p.read_bytes() for p in Path(folder).iterdir()} == files
    return found


UNHURRIED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.parametrize("name", NAMES)
@UNHURRIED
@given(edits=EDITS)
def test_an_altered_file_gives_a_corpus_or_one_clear_error(name, edits):
    files = {name: altered(valid(name), edits)}
    if name == "a.txt.yaml":
        files["a.txt"] = valid("a.txt")
    read_safely(files)


@pytest.mark.parametrize("name", ZIPS)
@UNHURRIED
@given(edits=EDITS)
def test_an_altered_member_of_an_archive_gives_a_corpus_or_one_clear_error(name, edits):
    read_safely({name: members_altered(valid(name), edits)})


@pytest.mark.parametrize("suffix", sorted({Path(name).suffix for name in NAMES}))
@UNHURRIED
@given(data=st.binary(max_size=300))
def test_any_bytes_under_any_suffix_give_a_corpus_or_one_clear_error(suffix, data):
    read_safely({f"x{suffix}": data})


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_in_half_gives_a_corpus_or_one_clear_error(name):
    data = valid(name)
    for share in (0.1, 0.5, 0.9, 0.99):
        read_safely({name: data[: int(share * len(data))]})


@pytest.mark.parametrize("name", NAMES)
def test_a_file_under_a_wrong_suffix_gives_a_corpus_or_one_clear_error(name):
    for other in NAMES:
        read_safely({f"x{Path(other).suffix}": valid(name)})


@pytest.mark.parametrize("name", ["a.docx", "a.odt", "a.xlsx", "a.pdf", "a.rtf"])
@pytest.mark.parametrize("other", ["x.txt", "x.md", "x.csv"])
def test_a_typeset_file_called_text_is_never_taken_for_words(name, other):
    found = read_safely({other: valid(name)})
    if name != "a.rtf":
        assert isinstance(found, CorpusError)


# Made by hand


def replaced(name: str, members: dict[str, bytes]) -> bytes:
    """A valid archive with some members put in place of its own."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(valid(name))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            if each not in members:
                new.writestr(each, old.read(each))
        for each, content in members.items():
            new.writestr(each, content)
    return out.getvalue()


MAIN = {"a.docx": "word/document.xml", "a.odt": "content.xml", "a.xlsx": "xl/workbook.xml"}
DTD = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hosts">]>'
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha ha ha">'
    + b"".join(
        b'<!ENTITY a%d "&a%s;&a%s;">'
        % (n, b"%d" % (n - 1) if n else b"", b"%d" % (n - 1) if n else b"")
        for n in range(40)
    )
    + b"]>"
)


@pytest.mark.parametrize("name", ZIPS)
def test_a_bomb_in_an_archive_is_one_error_and_takes_no_memory(name):
    bomb = replaced(name, {MAIN[name]: b"<a>" + b" " * (80 * 1024**2) + b"</a>"})
    tracemalloc.start()
    found = read_safely({name: bomb})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "as zip bombs do" in str(found)
    assert peak < 20 * 1024**2


@pytest.mark.parametrize("name", ZIPS)
@pytest.mark.parametrize("prolog", [DTD, LAUGHS])
def test_entities_in_xml_are_one_error(name, prolog):
    with zipfile.ZipFile(io.BytesIO(valid(name))) as archive:
        xml = archive.read(MAIN[name])
    start = xml.index(b"<", xml.index(b"?>")) if xml.startswith(b"<?xml") else 0
    found = read_safely({name: replaced(name, {MAIN[name]: xml[:start] + prolog + xml[start:]})})
    assert "a document type stands in the XML" in str(found)


def test_entities_in_a_page_fetch_nothing_and_do_not_grow():
    page = DTD + b"<p>I stayed &e; and I slept.</p>"
    found = read_safely({"a.html": page})
    assert isinstance(found, Corpus)
    assert "localhost" not in next(iter(found)).text


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.json", "a.vtt", "a.srt"])
def test_a_line_without_end_is_one_error(name, monkeypatch):
    monkeypatch.setattr(_files, "LINE_LIMIT", 10_000)
    found = read_safely({name: valid(name) + b"x" * 10_001})
    assert "more than 10,000 characters" in str(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_too_large_is_not_even_opened(name, monkeypatch):
    monkeypatch.setattr(_files, "FILE_LIMIT", 10)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(valid(name))
        monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("was opened"))
        with pytest.raises(CorpusError, match=r"MB|no text was found"):
            read_corpus(path)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.html", "a.vtt", "a.srt", "a.json"])
def test_nul_bytes_are_one_error(name):
    data = valid(name)
    before, _, after = data.rpartition(b"a")
    found = read_safely({name: before + b"\x00" + after})
    assert "U+0000" in str(found)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv", "a.html", "a.vtt", "a.srt"])
def test_mixed_encodings_are_one_error(name):
    found = read_safely({name: valid(name) + "\nÉmile".encode() + b"\ncaf\xe9\n"})
    assert "two encodings in one file" in str(found)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.rtf", b"{\\rtf1" + b"{" * 100_000),
        ("a.rtf", b"{\\rtf1 " + b"\\f1" * 100_000 + b"}"),
        ("a.rtf", b"{\\rtf1{\\fonttbl" + b"{\\f1" * 50_000 + b"}}"),
        ("a.rtf", b"{\\rtf1{\\field{\\*\\fldinst{" + b' HYPERLINK "' * 20_000),
        ("a.rtf", b"{\\rtf1{\\stylesheet" + b"\\s1 heading" * 30_000),
        ("a.rtf", b"{\\rtf1 \\bin99999999999 x}"),
        ("a.rtf", b"{\\rtf1 \\u99999999?\\'zz\\ansicpg99999999 x}"),
        ("a.html", b"<div>" * 100_000),
        ("a.html", b"<p " + b"a" * 200_000),
        ("a.html", b"<!--" * 50_000),
        ("a.html", b"<meta charset=utf-7>+ADw-script+AD4-"),
        ("a.html", b"<meta charset=idna><p>I stayed.</p>"),
        ("a.html", b"<meta charset=rot13><p>I stayed.</p>"),
        ("a.md", b"---\n" + b"[" * 2000 + b"\n---\nI stayed."),
        ("a.md", b"---\na: &a [x]\nb: [*a, *a]\n---\nI stayed."),
        ("a.txt", b"A: b\n" * 20_000),
        ("a.txt", b"# " * 50_000),
        ("a.txt", b'"' * 50_000),
        ("a.txt", b"\xe9" * 50_000),
        ("a.csv", b"id,text\n" + b'R1,"' + b"x" * 140_000 + b'"\n'),
        ("a.csv", b"," * 100_000 + b"\n" + b"," * 100_000),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"a":' * 20_000),
        ("a.json", b"[1e999999, NaN, -Infinity]"),
        ("a.json", b"9" * 10_000),
        ("a.vtt", b"WEBVTT\n\n" + b"00:00:01.000 --> 00:00:02.000\n" * 5000),
        ("a.srt", b"1\n99:99:99,999 --> 00:00:00,000\nx\n"),
        ("a.pdf", b"%PDF-1.4\n" + b"1 0 obj\n<< /Kids [1 0 R] /Parent 1 0 R >>\nendobj\n" * 500),
        ("a.pdf", b"%PDF-1.4\n" + b"[" * 50_000),
        ("a.pdf", b"%PDF-1.4\n" + b"<<" * 50_000),
    ],
)
def test_what_is_made_to_tire_a_reader_is_one_error_or_a_corpus(name, data):
    read_safely({name: data})


def test_cells_that_claim_to_be_repeated_without_end_are_read_once():
    cell = '<table:table-cell table:number-columns-repeated="99999999"><text:p>x</text:p>'
    head = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "text", "table")
    )
    xml = (
        f"<office:document-content {head}><office:body><office:text><text:p>I stayed"
        f'<text:s text:c="999999999"/>late.</text:p><table:table><table:table-row>{cell}'
        "</table:table-cell></table:table-row></table:table></office:text></office:body>"
        "</office:document-content>"
    )
    found = read_safely({"a.odt": replaced("a.odt", {"content.xml": xml.encode()})})
    assert isinstance(found, Corpus)
    assert len(next(iter(found)).text) < 300


def test_a_sheet_that_breaks_off_late_is_one_error():
    with zipfile.ZipFile(io.BytesIO(valid("a.xlsx"))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    broken = sheet.replace(b'r="B2"', b'r="1B2"')
    assert broken != sheet
    found = read_safely({"a.xlsx": replaced("a.xlsx", {"xl/worksheets/sheet1.xml": broken})})
    assert "not a workbook that can be read" in str(found)


def test_a_doubled_anchor_of_yaml_is_not_printed(recwarn):
    read_safely({"stories.yaml": b"- id: &a S1\n  title: &a Boots\n"})
    assert not recwarn.list


def test_an_error_never_holds_a_participants_words():
    for name in NAMES:
        for cut in (0.3, 0.6, 0.95):
            data = valid(name)
            found = read_safely({name: data[: int(len(data) * cut)] + b"\x00\xff" + data[-9:]})
            if isinstance(found, CorpusError):
                assert NAME_OF_SOMEBODY not in str(found)
