"""The benchmarks' common parts: rows of figures, the table, growth; nothing is timed here."""

import importlib
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "benchmarks"


@pytest.fixture(autouse=True)
def beside(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.fixture
def measuring():
    return importlib.import_module("_measuring")


@pytest.fixture
def table():
    return importlib.import_module("table")


@pytest.fixture
def growth():
    return importlib.import_module("growth")


def row_of(measuring, ours, theirs=(), asked=""):
    def seconds(clocks):
        return tuple(measuring.Seconds(clock, clock / 2) for clock in clocks)

    return measuring.Row("a thing", seconds(ours), "a rival", seconds(theirs), asked)


def test_a_ratio_says_how_many_times_as_fast_ours_is_by_the_turn(measuring):
    row = row_of(measuring, (1.0, 2.0, 4.0), (10.0, 10.0, 10.0))
    assert row.ratio() == 5
    assert row.spread() == (2.5, 10)
    assert row.ratio("processor") == 5


def test_turns_that_do_not_pair_are_refused(measuring):
    with pytest.raises(ValueError, match="zip"):
        row_of(measuring, (1.0, 2.0), (3.0,)).ratio()


def test_a_row_without_a_rival_has_no_ratio_and_says_so(measuring):
    row = row_of(measuring, (0.02,), asked="at most 50 ms")
    assert math.isnan(row.ratio())
    assert row.cells() == ("a thing", "20 ms", "a rival", "–", "–", "–", "at most 50 ms")
    assert str(row) == "a thing: 20 ms; asked: at most 50 ms"


def test_each_turn_runs_both_and_the_first_changes(measuring):
    order = []
    ours, theirs = measuring.by_turns(lambda: order.append("a"), lambda: order.append("b"), 3)
    assert "".join(order) == "abbaab"
    assert len(ours) == len(theirs) == 3


def test_the_processor_of_processes_that_were_waited_for_counts(measuring):
    code = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    spent = measuring.timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))
    assert spent.processor >= 0.15


def test_the_table_is_markdown_with_as_many_cells_in_every_line(measuring):
    rows = [row_of(measuring, (0.5, 1.5), (3.0, 3.0)), row_of(measuring, (12.0,))]
    lines = measuring.markdown(rows).splitlines()
    assert {line.count("|") for line in lines} == {8}
    assert lines[2].startswith("| a thing | 1.0 s (500 ms–1.5 s) | a rival | 3.0 s")
    assert "4.0 × (2.0–6.0)" in lines[2]


def test_memory_is_told_of_this_process_of_those_it_began_and_of_all_at_one_moment(measuring):
    code = "import time; held = bytearray(60_000_000); time.sleep(1)"
    with measuring.Memory(0.02) as memory:
        subprocess.run([sys.executable, "-c", code], check=True)
    assert memory.together >= 60_000_000
    assert memory.own >= 20_000_000
    assert memory.whole >= memory.own + 60_000_000
    assert max(memory.each.values()) >= 60_000_000


def test_what_processes_share_counts_once(measuring):
    one, other = (
        SimpleNamespace(rss=rss, shared=shared) for rss, shared in ((500, 300), (400, 100))
    )
    assert measuring._held([("python", one), ("python", other)]) == 200 + 300 + 300
    assert measuring._held([("python", one), ("chromium", other)]) == 500 + 400
    bare = SimpleNamespace(rss=5)  # as macOS and Windows tell it
    assert measuring._held([("python", bare), ("python", bare)]) == 10
    assert measuring._held([]) == 0


# ── the command ──


def stood_in(table, monkeypatch, **parts):
    """Parts of the table that give rows, or raise, without measuring."""
    monkeypatch.setattr(table, "PARTS", {name: name for name in parts})

    def module(name):
        def rows(*, quick):
            assert quick
            made = parts[name]
            if isinstance(made, Exception):
                raise made
            yield made

        return type("Module", (), {"rows": staticmethod(rows)})

    monkeypatch.setattr(table.importlib, "import_module", module)


