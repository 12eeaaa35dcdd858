"""Coefficients of agreement: what they are invariant to, what they refuse, what is undefined."""

import math
import tracemalloc
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import reflect_analysis.coefficients as co
import reflect_analysis.coefficients.sets as sets_module
from reflect_analysis.errors import AgreementError

NAN = math.nan
few = settings(max_examples=40)  # of each of a dozen coefficients
LEVELS = ("nominal", "ordinal", "interval", "ratio")
ALPHAS = {f"alpha {level}": partial(co.krippendorff_alpha, level=level) for level in LEVELS}
SEVERAL = {
    "percent": co.percent_agreement,
    "fleiss": co.fleiss_kappa,
    "conger": co.conger_kappa,
    "ac1": co.gwet_ac1,
    "brennan-prediger": co.brennan_prediger,
    **ALPHAS,
}
PAIR = {"cohen": co.cohen_kappa, "scott": co.scott_pi, "greatest": co.greatest_kappa}
EVERY = {**SEVERAL, **PAIR}
# With weights no category is like another; a new name is a new weight.
NOMINAL = [*PAIR, "percent", "fleiss", "conger", "ac1", "brennan-prediger", "alpha nominal"]


def table(both, first, second, neither):
    return [[1, 1]] * both + [[1, 0]] * first + [[0, 1]] * second + [[0, 0]] * neither


def marks(n_coders, values=(0.0, 1.0, 2.0, NAN)):
    """Ratings of up to twelve units."""
    shapes = st.tuples(st.integers(1, 12), n_coders)
    return shapes.flatmap(lambda shape: arrays(float, shape, elements=st.sampled_from(values)))


def same(one, two):
    return float(one) == pytest.approx(float(two), abs=1e-9, nan_ok=True)


def ratings_for(name):
    return marks(st.just(2) if name in PAIR else st.integers(2, 4))


# Invariances -------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@few
@given(data=st.data())
def test_the_order_of_coders_and_of_units_does_not_matter(name, data):
    ratings = data.draw(ratings_for(name))
    coders = data.draw(st.permutations(range(ratings.shape[1])))
    units = data.draw(st.permutations(range(len(ratings))))
    assert same(EVERY[name](ratings), EVERY[name](ratings[units][:, coders]))


@pytest.mark.parametrize("name", NOMINAL)
@few
@given(data=st.data())
def test_the_names_of_categories_do_not_matter(name, data):
    ratings = data.draw(ratings_for(name))
    renamed = np.select([ratings == 0, ratings == 1, ratings == 2], [7, 3, 5], NAN)
    assert same(EVERY[name](ratings), EVERY[name](renamed))


@pytest.mark.parametrize("name", EVERY)
@few
@given(data=st.data())
def test_identical_coders_agree_wholly(name, data):
    one = data.draw(arrays(float, st.integers(2, 12), elements=st.sampled_from([0.0, 1.0, 2.0])))
    assume(len(np.unique(one)) > 1)
    n_coders = 2 if name in PAIR else data.draw(st.integers(2, 4))
    assert same(EVERY[name](np.repeat(one[:, None], n_coders, axis=1)), 1)


@pytest.mark.parametrize("name", [*ALPHAS, *PAIR, "percent"])
@few
@given(data=st.data())
def test_a_unit_that_one_coder_alone_saw_changes_nothing(name, data):
    ratings = data.draw(ratings_for(name))
    alone = np.full((1, ratings.shape[1]), NAN)
    alone[0, 0] = data.draw(st.sampled_from([0.0, 1.0, 9.0]))
    more = np.vstack([ratings, alone])
    assert same(EVERY[name](ratings), EVERY[name](more))


def test_it_changes_what_follows_gwet():
    ratings = [[1, 1, NAN, 1], [2, 2, 3, 2], [3, 3, 3, 3], [NAN, 2, 2, 2], [1, 2, 3, 2]]
    more = [*ratings, [NAN, 3, NAN, NAN]]
    for measure in (co.gwet_ac1, co.fleiss_kappa, co.conger_kappa):
        without, found = measure(ratings), measure(more)
        assert abs(found.value - without.value) > 1e-4
        assert found.n_units == without.n_units == 5


