"""How few participants share what is known of one: the smallest class of each case and quote.

Identity leaks through combinations: many are educators, many live in Kamloops, one is both
and has two years of experience. The class of a participant is all who share the combination.
Her partner in a pair knows her and herself, so where a pair stands in a class it is the
others who count.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure.counts import DEFAULT_K, check_k

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CaseRisk", "Risks", "others_than_a_pair", "risk"]

QUASI_IDENTIFIERS = ("role", "place", "community", "experience", "cohort")


def others_than_a_pair(pairs: Mapping[str, str]) -> int:
    """How many of some participants remain when one of a pair takes herself and her partner away.

    Parameters
    ----------
    pairs : mapping of str to str
        The pair of each participant; one who is in none has a name of her own there.

    Examples
    --------
    >>> others_than_a_pair({"P1": "pair-1", "P2": "pair-1", "P3": "alone:P3"})
    1
    >>> others_than_a_pair({"P2": "alone:P2", "P3": "alone:P3"})
    2
    """
    largest = max(Counter(pairs.values()).values(), default=0)
    return len(pairs) - (largest if largest > 1 else 0)


@dataclass(frozen=True, slots=True)
class CaseRisk:
    """How well a participant is hidden by what is known of her.

    Parameters
    ----------
    case_id : str
    shared_by : int
        Participants who share all of it, herself included.
    others : int
        Of those, how many count when a pair among them takes itself away.
    rare : tuple of str
        The fewest attributes that together are shared by too few; empty where none are.
    governed : bool
        Whether a nation or community governs her record.
    """

    case_id: str
    shared_by: int
    others: int
    rare: tuple[str, ...] = ()
    governed: bool = False


@dataclass(frozen=True)
class Risks:
    """The classes of a study by a combination of attributes.

    Parameters
    ----------
    corpus : Corpus
    attributes : tuple of str
    k : int
    """

    corpus: Corpus
    attributes: tuple[str, ...] = QUASI_IDENTIFIERS
    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        check_k(self.k)

    @cached_property
    def rows(self) -> tuple[CaseRisk, ...]:
        """One a participant, the worst hidden first."""
        rows = (self._of(case) for case in self.corpus.cases)
        return tuple(sorted(rows, key=lambda row: (row.others, row.shared_by, row.case_id)))

    @property
    def smallest(self) -> int:
        """The others in the smallest class; 0 in a study without participants."""
        return min((row.others for row in self.rows), default=0)

    @property
    def exposed(self) -> tuple[CaseRisk, ...]:
        """The participants whose combination fewer than k others share."""
        return tuple(row for row in self.rows if row.others < self.k)

    def of_case(self, case_id: str) -> CaseRisk:
        """The class of one participant, or `UnknownIdError`."""
        self.corpus.case(case_id)
        return self._by_id[case_id]

    def of_quote(self, document: Document, start: int, end: int) -> CaseRisk | None:
        """The smallest class among those who speak between two offsets; `None` if unknown."""
        near = self.corpus.cases_of(document)
        if document.turns:
            spoken = (t.case_id for t in document.turns if t.start < end and start < t.end)
            near = tuple(case_id for case_id in spoken if case_id)
        found = [self._by_id[case_id] for case_id in near]
        return min(found, key=lambda row: (row.others, row.shared_by), default=None)

    @cached_property
    def _by_id(self) -> dict[str, CaseRisk]:
        return {row.case_id: row for row in self.rows}

    def _of(self, case: Case) -> CaseRisk:
        shared, others = self._class_of(case, self.attributes)
        rare = next(self._rare(case), ()) if others < self.k else ()
        return CaseRisk(case.id, shared, others, rare, case.governance is not None)

    def _rare(self, case: Case) -> Iterator[tuple[str, ...]]:
        """Combinations that too few share, the shortest first."""
        for length in range(1, len(self.attributes) + 1):
            for names in itertools.combinations(self.attributes, length):
                if self._class_of(case, names)[1] < self.k:
                    yield names

    def _class_of(self, case: Case, names: tuple[str, ...]) -> tuple[int, int]:
        """Who shares these attributes, and how many when a pair takes itself away."""
        return self._sizes(names)[self._values(case, names)]

    def _sizes(self, names: tuple[str, ...]) -> dict[tuple[str, ...], tuple[int, int]]:
        if names not in self._known:
            classes: dict[tuple[str, ...], dict[str, str]] = {}
            for case in self.corpus.cases:
                pair = str(case.attributes.get("pair") or f"alone:{case.id}")
                classes.setdefault(self._values(case, names), {})[case.id] = pair
            sizes = {key: (len(pairs), others_than_a_pair(pairs)) for key, pairs in classes.items()}
            self._known[names] = sizes
        return self._known[names]

    def _values(self, case: Case, names: Sequence[str]) -> tuple[str, ...]:
        """What is known of a participant, by her texts too; not known is a value like any other."""
        about = self._by_texts.get(case.id, {})
        told = ((str(case.attributes.get(name) or ""), about.get(name, ())) for name in names)
        return tuple(own or "; ".join(sorted(texts)) for own, texts in told)

    @cached_property
    def _by_texts(self) -> dict[str, dict[str, set[str]]]:
        """What the texts of a participant say of her, such as the cohort that she wrote in."""
        found: dict[str, dict[str, set[str]]] = {}
        for document in self.corpus:
            if document.case_id and document.voice == "participant":
                about = found.setdefault(document.case_id, {})
                for name in set(self.attributes).intersection(document.attributes):
                    if document.attributes[name]:
                        about.setdefault(name, set()).add(str(document.attributes[name]))
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, ...], dict[tuple[str, ...], tuple[int, int]]]:
        return {}

    def to_frame(self) -> pd.DataFrame:
        """One row a participant, the fields of `CaseRisk` as columns: to be kept, not sent."""
        return to_frame(self.rows, CaseRisk)

    def __repr__(self) -> str:
        told = f"{len(self.exposed)} of {len(self.rows)} participants share their combination"
        return f"<Risks: {told} with fewer than {self.k} others who count>"

    def _repr_html_(self) -> str:
        heads = ("Participant", "Shared by", "Others who count", "Rare together")
        cells = ((r.case_id, r.shared_by, r.others, ", ".join(r.rare)) for r in self.exposed)
        return html_table(heads, cells)


def risk(
    corpus: Corpus, *, attributes: Sequence[str] = QUASI_IDENTIFIERS, k: int = DEFAULT_K
) -> Risks:
    """How few participants share what is known of each, by a combination of attributes.

    Parameters
    ----------
    corpus : Corpus
    attributes : sequence of str
        What somebody outside may know of a participant. Those that no participant has change
        nothing. ``"pair"`` is no such attribute: it tells who knows whom.
    k : int
        How many others must share a combination, at least 3.

    Returns
    -------
    Risks
        `rows` and `exposed`, `of_case`, `of_quote`, `smallest`.

    Raises
    ------
    ValueError
        If k < 3, or ``"pair"`` is among the attributes.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: a model for protecting privacy. International Journal of
    Uncertainty, Fuzziness and Knowledge-Based Systems 10(5), 557-570.

    Examples
    --------
    >>> from reflect_analysis.corpus import Case, Corpus
    >>> def person(n, role, place):
    ...     return Case(f"P{n}", {"role": role, "place": place})
    >>> cases = [person(n, "ECE", "Kamloops") for n in range(6)]
    >>> cases += [person(n, "ECE", "Nelson") for n in range(6, 12)] + [person(12, "Cook", "Nelson")]
    >>> found = risk(Corpus((), tuple(cases)))
    >>> [(row.case_id, row.shared_by, row.rare) for row in found.exposed]
    [('P12', 1, ('role',))]
    """
    if "pair" in attributes:
        raise ValueError("'pair' is no attribute to be combined: partners are reckoned with anyway")
    return Risks(corpus, tuple(attributes), k)
