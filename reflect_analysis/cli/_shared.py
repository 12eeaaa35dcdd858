"""What the commands share: options, progress, and results for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from reflect_analysis.corpus import Corpus

__all__ = [
    "ApproachName",
    "Approvals",
    "Book",
    "ClearedBy",
    "Json",
    "LetStand",
    "Note",
    "Out",
    "Overwrite",
    "People",
    "SmallCell",
    "Sources",
    "check_clearing",
    "print_json",
    "read_texts",
    "tell",
]

ApproachName = Literal["content-analysis", "coding-reliability", "codebook", "reflexive"]
# readable=False: a file that may not be read is the material's fault (1), not wrong usage (2).
Sources = Annotated[
    list[Path], typer.Argument(help="Files or folders with the texts.", readable=False)
]
Out = Annotated[Path, typer.Option(help="Folder to write.", file_okay=False, readable=False)]
Book = Annotated[Path, typer.Option(help="The codebook, a YAML file.", readable=False)]
Approvals = Annotated[
    Path | None, typer.Option(help="The quote register, filled in (XLSX or CSV).", readable=False)
]
People = Annotated[
    list[Path] | None,
    typer.Option(
        "--codings", help="Folder of a person's codings; then no machine codes.", readable=False
    ),
]
ClearedBy = Annotated[str, typer.Option(help="Who checked the texts for identifiers.")]
Note = Annotated[str, typer.Option(help="How they were checked.")]
LetStand = Annotated[
    Path | None,
    typer.Option(help="The findings of `check`, with the column reason filled in.", readable=False),
]
SmallCell = Annotated[int, typer.Option("--k", min=3, help="Hide counts of persons below this.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier report.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def print_json(content: Mapping[str, Any]) -> None:
    """Print one object, in characters that every console has."""
    print(json.dumps(content, ensure_ascii=True, indent=2))


def tell(line: str) -> None:
    """Progress, where it does not mix with results."""
    print(line, file=sys.stderr, flush=True)


def check_clearing(cleared_by: str, note: str) -> None:
    """Refuse one without the other, before the texts are read."""
    if bool(cleared_by.strip()) != bool(note.strip()):
        raise typer.BadParameter(
            "they belong together: who cleared the texts, and how",
            param_hint="--cleared-by, --note",
        )


def read_texts(
    sources: Sequence[Path], cleared_by: str, note: str, let_stand: Path | None
) -> Corpus:
    """The texts, cleared where the command says who did it and how."""
    from reflect_analysis.anonymity import read_reasons
    from reflect_analysis.workflow import read_cleared

    reasons = read_reasons(let_stand) if let_stand else None
    return read_cleared(sources, by=cleared_by, note=note, reasons=reasons, tell=tell)
