"""Keeps quiet what other packages say of a file: it may hold a participant's words.

What a package logs goes to the console by itself where nobody set up a log, and a message on a
damaged file quotes the file. A reader says what is wrong with it in words of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_log"]


@contextmanager
def without_log(name: str) -> Iterator[None]:
    """Keep what a package logs away from the console and from the log of who calls.

    Parameters
    ----------
    name : str
        Of its logger, such as ``"pypdf"``.

    Examples
    --------
    >>> import logging
    >>> with without_log("pypdf"):
    ...     logging.getLogger("pypdf").warning("what stands in the file")
    >>> logging.getLogger("pypdf").propagate
    True
    """
    logger = logging.getLogger(name)
    handler, propagate = logging.NullHandler(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagate
        logger.removeHandler(handler)
