"""Topics: an engine that fits the size, its stability beside it, and the codebook."""

import csv
import dataclasses
import math
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.embeddings import embed
from reflect_analysis.errors import (
    GovernanceError,
    NotClearedError,
    TopicsError,
    UnknownIdError,
)
from reflect_analysis.provenance import describe_methods
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import Stability, Topic, Topics, TopicSettings, align, fit_topics
from reflect_analysis.topics.stability import agreement, shuffled

DATA = Path(__file__).parent / "data" / "topics"
SENTENCES = (DATA / "sentences.txt").read_text(encoding="utf-8").splitlines()
# Few refits where a test is not about stability.
QUICK = TopicSettings(refits=2)
THEMES = {
    "rain": ["mud", "rain", "creek", "slug", "woods"],
    "mentor": ["mentor", "question", "tea", "notes", "visit"],
    "tired": ["tired", "legs", "winter", "voice", "shift"],
    "family": ["mother", "father", "soup", "pick-up", "story"],
}


def segments_of(texts, cases=None, *, ids=None, cleared=True, governed=(), **fields):
    """Texts as cleared documents of one segment each."""
    owners = cases or [f"P{place:03}" for place in range(len(texts))]
    names = ids or [f"d{place:04}" for place in range(len(texts))]
    documents = tuple(
        Document(name, text, case_id=owner, **{k: v[place] for k, v in fields.items()})
        for place, (name, text, owner) in enumerate(zip(names, texts, owners, strict=True))
    )
    rules = {case: Governance("nation-a", approved) for case, approved in dict(governed).items()}
    people = tuple(
        Case(owner, governance=rules.get(owner)) for owner in dict.fromkeys(owners) if owner
    )
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents if cleared)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


