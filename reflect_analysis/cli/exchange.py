"""Files of other programs in ``import`` and ``export``."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import typer

from reflect_analysis.cli._shared import tell
from reflect_analysis.cli._study import answer, hint, opened, some
from reflect_analysis.errors import OutputError

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus, Omission
    from reflect_analysis.exchange import Exchanged, ExchangeReport, Exported
    from reflect_analysis.project import Event, Project
    from reflect_analysis.segments import Segments
    from reflect_analysis.segments import Unit as SegmentUnit

__all__ = [
    "Asked",
    "FileFormat",
    "LineEndsName",
    "PositionUnit",
    "Positions",
    "Rows",
    "Taken",
    "Taking",
    "export_file",
    "is_foreign",
    "may_be_foreign",
    "preview",
    "read_sources",
    "take",
]

FileFormat = Literal[
    "text", "csv-matrix", "recal", "ena", "jsonl", "jsonld", "qdpx", "nvivo", "qdc", "public"
]
Rows = Literal["", "case", "document", "sentence", "paragraph", "turn"]
PositionUnit = Literal["", "code points", "utf-16"]
LineEndsName = Literal["", "LF", "CRLF as one", "CRLF as two"]
_ROWS: dict[str, tuple[Rows, ...]] = {
    "csv-matrix": ("case", "document"),
    "recal": ("document", "sentence", "paragraph", "turn"),
    "ena": ("sentence", "paragraph", "turn", "document"),
}
_SHOWN = 12  # lines of what was left out


class Taken(NamedTuple):
    """What files of other programs bring into a study."""

    corpus: Corpus | None
    codebook: Codebook | None
    codings: Codings
    reports: tuple[ExchangeReport, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """The reports as plain values."""
        return [report.as_json() for report in self.reports]

    def lines(self) -> list[str]:
        """The reports in short."""
        return [line for report in self.reports for line in _lines(report)]


def is_foreign(path: str | Path) -> bool:
    """Whether another program wrote a file."""
    from reflect_analysis.exchange import recognise

    return "://" not in str(path) and bool(recognise(path))


def may_be_foreign(path: str | Path) -> bool:
    """Whether a file's ending is another program's, so that its reader says what is wrong."""
    from reflect_analysis.exchange import may_be_foreign

    return "://" not in str(path) and may_be_foreign(path)


# ── import ──


def preview(file: Path, positions: Positions, *, as_json: bool) -> None:
    """What would be read from a file; nothing is stored."""
    from reflect_analysis.exchange import read_exchange, with_regions

    found = read_exchange(file, unit=positions.unit, line_ends=positions.line_ends)
    unstored = with_regions(found).unstored
    content = found.as_json()
    things = ("documents", "cases", "codes", "codings", "memos", "regions", "sets", "links")
    told = ", ".join(
        f"{content[each]} {each.removesuffix('s') if content[each] == 1 else each}"
        for each in things
        if content[each]
    )
    storing = hint("import", "study.reflect", str(file), "--by", "NAME")
    lines = [*_lines(found.report), f"it holds {told or 'nothing'}"]
    content["unstored"] = [dataclasses.asdict(each) for each in unstored]
    lines += [f"a study has no place for: {each.place}" for each in unstored[:_SHOWN]]
    more = len(unstored) - _SHOWN
    lines += [f"and {more} more of these; --json lists all"] if more > 0 else []
    answer(content, *lines, f"nothing is stored; to store it: {storing}", as_json=as_json)


def _lines(report: ExchangeReport) -> list[str]:
    told = [f"{report.file}: {report.format}{f' of {report.program}' if report.program else ''}"]
    for source in report.sources:
        positions = ", ".join(filter(None, (source.unit, source.line_ends)))
        words = f"{source.at_word_starts_and_ends} start and end at words"
        read = f"{source.resolved} of {source.selections} selections, {words}"
        told.append(f"  {source.id or source.name}: {read}" + f" ({positions})" * bool(positions))
    told += [f"note: {note}" for note in report.notes]
    left = report.omissions
    told += [f"left out {each.place}: {each.reason}" for each in left[:_SHOWN]]
    if len(left) > _SHOWN:
        told.append(f"and {len(left) - _SHOWN} more left out; --json lists all")
    return told


class Positions(NamedTuple):
    """What positions count, where the file does not prove it."""

    unit: PositionUnit = ""
    line_ends: LineEndsName = ""


class Taking(NamedTuple):
    """Who imports, who cleared the texts and how, and whether coders read what they coded in."""

    by: str
    cleared_by: str = ""
    note: str = ""
    assume_seen: bool = False
    positions: Positions = Positions()


def take(project: Project, files: Sequence[Path], how: Taking) -> Taken:
    """Read files of other programs for a study; quotes are looked for in its texts."""
    from reflect_analysis.exchange import beside, read_exchange, with_regions

    strange = [str(file) for file in files if not is_foreign(file)]
    if strange:
        raise typer.BadParameter(
            f"{some(strange)}: texts, while other files are of another program; import them apart"
        )
    there, log = project.corpus(), project.codings()
    book = project.codebook() if project.has_codebook() else None
    found = [
        read_exchange(
            file,
            corpus=there,
            codebook=book,
            coder=how.by,
            assume_seen=how.assume_seen,
            unit=how.positions.unit,
            line_ends=how.positions.line_ends,
        )
        for file in files
    ]
    found = [beside(_with_unstored(with_regions(each)), there, log) for each in found]
    # What was found in texts that are there brings none of its own.
    corpora = [each.corpus for each in found if each.corpus != there and len(each.corpus)]
    corpus = _cleared(_joined(corpora), how.cleared_by, how.note) if corpora else None
    return Taken(corpus, _book(found, book), _log(found), tuple(each.report for each in found))


def _with_unstored(found: Exchanged) -> Exchanged:
    """A study whose report, and whose texts once they are stored, name what was left out."""
    left = found.unstored
    if not left:
        return found
    report = dataclasses.replace(found.report, omissions=(*found.report.omissions, *left))
    corpus = dataclasses.replace(found.corpus, omissions=(*found.corpus.omissions, *left))
    return dataclasses.replace(found, corpus=corpus, report=report)


def read_sources(sources: Sequence[Path]) -> Corpus:
    """Texts, whoever wrote the files: those of other programs, and all the rest."""
    from reflect_analysis.exchange import read_exchange
    from reflect_analysis.readers import read_corpus

    foreign = [file for file in sources if is_foreign(file)]
    rest = [file for file in sources if file not in foreign]
    corpora = [read_exchange(file).corpus for file in foreign]
    corpora += [read_corpus(rest)] if rest else []
    for file, corpus in zip(foreign, corpora, strict=False):
        if not len(corpus):
            tell(f"{file.name}: no text in it")
    return _joined(corpora)


def _joined(corpora: Sequence[Corpus]) -> Corpus:
    from reflect_analysis.corpus import Corpus

    return Corpus(
        *(
            # One participant may stand in several files; two different ones of a name are a fault.
            tuple(dict.fromkeys(row for corpus in corpora for row in getattr(corpus, name)))
            for name in ("documents", "cases", "clearances", "omissions", "runs")
        )
    )


def _cleared(corpus: Corpus, by: str, note: str) -> Corpus:
    from reflect_analysis.anonymity import mark_cleared

    if not by or not corpus.uncleared():
        return corpus
    return mark_cleared(corpus, by=by, note=note)


def _log(found: Iterable[Exchanged]) -> Codings:
    from reflect_analysis.codings import Codings

    log = Codings()
    for each in found:
        log += each.codings
    return log


def _book(found: Sequence[Exchanged], book: Codebook | None) -> Codebook | None:
    """The codebook to store; a study that has one keeps it, if it knows all codes."""
    from reflect_analysis.errors import ExchangeError

    brought = [each.codebook for each in found if len(each.codebook)]
    if book is None:
        if len({each.version for each in brought}) > 1:
            raise typer.BadParameter("the files bring several codebooks; import them one by one")
        return brought[0] if brought else None
    # A participant's words may stand in the name of a code, and in an id that was made of it.
    unknown = (
        code.public_name if code.in_vivo else code.id
        for other in brought
        for code in other
        if code.id not in book
    )
    missing = list(dict.fromkeys(unknown))
    if missing:
        raise ExchangeError(
            f"the codebook of the study lacks {len(missing)} codes of the file: {some(missing)}; "
            "add them to it first (--codebook), or import into a new study"
        )
    if any(each.version != book.version for each in brought):
        tell("the study keeps its own codebook; codes of the file are known by their ids")
    return None


# ── export ──


class Asked(NamedTuple):
    """What to write, and how."""

    format: FileFormat
    rows: Rows = ""
    stanza: str = "document_id"
    overwrite: bool = False
    frameworks: tuple[Path, ...] = ()


def export_file(study: str, out: Path, asked: Asked, *, by: str, as_json: bool) -> None:
    """Write a study for another program, and say in its log what left."""
    from reflect_analysis.exchange import ExportFormat, export_study

    if asked.format == "public":
        _export_public(study, out, asked, by=by, as_json=as_json)
        return
    unit = _checked(asked.format, asked.rows)
    with opened(study) as project:
        corpus, book, log = project.corpus(), project.codebook(), project.codings()
        pictures, kept = _pictures(corpus, asked.format)
        with _logged(project, asked.format, by) as tell_log:
            found = export_study(
                out,
                cast("ExportFormat", asked.format),
                corpus=corpus,
                codebook=book,
                codings=log,
                segments=_segments(corpus, asked.format, unit),
                unit="document" if unit == "document" else "case",
                stanza=asked.stanza,
                pictures=pictures,
                overwrite=asked.overwrite,
                before=tell_log,
            )
        found = dataclasses.replace(found, left_out=(*found.left_out, *kept))
    _print_exported(found, as_json=as_json)


@contextmanager
def _logged(project: Project, format_: str, by: str) -> Iterator[Callable[[Exported], None]]:
    """What writes an export into the log, to be called before it is in its place.

    What left must stand there wherever this stops; what could not be written is told as well.
    """
    told: list[Event] = []

    def tell_log(leaving: Exported) -> None:
        where = leaving.path.absolute()
        told.append(project.record_export(format_, where, leaving.documents, by=by))

    try:
        yield tell_log
    except OutputError:
        for event in told:
            project.record_stayed(event)
        raise


def _export_public(study: str, out: Path, asked: Asked, *, by: str, as_json: bool) -> None:
    """Codebook and frameworks without participant material: nothing of a person leaves."""
    from reflect_analysis.exchange import export_public
    from reflect_analysis.frameworks import read_framework

    frameworks = [read_framework(path) for path in asked.frameworks]
    with opened(study) as project:
        book, corpus = project.codebook(), project.corpus()
        with _logged(project, asked.format, by) as tell_log:
            found = export_public(
                out,
                codebook=book,
                frameworks=frameworks,
                corpus=corpus,
                overwrite=asked.overwrite,
                before=tell_log,
            )
    _print_exported(found, as_json=as_json)


def _pictures(corpus: Corpus, format_: str) -> tuple[dict[str, bytes], list[Omission]]:
    """Copies of the pictures that may leave, without what a camera wrote; and why others stay."""
    from reflect_analysis.corpus import Omission
    from reflect_analysis.errors import ReflectAnalysisError
    from reflect_analysis.pictures import copy_picture

    ready: dict[str, bytes] = {}
    kept: list[Omission] = []
    if format_ not in ("qdpx", "nvivo"):
        return ready, kept
    with tempfile.TemporaryDirectory() as folder:
        for number, document in enumerate(corpus.permitted("export")):
            if document.picture is None or document.picture.path is None:
                continue
            try:
                copied = copy_picture(document, Path(folder) / f"p{number}", corpus=corpus)
                ready[document.id] = copied.path.read_bytes()
            except (ReflectAnalysisError, OSError) as problem:
                why = problem.faults[0] if isinstance(problem, ReflectAnalysisError) else "unread"
                kept.append(Omission("pictures", f"picture of {document.id}", why))
    return ready, kept


def _checked(format_: str, rows: Rows) -> Rows:
    known = _ROWS.get(format_, ())
    if rows and rows not in known:
        expected = f"one of {', '.join(known)}" if known else "none"
        raise typer.BadParameter(f"{rows!r}; {format_} takes {expected}", param_hint="--rows")
    return rows or (known[0] if known else "")


def _segments(corpus: Corpus, format_: str, unit: Rows) -> Segments | None:
    """The lines of a network analysis, or the units of ReCal: none for whole documents."""
    from reflect_analysis.segmentation import segment

    if format_ not in ("recal", "ena") or (format_ == "recal" and unit == "document"):
        return None
    return segment(corpus.permitted("export"), cast("SegmentUnit", unit))


def _print_exported(found: Exported, *, as_json: bool) -> None:
    lines = [f"{found.path}: {found.format}, of {len(found.documents)} documents"]
    lines += [f"left out {each.place}: {each.reason}" for each in found.left_out[:_SHOWN]]
    more = len(found.left_out) - _SHOWN
    lines += [f"and {more} more left out; --json lists all"] if more > 0 else []
    lines += [f"not in it: {each.place}: {each.reason}" for each in found.losses[:_SHOWN]]
    lines += [f"note: {note}" for note in found.notes]
    words = found.format.startswith(("REFI-QDA project", "spans", "Web Annotation"))
    held = "participants' words" if words else "rows of single participants"
    if found.documents:
        lines.append(f"It holds {held}: keep it as you keep the study.")
    answer(found.as_json(), *lines, as_json=as_json)
