"""Agreement as it may be sent: tables, figure and report give no small count back."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import openpyxl
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import AgreementError, UnknownIdError
from reflect_analysis.figures import agreement_figure
from reflect_analysis.figures.agreement import _axis, _lines, _shareable_rows
from reflect_analysis.reliability import measure_agreement, told
from reflect_analysis.reliability.showing import shown_row
from reflect_analysis.report import write_report
from reflect_analysis.segmentation import segment
from reflect_analysis.tables import (
    agreement_counts,
    agreement_tables,
    export_table,
    shareable_alphas,
    shown_agreement,
)

TEXT = "We washed the paint pots side by side and somebody laughed on day number {}."
CODES = ("many", "few", "none", "land")
BOOK = Codebook(
    tuple(Code(c, c.title(), f"What is {c}.", "g", human_only=c == "land") for c in CODES),
    (Group("g", "Company"),),
)
LOOKED = ("many", "few", "none")
# For each code the participants in whose text ada, then bo, found it.
FOUND = {"many": (range(1, 15), range(1, 13)), "few": (range(1, 4), range(2, 5))}


@pytest.fixture(scope="module")
def corpus():
    return cleared(documents(30))


def documents(n, **more):
    cases = tuple(
        Case(f"P{i:02}", Attributes(community=f"c{i % 3}"), "yes", **more) for i in range(1, n + 1)
    )
    texts = tuple(
        Document(f"P{i:02}-S1", TEXT.format(i), case_id=f"P{i:02}") for i in range(1, n + 1)
    )
    return Corpus(texts, cases)


def cleared(corpus):
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in corpus)
    return dataclasses.replace(corpus, clearances=stamps)


def log_of(corpus, coders=("ada", "bo"), found=FOUND):
    marks = [
        Coding(f"P{n:02}-S1", 0, 20, code, coder, blind=True)
        for code, each in found.items()
        for coder, numbers in zip(coders, each, strict=True)
        for n in numbers
    ]
    read = [Seen(coder, d.id, codes=LOOKED, blind=True) for coder in coders for d in corpus]
    return Codings(tuple(marks), seen=tuple(read))


@pytest.fixture(scope="module")
def log(corpus):
    return log_of(corpus)


@pytest.fixture(scope="module")
def agreement(log, corpus):
    return measure_agreement(log, corpus=corpus, codebook=BOOK)


def cells(table, code):
    return next(row for row in table.texts() if row[0] == code)


# --- what may be sent


def test_a_code_of_few_persons_keeps_its_units_alone(agreement):
    table = shown_agreement(agreement)
    assert cells(table, "Few") == ("Few", "30", *("–*",) * 8)


def test_a_code_of_enough_persons_is_shown_with_its_interval(agreement):
    code, units, positives, agree, *rest = cells(shown_agreement(agreement), "Many")
    assert (code, units, positives, agree) == ("Many", "30", "14 / 12", "93 %")
    assert " to " in rest[3]


def test_a_nought_is_shown_and_what_follows_from_it_is_undefined(agreement):
    assert cells(shown_agreement(agreement), "None")[2:5] == ("0 / 0", "100 %", "–")
    assert "None (every rating is the same" in shown_agreement(agreement).note


def test_a_code_that_nobody_looked_for_says_so(agreement):
    assert set(cells(shown_agreement(agreement), "Land")[2:]) == {"–"}
    assert "Land (nobody looked for this code)" in shown_agreement(agreement).note


def test_what_nearly_everybody_wrote_of_is_hidden_too(corpus):
    log = log_of(corpus, found={"many": (range(1, 29), range(1, 28))})
    found = measure_agreement(log, corpus=corpus, codebook=BOOK)
    assert shown_row(found.row("many"), k=5).hides_rest
    everybody = log_of(corpus, found={"many": (range(1, 31), range(1, 31))})
    table = shown_agreement(measure_agreement(everybody, corpus=corpus, codebook=BOOK))
    # That every rating is the same would say that all wrote of it.
    assert cells(table, "Many")[2:] == ("–*",) * 8
    assert "Many (" not in table.note


def test_no_alpha_of_a_hidden_code_is_sent(agreement):
    assert not math.isnan(agreement.row("few").alpha.value)
    assert "few" not in shareable_alphas(agreement)
    assert "many" in shareable_alphas(agreement)
    assert told(agreement.row("few").alpha.value) not in agreement.sentence()


def test_texts_of_unknown_persons_stand_in_for_persons(log):
    found = measure_agreement(log, codebook=BOOK)
    assert shown_row(found.row("few"), k=5).hides_rest
    assert not shown_row(found.row("many"), k=5).hides_rest


def test_the_number_of_governed_records_is_not_in_the_note(corpus):
    governed = dataclasses.replace(corpus.cases[0], governance=Governance("a nation"))
    half = dataclasses.replace(corpus, cases=(governed, *corpus.cases[1:]))
    table = shown_agreement(measure_agreement(log_of(half), corpus=half, codebook=BOOK))
    assert "documents governed" in table.note
    assert "1 document governed" not in table.note


def test_labels_stand_in_the_table_when_they_are_asked_for(agreement):
    assert "Label of κ" not in {c.name for c in shown_agreement(agreement).columns}
    assert cells(shown_agreement(agreement, labels=True), "Many")[-1] == "almost perfect"
    assert cells(shown_agreement(agreement, labels=True), "Few")[-1] == "–*"


@pytest.fixture(scope="module")
def open_agreement(corpus):
    """Two codes of enough persons each: nothing is hidden."""
    found = {"many": FOUND["many"], "none": (range(5, 20), range(7, 20))}
    return measure_agreement(log_of(corpus, found=found), corpus=corpus, codebook=BOOK)


def test_the_tables_after_the_codes_are_second(open_agreement):
    tables = agreement_tables(open_agreement, number=3)
    titles = [table.title for table in tables]
    assert titles[0].startswith("Agreement of 2 coders on each code, by document")
    assert titles[1:] == ["Agreement on sets of codes", "Agreement on spans of all codes"]
    assert [table.number for table in tables] == [3, 4, 5]


def test_over_too_few_open_codes_no_table_of_all_codes_gives_a_hidden_one_back(corpus, agreement):
    assert len(agreement_tables(agreement)) == 1
    alone = measure_agreement(
        log_of(corpus, found={"few": FOUND["few"]}),
        corpus=corpus,
        codebook=BOOK,
        codes=["few", "none"],
    )
    assert not math.isnan(alone.sets[0].masi.value)
    assert len(agreement_tables(alone)) == 1
    three = log_of(corpus, ("ada", "bo", "cy"), {"few": ([1, 2, 3], [1, 2], [3])})
    tables = agreement_tables(measure_agreement(three, corpus=corpus, codebook=BOOK))
    assert [table.title for table in tables[1:]] == ["α of each pair of coders"]


def test_a_hidden_code_among_enough_open_ones_leaves_the_tables_of_all(corpus):
    names = [f"c{i}" for i in range(6)]
    book = dataclasses.replace(BOOK, codes=tuple(Code(c, c, "What.", "g") for c in names))
    found = {c: (range(1, 15 - i), range(i, 14)) for i, c in enumerate(names[1:], 1)}
    marks = log_of(corpus, found=found | {"c0": FOUND["few"]}).codings
    seen = [Seen(c, d.id, codes=tuple(names), blind=True) for c in ("ada", "bo") for d in corpus]
    log = Codings(marks, seen=tuple(seen))
    full = measure_agreement(log, corpus=corpus, codebook=book)
    assert cells(shown_agreement(full), "c0")[2] == "–*"
    assert len(agreement_tables(full)) == 3
    fewer = measure_agreement(log, corpus=corpus, codebook=book, codes=names[:5])
    assert len(agreement_tables(fewer)) == 1


def test_pairs_of_several_coders_have_a_table_in_which_small_counts_are_hidden(corpus):
    found = {"many": (range(1, 15), range(1, 13), range(2, 15)), "few": ([1, 2, 3], [1, 2], [3])}
    log = log_of(corpus, ("ada", "bo", "cy"), found)
    tables = agreement_tables(measure_agreement(log, corpus=corpus, codebook=BOOK))
    pairs = next(table for table in tables if "pair" in table.title)
    assert [c.name for c in pairs.columns] == ["Code", "ada – bo", "ada – cy", "bo – cy"]
    assert cells(pairs, "Few")[1:] == ("–*", "–*", "–*")
    assert cells(pairs, "Many")[1] == "0.87"


def test_spans_and_phases_have_their_own_columns_and_headings(corpus, log):
    by_span = shown_agreement(measure_agreement(log, corpus=corpus, codebook=BOOK, unit="span"))
    assert [c.name for c in by_span.columns][3:8] == [
        "Exact F1", "Overlap F1", "Character F1", "Boundary distance", "uα",
    ]  # fmt: skip
    both = log + Codings(seen=tuple(dataclasses.replace(s, phase="calibration") for s in log.seen))
    groups = shown_agreement(
        measure_agreement(both, corpus=corpus, codebook=BOOK, phase=["", "calibration"])
    ).groups
    assert set(groups) == {"no phase set", "calibration"}


def test_an_agreement_is_exported_by_itself(open_agreement, tmp_path):
    text = export_table(open_agreement, tmp_path / "a.md").read_text(encoding="utf-8")
    assert text.count("**Table ") == 3
    frame = export_table(open_agreement, tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert frame.splitlines()[0].startswith("Group,Code,Units")


def test_exact_counts_are_kept(agreement, tmp_path):
    tables = agreement_counts(agreement)
    assert tables[0].title == "Agreement by code, with counts"
    assert all(table.keep for table in tables)
    sheet = openpyxl.load_workbook(export_table(tables, tmp_path / "counts.xlsx")).worksheets[0]
    header = [cell.value for cell in sheet[4]]
    row = next(
        r
        for r in sheet.iter_rows(min_row=5, values_only=True)
        if r[header.index("code_id")] == "few"
    )
    assert [row[header.index(c)] for c in ("both", "first_only", "second_only", "neither")] == [
        2,
        1,
        1,
        26,
    ]


# --- what share gives back, taken together


def log_of_tables(n, found):
    """Two coders' codings of n texts; each code by who found it in the texts of which numbers."""
    marks = [
        Coding(f"P{i:02}-S1", 0, 20, code, coder, blind=True)
        for code, each in found.items()
        for coder, numbers in zip(("ada", "bo"), each, strict=True)
        for i in numbers
    ]
    ids = [f"P{i:02}-S1" for i in range(1, n + 1)]
    read = [Seen(c, d, codes=("many", "few"), blind=True) for c in ("ada", "bo") for d in ids]
    return Codings(tuple(marks), seen=tuple(read))


