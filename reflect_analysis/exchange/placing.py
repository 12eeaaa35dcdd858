"""A file written beside its place and renamed: no half file is ever left there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from reflect_analysis.errors import OutputError

__all__ = ["check_free", "place"]


def check_free(target: Path, *, overwrite: bool) -> None:
    """Raise `OutputError` where something lies that nobody said to replace."""
    if target.is_dir():
        raise OutputError(f"{target}: a folder; name a file")
    if target.exists() and not overwrite:
        raise OutputError(f"{target}: exists; move it, or say overwrite")


def place(target: Path, data: bytes) -> None:
    """Write a file, whole or not at all; the folders above it are made.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before stays.
    """
    beside = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        beside.replace(target)
    except OSError as problem:
        if beside is not None:
            beside.unlink(missing_ok=True)
        why = problem.strerror or type(problem).__name__
        raise OutputError(f"{target}: cannot be written ({why})") from None
