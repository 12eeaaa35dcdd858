"""Settings as scikit-learn reads them, so that a coder can be cloned and fitted anew."""

from __future__ import annotations

import inspect
from typing import Any, Self

__all__ = ["Settings"]


class Settings:
    """A coder whose settings are the arguments of its ``__init__``, kept under their names."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # scikit-learn's signature
        """The settings by name."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Change settings; what was learned stays until the next `fit`.

        Raises
        ------
        ValueError
            If a name is no setting.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"no setting {name!r}; expected one of {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __getstate__(self) -> object:
        """Settings may be copied; a trained coder may not be written to a file.

        Raises
        ------
        TypeError
            If something was learned: the file would hold words of participants, and reading
            such a file runs whatever is in it.
        """
        learned = getattr(self, "trained_", None)
        if learned is not None:
            raise TypeError(
                f"a trained {type(self).__name__} is not written to a file or copied: it holds "
                "words of participants. Keep the codings and train it anew: with the same "
                "codings and random_state it is the same coder"
            )
        return dict(self.__dict__)
