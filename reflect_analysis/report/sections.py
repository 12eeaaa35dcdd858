"""The sections of a report, in order, from what was gathered: the one place where they are told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from reflect_analysis.figures import Figure
from reflect_analysis.report.blocks import (
    Block,
    Bullets,
    Grid,
    Heading,
    Meanings,
    Paragraph,
    Photographs,
    Plate,
    Saying,
    Section,
)
from reflect_analysis.report.pictures import embedded
from reflect_analysis.report.quotes import CodeQuotes
from reflect_analysis.report.reflexive import work_blocks
from reflect_analysis.tables import Table
from reflect_analysis.themes import ThemeTable, shown_participants

if TYPE_CHECKING:
    from reflect_analysis.report.contents import Contents
    from reflect_analysis.report.further import Shown

__all__ = ["sections_of"]

_UNNAMED = (
    "To be written by the researcher before this report is sent: who reads, from which place, "
    "and what that place lets be seen."
)


def sections_of(contents: Contents) -> tuple[Section, ...]:
    """Every section of the report, with its figures numbered."""
    return tuple(_sections(contents, count(1)))


def _sections(contents: Contents, figures: Iterator[int]) -> Iterator[Section]:
    reflexive = contents.study.approach == "reflexive"
    yield Section("basis", "What this rests on", tuple(_basis(contents)))
    name = "Codes and their meanings" if reflexive else "What was found"
    yield Section("codes", name, tuple(_codes(contents, figures)))
    yield Section("quotes", "In their words", tuple(_quotes(contents)))
    if contents.pictures.captions:
        yield Section("pictures", "In their pictures", tuple(_pictures(contents)))
    for shown in contents.further:
        yield Section(shown.id, shown.title, tuple(_further(shown, figures)))
    yield Section("topics", "Groupings by a machine", tuple(_topics(contents, figures)))
    if contents.agreement:
        yield Section("agreement", "How far the coders agree", tuple(_agreed(contents, figures)))
    yield Section("methods", "How it was done", tuple(_methods(contents)))
    limits = (Bullets(contents.study.limits()),)
    yield Section("limits", "What it does not say", limits)
    yield from contents.appendices


def _plate(figure: Figure | None, figures: Iterator[int], table: Table | None) -> Iterator[Plate]:
    if figure is not None:
        where = f" The numbers are those of Table {table.number}." if table else ""
        yield Plate(figure, next(figures), f"{figure.title}.{where}")


def _basis(contents: Contents) -> Iterator[Block]:
    study = contents.study
    yield Paragraph(f"{study.kinds()} {study.coders()}")
    left_out = _left_out(contents)
    if left_out:
        yield Heading("Left out, and kept apart")
        yield Bullets(left_out)
    else:
        yield Paragraph("No text was left out.")


def _left_out(contents: Contents) -> tuple[str, ...]:
    """What is left out, pictures among it: without their number, each is one person's."""
    if not contents.pictures.omissions:
        return contents.study.left_out()
    told = (
        "pictures of photo-voice stories that were not agreed to, lack a description or a release, "
        "may give a place away, or whose caption nobody has approved"
    )
    return (*contents.study.left_out(), told)


def _codes(contents: Contents, figures: Iterator[int]) -> Iterator[Block]:
    study, rows = contents.study, contents.study.themes.rows
    if not any(row.of_reflections for row in rows):
        yield Paragraph(
            ", so every code of the codebook shows “–”.", strong="Nobody has coded anything yet"
        )
    elif not any(row.references for row in rows):
        yield Paragraph(
            " The texts were read, and no code was found in them.", strong="No passage was coded."
        )
    elif study.approach != "reflexive" and _all_hidden(study.themes, study.k):
        where = "beside what was sent before" if study.withheld else "in so small a group"
        yield Paragraph(f": {where}, each could point to persons.", strong="Every count is hidden")
    yield Grid(contents.table)
    if contents.figure is not None:
        caption = (
            f"{contents.figure.title}, in the codebook’s order. The numbers are those of Table 1."
        )
        yield Plate(contents.figure, next(figures), caption)
    if contents.signs:
        # Below the figure, which is as tall as a page: before it they would stand on one alone.
        yield Heading("How to read it")
        yield Meanings(contents.signs)


def _all_hidden(table: ThemeTable, k: int) -> bool:
    """Whether no count of participants that was taken may be shown."""
    shown = [shown_participants(row, k=k) for row in table.rows]
    taken = [each for each in shown if each is not None]
    return bool(taken) and all(each.hides_rest for each in taken)


def _quotes(contents: Contents) -> Iterator[Block]:
    entries = contents.quotes.by_code
    if contents.quote_table:
        yield Paragraph(
            "Each quote was approved for this report by a named person. An attribution says no "
            "more than is safe."
        )
        group = None
        for entry in (each for each in entries if each.quotes):
            if entry.group != group:
                yield Heading(entry.group)
            group = entry.group
            yield from _of_code(entry)
    else:
        other = "other " if contents.pictures.captions else ""
        yield Paragraph(f"No {other}quote has been approved for this report.")
    waiting = [entry for entry in entries if entry.awaiting]
    bare = ", ".join(entry.code for entry in waiting if not entry.quotes)
    further = ", ".join(entry.code for entry in waiting if entry.quotes)
    if bare:
        yield Paragraph(f"Awaiting approval: {bare}.", soft=True)
    if further:
        yield Paragraph(f"Further passages await approval under: {further}.", soft=True)


def _of_code(entry: CodeQuotes) -> Iterator[Block]:
    yield Heading(entry.code, level=4)
    for text, attribution, language in entry.quotes:
        yield Saying(text, attribution, language)


def _pictures(contents: Contents) -> Iterator[Block]:
    yield Paragraph(
        "Each picture was agreed to by who took it and by those whom it shows. The words below it "
        "were approved for this report by a named person."
    )
    yield Photographs(embedded(contents.study, contents.pictures.captions))


def _further(shown: Shown, figures: Iterator[int]) -> Iterator[Block]:
    last = None
    for part in shown.parts:
        if isinstance(part, Table):
            yield Grid(part)
            last = last or part
        elif isinstance(part, Figure):
            yield from _plate(part, figures, last)
        else:
            yield Paragraph(part)


def _topics(contents: Contents, figures: Iterator[int]) -> Iterator[Block]:
    grouping = contents.grouping
    yield from map(Paragraph, grouping.sentences)
    if grouping.table:
        yield Grid(grouping.table)
    yield from _plate(grouping.figure, figures, grouping.table)


def _agreed(contents: Contents, figures: Iterator[int]) -> Iterator[Block]:
    yield Paragraph(
        "Each code by itself: an average would hide a code on which the coders do not agree."
    )
    yield from map(Grid, contents.agreement)
    yield from _plate(contents.agreement_figure, figures, contents.agreement[0])


def _methods(contents: Contents) -> Iterator[Block]:
    study = contents.study
    yield from map(Paragraph, study.shared_methods())
    told = study.researchers.told("positionality") if study.researchers else ""
    if told or study.approach == "reflexive":
        yield Heading("Positionality")
        yield Paragraph(told or _UNNAMED)
    yield from work_blocks(study)
