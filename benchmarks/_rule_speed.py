"""How long the rules take: cold beside spaCy's own pass, and after an edit to one code.

The reflections have about 60 words and are put together from sentences of the demonstration;
nothing of them is printed. Cold is measured in parts, the passes by turns and from part to part in
the other order, so that a machine whose speed wavers wavers for all. Two kinds of edit are
measured: one more pattern, which is looked for alone, and other scopes, by which the whole code is
judged anew. Beside a new process after an edit stands, by turns, the same process where the cache
has the parses and no results: what one would wait for if results were not kept. Beside an edit in
memory stands the first coding of the raw texts, parsing included, which was timed once.

What a user would write with spaCy alone is a loop of its Matcher over its documents, with the
words, gaps and alternatives of the same patterns: a word by its lemma, or by its form where it is
no lemma. It is less than the rules do: it knows no negation, no conditions of a sentence or a
reflection, no references between codes, and gives numbers of tokens for an answer.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from _measuring import Row, Seconds, added, timed
from _texts import WORDS, cleared, recombined

import reflect_analysis as ra
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.coders.patterns import Words, read_naming, read_pattern
from reflect_analysis.coders.phrases import Gap, Phrase, Slot, Variant
from reflect_analysis.language.pipelines import model_name, pipeline

__all__ = ["main", "rows"]

PARTS = 5
# Codes that are edited, one a turn: an edit that was made is not made again.
EDITED = ("isolation", "belonging", "exhaustion", "renewal", "detachment")
EDITS = ("one more pattern", "other scopes")
FULL, QUICK = 10_000, 1_000
TURNS = {True: 2, False: len(EDITED)}  # of edits, by whether it is to be quick
RAW = "coding the raw texts, parsing included"
PARSED = "the same process with the parses alone in the cache"
SPACY, MATCHER, RULES = "spaCy's own pass", "a loop of spaCy's Matcher", "rules"
# What one part took, by who did it.
Passes = dict[str, list[Seconds]]


def edited(codebook: ra.Codebook, how: str, turn: int = 0) -> ra.Codebook:
    """The same codebook with one code changed."""
    old = codebook[EDITED[turn]]
    if how == "other scopes":
        code = dataclasses.replace(old, scopes=old.scopes | {"reported": "require"})
    else:
        code = dataclasses.replace(old, patterns=(*old.patterns, "quiet corridor"))
    codes = tuple(code if each.id == old.id else each for each in codebook)
    return dataclasses.replace(codebook, codes=codes)


# ── what a user would otherwise write ──


def matcher_of(codebook: ra.Codebook) -> Any:
    """A Matcher of spaCy with what the patterns of a codebook say of single words."""
    from spacy.matcher import Matcher

    nlp = pipeline(model_name(None))
    matcher = Matcher(nlp.vocab)
    named = dict(filter(None, (read_naming(text) for code in codebook for text in code.patterns)))
    phrases = {code.id: list(_variants(code.patterns, named)) for code in codebook.machine_codes()}
    slots = (e for each in phrases.values() for phrase in each for e in phrase if type(e) is Slot)
    words = sorted({word for slot in slots for option in slot.options for word in option.words})
    own = {word for word, doc in zip(words, nlp.pipe(words), strict=True) if doc[0].lemma_ == word}
    for code_id, each in phrases.items():
        if told := list(filter(None, (_tokens(phrase, own) for phrase in each))):
            matcher.add(code_id, told)
    return matcher


def _variants(patterns: Iterable[str], named: Words) -> Iterator[Variant]:
    """The phrases that patterns need, each way that they may be written."""
    for text in patterns:
        if read_naming(text):
            continue
        needs = [term for step in read_pattern(text, named).steps for term in step.needs]
        phrases = (leaf for term in needs for leaf in term.leaves if isinstance(leaf, Phrase))
        for phrase in phrases:
            yield from phrase.variants


def _tokens(variant: Variant, own: AbstractSet[str]) -> list[dict[str, Any]]:
    """A phrase in the Matcher's words; empty if there is no word in it."""
    tokens = [{"OP": f"{{0,{e.most}}}"} if isinstance(e, Gap) else _token(e, own) for e in variant]
    return tokens if any(token.keys() - {"OP"} for token in tokens) else []


def _token(slot: Slot, own: AbstractSet[str]) -> dict[str, Any]:
    """A word by its lemma where all that it may be are lemmas, else by its form."""
    words = set().union(*(option.words for option in slot.options))
    forms = set().union(*(option.exact for option in slot.options))
    begins = [prefix for option in slot.options for prefix in option.prefixes]
    token: dict[str, Any] = {"OP": "?"} if slot.optional else {}
    if begins:
        return token | {"LOWER": {"REGEX": f"^(?:{'|'.join([*begins, *words, *forms])})"}}
    if forms or words - own:
        return token | {"LOWER": {"IN": sorted(words | forms)}}
    return token | ({"LEMMA": {"IN": sorted(words)}} if words else {})


# ── passes ──


