"""Refits in this process and in others: the same labels, and no process that stays."""

import dataclasses
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest

from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import TopicSettings, fit_topics, fitting
from reflect_analysis.topics.clusters import NoTopicsError, cluster_for
from reflect_analysis.topics.neighbours import unit
from reflect_analysis.topics.refits import Refit, Steps, run_refits, workers_for


def bundles(n):
    """Vectors of unit length in four loose bundles."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(4, 16))
    return unit(centres[np.arange(n) % 4] + 0.8 * rng.normal(size=(n, 16)))


def drawing():
    """An engine, sent by value, that needs nothing but its seed."""

    class Drawing:
        def refit(self, vectors, seed):
            return np.random.default_rng(seed).integers(-1, 4, size=len(vectors))

    return Drawing()


def grouped(workers):
    """Topics of few texts of one person each, refitted by so many workers."""
    documents = tuple(
        Document(f"d{i}", f"Rain {i} in the woods.", case_id=f"P{i}") for i in range(40)
    )
    people = tuple(Case(document.case_id) for document in documents)
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    texts = Segments(Corpus(documents, people, clearances), rows, "document")
    chosen = TopicSettings(refits=2, workers=workers)
    return fit_topics(texts, embeddings=bundles(40), n_topics=4, settings=chosen)


def plan(n, count=4):
    rng = np.random.default_rng(0)
    return [Refit(np.unique(rng.integers(n, size=n)), seed) for seed in range(count)]


def test_any_number_of_workers_gives_the_same():
    vectors = bundles(80)
    cluster = cluster_for("k-means", 4, TopicSettings(), 80)
    here = run_refits(cluster, vectors, plan(80))
    there = run_refits(cluster, vectors, plan(80), workers=2)
    np.testing.assert_array_equal(here, there)
    assert all((each == -2).any() for each in here)


def test_what_cannot_be_sent_to_a_worker_is_fitted_here():
    class Locked:
        """A model that does not travel."""

        def __init__(self):
            self.lock = threading.Lock()

    vectors = bundles(40)
    cluster = cluster_for("k-means", 4, TopicSettings(representation=Locked()), 40)
    told = []
    steps = Steps(lambda done, total: told.append((done, total)), total=4)
    found = run_refits(cluster, vectors, plan(40), workers=2, steps=steps)
    np.testing.assert_array_equal(found, run_refits(cluster, vectors, plan(40)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_refit_that_finds_nothing_is_all_outliers(monkeypatch):
    from reflect_analysis.topics.clusters import Cluster

    def nothing(*_):
        raise NoTopicsError("none")

    monkeypatch.setattr(Cluster, "fit", nothing)
    cluster = cluster_for("bertopic", None, TopicSettings(), 12)
    (found,) = run_refits(cluster, np.eye(12, dtype=np.float32), plan(12, 1))
    assert set(found.tolist()) == {-1, -2}


def loky_workers():
    """The processes of joblib that stand ready for work."""
    children = psutil.Process().children(recursive=True)
    return [each.pid for each in children if "popen_loky" in " ".join(each.cmdline())]


SEEN = pytest.mark.skipif(sys.platform == "win32", reason="there workers bear no such name")


@SEEN
def test_workers_of_one_thread_are_kept_for_the_next_refits_and_gone_when_these_are_made():
    class Threads:
        """Its labels are how many threads it may have."""

        def refit(self, vectors, seed):
            import os

            names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
            return np.full(len(vectors), max(int(os.environ.get(name, "99")) for name in names))

    steps = Steps()
    refits = [Refit(np.arange(80), seed) for seed in range(4)]
    found = run_refits(Threads(), bundles(80), refits, workers=2, steps=steps)
    assert np.unique(found).tolist() == [1]
    first = loky_workers()
    run_refits(drawing(), bundles(80), refits[:2], workers=2, steps=steps)
    assert loky_workers() == first
    assert len(first) == 2
    for _ in range(2):
        steps.end()
        assert loky_workers() == []


@SEEN
def test_a_fit_has_no_workers_left_where_the_rest_of_it_begins(monkeypatch):
    seen = {}

    def looked(name, number):
        real = getattr(fitting, name)

        def looks(*given, **named):
            found = real(*given, **named)
            seen[name] = len(loky_workers())
            assert seen[name] == number
            return found

        monkeypatch.setattr(fitting, name, looks)

    looked("measure_stability", 2)
    looked("rows_and_units", 0)
    grouped(workers=2)
    assert seen == {"measure_stability": 2, "rows_and_units": 0}


@SEEN
def test_a_fit_that_fails_leaves_no_workers_and_tells_what_it_failed_of(monkeypatch):
    real = fitting.measure_stability

    def fails(*given, **named):
        real(*given, **named)
        assert loky_workers()
        raise ZeroDivisionError("the first")

    monkeypatch.setattr(fitting, "measure_stability", fails)
    with pytest.raises(ZeroDivisionError, match="the first") as caught:
        grouped(workers=2)
    assert loky_workers() == []
    assert caught  # held till here: all that the fit had is still there, but for its workers


@SEEN
def test_nobody_waits_for_a_refit_under_way_when_a_fit_is_stopped():
    class Long:
        """Its first fit is there at once; the others take ten minutes."""

        def refit(self, vectors, seed):
            import time

            time.sleep(600 * bool(seed))
            return np.zeros(len(vectors), dtype=np.int64)

    def stop(done, total):
        raise KeyboardInterrupt

    # Larger than a pipe holds: the rest of what was asked is half sent when all is over.
    vectors = np.ones((2_000, 384), dtype=np.float32)
    steps = Steps(stop)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run_refits(Long(), vectors, plan(2_000, 12), workers=2, steps=steps)
    assert len(loky_workers()) == 2
    threads = set(threading.enumerate())
    steps.end()
    assert loky_workers() == []
    for thread in threads - {threading.current_thread()}:
        if thread.name == "QueueFeederThread":
            thread.join(30)
    assert threading.active_count() == before


def test_the_end_of_one_fit_takes_no_workers_from_another():
    vectors, cluster = bundles(80), drawing()
    begun, ended = threading.Event(), threading.Event()

    def wait(done, total):
        begun.set()
        assert ended.wait(120)

    def short():
        assert begun.wait(120)
        steps = Steps()
        found = run_refits(cluster, vectors, plan(80, 2), workers=2, steps=steps)
        steps.end()
        ended.set()
        return found

    def long():
        steps = Steps(wait)
        found = run_refits(cluster, vectors, plan(80, 12), workers=2, steps=steps)
        steps.end()
        return found, steps.processes.refused

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(long), threads.submit(short)
        few, (many, refused) = other.result(), one.result()
    assert not refused
    np.testing.assert_array_equal(few, run_refits(cluster, vectors, plan(80, 2)))
    np.testing.assert_array_equal(many, run_refits(cluster, vectors, plan(80, 12)))


@pytest.mark.parametrize("error", [NotImplementedError, OSError, ImportError])
def test_where_no_process_can_be_started_all_is_fitted_here(monkeypatch, error):
    from joblib.externals.loky import ProcessPoolExecutor

    started = []

    def refused(*_, **__):
        started.append(1)
        raise error("no semaphores here")

    monkeypatch.setattr(ProcessPoolExecutor, "__init__", refused)
    here, alone = (dataclasses.replace(grouped(n), runs=()) for n in (2, 1))  # runs bear the time
    assert here == alone
    assert started == [1]  # what is refused once is not asked for again


@SEEN
def test_a_pool_that_cannot_start_all_its_workers_leaves_none(monkeypatch):
    from joblib.externals.loky.backend.process import LokyProcess

    started = []

    def start(process):
        if started:
            raise OSError("Resource temporarily unavailable")
        started.append(process)
        super(LokyProcess, process).start()

    monkeypatch.setattr(LokyProcess, "start", start)
    vectors = bundles(40)
    cluster = cluster_for("k-means", 4, TopicSettings(), 40)
    found = run_refits(cluster, vectors, plan(40), workers=2)
    np.testing.assert_array_equal(found, run_refits(cluster, vectors, plan(40)))
    assert not started[0].is_alive()
    assert loky_workers() == []


def test_no_process_is_started_where_joblib_is_told_to_start_none(monkeypatch):
    from joblib.externals.loky import ProcessPoolExecutor

    monkeypatch.setenv("JOBLIB_MULTIPROCESSING", "0")
    monkeypatch.setattr(ProcessPoolExecutor, "__init__", lambda *_, **__: pytest.fail("started"))
    grouped(workers=2)


def test_an_engine_that_fails_in_a_worker_fails_as_it_does_here():
    class Failing:
        def refit(self, vectors, seed):
            raise {0: RuntimeError, 1: ValueError}[len(vectors) % 2]("of its own")

    vectors = bundles(40)
    steps = Steps()
    for n, error in ((21, ValueError), (20, RuntimeError)):
        refits = [Refit(np.arange(n), seed) for seed in range(4)]
        with pytest.raises(error, match="of its own"):
            run_refits(Failing(), vectors, refits, workers=2, steps=steps)
    steps.end()


def test_what_finds_no_memory_in_a_worker_is_fitted_here():
    class Large:
        def __init__(self, home):
            self.home = home

        def refit(self, vectors, seed):
            import os

            if os.getpid() != self.home:
                raise MemoryError
            return np.full(len(vectors), seed)

    refits = [Refit(np.arange(20), seed) for seed in range(4)]
    found = run_refits(Large(os.getpid()), bundles(40), refits, workers=2)
    assert [each[:20].tolist() for each in found] == [[seed] * 20 for seed in range(4)]


def test_workers_are_used_where_refits_take_long_or_as_asked():
    assert workers_for(None, seconds=1) == 1
    assert 1 <= workers_for(None, seconds=1_000) <= 8
    assert workers_for(3, seconds=0) == 3
    with pytest.raises(ValueError, match="workers: expected at least 1, came 0"):
        TopicSettings(workers=0)
