"""Topics as they may be sent: without words that could be a name or stand for one person."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import (
    ALL,
    ALL_TEXTS,
    HIDDEN,
    Persons,
    ReleasedCell,
    Shown,
    count_note,
    persons_in,
    released_count,
    released_total,
    show_count,
    show_persons,
)
from reflect_analysis.errors import counted
from reflect_analysis.figures import Figure, topic_figure
from reflect_analysis.figures.topic_rows import persons_of, shown_persons, told_words
from reflect_analysis.report.methods import without_counts
from reflect_analysis.report.study import Study
from reflect_analysis.tables import Column, Table

if TYPE_CHECKING:
    from reflect_analysis.topics import Topic, Topics, TopicUnit

__all__ = ["Grouping", "gather_topics", "shareable_topics"]

_LEAST_VOICES = 2
_NOT_TABULATED = (
    "The groupings rest on texts, too, whose use in tables waits for the approval of the nation "
    "or community that governs them. They are therefore not shown."
)
# Why texts were not looked at, without how many: a few could be one person's.
_LEFT_OUT = {
    "language": "texts are in a language that the grouping does not read",
    "no words": "texts are without words",
    "voice": "texts are not in a participant’s words",
    "governance": "texts wait for the approval of those who govern them",
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclasses.dataclass(frozen=True, slots=True)
class Grouping:
    """The topics' part of a report.

    Parameters
    ----------
    sentences : tuple of str
        What the reader must know before the table; all there is where nothing was grouped.
    table : Table, optional
    figure : Figure, optional
        `None` where a row of the table is hidden because of what was sent before.
    totals : tuple of ReleasedCell
        What the sentences tell in numbers.
    """

    sentences: tuple[str, ...]
    table: Table | None = None
    figure: Figure | None = None
    totals: tuple[ReleasedCell, ...] = ()


def gather_topics(study: Study, *, number: int) -> Grouping:
    """The topics' part, with words and sizes withheld where they could point to persons."""
    topics = study.topics
    if topics is None:
        return Grouping(("No topics were sought in this study.",))
    if _rest_on_what_may_not_be_tabulated(study):
        return Grouping((_NOT_TABULATED,))
    safe = _Words(study).cleaned(topics)
    totals = () if study.coarse else tuple(_totals(safe))
    if not safe.rows:
        table = _term_table(study, safe, number)
        table = table and table.without(study.withheld)
        return Grouping(_sentences(study, _about_terms(safe, table)), table, totals=totals)
    names = {code.id: code.name for code in study.printed}
    figure = topic_figure(safe, study.alignment, k=study.k, names=names, draft=study.draft)
    whole = _table(figure, safe, study, number)
    table = whole.without(study.withheld)
    hidden = study.coarse or table.rows != whole.rows
    sentences = _sentences(study, _about(safe))
    return Grouping(sentences, table, None if hidden else figure, totals)


def _totals(topics: Topics) -> Iterator[ReleasedCell]:
    """How many were grouped: in the sentences, the axis and every row."""
    yield released_total(f"{ALL_TEXTS} in groups", topics.n_units, "texts")
    yield released_total(f"{ALL}participants in groups", persons_of(topics).known)


def _sentences(study: Study, sentences: Iterable[str]) -> tuple[str, ...]:
    """The sentences, without how many texts there are where no sum is exact."""
    told = tuple(sentences)
    return tuple(map(without_counts, told)) if study.coarse else told


def shareable_topics(study: Study) -> Topics | None:
    """The topics with the words that may be sent; `None` where nothing of them may be."""
    if study.topics is None or _rest_on_what_may_not_be_tabulated(study):
        return None
    return _Words(study).cleaned(study.topics)


def _rest_on_what_may_not_be_tabulated(study: Study) -> bool:
    """Whether governed records may be grouped but not counted: words and sizes come from both."""
    corpus = study.corpus
    return any(corpus.permits(d, "topics") and not corpus.permits(d, "tables") for d in corpus)


def _about(topics: Topics) -> Iterator[str]:
    verdict = topics.stability.verdict
    yield (
        f"A machine grouped {counted(topics.n_units, 'text')} by likeness"
        f"{'' if topics.guided else ', without the codebook,'} into "
        f"{counted(len(topics), 'topic')}. These groupings are for exploring; a topic is not "
        "a theme."
    )
    if verdict == "not stable":
        yield (
            "The grouping is not stable: fitted again on a part of the texts, it comes out "
            "otherwise. Nothing should rest on it."
        )
    elif verdict == "not measured":
        yield "Whether the grouping is stable was not measured. Nothing should rest on it."
    else:
        yield "Fitted again on parts of the texts, the grouping comes out much the same."
    yield from topics.notes


def _about_terms(topics: Topics, table: Table | None) -> Iterator[str]:
    if not topics.n_units:
        whys = [why for reason, why in _LEFT_OUT.items() if reason in topics.left_out]
        yield f"No text was left to be grouped{': ' * bool(whys)}{'; '.join(whys)}."
        return
    yield f"{counted(topics.n_units, 'text', 'are')} too few to be grouped; no topic was made."
    yield from topics.notes
    if table is None and topics.n_units > 1:
        yield "They share no word that could be shown here."


