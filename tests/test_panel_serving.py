"""The panel in a notebook and on a page of its own: what is loaded, who is let in, how it ends."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

import reflect_analysis
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import ProjectError
from reflect_analysis.panel import CodingPanel, Sitting
from reflect_analysis.panel.joining import STATIC, joined_modules, module_faults, style
from reflect_analysis.panel.serving import PanelServer
from reflect_analysis.project import Project

WORDS = "the participant's very own words"


@pytest.fixture
def path(tmp_path):
    document = Document("d0", WORDS)
    book = Codebook((Code("wait", "Puddling", "A pause.", "g"),), (Group("g", "G"),))
    corpus = Corpus((document,), (), (Clearance(document.sha256, "lead", ""),))
    path = tmp_path / "my study.reflect"
    with Project.create(path, title="Peers", by="lead") as project:
        project.save(by="lead", corpus=corpus, codebook=book)
    return path


@pytest.fixture
def project(path):
    with Project.open(path) as project:
        yield project


@pytest.fixture
def with_server(project):
    """Run a coroutine function with the server, while it serves."""

    def run(act):
        async def main():
            server = PanelServer(Sitting(project, "ann"))
            ready, ended = asyncio.Event(), asyncio.Event()
            serving = asyncio.create_task(server.serve(ready.set, ended))
            await ready.wait()
            try:
                return await act(server)
            finally:
                ended.set()
                await serving

        return asyncio.run(main())

    return run


async def _status(address, **headers):
    client = AsyncHTTPClient(force_instance=True)
    try:
        response = await client.fetch(HTTPRequest(address, headers=headers))
    except HTTPClientError as error:
        return error.code, b"" if error.response is None else error.response.body
    else:
        return response.code, response.body
    finally:
        client.close()


async def _joined(server, address=None, **headers):
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    found = address or server.address.replace("http", "ws", 1).replace("/?", "/ws?")
    return await websocket_connect(HTTPRequest(found, headers=origin | headers))


# ── the modules ──


def test_the_modules_are_one_text_without_imports_and_with_one_default_export():
    joined = joined_modules()
    assert not re.search(r"^import ", joined, re.MULTILINE)
    assert re.findall(r"^export .*$", joined, re.MULTILINE) == ["export default { render };"]
    assert "page.js" not in re.findall(r"^// ([\w-]+\.js)$", joined, re.MULTILINE)
    assert ".ra-panel" in style()


def test_every_module_of_the_page_can_be_joined():
    names = sorted(each.name for each in STATIC.glob("*.js") if each.name != "page.js")
    assert list(module_faults(STATIC, names)) == []


def test_the_page_asks_nothing_of_another_host():
    for each in STATIC.iterdir():
        if each.suffix in {".js", ".css"}:
            text = each.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
            assert not re.search(r"https?://|//cdn|@import|localStorage|sessionStorage", text), each


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.js": "const x = 1;\n", "b.js": "let x = 2;\n"}, "x stands at the top of"),
        ({"a.js": "export default 1;\n", "b.js": ""}, "not joined"),
        ({"a.js": 'import * as b from "./b.js";\n', "b.js": ""}, "not joined"),
        ({"a.js": 'import { y } from "./b.js";\n', "b.js": "const y = 1;\n"}, "exports no y"),
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path, files, words):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert words in "; ".join(module_faults(tmp_path, list(files)))


def test_a_circle_of_imports_is_named(tmp_path):
    for here, there in (("a", "b"), ("b", "a")):
        text = f'import {{ {there} }} from "./{there}.js";\nexport const {here} = 1;\n'
        (tmp_path / f"{here}.js").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="circle"):
        joined_modules(tmp_path, "a.js")


# ── in a notebook ──


def test_the_widget_answers_messages_and_holds_no_words(project, monkeypatch):
    panel = CodingPanel(project, coder="ann")
    sent = []
    monkeypatch.setattr(panel, "send", sent.append)
    told = {"session": "s", "after": None}
    panel._take(panel, {"op": "hello", "id": "1", **told}, [])
    panel._take(panel, {"op": "open", "id": "2", "document": "d0", **told}, [])
    code = {"op": "code", "document": "d0", "start": 0, "end": 3, "codes": ["wait"]}
    panel._take(panel, {"id": str(uuid.uuid4()), **code, **told}, [])
    assert [each["type"] for each in sent] == ["study", "document", "done"]
    assert sent[1]["text"] == WORDS
    assert WORDS not in repr(panel.get_state())
    assert "Puddling" not in repr(panel.get_state())
    assert [coding.code_id for coding in panel.codings] == ["wait"]
    assert repr(panel) == "<CodingPanel of ann: 0 of 1 read, 1 codings>"


def test_a_cell_sees_the_queue_and_the_proposals_as_they_are_now(project):
    panel = CodingPanel(project, coder="ann")
    assert panel.queue()[["id", "read", "own", "proposed"]].values.tolist() == [["d0", False, 0, 0]]
    project.record(by="lead", codings=[Coding("d0", 0, 3, "wait", "m", coder_kind="machine")])
    assert [coding.coder for coding in panel.proposals] == ["m"]
    project.desk("ann").decide(next(iter(panel.proposals)).id, "accept")
    project.desk("ann").read("d0")
    assert len(panel.proposals) == 0
    assert panel.queue()["read"].tolist() == [True]
    assert repr(panel).startswith("<CodingPanel of ann: 1 of 1 read")


def test_the_guide_comes_with_the_package(project):
    told = Sitting(project, "ann").take({"op": "guide", "id": "1", "session": "s"})
    assert told["type"] == "guide"
    assert told["text"].startswith("# Your first week of coding")


def test_without_a_front_end_the_panel_says_what_would_show_it(project):
    shown = CodingPanel(project, coder="ann")._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "reflect-analysis panel STUDY --coder" in data["text/html"]
    assert data["text/plain"].startswith("<CodingPanel of ann")
    assert WORDS not in json.dumps(data)


def test_the_widget_wants_a_project_that_is_open(path):
    with pytest.raises(TypeError, match=r"Project\.open"):
        CodingPanel(path, coder="ann")


def test_a_message_that_is_none_is_answered(project, monkeypatch):
    panel, sent = CodingPanel(project, coder="ann"), []
    monkeypatch.setattr(panel, "send", sent.append)
    panel._take(panel, "hello", [])
    assert sent[0]["ok"] is False


# ── on a page of its own ──


def test_the_page_its_modules_and_its_messages(with_server, project):
    async def act(server):
        status, page = await _status(server.address)
        assert status == 200
        assert b'<main id="panel">' in page
        root = f"http://127.0.0.1:{server.port}"
        for name in re.findall(rb'(?:src|href)="(static/[^"]+)"', page):
            assert (await _status(f"{root}/{name.decode()}"))[0] == 200
        line = await _joined(server)
        told = {"id": str(uuid.uuid4()), "session": "s", "after": None}
        code = {"op": "code", "document": "d0", "start": 0, "end": 3, "codes": ["wait"]}
        await line.write_message(json.dumps(told | code))
        reply = json.loads(await line.read_message())
        await line.write_message("{")
        broken = json.loads(await line.read_message())
        line.close()
        return told, reply, broken

    told, reply, broken = with_server(act)
    assert (reply["ok"], reply["re"]) == (True, told["id"])
    assert broken["ok"] is False
    assert len(project.codings()) == 1


def test_who_has_not_the_token_sees_nothing(with_server):
    async def act(server):
        root = f"http://127.0.0.1:{server.port}"
        found = [await _status(f"{root}{at}") for at in ("/", "/?token=", "/?token=wrong")]
        for at in ("/ws", "/ws?token=wrong"):
            with pytest.raises(HTTPClientError, match="401"):
                await _joined(server, f"ws://127.0.0.1:{server.port}{at}")
        return found

    for status, told in with_server(act):
        assert status == 401
        assert b"Peers" not in told


def test_another_name_or_another_page_is_refused(with_server):
    async def act(server):
        names = ("evil.example", f"evil.example:{server.port}", "127.0.0.1", "[::1]:80")
        found = [(await _status(server.address, Host=name))[0] for name in names]
        for origin in ("http://evil.example", f"https://127.0.0.1:{server.port}", "null"):
            found.append((await _status(server.address, Origin=origin))[0])
            with pytest.raises(HTTPClientError, match="403"):
                await _joined(server, Origin=origin)
        plain = server.address.replace("http", "ws", 1).replace("/?", "/ws?")
        with pytest.raises(HTTPClientError, match="403"):  # no browser is without an origin
            await websocket_connect(plain)
        return found

    assert set(with_server(act)) == {403}


@pytest.mark.parametrize(
    "place",
    [
        *("static/../serving.py", "static/..%2Fserving.py", "static/%2e%2e/serving.py"),
        *("static/..\\serving.py", "static/", "static//etc/passwd", "serving.py", "..%2f..%2f"),
    ],
)
def test_no_path_leads_out_of_the_pages_folder(with_server, place):
    async def act(server):
        query = server.address.partition("?")[2]
        return await _status(f"http://127.0.0.1:{server.port}/{place}?{query}")

    status, told = with_server(act)
    assert status == 404
    assert b"import" not in told


def test_a_page_is_told_to_load_nothing_else_and_to_be_shown_in_no_frame(with_server):
    async def act(server):
        client = AsyncHTTPClient(force_instance=True)
        return (await client.fetch(server.address)).headers

    headers = with_server(act)
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_it_listens_on_this_computer_alone(project):
    server = PanelServer(Sitting(project, "ann"))
    assert {each.getsockname()[0] for each in server._sockets} == {"127.0.0.1"}
    with pytest.raises(ProjectError, match=f"port {server.port} cannot be used"):
        PanelServer(Sitting(project, "ann"), server.port)
    for each in server._sockets:
        each.close()


# ── the command ──


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    """Where a panel is served is kept apart from the person's own."""
    monkeypatch.setenv("REFLECT_STATE", str(tmp_path / "state"))


