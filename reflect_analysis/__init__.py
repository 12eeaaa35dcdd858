"""Code educators' reflections by a codebook, surface themes, report them safely.

The public names are listed here, once. Each resolves at its first use, so that
``import reflect_analysis`` loads nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import Any

# Where each public name is defined: the one list from which `__all__` follows.
_HOMES = {
    "Corpus": "corpus",
    "Codebook": "codebook",
    "read_codebook": "codebook",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605  # sorted() gives a list of the names above


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'reflect_analysis' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"reflect_analysis.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
