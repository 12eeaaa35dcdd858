"""The table of the participants: cases with consent to be quoted and governance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Answer, Case, Governance, Omission
from reflect_analysis.errors import did_you_mean

from ._found import Found
from ._sheets import Table

USES = ("coding", "training", "topics", "tables", "quotes", "export")
ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(("yes", "y", "true", "oui"), "yes"),
    **dict.fromkeys(("no", "n", "false", "non"), "no"),
    **dict.fromkeys(("ask", "", "demander"), "ask"),
}
_CONSENT = ("quote_consent", "quotes", "consent_to_quote")
_SPECIAL = (*_CONSENT, "governance", "approved_uses")


def cases_of(table: Table, participant: int) -> Found:
    """One case a row.

    Parameters
    ----------
    table : Table
    participant : int
        The column of the participants' ids.
    """
    special = {key: n for n, c in enumerate(table.header) if (key := _key(c)) in _SPECIAL}
    cases, faults, omissions = [], [], []
    for where, cells in table.rows:
        row = {n: cells[n].strip() for n in range(min(len(cells), len(table.header)))}
        if not row.get(participant):
            omissions.append(Omission(table.source, where, "a row without a participant"))
            continue
        told = {key: row.get(index, "") for key, index in special.items()}
        taken = {participant, *special.values()}
        attributes = {table.header[n]: v for n, v in row.items() if v and n not in taken}
        attributes.pop("", None)
        consent = next((told[key] for key in _CONSENT if key in told), "")
        case = Case(
            row[participant],
            Attributes(attributes),
            quotes=ANSWERS.get(consent.casefold(), "ask"),
            governance=_governance(told),
        )
        cases.append((case, f"{table.source}, {where}"))
        faults += [f"{table.source}, {where}: {fault}" for fault in _faults(consent, told)]
    return Found(cases=tuple(cases), faults=tuple(faults), omissions=tuple(omissions))


def _key(column: str) -> str:
    return re.sub(r"\W+", "_", column.casefold()).strip("_")


def _uses(told: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(filter(None, (use.strip() for use in told.get("approved_uses", "").split(";"))))


def _governance(told: Mapping[str, str]) -> Governance | None:
    authority = told.get("governance", "")
    return Governance(authority, _uses(told)) if authority else None


def _faults(consent: str, told: Mapping[str, str]) -> Iterator[str]:
    if consent.casefold() not in ANSWERS:
        yield f"consent to be quoted {consent!r}; expected 'yes', 'no' or 'ask'"
    if _uses(told) and not told.get("governance"):
        yield "approved uses without a governance; name the nation or community that approves"
    for use in _uses(told):
        if use not in USES:
            known = ", ".join(USES)
            yield f"approved use {use!r}; expected some of {known}{did_you_mean(use, USES)}"
