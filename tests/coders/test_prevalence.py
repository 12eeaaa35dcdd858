"""Prevalence: a machine's share, and what a random audit says of it."""

import numpy as np
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders.labelling import choose_to_label
from reflect_analysis.coders.prevalence import estimate_prevalence, prediction_powered_share
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import GovernanceError, UnknownIdError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

NAN = float("nan")
GROUPS = (Group("g", "G"),)
BOOK = Codebook((Code("rain", "Rain", "It rains.", "g"),), GROUPS)


# ── on arrays ──


def test_where_all_is_sampled_it_is_what_people_say():
    machine = np.array([1.0, 0, 1, 0, 0, 0, 1, 1])
    people = np.array([1.0, 1, 1, 0, 0, 0, 1, 0])
    assert prediction_powered_share(machine, people).value == pytest.approx(0.5)


def test_a_machine_that_says_nothing_leaves_the_sample_alone():
    people = np.array([1.0, 1, 0, 0, NAN, NAN])
    assert prediction_powered_share(np.zeros(6), people).value == 0.5


def test_a_machine_that_is_wrong_is_not_believed():
    """Where it says the contrary of people λ is 0: the estimate is the sample's."""
    machine = np.array([0.0, 0, 1, 1, 1, 1, 1, 1])
    people = np.array([1.0, 1, 0, 0, NAN, NAN, NAN, NAN])
    assert prediction_powered_share(machine, people).value == 0.5


def test_the_estimate_is_that_of_the_paper():
    """θ = Σ λ f over the others / N + Σ (y − λ f) / n, with λ = cov / ((1 + n/N) var)."""
    random = np.random.default_rng(4)
    truth = (random.random(400) < 0.3).astype(float)
    machine = np.where(random.random(400) < 0.8, truth, 1 - truth)
    people = np.where(np.arange(400) < 120, truth, NAN)
    y, f, others = truth[:120], machine[:120], machine[120:]
    covariance = np.mean(y * f) - y.mean() * f.mean()
    weight = covariance / ((1 + 120 / 280) * machine.var())
    expected = weight * others.mean() + (y - weight * f).mean()
    assert 0 < weight < 1
    assert prediction_powered_share(machine, people).value == pytest.approx(expected)


def test_the_interval_leaves_out_each_cluster_in_turn():
    random = np.random.default_rng(5)
    truth = (random.random(60) < 0.4).astype(float)
    machine = np.where(random.random(60) < 0.8, truth, 1 - truth)
    people = np.where(random.random(60) < 0.5, truth, NAN)
    clusters = np.arange(60) % 6
    found = prediction_powered_share(machine, people, clusters=clusters.tolist())
    without = [
        prediction_powered_share(machine[clusters != c], people[clusters != c]).value
        for c in range(6)
    ]
    error = np.sqrt(5 / 6 * ((without - np.mean(without)) ** 2).sum())
    assert found.interval.method == "jackknife"
    assert found.interval.standard_error == pytest.approx(error)
    assert found.interval.upper == pytest.approx(found.value + 2.5706 * error, abs=1e-4)


def test_nothing_sampled_is_undefined_with_the_reason():
    found = prediction_powered_share([1, 0], [NAN, NAN])
    assert np.isnan(found.value)
    assert found.reason == "nothing was sampled"


@pytest.mark.parametrize(
    ("machine", "people", "told"),
    [([1, 0], [1], "one length"), ([1, NAN], [1, 0], "1 units have no number")],
)
def test_arrays_that_do_not_fit_are_told(machine, people, told):
    with pytest.raises(ValueError, match=told):
        prediction_powered_share(machine, people)


def population(random, participants=40, units=1200):
    """Units of participants who differ, and a machine that misses and invents."""
    whose = random.integers(0, participants, units)
    share = 1 / (1 + np.exp(1.4 - random.normal(0, 0.6, participants)))
    truth = (random.random(units) < share[whose]).astype(float)
    hit, alarm = random.random(units) < 0.6, random.random(units) < 0.05
    return whose, truth, np.where(truth == 1, hit, alarm).astype(float)


