"""What was coded before a text was corrected: listed, and made again where its words stand."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.project import Project
from reflect_analysis.project.former import carrier
from reflect_analysis.project.team import AGREED

BEFORE = "We watched Mirna at the water and waited. Then she asked what I had noticed. So it went."
AFTER = BEFORE.replace("Mirna", "my partner")
CODES = (
    Code("wait", "Waiting", "The educator waits before acting.", "acts"),
    Code("ask", "Asking", "A question is put to a peer or child.", "acts"),
)


def corpus_of(text):
    documents = (Document("d1", text, case_id="P0"), Document("d2", "Another text.", case_id="P0"))
    clear = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    return Corpus(documents, (Case("P0"),), clear)


def correct(project, text=AFTER):
    project.save(by="lead", corpus=corpus_of(text))


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "a study.reflect", title="Peers") as made:
        book = Codebook(CODES, (Group("acts", "What was done"),))
        made.save(by="lead", corpus=corpus_of(BEFORE), codebook=book)
        for name in ("ada", "bo"):
            made.add_coder(name, by="lead")
        yield made


def on(words, text=BEFORE):
    start = text.index(words)
    return {"document": "d1", "start": start, "end": start + len(words)}


def left_on(page):
    return page.do("open", document="d1")["left"]


@pytest.fixture
def page(project, page_of):
    return page_of(project, "ada")


@pytest.fixture
def coded(page):
    """Three codings, on words before, in and behind what is corrected, and a memo on the last."""
    page.do("code", codes=["wait"], **on("We watched"))
    page.do("code", codes=["wait"], **on("Mirna at the water"))
    page.do("code", codes=["ask"], **on("she asked"))
    page.do("memo", text="Her question.", code="ask", **on("she asked"))
    return page


def held(project):
    texts = {each.id: each.text for each in project.corpus()}
    rows = [row.coding for row in project.codings().current]
    return sorted((c.coder, texts[c.document_id][c.start : c.end], c.code_id) for c in rows)


def test_what_was_on_the_earlier_wording_is_listed_with_the_place_of_its_words(project, coded):
    assert left_on(coded) == {"own": [], "others": []}
    correct(project)
    found = left_on(coded)["own"]
    words = [AFTER[each["start"] : each["end"]] if not each["gone"] else None for each in found]
    assert words == ["We watched", None, "she asked", "she asked"]
    assert [each["kind"] for each in found] == ["coding", "coding", "coding", "analytic"]


def test_words_that_were_taken_out_are_told_to_nobody(project, coded):
    correct(project)
    assert "Mirna" not in str(coded.do("open", document="d1"))


def test_it_is_made_again_in_one_act_and_taken_back_in_one(project, coded):
    correct(project)
    there = [each["id"] for each in left_on(coded)["own"] if not each["gone"]]
    reply = coded.do("take_up", document="d1", left=there)
    again = [("ada", "We watched", "wait"), ("ada", "she asked", "ask")]
    assert held(project) == again
    assert [each["gone"] for each in reply["left"]["own"]] == [True]
    assert [each["memos"] for each in reply["codings"]] == [0, 1]
    assert [each["text"] for each in reply["memos_of"]] == ["Her question."]
    back = coded.do("undo")
    assert held(project) == []
    assert len(back["left"]["own"]) == len(there) + 1
    coded.do("redo")
    assert held(project) == again


def test_what_was_coded_again_by_hand_is_left_no_more(project, coded):
    correct(project)
    coded.do("code", codes=["ask"], **on("she asked", AFTER))
    kinds = [(each["code"], each["kind"]) for each in left_on(coded)["own"]]
    assert kinds == [("wait", "coding"), ("wait", "coding"), ("ask", "analytic")]


def test_once_the_new_wording_is_read_what_cannot_be_made_again_is_left_no_more(project, coded):
    correct(project)
    coded.do("read", document="d1")
    assert [each["gone"] for each in left_on(coded)["own"]] == [False, False, False]


def test_what_was_corrected_twice_is_listed_once(project, coded):
    correct(project)
    coded.do("take_up", document="d1", left=[left_on(coded)["own"][0]["id"]])
    correct(project, AFTER.replace("So it went.", "So it went on."))
    found = [(e["code"], e["kind"], e["gone"]) for e in left_on(coded)["own"]]
    assert sorted(found) == [
        ("ask", "analytic", False),
        ("ask", "coding", False),
        ("wait", "coding", False),
        ("wait", "coding", True),
    ]


def test_a_correction_that_is_taken_back_leaves_nothing(project, coded):
    correct(project)
    correct(project, BEFORE)
    assert left_on(coded)["own"] == []
    assert len(held(project)) == len(("We watched", "Mirna", "she asked"))


def test_others_are_counted_and_in_a_blind_phase_not_told(project, coded, page_of):
    made = Coding("d1", 0, 9, "wait", "rules", coder_kind="machine", score=0.5)
    project.record(by="lead", codings=[made])
    correct(project)
    bo = page_of(project, "bo")
    assert left_on(bo) == {"own": [], "others": [("ada", 4), ("rules", 1)]}
    project.begin_phase("one", "reliability", blind=True, by="lead")
    assert left_on(bo) == {"own": [], "others": []}


@pytest.mark.parametrize("which", ["another's", "unknown", "changed", "retired"])
def test_what_cannot_be_made_again_is_refused_in_words(project, coded, which, page_of):
    correct(project)
    own = left_on(coded)["own"]
    page = page_of(project, "bo") if which == "another's" else coded
    if which == "retired":
        project.save(by="lead", codebook=project.codebook().retire("ask", by="lead"))
    wanted = {"unknown": "no such id", "changed": own[1]["id"]}.get(which, own[2]["id"])
    reply = page.send("take_up", document="d1", left=[wanted])
    expected = {
        "another's": "theirs to make again",
        "unknown": "settled meanwhile",
        "changed": "words that are in the text still",
        "retired": "retired",
    }
    assert expected[which] in reply["error"]["message"]
    assert held(project) == []


def test_a_code_that_waited_on_the_earlier_wording_waits_again(project, page):
    project.begin_phase("one", "reliability", blind=True, by="lead")
    page.do("new_code", name="Noticing", definition="Sees.", **on("I had noticed"))
    correct(project)
    assert page.do("hello")["waiting"] == []
    [left] = left_on(page)["own"]
    reply = page.do("take_up", document="d1", left=[left["id"]])
    assert [each["words"] for each in reply["waiting"]] == ["I had noticed"]


def test_status_says_how_much_rests_on_earlier_wordings(project, coded, capsys):
    from reflect_analysis.cli.status import status

    correct(project)
    status(project.address.path)
    [line] = [each for each in capsys.readouterr().out.splitlines() if "ada" in each]
    assert line.endswith("0 codings; 4 on earlier wordings, to be made again in the panel")


def test_status_says_of_what_was_agreed_and_of_what_was_accepted_whose_it_is(project, capsys):
    from reflect_analysis.cli.status import status

    proposal = Coding("d1", 0, 9, "wait", "rules", coder_kind="machine", score=0.5)
    project.record(by="lead", codings=[proposal])
    project.desk("ada").decide(proposal.id, "accept")
    lead = project.desk("lead")
    lead.agree("d1", 0, 9, "ask", reason="We looked again.")
    correct(project)
    status(project.address.path)
    said = [each.strip() for each in capsys.readouterr().out.splitlines()]
    told = {each.split()[0]: each.partition("; ")[2] for each in said if "earlier wordings" in each}
    assert told == {
        "ada": "1 on earlier wordings, to be made again in the panel",
        AGREED: "1 on earlier wordings, to be agreed again in the panel",
    }


def test_a_code_that_was_taken_up_with_others_is_dropped_alone(project, page):
    page.do("code", codes=["wait"], **on("We watched"))
    project.begin_phase("one", "reliability", blind=True, by="lead")
    page.do("new_code", name="Noticing", **on("I had noticed"))
    correct(project)
    reply = page.do("take_up", document="d1", left=[each["id"] for each in left_on(page)["own"]])
    dropped = page.do("drop_waiting", waiting=reply["waiting"][0]["id"])
    assert dropped["waiting"] == []
    assert held(project) == [("ada", "We watched", "wait")]
    assert left_on(page)["own"] == []


@pytest.mark.parametrize(
    ("before", "after", "words", "there"),
    [
        ("a b c", "a b c d", "b", "b"),
        ("x we saw. we", "y we saw. we", "we saw", "we saw"),
        ("one two one", "one one two", "two", "two"),
        ("one two one two x", "two one two one x", "two", None),
        ("a b", "x a b", "a b", "a b"),
        ("a b", "a b a b", "a b", "a b"),
        ("we saw her.", "we saw herself.", "her", None),
        ("we saw herself.", "we saw her.", "her", None),
        ("her way", "other way", "her", None),
        ("not her.", "not her, then.", "her", "her"),
        ("she saw me then", "then she saw mercy", "me", None),
        ("the children", "the two children", "child", "child"),
    ],
)
def test_words_are_found_again_only_where_they_are_the_same(before, after, words, there):
    start = before.index(words)
    span = carrier(before, after)((start, start + len(words)))
    assert (span and after[slice(*span)]) == there


# ── on the page ──


@pytest.fixture
def shown(show, coded):
    return show(sitting=coded.sitting)


def test_the_page_says_how_much_and_makes_it_again(shown, project):
    correct(project)
    shown.page.locator(".ra-body").focus()
    shown.press("f")
    shown.settle()
    banner = shown.page.inner_text(".ra-banner:not(:empty)")
    assert "4 of your codings and memos rest on the earlier wording" in banner
    items = shown.page.get_by_role("list", name="On the earlier wording").get_by_role("listitem")
    assert "Its words were changed" in items.nth(1).inner_text()
    shown.page.get_by_role("button", name="Make again: Asking on she asked").click()
    shown.settle()
    assert shown.page.inner_text(".ra-notice").startswith("Made again: 1 coding.")
    assert held(project) == [("ada", "she asked", "ask")]
    shown.page.get_by_role("button", name="Make all 2 again").click()
    shown.settle()
    assert len(held(project)) == len(("We watched", "she asked"))
    assert items.count() == 1
    shown.page.locator(".ra-body").focus()
    shown.press("Control+z")
    shown.settle()
    assert items.count() == len(("We watched", "Mirna", "her question"))


def test_what_is_asked_twice_before_the_answer_is_made_once(shown, project):
    correct(project)
    shown.page.locator(".ra-body").focus()
    shown.press("f")
    shown.settle()
    waits = shown.page.evaluate(
        """() => {
          const name = 'Make again: Asking on she asked';
          const one = () => document.querySelector(`[aria-label="${name}"]`);
          one().click(); one().click();
          const list = document.querySelector('.ra-left').innerText;
          return [one().getAttribute('aria-disabled'), list];
        }"""
    )
    shown.settle()
    assert waits[0] == "true"
    assert "Make all 2 again" in waits[1], "the other two: a coding, and the memo on what waits"
    assert shown.page.inner_text(".ra-alarm") == ""
    assert held(project) == [("ada", "she asked", "ask")]
    assert shown.page.inner_text(".ra-notice").startswith("Made again: 1 coding.")


def test_once_all_is_made_again_nothing_is_said_of_what_was_there(show, project, page, page_of):
    page.do("code", codes=["wait"], **on("We watched"))
    page_of(project, "bo").do("code", codes=["wait"], **on("she asked"))
    correct(project)
    page.do("take_up", document="d1", left=[left_on(page)["own"][0]["id"]])
    told = show(sitting=page.sitting).page.inner_text(".ra-left")
    assert "Nothing of yours is left there." in told
    assert "Of others: bo 1." in told


def test_axe_finds_no_fault_in_the_list(shown, project, axe_faults):
    correct(project)
    shown.page.locator(".ra-body").focus()
    shown.press("f")
    shown.settle()
    assert axe_faults(shown) == []