def themed(n, *, noise=0.25, seed=0):
    """n texts in four themes with vectors in four bundles: segments, vectors, themes."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(4, 32))
    labels = np.arange(n) % 4
    vectors = centres[labels] + noise * rng.normal(size=(n, 32))
    lists = list(THEMES.values())
    texts = [
        f"We had {' and '.join(rng.permutation(lists[i])[:3])} no {k}."
        for k, i in enumerate(labels)
    ]
    return segments_of(texts), vectors.astype(np.float32), labels


def picked(segments, vectors, order):
    """The same segments and vectors in another order."""
    rows = tuple(segments.rows[place] for place in order)
    return dataclasses.replace(segments, rows=rows), vectors[list(order)]


def without_runs(topics):
    return dataclasses.replace(topics, runs=())


@pytest.fixture(scope="module")
def sentence_vectors(tmp_path_factory):
    from reflect_analysis.cache import Cache

    return embed(SENTENCES, cache=Cache(tmp_path_factory.mktemp("vectors")))


@pytest.fixture(scope="module")
def planted():
    """Topics of 64 texts in four themes."""
    segments, vectors, labels = themed(64)
    return segments, labels, fit_topics(segments, embeddings=vectors)


# Sizes


def test_no_number_of_real_sentences_from_1_to_60_fails_or_gives_outliers_alone(sentence_vectors):
    for n in range(1, 61):
        topics = fit_topics(
            segments_of(SENTENCES[:n]), embeddings=sentence_vectors[:n], settings=QUICK
        )
        assert topics.n_units == n
        if n < 20:
            assert topics.engine == "terms"
            assert topics.terms
        else:
            assert topics.engine == "k-means"
            assert 2 <= len(topics) <= min(8, max(2, n // 8))
            assert topics.outlier_share == 0


def test_sentences_about_one_thing_come_together_under_its_word(sentence_vectors):
    topics = fit_topics(segments_of(SENTENCES), embeddings=sentence_vectors, n_topics=4)
    mentors = [topics.assignments[f"d{n:04}:0-{len(SENTENCES[n])}"] for n in range(15, 30)]
    most = max(set(mentors), key=mentors.count)
    assert mentors.count(most) >= 9
    assert "mentor" in topics[most].words


def test_a_few_texts_give_terms_in_their_places_and_neighbours():
    texts = ["Don’t worry: the mentor’s tea.", "The mentor and the Mentor again.", "Rain."]
    segments = segments_of(texts, ["P1", "P2", "P2"])
    vectors = np.array([[1, 0.1], [1, 0], [0, 1]])
    topics = fit_topics(segments, embeddings=vectors)
    mentor = topics.terms[0]
    assert (mentor.term, mentor.count, mentor.segments, mentor.participants) == ("mentor", 3, 2, 2)
    found = {row.id: row.text for row in segments}
    places = [found[segment_id][start:end] for segment_id, start, end in mentor.places]
    assert places == ["mentor’s", "mentor", "Mentor"]
    assert "not" not in [term.term for term in topics.terms]
    assert [n.nearest[:5] for n in topics.neighbours] == ["d0001", "d0000", "d0000"]
    assert (topics.rows, topics.units, dict(topics.assignments)) == ((), (), {})
    assert math.isnan(topics.outlier_share)
    assert topics.stability.verdict == "not measured"
    assert list(topics.to_frame().columns)[:2] == ["topic", "label"]
    assert "mentor" in topics._repr_html_()
    assert repr(topics) == "<Topics: none, 4 terms of 3 segments (not grouped)>"


def test_one_text_alone_has_no_neighbour():
    topics = fit_topics(segments_of(["The mentor."]), embeddings=np.ones((1, 3)))
    assert topics.neighbours == ()
    assert [term.term for term in topics.terms] == ["mentor"]


def test_copies_of_one_text_are_not_grouped():
    topics = fit_topics(segments_of(["Thank you!"] * 40), embeddings=np.ones((40, 3)))
    assert topics.engine == "terms"
    assert topics.notes == ("All 40 texts are the same: there is nothing to group.",)


def test_equal_vectors_of_different_texts_are_labelled_not_stable():
    topics = fit_topics(segments_of(SENTENCES[:24]), embeddings=np.ones((24, 3)), settings=QUICK)
    assert len(topics) == 1
    assert "fewer than two topics" in topics.stability.faults
    assert topics.stability.verdict == "not stable"


def test_the_number_of_planted_themes_is_found_and_stable(planted):
    _, labels, topics = planted
    assert len(topics) == 4
    assert topics.stability.verdict == "stable"
    assert topics.stability.bootstrap > topics.stability.bootstrap_shuffled + 0.5
    found = np.array([unit.topic for unit in topics.units])
    assert agreement(found, labels) == 1
    assert [tried.n_topics for tried in topics.numbers_tried] == [2, 3, 4, 5, 6, 7, 8]
    words = {row.label.split(", ")[0] for row in topics}
    assert all(words & set(theme) for theme in THEMES.values())


def test_noise_is_called_not_stable_wherever_it_appears():
    vectors = np.random.default_rng(1).normal(size=(80, 50))
    topics = fit_topics(
        segments_of([f"Text about {i} rain." for i in range(80)]), embeddings=vectors
    )
    assert topics.stability.verdict == "not stable"
    assert set(topics.to_frame()["stability"]) == {"not stable"}
    assert set(topics.stability.to_frame()["verdict"]) == {"not stable"}
    assert "not stable" in repr(topics)
    assert "not stable" in topics._repr_html_()
    assert "not stable" in describe_methods(topics.runs)


def test_the_engine_can_be_chosen_and_ward_has_no_seeds(planted):
    segments, vectors, labels = themed(64)
    topics = fit_topics(segments, embeddings=vectors, engine="agglomerative")
    assert topics.engine == "agglomerative"
    assert math.isnan(topics.stability.seeds)
    assert topics.stability.verdict == "stable"
    assert agreement(np.array([unit.topic for unit in topics.units]), labels) == 1


def test_topics_asked_of_a_few_texts_are_given_without_a_claim():
    segments, vectors, _ = themed(12)
    topics = fit_topics(segments, embeddings=vectors, n_topics=4, settings=QUICK)
    assert len(topics) == 4
    assert "no claim" in topics.notes[0]


def test_refits_can_be_left_out():
    segments, vectors, _ = themed(24)
    topics = fit_topics(segments, embeddings=vectors, n_topics=2, settings=TopicSettings(refits=0))
    assert topics.stability.verdict == "not measured"
    assert "refits were switched off" in repr(topics)


def test_a_sample_by_participant_is_fitted_and_the_rest_assigned():
    segments, vectors, labels = themed(120)
    owners = ["P1"] * 60 + ["P2"] * 40 + ["P3"] * 20
    segments = segments_of(segments.texts, owners)
    chosen = TopicSettings(sample_size=60, refits=2)
    topics = fit_topics(segments, embeddings=vectors, n_topics=4, settings=chosen)
    assert topics.n_units == 120
    assert agreement(np.array([unit.topic for unit in topics.units]), labels) == 1
    assert "60 of 120 segments" in topics.notes[0]
    assert topics.stability.units == 60


# The same result again


def test_the_order_of_the_rows_changes_nothing():
    segments, vectors, _ = themed(40, noise=1.2)
    order = np.random.default_rng(3).permutation(40)
    mixed, moved = picked(segments, vectors, order)
    one = fit_topics(segments, embeddings=vectors, settings=QUICK)
    other = fit_topics(mixed, embeddings=moved, settings=QUICK)
    assert without_runs(one) == without_runs(other)
    assert one.runs[-1].inputs == other.runs[-1].inputs


ANOTHER_PROCESS = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "sentence_transformers", *{blocked!r}):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, {here!r})
from test_topics import fit_topics, picked, themed, np, TopicSettings
segments, vectors, _ = themed({n}, noise=1.2)
mixed, moved = picked(segments, vectors, np.random.default_rng(5).permutation({n}))
topics = fit_topics(mixed, embeddings=moved, settings=TopicSettings(refits={refits}))
print(topics.engine, topics.fingerprint)
assert not {{"torch", "sentence_transformers"}} & set(sys.modules)
"""


