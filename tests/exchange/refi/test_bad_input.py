"""Files that are damaged or meant to harm: refused with every fault, or listed; nothing written."""

import contextlib
import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import read_refi
from reflect_analysis.exchange.refi import package

HEAD = '<Project xmlns="urn:QDA-XML:project:1.0" name="x">'


def refused(path, *parts):
    """The error, and that nothing came to be beside the file."""
    before = {each: each.lstat().st_mtime_ns for each in path.parent.rglob("*")}
    with pytest.raises(ExchangeError) as caught:
        read_refi(path)
    assert {each: each.lstat().st_mtime_ns for each in path.parent.rglob("*")} == before
    for part in parts:
        assert part in str(caught.value)
    return caught.value


def save(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(foreign):
    path = foreign.write("", {"sources/a.txt": b"\0" * (64 * 1024**2)})
    refused(path, "as zip bombs do")


def test_a_member_that_leaves_the_archive_is_refused(foreign):
    refused(foreign.write("", {"../outside.txt": b"x"}), "outside the archive")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Project [<!ENTITY e SYSTEM "file:///etc/hosts">]>',
        '<!DOCTYPE Project SYSTEM "http://example.org/a.dtd">',
        '<!DOCTYPE P [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
    ],
)
def test_entities_are_refused(tmp_path, doctype):
    text = f"{doctype}{HEAD}<Description>x</Description></Project>"
    refused(save(tmp_path / "a.qde", text), "document type")


