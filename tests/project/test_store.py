"""The store: values in, values out; nothing overwritten; undo and redo of any depth."""

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError, UnknownIdError
from reflect_analysis.project import Project, schema
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project.entries import Entry, Event, write_entries
from reflect_analysis.project.history import undone
from reflect_analysis.project.text.lines import TABLES, sorted_rows
from reflect_analysis.provenance import Run, new_run, text_hash
from reflect_analysis.topics import Part, TopicAct

# ── values as rows, and back ──

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
names = st.text("abcdefghij_-0123456789é ", min_size=1, max_size=8)
numbers = st.integers(0, 2**31 - 1)
times = st.datetimes(timezones=st.just(dt.UTC))
facts = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
known = st.dictionaries(words, facts | st.dates() | times, max_size=3).map(Attributes)
spans = st.tuples(numbers, st.integers(1, 50)).map(lambda pair: (pair[0], pair[0] + pair[1]))

turns = st.builds(Turn, numbers, numbers, words, st.none() | names, st.booleans())
documents = st.builds(
    Document,
    id=names,
    text=words,
    kind=st.sampled_from(["reflection", "transcript", "post"]),
    case_id=st.none() | names,
    attributes=known,
    voice=st.sampled_from(["participant", "other"]),
    language=st.sampled_from(["en", "fr-CA"]),
    flags=st.lists(words, max_size=2).map(tuple),
    turns=st.lists(turns, max_size=2).map(tuple),
    picture=st.none() | st.builds(Picture, st.none() | words, st.none() | words),
    source=words,
    place=words,
)
cases = st.builds(
    Case,
    names,
    known,
    st.sampled_from(["yes", "no", "ask"]),
    st.none() | st.builds(Governance, words, st.lists(words, max_size=2).map(tuple)),
)
codings = st.builds(
    Coding,
    document_id=names,
    start=numbers,
    end=numbers,
    code_id=names,
    coder=names,
    coder_kind=st.sampled_from(["person", "machine"]),
    score=st.none() | st.floats(allow_nan=False),
    evidence=words,
    blind=st.booleans(),
    at=times,
    run_id=words,
    codebook_version=words,
    phase=st.sampled_from(["", "calibration", "reliability", "consensus"]),
)
seen = st.builds(
    Seen,
    coder=names,
    document_id=names,
    codes=st.lists(names, max_size=3).map(tuple),
    at=times,
    blind=st.booleans(),
    start=st.none() | numbers,
    end=st.none() | numbers,
)
approvals = st.builds(
    Approval,
    names,
    numbers,
    numbers,
    words,
    st.sampled_from(["yes", "no", "edit", "awaiting"]),
    words,
    words,
    words,
)
runs = st.builds(
    Run,
    names,
    words,
    st.dictionaries(words, facts, max_size=3).map(Attributes),
    st.none() | st.integers(),
    st.none() | words,
    st.lists(words, max_size=2).map(tuple),
    times,
    words,
)
HASH = "0" * 64


def stored(row: as_rows.Row) -> as_rows.Row:
    """What a table, a log and a line of text make of a row."""
    return as_rows.from_json(as_rows.as_json(row))


@pytest.mark.parametrize(
    ("values", "to_row", "of_row"),
    [
        (documents, as_rows.document_row, as_rows.document_of),
        (cases, as_rows.case_row, as_rows.case_of),
        (
            st.builds(Clearance, words, words, words, times),
            as_rows.clearance_row,
            as_rows.clearance_of,
        ),
        (
            st.builds(Omission, words, words, words, numbers),
            as_rows.omission_row,
            as_rows.omission_of,
        ),
        (runs, lambda run: as_rows.run_row(run, "corpus"), as_rows.run_of),
        (codings, lambda coding: as_rows.coding_row(coding, HASH), as_rows.coding_of),
        (seen, lambda row: as_rows.seen_row(row, HASH), as_rows.seen_of),
        (approvals, lambda row: as_rows.approval_row(row, HASH), as_rows.approval_of),
        (
            st.builds(Decision, names, st.just("accept"), names, words, words, times),
            as_rows.decision_row,
            as_rows.decision_of,
        ),
        (
            st.builds(Memo, names, words, st.just("method"), words, st.none() | numbers, at=times),
            lambda memo: as_rows.memo_row(memo, HASH),
            as_rows.memo_of,
        ),
    ],
    ids=[
        "document",
        "case",
        "clearance",
        "omission",
        "run",
        "coding",
        "seen",
        "approval",
        "decision",
        "memo",
    ],
)
@given(data=st.data())
def test_a_value_comes_back_from_its_row_as_it_was(values, to_row, of_row, data):
    value = data.draw(values)
    row = stored(to_row(value))
    assert of_row(row) == value
    assert to_row(of_row(row)) == row


