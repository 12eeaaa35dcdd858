"""Archives and XML from elsewhere: what is refused before a parser sees it."""

import io
import stat
import zipfile

import pytest

from reflect_analysis import _archives
from reflect_analysis._archives import check_office, check_xml, open_archive, parse_xml
from reflect_analysis.errors import CorpusError, ExchangeError


def archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file.getvalue()


many = archive({f"file {number}": b"" for number in range(5)})


def test_members_are_read_by_their_names():
    opened = open_archive(archive({"a/b.xml": b"<a/>", "c.txt": b"c"}), "x.zip")
    assert opened.names == ("a/b.xml", "c.txt")
    assert opened.read("c.txt") == b"c"


def test_a_member_that_is_not_there_is_a_fault():
    with pytest.raises(CorpusError, match=r"x\.zip: damaged: it holds no 'b'"):
        open_archive(archive({"a": b""}), "x.zip").read("b")


@pytest.mark.parametrize("name", ["../a", "/a", "C:/a", "a/../../b", "a\\..\\..\\b", "C:\\a"])
def test_a_member_that_leaves_the_archive_is_refused(name):
    with pytest.raises(CorpusError, match="lies outside the archive"):
        open_archive(archive({name: b""}), "x.zip")


def test_a_link_is_refused():
    file = io.BytesIO()
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(info, "/etc/hosts")
    with pytest.raises(CorpusError, match="is a link"):
        open_archive(file.getvalue(), "x.zip")


def test_a_member_that_stands_twice_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("a", "1")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("a", "2")
    with pytest.raises(CorpusError, match="stands twice"):
        open_archive(file.getvalue(), "x.zip")


def test_a_bomb_is_refused_by_its_ratio_without_being_unpacked(monkeypatch):
    bomb = archive({"word/document.xml": bytes(30 * 1024**2)})
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(CorpusError, match="as zip bombs do"):
        open_archive(bomb, "x.docx")


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(_archives, "UNPACKED_LIMIT", 1000)
    with pytest.raises(CorpusError, match="unpacks to"):
        open_archive(archive({"a": bytes(600), "b": bytes(600)}), "x.docx")


def test_an_office_file_that_is_too_large_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(_archives, "UNPACKED_LIMIT", 1000)
    with pytest.raises(CorpusError, match="Compress Pictures"):
        open_archive(archive({"a": bytes(600), "b": bytes(600)}), "x.docx")


def test_a_package_may_hold_recordings_of_any_size_and_only_what_is_read_is_bounded(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(_archives, "UNPACKED_LIMIT", 1000)
    path = tmp_path / "x.qdpx"
    path.write_bytes(archive({"film.mp4": bytes(5000), "a.txt": b"a", "b.txt": bytes(900)}))
    opened = open_archive(path, path.name, error=ExchangeError)
    assert (opened.read("a.txt"), len(opened.read("b.txt"))) == (b"a", 900)
    with pytest.raises(ExchangeError, match=r"film\.mp4: more than"):
        opened.read("film.mp4")
    opened.zip.close()


def test_a_list_of_members_that_fills_the_memory_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(_archives, "LIST_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("was read"))
    with pytest.raises(CorpusError, match="too many files"):
        open_archive(many, "x.zip")


def test_an_archive_that_was_cut_off_is_called_so():
    with pytest.raises(CorpusError, match="damaged or cut off"):
        open_archive(archive({"a": bytes(600)})[:60], "x.docx")


def test_a_size_that_lies_does_not_unpack_to_more():
    data = bytearray(archive({"a.xml": bytes(3_000_000)}))
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = (10).to_bytes(4, "little")
    with pytest.raises(CorpusError, match=r"damaged at 'a\.xml'"):
        open_archive(bytes(data), "x.docx").read("a.xml")


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(_archives, "MOST_MEMBERS", 2)
    with pytest.raises(CorpusError, match="3 files in one archive"):
        open_archive(archive({"a": b"", "b": b"", "c": b""}), "x.docx")


def test_a_locked_file_of_office_says_so():
    with pytest.raises(CorpusError, match="locked with a password, or in the format before 2007"):
        open_archive(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "x.docx")


def test_the_error_is_the_one_that_was_asked_for():
    with pytest.raises(ExchangeError, match=r"study\.qdpx: not a project of REFI-QDA"):
        open_archive(b"text", "study.qdpx", error=ExchangeError)


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>'
PARAMETER = b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>'


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE, PARAMETER])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_encoding(xml, encoding):
    data = xml.decode().encode(encoding)
    for parse in (check_xml, parse_xml):
        with pytest.raises(CorpusError, match="a document type stands in the XML"):
            parse(data, "a.xml")


def test_xml_without_end_is_refused():
    deep = b"<a>" * 5000 + b"</a>" * 5000
    with pytest.raises(CorpusError, match="nested more than 200 deep"):
        parse_xml(deep, "a.xml")


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a></b>", b"\x00", b"<a>\xff</a>", b"text"])
def test_damaged_xml_is_a_fault_with_its_line(xml):
    with pytest.raises(CorpusError, match=r"a\.xml, line \d+: not XML that can be read"):
        parse_xml(xml, "a.xml")


def test_every_xml_of_an_office_file_is_checked():
    with pytest.raises(CorpusError, match=r"x\.xlsx, xl/b\.xml: a document type"):
        check_office(archive({"a.bin": b"x", "xl/a.xml": b"<a/>", "xl/b.xml": OUTSIDE}), "x.xlsx")


def test_xml_is_a_tree():
    assert parse_xml(b"<a><b>c</b><!-- d --></a>", "a.xml").findtext("b") == "c"
