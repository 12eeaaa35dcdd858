"""Files that come back into the study that they left loosen nothing and double nothing."""

import json
import re
import zipfile
from datetime import UTC, datetime

import pytest
from PIL import Image
from typer.testing import CliRunner

from reflect_analysis._rows import Attributes
from reflect_analysis.cli import app
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import (
    Case,
    Clearance,
    Corpus,
    Document,
    Governance,
    Picture,
    Turn,
)
from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_exchange
from reflect_analysis.project import Project
from reflect_analysis.regions import Region

AT = datetime(2025, 3, 4, 9, 30, 1, 123456, tzinfo=UTC)
TALK = "How was it? We cried by the river."
STORY = "The drum story is ours. We told it."
SAID = Turn(12, len(TALK), "Mina", "G2")
BOOK = Codebook((Code("river", "River", "Water.", "g"),), (Group("g", "G"),))
CASES = (
    Case("P1", Attributes(role="ECE"), quotes="no"),
    Case("G1", governance=Governance("nation-x", ("coding",))),
    Case("G2", quotes="no", governance=Governance("nation-x", ("coding", "export"))),
)
DOCUMENTS = (
    Document("R1", "By the river we sang.", case_id="P1", attributes=Attributes(session=2)),
    Document("T1", TALK, "transcript", turns=(Turn(0, 11, "Host", None, coded=False), SAID)),
    Document("RG", STORY, case_id="G1"),
)
PROPOSED = Coding("R1", 0, 12, "river", "rules", "machine", 0.5, "pattern", at=AT)
LOG = Codings(
    (
        Coding("R1", 7, 12, "river", "ada", blind=True, phase="reliability", at=AT),
        Coding("T1", 28, 33, "river", "ben", at=AT),
        PROPOSED,
    ),
    (Decision(PROPOSED.id, "accept", "ada", at=AT),),
    (Seen("ada", "R1", blind=True, phase="reliability", at=AT), Seen("ben", "T1", at=AT)),
    (Memo("ada", "Water again.", "reflexive", "R1", at=AT),),
)


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "the study.reflect"
    cleared = tuple(Clearance(each.sha256, "lead", "read", AT) for each in DOCUMENTS)
    with Project.create(path, by="lead") as project:
        project.save(
            by="lead", corpus=Corpus(DOCUMENTS, CASES, cleared), codebook=BOOK, codings=LOG
        )
    return path


