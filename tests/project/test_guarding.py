"""What protects people stays as strict as it was, whatever is saved over it."""

import pytest

from reflect_analysis.corpus import (
    Case,
    Clearance,
    Corpus,
    Document,
    Governance,
    Picture,
    Turn,
)
from reflect_analysis.errors import GovernanceError
from reflect_analysis.project import Project

OURS = Governance("nation-x", ("coding",))
STORY = "The drum story is ours. We told it."
TALK = "We sang. They told the drum story."
GOVERNED = Document("RG", STORY, case_id="G1")
SPOKEN = Document(
    "T1", TALK, "transcript", turns=(Turn(0, 8, "Ada", "P1"), Turn(9, len(TALK), "Q", "G1"))
)
PHOTO = Document("V1", "The kettle.", case_id="P1", picture=Picture("k.png", "A kettle", use="no"))
CASES = (Case("P1", quotes="no"), Case("P2", quotes="yes"), Case("G1", governance=OURS))


@pytest.fixture
def study(tmp_path):
    texts = (GOVERNED, SPOKEN, PHOTO)
    cleared = tuple(Clearance(each.sha256, "lead", "read") for each in texts)
    with Project.create(tmp_path / "study.reflect", by="lead") as project:
        project.save(by="lead", corpus=Corpus(texts, CASES, cleared))
        yield project


def saved(study, *documents, cases=CASES):
    study.save(by="ada", corpus=Corpus(documents, cases))
    return study.corpus()


def permitted(corpus, use="export"):
    return {document.id for document in corpus.permitted(use)}


def test_a_file_that_says_nothing_of_governance_and_consent_takes_nothing_back(study):
    cases = (Case("P1", quotes="yes"), Case("P2"), Case("G1"))
    corpus = saved(study, GOVERNED, cases=cases)
    assert corpus.case("G1").governance == OURS
    assert corpus.case("P1").quotes == "no"
    assert corpus.case("P2").quotes == "ask"  # tighter is stored as it comes


def test_an_approval_that_nobody_gave_here_is_not_stored_and_one_taken_back_is(study):
    more = Case("G1", governance=Governance("nation-x", ("coding", "export")))
    assert saved(study, cases=(more,)).case("G1").governance == OURS
    less = Case("G1", governance=Governance("nation-x"))
    assert saved(study, cases=(less,)).case("G1").governance == Governance("nation-x")


@pytest.mark.parametrize(
    "document",
    [
        Document("RG", STORY),
        Document("RG", STORY, case_id="P2"),
        Document("RG", STORY + " And more.", case_id="P2"),
        Document("elsewhere", STORY, case_id="P2"),
        Document("elsewhere", f" {STORY.upper()}\n", case_id="P2"),
        Document("elsewhere", TALK, case_id="P2"),
        Document("T1", TALK, "transcript"),
    ],
)
def test_a_governed_text_stays_governed_under_any_id_and_name(study, document):
    corpus = saved(study, document)
    assert permitted(corpus) == {"V1"}
    assert "G1" in corpus.cases_of(corpus.document(document.id))


def test_a_new_wording_that_does_not_say_whose_words_are_governed_is_refused(study):
    with pytest.raises(GovernanceError, match="'T1'"):
        saved(study, Document("T1", TALK + " Yes.", "transcript"))
    assert study.corpus().document("T1") == SPOKEN


def test_another_participant_may_write_the_same_words_if_both_are_stored(study):
    mine = Document("R9", STORY, case_id="P2")
    study.loosen(Corpus((mine,), CASES), by="lead", reason="both told it")
    assert saved(study, mine).document("R9").case_id == "P2"


def test_a_refusal_to_be_quoted_goes_with_its_text(study):
    assert saved(study, Document("V1", PHOTO.text, case_id="P2")).document("V1").case_id == "P1"


def test_a_picture_that_may_not_be_used_stays_so(study):
    loose = Document("V1", PHOTO.text, case_id="P1", picture=Picture("k.png", "A", use="yes"))
    assert saved(study, loose).document("V1").picture.use == "no"


def test_loosening_is_an_act_of_its_own_with_its_reason_in_the_log(study):
    agreed = Corpus((), (Case("P1", quotes="yes"), Case("G1")))
    assert len(study.kept_strict(agreed)) == 2
    with pytest.raises(ValueError, match="why"):
        study.loosen(agreed, by="lead", reason=" ")
    event = study.loosen(agreed, by="lead", reason="they signed in May")
    assert (event.action, event.payload["reason"]) == ("loosen", "they signed in May")
    assert study.corpus().case("P1").quotes == "yes"
    assert study.corpus().case("G1").governance is None
    study.undo(by="lead")
    assert study.corpus().case("P1").quotes == "no"


def test_what_is_kept_is_told_by_ids_alone(study):
    loose = Corpus((Document("x1", STORY, case_id="P2"),), (Case("P2"), Case("P1", quotes="yes")))
    told = study.kept_strict(loose)
    assert any("P1" in line for line in told)
    assert any("x1" in line and "G1" in line for line in told)
    assert not any("drum" in line for line in told)
