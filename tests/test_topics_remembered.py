"""Fits that were made before are not made again, and are forgotten with any text."""

import dataclasses
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.segmentation import segment
from reflect_analysis.topics import (
    TopicSettings,
    clusters,
    fit_topics,
    fitting,
    remembering,
    stability,
)
from reflect_analysis.topics.clusters import Cluster, NoTopicsError, cluster_for
from reflect_analysis.topics.refits import Refit, Steps, run_refits
from reflect_analysis.topics.remembering import Fits

SETTINGS = TopicSettings(refits=2)


def spread(n, seed=0):
    """Vectors in three directions, with noise."""
    rng = np.random.default_rng(seed)
    return clusters.unit(np.eye(8)[rng.integers(3, size=n)] + rng.normal(0, 0.1, (n, 8)))


def texts(n):
    documents = tuple(Document(f"D{i}", f"Text number {i}.") for i in range(n))
    cleared = tuple(Clearance(d.sha256, "lead", "composed") for d in documents)
    return segment(Corpus(documents, clearances=cleared), by="document")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def fitted(monkeypatch):
    """What engines were fitted, one entry a fit; a refit that is a fit is one."""
    done, depth = [], []

    def counting(was):
        def counted(self, vectors, seed):
            if not depth:
                done.append(self.engine)
            depth.append(1)
            try:
                return was(self, vectors, seed)
            finally:
                depth.pop()

        return counted

    for name in ("fit", "refit"):
        monkeypatch.setattr(Cluster, name, counting(getattr(Cluster, name)))
    return done


@pytest.fixture
def bertopic(monkeypatch):
    """BERTopic's part in a fit, by the nearest axis: to load it takes twenty seconds."""

    def becomes(labels):
        for name in ("_by_bertopic", "_by_its_steps"):
            monkeypatch.setattr(clusters, name, lambda vectors, *_: labels(vectors))

    becomes(lambda vectors: vectors.argmax(axis=1))
    return becomes


def plan(n, count=3):
    rng = np.random.default_rng(1)
    return [Refit(np.unique(rng.integers(n, size=n)), seed) for seed in range(count)]


@pytest.mark.usefixtures("bertopic")
@pytest.mark.parametrize("n", [40, 330])
def test_the_same_texts_are_grouped_once(cache, fitted, n):
    segments, vectors = texts(n), spread(n)
    ask = {"embeddings": vectors, "settings": SETTINGS, "cache": cache}
    first = fit_topics(segments, **ask)
    assert fitted
    fitted.clear()
    again = fit_topics(segments, **ask)
    assert not fitted
    plain = fit_topics(segments, embeddings=vectors, settings=SETTINGS)
    for other in (again, plain):
        assert dataclasses.replace(other, runs=first.runs) == first


def test_vectors_of_the_callers_own_are_kept_nowhere_by_themselves(fitted, tmp_path, monkeypatch):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "own"))
    fit_topics(texts(40), embeddings=spread(40), settings=SETTINGS)
    fitted.clear()
    fit_topics(texts(40), embeddings=spread(40), settings=SETTINGS)
    assert fitted
    assert not (tmp_path / "own").exists()


def test_only_the_refits_that_are_new_are_made(cache, fitted):
    cluster, vectors = cluster_for("k-means", 3, SETTINGS, 40), spread(40)
    before = run_refits(cluster, vectors, plan(40, 2), fits=Fits(cache))
    fitted.clear()
    told = []
    steps = Steps(lambda done, total: told.append((done, total)), 3)
    after = run_refits(cluster, vectors, plan(40, 3), fits=Fits(cache), steps=steps)
    assert len(fitted) == 1
    np.testing.assert_array_equal(after[:2], before)
    np.testing.assert_array_equal(after, run_refits(cluster, vectors, plan(40, 3)))
    assert told[-1] == (3, 3)


def test_what_was_made_before_somebody_stopped_it_is_not_made_again(cache, fitted):
    cluster, vectors = cluster_for("k-means", 3, SETTINGS, 40), spread(40)

    def stop(done, _):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_refits(cluster, vectors, plan(40), fits=Fits(cache), steps=Steps(stop, 3))
    fitted.clear()
    found = run_refits(cluster, vectors, plan(40), fits=Fits(cache))
    assert len(fitted) == 1
    np.testing.assert_array_equal(found, run_refits(cluster, vectors, plan(40)))


