"""How long the rules take: cold beside spaCy's own pass, and after an edit to one code.

The reflections have about 60 words and are put together from sentences of the demonstration;
nothing of them is printed. Cold is measured in parts, the two passes by turns, so that a
machine whose speed wavers wavers for both. Two edits are measured: one more pattern, which is
looked for alone, and other scopes, by which the whole code is judged anew. Beside the time on
the clock stands that of the processor, which others who use the machine change less.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import reflect_analysis as ra
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.language.pipelines import model_name, pipeline
from reflect_analysis.provenance import text_hash

__all__ = ["main"]

WORDS = 60
PARTS = 5
EDITED = "isolation"
EDITS = ("one more pattern", "other scopes")


class Seconds(NamedTuple):
    """On the clock and of the processor, that of other processes that were waited for included."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s (processor {self.processor:.2f} s)"


def reflections(n: int) -> list[str]:
    """Texts of about `WORDS` words, no two alike."""
    corpus = ra.read_corpus(ra.demo_files().corpus).where(lambda d: d.language == "en")
    sentences = [row.text for row in ra.segment(corpus)]
    choose = random.Random(0)  # noqa: S311  # texts to be timed, not a secret
    texts: dict[str, None] = {}
    while len(texts) < n:
        words: list[str] = []
        while len(words) < WORDS:
            words += choose.choice(sentences).split()
        texts[" ".join(words[:WORDS])] = None
    return list(texts)


def cleared(texts: list[str]) -> ra.Corpus:
    """Texts as a corpus that somebody has cleared."""
    documents = tuple(ra.Document(f"T{i:05}", text) for i, text in enumerate(texts))
    hashes = (text_hash(text) for text in texts)
    clearances = tuple(ra.Clearance(sha, "benchmark", "composed") for sha in hashes)
    return ra.Corpus(documents, clearances=clearances)


def edited(codebook: ra.Codebook, how: str) -> ra.Codebook:
    """The same codebook with one code changed."""
    old = codebook[EDITED]
    if how == "other scopes":
        code = dataclasses.replace(old, scopes=old.scopes | {"reported": "require"})
    else:
        code = dataclasses.replace(old, patterns=(*old.patterns, "quiet corridor"))
    codes = tuple(code if each.id == EDITED else each for each in codebook)
    return dataclasses.replace(codebook, codes=codes)


def timed(work: Callable[[], object]) -> Seconds:
    """How long some work takes."""
    clock, processor = time.perf_counter(), sum(os.times()[:4])
    work()
    return Seconds(time.perf_counter() - clock, sum(os.times()[:4]) - processor)


def added(times: list[Seconds]) -> Seconds:
    """Several parts as one."""
    return Seconds(sum(each.clock for each in times), sum(each.processor for each in times))


def cold(texts: list[str], codebook: ra.Codebook, cache: Cache) -> tuple[Seconds, Seconds]:
    """(spaCy's own pass, the rules from raw texts), by turns."""
    nlp = pipeline(model_name(None))
    size = -(-len(texts) // PARTS)
    by_spacy, by_rules = [], []
    for first in range(0, len(texts), size):
        part = texts[first : first + size]
        corpus = cleared(part)
        by_spacy.append(timed(lambda: [len(doc) for doc in nlp.pipe(part, batch_size=128)]))  # noqa: B023  # called at once
        by_rules.append(timed(lambda: coded(corpus, codebook, cache)))  # noqa: B023  # the same
    return added(by_spacy), added(by_rules)


def coded(corpus: ra.Corpus, codebook: ra.Codebook, cache: Cache) -> ra.Codings:
    """A corpus coded by the rules."""
    segments = ra.segment(corpus, cache=cache)
    return ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook)


def in_memory(segments: ra.Segments, codebook: ra.Codebook, cache: Cache, how: str) -> Seconds:
    """Coding again after an edit, with parses and earlier results in memory."""
    new = edited(codebook, how)
    return timed(lambda: ra.code_segments(ra.RuleCoder(new, cache=cache), segments, new))


def in_new_process(texts: list[str], folder: Path, how: str) -> Seconds:
    """A whole process, imports and all, that codes the same texts after an edit."""
    place = folder / "texts.json"
    environment = {**os.environ, "REFLECT_CACHE": str(folder)}
    # The modules are compiled before, as they are wherever the package is installed.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    command = [sys.executable, __file__, "--again", str(place), how]

    def run(some: list[str]) -> Seconds:
        place.write_text(json.dumps(some), encoding="utf-8")
        return timed(lambda: subprocess.run(command, check=True, env=environment))

    run(texts[:PARTS])
    return run(texts)


def again(path: Path, how: str) -> None:
    """What the new process does."""
    texts = json.loads(path.read_text(encoding="utf-8"))
    codebook = edited(ra.read_codebook(ra.demo_files().codebook), how)
    coded(cleared(texts), codebook, default_cache())


def main(n: int = 10_000) -> None:
    """Measure and print.

    Parameters
    ----------
    n : int
        Reflections.
    """
    codebook = ra.read_codebook(ra.demo_files().codebook)
    texts = reflections(n)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        cold(texts[:PARTS], codebook, Cache(folder / "first"))  # the models are loaded
        cache = Cache(folder)
        print(f"{n:,} reflections of {WORDS} words, {ra.RuleCoder(codebook)!r}", flush=True)
        by_spacy, by_rules = cold(texts, codebook, cache)
        ratios = (rules / spacy for rules, spacy in zip(by_rules, by_spacy, strict=True))
        clock, processor = (f"{ratio:.2f}" for ratio in ratios)
        print(f"cold: spaCy {by_spacy}, rules {by_rules}: {clock} × (processor {processor} ×)")
        segments = ra.segment(cleared(texts), cache=cache)
        ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook)
        for how in EDITS:
            print(f"{how}, in memory: {in_memory(segments, codebook, cache, how)}", flush=True)
            print(f"{how}, in a new process: {in_new_process(texts, folder, how)}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--again"]:
        again(Path(sys.argv[2]), sys.argv[3])
    else:
        main(*map(int, sys.argv[1:2]))
