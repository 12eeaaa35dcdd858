"""Who cleared the texts, and why each identifier that was let stand may stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from reflect_analysis.anonymity.findings import SHEET, AnonymityReport, Finding
from reflect_analysis.anonymity.recognisers import check_anonymity
from reflect_analysis.corpus import Clearance, Corpus
from reflect_analysis.disclosure.sheets import read_sheet
from reflect_analysis.errors import CorpusError, NotClearedError, counted, did_you_mean, raise_all
from reflect_analysis.provenance import Run, new_run, now

__all__ = ["mark_cleared", "read_reasons"]


def mark_cleared(
    corpus: Corpus,
    report: AnonymityReport | None = None,
    *,
    by: str,
    note: str,
    reasons: Mapping[str, str] | None = None,
) -> Corpus:
    """Record that a person has cleared the texts of identifiers.

    Parameters
    ----------
    corpus : Corpus
    report : AnonymityReport, optional
        Of these very texts; without one the check is run.
    by : str
        Who answers for it.
    note : str
        How it was done: who read what, what was replaced. It also answers for the guesses.
    reasons : mapping of str to str, optional
        Why a finding may stand, by the finding's id; every direct identifier needs one.

    Returns
    -------
    Corpus
        With a `Clearance` for each document and a run.

    Raises
    ------
    NotClearedError
        With every direct identifier that stands without a reason, every reason that fits no
        finding, and if the report was made on other texts.
    ValueError
        If `by` or `note` is empty.

    Notes
    -----
    Reasons are asked for direct identifiers alone. In a small town a role, a place and a rare
    event together are a name too; but such a tuple is in nearly every text of a small study,
    and who must give a reason for each of hundreds of guesses gives the same one each time. It
    also lies beyond what is found here: that an event was rare, only people of the place know.
    A clearance lets a text be coded within the study; it sends nothing. So the note answers for
    the guesses, and the tuple is asked where it would be printed: an attribution falls back
    until enough participants bear it, and whoever approves a quote or a picture's caption
    reads beside it how few share the speaker's role and place and which indirect identifiers
    stand in the passage (the register's ``risk``).

    Examples
    --------
    >>> from reflect_analysis.anonymity import find_by_patterns
    >>> from reflect_analysis.corpus import Document
    >>> corpus = Corpus((Document("r1", "We read by the window."),))
    >>> report = check_anonymity(corpus, recognisers=[find_by_patterns])
    >>> mark_cleared(corpus, report, by="lead researcher", note="read by two people")
    <Corpus: 1 documents (1 reflection), 0 cases, cleared>
    """
    if not by.strip() or not note.strip():
        raise ValueError(f"by and note must not be empty; got by={by!r}, note={note!r}")
    found = check_anonymity(corpus) if report is None else report
    if found.fingerprint != corpus.fingerprint or _besides(found.corpus) != _besides(corpus):
        raise NotClearedError("the report was made on other texts; run check_anonymity on these")
    given = {key: reason.strip() for key, reason in (reasons or {}).items() if reason.strip()}
    raise_all(NotClearedError, _open_faults(found, given), _HEADING)
    at = now()
    hashes = dict.fromkeys(document.sha256 for document in corpus)
    rows = tuple(Clearance(sha256, by.strip(), note.strip(), at) for sha256 in hashes)
    cleared = dataclasses.replace(corpus, clearances=(*corpus.clearances, *rows))
    return cleared.with_run(_clearing_run(found, given, by.strip(), note.strip()))


def _besides(corpus: Corpus) -> list[object]:
    """What the check reads beside the texts."""
    documents = [(document.attributes, document.source, document.picture) for document in corpus]
    return [documents, [(case.id, case.attributes) for case in corpus.cases]]


_HEADING = (
    "These texts are not cleared. Replace each identifier in its source, or give a reason why it "
    "may stand: reasons={id: reason}, or --let-stand FILE with the table that the check writes."
)


def _open_faults(report: AnonymityReport, reasons: Mapping[str, str]) -> Iterator[str]:
    """What keeps the texts from being cleared; ids, kinds and places, never the words."""
    for finding in report.direct:
        if finding.id not in reasons:
            yield f"{finding.id}{_source(report, finding)}: {finding.why}, without a reason"
    known = {finding.id for finding in report}
    for wanted in sorted(set(reasons) - known):
        yield f"reason for {wanted}: there is no such finding{did_you_mean(wanted, known)}"


def _source(report: AnonymityReport, finding: Finding) -> str:
    """File and place of a finding in a text; a file's name that is one is not told again."""
    if finding.field:
        return ""
    document = report.corpus.document(finding.document_id)
    source = ", ".join(filter(None, (document.source, document.place)))
    return f" ({source})" if source else ""


def _clearing_run(report: AnonymityReport, reasons: Mapping[str, str], by: str, note: str) -> Run:
    direct, guesses = len(report.direct), len(report.guesses)
    summary = (
        f"{counted(len(report.corpus), 'document', 'were')} cleared of identifiers by {by} (direct "
        f"identifiers let stand with a reason each: {direct}; possible names covered by the note: "
        f"{guesses})"
    )
    settings = {"by": by, "note": note, "reasons": dict(reasons)}
    return new_run("clear", summary, inputs=[report.fingerprint], settings=settings)


def read_reasons(path: str | Path) -> dict[str, str]:
    """Read the reasons that were filled into the table of `AnonymityReport.to_csv`.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX with the columns ``id`` and ``reason``; others are passed over.

    Returns
    -------
    dict of str to str
        Finding id to reason; rows without a reason are left out.

    Raises
    ------
    CorpusError
        If a column is missing, a reason has no id, or an id has two different reasons.
    """
    source = Path(path)
    reasons: dict[str, str] = {}
    faults = []
    for number, cells in read_sheet(source, sheet=SHEET, needs=("id", "reason")):
        finding_id, reason = cells["id"], cells["reason"]
        if reason and not finding_id:
            faults.append(f"{source.name}, row {number}: a reason without an id")
        elif reason and reasons.setdefault(finding_id, reason) != reason:
            faults.append(f"{source.name}, row {number}: another reason for {finding_id}")
    raise_all(CorpusError, faults)
    return reasons
