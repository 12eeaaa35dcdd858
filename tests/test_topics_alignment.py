"""Topics beside codes: nearness, overlap where codes were looked for, and what has no partner."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import (
    CodebookError,
    GovernanceError,
    NotClearedError,
    TopicsError,
    UnknownIdError,
)
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import (
    Alignment,
    AlignmentRow,
    Stability,
    TopicSettings,
    TopicStability,
    align,
    fit_topics,
)
from reflect_analysis.topics.codebooks import topics_to_codings
from reflect_analysis.topics.overlap import TOPICS_CODER

QUICK = TopicSettings(refits=0)
WORDS = ["mud rain creek", "mentor tea diary", "tired legs winter", "mother soup story"]
WHO = {"by": "Ana", "why": "read together"}


def segments_of(labels, *, cases=None, quotes=None, cleared=True):
    """One short text a label, each of its own participant: words of its theme and a number."""
    documents = tuple(
        Document(f"d{n:03}", f"We had {WORDS[label]} no {chr(97 + n % 26)}{n}.", case_id=f"P{n:03}")
        for n, label in enumerate(labels)
    )
    people = tuple((cases or {}).get(d.case_id) or Case(d.case_id) for d in documents)
    if quotes:
        people = tuple(dataclasses.replace(c, quotes=quotes.get(c.id, c.quotes)) for c in people)
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents if cleared)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


def vectors_of(labels, *, noise=0.15):
    rng = np.random.default_rng(1)
    centres = np.eye(4, 12) + 0.2
    return (centres[labels] + noise * rng.normal(size=(len(labels), 12))).astype(np.float32)


LABELS = np.repeat([0, 1, 2, 3], [16, 12, 9, 7])
SEGMENTS = segments_of(LABELS)


@pytest.fixture(scope="module")
def topics():
    """Four topics of 16, 12, 9 and 7 texts, numbered as the themes."""
    found = fit_topics(SEGMENTS, embeddings=vectors_of(LABELS), n_topics=4, settings=QUICK)
    assert [u.topic for u in found.units] == LABELS.tolist()
    return found


def codebook_of(*ids, **fields):
    codes = tuple(Code(each, each, f"About {each}.", "all", **fields) for each in ids)
    return Codebook(codes, (Group("all", "All"),))


def at(topics, *numbers):
    """Prototypes that lie at the centres of topics."""
    return np.array(topics.centroids)[list(numbers)]


def coded(code_id, numbers, coder="coder-1", **fields):
    return tuple(Coding(f"d{n:03}", 0, 6, code_id, coder, **fields) for n in numbers)


def read(numbers, coder="coder-1", codes=(), **fields):
    return tuple(Seen(coder, f"d{n:03}", codes=codes, **fields) for n in numbers)


# Overlap


def test_lift_jaccard_and_counts_are_those_of_the_cross_table(topics):
    # Topic 0 is d000–d015. Looked for in d000–d019, coded in d000–d009 and d016–d017.
    codings = Codings(coded("rain", [*range(10), 16, 17]), seen=read(range(20)))
    found = align(topics, codebook_of("rain"), codings=codings, prototypes=at(topics, 0))
    row = found.rows[0]
    assert (row.coded, row.in_topic, row.with_code, row.looked_for) == (10, 16, 12, 20)
    assert row.jaccard == pytest.approx(10 / 18, abs=1e-6)
    assert row.lift == pytest.approx((10 / 16) / (12 / 20), abs=1e-6)
    other = found.rows[1]
    assert (other.coded, other.in_topic) == (2, 4)
    assert other.lift == pytest.approx((2 / 4) / (12 / 20), abs=1e-6)
    empty = found.rows[2]
    assert (empty.coded, empty.in_topic) == (0, 0)
    assert math.isnan(empty.lift)


def test_what_was_not_looked_for_does_not_count(topics):
    seen = (*read(range(8), codes=("rain",)), *read(range(8, 16), codes=("other",)))
    codings = Codings(coded("rain", [0, 1, 9]), seen=seen)
    row = align(topics, codebook_of("rain"), codings=codings, prototypes=at(topics, 0)).rows[0]
    assert (row.coded, row.in_topic, row.looked_for) == (2, 8, 8)


def test_a_part_that_was_read_counts_for_the_segments_inside_it(topics):
    whole = len(SEGMENTS.rows[0].text)
    seen = (*read([0], start=0, end=whole), *read([1], start=0, end=3))
    row = align(
        topics,
        codebook_of("rain"),
        codings=Codings(coded("rain", [0]), seen=seen),
        prototypes=at(topics, 0),
    ).rows[0]
    assert (row.coded, row.looked_for) == (1, 1)


def test_without_codings_overlap_is_unknown_and_not_zero(topics):
    row = align(topics, codebook_of("rain"), prototypes=at(topics, 0)).rows[0]
    assert (row.coded, row.in_topic, row.looked_for) == (None, None, None)
    assert math.isnan(row.jaccard)
    assert math.isnan(row.lift)


def test_a_rejected_proposal_and_the_topics_own_codings_do_not_count(topics):
    proposed = coded("rain", [0, 1], "rules", coder_kind="machine")
    own = coded("rain", range(16), TOPICS_CODER, coder_kind="machine")
    codings = Codings(
        (*proposed, *own),
        decisions=(Decision(proposed[0].id, "reject", "Ana"),),
        seen=(*read(range(4), "rules"), *read(range(30), TOPICS_CODER)),
    )
    row = align(topics, codebook_of("rain"), codings=codings, prototypes=at(topics, 0)).rows[0]
    assert (row.coded, row.looked_for) == (1, 4)


def test_a_subcode_counts_for_the_code_above_it(topics):
    codes = (
        Code("rain", "Rain", "Weather.", "all"),
        Code("mud", "Mud", "Wet ground.", "all", parent="rain"),
    )
    book = Codebook(codes, (Group("all", "All"),))
    codings = Codings(coded("mud", [0, 1, 2]), seen=read(range(16)))
    rows = align(topics, book, codings=codings, prototypes=at(topics, 0, 1)).rows[:2]
    assert [(row.code_id, row.coded) for row in rows] == [("rain", 3), ("mud", 3)]


# Matches


def test_topics_may_share_a_code_and_matched_one_to_one_they_make_way_for_each_other():
    rows = (
        AlignmentRow(0, "shared", 0.9, 0.3),
        AlignmentRow(0, "second", 0.6, 0.2),
        AlignmentRow(1, "shared", 0.85, 0.3),
        AlignmentRow(1, "second", 0.3, 0.1),
    )
    found = Alignment(rows, 0.45)
    assert found.many_to_one == {"shared": (0, 1)}
    assert [(r.topic, r.code_id) for r in found.one_to_one()] == [(0, "second"), (1, "shared")]
    assert Alignment((), 0.45).one_to_one() == ()


def test_matches_by_jaccard_need_a_shared_segment(topics):
    codings = Codings(
        (*coded("a", range(16)), *coded("b", range(16, 28))), seen=read(range(len(LABELS)))
    )
    found = align(
        topics, codebook_of("b", "a", "c"), codings=codings, prototypes=at(topics, 3, 3, 3)
    )
    assert [(r.topic, r.code_id) for r in found.one_to_one(by="jaccard")] == [(0, "a"), (1, "b")]
    with pytest.raises(ValueError, match="expected 'similarity' or 'jaccard', came 'lift'"):
        found.one_to_one(by="lift")


@settings(deadline=None)  # the first example imports scipy's part
@given(st.lists(st.tuples(st.floats(0.5, 1), st.floats(0.5, 1), st.floats(0.5, 1)), max_size=5))
def test_no_other_one_to_one_matching_has_a_greater_sum(table):
    from itertools import permutations

    rows = tuple(
        AlignmentRow(topic, f"c{place}", value, 0.1)
        for topic, values in enumerate(table)
        for place, value in enumerate(values)
    )
    matched = Alignment(rows, 0.45).one_to_one()
    total = sum(row.similarity for row in matched)
    slots = [*range(3), *[None] * len(table)]
    best = max(
        sum(table[t][c] for t, c in enumerate(order) if c is not None)
        for order in permutations(slots, len(table))
    )
    assert total == pytest.approx(best)
    assert len({row.code_id for row in matched}) == len({row.topic for row in matched})


def test_codes_that_no_topic_finds_are_listed(topics):
    away = -np.array(topics.centre)
    prototypes = np.stack([np.array(topics.centroids)[0], away])
    found = align(topics, codebook_of("rain", "money"), prototypes=prototypes)
    assert found.codes_without_topic == ("money",)
    assert "No topic for: money" in found._repr_html_()


def test_a_matrix_can_show_any_measure(topics):
    codings = Codings(coded("rain", range(16)), seen=read(range(len(LABELS))))
    found = align(topics, codebook_of("rain"), codings=codings, prototypes=at(topics, 0))
    assert found.to_matrix("lift").loc[0, "rain"] == pytest.approx(len(LABELS) / 16)
    assert found.to_matrix("coded")["rain"].tolist() == [16, 0, 0, 0]
    with pytest.raises(ValueError, match="value: expected one of"):
        found.to_matrix("kappa")


def test_the_verdict_stands_in_the_alignment(topics):
    found = align(topics, codebook_of("rain"), prototypes=at(topics, 0))
    assert set(found.to_frame()["stability"]) == {"not measured"}
    assert "topics not measured" in repr(found)
    assert found.independent
    assert found.to_frame()["independent"].all()


def test_a_topic_that_is_not_stable_is_told_apart_from_its_solution(topics):
    gone = TopicStability(0.1, 0.1, refits=10, shuffled=0.1)
    rows = (dataclasses.replace(topics.rows[0], stability=gone), *topics.rows[1:])
    found = align(
        dataclasses.replace(topics, rows=rows), codebook_of("rain"), prototypes=at(topics, 0)
    )
    told = found.to_frame().groupby("topic")["topic_stability"].first().tolist()
    assert told == ["not stable", *["not measured"] * (len(rows) - 1)]
    assert "not stable" in found._repr_html_()


def test_a_topic_must_be_nearer_than_the_texts_at_large_by_as_much_as_is_asked(topics):
    usual = align(topics, codebook_of("rain"), prototypes=at(topics, 0))
    excess = usual.rows[0].excess
    assert usual.uncovered == (1, 2, 3)
    strict = align(topics, codebook_of("rain"), prototypes=at(topics, 0), least_excess=excess)
    assert strict.uncovered == (0, 1, 2, 3)
    assert [each.topic for each in strict.candidates] == [0, 1, 2, 3]
    assert len(topics.to_codings(SEGMENTS, codebook_of("rain"), strict)) == 0


def test_a_model_other_than_that_of_the_topics_is_refused(topics):
    run = dataclasses.replace(topics.runs[-1], model="another (sha256 0…)")
    other = dataclasses.replace(topics, runs=(run,))
    with pytest.raises(TopicsError, match=r"vectors are by another .*name the same model"):
        align(other, codebook_of("rain"))


# Candidates


def test_candidates_hold_ids_and_passages_come_from_the_segments_alone(topics):
    found = align(topics, codebook_of("rain"), prototypes=at(topics, 0))
    assert [each.topic for each in found.candidates] == [1, 2, 3]
    first = found.candidates[0]
    assert (first.size, first.nearest_code, first.stability) == (12, "rain", "not measured")
    assert set(first.segment_ids) == set(topics.members(1))
    assert "passages" not in found.candidates_frame().columns
    frame = found.candidates_frame(SEGMENTS, quotes=2)
    assert [len(text.splitlines()) for text in frame["passages"]] == [2, 2, 2]
    assert "mentor tea diary" in frame["passages"][0]
    assert "mentor tea diary" not in repr(found) + found._repr_html_()


def test_passages_of_those_who_refused_and_of_governed_records_are_not_shown():
    people = {"P016": Case("P016", governance=Governance("nation-a", ("topics",)))}
    others = {f"P{n:03}": "no" for n in range(17, 27)}
    segments = segments_of(LABELS, cases=people, quotes=others)
    topics = fit_topics(segments, embeddings=vectors_of(LABELS), n_topics=4, settings=QUICK)
    found = align(topics, codebook_of("rain"), prototypes=at(topics, 0))
    frame = found.candidates_frame(segments)
    assert frame["segment_ids"][0] == segments.rows[27].id
    assert len(found.candidates[0].segment_ids) == 12


def test_quotes_are_spread_over_participants():
    texts = segments_of([0] * 12 + [1] * 12)
    people = (Case("A"), Case("B"))
    owners = ["A"] * 20 + ["B"] * 4
    documents = tuple(
        dataclasses.replace(d, case_id=owner) for d, owner in zip(texts.corpus, owners, strict=True)
    )
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    corpus = Corpus(documents, people, texts.corpus.clearances)
    segments = Segments(corpus, rows, "document")
    labels = np.repeat([0, 1], 12)
    topics = fit_topics(segments, embeddings=vectors_of(labels), n_topics=2, settings=QUICK)
    found = align(topics, codebook_of("rain"), prototypes=-np.array([topics.centre]))
    mixed = next(each for each in found.candidates if each.participants == 2)
    case_of = {row.id: row.case_id for row in rows}
    assert {case_of[i] for i in mixed.segment_ids[:2]} == {"A", "B"}


# To the codebook


def test_uncovered_topics_become_provisional_codes_with_their_history(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    named = topics.name(1, "Being asked", **WHO).merge((2, 3), label="Tired at home", **WHO)
    after = named.to_codebook(book, found, by="Ana", segments=SEGMENTS)
    new = [code for code in after if code.id != "rain"]
    assert [(c.id, c.name, c.status) for c in new] == [
        ("being_asked", "Being asked", "provisional"),
        ("tired_at_home", "Tired at home", "provisional"),
    ]
    assert all(c.definition == "" and c.group == "open_codes" and not c.human_only for c in new)
    assert new[0].origin.document_id in {u.document_id for u in topics.units if u.topic == 1}
    row = after.history[-1]
    assert (row.action, row.by, row.code_id) == ("create", "Ana", "tired_at_home")
    assert row.reason.startswith(
        f"topic 2+3 of the solution {topics.fingerprint[:12]}; 16 segments"
    )
    assert "not measured" in row.reason
    assert len(book) == 1


def test_a_topic_that_is_not_stable_is_told_in_the_codes_history_and_in_the_run(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    rows = [dataclasses.replace(r, stability=TopicStability(0.9, 0.9, 0.2, 5)) for r in topics]
    rows[0] = dataclasses.replace(rows[0], stability=TopicStability(0.1, 0.1, 0.2, 5))
    rows[1] = dataclasses.replace(rows[1], stability=TopicStability(0.1, 0.1, 0.2, 5))
    whole = Stability(4, bootstrap=0.9, bootstrap_shuffled=0.1, order=1.0, order_shuffled=1.0)
    mixed = dataclasses.replace(topics, rows=tuple(rows), stability=whole)
    after = mixed.to_codebook(book, found, by="Ana")
    reasons = [change.reason for change in after.history[-3:]]
    assert "solution stable, this topic not stable; words" in reasons[0]
    assert "this topic" not in reasons[1]
    summary = mixed.to_codings(SEGMENTS, book, found).runs[-1].summary
    assert "(stable; not stable by themselves: 0) for" in summary


def test_a_topic_that_nobody_named_brings_no_word_of_a_participant_into_what_is_printed(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    after = topics.to_codebook(book, found, by="Ana")
    assert [code.name for code in after.codes[1:]] == ["Topic 1", "Topic 2", "Topic 3"]
    assert all(code.origin is None for code in after.codes)
    assert "mentor" in after.history[0].reason
    printed = after.public()
    assert "mentor" not in repr(printed.codes) + repr(printed.history)


def test_the_same_topic_makes_one_code_however_often_it_is_asked(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    once = topics.to_codebook(book, found, by="Ana")
    assert topics.to_codebook(once, found, by="Ben") == once
    assert len(topics.to_codebook(book, found, by="Ana", only=[0]).codes) == 2
    with pytest.raises(UnknownIdError, match="no topic 8"):
        topics.to_codebook(book, found, by="Ana", only=[8])


def test_a_dropped_topic_makes_no_code_and_parts_make_one_each(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    members = topics.members(2)
    acted = (
        topics.drop(1, **WHO)
        .drop(3, **WHO)
        .split(2, {"Legs": members[:4], "Winter": members[4:]}, **WHO)
    )
    after = acted.to_codebook(book, found, by="Ana")
    assert [code.name for code in after.codes] == ["rain", "Legs", "Winter"]


def test_a_codebook_without_codes_takes_every_topic(topics):
    after = topics.to_codebook(Codebook(()), by="Ana")
    assert len(after) == 4
    with pytest.raises(ValueError, match="by"):
        topics.to_codebook(Codebook(()), by=" ")


def test_an_alignment_of_other_topics_is_refused(topics):
    rows = (AlignmentRow(0, "rain", 0.9, 0.1),)
    with pytest.raises(TopicsError, match="is of 1 topics, there are 4"):
        topics.to_codebook(codebook_of("rain"), Alignment(rows, 0.45), by="Ana")


# To codings


def test_topics_code_as_one_more_machine(topics):
    book = codebook_of("rain", "asking")
    found = align(topics, book, prototypes=at(topics, 0, 1))
    codings = topics.to_codings(SEGMENTS, book, found)
    assert codings.coders == ("topics",)
    assert len(codings) == 28
    assert {c.code_id for c in codings} == {"rain", "asking"}
    first = codings.codings[0]
    unit_of = {u.segment_id: u for u in topics.units}
    row = SEGMENTS.rows[0]
    assert (first.document_id, first.start, first.end) == (row.document_id, row.start, row.end)
    assert (first.coder_kind, first.score) == ("machine", unit_of[row.id].similarity)
    assert first.evidence.startswith("topic 0 (similarity 1.00 with the code)")
    assert (first.run_id, first.codebook_version) == (codings.runs[-1].id, book.version)
    assert len(codings.seen) == 44
    assert {s.codes for s in codings.seen} == {("rain", "asking")}
    assert {row.status for row in codings.current} == {"machine"}
    assert "not measured" in codings.runs[-1].summary


def test_human_only_codes_are_never_given_not_even_when_asked(topics):
    codes = (
        Code("grief", "Grief", "A loss.", "all", human_only=True),
        Code("rain", "Rain", "Weather.", "all"),
    )
    book = Codebook(codes, (Group("all", "All"),))
    found = align(topics, book, prototypes=at(topics, 0))
    codings = topics.to_codings(SEGMENTS, book, found)
    assert {c.code_id for c in codings} == {"rain"}
    assert {s.codes for s in codings.seen} == {("rain",)}
    with pytest.raises(TopicsError, match="topic 1 cannot code 'grief': only people"):
        topics.to_codings(SEGMENTS, book, found, codes={1: "grief"})
    # An alignment made by hand cannot smuggle one in.
    rows = tuple(AlignmentRow(n, "grief", 0.9, 0.5) for n in range(4))
    assert len(topics.to_codings(SEGMENTS, book, Alignment(rows, 0.45))) == 0


def test_provisional_codes_are_given_where_a_person_says_which_topic_is_which(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    after = topics.name(1, "Being asked", **WHO).to_codebook(book, found, by="Ana", only=[1])
    codings = topics.to_codings(SEGMENTS, after, found, codes={1: "being_asked"})
    assert sum(c.code_id == "being_asked" for c in codings) == 12
    assert "set by a person" in next(c for c in codings if c.code_id == "being_asked").evidence
    with pytest.raises(UnknownIdError, match="no topic 9"):
        topics.to_codings(SEGMENTS, after, found, codes={9: "being_asked"})
    with pytest.raises(UnknownIdError, match="no code 'beeing_asked'"):
        topics.to_codings(SEGMENTS, after, found, codes={1: "beeing_asked"})


def test_acts_decide_what_topics_code(topics):
    book = codebook_of("rain", "asking")
    found = align(topics, book, prototypes=at(topics, 0, 1))
    assert len(topics.drop(0, **WHO).to_codings(SEGMENTS, book, found)) == 12
    merged = topics.merge((1, 2), **WHO).to_codings(SEGMENTS, book, found)
    assert sum(c.code_id == "asking" for c in merged) == 21
    members = topics.members(3)
    split = topics.split(3, {"a": members[:2], "b": members[2:]}, **WHO)
    assert len(split.to_codings(SEGMENTS, book, found, codes={"3a": "asking"})) == 30


def test_governed_records_are_coded_only_where_coding_was_approved():
    people = {"P000": Case("P000", governance=Governance("nation-a", ("topics",)))}
    segments = segments_of(LABELS, cases=people)
    topics = fit_topics(segments, embeddings=vectors_of(LABELS), n_topics=4, settings=QUICK)
    book = codebook_of("rain")
    codings = topics.to_codings(segments, book, align(topics, book, prototypes=at(topics, 0)))
    assert len(codings) == 15
    assert "d000" not in {s.document_id for s in codings.seen}
    assert "1 governed documents without approval" in codings.runs[-1].summary
    only = segments.where(lambda row: row.document_id == "d000")
    with pytest.raises(GovernanceError, match="all 1 documents wait"):
        topics_to_codings(topics, only, book, align(topics, book, prototypes=at(topics, 0)))


def test_texts_that_are_not_cleared_or_were_not_grouped_are_not_coded(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    with pytest.raises(NotClearedError, match="44 documents are not cleared"):
        topics.to_codings(segments_of(LABELS, cleared=False), book, found)
    strange = segments_of([0])
    other = dataclasses.replace(
        topics,
        units=tuple(dataclasses.replace(u, segment_id=f"x{u.segment_id}") for u in topics.units),
    )
    with pytest.raises(TopicsError, match="none of the 1 segments was grouped"):
        other.to_codings(strange, book, found)


def test_a_document_that_topics_read_is_no_proof_for_the_code_they_stand_under(topics):
    book = codebook_of("rain")
    found = align(topics, book, prototypes=at(topics, 0))
    own = topics.to_codings(SEGMENTS, book, found)
    row = align(topics, book, codings=own, prototypes=at(topics, 0)).rows[0]
    assert (row.coded, row.looked_for) == (0, 0)


def test_provisional_codes_from_topics_are_defined_like_any_other(topics):
    book = topics.to_codebook(Codebook(()), by="Ana", only=[0])
    (code,) = book.codes
    defined = book.define(code.id, name="Rain", definition="Weather outside.", by="Ana")
    assert defined[code.id].status == "defined"
    with pytest.raises(CodebookError):
        book.define(code.id, by="Ana", definition="")
