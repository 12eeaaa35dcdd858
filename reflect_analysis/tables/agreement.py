"""Agreement as tables: what may be sent, and what was counted exactly, to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure import HIDDEN, count_note
from reflect_analysis.reliability import (
    Agreement,
    CodeAgreement,
    CodeSpans,
    interval_words,
    landis_koch,
    phase_words,
)
from reflect_analysis.reliability.showing import ShownRow, shown_row
from reflect_analysis.reliability.values import (
    TEXT_WORDS,
)
from reflect_analysis.tables.agreement_cells import (
    codes_told,
    number_told,
    pairs_told,
    whole_table,
)
from reflect_analysis.tables.values import Cell, Column, Table
from reflect_analysis.themes import ThemeTable, shareable_themes

if TYPE_CHECKING:
    from reflect_analysis.coefficients import Coefficient
    from reflect_analysis.disclosure import ReleasedCell

__all__ = [
    "agreement_counts",
    "agreement_tables",
    "shareable_alphas",
    "shown_agreement",
]

Row = CodeAgreement | CodeSpans
_PAIR = 2
_BARE = "No interval where no participant’s texts change the value."


def shown_agreement(
    agreement: Agreement, *, k: int = 5, labels: bool = False, number: int = 1
) -> Table:
    """Agreement by code as it may be sent: no count that gives a few persons back.

    Where few persons wrote of a code, or nearly all, its row keeps the units alone; the 2×2
    counts stay with `agreement_counts`, and so does agreement without the segments that nobody
    coded: how many those are is a count of the codes together, and gives back one that is hidden.

    Parameters
    ----------
    agreement : Agreement
    k : int
        Counts of persons below `k` are hidden; at least 3.
    labels : bool
        Adds Landis and Koch's word for kappa.
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    agreement = agreement.safe(k=k)
    rows = _shareable_rows(agreement)
    shown = [shown_row(row, k=k) for row in rows]
    both = list(zip(rows, shown, strict=True))
    spans = agreement.unit == "span"
    every = _span_makers() if spans else _code_makers(agreement, labels=labels)
    makers = [maker for maker in every if not maker.why_empty(both)]
    return Table(
        title=_title(agreement),
        columns=tuple(maker.column for maker in makers),
        rows=tuple(tuple(maker.of(row, safe) for maker in makers) for row, safe in both),
        number=number,
        groups=tuple(_headings(agreement, rows)),
        note=_note(agreement, both, k, empty=_empty(every, both)),
        released=tuple(codes_told(row, safe) for row, safe in both),
    )


def agreement_tables(
    agreement: Agreement,
    *,
    k: int = 5,
    labels: bool = False,
    number: int = 1,
    themes: ThemeTable | None = None,
) -> tuple[Table, ...]:
    """All tables of an agreement as they may be sent: codes, pairs of coders, sets, spans.

    The tables over all codes are left out where too few codes are open: of one code they are
    that code's own figures, with the interval that its row hides.

    Where a coder's counts of a code and of one below it are few apart, or would give few back in
    another way, these codes are hidden (`Agreement.safe`). A code that a theme table hides beside
    the codes above or below it is hidden here only where that table is known: a report knows it;
    by themselves these tables know it by `themes` or by `Agreement.hiding`, and say in the note
    where they were held against none.

    Parameters
    ----------
    agreement, k, labels
        As in `shown_agreement`.
    number : int
        Of the first table.
    themes : ThemeTable, optional
        The theme table of the same study.
    """
    if themes is not None:
        rows = shareable_themes(themes, k=k).rows
        agreement = agreement.hiding([row.code_id for row in rows if row.withheld])
    tables = _tables(agreement.safe(k=k), k=k, labels=labels, number=number)
    if themes is not None or agreement.withheld:
        return tables
    first = tables[0]
    return replace(first, note=f"{first.note} {_ALONE}"), *tables[1:]


_ALONE = (
    "Not held against a theme table: what the counts of codes above or below one hide there is "
    "not hidden here."
)


def _tables(agreement: Agreement, *, k: int, labels: bool, number: int) -> tuple[Table, ...]:
    makers = (_pair_table, _set_table, _text_table)
    tables = [shown_agreement(agreement, k=k, labels=labels, number=number)]
    for make in makers:
        table = make(agreement, k, number + len(tables))
        tables += [table] if table is not None else []
    return tuple(tables)


def shareable_alphas(agreement: Agreement, *, k: int = 5) -> dict[str, float]:
    """The alphas of the main rows that may be sent, by code id; for the theme table."""
    values = {row.code_id: shown_row(row, k=k).alpha for row in agreement.safe(k=k).main}
    return {code_id: value for code_id, value in values.items() if not isnan(value)}