def test_another_number_of_topics_is_another_fit(cache, fitted):
    for number in (3, 4):
        run_refits(
            cluster_for("k-means", number, SETTINGS, 40), spread(40), plan(40), fits=Fits(cache)
        )
    assert len(fitted) == 6


# ── what a fit is made by ──

BASE = cluster_for("bertopic", None, SETTINGS, 400)


def maker(cache, cluster=BASE, vectors=None, what="fit"):
    return Fits(cache).keys(cluster, spread(40) if vectors is None else vectors, what).maker


@pytest.mark.parametrize(
    "change",
    [
        {"n_topics": 3},
        {"share": 0.5},
        {"smooth": False},
        {"settings": dataclasses.replace(SETTINGS, n_neighbors=16)},
        {"settings": dataclasses.replace(SETTINGS, n_components=6)},
    ],
    ids=str,
)
def test_each_thing_that_an_engine_is_told_makes_another_fit(cache, change):
    other = dataclasses.replace(BASE, **change)
    assert other != BASE
    assert maker(cache, other) != maker(cache)


def test_two_engines_of_the_same_packages_are_apart(cache):
    engines = ("k-means", "agglomerative")
    assert len({str(remembering._made_with(engine)) for engine in engines}) == 1
    assert len({maker(cache, dataclasses.replace(BASE, engine=each)) for each in engines}) == 2


def test_a_fit_and_a_refit_and_other_vectors_are_apart(cache):
    vectors = spread(40)
    others = [
        maker(cache, what="refit"),
        maker(cache, vectors=spread(40, 1)),
        maker(cache, vectors=vectors.reshape(80, 4)),
    ]
    assert len({maker(cache, vectors=vectors), *others}) == 4


def test_what_changes_no_label_is_the_same_fit(cache):
    settings = dataclasses.replace(SETTINGS, top_words=3, representatives=1, workers=2)
    others = [
        dataclasses.replace(BASE, settings=settings),
        dataclasses.replace(BASE, neighbours=(np.zeros(1), np.zeros(1))),
    ]
    assert {maker(cache, each) for each in others} == {maker(cache)}


GROUPING = ["numpy", "scikit-learn", "scipy"]


@pytest.mark.parametrize(
    ("engine", "package"),
    [
        *itertools.product(["k-means", "agglomerative"], GROUPING),
        *(("bertopic", name) for name in (*GROUPING, "bertopic", "umap-learn", "hdbscan", "numba")),
    ],
)
def test_a_version_of_what_an_engine_counts_with_makes_another_fit(
    cache, monkeypatch, engine, package
):
    cluster = dataclasses.replace(BASE, engine=engine)
    before, real = maker(cache, cluster), clusters.version
    monkeypatch.setattr(clusters, "version", lambda name: real(name) + "+" * (name == package))
    assert maker(cache, cluster) != before


def test_a_version_of_this_package_makes_another_fit_and_is_not_told_twice(cache, monkeypatch):
    before = maker(cache)
    monkeypatch.setattr(remembering, "package_version", lambda: "another")
    assert maker(cache) != before
    assert "another" not in clusters.versions("bertopic").values()


# ── a fit's time, and one that finds nothing ──


def test_the_time_of_a_fit_and_not_of_looking_it_up_decides_on_workers(cache, monkeypatch):
    segments, vectors = texts(40), spread(40)
    slow = SimpleNamespace(perf_counter=itertools.count(0.0, 30.0).__next__)
    monkeypatch.setattr(remembering, "time", slow)
    ask = {"embeddings": vectors, "cache": cache, "n_topics": 3, "engine": "k-means"}
    fit_topics(segments, settings=TopicSettings(refits=0), **ask)
    monkeypatch.undo()
    told = []
    monkeypatch.setattr(stability, "workers_for", lambda _, seconds: told.append(seconds) or 1)
    fit_topics(segments, settings=SETTINGS, **ask)
    assert set(told) == {60.0}


