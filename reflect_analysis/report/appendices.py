"""What stands behind a report: codebook and its history, COREQ, the audit trail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.provenance import Run
from reflect_analysis.report.blocks import Block, CodeEntry, Grid, Heading, Paragraph, Section
from reflect_analysis.report.coreq import Researchers, coreq_table
from reflect_analysis.tables import Column, Table

if TYPE_CHECKING:
    from reflect_analysis.codebook import Code, Codebook
    from reflect_analysis.report.study import Study

__all__ = ["appendix_sections", "audit_trail", "codebook_section"]

_LINK = re.compile(r"→ `([^`]+)`")
_STEPS = {
    "read": "Texts were read",
    "check": "Texts were searched for identifiers",
    "clear": "Texts were cleared of identifiers",
    "segment": "Texts were cut into segments",
    "code": "Segments were coded",
    "topics": "Topics were sought",
    "agreement": "Agreement was measured",
}


def appendix_sections(study: Study, *, number: int) -> Iterator[Section]:
    """The appendices, their tables numbered from `number` on."""
    yield codebook_section(study)
    coreq = coreq_table(study, study.researchers or Researchers(), number=number)
    yield Section(
        "coreq",
        "COREQ",
        (
            Paragraph(
                "What a journal asks of a qualitative study. What only the researchers know is "
                "asked of them, and stands as missing until they answer."
            ),
            Grid(coreq),
        ),
        "Appendix: what the study tells of itself",
    )
    trail = _shared_trail(study.runs, number + 1)
    told: tuple[Block, ...] = (Paragraph("No step of this study was recorded."),)
    if trail.rows:
        told = (Paragraph("What the programs did, with the settings of chance."), Grid(trail))
    yield Section("trail", "Steps of the work", told, "Appendix: the steps of the work")


# ── the codebook ──


def codebook_section(study: Study) -> Section:
    """The codebook as it may be sent, and what became of its codes."""
    return Section(
        "codebook", "The codebook", tuple(_codebook(study)), title="Appendix: the codebook"
    )


def _codebook(study: Study) -> Iterator[Block]:
    book = study.printed
    if book.description:
        yield Paragraph(book.description)
    for group in book.groups:
        codes = [code for code in book.in_use if code.group == group.id]
        if codes:
            yield Heading(group.name)
            if group.description:
                yield Paragraph(group.description, soft=True)
            yield from (_entry(code, book) for code in codes)
    if book.history:
        yield Heading("History of the codebook")
        yield from (Paragraph(line) for line in _history(book))


def _history(book: Codebook) -> Iterator[str]:
    """What was done to the codes, by day: without reasons, which may quote a participant."""
    days: dict[str, list[str]] = {}
    for row in book.history:
        name = book[row.code_id].name if row.code_id in book else row.code_id
        into = [book[code].name if code in book else code for code in row.into]
        told = f"{row.action} {name}" + (f" → {', '.join(into)}" if into else "")
        days.setdefault(f"{row.at:%Y-%m-%d}", []).append(told)
    for day, steps in days.items():
        yield f"{day}: {'; '.join(dict.fromkeys(steps))}."


def _entry(code: Code, codebook: Codebook) -> CodeEntry:
    remarks = []
    if code.parent:
        remarks.append(f"A subcode of {codebook[code.parent].name}.")
    if code.human_only:
        remarks.append("Coded by people alone.")
    if code.unit == "reflection":
        remarks.append("Judged on the whole reflection.")
    sources = (s.cite if s.verified else f"{s.cite} (not verified)" for s in code.source)
    return CodeEntry(
        code.name,
        _linked(code.definition, codebook),
        tuple(_linked(item, codebook) for item in code.include),
        tuple(_linked(item, codebook) for item in code.exclude),
        tuple(sources),
        tuple(remarks),
    )


def _linked(text: str, codebook: Codebook) -> str:
    """A pointer to another code, by its name."""
    known = {code.id: code.name for code in codebook}
    return _LINK.sub(lambda found: f"→ {known.get(found[1], found[1])}", text)


# ── the audit trail ──


def _shared_trail(runs: tuple[Run, ...], number: int) -> Table:
    """Step, day, version, seed, model and fingerprint: no sentence and no setting, which count.

    The name of a step that the package does not know is left out with its row.
    """
    rows = tuple(
        dict.fromkeys(
            (
                _STEPS[run.step],
                f"{run.at:%Y-%m-%d}",
                run.package_version,
                "" if run.seed is None else f"seed {run.seed}",
                run.model or "",
            )
            for run in runs
            if run.step in _STEPS
        )
    )
    names = ("Step", "Day (UTC)", "Version", "Chance", "Model")
    return Table(
        "Steps of the work",
        tuple(map(Column, names)),
        tuple(tuple(cell or None for cell in row) for row in rows),
        number=number,
        note="The study keeps the same with every setting and fingerprint (audit-trail.csv).",
        released=((),) * len(rows),
    )


def audit_trail(runs: tuple[Run, ...]) -> Table:
    """Every run with all that it records: kept, as its sentences and settings count."""
    rows = tuple(
        (
            run.step,
            run.at.isoformat(timespec="seconds"),
            run.package_version,
            "" if run.seed is None else str(run.seed),
            run.model or "",
            run.summary,
            json.dumps(dict(run.settings), ensure_ascii=False, default=_plain, sort_keys=True),
            " ".join(run.inputs),
            run.id,
        )
        for run in runs
    )
    names = ("step", "at", "version", "seed", "model", "summary", "settings", "inputs", "run")
    return Table("Audit trail", tuple(map(Column, names)), rows, keep=True)


def _plain(value: object) -> object:
    """What JSON does not know, as something that it does."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    return Path(value).name if isinstance(value, Path) else str(value)
