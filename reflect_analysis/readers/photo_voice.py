"""A photo-voice folder: pictures, and a file ``stories.yaml`` (or ``stories.csv``).

A story becomes one document. Its text is the title, the caption and the SHOWeD answers,
parted by blank lines and without labels, so that no rule finds its word in a question; the
attribute ``showed`` names the answered questions in their order, so that a reader can tell
the paragraphs apart. The picture keeps what was agreed about it.

A story whose text may not be used is left out. A missing picture or alt text is listed,
and the story kept: the words are the participant's, whatever became of the file.

References
----------
Shaffer, R. (1983). *Beyond the dispensary*. AMREF. (SHOWeD; its use in photo-voice: Wang, C.
(1999). Journal of Women's Health, 8(2), 185-192.)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Answer, Document, Omission, Picture
from reflect_analysis.errors import CorpusError, did_you_mean

from ._consent import ANSWERS, consent_hint
from ._files import read_text, suffix_of
from ._found import Found, Place, checked_language, is_garbled, merge
from ._vocabulary import near_key, plain
from ._yaml import Entry, read_yaml

People = Literal["nobody", "adults", "children"]

STORY_FILES = ("stories.yaml", "stories.yml", "stories.csv")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".svg")
SHOWED = ("see", "happening", "lives", "why", "empowered", "do")

_CONSENT = ("use_text", "use_picture")
_PEOPLE: Mapping[str, People] = {"nobody": "nobody", "adults": "adults", "children": "children"}
_GROUPS = {"showed": SHOWED, "consent": _CONSENT}
_OWN = (
    *("id", "participant", "picture", "alt_text", "caption", "language"),
    *("showed", "people_shown", "place_signs", "releases", "consent"),
)
_EXPECTED = (*_OWN, "title", "session", "date", "attribution")
_BELOW = {key: group for group, keys in _GROUPS.items() for key in keys}
_SYNONYMS = {
    **dict.fromkeys(("alt", "alt_description", "description"), "alt_text"),
    **dict.fromkeys(("image", "photo", "photograph", "file", "filename"), "picture"),
    **dict.fromkeys(("text", "story", "narrative", "legende", "texte"), "caption"),
    **dict.fromkeys(("titel", "titre", "heading"), "title"),
    **dict.fromkeys(("lang", "langue"), "language"),
    **dict.fromkeys(("people", "persons_shown"), "people_shown"),
    **dict.fromkeys(("signs",), "place_signs"),
    **dict.fromkeys(("participant_id", "case", "case_id", "pseudonym"), "participant"),
}
_FORM = "consent: {use_text: yes, use_picture: yes}"


def read_stories(place: Place) -> tuple[Found, frozenset[Path]]:
    """The stories of a file, and the pictures that they name.

    Raises
    ------
    CorpusError
        If the file cannot be read; faults in stories are in the finding.
    """
    text = read_text(place)
    is_table = suffix_of(place.path) == ".csv"
    entries = list(_from_csv(text, place) if is_table else _from_yaml(text, place))
    found, pictures = [], set()
    for number, (keys, line) in enumerate(entries, start=1):
        story = _Story(place, number, keys, line)
        found.append(story.found())
        pictures.add(story.picture_path())
    if not entries:
        found.append(Found(omissions=(Omission(place.name, "", "no story stands in this file"),)))
    return merge(found), frozenset(path for path in pictures if path is not None)


def _from_yaml(text: str, place: Place) -> Iterator[tuple[dict[str, Entry], int]]:
    top = read_yaml(text, place.name)
    value = top.value
    if isinstance(value, dict) and "stories" in value:
        value = value["stories"].value
    if value is None:
        return
    if not isinstance(value, list):
        raise CorpusError(f"{place.name}, line {top.line}: expected a list of stories ('- id: …')")
    for entry in value:
        if not isinstance(entry.value, dict):
            raise CorpusError(f"{place.name}, line {entry.line}: a story has keys such as 'id: …'")
        yield entry.value, entry.line


def _from_csv(text: str, place: Place) -> Iterator[tuple[dict[str, Entry], int]]:
    """Rows as stories; ``showed.see`` and ``see``, ``consent.use_text`` and ``use_text`` alike."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        for number, cells in enumerate(rows, start=2):
            filled = dict(zip(header, cells, strict=False))
            if any(cell.strip() for cell in cells):
                yield _nested({k: Entry(v, number) for k, v in filled.items()}, number), number
    except csv.Error as error:
        raise CorpusError(f"{place.name}, line {rows.line_num}: {error}") from None


