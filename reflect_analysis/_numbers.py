"""A folder of numbers and settings: safetensors and JSON, with a hash between them, no pickle.

Whatever is learned and must outlive a session is kept so: reading it runs no code. A folder is
written beside its place and renamed, so that a broken write leaves nothing; what is read back is
the numbers that the settings were written with, or an error.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis._optional import require
from reflect_analysis._whole import whole_folder
from reflect_analysis.errors import OutputError, ReflectAnalysisError

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = Mapping[str, npt.NDArray[Any]]

__all__ = ["NumbersFolder", "hash_of"]


def hash_of(numbers: Numbers) -> str:
    """Hash of numbers by name, shape and value."""
    import numpy as np

    digest = hashlib.sha256()
    for name in sorted(numbers):
        value = np.ascontiguousarray(numbers[name])
        digest.update(f"{name} {value.dtype.str} {value.shape}\n".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class NumbersFolder:
    """One kind of folder: how its files are called, and what is wrong with a bad one.

    Parameters
    ----------
    format : str
        Written into the settings, and asked for on reading.
    stem : str
        Of both files.
    noun : str
        What it holds, for messages: ``"coder"``.
    error : type of ReflectAnalysisError
    """

    format: str
    stem: str
    noun: str
    error: type[ReflectAnalysisError]

    @property
    def settings_name(self) -> str:
        """The file of the settings."""
        return f"{self.stem}.json"

    @property
    def numbers_name(self) -> str:
        """The file of the numbers."""
        return f"{self.stem}.safetensors"

    def write(self, folder: Path, settings: Mapping[str, Any], numbers: Numbers) -> Path:
        """Write a new folder and give its place; `settings` hold the hash as ``sha256``.

        Raises
        ------
        OutputError
            If there is something at that place already.
        """
        import numpy as np

        taken = f"{folder}: exists already; give a new folder or remove this one"
        if folder.exists():
            raise OutputError(taken)
        text = json.dumps({"format": self.format, **settings}, indent=1, ensure_ascii=False)
        whole = {name: np.ascontiguousarray(value) for name, value in numbers.items()}
        try:
            with whole_folder(folder, replace=False) as part:
                (part / self.settings_name).write_text(text + "\n", encoding="utf-8", newline="")
                self._safetensors().save_file(whole, str(part / self.numbers_name))
        except FileExistsError:  # it came meanwhile
            raise OutputError(taken) from None
        return folder

    def read(self, folder: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Settings and numbers of a folder.

        Raises
        ------
        ReflectAnalysisError
            `error`, if it is no such folder, or was changed since it was written.
        """
        settings = self._settings(folder / self.settings_name)
        path = folder / self.numbers_name
        try:
            numbers: dict[str, npt.NDArray[Any]] = self._safetensors().load_file(str(path))
        except Exception as error:
            raise self.error(
                f"{path}: expected numbers as safetensors, could not be read "
                f"({type(error).__name__}); save the {self.noun} again"
            ) from error
        if hash_of(numbers) != settings.get("sha256"):
            raise self.error(
                f"{path}: not the numbers that {self.settings_name} was written with; "
                f"save the {self.noun} again"
            )
        return settings, numbers

    def _settings(self, path: Path) -> dict[str, Any]:
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise self.error(
                f"{path.parent}: expected the folder of a saved {self.noun}, it holds no readable "
                f"{path.name}"
            ) from error
        except ValueError as error:
            raise self.error(f"{path}: expected JSON: {error}") from error
        found = settings.get("format") if isinstance(settings, dict) else None
        if found != self.format:
            raise self.error(f"{path}: expected format {self.format!r}, came {found!r}")
        return dict(settings)

    def _safetensors(self) -> Any:
        return require("safetensors.numpy", pip="safetensors", purpose=f"keep a {self.noun}")
