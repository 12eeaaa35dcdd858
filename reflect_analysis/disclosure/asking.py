"""Asking the people whose words they are: one workbook each, and their answers back.

The register is for the study's own people. What goes to a participant holds her passages
and nobody else's; of governed records the nation or community that governs them is asked,
with theirs alone. A name that somebody chooses to be printed with comes back apart from
everything else, to be kept with the key: it stands in no register, approval or message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast, get_args

from reflect_analysis.corpus import Corpus
from reflect_analysis.disclosure.approvals import Approval, QuoteRecord, Span, speakers_of
from reflect_analysis.disclosure.register import span_faults, whole
from reflect_analysis.disclosure.sheets import described, read_sheet, write_sheet
from reflect_analysis.errors import CorpusError, OutputError, did_you_mean, raise_all

__all__ = ["Answers", "PassageConsent", "read_answers", "with_consents", "write_asking_sheets"]

Said = Literal["yes", "no", "edit", "name me"]
CHOICES: tuple[str, ...] = get_args(Said)
_SHEET = "your words"
_WIDTHS = {
    "text": 70,
    "printed_with": 26,
    "use": 10,
    "answer": 12,
    "change": 40,
    "name": 24,
    "asked": 12,
    "document_id": 16,
    "start": 7,
    "end": 7,
    "sha256": 20,
}
_HOW_TO = (
    "Each row is something that you said or wrote. May it be printed, word for word?",
    "answer: yes, no, edit (write in 'change' what should be different), or name me.",
    "name me: it may be printed, and with the name that you write in 'name'.",
    "printed_with is what would stand behind the words; it is said of several people.",
    "An empty answer means that you have not decided. You can change your mind until it is sent.",
    "Please leave asked, document_id, start, end and sha256 as they are.",
)
_NEEDS = ("answer", "asked", "use", "document_id", "start", "end", "sha256")


@dataclass(frozen=True, slots=True)
class PassageConsent:
    """What one participant, or a nation, answered about one passage and use.

    Parameters
    ----------
    asked : str
        Pseudonym of the participant, or the nation or community.
    document_id : str
    start, end : int
    use : str
    answer : {"yes", "no", "edit"}
        "name me" is a yes.
    sha256 : str
        Hash of the passage that was shown.
    """

    asked: str
    document_id: str
    start: int
    end: int
    use: str
    answer: Literal["yes", "no", "edit"]
    sha256: str

    @property
    def span(self) -> Span:
        """Document and offsets."""
        return self.document_id, self.start, self.end


@dataclass(frozen=True)
class Answers:
    """What came back from those who were asked.

    Parameters
    ----------
    approvals : tuple of Approval
        The refusals and wished changes: they keep a passage out whatever anybody else decides.
        A yes is no approval: somebody of the study still decides on the risk.
    consents : tuple of PassageConsent
        Every answer.
    names : dict of str to str
        The names that people chose, by pseudonym: for the key alone. Not in the repr.
    """

    approvals: tuple[Approval, ...] = ()
    consents: tuple[PassageConsent, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        told = f"{len(self.consents)} answers, {len(self.approvals)} that keep a passage out"
        return f"<Answers: {told}, {len(self.names)} who want to be named>"


def write_asking_sheets(
    records: Iterable[QuoteRecord], folder: str | Path, corpus: Corpus, *, overwrite: bool = False
) -> tuple[Path, ...]:
    """Write a workbook for each participant, or nation, with the passages that are theirs.

    A passage in which several speak is asked of each. Passages of unknown persons are asked
    of nobody.

    Parameters
    ----------
    records : iterable of QuoteRecord
    folder : str or Path
        Made where it does not exist.
    corpus : Corpus
    overwrite : bool
        Whether existing workbooks, which may hold answers, are replaced.

    Returns
    -------
    tuple of Path
        One workbook each, to be sent to that one alone.

    Raises
    ------
    OutputError
        If a workbook exists, or is held by another program; nothing is written then.
    """
    asked: dict[str, list[QuoteRecord]] = {}
    for record in records:
        for who in _to_be_asked(record, corpus):
            asked.setdefault(who, []).append(record)
    place = Path(folder)
    paths = dict(zip(asked, _paths(asked, place), strict=True))
    standing = [path for path in paths.values() if path.exists()]
    if standing and not overwrite:
        told = [
            f"{path}: exists, and may hold answers; move it or say overwrite" for path in standing
        ]
        raise OutputError(told)
    place.mkdir(parents=True, exist_ok=True)
    for who, own in asked.items():
        rows = [_row(record, who) for record in own]
        choices = {"answer": CHOICES}
        write_sheet(paths[who], _SHEET, rows, widths=_WIDTHS, choices=choices, notes=_HOW_TO)
    return tuple(paths.values())


def _to_be_asked(record: QuoteRecord, corpus: Corpus) -> tuple[str, ...]:
    """The participants who speak in a passage, by those who govern their records if any do."""
    document = corpus.document(record.document_id)
    cases = (corpus.case(case_id) for case_id in speakers_of(corpus, document, *record.span[1:]))
    return tuple(dict.fromkeys(c.governance.authority if c.governance else c.id for c in cases))


def _paths(names: Iterable[str], folder: Path) -> Iterator[Path]:
    """A file name each; case and signs that a system does not tell apart are numbered."""
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^\w-]+", "-", name).strip("-") or "somebody"
        number, stem = 1, plain
        while stem.casefold() in taken:
            number += 1
            stem = f"{plain}-{number}"
        taken.add(stem.casefold())
        yield folder / f"ask-{stem}.xlsx"


def _row(record: QuoteRecord, asked: str) -> dict[str, str | int]:
    known = {
        "asked": asked,
        "printed_with": record.attribution,
        "answer": "",
        "change": "",
        "name": "",
    }
    return {name: known[name] if name in known else getattr(record, name) for name in _WIDTHS}


def read_answers(paths: str | Path | Iterable[str | Path]) -> Answers:
    """Read the answers of those who were asked.

    Parameters
    ----------
    paths : path or iterable of paths
        Workbooks or CSV files that `write_asking_sheets` wrote, or folders of them.

    Returns
    -------
    Answers

    Raises
    ------
    CorpusError
        With every fault, its file and row; no message holds a name or a participant's words.
    """
    consents: list[PassageConsent] = []
    approvals: list[Approval] = []
    names: dict[str, str] = {}
    faults: list[str] = []
    for source in _sources(paths):
        for number, cells in read_sheet(source, sheet=_SHEET, needs=_NEEDS):
            found = list(_faults_of(cells, names))
            faults += [f"{source.name}, row {number}: {fault}" for fault in found]
            answer = _answer(cells)
            if found or not answer:
                continue
            consent = _consent(cells, answer)
            consents.append(consent)
            if consent.answer != "yes":
                approvals.append(_refusal(consent, cells.get("change", "")))
            if answer == "name me":
                names[consent.asked] = cells["name"]
    raise_all(CorpusError, faults)
    return Answers(tuple(approvals), tuple(consents), names)


def _sources(paths: str | Path | Iterable[str | Path]) -> Iterator[Path]:
    for path in [paths] if isinstance(paths, str | Path) else paths:
        place = Path(path)
        if place.is_dir():
            # Excel's own lock files begin with "~$".
            found = (p for p in sorted(place.iterdir()) if not p.name.startswith((".", "~")))
            yield from (p for p in found if p.suffix.lower() in {".xlsx", ".csv"})
        else:
            yield place


def _answer(cells: Mapping[str, str]) -> str:
    return " ".join(cells["answer"].lower().replace("-", " ").split())


def _faults_of(cells: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    yield from span_faults(cells)
    answer, name = _answer(cells), cells.get("name", "")
    if not cells["asked"]:
        yield "no 'asked'; copy it from the sheet that was sent"
    if answer and answer not in CHOICES:
        hint = did_you_mean(answer, CHOICES)
        expected = ", ".join(CHOICES)
        yield f"'answer' is {described(cells['answer'])}; expected one of {expected}{hint}"
    if answer == "name me" and not name:
        yield "'answer' is 'name me' but there is no 'name'"
    if answer == "name me" and names.get(cells["asked"], name) != name:
        yield "another 'name' than in an earlier row; one person has one name in print"
    if name and answer in {"yes", "no", "edit"}:
        yield f"a 'name' beside the answer {answer!r}; expected 'name me', or no name"


def _consent(cells: Mapping[str, str], answer: str) -> PassageConsent:
    plain = "yes" if answer == "name me" else answer
    return PassageConsent(
        asked=cells["asked"],
        document_id=str(cells["document_id"]),
        start=whole(cells["start"]) or 0,
        end=whole(cells["end"]) or 0,
        use=cells["use"].lower(),
        answer=cast("Literal['yes', 'no', 'edit']", plain),  # checked in _faults_of
        sha256=cells["sha256"].lower(),
    )


def _refusal(consent: PassageConsent, change: str) -> Approval:
    """A no or a wished change as a decision; by the pseudonym, whoever typed it."""
    return Approval(
        *consent.span, consent.use, consent.answer, consent.asked, change, consent.sha256
    )


def with_consents(
    records: Iterable[QuoteRecord], consents: Iterable[PassageConsent]
) -> tuple[QuoteRecord, ...]:
    """The records with the consent that was given to exactly that passage and use.

    Where several were asked, the strictest answer counts. An edit is no consent to the words
    as they stand, and a refusal for all passages stays one.

    Parameters
    ----------
    records : iterable of QuoteRecord
    consents : iterable of PassageConsent

    Returns
    -------
    tuple of QuoteRecord
    """
    given: dict[tuple[Span, str, str], set[str]] = {}
    for consent in consents:
        key = consent.span, consent.use, consent.sha256
        given.setdefault(key, set()).add("yes" if consent.answer == "yes" else "no")
    return tuple(_with_consent(r, given.get((r.span, r.use, r.sha256), set())) for r in records)


def _with_consent(record: QuoteRecord, given: set[str]) -> QuoteRecord:
    if not given or record.consent == "no":
        return record
    return replace(record, consent="no" if "no" in given else "yes")
