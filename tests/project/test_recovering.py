"""What was found before, taken up at a desk: on the words of now, and lost to nobody."""

import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import GovernanceError, ProjectError
from reflect_analysis.project import Project, desked

BEFORE = "We watched her at the water. Then we waited."
AFTER = "So we began. " + BEFORE
CODES = (Code("wait", "Waiting", "The educator waits.", "acts"),)
NAME = "Being easy"


def corpus_of(text=BEFORE, governance=None):
    documents = (Document("d1", text, case_id="P0"), Document("d2", "Easy.", case_id="P1"))
    clear = tuple(Clearance(each.sha256, "lead", "read") for each in documents)
    return Corpus(documents, (Case("P0"), Case("P1", governance=governance)), clear)


@pytest.fixture
def study(tmp_path):
    with Project.create(tmp_path / "a study.reflect") as made:
        book = Codebook(CODES, (Group("acts", "Acts"),))
        made.save(by="lead", corpus=corpus_of(), codebook=book)
        made.add_coder("ada", by="lead")
        made.add_coder("bo", by="lead")
        made.add_coder("lead", "lead", by="lead")
        yield made


def correct(study, text=AFTER):
    study.save(by="lead", corpus=corpus_of(text))


def grown(name=NAME):
    return lambda book: book.provisional(name, by="lead")


def waits(study, coder="ada", span=(0, 10), document="d1"):
    return study.desk(coder).memo(NAME, kind="waiting", document_id=document, span=span)


def words(study):
    texts = {each.id: each.text for each in study.corpus()}
    rows = [row.coding for row in study.codings().current]
    return sorted((c.coder, texts[c.document_id][c.start : c.end], c.code_id) for c in rows)


def memos(study):
    texts = {each.id: each.text for each in study.corpus()}
    return [texts[m.document_id][m.start : m.end] for m in study.codings().memos]


WATCHED = BEFORE[:10]
ADAS = [("ada", WATCHED, "wait")]
ADOPTED = [("ada", WATCHED, "being_easy")]


# ── a desk that was taken before the text was corrected ──


def test_what_is_taken_up_lies_on_the_words_of_now_though_the_desk_is_older(study):
    desk = study.desk("ada")
    desk.code("d1", 0, 10, "wait")
    desk.memo("Why?", document_id="d1", span=(0, 10))
    correct(study)
    desk.take_up(desk.left("d1"))
    assert words(study) == ADAS
    assert memos(study) == [WATCHED]
    assert desk.left("d1") == ()


def test_what_was_asked_for_before_another_correction_is_refused(study):
    desk = study.desk("ada")
    desk.code("d1", 0, 10, "wait")
    correct(study)
    left = desk.left("d1")
    correct(study, "And " + AFTER)
    with pytest.raises(ProjectError, match="ask `left` anew"):
        desk.take_up(left)
    desk.take_up(desk.left("d1"))
    assert words(study) == ADAS


def test_a_text_corrected_while_it_is_read_gives_places_in_the_new_words(study, monkeypatch):
    desk = study.desk("ada")
    desk.code("d1", 0, 10, "wait")
    correct(study)
    asked = study.left_of_earlier_texts

    def left(ids):
        found = asked(ids)
        monkeypatch.undo()
        correct(study, "And " + AFTER)
        return found

    monkeypatch.setattr(study, "left_of_earlier_texts", left)
    [found] = desk.left("d1")
    assert desk.document("d1").text[slice(*found.span)] == WATCHED


def test_a_code_that_waited_on_other_words_is_not_adopted(study):
    noted, lead = waits(study), study.desk("lead")
    correct(study)
    with pytest.raises(ProjectError, match="that ada noted waits no more"):
        lead.adopt([noted], grown())
    ada = study.desk("ada")
    ada.take_up(ada.left("d1"))
    lead.adopt(study.codings().memos, grown())
    assert words(study) == ADOPTED


# ── the codebook ──


def fail(*_):
    raise ProjectError("busy")


@pytest.mark.parametrize("how", ["adopt", "change_codebook"])
def test_a_codebook_that_was_not_stored_is_not_on_the_desk(study, monkeypatch, how):
    noted, lead = waits(study), study.desk("lead")
    before = lead.codebook
    monkeypatch.setattr(desked, "write_entries", fail)
    with pytest.raises(ProjectError, match="busy"):
        lead.adopt([noted], grown()) if how == "adopt" else lead.change_codebook(grown())
    assert lead.codebook == before


def test_the_code_is_given_that_was_made_though_another_was_added_since(study):
    noted, lead = waits(study), study.desk("lead")
    study.desk("bo").change_codebook(grown("Another"))
    [made] = lead.adopt([noted], grown())
    assert made.code_id == "being_easy"
    assert made.codebook_version == study.codebook().version


