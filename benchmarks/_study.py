"""Made-up studies of any size, for `project.py`: words that mean nothing, coded at random."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.project import Event, Project
from reflect_analysis.project.engine import Address, connect_engine, writing
from reflect_analysis.project.entries import Entry, write_entries
from reflect_analysis.project.rows import coding_row

CODES = tuple(f"code_{number}" for number in range(30))
CODERS = 8
_WORDS = tuple(f"word{number}" for number in range(3000))
_BATCH = 20_000


def chance(seed: int | str | None = None) -> random.Random:
    """Random numbers; from a seed always the same."""
    return random.Random(seed)  # noqa: S311  # lots, not secrets


def corpus(documents: int, words: int = 150) -> Corpus:
    """Documents of some words each, by a twentieth as many participants, cleared."""
    random_words = chance(1)
    people = max(1, documents // 20)
    made = tuple(
        Document(
            f"d{number:05d}",
            f"{number} {' '.join(random_words.choices(_WORDS, k=words))}",
            case_id=f"P{number % people:04d}",
        )
        for number in range(documents)
    )
    cases = tuple(Case(f"P{number:04d}") for number in range(people))
    return Corpus(made, cases, tuple(Clearance(each.sha256, "lead", "read") for each in made))


def codebook() -> Codebook:
    """Thirty codes."""
    codes = tuple(Code(each, each, "A code of no meaning.", "all") for each in CODES)
    return Codebook(codes, (Group("all", "All"),))


def make(target: str | Path, documents: int) -> None:
    """A project that is ready to be coded."""
    with Project.create(target, title="A made-up study") as project:
        project.save(by="lead", corpus=corpus(documents), codebook=codebook())


def copy(made: Path, target: Path) -> None:
    """A copy, as it is sent to a partner."""
    shutil.copy2(made, target)


def add_codings(target: Path, count: int, seed: int) -> None:
    """Codings as coders make them, each an event of its own."""
    address = Address(target)
    engine = connect_engine(address)
    with Project.open(target) as project:
        hashes = {each.id: each.sha256 for each in project.corpus()}
        version = project.codebook().version
    entries = _entries(hashes, version, count, seed)
    while batch := list(islice(entries, _BATCH)):
        with writing(engine, address) as connection:
            write_entries(connection, batch)
    engine.dispose()


def _entries(hashes: dict[str, str], version: str, count: int, seed: int) -> Iterator[Entry]:
    lots = chance(seed)
    ids, at = sorted(hashes), datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        at += timedelta(seconds=lots.uniform(1, 13))
        document_id, start = ids[number % len(ids)], lots.randrange(500)
        coder = f"coder-{lots.randrange(CODERS)}"
        coding = Coding(
            document_id, start, start + 50, lots.choice(CODES), coder, at=at,
            codebook_version=version,
        )  # fmt: skip
        stamp = at.isoformat(timespec="microseconds")
        event = Event(f"{lots.getrandbits(128):032x}", stamp, coder, "record", None)
        yield Entry(event, {"codings": (coding_row(coding, hashes[document_id]),)})