@few
@given(marks(st.integers(2, 4)))
def test_alpha_keeps_what_its_level_allows(ratings):
    assert same(
        co.krippendorff_alpha(ratings, "ordinal"), co.krippendorff_alpha(ratings**3 + 1, "ordinal")
    )
    assert same(
        co.krippendorff_alpha(ratings, "interval"),
        co.krippendorff_alpha(1000 - 3 * ratings, "interval"),
    )
    assert same(
        co.krippendorff_alpha(ratings, "ratio"), co.krippendorff_alpha(ratings / 7, "ratio")
    )


# Against other definitions -----------------------------------------------------------


def alpha_by_pairs(ratings, distance):
    """Krippendorff's definition, pair by pair."""
    units = [[r for r in unit if not math.isnan(r)] for unit in ratings]
    units = [unit for unit in units if len(unit) > 1]
    values = [r for unit in units for r in unit]
    n = len(values)
    observed = sum(
        2 * distance(a, b) / (len(unit) - 1) for unit in units for a, b in combinations(unit, 2)
    )
    expected = sum(2 * distance(a, b) for a, b in combinations(values, 2))
    return 1 - (n - 1) * observed / expected if expected else NAN


DISTANCES = {
    "nominal": lambda a, b: float(a != b),
    "interval": lambda a, b: (a - b) ** 2,
    "ratio": lambda a, b: ((a - b) / (a + b)) ** 2 if a != b else 0.0,
}


@pytest.mark.parametrize("level", DISTANCES)
@few
@given(ratings=marks(st.integers(2, 4), values=(0.0, 1.0, 2.5, 4.0, NAN)))
def test_alpha_is_what_its_definition_gives_pair_by_pair(level, ratings):
    expected = alpha_by_pairs(ratings, DISTANCES[level])
    assert same(co.krippendorff_alpha(ratings, level), expected)
    assert same(co.krippendorff_alpha(ratings, DISTANCES[level]), expected)


@few
@given(marks(st.integers(2, 4)))
def test_ordinal_alpha_counts_the_ratings_between(ratings):
    present = ratings[(~np.isnan(ratings)).sum(axis=1) > 1]
    counts = {c: int((present == c).sum()) for c in (0, 1, 2)}

    def between(a, b):
        low, high = sorted((int(a), int(b)))
        within = sum(counts[c] for c in range(low, high + 1))
        return (within - (counts[low] + counts[high]) / 2) ** 2

    assert same(co.krippendorff_alpha(ratings, "ordinal"), alpha_by_pairs(ratings, between))


@few
@given(marks(st.just(2), values=(0.0, 1.0, 2.0)))
def test_two_coders_without_gaps_are_a_special_case(pairs):
    pi, n = co.scott_pi(pairs).value, len(pairs)
    assert same(co.fleiss_kappa(pairs), pi)
    assert same(co.conger_kappa(pairs), co.cohen_kappa(pairs))
    assert same(co.krippendorff_alpha(pairs), pi + (1 - pi) / (2 * n))


@few
@given(st.tuples(*[st.integers(0, 9)] * 4).filter(any))
def test_counts_of_a_code_give_its_indices(counts):
    both, first, second, neither = counts
    units, n = table(*counts), sum(counts)
    assert co.two_by_two(units) == counts
    assert same(co.percent_agreement(units), (both + neither) / n)
    assert same(co.prevalence_index(units), (both - neither) / n)
    assert same(co.bias_index(units), (first - second) / n)
    apart = first + second
    assert same(
        co.positive_agreement(units), 2 * both / (2 * both + apart) if both + apart else NAN
    )
    assert same(
        co.negative_agreement(units),
        2 * neither / (2 * neither + apart) if neither + apart else NAN,
    )
    assert same(co.brennan_prediger(units, categories=(0, 1)), 2 * (both + neither) / n - 1)


@few
@given(marks(st.just(2)))
def test_no_kappa_passes_the_greatest(pairs):
    kappa, greatest = co.cohen_kappa(pairs).value, co.greatest_kappa(pairs).value
    assert math.isnan(kappa) or kappa <= greatest + 1e-9


def test_positive_agreement_of_three_coders_is_that_of_their_pairs():
    # Found by 3, 2, 1 and 0 of three: pairs that share it over pairs with a finder.
    units = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert same(co.positive_agreement(units), (6 + 2) / (6 + 4 + 2))


