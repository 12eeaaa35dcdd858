"""Participants over sessions: no text is not a zero, and what is counted are people."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.errors import CodebookError, UnknownIdError
from reflect_analysis.provenance import new_run
from reflect_analysis.tables import changed_table, first_session_table, untold

BOOK = Codebook(
    (
        Code("tired", "Tired", "d", "g"),
        Code("worn", "Worn", "d", "g"),
        Code("well", "Well", "d", "g"),
    ),
    (Group("g", "Group"),),
)
STATES = {"strain": ["tired", "worn"], "recovery": ["well"]}
TEXT = "One two three four five six."


def study(plan, **more):
    """A participant's sessions: codes of the text, or `None` for no text."""
    documents, codings = [], []
    for case_id, sessions in plan.items():
        for session, codes in sessions.items():
            name = f"{case_id}-{session}"
            place = Attributes(session=session)
            documents.append(Document(name, TEXT, case_id=case_id, attributes=place))
            codings += [Coding(name, 0, 3, code, "ada") for code in codes]
    cases = tuple(Case(case_id) for case_id in plan)
    seen = tuple(Seen("ada", document.id) for document in documents)
    corpus, log = Corpus(tuple(documents), cases), Codings(tuple(codings), seen=seen)
    return state_changes(log, corpus=corpus, codebook=BOOK, states=STATES, **more)


PLAN = {
    "P1": {"1": ["tired"], "2": ["tired", "well"], "10": ["well"]},
    "P2": {"1": ["worn"], "10": []},
    "P3": {"2": []},
}


def test_the_states_of_each_participant_in_order_of_the_sessions():
    found = study(PLAN)
    assert found.sessions == ("1", "2", "10")
    assert list(found.to_matrix().loc["P1"]) == ["strain", "both", "recovery"]
    assert list(found.to_matrix().loc["P2"]) == ["strain", "no text", "not mentioned"]
    assert found.state("P1", "2").within
    assert found.state("P1", "1").document_ids == ("P1-1",)


def test_everybody_stands_in_every_column():
    counts = study(PLAN).counts()
    assert (counts.sum() == 3).all()
    assert counts.loc["no text", "1"] == 1


def test_change_is_counted_on_people_read_in_both_sessions():
    strain, recovery = study(PLAN).changed()
    assert (strain.kept, strain.gained, strain.lost, strain.never) == (0, 0, 2, 0)
    assert (recovery.gained, recovery.lost, recovery.never, recovery.paired) == (1, 0, 1, 2)


@pytest.mark.parametrize(
    ("gained", "lost", "exact", "mid"), [(8, 1, 0.0391, 0.0215), (6, 2, 0.2891, 0.1797)]
)
def test_mcnemar_as_printed(gained, lost, exact, mid):
    plan = {f"G{n}": {"1": [], "2": ["well"]} for n in range(gained)}
    plan |= {f"L{n}": {"1": ["well"], "2": []} for n in range(lost)}
    change = study(plan).changed()[1]
    assert (change.exact, change.mid_p) == pytest.approx((exact, mid), abs=5e-5)


def test_transitions_add_up_to_everybody():
    moves = study(PLAN).transitions("1", "10")
    assert moves.to_numpy().sum() == 3
    assert moves.loc["strain", "recovery"] == moves.loc["strain", "not mentioned"] == 1
    assert moves.loc["no text", "no text"] == 1


def test_the_first_session_of_recovery():
    found = study(PLAN)
    assert found.first_session() == {"P1": "2"}
    assert found.first_session("strain") == {"P1": "1", "P2": "1"}
    with pytest.raises(ValueError, match="expected one of strain, recovery"):
        found.first_session("joy")


def of_paths(*paths):
    """So many people for each path: what they say in each session, or `None` for no text."""
    codes = {"s": ["tired"], "b": ["tired", "well"], "r": ["well"], "n": []}
    people = [path for count, path in paths for _ in range(count)]
    return study(
        {
            f"P{n}": {str(s): codes[each] for s, each in enumerate(path, 1) if each != "-"}
            for n, path in enumerate(people)
        }
    )


def test_everybody_stands_once_among_the_first_sessions():
    found = study(PLAN)
    assert found.first_counts() == {"1": 0, "2": 1, "10": 0, "in no session": 2, "not read": 0}
    assert found.first_counts("strain")["1"] == 2
    frame = found.first_frame()
    assert frame.set_index("case_id")["first session of recovery"].to_dict() == {
        "P1": "2", "P2": "", "P3": "",
    }  # fmt: skip
    assert "recovery first mentioned" in found._repr_html_()


def test_first_sessions_of_many_people_are_shown_and_told():
    found = of_paths((12, "rr"), (11, "sr"), (10, "ss"))
    table = first_session_table(found)
    assert [row[1] for row in table.texts()] == ["12 of 33", "11 of 33", "10 of 33", "0 of 33"]
    assert untold(table) == ()
    assert table.released[1][0].where == (("first session", "2"),)


