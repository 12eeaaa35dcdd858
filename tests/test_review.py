"""A human pass: what comes next, how codes look, what is proposed, and who differs."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Document
from reflect_analysis.review import (
    Filter,
    Waiting,
    code_marks,
    differing,
    in_order,
    next_after,
    proposals,
    uncertainty,
    waiting_list,
)

DOCUMENTS = tuple(Document(f"d{number}", "one two three four five") for number in range(5))


def _machine(document_id, score, coder="robot", code="a"):
    return Coding(document_id, 0, 3, code, coder, "machine", score=score)


def _waiting(name, **more):
    plain = {"assigned": False, "read": False, "flagged": False, "own": 0, "proposed": 0}
    return Waiting(name, name, "reflection", **plain | more)


def _book(count, retired=()):
    codes = (
        Code(f"c{n}", f"C{n}", "D.", "g", status="retired" if n in retired else "defined")
        for n in range(count)
    )
    return Codebook(tuple(codes), (Group("g", "G"),))


# ── codes ──


def test_the_first_twenty_codes_in_use_have_keys():
    marks = code_marks(_book(25, retired={0, 5}))
    keys = [mark.key for mark in marks.values() if mark.key]
    assert keys == [*"1234567890", *(f"shift+{d}" for d in "1234567890")]
    assert marks["c0"].key == marks["c5"].key == marks["c24"].key == ""


def test_no_two_of_48_codes_look_alike_and_neighbours_differ_in_both():
    looks = [(mark.hue, mark.pattern) for mark in code_marks(_book(48)).values()]
    assert len(set(looks)) == 48
    for one, two in itertools.pairwise(looks):
        assert one[0] != two[0]
        assert one[1] != two[1]


# ── the queue ──


def test_the_queue_tells_what_is_assigned_read_flagged_and_coded():
    proposal = _machine("d1", 0.5)
    accepted = _machine("d2", 0.5)
    log = Codings(
        (Coding("d0", 0, 3, "a", "ann"), Coding("d0", 4, 7, "a", "ben"), proposal, accepted),
        (Decision(accepted.id, "accept", "ann"),),
    )
    rows = waiting_list(DOCUMENTS, log, "ann", assigned=["d1"], read=["d0"], flagged=["d2"])
    assert [(r.assigned, r.read, r.flagged, r.own, r.proposed) for r in rows[:3]] == [
        (False, True, False, 1, 0),
        (True, False, False, 0, 1),
        (False, False, True, 0, 0),
    ]


def test_a_document_is_called_by_its_title_else_by_its_id_and_session_and_never_by_a_date():
    titled = Document("d", "x", attributes=Attributes({"title": "Boots", "date": "May"}))
    dated = Document("e", "x", attributes=Attributes({"session": "2", "date": "May"}))
    rows = waiting_list((titled, dated, DOCUMENTS[0]), Codings(), "ann")
    assert [row.title for row in rows] == ["Boots", "e · session 2", "d0"]


def test_doubt_is_ranked_within_a_machine_and_a_code():
    rows = [_machine("d0", 0.2), _machine("d1", 0.9), _machine("d2", 400.0, "other")]
    rows += [_machine("d3", 900.0, "other"), _machine("d4", None, "rules")]
    found = uncertainty(Codings(tuple(rows)))
    assert found == {"d0": 1.0, "d1": 0.5, "d2": 1.0, "d3": 0.5}


def test_what_was_decided_is_not_uncertain_any_more():
    proposal = _machine("d0", 0.2)
    log = Codings((proposal,), (Decision(proposal.id, "reject", "ann"),))
    assert uncertainty(log) == {}
    assert proposals(log) == ()


def test_the_orders_of_a_queue():
    rows = [_waiting("d2"), _waiting("d1", assigned=True, doubt=0.2), _waiting("d0", doubt=0.9)]
    assert [r.id for r in in_order(rows, "assigned")] == ["d1", "d2", "d0"]
    assert [r.id for r in in_order(rows, "uncertain")] == ["d0", "d1", "d2"]
    with pytest.raises(ValueError, match="expected one of assigned"):
        in_order(rows, "best")


@given(st.permutations([f"d{n}" for n in range(9)]), st.integers(0, 2**31))
def test_an_audit_depends_on_its_seed_alone(names, seed):
    plain = [row.id for row in in_order(map(_waiting, sorted(names)), "audit", seed=seed)]
    assert [row.id for row in in_order(map(_waiting, names), "audit", seed=seed)] == plain
    assert sorted(plain) == sorted(names)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=8), st.integers(0, 8))
def test_the_next_is_unread_and_assigned_if_any_is(states, place):
    rows = [_waiting(f"d{n}", assigned=a, read=r) for n, (a, r) in enumerate(states)]
    found = next_after(rows, f"d{place}")
    left = {row.id: row for row in rows if not row.read and row.id != f"d{place}"}
    assert (found is None) == (not left)
    if found is not None and any(row.assigned for row in left.values()):
        assert left[found].assigned


def test_after_the_last_the_queue_begins_again():
    rows = [_waiting("d0"), _waiting("d1", read=True), _waiting("d2")]
    assert next_after(rows, "d0") == "d2"
    assert next_after(rows, "d2") == "d0"
    assert next_after(rows) == "d0"
    assert next_after([_waiting("d0")], "d0") is None


# ── proposals ──


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), ["d1", "d0", "d2", "d3"]),
        (Filter(code="b"), ["d2"]),
        (Filter(coder="rules"), ["d3"]),
        (Filter(document="d0"), ["d0"]),
        (Filter(at_least=0.5), ["d1", "d0"]),
    ],
)
def test_a_filter_takes_proposals_the_surest_first(wanted, expected):
    rows = (_machine("d0", 0.5), _machine("d1", 0.8), _machine("d2", 0.1, code="b"))
    rows = (*rows, _machine("d3", None, "rules"), Coding("d4", 0, 3, "a", "ann"))
    assert [coding.document_id for coding in proposals(Codings(rows), wanted)] == expected


# ── who differs ──


def test_overlapping_codings_are_one_stretch_and_touching_ones_two():
    rows = (
        Coding("d0", 0, 3, "a", "ann"),
        Coding("d0", 2, 7, "b", "ben"),
        Coding("d0", 7, 9, "a", "ann"),
        Coding("d0", 7, 9, "a", "ben"),
    )
    found = differing(Codings(rows), ["ann", "ben"], ["b", "a"], agreed_by="all")
    assert [(row.start, row.end, row.differs) for row in found] == [(0, 7, True), (7, 9, False)]
    assert found[0].by == {"ann": ("a",), "ben": ("b",)}


def test_agreed_on_nothing_is_not_the_same_as_not_spoken_of():
    rows = (Coding("d0", 0, 3, "a", "ann"), Coding("d0", 5, 9, "a", "ann"))
    seen = (Seen("all", "d0", start=0, end=3),)
    found = differing(Codings(rows, seen=seen), ["ann", "ben"], ["a"], agreed_by="all")
    assert [row.agreed for row in found] == [(), None]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(["ann", "ben"])),
        max_size=12,
    )
)
def test_stretches_part_the_codings(spans):
    rows = tuple(Coding("d0", start, start + n, "a", who) for start, n, who in spans)
    log = Codings(rows)
    found = differing(log, ["ann", "ben"], ["a"], agreed_by="all")
    assert sum(len(row.codings) for row in found) == len(log.current)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
