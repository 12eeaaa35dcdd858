"""Words of records that may not leave do not leave in anything that somebody wrote."""

import dataclasses
import zipfile
from datetime import UTC, datetime

import pytest

from reflect_analysis.codebook import (
    Code,
    Codebook,
    CodeChange,
    CounterExample,
    Group,
    Origin,
)
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Omission
from reflect_analysis.exchange import export_study, what_may_leave
from reflect_analysis.exchange.hidden import HiddenWords

AT = datetime(2025, 3, 4, tzinfo=UTC)
OPEN = Document("R1", "We met in the garden by the old gate. It rained hard.", case_id="P1")
HELD = Document("RG7", "Zorblax gave the drum story to the elder Quimby.", case_id="G1")
CASES = (Case("P1", quotes="no"), Case("G1", governance=Governance("nation-x", ("coding",))))
CLEARED = tuple(Clearance(each.sha256, "lead", "read", AT) for each in (OPEN, HELD))
LISTED = (Omission("f.qdpx", "region 'Zorblax gave' of RG7", "no place"),)
CORPUS = Corpus((OPEN, HELD), CASES, CLEARED, LISTED)
BOOK = Codebook(
    (
        Code("garden", "Garden", "Being out.", "g", include=("in the garden by the old gate",)),
        Code(
            "in_vivo_1",
            "Zorblax gave the drum",
            "",
            "g",
            in_vivo=True,
            origin=Origin("RG7", 0, 21),
            status="provisional",
        ),
        Code("told", "Told", "As in Zorblax gave the drum story.", "g"),
        Code("whole", "Whole", "Zorblax gave the drum story", "g"),
        Code(
            "lists",
            "Lists",
            "A definition.",
            "g",
            include=("Zorblax gave the drum story", "see RG7", "a drum"),
            exclude=("the elder Quimby",),
            examples=(
                "“Zorblax gave the drum story”",
                "Zorblax gave … to the elder Quimby",
                "Zorblax gave the drum story (RG7)",
                "A made-up one.",
            ),
            counter_examples=(CounterExample("the elder Quimby", "no"),),
            patterns=("zorblax gave", "rained"),
            note="Quimby, see RG7",
        ),
    ),
    (Group("g", "G", "Zorblax gave the drum story"),),
    "T",
    description="After Zorblax gave the drum story",
    general_rules=("Not when Zorblax gave the drum story",),
    history=(CodeChange("rename", "told", by="ada", at=AT, reason="was Zorblax gave the drum"),),
)
PROPOSED = Coding("R1", 0, 6, "garden", "rules", "machine", at=AT)
LOG = Codings(
    (PROPOSED, Coding("R1", 0, 6, "garden", "ada", at=AT)),
    (Decision(PROPOSED.id, "accept", "ada", "like Zorblax gave the drum story", at=AT),),
    (Seen("ada", "R1", at=AT),),
    (
        Memo("ada", "like Zorblax gave the drum story", "analytic", "R1", at=AT),
        Memo("ada", "Zorblax gave the drum story again", "analytic", code_id="told", at=AT),
        Memo("ada", "said in RG7", "reflexive", at=AT),
        Memo("ada", "By the gate, as ever.", "analytic", "R1", at=AT),
    ),
)


def words_of(path):
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode("utf-8") for name in archive.namelist())


@pytest.mark.parametrize(
    ("form", "name"),
    [("qdpx", "a.qdpx"), ("nvivo", "n.qdpx"), ("qdc", "c.qdc"), ("jsonl", "l.jsonl")],
)
def test_no_text_of_codebook_memos_and_lists_carries_them_out(tmp_path, form, name):
    path = tmp_path / name
    export_study(path, form, corpus=CORPUS, codebook=BOOK, codings=LOG)
    told = words_of(path).casefold()
    for word in ("zorblax", "quimby", "rg7", "nation-x"):
        assert word not in told


def test_what_the_researcher_wrote_herself_stays_and_what_is_lost_is_named():
    found = what_may_leave(CORPUS, BOOK, LOG)
    book = found.codebook
    assert book["garden"] == BOOK["garden"]  # the words stand in a text that leaves
    assert book["told"].definition == "As in […]."
    assert book["whole"].definition.startswith("(withheld")
    assert book["lists"].include == ("see […]", "a drum")
    assert book["lists"].exclude == ()
    assert book["lists"].examples == ("A made-up one.",)
    assert book["lists"].patterns == ("rained",)
    assert [memo.text for memo in found.codings.memos] == ["By the gate, as ever."]
    assert found.codings.decisions[0].action == "accept"
    places = {each.place for each in found.left_out}
    assert places.issuperset({"code told", "code lists", "group g", "document RG7", "case G1"})
    assert "code garden" not in places


def test_a_codebook_leaves_without_the_words_of_texts_that_nobody_cleared(tmp_path):
    waiting = dataclasses.replace(CORPUS, clearances=CLEARED[:1], cases=(*CASES[:1], Case("G1")))
    export_study(tmp_path / "c.qdc", "qdc", corpus=waiting, codebook=BOOK, codings=LOG)
    assert "zorblax" not in words_of(tmp_path / "c.qdc").casefold()


def test_where_nothing_is_held_back_all_leaves_as_it_is():
    free = dataclasses.replace(CORPUS, cases=(CASES[0], Case("G1")))
    found = what_may_leave(free, BOOK, LOG)
    assert (found.codebook, found.codings, found.left_out) == (BOOK, LOG, ())
    assert found.corpus.omissions == LISTED


def test_an_apostrophe_a_capital_and_a_line_break_hide_nothing():
    hidden = HiddenWords(["It’s the river that\nholds us."], [], [])
    assert hidden.masked("so IT'S THE RIVER — that holds me") == "so […] me"
    assert not hidden.told_in("the river")
