"""The panel in a notebook: JupyterLab, Notebook 7, marimo.

Only messages pass between page and Python. No trait holds anything of a study, so that a notebook
that is saved with its widgets holds no participant's words.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from html import escape
from typing import TYPE_CHECKING, Any

import anywidget

from reflect_analysis.codings import Codings
from reflect_analysis.panel.joining import joined_modules, style
from reflect_analysis.panel.sitting import Sitting
from reflect_analysis.project import Project
from reflect_analysis.review import Order, Waiting, proposals

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from reflect_analysis.panel.seat import Seat

__all__ = ["CodingPanel"]

_QUEUE = [field.name for field in fields(Waiting)]


class CodingPanel(anywidget.AnyWidget):
    """Code by hand, in a notebook.

    Everything is stored as it is done, under the coder's name; there is nothing to save. The panel
    may be shown in several cells, and opened again tomorrow.

    Parameters
    ----------
    project : Project
    coder : str
        By the name that the study uses.

    Raises
    ------
    ProjectError
        If nobody of the study bears this name, or a reader does.

    Examples
    --------
    ``CodingPanel(project, coder="coder-1")`` as the last line of a cell.
    """

    _esm = joined_modules()
    _css = style()

    def __init__(self, project: Project, coder: str) -> None:
        if not isinstance(project, Project):
            raise TypeError(
                f"expected a project, as Project.open gives it, came {type(project).__name__}"
            )
        self._sitting = Sitting(project, coder)
        super().__init__()
        self.on_msg(self._take)

    def _take(self, _: object, message: Any, buffers: Iterable[bytes]) -> None:  # noqa: ARG002  # as ipywidgets calls it
        self.send(self._sitting.take(message if isinstance(message, dict) else {}))

    @property
    def project(self) -> Project:
        """The study."""
        return self._sitting.project

    @property
    def coder(self) -> str:
        """Whose panel this is."""
        return self._sitting.coder

    @property
    def codings(self) -> Codings:
        """What is stored now, as far as this coder may see it; in a blind phase their own."""
        with self._sitting.lock:
            return self._sitting.seat.desk.log()

    @property
    def proposals(self) -> Codings:
        """What machines proposed and nobody has decided on; nothing in a blind phase."""
        log = self.codings
        open_ = {coding.id for coding in proposals(log)}
        return log.where(lambda coding: coding.id in open_)

    def queue(self, order: Order = "assigned") -> pd.DataFrame:
        """The texts in the order in which they come.

        Parameters
        ----------
        order : {"assigned", "uncertain", "audit", "flagged"}
            What was assigned first; what a machine is least certain of first; by chance; or what
            this coder flagged, and nothing else. Who is blind gets the first of these where the
            second is asked.

        Returns
        -------
        pandas.DataFrame
            One row a text: ``id``, ``title``, ``kind``, ``assigned``, ``read``, ``flagged``,
            ``own`` (codings), ``proposed`` (open proposals), ``doubt`` in [0, 1].
        """
        import pandas as pd

        with self._sitting.lock:
            rows = self._now().queue(order)
        return pd.DataFrame([asdict(row) for row in rows], columns=_QUEUE)

    def _now(self) -> Seat:
        """What the coder has before them, counted anew: a cell may have coded beside the page."""
        seat = self._sitting.seat
        seat.keep_up()
        seat.forget()
        return seat

    def __repr__(self) -> str:
        with self._sitting.lock:
            seat = self._now()
            progress, desk = seat.progress(), seat.desk
        phase = f", {desk.phase.name}" if desk.phase else ""
        return (
            f"<CodingPanel of {self.coder}{phase}{', blind' if desk.blind else ''}: "
            f"{progress['read']} of {progress['total']} read, {progress['codings']} codings>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; where nothing can show one, a sentence that says what would."""
        found = super()._repr_mimebundle_(**kwargs)
        data = found[0] if isinstance(found, tuple) else found
        if data is None:
            return found
        words = f"{self!r}. Nothing is shown here: the panel needs Jupyter or marimo, running. "
        where = f'In the browser: reflect-analysis panel STUDY --coder "{self.coder}"'
        data["text/plain"] = repr(self)
        data["text/html"] = f"<p>{escape(words + where)}</p>"
        return found
