"""Whether the coefficients of agreement reach the published figures, how fast, how often.

python benchmarks/agreement.py reference
python benchmarks/agreement.py speed
python benchmarks/agreement.py coverage [--studies 1000]
python benchmarks/agreement.py field [--field FOLDER]

`reference` prints every figure of tests/reference/coefficients.json beside what is reached.
`speed` times Krippendorff's alpha of 20 codes on 10,000 units of 3 coders with 2,000 draws of
whole participants, and beside it the packages `krippendorff` and `nltk` called once a draw
(20 draws of the first and one of the second are timed, and scaled). They are no part of this
project, and the first is under the GPL: install them apart (`pip install --target FOLDER
--no-deps krippendorff nltk`) and put FOLDER on PYTHONPATH.
It also times unitizing alpha of two coders' 300 segments on 100,000 characters.
`coverage` counts how often intervals hold the true value, on simulated studies in which the
passages of one participant resemble each other.
`field` counts again what was published on data that are not part of the project (FOLDER, by
default REFLECT_FIELD_DATA): SIGHT's nine kappas, and F1 of the group mentions' spans.

Not among the published figures: gamma, boundary similarity, DKPro's exact, maximal and Dice
studies and the five-unit sets, which are no coefficients of this project or come without data.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

# The tests run this file by itself, from elsewhere.
sys.path.insert(0, str(Path(__file__).parent))
from _measuring import Row, by_turns, timed

from reflect_analysis import coefficients
from reflect_analysis.coefficients import Coefficient, Interval, Resampling

REFERENCE = Path(__file__).parent.parent / "tests" / "reference" / "coefficients.json"
SLIPS, GAPS = 0.05, 0.02  # Shares of the ratings in the study that is timed.
PASSAGES, LETTERS = 300, 100_000  # The text on which unitizing alpha is timed.
NORMAL = 1.959963984540054  # Of the standard normal distribution, 97.5 % lie below.

Ratings = np.ndarray[Any, np.dtype[Any]]


# Published figures -------------------------------------------------------------------


def examples() -> list[dict[str, Any]]:
    """Published examples: their ratings and what is printed of them."""
    read: list[dict[str, Any]] = json.loads(REFERENCE.read_text(encoding="utf-8"))["examples"]
    return read


def reached(example: dict[str, Any], row: dict[str, Any]) -> float:
    """The figure that this project gives for a printed one."""
    settings = dict(row.get("settings", {}))
    if "sets" in example:
        return reached_on_sets(example, row)
    ratings = ratings_of(example)
    if category := settings.pop("of_category", None):
        ratings = np.where(np.isnan(ratings), np.nan, ratings == category)
    coefficient = getattr(coefficients, row["coefficient"])
    return PARTS[row.get("part", "value")](coefficient, ratings, settings)


def disagreement(_: Any, ratings: Ratings, settings: dict[str, Any]) -> tuple[float, float]:
    return coefficients.krippendorff_disagreement(ratings, **settings)


def chance(coefficient: Any, ratings: Ratings, settings: dict[str, Any]) -> float:
    """Expected agreement, from what was observed and what is left of it."""
    found = float(coefficient(ratings, **settings))
    return (float(coefficients.percent_agreement(ratings)) - found) / (1 - found)


class Gwet(Resampling):
    """The linearised variance as Gwet's programs have it: of n units, n2 with two ratings.

    There n / n2 is a constant of the sample; here it is drawn like all else. The two are the
    same where every unit has two ratings.
    """

    def of_sums(self, sums: Any, value: Callable[..., Any], **bounds: Any) -> Interval:
        """With the count of units as one more sum."""
        n, n2 = len(sums), sums[:, 1].sum()

        def held(totals: Any) -> Any:
            agree, paired, units = totals[..., 0], totals[..., 1], totals[..., -1]
            kappa = value(totals[..., :-1])
            expected = (agree / paired - kappa) / (1 - kappa)
            return n / n2 * (agree - expected * paired) / units / (1 - expected)

        return super().of_sums(np.column_stack([sums, np.ones(n)]), held, **bounds)


def bounds_of(part: str, kind: type[Resampling]) -> Callable[..., float]:
    """A part of the linearised interval."""

    def found(coefficient: Any, ratings: Ratings, settings: dict[str, Any]) -> float:
        how = kind(method="linear")
        return float(getattr(coefficient(ratings, **settings, interval=how).interval, part))

    return found


def asymptotic(side: int) -> Callable[..., float]:
    """A bound by the normal distribution and the variance of an infinite sample."""

    def bound(coefficient: Any, ratings: Ratings, settings: dict[str, Any]) -> float:
        found = coefficient(ratings, **settings, interval=Resampling(method="linear")).interval
        shrunk = math.sqrt((found.n_clusters - 1) / found.n_clusters)
        return float(found.value + side * NORMAL * found.standard_error * shrunk)

    return bound


PARTS: dict[str, Callable[..., float]] = {
    "value": lambda c, r, s: float(c(r, **s)),
    "observed": lambda c, r, s: disagreement(c, r, s)[0],
    "expected": lambda c, r, s: disagreement(c, r, s)[1],
    "chance": chance,
    "Gwet's standard error": bounds_of("standard_error", Gwet),
    "Gwet's lower": bounds_of("lower", Gwet),
    "Gwet's upper": bounds_of("upper", Gwet),
    "asymptotic lower": asymptotic(-1),
    "asymptotic upper": asymptotic(1),
}


def ratings_of(example: dict[str, Any]) -> Ratings:
    """Units × coders, from marks, from a table of two coders, or from counts of categories."""
    if "units" in example:
        marks = [[mark.replace(".", "nan") for mark in unit] for unit in example["units"].split()]
        return np.array(marks, dtype=float)
    if "table" in example:
        cells = np.ndenumerate(np.array(example["table"]))
        return np.array([pair for pair, n in cells for _ in range(n)], dtype=float) + 1
    return np.array([np.repeat(np.arange(len(unit)), unit) for unit in example["counts"]], float)


def reached_on_sets(example: dict[str, Any], row: dict[str, Any]) -> float:
    """The same for sets of codes; disagreement by numbering the sets that occur."""
    sets = sets_of(example)
    name = row["settings"]["distance"]
    distance = DISTANCES.get(name, name)
    if row.get("part", "value") == "value":
        return float(coefficients.set_alpha(sets, distance))
    known, numbers = np.unique(sets.reshape(-1, sets.shape[-1]), axis=0, return_inverse=True)
    both = coefficients.krippendorff_disagreement(
        numbers.reshape(sets.shape[:2]),
        lambda a, b: float(distance(known[int(a)], known[int(b)])),
    )
    return both[row["part"] == "expected"]


def sets_of(example: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Units × coders × codes, from letters."""
    pairs = [unit.split() for unit in example["sets"].split("|")]
    return np.array([[[code in one for code in "ABC"] for one in pair] for pair in pairs])


