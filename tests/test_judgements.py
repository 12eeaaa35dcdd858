"""Choices and inferences that people type: written, read, refused with every fault and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.errors import FrameworkError, OutputError
from reflect_analysis.frameworks import (
    Choice,
    Framework,
    FrameworkRow,
    read_choices,
    write_choices,
)
from reflect_analysis.joint import Inference, read_inferences, write_inferences

MODELS = Framework(
    "models",
    "Models",
    "decision-matrix",
    (FrameworkRow("onboarding", "Onboarding"), FrameworkRow("pathway", "Pathway")),
)
CHECKLIST = Framework("list", "List", "checklist", (FrameworkRow("paid", "Paid?"),))
BOOK = Codebook(
    (
        Code("isolation", "Isolation", "d", "g"),
        Code("gone", "Gone", "d", "g", status="retired"),
    ),
    (Group("g", "G"),),
)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(
    lambda text: text == text.strip() and text.strip()
)


def written(tmp_path, text):
    path = tmp_path / "a file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@given(by=words, why=words, second=words)
def test_a_choice_is_read_as_it_was_written(tmp_path_factory, by, why, second):
    path = tmp_path_factory.mktemp("typed") / "choices.yaml"
    choices = {
        "models": Choice(("pathway", "onboarding"), by=by, why=why),
        "others": Choice(("first",), by="Ana", why=second),
    }
    assert read_choices(write_choices(choices, path)) == choices


@given(text=words, by=words)
def test_an_inference_is_read_as_it_was_written(tmp_path_factory, text, by):
    path = tmp_path_factory.mktemp("typed") / "inferences.yaml"
    typed = (
        Inference("isolation", "confirm", text, by),
        Inference("belonging", "discordant", "Both: yes\nand no.", "Bo"),
    )
    assert read_inferences(write_inferences(typed, path)) == typed


def test_every_fault_of_a_choice_is_told_with_its_line(tmp_path):
    text = """models:
  rows: [onbording, pathway, pathway]
  by: ''
  whi: because
modles:
  rows: [onboarding]
  by: Ana
  why: so
list: {rows: [paid], by: Ana, why: so}
others: yes
"""
    with pytest.raises(FrameworkError) as caught:
        read_choices(written(tmp_path, text), [MODELS, CHECKLIST])
    assert list(caught.value.faults) == [
        "a file.yaml, line 1: models: no 'why': a person types it, with a name and a reason",
        (
            "a file.yaml, line 2: models: the framework has no row 'onbording'; "
            "did you mean 'onboarding'?"
        ),
        "a file.yaml, line 3: models: 'by' is empty: a person types it, with a name and a reason",
        "a file.yaml, line 4: models: unknown key 'whi'; did you mean 'why'?",
        (
            "a file.yaml, line 5: modles: no framework of this report bears this id; did you mean "
            "'models'? (there are: models, list)"
        ),
        "a file.yaml, line 9: list: is a checklist: its questions are answered, nothing is chosen",
        "a file.yaml, line 10: others: expected the keys 'rows', 'by', 'why'",
    ]
    text = "models: {rows: [pathway, pathway], by: Ana, why: so}\nb: {rows: x, by: 3, why: so}\n"
    with pytest.raises(FrameworkError) as caught:
        read_choices(written(tmp_path, text))
    assert [fault.partition(": ")[2] for fault in caught.value.faults] == [
        "models: the choice names 'pathway' twice",
        "b: 'by' expected text; put it in quotation marks",
        "b: 'rows' expected a list of ids, such as [first, second]",
    ]


def test_every_fault_of_an_inference_is_told_with_its_line(tmp_path):
    text = """isolation: {kind: confirms, text: So it is., by: Ana}
isolaton: {kind: confirm, text: So it is., by: Ana}
gone:
  kind: expand
  text: 7
  by:
"""
    with pytest.raises(FrameworkError) as caught:
        read_inferences(written(tmp_path, text), BOOK)
    assert list(caught.value.faults) == [
        (
            "a file.yaml, line 1: isolation: 'confirms'; expected confirm, expand, discordant; "
            "did you mean 'confirm'?"
        ),
        "a file.yaml, line 2: isolaton: the codebook has no such code; did you mean 'isolation'?",
        "a file.yaml, line 3: gone: the code is retired",
        "a file.yaml, line 5: gone: 'text' expected text; put it in quotation marks",
        "a file.yaml, line 6: gone: 'by' is empty: a person types it, with a name and a reason",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected ids of frameworks, each with 'rows', 'by', 'why'"),
        ("- a\n", "expected ids of frameworks, each with 'rows', 'by', 'why'"),
        ("a: [\n", "not YAML"),
        ("a: {}\na: {}\n", "line 2: not YAML"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_was_expected(tmp_path, text, expected):
    with pytest.raises(FrameworkError, match=expected):
        read_choices(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FrameworkError, match="there is no such file"):
        read_inferences(tmp_path / "none.yaml")


def test_what_lies_there_is_replaced_only_when_asked(tmp_path):
    path = written(tmp_path, "mine")
    choices = {"models": Choice(("onboarding",), by="Ana", why="so")}
    with pytest.raises(OutputError, match="exists already"):
        write_choices(choices, path)
    assert path.read_text(encoding="utf-8") == "mine"
    write_choices(choices, path, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_two_inferences_on_one_code_are_not_written_as_one(tmp_path):
    twice = [Inference("isolation", kind, "So.", "Ana") for kind in ("confirm", "expand")]
    with pytest.raises(ValueError, match="two inferences"):
        write_inferences(twice, tmp_path / "inferences.yaml")
