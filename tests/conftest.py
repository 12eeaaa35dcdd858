"""What tests of several subjects ask for."""

import doctest
import re
import signal

import pytest
from hypothesis import HealthCheck, settings

# What an example takes is a matter of the machine and of what else it does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def interruptible():
    """Ctrl+C reaches what is begun, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def faults_of_page(tmp_path, monkeypatch):
    """What the Python blocks of a page print otherwise than it shows, run in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def faults(page):
        blocks = re.findall(r"```pycon\n(.*?)```", page, flags=re.DOTALL)
        assert len(blocks) >= 4
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", None, 0)
        told = []
        doctest.DocTestRunner(optionflags=flags).run(test, out=told.append)
        return "".join(told)

    return faults
