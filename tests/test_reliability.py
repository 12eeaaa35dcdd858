"""Agreement of coders: numbers by hand and from the literature, through the whole path."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders.labelling import LabellingPlan, PlannedUnit
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.coefficients.unitizing import unitizing_alpha
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import AgreementError, UnknownIdError
from reflect_analysis.reliability import landis_koch, measure_agreement, told
from reflect_analysis.segments import Segment, Segments

TEXT = "I was alone then. She came to my room. We talked for an hour."
SENTENCES = ((0, 17), (18, 38), (39, 61))


def seen(coder, *documents, **more):
    return tuple(Seen(coder, each, blind=True, **more) for each in documents)


def coded(coder, document, code="a", start=0, end=5, **more):
    return Coding(document, start, end, code, coder, blind=True, **more)


def of_table(both, first, second, neither, code="a"):
    """Two coders' log of documents whose presence and absence make a 2×2 table."""
    cells = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return of_ratings(cells, code)


def of_ratings(rows, code="a"):
    """A log of documents: for each coder 1, 0 or None (not read)."""
    marks, read = [], []
    for number, row in enumerate(rows):
        for coder, rating in zip(("ada", "bo", "cy"), row, strict=False):
            if rating is not None:
                read += seen(coder, f"D{number:03}")
            if rating:
                marks.append(coded(coder, f"D{number:03}", code))
    return Codings(tuple(marks), seen=tuple(read))


def corpus_of(log, case_of=lambda document_id: document_id, text=TEXT):
    ids = sorted({row.document_id for row in log.seen})
    cases = sorted({case_of(each) for each in ids})
    return Corpus(
        tuple(Document(i, text, case_id=case_of(i)) for i in ids), tuple(map(Case, cases))
    )


# Frozen values: both yes, first only, second only, neither → percent, positive, κ, α, AC1.
FROZEN = {
    (20, 5, 10, 15): (0.7, 0.72727, 0.4, None, None),
    (80, 10, 5, 5): (0.85, 0.91429, 0.31818, 0.31771, 0.808),
    (40, 9, 6, 45): (0.85, 0.84211, 0.69952, 0.70075, 0.70075),
    (2, 3, 3, 92): (0.94, 0.4, 0.36842, 0.37158, 0.9337),
    (0, 5, 2, 118): (0.944, 0.0, -0.02339, -0.02469, 0.94078),
}


@pytest.mark.parametrize(("table", "expected"), FROZEN.items())
def test_frozen_values_through_the_whole_path(table, expected):
    row = measure_agreement(of_table(*table)).row("a")
    found = (row.percent, row.positive, row.kappa, row.alpha, row.ac1)
    assert row.table == table
    assert row.units == sum(table)
    assert row.positives == (table[0] + table[1], table[0] + table[2])
    for value, wanted in zip(found, expected, strict=True):
        if wanted is not None:
            assert float(value) == pytest.approx(wanted, abs=6e-6)


def test_prevalence_and_bias_by_hand():
    row = measure_agreement(of_table(80, 10, 5, 5)).row("a")
    assert (row.prevalence, row.bias) == pytest.approx((0.75, 0.05))


def test_three_coders_with_gaps_by_hand():
    # Coincidences: 11 → 3, 00 → 4, 01 and 10 → 2 each; 5 ones and 6 noughts.
    log = of_ratings([(1, 1, 1), (0, 0, 0), (1, 0, None), (0, 0, 1), (1, None, None)])
    found = measure_agreement(log)
    row = found.row("a")
    assert row.units == 4
    assert row.table is None
    assert row.positives == (2, 1, 2)
    assert float(row.alpha) == pytest.approx(1 - (4 / 11) / (60 / 110))
    # Fleiss on the three units that all read: P = 7/9, p = 4/9 and 5/9.
    assert float(row.kappa) == pytest.approx((7 / 9 - 41 / 81) / (1 - 41 / 81))
    assert row.kappa.n_units == 3


def test_pairs_of_three_coders_are_their_own_two_by_two_tables():
    log = of_ratings([(1, 1, 1), (0, 0, 0), (1, 0, None), (0, 0, 1), (1, None, None)])
    found = measure_agreement(log)
    tables = {row.coders: row.table for row in found.pairs}
    assert tables == {
        ("ada", "bo"): (1, 1, 0, 2),
        ("ada", "cy"): (1, 0, 1, 1),
        ("bo", "cy"): (1, 0, 1, 1),
    }
    matrix = found.pair_matrix("a", coefficient="percent")
    assert matrix.loc["cy", "ada"] == matrix.loc["ada", "cy"] == pytest.approx(2 / 3)
    assert matrix.loc["ada", "ada"] == 1


