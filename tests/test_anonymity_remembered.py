"""What a text holds is found once: what decides it, what is asked anew, and what is kept of it."""

import ast
import dataclasses
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._sources import digest
from reflect_analysis.anonymity import (
    check_anonymity,
    engine,
    find_by_patterns,
    find_by_presidio,
    find_names,
    patterns,
    recognisers,
    remembering,
    withdraw,
    wordlists,
)
from reflect_analysis.cache import Cache
from reflect_analysis.corpus import Case, Corpus, Document, Picture
from reflect_analysis.language import forget, parse
from reflect_analysis.project import Project
from reflect_analysis.project.withdrawal import acting
from reflect_analysis.provenance import text_hash
from reflect_analysis.scale.coders import KEEP_NOTHING

KINDS = ("patterns", "names", "presidio")
TEXTS = (
    "My co-worker Tamsin Okafor laughed; Tamsin writes to tamsin.okafor@example.ca.",
    "I was born on 3 May 1931 and I am 94 now. Call 604 555 1234.",
    "We moved from Quesnel to Little Sparrows Daycare, into the Ladybug room.",
    "Then Kelechi left Monday. [Name] stayed, and kelechi came back, Kelechi said.",
    "Ma collègue Amélie Tremblay travaille à la garderie Les Petits Pas.",
    "We sang, and nobody was tired.",
    "🙂 Écrit par Ottilie" + " " * 400 + "Brandt, V5K 0A1, jo (at) example dot ca",
)
PIECES = st.sampled_from(
    ("Tamsin", "Okafor", "Kelechi said", "my co-worker", "Quesnel", "in Rose Lake", "Hope", "🙂",
     "jo@example.ca", "604 555 1234", "born on 3 May 1931", "at Sunny Days Daycare", "[Name]",
     "laughed", "and I", "The", ".", "\n", "Ladybug room", "P07", "     ", "MAY", "é")
)  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of this test."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "a cache"))
    return Cache(tmp_path / "a cache")


def corpus_of(*texts, cases=(), **about):
    documents = (Document(f"r{number}", text, **about) for number, text in enumerate(texts))
    return Corpus(tuple(documents), tuple(cases))


def refuse(*_, **__):
    raise AssertionError("a text was searched anew")


@pytest.fixture
def blind(monkeypatch):
    """From now on nothing can be searched."""

    def shut():
        monkeypatch.setattr(engine, "_analysed", refuse)
        monkeypatch.setattr(recognisers, "_patterns_in", refuse)
        monkeypatch.setattr(recognisers, "_named_in", refuse)

    return shut


@pytest.fixture
def searched(monkeypatch):
    """The texts that are searched for names, as they are searched."""
    asked = []

    def told(text, *args, search=recognisers._named_in, **settings):
        asked.append(text)
        return search(text, *args, **settings)

    monkeypatch.setattr(recognisers, "_named_in", told)
    return asked


# ── the second check ──


def test_a_second_check_searches_nothing_and_finds_the_same(blind):
    cases = (Case("P07"), Case("Kelechi", attributes={"comment": "Ask Ottilie Brandt about it."}))
    corpus = corpus_of(*TEXTS, cases=cases, attributes={"title": "Petra Hall on the stairs"})
    corpus = dataclasses.replace(
        corpus, documents=(*corpus, Document("f", TEXTS[0], language="fr-CA"))
    )
    first = check_anonymity(corpus, known=["Marisol Vega"])
    blind()
    second = check_anonymity(corpus, known=["Marisol Vega"])
    assert second.findings == first.findings
    assert second.without_model == first.without_model
    assert len(first.in_texts) > 10
    assert first.beside


