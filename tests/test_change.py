"""Participants over sessions: no text is not a zero, and what is counted are people."""

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.errors import UnknownIdError

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
