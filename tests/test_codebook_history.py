"""A codebook that grows: nothing is lost, and every older coding keeps its meaning."""

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

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
from reflect_analysis.errors import CodebookError, UnknownIdError

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
WHERE = Origin("R1", 3, 20)
BOOK = Codebook(
    (
        Code("alone", "Alone", "Nobody to ask.", "g"),
        Code("left_out", "Left out", "Not asked to join.", "g"),
        Code("heard", "Heard", "Somebody listened.", "g"),
    ),
    (Group("g", "G"), Group("h", "H")),
)


def log_of(*pairs, version="", seen=()):
    """Codings of ten letters each: (document, code) pairs by Ana."""
    rows = tuple(
        Coding(document, 10 * n, 10 * n + 10, code, "ana", at=AT, codebook_version=version)
        for n, (document, code) in enumerate(pairs)
    )
    return Codings(rows, seen=seen)


# ── the version ──


def test_the_version_of_a_codebook_without_a_history_is_that_of_the_earlier_codings():
    # 57a09df56901 was worked out before there were statuses and histories.
    first = Code(
        "a",
        "A",
        "Def.",
        "g",
        include=("x",),
        exclude=("y",),
        examples=("e",),
        counter_examples=(CounterExample("t", "w"),),
        patterns=("p",),
        scopes=Attributes(negated="include"),
        unit="reflection",
        human_only=True,
        source=(Source("c"),),
        note="n",
    )
    codes = (first, Code("b", "B", "D", "g", parent="a"))
    book = Codebook(codes, (Group("g", "G"),), title="T", general_rules=("r",))
    assert book.version == "57a09df56901"


def test_names_of_coders_reasons_and_approvals_do_not_change_the_version():
    book = BOOK.provisional("the room breathes", WHERE, by="Ana", in_vivo=True)
    assert book.approve_name("in_vivo_1", by="Lead", reason="two people read it").version == (
        book.version
    )
    assert dataclasses.replace(book, history=()).version == book.version


def test_a_retired_code_changes_the_version_and_its_return_gives_the_earlier_one_back():
    gone = BOOK.retire("alone", by="Ana")
    assert gone.version != BOOK.version
    assert gone.restore("alone", by="Ana").version == BOOK.version


# ── every verb is a row of the history ──


def test_each_verb_gives_a_new_codebook_with_its_row():
    book = (
        BOOK.provisional("Being met", WHERE, by="Ana", reason="said twice", at=AT)
        .define("being_met", definition="Somebody came.", by="Ben", at=AT)
        .define("being_met", name="Met", by="Ben", at=AT)
        .define("being_met", include=["at the door"], by="Ben", at=AT)
        .move("being_met", "h", by="Ben", at=AT)
        .merge(["alone", "left_out"], "heard", by="Ben", at=AT)
        .split("being_met", ["heard", Code("at_home", "At home", "x", "h")], by="Cy", at=AT)
        .restore("alone", by="Cy", at=AT)
        .retire("alone", by="Cy", at=AT)
    )
    told = [(row.action, row.code_id, row.into) for row in book.history]
    assert told == [
        ("create", "being_met", ()),
        ("define", "being_met", ()),
        ("rename", "being_met", ()),
        ("redefine", "being_met", ()),
        ("move", "being_met", ()),
        ("merge", "alone", ("heard",)),
        ("merge", "left_out", ("heard",)),
        ("create", "at_home", ()),
        ("split", "being_met", ("heard", "at_home")),
        ("restore", "alone", ()),
        ("retire", "alone", ()),
    ]
    assert book.history[0] == CodeChange(
        "create", "being_met", (), "Ana", AT, "said twice", BOOK.version,
        book.history[0].version_after, WHERE,
    )  # fmt: skip
    assert book.history[-1].version_after == book.version
    assert len(BOOK.history) == 0


def test_a_change_has_somebody_who_made_it():
    with pytest.raises(ValueError, match="by:"):
        BOOK.retire("alone", by=" ")


