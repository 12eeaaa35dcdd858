"""The key: which words a surrogate stands for. It is all that leads back to the people.

While somebody keeps it the data are *coded*, not anonymous. So it is a file of its own, apart
from the project and from whatever is sent, readable by its owner alone; nothing here prints,
logs or tells a word of it unless it is asked for one surrogate by name.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, NoReturn

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity.keeping import check_apart, open_to_others, write_private
from reflect_analysis.errors import CorpusError, UnknownIdError, did_you_mean, raise_all

__all__ = ["Entry", "Key", "read_key"]

_FORMAT, _VERSION = "reflect_analysis key", 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One surrogate and the words that it stands for.

    Parameters
    ----------
    surrogate : str
        ``"P41"``, ``"[town 2]"``, or the case id of a participant.
    kind : str
        ``"name"``, ``"centre"``, ``"town"``, ``"phone"`` …
    words : tuple of str
        As they stood in the texts, the fullest first.
    case : bool
        Whether the surrogate is a participant's case id.
    """

    surrogate: str
    kind: str
    words: tuple[str, ...] = field(repr=False)
    case: bool = False


@dataclass(frozen=True, repr=False)
class Key:
    """What leads from surrogates back to the people.

    Parameters
    ----------
    entries : tuple of Entry
    chosen : Attributes
        By case, the name under which a participant wants to be quoted.
    files : Attributes
        The files' names by the neutral ones that stand in the corpus.
    sources : tuple of str
        The files of the corpus, beside which no key is written. They are not in the file.

    Raises
    ------
    CorpusError
        If a surrogate stands twice.

    Examples
    --------
    >>> key = Key((Entry("P41", "name", ("Maria Lopez", "Maria")),))
    >>> key
    <Key: 1 name, 0 chosen names>
    >>> key.name_of("P41")
    'Maria Lopez'
    """

    entries: tuple[Entry, ...] = ()
    chosen: Attributes = field(default_factory=Attributes)
    files: Attributes = field(default_factory=Attributes)
    sources: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        counts = Counter(entry.surrogate for entry in self.entries)
        doubled = (surrogate for surrogate, count in counts.items() if count > 1)
        raise_all(CorpusError, [f"surrogate {each!r} stands twice in the key" for each in doubled])

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __contains__(self, surrogate: object) -> bool:
        """Whether the key knows a surrogate."""
        return any(entry.surrogate == surrogate for entry in self.entries)

    def __repr__(self) -> str:
        counts = Counter(entry.kind for entry in self.entries)
        told = [f"{count} {kind}" for kind, count in counts.most_common()] or ["empty"]
        told.append(f"{len(self.chosen)} chosen names")
        told += [f"{len(self.files)} files"] if self.files else []
        return f"<Key: {', '.join(told)}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}: the data are coded, not anonymous, while it is kept.</p>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is written by key.save(path) alone, never pickled")

    # ── asked for one surrogate ──

    def words_of(self, surrogate: str) -> tuple[str, ...]:
        """All the words that a surrogate stands for, the fullest first, or `UnknownIdError`."""
        for entry in self.entries:
            if entry.surrogate == surrogate:
                return entry.words
        hint = did_you_mean(surrogate, [entry.surrogate for entry in self.entries])
        raise UnknownIdError(f"the key knows no surrogate {surrogate!r}{hint}")

    def name_of(self, surrogate: str) -> str:
        """Who, or what, stands behind a surrogate or a case id, or `UnknownIdError`."""
        return self.words_of(surrogate)[0]

    # ── another key ──

    def with_chosen_names(self, names: Mapping[str, str]) -> Key:
        """The key with names under which participants want to be quoted, by case.

        Raises
        ------
        ValueError
            If a name is empty.
        """
        empty = sorted(case for case, name in names.items() if not name.strip())
        if empty:
            raise ValueError(f"no name for {', '.join(empty)}")
        return dataclasses.replace(self, chosen=self.chosen | names)

    def without(self, case_id: str, *, files: Iterable[str] = ()) -> Key:
        """The key without a participant: for a withdrawal, or when a name was chosen no longer.

        Parameters
        ----------
        case_id : str
        files : iterable of str
            Neutral names of files in which nobody else's texts stand.
        """
        gone = set(files)
        kept = Attributes({each: name for each, name in self.files.items() if each not in gone})
        entries = tuple(e for e in self.entries if not (e.case and e.surrogate == case_id))
        chosen = Attributes({case: n for case, n in self.chosen.items() if case != case_id})
        return dataclasses.replace(self, entries=entries, chosen=chosen, files=kept)

    # ── the file ──

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the key where its owner alone can read it.

        On Linux and macOS the file has the mode 0600. On Windows only the user who writes it is
        given access, by the system's own ``icacls``; where that fails a warning says so.

        Parameters
        ----------
        path : str or Path
            Ends in ``.json``; in no folder that holds a project, a report or the corpus.
        overwrite : bool
            Whether a key that is there is replaced, for instance by one for another year.

        Returns
        -------
        Path

        Raises
        ------
        OutputError
            If it exists, or would lie with the project, a report or the corpus.
        ValueError
            If the path ends otherwise.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() != ".json":
            raise ValueError(f"a key is a .json file, not {target.name!r}")
        check_apart(target, self.sources, overwrite=overwrite)
        write_private(target, json.dumps(self._plain(), ensure_ascii=False, indent=1) + "\n")
        return target

    def _plain(self) -> dict[str, Any]:
        entries = [
            {"surrogate": e.surrogate, "kind": e.kind, "words": list(e.words), "case": e.case}
            for e in self.entries
        ]
        head = {"format": _FORMAT, "version": _VERSION}
        files = {"files": dict(self.files)} if self.files else {}
        return {**head, "entries": entries, "chosen": dict(self.chosen), **files}


