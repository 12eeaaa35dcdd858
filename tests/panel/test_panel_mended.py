"""What a coder may take back, change and agree on anew: over a real store, message by message."""

from datetime import timedelta

import pytest

from reflect_analysis.codings import Coding, Codings, Memo, Seen, read_codings
from reflect_analysis.corpus import Document
from reflect_analysis.errors import ProjectError, RegionError
from reflect_analysis.memos import standing_memos
from reflect_analysis.project import Project
from reflect_analysis.regions import Region
from reflect_analysis.review import differing

TEXT = "We waited at the water for a while. Then she asked what I saw, and I said nothing at all."
CODES = ("wait", "ask", "quiet")
SIZE = (400, 300)
PART = Region(40, 30, 140, 130)


@pytest.fixture
def project(begin_study, rack):
    beside = Document("d2", "Words beside.", kind="photo-voice", case_id="P0", picture=rack)
    return begin_study(Document("d1", TEXT, case_id="P0"), beside, codes=CODES)


@pytest.fixture
def page(project, page_of):
    return page_of(project, "ada")


@pytest.fixture
def lead(project, page_of):
    return page_of(project, "lead")


def agreed(project):
    rows = [row.coding for row in project.codings(["d1"]).current]
    return sorted((c.start, c.end, c.code_id) for c in rows if c.coder == "consensus")


def _row(*codings, seen=()):
    [row] = differing(Codings(codings, seen=seen), ["ada", "bo"], CODES, agreed_by="consensus")
    return row


# ── edges that differ ──


def test_the_same_code_on_other_words_differs():
    row = _row(Coding("d", 0, 200, "wait", "ada"), Coding("d", 10, 20, "wait", "bo"))
    assert (row.differs, row.edges_differ) == (True, True)


def test_the_same_code_on_the_same_words_does_not_differ():
    row = _row(Coding("d", 0, 20, "wait", "ada"), Coding("d", 0, 20, "wait", "bo"))
    assert (row.differs, row.edges_differ) == (False, False)


def test_other_codes_differ_and_not_by_their_edges():
    row = _row(Coding("d", 0, 20, "wait", "ada"), Coding("d", 0, 30, "ask", "bo"))
    assert (row.differs, row.edges_differ) == (True, False)


def test_rectangles_of_the_same_part_do_not_differ_by_their_edges():
    near = Region(42, 31, 141, 133)
    row = _row(
        Coding("d", 0, 0, "wait", "ada", region=PART), Coding("d", 0, 0, "wait", "bo", region=near)
    )
    assert not row.differs


def test_the_page_is_told_that_edges_differ(project, lead):
    project.desk("ada").code("d1", 0, 30, "wait")
    project.desk("bo").code("d1", 10, 20, "wait")
    [row] = lead.do("adjudicate", document="d1")["rows"]
    assert (row["differs"], row["edges"]) == (True, True)


# ── agreed anew ──


def test_agreeing_on_a_whole_takes_back_what_was_agreed_inside_in_one_act(project, lead):
    project.desk("ada").code("d1", 0, 50, "wait")
    lead.do("agree", document="d1", start=0, end=50, codes=["wait"], reason="So.", within=[0, 50])
    project.desk("bo").code("d1", 40, 80, "ask")
    lead.do("agree", document="d1", start=0, end=80, codes=["ask"], reason="Now.", within=[0, 80])
    assert agreed(project) == [(0, 80, "ask")]
    lead.do("undo")
    assert agreed(project) == [(0, 50, "wait")]


def test_agreeing_on_a_part_of_the_whole_takes_back_the_rest(project, lead):
    for start, end in ((0, 50), (40, 80)):
        project.desk("ada").code("d1", start, end, "wait")
    agree = {"document": "d1", "within": [0, 80], "reason": "So."}
    lead.do("agree", start=40, end=80, codes=["wait", "ask"], **agree)
    lead.do("agree", start=10, end=30, codes=["wait"], **agree)
    assert agreed(project) == [(10, 30, "wait")]