def run(table, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["table.py", "--quick", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        table.main()
    return end.value.code


def test_a_new_file_gets_the_table_and_another_run_replaces_it(
    table, measuring, monkeypatch, tmp_path, capsys
):
    path = tmp_path / "the figures.md"
    stood_in(table, monkeypatch, first=row_of(measuring, (1.0,), (2.0,)))
    assert run(table, monkeypatch, "--write", path) == 0
    first = path.read_text(encoding="utf-8")
    assert first.startswith(f"{table.BEGIN}\n| what |")
    assert "Python" in first
    path.write_text(f"# Title\n\n{first}\nAfter.\n", encoding="utf-8")
    stood_in(table, monkeypatch, first=row_of(measuring, (1.0,), (3.0,)))
    assert run(table, monkeypatch, "--write", path) == 0
    second = path.read_text(encoding="utf-8")
    assert second.startswith("# Title\n\n")
    assert second.endswith("\nAfter.\n")
    assert second.count(table.BEGIN) == 1
    assert "3.0 ×" in second
    assert "2.0 ×" not in second
    assert "3.0 ×" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["Mine.", "<!-- /bench -->\n<!-- bench: python benchmarks/table.py -->"]
)
def test_a_file_without_marks_is_left_alone_and_nothing_is_measured(
    table, monkeypatch, tmp_path, text
):
    stood_in(table, monkeypatch, first=AssertionError("it was measured"))
    path = tmp_path / "mine.md"
    path.write_text(text, encoding="utf-8")
    assert "expected the lines" in run(table, monkeypatch, "--write", path)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_that_is_not_there_is_named_before_anything_is_measured(
    table, monkeypatch, tmp_path
):
    stood_in(table, monkeypatch, first=AssertionError("it was measured"))
    assert "no folder" in run(table, monkeypatch, "--write", tmp_path / "none" / "a.md")
    assert "is a folder" in run(table, monkeypatch, "--write", tmp_path)


def test_what_could_not_be_measured_is_named_below_and_costs_no_other_figure(
    table, measuring, monkeypatch, capsys
):
    parts = {"first": ImportError("no nltk"), "second": row_of(measuring, (1.0,), (2.0,))}
    stood_in(table, monkeypatch, **parts)
    assert run(table, monkeypatch) == 1
    told = capsys.readouterr().out
    assert "Left out: first (ImportError: no nltk)." in told
    assert "2.0 ×" in told


def test_the_users_cache_is_put_back(table, measuring, monkeypatch):
    import os

    monkeypatch.setenv("REFLECT_CACHE", "mine")
    stood_in(table, monkeypatch, first=row_of(measuring, (1.0,)))
    run(table, monkeypatch)
    assert os.environ["REFLECT_CACHE"] == "mine"


def test_every_part_of_the_table_gives_rows(table):
    for name in table.PARTS.values():
        assert callable(importlib.import_module(name).rows), name


# ── what some rows are made of ──


def test_the_loop_beside_the_rules_looks_for_every_code_that_has_words():
    import reflect_analysis as ra

    speed = importlib.import_module("_rule_speed")
    codebook = ra.read_codebook(ra.demo_files().codebook)
    matcher = speed.matcher_of(codebook)
    from reflect_analysis.language.pipelines import model_name, pipeline

    nlp = pipeline(model_name(None))
    worded = {code.id for code in codebook.machine_codes() if code.id in matcher}
    assert len(worded) >= 15
    assert set(speed.EDITED) <= worded
    found = matcher(nlp("I am not alone any more. I am completely drained and exhausted."))
    assert {"belonging", "exhaustion"} <= {nlp.vocab.strings[match] for match, _, _ in found}


def test_each_edit_changes_one_code_and_no_two_turns_the_same():
    import reflect_analysis as ra

    speed = importlib.import_module("_rule_speed")
    codebook = ra.read_codebook(ra.demo_files().codebook)
    for how in speed.EDITS:
        changed = [
            [new.id for old, new in zip(codebook, speed.edited(codebook, how, turn), strict=True)
             if old != new]
            for turn in range(3)
        ]  # fmt: skip
        assert [len(codes) for codes in changed] == [1, 1, 1]
        assert len({codes[0] for codes in changed}) == 3


def test_a_project_is_read_and_parsed_in_processes_of_their_own(tmp_path):
    exchange = importlib.import_module("exchange")
    path = tmp_path / "a project.qdpx"
    exchange.compose(path, 3, 30)
    read, parsed = exchange.run(exchange.READ, path), exchange.run(exchange.PARSE, path)
    assert read["documents"] == parsed["texts"] == 3
    assert 0 < read["resolved"] == read["selected"]
    assert parsed["elements"] > read["selected"]
    assert min(read["processor"], parsed["processor"]) > 0


def test_a_decision_is_timed_beside_a_commit(tmp_path):
    project = importlib.import_module("project")
    row = project.decision_row(tmp_path, decisions=3, turns=2)
    assert len(row.ours) == len(row.theirs) == 2
    assert row.ratio() > 0


def test_alpha_is_the_same_by_each_package_that_is_installed():
    np = pytest.importorskip("numpy")
    agreement = importlib.import_module("agreement")
    from reflect_analysis import coefficients

    ratings = np.array([[1, 1, 0], [0, 0, np.nan], [1, 1, 1], [0, 1, 0], [0, 0, 0]], dtype=float)
    expected = float(coefficients.krippendorff_alpha(ratings))
    for name in agreement.RIVALS:
        try:
            alpha = agreement.alphas_of(name)
        except ImportError:
            continue
        assert alpha(ratings) == pytest.approx(expected)


# ── growth ──


def grown_of(growth, n):
    steps = {step: growth.Seconds(n / 10, n / 20) for step in growth.STEPS}
    return growth.Grown(n, True, steps, dict.fromkeys(growth.STEPS, n * 10**6))


def test_the_first_run_of_a_size_is_the_sum_of_its_steps(growth):
    one = grown_of(growth, 100)
    assert one.first == growth.Seconds(50, 25)
    assert "250.0 |" in growth.table([one])
    assert "0.10 GB" in growth.table([one])


def test_figures_are_kept_and_the_newest_of_a_size_holds(growth, tmp_path):
    path = tmp_path / "figures.json"
    assert growth.kept(path) == []
    old = [grown_of(growth, 1000), grown_of(growth, 100)]
    growth.keep(path, growth.joined([], old))
    assert [each.n for each in growth.kept(path)] == [100, 1000]
    assert growth.kept(path) == old[::-1]
    newer = growth.Grown(100, True, old[1].steps, {"read": 5})
    assert growth.joined(growth.kept(path), [newer]) == [newer, old[0]]
    assert json.loads(path.read_text(encoding="utf-8"))[0]["n"] == 100


def test_growth_is_drawn_with_what_it_says_in_words(growth, tmp_path):
    figure = importlib.import_module("_growth_figure").growth_figure(
        [grown_of(growth, n) for n in (100, 1000)]
    )
    assert list(figure.data["peak"]) == [0.1, 1.0]
    assert "1,000 reflections 250 s, again 50 s, 1.0 GB" in figure.alt_text
    for path in figure.save(tmp_path):
        assert path.stat().st_size > 1000


def test_the_texts_of_a_size_are_a_survey_in_which_no_text_comes_twice(tmp_path):
    import reflect_analysis as ra

    importlib.import_module("_texts").write_csv(tmp_path / "a.csv", 50)
    corpus = ra.read_corpus(tmp_path / "a.csv")
    assert len({document.text for document in corpus}) == len(corpus) == 50
    assert len(corpus.cases) == 10


def test_the_help_loads_nothing_that_makes_it_slow():
    code = "import sys; from reflect_analysis.cli import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )
    assert "report" in done.stdout
    heavy = {"numpy", "pandas", "pydantic", "sqlalchemy", "rich", "yaml", "spacy", "torch", "dask"}
    assert heavy.isdisjoint(done.stderr.split())


# ── commands on a large study ──


def test_commands_that_change_the_study_are_not_measured_again_on_a_study_that_they_changed():
    commands = importlib.import_module("commands").commands()
    changing = {each.name for each in commands if each.changes}
    assert {"init", "import", "merge", "restore", "withdraw", "undo"} <= changing
    assert not {"report", "topics", "export", "status"} & changing
    assert len({each.name for each in commands}) == len(commands)


def test_what_was_not_measured_yet_is_named_when_one_is_asked_for_alone(
    tmp_path, monkeypatch, capsys
):
    commands = importlib.import_module("commands")
    monkeypatch.setattr(commands, "prepare", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["commands.py", str(tmp_path), "--only", "agreement"])
    with pytest.raises(SystemExit) as end:
        commands.main()
    assert end.value.code
    assert "not measured yet: check, code" in capsys.readouterr().err


def test_commands_are_measured_each_with_all_that_it_begins(tmp_path):
    commands = importlib.import_module("commands")
    commands.prepare(tmp_path, 40)
    found = {
        command.name: commands.measure(tmp_path, command)
        for command in commands.commands()
        if command.name in {"code", "themes", "init", "import", "import of codings", "trace"}
    }
    assert {name: each["failed"] for name, each in found.items()} == dict.fromkeys(found, "")
    assert all(each["peak"] > 10e6 and each["processor"] > 0 for each in found.values())
    ann, ben = ((tmp_path / who / "codings.csv").read_text("utf-8") for who in ("ann", "ben"))
    assert ann.count("person") > ben.count("person") > 0
    assert (tmp_path / "t.docx").is_file()
    assert "| themes |" in commands.table(found)


def test_a_command_that_fails_says_why(tmp_path):
    commands = importlib.import_module("commands")
    tmp_path.joinpath("texts").mkdir()
    told = commands.measure(tmp_path, commands.Command("status", ("status", "none.reflect")))
    assert told["failed"].startswith("exit status")
    assert "none.reflect" in told["failed"]
