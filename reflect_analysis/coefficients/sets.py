"""Agreement on sets of codes: several codes may stand on one unit.

A summary, second to the codes one by one: it rewards sets that share something, and hides
which code is the weak one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reflect_analysis.coefficients.alpha import alpha_of, observed_in, pairs_of, per_pair
from reflect_analysis.coefficients.measures import CONSTANT, NO_PAIR, PAIR
from reflect_analysis.coefficients.resampling import Statistic
from reflect_analysis.coefficients.values import Coefficient
from reflect_analysis.errors import AgreementError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from reflect_analysis.coefficients.resampling import Resampling

    Array = NDArray[np.float64]
    Index = NDArray[np.intp]
    Sets = NDArray[np.bool_]
    SetDistance = Callable[[Sets, Sets], Array]

__all__ = ["jaccard_distance", "masi_distance", "set_alpha"]

_AXES = 3
_CELLS = 2_000_000  # Distances in memory at once: 16 MB.
_COUNTED = 16_000_000  # Counts of sets in draws in memory at once: 128 MB.
_ROUNDING = 1e-12


def set_alpha(
    sets: ArrayLike,
    distance: Literal["masi", "jaccard"] | SetDistance = "masi",
    *,
    mask: ArrayLike | None = None,
    interval: Resampling | None = None,
) -> Coefficient:
    """Krippendorff's alpha on sets of codes.

    Parameters
    ----------
    sets : array_like of bool, (n_units, n_coders, n_codes)
        Which codes each coder gave each unit; none is the empty set.
    distance : {"masi", "jaccard"} or callable
        How far two sets disagree. A callable takes sets, (..., n_codes), twice, and gives
        distances, (...): at least 0, symmetric, 0 between equal sets.
    mask : array_like of bool, (n_units, n_coders), optional
        False = this coder did not read this unit; by default everybody read everything.
    interval : Resampling, optional
        How to find the interval; none without it.

    Returns
    -------
    Coefficient
        At most 1; ``nan`` with its reason where all sets that can be paired are the same.

    Raises
    ------
    AgreementError
        If there is one coder only, or the sets hold something else than presence.
    ValueError
        If a shape or the distance is none.

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and
    pragmatic annotation. Proceedings of LREC 2006, 831-836.

    Examples
    --------
    Nine units, the codes A, B and C:

    >>> first = ["", "A", "A", "A", "AB", "AB", "ABC", "C", "C"]
    >>> second = ["", "", "A", "B", "A", "AC", "ABC", "AC", "AC"]
    >>> sets = [[[code in one for code in "ABC"] for one in pair] for pair in zip(first, second)]
    >>> round(float(set_alpha(sets, "masi")), 4), round(float(set_alpha(sets, "jaccard")), 4)
    (0.2731, 0.3156)
    """
    table, read = _read(sets, mask)
    paired = read & (read.sum(axis=1, keepdims=True) >= PAIR)
    n_units = int(paired.any(axis=1).sum())
    if not n_units:
        return Coefficient(float("nan"), 0, reason=NO_PAIR)
    clusters = (
        np.zeros(len(table), dtype=np.intp) if interval is None else interval.index(len(table))
    )
    statistic = _by_cluster(table, paired, clusters, _named(distance)).statistic
    value = statistic.whole
    if np.isnan(value):
        return Coefficient(value, n_units, reason=CONSTANT)
    if interval is None:
        return Coefficient(value, n_units)
    return Coefficient(value, n_units, interval.of_statistic(statistic))


def jaccard_distance(one: ArrayLike, two: ArrayLike) -> Array:
    """One minus the share of codes in common; 0 between two empty sets.

    Parameters
    ----------
    one, two : array_like of bool, (..., n_codes)

    Returns
    -------
    ndarray, (...)
        In [0, 1].

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist
    11(2), 37-50.

    Examples
    --------
    >>> float(jaccard_distance([True, True, False], [True, False, True]))
    0.6666666666666667
    """
    return _jaccard(*_sizes(one, two))


def masi_distance(one: ArrayLike, two: ArrayLike) -> Array:
    """Jaccard's measure, lowered by how two sets meet; 0 between two empty sets.

    The share in common counts whole between equal sets, by 2/3 where one holds the other, by
    1/3 where they overlap, and not at all where they are apart.

    Parameters
    ----------
    one, two : array_like of bool, (..., n_codes)

    Returns
    -------
    ndarray, (...)
        In [0, 1].

    References
    ----------
    Passonneau (2006), see `set_alpha`.

    Examples
    --------
    {1, 2} and {1, 2, 3, 4}; {a, b} and {b, c}:

    >>> round(float(masi_distance([1, 1, 0, 0], [1, 1, 1, 1])), 4)
    0.6667
    >>> round(float(masi_distance([1, 1, 0], [0, 1, 1])), 4)
    0.8889
    """
    return _masi(*_sizes(one, two))


def _sizes(one: ArrayLike, two: ArrayLike) -> tuple[Array, Array, Array]:
    """How many codes are in both sets, in one and in the other."""
    a, b = np.asarray(one, dtype=bool), np.asarray(two, dtype=bool)
    return (a & b).sum(axis=-1, dtype=float), a.sum(axis=-1), b.sum(axis=-1)


def _jaccard(both: Array, one: Array, two: Array) -> Array:
    """By the sizes; two empty sets are the same."""
    either = one + two - both
    return 1 - np.divide(both, either, out=np.ones(np.shape(both)), where=either > 0)


def _masi(both: Array, one: Array, two: Array) -> Array:
    """By the sizes: a set that has all its codes in the other is held by it."""
    held, holds = both == one, both == two
    meeting: Array = np.select([held & holds, held | holds], [1, 2 / 3], 1 / 3)
    return 1 - (1 - _jaccard(both, one, two)) * meeting


def _read(sets: ArrayLike, mask: ArrayLike | None) -> tuple[Sets, Sets]:
    """Sets and which of them were read, checked."""
    table = np.asarray(sets)
    if table.size == 0:
        table = table.reshape(0, PAIR, 1)
    if table.ndim != _AXES:
        raise ValueError(f"expected sets of shape (n_units, n_coders, n_codes), got {table.shape}")
    if table.shape[1] < PAIR:
        raise AgreementError(f"one coder: agreement needs two or more, got the shape {table.shape}")
    if table.dtype != bool and not np.isin(table, (0, 1)).all():
        raise AgreementError(
            "sets hold something else than True and False (or 1 and 0); "
            "say by `mask` which coder did not read which unit"
        )
    read = np.ones(table.shape[:2], dtype=bool) if mask is None else np.asarray(mask, dtype=bool)
    if read.shape != table.shape[:2]:
        raise ValueError(f"expected a mask of shape {table.shape[:2]}, got {read.shape}")
    return table.astype(bool), read


def _named(distance: str | SetDistance) -> SetDistance:
    """A distance by its name."""
    named: dict[str, SetDistance] = {"masi": masi_distance, "jaccard": jaccard_distance}
    measured = distance if callable(distance) else named.get(str(distance))
    if measured is None:
        raise ValueError(f"expected the distance 'masi', 'jaccard' or a function, got {distance!r}")
    return measured


# ── by cluster ──
# Texts by the hundred thousand hold sets by the ten thousand. Neither a column of each unit for
# every set nor the distances between all of them at once would fit in memory, nor would what
# all draws hold of each.


@dataclass(frozen=True, slots=True)
class _Apart:
    """Distances between the sets that occur.

    Parameters
    ----------
    known : ndarray of bool, (q, n_codes)
        The sets.
    distance : callable
    kept : ndarray, (q, q), optional
        All distances, where they are few enough to be measured once.
    """

    known: Sets
    distance: SetDistance
    kept: Array | None

    @classmethod
    def of(cls, known: Sets, distance: SetDistance) -> _Apart:
        """Measured now where they are few."""
        few = len(known) ** 2 <= _CELLS
        return cls(known, distance, _between(known, known, distance) if few else None)

    def among(self, places: Index) -> Iterator[tuple[slice, Array]]:
        """Distances of some of these sets from all of these, (some, all), part by part."""
        if self.kept is not None:
            yield slice(len(places)), self.kept[np.ix_(places, places)]
            return
        sets = self.known[places]
        rows = max(1, _CELLS // len(sets))
        for first in range(0, len(sets), rows):
            some = slice(first, first + rows)
            yield some, _between(sets[some], sets, self.distance)

    def all(self) -> Iterator[tuple[slice, Array]]:
        """Distances of some sets from every set, (some, q), part by part."""
        every = len(self.known)
        if self.kept is not None:
            return iter([(slice(every), self.kept)])
        return self.among(np.arange(every))


@dataclass(frozen=True, slots=True)
class _Clusters:
    """What clusters contribute to alpha on sets.

    Parameters
    ----------
    apart : _Apart
        Distances between the q sets that occur.
    observed : ndarray, (n,)
        Disagreement in the units of each cluster.
    counts : sparse array, (n, q)
        How often each set occurs in each cluster.
    """

    apart: _Apart
    observed: Array
    counts: Any  # scipy.sparse.csr_array

    @property
    def statistic(self) -> Statistic:
        """Alpha, as an interval needs it."""
        return Statistic(len(self.observed), self._drawn, self._shifted, (float("-inf"), 1.0))

    def _drawn(self, chunks: Iterable[Array]) -> Array:
        """Alpha of weights on the clusters."""
        return np.concatenate([self._of_draws(counted) for counted in self._counted(chunks)])

    def _counted(self, chunks: Iterable[Array]) -> Iterator[list[tuple[Array, Array]]]:
        """Disagreement observed in draws and their counts of sets, as many as are held at once."""
        most = max(1, _COUNTED // self.counts.shape[1])
        held: list[tuple[Array, Array]] = []
        room = most
        for weights in chunks:
            rest = weights
            while len(rest):
                some, rest = rest[:room], rest[room:]
                held.append((some @ self.observed, some @ self.counts))
                room -= len(some)
                if not room:
                    yield held
                    held, room = [], most
        if held:
            yield held

    def _of_draws(self, counted: list[tuple[Array, Array]]) -> Array:
        """Alpha of draws."""
        expected = [np.zeros(len(counts)) for _, counts in counted]
        for some, apart in self.apart.all():
            for place, (_, counts) in enumerate(counted):
                expected[place] += ((counts @ apart.T) * counts[:, some]).sum(axis=-1)
        alphas = [
            alpha_of(*per_pair(observed, sums, counts.sum(axis=-1)))
            for sums, (observed, counts) in zip(expected, counted, strict=True)
        ]
        return np.concatenate(alphas)

    def _shifted(self, step: float) -> Array:
        """Alpha with one cluster's weight 1 + step, from the squares of (whole + step × one)."""
        whole = self.counts.sum(axis=0)
        pull = np.concatenate([apart @ whole for _, apart in self.apart.all()])
        expected = whole @ pull + 2 * step * (self.counts @ pull) + step**2 * self._within()
        # Where all that is left is the same, rounding leaves a trace.
        expected = np.where(expected > _ROUNDING * (whole @ pull), expected, 0)
        observed = self.observed.sum() + step * self.observed
        n = whole.sum() + step * self.counts.sum(axis=1)
        return alpha_of(*per_pair(observed, expected, n))

    def _within(self) -> Array:
        """Distances between the sets of each cluster, summed, (n,)."""
        found = np.zeros(len(self.observed))
        for cluster in range(len(found)):
            of = slice(self.counts.indptr[cluster], self.counts.indptr[cluster + 1])
            times = self.counts.data[of]
            for some, apart in self.apart.among(self.counts.indices[of]):
                found[cluster] += times[some] @ apart @ times
        return found


