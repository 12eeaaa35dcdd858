"""Texts that stand twice: shown, and never dropped, for two people may have signed one text."""

from __future__ import annotations

from collections.abc import Iterable

from reflect_analysis.corpus import Document
from reflect_analysis.provenance import text_hash

from ._found import word_count

FEWEST_WORDS = 5


def doubled_texts(documents: Iterable[Document]) -> list[tuple[str, ...]]:
    r"""The ids of documents with the same words, whatever blanks and line ends part them.

    Answers of a word or two ("yes", "not yet") are the same by nature and not listed.

    Examples
    --------
    >>> first, second = "We met in the yard.", "We met\nin the yard."
    >>> doubled_texts([Document("a", first), Document("b", second)])
    [('a', 'b')]
    """
    found: dict[str, list[str]] = {}
    for document in documents:
        if word_count(document.text) >= FEWEST_WORDS:
            key = text_hash(" ".join(document.text.split()))
            found.setdefault(key, []).append(document.id)
    return [tuple(ids) for ids in found.values() if len(ids) > 1]
