"""Which files changed since a corpus was read from them.

A corpus remembers the hash of every file that it was read from, in the settings of its
runs. Codings point into the texts as they were: a file that somebody corrected afterwards
must be noticed before it is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reflect_analysis.corpus import Corpus

from ._files import file_hash
from ._walk import files_of

__all__ = ["SourceChange", "changed_sources"]


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A file that is not as it was.

    Parameters
    ----------
    source : str
        The file, as `Document.source` calls it.
    state : {"changed", "missing"}
    documents : tuple of str
        The ids of the texts that were read from it.
    """

    source: str
    state: Literal["changed", "missing"]
    documents: tuple[str, ...]


def changed_sources(
    corpus: Corpus, source: str | Path | Iterable[str | Path]
) -> tuple[SourceChange, ...]:
    """The files that changed, or went, since a corpus was read from them.

    Parameters
    ----------
    corpus : Corpus
        As `read_corpus` gave it, or as a project kept it.
    source : path or paths
        The files or folders that it was read from.

    Returns
    -------
    tuple of SourceChange
        In the order in which the files were read. Files that are new are none: read them.

    Examples
    --------
    >>> import tempfile
    >>> from reflect_analysis.readers import read_corpus
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "one.txt").write_text("I stayed late, and I was glad of it.")
    >>> corpus = read_corpus(folder)
    >>> changed_sources(corpus, folder)
    ()
    >>> _ = (folder / "one.txt").write_text("I stayed late, and I was tired of it.")
    >>> changed_sources(corpus, folder)
    (SourceChange(source='one.txt', state='changed', documents=('one',)),)
    """
    paths = [source] if isinstance(source, str | Path) else list(source)
    places, _, _ = files_of([Path(path).expanduser() for path in paths])
    there = {place.name: place.path for place in places}
    known: dict[str, str] = {}
    for run in corpus.runs:
        known |= run.settings.get("files", {}) if run.step == "read" else {}
    changes = []
    for name, digest in known.items():
        state = _state(there.get(name), digest)
        if state is not None:
            ids = tuple(document.id for document in corpus if document.source == name)
            changes.append(SourceChange(name, state, ids))
    return tuple(changes)


def _state(path: Path | None, digest: str) -> Literal["changed", "missing"] | None:
    if path is None:
        return "missing"
    return None if file_hash(path) == digest else "changed"
