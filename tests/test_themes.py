"""The theme table: participants first, and what was not read is not zero."""

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.themes import choose_quotes, theme_table

BOOK = Codebook(
    (
        Code("self", "Self", "d", "g"),
        Code("gained", "Gained", "d", "g", parent="self"),
        Code("closed", "Closed", "d", "g", human_only=True),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


def machine(document_id, code="gained", start=0):
    return Coding(document_id, start, start + 3, code, "rules", "machine")


def seen(*document_ids, codes=("self", "gained"), coder="rules", kind="machine"):
    return tuple(Seen(coder, document_id, kind, codes) for document_id in document_ids)


@pytest.fixture
def corpus():
    cases = tuple(
        Case(f"P{n}", Attributes(community=f"c{n % 2}"), governance=gov)
        for n, gov in enumerate((None, None, None, Governance("nation-1")))
    )
    own = tuple(Document(f"d{n}", TEXT, case_id=f"P{n}") for n in range(4))
    extra = (
        Document("d0b", TEXT, case_id="P0"),
        Document("q", TEXT),
        Document("author", TEXT, kind="quote", voice="other"),
    )
    return Corpus(own + extra, cases)


def row_of(table, code):
    return next(row for row in table.rows if row.code_id == code)


def table_of(corpus, codings, **more):
    return theme_table(codings, corpus=corpus, codebook=BOOK, **more)


def test_participants_are_counted_once_however_much_they_say(corpus):
    log = Codings(
        (machine("d0"), machine("d0", start=4), machine("d0b"), machine("d1")),
        seen=seen("d0", "d0b", "d1", "d2"),
    )
    row = row_of(table_of(corpus, log), "gained")
    assert (row.participants, row.of_participants) == (2, 3)
    assert (row.reflections, row.of_reflections, row.references) == (3, 4, 4)
    assert row.median_references == 2.0
    assert row.communities == 2


def test_a_subcode_counts_for_its_parent(corpus):
    log = Codings((machine("d0"), machine("d1", "self")), seen=seen("d0", "d1"))
    assert row_of(table_of(corpus, log), "self").participants == 2


def test_a_parent_was_looked_for_where_its_subcode_was(corpus):
    log = Codings((machine("d0"),), seen=seen("d0", "d1", codes=("gained",)))
    assert row_of(table_of(corpus, log), "self").of_participants == 2


def test_not_read_is_none_and_not_zero(corpus):
    table = table_of(corpus, Codings(seen=seen("d0", "d1")))
    closed, gained = row_of(table, "closed"), row_of(table, "gained")
    assert (closed.participants, closed.reflections, closed.status) == (None, None, "not read")
    assert (gained.participants, gained.reflections) == (0, 0)
    assert table.to_frame()["participants"].isna().tolist() == [False, False, True]


def test_a_document_of_unknown_case_is_a_reflection_and_no_participant(corpus):
    row = row_of(table_of(corpus, Codings((machine("q"),), seen=seen("q"))), "gained")
    assert (row.participants, row.of_participants) == (0, 0)
    assert (row.reflections, row.unknown) == (1, 1)


def test_governed_records_and_other_voices_leave_every_count(corpus):
    ids = ("d3", "author", "d0")
    log = Codings(tuple(machine(d) for d in ids), seen=seen(*ids))
    row = row_of(table_of(corpus, log), "gained")
    assert (row.reflections, row.of_reflections) == (1, 1)


def test_the_standing_is_the_weakest_passages(corpus):
    first, second = machine("d0"), machine("d1")
    accepted = tuple(Decision(c.id, "accept", "lead") for c in (first, second))
    log = Codings((first, second), accepted[:1], seen("d0", "d1"))
    assert table_of(corpus, log).draft
    reviewed = table_of(corpus, Codings((first, second), accepted, seen("d0", "d1")))
    assert row_of(reviewed, "gained").status == "reviewed"
    assert not reviewed.draft


def test_a_zero_by_a_machine_alone_is_a_draft_until_people_have_reviewed(corpus):
    assert table_of(corpus, Codings(seen=seen("d0", "d1"))).draft
    proposal = machine("d0", "self")
    accepted = (Decision(proposal.id, "accept", "lead"),)
    reviewed = table_of(corpus, Codings((proposal,), accepted, seen("d0", "d1")))
    assert row_of(reviewed, "gained").status == "machine"
    assert not reviewed.draft


def test_published_quotes_are_not_reckoned_as_unknown_persons():
    documents = (Document("q1", TEXT, flags=("selected",)), Document("q2", TEXT))
    log = Codings((machine("q1"), machine("q2")), seen=seen("q1", "q2"))
    row = row_of(table_of(Corpus(documents), log), "gained")
    assert (row.reflections, row.unknown, row.of_unknown) == (2, 1, 1)


def test_the_same_passage_marked_by_two_coders_counts_once(corpus):
    people = [Coding("d0", 0, 3, "gained", coder) for coder in ("coder-1", "coder-2")]
    log = Codings(tuple(people), seen=seen("d0", codes=(), coder="coder-1", kind="person"))
    row = row_of(table_of(corpus, log), "gained")
    assert (row.references, row.status) == (1, "human")


def test_overlapping_passages_of_two_coders_count_as_one(corpus):
    spans = ((0, 7, "coder-1"), (4, 13, "coder-2"), (14, 18, "coder-2"))
    people = tuple(Coding("d0", start, end, "gained", coder) for start, end, coder in spans)
    log = Codings(people, seen=seen("d0", codes=(), coder="coder-1", kind="person"))
    row = row_of(table_of(corpus, log), "gained")
    assert (row.participants, row.reflections, row.references) == (1, 1, 2)


def test_communities_that_nobody_named_are_unknown_and_not_zero():
    corpus = Corpus((Document("d0", TEXT, case_id="P0"),), (Case("P0"),))
    row = row_of(table_of(corpus, Codings((machine("d0"),), seen=seen("d0"))), "gained")
    assert (row.participants, row.communities) == (1, None)


def test_intervals_stand_only_where_the_approach_allows_them(corpus):
    log = Codings((machine("d0"),), seen=seen("d0", "d1", "d2"))
    assert row_of(table_of(corpus, log), "gained").low is None
    row = row_of(table_of(corpus, log, approach="content-analysis"), "gained")
    assert 0 < row.low < 1 / 3 < row.high < 1


def test_the_order_is_the_codebooks(corpus):
    log = Codings(tuple(machine(f"d{n}") for n in range(3)), seen=seen("d0", "d1", "d2"))
    assert [row.code_id for row in table_of(corpus, log).rows] == list(BOOK.ids)


def test_a_claim_is_carried_with_its_group(corpus):
    table = table_of(corpus, Codings(), claims={"g": "Confidence grows in company"})
    assert table.rows[0].claim == "Confidence grows in company"


def test_speakers_of_a_transcript_are_counted_by_turn():
    text = "A: Yes we did.\n\nB: No we did not."
    turns = (Turn(3, 14, "A", "P0"), Turn(19, len(text), "B", "P1"))
    corpus = Corpus((Document("m", text, "transcript", turns=turns),), (Case("P0"), Case("P1")))
    log = Codings((Coding("m", 3, 14, "gained", "c"),), seen=(Seen("c", "m"),))
    row = row_of(table_of(corpus, log), "gained")
    assert (row.participants, row.of_participants, row.of_unknown) == (1, 2, 0)


def test_an_unknown_code_is_refused(corpus):
    with pytest.raises(UnknownIdError, match="the codings: no code 'gaind'; did you mean"):
        table_of(corpus, Codings((machine("d0", "gaind"),)))


def test_quotes_are_spread_over_participants_before_anyone_speaks_twice(corpus):
    said = [machine("d0"), machine("d0", start=4), machine("d0b"), machine("d1"), machine("d2")]
    chosen = choose_quotes(Codings(tuple(said)), corpus=corpus, codebook=BOOK, per_code=3)
    assert {corpus.document(quote.document_id).case_id for quote in chosen} == {"P0", "P1", "P2"}


def test_who_refused_who_is_governed_and_what_is_broken_is_no_candidate():
    cases = (
        Case("P0", quotes="no"),
        Case("P1", governance=Governance("nation-1", ("coding", "tables"))),
        Case("P2", quotes="yes"),
    )
    documents = (
        Document("d0", TEXT, case_id="P0"),
        Document("d1", TEXT, case_id="P1"),
        Document("d2", TEXT, case_id="P2"),
        Document("d3", TEXT, case_id="P2", flags=("broken",)),
        Document("d4", TEXT, voice="other"),
    )
    log = Codings(tuple(machine(document.id) for document in documents))
    chosen = choose_quotes(log, corpus=Corpus(documents, cases), codebook=BOOK)
    assert [quote.document_id for quote in chosen] == ["d2"]


def test_a_candidate_carries_every_code_of_its_passage(corpus):
    log = Codings((machine("d0"), machine("d0", "self"), machine("d1", "self")))
    chosen = choose_quotes(log, corpus=corpus, codebook=BOOK)
    assert {quote.document_id: quote.codes for quote in chosen} == {
        "d0": ("gained", "self"),
        "d1": ("self",),
    }
    assert all(quote.decision == "awaiting" for quote in chosen)


def closed_above():
    """A human-only code between two that a machine may propose."""
    codes = (
        Code("loss", "Loss", "d", "g"),
        Code("grief", "Grief", "d", "g", parent="loss", human_only=True),
        Code("tears", "Tears", "d", "g", parent="grief"),
    )
    return Codebook(codes, (Group("g", "Group"),))


def test_a_machine_counts_for_no_human_only_code_and_for_none_above(corpus):
    log = Codings((machine("d0", "tears"),), seen=seen("d0", "d1", codes=("tears", "loss")))
    table = theme_table(log, corpus=corpus, codebook=closed_above())
    counts = {row.code_id: (row.participants, row.of_participants) for row in table.rows}
    assert counts == {"loss": (0, 2), "grief": (None, 0), "tears": (1, 2)}
    assert row_of(table, "grief").status == "not read"


def test_what_a_person_coded_or_accepted_counts_for_a_human_only_code(corpus):
    proposals = (machine("d0", "tears"), machine("d1", "tears"))
    log = Codings(
        (*proposals, Coding("d2", 0, 3, "tears", "ada")),
        tuple(Decision(each.id, "accept", "ada") for each in proposals),
        seen=(*seen("d0", "d1", codes=("tears",)), Seen("ada", "d0"), Seen("ada", "d2")),
    )
    row = row_of(theme_table(log, corpus=corpus, codebook=closed_above()), "grief")
    assert (row.participants, row.of_participants, row.status) == (2, 2, "reviewed")
