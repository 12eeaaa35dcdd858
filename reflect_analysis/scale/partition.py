"""The work on one partition, from its rows to its files; nothing of Dask stands here.

Read → check for identifiers → clear → segment → code → count → write. Memory is bounded by the
partition: parses are dropped after it, and none is kept on the disk. Texts with a direct
identifier for which no reason was given keep their partition from being coded: it waits, as a
whole corpus waits on one machine.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from reflect_analysis.anonymity import (
    AnonymityReport,
    Finding,
    check_anonymity,
    find_beside,
    find_by_patterns,
    find_by_presidio,
    find_names,
    mark_cleared,
)
from reflect_analysis.anonymity.beside import is_named_id
from reflect_analysis.anonymity.findings import CASE_ID
from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.codings import Coding, Codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import CoderError
from reflect_analysis.language import forget, parse, readable
from reflect_analysis.language.pipelines import model_name, pipeline
from reflect_analysis.provenance import Run, now, package_version
from reflect_analysis.scale.coders import KEEP_NOTHING, coder_fingerprint, make_coder
from reflect_analysis.scale.counting import PartCounts, count_part
from reflect_analysis.scale.files import (
    FOUND,
    READ,
    RunFolder,
    file_hash,
    load_receipt,
    pyarrow,
    write_receipt,
    write_rows,
)
from reflect_analysis.scale.reading import corpus_from, place_of, read_documents
from reflect_analysis.scale.values import Job, OpenFinding, Receipt, Work
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments, Unit

__all__ = [
    "LOADING",
    "UNIT",
    "check_part",
    "code_partition",
    "findings_of_cases",
    "groupable",
    "known_receipt",
]

UNIT: Unit = "sentence"
# The step in which a worker's first partition loads its models.
LOADING = "load the models"
_CODING = (
    *("document_id", "start", "end", "code_id", "coder", "score", "evidence", "at", "run_id"),
    *("codebook_version", "id"),
)
_FINDING = ("id", "document_id", "field", "start", "end", "kind", "direct", "score", "why")
# Who cleared a text, and how, stands in that file; the leader held its hashes against the texts.
_CLEARED = ("clearance.yaml", "cleared before")
_WHOLE = ("start", "end", "passages", "readers")


def code_partition(work: Work, job: Job) -> Receipt:
    """Do all the work on a partition, unless its files tell that it was done.

    Parameters
    ----------
    work : Work
    job : Job

    Returns
    -------
    Receipt
        With `Receipt.waiting` where texts could not be cleared; nothing of the partition was
        coded then.

    Raises
    ------
    CorpusError
        If rows cannot be read.
    NotClearedError
        If nobody cleared the texts.
    """
    known = known_receipt(work, job)
    if known is not None:
        return known
    steps = _Steps()
    corpus, withdrawn = read_corpus_of(work, job)
    steps.done("read")
    _load_language(corpus)
    steps.done(LOADING)
    report = None
    if corpus.uncleared() and work.by:
        parse_all(corpus)
        steps.done("parse")
        report = check_part(work, corpus)
        steps.done("check")
        waiting = tuple(_open(work, report))
        if waiting:
            folder = RunFolder(work.out)
            folder.check_call(work.call)
            folder.drop_partition(job)  # codings of when the text was cleared, or had its reasons
            return _receipt(work, job, steps, {"documents": len(corpus)}, waiting=waiting)
        reasons = {f.id: work.reasons[f.id] for f in report if f.id in work.reasons}
        corpus = mark_cleared(corpus, report, by=work.by, note=work.note, reasons=reasons)
    codings, segments = _coded(work, corpus, steps)
    counts = count_part(codings, corpus, work.codebook)
    steps.done("count")
    result = _Result(corpus, report, codings, segments, counts, withdrawn)
    receipt = _written(work, job, steps, result)
    forget({document.sha256 for document in corpus})
    return receipt


def known_receipt(work: Work, job: Job) -> Receipt | None:
    """What came of a partition before; `None` where it is to be done.

    It is done where its manifest says so, its texts are cleared still in the way in which they
    were, or were checked by the names that the study knows now, each finding that stands has its
    reason still, and its files are, byte for byte, those that the manifest names.
    """
    folder = RunFolder(work.out)
    known = load_receipt(folder.of("manifests", job))
    if known is None or known.key != job.key or not known.files:
        return None
    if not (known.checked or job.cleared):
        return None  # the file that cleared it does so no more, and nobody has looked
    if not job.cleared and known.names != work.names_key:
        return None
    if not set(known.let_stand) <= set(work.reasons):
        return None
    try:
        same = all(file_hash(folder.of(k, job)) == each for k, each in known.files.items())
    except OSError:
        return None
    return known if same else None


@dataclass(frozen=True)
class _Result:
    """All that came of a partition."""

    corpus: Corpus
    report: AnonymityReport | None
    codings: Codings
    segments: Segments
    counts: PartCounts
    left_out: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.report.findings if self.report else ()

    def numbers(self) -> dict[str, int]:
        """What `Receipt.counts` holds."""
        return {
            "documents": len(self.corpus),
            "left_out": self.left_out,
            "governed": len(self.corpus) - len(self.segments.corpus),
            "unread": sum(map(_unread, self.codings.runs)),
            "segments": len(self.segments),
            "codings": len(self.codings),
            "texts": self.counts.texts,
            "findings": len(self.findings),
        }


def _unread(run: Run) -> int:
    """Texts in a language that the coder does not read, as it told when it coded.

    Not those that it did not see: where it saw none, it may have had no code to look for.
    """
    return int(run.settings["left_out"]["language"]) if run.step == "code" else 0


class _Steps:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()
        self._begun = time.process_time()

    @property
    def processor(self) -> float:
        """Seconds of the processor until now."""
        return time.process_time() - self._begun

    def done(self, step: str) -> None:
        """A step ended now."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._since
        self._since = now