def in_another_process(n, blocked, refits=2):
    """Engine and fingerprint from a fresh process without torch, its rows shuffled."""
    here = str(Path(__file__).parent)
    code = ANOTHER_PROCESS.format(n=n, blocked=blocked, here=here, refits=refits)
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout.split()


def test_another_process_without_torch_or_bertopic_gives_the_same():
    segments, vectors, _ = themed(40, noise=1.2)
    topics = fit_topics(segments, embeddings=vectors, settings=QUICK)
    blocked = ("bertopic", "umap", "hdbscan")
    assert in_another_process(40, blocked) == ["k-means", topics.fingerprint]


def test_neither_the_given_vectors_nor_numpys_random_numbers_are_touched():
    segments, vectors, _ = themed(40)
    before, kept = np.random.get_state(), vectors.copy()  # noqa: NPY002  # the global state is what is watched
    fit_topics(segments, embeddings=vectors, settings=QUICK)
    after = np.random.get_state()  # noqa: NPY002  # the same
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(vectors, kept)


def test_the_run_records_every_choice(planted):
    _, _, topics = planted
    run = topics.runs[-1]
    assert (run.step, run.seed, run.model) == ("topics", 0, "vectors given by the caller")
    assert run.settings["engine"] == "k-means"
    assert run.settings["refits"] == 10
    assert list(run.settings["numbers_tried"]) == list("2345678")
    assert {"numpy", "scikit-learn"} <= set(run.settings["versions"])
    assert run.id
    assert "64 segments (by document) were grouped into 4 topics" in describe_methods(topics.runs)


# What is looked at


def test_what_may_not_or_cannot_be_read_is_left_out_and_counted():
    texts = [*SENTENCES[:26], "👍 …"]
    owners = ["P-a", "P-b", *(f"P{i}" for i in range(25))]
    segments = segments_of(
        texts,
        owners,
        governed={"P-a": (), "P-b": ("topics",)},
        language=["en"] * 24 + ["fr", "en", "en"],
        voice=["participant"] * 25 + ["other", "participant"],
    )
    vectors = np.random.default_rng(0).normal(size=(27, 8))
    vectors[0] = np.nan  # a row that is not looked at may hold anything
    topics = fit_topics(segments, embeddings=vectors, settings=QUICK)
    assert topics.left_out == Attributes(
        {"governance": 1, "language": 1, "no words": 1, "voice": 1}
    )
    assert topics.n_units == 23
    assert not {"d0000", "d0024", "d0025", "d0026"} & {u.document_id for u in topics.units}
    assert "d0001" in {u.document_id for u in topics.units}
    assert "; 4 were left out (not approved for this use" in describe_methods(topics.runs)


