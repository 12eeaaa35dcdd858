"""Fits that were made before are not made again, and are forgotten with any text."""

import dataclasses

import numpy as np
import pytest

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.segmentation import segment
from reflect_analysis.topics import TopicSettings, clusters, fit_topics, fitting
from reflect_analysis.topics.clusters import Cluster, cluster_for
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


def plan(n, count=3):
    rng = np.random.default_rng(1)
    return [Refit(np.unique(rng.integers(n, size=n)), seed) for seed in range(count)]


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


@pytest.mark.parametrize(
    "other",
    [
        cluster_for("k-means", 4, SETTINGS, 40),
        cluster_for("agglomerative", 3, SETTINGS, 40),
        cluster_for("k-means", 3, SETTINGS, 40_000),
    ],
)
def test_another_engine_or_number_is_another_fit(cache, fitted, other):
    cluster, vectors = cluster_for("k-means", 3, SETTINGS, 40), spread(40)
    run_refits(cluster, vectors, plan(40), fits=Fits(cache))
    fitted.clear()
    run_refits(other, vectors, plan(40), fits=Fits(cache))
    assert len(fitted) == 3


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
        run_refits(cluster, vectors, [Refit(rows, 1)], fits=Fits(cache))
        fitted.clear()
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