def shared(found, k):
    """Everything of an agreement that lies in share, as text; the figure by its data."""
    tables = agreement_tables(found, k=k)
    rows = _shareable_rows(found)
    lines = tuple(_lines(found, rows, "alpha", k))
    return (
        tuple((table.texts(), table.title, table.note) for table in tables),
        found.sentence(k=k),
        tuple(line.told for line in lines),
        tuple((line.units, line.missing) for line in lines),
        _axis(found, rows, "alpha"),
    )


@pytest.mark.parametrize("with_open_code", [False, True])
def test_for_a_hidden_code_everything_shared_leaves_several_counts_possible(with_open_code):
    n, k = 8, 4
    texts = documents(n)  # The coders may change places: the rarer way to differ is bo's.
    many = {"many": (range(1, 5), range(1, 5))} if with_open_code else {}
    codes = ["many", "few"] if with_open_code else ["few"]
    told_of, hidden = {}, set()
    for both in range(n + 1):
        for first in range(n - both + 1):
            for second in range(min(first, n - both - first) + 1):
                ada = range(1, both + first + 1)
                bo = [*range(1, both + 1), *range(both + first + 1, both + first + second + 1)]
                log = log_of_tables(n, many | {"few": (ada, bo)})
                found = measure_agreement(log, corpus=texts, codebook=BOOK, codes=codes)
                seen = shared(found, k)
                told_of.setdefault(seen, set()).add(both + first + second)
                if shown_row(found.row("few"), k=k).hides_rest:
                    hidden.add(seen)
    assert len(hidden) == 1
    assert min(len(told_of[seen]) for seen in hidden) >= k - 1


