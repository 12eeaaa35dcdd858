"""A folder that its owner alone may open: what lies in it was made of participants' words.

On a computer of many users, such as a login node, a folder is made for all to read. On Windows
what lies in a user's profile is private already.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Collection
from pathlib import Path

__all__ = ["make_private"]

_OWNER, _OTHERS = 0o700, 0o077


def make_private(folder: Path, files: Collection[str]) -> None:
    """Make a folder that its owner alone may open; close one that stands open, if it is ours.

    Parameters
    ----------
    folder : Path
    files : collection of str
        Names and endings of what we put there. A folder that holds other files too, such as a
        home or one that a team shares, stays as it is.

    Raises
    ------
    OSError
        If it cannot be made. One that cannot be closed, on a disk that knows no owners, is left.
    """
    folder.mkdir(mode=_OWNER, parents=True, exist_ok=True)
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            told = folder.stat()
            if told.st_mode & _OTHERS and told.st_uid == os.getuid() and _is_ours(folder, files):
                folder.chmod(_OWNER)


def _is_ours(folder: Path, files: Collection[str]) -> bool:
    if folder.stat().st_mode & stat.S_ISVTX:  # one for everybody, such as /tmp
        return False
    inside = [each for each in folder.iterdir() if not each.is_dir()]
    return all(each.name in files or each.suffix in files for each in inside)
