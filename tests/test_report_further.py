"""Results beside the theme table, the report as Word and PDF, and what the appendices tell."""

import csv
import dataclasses
import io
import re
import zipfile

import docx
import pypdf
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import find_single_rows
from reflect_analysis.errors import (
    DisclosureError,
    OutputError,
    ReportError,
    UnknownIdError,
)
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.report import (
    Researchers,
    Wanted,
    further_results,
    read_researchers,
    read_states,
    write_report,
)
from reflect_analysis.report import folder as folder_module
from reflect_analysis.report.portable import find_browser

BOOK = Codebook(
    (
        Code("tired", "Tired", "The work wears the writer out.", "strain"),
        Code("rested", "Rested", "The writer comes back to themselves.", "recovery"),
        Code("alone", "Alone", "The writer has nobody to ask.", "strain"),
    ),
    (Group("strain", "Strain"), Group("recovery", "Recovery")),
    title="A small study",
)
WORDS = "The pots were washed and the day went on as days do here with number"
END = 20


def made(people=24, sessions=("1", "2")):
    """Participants of two roles, with a text in each session."""
    documents = tuple(
        Document(
            f"P{n:02}-S{s}",
            f"{WORDS} {n} and {s} of that long wet month.",
            case_id=f"P{n:02}",
            attributes=Attributes(session=s),
        )
        for n in range(1, people + 1)
        for s in sessions
    )
    cases = tuple(
        Case(
            f"P{n:02}",
            Attributes(role="ECE" if n % 2 else "Lead", community=f"c{n % 3}"),
            quotes="yes",
        )
        for n in range(1, people + 1)
    )
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    return Corpus(documents, cases, clearances=stamps)


def coded(corpus):
    """Tired in the first session, rested in the last; six of them alone as well."""
    rows = []
    for document in corpus:
        n, first = int(document.id[1:3]), document.id.endswith("S1")
        if first and n <= 16:
            rows.append(Coding(document.id, 0, END, "tired", "coder-1", "person"))
        if (first and n <= 8) or (not first and n <= 14):
            rows.append(Coding(document.id, 0, END, "rested", "coder-1", "person"))
        if first and n <= 7:
            rows.append(Coding(document.id, 0, END, "alone", "coder-1", "person"))
    seen = tuple(Seen("coder-1", document.id, "person") for document in corpus)
    return Codings(tuple(rows), seen=seen)


@pytest.fixture(scope="module")
def corpus():
    return made()


@pytest.fixture(scope="module")
def codings(corpus):
    return coded(corpus)


def results(codings, corpus, **wanted):
    return further_results(codings, corpus=corpus, codebook=BOOK, wanted=Wanted(**wanted))


def write(out, corpus, codings, **more):
    return write_report(out, corpus=corpus, codebook=BOOK, codings=codings, **more)


@pytest.fixture(scope="module")
def report(tmp_path_factory, corpus, codings):
    further = results(codings, corpus, compare=("role",))
    formats = ("html", "docx", "pdf") if find_browser() else ("html", "docx")
    out = tmp_path_factory.mktemp("further") / "out"
    return write(out, corpus, codings, further=further, formats=formats)


def words_of_docx(path):
    document = docx.Document(str(path))
    tables = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *tables])


# ── what a study allows ─────────────────────────────────────────────────────────────────


def test_a_study_gives_what_it_allows_without_a_guess(corpus, codings):
    names = [type(each).__name__ for each in results(codings, corpus, compare=("role",))]
    assert names == ["Pairs", "Pairs", "StateChanges", "Comparison"]


def test_states_are_never_guessed(corpus, codings):
    book = dataclasses.replace(
        BOOK,
        codes=tuple(dataclasses.replace(code, group="all") for code in BOOK),
        groups=(Group("all", "All"),),
    )
    told = []
    found = further_results(codings, corpus=corpus, codebook=book, tell=told.append)
    assert [type(each).__name__ for each in found] == ["Pairs", "Pairs"]
    assert "no change over sessions: name the states and their codes (--states)" in told


def test_a_state_may_name_a_group(corpus, codings):
    found = results(codings, corpus, states={"hard": ("strain",), "easy": ("rested",)})
    assert dict(found[2].states) == {"hard": ("tired", "alone"), "easy": ("rested",)}


