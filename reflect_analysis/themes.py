"""The theme table: what was coded, in how many participants, of how many who were read.

Participants come first, because one talkative person is not a finding. The denominator is
counted for each code by itself: a text that no coder read for that code (an unknown
language, a human-only code under a machine, an unapproved record) is not a zero and leaves
it. The order is the codebook's, never that of the counts. Headings of the codebook are
groups; a theme is a researcher's claim and is printed only where she typed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import to_frame
from reflect_analysis.provenance import Run, merge_runs

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Code, Codebook
    from reflect_analysis.codings import Codings, CurrentCoding
    from reflect_analysis.corpus import Corpus

__all__ = ["Approach", "ThemeRow", "ThemeTable", "theme_table"]

Approach = Literal["content-analysis", "coding-reliability", "codebook", "reflexive"]
RowStatus = Literal["human", "reviewed", "machine", "not read"]

# Approaches in which an interval for a share of participants is a legitimate claim.
COUNTING = ("content-analysis", "coding-reliability")


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One code's line of the theme table.

    Parameters
    ----------
    group, claim, code_id, code, definition : str
        `claim` is the researcher's theme for the group, or empty.
    participants : int, optional
        Participants with at least one passage; `None` where nobody read for the code.
    of_participants : int
        Participants with a text that was read for this code.
    low, high : float, optional
        Wilson 95 % interval of the share, in [0, 1], where the approach allows one.
    reflections, of_reflections : int
        Documents with a passage, and documents read for this code.
    of_unknown_case : int
        Documents among `reflections` whose writer is not known.
    references : int
        Passages.
    median_references : float, optional
        Median passages of a participant who has any.
    communities : int, optional
        Communities of those participants.
    status : {"human", "reviewed", "machine", "not read"}
        The weakest standing among the passages.
    """

    group: str
    claim: str
    code_id: str
    code: str
    definition: str
    participants: int | None
    of_participants: int
    low: float | None
    high: float | None
    reflections: int | None
    of_reflections: int
    of_unknown_case: int
    references: int | None
    median_references: float | None
    communities: int | None
    status: RowStatus


