"""Cut a cleared corpus into the passages that are coded.

This is the one edge between reading and analysis: nothing is coded, embedded or exported
before a person has cleared the texts. A document whose voice is ``"other"`` (a director, an
epigraph) gives no segments, so that it is never coded and never counted; in a transcript no
segment holds a speaker's label or a word of a turn that is not coded. The prompt, a title and
the like are attributes of a document, not text, and are not cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import get_args

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.errors import did_you_mean
from reflect_analysis.language import Stretch, parse, primary, readable, stretches
from reflect_analysis.provenance import Run, merge_runs, new_run
from reflect_analysis.segments import Segment, Segments, Unit

__all__ = ["segment"]

_BLANK_LINE = re.compile(r"\n\s*\n")
_NOUNS = {
    "document": ("document", "documents"),
    "paragraph": ("paragraph", "paragraphs"),
    "sentence": ("sentence", "sentences"),
    "turn": ("turn", "turns"),
}

Spans = Iterable[tuple[int, int]]


def segment(
    corpus: Corpus,
    by: Unit = "sentence",
    *,
    model: str | None = None,
    cache: Cache | None = None,
) -> Segments:
    """Cut every document into passages, trimmed of outer white space.

    Parameters
    ----------
    corpus : Corpus
        Cleared.
    by : {"sentence", "paragraph", "turn", "document"}
        Sentences are those of the parse in English and end at their marks in other languages;
        paragraphs end at a blank line. In a transcript every unit stays inside a turn, and
        ``"document"`` gives its turns, because a passage across turns would hold labels. In
        other documents ``"turn"`` gives the whole text.
    model : str, optional
        The English model for sentences; see `language.parse`.
    cache : Cache, optional
        By default `default_cache()`.

    Returns
    -------
    Segments
        In the order of the documents, each with the case who wrote or spoke it.

    Raises
    ------
    NotClearedError
        If a document is not cleared: how many, which, and what clears them.
    ValueError
        If `by` is none of the four.
    """
    if by not in get_args(Unit):
        hint = did_you_mean(by, get_args(Unit))
        raise ValueError(f"cannot cut by {by!r}; expected one of {', '.join(get_args(Unit))}{hint}")
    corpus.check_cleared()
    pieces = [(document, stretch) for document in corpus for stretch in stretches(document)]
    cuts = _sentences(pieces, model, cache) if by == "sentence" else _cuts(pieces, by)
    rows = tuple(
        Segment.of(document, stretch.start + start, stretch.start + end, stretch.case_id)
        for (document, stretch), spans in zip(pieces, cuts, strict=True)
        for start, end in spans
    )
    run = _run(corpus, by, rows)
    return Segments(corpus, rows, by, merge_runs(corpus.runs, [run]))


def _text_of(piece: tuple[Document, Stretch]) -> str:
    document, stretch = piece
    return document.passage(stretch.start, stretch.end)


def _cuts(pieces: Iterable[tuple[Document, Stretch]], by: Unit) -> Iterator[Spans]:
    """Whole stretches, or their paragraphs."""
    for piece in pieces:
        text = _text_of(piece)
        yield _paragraphs(text, 0, len(text)) if by == "paragraph" else _trimmed(text, 0, len(text))


def _sentences(
    pieces: list[tuple[Document, Stretch]], model: str | None, cache: Cache | None
) -> Iterator[Spans]:
    """The sentences of each stretch, parsed language by language."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for language in dict.fromkeys(primary(document.language) for document, _ in pieces):
        texts = dict.fromkeys(_text_of(p) for p in pieces if primary(p[0].language) == language)
        chosen = model if readable(language) else None
        for known in parse(texts, language=language, model=chosen, cache=cache):
            spans = (
                cut
                for start, end in known.sentence_spans()
                for cut in _paragraphs(known.text, start, end)
            )
            found[language, known.text] = list(spans)
    for piece in pieces:
        yield found[primary(piece[0].language), _text_of(piece)]


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """What stands between blank lines; a line of marks alone, such as ``***``, is left out."""
    here = start
    for gap in _BLANK_LINE.finditer(text, start, end):
        yield from _trimmed(text, here, gap.start())
        here = gap.end()
    yield from _trimmed(text, here, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A span without outer white space; none where nothing is said."""
    passage = text[start:end]
    if any(map(_says, passage)):
        left = len(passage) - len(passage.lstrip())
        yield start + left, start + len(passage.rstrip())


def _says(character: str) -> bool:
    """Whether a character can be an answer: a letter, a digit, an emoji; not a mark or a space."""
    return character.isalnum() or ord(character) > _LAST_MARK


# The last of the general punctuation; what comes later is letters, symbols and emoji.
_LAST_MARK = 0x206F


def _run(corpus: Corpus, by: Unit, rows: tuple[Segment, ...]) -> Run:
    """What was cut, in one sentence."""
    documents = len({row.document_id for row in rows})
    noun = _NOUNS[by][len(rows) != 1]
    if by == "document" and len(rows) > documents:
        noun = "documents and turns"
    told = f"{len(rows):,} {noun}"
    texts = f"{documents:,} document{'' if documents == 1 else 's'}"
    other = sum(document.voice == "other" for document in corpus)
    summary = f"{told} of {texts} were taken as segments"
    if other:
        were = "was" if other == 1 else "were"
        summary += f"; {other:,} that no participant wrote or said {were} left out"
    return new_run("segment", summary, inputs=[corpus.fingerprint], settings={"by": by})
