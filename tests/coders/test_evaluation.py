"""evaluate: a machine beside people, on units that it did not learn from."""

import dataclasses
import re
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

import reflect_analysis as ra
from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, CounterExample, Group
from reflect_analysis.coders import RuleCoder, code_segments
from reflect_analysis.coders.evaluation import Evaluation, evaluate
from reflect_analysis.coders.evaluation.measures import average_precision, calibration
from reflect_analysis.coders.evaluation.units import units_of
from reflect_analysis.coders.labelling import choose_to_label
from reflect_analysis.coders.semantic import SemanticCoder
from reflect_analysis.coders.supervised import SupervisedCoder
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import (
    AgreementError,
    GovernanceError,
    TrainingDataError,
    UnknownIdError,
)
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

GROUPS = (Group("g", "G"),)


def code(code_id, **more):
    return Code(code_id, code_id.title(), f"What {code_id} is.", "g", **more)


def book(*codes):
    return Codebook(codes or (code("rain"),), GROUPS)


def units(texts, participants=6, governed=None):
    """One sentence a document, dealt to participants in turn."""
    governed = governed or {}
    cases = tuple(
        Case(
            f"P{i}", governance=Governance("A", governed[f"P{i}"]) if f"P{i}" in governed else None
        )
        for i in range(participants)
    )
    documents = tuple(
        Document(f"R{i:03}", text, case_id=f"P{i % participants}") for i, text in enumerate(texts)
    )
    hashes = sorted({text_hash(text) for text in texts})
    corpus = Corpus(documents, cases, tuple(Clearance(each, "a", "b") for each in hashes))
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in corpus)
    return Segments(corpus, rows, "sentence")


def read_by(segments, coder, labels, code_id="rain", **more):
    """What a person coded and read; `None` for what was not read."""
    pairs = list(zip(segments, labels, strict=True))
    codings = tuple(
        Coding(row.document_id, row.start, row.end, code_id, coder, blind=True, **more)
        for row, label in pairs
        if label
    )
    seen = tuple(
        Seen(coder, row.document_id, codes=(code_id,)) for row, label in pairs if label is not None
    )
    return Codings(codings, seen=seen)


def table(both, first, second, neither):
    """(person, machine) of a 2 × 2 table."""
    person = [1] * both + [1] * first + [0] * second + [0] * neither
    machine = [1] * both + [0] * first + [1] * second + [0] * neither
    return person, machine


def saying(labels):
    """A function that says what it was told of each text, which begins with its number."""

    def says(texts):
        return [[labels[int(text.split()[0])]] for text in texts]

    return says


def numbered(number):
    return [f"{i} is here" for i in range(number)]


@pytest.fixture(scope="module")
def hundred():
    """100 units with the table 40/9/6/45 of person and machine."""
    person, machine = table(40, 9, 6, 45)
    segments = units(numbered(100), participants=10)
    return segments, read_by(segments, "ada", person), saying(machine)


# ── what is measured ──


def test_figures_are_those_of_the_two_by_two_table(hundred):
    segments, people, machine = hundred
    (row,) = evaluate(machine, segments, people, codebook=book())
    assert (row.units, row.positives, row.proposed) == (100, 49, 46)
    assert row.precision.value == pytest.approx(40 / 46)
    assert row.recall.value == pytest.approx(40 / 49)
    assert row.f1.value == pytest.approx(80 / 95)
    assert row.kappa.value == pytest.approx(0.69952, abs=5e-6)
    assert row.ac1.value == pytest.approx(0.70075, abs=5e-6)
    assert row.shown == "measured"


def test_every_figure_has_an_interval_by_participant(hundred):
    segments, people, machine = hundred
    (row,) = evaluate(machine, segments, people, codebook=book())
    for figure in (row.precision, row.recall, row.f1, row.kappa, row.ac1, row.average_precision):
        assert figure.interval.n_clusters == 10
        assert figure.interval.lower <= figure.value <= figure.interval.upper


def test_groups_are_what_is_resampled(hundred):
    segments, people, machine = hundred
    groups = [number % 4 for number in range(100)]
    found = evaluate(machine, segments, people, codebook=book(), groups=groups)
    assert found.rows[0].kappa.interval.n_clusters == 4
    assert (found.groups, found.grouped_by) == (4, "group")


def test_from_a_hundred_participants_on_they_are_drawn_again():
    person, machine = table(40, 9, 6, 65)
    segments = units(numbered(120), participants=120)
    (row,) = evaluate(
        saying(machine), segments, read_by(segments, "ada", person), codebook=book(), draws=300
    )
    assert row.kappa.interval.method == "bca"
    assert len(row.kappa.interval.draws) == 300


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=2, max_size=40
    ).filter(lambda rows: any(label for label, _ in rows))
)
def test_average_precision_is_that_of_scikit_learn(rows):
    truth, scores = np.array(rows, dtype=float).T
    expected = average_precision_score(truth, scores)
    assert average_precision(truth, scores).value == pytest.approx(expected)