def read_key(path: str | Path) -> Key:
    """Read a key that `Key.save` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Key

    Raises
    ------
    CorpusError
        If it cannot be read or is no key, with every fault; never with a word of it.

    Warns
    -----
    UserWarning
        If others than its owner may read the file.
    """
    source = Path(path).expanduser()
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError(f"{source}: cannot be opened ({error.strerror})") from None
    except ValueError:
        raise CorpusError(f"{source.name}: not a key that key.save wrote") from None
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise CorpusError(f"{source.name}: not a key that key.save wrote")
    if data.get("version") != _VERSION:
        raise CorpusError(
            f"{source.name}: written by another version of reflect_analysis (key version "
            f"{data.get('version')!r}, expected {_VERSION})"
        )
    raise_all(CorpusError, _faults(source.name, data))
    open_to_others(source)
    entries = tuple(
        Entry(each["surrogate"], each["kind"], tuple(each["words"]), each["case"])
        for each in data["entries"]
    )
    return Key(entries, Attributes(data["chosen"]), Attributes(data.get("files", {})))


def _faults(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    entries, chosen = data.get("entries"), data.get("chosen")
    if not isinstance(entries, list):
        yield f"{name}: no list 'entries'"
    for number, each in enumerate(entries if isinstance(entries, list) else (), start=1):
        if not _is_entry(each):
            yield f"{name}, entry {number}: expected surrogate, kind, words and case"
    if not _is_names(chosen):
        yield f"{name}: 'chosen' is no mapping of case ids to names"
    if not _is_names(data.get("files", {})):
        yield f"{name}: 'files' is no mapping of neutral names to the files' own"


def _is_names(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())


def _is_entry(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("words"), list):
        return False
    texts = [value.get("surrogate"), value.get("kind"), *value["words"]]
    good = all(isinstance(text, str) and text for text in texts)
    return good and bool(value["words"]) and isinstance(value.get("case"), bool)
