"""Copies of a study that went different ways come out the same, in whatever order they are joined.

Here the copies lie in memory, so that many histories can be tried; `test_merging` does the same
with files and with a server.
"""

import contextlib
import dataclasses
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Decision, Memo, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Turn
from reflect_analysis.disclosure import Approval
from reflect_analysis.errors import ProjectError
from reflect_analysis.project import rows as as_rows
from reflect_analysis.project import views
from reflect_analysis.project.clock import Clock, last_of
from reflect_analysis.project.engine import Address
from reflect_analysis.project.entries import Entry, latest_event, write_entries
from reflect_analysis.project.history import next_redo, next_undo
from reflect_analysis.project.merging import Source, join
from reflect_analysis.project.merging.sources import _engine_on
from reflect_analysis.project.migrating import make_tables
from reflect_analysis.project.text.lines import TABLES, line_of, sorted_rows
from reflect_analysis.project.withdrawal import read_tombstones
from reflect_analysis.project.withdrawal.acting import withdraw_from
from reflect_analysis.provenance import text_hash
from reflect_analysis.topics import Part, TopicAct

SAID = "the copper kettle hummed until nobody could hear the rain"
TALK = f"Ana: we begin late.\nBea: {SAID}.\nCy: I go home.\nFac: And now?\nBea: no more.\n"


def turn(speaker: str, words: str, case: str | None) -> Turn:
    start = TALK.index(words)
    return Turn(start, start + len(words), speaker, case, coded=case is not None)


DOCUMENTS = (
    Document("D0", f"I say that {SAID}, and more.", case_id="Bea"),
    Document("D1", "A day like any other day at work.", case_id="Ana"),
    Document("D2", "Nobody knows who wrote these few words.", case_id=None),
    Document(
        "T",
        TALK,
        kind="transcript",
        turns=(
            turn("Ana", "we begin late.", "Ana"),
            turn("Bea", f"{SAID}.", "Bea"),
            turn("Cy", "I go home.", "Cy"),
            turn("Fac", "And now?", None),
            turn("Bea", "no more.", "Bea"),
        ),
    ),
)
CASES = ("Ana", "Bea", "Cy")
CORPUS = Corpus(
    DOCUMENTS,
    tuple(map(Case, CASES)),
    tuple(Clearance(document.sha256, "lead", "read") for document in DOCUMENTS),
)
BOOK = Codebook((Code("alone", "Alone", "Nobody to ask.", "g"),), (Group("g", "G"),))


class Copy:
    """A project in memory, by the functions that `Project` calls."""

    def __init__(self, other: "Copy | None" = None, ahead: int = 0) -> None:
        self.ahead = timedelta(seconds=ahead)  # its clock
        self.documents = DOCUMENTS if other is None else other.documents
        self.said = SAID if other is None else other.said  # only who has a text quotes it
        self.memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.engine = _engine_on(self.memory)
        if other is not None:
            other.memory.backup(self.memory)

    @contextlib.contextmanager
    def open(self) -> Iterator:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def event(self, connection, by: str, action: str, **more):
        return latest_event(connection, by, action, after=[self.clock().isoformat()], **more)

    def close(self) -> None:
        self.engine.dispose()
        self.memory.close()

    def save(self, by: str, **values) -> None:
        with self.open() as connection:
            rows = views.new_rows(connection, **values)
            if any(rows.values()):
                write_entries(connection, [Entry(self.event(connection, by, "save"), rows)])

    def record(self, by: str, **rows) -> None:
        with self.open() as connection:
            write_entries(connection, [Entry(self.event(connection, by, "record"), rows)])

    def lines(self) -> dict[str, list[str]]:
        """The study as text, without who joined what and when."""
        with self.open() as connection:
            found = {name: list(sorted_rows(connection, table)) for name, table in TABLES.items()}
        merges = {row["id"] for row in found["events"] if row["action"] == "merge"}
        return {
            name: [
                line_of(TABLES[name], row)
                for row in rows
                if row["id" if name == "events" else "event_id"] not in merges
            ]
            for name, rows in found.items()
            if name not in ("study", "tombstones")
        } | {"tombstones": [line_of(TABLES["tombstones"], row) for row in found["tombstones"]]}

    def merge(self, *others: "Copy", choose=None):
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(self.open())
            sources = [
                Source(f"copy {n}", other.study, stack.enter_context(other.open()))
                for n, other in enumerate(others)
            ]
            ways = {f"study:{source.name}": choose for source in sources} if choose else {}
            return join(connection, sources, by="lead", choose=ways)

    @property
    def study(self) -> str:
        with self.open() as connection:
            return views.read_facts(connection)["id"]


@pytest.fixture(scope="module")
def beginning() -> Iterator[Copy]:
    """What everybody was sent."""
    copy = begun("id", CORPUS)
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def begun_twice() -> Iterator[Copy]:
    """The same texts, in a file that somebody else began."""
    copy = begun("7w1ce7-and-more", CORPUS)
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def another() -> Iterator[Copy]:
    """Another study, in which others bear the same names."""
    documents = tuple(
        dataclasses.replace(document, text=in_other_words(document.text)) for document in DOCUMENTS
    )
    cleared = tuple(Clearance(document.sha256, "lead", "read") for document in documents)
    copy = begun("0ther0-and-more", Corpus(documents, tuple(map(Case, CASES)), cleared))
    copy.said, copy.documents = in_other_words(SAID), documents
    yield copy
    copy.close()