def test_ranges_of_the_sentence_run_over_no_hidden_row(agreement, corpus):
    alone = log_of(corpus, found={"few": FOUND["few"]})
    found = measure_agreement(alone, corpus=corpus, codebook=BOOK, codes=["few"])
    sentence = found.sentence()
    assert "For none of them can agreement be told. The figures of one code" in sentence
    for figure in ("0.64", "93", "0.67", "interval", "F1", "κ", "AC1"):
        assert figure not in sentence
    both = agreement.sentence()
    assert "agreement in 93 to 100 % of the units" in both  # many and none
    assert "positive agreement (F1) 0.92;" in both


def test_an_undefined_alpha_of_a_hidden_code_is_not_told_apart(corpus):
    everybody = log_of(corpus, found={"many": (range(1, 31), range(1, 31))})
    sentence = measure_agreement(everybody, corpus=corpus, codebook=BOOK, codes=["many"]).sentence()
    assert "every rating" not in sentence
    assert "could not be computed" not in sentence
    assert "The figures of one code, found by too few, or by nearly all," in sentence


def test_how_many_segments_somebody_coded_is_in_no_table_and_no_axis(corpus):
    segments = segment(corpus, by="document")
    log = log_of(corpus, found={"few": FOUND["few"], "many": FOUND["many"]})
    found = measure_agreement(log, corpus=corpus, codebook=BOOK, segments=segments, unit="segment")
    assert {row.text for row in found.rows} == {"all", "coded"}
    for table in agreement_tables(found):
        assert "without segments that nobody coded" not in str(table.texts()) + str(table.groups)
    assert " to " not in figure_axis(found)
    assert "are kept by the study" in shown_agreement(found).note
    kept = agreement_counts(found)[0]
    assert "coded" in {cell for row in kept.rows for cell in row}


