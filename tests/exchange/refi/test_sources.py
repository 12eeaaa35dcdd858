"""What stands in a project besides texts and selections, and where it goes."""

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from reflect_analysis import _archives
from reflect_analysis.corpus import Turn
from reflect_analysis.exchange import Link, Set, read_refi, write_refi

TALK = "Ana: we began.\nBo: yes, late.\nAna: good."


def body(foreign, sources, rest="", codes=("k", "m")):
    return f"{foreign.codes(*codes)}{rest}<Sources>{sources}</Sources>"


def note(foreign, key, text, name=""):
    shown = f' name="{name}"' if name else ""
    inner = f"<PlainTextContent>{text}</PlainTextContent>"
    return f'<Note guid="{foreign.guid(key)}"{shown}>{inner}</Note>'


def test_a_transcript_has_its_sync_points_as_turns_with_their_times(foreign):
    points = "".join(
        f'<SyncPoint guid="{foreign.guid(f"p{place}")}" position="{place}" timeStamp="{time}"/>'
        for place, time in ((0, 0), (15, 2500), (30, 61000))
    )
    chosen = (
        f'<TranscriptSelection guid="{foreign.guid("t")}" '
        f'fromSyncPoint="{foreign.guid("p15")}" toSyncPoint="{foreign.guid("p30")}">'
        f'<Coding guid="{foreign.guid("tc")}"><CodeRef targetGUID="{foreign.guid("k")}"/></Coding>'
        "</TranscriptSelection>"
    )
    source = (
        f'<AudioSource guid="{foreign.guid("audio")}" name="talk" path="relative:///a.mp3">'
        f'<Transcript guid="{foreign.guid("tr")}" plainTextPath="internal://t.txt">'
        f"{points}{chosen}</Transcript>"
        f'<AudioSelection guid="{foreign.guid("s")}" begin="10" end="20">'
        f'<Coding guid="{foreign.guid("sc")}"><CodeRef targetGUID="{foreign.guid("k")}"/></Coding>'
        "</AudioSelection></AudioSource>"
    )
    study = read_refi(foreign.write(body(foreign, source), {"sources/t.txt": TALK}))
    (document,) = study.corpus
    assert document.kind == "transcript"
    assert document.turns == (
        Turn(0, 14, "", time=0.0),
        Turn(15, 29, "", time=2.5),
        Turn(30, 40, "", time=61.0),
    )
    (coding,) = study.codings
    assert document.text[coding.start : coding.end] == "Bo: yes, late.\n"
    (lost,) = study.report.omissions
    assert "part of a recording, with 1 codings" in lost.reason


def test_sync_points_outside_the_text_make_no_turns(foreign):
    point = f'<SyncPoint guid="{foreign.guid("p")}" position="400" timeStamp="1"/>'
    source = (
        f'<VideoSource guid="{foreign.guid("v")}" name="v"><Transcript guid="{foreign.guid("t")}">'
        f"<PlainTextContent>so it was</PlainTextContent>{point}</Transcript></VideoSource>"
    )
    (document,) = read_refi(foreign.write(body(foreign, source))).corpus
    assert (document.kind, document.turns) == ("transcript", ())


def test_cases_say_whose_words_stand_where(foreign):
    variables = (
        f'<Variables><Variable guid="{foreign.guid("role")}" name="role" typeOfVariable="Text"/>'
        f'<Variable guid="{foreign.guid("n")}" name="n" typeOfVariable="Integer"/>'
        f'<Variable guid="{foreign.guid("ok")}" name="ok" typeOfVariable="Boolean"/></Variables>'
    )

    def value(name, kind, text):
        reference = f'<VariableRef targetGUID="{foreign.guid(name)}"/>'
        return f"<VariableValue>{reference}<{kind}Value>{text}</{kind}Value></VariableValue>"

    def case(key, inner, name=None):
        shown = f' name="{name}"' if name else ""
        return f'<Case guid="{foreign.guid(key)}"{shown}>{inner}</Case>'

    def own(name):
        return f'<SourceRef targetGUID="{foreign.guid(name)}"/>'

    said = f'<SelectionRef targetGUID="{foreign.guid("turn")}"/>'
    cases = (
        "<Cases>"
        + case("ana", value("role", "Text", "ECE") + own("alone"), "Ana")
        + case("bo", value("n", "Integer", "4") + said, "Bo")
        + case("x", value("ok", "Boolean", "true") + own("talk"))
        + "</Cases>"
    )
    sources = foreign.source("alone", "", text="I wrote this.") + foreign.source(
        "talk", foreign.selection("turn", 15, 29), text=TALK
    )
    rest = variables + cases
    study = read_refi(foreign.write(body(foreign, sources, rest)))
    assert [(c.id, dict(c.attributes)) for c in study.corpus.cases] == [
        ("Ana", {"role": "ECE"}),
        ("Bo", {"n": 4}),
    ]
    assert study.corpus.document("alone").case_id == "Ana"
    talk = study.corpus.document("talk")
    assert dict(talk.attributes) == {"ok": True}
    assert [(t.start, t.end, t.case_id) for t in talk.turns] == [(15, 29, "Bo")]
    assert study.corpus.case_at("talk", 20) == "Bo"


