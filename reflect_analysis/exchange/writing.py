"""A study written in one of the formats, with what may not leave left out.

Every way out passes `what_may_leave`: a governed record leaves only where its authority approved
"export", and nothing leaves that nobody cleared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from reflect_analysis._whole import is_left
from reflect_analysis.codebook import Codebook
from reflect_analysis.codings import Codings
from reflect_analysis.corpus import Corpus, Omission
from reflect_analysis.errors import ExchangeError, OutputError
from reflect_analysis.exchange.annotations import annotations_page
from reflect_analysis.exchange.leaving import Leaving, book_that_may_leave, what_may_leave
from reflect_analysis.exchange.lines import spans_lines
from reflect_analysis.exchange.placing import Ready, check_free
from reflect_analysis.exchange.refi.saving import ready_refi
from reflect_analysis.exchange.refi.writing import Variant
from reflect_analysis.exchange.tidy import (
    as_csv,
    case_matrix,
    ena_lines,
    left_over,
    people,
    ratings_of,
    recal_units,
)
from reflect_analysis.exchange.values import Exported
from reflect_analysis.segments import Segments

__all__ = ["ExportFormat", "export_study"]

ExportFormat = Literal["csv-matrix", "recal", "ena", "jsonl", "jsonld", "qdpx", "nvivo", "qdc"]
_UNITS = "units.csv"
_PEOPLE_ONLY = "what only a machine proposed does not count"


def export_study(  # noqa: PLR0913  # one parameter an option of the formats
    path: str | Path,
    format: ExportFormat,  # noqa: A002  # what the command and the report call it too
    *,
    corpus: Corpus,
    codebook: Codebook,
    codings: Codings,
    segments: Segments | None = None,
    unit: Literal["case", "document"] = "case",
    coders: Sequence[str] = (),
    stanza: str = "document_id",
    attributes: Sequence[str] = (),
    pictures: Mapping[str, bytes] | None = None,
    overwrite: bool = False,
    before: Callable[[Exported], object] | None = None,
) -> Exported:
    """Write a study for another program.

    Parameters
    ----------
    path : str or Path
        A file; for ``"recal"`` a folder, with a file a code and one that names the units.
    format : {"csv-matrix", "recal", "ena", "jsonl", "jsonld", "qdpx", "nvivo", "qdc"}
        Participants (or documents) × codes; units × coders for ReCal; lines for epistemic
        network analysis; spans as JSON lines; Web Annotations; a REFI-QDA project (.qdpx), and
        the same as NVivo for Windows counts positions; a REFI-QDA codebook.
    corpus, codebook, codings
    segments : Segments, optional
        The lines of ``"ena"``, which needs them; the units of ``"recal"``, else documents.
    unit : {"case", "document"}
        The rows of ``"csv-matrix"``.
    coders : sequence of str
        The columns of ``"recal"``; by default all persons.
    stanza, attributes
        See `ena_table`.
    pictures : mapping, optional
        Content of pictures by document, for a REFI-QDA project: see `write_refi`.
    overwrite : bool
        Whether an existing file is replaced.
    before : callable, optional
        Is called with what leaves when all is ready and nothing is in its place yet: a log that is
        written then names all that left, wherever this is stopped.

    Returns
    -------
    Exported
        With the ids of the documents that left, for a later withdrawal.

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    ExchangeError
        If there is nothing to write, such as one coder only for ``"recal"``.
    OutputError
        If the file exists, or cannot be written.
    """
    target = Path(path)
    if format not in get_args(ExportFormat):
        raise ValueError(f"format {format!r}; expected one of {', '.join(get_args(ExportFormat))}")
    if format == "recal":
        _check_folder_free(target, overwrite=overwrite)
        leaving = what_may_leave(corpus, codebook, codings)
        ready = _recal(target, leaving, segments, coders)
    elif format in ("qdpx", "nvivo", "qdc"):
        _check_ending(target, ".qdc" if format == "qdc" else ".qdpx")
        check_free(target, overwrite=overwrite)
        ready = _refi(target, format, corpus, codebook, codings, pictures or {})
    else:
        leaving = what_may_leave(corpus, codebook, codings)
        check_free(target, overwrite=overwrite)
        if format == "ena":
            ready = _ena(target, leaving, segments, stanza, attributes)
        elif format == "csv-matrix":
            ready = _matrix(target, leaving, unit)
        else:
            ready = (_lines if format == "jsonl" else _annotations)(target, leaving)
    if before is not None:
        before(ready.exported)
    return ready.place()


def _refi(
    target: Path,
    format_: ExportFormat,
    corpus: Corpus,
    codebook: Codebook,
    codings: Codings,
    pictures: Mapping[str, bytes],
) -> Ready:
    if format_ == "qdc":
        # A codebook alone may go anywhere: without what may be participants' words.
        book, left_out = book_that_may_leave(corpus, codebook)
        ready = ready_refi(target, book.public())
        left_out = (*left_out, *ready.exported.left_out)
        return Ready(dataclasses.replace(ready.exported, left_out=left_out), ready.content)
    variant: Variant = "nvivo" if format_ == "nvivo" else "refi"
    return ready_refi(target, codebook, corpus, codings, variant, pictures=pictures)


def _check_folder_free(target: Path, *, overwrite: bool) -> None:
    is_taken = target.is_dir() and not all(map(is_left, target.iterdir()))
    if target.is_file() or (is_taken and not overwrite):
        raise OutputError(f"{target}: exists; name a new folder, or say overwrite")


def _check_ending(target: Path, ending: str) -> None:
    if target.suffix.lower() != ending:
        raise OutputError(f"{target}: expected a name that ends in {ending}")


def _exported(
    target: Path, name: str, leaving: Leaving, losses: Mapping[str, str], *notes: str
) -> Exported:
    return Exported(
        target,
        name,
        tuple(document.id for document in leaving.corpus),
        leaving.left_out,
        tuple(Omission("study", what, why) for what, why in losses.items()),
        notes,
    )


def _of_pictures(codings: Codings) -> dict[str, str]:
    """What a format of texts cannot say of pictures."""
    count = sum(row.coding.region is not None for row in codings.current)
    return {"pictures": f"{count} coded parts of them"} if count else {}


def _lines(target: Path, leaving: Leaving) -> Ready:
    codings = leaving.codings.under(leaving.codebook)
    lines = "".join(f"{line}\n" for line in spans_lines(leaving.corpus, codings))
    losses = {
        "codebook": "the lines name codes by id, without definitions",
        "cases": "attributes of participants and documents; and of speakers in a transcript "
        "their consent to be quoted and who governs their words",
        "documents": "speakers and their times, other voices, pictures and their alt texts, and "
        "that the texts are cleared",
        "codings": "memos, evidence, scores, rejected proposals, reasons, and what machines read",
        **_of_pictures(codings),
    }
    exported = _exported(target, "spans as JSON lines", leaving, losses)
    return Ready(exported, lines.encode("utf-8", "backslashreplace"))


def _annotations(target: Path, leaving: Leaving) -> Ready:
    codings = leaving.codings.under(leaving.codebook)
    page = annotations_page(leaving.corpus, leaving.codebook, codings)
    losses = {
        "corpus": "the texts, but for the coded passages and a few words around each; whose they "
        "are, consent and governance",
        "codebook": "codes by id and name, without definitions",
        "codings": f"memos, evidence, decisions, and who read what; {_PEOPLE_ONLY}",
        **_of_pictures(codings),
    }
    exported = _exported(target, "Web Annotations", leaving, losses)
    # A lone half of a character is escaped as JSON has it.
    return Ready(exported, page.encode("utf-8", "backslashreplace"))


def _matrix(target: Path, leaving: Leaving, unit: Literal["case", "document"]) -> Ready:
    matrix = case_matrix(
        leaving.codings, corpus=leaving.corpus, codebook=leaving.codebook, unit=unit
    )
    losses = {"codings": f"where in the texts, by whom and when; {_PEOPLE_ONLY}"}
    notes = ["1 coded, 0 read and not coded, NA not read"]
    if not len(matrix):
        notes.append("no document has a known participant: take the documents as rows")
    exported = _exported(target, f"{unit} × code", leaving, losses, *notes)
    return Ready(exported, as_csv(matrix))


def _ena(
    target: Path,
    leaving: Leaving,
    segments: Segments | None,
    stanza: str,
    attributes: Sequence[str],
) -> Ready:
    if segments is None:
        raise ValueError('"ena" needs segments: segment(corpus, by="sentence")')
    kept = segments.where(lambda row: row.document_id in leaving.corpus)
    table = ena_lines(
        leaving.codings, kept, codebook=leaving.codebook, stanza=stanza, attributes=attributes
    )
    gone = len(kept) - len(table)
    losses = {"codings": f"where in the line, by whom and when; {_PEOPLE_ONLY}"}
    there = {name.removesuffix("_code") for name in map(str, table.columns)} | set(table.columns)
    unread = [code.id for code in leaving.codebook.in_use if code.id not in there]
    if unread:
        losses[_codes(unread)] = "nobody has read for it, so it is no column"
    if gone:
        why = "nobody read them for every code, or their participant is not known"
        losses["lines"] = f"{gone} of {len(kept)} lines: {why}"
    exported = _exported(target, "lines for epistemic network analysis", leaving, losses)
    return Ready(exported, as_csv(table, index=False))


def _recal(
    target: Path, leaving: Leaving, segments: Segments | None, coders: Sequence[str]
) -> Ready:
    who = tuple(coders) or people(leaving.codings)
    if len(who) < 2:  # noqa: PLR2004  # agreement is between two
        raise ExchangeError(f"ReCal compares coders, and {len(who)} is here; two are needed")
    ratings = ratings_of(leaving, segments, who)
    matrices = recal_units(ratings)
    if not any(map(len, matrices.values())):
        raise ExchangeError(
            f"nothing is left for ReCal: no unit was read for a code by all of {', '.join(who)}"
        )
    files, units = {}, ["code_id,row,unit_id\n"]
    for code_id, matrix in matrices.items():
        if len(matrix):
            files[f"{code_id}.csv"] = as_csv(matrix, header=False, index=False)
            units += [
                f"{code_id},{row},{_cell(name)}\n" for row, name in enumerate(matrix.index, 1)
            ]
    files[_UNITS] = "".join(units).encode("utf-8")
    why = f"units, which not all of {len(who)} coders read"
    alike: dict[int, list[str]] = {}
    for code_id, count in left_over(ratings, matrices).items():
        alike.setdefault(count, []).append(code_id)
    lost = {_codes(ids): f"{n} of {len(ratings)} {why}" for n, ids in alike.items() if n}
    note = f"the columns are, from the left: {', '.join(who)}"
    return Ready(_exported(target, "unit × coder for ReCal", leaving, lost, note), files)


def _codes(ids: Sequence[str]) -> str:
    return f"{'code' if len(ids) == 1 else 'codes'} {', '.join(ids)}"


def _cell(name: str) -> str:
    from reflect_analysis.disclosure.sheets import disarmed

    safe = disarmed(name)
    return '"' + safe.replace('"', '""') + '"' if set(safe) & set(',"\n') else safe