def figure_axis(found):
    return _axis(found, _shareable_rows(found), "alpha")


# --- what stands beside the figures


def test_notes_stand_under_the_table_without_a_count_that_gives_others_back(corpus):
    unsaid = log_of(corpus)
    unsaid = Codings(
        unsaid.codings, seen=tuple(dataclasses.replace(s, blind=None) for s in unsaid.seen)
    )
    found = measure_agreement(unsaid, corpus=corpus, codebook=BOOK)
    assert any("hold no coding" in note for note in found.notes)
    note = shown_agreement(found).note
    assert "60 readings do not say themselves whether they were blind" in note
    assert "hold no coding" not in note
    governed = dataclasses.replace(corpus.cases[0], governance=Governance("a nation"))
    half = dataclasses.replace(corpus, cases=(governed, *corpus.cases[1:]))
    held = shown_agreement(measure_agreement(unsaid, corpus=half, codebook=BOOK)).note
    assert "Some readings do not say" in held


def test_a_count_of_dropped_codings_is_not_in_the_note(log, corpus):
    few = dataclasses.replace(BOOK["few"], status="provisional")
    open_book = dataclasses.replace(BOOK, codes=(few, *(c for c in BOOK.codes if c.id != "few")))
    gone = open_book.drop("few", by="lead", reason="nobody can tell it from many")
    found = measure_agreement(log, corpus=corpus, codebook=gone)
    told = "codings of codes that the codebook dropped since are left out."
    assert f"6 {told}" in found.notes
    note = shown_agreement(found).note
    assert f"Some {told}" in note
    assert f"6 {told}" not in note


def test_a_column_without_a_figure_goes_and_says_why(corpus):
    three = log_of(corpus, ("ada", "bo", "cy"), {"many": (range(1, 15),) * 3})
    table = shown_agreement(
        measure_agreement(three, corpus=corpus, codebook=BOOK, unit="span", codes=["many"])
    )
    assert "Exact F1" not in {column.name for column in table.columns}
    assert "Exact F1, Overlap F1, Character F1, Boundary distance (spans are matched" in table.note


