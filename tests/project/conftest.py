"""A project in a file and in PostgreSQL: each test that asks for `target` runs on both.

The server is started once for the session, in a temporary folder. Where that is not possible
these tests are skipped with the reason, unless REFLECT_POSTGRES=required.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.project import Project

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def _loaded(name: str) -> ModuleType:
    """A module beside `benchmarks/project.py`, which is no package."""
    spec = importlib.util.spec_from_file_location(f"_benchmark_{name}", BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def postgres_server() -> Iterator:
    """A server of this session, or the reason why there is none."""
    postgres = _loaded("postgres")
    try:
        server = postgres.Server(durable=False)
    except postgres.NoPostgres as reason:
        if os.environ.get("REFLECT_POSTGRES") == "required":
            pytest.fail(f"REFLECT_POSTGRES=required, but {reason}")
        pytest.skip(f"no PostgreSQL: {reason}")
    yield server
    server.remove()


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Four reflections of two participants, cleared."""
    texts = (
        "We watched the water together and waited.",
        "My partner asked what I had noticed.",
        "Two weeks later the children asked for the water again 🌊.",
        "I had planned too much, and let it go.",
    )
    documents = tuple(
        Document(f"d{number}", text, case_id=f"P{number % 2}") for number, text in enumerate(texts)
    )
    clearances = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    return Corpus(documents, (Case("P0"), Case("P1")), clearances)


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    """Two codes."""
    codes = (
        Code("wait", "Waiting", "The educator waits before acting.", "acts"),
        Code("ask", "Asking", "A question is put to a peer or child.", "acts"),
    )
    return Codebook(codes, (Group("acts", "What was done"),))


@pytest.fixture
def made(target, corpus, codebook):
    """A project with the corpus and the codebook, closed: its path or URL."""
    with Project.create(target, title="Peers") as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
    return target


@pytest.fixture
def study(tmp_path, corpus, codebook) -> Path:
    """The same in a file, closed."""
    path = tmp_path / "my study.reflect"
    with Project.create(path, title="Peers") as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
    return path


@pytest.fixture
def benchmark():
    """Run `benchmarks/project.py` as from the shell; what it said."""

    def run(*arguments) -> str:
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "project.py"), *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """A fresh database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    """Where a project may be made: a path with a space in it, and a URL."""
    if request.param == "sqlite":
        return tmp_path / "my study.reflect"
    return request.getfixturevalue("postgres_url")
