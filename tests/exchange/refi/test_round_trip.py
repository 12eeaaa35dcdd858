"""A study that goes out as REFI-QDA and comes back."""

import dataclasses
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import (
    Code,
    Codebook,
    CodeChange,
    CounterExample,
    Group,
    Origin,
    Source,
)
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import (
    Case,
    Clearance,
    Corpus,
    Document,
    Governance,
    Omission,
    Picture,
    Tombstone,
    Turn,
)
from reflect_analysis.errors import ExchangeError, NotClearedError, OutputError
from reflect_analysis.exchange import Region, read_refi, what_may_leave, write_refi
from reflect_analysis.provenance import Run

pytestmark = pytest.mark.filterwarnings("error")
AT = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)

# ── any study ──

words = st.text(min_size=1, max_size=12)
plain = st.text("abc é🙂", min_size=1, max_size=8)
texts = (
    st.lists(
        st.sampled_from(["We", "met", "🙂", "👩‍👧", "in the garden", "\n", "\n\n", "é", "𝒜", "."])
        | st.text(min_size=1, max_size=3),
        min_size=1,
        max_size=12,
    )
    .map(" ".join)
    .filter(str.strip)
)
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001  # a zone follows
    lambda at: at.replace(tzinfo=UTC)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False)
    | st.dates()
    | times
    | words
    | st.tuples(st.integers(), words)
    | st.lists(words, max_size=2)
)
attributes = st.dictionaries(words, scalars, max_size=3).map(Attributes)
people = st.sampled_from(["coder-1", "coder-2", "José"])
coders = st.sampled_from([("coder-1", "person"), ("coder-2", "person"), ("rules", "machine")])
phases = st.sampled_from(["", "calibration", "reliability", "consensus"])
uses = st.sampled_from([("export",), ("coding", "export"), ("coding",), ()])
governance = st.none() | st.builds(Governance, plain, uses)


@st.composite
def spans(draw, text):
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, len(text)))


@st.composite
def documents(draw, number, cases):
    text = draw(texts)
    case_id = draw(st.none() | st.sampled_from(cases)) if cases else None
    turns = ()
    if draw(st.booleans()) and len(text) > 3:
        middle = draw(st.integers(1, len(text) - 1))
        pieces = [(0, middle), (middle, len(text))]
        turns = tuple(
            Turn(
                *piece,
                draw(words),
                draw(st.none() | st.sampled_from(cases)) if cases else None,
                draw(st.booleans()),
                draw(st.none() | st.floats(0, 9000)),
            )
            for piece in pieces
        )
    picture = draw(
        st.none()
        | st.builds(
            Picture,
            st.none() | words,
            st.none() | words,
            st.sampled_from([None, "nobody", "adults", "children"]),
            st.none() | words,
            st.none() | words,
            st.sampled_from(["yes", "no", "ask"]),
        )
    )
    return Document(
        draw(words) + str(number),
        text,
        draw(st.sampled_from(["reflection", "photo-voice", "post", "transcript", "quote"])),
        case_id,
        draw(attributes),
        draw(st.sampled_from(["participant", "other"])),
        draw(st.sampled_from(["en", "fr", "iu"])),
        draw(st.sampled_from([(), ("broken",), ("garbled", "selected")])),
        turns,
        picture,
        draw(plain),
        draw(plain),
    )


@st.composite
def corpora(draw):
    names = draw(st.lists(words, max_size=3, unique=True))
    cases = tuple(
        Case(name, draw(attributes), draw(st.sampled_from(["yes", "no", "ask"])), draw(governance))
        for name in names
    )
    found = tuple(draw(documents(n, names)) for n in range(draw(st.integers(0, 3))))
    gone = Tombstone(
        "gone", "2025-01-01", "lead", frozenset({("a", "b")}), frozenset(), frozenset()
    )
    return Corpus(
        found,
        cases,
        tuple(Clearance(each.sha256, "lead", draw(plain), draw(times)) for each in found),
        draw(st.sampled_from([(), (Omission("a.docx", "page 2", "empty", 3),)])),
        draw(st.sampled_from([(), (Run("read", "it was read", Attributes(n=1), at=AT),)])),
        (gone,) if "gone" not in names else (),
    )


