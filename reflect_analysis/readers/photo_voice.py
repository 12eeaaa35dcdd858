"""A photo-voice folder: pictures, and a file ``stories.yaml`` or a table ``stories.csv``.

A story becomes one document, because it is one participant's answer and is counted once. Its
text is the title, the caption and the SHOWeD answers, parted by blank lines and without
labels, so that no rule finds its word in a question. Each answer is one paragraph, and the
attribute ``showed`` names the answered questions in their order: the last paragraphs of the
text are the answers to these, and `PROMPTS` has the questions. The picture keeps what was
agreed about it.

In a table a column may bear the whole question ("What do you see here?"); which column was
taken for what is among the guesses.

A story whose text may not be used is left out. A picture that is missing or broken, has no
alt text, or may not be shown (no consent, no release, signs of the place) is listed with its
reasons, and the story kept: the words are the participant's, whatever became of the file.

References
----------
Shaffer, R. (1983). *Beyond the dispensary*. AMREF. (SHOWeD; its use in photo-voice: Wang, C.
(1999). Journal of Women's Health, 8(2), 185-192.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Answer, Document, Omission, Picture
from reflect_analysis.errors import CorpusError, did_you_mean
from reflect_analysis.pictures import why_not_shown, why_unreadable

from ._consent import ANSWERS, consent_hint
from ._files import notes_of, read_text, suffix_of
from ._found import (
    Found,
    Place,
    checked_language,
    is_garbled,
    merge,
    told_cell,
    with_notes,
    word_count,
)
from ._sheets import Table, tables_of
from ._vocabulary import near_key, plain
from ._yaml import Entry, read_yaml

People = Literal["nobody", "adults", "children"]

_NAMES = ("stories", "photo-voice", "photo_voice", "photovoice", "captions")
_TABLES = (".csv", ".tsv", ".xlsx")
STORY_FILES = tuple(name + end for name in _NAMES for end in (".yaml", ".yml", *_TABLES))
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".svg")
PROMPTS: Mapping[str, str] = {
    "see": "What do you see here?",
    "happening": "What is really happening here?",
    "lives": "How does this relate to our lives?",
    "why": "Why does this situation exist?",
    "empowered": "How can we become empowered by this?",
    "do": "What can we do about it?",
}
SHOWED = tuple(PROMPTS)

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
# How a question of SHOWeD is known in the header of a table, in `plain` letters.
_QUESTIONS = tuple(
    (key, re.compile(pattern))
    for key, pattern in (
        ("see", r"you_see(?:_|$)|see_here|voyez_vous|voit_on"),
        ("happening", r"happening|se_passe"),
        ("lives", r"(?:our|your)_li(?:ves|fe)(?:_|$)|nos_vies|notre_vie"),
        ("why", r"^why_(?:does|do|is|are|did)_|^pourquoi_"),
        ("empowered", r"empower|educate"),
        ("do", r"can_(?:we|i)_do(?:_|$)|we_do_about|be_done|peut_on_faire|pouvons_nous_faire"),
    )
)
_FORM = "consent: {use_text: yes, use_picture: yes}"


def read_stories(place: Place) -> tuple[Found, frozenset[Path]]:
    """The stories of a file, and the pictures that they name.

    Raises
    ------
    CorpusError
        If the file cannot be read; faults in stories are in the finding.
    """
    is_table = suffix_of(place.path) in _TABLES
    entries, beside = _from_tables(place) if is_table else (list(_from_yaml(place)), Found())
    found, pictures = [beside], set()
    for number, (keys, where) in enumerate(entries, start=1):
        story = _Story(place, number, keys, where)
        found.append(story.found())
        pictures.add(story.picture_path())
    if not entries and not beside.faults:
        found.append(Found(omissions=(Omission(place.name, "", "no story stands in this file"),)))
    notes = {} if suffix_of(place.path) == ".xlsx" else notes_of(place)
    whole = with_notes(merge(found), place.name, notes)
    return whole, frozenset(path for path in pictures if path is not None)


def _from_yaml(place: Place) -> Iterator[tuple[dict[str, Entry], str]]:
    top = read_yaml(read_text(place), place.name)
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
        yield entry.value, f"line {entry.line}"


def _from_tables(place: Place) -> tuple[list[tuple[dict[str, Entry], str]], Found]:
    """The rows of a table as stories, and what was taken for what in it."""
    tables, hidden = tables_of(place)
    entries, found = [], [Found(omissions=tuple(hidden))]
    for table in tables:
        columns, guesses, faults = _columns(table)
        if table.delimiter:
            guesses["delimiter"] = table.delimiter
        found.append(Found(faults=(*table.faults, *faults), guesses={table.name: guesses}))
        for row, cells in table.rows:
            filled = zip(columns, cells, strict=False)
            keys = {column: Entry(cell, 0) for column, cell in filled if column}
            entries.append((_nested(keys), row))
            named = [*columns, *[""] * len(cells)]
            if any(cell.strip() for cell, column in zip(cells, named, strict=False) if not column):
                found.append(Found(faults=(f"{place.name}, {row}: a cell under no name",)))
    return entries, merge(found)


def _columns(table: Table) -> tuple[list[str], dict[str, str], list[str]]:
    """What each column is called in a story, what was guessed for it, and the doubled ones."""
    columns = [_column(name) for name in table.header]
    named = list(zip(columns, table.header, strict=True))
    guesses = {
        column: name
        for column, name in named
        if column.rpartition(".")[2] != plain(name) and column != name
    }
    doubled = {column for column in columns if column and columns.count(column) > 1}
    faults = [
        f"{table.name}: several columns could be {column!r}: "
        f"{', '.join(repr(name) for key, name in named if key == column)}; keep one"
        for column in sorted(doubled)
    ]
    return columns, guesses, faults


def _column(name: str) -> str:
    """The key of a story that a column holds; its own name, where it is the study's own."""
    word = plain(name)
    below = name.rpartition(".")[2]
    if below in _BELOW or word in (*_EXPECTED, *_BELOW):
        key = below if below in _BELOW else word
    else:
        asked = next((k for k, pattern in _QUESTIONS if pattern.search(word)), "")
        key = _SYNONYMS.get(word, asked)
    return f"{_BELOW[key]}.{key}" if key in _BELOW else key or name


