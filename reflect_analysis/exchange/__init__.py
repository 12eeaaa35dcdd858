"""Studies in and out of other programs, each with a report of what was lost.

A foreign file is read, never written in place; nothing governed or uncleared leaves.
"""

from reflect_analysis.exchange.annotations import read_annotations
from reflect_analysis.exchange.leaving import Leaving, what_may_leave
from reflect_analysis.exchange.lines import read_spans
from reflect_analysis.exchange.networks import export_network, to_network
from reflect_analysis.exchange.public import export_public
from reflect_analysis.exchange.qualcoder import read_qualcoder
from reflect_analysis.exchange.quotes import read_quotes
from reflect_analysis.exchange.recognising import Format, may_be_foreign, read_exchange, recognise
from reflect_analysis.exchange.refi import read_refi, write_refi
from reflect_analysis.exchange.returning import beside, with_regions
from reflect_analysis.exchange.taguette import read_taguette
from reflect_analysis.exchange.taguette_codes import read_taguette_codes
from reflect_analysis.exchange.tidy import case_matrix, ena_table, recal_matrices
from reflect_analysis.exchange.values import (
    Exchanged,
    ExchangeReport,
    Exported,
    LineEnds,
    Link,
    Region,
    SelectionReport,
    Set,
    SourceReport,
    Unit,
)
from reflect_analysis.exchange.writing import ExportFormat, export_study

__all__ = [
    "ExchangeReport",
    "Exchanged",
    "ExportFormat",
    "Exported",
    "Format",
    "Leaving",
    "LineEnds",
    "Link",
    "Region",
    "SelectionReport",
    "Set",
    "SourceReport",
    "Unit",
    "beside",
    "case_matrix",
    "ena_table",
    "export_network",
    "export_public",
    "export_study",
    "may_be_foreign",
    "read_annotations",
    "read_exchange",
    "read_qualcoder",
    "read_quotes",
    "read_refi",
    "read_spans",
    "read_taguette",
    "read_taguette_codes",
    "recal_matrices",
    "recognise",
    "to_network",
    "what_may_leave",
    "with_regions",
    "write_refi",
]
