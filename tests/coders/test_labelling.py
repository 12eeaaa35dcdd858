"""choose_to_label: by chance, by doubt, by difference, and each unit says which."""

import re
from collections import Counter

import numpy as np
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders import RuleCoder
from reflect_analysis.coders.labelling import (
    LabellingPlan,
    PlannedUnit,
    choose_to_label,
    read_labelling_plan,
)
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import CorpusError, GovernanceError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

BOOK = Codebook((Code("rain", "Rain", "It rains.", "g"),), (Group("g", "G"),))
NOBODY = Codings()


def study(number, participants=10, governed=None, uncleared=()):
    """One sentence a document, dealt to participants in turn."""
    rules = {name: Governance("A", uses) for name, uses in (governed or {}).items()}
    names = [f"P{i}" for i in range(participants)]
    documents = tuple(
        Document(f"R{i:04}", f"{i} is here", case_id=names[i % participants]) for i in range(number)
    )
    texts = [d.text for i, d in enumerate(documents) if i not in uncleared]
    corpus = Corpus(
        documents,
        tuple(Case(name, governance=rules.get(name)) for name in names),
        tuple(Clearance(text_hash(text), "a", "b") for text in texts),
    )
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in corpus)
    return Segments(corpus, rows, "sentence")


def vectors(segments):
    """Anything that differs: no model is loaded."""
    return np.random.default_rng(0).normal(size=(len(segments), 4))


def read(segments, units, coder="ada", codes=("rain",)):
    whose = {row.id: row.document_id for row in segments}
    return Codings(seen=tuple(Seen(coder, whose[unit], codes=codes) for unit in units))


def choose(segments, n, *, codings=NOBODY, **more):
    more.setdefault("embeddings", vectors(segments))
    return choose_to_label(segments, codings, n=n, **more)


def rising(texts):
    """Scores that rise with the number of the text: the middle of 100 is at the threshold."""
    return [[int(text.split()[0]) / 100] for text in texts]


def by_reason(plan):
    return Counter(row.reason for row in plan)


# ── the audit ──


@pytest.mark.parametrize("strategy", ["mixed", "uncertain", "diverse"])
def test_at_least_a_fifth_of_every_round_is_an_audit(strategy):
    plan = choose(study(100), 21, strategy=strategy, coder=rising, codebook=BOOK)
    assert by_reason(plan)["audit"] == 5
    assert len(plan.to_label) == 21


def test_a_random_round_is_all_audit():
    plan = choose(study(100), 20, strategy="random")
    assert by_reason(plan) == {"audit": 20}
    assert {row.probability for row in plan} == {0.2}


def test_every_unit_has_the_same_chance_to_be_in_the_audit():
    segments = study(20, participants=4)
    counts = Counter(
        unit
        for seed in range(600)
        for unit in choose(segments, 5, strategy="random", random_state=seed).audit
    )
    expected, error = 600 * 5 / 20, (600 * 0.25 * 0.75) ** 0.5
    assert len(counts) == 20
    assert max(abs(count - expected) for count in counts.values()) < 4 * error


def test_only_chance_has_a_probability():
    plan = choose(study(100), 20, coder=rising, codebook=BOOK)
    assert {row.reason for row in plan if row.probability is None} == {"uncertain", "diverse"}
    assert {row.probability for row in plan if row.reason == "audit"} == {0.04}


def test_over_rounds_the_audit_stays_the_units_with_the_smallest_numbers():
    segments = study(100)
    first = choose(segments, 20, coder=rising, codebook=BOOK, random_state=7)
    labelled = read(segments, first.to_label)
    second = choose(segments, 30, coder=rising, codebook=BOOK, codings=labelled, before=first)
    at_once = choose(segments, 10, strategy="random", random_state=7)
    assert set(second.audit) == set(at_once.audit)
    assert {row.probability for row in second if row.reason == "audit" and row.round == 2} == {0.1}


def test_what_was_read_before_enters_the_audit_without_being_read_again():
    segments = study(100)
    audit = choose(segments, 10, strategy="random").audit
    plan = choose(segments, 50, codings=read(segments, audit[:4]))
    assert set(plan.audit) == set(audit)
    assert {row.unit_id for row in plan if row.labelled} == set(audit[:4])
    assert not set(plan.to_label) & set(audit[:4])
    assert len(plan.to_label) == 50


def test_texts_that_came_later_have_their_share_of_the_audit():
    segments = study(200)
    early = segments.where(lambda row: int(row.document_id[1:]) < 100)
    first = choose(early, 50, strategy="random")
    second = choose(segments, 1, strategy="random", before=first)
    at_once = choose(segments, len(second.audit), strategy="random")
    assert set(second.audit) == set(at_once.audit)
    assert len(second.audit) > 75