def test_a_codebook_comes_back_with_all_that_it_holds():
    code = Code(
        "wait",
        "Waiting",
        "Waits.",
        "g",
        include=("a",),
        counter_examples=(CounterExample("b", "c"),),
        patterns=("wait*",),
        scopes=Attributes(negation="exclude"),
        source=(Source("A, 2020", verified=True),),
        origin=Origin("d0", 1, 4),
    )
    change = CodeChange("create", "wait", by="ana", origin=Origin("d0", 1, 4))
    book = Codebook((code,), (Group("g", "G"),), general_rules=("r",), history=(change,))
    assert as_rows.codebook_of(stored(as_rows.codebook_row(book))) == book


# ── values in, values out ──

TALK = "Ana: We wait.\nBen: I ask. 🌊\n"


@pytest.fixture(scope="module")
def whole(corpus) -> Corpus:
    """A corpus with everything that one can hold."""
    extra = (
        Document(
            "T1",
            TALK,
            kind="transcript",
            turns=(Turn(5, 13, "Ana", "P0"), Turn(19, 27, "Ben", None, coded=False)),
            attributes=Attributes(date=dt.date(2026, 3, 1), share=0.1, open=True, none=None),
            picture=Picture("p.jpg", "water", "adults"),
            flags=("selected",),
        ),
        Document("d10", "The tenth.", voice="other", language="fr"),
    )
    cases = (Case("P0", Attributes(role="ECE"), "no", Governance("N", ("coding",))), Case("P1"))
    return Corpus(
        (*corpus.documents, *extra),
        cases,
        corpus.clearances,
        (Omission("c1.csv", "row 3", "no text", 4),),
        (new_run("read", "6 documents were read"), new_run("clear", "They were cleared")),
    )


def log_of(corpus: Corpus) -> Codings:
    """A log with everything that one can hold."""
    one = Coding("d0", 0, 5, "wait", "rules", "machine", 0.1 + 0.2, "“water” 0–5", run_id="r")
    other = Coding("d0", 0, 9, "ask", "ana", phase="reliability", blind=True)
    return Codings(
        (one, other),
        (Decision(one.id, "change", "ana", "longer", other.id),),
        (Seen("ana", "d0", codes=("wait", "ask")), Seen("ana", "T1", start=0, end=5)),
        (Memo("ana", "A note.\nOf two lines."), Memo("ana", "Here.", "method", "d0", 0, 5, "wait")),
        (new_run("code", "2 passages were coded", settings={"threshold": 0.5}, seed=3),),
    )


def split_of(*segment_ids: str) -> TopicAct:
    """A split of a topic in which each segment is a part."""
    parts = tuple(Part(f"part {number}", (each,)) for number, each in enumerate(segment_ids))
    return TopicAct("a solution", "split", (2,), by="ana", why="two things", parts=parts)


def test_acts_on_topics_come_back_in_their_order_and_by_their_solution(made):
    first = TopicAct("a solution", "name", (0,), label="Rain", by="ana", why="they say so")
    other = TopicAct("another", "drop", (1,), by="ben", why="one person alone")
    undone = TopicAct("a solution", "undo", (), by="ana", why="no", undoes=first.id)
    with Project.open(made) as project:
        project.save(by="ana", topic_acts=(split_of("d0:0-5", "d1:0-4"), first))
        project.save(by="ben", topic_acts=(first, other, undone))
        assert [act.kind for act in project.topic_acts()] == ["split", "name", "drop", "undo"]
        assert project.topic_acts("another") == (other,)
        assert project.save(by="lead", topic_acts=project.topic_acts()) is None
        project.undo(by="ben")
        assert project.topic_acts() == project.topic_acts("a solution")
        assert project.topic_acts()[1] == first


