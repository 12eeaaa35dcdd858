"""Who is near to whom: exact neighbours, and the space in which groups come back.

A short text's vector is noisy. Its mean with its nearest texts is less so, and on few
principal components more of the texts' likeness stays than of the noise. On 1,000 real
sentences in 15 groups the agreement over bootstrap samples rises from .28 to .42 with both,
on 6,000 in 85 groups from .30 to .45. Everything here is exact and knows no seed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Neighbours", "Vectors", "components", "neighbours_of", "smoothed", "unit"]

Vectors = NDArray[np.float32]
# (n, count) of positions, the row itself first, and (n, count) of cosine distances.
Neighbours = tuple[NDArray[np.int64], Vectors]

BLOCK = 1_000
# So many times as many equals as were asked for are sorted another way.
MANY = 20


def unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    """Rows at unit length; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def neighbours_of(vectors: Vectors, count: int) -> Neighbours:
    """The nearest rows of each by cosine, itself first, found by looking at every pair.

    On 6,000 rows of 384 numbers this takes a second, which is less than an approximate
    search needs to be compiled. Of equally near rows the first come first.

    Parameters
    ----------
    vectors : ndarray
        (n_rows, n_dimensions), of unit length.
    count : int
        At most n_rows.
    """
    places = np.empty((len(vectors), count), dtype=np.int64)
    distances = np.empty((len(vectors), count), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] @ vectors.T
        np.negative(block, out=block)
        rows = np.arange(len(block))
        block[rows, start + rows] = -np.inf
        near = _least(block, count)
        places[start : start + len(block)] = near
        distances[start : start + len(block)] = 1 + np.take_along_axis(block, near, axis=1)
    distances[:, 0] = 0
    return places, distances.clip(min=0)


def _least(block: Vectors, count: int) -> NDArray[np.int64]:
    """(n_rows, count): positions of the least numbers of each row, in order."""
    # To part the numbers and then look which they are takes half as long as to part positions.
    limit = np.partition(block, count - 1, axis=1)[:, count - 1 : count]
    rows, places = np.nonzero(block <= limit)
    if len(rows) > MANY * count * len(block):
        # So many copies of one text that all of them would not fit into memory.
        return np.argsort(block, axis=1, kind="stable")[:, :count]
    order = np.lexsort((places, block[rows, places], rows))
    first = np.searchsorted(rows, np.arange(len(block)))
    found: NDArray[np.int64] = places[order[first[:, None] + np.arange(count)]]
    return found


def smoothed(vectors: Vectors, count: int) -> Vectors:
    """Each row's mean with its nearest, about the centre of all; of unit length."""
    centred = unit(vectors - vectors.mean(axis=0))
    places, _ = neighbours_of(centred, min(count + 1, len(vectors)))
    result = np.empty_like(centred)
    for start in range(0, len(vectors), BLOCK):
        result[start : start + BLOCK] = centred[places[start : start + BLOCK]].mean(axis=1)
    return unit(result)


def components(vectors: Vectors, count: int) -> NDArray[np.float64]:
    """(n_rows, at most `count`): the rows on their first principal components, of unit length."""
    centred = vectors.astype(np.float64)
    centred = centred - centred.mean(axis=0)
    if len(centred) < centred.shape[1]:
        return unit(_of_few(centred, count)).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return unit(centred @ axes[:, ::-1][:, :count]).astype(np.float64)


def _of_few(centred: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """The same from the products of rows: of 125 rows of 384 numbers in a tenth of the time."""
    squares, sides = np.linalg.eigh(centred @ centred.T)
    # Below zero is rounding: rows that are centred lie in one dimension less than there are rows.
    scales: NDArray[np.float64] = np.sqrt(squares[::-1][:count].clip(min=0))
    return sides[:, ::-1][:, :count] * scales
