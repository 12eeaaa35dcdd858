"""``trace``: from a number of the report to the passages that it counts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from reflect_analysis.cli._findings import Clearing, MaybeBook, check_file, gather
from reflect_analysis.cli._shared import (
    ClearedBy,
    Json,
    LetStand,
    Note,
    People,
    check_clearing,
    print_json,
)
from reflect_analysis.cli._tracing import (
    Listed,
    Moved,
    of_coders,
    of_states,
    of_study,
    of_topic,
    of_trace,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reflect_analysis.cli._findings import Material
    from reflect_analysis.tables import Table
    from reflect_analysis.tracing import Trace

__all__ = ["trace"]

# What a report prints that no passage stands behind, or that is worked out from what one does.
ORIGINS: dict[str, str] = {
    "programmes": "the table of programmes that the report was given (--programmes), row by row, "
    "as its sources state them; OUT/keep/further/programmes.csv holds every row with its source",
    "indicators": "the table of workforce indicators that the report was given (--indicators), "
    "each with its date and source",
    "coefficients": "worked out from who found a code where: trace STUDY CODE --coder A --coder B; "
    "OUT/keep/agreement.xlsx holds the counts",
    "tests": "worked out from the counts of the two groups: trace STUDY CODE --attribute "
    "NAME=VALUE for each; OUT/keep/further holds them",
    "intervals": "worked out from the count and its N: trace STUDY CODE",
    "pairs": "Jaccard, overlap and lift are worked out from three counts: trace STUDY CODE, trace "
    "STUDY OTHER, and trace STUDY CODE --with OTHER",
    "matrices": "a cell of codes by an attribute is trace STUDY CODE --attribute NAME=VALUE; of "
    "codes by person trace STUDY CODE --case ID",
    "saturation": "the mean over orders of the texts in which each code stands: trace STUDY CODE",
    "topics": "the size of a topic is trace STUDY --topic N --topics OUT/keep/topics.csv; its "
    "stability comes of fits of samples of the texts and has no passages",
    "scales": "the scores that the report was given (--scale), of the participants of the group",
    "quotes": "the register of approved passages: OUT/keep/quote-register.xlsx",
    "steps": "the record of the work: OUT/keep/audit-trail.csv",
}
UnitName = Literal["reflection", "participant", "sentence"]
Where = Annotated[
    str | None,
    typer.Argument(
        help="The study (study.reflect, a URL), or the folder with the texts.", metavar="STUDY"
    ),
]
Codes = Annotated[
    list[str] | None,
    typer.Argument(help="A code by its id; of several any counts.", metavar="[CODE...]"),
]
With = Annotated[str, typer.Option("--with", help="Another code that stands in the same unit.")]
Unit = Annotated[UnitName, typer.Option(help="With --with: in what both stand.")]
Session = Annotated[str, typer.Option(help="Only texts of this session.")]
CaseId = Annotated[str, typer.Option("--case", help="Only this participant, by pseudonym.")]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        help='Only texts or participants that bear it, such as "role=ECE"; of several values any, '
        'as a report joins them: "role=aide,cook".'
    ),
]
States = Annotated[
    str, typer.Option(help="The two states of change, as in the report; with --state.")
]
State = Annotated[
    str, typer.Option(help="Who is in this state in --session: strain, both, no text …")
]
Then = Annotated[str, typer.Option(help="And in this state in the session --later.")]
Later = Annotated[str, typer.Option(help="The later session; by default the last.")]
Way = Annotated[
    str,
    typer.Option(
        help="Who changed between two sessions: kept, gained, lost or never; or first: who "
        "mentioned it first in --session."
    ),
]
TopicNumber = Annotated[
    int | None, typer.Option("--topic", help="The texts of a topic; with CODE those that bear it.")
]
TopicsFile = Annotated[
    Path | None,
    typer.Option("--topics", help="With --topic: topics.csv of the report's keep.", readable=False),
]
CoderName = Annotated[
    list[str] | None,
    typer.Option("--coder", help="Agreement on CODE between two coders or more, each named."),
]
FrameworkFile = Annotated[
    Path | None,
    typer.Option("--framework", help="A framework (YAML), with --row.", readable=False),
]
Row = Annotated[str, typer.Option("--row", help="The row of the framework, by its id.")]
Origin = Annotated[
    str,
    typer.Option("--origin", help="Where a number without passages of its own comes from."),
]
Against = Annotated[bool, typer.Option("--against", help="The accounts against the row.")]
Words = Annotated[
    bool, typer.Option("--words", help="Show each passage with its words; never send it.")
]
OutFile = Annotated[
    Path | None,
    typer.Option(help="File for the list of passages, with their words: keep it.", readable=False),
]


def trace(  # noqa: PLR0917  # typer turns each parameter into an option
    ctx: typer.Context,
    study: Where = None,
    code: Codes = None,
    with_: With = "",
    unit: Unit = "reflection",
    session: Session = "",
    case: CaseId = "",
    attribute: Attribute = None,
    states: States = "",
    state: State = "",
    then: Then = "",
    later: Later = "",
    way: Way = "",
    topic: TopicNumber = None,
    topics: TopicsFile = None,
    coder: CoderName = None,
    framework: FrameworkFile = None,
    row: Row = "",
    against: Against = False,
    origin: Origin = "",
    codebook: MaybeBook = None,
    codings: People = None,
    words: Words = False,
    out: OutFile = None,
    cleared_by: ClearedBy = "",
    note: Note = "",
    let_stand: LetStand = None,
    as_json: Json = False,
) -> None:
    """Count a number of the report again, and list the passages behind it. The counts are exact.

    The sizes of the study: trace STUDY. A row of the theme table: trace STUDY CODE. A pair:
    --with OTHER. A group of a comparison or a joint display: --attribute role=ECE. A person:
    --case P07. A row of a framework: --framework FILE --row ID (--against).

    Change, with --states as in the report: a state in a session --state strain --session 1;
    from one state to another --then recovery --later 3; a row of who changed --way gained; a
    first session --state recovery --way first --session 2 (or "in no session", "not read").
    A topic: --topic 2 --topics OUT/keep/topics.csv, with CODE its overlap. Agreement:
    trace STUDY CODE --coder ada --coder bo.

    What has no passages of its own says where it comes from: --origin programmes, indicators,
    coefficients, tests, intervals, pairs, matrices, saturation, topics, scales, quotes, steps.
    """
    if origin:
        _print_origin(origin, as_json)
        return
    if study is None:
        ctx.fail("Missing argument 'STUDY'.")
    check_clearing(cleared_by, note)
    check_file(out)
    about = Moved(states, state, session, then, later, way)
    asked = _Asked(code or [], about, topic, topics, coder or [], framework, row, with_)
    _check_asked(asked, against, unit, bool(case or attribute))
    wanted = _wanted(attribute or [], session)
    clearing = Clearing(cleared_by, note, let_stand)
    found = gather([study], codebook, codings, clearing=clearing)
    codes = _codes_of_row(framework, row, against=against) if framework else asked.codes
    if not asked.elsewhere and (codes or wanted or case or with_):
        traced = _traced(found, codes, with_, unit, case, wanted)
        listed = of_trace(traced)
        table: Callable[[], Table] = partial(_traced_table, traced)
    else:
        listed = _listed(found, asked, unit)
        table = listed.table
    if out:
        from reflect_analysis.tables import export_table

        out.parent.mkdir(parents=True, exist_ok=True)
        export_table(table(), out)
    _print(listed, words, out, as_json)


def _print_origin(origin: str, as_json: bool) -> None:
    """Where numbers of a kind come from, which no passage stands behind by itself."""
    if origin not in ORIGINS:
        told = f"{origin!r}; expected one of {', '.join(ORIGINS)}"
        raise typer.BadParameter(told, param_hint="--origin")
    if as_json:
        print_json({"asked": origin, "from": ORIGINS[origin]})
        return
    print(f"{origin}: {ORIGINS[origin]}.")


class _Asked(NamedTuple):
    """Which number is asked for."""

    codes: list[str]
    moved: Moved
    topic: int | None
    topics: Path | None
    coders: list[str]
    framework: Path | None
    row: str
    other: str

    @property
    def of_change(self) -> bool:
        """Whether a state of change, or a change, is asked for."""
        return bool(self.moved.spec or self.moved.state or self.moved.then or self.moved.way)

    @property
    def elsewhere(self) -> bool:
        """Whether it is another number than one of codes alone."""
        return self.of_change or self.topic is not None or bool(self.coders)


def _check_asked(asked: _Asked, against: bool, unit: str, narrowed: bool) -> None:
    """Refuse options that do not go together, before the work."""
    kinds = {
        "--state": asked.of_change,
        "--topic": asked.topic is not None,
        "--coder": bool(asked.coders),
        "--framework": asked.framework is not None,
        "--with": bool(asked.other),
    }
    given = [name for name, there in kinds.items() if there]
    told = {
        "one number at a time": len(given) > 1,
        "--states and --state belong together": asked.of_change
        and not (asked.moved.spec and asked.moved.state),
        "--later belongs to --states": bool(asked.moved.later) and not asked.of_change,
        "--topic and --topics belong together": (asked.topic is None) != (asked.topics is None),
        "--framework and --row belong together": (asked.framework is None) != (not asked.row),
        "--against belongs to --framework": against and asked.framework is None,
        "name one code with --coder": bool(asked.coders) and len(asked.codes) != 1,
        "name two coders or more with --coder": len(asked.coders) == 1,
        "coders agree by reflection or by sentence": bool(asked.coders) and unit == "participant",
        "the codes are those of --states": asked.of_change and bool(asked.codes),
        "the codes are those of the row": asked.framework is not None and bool(asked.codes),
        "name the code that stands with it": bool(asked.other) and not asked.codes,
        "--case and --attribute narrow counts of codes": narrowed
        and (asked.elsewhere or not (asked.codes or asked.framework)),
        "--session narrows counts of codes and states": bool(asked.moved.session)
        and not (asked.of_change or asked.codes or asked.framework),
    }
    for fault, there in told.items():
        if there:
            raise typer.BadParameter(fault, param_hint=", ".join(given) or "CODE")


def _codes_of_row(file: Path, row: str, *, against: bool) -> list[str]:
    """The codes of one side of a framework's row: the number counts any of them."""
    from reflect_analysis.frameworks import read_framework

    found = read_framework(file)[row]
    codes = list(found.contradicts if against else found.supports)
    if not codes:
        side = "against" if against else "for"
        raise typer.BadParameter(f"{row!r} names no code {side} it", param_hint="--row")
    return codes