@pytest.mark.parametrize("line", ["", "strain=tired", "strain=;recovery=rested", "a=b;c=d;e=f"])
def test_two_states_with_a_code_each_are_needed(line):
    with pytest.raises(ReportError, match="expected two states"):
        read_states(line)


def test_an_unknown_code_or_attribute_is_named_with_the_nearest(corpus, codings):
    with pytest.raises(UnknownIdError, match="did you mean 'tired'"):
        results(codings, corpus, states={"hard": ("tird",), "easy": ("rested",)})
    with pytest.raises(UnknownIdError, match="did you mean 'role'"):
        results(codings, corpus, compare=("rolle",))


def test_two_groups_of_many_and_the_attribute_within_which_they_are_shuffled(corpus, codings):
    asked = {"compare": ("community=c0,others",), "within": "role"}
    found = results(codings, corpus, **asked)[-1]
    assert (found.rows[0].first, found.rows[0].second) == ("c0", "others")
    assert found.within == "role"


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"compare": ("role=Lead,EEC",)}, UnknownIdError, "did you mean 'ECE'"),
        ({"compare": ("role=others,ECE",)}, UnknownIdError, "'others'"),
        ({"compare": ("role=ECE",)}, ReportError, "with two groups"),
        ({"compare": ("role=ECE,ECE",)}, ReportError, "with two groups"),
        ({"compare": ("role",), "within": "comunity"}, UnknownIdError, "within.*'community'"),
        ({"within": "community"}, ReportError, "--compare"),
    ],
)
def test_groups_that_are_asked_for_wrongly_are_refused(corpus, codings, asked, error, said):
    with pytest.raises(error, match=said):
        results(codings, corpus, **asked)


def test_a_reflexive_study_gets_no_counts(tmp_path, corpus, codings):
    found = further_results(codings, corpus=corpus, codebook=BOOK, approach="reflexive")
    assert found == ()
    pairs = cooccurrence(codings, corpus=corpus, codebook=BOOK)
    with pytest.raises(ReportError, match="no measure of importance"):
        write(tmp_path / "out", corpus, codings, further=[pairs], approach="reflexive")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_result_is_refused_before_the_work(tmp_path, corpus, codings):
    with pytest.raises(ReportError, match="dict: no result of a kind that a report shows"):
        write(tmp_path / "out", corpus, codings, further=[{}])


# ── the files ───────────────────────────────────────────────────────────────────────────


def test_every_file_says_the_same_and_numbers_alike(report):
    page = report.main.read_text(encoding="utf-8")
    words = words_of_docx(report.out / "share" / "report.docx")
    for told in (
        "Codes in the same participant",
        "Change over sessions",
        "The first session in which participants mentioned recovery",
        "Groups compared: role",
        "Appendix: the codebook",
        "Missing: nobody has answered this yet",
    ):
        assert told in page
        assert told in words
    tables = [int(n) for n in re.findall(r">Table (\d+)<", page)]
    figures = [int(n) for n in re.findall(r">Figure (\d+)\.<", page)]
    assert tables == list(range(1, len(tables) + 1))
    assert figures == list(range(1, len(figures) + 1))
    assert tables == [int(n) for n in re.findall(r"^Table (\d+)$", words, re.MULTILINE)]
    assert figures == [int(n) for n in re.findall(r"^Figure (\d+)\.", words, re.MULTILINE)]
    assert (len(tables), len(figures)) == (7, 4)


def test_exact_results_are_kept_and_rows_of_persons_say_keep(report):
    kept = {path.name for path in (report.out / "keep" / "further").iterdir()}
    assert {"pairs-by-participant.csv", "states.csv", "comparison-by-role.csv"} <= kept
    assert "KEEP-session-grid.svg" in kept
    assert not [path for path in report.share if "KEEP" in path.name]


