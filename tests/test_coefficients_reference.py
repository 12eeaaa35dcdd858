"""Published figures of agreement, each to the printed digits."""

import csv
import os
import runpy
from pathlib import Path

import pytest

from reflect_analysis.coefficients import cohen_kappa, krippendorff_alpha

BENCHMARK = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "agreement.py"))
ROWS = [(example, row) for example in BENCHMARK["examples"]() for row in example["expected"]]


def named(part):
    if "expected" in part:
        return part["id"]
    settings = "-".join(str(value) for value in part.get("settings", {}).values())
    return "-".join(filter(None, [part["coefficient"], settings, part.get("part", "")]))


@pytest.mark.parametrize(("example", "row"), ROWS, ids=named)
def test_a_published_figure_is_reached(example, row):
    value = BENCHMARK["reached"](example, row)
    assert BENCHMARK["as_printed"](value, row), f"{row['printed']} is printed, {value:.6f} reached"


def test_every_published_example_names_its_source():
    examples = BENCHMARK["examples"]()
    assert len({example["id"] for example in examples}) == len(examples)
    assert all(example["source"] and example["expected"] for example in examples)
    assert all(row["because"] for _, row in ROWS if "within" in row)


# Two people's codes of comments on lectures: Wang, R. E., Wirawarn, P., Goodman, N., & Demszky,
# D. (2023). SIGHT: A large annotated dataset on student insights gathered from higher education
# transcripts. BEA 2023; the figures stand in the data's repository, results/0shot_IRR.txt.
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


@pytest.mark.field
@pytest.mark.parametrize("code", SIGHT)
def test_field_published_kappas_of_comments_are_reached(code):
    if "REFLECT_FIELD_DATA" not in os.environ:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    path = Path(os.environ["REFLECT_FIELD_DATA"]) / "sight" / "comments-two-coders.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    columns = [f"annotator_{coder}_{code}" for coder in ("H1", "H2")]
    ratings = [[float(row[column] or "nan") for column in columns] for row in rows]
    assert round(float(cohen_kappa(ratings)), 4) == SIGHT[code]
    assert abs(krippendorff_alpha(ratings).value - SIGHT[code]) < 0.01
