"""Identifiers in the texts, found before anything else is done with them.

`check_anonymity` looks; a person decides; `mark_cleared` records who decided and why. The
invariant: no text is cleared while a direct identifier (an address, a number, a date of
birth, a first name with a surname, a centre's own name) stands in it or beside it without a
written reason. Other findings are guesses, of single names, towns, rooms and great ages: they
are shown, and the clearing person's note answers for them. Beside the texts the columns of
documents and cases and the names of files are read for what identifies by itself; role, place
and community stand there on purpose and are the business of `reflect_analysis.disclosure`.

Four recognisers look (`RECOGNISERS`): forms of our own, presidio's for Canada, names and places
by lists and by the words around them, and what stands beside the texts. In English the parse
helps; in French lists and cues do the work alone (`AnonymityReport.without_model`). Not sought:
a role that only one person holds, a story that its town knows, initials, pictures. A clean
report is no proof that nobody can be recognised: a story can be an identifier.

Findings carry places, never words; the words are shown in `AnonymityReport.to_frame` and in
the file of `AnonymityReport.to_csv`, which stay with the researcher. `pseudonymise` replaces what
was found and gives a `Key` apart; `withdraw` takes a participant out of values.
"""

from __future__ import annotations

from reflect_analysis.anonymity.beside import find_beside
from reflect_analysis.anonymity.clearing import mark_cleared, read_reasons
from reflect_analysis.anonymity.engine import find_by_presidio
from reflect_analysis.anonymity.findings import AnonymityReport, Finding
from reflect_analysis.anonymity.key import Key, read_key
from reflect_analysis.anonymity.pseudonyms import pseudonymise, read_replacements
from reflect_analysis.anonymity.recognisers import (
    RECOGNISERS,
    check_anonymity,
    find_by_patterns,
    find_names,
)
from reflect_analysis.anonymity.withdrawing import withdraw

__all__ = [
    "RECOGNISERS",
    "AnonymityReport",
    "Finding",
    "Key",
    "check_anonymity",
    "find_beside",
    "find_by_patterns",
    "find_by_presidio",
    "find_names",
    "mark_cleared",
    "pseudonymise",
    "read_key",
    "read_reasons",
    "read_replacements",
    "withdraw",
]
