"""Quotes without positions: found again where there is one place, listed where not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_quotes, recognise
from reflect_analysis.exchange.finding import Texts

QUOTED = "🙂 She said: “We’re still\nhere – together.”"
FIRST = f"{QUOTED} The chil\u00addren sang.\n\nWe start again. Really."
SECOND = "We start again. The art of waiting is hard, and well-\nbeing matters."
CORPUS = Corpus((Document("R1", FIRST), Document("R2", SECOND, source="second story.docx")))
BOOK = Codebook(
    (Code("hope", "Hope", "It goes on.", "g"), Code("hard_days", "Hard days", "It is hard.", "g")),
    (Group("g", "G"),),
)


def write(path, *rows, header="document,code,quote,coder,comment"):
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def _passage(found, number=0):
    row = found.codings.codings[number]
    return found.corpus.document(row.document_id).passage(row.start, row.end)


# ── finding ──


@pytest.mark.parametrize(
    ("quote", "passage", "how"),
    [
        ("The chil\u00addren sang.", "The chil\u00addren sang.", "exact"),
        ("the children SANG", "The chil\u00addren sang", "normalised"),
        ('"We\'re still here - together."', "We’re still\nhere – together.", "normalised"),
        ("…we’re still here — together…", "We’re still\nhere – together", "normalised"),
        ("wellbeing matters", "well-\nbeing matters", "letters"),
        ("art of wait ing", "art of waiting", "letters"),
    ],
)
def test_a_quote_is_found_whatever_a_spreadsheet_made_of_it(quote, passage, how):
    place = Texts(CORPUS).find(quote)
    assert CORPUS.document(place.document_id).passage(place.start, place.end) == passage
    assert place.how == how


def test_what_stands_twice_is_not_guessed_unless_the_document_is_known():
    texts = Texts(CORPUS)
    assert texts.find("We start again.").reason == "it stands in 2 places"
    assert texts.find("We start again.", "R2").start == 0


def test_whole_words_come_before_parts_of_words():
    place = Texts(CORPUS).find("art")
    assert (place.document_id, place.start) == ("R2", SECOND.index("art of"))


def test_a_quote_from_which_words_were_left_out_is_told_as_such():
    assert "left out" in Texts(CORPUS).find("We start […] Really.").reason


def test_two_letters_prove_nothing():
    assert "too short" in Texts(CORPUS).find("—We—").reason


@given(st.data())
def test_every_passage_is_found_where_it_stands_or_said_to_stand_in_several(data):
    start = data.draw(st.integers(0, len(FIRST) - 10))
    end = data.draw(st.integers(start + 9, len(FIRST)))
    quote = FIRST[start:end]
    place = Texts(CORPUS).find(quote, "R1")
    if place.places == 1:
        assert FIRST[place.start : place.end].strip() in FIRST[start:end] or place.how != "exact"
        assert place.start - start <= len(quote)
        assert abs(place.start - start) <= len(quote) - len(quote.strip()) + 1
    else:
        assert place.places > 1


# ── tables ──


def test_a_row_becomes_a_coding_for_each_of_its_codes(tmp_path):
    path = write(tmp_path / "q.csv", "R1,Hope; Hard days,The children sang,ada,so glad")
    found = read_quotes(path, CORPUS)
    assert [row.code_id for row in found.codings] == ["hope", "hard_days"]
    assert _passage(found) == "The chil\u00addren sang"
    assert {row.coder for row in found.codings} == {"ada"}
    assert [memo.text for memo in found.codings.memos] == ["so glad"]
    assert found.report.sources[0].unit == "found again"


def test_what_is_not_found_or_found_twice_is_listed_with_its_row(tmp_path):
    rows = ["R1,Hope,no such words here,,", ",Hope,We start again,,", "R2,Hope,art of waiting,,"]
    found = read_quotes(write(tmp_path / "q.csv", *rows), CORPUS)
    told = {each.place: each.reason for each in found.report.omissions}
    assert told == {"row 2": "not in document 'R1'", "row 3": "it stands in 2 places"}
    assert (found.report.selected, found.report.resolved, len(found.codings)) == (3, 1, 1)
    assert "2 of 3 quotes became no coding: 1 stand in several places, 1 in none" in str(
        found.report.notes
    )


def test_a_document_is_known_by_its_id_its_file_or_the_files_stem(tmp_path):
    rows = [
        f"{name},Hope,We start again,,\n"
        for name in ("r2", "Second Story", r"C:\a\second story.docx")
    ]
    found = read_quotes(write(tmp_path / "q.csv", *rows), CORPUS)
    assert [row.source for row in found.report.selections] == ["R2", "R2", "R2"]


def test_an_unknown_document_is_listed_with_a_hint(tmp_path):
    found = read_quotes(write(tmp_path / "q.csv", "second stori,Hope,We start again,,"), CORPUS)
    assert "did you mean 'second story'" in found.report.omissions[0].reason


def test_a_given_codebook_knows_codes_by_name_and_every_other_is_a_fault(tmp_path):
    good = write(tmp_path / "q.csv", "R2,hard DAYS,art of waiting,,")
    assert read_quotes(good, CORPUS, codebook=BOOK).codings.codings[0].code_id == "hard_days"
    bad = write(tmp_path / "b.csv", "R2,Hpoe,art of waiting,,", "R2,Zeal,art of waiting,,")
    with pytest.raises(ExchangeError) as caught:
        read_quotes(bad, CORPUS, codebook=BOOK)
    assert len(caught.value.faults) == 2
    assert "row 2: no code 'Hpoe' in the codebook; did you mean 'Hope'?" in str(caught.value)


def test_columns_may_be_named(tmp_path):
    path = write(tmp_path / "q.csv", "Hope,art of waiting", header="what,words")
    found = read_quotes(path, CORPUS, columns={"quote": "words", "code": "what"})
    assert _passage(found) == "art of waiting"
    with pytest.raises(ExchangeError, match="no column 'wrods'; did you mean 'words'"):
        read_quotes(path, CORPUS, columns={"quote": "wrods", "code": "what"})


def test_a_table_without_quotes_is_refused(tmp_path):
    with pytest.raises(ExchangeError, match="no table of quotes"):
        read_quotes(write(tmp_path / "q.csv", "1,2", header="id,date"), CORPUS)


def test_the_same_file_twice_gives_the_same_codings(tmp_path):
    path = write(tmp_path / "q.csv", "R2,Hope,art of waiting,,")
    assert read_quotes(path, CORPUS).codings.codings == read_quotes(path, CORPUS).codings.codings


def test_excel_and_highlights_as_a_page_are_read_alike(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (("id", "document", "tag", "content"), ("1", "R2", "hope", "art of waiting")):
        book.active.append(row)
    book.save(tmp_path / "h.xlsx")
    page = tmp_path / "h.html"
    page.write_text(
        "<html><head><title>Taguette highlights</title></head><body><h1>Taguette highlights</h1>"
        "<p>art of waiting</p><p><strong>Document:</strong> R2 <strong>Tags:</strong> hope, zeal"
        "</p><hr></body></html>",
        encoding="utf-8",
    )
    for path, codes in ((tmp_path / "h.xlsx", 1), (page, 2)):
        assert recognise(path) == "quotes"
        found = read_quotes(path, CORPUS)
        assert len(found.codings) == codes
        assert _passage(found) == "art of waiting"
