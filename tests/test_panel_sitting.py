"""One coder at one panel: what is sent is stored before it is answered, once, and nothing is told
that the coder may not see."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import uuid

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Memo
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import ProjectError
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project
from reflect_analysis.project.team import AGREED

TEXTS = {
    "d0": "We watched the water together and waited.",
    "d1": "My partner asked what I had noticed.",
    "d2": "Two weeks later the children asked for the water again 🌊, twice.",
}
MARK = "nobody-may-read-this"


def _document(name, text, **more):
    return Document(name, text, **more)


@pytest.fixture(scope="module")
def corpus():
    about = Attributes({"session": "2", "place": "Oldtown", "role": "ECE", "prompt": "And then?"})
    documents = [
        *(_document(name, text, case_id="P0", attributes=about) for name, text in TEXTS.items()),
        _document("governed", f"{MARK} governed", case_id="P1"),
        _document("uncleared", f"{MARK} uncleared"),
        _document("director", f"{MARK} director", voice="other"),
    ]
    cleared = [each for each in documents if each.id != "uncleared"]
    cases = (
        Case("P0", Attributes({"place": "Oldtown", "role": "director of one"})),
        Case("P1", governance=Governance("nation")),
    )
    return Corpus(tuple(documents), cases, tuple(Clearance(d.sha256, "lead", "") for d in cleared))


@pytest.fixture(scope="module")
def codebook():
    codes = (
        Code("wait", "Waiting", "The educator waits before acting.", "acts", include=("a pause",)),
        Code("ask", "Asking", "A question is put.", "acts"),
        Code("water", "Water", "Water.", "acts", parent="wait"),
    )
    return Codebook(codes, (Group("acts", "What was done"),))


@pytest.fixture
def path(tmp_path, corpus, codebook):
    path = tmp_path / "my study.reflect"
    with Project.create(path, title="Peers", by="lead") as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
        for name in ("ann", "ben"):
            project.add_coder(name, by="lead")
    return path


@pytest.fixture
def project(path):
    with Project.open(path) as project:
        yield project


class Page:
    """Sends as the page does: an id for each message, and the last event that it knows."""

    def __init__(self, sitting, session="page-1"):
        self.sitting, self.session, self.last = sitting, session, None

    def send(self, op, **told):
        asked = {"op": op, "id": str(uuid.uuid4()), "session": self.session, "after": self.last}
        reply = self.sitting.take(json.loads(json.dumps(asked | told)))
        json.dumps(reply)
        self.last = reply.get("last", self.last)
        return reply

    def do(self, op, **told):
        reply = self.send(op, **told)
        assert reply.get("ok", True), reply
        return reply

    def refused(self, op, **told):
        reply = self.send(op, **told)
        assert reply["ok"] is False, reply
        return reply["error"]["message"]


@pytest.fixture
def page(project):
    page = Page(Sitting(project, "ann"))
    page.do("hello")
    return page


def _other(project, coder="ben"):
    page = Page(Sitting(project, coder), f"page of {coder}")
    page.do("hello")
    return page


def _held(project, document_id="d0"):
    held = project.codings([document_id]).current
    return sorted((r.coding.coder, r.coding.start, r.coding.end, r.coding.code_id) for r in held)


# ── what the page gets ──


def test_hello_tells_the_study_and_the_queue_of_what_may_be_coded(page):
    study = page.do("hello")
    assert (study["type"], study["title"], study["coder"]) == ("study", "Peers", "ann")
    assert [each["id"] for each in study["queue"]] == ["d0", "d1", "d2"]
    assert [(c["id"], c["key"], c["depth"]) for c in study["codebook"]] == [
        ("wait", "1", 0),
        ("ask", "2", 0),
        ("water", "3", 1),
    ]
    assert study["can"]["undo"] is False
    assert study["progress"] == {
        "total": 3, "read": 0, "assigned": 0, "documents": 3, "codings": 0,
    }  # fmt: skip


def test_neither_governed_nor_uncleared_nor_others_words_are_ever_sent(page):
    told = [page.do("hello"), *(page.send("open", document=d) for d in TEXTS)]
    for name in ("governed", "uncleared", "director"):
        assert page.refused("open", document=name)
        told += [page.send("open", document=name), page.send("adjudicate", document=name)]
        told += [page.send("code", document=name, start=0, end=3, codes=["wait"])]
    assert MARK not in json.dumps(told)


def test_attributes_that_tell_who_or_where_are_not_shown(page):
    shown = page.do("open", document="d0")
    assert shown["attributes"] == [["session", "2"]]
    assert shown["prompt"] == "And then?"
    assert "Oldtown" not in json.dumps(shown)
    assert "director of one" not in json.dumps(shown)


def test_a_transcript_has_its_speakers_and_a_post_its_quotes(tmp_path, codebook):
    text = "Ann: Hello there. Bea: Yes."
    turns = (Turn(5, 17, "Ann", coded=False, time=2.0), Turn(23, 27, "Bea", time=4.5))
    documents = (
        Document("t", text, kind="transcript", turns=turns),
        Document("p", text, kind="post", turns=turns),
    )
    corpus = Corpus(documents, (), (Clearance(documents[0].sha256, "lead", ""),))
    with Project.create(tmp_path / "t.reflect") as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
        page = _other(project, "ann")
        turns = page.do("open", document="t")["turns"]
        assert [(t["speaker"], t["at"], t["coded"]) for t in turns] == [
            ("Ann", 2.0, False),
            ("Bea", 4.5, True),
        ]
        assert page.do("open", document="p")["quoted"] == [{"start": 5, "end": 17, "by": "Ann"}]


# ── operations ──


def test_an_operation_is_in_the_store_when_it_is_answered(page, project):
    done = page.do("code", document="d2", start=54, end=57, codes=["water", "ask"])
    assert [each["code"] for each in done["codings"]] == ["water", "ask"]
    assert _held(project, "d2") == [("ann", 54, 57, "ask"), ("ann", 54, 57, "water")]
    assert project.event(done["event"]).by == "ann"
    assert done["progress"]["codings"] == 2
    assert done["can"]["undo"] is True


def test_code_edges_and_code_change_in_place(page, project):
    first = page.do("code", document="d0", start=0, end=2, codes=["wait"])["codings"][0]
    moved = page.do("move", coding=first["id"], start=0, end=10)
    assert moved["gone"] == [first["id"]]
    second = page.do("recode", coding=moved["codings"][0]["id"], code="ask")
    assert _held(project) == [("ann", 0, 10, "ask")]
    assert page.do("remove", coding=second["codings"][0]["id"])["gone"]
    assert _held(project) == []
    assert "no more" in page.refused("remove", coding=second["codings"][0]["id"])


def test_undo_and_redo_go_back_and_forth_through_everything(page, project):
    page.do("code", document="d0", start=0, end=2, codes=["wait"])
    page.do("code", document="d1", start=0, end=2, codes=["ask"])
    page.do("read", document="d0", on=True)
    page.do("memo", text="hm", kind="reflexive", document="d0")
    page.do("flag", document="d0", on=True)
    for _ in range(5):
        last = page.do("undo")
    assert last["can"] | {"undo": False, "redo": True} == last["can"]
    assert _held(project) == _held(project, "d1") == []
    assert not project.codings().seen
    assert not project.codings().memos
    for _ in range(5):
        last = page.do("redo")
    assert last["can"] | {"undo": True, "redo": False} == last["can"]
    assert _held(project, "d1") == [("ann", 0, 2, "ask")]
    assert {memo.kind for memo in project.codings().memos} == {"flag", "reflexive"}
    assert "nothing to redo" in page.refused("redo")


def test_undo_reaches_across_sessions_and_takes_back_only_what_was_done_at_a_desk(path):
    with Project.open(path) as project:
        _other(project, "lead").do("code", document="d0", start=0, end=2, codes=["wait"])
    with Project.open(path) as project:
        page = _other(project, "lead")
        assert page.do("undo")["document_id"] == "d0"
        assert "nothing to undo" in page.refused("undo")
        assert len(project.corpus()) == 6
        assert set(project.team_state().members) == {"ann", "ben"}


def test_read_and_flag_are_decisions_that_can_be_taken_back(page, project):
    done = page.do("read", document="d1", on=True)
    assert (done["read"], done["progress"]["read"]) == (True, 1)
    assert page.do("read", document="d1", on=True)["event"] is None
    assert page.do("read", document="d1", on=False)["progress"]["read"] == 0
    assert not project.codings().seen
    page.do("flag", document="d1", on=True, note="the second line")
    assert page.do("hello")["queue"][1]["flagged"] is True
    assert page.do("flag", document="d1", on=False)["flagged"] is False
    assert page.do("open", document="d1")["memos"] == []


def test_memos_lie_on_a_span_a_document_and_a_code(page, project):
    page.do("code", document="d0", start=0, end=2, codes=["wait"])
    on_span = page.do("memo", text="a", kind="analytic", document="d0", start=0, end=2)
    assert on_span["codings"][0]["memos"] == 1
    page.do("memo", text="b", kind="method", document="d0")
    page.do("memo", text="c", kind="reflexive", code="ask")
    opened = page.do("open", document="d0")
    assert [(m["text"], m["kind"], m["start"]) for m in opened["memos"]] == [
        ("a", "analytic", 0),
        ("b", "method", None),
    ]
    assert [each["text"] for each in page.do("hello")["memos"]] == ["c"]
    assert "empty" in page.refused("memo", text=" ", document="d0")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"document": "d0", "start": 5, "end": 5, "codes": ["wait"]}, "span 5–5"),
        ({"document": "d0", "start": 0, "end": 999, "codes": ["wait"]}, "within 0–41"),
        ({"document": "d0", "start": "0", "end": 3, "codes": ["wait"]}, "whole number"),
        ({"document": "d0", "start": 0, "end": 3, "codes": []}, "at least one code"),
        ({"document": "d0", "start": 0, "end": 3, "codes": ["wiat"]}, "did you mean 'wait'"),
        ({"document": "d9", "start": 0, "end": 3, "codes": ["wait"]}, "no document 'd9'"),
        ({"document": None, "start": 0, "end": 3, "codes": ["wait"]}, "expected a text"),
        ({"document": "d0", "region": [0, 0, 3, 3], "codes": ["wait"]}, "has no picture"),
        ({"id": "1", "document": "d0", "start": 0, "end": 3, "codes": ["wait"]}, "a UUID"),
        ({"op": "codes"}, "no such operation"),
    ],
)
def test_what_is_refused_is_told_in_words_and_changes_nothing(page, project, told, words):
    before = project.events()
    assert words in page.refused(told.pop("op", "code"), **told)
    assert project.events() == before


def test_no_refusal_holds_a_word_of_the_text(page):
    for start, end in ((3, 3), (9, 4), (0, 10**6), (-4, 2)):
        refused = page.refused("code", document="d0", start=start, end=end, codes=["wait"])
        assert not any(word in refused for word in TEXTS["d0"].split() if len(word) > 4)


# ── once, whatever dies ──


def test_an_operation_that_is_sent_again_is_done_once(page, project):
    told = {"id": str(uuid.uuid4()), "document": "d0", "start": 0, "end": 2, "codes": ["ask"]}
    first, again = page.do("code", **told), page.do("code", **told)
    assert again["codings"] == first["codings"]
    assert _held(project) == [("ann", 0, 2, "ask")]
    page.do("undo", id=(back := str(uuid.uuid4())))
    page.do("undo", id=back)
    assert _held(project) == []
    assert page.do("redo")["can"]["redo"] is False
    assert _held(project) == [("ann", 0, 2, "ask")]


def test_an_id_that_was_used_for_something_else_is_refused(page, project):
    told = {"id": str(uuid.uuid4()), "document": "d0", "codes": ["ask"]}
    page.do("code", **told, start=0, end=2)
    assert "another operation" in page.refused("code", **told, start=0, end=3)
    assert "another operation" in _other(project).refused("code", **told, start=0, end=2)


def test_a_panel_that_is_killed_between_store_and_answer_loses_and_doubles_nothing(path):
    told = {"op": "code", "id": str(uuid.uuid4()), "session": "s", "after": None,
            "document": "d0", "start": 0, "end": 2, "codes": ["wait", "ask"]}  # fmt: skip
    code = f"""
        import json, os, signal
        from reflect_analysis.panel import Sitting
        from reflect_analysis.project import Project, pending
        project = Project.open({str(path)!r})
        sitting = Sitting(project, "ann")
        whole = project.record
        def record(**rows):
            whole(**rows)
            os.kill(os.getpid(), {int(getattr(signal, "SIGKILL", signal.SIGTERM))})
        project.record = record
        print("ready", flush=True)
        sitting.take(json.loads({json.dumps(told)!r}))
        print("answered", flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, check=False, timeout=120, env=os.environ,
    )  # fmt: skip
    assert done.stdout.split() == ["ready"], done.stderr
    assert done.returncode != 0
    with Project.open(path) as project:
        page = _other(project, "ann")
        reply = page.do(**told)
        assert sorted(each["code"] for each in reply["codings"]) == ["ask", "wait"]
        assert _held(project) == [("ann", 0, 2, "ask"), ("ann", 0, 2, "wait")]
        events = [event for event in project.events() if event.action == "record"]
        assert [event.id for event in events] == [uuid.UUID(told["id"]).hex]


