"""Which files a source holds, in which order, and who reads each.

Sorted by their path, the same on every system; hidden files are passed over in silence,
documentation and unknown kinds of file are listed as left out.

Who reads a file is told, in this order, by its name (`_BY_NAME`), by a file of front matter
beside a picture, and by its suffix (`_BY_SUFFIX`). Nothing is told by content: a file under
a wrong suffix is a fault of the reader that tried it, and says so.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath

from reflect_analysis.corpus import Omission
from reflect_analysis.errors import CorpusError

from ._files import notes_of, suffix_of
from ._flowing import (
    FRONT_SUFFIXES,
    front_of,
    read_described,
    read_flowing_file,
    read_laid_out,
    read_picture,
)
from ._found import Found, Place, left_out, merge, slug, with_notes
from ._mapping import Columns
from ._paragraphs import Content
from ._speakers import SPEAKER_FILES, Speakers, read_speaker_file
from .clearance import CLEARANCE_FILES, read_clearances
from .opendocument import read_opendocument
from .photo_voice import PICTURES, STORY_FILES, read_stories
from .portable import read_portable
from .rich import read_rich
from .subtitles import read_subtitles
from .tabular import read_tables
from .threads import read_thread_file
from .web import read_web
from .word import read_word


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller said of columns and speakers."""

    mapping: Columns
    speakers: Speakers


Reader = Callable[[Place, Asked], Found]


def _table(place: Place, asked: Asked) -> Found:
    return read_tables(place, asked.mapping, asked.speakers)


def _noted(read: Reader) -> Reader:
    """A reader whose file's encoding and line ends are noted beside what it found."""
    return lambda place, asked: with_notes(read(place, asked), place.name, notes_of(place))


def _laid_out(read: Callable[[Place], Content]) -> Reader:
    """A reader of paragraphs, with the decision on flowing text behind it."""
    return lambda place, asked: read_laid_out(read(place), place, asked.speakers)


_BY_NAME: Mapping[str, Reader] = {
    **dict.fromkeys(CLEARANCE_FILES, lambda place, _: read_clearances(place)),
    **dict.fromkeys(SPEAKER_FILES, lambda place, _: read_speaker_file(place)),
}
_BY_SUFFIX: Mapping[str, Reader] = {
    **dict.fromkeys(
        (".txt", ".md", ".markdown"), lambda place, asked: read_flowing_file(place, asked.speakers)
    ),
    **dict.fromkeys((".docx", ".docm"), _laid_out(read_word)),
    ".odt": _laid_out(read_opendocument),
    ".rtf": _laid_out(read_rich),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _laid_out(read_web)),
    ".pdf": _laid_out(read_portable),
    **dict.fromkeys(
        (".vtt", ".srt"),
        _noted(lambda place, asked: read_described(read_subtitles, place, asked.speakers)),
    ),
    **dict.fromkeys((".csv", ".tsv"), _noted(_table)),
    **dict.fromkeys((".xlsx", ".xlsm"), _table),
    ".json": _noted(lambda place, asked: read_thread_file(place, asked.mapping, asked.speakers)),
}