def in_other_words(text: str) -> str:
    """As long, and no word of it the same."""
    return "".join("qwx"[ord(letter) % 3] if letter.isalpha() else letter for letter in text)


def begun(study: str, corpus: Corpus) -> Copy:
    copy = Copy()
    with copy.open() as connection:
        make_tables(connection, Address("memory"))
        views.write_facts(connection, {"id": study, "title": "", "approach": "codebook"})
    copy.save("lead", corpus=corpus, codebook=BOOK)
    return copy


# ── what may happen in a copy ──


def code(copy: Copy, by: str, pick: int) -> None:
    document = DOCUMENTS[pick % 4]
    with copy.open() as connection:
        now = views.text_hashes(connection).get(document.id)
    if now is None:
        return
    start = pick % 11
    length = 1 + pick % 17
    kind = "machine" if pick % 3 == 0 else "person"
    evidence = f"near “{copy.said}”" if kind == "machine" else ""
    made = Coding(document.id, start, start + length, "alone", by, kind, evidence=evidence)
    seen = Seen(by, document.id, codes=("alone",))
    copy.record(
        by,
        codings=(as_rows.coding_row(made, now),),
        seen=(as_rows.seen_row(seen, now),),
    )


def decide(copy: Copy, by: str, pick: int) -> None:
    with copy.open() as connection:
        codings = views.read_codings(connection).codings
    if codings:
        action = ("accept", "reject")[pick % 2]
        coding_id = codings[pick % len(codings)].id
        made = Decision(coding_id, action, by, f"for {copy.said}", at=copy.clock())
        copy.record(by, decisions=(as_rows.decision_row(made),))


def remark(copy: Copy, by: str, pick: int) -> None:
    document = DOCUMENTS[pick % 4]
    with copy.open() as connection:
        now = views.text_hashes(connection).get(document.id)
    texts = (f"they write: {copy.said}!", "come back to this", "so it is")
    where = document.id if pick % 5 and now else ""
    memo = Memo(by, texts[pick % 3], document_id=where)
    copy.record(by, memos=(as_rows.memo_row(memo, now if where and now else ""),))


def approve(copy: Copy, by: str, pick: int) -> None:
    document = DOCUMENTS[(0, 1, 3)[pick % 3]]
    with copy.open() as connection:
        now = views.text_hashes(connection).get(document.id)
    if now:
        end = 3 + pick % 20
        words = text_hash(document.text[2:end])
        made = Approval(document.id, 2, end, decision="yes", by=by, sha256=words)
        copy.record(by, approvals=(as_rows.approval_row(made, now),))


def sort_topics(copy: Copy, by: str, pick: int) -> None:
    """Split a topic into one part of each of some texts."""
    parts = tuple(
        Part(f"{copy.said if n else 'first'} {n}", (f"{DOCUMENTS[(pick + n) % 4].id}:0-{9 + n}",))
        for n in range(2 + pick % 2)
    )
    act = TopicAct("f", "split", (pick % 3,), by=by, why=copy.said, at=copy.clock(), parts=parts)
    copy.record(by, topic_acts=({**as_rows.topic_act_row(act), "position": 0},))


def edit(copy: Copy, by: str, pick: int) -> None:
    """Each copy edits a document of its own: two edits of one would be a choice.

    What is ascribed to another participant has other words, for one copy cannot know that a
    passage quotes a text that stands in another one alone.
    """
    own = copy.documents[int(by[-1]) % 3]
    case = (own.case_id, own.case_id, *CASES)[pick % 5]
    same = case == own.case_id
    text = f"{own.text} And again {pick % 4}." if same else f"Other words, number {pick % 4}."
    if same and pick % 2:
        text = own.text
    changed = dataclasses.replace(own, text=text, case_id=case)
    copy.save(by, corpus=Corpus((changed,), tuple(map(Case, CASES))))


def mistake(copy: Copy, by: str, pick: int) -> None:
    """Only the participant is another one, as when a column was mistaken."""
    number = int(by[-1])
    if number in (1, 2):
        changed = dataclasses.replace(copy.documents[number], case_id=(*CASES, None)[pick % 4])
        copy.save(by, corpus=Corpus((changed,), tuple(map(Case, CASES))))


def undo(copy: Copy, by: str, pick: int) -> None:
    with copy.open() as connection, contextlib.suppress(ProjectError):
        again = pick % 3 == 0
        target = next_redo(connection, by) if again else next_undo(connection, by)
        event = copy.event(connection, by, "redo" if again else "undo", undoes=target.id)
        write_entries(connection, [Entry(event)])


def leave(copy: Copy, by: str, pick: int) -> None:
    with copy.open() as connection, contextlib.suppress(LookupError):
        withdraw_from(connection, CASES[pick % 3], by=by)


