"""A region of a picture is a coding without words: it counts for the document, never for a text."""

import base64
import dataclasses
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen, read_codings
from reflect_analysis.corpus import Clearance, Corpus, Document, Picture
from reflect_analysis.errors import CorpusError
from reflect_analysis.exchange import export_study, read_refi, write_refi
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project
from reflect_analysis.ratings import rate_documents, rate_segments
from reflect_analysis.regions import Region
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.themes import choose_quotes

TEXT = "Bottom left\n\nNine cubbies and nine kids.\n\nBoots.\n\nA spot."
BOOK = Codebook((Code("boots", "Boots", "Boots.", "g"),), (Group("g", "G"),))
AT = datetime(2026, 1, 1, tzinfo=UTC)
BOX = Region(10, 20, 30, 60)

corners = st.integers(0, 400)


@st.composite
def regions(draw):
    x0, y0 = draw(corners), draw(corners)
    return Region(x0, y0, x0 + draw(st.integers(1, 99)), y0 + draw(st.integers(1, 99)))


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "boots.jpg"
    image = Image.new("RGB", (2000, 3000), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera of somebody"
    image.save(path, exif=exif)
    story = Document(
        "PV-1",
        TEXT,
        kind="photo-voice",
        case_id=None,
        attributes=Attributes({"title": "Bottom left", "showed": "see; do"}),
        picture=Picture(str(path), "a boot rack", use="yes"),
    )
    return Corpus((story,), (), (Clearance(story.sha256, "lead", ""),))


@pytest.fixture
def log():
    region = Coding("PV-1", 0, 0, "boots", "ann", at=AT, region=BOX)
    words = Coding("PV-1", 13, 25, "boots", "ben", at=AT)
    seen = (Seen("ann", "PV-1"), Seen("ben", "PV-1"))
    return Codings((region, words), seen=seen)


@given(regions(), regions())
def test_regions_overlap_where_they_share_a_pixel(one, two):
    shared = any(
        two.x0 <= x < two.x1 and two.y0 <= y < two.y1
        for x in range(one.x0, one.x1)
        for y in (one.y0, one.y1 - 1, *range(max(one.y0, two.y0), min(one.y1, two.y1)))
        if one.y0 <= y < one.y1
    )
    assert one.overlaps(two) == two.overlaps(one) == shared


@given(regions())
def test_what_a_region_writes_it_reads(region):
    assert Region.read(str(region)) == region
    assert region.fits(region.x1, region.y1)
    assert not region.fits(region.x1 - 1, region.y1)


@pytest.mark.parametrize("given", [(0, 0, 0, 9), (5, 5, 4, 9), (-1, 0, 3, 3), (1, 2, 3)])
def test_what_has_no_area_is_no_region(given):
    with pytest.raises(ValueError, match="region"):
        Region.of(given)


def test_a_coding_has_a_span_or_a_region():
    with pytest.raises(CorpusError, match=r"span 3–9"):
        Codings((Coding("d", 3, 9, "a", "ann", region=BOX), Coding("d", 0, 0, "a", "ann")))


def test_two_regions_of_one_moment_are_two_codings():
    one = Coding("d", 0, 0, "a", "ann", at=AT, region=BOX)
    two = Coding("d", 0, 0, "a", "ann", at=AT, region=Region(0, 0, 5, 5))
    assert one.id != two.id
    assert dataclasses.replace(one, id="") == one


def test_codings_of_regions_come_back_from_files_and_from_the_store(tmp_path, log, corpus):
    log.to_csv(tmp_path / "codings")
    assert read_codings(tmp_path / "codings").codings == log.codings
    with Project.create(tmp_path / "s.reflect") as project:
        project.save(by="lead", corpus=corpus, codebook=BOOK, codings=log)
        assert set(project.codings()) == set(log)
        project.export_text(tmp_path / "text", by="lead", for_keeping=True)
    with Project.import_text(tmp_path / "text", tmp_path / "again.reflect") as again:
        assert set(again.codings()) == set(log)


def test_a_region_counts_for_the_document_and_for_no_segment(log, corpus):
    documents = rate_documents(log, corpus=corpus, codes=["boots"], coders=["ann", "ben"])
    assert documents.of("boots").tolist() == [[1.0, 1.0]]
    story = corpus.documents[0]
    parts = tuple(Segment.of(story, *span, None) for span in ((0, 11), (13, 38), (40, 46)))
    segments = Segments(corpus, parts, "paragraph")
    rows = rate_segments(log, segments, codes=["boots"], coders=["ann", "ben"])
    assert rows.of("boots")[:, 0].sum() == 0
    assert rows.of("boots")[:, 1].sum() == 1


def test_a_region_is_quoted_by_no_words_and_shown_with_none(log, corpus):
    quotes = choose_quotes(log, corpus=corpus, codebook=BOOK)
    assert [(quote.start, quote.end) for quote in quotes] == [(13, 25)]
    frame = log.to_frame(corpus=corpus).set_index("coder")
    assert frame.loc["ann", "passage"] == ""
    assert frame.loc["ann", "region"] == BOX
    assert "region" not in log.where(lambda each: each.region is None).to_frame()


def test_another_program_gets_a_region_with_its_picture_and_else_is_told_of_it(
    tmp_path, log, corpus
):
    data = Path(corpus.documents[0].picture.path).read_bytes()
    told = {"corpus": corpus, "codebook": BOOK, "codings": log}
    written = write_refi(tmp_path / "with.qdpx", pictures={"PV-1": data}, **told)
    if not any(each.source == "pictures" for each in written.left_out):
        with zipfile.ZipFile(written.path) as archive:
            project = archive.read("project.qde").decode()
        assert project.count("<PictureSelection ") == 1
        assert 'secondX="30"' in project
    again = read_refi(written.path)
    assert {each.region for each in again.codings} == {None, BOX}
    for name, kind in (("bare.qdpx", "qdpx"), ("a.jsonl", "jsonl"), ("a.jsonld", "jsonld")):
        losses = export_study(tmp_path / name, kind, **told).losses
        assert any("region" in str(each) or "coded parts" in str(each) for each in losses), name


def test_a_region_is_coded_at_the_panel_recoded_and_removed(tmp_path, corpus):
    with Project.create(tmp_path / "s.reflect") as project:
        project.save(by="lead", corpus=corpus, codebook=BOOK)
        sitting = Sitting(project, "ann")

        def do(op, **told):
            reply = sitting.take({"op": op, "id": str(uuid.uuid4()), "session": "s", **told})
            assert reply.get("ok", True), reply
            return reply

        told = {"document": "PV-1", "region": [10, 20, 30, 60], "codes": ["boots"]}
        made = do("code", **told)["codings"][0]
        assert (made["start"], made["end"], made["region"]) == (0, 0, [10, 20, 30, 60])
        assert [row.region for row in project.codings()] == [BOX]
        again = do("recode", coding=made["id"], code="boots")["codings"][0]
        assert again["region"] == [10, 20, 30, 60]
        rows = do("adjudicate", document="PV-1")["rows"]
        assert [row["region"] for row in rows] == [[10, 20, 30, 60]]
        do("remove", coding=again["id"])
        assert not project.codings().current


def test_the_picture_is_shown_upright_written_anew_and_with_its_answers(tmp_path, corpus):
    with Project.create(tmp_path / "s.reflect") as project:
        project.save(by="lead", corpus=corpus, codebook=BOOK)
        asked = {"op": "open", "id": "1", "session": "s", "document": "PV-1"}
        shown = Sitting(project, "ann").take(asked)
    picture = shown["picture"]
    assert (picture["width"], picture["height"]) == (3000, 2000)
    assert picture["src"].startswith("data:image/jpeg;base64,")
    assert picture["alt"] == "a boot rack"
    assert b"camera" not in base64.b64decode(picture["src"].partition(",")[2])
    answers = [(q, TEXT[start:end]) for q, _, start, end in shown["answers"]]
    assert answers == [
        ("What do you see here?", "Boots."),
        ("What can we do about it?", "A spot."),
    ]


@pytest.mark.parametrize("change", [{"use": "no"}, {"path": "nowhere.jpg"}, {"path": None}])
def test_a_picture_that_may_not_be_seen_or_is_missing_leaves_its_alt_text(tmp_path, corpus, change):
    story = corpus.documents[0]
    other = dataclasses.replace(story, picture=dataclasses.replace(story.picture, **change))
    corpus = dataclasses.replace(corpus, documents=(other,))
    with Project.create(tmp_path / "s.reflect") as project:
        project.save(by="lead", corpus=corpus, codebook=BOOK)
        asked = {"op": "open", "id": "1", "session": "s", "document": "PV-1"}
        picture = Sitting(project, "ann").take(asked)["picture"]
    assert picture == {"src": "", "alt": "a boot rack", "width": 0, "height": 0}
