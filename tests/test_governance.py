"""A governed record enters nothing until that use is approved: asked at the edges, one by one."""

from __future__ import annotations

import csv
import dataclasses
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from reflect_analysis import embeddings
from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders import (
    choose_to_label,
    code_segments,
    contexts_of,
    estimate_prevalence,
    evaluate,
    training_set,
)
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Picture
from reflect_analysis.disclosure import (
    Approval,
    Attributions,
    QuoteRecord,
    approved_quotes,
    quote_record,
    write_register,
)
from reflect_analysis.errors import GovernanceError, UnknownIdError
from reflect_analysis.exchange import case_matrix
from reflect_analysis.pictures import copy_picture
from reflect_analysis.project import Project
from reflect_analysis.provenance import text_hash
from reflect_analysis.reliability import disagreements, measure_agreement
from reflect_analysis.report import write_report
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments
from reflect_analysis.tables import calibration_sheet, export_table
from reflect_analysis.themes import choose_quotes, theme_table
from reflect_analysis.topics import fit_topics

BOOK = Codebook(
    (Code("together", "Together", "With others.", "g", patterns=("together",)),),
    (Group("g", "Company"),),
)
THEIRS = "The kingfisher crossed the river together with the children of the morning."
NATION = "river-nation"
N_OWN, N_THEIRS = 24, 6


def texts_of(n_own, n_theirs, approved=()):
    """Own texts, and governed ones that all hold the word kingfisher."""
    own = tuple(
        Document(
            f"P{n:02}-1", f"We washed pots together on day {n} of a wet month.", case_id=f"P{n:02}"
        )
        for n in range(n_own)
    )
    theirs = tuple(
        Document(f"N{n:02}-1", f"{THEIRS} Day {n}.", case_id=f"N{n:02}") for n in range(n_theirs)
    )
    nation = Governance(NATION, tuple(approved))
    cases = [Case(d.case_id, Attributes(role="ECE", community="Hill"), quotes="yes") for d in own]
    cases += [
        Case(d.case_id, Attributes(role="ECE", community="River"), quotes="yes", governance=nation)
        for d in theirs
    ]
    documents = (*own, *theirs)
    clear = tuple(Clearance(d.sha256, "ada", "read") for d in documents)
    return Corpus(documents, tuple(cases), clear)


def log_of(corpus, *coders, fewer=()):
    """Every text coded by each; the coders in `fewer` leave out every second one."""
    rows = [
        Coding(d.id, 0, len(d.text), "together", coder, blind=True)
        for coder in coders
        for place, d in enumerate(corpus)
        if coder not in fewer or place % 2
    ]
    seen = tuple(Seen(coder, d.id, blind=True) for coder in coders for d in corpus)
    return Codings(tuple(rows), seen=seen)


@pytest.fixture(scope="module")
def corpus():
    return texts_of(N_OWN, N_THEIRS)


@pytest.fixture(scope="module")
def governed():
    return texts_of(0, N_THEIRS)


@pytest.fixture(scope="module")
def log(corpus):
    return log_of(corpus, "ada", "bo", fewer=("bo",))


def cut(corpus) -> Segments:
    return segment(corpus, by="document")


def is_theirs(value) -> bool:
    return bool(re.search(r"\bN\d\d\b|kingfisher", str(value)))


