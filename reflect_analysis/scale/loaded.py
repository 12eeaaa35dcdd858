"""By what sources this process works: the files beside them may be newer ones by now.

A worker that was begun before an upgrade reports the new version, which it reads off the disk, and
codes with what it loaded; and every checkout has the same version. So the sources themselves are
told, as they are when this is imported.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["LOADED", "digest"]

_SHOWN = 12


def digest(package: Path) -> str:
    """Fingerprint of the Python files below a folder; empty where there are none.

    Line ends do not count: a checkout on Windows has its own.
    """
    found = hashlib.sha256()
    files = sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).as_posix())
    for path in files:
        content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        found.update(f"{path.relative_to(package).as_posix()} {content}\n".encode())
    return found.hexdigest()[:_SHOWN] if files else ""


LOADED = digest(Path(__file__).parents[1])
