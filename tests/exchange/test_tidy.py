"""Tables for R, ReCal and network analysis; spans as lines; what may leave."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import ExchangeError, NotClearedError, OutputError
from reflect_analysis.exchange import (
    case_matrix,
    ena_table,
    export_study,
    read_exchange,
    read_spans,
    recal_matrices,
    recognise,
)
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

BOOK = Codebook(
    (
        Code("nature", "Nature", "Outside.", "g"),
        Code("river", "River", "Water.", "g", parent="nature"),
        Code("song", "Song", "Singing.", "g"),
    ),
    (Group("g", "G"),),
)
TEXTS = {
    "R1": "🙂 We walked to the river.",
    "R2": "They sang.",
    "R3": "Quiet now.",
    "R4": "A song.",
}
WHO = {"R1": "P1", "R2": "P1", "R3": "P2", "R4": "P3"}


def _corpus(**governed):
    cases = (
        Case("P1", governance=governed.get("P1")),
        Case("P2"),
        Case("P3"),
    )
    documents = tuple(Document(key, text, case_id=WHO[key]) for key, text in TEXTS.items())
    return Corpus(documents, cases, tuple(Clearance(d.sha256, "ada", "read") for d in documents))


CORPUS = _corpus()
LOG = Codings(
    (
        Coding("R1", 15, 24, "river", "ada"),
        Coding("R2", 5, 9, "song", "ben"),
        Coding("R4", 0, 6, "song", "rules", coder_kind="machine"),
    ),
    seen=(
        *(Seen("ada", key) for key in ("R1", "R2", "R3")),
        *(Seen("ben", key) for key in ("R2", "R3")),
        Seen("rules", "R4", coder_kind="machine"),
    ),
)
SEGMENTS = Segments(
    CORPUS,
    tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in CORPUS),
    "document",
)


# ── case × code ──


def test_coded_is_one_read_is_nought_and_unread_is_not_known():
    found = case_matrix(LOG, corpus=CORPUS, codebook=BOOK)
    assert found.loc["P1"].tolist() == [1, 1, 1]
    assert found.loc["P2"].tolist() == [0, 0, 0]
    assert np.isnan(found.loc["P3"]).all()


def test_nought_needs_every_document_of_the_participant_to_be_read():
    log = dataclasses.replace(LOG, seen=(Seen("ada", "R1"),))
    assert np.isnan(
        case_matrix(log.where(lambda _: False), corpus=CORPUS, codebook=BOOK).loc["P1"]
    ).all()


def test_what_a_machine_proposed_counts_once_a_person_accepts_it():
    proposal = LOG.codings[2]
    accepted = dataclasses.replace(LOG, decisions=(Decision(proposal.id, "accept", "ada"),))
    found = case_matrix(accepted, corpus=CORPUS, codebook=BOOK, unit="document")
    assert found.loc["R4", "song"] == 1


def test_in_a_transcript_a_passage_is_its_speakers():
    text = "We sang.\nWe ran."
    turns = (Turn(0, 8, "A", "P1"), Turn(9, 16, "B", "P2"))
    document = Document("T", text, turns=turns)
    clear = (Clearance(document.sha256, "ada", "read"),)
    corpus = Corpus((document,), (Case("P1"), Case("P2")), clear)
    log = Codings((Coding("T", 3, 7, "song", "ada"),), seen=(Seen("ada", "T"),))
    assert case_matrix(log, corpus=corpus, codebook=BOOK)["song"].tolist() == [1, 0]


def test_tables_made_directly_hold_no_governed_participant():
    held = _corpus(P1=Governance("nation-1", ("coding", "tables")))
    found = case_matrix(LOG, corpus=held, codebook=BOOK)
    assert found.index.tolist() == ["P2", "P3"]
    by_document = case_matrix(LOG, corpus=held, codebook=BOOK, unit="document")
    assert by_document.index.tolist() == ["R3", "R4"]
    lines = ena_table(LOG, dataclasses.replace(SEGMENTS, corpus=held), codebook=BOOK)
    assert lines["unit"].tolist() == ["P2"]
    free = _corpus(P1=Governance("nation-1", ("export",)))
    assert case_matrix(LOG, corpus=free, codebook=BOOK).equals(
        case_matrix(LOG, corpus=CORPUS, codebook=BOOK)
    )


def test_no_table_is_made_of_what_nobody_cleared():
    with pytest.raises(NotClearedError, match="R1"):
        case_matrix(LOG, corpus=dataclasses.replace(CORPUS, clearances=()), codebook=BOOK)


# ── ReCal and ENA ──


def test_recal_takes_the_units_that_all_read():
    assert recal_matrices(LOG, CORPUS, codebook=BOOK)["song"].to_dict("index") == {
        "R2": {"ada": 0, "ben": 1},
        "R3": {"ada": 0, "ben": 0},
    }
    chosen = recal_matrices(LOG, SEGMENTS, codebook=BOOK, coders=["ben", "ada"])
    assert chosen["song"].columns.tolist() == ["ben", "ada"]


def test_recal_gets_no_governed_record_and_nothing_uncleared():
    held = _corpus(P1=Governance("nation-1", ("coding", "tables")))
    assert recal_matrices(LOG, held, codebook=BOOK)["song"].index.tolist() == ["R3"]
    with pytest.raises(NotClearedError, match="R1"):
        recal_matrices(LOG, dataclasses.replace(CORPUS, clearances=()), codebook=BOOK)


def test_lines_for_network_analysis_have_unit_stanza_and_codes():
    found = ena_table(LOG, SEGMENTS, codebook=BOOK)
    assert found.columns.tolist() == ["unit", "stanza", "line", "nature", "river", "song"]
    assert found["unit"].tolist() == ["P1", "P1", "P2"]
    assert found[["nature", "river", "song"]].to_numpy().tolist() == [
        [1, 1, 0],
        [0, 0, 1],
        [0, 0, 0],
    ]


def test_a_code_that_nobody_read_for_empties_no_line_but_is_no_column(tmp_path):
    read = tuple(
        dataclasses.replace(row, codes=row.codes or ("nature", "river")) for row in LOG.seen
    )
    log = dataclasses.replace(LOG, seen=read, codings=())
    found = ena_table(log, SEGMENTS, codebook=BOOK)
    assert "song" not in found.columns
    assert len(found) > 0
    made = export_study(
        tmp_path / "e.csv", "ena", corpus=CORPUS, codebook=BOOK, codings=log, segments=SEGMENTS
    )
    assert "code song" in {each.place for each in made.losses}


def test_a_stanza_that_no_document_has_is_named():
    with pytest.raises(ValueError, match="no document has the attribute 'sesion'"):
        ena_table(LOG, SEGMENTS, codebook=BOOK, stanza="sesion")


# ── files ──


def _export(path, name, corpus=CORPUS, **more):
    return export_study(
        path,
        name,
        corpus=corpus,
        codebook=BOOK,
        codings=LOG,
        segments=more.pop("segments", SEGMENTS),
        **more,
    )


def test_the_matrix_is_a_file_that_r_reads(tmp_path):
    made = _export(tmp_path / "matrix.csv", "csv-matrix")
    rows = list(csv.reader(io.StringIO((tmp_path / "matrix.csv").read_text(encoding="utf-8"))))
    assert rows == [
        ["case_id", "nature", "river", "song"],
        ["P1", "1", "1", "1"],
        ["P2", "0", "0", "0"],
        ["P3", "NA", "NA", "NA"],
    ]
    assert made.documents == ("R1", "R2", "R3", "R4")


def test_what_a_killed_export_left_does_not_make_a_folder_taken(tmp_path):
    (tmp_path / "recal" / ".0a1b2c3d.part").mkdir(parents=True)
    _export(tmp_path / "recal", "recal", segments=None)
    assert (tmp_path / "recal" / "units.csv").is_file()
    with pytest.raises(OutputError, match="exists; name a new folder"):
        _export(tmp_path / "recal", "recal", segments=None)


def test_recal_gets_a_file_a_code_without_a_header_and_the_names_of_the_rows(tmp_path):
    made = _export(tmp_path / "recal", "recal", segments=None)
    assert (tmp_path / "recal" / "song.csv").read_text(encoding="utf-8") == "0,1\n0,0\n"
    assert "song,1,R2" in (tmp_path / "recal" / "units.csv").read_text(encoding="utf-8")
    assert {each.place for each in made.losses} == {"codes nature, river, song"}
    assert made.notes == ("the columns are, from the left: ada, ben",)


def test_recal_needs_two_coders(tmp_path):
    with pytest.raises(ExchangeError, match="two are needed"):
        _export(tmp_path / "recal", "recal", coders=["ada"])


def test_a_name_that_a_spreadsheet_would_run_is_disarmed(tmp_path):
    corpus = Corpus(
        (Document("R1", "x y", case_id="=cmd()"),),
        (Case("=cmd()"),),
        (Clearance(text_hash("x y"), "ada", ""),),
    )
    export_study(tmp_path / "m.csv", "csv-matrix", corpus=corpus, codebook=BOOK, codings=Codings())
    assert "\n'=cmd()," in (tmp_path / "m.csv").read_text(encoding="utf-8")


def test_spans_go_out_as_lines_and_come_back(tmp_path):
    made = _export(tmp_path / "spans.jsonl", "jsonl")
    assert made.losses
    assert recognise(tmp_path / "spans.jsonl") == "spans"
    found = read_spans(tmp_path / "spans.jsonl", codebook=BOOK)
    spans = {(c.document_id, c.start, c.end, c.code_id, c.coder) for c in found.codings}
    assert spans == {(c.document_id, c.start, c.end, c.code_id, c.coder) for c in LOG}
    assert {d.id: (d.text, d.case_id) for d in found.corpus} == {
        d.id: (d.text, d.case_id) for d in CORPUS
    }
    assert {(s.coder, s.document_id) for s in found.codings.seen} == {
        (s.coder, s.document_id) for s in LOG.seen if s.coder_kind == "person"
    }


def test_labels_as_doccano_writes_them_are_spans(tmp_path):
    path = tmp_path / "d.jsonl"
    path.write_text(
        '{"text": "so glad", "label": [[3, 7, "Joy"], [3, 99, "Joy"]]}\n', encoding="utf-8"
    )
    found = read_exchange(path)
    assert [(c.start, c.end, c.code_id) for c in found.codings] == [(3, 7, "joy")]
    assert "lies outside" in found.report.omissions[0].reason


def test_every_line_that_is_none_is_a_fault(tmp_path):
    path = tmp_path / "d.jsonl"
    lines = ["{", "[]", '{"text": "a", "spans": [{"start": 1.5}]}', '{"text": " "}']
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ExchangeError) as caught:
        read_spans(path)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        f"d.jsonl, line {number}" for number in (1, 2, 3, 4)
    ]


# ── what may leave ──

FORMATS = {
    "csv-matrix": "m.csv",
    "recal": "r",
    "ena": "e.csv",
    "jsonl": "s.jsonl",
    "jsonld": "a.jsonld",
    "nvivo": "n.qdpx",
    "qdpx": "p.qdpx",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_governed_record_leaves_by_no_format_until_export_is_approved(tmp_path, name):
    corpus = _corpus(P1=Governance("nation-1", ("coding",)))
    made = _export(tmp_path / FORMATS[name], name, corpus)
    assert made.documents == ("R3", "R4")
    assert {each.place for each in made.left_out} >= {"document R1", "document R2", "case P1"}
    for path in [made.path, *(made.path.rglob("*") if made.path.is_dir() else ())]:
        if path.is_file() and path.suffix != ".qdpx":
            told = path.read_text(encoding="utf-8")
            assert "P1" not in told
            assert "river." not in told
    approved = _corpus(P1=Governance("nation-1", ("export",)))
    again = _export(tmp_path / FORMATS[name], name, approved, overwrite=True)
    assert len(again.documents) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_leaves_that_nobody_cleared(tmp_path, name):
    with pytest.raises(NotClearedError, match="R1"):
        _export(tmp_path / FORMATS[name], name, dataclasses.replace(CORPUS, clearances=()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS)
def test_an_existing_file_is_replaced_only_where_that_is_said(tmp_path, name):
    _export(tmp_path / FORMATS[name], name)
    with pytest.raises(OutputError, match="exists"):
        _export(tmp_path / FORMATS[name], name)


def test_a_codebook_leaves_without_words_of_participants(tmp_path):
    quoting = dataclasses.replace(BOOK.codes[0], examples=("My own words.",))
    book = dataclasses.replace(BOOK, codes=(quoting, *BOOK.codes[1:]))
    made = export_study(tmp_path / "c.qdc", "qdc", corpus=CORPUS, codebook=book, codings=LOG)
    assert (made.documents, made.left_out) == ((), ())
    assert "My own words" not in (tmp_path / "c.qdc").read_text(encoding="utf-8")


def test_another_ending_than_the_formats_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"ends in \.qdpx"):
        _export(tmp_path / "p.zip", "qdpx")


def test_each_line_of_spans_is_plain_json(tmp_path):
    _export(tmp_path / "s.jsonl", "jsonl")
    lines = (tmp_path / "s.jsonl").read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    (span,) = first["spans"]
    assert first["text"][span["start"] : span["end"]] == "the river"