def test_what_is_kept_has_numbers_that_are_numbers(report):
    kept = report.out / "keep"
    with (kept / "further" / "comparison-by-role.csv").open(encoding="utf-8-sig") as file:
        assert min(float(row["low"]) for row in csv.DictReader(file)) < 0
    with (kept / "further" / "pairs-by-participant.csv").open(encoding="utf-8-sig") as file:
        assert all(float(row["lift"]) > 0 for row in csv.DictReader(file) if row["lift"])
    held = [path.read_text(encoding="utf-8-sig") for path in kept.rglob("*.csv")]
    assert not [text for text in held if re.search(r"(^|,)'-?\d+(\.\d+)?(,|$)", text, re.MULTILINE)]


def test_the_word_file_names_nobody_and_describes_its_figures(report):
    path = report.out / "share" / "report.docx"
    document = docx.Document(str(path))
    about = document.core_properties
    assert (about.author, about.last_modified_by, about.title) == ("", "", "A small study")
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        body = parts.read("word/document.xml").decode("utf-8")
    assert not [name for name in names if "thumbnail" in name or name == "docProps/app.xml"]
    assert body.count("<wp:inline") == body.count('descr="') == len(document.inline_shapes) > 0


def test_wide_tables_lie_on_turned_pages_with_their_heading(report):
    document = docx.Document(str(report.out / "share" / "report.docx"))
    shapes = {(s.page_width > s.page_height) for s in document.sections}
    assert shapes == {True, False}


@pytest.mark.skipif(find_browser() is None, reason="no browser on this computer")
def test_the_pdf_has_the_report_and_says_nothing_of_the_computer(report):
    reader = pypdf.PdfReader(report.out / "share" / "report.pdf")
    assert dict(reader.metadata) == {"/Title": "A small study"}
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "Change over sessions" in text


def test_a_draft_says_so_on_every_page_of_the_word_file(tmp_path, corpus, codings):
    rows = tuple(
        dataclasses.replace(row, coder="rules", coder_kind="machine", id="") for row in codings
    )
    looked = tuple(
        dataclasses.replace(row, coder="rules", coder_kind="machine", codes=BOOK.ids)
        for row in codings.seen
    )
    found = write(tmp_path / "out", corpus, Codings(rows, seen=looked), formats=["docx"])
    document = docx.Document(str(found.out / "share" / "DRAFT-report.docx"))
    heads = [section.header.paragraphs[0].text for section in document.sections]
    assert all(head.startswith("DRAFT") for head in heads)


def test_a_template_gives_its_styles_and_nothing_of_its_text(tmp_path, corpus, codings):
    template = docx.Document()
    template.styles["Heading 1"].font.name = "Courier New"
    template.add_paragraph("Words of the institution’s last report")
    template.core_properties.author = "Somebody Else"
    template.sections[0].header.paragraphs[0].text = "Institute of Pots"
    template.save(str(tmp_path / "house.docx"))
    found = write(tmp_path / "out", corpus, codings, template=tmp_path / "house.docx")
    document = docx.Document(str(found.out / "share" / "report.docx"))
    assert document.styles["Heading 1"].font.name == "Courier New"
    assert document.sections[-1].header.paragraphs[0].text == "Institute of Pots"
    assert document.core_properties.author == ""
    assert "last report" not in words_of_docx(found.out / "share" / "report.docx")


def test_a_template_that_is_none_is_refused_and_nothing_is_left(tmp_path, corpus, codings):
    (tmp_path / "house.docx").write_text("no zip", encoding="utf-8")
    with pytest.raises(ReportError, match="no Word file that can be a template"):
        write(tmp_path / "out", corpus, codings, template=tmp_path / "house.docx")
    assert not (tmp_path / "out").exists()


def test_a_pdf_without_a_browser_is_said_before_the_work(tmp_path, corpus, codings, monkeypatch):
    monkeypatch.setattr(folder_module, "find_browser", lambda: None)
    with pytest.raises(OutputError, match="no Chromium, Chrome or Edge was found"):
        write(tmp_path / "out", corpus, codings, formats=["pdf"])
    with pytest.raises(ValueError, match="expected html, docx, pdf"):
        write(tmp_path / "out", corpus, codings, formats=["odt"])


# ── bad input ───────────────────────────────────────────────────────────────────────────