def test_records_that_all_wait_for_an_approval_are_a_governance_error():
    segments = segments_of(SENTENCES[:3], governed={f"P00{i}": ("coding",) for i in range(3)})
    with pytest.raises(GovernanceError, match="all 3 segments wait for the approval"):
        fit_topics(segments, embeddings=np.ones((3, 2)))


def test_a_corpus_in_another_language_gives_a_result_that_says_so():
    segments = segments_of(["Bonjour.", "Merci bien."], language=["fr", "fr"])
    topics = fit_topics(segments, embeddings=np.eye(2))
    assert (topics.n_units, topics.left_out["language"]) == (0, 2)
    assert topics.notes == ("No text was left to look at.",)
    both = fit_topics(segments, embeddings=np.eye(2), settings=TopicSettings(languages=None))
    assert both.n_units == 2


def test_no_segments_at_all_need_no_model(monkeypatch):
    empty = dataclasses.replace(segments_of(["a b"]), rows=())
    assert fit_topics(empty).n_units == 0


def test_texts_that_nobody_cleared_are_not_read():
    with pytest.raises(NotClearedError, match=r"2 documents are not cleared.*'d0000', 'd0001'"):
        fit_topics(segments_of(["One.", "Two."], cleared=False), embeddings=np.eye(2))


# Bad input


@pytest.mark.parametrize(
    ("vectors", "told"),
    [
        (np.ones((3, 4)), r"expected 2 rows, .* came an array of shape \(3, 4\)"),
        (np.ones(2), r"came an array of shape \(2,\)"),
        (np.ones((2, 0)), r"came an array of shape \(2, 0\)"),
        (np.array([["a"], ["b"]]), "expected numbers, came an array of <U1"),
        (np.array([[1.0, np.nan], [1, 1]]), "1 rows hold a NaN .*'d0000:0-4'"),
        (np.array([[1.0, 1], [np.inf, 1]]), "1 rows hold a NaN or an infinite.*'d0001:0-4'"),
        (np.zeros((2, 2)), "2 rows hold nothing but zeros"),
    ],
)
def test_unfit_vectors_are_a_named_error_that_names_the_segments(vectors, told):
    with pytest.raises(TopicsError, match=told):
        fit_topics(segments_of(["One.", "Two."]), embeddings=vectors)


def test_more_topics_than_different_texts_are_a_named_error():
    with pytest.raises(TopicsError, match=r"3 topics were asked of 2 different texts \(in 3"):
        fit_topics(segments_of(["One.", "Two.", "Two."]), embeddings=np.ones((3, 2)), n_topics=3)


def test_wrong_arguments_are_value_errors_that_show_what_came():
    segments = segments_of(["One."])
    with pytest.raises(ValueError, match="n_topics: expected at least 2, came 1"):
        fit_topics(segments, n_topics=1)
    with pytest.raises(ValueError, match="came 'kmeans'; did you mean 'k-means'"):
        fit_topics(segments, engine="kmeans")
    with pytest.raises(ValueError, match="random_state: expected 0 or more, came -1"):
        fit_topics(segments, random_state=-1)
    with pytest.raises(ValueError, match="refits: expected 0 or at least 2, came 1"):
        TopicSettings(refits=1)
    with pytest.raises(ValueError, match="top_words: expected at least 1, came 0"):
        TopicSettings(top_words=0)
    with pytest.raises(ValueError, match="min_cluster_size: expected at least 2, came 1"):
        TopicSettings(min_cluster_size=1)


def test_topics_that_contradict_themselves_cannot_be_made():
    row = Topic(1, (), 1, 1, 1.0, ())
    with pytest.raises(TopicsError, match=r"numbered \[1\]") as caught:
        Topics("k-means", 1, (row,), (), Stability(1))
    assert "0 centroids of 1 topics" in str(caught.value)


# Words and representatives


