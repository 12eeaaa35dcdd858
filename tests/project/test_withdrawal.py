"""A participant withdraws: nothing of theirs is left, and nothing brings it back."""

import contextlib
import dataclasses
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.codebook import Code, Codebook, CounterExample, Group, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Picture, Turn
from reflect_analysis.disclosure import Approval
from reflect_analysis.disclosure.withdrawal import Quotes
from reflect_analysis.errors import OutputError, ProjectError, UnknownIdError
from reflect_analysis.project import Project
from reflect_analysis.project.text import exporting
from reflect_analysis.project.withdrawal import holds_case
from reflect_analysis.project.withdrawal.stones import Tombstone
from reflect_analysis.provenance import text_hash
from reflect_analysis.topics import Part, TopicAct

SAID = "The copper kettle hummed until nobody could hear the rain."
TALK = (
    "Ana: We begin late today.\n"
    f"Bea: {SAID} And so on.\n"
    "Cy: I went home early.\n"
    "Lead: And then?\n"
    "Bea: No more.\n"
)


def turn(speaker: str, words: str, case: str | None) -> Turn:
    start = TALK.index(words)
    return Turn(start, start + len(words), speaker, case, coded=case is not None)


OWN = Document(
    "R1",
    f"I came in. {SAID} I left.",
    case_id="Bea",
    source="c1.csv",
    picture=Picture("kettle.jpg", "a kettle"),
)
OTHER = Document("R2", "A day like any other day at work.", case_id="Ana", source="c2.csv")
UNKNOWN = Document("R3", "Nobody knows who wrote these few words.")
SHARED = Document(
    "T1",
    TALK,
    kind="transcript",
    source="talk.txt",
    turns=(
        turn("Ana", "We begin late today.", "Ana"),
        turn("Bea", f"{SAID} And so on.", "Bea"),
        turn("Cy", "I went home early.", "Cy"),
        turn("Lead", "And then?", None),
        turn("Bea", "No more.", "Bea"),
    ),
)
DOCUMENTS = (OWN, OTHER, UNKNOWN, SHARED)
CORPUS = Corpus(
    DOCUMENTS,
    (Case("Ana"), Case("Bea"), Case("Cy")),
    tuple(Clearance(document.sha256, "lead", "read") for document in DOCUMENTS),
)
BOOK = Codebook(
    (
        Code(
            "alone",
            "Alone",
            "Nobody to ask.",
            "g",
            examples=("Nobody could hear the rain", "We are few."),
            counter_examples=(CounterExample("the copper kettle hummed", "a thing"),),
        ),
    ),
    (Group("g", "G"),),
).provisional("copper kettle", Origin("R1", 15, 28), by="Ana", in_vivo=True)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Cache:
    """A cache of this test: empty, so that no model is loaded."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))
    return Cache(tmp_path / "cache")


@pytest.fixture
def study(target):
    """A study in which everything was done that can quote a participant."""
    with Project.create(target) as project:
        project.save(by="lead", corpus=CORPUS, codebook=BOOK)
        coded(project)
        yield project


def coded(project: Project) -> None:
    desk = project.desk("c1")
    start = TALK.index(SAID)
    desk.code("R1", 0, 9, "alone")
    (lost,) = desk.code("T1", start, start + 10, "alone")
    desk.decide(lost.id, "reject", reason=f"for they say: {SAID}")
    (kept,) = desk.code("T1", 5, 24, "alone")
    desk.decide(kept.id, "accept", reason=f"like “{SAID}”")
    across = TALK.index("And so on.")
    desk.code("T1", across, TALK.index("early."), "alone")
    for document in DOCUMENTS:
        desk.read(document.id)
    desk.memo(f"Compare with this: {SAID}", document_id="R2")
    desk.memo("Come back to this.", document_id="R1")
    desk.memo("Come back to that.", document_id="T1", span=(start, start + 5))
    evidence = f"nearest: {SAID}"
    machine = Coding("R2", 0, 5, "alone", "machine", "machine", evidence=evidence)
    beside = Coding("T1", 0, start + 20, "alone", "machine", "machine", evidence="words 12–30")
    project.record(by="machine", codings=[machine, beside])
    approvals = [
        Approval("T1", 5, 24, decision="yes", by="lead", sha256=text_hash(TALK[5:24])),
        Approval("T1", start, start + 9, decision="yes", by="lead"),
        Approval("R1", 0, 9, decision="yes", by="lead"),
    ]
    project.save(by="lead", approvals=approvals)
    parts = (
        Part(f"of {SAID}", (segment("R1", OWN.text), segment("T1", SAID))),
        Part("theirs", (segment("R1", "I left."), segment("T1", "We begin late today."))),
        Part("hers alone", (segment("R1", "I came in."),)),
    )
    why = f"for they say: {SAID}"
    split = TopicAct("a solution", "split", (0,), by="lead", why=why, parts=parts)
    named = TopicAct("a solution", "name", (1,), label=f"“{SAID}”", by="lead", why="it is said")
    project.save(by="lead", topic_acts=(split, named))


def segment(document_id: str, words: str) -> str:
    text = next(each.text for each in DOCUMENTS if each.id == document_id)
    start = text.index(words)
    return f"{document_id}:{start}-{start + len(words)}"


def everything(project: Project, folder: Path) -> str:
    """All that a study holds, as text."""
    project.export_text(folder)
    names = [path for path in folder.iterdir() if path.name != "README.txt"]
    return "\n".join(path.read_text(encoding="utf-8") for path in names)


def held(project: Project, case_id: str) -> bool:
    with project._settled() as connection:
        return holds_case(connection, case_id)


# ── what goes ──


def test_nothing_that_a_person_said_is_left_anywhere(study, tmp_path):
    report = study.withdraw("Bea", by="lead")
    left = everything(study, tmp_path / "out").casefold()
    assert "copper" not in left
    assert "hear the rain" not in left
    assert not held(study, "Bea")
    assert study.check() == ()
    assert report.documents == ("R1",)
    assert report.shared == ("T1",)
    assert report.deleted["cases"] == 1
    assert report.deleted["documents"] == 1


def test_the_words_are_nowhere_in_the_file_nor_beside_it(tmp_path):
    path = tmp_path / "study.reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=CORPUS, codebook=BOOK)
        coded(project)
        project._settle()
        assert b"copper kettle" in path.read_bytes()
        project.withdraw("Bea", by="lead")
        for each in tmp_path.rglob("*"):
            if each.is_file():
                assert b"opper" not in each.read_bytes(), each.name


def test_what_others_said_and_did_stays(study):
    study.withdraw("Bea", by="lead")
    corpus = study.corpus()
    assert [document.id for document in corpus] == ["R2", "R3", "T1"]
    assert [case.id for case in corpus.cases] == ["Ana", "Cy"]
    log = study.codings()
    spans = {(c.document_id, c.start, c.coder) for c in log}
    start = TALK.index("And so on.")
    assert spans == {
        ("R2", 0, "machine"),
        ("T1", 0, "machine"),
        ("T1", 5, "c1"),
        ("T1", start, "c1"),
    }
    assert {seen.document_id for seen in log.seen} == {"R2", "R3", "T1"}
    assert [memo.document_id for memo in log.memos] == ["R2"]
    assert [a.span for a in study.approvals()] == [("T1", 5, 24)]
    (decision,) = log.decisions
    assert decision.reason.startswith("like “█")


def test_the_parts_of_a_topic_lose_their_segments_and_the_acts_hold_on(study):
    before = study.topic_acts()
    study.withdraw("Bea", by="lead")
    split, named = study.topic_acts()
    assert [act.id for act in before] == [split.id, named.id]
    assert "kettle" not in repr((split, named))
    assert [part.segment_ids for part in split.parts] == [
        (),
        (segment("T1", "We begin late today."),),
        (),
    ]
    assert [part.label for part in split.parts][1:] == ["theirs", "hers alone"]
    assert study.save(by="lead", topic_acts=before) is None


def test_turns_are_blotted_out_sign_for_sign_with_their_label(study):
    study.withdraw("Bea", by="lead")
    text = study.corpus().document("T1").text
    assert len(text) == len(TALK)
    for before, after in zip(TALK.split("\n"), text.split("\n"), strict=True):
        if before.startswith("Bea"):
            assert set(after.replace(": ", "")) == {"█"}
        else:
            assert before == after
    assert [t.case_id for t in study.corpus().document("T1").turns] == [
        "Ana",
        None,
        "Cy",
        None,
        None,
    ]
    assert study.corpus().uncleared() == ()


def test_evidence_that_rests_on_blotted_words_is_emptied(study):
    study.withdraw("Bea", by="lead")
    evidence = {
        (c.document_id, c.start): c.evidence for c in study.codings() if c.coder == "machine"
    }
    assert evidence["T1", 0] == ""
    assert set(evidence["R2", 0]) == {"█"} or evidence["R2", 0].startswith("nearest: █")


def test_codes_lose_the_words_and_are_told(study):
    before = study.codebook().version
    report = study.withdraw("Bea", by="lead")
    book = study.codebook()
    assert report.traces.origins == ("in_vivo_1",)
    assert report.traces.in_vivo == ("in_vivo_1",)
    assert report.traces.examples == ("alone",)
    assert book["in_vivo_1"].name == "in vivo code: in_vivo_1"
    assert book["alone"].examples == ("We are few.",)
    assert book["alone"].counter_examples == ()
    assert {change.reason for change in book.history[1:]} == {"a participant withdrew"}
    assert before in {change.version_before for change in book.history}
    assert study.codebook(before)["alone"].examples == ("We are few.",)


def test_two_speakers_of_one_talk_may_both_withdraw(study):
    study.withdraw("Bea", by="lead")
    study.withdraw("Cy", by="lead")
    text = study.corpus().document("T1").text
    assert "home" not in text
    assert "We begin late today." in text
    assert [c.start for c in study.codings(["T1"]) if c.coder == "c1"] == [5]


PROMPT = Attributes(prompt="What did you hear at the end of this long day?")
ANSWERED = dataclasses.replace(OWN, attributes=PROMPT)
EARLIER = dataclasses.replace(
    ANSWERED, text="At first I wrote of seven green umbrellas by the door."
)
REPLIES = (
    dataclasses.replace(OTHER, attributes=PROMPT | {"parent": "R1", "said": f"Re: {SAID}"}),
    Document(
        "R4",
        "So did I.",
        case_id="Cy",
        attributes=PROMPT | {"parent": "R1", "said": f"Re: {EARLIER.text}", "day": "Monday"},
    ),
)


def threads(project):
    """A study in which others answer what somebody wrote, and wrote before."""
    for own in (EARLIER, ANSWERED):
        corpus = dataclasses.replace(CORPUS, documents=(own, *REPLIES), clearances=())
        project.save(by="lead", corpus=corpus)


def test_a_prompt_that_was_their_text_is_blotted_and_the_studys_prompt_stays(target, tmp_path):
    with Project.create(target) as project:
        threads(project)
        report = project.withdraw("Bea", by="lead")
        assert report.changed == {"documents": 2}
        left = {each.id: dict(each.attributes) for each in project.corpus()}
        assert {each["prompt"] for each in left.values()} == {PROMPT["prompt"]}
        assert {each["parent"] for each in left.values()} == {"R1"}
        assert left["R4"]["day"] == "Monday"
        told = everything(project, tmp_path / "out")
        assert not [word for word in ("copper", "umbrellas") if word in told]


def test_an_old_copy_that_is_merged_brings_no_prompt_back(tmp_path):
    here, there = tmp_path / "here.reflect", tmp_path / "there.reflect"
    with Project.create(here) as project:
        threads(project)
    shutil.copy(here, there)
    with Project.open(here) as project:
        project.withdraw("Bea", by="lead")
        blotted = project.corpus().documents
    for target, other in ((here, there), (there, here)):
        with Project.open(target) as project:
            project.merge(other, by="lead")
            assert project.corpus().documents == blotted


def test_the_cache_forgets_what_was_found_in_a_prompt_that_was_their_text(target, cache):
    prompts = [reply.attributes["said"] for reply in REPLIES]
    entries = {entry_key(text_hash(text), "model"): b"computed" for text in prompts}
    cache.put_many("parses", entries)
    with Project.create(target) as project:
        threads(project)
        project.withdraw("Bea", by="lead")
    assert cache.get_many("parses", entries) == {}


def test_a_talk_with_nobody_else_goes_as_a_whole(target):
    alone = dataclasses.replace(
        SHARED, turns=tuple(t for t in SHARED.turns if t.case_id in ("Bea", None))
    )
    with Project.create(target) as project:
        project.save(by="lead", corpus=Corpus((alone, OTHER), CORPUS.cases))
        assert project.withdraw("Bea", by="lead").documents == ("T1",)
        assert [document.id for document in project.corpus()] == ["R2"]


def test_earlier_texts_and_undone_ones_go_too(target, tmp_path):
    with Project.create(target) as project:
        project.save(by="lead", corpus=CORPUS)
        edited = dataclasses.replace(OWN, text="Another wording, by the same person.")
        project.save(by="lead", corpus=Corpus((edited,), CORPUS.cases))
        project.undo(by="lead")
        project.withdraw("Bea", by="lead")
        left = everything(project, tmp_path / "out")
        assert "Another wording" not in left
        assert "copper" not in left
        project.redo(by="lead")
        assert [document.id for document in project.corpus()] == ["R2", "R3", "T1"]


def test_the_same_words_of_nobody_known_go_and_short_ones_stay(target):
    copied = dataclasses.replace(OWN, id="Q1", case_id=None)
    short = (Document("A1", "Yes.", case_id="Bea"), Document("A2", "Yes.", case_id="Ana"))
    shorter = (*short, Document("A3", "Yes."))
    with Project.create(target) as project:
        project.save(by="lead", corpus=Corpus((OWN, copied, *shorter), CORPUS.cases))
        report = project.withdraw("Bea", by="lead")
        assert report.documents == ("A1", "Q1", "R1")
        assert [document.id for document in project.corpus()] == ["A2", "A3"]
        assert report.unascribed == 1


def test_a_text_that_was_mistaken_for_theirs_stays_with_its_author(target):
    mistaken = dataclasses.replace(OTHER, case_id="Bea")
    with Project.create(target) as project:
        project.save(by="lead", corpus=Corpus((OWN, mistaken), CORPUS.cases))
        project.save(by="lead", corpus=Corpus((OWN, OTHER), CORPUS.cases))
        report = project.withdraw("Bea", by="lead")
        assert report.spared == ("R2",)
        assert project.corpus().document("R2").case_id == "Ana"
        assert not held(project, "Bea")


def test_the_cache_forgets_documents_turns_and_coded_passages(study, cache):
    texts = (OWN.text, SAID + " And so on.", "No more.", OWN.text[:9], "I came in.", OTHER.text)
    entries = {entry_key(text_hash(text), "model"): b"computed" for text in texts}
    cache.put_many("vectors", entries)
    report = study.withdraw("Bea", by="lead")
    left = cache.get_many("vectors", entries)
    assert set(left) == {entry_key(text_hash(OTHER.text), "model")}
    assert report.forgotten >= 5


# ── what does not come back ──


def test_no_undo_and_no_redo_brings_anything_back(study, tmp_path):
    study.undo(by="lead")
    study.withdraw("Bea", by="lead")
    study.redo(by="lead")
    withdrawal = study.events()[-2]
    with pytest.raises(ProjectError, match="cannot be undone"):
        study.undo(by="lead", event_id=withdrawal.id)
    for _ in range(2):
        study.undo(by="lead")
        study.redo(by="lead")
    assert not held(study, "Bea")
    assert "opper" not in everything(study, tmp_path / "out")


def test_reading_the_files_again_brings_nobody_back(study, tmp_path):
    study.withdraw("Bea", by="lead")
    before = study.corpus()
    assert study.save(by="lead", corpus=CORPUS) is None
    new = Document("R9", "A later reflection of the same person.", case_id="Bea")
    codings = Codings((Coding("R9", 0, 5, "alone", "c1"), Coding("R2", 2, 5, "alone", "c1")))
    read = Codings(seen=(Seen("c1", "R9"),)) + codings
    study.save(by="lead", corpus=Corpus((*DOCUMENTS, new), CORPUS.cases), codings=read)
    assert study.corpus().documents == before.documents
    assert ("R2", 2) in {(c.document_id, c.start) for c in study.codings()}
    left = everything(study, tmp_path / "out")
    assert "later reflection" not in left
    assert '"document_id":"R9"' not in left


def test_a_decision_that_was_still_on_its_way_is_left_out(study, tmp_path):
    desk = study.desk("c2")
    study.withdraw("Bea", by="lead")
    desk._project.record(
        by="c2",
        codings=[
            Coding("R1", 0, 5, "alone", "c2", evidence=SAID),
            Coding("T1", 5, 9, "alone", "c2"),
        ],
        texts={"R1": OWN.sha256, "T1": SHARED.sha256},
    )
    assert {(c.document_id, c.start) for c in study.codings().by_coder("c2")} == {("T1", 5)}
    assert "opper" not in everything(study, tmp_path / "out")


def test_what_a_program_that_died_left_is_stored_without_them(tmp_path):
    path = tmp_path / "study.reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=CORPUS, codebook=BOOK)
        study = project.id
        with Project.open(path) as dying:
            log = dying._pending
            log._store = lambda entries: (_ for _ in ()).throw(ProjectError("the disk is gone"))
            dying.desk("c2").code("R1", 0, 9, "alone")
            log._closing = True
            with log._change:
                log._change.notify_all()
            log._thread.join()
            log._file.close()
            dying._pending = None
        assert any(study[:8] in each.name for each in tmp_path.glob("*.pending"))
        project.withdraw("Bea", by="lead")
        assert project.codings().codings == ()
        assert [p for p in tmp_path.glob("*.pending") if p.stat().st_size] == []


def test_an_old_copy_that_is_merged_brings_nobody_back(target, tmp_path):
    old = tmp_path / "old.reflect"
    with Project.create(old) as project:
        project.save(by="lead", corpus=CORPUS, codebook=BOOK)
        coded(project)
    with Project.create(target) as project:
        project.merge([old], by="lead")
        project.withdraw("Bea", by="lead")
        with Project.open(old) as other:
            other.desk("c2").code("R1", 0, 9, "alone")
            other.desk("c2").code("T1", 5, 9, "alone")
            other.desk("c2").memo(f"And again: {SAID}")
        project.merge([old], by="lead", choose={"codebook": project.codebook().version})
        assert {(c.document_id, c.start) for c in project.codings().by_coder("c2")} == {("T1", 5)}
        assert not held(project, "Bea")
        assert "opper" not in everything(project, tmp_path / "out")


def test_a_withdrawal_elsewhere_is_one_here(target, tmp_path):
    with Project.create(target) as project:
        project.save(by="lead", corpus=CORPUS)
        project.export_text(tmp_path / "out")
        copy = tmp_path / "copy.reflect"
        with Project.import_text(tmp_path / "out", copy) as other:
            other.withdraw("Bea", by="partner")
        report = project.merge([copy], by="lead")
        assert report.withdrawn == ("Bea",)
        assert not held(project, "Bea")
        assert "opper" not in everything(project, tmp_path / "out")


def test_a_line_that_was_put_back_into_an_export_brings_nobody_back(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        project.save(by="lead", corpus=CORPUS)
        project.export_text(tmp_path / "before")
        project.withdraw("Bea", by="lead")
        project.export_text(tmp_path / "after")
    for name in ("documents.jsonl", "cases.jsonl"):
        shutil.copy(tmp_path / "before" / name, tmp_path / "after" / name)
    contents = tmp_path / "after" / "contents.json"
    old = (tmp_path / "before" / "contents.json").read_text(encoding="utf-8")
    new = contents.read_text(encoding="utf-8")
    for name in ("documents", "cases"):
        (line,) = (each for each in old.splitlines() if f'"{name}"' in each)
        (wrong,) = (each for each in new.splitlines() if f'"{name}"' in each)
        new = new.replace(wrong, line)
    contents.write_text(new, encoding="utf-8")
    with Project.import_text(tmp_path / "after", tmp_path / "again.reflect") as project:
        assert not held(project, "Bea")
        assert [document.id for document in project.corpus()] == ["R2", "R3", "T1"]


# ── the report ──


def test_the_report_tells_what_is_out_of_reach_and_no_words(study, tmp_path):
    study.export_text(tmp_path / "sent", by="Ana")
    report = study.withdraw("Bea", by="lead")
    told = str(report)
    assert "opper" not in told + repr(report)
    assert [(sent.action, sent.by) for sent in report.sent] == [("export", "Ana")]
    assert str(tmp_path / "sent") in told
    assert report.sources == ("c1.csv", "kettle.jpg", "talk.txt")
    assert report.unascribed == 1
    assert "1 document of nobody known" in told


def test_an_export_that_could_not_be_written_did_not_leave_the_study(study, tmp_path, monkeypatch):
    study.export_text(tmp_path / "sent", by="Ana")
    real = exporting.whole_files

    @contextlib.contextmanager
    def held(*given, **named):
        with real(*given, **named) as part:
            yield part
            raise PermissionError(13, "it is open in another program")

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "whole_files", held)
        for name in ("held", "sent"):
            with pytest.raises(OutputError, match="open in another program"):
                study.export_text(tmp_path / name, by="Bo")
    where = [Path(each.where).name for each in study.withdraw("Bea", by="lead").sent]
    assert where == ["sent", "sent"]  # of the folder that was there nobody knows what came in
    told = [event for event in study.events() if event.action == "export"]
    assert [(e.by, "stayed" in e.payload) for e in sorted(told, key=lambda e: e.at)] == [
        *(("Ana", False), ("Bo", False), ("Bo", True), ("Bo", False)),
    ]


def test_backups_that_hold_the_person_are_listed_until_they_are_purged(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        project.save(by="lead", corpus=CORPUS)
        made = project.backup(by="lead")
        assert project.withdraw("Bea", by="lead").backups == (str(made.path),)
        project.purge("Bea", by="lead")
        assert project.withdraw("Bea", by="lead").backups == ()


def test_a_second_withdrawal_changes_nothing_and_tells_again(study):
    first = study.withdraw("Bea", by="lead")
    count = len(study.events())
    again = study.withdraw("Bea", by="other")
    assert again.before
    assert (again.at, again.by) == (first.at, "lead")
    assert (again.deleted, again.documents) == (first.deleted, first.documents)
    assert "deleted then: 1 case, 1 document" in str(again)
    assert len(study.events()) == count


def test_a_backup_that_lies_where_it_was_made_is_not_said_to_be_out_of_reach(tmp_path):
    with Project.create(tmp_path / "study.reflect") as project:
        project.save(by="lead", corpus=CORPUS)
        made, moved = project.backup(by="lead"), project.backup(by="lead")
        moved.path.rename(tmp_path / "on a stick")
        report = project.withdraw("Bea", by="lead")
        assert report.backups == (str(made.path),)
        assert [sent.where for sent in report.sent] == [moved.path.name]
        assert "project." not in str(report)
        assert "not recorded" not in str(report)


def test_who_is_not_in_the_study_cannot_withdraw(study):
    with pytest.raises(UnknownIdError, match="did you mean 'Bea'"):
        study.withdraw("Beaa", by="lead")
    assert held(study, "Bea")


# ── the parts ──


pairs = st.frozensets(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")))
stones = st.builds(
    lambda at, listed, spared: Tombstone("P", at, "by", listed, spared - listed),
    st.sampled_from("123"),
    pairs,
    pairs,
)


@given(stones, stones, stones)
def test_tombstones_join_in_any_order_and_grouping(one, two, three):
    assert one | two == two | one
    assert (one | two) | three == one | (two | three)
    assert one | one == one


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("the copper kettle hummed until nobody", "█" * 37),
        ("I note: copper kettle hummed until nobody could! So.", "I note: " + "█" * 39 + "! So."),
        ("as they say, “the copper kettle”, often", "as they say, “█████████████████”, often"),
        ("a copper kettle hummed", "a copper kettle hummed"),
        ("No more, they said", "No more, they said"),
        ("He said we were quite alone there.", "He said " + "█" * 25 + "."),
    ],
)
def test_what_quotes_a_text_is_blotted_out_and_nothing_else(written, left):
    quotes = Quotes()
    quotes.add(f"{SAID} No more. We were quite alone there.")
    assert quotes.blot(written) == left
