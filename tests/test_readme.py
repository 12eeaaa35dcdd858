"""README's Python blocks run, in order, and print what README shows."""

import doctest
import re
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_python_blocks_print_what_readme_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```pycon\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) >= 4
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", None, 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=flags).run(test, out=told.append)
    assert result.failed == 0, "".join(told)


def test_every_command_that_readme_shows_exists():
    from typer.testing import CliRunner

    from reflect_analysis.cli import app

    commands = set(re.findall(r"^reflect-analysis (\w+)", README, flags=re.MULTILINE))
    assert commands >= {"demo", "report", "check"}
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command


def test_every_file_that_readme_names_exists():
    root = Path(__file__).parent.parent
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (root / link).exists(), link
