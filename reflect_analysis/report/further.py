"""Results beside the theme table: what of each kind may be sent, and what is kept.

One registry knows every kind of result by the name of its class: the section's title, what it
shows, and what goes to ``keep``. A new kind joins here and nowhere else.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis import figures, tables
from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.errors import ReportError, did_you_mean
from reflect_analysis.figures import Figure
from reflect_analysis.report.methods import without_counts
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.unmade import NotMade
from reflect_analysis.saturation import SaturationCurve, saturation_curve
from reflect_analysis.tables import Table
from reflect_analysis.tables.frames import frame_table
from reflect_analysis.themes import shown_participants

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study

__all__ = ["Shown", "check_further", "keep_further", "show_further", "title_of", "words_of"]

_NO_CURVE = (
    "the counts of all of its codes are hidden, and how soon a code turns up would give its own "
    "back"
)
# What one result shows: tables, figures, and sentences, in their order.
Part = Table | Figure | str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a result shows in what may be sent.

    Parameters
    ----------
    id, title : str
        Of its section.
    parts : tuple of Table, Figure or str
    """

    id: str
    title: str
    parts: tuple[Part, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables."""
        return tuple(part for part in self.parts if isinstance(part, Table))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a result is shown for: the threshold, the first table's number, approved quotes."""

    k: int
    number: int
    quotes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of result.

    Parameters
    ----------
    id, title : str
    show : callable
        Gives tables, figures and sentences of a value.
    keep : callable
        Gives files by name: frames, keep-tables and keep-figures.
    counts : bool
        Whether it counts participants, which a reflexive study does not.
    reveals : tuple of str
        Columns of words that give a row's counts back: hidden with them.
    """

    id: str
    title: Callable[[Any], str]
    show: Callable[[Any, _Asked], Iterator[Part]]
    keep: Callable[[Any], Iterator[tuple[str, Any]]]
    counts: bool = True
    reveals: tuple[str, ...] = ()


def check_further(values: Iterable[Any], *, reflexive: bool) -> None:
    """Refuse what is no result of a known kind, and counts in a reflexive study.

    Raises
    ------
    ReportError
        With every such value.
    """
    faults = []
    for value in values:
        name = type(value).__name__
        kind = _KINDS.get(name)
        if kind is None:
            known = ", ".join(_KINDS)
            elsewhere = _ELSEWHERE.get(name, f"expected {known}{did_you_mean(name, _KINDS)}")
            faults.append(f"{name}: no result of a kind that a report shows here; {elsewhere}")
        elif reflexive and kind.counts:
            faults.append(
                f"{name}: counts of participants are no measure of importance in a reflexive "
                "study; leave it out, or name the approach by which you count"
            )
    if faults:
        raise ReportError(faults)


def title_of(value: Any) -> str:
    """The title of a result's section."""
    return _KINDS[type(value).__name__].title(value)


def show_further(study: Study, *, number: int, quotes: Mapping[str, str]) -> tuple[Shown, ...]:
    """What the further results show, their tables numbered from `number` on."""
    found: list[Shown] = []
    seen: Counter[str] = Counter()
    for each in protected(study):
        value = _of_told_codes(each, study) if isinstance(each, SaturationCurve) else each
        kind = _KINDS[type(value).__name__]
        seen[kind.id] += 1
        suffix = f"-{seen[kind.id]}" if seen[kind.id] > 1 else ""
        parts = tuple(_safe(kind, value, study, _Asked(study.k, number, quotes), suffix))
        shown = Shown(f"{kind.id}{suffix}", kind.title(value), parts)
        number += len(shown.tables)
        found.append(shown)
    return tuple(found)


def _of_told_codes(curve: SaturationCurve, study: Study) -> SaturationCurve | NotMade:
    """The curve over the codes whose counts are told.

    Its mean is a sum over codes of how soon each turns up: beside the counts of the others it
    would give a hidden one back.
    """
    shown = {row.code_id: shown_participants(row, k=study.k) for row in study.themes.rows}
    told = {code for code, each in shown.items() if each is not None and each.exact}
    if curve.unit == "reflection":
        told -= study.quiet
    codes = [code for code in curve.codes if code in told]
    if not codes:
        return NotMade(_KINDS["SaturationCurve"].title(curve), _NO_CURVE)
    if len(codes) == len(curve.codes):
        return curve
    asked = curve.information
    found = saturation_curve(
        study.codings,
        corpus=study.corpus,
        codebook=study.codebook,
        codes=codes,
        unit=curve.unit,
        rule=(asked.base, asked.run, asked.threshold),
        orders=curve.orders,
        random_state=curve.random_state,
    )
    return dataclasses.replace(found, left_out=len(curve.codes) - len(codes))


def _safe(kind: _Kind, value: Any, study: Study, asked: _Asked, suffix: str) -> Iterator[Part]:
    """The parts without what tells too much beside earlier releases.

    A figure shows every row, so it goes where a row goes; where no sum is exact it goes too.
    """
    hidden = study.coarse
    told: list[Part] = []
    for part in kind.show(value, asked):
        if isinstance(part, Table):
            safe = _without(part, {**study.withheld, **study.in_trees}, kind.reveals)
            hidden |= safe.rows != part.rows
            told.append(_coarse(safe) if study.coarse else safe)
        elif isinstance(part, Figure):
            told.append(_renamed(part, suffix))
        else:
            told.append(without_counts(part) if study.coarse else part)
    yield from (part for part in told if not (hidden and isinstance(part, Figure)))
    if hidden:
        yield "A figure that would show what is hidden beside earlier reports is left out."


def _coarse(table: Table) -> Table:
    return dataclasses.replace(table, note=without_counts(table.note))


def _without(table: Table, withheld: Mapping[str, str], reveals: tuple[str, ...]) -> Table:
    """The table without rows' figures that are withheld, and without the words that give them."""
    safe = table.without(withheld)
    places = [i for i, column in enumerate(table.columns) if column.name in reveals]
    if safe is table or not places or safe.released is None or table.released is None:
        return safe
    changed = [
        bool(old) and not new for old, new in zip(table.released, safe.released, strict=True)
    ]
    rows = tuple(
        tuple(HIDDEN if hide and i in places else cell for i, cell in enumerate(row))
        for row, hide in zip(safe.rows, changed, strict=True)
    )
    return dataclasses.replace(safe, rows=rows)


def _renamed(figure: Figure, suffix: str) -> Figure:
    """A figure with a name and ids of its own, where another of its kind stands in the report."""
    if not suffix:
        return figure
    old, new = f"figure-{figure.name}-".encode(), f"figure-{figure.name}{suffix}-".encode()
    return dataclasses.replace(
        figure, name=f"{figure.name}{suffix}", svg=figure.svg.replace(old, new)
    )


def keep_further(values: Iterable[Any], folder: Path) -> None:
    """Write what the results keep: exact frames, matrices, figures with a row for one person."""
    seen: Counter[str] = Counter()
    for value in values:
        for name, content in _KINDS[type(value).__name__].keep(value):
            seen[name] += 1
            stem = f"{name}-{seen[name]}" if seen[name] > 1 else name
            _keep(content, stem, folder)


def _keep(content: Any, stem: str, folder: Path) -> None:
    """One file, or two of a figure."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Figure):
        dataclasses.replace(content, name=stem).save(folder)
    elif isinstance(content, Table):
        tables.export_table(content, folder / f"{stem}.xlsx")
    else:
        tables.export_table(frame_table(stem, content), folder / f"{stem}.csv")


def words_of(value: Any) -> tuple[str, ...]:
    """What a framework or a checklist says, though a participant may have copied it."""
    framework = getattr(value, "framework", None)
    if framework is None:
        return ()
    rows = (text for row in framework for text in (row.name, row.text, row.condition))
    cases = (case.situation for case in framework.use_cases)
    return tuple(filter(None, (framework.title, *framework.always_said, *rows, *cases)))


# ── the kinds ──


def _show_pairs(value: Any, asked: _Asked) -> Iterator[Part]:
    table = tables.pairs_table(value, k=asked.k, number=asked.number)
    if not table.rows:
        yield (
            f"No pair of codes may be shown: none occurs in the same {value.unit}, or fewer than "
            f"{asked.k} people would stand behind every number."
        )
        return
    yield table
    yield figures.pairs_figure(value, k=asked.k)
    yield figures.pairs_network(value, k=asked.k)


def _keep_pairs(value: Any) -> Iterator[tuple[str, Any]]:
    yield f"pairs-by-{value.unit}", value.to_frame()


def _show_comparison(value: Any, asked: _Asked) -> Iterator[Part]:
    table = tables.comparison_table(value, k=asked.k, number=asked.number)
    if not table.rows:
        yield f"Nobody was read in two groups of {value.by!r}, so nothing is compared."
        return
    if all(set(row[1:]) == {HIDDEN} for row in table.rows):
        yield "Every count is hidden: in groups so small, each could point to persons."
    yield table


def _keep_comparison(value: Any) -> Iterator[tuple[str, Any]]:
    yield f"comparison-by-{_plain(value.by)}", value.to_frame()


def _show_changes(value: Any, asked: _Asked) -> Iterator[Part]:
    states = tables.states_table(value, k=asked.k, number=asked.number)
    if all(set(row[1:]) == {HIDDEN} for row in states.rows):
        yield "Every count is hidden: in so small a group, each could point to persons."
    yield states
    if len(value.sessions) < 2:  # noqa: PLR2004  # change is between two
        yield "All texts are of one session, so no change can be told."
        return
    yield tables.changed_table(value, k=asked.k, number=asked.number + 1)
    yield tables.first_session_table(value, k=asked.k, number=asked.number + 2)
    yield figures.flow_figure(value, k=asked.k)


def _keep_changes(value: Any) -> Iterator[tuple[str, Any]]:
    yield "states", value.to_frame()
    yield "states-by-session", value.to_matrix()
    yield "first-sessions", value.first_frame()
    yield "KEEP-session-grid", figures.session_grid(value)


def _show_saturation(value: Any, asked: _Asked) -> Iterator[Part]:
    yield tables.saturation_table(value, number=asked.number)
    if len(value.shown()) > 1:  # of so few texts no curve may be told
        yield figures.saturation_figure(value)


def _keep_saturation(value: Any) -> Iterator[tuple[str, Any]]:
    yield "saturation", value.to_frame()


def _show_framework(value: Any, asked: _Asked) -> Iterator[Part]:
    yield tables.framework_table(value, k=asked.k, quotes=asked.quotes, number=asked.number)
    if value.framework.use_cases:
        yield tables.use_case_table(value.framework, number=asked.number + 1)


def _keep_framework(value: Any) -> Iterator[tuple[str, Any]]:
    name = _plain(value.framework.id)
    yield f"framework-{name}", value.to_frame()
    yield f"framework-{name}-by-participant", value.to_matrix()


def _show_checklist(value: Any, asked: _Asked) -> Iterator[Part]:
    yield tables.checklist_table(value, number=asked.number)


def _keep_nothing(_: Any) -> Iterator[tuple[str, Any]]:
    yield from ()


def _show_programmes(value: Any, asked: _Asked) -> Iterator[Part]:
    yield tables.growth_table(value, number=asked.number)
    yield figures.growth_figure(value)


def _keep_programmes(value: Any) -> Iterator[tuple[str, Any]]:
    yield "programmes", value.to_frame()


def _show_joint(value: Any, asked: _Asked) -> Iterator[Part]:
    yield tables.joint_table(value, k=asked.k, quotes=asked.quotes, number=asked.number)


def _keep_joint(value: Any) -> Iterator[tuple[str, Any]]:
    yield "joint-display", value.to_frame()


def _show_unmade(value: Any, _: _Asked) -> Iterator[Part]:
    yield value.sentence


def _plain(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"\W+", "-", name).strip("-") or "result"


_KINDS: dict[str, _Kind] = {
    "Pairs": _Kind(
        "together",
        lambda value: f"Codes in the same {value.unit}",
        _show_pairs,
        _keep_pairs,
        reveals=("95 % interval of lift",),
    ),
    "Comparison": _Kind(
        "groups",
        lambda value: f"Groups compared: {value.by}",
        _show_comparison,
        _keep_comparison,
        reveals=("Difference",),
    ),
    "StateChanges": _Kind("change", lambda _: "Change over sessions", _show_changes, _keep_changes),
    "SaturationCurve": _Kind(
        "saturation",
        lambda _: "How soon new codes stopped coming",
        _show_saturation,
        _keep_saturation,
        reveals=("Band of 95 % of the orders",),
    ),
    "FilledFramework": _Kind(
        "framework",
        lambda value: value.framework.title,
        _show_framework,
        _keep_framework,
        counts=False,  # a reflexive study gets its codes in place of counts
    ),
    "Programmes": _Kind(
        "programmes", lambda _: "The programmes", _show_programmes, _keep_programmes, counts=False
    ),
    "JointDisplay": _Kind(
        "joint", lambda _: "Accounts and scores side by side", _show_joint, _keep_joint
    ),
    "NotMade": _Kind(
        "not-made", lambda value: value.title, _show_unmade, _keep_nothing, counts=False
    ),
    "AnsweredChecklist": _Kind(
        "checklist",
        lambda value: value.framework.title,
        _show_checklist,
        _keep_nothing,
        counts=False,
    ),
}

_WORDS = "it holds participants’ words; keep it (export_table into keep), and approve quotes"
# Results with another place than this one.
_ELSEWHERE = {
    "ThemeTable": "the report counts its own from codings=",
    "Agreement": "give it as agreement=",
    "Topics": "give it as topics=",
    "Alignment": "give it as alignment=",
    "TopicsBy": "export_table(topics_by_table(…)) makes a file of it by itself",
    "CodeMatrix": "groups stand side by side in a joint display (joint_display); a matrix of "
    "groups by itself is export_table(matrix_table(…)), one of texts or participants is kept",
    "Concordance": _WORDS,
    "Trace": _WORDS,
    "NegativeCases": _WORDS,
    "Disagreements": _WORDS,
    "Table": "give the value that it was made from",
}
