"""The log of codings and its current view."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen, read_codings
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import CorpusError, UnknownIdError

START = datetime(2025, 5, 1, 9, tzinfo=UTC)


def at(minutes):
    return START + timedelta(minutes=minutes)


def proposal(document="d1", code="belonging", minute=0, **more):
    more = {"coder": "rules", "coder_kind": "machine", **more}
    return Coding(document, 0, 5, code, at=at(minute), **more)


@st.composite
def logs(draw):
    codings = tuple(
        proposal(f"d{draw(st.integers(1, 3))}", draw(st.sampled_from("ab")), n)
        for n in range(draw(st.integers(1, 6)))
    )
    decisions = []
    for _ in range(draw(st.integers(0, 8))):
        coding = draw(st.sampled_from(codings))
        action = draw(st.sampled_from(["accept", "reject", "change"]))
        other = draw(st.sampled_from(codings)).id if action == "change" else ""
        when = at(draw(st.integers(10, 13)))
        decisions.append(Decision(coding.id, action, "lead", replacement_id=other, at=when))
    seen = (Seen("rules", "d1", "machine", codes=("a",), at=START),)
    return Codings(codings, tuple(decisions), seen, (Memo("lead", "odd, this", at=START),))


def test_a_coding_is_in_the_log_by_its_id_and_by_itself():
    coding = proposal()
    log = Codings((coding,))
    assert coding in log
    assert coding.id in log
    assert proposal("d2") not in log
    assert "d1" not in log


def test_a_frame_with_the_corpus_has_code_passage_and_evidence_side_by_side():
    corpus = Corpus((Document("d1", "Alone again."), Document("d2", "Together.")))
    log = Codings((proposal("d2"), proposal(evidence="'alone' at 0–5")))
    frame = log.to_frame(corpus=corpus)
    assert list(frame.columns[:3]) == ["code_id", "passage", "evidence"]
    assert frame.iloc[0, :3].tolist() == ["belonging", "Alone", "'alone' at 0–5"]
    assert frame["passage"].tolist() == ["Alone", "Toget"]
    assert "passage" not in log.to_frame().columns
    with pytest.raises(UnknownIdError, match="no document 'd2'"):
        log.to_frame(corpus=corpus.where(lambda document: document.id == "d1"))


@given(logs(), st.randoms(use_true_random=False))
def test_the_current_view_is_a_function_of_the_log(log, rng):
    shuffled = Codings(
        tuple(rng.sample(log.codings, len(log.codings))),
        tuple(rng.sample(log.decisions, len(log.decisions))),
        log.seen,
    )
    assert shuffled.current == log.current


@given(logs())
def test_joining_a_log_with_itself_changes_nothing(log):
    joined = log + log
    assert joined == log


@given(logs())
def test_a_log_survives_the_way_through_csv(tmp_path_factory, log):
    folder = tmp_path_factory.mktemp("log")
    log.to_csv(folder)
    assert read_codings(folder) == log


@given(logs())
def test_the_latest_decision_counts(log):
    current = {row.coding.id: row.status for row in log.current}
    for coding in log.codings:
        decided = [d for d in log.decisions if d.coding_id == coding.id]
        if not decided:
            continue
        last = max(decided, key=lambda d: (d.at, d.id))
        if last.action != "accept":
            assert coding.id not in current


def test_a_reconsidered_decision_brings_the_proposal_back():
    coding = proposal()
    rejected = Decision(coding.id, "reject", "lead", at=at(1))
    accepted = Decision(coding.id, "accept", "lead", at=at(2))
    assert Codings((coding,), (rejected,)).current == ()
    (row,) = Codings((coding,), (rejected, accepted)).current
    assert row.status == "reviewed"


def test_the_replacement_of_an_undone_change_leaves_the_view():
    first, instead = proposal(), proposal(code="renewal", coder="lead", coder_kind="person")
    change = Decision(first.id, "change", "lead", replacement_id=instead.id, at=at(1))
    back = Decision(first.id, "accept", "lead", at=at(2))
    assert [r.coding for r in Codings((first, instead), (change,)).current] == [instead]
    assert [r.coding for r in Codings((first, instead), (change, back)).current] == [first]


def test_a_decision_on_an_unknown_coding_is_refused():
    with pytest.raises(CorpusError, match="refers to coding 'nowhere'"):
        Codings(decisions=(Decision("nowhere", "accept", "lead"),))


def test_an_empty_span_is_refused():
    with pytest.raises(CorpusError, match="5–5 is empty"):
        Codings((Coding("d1", 5, 5, "a", "coder-1"),))


def test_the_same_coding_has_the_same_id_everywhere():
    assert proposal().id == proposal().id != proposal(minute=1).id


def test_not_looked_for_is_not_zero():
    log = Codings(
        (proposal("d1", "a"),),
        seen=(Seen("rules", "d1", "machine", ("a", "b")), Seen("rules", "d2", "machine", ("a",))),
    )
    matrix = log.to_matrix()
    assert matrix.loc["d1", "a"] == 1
    assert matrix.loc["d1", "b"] == 0
    assert matrix.loc["d2", "a"] == 0
    assert np.isnan(matrix.loc["d2", "b"])


def test_a_coder_who_reads_with_the_whole_codebook_saw_every_code():
    log = Codings(seen=(Seen("coder-1", "d1"),))
    assert log.documents_seen("anything") == {"d1"}
    assert log.documents_seen("anything", ["coder-2"]) == frozenset()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"no codings\.csv"):
        read_codings(tmp_path / "nowhere")


def test_a_folder_of_folders_with_codings_names_them(tmp_path):
    for name in ("coder-2", "coder-1"):
        Codings().to_csv(tmp_path / name)
    (tmp_path / "notes").mkdir()
    Codings().to_csv(tmp_path / ".coder-3-0a1b2c3d.part")  # of a process that was killed
    with pytest.raises(CorpusError, match="but in coder-1, coder-2 inside it; name each"):
        read_codings(tmp_path)


def test_the_frame_shows_the_standing():
    frame = Codings((proposal(), proposal(coder="coder-1", coder_kind="person"))).to_frame()
    assert sorted(frame["status"]) == ["human", "machine"]


def test_a_kind_of_coder_and_a_phase_are_words_that_are_known():
    with pytest.raises(ValueError, match="coder_kind is 'human'; expected 'person' or 'machine'"):
        Coding("r1", 0, 4, "joy", "ada", coder_kind="human")
    with pytest.raises(ValueError, match="Seen: coder_kind is 'model'"):
        Seen("ada", "r1", "model")
    with pytest.raises(ValueError, match="phase is 'training'"):
        Coding("r1", 0, 4, "joy", "ada", phase="training")