def test_two_coders_have_a_matrix_too_and_an_unknown_coefficient_is_named():
    found = measure_agreement(of_table(20, 5, 10, 15))
    assert found.pair_matrix("a", coefficient="kappa").loc["ada", "bo"] == pytest.approx(0.4)
    with pytest.raises(ValueError, match="kappa"):
        found.pair_matrix("a", coefficient="kapa")


def test_no_coder_is_at_a_distance_from_herself():
    starts = {"ada": 0, "bo": 2, "cy": 4}
    marks = [coded(name, "D1", start=start, end=12) for name, start in starts.items()]
    log = Codings(tuple(marks), seen=tuple(row for name in starts for row in seen(name, "D1")))
    found = measure_agreement(log, corpus=corpus_of(log), unit="span")
    matrix = found.pair_matrix("a", coefficient="distance")
    assert matrix.to_numpy().tolist() == [[0, 2, 4], [2, 0, 2], [4, 2, 0]]
    assert found.pair_matrix("a").loc["ada", "ada"] == 1


def test_sets_of_codes_as_in_the_published_example():
    # Nine units and three codes (see `set_alpha`): MASI .2731, Jaccard .3156.
    sets = {
        "ada": ["", "A", "A", "A", "AB", "AB", "ABC", "C", "C"],
        "bo": ["", "", "A", "B", "A", "AC", "ABC", "AC", "AC"],
    }
    marks = [
        coded(coder, f"D{number}", code.lower())
        for coder, rows in sets.items()
        for number, codes in enumerate(rows)
        for code in codes
    ]
    read = [row for coder in sets for row in seen(coder, *(f"D{n}" for n in range(9)))]
    (found,) = measure_agreement(Codings(tuple(marks), seen=tuple(read))).sets
    assert (found.units, found.n_codes, found.empty) == (9, 3, 1)
    assert float(found.masi) == pytest.approx(0.2731, abs=5e-5)
    assert float(found.jaccard) == pytest.approx(0.3156, abs=5e-5)


def test_a_parent_adds_nothing_to_a_set():
    codes = (Code("b", "B", "B.", "g"), Code("b_one", "One", "It.", "g", parent="b"))
    book = Codebook(codes, (Group("g", "G"),))
    marks = (coded("ada", "D0", "b_one"), coded("bo", "D0", "b"))
    log = Codings(marks, seen=(*seen("ada", "D0", "D1"), *seen("bo", "D0", "D1")))
    found = measure_agreement(log, codebook=book)
    assert found.row("b").positives == (1, 1)
    # Of {b_one}, {b}, ∅, ∅ 10 of 12 ordered pairs differ; with the parent put in, they would
    # share half in D0, and alpha would be 2/3.
    assert float(found.sets[0].jaccard) == pytest.approx(1 - (1 / 2) / (10 / 12))


def test_the_unitizing_family_as_in_the_published_example():
    spans = {
        "alex": [("one", 2, 5), ("one", 9, 11), ("two", 12, 20)],
        "paul": [("one", 2, 5), ("two", 7, 15)],
        "susan": [("one", 2, 5), ("two", 10, 15)],
    }
    marks = [
        coded(coder, "D1", code, start, end)
        for coder, rows in spans.items()
        for code, start, end in rows
    ]
    log = Codings(tuple(marks), seen=tuple(row for coder in spans for row in seen(coder, "D1")))
    corpus = Corpus((Document("D1", "abcdefghij" * 2),))
    found = measure_agreement(log, corpus=corpus, unit="span")
    (family,) = found.texts
    assert [round(float(each), 3) for each in (family.u, family.binary, family.cu)] == [
        0.474, 0.433, 0.779,
    ]  # fmt: skip
    assert family.coverage == pytest.approx(0.3833, abs=5e-5)
    overlap = {row.code_id: round(float(row.alpha_overlap), 3) for row in found.spans}
    assert overlap == {"one": 0.769, "two": 0.787}
    assert found.spans[0].positives == (2, 1, 1)
    assert "pairs" in found.spans[0].exact.reason
    assert {row.coders for row in found.span_pairs} == {
        ("alex", "paul"), ("alex", "susan"), ("paul", "susan"),
    }  # fmt: skip