def test_a_caption_is_the_document_and_regions_stand_beside(foreign):
    region = (
        f'<PictureSelection guid="{foreign.guid("r")}" name="hands" firstX="1" firstY="2" '
        f'secondX="30" secondY="40"><Coding guid="{foreign.guid("rc")}">'
        f'<CodeRef targetGUID="{foreign.guid("k")}"/></Coding></PictureSelection>'
    )
    caption = (
        f'<TextDescription guid="{foreign.guid("cap")}"><PlainTextContent>Small hands.'
        f"</PlainTextContent>{foreign.selection('c', 0, 5, 'm', name='Small')}</TextDescription>"
    )
    sources = (
        f'<PictureSource guid="{foreign.guid("pic")}" name="photo" path="internal://p.jpg">'
        f"{caption}{region}</PictureSource>"
        f'<PictureSource guid="{foreign.guid("bare")}" name="no caption"></PictureSource>'
    )
    study = read_refi(foreign.write(body(foreign, sources), {"sources/p.jpg": b"jpeg"}))
    (document,) = study.corpus
    assert (document.id, document.kind, document.text) == ("photo", "photo-voice", "Small hands.")
    assert document.picture.path == "p.jpg"
    assert study.pictures == {"photo": b"jpeg"}
    (found,) = study.regions
    assert (found.document_id, found.x1, found.y1, found.code_id) == ("photo", 30, 40, "k")
    assert [o.reason for o in study.report.omissions] == ["picture without a text"]


def test_a_part_of_a_pdf_is_found_again_by_its_quote_where_that_stands_once(foreign):
    def part(key, quote):
        return (
            f'<PDFSelection guid="{foreign.guid(key)}" page="0" firstX="1" firstY="1" secondX="2" '
            f'secondY="2"><Representation guid="{foreign.guid(key + "q")}"><PlainTextContent>'
            f'{quote}</PlainTextContent></Representation><Coding guid="{foreign.guid(key + "c")}">'
            f'<CodeRef targetGUID="{foreign.guid("k")}"/></Coding></PDFSelection>'
        )

    page = "One line\nbroken here. twice twice"
    source = (
        f'<PDFSource guid="{foreign.guid("pdf")}" name="paper">'
        f"{part('once', 'line broken')}{part('twice', 'twice')}"
        f'<Representation guid="{foreign.guid("rep")}" plainTextPath="internal://r.txt"/></PDFSource>'
    )
    study = read_refi(foreign.write(body(foreign, source), {"Sources/R.TXT": page}))
    (coding,) = study.codings
    assert page[coding.start : coding.end] == "line\nbroken"
    (lost,) = study.report.omissions
    assert "stands 2 times" in lost.reason


def test_notes_links_and_sets_come_along(foreign):
    references = f'<NoteRef targetGUID="{foreign.guid("n1")}"/>'
    selection = foreign.selection("s", 0, 3, "k").replace("</PlainText", f"{references}</PlainText")
    sources = foreign.source("text", selection, text="Ana began.")
    after = (
        f"<Notes>{note(foreign, 'n1', 'on a span')}{note(foreign, 'n2', 'plan', 'Title')}</Notes>"
        f'<Links><Link guid="{foreign.guid("l")}" name="leads to" direction="OneWay" '
        f'originGUID="{foreign.guid("text")}" targetGUID="{foreign.guid("k")}"/></Links>'
        f'<Sets><Set guid="{foreign.guid("set")}" name="first">'
        f'<MemberCode targetGUID="{foreign.guid("k")}"/>'
        f'<MemberSource targetGUID="{foreign.guid("text")}"/></Set><Set guid="{foreign.guid("e")}" '
        'name="empty"/></Sets>'
        f'<Graphs><Graph guid="{foreign.guid("g")}"/></Graphs>'
    )
    study = read_refi(foreign.write(body(foreign, sources) + after))
    assert {(m.text, m.document_id, m.start, m.end) for m in study.codings.memos} == {
        ("on a span", "text", 0, 3),
        ("Title\n\nplan", "", None, None),
    }
    assert study.links == (
        Link("leads to", "document text", "code k", "OneWay", foreign.guid("l")),
    )
    assert study.sets == (
        Set("first", ("text",), ("k",), "", foreign.guid("set")),
        Set("empty", (), (), "", foreign.guid("e")),
    )
    assert [o.reason for o in study.report.omissions] == ["a drawing"]