def meeting(one: Any, two: Any) -> Any:
    """0 equal, 1/3 one holds the other, 2/3 overlapping, 1 apart (Passonneau 2004)."""
    equal = (one == two).all(axis=-1)
    holds = (one <= two).all(axis=-1) | (one >= two).all(axis=-1)
    overlap = (one & two).any(axis=-1)
    return np.select([equal, holds, overlap], [0, 1 / 3, 2 / 3], 1.0)


DISTANCES = {
    "set": meeting,
    "dkpro": lambda one, two: meeting(one, two) * coefficients.jaccard_distance(one, two),
}


def as_printed(value: float, row: dict[str, Any]) -> bool:
    """Whether a value rounds to the printed digits, or is as near as the print is exact."""
    digits = len(row["printed"].partition(".")[2])
    within = row.get("within", 0.5 * 10**-digits)
    return bool(abs(value - float(row["printed"])) <= within + 1e-9)


def reference() -> None:
    missed = total = 0
    for example in examples():
        print(f"\n{example['id']}: {example['source']}")
        for row in example["expected"]:
            value = reached(example, row)
            total += 1
            missed += not as_printed(value, row)
            of = ", ".join(f"{key} {value}" for key, value in row.get("settings", {}).items())
            what = f"{row['coefficient']}{' (' + of + ')' if of else ''} {row.get('part', '')}"
            mark = row.get("because", "") if as_printed(value, row) else "MISSED"
            print(f"  {what:<58}{row['printed']:>10}{value:>12.6f}  {mark}")
    print(f"\n{total - missed} of {total} published figures reached to the printed digits")


# Speed ---------------------------------------------------------------------------------


def study(*, codes: int, units: int, coders: int, participants: int) -> tuple[Ratings, Ratings]:
    """Ratings, (n_units, n_coders, n_codes), with gaps, and the participant of each unit."""
    random = np.random.default_rng(4)
    truth = random.random((units, 1, codes)) < np.linspace(0.02, 0.5, codes)
    slips = random.random((units, coders, codes)) < SLIPS
    ratings = (truth ^ slips).astype(float)
    ratings[random.random(ratings.shape) < GAPS] = np.nan
    return ratings, random.integers(0, participants, units)


