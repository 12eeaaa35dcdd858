"""``status``: documents, coders, progress, and the agreement so far."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from reflect_analysis.cli._shared import Json, print_json
from reflect_analysis.cli._study import Study, opened

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.project import Project

__all__ = ["status"]

_TWO = 2  # who agree
_SENTENCES = re.compile(r"(?<=\.) (?=[A-Z])")
_GREEK = str.maketrans({"α": "alpha", "κ": "kappa"})  # which not every console has


def status(study: Study, as_json: Json = False) -> None:
    """Documents, coders, progress, and the agreement so far."""
    with opened(study) as project:
        found = state_of(project)
    if as_json:
        print_json(found)
        return
    for line in _lines_of(found):
        print(line)


def state_of(project: Project) -> dict[str, Any]:
    """What `status` tells, as plain values."""
    import dataclasses

    corpus, phase = project.corpus(), project.open_phase()
    book = project.codebook() if project.has_codebook() else None
    log = project.codings()
    return {
        "study": str(project.address),
        "title": project.title,
        "approach": project.approach,
        "documents": len(corpus),
        "cases": len(corpus.cases),
        "waiting": len(corpus.uncleared()),
        "codes": len(book) if book else 0,
        "codebook": book.version if book else None,
        "phase": dataclasses.asdict(phase) if phase else None,
        "coders": _coders(project, log),
        "machines": _machines(log),
        **_agreement_so_far(project, log, corpus, book),
    }


def _coders(project: Project, log: Codings) -> list[dict[str, Any]]:
    """The team and whoever read something, each with how far they are."""
    import dataclasses

    team = project.team_state().members
    rows = {row.coder: dataclasses.asdict(row) for row in project.progress(log)}
    nothing = {"assigned": 0, "read": 0, "others_read": 0, "codings": 0}
    left = _on_earlier_texts(project)
    return [
        {"coder": name, "role": team[name].role if name in team else None}
        | nothing
        | rows.get(name, {})
        | {"on_earlier_texts": left[name]}
        for name in sorted({*team, *rows, *left})
    ]


def _on_earlier_texts(project: Project) -> Counter[str]:
    """How much of each person rests on wordings that were corrected since."""
    from reflect_analysis.project.former import LeftCoding

    return Counter(
        each.by
        for each in project.left_of_earlier_texts()
        if not isinstance(each, LeftCoding)
        or each.coding.coder_kind == "person"
        or each.accepted_by
    )


def _machines(log: Codings) -> dict[str, int]:
    """How many codings of each machine hold."""
    from collections import Counter

    held = (row.coding for row in log.current)
    return dict(Counter(c.coder for c in held if c.coder_kind == "machine"))


def _agreement_so_far(
    project: Project, log: Codings, corpus: Corpus, book: Codebook | None
) -> dict[str, Any]:
    """The sentence, or why there is none; a reflexive study is offered neither."""
    from reflect_analysis import measure_agreement
    from reflect_analysis.errors import ReflectAnalysisError

    if project.approach == "reflexive":
        return {"agreement": None, "no_agreement": None}
    why = _why_not_yet(project, log)
    if why is None:
        try:
            found = measure_agreement(log, corpus=corpus, codebook=book)
        except ReflectAnalysisError as error:
            why = f"none yet: {_in_the_shell(error.faults[0])}"
        else:
            return {"agreement": found.sentence(), "no_agreement": None}
    return {"agreement": None, "no_agreement": why}


def _in_the_shell(fault: str) -> str:
    """A fault without the sentence that names an argument of Python."""
    return " ".join(part for part in _SENTENCES.split(fault) if "blind_only" not in part)


def _why_not_yet(project: Project, log: Codings) -> str | None:
    phase = project.open_phase()
    if phase is not None and phase.blind:
        return f"told when {phase.name} ends, for it is blind"
    if len({seen.coder for seen in log.seen if seen.coder_kind == "person"}) < _TWO:
        return "none yet: two people have to read the same texts, each without the other's codings"
    return None


def _lines_of(found: dict[str, Any]) -> list[str]:
    phase, machines = found["phase"], found["machines"]
    waiting = f"; {found['waiting']} wait to be cleared" if found["waiting"] else ""
    lines = [
        f"{found['title']} ({found['study']})" if found["title"] else found["study"],
        f"{found['documents']} documents, {found['cases']} participants{waiting}",
        f"{found['codes']} codes, codebook version {found['codebook'][:12]}"
        if found["codebook"]
        else "no codebook yet",
        f"phase: {phase['name']} ({phase['kind']}, {'' if phase['blind'] else 'not '}blind)"
        if phase
        else "no phase is open",
        *_lines_of_coders(found["coders"]),
        *(f"  {name} (machine): {count} codings" for name, count in machines.items()),
    ]
    agreement = found["agreement"] or found["no_agreement"]
    return [*lines, f"agreement: {agreement.translate(_GREEK)}"] if agreement else lines


def _lines_of_coders(rows: list[dict[str, Any]]) -> list[str]:
    """A line a person."""
    if not rows:
        return ["nobody is in the team yet"]
    return [
        f"  {row['coder']} ({row['role'] or 'not in the team'}): {_read(row)}, "
        f"{row['codings']} codings{_left(row)}"
        for row in rows
    ]


def _left(row: dict[str, Any]) -> str:
    """What of a coder's work rests on wordings that were corrected since."""
    from reflect_analysis.project.team import AGREED

    left = row["on_earlier_texts"]
    again = "agreed" if row["coder"] == AGREED else "made"
    return f"; {left} on earlier wordings, to be {again} again in the panel" if left else ""


def _read(row: dict[str, Any]) -> str:
    if not row["assigned"]:
        return f"nothing assigned, {row['others_read']} read"
    more = f" and {row['others_read']} others" if row["others_read"] else ""
    return f"{row['read']} of {row['assigned']} assigned read{more}"
