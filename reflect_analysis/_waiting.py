"""Waiting for a file that another process or program holds, and never without end."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from typing import IO

__all__ = ["patiently", "take_lock"]

# Seconds that a file is waited for which another program has open: only Windows keeps it then.
PATIENCE = 5.0 if os.name == "nt" else 0.0
PAUSE = 0.05


def take_lock(file: IO[bytes], seconds: float) -> None:
    """Take a lock; the system lets go of it when the process ends, however it does.

    It is asked for again and again, because a holder that was stopped keeps it, and a system
    that is asked to wait for it waits for ever.

    Raises
    ------
    OSError
        If another process holds it for so long, or files cannot be locked here.
    """
    import portalocker

    end = time.monotonic() + seconds
    while True:
        try:
            return portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.AlreadyLocked as error:
            if time.monotonic() >= end:
                told = "another process holds it: end it, or delete that folder"
                raise OSError(errno.EAGAIN, told, file.name) from error
        except portalocker.LockException as error:
            raise OSError(errno.ENOLCK, "files cannot be locked here", file.name) from error
        time.sleep(PAUSE)


def patiently(change: Callable[[], object]) -> None:
    """Rename or remove a file; on Windows another program may have it open for a moment.

    Raises
    ------
    OSError
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            change()
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(PAUSE)
        else:
            return