class Listening:
    """A coder that remembers what it was given."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, texts):
        self.heard += list(texts)
        return [["together" in text] for text in texts]


# ── coding and learning ─────────────────────────────────────────────────────────────────


def test_a_coder_never_hears_a_governed_text(corpus, governed):
    coder = Listening()
    codings = code_segments(coder, cut(corpus), BOOK, name="ear")
    assert len(coder.heard) == N_OWN
    assert not any(map(is_theirs, coder.heard))
    assert not any(is_theirs(row.document_id) for row in (*codings, *codings.seen))
    with pytest.raises(GovernanceError, match="wait for the approval"):
        code_segments(coder, cut(governed), BOOK, name="ear")
    approved = texts_of(0, N_THEIRS, approved=["coding"])
    assert len(code_segments(coder, cut(approved), BOOK, name="ear").seen) == N_THEIRS


def test_no_training_set_holds_a_governed_text(corpus, governed, log):
    data = training_set(cut(corpus), log, BOOK, coders=["ada"])
    assert len(data.texts) == N_OWN
    assert not any(map(is_theirs, (*data.texts, *data.contexts, *data.groups)))
    with pytest.raises(GovernanceError, match="Nothing is learned"):
        training_set(cut(governed), log_of(governed, "ada"), BOOK, coders=["ada"])


def test_coding_is_not_training():
    coded = texts_of(N_OWN, N_THEIRS, approved=["coding"])
    data = training_set(cut(coded), log_of(coded, "ada"), BOOK, coders=["ada"])
    assert len(data.texts) == N_OWN


def test_a_governed_text_gives_no_context_until_that_use_is_approved(corpus):
    around = contexts_of(cut(corpus))
    assert around[:N_OWN] == tuple(d.text for d in corpus)[:N_OWN]
    assert around[N_OWN:] == ("",) * N_THEIRS
    coded = cut(texts_of(0, N_THEIRS, approved=["coding"]))
    assert contexts_of(coded) == coded.texts
    assert set(contexts_of(coded, use="training")) == {""}
    taught = texts_of(0, N_THEIRS, approved=["training"])
    data = training_set(cut(taught), log_of(taught, "ada"), BOOK, coders=["ada"])
    assert data.contexts == data.texts


def test_a_coder_is_not_measured_on_governed_texts(corpus, governed, log):
    coder = Listening()
    evaluate(coder, cut(corpus), log, codebook=BOOK, coders=["ada"])
    assert not any(map(is_theirs, coder.heard))
    with pytest.raises(GovernanceError):
        evaluate(coder, cut(governed), log_of(governed, "ada"), codebook=BOOK, coders=["ada"])


def test_governed_texts_are_not_chosen_to_be_labelled(corpus, governed):
    plan = choose_to_label(cut(corpus), Codings(()), n=N_OWN + N_THEIRS, strategy="random")
    assert len(plan.rows) == N_OWN
    with pytest.raises(GovernanceError):
        choose_to_label(cut(governed), Codings(()), n=2, strategy="random")


def test_governed_texts_are_in_no_estimated_share(corpus, governed, log):
    machine = code_segments(Listening(), cut(corpus), BOOK, name="ear")
    segments = cut(corpus)
    audit = [row.id for row in segments]
    found = estimate_prevalence(
        machine, log, audit, segments=segments, codebook=BOOK, coders=["ada"]
    )
    assert not is_theirs(found.to_frame().to_string())
    assert max(row.of_participants for row in found.rows) == N_OWN
    theirs, people = cut(governed), log_of(governed, "ada")
    audit = [row.id for row in theirs]
    with pytest.raises(GovernanceError):
        estimate_prevalence(machine, people, audit, segments=theirs, codebook=BOOK)


# ── vectors, topics ─────────────────────────────────────────────────────────────────────


def test_no_governed_text_is_embedded_or_grouped(corpus, governed, monkeypatch):
    embedded: list[str] = []

    def remember(texts, **_):
        embedded.extend(texts)
        return np.random.default_rng(0).normal(size=(len(texts), 8)).astype(np.float32)

    monkeypatch.setattr(embeddings, "embed", remember)
    monkeypatch.setattr("reflect_analysis.topics.selection.embed", remember)
    topics = fit_topics(cut(corpus), engine="k-means", n_topics=2)
    assert len(embedded) >= N_OWN
    assert not any(map(is_theirs, embedded))
    assert not any(is_theirs(unit.document_id) for unit in topics.units)
    assert not any(is_theirs(words) for topic in topics for words in topic.words)
    assert topics.n_units == N_OWN
    with pytest.raises(GovernanceError, match="all 6 segments wait"):
        fit_topics(cut(governed))


# ── counts and comparisons ──────────────────────────────────────────────────────────────


def test_a_theme_table_counts_no_governed_participant(corpus, log):
    (row,) = theme_table(log, corpus=corpus, codebook=BOOK).rows
    assert (row.participants, row.of_participants, row.reflections) == (N_OWN, N_OWN, N_OWN)
    assert row.communities == 1
    tabled = texts_of(N_OWN, N_THEIRS, approved=["coding", "tables"])
    (row,) = theme_table(log_of(tabled, "ada"), corpus=tabled, codebook=BOOK).rows
    assert row.of_participants == N_OWN + N_THEIRS


def test_an_exported_theme_table_counts_none_either(tmp_path, corpus, log):
    table = theme_table(log, corpus=corpus, codebook=BOOK)
    path = export_table(table, tmp_path / "themes.csv")
    text = path.read_text(encoding="utf-8-sig")
    assert f"of {N_OWN}" in text
    assert f"of {N_OWN + N_THEIRS}" not in text


def test_agreement_and_its_table_leave_governed_records_out(tmp_path, corpus, log):
    found = measure_agreement(log, corpus=corpus, codebook=BOOK, unit="document", draws=50)
    (row,) = found.main
    assert row.units == N_OWN
    path = export_table(found, tmp_path / "agreement.md")
    assert not is_theirs(path.read_text(encoding="utf-8"))


def test_an_agreement_that_was_measured_without_the_texts_enters_no_report(tmp_path, corpus, log):
    found = measure_agreement(log, unit="document", draws=50)
    assert found.main[0].units == N_OWN + N_THEIRS
    with pytest.raises(GovernanceError, match="measure it again with corpus="):
        write_report(tmp_path / "out", corpus=corpus, codebook=BOOK, codings=log, agreement=found)
    assert not (tmp_path / "out").exists()


def test_a_calibration_sheet_holds_no_governed_words(tmp_path, corpus, log):
    found = disagreements(log, corpus=corpus, codebook=BOOK, unit="document")
    assert len(found) == N_OWN // 2
    path = export_table(calibration_sheet(found, codebook=BOOK), tmp_path / "meeting.md")
    assert not is_theirs(path.read_text(encoding="utf-8"))
    tabled = texts_of(N_OWN, N_THEIRS, approved=["coding", "tables"])
    log = log_of(tabled, "ada", "bo", fewer=("bo",))
    assert len(disagreements(log, corpus=tabled, codebook=BOOK, unit="document")) == N_OWN // 2


# ── quotes ──────────────────────────────────────────────────────────────────────────────


def approvals_of(corpus):
    return [
        Approval(d.id, 0, 30, "report", "yes", "A. L.", "", text_hash(d.passage(0, 30)))
        for d in corpus
    ]


def test_a_governed_quote_is_no_candidate_and_is_not_printed_though_somebody_approved_it(
    corpus, log
):
    assert not any(
        is_theirs(r.document_id) for r in choose_quotes(log, corpus=corpus, codebook=BOOK)
    )
    named = Attributions(corpus)
    rows = [quote_record(d, 0, 30, attributions=named) for d in corpus]
    found = approved_quotes(rows, approvals_of(corpus), corpus, largest_share=1.0)
    assert not any(is_theirs(quote.document_id) for quote in found.quotes)
    reasons = {o.reason for o in found.omissions if is_theirs(o.document_id)}
    assert reasons == {"whoever governs the record has not approved quotes"}


def test_no_register_holds_a_governed_passage(tmp_path, corpus):
    named = Attributions(corpus)
    rows = [quote_record(d, 0, 30, attributions=named) for d in corpus]
    path = tmp_path / "register.xlsx"
    with pytest.raises(GovernanceError) as caught:
        write_register(rows, path, corpus)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        f"N{n:02}-1" for n in range(N_THEIRS)
    ]
    assert "kingfisher" not in str(caught.value)
    assert not path.exists()
    # A decision on a passage that is withheld keeps its row, without the words.
    bare = QuoteRecord("N00-1", 0, 30)
    write_register([*rows[:N_OWN], bare], path, corpus)
    assert "kingfisher" not in everything_in(tmp_path)
    approved = texts_of(N_OWN, N_THEIRS, approved=["quotes"])
    write_register(rows, tmp_path / "all.xlsx", approved)
    assert "kingfisher" in everything_in(tmp_path)


def test_a_governed_community_is_no_attribution():
    quoted = texts_of(N_OWN, N_THEIRS, approved=["quotes"])
    named = Attributions(quoted, "{role}, {community}")
    assert not any("River" in named.of(document) for document in quoted)


# ── pictures, tables for other programs ─────────────────────────────────────────────────


def pictured(folder, *approved):
    """A governed story with a picture that may be shown otherwise, in a corpus."""
    import PIL.Image

    path = folder / "river.png"
    PIL.Image.new("RGB", (4, 4), "blue").save(path)
    about = Picture(str(path), "A river", people_shown="nobody", place_signs="none", use="yes")
    corpus = texts_of(1, 1, approved=approved)
    own, theirs = (dataclasses.replace(d, picture=about) for d in corpus)
    return dataclasses.replace(corpus, documents=(own, theirs))


def test_the_picture_of_a_governed_record_is_copied_for_the_approved_use_alone(tmp_path):
    corpus = pictured(tmp_path, "coding", "quotes")
    own, theirs = corpus
    with pytest.raises(GovernanceError, match="approve 'export'"):
        copy_picture(theirs, tmp_path / "copy", corpus=corpus)
    # Who ascribes the document to somebody else gets no further.
    with pytest.raises(GovernanceError):
        copy_picture(
            dataclasses.replace(theirs, case_id=own.case_id), tmp_path / "copy", corpus=corpus
        )
    with pytest.raises(UnknownIdError):
        copy_picture(theirs, tmp_path / "copy", corpus=texts_of(1, 0))
    with pytest.raises(ValueError, match="expected one of quotes, export"):
        copy_picture(theirs, tmp_path / "copy", corpus=corpus, use="coding")
    assert [path.name for path in tmp_path.iterdir()] == ["river.png"]
    assert copy_picture(theirs, tmp_path / "a", corpus=corpus, use="quotes").path.exists()
    assert copy_picture(own, tmp_path / "b", corpus=corpus).path.exists()


def test_a_matrix_has_no_row_of_a_governed_participant(corpus, log):
    rows = case_matrix(log, corpus=corpus, codebook=BOOK).index
    assert len(rows) == N_OWN
    assert not any(map(is_theirs, rows))


# ── the report, what is sent and what is kept ───────────────────────────────────────────


def everything_in(folder: Path) -> str:
    """All words of all files, those inside Office files too."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.append(path.name)
        if path.suffix in {".docx", ".xlsx"}:
            with zipfile.ZipFile(path) as archive:
                found += [
                    archive.read(name).decode("utf-8", "ignore") for name in archive.namelist()
                ]
        elif path.suffix != ".png":
            found.append(path.read_text(encoding="utf-8"))
    return "\n".join(found)