@pytest.mark.skipif(os.name == "nt", reason="a process is killed otherwise there")
@pytest.mark.usefixtures("interruptible")
def test_a_panel_that_was_killed_is_found_again_by_its_page(path, tmp_path):
    running = _command(path, "--coder", "ann", "--no-browser")
    address = running.stdout.readline().strip()
    running.kill()
    running.communicate(timeout=60)
    again = _command(path, "--coder", "ann", "--no-browser")
    try:
        assert again.stdout.readline().strip() == address
        assert asyncio.run(_status(address))[0] == 200
        (kept,) = (tmp_path / "state").iterdir()
        assert kept.stat().st_mode & 0o077 == 0
        other = _command(path, "--coder", "ann", "--no-browser")
        elsewhere = other.stdout.readline().strip()
        assert elsewhere.startswith("http://127.0.0.1:")
        assert elsewhere != address
        other.send_signal(signal.SIGINT)
        other.communicate(timeout=60)
        assert list((tmp_path / "state").iterdir()) == [kept]
        again.send_signal(signal.SIGINT)
        again.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            again.kill()
    assert list((tmp_path / "state").iterdir()) == []


def _command(*arguments):
    code = "import sys; from reflect_analysis.cli import main; main()"
    root = str(Path(reflect_analysis.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", code, "panel", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent otherwise there")
@pytest.mark.usefixtures("interruptible")
def test_the_command_prints_the_address_and_ctrl_c_ends_it(path):
    running = _command(path, "--coder", "ann", "--no-browser")
    try:
        address = running.stdout.readline().strip()
        assert asyncio.run(_status(address))[0] == 200
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
    assert running.returncode == 0
    assert "Traceback" not in told
    assert "closed" in told
    assert list(path.parent.glob("*.pending")) == []


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is sent otherwise there")
@pytest.mark.usefixtures("interruptible")
def test_a_study_that_is_open_elsewhere_is_opened_and_told(path):
    with Project.open(path) as project:
        assert not project.is_open_elsewhere()
        running = _command(path, "--coder", "ann", "--no-browser")
        try:
            assert running.stdout.readline().startswith("http://127.0.0.1:")
            assert project.is_open_elsewhere()
            running.send_signal(signal.SIGINT)
            _, told = running.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
    assert "open in another program too" in told


def test_the_command_says_in_words_what_is_wrong(path, tmp_path):
    from typer.testing import CliRunner

    from reflect_analysis.cli import app

    with Project.open(path) as project:
        project.add_coder("ann", by="lead")
        project.add_coder("rita", "reader", by="lead")

    def told(*arguments):
        done = CliRunner().invoke(app, ["panel", *map(str, arguments), "--no-browser"])
        return done.exit_code, f"{done.output}{done.exception}"

    code, words = told(path)
    assert (code, "coders of this study: ann" in words) == (2, True)
    for given, expected in (
        ((path, "--coder", "anne"), "did you mean 'ann'"),
        ((path, "--coder", "anne"), "add-coder"),
        ((path, "--coder", "rita"), "is a reader"),
        ((tmp_path / "none.reflect", "--coder", "ann"), "there is no such file"),
    ):
        code, words = told(*given)
        assert (code, expected in words) == (1, True), words
