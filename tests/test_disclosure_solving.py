"""Whoever solves for what was hidden or rounded is left with several values."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.coefficients import wilson_interval
from reflect_analysis.corpus import Case, Corpus, Governance
from reflect_analysis.disclosure import HIDDEN, governed_groups, suppress_table
from reflect_analysis.disclosure.rounding import bucket, round_count
from reflect_analysis.disclosure.said import protect_row
from reflect_analysis.disclosure.solving import possible_range

K = 5


# ── the attack itself ───────────────────────────────────────────────────────────────────


@settings(max_examples=60, deadline=None)
@given(
    bounds=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=5, max_size=5),
    total=st.integers(0, 9),
)
def test_the_attack_finds_what_trying_everything_finds(bounds, total):
    spans = [(low, low + more) for low, more in bounds]
    known = {**dict(enumerate(spans)), "sum": (total, total), "part": (0, 6)}
    lines = [("sum", [0, 1, "part"]), ("part", [2, 3, 4])]
    tried = [
        values
        for values in itertools.product(*(range(a, b + 1) for a, b in spans))
        if sum(values) == total and sum(values[2:]) <= 6
    ]
    found = possible_range(0, known, lines)
    firsts = [values[0] for values in tried]
    assert found == ((min(firsts), max(firsts)) if firsts else None)


def test_what_nothing_limits_has_no_largest_value():
    assert possible_range("a", {"a": (2, None)}, []) == (2, None)
    known = {"a": (2, None), "b": (0, None), "sum": (0, None)}
    assert possible_range("a", known, [("sum", ["a", "b"])]) == (2, None)


# ── hidden cells, everything that is printed beside them included ───────────────────────


def interval(n, total):
    low, high = wilson_interval(n, total)
    return f"{low:.2f}–{high:.2f}"


def with_margins(rows, sizes=None):
    frame = pd.DataFrame(rows, dtype=int)
    frame[frame.shape[1]] = frame.sum(axis=1)
    if sizes is None:
        frame.loc[len(frame)] = frame.sum(axis=0)
    return frame.to_numpy()


def readable(table, full, sizes):
    """What a reader knows of each cell: the printed count, and the interval beside it."""
    shares = [[interval(n, size) for n, size in zip(row, sizes, strict=True)] for row in full]
    figures = pd.DataFrame(shares, index=table.index, columns=table.columns)
    printed = table.beside(figures).to_numpy()
    bounds = {}
    for (i, j), cell in np.ndenumerate(np.array(table.cells)):
        values = range(sizes[j] + 1) if cell == HIDDEN else range(int(cell), int(cell) + 1)
        if printed[i][j] != HIDDEN:
            values = [n for n in values if interval(n, sizes[j]) == printed[i][j]]
        # A reader who knows the rules does not believe that a nought was hidden for itself.
        least = min(1, full[i][j]) if cell == HIDDEN else 0
        bounds[i, j] = max(least, min(values)), max(values)
    return bounds


def sums(height, width, *, across):
    last = width - 1
    lines = [((i, last), [(i, j) for j in range(last)]) for i in range(height)]
    if across:
        low = height - 1
        lines += [((low, j), [(i, j) for i in range(low)]) for j in range(width)]
    return lines


groups = st.lists(st.integers(5, 25), min_size=2, max_size=5)


@settings(max_examples=40, deadline=None)
@given(sizes=groups, data=st.data())
def test_margins_and_intervals_give_no_hidden_cell_of_what_was_said_back(sizes, data):
    rows = data.draw(
        st.lists(st.tuples(*(st.integers(0, n) for n in sizes)), min_size=1, max_size=3)
    )
    names = [f"g{j}" for j in range(len(sizes))]
    frame = pd.DataFrame(rows, columns=names, index=[f"c{i}" for i in range(len(rows))])
    table = suppress_table(frame, sizes=dict(zip(names, sizes, strict=True)))
    full, caps = with_margins(rows, sizes), [*sizes, sum(sizes)]
    bounds = readable(table, full, caps)
    lines = sums(len(rows), len(caps), across=False)
    for (i, j), value in np.ndenumerate(full):
        if 0 < value < K or caps[j] - value < K:
            assert table.cells[i][j] == HIDDEN
            low, high = possible_range((i, j), bounds, lines)
            assert low <= value <= high
            assert high - low + 1 >= K - 1


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 14), min_size=width, max_size=width), min_size=2, max_size=4
        )
    )
)
def test_margins_and_intervals_give_no_hidden_cell_of_a_cross_table_back(rows):
    table = suppress_table(pd.DataFrame(rows, columns=[f"c{j}" for j in range(len(rows[0]))]))
    full = with_margins(rows)
    total = int(full[-1, -1])
    inner = [cell for row in table.cells for cell in row][:-1]
    if total == 0 or set(inner) == {HIDDEN}:
        return
    bounds = readable(table, full, [total] * full.shape[1])
    lines = sums(*full.shape, across=True)
    for cell, value in np.ndenumerate(full[:, :]):
        if 0 < value < K and cell != (len(rows), len(rows[0])):
            low, high = possible_range(cell, bounds, lines)
            assert low <= value <= high
            assert high - low + 1 >= K - 1


def test_figures_beside_hidden_counts_are_hidden_and_must_be_of_the_same_cells():
    table = suppress_table(
        pd.DataFrame({"a": [3], "b": [12]}, index=["x"]), sizes={"a": 18, "b": 18}
    )
    shares = pd.DataFrame([[0.17, 0.67, 0.42]], index=["x"], columns=["a", "b", "Total"])
    assert table.beside(shares).loc["x"].tolist() == [HIDDEN, HIDDEN, 0.42]
    with pytest.raises(ValueError, match="expected the rows"):
        table.beside(shares[["a", "b"]])


# ── who has this package, and tries which counts would be printed so ────────────────────


def printed_as(sizes, k):
    """Every row of counts of some groups, by how it is printed."""
    found = {}
    for values in itertools.product(*(range(size + 1) for size in sizes)):
        row = protect_row(values, sizes, k)
        cells = tuple(HIDDEN if h else v for v, h in zip(values, row.cells, strict=True))
        found.setdefault((cells, HIDDEN if row.total else sum(values)), []).append(values)
    return found


@pytest.mark.parametrize(
    ("sizes", "k"),
    [
        *(((5, 5, 5), 5), ((12, 12, 5), 5), ((13, 13, 7), 5), ((11, 5, 12), 5), ((6, 7, 9), 5)),
        *(((5, 5, 5, 5), 5), ((20, 18), 5), ((7, 9, 14), 7), ((3, 4, 6), 3), ((9, 8, 12), 4)),
    ],
)
def test_no_hidden_count_follows_from_what_else_would_be_printed_so(sizes, k):
    for (cells, total), rows in printed_as(sizes, k).items():
        for place, size in enumerate(sizes):
            values = {row[place] for row in rows}
            hidden = [n for n in values if 0 < n < k or size - n < k]
            assert cells[place] == HIDDEN or not hidden
            assert not hidden or len(values) >= k - 1
        sums = {sum(row) for row in rows}
        assert total != HIDDEN or len(sums) >= k - 1


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(5, 16), min_size=3, max_size=3), data=st.data())
def test_no_hidden_count_of_any_row_of_three_groups_follows(sizes, data):
    values = [data.draw(st.integers(0, size)) for size in sizes]
    row = protect_row(values, sizes, K)
    same = [
        other
        for other in itertools.product(*(range(size + 1) for size in sizes))
        if all(h or v == o for v, o, h in zip(values, other, row.cells, strict=True))
        and (row.total or sum(other) == sum(values))
        and protect_row(other, sizes, K) == row
    ]
    for place, size in enumerate(sizes):
        possible = {other[place] for other in same}
        if any(0 < n < K or size - n < K for n in possible):
            assert len(possible) >= K - 1


def test_noughts_beside_a_hidden_total_do_not_give_the_others_back():
    # Fewer than five in all, in two groups: with the nought printed each would be 1 to 3.
    assert protect_row([0, 1, 2], [12, 12, 12], K).cells == (True, True, True)
    assert protect_row([0, 0, 3], [12, 12, 12], K).cells == (False, False, True)


def test_of_fewer_than_k_persons_every_number_stays_possible():
    frame = pd.DataFrame({"a": [1], "b": [2]}, index=["x"])
    table = suppress_table(frame, sizes={"a": 1, "b": 2})
    assert table.cells == ((HIDDEN, HIDDEN),)


# ── rounding instead ────────────────────────────────────────────────────────────────────


@given(n=st.integers(0, 500), base=st.integers(5, 12))
def test_a_rounded_count_stands_for_those_that_are_rounded_to_it(n, base):
    rounded = round_count(n, base)
    low, high = bucket(rounded, base)
    assert rounded % base == 0
    assert low <= n <= high
    assert {round_count(each, base) for each in range(low, high + 1)} == {rounded}
    assert round_count(high + 1, base) > rounded


def rounded_bounds(table, limits):
    bounds = {}
    for (i, j), cell in np.ndenumerate(np.array(table.cells)):
        low, high = (0, limits[j]) if cell == HIDDEN else bucket(int(cell), table.rounding)
        bounds[i, j] = low, high if limits[j] is None else min(high, limits[j])
    return bounds


@settings(max_examples=40, deadline=None)
@given(sizes=groups, data=st.data())
def test_no_rounded_cell_of_what_was_said_can_be_solved_for(sizes, data):
    values = [data.draw(st.integers(0, n)) for n in sizes]
    names = [f"g{j}" for j in range(len(sizes))]
    frame = pd.DataFrame([values], columns=names, index=["x"])
    table = suppress_table(frame, sizes=dict(zip(names, sizes, strict=True)), rounding=5)
    bounds = rounded_bounds(table, [*sizes, sum(sizes)])
    lines = sums(1, len(sizes) + 1, across=False)
    for j, value in enumerate([*values, sum(values)]):
        low, high = possible_range((0, j), bounds, lines)
        assert low <= value <= high
        assert high - low + 1 >= 3
        assert table.cells[0][j] in {HIDDEN, str(round_count(value))}


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=2, max_size=3))
def test_no_rounded_cell_of_a_cross_table_can_be_solved_for(rows):
    table = suppress_table(pd.DataFrame(rows, columns=["a", "b", "c"]), rounding=5)
    full = with_margins(rows)
    bounds = rounded_bounds(table, [None] * 4)
    for cell, value in np.ndenumerate(full):
        low, high = possible_range(cell, bounds, sums(*full.shape, across=True))
        assert low <= value
        assert high is None or (value <= high and high - low + 1 >= 3)


def test_margins_are_rounded_by_themselves_and_one_that_gives_cells_back_is_hidden():
    sizes = {"a": 20, "b": 20, "c": 20, "d": 20}
    said = pd.DataFrame({"a": [6, 2], "b": [6, 2], "c": [6, 2], "d": [6, 2]}, index=["x", "y"])
    table = suppress_table(said, sizes=sizes, rounding=5)
    # 6 + 6 + 6 + 6 is 24, not 20; 0 + 0 + 0 + 0 beside 10 could only be 2 + 2 + 2 + 2.
    assert table.cells == (("5", "5", "5", "5", "25"), ("0", "0", "0", "0", HIDDEN))
    assert table.sizes == (20, 20, 20, 20, 80)
    assert "multiple of 5" in table.note
    assert "need not add up" in table.note


def test_all_of_a_group_is_hidden_where_rounding_would_tell_it():
    said = pd.DataFrame({"a": [13], "b": [9]}, index=["x"])
    table = suppress_table(said, sizes={"a": 13, "b": 30}, rounding=5)
    assert table.cells[0][0] == HIDDEN  # 15 of 13 can only be all 13


def test_beside_rounded_counts_no_exact_figure_stands():
    table = suppress_table(pd.DataFrame({"a": [6]}, index=["x"]), sizes={"a": 20}, rounding=5)
    shares = pd.DataFrame([[0.3, 0.3]], index=["x"], columns=["a", "Total"])
    assert set(table.beside(shares).loc["x"]) == {HIDDEN}


def test_rounding_does_not_stop_two_tables_of_one_person_more():
    """The attack that is left to the ledger of releases."""
    before, after = (
        suppress_table(pd.DataFrame({"a": [n], "b": [9]}, index=["x"]), sizes=sizes, rounding=5)
        for n, sizes in ((7, {"a": 20, "b": 20}), (8, {"a": 21, "b": 20}))
    )
    assert (before.cells[0][0], after.cells[0][0]) == ("5", "10")


def test_what_nobody_looked_for_is_not_rounded_to_nought():
    said = pd.DataFrame({"a": [np.nan, 6], "b": [np.nan, 11]}, index=["x", "y"])
    table = suppress_table(said, sizes={"a": 20, "b": 20}, rounding=5)
    assert table.cells == (("–", "–", "–"), ("5", "10", "15"))


@pytest.mark.parametrize("base", [1, 4, -5, 5.5])
def test_a_base_that_protects_nobody_is_refused(base):
    with pytest.raises(ValueError, match="rounding"):
        suppress_table(pd.DataFrame({"a": [6]}), sizes={"a": 20}, rounding=base)


# ── governed communities ────────────────────────────────────────────────────────────────


def test_a_governed_community_is_no_column_and_no_subtraction_gives_it_back():
    said = pd.DataFrame({"Hill": [9], "Lake": [8], "River": [12], "Town": [25]}, index=["x"])
    sizes = {"Hill": 20, "Lake": 16, "River": 24, "Town": 40}
    table = suppress_table(said, sizes=sizes, governed=["River"])
    assert table.columns == ("Hill", "Town", "Other groups", "Total")
    assert table.cells[0] == ("9", "25", "20", "54")  # 12 of River and 8 of Lake
    assert table.sizes == (20, 40, 40, 100)


def test_a_governed_community_that_is_joined_hides_among_k_others():
    said = pd.DataFrame({"Hill": [1], "Lake": [2], "River": [6], "Town": [20]}, index=["x"])
    sizes = {"Hill": 2, "Lake": 4, "River": 9, "Town": 40}
    table = suppress_table(said, sizes=sizes, governed=["River"])
    assert table.columns == ("Town", "Other groups", "Total")
    assert table.sizes == (40, 15, 55)


def test_rows_and_columns_of_a_cross_table_name_no_governed_community():
    frame = pd.DataFrame({"ECE": [9, 8, 12], "Cook": [7, 6, 9]}, index=["Hill", "Lake", "River"])
    table = suppress_table(frame, governed=["River"])
    assert table.index == ("Hill", "Other groups", "Total")
    assert table.cells == (("9", "7", "16"), ("20", "15", "35"), ("29", "22", "51"))
    turned = suppress_table(frame.T, governed=["River"])
    assert turned.columns == ("Hill", "Other groups", "Total")


def test_where_all_are_governed_they_are_one_group():
    said = pd.DataFrame({"River": [6], "Lake": [8]}, index=["x"])
    table = suppress_table(said, sizes={"River": 20, "Lake": 20}, governed=["River", "Lake"])
    assert table.columns == ("Other groups", "Total")


def test_what_stands_for_a_governed_community_is_known_by_the_cases():
    nation = Governance("river-nation", ("tables",))
    cases = (
        Case("P1", {"community": "Hill", "place": "Town"}),
        Case("P2", {"community": "River", "place": "Town"}, governance=nation),
        Case("P3", {"community": "River", "place": "Ford"}, governance=nation),
    )
    corpus = Corpus((), cases)
    assert governed_groups(corpus, "community") == {"River", "river-nation"}
    assert governed_groups(corpus, "place") == {"Ford", "river-nation"}
