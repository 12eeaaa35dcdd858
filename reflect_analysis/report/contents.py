"""Everything that a report tells, gathered once, so that each of its files says the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from reflect_analysis.disclosure import HIDDEN, QuoteRecord, ReleasedCell
from reflect_analysis.figures import Figure, agreement_figure, theme_figure
from reflect_analysis.reliability import phase_words
from reflect_analysis.report.appendices import appendix_sections
from reflect_analysis.report.blocks import Section, figures_of, tables_of
from reflect_analysis.report.further import Shown, show_further
from reflect_analysis.report.grouping import Grouping, gather_topics
from reflect_analysis.report.methods import without_counts
from reflect_analysis.report.pictures import Pictures, gather_pictures
from reflect_analysis.report.quotes import AWAITING, Quotes, gather_quotes
from reflect_analysis.report.sections import sections_of
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    AGREEMENT,
    Column,
    Table,
    agreement_tables,
    check_told,
    number_told,
    shareable_alphas,
    shown_themes,
)

__all__ = ["Contents", "first_table", "gather", "told_by_agreement"]


@dataclass(frozen=True)
class Contents:
    """What is shown.

    Parameters
    ----------
    study : Study
    table : Table
        The theme table as it may be sent.
    signs : tuple of (str, str)
        The signs in it, and what they mean.
    quotes : Quotes
    quote_table : Table, optional
        The approved quotes, for Word and Excel; without a number, as no page prints it.
    figure : Figure, optional
        Of the theme table; `None` in a reflexive study and where there is nothing to draw.
    grouping : Grouping
    appendices : tuple of Section
    further : tuple of Shown
        The results beside the theme table.
    agreement : tuple of Table
        Of the coders; empty where none was measured.
    agreement_figure : Figure, optional
    pictures : Pictures
        The captions under which pictures are printed, and the pictures that are not.
    """

    study: Study
    table: Table
    signs: tuple[tuple[str, str], ...]
    quotes: Quotes
    quote_table: Table | None
    figure: Figure | None
    grouping: Grouping
    appendices: tuple[Section, ...]
    further: tuple[Shown, ...] = ()
    agreement: tuple[Table, ...] = ()
    agreement_figure: Figure | None = None
    pictures: Pictures = field(default_factory=Pictures)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The whole report, in order: what every file of it is drawn from."""
        return sections_of(self)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of findings, for Word and Excel, by number."""
        beside = (table for shown in self.further for table in shown.tables)
        single = filter(None, (self._topic_table, self.quote_table))
        found = (self.table, *beside, *self.agreement, *single)
        return tuple(sorted(found, key=lambda table: (not table.number, table.number)))

    @property
    def _topic_table(self) -> Table | None:
        """The topics, marked like the file in which they stand among the findings."""
        table = self.grouping.table
        return table and dataclasses.replace(table, draft=self.study.draft)

    @property
    def printed_tables(self) -> tuple[Table, ...]:
        """Every table that stands anywhere in what is sent."""
        return tuple({t.number: t for t in (*tables_of(self.sections), *self.tables)}.values())

    @property
    def told(self) -> tuple[ReleasedCell, ...]:
        """Every count that is told: by each table, and in the sentences."""
        check_told(self.printed_tables)
        tables = (cell for table in self.printed_tables for cell in table.told)
        return tuple(dict.fromkeys((*tables, *self.study.totals(), *self.grouping.totals)))

    @property
    def printed_quotes(self) -> tuple[QuoteRecord, ...]:
        """Every passage that stands in what is sent, each once."""
        quotes = (*self.quotes.selection.quotes, *self.pictures.captions)
        return tuple({quote.span: quote for quote in reversed(quotes)}.values())[::-1]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures, in the order of the report."""
        return tuple(figures_of(self.sections))


def gather(study: Study) -> Contents:
    """Work out everything that the report shows; tables are numbered here, for all its files."""
    quotes = gather_quotes(study)
    further = show_further(study, number=2, quotes=quotes.cells)
    number = 2 + sum(len(shown.tables) for shown in further)
    grouping = gather_topics(study, number=number)
    number += grouping.table is not None
    agreement = _agreement(study, number)
    number += len(agreement)
    appendices = tuple(appendix_sections(study, number=number))
    where = f", with its interval in Table {agreement[0].number}" if agreement else ""
    table = first_table(study, quotes=quotes.cells, where=where)
    counts = study.approach != "reflexive" and any(r.of_reflections for r in study.themes.rows)
    return Contents(
        study=study,
        table=table,
        signs=tuple(_signs(study, table)),
        quotes=quotes,
        quote_table=_quote_table(study, quotes),
        # Its axis says of how many.
        figure=theme_figure(study.themes, k=study.k) if counts and not study.coarse else None,
        grouping=grouping,
        appendices=appendices,
        further=further,
        agreement=agreement,
        agreement_figure=_agreement_figure(study),
        pictures=gather_pictures(study),
    )