def same(one: Corpus, other: Corpus) -> bool:
    fields = ("documents", "cases", "omissions", "runs")
    return all(getattr(one, f) == getattr(other, f) for f in fields) and set(one.clearances) == set(
        other.clearances
    )


def test_what_is_saved_is_what_is_read(target, whole, codebook):
    log = log_of(whole)
    decided = (Approval("d0", 0, 5, decision="yes", by="lead", sha256=text_hash("x")),)
    with Project.create(target) as project:
        project.save(by="lead", corpus=whole, codebook=codebook, codings=log, approvals=decided)
    with Project.open(target) as project:
        assert project.corpus() == whole
        assert project.codebook() == codebook
        found = project.codings()
        for name in ("codings", "decisions", "seen", "memos"):
            assert set(getattr(found, name)) == set(getattr(log, name))
        assert found.runs == log.runs
        assert found.current == log.current
        assert project.approvals() == decided
        assert project.check() == ()


def test_what_is_there_is_not_written_again(target, whole, codebook):
    with Project.create(target) as project:
        log = log_of(whole)
        project.save(by="lead", corpus=whole, codebook=codebook, codings=log)
        count = len(project.events())
        assert project.save(by="lead", corpus=whole, codebook=codebook, codings=log) is None
        read = {
            "corpus": project.corpus(),
            "codebook": project.codebook(),
            "codings": project.codings(),
        }
        assert project.save(by="lead", **read) is None
        assert len(project.events()) == count


def test_only_what_changed_is_written(target, whole):
    with Project.create(target) as project:
        project.save(by="lead", corpus=whole)
        edited = dataclasses.replace(whole.document("d1"), text="Edited.")
        documents = tuple(edited if each.id == "d1" else each for each in whole)
        event = project.save(by="lead", corpus=dataclasses.replace(whole, documents=documents))
        assert event.payload == {"documents": 1}
        assert project.corpus().documents == documents


def test_codings_belong_to_the_text_that_was_read(made, corpus):
    with Project.open(made) as project:
        project.desk("ana").code("d0", 0, 5, "wait")
        edited = dataclasses.replace(corpus.document("d0"), text="Another text of the day.")
        project.save(by="lead", corpus=Corpus((edited,), corpus.cases))
        assert project.codings().codings == ()
        project.undo(by="lead")
        assert [c.start for c in project.codings()] == [0]


def test_an_earlier_codebook_can_be_taken_up_again(made, codebook):
    later = codebook.define("wait", name="To wait", by="ana")
    with Project.open(made) as project:
        for book in (later, codebook, later, codebook):
            project.save(by="ana", codebook=book)
            assert project.codebook() == book
        project.undo(by="ana")
        assert project.codebook() == later
        assert project.codebook(codebook.version) == codebook
        with pytest.raises(UnknownIdError, match="no version 'x'"):
            project.codebook("x")


def test_a_study_without_a_codebook_says_so(target):
    with Project.create(target) as project, pytest.raises(ProjectError, match="no codebook yet"):
        project.codebook()


def test_what_is_asked_of_some_documents_is_what_stands_in_all(made):
    with Project.open(made) as project:
        for number in range(8):
            made_here = project.desk(f"c{number % 2}").code(f"d{number % 4}", 0, 3 + number, "wait")
            if number % 3 == 0:
                project.desk("c0").decide(made_here[0].id, "accept")
            project.desk("c1").read(f"d{number % 4}")
        every = project.codings()
        some = project.codings(["d1", "d2"])
        assert set(some.codings) == {c for c in every if c.document_id in ("d1", "d2")}
        assert set(some.seen) == {s for s in every.seen if s.document_id in ("d1", "d2")}
        ids = {c.id for c in some}
        assert set(some.decisions) == {d for d in every.decisions if d.coding_id in ids}
        assert {c.document_id for c in project.codings_with(every.codings[0].id)} == {
            every.codings[0].document_id
        }
        assert project.codings([]).codings == ()
        assert project.codings_with("nothing").codings == ()


