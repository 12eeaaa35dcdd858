"""A rectangle of a picture, in whole pixels of the picture as it is looked at.

The picture is upright: turned as its camera said, before anything is measured. Left and top
belong to the rectangle, right and bottom do not, as with the offsets of a passage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["SAME_PART", "Region"]

_CORNERS = 4

# From which overlap on two people's rectangles mean the same part: nobody draws one twice alike.
SAME_PART = 0.5


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A rectangle with an area, half-open.

    Parameters
    ----------
    x0, y0 : int
        Left and top; at least 0.
    x1, y1 : int
        Right and bottom, which lie outside.

    Raises
    ------
    ValueError
        If it has no area or begins outside the picture.

    Examples
    --------
    >>> Region(10, 0, 40, 30).area
    900
    """

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        given = (self.x0, self.y0, self.x1, self.y1)
        if not all(isinstance(each, int) for each in given):
            raise ValueError(f"region {given}: expected whole pixels")
        if not (0 <= self.x0 < self.x1 and 0 <= self.y0 < self.y1):
            raise ValueError(f"region {given}: expected left < right and top < bottom, from 0 on")

    def __str__(self) -> str:
        return f"{self.x0},{self.y0},{self.x1},{self.y1}"

    @property
    def area(self) -> int:
        """In pixels."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def overlap(self, other: Region) -> float:
        """What two regions share, as a part of the larger one.

        Returns
        -------
        float
            In [0, 1]: 1 only where they are the same.

        Examples
        --------
        >>> Region(0, 0, 10, 10).overlap(Region(0, 5, 10, 15))
        0.5
        """
        wide = min(self.x1, other.x1) - max(self.x0, other.x0)
        high = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(wide, 0) * max(high, 0) / max(self.area, other.area)

    def around(self, other: Region) -> Region:
        """The smallest region that holds both."""
        left, top = min(self.x0, other.x0), min(self.y0, other.y0)
        return Region(left, top, max(self.x1, other.x1), max(self.y1, other.y1))

    @classmethod
    def of(cls, corners: Iterable[int]) -> Region:
        """The region of four numbers.

        Raises
        ------
        ValueError
            If they are not four, or no region.
        """
        given = tuple(corners)
        if len(given) != _CORNERS:
            raise ValueError(f"region {given}: expected left, top, right and bottom")
        return cls(*given)

    @classmethod
    def read(cls, text: str) -> Region:
        """The region that `str` wrote.

        Examples
        --------
        >>> Region.read("10,0,40,30")
        Region(x0=10, y0=0, x1=40, y1=30)
        """
        return cls.of(int(each) for each in text.split(","))

    def overlaps(self, other: Region) -> bool:
        """Whether two share a pixel."""
        across = self.x0 < other.x1 and other.x0 < self.x1
        return across and self.y0 < other.y1 and other.y0 < self.y1

    def fits(self, width: int, height: int) -> bool:
        """Whether it lies within a picture of this size."""
        return self.x1 <= width and self.y1 <= height
