"""A participant withdraws from values: nothing of theirs is left, and nothing brings it back."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity.key import Entry, Key
from reflect_analysis.anonymity.moving import Moved
from reflect_analysis.anonymity.withdrawing import withdraw
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.codebook import Code, Codebook, Group, Origin
from reflect_analysis.coders import FineTunedCoder, MeanCoder, SupervisedCoder
from reflect_analysis.codings import Coding, Codings, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Picture, Tombstone, Turn
from reflect_analysis.disclosure import Approval, QuoteRecord
from reflect_analysis.disclosure.withdrawal import (
    Quotes,
    leave_out,
    read_withdrawn,
    write_withdrawn,
)
from reflect_analysis.errors import CorpusError, UnknownIdError
from reflect_analysis.provenance import Run, text_hash
from reflect_analysis.readers import read_corpus
from reflect_analysis.segments import Segment, Segments

SAID = "The copper kettle hummed until nobody could hear the rain."
TALK = f"Ana: We begin late.\nBea: {SAID} And so on.\nCy: I went home early.\n"
REPLY = f"I liked this: {SAID} So did I."


def turn(speaker, words, case):
    start = TALK.index(words)
    return Turn(start, start + len(words), speaker, case)


OWN = Document(
    "R1",
    f"I came in. {SAID} I left.",
    case_id="Bea",
    source="c1.csv",
    attributes=Attributes(thread="t", prompt="What did you hear?"),
    picture=Picture("kettle.jpg", "a kettle"),
)
OTHER = Document(
    "R2",
    REPLY,
    case_id="Ana",
    attributes=Attributes(parent="R1", thread="t", prompt=f"I came in. {SAID} I left."),
)
NEAR = Document(
    "R3",
    "Something else.",
    case_id="Cy",
    attributes=Attributes(thread="t", prompt="What did you hear?"),
)
UNKNOWN = Document("R4", "Nobody knows who wrote these few words.")
COPY = Document("R5", OWN.text)
SHARED = Document(
    "T1",
    TALK,
    "transcript",
    source="talk.txt",
    turns=(
        turn("Ana", "We begin late.", "Ana"),
        turn("Bea", f"{SAID} And so on.", "Bea"),
        turn("Cy", "I went home early.", "Cy"),
    ),
)
DOCUMENTS = (OWN, OTHER, NEAR, UNKNOWN, COPY, SHARED)
CORPUS = Corpus(
    DOCUMENTS,
    (Case("Ana"), Case("Bea"), Case("Cy")),
    tuple(Clearance(document.sha256, "lead", "read") for document in DOCUMENTS),
)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def left_of(cache, **values):
    return withdraw(CORPUS, "Bea", by="lead", cache=cache, **values)


def span_of(document, words):
    start = document.text.index(words)
    return document.id, start, start + len(words)


# ── texts ──


def test_their_texts_go_and_their_turns_are_blotted_out_at_the_same_length(cache):
    done = left_of(cache)
    assert [document.id for document in done.corpus] == ["R2", "R3", "R4", "T1"]
    talk = done.corpus.document("T1").text
    assert len(talk) == len(TALK)
    assert talk.splitlines()[0] == "Ana: We begin late."
    assert set(talk.splitlines()[1]) == set("█: ")
    assert [(t.speaker, t.case_id, t.coded) for t in done.corpus.document("T1").turns] == [
        ("Ana", "Ana", True),
        ("withdrawn", None, False),
        ("Cy", "Cy", True),
    ]
    assert {case.id for case in done.corpus.cases} == {"Ana", "Cy"}
    assert done.shared == ("T1",)
    assert done.sources == ("c1.csv", "kettle.jpg", "talk.txt")
    assert done.unascribed == 1
    done.corpus.check_cleared()


def test_the_report_names_who_quotes_or_answers_and_holds_no_words(cache):
    done = left_of(cache)
    assert [(r.document_id, r.why) for r in done.replies] == [
        ("R2", "quotes"),
        ("R2", "answers"),
        ("R3", "same thread"),
    ]
    ((start, end),) = done.replies[0].spans
    assert REPLY[start:end] in SAID
    assert done.corpus.document("R2").text == REPLY
    told = str(done) + repr(done) + done._repr_html_() + repr(done.corpus.runs)
    assert "kettle hummed" not in told
    assert "R2" in told


def test_a_prompt_that_was_their_text_is_blotted_and_the_studys_prompt_stays(cache):
    corpus = left_of(cache).corpus
    assert "kettle" not in corpus.document("R2").attributes["prompt"]
    assert corpus.document("R3").attributes["prompt"] == "What did you hear?"


@pytest.mark.parametrize("asked", [{}, {"prompt": "What did you hear?"}, {"prompt": OWN.text}])
def test_an_opening_post_goes_from_prompts_though_its_writer_replied_to_it_too(asked):
    """Beside the writer's own reply it stood as a prompt, and is no study's prompt for that."""
    opening = replace(OWN, attributes=Attributes(thread="t", **asked))
    beside = Attributes(thread="t", prompt=OWN.text)
    own = Document("R6", "Nobody answered me all week.", case_id="Bea", attributes=beside)
    other = replace(NEAR, attributes=beside)
    cases = (Case("Bea"), Case("Cy"))
    left = leave_out(Corpus((opening, own, other), cases), [Tombstone("Bea", "2026-01-01", "l")])
    (kept,) = left.corpus
    assert set(kept.attributes["prompt"]) == {"█"}
    assert kept.attributes["thread"] == "t"


def test_a_studys_prompt_stays_though_somebody_who_withdrew_wrote_it_down():
    asked = "What did you hear when the rain came down at night?"
    beside = Attributes(thread="t", prompt=asked)
    theirs = Document("R6", f"{asked} I heard nothing.", case_id="Bea", attributes=beside)
    other = replace(NEAR, attributes=beside)
    corpus = Corpus((theirs, other), (Case("Bea"), Case("Cy")))
    (kept,) = leave_out(corpus, [Tombstone("Bea", "2026-01-01", "l")]).corpus
    assert kept == other


def test_texts_that_went_are_learned_once_for_all_replies_beside_them(monkeypatch):
    learned = []
    add = Quotes.add
    monkeypatch.setattr(Quotes, "add", lambda self, text: (learned.append(text), add(self, text)))
    replies = [replace(OTHER, id=f"A{n}", text=f"Answer {n}.") for n in range(9)]
    bare = [
        replace(each, id=f"B{n}", attributes=Attributes(parent="R1", thread="t"))
        for n, each in enumerate(replies)
    ]
    corpus = Corpus((OWN, *bare, *replies), (Case("Ana"), Case("Bea")))
    left = leave_out(corpus, [Tombstone("Bea", "2026-01-01", "lead")]).corpus
    assert not [each for each in left if "kettle" in str(each.attributes)]
    assert learned.count(OWN.text) == 1


def test_a_prompt_is_known_by_the_hash_of_a_text_that_is_deleted_everywhere():
    stone = Tombstone("Bea", "2026-01-01", "lead", frozenset({("R1", OWN.sha256)}))
    unlinked = replace(NEAR, id="R7", attributes=Attributes(prompt=OWN.text))
    left = leave_out(Corpus((OTHER, unlinked), (Case("Ana"), Case("Cy"))), [stone]).corpus
    assert set(left.document("R2").attributes["prompt"]) == {"█"}
    assert left.document("R7") == unlinked  # of who answers nobody it may be a study's question
    assert leave_out(left, [stone]).corpus == left


def test_nobody_unknown_withdraws(cache):
    with pytest.raises(UnknownIdError, match="no participant 'Bee' in this corpus; did you mean"):
        withdraw(CORPUS, "Bee", cache=cache)


def test_a_second_time_changes_nothing(cache):
    first = left_of(cache).corpus
    second = withdraw(first, "Bea", cache=cache).corpus
    assert second.documents == first.documents
    assert second.clearances == first.clearances


@pytest.mark.parametrize("renamed", [False, True])
def test_what_was_computed_of_a_prompt_that_was_their_text_is_forgotten(cache, renamed):
    cells = {"parent": "R1", "prompt": f"Re: {OWN.text}"}
    reply = replace(OTHER, attributes=Attributes(**cells))
    earlier = replace(OTHER, attributes=Attributes(**cells | {"prompt": f"Maribel: {OWN.text}"}))
    prompts = [reply.attributes["prompt"], *([earlier.attributes["prompt"]] if renamed else [])]
    other = "What did you hear?"
    entries = {text: entry_key(text_hash(text), "m") for text in (*prompts, other)}
    cache.put_many("parses", dict.fromkeys(entries.values(), b"words"))
    own = replace(OWN, attributes=Attributes())
    corpus = replace(CORPUS, documents=(own, reply, NEAR))
    before = replace(corpus, documents=(own, earlier, NEAR))
    moved = Moved(before, corpus, {}) if renamed else None
    withdraw(corpus, "Bea", cache=cache, moved=moved)
    assert set(cache.get_many("parses", entries.values())) == {entries[other]}


# ── rows ──


def test_codings_seen_memos_decisions_and_quotes_go_and_others_stay(cache):
    theirs = Coding(*span_of(OWN, "I came in."), "c", "m", "machine")
    said = Coding(*span_of(SHARED, SAID), "c", "ada")
    whole = Coding("T1", 0, len(TALK), "c", "ada", evidence=f"because of {SAID}")
    other = Coding(*span_of(OTHER, "So did I."), "c", "m", "machine", evidence=SAID)
    early = Coding(*span_of(SHARED, "I went home early."), "c", "ada")
    log = Codings(
        (theirs, said, whole, other, early),
        (
            Decision(theirs.id, "accept", "ada"),
            Decision(other.id, "reject", "ada", f"she quotes “{SAID}” here"),
            Decision(early.id, "change", "ada", replacement_id=said.id),
        ),
        (Seen("ada", "R1"), Seen("ada", "T1"), Seen("ada", *span_of(SHARED, SAID)[:1])),
        (Memo("ada", "on it", document_id="R1"), Memo("ada", f"Compare: {SAID}")),
    )
    quotes = (
        Approval(*span_of(OWN, SAID), decision="yes", by="ada"),
        QuoteRecord(*span_of(SHARED, SAID), text=SAID),
        Approval(*span_of(SHARED, "I went home early."), decision="yes", by="ada", note=SAID),
    )
    done = left_of(cache, codings=log, quotes=quotes)
    assert {row.id for row in done.codings} == {whole.id, other.id, early.id}
    assert done.codings.codings[0].evidence == ""
    assert "kettle" not in done.codings.codings[1].evidence
    (decision,) = done.codings.decisions
    assert decision.id == log.decisions[1].id
    assert "kettle" not in decision.reason
    assert {row.document_id for row in done.codings.seen} == {"T1"}
    (memo,) = done.codings.memos
    assert memo.text.startswith("Compare: █")
    (quote,) = done.quotes
    assert set(quote.note) == {"█"}
    assert done.removed == {
        "documents": 2, "codings": 2, "decisions": 2, "seen": 1, "memos": 1, "quotes": 2,
    }  # fmt: skip
    early_now = done.corpus.document("T1").text[early.start : early.end]
    assert early_now == "I went home early."


def test_a_codebook_loses_their_words_and_tells_the_codes(cache):
    book = Codebook(
        (Code("alone", "Alone", "Nobody to ask.", "g", examples=(SAID, "We are few.")),),
        (Group("g", "G"),),
    ).provisional("copper kettle", Origin("R1", 15, 28), by="Ana", in_vivo=True)
    done = left_of(cache, codebook=book)
    assert done.codebook["alone"].examples == ("We are few.",)
    assert done.traces.examples == ("alone",)
    assert len(done.traces.origins) == len(done.traces.in_vivo) == 1


def test_a_key_loses_their_files_and_tells_by_their_own_names_which_to_delete(cache):
    names = {"file-1.txt": "Beatrice.txt", "file-2.vtt": "talk.vtt"}
    said = Document("R1", SAID, case_id="Bea", source="file-1.txt")
    talk = Document("T1", "I left.", case_id="Cy", source="file-2.vtt")
    corpus = Corpus((said, talk), (Case("Bea"), Case("Cy")))
    done = withdraw(corpus, "Bea", key=Key(files=Attributes(names)), cache=cache)
    assert done.sources == ("Beatrice.txt",)
    assert dict(done.key.files) == {"file-2.vtt": "talk.vtt"}


def test_a_key_loses_them(cache):
    key = Key((Entry("Bea", "name", ("Beatrice",), case=True), Entry("P9", "name", ("Ben",))))
    assert len(left_of(cache, key=key).key) == 1


# ── what was computed ──


def test_what_was_computed_from_their_words_is_forgotten_and_others_texts_are_not(cache):
    passage = "copper kettle"
    window = "hummed until nobody could"
    texts = [OWN.text, f"{SAID} And so on.", SAID, passage, window, REPLY]
    keys = [entry_key(text_hash(text), "m") for text in texts]
    cache.put_many("vectors", dict.fromkeys(keys[:4], b"1"))
    cache.put_many("parses", dict.fromkeys(keys[4:], b"1"))
    log = Codings((Coding(*span_of(OWN, passage), "c", "ada"),))
    start = OWN.text.index(window)
    row = Segment.of(OWN, start, start + len(window), "Bea")
    done = left_of(cache, codings=log, segments=[Segments(CORPUS, (row,), "sentence")])
    found = cache.get_many("vectors", keys) | cache.get_many("parses", keys)
    assert set(found) == {keys[5]}
    assert done.forgotten >= 5


def test_models_are_stale_that_name_their_documents_or_their_texts_fingerprint(cache):
    class Trained:
        name = "trained"

        def fit(self):
            self.weights_ = [1]
            return self

    class Rules:
        codes_ = ()

        def fit(self):
            return self

    topics = SimpleNamespace(
        units=(SimpleNamespace(document_id="T1"),), runs=(), neighbours=(), terms=()
    )
    elsewhere = SimpleNamespace(units=(SimpleNamespace(document_id="R2"),), runs=())
    data = SimpleNamespace(name="data", ids=("R1:0-10",))
    tuned = SimpleNamespace(name="tuned", ids_=("R2:0-4", "R5:0-4"))
    by_run = SimpleNamespace(name="run", runs=(Run("fit", "x", inputs=(CORPUS.fingerprint,)),))
    coders = [data, tuned, by_run, Trained().fit(), Rules()]
    done = left_of(cache, topics=[topics, elsewhere], coders=coders)
    assert done.stale == ("topics 1", "data", "tuned", "run")
    assert done.untold == ("trained",)
    assert left_of(cache, coders={"mine": data}).stale == ("mine",)


def test_a_coder_says_by_ids_what_it_learned_from_and_one_of_several_coders_too(cache):
    book = Codebook((Code("c", "C", "d", "g"),), (Group("g", "G"),))
    hers, others = SupervisedCoder(book), SupervisedCoder(book)
    hers.ids_, others.ids_ = ("R3:0-9", "R1:0-10"), ("R3:0-9",)
    untrained = FineTunedCoder()
    coders = {
        "hers": hers,
        "others": others,
        "not trained": untrained,
        "both": MeanCoder((hers, others)),
        "neither": MeanCoder((others, untrained)),
    }
    done = left_of(cache, coders=coders)
    assert done.stale == ("hers", "both")
    assert done.untold == ()


# ── what comes back ──


def test_a_tombstone_keeps_them_out_when_the_old_files_are_read_again(cache, tmp_path):
    done = left_of(cache)
    path = done.save(tmp_path)
    assert "kettle" not in path.read_text(encoding="utf-8")
    stones = read_withdrawn(path)
    assert stones == (done.tombstone,)
    again = leave_out(CORPUS, stones)
    assert [document.id for document in again.corpus] == ["R2", "R3", "R4", "T1"]
    assert again.corpus.document("T1").text == done.corpus.document("T1").text
    assert [o.reason for o in again.corpus.omissions] == ["its participant withdrew"] * 2
    assert leave_out(again.corpus, stones).corpus == again.corpus


def test_a_text_that_comes_back_without_its_writer_or_speakers_is_left_out(cache):
    stone = left_of(cache).tombstone
    bare = Corpus((replace(OWN, case_id=None), replace(SHARED, turns=()), NEAR), (Case("Cy"),))
    left = leave_out(bare, [stone]).corpus
    assert [document.id for document in left] == ["R3"]
    assert "nothing tells in which turns" in left.omissions[1].reason


def test_a_corpus_accepts_nothing_of_who_withdrew(cache):
    corpus = left_of(cache).corpus
    with pytest.raises(CorpusError) as raised:
        replace(corpus, documents=(*corpus.documents, OWN), cases=CORPUS.cases)
    assert "case 'Bea' withdrew; leave them out" in raised.value.faults
    assert "document 'R1' was withdrawn by its participant; leave it out" in raised.value.faults


def test_another_withdrawal_joins_the_file(cache, tmp_path):
    first = left_of(cache)
    first.save(tmp_path)
    second = withdraw(first.corpus, "Cy", cache=cache)
    path = second.save(tmp_path)
    assert [stone.case_id for stone in read_withdrawn(path)] == ["Bea", "Cy"]
    left = leave_out(CORPUS, read_withdrawn(path)).corpus
    assert [document.id for document in left] == ["R2", "R4", "T1"]
    assert left.document("T1").text == second.corpus.document("T1").text


def test_the_list_of_the_withdrawn_lies_on_the_disk_before_it_takes_its_place(
    tmp_path, monkeypatch
):
    done = []

    def synced(handle, real=os.fsync):
        done.append("on the disk")
        real(handle)

    def replaced(path, target, real=Path.replace):
        done.append("in its place")
        return real(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_withdrawn(tmp_path, [Tombstone("Bea", "2024-01-01T00:00:00+00:00", "lead")])
    assert done == ["on the disk", "in its place"]


def test_a_spared_text_stays_with_whom_it_is_ascribed_to_now():
    stone = Tombstone("Ana", "2026-01-01", "lead", spared=frozenset({("R2", OTHER.sha256)}))
    mended = replace(CORPUS, documents=(replace(OTHER, case_id="Cy"),))
    assert "R2" in leave_out(mended, [stone]).corpus
    left = leave_out(replace(CORPUS, documents=(OTHER,)), [stone])
    assert "R2" not in left.corpus
    assert "by mistake" in left.corpus.omissions[0].reason
    assert not left.erased


def test_after_pseudonyms_the_tombstone_knows_the_original_texts_too(cache):
    original = replace(CORPUS, documents=(replace(OWN, text="Beatrice came in late again."), OTHER))
    new = replace(original, documents=(replace(OWN, text="Bea came in late again."), OTHER))
    done = withdraw(new, "Bea", moved=Moved(original, new, {}), cache=cache)
    hashes = {sha256 for _, sha256 in done.tombstone.documents}
    assert text_hash("Beatrice came in late again.") in hashes


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- 3", "entry 1: expected case"),
        ("- case: 1\n  at: x\n  by: y", "'case' is no text"),
        ("- case: a\n  at: b\n  by: c\n  documents: [[1, 2]]", "'documents' is no list"),
        ("- [", "no YAML"),
    ],
)
def test_a_broken_file_of_tombstones_is_told_and_never_overwritten(tmp_path, text, fault):
    path = tmp_path / "withdrawn.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=fault):
        read_withdrawn(path)
    with pytest.raises(CorpusError):
        write_withdrawn(tmp_path, [Tombstone("a", "b", "c")])
    assert path.read_text(encoding="utf-8") == text


def test_quoted_words_are_found_where_they_stand():
    words = Quotes()
    words.add(SAID)
    assert words.find(REPLY) == ((14, 14 + len(SAID) - 1),)
    assert words.find("nothing of it here at all") == ()
    assert words.find(SAID) == ((0, len(SAID)),)


def test_read_corpus_honours_the_file_beside_old_texts(cache, tmp_path):
    folder = tmp_path / "the texts"
    folder.mkdir()
    table = "ID,Participant,Answer\nA1,P01,We laughed a lot today.\nA2,P02,I was tired.\n"
    (folder / "answers.csv").write_text(table, encoding="utf-8")
    withdraw(read_corpus(folder), "P01", cache=cache).save(folder)
    corpus = read_corpus(folder)
    assert [document.id for document in corpus] == ["A2"]
    assert [stone.case_id for stone in corpus.withdrawn] == ["P01"]
    assert [omission.reason for omission in corpus.omissions] == ["its participant withdrew"]
    (folder / "answers.csv").write_text("ID,Answer\nA9,We laughed a lot today.\nA2,Tired.\n")
    assert [document.id for document in read_corpus(folder)] == ["A2"]
    (folder / "withdrawn.yaml").write_text("- 3", encoding="utf-8")
    with pytest.raises(CorpusError, match="entry 1: expected case"):
        read_corpus(folder)
