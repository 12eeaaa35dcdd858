"""A folder that its owner alone may open: what lies in it was made of participants' words.

On a computer of many users, such as a login node, a folder is made for all to read. On Windows
what lies in a user's profile is private already.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["make_private"]

_OWNER, _OTHERS = 0o700, 0o077
# One for everybody, such as /tmp, or for a group.
_SHARED = stat.S_ISVTX | stat.S_ISGID


def make_private(folder: Path, is_ours: Callable[[Path], bool]) -> None:
    """Make a folder that its owner alone may open; close one that stands open, if it is ours.

    Parameters
    ----------
    folder : Path
    is_ours : callable
        Whether we put what lies there. A folder that holds anything else, such as a home or one
        that a team shares, stays as it is; so does an empty one, which somebody else made.

    Raises
    ------
    OSError
        If it cannot be made. One that cannot be closed, on a disk that knows no owners, is left.
    """
    folder.mkdir(mode=_OWNER, parents=True, exist_ok=True)
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            told = folder.stat()
            if told.st_mode & _SHARED or not told.st_mode & _OTHERS:
                return
            inside = list(folder.iterdir())
            if told.st_uid == os.getuid() and inside and all(map(is_ours, inside)):
                folder.chmod(_OWNER)
