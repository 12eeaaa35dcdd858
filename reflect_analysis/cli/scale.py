"""``scale``: code a data set of Parquet files by partition, on this machine or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from reflect_analysis.cli._releasing import LedgerFile, SentTo, check_ledger
from reflect_analysis.cli._shared import (
    ApproachName,
    ClearedBy,
    Json,
    LetStand,
    Note,
    SmallCell,
    check_clearing,
    print_json,
    tell,
)
from reflect_analysis.errors import OutputError, ReflectAnalysisError

if TYPE_CHECKING:
    from reflect_analysis.scale import ScaledRun

__all__ = ["scale"]

VectorsName = Literal["semantic", "static"]

Source = Annotated[
    Path,
    typer.Argument(
        help="A Parquet file, or a folder of them (with participants.csv).",
        metavar="IN",
        readable=False,
    ),
]
Target = Annotated[
    Path, typer.Argument(help="Folder to write, or to go on with.", metavar="OUT", readable=False)
]
Book = Annotated[
    Path, typer.Option(help="The codebook: a YAML, CSV, XLSX or DOCX file.", readable=False)
]
Coder = Annotated[
    str, typer.Option(help="rules, semantic, static, or the folder of a trained coder.")
]
Scheduler = Annotated[
    str, typer.Option(help="local, here, slurm, or a Dask scheduler: tcp://10.0.0.5:8786.")
]
Workers = Annotated[int, typer.Option(min=1, help="Processes (local, slurm).")]
Memory = Annotated[str, typer.Option(help="Of each process (local, slurm); at least 1.5GB.")]
Rows = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=20_000,
        help="Texts of a partition; they bound the memory. Else 5,000, and 500 with slow coders.",
    ),
]


TopicsBy = Annotated[
    VectorsName | None,
    typer.Option(help="Seek topics too, by these vectors; static are many times as fast."),
]
SampleSize = Annotated[
    int, typer.Option(min=20, max=50_000, help="Texts in which topics are sought.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the topics and of their sample.")]


def scale(  # noqa: PLR0917  # typer turns each parameter into an option
    source: Source,
    out: Target,
    codebook: Book,
    coder: Coder = "rules",
    scheduler: Scheduler = "local",
    workers: Workers = 2,
    memory: Memory = "2GB",
    rows: Rows = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    topics: TopicsBy = None,
    topics_sample: SampleSize = 5_000,
    seed: Seed = 0,
    approach: ApproachName = "codebook",
    k: SmallCell = 5,
    ledger: LedgerFile = None,
    to: SentTo = "",
    as_json: Json = False,
) -> None:
    """Code very many texts by partition; the same command goes on after a stop."""
    from reflect_analysis.anonymity import read_reasons
    from reflect_analysis.scale import TopicSample, code_dataset

    check_clearing(cleared_by, note)
    _check_options(scheduler, workers, memory, approach)
    check_ledger(ledger, out / "share", to, k)
    with _written_to(out):
        run = code_dataset(
            source,
            out,
            codebook,
            coder=coder,
            scheduler=scheduler,
            workers=workers,
            memory=memory,
            rows=rows,
            cleared_by=cleared_by,
            note=note,
            reasons=read_reasons(let_stand) if let_stand else None,
            topics=TopicSample(topics_sample, seed, topics) if topics else None,
            approach=approach,
            k=k,
            ledger=ledger,
            to=to,
            tell=tell,
        )
    _print_run(run, as_json=as_json)


@contextmanager
def _written_to(out: Path) -> Iterator[None]:
    """Say where a full disk or a drive that went stopped the run, and that it can go on."""
    try:
        yield
    except OSError as error:
        if isinstance(error, ReflectAnalysisError):
            raise
        raise OutputError(
            f"{error.filename or out}: {error.strerror or error}; what is in {out} is whole. See "
            "that there is room and that both folders can be reached, and run the same command "
            "again to go on"
        ) from error


def _check_options(scheduler: str, workers: int, memory: str, approach: ApproachName) -> None:
    """Refuse what is wrong usage before anything is read; what comes later is the material's."""
    from reflect_analysis.scale.cluster import Cluster
    from reflect_analysis.scale.runs import check_approach

    try:
        Cluster(scheduler, workers, memory)
        check_approach(approach)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _print_run(run: ScaledRun, *, as_json: bool) -> None:
    """How much was coded, and where it lies."""
    share = sorted(path.name for path in (run.out / "share").iterdir())
    if as_json:
        facts = {"out": str(run.out), "partitions": len(run.jobs), "computed": run.computed}
        told = {**facts, **run.counts, "topics": _topics(run), "share": share}
        print_json({**told, "seconds": dict(run.wall)})
        return
    from reflect_analysis.scale.telling import many

    counts = run.counts
    coded = f"{many(counts['codings'], 'coding')} of {many(counts['documents'], 'text')}"
    print(f"{coded}, in {run.out}")
    for name, (noun, what) in _TOLD.items():
        if counts.get(name):
            print(f"{many(counts[name], noun)} {what}")
    if run.topics is not None:
        print(f"{many(run.topics.texts, 'text')} put to {many(len(run.topics.model), 'topic')}. "
              f"{run.topics.sentence} Stability: {run.topics.verdict}.")  # fmt: skip
    print(f"To send: {', '.join(share)} in share. To keep: keep.")
    print("They are proposals by a machine: a person decides.")


def _topics(run: ScaledRun) -> dict[str, Any] | None:
    """How topics were found; exact counts of single topics stay in ``keep``."""
    found = run.topics
    if found is None:
        return None
    return {
        "n_topics": len(found.model),
        "stability": found.verdict,
        "texts": found.texts,
        "sample": found.drawn,
        "of": found.of,
        "seed": found.sample.seed,
        "vectors": found.sample.vectors,
        "left_out": dict(found.left_out),
    }


_TOLD = {
    "governed": ("text", "without the approval of those who govern them: not coded"),
    "unread": ("text", "in a language that the coder does not read"),
    "left_out": ("text", "left out: withdrawn or refused"),
    "findings": ("finding", "of the check for identifiers, covered by the note or a reason"),
}