def test_the_corrected_interval_covers_and_the_machine_alone_is_far_off():
    """The target is the mean over participants of 1 / (1 + exp(1.4 − N(0, 0.6²)))."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    target = (weights / (1 + np.exp(1.4 - 0.6 * nodes))).sum() / weights.sum()
    random = np.random.default_rng(11)
    estimates, raws, widths, alone, covered = [], [], [], [], 0
    for _ in range(400):
        whose, truth, machine = population(random)
        people = np.full(len(truth), NAN)
        audit = random.choice(len(truth), 200, replace=False)
        people[audit] = truth[audit]
        found = prediction_powered_share(machine, people, clusters=whose.tolist())
        covered += found.interval.lower <= target <= found.interval.upper
        estimates.append(found.value)
        raws.append(machine.mean())
        widths.append(found.interval.standard_error)
        alone.append(np.nanmean(people))
    assert abs(np.mean(estimates) - target) < 0.005
    assert abs(np.mean(raws) - target) > 0.04
    assert 0.92 <= covered / 400 <= 0.975
    assert np.mean(widths) == pytest.approx(np.std(estimates), rel=0.12)
    assert np.std(estimates) < 0.95 * np.std(alone)


# ── of a study ──


def study(number=300, participants=20, governed=None, language="en"):
    rules = {name: Governance("A", uses) for name, uses in (governed or {}).items()}
    names = [f"P{i}" for i in range(participants)]
    documents = tuple(
        Document(f"R{i:03}", f"{i} is here", case_id=names[i % participants], language=language)
        for i in range(number)
    )
    hashes = tuple(Clearance(text_hash(d.text), "a", "b") for d in documents)
    cases = tuple(Case(name, governance=rules.get(name)) for name in names)
    corpus = Corpus(documents, cases, hashes)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in corpus)
    return Segments(corpus, rows, "sentence")


def said(segments, labels, coder="rules", kind="machine", code_id="rain"):
    """What a coder found and read; `None` for what was not read."""
    pairs = list(zip(segments, labels, strict=True))
    codings = tuple(
        Coding(row.document_id, row.start, row.end, code_id, coder, kind)
        for row, label in pairs
        if label
    )
    seen = tuple(
        Seen(coder, row.document_id, kind, (code_id,)) for row, label in pairs if label is not None
    )
    return Codings(codings, seen=seen)


@pytest.fixture(scope="module")
def corpus_study():
    """A machine that misses half, and what people would say of every unit."""
    segments = study()
    truth = [int(i % 5 == 0) for i in range(300)]
    machine = [int(i % 10 == 0) for i in range(300)]
    return segments, truth, machine


def estimate(corpus_study, audited=150, **more):
    segments, truth, machine = corpus_study
    plan = choose_to_label(segments, Codings(), n=audited, strategy="random")
    labels = [t if row.id in plan.audit else None for row, t in zip(segments, truth, strict=True)]
    human = said(segments, labels, "ada", "person")
    return estimate_prevalence(
        said(segments, machine), human, plan, segments=segments, codebook=BOOK, **more
    )


def test_an_audit_of_a_hundred_and_a_machine_that_knows_something_correct_the_share(corpus_study):
    (row,) = estimate(corpus_study).rows
    assert (row.standing, row.read, row.raw, row.audited) == ("corrected", 300, 0.1, 150)
    assert abs(row.corrected.value - 0.2) < abs(row.raw - 0.2)
    assert row.corrected.interval.lower < 0.2 < row.corrected.interval.upper
    assert row.share == row.corrected.value
    assert row.corrected.interval.n_clusters == 20


def test_fewer_than_a_hundred_do_not(corpus_study):
    (row,) = estimate(corpus_study, audited=99).rows
    assert row.standing == "uncorrected"
    assert row.reason == "99 units of the audit were read; at least 100 are needed"
    assert row.share == row.raw == 0.1
    assert row.audit.value == pytest.approx(row.found / 99)


def test_a_machine_that_knows_nothing_corrects_nothing(corpus_study):
    segments, truth, _ = corpus_study
    (row,) = estimate((segments, truth, [int(i % 5 == 1) for i in range(300)])).rows
    assert row.standing == "uncorrected"
    assert row.correlation < 0
    assert "more than .08 is needed" in row.reason


@pytest.mark.parametrize(
    ("truth", "machine", "told"),
    [
        (0, 1, "the machine proposed it everywhere"),
        (1, 0, "the machine proposed it nowhere"),
        (0, None, "people found it nowhere"),
    ],
)
def test_what_never_varies_corrects_nothing(corpus_study, truth, machine, told):
    segments, _, varied = corpus_study
    labels = varied if machine is None else [machine] * 300
    (row,) = estimate((segments, [truth] * 300, labels)).rows
    assert row.reason == f"in the audit {told}"


def test_what_the_machine_learned_from_is_no_audit(corpus_study):
    plan = choose_to_label(corpus_study[0], Codings(), n=150, strategy="random")
    (row,) = estimate(corpus_study, trained_on=[plan.audit[0].split(":")[0], plan.audit[1]]).rows
    assert row.reason == "the machine learned from 2 units of the audit"


def test_what_was_not_chosen_by_chance_is_no_audit(corpus_study):
    segments, truth, machine = corpus_study
    places = np.random.default_rng(0).normal(size=(300, 3))
    plan = choose_to_label(segments, Codings(), n=200, embeddings=places)
    human = said(segments, truth, "ada", "person")
    found = estimate_prevalence(
        said(segments, machine), human, plan, segments=segments, codebook=BOOK
    )
    assert (found.planned, found.rows[0].audited) == (40, 40)


def test_what_the_machine_did_not_read_leaves_the_denominator(corpus_study):
    segments, truth, _ = corpus_study
    machine = [int(i % 10 == 0) if i < 200 else None for i in range(300)]
    human = said(segments, truth, "ada", "person")
    audit = [row.id for row in segments][50:250]
    (row,) = estimate_prevalence(
        said(segments, machine), human, audit, segments=segments, codebook=BOOK
    ).rows
    assert (row.read, row.proposed, row.audited) == (200, 20, 150)


def test_of_several_readers_a_unit_counts_by_their_share(corpus_study):
    segments, truth, machine = corpus_study
    human = said(segments, truth, "ada", "person") + said(segments, [0] * 300, "bo", "person")
    audit = [row.id for row in segments]
    (row,) = estimate_prevalence(
        said(segments, machine), human, audit, segments=segments, codebook=BOOK
    ).rows
    assert (row.audited, row.found) == (300, 30.0)


def test_an_accepted_proposal_is_found_and_told(corpus_study):
    segments, _, machine = corpus_study
    proposals = said(segments, machine)
    human = said(segments, [0] * 300, "ada", "person")
    decisions = tuple(Decision(each.id, "accept", "ada") for each in proposals)
    log = human + Codings(proposals.codings, decisions)
    audit = [row.id for row in segments]
    found = estimate_prevalence(proposals, log, audit, segments=segments, codebook=BOOK)
    assert found.rows[0].found == 30
    assert found.notes == (
        "30 units of the audit were judged by deciding on proposals, not blind.",
    )


def test_a_code_that_only_people_apply_has_the_share_of_the_audit(corpus_study):
    segments, truth, machine = corpus_study
    codes = (*BOOK.codes, Code("soul", "Soul", "It.", "g", human_only=True))
    human = said(segments, truth, "ada", "person")
    human += said(segments, truth, "ada", "person", "soul")
    audit = [row.id for row in segments][:100]
    found = estimate_prevalence(
        said(segments, machine), human, audit, segments=segments, codebook=Codebook(codes, GROUPS)
    )
    row = found.rows[1]
    assert (row.standing, row.raw, row.corrected, row.audit.value) == (
        "people only",
        None,
        None,
        0.2,
    )
    assert row.share == 0.2


def test_a_code_of_the_reflection_needs_an_audit_of_whole_texts():
    text = "It rained. The sun came."
    names = [f"P{i}" for i in range(6)]
    corpus = Corpus(
        tuple(Document(f"R{i:03}", text, case_id=names[i % 6]) for i in range(120)),
        tuple(map(Case, names)),
        (Clearance(text_hash(text), "a", "b"),),
    )
    codebook = Codebook((Code("rain", "Rain", "It.", "g", unit="reflection"),), GROUPS)
    by_sentence = tuple(Segment.of(d, *s, d.case_id) for d in corpus for s in ((0, 10), (11, 24)))
    by_text = tuple(Segment.of(d, 0, 24, d.case_id) for d in corpus)
    rows = {}
    for by, cut in (("sentence", by_sentence), ("document", by_text)):
        segments = Segments(corpus, cut, by)
        whole = Segments(corpus, by_text, "document")
        machine = said(whole, [int(i % 4 == 0) for i in range(120)])
        human = said(whole, [int(i % 2 == 0) for i in range(120)], "ada", "person")
        audit = [row.id for row in cut][:110]
        found = estimate_prevalence(machine, human, audit, segments=segments, codebook=codebook)
        rows[by] = found.rows[0]
    assert "choose the audit from segment(corpus, by='document')" in rows["sentence"].reason
    assert (rows["sentence"].unit, rows["sentence"].raw) == ("reflection", 0.25)
    assert (rows["document"].standing, rows["document"].audited) == ("corrected", 110)


def test_records_without_approval_for_tables_leave(corpus_study):
    _, truth, machine = corpus_study
    segments = study(governed={"P0": ("coding",)})
    found = estimate((segments, truth, machine))
    assert found.rows[0].read == 285
    assert found.notes == ("15 documents without approval for coding and tables left out.",)


def test_participants_are_counted_as_the_machine_counts_them(corpus_study):
    (row,) = estimate(corpus_study).rows
    assert (row.participants, row.of_participants) == (2, 20)


def test_a_share_from_few_positives_is_called_rough(corpus_study):
    segments, _, _ = corpus_study
    rare = [int(i % 60 == 0) for i in range(300)]
    (row,) = estimate((segments, rare, rare), audited=200).rows
    assert 0 < row.found < 10
    assert row.note == "fewer than 10 positives in the audit: rough"


def test_it_shows_what_is_corrected_and_what_is_not(corpus_study):
    found = estimate(corpus_study, audited=99)
    assert repr(found) == "<Prevalence of 1 codes by rules: 0 corrected>"
    for told in (str(found), found._repr_html_()):
        assert "uncorrected: 99 units of the audit were read" in told
    assert "corrected for 0 of 1 codes" in found.summary
    assert found.runs[-1].step == "prevalence"
    frame = estimate(corpus_study).to_frame()
    assert frame.corrected_low[0] < frame.corrected[0] < frame.corrected_high[0]


# ── bad input ──


def test_a_unit_of_the_audit_that_is_not_there_is_named(corpus_study):
    segments, truth, machine = corpus_study
    human = said(segments, truth, "ada", "person")
    with pytest.raises(UnknownIdError, match="no unit 'R999:0-5'"):
        estimate_prevalence(
            said(segments, machine), human, ["R999:0-5"], segments=segments, codebook=BOOK
        )


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"coder": "ruls"}, UnknownIdError, "did you mean 'rules'"),
        ({"coders": ["add"]}, UnknownIdError, "did you mean 'ada'"),
        ({"codes": ["rian"]}, UnknownIdError, "did you mean 'rain'"),
    ],
)
def test_a_mistaken_choice_is_told(corpus_study, options, error, told):
    with pytest.raises(error, match=told):
        estimate(corpus_study, **options)


def test_of_several_machines_one_must_be_named(corpus_study):
    segments, truth, machine = corpus_study
    both = said(segments, machine) + said(segments, machine, "other")
    human = said(segments, truth, "ada", "person")
    with pytest.raises(ValueError, match="name one by coder="):
        estimate_prevalence(both, human, [], segments=segments, codebook=BOOK)


def test_all_governed_is_an_error(corpus_study):
    _, truth, machine = corpus_study
    segments = study(participants=1, governed={"P0": ("coding",)})
    with pytest.raises(GovernanceError, match="no unit may be counted"):
        estimate((segments, truth, machine))


def test_a_machine_that_learned_from_what_it_counts_is_not_corrected(corpus_study):
    """Its errors in the audit are those of new texts, and what it knows by heart has others."""
    segments, truth, _ = corpus_study
    plan = choose_to_label(segments, Codings(), n=150, strategy="random")
    taught = [row.id for row in segments if row.id not in plan.audit]
    knows = [
        t * (row.id in taught or i % 2)
        for i, (row, t) in enumerate(zip(segments, truth, strict=True))
    ]
    (row,) = estimate((segments, truth, knows), trained_on=taught).rows
    assert (row.standing, row.corrected) == ("uncorrected", None)
    assert row.reason.startswith("the machine learned from 150 of the 300 units that it counts")
    (other,) = estimate((segments, truth, knows), trained_on=["elsewhere"]).rows
    assert other.standing == "corrected"


def test_a_machine_never_counts_for_a_human_only_code(corpus_study):
    segments, truth, machine = corpus_study
    codes = (
        Code("soul", "Soul", "It.", "g", human_only=True),
        Code("rain", "Rain", "It rains.", "g", parent="soul"),
    )
    human = said(segments, truth, "ada", "person")
    human += said(segments, [0] * 300, "ada", "person", "soul")
    rows = estimate_prevalence(
        said(segments, machine),
        human,
        [row.id for row in segments],
        segments=segments,
        codebook=Codebook(codes, GROUPS),
    ).rows
    assert [(row.code_id, row.standing, row.raw) for row in rows] == [
        ("soul", "people only", None),
        ("rain", "corrected", 0.1),
    ]
    assert rows[0].audit.value == 0.2
