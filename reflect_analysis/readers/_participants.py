"""The table of the participants: cases with consent to be quoted and governance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Governance, Omission
from reflect_analysis.errors import did_you_mean

from ._consent import GOVERNED, ConsentColumn
from ._found import Found, told_cell
from ._identifying import identifies, listed
from ._sheets import Table
from ._vocabulary import plain

USES = ("coding", "training", "topics", "tables", "quotes", "export")


def cases_of(table: Table, participant: int, *, consent: ConsentColumn) -> Found:
    """One case a row.

    Parameters
    ----------
    table : Table
    participant : int
        The column of the participants' ids.
    consent : ConsentColumn
        Where their consent to be quoted stands.
    """
    special = {key: n for n, c in enumerate(table.header) if (key := plain(c)) in GOVERNED}
    columns = [
        (n, c) for n, c in enumerate(table.header) if n not in (participant, *consent.columns)
    ]
    who = [n for n, c in columns if identifies(c, (r[n] for _, r in table.rows if n < len(r)))]
    taken = {participant, *consent.columns, *special.values(), *who}
    cases, faults, omissions, consents = [], [], [], []
    for where, cells in table.rows:
        row = {n: cells[n].strip() for n in range(min(len(cells), len(table.header)))}
        problems: list[str] = []
        answer = consent.answer(cells, problems) or "ask"
        if not row.get(participant):
            if answer == "no":
                faults.append(f"{table.source}, {where}: consent is refused by nobody; name whom")
            omissions.append(Omission(table.source, where, "a row without a participant"))
            continue
        told = {key: row.get(index, "") for key, index in special.items()}
        attributes = {table.header[n]: v for n, v in row.items() if v and n not in taken}
        attributes.pop("", None)
        case = Case(
            row[participant],
            Attributes(attributes),
            quotes=answer,
            governance=_governance(told),
        )
        cases.append((case, f"{table.source}, {where}"))
        consents += [(case.id, answer)] if consent.columns else []
        problems += _faults(told)
        faults += [f"{table.source}, {where}: {problem}" for problem in problems]
    return Found(
        cases=tuple(cases),
        consents=tuple(consents),
        faults=tuple(faults),
        omissions=(*listed(table.name, [table.header[n] for n in who]), *omissions),
    )


def _uses(told: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(filter(None, (use.strip() for use in told.get("approved_uses", "").split(";"))))


def _governance(told: Mapping[str, str]) -> Governance | None:
    authority = told.get("governance", "")
    return Governance(authority, _uses(told)) if authority else None


def _faults(told: Mapping[str, str]) -> Iterator[str]:
    if _uses(told) and not told.get("governance"):
        yield "approved uses without a governance; name the nation or community that approves"
    for use in _uses(told):
        if use not in USES:
            known = ", ".join(USES)
            cell = told_cell(use, word=True)
            yield f"approved use {cell}; expected some of {known}{did_you_mean(use, USES)}"