def composed():
    """The texts that the tests of the check were written with."""
    for path in sorted(Path(__file__).parent.glob("test_anonymity*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and len(value.split()) > 3:
                yield value


def test_a_second_check_of_every_composed_text_searches_nothing_and_finds_the_same(blind):
    corpus = corpus_of(*dict.fromkeys(composed()))
    french = (Document(f"fr{n}", d.text, language="fr") for n, d in enumerate(corpus))
    corpus = Corpus((*corpus, *french))
    first = check_anonymity(corpus)
    blind()
    assert check_anonymity(corpus).findings == first.findings
    assert len(corpus) > 300
    assert len(first.direct) > 100


@settings(max_examples=30)
@given(st.lists(st.lists(PIECES, max_size=9).map(" ".join).filter(str.strip), max_size=4))
def test_what_was_kept_gives_what_a_search_gives(tmp_path_factory, texts):
    corpus, store = corpus_of(*texts), Cache(tmp_path_factory.mktemp("cache"))
    for find in (find_by_patterns, find_by_presidio, find_names):
        anew = list(find(corpus, cache=KEEP_NOTHING))
        assert list(find(corpus, cache=store)) == anew
        assert list(find(corpus, cache=store)) == anew


def test_only_new_texts_are_searched(searched):
    check_anonymity(corpus_of(*TEXTS[:3]))
    del searched[:]
    check_anonymity(corpus_of(*TEXTS[2:5]))
    assert searched == [*TEXTS[3:5]]


def test_one_text_of_two_documents_is_searched_once_and_found_in_both(searched):
    report = check_anonymity(corpus_of(TEXTS[0], TEXTS[0]))
    assert searched == [TEXTS[0]]
    places = [{(f.start, f.end) for f in report if f.document_id == d} for d in ("r0", "r1")]
    assert places[0] == places[1] != set()


def test_blocks_of_texts_are_kept_one_by_one(monkeypatch, blind):
    monkeypatch.setattr(remembering, "BLOCK", 2)
    corpus = corpus_of(*TEXTS)
    first = check_anonymity(corpus)
    blind()
    assert check_anonymity(corpus).findings == first.findings


# ── what is asked anew ──


def names_in(corpus, **about):
    report = check_anonymity(corpus, **about)
    return [report.words_of(f) for f in report.in_texts if f.kind == "name"]


def test_a_name_that_the_study_learns_of_later_is_found():
    corpus = corpus_of("We met brynhildur there.")
    assert names_in(corpus) == []
    assert names_in(corpus, known=["Brynhildur Ask"]) == ["brynhildur"]
    assert names_in(corpus) == []


def test_a_pseudonym_of_one_study_is_a_name_in_another():
    assert names_in(corpus_of(TEXTS[3], cases=[Case("Kelechi")])) == ["kelechi"]
    assert set(names_in(corpus_of(TEXTS[3]))) == {"Kelechi", "kelechi"}
    assert names_in(corpus_of(TEXTS[3], cases=[Case("Kelechi")])) == ["kelechi"]


def test_a_text_in_another_language_is_searched_anew(searched):
    for language in ("en", "fr", "de", "en-CA", "fr-CA", "de"):
        list(find_names(corpus_of(TEXTS[4], language=language)))
    assert len(searched) == 3


def test_names_found_by_a_parse_that_the_caller_brought_are_not_kept(cache):
    def guess(texts, *, language):
        return parse(texts, language=language, cache=KEEP_NOTHING)

    list(find_names(corpus_of(TEXTS[0]), parse=guess))
    assert not cache.folder.exists()


# ── what enters the key ──


def made_anew(monkeypatch):
    remembering._shared.cache_clear()
    engine._maker.cache_clear()


@pytest.fixture
def changed(monkeypatch):
    """What decides a search, made another one until the end of a test."""
    yield lambda *where: (monkeypatch.setattr(*where), made_anew(monkeypatch))
    monkeypatch.undo()
    made_anew(monkeypatch)


def makers():
    return (
        remembering.made_by("patterns"),
        recognisers._maker_of_names("en"),
        recognisers._maker_of_names("fr"),
        engine._maker(),
    )


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (remembering, "_SOURCES", "other sources"),
        (remembering, "lists", lambda: wordlists.lists()._replace(first=frozenset({"tamsin"}))),
        (remembering, "dictionary_sha256", lambda: "another dictionary"),
        (remembering.sys, "version_info", (3, 99, 0)),
    ],
    ids=["sources", "lists", "dictionary", "Python"],
)
def test_sources_lists_dictionary_and_python_make_another_key(changed, owner, name, value):
    before = makers()
    changed(owner, name, value)
    assert all(new != old for new, old in zip(makers(), before, strict=True))


def test_another_model_makes_another_key_for_names_where_it_reads(monkeypatch):
    before = makers()
    monkeypatch.setattr("reflect_analysis.language.model_identity", lambda *_: "another")
    assert [new != old for new, old in zip(makers(), before, strict=True)] == [
        *(False, True, False, False)
    ]


@pytest.mark.parametrize("name", ["presidio-analyzer", "phonenumbers", "tldextract", "regex"])
def test_what_presidio_stands_on_makes_another_key(changed, name):
    before, version = engine._maker(), engine.version
    changed(engine, "version", lambda asked: "0.0" if asked == name else version(asked))
    assert engine._maker() != before


