"""The folder that is not to be sent: codings, passages, exact counts, the quote register."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis._rows import write_csv
from reflect_analysis.corpus import Omission
from reflect_analysis.disclosure import Ledger, QuoteOmission, Release, write_register
from reflect_analysis.provenance import now, package_version
from reflect_analysis.report.appendices import audit_trail
from reflect_analysis.report.coreq import Researchers, researchers_file
from reflect_analysis.report.further import keep_further
from reflect_analysis.report.pictures import PictureOmission
from reflect_analysis.tables import Column, Table, agreement_counts, export_table
from reflect_analysis.tables.frames import frame_table
from reflect_analysis.themes import ThemeRow

if TYPE_CHECKING:
    from reflect_analysis.report.contents import Contents
    from reflect_analysis.report.study import Study

__all__ = ["MARKER", "write_keep"]

# By this file a folder is known as a report of ours, which may be replaced.
MARKER = "report.json"

_README = """\
What lies here is not to be sent.

The files in this folder hold what single participants wrote and how it was coded. A count
of one, a row for one person or an unapproved quote can expose somebody, even without a name.
Send what lies beside this folder, in `share`, and nothing from here.

codings/             who coded which passage, with decisions and what was read
passages.csv         the coded passages in full: the evidence behind each number of the report
documents.csv        the texts as they were read, a row each (governed texts are left out)
omissions.csv        what was left out when the sources were read, and why
theme-counts.csv     the theme table with exact counts
agreement.xlsx       the coders' agreement with its exact counts (where it was measured)
topics.csv           which passage is in which topic (where topics were sought)
quote-register.xlsx  passages that could be quoted, captions of pictures among them: fill in
                     decision and by, then make the report again with --approvals and this file
quotes-left-out.csv  the quotes that are not printed, and why
pictures-left-out.csv  the pictures that are not printed, by story, and why (where there are any)
further/             every other result with exact counts; what begins with KEEP has a row for
                     one person (where there are any)
researchers.yaml     what people alone can say of the study (COREQ): answer, and make the report
                     again with --researchers and this file
audit-trail.csv      every step with its settings, seeds and fingerprints
methods.txt          the methods paragraph
release.json         the counts and quotes that `share` tells, for the ledger of what was sent
report.json          how and when this report was made

With the texts kept beside a list of participants the material is coded, not anonymous: say
so where an ethics board asks.
"""


@dataclass(frozen=True, slots=True)
class _Member:
    """A passage and its topic."""

    topic: int
    words: str
    segment_id: str
    document_id: str
    case_id: str | None
    similarity: float
    stability: str


def write_keep(folder: Path, contents: Contents, release: Release) -> None:
    """Write everything that stays."""
    study = contents.study
    # A passage's evidence holds words of it, so what is governed stays out here too.
    kept = [document.id for document in study.corpus.permitted("tables")]
    study.codings.of_documents(kept).to_csv(folder / "codings")
    export_table(_documents(study), folder / "documents.csv")
    write_csv(study.corpus.omissions, Omission, folder / "omissions.csv")
    write_csv(study.themes.rows, ThemeRow, folder / "theme-counts.csv")
    if study.agreement is not None:
        export_table(agreement_counts(study.agreement), folder / "agreement.xlsx")
    export_table(_passages(study), folder / "passages.csv")
    if study.topics is not None and study.topics.rows:
        write_csv(_members(study), _Member, folder / "topics.csv")
    candidates = {row.span: row for row in contents.pictures.candidates}
    candidates |= {row.span: row for row in contents.quotes.candidates}
    write_register(candidates.values(), folder / "quote-register.xlsx", study.corpus)
    printed = {quote.span for quote in contents.pictures.captions}
    omissions = contents.quotes.selection.omissions
    omitted = [o for o in omissions if (o.document_id, o.start, o.end) not in printed]
    write_csv(omitted, QuoteOmission, folder / "quotes-left-out.csv")
    if contents.pictures.omissions:
        write_csv(contents.pictures.omissions, PictureOmission, folder / "pictures-left-out.csv")
    if study.further:
        keep_further(study.further, folder / "further")
    export_table(audit_trail(study.runs), folder / "audit-trail.csv")
    _write_text(folder / "researchers.yaml", researchers_file(study.researchers or Researchers()))
    _write_text(folder / "methods.txt", "\n\n".join(study.methods()) + "\n")
    _write_text(folder / "README.txt", _README)
    Ledger((release,)).save(folder / "release.json")
    _write_text(folder / MARKER, _facts(study))


def _documents(study: Study) -> Table:
    """Every text as it was read, with where it came from; governed texts are left out."""
    permitted = study.corpus.permitted("tables")
    frame = permitted.to_frame()
    frame["read"] = [document_id in study.read for document_id in frame["document_id"]]
    frame["picture"] = [
        document.picture.alt_text if document.picture else None for document in permitted
    ]
    return frame_table("Documents", frame, keep=False)


def _passages(study: Study) -> Table:
    """Every coded passage that counts, in full."""
    texts = {document.id: document for document in study.texts}
    rows = []
    for row in study.coded.current:
        coding = row.coding
        if coding.document_id in texts:
            document = texts[coding.document_id]
            case_id = study.corpus.case_at(document.id, coding.start) or ""
            passage = document.passage(coding.start, coding.end)
            place = (coding.code_id, coding.document_id, case_id, coding.start, coding.end)
            rows.append((*place, passage, coding.coder, row.status, coding.evidence))
    rows.sort(key=lambda cells: cells[:4])
    names = ("code_id", "document_id", "case_id", "start", "end", "passage", "coder")
    return Table(
        "Coded passages",
        tuple(map(Column, (*names, "status", "evidence"))),
        tuple(rows),
    )


def _members(study: Study) -> list[_Member]:
    topics = study.topics
    if topics is None:
        return []
    words = {topic.number: ", ".join(topic.words) for topic in topics}
    verdict = topics.stability.verdict
    kept = {document.id for document in study.corpus.permitted("tables")}
    return [
        _Member(
            unit.topic,
            words.get(unit.topic, "in no topic"),
            unit.segment_id,
            unit.document_id,
            unit.case_id,
            unit.similarity,
            verdict,
        )
        for unit in sorted(topics.units, key=lambda unit: (unit.topic, unit.segment_id))
        if unit.document_id in kept
    ]


def _facts(study: Study) -> str:
    facts = {
        "made_by": "reflect_analysis",
        "version": package_version(),
        "at": now().isoformat(),
        "draft": study.draft,
        "approach": study.approach,
        "k": study.k,
        "corpus": study.corpus.fingerprint,
        "codebook": study.codebook.version,
    }
    return json.dumps(facts, indent=2) + "\n"


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
