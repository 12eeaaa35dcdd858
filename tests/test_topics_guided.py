"""Guided fits: led by seed words, codes or labels, and marked so wherever they appear."""

import dataclasses
import math

import numpy as np
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import GovernanceError, TopicsError, UnknownIdError
from reflect_analysis.provenance import describe_methods
from reflect_analysis.report.grouping import gather_topics
from reflect_analysis.report.study import Study
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import TopicSettings, align, fit_topics
from reflect_analysis.topics.guided import (
    labels_of_codings,
    topics_from_codes,
    topics_from_labels,
    topics_from_seeds,
)

QUICK = TopicSettings(refits=0)
WORDS = ["mud rain creek", "mentor tea diary", "tired legs winter", "mother soup story"]
LABELS = np.repeat([0, 1, 2, 3], [16, 12, 9, 7])
CENTRES = np.eye(4, 12) + 0.2
MARK = "no independent evidence for the codes"


def segments_of(labels, cases=()):
    documents = tuple(
        Document(f"d{n:03}", f"We had {WORDS[label]} no {chr(97 + n % 26)}{n}.", case_id=f"P{n:03}")
        for n, label in enumerate(labels)
    )
    known = {case.id: case for case in cases}
    people = tuple(known.get(d.case_id) or Case(d.case_id) for d in documents)
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


def vectors_of(labels, *, noise=0.15):
    rng = np.random.default_rng(1)
    return (CENTRES[labels] + noise * rng.normal(size=(len(labels), 12))).astype(np.float32)


SEGMENTS = segments_of(LABELS)
VECTORS = vectors_of(LABELS)
CODES = tuple(Code(name, name, f"About {name}.", "all") for name in ("rain", "asking", "money"))
BOOK = Codebook(CODES, (Group("all", "All"),))
# Two codes lie at themes 0 and 1, one lies far from all texts.
PROTOTYPES = np.stack([CENTRES[0], CENTRES[1], -CENTRES.mean(axis=0)])
SEEDS = {"rain": ["mud", "rain"], "asking": ["mentor"]}


def seeded(**fields):
    given = {"embeddings": VECTORS, "seed_vectors": CENTRES[:2], "n_topics": 4, "settings": QUICK}
    return topics_from_seeds(SEGMENTS, SEEDS, **(given | fields))


def sorted_by_codes(**fields):
    given = {"embeddings": VECTORS, "prototypes": PROTOTYPES, "threshold": 0.8}
    return topics_from_codes(SEGMENTS, BOOK, **(given | fields))


def labelled(**fields):
    labels = {SEGMENTS.rows[n].id: "rain" for n in range(5)}
    labels |= {SEGMENTS.rows[n].id: "asking" for n in range(16, 20)}
    given = {"embeddings": VECTORS, "n_topics": 4, "settings": QUICK}
    return topics_from_labels(SEGMENTS, labels, **(given | fields))


ALL = pytest.mark.parametrize("fit", [seeded, sorted_by_codes, labelled])


@ALL
def test_the_callers_vectors_stay_as_they_are(fit):
    before = VECTORS.copy()
    VECTORS.setflags(write=False)
    fit()
    VECTORS.setflags(write=True)
    np.testing.assert_array_equal(VECTORS, before)


@ALL
def test_a_guided_result_is_marked_wherever_it_appears(fit):
    topics = fit()
    assert MARK in repr(topics)
    assert MARK in topics._repr_html_()
    assert set(topics.to_frame()["guided"]) == {topics.guided.kind}
    assert any(MARK in note for note in topics.notes)
    assert MARK in topics.runs[-1].summary
    assert MARK in describe_methods(topics.runs)
    assert topics.runs[-1].settings["guided"] == topics.guided.kind
    found = align(topics, BOOK, prototypes=PROTOTYPES)
    assert not found.independent
    assert MARK in repr(found) + found._repr_html_()
    assert not found.to_frame()["independent"].any()
    codings = topics.to_codings(SEGMENTS, BOOK, found)
    assert MARK in codings.runs[-1].summary
    assert len(codings)


def test_a_fit_without_guides_bears_no_mark():
    topics = fit_topics(SEGMENTS, embeddings=VECTORS, n_topics=4, settings=QUICK)
    assert topics.guided is None
    assert MARK not in repr(topics) + topics._repr_html_() + topics.runs[-1].summary
    assert set(topics.to_frame()["guided"]) == {""}


@ALL
def test_what_is_told_of_guided_topics_stands_on_the_true_vectors(fit):
    topics = fit()
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    for topic in topics:
        members = [n for n, u in enumerate(topics.units) if u.topic == topic.number]
        mean = unit[members].mean(axis=0)
        np.testing.assert_allclose(
            topics.centroids[topic.number], mean / np.linalg.norm(mean), atol=1e-5
        )


