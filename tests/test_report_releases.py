"""Every count in what is sent is known to the ledger, and nobody follows from two reports."""

from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path
from types import SimpleNamespace

import docx
import openpyxl
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.cli.report import _check_ledger, _tell_of_report
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import (
    HIDDEN,
    ReleasedCell,
    read_ledger,
    released_count,
    released_total,
    show_count,
)
from reflect_analysis.errors import DisclosureError
from reflect_analysis.provenance import Run
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.report import write_report
from reflect_analysis.report.quotes import AWAITING, gather_quotes
from reflect_analysis.report.study import Study
from reflect_analysis.report.topics import write_topics
from reflect_analysis.segmentation import segment
from reflect_analysis.tables import Column, Of, Table, export_table, untold
from reflect_analysis.topics import Stability, Topic, Topics, TopicUnit

BOOK = Codebook(
    (
        Code("together", "Together", "With others.", "g"),
        Code("alone", "Alone", "By oneself.", "g"),
        Code("rare", "Rare", "Once in a while.", "g"),
    ),
    (Group("g", "Company"),),
)
WORDS = "We washed the paint pots side by side and somebody laughed that wet month."


def texts_of(n):
    return tuple(
        Document(
            f"P{i:02}-1",
            f"{WORDS} It was day {i} of the term.",
            kind="photo-voice" if i % 3 == 0 else "reflection",
            case_id=f"P{i:02}",
            attributes=Attributes(session=f"session {'ab'[i % 2]}"),
        )
        for i in range(n)
    )


def corpus_of(n):
    documents = texts_of(n)
    cases = tuple(
        Case(d.case_id, Attributes(role="ECE", community=f"c{i % 3}"), quotes="yes")
        for i, d in enumerate(documents)
    )
    runs = (Run("read", f"{n} documents by {n} participants were read"),)
    return Corpus(
        documents, cases, tuple(Clearance(d.sha256, "x", "y") for d in documents), runs=runs
    )


def codings_of(corpus):
    ids = [document.id for document in corpus]
    found = {"together": ids[:14], "alone": ids[-11:], "rare": ids[:2]}
    rows = [
        Coding(i, 0, len(WORDS), code, coder, blind=True)
        for code, where in found.items()
        for number, i in enumerate(where)
        for coder in ("ada", "ben")
        if coder == "ada" or number
    ]
    seen = tuple(Seen(coder, i, blind=True) for coder in ("ada", "ben") for i in ids)
    return Codings(tuple(rows), seen=seen)


def topics_of(corpus):
    units = tuple(
        TopicUnit(f"{d.id}:0-{len(d.text)}", d.id, 0, len(d.text), d.case_id, int(n >= 16), 0.5)
        for n, d in enumerate(corpus)
    )
    sizes = [sum(unit.topic == number for unit in units) for number in (0, 1)]
    rows = tuple(
        Topic(number, words, sizes[number], sizes[number], 0.1, ())
        for number, words in enumerate((("paint", "pots"), ("month", "wet")))
    )
    stability = Stability(2, 0.8, 0.0, 0.8, 0.0, refits=5, units=len(units))
    return Topics(
        "k-means", len(units), rows, units, stability, centroids=((1.0, 0.0), (0.0, 1.0)),
        centre=(0.5, 0.5),
    )  # fmt: skip


