"""Published figures of agreement, each to the printed digits."""

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


@pytest.mark.field
@pytest.mark.parametrize("code", BENCHMARK["SIGHT"])
def test_field_published_kappas_of_comments_are_reached(code):
    if "REFLECT_FIELD_DATA" not in os.environ:
        pytest.skip("REFLECT_FIELD_DATA is not set")
    folder = Path(os.environ["REFLECT_FIELD_DATA"])
    kappa, alpha = (
        {name: value for name, _, value in BENCHMARK["sight"](folder, coefficient)}[code]
        for coefficient in (cohen_kappa, krippendorff_alpha)
    )
    assert round(kappa, 4) == BENCHMARK["SIGHT"][code]
    assert abs(alpha - BENCHMARK["SIGHT"][code]) < 0.01
