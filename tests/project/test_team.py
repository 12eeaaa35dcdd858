"""Who codes what, in which phase, and that a blind coder sees nothing of another."""

import dataclasses
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Origin
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import (
    GovernanceError,
    NotClearedError,
    ProjectError,
    UnknownIdError,
)
from reflect_analysis.project import CodingPhase, Desk, Member, Project
from reflect_analysis.project.team import assignment_rows, is_blind, visible

SECRET = "what only ben thinks"  # noqa: S105  # no password


def with_a_team(project: Project) -> None:
    """Ana and Ben code, Cy leads, Dee adjudicates, Eve reads."""
    for name in ("ana", "ben"):
        project.add_coder(name, by="lead")
    project.add_coder("cy", "lead", by="lead")
    project.add_coder("dee", "adjudicator", by="lead")
    project.add_coder("eve", "reader", by="lead")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, corpus, codebook) -> Path:
    path = tmp_path_factory.mktemp("team") / "study.reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
        with_a_team(project)
    return path


@pytest.fixture
def study(prepared, tmp_path):
    """A study with a team, in a file."""
    with Project.open(shutil.copy(prepared, tmp_path / "study.reflect")) as project:
        yield project


@pytest.fixture
def anywhere(made):
    """The same in a file and on a server."""
    with Project.open(made) as project:
        with_a_team(project)
        yield project


# ── roles ──


def test_the_last_role_of_a_person_holds_and_can_be_taken_back(anywhere):
    anywhere.add_coder("ana", "adjudicator", by="lead")
    assert anywhere.team_state().members["ana"] == Member("ana", "adjudicator")
    anywhere.undo(by="lead")
    assert anywhere.team_state().members["ana"] == Member("ana", "coder")


def test_a_reader_has_no_desk(study):
    with pytest.raises(ProjectError, match="'eve' is a reader"):
        study.desk("eve")


@pytest.mark.parametrize(("name", "role"), [("ana", "boss"), ("  ", "coder")])
def test_a_member_has_a_name_and_one_of_four_roles(study, name, role):
    count = len(study.events())
    with pytest.raises(ValueError, match=r"role 'boss'|needs a name"):
        study.add_coder(name, role, by="lead")
    assert len(study.events()) == count


def test_a_desk_needs_a_name(study):
    with pytest.raises(ValueError, match="needs a name"):
        study.desk(" ")


# ── phases ──


def test_a_phase_is_open_from_its_beginning_to_its_end(anywhere):
    assert anywhere.open_phase() is None
    anywhere.begin_phase("first", "calibration", blind=False, by="lead")
    assert anywhere.open_phase() == CodingPhase("first", "calibration", False, "open")
    anywhere.end_phase("first", by="lead")
    assert anywhere.open_phase() is None
    assert anywhere.team_state().phases["first"].state == "closed"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda p: p.begin_phase("second", by="lead"), "'first' is open; end it"),
        (lambda p: p.end_phase("second", by="lead"), "there is no phase 'second'"),
        (
            lambda p: (p.end_phase("first", by="lead"), p.end_phase("first", by="lead")),
            "is not open",
        ),
        (
            lambda p: (p.end_phase("first", by="lead"), p.begin_phase("first", by="lead")),
            "another name",
        ),
    ],
)
def test_one_phase_at_a_time_each_with_a_name_of_its_own(study, act, told):
    study.begin_phase("first", by="lead")
    with pytest.raises(ProjectError, match=told):
        act(study)


def test_an_unknown_kind_of_phase_is_refused(study):
    with pytest.raises(ValueError, match="kind 'party'"):
        study.begin_phase("first", "party", by="lead")


def test_what_is_coded_bears_the_phase_and_the_blindness(anywhere):
    anywhere.begin_phase("first", "reliability", by="lead")
    desk = anywhere.desk("ana")
    (made,) = desk.code("d0", 0, 5, "wait")
    read = desk.read("d0")
    assert (made.phase, made.blind) == ("reliability", True)
    assert (read.phase, read.blind) == ("reliability", True)
    assert repr(desk) == "<Desk of ana, first, blind>"
    anywhere.end_phase("first", by="lead")
    (later,) = anywhere.desk("ana").code("d0", 0, 5, "ask")
    assert (later.phase, later.blind) == ("", False)
    assert later.codebook_version == anywhere.codebook().version


