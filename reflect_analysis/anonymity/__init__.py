"""Identifiers in the texts, found before anything else is done with them.

`check_anonymity` looks; a person decides; `mark_cleared` records who decided and why. The
invariant: no text is cleared while a direct identifier (an address, a number, a date of
birth, a first name with a surname) stands in it without a written reason. Other names are
guesses: a model finds some and mistakes some, so they are shown, and the clearing person's
note answers for them. Only texts are read: the columns beside them (role, place) are not. A
clean report is no proof that nobody can be recognised: a story can be an identifier.

Findings carry places, never words; the words are shown in `AnonymityReport.to_frame` and in
the file of `AnonymityReport.to_csv`, which stay with the researcher. More recognisers are
added to `RECOGNISERS`; pseudonyms and withdrawal do not stand here.
"""

from __future__ import annotations

from reflect_analysis.anonymity.clearing import mark_cleared, read_reasons
from reflect_analysis.anonymity.findings import AnonymityReport, Finding
from reflect_analysis.anonymity.recognisers import (
    RECOGNISERS,
    check_anonymity,
    find_by_patterns,
    find_names,
)

__all__ = [
    "RECOGNISERS",
    "AnonymityReport",
    "Finding",
    "check_anonymity",
    "find_by_patterns",
    "find_names",
    "mark_cleared",
    "read_reasons",
]