def test_a_definition_that_changes_nothing_is_no_change():
    assert BOOK.define("alone", name="Alone", by="Ana") is BOOK


def test_saturation_finds_when_and_where_each_code_first_came():
    book = BOOK.provisional("Being met", WHERE, by="Ana", at=AT)
    book = book.merge(["being_met"], "heard", by="Ben").restore("being_met", by="Ben")
    assert {i: (row.at, row.origin) for i, row in book.beginnings().items()} == {
        "being_met": (AT, WHERE)
    }


# ── open coding ──


def test_open_coding_may_begin_with_nothing():
    book = Codebook(()).provisional("Feeling “stuck” — again", WHERE, by="Ana")
    code = book["feeling_stuck_again"]
    assert (code.status, code.group, code.origin) == ("provisional", "open_codes", WHERE)
    assert book.machine_codes() == ()
    defined = book.define(code.id, definition="No way on.", include=("x",), by="Ana")
    assert defined[code.id].status == "defined"
    assert [each.id for each in defined.machine_codes()] == [code.id]


def test_a_code_is_not_defined_without_a_definition():
    book = BOOK.provisional("Met", by="Ana")
    with pytest.raises(CodebookError, match="'met': no definition"):
        book.define("met", by="Ana")


def test_ids_are_made_from_the_researchers_words_and_never_twice():
    book = BOOK.provisional("Alone", by="Ana").provisional("Alone", by="Ana")
    assert book.ids[-2:] == ("alone_2", "alone_3")
    again = book.drop("alone_3", by="Ana").provisional("Alone", by="Ana")
    assert again.ids[-1] == "alone_4"
    assert BOOK.provisional("ᐃᓄᒃᑎᑐᑦ", by="Ana").ids[-1] == "code"


def test_an_in_vivo_id_tells_nothing_of_the_words():
    book = BOOK.provisional("the room breathes", by="Ana", in_vivo=True)
    book = book.provisional("a sinking ship", by="Ana", in_vivo=True).drop("in_vivo_2", by="Ana")
    assert book.provisional("out of air", by="Ana", in_vivo=True).ids[-1] == "in_vivo_3"
    with pytest.raises(CodebookError, match="the id of an in vivo code is in_vivo_1"):
        BOOK.add(Code("sinking", "sinking", "x", "g", in_vivo=True), by="Ana")


def test_a_new_name_is_the_researchers_own():
    book = BOOK.provisional("the room breathes", by="Ana", in_vivo=True)
    named = book.define("in_vivo_1", name="Relief", definition="Ease together.", by="Ana")
    assert named["in_vivo_1"].public_name == "Relief"
    words = dataclasses.replace(book["in_vivo_1"], name="the whole room breathes")
    approved = book.approve_name("in_vivo_1", by="Lead")
    assert approved["in_vivo_1"].public_name == "the room breathes"
    assert approved.revise(words, by="Ana")["in_vivo_1"].name_withheld


# ── what is refused ──


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda b: b.add(Code("alone", "A", "x", "g"), by="A"), "in the codebook already"),
        (lambda b: b.add(Code("new", "N", "x", "nowhere"), by="A"), "unknown group 'nowhere'"),
        (lambda b: b.retire("alone", by="A").retire("alone", by="A"), "is retired; restore"),
        (lambda b: b.retire("alone", by="A").define("alone", name="X", by="A"), "is retired"),
        (lambda b: b.restore("alone", by="A"), "is not retired"),
        (lambda b: b.drop("alone", by="A"), "is defined: retire it"),
        (lambda b: b.merge(["heard"], "heard", by="A"), "nothing to merge"),
        (lambda b: b.split("alone", ["heard"], by="A"), "at least two other codes"),
        (lambda b: b.split("alone", ["alone", "heard"], by="A"), "at least two other codes"),
        (lambda b: b.approve_name("alone", by="A"), "is not in vivo"),
        (lambda b: b.move("alone", "g", parent="alone", by="A"), "its own ancestor"),
        (lambda b: b.move("heard", "g", parent="alone", by="A").retire("alone", by="A"),
         "has subcodes: heard"),
        (lambda b: b.provisional("X", by="A").merge(["alone"], "x", by="A").drop("x", by="A"),
         "stands for alone now"),
        (lambda b: b.provisional("X", by="A").drop("x", by="A").add(
            Code("x", "X", "x", "g"), by="A"), "was dropped, and its codings"),
    ],
)  # fmt: skip
def test_what_would_lose_something_is_refused(change, told):
    with pytest.raises(CodebookError, match=told):
        change(BOOK)


