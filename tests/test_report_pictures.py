"""Pictures in a report: those that may be shown, written anew, with words that were approved."""

from __future__ import annotations

import base64
import csv
import dataclasses
import io
import re

import openpyxl
import PIL.Image
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity import AnonymityReport, Finding
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Picture
from reflect_analysis.disclosure import Approval, find_single_rows, read_approvals, read_ledger
from reflect_analysis.errors import DisclosureError
from reflect_analysis.provenance import text_hash
from reflect_analysis.report import write_report

BOOK = Codebook((Code("joy", "Joy", "Gladness.", "g"),), (Group("g", "Feelings"),))
TITLE = "By the door"
CAPTION = "Somebody taped a boot above my hook because nobody could spell me yet."
ANSWER = "It says that there is a spot for whoever comes in on a Monday."
START, END = len(TITLE) + 2, len(TITLE) + 2 + len(CAPTION)
ALT = "A row of hooks with one small boot."


def picture_file(path, *, size=(40, 30)):
    """A photograph with a place, an author and a camera."""
    exif = PIL.Image.Exif()
    exif[0x010F], exif[0x013B] = "Camera of Quill", "Nora Quill"
    exif.get_ifd(0x8825)[1] = "N"
    image = PIL.Image.new("RGB", size, "teal")
    image.save(path, "JPEG", exif=exif, comment=b"taken by Nora Quill")
    return str(path)


def story(n, path, **about):
    about = {"people_shown": "nobody", "place_signs": "none", "use": "yes", **about}
    alt = about.pop("alt_text", ALT)
    return Document(
        f"PV-{n:02}",
        f"{TITLE}\n\n{CAPTION}\n\n{ANSWER} Number {n}.",
        kind="photo-voice",
        case_id=f"P{n:02}",
        attributes=Attributes(showed="see", title=TITLE),
        picture=Picture(path, alt, **about),
    )


@pytest.fixture
def study(tmp_path):
    path = picture_file(tmp_path / "Nora Quill 2025.jpg", size=(3000, 2000))
    return corpus_of([story(n, path) for n in range(1, 9)])


def corpus_of(stories, **more):
    cases = [
        Case(d.case_id, Attributes(role="ECE", place="Nelson", region="Kootenays"), quotes="yes")
        for d in stories
    ]
    cases = tuple(dataclasses.replace(case, **more.get(case.id, {})) for case in cases)
    stamps = tuple(Clearance(d.sha256, "x", "y") for d in stories)
    return Corpus(tuple(stories), cases, stamps)


def yes(corpus, document_id, start=START, end=END):
    passage = corpus.document(document_id).passage(start, end)
    return Approval(document_id, start, end, "report", "yes", "A. Lead", "", text_hash(passage))


def write(out, corpus, approvals, **more):
    seen = tuple(Seen("ada", document.id) for document in corpus)
    return write_report(
        out, corpus=corpus, codebook=BOOK, codings=Codings(seen=seen), approvals=approvals, **more
    )


def images(report):
    page = report.main.read_text(encoding="utf-8")
    for tag in re.findall(r"<img [^>]*>", page):
        data = re.search(r'src="data:image/(\w+);base64,([^"]+)"', tag)
        yield tag, base64.b64decode(data[2])


def left_out(report):
    path = report.out / "keep" / "pictures-left-out.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["document_id"]: row["reason"] for row in csv.DictReader(file)}


def test_a_picture_that_may_be_shown_stands_with_alt_text_caption_and_credit(tmp_path, study):
    report = write(tmp_path / "out", study, [yes(study, "PV-01"), yes(study, "PV-02")])
    shown = list(images(report))
    assert len(shown) == 2
    page = report.main.read_text(encoding="utf-8")
    for tag, data in shown:
        assert f'alt="{ALT}"' in tag
        picture = PIL.Image.open(io.BytesIO(data))
        assert picture.size == (1280, 853)
        assert not picture.getexif()
        assert b"Quill" not in data
        assert b"Exif" not in data
    assert page.count(f"“{CAPTION}”") == 2
    assert page.count("Picture and words: ECE, Nelson, Photo-voice") == 2
    assert "Quill" not in page
    assert "In their pictures" in page
    assert report.quotes_printed == 2