def test_the_same_seed_chooses_the_same_units():
    segments = study(100)
    first, second = (choose(segments, 20, coder=rising, codebook=BOOK) for _ in range(2))
    assert first.rows == second.rows
    assert choose(segments, 20, random_state=1).audit != first.audit


# ── doubt and difference ──


def test_the_uncertain_are_those_nearest_to_the_threshold():
    plan = choose(study(100, participants=1), 10, strategy="uncertain", coder=rising, codebook=BOOK)
    chosen = [int(row.unit_id[1:5]) for row in plan if row.reason == "uncertain"]
    audit = {int(unit[1:5]) for unit in plan.audit}
    nearest = sorted(set(range(100)) - audit, key=lambda i: abs(i - 50))[:8]
    assert {abs(i - 50) for i in chosen} <= {abs(i - 50) for i in nearest}


def test_a_code_whose_scores_never_vary_says_nothing_of_doubt():
    codebook = Codebook(
        (Code("rain", "Rain", "It rains.", "g"), Code("sun", "Sun", "It shines.", "g")),
        (Group("g", "G"),),
    )

    def two(texts):
        return [[0.0, score] for (score,) in rising(texts)]

    plan = choose(study(100, participants=1), 5, strategy="uncertain", coder=two, codebook=codebook)
    assert {row.reason for row in plan} == {"audit", "uncertain"}
    chosen = [int(row.unit_id[1:5]) for row in plan if row.reason == "uncertain"]
    assert all(abs(number - 50) <= 3 for number in chosen)


