"""Reflections to be timed, as cleared texts and as a survey's table; never printed.

The rules are timed on sentences of the demonstration, put together anew, as they always were; the
rest on those of `_reflections.py`, which hardly repeat themselves.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from _reflections import WORDS, reflections

import reflect_analysis as ra
from reflect_analysis.provenance import text_hash

__all__ = ["WORDS", "cleared", "recombined", "write_csv"]

COMMUNITIES = 20
A_PARTICIPANT = 5  # reflections, on the average
SESSIONS = 3


def recombined(n: int) -> list[str]:
    """Texts of about `WORDS` words, no two alike."""
    corpus = ra.read_corpus(ra.demo_files().corpus).where(lambda d: d.language == "en")
    sentences = [row.text.split() for row in ra.segment(corpus)]
    choose = random.Random(0)  # noqa: S311  # texts to be timed, not a secret
    texts: dict[str, None] = {}
    while len(texts) < n:
        words: list[str] = []
        while len(words) < WORDS:
            words += choose.choice(sentences)
        texts[" ".join(words[:WORDS])] = None
    return list(texts)


def cleared(texts: list[str]) -> ra.Corpus:
    """Texts as a corpus that somebody has cleared."""
    documents = tuple(ra.Document(f"T{i:05}", text) for i, text in enumerate(texts))
    hashes = (text_hash(text) for text in texts)
    clearances = tuple(ra.Clearance(sha, "benchmark", "composed") for sha in hashes)
    return ra.Corpus(documents, clearances=clearances)


def write_csv(path: Path, n: int) -> None:
    """A table of reflections as a survey gives it, each participant of one community."""
    people = max(1, n // A_PARTICIPANT)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "participant", "community", "session", "text"])
        for i, text in enumerate(reflections(n)):
            who = i % people
            session = i // people % SESSIONS + 1
            writer.writerow([f"T{i:06}", f"P{who:05}", f"c{who % COMMUNITIES + 1}", session, text])
