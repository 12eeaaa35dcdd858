"""Filling a framework: what coded passages say for each row, against it, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure import Persons, persons_in
from reflect_analysis.errors import FrameworkError, did_you_mean, raise_all
from reflect_analysis.frameworks.indicators import Choice, Indicator
from reflect_analysis.frameworks.values import Framework, FrameworkRow
from reflect_analysis.incidence import Incidence, Span, Tally, find_incidence, join_spans
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus

__all__ = ["Evidence", "FilledFramework", "FilledRow", "fill_framework", "filling_faults"]

Standing = Literal["support", "contradiction", "both", "no account", "not read", "no code"]
_SILENT = {"no account", "not read", "no code"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Passages on one side of a row.

    Parameters
    ----------
    persons, of_persons : Persons
        Who stands behind them, and who was read for any of the codes.
    passages : tuple of (str, int, int)
        Where each stands, so that every count can be traced.
    reflections, of_reflections : int
        Documents with a passage, and documents read.
    communities : tuple of str
        Of those participants.
    unread : tuple of str
        Codes that nobody read for: what they would say is not known.
    """

    persons: Persons = field(default_factory=Persons)
    of_persons: Persons = field(default_factory=Persons)
    passages: tuple[Span, ...] = ()
    reflections: int = 0
    of_reflections: int = 0
    communities: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row with what was found.

    Parameters
    ----------
    row : FrameworkRow
    supports, contradicts : Evidence
    indicators : tuple of Indicator
        Those that the row asks for and the user gave.
    missing : tuple of str
        Those that it asks for and nobody gave.
    """

    row: FrameworkRow
    supports: Evidence
    contradicts: Evidence
    indicators: tuple[Indicator, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        """Its codes that nobody read for."""
        return self.supports.unread + self.contradicts.unread

    @property
    def standing(self) -> Standing:
        """What the accounts say; no account is no contradiction."""
        if not self.row.codes:
            return "no code"
        if not (self.supports.of_reflections or self.contradicts.of_reflections):
            return "not read"
        sides = bool(self.supports.passages), bool(self.contradicts.passages)
        told: dict[tuple[bool, bool], Standing] = {
            (True, True): "both",
            (True, False): "support",
            (False, True): "contradiction",
            (False, False): "no account",
        }
        return told[sides]


@dataclass(frozen=True)
class FilledFramework:
    """A framework with its evidence, with exact counts: for the researcher's own eyes.

    Parameters
    ----------
    framework : Framework
    rows : tuple of FilledRow
    people : Incidence
        Participants × codes, for the matrix of cases.
    choice : Choice, optional
        What a person decided; nothing here decides.
    approach : str
        Of the study: ``"reflexive"`` gets no counts in what is sent.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    names : mapping of str to str
        Of the framework's codes, as they may be sent.
    texts : Incidence, optional
        Reflections × codes, from which follows what its counts tell beside others.
    withheld : frozenset of (str, str), optional
        Rows and sides that give a hidden count back beside what else is told, as a report finds
        them; left out, they are found beside a theme table and one another.
    withheld_at : int, optional
        The k for which a report found them; with another nothing is shown.
    """

    framework: Framework
    rows: tuple[FilledRow, ...]
    people: Incidence = field(repr=False)
    choice: Choice | None = None
    approach: str = "codebook"
    draft: bool = False
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    texts: Incidence | None = field(default=None, repr=False)
    withheld: frozenset[tuple[str, str]] | None = field(default=None, repr=False)
    withheld_at: int | None = field(default=None, repr=False)

    @property
    def runs(self) -> tuple[Run, ...]:
        """How the counts came to be."""
        return self.people.runs

    @property
    def gaps(self) -> tuple[FilledRow, ...]:
        """Rows of which no account speaks, that were not read in full, or lack an indicator."""
        return tuple(
            row for row in self.rows if row.standing in _SILENT or row.missing or row.unread
        )

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a row: standing and exact counts on both sides."""
        import pandas as pd

        return pd.DataFrame(list(self._records()))

    def _records(self) -> Iterator[dict[str, object]]:
        for filled in self.rows:
            yield {
                "part": filled.row.part,
                "row": filled.row.id,
                "name": filled.row.name,
                "condition": filled.row.condition,
                "standing": filled.standing,
                **_counted("for", filled.supports),
                **_counted("against", filled.contradicts),
                "indicators": "; ".join(map(str, filled.indicators)),
                "missing_indicators": "; ".join(filled.missing),
                "codes_not_read": "; ".join(filled.unread),
            }

    def to_matrix(self) -> pd.DataFrame:
        """What each participant says of each row, (n_cases, n_rows): the framework matrix.

        ``"for"``, ``"against"``, ``"both"``, ``""`` for read and silent, ``"not read"``, and
        ``"no code"`` for a row that names none. A row of it is one person: it is kept, never sent.
        """
        import pandas as pd

        body = {filled.row.id: self._said_by_each(filled.row) for filled in self.rows}
        return pd.DataFrame(body, index=[unit.id for unit in self.people.units])

    def _said_by_each(self, row: FrameworkRow) -> list[str]:
        supports, contradicts = self._of(row.supports), self._of(row.contradicts)
        return [_said(*sides) for sides in zip(supports, contradicts, strict=True)]

    def _of(self, codes: Sequence[str]) -> list[list[float]]:
        """What each participant said of some codes, (n_participants, n_codes)."""
        columns = [self.people.codes.index(code) for code in codes]
        said: list[list[float]] = self.people.said[:, columns].tolist()
        return said

    def __repr__(self) -> str:
        spoken = sum(row.standing not in _SILENT for row in self.rows)
        return (
            f"<FilledFramework {self.framework.title!r}: accounts of {spoken} of {len(self)} rows>"
        )

    def _repr_html_(self) -> str:
        rows = (
            (f.row.name, f.row.condition, f.standing, _told(f.supports), _told(f.contradicts))
            for f in self.rows
        )
        table = html_table(("Row", "Condition", "Accounts", "For", "Against"), rows)
        said = "".join(f"<p>{escape(each)}</p>" for each in self.framework.always_said)
        return f"<p>{escape(repr(self))}</p>{table}{said}"