def test_that_bertopic_finds_nothing_is_found_once(cache, fitted, bertopic):
    bertopic(lambda vectors: np.full(len(vectors), -1))
    segments = texts(330)
    ask = {"embeddings": spread(330), "settings": SETTINGS, "cache": cache}
    first = fit_topics(segments, **ask)
    assert fitted.count("bertopic") == 1
    fitted.clear()
    again = fit_topics(segments, **ask)
    assert not fitted
    assert dataclasses.replace(again, runs=first.runs) == first
    assert "BERTopic found 0 topics and called 100% of the texts outliers" in first.notes[0]


def test_that_bertopic_failed_is_not_kept(cache, fitted, bertopic):
    def failing(_):
        raise ValueError("words of a text")

    bertopic(failing)
    cluster, vectors = cluster_for("bertopic", None, SETTINGS, 330), spread(330)
    for _ in range(2):
        with pytest.raises(NoTopicsError, match="BERTopic failed"):
            Fits(cache).labels(cluster, vectors, 0)
    assert len(fitted) == 2


def test_what_is_kept_of_a_fit_that_found_nothing_are_counts(cache, bertopic):
    bertopic(lambda vectors: np.full(len(vectors), -1))
    cluster, vectors = cluster_for("bertopic", None, SETTINGS, 330), spread(330)
    told = set()
    for _ in range(2):
        with pytest.raises(NoTopicsError) as error:
            Fits(cache).labels(cluster, vectors, 0)
        told.add(str(error.value))
    assert told == {"BERTopic found 0 topics and called 100% of the texts outliers"}


def test_other_vectors_rows_or_their_order_are_another_fit(cache, fitted):
    cluster, vectors = cluster_for("k-means", 3, SETTINGS, 40), spread(40)
    (refit,) = plan(40, 1)
    run_refits(cluster, vectors, [refit], fits=Fits(cache))
    fitted.clear()
    run_refits(cluster, spread(40, 2), [refit], fits=Fits(cache))
    run_refits(cluster, vectors, [Refit(refit.rows[1:], refit.seed)], fits=Fits(cache))
    run_refits(cluster, vectors, [Refit(refit.rows[::-1], refit.seed)], fits=Fits(cache))
    assert len(fitted) == 3


def test_the_seed_matters_where_the_engine_uses_it(cache, fitted):
    vectors = spread(40)
    for engine, made in (("k-means", 0), ("bertopic", 1)):
        cluster = cluster_for(engine, 2, SETTINGS, 40)
        rows = np.arange(40)
        (first,) = run_refits(cluster, vectors, [Refit(rows, 1)], fits=Fits(cache))
        fitted.clear()
        (again,) = run_refits(cluster, vectors, [Refit(rows, 1)], fits=Fits(cache))
        assert not fitted
        np.testing.assert_array_equal(again, first)
        run_refits(cluster, vectors, [Refit(rows, 2)], fits=Fits(cache))
        assert len(fitted) == made


def test_fits_by_the_callers_models_are_not_kept(cache):
    own = dataclasses.replace(SETTINGS, umap=object())
    cluster = cluster_for("bertopic", None, own, 40)
    assert Fits(cache).keys(cluster, spread(40), "fit") is None


def test_a_withdrawal_of_any_text_forgets_all_fits(cache, fitted):
    segments, vectors = texts(40), spread(40)
    ask = {"embeddings": vectors, "settings": SETTINGS, "cache": cache}
    fit_topics(segments, **ask)
    made = len(fitted)
    assert cache.forget([segments.corpus.documents[0].sha256]) > 0
    fitted.clear()
    fit_topics(segments, **ask)
    assert len(fitted) == made


def test_a_broken_entry_is_a_fit_to_be_made(cache):
    cluster, vectors = cluster_for("k-means", 3, SETTINGS, 40), spread(40)
    first = run_refits(cluster, vectors, plan(40), fits=Fits(cache))
    for pack in cache.folder.glob("labels/*.zip"):
        pack.write_bytes(b"broken")
    other = Cache(cache.folder)
    other.forget([])
    np.testing.assert_array_equal(run_refits(cluster, vectors, plan(40), fits=Fits(other)), first)


def test_fitting_looks_up_the_users_cache_for_the_packaged_vectors(monkeypatch, tmp_path, fitted):
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "user"))
    monkeypatch.setattr(fitting, "vectors_of", lambda *_: (spread(40), "composed"))
    fit_topics(texts(40), settings=SETTINGS)
    fitted.clear()
    fit_topics(texts(40), settings=SETTINGS)
    assert not fitted
