"""How far topics come back: over seeds, bootstrap samples and orders, topic by topic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import Stability, TopicSettings, TopicStability, fit_topics
from reflect_analysis.topics.clusters import cluster_for
from reflect_analysis.topics.neighbours import components, neighbours_of, smoothed, unit
from reflect_analysis.topics.stability import (
    Refitting,
    agreement,
    information,
    measure_stability,
    steadier,
    topic_stability,
)

LABELS = st.lists(st.integers(-1, 3), min_size=2, max_size=30)


def bundles(n, *, noise, seed=0, groups=4):
    """Vectors in bundles of unit length, and the bundle of each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % groups
    vectors = rng.normal(size=(groups, 16))[labels] + noise * rng.normal(size=(n, 16))
    return unit(vectors), labels


def segments_of(texts):
    """Texts as cleared documents of one segment and one participant each."""
    documents = tuple(Document(f"d{i:04}", t, case_id=f"P{i:03}") for i, t in enumerate(texts))
    people = tuple(Case(document.case_id) for document in documents)
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


# Figures


def test_mutual_information_by_hand():
    # Groups {a b}{c d} against {a b c}{d}: I = .2158 nats (two cells of 1/2 and 1/4, 1/4);
    # H = ln 2 = .6931 and .5623; normalised by their mean: .2158 / .6277 = .3437.
    assert information(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])) == pytest.approx(
        0.3437, abs=1e-4
    )


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_rand_index_is_that_of_scikit_learn_to_the_last_digit(pairs):
    from sklearn.metrics import adjusted_rand_score

    one, other = np.array(pairs).T
    numbers = {len(set(one)), len(set(other))}
    trivial = numbers == {1} or numbers == {len(pairs)}
    assert agreement(one, other) == (0 if trivial else adjusted_rand_score(one, other))


@given(LABELS)
def test_information_counts_outliers_alone_and_needs_structure(labels):
    one = np.array(labels)
    known = information(one, one)
    assert known in (0, pytest.approx(1))
    assert (known == 0) == (agreement(one, one) == 0)


def test_a_topic_is_matched_with_the_group_that_shares_most():
    labels = np.array([0, 0, 0, 1, 1, 1])
    refit = np.array([5, 5, 2, 2, 2, -2])
    zero, one = topic_stability(labels, [refit], n_topics=2)
    assert zero.members == pytest.approx(2 / 3)  # {a b c} and {a b}
    assert one.members == pytest.approx(2 / 3)  # {d e}, since f was not drawn, and {c d e}
    assert math.isnan(zero.words)
    assert zero.verdict == "stable"


def test_a_topic_that_is_all_outliers_in_a_refit_does_not_come_back():
    (topic,) = topic_stability(np.array([0, 0]), [np.array([-1, -1])], n_topics=1)
    assert (topic.members, topic.verdict) == (0, "not stable")


def test_words_that_come_back_are_counted():
    labels = np.array([0, 0, 1, 1])

    def words(found):
        own = {0: ("rain", "mud"), 1: ("tea", "cup")}
        other = {0: ("tea", "pot"), 1: ("rain", "mud")}
        return [*(own if found is labels else other).values()]

    zero, one = topic_stability(labels, [np.array([1, 1, 0, 0])], words, n_topics=2)
    assert (zero.words, one.words) == (1.0, 0.5)


@given(st.permutations(range(4)), LABELS)
def test_numbers_of_the_groups_change_no_topics_stability(names, labels):
    one = np.array([*labels, 0])
    refit = np.roll(one, 1)
    renamed = np.where(refit < 0, refit, np.array(names)[refit])
    n = int(one.max()) + 1
    first = [t.members for t in topic_stability(one, [refit], n_topics=n)]
    assert first == [t.members for t in topic_stability(one, [renamed], n_topics=n)]


