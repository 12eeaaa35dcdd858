"""Codings as the tables that R and other programs calculate with.

Three things stay apart in each: coded is 1, read and not coded is 0, not read is NA. A format
that has no sign for "not read" gets the rows that are whole, and the report says how many were
left. Only what a person coded or accepted counts, and of governed records only what may leave.
These tables have a row for each participant
or passage: they are for the researchers' own calculations, never to be sent.

References
----------
Freelon, D. G. (2010). ReCal: Intercoder reliability calculation as a web service.
*International Journal of Internet Science*, 5(1), 20–33.
Shaffer, D. W., Collier, W., & Ruis, A. R. (2016). A tutorial on epistemic network analysis.
*Journal of Learning Analytics*, 3(3), 9–45.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus
from reflect_analysis.exchange.leaving import Leaving, what_may_leave
from reflect_analysis.matrices import code_matrix
from reflect_analysis.ratings import Ratings, rate_documents, rate_segments
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "as_csv",
    "case_matrix",
    "ena_lines",
    "ena_table",
    "left_over",
    "people",
    "ratings_of",
    "recal_matrices",
    "recal_units",
]

Unit = Literal["case", "document"]
_EVERYBODY = "everybody"


def people(codings: Codings) -> tuple[str, ...]:
    """The persons who coded or read something, sorted; machines are none."""
    coded = {row.coder for row in codings.codings if row.coder_kind == "person"}
    return tuple(sorted(coded | {row.coder for row in codings.seen if row.coder_kind == "person"}))


def case_matrix(
    codings: Codings, *, corpus: Corpus, codebook: Codebook, unit: Unit = "case"
) -> pd.DataFrame:
    """Participants × codes: 1 coded, 0 read and not coded, NaN not read.

    Parameters
    ----------
    codings : Codings
        What a person coded or accepted; passages of a subcode count for those above it.
    corpus : Corpus
    codebook : Codebook
    unit : {"case", "document"}
        A row a participant, or a row a document.

    Returns
    -------
    DataFrame
        (n_units, n_codes) of floats, indexed by ``case_id`` or ``document_id``. 0 stands only
        where somebody has read every document of the participant for that code (`code_matrix`
        has other choices). A case without a document is no row, nor is a document of unknown
        case, nor a governed record whose authority has not approved ``"export"``, nor the words
        of others.

    Raises
    ------
    NotClearedError
        If a document is not cleared.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Group
    >>> from reflect_analysis.codings import Coding, Seen
    >>> from reflect_analysis.corpus import Case, Clearance, Document
    >>> book = Codebook((Code("joy", "Joy", "Gladness.", "g"),), (Group("g", "G"),))
    >>> text = Document("R1", "So glad.", case_id="P1")
    >>> corpus = Corpus((text,), (Case("P1"),), (Clearance(text.sha256, "ada", "read"),))
    >>> log = Codings((Coding("R1", 0, 7, "joy", "ada"),), seen=(Seen("ada", "R1"),))
    >>> float(case_matrix(log, corpus=corpus, codebook=book).loc["P1", "joy"])
    1.0
    """
    leaving = what_may_leave(corpus, codebook, codings)
    return code_matrix(
        _as_one(leaving.codings),
        corpus=leaving.corpus,
        codebook=codebook,
        by=unit,
        only_whole=True,
        use="export",
    ).to_frame()


def recal_matrices(
    codings: Codings,
    units: Corpus | Segments,
    *,
    codebook: Codebook,
    coders: Sequence[str] = (),
) -> dict[str, pd.DataFrame]:
    """Units × coders for each code, as ReCal takes them: whole numbers, no header, no gaps.

    Parameters
    ----------
    codings : Codings
    units : Corpus or Segments
        What is a unit: a document of a corpus, or a segment.
    codebook : Codebook
    coders : sequence of str
        Two or more; by default every person who coded or read something.

    Returns
    -------
    dict of str to DataFrame
        By code, (n_units, n_coders) of 0 and 1, indexed by the unit: the units that all these
        coders read for the code. A code that no unit is left for has no rows. A governed record
        whose authority has not approved ``"export"`` is no unit.

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    """
    segments = units if isinstance(units, Segments) else None
    corpus = units.corpus if isinstance(units, Segments) else units
    leaving = what_may_leave(corpus, codebook, codings)
    who = tuple(coders) or people(leaving.codings)
    return recal_units(ratings_of(leaving, segments, who))


def ratings_of(leaving: Leaving, segments: Segments | None, who: Sequence[str]) -> Ratings:
    """What coders said of the units that may leave: segments, or whole documents."""
    log = leaving.codings.under(leaving.codebook)
    codes = [code.id for code in leaving.codebook.in_use]
    if segments is None:
        return rate_documents(
            log, coders=who, codes=codes, corpus=leaving.corpus, codebook=leaving.codebook
        )
    kept = segments.where(lambda row: row.document_id in leaving.corpus)
    return rate_segments(log, kept, coders=who, codes=codes, codebook=leaving.codebook)


def recal_units(ratings: Ratings) -> dict[str, pd.DataFrame]:
    """The matrices of `recal_matrices`, of what was asked before whether it may leave."""
    import numpy as np
    import pandas as pd

    found = {}
    for code_id in ratings.codes:
        values = ratings.of(code_id)
        kept = np.flatnonzero(~np.isnan(values).any(axis=1))
        found[code_id] = pd.DataFrame(
            values[kept].astype(int),
            index=pd.Index([ratings.units[row].id for row in kept], name="unit_id"),
            columns=list(ratings.coders),
        )
    return found


def ena_table(
    codings: Codings,
    segments: Segments,
    *,
    codebook: Codebook,
    stanza: str = "document_id",
    attributes: Sequence[str] = (),
) -> pd.DataFrame:
    """Lines for epistemic network analysis: unit, stanza and a column of 0 and 1 a code.

    Parameters
    ----------
    codings : Codings
        What a person coded or accepted.
    segments : Segments
        A line each, in their order.
    codebook : Codebook
    stanza : str
        Within which codes count as connected: ``"document_id"``, or an attribute of the
        documents such as ``"session"``.
    attributes : sequence of str
        Further columns: attributes of the documents and their cases.

    Returns
    -------
    DataFrame
        ``unit`` (the participant), ``stanza``, ``line`` (the segment), the attributes, the
        codes. A code that nobody read for at all is no column. A segment that nobody read for
        every other code, or of no known participant, is left out: the method has no sign for
        what is not known. So is a governed record whose authority has not approved
        ``"export"``.

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    ValueError
        If no document has the attribute.
    """
    leaving = what_may_leave(segments.corpus, codebook, codings)
    kept = segments.where(lambda row: row.document_id in leaving.corpus)
    return ena_lines(leaving.codings, kept, codebook=codebook, stanza=stanza, attributes=attributes)


def ena_lines(
    codings: Codings,
    segments: Segments,
    *,
    codebook: Codebook,
    stanza: str,
    attributes: Sequence[str],
) -> pd.DataFrame:
    """The lines of `ena_table`, of what was asked before whether it may leave."""
    import numpy as np
    import pandas as pd

    corpus = segments.corpus
    _check_attributes(corpus, [stanza, *attributes])
    codes = [code.id for code in codebook.in_use]
    log = _as_one(codings.under(codebook))
    ratings = rate_segments(log, segments, coders=[_EVERYBODY], codes=codes, codebook=codebook)
    values = ratings.by(_EVERYBODY)
    # Where there are no lines at all, nobody is told that a code was not read for.
    read = [n for n in range(len(codes)) if not (len(values) and np.isnan(values[:, n]).all())]
    codes = [codes[n] for n in read]
    values = values[:, read]
    rows = [
        (number, row)
        for number, row in enumerate(segments)
        if row.case_id and not np.isnan(values[number]).any()
    ]
    about = {
        name: [_attribute(corpus, row.document_id, name) for _, row in rows]
        for name in (stanza, *attributes)
    }
    columns: dict[str, Any] = {
        "unit": [row.case_id for _, row in rows],
        "stanza": about[stanza],
        "line": [row.id for _, row in rows],
        **{name: about[name] for name in attributes},
    }
    kept = values[[number for number, _ in rows]].astype(int)
    # A code may be called as a column is.
    names = [f"{code_id}_code" if code_id in columns else code_id for code_id in codes]
    lines = pd.DataFrame(columns, index=range(len(rows)))
    return pd.concat([lines, pd.DataFrame(kept, columns=names, index=lines.index)], axis=1)


def _check_attributes(corpus: Corpus, names: Iterable[str]) -> None:
    known = {name for document in corpus for name in corpus.attributes_of(document)}
    for name in names:
        if name != "document_id" and name not in known:
            raise ValueError(
                f"no document has the attribute {name!r}; expected one of {sorted(known)}"
            )


def _attribute(corpus: Corpus, document_id: str, name: str) -> object:
    if name == "document_id":
        return document_id
    return corpus.attributes_of(corpus.document(document_id)).get(name, "")


def _as_one(codings: Codings) -> Codings:
    """What persons coded, accepted and read, as if one had: a union of all of them."""
    # Nothing may differ but the place and the code: two who coded alike are one coding here.
    plain: dict[str, Any] = {"score": None, "evidence": "", "blind": False, "phase": "", "id": ""}
    rows = tuple(
        dataclasses.replace(row.coding, coder=_EVERYBODY, coder_kind="person", **plain)
        for row in codings.current
        if row.status != "machine"
    )
    seen = tuple(
        dataclasses.replace(row, coder=_EVERYBODY)
        for row in codings.seen
        if row.coder_kind == "person"
    )
    return Codings(rows, seen=seen)


def as_csv(frame: pd.DataFrame, *, header: bool = True, index: bool = True) -> bytes:
    """A frame as CSV: UTF-8, LF, ``NA`` for what is not known, no cell that is a formula."""
    from reflect_analysis.disclosure.sheets import disarmed

    def safe(cell: object) -> object:
        return disarmed(cell) if isinstance(cell, str) else cell

    shown = frame.copy()
    for name in shown.columns:
        if shown[name].dtype == object:
            shown[name] = shown[name].map(safe)
        elif shown[name].dtype.kind == "f":
            shown[name] = shown[name].astype("Int64")
    shown.index = shown.index.map(safe)
    text = shown.to_csv(header=header, index=index, na_rep="NA", lineterminator="\n")
    return text.encode("utf-8")


def left_over(ratings: Ratings, matrices: Mapping[str, Collection[object]]) -> dict[str, int]:
    """For each code, how many units not all coders read."""
    return {code_id: len(ratings) - len(matrices[code_id]) for code_id in ratings.codes}