_DOCUMENTATION = ("readme", "license", "licence", "copying")
_SYSTEM = ("thumbs.db", "desktop.ini")
_OTHER_YAML = "not stories.yaml, speakers.yaml or clearance.yaml, and beside no file of its name"
_TYPED: Mapping[str, str] = {
    "claims.yaml": "what the researcher claims: read_claims reads it",
    "choices.yaml": "what a person chose in a framework: read_choices reads it",
    "inferences.yaml": "what the researchers infer: read_inferences reads it",
}
_NOT_READ: Mapping[str, str] = {
    ".doc": "the old Word format is not read; save it as .docx",
    ".pages": "Pages is not read; export it as .docx",
    ".xls": "the old Excel format is not read; save it as .xlsx",
    ".ods": "OpenDocument tables are not read; save it as .xlsx",
    ".yaml": f"{_OTHER_YAML}; read_codebook reads a codebook",
    ".yml": f"{_OTHER_YAML}; read_codebook reads a codebook",
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


def read_files(places: Iterable[Place], asked: Asked) -> tuple[Found, tuple[Place, ...]]:
    """What all files give, each tried whatever is wrong with the others; and which gave any."""
    listed = _with_own_ids(places)
    found: dict[Place, Found] = {}
    named: set[Path] = set()
    for place in listed:
        if place.path.name.casefold() in STORY_FILES:
            found[place], pictures = _tried_stories(place)
            named |= {picture.resolve() for picture in pictures}
    folders = {place.path.parent.resolve() for place in found}
    for place in listed:
        if place in found or _is_front(place):
            continue
        if suffix_of(place.path) not in PICTURES:
            found[place] = _tried(partial(_read, place, asked))
        elif front_of(place):
            found[place] = _tried(partial(read_picture, place))
        elif place.path.resolve() not in named:
            beside = not folders.isdisjoint(place.path.resolve().parents)
            reason = "a picture that no story names" if beside else "a picture outside photo-voice"
            found[place] = left_out(place.name, reason)
    ordered = [place for place in listed if place in found]
    read = tuple(p for p in ordered if found[p].documents or found[p].cases)
    return merge(found[place] for place in ordered), read


def _with_own_ids(places: Iterable[Place]) -> list[Place]:
    """The files, each with a stem of its own, from which the ids of its texts are made.

    Where two files would give the same, more of their paths is taken: the folder, then the
    suffix, and at last a hash of the path.
    """
    listed = list(places)
    for stem_of in (_with_folder, _with_suffix, _with_hash):
        counts = Counter(slug(place.stem).casefold() for place in listed if _makes_ids(place))
        listed = [
            replace(place, stem=stem_of(place))
            if _makes_ids(place) and counts[slug(place.stem).casefold()] > 1
            else place
            for place in listed
        ]
    return listed


def is_read(path: Path) -> bool:
    """Whether anything in a file is read; else its name alone says that it is left out.

    Examples
    --------
    >>> [is_read(Path(name)) for name in ("Withdrawn.yml", "people.CSV", "circle.mp4", "notes")]
    [True, True, False, False]
    """
    return suffix_of(path) in {*_BY_SUFFIX, *FRONT_SUFFIXES}


def _makes_ids(place: Place) -> bool:
    return suffix_of(place.path) in _BY_SUFFIX or suffix_of(place.path) in PICTURES


def _with_folder(place: Place) -> str:
    return str(PurePosixPath(place.name).with_suffix(""))


def _with_suffix(place: Place) -> str:
    return place.name


def _with_hash(place: Place) -> str:
    return f"{place.name}-{sha256(place.name.encode()).hexdigest()[:8]}"


def _is_front(place: Place) -> bool:
    """Whether a file is the front matter of the one that it stands beside."""
    is_yaml = suffix_of(place.path) in FRONT_SUFFIXES
    return (
        is_yaml and bool(place.path.with_suffix("").suffix) and place.path.with_suffix("").is_file()
    )


def _tried_stories(place: Place) -> tuple[Found, frozenset[Path]]:
    try:
        return read_stories(place)
    except CorpusError as error:
        return Found(faults=error.faults), frozenset()


def _tried(read: Callable[[], Found]) -> Found:
    """What one file gives; its faults, where it cannot be read."""
    try:
        return read()
    except CorpusError as error:
        return Found(faults=error.faults)


def _read(place: Place, asked: Asked) -> Found:
    """What one file gives, by its name or its suffix."""
    suffix = suffix_of(place.path)
    reader = _BY_NAME.get(place.path.name.casefold()) or _BY_SUFFIX.get(suffix)
    if reader:
        return reader(place, asked)
    kind = f"{suffix} files are not read" if suffix else "a file without a suffix is not read"
    typed = _TYPED.get(place.path.name.casefold())
    return left_out(place.name, typed or _NOT_READ.get(suffix, kind))
