"""The portrait of one text is kept: it says so, and holds no words."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.errors import GovernanceError, UnknownIdError
from reflect_analysis.figures.portraits import code_portrait

BOOK = Codebook(
    (Code("joy", "Joy", "d", "g"), Code("tired", "Tired", "d", "g"), Code("far", "Far", "d", "g")),
    (Group("g", "Group"),),
)
TEXT = "Owl two three four. Five six seven."


def portrait(*codings, case=None, turns=()):
    person = case or Case("P1")
    document = Document("R1", TEXT, case_id=None if turns else person.id, turns=turns)
    corpus = Corpus((document, Document("R2", TEXT)), (person,))
    return code_portrait(Codings(codings), corpus=corpus, codebook=BOOK, document_id="R1")


def test_codes_stand_in_the_codebooks_order_where_they_are():
    figure = portrait(
        Coding("R1", 20, 35, "tired", "ada"),
        Coding("R1", 0, 3, "joy", "rules", "machine"),
        Coding("R2", 0, 3, "far", "ada"),
    )
    assert figure.draft
    assert set(figure.data["code_id"]) == {"joy", "tired"}
    assert figure.data.query("code_id == 'joy'")[["start", "end"]].to_numpy().tolist() == [[0, 3]]
    assert "Joy 1; Tired 1" in figure.alt_text
    assert figure.alt_text.startswith("KEEP")
    assert b"Owl" not in figure.svg
    assert figure.name.startswith("KEEP")


def test_a_text_without_codes_says_so():
    figure = portrait()
    assert "none" in figure.alt_text
    assert not figure.draft


def test_turns_of_a_transcript_are_drawn():
    turns = (Turn(0, 19, "A", "P1"), Turn(20, 35, "F", None, coded=False))
    assert portrait(Coding("R1", 0, 3, "joy", "ada"), turns=turns).svg != portrait().svg


def test_a_governed_text_waits_and_an_unknown_one_is_named():
    with pytest.raises(GovernanceError, match="R1"):
        portrait(case=Case("P1", governance=Governance("nation-1")))
    with pytest.raises(UnknownIdError, match="R9"):
        code_portrait(Codings(), corpus=Corpus(()), codebook=BOOK, document_id="R9")
