"""A command that is told to end by others than its keyboard tidies up as after Ctrl+C."""

import os
import signal
import subprocess
import sys

import pytest

from reflect_analysis import cli

WAITING = """
import sys, time
from reflect_analysis import cli

@cli.app.command("wait")
def wait():
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        print("tidied", flush=True)

sys.argv = ["reflect-analysis", "wait"]
cli.main()
"""


@pytest.mark.skipif(os.name == "nt", reason="a process is ended there without being told")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_ended_tidies_up_and_says_how_to_go_on(name):
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as begun:
        assert begun.stdout.readline() == "begun\n"
        begun.send_signal(getattr(signal, name))
        out, told = begun.communicate(timeout=60)
    assert (begun.returncode, out) == (cli.INTERRUPTED, "tidied\n")
    assert "run the same command again" in told
    assert "Traceback" not in told


HANGING = WAITING.replace(
    'print("tidied", flush=True)', 'print("tidying", flush=True); time.sleep(60)'
).replace("cli.main()", "cli._TIDYING = 0.0\ncli.main()")


@pytest.mark.skipif(os.name == "nt", reason="a process is ended there without being told")
def test_a_clean_up_that_hangs_is_ended_by_the_next_stop():
    with subprocess.Popen(
        [sys.executable, "-c", HANGING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as begun:
        for line in ("begun\n", "tidying\n"):
            assert begun.stdout.readline() == line
            begun.send_signal(signal.SIGTERM)
        begun.communicate(timeout=30)
    assert begun.returncode == -signal.SIGTERM


@pytest.fixture
def handled():
    """What handles the end of a process, put back afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    yield lambda handler: signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGTERM, before)


def test_what_somebody_else_handles_or_passes_over_stays_so(handled):
    for mine in (lambda *_: None, signal.SIG_IGN):
        handled(mine)
        with cli._hearing_stops():
            assert signal.getsignal(signal.SIGTERM) is mine


def test_a_command_leaves_the_process_as_it_was_and_hears_of_a_stop_once(handled):
    handled(signal.SIG_DFL)
    with pytest.raises(KeyboardInterrupt), cli._hearing_stops():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    with cli._hearing_stops():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)  # in the middle of tidying up