def test_neither_half_of_a_report_holds_a_governed_record(tmp_path, corpus, log):
    topics = fit_topics(
        cut(corpus), embeddings=np.random.default_rng(0).normal(size=(len(corpus), 8)),
        engine="k-means", n_topics=2,
    )  # fmt: skip
    report = write_report(
        tmp_path / "out", corpus=corpus, codebook=BOOK, codings=log, topics=topics,
        approvals=approvals_of(corpus),
    )  # fmt: skip
    sent = everything_in(report.out / "share")
    assert not is_theirs(sent)
    assert NATION not in sent
    assert "River" not in sent
    kept = everything_in(report.out / "keep")
    assert "kingfisher" not in kept
    with (report.out / "keep" / "codings" / "codings.csv").open(encoding="utf-8") as file:
        assert not any(is_theirs(row["document_id"]) for row in csv.DictReader(file))
    # That they wait is told, by id and without words.
    left_out = (report.out / "keep" / "quotes-left-out.csv").read_text(encoding="utf-8")
    assert "whoever governs the record has not approved quotes" in left_out


def test_a_report_of_governed_records_alone_tells_nothing_of_them(tmp_path, governed):
    report = write_report(
        tmp_path / "out", corpus=governed, codebook=BOOK, codings=log_of(governed, "ada")
    )
    sent = everything_in(report.out / "share")
    assert not is_theirs(sent)
    assert f"{N_THEIRS} texts" not in sent


