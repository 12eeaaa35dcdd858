"""Who is compared on what: independent readings, one phase at a time, and what fell out."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.errors import AgreementError, UnknownIdError
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.segments import Segment, Segments

BOOK = Codebook((Code("a", "A", "It.", "g"),), (Group("g", "G"),))
TEXT = "I was alone then. She came."
LATER = datetime(2031, 5, 1, tzinfo=UTC)


def seen(coder, *documents, **more):
    return tuple(Seen(coder, each, **({"blind": True} | more)) for each in documents)


def coded(coder, *documents, **more):
    more = {"blind": True} | more
    return tuple(Coding(each, 0, 5, "a", coder, **more) for each in documents)


def log_of(*parts):
    """Rows of any kind as one log."""
    rows = [row for part in parts for row in part]
    codings = tuple(row for row in rows if isinstance(row, Coding))
    read = tuple(row for row in rows if isinstance(row, Seen))
    decisions = tuple(row for row in rows if isinstance(row, Decision))
    return Codings(codings, decisions, read)


def measured(log, *arguments, **more):
    return measure_agreement(log, *arguments, codebook=BOOK, draws=20, **more)


def out_of(found, what=None):
    return {e.reason: e.count for e in found.left_out if what is None or e.what == what}


BOTH = log_of(seen("ada", "D1", "D2"), seen("bo", "D1", "D2"), coded("ada", "D1"))


# --- blind


def test_a_reading_with_sight_of_the_others_leaves_and_is_counted():
    log = BOTH + log_of(
        seen("ada", "D3"), seen("bo", "D3", blind=False), coded("bo", "D3", blind=False)
    )
    found = measured(log)
    assert found.row("a").units == 2
    assert out_of(found) == {"not read blind": 1, "not blind": 1}


def test_with_blind_only_false_it_stays_and_says_so():
    log = BOTH + log_of(
        seen("ada", "D3"), seen("bo", "D3", blind=False), coded("bo", "D3", blind=False)
    )
    found = measured(log, blind_only=False)
    assert found.row("a").table == (0, 1, 1, 1)
    assert any("with sight" in note for note in found.notes)
    assert "not all of them blind" in found.sentence()


def test_where_the_row_of_a_reading_does_not_say_it_the_codings_do():
    rows = [*coded("ada", "D1"), *coded("bo", "D2"), *coded("bo", "D3", blind=False)]
    log = log_of(rows, *(seen(c, "D1", "D2", "D3", blind=False) for c in ("ada", "bo")))
    found = measured(log)
    # bo: D2 is blind by its coding, D3 is not; D1 has none, and not all of bo's are blind.
    assert found.row("a").units == 1
    assert any("do not say themselves" in note for note in found.notes)


def test_a_document_without_a_coding_is_blind_where_all_codings_of_the_coder_are():
    log = log_of(coded("ada", "D1"), coded("bo", "D2"), *(
        seen(c, "D1", "D2", "D3", blind=False) for c in ("ada", "bo")
    ))  # fmt: skip
    found = measured(log)
    assert found.row("a").table == (0, 1, 1, 1)
    assert any("6 readings" in note and "4 hold no coding" in note for note in found.notes)


def test_where_a_coder_decided_on_a_proposal_and_coded_nothing_nothing_was_read_blind():
    proposal = Coding("D3", 0, 5, "a", "rules", "machine")
    log = log_of(
        coded("ada", "D1"), coded("bo", "D2"), [proposal, Decision(proposal.id, "reject", "bo")],
        *(seen(c, "D1", "D2", "D3", blind=False) for c in ("ada", "bo")),
    )  # fmt: skip
    assert measured(log, ["ada", "bo"]).row("a").units == 2


def test_an_accepted_proposal_is_no_judgement_of_who_accepted_it():
    proposal = Coding("D2", 0, 5, "a", "rules", "machine")
    log = BOTH + log_of([proposal, Decision(proposal.id, "accept", "bo")], seen("rules", "D2"))
    assert measured(log, ["ada", "bo"]).row("a").table == (0, 1, 0, 1)


def test_what_replaced_anothers_proposal_is_no_independent_coding():
    proposal = Coding("D2", 0, 5, "a", "rules", "machine")
    instead = Coding("D2", 0, 9, "a", "bo", blind=True)
    change = Decision(proposal.id, "change", "bo", replacement_id=instead.id)
    found = measured(BOTH + log_of([proposal, instead, change]), ["ada", "bo"])
    assert found.row("a").table == (0, 1, 0, 1)
    assert out_of(found, "coding") == {
        "in answer to another's proposal: no independent judgement": 1
    }


def test_anothers_decision_takes_nothing_away_and_ones_own_does():
    (mine,) = BOTH.codings
    adjudicated = dataclasses.replace(BOTH, decisions=(Decision(mine.id, "reject", "lead"),))
    withdrawn = dataclasses.replace(BOTH, decisions=(Decision(mine.id, "reject", "ada"),))
    assert measured(adjudicated, ["ada", "bo"]).row("a").table == (0, 1, 0, 1)
    assert measured(withdrawn, ["ada", "bo"]).row("a").table == (0, 0, 0, 2)


def test_a_machine_is_measured_as_it_proposed_whatever_was_decided():
    proposal = Coding("D1", 0, 5, "a", "rules", "machine")
    rules = tuple(Seen("rules", d, "machine") for d in ("D1", "D2"))
    log = BOTH + log_of([proposal, Decision(proposal.id, "reject", "bo")], rules)
    assert measured(log, ["ada", "rules"]).row("a").table == (1, 0, 0, 1)


# --- own corrections, and when they were made

FIRST = datetime(2031, 4, 1, tzinfo=UTC)
MEETING = datetime(2031, 4, 20, tzinfo=UTC)


def met(*codings, on=range(8), taken_back=(), at=LATER, consensus=("ada", "bo")):
    """Two coders' reliability sample with (2, 2, 1, 3), the meeting, and own corrections."""
    documents = [f"D{n}" for n in on]
    sample = {"phase": "reliability", "at": FIRST}
    found = (*coded("ada", *documents[:4], **sample), *coded("bo", *documents[2:5], **sample))
    own = [Decision(row.id, "reject", row.coder, at=at) for row in found
           if (row.coder, row.document_id) in taken_back]  # fmt: skip
    later = (seen(c, *documents, phase="consensus", at=MEETING, blind=False) for c in consensus)
    read = (seen(c, *documents, **sample) for c in ("ada", "bo"))
    return log_of(found, own, *read, *later, codings)