def test_one_session_and_one_participant_are_said(tmp_path):
    corpus = made(people=1, sessions=("1",))
    codings = coded(corpus)
    further = results(codings, corpus)
    page = write(tmp_path / "out", corpus, codings, further=further).main.read_text("utf-8")
    assert "No pair of codes may be shown" in page
    assert "All texts are of one session, so no change can be told." in page
    assert "Every count is hidden" in page


def test_two_results_of_a_kind_have_ids_of_their_own(report):
    page = report.main.read_text(encoding="utf-8")
    assert 'id="together"' in page
    assert 'id="together-2"' in page
    assert 'id="figure-co-occurrence-2-title"' in page


def test_rows_that_tell_of_those_who_came_are_hidden_with_their_figures(tmp_path, corpus, codings):
    ledger, few = tmp_path / "sent.json", made(people=23)
    first = coded(few)
    write(
        tmp_path / "a", few, first, ledger=ledger, to="ministry", formats=["html"],
        further=[compare_groups(first, corpus=few, codebook=BOOK, by="role")],
    )  # fmt: skip
    after = write(
        tmp_path / "b", corpus, codings, ledger=ledger, to="ministry", formats=["html"],
        further=[
            compare_groups(codings, corpus=corpus, codebook=BOOK, by="role"),
            state_changes(
                codings, corpus=corpus, codebook=BOOK,
                states={"strain": ["tired"], "recovery": ["rested"]},
            ),
        ],
    )  # fmt: skip
    assert after.withheld
    assert "figure-state-flows" not in after.main.read_text(encoding="utf-8")


# ── who the researchers are ─────────────────────────────────────────────────────────────


def test_answers_are_printed_and_what_is_missing_too(tmp_path, corpus, codings):
    said = Researchers({"credentials": "Two teachers", "positionality": "We taught here."})
    page = write(tmp_path / "out", corpus, codings, researchers=said).main.read_text("utf-8")
    assert "Two teachers" in page
    assert "We taught here." in page
    assert "Missing: nobody has answered this yet" in page
    again = read_researchers(tmp_path / "out" / "keep" / "researchers.yaml")
    assert again.told("credentials") == "Two teachers"
    assert "gender" in again.missing


def test_every_fault_of_the_answers_is_told_at_once_with_its_line(tmp_path):
    path = tmp_path / "researchers.yaml"
    path.write_text("credentals: x\ngender: 3\n", encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read_researchers(path)
    assert len(caught.value.faults) == 2
    assert "line 1" in str(caught.value)
    assert "did you mean 'credentials'" in str(caught.value)


# ── the last search ─────────────────────────────────────────────────────────────────────


def printed(text, **about):
    """A PDF that shows nothing, with a text in its properties."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({f"/{key}": value for key, value in about.items()})
    if text:
        writer.add_attachment("notes.txt", text.encode("utf-8"))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_pdf_is_searched_in_properties_and_attachments(tmp_path, corpus):
    (tmp_path / "a.pdf").write_bytes(printed("", Subject="of P07"))
    (tmp_path / "b.pdf").write_bytes(printed(corpus.documents[0].text))
    found = find_single_rows(tmp_path, corpus)
    assert {(each.file, each.kind) for each in found} >= {
        ("a.pdf", "participant"),
        ("b.pdf", "passage"),
    }


@pytest.mark.skipif(find_browser() is None, reason="no browser on this computer")
def test_a_passage_on_a_printed_page_is_found(tmp_path, corpus):
    from reflect_analysis.report.portable import print_pdf

    page = f"<!DOCTYPE html><title>x</title><p>{corpus.documents[3].text}</p>"
    (tmp_path / "c.pdf").write_bytes(print_pdf(page, find_browser()))
    assert {each.kind for each in find_single_rows(tmp_path, corpus)} == {"passage"}


def test_a_damaged_or_locked_pdf_is_a_fault(tmp_path, corpus):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing of use")
    found = find_single_rows(tmp_path, corpus)
    assert [each.kind for each in found] == ["not searched"]


def test_an_answer_that_quotes_a_participant_is_no_way_out(tmp_path, corpus, codings):
    quoted = Researchers({"interests": "See P07, who said it best."})
    with pytest.raises(DisclosureError, match="P07"):
        write(tmp_path / "out", corpus, codings, researchers=quoted)
    assert not (tmp_path / "out").exists()