def agreement_counts(agreement: Agreement, *, number: int = 1) -> tuple[Table, ...]:
    """Everything that was counted, exactly: for the study's own eyes, and marked so.

    Parameters
    ----------
    agreement : Agreement
    number : int
        Of the first table.

    Returns
    -------
    tuple of Table
        Codes, pairs of coders, sets and spans, as far as there are any.
    """
    titles = {
        "codes": "Agreement by code, with counts",
        "pairs": "Agreement of pairs of coders",
        "sets": "Agreement on sets of codes",
        "spans": "Agreement on spans",
    }
    parts = [(title, agreement.to_frame(part)) for part, title in titles.items()]  # type: ignore[arg-type]  # the keys are its parts
    filled = [(title, frame) for title, frame in parts if len(frame)]
    unlike = {frame.to_csv(): (title, frame) for title, frame in filled}
    named = enumerate(unlike.values(), start=number)
    return tuple(whole_table(title, frame, place) for place, (title, frame) in named)


@dataclass(frozen=True, slots=True)
class _Maker:
    """A column, and how its cell is made from a row and what of it may be sent."""

    column: Column
    of: Callable[[Row, ShownRow], Cell]
    coefficient: Callable[[Any], Coefficient] | None = None

    def why_empty(self, rows: Sequence[tuple[Row, ShownRow]]) -> str:
        """Why the column would hold nothing but dashes; empty where it holds a figure.

        Only the open rows tell: a column that went for a hidden figure would tell of it.
        """
        if self.coefficient is None:
            return ""
        shown = [self.coefficient(row) for row, safe in rows if not safe.hides_rest and row.units]
        if not shown or any(not isnan(each.value) for each in shown):
            return ""
        return "; ".join(dict.fromkeys(_general(each.reason) for each in shown if each.reason))


def _rest(
    name: str, value: Callable[[Any], Cell], *, decimals: int = 2, kind: Any = "number"
) -> _Maker:
    """A column of figures that are hidden with a row's positives."""
    return _Maker(Column(name, kind, decimals), lambda row, safe: _hidden(safe, value(row)))


def _of(name: str, coefficient: Callable[[Any], Coefficient], *, decimals: int = 2) -> _Maker:
    """A column of a coefficient beside alpha; it goes where it is undefined throughout."""
    plain = _rest(name, lambda row: coefficient(row).value, decimals=decimals)
    return _Maker(plain.column, plain.of, coefficient)


def _empty(makers: Sequence[_Maker], rows: Sequence[tuple[Row, ShownRow]]) -> str:
    """The columns that were left out, by reason."""
    reasons: dict[str, list[str]] = {}
    for maker in makers:
        if reason := maker.why_empty(rows):
            reasons.setdefault(reason, []).append(maker.column.name)
    told = "; ".join(f"{', '.join(names)} ({reason})" for reason, names in reasons.items())
    return f"Computed for no code: {told}." if told else ""


def _shareable_rows(agreement: Agreement) -> Sequence[Row]:
    """The rows over all text that was read."""
    if agreement.unit == "span":
        return agreement.spans
    return [row for row in agreement.rows if row.text == "all"]


def _hidden(safe: ShownRow, value: Cell) -> Cell:
    return HIDDEN if safe.hides_rest else value


def _alpha(_: Row, safe: ShownRow) -> Cell:
    """Alpha; the sign for hidden where it may not be sent."""
    return HIDDEN if safe.hides_rest else safe.alpha


def _code_makers(agreement: Agreement, *, labels: bool) -> list[_Maker]:
    kappa = "κ" if len(agreement.coders) == _PAIR else "Fleiss κ"
    makers = [
        _Maker(Column("Code"), lambda row, _: row.code),
        _Maker(Column("Units", "number"), lambda row, _: row.units),
        _Maker(Column("Found by each", "number"), lambda _, safe: safe.positives),
        _rest("Agree", lambda row: row.percent.value, decimals=0, kind="share"),
        _rest("Positive (F1)", lambda row: row.positive.value),
        _rest(kappa, lambda row: row.kappa.value),
        _Maker(Column("α", "number", 2), _alpha),
        _rest("95 % interval", lambda row: interval_words(row.alpha)),
        _rest("AC1", lambda row: row.ac1.value),
        _rest("P(α<.667)", lambda row: row.below),
    ]
    if labels:
        makers.append(_rest("Label of κ", lambda row: landis_koch(row.kappa.value), kind="text"))
    return makers