def run(*words, expect=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == expect, (result.output, result.exception)
    return result


def state(path):
    with Project.open(path) as project:
        return project.corpus(), project.codings()


def without_side_and_descriptions(path):
    target = path.with_name(f"bare {path.name}")
    about = re.compile(rb"<Description>.*?</Description>", re.DOTALL)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if "study.json" not in name:
                new.writestr(name, about.sub(b"", old.read(name)))
    return target


@pytest.mark.parametrize("form", ["jsonl", "qdpx", "nvivo", "jsonld"])
def test_what_left_and_comes_back_changes_nothing(study, tmp_path, form):
    before, log = state(study)
    file = tmp_path / ("out.qdpx" if form in ("qdpx", "nvivo") else f"out.{form}")
    run("export", study, "--format", form, "--out", file, "--by", "lead")
    run("import", study, file, "--by", "ada")
    after, now = state(study)
    assert set(after.documents) == set(before.documents)
    assert set(after.cases) == set(before.cases)
    assert set(now.codings) == set(log.codings)
    assert set(now.memos) == set(log.memos)
    assert set(now.seen) == set(log.seen)
    assert now.decisions == log.decisions


def test_a_program_that_drops_descriptions_takes_no_refusal_back(study, tmp_path):
    before, log = state(study)
    run("export", study, "--format", "qdpx", "--out", tmp_path / "p.qdpx")
    bare = without_side_and_descriptions(tmp_path / "p.qdpx")
    found = read_exchange(bare)
    assert all(case.governance is None and case.quotes == "ask" for case in found.corpus.cases)
    told = json.loads(run("import", study, bare, "--by", "ada", "--json").stdout)
    after, now = state(study)
    assert set(after.cases) == set(before.cases)
    assert set(after.documents) == set(before.documents)
    assert set(now.codings) == set(log.codings)  # and no machine became a person
    notes = " ".join(told["reports"][0]["notes"])
    assert "consent to be quoted stays as the study has it: P1, G2" in notes
    assert "governance stays as the study has it: G2" in notes


@pytest.mark.parametrize("line", [{"id": "RG"}, {"id": "mine"}, {"id": "mine", "case_id": "P9"}])
def test_a_handmade_line_with_a_governed_text_does_not_let_it_out(study, tmp_path, line):
    made = tmp_path / "student.jsonl"
    span = {"start": 4, "end": 8, "label": "river"}
    made.write_text(json.dumps({**line, "text": STORY, "spans": [span]}), encoding="utf-8")
    told = run("import", study, made, "--by", "student").stdout
    assert line["id"] == "RG" or "mine" in told
    assert "drum" not in told
    run("export", study, "--format", "jsonl", "--out", tmp_path / "out.jsonl")
    assert "drum" not in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


def test_a_text_that_waits_in_the_study_waits_on_though_a_file_calls_it_cleared(tmp_path, study):
    run("export", study, "--format", "qdpx", "--out", tmp_path / "p.qdpx")
    other = tmp_path / "other.reflect"
    with Project.create(other, by="lead") as project:
        project.save(by="lead", corpus=Corpus(DOCUMENTS[:1], CASES[:1]), codebook=BOOK)
    run("import", other, tmp_path / "p.qdpx", "--by", "ada")
    corpus, _ = state(other)
    assert [document.id for document in corpus.uncleared()] == ["R1"]


def test_attributes_that_a_file_adds_are_added(study, tmp_path):
    with Project.open(study) as project:
        stored = project.corpus()
    from reflect_analysis.exchange import beside
    from reflect_analysis.exchange.values import Exchanged, ExchangeReport

    more = Document("R1", DOCUMENTS[0].text, case_id="P1", attributes=Attributes(place="North"))
    found = Exchanged(Corpus((more,), (Case("P1"),)), BOOK, Codings(), ExchangeReport("theirs"))
    joined = beside(found, stored, Codings()).corpus
    assert dict(joined.document("R1").attributes) == {"session": 2, "place": "North"}
    assert joined.case("P1") == CASES[0]


def test_consent_in_the_tables_of_the_texts_loosens_only_with_a_reason(study, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    texts = "document_id,participant_id,text\nR1,P1,By the river we sang.\n"
    (folder / "texts.csv").write_text(texts, encoding="utf-8")
    people = "participant_id,quote_consent\nP1,yes\n"
    (folder / "participants.csv").write_text(people, encoding="utf-8")
    told = run("import", study, folder, "--by", "ada").stdout
    assert "case P1: consent to be quoted (no, where yes came) stays as the study has it" in told
    assert state(study)[0].case("P1").quotes == "no"
    file = tmp_path / "s.jsonl"
    file.write_text(json.dumps({"text": "So.", "spans": []}), encoding="utf-8")
    run("import", study, file, "--by", "ada", "--loosen", "they signed", expect=2)
    assert (
        "stays as" not in run("import", study, folder, "--by", "ada", "--loosen", "signed").stdout
    )
    assert state(study)[0].case("P1").quotes == "yes"
    with Project.open(study) as project:
        (event,) = [each for each in project.events() if each.action == "loosen"]
    assert event.payload["reason"] == "signed"


def test_an_in_vivo_name_keeps_its_standing_through_another_program(tmp_path):
    from reflect_analysis.exchange import write_refi

    own = Code("in_vivo_3", "by the river we sang", "Joy.", "g", in_vivo=True)
    book = Codebook((BOOK["river"], own), BOOK.groups)
    cleared = tuple(Clearance(each.sha256, "lead", "read", AT) for each in DOCUMENTS)
    write_refi(tmp_path / "p.qdpx", codebook=book, corpus=Corpus(DOCUMENTS[:1], CASES[:1], cleared))
    target = tmp_path / "bare.qdpx"
    with zipfile.ZipFile(tmp_path / "p.qdpx") as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if "study.json" not in name:
                new.writestr(name, old.read(name))
    back = read_exchange(target).codebook
    assert back["in_vivo_3"].name_withheld
    assert "sang" not in json.dumps([code.name for code in back.public()])


def test_a_code_that_the_study_lacks_is_named_without_a_participants_words(study, tmp_path):
    own = Code("in_vivo_3", "by the river we sang", "Joy.", "g", in_vivo=True)
    from reflect_analysis.exchange import write_refi

    write_refi(tmp_path / "b.qdc", codebook=Codebook((own,), BOOK.groups))
    result = CliRunner().invoke(app, ["import", str(study), str(tmp_path / "b.qdc"), "--by", "ada"])
    assert isinstance(result.exception, ExchangeError)
    assert "sang" not in str(result.exception)


def test_standing_kinds_and_rules_survive_without_the_side_file(tmp_path):
    from reflect_analysis.exchange import write_refi

    old = Code("old", "Old", "Was.", "g", status="retired", replaced_by=("river",))
    late = Code("late", "Late", "Told late.", "g", status="provisional", unit="reflection")
    book = Codebook(
        (BOOK["river"], old, late),
        BOOK.groups,
        description="Ours.",
        language="cs",
        licence="CC BY",
        general_rules=("One a line.",),
    )
    mixed = Document("T2", TALK, "transcript", case_id="P1", turns=(SAID,))
    corpus = Corpus((mixed,), CASES, (Clearance(mixed.sha256, "lead", "read", AT),))
    log = Codings(
        (Coding("T2", 12, 14, "old", "ada", at=AT),),
        memos=(Memo("ada", "How I read.", "method", code_id="late", at=AT),),
    )
    write_refi(tmp_path / "p.qdpx", codebook=book, corpus=corpus, codings=log)
    target = tmp_path / "bare.qdpx"
    with zipfile.ZipFile(tmp_path / "p.qdpx") as old_file, zipfile.ZipFile(target, "w") as new:
        for name in old_file.namelist():
            if "study.json" not in name:
                new.writestr(name, old_file.read(name))
    found = read_exchange(target)
    back = found.codebook
    assert (back["old"].status, back["old"].replaced_by) == ("retired", ("river",))
    assert (back["late"].status, back["late"].unit) == ("provisional", "reflection")
    assert (back.language, back.licence, back.general_rules) == ("cs", "CC BY", ("One a line.",))
    assert back.description == "Ours."
    assert [memo.kind for memo in found.codings.memos] == ["method"]
    assert set(found.corpus.cases_of(found.corpus.document("T2"))) == {"P1", "G2"}
    assert found.codings.under(back).current[0].coding.code_id == "river"


def test_no_machine_becomes_a_person_through_lines(study, tmp_path):
    run("export", study, "--format", "jsonl", "--out", tmp_path / "s.jsonl")
    found = read_exchange(tmp_path / "s.jsonl")
    (row,) = [row for row in found.codings.current if row.coding.coder == "rules"]
    assert (row.coding.coder_kind, row.status) == ("machine", "reviewed")
    bare = {"text": "So.", "spans": [{"start": 0, "end": 2, "label": "a", "status": "machine"}]}
    (tmp_path / "b.jsonl").write_text(json.dumps(bare), encoding="utf-8")
    (row,) = read_exchange(tmp_path / "b.jsonl").codings.current
    assert row.status == "machine"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", '{"text":"secret","spans":[],"seen":5}'),
        ("b.jsonl", '{"text":"secret","spans":[],"seen":[{"coder":"a","codes":7}]}'),
    ],
)
def test_a_line_that_is_none_is_a_fault_with_its_place(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ExchangeError, match="line 1") as caught:
        read_exchange(tmp_path / name)
    assert "secret" not in str(caught.value)


