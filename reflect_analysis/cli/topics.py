"""``topics``: groups of texts found without the codebook, and what may be sent of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from reflect_analysis.cli._shared import (
    Approvals,
    ClearedBy,
    Json,
    LetStand,
    Note,
    Out,
    Overwrite,
    People,
    SmallCell,
    Sources,
    check_clearing,
    print_json,
    read_texts,
    tell,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.report.topics import TopicsFolder
    from reflect_analysis.segments import Segments
    from reflect_analysis.topics import Alignment, TopicAct, Topics

__all__ = ["topics"]

UnitName = Literal["sentence", "document"]
By = Annotated[UnitName, typer.Option(help="What is grouped.")]
Across = Annotated[
    list[str] | None,
    typer.Option(help="Attribute by which participants are counted; may be given again."),
]
Refits = Annotated[int | None, typer.Option(min=0, help="Refits behind each figure of stability.")]
Book = Annotated[
    Path | None,
    typer.Option(
        help="The codebook, a YAML file; that of the study where one is given.", readable=False
    ),
]
STUDY = ".reflect"
Seed = Annotated[int, typer.Option(help="Seed of the fit and of the sheets.")]


class _Read(NamedTuple):
    """What is grouped, and what it is set beside."""

    corpus: Corpus
    book: Codebook
    people: Codings | None
    acts: tuple[TopicAct, ...] = ()


def topics(  # noqa: PLR0917  # typer turns each parameter into an option
    sources: Sources,
    out: Out,
    codebook: Book = None,
    by: By = "document",
    across: Across = None,
    approvals: Approvals = None,
    codings: People = None,
    refits: Refits = None,
    seed: Seed = 0,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    k: SmallCell = 5,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Group the texts without the codebook and set the groups beside it: OUT/share, OUT/keep.

    The texts are files and folders, or one study (study.reflect) with its codebook, the codings
    of its people and what they did with topics. OUT/keep holds sheets on which people test the
    groups; they hold participants' words.
    """
    from reflect_analysis.disclosure import read_approvals
    from reflect_analysis.report.folder import check_output
    from reflect_analysis.report.topics import write_topics

    check_clearing(cleared_by, note)
    check_output(out, overwrite=overwrite)
    if refits == 1:
        raise typer.BadParameter("one refit has nothing to agree with", param_hint="--refits")
    approved = read_approvals(approvals) if approvals else ()
    read = _of_study(sources, codebook, codings) or _of_files(
        lambda: read_texts(sources, cleared_by, note, let_stand), codebook, codings or ()
    )
    corpus, book = read.corpus, read.book
    attributes = _attributes(across, corpus)
    segments, found = _fitted(corpus, by, refits, seed)
    found = found.with_acts(read.acts)
    written = write_topics(
        out,
        segments=segments,
        codebook=book,
        topics=found,
        alignment=_aligned(found, book, read.people),
        by=attributes,
        approvals=approved,
        findings=_findings(corpus) if cleared_by else None,
        k=k,
        random_state=seed,
        overwrite=overwrite,
    )
    _print(found, written, as_json)


def _of_study(
    sources: Sequence[Path], codebook: Path | None, codings: Sequence[Path] | None
) -> _Read | None:
    """A study's texts, codebook, codings and acts; `None` where the sources are no study."""
    if not any(path.suffix == STUDY and path.is_file() for path in sources):
        return None
    if len(sources) > 1 or codings:
        raise typer.BadParameter(
            "a study is grouped by itself, with the codings that it holds", param_hint="SOURCES"
        )
    from reflect_analysis.cli._study import opened
    from reflect_analysis.codebook import read_codebook

    with opened(str(sources[0])) as project:
        book = read_codebook(codebook) if codebook else project.codebook()
        phase = project.open_phase()
        if phase is not None and phase.blind:
            tell("a blind phase is open: the topics are not set beside the codings")
            people = None
        else:
            people = _people(project.codings(), book)
        return _Read(project.corpus(), book, people, project.topic_acts())


