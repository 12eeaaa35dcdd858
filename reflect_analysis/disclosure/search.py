"""The last gate: a finished folder is searched for anything that stands for one person.

Every file that is to be sent is taken apart (hidden sheets, document properties, comments,
chart caches, embedded files, data attributes, scripts) and searched for participants' ids,
their pairs, document ids, governed communities that approved no table, columns made for ids,
and passages of any document that are no approved quote. What cannot be searched is a fault
as well. A fault carries ids and places, never the words that were found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.disclosure.approvals import Approval, QuoteRecord
from reflect_analysis.disclosure.contents import Piece, Unreadable, contents_of
from reflect_analysis.errors import DisclosureError, counted, raise_all

__all__ = ["Exposure", "check_share", "find_single_rows", "repeats_passage"]

PASSAGE_WORDS = 8
_SHORTEST_ALLOWED = 3
_SHORTEST_DOCUMENT = 5
# Columns, keys and data attributes that are made to hold one id a row.
_ID_COLUMNS = frozenset(
    f"{prefix}{noun}"
    for noun in ("case_id", "coding_id", "document_id", "participant_id", "pseudonym", "segment_id")
    for prefix in ("", "data_")
)
# Texts that come with a document and are not its writer's.
_NOT_HERS = frozenset({"prompt", "thread", "parent", "source"})
# An id as short as this may be a word of any file.
_SHORT, _NAMED = 8, frozenset({"document", "pair", "participant"})
_MODEL = re.compile(r"\ball-minilm-l6-v2\b")  # stands in the methods, and is no text l6 or v2
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SEPARATORS = re.compile(r"[,;:()\[\]{}\"“”«»|<>\t\r\n]+")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something in a finished file that stands for one person.

    Parameters
    ----------
    file : str
        Path inside the folder.
    place : str
        Where in the file.
    kind : str
        ``"participant"``, ``"pair"``, ``"document"``, ``"governed"``, ``"id column"``,
        ``"picture's file"``, ``"passage"`` or ``"not searched"``.
    what : str
        The id, or the reason; for a passage the document's id and the number of words.
    """

    file: str
    place: str
    kind: str
    what: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.kind}: {self.what}"


def find_single_rows(
    paths: str | Path | Iterable[str | Path],
    corpus: Corpus,
    *,
    approved: Iterable[Approval] = (),
    allowed: Iterable[str] = (),
) -> tuple[Exposure, ...]:
    """Search files that are to be sent for anything that stands for one person.

    Parameters
    ----------
    paths : path or iterable of paths
        Files and folders.
    corpus : Corpus
    approved : iterable of Approval
        The passages that may stand in the files: what `approved_quotes` let through; a
        pseudonym may stand in their attributions, in the same words, and nowhere else.
    allowed : iterable of str
        Other texts that may stand in them though documents hold the same words, such as
        the codebook's; prompts may always.

    Returns
    -------
    tuple of Exposure
        One a file, place, kind and id; empty where nothing was found.

    Notes
    -----
    Ids with a letter and a digit (``P07``, ``P07-S2``) are found anywhere in a text; ids that
    are plain words only as a whole cell, label or value, where they cannot be a word of a
    sentence; ids of digits alone cannot be told from counts, and only a column made for
    them is found. A document's id that is a plain word is not looked for: it is the name of
    a file (``machine.txt``, ``a.md``), stands for a text and not for a person, and cannot be
    told from a heading or a code of that name. What such a text says is looked for as
    passages, its writer as a participant, and a list of ids by its column. Of style sheets
    only strings, comments, classes and ids are read, and the themes and lists of typefaces
    of Office files not at all. A passage is a run of at least 8 words of a document,
    punctuation, case and line breaks disregarded; of a shorter document (5 words at least)
    the whole of it.
    """
    search = _Search(corpus, approved, allowed)
    found: dict[Exposure, None] = {}
    for root, path in _files(paths):
        name = path.relative_to(root).as_posix()
        found |= dict.fromkeys(search.faults_of(name, path.read_bytes()))
    return tuple(found)


