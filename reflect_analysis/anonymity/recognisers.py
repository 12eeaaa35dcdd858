"""Who looks for identifiers: the forms of direct ones, and a model's guesses at names.

A recogniser takes a corpus and gives findings; `RECOGNISERS` is the list of those that are
asked, and the one place where another is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from reflect_analysis.anonymity.findings import AnonymityReport, Finding
from reflect_analysis.anonymity.patterns import PATTERNS, Pattern
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.provenance import new_run

__all__ = ["RECOGNISERS", "Recogniser", "check_anonymity", "find_by_patterns", "find_names"]

Recogniser = Callable[[Corpus], Iterable[Finding]]

_NAME_SCORE, _FULL_NAME_SCORE = 0.5, 0.8
# "P07", "ECE-12", "Mentor 3": how studies write pseudonyms.
_PSEUDONYM = re.compile(
    r"(?:[A-Z]{1,4}|[Pp]articipant|[Mm]entor|[Ee]ducator|[Cc]hild)[-_ ]?\d{1,4}"
)
_BRACKETS = re.compile(r"\[[^\[\]\n]{1,40}\]")
_STAND_INS = """
    boy centre center child children city colleague community director educator employer
    facilitator girl mentor name names nation number organiser organizer parent participant
    partner place redacted school student teacher town
"""
_PLACEHOLDERS = frozenset(_STAND_INS.split())


def find_by_patterns(corpus: Corpus) -> Iterator[Finding]:
    """Direct identifiers by their form; where two overlap, the surer and longer one stands."""
    for document in corpus:
        found = (hit for pattern in PATTERNS for hit in _hits(pattern, document))
        yield from _apart(found)


def _hits(pattern: Pattern, document: Document) -> Iterator[Finding]:
    for start, end, score, why in pattern.find(document.text):
        yield Finding(document.id, start, end, pattern.kind, score, direct=True, why=why)


def _apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of one document without those that overlap a better one."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.score, f.start - f.end, f.start)):
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    yield from kept


def find_names(
    corpus: Corpus, *, parse: Callable[..., Sequence[Any]] | None = None
) -> Iterator[Finding]:
    """Names of persons as a model guesses them, pseudonyms and placeholders left out.

    Parameters
    ----------
    corpus : Corpus
    parse : callable, optional
        Texts and ``language=`` to parses whose ``entities`` have ``start``, ``end`` and
        ``label``; by default `reflect_analysis.language.parse`.

    Yields
    ------
    Finding
        A guess (``direct=False``); direct where two or more words have capitals: a first name
        with a surname identifies by itself.
    """
    read = parse or _language_parse()
    for language, documents in _by_language(corpus).items():
        parses = read([document.text for document in documents], language=language)
        for document, parsed in zip(documents, parses, strict=True):
            yield from _names_in(document, parsed, corpus)


def _language_parse() -> Callable[..., Sequence[Any]]:
    from reflect_analysis.language import parse

    return parse


def _by_language(corpus: Corpus) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {}
    for document in corpus:
        groups.setdefault(document.language, []).append(document)
    return groups


def _names_in(document: Document, parsed: Any, corpus: Corpus) -> Iterator[Finding]:
    known = {case.id for case in corpus.cases}
    veiled = [m.span() for m in _BRACKETS.finditer(document.text) if _is_placeholder(m[0])]
    for start, end, label in parsed.entities:
        name = document.passage(start, end).strip(" :,.'’")
        hidden = any(first <= start and end <= last for first, last in veiled)
        if label == "PERSON" and not hidden and name not in known and _may_be_name(name):
            yield _name(document.id, start, end, full=_is_full_name(name))


def _name(document_id: str, start: int, end: int, *, full: bool) -> Finding:
    score = _FULL_NAME_SCORE if full else _NAME_SCORE
    words = "first name and surname" if full else "name"
    why = f"taken for a person's {words} by the language model"
    return Finding(document_id, start, end, "name", score, direct=full, why=why)


def _is_full_name(words: str) -> bool:
    """Whether two or more words begin with a capital.

    Examples
    --------
    >>> [_is_full_name(name) for name in ("Ann van Dyke", "Ann", "Anne-Marie", "the Ann")]
    [True, False, False, False]
    """
    return sum(word[0].isupper() for word in words.split()) > 1


def _may_be_name(words: str) -> bool:
    """Whether there are letters enough for a name, and it is no pseudonym."""
    letters = sum(character.isalpha() for character in words)
    return letters > 1 and not _PSEUDONYM.fullmatch(words)


def _is_placeholder(bracket: str) -> bool:
    """Whether a bracket holds a stand-in ("[name]", "[Child 2]", "[laughs]") and no name."""
    inside = bracket.strip("[]").strip()
    words = re.findall(r"[^\W\d_]+", inside.lower())
    return inside == inside.lower() or bool(_PLACEHOLDERS.intersection(words))


# What is asked of every corpus, in this order. A recogniser takes a corpus and gives findings.
RECOGNISERS: tuple[Recogniser, ...] = (find_by_patterns, find_names)


def check_anonymity(
    corpus: Corpus, *, recognisers: Sequence[Recogniser] = RECOGNISERS
) -> AnonymityReport:
    """Look for what may identify a person.

    Parameters
    ----------
    corpus : Corpus
    recognisers : sequence of callable
        Each takes the corpus and gives findings.

    Returns
    -------
    AnonymityReport

    Examples
    --------
    >>> from reflect_analysis.corpus import Document
    >>> corpus = Corpus((Document("r1", "Write to jo (at) example dot ca."),))
    >>> report = check_anonymity(corpus, recognisers=[find_by_patterns])
    >>> [(f.id, f.direct, f.why) for f in report]
    [('r1:9-31:e-mail', True, 'an e-mail address, spelled out')]
    """
    found = [finding for recognise in recognisers for finding in recognise(corpus)]
    places = {document.id: number for number, document in enumerate(corpus)}
    order = sorted(_undoubled(found), key=lambda f: (places[f.document_id], f.start, f.end, f.kind))
    unsought = tuple(d.id for d in corpus if not _names_sought_in(d.language))
    run = new_run(
        "check",
        f"{len(corpus)} documents were searched for identifiers ({len(order)} findings)",
        inputs=[corpus.fingerprint],
        settings={"recognisers": [getattr(r, "__name__", type(r).__name__) for r in recognisers]},
    )
    return AnonymityReport(corpus, tuple(order), unsought, (run,))


def _names_sought_in(language: str) -> bool:
    from reflect_analysis.language import readable

    return readable(language)


def _undoubled(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each place once: a name gives way to an identifier of another kind that it overlaps."""
    unique = list(dict.fromkeys(findings))
    firm: dict[str, list[Finding]] = {}
    for finding in unique:
        if finding.direct and finding.kind != "name":
            firm.setdefault(finding.document_id, []).append(finding)
    for finding in unique:
        near = firm.get(finding.document_id, ())
        is_firm = finding.direct and finding.kind != "name"
        if is_firm or all(f.end <= finding.start or finding.end <= f.start for f in near):
            yield finding