def write(out, n, **more):
    corpus = corpus_of(n)
    log = codings_of(corpus)
    agreement = measure_agreement(log, corpus=corpus, codebook=BOOK)
    values = {"corpus": corpus, "codebook": BOOK, "codings": log, "agreement": agreement}
    return write_report(
        out, **values, topics=topics_of(corpus), approach="content-analysis", **more
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report, and one for which a participant came, held against it."""
    folder = tmp_path_factory.mktemp("two reports")
    ledger = folder / "ledger.json"
    first = write(folder / "one", 34, ledger=ledger, to="ministry")
    return first, write(folder / "two", 35, ledger=ledger, to="donor")


# ── nothing that counts is forgotten ────────────────────────────────────────────────────

_COUNT = re.compile(r"([<≥]?)(\d+) of (\d+)")


def rows_of_xlsx(path):
    """The cells as Excel shows them: a count with its denominator stands in the format."""
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            yield [_shown(cell) for cell in row]


def _shown(cell):
    of = re.search(r'" of (\d+)"', str(cell.number_format))
    if cell.number_format == "0.0":  # a median
        return f"{cell.value:.1f}"
    return f"{cell.value} of {of[1]}" if of else str(cell.value or "")


def rows_of_docx(path):
    for table in docx.Document(str(path)).tables:
        for row in table.rows:
            yield [cell.text for cell in row.cells]


def rows_of_html(path):
    text = path.read_text(encoding="utf-8")
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
            yield [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in cells]


READERS = {".xlsx": rows_of_xlsx, ".docx": rows_of_docx, ".html": rows_of_html}


def unknown_counts(share, cells):
    """Counts in the tables of a folder that no cell of a release holds, and how many are held."""
    counts = {(c.low, c.total) for c in cells if c.exact}
    bounds = {c.total for c in cells if not c.exact}
    numbers = {c.low for c in cells if c.exact}
    held, unknown = 0, []
    for path in sorted(Path(share).rglob("*")):
        for row in READERS.get(path.suffix, lambda _: ())(path):
            for text in row:
                for sign, n, total in _COUNT.findall(text):
                    held += 1
                    known = int(total) in bounds if sign else (int(n), int(total)) in counts
                    unknown += [] if known else [(path.name, row, text)]
                if text.isdecimal():
                    held += 1
                    unknown += [] if int(text) in numbers else [(path.name, row, text)]
    return unknown, held


def test_every_count_in_what_is_sent_is_known_to_the_ledger(reports):
    for report in reports:
        (release,) = read_ledger(report.out / "keep" / "release.json").releases
        assert unknown_counts(report.out / "share", release.cells)[0] == []
    first, second = (
        read_ledger(report.out / "keep" / "release.json").releases[0] for report in reports
    )
    assert unknown_counts(reports[0].out / "share", first.cells)[1] > 30
    whats = {cell.what.partition(" ")[0] for cell in first.cells}
    assert {"together", "alone", "topic", "agreement", "all", "texts"} <= whats
    assert not any(cell.exact for cell in second.cells if cell.unit in {"persons", "texts"})


def test_the_folder_of_topics_is_a_release_too(tmp_path):
    ledger = tmp_path / "ledger.json"
    for n, to in ((34, "ministry"), (35, "donor")):
        corpus = corpus_of(n)
        found = write_topics(
            tmp_path / to,
            segments=segment(corpus, by="document"),
            codebook=BOOK,
            topics=topics_of(corpus),
            by=("session",),
            ledger=ledger,
            to=to,
        )
        (release,) = read_ledger(found.out / "keep" / "release.json").releases
        unknown, held = unknown_counts(found.out / "share", release.cells)
        assert unknown == []
        names = {path.name for path in found.share}
        if to == "ministry":
            assert held > 6
            assert found.withheld == ()
            assert "topics.svg" in names
        else:
            assert found.withheld
            assert "topics.svg" not in names
            told = " ".join(" ".join(row) for row in rows_of_xlsx(found.out / "share/topics.xlsx"))
            assert not re.search(r"\b35\b", told)
            assert HIDDEN in told


def test_a_table_of_counts_that_says_nothing_to_the_ledger_is_not_sent(tmp_path):
    (tmp_path / "out" / "keep").mkdir(parents=True)
    (tmp_path / "out" / "share").mkdir()
    columns = (Column("Pair"), Column("Participants", "number"), Column("Texts", "number"))
    table = Table("Codes that go together", columns, (("a, b", Of(12, 34), 15),))
    assert len(untold(table)) == 2
    target = tmp_path / "out" / "share" / "pairs.xlsx"
    with pytest.raises(DisclosureError, match="released="):
        export_table(table, target)
    assert not target.exists()
    told = (released_count("a, b", show_count(12, 34), 34), released_total("a, b", 15, "passages"))
    export_table(dataclasses.replace(table, released=(told,)), target)
    export_table(table, tmp_path / "pairs.xlsx")  # elsewhere it is the researcher's own
    with pytest.raises(ValueError, match="released has 2 entries for 1 rows"):
        dataclasses.replace(table, released=(told, told))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (Of(12, 34), ReleasedCell("x", (), 12, 12, 34)),
        ("<5 of 34", ReleasedCell("x", (), 1, 4, 34)),
        ("≥30 of 34", ReleasedCell("x", (), 30, 34, 34)),
        (15, ReleasedCell("x", (), 13, 17, 20)),  # a rounded one
        ("–*", None),
        ("12–34 %", None),
        (0.5, None),
        (None, None),
    ],
)
def test_what_counts_as_a_count(cell, told):
    columns = (Column("Code"), Column("n", "number", 2))
    table = Table("T", columns, (("Joy 7", cell),), released=((told,) if told else (),))
    assert untold(table) == ()
    assert (untold(dataclasses.replace(table, released=None)) == ()) is (told is None)


def test_a_row_is_hidden_whole_and_what_was_never_known_stays_so():
    columns = (
        Column("Code"),
        Column("n", "number"),
        Column("Texts", "number"),
        Column("α", "number"),
    )
    rows = (("Joy", Of(12, 34), "– (9 not read)", None), ("Fun", Of(9, 34), 9, 0.5))
    told = ((ReleasedCell("joy", (), 12, 12, 34),), (ReleasedCell("fun", (), 9, 9, 34),))
    table = Table("T", columns, rows, released=told).without({"joy"})
    assert table.texts()[0] == ("Joy", HIDDEN, "–", "–")
    assert table.texts()[1][:3] == ("Fun", "9 of 34", "9")
    assert table.told == told[1]


# ── one participant came ────────────────────────────────────────────────────────────────


def words_of(report):
    page = (report.out / "share" / "report.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL))


def test_no_number_of_the_second_report_tells_of_the_one_who_came(reports):
    first, second = map(words_of, reports)
    assert "<b>34</b> participants" in first
    assert "14 of 34" in first
    assert "<b>35 to 39</b> participants" in second
    assert "<b>fewer than 5</b> communities" in second
    plain = re.sub(r"<[^>]*>", " ", second.partition("Appendix")[0]).replace("35 to 39", "")
    assert not re.search(r"\b35\b", plain)
    for section in ("What was found", "Groupings by a machine", "How far the coders agree"):
        part = second.partition(f"{section}</h2>")[2].partition("</section>")[0]
        assert HIDDEN in part
        assert not re.search(r"\d+ of \d+", part.replace("12 of 34", ""))
    themes = second.partition("What was found</h2>")[2].partition("</table>")[0]
    assert not re.search(r"0\.\d\d", themes)  # nor the agreement on a hidden row
    assert "35" not in re.sub(r"35 to 39", "", second.partition("How it was done</h2>")[2][:900])


def test_each_kind_of_table_is_held_against_the_one_before(reports):
    _, second = reports
    told = " ".join(second.withheld)
    for name in ("together", "alone", "topic paint", "topic month", "agreement on together"):
        assert name in told
    for total in ("all participants", "all texts", "texts by kind", "all texts in groups"):
        assert f"{total}" in told
    assert not [path for path in second.share if path.suffix in {".svg", ".png"}]
    assert "tells of the few persons" in words_of(second) or "few persons who" in words_of(second)


def test_the_command_says_what_of_earlier_reports_was_reckoned_with(reports, capsys):
    _, second = reports
    assert second.remarks
    _tell_of_report(SimpleNamespace(corpus=corpus_of(1)), second)
    assert set(second.remarks) <= set(capsys.readouterr().err.splitlines())


def test_where_enough_came_every_number_stands(tmp_path, reports):
    ledger = tmp_path / "ledger.json"
    first, _ = reports
    write(tmp_path / "one", 34, ledger=ledger, to="ministry")
    more = write(tmp_path / "more", 46, ledger=ledger, to="donor")
    assert not [each for each in more.withheld if each.startswith("all ")]
    assert "<b>46</b> participants" in words_of(more)
    assert first.withheld == ()


def test_a_participant_who_left_and_one_who_came_are_no_difference_in_number_and_still_hidden():
    cell = released_total("all participants", 34)
    texts = released_total("all texts", 90, "texts")
    from reflect_analysis.disclosure import Ledger, Release

    before = Release("a", (cell, texts), persons=[f"P{n}" for n in range(34)])
    after = Release("b", (cell, texts), persons=[f"P{n}" for n in range(1, 35)])
    assert [leak.what for leak in Ledger((before,)).check(after)] == ["all participants"]
    assert Ledger((before,)).check(dataclasses.replace(before, to="b")) == ()


def test_a_few_new_texts_of_the_same_persons_are_no_exact_number():
    from reflect_analysis.disclosure import Ledger, Release

    who = tuple(f"P{n}" for n in range(34))

    def release(texts, found):
        cells = (
            released_total("all texts", texts, "texts"),
            ReleasedCell("joy", (), found, found, texts, "texts"),
        )
        return Release("a", cells, persons=who)

    ledger = Ledger((release(90, 20),))
    assert {leak.what for leak in ledger.check(release(91, 21))} == {"all texts", "joy"}
    assert ledger.check(release(96, 26)) == ()
    assert ledger.check(release(90, 22)) == ()  # the coders read anew


def test_units_come_back_from_the_file(tmp_path):
    from reflect_analysis.disclosure import Ledger, Release

    cells = (released_total("all texts", 90, "texts"), released_total("all participants", 34))
    ledger = Ledger((Release("a", cells),))
    ledger.save(tmp_path / "ledger.json")
    assert read_ledger(tmp_path / "ledger.json") == ledger


def test_a_hidden_row_does_not_tell_that_passages_await_approval():
    corpus = corpus_of(34)
    study = Study(corpus, BOOK, codings_of(corpus))
    assert gather_quotes(study).cells == dict.fromkeys(("together", "alone", "rare"), AWAITING)
    held = gather_quotes(dataclasses.replace(study, withheld={"together": "why"}))
    assert held.cells == {"alone": AWAITING, "rare": AWAITING}  # "<5" tells that somebody said it
    assert [entry.code for entry in held.by_code] == ["Alone", "Rare"]


def test_in_a_group_of_few_no_row_tells_that_somebody_said_it():
    corpus = corpus_of(4)
    quotes = gather_quotes(Study(corpus, BOOK, codings_of(corpus)))
    assert not quotes.cells
    assert not quotes.by_code
    assert quotes.candidates  # they await approval in the register all the same


def test_where_few_came_a_reflexive_study_names_no_code_that_awaits_approval():
    corpus = corpus_of(34)
    study = Study(corpus, BOOK, codings_of(corpus), approach="reflexive")
    assert gather_quotes(study).cells
    held = dataclasses.replace(study, withheld={"all participants": "why"})
    assert not gather_quotes(held).cells


def test_a_report_beside_an_earlier_one_without_a_ledger_says_what_that_means(tmp_path, capsys):
    out = tmp_path / "next"
    _check_ledger(None, out, "", 5)
    assert not capsys.readouterr().err
    (tmp_path / "last year" / "keep").mkdir(parents=True)
    (tmp_path / "last year" / "keep" / "report.json").write_text("{}", encoding="utf-8")
    _check_ledger(None, out, "", 5)
    told = capsys.readouterr().err
    assert "last year" in told
    assert "--ledger" in told
    _check_ledger(tmp_path / "sent.json", out, "ministry", 5)
    assert not capsys.readouterr().err
