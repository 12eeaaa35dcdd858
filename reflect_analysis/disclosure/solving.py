"""What a reader can solve for: the values that printed numbers and their sums leave possible.

The attack that tables are held against before they are printed, and released tables
together. It is done in whole numbers, because persons are: the relaxation to real numbers
would think a cell safer than it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

__all__ = ["Bounds", "Line", "possible_range"]

Key = TypeVar("Key", bound=Hashable)
# The smallest and the largest value; None where nothing limits it.
Bounds = tuple[int, int | None]
# A sum and its parts.
Line = tuple[Key, Sequence[Key]]
_SOLVED = 0


def possible_range(
    target: Key, bounds: Mapping[Key, Bounds], lines: Sequence[Line[Key]]
) -> Bounds | None:
    """The smallest and largest value of one number that all the others allow.

    Parameters
    ----------
    target : key
    bounds : mapping of key to (int, int or None)
        What is known of each number by itself.
    lines : sequence of (key, keys)
        Sums: the first is the sum of the others.

    Returns
    -------
    (int, int or None) or None
        `None` where the numbers contradict one another, so that nothing can be inferred.

    Examples
    --------
    >>> known = {"all": (8, 8), "new": (1, 4), "old": (5, None)}
    >>> possible_range("new", known, [("all", ["new", "old"])])
    (1, 3)
    """
    tied = _tied_to(target, lines)
    low, high = bounds[target]
    if not tied:
        return (low, high) if high is None or low <= high else None
    names = list(dict.fromkeys([target, *(n for total, parts in tied for n in (total, *parts))]))
    limits = [bounds[name] for name in names]
    place = {name: number for number, name in enumerate(names)}
    sums = [(place[total], [place[part] for part in parts]) for total, parts in tied]
    least = _end(1, limits, sums)
    # One that has a smallest value and no solution upwards has no largest.
    return None if least is None else (least, _end(-1, limits, sums))


def _end(sign: int, limits: Sequence[Bounds], sums: Sequence[Line[int]]) -> int | None:
    """The smallest (sign 1) or largest (-1) value of the first number; `None` without one."""
    import numpy as np
    from scipy.optimize import Bounds as Limits
    from scipy.optimize import LinearConstraint, milp

    low = [low for low, _ in limits]
    high = [np.inf if high is None else high for _, high in limits]
    if any(a > b for a, b in zip(low, high, strict=True)):
        return None
    matrix = np.zeros((len(sums), len(limits)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, total] -= 1
        for part in parts:
            matrix[row, part] += 1
    goal = np.zeros(len(limits))
    goal[0] = sign
    whole = np.ones(len(limits))
    even = LinearConstraint(matrix, 0, 0)
    found = milp(goal, integrality=whole, bounds=Limits(low, high), constraints=even)
    return round(sign * found.fun) if found.status == _SOLVED else None


def _tied_to(target: Key, lines: Sequence[Line[Key]]) -> list[Line[Key]]:
    """The lines that a number is tied to, directly or by others."""
    reached: set[Key] = {target}
    kept: list[Line[Key]] = []
    left = list(lines)
    while True:
        near = [line for line in left if not reached.isdisjoint((line[0], *line[1]))]
        if not near:
            return kept
        kept += near
        left = [line for line in left if line not in near]
        reached.update(name for total, parts in near for name in (total, *parts))