def test_a_million_nested_codes_are_refused(tmp_path, foreign):
    one = f'<Code guid="{foreign.guid("k")}" name="k" isCodable="true">'
    codes = one * 1_000_000 + "</Code>" * 1_000_000
    path = save(tmp_path / "a.qdc", f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    refused(path)
    few = one * 5_000 + "</Code>" * 5_000
    path = save(tmp_path / "b.qdc", f"<CodeBook><Codes>{few}</Codes></CodeBook>")
    refused(path, "nested")


def test_more_codes_than_anybody_has_are_refused(tmp_path):
    codes = "".join(
        f'<Code guid="{n:08x}-0000-4000-8000-000000000000" name="k" isCodable="true"/>'
        for n in range(20_001)
    )
    path = save(tmp_path / "a.qdc", f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    refused(path, "more than 20,000 codes")


def test_many_codes_of_one_name_have_an_id_each(tmp_path):
    codes = "".join(
        f'<Code guid="{n:08x}-0000-4000-8000-000000000000" name="k" isCodable="true"/>'
        for n in range(3_000)
    )
    path = save(tmp_path / "a.qdc", f"<CodeBook><Codes>{codes}</Codes></CodeBook>")
    assert len(set(read_refi(path).codebook.ids)) == 3_000


def test_every_broken_guid_is_named_with_its_place(foreign):
    body = (
        '<Users><User guid="no" name="u"/></Users>'
        '<CodeBook><Codes><Code guid="12" name="k" isCodable="true"/>'
        f"{foreign.code('m')}{foreign.code('m')}</Codes></CodeBook>"
        '<Sources><TextSource guid="{34}" name="t"/></Sources>'
    )
    error = refused(foreign.write(body))
    assert [fault.split(": ")[0] for fault in error.faults] == [
        "study.qdpx, user 1",
        "study.qdpx, code 1 below the codebook",
        f"study.qdpx, code {foreign.guid('m')}",
        "study.qdpx, source 1",
    ]


def test_one_guid_of_two_users_or_two_variables_is_a_fault(foreign):
    """Whose coding it is, and what a value says, would be guessed."""
    one = foreign.guid("one")
    users = "".join(f'<User guid="{one}" name="{name}"/>' for name in ("ada", "ben"))
    kinds = "".join(
        f'<Variable guid="{one}" name="{name}" typeOfVariable="Text"/>' for name in ("age", "role")
    )
    body = f"<Users>{users}</Users><Variables>{kinds}</Variables>"
    error = refused(foreign.write(body), "stands twice")
    assert [fault.split(": ")[0] for fault in error.faults] == [
        f"study.qdpx, user {one}",
        f"study.qdpx, variable {one}",
    ]


def test_a_note_without_a_guid_is_not_lost_and_a_doubled_one_is_a_fault(foreign):
    bare = "".join(
        f"<Note><PlainTextContent>{text}</PlainTextContent></Note>" for text in ("one", "two")
    )
    found = read_refi(foreign.write(f"<Notes>{bare}</Notes>"))
    assert {memo.text for memo in found.codings.memos} == {"one", "two"}
    marked = bare.replace("<Note>", f'<Note guid="{foreign.guid("n")}">')
    refused(foreign.write(f"<Notes>{marked}</Notes>"), f"note {foreign.guid('n')}: its GUID")


def test_a_case_that_refers_to_a_doubled_selection_gets_neither_and_both_are_coded(foreign):
    twice = foreign.selection("s", 0, 3, "k") + foreign.selection("s", 4, 9, "k")
    source = foreign.source("t", twice, text="Ana began.")
    case = f'<Case guid="{foreign.guid("c")}" name="P1"><SelectionRef targetGUID="{{}}"/></Case>'
    cases = f"<Cases>{case.format(foreign.guid('s'))}</Cases>"
    found = read_refi(foreign.write(f"{foreign.codes('k')}{cases}<Sources>{source}</Sources>"))
    assert [(c.start, c.end) for c in found.codings] == [(0, 3), (4, 9)]
    assert found.corpus.documents[0].turns == ()
    assert any("means neither" in each.reason for each in found.report.omissions)


def test_a_user_who_stands_there_twice_as_the_same_is_one(foreign):
    user = f'<User guid="{foreign.guid("one")}" name="ada"/>'
    assert len(read_refi(foreign.write(f"<Users>{user}{user}</Users>")).corpus) == 0


def test_guids_in_braces_and_small_letters_are_the_same(foreign):
    source = foreign.source("t", foreign.selection("s", 0, 3, "k"), text="Ana began.")
    body = f"{foreign.codes('k')}<Sources>{source}</Sources>"
    plain = foreign.guid("k")
    braced = body.replace(f'targetGUID="{plain}"', f'targetGUID="{{{plain.lower()}}}"')
    assert [c.code_id for c in read_refi(foreign.write(braced)).codings] == ["k"]


def test_positions_outside_the_text_are_listed_one_by_one(foreign):
    rows = [
        foreign.selection("good", 0, 3, "k"),
        foreign.selection("far", 5, 500, "k"),
        foreign.selection("back", 6, 2, "k"),
        foreign.selection("low", -4, 3, "k"),
        foreign.selection("huge", 0, 10**18, "k"),
        foreign.selection("word", "x", 3, "k"),
        foreign.selection("endless", 0, "9" * 5000, "k"),
    ]
    source = foreign.source("t", "".join(rows), text="Ana began.")
    study = read_refi(foreign.write(f"{foreign.codes('k')}<Sources>{source}</Sources>"))
    assert [(c.start, c.end) for c in study.codings] == [(0, 3)]
    reasons = {o.place.rpartition(" ")[2]: o.reason for o in study.report.omissions}
    assert "5–500 lies outside the text of 10 code points" in reasons[foreign.guid("far")]
    assert "6–2 is no span" in reasons[foreign.guid("back")]
    assert reasons.keys() == {
        foreign.guid(key) for key in ("far", "back", "low", "huge", "word", "endless")
    }
    assert (study.report.selected, study.report.resolved) == (5, 1)


def test_what_is_missing_is_listed_and_the_rest_is_read(foreign):
    rows = foreign.selection("s", 0, 3, "k") + foreign.selection("x", 4, 9, "not there")
    sources = foreign.source("here", rows, text="Ana began.") + foreign.source(
        "gone", rows.replace(foreign.guid("s"), foreign.guid("s2")), path="internal://gone.txt"
    )
    study = read_refi(foreign.write(f"{foreign.codes('k')}<Sources>{sources}</Sources>"))
    assert [d.id for d in study.corpus] == ["here"]
    assert len(study.codings) == 1
    assert [o.reason for o in study.report.omissions] == [
        "its text is missing",
        "2 selections with 2 codings, without it",
        "a coding of a code that is not there",
    ]


def test_a_text_that_is_not_utf_8_is_a_fault_with_its_place(foreign):
    sources = "".join(foreign.source(n, "", path=f"internal://{n}.txt") for n in "ab")
    members = {f"sources/{n}.txt": "café".encode("latin-1") for n in "ab"}
    error = refused(foreign.write(f"<Sources>{sources}</Sources>", members))
    assert len(error.faults) == 2
    assert "source a: not UTF-8 at byte 3" in error.faults[0]


def test_texts_beyond_the_bound_are_refused(foreign, monkeypatch):
    sources = "".join(foreign.source(n, "", path="internal://a.txt") for n in "abc")
    path = foreign.write(f"<Sources>{sources}</Sources>", {"sources/a.txt": b"one two"})
    monkeypatch.setattr(package, "TEXT_LIMIT", 20)
    refused(path, "in its sources")
    monkeypatch.setattr(package, "ONE_TEXT_LIMIT", 5)
    refused(path, "sources/a.txt: more than")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.qdpx", b"", "empty"),
        ("a.qdpx", b"PK\x03\x04", "damaged or cut off"),
        ("a.qdpx", b"notes", "neither a package nor XML"),
        ("a.qdc", b"<html/>", "not with Project or CodeBook"),
        ("a.qde", HEAD.encode(), "not XML"),
        ("a.qde", b"\xff\xfe\x00", "neither a package nor XML"),
    ],
)
def test_what_is_no_project_is_said_so(tmp_path, name, data, said):
    refused(save(tmp_path / name, data), name, said)


def test_a_folder_and_a_missing_file_are_said_so(tmp_path):
    refused(tmp_path / "none.qdpx", "cannot be opened")
    refused(tmp_path, "cannot be opened")


