"""Who looks for identifiers: forms, lists, what stands around a word, and a model's guesses.

A recogniser takes a corpus and gives findings; `RECOGNISERS` is the list of those that are
asked, and the one place where another is added. What a text holds by itself is kept
(`remembering`), so that a second check looks at new texts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from reflect_analysis.anonymity.beside import find_beside, is_named_id
from reflect_analysis.anonymity.engine import find_by_presidio
from reflect_analysis.anonymity.findings import AnonymityReport, Finding
from reflect_analysis.anonymity.garbled import Squeezed, squeezed
from reflect_analysis.anonymity.known import KnownNames, find_known, known_names, widened
from reflect_analysis.anonymity.names import NameHit, names_in
from reflect_analysis.anonymity.numbers import NUMBERS
from reflect_analysis.anonymity.patterns import PATTERNS, Pattern
from reflect_analysis.anonymity.places import PlaceHit, centres_in
from reflect_analysis.anonymity.prose import prose_beside
from reflect_analysis.anonymity.remembering import Hit, Searched, in_blocks, made_by, recalled
from reflect_analysis.anonymity.rooms import rooms_in
from reflect_analysis.anonymity.stand_ins import is_stand_in, stand_ins_in
from reflect_analysis.anonymity.towns import towns_in
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.provenance import new_run

__all__ = ["RECOGNISERS", "Recogniser", "check_anonymity", "find_by_patterns", "find_names"]

Recogniser = Callable[[Corpus], Iterable[Finding]]


def find_by_patterns(corpus: Corpus, *, cache: Cache | None = None) -> Iterator[Finding]:
    """Identifiers by their form; where two overlap, the surer and longer one stands.

    Parameters
    ----------
    corpus : Corpus
    cache : Cache, optional
        Where it is kept what each text holds; by default `default_cache()`.
    """
    store = default_cache() if cache is None else cache
    for documents in in_blocks(corpus.documents):
        found = recalled("patterns", _maker_of_patterns(), documents, _by_patterns, store)
        for document in documents:
            for hit in found[document.sha256]:
                yield Finding(document.id, *hit)


# The forms as they were loaded.
_LOADED = (PATTERNS, NUMBERS)


def _maker_of_patterns() -> str:
    """What decides, beside the text, what is found by its form; empty where somebody put in forms.

    A form is a function: what another one depends on nobody knows.
    """
    own = PATTERNS is _LOADED[0] and NUMBERS is _LOADED[1]
    return made_by("patterns") if own else ""


def _by_patterns(texts: Mapping[str, str]) -> Iterator[Searched]:
    for key, text in texts.items():
        yield key, tuple(_patterns_in(text)), True


def _patterns_in(text: str) -> Iterator[Hit]:
    short = squeezed(text)
    yield from _apart(hit for pattern in (*PATTERNS, *NUMBERS) for hit in _hits(pattern, short))


def _hits(pattern: Pattern, short: Squeezed) -> Iterator[Hit]:
    for start, end, score, why in pattern.find(short.text):
        yield Hit(*short.span(start, end), pattern.kind, score, pattern.direct, why)


def _apart(hits: Iterable[Hit]) -> Iterator[Hit]:
    """The hits in one text without those that overlap a better one."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (-h.score, h.start - h.end, h.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    yield from kept


def find_names(
    corpus: Corpus,
    *,
    parse: Callable[..., Sequence[Any]] | None = None,
    cache: Cache | None = None,
) -> Iterator[Finding]:
    """Names of persons, centres, rooms and towns; pseudonyms and placeholders are left out.

    Parameters
    ----------
    corpus : Corpus
    parse : callable, optional
        Texts and ``language=`` to parses whose ``entities`` have ``start``, ``end`` and
        ``label``; by default `reflect_analysis.language.parse`. In a language that cannot be
        parsed, lists and the words around do the work alone.
    cache : Cache, optional
        Where parses are kept, and what each text holds; by default `default_cache()`. What was
        found with a `parse` that the caller brought is not kept: nobody knows what it depends
        on.

    Yields
    ------
    Finding
        A guess (``direct=False``); direct where a first name stands with a surname, or a
        centre is named by its own words: these identify by themselves.
    """
    store = default_cache() if cache is None else cache
    pseudonyms = {case.id for case in corpus.cases if not is_named_id(case.id)}
    for language, documents in _in_blocks(corpus):
        search = partial(_names_in, language=language, parse=parse, store=store)
        maker = "" if parse is not None else _maker_of_names(language)
        found = recalled("names", maker, documents, search, store)
        for document in documents:
            for hit in found[document.sha256]:
                # Not where they are sought: a pseudonym of one study is a name in another.
                if hit.kind != "name" or document.text[hit.start : hit.end] not in pseudonyms:
                    yield Finding(document.id, *hit)


def _maker_of_names(language: str) -> str:
    """What decides, beside the text, which names are found in a language."""
    from reflect_analysis.language import model_identity

    model = model_identity(None, language) if _has_model(language) else "no model"
    return made_by("names", model, "French" if _is_french(language) else "not French")


def _is_french(language: str) -> bool:
    return language.lower().startswith("fr")