LONE = {("ada", "D0"), ("ada", "D1"), ("bo", "D4")}


@pytest.mark.parametrize("consensus", [("ada", "bo"), ("lead",)])
def test_what_coders_take_back_in_the_meeting_stays_in_the_reliability_sample(consensus):
    found = measured(met(taken_back=LONE, consensus=consensus), ["ada", "bo"])
    assert found.row("a").table == (2, 2, 1, 3)
    told = "corrected by their own coder in a later phase: they count as they were before"
    assert out_of(found, "coding") == {told: 3}


def test_what_a_coder_takes_back_before_the_meeting_is_taken_back():
    found = measured(met(taken_back=LONE, at=datetime(2031, 4, 2, tzinfo=UTC)))
    assert found.row("a").table == (2, 0, 0, 6)
    assert not out_of(found, "coding")
    assert not any("took back" in note for note in found.notes)


def test_where_no_later_row_tells_the_time_own_corrections_count_and_are_told():
    found = measured(met(taken_back=LONE, consensus=()))
    assert found.row("a").table == (2, 0, 0, 6)
    assert any(note.startswith("3 codings that their own coder") for note in found.notes)


def test_what_is_added_without_a_phase_after_the_meeting_is_no_independent_coding():
    log = met()
    added = Coding("D7", 0, 5, "a", "ada", blind=True, at=LATER)
    found = measured(dataclasses.replace(log, codings=(*log.codings, added)))
    assert found.row("a").table == measured(log).row("a").table
    assert out_of(found, "coding")["of another phase"] == 1