def test_spans_match_after_outer_space_and_punctuation_are_trimmed():
    log = Codings(
        (
            *(coded("ada", "D1", start=s, end=e) for s, e in ((0, 17), (18, 38))),
            *(coded("bo", "D1", start=s, end=e) for s, e in ((0, 16), (20, 38), (41, 45))),
        ),
        seen=(*seen("ada", "D1"), *seen("bo", "D1")),
    )
    (row,) = measure_agreement(log, corpus=corpus_of(log), unit="span").spans
    assert row.positives == (2, 3)
    assert float(row.exact) == pytest.approx(2 / 5)
    assert float(row.overlapping) == pytest.approx(4 / 5)
    assert float(row.distance) == pytest.approx(1.0)  # the median of 0 and 2
    assert row.alpha.n_units == 5


def test_spans_are_worked_out_when_they_are_looked_at(monkeypatch):
    calls = []

    def counted(*arguments, **more):
        calls.append(arguments)
        return unitizing_alpha(*arguments, **more)

    monkeypatch.setattr("reflect_analysis.reliability.spans.unitizing_alpha", counted)
    log = of_table(2, 1, 0, 1)
    found = measure_agreement(log, corpus=corpus_of(log), draws=20)
    assert not calls
    assert [row.positives for row in found.spans] == [(3, 2)]
    assert found.texts[0].documents == 4
    before = len(calls)
    assert found.spans
    assert found.texts
    assert len(calls) == before > 0


@pytest.fixture(scope="module")
def sentences():
    """Two texts of three sentences."""
    documents = tuple(Document(name, TEXT, case_id="P1") for name in ("D1", "D2"))
    corpus = Corpus(documents, (Case("P1"),))
    rows = [Segment.of(d, start, end, "P1") for d in documents for start, end in SENTENCES]
    return Segments(corpus, tuple(rows), "sentence")


def test_segments_are_shown_with_and_without_those_that_nobody_coded(sentences):
    log = Codings(
        (coded("ada", "D1", "a", 0, 17), coded("bo", "D1", "b", 18, 38)),
        seen=(*seen("ada", "D1", "D2"), *seen("bo", "D1", "D2")),
    )
    found = measure_agreement(log, segments=sentences)
    assert found.unit == "segment"
    tables = {(row.text, row.code_id): row.table for row in found.rows}
    assert tables["all", "a"] == (0, 1, 0, 5)
    assert tables["coded", "a"] == (0, 1, 0, 1)
    assert {(row.text, row.units, row.empty) for row in found.sets} == {
        ("all", 6, 4),
        ("coded", 2, 0),
    }
    assert len(found.main) == 2
    assert "segments (by sentence)" in found.sentence()


def test_only_what_chance_chose_is_compared_where_there_is_a_plan(sentences):
    log = Codings(
        (coded("ada", "D1", "a", 0, 17), coded("bo", "D1", "b", 18, 38)),
        seen=(*seen("ada", "D1", "D2"), *seen("bo", "D1", "D2")),
    )
    ids = [row.id for row in sentences]
    rows = [PlannedUnit(ids[0], "audit", 1, labelled=False, frame=6, seed=0)]
    rows += [PlannedUnit(ids[1], "uncertain", 1, labelled=False, frame=6, seed=0)]
    rows += [PlannedUnit(ids[4], "audit", 1, labelled=False, frame=6, seed=0)]
    plan = LabellingPlan(tuple(rows))
    found = measure_agreement(log, segments=sentences, codes=["a"], audit=plan)
    assert found.row("a").table == (0, 1, 0, 1)
    assert any("chance chose" in note for note in found.notes)
    with pytest.raises(AgreementError, match="segments="):
        measure_agreement(log, corpus=sentences.corpus, audit=plan)
    elsewhere = sentences.where(lambda row: row.document_id == "D1")
    with pytest.raises(AgreementError, match="1 of 2 units of the audit"):
        measure_agreement(log, segments=elsewhere, audit=plan)


def test_a_part_that_was_read_makes_segments_and_no_document(sentences):
    part = {"start": 0, "end": 38}
    log = Codings(seen=(*seen("ada", "D1", **part), *seen("bo", "D1")))
    found = measure_agreement(log, segments=sentences, codes=["a"], codebook=book_of("a"))
    assert found.row("a").units == 2
    assert [(e.count, e.reason) for e in found.left_out] == [
        (3, "read by none of them"), (1, "read by one of them alone"),
    ]  # fmt: skip
    with pytest.raises(AgreementError, match="read in part alone"):
        measure_agreement(log, corpus=sentences.corpus, codebook=book_of("a"))


