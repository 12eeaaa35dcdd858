"""What may be shown of a study without exposing anybody in it.

Small counts and whatever gives them back (`counts`, `cells`), the words behind a quote
(`attribution`), who approved which passage for which use (`approvals`), and the last
search of a finished folder (`search`). Every module that prints something asks here;
nothing here reads a source or writes a report.
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
from reflect_analysis.disclosure.attribution import Attributions, attribute_quote
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
from reflect_analysis.disclosure.register import read_approvals, write_register
from reflect_analysis.disclosure.search import Exposure, check_share, find_single_rows

__all__ = [
    "DEFAULT_K",
    "HIDDEN",
    "Approval",
    "Attributions",
    "Exposure",
    "Persons",
    "QuoteOmission",
    "QuoteRecord",
    "QuoteSelection",
    "Shown",
    "SuppressedTable",
    "approved_quotes",
    "attribute_quote",
    "check_share",
    "count_note",
    "find_single_rows",
    "persons_in",
    "quote_record",
    "read_approvals",
    "show_count",
    "show_persons",
    "suppress_table",
    "write_register",
]