def _by_cluster(table: Sets, paired: Sets, clusters: Index, distance: SetDistance) -> _Clusters:
    """Sets that can be paired, summed by cluster; a cluster without one leaves."""
    from scipy.sparse import coo_array

    units, one, two = pairs_of(paired)
    in_units = observed_in(paired, units, distance(table[units, one], table[units, two]))
    known, places = np.unique(table[paired], axis=0, return_inverse=True)
    entered = paired.any(axis=1)
    names, index = np.unique(clusters[entered], return_inverse=True)
    whose = np.repeat(index, paired[entered].sum(axis=1))
    shape = len(names), len(known)
    counts = coo_array((np.ones(len(whose)), (whose, places.ravel())), shape=shape).tocsr()
    observed = np.bincount(index, in_units[entered], minlength=len(names)).astype(float)
    return _Clusters(_Apart.of(known, distance), observed, counts)


def _between(some: Sets, others: Sets, distance: SetDistance) -> Array:
    """Distances of sets from others, (some, others)."""
    for named, of_sizes in ((jaccard_distance, _jaccard), (masi_distance, _masi)):
        if distance is named:  # a callable of the caller's may know neither == nor a hash
            both = (some.astype(np.float32) @ others.T.astype(np.float32)).astype(float)
            return of_sizes(both, some.sum(axis=1)[:, None], others.sum(axis=1))
    # Row by row: all pairs at once would take n_codes times the memory.
    rows = [np.asarray(distance(one[None, :], others), dtype=float) for one in some]
    return np.array(rows).reshape(len(some), len(others))