@st.composite
def codebooks(draw, corpus):
    groups = tuple(
        Group(f"g{n}", draw(plain.filter(str.strip)), draw(plain))
        for n in range(draw(st.integers(1, 2)))
    )
    codes = []
    for number in range(draw(st.integers(0, 5))):
        status = draw(st.sampled_from(["defined", "defined", "provisional", "retired"]))
        above = [c.id for c in codes if c.status != "retired"]
        document = draw(st.sampled_from(corpus.documents)) if corpus.documents else None
        own = Origin(document.id, *draw(spans(document.text))) if document else None
        own = own if own and own.document_id == document.id and document.id.isprintable() else None
        codes.append(
            Code(
                f"c{number}",
                draw(plain.filter(str.strip)),
                draw(plain.filter(str.strip)),
                draw(st.sampled_from(groups)).id,
                parent=draw(st.none() | st.sampled_from(above)) if above else None,
                include=tuple(draw(st.lists(plain, max_size=2))),
                exclude=tuple(draw(st.lists(plain, max_size=1))),
                examples=tuple(draw(st.lists(plain, max_size=2))),
                counter_examples=draw(st.sampled_from([(), (CounterExample("no", "a wish"),)])),
                patterns=tuple(draw(st.lists(plain, max_size=1))),
                human_only=draw(st.booleans()),
                source=draw(st.sampled_from([(), (Source("Wenger (1998)", True),)])),
                status=status,
                origin=draw(st.sampled_from([None, own])),
                replaced_by=("c0",) if status == "retired" and number else (),
            )
        )
    history = tuple(CodeChange("create", c.id, by="lead", at=AT, reason="why") for c in codes[:1])
    return Codebook(tuple(codes), groups, draw(plain), draw(plain), history=history)


@st.composite
def logs(draw, corpus, codebook):
    if not corpus.documents:
        memos = (Memo("lead", draw(words), "method", at=AT),) if draw(st.booleans()) else ()
        return Codings(memos=memos)
    document = st.sampled_from(corpus.documents)
    codes = st.sampled_from([*codebook.ids, "dropped_long_ago"])
    rows, seen, memos, decisions = [], [], [], []
    for number in range(draw(st.integers(0, 6))):
        where = draw(document)
        coder, kind = draw(coders)
        span = draw(spans(where.text))
        score = draw(st.none() | st.floats(0, 1))
        blind, phase = draw(st.booleans()), draw(phases)
        at = draw(times)
        rows.append(
            Coding(
                *(where.id, *span, draw(codes), coder, kind, score, draw(words), blind, at),
                *("run", codebook.version, phase, f"coding-{number}"),
            )
        )
    for row in rows:
        if row.coder_kind == "machine" and draw(st.booleans()):
            action = draw(st.sampled_from(["accept", "reject", "change"]))
            other = draw(st.sampled_from(rows)).id if action == "change" else ""
            decisions.append(
                Decision(row.id, action, draw(people), draw(words), other, draw(times))
            )
    for _ in range(draw(st.integers(0, 3))):
        where = draw(document)
        coder, kind = draw(coders)
        part = draw(st.none() | spans(where.text)) or (None, None)
        looked = draw(st.sampled_from([(), codebook.ids]))
        seen.append(
            Seen(
                coder,
                where.id,
                kind,
                looked,
                draw(times),
                "",
                draw(st.booleans()),
                draw(phases),
                *part,
            )
        )
        part = draw(st.none() | spans(where.text)) or (None, None)
        kinds = st.sampled_from(["analytic", "method", "reflexive"])
        on = draw(st.sampled_from([where.id, ""]))
        memos.append(
            Memo(
                draw(people),
                draw(words),
                draw(kinds),
                on,
                *part,
                draw(st.just("") | codes),
                draw(times),
            )
        )
    return Codings(tuple(rows), tuple(decisions), tuple(seen), tuple(memos))


@st.composite
def studies(draw):
    corpus = draw(corpora())
    codebook = draw(codebooks(corpus))
    regions = tuple(
        Region(d.id, 1, 2, draw(st.integers(3, 99)), 40, c, "coder-1", AT, "corner", "r")
        for d in corpus.documents[:1]
        for c in (*codebook.ids[:1], "")
    )
    return corpus, codebook, draw(logs(corpus, codebook)), regions


quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def opened(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without_side(path):
    """The same project as a program leaves it that passes the side file over."""
    bare = path.with_name("bare.qdpx")
    with zipfile.ZipFile(bare, "w") as archive:
        for name, data in opened(path).items():
            if not name.startswith("reflect_analysis/"):
                archive.writestr(name, data)
    return bare


@quick
@given(studies(), st.sampled_from(["refi", "nvivo"]))
def test_any_study_comes_back_equal_and_breaks_no_rule(tmp_path, rule_breaches, study, variant):
    corpus, codebook, codings, regions = study
    path = tmp_path / "study.qdpx"
    written = write_refi(
        path,
        corpus=corpus,
        codebook=codebook,
        codings=codings,
        regions=regions,
        variant=variant,
        overwrite=True,
    )
    leaving = what_may_leave(corpus, codebook, codings)
    back = read_refi(path)
    assert back.report.notes == ("the study is as reflect_analysis wrote it: its side file fits",)
    assert back.corpus == leaving.corpus
    assert back.codebook == leaving.codebook
    assert back.codings == leaving.codings
    assert back.regions == tuple(r for r in regions if r.document_id in leaving.corpus)
    assert written.documents == tuple(d.id for d in leaving.corpus)
    assert rule_breaches(etree.fromstring(opened(path)["project.qde"])) == []


@quick
@given(studies(), st.sampled_from(["refi", "nvivo"]))
def test_another_program_reads_every_current_coding_at_its_words(tmp_path, study, variant):
    corpus, codebook, codings, _ = study
    assume(not any("\r" in document.text for document in corpus))
    path = tmp_path / "study.qdpx"
    write_refi(
        path, corpus=corpus, codebook=codebook, codings=codings, variant=variant, overwrite=True
    )
    leaving = what_may_leave(corpus, codebook, codings)
    back = read_refi(without_side(path))
    texts = {document.place: document.text for document in back.corpus}
    assert sorted(texts.values()) == sorted(d.text for d in leaving.corpus)
    wanted = {
        (leaving.corpus.document(c.document_id).text, c.start, c.end, codebook[c.code_id].name)
        for c in (row.coding for row in leaving.codings.current)
        if c.code_id in codebook
    }
    found = {
        (back.corpus.document(c.document_id).text, c.start, c.end, back.codebook[c.code_id].name)
        for c in back.codings
    }
    assert found == wanted


# ── one study ──


@pytest.fixture
def study():
    cases = (
        Case("P1", Attributes(role="ECE", years=4), "no"),
        Case("P2", Attributes(role="assistant"), "yes", Governance("nation-1", ("export",))),
        Case("P3", Attributes(), "yes", Governance("nation-2", ("coding",))),
    )
    texts = (
        "🙂 We met in the garden.\nIt rained.",
        "Only here: the drum story.",
        "A caption 👩‍👧.",
    )
    rows = (
        Document("R1", texts[0], "reflection", "P1", Attributes(session=2, at=date(2025, 1, 2))),
        Document("R3", texts[1], "reflection", "P3"),
        Document("V1", texts[2], "photo-voice", "P2", picture=Picture("v.png", "hands", use="yes")),
    )
    clearances = tuple(Clearance(d.sha256, "lead", "read", AT) for d in rows)
    corpus = Corpus(rows, cases, clearances)
    codes = (
        Code("garden", "Garden", "Being outside.", "g", include=("a plot",), exclude=("a wish",)),
        Code(
            "in_vivo_1",
            "the drum story",
            "",
            "g",
            status="provisional",
            in_vivo=True,
            origin=Origin("R3", 11, 25),
        ),
        Code(
            "rain",
            "Rain",
            "Wet.",
            "g",
            examples=("the drum story", "drops"),
            human_only=True,
            parent="garden",
        ),
    )
    codebook = Codebook(codes, (Group("g", "Places", "Where."),), "Our codes")
    garden = (texts[0].index("garden"), texts[0].index("garden") + 6)
    log = Codings(
        (
            Coding("R1", *garden, "garden", "coder-1", at=AT, blind=True),
            Coding("R1", *garden, "rain", "rules", "machine", 0.75, "pattern", at=AT),
            Coding("R3", 0, 4, "rain", "coder-1", at=AT),
            Coding("V1", 2, 9, "garden", "coder-1", at=AT),
        ),
        seen=(Seen("coder-1", "R1", blind=True, at=AT), Seen("coder-1", "R3", at=AT)),
        memos=(
            Memo("coder-1", "a thought", "reflexive", "R1", *garden, at=AT),
            Memo("lead", "the drum story", at=AT),
        ),
    )
    return corpus, codebook, log


def picture(size=(40, 30)):
    from PIL import Image

    out = io.BytesIO()
    made = Image.new("RGB", size, "red")
    exif = made.getexif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    made.save(out, "JPEG", exif=exif)
    return out.getvalue()


def save(study, path, **more):
    corpus, codebook, log = study
    return write_refi(path, corpus=corpus, codebook=codebook, codings=log, **more)


def test_governed_records_stay_and_nothing_of_them_is_in_the_file(tmp_path, study):
    written = save(study, tmp_path / "s.qdpx")
    assert written.documents == ("R1", "V1")
    assert {o.place for o in written.left_out} == {
        "document R3",
        "case P3",
        "code in_vivo_1",
        "code rain",
        "evidence of 1 codings",
        "1 memos and reasons of decisions",
    }
    everything = b"".join(opened(tmp_path / "s.qdpx").values())
    assert b"drum" not in everything
    assert b"P3" not in everything
    assert b"nation-2" not in everything


def test_no_hash_of_a_text_that_stays_leaves_the_study(tmp_path, study):
    corpus, codebook, log = study
    kept = tuple(each for each in corpus if each.id != "R3")
    stone = Tombstone("P9", "2025-01-01", "lead", frozenset({("R9", "a" * 64)}))
    earlier = Clearance("b" * 64, "lead", "before names were replaced", AT)
    corpus = dataclasses.replace(
        corpus,
        documents=kept,
        cases=tuple(each for each in corpus.cases if each.id != "P3"),
        clearances=(*corpus.clearances, earlier),
        withdrawn=(stone,),
    )
    save((corpus, codebook, log.of_documents({"R1", "V1"})), tmp_path / "s.qdpx")
    everything = b"".join(opened(tmp_path / "s.qdpx").values())
    for told in (b"P9", b"a" * 64, b"b" * 64):
        assert told not in everything
    assert read_refi(tmp_path / "s.qdpx").corpus.uncleared() == ()


def test_evidence_leaves_only_where_nothing_was_held_back(study):
    corpus, codebook, log = study
    assert any(row.evidence for row in log if row.coder_kind == "machine")
    assert not any(row.evidence for row in what_may_leave(corpus, codebook, log).codings)
    open_cases = tuple(dataclasses.replace(each, governance=None) for each in corpus.cases)
    free = what_may_leave(dataclasses.replace(corpus, cases=open_cases), codebook, log)
    assert free.codings == log


def test_an_uncleared_study_is_not_written(tmp_path, study):
    corpus, codebook, log = study
    with pytest.raises(NotClearedError, match="R1, V1"):
        save((dataclasses.replace(corpus, clearances=()), codebook, log), tmp_path / "s.qdpx")
    assert list(tmp_path.iterdir()) == []


def test_consent_governance_and_criteria_survive_a_program_that_drops_the_side_file(
    tmp_path, study
):
    save(study, tmp_path / "s.qdpx")
    back = read_refi(without_side(tmp_path / "s.qdpx"))
    assert [(c.id, c.quotes) for c in back.corpus.cases] == [("P1", "no"), ("P2", "yes")]
    assert back.corpus.case("P2").governance == Governance("nation-1", ("export",))
    assert back.corpus.case("P1").attributes == Attributes(role="ECE", years=4)
    garden = back.codebook["garden"]
    assert (garden.definition, garden.include, garden.exclude) == (
        "Being outside.",
        ("a plot",),
        ("a wish",),
    )
    assert back.codebook["rain"].human_only
    assert back.codebook["rain"].parent == "garden"
    assert [group.name for group in back.codebook.groups] == ["Places"]
    assert {(c.coder, c.coder_kind) for c in back.codings} == {
        ("coder-1", "person"),
        ("rules", "machine"),
    }
    assert back.corpus.document("R1").attributes == Attributes(session=2, at=date(2025, 1, 2))
    assert back.corpus.document("V1").kind == "photo-voice"
    memo = back.codings.memos[0]
    assert back.corpus.document("R1").text[memo.start : memo.end] == "garden"


def test_a_project_that_another_program_changed_is_read_as_it_is_now(tmp_path, study):
    save(study, tmp_path / "s.qdpx")
    changed = tmp_path / "changed.qdpx"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, data in opened(tmp_path / "s.qdpx").items():
            archive.writestr(name, data.replace(b'name="Garden"', b'name="Yard"'))
    back = read_refi(changed)
    assert back.codebook["yard"].name == "Yard"
    assert any("changed by another program" in note for note in back.report.notes)


def test_the_same_study_gives_the_same_bytes(tmp_path, study):
    save(study, tmp_path / "a.qdpx")
    save(study, tmp_path / "b.qdpx")
    assert (tmp_path / "a.qdpx").read_bytes() == (tmp_path / "b.qdpx").read_bytes()


def test_the_variant_for_nvivo_counts_utf_16_over_crlf_behind_a_mark(tmp_path, study):
    save(study, tmp_path / "s.qdpx", variant="nvivo")
    members = opened(tmp_path / "s.qdpx")
    text = next(d for n, d in members.items() if n.startswith("sources/") and b"rained" in d)
    assert text.startswith(b"\xef\xbb\xbf")
    assert b"garden.\r\nIt" in text
    root = etree.fromstring(members["project.qde"])
    first = root.find(".//{*}PlainTextSelection")
    units = text.decode("utf-8-sig").encode("utf-16-le")
    start, end = int(first.get("startPosition")), int(first.get("endPosition"))
    assert units[2 * start : 2 * end].decode("utf-16-le") == "garden"


def test_a_picture_leaves_upright_and_bare_with_its_regions(tmp_path, study):
    from PIL import Image

    region = Region("V1", 1, 2, 10, 12, "garden", "coder-1", AT, "hands")
    written = save(
        study, tmp_path / "s.qdpx", pictures={"V1": picture(), "R1": picture()}, regions=(region,)
    )
    assert "picture of R1" in {o.place for o in written.left_out}
    members = opened(tmp_path / "s.qdpx")
    (data,) = (d for n, d in members.items() if n.endswith(".jpg"))
    assert b"SecretCamera" not in data
    with Image.open(io.BytesIO(data)) as shown:
        assert shown.size == (30, 40)
    bare = read_refi(without_side(tmp_path / "s.qdpx"))
    (found,) = bare.regions
    assert (found.document_id, found.x0, found.y0, found.x1, found.y1) == ("V1", 1, 2, 10, 12)
    assert (found.code_id, found.coder, found.at) == ("garden", "coder-1", AT)
    assert bare.pictures == {"V1": data}
    assert read_refi(tmp_path / "s.qdpx").regions == (region,)


def test_a_picture_whose_use_was_not_agreed_stays(tmp_path, study):
    corpus, codebook, log = study
    rows = [
        dataclasses.replace(d, picture=d.picture and dataclasses.replace(d.picture, use="ask"))
        for d in corpus
    ]
    written = save(
        (dataclasses.replace(corpus, documents=tuple(rows)), codebook, log),
        tmp_path / "s.qdpx",
        pictures={"V1": picture()},
    )
    assert not any(name.endswith(".jpg") for name in opened(tmp_path / "s.qdpx"))
    assert "its use was not agreed" in {o.reason for o in written.left_out}


def test_a_codebook_goes_out_alone_and_comes_back(tmp_path, study):
    _, codebook, _ = study
    write_refi(tmp_path / "book.qdc", codebook=codebook)
    back = read_refi(tmp_path / "book.qdc").codebook
    assert [(c.id, c.name, c.definition) for c in back] == [
        ("garden", "Garden", "Being outside."),
        ("rain", "Rain", "Wet."),
        ("in_vivo_1", "in vivo code: in_vivo_1", ""),
    ]
    assert back["rain"].parent == "garden"
    assert b"drum" not in (tmp_path / "book.qdc").read_bytes().replace(
        b"Example: the drum story", b""
    )


def test_an_existing_file_is_kept_unless_told_otherwise(tmp_path, study):
    (tmp_path / "s.qdpx").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists"):
        save(study, tmp_path / "s.qdpx")
    assert (tmp_path / "s.qdpx").read_bytes() == b"mine"
    assert save(study, tmp_path / "s.qdpx", overwrite=True).documents == ("R1", "V1")


def test_every_span_outside_its_text_is_named(tmp_path, study):
    corpus, codebook, _ = study
    log = Codings(
        (
            Coding("R1", 0, 999, "rain", "coder-1", at=AT),
            Coding("V1", 0, 888, "rain", "coder-1", at=AT),
        ),
        memos=(Memo("coder-1", "x", "method", "R1", 5, 777, at=AT),),
    )
    with pytest.raises(ExchangeError) as caught:
        save((corpus, codebook, log), tmp_path / "s.qdpx")
    assert len(caught.value.faults) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["s.docx", "s"])
def test_another_ending_is_the_callers_mistake(tmp_path, study, name):
    with pytest.raises(ValueError, match="qdpx"):
        save(study, tmp_path / name)


def test_a_project_needs_a_corpus_and_a_codebook_alone_a_code(tmp_path, study):
    _, codebook, _ = study
    with pytest.raises(ValueError, match="needs a corpus"):
        write_refi(tmp_path / "s.qdpx", codebook=codebook)
    with pytest.raises(ExchangeError, match="at least one code"):
        write_refi(tmp_path / "s.qdc", codebook=Codebook(()))