def book_of(*codes, **more):
    return Codebook(
        tuple(Code(c, c.title(), "It.", "g", **more) for c in codes), (Group("g", "G"),)
    )


def test_participants_are_drawn_and_not_their_texts():
    log = of_table(6, 1, 1, 8)
    own = measure_agreement(log, corpus=corpus_of(log)).row("a").alpha.interval
    shared = corpus_of(log, case_of=lambda d: f"P{int(d[1:]) % 4}")
    few = measure_agreement(log, corpus=shared).row("a").alpha.interval
    one = measure_agreement(log, corpus=corpus_of(log, case_of=lambda _: "P1")).row("a")
    assert (own.n_clusters, few.n_clusters) == (16, 4)
    assert own.method == "jackknife"
    assert "two clusters" in one.alpha.interval.reason
    assert math.isnan(one.below)
    assert any("no interval" in reason for reason in one.undefined)


def test_with_a_hundred_participants_intervals_are_of_seeded_draws():
    log = of_table(40, 9, 6, 45)
    first, again = (measure_agreement(log, draws=200).row("a").alpha.interval for _ in range(2))
    other = measure_agreement(log, draws=200, random_state=1).row("a").alpha.interval
    assert first.method == "bca"
    assert (first.lower, first.upper) == (again.lower, again.upper)
    assert (first.lower, first.upper) != (other.lower, other.upper)
    assert 0 <= measure_agreement(log, draws=200).row("a").below <= 1
    assert "200 bootstrap draws of documents" in measure_agreement(log, draws=200).sentence()


def test_what_cannot_be_computed_says_why():
    log = of_table(0, 0, 0, 6)
    row = measure_agreement(log, codebook=book_of("a")).row("a")
    assert row.table == (0, 0, 0, 6)
    assert float(row.percent) == 1
    assert float(row.negative) == 1
    assert math.isnan(row.positive.value)
    assert "no coder found" in row.positive.reason
    assert math.isnan(row.kappa.value)
    assert math.isnan(row.alpha.value)
    assert row.alpha.reason
    assert any(reason.startswith("positive: ") for reason in row.undefined)


def test_human_only_codes_are_measured_and_codes_that_nobody_looked_for_say_so():
    log = of_table(3, 1, 0, 4)
    narrow = Codings(log.codings, seen=tuple(_looking_for(row, ("a",)) for row in log.seen))
    found = measure_agreement(narrow, codebook=book_of("a", "b", human_only=True))
    assert found.row("a").units == 8
    assert found.row("b").units == 0
    assert found.row("b").alpha.reason == "nobody looked for this code"


def _looking_for(row, codes):
    return Seen(row.coder, row.document_id, codes=codes, blind=True)


def test_a_code_that_one_of_them_did_not_look_for_names_who():
    log = Codings(seen=(Seen("ada", "D1", codes=("a", "b"), blind=True), *(
        Seen("bo", "D1", codes=("a",), blind=True),
    )))  # fmt: skip
    found = measure_agreement(log)
    assert found.row("b").alpha.reason == "not looked for by bo"


def test_the_frame_has_one_row_a_code_with_counts_before_coefficients():
    frame = measure_agreement(of_table(2, 3, 3, 92)).to_frame()
    columns = list(frame.columns)
    assert len(frame) == 1
    assert columns.index("both") < columns.index("percent") < columns.index("alpha")
    assert "label" not in columns
    record = frame.iloc[0]
    assert (record["both"], record["neither"], record["positives_ada"]) == (2, 92, 5)
    assert record["kappa_low"] < record["kappa"] < record["kappa_high"]


def test_labels_are_shown_when_they_are_asked_for():
    frame = measure_agreement(of_table(2, 3, 3, 92)).to_frame(labels=True)
    assert frame["label"].tolist() == ["fair"]


@pytest.mark.parametrize(
    ("value", "word"),
    [(-0.1, "poor"), (0, "slight"), (0.2, "slight"), (0.61, "substantial"), (1, "almost perfect")],
)
def test_landis_and_koch(value, word):
    assert landis_koch(value) == word


def test_a_part_of_the_frame_is_asked_for_by_name():
    found = measure_agreement(of_ratings([(1, 1, 1), (0, 0, 1)]))
    assert len(found.to_frame("pairs")) == 3
    assert len(found.to_frame("sets")) == 0  # one code is no set
    with pytest.raises(ValueError, match="pairs"):
        found.to_frame("pair")


