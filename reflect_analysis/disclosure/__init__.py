"""What may be shown of a study without exposing anybody in it.

Small counts and whatever gives them back (`counts`, `cells`, `trees`, `parts`, `rounding`, and
across tables `linked`), how few share what is known of one (`rarity`), the words behind a quote
(`attribution`), who approved which passage for which use (`approvals`, `register`, `asking`), what
was sent before (`ledger`), and the last search of a finished folder (`search`). Every module that
prints something asks here; nothing here reads a source or writes a report.
"""

from __future__ import annotations

from reflect_analysis.disclosure.approvals import (
    Approval,
    QuoteOmission,
    QuoteRecord,
    QuoteSelection,
    approved_quotes,
    quote_record,
)
from reflect_analysis.disclosure.asking import (
    Answers,
    PassageConsent,
    read_answers,
    with_consents,
    write_asking_sheets,
)
from reflect_analysis.disclosure.attribution import TEMPLATE, Attributions, attribute_quote
from reflect_analysis.disclosure.cells import SuppressedTable, suppress_table
from reflect_analysis.disclosure.counts import (
    DEFAULT_K,
    HIDDEN,
    Persons,
    Shown,
    count_note,
    persons_in,
    show_count,
    show_persons,
)
from reflect_analysis.disclosure.joining import governed_groups
from reflect_analysis.disclosure.ledger import Leak, Ledger, read_ledger
from reflect_analysis.disclosure.parts import Part, hidden_parts
from reflect_analysis.disclosure.rarity import CaseRisk, Risks, risk
from reflect_analysis.disclosure.register import read_approvals, write_register
from reflect_analysis.disclosure.releases import (
    ALL,
    ALL_TEXTS,
    Release,
    ReleasedCell,
    ReleasedQuote,
    released_count,
    released_table,
    released_total,
)
from reflect_analysis.disclosure.search import (
    Exposure,
    check_share,
    find_single_rows,
    repeats_passage,
)
from reflect_analysis.disclosure.trees import TreeCount, hidden_in_groups, hidden_in_trees

__all__ = [
    "ALL",
    "ALL_TEXTS",
    "DEFAULT_K",
    "HIDDEN",
    "TEMPLATE",
    "Answers",
    "Approval",
    "Attributions",
    "CaseRisk",
    "Exposure",
    "Leak",
    "Ledger",
    "Part",
    "PassageConsent",
    "Persons",
    "QuoteOmission",
    "QuoteRecord",
    "QuoteSelection",
    "Release",
    "ReleasedCell",
    "ReleasedQuote",
    "Risks",
    "Shown",
    "SuppressedTable",
    "TreeCount",
    "approved_quotes",
    "attribute_quote",
    "check_share",
    "count_note",
    "find_single_rows",
    "governed_groups",
    "hidden_in_groups",
    "hidden_in_trees",
    "hidden_parts",
    "persons_in",
    "quote_record",
    "read_answers",
    "read_approvals",
    "read_ledger",
    "released_count",
    "released_table",
    "released_total",
    "repeats_passage",
    "risk",
    "show_count",
    "show_persons",
    "suppress_table",
    "with_consents",
    "write_asking_sheets",
    "write_register",
]