@pytest.mark.parametrize(
    ("members", "shuffled", "verdict"),
    [
        (0.6, 0.2, "stable"),
        (0.59, 0.2, "not stable"),
        (0.8, 0.8, "not stable"),
        (0.8, math.nan, "stable"),
        (math.nan, math.nan, "not measured"),
    ],
)
def test_a_topic_is_stable_that_comes_back_oftener_than_in_shuffled_vectors(
    members, shuffled, verdict
):
    assert TopicStability(members, 0.5, shuffled).verdict == verdict


def test_every_figure_stands_beside_its_value_for_shuffled_vectors():
    vectors, labels = bundles(60, noise=0.3)
    cluster = cluster_for("k-means", 4, TopicSettings(), 60)
    stability, topics = measure_stability(cluster, vectors, labels, Refitting(4, 0))
    assert stability.bootstrap > 0.9 > stability.bootstrap_shuffled
    assert stability.bootstrap_nmi > stability.bootstrap_nmi_shuffled
    assert stability.order == pytest.approx(1)
    assert math.isnan(stability.seeds)
    assert stability.bootstrap_outliers == 0
    assert [topic.verdict for topic in topics] == ["stable"] * 4
    assert all(topic.members > topic.shuffled > 0 for topic in topics)
    frame = stability.to_frame()
    assert list(frame["refits_over"]) == ["seeds", "bootstrap", "order"]
    assert frame["ari_shuffled"].iloc[1] == stability.bootstrap_shuffled
    assert frame["nmi"].iloc[2] == stability.order_nmi


def test_a_solution_that_answers_to_the_order_of_its_rows_is_not_stable():
    figures = Stability(3, bootstrap=0.9, bootstrap_shuffled=0.1, order=0.4, order_shuffled=0.1)
    assert figures.faults == ("ARI over orders of the rows below 0.60",)
    assert figures.verdict == "not stable"
    assert "over order .40 (shuffled .10)" in str(figures)


def test_each_topic_says_whether_it_is_stable_beside_the_solution():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 40))
    texts = [f"Rain {'and mud ' * i} on the way." for i in range(60)]
    chosen = TopicSettings(refits=4)
    topics = fit_topics(segments_of(texts), embeddings=vectors, settings=chosen)
    assert {row.stability.verdict for row in topics} == {"not stable"}
    frame = topics.to_frame()
    assert set(frame["topic_stability"]) == {"not stable"}
    assert frame["members_again"].between(0, 0.6).all()
    assert "not stable: members ." in topics._repr_html_()


# Neighbours


@given(st.integers(2, 40), st.integers(1, 6))
def test_neighbours_are_those_of_all_pairs(n, count):
    from sklearn.metrics.pairwise import cosine_distances

    vectors, _ = bundles(n, noise=1, seed=n)
    count = min(count, n)
    places, distances = neighbours_of(vectors, count)
    assert places[:, 0].tolist() == list(range(n))
    known = np.sort(cosine_distances(vectors), axis=1)[:, :count]
    np.testing.assert_allclose(distances, known, atol=1e-5)


@pytest.mark.parametrize("many", [20, 0])
def test_of_equally_near_rows_the_first_come_first(monkeypatch, many):
    monkeypatch.setattr("reflect_analysis.topics.neighbours.MANY", many)
    vectors = unit(np.eye(3)[[0, 1, 0, 1, 2, 1, 1]])
    places, distances = neighbours_of(vectors, 3)
    assert places[[1, 3, 5]].tolist() == [[1, 3, 5], [3, 1, 5], [5, 1, 3]]
    assert places[4].tolist() == [4, 0, 1]
    assert distances[4].tolist() == [0, 1, 1]


def test_smoothing_and_components_answer_to_no_order():
    vectors, _ = bundles(50, noise=0.5)
    order = np.random.default_rng(1).permutation(50)
    once, again = smoothed(vectors, 5)[order], smoothed(vectors[order], 5)
    np.testing.assert_allclose(once, again, atol=1e-5)
    one, other = components(vectors, 3)[order], components(vectors[order], 3)
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-5)


