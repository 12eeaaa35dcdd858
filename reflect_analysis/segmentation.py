"""Cut a cleared corpus into the passages that are coded.

This is the one edge between reading and analysis: nothing is coded, embedded or exported
before a person has cleared the texts. A document whose voice is ``"other"`` (a director, an
epigraph) gives no segments, so that it is never coded and never counted; in a transcript no
segment holds a speaker's label or a word of a turn that is not coded. The prompt, a title and
the like are attributes of a document, not text, and are not cut.
"""

from __future__ import annotations

from typing import get_args

from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Corpus
from reflect_analysis.errors import agreeing, did_you_mean
from reflect_analysis.language.passages import cut
from reflect_analysis.provenance import Run, merge_runs, new_run
from reflect_analysis.segments import Segment, Segments, Unit

__all__ = ["segment"]

_NOUNS = {
    "document": ("document", "documents"),
    "paragraph": ("paragraph", "paragraphs"),
    "sentence": ("sentence", "sentences"),
    "turn": ("turn", "turns"),
}


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
        paragraphs end at a blank line. A heading (a line that begins with ``#`` and a blank)
        belongs to neither. In a transcript every unit stays inside a turn, and
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
    rows = tuple(
        Segment.of(document, stretch.start + start, stretch.start + end, stretch.case_id)
        for document, stretch, spans in cut(corpus, by, model=model, cache=cache)
        for start, end in spans
    )
    run = _run(corpus, by, rows)
    return Segments(corpus, rows, by, merge_runs(corpus.runs, [run]))


def _run(corpus: Corpus, by: Unit, rows: tuple[Segment, ...]) -> Run:
    """What was cut, in one sentence."""
    documents = len({row.document_id for row in rows})
    noun = _NOUNS[by][len(rows) != 1]
    if by == "document" and len(rows) > documents:
        noun = "documents and turns"
    told = f"{len(rows):,} {noun}"
    texts = f"{documents:,} document{'' if documents == 1 else 's'}"
    other = sum(document.voice == "other" for document in corpus)
    summary = f"{told} of {texts} {agreeing(len(rows), 'were')} taken as segments"
    if other:
        were = "was" if other == 1 else "were"
        summary += f"; {other:,} that no participant wrote or said {were} left out"
    return new_run("segment", summary, inputs=[corpus.fingerprint], settings={"by": by})