def test_revise_leaves_the_history_to_the_verbs():
    with pytest.raises(ValueError, match="status cannot be changed by revise"):
        BOOK.revise(dataclasses.replace(BOOK["alone"], status="retired"), by="Ana")
    with pytest.raises(UnknownIdError, match="did you mean 'alone'"):
        BOOK.retire("alon", by="Ana")
    with pytest.raises(TypeError, match="a list of ids"):
        BOOK.merge("alone", "heard", by="Ana")


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ([("a", {"replaced_by": ("b",)}), ("b", {})], "stands for a retired code alone"),
        ([("a", {"status": "retired", "replaced_by": ("c",)})], "names no code 'c'"),
        ([("a", {"status": "retired", "replaced_by": ("b",)}),
          ("b", {"status": "retired", "replaced_by": ("a",)})], "replaced by itself in the end"),
        ([("a", {"status": "retired"}), ("b", {"parent": "a"})], "its parent 'a' is retired"),
        ([("a", {"origin": Origin("R1", 5, 5)})], "is no passage"),
        ([("A b", {})], "an id is a lower-case letter"),
    ],
)  # fmt: skip
def test_rows_that_contradict_each_other_are_faults(codes, told):
    rows = tuple(Code(code_id, "N", "D", "g", **more) for code_id, more in codes)
    with pytest.raises(CodebookError, match=told):
        Codebook(rows, (Group("g", "G"),))


# ── what an old id stands for ──


def test_an_id_is_followed_through_merges_and_splits():
    book = BOOK.merge(["alone", "left_out"], Code("apart", "Apart", "x", "g"), by="Ana")
    assert book.current_ids("alone") == book.current_ids("left_out") == ("apart",)
    parts = [Code("by_place", "P", "x", "g"), Code("by_people", "Q", "x", "g")]
    book = book.split("apart", parts, by="Ana")
    assert book.current_ids("alone") == ("by_place", "by_people")
    assert (book.settled_id("alone"), book.is_split("alone")) == ("apart", True)
    book = book.retire("by_place", by="Ana")
    assert book.current_ids("alone") == ("by_people",)
    assert book.is_split("alone")  # a person still decides: it was not all of one kind
    with pytest.raises(UnknownIdError):
        book.current_ids("nobody")


def test_subcodes_go_along_when_their_parent_is_merged():
    book = BOOK.move("left_out", "g", parent="alone", by="Ana")
    assert book.merge(["alone"], "heard", by="Ana")["left_out"].parent == "heard"
    upward = book.merge(["alone"], "left_out", by="Ana")
    assert (upward["left_out"].parent, upward["alone"].replaced_by) == (None, ("left_out",))
    deep = book.move("heard", "g", parent="left_out", by="Ana").merge(["alone"], "heard", by="Ana")
    assert (deep["left_out"].parent, deep["heard"].parent) == (None, "left_out")


def test_a_restored_code_is_provisional_again_if_it_was():
    book = BOOK.provisional("Met", WHERE, by="Ana", definition="Perhaps this.")
    back = book.merge(["met"], "heard", by="Ana").restore("met", by="Ana")
    assert back["met"] == book["met"]
    defined = book.define("met", by="Ana").retire("met", by="Ana").restore("met", by="Ana")
    assert defined["met"].status == "defined"


# ── codings under a codebook that went on ──