def first_table(study: Study, *, quotes: Mapping[str, str] | None = None, where: str = "") -> Table:
    """The theme table as the report shows it, without what the study withholds.

    Parameters
    ----------
    study : Study
    quotes : mapping of str to str, optional
        What stands in the quote column, by code id; left out, there is no such column.
    where : str
        Where the agreement stands in full, as the note says it.
    """
    return shown_themes(
        study.themes,
        k=study.k,
        quotes=quotes,
        agreement=_alphas(study),
        agreement_note=_agreement_note(study, where),
        texts=None if study.coarse else len(study.texts),
    ).without(study.withheld)


def told_by_agreement(study: Study) -> tuple[ReleasedCell, ...]:
    """What the theme table's column of agreement tells, for the ledger."""
    if study.approach == "reflexive":
        return ()
    return tuple(cell for table in _agreement(study, 2)[:1] for cell in table.told)


def _agreement(study: Study, number: int) -> tuple[Table, ...]:
    """The coders' agreement as it may be sent; empty where none was measured."""
    if study.agreed is None:
        return ()
    # What the ledger withholds of a code's counts is no reason to hide its agreement.
    rows = tuple(row for row in study.themes.rows if row.code_id not in study.withheld)
    themes = dataclasses.replace(study.themes, rows=rows)
    tables = agreement_tables(study.agreed, k=study.k, number=number, themes=themes)
    if study.coarse:
        tables = tuple(dataclasses.replace(t, note=without_counts(t.note)) for t in tables)
    return tuple(table.without(study.withheld) for table in tables)


def _agreement_figure(study: Study) -> Figure | None:
    """The figure of the agreement, where its table has no row that is hidden for the ledger."""
    if study.agreed is None or study.coarse:
        return None
    hidden = any(what.startswith(AGREEMENT) for what in study.withheld)
    return None if hidden else agreement_figure(study.agreed, k=study.k)


def _alphas(study: Study) -> dict[str, float] | None:
    """Alpha by code for the theme table: where neither it nor the code's counts are withheld."""
    if study.agreed is None:
        return None
    names = {
        row.code_id: number_told(row.code_id, row.phase, 0, "").what for row in study.agreed.main
    }
    found = shareable_alphas(study.agreed, k=study.k)
    hidden = study.withheld
    return {c: a for c, a in found.items() if c not in hidden and names[c] not in hidden}


def _agreement_note(study: Study, where: str) -> str:
    """What stands in the theme table's column of agreement."""
    if study.agreed is None:
        return ""
    coders, unit = len(study.agreed.coders), str(study.agreed.unit)
    name = "Krippendorff’s unitizing α" if unit == "span" else "Krippendorff’s α"
    phase = next((row.phase for row in study.agreed.main), "")
    unit += f" ({phase_words(phase)})" if phase else ""
    return f"Agreement: {name} of {coders} coders by {unit}{where}."


def _quote_table(study: Study, quotes: Quotes) -> Table | None:
    """The approved quotes as a table, or `None` where there is none."""
    rows = [
        (entry.group, (entry.code, f"“{text}”", attribution))
        for entry in quotes.by_code
        for text, attribution, _ in entry.quotes
    ]
    if not rows:
        return None
    return Table(
        title="Approved quotes by code",
        columns=(Column("Code"), Column("Quote"), Column("Attribution")),
        rows=tuple(cells for _, cells in rows),
        number=0,  # no page prints it
        groups=tuple(group for group, _ in rows),
        group_name="Theme or group",
        note="A quote may stand under several codes. Attributions say no more than is safe.",
        draft=study.draft,
        released=((),) * len(rows),  # no count: each quote is told as a quote
    )


def _signs(study: Study, table: Table) -> Iterator[tuple[str, str]]:
    """What the signs of the theme table mean."""
    k, cells = study.k, [text for row in table.texts() for text in row]
    if study.approach != "reflexive":
        yield "12 of 34", _example(study)
        yield (
            "–",
            (
                "not read for this code (people alone may code it, or the text is in a language "
                "that the coder does not read), not known, or not given. It is never zero."
            ),
        )
        yield (
            f"<{k}, ≥, {HIDDEN}",
            (
                f"hidden, because so small a count (1 to {k - 1}), or one that nearly everybody "
                "shares, could point to persons. What would give it back is hidden with it."
            ),
        )
        yield (
            "Coded by",
            (
                "who stands behind the weakest passage of the row: people, a machine whose "
                "proposals people reviewed, or a machine alone."
            ),
        )
    if study.withheld:
        yield (
            f"30 to 34, {HIDDEN}" if study.coarse else HIDDEN,
            (
                "also a number that, beside an earlier report, would tell of the few persons who "
                "came, went or were read anew since."
            ),
        )
    if AWAITING in cells:
        yield AWAITING, "there are passages, but nobody has approved one for printing yet."
    if study.draft:
        yield (
            "DRAFT",
            (
                "the report rests on machine coding that nobody has reviewed. It is for the eyes "
                "of the study's own people, until a person has decided on each proposal."
            ),
        )


def _example(study: Study) -> str:
    if any(row.of_participants for row in study.themes.rows) or not study.read:
        return (
            "for example: in 12 of the 34 participants with a text that was read for the "
            "code. Each participant counts once, however often they write of it."
        )
    return (
        "for example: in 12 of the 34 texts that were read for the code. Whose they are is unknown."
    )
