"""An in vivo name is a participant's: it reaches nothing that may be sent until it is approved."""

import dataclasses
import io
import re
import zipfile

import pytest

from reflect_analysis.codebook import Code, Codebook, CounterExample, Group, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.figures import theme_figure
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.report import write_report
from reflect_analysis.tables import export_table, shown_themes
from reflect_analysis.themes import choose_quotes, theme_table
from reflect_analysis.topics import Alignment, AlignmentRow, Stability, Topic, Topics, TopicUnit

WORDS = "the Whole room breathes"
TEXT = f"We sat down at last and {WORDS} out, I wrote on page {{}}."
OPEN = Codebook(
    (Code("together", "Together", "Where they say: the whole  room breathes.", "company"),),
    (Group("company", "Company", f"As one put it, {WORDS}."),),
    title=f"{WORDS}: a study",
    description=f"Named after {WORDS}.",
).provisional(WORDS, Origin("P01-S1", 24, 47), by="Ana", in_vivo=True,
              definition=f"Ease that is shared; {WORDS.upper()}.")  # fmt: skip
BOOK = OPEN.revise(
    dataclasses.replace(
        OPEN["in_vivo_1"], include=(f"Also “{WORDS}”",), exclude=("Alone (→ `together`)",)
    ),
    by="Ana",
    reason=f"so that {WORDS} is clear",
)


@pytest.fixture(scope="module")
def corpus():
    made = tuple(Document(f"P{n:02}-S1", TEXT.format(n), case_id=f"P{n:02}") for n in range(1, 13))
    cases = tuple(Case(document.case_id, quotes="yes") for document in made)
    stamps = tuple(Clearance(document.sha256, "lead", "read") for document in made)
    return Corpus(made, cases, clearances=stamps)


@pytest.fixture(scope="module")
def codings(corpus):
    rows = [
        Coding(document.id, 0, 23, code, coder, blind=True)
        for document in corpus
        for code in ("in_vivo_1", "together")
        for coder in ("ana", "ben")
    ]
    seen = [Seen(coder, d.id, blind=True) for d in corpus for coder in ("ana", "ben")]
    return Codings(tuple(rows), seen=tuple(seen))


@pytest.fixture(scope="module")
def topics(corpus):
    units = tuple(
        TopicUnit(f"{d.id}:0-{len(d.text)}", d.id, 0, len(d.text), d.case_id, 0, 0.9)
        for d in corpus
    )
    rows = (Topic(0, ("sat", "last"), 12, 12, 0.1, ()),)
    stability = Stability(2, 0.8, 0.0, 0.8, 0.0, refits=5, units=12)
    return Topics("k-means", 12, rows, units, stability, centroids=((1.0,),))


def all_text(folder):
    """Every word of every file below a folder, packed or not."""
    told = []
    for path in folder.rglob("*"):
        if path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                told += [
                    archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
                ]
        elif path.is_file():
            told.append(path.read_bytes().decode("utf-8", "replace"))
        told.append(path.name)
    return " ".join("\n".join(told).split()).casefold()


def written(tmp_path, corpus, codings, topics, book):
    near = Alignment((AlignmentRow(0, "in_vivo_1", 0.9, 0.4),), 0.45)
    agreement = measure_agreement(codings, corpus=corpus, codebook=book, draws=100)
    told = write_report(
        tmp_path / "out",
        corpus=corpus,
        codebook=book,
        codings=codings,
        topics=topics,
        alignment=near,
        agreement=agreement,
        approach="coding-reliability",
    )
    return all_text(told.out / "share")


def test_an_in_vivo_name_never_reaches_share(tmp_path, corpus, codings, topics):
    told = written(tmp_path, corpus, codings, topics, BOOK)
    assert WORDS.casefold() not in told
    assert told.count("in vivo code: in_vivo_1") > 5


def test_an_approved_name_is_printed(tmp_path, corpus, codings, topics):
    book = BOOK.approve_name("in_vivo_1", by="Lead")
    told = written(tmp_path, corpus, codings, topics, book)
    assert told.count(WORDS.casefold()) > 5
    assert "in vivo code" not in told


def test_tables_and_figures_of_themes_withhold_it_too(tmp_path, corpus, codings):
    table = theme_table(codings, corpus=corpus, codebook=BOOK)
    figure = theme_figure(table)
    export_table(shown_themes(table), tmp_path / "themes.csv")
    figure.save(tmp_path)
    shown = (
        all_text(tmp_path) + table._repr_html_() + table.to_frame().to_string() + figure.alt_text
    )
    assert WORDS.casefold() not in shown.casefold()
    assert {row.code for row in table.rows} == {"Together", "in vivo code: in_vivo_1"}


