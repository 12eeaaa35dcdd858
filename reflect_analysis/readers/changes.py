"""Which files changed since a corpus was read from them.

A corpus remembers the hash of every file that it was read from, and of what was read with it
(front matter, speakers, pictures), in the settings of its runs. Codings point into the texts as
they were: a file that somebody corrected afterwards must be noticed before it is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from reflect_analysis.corpus import Corpus, Document

from ._files import file_hash
from ._flowing import FRONT_SUFFIXES, front_of
from ._found import Place
from ._speakers import SPEAKER_FILES
from ._walk import files_of

__all__ = ["SourceChange", "changed_sources", "hashes_beside"]

# How `anonymity.pseudonymise` begins the name that it gives to a file.
NEUTRAL = "file-"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A file that is not as it was.

    Parameters
    ----------
    source : str
        The file, as `Document.source` calls it.
    state : {"changed", "missing"}
    documents : tuple of str
        The ids of the texts that were read from it, or with it.
    """

    source: str
    state: Literal["changed", "missing"]
    documents: tuple[str, ...]


def changed_sources(
    corpus: Corpus,
    source: str | Path | Iterable[str | Path],
    *,
    names: Mapping[str, str] | None = None,
) -> tuple[SourceChange, ...]:
    """The files that changed, or went, since a corpus was read from them.

    Beside the files with texts these are what was read with them: front matter and speakers in
    a file of its own, and pictures.

    Parameters
    ----------
    corpus : Corpus
        As `read_corpus` gave it, or as a project kept it.
    source : path or paths
        The files or folders that it was read from.
    names : mapping of str to str, optional
        The files' names, where `pseudonymise` replaced them: ``key.files``. Without them such a
        file is known by its content alone, so that one that changed is told as missing.

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
    there, _, _ = files_of([Path(path).expanduser() for path in paths])
    read: dict[str, str] = {}
    beside: dict[str, str] = {}
    for run in corpus.runs:
        if run.step == "read":
            read |= run.settings.get("files", {})
            beside |= run.settings.get("beside", {})
    known, given, search = read | beside, names or {}, _Search(there)
    changes = []
    for name, digest in known.items():
        own = given.get(name, name)
        state = search.state(own, digest)
        if state is not None:
            ids = tuple(
                d.id
                for d in corpus
                if _comes_from(d, given.get(d.source, d.source), own, is_beside=name in beside)
            )
            changes.append(SourceChange(name, state, ids))
    return tuple(changes)


class _Search:
    """Where the files of a corpus lie now."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._paths = {place.name: place.path for place in places}
        # A source that is one file brings no other, but what was read with it lies beside.
        self._folders = {
            PurePosixPath(name).parent: path.parent for name, path in self._paths.items()
        }

    @cached_property
    def _digests(self) -> frozenset[str]:
        return frozenset(map(file_hash, self._paths.values()))

    def state(self, name: str, digest: str) -> Literal["changed", "missing"] | None:
        """What became of a file; `None` where it is as it was."""
        path = self._paths.get(name) or self._beside(PurePosixPath(name))
        if path is not None:
            return None if file_hash(path) == digest else "changed"
        return None if _is_neutral(name) and digest in self._digests else "missing"

    def _beside(self, name: PurePosixPath) -> Path | None:
        for folder in name.parents:
            if folder in self._folders:
                path = self._folders[folder] / name.relative_to(folder)
                return path if path.is_file() else None
        return None


def _is_neutral(name: str) -> bool:
    """Whether a name is one that `pseudonymise` gives to a file."""
    return name.startswith(NEUTRAL)


def _comes_from(document: Document, source: str, name: str, *, is_beside: bool) -> bool:
    """Whether a text, whose file is `source`, was read from the file `name`, or with it."""
    if not is_beside:
        return source == name
    path = PurePosixPath(name)
    if path.name.casefold() in SPEAKER_FILES:
        return bool(document.turns) and PurePosixPath(source).parent == path.parent
    if path.suffix.lower() in FRONT_SUFFIXES:
        return source == str(path.with_suffix(""))
    picture = document.picture.path if document.picture else None
    return picture is not None and _ends_with(PurePosixPath(picture), path)


def _ends_with(path: PurePosixPath, end: PurePosixPath) -> bool:
    return path.parts[-len(end.parts) :] == end.parts


def hashes_beside(read: Iterable[Place], documents: Iterable[Document]) -> dict[str, str]:
    """The hash of each file that was read with another: front matter, speakers, pictures.

    Parameters
    ----------
    read : iterable of Place
        The files with texts or participants.
    documents : iterable of Document
        As they were read from these.

    Returns
    -------
    dict of str to str
        By the file's name, as `Document.source` would call it.
    """
    places = {place.name: place for place in read}
    paths: dict[str, Path] = {}
    for place in places.values():
        beside = [front_of(place), *(place.path.with_name(each) for each in SPEAKER_FILES)]
        for path in beside:
            if path is not None and path.is_file():
                paths[str(PurePosixPath(place.name).with_name(path.name))] = path
    for document in documents:
        if document.picture and document.picture.path and document.source in places:
            place, picture = places[document.source], Path(document.picture.path)
            folder = place.path.parent.resolve()
            if picture.resolve().is_relative_to(folder):
                below = picture.resolve().relative_to(folder).as_posix()
                paths[str(PurePosixPath(place.name).parent / below)] = picture
    return {name: file_hash(path) for name, path in paths.items() if name not in places}