def passages() -> list[tuple[str, str, int, int]]:
    """Two coders' passages of five codes that do not overlap, at borders of their own."""
    random = np.random.default_rng(4)
    marks = []
    for coder in ("first", "second"):
        ends = np.sort(random.choice(LETTERS, 2 * PASSAGES, replace=False)).reshape(-1, 2)
        codes = random.integers(0, 5, PASSAGES)
        for (start, end), code in zip(ends, codes, strict=True):
            marks.append((coder, f"code {code}", int(start), int(end)))
    return marks


def alphas_of(name: str) -> Callable[[Ratings], float]:
    """Alpha of one code by another package, of ratings (n_units, n_coders) with NaN.

    Raises
    ------
    ImportError
        If the package is not installed.
    """
    module = importlib.import_module(RIVALS[name])
    if name == "krippendorff":
        return lambda ratings: float(
            module.alpha(reliability_data=ratings.T, level_of_measurement="nominal")
        )

    def by_task(ratings: Ratings) -> float:
        units, coders = np.nonzero(~np.isnan(ratings))
        triples = zip(coders.tolist(), units.tolist(), ratings[units, coders].tolist(), strict=True)
        return float(module.AnnotationTask(list(triples)).alpha())

    return by_task


# The module of each package that alpha is timed beside.
RIVALS = {"krippendorff": "krippendorff", "nltk": "nltk.metrics.agreement"}


def rows(*, quick: bool, timed_draws: int | None = None) -> Iterator[Row]:
    """Unitizing alpha, and alpha with intervals beside two packages called once a draw."""
    yield unitizing_row()
    units, draws, turns = (2_000, 500, 2) if quick else (10_000, 2_000, 3)
    yield from alpha_rows(units, draws, timed_draws or (3 if quick else 20), turns)


