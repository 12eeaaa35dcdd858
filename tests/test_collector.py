"""Python's collector rests while values are made, and never longer."""

import gc
import os
import subprocess
import sys
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


# In a process of its own, with one thread that forks: the other makes values, or the same one.
FORKED = """
import gc, os, sys, threading
from reflect_analysis._collector import without_collector

begun, done = threading.Event(), threading.Event()

def other():
    with without_collector():
        begun.set()
        done.wait(60)

def child():
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if sys.argv[1] == "another":
        found = [gc.isenabled()]
    else:
        found = [not gc.isenabled()]
    return found

thread = threading.Thread(target=other)
thread.start()
begun.wait(60)
if sys.argv[1] == "another":
    found = child()
else:
    with without_collector():
        found = child()
if isinstance(found, list):
    with without_collector():
        found.append(not gc.isenabled())
    found.append(gc.isenabled())
    os._exit(0 if all(found) else 9)
assert not gc.isenabled()
done.set()
thread.join()
assert gc.isenabled()
sys.exit(found)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("who", ["another", "the one that forks too"])
def test_in_a_forked_child_it_rests_only_for_the_thread_that_goes_on(who):
    assert subprocess.run([sys.executable, "-c", FORKED, who], check=False).returncode == 0