def check_share(
    folder: str | Path,
    corpus: Corpus,
    *,
    approved: Iterable[Approval] = (),
    allowed: Iterable[str] = (),
) -> None:
    """Raise `DisclosureError` with everything that `find_single_rows` finds.

    Raises
    ------
    DisclosureError
        With every fault, its file and its place.
    """
    found = find_single_rows(folder, corpus, approved=approved, allowed=allowed)
    heading = f"What was to be sent holds something that stands for one person{_way_on(found)}:"
    raise_all(DisclosureError, _together(found), heading)


def _together(found: Iterable[Exposure]) -> Iterator[str]:
    """Each thing of each file once, with its first place and how many more there are."""
    places: dict[tuple[str, str, str], list[Exposure]] = {}
    for each in found:
        places.setdefault((each.file, each.kind, each.what), []).append(each)
    for first, *more in places.values():
        yield f"{first} (and {counted(len(more), 'more place')})" if more else str(first)


def _way_on(found: Iterable[Exposure]) -> str:
    """What to do where an id may be innocent: a word that a file, or a sentence, holds anyhow."""
    short = {each.what for each in found if each.kind in _NAMED and len(each.what) <= _SHORT}
    if not short:
        return ""
    return (
        " (where a place below is no leak but a word of its own, such as a style or a version, "
        f"the id is too short to be told from it: {', '.join(sorted(short))}; give it a longer "
        "one where the texts are, in the column id or as the name of the file, such as "
        f"study-{min(short)})"
    )


def repeats_passage(text: str, source: str, allowed: str = "") -> bool:
    """Whether a text holds a passage of another that it may not: what the last search finds.

    Examples
    --------
    >>> words = "We washed the paint pots side by side and somebody laughed."
    >>> repeats_passage(f"A photo: {words}", words), repeats_passage(words, words, words)
    (True, False)
    """
    found = set(_runs(_words(source)))
    lengths = {len(run) for run in found}
    words, may = _words(text), frozenset(_known_by(_words(allowed)))
    runs = (words[i : i + length] for length in lengths for i in range(len(words) - length + 1))
    return any(run in found and run not in may for run in runs)


def _files(paths: str | Path | Iterable[str | Path]) -> Iterator[tuple[Path, Path]]:
    """Every file with the folder that its name is told from."""
    for path in [paths] if isinstance(paths, str | Path) else paths:
        root = Path(path)
        if root.is_dir():
            yield from ((root, file) for file in sorted(root.rglob("*")) if file.is_file())
        elif root.is_file():
            yield root.parent, root
        else:
            raise FileNotFoundError(f"{root}: there is no such file or folder to be searched")


