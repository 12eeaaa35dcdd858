"""Writing the report: beside the place where it shall lie, searched, and only then renamed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from reflect_analysis._whole import is_left, whole_folder
from reflect_analysis.disclosure import TEMPLATE, Approval, check_share
from reflect_analysis.errors import (
    AgreementError,
    GovernanceError,
    OutputError,
    ReflectAnalysisError,
)
from reflect_analysis.reliability import REFLEXIVE
from reflect_analysis.report.contents import Contents, gather
from reflect_analysis.report.coreq import QUESTIONS, Researchers
from reflect_analysis.report.further import check_further, words_of
from reflect_analysis.report.house import House, read_house
from reflect_analysis.report.keep import MARKER, write_keep
from reflect_analysis.report.page import render
from reflect_analysis.report.portable import NO_BROWSER, find_browser, print_pdf
from reflect_analysis.report.releasing import (
    beside_earlier,
    hidden_beside_earlier,
    open_ledger,
    release_for,
)
from reflect_analysis.report.study import Study
from reflect_analysis.report.word import to_docx
from reflect_analysis.tables import export_table
from reflect_analysis.themes import Approach

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.disclosure import Release
    from reflect_analysis.reliability import Agreement
    from reflect_analysis.topics import Alignment, Topics

__all__ = [
    "ReportFolder",
    "ReportFormat",
    "check_formats",
    "check_output",
    "earlier_reports",
    "folder_beside",
    "own_words",
    "write_report",
]

ReportFormat = Literal["html", "docx", "pdf"]


@dataclass(frozen=True)
class ReportFolder:
    """A report that was written.

    Parameters
    ----------
    out : Path
        The folder, with ``share`` and ``keep`` in it.
    main : Path
        The page to open.
    share, keep : tuple of Path
        What may be sent, and what may not.
    draft : bool
        Whether it rests on machine coding that nobody has reviewed.
    quotes_approved, quotes_printed : int
        How many passages were approved for the report, and how many of them are printed;
        ``keep/quotes-left-out.csv`` says why the others are not.
    withheld : tuple of str
        What is hidden or not printed because of what was sent before, and why.
    remarks : tuple of str
        What of earlier releases was reckoned as known, and what could not be.
    hidden : int
        How many counts and quotes `withheld` tells of: one line of it may be of several.
    """

    out: Path
    main: Path
    share: tuple[Path, ...]
    keep: tuple[Path, ...]
    draft: bool
    quotes_approved: int = 0
    quotes_printed: int = 0
    withheld: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    hidden: int = 0

    def __repr__(self) -> str:
        state = ", DRAFT" if self.draft else ""
        counts = f"{len(self.share)} files to send, {len(self.keep)} to keep"
        return f"<ReportFolder {str(self.out)!r}: {counts}{state}>"

    def _repr_html_(self) -> str:
        draft = "<p><b>DRAFT</b>: rests on machine coding that nobody has reviewed.</p>"
        parts = [draft] if self.draft else []
        for title, paths in (("To send", self.share), ("To keep, never to send", self.keep)):
            names = (escape(path.relative_to(self.out).as_posix()) for path in paths)
            items = "".join(f"<li>{name}</li>" for name in names)
            parts.append(f"<p>{title}</p><ul>{items}</ul>")
        if told := (*self.withheld, *self.remarks):
            items = "".join(f"<li>{escape(each)}</li>" for each in told)
            parts.append(f"<p>Beside what was sent before</p><ul>{items}</ul>")
        return f"<p>Report in {escape(str(self.out))}</p>{''.join(parts)}"


def check_output(out: str | Path, *, overwrite: bool = False) -> None:
    """Refuse a place where a report cannot be written, before the long work.

    Parameters
    ----------
    out : str or Path
    overwrite : bool
        Whether an earlier report there may be replaced.

    Raises
    ------
    OutputError
        If something lies there and `overwrite` is false, what lies there is not a report, or
        no folder can be made there.
    """
    target = Path(out)
    check_parents(target)
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir():
        raise OutputError(f"{target}: this is a file; name a folder that does not exist yet")
    if not overwrite:
        raise OutputError(
            f"{target}: exists already; name another folder, or say overwrite=True (--overwrite)"
        )
    if any(target.iterdir()) and not _is_report(target):
        raise OutputError(
            f"{target}: holds something that is no report of reflect_analysis "
            f"(no {Path('keep', MARKER)}); name another folder"
        )


def check_parents(target: Path) -> None:
    """Refuse a place below a file, or in a folder that may not be written; others can be made."""
    # Not Path.exists: before Python 3.12 it raises where a folder may not be entered.
    above = next((p for p in target.absolute().parents if os.path.exists(p)), None)  # noqa: PTH110  # as said above
    if above is None:
        raise OutputError(f"{target}: there is no such drive")
    if not above.is_dir():
        raise OutputError(f"{target}: {above.name} is a file, not a folder; name another folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise OutputError(f"{target}: the folder {above} may not be written; name another folder")


def _is_report(folder: Path) -> bool:
    """Whether a folder holds what `write_report` wrote."""
    try:
        facts = json.loads((folder / "keep" / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    known = {"share", "keep"}
    ours = isinstance(facts, dict) and facts.get("made_by") == "reflect_analysis"
    return ours and {path.name for path in folder.iterdir() if path.is_dir()} <= known


def earlier_reports(out: str | Path) -> tuple[Path, ...]:
    """The reports that lie at a place or beside it: a reader may hold the new one against them."""
    target = Path(out).absolute()
    try:
        inside = sorted(path for path in target.parent.iterdir() if not is_left(path))
    except OSError:
        return ()
    return tuple(path for path in inside if (path / "keep" / MARKER).is_file())


def write_report(  # noqa: PLR0913  # a report is made from all that a study holds
    out: str | Path,
    *,
    corpus: Corpus,
    codebook: Codebook,
    codings: Codings,
    topics: Topics | None = None,
    alignment: Alignment | None = None,
    approvals: Iterable[Approval] = (),
    claims: Mapping[str, str] | None = None,
    approach: Approach = "codebook",
    k: int = 5,
    overwrite: bool = False,
    findings: Any = None,
    agreement: Agreement | None = None,
    attribution: str | Sequence[str] = TEMPLATE,
    further: Iterable[Any] = (),
    researchers: Researchers | None = None,
    formats: Iterable[ReportFormat] = ("html", "docx"),
    template: str | Path | Iterable[str | Path] | None = None,
    ledger: str | Path | None = None,
    to: str = "",
    memo_words: bool = False,
) -> ReportFolder:
    """Write a report: ``share`` may be sent, ``keep`` may not.

    Parameters
    ----------
    out : str or Path
        The folder to be made.
    corpus : Corpus
    codebook : Codebook
    codings : Codings
        All coders whose work is to be counted.
    topics : Topics, optional
    alignment : Alignment, optional
        Of the topics with the codebook.
    approvals : iterable of Approval
        The quote register, filled in.
    claims : mapping of str to str, optional
        The researcher's theme for a group, by group id.
    approach : {"content-analysis", "coding-reliability", "codebook", "reflexive"}
        Decides on counts, figures and the words of the methods section.
    k : int
        Counts of fewer persons are hidden in what may be sent; at least 3.
    overwrite : bool
        Whether an earlier report is replaced, once the new one is whole.
    findings : AnonymityReport, optional
        What the check for identifiers found: no such word is shown among a topic's words.
    agreement : Agreement, optional
        Of the coders: coefficients by code in ``share``, exact counts in ``keep``.
    attribution : str or sequence of str
        What stands behind a quote, such as ``"{role}, {place}, {source}"``: parts fall back
        until enough participants bear the same. ``{id}`` prints the pseudonym.
    further : iterable
        Results that go into the report, in the order of its sections: `Pairs`, `Comparison`,
        `StateChanges`, `SaturationCurve`, `FilledFramework`, `Programmes` …
    researchers : Researchers, optional
        Who they are (COREQ 1 to 8) and from which place they read; what is missing is printed
        as missing.
    formats : iterable of {"html", "docx", "pdf"}
        Of the whole report. The page is always written; a PDF needs a browser on the computer.
    template : path, or iterable of them, optional
        An institution's own look, told apart by the file's ending: a Word file whose styles,
        page, header and footer the report as DOCX takes, and stylesheets (``.css``) that come
        after the report's own in HTML and PDF.
    ledger : str or Path, optional
        The file of everything that was sent (JSON; made where there is none). Counts and
        quotes that would give somebody away beside earlier releases are hidden, sums over the
        study are told in steps of k where few came or went since, and the report is
        entered. It lies outside `out`, which is replaced as a whole.
    to : str
        Whom the report is sent to; needed with `ledger`.
    memo_words : bool
        Whether the researchers' memos are printed, and not only counted (which a reflexive
        study does). A memo may quote a participant: a passage in it stops the report.

    Returns
    -------
    ReportFolder

    Raises
    ------
    AgreementError
        If an agreement is given to a reflexive study.
    NotClearedError
        If a document is not cleared, whoever coded it.
    GovernanceError
        If governed records wait for an approval and may be counted in the agreement.
    OutputError
        If `out` cannot be written; nothing is left behind.
    DisclosureError
        If anything in ``share`` stands for one person, or the ledger cannot be read; nothing
        is left behind.
    ReportError
        If `further` holds something that no report shows, or counts for a reflexive study, or
        a template is neither a Word file nor a stylesheet, or would load what is not in the page.
    ValueError
        If a format is unknown, a ledger comes without a recipient, or the attribution names a
        person.
    UnknownIdError
        If a coding, or the agreement, names a code that the codebook lacks.
    """
    _check_agreement(agreement, corpus, codebook, approach)
    corpus.check_cleared()
    check_output(out, overwrite=overwrite)
    files = _files(formats, template)
    results = tuple(further)
    check_further(results, reflexive=approach == "reflexive")
    known = open_ledger(ledger, out, to=to, k=k)
    study = Study(
        corpus,
        codebook,
        codings,
        topics,
        alignment,
        tuple(approvals),
        claims or {},
        approach,
        k,
        findings,
        agreement,
        attribution if isinstance(attribution, str) else tuple(attribution),
        results,
        researchers,
        memo_words=memo_words,
    )
    contents, release = beside_earlier(
        study, known, gather, lambda c: release_for(to, c.study, c.told, c.printed_quotes)
    )
    target = Path(out)
    with folder_beside(target, replace=overwrite) as folder:
        _fill(folder, contents, release, files)
        if ledger is not None:  # before the folder is there: what is sent is never missing in it
            known.add(release).save(ledger)
    return _listed(target, contents, release)


def _fill(folder: Path, contents: Contents, release: Release, files: _Files) -> None:
    """Both parts of the report, with what is to be sent searched."""
    study = contents.study
    keep = _made(folder / "keep")  # first: beside it, share is known as what is sent
    _write_share(folder / "share", contents, files)
    write_keep(keep, contents, release)
    check_share(
        folder / "share",
        study.corpus,
        approved=contents.printed_quotes,
        allowed=own_words(study),
    )


def _check_agreement(
    agreement: Agreement | None, corpus: Corpus, codebook: Codebook, approach: Approach
) -> None:
    """An agreement is of this codebook, and of a study that asks for one."""
    if agreement is None:
        return
    if approach == "reflexive":
        raise AgreementError(REFLEXIVE)
    codebook.check_ids((row.code_id for row in agreement.main), "the agreement")
    if not agreement.by_participant and len(corpus.permitted("tables")) < len(corpus):
        raise GovernanceError(
            "the agreement was measured without the corpus, so records that wait for the approval "
            "of those who govern them may be counted in it; measure it again with corpus="
        )


@dataclass(frozen=True, slots=True)
class _Files:
    """In which formats the whole report is written."""

    formats: tuple[ReportFormat, ...]
    house: House


def _files(
    formats: Iterable[ReportFormat], template: str | Path | Iterable[str | Path] | None
) -> _Files:
    """What is written and by which template; refused where it cannot be."""
    house = read_house(template)
    return _Files(check_formats(formats), house)


def check_formats(formats: Iterable[ReportFormat]) -> tuple[ReportFormat, ...]:
    """The formats, each once; refused where one is unknown, or nothing is there to make it.

    Raises
    ------
    ValueError
        If a format is unknown.
    OutputError
        If a PDF is asked for and there is no browser.
    """
    asked = tuple(dict.fromkeys(formats))
    for each in asked:
        if each not in get_args(ReportFormat):
            known = ", ".join(get_args(ReportFormat))
            raise ValueError(f"format {each!r}; expected {known}")
    if "pdf" in asked and find_browser() is None:
        raise OutputError(NO_BROWSER)
    return asked


def _write_share(folder: Path, contents: Contents, files: _Files) -> None:
    """What may be sent; a draft's files say so in their names."""
    mark = "DRAFT-" if contents.study.draft else ""
    _made(folder)
    page = folder / f"{mark}report.html"
    page.write_bytes(render(contents, style=files.house.style).encode("utf-8"))
    if "docx" in files.formats:
        document = to_docx(contents, template=files.house.word)
        (folder / f"{mark}report.docx").write_bytes(document)
    browser = find_browser() if "pdf" in files.formats else None
    if browser is not None:
        printed = print_pdf(render(contents, printed=True, style=files.house.style), browser)
        (folder / f"{mark}report.pdf").write_bytes(printed)
    for suffix in (".docx", ".xlsx"):
        export_table(contents.tables, folder / f"{mark}themes{suffix}")
    if contents.figures:
        _write_figures(_made(folder / "figures"), contents, mark)


