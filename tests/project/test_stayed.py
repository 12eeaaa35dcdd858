"""An export that could not be written is said not to have left only where that is known."""

import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.project import Project


@pytest.fixture
def study(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        yield project


def stayed(project):
    return [event.payload["stayed"] for event in project.events() if "stayed" in event.payload]


def test_of_a_drive_that_is_gone_nobody_knows_what_left(study, tmp_path):
    event = study.record_export("refi", tmp_path / "stick/out.qdpx", ["R1"], by="Ana")
    study.record_stayed(event)
    assert stayed(study) == []
    (tmp_path / "stick").mkdir()  # it is there, and nothing came into it
    study.record_stayed(event)
    assert stayed(study) == [event.id]


def test_the_log_says_that_an_export_did_not_leave(study, tmp_path):
    event = study.record_export("refi", tmp_path / "out.qdpx", ["R1"], by="Ana")
    study.record_stayed(event)
    study.close()
    done = CliRunner().invoke(app, ["log", str(tmp_path / "study.reflect")])
    _, left, told = done.stdout.splitlines()
    assert "Ana: export: refi, " in left
    assert f"Ana: export: did not leave, refi, {tmp_path / 'out.qdpx'}" in told
    assert event.id not in told