def test_the_brier_score_and_the_table_of_probabilities_by_hand():
    truth = np.array([1.0, 0, 1, 0, 0])
    found = calibration(truth, np.array([0.8, 0.8, 1.0, 0.0, 0.05]))
    assert found.brier.value == pytest.approx((0.04 + 0.64 + 0 + 0 + 0.0025) / 5)
    assert found.constant == pytest.approx(0.4 * 0.6)
    told = [(part.low, part.units, round(part.probability, 3), part.share) for part in found.bins]
    assert told == [(0.0, 2, 0.025, 0.0), (0.8, 1 + 1, 0.8, 0.5), (0.9, 1, 1.0, 1.0)]


def test_only_who_says_so_gives_probabilities(hundred):
    segments, people, machine = hundred

    class Sure:
        gives_probabilities = True

        def predict_proba(self, texts):
            return machine(texts)

    def frame(coder):
        return evaluate(coder, segments, people, codebook=book()).reliability_to_frame()

    assert frame(machine).empty
    assert frame(Sure()).units.sum() == 100


def test_rules_have_no_scores_and_so_no_average_precision(cache, segmented_demo):
    segments, people, codebook = segmented_demo
    found = evaluate(RuleCoder(codebook, cache=cache), segments, people)
    assert all(row.average_precision is None for row in found)
    assert "Average precision" not in str(found)


def test_the_threshold_decides_what_is_proposed(hundred):
    segments, people, _ = hundred

    def half(texts):
        return [[0.6] for _ in texts]

    proposed = [
        evaluate(half, segments, people, codebook=book(), threshold=limit).rows[0].proposed
        for limit in (None, 0.7, {"rain": 0.6})
    ]
    assert proposed == [100, 0, 100]


def test_it_is_measured_as_it_is_used(hundred):
    segments, people, machine = hundred
    used = code_segments(machine, segments, book())
    (row,) = evaluate(machine, segments, people, codebook=book())
    assert row.proposed == len(used)


def test_a_code_of_the_reflection_is_judged_on_it():
    document = "It rained. I left. The sun came."
    corpus = Corpus(
        tuple(Document(f"R{i:02}", document, case_id=f"P{i % 4}") for i in range(20)),
        tuple(Case(f"P{i}") for i in range(4)),
        (Clearance(text_hash(document), "a", "b"),),
    )
    spans = ((0, 10), (11, 18), (19, 32))
    rows = tuple(Segment.of(d, start, end, d.case_id) for d in corpus for start, end in spans)
    people = Codings(
        tuple(Coding(f"R{i:02}", 11, 32, "turn", "ada", blind=True) for i in range(12)),
        seen=tuple(Seen("ada", d.id) for d in corpus),
    )

    def both(texts):
        return [["rain" in text and "sun" in text] for text in texts]

    codebook = book(code("turn", unit="reflection"))
    found = evaluate(both, Segments(corpus, rows, "sentence"), people, codebook=codebook)
    (row,) = found
    assert (row.unit, row.units, row.positives, row.proposed) == ("reflection", 20, 12, 20)


# ── few positives ──


@pytest.mark.parametrize(
    ("positives", "shown"),
    [
        (9, "fewer than 10 positives"),
        (10, "fewer than 30 positives"),
        (29, "fewer than 30 positives"),
        (30, "measured"),
    ],
)
def test_few_positives_are_marked_and_fewer_have_no_figures(positives, shown):
    segments = units(numbered(60))
    person = [1] * positives + [0] * (60 - positives)
    found = evaluate(saying(person), segments, read_by(segments, "ada", person), codebook=book())
    (row,) = found
    assert row.shown == shown
    assert (row.kappa is None) == (positives < 10)
    assert f"<td>{positives}" in re.sub(r' style="[^"]*"', "", found._repr_html_())
    assert ("fewer than 10 positives" in found._repr_html_()) == (positives < 10)


def test_a_figure_that_is_not_shown_enters_no_mean():
    segments = units(numbered(60))
    good, rare = [1, 0] * 30, [1] * 9 + [0] * 51
    people = read_by(segments, "ada", good) + read_by(segments, "ada", rare, "sun")
    codebook = book(code("rain"), code("sun"))

    def says(texts):
        return [[good[int(t.split()[0])], 0] for t in texts]

    found = evaluate(says, segments, people, codebook=codebook)
    spread = found.over_codes("kappa")
    assert (spread.mean, spread.codes) == (1.0, 1)
    assert np.isnan(found.to_frame().set_index("code_id").kappa["sun"])


def test_no_mean_stands_without_the_lowest(hundred):
    segments, people, machine = hundred
    found = evaluate(machine, segments, people, codebook=book())
    assert str(found.over_codes()) == ".70 (lowest .70, rain)"
    assert re.search(r"the mean κ was \.70 \(lowest \.70, rain\)", found.summary)


# ── who is compared ──


