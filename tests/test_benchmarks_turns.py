"""What the line below the table of benchmarks says is so: turns, their order, their spread."""

import importlib
from itertools import count
from pathlib import Path

import pytest


@pytest.fixture
def module(monkeypatch):
    """A benchmark by its name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
    return importlib.import_module


def test_a_page_is_told_by_all_of_its_runs(module, monkeypatch):
    panel = module("panel")
    figures = {"shown": [80.0, 90.0, 100.0], "key to paint": [30.0], "longest frame": [20.0, 40.0]}
    monkeypatch.setattr(panel, "each_size", lambda runs: [(18_000, 400, figures)])
    shown, key, frame = panel.rows(quick=True)
    assert "90 ms (80 ms–100 ms)" in shown.cells()
    assert "30 ms" in key.cells()
    assert "30 ms (20 ms–40 ms)" in frame.cells()


def test_a_large_study_is_opened_and_merged_several_times(module, monkeypatch):
    project = module("project")
    monkeypatch.setattr(project, "decision_row", lambda *_, **__: None)
    asked = []

    def large_study(folder, documents, codings, turns):
        asked.append(turns)
        return project.Opened([1.0, 2.0, 3.0], [1.0], [0.1, 0.2, 0.3], [4.0, 5.0, 6.0], 2 * codings)

    monkeypatch.setattr(project, "large_study", large_study)
    _, opened, view, merge = project.rows(quick=True)
    assert asked == [3]
    assert "2.0 s (1.0 s–3.0 s)" in opened.cells()
    assert "200 ms (100 ms–300 ms)" in view.cells()
    assert "5.0 s (4.0 s–6.0 s)" in merge.cells()


def test_a_merge_leaves_the_study_that_the_next_turn_merges_into(module, tmp_path):
    project, study = module("project"), module("_study")
    first, second = tmp_path / "first.reflect", tmp_path / "second.reflect"
    study.make(first, 5)
    study.copy(first, second)
    for number, path in enumerate((first, second)):
        study.add_codings(path, 20, seed=number)
    assert [project.merged(first, second)[1] for _ in range(2)] == [40, 40]


def test_reading_and_parsing_take_turns_in_beginning(module, monkeypatch):
    exchange = module("exchange")
    order = []

    def run(code, path):
        order.append("read" if code == exchange.READ else "parse")
        return {"clock": len(order), "processor": 1.0}

    monkeypatch.setattr(exchange, "run", run)
    monkeypatch.setattr(exchange, "compose", lambda *_: None)
    (row,) = exchange.rows(quick=True)
    assert order == ["read", "parse", "parse", "read"]
    assert [each.clock for each in row.ours] == [1, 4]
    assert [each.clock for each in row.theirs] == [2, 3]


def test_the_passes_over_a_part_change_their_order_from_part_to_part(module, monkeypatch):
    speed, numbers = module("_rule_speed"), count()
    for name in ("pipeline", "model_name", "matcher_of", "cleared"):
        monkeypatch.setattr(speed, name, lambda *_: None)
    monkeypatch.setattr(speed, "timed", lambda _: next(numbers))
    found = speed.cold(["a text"] * speed.PARTS, None, None)
    assert found[speed.SPACY] == [0, 4, 5, 8, 9]
    assert found[speed.RULES] == [1, 3, 6, 7, 10]
    assert found[speed.MATCHER] == [2]


def test_after_an_edit_a_process_without_results_takes_turns(module, monkeypatch, tmp_path):
    speed, seen = module("_rule_speed"), []
    (tmp_path / "parses").mkdir()
    (tmp_path / "parses/a.zip").touch()
    (tmp_path / "finds").mkdir()

    def in_new_process(texts, folder, how, turn, cache):
        seen.append(sorted(each.name for each in cache.iterdir() if each.is_dir()))
        return len(seen)

    monkeypatch.setattr(speed, "in_new_process", in_new_process)
    found = list(speed._fresh([], tmp_path, speed.EDITS[0], 2))
    with_results = [[n for n in each if "alone" not in n] == ["finds", "parses"] for each in seen]
    assert with_results == [True, False, False, True]
    assert found == [(1, 2), (4, 3)]
    assert not list(tmp_path.glob("parses alone*"))


def test_what_was_timed_once_has_no_brackets_whatever_it_stands_beside(module):
    measuring = module("_measuring")
    once = (measuring.Seconds(10.0, 5.0),) * 3
    ours = tuple(measuring.Seconds(float(each), each) for each in (1, 2, 4))
    assert measuring.Row("a", ours, "b", once).cells()[3] == "10 s"
