"""By what sources this process works: the files beside them may be newer ones by now.

A worker that was begun before an upgrade reports the new version, which it reads off the disk, and
codes with what it loaded; and every checkout has the same version. So the sources themselves are
told, as they are when this is imported.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

__all__ = ["LOADED", "digest"]

_SHOWN = 12


def digest(package: Path) -> str:
    """Fingerprint of the Python files below a folder; empty where there are none.

    Line ends do not count: a checkout on Windows has its own. What begins with a dot is an
    editor's. Where one of the files cannot be read it is empty, too: nothing fails for it.
    """
    try:
        lines = sorted(map(_line_of, _sources(package), itertools.repeat(package)))
    except OSError:
        return ""
    found = hashlib.sha256("".join(lines).encode())
    return found.hexdigest()[:_SHOWN] if lines else ""


def _sources(package: Path) -> Iterator[Path]:
    for path in package.rglob("*.py"):
        names = path.relative_to(package).parts
        if not any(name.startswith(".") for name in names) and path.is_file():
            yield path


def _line_of(path: Path, package: Path) -> str:
    content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    return f"{path.relative_to(package).as_posix()} {content}\n"


LOADED = digest(Path(__file__).parents[1])