# ── reading ──


def read_corpus_of(work: Work, job: Job) -> tuple[Corpus, int]:
    """The partition as a corpus, with the participants who write in it; and how many left it."""
    corpus = corpus_from(work, read_documents(work, job))
    return (with_clearances(corpus, *_CLEARED) if job.cleared else corpus), job.rows - len(corpus)


def with_clearances(corpus: Corpus, by: str, note: str) -> Corpus:
    """The same texts, each of them cleared."""
    hashes = dict.fromkeys(document.sha256 for document in corpus)
    rows = tuple(Clearance(each, by, note) for each in hashes)
    return dataclasses.replace(corpus, clearances=rows)


def groupable(work: Work, documents: tuple[Document, ...]) -> Corpus:
    """The texts that topics may be sought in and that tables may count.

    Only for a data set that was coded whole: then somebody cleared each of its texts. Both
    approvals are asked for, because words and sizes of a topic come from all of its texts. Talk
    is left out, as by the command ``topics``.
    """
    corpus = corpus_from(work, documents)
    corpus = with_clearances(corpus, work.by or _CLEARED[0], work.note or _CLEARED[1])
    return corpus.where(
        lambda document: (
            all(corpus.permits(document, use) for use in ("topics", "tables"))
            and (document.kind == "post" or not document.turns)
        )
    )


# ── checking ──


def _load_language(corpus: Corpus) -> None:
    """Load the language model, once a process, where there is a text that it can read."""
    if any(readable(document.language) for document in corpus):
        pipeline(model_name(None))


def parse_all(corpus: Corpus) -> None:
    """Parse the texts; what follows finds the parses in memory."""
    by_language: dict[str, list[str]] = {}
    for document in corpus:
        by_language.setdefault(document.language, []).append(document.text)
    for language, texts in by_language.items():
        parse(texts, language=language, cache=KEEP_NOTHING)


def check_part(work: Work, corpus: Corpus) -> AnonymityReport:
    """Look for identifiers in a partition as in a whole corpus.

    The names of all participants are sought, and a word that is any participant's pseudonym is no
    name, whoever wrote this partition. What stands beside the participants is looked at once, not
    in every partition (`findings_of_cases`).
    """
    recognisers = (
        partial(find_by_patterns, cache=KEEP_NOTHING),
        partial(find_by_presidio, cache=KEEP_NOTHING),
        partial(_names_in, work),
        find_beside,
    )
    report = check_anonymity(corpus, known=work.names, recognisers=recognisers)
    kept = tuple(f for f in report if not (_is_of_case(f) or _is_pseudonym(work, corpus, f)))
    return dataclasses.replace(report, findings=kept)


def _names_in(work: Work, corpus: Corpus) -> Iterator[Finding]:
    everybody = {**{case.id: case for case in corpus.cases}, **work.known}
    whole = dataclasses.replace(corpus, cases=tuple(everybody.values()), withdrawn=())
    yield from find_names(whole, cache=KEEP_NOTHING)


def _is_of_case(finding: Finding) -> bool:
    return finding.field == CASE_ID or finding.field.startswith("case attribute ")


def _is_pseudonym(work: Work, corpus: Corpus, finding: Finding) -> bool:
    """Whether a name is what somebody is called who wrote in another partition."""
    if finding.kind != "name" or finding.field:
        return False
    word = corpus.document(finding.document_id).passage(finding.start, finding.end)
    return word in work.known and not is_named_id(word)