def test_the_sentence_of_several_coders_on_spans_has_no_empty_part(corpus):
    three = log_of(corpus, ("ada", "bo", "cy"), {"many": (range(1, 15),) * 3})
    told_of = measure_agreement(
        three, corpus=corpus, codebook=BOOK, unit="span", codes=["many"]
    ).sentence()
    assert not re.search(r"; ?[;.]|\. \.", told_of)
    start = "Three people read the same 30 documents independently of each other for one code; "
    assert told_of.startswith(start + "the spans that they marked are compared.")


def test_the_characters_that_both_marked_have_their_f1(corpus, log):
    found = measure_agreement(log, corpus=corpus, codebook=BOOK, unit="span")
    assert found.row("many").characters.value == pytest.approx(2 * 12 / 26)


# --- the figure


def test_the_figure_has_a_dot_and_an_interval_for_each_code_and_no_average(agreement):
    figure = agreement_figure(agreement)
    assert figure.data["code"].tolist() == ["Many", "Few", "None", "Land"]
    many = figure.data.iloc[0]
    assert many["low"] < many["alpha"] < many["high"]
    assert many["shown"].startswith("0.87 (")
    assert figure.svg.startswith(b"<?xml")


def test_what_is_hidden_in_the_table_is_in_no_part_of_the_figure(agreement):
    figure = agreement_figure(agreement)
    few = figure.data.iloc[1]
    assert math.isnan(few["low"])
    assert math.isnan(few["alpha"])
    assert "Few hidden" in figure.alt_text
    kappa = agreement_figure(agreement, coefficient="kappa")
    assert math.isnan(kappa.data.iloc[1]["kappa"])
    assert "Few hidden" in kappa.alt_text


def test_what_cannot_be_computed_says_why_in_its_place(agreement):
    text = agreement_figure(agreement).alt_text
    assert "Land not computed, nobody looked for this code" in text
    assert "None not computed, every rating is the same" in text


def test_the_figure_is_the_same_bytes_each_time_and_describes_itself(agreement):
    first, again = agreement_figure(agreement), agreement_figure(agreement)
    assert first.svg == again.svg
    assert first.alt_text.encode() in first.svg.replace(b"&lt;", b"<")


def test_the_figure_of_spans_and_of_an_unknown_coefficient(log, corpus, agreement):
    found = measure_agreement(log, corpus=corpus, codebook=BOOK, unit="span")
    assert "uα" in agreement_figure(found).title
    assert agreement_figure(found, coefficient="overlapping").data["overlapping"].notna().any()
    with pytest.raises(ValueError, match="did you mean 'kappa'"):
        agreement_figure(agreement, coefficient="kapp")


def test_an_axis_begins_below_nought_where_an_interval_does(corpus):
    log = log_of(corpus, found={"many": (range(1, 11), range(9, 19))})
    figure = agreement_figure(measure_agreement(log, corpus=corpus, codebook=BOOK, codes=["many"]))
    assert figure.data.iloc[0]["low"] < 0
    # Letters are drawn as outlines, and what they say stands beside them as a comment.
    ticks = [
        float(t.replace("−", "-")) for t in re.findall(r"<!-- (−?\d\.\d) -->", figure.svg.decode())
    ]
    assert min(ticks) <= figure.data.iloc[0]["low"]


# --- the report


@pytest.fixture(scope="module")
def folder(tmp_path_factory, corpus, log, agreement):
    out = tmp_path_factory.mktemp("report") / "out"
    return write_report(out, corpus=corpus, codebook=BOOK, codings=log, agreement=agreement)


