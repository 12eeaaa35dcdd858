"""A trained coder on disk: numbers as safetensors, settings as JSON, never a pickle.

What is read back is checked: the format, the hash of the numbers; what they mean is checked by
the coder that reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis._numbers import NumbersFolder, hash_of
from reflect_analysis.errors import CoderError

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = Mapping[str, npt.NDArray[Any]]

__all__ = ["FORMAT", "hash_of", "read_coder", "write_coder"]

FORMAT = "reflect-analysis fine-tuned coder 1"
_FOLDER = NumbersFolder(FORMAT, "coder", "coder", CoderError)


def write_coder(folder: Path, settings: Mapping[str, Any], numbers: Numbers) -> Path:
    """Write a coder's folder and give its place.

    Raises
    ------
    OutputError
        If there is something at that place already.
    """
    return _FOLDER.write(folder, settings, numbers)


def read_coder(folder: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Settings and numbers of a coder's folder.

    Raises
    ------
    CoderError
        If the folder holds no such coder, or it was changed since it was written.
    """
    return _FOLDER.read(folder)
