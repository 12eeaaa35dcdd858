"""Saturation: vectors reckoned by hand, and what no order may change."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.saturation import new_information, saturation_curve

TEXT = "One two three four five six."
ORIGIN = Origin("d0", 0, 3)
BOOK = Codebook(
    (
        *(Code(f"c{n}", f"C {n}", "d", "g", origin=ORIGIN) for n in range(4)),
        Code("fixed", "Fixed", "d", "g"),
    ),
    (Group("g", "Group"),),
)
START = datetime(2025, 1, 1, tzinfo=UTC)


def study(*texts):
    """Texts in the order of reading, each with the codes that it holds."""
    cases = tuple(Case(f"P{n}") for n in range(len(texts)))
    documents = tuple(Document(f"d{n}", TEXT, case_id=f"P{n}") for n in range(len(texts)))
    codings = tuple(
        Coding(f"d{n}", 0, 3, code, "ada") for n, codes in enumerate(texts) for code in codes
    )
    seen = tuple(Seen("ada", f"d{n}", at=START + timedelta(n)) for n in range(len(texts)))
    return Corpus(documents, cases), Codings(codings, seen=seen)


def curve_of(*texts, **more):
    corpus, codings = study(*texts)
    return saturation_curve(codings, corpus=corpus, codebook=BOOK, **{"orders": 200, **more})


def test_a_small_example_by_hand():
    """New codes a text: 4 2 1 1 | 1 0 1 0 0; base 8; runs of 2: 1/8, 1/8, 1/8, 0."""
    found = new_information([4, 2, 1, 1, 1, 0, 1, 0, 0])
    assert found.codes_in_base == 8
    assert found.ratios == (1 / 8, 1 / 8, 1 / 8, 0)
    assert found.reached == 7
    assert str(found) == "5 % at 7+2 (base 4)"
    assert new_information([4, 2, 1, 1, 1, 0, 1, 0, 0], threshold=0.125).reached == 4


def test_too_few_texts_reach_nothing():
    assert new_information([3, 1, 1, 0, 0]).reached is None
    assert "not reached" in str(new_information([3, 1, 1, 0, 0]))
    assert new_information([0, 0, 0, 0, 0, 0]).ratios == ()


def test_the_observed_order_is_the_order_of_reading():
    curve = curve_of(["c0", "c1"], ["c1"], ["c2"], [])
    assert curve.new == (2, 0, 1, 0)
    assert curve.observed == (2, 2, 3, 3)


def test_the_mean_over_orders_is_the_mean_over_all_orders():
    texts = [["c0", "c1"], ["c1"], ["c2"]]
    sums = [
        np.cumsum([len(set(o[n]) - set(itertools.chain(*o[:n]))) for n in range(3)])
        for o in itertools.permutations(texts)
    ]
    curve = curve_of(*texts, orders=4000)
    assert curve.mean == pytest.approx(np.mean(sums, axis=0), abs=0.03)


def test_codes_that_were_fixed_beforehand_are_left_out_unless_named():
    curve = curve_of(["fixed", "c0"], ["c1"])
    assert curve.codes == ("c0", "c1", "c2", "c3")
    assert curve.inductive
    named = curve_of(["fixed", "c0"], ["c1"], codes=["fixed"])
    assert not named.inductive
    assert "fixed beforehand" in named.note


def test_a_codebook_without_open_codes_says_so():
    corpus, codings = study(["fixed"])
    book = Codebook((BOOK["fixed"],), BOOK.groups)
    with pytest.raises(ValueError, match="made from a passage"):
        saturation_curve(codings, corpus=corpus, codebook=book)


def test_what_nobody_read_and_unknown_codes_are_refused():
    corpus, codings = study(["c0"])
    unread = Codings(codings.codings)
    with pytest.raises(ValueError, match="no text was read"):
        saturation_curve(unread, corpus=corpus, codebook=BOOK, codes=["c1"])
    with pytest.raises(UnknownIdError):
        saturation_curve(codings, corpus=corpus, codebook=BOOK, codes=["none"])
    with pytest.raises(ValueError, match="base 0"):
        new_information([1], base=0)


def test_the_same_seed_gives_the_same_curve_and_participants_are_units_too():
    texts = (["c0"], ["c1", "c2"], ["c0"], ["c3"])
    assert curve_of(*texts).mean == curve_of(*texts).mean
    assert curve_of(*texts, unit="participant").observed == curve_of(*texts).observed
    assert "random orders" in curve_of(*texts)._repr_html_()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sets(st.sampled_from(["c0", "c1", "c2", "c3"])), min_size=1, max_size=8))
def test_every_order_ends_at_the_same_number_and_never_falls(texts):
    curve = curve_of(*texts, orders=20)
    total = len(set().union(*texts))
    assert curve.mean[-1] == curve.low[-1] == curve.high[-1] == curve.observed[-1] == total
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(curve.mean))
    assert list(curve.to_frame().n) == list(range(1, len(texts) + 1))


@pytest.mark.parametrize("orders", [0, -3])
def test_without_a_random_order_there_is_no_curve(orders):
    with pytest.raises(ValueError, match=f"orders {orders}: expected at least 1"):
        curve_of(["c0"], ["c1"], orders=orders)