def test_a_heading_is_a_group_and_a_code_below_a_code_keeps_its_parent(foreign):
    inner = foreign.code("child", foreign.code("grandchild"))
    heading = foreign.code("Heading", inner, codable="false")
    used = foreign.code("Used heading", foreign.code("below"), codable="false")
    codes = f"<CodeBook><Codes>{heading}{used}{foreign.code('Ünïque !')}</Codes></CodeBook>"
    source = foreign.source("t", foreign.selection("s", 0, 3, "Used heading"), text="Ana began.")
    study = read_refi(foreign.write(f"{codes}<Sources>{source}</Sources>"))
    assert [(c.id, c.group, c.parent, c.status) for c in study.codebook] == [
        ("child", "heading", None, "provisional"),
        ("grandchild", "heading", "child", "provisional"),
        ("used_heading", "codes", None, "provisional"),
        ("below", "codes", "used_heading", "provisional"),
        ("unique", "codes", None, "provisional"),
    ]
    assert [c.code_id for c in study.codings] == ["used_heading"]


@pytest.mark.parametrize(
    "namespace",
    ["urn:QDA-XML:codebook:1.0", "urn:QDA-XML:codebook:0:4", "urn:QDA-XML:codebook:1:0"],
)
def test_a_codebook_of_any_namespace_is_read(tmp_path, foreign, namespace):
    path = tmp_path / "book.qdc"
    member = f'<MemberCode guid="{foreign.guid("k")}"/>'
    sets = f'<Sets><Set guid="{foreign.guid("set")}" name="s">{member}</Set></Sets>'
    codes = f"<Codes>{foreign.code('k')}</Codes>"
    path.write_text(f'<CodeBook xmlns="{namespace}">{codes}{sets}</CodeBook>', encoding="utf-8")
    study = read_refi(path)
    assert study.codebook.ids == ("k",)
    assert study.sets[0].codes == ("k",)


def test_empty_containers_are_read(tmp_path):
    path = tmp_path / "book.qdc"
    path.write_text('<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/><Sets/></CodeBook>')
    assert read_refi(path).codebook.codes == ()


def test_the_texts_of_a_bare_project_are_found_beside_it_and_nowhere_else(tmp_path, foreign):
    home = tmp_path / "study with spaces"
    (home / "sources").mkdir(parents=True)
    (home / "sources" / "in.txt").write_text("inside the folder", encoding="utf-8")
    (tmp_path / "out.txt").write_text("outside the folder", encoding="utf-8")
    sources = "".join(
        foreign.source(str(n), "", path=path)
        for n, path in enumerate(
            ("internal://in.txt", "relative:///../out.txt", f"absolute:///{tmp_path}/out.txt")
        )
    )
    head = '<Project xmlns="urn:QDA-XML:project:1.0" name="x">'
    text = f"{head}<Sources>{sources}</Sources></Project>"
    (home / "project.qde").write_text(text, encoding="utf-8")
    study = read_refi(home / "project.qde")
    assert [d.text for d in study.corpus] == ["inside the folder"]
    assert [o.reason for o in study.report.omissions] == [
        "its text is missing",
        "its text lies outside the project",
    ]


def test_nobody_has_read_anything_unless_it_is_assumed(foreign):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    path = foreign.write(body(foreign, source))
    assert read_refi(path).codings.seen == ()
    assert any("who read what" in note for note in read_refi(path).report.notes)
    assumed = read_refi(path, assume_seen=True)
    assert [(s.coder, s.document_id) for s in assumed.codings.seen] == [("unknown", "t")]


def test_a_time_that_the_file_does_not_say_is_said_to_be_unknown(foreign):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    found = read_refi(foreign.write(body(foreign, source)))
    assert {row.at.year for row in found.codings} == {1970}
    assert any("when 1 of its codings were made" in note for note in found.report.notes)