@pytest.mark.parametrize("count", [3, 14, 20])
def test_few_rows_have_the_components_that_many_have(count):
    # Fifteen rows of sixteen numbers are read by their products; with each row twice, which
    # changes no axis, there are more rows than numbers, and the axes are looked for.
    few, _ = bundles(15, noise=0.5)
    one, other = components(few, count), components(np.vstack([few, few]), count)[:15]
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-6)


# Whole fits


def test_the_engine_that_comes_back_oftener_is_taken_and_the_first_among_equals():
    vectors, _ = bundles(60, noise=0.2)
    good = cluster_for("k-means", 4, TopicSettings(), 60)
    poor = cluster_for("k-means", 9, TopicSettings(), 60)
    better, one, two = steadier(poor, good, vectors, Refitting(4, 0))
    assert better is good
    assert two > one
    same = cluster_for("agglomerative", 4, TopicSettings(), 60)
    assert steadier(same, good, vectors, Refitting(4, 0))[0] is same


def test_k_means_takes_the_place_of_a_bertopic_that_comes_back_less(monkeypatch):
    from reflect_analysis.topics import clusters

    def at_random(vectors, seed, cluster, run):
        return np.random.default_rng(seed).integers(-1, 4, size=len(vectors))

    monkeypatch.setattr(clusters, "_bertopic", at_random)
    vectors, labels = bundles(320, noise=0.2)
    segments = segments_of([f"Rain {i} in the woods." for i in range(320)])
    chosen = TopicSettings(refits=2)
    topics = fit_topics(segments, embeddings=vectors, settings=chosen)
    assert topics.engine == "k-means"
    assert agreement(np.array([unit.topic for unit in topics.units]), labels) == 1
    assert "BERTopic found 4 topics" in topics.notes[0]
    assert "agrees better with itself over bootstrap samples" in topics.notes[0]
    named = fit_topics(segments, embeddings=vectors, engine="bertopic", settings=chosen)
    assert (named.engine, named.stability.verdict) == ("bertopic", "not stable")


def test_progress_counts_every_fit_up_to_its_total():
    vectors, _ = bundles(40, noise=0.3)
    told = []
    fit_topics(
        segments_of([f"Rain {i} in the woods." for i in range(40)]),
        embeddings=vectors,
        settings=TopicSettings(refits=2),
        progress=lambda done, total: told.append((done, total)),
    )
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1]


@pytest.mark.slow
@pytest.mark.parametrize("n_topics", [None, 3])
def test_a_refit_by_bertopics_steps_gives_the_groups_of_the_whole_of_it(n_topics):
    vectors, _ = bundles(120, noise=0.2)
    cluster = cluster_for("bertopic", n_topics, TopicSettings(), len(vectors))
    whole, steps = cluster.fit(vectors, 3), cluster.refit(vectors, 3)
    assert agreement(whole, steps) == 1
    assert (whole == -1).sum() == (steps == -1).sum()


@pytest.mark.parametrize("engine", ["k-means", "agglomerative", "bertopic"])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_sample_of_one_text_is_drawn_again(engine, n):
    segments = segments_of([f"We had mud and rain no {k}." for k in range(n)])
    vectors = np.eye(n, 8, dtype=np.float32) + 0.1
    for seed in range(3):
        found = fit_topics(
            segments, embeddings=vectors, n_topics=2, engine=engine, random_state=seed
        )
        assert found.n_units == n
        assert found.stability.verdict == "not stable"


def test_one_row_is_drawn_alone_where_there_is_no_other():
    from reflect_analysis.topics.stability import _drawn

    rng = np.random.default_rng(0)
    assert _drawn(1, rng).tolist() == [0]
    assert {len(_drawn(2, rng)) for _ in range(20)} == {2}


def test_one_topic_is_counted_as_one():
    assert ": 1 topic, ARI" in str(Stability(1, bootstrap=0.0, bootstrap_shuffled=0.0))
    assert ": 2 topics, ARI" in str(Stability(2, bootstrap=0.0, bootstrap_shuffled=0.0))