# ── elsewhere ──


def test_the_same_coder_in_two_panels_is_told_and_gets_the_document_anew(project):
    sitting = Sitting(project, "ann")
    one, two = Page(sitting, "one"), Page(sitting, "two")
    for each in (one, two):
        each.do("hello")
        each.do("open", document="d0")
    one.do("code", document="d0", start=0, end=2, codes=["wait"])
    reply = two.do("code", document="d0", start=3, end=10, codes=["ask"])
    assert reply["elsewhere"] is True
    assert {(c["start"], c["code"]) for c in reply["document"]["codings"]} == {
        (0, "wait"),
        (3, "ask"),
    }
    assert "elsewhere" not in two.do("code", document="d0", start=0, end=4, codes=["ask"])
    assert one.do("read", document="d0", on=True)["elsewhere"] is True


def test_two_processes_of_one_coder_hear_of_one_another(path):
    with Project.open(path) as here, Project.open(path) as there:
        one = Page(Sitting(here, "ann"), "one")
        one.do("hello")
        two = Page(Sitting(there, "ann"), "two")
        two.do("hello")
        two.do("code", document="d0", start=0, end=2, codes=["wait"])
        there.events()  # now it is in the file
        assert one.do("open", document="d0")["elsewhere"] is True


def test_a_page_that_was_away_hears_of_what_happened_meanwhile(path):
    with Project.open(path) as project:
        away = _other(project, "ann")
        away.do("code", document="d0", start=0, end=2, codes=["wait"])
        Page(Sitting(project, "ann"), "another").do("flag", document="d1", on=True)
    with Project.open(path) as project:
        away.sitting = Sitting(project, "ann")
        reply = away.do("code", document="d0", start=3, end=5, codes=["ask"])
        assert reply["elsewhere"] is True
        assert "elsewhere" not in away.do("code", document="d0", start=3, end=9, codes=["ask"])