def test_recordings_that_nobody_reads_may_weigh_what_they_weigh(foreign, monkeypatch):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    path = foreign.write(body(foreign, source), {"sources/film.mp4": bytes(20_000)})
    monkeypatch.setattr(_archives, "UNPACKED_LIMIT", 10_000)
    assert len(read_refi(path).codings) == 1
    path.rename(path.with_name("moved.qdpx"))  # on Windows only once it is closed


def test_another_namespace_is_read_and_told(foreign):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    path = foreign.write(body(foreign, source))
    assert not any("namespace" in note for note in read_refi(path).report.notes)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("project.qde").replace(b"urn:QDA-XML:project:1.0", b"urn:other")
    path = foreign.folder / "other.qde"
    path.write_bytes(xml)
    found = read_refi(path)
    assert len(found.codings) == 1
    assert any("'urn:other'" in note for note in found.report.notes)


def test_what_a_notebook_shows_and_what_json_says(foreign):
    source = foreign.source("t<i>", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    study = read_refi(foreign.write(body(foreign, source)))
    shown = study._repr_html_()
    assert "t&lt;i&gt;" in shown
    assert "began" not in shown + str(study.as_json())
    told = study.as_json()
    assert (told["documents"], told["codings"]) == (1, 1)
    (row,) = told["report"]["sources"]
    assert (row["unit"], row["selections"], row["resolved"]) == ("code points", 1, 1)
    assert row["at_word_starts_and_ends"] == 1
    assert list(study.report.selections_frame()["start"]) == [0]


def test_of_many_sources_a_notebook_shows_those_that_fit_worst(foreign):
    rows = [(0, 3)] * 14 + [(0, 2)]
    sources = "".join(
        foreign.source(f"t{n}", foreign.selection(f"s{n}", *span, "k"), text="Ana began.")
        for n, span in enumerate(rows)
    )
    shown = read_refi(foreign.write(body(foreign, sources)))._repr_html_()
    assert shown.index("t14") < shown.index("t0")
    assert "and 3 more" in shown


def test_a_selection_that_was_not_resolved_has_no_start(foreign):
    rows = foreign.selection("s", 0, 3, "k") + foreign.selection("u", 0, 99, "k")
    found = read_refi(foreign.write(body(foreign, foreign.source("t", rows, text="Ana began."))))
    assert found.report.selections_frame()["start"].astype("string").fillna("").tolist() == [
        "0",
        "",
    ]


def test_reading_the_same_file_twice_gives_the_same_codings(foreign):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    path = foreign.write(body(foreign, source))
    assert read_refi(path).codings.codings == read_refi(path).codings.codings
    assert read_refi(path).codings.codings[0].at == datetime(1970, 1, 1, tzinfo=UTC)


# ── files of other programs ──


@pytest.fixture
def field_data():
    folder = os.environ.get("REFLECT_FIELD_DATA")
    if not folder:
        pytest.skip("REFLECT_FIELD_DATA names no folder of field data")
    return Path(folder) / "refi"


@pytest.mark.field
@pytest.mark.parametrize(
    ("name", "codes", "sources"),
    [
        ("atlasti/TestProject.qdpx", 14, 13),
        ("atlasti/Project.qde", 14, 13),
        ("taguette/taguette1.5.2_codebook.qdc", 41, 0),
    ],
)
def test_every_file_of_another_program_is_read_with_its_omissions(field_data, name, codes, sources):
    study = read_refi(field_data / name)
    assert len(study.codebook) == codes
    assert len(study.report.sources) == sources
    missing = [o for o in study.report.omissions if o.reason == "its text is missing"]
    assert len(missing) == (11 if sources else 0)


@pytest.mark.field
@pytest.mark.parametrize("variant", ["refi", "nvivo"])
def test_what_is_written_is_valid_against_the_schema(field_data, tmp_path, variant):
    import zipfile

    import reflect_analysis as ra

    files = ra.demo_files()
    corpus, codebook = ra.read_corpus(files.corpus), ra.read_codebook(files.codebook)
    codings = ra.read_codings(*files.codings)
    path = tmp_path / "s.qdpx"
    write_refi(path, corpus=corpus, codebook=codebook, codings=codings, variant=variant)
    write_refi(tmp_path / "s.qdc", codebook=codebook)
    schemas = field_data / "schema"
    with zipfile.ZipFile(path) as archive:
        project = etree.fromstring(archive.read("project.qde"))
    etree.XMLSchema(etree.parse(schemas / "Project.xsd")).assertValid(project)
    book = etree.parse(tmp_path / "s.qdc")
    etree.XMLSchema(etree.parse(schemas / "Codebook.xsd")).assertValid(book)