@pytest.mark.parametrize("phase", ["consensus", ""])
def test_what_replaces_a_coding_in_the_meeting_leaves_the_original_where_it_was(phase):
    log = met()
    first = next(row for row in log if row.coder == "ada")
    instead = Coding(first.document_id, 6, 11, "a", "ada", blind=True, phase=phase, at=LATER)
    change = Decision(first.id, "change", "ada", replacement_id=instead.id, at=LATER)
    log = dataclasses.replace(log, codings=(*log.codings, instead), decisions=(change,))
    found = measured(log)
    assert found.row("a").table == (2, 2, 1, 3)
    assert out_of(found, "coding")["of another phase"] == 1
    texts = Corpus(tuple(Document(f"D{n}", TEXT) for n in range(8)))
    assert measured(log, unit="span", corpus=texts).row("a").positives == (4, 3)


def test_a_correction_in_the_reliability_phase_does_not_reach_the_calibration():
    training = coded("ada", "D1", phase="calibration", at=FIRST)
    log = log_of(
        *(seen(c, "D1", "D2", phase="calibration", at=FIRST) for c in ("ada", "bo")),
        seen("ada", "D1", phase="reliability", at=MEETING),
        training, [Decision(training[0].id, "reject", "ada", at=LATER)],
    )  # fmt: skip
    assert measured(log, phase="calibration").row("a").table == (0, 1, 0, 1)


# --- blindness of a reading and of its codings


def test_codings_that_do_not_say_blind_are_as_their_blind_reading():
    log = log_of(
        *(seen(c, "D1", "D2", "D3") for c in ("ada", "bo")),
        coded("ada", "D1", "D2", blind=False), coded("bo", "D1", "D2"),
    )  # fmt: skip
    found = measured(log)
    assert found.row("a").table == (2, 0, 0, 1)
    assert not out_of(found)


def test_where_a_text_was_read_twice_and_no_coding_says_blind_it_leaves():
    log = BOTH + log_of(
        seen("ada", "D3"), seen("ada", "D3", blind=False), coded("ada", "D3", blind=False),
        seen("bo", "D3"), coded("bo", "D3"),
    )  # fmt: skip
    found = measured(log)
    assert found.row("a").table == (0, 1, 0, 1)
    assert out_of(found) == {"not read blind": 1, "not blind": 1}


# --- phases


def of_phase(log, phase):
    codings = tuple(dataclasses.replace(c, phase=phase, at=LATER, id="") for c in log.codings)
    return Codings(codings, seen=tuple(dataclasses.replace(s, phase=phase) for s in log.seen))


TRAINING = of_phase(BOTH, "calibration")
SAMPLE = of_phase(
    log_of(seen("ada", "D3", "D4"), seen("bo", "D3", "D4"), coded("ada", "D3"), coded("bo", "D3")),
    "reliability",
)


def test_by_default_the_reliability_sample_alone_is_measured():
    found = measured(TRAINING + SAMPLE)
    assert found.phases == ("reliability",)
    assert found.row("a").table == (1, 0, 0, 1)
    assert out_of(found) == {"not read by two of them in this phase": 2, "of another phase": 1}


def test_several_phases_have_a_row_each():
    found = measured(TRAINING + SAMPLE, phase=["calibration", "reliability"])
    tables = {row.phase: row.table for row in found.rows}
    assert tables == {"calibration": (0, 1, 0, 1), "reliability": (1, 0, 0, 1)}
    assert [row.phase for row in found.main] == ["reliability"]
    assert "(calibration)" in found.sentence()
    assert "(reliability sample)" in found.sentence()


def test_without_a_reliability_sample_each_phase_is_measured_by_itself():
    assert measured(TRAINING + log_of(seen("ada", "D7"), seen("bo", "D7"))).phases == (
        "",
        "calibration",
    )


def test_the_main_rows_are_of_the_training_only_where_there_is_nothing_else():
    plain = log_of(seen("ada", "D7"), seen("bo", "D7"))
    found = measured(TRAINING + plain)
    assert (found.main_phase, found.row("a").table) == ("", (0, 0, 0, 1))
    assert measured(TRAINING).main_phase == "calibration"
    both = measured(TRAINING + SAMPLE, phase=["reliability", "calibration"])
    assert both.main_phase == "reliability"