def test_anothers_work_is_no_news_but_their_codebook_is(page, project):
    ben = _other(project)
    ben.do("code", document="d0", start=0, end=2, codes=["wait"])
    assert "elsewhere" not in page.do("read", document="d0", on=True)
    ben.do("new_code", name="Quiet", definition="", document="d0", start=3, end=9)
    reply = page.do("read", document="d1", on=True)
    assert "elsewhere" not in reply
    assert [each["id"] for each in reply["codebook"]][-1] == "quiet"


# ── blind ──


@pytest.fixture
def blind(path):
    """A study in a blind phase in which everybody but ann has left words that only they may see."""
    with Project.open(path) as project:
        ben = _other(project)
        rows = [Coding("d0", 0, 2, "ask", "robot", "machine", score=0.5, evidence=MARK)]
        project.save(by="lead", codings=Codings(tuple(rows)))
        project.begin_phase("first", "reliability", blind=True, by="lead")
        project.assign(["ann", "ben"], overlap=1.0, by="lead")
        ben.do("code", document="d1", start=0, end=2, codes=["wait"])
        ben.do("memo", text=MARK, document="d1", start=0, end=2)
        ben.do("memo", text=MARK, code="ask")
        ben.do("flag", document="d1", on=True, note=MARK)
        ben.do("new_code", name=MARK, definition=MARK, document="d1", start=3, end=5)
        yield project


