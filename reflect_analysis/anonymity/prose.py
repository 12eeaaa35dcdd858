"""Prose that stands beside the texts: an alt text, a title, a prompt, the name of a file.

It is printed where a text is printed, so it is searched as a text is, by the same recognisers and
with the parse. The invariant: what was found carries its holder and its field, and its offsets are
those of the cell. Columns by which tables are made (role, place, community) are no prose: what
stands there stands on purpose.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from reflect_analysis.anonymity.findings import (
    ALT_TEXT,
    FILE_NAME,
    PICTURE_FILE,
    Finding,
    stem_of,
)
from reflect_analysis.anonymity.hints import is_given
from reflect_analysis.anonymity.known import NAME_COLUMNS
from reflect_analysis.anonymity.wordlists import fold, lists
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure.withdrawal import CATEGORY
from reflect_analysis.provenance import text_hash

__all__ = ["Prose", "kept_beside", "prose_beside", "spaced"]

_NAMED = re.compile(
    r"(?i)(?:.*[\s_-])?(?:titles?|headings?|headline|captions?|prompts?|provocations?|questions?|"
    r"threads?|topics?|subjects?|descriptions?|comments?|notes?|titre|légende|consigne|sujet|fil)"
    r"(?:[\s_-].*)?"
)
_FEWEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Prose:
    """The prose beside the texts as texts, each once.

    Parameters
    ----------
    corpus : Corpus
        One document a prose, with the cases of the corpus that it stands in.
    places : mapping of str to list of (str, str)
        Holders and fields, by the ids of these documents.
    """

    corpus: Corpus
    places: Mapping[str, list[tuple[str, str]]]

    def beside(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings of the prose at the places where it stands."""
        for finding in findings:
            if finding.field:
                continue
            for holder, field in self.places.get(finding.document_id, ()):
                if field not in _FILES or self._tells(finding):
                    yield dataclasses.replace(finding, document_id=holder, field=field)

    def _tells(self, finding: Finding) -> bool:
        """Whether a file's name, which is no sentence, tells what was found in it."""
        words = self.corpus.document(finding.document_id).passage(finding.start, finding.end)
        if finding.direct or finding.kind not in ("name", "town"):
            return finding.kind in _IN_FILES
        if finding.kind == "town" or not is_given(fold(words)):
            return finding.kind == "town" and words[0].isupper()
        return words[0].isupper() or fold(words) not in _parts_of_towns()


@cache
def _parts_of_towns() -> frozenset[str]:
    """Words of towns: who files texts by place writes *prince-george*."""
    return frozenset(part for town in lists().towns for part in town.split())


_FILES = (FILE_NAME, PICTURE_FILE)
_IN_FILES = ("name", "phone", "e-mail", "SIN", "centre", "room", "date of birth")


def prose_beside(corpus: Corpus) -> Prose:
    """What stands beside the texts of a corpus and is to be searched as they are."""
    places: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for holder, field, language, words in _cells(corpus.documents, corpus.cases):
        if words.strip():
            places[language, words].append((holder, field))
    documents = tuple(
        Document(f"prose {number}", words, language=language)
        for number, (language, words) in enumerate(places, 1)
    )
    ids = (document.id for document in documents)
    return Prose(
        Corpus(documents, tuple(corpus.cases)), dict(zip(ids, places.values(), strict=True))
    )


def kept_beside(documents: Iterable[Document], cases: Iterable[Case]) -> frozenset[str]:
    """The hashes under which something of the prose beside texts may be kept.

    A withdrawal hands them to `Cache.forget`, with those of the texts.
    """
    return frozenset(text_hash(words) for *_, words in _cells(documents, cases))


def _cells(
    documents: Iterable[Document], cases: Iterable[Case]
) -> Iterator[tuple[str, str, str, str]]:
    """Holder, field, language and words of each prose."""
    seen: set[str] = set()
    for document in documents:
        for column, value in document.attributes.items():
            if _is_prose(str(column), value):
                yield document.id, f"attribute {column}", document.language, value
        if document.picture is not None:
            yield document.id, ALT_TEXT, document.language, document.picture.alt_text or ""
            stem = stem_of(document.picture.path or "")
            yield document.id, PICTURE_FILE, document.language, spaced(stem)
        if document.source not in seen:
            seen.add(document.source)
            yield document.id, FILE_NAME, document.language, spaced(stem_of(document.source))
    for case in cases:
        for column, value in case.attributes.items():
            if _is_prose(str(column), value):
                yield case.id, f"case attribute {column}", "en", value


def _is_prose(column: str, value: object) -> bool:
    name = column.strip()
    if not isinstance(value, str) or CATEGORY.fullmatch(name) or NAME_COLUMNS.fullmatch(name):
        return False
    return bool(_NAMED.fullmatch(name)) or len(value.split()) >= _FEWEST_WORDS


def spaced(stem: str) -> str:
    """A file's name as words, code point for code point.

    Examples
    --------
    >>> spaced("petra_hall-interview")
    'petra hall interview'
    """
    return re.sub(r"[_\-.,()\[\]+]", " ", stem)
