"""By what sources this process works: the files beside them may be newer ones by now.

Every checkout has the same version, and a process that was begun before an upgrade reads the new
one off the disk and works with what it loaded. So the sources themselves are told, by whoever
loads them and at that moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

__all__ = ["PACKAGE", "digest", "sources"]

PACKAGE = Path(__file__).parent
_SUFFIXES = (".py", ".pyc")  # a distribution may hold compiled files alone


def sources(folder: Path) -> tuple[Path, ...]:
    """The Python files below a folder, in order, without an editor's, which begin with a dot."""
    found = (path for path in folder.rglob("*.py*") if path.suffix in _SUFFIXES)
    return tuple(sorted(path for path in found if _is_own(path, folder)))


def _is_own(path: Path, folder: Path) -> bool:
    names = path.relative_to(folder).parts
    return not any(name.startswith((".", "__pycache__")) for name in names) and path.is_file()


def digest(package: Path, parts: Sequence[str] = ("",)) -> str:
    """Fingerprint of the sources of a package, or of some folders of it.

    Line ends do not count: a checkout on Windows has its own. It is empty where a folder holds
    none, or one cannot be read: nothing fails for it.
    """
    found = hashlib.sha256()
    for part in parts:
        files = sources(package / part)
        if not files:
            return ""
        try:
            lines = sorted(_line_of(path, package) for path in files)
        except OSError:
            return ""
        found.update("".join(lines).encode())
    return found.hexdigest()


def _line_of(path: Path, package: Path) -> str:
    content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    return f"{path.relative_to(package).as_posix()} {content}\n"