def _nested(flat: Mapping[str, Entry]) -> dict[str, Entry]:
    """The cells of a row with those of the answers and of the consent together."""
    nested: dict[str, dict[str, Entry]] = {group: {} for group in _GROUPS}
    rest = {}
    for column, entry in flat.items():
        group, _, key = column.partition(".")
        if key in _GROUPS.get(group, ()):
            nested[group][key] = entry
        else:
            rest[column] = entry
    groups = {name: Entry(dict(keys), 0) for name, keys in nested.items()}
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

    def __init__(self, place: Place, number: int, keys: Mapping[str, Entry], where: str) -> None:
        self.place, self.keys, self.where = place, keys, where
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
        self._fault_at(self.keys.get(key), what)

    def _fault_at(self, entry: Entry | None, what: str) -> None:
        where = f"line {entry.line}" if entry and entry.line else self.where
        self.faults.append(f"{self.place.name}, {where}: story {self.label}: {what}")

    def _omit(self, reason: str, *texts: str) -> None:
        words = sum(map(word_count, texts))
        place = f"story {self.label}, {self.where}"
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
                self._fault_at(below, f"unknown key {name}.{key}{hint}")
        return entry.value

    def _answer(self, key: str, consent: Mapping[str, Entry]) -> Answer:
        entry = consent.get(key)
        word = entry.word.casefold() if entry else ""
        if word not in ANSWERS or (entry and isinstance(entry.value, list | dict)):
            told = told_cell(word, word=True) if word else "is nested"
            expected = f"expected 'yes', 'no' or 'ask', as in {_FORM}"
            self._fault(f"consent {key}: {told}; {expected}", "consent")
        return ANSWERS.get(word, "no")

    def _parts(self) -> dict[str, str]:
        """Title, caption and answers, those that there are."""
        parts = {key: self._text(self.keys.get(key)) for key in ("title", "caption")}
        # One paragraph each: the questions are told apart by counting them.
        answers = {key: self._text(self.showed.get(key)) for key in SHOWED}
        parts |= {key: re.sub(r"\n\s*\n", "\n", text) for key, text in answers.items()}
        return {key: part for key, part in parts.items() if part}

    def _text(self, entry: Entry | None) -> str:
        if entry is None:
            return ""
        if isinstance(entry.value, list | dict):
            self._fault_at(entry, "expected a text")
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
            place=f"story {self.label}, {self.where}",
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
        """The picture with what was agreed about it; listed, where it may not be shown."""
        path, people = self._picture_file(), self._people()
        if path is None:
            return None
        unreadable = why_unreadable(path)
        if unreadable:
            self._omit(f"the picture cannot be copied ({unreadable}); the story is kept without it")
            return None
        picture = Picture(
            path=path.as_posix(),
            alt_text=self._word("alt_text") or None,
            people_shown=people,
            releases=self._word("releases") or None,
            place_signs=self._word("place_signs") or None,
            use=self.consent["use_picture"],
        )
        reasons = why_not_shown(picture)
        if reasons:
            self._omit(
                f"the picture is not sent until all is agreed and recorded ({'; '.join(reasons)})"
            )
        return picture

    def _picture_file(self) -> Path | None:
        """The file of the picture, if it is where it should be."""
        path = self.picture_path()
        if not self._word("picture"):
            self._omit("no picture is named; the story is kept without one")
        elif path is None:
            self._fault(
                "the picture lies outside this folder; put it beside the stories", "picture"
            )
        elif not path.is_file():
            known = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
            hint = did_you_mean(path.name, known).removeprefix("; ")
            told = f" ({hint})" if hint else ""
            self._omit(f"the picture is missing{told}; the story is kept without it")
        else:
            return path
        return None

    def _people(self) -> People | None:
        """Who is shown; a fault for an unknown word."""
        word = self._word("people_shown").casefold()
        if word and word not in _PEOPLE:
            known = ", ".join(_PEOPLE)
            self._fault(
                f"people shown {told_cell(word, word=True)}; expected one of {known}",
                "people_shown",
            )
        return _PEOPLE.get(word)