@ALL
def test_the_order_of_the_rows_changes_nothing(fit):
    order = np.random.default_rng(3).permutation(len(LABELS))
    if fit is sorted_by_codes:
        other = topics_from_codes(
            dataclasses.replace(SEGMENTS, rows=tuple(SEGMENTS.rows[n] for n in order)),
            BOOK, embeddings=VECTORS[order], prototypes=PROTOTYPES, threshold=0.8,
        )  # fmt: skip
        assert other.assignments == fit().assignments
    assert fit().fingerprint == fit().fingerprint


# Seed words


def test_seeds_pull_the_texts_near_to_them_and_name_the_topic_that_follows():
    topics = seeded()
    guidance = topics.guided
    assert (guidance.kind, guidance.guides, guidance.weight) == (
        "seed words",
        ("rain", "asking"),
        0.25,
    )
    assert guidance.topics == ("rain", "asking", "", "")
    assert guidance.pulled >= 28
    assert any("stability is that of the guided fit" in note for note in topics.notes)


def test_a_seed_that_no_topic_follows_is_said():
    topics = seeded(seed_vectors=np.stack([CENTRES[0], -CENTRES[1]]))
    assert topics.guided.unfound == ("asking",)
    assert "No topic follows: asking." in topics.notes


def test_seeds_draw_mixed_texts_together():
    # The texts lie on a line between two themes, and a third direction splits them better.
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    vectors = np.zeros((40, 8))
    vectors[:, 0] = 1
    vectors[:, 1] = np.where(labels == 0, 0.25, -0.25)
    vectors[:, 2] = np.tile([0.4, -0.4], 20)
    vectors[:, 3:] = 0.02 * rng.normal(size=(40, 5))
    segments = segments_of(labels)
    free = fit_topics(segments, embeddings=vectors, n_topics=2, settings=QUICK)
    seeds = np.array([[1, 0.4, *[0] * 6], [1, -0.4, *[0] * 6]])
    led = topics_from_seeds(
        segments, SEEDS, embeddings=vectors, seed_vectors=seeds, weight=0.6, n_topics=2,
        settings=QUICK,
    )  # fmt: skip

    def agrees(topics):
        found = np.array([unit.topic for unit in topics.units])
        return max((found == labels).mean(), (found != labels).mean())

    assert agrees(free) < 0.7
    assert agrees(led) == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: seeded(weight=1.0), ValueError, "weight: expected a number between 0 and 1"),
        (lambda: seeded(seed_vectors=np.ones((3, 12))), TopicsError, r"expected shape \(2, 12\)"),
        (lambda: seeded(seed_vectors=None), TopicsError, "guides need vectors by the same model"),
        (lambda: topics_from_seeds(SEGMENTS, {}), TopicsError, "seed words: expected some"),
        (
            lambda: topics_from_seeds(SEGMENTS, {"a": [], "b": [" "], "c": ["x"]}),
            TopicsError,
            r"2 faults:(.|\n)*'a' has none(.|\n)*'b' has none",
        ),
    ],
)
def test_seeds_that_cannot_guide_are_a_named_error(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_too_few_texts_are_not_grouped_whatever_guides_them():
    few = segments_of([0, 0, 1])
    topics = topics_from_seeds(
        few, SEEDS, embeddings=vectors_of([0, 0, 1]), seed_vectors=CENTRES[:2]
    )
    assert topics.engine == "terms"
    assert topics.guided.kind == "seed words"
    assert MARK in topics._repr_html_()


# Zero-shot


def test_each_text_goes_to_the_nearest_code_that_is_near_enough():
    topics = sorted_by_codes()
    assert topics.engine == "zero-shot"
    assert topics.guided.topics == ("rain", "asking")
    by_topic = np.array([unit.topic for unit in topics.units])
    assert (by_topic[:16] == 0).all()
    assert (by_topic[16:28] == 1).all()
    assert (by_topic[28:] == -1).all()
    assert [math.isnan(u.similarity) for u in topics.units] == (by_topic == -1).tolist()
    assert "No topic follows: money." in topics.notes
    assert topics.stability.verdict == "not measured"
    assert "assigned by itself" in topics.stability.reason
    assert topics[0].words[:3] == ("creek", "mud", "rain")


def test_each_code_may_have_its_own_threshold():
    topics = sorted_by_codes(threshold={"rain": 1.0, "asking": 0.8, "money": 0.8})
    assert topics.guided.topics == ("asking",)
    assert topics.guided.thresholds == (1.0, 0.8, 0.8)


def test_one_text_is_enough_and_none_near_enough_is_no_failure():
    one = segments_of([0])
    topics = topics_from_codes(one, BOOK, embeddings=VECTORS[:1], prototypes=PROTOTYPES)
    assert [unit.topic for unit in topics.units] == [0]
    nobody = sorted_by_codes(threshold=1.0)
    assert (len(nobody), nobody.outlier_share) == (0, 1)
    assert MARK in repr(nobody)


def test_human_only_codes_are_no_guides():
    codes = (dataclasses.replace(CODES[0], human_only=True), *CODES[1:])
    book = Codebook(codes, (Group("all", "All"),))
    topics = topics_from_codes(SEGMENTS, book, embeddings=VECTORS, prototypes=PROTOTYPES[1:])
    assert topics.guided.guides == ("asking", "money")
    alone = Codebook(codes[:1], (Group("all", "All"),))
    with pytest.raises(TopicsError, match="no code that a machine may propose"):
        topics_from_codes(SEGMENTS, alone, embeddings=VECTORS)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"threshold": {"rian": 0.5}}, UnknownIdError, "'rian': no code of that id"),
        ({"threshold": 1.5}, ValueError, r"cosines in \[−1, 1\], not so for rain, asking, money"),
        ({"prototypes": PROTOTYPES[:2]}, TopicsError, r"expected shape \(3, 12\)"),
        ({"prototypes": None}, TopicsError, "prototypes: embeddings were given"),
    ],
)
def test_what_cannot_sort_texts_is_a_named_error(fields, error, message):
    with pytest.raises(error, match=message):
        sorted_by_codes(**fields)