def test_words_are_weighed_by_the_published_formula():
    # Two topics of four words each, so A = 4; "rain" twice in topic 0 and once in topic 1:
    # rain 2/4 · ln(1 + 4/3) = .424; mud 1/4 · ln(1 + 4/1) = .402, creek the same.
    from reflect_analysis.topics.representations import vocabulary_of

    rows = segments_of(["rain rain mud creek", "rain tea tea tea"], ["P1", "P1"]).rows
    words = vocabulary_of(rows, np.eye(2, dtype=np.float32), str.split)
    found = words.by_frequency(np.array([0, 1]), 3)
    assert words.weights(np.array([0, 1]))[0].round(3).tolist() == [0.402, 0.402, 0.424, 0]
    assert found == [("rain", "creek", "mud"), ("tea", "rain")]


def test_a_word_of_one_participant_alone_stands_in_no_label():
    segments, vectors, _ = themed(24)
    texts = [
        f"{text} Wilhelmina" if place < 4 else text for place, text in enumerate(segments.texts)
    ]
    owners = ["P1"] * 4 + [f"P{place}" for place in range(4, 24)]
    chosen = TopicSettings(refits=0, top_words=40)
    alone = fit_topics(segments_of(texts, owners), embeddings=vectors, n_topics=2, settings=chosen)
    shared = fit_topics(segments_of(texts), embeddings=vectors, n_topics=2, settings=chosen)
    assert "wilhelmina" not in {word for row in alone for word in row.words}
    assert "wilhelmina" in {word for row in shared for word in row.words}


def test_stop_words_and_plurals_leave_the_labels():
    texts = [f"I didn't really think the kids and the kid dont like Rain{i % 2}" for i in range(20)]
    vectors = np.repeat(np.eye(2), 10, axis=0) + np.random.default_rng(0).normal(size=(20, 2)) / 9
    segments = segments_of([f"{text} {place}" for place, text in enumerate(texts)])
    chosen = TopicSettings(refits=0)
    topics = fit_topics(segments, embeddings=vectors, n_topics=2, settings=chosen)
    assert all(set(row.words) == {"rain", "kid"} for row in topics)


def test_a_vectoriser_of_ones_own_makes_the_words():
    from sklearn.feature_extraction.text import CountVectorizer

    segments, vectors, _ = themed(24)
    chosen = TopicSettings(refits=0, vectorizer=CountVectorizer(ngram_range=(2, 2)))
    topics = fit_topics(segments, embeddings=vectors, n_topics=2, settings=chosen)
    assert all(" " in word for row in topics for word in row.words)


def test_representatives_are_near_and_spread_over_participants():
    segments, vectors, _ = themed(24)
    segments = segments_of(segments.texts, ["P1"] * 20 + ["P2", "P3", "P2", "P3"])
    topics = fit_topics(segments, embeddings=vectors, n_topics=2, settings=QUICK)
    owners = {unit.segment_id: unit.case_id for unit in topics.units}
    cosine = {unit.segment_id: unit.similarity for unit in topics.units}
    for row in topics:
        assert set(row.representatives) <= set(topics.members(row.number))
        who = [owners[each] for each in row.representatives]
        assert len(set(who)) == min(3, row.participants)
        own = [m for m in topics.members(row.number) if owners[m] == who[0]]
        assert cosine[row.representatives[0]] == max(cosine[each] for each in own)
        assert row.one_participant
        assert 0.5 < row.largest_share < 1


def test_unknown_cases_count_each_for_itself_and_as_no_participant():
    segments, vectors, _ = themed(24)
    segments = segments_of(segments.texts, [None] * 24)
    topics = fit_topics(segments, embeddings=vectors, n_topics=2, settings=QUICK)
    assert [row.participants for row in topics] == [0, 0]
    assert not any(row.one_participant for row in topics)


def test_a_topic_is_there_by_its_number_and_by_itself(planted):
    _, _, topics = planted
    assert 0 in topics
    assert len(topics) not in topics
    assert topics[0] in topics
    assert "0" not in topics


def test_the_frame_has_a_row_a_topic_and_adds_up(planted):
    _, _, topics = planted
    frame = topics.to_frame()
    assert list(frame.columns) == [
        *("topic", "label", "words", "size", "share", "participants", "largest_share"),
        *("one_participant", "representatives", "engine", "stability", "topic_stability"),
        *("members_again", "members_shuffled", "words_again", "act", "guided"),
    ]
    assert frame["size"].sum() == topics.n_units == 64
    assert frame["share"].sum() == pytest.approx(1)
    assert list(frame["size"]) == sorted(frame["size"], reverse=True)
    assert len(topics.units_frame()) == 64
    with pytest.raises(UnknownIdError, match="no topic 4; there are 4, from 0"):
        topics[4]