def test_what_is_agreed_again_stays_as_it_was(project, lead):
    agree = {"document": "d1", "start": 0, "end": 50, "within": [0, 80]}
    [first] = lead.do("agree", codes=["wait"], reason="So.", **agree)["codings"]
    again = lead.do("agree", codes=["wait", "ask"], reason="More.", **agree)
    assert [each["code"] for each in again["codings"]] == ["ask"]
    held = {row.coding.id for row in project.codings(["d1"]).current}
    assert first["id"] in held


def test_without_a_whole_what_is_agreed_on_other_words_stays(project, lead):
    lead.do("agree", document="d1", start=0, end=20, codes=["wait"], reason="So.")
    lead.do("agree", document="d1", start=10, end=40, codes=["ask"], reason="And so.")
    assert agreed(project) == [(0, 20, "wait"), (10, 40, "ask")]


def test_the_whole_is_settled_by_what_is_agreed_of_a_part(project, lead):
    project.desk("ada").code("d1", 0, 50, "wait")
    agree = {"document": "d1", "within": [0, 50], "codes": [], "reason": "Nothing."}
    lead.do("agree", start=0, end=20, **agree)
    [row] = lead.do("adjudicate", document="d1")["rows"]
    assert row["agreed"] == []


@pytest.mark.parametrize("within", [[10, 50], [0, 999], ["0", 50], [0, 1, 2], [0, 0, 9, 9]])
def test_a_whole_of_which_it_is_no_part_is_refused(project, lead, within):
    reply = lead.send(
        "agree", document="d1", start=0, end=40, codes=["wait"], reason="So.", within=within
    )
    assert reply["ok"] is False
    assert agreed(project) == []


# ── decisions taken back ──


@pytest.fixture
def proposal(project):
    made = Coding("d1", 0, 9, "wait", "rules", coder_kind="machine", score=0.5)
    project.record(by="lead", codings=[made])
    return made.id


@pytest.mark.parametrize("action", ["accept", "reject"])
def test_a_decision_is_taken_back_and_the_proposal_waits_again(project, page, proposal, action):
    page.do("decide", codings=[proposal], action=action)
    page.do("read", document="d1", on=True)
    reply = page.do("decide", codings=[proposal], action="reopen")
    assert reply["codings"][0]["status"] == "current"
    assert [row.status for row in project.codings(["d1"]).current] == ["machine"]
    entry = next(each for each in page.do("queue")["queue"] if each["id"] == "d1")
    assert entry["proposed"] == 1
    page.do("undo")
    held = [row.status for row in project.codings(["d1"]).current]
    assert held == (["reviewed"] if action == "accept" else [])


def test_the_decision_that_was_taken_back_stays_in_the_log(project, page, proposal):
    for action in ("accept", "reopen", "reject"):
        page.do("decide", codings=[proposal], action=action)
    assert [d.action for d in project.codings(["d1"]).decisions] == ["accept", "reopen", "reject"]
    assert project.codings(["d1"]).current == ()


def test_a_persons_coding_is_not_reopened(project):
    [coding] = project.desk("ada").code("d1", 0, 9, "wait")
    with pytest.raises(ValueError, match="only a machine's proposal"):
        project.desk("ada").decide(coding.id, "reopen")


# ── regions ──


@pytest.mark.parametrize("region", [[0, 0, 401, 10], [0, 0, 10, 301], [500, 10, 600, 20]])
def test_a_region_outside_the_picture_is_refused_by_name(project, page, region):
    asked = {"document": "d2", "region": region}
    for op, told in (
        ("code", {"codes": ["wait"]}),
        ("memo", {"text": "Here."}),
        ("new_code", {"name": "Rack", "definition": ""}),
    ):
        reply = page.send(op, **asked, **told)
        assert reply["error"]["kind"] == "region", reply
        assert "400 pixels wide and 300 high" in reply["error"]["message"]
    assert len(project.codings()) == len(project.codings().memos) == 0
    with pytest.raises(RegionError):
        project.desk("lead").agree("d2", 0, 0, "wait", region=Region.of(region), reason="So.")


def test_a_region_to_the_very_edge_is_taken(page):
    assert page.do("code", document="d2", region=[0, 0, *SIZE], codes=["wait"])["codings"]


