"""How long the rules take: cold beside spaCy's own pass, and after an edit to one code.

The reflections have about 60 words and are put together from sentences of the demonstration;
nothing of them is printed. Cold is measured in parts, the two passes by turns, so that a
machine whose speed wavers wavers for both.
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

import reflect_analysis as ra
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.language.pipelines import model_name, pipeline
from reflect_analysis.provenance import text_hash

__all__ = ["main"]

WORDS = 60
PARTS = 5
EDITED = "isolation"


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


def edited(codebook: ra.Codebook) -> ra.Codebook:
    """The same codebook with one more pattern in one code."""
    codes = tuple(
        dataclasses.replace(code, patterns=(*code.patterns, "quiet corridor"))
        if code.id == EDITED
        else code
        for code in codebook
    )
    return dataclasses.replace(codebook, codes=codes)


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def cold(texts: list[str], codebook: ra.Codebook, cache: Cache) -> tuple[float, float]:
    """(seconds of spaCy's own pass, seconds of the rules from raw texts), by turns."""
    nlp = pipeline(model_name(None))
    size = -(-len(texts) // PARTS)
    spacy_seconds = rules_seconds = 0.0
    for first in range(0, len(texts), size):
        part = texts[first : first + size]
        corpus = cleared(part)
        spacy_seconds += timed(lambda: [len(doc) for doc in nlp.pipe(part, batch_size=128)])  # noqa: B023  # called at once
        rules_seconds += timed(lambda: coded(corpus, codebook, cache))  # noqa: B023  # the same
    return spacy_seconds, rules_seconds


def coded(corpus: ra.Corpus, codebook: ra.Codebook, cache: Cache) -> ra.Codings:
    """A corpus coded by the rules."""
    segments = ra.segment(corpus, cache=cache)
    return ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook)


def in_memory(corpus: ra.Corpus, codebook: ra.Codebook, cache: Cache) -> float:
    """Seconds of coding again after the edit, with parses and earlier results in memory."""
    segments = ra.segment(corpus, cache=cache)
    ra.code_segments(ra.RuleCoder(codebook, cache=cache), segments, codebook)
    new = edited(codebook)
    return timed(lambda: ra.code_segments(ra.RuleCoder(new, cache=cache), segments, new))


def in_new_process(texts: list[str], folder: Path) -> float:
    """Seconds of a whole process, imports and all, that codes the same texts after the edit."""
    path = folder / "texts.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    command = [sys.executable, __file__, "--again", str(path)]
    environment = {**os.environ, "REFLECT_CACHE": str(folder)}
    return timed(lambda: subprocess.run(command, check=True, env=environment))


def again(path: Path) -> None:
    """What the new process does."""
    texts = json.loads(path.read_text(encoding="utf-8"))
    coded(cleared(texts), edited(ra.read_codebook(ra.demo_files().codebook)), default_cache())


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
        print(f"cold: spaCy {by_spacy:.1f} s, rules {by_rules:.1f} s: {by_rules / by_spacy:.2f} ×")
        print(f"after an edit, in memory: {in_memory(cleared(texts), codebook, cache):.2f} s")
        print(f"after an edit, in a new process: {in_new_process(texts, folder):.2f} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--again"]:
        again(Path(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:2]))