def test_people_are_compared_with_each_other_where_the_machine_read_too():
    segments = units(numbered(60))
    first = [1, 0] * 30
    second = [*first[:40], *[None] * 20]
    second[0] = 0
    people = read_by(segments, "ada", first) + read_by(segments, "bo", second)
    found = evaluate(saying(first), segments, people, codebook=book())
    (pair,) = found.between
    assert (pair.first, pair.second, pair.units) == ("ada", "bo", 40)
    assert (pair.first_positives, pair.second_positives) == (20, 19)
    assert pair.kappa.value == pytest.approx(0.95)
    assert [row.units for row in found] == [60, 40]
    frame = found.to_frame().set_index("against")
    assert frame.people_units.tolist() == [40, 40]
    assert frame.people_kappa["ada"] == pytest.approx(0.95)


def test_where_people_read_different_units_the_machine_is_given_on_the_common_ones_too():
    segments = units(numbered(60))
    first = [1, 0] * 30
    second = [*first[:40], *[None] * 20]
    second[0] = 0
    machine = [*first[:40], *[0] * 20]
    people = read_by(segments, "ada", first) + read_by(segments, "bo", second)
    found = evaluate(saying(machine), segments, people, codebook=book())
    assert not found.same_units
    ada, bo = found.rows
    (pair,) = found.between
    assert ada.kappa.value == pytest.approx(2 / 3)
    assert pair.machine_with("ada").kappa.value == 1.0
    assert pair.machine_with("bo").kappa.value == bo.kappa.value == pytest.approx(0.95)
    assert found.common_over_codes().mean == pytest.approx(0.975)
    frame = found.to_frame().set_index("against")
    assert frame.common_kappa.tolist() == pytest.approx([1.0, 0.95])
    assert "on the same units" not in found.summary
    assert "Not everybody read the same units" in found.summary
    for shown in (str(found), found._repr_html_()):
        assert "On common units: κ" in shown


def test_where_people_read_the_same_units_there_is_one_figure():
    segments = units(numbered(60))
    people = read_by(segments, "ada", [1, 0] * 30) + read_by(segments, "bo", [1, 1, 0, 0] * 15)
    found = evaluate(saying([1, 0] * 30), segments, people, codebook=book())
    assert found.same_units
    assert found.common_over_codes() == found.over_codes()
    assert "with each other on the same units was" in found.summary
    assert "On common units" not in str(found)


def test_of_several_other_people_the_lowest_stands_beside_the_mean():
    segments = units(numbered(60))
    first = [1, 0] * 30
    third = [0, 0, *first[2:]]
    people = (
        read_by(segments, "ada", first)
        + read_by(segments, "bo", first)
        + read_by(segments, "cy", third)
    )
    found = evaluate(saying(first), segments, people, codebook=book())
    frame = found.to_frame().set_index("against")
    assert len(found.between) == 3
    assert frame.people_kappa_lowest["ada"] == pytest.approx(29 / 30)
    assert frame.people_kappa["ada"] == pytest.approx((1 + 29 / 30) / 2)
    assert "(lowest .97)" in str(found)


def test_people_with_fewer_than_ten_positives_are_not_compared():
    segments = units(numbered(60))
    first, second = [1] * 12 + [0] * 48, [1] * 8 + [0] * 52
    people = read_by(segments, "ada", first) + read_by(segments, "bo", second)
    (pair,) = evaluate(saying(first), segments, people, codebook=book()).between
    assert (pair.shown, pair.kappa) == ("fewer than 10 positives", None)


def test_what_nobody_read_is_not_measured():
    segments = units(numbered(60))
    person = [1, 0] * 20 + [None] * 20
    found = evaluate(saying([1] * 60), segments, read_by(segments, "ada", person), codebook=book())
    assert (found.rows[0].units, found.units) == (40, 40)
    assert "20 segments that nobody read left out." in found.notes


def test_what_was_coded_without_being_read_is_counted():
    segments = units(numbered(30))
    people = read_by(segments, "ada", [1, 0] * 14 + [None] * 2)
    people += Codings((Coding("R029", 0, 5, "rain", "ada", blind=True),))
    found = evaluate(saying([1] * 30), segments, people, codebook=book())
    assert any("never marked the text as read" in note for note in found.notes)


def test_a_code_that_only_people_apply_says_so():
    segments = units(numbered(30))
    codebook = book(code("rain"), code("soul", human_only=True))
    people = read_by(segments, "ada", [1, 0] * 15)
    found = evaluate(saying([1] * 30), segments, people, codebook=codebook)
    assert [(row.code_id, row.shown) for row in found][1] == ("soul", "human only")
    assert "human only" in str(found)
    assert "human only" in found._repr_html_()


@pytest.mark.parametrize("number", [0, 4])
def test_where_only_people_apply_the_codes_nothing_is_measured(number):
    segments = units(numbered(30))
    codebook = book(code("soul", human_only=True))
    people = read_by(segments, "ada", [1, 0] * 15, "soul")
    coder = [*estimators(), saying([1] * 30)][number]
    found = evaluate(coder, segments, people, codebook=codebook)
    assert [row.shown for row in found] == ["human only"]
    assert "no figure is given" in found.summary


def test_a_retired_code_is_not_measured_unless_asked_for():
    segments = units(numbered(30))
    people = read_by(segments, "ada", [1, 0] * 15)
    codebook = book(code("rain"), code("fog", status="retired"))
    machine = saying([1] * 30)
    found = evaluate(machine, segments, people, codebook=codebook)
    assert [row.code_id for row in found] == ["rain"]
    (row,) = evaluate(machine, segments, people, codebook=codebook, codes=["fog"])
    assert row.shown == "not for machines"


