"""How well a fine-tuned coder learns one code a sentence from a file of coded sentences.

A file has the columns sentence, context, y (the code) and confidence (a list of numbers such as
"[5, 4]", one a coder). Accuracy, macro-F1 and Cohen's kappa are given for all sentences and for
those whose mean confidence is at least 3, 4 and 5, for each seed and for the mean of their
scores. Neighbouring sentences stand in each other's context, so that random folds leak: `split`
keeps rows whose sentence or context share words together.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reflect_analysis.coders import FineTunedCoder, MeanCoder
from reflect_analysis.coefficients import cohen_kappa

COLUMNS = ("sentence", "context", "y", "confidence")
LEAST = (None, 3, 4, 5)
# One file of the set spells this class in the plural.
SPELLINGS = {"Difficulties": "Difficulty"}
# So many equal words in a row are an overlap and no common phrase.
SHINGLE = 8


def read(path: Path) -> pd.DataFrame:
    """Sentences with codes and mean confidence; what is missing is told at once."""
    if not path.is_file():
        raise SystemExit(f"{path}: no such file")
    rows = pd.read_csv(path, keep_default_na=False, encoding="utf-8")
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise SystemExit(f"{path}: expected the columns {', '.join(COLUMNS)}, no {missing[0]!r}")
    rows["y"] = rows["y"].replace(SPELLINGS)
    rows["mean_confidence"] = [_mean(value) for value in rows["confidence"]]
    return rows


def _mean(confidence: str) -> float:
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", str(confidence))]
    return sum(numbers) / len(numbers) if numbers else math.nan


def overlapping(rows: pd.DataFrame) -> np.ndarray:
    """The group of each row: rows whose sentences or contexts share eight words in a row."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first: dict[tuple[str, ...], int] = {}
    pairs = [
        (row, first.setdefault(shingle, row))
        for row, texts in enumerate(zip(rows["sentence"], rows["context"], strict=True))
        for text in texts
        for shingle in _shingles(text)
    ]
    ones, (left, right) = np.ones(len(pairs)), np.array(pairs).T
    graph = coo_matrix((ones, (left, right)), shape=(len(rows), len(rows)))
    groups: np.ndarray = connected_components(graph, directed=False)[1]
    return groups


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    for start in range(max(1, len(words) - SHINGLE + 1)):
        if words[3:]:
            yield tuple(words[start : start + SHINGLE])


def split(rows: pd.DataFrame, *, by: str, share: float, seed: int) -> tuple[Any, Any]:
    """(rest, part): whole groups, or single rows, until the part has its share of rows."""
    units = overlapping(rows) if by == "group" else np.arange(len(rows))
    order = np.random.default_rng(seed).permutation(np.unique(units))
    sizes = np.bincount(units)[order]
    chosen = order[np.cumsum(sizes) < share * len(rows)]
    part = np.isin(units, chosen)
    return rows[~part].reset_index(drop=True), rows[part].reset_index(drop=True)


def few(rows: pd.DataFrame, each: int, seed: int) -> pd.DataFrame:
    """So many sentences of every code, or all where there are fewer, drawn at random."""
    mixed = rows.sample(frac=1, random_state=seed)
    return mixed.groupby("y").head(each).reset_index(drop=True)


def figures(test: pd.DataFrame, codes: Sequence[str], scores: np.ndarray) -> pd.DataFrame:
    """One row a least confidence: n, accuracy, macro-F1, kappa; nan where there is no row."""
    from sklearn.metrics import f1_score

    said = np.asarray(codes, dtype=object)[scores.argmax(axis=1)]
    table = {}
    for least in LEAST:
        kept = np.ones(len(test), bool) if least is None else (test.mean_confidence >= least)
        truth, guess = test.y.to_numpy()[kept], said[kept]
        name = "all" if least is None else f"confidence ≥ {least}"
        table[name] = {
            "n": int(kept.sum()),
            "accuracy": math.nan,
            "macro-F1": math.nan,
            "kappa": math.nan,
        }
        if kept.any():
            table[name] |= {
                "accuracy": float((truth == guess).mean()),
                "macro-F1": float(f1_score(truth, guess, average="macro", zero_division=0)),
                "kappa": _kappa(truth, guess),
            }
    return pd.DataFrame(table).T.astype({"n": int})


