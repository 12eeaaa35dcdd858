"""What a report is asked for beside its texts: the options, and the small files, read at once.

Every file is read and held against the codebook, the texts and the others before anything is coded
or counted, and what is wrong in any of them is told together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import typer

from reflect_analysis.cli._shared import tell
from reflect_analysis.errors import ReflectAnalysisError

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.disclosure import Approval
    from reflect_analysis.report import Researchers, Wanted

__all__ = [
    "Answers",
    "Asked",
    "Behind",
    "ChoicesFile",
    "ClaimsFile",
    "Compare",
    "Faults",
    "Formats",
    "Frameworks",
    "Given",
    "Indicators",
    "InferencesFile",
    "JointBy",
    "MemoWords",
    "ProgrammesFile",
    "Researcher",
    "ScaleOf",
    "StatesOf",
    "Template",
    "Within",
    "read_asked",
    "read_claimed",
]

Made = TypeVar("Made")
Behind = Annotated[
    str, typer.Option(help='What stands behind a quote, such as "{role}, {place}, {source}".')
]
Formats = Annotated[
    str,
    typer.Option(
        "--format",
        help="Of the whole report, with commas: html, docx, pdf. By default all that this "
        "computer can make.",
    ),
]
Template = Annotated[
    list[Path] | None,
    typer.Option(
        help="An institution’s own look: a Word file whose styles, header and footer the report "
        "takes, or a stylesheet (.css) for HTML and PDF; each with its own --template.",
        readable=False,
    ),
]
Researcher = Annotated[
    Path | None,
    typer.Option(
        "--researchers",
        help="Who the researchers are (YAML; keep/researchers.yaml asks).",
        readable=False,
    ),
]
StatesOf = Annotated[
    str,
    typer.Option(
        help='The states of change and their codes, such as "strain=exhaustion;recovery=renewal", '
        "or a YAML file."
    ),
]
Compare = Annotated[
    list[str] | None,
    typer.Option(
        help="An attribute of participants by which two groups are compared, or it with two of "
        'its values: "role=lead,assistant".'
    ),
]
MemoWords = Annotated[
    bool,
    typer.Option(
        "--memo-words",
        help="Print the researchers’ memos; a participant’s words in one stop the report.",
    ),
]
Within = Annotated[
    str,
    typer.Option(
        help="With --compare: an attribute, such as community, within which the groups are "
        "shuffled for the test."
    ),
]
Frameworks = Annotated[
    list[Path] | None,
    typer.Option("--framework", help="A framework, or a checklist (YAML).", readable=False),
]
Answers = Annotated[
    Path | None,
    typer.Option(help="Answers to the checklist among the frameworks (YAML).", readable=False),
]
Indicators = Annotated[
    Path | None,
    typer.Option(
        help="Workforce indicators, dated and sourced, for the frameworks (CSV, XLSX).",
        readable=False,
    ),
]
ProgrammesFile = Annotated[
    Path | None,
    typer.Option("--programmes", help="Programmes by year (CSV, XLSX).", readable=False),
]
ClaimsFile = Annotated[
    Path | None,
    typer.Option(
        "--claims",
        help="What the researcher claims of each group of codes (YAML: the group's id, and the "
        "sentence); claims.yaml beside the texts.",
        readable=False,
    ),
]
ChoicesFile = Annotated[
    Path | None,
    typer.Option(
        "--choices",
        help="What a person chose in each framework (YAML); choices.yaml beside the texts.",
        readable=False,
    ),
]
JointBy = Annotated[
    str,
    typer.Option(
        "--joint",
        help="An attribute of participants: accounts by its groups beside scores and inferences.",
    ),
]
ScaleOf = Annotated[
    str,
    typer.Option(
        "--scale",
        help="With --joint: an attribute that holds scores, or NAME=FILE of a table with the "
        "columns participant and NAME.",
    ),
]
InferencesFile = Annotated[
    Path | None,
    typer.Option(
        "--inferences",
        help="With --joint: what the researchers infer by code (YAML); inferences.yaml beside "
        "the texts.",
        readable=False,
    ),
]


class Asked(NamedTuple):
    """What stands in the command."""

    states: str = ""
    compare: Sequence[str] = ()
    within: str = ""
    frameworks: Sequence[Path] = ()
    answers: Path | None = None
    indicators: Path | None = None
    programmes: Path | None = None
    choices: Path | None = None
    joint: str = ""
    scale: str = ""
    inferences: Path | None = None
    claims: Path | None = None
    researchers: Path | None = None
    approvals: Path | None = None
    k: int = 5


class Given(NamedTuple):
    """What was read of it."""

    wanted: Wanted
    claims: dict[str, str]
    researchers: Researchers | None
    approvals: tuple[Approval, ...]


class Faults:
    """Errors that are gathered, so that all are told at once."""

    def __init__(self) -> None:
        self.errors: list[ReflectAnalysisError] = []

    def of(self, make: Callable[[], Made]) -> Made | None:
        """What is made, or nothing where it fails; the error waits."""
        try:
            return make()
        except ReflectAnalysisError as error:
            self.errors.append(error)
            return None

    def tell(self) -> None:
        """Raise what was gathered, as one error; do nothing where there is none."""
        from reflect_analysis.report.checking import raise_together

        raise_together(self.errors)


def read_asked(
    asked: Asked, folders: Sequence[Path], codebook: Codebook | None, faults: Faults
) -> Given:
    """Read every file that is named, or that lies beside the texts.

    Parameters
    ----------
    asked : Asked
    folders : sequence of Path
        Where texts lie, or the study.
    codebook : Codebook, optional
        Against which files are held; `None` where it could not be read.
    faults : Faults
        Takes what is wrong.
    """
    from reflect_analysis.disclosure import read_approvals
    from reflect_analysis.report import read_researchers

    found = partial(_read, faults)
    return Given(
        _wanted(asked, folders, codebook, faults),
        read_claimed(asked.claims, folders, codebook, faults),
        found(read_researchers, asked.researchers),
        found(read_approvals, asked.approvals) or (),
    )


def _read(faults: Faults, reader: Callable[[Path], Made], path: Path | None) -> Made | None:
    return faults.of(lambda: reader(path)) if path is not None else None


def _wanted(
    asked: Asked, folders: Sequence[Path], codebook: Codebook | None, faults: Faults
) -> Wanted:
    """What the study asks for beyond its texts."""
    from reflect_analysis.frameworks import read_checklist_answers, read_framework, read_indicators
    from reflect_analysis.programmes import read_programmes
    from reflect_analysis.report import Wanted, read_states

    found = partial(_read, faults)
    scale = _scale(asked.scale, faults)
    read = [found(read_framework, path) for path in asked.frameworks]
    frameworks = tuple(each for each in read if each is not None)
    # What belongs to a framework that cannot be read is no fault of another file.
    whole = len(frameworks) == len(read)
    answers = found(read_checklist_answers, asked.answers)
    indicators = found(read_indicators, asked.indicators)
    choices = _chosen(asked.choices, frameworks if whole else None, folders, faults)
    return Wanted(
        states=faults.of(lambda: read_states(asked.states)) if asked.states.strip() else None,
        compare=tuple(asked.compare),
        within=asked.within.strip(),
        frameworks=frameworks,
        indicators=(indicators or ()) if whole else (),
        answers=(answers or {}) if whole else {},
        programmes=found(read_programmes, asked.programmes),
        choices=choices if whole else {},
        joint=asked.joint.strip(),
        scale=scale,
        inferences=_inferred(asked, folders, codebook, faults),
        k=asked.k,
    )


def _inferred(
    asked: Asked, folders: Sequence[Path], codebook: Codebook | None, faults: Faults
) -> tuple[Any, ...]:
    """The inferences; those beside the texts only where there is a display for them."""
    from reflect_analysis.joint import read_inferences
    from reflect_analysis.joint.inferences import INFERENCES_FILE

    path = asked.inferences or _beside(folders, INFERENCES_FILE)
    if path is not None and not asked.inferences and not asked.joint.strip():
        tell(f"{path.name} is left out: inferences stand in a joint display (--joint)")
        return ()
    return _read(faults, lambda each: read_inferences(each, codebook), path) or ()


def read_claimed(
    named: Path | None, folders: Sequence[Path], codebook: Codebook | None, faults: Faults
) -> dict[str, str]:
    """What the researcher claims of groups of codes: of the file that is named, or lies beside.

    Parameters
    ----------
    named : Path, optional
    folders, codebook, faults
        As of `read_asked`.
    """
    from reflect_analysis.themes import read_claims
    from reflect_analysis.themes.claims import CLAIMS

    path = named or _beside(folders, CLAIMS)
    found = _read(faults, lambda each: read_claims(each, codebook), path) or {}
    if found and path is not None and named is None:
        headings = "1 heading" if len(found) == 1 else f"{len(found)} headings"
        tell(f"{path.name} lies beside it: its claims stand in the place of {headings}")
    return found


def _chosen(
    named: Path | None, frameworks: Sequence[Any] | None, folders: Sequence[Path], faults: Faults
) -> dict[str, Any]:
    """The choices; of a file beside the texts those of the report's frameworks."""
    from reflect_analysis.frameworks import read_choices
    from reflect_analysis.frameworks.choices import CHOICES

    path = named or _beside(folders, CHOICES)
    if path is None:
        return {}
    known = {each.id for each in frameworks or ()}
    found = faults.of(lambda: read_choices(path)) or {}
    others = [] if named else [each for each in found if each not in known]
    if frameworks is None or not found:
        return {}
    if not others:
        return faults.of(lambda: read_choices(path, frameworks)) or {}
    tell(f"{path.name}: no framework of this report is {', '.join(others)} (--framework)")
    return {name: each for name, each in found.items() if name in known}


def _beside(folders: Sequence[Path], name: str) -> Path | None:
    """A file of this name in one of the folders with the texts."""
    found = [folder / name for folder in folders if (folder / name).is_file()]
    if len(found) > 1:
        raise typer.BadParameter(f"{name} lies in several of the folders; name the one that counts")
    return found[0] if found else None


def _scale(asked: str, faults: Faults) -> Any:
    """Scores of a file, or the attribute that holds them."""
    from reflect_analysis.joint import read_scale

    name, equals, file = asked.partition("=")
    if not equals:
        return asked.strip() or None
    if not (name.strip() and file.strip()):
        raise typer.BadParameter(f"{asked!r}: expected NAME=FILE", param_hint="--scale")
    return faults.of(lambda: read_scale(Path(file.strip()), name.strip()))