# ── blindness ──


def by_others(project: Project) -> list[Coding]:
    """All that others may leave in a study: codings, decisions, what was read, memos, proposals."""
    ben = project.desk("ben")
    made = [*ben.code("d0", 0, 5, "wait", "ask"), *ben.code("d1", 0, 5, "ask")]
    ben.decide(made[0].id, "accept", reason=SECRET)
    ben.read("d0")
    for document_id in ("d0", ""):
        ben.memo(SECRET, document_id=document_id)
    proposal = Coding("d0", 2, 9, "wait", "rules", "machine", 0.5, SECRET)
    project.record(by="rules", codings=[proposal], seen=[Seen("rules", "d0", "machine")])
    return [*made, proposal]


def _left_to(desk):
    """What a blind coder is given of what was found before; nothing of it is taken up."""
    with pytest.raises(ProjectError, match="after the blind phase"):
        desk.adopt([], lambda book: book)
    with pytest.raises(ProjectError, match="after the blind phase"):
        desk.adopt_as([], "wait")
    with pytest.raises(ProjectError, match="after the blind phase"):
        desk.let_go(Memo("ben", SECRET, "waiting", "d0"))
    with pytest.raises(ValueError, match="in the text still"):
        desk.take_up([])
    return desk.left("d0")


def test_a_blind_coder_sees_nothing_of_another_by_any_method(anywhere):
    anywhere.begin_phase("first", by="lead")
    others = by_others(anywhere)
    desk = anywhere.desk("ana")
    (own,) = desk.code("d0", 0, 3, "wait")
    ben = anywhere.desk("ben")
    with pytest.raises(UnknownIdError):
        ben.decide(own.id, "reject", reason=SECRET)

    used = set()
    for document_id in ("d0", "d1", "d2", "d3"):
        view = desk.view(document_id)
        assert view.codings.coders in ((), ("ana",))
        assert SECRET not in repr(view)
        assert not view.read
    for other in others:
        for action in ("accept", "reject", "change"):
            with pytest.raises(UnknownIdError) as error:
                desk.decide(other.id, action)
            assert str(error.value) == f"ana sees no coding {other.id!r}"
        with pytest.raises(UnknownIdError) as unknown:
            desk.decide("f" * 20, "accept")
        assert str(unknown.value) == f"ana sees no coding {'f' * 20!r}"
    used |= {"view", "decide"}
    told = [desk.code("d1", 0, 3, "ask"), desk.read("d1"), desk.memo("mine", document_id="d1")]
    with pytest.raises(ProjectError, match="theirs to change"):
        desk.revise_memo(dataclasses.replace(told[-1], by="ben"), "not mine")
    told += [desk.part_of_log("d0", [other.id for other in others])]
    used |= {"code", "read", "memo", "revise_memo", "part_of_log"}
    told += [desk.undo(), desk.undo(), desk.undo(), desk.undo()]
    with pytest.raises(ProjectError, match="nothing to undo for 'ana'"):
        desk.undo()
    told += [desk.redo()]
    desk.refresh()
    assert not desk.keep_up()
    used |= {"undo", "redo", "refresh", "keep_up"}
    for other in others:
        with pytest.raises(UnknownIdError, match="ana sees no coding"):
            desk.coding(other.id)
        with pytest.raises(UnknownIdError, match="ana sees no coding"):
            desk.change(other, code_id="ask")
        with pytest.raises(UnknownIdError, match="ana sees no coding"):
            desk.decide_many([own, other], "accept")
    used |= {"coding", "change", "decide_many"}
    with pytest.raises(ProjectError, match="may not adjudicate"):
        desk.agree("d0", 0, 3, "wait", reason="so")
    with pytest.raises(ProjectError, match="blind phase"):
        desk.change_codebook(lambda book: book.retire("ask", by="ana"))
    assert not desk.may_adjudicate
    told += [*_left_to(desk), desk.log(), desk.log(["d0"]), desk.documents(), desk.document("d0")]
    used |= {"agree", "change_codebook", "may_adjudicate", "log", "documents", "document"}
    assert SECRET not in repr(told)
    assert "ben" not in repr([*told, desk, desk.assigned])
    assert desk.view("d0").codings.coders == ("ana",)
    methods = {name for name in dir(Desk) if not name.startswith("_")}
    assert methods - {"adopt", "adopt_as", "left", "let_go", "take_up"} == used, (
        "a new method of Desk has to be tried here"
    )


