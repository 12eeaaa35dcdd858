"""The report: what is sent exposes nobody, its files say the same, it is whole or not there."""

import csv
import dataclasses
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import docx
import openpyxl
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, CodeChange, Group, Source
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import (
    Case,
    Clearance,
    Corpus,
    Document,
    Governance,
    Omission,
    Picture,
)
from reflect_analysis.disclosure import Approval, read_approvals
from reflect_analysis.errors import DisclosureError, OutputError, UnknownIdError
from reflect_analysis.provenance import Run, package_version, text_hash
from reflect_analysis.report import check_output, write_report
from reflect_analysis.topics import Stability, Term, Topic, Topics, TopicUnit

DATA = Path(__file__).parent / "data" / "report"
BOOK = Codebook(
    (
        Code("together", "Together", "The writer is part of a group.", "company",
             include=("Being met",), exclude=("Alone in company (→ `alone`)",),
             source=(Source("Nobody (2001). A book."), Source("Someone (2002). Another.", True))),
        Code("alone", "Alone", "The writer has nobody to ask.", "company"),
        Code("land", "Land", "The land teaches.", "knowing", human_only=True),
    ),
    (Group("company", "Company", "With others, or without."), Group("knowing", "Knowing")),
    title="A small study",
)  # fmt: skip
COMPANY = "We washed the paint pots side by side and somebody laughed. "
END = len(COMPANY) - 1


def text_of(n):
    """A text of its own for each participant, the first five words its passage."""
    return f"{COMPANY}Nothing else happened on day number {n} of that wet long month."


def case(n, **more):
    attributes = Attributes(
        role="ECE", place="Hillside", community=f"c{n % 3}", pair=f"pair-{n // 2}"
    )
    return Case(f"P{n:02}", attributes, **more)


def corpus_of(texts, **more):
    """A cleared corpus: texts by case, two of each participant where the text says so."""
    documents = tuple(
        Document(f"P{n:02}-S1", text, case_id=f"P{n:02}", attributes=Attributes(session="1"))
        for n, text in texts.items()
    )
    extra = more.pop("extra", ())
    cases = more.pop("cases", tuple(case(n, quotes="yes") for n in texts))
    corpus = Corpus((*documents, *extra), cases, **more)
    return cleared(corpus)


def cleared(corpus):
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in corpus)
    return dataclasses.replace(corpus, clearances=stamps)


def coding(document_id, code="together", start=0, end=END, machine=False):
    kind = "machine" if machine else "person"
    return Coding(document_id, start, end, code, "rules" if machine else "coder-1", kind)


def seen(corpus, *, machine=False):
    codes = ("together", "alone") if machine else ()
    who = ("rules", "machine") if machine else ("coder-1", "person")
    return tuple(Seen(who[0], document.id, who[1], codes) for document in corpus)


@pytest.fixture(scope="module")
def corpus():
    return corpus_of({n: text_of(n) for n in range(1, 21)})


@pytest.fixture(scope="module")
def codings(corpus):
    """12 of 20 together, 3 of 20 alone."""
    rows = [coding(f"P{n:02}-S1") for n in range(1, 13)]
    rows += [coding(f"P{n:02}-S1", "alone") for n in range(13, 16)]
    return Codings(tuple(rows), seen=seen(corpus))


def by_machine(codings):
    rows = tuple(
        dataclasses.replace(row, coder="rules", coder_kind="machine", id="") for row in codings
    )
    looked = tuple(
        dataclasses.replace(row, coder="rules", coder_kind="machine", codes=("together", "alone"))
        for row in codings.seen
    )
    return Codings(rows, seen=looked)


def approval(corpus, document_id, start=0, end=END, decision="yes"):
    passage = corpus.document(document_id).passage(start, end)
    return Approval(document_id, start, end, "report", decision, "A. Lead", "", text_hash(passage))


def write(tmp_path, corpus, codings, **more):
    return write_report(tmp_path / "out", corpus=corpus, codebook=BOOK, codings=codings, **more)


@pytest.fixture(scope="module")
def final(tmp_path_factory, corpus, codings):
    """The report on people's coding, nothing approved."""
    return write(tmp_path_factory.mktemp("final"), corpus, codings)


@pytest.fixture(scope="module")
def draft(tmp_path_factory, corpus, codings):
    """The report on a machine's coding, with topics, a claim and an approved quote."""
    return write(
        tmp_path_factory.mktemp("draft"),
        corpus,
        by_machine(codings),
        topics=topics_of(corpus),
        approvals=[approval(corpus, "P02-S1")],
        claims={"company": "Company carries"},
    )