@pytest.mark.parametrize("projects", [(), ("a.qde", "b.qde")])
def test_an_archive_has_one_project(tmp_path, projects):
    with zipfile.ZipFile(tmp_path / "a.qdpx", "w") as archive:
        archive.writestr("readme.txt", "x")
        for name in projects:
            archive.writestr(name, f"{HEAD}</Project>")
    refused(tmp_path / "a.qdpx", "expected one project.qde")


@pytest.mark.parametrize("project", ["Project.qde", "my study.qde", "folder/project.qde"])
def test_the_project_is_found_however_it_is_called(foreign, project):
    assert read_refi(foreign.write(foreign.codes("k"), project=project)).codebook.ids == ("k",)


def test_a_forged_side_file_is_left_aside(foreign):
    for data in (b"", b"[" * 100_000, b'{"format": 1}', b'{"format": 99}'):
        path = foreign.write(foreign.codes("k"), {"reflect_analysis/study.json": data})
        study = read_refi(path)
        assert study.codebook.ids == ("k",)
        assert "left aside" in study.report.notes[-1]


# ── fuzz ──


@pytest.fixture
def sound(foreign):
    """A project with something of everything, as its XML and its members."""
    rows = "".join(foreign.selection(str(n), n + 3, n + 6, "k", name="quote") for n in range(4))
    sync = f'<SyncPoint guid="{foreign.guid("p")}" position="0" timeStamp="1"/>'
    body = (
        f'<Users><User guid="{foreign.guid("u")}" name="u"/></Users>'
        f"<CodeBook><Codes>{foreign.code('k', foreign.code('m'))}</Codes></CodeBook>"
        f'<Variables><Variable guid="{foreign.guid("v")}" name="v" typeOfVariable="Float"/>'
        f'</Variables><Cases><Case guid="{foreign.guid("c")}" name="c"><VariableValue>'
        f'<VariableRef targetGUID="{foreign.guid("v")}"/><FloatValue>1.5</FloatValue>'
        f'</VariableValue><SourceRef targetGUID="{foreign.guid("t")}"/></Case></Cases>'
        f"<Sources>{foreign.source('t', rows, path='internal://t.txt')}"
        f'<PictureSource guid="{foreign.guid("pic")}" path="internal://p.jpg"><TextDescription '
        f'guid="{foreign.guid("d")}"><PlainTextContent>hands</PlainTextContent></TextDescription>'
        f'<PictureSelection guid="{foreign.guid("r")}" firstX="1" firstY="1" secondX="2" '
        'secondY="2"/></PictureSource>'
        f'<VideoSource guid="{foreign.guid("vid")}"><Transcript guid="{foreign.guid("tr")}">'
        f"<PlainTextContent>said so</PlainTextContent>{sync}</Transcript></VideoSource></Sources>"
    )
    path = foreign.write(body, {"sources/t.txt": "🙂 Ana began\r\nlate.".encode()}, origin="NVivo")
    assert len(read_refi(path).codings) == 4
    return path.read_bytes()


fuzz = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12), whole=st.booleans())
def test_whatever_is_damaged_it_is_read_or_refused(tmp_path, sound, seed, count, whole):
    chance = random.Random(seed)  # noqa: S311  # which bytes are damaged, no secret
    data = bytearray(sound if whole else zipfile.ZipFile(io.BytesIO(sound)).read("project.qde"))
    for _ in range(count):
        place = chance.randrange(len(data))
        kind = chance.randrange(3)
        if kind == 0:
            data[place] = chance.randrange(256)
        elif kind == 1:
            del data[place : place + chance.randrange(1, 60)]
        else:
            data[place:place] = data[chance.randrange(len(data)) :][: chance.randrange(1, 60)]
    path = tmp_path / "fuzzed.qdpx"
    path.write_bytes(bytes(data) if whole else repacked(sound, bytes(data)))
    with contextlib.suppress(ExchangeError):  # any other error fails
        study = read_refi(path)
        ends = {document.id: len(document.text) for document in study.corpus}
        assert all(0 <= c.start < c.end <= ends[c.document_id] for c in study.codings)


@fuzz
@given(seed=st.integers(0, 2**32))
def test_elements_and_attributes_in_wrong_places_are_read_or_refused(tmp_path, sound, seed):
    from lxml import etree

    chance = random.Random(seed)  # noqa: S311  # the same
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(sound)).read("project.qde"))
    for _ in range(chance.randrange(1, 6)):
        elements = list(root.iter())
        one, other = chance.choice(elements), chance.choice(elements)
        kind = chance.randrange(4)
        if kind == 0 and one.getparent() is not None:
            one.getparent().remove(one)
        elif kind == 1 and one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        elif kind == 2 and one.attrib:
            value = chance.choice(["", "-1", "x", "9" * 30, "é", *other.attrib.values()])
            one.attrib[chance.choice(list(one.attrib))] = value
        elif one is not other and other not in one.iterancestors():
            one.append(other)
    path = tmp_path / "fuzzed.qdpx"
    path.write_bytes(repacked(sound, etree.tostring(root)))
    with contextlib.suppress(ExchangeError):  # any other error fails
        study = read_refi(path)
        assert study.report.resolved <= study.report.selected


def repacked(sound, project):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, project if name == "project.qde" else old.read(name))
    return out.getvalue()
