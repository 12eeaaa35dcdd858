"""Passages of each code in each unit: what was not read is not zero."""

import numpy as np
import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.incidence import find_incidence
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.themes import theme_table

BOOK = Codebook(
    (
        Code("self", "Self", "d", "g"),
        Code("gained", "Gained", "d", "g", parent="self"),
        Code("closed", "Closed", "d", "g", human_only=True),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


@pytest.fixture
def corpus():
    talk = Document(
        "talk",
        TEXT,
        kind="transcript",
        turns=(Turn(0, 8, "A", "P1"), Turn(8, 14, "B", "P2"), Turn(14, 28, "C", None)),
    )
    own = (Document("d1", TEXT, case_id="P1"), Document("d2", TEXT, case_id="P1"))
    governed = Document("far", TEXT, case_id="P3")
    other = Document("author", TEXT, kind="quote", voice="other")
    cases = (Case("P1", Attributes()), Case("P2"), Case("P3", governance=Governance("nation-1")))
    return Corpus((*own, talk, governed, other, Document("lost", TEXT)), cases)


def machine(document_id, code="gained", start=0):
    return Coding(document_id, start, start + 3, code, "rules", "machine")


def read(*document_ids, codes=("self", "gained")):
    return tuple(Seen("rules", each, "machine", codes) for each in document_ids)


def found(corpus, codings=(), seen=(), **more):
    return find_incidence(Codings(codings, seen=seen), corpus=corpus, codebook=BOOK, **more)


def value(grid, unit, code):
    return grid.passages[[each.id for each in grid.units].index(unit), grid.codes.index(code)]


def test_what_nobody_read_is_nan_and_what_was_read_is_zero(corpus):
    grid = found(corpus, seen=read("d1"))
    assert value(grid, "d1", "gained") == 0
    assert np.isnan(value(grid, "d2", "gained"))
    assert np.isnan(value(grid, "d1", "closed"))


def test_a_passage_of_a_subcode_counts_for_its_parent_and_overlaps_count_once(corpus):
    grid = found(corpus, (machine("d1"), machine("d1", start=1)), read("d1"))
    assert value(grid, "d1", "gained") == value(grid, "d1", "self") == 1


def test_the_turns_of_each_speaker_are_one_reflection(corpus):
    grid = found(corpus, (machine("talk"), machine("talk", start=9)), read("talk"))
    assert value(grid, "talk · P1", "gained") == 1
    assert value(grid, "talk · P2", "gained") == 1
    assert value(grid, "talk", "gained") == 0


def test_participants_join_their_reflections_and_unknown_ones_are_left_out(corpus):
    log = (machine("d1"), machine("talk"), machine("lost"))
    grid = found(corpus, log, read("d1", "talk", "lost"), unit="participant")
    assert [unit.id for unit in grid.units] == ["P1", "P2"]
    assert value(grid, "P1", "gained") == 2
    assert value(grid, "P2", "gained") == 0
    assert grid.units[0].document_ids == ("d1", "d2", "talk")


def test_governed_records_and_words_of_others_are_no_units(corpus):
    grid = found(corpus, seen=read("far", "author", "d1"))
    assert {document for unit in grid.units for document in unit.document_ids} == {
        "d1",
        "d2",
        "talk",
        "lost",
    }


def test_segments_hold_the_passages_that_cover_half_of_them(corpus):
    document = corpus.document("d1")
    parts = (Segment.of(document, 0, 8, "P1"), Segment.of(document, 8, 28, "P1"))
    segments = Segments(corpus, parts, "sentence")
    grid = found(corpus, (machine("d1"),), read("d1"), unit="segment", segments=segments)
    assert value(grid, "d1:0-8", "gained") == 1
    assert value(grid, "d1:8-28", "gained") == 0


def test_segments_must_be_given_and_a_unit_must_be_known(corpus):
    with pytest.raises(ValueError, match="give segments"):
        found(corpus, unit="segment")
    with pytest.raises(ValueError, match="expected 'segment'"):
        found(corpus, unit="word")


def test_an_unknown_code_is_an_error(corpus):
    with pytest.raises(UnknownIdError):
        found(corpus, (machine("d1", code="none"),))


def test_participants_agree_with_the_theme_table(corpus):
    log = Codings((machine("d1"), machine("talk", start=9)), seen=read("d1", "d2", "talk"))
    rows = {row.code_id: row for row in theme_table(log, corpus=corpus, codebook=BOOK).rows}
    grid = find_incidence(log, corpus=corpus, codebook=BOOK, unit="participant")
    assert np.nansum(grid.of("gained")) == rows["gained"].participants == 2
    assert (~np.isnan(grid.of("gained"))).sum() == rows["gained"].of_participants


def test_a_group_that_was_read_once_was_read(corpus):
    grid = found(corpus, (machine("d1"),), read("d1"))
    joined = grid.grouped(lambda unit: (unit.case_id, "all") if unit.case_id else None, "pair")
    assert [unit.id for unit in joined.units] == ["P1 · all", "P2 · all"]
    assert value(joined, "P1 · all", "gained") == 1
    assert np.isnan(value(joined, "P2 · all", "gained"))


def test_passages_cannot_be_changed_and_must_have_the_right_shape(corpus):
    grid = found(corpus, seen=read("d1"))
    with pytest.raises(ValueError, match="read-only"):
        grid.passages[0, 0] = 1
    assert "read for it" in grid._repr_html_()
    assert list(grid.to_frame().columns[:1]) == ["reflection"]
