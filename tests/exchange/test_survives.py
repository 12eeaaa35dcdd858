"""README's table of what survives each way is the one that the round trips give."""

import importlib
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent.parent
README = HOME / "README.md"


@pytest.fixture(scope="module")
def survives():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(HOME / "benchmarks"))
        yield importlib.import_module("survives")


@pytest.fixture(scope="module")
def rows(survives):
    return survives.table()


def column(rows, name):
    at = rows[0].index(name)
    return {row[0]: row[at] for row in rows[1:]}


def test_the_table_in_readme_is_the_one_that_is_measured(survives, rows):
    assert survives.differences(README.read_text(encoding="utf-8"), rows) == []


def test_everything_of_a_study_comes_back_by_its_own_way(rows):
    assert set(column(rows, "`.qdpx` back here").values()) == {"yes"}


def test_a_refusal_to_be_quoted_survives_every_program_that_keeps_descriptions(rows):
    for way in ("`.qdpx` by another program", "the same for NVivo"):
        assert column(rows, way)["consent to be quoted"] == "yes"


def test_no_machine_becomes_a_person_on_its_way_through_another_program(rows):
    for way in ("`.qdpx` by another program", "the same for NVivo"):
        assert column(rows, way)["machine or person"] == "yes"


def test_a_wrong_cell_a_missing_row_and_a_missing_table_are_noticed(survives, rows):
    right = f"before\n{survives.as_markdown(rows)}\nafter"
    assert survives.differences(right, rows) == []
    number = next(n for n, line in enumerate(right.split("\n")) if line.startswith("| memos"))
    lines = right.split("\n")
    wrong = [*lines]
    wrong[number] = wrong[number].replace("| yes |", "| no |", 1)
    (told,) = survives.differences("\n".join(wrong), rows)
    assert told == "memos, `.qdpx` back here: 'no', and 'yes' was measured"
    without = "\n".join(line for n, line in enumerate(lines) if n != number)
    assert survives.differences(without, rows)
    short = [*lines]
    short[number] = short[number].rpartition(" | ")[0] + " |"
    assert survives.differences("\n".join(short), rows)
    assert survives.differences("no table", rows)
