"""What the check found: places, kinds and reasons, and the table that asks about them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure.sheets import write_sheet
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SHEET", "AnonymityReport", "Finding"]

SHEET = "findings"
_COLUMNS = ("id", "document_id", "start", "end", "kind", "direct", "score", "why", "text", "reason")


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text that may identify a person.

    Parameters
    ----------
    document_id : str
    start, end : int
        Half-open code points.
    kind : str
        ``"e-mail"``, ``"phone"``, ``"postal code"``, ``"SIN"``, ``"URL"``, ``"handle"``,
        ``"date of birth"``, ``"street address"`` or ``"name"``.
    score : float
        How sure it is, in [0, 1]; comparable within a kind, not a probability.
    direct : bool
        Whether it identifies by itself: a guess (one word that a model takes for a name) does
        not count so, a first name with a surname does.
    why : str
        What it was recognised by; never the words.
    """

    document_id: str
    start: int
    end: int
    kind: str
    score: float
    direct: bool
    why: str

    @property
    def id(self) -> str:
        """``document_id:start-end:kind``: the same as long as the text is."""
        return f"{self.document_id}:{self.start}-{self.end}:{self.kind}"


@dataclass(frozen=True)
class AnonymityReport:
    """What the check found in a corpus.

    Parameters
    ----------
    corpus : Corpus
        The texts that were checked.
    findings : tuple of Finding
        In the order of the documents, then of the text.
    names_not_sought : tuple of str
        Documents in a language in which no names are found.
    runs : tuple of Run
    """

    corpus: Corpus
    findings: tuple[Finding, ...]
    names_not_sought: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def direct(self) -> tuple[Finding, ...]:
        """The findings that need a reason each, if they are to stand."""
        return tuple(finding for finding in self.findings if finding.direct)

    @property
    def guesses(self) -> tuple[Finding, ...]:
        """The findings that the clearing person's note answers for."""
        return tuple(finding for finding in self.findings if not finding.direct)

    @cached_property
    def fingerprint(self) -> str:
        """Of the texts that were checked."""
        return self.corpus.fingerprint

    def counts(self) -> dict[str, int]:
        """Findings of each kind, the most frequent first."""
        return dict(Counter(finding.kind for finding in self.findings).most_common())

    def to_frame(self) -> pd.DataFrame:
        """The findings with their words, for the researcher's eyes.

        Returns
        -------
        DataFrame
            ``document_id, start, end, text, kind, score, why``, then ``direct`` and ``id``.
        """
        import pandas as pd

        columns = ["document_id", "start", "end", "text", "kind", "score", "why", "direct", "id"]
        rows = [[record[name] for name in columns] for record in self._records()]
        return pd.DataFrame(rows, columns=columns)

    def to_csv(self, path: str | Path) -> None:
        """Write the findings with an empty column ``reason``, to be filled and read back.

        The file holds participants' words: it belongs to what is kept.

        Parameters
        ----------
        path : str or Path
            Ends in ``.csv`` or ``.xlsx``.

        Raises
        ------
        OutputError
            If another program holds the file.
        ValueError
            If the path ends otherwise.
        """
        rows = [{name: _cell(record[name]) for name in _COLUMNS} for record in self._records()]
        widths = {**dict.fromkeys(_COLUMNS, 10), "id": 24, "why": 36, "text": 40, "reason": 50}
        write_sheet(Path(path), SHEET, rows, widths=widths)

    def _records(self) -> Iterator[dict[str, Any]]:
        for finding in self.findings:
            passage = self.corpus.document(finding.document_id).passage(finding.start, finding.end)
            fields = {f.name: getattr(finding, f.name) for f in dataclasses.fields(Finding)}
            yield {**fields, "id": finding.id, "text": passage, "reason": ""}

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {kind}" for kind, count in self.counts().items()) or "nothing"
        where = f"in {len(self.corpus)} documents: {told}"
        gap = len(self.names_not_sought)
        return f"<AnonymityReport: {where}{f'; names not sought in {gap}' if gap else ''}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(kind)}</td><td>{count}</td></tr>"
            for kind, count in self.counts().items()
        )
        head = "<tr><th>Kind</th><th>Findings</th></tr>"
        hint = (
            f"{len(self.direct)} are direct identifiers and need a reason each if they are to "
            "stand; the others are guesses. to_frame() shows the words."
        )
        return f"<p>{escape(repr(self))}</p><table>{head}{rows}</table><p>{escape(hint)}</p>"


def _cell(value: object) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int) else str(value)