def test_what_is_not_shown_is_listed_by_id_with_its_reasons(tmp_path, study):
    path = study.documents[0].picture.path
    stories = [
        story(1, path),
        story(2, path, use="ask"),
        story(3, path, alt_text=" "),
        story(4, path, people_shown="children"),
        story(5, path, place_signs="a street sign"),
        story(6, str(tmp_path / "gone.jpg")),
        story(7, path),
        story(8, path, alt_text=f"A photograph. {ANSWER}"),
        story(9, None),
        story(10, path),
    ]
    corpus = corpus_of(
        stories,
        P07={"quotes": "no"},
        P10={"governance": Governance("river-nation", ("tables",))},
    )
    approvals = [yes(corpus, d.id) for d in corpus if d.id != "PV-01"]
    approvals.append(yes(corpus, "PV-01", END + 2, END + 20))  # an answer is no caption
    report = write(tmp_path / "out", corpus, approvals)
    assert list(images(report)) == []
    expected = {
        "PV-01": "no words of its caption are approved",
        "PV-02": "not been agreed to yet",
        "PV-03": "no alt text",
        "PV-04": "no release",
        "PV-05": "signs that may give the place away",
        "PV-06": "cannot be read",
        "PV-07": "does not consent to be quoted",
        "PV-08": "its alt text repeats words of the story",
        "PV-09": "its file is not known",
        "PV-10": "governs the record has not approved quotes",
    }
    found = left_out(report)
    assert set(found) == set(expected)
    for document_id, reason in expected.items():
        assert reason in found[document_id]
    page = report.main.read_text(encoding="utf-8")
    assert "pictures of photo-voice stories that were not agreed to" in page
    assert "In their pictures" not in page


def test_a_caption_is_a_quote_for_the_ledger_and_the_strictest_decision_holds(tmp_path, study):
    no = dataclasses.replace(yes(study, "PV-02"), decision="no", by="B. Lead")
    approvals = [yes(study, "PV-01"), yes(study, "PV-02"), no]
    ledger = tmp_path / "ledger.json"
    report = write(tmp_path / "out", study, approvals, ledger=ledger, to="ministry")
    assert len(list(images(report))) == 1
    assert left_out(report)["PV-02"] == "not approved"
    (release,) = read_ledger(ledger).releases
    assert [quote.span for quote in release.quotes] == [("PV-01", START, END)]
    again = write(
        tmp_path / "again", study, approvals, ledger=ledger, to="donor", attribution="{region}"
    )
    assert list(images(again)) == []
    assert "another attribution" in left_out(again)["PV-01"]


def test_the_last_search_finds_metadata_and_names_of_pictures(tmp_path, study):
    folder = tmp_path / "share"
    folder.mkdir()
    original = study.documents[0].picture.path
    (folder / "a.txt").write_text("See Nora Quill 2025.jpg for more.", encoding="utf-8")
    with open(original, "rb") as file:  # noqa: PTH123  # as a careless page would
        code = base64.b64encode(file.read()).decode()
    (folder / "b.html").write_text(f'<img src="data:image/jpeg;base64,{code}">', encoding="utf-8")
    image = PIL.Image.new("RGB", (4, 4))
    exif = PIL.Image.Exif()
    exif[0x010F] = "Some camera"
    image.save(folder / "c.jpg", exif=exif)
    image.save(folder / "d.jpg")
    found = {(each.file, each.kind) for each in find_single_rows(folder, study)}
    assert found == {
        ("a.txt", "picture's file"),
        ("b.html", "not searched"),
        ("c.jpg", "not searched"),
    }


def test_a_pseudonym_in_an_alt_text_stops_the_report(tmp_path, study):
    path = study.documents[0].picture.path
    stories = [story(n, path, alt_text="The hook of P05." if n == 1 else ALT) for n in range(1, 9)]
    corpus = corpus_of(stories)
    with pytest.raises(DisclosureError, match="P05"):
        write(tmp_path / "out", corpus, [yes(corpus, "PV-01")])
    assert not (tmp_path / "out").exists()


def test_captions_are_asked_for_in_the_register_and_read_back(tmp_path, study):
    first = write(tmp_path / "out", study, [])
    register = first.out / "keep" / "quote-register.xlsx"
    asked = [row for row in read_approvals(register) if row.decision == "awaiting"]
    assert {row.span for row in asked} == {(d.id, START, END) for d in study}
    filled = [dataclasses.replace(row, decision="yes", by="A. Lead") for row in asked[:2]]
    again = write(tmp_path / "again", study, filled)
    assert len(list(images(again))) == 2


def test_who_approves_a_caption_reads_what_the_check_found_in_it(tmp_path, study):
    town = Finding("PV-01", START, START + 8, "town", 0.5, direct=False, why="a list")
    away = Finding("PV-02", 0, 4, "room", 0.5, direct=False, why="a list")
    report = write(tmp_path / "out", study, [], findings=AnonymityReport(study, (town, away)))
    book = openpyxl.load_workbook(report.out / "keep" / "quote-register.xlsx")
    rows = list(book["register"].iter_rows(values_only=True))
    risk, where = rows[0].index("risk"), rows[0].index("document_id")
    told = {row[where]: row[risk] for row in rows[1:] if row[where]}
    assert "in the words: town" in told["PV-01"]
    assert "in the words" not in told["PV-02"]