def _nested(flat: Mapping[str, Entry], line: int) -> dict[str, Entry]:
    nested: dict[str, dict[str, Entry]] = {group: {} for group in _GROUPS}
    rest = {}
    for column, entry in flat.items():
        key = column.rpartition(".")[2]
        group = next((name for name, keys in _GROUPS.items() if key in keys), None)
        if group:
            nested[group][key] = entry
        elif column:
            rest[column] = entry
    groups = {name: Entry(dict(keys), line) for name, keys in nested.items()}
    told = {key: e for key, e in rest.items() if e.word or key not in groups}
    return {**groups, **told}


def _near(key: str) -> str:
    """What an unknown key of a story was probably to be; ``""`` for one of the study's own."""
    if plain(key) in _BELOW:
        word = plain(key)
        return f"'{_BELOW[word]}: {{{word}: …}}'"
    near = near_key(key, (*_EXPECTED, *_BELOW), _SYNONYMS)
    if near in _BELOW:
        return f"'{_BELOW[near]}: {{{near}: …}}'"
    if near in ("", "consent") and ("quote" in plain(key) or consent_hint(key)):
        return repr(_FORM)
    return repr(near) if near else ""


class _Story:
    """One story as it is read: its keys, its place, and the faults found on the way."""

    def __init__(self, place: Place, number: int, keys: Mapping[str, Entry], line: int) -> None:
        self.place, self.keys, self.line = place, keys, line
        self.label = self._word("id") or f"number {number}"
        self.faults: list[str] = []
        self.omissions: list[Omission] = []
        self.showed = self._group("showed")
        consent = self._group("consent")
        self.consent = {key: self._answer(key, consent) for key in _CONSENT}
        self._check_keys()

    def found(self) -> Found:
        """The story as a document, or the reason why it was left out."""
        parts = self._parts()
        document: tuple[Document, ...] = ()
        if self.consent["use_text"] == "no":
            self._omit("the participant did not agree to the use of this text", *parts.values())
        elif not parts:
            self._omit("a story without text")
        else:
            document = (self._document(parts),)
        return Found(document, omissions=tuple(self.omissions), faults=tuple(self.faults))

    def picture_path(self) -> Path | None:
        """Where the picture should lie; `None` where none is named, or it lies elsewhere."""
        named = self._word("picture").replace("\\", "/")
        inside = PurePosixPath(named)
        if not named or inside.is_absolute() or ".." in inside.parts or ":" in named:
            return None
        return self.place.path.parent / inside

    def _word(self, key: str) -> str:
        return self.keys[key].word if key in self.keys else ""

    def _fault(self, what: str, key: str = "") -> None:
        line = self.keys[key].line if key in self.keys else self.line
        self.faults.append(f"{self.place.name}, line {line}: story {self.label}: {what}")

    def _omit(self, reason: str, *texts: str) -> None:
        words = sum(len(text.split()) for text in texts)
        place = f"story {self.label}, line {self.line}"
        self.omissions.append(Omission(self.place.name, place, reason, words))

    def _check_keys(self) -> None:
        """A fault for each key that is not known but nearly so: its value would be lost."""
        for key in self.keys:
            near = "" if key in _EXPECTED else _near(key)
            if near:
                self._fault(f"unknown key {key!r}; did you mean {near}?", key)

    def _group(self, name: str) -> dict[str, Entry]:
        """The keys below ``showed`` or ``consent``."""
        entry = self.keys.get(name)
        if entry is None or entry.value is None:
            return {}
        if not isinstance(entry.value, dict):
            known = ", ".join(_GROUPS[name])
            form = f"; write {_FORM}" if name == "consent" else ""
            self._fault(f"{name!r} has the keys {known}{form}", name)
            return {}
        for key, below in entry.value.items():
            if key not in _GROUPS[name]:
                hint = did_you_mean(key, _GROUPS[name])
                hint += f"; write {_FORM}" if name == "consent" else ""
                self.faults.append(
                    f"{self.place.name}, line {below.line}: story {self.label}: "
                    f"unknown key {name}.{key}{hint}"
                )
        return entry.value

    def _answer(self, key: str, consent: Mapping[str, Entry]) -> Answer:
        entry = consent.get(key)
        word = entry.word.casefold() if entry else ""
        if word not in ANSWERS or (entry and isinstance(entry.value, list | dict)):
            told = repr(word) if word else "is nested"
            expected = f"expected 'yes', 'no' or 'ask', as in {_FORM}"
            self._fault(f"consent {key}: {told}; {expected}", "consent")
        return ANSWERS.get(word, "no")

    def _parts(self) -> dict[str, str]:
        """Title, caption and answers, those that there are."""
        parts = {key: self._text(self.keys.get(key)) for key in ("title", "caption")}
        parts |= {key: self._text(self.showed.get(key)) for key in SHOWED}
        return {key: part for key, part in parts.items() if part}

    def _text(self, entry: Entry | None) -> str:
        if entry is None:
            return ""
        if isinstance(entry.value, list | dict):
            self.faults.append(
                f"{self.place.name}, line {entry.line}: story {self.label}: expected a text"
            )
        return entry.word

    def _document(self, parts: Mapping[str, str]) -> Document:
        if not self._word("id"):
            self._fault("no id")
        text = "\n\n".join(parts.values())
        faults: list[str] = []
        language = checked_language(self._word("language"), faults)
        for fault in faults:
            self._fault(fault, "language")
        return Document(
            id=self._word("id") or self.label,
            text=text,
            kind="photo-voice",
            case_id=self._word("participant") or None,
            attributes=Attributes(dict(self._attributes(parts))),
            language=language,
            flags=("garbled",) if is_garbled(text) else (),
            picture=self._picture(),
            source=self.place.name,
            place=f"story {self.label}, line {self.line}",
        )

    def _attributes(self, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for key, entry in self.keys.items():
            if key in _OWN or (key not in _EXPECTED and _near(key)):
                continue
            words = entry.words
            if words is None:
                self._fault(f"{key!r} is nested", key)
            elif words:
                yield key, words
        yield "showed", "; ".join(key for key in SHOWED if key in parts)
        yield "use_text", self.consent["use_text"]

    def _picture(self) -> Picture | None:
        path = self.picture_path()
        if not self._word("picture"):
            self._omit("no picture is named; the story is kept without one")
            return None
        if path is None:
            self._fault(
                "the picture lies outside this folder; put it beside the stories", "picture"
            )
            return None
        if not path.is_file():
            known = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
            hint = did_you_mean(path.name, known)
            self._omit(f"the picture is missing{hint}; the story is kept without it")
            return None
        if not self._word("alt_text"):
            self._omit("the picture has no alt text; readers who cannot see it need one")
        return Picture(
            path=path.as_posix(),
            alt_text=self._word("alt_text") or None,
            people_shown=self._people(),
            releases=self._word("releases") or None,
            place_signs=self._word("place_signs") or None,
            use=self.consent["use_picture"],
        )

    def _people(self) -> People | None:
        """Who is shown; a fault for an unknown word."""
        word = self._word("people_shown").casefold()
        if word and word not in _PEOPLE:
            known = ", ".join(_PEOPLE)
            self._fault(f"people shown {word!r}; expected one of {known}", "people_shown")
        return _PEOPLE.get(word)