def test_any_change_of_a_source_file_changes_the_key(tmp_path):
    package = Path(remembering.__file__).parents[1]
    folders = [tmp_path / name for name in remembering._LOOKING]
    for folder in folders:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package / folder.name, folder, ignore=skip)
    prints = {digest(tmp_path, remembering._LOOKING)}
    assert prints == {remembering._SOURCES}
    files = sorted(path for folder in folders for path in folder.glob("*.py"))
    for path in files:
        path.write_bytes(path.read_bytes() + b"\n")
        prints.add(digest(tmp_path, remembering._LOOKING))
    assert len(prints) == len(files) + 1


def test_the_dictionary_is_known_by_the_file_that_was_read():
    assert len(wordlists.dictionary_sha256()) == 64
    assert wordlists.is_english("laughing")


def test_where_no_sources_lie_nothing_is_kept(tmp_path, cache, changed):
    (tmp_path / "lists.txt").write_text("a", encoding="utf-8")
    assert digest(tmp_path) == ""
    changed(remembering, "_SOURCES", "")
    assert list(find_by_patterns(corpus_of(TEXTS[1])))
    assert not cache.folder.exists()


def test_what_is_found_by_other_forms_than_were_loaded_is_not_kept(cache, monkeypatch):
    corpus = corpus_of(TEXTS[0])
    own = patterns.Pattern("e-mail", lambda _: ())
    for name in ("PATTERNS", "NUMBERS"):
        with monkeypatch.context() as patch:
            patch.setattr(recognisers, name, (own,))
            list(find_by_patterns(corpus))
            assert not cache.folder.exists()
    assert list(find_by_patterns(corpus))
    assert cache.folder.exists()


def test_while_a_source_is_edited_nothing_is_kept_and_nothing_is_recalled(
    tmp_path, cache, monkeypatch, searched
):
    package = Path(remembering.__file__).parents[1]
    for name in remembering._LOOKING:
        shutil.copytree(package / name, tmp_path / "package" / name)
    monkeypatch.setattr(remembering, "PACKAGE", tmp_path / "package")
    corpus, edited = corpus_of(TEXTS[0]), tmp_path / "package" / "anonymity" / "names.py"
    find_all(corpus)
    edited.touch()  # the same words at another time are the same source
    find_all(corpus)
    assert searched == [TEXTS[0]]
    before = edited.read_bytes()
    edited.write_bytes(before + b"# weaker")
    find_all(corpus)
    find_all(corpus_of(TEXTS[2]))
    assert searched == [TEXTS[0], TEXTS[0], TEXTS[2]]
    assert kept_of(cache, TEXTS[2]) <= {"parses"}
    edited.write_bytes(before)
    find_all(corpus)
    assert len(searched) == 3


def find_all(corpus):
    for find in (find_by_patterns, find_by_presidio, find_names):
        list(find(corpus))


# ── what is kept ──


def test_no_word_of_a_text_is_kept_with_what_was_found(cache):
    corpus = corpus_of(*TEXTS, attributes={"title": "Petra Hall on the stairs"})
    check_anonymity(corpus)
    words = {
        w.strip(".,;()") for text in (*TEXTS, "Petra Hall on the stairs") for w in text.split()
    }
    reasons = {f.why for f in check_anonymity(corpus)} | {f.kind for f in check_anonymity(corpus)}
    allowed = {word for reason in reasons for word in reason.split()}
    kept = "".join(
        archive.read(name).decode()
        for kind in KINDS
        for pack in (cache.folder / kind).iterdir()
        for archive in [zipfile.ZipFile(pack)]
        for name in archive.namelist()
    )
    assert "04" in kept
    long = {word for word in words if len(word) > 3} - allowed
    assert {"Tamsin", "Okafor", "Petra", "tamsin.okafor@example.ca", "V5K"} - long == {"V5K"}
    assert [word for word in sorted(long) if word in kept] == []


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{}x",
        b"null",
        b"[1]",
        b'[[0,5,"name",0.9,true]]',
        b'[["0",5,"name",0.9,true,"why"]]',
        b'[[0,9999,"name",0.9,true,"why"]]',
        b'[[5,0,"name",0.9,true,"why"]]',
        b'[[0,5,"name",0.9,1,"why"]]',
        b"{}",
        b'""',
        b'[[0,5,"name",1.5,true,"why"]]',
        b'[[0,5,"name",NaN,true,"why"]]',
        b'[[0,5,"",0.9,true,"why"]]',
    ],
)
def test_a_damaged_entry_is_searched_anew(cache, damaged):
    corpus = corpus_of(*TEXTS)
    first = check_anonymity(corpus)
    for kind in KINDS:
        (pack,) = (cache.folder / kind).glob("*.zip")
        with zipfile.ZipFile(pack) as archive:
            keys = [
                key for block, _ in remembering.json.loads(archive.read("index")) for key in block
            ]
        pack.unlink()
        cache.put_many(kind, dict.fromkeys(keys, damaged))
    assert check_anonymity(corpus).findings == first.findings