def test_first_sessions_of_few_are_hidden_with_one_that_would_give_them_back():
    found = of_paths((12, "rr"), (3, "sr"), (10, "ss"))
    assert list(found.shown_first().values()).count(None) >= 2
    assert found.shown_first()["2"] is None


def test_a_first_session_does_not_tell_of_few_beside_who_changed():
    # Of 14 who first mention it in the second session, 12 gained it: two had no text before.
    found = of_paths((10, "rr"), (12, "sr"), (2, "-r"), (11, "ss"), (8, "rs"))
    assert found.changed()[1].gained == 12
    assert set(protect_row(list(found.first_counts().values()), [43] * 4, 5).cells) == {False}
    assert set(found.shown_first().values()) == {None}


def test_a_flow_does_not_tell_of_the_few_who_did_not_take_it():
    # Of 16 with strain 14 went to recovery: two did not.
    found = of_paths((14, "sr"), (2, "sn"), (14, "nn"))
    assert found.shown()["strain", "1"] == 16
    assert ("1", "strain", "2", "recovery") not in found.shown_moves()
    more = of_paths((14, "sr"), (6, "sn"), (14, "nn"))
    assert more.shown_moves()["1", "strain", "2", "recovery"] == 14


def test_many_sessions_are_judged_on_a_sample_of_paths():
    found = of_paths((12, "srsrs"), (11, "rrrrr"), (10, "nsnsn"), (1, "-s-r-"))
    shown = found.shown_first()
    assert shown["1"] in {11, None}
    assert not {n for n in shown.values() if n is not None} & {1, 2, 3, 4}


PATHS = st.lists(
    st.tuples(
        st.integers(1, 14), st.text("sbrn-", min_size=2, max_size=2).filter(lambda p: p != "--")
    ),
    min_size=1,
)


@settings(max_examples=15, deadline=None)
@given(PATHS)
def test_first_sessions_tell_of_no_few_beside_the_other_tables(paths):
    """By hand for two sessions: the differences of the three tables, each of a few or of none."""
    found = of_paths((12, "rr"), (9, "nn"), *paths)  # so that there are two sessions
    first, states = found.shown_first(), found.shown()
    assert not {n for n in first.values() if n is not None} & {1, 2, 3, 4}
    in_both = states["recovery", "1"], states["both", "1"]
    if first["1"] is not None and in_both.count(None) == 1:
        assert first["1"] - next(n for n in in_both if n is not None) not in {1, 2, 3, 4}
    for row in found.shown_changed():
        if first["2"] is not None and row.state == "recovery":
            assert first["2"] - row.gained not in {1, 2, 3, 4}


def test_a_row_of_changes_does_not_tell_of_few_beside_the_states():
    # 13 kept it, 12 of them recovery alone in each session: one is both.
    found = of_paths((12, "rr"), (9, "nn"), (1, "bb"))
    assert found.shown()["recovery", "1"] is None  # the theme table says that 13 ever said it
    found = dataclasses.replace(found, texts=None)
    assert found.shown()["recovery", "1"] == 12
    assert "recovery" not in [row.state for row in found.shown_changed()]
    assert set(changed_table(found).texts()[1][1:]) == {"–*"}
    assert [row.state for row in of_paths((12, "rr"), (9, "ss")).shown_changed()] == [
        "strain", "recovery",
    ]  # fmt: skip


def test_the_design_is_named_from_the_data():
    assert study(PLAN).design == "recurrent cross-sectional"
    assert study({"P1": {"1": [], "2": []}}).design == "trajectory"


def test_the_caveats_say_who_stopped_writing():
    found = study(PLAN)
    assert found.stopped == (2, 1)
    notes = " ".join(found.caveats)
    assert "who leaves does not write" in notes
    assert not any(letter.isdigit() for letter in notes)
    assert "do not show that anybody recovered" in notes


def test_a_text_that_was_not_read_for_all_codes_is_no_zero():
    document = Document("d", TEXT, case_id="P1", attributes=Attributes(session="1"))
    corpus = Corpus((document,), (Case("P1"),))
    log = Codings(seen=(Seen("ada", "d", codes=("tired",)),))
    found = state_changes(log, corpus=corpus, codebook=BOOK, states=STATES)
    assert found.state("P1", "1").state == "not read"
    with pytest.raises(ValueError, match="one session"):
        found.changed()


def test_governed_records_and_unknown_writers_stay_out():
    place = Attributes(session="1")
    texts = (
        Document("d", TEXT, case_id="P1", attributes=place),
        Document("far", TEXT, case_id="P2", attributes=place),
        Document("lost", TEXT, attributes=place),
        Document("undated", TEXT, case_id="P1"),
    )
    corpus = Corpus(texts, (Case("P1"), Case("P2", governance=Governance("nation-1"))))
    log = Codings(seen=tuple(Seen("ada", each.id) for each in texts))
    found = state_changes(log, corpus=corpus, codebook=BOOK, states=STATES)
    assert found.participants == ("P1",)
    assert any("without a session" in note for note in found.caveats)
    assert found.undated == 1