def test_in_a_blind_phase_nothing_of_anothers_reaches_the_page(blind):
    page = _other(blind, "ann")
    code = {"document": "d1", "start": 0, "end": 2, "codes": ["ask"]}
    told = [page.do("hello"), *(page.do("open", document=d) for d in TEXTS)]
    told += [page.do("code", **code), page.do("undo"), page.do("redo")]
    told += [page.do("read", document="d1")]
    told += [page.send("next", order=order, **{"from": "d0"}) for order in ("uncertain", "audit")]
    told += [page.send("queue", order="uncertain"), page.send("preview", filter={})]
    told += [page.send("adjudicate", document="d1")]
    whole = json.dumps(told)
    for word in (MARK, '"ben"', "robot", '"other"', '"proposed", "score'):
        assert word not in whole
    assert all(row["proposed"] == 0 for row in told[0]["queue"])
    assert told[0]["coders"] == []
    assert told[0]["waiting"] == []


def test_a_blind_coder_decides_on_nothing_of_anothers(blind):
    page = _other(blind, "ann")
    theirs = [coding.id for coding in blind.codings()]
    assert len(theirs) == 2
    for each in theirs:
        assert "sees no coding" in page.refused("decide", codings=[each], action="accept")
        assert "sees no coding" in page.refused("remove", coding=each)
        assert "sees no coding" in page.refused("recode", coding=each, code="wait")
    assert "blind" in page.refused("decide_many", filter={}, action="accept", expected=1)
    assert "may not adjudicate" in page.refused(
        "agree", document="d1", start=0, end=2, codes=["ask"], reason="so"
    )