def _language_parse() -> Callable[..., Sequence[Any]]:
    from reflect_analysis.language import parse

    return parse


def _has_model(language: str) -> bool:
    from reflect_analysis.language import readable

    return readable(language)


def _in_blocks(corpus: Corpus) -> Iterator[tuple[str, Sequence[Document]]]:
    """The documents language by language, so many at once, each time with their language."""
    groups: dict[str, list[Document]] = {}
    for document in corpus:
        groups.setdefault(document.language, []).append(document)
    for language, documents in groups.items():
        for block in in_blocks(documents):
            yield language, block


def _names_in(
    texts: Mapping[str, str],
    *,
    language: str,
    parse: Callable[..., Sequence[Any]] | None,
    store: Cache,
) -> Iterator[Searched]:
    """Names and places in texts of a language, pseudonyms among them."""
    parses: Sequence[Any] = [None] * len(texts)
    if parse is not None or _has_model(language):
        read = parse or partial(_language_parse(), cache=store)
        parses = read([*texts.values()], language=language)
    french = _is_french(language)
    for (key, text), parsed in zip(texts.items(), parses, strict=True):
        yield key, tuple(_named_in(text, parsed, french=french)), True


def _named_in(text: str, parsed: Any, *, french: bool) -> Iterator[Hit]:
    places = [*_best(_places_in(text, parsed, french=french))]
    blocked = [(p.start, p.end) for p in places if p.kind != "town"]
    veiled = [*stand_ins_in(text)]
    for place in places:
        if not _is_hidden(place, veiled):
            yield Hit(*place)
    for name in names_in(text, parsed, blocked=blocked, french=french):
        if not (_is_hidden(name, veiled) or is_stand_in(text[name.start : name.end])):
            yield Hit(name.start, name.end, "name", name.score, name.full, name.why)


def _places_in(text: str, parsed: Any, *, french: bool) -> Iterator[PlaceHit]:
    short = squeezed(text)
    for hit in (*centres_in(short.text), *rooms_in(short.text, french=french)):
        start, end = short.span(hit.start, hit.end)
        yield hit._replace(start=start, end=end)
    yield from towns_in(text, parsed)


def _best(hits: Iterable[PlaceHit]) -> Iterator[PlaceHit]:
    """Places that do not overlap: the surest, then the longest."""
    kept: list[PlaceHit] = []
    for hit in sorted(hits, key=lambda h: (-h.score, h.start - h.end, h.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    yield from kept


def _is_hidden(hit: NameHit | PlaceHit, veiled: Sequence[tuple[int, int]]) -> bool:
    return any(first <= hit.start and hit.end <= last for first, last in veiled)


# What is asked of every corpus, in this order. A recogniser takes a corpus and gives findings.
RECOGNISERS: tuple[Recogniser, ...] = (find_by_patterns, find_by_presidio, find_names, find_beside)


def check_anonymity(
    corpus: Corpus,
    *,
    known: Iterable[str] = (),
    recognisers: Sequence[Recogniser] = RECOGNISERS,
) -> AnonymityReport:
    """Look for what may identify a person, in the texts and in what stands beside them.

    Alt texts, titles, prompts and the names of files are searched by the same recognisers.

    Parameters
    ----------
    corpus : Corpus
    known : iterable of str
        Names that the study knows, such as its participants'; they are sought in the texts,
        whole and in parts, and kept nowhere.
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
    names = known_names(corpus, known)
    found = _found(corpus, recognisers, names)
    prose = prose_beside(corpus)
    found += prose.beside(_found(prose.corpus, recognisers, names))
    places = {document.id: number for number, document in enumerate(corpus)}
    order = sorted(
        _undoubled(found),
        key=lambda f: (places.get(f.document_id, len(places)), f.field, f.start, f.end, f.kind),
    )
    without_model = tuple(d.id for d in corpus if not _has_model(d.language))
    run = new_run(
        "check",
        f"{len(corpus)} documents were searched for identifiers ({len(order)} findings)",
        inputs=[corpus.fingerprint],
        settings={
            "recognisers": [getattr(r, "__name__", type(r).__name__) for r in recognisers],
            "known names": len(names),
        },
    )
    return AnonymityReport(corpus, tuple(order), without_model, (run,))


def _found(corpus: Corpus, recognisers: Sequence[Recogniser], names: KnownNames) -> list[Finding]:
    found = [finding for recognise in recognisers for finding in recognise(corpus)]
    return [*found, *widened(find_known(corpus, names), found)]


def _undoubled(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each place once: of two findings that overlap, the firmer, surer and longer one."""
    places: dict[tuple[str, str], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        places.setdefault((finding.document_id, finding.field), []).append(finding)
    for here in places.values():
        kept: list[Finding] = []
        for finding in sorted(here, key=_firmness):
            if all(finding.end <= f.start or f.end <= finding.start for f in kept):
                kept.append(finding)
        yield from kept


def _firmness(finding: Finding) -> tuple[bool, bool, float, int, int]:
    """What stands comes first: an address or a number, then what is direct, then what is sure."""
    named = finding.kind in ("name", "town", "room", "centre", "community")
    length = finding.end - finding.start
    return named, not finding.direct, -finding.score, -length, finding.start