def test_a_picture_on_its_side_is_measured_as_it_is_looked_at(tmp_path, project):
    from PIL import Image

    from reflect_analysis.pictures import upright_size

    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", SIZE).save(tmp_path / "turned.jpg", exif=exif)
    assert upright_size(tmp_path / "turned.jpg") == SIZE[::-1]
    assert upright_size(tmp_path / "a rack.png") == SIZE


def test_a_memo_on_a_region_counts_as_one_on_it(project, page):
    [coding] = page.do("code", document="d2", region=[40, 30, 140, 130], codes=["wait"])["codings"]
    page.do("code", document="d2", region=[300, 200, 340, 240], codes=["wait"])
    reply = page.do("memo", document="d2", region=[40, 30, 140, 130], text="Whose?", code="wait")
    assert reply["memos"][0]["region"] == [40, 30, 140, 130]
    assert [(each["id"], each["memos"]) for each in reply["codings"]] == [(coding["id"], 1)]
    shown = page.do("open", document="d2")["codings"]
    assert sorted(each["memos"] for each in shown) == [0, 1]
    [memo] = project.codings(["d2"]).memos
    assert (memo.region, memo.start) == (PART, None)


def test_a_memo_on_a_region_comes_through_a_backup_and_a_table(project, page, tmp_path):
    page.do("memo", document="d2", region=[40, 30, 140, 130], text="Whose?")
    with Project.open(project.backup(by="lead").path) as again:
        assert again.codings().memos == project.codings().memos
    project.codings().to_csv(tmp_path / "log")
    assert read_codings(tmp_path / "log").memos == project.codings().memos


def test_a_new_code_is_given_to_the_region_from_which_it_was_made(project, page):
    reply = page.do("new_code", document="d2", region=[40, 30, 140, 130], name="Rack")
    [coding] = reply["codings"]
    assert (coding["region"], coding["code"]) == ([40, 30, 140, 130], "rack")
    page.do("undo")
    assert "rack" not in project.codebook().ids
    assert len(project.codings().current) == 0


def test_in_a_blind_phase_a_new_code_waits_with_its_region(project, page_of):
    project.begin_phase("round 1", "reliability", blind=True, by="lead")
    page = page_of(project, "ada")
    reply = page.do("new_code", document="d2", region=[40, 30, 140, 130], name="Rack")
    [waits] = reply["waiting"]
    assert waits["region"] == [40, 30, 140, 130]
    project.end_phase("round 1", by="lead")
    page.do("hello")
    adopted = page.do("adopt_code", waiting=waits["id"])
    assert adopted["codings"][0]["region"] == [40, 30, 140, 130]


# ── memos changed and removed ──


def _memo(page, **told):
    return page.do("memo", text="First.", **told)["memos"][0]["id"]


@pytest.mark.parametrize("place", [{}, {"start": 0, "end": 9}, {"code": "wait"}])
def test_a_memo_is_changed_and_the_change_taken_back(project, page, place):
    memo = _memo(page, document="d1", **place)
    reply = page.do("edit_memo", memo=memo, text="Second.", kind="method")
    assert [(each["text"], each["kind"]) for each in reply["memos_of"]] == [("Second.", "method")]
    assert [(m.text, m.kind) for m in project.codings().memos] == [("Second.", "method")]
    assert [each["text"] for each in page.do("undo")["memos_of"]] == ["First."]
    assert [m.text for m in project.codings().memos] == ["First."]
    page.do("redo")
    assert [m.text for m in project.codings().memos] == ["Second."]


def test_a_memo_is_removed_and_brought_back(project, page):
    page.do("code", document="d1", start=0, end=9, codes=["wait"])
    memo = _memo(page, document="d1", start=0, end=9)
    reply = page.do("remove_memo", memo=memo)
    assert reply["memos_of"] == []
    assert [each["memos"] for each in reply["codings"]] == [0]
    assert project.codings().memos == ()
    back = page.do("undo")
    assert [each["text"] for each in back["memos_of"]] == ["First."]
    assert [each["memos"] for each in back["codings"]] == [1]


def test_a_memo_that_was_changed_twice_goes_back_step_by_step(page):
    memo = _memo(page, document="d1")
    [second] = page.do("edit_memo", memo=memo, text="Second.")["memos_of"]
    page.do("edit_memo", memo=second["id"], text="Third.")
    assert [each["text"] for each in page.do("undo")["memos_of"]] == ["Second."]
    assert [each["text"] for each in page.do("undo")["memos_of"]] == ["First."]