def test_a_coding_without_a_phase_belongs_to_the_phase_of_its_reading():
    log = log_of(
        seen("ada", "D1", phase="reliability"), seen("bo", "D1", phase="reliability"),
        coded("ada", "D1"), coded("bo", "D1"),
    )  # fmt: skip
    found = measured(log)
    assert found.phases == ("reliability",)
    assert found.row("a").table == (1, 0, 0, 0)


def test_a_reading_without_a_phase_belongs_to_the_phase_of_its_codings():
    log = log_of(
        *(seen(c, "D1") for c in ("ada", "bo")),
        *(coded(c, "D1", phase="reliability") for c in ("ada", "bo")),
        coded("bo", "D1", phase="consensus", at=LATER),
    )
    found = measured(log, phase="reliability")
    assert found.row("a").table == (1, 0, 0, 0)


def test_where_a_text_was_read_twice_rows_without_a_phase_stay_by_themselves():
    found = measured(BOTH + of_phase(BOTH, "calibration"), phase=["", "calibration"])
    assert [row.table for row in found.rows] == [(0, 1, 0, 1), (0, 1, 0, 1)]


@pytest.mark.parametrize("phase", ["consensus", ["reliability", "consensus"]])
def test_the_consensus_is_refused(phase):
    with pytest.raises(AgreementError, match="everybody had agreed"):
        measured(SAMPLE, phase=phase)


def test_codings_of_the_consensus_alone_are_refused():
    log = of_phase(BOTH, "consensus") + log_of(seen("cy", "D1"), seen("di", "D9"))
    with pytest.raises(AgreementError) as caught:
        measured(log, ["ada", "bo"])
    assert "reconciled" in str(caught.value)


def test_a_phase_in_which_nobody_read_names_those_that_there_are():
    with pytest.raises(AgreementError, match="there is: calibration"):
        measured(TRAINING, phase="reliability")


def test_a_mistyped_phase_is_told():
    with pytest.raises(AgreementError, match="did you mean 'reliability'"):
        measured(SAMPLE, phase="reliabilty")


# --- coders


def test_one_coder_is_told_what_would_do():
    with pytest.raises(AgreementError, match="two coders, came 'ada'; let a second person"):
        measured(BOTH.by_coder("ada"))


def test_a_machine_must_be_named():
    log = BOTH.by_coder("ada") + log_of([Seen("rules", "D1", "machine")])
    with pytest.raises(AgreementError, match="a machine must be named"):
        measured(log)


def test_every_fault_of_the_coders_is_told_at_once():
    with pytest.raises(AgreementError) as caught:
        measured(BOTH, ["ada", "ada", "boo"])
    assert "'ada' stands 2 times" in str(caught.value)
    assert "did you mean 'bo'" in str(caught.value)


NAMED = ["consensus", "adjudicated_by_lead", "M. Gold", "final"]


@pytest.mark.parametrize("name", NAMED)
def test_who_is_named_like_an_adjudication_is_left_out_by_default_and_told(name):
    found = measured(BOTH + log_of(seen(name, "D1", "D2")))
    assert found.coders == ("ada", "bo")
    assert any(note.startswith(f"{name!r} is not compared") for note in found.notes)
    assert not any("not compared" in note for note in measured(BOTH).notes)


@pytest.mark.parametrize("name", NAMED)
def test_who_is_named_by_the_caller_is_compared_whatever_the_name(name):
    found = measured(BOTH + log_of(seen(name, "D1", "D2")), ["ada", name])
    assert found.coders == ("ada", name)
    assert not any("not compared" in note for note in found.notes)


def test_a_phase_says_more_than_a_name():
    log = SAMPLE + log_of(seen("M. Gold", "D3", "D4", phase="reliability"))
    assert measured(log).coders == ("M. Gold", "ada", "bo")


def test_where_too_few_are_left_who_was_left_out_is_named():
    log = BOTH.by_coder("ada") + log_of(seen("M. Gold", "D1"))
    with pytest.raises(AgreementError, match=r"'M\. Gold' is not compared \(by the name"):
        measured(log)


def test_who_holds_consensus_codings_alone_is_refused_and_left_out():
    log = BOTH + log_of(seen("lead", "D1", phase="consensus"))
    with pytest.raises(AgreementError, match="'lead' holds reconciled codings"):
        measured(log, ["ada", "lead"])
    assert any("'lead' is not compared" in note for note in measured(log).notes)