def test_topics_that_rest_on_what_may_not_be_tabulated_are_not_shown(tmp_path):
    grouped = texts_of(N_OWN, N_THEIRS, approved=["topics"])
    vectors = np.random.default_rng(0).normal(size=(len(grouped), 8))
    topics = fit_topics(cut(grouped), embeddings=vectors, engine="k-means", n_topics=2)
    assert topics.n_units == N_OWN + N_THEIRS
    report = write_report(
        tmp_path / "out", corpus=grouped, codebook=BOOK, codings=log_of(grouped, "ada"),
        topics=topics,
    )  # fmt: skip
    sent = everything_in(report.out / "share")
    assert "They are therefore not shown." in sent
    assert not is_theirs(sent)
    assert not list((report.out / "share" / "figures").glob("topics*"))
    with (report.out / "keep" / "topics.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == N_OWN


# ── the project ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def project(tmp_path, corpus, log):
    with Project.create(tmp_path / "study.reflect", title="Peers") as made:
        made.save(by="lead", corpus=corpus, codebook=BOOK, codings=log)
        made.add_coder("ada", by="lead")
        yield made


def test_a_governed_text_is_assigned_to_nobody_and_opened_at_no_desk(project):
    project.assign(["ada"], by="lead")
    assigned = {d for ids in project.team_state().assignments.values() for d in ids}
    assert len(assigned) == N_OWN
    assert not any(map(is_theirs, assigned))
    with pytest.raises(GovernanceError, match="waits for the approval"):
        project.desk("ada").code("N00-1", 0, 10, "together")


def test_the_export_of_a_study_waits_unless_it_is_for_keeping(tmp_path, project):
    with pytest.raises(GovernanceError, match=r"wait for the approval.*--for-keeping"):
        project.export_text(tmp_path / "text", by="lead")
    assert not (tmp_path / "text").exists()
    project.export_text(tmp_path / "text", by="lead", for_keeping=True)
    assert "kingfisher" in everything_in(tmp_path / "text")
    assert project.events()[-1].payload["for_keeping"] is True