def _write_figures(folder: Path, contents: Contents, mark: str) -> None:
    """The figures, and beside them what they say in words."""
    described: dict[str, dict[str, str]] = {}
    for figure in contents.figures:
        words = {"title": figure.title, "alt_text": figure.alt_text}
        described |= {path.name: words for path in figure.save(folder)}
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    (folder / f"{mark}alt-text.json").write_text(text, encoding="utf-8", newline="\n")


def own_words(study: Study) -> list[str]:
    """Texts that stand in the report though a participant may have copied them."""
    book = study.printed  # without an in vivo name: that is a participant's until it is approved
    texts = [book.title, book.description, *study.claims.values()]
    texts += [study.researchers.told(key) for key in QUESTIONS] if study.researchers else []
    texts += [text for value in study.further for text in words_of(value)]
    texts += [text for group in book.groups for text in (group.name, group.description)]
    for code in book:
        texts += [code.name, code.definition, *code.include, *code.exclude]
    return texts


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def folder_beside(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """A folder beside the target, which takes its place when all went well."""
    try:
        with whole_folder(target, replace=replace) as part:
            yield part
    except ReflectAnalysisError:  # a DisclosureError is a PermissionError as well
        raise
    except FileExistsError:
        raise OutputError(f"{target}: exists by now; name another folder") from None
    except PermissionError:
        raise OutputError(
            f"{target}: cannot be written; close its files in Excel, Word or the browser"
        ) from None


def _listed(target: Path, contents: Contents, release: Release) -> ReportFolder:
    share, keep = (
        tuple(sorted(path for path in (target / name).rglob("*") if path.is_file()))
        for name in ("share", "keep")
    )
    draft, quotes = contents.study.draft, contents.quotes
    main = target / "share" / f"{'DRAFT-' if draft else ''}report.html"
    printed = len(contents.printed_quotes)
    told = release.withheld, release.remarks, hidden_beside_earlier(contents.study)
    return ReportFolder(target, main, share, keep, draft, quotes.approved, printed, *told)
