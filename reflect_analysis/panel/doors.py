"""Where a panel was served, so that an open page finds it again after it was killed.

A page holds what was not acknowledged. If the program dies and is started again, it takes the port
and the token that it had, and the page sends what is left. Both lie in the person's own folder,
readable to them alone, while the panel runs; who ends it with Ctrl+C leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from reflect_analysis.provenance import fingerprint

__all__ = ["Door", "door_of", "forget_door", "keep_door"]


@dataclass(frozen=True, slots=True)
class Door:
    """A port of this computer, and the token that opens it."""

    port: int
    token: str


def door_of(study: str, coder: str) -> Door | None:
    """Where a coder's panel of a study was served by a program that did not end it."""
    try:
        found = json.loads(_path(study, coder).read_text(encoding="utf-8"))
        return Door(int(found["port"]), str(found["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_door(study: str, coder: str, door: Door) -> None:
    """Remember where a panel is served; a folder that cannot be written is no matter."""
    path = _path(study, coder)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(door), file)


def forget_door(study: str, coder: str) -> None:
    """The panel was ended."""
    with contextlib.suppress(OSError):
        _path(study, coder).unlink(missing_ok=True)


def _path(study: str, coder: str) -> Path:
    import platformdirs

    folder = os.environ.get("REFLECT_STATE") or platformdirs.user_state_dir(
        "reflect_analysis", appauthor=False
    )
    return Path(folder) / f"panel-{fingerprint(study, coder)[:16]}.json"