def test_a_phase_that_begins_blinds_an_open_panel_at_once(page, project):
    _other(project).do("code", document="d0", start=0, end=2, codes=["wait"])
    assert page.do("open", document="d0")["codings"][0]["layer"] == "other"
    project.begin_phase("first", "reliability", blind=True, by="lead")
    reply = page.do("open", document="d0")
    assert (reply["codings"], reply["blind"], reply["phase_changed"]) == ([], True, True)
    made = page.do("code", document="d1", start=0, end=2, codes=["ask"])["codings"][0]
    stored = project.coding(made["id"])
    assert (stored.blind, stored.phase) == (True, "reliability")


def test_in_a_blind_phase_a_new_code_waits_for_the_meeting(blind):
    page = _other(blind, "ann")
    before = blind.codebook()
    told = {"document": "d1", "start": 0, "end": 2}
    done = page.do("new_code", name="the room breathes", definition="Air.", in_vivo=True, **told)
    assert [(w["name"], w["in_vivo"]) for w in done["waiting"]] == [("the room breathes", True)]
    assert blind.codebook() == before
    assert "blind" in page.refused("edit_code", code="ask", definition="Other.")
    blind.end_phase("first", by="lead")
    page.do("hello")
    adopted = page.do("adopt_code", waiting=done["waits"])
    assert blind.codebook()["in_vivo_1"].definition == "Air."
    assert adopted["codings"][0]["code"] == "in_vivo_1"
    left = adopted["waiting"]
    assert [each["coder"] for each in left] == ["ben"]
    assert page.do("drop_waiting", waiting=left[0]["id"])["waiting"] == []


# ── proposals ──


@pytest.fixture
def proposed(project):
    scores = {"d0": 0.9, "d1": 0.4, "d2": 0.6}
    rows = [
        Coding(d, 0, 2, "ask", "robot", "machine", score=score, evidence="the word")
        for d, score in scores.items()
    ]
    project.save(by="lead", codings=Codings(tuple(rows)))
    return _other(project, "ann")