def test_the_theme_tables_column_of_agreement_fills(folder):
    sheet = openpyxl.load_workbook(folder.out / "share" / "themes.xlsx")["Table 1"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header = next(row for row in rows if "Agreement" in row)
    column = header.index("Agreement")
    values = {
        row[header.index("Code")]: row[column] for row in rows[rows.index(header) + 1 :] if row[0]
    }
    assert values["Many"] == pytest.approx(0.862, abs=0.01)  # as it is printed
    assert values["Few"] == "–"
    assert values["Land"] == "–"


def test_share_has_coefficients_and_keep_has_the_counts(folder):
    share, keep = folder.out / "share", folder.out / "keep"
    page = (share / "report.html").read_text(encoding="utf-8")
    assert "How far the coders agree" in page
    assert "Krippendorff’s α of 2 coders by document, with its interval in Table 2." in page
    assert (share / "figures" / "agreement.svg").is_file()
    assert (
        "Krippendorff"
        in json.loads((share / "figures" / "alt-text.json").read_text("utf-8"))["agreement.svg"][
            "title"
        ]
    )
    assert "KEEP" not in page
    table = page[page.index("Agreement of 2 coders on each code") :]
    few = re.sub(r"<[^>]+>", " ", table[table.index(">Few<") : table.index(">None<")]).split()
    assert few[1:10] == ["30", *("–*",) * 8]
    assert "3 / 3" not in page
    counts = openpyxl.load_workbook(keep / "agreement.xlsx")
    assert counts.sheetnames[0] == "KEEP Table 1"
    methods = (keep / "methods.txt").read_text("utf-8")
    assert "Two people read the same 30 documents" in methods
    assert methods.count("reflect_analysis") == 1


def test_the_sentence_stands_in_the_methods_of_a_study_with_governed_records_too(tmp_path):
    texts = documents(30)
    held = dataclasses.replace(texts.cases[0], governance=Governance("a nation"))
    corpus = cleared(dataclasses.replace(texts, cases=(held, *texts.cases[1:])))
    log = log_of(corpus)
    agreement = measure_agreement(log, corpus=corpus, codebook=BOOK)
    out = write_report(
        tmp_path / "o", corpus=corpus, codebook=BOOK, codings=log, agreement=agreement
    )
    assert "Two people read the same 29 documents" in out.main.read_text(encoding="utf-8")


def test_the_reports_sentence_hides_by_the_reports_k(tmp_path, corpus, log, agreement):
    out = write_report(
        tmp_path / "o", corpus=corpus, codebook=BOOK, codings=log, agreement=agreement, k=20
    )
    page = out.main.read_text(encoding="utf-8")
    assert "The figures of two codes, found by too few" in page
    assert "positive agreement (F1) 0" not in page


def test_the_theme_tables_note_names_the_phase(tmp_path, corpus, log):
    sample = dataclasses.replace(
        log, seen=tuple(dataclasses.replace(s, phase="reliability") for s in log.seen)
    )
    found = measure_agreement(sample, corpus=corpus, codebook=BOOK)
    out = write_report(
        tmp_path / "o", corpus=corpus, codebook=BOOK, codings=sample, agreement=found
    )
    assert "of 2 coders by document (reliability sample), with" in out.main.read_text("utf-8")


def test_a_reflexive_report_refuses_an_agreement_and_writes_nothing(
    tmp_path, corpus, log, agreement
):
    with pytest.raises(AgreementError, match="reflexive"):
        write_report(
            tmp_path / "o", corpus=corpus, codebook=BOOK, codings=log, agreement=agreement,
            approach="reflexive",
        )  # fmt: skip
    assert not (tmp_path / "o").exists()


def test_an_agreement_on_another_codebook_is_refused(tmp_path, corpus, log, agreement):
    other = dataclasses.replace(BOOK, codes=BOOK.codes[:2])
    with pytest.raises(UnknownIdError, match="the agreement"):
        write_report(
            tmp_path / "o", corpus=corpus, codebook=other, codings=log, agreement=agreement
        )


def test_without_an_agreement_there_is_no_section_and_no_file(tmp_path, corpus, log):
    out = write_report(tmp_path / "o", corpus=corpus, codebook=BOOK, codings=log)
    assert "How far the coders agree" not in out.main.read_text(encoding="utf-8")
    assert not (out.out / "keep" / "agreement.xlsx").exists()
