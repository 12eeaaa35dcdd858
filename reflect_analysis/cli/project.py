"""``init`` and ``import``: a new study, and what comes into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from reflect_analysis.cli import exchange
from reflect_analysis.cli._coded import check_fits, coded_folders, read_coded
from reflect_analysis.cli._shared import (
    ApproachName,
    ClearedBy,
    Json,
    LetStand,
    Note,
    check_clearing,
    read_texts,
    tell,
)
from reflect_analysis.cli._study import (
    SOMEBODY,
    By,
    MaybeBy,
    Study,
    answer,
    as_typed,
    counted,
    hint,
    is_export,
    opened,
    some,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.project import Project

__all__ = ["import_", "init"]

MaybeSources = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Files or folders with texts; folders of codings; or the text export of a study, "
        "into a new one.",
        metavar="SOURCES",
        readable=False,
    ),
]
MaybeBook = Annotated[
    Path | None, typer.Option("--codebook", help="A codebook to store.", readable=False)
]
MaybeCodings = Annotated[
    list[Path] | None,
    typer.Option("--codings", help="A folder of codings to store.", readable=False),
]


_SHOWN = 12  # lines of what stays stricter


class _Given(NamedTuple):
    """What an import brings."""

    corpus: Corpus | None
    codebook: Codebook | None
    codings: Codings | None
    foreign: bool = False


def init(
    study: Study,
    by: By,
    title: Annotated[str, typer.Option(help="What the study is called.")] = "",
    approach: Annotated[ApproachName, typer.Option(help="How the study works.")] = "codebook",
    as_json: Json = False,
) -> None:
    """Make a new study."""
    from reflect_analysis import Project

    with Project.create(study, title=title, approach=approach, by=by) as project:
        for line in project.notes:
            tell(line)
        made = {"study": str(project.address), "id": project.id}
    words = ("import", as_typed(study), "TEXTS", "--codebook", "FILE", "--by", by)
    answer(made, f"made {made['study']}", f"next: {hint(*words)}", as_json=as_json)


# ── import ──

StudyOrFile = Annotated[
    str,
    typer.Argument(
        help="The study; or a file of another program alone, to see what it holds.",
        metavar="STUDY",
    ),
]
AssumeSeen = Annotated[
    bool,
    typer.Option(
        "--assume-seen",
        help="Of another program's file: coders read every document that they coded in.",
    ),
]
Unit = Annotated[
    exchange.PositionUnit,
    typer.Option(help="What positions of a REFI-QDA project count, if it cannot be told."),
]
LineEnds = Annotated[exchange.LineEndsName, typer.Option(help="How they count line ends.")]
Loosen = Annotated[
    str,
    typer.Option(
        help="Why consent or governance allow more than the study has, as the texts' tables "
        "now say; without it the stricter stays.",
        metavar="REASON",
    ),
]


def import_(  # noqa: PLR0917  # typer turns each parameter into an option
    study: StudyOrFile,
    sources: MaybeSources = None,
    by: MaybeBy = SOMEBODY,
    codebook: MaybeBook = None,
    codings: MaybeCodings = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    assume_seen: AssumeSeen = False,
    unit: Unit = "",
    line_ends: LineEnds = "",
    loosen: Loosen = "",
    as_json: Json = False,
) -> None:
    """Store texts, a codebook, codings, or another program's file.

    Projects and codebooks of REFI-QDA (NVivo, ATLAS.ti, MAXQDA and others), Taguette and
    QualCoder, tables of quotes, spans as JSON lines and Web Annotations are known by their content.
    Such a file alone is only looked at: IMPORT FILE shows what it holds.
    A folder of codings (codings.csv, seen.csv) holds a coder's decisions.

    Texts that nobody cleared of identifiers are stored and wait: nobody can code them before.
    """
    check_clearing(cleared_by, note)
    positions = exchange.Positions(unit, line_ends)
    if not (sources or codebook or codings):
        if exchange.is_foreign(study) or exchange.may_be_foreign(study):
            exchange.preview(Path(study), positions, as_json=as_json)
            return
        raise typer.BadParameter("nothing to import: name texts, --codebook or --codings")
    if by == SOMEBODY:
        raise typer.BadParameter("say who imports, by the study's names", param_hint="--by")
    sources, codings = _sorted(sources or [], codings or [])
    if any(map(is_export, sources)):
        alone = not (codebook or codings)
        _import_text(study, sources, by, alone=alone, as_json=as_json)
        return
    if any(map(exchange.is_foreign, sources)):
        if codebook or codings or let_stand:
            raise typer.BadParameter("what another program wrote is imported by itself")
        if loosen:
            told = "another program's file loosens nothing: say it in the tables of the texts"
            raise typer.BadParameter(told, param_hint="--loosen")
        how = exchange.Taking(by, cleared_by, note, assume_seen, positions)
        _import_foreign(study, sources, how, as_json=as_json)
        return
    with opened(study) as project:
        corpus = read_texts(sources, cleared_by, note, let_stand) if sources else None
        if corpus is not None and loosen:
            project.loosen(corpus, by=by, reason=loosen)
        found = _stored(project, _given(project, corpus, codebook, codings), by)
    _print_stored(found, study, by, sources, as_json)


def _sorted(sources: list[Path], codings: list[Path]) -> tuple[list[Path], list[Path]]:
    """Texts apart from folders of codings, which may be named among them."""
    coded = {path: coded_folders(path) for path in (*sources, *codings)}
    texts = [path for path in sources if not coded[path]]
    found = [each for path in sources for each in coded[path]]
    found += [each for path in codings for each in coded[path] or [path]]
    return texts, list(dict.fromkeys(found))


def _import_foreign(
    study: str, sources: list[Path], how: exchange.Taking, *, as_json: bool
) -> None:
    """Store what other programs wrote."""
    with opened(study) as project:
        taken = exchange.take(project, sources, how)
        given = _Given(taken.corpus, taken.codebook, taken.codings, foreign=True)
        found = _stored(project, given, how.by) | {"reports": taken.as_json()}
    for line in () if as_json else taken.lines():
        print(line)
    _print_stored(found, study, how.by, sources, as_json)


def _given(
    project: Project, corpus: Corpus | None, codebook: Path | None, codings: list[Path]
) -> _Given:
    from reflect_analysis import read_codebook

    book = read_codebook(codebook) if codebook else None
    return _Given(corpus, book, read_coded(codings, project.codings()) if codings else None)


def _import_text(study: str, sources: list[Path], by: str, *, alone: bool, as_json: bool) -> None:
    """Make the study of a text export again."""
    from reflect_analysis import Project

    if len(sources) > 1 or not alone:
        raise typer.BadParameter("the text export of a study is imported by itself")
    with Project.import_text(sources[0], study, by=by) as project:
        for note in project.notes:
            tell(note)
        documents, events = len(project.corpus()), len(project.events())
    content = {"study": as_typed(study), "documents": documents, "events": events}
    counts = (documents, "document", "documents"), (events, "entry", "entries")
    told = (f"{count} {one if count == 1 else several}" for count, one, several in counts)
    line = f"made {as_typed(study)} as it was: {', '.join(told)} in the log"
    answer(content, line, as_json=as_json)


def _stored(project: Project, given: _Given, by: str) -> dict[str, Any]:
    """Store what is new, and what changes by it."""
    before = project.corpus()
    if given.codings is not None:
        _check_codings(project, given, given.codings, before)
    kept = project.kept_strict(given.corpus) if given.corpus is not None else ()
    changed = _changed(before, given.corpus)
    counted_before = len(project.codings(changed).current) if changed else 0
    event = project.save(by=by, corpus=given.corpus, codebook=given.codebook, codings=given.codings)
    counted_now = len(project.codings(changed).current) if changed else 0
    corpus = project.corpus()
    there = {document.id for document in corpus}
    given_ids = {document.id for document in given.corpus or ()}
    return {
        "event": event.id if event else None,
        "stored": dict(event.payload) if event else {},
        "kept": list(kept),
        "changed": changed,
        "codings_of_earlier_texts": max(0, counted_before - counted_now),
        "waiting": [document.id for document in corpus.uncleared()],
        "withdrawn": [d.id for d in given.corpus or () if d.id not in there],
        "alike": [each for each in project.alike() if each in given_ids],
    }


def _changed(before: Corpus, corpus: Corpus | None) -> list[str]:
    """The documents that were there with another text."""
    hashes = {document.id: document.sha256 for document in before}
    return [d.id for d in corpus or () if hashes.get(d.id, d.sha256) != d.sha256]


def _check_codings(project: Project, given: _Given, log: Codings, before: Corpus) -> None:
    """Codings are of codes that the codebook knows, and lie within the texts that are there."""
    stored = project.codebook() if project.has_codebook() else None
    texts = {document.id: document for document in (*before, *(given.corpus or ()))}
    of_team = not given.foreign
    check_fits(project, log, given.codebook or stored, texts.values(), of_team=of_team)


def _print_stored(
    found: dict[str, Any], study: str, by: str, sources: Sequence[Path], as_json: bool
) -> None:
    from reflect_analysis.project.withdrawal import alike_note

    said = counted(found["stored"])
    lines = [f"stored {said}" if said else "nothing new"]
    if found["kept"]:
        lines += found["kept"][:_SHOWN]
        more = len(found["kept"]) - _SHOWN
        lines += [f"and {more} more; --json lists all"] if more > 0 else []
        lines.append("who agreed to more since is stored by: import … --loosen REASON")
    if found["changed"]:
        gone, back = found["codings_of_earlier_texts"], hint("undo", as_typed(study), "--by", by)
        lines.append(f"a new text of {some(found['changed'])}")
        lines.append(f"{gone} codings of the earlier text count no more; to have it back: {back}")
    if found["withdrawn"]:
        lines.append(f"left out {some(found['withdrawn'])}: of participants who withdrew")
    if found["alike"]:
        lines.append(alike_note(found["alike"]))
    if not found["waiting"] and found["stored"]:
        lines.append(f"to code by hand: {hint('panel', as_typed(study), '--coder', 'YOUR NAME')}")
    if waiting := found["waiting"]:
        texts = [str(path) for path in sources] or ["TEXTS"]
        lines += [
            f"{len(waiting)} documents wait to be cleared, and nobody can code them before",
            f"what to look at: {hint('check', *texts, '--out', 'findings.csv')}",
            "then import the same texts again with --cleared-by NAME --note HOW",
        ]
    answer(found, *lines, as_json=as_json)