def test_no_value_holds_a_passage(planted):
    segments, _, topics = planted
    shown = repr(topics) + topics._repr_html_() + describe_methods(topics.runs) + repr(topics.runs)
    assert not [text for text in segments.texts if text in shown]


# Stability

LABELS = st.lists(st.integers(-1, 3), min_size=2, max_size=30)


@given(LABELS, st.permutations([0, 1, 2, 3]))
def test_names_of_the_groups_do_not_change_the_agreement(labels, names):
    one = np.array(labels)
    other = np.array([-1 if label == -1 else names[label] for label in labels])
    known = agreement(one, other)
    assert known == pytest.approx(agreement(one, one))
    assert known in (0, pytest.approx(1))


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3)), min_size=2, max_size=30))
def test_agreement_has_no_direction(pairs):
    one, other = (np.array(each) for each in zip(*pairs, strict=True))
    assert agreement(one, other) == pytest.approx(agreement(other, one))


def test_outliers_count_as_groups_of_one():
    # Hubert and Arabie's index by hand: 1 pair in both, 2 and 1 pairs in each, of 6 pairs:
    # (1 − 2·1/6) / ((2 + 1)/2 − 2·1/6) = .5714.
    one, other = np.array([0, 0, 1, 1]), np.array([0, 0, -1, -1])
    assert agreement(one, other) == pytest.approx(4 / 7)


def test_refits_without_structure_agree_on_nothing():
    assert agreement(np.full(9, -1), np.full(9, -1)) == 0
    assert agreement(np.zeros(9, int), np.zeros(9, int)) == 0


def test_only_units_drawn_in_both_are_compared():
    assert agreement(np.array([0, 0, 1, 1, -2]), np.array([1, 1, 0, 0, 0])) == 1


def test_shuffling_keeps_the_values_of_each_dimension_and_no_structure():
    _, vectors, _ = themed(60)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    null = shuffled(unit, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(null, axis=1), 1, atol=1e-6)
    apart = [np.linalg.norm(each[:4] @ each[4:8].T - np.eye(4)) for each in (unit, null)]
    assert apart[0] < apart[1]


@pytest.mark.parametrize(
    ("figures", "verdict"),
    [
        ((3, 0.9, 0.1, 0.7, 0.1), "stable"),
        ((3, 0.9, 0.1, 0.59, 0.1), "not stable"),
        ((3, 0.59, 0.1, 0.9, 0.1), "not stable"),
        ((3, 0.9, 0.1, 0.7, 0.7), "not stable"),
        ((3, 0.9, 0.95, 0.7, 0.1), "not stable"),
        ((3, 1.0, 1.0, 0.7, 0.1), "stable"),
        ((1, 1.0, 0.0, 1.0, 0.0), "not stable"),
        ((3, math.nan, math.nan, 0.7, 0.1), "stable"),
        ((3, math.nan, math.nan, math.nan, math.nan), "not measured"),
    ],
)
def test_stable_is_what_passes_the_limit_and_the_shuffled_vectors(figures, verdict):
    assert Stability(*figures).verdict == verdict


# Beside the codebook


def codebook_of(*ids):
    codes = tuple(Code(code_id, code_id, f"About {code_id}.", "all") for code_id in ids)
    return Codebook(codes, (Group("all", "All"),))


def test_a_topic_is_covered_by_the_code_at_its_centre_and_free_where_there_is_none(planted):
    _, _, topics = planted
    prototypes = np.array(topics.centroids)[[2, 0, 1]]
    found = align(topics, codebook_of("two", "zero", "one"), prototypes=prototypes)
    near = {topic: row.code_id for topic, row in found.nearest.items()}
    assert (near[0], near[1], near[2]) == ("zero", "one", "two")
    assert found.uncovered == (3,)
    assert found.to_matrix().shape == (4, 3)
    assert list(found.to_matrix().columns) == ["two", "zero", "one"]
    assert found.to_matrix().loc[0, "zero"] == pytest.approx(1)
    assert found.to_frame()["coded"].isna().all()
    assert repr(found) == "<Alignment: 4 topics × 3 codes; no code covers 3>"
    assert ">no</td>" in found._repr_html_()