def test_a_memo_on_a_code_is_changed_and_removed(page):
    memo = _memo(page, code="wait")
    [second] = page.do("edit_memo", memo=memo, text="Second.")["code_memos"]
    assert second["text"] == "Second."
    assert page.do("remove_memo", memo=second["id"])["code_memos"] == []
    assert [each["text"] for each in page.do("undo")["code_memos"]] == ["Second."]


def test_only_ones_own_memo_is_changed(project, page, page_of):
    memo = _memo(page_of(project, "bo"), document="d1")
    page.do("open", document="d1")
    for op, told in (("edit_memo", {"text": "Mine."}), ("remove_memo", {})):
        reply = page.send(op, memo=memo, **told)
        assert "bo's memo" in reply["error"]["message"]
    assert [m.text for m in project.codings().memos] == ["First."]
    with pytest.raises(ProjectError, match="theirs to change"):
        project.desk("ada").revise_memo(project.codings().memos[0])


def test_a_memo_that_is_gone_or_empty_is_refused(page):
    memo = _memo(page, document="d1")
    assert "remove it" in page.send("edit_memo", memo=memo, text=" ")["error"]["message"]
    page.do("remove_memo", memo=memo)
    assert page.send("remove_memo", memo=memo)["error"]["kind"] == "unknown"


def test_what_a_memo_said_stays_in_the_store(project, page):
    memo = _memo(page, document="d1")
    page.do("edit_memo", memo=memo, text="Second.")
    rows = [row for _, row in project.desk_events("ada", "d1", "memos")]
    assert sorted(row.text for row in rows) == ["First.", "Second."]


def test_which_memos_hold_does_not_depend_on_their_order():
    first = Memo("ada", "First.", document_id="d")
    at = first.at + timedelta(seconds=1)
    second = Memo("ada", "Second.", document_id="d", at=at, replaces=first.at.isoformat())
    gone = Memo("ada", "", document_id="d", replaces=second.at.isoformat())
    of_another = Memo("bo", "Kept.", document_id="d", at=first.at)
    assert standing_memos((second, of_another, first)) == (second, of_another)
    assert standing_memos((gone, first, second, of_another)) == (of_another,)


# ── an undo reads what it touched ──


def test_an_undo_does_not_read_the_whole_text_anew(project, page, monkeypatch):
    page.do("open", document="d1")
    for end in (10, 20, 30):
        page.do("code", document="d1", start=0, end=end, codes=["wait"])
    asked = []
    whole = type(project).codings
    monkeypatch.setattr(type(project), "codings", lambda *a: asked.append(a) or whole(*a))
    reply = page.do("undo")
    assert (len(reply["gone"]), reply["codings"], asked) == (1, [], [])


def test_a_chain_of_changes_is_undone_and_redone_as_the_whole_log_tells(project, page):
    [coding] = page.do("code", document="d1", start=0, end=20, codes=["wait"])["codings"]
    for told in ({"code": "ask"}, {"code": "quiet"}):
        [coding] = page.do("recode", coding=coding["id"], **told)["codings"]
    page.do("move", coding=coding["id"], start=0, end=30)
    page.do("memo", document="d1", text="Why?", start=0, end=30)
    for op in ("undo",) * 4 + ("redo",) * 3 + ("undo",):
        page.do(op)
        leaf = page.sitting.seat.leaf("d1")
        fresh = page.sitting.seat.leaf("d1", anew=True)
        assert leaf == fresh


def test_an_undo_tells_of_a_reading_too(page):
    page.do("read", document="d1", on=True)
    assert page.do("undo")["read"] is False
    assert page.do("redo")["read"] is True


def test_seen_by_those_who_agreed_is_no_reading_of_a_coder(project, lead):
    lead.do("agree", document="d1", start=0, end=20, codes=["wait"], reason="So.")
    assert [s.coder for s in project.codings().seen if isinstance(s, Seen)] == ["consensus"]
    assert lead.do("open", document="d1")["read"] is False