def test_a_string_of_coders_is_a_mistake_of_the_caller():
    with pytest.raises(TypeError, match="list of coders"):
        measured(BOTH, "ada")


# --- texts and codes


def test_no_shared_unit_tells_why_each_fell_out():
    with pytest.raises(AgreementError, match="2 documents read by one of them alone"):
        measured(log_of(seen("ada", "D1"), seen("bo", "D2")))


def test_without_a_row_of_what_was_read_nothing_can_be_told():
    with pytest.raises(AgreementError, match=r"seen\.csv"):
        measured(log_of(coded("ada", "D1"), coded("bo", "D1")))


def test_where_nothing_was_read_blind_the_way_out_is_named():
    log = log_of(
        *(seen(c, "D1", blind=False) for c in ("ada", "bo")), coded("ada", "D1", blind=False)
    )
    with pytest.raises(AgreementError, match="blind_only=False"):
        measured(log)


def test_each_document_falls_out_for_one_reason():
    governed = Governance("a nation", ("coding",))
    cases = (Case("P1"), Case("P2", governance=governed))
    texts = {
        "D1": {}, "D2": {}, "G1": {"case_id": "P2"}, "V1": {"voice": "other"},
        "F1": {"language": "fr"}, "N1": {}, "A1": {}, "T1": {},
    }  # fmt: skip
    documents = (Document(i, TEXT, **({"case_id": "P1"} | more)) for i, more in texts.items())
    corpus = Corpus(tuple(documents), cases)
    read = ["D1", "D2", "G1", "V1", "X1"]
    log = log_of(
        seen("ada", *read, "A1", "F1"), seen("bo", *read),
        seen("ada", "T1", start=0, end=5), seen("bo", "T1"), coded("ada", "D1", "G1"),
    )  # fmt: skip
    found = measured(log, corpus=corpus)
    assert found.row("a").table == (0, 1, 0, 1)
    assert out_of(found, "document") == {
        "governed, and this use of them not approved": 1,
        "in the words of others (a director, an author)": 1,
        "not in this corpus": 1,
        "in another language than the codebook's, not read by two of them": 1,
        "read in part alone": 1,
        "read by one of them alone": 1,
        "read by none of them": 1,
    }
    assert [each.governed for each in found.left_out].count(True) == 1


def test_approved_governed_records_count():
    case = Case("P1", governance=Governance("a nation", ("coding", "tables")))
    corpus = Corpus(tuple(Document(d, TEXT, case_id="P1") for d in ("D1", "D2")), (case,))
    assert measured(BOTH, corpus=corpus).row("a").units == 2


def test_codings_outside_every_segment_and_in_unread_texts_are_counted():
    document = Document("D1", TEXT)
    corpus = Corpus((document, Document("D2", TEXT)))
    segments = Segments(corpus, (Segment.of(document, 0, 17, None),), "sentence")
    rows = (Coding("D1", 18, 27, "a", "ada", blind=True), *coded("bo", "D9"))
    log = log_of(seen("ada", "D1"), seen("bo", "D1"), rows, coded("bo", "D2"))
    found = measured(log, segments=segments)
    assert out_of(found, "coding") == {"in none of the segments": 2}
    by_document = measured(log, corpus=corpus)
    assert out_of(by_document, "coding") == {"in what their coder never marked as read": 1}


def test_a_span_outside_its_text_is_an_error_with_its_place():
    log = BOTH + log_of([Coding("D1", 5, 99, "a", "ada", blind=True)])
    corpus = Corpus(tuple(Document(d, TEXT) for d in ("D1", "D2")))
    with pytest.raises(AgreementError, match=r"5–99 lies outside the 27 characters of 'D1'"):
        measured(log, corpus=corpus)


def test_codings_of_other_texts_altogether_are_told():
    with pytest.raises(AgreementError, match="expected ids such as 'Z1', came 'D1'"):
        measured(BOTH, corpus=Corpus((Document("Z1", TEXT),)))


