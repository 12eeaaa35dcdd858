"""Surrogates, the key to them, and what moves along with a text."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity import AnonymityReport, Finding, keeping
from reflect_analysis.anonymity.key import Entry, Key, read_key
from reflect_analysis.anonymity.moving import Moved, Replacement, Shift, moved_document
from reflect_analysis.anonymity.pseudonyms import pseudonymise, read_replacements
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Omission, Picture, Turn
from reflect_analysis.disclosure import Approval, QuoteRecord
from reflect_analysis.errors import CorpusError, OutputError, UnknownIdError
from reflect_analysis.provenance import Run, describe_methods, text_hash
from reflect_analysis.segments import Segment, Segments


def marked(document_id, text, *words, kind="name", direct=True):
    """A finding at every place of some words."""
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            yield Finding(document_id, start, end, kind, 0.9, direct, "planted")
            start = text.find(word, end)


def report_of(corpus, *findings):
    return AnonymityReport(corpus, tuple(findings))


def of_texts(*texts, cases=()):
    documents = tuple(Document(f"r{n}", text) for n, text in enumerate(texts, start=1))
    return Corpus(documents, tuple(map(Case, cases)))


def replaced(texts, *words, cases=(), **options):
    """The texts after everything named was found in all of them and replaced."""
    corpus = of_texts(*texts, cases=cases)
    found = [f for d in corpus for f in _apart(marked(d.id, d.text, *words))]
    done = pseudonymise(corpus, report_of(corpus, *found), **options)
    return [document.text for document in done.corpus], done


def _apart(findings):
    kept = []
    for finding in sorted(findings, key=lambda f: f.start - f.end):
        if all(finding.end <= k.start or k.end <= finding.start for k in kept):
            kept.append(finding)
    return kept


# ── who is who ──


def test_a_person_bears_one_surrogate_by_full_name_first_name_possessive_and_lower_case():
    texts, done = replaced(
        ["Helen Okafor came.", "Helen’s dog. We saw okafor, and Ms. Okafor.", "then helen laughed"],
        "Helen Okafor",
        "Helen",
    )
    assert texts == ["P01 came.", "P01’s dog. We saw P01, and Ms. P01.", "then P01 laughed"]
    assert done.key.name_of("P01") == "Helen Okafor"


def test_a_first_name_that_two_people_bear_is_nobodys_unless_one_stands_in_the_text():
    texts, done = replaced(
        ["Helen Okafor and Helen.", "Helen Chen came.", "Only Helen."], "Helen Okafor",
        "Helen Chen", "Helen",
    )  # fmt: skip
    assert texts[0] == "P02 and P02."
    assert texts[1] == "P01 came."
    assert texts[2] == "Only P03."
    assert any("a name may mean P01, P02" in note and "r3" in note for note in done.notes)


def test_initials_are_a_persons_where_the_person_stands_in_the_text():
    texts, done = replaced(["Helen Okafor spoke; H. O. agreed.", "H. O. again"], "Helen Okafor")
    assert texts == ["P01 spoke; P01 agreed.", "H. O. again"]
    assert [each.how for each in done.replaced] == ["finding", "initials"]


def test_a_participant_is_her_case_id_and_others_bear_numbers_of_no_case():
    texts, done = replaced(
        ["Maria met Helen Okafor. Maria left; P05 stayed."],
        "Maria", "Helen Okafor", cases=("P03", "P04"), people={"Maria": "P03"},
    )  # fmt: skip
    assert texts == ["P03 met P06. P03 left; P05 stayed."]
    assert next(entry for entry in done.key if entry.surrogate == "P03").case


def test_a_story_stays_readable():
    texts, _ = replaced(["My director Helen Okafor, kind as ever, called."], "Helen Okafor")
    assert texts == ["My director P01, kind as ever, called."]


def test_each_kind_has_stand_ins_of_its_own_and_the_same_words_the_same_one():
    text = "Acorn House in Kamloops, 250-555-0199, or jo@x.ca. Kamloops! [town 1] was there."
    corpus = of_texts(text)
    kinds = {
        "Acorn House": "centre", "Kamloops": "town", "250-555-0199": "phone", "jo@x.ca": "e-mail",
    }  # fmt: skip
    found = [f for words, kind in kinds.items() for f in marked("r1", text, words, kind=kind)]
    done = pseudonymise(corpus, report_of(corpus, *found), style="brackets")
    assert done.corpus.document("r1").text == (
        "[centre 1] in [town 2], [phone 1], or [e-mail 1]. [town 2]! [town 1] was there."
    )


def test_a_name_that_is_a_word_is_replaced_where_it_was_found_and_told_elsewhere():
    corpus = of_texts("Grace came. By grace alone. Grace is a word.")
    finding = Finding("r1", 0, 5, "name", 0.6, direct=False, why="planted")
    done = pseudonymise(corpus, report_of(corpus, finding))
    assert done.corpus.document("r1").text == "P01 came. By grace alone. Grace is a word."
    assert done.notes == ("a word that is also P01's name stands (r1)",)


def test_in_french_a_lower_case_word_is_no_name_that_was_found_elsewhere():
    french = Document("r2", "On me demande. Demande parla, puis Helen.", language="fr")
    corpus = Corpus((Document("r1", "Helen Demande came."), french))
    done = pseudonymise(corpus, report_of(corpus, *marked("r1", "Helen Demande", "Helen Demande")))
    assert done.corpus.document("r2").text == "On me demande. Demande parla, puis P01."


def test_overlapping_findings_leave_no_letter_and_lines_stay_lines():
    text = "Dear Helen Okafor of Acorn House\nBen Quill"
    corpus = of_texts(text)
    found = [
        Finding("r1", 5, 17, "name", 0.9, direct=True, why="planted"),
        Finding("r1", 11, 32, "centre", 0.9, direct=True, why="planted"),
        Finding("r1", 27, 42, "name", 0.9, direct=False, why="planted"),
    ]
    done = pseudonymise(corpus, report_of(corpus, *found))
    assert done.corpus.document("r1").text == "Dear [centre 1]\nP01"


def test_only_confirmed_findings_are_replaced(tmp_path):
    corpus = of_texts("Helen Okafor met Ben, then Quill, then Ben.")
    direct = next(marked("r1", corpus.documents[0].text, "Helen Okafor"))
    guesses = list(marked("r1", corpus.documents[0].text, "Ben", "Quill", direct=False))
    found = report_of(corpus, direct, *guesses)
    table = tmp_path / "findings.csv"
    rows = [f"{each.id},{said}" for each, said in zip(found, ("", "yes", "", "no"), strict=True)]
    table.write_text("\n".join(["id,replace", *rows]), encoding="utf-8")
    done = pseudonymise(corpus, found, replace=read_replacements(table))
    assert done.corpus.document("r1").text == "P01 met P02, then Quill, then P02."
    done = pseudonymise(corpus, found, replace={guesses[2].id})
    assert done.corpus.document("r1").text == "P01 met Ben, then P02, then Ben."
    table.write_text(f"id,replace\n{direct.id},no\n", encoding="utf-8")
    done = pseudonymise(corpus, found, replace=read_replacements(table))
    assert done.corpus.document("r1").text == corpus.documents[0].text
    only = pseudonymise(corpus, found, kinds={"town"})
    assert only.corpus.document("r1").text == corpus.documents[0].text


def test_a_table_of_answers_that_says_neither_yes_nor_no_is_refused(tmp_path):
    table = tmp_path / "findings.csv"
    table.write_text("id,replace\nr1:0-5:name,perhaps\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="row 2: 'replace' is 'perhaps'; expected yes or no"):
        read_replacements(table)


def test_faults_are_told_at_once_and_without_words():
    corpus = of_texts("Helen Okafor came.", cases=("P03",))
    found = report_of(corpus, *marked("r1", "Helen Okafor came.", "Helen Okafor"))
    with pytest.raises(CorpusError, match="made on other texts"):
        pseudonymise(of_texts("Other."), found)
    key = Key((Entry("P03", "name", ("Ben Quill",)),))
    with pytest.raises(CorpusError) as raised:
        pseudonymise(corpus, found, key=key, replace={"r1:0-1:name"})
    assert len(raised.value.faults) == 2
    assert "Quill" not in str(raised.value)
    with pytest.raises(ValueError, match="people leads to P9"):
        pseudonymise(corpus, found, people={"Maria": "P9"})


# ── beside the texts ──


def test_names_beside_the_text_are_replaced_and_a_column_of_towns_is_told():
    text = "Helen Okafor lives in Kamloops."
    document = Document(
        "r1",
        text,
        attributes=Attributes(prompt="What did Helen Okafor say?", place="Kamloops", session=2),
        picture=Picture("kettle.jpg", "Helen at the door"),
        source="helen_okafor.txt",
    )
    corpus = Corpus((document,), (Case("C1", Attributes(pair="Helen Okafor")),))
    found = [*marked("r1", text, "Helen Okafor"), *marked("r1", text, "Kamloops", kind="town")]
    done = pseudonymise(corpus, report_of(corpus, *found))
    new = done.corpus.document("r1")
    assert new.attributes == Attributes(prompt="What did P01 say?", place="Kamloops", session=2)
    assert new.picture.alt_text == "P01 at the door"
    assert done.corpus.case("C1").attributes["pair"] == "P01"
    assert done.notes == ("attribute 'place' holds a town that the texts lost (r1)",)
    assert new.source == "file-1.txt"
    assert dict(done.key.files) == {"file-1.txt": "helen_okafor.txt"}


def of_files(*sources):
    documents = tuple(Document(f"r{n}", f"Text {n}.", source=s) for n, s in enumerate(sources))
    listed = (Omission("Ana Ruiz.doc", "", "not read"), Omission("talk.xlsx, sheet 2", "", "empty"))
    settings = Attributes({"files": dict.fromkeys(sources, "0"), "left_out": 2})
    return Corpus(documents, omissions=listed, runs=(Run("read", "read", settings=settings),))


def test_a_file_bears_one_neutral_name_wherever_the_corpus_names_it():
    corpus = of_files("Eve Stone.docx", "talk.xlsx", "Eve Stone.docx.yaml")
    done = pseudonymise(corpus, report_of(corpus))
    names = ["file-1.docx", "file-2.xlsx", "file-1.docx.yaml"]
    assert [document.source for document in done.corpus] == names
    assert [o.source for o in done.corpus.omissions] == ["file-3.doc", "file-2.xlsx, sheet 2"]
    assert list(done.corpus.runs[0].settings["files"]) == names
    assert done.corpus.runs[0].settings["left_out"] == 2
    assert done.key.files["file-1.docx"] == "Eve Stone.docx"
    assert set(done.key.sources) == {"Eve Stone.docx", "talk.xlsx", "Eve Stone.docx.yaml"}


def test_the_runs_of_codings_name_the_files_as_the_corpus_does():
    corpus = of_files("Eve Stone.docx")
    rows = (Coding("r0", 0, 4, "a", "ana"),)
    codings = Codings(rows, runs=corpus.runs)
    done = pseudonymise(corpus, report_of(corpus), codings=codings)
    assert done.codings.runs == done.corpus.runs[:1]


def test_a_file_keeps_its_neutral_name_with_the_key_and_after_a_second_time(tmp_path):
    first, second = of_files("a.txt", "Eve Stone.docx"), of_files("b.txt", "Eve Stone.docx")
    coded, key = pseudonymise(first, report_of(first))
    again, same = pseudonymise(coded, report_of(coded), key=key)
    assert [d.source for d in again] == [d.source for d in coded] == ["file-1.txt", "file-2.docx"]
    assert same.files == key.files
    assert same.sources == key.sources
    kept = read_key(key.save(tmp_path / "key.json"))
    assert kept == key
    later, grown = pseudonymise(second, report_of(second), key=kept)
    assert [d.source for d in later] == ["file-5.txt", "file-2.docx"]
    assert grown.files | key.files == grown.files


def test_files_keep_their_names_where_names_are_not_asked_for():
    corpus = of_files("Eve Stone.docx")
    done = pseudonymise(corpus, report_of(corpus), kinds={"phone"})
    assert done.corpus.document("r0").source == "Eve Stone.docx"
    assert not done.key.files


def test_a_column_of_names_and_a_label_lead_to_the_participant():
    talk = "Ben: Maria Lopez called.\nLead: Yes.\n"
    turns = (Turn(5, 24, "Ben", "P04"), Turn(31, 35, "Lead", coded=False))
    documents = (
        Document("r1", "I am new.", case_id="P03", attributes=Attributes(name="Maria Lopez")),
        Document("t1", talk, "transcript", turns=turns),
    )
    corpus = Corpus(documents, (Case("P03"), Case("P04")))
    column = Finding("r1", 0, 11, "name", 0.9, True, "planted", field="attribute name")
    found = report_of(corpus, column, *marked("t1", talk, "Ben", "Maria Lopez"))
    done = pseudonymise(corpus, found)
    new = done.corpus.document("t1")
    assert new.text == "P04: P03 called.\nLead: Yes.\n"
    assert [(t.speaker, new.passage(t.start, t.end)) for t in new.turns] == [
        ("P04", "P03 called."),
        ("Lead", "Yes."),
    ]
    assert done.corpus.document("r1").attributes == Attributes(name="P03")


# ── what moves along ──

FACES = "ab \n😀é"


@st.composite
def shifted(draw):
    """A text, disjoint replacements in it, and spans."""
    text = draw(st.text(FACES, min_size=1, max_size=40))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = [(a, b) for a, b in pairwise(edges) if draw(st.booleans())]
    words = st.text("XYZ", min_size=1, max_size=6)
    shift = Shift(tuple(Replacement(a, b, draw(words)) for a, b in pairs))
    place = st.integers(0, len(text))
    spans = st.lists(st.tuples(place, place).map(sorted).map(tuple), max_size=6)
    return text, shift, [(a, b) for a, b in draw(spans) if a < b]


@given(shifted())
def test_every_passage_is_the_old_one_with_its_replacements_whole(case):
    text, shift, spans = case
    new = shift.text(text)
    for start, end in spans:
        cut = [r for r in shift.replacements if r.start < end and start < r.end]
        wide = (min([start, *(r.start for r in cut)]), max([end, *(r.end for r in cut)]))
        inside = Shift(tuple(replace(r, start=r.start - wide[0], end=r.end - wide[0]) for r in cut))
        a, b = shift.span(start, end)
        assert new[a:b] == inside.text(text[wide[0] : wide[1]])
        assert a < b


@given(shifted())
def test_order_and_nesting_are_kept(case):
    _, shift, spans = case
    for one in spans:
        for other in spans:
            (a, b), (c, d) = shift.span(*one), shift.span(*other)
            if one[0] <= other[0]:
                assert a <= c
            if one[0] <= other[0] and other[1] <= one[1]:
                assert a <= c
                assert d <= b


@settings(max_examples=40)
@given(shifted())
def test_codings_segments_quotes_and_turns_move_with_the_text(case):
    text, shift, spans = case
    if not text.strip() or not spans:
        return
    spans = list(dict.fromkeys(spans))
    turns = tuple(Turn(a, b, "s") for a, b in spans[:1])
    old = Document("r1", text, turns=turns)
    new = moved_document(old, shift)
    if not new.text.strip():
        return
    before, after = Corpus((old,)), Corpus((new,))
    moved = Moved(before, after, {"r1": shift})
    codings = Codings(tuple(Coding("r1", a, b, "c", "ada") for a, b in spans))
    done = moved.codings(codings)
    assert [row.id for row in done] == [row.id for row in codings]
    rows = tuple(Segment.of(old, a, b, None) for a, b in spans)
    segments = moved.segments(Segments(before, rows, "sentence"))  # checks its own texts
    assert {row.text for row in segments} == {new.text[c.start : c.end] for c in done}
    quotes = moved.quotes(Approval("r1", a, b, sha256=text_hash(text[a:b])) for a, b in spans)
    for quote, coding, (a, b) in zip(quotes, done, spans, strict=True):
        assert (quote.start, quote.end) == (coding.start, coding.end) == shift.span(a, b)
        assert quote.sha256 == text_hash(new.text[quote.start : quote.end])
    assert all((t.start, t.end) == shift.span(*spans[0]) for t in new.turns)


def test_memos_seen_decisions_and_quotes_lose_the_name_too():
    text = "😀 My director Helen Okafor laughed."
    corpus = of_texts(text)
    found = report_of(corpus, *marked("r1", text, "Helen Okafor"))
    coding = Coding("r1", 14, 19, "c", "ada", evidence="helen okafor laughed")
    log = Codings(
        (coding,),
        (Decision(coding.id, "reject", "ben", "said of Helen Okafor"),),
        (Seen("ada", "r1"), Seen("ada", "r1", start=2, end=16)),
        (Memo("ada", "Helen Okafor again", document_id="r1", start=27, end=35),),
    )
    done = pseudonymise(corpus, found, codings=log)
    assert done.corpus.document("r1").text == "😀 My director P01 laughed."
    moved = done.codings
    assert (moved.codings[0].start, moved.codings[0].end) == (14, 17)
    assert moved.codings[0].evidence == "P01 laughed"
    assert moved.decisions[0].reason == "said of P01"
    assert [(row.start, row.end) for row in moved.seen] == [(None, None), (2, 17)]
    assert (moved.memos[0].text, moved.memos[0].start, moved.memos[0].end) == ("P01 again", 18, 26)
    passage = text[5:26]
    known = QuoteRecord("r1", 5, 26, decision="yes", sha256=text_hash(passage), text=passage)
    stale = replace(known, sha256=text_hash("other words"))
    quote, other = done.moved.quotes([known, stale])
    assert quote.text == "director P01"
    assert quote.sha256 == text_hash(quote.text)
    assert "identifiers were replaced" in quote.note
    assert other.sha256 == stale.sha256


def test_a_clearance_holds_for_the_text_without_its_identifiers():
    corpus = of_texts("Helen Okafor came.")
    row = Clearance(corpus.documents[0].sha256, "lead", "read")
    cleared = replace(corpus, clearances=(row,))
    done = pseudonymise(cleared, report_of(cleared, *marked("r1", "Helen Okafor", "Helen Okafor")))
    done.corpus.check_cleared()
    assert done.corpus.clearances[-1].by == "lead"


def test_the_run_and_the_methods_say_coded_and_hold_no_name():
    _, done = replaced(["Helen Okafor came."], "Helen Okafor")
    told = describe_methods(done.corpus.runs)
    assert "coded, not anonymous" in told
    shown = (told, repr(done), repr(done.key), done.key._repr_html_(), repr(done.moved), done.notes)
    shown += (repr(done.key.entries), repr(done.corpus.runs))
    assert "Okafor" not in "".join(map(str, shown))


# ── the key ──


def test_next_year_the_same_person_bears_the_same_surrogate(tmp_path):
    _, first = replaced(["Helen Okafor and Ben Quill in Kamloops."], "Helen Okafor", "Ben Quill")
    path = first.key.save(tmp_path / "a key.json")
    key = read_key(path)
    texts, second = replaced(
        ["Then Quill, Eve Stone and Helen Okafor."], "Quill", "Eve Stone", "Helen Okafor", key=key
    )
    ben, helen = (e.surrogate for name in ("Ben Quill", "Helen Okafor") for e in key
                  if name in e.words)  # fmt: skip
    assert texts == [f"Then {ben}, P03 and {helen}."]
    assert len(second.key) == 3
    again, third = replaced(["Helen Okafor."], "Helen Okafor", key=second.key)
    assert again == [f"{helen}."]
    assert third.key == second.key


def test_a_key_that_was_saved_is_the_same_when_read(tmp_path):
    key = Key((Entry("P03", "name", ("Zoë O’Hara",), case=True), Entry("[town 1]", "town", ("X",))))
    key = key.with_chosen_names({"P03": "Zoë"})
    assert read_key(key.save(tmp_path / "key.json")) == key
    json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_a_key_is_readable_by_its_owner_alone(tmp_path):
    path = Key().save(tmp_path / "key.json")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.warns(UserWarning, match="others can read this key"):
        read_key(path)


def test_on_windows_the_systems_own_tool_closes_the_file(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(sys, "platform", "win32")

    def run(command, **_):
        asked.append(command)
        return subprocess.CompletedProcess(command, len(asked) - 1)

    monkeypatch.setattr(keeping.subprocess, "run", run)
    Key().save(tmp_path / "key.json")
    assert asked[0][2:4] == ["/inheritance:r", "/grant:r"]
    assert asked[0][4].endswith(":F")
    with pytest.warns(UserWarning, match="did not let the key be closed"):
        Key().save(tmp_path / "other.json")


@pytest.mark.parametrize(
    "where", ["study", "share", "keep", "corpus", "corpus/deep", "report", "pictures"]
)
def test_no_key_is_written_where_it_would_be_shared(tmp_path, where):
    for folder in ("study", "share", "keep", "corpus/deep", "report/keep", "pictures"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "study" / "a.reflect").touch()
    (tmp_path / "report" / "keep" / "report.json").touch()
    (tmp_path / "corpus" / "r1.txt").touch()
    picture = tmp_path / "pictures" / "kettle.jpg"
    key = Key(sources=("r1.txt", str(picture)))
    with pytest.raises(OutputError, match="keep the key apart"):
        key.save(tmp_path / where / "key.json")
    assert not list(tmp_path.rglob("*key*"))
    assert key.save(tmp_path / "key.json").is_file()


def test_a_key_replaces_another_only_when_told(tmp_path):
    path = Key().save(tmp_path / "key.json")
    with pytest.raises(OutputError, match="overwrite=True"):
        Key().save(path)
    assert Key().save(path, overwrite=True) == path
    with pytest.raises(ValueError, match="a key is a"):
        Key().save(tmp_path / "key.txt")


def test_a_key_that_is_none_is_told_by_its_faults(tmp_path):
    path = tmp_path / "key.json"
    with pytest.raises(CorpusError, match="cannot be opened"):
        read_key(path)
    for text in ("{", "[]", '{"format": "other"}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CorpusError, match="not a key"):
            read_key(path)
    entries = [{"surrogate": "P1"}, {"surrogate": "P2", "kind": "name", "words": ["Eve Stone"]}]
    bad = {"format": "reflect_analysis key", "version": 1, "entries": entries, "chosen": {"P1": 2}}
    path.write_text(json.dumps(bad), encoding="utf-8")
    with pytest.raises(CorpusError) as raised:
        read_key(path)
    assert len(raised.value.faults) == 3
    assert "Stone" not in str(raised.value)
    path.write_text(json.dumps({**bad, "version": 2}), encoding="utf-8")
    with pytest.raises(CorpusError, match="another version"):
        read_key(path)


def test_a_key_tells_a_name_only_when_asked_and_is_never_pickled():
    key = Key((Entry("P01", "name", ("Helen Okafor",)),))
    assert key.name_of("P01") == "Helen Okafor"
    with pytest.raises(UnknownIdError, match="no surrogate 'P02'"):
        key.name_of("P02")
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)


def test_who_withdraws_leaves_the_key():
    key = Key((Entry("P03", "name", ("Maria",), case=True),)).with_chosen_names({"P03": "Maria"})
    assert key.without("P03") == Key()
    with pytest.raises(ValueError, match="no name for P03"):
        key.with_chosen_names({"P03": " "})


def test_no_name_is_left_in_what_the_readers_left_out():
    listed = (
        Omission("talk.vtt", "speaker 'Maribel Okafor'", "mapped to nobody", 7),
        Omission("talk.vtt", "speaker 'Grace'", "mapped to nobody", 2),
        Omission("Maribel_Okafor-scan.pdf", "", "a PDF of pictures"),
        Omission("talk.vtt", "sheet 'Maribel Okafor'", "a hidden sheet"),
    )
    corpus = Corpus((Document("r1", "Then Maribel Okafor left."),), omissions=listed)
    done = pseudonymise(
        corpus, report_of(corpus, *marked("r1", corpus.document("r1").text, "Maribel Okafor"))
    )
    after = done.corpus.omissions
    assert not any(name in str(after) for name in ("Maribel", "Okafor", "Grace"))
    assert [o.place for o in after[:2]] == ["speaker 1", "speaker 2"]
    assert [o.words for o in after] == [7, 2, 0, 0]