def test_proposals_are_accepted_rejected_and_changed(proposed, project):
    ids = {d: proposed.do("open", document=d)["codings"][0]["id"] for d in TEXTS}
    done = proposed.do("decide", codings=[ids["d0"]], action="accept")
    assert (done["codings"][0]["layer"], done["codings"][0]["status"]) == ("proposed", "accepted")
    done = proposed.do("decide", codings=[ids["d1"]], action="reject", reason="no question")
    assert done["codings"][0]["status"] == "rejected"
    done = proposed.do("decide", codings=[ids["d2"]], action="change", start=0, end=9)
    assert (done["gone"], done["codings"][0]["layer"]) == ([ids["d2"]], "own")
    assert [row.status for row in project.codings().current] == ["reviewed", "human"]
    assert proposed.do("open", document="d1")["codings"][0]["status"] == "rejected"


def test_many_are_decided_at_once_only_as_previewed(proposed, project):
    asked = {"code": "ask", "at_least": 0.5}
    shown = proposed.do("preview", filter=asked)
    assert (shown["n"], shown["documents"], shown["by_code"]) == (2, 2, [["ask", 2]])
    assert {each["text"] for each in shown["examples"]} == {"We", "Tw"}
    told = {"filter": asked, "action": "accept"}
    assert "takes 2 proposals now" in proposed.refused("decide_many", **told, expected=3)
    done = proposed.do("decide_many", **told, expected=2, here="d0")
    assert [each["status"] for each in done["codings"]] == ["accepted"]
    assert sum(row.status == "reviewed" for row in project.codings().current) == 2
    proposed.do("undo")
    assert all(row.status == "machine" for row in project.codings().current)


def test_the_least_certain_comes_first_and_an_audit_keeps_its_seed(proposed, project):
    order = [each["id"] for each in proposed.do("queue", order="uncertain")["queue"]]
    assert order == ["d1", "d2", "d0"]
    audit = [each["id"] for each in proposed.do("queue", order="audit")["queue"]]
    draws = [event for event in project.events() if event.action == "draw"]
    assert [set(event.payload) for event in draws] == [{"phase", "seed"}]
    assert [e["id"] for e in _other(project).do("queue", order="audit")["queue"]] == audit
    assert len([event for event in project.events() if event.action == "draw"]) == 1


def test_the_next_document_is_one_that_was_assigned_and_not_read(page, project):
    project.assign(["ann"], by="lead", document_ids=["d2", "d0"], overlap=0)
    page.do("hello")
    page.do("read", document="d0")
    assert page.do("next", order="assigned", **{"from": "d0"})["id"] == "d2"
    for each in ("d1", "d2"):
        page.do("read", document=each)
    assert page.do("next", order="assigned", **{"from": "d0"})["document"] is None


def test_anothers_coding_is_not_changed_by_me(page, project):
    theirs = _other(project).do("code", document="d0", start=0, end=2, codes=["wait"])["codings"]
    for op, told in (("remove", {}), ("recode", {"code": "ask"}), ("move", {"start": 0, "end": 5})):
        assert "ben's coding" in page.refused(op, coding=theirs[0]["id"], **told)
    assert "no proposal" in page.refused("decide", codings=[theirs[0]["id"]], action="reject")


# ── open coding ──


def test_a_code_grows_from_a_selection_and_its_history_is_kept(page, project):
    told = {"document": "d0", "start": 3, "end": 10}
    made = page.do("new_code", name="Watching closely", definition="", **told)
    assert made["codings"][0]["code"] == "watching_closely"
    assert made["codebook"][-1]["status"] == "provisional"
    page.do("edit_code", code="watching_closely", definition="Eyes first.", include="a\nb")
    page.do("move_code", code="watching_closely", parent="wait")
    page.do("merge_codes", codes=["watching_closely"], into="ask", reason="the same")
    book = project.codebook()
    assert [c.action for c in book.history] == ["create", "define", "move", "merge"]
    assert {change.by for change in book.history} == {"ann"}
    assert book.history[0].origin is not None
    assert book["watching_closely"].retired
    assert book["watching_closely"].include == ("a", "b")
    assert _held(project) == [("ann", 3, 10, "watching_closely")]
    for _ in range(4):
        page.do("undo")
    assert "watching_closely" not in project.codebook()
    assert _held(project) == []


