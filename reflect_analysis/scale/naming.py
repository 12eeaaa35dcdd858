"""What a check of one partition asks of all participants: their names, and their pseudonyms."""

from __future__ import annotations

from collections.abc import Iterable

from reflect_analysis.anonymity.known import NAME_COLUMNS
from reflect_analysis.corpus import Case
from reflect_analysis.provenance import fingerprint

__all__ = ["names_key", "names_of"]


def names_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """The cells of the participants' columns of names, sorted."""
    cells = {
        str(value)
        for case in cases
        for column, value in case.attributes.items()
        if NAME_COLUMNS.fullmatch(str(column).strip())
    }
    return tuple(sorted(cells))


def names_key(cases: Iterable[Case]) -> str:
    """Fingerprint of the names that are sought in every text, and of the pseudonyms that are none.

    An id with a digit is no word that could be a name: who comes with such a one costs nothing.
    """
    everybody = tuple(cases)
    words = sorted(each.id for each in everybody if not any(map(str.isdigit, each.id)))
    return fingerprint(names_of(everybody), words)[:32]