def test_a_broken_pack_is_searched_anew(cache):
    corpus = corpus_of(*TEXTS)
    first = check_anonymity(corpus)
    for kind in KINDS:
        for pack in (cache.folder / kind).glob("*.zip"):
            pack.write_bytes(pack.read_bytes()[:40])
    assert check_anonymity(corpus).findings == first.findings


def test_what_presidio_gave_up_is_not_kept(cache, monkeypatch):
    monkeypatch.setattr(engine, "_patience", lambda: 0.0)
    corpus = corpus_of(TEXTS[0])
    assert list(find_by_presidio(corpus, cache=cache))
    assert not cache.folder.exists()


def test_where_nothing_is_kept_nothing_is_written(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for find in (find_by_patterns, find_by_presidio, find_names):
        assert list(find(corpus_of(*TEXTS), cache=KEEP_NOTHING))
    assert list(tmp_path.iterdir()) == []


# ── withdrawal ──

OWN = Document(
    "r1",
    TEXTS[0],
    case_id="P1",
    source="in/Gwendolyn Ashworth - story.docx",
    attributes={"title": "What Ottilie Brandt told us"},
    picture=Picture("Petra Hall.jpg", "Petra Hall at the door"),
)
THEIRS = Corpus(
    (OWN, Document("r2", TEXTS[2], case_id="P2", attributes={"title": "A quiet day for us"})),
    (Case("P1", attributes={"comment": "Ask Marisol Vega about it"}), Case("P2")),
)
GONE = (
    TEXTS[0],
    "Gwendolyn Ashworth   story",
    "What Ottilie Brandt told us",
    "Petra Hall",
    "Petra Hall at the door",
    "Ask Marisol Vega about it",
)


def kept_of(cache, text):
    """The kinds of entries that bear the hash of a text."""
    found = set()
    for pack in cache.folder.glob("*/*.zip"):
        with zipfile.ZipFile(pack) as archive:
            if text_hash(text) in archive.read("index").decode():
                found.add(pack.parent.name)
    return found


def by_values(tmp_path):
    withdraw(THEIRS, "P1", by="lead")


def from_a_study(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        project.save(by="lead", corpus=THEIRS)
        project.withdraw("P1", by="lead")


@pytest.mark.parametrize("withdrawing", [by_values, from_a_study])
def test_who_withdraws_leaves_what_was_found_in_their_texts_and_beside_them(
    cache, tmp_path, withdrawing
):
    forget(map(text_hash, GONE))  # what other tests left in memory is not put on the disk
    check_anonymity(THEIRS)
    assert [text for text in GONE if not {*KINDS, "parses"} <= kept_of(cache, text)] == []
    withdrawing(tmp_path)
    assert {text: kinds for text in GONE if (kinds := kept_of(cache, text))} == {}
    assert {*KINDS} <= kept_of(cache, TEXTS[2])
    assert {*KINDS} <= kept_of(cache, "A quiet day for us")


OLDER = dataclasses.replace(
    OWN,
    source="in/Solveig Amundsen.docx",
    attributes={"title": "Told by Ingrid Haugen"},
    picture=Picture("Bjorg Dahl.jpg", "Liv Solberg on the swing"),
)
OLD_PROSE = (
    "Solveig Amundsen",
    "Told by Ingrid Haugen",
    "Bjorg Dahl",
    "Liv Solberg on the swing",
    "Ask Sunniva Lund about it",
)


def test_what_stood_beside_a_text_before_it_was_corrected_goes_too(cache, tmp_path):
    older = dataclasses.replace(
        THEIRS,
        documents=(OLDER, *THEIRS.documents[1:]),
        cases=(Case("P1", attributes={"comment": OLD_PROSE[-1]}), Case("P2")),
    )
    forget(map(text_hash, OLD_PROSE))
    with Project.create(tmp_path / "study.reflect") as project:
        for corpus in (older, THEIRS):
            project.save(by="lead", corpus=corpus)
            check_anonymity(corpus)
        assert all(kept_of(cache, text) for text in OLD_PROSE)
        project.withdraw("P1", by="lead")
    assert {text: kinds for text in OLD_PROSE if (kinds := kept_of(cache, text))} == {}


def test_a_title_that_came_while_its_text_was_being_forgotten_is_forgotten_too(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        project.save(by="lead", corpus=THEIRS)
        known = frozenset({OWN.sha256})
        with project._changing() as connection:
            _, hashes = acting.withdraw_from(connection, "P1", by="lead", known=known)
    assert set(map(text_hash, GONE)) <= hashes