def alpha_rows(units: int, draws: int, timed_draws: int, turns: int) -> Iterator[Row]:
    """Krippendorff's alpha of 20 codes; the packages' time is scaled from a few draws."""
    ratings, who = study(codes=20, units=units, coders=3, participants=units // 20)
    n_codes = ratings.shape[2]
    how = Resampling(who, "bca", draws)

    def ours() -> None:
        for code in range(n_codes):
            coefficients.krippendorff_alpha(ratings[:, :, code], interval=how)

    what = f"alpha of {n_codes} codes, {units:,} units × 3 coders, {draws:,} draws"
    for name, asked in (("krippendorff", "at most 10 s, at least 50 ×"), ("nltk", "")):
        alpha = alphas_of(name)
        # nltk needs seconds for one draw, and varies less than that.
        few = timed_draws if name == "krippendorff" else 1
        random = np.random.default_rng(0)

        def theirs() -> None:
            for index in random.integers(0, units, size=(few, units)):  # noqa: B023  # called at once
                alpha(ratings[index, :, int(random.integers(n_codes))])  # noqa: B023  # the same

        mine, other = by_turns(ours, theirs, turns)
        scaled = tuple(each / (few / (draws * n_codes)) for each in other)
        yield Row(what, mine, f"{name}, once a draw (scaled from {few})", scaled, asked)


def unitizing_row() -> Row:
    """Unitizing alpha; no package beside which it could be timed is installed with pip alone."""
    marks = passages()
    times = [timed(lambda: coefficients.unitizing_alpha(marks, LETTERS)) for _ in range(5)]
    what = f"unitizing alpha, 2 × {PASSAGES} segments"
    return Row(what, tuple(times), asked="at most 50 ms")


def speed(draws: int, timed_draws: int) -> None:
    print(unitizing_row())
    try:
        for row in alpha_rows(10_000, draws, timed_draws, 3):
            print(row, flush=True)
    except ImportError as error:
        print(f"package {error.name}: not installed, see the head of this file")


# Published on data of others -----------------------------------------------------------


# Wang, R. E., et al. (2023). SIGHT. BEA 2023: results/0shot_IRR.txt of the data's repository.
SIGHT = {
    "general": 0.7538,
    "confusion": 0.9100,
    "pedagogy": 0.7871,
    "setup": 0.9506,
    "gratitude": 0.9215,
    "personal_experience": 0.7431,
    "clarification": 0.8298,
    "non_english": 0.9375,
    "na": 0.7369,
}
MENTIONS = {False: 0.4358, True: 0.6147}  # Exact F1 of spans as they are, and trimmed.


def sight(
    folder: Path, coefficient: Callable[..., Coefficient] = coefficients.cohen_kappa
) -> Iterator[tuple[str, float, float]]:
    """Kappa of two coders of comments, or another coefficient: code, published, reached."""
    path = folder / "sight" / "comments-two-coders.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for code, published in SIGHT.items():
        columns = [f"annotator_{coder}_{code}" for coder in ("H1", "H2")]
        ratings = [[float(row[column] or "nan") for column in columns] for row in rows]
        yield code, published, float(coefficient(ratings))


def mentions(folder: Path) -> Iterator[tuple[str, float, float]]:
    """Exact F1 of two coders' spans: how, counted with sets of tuples, reached."""
    path = folder / "group_mentions" / "two-coder-spans.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {f"{number}": row["text"] for number, row in enumerate(rows)}
    spans = [
        (coder, *span, f"{number}")
        for number, row in enumerate(rows)
        for coder in ("coder1", "coder2")
        for span in row[coder]
    ]
    for trim, known in MENTIONS.items():
        found = coefficients.match_spans(spans, texts, trim=trim).overall.exact.f1
        yield "trimmed" if trim else "raw", known, float(found)


def field(folder: str) -> None:
    if not folder:
        raise SystemExit("name the folder of the data: --field FOLDER, or REFLECT_FIELD_DATA")
    for title, rows in (
        ("SIGHT, Cohen's kappa", sight(Path(folder))),
        ("group mentions, exact F1", mentions(Path(folder))),
    ):
        print(title)
        for name, known, value in rows:
            mark = "" if round(value, 4) == known else "MISSED"
            print(f"  {name:<24}{known:>10.4f}{value:>12.6f}  {mark}")


# Coverage ------------------------------------------------------------------------------


def simulated(
    random: np.random.Generator, participants: int, passages: int, share: float
) -> tuple[Ratings, Ratings]:
    """Two coders' presence of a code; how often it is there, and how clear, is a person's own."""
    from scipy.special import ndtr, ndtri

    who = np.repeat(np.arange(participants), passages)
    leaning = random.normal(size=participants)[who] * math.sqrt(0.5)
    truth = random.random(len(who)) < ndtr(ndtri(share) * math.sqrt(1.5) + leaning)
    error = 0.2 * (1 - random.beta(2, 1, size=participants)[who]) + 0.03
    slips = random.random((2, len(who))) < error * np.where(truth, 1.5, 0.6)
    return (truth ^ slips).T.astype(float), who


MEASURES: dict[str, Callable[..., Coefficient]] = {
    "alpha": coefficients.krippendorff_alpha,
    "kappa": coefficients.cohen_kappa,
    "positive": coefficients.positive_agreement,
    "AC1": lambda r, **how: coefficients.gwet_ac1(r, categories=(0, 1), **how),
}


def counted(
    participants: int, passages: int, share: float, *, studies: int, draws: int = 2000
) -> Iterator[tuple[str, str, float, float, float]]:
    """Measure, method, coverage, mean width and share without an interval."""
    random = np.random.default_rng(0)
    large, _ = simulated(random, 200_000, 4, share)
    truth = {name: float(measure(large)) for name, measure in MEASURES.items()}
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in range(studies):
        ratings, who = simulated(random, participants, passages, share)
        for method in ("bca", "percentile", "jackknife", "linear"):
            how = Resampling(who, method, draws, random_state=one)
            for name, measure in MEASURES.items():
                interval = measure(ratings, interval=how).interval
                low, high = interval or (math.nan, math.nan)
                found.setdefault((name, method), []).append((low, high))
    for (name, method), intervals in found.items():
        lower, upper = np.array(intervals).T
        there = ~np.isnan(lower)
        held = ((lower <= truth[name]) & (truth[name] <= upper))[there].mean()
        yield name, method, held, (upper - lower)[there].mean(), 1 - there.mean()


def coverage(studies: int) -> None:
    print("participants × passages, share: measure, method: held 95 %, mean width, none")
    for share in (0.1, 0.3):
        for participants, passages in ((15, 4), (30, 4), (60, 4), (150, 4), (60, 1), (150, 1)):
            print(f"{participants} × {passages}, {share:.0%}", flush=True)
            for row in counted(participants, passages, share, studies=studies):
                print("  {:<9}{:<11}{:>8.1%}{:>7.2f}{:>7.1%}".format(*row))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("reference", help="published figures and what is reached")
    command.set_defaults(run=lambda _: reference())
    command = commands.add_parser("speed", help="20 codes × 10,000 units × 3 coders")
    command.add_argument("--draws", type=int, default=2000)
    command.add_argument("--timed", type=int, default=20, help="draws timed of the other package")
    command.set_defaults(run=lambda given: speed(given.draws, given.timed))
    command = commands.add_parser("coverage", help="how often intervals hold the true value")
    command.add_argument("--studies", type=int, default=1000)
    command.set_defaults(run=lambda given: coverage(given.studies))
    command = commands.add_parser("field", help="published figures on data of others")
    command.add_argument("--field", default=os.environ.get("REFLECT_FIELD_DATA", ""))
    command.set_defaults(run=lambda given: field(given.field))
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