def test_the_diverse_are_far_from_each_other_and_from_what_was_read():
    segments = study(60, participants=1)
    places = np.repeat([[0.0, 0], [10, 0], [0, 10], [10, 10]], 15, axis=0)
    places = places + np.random.default_rng(1).normal(scale=0.01, size=places.shape)
    known = read(segments, [row.id for row in segments.rows[:5]])
    plan = choose(segments, 4, codings=known, strategy="diverse", embeddings=places)
    corners = {int(row.unit_id[1:5]) // 15 for row in plan if row.reason == "diverse"}
    audit = {int(unit[1:5]) // 15 for unit in plan.audit}
    assert corners | audit >= {1, 2, 3}


def test_doubt_and_difference_go_round_the_participants():
    plan = choose(study(200, participants=10), 50, coder=rising, codebook=BOOK)
    chosen = [row.unit_id for row in plan if row.reason != "audit"]
    counts = Counter(int(unit[1:5]) % 10 for unit in chosen)
    assert set(counts.values()) == {4}


def test_without_a_coder_that_scores_mixed_is_audit_and_diverse(cache):
    segments = study(100)
    plan = choose(segments, 20, coder=RuleCoder(BOOK, cache=cache), codebook=BOOK)
    assert by_reason(plan) == {"audit": 4, "diverse": 16}


def test_vectors_come_from_the_packaged_model_where_none_are_given(monkeypatch):
    from reflect_analysis import embeddings

    asked = []
    monkeypatch.setattr(
        embeddings, "embed", lambda texts: asked.append(texts) or np.ones((len(texts), 2))
    )
    segments = study(20)
    plan = choose_to_label(segments, NOBODY, n=10)
    assert by_reason(plan)["diverse"] == 8
    assert asked == [segments.texts]


# ── what is never chosen ──


def test_what_somebody_read_is_not_chosen_again():
    segments = study(30)
    known = [row.id for row in segments.rows[:20]]
    plan = choose(segments, 30, codings=read(segments, known))
    assert set(plan.to_label) == {row.id for row in segments.rows[20:]}


def test_who_read_for_one_code_has_not_read_for_another():
    segments = study(30)
    log = read(segments, [row.id for row in segments], codes=("rain",))
    assert not choose(segments, 10, codings=log).to_label
    assert len(choose(segments, 10, codings=log, codes=["rain", "sun"]).to_label) == 10
    whole = read(segments, [row.id for row in segments], codes=())
    assert not choose(segments, 10, codings=whole, codes=["rain", "sun"]).to_label


def test_what_a_machine_read_is_still_to_be_labelled():
    segments = study(30)
    seen = tuple(Seen("rules", row.document_id, "machine") for row in segments)
    assert len(choose(segments, 10, codings=Codings(seen=seen)).to_label) == 10


def test_governed_and_uncleared_units_are_never_chosen():
    segments = study(40, participants=4, governed={"P1": ()}, uncleared=(0, 4))
    plan = choose(segments, 40)
    numbers = {int(unit[1:5]) for unit in plan.to_label}
    assert len(numbers) == 28
    assert not any(number % 4 == 1 or number in {0, 4} for number in numbers)
    assert "12 documents that are not cleared or wait" in plan.runs[-1].summary


def test_what_may_be_coded_and_not_learned_from_is_in_the_audit_alone():
    segments = study(40, participants=2, governed={"P1": ("coding",)})
    plan = choose(segments, 30, coder=rising, codebook=BOOK)
    reasons = {row.reason for row in plan if int(row.unit_id[1:5]) % 2}
    assert reasons == {"audit"}


# ── the plan as a value and as a file ──


def test_a_plan_is_read_as_it_was_written(tmp_path):
    plan = choose(study(100), 20, coder=rising, codebook=BOOK)
    path = tmp_path / "a plan.csv"
    plan.to_csv(path)
    assert read_labelling_plan(path).rows == plan.rows
    assert "is here" not in path.read_text(encoding="utf-8")


def test_a_plan_goes_on_from_its_file(tmp_path):
    segments = study(100)
    first = choose(segments, 20, random_state=3)
    first.to_csv(tmp_path / "plan.csv")
    again = read_labelling_plan(tmp_path / "plan.csv")
    assert choose(segments, 20, before=again).rows == choose(segments, 20, before=first).rows
    assert choose(segments, 20, before=again).rounds == 2


def test_the_order_to_label_does_not_tell_the_reason():
    plan = choose(study(100), 20, coder=rising, codebook=BOOK)
    assert list(plan.to_label) == sorted(plan.to_label)


def test_a_plan_shows_its_rounds():
    segments = study(100)
    first = choose(segments, 20, coder=rising, codebook=BOOK)
    second = choose(segments, 20, coder=rising, codebook=BOOK, before=first)
    assert repr(first) == (
        "<LabellingPlan: round 1: 4 audit, 8 uncertain, 8 diverse; 4 in the audit>"
    )
    html = second._repr_html_()
    assert html.count("<tr>") == 3
    counts = [int(number) for number in re.findall(r">(\d+)</td>", html)]
    assert counts == [1, 4, 8, 8, 0, 20, 2, 4, 9, 9, 2, 20]
    assert second.to_frame()["round"].value_counts().to_dict()[1] == 20


def test_a_unit_twice_or_two_seeds_are_faults_with_their_ids():
    row = PlannedUnit("R1:0-5", "audit", 1, labelled=False, frame=9, seed=0, probability=0.5)
    other = PlannedUnit("R2:0-5", "audit", 1, labelled=False, frame=9, seed=1, probability=0.5)
    with pytest.raises(CorpusError) as raised:
        LabellingPlan((row, row, other))
    assert len(raised.value.faults) == 2
    assert "'R1:0-5' stands 2 times in the audit" in raised.value.faults[0]


def test_a_missing_or_broken_file_is_told(tmp_path):
    with pytest.raises(CorpusError, match="no such file"):
        read_labelling_plan(tmp_path / "none.csv")
    path = tmp_path / "plan.csv"
    head = "unit_id,reason,round,labelled,frame,seed,probability\n"
    path.write_text(f"{head}R1:0-5,hunch,1,no,9,0,\nR2:0-5,audit,x,no,9,0,\n", encoding="utf-8")
    with pytest.raises(CorpusError) as raised:
        read_labelling_plan(path)
    assert [fault.split(":")[0] for fault in raised.value.faults] == [
        "plan.csv, row 2",
        "plan.csv, row 3",
    ]


# ── bad input ──


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"n": 0}, "at least one unit"),
        ({"audit_share": 0.1}, "between 0.2 and 1"),
        ({"audit_share": 1.5}, "between 0.2 and 1"),
        ({"strategy": "uncertan"}, "did you mean 'uncertain'"),
        ({"strategy": "uncertain"}, "doubt needs a coder that scores"),
        ({"coder": rising}, "give codebook="),
        ({"embeddings": np.ones((3, 2))}, r"\(30 segments, dimensions\)"),
    ],
)
def test_a_mistaken_choice_is_told(options, told):
    segments = study(30)
    with pytest.raises(ValueError, match=told):
        choose_to_label(segments, NOBODY, **{"n": 5, **options})


def test_nothing_that_may_be_labelled_is_an_error():
    with pytest.raises(GovernanceError, match="none of the 4 documents"):
        choose(study(4, participants=1, governed={"P0": ("tables",)}), 2)


def test_fewer_units_than_wanted_are_all_that_is_left():
    plan = choose(study(6), 50)
    assert len(plan.to_label) == 6


def test_a_coding_without_reading_is_no_reading():
    segments = study(10)
    log = Codings((Coding("R0001", 0, 5, "rain", "ada"),))
    assert len(choose(segments, 10, codings=log).to_label) == 10
