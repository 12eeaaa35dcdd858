"""The panel where people keep notebooks: JupyterLab, and Notebook 7 and marimo if they are there.

Few and slow; what needs no notebook is tested on the harness. In JupyterLab: there and back,
keys, a busy and a dead kernel, the dark. Elsewhere one round trip each; neither is a dependency.
"""

import contextlib
import importlib.util
import json
import os
import secrets
import signal
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
from reflect_analysis.corpus import Document
from reflect_analysis.project import Project

pytestmark = pytest.mark.slow

TEXT = "We watched the water together and waited. Then she asked what I had noticed."
FIRST = (0, TEXT.index(" Then"), "wait")
SECOND = (TEXT.index("Then"), len(TEXT), "ask")
CELL = """import reflect_analysis as ra
project = ra.Project.open({path!r})
panel = ra.CodingPanel(project, coder="coder-1")
panel"""
PATIENCE = 60_000  # milliseconds, for a machine that does much else
# What a program of Jupyter reads and writes for a person, and what the panel keeps for one.
OWN = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
OWN += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "REFLECT_STATE")
OWN += ("HOME", "USERPROFILE", "XDG_CONFIG_HOME")


@pytest.fixture
def study(begin_study, tmp_path):
    text = Document("d1", TEXT, case_id="P0")
    begin_study(text, codes=("wait", "ask"), team={"coder-1": "coder"}).close()
    return tmp_path / "a study.reflect"


def stored(study):
    """What lies in the study."""
    with Project.open(study) as project:
        rows = [each.coding for each in project.codings().current]
    return sorted((row.start, row.end, row.code_id) for row in rows)


def write_notebook(path, study):
    """A notebook with one cell, which shows the panel."""
    cell = {"cell_type": "code", "id": "panel", "metadata": {}, "outputs": []}
    cell |= {"execution_count": None, "source": CELL.format(path=str(study))}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(made), encoding="utf-8")


def free_port():
    """A port that is free, of those that no system gives to whom any will do.

    One of those that it gives may be another's before the program that is begun takes it.
    """
    for port in secrets.SystemRandom().sample(range(20_000, 32_000), 100):
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    pytest.fail("none of a hundred ports is free")