def test_a_selector_of_a_strange_type_is_no_place(tmp_path):
    page = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "Annotation",
        "target": {"source": 5, "selector": [{"type": ["x"]}]},
        "body": "words",
    }
    (tmp_path / "a.jsonld").write_text(json.dumps(page), encoding="utf-8")
    assert read_exchange(tmp_path / "a.jsonld").report.resolved == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("q.csv", "quote;code\r\nZoë;x\r\n".encode("cp1252")),
        ("s.jsonl", '{"text": "x", "spans": []}'.encode("utf-16")),
        ("schema.xsd", b"<xs:schema/>"),
    ],
)
def test_a_file_that_cannot_be_read_says_so_and_what_to_do(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    result = CliRunner().invoke(app, ["import", str(tmp_path / name)])
    assert isinstance(result.exception, ExchangeError)
    assert ("UTF-8" in str(result.exception)) is (name != "schema.xsd")


def test_pictures_and_regions_leave_from_the_shell_and_come_back(study, tmp_path):
    Image.new("RGB", (20, 16), "white").save(tmp_path / "kettle.png")
    ready = Picture(str(tmp_path / "kettle.png"), "A kettle.", "nobody", "", "none", "yes")
    kept = Picture(str(tmp_path / "kettle.png"), "Mina.", "adults", None, "none", "ask")
    texts = (
        Document("V1", "The kettle takes long.", "photo-voice", "P1", picture=ready),
        Document("V2", "Mina laughs.", "photo-voice", "P1", picture=kept),
    )
    coded = Coding("V1", 0, 0, "river", "ada", at=AT, region=Region(2, 3, 8, 9))
    cleared = tuple(Clearance(each.sha256, "lead", "read", AT) for each in texts)
    with Project.open(study) as project:
        project.save(by="lead", corpus=Corpus(texts, CASES[:1], cleared), codings=Codings((coded,)))
    told = run("export", study, "--format", "qdpx", "--out", tmp_path / "p.qdpx", "--json").stdout
    with zipfile.ZipFile(tmp_path / "p.qdpx") as archive:
        assert sum(name.endswith((".png", ".jpg")) for name in archive.namelist()) == 1
    assert "picture of V2" in {each["place"] for each in json.loads(told)["left_out"]}
    bare = without_side_and_descriptions(tmp_path / "p.qdpx")
    _, log = state(study)
    run("import", study, bare, "--by", "ada")
    assert set(state(study)[1].codings) == set(log.codings)
