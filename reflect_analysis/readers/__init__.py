"""From files to a corpus: one small module per kind of source, one gate for all of them.

Every source is tried, and every fault is raised at once. What a reader leaves out it
lists in `Corpus.omissions`, and what it took for what stands in the run's settings. No
reader guesses: not an encoding, not a missing letter, not whose words these are.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.corpus import Answer, Case, Corpus, Document
from reflect_analysis.errors import CorpusError, did_you_mean, raise_all
from reflect_analysis.provenance import Run, fingerprint, new_run

from ._consent import strictest
from ._found import Found, Place, merge
from ._language import with_languages
from ._sheets import frame_table
from ._walk import files_of, read_files
from .tabular import ROLES, like_text, read_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_corpus"]

_SHOWN_OMISSIONS = 10
_OWN_ID = "give each text an id of its own (a text that states none has its file's name)"
_ONE_ROW = "give each participant one row"


def read_corpus(
    source: str | Path | Iterable[str | Path] | pd.DataFrame,
    *,
    mapping: Mapping[str, str] | None = None,
) -> Corpus:
    r"""Read texts, participants and clearances.

    Parameters
    ----------
    source : path, paths or DataFrame
        Files or folders. A folder is read with all that lies below it, in sorted order:

        - ``.txt``, ``.md``: with front matter one document, or a transcript with its
          speakers; without, one reflection, or a page with attributed quotes;
        - ``.csv``, ``.tsv``, ``.xlsx``: one text a row, or one participant a row;
        - a folder with ``stories.yaml``: photo-voice;
        - ``clearance.yaml``: who cleared which texts.

        Consent to be quoted stands with the participants or with their texts; the strictest
        answer of a participant holds, and a refused text of nobody known is left out.

        Hidden files are passed over. Other files, documentation, and tables of codings
        and approvals are listed in `Corpus.omissions`.
    mapping : mapping of str to str, optional
        Columns of tables by what they hold: ``"id"``, ``"participant"``, ``"text"``,
        ``"kind"``, ``"language"``, ``"voice"``. What is not named is known by its name.

    Returns
    -------
    Corpus
        With one run, whose settings hold the counts by kind and the columns that were
        taken for something without being named.

    Raises
    ------
    CorpusError
        With every fault of every source and its place.
    TypeError, ValueError
        For a source that is no path, and for a mapping of something unknown.

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
    named = _checked_mapping(mapping or {})
    frame = _as_frame(source)
    if frame is not None:
        return _corpus(read_table(frame_table(frame, "the DataFrame"), named), named)
    places, passed_over, faults = files_of(_paths(source))
    found, read = read_files(places, named)
    whole = merge([Found(faults=tuple(faults)), found, Found(omissions=tuple(passed_over))])
    return _corpus(whole, named, read)


def _checked_mapping(mapping: Mapping[str, str]) -> Mapping[str, str]:
    for role in mapping:
        if role not in ROLES:
            known = ", ".join(ROLES)
            raise ValueError(
                f"mapping of {role!r}; expected some of {known}{did_you_mean(role, ROLES)}"
            )
    return mapping


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


def _hash(place: Place) -> str:
    """sha256 of a file's content, ``""`` where it cannot be read."""
    try:
        with place.path.open("rb") as file:
            digest = sha256()
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _corpus(found: Found, mapping: Mapping[str, str], read: Iterable[Place] = ()) -> Corpus:
    """The corpus, or every fault."""
    raise_all(CorpusError, _faults(found, mapping))
    if not found.documents:
        raise CorpusError(_nothing(found))
    documents, detected = with_languages(found.documents)
    corpus = Corpus(
        documents=documents,
        cases=_cases(found),
        clearances=found.clearances,
        omissions=found.omissions,
    )
    content = [(place.name, _hash(place)) for place in read] or corpus.fingerprint
    return corpus.with_run(_run(corpus, found, detected, content=content))


def _faults(found: Found, mapping: Mapping[str, str]) -> Iterator[str]:
    yield from found.faults
    for role, column in mapping.items():
        if found.headers and column not in found.headers:
            hint = did_you_mean(column, found.headers)
            yield f"no table has the column {column!r} that mapping names as {role!r}{hint}"
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


def _run(corpus: Corpus, found: Found, detected: Mapping[str, int], *, content: object) -> Run:
    """What was read, as a sentence and as settings."""
    writers = {case_id for document in corpus for case_id in corpus.cases_of(document)}
    settings = {
        "kinds": dict(sorted(Counter(document.kind for document in corpus).items())),
        "columns": {name: dict(guess) for name, guess in sorted(found.guesses.items())},
        "languages_detected": dict(detected),
        "participants_without_a_row": len(writers.difference(case.id for case, _ in found.cases)),
        "left_out": len(corpus.omissions),
    }
    summary = _summary(corpus, len(writers))
    return new_run("read", summary, settings=settings, inputs=[fingerprint(content)])


def _summary(corpus: Corpus, writers: int) -> str:
    files = len({document.source for document in corpus})
    unknown = sum(d.voice == "participant" and not corpus.cases_of(d) for d in corpus)
    of_whom = f" by {_count(writers, 'participant')}" if writers else ""
    verb = "was" if len(corpus) == 1 else "were"
    told = f"{_count(len(corpus), 'document')}{of_whom} {verb} read from {_count(files, 'file')}"
    return told + (f"; of {unknown} the participant is unknown" if unknown else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