def test_merged_codings_count_under_the_merged_code_and_keep_their_ids():
    log = log_of(("R1", "alone"), ("R1", "heard"), ("R2", "left_out"), version=BOOK.version)
    book = BOOK.merge(["alone", "left_out"], Code("apart", "Apart", "x", "g"), by="Ana")
    now = log.under(book)
    assert [coding.code_id for coding in now] == ["apart", "heard", "apart"]
    assert [coding.id for coding in now] == [coding.id for coding in log]
    assert [coding.code_id for coding in log] == ["alone", "heard", "left_out"]
    assert now.under(book) == now


def test_split_codings_wait_for_a_person_and_leave_the_list_when_she_decided():
    log = log_of(("R1", "alone"), ("R2", "heard"), version=BOOK.version)
    parts = [Code("by_place", "P", "x", "g"), Code("by_people", "Q", "x", "g")]
    book = BOOK.split("alone", parts, by="Ana")
    now = log.under(book)
    assert [coding.code_id for coding in now] == ["alone", "heard"]
    assert now.needing_review(book) == log.needing_review(book) == (log.codings[0],)
    new = Coding("R1", 0, 10, "by_place", "ana", at=AT, codebook_version=book.version)
    decision = Decision(log.codings[0].id, "change", "ana", replacement_id=new.id)
    decided = dataclasses.replace(log, codings=(*log.codings, new), decisions=(decision,))
    assert decided.under(book).needing_review(book) == ()


def test_codings_of_a_dropped_code_are_left_out_with_their_decisions():
    book = BOOK.provisional("Met", by="Ana")
    log = log_of(("R1", "met"), ("R1", "heard"), version=book.version)
    log = Codings(log.codings, (Decision(log.codings[0].id, "accept", "ben"),))
    log = dataclasses.replace(log, memos=(Memo("ana", "?", code_id="met"),))
    now = log.under(book.drop("met", by="Ana"))
    assert [coding.code_id for coding in now] == ["heard"]
    assert now.decisions == ()
    assert now.memos == log.memos


def test_a_log_is_itself_under_a_codebook_that_lost_nothing():
    log = log_of(("R1", "alone"), ("R1", "nonsense"))
    assert log.under(BOOK) is log


def test_new_codings_under_a_retired_code_are_refused_with_what_to_use():
    book = BOOK.merge(["alone"], "heard", by="Ana")
    late = log_of(("R1", "alone"), version=book.version)
    with pytest.raises(
        UnknownIdError, match=r"of 'R1' by 'ana': .*'alone' is retired; use 'heard'"
    ):
        late.under(book)
    later = book.retire("left_out", by="Ana")
    with pytest.raises(UnknownIdError, match="'alone' is retired"):
        late.under(later)
    assert len(log_of(("R1", "alone"), version=BOOK.version).under(later)) == 1
    with pytest.raises(UnknownIdError, match="panel: code 'alone' is retired; use 'heard'"):
        book.check_in_use(["alone", "heard"], "panel")
    dropped = BOOK.provisional("X", by="A").drop("x", by="A")
    with pytest.raises(UnknownIdError, match="panel: code 'x' was dropped"):
        dropped.check_in_use(["x"], "panel")


def test_a_coding_from_before_a_code_was_retired_and_came_back_is_fine():
    book = BOOK.retire("alone", by="Ana").restore("alone", by="Ana").retire("alone", by="Ana")
    assert len(log_of(("R1", "alone"), version=BOOK.version).under(book)) == 1


@pytest.mark.parametrize(
    ("codes", "now"),
    [
        (("alone", "left_out", "heard"), ("apart", "heard")),
        (("heard",), ("heard",)),
        (("alone",), None),  # the other half of it was not looked for
        ((), ()),  # the whole codebook
        (("apart",), ("apart",)),  # read after the merge
    ],
)
def test_a_merged_code_was_looked_for_where_all_of_it_was(codes, now):
    book = BOOK.merge(["alone", "left_out"], Code("apart", "Apart", "x", "g"), by="Ana")
    seen = (Seen("ana", "R1", codes=codes),)
    kept = Codings(seen=seen).under(book).seen
    assert [row.codes for row in kept] == ([] if now is None else [now])