def test_coders_two_by_two_have_the_units_that_both_rated():
    units = [[1, 1, NAN], [0, 0, 0], [1, 0, 1], [0, NAN, 0], [1, 1, 0]]
    pairs = co.pairwise(units)
    assert {pair: found.n_units for pair, found in pairs.items()} == {
        (0, 1): 4,
        (0, 2): 4,
        (1, 2): 3,
    }
    matrix = co.as_matrix(pairs)
    assert matrix[0, 2] == matrix[2, 0] == pairs[0, 2].value == 0.5
    assert (np.diag(matrix) == 1).all()
    weighted = co.pairwise(units, partial(co.cohen_kappa, weights="linear"))
    assert same(weighted[0, 1], pairs[0, 1])


# Weights and sets --------------------------------------------------------------------


def test_weights_are_by_the_numbers_of_the_categories():
    assert co.agreement_weights([1, 2, 5], "linear")[0].tolist() == [1, 0.75, 0]
    assert co.agreement_weights([1, 2, 5], "ordinal")[0] == pytest.approx([1, 2 / 3, 0])
    assert co.agreement_weights([3], "quadratic").tolist() == [[1]]


def test_kappa_takes_weights_of_ones_own_and_first_coder_in_rows():
    units = [[0, 1]] * 3 + [[1, 0]] + [[0, 0], [1, 1]]
    lenient = [[1, 0.5], [0, 1]]
    turned = [[b, a] for a, b in units]
    assert co.cohen_kappa(units, lenient).value != co.cohen_kappa(turned, lenient).value
    assert same(co.cohen_kappa(units, lenient), co.cohen_kappa(turned, np.transpose(lenient)))
    identity = np.eye(2)
    assert same(co.cohen_kappa(units, identity), co.cohen_kappa(units))


def test_a_category_that_nobody_used_counts_for_chance():
    units = table(0, 1, 1, 98)
    assert same(co.brennan_prediger(units), 0.96)
    assert same(co.brennan_prediger(units, categories=(0, 1, 2, 3)), (0.98 - 0.25) / 0.75)
    nobody = co.gwet_ac1(table(0, 0, 0, 9), categories=(0, 1))
    assert nobody.value == 1


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ("linaer", "did you mean 'linear'"),
        ([[1, 0]], r"shape \(2, 2\)"),
        ([[1, 2], [2, 1]], "from 0"),
        ([[1, NAN], [0, 1]], "from 0"),
        ([[0, 1], [1, 0]], "diagonal"),
    ],
)
def test_what_are_no_weights_is_refused(weights, reason):
    with pytest.raises(ValueError, match=reason):
        co.cohen_kappa([[0, 1], [1, 1]], weights)


def test_several_coders_have_no_first():
    with pytest.raises(ValueError, match="symmetric"):
        co.fleiss_kappa([[0, 1], [1, 1]], [[1, 0.5], [0, 1]])


@pytest.mark.parametrize(
    ("distance", "reason"),
    [
        (lambda a, b: a - b, "0 or more"),
        (lambda a, b: 1, "between equal ratings"),
        (lambda a, b: max(a - b, 0), "both directions"),
        (lambda a, b: NAN, "0 or more"),
    ],
)
def test_what_is_no_distance_is_refused(distance, reason):
    with pytest.raises(ValueError, match=reason):
        co.krippendorff_alpha([[0, 1], [1, 1]], distance)


def sets_of(*pairs, codes="abcd"):
    return np.array([[[code in one for code in codes] for one in pair] for pair in pairs])


def test_two_empty_sets_are_the_same():
    empty = [False, False]
    assert co.masi_distance(empty, empty) == co.jaccard_distance(empty, empty) == 0
    assert co.masi_distance(empty, [True, False]) == co.jaccard_distance(empty, [True, False]) == 1


@pytest.mark.parametrize("distance", ["masi", "jaccard"])
@few
@given(arrays(bool, st.tuples(st.integers(1, 8), st.integers(2, 3), st.integers(1, 4))))
def test_alpha_of_sets_is_alpha_of_their_numbers(distance, sets):
    known, index = np.unique(sets.reshape(-1, sets.shape[2]), axis=0, return_inverse=True)
    measure = {"masi": co.masi_distance, "jaccard": co.jaccard_distance}[distance]

    def apart(a, b):
        return float(measure(known[int(a)], known[int(b)]))

    numbers = index.reshape(sets.shape[:2]).astype(float)
    assert same(co.set_alpha(sets, distance), alpha_by_pairs(numbers, apart))
    assert same(co.set_alpha(sets, distance), co.set_alpha(sets, measure))


