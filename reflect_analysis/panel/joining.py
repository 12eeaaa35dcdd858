"""The page's modules as the one text that a notebook's front end loads.

The modules under ``static`` are plain ES modules: a browser loads them as they are. A notebook
takes a single text, so they are put one after another, each after those that it imports, without
their imports and the word `export`. So no top-level name may stand in two of them, and the few
forms of `import` and `export` that are taken away here are the only ones that may be written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["STATIC", "joined_modules", "module_faults", "style"]

STATIC = Path(__file__).parent / "static"
_ENTRY = "widget.js"

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./([\w-]+\.js)";[ \t]*\n?', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)
_TOP = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let|var)\s+([\w$]+)", re.MULTILINE
)
_UNKNOWN = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


@cache
def joined_modules(folder: Path = STATIC, entry: str = _ENTRY) -> str:
    """The modules that an entry needs, as one; its `render` is the default export.

    Raises
    ------
    ValueError
        With every fault of `module_faults`.
    """
    names = list(_in_order(folder, entry))
    if faults := list(module_faults(folder, names)):
        raise ValueError("; ".join(faults))
    parts = [f"// {name}\n{_plain(_read(folder, name))}" for name in names]
    return "\n".join([*parts, "export default { render };", ""])


@cache
def style(folder: Path = STATIC) -> str:
    """The panel's style sheet."""
    return (folder / "panel.css").read_text(encoding="utf-8")


def module_faults(folder: Path, names: list[str]) -> Iterator[str]:
    """What keeps modules from being one: a name twice, an import of what is not there, a form."""
    places: dict[str, list[str]] = defaultdict(list)
    for name in names:
        text = _read(folder, name)
        for found in _TOP.findall(text):
            places[found].append(name)
        for found in _UNKNOWN.findall(_plain(text)):
            yield f"{name}: {found.strip()!r} is a form that is not joined"
        for wanted, module in _imports(text):
            given = _EXPORT.sub("export ", _read(folder, module))
            for each in wanted:
                if not re.search(rf"^export [\w* ]+\b{re.escape(each)}\b", given, re.MULTILINE):
                    yield f"{name}: {module} exports no {each}"
    for found, modules in places.items():
        if len(modules) > 1:
            yield f"{found} stands at the top of {' and '.join(modules)}"


def _in_order(folder: Path, entry: str) -> Iterator[str]:
    """Modules, each after those that it imports.

    Raises
    ------
    ValueError
        If they import one another in a circle.
    """
    done: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{' → '.join((*above, name))}: a circle of imports")
        if name in done:
            return
        for _, module in _imports(_read(folder, name)):
            visit(module, (*above, name))
        done[name] = None

    visit(entry, ())
    yield from done


def _imports(text: str) -> list[tuple[list[str], str]]:
    """What a module imports: the names, and from where."""
    found = _IMPORT.findall(text)
    return [([n.strip() for n in names.split(",") if n.strip()], module) for names, module in found]


def _plain(text: str) -> str:
    """A module without its imports and the word `export`."""
    return _EXPORT.sub("", _IMPORT.sub("", text))


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