class Program:
    """A program that serves, begun; it reads and writes nothing of the person's own."""

    def __init__(self, folder, arguments, address):
        package = str(Path(reflect_analysis.__file__).parents[1])
        places = {name: str(folder / name.lower()) for name in OWN}
        with (folder / "program.log").open("w", encoding="utf-8") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=folder,
                env={**os.environ, **places, "PYTHONPATH": package, "PYTHONWARNINGS": "ignore"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait(address)
        except BaseException:
            self.end()
            raise

    def _wait(self, address):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(address, timeout=5):  # noqa: S310  # this computer
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert self._running.poll() is None, "it ended before it began"
                time.sleep(0.2)
        pytest.fail("it did not begin within a minute")

    def end(self):
        """Stop it and its kernels."""
        self._running.terminate()
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait(20)


@pytest.fixture
def page(browser):
    """A page that reaches this computer alone."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    foreign = []

    def guard(route):
        parts = urlsplit(route.request.url)
        if parts.hostname == "127.0.0.1" or parts.scheme in {"data", "blob"}:
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    yield page
    page.context.close()
    assert foreign == []


# ── JupyterLab ──


class Lab:
    """A JupyterLab of its own."""

    def __init__(self, folder):
        self.root = folder / "notebooks"
        self.root.mkdir()
        self.token, self.port = secrets.token_urlsafe(16), free_port()
        quiet = folder / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
        quiet.mkdir(parents=True)
        asked = json.dumps({"fetchNews": "false", "checkForUpdates": False})
        (quiet / "notification.jupyterlab-settings").write_text(asked, encoding="utf-8")
        self.program = Program(
            folder,
            [
                *("jupyterlab", "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"),
                *("--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={self.token}"),
                *(f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True"),
                *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            f"http://127.0.0.1:{self.port}/api/status?token={self.token}",
        )


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    found = Lab(tmp_path_factory.mktemp("a lab"))
    yield found
    found.program.end()


class Notebook:
    """A notebook with the panel, open in the browser."""

    def __init__(self, page, lab, name, study):
        self.page, self.path, self.study = page, lab.root / f"{name}.ipynb", study
        write_notebook(self.path, study)
        place = f"/lab/workspaces/{name}/tree/{name}.ipynb"
        page.goto(f"http://127.0.0.1:{lab.port}{place}?reset&token={lab.token}")
        self._wait_for_kernel()

    def _wait_for_kernel(self):
        self.page.wait_for_function(
            """() => {
              const context = globalThis.jupyterapp?.shell?.currentWidget?.sessionContext;
              return context?.isReady && context.session?.kernel?.status === 'idle';
            }"""
        )

    def run(self):
        """Run all cells, and wait for the text."""
        self.command("notebook:run-all-cells", wait=False)
        self.page.wait_for_selector(".ra-block", state="attached")
        self.page.locator(".ra-body").scroll_into_view_if_needed()
        return self

    def command(self, name, *, wait=True, **arguments):
        """A command of JupyterLab."""
        act = "([name, given]) => jupyterapp.commands.execute(name, given)"
        if not wait:
            act = "([name, given]) => { jupyterapp.commands.execute(name, given); }"
        self.page.evaluate(act, [name, arguments])

    def python(self, code, *, wait=True):
        """What the kernel prints."""
        return self.page.evaluate(
            """async ([code, wait]) => {
              const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
              const asked = kernel.requestExecute({ code });
              let told = '';
              asked.onIOPub = ({ content }) => { told += content.text ?? content.evalue ?? ''; };
              if (wait) await asked.done;
              return told;
            }""",
            [code, wait],
        )

    def halt(self):
        """The kernel does nothing until it goes on, or is killed."""
        self._pid = int(self.python("import os; print(os.getpid())"))
        os.kill(self._pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self._pid, signal.SIGCONT)

    def cells(self):
        """What the cells hold."""
        return self.page.evaluate(
            """() => {
              const { content } = jupyterapp.shell.currentWidget;
              return content.widgets.map((each) => each.model.sharedModel.getSource());
            }"""
        )

    def press(self, *keys):
        """Press keys in the text; after each the notebook is as it was."""
        before = self.cells()
        for key in keys:
            self.page.keyboard.press(key)
            assert self.cells() == before, key

    def code_sentence(self, key):
        """Code the sentence at the caret with the code of a key."""
        self.press("s", key)

    def saving(self, state):
        """Wait until the panel says how it stands."""
        self.page.wait_for_function(
            "state => document.querySelector('.ra-saving')?.dataset.state === state", arg=state
        )

    def stored(self, n=None):
        """What lies in the study, once it is so many: another process sees it a second later."""
        end = time.monotonic() + PATIENCE / 1000
        while len(found := stored(self.study)) != n and n is not None and time.monotonic() < end:
            time.sleep(0.2)
        return found


@pytest.fixture
def notebook(lab, page, study, request):
    name = request.node.name.replace("_", "-")[-24:]
    yield Notebook(page, lab, name, study).run()
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def test_a_coding_goes_there_and_back_and_a_saved_notebook_holds_no_words(notebook):
    notebook.page.locator(".ra-body").focus()
    notebook.code_sentence("1")
    notebook.saving("saved")
    assert notebook.python("print([c.code_id for c in panel.codings])").strip() == "['wait']"
    assert notebook.stored(1) == [FIRST]
    notebook.command("docmanager:save")
    told = notebook.path.read_text(encoding="utf-8")
    assert "application/vnd.jupyter.widget-view+json" in told
    assert "watched" not in told


def test_no_key_reaches_the_notebook(notebook):
    notebook.page.locator(".ra-body").focus()
    letters = ["b", "d", "d", "a", "x", "z", "c", "Escape", "v", "y", "r", "o", "i", "i", "0", "0"]
    notebook.press(*letters, "j", "k", "Shift+M", "l", "Escape", "h", "Escape", "Backspace")
    notebook.press("s", "1", "Delete", "Control+z", "ArrowDown", "ArrowUp", "Enter")
    notebook.page.locator(".ra-search").focus()
    notebook.press("d", "d", "b", "a", "Escape")
    notebook.page.get_by_role("button", name="Help").focus()
    notebook.press("b", "a", "d", "d")
    notebook.saving("saved")
    assert notebook.stored(1) == [FIRST]


@pytest.mark.skipif(os.name == "nt", reason="a process is not halted there")
def test_while_the_kernel_is_busy_the_panel_says_that_it_saves(notebook):
    notebook.halt()  # a cell that runs may leave the panel its own thread, so all of it is halted
    notebook.page.locator(".ra-body").focus()
    notebook.code_sentence("1")
    notebook.saving("saving")
    assert notebook.page.locator(".ra-run").inner_text() == TEXT[: FIRST[1]]
    busy = notebook.page.locator(".ra-saving", has_text="waiting for Python, which is busy")
    busy.wait_for()
    assert notebook.stored() == []
    notebook.go_on()
    notebook.saving("saved")
    notebook.python("import time; time.sleep(2)", wait=False)
    notebook.press("Control+End")
    notebook.code_sentence("2")
    notebook.saving("saved")
    assert notebook.stored(2) == [FIRST, SECOND]


@pytest.mark.skipif(os.name == "nt", reason="a process is not halted there")
def test_a_kernel_that_is_restarted_loses_nothing(notebook):
    notebook.page.locator(".ra-body").focus()
    notebook.code_sentence("1")
    notebook.saving("saved")
    assert notebook.stored(1) == [FIRST]
    notebook.halt()
    notebook.press("Control+End")
    notebook.code_sentence("2")
    notebook.saving("saving")
    notebook.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    notebook._wait_for_kernel()
    assert notebook.stored() == [FIRST]
    notebook.run()
    notebook.page.wait_for_function("() => document.querySelectorAll('.ra-run').length === 2")
    notebook.saving("saved")
    assert notebook.stored(2) == [FIRST, SECOND]


def test_the_panel_is_dark_where_jupyterlab_is(notebook):
    ground = """() => getComputedStyle(document.querySelector('.ra-middle'))
                        .backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"""
    assert min(notebook.page.evaluate(ground)) > 200
    notebook.command("apputils:change-theme", theme="JupyterLab Dark")
    notebook.page.wait_for_selector(".ra-panel[data-theme=dark]")
    notebook.page.wait_for_function(f"() => Math.max(...({ground})()) < 60")
    if folder := os.environ.get("PANEL_SHOTS"):
        notebook.page.screenshot(path=f"{folder}/jupyterlab-dark.png")


# ── Notebook 7 and marimo ──


@pytest.fixture
def start(tmp_path):
    """Run a program in the folder of the study; what runs still is ended after the test."""
    with contextlib.ExitStack() as at_the_end:

        def start_(arguments, address):
            program = Program(tmp_path, arguments, address)
            at_the_end.callback(program.end)
            return program.end

        yield start_


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
    assert page.locator(".ra-run").all_inner_texts() == [TEXT[: FIRST[1]]]
    end()
    assert stored(study) == [FIRST]


def test_a_sentence_is_coded_in_notebook_7(page, start, study, tmp_path):
    if importlib.util.find_spec("notebook") is None:
        pytest.skip("Notebook 7 is not installed: pip install 'notebook>=7'")
    write_notebook(tmp_path / "panel.ipynb", study)
    port, token = free_port(), secrets.token_urlsafe(16)
    address = f"http://127.0.0.1:{port}"
    end = start(
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


def test_a_sentence_is_coded_in_marimo(page, start, study, tmp_path):
    if importlib.util.find_spec("marimo") is None:
        pytest.skip("marimo is not installed: pip install marimo")
    lines = "".join(f"    {line}\n" for line in CELL.format(path=str(study)).splitlines())
    app = f"import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n{lines}    return\n"
    (tmp_path / "panel.py").write_text(app, encoding="utf-8")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    end = start(
        [
            *("marimo", "-q", "run", "panel.py", "--headless", "--no-token"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        f"{address}/health",
    )
    page.goto(address)
    code_the_first_sentence(page, study, end)
