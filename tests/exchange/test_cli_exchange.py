"""Other programs' files from the shell: looked at, stored, written."""

import json
import zipfile

import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import ExchangeError, NotClearedError
from reflect_analysis.exchange import read_refi
from reflect_analysis.project import Project

FIRST, SECOND = "🙂 We walked to the river.", "They sang all day."
LINES = [
    {
        "id": "R1",
        "case_id": "P1",
        "text": FIRST,
        "spans": [{"start": 15, "end": 24, "label": "river", "coder": "ada"}],
    },
    {
        "id": "R2",
        "case_id": "P2",
        "text": SECOND,
        "spans": [
            {"start": 5, "end": 9, "label": "song", "coder": "ada"},
            {"start": 5, "end": 9, "label": "song", "coder": "ben"},
        ],
    },
]


def run(*words, expect=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == expect, (result.output, result.exception)
    return result


@pytest.fixture
def spans(tmp_path):
    path = tmp_path / "the spans.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.reflect"
    run("init", path, "--by", "ada")
    return path


@pytest.fixture
def filled(study, spans):
    words = ("--by", "ada", "--cleared-by", "ada", "--note", "read", "--assume-seen")
    run("import", study, spans, *words)
    return study


def test_a_file_alone_is_looked_at_and_nothing_is_stored(spans):
    told = json.loads(run("import", spans, "--json").stdout)
    assert (told["documents"], told["codes"], told["codings"]) == (2, 2, 3)
    first = told["report"]["sources"][0]
    assert (first["unit"], first["line_ends"]) == ("code points", "LF")
    assert (first["selections"], first["resolved"], first["at_word_starts_and_ends"]) == (1, 1, 1)
    assert "nothing is stored" in run("import", spans).stdout
    assert [path.name for path in spans.parent.iterdir()] == [spans.name]


def test_texts_alone_are_no_file_of_another_program(tmp_path):
    (tmp_path / "a.txt").write_text("We sang.", encoding="utf-8")
    run("import", tmp_path / "a.txt", expect=2)


def test_whoever_stores_says_who_they_are(study, spans):
    run("import", study, spans, expect=2)


def test_a_file_is_stored_with_codebook_and_codings(filled):
    with Project.open(filled) as project:
        assert [document.id for document in project.corpus()] == ["R1", "R2"]
        assert project.corpus().uncleared() == ()
        assert project.codebook().ids == ("river", "song")
        assert len(project.codings().codings) == 3
        assert len(project.codings().seen) == 3


def test_what_nobody_cleared_waits(study, spans):
    told = json.loads(run("import", study, spans, "--by", "ada", "--json").stdout)
    assert told["waiting"] == ["R1", "R2"]
    assert told["reports"][0]["format"] == "spans as JSON lines"


def test_quotes_are_found_in_the_texts_of_the_study(filled, tmp_path):
    table = tmp_path / "quotes.csv"
    table.write_text("quote,code,document\nall day,song,R2\nall night,song,R2\n", encoding="utf-8")
    told = run("import", filled, table, "--by", "ada").stdout
    assert "left out row 3: not in document 'R2'" in told
    with Project.open(filled) as project:
        assert len(project.codings().codings) == 4
        assert len(project.corpus()) == 2


def test_codes_that_the_study_lacks_are_a_fault_and_nothing_is_stored(filled, tmp_path):
    other = tmp_path / "other.jsonl"
    line = {"id": "R9", "text": "So glad.", "spans": [{"start": 3, "end": 7, "label": "joy"}]}
    other.write_text(json.dumps(line), encoding="utf-8")
    result = CliRunner().invoke(app, ["import", str(filled), str(other), "--by", "ada"])
    assert isinstance(result.exception, ExchangeError)
    with Project.open(filled) as project:
        assert len(project.corpus()) == 2


def test_texts_and_other_programs_files_are_imported_apart(study, spans, tmp_path):
    (tmp_path / "a.txt").write_text("We sang.", encoding="utf-8")
    run("import", study, spans, tmp_path / "a.txt", "--by", "ada", expect=2)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("csv-matrix", "m.csv"),
        ("recal", "recal"),
        ("jsonl", "s.jsonl"),
        ("jsonld", "a.jsonld"),
        ("nvivo", "n.qdpx"),
        ("qdpx", "p.qdpx"),
        ("qdc", "c.qdc"),
    ],
)
def test_each_format_is_written_and_the_log_says_what_left(filled, tmp_path, name, file):
    told = json.loads(
        run("export", filled, "--format", name, "--out", tmp_path / file, "--json").stdout
    )
    assert (tmp_path / file).exists()
    assert told["documents"] == ([] if name == "qdc" else ["R1", "R2"])
    with Project.open(filled) as project:
        (event,) = [event for event in project.events() if event.action == "export"]
    assert event.payload["format"] == name
    assert event.payload["where"].endswith(file)
    assert list(event.payload["documents"]) == told["documents"]


