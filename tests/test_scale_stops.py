"""Whoever stops a run is heard once the processes of its cluster have begun, and by one alone."""

import signal
import threading

import pytest

from reflect_analysis.scale import connecting, running

NAMES = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture
def heard():
    """What is heard of stops; what handled them is put back afterwards."""
    told = []

    def raising(number, _):
        told.append(signal.Signals(number).name)
        raise KeyboardInterrupt

    before = {name: signal.getsignal(getattr(signal, name)) for name in NAMES}
    for name in NAMES:
        signal.signal(getattr(signal, name), raising)
    yield told
    for name, handler in before.items():
        signal.signal(getattr(signal, name), handler)


@pytest.mark.parametrize("name", NAMES)
def test_a_stop_while_processes_begin_is_heard_afterwards(heard, name):
    handler, seen = signal.getsignal(signal.SIGTERM), []

    def begin():
        with connecting._uninterrupted():
            signal.raise_signal(getattr(signal, name))
            seen.append(list(heard))

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert seen == [[]]
    assert heard == [name]
    assert {signal.getsignal(getattr(signal, each)) for each in NAMES} == {handler}


def test_what_is_passed_over_or_ends_the_process_at_once_stays_so(heard):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with connecting._uninterrupted():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        signal.raise_signal(signal.SIGINT)
    assert heard == []


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="nothing can be blocked here")
@pytest.mark.usefixtures("heard")
def test_what_is_begun_hears_nothing_of_a_terminal_and_can_be_ended_by_dask():
    with connecting._uninterrupted():
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert blocked >= {signal.SIGINT, signal.SIGHUP}
    assert signal.SIGTERM not in blocked
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGINT, signal.SIGHUP}


@pytest.mark.usefixtures("heard")
def test_a_worker_passes_over_what_a_terminal_says():
    running._pass_over_interrupts()
    passed = {name for name in NAMES if signal.getsignal(getattr(signal, name)) is signal.SIG_IGN}
    assert passed == {"SIGINT", "SIGHUP"} & {*NAMES}


def test_another_thread_than_the_first_leaves_all_as_it_is():
    done = []

    def begin():
        with connecting._uninterrupted():
            done.append(True)

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert done == [True]
