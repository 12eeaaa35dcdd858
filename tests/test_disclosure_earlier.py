"""What was sent before is known: no count of few people follows from it and today's together."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import Ledger, Release, ReleasedCell, read_ledger, show_count
from reflect_analysis.figures import agreement_figure
from reflect_analysis.frameworks import Framework, FrameworkRow, fill_framework
from reflect_analysis.joint import joint_display
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.report import write_report
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    agreement_tables,
    comparison_table,
    framework_table,
    joint_table,
    pairs_table,
    shareable_alphas,
)
from reflect_analysis.themes import shareable_themes, theme_table

BOOK = Codebook(
    tuple(Code(c, c.title(), "A thing.", "all") for c in ("one", "other", "third", "fourth")),
    (Group("all", "All"),),
)
ROWS = FrameworkRow("either", "Either", supports=("one", "other"))
FRAMEWORK = Framework("f", "F", "theory-of-change", (ROWS,))


def study_of(people):
    """A study of one text a person: what each says, and the role that she bears."""
    documents = tuple(
        Document(f"P{n:02}-S1", f"It was day number {n} of a wet month.", case_id=f"P{n:02}")
        for n in range(len(people))
    )
    cases = tuple(Case(f"P{n:02}", Attributes(role=role)) for n, (role, _) in enumerate(people))
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(
        Coding(d.id, 0, 10, code, "c", "person")
        for d, (_, codes) in zip(documents, people, strict=True)
        for code in codes
    )
    codings = Codings(rows, seen=tuple(Seen("c", d.id, "person") for d in documents))
    return {
        "corpus": Corpus(documents, cases, clearances=stamps),
        "codebook": BOOK,
        "codings": codings,
    }


def some(n, *codes, role="cook"):
    return [(role, set(codes))] * n


def pairs_of(values):
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    return cooccurrence(values["codings"], **about, unit="participant")


def framework_of(values, framework=FRAMEWORK):
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    return fill_framework(framework, values["codings"], **about)


def sent(folder, name, values, *further, ledger="sent.json"):
    return write_report(
        folder / name,
        **values,
        approach="content-analysis",
        further=further,
        formats=("html",),
        ledger=folder / ledger,
        to=name,
    )


def cells_of(report):
    (release,) = read_ledger(report.out / "keep" / "release.json").releases
    return {cell.key[:2] for cell in release.cells}


# Three say the third thing and neither of the others: of two unions, one with it, they follow.
WIDER = Framework(
    "wider", "W", "theory-of-change", (FrameworkRow("r", "R", supports=("one", "other", "third")),)
)
APART = [
    *some(6, "one", "third"),
    *some(4, "one"),
    *some(10, "other"),
    *some(3, "third"),
    *some(17),
]


def union_sent(number, of, *, persons=(), codes=("one", "other")):
    cell = ReleasedCell("f either for", (), number, number, of, codes=codes)
    return Release("ministry", (cell,), persons=tuple(persons))


def ledger_with(folder, release):
    Ledger((release,)).save(folder / "sent.json")


def test_a_count_that_with_an_earlier_one_gives_few_is_hidden(tmp_path):
    values = study_of(APART)
    alone = sent(tmp_path, "alone", values, framework_of(values), ledger="other.json")
    assert ("f either for", ()) in cells_of(alone)
    first = sent(tmp_path, "first", values, framework_of(values, WIDER))
    assert ("wider r for", ()) in cells_of(first)
    second = sent(tmp_path, "second", values, framework_of(values))
    assert ("f either for", ()) not in cells_of(second)
    (reason,) = second.withheld
    assert reason.startswith("F: 1 row hidden")


def test_what_was_sent_before_may_be_sent_again(tmp_path):
    values = study_of(APART)
    first = sent(tmp_path, "first", values, framework_of(values), pairs_of(values))
    again = sent(tmp_path, "again", values, framework_of(values), pairs_of(values))
    assert cells_of(again) == cells_of(first)
    assert again.withheld == ()
    assert again.remarks[0].endswith("counts reckoned as known")


def test_a_theme_from_which_with_an_earlier_union_few_follow_is_hidden(tmp_path):
    values = study_of([*some(3, "one", "other"), *some(9, "one"), *some(9, "other"), *some(9)])
    ledger_with(tmp_path, union_sent(21, 30))
    report = sent(tmp_path, "new", values)
    told = cells_of(report)
    assert ("one", ()) in told
    assert ("other", ()) not in told
    (reason,) = report.withheld
    assert reason.startswith("other: a count of few people would follow")
    assert "ministry" in reason


def test_an_earlier_count_that_the_data_no_longer_give_is_said_and_not_reckoned_with(tmp_path):
    values = study_of([*some(3, "one", "other"), *some(9, "one"), *some(9, "other"), *some(9)])
    ledger_with(tmp_path, union_sent(14, 30))
    report = sent(tmp_path, "new", values)
    assert report.withheld == ()
    (remark,) = report.remarks
    assert "1 count held against the same count alone" in remark
    (kept,) = read_ledger(report.out / "keep" / "release.json").releases
    assert kept.remarks == report.remarks


def test_few_newcomers_do_not_follow_from_another_table_of_the_same_codes(tmp_path):
    then = [*some(11, "one"), *some(10, "other"), *some(9)]
    values = study_of([*then, *some(2, "other"), *some(10)])
    before = [f"P{n:02}" for n in range(len(then))]
    ledger_with(tmp_path, dataclasses.replace(union_sent(21, 30, persons=before)))
    again = Framework("g", "G", "theory-of-change", (ROWS,))
    report = sent(tmp_path, "new", values, framework_of(values, again))
    assert ("g either for", ()) not in cells_of(report)
    assert report.remarks[0].endswith("1 count reckoned as known")


def test_of_whom_some_went_nothing_is_reckoned_as_known(tmp_path):
    values = study_of([*some(11, "one"), *some(10, "other"), *some(19)])
    ledger_with(tmp_path, union_sent(21, 30, persons=[f"P{n:02}" for n in range(15, 55)]))
    (remark,) = sent(tmp_path, "new", values, framework_of(values)).remarks
    assert "1 count held against the same count alone" in remark


def test_a_count_that_is_hidden_now_and_was_printed_is_named(tmp_path):
    values = study_of([*some(3, "third"), *some(9, "one"), *some(9, "other"), *some(9)])
    cell = ReleasedCell("third", (), 3, 3, 30)
    ledger_with(tmp_path, Release("ministry", (cell,)))
    report = sent(tmp_path, "new", values)
    assert any(each.startswith("third: hidden here, and printed in") for each in report.remarks)


def test_groups_of_an_earlier_comparison_are_known(tmp_path):
    people = [*some(9, "one"), *some(9), *some(9, "one", role="lead"), *some(9, role="lead")]
    values = study_of(people)
    about = {"corpus": values["corpus"], "codebook": BOOK}
    compared = compare_groups(values["codings"], **about, by="role")
    first = sent(tmp_path, "first", values, compared)
    assert ("one", (("role", "cook"),)) in cells_of(first)
    second = sent(tmp_path, "second", values, pairs_of(values))
    assert "held against" not in " ".join(second.remarks)


def test_the_codes_of_a_union_are_kept_in_the_ledger(tmp_path):
    ledger_with(tmp_path, union_sent(21, 30))
    (release,) = read_ledger(tmp_path / "sent.json").releases
    assert release.cells[0].codes == ("one", "other")


# ── another k ───────────────────────────────────────────────────────────────────────────


def shown_again(k):
    """Each kind of result from which a report withheld something, shown with a k."""
    people = [*some(9, "one", "other"), *some(9, "one"), *some(9, "other"), *some(9, role="lead")]
    values = study_of(people)
    about = {"corpus": values["corpus"], "codebook": BOOK}
    return {
        "cooccurrence": (pairs_of(values), lambda v: pairs_table(v, k=k)),
        "fill_framework": (framework_of(values), lambda v: framework_table(v, k=k)),
        "joint_display": (
            joint_display(values["codings"], **about, by="role"),
            lambda v: joint_table(v, k=k),
        ),
        "compare_groups": (
            compare_groups(values["codings"], **about, by="role"),
            lambda v: comparison_table(v, k=k),
        ),
    }


@pytest.mark.parametrize(
    "kind", ["cooccurrence", "fill_framework", "joint_display", "compare_groups"]
)
def test_what_was_withheld_for_one_k_is_not_shown_with_another(kind):
    value, show = shown_again(3)[kind]
    withheld = dataclasses.replace(value, withheld=frozenset(), withheld_at=5)
    with pytest.raises(ValueError, match=f"found for k = 5.*ask what {kind} gave"):
        show(withheld)
    assert shown_again(5)[kind][1](withheld).rows


def test_a_report_stamps_what_it_withholds_with_its_k():
    values = study_of(APART)
    about = {**values, "approach": "content-analysis", "k": 4}
    (pairs,) = protected(Study(**about, further=(pairs_of(values),)))
    assert pairs.withheld_at == 4


# ── a comparison by itself ──────────────────────────────────────────────────────────────


def test_a_comparison_alone_is_held_against_the_theme_table():
    # Of the forty who were read three bear neither role: the total of a code gives them back.
    people = [
        *some(8, "one"),
        *some(10),
        *some(9, "one", role="lead"),
        *some(10, role="lead"),
        *some(3, "one", role="aide"),
    ]
    values = study_of(people)
    compared = compare_groups(
        values["codings"],
        corpus=values["corpus"],
        codebook=BOOK,
        by="role",
        groups=("cook", "lead"),
    )
    assert comparison_table(compared).texts()[0][1] == "–*"
    unheld = dataclasses.replace(compared, withheld=frozenset())
    assert comparison_table(unheld).texts()[0][1] == "8 of 18"


# ── agreement by itself ─────────────────────────────────────────────────────────────────


def read_twice():
    """A code and its part, one participant apart: the theme table hides both."""
    values = study_of([*some(11, "one", "other"), *some(1, "one"), *some(18)])
    codes = tuple(
        dataclasses.replace(c, parent="one" if c.id == "other" else None) for c in BOOK.codes
    )
    log = values["codings"]
    again = [dataclasses.replace(c, coder="d", id=f"{c.id}-d") for c in log]
    seen = (*log.seen, *(dataclasses.replace(each, coder="d") for each in log.seen))
    both = [dataclasses.replace(each, blind=True) for each in (*log, *again)]
    codings = Codings(tuple(both), seen=tuple(dataclasses.replace(s, blind=True) for s in seen))
    return {**values, "codebook": Codebook(codes, BOOK.groups), "codings": codings}


def test_agreement_is_held_against_the_theme_table_where_it_is_known_and_else_says_so():
    values = read_twice()
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    agreement = measure_agreement(values["codings"], **about)
    alone = agreement_tables(dataclasses.replace(agreement, parents={}))[0]
    assert "Not held against a theme table" in alone.note
    assert not any("–*" in row for row in alone.texts())
    held = agreement_tables(agreement, themes=theme_table(values["codings"], **about))[0]
    hidden = {row[0] for row in held.texts() if "–*" in row}
    assert hidden == {"One", "Other"}
    assert "Not held against" not in held.note


def read_apart():
    """Ann gave a code, and not its part, to two more; to both coders together it is eight more."""
    values = study_of(some(30))
    codes = tuple(
        dataclasses.replace(c, parent="one" if c.id == "other" else None) for c in BOOK.codes
    )
    ids = [document.id for document in values["corpus"]]
    found = {
        ("other", "ann"): ids[:8],
        ("other", "bob"): ids[:8],
        ("one", "ann"): ids[8:10],
        ("one", "bob"): ids[10:16],
        ("third", "ann"): ids[::3],
        ("third", "bob"): ids[::3],
    }
    rows = tuple(
        Coding(i, 0, 10, code, coder, "person", blind=True)
        for (code, coder), where in found.items()
        for i in where
    )
    seen = tuple(Seen(coder, i, "person", blind=True) for coder in ("ann", "bob") for i in ids)
    return {
        **values,
        "codebook": Codebook(codes, BOOK.groups),
        "codings": Codings(rows, seen=seen),
    }


def test_what_one_coder_found_of_a_code_and_not_of_its_part_is_hidden():
    values = read_apart()
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    agreement = measure_agreement(values["codings"], **about)
    themes = theme_table(values["codings"], **about)
    assert not any(row.withheld for row in shareable_themes(themes, k=5).rows)
    table = agreement_tables(agreement, themes=themes)[0]
    assert {row[0] for row in table.texts() if "–*" in row} == {"One", "Other"}
    assert set(shareable_alphas(agreement)) == {"third"}
    assert "0.45" not in agreement.sentence()
    drawn = agreement_figure(agreement)
    assert "0.45" not in drawn.alt_text


# ── codes that were split, merged or given up ───────────────────────────────────────────


def split_book(*, lineage=True):
    """The codebook in which the first code became two."""
    parts = [Code(c, c.title(), "A thing.", "all") for c in ("body", "feeling")]
    if lineage:
        return BOOK.split("one", parts, by="lead", reason="two things")
    return Codebook((*BOOK.codes[1:], *parts), BOOK.groups)


def with_book(values, book):
    return {**values, "codebook": book}


# Fifteen said the first code, which then is two codes: of twelve, and of three.
BEFORE_SPLIT = [*some(15, "one"), *some(15, "other")]
AFTER_SPLIT = [*some(12, "body"), *some(3, "feeling"), *some(15, "other")]


@pytest.mark.parametrize("lineage", [True, False])
def test_a_part_of_a_code_that_was_split_does_not_follow_from_the_rest(tmp_path, lineage):
    book = split_book(lineage=lineage)
    first = sent(tmp_path, "first", study_of(BEFORE_SPLIT))
    assert ("one", ()) in cells_of(first)
    alone = sent(tmp_path, "alone", with_book(study_of(AFTER_SPLIT), book), ledger="other.json")
    assert ("body", ()) in cells_of(alone)
    second = sent(tmp_path, "second", with_book(study_of(AFTER_SPLIT), book))
    assert ("body", ()) not in cells_of(second)
    assert ("other", ()) in cells_of(second)
    assert any("body" in reason for reason in second.withheld)
    said = [each for each in second.remarks if "does not say what took its place" in each]
    assert bool(said) is not lineage


def test_a_union_of_what_took_a_codes_place_is_reckoned_as_known(tmp_path):
    # Of the union that was sent three are left without the one code that is printed.
    first = Release("ministry", (ReleasedCell("one", (), 15, 15, 30),))
    ledger_with(tmp_path, first)
    report = sent(tmp_path, "new", with_book(study_of(AFTER_SPLIT), split_book()))
    assert report.remarks[0].endswith("1 count reckoned as known")
    assert ("body", ()) not in cells_of(report)


def released(*counts, of=30, persons=(), **about):
    cells = tuple(
        ReleasedCell(code, (), *((n, n) if isinstance(n, int) else n), of) for code, n in counts
    )
    return Release("ministry", cells, persons=persons, **about)


SPLIT = {"book": ("body", "feeling"), "became": (("worn", ("body", "feeling")),)}
MERGED = {"book": ("worn",), "became": (("sad", ("worn",)), ("tired", ("worn",)))}


@pytest.mark.parametrize(
    ("before", "after", "about", "hidden"),
    [
        ([("worn", 15)], [("body", 12), ("feeling", (1, 4))], SPLIT, {"body"}),
        # Two things, of which both are said by three.
        ([("worn", 15)], [("body", 10), ("feeling", 8)], SPLIT, {"feeling"}),
        # The last that is hidden could be subtracted.
        ([("worn", 16)], [("body", 10), ("feeling", (1, 4))], SPLIT, {"body"}),
        ([("worn", 15)], [("body", 9), ("feeling", 6)], SPLIT, set()),
        ([("sad", 9), ("tired", 8)], [("worn", 14)], MERGED, {"worn"}),
        ([("sad", 9), ("tired", 8)], [("worn", 17)], MERGED, set()),
        ([("sad", 9), ("tired", (1, 4))], [("worn", 12)], MERGED, {"worn"}),
        # As good as it was: the same number under another name.
        ([("old", 9)], [("new", 9)], {"book": ("new",), "became": (("old", ("new",)),)}, set()),
    ],
)
def test_codes_and_what_took_their_place_are_held_against_each_other(before, after, about, hidden):
    codes = tuple(code for code, _ in before)
    ledger = Ledger((released(*before, book=codes),))
    assert {leak.what for leak in ledger.check(released(*after, **about))} == hidden


def test_bounds_of_what_took_a_codes_place_leave_enough_values():
    three = {"book": ("a", "b", "c"), "became": (("worn", ("a", "b", "c")),)}
    counts = [("a", 10), ("b", (1, 4)), ("c", (1, 4))]
    ledger = Ledger((released(("worn", 17), book=("worn",)),))
    assert {leak.what for leak in ledger.check(released(*counts, **three))} == {"a"}
    wide = Ledger((released(("worn", 15), book=("worn",)),))
    assert wide.check(released(*counts, **three)) == ()


def test_codes_tied_by_what_became_of_them_are_not_held_against_other_persons():
    before = released(("worn", 15), book=("worn",), persons=tuple("abcdefg"))
    after = released(("body", 12), ("feeling", (1, 4)), persons=tuple("tuvwxyz"), **SPLIT)
    assert Ledger((before,)).check(after) == ()


@given(
    st.lists(st.sampled_from(["body", "feeling", "both", ""]), min_size=20, max_size=40),
)
def test_no_few_are_left_of_a_code_without_what_is_printed_of_its_parts(people):
    def shown(code, said):
        count = show_count(sum(said), len(people))
        return ReleasedCell(code, (), count.low, count.high, len(people))

    body, feeling = ([p in {code, "both"} for p in people] for code in ("body", "feeling"))
    before = Release("a", (shown("worn", [bool(p) for p in people]),), book=("worn",))
    cells = {"body": shown("body", body), "feeling": shown("feeling", feeling)}
    ledger = Ledger((before,))
    while leaks := ledger.check(Release("b", tuple(cells.values()), **SPLIT)):
        del cells[leaks[0].what]
    worn = before.cells[0]
    for cell in cells.values():
        if worn.exact and cell.exact:
            assert not 0 < worn.low - cell.low < 5
    if worn.exact and len(cells) == 2 and all(cell.exact for cell in cells.values()):
        assert not 0 < sum(cell.low for cell in cells.values()) - worn.low < 5


def test_what_a_release_says_of_its_codes_is_kept(tmp_path):
    ledger_with(tmp_path, released(("body", 12), **SPLIT))
    (kept,) = read_ledger(tmp_path / "sent.json").releases
    assert (kept.book, kept.became) == (SPLIT["book"], SPLIT["became"])


# ── somebody withdrew ───────────────────────────────────────────────────────────────────


ROLES = [
    *(each for role in ("cook", "lead", "aide") for each in some(7, "one", role=role)),
    *(each for role in ("cook", "lead", "aide") for each in some(7, role=role)),
]


def told_groups(report):
    return {group for what, where in cells_of(report) for _, group in where if what == "one"}


def compared(values, *groups):
    about = {"corpus": values["corpus"], "codebook": BOOK}
    return compare_groups(values["codings"], **about, by="role", groups=groups)


def test_what_one_said_of_many_who_withdrew_does_not_follow_from_other_groups(tmp_path):
    # Twelve cooks and one lead: of those who are no cooks she alone is gone.
    gone = [*some(6, "one"), *some(6), *some(1, "one", role="lead")]
    before, now = study_of([*ROLES, *gone]), study_of(ROLES)
    first = sent(tmp_path, "first", before, compared(before, "cook", "others"))
    assert {"cook", "others"} == told_groups(first)
    display = joint_display(now["codings"], corpus=now["corpus"], codebook=BOOK, by="role")
    alone = sent(tmp_path, "alone", now, display, ledger="other.json")
    assert told_groups(alone) == {"aide", "cook", "lead"}
    second = sent(tmp_path, "second", now, display)
    assert ("one", ()) in cells_of(second)
    assert not {"lead", "aide"} <= told_groups(second)


def test_what_somebody_said_who_withdrew_does_not_follow_from_the_same_sum(tmp_path):
    people = [*some(11, "one"), *some(9, "other"), *some(9), *some(1, "one")]
    first = sent(tmp_path, "first", study_of(people), framework_of(study_of(people)))
    assert ("f either for", ()) in cells_of(first)
    again = Framework("g", "G", "theory-of-change", (ROWS,))
    values = study_of(people[:-1])
    second = sent(tmp_path, "second", values, framework_of(values, again))
    assert not {"one", "other", "g either for"} & {what for what, _ in cells_of(second)}


def test_of_many_who_withdrew_a_sum_may_be_printed(tmp_path):
    people = [*some(11, "one"), *some(9, "other"), *some(9), *some(6, "one"), *some(6)]
    sent(tmp_path, "first", study_of(people), framework_of(study_of(people)))
    again = Framework("g", "G", "theory-of-change", (ROWS,))
    values = study_of(people[:29])
    second = sent(tmp_path, "second", values, framework_of(values, again))
    assert ("g either for", ()) in cells_of(second)


# ── a bound beside a sum ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("together", "shown"), [(0, "–*"), (10, "≥30 of 34")])
def test_a_bound_that_counts_of_the_theme_table_would_pin_is_hidden(together, shown):
    # 20 and 10 of 34, said by nobody together: "at least 30" of any of them would say 30.
    people = [
        *some(20 - together, "one"),
        *some(together, "one", "other"),
        *some(10, "other"),
        *some(4),
    ]
    assert framework_table(framework_of(study_of(people)), k=5).texts()[0][1] == shown
