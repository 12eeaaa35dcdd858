"""Write the codebook's version, and the ids that follow from it, into the demonstration's readings.

python benchmarks/stamp.py

The readings were composed by the definitions: a change of patterns, scopes or sources leaves them
true, and this says so. After a change of a definition somebody reads anew; nothing is stamped.
"""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import reflect_analysis as ra


def stamp(folder: Path, version: str) -> int:
    """Stamp the readings in a folder; how many codings there are."""
    path = folder / "codings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, coding in zip(rows, ra.read_codings(folder), strict=True):
        stamped = dataclasses.replace(coding, codebook_version=version, id="")
        row.update(codebook_version=version, id=stamped.id)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def main() -> None:
    files = ra.demo_files()
    version = ra.read_codebook(files.codebook).version
    for folder in files.codings:
        print(f"{folder.name}: {stamp(folder, version)} codings of version {version}")


if __name__ == "__main__":
    main()