def test_a_merged_code_that_was_found_was_looked_for():
    book = BOOK.merge(["alone", "left_out"], Code("apart", "Apart", "x", "g"), by="Ana")
    seen = (Seen("ana", "R1", codes=("alone",)), Seen("ana", "R2", codes=("alone",)))
    now = log_of(("R1", "alone"), seen=seen).under(book)
    assert now.documents_seen("apart") == {"R1"}


def test_retired_codes_are_no_machine_codes():
    book = BOOK.retire("alone", by="Ana")
    assert [code.id for code in book.machine_codes()] == ["left_out", "heard"]
    assert [code.id for code in book.in_use] == ["left_out", "heard"]
    assert "alone" in book


# ── any order of changes ──


class Growth(RuleBasedStateMachine):
    """A codebook under any changes: it stays whole, and every id keeps a meaning."""

    @initialize()
    def start(self):
        self.book, self.ever = BOOK, set(BOOK.ids)

    def attempt(self, change):
        try:
            after = change(self.book)
        except CodebookError:
            return
        assert after.history[: len(self.book.history)] == self.book.history
        assert after == self.book or len(after.history) > len(self.book.history)
        self.book = after
        self.ever |= set(after.ids)

    def pick(self, n):
        return self.book.ids[n % len(self.book.ids)]

    @rule(n=st.integers(0, 99), in_vivo=st.booleans())
    def provisional(self, n, in_vivo):
        self.attempt(lambda b: b.provisional(f"word {n % 7}", WHERE, by="A", in_vivo=in_vivo))

    @rule(n=st.integers(0, 99), m=st.integers(0, 99))
    def merge(self, n, m):
        self.attempt(lambda b: b.merge([self.pick(n)], self.pick(m), by="A"))

    @rule(n=st.integers(0, 99), m=st.integers(0, 99), k=st.integers(0, 99))
    def split(self, n, m, k):
        self.attempt(lambda b: b.split(self.pick(n), [self.pick(m), self.pick(k)], by="A"))

    @rule(n=st.integers(0, 99), m=st.integers(0, 99))
    def move(self, n, m):
        self.attempt(lambda b: b.move(self.pick(n), "h", parent=self.pick(m), by="A"))

    @rule(n=st.integers(0, 99))
    def retire(self, n):
        self.attempt(lambda b: b.retire(self.pick(n), by="A"))

    @rule(n=st.integers(0, 99))
    def restore(self, n):
        self.attempt(lambda b: b.restore(self.pick(n), by="A"))

    @rule(n=st.integers(0, 99))
    def drop(self, n):
        self.attempt(lambda b: b.drop(self.pick(n), by="A"))

    @invariant()
    def every_id_that_ever_was_is_known(self):
        for code_id in getattr(self, "ever", ()):
            now = self.book.current_ids(code_id)
            assert all(not self.book[each].retired for each in now)
            if code_id in self.book.ids and not self.book[code_id].retired:
                assert now == (code_id,)

    @invariant()
    def codings_of_every_id_have_a_place(self):
        ever = sorted(getattr(self, "ever", ()))
        if ever:
            now = log_of(*(("R1", code_id) for code_id in ever)).under(self.book)
            self.book.check_ids((coding.code_id for coding in now), "the log")
            assert len(now) == len(set(ever) - self.book.dropped)


TestGrowth = Growth.TestCase
TestGrowth.settings = settings(
    max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)


@given(st.lists(st.sampled_from(["alone", "left_out", "heard"]), max_size=6))
@settings(max_examples=50, deadline=None)
def test_a_merge_neither_loses_nor_doubles_a_coding(codes):
    log = log_of(*(("R1", code) for code in codes))
    now = log.under(BOOK.merge(["alone"], "heard", by="Ana"))
    assert [c.id for c in now] == [c.id for c in log]
    assert [c.code_id for c in now] == ["heard" if c == "alone" else c for c in codes]