@dataclass(frozen=True)
class ThemeTable:
    """The theme table of a study, with exact counts: for the researcher's own eyes.

    What may be sent is made from it by the report, which hides small counts.

    Parameters
    ----------
    rows : tuple of ThemeRow
        In the codebook's order.
    approach : str
    runs : tuple of Run
    """

    rows: tuple[ThemeRow, ...]
    approach: Approach = "codebook"
    runs: tuple[Run, ...] = ()

    @property
    def draft(self) -> bool:
        """Whether any row rests on machine coding that nobody has reviewed."""
        return any(row.status == "machine" for row in self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a code, the fields of `ThemeRow` as columns; not read is missing."""
        frame = to_frame(self.rows, ThemeRow)
        whole = ("participants", "reflections", "references", "communities")
        return frame.astype(dict.fromkeys(whole, "Int64"))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        state = "draft: machine coding not reviewed" if self.draft else "final"
        return f"<ThemeTable: {len(self)} codes, {state}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{h}</th>" for h in ("Group", "Code", "Participants", "Reflections"))
        body = "".join(
            f"<tr><td>{escape(row.claim or row.group)}</td><td>{escape(row.code)}</td>"
            f"<td>{_of(row.participants, row.of_participants)}</td>"
            f"<td>{_of(row.reflections, row.of_reflections)}</td></tr>"
            for row in self.rows
        )
        return f"<p>{escape(repr(self))}</p><table><tr>{head}</tr>{body}</table>"


def theme_table(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    claims: Mapping[str, str] | None = None,
    approach: Approach = "codebook",
) -> ThemeTable:
    """Count participants, reflections and passages of each code.

    A passage of a subcode counts for its parent as well. Governed documents whose use in
    tables is not approved are left out.

    Parameters
    ----------
    codings : Codings
        All coders whose work is to be counted; passages that two of them mark alike
        count once.
    corpus : Corpus
    codebook : Codebook
    claims : mapping of str to str, optional
        The researcher's theme for a group, by group id.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        Intervals are given in the first two only.

    Returns
    -------
    ThemeTable

    Raises
    ------
    UnknownIdError
        If a coding names a code that the codebook lacks.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22(158), 209-212.
    """
    codebook.check_ids((coding.code_id for coding in codings), "the codings")
    read = corpus.permitted("tables").where(lambda d: d.voice == "participant")
    counter = _Counter(read, codebook, codings)
    rows = tuple(counter.row(code, claims or {}, approach) for code in codebook)
    return ThemeTable(rows, approach, merge_runs(corpus.runs, codings.runs))


class _Counter:
    """Counts the codes of one log over one corpus."""

    def __init__(self, corpus: Corpus, codebook: Codebook, codings: Codings) -> None:
        self.corpus, self.codebook, self.codings = corpus, codebook, codings
        self.ids = {document.id for document in corpus}
        self.by_code: dict[str, list[CurrentCoding]] = {}
        for row in codings.current:
            if row.coding.document_id in self.ids:
                self.by_code.setdefault(row.coding.code_id, []).append(row)

    def row(self, code: Code, claims: Mapping[str, str], approach: Approach) -> ThemeRow:
        """The line of one code."""
        group = self.codebook.group(code.group)
        seen = self.codings.documents_seen(code.id) & self.ids
        found = [row for row in self._passages(code) if row.coding.document_id in seen]
        spans = {(r.coding.document_id, r.coding.start, r.coding.end) for r in found}
        documents = {document_id for document_id, _, _ in spans}
        said = self._passages_by_case(spans)
        total = len(self._cases(seen))
        low, high = _interval(len(said), total, approach)
        empty = not seen
        return ThemeRow(
            group=group.name,
            claim=claims.get(group.id, ""),
            code_id=code.id,
            code=code.name,
            definition=code.definition,
            participants=None if empty else len(said),
            of_participants=total,
            low=low,
            high=high,
            reflections=None if empty else len(documents),
            of_reflections=len(seen),
            of_unknown_case=sum(not self._cases([d]) for d in documents),
            references=None if empty else len(spans),
            median_references=float(median(said.values())) if said else None,
            communities=None if empty else self._communities(said),
            status=_weakest(row.status for row in found) if not empty else "not read",
        )

    def _passages(self, code: Code) -> list[CurrentCoding]:
        """The passages of a code and of its subcodes at any depth."""
        below = (p for child in self.codebook.children(code.id) for p in self._passages(child))
        return [*self.by_code.get(code.id, ()), *below]

    def _passages_by_case(self, spans: Iterable[tuple[str, int, int]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for document_id, start, _ in spans:
            case_id = self.corpus.case_at(document_id, start)
            if case_id is not None:
                counts[case_id] = counts.get(case_id, 0) + 1
        return counts

    def _cases(self, document_ids: Iterable[str]) -> set[str]:
        documents = (self.corpus.document(document_id) for document_id in document_ids)
        return {case_id for document in documents for case_id in self.corpus.cases_of(document)}

    def _communities(self, case_ids: Iterable[str]) -> int:
        named = {self.corpus.case(case_id).attributes.get("community") for case_id in case_ids}
        return len(named - {None, ""})


def _interval(n: int, total: int, approach: Approach) -> tuple[float | None, float | None]:
    """Wilson's interval where the approach allows it and somebody did not take part in it."""
    if approach not in COUNTING or total == 0:
        return None, None
    from reflect_analysis.coefficients import wilson_interval

    return wilson_interval(n, total)


def _weakest(statuses: Iterable[RowStatus]) -> RowStatus:
    """The standing of a row: that of its weakest passage; without any, a person's zero."""
    order: tuple[RowStatus, ...] = ("machine", "reviewed", "human")
    present = set(statuses)
    return next((status for status in order if status in present), "human")


def _of(n: int | None, total: int) -> str:
    return "–" if n is None else f"{n} of {total}"
