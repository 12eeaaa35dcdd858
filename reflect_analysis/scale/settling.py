"""What the cells of a data set say of its columns, for all partitions alike.

Which column identifies, and how its dates are written, cannot be told by the cells of one
partition: it would be read another way than its neighbour, and the results would hang on how the
files are cut. Kept are a few numbers a column, no cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reflect_analysis.disclosure.withdrawal import LINKS
from reflect_analysis.readers.datasets import CellsSeen, DatasetColumns
from reflect_analysis.scale.cells import as_text

__all__ = ["AttributeCells", "links_read"]


class AttributeCells:
    """The cells of the columns that no role has, seen batch by batch.

    Parameters
    ----------
    columns : DatasetColumns
        As the header tells them.
    """

    def __init__(self, columns: DatasetColumns) -> None:
        self._seen = {name: CellsSeen() for name in columns.attributes}
        self._styles: dict[str, dict[str, Counter[str]]] = {name: {} for name in self._seen}

    def take(self, file: str, batch: Any) -> None:
        """Look at some rows of a file."""
        for name, seen in self._seen.items():
            styles = Counter(seen.add(as_text(batch.column(name)).to_pylist()))
            self._styles[name].setdefault(file, Counter()).update(styles)

    def settled(self, columns: DatasetColumns, *, withdrawn: bool = False) -> DatasetColumns:
        """The columns without those whose cells identify, and how dates are written in them.

        Parameters
        ----------
        columns : DatasetColumns
        withdrawn : bool
            Whether somebody withdrew: columns that name what a text answers are read then, also
            where their cells identify. They are listed as left out, and are no attribute of what
            is coded (`links_read`).
        """
        out = [name for name, seen in self._seen.items() if seen.identify]
        read = [name for name in out if withdrawn and name in LINKS]
        left = [name for name in out if name not in read]
        kept = columns.without(left) if left else columns
        kept = replace(kept, left_out=(*kept.left_out, *read))
        usual = {name: self._seen[name].usual for name in kept.attributes}
        return replace(kept, dates={name: style for name, style in usual.items() if style})

    def odd(self, columns: DatasetColumns) -> Mapping[str, Counter[str]]:
        """By column and file the dates that are written otherwise than most, and left out so."""
        return {
            name: Counter(
                {
                    file: count
                    for file, styles in self._styles[name].items()
                    if (count := sum(n for each, n in styles.items() if each not in ("", usual)))
                }
            )
            for name, usual in columns.dates.items()
        }


def links_read(columns: DatasetColumns) -> tuple[str, ...]:
    """Columns that identify, and are read for nothing but what the texts of the withdrawn reach."""
    return tuple(name for name in columns.header if name in columns.left_out)