def test_an_unknown_code_of_an_agreement_is_named():
    with pytest.raises(UnknownIdError, match="did you mean 'renewal'"):
        measure_agreement(of_table(1, 0, 0, 1, code="renewal")).row("renewals")


def test_the_sentence_gives_the_range_with_its_minimum_and_no_mean():
    weak, strong = of_table(12, 8, 8, 12, code="weak"), of_table(18, 1, 1, 20, code="strong")
    log = weak + Codings(strong.codings, seen=strong.seen)
    told_of = measure_agreement(log, corpus=corpus_of(log)).sentence()
    assert told_of.startswith("Two people read the same 40 documents independently of each other")
    assert "ran from 0.21 (weak; 95 % interval" in told_of
    assert "to 0.90" in told_of
    assert "agreement in 60 to 95 % of the units" in told_of
    assert "more likely below .667" in told_of
    assert "jackknife over participants" in told_of
    assert "reflect_analysis" in told_of
    assert "average" not in told_of
    assert "mean" not in told_of


def test_the_sentence_tells_no_figure_of_a_code_of_few_persons():
    log = of_table(2, 1, 1, 60)
    told_of = measure_agreement(log, corpus=corpus_of(log)).sentence()
    assert "0.65" not in told_of
    assert "The figures of one code" in told_of


def test_a_machine_is_named_as_one_and_reads_in_every_phase():
    person = Codings((coded("ada", "D1"),), seen=seen("ada", "D1", "D2", phase="reliability"))
    rules = Codings(
        (Coding("D1", 0, 5, "a", "rules", "machine"),),
        seen=tuple(Seen("rules", d, "machine") for d in ("D1", "D2")),
    )
    found = measure_agreement(person + rules, ["ada", "rules"])
    assert found.machines == {"rules"}
    assert found.row("a").table == (1, 0, 0, 1)
    assert found.phases == ("reliability",)
    assert "One person and a machine (rules)" in found.sentence()
    assert any("agreement with a machine" in note for note in found.notes)


def test_a_notebook_shows_the_sentence_the_counts_and_what_fell_out():
    log = of_table(20, 5, 10, 15) + Codings(seen=seen("ada", "X1"))
    page = measure_agreement(log)._repr_html_()
    assert "Two people read" in page
    for cell in ("<td>20</td>", "<td>5</td>", "<td>10</td>", "<td>15</td>", "<td>0.40</td>"):
        assert cell in page
    assert "1 document read by one of them alone" in page


def test_the_runs_tell_how_it_came_to_be():
    run = measure_agreement(of_table(3, 1, 1, 3)).runs[-1]
    assert run.step == "agreement"
    assert run.seed == 0
    assert run.settings["coders"] == ["ada", "bo"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0, 1, None])] * 2), min_size=2, max_size=12))
def test_coders_may_change_places(rows):
    log = of_ratings([(1, 0), *rows])
    one, two = (measure_agreement(log, order).row("a") for order in (["ada", "bo"], ["bo", "ada"]))
    a, b, c, d = one.table
    assert two.table == (a, c, b, d)
    for (_, first), (_, second) in zip(one.coefficients(), two.coefficients(), strict=True):
        assert np.allclose(first.value, second.value, equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from([0, 1])] * 2), min_size=2, max_size=12),
    st.lists(st.sampled_from([(0, None), (1, None), (None, 1)]), max_size=5),
)
def test_what_one_coder_alone_read_changes_nothing(both, alone):
    rows = [(1, 0), *both]
    one = measure_agreement(of_ratings(rows)).row("a")
    two = measure_agreement(of_ratings([*rows, *alone])).row("a")
    assert one.table == two.table
    for (_, first), (_, second) in zip(one.coefficients(), two.coefficients(), strict=True):
        assert np.allclose(first.value, second.value, equal_nan=True)


def test_identical_coders_agree_wholly():
    row = measure_agreement(of_table(5, 0, 0, 9)).row("a")
    assert [float(c) for _, c in row.coefficients()] == [1] * 6


@pytest.mark.parametrize(
    ("value", "printed"), [(0.6666, "0.67"), (-0.0234, "−0.02"), (-0.001, "0.00"), (math.nan, "–")]
)
def test_coefficients_in_print(value, printed):
    assert told(value) == printed
