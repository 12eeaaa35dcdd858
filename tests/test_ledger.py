"""What was sent before, by whomever and in whatever year, is reckoned with."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pandas as pd
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import (
    HIDDEN,
    Approval,
    Ledger,
    Release,
    ReleasedCell,
    ReleasedQuote,
    read_ledger,
    released_count,
    released_table,
    show_count,
    suppress_table,
)
from reflect_analysis.errors import DisclosureError, OutputError
from reflect_analysis.provenance import text_hash
from reflect_analysis.report import write_report

SENT = datetime(2024, 5, 6, tzinfo=UTC)  # a message tells the day, which holds no count of a test


def release(n, total, *, to="ministry", persons=(), where=(), what="strain"):
    shown = show_count(n, total)
    cell = dataclasses.replace(released_count(what, shown, total), where=where)
    return Release(to, (cell,), persons=tuple(persons), at=SENT)


def people(start, stop):
    return [f"P{n}" for n in range(start, stop)]


# ── differencing ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "leaks"),
    [
        ((12, 34), (12, 34), 0),  # the same again
        ((12, 34), (13, 35), 1),  # the one who joined said it
        ((12, 34), (12, 35), 1),  # the one who joined did not
        ((12, 34), (14, 38), 1),
        ((12, 34), (12, 40), 0),  # none of six
        ((12, 34), (14, 40), 1),  # two of six
        ((12, 34), (18, 40), 1),  # all six
        ((12, 34), (17, 44), 0),  # five of ten
        ((13, 35), (12, 34), 1),  # the one who left had said it
        ((12, 34), (13, 34), 1),  # one was read anew
        ((12, 34), (17, 34), 0),
        ((12, 34), (3, 34), 0),  # hidden now: nothing to be subtracted
        ((3, 34), (12, 35), 1),  # the denominators tell that one joined
        ((3, 34), (12, 40), 0),
    ],
)
def test_two_counts_of_nearly_the_same_persons_are_not_both_sent(before, after, leaks):
    found = Ledger((release(*before),)).check(release(*after, to="donor"))
    assert len(found) == leaks
    assert all("strain: beside what was sent to ministry" in str(leak) for leak in found)


def test_other_codes_and_other_groups_are_other_counts():
    ledger = Ledger((release(12, 34),))
    assert ledger.check(release(13, 35, what="renewal")) == ()
    assert ledger.check(release(13, 35, where=(("role", "ECE"),))) == ()


def test_cohorts_that_share_few_persons_cannot_be_subtracted():
    ledger = Ledger((release(12, 34, persons=people(0, 34)),))
    assert ledger.check(release(13, 35, persons=people(100, 135))) == ()
    assert ledger.check(release(13, 35, persons=people(20, 55))) == ()
    assert len(ledger.check(release(13, 35, persons=people(0, 35)))) == 1
    assert len(ledger.check(release(13, 35, persons=people(3, 38)))) == 1


def test_persons_by_attribute_are_differences_too():
    def cell(n, total):
        return Release("all", (ReleasedCell("", (("place", "Nelson"),), n, n, total),))

    assert len(Ledger((cell(7, 34),)).check(cell(8, 40))) == 1
    assert Ledger((cell(7, 34),)).check(cell(7, 40)) == ()


def test_what_tells_too_much_is_not_added_and_the_message_holds_no_count():
    ledger = Ledger((release(12, 34),))
    with pytest.raises(DisclosureError) as caught:
        ledger.add(release(13, 35))
    assert "strain" in str(caught.value)
    assert "13" not in str(caught.value)
    assert len(ledger.add(release(12, 34, to="donor"))) == 2


# ── solving across releases ─────────────────────────────────────────────────────────────

SIZES = {"new": 18, "experienced": 18}


def said(n_new, n_old, **about):
    frame = pd.DataFrame({"new": [n_new], "experienced": [n_old]}, index=["strain"])
    return suppress_table(frame, sizes=SIZES, **about)


def test_a_cell_that_was_hidden_cannot_be_had_from_another_recipients_table():
    first = Release("ministry", released_table(said(3, 12), "experience"))
    assert [cell.exact for cell in first.cells] == [False, False, True]
    # Somebody else gets the group that was hidden only for the other's sake.
    second = Release(
        "donor", (ReleasedCell("strain", (("experience", "experienced"),), 12, 12, 18),)
    )
    assert Ledger().check(second) == ()
    (leak,) = Ledger((first,)).check(second)
    assert str(leak).startswith("strain of experience new: hidden, and would follow")
    assert leak.where == (("experience", "new"),)


def test_a_total_that_was_hidden_before_is_reckoned_with():
    cells = released_table(said(6, 16), "experience")
    hidden = Release("ministry", tuple(c for c in cells if c.where))
    assert [c.exact for c in hidden.cells] == [False, False]
    total = Release("donor", (ReleasedCell("strain", (), 22, 22, 36),))
    assert Ledger((hidden,)).check(total) == ()  # 18 and 18 leave enough
    near_all = Release("donor", (ReleasedCell("strain", (), 35, 35, 36),))
    assert len(Ledger((hidden,)).check(near_all)) == 2


def test_the_same_table_again_is_no_leak():
    cells = released_table(said(3, 12), "experience")
    assert Ledger((Release("ministry", cells),)).check(Release("donor", cells)) == ()


def test_two_cross_tables_of_the_same_persons_are_solved_together():
    by_place = pd.DataFrame({"Hill": [2, 20], "Lake": [9, 14]}, index=["Cook", "ECE"])
    table = suppress_table(by_place)
    first = Release("ministry", released_table(table, ("role", "place")))
    where = (("place", "Lake"), ("role", "Cook"))
    assert not next(c for c in first.cells if c.where == where).exact
    second = Release("donor", (ReleasedCell("", where, 9, 9, 45),))
    found = {leak.where for leak in Ledger((first,)).check(second)}
    assert (("place", "Hill"), ("role", "Cook")) in found


def test_a_rounded_table_is_kept_as_what_it_stands_for():
    cells = released_table(said(5, 10, rounding=5), "experience")
    assert [(c.low, c.high) for c in cells] == [(3, 7), (8, 12), (13, 17)]
    ledger = Ledger((Release("ministry", cells),))
    assert ledger.check(Release("donor", (ReleasedCell("strain", (), 15, 15, 36),))) == ()
    # 3 to 7 and 8 to 12 that are 12 together: only 3 + 9 and 4 + 8.
    told = Release("donor", (ReleasedCell("strain", (), 12, 12, 36),))
    alone = Ledger((Release("ministry", cells[:2]),))
    assert [leak.where for leak in alone.check(told)] == [(("experience", "new"),)]


def test_the_attributes_must_fit_the_table():
    with pytest.raises(ValueError, match="expected 1 attribute"):
        released_table(said(6, 9), ("role", "place"))
    with pytest.raises(ValueError, match="expected 2 attributes"):
        released_table(suppress_table(pd.DataFrame({"a": [6]})), "role")


# ── quotes ──────────────────────────────────────────────────────────────────────────────


def quoted(attribution, to="ministry"):
    return Release(to, quotes=(ReleasedQuote("d1", 0, 9, attribution),))


def test_a_quote_is_not_sent_with_other_words_behind_it():
    ledger = Ledger((quoted("ECE, Reflection"),))
    assert ledger.check(quoted("ECE, Reflection")) == ()
    assert ledger.check(quoted("ECE, Kamloops, Reflection")) == ()  # judged by itself
    (leak,) = ledger.check(quoted("Participant, Kamloops"))
    assert leak.span == ("d1", 0, 9)
    assert "another attribution" in str(leak)


# ── the file ────────────────────────────────────────────────────────────────────────────


def test_a_ledger_comes_back_as_it_was_saved(tmp_path):
    cells = released_table(said(3, 12), "experience")
    quotes = (ReleasedQuote("d1", 0, 9, "ECE, Kamloops"),)
    ledger = Ledger((Release("Ministère", cells, quotes, ("P1", "P2"), title="Été"),))
    path = tmp_path / "what was sent.json"
    ledger.save(path)
    assert read_ledger(path) == ledger
    assert list(tmp_path.iterdir()) == [path]
    assert "1 release" in repr(ledger)
    assert "Ministère" in ledger._repr_html_()


def test_a_ledger_that_is_not_there_is_empty_and_one_that_is_broken_is_an_error(tmp_path):
    path = tmp_path / "ledger.json"
    assert read_ledger(path) == Ledger()
    for broken in ("", "[]", "{}", '{"releases, format 1": [{"to": "x"}]}', "\x00"):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(DisclosureError, match="no ledger of releases that can be read"):
            read_ledger(path)


def test_a_ledger_holds_no_hidden_count_and_a_release_needs_a_recipient(tmp_path):
    path = tmp_path / "ledger.json"
    Ledger((release(3, 36),)).save(path)
    (found,) = json.loads(path.read_text(encoding="utf-8")).popitem()[1]
    assert found["cells"] == [["strain", [], 1, 4, 36]]
    with pytest.raises(ValueError, match="recipient"):
        Release(" ")


def test_a_ledger_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        Ledger().save(tmp_path / "nowhere" / "ledger.json")


# ── reports ─────────────────────────────────────────────────────────────────────────────

BOOK = Codebook(
    (Code("together", "Together", "With others.", "g"), Code("alone", "Alone", "By oneself.", "g")),
    (Group("g", "Company"),),
)
WORDS = "We washed the paint pots side by side and somebody laughed."


def study(n, *, together=12, alone=10):
    documents = tuple(
        Document(f"P{i:02}-1", f"{WORDS} Day {i}.", case_id=f"P{i:02}") for i in range(n)
    )
    cases = tuple(
        Case(d.case_id, Attributes(role="ECE", place="Hill"), quotes="yes") for d in documents
    )
    corpus = Corpus(documents, cases, tuple(Clearance(d.sha256, "x", "y") for d in documents))
    rows = [Coding(d.id, 0, len(WORDS), "together", "ada") for d in documents[:together]]
    rows += [Coding(d.id, 0, len(WORDS), "alone", "ada") for d in documents[-alone:]]
    seen = tuple(Seen("ada", d.id) for d in documents)
    return {"corpus": corpus, "codebook": BOOK, "codings": Codings(tuple(rows), seen=seen)}


def table_of(report):
    frame = pd.read_excel(report.out / "share" / "themes.xlsx", header=None, dtype=str)
    return [
        row for row in frame.fillna("").to_numpy().tolist() if "Together" in row or "Alone" in row
    ]


def test_a_report_for_one_more_person_hides_what_the_difference_would_tell(tmp_path):
    ledger = tmp_path / "ledger.json"
    first = write_report(tmp_path / "one", **study(30), ledger=ledger, to="ministry")
    assert first.withheld == ()
    second = write_report(tmp_path / "two", **study(31), ledger=ledger, to="donor")
    told = {each.partition(":")[0] for each in second.withheld}
    assert {"together", "alone", "all participants"} <= told
    assert all(HIDDEN in row for row in table_of(second))
    assert not any(HIDDEN in row for row in table_of(first))
    page = (second.out / "share" / "report.html").read_text(encoding="utf-8")
    assert "12 of 31" not in page
    assert "12 of 30" in (first.out / "share" / "report.html").read_text(encoding="utf-8")
    assert [each.to for each in read_ledger(ledger).releases] == ["ministry", "donor"]


def test_the_same_report_for_another_recipient_is_sent_whole(tmp_path):
    ledger = tmp_path / "ledger.json"
    write_report(tmp_path / "one", **study(30), ledger=ledger, to="ministry")
    again = write_report(tmp_path / "two", **study(30), ledger=ledger, to="donor")
    assert again.withheld == ()


def test_each_report_keeps_what_it_tells_and_is_not_entered_unless_it_is_sent(tmp_path):
    report = write_report(tmp_path / "one", **study(30))
    (kept,) = read_ledger(report.out / "keep" / "release.json").releases
    assert kept.to == "nobody yet"
    of_persons = {cell.what: cell.low for cell in kept.cells if cell.unit == "persons"}
    assert of_persons == {"together": 12, "alone": 10, "all participants": 30}
    assert not (report.out / "share" / "release.json").exists()


def test_a_ledger_lies_outside_the_report_and_needs_a_recipient(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OutputError, match="replaced as a whole"):
        write_report(out, **study(30), ledger=out / "keep" / "ledger.json", to="ministry")
    with pytest.raises(ValueError, match="whom the report is sent to"):
        write_report(out, **study(30), ledger=tmp_path / "ledger.json")
    assert not out.exists()


def test_nothing_is_written_where_the_ledger_is_broken(tmp_path):
    ledger = tmp_path / "ledger.json"
    ledger.write_text("{", encoding="utf-8")
    with pytest.raises(DisclosureError, match="nothing can be tested"):
        write_report(tmp_path / "out", **study(30), ledger=ledger, to="ministry")
    assert list(tmp_path.iterdir()) == [ledger]


def test_a_quote_that_was_sent_is_not_printed_with_other_words_behind_it(tmp_path):
    ledger, values = tmp_path / "ledger.json", study(30)
    document = values["corpus"].documents[3]
    passage = document.passage(0, len(WORDS))
    yes = [Approval(document.id, 0, len(WORDS), "report", "yes", "A. L.", "", text_hash(passage))]
    first = write_report(
        tmp_path / "one", **values, approvals=yes, ledger=ledger, to="a", attribution="{role}"
    )
    other = write_report(
        tmp_path / "two", **values, approvals=yes, ledger=ledger, to="b", attribution="{place}"
    )
    assert (first.quotes_printed, other.quotes_printed) == (1, 0)
    left_out = (other.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert "another attribution" in left_out
