"""The page of a report: one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator

from reflect_analysis.report.contents import Contents
from reflect_analysis.report.pictures import embedded
from reflect_analysis.report.quotes import CodeQuotes
from reflect_analysis.tables import DRAFT, environment, fragment
from reflect_analysis.themes import ThemeTable, shown_participants

__all__ = ["render"]


def render(contents: Contents) -> str:
    """The report as one self-contained page."""
    study = contents.study
    topics = contents.grouping.table
    rows = study.themes.rows
    reflexive = study.approach == "reflexive"
    waiting = [entry for entry in contents.quotes.by_code if entry.awaiting]
    page = environment().get_template("report.html.j2")
    return page.render(
        study=study,
        contents=contents,
        draft=DRAFT if study.draft else "",
        reflexive=reflexive,
        sections=tuple(_sections(contents)),
        left_out=_left_out(contents),
        pictures=embedded(study, contents.pictures.captions),
        theme_table=fragment(contents.table),
        topic_table=fragment(topics) if topics else "",
        agreement_tables=tuple(map(fragment, contents.agreement)),
        quotes=tuple(_by_group(contents.quotes.by_code)),
        awaiting=", ".join(entry.code for entry in waiting if not entry.quotes),
        further=", ".join(entry.code for entry in waiting if entry.quotes),
        nothing_read=not any(row.of_reflections for row in rows),
        nothing_found=not any(row.references for row in rows),
        all_hidden=not reflexive and _all_hidden(study.themes, study.k),
    )


def _left_out(contents: Contents) -> tuple[str, ...]:
    """What is left out, pictures among it: without their number, each is one person's."""
    if not contents.pictures.omissions:
        return contents.study.left_out()
    told = (
        "pictures of photo-voice stories that were not agreed to, lack a description or a release, "
        "may give a place away, or whose caption nobody has approved"
    )
    return (*contents.study.left_out(), told)


def _sections(contents: Contents) -> Iterator[tuple[str, str]]:
    reflexive = contents.study.approach == "reflexive"
    yield "basis", "What this rests on"
    yield "codes", "Codes and their meanings" if reflexive else "What was found"
    yield "quotes", "In their words"
    if contents.pictures.captions:
        yield "pictures", "In their pictures"
    yield "topics", "Groupings by a machine"
    if contents.study.agreement is not None:
        yield "agreement", "How far the coders agree"
    yield "methods", "How it was done"
    yield "limits", "What it does not say"
    yield "codebook", "The codebook"


def _by_group(entries: tuple[CodeQuotes, ...]) -> Iterator[tuple[str, list[CodeQuotes]]]:
    """The codes that have quotes, under their groups."""
    groups: dict[str, list[CodeQuotes]] = {}
    for entry in entries:
        if entry.quotes:
            groups.setdefault(entry.group, []).append(entry)
    yield from groups.items()


def _all_hidden(table: ThemeTable, k: int) -> bool:
    """Whether no count of participants that was taken may be shown."""
    shown = [shown_participants(row, k=k) for row in table.rows]
    taken = [each for each in shown if each is not None]
    return bool(taken) and all(each.hides_rest for each in taken)