def test_a_passage_is_coded_with_its_code_though_another_was_added_since(study):
    desk = study.desk("ada")
    study.desk("bo").change_codebook(grown("Another"))
    [made] = desk.change_codebook(grown(), span=("d1", 0, 10))
    assert (made.code_id, made.codebook_version) == ("being_easy", study.codebook().version)
    study.desk("bo").change_codebook(grown("A third"))
    assert desk.change_codebook(lambda book: book.retire("wait", by="ada"), span=("d1", 0, 5)) == ()


def test_a_change_that_makes_no_code_adopts_nothing(study):
    noted = waits(study)
    with pytest.raises(ValueError, match="makes a code"):
        study.desk("lead").adopt([noted], lambda book: book.retire("wait", by="lead"))
    assert study.codings().memos == (noted,)


# ── who, when and what ──


def test_while_others_are_blind_nobody_adopts(study):
    noted = waits(study)
    study.begin_phase("round 1", "reliability", blind=True, by="lead")
    lead = study.desk("lead")
    assert not lead.blind
    for adopt in (lambda: lead.adopt([noted], grown()), lambda: lead.adopt_as([noted], "wait")):
        with pytest.raises(ProjectError, match="after the blind phase"):
            adopt()
    assert words(study) == []


def test_what_its_coder_coded_so_meanwhile_is_not_coded_twice(study):
    noted = [waits(study), waits(study, "bo", (3, 10))]
    study.desk("ada").code("d1", 0, 10, "wait")
    [made] = study.desk("lead").adopt_as(noted, "wait")
    assert made.coder == "bo"
    assert words(study) == [*ADAS, ("bo", BEFORE[3:10], "wait")]
    assert study.codings().memos == ()


def test_what_lies_in_a_text_that_may_not_be_coded_is_refused(study):
    noted = waits(study, document="d2", span=(0, 4))
    study.save(by="lead", corpus=corpus_of(governance=Governance("a nation", ("tables",))))
    with pytest.raises(GovernanceError, match="'d2' waits"):
        study.desk("lead").adopt([noted], grown())


def test_one_note_is_let_go_and_what_was_taken_up_with_it_stays(study):
    ada = study.desk("ada")
    ada.code("d1", 0, 10, "wait")
    waits(study)
    correct(study)
    ada.take_up(ada.left("d1"))
    [noted] = study.codings().memos
    lead = study.desk("lead")
    lead.let_go(noted)
    assert (words(study), memos(study)) == (ADAS, [])
    assert ada.left("d1") == ()
    with pytest.raises(ProjectError, match="waits no more"):
        lead.let_go(noted)
    lead.undo()
    assert memos(study) == [WATCHED]


def test_only_codes_that_wait_are_let_go_and_by_the_blind_only_their_own(study):
    other, mine = waits(study, "bo"), waits(study)
    plain = study.desk("ada").memo("Why?", document_id="d1")
    with pytest.raises(ValueError, match="no code that waits"):
        study.desk("ada").let_go(plain)
    study.begin_phase("round 1", "reliability", blind=True, by="lead")
    ada = study.desk("ada")
    with pytest.raises(ProjectError, match="after the blind phase"):
        ada.let_go(other)
    ada.let_go(mine)
    assert study.codings().memos == (other, plain)


def test_what_was_adopted_after_it_was_taken_up_is_left_no_more(study):
    ada, _ = study.desk("ada"), waits(study)
    correct(study)
    ada.take_up(ada.left("d1"))
    study.desk("lead").adopt(study.codings().memos, grown())
    assert ada.left("d1") == ()


# ── proposals ──


@pytest.fixture
def accepted(study):
    """A proposal of a machine's that ada accepted, and one that nobody decided on."""
    first = Coding("d1", 0, 10, "wait", "rules", coder_kind="machine")
    second = Coding("d1", 3, 7, "wait", "rules", coder_kind="machine")
    study.record(by="lead", codings=[first, second])
    study.desk("ada").decide(first.id, "accept")
    return study


def test_a_proposal_that_was_accepted_is_its_accepters_to_make_again(accepted):
    ada = accepted.desk("ada")
    correct(accepted)
    assert sorted(each.by for each in ada.left("d1")) == ["ada", "rules"]
    [made] = ada.take_up([each for each in ada.left("d1") if each.by == "ada"])
    assert (made.coder, made.coder_kind) == ("ada", "person")
    assert words(accepted) == ADAS
    assert [each.by for each in ada.left("d1")] == ["rules"]


def test_a_proposal_that_was_accepted_again_is_left_no_more(accepted):
    correct(accepted)
    start = AFTER.index(WATCHED)
    again = Coding("d1", start, start + 10, "wait", "rules", coder_kind="machine")
    accepted.record(by="lead", codings=[again])
    ada = accepted.desk("ada")
    assert "ada" in {each.by for each in ada.left("d1")}
    ada.decide(again.id, "accept")
    assert [each.by for each in ada.left("d1")] == ["rules"]
