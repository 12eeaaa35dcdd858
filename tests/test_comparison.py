"""Groups compared: people, not passages, and no test where people are few."""

import math

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.tables import comparison_table

BOOK = Codebook(
    (
        Code("tired", "Tired", "d", "g"),
        Code("joy", "Joy", "d", "g"),
        Code("rare", "Rare", "d", "g"),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


def study(mentors=10, educators=12, extra=()):
    """Mentors m0…, educators e0…; every second of each lives in the town."""
    roles = [("m", "mentor", mentors), ("e", "educator", educators), *extra]
    cases, documents = [], []
    for letter, role, number in roles:
        for n in range(number):
            place = Attributes(role=role, community="town" if n % 2 else "village")
            cases.append(Case(f"{letter}{n}", place))
            documents.append(Document(f"{letter}{n}-1", TEXT, case_id=f"{letter}{n}"))
    return Corpus(tuple(documents), tuple(cases))


def log(corpus, **said):
    rows = [
        Coding(f"{case}-1", start, start + 3, code, "ada")
        for code, cases in said.items()
        for case in cases
        for start in (0, 8)
    ]
    return Codings(tuple(rows), seen=tuple(Seen("ada", each.id) for each in corpus))


def compare(corpus, codings, **more):
    found = compare_groups(codings, corpus=corpus, codebook=BOOK, **{"by": "role", **more})
    return {row.code_id: row for row in found.rows}, found


TIRED = [*(f"m{n}" for n in range(8)), *(f"e{n}" for n in range(3))]


def test_people_are_counted_and_the_difference_is_newcombes():
    corpus = study()
    rows, _ = compare(corpus, log(corpus, tired=TIRED), groups=("mentor", "educator"))
    row = rows["tired"]
    assert (row.n_first, row.of_first, row.n_second, row.of_second) == (8, 10, 3, 12)
    assert (row.low, row.high) == pytest.approx((0.1308, 0.7656), abs=5e-5)
    assert 0.98 < row.more < 1


def test_no_test_where_people_are_few_and_the_reason_stands_there():
    corpus = study()
    rows, found = compare(corpus, log(corpus, tired=TIRED, rare=["m0", "e1"], joy=[]))
    assert math.isnan(rows["rare"].p)
    assert rows["rare"].reason == "fewer than 5 people mentioned it"
    assert found.n_tests == 1
    assert rows["tired"].adjusted == rows["tired"].p
    small = study(mentors=4)
    rows, _ = compare(small, log(small, tired=TIRED[:4]))
    assert rows["tired"].reason == "a group has fewer than 5 people"
    everybody = [case.id for case in corpus.cases]
    rows, _ = compare(corpus, log(corpus, joy=everybody))
    assert rows["joy"].reason == "fewer than 5 people did not mention it"


def test_p_values_are_adjusted_for_the_tests_that_were_made():
    corpus = study()
    joy = [*(f"m{n}" for n in range(5)), *(f"e{n}" for n in range(6))]
    rows, found = compare(corpus, log(corpus, tired=TIRED, joy=joy))
    assert found.n_tests == 2
    assert rows["tired"].adjusted == pytest.approx(2 * rows["tired"].p)
    assert "adjusted for 2 tests" in found.note


def test_groups_are_shuffled_within_communities():
    corpus = study()
    rows, found = compare(corpus, log(corpus, tired=TIRED), within="community")
    again, _ = compare(corpus, log(corpus, tired=TIRED), within="community")
    assert rows["tired"].p == again["tired"].p > 0
    assert rows["tired"].p == pytest.approx(0.03, abs=0.03)
    assert "within community" in found.note


def test_others_are_all_further_groups_and_the_rest_is_said():
    corpus = study(extra=(("d", "director", 6),))
    rows, found = compare(corpus, log(corpus, tired=TIRED), groups=("mentor", "others"))
    assert rows["tired"].of_second == 18
    assert found.without_group == 0
    _, found = compare(corpus, log(corpus, tired=TIRED), groups=("mentor", "director"))
    assert found.without_group == 12


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by": "shoe"}, "has 0 values"),
        ({}, "has 3 values"),
        ({"groups": ("mentor", "cook")}, "expected two different"),
        ({"groups": ("mentor", "mentor")}, "expected two different"),
    ],
)
def test_groups_that_do_not_exist_are_named(asked, said):
    corpus = study(extra=(("d", "director", 6),))
    with pytest.raises(ValueError, match=said):
        compare(corpus, log(corpus, tired=TIRED), **asked)


def test_a_group_that_nobody_read_has_counts_and_a_reason():
    corpus = study()
    codings = log(corpus, tired=TIRED)
    only = Codings(codings.codings[:0], seen=tuple(s for s in codings.seen if s.document_id < "f"))
    rows, found = compare(corpus, only)
    assert "nobody was read" in rows["tired"].reason
    assert found.n_tests == 0
    assert "0 tested" in found._repr_html_()


def test_an_attribute_that_nobody_bears_is_no_stratum():
    corpus = study()
    with pytest.raises(ValueError, match="did you mean 'community'"):
        compare(corpus, log(corpus, tired=TIRED), within="comunity")
    with pytest.raises(ValueError, match="each would hold one group"):
        compare(corpus, log(corpus, tired=TIRED), within="role")


def placeless(corpus, *case_ids):
    """The same people, some of whom bear no community."""
    cases = tuple(
        Case(case.id, Attributes(role=case.attributes["role"])) if case.id in case_ids else case
        for case in corpus.cases
    )
    return Corpus(corpus.documents, cases)


def test_who_bears_no_community_is_in_the_counts_and_in_no_test():
    some = placeless(study(), "m0", "m2", "e1")
    rows, found = compare(some, log(some, tired=TIRED), within="community")
    rest = study(mentors=10).where(lambda document: document.case_id not in {"m0", "m2", "e1"})
    alone, _ = compare(rest, log(rest, tired=TIRED), within="community")
    assert found.without_stratum == 3
    assert (rows["tired"].of_first, rows["tired"].of_second) == (12, 10)
    assert rows["tired"].p == alone["tired"].p
    assert "Participants whose community is not known are in the counts, in no test" in found.note
    assert "Without a known community: 3." in found._repr_html_()
    assert "Without a known community" not in comparison_table(found).note


def test_no_test_where_few_bear_a_community():
    corpus = study()
    few = placeless(corpus, *(case.id for case in corpus.cases if case.id not in {"m1", "e1"}))
    rows, found = compare(few, log(few, tired=TIRED), within="community")
    assert rows["tired"].reason == "of those with a stratum: a group has fewer than 5 people"
    assert found.n_tests == 0


def test_the_note_says_what_communities_do_to_intervals_and_p():
    corpus = study()
    _, found = compare(corpus, log(corpus, tired=TIRED))
    assert "independent of their communities" in found.note
    assert "p too small" in found.note
    _, within = compare(corpus, log(corpus, tired=TIRED), within="community")
    assert "too narrow" in within.note
    assert "p too small" not in within.note
