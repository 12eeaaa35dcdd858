"""A text may bear a name that Word or Excel writes into each file; a leak is found all the same."""

from __future__ import annotations

import io
import zipfile

import pytest

from reflect_analysis import Case, Corpus, Document
from reflect_analysis.disclosure import check_share, find_single_rows
from reflect_analysis.errors import DisclosureError
from reflect_analysis.tables import Column, Table, export_table

OF_OFFICE = (
    *("d8", "D8", "7f", "t1", "w14", "bg2", "w3", "text1", "dark1", "accent6", "rId3", "f79646"),
    *("image1", "header1", "footer1", "sheet1", "theme1", "item1", "heading1", "gray125", "v2"),
)


def corpus_of(*ids):
    words = "Somebody swept the {} floor of the room."
    documents = [Document(each, words.format(each), case_id="Wren") for each in ids]
    return Corpus(documents, [Case("Wren")])


def corpus_of_p07():
    return Corpus([Document("x9y", "A floor.", case_id="P07")], [Case("P07")])


def found_in(folder, *ids):
    return [(each.kind, each.what) for each in find_single_rows(folder, corpus_of(*ids))]


@pytest.fixture
def sent(tmp_path):
    """A Word file with a picture, a header and a table, and a workbook: what a report sends."""
    import docx
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    page = docx.Document()
    page.add_heading("What was found", 1)
    page.add_picture(io.BytesIO(picture.getvalue()))
    page.sections[0].header.paragraphs[0].text = "DRAFT"
    page.sections[0].footer.paragraphs[0].text = "to be read"
    page.save(tmp_path / "report.docx")
    table = Table("Codes", (Column("Code"), Column("People", "number")), (("Tired", 12),))
    for name in ("themes.docx", "themes.xlsx", "themes.html"):
        export_table(table, tmp_path / name)
    return tmp_path


def rewritten(path, part, old, new):
    """A file with other words in one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_what_office_writes_into_every_file_is_nobodys_id(sent):
    assert found_in(sent, *OF_OFFICE) == []


def test_the_model_of_the_methods_is_no_text_of_its_version(tmp_path):
    (tmp_path / "report.html").write_text("<p>by all-MiniLM-L6-v2</p>", encoding="utf-8")
    assert found_in(tmp_path, "v2", "L6") == []
    (tmp_path / "report.html").write_text("<p>as v2 tells</p>", encoding="utf-8")
    assert found_in(tmp_path, "v2") == [("document", "v2")]


@pytest.mark.parametrize("name", ["d8", "text1", "image1", "sheet1", "w14"])
def test_the_same_word_in_a_cell_or_a_sentence_is_found(tmp_path, name):
    table = Table("Codes", (Column("Code"), Column("Where")), (("Tired", f"in {name}"),))
    for ending in ("docx", "xlsx", "html"):
        export_table(table, tmp_path / f"themes.{ending}")
    found = find_single_rows(tmp_path, corpus_of(name))
    assert {(each.file, each.what) for each in found} == {
        (f"themes.{ending}", name) for ending in ("docx", "xlsx", "html")
    }


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("word/stylesWithEffects.xml", b'w:themeFillShade="D8"', b'w:themeFillShade="P07"'),
        ("word/stylesWithEffects.xml", b'w:styleId="Heading1"', b'w:styleId="P07"'),
        ("word/settings.xml", b'w:bg1="light1"', b'w:P07="light1"'),
        ("word/settings.xml", b'w:bg1="light1"', b'w:bg1="P07"'),
        ("word/settings.xml", b"<w:rsidRoot ", b'<!-- P07 --><w:rsidRoot x="1" '),
        ("word/document.xml", b'mc:Ignorable="', b'mc:Ignorable="P07 '),
        ("word/document.xml", b'<a:blip r:embed="', b'<a:blip r:link="P07" r:embed="'),
        ("docProps/core.xml", b"</cp:coreProperties>", b"<x>P07</x></cp:coreProperties>"),
        ("docProps/app.xml", b"</Properties>", b'<property name="P07"/></Properties>'),
        ("customXml/item1.xml", b"<b:Sources ", b'<b:Sources who="P07" '),
    ],
)
def test_a_pseudonym_where_office_keeps_its_own_words_is_found(sent, part, old, new):
    rewritten(sent / "report.docx", part, old, new)
    found = find_single_rows(sent, corpus_of_p07())
    assert {(each.file, each.what) for each in found} == {("report.docx", "P07")}


def test_a_picture_under_a_persons_name_is_found(sent):
    with zipfile.ZipFile(sent / "report.docx", "a") as archive:
        archive.writestr("word/media/P07.png", b"")
    found = find_single_rows(sent, corpus_of_p07())
    assert [each.place for each in found] == ["name of a part"]


def test_an_id_is_told_once_a_file_with_what_to_do(tmp_path):
    (tmp_path / "a.html").write_text("<p>d8</p>\n<p>d8</p>\n<p>d8</p>", encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        check_share(tmp_path, corpus_of("d8"))
    assert caught.value.faults == ("a.html, line 1: document: d8 (and 2 more places)",)
    assert "study-d8" in str(caught.value)


def test_a_long_id_is_not_said_to_be_too_short(tmp_path):
    (tmp_path / "a.html").write_text("<p>reflection-2024-07</p>", encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        check_share(tmp_path, corpus_of("reflection-2024-07"))
    assert "too short" not in str(caught.value)


def zipped(path, parts):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        (b'<w:next w:val="', b'<w:next w:who="list1" w:val="', "list1"),
        (b'<w:color w:val="', b'<w:color w:who="7f7f7f" w:val="', "7f7f7f"),
        (b'w:styleId="Heading1"', b'w:styleId="maria-list1"', "maria-list1"),
        (b"<w:styles ", b'<w:styles xmlns:a="http://www.P07" ', "P07"),
        (b"<w:styles ", b'<w:styles xmlns:a="http://schemas.microsoft.com/P07" ', "P07"),
        (b"<w:styles ", b'<w:styles xmlns:w70="http://schemas.microsoft.com/office" ', "w70"),
    ],
)
def test_an_id_in_another_attribute_host_or_prefix_is_found(sent, old, new, name):
    rewritten(sent / "report.docx", "word/styles.xml", old, new)
    found = find_single_rows(sent, corpus_of(name))
    assert {(each.file, each.what) for each in found} == {("report.docx", name)}


def test_a_namespace_of_a_page_is_no_place_for_an_id(tmp_path):
    (tmp_path / "a.html").write_text('<p xmlns:a="http://www.P07">x</p>', encoding="utf-8")
    assert [each.what for each in find_single_rows(tmp_path, corpus_of_p07())] == ["P07"]


def test_parts_of_a_zip_that_is_no_file_of_office_are_searched(tmp_path):
    page, theme = '<w:shd w:themeFillShade="D8"/>', "<a>t1</a>"
    parts = {"image3.png": b"", "word/b.xml": page, "word/theme/theme1.xml": theme}
    zipped(tmp_path / "a.zip", parts)
    names = ("image3", "D8", "t1")
    assert {each.what for each in find_single_rows(tmp_path, corpus_of(*names))} == set(names)
