"""What a call is given: settings that go together, folders apart, paths that hold elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reflect_analysis.errors import OutputError
from reflect_analysis.scale.coders import CoderSpec

__all__ = ["MOST_ROWS", "absolute", "check_apart", "check_settings", "given"]

# A partition's parses must fit the memory of parses, or every text is parsed twice.
MOST_ROWS = 20_000


def check_settings(cleared_by: str, note: str, rows: int) -> None:
    """Refuse settings that do not go together, before anything is read."""
    if bool(cleared_by.strip()) != bool(note.strip()):
        raise ValueError("cleared_by and note belong together: who cleared the texts, and how")
    if not 1 <= rows <= MOST_ROWS:
        raise ValueError(f"rows must lie between 1 and {MOST_ROWS:,}, not be {rows!r}")


def check_apart(source: Path, out: Path) -> None:
    """Refuse a folder inside that of the texts: its files would be read as texts the next time.

    Raises
    ------
    OutputError
    """
    if source.is_dir() and source.resolve() in (out.resolve(), *out.resolve().parents):
        raise OutputError(
            f"{out}: lies in the folder of the texts, {source}; name one that lies beside it"
        )


def given(reasons: Mapping[str, str]) -> dict[str, str]:
    """The reasons that say something."""
    told = {key: reason.strip() for key, reason in reasons.items()}
    return {key: reason for key, reason in told.items() if reason}


def absolute(coder: CoderSpec) -> CoderSpec:
    """A folder by its whole path: a worker stands elsewhere."""
    if isinstance(coder, str | Path) and Path(coder).is_dir():
        return str(Path(coder).absolute())
    return coder