def _span_makers() -> list[_Maker]:
    return [
        _Maker(Column("Code"), lambda row, _: row.code),
        _Maker(Column("Texts", "number"), lambda row, _: row.units),
        _Maker(Column("Spans of each", "number"), lambda _, safe: safe.positives),
        _of("Exact F1", lambda row: row.exact),
        _of("Overlap F1", lambda row: row.overlapping),
        _of("Character F1", lambda row: row.characters),
        _of("Boundary distance", lambda row: row.distance, decimals=0),
        _Maker(Column("uα", "number", 2), _alpha),
        _rest("95 % interval", lambda row: interval_words(row.alpha)),
        _of("(k)uα", lambda row: row.alpha_overlap),
        _rest("P(uα<.667)", lambda row: row.below),
    ]


def _title(agreement: Agreement) -> str:
    who = f"{len(agreement.coders)} coders"
    if agreement.unit == "span":
        return f"Agreement of {who} on where each code stands"
    by = f" by {agreement.segments_by}" if agreement.segments_by else ""
    return f"Agreement of {who} on each code, by {agreement.unit}{by and f' ({by.strip()})'}"


def _headings(agreement: Agreement, rows: Sequence[Row]) -> Iterator[str]:
    """The group of each row; the phase and the text before it where there are several."""
    phases = len(agreement.phases) > 1
    texts = len({_text(row) for row in rows}) > 1
    for row in rows:
        parts = [phase_words(row.phase)] if phases else []
        parts += [TEXT_WORDS[_text(row)]] if texts else []
        yield ", ".join(parts) or row.group


def _text(row: Row) -> str:
    return row.text if isinstance(row, CodeAgreement) else "all"


def _note(
    agreement: Agreement, rows: Sequence[tuple[Row, ShownRow]], k: int, *, empty: str = ""
) -> str:
    """What the reader of the table alone needs to know."""
    open_rows = [row for row, safe in rows if not safe.hides_rest]
    bare = any(row.alpha.interval and row.alpha.interval.reason for row in open_rows)
    hidden = len(open_rows) < len(rows)
    beside = [*_about(agreement, k), *_beside(agreement), _BARE * bare, empty]
    told = [*beside, _undefined(open_rows), _hidden_note(k) * hidden]
    return " ".join(filter(None, told))


def _beside(agreement: Agreement) -> Iterator[str]:
    """What else must be known beside the figures, without a count that gives others back.

    How many readings hold no coding is, of one code, how many hold it; how many codings were
    dropped are those of a code; and of a study with governed records every sum says how many.
    """
    governed = any(each.governed for each in agreement.left_out)
    yield from dict.fromkeys(each.to_send(governed=governed) for each in agreement.remarks)
    if any(row.text == "coded" for row in agreement.rows):
        yield "Figures without the segments that nobody coded are kept by the study."


def _about(agreement: Agreement, k: int) -> Iterator[str]:
    names = ", ".join(
        f"{name} (a machine)" if name in agreement.machines else name for name in agreement.coders
    )
    blind = "read without sight of others’ codings" if agreement.blind else "not all read blind"
    phases = "; ".join(phase_words(phase) for phase in agreement.phases)
    yield f"Coders: {names}; {blind}; {phases}."
    if agreement.unit == "span":
        yield (
            "Texts that all of them read whole. Spans match after outer space and punctuation "
            "are left out; F1 is of two coders. Boundary distance: characters, median. uα: borders "
            "and code together; (k)uα: the code where marks overlap."
        )
    else:
        yield (
            "Units that two of them read at least; “Found by each”: units in which each found the "
            "code. “Positive (F1)”: positive agreement. A high AC1 does not make up for a low α on "
            "a rare code."
        )
    yield "P: how much of the resampling distribution lies below .667."
    yield from _out(agreement, k)


def _out(agreement: Agreement, k: int) -> Iterator[str]:
    """What fell out, by its reason; governed records, and a few, without their number.

    Nor the smallest of the others where a few are: how many texts there are in all is told
    elsewhere, and would give the few back.
    """
    out = [each for each in agreement.left_out if each.what != "coding"]
    counted = sorted((each for each in out if not each.governed), key=lambda each: each.count)
    few = sum(each.count < k for each in counted)
    bare = [*counted[: few + 1]] if few else []
    told = [
        f"{each.what}s {each.reason}" if each.governed or each in bare else str(each)
        for each in out
    ]
    if told:
        yield f"Not in it: {'; '.join(dict.fromkeys(told))}."


