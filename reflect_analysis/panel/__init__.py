"""The coding panel: where people code by hand, in a notebook or in the browser.

Python owns the state. The page sends what the coder did, it is stored, and only then the page is
told that it is; `Sitting` is that conversation, without Jupyter and without a server. `widget`
holds it in a notebook, `serving` on a page of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reflect_analysis.panel.sitting import Sitting
    from reflect_analysis.panel.widget import CodingPanel

__all__ = ["CodingPanel", "Sitting"]

_HOMES = {"CodingPanel": "widget", "Sitting": "sitting"}


def __getattr__(name: str) -> Any:
    """A public name, from its module, when it is asked for: anywidget is not loaded before."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
