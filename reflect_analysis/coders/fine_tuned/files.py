"""A trained coder on disk: numbers as safetensors, settings as JSON, never a pickle.

A folder is written beside its place and renamed, so that a broken write leaves nothing. What is
read back is checked: the format, the model it was trained from, every number's shape.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis._optional import require
from reflect_analysis.errors import CoderError, OutputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = Mapping[str, npt.NDArray[Any]]

__all__ = ["FORMAT", "hash_of", "read_coder", "write_coder"]

FORMAT = "reflect-analysis fine-tuned coder 1"
SETTINGS = "coder.json"
NUMBERS = "coder.safetensors"


def hash_of(numbers: Numbers) -> str:
    """Hash of numbers by name, shape and value."""
    import numpy as np

    digest = hashlib.sha256()
    for name in sorted(numbers):
        value = np.ascontiguousarray(numbers[name])
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def write_coder(folder: Path, settings: Mapping[str, Any], numbers: Numbers) -> Path:
    """Write a coder's folder and give its place.

    Raises
    ------
    OutputError
        If there is something at that place already.
    """
    import numpy as np

    if folder.exists():
        raise OutputError(f"{folder}: exists already; give a new folder or remove this one")
    beside = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}.part")
    text = json.dumps({"format": FORMAT, **settings}, indent=1, ensure_ascii=False)
    whole = {name: np.ascontiguousarray(value) for name, value in numbers.items()}
    try:
        beside.mkdir(parents=True)
        (beside / SETTINGS).write_text(text + "\n", encoding="utf-8", newline="")
        _safetensors().save_file(whole, str(beside / NUMBERS))
        return beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def read_coder(folder: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Settings and numbers of a coder's folder.

    Raises
    ------
    CoderError
        If the folder holds no such coder, or it was changed since it was written.
    """
    settings = _settings(folder / SETTINGS)
    try:
        numbers: dict[str, npt.NDArray[Any]] = _safetensors().load_file(str(folder / NUMBERS))
    except Exception as error:
        raise CoderError(
            f"{folder / NUMBERS}: expected numbers as safetensors, could not be read "
            f"({type(error).__name__}); save the coder again"
        ) from error
    if hash_of(numbers) != settings.get("sha256"):
        raise CoderError(
            f"{folder / NUMBERS}: not the numbers that {SETTINGS} was written with; "
            "save the coder again"
        )
    return settings, numbers


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CoderError(
            f"{path.parent}: expected the folder of a saved coder, it holds no readable {path.name}"
        ) from error
    except ValueError as error:
        raise CoderError(f"{path}: expected JSON: {error}") from error
    found = settings.get("format") if isinstance(settings, dict) else None
    if found != FORMAT:
        raise CoderError(f"{path}: expected format {FORMAT!r}, came {found!r}")
    return dict(settings)


def _safetensors() -> Any:
    return require("safetensors.numpy", pip="safetensors", purpose="keep a trained coder")
