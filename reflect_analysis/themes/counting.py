"""The theme table: what was coded, in how many participants, of how many who were read.

Participants come first, because one talkative person is not a finding. The denominator is
counted for each code by itself: a text that no coder read for that code (an unknown
language, a human-only code under a machine, an unapproved record) is not a zero and leaves
it. The order is the codebook's, never that of the counts. Headings of the codebook are
groups; a theme is a researcher's claim and is printed only where she typed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from statistics import median
from typing import TYPE_CHECKING, Literal, cast

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.disclosure import (
    DEFAULT_K,
    HIDDEN,
    Persons,
    Shown,
    TreeCount,
    hidden_in_trees,
    persons_in,
    show_persons,
)
from reflect_analysis.incidence import Tally
from reflect_analysis.provenance import Run, merge_runs

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Code, Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus

__all__ = [
    "Approach",
    "ThemeRow",
    "ThemeTable",
    "counted_codes",
    "shareable_themes",
    "shown_participants",
    "theme_table",
]

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
    unknown, of_unknown : int
        Documents, with a passage and read, whose writer is not known; quotes that were
        published before are not reckoned, because they expose nobody anew.
    references : int
        Passages.
    median_references : float, optional
        Median passages of a participant who has any.
    communities : int, optional
        Communities of those participants.
    status : {"human", "reviewed", "machine", "not read"}
        The weakest standing among the passages.
    withheld : bool
        Whether its counts are hidden because of what was sent before, or of the counts of codes
        above or below it.
    parent : str
        Id of the code that it is a subcode of, or empty.
    quiet : bool
        Whether its participants may be printed, but not its reflections and passages: beside
        tables of change these would tell how few mention it in two sessions.
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
    unknown: int
    of_unknown: int
    references: int | None
    median_references: float | None
    communities: int | None
    status: RowStatus
    withheld: bool = False
    parent: str = ""
    quiet: bool = False


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
        """Whether it rests on machine coding that nobody has reviewed.

        A zero by a machine alone is no proposal that anybody could review: it makes a draft
        only where nothing else was read or reviewed by people.
        """
        machine = [row for row in self.rows if row.status == "machine"]
        people = any(row.status in {"human", "reviewed"} for row in self.rows)
        return any(row.references for row in machine) or (bool(machine) and not people)

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
        rows = (
            (
                row.claim or row.group,
                row.code,
                _of(row.participants, row.of_participants),
                _of(row.reflections, row.of_reflections),
            )
            for row in self.rows
        )
        table = html_table(("Group", "Code", "Participants", "Reflections"), rows)
        return f"<p>{escape(repr(self))}</p>{table}"


def theme_table(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    claims: Mapping[str, str] | None = None,
    approach: Approach = "codebook",
) -> ThemeTable:
    """Count participants, reflections and passages of each code.

    A passage of a subcode counts for its parent as well, a machine's for no human-only code
    (`Codebook.counts_for`). Governed documents whose use in
    tables is not approved are left out. Codes count as the codebook names them now
    (`Codings.under`); a code that was split keeps a row while a person has to decide on its
    passages. An in vivo name that nobody approved is not shown.

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
        If a coding names a code that the codebook lacks, or had retired when it was made.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22(158), 209-212.
    """
    read = corpus.permitted("tables").where(lambda d: d.voice == "participant")
    counter = _Counter(Tally(codings, read, codebook.public()))
    shown = counted_codes(counter.codebook, counter.tally.codings)
    rows = tuple(counter.row(code, claims or {}, approach) for code in shown)
    return ThemeTable(rows, approach, merge_runs(corpus.runs, codings.runs))


def counted_codes(codebook: Codebook, codings: Codings) -> tuple[Code, ...]:
    """The codes in use, and those that were split and still hold passages."""
    waiting = {coding.code_id for coding in codings.needing_review(codebook)}
    return tuple(code for code in codebook if not code.retired or code.id in waiting)


def shown_participants(row: ThemeRow, *, k: int = DEFAULT_K) -> Shown | None:
    """The participants of a row as they may be sent, or `None` where nobody read for the code.

    Parameters
    ----------
    row : ThemeRow
    k : int
        The smallest count that is printed, at least 3.
    """
    if row.participants is None:
        return None
    if row.withheld:
        return Shown(HIDDEN, 0, row.of_participants, hides_rest=True)
    said = Persons(row.participants, row.unknown)
    return show_persons(said, Persons(row.of_participants, row.of_unknown), k=k)


def shareable_themes(table: ThemeTable, *, k: int = DEFAULT_K) -> ThemeTable:
    """The table with `ThemeRow.withheld` set on codes that others above or below give back.

    A parent's count beside its subcode's tells how many said the one and not the other
    (`disclosure.hidden_in_trees`).

    Parameters
    ----------
    table : ThemeTable
    k : int
        Counts of fewer persons are hidden; at least 3.
    """
    if table.approach == "reflexive":  # it prints no counts
        return table
    counts = [_tree_count(row, k) for row in table.rows if row.participants is not None]
    hidden = hidden_in_trees([count for count in counts if count.total], k)
    rows = (replace(row, withheld=row.withheld or row.code_id in hidden) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _tree_count(row: ThemeRow, k: int) -> TreeCount:
    """What a row counts: participants, or texts of unknown persons where none is known."""
    shown = shown_participants(row, k=k)
    known = bool(row.of_participants)
    return TreeCount(
        row.code_id,
        row.parent,
        persons=(row.participants or 0) if known else row.unknown,
        total=row.of_participants if known else row.of_unknown,
        passages=row.references or 0,
        texts=row.reflections or 0,
        hidden=shown is not None and shown.hides_rest,
    )


class _Counter:
    """Makes rows of the table from what counts."""

    def __init__(self, tally: Tally) -> None:
        self.tally, self.corpus, self.codebook = tally, tally.corpus, tally.codebook

    def row(self, code: Code, claims: Mapping[str, str], approach: Approach) -> ThemeRow:
        """The line of one code."""
        group = self.codebook.group(code.group)
        seen, spans = self.tally.read(code.id), self.tally.passages(code.id)
        documents = {document_id for document_id, _, _ in spans}
        said = self._passages_by_case(spans)
        writers = self._cases(seen)
        total = len(writers)
        low, high = _interval(len(said), total, approach)
        empty = not seen
        return ThemeRow(
            group=group.name,
            claim=claims.get(group.id, ""),
            code_id=code.id,
            code=f"{code.name} (split, to be decided)" if code.retired else code.name,
            definition=code.definition,
            participants=None if empty else len(said),
            of_participants=total,
            low=low,
            high=high,
            reflections=None if empty else len(documents),
            of_reflections=len(seen),
            unknown=persons_in(self.corpus, documents).unknown,
            of_unknown=persons_in(self.corpus, seen).unknown,
            references=None if empty else len(spans),
            median_references=float(median(said.values())) if said else None,
            communities=None if empty else self._communities(said, writers),
            status="not read" if empty else self._standing(code.id),
            parent=code.parent or "",
        )

    def _standing(self, code_id: str) -> RowStatus:
        """The standing of the weakest passage; of a zero, that of who read for the code."""
        statuses = {row.status for row in self.tally.found(code_id)}
        for status in ("machine", "reviewed", "human"):
            if status in statuses:
                return cast("RowStatus", status)
        return "human" if self.tally.read_by_people(code_id) else "machine"

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

    def _communities(self, said: Iterable[str], read: Iterable[str]) -> int | None:
        """Communities of those who said it; `None` where nobody's community is known."""
        if not self._named_communities(read):
            return None
        return len(self._named_communities(said))

    def _named_communities(self, case_ids: Iterable[str]) -> set[str]:
        named = {self.corpus.case(case_id).attributes.get("community") for case_id in case_ids}
        return {str(community) for community in named - {None, ""}}


def _interval(n: int, total: int, approach: Approach) -> tuple[float | None, float | None]:
    """Wilson's interval where the approach allows it and somebody did not take part in it."""
    if approach not in COUNTING or total == 0:
        return None, None
    from reflect_analysis.coefficients import wilson_interval

    return wilson_interval(n, total)


def _of(n: int | None, total: int) -> str:
    return "–" if n is None else f"{n} of {total}"
