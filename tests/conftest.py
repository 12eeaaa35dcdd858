"""What tests of several subjects ask for."""

import doctest
import re

import pytest


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
