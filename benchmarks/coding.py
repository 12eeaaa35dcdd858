"""How well coders agree with people.

python benchmarks/coding.py rules [--half held-out|development]
python benchmarks/coding.py cered FILE.csv [--split group random]
python benchmarks/coding.py sight [FILE.csv] [--splits 5] [--without rules similarity]
python benchmarks/coding.py --train A.csv --test B.csv [--per-code 50]
python benchmarks/coding.py speed [--reflections 10000]

`cered`, and the pair of files, are told of in `_cered.py`, `sight` in `_sight.py`, `speed` in
`_rule_speed.py`. `rules` measures the rules of the starter codebook against the two readings of
the demonstration corpus.

The unit is the reflection: a code is present in it or not. Cohen's kappa is given for each
code with at least ten positives by each coder, beside the coders' own. The patterns were
written on the development half; figures on the held-out half are the ones that count.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from pathlib import Path

import _cered
import _rule_speed
import _sight
import pandas as pd

import reflect_analysis as ra
from reflect_analysis.coefficients import cohen_kappa

# The halves that corpus/README.md states.
HALVES = {"development": {"c1", "c3", "c5", "c7"}, "held-out": {"c2", "c4", "c6", "c8"}}
CODERS = ("coder-1", "coder-2")
FEWEST = 10


def presence(codings: ra.Codings, coder: str, codebook: ra.Codebook) -> pd.DataFrame:
    """Documents × codes of one coder; a passage of a subcode counts for its parent too."""
    matrix: pd.DataFrame = codings.to_matrix(coder=coder).reindex(columns=list(codebook.ids))
    read = [row.document_id for row in codings.seen if row.coder == coder]
    matrix = matrix.reindex(sorted(set(read)))
    if coder in CODERS:
        matrix = matrix.fillna(0)
    machine = coder not in CODERS
    rolled = {
        code_id: matrix[list(codebook.family(code_id, machine=machine))].max(axis=1)
        for code_id in codebook.ids
    }
    return matrix.assign(**rolled)


def kappa(first: pd.Series, second: pd.Series) -> float:
    """Cohen's kappa on the documents that both read."""
    both = pd.concat([first, second], axis=1).dropna()
    return float(cohen_kappa(both.to_numpy()))


def agreement(codings: ra.Codings, codebook: ra.Codebook) -> pd.DataFrame:
    """One row a machine-applicable code: positives and the three kappas."""
    readings = [presence(codings, coder, codebook) for coder in CODERS]
    rules = presence(codings, "rules", codebook)
    rows = []
    for code in codebook.machine_codes():
        one, two = (matrix[code.id] for matrix in readings)
        rows.append(
            {
                "code": code.id,
                "coder-1": int(one.sum()),
                "coder-2": int(two.sum()),
                "rules": rules[code.id].sum(min_count=1),
                "readings": kappa(one, two),
                "rules vs 1": kappa(rules[code.id], one),
                "rules vs 2": kappa(rules[code.id], two),
            }
        )
    return pd.DataFrame(rows).set_index("code")


def mean(values: Iterable[float]) -> float:
    """Mean of the defined values."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan


def rules(half: str) -> None:
    files = ra.demo_files()
    codebook = ra.read_codebook(files.codebook)
    corpus = ra.read_corpus(files.corpus)
    chosen = corpus.where(lambda d: corpus.attributes_of(d).get("community") in HALVES[half])
    readings = ra.read_codings(*files.codings).of_documents([d.id for d in chosen])
    read = {row.document_id for row in readings.seen}
    segments = ra.segment(chosen.where(lambda d: d.id in read), by="sentence")
    codings = readings + ra.code_segments(ra.RuleCoder(codebook), segments, codebook)
    table = agreement(codings, codebook)
    print(f"{len(read)} reflections of the {half} half; kappa by reflection")
    print(table.to_string(float_format="{:.2f}".format, na_rep="–"))
    enough = table[table[list(CODERS)].min(axis=1) >= FEWEST]
    machine = enough[["rules vs 1", "rules vs 2"]].mean(axis=1)
    print(f"\n{len(enough)} codes with at least {FEWEST} positives by each coder:")
    print(
        f"  the two readings with each other: mean {mean(enough['readings']):.2f}, "
        f"lowest {enough['readings'].min():.2f}"
    )
    print(
        f"  rules with the readings:          mean {mean(machine):.2f}, lowest {machine.min():.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=Path, metavar="A.csv", help="coded sentences to learn from")
    parser.add_argument("--test", type=Path, metavar="B.csv", help="coded sentences to measure on")
    _cered.add_options(parser)
    parser.set_defaults(seeds=[0, 1, 2], settings=["{}"])
    commands = parser.add_subparsers()
    command = commands.add_parser("rules", help="rules against two readings of the demonstration")
    command.add_argument("--half", choices=sorted(HALVES), default="held-out")
    command.set_defaults(run=lambda given: rules(given.half))
    command = commands.add_parser(
        "cered",
        help="hold out a part of a file of coded sentences",
        argument_default=argparse.SUPPRESS,  # what stands before the command is kept
    )
    command.add_argument("file", type=Path, metavar="FILE.csv")
    command.add_argument("--split", nargs="+", choices=("group", "random"), default=["group"])
    command.add_argument("--share", type=float, default=0.15, help="of the rows to hold out")
    command.add_argument("--split-seed", type=int, default=0)
    _cered.add_options(command)
    command.set_defaults(run=_cered.cered)
    command = commands.add_parser("sight", help="comments under lectures, nine codes, two coders")
    _sight.add_options(command)
    command.set_defaults(run=_sight.sight)
    command = commands.add_parser("speed", help="how long the rules take, beside spaCy's own pass")
    command.add_argument("--reflections", type=int, default=10_000, metavar="N")
    command.set_defaults(run=lambda given: _rule_speed.main(given.reflections))
    given = parser.parse_args()
    if not hasattr(given, "run") and (given.train is None or given.test is None):
        parser.error("give a command, or --train and --test")
    getattr(given, "run", _cered.pair)(given)


if __name__ == "__main__":
    main()