def _listed(found: Material, asked: _Asked, unit: UnitName) -> Listed:
    """A number that is no count of codes alone."""
    from reflect_analysis.errors import ReflectAnalysisError

    try:
        if asked.of_change:
            return of_states(found, asked.moved)
        if asked.topic is not None and asked.topics is not None:
            return of_topic(found, asked.topics, asked.topic, asked.codes)
        if asked.coders:
            return of_coders(found, asked.codes[0], asked.coders, unit)
        return of_study(found)
    except ReflectAnalysisError:
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _traced_table(traced: Trace) -> Table:
    from reflect_analysis.tables.tracing import trace_table

    return trace_table(traced)


def _wanted(attributes: Iterable[str], session: str) -> dict[str, str]:
    wanted = {"session": session} if session else {}
    wrong: list[str] = []
    for each in attributes:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (name and equals and value):
            wrong.append(f"{each!r}: expected NAME=VALUE")
        elif name in wanted:
            wrong.append(f"{each!r}: {name} is asked for twice; give several values with commas")
        wanted[name] = value
    if wrong:
        raise typer.BadParameter("; ".join(wrong), param_hint="--attribute")
    return wanted


def _traced(
    found: Material, code: list[str], other: str, unit: UnitName, case: str, wanted: dict[str, str]
) -> Trace:
    from reflect_analysis.segmentation import segment
    from reflect_analysis.tracing import trace_count

    by_sentence = bool(other) and unit == "sentence"
    return trace_count(
        found.log,
        code,
        corpus=found.corpus,
        codebook=found.book,
        with_code=other or None,
        unit="segment" if unit == "sentence" else unit,
        segments=segment(found.corpus) if by_sentence else None,
        case=case or None,
        where=wanted,
    )


def _print(listed: Listed, words: bool, out: Path | None, as_json: bool) -> None:
    """The counts; each passage where its words were asked for."""
    if as_json:
        rows = {"list": listed.records()} if words else {}
        counts = dict(listed.counts)
        print_json({"asked": listed.asked, **counts, **rows, "out": str(out) if out else None})
        return
    print(f"{listed.asked} (exact counts: keep them)")
    for name, number in listed.counts:
        print(f"{number:>14}  {name}")
    for row in listed.passages if words else ():
        place = f"{row.document_id} {row.start}–{row.end}" if row.text else row.document_id or "–"
        print(f"{place}, {row.case_id or 'unknown'}, {row.about}")
        if row.text:
            print(f"  “{' '.join(row.text.split())}”")
    if out:
        print(f"{len(listed)} passages written to {out}: participants' words, never send it")
    elif not words:
        print("--words shows the passages, --out FILE writes them")