ACTS = (code, code, decide, remark, approve, sort_topics, edit, mistake, undo, leave)
acts = st.tuples(st.sampled_from(ACTS), st.integers(0, 1000))
clocks = st.sampled_from([0, 0, 3600, 86_400 * 400])
histories = st.lists(st.tuples(st.lists(acts, max_size=6), clocks), min_size=2, max_size=3)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path_factory, monkeypatch):
    """No parse and no vector was kept, so that no model is loaded."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path_factory.mktemp("cache")))


def live(history, number: int, beginning: Copy) -> Copy:
    done, ahead = history
    copy = Copy(beginning, ahead)
    for act, pick in done:
        act(copy, f"coder-{number}", pick)
    return copy


def grouped(copies: list[Copy], draw, choose=None) -> Copy:
    """One copy of all, joined in a drawn order and by drawn groups."""
    left = [Copy(copy) for copy in draw(st.permutations(copies))]
    while len(left) > 1:
        size = draw(st.integers(2, len(left)))
        first, *others = (left.pop(draw(st.integers(0, len(left) - 1))) for _ in range(size))
        first.merge(*others, choose=choose)
        left.append(first)
    return left[0]


def agree(one: Copy, other: Copy) -> None:
    assert one.lines() == other.lines()
    with one.open() as first, other.open() as second:
        assert views.text_hashes(first) == views.text_hashes(second)
        assert views.read_codings(first).current == views.read_codings(second).current
        assert read_tombstones(first) == read_tombstones(second)


def comes_to_rest(one: Copy, copies: list[Copy]) -> None:
    """A second merge changes nothing, and what is done then is later than all that was done."""
    before = one.lines()
    report = one.merge(*copies)
    assert one.lines() == before
    assert not report.changed
    with one.open() as connection:
        codings = views.read_codings(connection).codings
        clock = Clock(last_of(connection))
    for coding in codings[:1]:
        at = datetime.fromisoformat(clock.stamp())
        one.record(
            "lead", decisions=(as_rows.decision_row(Decision(coding.id, "reject", "lead", at=at)),)
        )
        with one.open() as connection:
            assert coding.id not in {r.coding.id for r in views.read_codings(connection).current}
            assert next_undo(connection, "lead").action == "record"


of_copies = settings(
    deadline=None,
    # The cache is empty for all examples alike.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@settings(of_copies, max_examples=25)
@given(histories, st.data())
def test_copies_come_out_the_same_in_whatever_order_they_are_joined(beginning, several, data):
    copies = [live(history, number, beginning) for number, history in enumerate(several)]
    one, other = grouped(copies, data.draw), grouped(copies, data.draw)
    agree(one, other)
    comes_to_rest(one, copies)
    for copy in (*copies, one, other):
        copy.close()


@settings(of_copies, max_examples=20)
@given(histories, st.data())
def test_one_study_that_was_begun_twice_comes_out_the_same_too(
    beginning, begun_twice, several, data
):
    starts = (beginning, begun_twice)
    copies = [live(history, n, starts[n % 2]) for n, history in enumerate(several)]
    one, other = grouped(copies, data.draw, "same"), grouped(copies, data.draw, "same")
    agree(one, other)
    comes_to_rest(one, copies)
    for copy in (*copies, one, other):
        copy.close()


@settings(of_copies, max_examples=20)
@given(histories, histories, st.data())
def test_another_study_comes_in_the_same_in_whatever_order_and_erases_nobody(
    beginning, another, ours, theirs, data
):
    mine = [live(history, n, beginning) for n, history in enumerate(ours)]
    others = [live(history, n, another) for n, history in enumerate(theirs)]
    alone, joined = grouped(mine, data.draw), grouped(mine, data.draw)
    joined.merge(grouped(others, data.draw), choose="another")
    piecemeal = Copy(data.draw(st.sampled_from(mine)))
    for copy in data.draw(st.permutations([*mine, *others])):
        piecemeal.merge(copy, choose="another" if copy in others else None)
    agree(joined, piecemeal)
    with alone.open() as first, joined.open() as second:
        own = views.text_hashes(first)
        found = views.text_hashes(second)
        assert {name: found[name] for name in found if not name.startswith("0ther0-")} == own
    comes_to_rest(joined, [*mine, *others])
    for copy in (*mine, *others, alone, joined, piecemeal):
        copy.close()


@pytest.mark.parametrize("after", [(), ("Ana",)], ids=["one", "both"])
def test_who_withdrew_with_a_text_ascribed_by_mistake_is_nobody_else_elsewhere(beginning, after):
    """The text is still ascribed to its writer where the mistake was never made."""
    cy, of_ana = CASES.index("Cy"), 1
    untouched, mistaken = Copy(beginning), Copy(beginning)
    mistake(mistaken, f"coder-{of_ana}", cy)
    for case_id in ("Cy", *after):
        leave(mistaken, "lead", CASES.index(case_id))
    one, other = Copy(untouched), Copy(mistaken)
    one.merge(mistaken)
    other.merge(untouched)
    agree(one, other)
    with one.open() as connection:
        assert set(read_tombstones(connection)) == {"Cy", *after}
    for copy in (untouched, mistaken, one, other):
        copy.close()
