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


@pytest.mark.parametrize("name", ["consensus", "adjudicated_by_lead", "Gold"])
def test_an_adjudication_is_no_coder(name):
    log = BOTH + log_of(seen(name, "D1", "D2"))
    assert measured(log).coders == ("ada", "bo")
    with pytest.raises(AgreementError, match="reconciled"):
        measured(log, ["ada", name])


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
