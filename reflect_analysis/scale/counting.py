"""What tables need of a partition, small enough to be added up without its texts.

A participant may write in several partitions, so that participants, their median and their
communities cannot be added: what is kept is passages by code and participant, and who was read.
Everything else of a row of the theme table is a sum over texts, and a text lies in one partition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure import persons_in
from reflect_analysis.incidence import Tally
from reflect_analysis.themes.counting import counted_codes

__all__ = ["EVERYBODY", "PartCounts", "count_part"]

# In place of the number of a group of texts: who has a text that tables may count at all.
EVERYBODY = -1


@dataclass(frozen=True)
class PartCounts:
    """Counts of one partition.

    Parameters
    ----------
    totals : mapping of str to mapping
        By code: ``references``, ``reflections``, ``of_reflections``, ``unknown``,
        ``of_unknown``, and ``readers``, the number of the group of texts that was read for it:
        codes for which the same texts were read share one.
    found : mapping of str to list
        Columns ``code_id``, ``case_id``, ``passages``.
    read : mapping of str to list
        Columns ``readers`` and ``case_id``: who has a text that was read; under `EVERYBODY` all
        who have one that tables may count.
    texts : int
        Texts that tables may count.
    """

    totals: Mapping[str, Mapping[str, Any]]
    found: Mapping[str, list[Any]]
    read: Mapping[str, list[Any]]
    texts: int


def count_part(codings: Codings, corpus: Corpus, codebook: Codebook) -> PartCounts:
    """Count as `theme_table` does, by participant.

    Parameters
    ----------
    codings : Codings
        Of a machine.
    corpus : Corpus
        The partition; documents that are not approved for tables are left out.
    codebook : Codebook
    """
    texts = corpus.permitted("tables").where(lambda document: document.voice == "participant")
    tally = Tally(codings, texts, codebook.public())
    groups: dict[frozenset[str], int] = {}
    totals: dict[str, dict[str, Any]] = {}
    found: dict[str, list[Any]] = {"code_id": [], "case_id": [], "passages": []}
    of_unknown: dict[int, int] = {}
    for code in counted_codes(tally.codebook, tally.codings):
        seen, spans = tally.read(code.id), tally.passages(code.id)
        readers = groups.setdefault(seen, len(groups))
        if readers not in of_unknown:
            of_unknown[readers] = persons_in(texts, seen).unknown
        documents = {document_id for document_id, _, _ in spans}
        totals[code.id] = {
            "references": len(spans),
            "reflections": len(documents),
            "of_reflections": len(seen),
            "unknown": persons_in(texts, documents).unknown,
            "of_unknown": of_unknown[readers],
            "readers": readers,
        }
        said = Counter(texts.case_at(document_id, start) for document_id, start, _ in spans)
        said.pop(None, None)
        found["code_id"] += [code.id] * len(said)
        found["case_id"] += said.keys()
        found["passages"] += said.values()
    read: dict[str, list[Any]] = {"readers": [], "case_id": []}
    everybody = frozenset(document.id for document in texts)
    for seen, number in [*groups.items(), (everybody, EVERYBODY)]:
        documents_seen = (texts.document(document_id) for document_id in seen)
        cases = {case_id for d in documents_seen for case_id in texts.cases_of(d)}
        read["readers"] += [number] * len(cases)
        read["case_id"] += cases
    return PartCounts(totals, found, read, len(texts))
