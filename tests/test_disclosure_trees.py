"""Codes with subcodes, and topics: no hidden count of few follows from what stands beside it."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reflect_analysis.disclosure import Part, TreeCount, hidden_in_trees, hidden_parts
from reflect_analysis.disclosure.counts import is_sensitive


def family(parent, children, total, passages=None):
    """A parent "p" and its subcodes; passages of which nothing is told unless given."""
    told = passages or (0,) * (1 + len(children))
    rows = [TreeCount("p", "", parent, total, told[0])]
    rows += [TreeCount(f"c{i}", "p", n, total, told[i + 1]) for i, n in enumerate(children)]
    return rows


def printed(rows, k):
    hidden = hidden_in_trees(rows, k)
    return tuple(None if row.id in hidden else row.persons for row in rows)


def test_the_one_who_said_the_parent_and_not_the_subcode_is_not_told():
    assert printed(family(12, [11], 34), 5) == (None, None)
    assert printed(family(12, [7], 34), 5) == (12, 7)


def test_a_hidden_subcode_is_not_what_its_parent_and_the_other_leave():
    assert printed(family(9, [5, 4], 20), 5) == (9, None, None)


def test_passages_do_not_give_the_last_hidden_subcode_back():
    shown = printed(family(14, [9, 9, 2], 34, passages=(25, 11, 12, 2)), 5)
    assert shown.count(None) > 1
    assert shown[3] is None


def test_codes_without_relatives_are_left_alone():
    assert hidden_in_trees([TreeCount("a", "", 3, 34), TreeCount("b", "gone", 3, 34)], 5) == set()


def test_a_grandparent_and_its_grandchild_are_held_against_each_other():
    rows = [TreeCount("a", "", 20, 40), TreeCount("b", "a", 20, 40), TreeCount("c", "b", 19, 40)]
    assert "c" in hidden_in_trees(rows, 5)


@pytest.mark.parametrize(
    ("k", "total", "subcodes"), [(3, 12, 1), (3, 12, 2), (3, 8, 3), (5, 16, 2)]
)
@pytest.mark.parametrize("own", [False, True])
def test_who_tries_all_counts_with_this_package_in_hand_finds_k_minus_1_values(
    k, total, subcodes, own
):
    """Also with passages of the parent alone (`own`), where the parent is no union."""
    alike = defaultdict(list)
    for parent in range(total + 1):
        for children in itertools.product(range(parent + 1), repeat=subcodes):
            if own or parent <= sum(children):
                rows = family(parent, children, total)
                alike[printed(rows, k)].append((parent, *children))
    assert any(None in shown for shown in alike)
    assert any(None not in shown for shown in alike)
    for shown, counts in alike.items():
        for place, cell in enumerate(shown):
            values = {count[place] for count in counts}
            few = any(is_sensitive(value, total, k) for value in values)
            assert cell is not None or len(values) >= k - 1 or not few, (shown, place)
            apart = {count[0] - count[place] for count in counts}
            assert len(apart) >= k - 1 or not any(0 < each < k for each in apart), (shown, place)


K, PERSONS = 3, 12


@st.composite
def trees(draw):
    """Who of 12 said which leaf of a tree of three levels, once or twice each."""
    parents = draw(
        st.sampled_from([("p", "p"), ("p", "p", "p"), ("p", "p", "c0"), ("p", "p", "c0", "c0")])
    )
    ids = [f"c{i}" for i in range(len(parents))]
    said = {
        each: draw(st.dictionaries(st.integers(0, PERSONS - 1), st.integers(1, 2)))
        for each in ids
        if each not in parents
    }
    for each in [*reversed(ids), "p"]:
        if each not in said:
            below = [said[i] for i, above in zip(ids, parents, strict=True) if above == each]
            said[each] = {}
            for child in below:
                for person, times in child.items():
                    said[each][person] = said[each].get(person, 0) + times
    return [
        TreeCount(i, above, len(said[i]), PERSONS, sum(said[i].values()))
        for i, above in zip(["p", *ids], ["", *parents], strict=True)
    ]


def possible(rows, hidden):
    """All counts that the printed ones of a tree allow; passages as well as persons are sums."""
    free = [row for row in rows if row.id in hidden]
    for values in itertools.product(range(PERSONS + 1), repeat=len(free)):
        count = {row.id: row.persons for row in rows} | dict(
            zip([row.id for row in free], values, strict=True)
        )
        if all(
            _fits(parent, rows, count, hidden) for parent in {row.parent for row in rows} - {""}
        ):
            yield count


def _fits(parent, rows, count, hidden):
    below = [row for row in rows if row.parent == parent]
    said = [count[row.id] for row in below]
    if not max(said) <= count[parent] <= sum(said):
        return False
    if parent in hidden:
        return True
    # Of the passages that are left each hidden subcode has as many as persons, or more.
    own = next(row.passages for row in rows if row.id == parent)
    left = own - sum(row.passages for row in below if row.id not in hidden)
    return sum(count[row.id] for row in below if row.id in hidden) <= left


@settings(max_examples=60, deadline=None)
@given(trees())
def test_who_solves_a_tree_finds_k_minus_1_values_of_each_count_of_few(rows):
    hidden = hidden_in_trees(rows, K)
    assume(0 < len(hidden) <= 4)
    found = list(possible(rows, hidden))
    assert {row.id: row.persons for row in rows} in found
    for row in rows:
        if row.id in hidden and row.persons > 0 and is_sensitive(row.persons, PERSONS, K):
            assert len({count[row.id] for count in found}) >= K - 1
        above = next((each for each in rows if each.id == row.parent), None)
        if above is not None and 0 < above.persons - row.persons < K:
            assert len({count[above.id] - count[row.id] for count in found}) >= K - 1


def test_the_last_hidden_topic_is_not_what_the_others_leave():
    parts = [Part(9, 10), Part(11, 12), Part(6, 6)]
    assert hidden_parts(parts, 15, 5) == (False, True, True)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=14), min_size=3, max_size=4),
)
def test_who_solves_the_topics_for_texts_and_persons_finds_k_minus_1_values(writers):
    total = len({person for part in writers for person in part})
    assume(total >= 2 * K)
    parts = [Part(len(set(part)), len(part)) for part in writers]
    hidden = hidden_parts(parts, total, K)
    if all(hidden):
        return
    places = [i for i, hide in enumerate(hidden) if hide]
    assert len(places) != 1
    left = sum(parts[i].texts for i in places)
    shown = sum(part.persons for part, hide in zip(parts, hidden, strict=True) if not hide)
    ranges = [_marked(parts[i].persons, total) for i in places]
    found = [
        values
        for values in itertools.product(*ranges)
        if sum(values) <= left and shown + sum(values) >= total
    ]
    for number, place in enumerate(places):
        if is_sensitive(parts[place].persons, total, K):
            assert len({values[number] for values in found}) >= K - 1


def _marked(persons, total):
    """What the mark of a hidden count allows."""
    if not is_sensitive(persons, total, K):
        return range(1, total + 1)
    return range(1, K) if persons < K else range(total - K + 1, total + 1)