def test_a_phase_that_begins_blinds_a_desk_that_was_taken_before(anywhere):
    others = by_others(anywhere)
    desk = anywhere.desk("ana")
    assert desk.view("d0").codings.coders == ("ben", "rules")
    anywhere.begin_phase("first", by="lead")
    with pytest.raises(UnknownIdError):
        desk.decide(others[0].id, "reject")
    assert desk.view("d0").codings.coders == ()
    assert desk.blind
    anywhere.end_phase("first", by="lead")
    assert desk.view("d0").codings.coders == ("ben", "rules")
    assert desk.decide(others[0].id, "reject").by == "ana"


@pytest.mark.parametrize(("who", "sees"), [("ana", False), ("cy", True), ("dee", True)])
def test_in_a_blind_phase_a_lead_and_an_adjudicator_see_and_others_do_not(study, who, sees):
    study.begin_phase("first", by="lead")
    by_others(study)
    assert ("ben" in study.desk(who).view("d0").codings.coders) is sees


def test_a_lead_who_codes_in_a_blind_phase_is_blind_too(study):
    study.begin_phase("first", by="lead")
    study.assign(["ana", "cy"], by="lead")
    by_others(study)
    assert study.desk("cy").view("d0").codings.coders == ()
    assert study.desk("dee").view("d0").codings.coders == ("ben", "rules")


def test_in_an_open_phase_everybody_sees_everything(study):
    study.begin_phase("first", "consensus", blind=False, by="lead")
    by_others(study)
    view = study.desk("ana").view("d0")
    assert view.codings.coders == ("ben", "rules")
    assert SECRET in repr(view.codings.memos)


members = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from(["lead", "coder", "adjudicator", "reader"])
)


@given(members, st.sampled_from("abcd"), st.booleans(), st.booleans())
def test_who_is_blind_follows_from_role_phase_and_assignment(roles, who, blind, assigned):
    team = {name: Member(name, role) for name, role in roles.items()}
    phase = CodingPhase("p", "reliability", blind, "open")
    found = is_blind(who, team, phase, {who: frozenset("x")} if assigned else {})
    privileged = roles.get(who) in ("lead", "adjudicator", "reader")
    assert found == (blind and (assigned or not privileged))
    assert not is_blind(who, team, None, {})


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), st.booleans()), max_size=6))
def test_what_a_blind_coder_may_see_is_only_their_own(rows):
    made = [Coding("d", n, n + 1, "c", coder) for n, (coder, _, _) in enumerate(rows)]
    decided = [
        Decision(coding.id, "accept", by)
        for coding, (_, by, has) in zip(made, rows, strict=True)
        if has
    ]
    log = Codings(
        tuple(made),
        tuple(decided),
        tuple(Seen(coder, "d") for coder, _, _ in rows),
        tuple(Memo(by, "m") for _, by, _ in rows),
    )
    seen = visible(log, "a", blind=True)
    assert {c.coder for c in seen.codings} | {s.coder for s in seen.seen} <= {"a"}
    assert {d.by for d in seen.decisions} | {m.by for m in seen.memos} <= {"a"}
    assert set(seen.codings) == {c for c in made if c.coder == "a"}
    assert visible(log, "a", blind=False) == log


# ── assignments ──