class _Search:
    """What is looked for, indexed once for all files."""

    def __init__(
        self, corpus: Corpus, approved: Iterable[Approval], allowed: Iterable[str]
    ) -> None:
        wanted = dict(_wanted_ids(corpus))
        self.in_text = {i: kind for i, kind in wanted.items() if _is_distinctive(i)}
        words = {i: kind for i, kind in wanted.items() if _can_be_told(i, kind)}
        self.whole = {i: kind for i, kind in words.items() if i not in self.in_text}
        # With its ending no name of a file can be a word of a sentence.
        self.in_text |= dict(_names_of_pictures(corpus))
        self.starts = _by_first_word(self.in_text)
        approved = tuple(approved)
        self.attributions = _attributions(approved, wanted)
        self.passages = _passages(corpus)
        self.lengths = sorted({len(words) for words in self.passages}, reverse=True)
        self.allowed = _allowed_runs(corpus, approved, allowed)
        self.allowed_lengths = sorted({len(words) for words in self.allowed})

    def faults_of(self, file: str, data: bytes) -> Iterator[Exposure]:
        """What one file holds."""
        for kind, what in self._ids_in(file):
            yield Exposure(file, "its name", kind, what)
        flowing: list[Piece] = []
        clean: set[str] = set()  # a drawing says the same few things thousands of times
        for part in contents_of(data):
            if isinstance(part, Unreadable):
                yield Exposure(file, part.place, "not searched", part.why)
                continue
            if part.flows:
                flowing.append(part)
            if part.text not in clean:
                found = [Exposure(file, part.place, *each) for each in self._ids_in(part.text)]
                found += [] if part.flows else self._passages_in(file, [part])
                yield from found
                clean |= set() if found else {part.text}
        yield from self._passages_in(file, flowing)

    def _ids_in(self, text: str) -> Iterator[tuple[str, str]]:
        """Kind and id of everything that is named in a text."""
        if self.attributions:
            text = self.attributions.sub(" ", text)
        folded = text.casefold()
        if "minilm" in folded:
            folded = _MODEL.sub(" ", folded)
        for word in re.finditer(r"\w+", folded):
            for wanted in self.starts.get(word[0], ()):
                if _stands_at(wanted.casefold(), folded, word.start()):
                    yield self.in_text[wanted], wanted
        for part in _SEPARATORS.split(text):
            value = part.strip(" .'’‘")
            if value in self.whole:
                yield self.whole[value], value
            elif value.lower().replace("-", "_") in _ID_COLUMNS:
                yield "id column", value.lower()

    def _passages_in(self, file: str, pieces: Sequence[Piece]) -> Iterator[Exposure]:
        """Runs of words of documents in pieces that follow one another."""
        words = [(w, number) for number, piece in enumerate(pieces) for w in _words(piece.text)]
        for start, end, document_id in self._runs_in(words):
            what = f"{end - start} words of {document_id} that are no approved quote"
            yield Exposure(file, pieces[words[start][1]].place, "passage", what)

    def _runs_in(self, words: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
        """Where words of documents stand: first word, end, document; overlapping hits as one."""
        begin, end, document_id = 0, 0, ""
        for start, stop, found in self._hits_in(words):
            if found != document_id or start > end:
                if document_id:
                    yield begin, end, document_id
                begin, document_id = start, found
            end = max(end, stop)
        if document_id:
            yield begin, end, document_id

    def _hits_in(self, words: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
        """Each run that is a document's and may not stand.

        Across two cells or paragraphs a run that touches an approved quote is none: the end
        of one quote and the first word of another often read on by chance.
        """
        texts, pieces = [word for word, _ in words], [piece for _, piece in words]
        may_stand = self._may_stand(texts)
        for start in range(len(texts)):
            for length in self.lengths:
                stop = start + length
                run = tuple(texts[start:stop])
                if stop > len(texts) or run in self.allowed or run not in self.passages:
                    continue
                one_piece = pieces[start] == pieces[stop - 1]
                if one_piece or not may_stand.intersection(range(start, stop)):
                    yield start, stop, self.passages[run]

    def _may_stand(self, words: Sequence[str]) -> set[int]:
        """The places of words that belong to approved quotes or to other allowed texts."""
        return {
            place
            for start in range(len(words))
            for length in self.allowed_lengths
            if tuple(words[start : start + length]) in self.allowed
            for place in range(start, start + length)
        }


def _attributions(approved: Iterable[Approval], wanted: Iterable[str]) -> re.Pattern[str] | None:
    """What stands behind approved quotes: there alone may a pseudonym stand, where a study asks.

    An attribution is never a pseudonym alone, so a row or a label made of one is still found.
    """
    told = {record.attribution for record in approved if isinstance(record, QuoteRecord)}
    words = sorted(told.difference(wanted, {""}), key=len, reverse=True)
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def _wanted_ids(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Every id that stands for a person or two, with its kind."""
    for document in corpus:
        yield document.id, "document"
    for case in corpus.cases:
        pair = case.attributes.get("pair")
        if pair:
            yield str(pair), "pair"
        if case.governance and "tables" not in case.governance.approved_uses:
            yield case.governance.authority, "governed"
    for case in corpus.cases:
        yield case.id, "participant"


def _names_of_pictures(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """The names that participants or their telephones gave to pictures."""
    for document in corpus:
        path = document.picture and document.picture.path
        if path:
            name = PurePath(path.replace("\\", "/"))
            yield name.name, "picture's file"
            if _is_distinctive(name.stem):
                yield name.stem, "picture's file"


def _is_distinctive(identifier: str) -> bool:
    """Whether an id cannot be a word or a number of a sentence."""
    letters = any(character.isalpha() for character in identifier)
    digits = any(character.isdigit() for character in identifier)
    return letters and digits and not any(character.isspace() for character in identifier)


def _can_be_told(identifier: str, kind: str) -> bool:
    """Whether an id that stands alone in a cell says more than a word or number would."""
    letters = any(map(str.isalpha, identifier))
    return letters and (kind != "document" or any(map(str.isdigit, identifier)))


def _by_first_word(identifiers: Iterable[str]) -> Mapping[str, list[str]]:
    """Ids by the word that they begin with, case disregarded."""
    starts: dict[str, list[str]] = {}
    for identifier in identifiers:
        first = re.search(r"\w+", identifier.casefold())
        if first:
            starts.setdefault(first[0], []).append(identifier)
    return starts


def _stands_at(wanted: str, text: str, word_start: int) -> bool:
    """Whether an id stands in a text with its first word at an offset, and ends as a word does."""
    first = re.search(r"\w+", wanted)
    start = word_start - (first.start() if first else 0)
    end = start + len(wanted)
    if start < 0 or text[start:end] != wanted:
        return False
    return not (text[end : end + 1].isalnum() and wanted[-1].isalnum())


def _words(text: str) -> Words:
    """The words of a text, case and kinds of apostrophe disregarded."""
    return tuple(_WORD.findall(text.casefold().replace("’", "'")))


def _runs(words: Words) -> Iterator[Words]:
    """The runs of words by which a text is known again."""
    if len(words) < PASSAGE_WORDS:
        if len(words) >= _SHORTEST_DOCUMENT:
            yield words
        return
    for start in range(len(words) - PASSAGE_WORDS + 1):
        yield words[start : start + PASSAGE_WORDS]


def _texts_of(document: Document) -> Iterator[str]:
    """A participant's words in a document: its text, and long attributes such as a caption."""
    yield document.text
    for name, value in document.attributes.items():
        if name not in _NOT_HERS and isinstance(value, str):
            yield value


def _approved_texts(corpus: Corpus, approved: Iterable[Approval]) -> Iterator[str]:
    documents = {document.id: document for document in corpus}
    for approval in approved:
        if approval.document_id in documents:
            yield documents[approval.document_id].passage(approval.start, approval.end)


def _passages(corpus: Corpus) -> dict[Words, str]:
    """Every run of words that must not be found, with the document that it is from.

    Each word is kept once: of 100,000 texts that spares 300 MB.
    """
    return {
        run: document.id
        for document in corpus
        for text in _texts_of(document)
        for run in _runs(tuple(map(sys.intern, _words(text))))
    }


def _allowed_runs(
    corpus: Corpus, approved: Iterable[Approval], allowed: Iterable[str]
) -> frozenset[Words]:
    """The runs of words by which approved quotes, prompts and allowed texts are known."""
    prompts = (str(document.attributes.get("prompt") or "") for document in corpus)
    texts = (*_approved_texts(corpus, approved), *allowed, *prompts)
    return frozenset(run for text in texts for run in _known_by(_words(text)))


def _known_by(words: Words) -> Iterator[Words]:
    """Runs of an allowed text: long ones as of a document, short ones whole and from three words.

    A quote of two words allows nothing: it could stand in any sentence.
    """
    if len(words) < PASSAGE_WORDS:
        if len(words) >= _SHORTEST_ALLOWED:
            yield words
        return
    for length in range(_SHORTEST_DOCUMENT, PASSAGE_WORDS + 1):
        for start in range(len(words) - length + 1):
            yield words[start : start + length]