def test_a_code_that_a_machine_does_not_look_for_has_no_zeros(cache):
    segments = units(["It rains."] * 20)
    codebook = book(code("rain", patterns=("rain",)), code("sun"))
    people = read_by(segments, "ada", [1, 0] * 10) + read_by(segments, "ada", [1, 0] * 10, "sun")
    _, row = evaluate(RuleCoder(codebook, cache=cache), segments, people)
    assert (row.shown, row.units, row.kappa) == ("not coded by the coder", 0, None)


def test_a_decision_on_a_proposal_is_no_independent_judgement():
    segments = units(numbered(40))
    people = read_by(segments, "ada", [0] * 20 + [1, 0] * 10)
    proposals = tuple(Coding(f"R{i:03}", 0, 5, "rain", "m", "machine") for i in range(4))
    decisions = tuple(
        Decision(each.id, action, "ada")
        for each, action in zip(proposals, ("accept", "accept", "reject", "reject"), strict=True)
    )
    log = people + Codings(proposals, decisions)
    found = evaluate(saying([1] * 40), segments, log, codebook=book())
    assert found.rows[0].units == 36
    assert "4 judgements of a machine's proposal were left out." in found.notes


def test_reconciled_codings_may_judge_a_machine_but_not_people():
    segments = units(numbered(40))
    both = [read_by(segments, coder, [1, 0] * 20, phase="consensus") for coder in ("ada", "bo")]
    found = evaluate(saying([1, 0] * 20), segments, both[0] + both[1], codebook=book())
    assert not found.between
    assert found.rows[0].kappa.value == 1.0
    assert any("reconciled" in note for note in found.notes)


def test_reconciled_codings_leave_where_there_are_others():
    segments = units(numbered(40))
    agreed = read_by(segments, "ada", [1] * 40, phase="consensus", run_id="meeting")
    agreed = dataclasses.replace(
        agreed, seen=tuple(dataclasses.replace(s, phase="consensus") for s in agreed.seen)
    )
    log = read_by(segments, "ada", [1, 0] * 20) + agreed
    assert evaluate(saying([1] * 40), segments, log, codebook=book()).rows[0].positives == 20


def test_codings_that_are_not_blind_are_told():
    segments = units(numbered(40))
    people = read_by(segments, "ada", [1, 0] * 20)
    open_eyes = tuple(dataclasses.replace(c, blind=False, id="") for c in people.codings[:7])
    log = dataclasses.replace(people, codings=(*open_eyes, *people.codings[7:]))
    notes = evaluate(saying([1] * 40), segments, log, codebook=book()).notes
    assert "7 of the people's 20 codings are not marked as blind." in notes


# ── what may not be measured ──


def rainy(**more):
    """A codebook with an example and a counter-example, and 40 sentences of which it took four."""
    made = code(
        "rain",
        examples=("It rained “all day” in Prince George.",),
        counter_examples=(CounterExample("we did not see the rain", "None fell."),),
        **more,
    )
    texts = numbered(40)
    texts[0] = 'It rained "all day" in Prince George.'
    texts[1] = "And we did NOT see the rain, she said."
    texts[2] = "it rained all day in"
    texts[3] = "It rained."
    return book(made), units(texts)


@pytest.mark.parametrize("kind", [RuleCoder, SemanticCoder])
def test_units_that_the_codebook_has_as_examples_are_not_measured(kind, cache):
    codebook, segments = rainy(patterns=("rain",))
    people = read_by(segments, "ada", [1, 0] * 20)
    more = (
        {"embedding": lambda texts: [[1.0, len(t)] for t in texts]} if kind is SemanticCoder else {}
    )
    as_it_is = {"trained_on": []} if kind is SemanticCoder else {}
    found = evaluate(kind(codebook, cache=cache, **more), segments, people, **as_it_is)
    assert (found.rows[0].units, found.units, found.documents) == (37, 37, 37)
    (note,) = [note for note in found.notes if "example" in note]
    assert note.startswith("3 sentences left out that are, or hold, an example or counter-example")


def test_a_coder_that_uses_no_codebook_is_measured_on_all():
    codebook, segments = rainy()
    people = read_by(segments, "ada", [1, 0] * 20)
    machine = {text: [i % 2] for i, text in enumerate(segments.texts)}
    found = evaluate(lambda t: [machine[x] for x in t], segments, people, codebook=codebook)
    assert found.rows[0].units == 40


def test_where_all_is_an_example_nothing_is_measured(cache):
    codebook, segments = rainy(patterns=("rain",))
    few = segments.where(lambda row: row.document_id in {"R000", "R001"})
    with pytest.raises(AgreementError, match="nothing is left that it was not made from"):
        evaluate(RuleCoder(codebook, cache=cache), few, read_by(few, "ada", [1, 0]))