class Page(HTMLParser):
    """The words of a page line by line, its tags, and the cells of its tables."""

    BLOCKS = re.compile("p|li|h[1-4]|dt|dd|tr|caption|blockquote|footer|figcaption|title")

    def __init__(self, text):
        super().__init__()
        self.tags, self.lines, self.skip, self.rows, self.cell = [], [""], 0, [], False
        self.feed(text)
        self.lines = [re.sub(r"\s+", " ", line).strip() for line in self.lines]
        self.text = "\n".join(line for line in self.lines if line)
        self.rows = [[cell.strip() for cell in row] for row in self.rows]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.skip += tag in {"style", "svg"}
        if self.BLOCKS.fullmatch(tag):
            self.lines.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.lines[-1] += " | "
            self.cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.skip -= tag in {"style", "svg"}
        self.cell = self.cell and tag not in {"td", "th"}
        if self.BLOCKS.fullmatch(tag):
            self.lines.append("")

    def handle_data(self, data):
        if not self.skip:
            self.lines[-1] += data
            if self.cell:
                self.rows[-1][-1] += data

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def page_of(report):
    return Page(report.main.read_text(encoding="utf-8"))


def names(report):
    return {path.relative_to(report.out).as_posix() for path in (*report.share, *report.keep)}


# ── the folder ──────────────────────────────────────────────────────────────────────────


def test_what_may_be_sent_and_what_may_not_lie_apart(tmp_path, corpus, codings):
    report = write(tmp_path, corpus, codings)
    assert names(report) == {
        "share/report.docx",
        "share/report.html",
        "share/themes.docx",
        "share/themes.xlsx",
        "share/figures/themes.svg",
        "share/figures/themes.png",
        "share/figures/alt-text.json",
        "keep/audit-trail.csv",
        "keep/codings/codings.csv",
        "keep/codings/decisions.csv",
        "keep/codings/memos.csv",
        "keep/codings/seen.csv",
        "keep/documents.csv",
        "keep/methods.txt",
        "keep/omissions.csv",
        "keep/passages.csv",
        "keep/quote-register.xlsx",
        "keep/quotes-left-out.csv",
        "keep/README.txt",
        "keep/release.json",
        "keep/researchers.yaml",
        "keep/report.json",
        "keep/theme-counts.csv",
    }
    assert (report.main.name, report.draft) == ("report.html", False)
    assert list(tmp_path.iterdir()) == [report.out]


def test_a_report_shows_itself_in_a_notebook(final):
    assert "share/report.html" in final._repr_html_()
    assert "7 files to send, 16 to keep" in repr(final)


def test_exact_counts_and_passages_are_kept(final):
    with (final.out / "keep" / "theme-counts.csv").open(encoding="utf-8") as file:
        assert [row["participants"] for row in csv.DictReader(file)] == ["12", "3", "0"]
    with (final.out / "keep" / "passages.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15
    assert {row["passage"] for row in rows} == {COMPANY.strip()}


def test_an_existing_folder_is_refused_and_left_alone(tmp_path, corpus, codings):
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path, corpus, codings)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="this is a file"):
        check_output(tmp_path / "out", overwrite=True)


def test_an_earlier_report_is_replaced_when_asked(tmp_path, corpus, codings):
    write(tmp_path, corpus, codings)
    (tmp_path / "out" / "keep" / "old.txt").write_text("old", encoding="utf-8")
    report = write(tmp_path, corpus, codings, overwrite=True)
    assert "keep/old.txt" not in names(report)
    assert list(tmp_path.iterdir()) == [report.out]


@pytest.mark.parametrize("marker", [None, "{}", "not json", '{"made_by": "somebody"}'])
def test_a_folder_that_is_no_report_is_never_replaced(tmp_path, corpus, codings, marker):
    (tmp_path / "out" / "keep").mkdir(parents=True)
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    if marker is not None:
        (tmp_path / "out" / "keep" / "report.json").write_text(marker, encoding="utf-8")
    with pytest.raises(OutputError, match="no report of reflect_analysis"):
        write(tmp_path, corpus, codings, overwrite=True)
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_may_be_overwritten(tmp_path, corpus, codings):
    (tmp_path / "out").mkdir()
    assert write(tmp_path, corpus, codings, overwrite=True).main.is_file()