def test_each_speaker_of_a_transcript_has_their_own_state():
    turns = (Turn(0, 8, "A", "P1"), Turn(8, 28, "B", "P2"))
    talk = Document("t", TEXT, "transcript", attributes=Attributes(session="1"), turns=turns)
    corpus = Corpus((talk,), (Case("P1"), Case("P2")))
    log = Codings((Coding("t", 9, 12, "well", "ada"),), seen=(Seen("ada", "t"),))
    found = state_changes(log, corpus=corpus, codebook=BOOK, states=STATES)
    assert [row.state for row in found.rows] == ["not mentioned", "recovery"]
    assert [row.words for row in found.rows] == [2, 4]


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({"strain": ["tired"]}, "expected two"),
        ({"strain": ["tired"], "recovery": []}, "each with codes"),
        ({"strain": ["tired"], "recovery": ["tired"]}, "both states hold tired"),
        ({"both": ["tired"], "recovery": ["well"]}, "kept for another"),
    ],
)
def test_states_that_make_no_sense_are_refused(states, said):
    with pytest.raises(ValueError, match=said):
        state_changes(Codings(), corpus=Corpus(()), codebook=BOOK, states=states)


@pytest.mark.parametrize("way", [1, -1])
def test_a_code_and_one_below_it_are_not_two_states(way):
    codes = (
        Code("tired", "Tired", "d", "g"),
        Code("worn", "Worn", "d", "g", parent="tired"),
        Code("spent", "Spent", "d", "g", parent="worn"),
        Code("well", "Well", "d", "g"),
    )
    book = Codebook(codes, (Group("g", "Group"),))
    states = dict([("one", ["tired"]), ("other", ["well", "spent", "worn"])][::way])
    with pytest.raises(CodebookError) as caught:
        state_changes(Codings(), corpus=Corpus(()), codebook=book, states=states)
    assert len(caught.value.faults) == 2
    assert "'spent' is a subcode of 'tired'" in str(caught.value)


def of_two_sessions(*rows, runs=()):
    """Two people in two sessions; a row is coder, kind, version and run of a session's readings."""
    documents, codings, seen = [], [], []
    for session, (coder, kind, version, run_id) in enumerate(rows, start=1):
        for case_id in ("P1", "P2"):
            name = f"{case_id}-{session}"
            place = Attributes(session=str(session))
            documents.append(Document(name, TEXT, case_id=case_id, attributes=place))
            more = {"run_id": run_id, "codebook_version": version}
            codings.append(Coding(name, 0, 3, "tired", coder, kind, **more))
            seen.append(Seen(coder, name, kind, run_id=run_id))
    log = Codings(tuple(codings), seen=tuple(seen), runs=tuple(runs))
    corpus = Corpus(tuple(documents), (Case("P1"), Case("P2")))
    found = state_changes(log, corpus=corpus, codebook=BOOK, states=STATES)
    return [each for each in found.caveats if each.startswith(("The sessions", "A machine"))]


def test_another_version_of_the_codebook_is_said():
    ada = ("ada", "person")
    (told,) = of_two_sessions((*ada, "v1", ""), (*ada, "v2", ""))
    assert "one version of the codebook" in told
    assert of_two_sessions((*ada, "v1", ""), (*ada, "v1", "")) == []
    # What is not known is no difference.
    assert of_two_sessions((*ada, "v1", ""), (*ada, "", "")) == []


def test_other_settings_of_a_machine_are_said():
    first = new_run("code", "coded", settings={"thresholds": {"tired": 0.5}, "left_out": 1})
    alike = new_run("code", "coded again", settings={"thresholds": {"tired": 0.5}, "left_out": 2})
    other = new_run("code", "coded", settings={"thresholds": {"tired": 0.4}, "left_out": 1})
    runs = (first, alike, other)
    by = lambda run: ("rules", "machine", "v1", run.id)  # noqa: E731  # a row of the table below
    (told,) = of_two_sessions(by(first), by(other), runs=runs)
    assert "A machine coded the sessions with other settings" in told
    assert of_two_sessions(by(first), by(alike), runs=runs) == []


def test_bad_sessions_and_codes_are_refused():
    with pytest.raises(ValueError, match="lacks 10"):
        study(PLAN, sessions=["1", "2"])
    with pytest.raises(ValueError, match="no participant’s text"):
        study(PLAN, session="wave")
    with pytest.raises(ValueError, match="session '9'"):
        study(PLAN).transitions("1", "9")
    with pytest.raises(UnknownIdError):
        state_changes(
            Codings(), corpus=Corpus(()), codebook=BOOK, states={"a": ["none"], "b": ["well"]}
        )
