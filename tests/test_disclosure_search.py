"""A finished folder is searched wherever a person could hide in it."""

from __future__ import annotations

import base64
import json
import zipfile

import docx
import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.disclosure import Approval, check_share, find_single_rows
from reflect_analysis.errors import DisclosureError, ReflectAnalysisError

WORDS = "The radiator ticks and the two of us listen until somebody laughs about it"


@pytest.fixture
def corpus():
    cases = (
        Case("P07", {"pair": "pair-04"}),
        Case("Wren", governance=Governance("nation-1")),
        Case("12"),
    )
    documents = (
        Document("P07-S1", WORDS, case_id="P07", attributes={"prompt": "What did you hear today?"}),
        Document("notes", "It rained, so we stayed inside.", case_id="Wren"),
        Document("12-1", "What did you hear today? Nothing much at all.", case_id="12"),
    )
    return Corpus(documents, cases)


def search(path, corpus, **about):
    return [(e.kind, e.what) for e in find_single_rows(path, corpus, **about)]


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


PERSON = ("participant", "P07")
PASSAGE = ("passage", "14 words of P07-S1 that are no approved quote")


def test_a_folder_of_aggregates_passes(tmp_path, corpus):
    put(tmp_path, "table.csv", "Theme,Participants\nStrain,12 of 36\nRenewal,<5\n")
    put(tmp_path, "report.html", "<p>12 of 36 made notes. What did you hear today?</p>")
    assert find_single_rows(tmp_path, corpus) == ()
    check_share(tmp_path, corpus)


PAGES = {
    "a cell": "<table><tr><td>P07</td></tr></table>",
    "lower case": "<p>see p07.</p>",
    "a data attribute": "<div data-row='{&quot;who&quot;: &quot;P07&quot;}'></div>",
    "an element's id": "<div id='P07'></div>",
    "a comment": "<p>x</p><!-- P07 -->",
    "a script": '<script>const rows = [{"who": "P07"}]</script>',
    "an escape in a script": "<script>rows = '\\u0050\\u0030\\u0037'</script>",
    "an entity": "<p>P&#48;7</p>",
    "a split word": "<p><b>P</b><i>07</i></p>",
    "an alternative text": "<img alt='Grid of P07'>",
    "a link": "<a href='people/P07%20notes.html'>x</a>",
    "a template": "<template><p>P07</p></template>",
    "an embedded drawing": "<img src='data:image/svg+xml;base64,"
    + base64.b64encode(b"<svg><title>P07</title></svg>").decode()
    + "'>",
    "a plain embedded drawing": "<img src='data:image/svg+xml,%3Csvg%3E%3Cdesc%3EP07%3C/desc%3E'>",
    "a drawing inside": "<svg><g id='dot'><metadata>P07</metadata></g></svg>",
    "raw text": "<svg><style><![CDATA[ .P07 {} ]]></style></svg>",
}


@pytest.mark.parametrize("place", PAGES)
def test_a_participant_is_found_in_a_page(tmp_path, corpus, place):
    put(tmp_path, "report.html", PAGES[place])
    assert PERSON in search(tmp_path, corpus)


def test_names_of_files_are_searched(tmp_path, corpus):
    put(tmp_path, "figures/P07.svg", "<svg/>")
    assert search(tmp_path, corpus) == [PERSON]


def test_a_longer_word_is_another_word(tmp_path, corpus):
    put(tmp_path, "a.txt", "P070 XP07 pair-045 (nation-10)")
    assert search(tmp_path, corpus) == []


def test_pairs_documents_and_governed_communities_are_found(tmp_path, corpus):
    put(tmp_path, "a.csv", "who,n\npair-04,2\nP07-S1,1\nnation-1,8\n")
    assert set(search(tmp_path, corpus)) == {
        *(("pair", "pair-04"), ("document", "P07-S1"), ("governed", "nation-1"), PERSON)
    }


def test_a_pseudonym_that_is_a_word_is_found_as_a_label_only(tmp_path, corpus):
    put(tmp_path, "a.csv", "who,n\nWren,2\n")
    put(tmp_path, "b.txt", "A Wren sang, and we took notes.")
    assert search(tmp_path / "a.csv", corpus) == [("participant", "Wren")]
    assert search(tmp_path / "b.txt", corpus) == []


def test_ids_of_digits_alone_are_found_by_the_column_made_for_them(tmp_path, corpus):
    put(tmp_path, "a.csv", "case_id,n\n12,2\n")
    put(tmp_path, "b.html", "<tr data-case-id=12>")
    assert search(tmp_path, corpus) == [("id column", "case_id"), ("id column", "data-case-id")]