def test_a_report_that_cannot_take_its_place_leaves_the_earlier_one(
    tmp_path, corpus, codings, monkeypatch
):
    write(tmp_path, corpus, codings)
    before = (tmp_path / "out" / "share" / "report.html").read_bytes()
    rename = Path.rename

    def refuse(self, target):
        if self.name.endswith(".part"):
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="close its files"):
        write(tmp_path, corpus, codings, overwrite=True)
    assert (tmp_path / "out" / "share" / "report.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_code_that_the_codebook_lacks_is_refused_and_nothing_is_left(tmp_path, corpus):
    log = Codings((coding("P01-S1", "togehter"),), seen=seen(corpus))
    with pytest.raises(UnknownIdError, match="did you mean 'together'"):
        write(tmp_path, corpus, log)
    assert list(tmp_path.iterdir()) == []


# ── the last gate ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("word", ["P07", "pair-3"])
def test_a_claim_that_names_a_participant_is_never_sent(tmp_path, corpus, codings, word):
    with pytest.raises(DisclosureError, match=word):
        write(tmp_path, corpus, codings, claims={"company": f"As {word} says"})
    assert list(tmp_path.iterdir()) == []


def test_a_claim_that_quotes_without_approval_is_never_sent(tmp_path, corpus, codings):
    stolen = "happened on day number 7 of that wet long month"
    book = dataclasses.replace(BOOK, description="")
    runs = (Run("read", f"It {stolen}"),)
    with pytest.raises(DisclosureError, match="passage"):
        write_report(
            tmp_path / "out",
            corpus=dataclasses.replace(corpus, runs=runs),
            codebook=book,
            codings=codings,
        )
    assert list(tmp_path.iterdir()) == []


def test_ids_like_cells_of_a_spreadsheet_do_not_stop_a_report(tmp_path):
    documents = tuple(Document(f"b{n}", text_of(n), case_id=f"A{n}") for n in range(1, 13))
    corpus = cleared(Corpus(documents, tuple(Case(f"A{n}") for n in range(1, 13))))
    log = Codings(tuple(coding(f"b{n}") for n in range(1, 7)), seen=seen(corpus))
    assert write(tmp_path, corpus, log).main.is_file()


# ── counts, the same everywhere ─────────────────────────────────────────────────────────


def test_small_counts_are_hidden_wherever_they_could_stand(final):
    rows = {row[0]: row for row in page_of(final).rows if row}
    assert rows["Together"][1:3] == ["12 of 20", "12 of 20"]
    assert rows["Alone"][1:6] == ["<5 of 20", "–*", "–*", "–*", "–*"]
    alt = (final.out / "share" / "figures" / "alt-text.json").read_text(encoding="utf-8")
    assert "Alone hidden" in alt
    svg = (final.out / "share" / "figures" / "themes.svg").read_text(encoding="utf-8")
    assert "3 of 20" not in alt + svg + final.main.read_text(encoding="utf-8")


def test_page_word_and_excel_say_the_same(draft):
    share = draft.out / "share"
    codes = {"Together", "Alone", "Land"}
    html = [row for row in page_of(draft).rows if row and row[0] in codes and len(row) > 3]
    grid = docx.Document(io.BytesIO((share / "DRAFT-themes.docx").read_bytes())).tables[0]
    word = [[cell.text for cell in row.cells] for row in grid.rows]
    sheet = openpyxl.load_workbook(share / "DRAFT-themes.xlsx").worksheets[0]
    excel = [[in_excel(cell) for cell in row[1:]] for row in sheet.iter_rows(min_row=5, max_row=7)]
    assert len(html) == 3
    assert html == [row for row in word if row[0] in codes and len(set(row)) > 1] == excel


def in_excel(cell):
    """What Excel shows of a cell."""
    code = cell.number_format
    if isinstance(cell.value, str):
        return cell.value
    if " of " in code:
        return f"{cell.value}{code[2:-1]}"
    return f"{cell.value:.1f}" if code == "0.0" else str(cell.value)


def test_human_only_codes_under_a_machine_show_dashes_never_zero(draft):
    land = next(row for row in page_of(draft).rows if row and row[0] == "Land")
    assert land[1:6] == ["–", "– (20 not read)", "–", "–", "–"]
    assert "Land not read for this code" in (
        draft.out / "share" / "figures" / "DRAFT-alt-text.json"
    ).read_text(encoding="utf-8")


def test_texts_that_no_coder_reads_leave_the_denominator_and_are_told(tmp_path, corpus, codings):
    french = Document("P20-S2", "Je suis bien ici.", case_id="P20", language="fr")
    more = cleared(dataclasses.replace(corpus, documents=(*corpus.documents, french)))
    text = page_of(write(tmp_path, more, codings)).text
    assert "fewer than 5 texts in a language that no coder read" in text
    assert "nearly all texts were read" in text
    assert "12 of 20 | 12 of 20" in text


def test_what_was_left_out_is_told_by_reason_without_naming_who_decides(tmp_path, corpus, codings):
    governed = Case("P90", Attributes(community="c9"), governance=Governance("river-nation"))
    extra = (
        Document("P90-S1", "Ordinary words of an ordinary day.", case_id="P90"),
        Document("d1", "I direct this place.", kind="quote", voice="other"),
        Document("q1", "We were met.", kind="quote", flags=("broken", "selected")),
    )
    omissions = (
        Omission("a.txt", "line 3", "a page number"),
        Omission("a.txt", "line 9", "a page number (17 items of lists, 46 lines)"),
        Omission("b.yaml", "story 1", "the participant did not agree to the use of this text"),
    )
    more = Corpus((*corpus.documents, *extra), (*corpus.cases, governed), omissions=omissions)
    text = page_of(write(tmp_path, cleared(more), codings)).text
    assert "texts that wait for the approval of the nation or community" in text
    assert "1 text in the words of others" in text
    assert "fewer than 5 texts whose writer is not known" in text
    assert "fewer than 5 texts cut by a page or column break" in text
    assert "2 pieces of the sources that were not taken: a page number (2)" in text
    assert "pieces of the sources that were not taken: the participant did not agree" in text
    assert "17 items" not in text
    assert "17 items" in (tmp_path / "out" / "keep" / "omissions.csv").read_text(encoding="utf-8")
    assert "river-nation" not in text
    assert "Some quotes were published before" in text


def test_how_many_governed_records_there_are_cannot_be_subtracted(tmp_path, corpus, codings):
    governed = tuple(case(n, governance=Governance("river-nation")) for n in (90, 91))
    theirs = tuple(
        Document(f"P{n}-S{s}", text_of(n * 7 + s), case_id=f"P{n}", flags=("broken",))
        for n in (90, 91) for s in range(1, 5)
    )  # fmt: skip
    runs = (
        Run("read", "28 documents by 22 participants were read from 28 files"),
        Run("segment", "28 documents of 28 documents were taken", Attributes(by="document")),
        Run("code", "20 segments were coded, leaving out 8 governed documents",
            Attributes(coder="rules", by="document", codes=("together", "alone"))),
        Run("other", "28 texts were looked at"),
    )  # fmt: skip
    whole = Corpus((*corpus.documents, *theirs), (*corpus.cases, *governed), runs=runs)
    log = codings + Codings(tuple(coding(d.id) for d in theirs), seen=seen(theirs))
    for approach in ("codebook", "reflexive"):
        report = write(tmp_path, cleared(whole), log, approach=approach, overwrite=True)
        text = page_of(report).text
        assert "The report rests on 20 texts, 20 participants" in text
        assert "The segments (by document) were coded by rules for 2 codes." in text
        assert "One person read 20 texts and marked passages." in text
        assert re.search(r"marked \d+ passages", text) is None
        # 28 texts, 22 participants, 23 passages with the governed ones; 8 and 2 of them.
        # The last appendix tells days, and COREQ numbers its items.
        findings, _, appendices = text.partition("Appendix: what the study tells of itself")
        coreq, _, _ = appendices.partition("Appendix: the steps of the work")
        assert "20 texts, 20 participants" in coreq
        answers = re.sub(r"\b(?:[1-9]|[12]\d|3[0-2])\. (?=[A-Z])", "", coreq)
        assert len(coreq) - len(answers) == sum(len(f"{n}. ") for n in range(1, 33))
        assert re.findall(r"\b(?:28|22|23|8)\b", findings + answers) == []
        assert "2 participants" not in text
        kept = (report.out / "keep" / "methods.txt").read_text(encoding="utf-8")
        assert "28 documents by 22 participants were read from 28 files." in kept


# ── drafts ──────────────────────────────────────────────────────────────────────────────


def test_a_draft_says_so_in_every_name_and_on_every_page(draft):
    assert draft.draft
    assert all(path.name.startswith("DRAFT-") for path in draft.share)
    page = draft.main.read_text(encoding="utf-8")
    assert '<div class="watermark" aria-hidden="true">DRAFT</div>' in page
    assert "<title>DRAFT: A small study</title>" in page
    assert "position: fixed" in page
    document = docx.Document(str(draft.out / "share" / "DRAFT-themes.docx"))
    assert all("DRAFT" in s.header.paragraphs[0].text for s in document.sections)
    book = openpyxl.load_workbook(draft.out / "share" / "DRAFT-themes.xlsx")
    assert all(sheet.title.startswith("DRAFT") for sheet in book)
    assert all("DRAFT" in sheet.oddHeader.center.text for sheet in book)
    assert "DRAFT" in repr(draft)


def test_a_final_report_never_says_draft(final):
    assert "DRAFT" not in page_of(final).text
    assert not [path for path in final.share if "DRAFT" in path.name]


def test_accepted_proposals_make_no_draft(tmp_path, corpus, codings):
    log = by_machine(codings)
    decided = tuple(Decision(row.id, "accept", "coder-1") for row in log)
    report = write(tmp_path, corpus, dataclasses.replace(log, decisions=decided))
    assert not report.draft
    assert "machine, reviewed" in page_of(report).text


# ── quotes ──────────────────────────────────────────────────────────────────────────────


def test_no_quote_is_printed_without_approval(final):
    page = page_of(final)
    assert "side by side" not in page.text
    assert "No quote has been approved for this report." in page.text
    assert "Awaiting approval: Together, Alone." in page.text
    together = next(row for row in page.rows if row and row[0] == "Together")
    assert together[-1] == "awaiting approval"


def test_an_approved_quote_is_printed_with_an_attribution_that_is_safe(draft):
    together = next(row for row in page_of(draft).rows if row and row[0] == "Together")
    assert together[-1] == f"“{COMPANY.strip()}” (ECE, Hillside, Reflection)"
    sheets = openpyxl.load_workbook(draft.out / "share" / "DRAFT-themes.xlsx").worksheets
    numbered = [f"DRAFT Table {n}" for n in (1, 2)]
    assert [sheet.title for sheet in sheets] == [*numbered, "DRAFT Approved quotes by code"]
    assert "ECE, Hillside, Reflection" in {cell.value for cell in sheets[-1]["D"]}


def test_a_refused_quote_stays_out_though_another_is_approved(tmp_path, corpus, codings):
    decisions = [approval(corpus, "P02-S1"), approval(corpus, "P13-S1", decision="no")]
    page = page_of(write(tmp_path, corpus, codings, approvals=decisions))
    assert page.text.count("side by side") == 2  # in the table and among the quotes
    with (tmp_path / "out" / "keep" / "quotes-left-out.csv").open(encoding="utf-8") as file:
        reasons = {row["document_id"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons["P13-S1"] == "not approved"


def test_an_approved_passage_is_printed_though_it_is_no_candidate_today(tmp_path, corpus, codings):
    longer = approval(corpus, "P03-S1", 0, END + 8)
    page = page_of(write(tmp_path, corpus, codings, approvals=[longer]))
    assert f"“{COMPANY}Nothing” (ECE" in page.text


def test_an_approval_of_words_that_changed_is_left_out_and_said(tmp_path, corpus, codings):
    stale = dataclasses.replace(approval(corpus, "P02-S1"), sha256=text_hash("other words"))
    beyond = dataclasses.replace(stale, start=5_000, end=5_010)
    gone = dataclasses.replace(stale, document_id="P99-S1")
    report = write(tmp_path, corpus, codings, approvals=[stale, beyond, gone])
    assert "side by side" not in page_of(report).text
    left_out = (report.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert left_out.count("no longer stands in its document letter for letter") == 2
    assert "its document is not in the corpus" in left_out


def test_the_register_that_is_kept_can_be_filled_and_read_back(tmp_path, corpus, codings):
    report = write(tmp_path, corpus, codings, approvals=[approval(corpus, "P02-S1")])
    read = read_approvals(report.out / "keep" / "quote-register.xlsx")
    assert {a.span for a in read if a.decision == "yes"} == {("P02-S1", 0, END)}
    again = write(tmp_path, corpus, codings, approvals=read, overwrite=True)
    assert "side by side" in page_of(again).text


def test_neighbouring_quotes_do_not_look_like_an_unapproved_passage(tmp_path, corpus):
    cut = COMPANY.index("and")
    spans = [(0, cut), (cut, END)]
    rows = tuple(coding("P01-S1", "together", *span) for span in spans)
    rows += tuple(coding(f"P{n:02}-S1") for n in range(2, 8))
    log = Codings(rows, seen=seen(corpus))
    approvals = [approval(corpus, "P01-S1", *span) for span in spans]
    assert "somebody laughed" in page_of(write(tmp_path, corpus, log, approvals=approvals)).text


def test_a_quote_in_another_language_says_so(tmp_path, corpus, codings):
    french = Document("P01-S2", "Je suis bien ici avec elles.", case_id="P01", language="fr")
    more = cleared(dataclasses.replace(corpus, documents=(*corpus.documents, french)))
    log = codings + Codings((coding("P01-S2", end=16),), seen=seen([french]))
    page = page_of(write(tmp_path, more, log, approvals=[approval(more, "P01-S2", 0, 16)]))
    assert {"lang": "fr"} in page.named("p")


def test_a_row_whose_count_is_hidden_has_one_quote_at_most(tmp_path, corpus):
    cut = COMPANY.index("and")
    spans = [("P13-S1", 0, cut), ("P14-S1", cut, END)]
    log = Codings(tuple(coding(s[0], "alone", *s[1:]) for s in spans), seen=seen(corpus))
    report = write(tmp_path, corpus, log, approvals=[approval(corpus, *span) for span in spans])
    page = page_of(report)
    assert len(page.named("blockquote")) == 1
    assert "somebody laughed" not in page.text
    kept = (report.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert f"P14-S1,{cut},{END},\"its code's count is hidden, so one quote at most" in kept
    assert "the same words" not in kept
    assert (report.quotes_approved, report.quotes_printed) == (2, 1)


def test_the_same_words_are_not_printed_twice_under_a_code(tmp_path, corpus, codings):
    decisions = [approval(corpus, "P02-S1"), approval(corpus, "P03-S1", 0, END + 8)]
    report = write(tmp_path, corpus, codings, approvals=decisions)
    assert len(page_of(report).named("blockquote")) == 1
    assert (report.quotes_approved, report.quotes_printed) == (2, 1)
    kept = (report.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert kept.count("another quote under its code has the same words") == 1
    assert "hidden" not in kept


def test_each_approved_quote_that_is_not_printed_has_a_reason(tmp_path, corpus, codings):
    uncoded = approval(corpus, "P04-S1", END + 1, END + 8)
    report = write(tmp_path, corpus, codings, approvals=[uncoded])
    kept = (report.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert f"P04-S1,{END + 1},{END + 8},no coding stands on the passage" in kept
    assert (report.quotes_approved, report.quotes_printed) == (1, 0)


@pytest.mark.parametrize("shown", [True, False])
def test_a_story_whose_picture_is_not_printed_is_said(tmp_path, corpus, codings, shown):
    picture = Picture("yard.png", "A yard.") if shown else None
    first = dataclasses.replace(corpus.documents[0], kind="photo-voice", picture=picture)
    stories = dataclasses.replace(corpus, documents=(first, *corpus.documents[1:]))
    page = page_of(write(tmp_path, cleared(stories), codings))
    assert ("pictures of photo-voice stories that were not agreed to" in page.text) is shown
    kept = tmp_path / "out" / "keep" / "pictures-left-out.csv"
    assert kept.exists() is shown


# ── topics ──────────────────────────────────────────────────────────────────────────────


def topics_of(corpus, *, stable=False):
    """Two topics of 12 and 8, and words that are shared, one person's, or never written small."""
    units = tuple(
        TopicUnit(f"{d.id}:0-{len(d.text)}", d.id, 0, len(d.text), d.case_id, int(n >= 12), 0.5)
        for n, d in enumerate(corpus)
    )
    words = (("paint", "kelowna", "elsewhere"), ("month", "wet"))
    rows = (Topic(0, words[0], 12, 12, 0.1, ()), Topic(1, words[1], 8, 8, 0.1, ()))
    ari = 0.8 if stable else 0.3
    stability = Stability(2, ari, 0.0, ari, 0.0, refits=5, units=20)
    return Topics("k-means", 20, rows, units, stability, centroids=((1.0,), (0.5,)))


def test_the_table_of_topics_stands_in_excel_and_word_too(draft):
    sheet = openpyxl.load_workbook(draft.out / "share" / "DRAFT-themes.xlsx")["DRAFT Table 2"]
    assert "month, wet" in [row[0].value for row in sheet.iter_rows()]
    document = docx.Document(str(draft.out / "share" / "DRAFT-themes.docx"))
    assert "month, wet" in [row.cells[0].text for t in document.tables for row in t.rows]


def test_topics_are_exploratory_and_say_when_they_are_not_stable(draft):
    page = page_of(draft)
    assert "a topic is not a theme" in page.text
    assert "The grouping is not stable" in page.text
    assert "| paint | 12 of 20 | 12 of 20 | not stable" in page.text
    assert "| month, wet | 8 of 20 | 8 of 20 | not stable" in page.text
    assert {"share/figures/DRAFT-topics.svg", "share/figures/DRAFT-topics.png"} <= names(draft)
    assert "keep/topics.csv" in names(draft)


def test_a_topics_words_hold_no_name_and_no_one_persons_word(tmp_path, corpus, codings):
    texts = {d.id: d.text for d in corpus}
    texts |= {key: f"Kelowna. {texts[key]}" for key in ("P01-S1", "P02-S1")}
    texts["P03-S1"] += " Once elsewhere, elsewhere."
    documents = tuple(dataclasses.replace(d, text=texts[d.id]) for d in corpus)
    named = cleared(dataclasses.replace(corpus, documents=documents))
    page = page_of(write(tmp_path, named, codings, topics=topics_of(named)))
    assert "| paint | 12 of 20" in page.text
    assert "kelowna" not in page.text.lower()
    assert "elsewhere" not in page.text


def test_texts_too_few_for_topics_are_said(tmp_path, corpus, codings):
    none = Topics("terms", 7, (), (), Stability(0, reason="too few"), notes=("A note.",))
    report = write(tmp_path, corpus, codings, topics=none)
    assert "too few to be grouped" in page_of(report).text
    assert "keep/topics.csv" not in names(report)


def test_words_that_several_use_stand_for_topics_in_a_small_corpus(tmp_path, corpus, codings):
    terms = (
        Term("paint", 20, 20, 20, ()),
        Term("wet", 7, 7, 7, ()),
        Term("month", 3, 3, 3, ()),
        Term("long", 1, 1, 1, ()),
        Term("kelowna", 9, 9, 9, ()),
    )
    few = Topics("terms", 20, (), (), Stability(0, reason="too few"), terms=terms)
    page = page_of(write(tmp_path, corpus, codings, topics=few))
    told = {row[0]: row[1] for row in page.rows if len(row) == 2 and row[0][:1].isalpha()}
    del told["Item"]
    assert told == {"Word": "Participants", "paint": "≥16", "wet": "7", "month": "<5"}
    assert "nearest neighbours" not in page.text


# ── cases with little or nothing ────────────────────────────────────────────────────────


def test_no_codings_at_all_are_said(tmp_path, corpus):
    text = page_of(write(tmp_path, corpus, Codings())).text
    assert "Nobody has coded anything yet" in text
    assert "Nobody has coded these texts yet." in text
    assert "| Together | – | – (20 not read)" in text


def test_read_and_nothing_found_is_zero_and_said(tmp_path, corpus):
    text = page_of(write(tmp_path, corpus, Codings(seen=seen(corpus)))).text
    assert "No passage was coded." in text
    assert "| Together | 0 of 20 | 0 of 20 | 0" in text


@pytest.mark.parametrize("people", [1, 4])
def test_a_group_too_small_to_count_shows_no_count(tmp_path, people):
    corpus = corpus_of({n: text_of(n) for n in range(1, people + 1)})
    log = Codings((coding("P01-S1"),), seen=seen(corpus))
    text = page_of(write(tmp_path, corpus, log)).text
    assert "Every count is hidden" in text
    assert "| Together | –* | –*" in text


def test_quotes_of_unknown_persons_are_reflections_never_participants(tmp_path):
    documents = tuple(Document(f"q{n:02}", text_of(n), kind="quote") for n in range(1, 13))
    corpus = cleared(Corpus(documents))
    log = Codings(tuple(coding(f"q{n:02}") for n in range(1, 7)), seen=seen(corpus))
    report = write(tmp_path, corpus, log)
    text = page_of(report).text
    assert "12 texts whose writer is not known" in text
    assert "Reflections in which each code was found" in text
    assert "Participants" not in text.partition("What it does not say")[0]
    assert "| Together | 6 of 12" in text
    alt = (report.out / "share" / "figures" / "alt-text.json").read_text(encoding="utf-8")
    assert "reflections in which each code was found. Company: Together 6 of 12" in alt


def test_no_text_at_all_is_said(tmp_path):
    text = page_of(write(tmp_path, Corpus(()), Codings())).text
    assert "there is nothing to report" in text


# ── approaches ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("approach", "words"),
    [
        ("content-analysis", "The study is a content analysis"),
        ("coding-reliability", "codes for reliability"),
        ("codebook", "a codebook approach to thematic analysis"),
        ("reflexive", "a reflexive thematic analysis"),
    ],
)
def test_the_methods_are_told_by_approach(tmp_path, corpus, codings, approach, words):
    report = write(tmp_path, corpus, codings, approach=approach)
    assert words in page_of(report).text
    assert words in (report.out / "keep" / "methods.txt").read_text(encoding="utf-8")


def test_a_reflexive_report_counts_nothing_as_importance(tmp_path, corpus, codings):
    report = write(tmp_path, corpus, codings, approach="reflexive")
    page = page_of(report)
    assert "of 20" not in page.text
    assert "Positionality" in page.text
    assert not page.named("svg")
    assert "share/figures" not in " ".join(names(report))
    assert "Rare codes stand in Table 1 too; no count stands for importance." in page.text
    assert "their counts hidden" not in page.text


def noted(codings, *memos):
    """The log with memos: kind, words, day of May 2025 and a document."""
    rows = tuple(
        Memo("coder-1", words, kind, document_id, at=datetime(2025, 5, day, tzinfo=UTC))
        for kind, words, day, document_id in memos
    )
    return dataclasses.replace(codings, memos=rows)


MEMOS = (
    ("reflexive", "I was a mentor once, and hear it.", 3, ""),
    ("analytic", "Company and standing alone are two ends.", 9, "P02-S1"),
    ("flag", "Ask about this one.", 9, "P02-S1"),
)


def test_a_reflexive_report_counts_memos_and_the_changes_of_the_codebook(tmp_path, corpus, codings):
    log, moment = noted(codings, *MEMOS), datetime(2025, 4, 1, tzinfo=UTC)
    row = CodeChange("redefine", "alone", by="lead", at=moment, reason="secret reason")
    book = dataclasses.replace(BOOK, history=(row,))
    out = tmp_path / "out"
    about = {"corpus": corpus, "codebook": book, "codings": log, "approach": "reflexive"}
    text = page_of(write_report(out, **about)).text
    assert "3 memos between 2025-05-03 and 2025-05-09: 1 analytic, 1 reflexive, 1 flags" in text
    assert "The codebook has 1 change on 2025-04-01: redefine 1." in text
    assert "I was a mentor once" not in text
    assert "secret reason" not in text


def test_without_memos_and_changes_a_reflexive_report_says_so(tmp_path, corpus, codings):
    text = page_of(write(tmp_path, corpus, codings, approach="reflexive")).text
    assert "The study holds no memo." in text
    assert "No change of the codebook was recorded." in text


def test_the_words_of_memos_are_printed_when_they_are_asked_for(tmp_path, corpus, codings):
    text = page_of(write(tmp_path, corpus, noted(codings, *MEMOS), memo_words=True)).text
    assert "2025-05-03, reflexive: I was a mentor once, and hear it." in text
    assert "Ask about this one" not in text
    assert "P02-S1" not in text


def test_an_in_vivo_name_in_a_memo_is_printed_no_more_than_in_the_codebook(
    tmp_path, corpus, codings
):
    book = BOOK.provisional("the room breathes", by="lead", in_vivo=True)
    log = noted(codings, ("analytic", "Is “The room  breathes” of its own?", 3, ""))
    about = {"corpus": corpus, "codings": log, "memo_words": True, "formats": ["html"]}
    text = page_of(write_report(tmp_path / "out", codebook=book, **about)).text
    assert "Is “in vivo code: in_vivo_1” of its own?" in text
    assert "room" not in text
    approved = book.approve_name("in_vivo_1", by="lead", reason="Many say so.")
    text = page_of(write_report(tmp_path / "b", codebook=approved, **about)).text
    assert "Is “The room breathes” of its own?" in text


@pytest.mark.parametrize("words", [f"She says: {COMPANY}", "This is P07 again."])
def test_a_memo_with_a_participant_in_it_is_never_sent(tmp_path, corpus, codings, words):
    log = noted(codings, ("analytic", words, 3, ""))
    with pytest.raises(DisclosureError):
        write(tmp_path, corpus, log, memo_words=True)
    assert not (tmp_path / "out").exists()
    assert write(tmp_path, corpus, log, approach="reflexive").main.is_file()


def test_a_memo_on_a_governed_text_is_neither_counted_nor_printed(tmp_path, corpus, codings):
    nation = dataclasses.replace(corpus.case("P02"), governance=Governance("nation-1"))
    cases = tuple(nation if case.id == "P02" else case for case in corpus.cases)
    governed = dataclasses.replace(corpus, cases=cases)
    log = noted(codings, *MEMOS)
    text = page_of(write(tmp_path, governed, log, approach="reflexive", memo_words=True)).text
    assert "1 memo on 2025-05-03: 1 reflexive" in text
    assert "two ends" not in text


def test_intervals_stand_in_a_content_analysis_alone(tmp_path, corpus, codings):
    page = page_of(write(tmp_path, corpus, codings, approach="content-analysis"))
    together = next(row for row in page.rows if row and row[0] == "Together")
    assert together[2] == "39–78 %"


def test_the_runs_are_told_and_the_peoples_work_too(tmp_path, corpus, codings):
    runs = (Run("read", "20 documents were read", package_version="9.9"),)
    text = page_of(write(tmp_path, dataclasses.replace(corpus, runs=runs), codings)).text
    assert "20 documents were read. The work was done with reflect_analysis 9.9." in text
    assert "One person read 20 texts and marked passages." in text
    assert re.search(r"marked \d+ passages", text) is None


# ── the page ────────────────────────────────────────────────────────────────────────────


def test_the_page_needs_nothing_beside_it(final):
    text = final.main.read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src|url)\s*[=(]\s*["\']?([^"\')\s>]+)', text)
    assert links
    assert all(link.startswith("#") for link in links)
    assert "<script" not in text


def test_the_page_can_be_read_without_seeing_it(draft):
    page = page_of(draft)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert page.named("html") == [{"lang": "en-CA"}]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert len(ids) == len(set(ids))
    assert all("scope" in attrs for attrs in page.named("th"))
    assert len(page.named("caption")) == len(page.named("table")) == 3
    assert all(svg["role"] == "img" and svg["aria-labelledby"] for svg in page.named("svg"))
    targets = {attrs["href"][1:] for attrs in page.named("a")}
    assert targets <= set(ids)


def test_unverified_sources_say_so(final):
    text = page_of(final).text
    assert "Nobody (2001). A book. (not verified)" in text
    assert "Someone (2002). Another." in text
    assert "Alone in company (→ Alone)" in text


def test_the_alternative_texts_lie_beside_the_figures(final):
    folder = final.out / "share" / "figures"
    told = json.loads((folder / "alt-text.json").read_text(encoding="utf-8"))
    assert set(told) == {"themes.svg", "themes.png"}
    assert "Together 12 of 20" in told["themes.svg"]["alt_text"]


def test_the_words_of_the_page_are_as_they_were_approved(draft):
    """When this fails, read the difference; if it is meant, write the new text to the file."""
    text = page_of(draft).text.replace(package_version(), "VERSION") + "\n"
    assert text == (DATA / "page.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("k", [0, 2, -1])
def test_k_is_at_least_three(tmp_path, corpus, codings, k):
    with pytest.raises(ValueError, match="at least 3"):
        write(tmp_path, corpus, codings, k=k)
