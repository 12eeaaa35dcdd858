"""From files to a corpus: one small module per kind of source, one gate for all of them.

Every source is tried, and every fault is raised at once. What a reader leaves out it
lists in `Corpus.omissions`, and what it took for what stands in the run's settings. No
reader guesses in silence: not an encoding, not a missing letter, not whose words these are.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.corpus import Answer, Case, Corpus, Document, Tombstone
from reflect_analysis.disclosure.withdrawal import leave_out
from reflect_analysis.errors import CorpusError, raise_all
from reflect_analysis.provenance import Run, fingerprint, new_run

from ._consent import strictest
from ._doubled import doubled_texts
from ._files import file_hash
from ._found import Found, Place, merge
from ._language import with_languages
from ._mapping import Columns, checked_mapping, unknown_columns
from ._sheets import frame_table
from ._speakers import checked_speakers
from ._walk import Asked, files_of, read_files
from .changes import SourceChange, changed_sources, hashes_beside
from .tabular import like_text, read_table
from .withdrawn import withdrawn_in

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SourceChange", "changed_sources", "read_corpus"]

_SHOWN_OMISSIONS = 10
_OWN_ID = "give each text an id of its own (a text that states none has its file's name)"
_ONE_ROW = "give each participant one row"


def read_corpus(
    source: str | Path | Iterable[str | Path] | pd.DataFrame,
    *,
    mapping: Mapping[str, str | Sequence[str]] | None = None,
    speakers: Mapping[str, str | None] | None = None,
) -> Corpus:
    r"""Read texts, participants and clearances.

    Parameters
    ----------
    source : path, paths or DataFrame
        Files or folders. A folder is read with all that lies below it, in sorted order:

        - ``.txt``, ``.md``, ``.docx``, ``.odt``, ``.rtf``, ``.html`` and the text of
          ``.pdf``: with front matter one document; a transcript with its speakers; one
          reflection; or a page with attributed quotes. A table of questions and answers
          gives one document an answer;
        - ``.vtt``, ``.srt``: a transcript with its times;
        - ``.csv``, ``.tsv``, ``.xlsx``: one text a row, one answer of a survey a cell, posts
          of a forum, or one participant a row; ``.json``: posts of a forum;
        - a folder with ``stories.yaml``: photo-voice;
        - ``clearance.yaml``: who cleared which texts;
        - ``withdrawn.yaml``: who withdrew; their texts are left out and listed;
        - ``NAME.docx.yaml`` beside ``NAME.docx`` (any file): its front matter.

        Consent to be quoted stands with the participants or with their texts; the strictest
        answer of a participant holds, and a refused text of nobody known is left out.

        Hidden files are passed over. Other files, documentation, and tables of codings
        and approvals are listed in `Corpus.omissions`, with what was left out of a file:
        navigation, comments, headers, footnotes.
    mapping : mapping of str to str, optional
        Columns of tables by what they hold: ``"id"``, ``"participant"``, ``"text"`` (one, or
        several questions), ``"kind"``, ``"language"``, ``"voice"``, and for a forum
        ``"thread"``, ``"author"``, ``"parent"``, ``"time"``. What is not named is known by
        its name.
    speakers : mapping of str to str or None, optional
        Participants by their labels in transcripts, `None` for a facilitator, whose turns
        are not coded. ``speakers:`` in front matter and a file ``speakers.yaml`` beside the
        transcripts do the same.

    Returns
    -------
    Corpus
        With one run, whose settings hold the counts by kind, what was taken for something
        without being told (columns, encodings), the hash of each file and of what was read with
        it, and the texts that stand twice.

    Raises
    ------
    CorpusError
        With every fault of every source and its place.
    TypeError, ValueError
        For a source that is no path, and for a mapping or speakers of something unknown.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "answers.csv").write_text(
    ...     "ID,Participant,Answer\nA1,P01,We laughed a lot.\nA2,P02,I was tired.\n"
    ... )
    >>> corpus = read_corpus(folder)
    >>> corpus
    <Corpus: 2 documents (2 reflection), 2 cases, 2 not cleared>
    >>> corpus.runs[0].settings["columns"]["answers.csv"]["text"]
    'Answer'
    """
    asked = Asked(checked_mapping(mapping), checked_speakers(speakers))
    frame = _as_frame(source)
    if frame is not None:
        table = frame_table(frame, "the DataFrame")
        return _corpus(read_table(table, asked.mapping, asked.speakers), asked.mapping)
    places, passed_over, faults = files_of(_paths(source))
    stones, places, broken = withdrawn_in(places)
    found, read = read_files(places, asked)
    told = Found(faults=(*faults, *broken))
    whole = merge([told, found, Found(omissions=tuple(passed_over))])
    return _corpus(whole, asked.mapping, read, stones)


def _as_frame(source: object) -> pd.DataFrame | None:
    """The source, where it is a DataFrame; one cannot exist before pandas is imported."""
    pandas: Any = sys.modules.get("pandas")
    is_frame = pandas is not None and isinstance(source, pandas.DataFrame)
    return source if is_frame else None  # type: ignore[return-value]  # as just checked


def _paths(source: Any) -> list[Path]:
    """The paths of a source."""
    several = [source] if isinstance(source, str | Path) else source
    if isinstance(source, bytes | Mapping) or not isinstance(several, Iterable):
        raise TypeError(f"a path, several paths or a DataFrame, not {type(source).__name__}")
    paths = list(several)
    for path in paths:
        if not isinstance(path, str | Path):
            raise TypeError(f"a path is a string or a Path, not {type(path).__name__}")
    if not paths:
        raise CorpusError("no source was given")
    return [Path(path).expanduser() for path in paths]


def _corpus(
    found: Found,
    mapping: Columns,
    read: Iterable[Place] = (),
    withdrawn: Iterable[Tombstone] = (),
) -> Corpus:
    """The corpus without who withdrew, or every fault."""
    raise_all(CorpusError, _faults(found, mapping))
    if not found.documents:
        raise CorpusError(_nothing(found))
    places = tuple(read)
    documents, detected = with_languages(found.documents)
    corpus = Corpus(
        documents=documents,
        cases=_cases(found),
        clearances=found.clearances,
        omissions=found.omissions,
    )
    corpus = leave_out(corpus, withdrawn).corpus
    files = {place.name: file_hash(place.path) for place in places}
    beside = hashes_beside(places, corpus)
    return corpus.with_run(_run(corpus, found, detected, files, beside))


def _faults(found: Found, mapping: Columns) -> Iterator[str]:
    yield from found.faults
    yield from unknown_columns(mapping, found.headers)
    yield from _doubled("id", ((d.id, _where(d)) for d in found.documents), _OWN_ID)
    yield from _doubled("participant", ((c.id, p) for c, p in found.cases), _ONE_ROW)


def _doubled(noun: str, ids: Iterable[tuple[str, str]], remedy: str) -> Iterator[str]:
    """A fault for each id that stands in several places, with all of them."""
    places: dict[str, list[str]] = {}
    for each, place in ids:
        places.setdefault(each, []).append(place)
    for each, found in places.items():
        if len(found) > 1:
            yield f"{noun} {each!r} stands {len(found)} times: {'; '.join(found)}; {remedy}"


def _where(document: Document) -> str:
    return ", ".join(filter(None, (document.source, document.place)))


def _nothing(found: Found) -> str:
    """Why a source without faults gave no text."""
    reasons = [
        f"{', '.join(filter(None, (o.source, o.place)))}: {o.reason}" for o in found.omissions
    ]
    more = len(reasons) - _SHOWN_OMISSIONS
    told = "; ".join(reasons[:_SHOWN_OMISSIONS]) + (f"; and {more} more" if more > 0 else "")
    return f"no text was found{_only_cases(found)}{': ' if told else ''}{told}"


def _only_cases(found: Found) -> str:
    """Which tables were taken for lists of participants, and by which columns."""
    if not found.cases:
        return ""
    tables = ", ".join(dict.fromkeys(place.rpartition(", ")[0] for _, place in found.cases))
    columns = ", ".join(repr(column) for column in found.headers if column)
    near = like_text(found.headers)
    hint = f"; did you mean 'text' by {near!r}?" if near else ""
    return (
        f"; {_count(len(found.cases), 'participant')}, but none of their texts: {tables} has no "
        f"column 'text' among {columns}{hint}"
    )


def _cases(found: Found) -> tuple[Case, ...]:
    """Those with a row, then those whom only the texts name, in their order.

    Where a participant's consent stands in several places, the strictest answer holds.
    """
    cases = {case.id: case for case, _ in found.cases}
    for document in found.documents:
        speakers = (turn.case_id for turn in document.turns)
        for case_id in (document.case_id, *speakers):
            if case_id:
                cases.setdefault(case_id, Case(case_id))
    answers: dict[str, list[Answer]] = {}
    for case_id, answer in found.consents:
        cases.setdefault(case_id, Case(case_id))
        answers.setdefault(case_id, []).append(answer)
    return tuple(
        replace(case, quotes=strictest(answers[case.id])) if case.id in answers else case
        for case in cases.values()
    )


def _run(
    corpus: Corpus,
    found: Found,
    detected: Mapping[str, int],
    files: Mapping[str, str],
    beside: Mapping[str, str],
) -> Run:
    """What was read, as a sentence and as settings."""
    doubled = doubled_texts(corpus)
    writers = {case_id for document in corpus for case_id in corpus.cases_of(document)}
    settings = {
        "kinds": dict(sorted(Counter(document.kind for document in corpus).items())),
        "columns": {name: dict(guess) for name, guess in sorted(found.guesses.items())},
        "languages_detected": dict(detected),
        "participants_without_a_row": len(writers.difference(case.id for case, _ in found.cases)),
        "left_out": len(corpus.omissions),
        "files": dict(files),
        "beside": dict(beside),
        "doubled_texts": [list(ids) for ids in doubled],
    }
    summary = _summary(corpus, len(writers), doubled)
    content = list(files.items()) or corpus.fingerprint
    return new_run("read", summary, settings=settings, inputs=[fingerprint(content)])


def _summary(corpus: Corpus, writers: int, doubled: Sequence[Sequence[str]]) -> str:
    files = len({document.source for document in corpus})
    unknown = sum(d.voice == "participant" and not corpus.cases_of(d) for d in corpus)
    of_whom = f" by {_count(writers, 'participant')}" if writers else ""
    verb = "was" if len(corpus) == 1 else "were"
    told = f"{_count(len(corpus), 'document')}{of_whom} {verb} read from {_count(files, 'file')}"
    told += f"; of {unknown} the participant is unknown" if unknown else ""
    again = sum(len(ids) - 1 for ids in doubled)
    return told + (
        f"; {again} {'has' if again == 1 else 'have'} the words of another" * bool(again)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