@pytest.mark.parametrize("distance", ["masi", "jaccard"])
@pytest.mark.parametrize("method", ["auto", "bca", "linear"])
@pytest.mark.parametrize("at_once", [1, 10, sets_module._CELLS])
def test_the_interval_of_sets_is_that_of_their_numbers(distance, method, at_once, monkeypatch):
    monkeypatch.setattr(sets_module, "_CELLS", at_once)
    random = np.random.default_rng(3)
    sets = random.random((60, 3, 4)) < 0.3
    sets[:, 1] = np.where(random.random((60, 4)) < 0.8, sets[:, 0], sets[:, 1])
    read = random.random((60, 3)) < 0.8
    known, index = np.unique(sets.reshape(-1, 4), axis=0, return_inverse=True)
    measure = {"masi": co.masi_distance, "jaccard": co.jaccard_distance}[distance]

    def apart(a, b):
        return float(measure(known[int(a)], known[int(b)]))

    numbers = np.where(read, index.reshape(60, 3), NAN)
    how = co.Resampling([n // 4 for n in range(60)], method, draws=200)
    got = co.set_alpha(sets, distance, mask=read, interval=how)
    expected = co.krippendorff_alpha(numbers, apart, interval=how)
    assert got.n_units == expected.n_units
    assert got.interval.method == expected.interval.method
    assert np.allclose([got.value, *got.interval], [expected.value, *expected.interval])


def test_thousands_of_unlike_sets_fit_in_little_memory(monkeypatch):
    monkeypatch.setattr(sets_module, "_CELLS", 100_000)
    random = np.random.default_rng(0)
    sets = random.random((2_000, 2, 12)) < 0.4
    tracemalloc.start()
    co.set_alpha(sets, interval=co.Resampling(range(2_000), "bca", draws=20))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    unlike = len(np.unique(sets.reshape(-1, 12), axis=0))
    assert most < unlike**2 * 8 / 4  # of a table of distances; one of units and sets is as large


def test_a_set_that_was_not_read_is_not_empty():
    sets = sets_of(("a", "a"), ("b", "ab"), ("", "cd"))
    read = [[True, True], [True, True], [False, True]]
    assert same(co.set_alpha(sets, mask=read), co.set_alpha(sets[:2]))
    assert co.set_alpha(sets, mask=read).n_units == 2
    assert co.set_alpha(sets).value != co.set_alpha(sets[:2]).value


def test_sets_of_one_code_are_nominal():
    sets = sets_of(("a", "a"), ("a", ""), ("", ""), ("", "a"), ("a", "a"), codes="a")
    assert same(co.set_alpha(sets), co.krippendorff_alpha(sets[:, :, 0]))


@pytest.mark.parametrize(
    ("error", "reason", "arguments"),
    [
        (ValueError, r"\(n_units, n_coders, n_codes\)", {"sets": [[1, 0]]}),
        (AgreementError, "one coder", {"sets": [[[1, 0]]]}),
        (AgreementError, "something else", {"sets": [[[1, 2], [0, 1]]]}),
        (AgreementError, "mask", {"sets": [[[1, NAN], [0, 1]]]}),
        (ValueError, r"mask of shape \(1, 2\)", {"sets": [[[1], [0]]], "mask": [True]}),
        (ValueError, "'masi', 'jaccard'", {"sets": [[[1], [0]]], "distance": "dice"}),
    ],
)
def test_what_are_no_sets_is_refused(error, reason, arguments):
    with pytest.raises(error, match=reason):
        co.set_alpha(**arguments)


# Undefined ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("ratings", [[], [[NAN, NAN]], [[1, NAN], [NAN, 0]]])
def test_without_a_shared_unit_all_is_undefined(name, ratings):
    found = EVERY[name](ratings)
    assert math.isnan(found.value)
    assert (found.n_units, found.reason) == (0, "no unit was rated by two coders")


@pytest.mark.parametrize("name", [name for name in EVERY if name != "percent"])
def test_one_category_alone_leaves_nothing_to_agree_on(name):
    found = EVERY[name](
        [[1, 1]] * 5, **({} if name == "greatest" else {"interval": co.Resampling()})
    )
    assert math.isnan(found.value)
    assert found.n_units == 5
    assert found.interval is None
    assert found.reason.startswith(("every rating is the same", "only one category is known"))


def test_agreement_on_what_is_not_there_is_undefined():
    absent, present = table(0, 0, 0, 5), table(5, 0, 0, 0)
    assert co.positive_agreement(absent).reason == "no coder found the code in any unit"
    assert co.negative_agreement(present).reason == "every coder found the code in every unit"
    assert co.set_alpha(np.zeros((3, 2, 4))).reason.startswith("every rating is the same")
    assert math.isnan(co.krippendorff_disagreement([[1, NAN]])[0])


# Material at fault -------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_one_coder_is_refused(name):
    with pytest.raises(AgreementError, match="one coder"):
        EVERY[name]([[1], [0]])


@pytest.mark.parametrize("name", EVERY)
def test_every_rating_that_is_no_number_is_named(name):
    with pytest.raises(AgreementError) as told:
        EVERY[name]([[1, math.inf], [-math.inf, 0]])
    assert [fault.split(";")[0] for fault in told.value.faults] == [
        "unit 0, coder 1: inf",
        "unit 1, coder 0: -inf",
    ]
    with pytest.raises(AgreementError, match="number the categories"):
        EVERY[name]([["yes", "no"]])


def test_many_faults_are_counted():
    with pytest.raises(AgreementError) as told:
        co.positive_agreement([[2, 3]] * 50)
    assert len(told.value.faults) == 6
    assert told.value.faults[-1] == "and 95 more ratings"


def test_a_ratio_scale_starts_at_zero():
    with pytest.raises(AgreementError, match="unit 1, coder 0: -2; expected 0 or more"):
        co.krippendorff_alpha([[1, 2], [-2, 0]], "ratio")
    with pytest.raises(AgreementError, match="starts at 0"):
        co.cohen_kappa([[1, 2], [-2, 0]], "ratio")


def test_a_category_that_is_not_named_is_refused():
    with pytest.raises(
        AgreementError, match="unit 1, coder 1: 4; expected one of the categories 1, 2"
    ):
        co.gwet_ac1([[1, 2], [NAN, 4]], categories=(1, 2))


@pytest.mark.parametrize("name", PAIR)
def test_three_coders_are_too_many_for_two(name):
    with pytest.raises(ValueError, match=r"shape \(n_units, 2\), got \(1, 3\)"):
        PAIR[name]([[1, 0, 1]])


@pytest.mark.parametrize("ratings", [[1, 0], [[[1]]], 5, None])
def test_another_shape_is_refused(ratings):
    with pytest.raises(ValueError, match="expected ratings of shape"):
        co.krippendorff_alpha(ratings)


def test_units_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="mark a gap by nan"):
        co.krippendorff_alpha([[1, 0], [1]])


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="did you mean 'ordinal'"):
        co.krippendorff_alpha([[1, 0], [1, 1]], "ordnal")