def fill_framework(
    framework: Framework,
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    indicators: Iterable[Indicator] = (),
    choice: Choice | None = None,
    approach: str = "codebook",
) -> FilledFramework:
    """Fill a framework with what was coded.

    Parameters
    ----------
    framework : Framework
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
        Every code of the framework must be in use in it.
    indicators : iterable of Indicator
        Figures about the workforce: they tell of a condition, the reflections stand beside
        them as accounts of those who stayed.
    choice : Choice, optional
        What a person decided.
    approach : str
        As of `theme_table`.

    Returns
    -------
    FilledFramework

    Raises
    ------
    FrameworkError
        If the framework names a code that the codebook lacks or has retired, an indicator belongs
        to no row, or the choice names an unknown row: every fault at once. If it is a checklist.
    """
    given = tuple(indicators)
    raise_all(FrameworkError, filling_faults(framework, codebook, given, choice))
    ours = corpus.permitted("tables").where(lambda document: document.voice == "participant")
    tally = Tally(codings, ours, codebook)
    texts = find_incidence(codings, corpus=corpus, codebook=codebook, unit="reflection")
    people = texts.grouped(lambda unit: unit.case_id, "participant")
    rows = tuple(_filled(row, tally, given) for row in framework)
    return FilledFramework(
        framework,
        rows,
        people,
        choice,
        approach,
        draft=tally.is_draft(framework.codes),
        names={code.id: code.name for code in codebook.public() if code.id in framework.codes},
        texts=texts,
    )


def filling_faults(
    framework: Framework,
    codebook: Codebook,
    indicators: Sequence[Indicator] = (),
    choice: Choice | None = None,
) -> Iterator[str]:
    """Why a framework cannot be filled so; every fault names it."""
    told = (*framework.code_faults(codebook), *_faults(framework, indicators, choice))
    yield from (f"framework {framework.id!r}: {fault}" for fault in told)


def _faults(
    framework: Framework, indicators: Sequence[Indicator], choice: Choice | None
) -> Iterator[str]:
    if framework.kind == "checklist":
        yield "is a checklist: its author answers it (answer_checklist)"
    asked = {name for row in framework for name in row.indicators}
    for indicator in indicators:
        if indicator.name not in asked:
            hint = did_you_mean(indicator.name, asked)
            yield f"no row asks for the indicator {indicator.name!r}{hint}"
    ids = [row.id for row in framework]
    for row_id in choice.rows if choice else ():
        if row_id not in ids:
            yield f"the choice names the row {row_id!r}{did_you_mean(row_id, ids)}"


def _filled(row: FrameworkRow, tally: Tally, indicators: Sequence[Indicator]) -> FilledRow:
    mine = tuple(each for each in indicators if each.name in row.indicators)
    given = {each.name for each in mine}
    missing = tuple(name for name in row.indicators if name not in given)
    supports, contradicts = _evidence(row.supports, tally), _evidence(row.contradicts, tally)
    return FilledRow(row, supports, contradicts, mine, missing)


def _evidence(codes: Sequence[str], tally: Tally) -> Evidence:
    """The passages of some codes; of one passage that bears two of them, one."""
    passages = join_spans(row.coding for code in codes for row in tally.found(code))
    read = {document_id for code in codes for document_id in tally.read(code)}
    documents = {document_id for document_id, _, _ in passages}
    # Of each code by itself: passages that were joined may begin with another speaker's words.
    spans = {span for code in codes for span in tally.passages(code)}
    known = {tally.corpus.case_at(document_id, start) for document_id, start, _ in spans} - {None}
    unknown = persons_in(tally.corpus, documents).unknown
    places = {str(tally.corpus.case(c).attributes.get("community") or "") for c in known if c}
    return Evidence(
        Persons(len(known), unknown),
        persons_in(tally.corpus, read),
        tuple(passages),
        len(documents),
        len(read),
        tuple(sorted(places - {""})),
        tuple(code for code in codes if not tally.read(code)),
    )


def _counted(side: str, evidence: Evidence) -> dict[str, object]:
    return {
        f"{side}_participants": evidence.persons.known,
        f"{side}_of_participants": evidence.of_persons.known,
        f"{side}_reflections": evidence.reflections,
        f"{side}_passages": len(evidence.passages),
        f"{side}_communities": len(evidence.communities),
    }


def _told(evidence: Evidence) -> str:
    if not evidence.of_reflections:
        return "–"
    return f"{evidence.persons.known} of {evidence.of_persons.known}"


def _said(supports: Sequence[float], contradicts: Sequence[float]) -> str:
    if not (supports or contradicts):
        return "no code"
    if all(isnan(value) for value in (*supports, *contradicts)):
        return "not read"
    sides = any(value == 1 for value in supports), any(value == 1 for value in contradicts)
    told = {(True, True): "both", (True, False): "for", (False, True): "against"}
    return told.get(sides, "")