def test_open_coding_begins_without_a_codebook(tmp_path, corpus):
    with Project.create(tmp_path / "open.reflect") as project:
        project.save(by="lead", corpus=corpus)
        page = _other(project, "ann")
        assert page.do("hello")["codebook"] == []
        page.do("new_code", name="first", in_vivo=True, document="d0", start=0, end=2)
        assert project.codebook().ids == ("in_vivo_1",)
        assert page.do("undo")["codebook"] == []


def test_a_code_is_retired_and_a_name_stands_once(page):
    assert "already" in page.refused("new_code", name="waiting")
    assert "already" in page.refused("edit_code", code="ask", name="Waiting")
    page.do("retire_code", code="water")
    assert "retired" in page.refused("code", document="d0", start=0, end=2, codes=["water"])
    assert page.do("restore_code", code="water")["codebook"][2]["status"] == "defined"


def test_what_others_built_on_is_not_undone(page, project):
    page.do("new_code", name="mine")
    _other(project).do("edit_code", code="mine", definition="Ours.")
    assert "changed by somebody else" in page.refused("undo")
    assert project.codebook()["mine"].definition == "Ours."


# ── the meeting ──


def test_what_was_agreed_is_a_coder_of_its_own_with_a_reason(page, project):
    ben = _other(project)
    page.do("code", document="d0", start=0, end=10, codes=["wait"])
    ben.do("code", document="d0", start=3, end=14, codes=["ask"])
    ben.do("code", document="d0", start=20, end=25, codes=["wait"])
    lead = _other(project, "lead")
    rows = lead.do("adjudicate", document="d0")["rows"]
    assert [(r["start"], r["end"], r["by"], r["agreed"], r["differs"]) for r in rows] == [
        (0, 14, {"ann": ["wait"], "ben": ["ask"]}, None, True),
        (20, 25, {"ann": [], "ben": ["wait"]}, None, True),
    ]
    told = {"document": "d0", "start": 0, "end": 14}
    assert "reason" in lead.refused("agree", **told, codes=["ask"])
    lead.do("agree", **told, codes=["ask"], reason="it is a question")
    lead.do("agree", document="d0", start=20, end=25, codes=[], reason="nothing here")
    rows = lead.do("adjudicate", document="d0")["rows"]
    assert [row["agreed"] for row in rows] == [["ask"], []]
    agreed = [c for c in project.codings() if c.coder == AGREED]
    assert [(c.phase, c.evidence) for c in agreed] == [("consensus", "it is a question")]
    assert lead.do("agree", **told, codes=["wait"], reason="rather this")["gone"]
    assert [r["agreed"] for r in lead.do("adjudicate", document="d0")["rows"]] == [["wait"], []]


def test_a_coder_does_not_adjudicate_but_in_a_meeting(page, project):
    told = {"document": "d0", "start": 0, "end": 14, "codes": ["ask"], "reason": "so"}
    assert "may not adjudicate" in page.refused("agree", **told)
    project.begin_phase("meeting", "consensus", blind=False, by="lead")
    page.do("agree", **told)


def test_nobody_sits_down_as_what_was_agreed_nor_as_a_reader(project):
    with pytest.raises(ProjectError, match="no coder's name"):
        Sitting(project, AGREED)
    with pytest.raises(ProjectError, match="no person's name"):
        project.add_coder(AGREED, by="lead")
    project.add_coder("rita", "reader", by="lead")
    with pytest.raises(ProjectError, match="reader"):
        Sitting(project, "rita")


def test_an_unknown_fault_is_answered_and_tells_no_words(page, monkeypatch):
    monkeypatch.setattr(page.sitting.seat, "document", lambda _: [][TEXTS["d0"].count("zz")])
    assert page.send("open", document="d0")["error"]["kind"] == "fault"


def test_a_flag_and_a_waiting_code_are_memos_of_the_log(page, project):
    page.do("flag", document="d0", on=True)
    assert project.codings().memos == (
        Memo("ann", "to come back to", "flag", "d0", at=project.codings().memos[0].at),
    )