def test_segments_of_another_version_of_a_text_are_refused():
    old = Corpus((Document("D1", TEXT), Document("D2", TEXT)))
    new = Corpus((Document("D1", f"Oh. {TEXT}"), Document("D2", TEXT)))
    segments = Segments(old, (Segment.of(old.document("D1"), 0, 17, None),), "sentence")
    with pytest.raises(AgreementError, match="such as 'D1'"):
        measured(BOTH, corpus=new, segments=segments)


def test_an_unknown_code_is_told_with_a_hint():
    with pytest.raises(AgreementError, match="no code 'aa'; did you mean 'a'"):
        measured(BOTH, codes=["aa"])


def test_a_coding_of_a_code_that_the_codebook_lacks_is_an_error():
    log = BOTH + log_of([Coding("D1", 0, 5, "zz", "ada", blind=True)])
    with pytest.raises(UnknownIdError, match="zz"):
        measured(log)


@pytest.mark.parametrize(
    ("more", "told"), [({"unit": "segment"}, "segments="), ({"unit": "span"}, "corpus=")]
)
def test_a_unit_that_needs_texts_says_so(more, told):
    with pytest.raises(AgreementError, match=told):
        measured(BOTH, **more)


def test_an_unknown_unit_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="did you mean 'span'"):
        measured(BOTH, unit="spans")


def test_a_reflexive_study_is_refused_with_the_reason():
    with pytest.raises(AgreementError, match="a second reading adds to it"):
        measured(BOTH, approach="reflexive")


def test_codings_by_several_versions_of_the_codebook_are_told():
    log = log_of(
        coded("ada", "D1", codebook_version="v1"), coded("bo", "D1", codebook_version="v2"),
        seen("ada", "D1"), seen("bo", "D1"),
    )  # fmt: skip
    assert any("2 versions of the codebook (v1, v2)" in note for note in measured(log).notes)


# --- a codebook that grew


def test_merged_codes_are_measured_as_the_codebook_names_them_now():
    codes = tuple(Code(c, c.title(), "It.", "g") for c in ("a", "b", "z"))
    old = Codebook(codes, (Group("g", "G"),))
    log = log_of(
        seen("ada", "D1", "D2"), seen("bo", "D1", "D2"),
        [Coding("D1", 0, 5, "a", "ada", blind=True), Coding("D1", 0, 5, "b", "bo", blind=True)],
    )  # fmt: skip
    assert measure_agreement(log, codebook=old).row("a").table == (0, 1, 0, 1)
    new = old.merge(["b"], "a", by="lead")
    found = measure_agreement(log, codebook=new)
    assert found.row("a").table == (1, 0, 0, 1)
    assert [row.code_id for row in found.rows] == ["a", "z"]


def test_a_code_that_was_split_says_that_its_passages_wait():
    codes = tuple(Code(c, c.title(), "It.", "g") for c in ("a", "b", "z"))
    new = Codebook(codes, (Group("g", "G"),)).split("a", ["b", "z"], by="lead")
    found = measure_agreement(BOTH, codebook=new)
    assert found.row("a").code == "A (split, to be decided)"


def test_a_name_in_a_participants_words_is_not_in_what_may_be_sent():
    code = Code("in_vivo_1", "the kettle talks", "It.", "g", in_vivo=True)
    book = Codebook((code,), (Group("g", "G"),))
    marks = [Coding("D1", 0, 5, "in_vivo_1", "ada", blind=True)]
    log = log_of(seen("ada", "D1", "D2"), seen("bo", "D1", "D2"), marks)
    found = measure_agreement(log, codebook=book)
    assert "kettle" not in found.row("in_vivo_1").code
    assert "kettle" not in found.sentence()


def test_the_demonstration_is_blind_and_of_one_phase():
    from reflect_analysis import demo_files, read_codebook, read_codings, read_corpus

    files = demo_files()
    found = measure_agreement(
        read_codings(*files.codings),
        corpus=read_corpus(files.corpus),
        codebook=read_codebook(files.codebook),
        draws=20,
    )
    assert found.phases == ("",)
    assert found.row("isolation").units == 145
    assert {row.code_id for row in found.rows if not row.units} == {
        "unsettling", "indigenous_knowledge",
    }  # fmt: skip
    assert found.row("isolation").table == (17, 2, 0, 126)
