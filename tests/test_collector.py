"""Python's collector rests while values are made, and never longer."""

import gc
import threading

import pytest

from reflect_analysis._collector import without_collector


@pytest.fixture(autouse=True)
def as_before():
    was = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


def test_the_collector_is_on_again_after_an_error():
    with pytest.raises(ValueError, match="meanwhile"), without_collector():
        raise ValueError("meanwhile")
    assert gc.isenabled()


def test_who_switched_it_off_finds_it_off():
    gc.disable()
    with without_collector():
        pass
    assert not gc.isenabled()


def test_it_rests_until_the_last_thread_is_done():
    begun, done = threading.Event(), threading.Event()

    def other():
        with without_collector():
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=other)
    with without_collector():
        thread.start()
        assert begun.wait(60)
    assert not gc.isenabled()
    done.set()
    thread.join()
    assert gc.isenabled()