def test_a_topic_is_never_named_by_a_human_only_code(planted):
    _, _, topics = planted
    codes = (
        Code("zero", "zero", "About zero.", "all", human_only=True),
        Code("one", "one", "About one.", "all"),
    )
    book = Codebook(codes, (Group("all", "All"),))
    found = align(topics, book, prototypes=np.array(topics.centroids)[[1]])
    assert {row.code_id for row in found} == {"one"}
    closed = Codebook(codes[:1], (Group("all", "All"),))
    assert len(align(topics, closed)) == 0


def test_codings_are_counted_where_the_code_was_looked_for(planted):
    segments, _, topics = planted
    members = topics.members(0)
    rows = {row.id: row for row in segments}
    codings = Codings(
        tuple(Coding(rows[m].document_id, 0, 3, "zero", "coder-1") for m in members[:4]),
        seen=tuple(Seen("coder-1", rows[m].document_id) for m in members[:8]),
    )
    prototypes = np.array(topics.centroids)[:1]
    found = align(topics, codebook_of("zero"), codings=codings, prototypes=prototypes)
    row = found.rows[0]
    assert (row.coded, row.jaccard) == (4, 0.5)
    assert (found.rows[1].coded, found.rows[1].jaccard) == (0, 0)


def test_prototypes_that_do_not_fit_are_a_named_error(planted):
    _, _, topics = planted
    with pytest.raises(TopicsError, match=r"expected shape \(1, 32\).* came \(1, 384\)"):
        align(topics, codebook_of("zero"), prototypes=np.ones((1, 384)))
    with pytest.raises(TopicsError, match="finite"):
        align(topics, codebook_of("zero"), prototypes=np.full((1, 32), np.nan))


def test_texts_that_were_not_grouped_have_no_alignment():
    topics = fit_topics(segments_of(["One tea."]), embeddings=np.ones((1, 2)))
    found = align(topics, codebook_of("zero"))
    assert (len(found), found.uncovered, found.to_matrix().shape) == (0, (), (0, 0))


def test_a_codes_prototype_is_made_of_its_definition_inclusions_and_examples(
    sentence_vectors, tmp_path
):
    from reflect_analysis.cache import Cache

    segments = segments_of(SENTENCES)
    topics = fit_topics(segments, embeddings=sentence_vectors, n_topics=4, settings=QUICK)
    codes = (
        Code("mentoring", "Mentoring", "What a mentor and an educator do together.", "g",
             include=("talk with a mentor",), examples=("My mentor asked me what I saw.",)),
        Code("outdoors", "Outdoors", "Play outside in woods, mud and rain.", "g"),
        Code("money", "Money", "Taxes and interest rates.", "g"),
    )  # fmt: skip
    book = Codebook(codes, (Group("g", "G"),))
    found = align(topics, book, cache=Cache(tmp_path), threshold=0.3)
    mentor = next(row.number for row in topics if "mentor" in row.words)
    assert found.nearest[mentor].code_id == "mentoring"
    assert mentor not in found.uncovered
    assert "money" not in {row.code_id for row in found if found.covers(row)}


# BERTopic


@pytest.fixture(scope="module")
def large():
    """Topics of 320 texts in four themes by BERTopic, and what its import did to warnings."""
    segments, vectors, labels = themed(320)
    before = warnings.filters[:]
    topics = fit_topics(segments, embeddings=vectors, settings=QUICK)
    return labels, topics, before == warnings.filters[:]


@pytest.mark.slow
def test_300_texts_are_grouped_by_bertopic(large):
    labels, topics, _ = large
    assert topics.engine == "bertopic"
    assert len(topics) == 4
    assert topics.stability.verdict == "stable"
    assert agreement(np.array([unit.topic for unit in topics.units]), labels) > 0.9
    assert {"bertopic", "umap-learn", "hdbscan"} <= set(topics.runs[-1].settings["versions"])


@pytest.mark.slow
def test_importing_bertopic_leaves_the_filters_of_warnings(large):
    assert large[2]