@pytest.mark.parametrize("kind", ["codings", "approvals", "topic_acts"])
def test_what_lies_in_no_document_is_refused(made, kind):
    values = {
        "codings": Codings((Coding("d9", 0, 5, "wait", "ana"),)),
        "approvals": (Approval("d9", 0, 5),),
        "topic_acts": (split_of("d9:0-5", "d0:0-5"),),
    }
    with Project.open(made) as project:
        count = len(project.events())
        with pytest.raises(UnknownIdError, match="'d9'"):
            project.save(by="lead", **{kind: values[kind]})
        assert len(project.events()) == count


def test_the_log_holds_no_words(made):
    with Project.open(made) as project:
        project.desk("ana").memo("They said: water together.", document_id="d0")
        project.desk("ana").code("d0", 0, 9, "wait")
        told = repr(project.events())
        assert "water" not in told
        assert "together" not in told
        assert [event.action for event in project.events()] == [
            "create",
            "save",
            "record",
            "record",
        ]


# ── undo and redo ──


@pytest.fixture(scope="module")
def shared(tmp_path_factory, corpus, codebook) -> Iterator[Project]:
    """One project for many histories, each of people of its own."""
    path = tmp_path_factory.mktemp("store") / "study.reflect"
    with Project.create(path) as project:
        project.save(by="lead", corpus=corpus, codebook=codebook)
        yield project


_people = itertools.count()
acts = st.lists(st.tuples(st.sampled_from(["code", "undo", "redo"]), st.booleans()), max_size=14)


@settings(max_examples=25, deadline=None)
@given(acts)
def test_undo_and_redo_go_back_and_forth_by_person_to_any_depth(shared, history):
    number = next(_people)
    people = (f"ana-{number}", f"ben-{number}")
    held: dict[str, list[int]] = {person: [] for person in people}
    taken_back: dict[str, list[int]] = {person: [] for person in people}
    for place, (act, second) in enumerate(history):
        person = people[second]
        stack, other = held[person], taken_back[person]
        if act == "code":
            shared.record(by=person, codings=[Coding("d0", place, place + 5, "wait", person)])
            stack.append(place)
            other.clear()
        elif act == "undo" and stack:
            shared.undo(by=person)
            other.append(stack.pop())
        elif act == "redo" and other:
            shared.redo(by=person)
            stack.append(other.pop())
        else:
            with pytest.raises(ProjectError, match=f"nothing to {act} for"):
                getattr(shared, act)(by=person)
        log = shared.codings(["d0"])
        for each in people:
            assert sorted(c.start for c in log.by_coder(each)) == sorted(held[each])


def test_a_machines_whole_run_is_taken_back_as_one(made):
    with Project.open(made) as project:
        project.desk("ana").code("d0", 0, 5, "wait")
        found = tuple(Coding(f"d{n % 4}", n, n + 3, "ask", "rules", "machine") for n in range(12))
        event = project.save(by="rules", codings=Codings(found))
        project.desk("ana").code("d1", 0, 5, "wait")
        assert len(project.codings()) == 14
        project.undo(by="lead", event_id=event.id)
        assert project.codings().coders == ("ana",)
        project.redo(by="lead")
        assert len(project.codings()) == 14
        project.undo(by="rules")
        assert project.codings().coders == ("ana",)


def test_what_cannot_be_undone_says_why(made):
    with Project.open(made) as project:
        created, saved = project.events()
        with pytest.raises(ProjectError, match="a create cannot be undone"):
            project.undo(by="lead", event_id=created.id)
        with pytest.raises(ProjectError, match="no event 'x'"):
            project.undo(by="lead", event_id="x")
        project.undo(by="lead", event_id=saved.id)
        assert len(project.corpus()) == 0
        with pytest.raises(ProjectError, match="undone already"):
            project.undo(by="lead", event_id=saved.id)


def plainly_undone(pairs: list[tuple[str, str]]) -> set[str]:
    """The definition: an event is undone while one of those that undo it is not undone."""

    def holds(event: str) -> bool:
        return not any(holds(other) for other, target in pairs if target == event)

    ids = {each for pair in pairs for each in pair}
    return {event for event in ids if not holds(event)}


