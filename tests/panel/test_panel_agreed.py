"""Parts of a picture at the desk: changed, compared, agreed on, kept in every copy; and evidence
of a rule as a coder reads it."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Document, Picture
from reflect_analysis.errors import ProjectError
from reflect_analysis.panel import Sitting
from reflect_analysis.panel.showing import evidence_told
from reflect_analysis.project import Project
from reflect_analysis.regions import SAME_PART, Region
from reflect_analysis.review import differing, in_order, waiting_list

ADA, BO = Region(40, 30, 140, 130), Region(60, 50, 160, 150)
APART = Region(300, 200, 340, 240)
CODES = ("own", "order", "dirt")
TEXT = "Bottom left\n\nA spot of my own."

regions = st.builds(
    lambda x, y, width, height: Region(x, y, x + width, y + height),
    *(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.integers(1, 40)),
)


@pytest.fixture
def project(begin_study):
    picture = Picture(None, "A boot rack.", "nobody", "", "none", "yes")
    story = Document("d1", TEXT, kind="photo-voice", case_id="P0", picture=picture)
    return begin_study(story, Document("d2", "Words alone.", case_id="P0"), codes=CODES)


@pytest.fixture
def drawn(project):
    """Two coders who meant the same part."""
    project.desk("ada").code("d1", 0, 0, "own", region=ADA)
    project.desk("bo").code("d1", 0, 0, "order", region=BO)
    return project


def agreed(project):
    held = project.codings(["d1"]).current
    rows = [row.coding for row in held if row.coding.coder == "consensus"]
    return sorted((row.code_id, str(row.region)) for row in rows)


def compared(project):
    """What the comparison says of each part: who said what, and what was agreed."""
    log = project.codings(["d1"])
    rows = differing(log, ["ada", "bo"], CODES, agreed_by="consensus")
    return [(str(row.region), row.by["ada"], row.by["bo"], row.agreed) for row in rows]


# ── rectangles ──


@given(regions, regions)
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    assert one.overlap(other) == other.overlap(one)
    assert 0 <= one.overlap(other) <= 1
    assert (one.overlap(other) == 1) == (one == other)


@given(regions, regions)
def test_around_holds_both(one, other):
    whole = one.around(other)
    assert whole == other.around(one)
    assert whole.around(one) == whole
    assert whole.area >= max(one.area, other.area)


# ── at the desk ──


def test_a_region_is_changed_and_the_change_taken_back(project):
    desk = project.desk("ada")
    [coding] = desk.code("d1", 0, 0, "own", region=ADA)
    made, decision = desk.change(coding, region=APART)
    assert (made.region, made.code_id, decision.replacement_id) == (APART, "own", made.id)
    desk.undo()
    [row] = project.codings(["d1"]).current
    assert row.coding.region == ADA


def test_words_stay_words_and_a_region_stays_one(project):
    desk = project.desk("ada")
    [words] = desk.code("d1", 0, 6, "own")
    [part] = desk.code("d1", 0, 0, "own", region=ADA)
    with pytest.raises(ValueError, match="words stay words"):
        desk.change(words, region=ADA)
    with pytest.raises(ValueError, match="words stay words"):
        desk.change(part, span=(0, 6))


def test_rectangles_that_share_half_are_one_part(drawn):
    drawn.desk("bo").code("d1", 0, 0, "dirt", region=APART)
    assert ADA.overlap(BO) >= SAME_PART > ADA.overlap(APART)
    assert compared(drawn) == [
        (str(ADA.around(BO)), ("own",), ("order",), None),
        (str(APART), (), ("dirt",), None),
    ]


@pytest.mark.parametrize("region", [ADA, BO, ADA.around(BO)])
def test_a_part_is_agreed_on_in_whichever_rectangle(drawn, region):
    [made] = drawn.desk("lead").agree("d1", 0, 0, "order", region=region, reason="The rack.")
    assert (made.coder, made.region, made.evidence) == ("consensus", region, "The rack.")
    assert agreed(drawn) == [("order", str(region))]
    assert compared(drawn) == [(str(ADA.around(BO)), ("own",), ("order",), ("order",))]


def test_what_was_agreed_of_a_part_is_agreed_anew_in_another_rectangle(drawn):
    lead = drawn.desk("lead")
    lead.agree("d1", 0, 0, "own", "order", region=ADA, reason="Both.")
    lead.agree("d1", 0, 0, "order", region=BO, reason="Only this.")
    assert agreed(drawn) == [("order", str(BO))]
    lead.undo()
    assert agreed(drawn) == [("order", str(ADA)), ("own", str(ADA))]


def test_that_a_part_holds_nothing_is_in_the_log_with_its_reason(drawn):
    assert drawn.desk("lead").agree("d1", 0, 0, region=ADA, reason="A rack is a rack.") == ()
    assert agreed(drawn) == []
    assert [row[-1] for row in compared(drawn)] == [()]
    log = drawn.codings(["d1"])
    let_go = {c.id: c for c in log if c.coder == "consensus"}
    assert sorted(c.code_id for c in let_go.values()) == ["order", "own"]
    assert {(d.action, d.reason) for d in log.decisions if d.coding_id in let_go} == {
        ("reject", "A rack is a rack.")
    }
    drawn.desk("lead").undo()
    assert [row[-1] for row in compared(drawn)] == [None]


def test_a_part_where_nothing_is_coded_is_not_agreed_on(drawn):
    with pytest.raises(ValueError, match="nothing is coded in this part"):
        drawn.desk("lead").agree("d1", 0, 0, region=APART, reason="Nothing.")
    with pytest.raises(ValueError, match="has no picture"):
        drawn.desk("lead").agree("d2", 0, 0, "own", region=ADA, reason="x")
    with pytest.raises(ValueError, match="give the reason"):
        drawn.desk("lead").agree("d1", 0, 0, "own", region=ADA, reason=" ")
    with pytest.raises(ProjectError, match="may not adjudicate"):
        drawn.desk("ada").agree("d1", 0, 0, "own", region=ADA, reason="x")


def test_what_was_agreed_of_a_part_comes_through_a_backup(drawn):
    drawn.desk("lead").agree("d1", 0, 0, "order", region=BO, reason="The rack.")
    kept = drawn.backup(by="lead")
    with Project.open(kept.path) as again:
        assert agreed(again) == [("order", str(BO))]
        assert compared(again) == compared(drawn)


def test_what_was_agreed_of_a_part_comes_through_refi(drawn, tmp_path):
    import reflect_analysis as ra

    drawn.desk("lead").agree("d1", 0, 0, "order", region=BO, reason="The rack.")
    place = tmp_path / "study.qdpx"
    log = drawn.codings()
    ra.write_refi(place, corpus=drawn.corpus(), codebook=drawn.codebook(), codings=log)
    found = ra.read_refi(place)
    rows = [row.coding for row in found.codings.current if row.coding.coder == "consensus"]
    assert [(row.code_id, row.region) for row in rows] == [("order", BO)]


# ── at the panel ──


class Page:
    """Sends as the page does."""

    def __init__(self, sitting, session):
        self.sitting, self.session, self.last = sitting, session, None

    def send(self, op, **told):
        asked = {"op": op, "id": str(uuid.uuid4()), "session": self.session, "after": self.last}
        reply = self.sitting.take(asked | told)
        self.last = reply.get("last", self.last)
        return reply


@pytest.fixture
def pages(project):
    """Two pages of one coder, each a panel of its own."""
    made = [Page(Sitting(project, "ada"), name) for name in ("page 1", "page 2")]
    for page in made:
        page.send("hello")
    return made


def test_a_region_is_moved_and_a_span_of_it_is_refused(pages, project):
    page = pages[0]
    [coding] = page.send("code", document="d1", region=[*range(4)], codes=["own"])["codings"]
    reply = page.send("move", coding=coding["id"], region=[10, 10, 20, 20])
    assert reply["gone"] == [coding["id"]]
    assert reply["codings"][0]["region"] == [10, 10, 20, 20]
    again = page.send("move", coding=reply["codings"][0]["id"], start=0, end=4)
    assert "words stay words" in again["error"]["message"]
    assert page.send("undo")["codings"][0]["region"] == [0, 1, 2, 3]


def test_a_refusal_tells_a_page_what_its_coder_did_elsewhere(pages):
    first, second = pages
    [coding] = first.send("code", document="d2", start=0, end=5, codes=["own"])["codings"]
    second.send("open", document="d2")
    first.send("remove", coding=coding["id"])
    refused = second.send("recode", coding=coding["id"], code="order")
    assert (refused["ok"], refused["elsewhere"]) == (False, True)


def test_memos_on_codes_come_back_with_an_undo(pages):
    page = pages[0]
    made = page.send("memo", text="Too wide?", kind="method", code="own")
    assert made["memos"][0]["document"] == ""
    assert page.send("undo")["code_memos"] == []
    assert [each["text"] for each in page.send("redo")["code_memos"]] == ["Too wide?"]


def test_a_new_coder_begins_with_words_alone(pages, project):
    study = pages[0].send("hello")
    assert [each["id"] for each in study["queue"]] == ["d2", "d1"]
    rows = waiting_list(project.corpus(), Codings(()), "ada", assigned=["d1"])
    assert [row.id for row in in_order(rows, "assigned")] == ["d1", "d2"]


# ── evidence ──


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        ("'exhaust*' at 6–15", "the words “exhausted”"),
        ("'(a|…) b' (pattern 3) at 6–15; \"don't\" at 20–24", "the words “exhausted”, “done”"),
        ("'a >> b' at 6–15 and 20–24", "the words “exhausted”, “done”"),
        ("'a b' at 6–24; 'b' at 20–24", "the words “exhausted and done”"),
        ("'a' at 20–24; passed over: 'b' at 6–15 (negated by 2–5)", "the words “done”"),
        ("passed over: 'b' at 6–15 (negated by 2–5)",) * 2,
        ("'a' at 6–999",) * 2,
        ("calm +0.31, water +0.12",) * 2,
        ("",) * 2,
    ],
)
def test_a_rule_is_told_by_the_words_that_it_found(evidence, told):
    text = "I was exhausted and done."
    coding = Coding("d", 0, 25, "c", "rules", "machine", evidence=evidence)
    assert evidence_told(coding, text) == told
    person = Coding("d", 0, 25, "c", "ada", evidence=evidence)
    assert evidence_told(person, text) == evidence