def _undefined(rows: Sequence[Row]) -> str:
    """The codes without an alpha, by reason."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.alpha.reason:
            reasons.setdefault(row.alpha.reason, []).append(row.code)
    told = "; ".join(f"{', '.join(dict.fromkeys(names))} ({r})" for r, names in reasons.items())
    return f"Not computed: {told}." if told else ""


def _hidden_note(k: int) -> str:
    return (
        f"{count_note(k)} Here the figures from which the counts of such a code could be worked "
        f"out are hidden ({HIDDEN}), α among them."
    )


def _pair_table(agreement: Agreement, k: int, number: int) -> Table | None:
    """Alpha of each pair of several coders on each code."""
    rows: Sequence[Row] = agreement.span_pairs if agreement.unit == "span" else agreement.pairs
    rows = [row for row in rows if _text(row) == "all"]
    if not rows:
        return None
    pairs = list(dict.fromkeys(row.coders for row in rows))
    cells: dict[tuple[str, str], dict[tuple[str, ...], Cell]] = {}
    names: dict[tuple[str, str], Row] = {}
    for row in rows:
        safe = shown_row(row, k=k)
        key = (row.phase, row.code_id)
        names.setdefault(key, row)
        # Beside the other pairs and all coders together an alpha says more than by itself.
        cells.setdefault(key, {})[row.coders] = HIDDEN if safe.hides_rest else row.alpha.value
    columns = (Column("Code"), *(Column(" – ".join(pair), "number", 2) for pair in pairs))
    return Table(
        title=f"{'uα' if agreement.unit == 'span' else 'α'} of each pair of coders",
        columns=columns,
        rows=tuple((names[key].code, *(each.get(p) for p in pairs)) for key, each in cells.items()),
        number=number,
        groups=tuple(_headings(agreement, list(names.values()))),
        released=tuple(tuple(pairs_told(rows, *key)) for key in cells),
    )


def _phases_open(agreement: Agreement, k: int) -> frozenset[str]:
    """The phases whose figures over all codes may be sent.

    Where a code is hidden it must be one among several that are open and in use, and no fewer
    than a count must be that is shown: over fewer codes the figures are too nearly its own.
    """
    open_phases = set()
    for phase in agreement.phases:
        hidden: dict[str, bool] = {}
        rows: tuple[Row, ...] = (*agreement.rows, *agreement.spans)
        for row in rows:
            if row.phase == phase and row.said and row.said[0].at_most:
                closed = shown_row(row, k=k).hides_rest
                hidden[row.code_id] = hidden.get(row.code_id, False) or closed
        n_open = sum(not closed for closed in hidden.values())
        if n_open == len(hidden) or n_open >= k:
            open_phases.add(phase)
    return frozenset(open_phases)


def _set_table(agreement: Agreement, k: int, number: int) -> Table | None:
    """Alpha on sets of codes: a second look, after the codes."""
    phases = _phases_open(agreement, k)
    sets = [row for row in agreement.sets if row.phase in phases and row.text == "all"]
    if not sets:
        return None
    columns = (
        Column("Text"),
        *(Column(name, "number") for name in ("Units", "Codes")),
        Column("α (MASI)", "number", 2),
        Column("interval (MASI)", "number"),
        Column("α (Jaccard)", "number", 2),
        Column("interval (Jaccard)", "number"),
    )
    rows = tuple(
        (
            f"{phase_words(row.phase)}, {TEXT_WORDS[row.text]}",
            row.units,
            row.n_codes,
            row.masi.value,
            interval_words(row.masi),
            row.jaccard.value,
            interval_words(row.jaccard),
        )
        for row in sets
    )
    note = "A summary, second to the codes one by one: it hides which code is the weak one."
    told = tuple(
        (
            number_told("sets", row.phase, row.units, "units"),
            number_told("sets", row.phase, row.n_codes, "codes"),
        )
        for row in sets
    )
    return Table(
        "Agreement on sets of codes", columns, rows, number=number, note=note, released=told
    )


def _text_table(agreement: Agreement, k: int, number: int) -> Table | None:
    """The unitizing family over all codes, with and without text that nobody coded."""
    phases = _phases_open(agreement, k)
    texts = [text for text in agreement.texts if text.phase in phases]
    if not any(text.documents for text in texts):
        return None
    rows: list[tuple[Cell, ...]] = []
    reasons: dict[str, None] = {}
    told: list[tuple[ReleasedCell, ...]] = []
    for text in texts:
        told += [(number_told("spans", text.phase, text.documents, "documents"),)] * 3
        family = (
            ("coded or not, all text (|uα)", text.binary),
            ("borders and codes, all text (uα)", text.u),
            ("codes where marks overlap, without text that nobody coded (cuα)", text.cu),
        )
        for name, found in family:
            rows.append((phase_words(text.phase), name, found.value, interval_words(found)))
            reasons |= {_general(found.reason): None} if found.reason else {}
    columns = (
        Column("Phase"),
        Column("What"),
        Column("α", "number", 2),
        Column("95 % interval", "number"),
    )
    note = f"Not computed: {'; '.join(reasons)}." if reasons else ""
    return Table(
        "Agreement on spans of all codes",
        columns,
        tuple(rows),
        number=number,
        note=note,
        released=tuple(told),
    )


def _general(reason: str) -> str:
    """A reason without the place that it names: a document is one person's."""
    return reason.partition(" (")[0]
