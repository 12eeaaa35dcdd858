"""Which files a source holds, in which order, and who reads each.

Sorted by their path, the same on every system; hidden files are passed over in silence,
documentation and unknown kinds of file are listed as left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from reflect_analysis.corpus import Omission
from reflect_analysis.errors import CorpusError

from ._files import suffix_of
from ._found import Found, Place, left_out, merge
from .clearance import CLEARANCE_FILES, read_clearances
from .photo_voice import PICTURES, STORY_FILES, read_stories
from .tabular import read_tables
from .text import read_text_file

TEXTS = (".txt", ".md", ".markdown")
TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")

_DOCUMENTATION = ("readme", "license", "licence", "copying")
_SYSTEM = ("thumbs.db", "desktop.ini")
_NOT_YET: Mapping[str, str] = {
    ".pdf": "PDF is not read; save its text as .txt",
    ".doc": "Word is not read; save it as plain text (.txt, UTF-8)",
    ".docx": "Word is not read; save it as plain text (.txt, UTF-8)",
    ".odt": "OpenDocument is not read; save it as plain text (.txt, UTF-8)",
    ".rtf": "RTF is not read; save it as plain text (.txt, UTF-8)",
    ".xls": "the old Excel format is not read; save it as .xlsx",
    ".ods": "OpenDocument is not read; save it as .xlsx",
    ".yaml": "not stories.yaml and not clearance.yaml; read_codebook reads a codebook",
    ".yml": "not stories.yaml and not clearance.yaml; read_codebook reads a codebook",
}


def files_of(paths: Iterable[Path]) -> tuple[list[Place], list[Omission], list[str]]:
    """The files of all paths, each once; what is passed over; paths that lead nowhere."""
    given = list(paths)
    faults = [f"{path}: there is no such file or folder" for path in given if not path.exists()]
    there = [path for path in given if path.exists()]
    name_of = _namer(there)
    places: dict[Path, Place] = {}
    omissions: list[Omission] = []
    for path in there:
        closed: list[OSError] = []
        inside = _inside(path, closed.append) if path.is_dir() else [path]
        found = sorted(inside, key=lambda p: p.as_posix())
        faults += [f"{error.filename}: cannot be opened: {error.strerror}" for error in closed]
        if not found and not closed:
            faults.append(f"{path}: an empty folder")
        for file in found:
            name = name_of(file)
            if path.is_dir() and _is_documentation(file, path):
                omissions.append(Omission(name, "", "documentation"))
            else:
                places.setdefault(file.resolve(), Place(file, name))
    return list(places.values()), omissions, faults


def _inside(folder: Path, closed: Callable[[OSError], None]) -> Iterator[Path]:
    """The files below a folder, without hidden ones; links to folders are not followed."""
    for parent, folders, files in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        yield from (Path(parent) / name for name in files if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$", "__MACOSX", "__pycache__")) or name.casefold() in _SYSTEM


def _is_documentation(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    return any(part.casefold().partition(".")[0] in _DOCUMENTATION for part in parts)


def _namer(paths: Iterable[Path]) -> Callable[[Path], str]:
    """How files are called: by their path below what all sources have in common.

    Never by the whole path: it holds the researcher's name on most computers.
    """
    folders = [str((p if p.is_dir() else p.parent).resolve()) for p in paths]
    try:
        top = Path(os.path.commonpath(folders)) if folders else Path()
    except ValueError:  # on Windows, sources on two drives
        return lambda file: f"{file.parent.name}/{file.name}"

    def name_of(file: Path) -> str:
        absolute = file.parent.resolve() / file.name
        return absolute.relative_to(top).as_posix() if top in absolute.parents else file.name

    return name_of


def read_files(
    places: Iterable[Place], mapping: Mapping[str, str]
) -> tuple[Found, tuple[Place, ...]]:
    """What all files give, each tried whatever is wrong with the others; and which gave any."""
    listed = list(places)
    found: dict[Place, Found] = {}
    named: set[Path] = set()
    for place in listed:
        if place.path.name.casefold() in STORY_FILES:
            found[place], pictures = _tried_stories(place)
            named |= {picture.resolve() for picture in pictures}
    folders = {place.path.parent.resolve() for place in found}
    for place in listed:
        if place not in found and suffix_of(place.path) not in PICTURES:
            found[place] = _tried(place, mapping)
        elif place not in found and place.path.resolve() not in named:
            beside = not folders.isdisjoint(place.path.resolve().parents)
            reason = "a picture that no story names" if beside else "a picture outside photo-voice"
            found[place] = left_out(place.name, reason)
    ordered = [place for place in listed if place in found]
    read = tuple(p for p in ordered if found[p].documents or found[p].cases)
    return merge(found[place] for place in ordered), read


def _tried_stories(place: Place) -> tuple[Found, frozenset[Path]]:
    try:
        return read_stories(place)
    except CorpusError as error:
        return Found(faults=error.faults), frozenset()


def _tried(place: Place, mapping: Mapping[str, str]) -> Found:
    """What one file gives; its faults, where it cannot be read."""
    suffix = suffix_of(place.path)
    try:
        if place.path.name.casefold() in CLEARANCE_FILES:
            return read_clearances(place)
        if suffix in TEXTS:
            return read_text_file(place)
        if suffix in TABLES:
            return read_tables(place, mapping)
    except CorpusError as error:
        return Found(faults=error.faults)
    kind = f"{suffix} files are not read" if suffix else "a file without a suffix is not read"
    return left_out(place.name, _NOT_YET.get(suffix, kind))