def _term_table(study: Study, topics: Topics, number: int) -> Table | None:
    """The words that two persons at least use, small counts hidden; `None` without any."""
    texts = study.texts
    total = persons_in(texts, (document.id for document in texts))
    told_of: list[tuple[ReleasedCell, ...]] = []
    unknown = [d.text.casefold().replace("’", "'") for d in texts if not texts.cases_of(d)]
    rows = []
    for term in topics.terms:
        pattern = re.compile(rf"\b{re.escape(term.term)}\b")
        others = sum(bool(pattern.search(text)) for text in unknown)
        if term.participants + others >= _LEAST_VOICES:
            using = Persons(min(term.participants, total.known), min(others, total.unknown))
            shown, cell = _told_of_term(term.term, using, total, study.k)
            rows.append((term.term, shown.text))
            told_of.append((cell,) if shown.text != HIDDEN else ())
    if not rows:
        return None
    note = "A word that could be a name, or that one person alone uses, is left out."
    if not total.known:
        note = f"Whose the texts are is not known, so that texts are counted. {note}"
    return Table(
        "Words that several use",
        (Column("Word"), Column("Participants" if total.known else "Texts", "number")),
        tuple(rows),
        number=number,
        note=f"{note} {count_note(study.k)}",
        released=tuple(told_of),
    )


def _told_of_term(term: str, using: Persons, total: Persons, k: int) -> tuple[Shown, ReleasedCell]:
    """A word's participants, or its texts where no participant is known."""
    if total.known:
        shown = show_persons(using, total, k=k)
        cell = released_count(f"word {term}", shown, total.known)
    else:
        shown = show_count(using.unknown, total.unknown, k=k)
        cell = released_count(f"word {term}", shown, total.unknown)
        cell = dataclasses.replace(cell, unit="texts")
    return shown, dataclasses.replace(cell, total=0)


def _table(figure: Figure, topics: Topics, study: Study, number: int) -> Table:
    """What the figure shows, as a table: the same numbers."""
    verdict = topics.stability.verdict
    near = study.alignment is not None
    known = bool(persons_of(topics).known)
    columns = [Column("Words"), *([Column("Participants", "number")] if known else [])]
    columns.append(Column("Texts", "number"))
    columns += [Column("Nearest code")] if near else []
    columns.append(Column("Grouping"))
    rows = []
    for row in figure.data.itertuples():
        cells = [str(row.words), *([str(row.shown)] if known else []), str(row.texts)]
        cells += [str(row.nearest_code) or "–"] if near else []
        rows.append((*cells, verdict))
    note = (
        "Words: the strongest of each group; a word that could be a name, or that one "
        "participant alone uses in the group, is left out."
    )
    if not known:
        note = f"Whose the texts are is not known, so that texts are counted. {note}"
    told = tuple(_told(topic, topics, study.k) for topic in topics)
    return Table(figure.title, tuple(columns), tuple(rows), number=number, note=note, released=told)


def _told(topic: Topic, topics: Topics, k: int) -> tuple[ReleasedCell, ...]:
    """The counts that a topic's row tells; readers know it again by its words."""
    shown, _ = shown_persons(topics, topic, k)
    what, total = f"topic {told_words(topics, topic)}", persons_of(topics).known
    cells = []
    if total and shown.text != HIDDEN:
        cells.append(released_count(what, shown, total))
    if not shown.hides_rest:
        cells.append(ReleasedCell(what, (), topic.size, topic.size, len(topics.units), "texts"))
    return tuple(cells)


class _Words:
    """Which words of topics and terms may be shown."""

    def __init__(self, study: Study) -> None:
        self.study = study

    def cleaned(self, topics: Topics) -> Topics:
        """The topics with the words that may be shown."""
        rows = tuple(
            dataclasses.replace(topic, words=tuple(self._shareable(topic, topics)))
            for topic in topics
        )
        terms = tuple(term for term in topics.terms if not self._could_be_name(term.term))
        return dataclasses.replace(topics, rows=rows, terms=terms)

    def _shareable(self, topic: Topic, topics: Topics) -> Iterator[str]:
        units = [unit for unit in topics.units if unit.topic == topic.number]
        texts = [(self._voice(unit), self._text(unit).casefold()) for unit in units]
        for word in topic.words:
            pattern = re.compile(rf"\b{re.escape(word.casefold())}\b")
            voices = {voice for voice, text in texts if pattern.search(text)}
            if len(voices) >= _LEAST_VOICES and not self._could_be_name(word):
                yield word

    def _voice(self, unit: TopicUnit) -> str:
        return f"case {unit.case_id}" if unit.case_id else f"document {unit.document_id}"

    def _text(self, unit: TopicUnit) -> str:
        document = self.study.corpus.document(unit.document_id)
        return document.passage(unit.start, unit.end).replace("’", "'")

    def _could_be_name(self, word: str) -> bool:
        """Found as an identifier, or never written small while the codebook does not know it."""
        parts = {part.casefold() for part in _WORD.findall(word)}
        return bool(parts & self._found) or not parts <= (self._small | self._of_codebook)

    @cached_property
    def _small(self) -> frozenset[str]:
        """Words that somebody wrote with a small first letter."""
        texts = (document.text.replace("’", "'") for document in self.study.corpus)
        words = (word for text in texts for word in _WORD.findall(text) if word[0].islower())
        return frozenset(_bare(word) for word in words)

    @cached_property
    def _of_codebook(self) -> frozenset[str]:
        texts = (f"{code.name} {code.definition}" for code in self.study.printed)
        return frozenset(word.casefold() for text in texts for word in _WORD.findall(text))

    @cached_property
    def _found(self) -> frozenset[str]:
        """Words of the identifiers that the check found."""
        if self.study.findings is None:
            return frozenset()
        texts = self.study.findings.to_frame()["text"]
        return frozenset(word.casefold() for text in texts for word in _WORD.findall(str(text)))


def _bare(word: str) -> str:
    """A word without an ending after its apostrophe, as topics count it."""
    stem, _, _ = word.casefold().rpartition("'")
    return stem or word.casefold()