def _kappa(truth: np.ndarray, guess: np.ndarray) -> float:
    numbered = pd.factorize(np.concatenate([truth, guess]))[0]
    return float(cohen_kappa(numbered.reshape(2, -1).T))


def measure(train: pd.DataFrame, test: pd.DataFrame, given: argparse.Namespace) -> None:
    """Train with each seed, score the test rows, print the figures."""
    tables, scores = [], []
    for seed in given.seeds:
        rows = few(train, given.per_code, seed) if given.per_code else train
        coder = _coder(given, seed)
        began = time.monotonic()
        contexts = list(rows.context) if given.context else None
        coder.fit(list(rows.sentence), list(rows.y), contexts=contexts)
        beside = list(test.context) if given.context else None
        scores.append(coder.predict_proba(list(test.sentence), beside))
        tables.append(figures(test, coder.codes_, scores[-1]))
        minutes = (time.monotonic() - began) / 60
        print(f"\nseed {seed}: {len(rows):,} sentences, {minutes:.1f} minutes")
        print(_shown(tables[-1]), flush=True)
        codes = coder.codes_
    mean = np.mean(scores, axis=0)
    if not given.per_code:
        print(f"\nthe mean of the scores of {len(scores)} seeds (as members={len(scores)} gives)")
        print(_shown(figures(test, codes, mean)))
    _print_spread(tables)
    if given.out:
        np.savez(given.out, scores=mean, codes=codes)


def _print_spread(tables: Sequence[pd.DataFrame]) -> None:
    """Seeds one by one; with few sentences a code, each seed draws its own."""
    accuracy = np.array([table.accuracy for table in tables])
    print("\naccuracy of the seeds one by one: mean (lowest – highest)")
    for name, each in zip(tables[0].index, accuracy.T, strict=True):
        figures = f"{each.mean():.3f} ({each.min():.3f} – {each.max():.3f})"
        print(f"  {name}: {'–' if np.isnan(each).all() else figures}")


def _shown(table: pd.DataFrame) -> str:
    return table.to_string(float_format="{:.3f}".format, na_rep="–")


def _coder(given: argparse.Namespace, seed: int) -> FineTunedCoder | MeanCoder:
    last = [0.0]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - last[0] > 30 or done == total:  # noqa: PLR2004  # seconds
            last[0] = time.monotonic()
            print(f"  seed {seed}: {done:,} of {total:,} readings", file=sys.stderr, flush=True)

    own = {"exclusive": True, "seed": seed, "progress": tell}
    coders = [FineTunedCoder(**own | json.loads(settings)) for settings in given.settings]
    return coders[0] if len(coders) == 1 else MeanCoder(coders)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both ways of measuring take."""
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--per-code", type=int, metavar="N", help="learn from N sentences a code")
    parser.add_argument(
        "--context", action="store_true", help="read each sentence with its neighbours"
    )
    parser.add_argument(
        "--settings",
        metavar="JSON",
        nargs="+",
        help="of FineTunedCoder, such as '{\"epochs\": 2}'; several: the mean of several coders",
    )
    parser.add_argument("--out", type=Path, metavar="FILE.npz", help="keep the scores")


def pair(given: argparse.Namespace) -> None:
    """Train on one file, measure on another."""
    train, test = read(given.train), read(given.test)
    _head(given, f"trained on {given.train.name}, measured on {given.test.name}")
    measure(train, test, given)


def cered(given: argparse.Namespace) -> None:
    """Hold out a part of one file, by group and at random."""
    rows = read(given.file)
    for by in given.split:
        train, test = split(rows, by=by, share=given.share, seed=given.split_seed)
        _head(given, f"{given.file.name} split by {by} (seed {given.split_seed})")
        measure(train, test, given)


def _head(given: argparse.Namespace, what: str) -> None:
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    read_as = "with their neighbours" if given.context else "alone"
    each = f", {given.per_code} sentences a code" if given.per_code else ""
    print(
        f"\n{what}{each}; sentences {read_as}, settings {' + '.join(given.settings)}, seeds "
        f"{', '.join(map(str, given.seeds))}, threads: {threads}",
        flush=True,
    )
