"""A stored codebook without the words of a participant who withdrew."""

from __future__ import annotations

from reflect_analysis.disclosure.withdrawal import IsGone, Quotes, clean
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.rows import Row

__all__ = ["without_words"]


def without_words(row: Row, is_gone: IsGone, quotes: Quotes) -> Row:
    """A stored codebook without the words of the withdrawn; the version that codings bear stays."""
    book = as_rows.codebook_of(row)
    cleaned = clean(book, is_gone, quotes)
    if cleaned is book:
        return row
    return {**row, **as_rows.codebook_row(cleaned), "version": row["version"]}
