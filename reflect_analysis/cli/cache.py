"""``cache``: where what was computed of texts is kept, how much it is, and an end to it."""

from __future__ import annotations

from typing import Annotated

import typer

from reflect_analysis.cli._shared import Json, print_json

__all__ = ["cache"]


def cache(
    empty: Annotated[bool, typer.Option("--empty", help="Remove all that is kept.")] = False,
    as_json: Json = False,
) -> None:
    """Where what was computed of texts is kept, how much that is, and at most.

    Parses, vectors and what coders and the check found are kept, so that a second run takes
    seconds. With --empty they are removed, also while other commands run; they are computed again
    when they are needed.
    """
    from reflect_analysis.cache import default_cache

    kept = default_cache()
    removed = kept.empty() if empty else 0
    size = kept.size()
    if as_json:
        numbers = {"bytes": size, "bound": kept.limit, "removed": removed}
        print_json({"folder": str(kept.folder.absolute()), **numbers})
        return
    print(f"folder: {kept.folder.absolute()}")
    if empty:
        print(f"removed: {_megabytes(removed)}")
    print(f"kept: {_megabytes(size)} of at most {_megabytes(kept.limit)}")


def _megabytes(size: int) -> str:
    """Bytes as a person reads them.

    Examples
    --------
    >>> _megabytes(0), _megabytes(1), _megabytes(2 * 1024**3)
    ('nothing', '0.1 MB', '2,048.0 MB')
    """
    return f"{max(size / 1024**2, 0.1):,.1f} MB" if size else "nothing"