def test_cell_references_paths_and_colours_are_no_participants(tmp_path):
    cases = tuple(Case(case_id) for case_id in ("A1", "B2", "C12", "E01", "M10"))
    corpus = Corpus((Document("E01-1", "a text", case_id="E01"),), cases)
    put(
        tmp_path,
        "a.svg",
        '<svg><path d="M10 20C12 3" style="fill: #e01; top: 0" fill="#E01"/></svg>',
    )
    book = openpyxl.Workbook()
    book.active.append(["Theme", "n"])
    book.active.append(["Strain", 12])
    book.active.auto_filter.ref = "A1:B2"
    book.save(tmp_path / "a.xlsx")
    assert find_single_rows(tmp_path, corpus) == ()
    put(tmp_path, "b.svg", '<svg><path id="M10"/><a href="#E01"/></svg>')
    assert search(tmp_path, corpus) == [("participant", "M10"), ("participant", "E01")]


def test_a_documents_id_that_is_a_word_is_no_hit_and_its_writers_pseudonym_is(tmp_path):
    ids = ("a", "Belonging", "machine", "theme", "h1")
    cases = (Case("H2"), Case("Wren"))
    corpus = Corpus(
        tuple(Document(i, f"text {n}", case_id="Wren") for n, i in enumerate(ids)), cases
    )
    style = "<style>a { font: Georgia } h1, h2 { top: 0 }</style><h1>Belonging</h1><td>machine</td>"
    put(tmp_path, "report.html", style)
    docx.Document().save(tmp_path / "themes.docx")
    assert find_single_rows(tmp_path, corpus) == ()
    put(tmp_path, "report.html", "<style>p { content: 'Wren' } .H2 { top: 0 }</style><td>h1</td>")
    assert set(search(tmp_path, corpus)) == {
        *(("participant", "Wren"), ("participant", "H2"), ("document", "h1"))
    }


# ── passages ────────────────────────────────────────────────────────────────────────────


def test_a_passage_that_nobody_approved_is_found_whatever_its_marks_and_lines(tmp_path, corpus):
    spread = WORDS.upper().replace(" ", ",\n ", 3).replace("US", "<em>us</em>")
    put(tmp_path, "report.html", f"<p>{spread}</p>")
    assert search(tmp_path, corpus) == [PASSAGE]
    (found,) = find_single_rows(tmp_path, corpus)
    assert "radiator" not in str(found)
    assert str(found).startswith("report.html, line 1: passage: 14 words of P07-S1")


def test_a_passage_spread_over_cells_is_found(tmp_path, corpus):
    cells = "".join(f"<td>{word}</td>" for word in WORDS.split())
    put(tmp_path, "report.html", f"<table><tr>{cells}</tr></table>")
    assert ("passage", "14 words of P07-S1 that are no approved quote") in search(tmp_path, corpus)


def test_an_approved_quote_may_stand_but_not_a_word_more(tmp_path, corpus):
    end = WORDS.index(" until")
    approved = [Approval("P07-S1", 0, end)]
    put(tmp_path, "report.html", f"<p>“{WORDS[:end]}”</p>")
    assert search(tmp_path, corpus, approved=approved) == []
    put(tmp_path, "report.html", f"<p>“{WORDS[: end + 6]}”</p>")
    assert search(tmp_path, corpus, approved=approved) == [
        ("passage", "8 words of P07-S1 that are no approved quote")
    ]


def test_seven_words_are_not_yet_a_passage_but_a_short_text_is_one_whole(tmp_path, corpus):
    put(tmp_path, "a.txt", " ".join(WORDS.split()[:7]))
    assert search(tmp_path, corpus) == []
    put(tmp_path, "a.txt", "she wrote: it rained so we stayed inside!")
    assert search(tmp_path, corpus) == [("passage", "6 words of notes that are no approved quote")]


def test_prompts_and_allowed_texts_may_stand(tmp_path, corpus):
    put(tmp_path, "a.txt", "What did you hear today? " + WORDS)
    assert search(tmp_path, corpus, allowed=[WORDS]) == []


def test_a_long_attribute_is_a_passage_too(tmp_path):
    caption = Document("v1", "A puddle.", attributes={"caption": WORDS})
    put(tmp_path, "a.txt", WORDS)
    assert search(tmp_path, Corpus((caption,)))[0][0] == "passage"


# ── office files and pictures ───────────────────────────────────────────────────────────


def test_a_hidden_sheet_is_found_with_its_cell(tmp_path, corpus):
    book = openpyxl.Workbook()
    book.active.append(["Theme", "n"])
    page = book.create_sheet("grid")
    page.append(["who", "S1"])
    page.append(["P07", 1])
    page.sheet_state = "hidden"
    book.save(tmp_path / "themes.xlsx")
    assert [str(found) for found in find_single_rows(tmp_path, corpus)] == [
        "themes.xlsx, sheet 'grid' (hidden), cell A2: participant: P07"
    ]