def _of_files(texts: Callable[[], Corpus], codebook: Path | None, codings: Sequence[Path]) -> _Read:
    """The texts, read after what they are set beside: its faults are told at once."""
    from reflect_analysis.codebook import read_codebook
    from reflect_analysis.codings import read_codings
    from reflect_analysis.workflow import check_spans

    if codebook is None:
        raise typer.BadParameter("expected the codebook's file", param_hint="--codebook")
    book = read_codebook(codebook)
    log = read_codings(*codings)
    people = _people(log, book)
    corpus = texts()
    check_spans(log, corpus)
    return _Read(corpus, book, people)


def _people(log: Codings, book: Codebook) -> Codings | None:
    from reflect_analysis.workflow import codings_of_people

    book.check_ids((coding.code_id for coding in log.under(book)), "the codings")
    return codings_of_people(log, tell)


def _fitted(corpus: Corpus, by: UnitName, refits: int | None, seed: int) -> tuple[Segments, Topics]:
    """Topics of written texts; beside the turns of talk, texts group by length."""
    from reflect_analysis.segmentation import segment
    from reflect_analysis.topics import TopicSettings, fit_topics

    corpus.check_cleared()
    written = corpus.where(lambda document: document.kind == "post" or not document.turns)
    if len(written) < len(corpus):
        tell(f"left out {len(corpus) - len(written)} texts of talk: written texts are grouped")
    segments = segment(written, by=by)
    tell(f"grouping {len(segments)} {by}s")
    settings = TopicSettings(refits=refits)
    found = fit_topics(segments, settings=settings, random_state=seed, progress=_tell_refits)
    return segments, found


def _tell_refits(done: int, total: int) -> None:
    """A line at each tenth, so that a log of hours is a page."""
    step = max(total // 10, 1)
    if done % step == 0 or done == total:
        tell(f"fitted {done} of {total}")


def _aligned(found: Topics, book: Codebook, people: Codings | None) -> Alignment | None:
    from reflect_analysis.topics import align

    return align(found, book, codings=people) if found.rows else None


def _attributes(across: list[str] | None, corpus: Corpus) -> list[str]:
    """What was asked for; else the session, where the texts have one."""
    from reflect_analysis.errors import UnknownIdError, did_you_mean, raise_all

    known = sorted({name for document in corpus for name in corpus.attributes_of(document)})
    if not across:
        return ["session"] if "session" in known else []
    wrong = [name for name in dict.fromkeys(across) if name not in known]
    faults = [f"no text has the attribute {n!r}{did_you_mean(n, known)}" for n in wrong]
    raise_all(UnknownIdError, faults)
    return list(dict.fromkeys(across))


def _findings(corpus: Corpus) -> Any:
    from reflect_analysis.anonymity import check_anonymity

    return check_anonymity(corpus)


def _print(found: Topics, written: TopicsFolder, as_json: bool) -> None:
    """The topics as they may be sent, with the verdict, and what was written."""
    if as_json:
        print_json(_facts(found, written))
        return
    for row in written.figure_data:
        again = f"; this topic: {row['topic_stability']}"
        print(f"{row['shown']:>10}  {row['words']}{again}")
    print(f"{found.stability}{found.marks()}")
    for line in written.sentences:
        print(line)
    for line in written.left_out:
        print(line)
    print(f"To send: {written.out / 'share'}")
    print(f"To keep: {written.out / 'keep'} (participants' words, never send it)")


def _facts(found: Topics, written: TopicsFolder) -> dict[str, Any]:
    """Everything for a program; what is undefined is null."""
    frame = found.stability.to_frame()
    again = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {
        "engine": found.engine,
        "n_units": found.n_units,
        "n_topics": len(found),
        "stability": found.stability.verdict,
        "refits": again,
        "topics": list(written.figure_data),
        "sentences": list(written.sentences),
        "left_out": list(written.left_out),
        "fingerprint": found.fingerprint,
        "out": str(written.out),
        "share": [str(path) for path in written.share],
        "keep": [str(path) for path in written.keep],
    }
