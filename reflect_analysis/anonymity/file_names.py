"""Files' names replaced by neutral ones: a file may be called as the person who wrote it.

The invariant: the same file bears the same neutral name wherever the corpus names it (documents,
omissions, the settings of its runs), and only the key leads back. What points to a file on the
disk, a picture's path, stays as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Corpus
from reflect_analysis.provenance import Run

__all__ = ["FileNames", "neutral_names"]

# `readers.changes` knows a neutral name by this.
_NEUTRAL = "file-"
_FRONT = (".yaml", ".yml")
# The settings of a run that are told by file.
_BY_FILE = ("files", "beside", "columns")
_LONGEST_SUFFIX = 8


@dataclass(frozen=True, slots=True)
class FileNames:
    """Neutral names by the files' own.

    Parameters
    ----------
    neutral : mapping of str to str

    Examples
    --------
    >>> names = FileNames({"Petra Hall.docx": "file-1.docx"})
    >>> names.of("Petra Hall.docx"), names.of("Petra Hall.docx, sheet 2"), names.of("")
    ('file-1.docx', 'file-1.docx, sheet 2', '')
    """

    neutral: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """The neutral name of a file, or of a part of one ("survey.xlsx, sheet 2")."""
        if name in self.neutral:
            return self.neutral[name]
        file, comma, part = name.partition(", ")
        return self.neutral.get(file, file) + comma + part

    def run(self, run: Run) -> Run:
        """A run whose settings name the files neutrally; the same run where they name none."""
        settings = {name: self._setting(name, value) for name, value in run.settings.items()}
        if settings == dict(run.settings):
            return run
        return dataclasses.replace(run, settings=Attributes(settings))

    def _setting(self, name: str, value: Any) -> Any:
        if name in _BY_FILE and isinstance(value, Mapping):
            return {self.of(file): told for file, told in value.items()}
        return value


def neutral_names(corpus: Corpus, known: Mapping[str, str]) -> FileNames:
    """A neutral name for each file of a corpus: that of the key, or the next number.

    Parameters
    ----------
    corpus : Corpus
    known : mapping of str to str
        The files' names by the neutral ones that an earlier key gave to them.

    Examples
    --------
    >>> from reflect_analysis.corpus import Document
    >>> corpus = Corpus((Document("r1", "One.", source="Ana.txt"),))
    >>> neutral_names(corpus, {"file-1.docx": "Petra Hall.docx"}).neutral["Ana.txt"]
    'file-2.txt'
    """
    neutral = {name: each for each, name in known.items()}
    number = max(map(_number, known), default=0)
    for name in _named(corpus):
        if name in neutral or name in known:
            continue
        front = PurePosixPath(name)
        if front.suffix.lower() in _FRONT and str(front.with_suffix("")) in neutral:
            neutral[name] = neutral[str(front.with_suffix(""))] + front.suffix
        else:
            number += 1
            suffix = front.suffix.lower()
            neutral[name] = f"{_NEUTRAL}{number}{suffix if len(suffix) <= _LONGEST_SUFFIX else ''}"
    return FileNames(neutral)


def _number(neutral: str) -> int:
    digits = PurePosixPath(neutral).name.removeprefix(_NEUTRAL).partition(".")[0]
    return int(digits) if digits.isdecimal() else 0


def _named(corpus: Corpus) -> Iterator[str]:
    """Every file that a corpus names, once; those that were read first."""
    settings = [run.settings.get(name, {}) for name in _BY_FILE[:2] for run in corpus.runs]
    read = [file for each in settings if isinstance(each, Mapping) for file in each]
    rest = [*(d.source for d in corpus.documents), *(o.source for o in corpus.omissions)]
    yield from dict.fromkeys(filter(None, (*read, *_whole(rest, read))))


def _whole(names: Iterable[str], read: Iterable[str]) -> Iterator[str]:
    """Names of files, of those that name a part of one ("survey.xlsx, sheet 2") the file's."""
    known = set(read)
    for name in names:
        file = name.partition(", ")[0]
        yield file if file in known and name not in known else name