@given(
    st.integers(1, 30),
    st.integers(1, 4),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_a_planned_share_is_read_by_all_and_the_rest_by_one_each(documents, coders, share, seed):
    ids = [f"d{number}" for number in range(documents)]
    names = [f"c{number}" for number in range(coders)]
    rows = assignment_rows(ids, names, overlap=share, random_state=seed, phase="p", at="t")
    readers = {each: [r["coder"] for r in rows if r["document_id"] == each] for each in ids}
    assert all(len(found) in (1, coders) for found in readers.values())
    if coders > 1:
        by_all = sum(len(found) == coders for found in readers.values())
        assert by_all == (min(documents, max(1, round(share * documents))) if share else 0)
    loads = [sum(name in found for found in readers.values()) for name in names]
    assert max(loads) - min(loads) <= 1
    again = assignment_rows(ids[::-1], names, overlap=share, random_state=seed, phase="p", at="t")
    assert rows == again
    assert len({row["id"] for row in rows}) == len(rows)


def test_assigned_documents_lie_on_the_desk(anywhere):
    plan = anywhere.assign(["ana", "ben"], by="lead", overlap=0.5)
    assert set(plan) == {"ana", "ben"}
    assert len(plan["ana"] & plan["ben"]) == 2
    assert plan["ana"] | plan["ben"] == {"d0", "d1", "d2", "d3"}
    assert anywhere.desk("ana").assigned == tuple(sorted(plan["ana"]))
    with pytest.raises(ProjectError, match="nothing to assign"):
        anywhere.assign(["ana", "ben"], by="lead")


def test_each_phase_has_its_own_plan(study):
    study.begin_phase("first", by="lead")
    study.assign(["ana"], by="lead", document_ids=["d0"])
    study.end_phase("first", by="lead")
    study.begin_phase("second", by="lead")
    assert study.desk("ana").assigned == ()
    study.assign(["ana"], by="lead", document_ids=["d0", "d1"])
    assert study.desk("ana").assigned == ("d0", "d1")


@pytest.mark.parametrize(
    ("coders", "kwargs", "error", "told"),
    [
        (["ana", "anna"], {}, ProjectError, "nobody called 'anna' is in the team; did you mean"),
        (["eve"], {}, ProjectError, "'eve' is a reader"),
        (["ana", "ana"], {}, ValueError, "each once"),
        ([], {}, ValueError, "each once"),
        (["ana"], {"overlap": 1.5}, ValueError, "overlap 1.5"),
        (["ana"], {"document_ids": ["d9", "d8"]}, ProjectError, "document 'd8' is unknown"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(study, coders, kwargs, error, told):
    count = len(study.events())
    with pytest.raises(error, match=told):
        study.assign(coders, by="lead", **kwargs)
    assert len(study.events()) == count


def test_progress_counts_what_is_assigned_and_read(anywhere):
    anywhere.assign(["ana"], by="lead", document_ids=["d0", "d1"])
    desk = anywhere.desk("ana")
    desk.read("d0")
    desk.read("d2")
    desk.code("d0", 0, 5, "wait", "ask")
    desk.undo()
    desk.code("d0", 0, 5, "wait")
    by_others(anywhere)
    ana, ben = anywhere.progress()
    assert dataclasses.astuple(ana) == ("ana", 2, 1, 1, 1)
    assert (ben.coder, ben.assigned, ben.read, ben.others_read, ben.codings) == ("ben", 0, 0, 1, 3)


# ── what a desk refuses ──


@pytest.fixture
def guarded(study):
    """A study with a governed document, one that nobody cleared, and a director's words."""
    documents = (
        Document("governed", "Words that a nation governs.", case_id="N0"),
        Document("uncleared", "Words that nobody has looked at.", case_id="P0"),
        Document("director", "Words of a director.", voice="other"),
    )
    cleared = tuple(Clearance(d.sha256, "lead", "read") for d in documents if d.id != "uncleared")
    cases = (Case("P0"), Case("N0", governance=Governance("a nation", ("tables",))))
    study.save(by="lead", corpus=Corpus(documents, cases, cleared))
    book = study.codebook().add(Code("old", "Old", "Given no more.", "acts"), by="lead")
    study.save(by="lead", codebook=book.retire("old", by="lead"))
    return study


@pytest.mark.parametrize(
    ("document_id", "error", "told"),
    [
        ("governed", GovernanceError, "waits for the approval"),
        ("uncleared", NotClearedError, "is not cleared"),
        ("director", ProjectError, "no participant's words"),
        ("nowhere", UnknownIdError, "no document 'nowhere'"),
    ],
)
def test_a_document_that_may_not_be_coded_is_refused_by_every_method(
    guarded, document_id, error, told
):
    desk = guarded.desk("ana")
    count = len(guarded.events())
    for act in (
        lambda: desk.view(document_id),
        lambda: desk.code(document_id, 0, 5, "wait"),
        lambda: desk.read(document_id),
        lambda: desk.memo("A note.", document_id=document_id),
    ):
        with pytest.raises(error, match=told):
            act()
    assert len(guarded.events()) == count


def test_governed_documents_are_not_assigned(guarded):
    plan = guarded.assign(["ana"], by="lead")
    assert plan["ana"] == {"d0", "d1", "d2", "d3"}
    with pytest.raises(ProjectError, match="'governed' waits for the approval"):
        guarded.assign(["ana"], by="lead", document_ids=["governed"])


@pytest.mark.parametrize("code_id", ["old", "wiat"])
def test_a_retired_or_unknown_code_is_refused_by_every_method(guarded, code_id):
    desk = guarded.desk("ana")
    (made,) = desk.code("d0", 0, 5, "wait")
    count = len(guarded.events())
    told = "is retired" if code_id == "old" else "did you mean 'wait'"
    for act in (
        lambda: desk.code("d0", 0, 5, code_id),
        lambda: desk.code("d0", 0, 5, "wait", code_id),
        lambda: desk.read("d0", ["wait", code_id]),
        lambda: desk.decide(made.id, "change", code_id=code_id),
    ):
        with pytest.raises(UnknownIdError, match=told):
            act()
    assert len(guarded.events()) == count
    with pytest.raises(UnknownIdError):
        desk.memo("A note.", code_id="wiat")


@pytest.mark.parametrize("span", [(0, 0), (5, 3), (-1, 4), (0, 10_000)])
def test_a_span_outside_the_text_is_refused_by_every_method(study, span):
    desk = study.desk("ana")
    (made,) = desk.code("d0", 0, 5, "wait")
    count = len(study.events())
    for act in (
        lambda: desk.code("d0", *span, "wait"),
        lambda: desk.decide(made.id, "change", span=span),
        lambda: desk.memo("A note.", document_id="d0", span=span),
    ):
        with pytest.raises(ValueError, match="expected one within 0–41"):
            act()
    assert len(study.events()) == count


def test_a_span_counts_code_points(study):
    text = study.corpus().document("d2").text
    (made,) = study.desk("ana").code("d2", text.index("🌊"), len(text), "wait")
    assert text[made.start : made.end] == "🌊."


def test_a_coding_without_a_code_and_an_unknown_action_are_mistakes(study):
    desk = study.desk("ana")
    with pytest.raises(ValueError, match="at least one code"):
        desk.code("d0", 0, 5)
    (made,) = desk.code("d0", 0, 5, "wait")
    with pytest.raises(ValueError, match="'keep': expected one of accept, reject, change"):
        desk.decide(made.id, "keep")


# ── what a desk does ──


def test_a_decision_changes_what_holds(anywhere):
    (made,) = anywhere.desk("ben").code("d0", 0, 5, "wait")
    desk = anywhere.desk("ana")
    desk.decide(made.id, "change", span=(0, 8), code_id="ask", reason="wider")
    held = [row.coding for row in anywhere.codings().current]
    assert [(c.coder, c.start, c.end, c.code_id) for c in held] == [("ana", 0, 8, "ask")]
    desk.undo()
    assert [row.coding for row in anywhere.codings().current] == [made]
    desk.redo()
    desk.decide(made.id, "reject")
    assert anywhere.codings().current == ()


def test_each_coder_takes_back_only_their_own(study):
    for pair in combinations(("ana", "ben", "cy"), 2):
        for name in pair:
            study.desk(name).code("d1", 0, 5, "wait")
    study.desk("ben").undo()
    assert len(study.codings().by_coder("ana")) == 2
    assert len(study.codings().by_coder("ben")) == 1
    study.desk("ben").redo()
    assert len(study.codings().by_coder("ben")) == 2


def test_a_codebook_that_changed_is_on_the_desk_after_a_refresh(study):
    desk = study.desk("ana")
    book = study.codebook().provisional("a new thing", Origin("d0", 0, 5), by="ben")
    study.save(by="ben", codebook=book)
    with pytest.raises(UnknownIdError):
        desk.code("d0", 0, 5, "a_new_thing")
    desk.refresh()
    (made,) = desk.code("d0", 0, 5, "a_new_thing")
    assert made.codebook_version == book.version
