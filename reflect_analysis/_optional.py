"""The only door to a package that an installation may lack.

`require` imports at the moment of use, so that `import reflect_analysis` stays light,
and turns a missing package into one sentence that names the pip command.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from reflect_analysis.errors import MissingDependencyError


def require(module: str, *, pip: str, purpose: str) -> ModuleType:
    """Import a module or say what to install.

    Parameters
    ----------
    module : str
        Dotted name of the module.
    pip : str
        What follows ``pip install``.
    purpose : str
        What the module is needed for, as the end of "… is needed to …".

    Raises
    ------
    MissingDependencyError
        If the module, or one that it needs, is not installed.

    Examples
    --------
    >>> require("json", pip="json", purpose="read JSON").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        message = f"{error.name!r} is needed to {purpose}: python -m pip install {pip}"
        raise MissingDependencyError(message) from error