# Labels


def test_labels_pull_their_own_texts_alone():
    topics = labelled()
    assert topics.guided.kind == "labels"
    assert topics.guided.pulled == 9
    assert set(topics.guided.topics) == {"rain", "asking", ""}
    with pytest.raises(UnknownIdError, match="no segment 'x'"):
        topics_from_labels(SEGMENTS, {"x": "rain"}, embeddings=VECTORS)
    with pytest.raises(TopicsError, match="none of the segments"):
        topics_from_labels(SEGMENTS, {}, embeddings=VECTORS)


def test_labels_are_what_people_gave_and_one_a_segment():
    def coding(n, code_id, coder="Ana", **fields):
        return Coding(f"d{n:03}", 0, 6, code_id, coder, **fields)

    accepted = coding(3, "rain", "rules", coder_kind="machine")
    codes = (*CODES, Code("grief", "grief", "A loss.", "all", human_only=True))
    codings = Codings(
        (
            coding(0, "rain"), coding(1, "rain"), coding(1, "asking"), coding(4, "grief"),
            coding(2, "rain", "rules", coder_kind="machine"), accepted,
        ),
        decisions=(Decision(accepted.id, "accept", "Ana"),),
    )  # fmt: skip
    book = Codebook(codes, (Group("all", "All"),))
    labels = labels_of_codings(SEGMENTS, codings, book)
    assert labels == {SEGMENTS.rows[0].id: "rain", SEGMENTS.rows[3].id: "rain"}


# In a report


def test_a_report_says_that_the_topics_were_guided_and_not_that_they_know_no_codebook():
    told = gather_topics(Study(SEGMENTS.corpus, BOOK, Codings(), sorted_by_codes()), number=1)
    assert MARK in " ".join(told.sentences)
    assert "without the codebook" not in " ".join(told.sentences)
    free = fit_topics(SEGMENTS, embeddings=VECTORS, n_topics=4, settings=QUICK)
    told = gather_topics(Study(SEGMENTS.corpus, BOOK, Codings(), free), number=1)
    assert MARK not in " ".join(told.sentences)
    assert "without the codebook" in " ".join(told.sentences)


# Governance


def test_records_that_wait_for_approval_guide_and_are_guided_nowhere():
    governed = [Case("P000", governance=Governance("nation-a", ()))]
    segments = segments_of(LABELS, governed)
    topics = topics_from_codes(segments, BOOK, embeddings=VECTORS, prototypes=PROTOTYPES)
    assert "d000" not in {unit.document_id for unit in topics.units}
    assert dict(topics.left_out) == {"governance": 1}
    vectors = VECTORS.copy()
    vectors[0] = np.nan
    seeds = topics_from_seeds(
        segments, SEEDS, embeddings=vectors, seed_vectors=CENTRES[:2], n_topics=2, settings=QUICK
    )
    assert "d000" not in {unit.document_id for unit in seeds.units}
    everyone = [Case(f"P{n:03}", governance=Governance("nation-a", ())) for n in range(len(LABELS))]
    with pytest.raises(GovernanceError):
        topics_from_codes(
            segments_of(LABELS, everyone), BOOK, embeddings=VECTORS, prototypes=PROTOTYPES
        )