def test_a_reflection_that_holds_an_example_is_not_measured(cache):
    codebook, segments = rainy(patterns=("rain",), unit="reflection")
    people = read_by(segments, "ada", [1, 0] * 20)
    found = evaluate(RuleCoder(codebook, cache=cache), segments, people)
    assert found.rows[0].units == 37
    assert any(note.startswith("3 reflections left out") for note in found.notes)


def test_with_an_audit_only_what_chance_drew_is_measured(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    places = np.random.default_rng(0).normal(size=(60, 3))
    plan = choose_to_label(segments, Codings(), n=50, embeddings=places)
    found = evaluate(Copycat(), segments, people, codebook=book(), audit=plan)
    assert (found.rows[0].units, found.units) == (10, 10)
    assert max(map(len, taught)) > 40
    told = "Measured on the 10 sentences of an audit of 10 units, drawn by chance"
    assert any(note.startswith(told) for note in found.notes)
    by_id = evaluate(Copycat(), segments, people, codebook=book(), audit=plan.audit)
    assert by_id.rows == found.rows


def test_a_reflection_is_measured_if_all_of_it_was_drawn():
    segments = units(numbered(40))
    codebook = book(code("rain"), code("year", unit="reflection"))
    people = read_by(segments, "ada", [1, 0] * 20) + read_by(segments, "ada", [1, 0] * 20, "year")
    halves = []
    for row in segments:
        halves += [
            Segment.of(segments.corpus.document(row.document_id), *s, row.case_id)
            for s in ((0, 4), (4, row.end))
        ]
    parts = Segments(segments.corpus, tuple(halves), "clause")
    drawn = [row.id for row in parts if row.start == 0 or row.document_id < "R030"]

    def says(texts):
        return [[1, 1] for _ in texts]

    found = evaluate(says, parts, people, codebook=codebook, audit=drawn)
    assert [row.units for row in found] == [70, 30]
    firsts = [row.id for row in parts if row.start == 0]
    found = evaluate(says, parts, people, codebook=codebook, audit=firsts)
    assert [row.units for row in found] == [40, 0]
    assert any("the audit drew no whole one" in note for note in found.notes)


@pytest.mark.parametrize(
    ("audit", "error", "told"),
    [
        (["R999:0-9"], UnknownIdError, "the audit: no unit 'R999:0-9'"),
        ("R000:0-9", TypeError, "came one string"),
        ([], AgreementError, "none of the 0 units of the audit"),
    ],
)
def test_an_audit_that_cannot_be_is_told(hundred, audit, error, told):
    segments, people, machine = hundred
    with pytest.raises(error, match=told):
        evaluate(machine, segments, people, codebook=book(), audit=audit)


def test_a_coder_may_have_learned_from_what_is_not_in_the_audit(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    import pandas as pd

    rest = segments.rows[30:]
    y = pd.DataFrame({"rain": [1, 0] * 15})
    coder = Copycat().fit([row.text for row in rest], y, groups=[row.case_id for row in rest])
    given = {"trained_on": [row.id for row in rest], "codebook": book()}
    audit = [row.id for row in segments.rows[:30]]
    assert evaluate(coder, segments, people, audit=audit, **given).rows[0].units == 30
    with pytest.raises(TrainingDataError, match="30 of the 60 documents"):
        evaluate(coder, segments, people, **given)


# ── what is learned ──


class Copycat:
    """Learns which texts it saw, and says 1 of those; so a leak shows."""

    def __init__(self, log=None):
        self.log = log

    def get_params(self, deep=True):
        return {"log": self.log}

    def __deepcopy__(self, memo):
        return Copycat(self.log)

    def fit(self, texts, y, *, groups=None):
        self.known, self.groups = set(texts), set(groups)
        self.codes_ = tuple(y.columns)
        TAUGHT.append(set(texts))
        return self

    def predict_proba(self, texts):
        return np.array([[float(text in self.known)] * len(self.codes_) for text in texts])


TAUGHT: list[set[str]] = []


@pytest.fixture
def taught():
    TAUGHT.clear()
    return TAUGHT


def test_a_coder_is_never_asked_about_what_it_learned_from(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    (row,) = evaluate(Copycat(), segments, people, codebook=book())
    assert (row.units, row.proposed) == (60, 0)
    assert len(taught) == 5


def test_participants_stand_on_one_side_of_a_split(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    evaluate(Copycat(), segments, people, codebook=book())
    whose = {row.text: row.case_id for row in segments}
    for texts in taught:
        learned = {whose[text] for text in texts}
        measured = {whose[text] for text in whose if text not in texts}
        assert learned
        assert measured
        assert not learned & measured


class Neighbourly(Copycat):
    """Keeps what it was given around the texts; says why, which nobody asks for here."""

    uses_context = True
    around: ClassVar = {}

    def __deepcopy__(self, memo):
        return Neighbourly(self.log)

    def fit(self, texts, y, *, groups=None, contexts=None):
        self.around |= {("learned", text): each for text, each in zip(texts, contexts, strict=True)}
        return super().fit(texts, y, groups=groups)

    def predict_proba(self, texts, *, contexts):
        self.around |= {("asked", text): each for text, each in zip(texts, contexts, strict=True)}
        return super().predict_proba(texts)

    def explain(self, texts, *, contexts):
        raise AssertionError("an evaluation needs no reasons")


def test_a_coder_is_given_the_same_neighbours_in_learning_and_in_use():
    segments = units(numbered(60), participants=10)
    halves = [
        Segment.of(segments.corpus.document(row.document_id), *place, row.case_id)
        for row in segments
        for place in ((0, row.end - 4), (row.end - 4, row.end))
    ]
    parts = Segments(segments.corpus, tuple(halves), "clause")
    people = read_by(parts, "ada", [1, 0] * 60)
    evaluate(Neighbourly(), parts, people, codebook=book(), threshold=0)
    firsts = [row for row in parts if row.start == 0]
    whole = {row.text: segments.corpus.document(row.document_id).text for row in firsts}
    assert {t: Neighbourly.around["learned", t] for t in whole} == whole
    assert {t: Neighbourly.around["asked", t] for t in whole} == whole


def test_what_stands_around_a_whole_reflection_is_itself():
    """As `code_segments` and `training_set` have it."""
    codebook = book(code("year", unit="reflection"))
    (whole,) = units_of(units(numbered(3)), codebook, ["year"])
    assert whole.contexts == whole.texts


def test_what_was_learned_before_is_not_used(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    coder = Copycat()
    evaluate(coder, segments, people, codebook=book())
    assert not hasattr(coder, "known")


def test_it_learns_from_each_person_in_turn_or_from_one(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    people += read_by(segments, "bo", [1, 0, 0] * 10 + [None] * 30)
    evaluate(Copycat(), segments, people, codebook=book())
    assert len(taught) == 10
    taught.clear()
    found = evaluate(Copycat(), segments, people, codebook=book(), coders=["bo"], learn_from="ada")
    assert len(taught) == 5
    assert {row.against: row.units for row in found} == {"bo": 30}
    assert max(map(len, taught)) > 30


def test_records_without_approval_for_training_are_measured_and_not_learned_from(taught):
    segments = units(numbered(60), participants=10, governed={"P3": ("coding",)})
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    (row,) = evaluate(Copycat(), segments, people, codebook=book())
    whose = {row.text: row.case_id for row in segments}
    assert row.units == 60
    assert all("P3" not in {whose[text] for text in texts} for texts in taught)


def test_records_without_approval_for_coding_leave_and_are_counted():
    segments = units(numbered(60), participants=10, governed={"P3": ()})
    people = read_by(segments, "ada", [1, 0] * 30)
    found = evaluate(saying([1] * 60), segments, people, codebook=book())
    assert found.rows[0].units == 54
    assert "6 governed documents without approval left out." in found.notes


def test_a_coder_taken_as_it_stands_is_refused_what_it_learned_from(hundred):
    segments, people, _ = hundred
    coder = Copycat()
    with pytest.raises(TrainingDataError, match=r"2 of the 100 documents.*R003, R007"):
        evaluate(coder, segments, people, codebook=book(), trained_on=["R007", "R003:0-9"])


def test_a_coder_taken_as_it_stands_tells_what_it_shares(taught):
    segments = units(numbered(60), participants=10)
    people = read_by(segments, "ada", [1, 1, 0] * 20)
    first, rest = segments.rows[:20], {row.id for row in segments.rows[20:]}
    import pandas as pd

    y = pd.DataFrame({"rain": [1, 0] * 10})
    coder = Copycat().fit([row.text for row in first], y, groups=[row.case_id for row in first])
    measured = segments.where(lambda row: row.id in rest)
    learned = [row.document_id for row in first]
    found = evaluate(coder, measured, people, codebook=book(), trained_on=learned)
    assert found.split == "taken as it was fitted on 20 other documents"
    assert any("other texts of 10 participants" in note for note in found.notes)
    nothing = evaluate(coder, measured, people, codebook=book(), trained_on=[])
    assert not any("too good" in note for note in nothing.notes)


def weather(number):
    """Texts of rain, and what a person says of them: every third."""
    texts = [
        f"{i} {'wet rain falls' if i % 3 == 0 else 'the dry sun shines'}" for i in range(number)
    ]
    return texts, [int(i % 3 == 0) for i in range(number)]


def estimators():
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.pipeline import make_pipeline

    def with_words(classifier):
        return make_pipeline(CountVectorizer(), classifier)

    plain = LogisticRegression()
    forest = RandomForestClassifier(5, random_state=0)
    several = [OneVsRestClassifier(plain), MultiOutputClassifier(plain)]
    return [with_words(each) for each in (plain, forest, *several)]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("codes", [("rain",), ("rain", "sun")])
def test_any_estimator_of_scikit_learn_serves(number, codes):
    texts, label = weather(48)
    segments = units(texts, participants=8)
    other = [1 - each for each in label]
    people = read_by(segments, "ada", label) + read_by(segments, "ada", other, "sun")
    found = evaluate(
        estimators()[number],
        segments,
        people,
        codebook=book(code("rain"), code("sun")),
        codes=codes,
        folds=4,
    )
    assert [row.code_id for row in found] == list(codes)
    assert all(row.kappa.value == 1.0 for row in found)
    assert found.reliability_to_frame().code_id.unique().tolist() == list(codes)
    assert "fitted anew in 4 folds" in found.summary


def test_a_coder_without_a_codebook_learns_the_codes_that_people_used():
    texts, label = weather(48)
    segments = units(texts, participants=8)
    found = evaluate(estimators()[0], segments, read_by(segments, "ada", label))
    assert [row.code_id for row in found] == ["rain"]
    assert any("No codebook was given" in note for note in found.notes)


def test_a_function_without_a_codebook_has_no_order_of_codes(hundred):
    segments, people, machine = hundred
    with pytest.raises(TypeError, match="give codebook="):
        evaluate(machine, segments, people)


def test_a_code_too_rare_to_learn_says_so():
    texts, label = weather(48)
    segments = units(texts, participants=8)
    people = read_by(segments, "ada", label) + read_by(segments, "ada", [0] * 48, "sun")
    found = evaluate(estimators()[0], segments, people, codebook=book(code("rain"), code("sun")))
    row = found.rows[1]
    assert (row.shown, row.note) == ("not coded by the coder", "too few positives to learn")


def test_nothing_to_learn_is_an_error_with_the_counts():
    segments = units(numbered(30))
    with pytest.raises(TrainingDataError, match="'rain': 0 positives among 30 units"):
        evaluate(estimators()[0], segments, read_by(segments, "ada", [0] * 30), codebook=book())


def test_fewer_participants_than_folds_is_an_error_that_says_so():
    texts, label = weather(30)
    segments = units(texts, participants=3)
    with pytest.raises(TrainingDataError, match="5 folds of 3 participants"):
        evaluate(estimators()[0], segments, read_by(segments, "ada", label), codebook=book())


def test_supervised_and_semantic_coders_are_fitted_within_folds(cache):
    texts, label = weather(90)
    segments = units(texts, participants=15)
    rare = [int(i in (0, 3, 6)) for i in range(90)]
    people = read_by(segments, "ada", label) + read_by(segments, "ada", rare, "sun")
    codebook = book(code("rain", examples=("rain",)), code("sun", examples=("sun",)))
    supervised = SupervisedCoder(blocks=["words"], cache=cache)
    semantic = SemanticCoder(codebook, embedding=by_words, cache=cache)
    first = evaluate(supervised, segments, people, codebook=codebook)
    assert first.rows[0].kappa.value == 1.0
    assert first.rows[0].calibration is not None
    assert (first.rows[1].units, first.rows[1].note) == (0, "too few positives to learn")
    second = evaluate(semantic, segments, people)
    assert second.rows[0].kappa.value == 1.0
    assert second.reliability_to_frame().empty


def by_words(texts):
    return np.array([["rain" in t, "sun" in t, 0.1] for t in texts], dtype=float)


class Mixed(Copycat):
    """Codes by similarity in the folds where one participant is measured, else learns."""

    gives_probabilities = True

    def get_params(self, deep=True):
        return {}

    def fit(self, texts, y, *, groups=None):
        super().fit(texts, y, groups=groups)
        self.similar_ = () if "case:P0" in self.groups else self.codes_
        self.gives_probabilities = not self.similar_
        return self


def test_a_code_that_fell_back_to_similarity_says_so_and_mixes_no_scores(taught):
    segments = units(numbered(60), participants=10)
    (row,) = evaluate(Mixed(), segments, read_by(segments, "ada", [1, 1, 0] * 20), codebook=book())
    assert row.note == "learned in 4 of 5 folds, by similarity in 1"
    assert row.average_precision is None
    assert row.calibration is None


def test_the_same_seed_gives_the_same_figures():
    texts, label = weather(48)
    label[1] = 1
    segments = units(texts, participants=8)
    people = read_by(segments, "ada", label)
    first, second = (
        evaluate(estimators()[1], segments, people, codebook=book(), random_state=3)
        for _ in range(2)
    )
    assert first.to_frame().equals(second.to_frame())


# ── bad input ──


def test_people_who_read_nothing_of_it(hundred):
    _, people, machine = hundred
    others = units([f"{i} elsewhere" for i in range(12)])
    others = dataclasses.replace(
        others,
        corpus=dataclasses.replace(
            others.corpus,
            documents=tuple(dataclasses.replace(d, id=f"X{d.id}") for d in others.corpus),
        ),
        rows=(),
    )
    with pytest.raises(AgreementError, match="none of the 0 segments was read by ada"):
        evaluate(machine, others, people, codebook=book())


def test_all_governed_is_an_error():
    segments = units(numbered(12), participants=2, governed={"P0": (), "P1": ("tables",)})
    people = read_by(segments, "ada", [1, 0] * 6)
    with pytest.raises(GovernanceError, match="all 12 documents wait"):
        evaluate(saying([1] * 12), segments, people, codebook=book())


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"coders": ["adda"]}, UnknownIdError, "did you mean 'ada'"),
        ({"learn_from": "zed"}, UnknownIdError, "nobody coded or read as 'zed'"),
        ({"codes": ["rane"]}, UnknownIdError, "did you mean 'rain'"),
        ({"codes": "rain"}, TypeError, "came one string"),
        ({"coders": "ada"}, TypeError, "came one string"),
        ({"trained_on": "R001"}, TypeError, "came one string"),
        ({"groups": [1, 2]}, ValueError, "expected 100 groups"),
        ({"draws": 0}, ValueError, "at least one draw"),
        ({"threshold": {"rane": 1}}, UnknownIdError, "did you mean 'rain'"),
    ],
)
def test_a_mistaken_choice_is_told(hundred, options, error, told):
    segments, people, machine = hundred
    with pytest.raises(error, match=told):
        evaluate(machine, segments, people, codebook=book(), **options)


# ── on the demonstration ──


@pytest.fixture(scope="module")
def segmented_demo(cache):
    """The half of the demonstration that is looked at."""
    files = ra.demo_files()
    corpus = ra.read_corpus(files.corpus)
    half = {"c1", "c3", "c5", "c7"}
    people = ra.read_codings(*files.codings)
    read = {row.document_id for row in people.seen}
    chosen = corpus.where(
        lambda d: d.id in read and corpus.attributes_of(d).get("community") in half
    )
    return ra.segment(chosen, cache=cache), people, ra.read_codebook(files.codebook)


@pytest.fixture(scope="module")
def of_rules(segmented_demo, cache) -> Evaluation:
    segments, people, codebook = segmented_demo
    return evaluate(RuleCoder(codebook, cache=cache), segments, people)


def test_rules_are_measured_on_the_demonstration(of_rules, segmented_demo, cache):
    segments, people, codebook = segmented_demo
    assert of_rules.people == ("coder-1", "coder-2")
    assert len(of_rules) == 2 * len(codebook.machine_codes()) + 2
    read = {row.document_id for row in people.seen}
    kept = segments.where(lambda row: row.document_id in read)
    used = code_segments(RuleCoder(codebook, cache=cache), kept, codebook)
    row = next(row for row in of_rules if row.code_id == "working_conditions")
    spans = {(c.document_id, c.start) for c in used if c.code_id == "working_conditions"}
    assert row.proposed == len(spans)


def test_the_evaluation_tells_how_it_came_to_be(of_rules):
    steps = [run.step for run in of_rules.runs]
    assert steps == ["read", "segment", "code", "evaluate"]
    assert of_rules.summary.startswith("The coder “rules” was measured against 2 people on ")


def test_the_people_stand_beside_the_machine_measure_by_measure(of_rules):
    heads = str(of_rules).splitlines()[0]
    for name in ("κ", "F1", "AC1"):
        assert re.search(rf"  {name} +People: {name}(  |$)", heads)


def test_no_word_of_a_participant_is_shown(of_rules, segmented_demo):
    segments, _, _ = segmented_demo
    told = of_rules._repr_html_() + str(of_rules) + of_rules.to_frame().to_csv()
    long = [row.text for row in segments if len(row.text) > 25]
    assert not [text for text in long if text in told]


def test_the_html_is_well_formed_and_as_wide_in_every_row(of_rules):
    from xml.etree import ElementTree as ET

    root = ET.fromstring(f"<div>{of_rules._repr_html_()}</div>")  # noqa: S314  # our own
    widths = {sum(int(cell.get("colspan", 1)) for cell in row) for row in root.iterfind(".//tr")}
    assert len(widths) == 1


# ── explanations: what the codings themselves carry ──


def explained(cache):
    texts = ["I am drained after the shift.", "Drained and worn.", "We laughed.", "Rain."] * 6
    segments = units(texts)
    codebook = book(
        Code(
            "strain",
            "Strain",
            "Being worn out.",
            "g",
            examples=("I am drained.",),
            counter_examples=(CounterExample("The tap drained.", "a tap"),),
            patterns=("drain",),
            scopes=Attributes(),
        )
    )
    supervised = SupervisedCoder(blocks=["words"], cache=cache)
    import pandas as pd

    y = pd.DataFrame({"strain": [1, 1, 0, 0] * 6})
    supervised.fit(texts, y, groups=[row.case_id for row in segments])

    def worn(texts):
        return np.array([["rained" in t, "augh" in t, 0.1] for t in texts], dtype=float)

    coders = {
        "rules": (RuleCoder(codebook, cache=cache), r"'drain' at \d+–\d+"),
        "similarity": (
            SemanticCoder(codebook, embedding=worn, cache=cache),
            r"similarity .*nearest: .*(?:definition|example|inclusion)",
        ),
        "supervised": (supervised, r"probability \.?\d.*for it: "),
        "function": (lambda found: [["rained" in t] for t in found], r"score 1, threshold 0.5"),
    }
    return segments, codebook, coders


@pytest.mark.parametrize("kind", ["rules", "similarity", "supervised", "function"])
def test_every_proposal_says_why_and_where(cache, kind):
    segments, codebook, coders = explained(cache)
    coder, why = coders[kind]
    frame = code_segments(coder, segments, codebook).to_frame()
    assert len(frame) >= 12
    assert frame.evidence.str.contains(why).all()
    assert (frame.end > frame.start).all()
    assert set(frame.document_id) <= set(segments.by_document)