# Proportions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "total", "low", "high"),
    [
        (0, 10, 0, 0.2775),
        (3, 12, 0.0889, 0.5323),
        (7, 20, 0.1812, 0.5671),
        (10, 10, 0.7225, 1),
        (45, 60, 0.6277, 0.8422),
    ],
)
def test_wilson_matches_the_reference_values(n, total, low, high):
    assert co.wilson_interval(n, total) == pytest.approx((low, high), abs=5e-5)


def test_kappas_below_minus_one_keep_their_interval_in_order():
    """Single ratings enter into chance alone, and weights raise it: there is no least value."""
    rows = [[0, 1]] * 2 + [[0, 0]] + [[1, NAN]] * 200
    single = co.fleiss_kappa(rows, interval=co.Resampling(method="jackknife"))
    far = [[1, 5]] * 9 + [[5, 1]] * 8 + [[1, 4]] * 3
    weighted = co.brennan_prediger(far, "quadratic", interval=co.Resampling(draws=200))
    assert single.value < -1
    assert weighted.value < -1
    for found in (single, weighted):
        assert found.interval.lower <= found.value <= found.interval.upper


def test_weighted_cohen_may_lie_below_minus_one_and_the_plain_one_not():
    far = [[1, 3]] * 30 + [[2, 2]] + [[3, 1]] * 30
    for weights in ("identity", "quadratic"):
        found = co.cohen_kappa(far, weights, interval=co.Resampling(draws=200))
        assert found.interval.lower <= found.value <= found.interval.upper
        assert found.interval.lower >= -1 or weights != "identity"
