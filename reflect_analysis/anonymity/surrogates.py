"""What comes of the replacements: the new corpus, the key, and what is told of the rest."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity.file_names import FileNames
from reflect_analysis.anonymity.findings import ALT_TEXT, AnonymityReport
from reflect_analysis.anonymity.key import Key
from reflect_analysis.anonymity.moving import Moved, Replacement, Shift, moved_document
from reflect_analysis.anonymity.naming import PERSON, Naming, Thing
from reflect_analysis.anonymity.pieces import trimmed
from reflect_analysis.anonymity.sweeping import Known, Use
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Omission, Picture
from reflect_analysis.provenance import Run, new_run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cells", "Pseudonymised", "Replaced", "Work"]

# What stands in a column by which tables are made: it is told, not replaced.
_CATEGORIES = frozenset({"town", "centre", "community"})
_CODED = "identifiers were replaced by surrogates"
# A speaker who was listed under her label, as corpora of old have it.
_LABEL = re.compile(r"(speaker|author) (['\"]).*\2", re.DOTALL)
# Findings in attributes: by holder ("P03", "r1") and field ("attribute email"), places and things.
Cells = Mapping[tuple[str, str], list[tuple[int, int, Thing]]]


class Replaced(NamedTuple):
    """One replacement: a place in the old text, and how it was known; no words."""

    document_id: str
    start: int
    end: int
    surrogate: str
    kind: str
    how: str


@dataclass(frozen=True, repr=False)
class Pseudonymised:
    """A corpus whose identifiers were replaced; it unpacks into the corpus and the key.

    Parameters
    ----------
    corpus : Corpus
    key : Key
        To be saved apart: ``key.save(path)``.
    moved : Moved
        Moves codings, segments and quotes that were made before.
    replaced : tuple of Replaced
    codings : Codings, optional
        Those that were given, moved.
    notes : tuple of str
        What could not be decided: ids and counts, never words.
    """

    corpus: Corpus
    key: Key
    moved: Moved
    replaced: tuple[Replaced, ...]
    codings: Codings | None = None
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return iter((self.corpus, self.key))

    def to_frame(self) -> pd.DataFrame:
        """Every replacement with the old words, for the researcher's eyes.

        Returns
        -------
        DataFrame
            ``document_id, start, end, surrogate, kind, how, words``; offsets of the old text.
        """
        import pandas as pd

        words = self.moved.before.passages((r.document_id, r.start, r.end) for r in self.replaced)
        return pd.DataFrame(self.replaced, columns=list(Replaced._fields)).assign(words=words)

    def __repr__(self) -> str:
        counts = Counter(each.kind for each in self.replaced)
        told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "nothing"
        notes = f"; {len(self.notes)} notes" if self.notes else ""
        return f"<Pseudonymised: {told} in {len(self.moved.shifts)} documents{notes}>"


@dataclass(frozen=True, slots=True)
class Work:
    """The corpus, who is who, where it stands, and the files' neutral names."""

    corpus: Corpus
    naming: Naming
    known: Known
    uses: Mapping[str, list[Use]]
    cells: Cells
    files: FileNames

    def finished(
        self, found: AnonymityReport, before: Key, codings: Codings | None
    ) -> Pseudonymised:
        """All of it, with what was given moved along."""
        shifts = {
            document_id: Shift(tuple(Replacement(u.start, u.end, u.thing.surrogate) for u in each))
            for document_id, each in self.uses.items()
        }
        moved = [
            moved_document(d, shifts[d.id]) if d.id in shifts else d for d in self.corpus.documents
        ]
        documents = tuple(map(self._document, moved))
        corpus = dataclasses.replace(
            self.corpus,
            documents=documents,
            cases=tuple(map(self._case, self.corpus.cases)),
            omissions=tuple(self._omissions()),
            clearances=(*self.corpus.clearances, *self._clearances(documents)),
            runs=tuple(map(self.files.run, self.corpus.runs)),
        )
        key = self._key(before)
        after = corpus.with_run(self._run(found))
        moves = Moved(self.corpus, after, shifts, self.known.reworded, self.files)
        rows = codings and moves.codings(codings)
        return Pseudonymised(after, key, moves, tuple(self._replaced()), rows, self._notes())

    def _replaced(self) -> Iterator[Replaced]:
        for document_id, uses in self.uses.items():
            for use in uses:
                thing = use.thing
                yield Replaced(
                    document_id, use.start, use.end, thing.surrogate, thing.kind, use.how
                )

    def _key(self, before: Key) -> Key:
        entries = tuple(thing.entry() for thing in self.naming.things.values() if thing.words)
        files = before.files | {each: name for name, each in self.files.neutral.items()}
        sources = {files.get(d.source, d.source) for d in self.corpus} | {
            d.picture.path for d in self.corpus if d.picture and d.picture.path
        }
        listed = tuple(sorted(sources - {""}))
        return dataclasses.replace(before, entries=entries, files=files, sources=listed)

    def _clearances(self, documents: Iterable[Document]) -> Iterator[Clearance]:
        """The word of who cleared a text holds for it without the identifiers."""
        hashes = {
            old.sha256: new.sha256
            for old, new in zip(self.corpus, documents, strict=True)
            if old.text != new.text
        }
        for row in self.corpus.clearances:
            if row.sha256 in hashes:
                note = f"{row.note}; {_CODED} afterwards"
                yield dataclasses.replace(row, sha256=hashes[row.sha256], note=note)

    # ── beside the texts ──

    def _document(self, document: Document) -> Document:
        picture = document.picture and self._picture(document.picture, document.id)
        turns = tuple(
            dataclasses.replace(turn, speaker=self._label(turn.speaker)) for turn in document.turns
        )
        attributes = self._attributes(document.attributes, document.id, "attribute ")
        return dataclasses.replace(
            document,
            picture=picture,
            turns=turns,
            attributes=attributes,
            source=self.files.of(document.source),
        )

    def _case(self, case: Case) -> Case:
        attributes = self._attributes(case.attributes, case.id, "case attribute ")
        return dataclasses.replace(case, attributes=attributes)

    def _picture(self, picture: Picture, holder: str) -> Picture:
        def reworded(text: str | None) -> str | None:
            return text and self.known.reworded(text)

        found = self.cells.get((holder, ALT_TEXT))
        return dataclasses.replace(
            picture,
            alt_text=reworded(_replaced(picture.alt_text, found)),
            releases=reworded(picture.releases),
            place_signs=reworded(picture.place_signs),
        )

    def _label(self, speaker: str) -> str:
        start, end = trimmed(speaker, 0, len(speaker), PERSON)
        thing = self.known.whole(speaker)
        return speaker if thing is None else speaker[:start] + thing.surrogate + speaker[end:]

    def _attributes(self, attributes: Attributes, holder: str, field: str) -> Attributes:
        found = ((n, v, self.cells.get((holder, f"{field}{n}"))) for n, v in attributes.items())
        return Attributes({n: self._value(_replaced(v, places)) for n, v, places in found})

    def _value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(self._value(each) for each in value)
        if not isinstance(value, str):
            return value
        thing = self.known.whole(value)
        return value if thing and thing.kind in _CATEGORIES else self.known.reworded(value)

    def _omissions(self) -> Iterator[Omission]:
        """What readers left out, without a name in its place; a label becomes its number."""
        numbers: dict[tuple[str, str], int] = {}
        for omission in self.corpus.omissions:
            place = self.known.reworded(omission.place)
            if label := _LABEL.fullmatch(omission.place):
                key = (omission.source, omission.place)
                place = f"{label[1]} {numbers.setdefault(key, len(numbers) + 1)}"
            yield dataclasses.replace(
                omission,
                source=self._file(omission.source),
                place=place,
                reason=self.known.reworded(omission.reason),
            )

    def _file(self, source: str) -> str:
        """A file's neutral name; where the names stay, without those of people."""
        neutral, words = self.files.of(source), _spaced(source)
        reworded = self.known.reworded(words)
        return reworded if neutral == source and reworded != words else neutral

    # ── what is told ──

    def _notes(self) -> tuple[str, ...]:
        notes = {told: set(where) for told, where in self.naming.notes.items()}
        if self.known.ambiguous:
            who = ", ".join(self.known.ambiguous)
            notes[f"the same words stand for {who}; they were replaced only where found"] = set()
        for told, where in self._left():
            notes.setdefault(told, set()).add(where)
        return tuple(f"{told}{_in_places(where)}" for told, where in sorted(notes.items()))

    def _left(self) -> Iterator[tuple[str, str]]:
        """What stands as it was, and where."""
        for document in self.corpus:
            taken = [(use.start, use.end) for use in self.uses.get(document.id, ())]
            for start, end, thing in self.known.words(document.text):
                if all(end <= a or b <= start for a, b in taken):
                    yield f"a word that is also {thing.surrogate}'s name stands", document.id
            picture = document.picture.path if document.picture else None
            named = (
                ("id", document.id),
                ("file", self.files.of(document.source)),
                ("picture's file", PurePath(picture or "").name),
            )
            for noun, text in named:
                if self.known.reworded(_spaced(text)) != _spaced(text):
                    yield f"the {noun} holds a name", document.id
            yield from self._categories(document.attributes, document.id)
            yield from self._words_beside(document)
            for turn in document.turns:
                if (
                    turn.case_id not in (None, turn.speaker)
                    and self.known.whole(turn.speaker) is None
                ):
                    yield (
                        f"a label of {turn.case_id}'s turns is no name that was found",
                        document.id,
                    )
        for case in self.corpus.cases:
            yield from self._categories(case.attributes, f"case {case.id}")
            attributes = self._case(case).attributes
            yield from self._words_in(attributes, f"case {case.id}")

    def _words_beside(self, document: Document) -> Iterator[tuple[str, str]]:
        """Words that may be a name in an attribute or a picture's description."""
        after = self._document(document)
        yield from self._words_in(after.attributes, document.id)
        if after.picture is not None:
            for noun in ("alt_text", "releases", "place_signs"):
                for *_, thing in self.known.words(getattr(after.picture, noun) or ""):
                    told = f"the {noun.replace('_', ' ')} holds a word that is also"
                    yield f"{told} {thing.surrogate}'s name", document.id

    def _words_in(self, attributes: Attributes, where: str) -> Iterator[tuple[str, str]]:
        for name, value in attributes.items():
            words = str(value) if isinstance(value, str | list | tuple) else ""
            for *_, thing in self.known.words(words):
                if self.known.whole(words) is None:
                    told = f"attribute {name!r} holds a word that is also"
                    yield f"{told} {thing.surrogate}'s name", where

    def _categories(self, attributes: Attributes, where: str) -> Iterator[tuple[str, str]]:
        for name, value in attributes.items():
            thing = self.known.whole(value) if isinstance(value, str) else None
            if thing is not None and self._value(value) == value:
                yield f"attribute {name!r} holds a {thing.kind} that the texts lost", where

    def _run(self, found: AnonymityReport) -> Run:
        counts = Counter(use.thing.kind for uses in self.uses.values() for use in uses)
        told = f"{sum(counts.values())} identifiers in {len(self.uses)} documents"
        summary = (
            f"{told} were replaced by surrogates, the same for the same person throughout; a key "
            "that leads back to the people is kept apart, so the data are coded, not anonymous"
        )
        settings = {"kinds": dict(counts.most_common()), "style": self.naming.style}
        return new_run("pseudonymise", summary, inputs=[found.fingerprint], settings=settings)


_SHOWN = 8


def _replaced(value: Any, places: list[tuple[int, int, Thing]] | None) -> Any:
    """A cell with what was found in it replaced, the last first."""
    if not places:
        return value
    text = str(value)
    for start, end, thing in sorted(places, key=lambda place: -place[0]):
        text = text[:start] + thing.surrogate + text[end:]
    return text


def _in_places(where: Iterable[str]) -> str:
    listed = sorted(where)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f" ({', '.join(listed[:_SHOWN])}{more})" if listed else ""


def _spaced(name: str) -> str:
    """A file's name as words."""
    return name.translate(str.maketrans("_-./\\", "     "))