def cold(texts: list[str], codebook: ra.Codebook, cache: Cache) -> Passes:
    """The pass of spaCy and the rules from raw texts, by turns; the slow loop on the first part."""
    nlp, matcher = pipeline(model_name(None)), matcher_of(codebook)
    size = -(-len(texts) // PARTS)
    found: Passes = {SPACY: [], MATCHER: [], RULES: []}
    for first in range(0, len(texts), size):
        part = texts[first : first + size]
        corpus = cleared(part)
        work = {
            SPACY: lambda: [len(doc) for doc in nlp.pipe(part, batch_size=128)],  # noqa: B023  # called at once
            RULES: lambda: coded(corpus, codebook, cache),  # noqa: B023  # the same
            MATCHER: lambda: [matcher(doc) for doc in nlp.pipe(part, batch_size=128)],  # noqa: B023  # the same
        }
        if first:
            del work[MATCHER]
        order = list(work) if first // size % 2 == 0 else list(work)[::-1]
        for who in order:
            found[who].append(timed(work[who]))
    return found


def coded(corpus: ra.Corpus, codebook: ra.Codebook, cache: Cache) -> ra.Codings:
    """A corpus coded by the rules."""
    segments = ra.segment(corpus, cache=cache)
    return ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook)


def in_memory(segments: ra.Segments, codebook: ra.Codebook, cache: Cache) -> Seconds:
    """Coding with parses and earlier results in memory."""
    return timed(lambda: ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook))


def in_new_process(texts: list[str], folder: Path, how: str, turn: int, cache: Path) -> Seconds:
    """A whole process, imports and all, that codes the same texts after an edit."""
    place = folder / "texts.json"
    environment = {**os.environ, "REFLECT_CACHE": str(cache)}
    # The modules are compiled before, as they are wherever the package is installed.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    command = [sys.executable, __file__, "--again", str(place), how, str(turn)]

    def run(some: list[str]) -> Seconds:
        place.write_text(json.dumps(some), encoding="utf-8")
        return timed(lambda: subprocess.run(command, check=True, env=environment))

    if not (folder / "compiled").exists():
        run(texts[:PARTS])
    return run(texts)


def parses_alone(folder: Path, turn: int) -> Path:
    """A copy of a cache without the results."""
    copy = folder / f"parses alone {turn}"
    shutil.copytree(folder / "parses", copy / "parses")
    return copy


def again(path: Path, how: str, turn: int) -> None:
    """What the new process does."""
    texts = json.loads(path.read_text(encoding="utf-8"))
    codebook = edited(ra.read_codebook(ra.demo_files().codebook), how, turn)
    coded(cleared(texts), codebook, default_cache())


# ── rows ──


def rows(*, quick: bool) -> Iterator[Row]:
    """The rules cold and after edits."""
    yield from measured(QUICK if quick else FULL, TURNS[quick])


def measured(n: int, turns: int) -> Iterator[Row]:
    """Rows for so many reflections, and so many edits of each kind."""
    codebook = ra.read_codebook(ra.demo_files().codebook)
    texts = recombined(n)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        cold(texts[:PARTS], codebook, Cache(folder / "first"))  # the models are loaded
        cache, what = Cache(folder), f"rules, {n:,} reflections of {WORDS} words"
        passes = {who: tuple(times) for who, times in cold(texts, codebook, cache).items()}
        for rival, asked in ((MATCHER, ""), (SPACY, "at least 0.87 ×")):
            theirs = passes[rival]
            parts = f"{len(theirs)} of {len(passes[RULES])} parts"
            ours = passes[RULES][: len(theirs)]
            yield Row(f"{what}, cold, {parts}", ours, rival, theirs, asked)
        yield from _after_edits(texts, codebook, folder, added(passes[RULES]), turns)


def _after_edits(
    texts: list[str], codebook: ra.Codebook, folder: Path, anew: Seconds, turns: int
) -> Iterator[Row]:
    """Coding again after each kind of edit, in memory and in new processes."""
    cache = Cache(folder)
    segments = ra.segment(cleared(texts), cache=cache)
    in_memory(segments, codebook, cache)
    for how in EDITS:
        books = [edited(codebook, how, turn) for turn in range(turns)]
        warm = tuple(in_memory(segments, book, cache) for book in books)
        what = f"rules after {how}, {len(texts):,} reflections"
        once = f"{RAW} (once, {anew.clock:.3g} s)"
        yield Row(f"{what}, in memory", warm, once, (anew,) * turns, f"at most 1 s for {FULL:,}")
        mine, other = zip(*_fresh(texts, folder, how, turns), strict=True)
        limit = f"at most 4 s for {FULL:,}"
        yield Row(f"{what}, in a new process", mine, PARSED, other, limit)


def _fresh(
    texts: list[str], folder: Path, how: str, turns: int
) -> Iterator[tuple[Seconds, Seconds]]:
    """New processes after an edit, by turns with and without the results from before."""
    for turn in range(turns):
        kept = (folder, parses_alone(folder, turn))
        order = kept if turn % 2 == 0 else kept[::-1]
        found = {each: in_new_process(texts, folder, how, turn, each) for each in order}
        yield found[kept[0]], found[kept[1]]
        shutil.rmtree(kept[1])


def main(n: int = FULL) -> None:
    """Measure and print.

    Parameters
    ----------
    n : int
        Reflections.
    """
    for row in measured(n, TURNS[False]):
        print(row, flush=True)


if __name__ == "__main__":
    again(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
