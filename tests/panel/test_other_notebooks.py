"""The panel in Notebook 7 and in marimo, where they are installed: one round trip each.

Neither is a dependency; JupyterLab has its own tests. marimo shows a widget in a shadow root.
"""

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import reflect_analysis
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.project import Project

pytestmark = pytest.mark.slow

TEXT = "We watched the water together and waited. Then she asked what I had noticed."
CELL = """import reflect_analysis as ra
project = ra.Project.open({path!r})
panel = ra.CodingPanel(project, coder="coder-1")
panel"""
PATIENCE = 60_000  # milliseconds, for a machine that does much else
JUPYTER = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")


@pytest.fixture
def study(tmp_path):
    document = Document("d1", TEXT, case_id="P0")
    codes = (Code("wait", "Waiting", "The educator waits.", "acts"),)
    place = tmp_path / "a study.reflect"
    with Project.create(place, title="Peers") as made:
        made.save(
            by="lead",
            corpus=Corpus((document,), (Case("P0"),), (Clearance(document.sha256, "l", "read"),)),
            codebook=Codebook(codes, (Group("acts", "What was done"),)),
        )
        made.add_coder("coder-1", by="lead")
    return place


@pytest.fixture
def started(tmp_path):
    """Run a program that serves; it reads and writes nothing of the person's own."""
    running = []

    def end():
        while running:
            program = running.pop()
            program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait(20)

    def started_(arguments, address):
        package = str(Path(reflect_analysis.__file__).parents[1])
        places = {f"JUPYTER_{name}": str(tmp_path / name.lower()) for name in JUPYTER}
        places |= {name: str(tmp_path / "own") for name in ("HOME", "USERPROFILE", "IPYTHONDIR")}
        places |= {"XDG_CONFIG_HOME": str(tmp_path / "own"), "REFLECT_STATE": str(tmp_path)}
        program = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=tmp_path,
            env={**os.environ, **places, "PYTHONPATH": package, "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        running.append(program)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310  # this computer
                    return end
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert program.poll() is None, "it ended before it began"
                time.sleep(0.2)
        pytest.fail("it did not begin within a minute")

    yield started_
    end()


@pytest.fixture
def page(browser):
    """A page that reaches this computer alone; what else was asked for is in `foreign`."""
    page = browser.new_context(viewport={"width": 1400, "height": 950}).new_page()
    page.set_default_timeout(PATIENCE)
    page.foreign = []

    def guard(route):
        parts = urlsplit(route.request.url)
        if parts.hostname == "127.0.0.1" or parts.scheme in {"data", "blob"}:
            route.continue_()
        else:
            page.foreign.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    yield page
    page.context.close()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def code_the_first_sentence(page, study, end):
    """By the keyboard; when all is saved the program is ended, and the store is asked."""
    page.wait_for_selector(".ra-block", state="attached")
    body = page.locator(".ra-body")
    body.scroll_into_view_if_needed()
    body.click(position={"x": 30, "y": 12})
    page.keyboard.press("s")
    page.keyboard.press("1")
    page.locator("[aria-label='Codings'] .ra-coding").wait_for()
    page.locator(".ra-saving[data-state=saved]").wait_for()
    assert page.locator(".ra-run").all_inner_texts() == [TEXT.split(". ", maxsplit=1)[0] + "."]
    assert page.foreign == []
    end()
    with Project.open(study) as project:
        rows = [row.coding for row in project.codings().current]
    assert [(row.start, row.end, row.code_id) for row in rows] == [(0, 41, "wait")]


def test_a_sentence_is_coded_in_notebook_7(page, started, study, tmp_path):
    if importlib.util.find_spec("notebook") is None:
        pytest.skip("Notebook 7 is not installed: pip install 'notebook>=7'")
    cell = {"cell_type": "code", "id": "panel", "metadata": {}, "outputs": []}
    cell |= {"execution_count": None, "source": CELL.format(path=str(study))}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "panel.ipynb").write_text(json.dumps(made), encoding="utf-8")
    port, token = free_port(), secrets.token_urlsafe(16)
    address = f"http://127.0.0.1:{port}"
    end = started(
        [
            *("notebook", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
            *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path}"),
            *("--JupyterNotebookApp.news_url=None", "--LabApp.news_url=None"),
        ],
        f"{address}/api/status?token={token}",
    )
    page.goto(f"{address}/notebooks/panel.ipynb?token={token}")
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")  # waits in the page until there is a kernel
    code_the_first_sentence(page, study, end)


def test_a_sentence_is_coded_in_marimo(page, started, study, tmp_path):
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("marimo is not installed: pip install marimo")
    lines = "".join(f"    {line}\n" for line in CELL.format(path=str(study)).splitlines())
    app = f"import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n{lines}    return\n"
    (tmp_path / "panel.py").write_text(app, encoding="utf-8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    end = started(
        [
            *("marimo", "-q", "run", "panel.py", "--headless", "--no-token"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        f"{address}/health",
    )
    page.goto(address)
    code_the_first_sentence(page, study, end)