@pytest.mark.slow
def test_bertopic_gives_the_same_in_a_process_without_torch(large):
    segments, vectors, _ = themed(320, noise=1.2)
    chosen = TopicSettings(refits=0)
    topics = fit_topics(segments, embeddings=vectors, settings=chosen)
    assert in_another_process(320, (), refits=0) == [topics.engine, topics.fingerprint]


@pytest.mark.slow
def test_where_all_are_outliers_k_means_is_used_and_said(large):
    segments, vectors, _ = themed(320)
    chosen = TopicSettings(refits=2, min_cluster_size=300)
    topics = fit_topics(segments, embeddings=vectors, settings=chosen)
    assert topics.engine == "k-means"
    assert len(topics) == 4
    assert "BERTopic found" in topics.notes[0]
    assert "k-means was used instead" in topics.notes[0]


@pytest.mark.slow
def test_topics_are_joined_to_the_number_asked_for(large):
    segments, vectors, _ = themed(320)
    chosen = TopicSettings(refits=0)
    fewer = fit_topics(segments, embeddings=vectors, n_topics=2, settings=chosen)
    assert (fewer.engine, len(fewer)) == ("bertopic", 2)
    more = fit_topics(segments, embeddings=vectors, n_topics=7, settings=chosen)
    assert (more.engine, len(more)) == ("k-means", 7)


@pytest.mark.slow
def test_models_that_are_handed_in_are_copied_and_seeded(large):
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    segments, vectors, labels = themed(320)
    reduce, group = PCA(5), KMeans(4, n_init=3)
    chosen = TopicSettings(refits=0, umap=reduce, hdbscan=group)
    topics = fit_topics(segments, embeddings=vectors, settings=chosen)
    assert agreement(np.array([unit.topic for unit in topics.units]), labels) == 1
    assert not hasattr(reduce, "components_")
    assert not hasattr(group, "labels_")
    assert group.random_state is None
    assert topics.runs[-1].settings["umap"] == "PCA"


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 9, 10, 12, 25])
def test_bertopic_asked_of_a_few_texts_never_fails(n, sentence_vectors, large):
    segments = segments_of(SENTENCES[:n])
    vectors = sentence_vectors[:n]
    topics = fit_topics(segments, embeddings=vectors, engine="bertopic", settings=QUICK)
    assert len(topics) >= 2
    assert topics.outlier_share < 1


# Real sentences


@pytest.fixture(scope="module")
def cered():
    folder = os.environ.get("REFLECT_FIELD_DATA")
    if not folder:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    path = Path(folder) / "cered" / "sentences-en.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {f"s{row['idx']}": row["sentence"] for row in rows}


@pytest.mark.field
@pytest.mark.slow
@pytest.mark.parametrize(("n", "engine"), [(100, {"k-means"}), (400, {"bertopic", "k-means"})])
def test_real_reflections_have_topics_with_figures_beside_them(cered, n, engine):
    ids = [str(each) for each in np.random.default_rng(1).choice(sorted(cered), n, replace=False)]
    segments = segments_of([cered[each] for each in ids], [None] * n, ids=ids)
    topics = fit_topics(segments)
    assert topics.engine in engine
    assert len(topics) >= 2
    assert topics.outlier_share < 0.6
    stability = topics.stability
    assert stability.bootstrap > stability.bootstrap_shuffled + 0.1
    assert all(row.words for row in topics)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=19))
def test_any_few_texts_have_a_result(texts):
    topics = fit_topics(segments_of(texts), embeddings=np.ones((len(texts), 2)))
    assert topics.engine == "terms"
    assert topics.n_units + sum(topics.left_out.values()) == len(texts)
    for term in topics.terms:
        assert term.count >= term.segments >= 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"n_topics": 2.5}, "n_topics: expected a whole number, came 2.5"),
        ({"n_topics": "3"}, "n_topics: expected a whole number, came '3'"),
        ({"random_state": None}, "random_state: expected a whole number, came None"),
    ],
)
def test_an_argument_of_another_kind_is_a_type_error_in_words(more, told):
    segments, vectors, _ = themed(24)
    with pytest.raises(TypeError, match=told):
        fit_topics(segments, embeddings=vectors, **more)


def test_a_list_of_texts_is_no_segments_and_no_text_is_told():
    with pytest.raises(TypeError, match=r"segments: expected Segments.*, came list$"):
        fit_topics(["a secret"])