def test_lines_for_network_analysis_are_written_by_unit(filled, tmp_path):
    run("export", filled, "--format", "ena", "--rows", "document", "--out", tmp_path / "e.csv")
    first = (tmp_path / "e.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first == "unit,stanza,line,river,song"


def test_rows_that_a_format_does_not_have_are_wrong_usage(filled, tmp_path):
    words = ("--format", "csv-matrix", "--rows", "turn", "--out", tmp_path / "m.csv")
    run("export", filled, *words, expect=2)


def test_a_project_that_was_exported_comes_back_equal(filled, tmp_path):
    run("export", filled, "--format", "qdpx", "--out", tmp_path / "p.qdpx")
    found = read_refi(tmp_path / "p.qdpx")
    with Project.open(filled) as project:
        assert found.codebook == project.codebook()
        assert set(found.codings.codings) == set(project.codings().codings)


def test_nothing_uncleared_is_exported(study, spans, tmp_path):
    run("import", study, spans, "--by", "ada")
    words = ["export", str(study), "--format", "jsonl", "--out", str(tmp_path / "s.jsonl")]
    assert isinstance(CliRunner().invoke(app, words).exception, NotClearedError)
    assert not (tmp_path / "s.jsonl").exists()


# ── what a study has no place for ──


def guid(number):
    return f"{number:08X}-0000-4000-8000-000000000000"


@pytest.fixture
def foreign(tmp_path):
    """A project of another program with one of everything."""
    code = f'<CodeRef targetGUID="{guid(1)}"/>'
    made = f'creatingUser="{guid(9)}" creationDateTime="2025-03-04T09:30:00Z"'
    body = f"""
<Users><User guid="{guid(9)}" name="ada"/></Users>
<CodeBook><Codes><Code guid="{guid(1)}" name="river" isCodable="true"/></Codes></CodeBook>
<Variables><Variable guid="{guid(2)}" name="role" typeOfVariable="Text"/></Variables>
<Cases><Case guid="{guid(3)}" name="P1"><VariableValue><VariableRef targetGUID="{guid(2)}"/>
<TextValue>ECE</TextValue></VariableValue><SourceRef targetGUID="{guid(4)}"/></Case></Cases>
<Sources><PictureSource guid="{guid(4)}" name="V1" path="internal://{guid(4)}.png">
<TextDescription guid="{guid(5)}"><PlainTextContent>{FIRST}</PlainTextContent>
<PlainTextSelection guid="{guid(6)}" startPosition="2" endPosition="11">
<Coding guid="{guid(7)}" {made}>{code}</Coding><NoteRef targetGUID="{guid(8)}"/>
</PlainTextSelection></TextDescription>
<PictureSelection guid="{guid(10)}" name="the bank" firstX="1" firstY="2" secondX="3" secondY="4">
<Coding guid="{guid(11)}" {made}>{code}</Coding></PictureSelection></PictureSource>
<AudioSource guid="{guid(12)}" name="talk" path="internal://{guid(12)}.m4a">
<Transcript guid="{guid(13)}"><PlainTextContent>{SECOND}</PlainTextContent>
<SyncPoint guid="{guid(14)}" position="0" timeStamp="1500"/></Transcript></AudioSource></Sources>
<Notes><Note guid="{guid(8)}" {made}><PlainTextContent>Why here?</PlainTextContent></Note></Notes>
<Links><Link guid="{guid(15)}" name="leads to" originGUID="{guid(1)}"
 targetGUID="{guid(4)}"/></Links>
<Sets><Set guid="{guid(16)}" name="first week"><MemberSource targetGUID="{guid(4)}"/></Set></Sets>
"""
    path = tmp_path / "theirs.qdpx"
    with zipfile.ZipFile(path, "w") as archive:
        head = '<Project xmlns="urn:QDA-XML:project:1.0" name="s" origin="Other">'
        archive.writestr("project.qde", f"{head}{body}</Project>")
        archive.writestr(f"sources/{guid(4)}.png", b"a picture")
    return path


UNSTORED = [
    "set 'first week': documents V1",
    "link 'leads to': code river – document V1",
    "picture of V1",
]


def test_memos_cases_values_and_times_are_stored(study, foreign):
    run("import", study, foreign, "--by", "ada")
    with Project.open(study) as project:
        corpus, log = project.corpus(), project.codings()
    assert [case.id for case in corpus.cases] == ["P1"]
    assert dict(corpus.case("P1").attributes) == {"role": "ECE"}
    assert corpus.document("V1").case_id == "P1"
    assert [(memo.by, memo.text, memo.start) for memo in log.memos] == [("ada", "Why here?", 2)]
    assert [(c.start, c.end, str(c.region or ""), c.code_id, c.coder) for c in log.codings] == [
        (2, 11, "", "river", "ada"),
        (0, 0, "1,2,3,4", "river", "ada"),
    ]
    assert [turn.time for turn in corpus.document("talk").turns] == [1.5]


def test_what_a_study_has_no_place_for_is_listed_by_name_and_stays_listed(study, foreign):
    told = json.loads(run("import", study, foreign, "--by", "ada", "--json").stdout)
    places = [each["place"] for each in told["reports"][0]["omissions"]]
    assert places == UNSTORED
    with Project.open(study) as project:
        assert [each.place for each in project.corpus().omissions] == UNSTORED


def test_it_is_listed_before_anything_is_stored_too(foreign):
    shown = json.loads(run("import", foreign, "--json").stdout)
    assert [each["place"] for each in shown["unstored"]] == UNSTORED
    assert f"a study has no place for: {UNSTORED[0]}" in run("import", foreign).stdout


def test_check_reads_what_import_reads_beside_texts(study, foreign, tmp_path):
    """The hint after an import sends people there."""
    told = run("import", study, foreign, "--by", "ada").stdout
    assert "reflect-analysis check" in told
    (tmp_path / "a.txt").write_text("Write to mina@example.org.", encoding="utf-8")
    found = json.loads(run("check", foreign, tmp_path / "a.txt", "--json").stdout)
    assert sum(found["in_texts"].values()) == 1
    alone = json.loads(run("check", foreign, "--json").stdout)
    assert alone["in_texts"] == {}


def test_a_project_leaves_as_nvivo_counts(filled, tmp_path):
    run("export", filled, "--format", "nvivo", "--out", tmp_path / "n.qdpx")
    with zipfile.ZipFile(tmp_path / "n.qdpx") as archive:
        texts = [archive.read(name) for name in archive.namelist() if name.endswith(".txt")]
    assert all(text.startswith(b"\xef\xbb\xbf") for text in texts)
    with Project.open(filled) as project:
        assert read_refi(tmp_path / "n.qdpx").codebook == project.codebook()


def test_annotations_leave_and_come_back_to_the_texts(filled, study, tmp_path):
    run("export", filled, "--format", "jsonld", "--out", tmp_path / "a.jsonld")
    with Project.open(filled) as project:
        before = set(project.codings().codings)
    told = json.loads(run("import", filled, tmp_path / "a.jsonld", "--by", "ada", "--json").stdout)
    assert told["reports"][0]["format"] == "Web Annotations"
    assert told["reports"][0]["resolved"] == 3
    with Project.open(filled) as project:
        after = {(c.document_id, c.start, c.end, c.code_id, c.coder) for c in project.codings()}
    assert after == {(c.document_id, c.start, c.end, c.code_id, c.coder) for c in before}


def test_a_governed_record_stays(filled, tmp_path):
    document = Document("R3", "Ours alone.", case_id="P3")
    case = Case("P3", governance=Governance("nation-1"))
    corpus = Corpus((document,), (case,), (Clearance(document.sha256, "ada", ""),))
    with Project.open(filled) as project:
        project.save(by="ada", corpus=corpus)
    told = run("export", filled, "--format", "jsonl", "--out", tmp_path / "s.jsonl").stdout
    assert "left out document R3" in told
    assert "Ours alone" not in (tmp_path / "s.jsonl").read_text(encoding="utf-8")


def test_a_later_withdrawal_names_the_file_that_was_sent(filled, tmp_path):
    run("export", filled, "--format", "jsonl", "--out", tmp_path / "s.jsonl", "--by", "ada")
    told = run("withdraw", filled, "P2", "--by", "ada", "--yes").stdout
    assert "s.jsonl" in told