def test_properties_comments_and_sheet_names_of_a_workbook_are_searched(tmp_path, corpus):
    for number, change in enumerate([_creator, _comment, _sheet_name, _defined_name]):
        book = openpyxl.Workbook()
        change(book)
        path = tmp_path / f"{number}.xlsx"
        book.save(path)
        assert PERSON in search(path, corpus), change.__name__


def _creator(book):
    book.properties.creator = "P07"


def _comment(book):
    book.active["B2"].comment = Comment("told by P07", "me")


def _sheet_name(book):
    book.create_sheet("P07")


def _defined_name(book):
    book.create_named_range = None
    book.defined_names["who"] = openpyxl.workbook.defined_name.DefinedName("who", attr_text='"P07"')


def test_a_charts_own_copy_of_its_data_is_searched(tmp_path, corpus):
    path = tmp_path / "chart.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("data")
    page.write_column("A1", ["P07", "x"])
    page.write_column("B1", [1, 2])
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=data!$A$1:$A$2", "values": "=data!$B$1:$B$2"})
    page.insert_chart("D1", chart)
    book.close()
    places = [found.place for found in find_single_rows(path, corpus)]
    assert "xl/charts/chart1.xml" in places
    assert "sheet 'data', cell A1" in places


def test_runs_properties_and_embedded_files_of_a_word_file_are_searched(tmp_path, corpus):
    page = docx.Document()
    paragraph = page.add_paragraph("said by P")
    paragraph.add_run("07").bold = True
    page.core_properties.keywords = "pair-04"
    page.add_table(1, 1).cell(0, 0).text = WORDS
    path = tmp_path / "themes.docx"
    page.save(path)
    inner = tmp_path / "inner.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["P07-S1"])
    book.save(inner)
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(inner, "word/embeddings/sheet1.xlsx")
    inner.unlink()
    found = search(path, corpus)
    assert {PERSON, ("pair", "pair-04"), PASSAGE, ("document", "P07-S1")} <= set(found)


def test_a_plain_word_file_and_workbook_pass(tmp_path, corpus):
    page = docx.Document()
    page.add_paragraph("12 of 36 participants")
    page.save(tmp_path / "themes.docx")
    book = xlsxwriter.Workbook(str(tmp_path / "themes.xlsx"))
    book.add_worksheet().write_string(0, 0, "12 of 36 participants")
    book.close()
    assert find_single_rows(tmp_path, corpus) == ()


def test_a_pictures_own_texts_and_its_location_are_found(tmp_path, corpus):
    picture = Image.new("RGB", (2, 2))
    texts = PngInfo()
    texts.add_text("Description", "grid of P07")
    picture.save(tmp_path / "a.png", pnginfo=texts)
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(tmp_path / "b.jpg", exif=exif)
    picture.save(tmp_path / "c.png")
    assert [(f.file, f.kind) for f in find_single_rows(tmp_path, corpus)] == [
        *(("a.png", "participant"), ("b.jpg", "not searched"))
    ]


# ── what cannot be searched ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\x80\x81\x00", b"\x00\x01\x02", b"PK\x03\x04 broken", b"\x89PNG broken"]
)
def test_what_cannot_be_searched_is_a_fault(tmp_path, corpus, content):
    (tmp_path / "a.bin").write_bytes(content)
    assert [kind for kind, _ in search(tmp_path, corpus)] == ["not searched"]


def test_a_zip_bomb_is_not_unpacked(tmp_path, corpus, monkeypatch):
    monkeypatch.setattr("reflect_analysis.disclosure.contents.SIZE_LIMIT", 10_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/big.xml", "0" * 100_000)
    assert search(tmp_path, corpus)[0][1].startswith("too large")


def test_json_is_searched_with_its_escapes_undone(tmp_path, corpus):
    put(tmp_path, "chart.json", json.dumps({"who": "Wren", "says": WORDS + "“"}))
    assert search(tmp_path, corpus) == [("participant", "Wren"), PASSAGE]


def test_the_gate_raises_once_with_everything(tmp_path, corpus):
    put(tmp_path, "a.txt", "P07")
    put(tmp_path, "b.txt", WORDS)
    with pytest.raises(DisclosureError) as caught:
        check_share(tmp_path, corpus)
    assert len(caught.value.faults) == 2
    assert isinstance(caught.value, ReflectAnalysisError)
    assert isinstance(caught.value, PermissionError)
    assert "radiator" not in str(caught.value)


def test_a_folder_that_is_not_there_is_not_taken_for_a_clean_one(tmp_path, corpus):
    with pytest.raises(FileNotFoundError):
        check_share(tmp_path / "shrae", corpus)


def test_an_approved_quote_beside_a_cell_that_reads_on_by_chance_is_no_fault(tmp_path, corpus):
    end = WORDS.index(" until")
    approved = [Approval("P07-S1", 0, end)]
    put(tmp_path, "report.html", f"<tr><td>“{WORDS[:end]}”</td><td>until later</td></tr>")
    assert search(tmp_path, corpus, approved=approved) == []
