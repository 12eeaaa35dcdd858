"""The panel's page travels in the wheel: its modules, its style and the guide."""

import re
import tomllib
from pathlib import Path

import pytest

import reflect_analysis.panel
from reflect_analysis.panel.joining import STATIC, joined_modules

ROOT = Path(__file__).parents[1]
PANEL = Path(reflect_analysis.panel.__file__).parent
WANTED = [*sorted(STATIC.iterdir()), PANEL / "first-week.md"]


def test_every_file_that_the_page_asks_for_is_there():
    asked = set(
        re.findall(
            r'from "\./([\w-]+\.js)"',
            "".join(each.read_text(encoding="utf-8") for each in STATIC.glob("*.js")),
        )
    )
    assert {"page.js", "widget.js", "panel.css"} | asked <= {each.name for each in WANTED}
    assert joined_modules()


def test_nothing_of_the_page_is_kept_out_of_the_wheel():
    pathspec = pytest.importorskip("pathspec", reason="pathspec reads .gitignore as hatch does")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    build = settings["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    assert "reflect_analysis" in wheel["packages"]
    kept_out = [*build.get("exclude", []), *wheel.get("exclude", [])]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    spec = pathspec.PathSpec.from_lines("gitignore", [*ignored, *kept_out])
    names = [each.relative_to(ROOT).as_posix() for each in WANTED]
    assert [name for name in names if spec.match_file(name)] == []


def test_the_wheel_as_hatch_would_build_it_holds_the_page():
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    listed = {
        each.distribution_path for each in wheel.WheelBuilder(str(ROOT)).recurse_included_files()
    }
    names = {each.relative_to(ROOT).as_posix() for each in WANTED}
    assert names <= {Path(each).as_posix() for each in listed}
