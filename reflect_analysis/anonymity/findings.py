"""What the check found: places, kinds and reasons, and the table that asks about them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from reflect_analysis._rows import html_table
from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure.sheets import write_sheet
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SHEET", "AnonymityReport", "Finding"]

SHEET = "findings"
_SHOWN = ("document_id", "start", "end", "text", "kind", "score", "why")
FILE_NAME = "file name"
CASE_ID = "case id"
ALT_TEXT = "alt text"
PICTURE_FILE = "picture's file"
_COLUMNS = (
    "id",
    "document_id",
    "field",
    "start",
    "end",
    "kind",
    "direct",
    "score",
    "why",
    "text",
    "replace",
    "reason",
)


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
        ``"date of birth"``, ``"street address"``, ``"licence number"``, ``"bank card"``,
        ``"bank account"``, ``"IP address"``, ``"age"`` (over 89), ``"name"``, ``"centre"``,
        ``"room"``, ``"town"`` or ``"community"``.
    score : float
        How sure it is, in [0, 1]; comparable within a kind, not a probability.
    direct : bool
        Whether it identifies by itself: a guess (one word that a model takes for a name) does
        not count so, a first name with a surname does.
    why : str
        What it was recognised by; never the words.
    field : str
        Where it stands if not in the text: ``"attribute email"``, ``"case attribute name"``
        (then `document_id` is the case's id), ``"file name"``, ``"alt text"`` or ``"picture's
        file"`` (of a picture), or ``"case id"`` (then `document_id` is the case's number, such as
        ``"case 3"``, since the id is the identifier).
    """

    document_id: str
    start: int
    end: int
    kind: str
    score: float
    direct: bool
    why: str
    field: str = ""

    @property
    def id(self) -> str:
        """``document_id:start-end:kind``: the same as long as the text is."""
        holder = f"{self.document_id}[{self.field}]" if self.field else self.document_id
        return f"{holder}:{self.start}-{self.end}:{self.kind}"


@dataclass(frozen=True)
class AnonymityReport:
    """What the check found in a corpus.

    Parameters
    ----------
    corpus : Corpus
        The texts that were checked.
    findings : tuple of Finding
        In the order of the documents, then of the text.
    without_model : tuple of str
        Documents in a language that no model reads here: names are sought there by lists and by
        the words around them alone. A surname by itself, and a town that is not listed, are
        found there only where such words stand.
    runs : tuple of Run
    """

    corpus: Corpus
    findings: tuple[Finding, ...]
    without_model: tuple[str, ...] = ()
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

    @property
    def in_texts(self) -> tuple[Finding, ...]:
        """The findings that are spans of a document's text."""
        return tuple(finding for finding in self.findings if not finding.field)

    @property
    def beside(self) -> tuple[Finding, ...]:
        """The findings in attributes, alt texts and file names."""
        return tuple(finding for finding in self.findings if finding.field)

    @cached_property
    def fingerprint(self) -> str:
        """Of the texts that were checked."""
        return self.corpus.fingerprint

    def counts(self) -> dict[str, int]:
        """Findings of each kind, the most frequent first."""
        return dict(Counter(finding.kind for finding in self.findings).most_common())

    def counts_by_place(self) -> dict[str, dict[str, int]]:
        """Findings of each kind in the texts, and of each kind by the field that stands beside.

        Returns
        -------
        dict of str to dict of str to int
            ``"texts"`` first, then each field: ``"attribute email"``, ``"file name"`` …
        """
        places: dict[str, Counter[str]] = {"texts": Counter()}
        for finding in self.findings:
            places.setdefault(finding.field or "texts", Counter())[finding.kind] += 1
        return {place: dict(kinds.most_common()) for place, kinds in places.items()}

    def to_frame(self) -> pd.DataFrame:
        """The findings with their words, for the researcher's eyes.

        Returns
        -------
        DataFrame
            ``document_id, start, end, text, kind, score, why``, then ``direct``, ``id`` and
            ``field``.
        """
        import pandas as pd

        columns = [*_SHOWN, "direct", "id", "field"]
        rows = [[record[name] for name in columns] for record in self._records()]
        return pd.DataFrame(rows, columns=columns)

    def to_csv(self, path: str | Path) -> None:
        """Write the findings with empty columns ``reason`` and ``replace``, to be filled in.

        `read_reasons` reads why a finding may stand, `read_replacements` which to replace (yes
        or no).

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

    def words_of(self, finding: Finding) -> str:
        """What stands at a finding's place: a participant's words, for the researcher's eyes."""
        if not finding.field:
            document = self.corpus.document(finding.document_id)
            return document.passage(finding.start, finding.end)
        where, _, column = finding.field.rpartition("attribute ")
        if finding.field == CASE_ID:
            cell: object = self.corpus.cases[int(finding.document_id.removeprefix("case ")) - 1].id
        elif finding.field == FILE_NAME:
            cell = stem_of(self.corpus.document(finding.document_id).source)
        elif finding.field in (ALT_TEXT, PICTURE_FILE):
            picture = self.corpus.document(finding.document_id).picture
            alt_text, path = (picture.alt_text, picture.path) if picture else ("", "")
            cell = alt_text if finding.field == ALT_TEXT else stem_of(path or "")
        elif where:
            cell = self.corpus.case(finding.document_id).attributes[column]
        else:
            cell = self.corpus.document(finding.document_id).attributes[column]
        return str(cell)[finding.start : finding.end]

    def _records(self) -> Iterator[dict[str, Any]]:
        for finding in self.findings:
            passage = self.words_of(finding)
            fields = {f.name: getattr(finding, f.name) for f in dataclasses.fields(Finding)}
            yield {**fields, "id": finding.id, "text": passage, "reason": "", "replace": ""}

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {kind}" for kind, count in self.counts().items()) or "nothing"
        where = f"in {len(self.corpus)} documents: {told}"
        gap = len(self.without_model)
        return f"<AnonymityReport: {where}{f'; names by lists alone in {gap}' if gap else ''}>"

    def _repr_html_(self) -> str:
        table = html_table(("Kind", "Findings"), self.counts().items())
        hint = (
            f"{len(self.direct)} are direct identifiers and need a reason each if they are to "
            "stand; the others are guesses. to_frame() shows the words."
        )
        return f"<p>{escape(repr(self))}</p>{table}<p>{escape(hint)}</p>"


def stem_of(source: str) -> str:
    """A file's name without its folder and its ending, whichever system wrote the path.

    Examples
    --------
    >>> stem_of("2024/ECE 12.docx")
    'ECE 12'
    """
    return PurePath(source.replace("\\", "/")).stem


def _cell(value: object) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int) else str(value)