# Each event undoes an earlier one: an undo names what it found in the log.
histories = st.integers(0, 8).flatmap(
    lambda count: st.tuples(*(st.integers(0, place) for place in range(count)))
)


@given(histories, st.randoms())
def test_what_is_undone_follows_from_the_events_in_whatever_order(targets, random):
    pairs = [(f"e{place + 1}", f"e{target}") for place, target in enumerate(targets)]
    expected = plainly_undone(pairs)
    random.shuffle(pairs)
    assert undone(pairs) == expected
    assert undone(pairs + pairs) == expected


def test_ten_thousand_redos_need_no_recursion():
    pairs = [(f"e{place + 1}", f"e{place}") for place in range(10_000)]
    assert "e0" not in undone(pairs)
    assert "e0" in undone(pairs[:-1])


# ── entries ──


def entry(number: int) -> Entry:
    at = f"2026-01-01T00:00:{number:02d}.000000+00:00"
    rows = {
        "codings": (as_rows.coding_row(Coding("d0", number, number + 1, "wait", "ana"), HASH),),
        "decisions": tuple(
            as_rows.decision_row(Decision(f"k{number}", "accept", "ana", str(each)))
            for each in range(number % 3)
        ),
    }
    return Entry(Event(f"{number:032x}", at, "ana", "record", payload={"n": number}), rows)


ENTRIES = tuple(entry(number) for number in range(6))


@settings(max_examples=25, deadline=None)
@given(
    st.permutations(ENTRIES),
    st.lists(st.sampled_from(ENTRIES), max_size=6),
    st.integers(1, 6),
)
def test_entries_that_are_written_again_or_in_another_order_change_nothing(
    shared, order, again, size
):
    found = []
    shared._settle()  # else what an earlier test coded may be stored in the middle of this
    for several in (ENTRIES, [*order, *again]):
        with shared._engine.connect() as connection, connection.begin() as transaction:
            for first in range(0, len(several), size):
                write_entries(connection, several[first : first + size])
            written = {
                name: [r for r in sorted_rows(connection, table) if "event_id" in r]
                for name, table in TABLES.items()
            }
            found.append((written, len(list(sorted_rows(connection, schema.events)))))
            transaction.rollback()
    assert found[0] == found[1]


@given(st.integers(0, 20))
def test_an_entry_comes_back_from_its_line(number):
    written = entry(number)  # made once: it bears its second
    assert Entry.of_line(written.to_line()) == written


def test_who_clears_the_same_texts_again_later_says_nothing_new(target, corpus):
    later = corpus.clearances[0].at + dt.timedelta(days=1)
    again = tuple(dataclasses.replace(each, at=later) for each in corpus.clearances)
    with Project.create(target) as project:
        project.save(by="lead", corpus=corpus)
        assert project.save(by="lead", corpus=dataclasses.replace(corpus, clearances=again)) is None
        other = tuple(dataclasses.replace(each, by="ana") for each in again)
        stored = project.save(by="lead", corpus=dataclasses.replace(corpus, clearances=other))
        assert stored.payload == {"clearances": 4}


# ── who withdrew before ──


def test_who_withdrew_from_the_texts_stays_away_from_the_study(made, corpus):
    stone = Tombstone("P9", "2031-04-01T09:00:00+00:00", "lead", frozenset({("d9", "0" * 64)}))
    held = dataclasses.replace(stone, case_id="P1", documents=frozenset())
    others = dataclasses.replace(
        corpus, documents=(), cases=tuple(case for case in corpus.cases if case.id != "P1")
    )
    with Project.open(made) as project:
        project.save(by="lead", corpus=dataclasses.replace(corpus, withdrawn=(stone,)))
        told = [event.payload for event in project.events() if event.action == "withdraw"]
        assert told == [{"case": "P9", "again": True}]
        with pytest.raises(ProjectError, match=r"'P1' withdrew.*withdraw P1 here first"):
            project.save(by="lead", corpus=dataclasses.replace(others, withdrawn=(held,)))