def findings_of_cases(cases: Sequence[Case]) -> tuple[Finding, ...]:
    """What identifies in the ids and the columns of the participants."""
    corpus = Corpus((), tuple(cases))
    asked = (partial(each, cache=KEEP_NOTHING) for each in (find_by_patterns, find_names))
    return tuple(check_anonymity(corpus, recognisers=(*asked, find_beside)))


def _open(work: Work, report: AnonymityReport) -> Iterator[OpenFinding]:
    """The direct findings for which there is no reason."""
    for finding in report.direct:
        if finding.id not in work.reasons:
            document = report.corpus.document(finding.document_id)
            yield OpenFinding(
                finding.id,
                finding.document_id,
                finding.field,
                finding.start,
                finding.end,
                finding.kind,
                finding.why,
                f"{document.source}, {document.place}",
                document.case_id or "",
            )


# ── coding ──


def _coded(work: Work, corpus: Corpus, steps: _Steps) -> tuple[Codings, Segments]:
    """Codings of the documents whose governors approve of it; the others are not even cut."""
    corpus.check_cleared()
    segments = segment(corpus.permitted("coding"), by=UNIT, cache=KEEP_NOTHING)
    steps.done("segment")
    coder = make_coder(work.coder, work.codebook)
    _check_same(work, coder)
    steps.done(LOADING)
    codings = code_segments(coder, segments, work.codebook) if segments.rows else Codings()
    steps.done("code")
    return codings, segments


def _check_same(work: Work, coder: AnyCoder) -> None:
    """The coder is the one that leads: else a text's codes would hang on which worker read it.

    Raises
    ------
    CoderError
    """
    here = coder_fingerprint(work.coder, coder)
    if work.made and here != work.made:
        raise CoderError(
            f"the coder ({work.coder}) came out otherwise in a worker (fingerprint {here}) than in "
            f"the leading process ({work.made}): it must be made alike each time, from the same "
            "texts and with random_state= set"
        )


# ── writing ──


def _written(work: Work, job: Job, steps: _Steps, result: _Result) -> Receipt:
    """Write what came of a partition; the manifest last."""
    folder = RunFolder(work.out)
    columns = {
        "codings": _columns_of(result.codings.codings, _CODING),
        "findings": _columns_of(result.findings, _FINDING),
        FOUND: _typed(result.counts.found),
        READ: _typed(result.counts.read),
    }
    ours = partial(folder.check_call, work.call)  # asked before each file is put in place
    files = {
        kind: write_rows(folder.of(kind, job), each, before=ours) for kind, each in columns.items()
    }
    steps.done("write")
    by, note = _CLEARED if job.cleared else (work.by, work.note)
    receipt = dataclasses.replace(
        _receipt(work, job, steps, result.numbers()),
        totals=result.counts.totals,
        let_stand=tuple(finding.id for finding in result.findings if finding.direct),
        cleared={"by": by, "note": note, "at": now().isoformat()},
        files=files,
        checked=result.report is not None or not len(result.corpus),
        names=work.names_key,
    )
    write_receipt(folder.of("manifests", job), receipt, before=ours)
    return receipt


def _receipt(  # what is known of a partition
    work: Work,
    job: Job,
    steps: _Steps,
    numbers: dict[str, int],
    *,
    waiting: tuple[OpenFinding, ...] = (),
) -> Receipt:
    coder = make_coder(work.coder, work.codebook)
    made_with = {
        "codebook": work.codebook.version,
        "coder": coder_fingerprint(work.coder, coder),
        "package": package_version(),
    }
    return Receipt(
        job.key,
        place_of(job),
        made_with,
        numbers,
        seconds={step: round(seconds, 3) for step, seconds in steps.seconds.items()},
        processor=round(steps.processor, 3),
        waiting=waiting,
    )


def _columns_of(rows: Iterable[Coding | Finding], names: Sequence[str]) -> dict[str, object]:
    """Fields of rows as columns."""
    listed = list(rows)
    columns = {name: [getattr(row, name) for row in listed] for name in names}
    if "at" in columns:
        columns["at"] = [at.isoformat() for at in columns["at"]]
    return _typed(columns)


def _typed(columns: Mapping[str, Sequence[object]]) -> dict[str, object]:
    """Columns of the same types in every partition, also where one is empty."""
    pa = pyarrow()
    whole, number = dict.fromkeys(_WHOLE, pa.int64()), {"score": pa.float64()}
    types = {**whole, **number, "direct": pa.bool_()}
    return {name: pa.array(cells, types.get(name, pa.string())) for name, cells in columns.items()}