def test_what_is_printed_of_a_codebook_withholds_the_words_wherever_they_stand():
    book = BOOK.public()
    told = " ".join(map(str, (book.codes, book.groups, book.title, book.description, book.history)))
    assert "breathes" not in told.casefold()
    assert book["together"].definition == "Where they say: in vivo code: in_vivo_1."
    assert book.ids == BOOK.ids
    plain = Codebook((Code("a", "A", "x", "g"),), (Group("g", "G"),))
    assert plain.public() is plain


def words_of(book):
    return repr((book.codes, book.groups, book.title, book.description, book.history))


def test_examples_notes_and_origins_leave_unless_they_were_composed():
    code = Code(
        "together",
        "Together",
        "Company.",
        "g",
        examples=("As P01 wrote, it eased.",),
        counter_examples=(CounterExample("As P02 wrote, nobody came.", "Why, after P03."),),
        note="P04 said it first.",
        origin=Origin("P05-S1", 0, 4),
    )
    book = Codebook((code,), (Group("g", "G"),))
    book = book.revise(dataclasses.replace(code, name="In company"), by="Ana", reason="After P06.")
    book = book.provisional("New", Origin("P07-S1", 0, 4), by="Ana")
    shown = book.public()
    assert re.search(r"P0\d", words_of(book))
    assert not re.search(r"P0\d", words_of(shown))
    assert (shown.ids, shown["together"].name) == (book.ids, "In company")
    whole = book.public(composed=True)
    assert whole["together"].examples == code.examples
    assert whole["together"].counter_examples == code.counter_examples
    assert whole["together"].note == code.note
    assert not re.search(r"P0[567]", words_of(whole))


def test_composed_examples_withhold_the_words_of_a_name_too():
    code = dataclasses.replace(
        BOOK["together"],
        examples=(f"Here {WORDS}.",),
        counter_examples=(CounterExample(f"Not {WORDS}.", f"Only {WORDS}."),),
        note=f"See {WORDS}.",
    )
    book = dataclasses.replace(BOOK, codes=(code, BOOK["in_vivo_1"]))
    told = words_of(book.public(composed=True))
    assert "breathes" not in told.casefold()
    assert "Here in vivo code: in_vivo_1." in told


def test_a_name_of_one_word_is_withheld_in_its_own_texts_alone():
    book = Codebook((Code("work", "Work", "Not drowning in it.", "g"),), (Group("g", "G"),))
    book = book.provisional("Drowning", by="Ana", in_vivo=True, definition="Said “drowning”.")
    shown = book.public()
    assert shown["in_vivo_1"].definition == "Said “in vivo code: in_vivo_1”."
    assert shown["work"].definition == "Not drowning in it."


def test_codes_that_were_merged_count_as_one_and_retired_ones_have_no_row(corpus, codings):
    book = BOOK.merge(["in_vivo_1"], "together", by="Ana")
    table = theme_table(codings, corpus=corpus, codebook=book)
    assert [(row.code_id, row.participants) for row in table.rows] == [("together", 12)]
    quotes = choose_quotes(codings, corpus=corpus, codebook=book)
    assert {code for quote in quotes for code in quote.codes} == {"together"}


def test_a_code_that_was_split_keeps_its_row_while_a_person_has_to_decide(corpus, codings):
    parts = [Code("here", "Here", "x", "company"), Code("there", "There", "x", "company")]
    table = theme_table(codings, corpus=corpus, codebook=BOOK.split("together", parts, by="Ana"))
    names = {row.code_id: (row.code, row.participants) for row in table.rows}
    assert names["together"] == ("Together (split, to be decided)", 12)
    assert names["here"] == ("Here", 0)


def test_a_report_of_a_codebook_that_went_on_keeps_the_log_as_it_was_made(
    tmp_path, corpus, codings
):
    book = BOOK.merge(["in_vivo_1"], "together", by="Ana").retire("together", by="Ana")
    book = book.add(Code("new", "New", "x", "company"), by="Ana")
    told = write_report(tmp_path / "out", corpus=corpus, codebook=book, codings=codings)
    log = (told.out / "keep" / "codings" / "codings.csv").read_text(encoding="utf-8")
    assert "in_vivo_1" in log
    assert "breathes" not in all_text(told.out / "share")
