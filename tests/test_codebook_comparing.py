"""Two codebooks in words, and the codings that an older one made."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import (
    Code,
    Codebook,
    CounterExample,
    Group,
    Source,
    diff,
    outdated,
)
from reflect_analysis.codings import Coding, Codings

ALONE = Code("alone", "Alone", "Nobody to ask.", "g", include=("Nobody near",), patterns=("alone",))
BOOK = Codebook(
    (ALONE, Code("heard", "Heard", "Somebody listened.", "g"), Code("left", "Left", "Out.", "h")),
    (Group("g", "G"), Group("h", "H", "More.")),
    general_rules=("Code what is said.",),
)


def changed(**fields):
    code = dataclasses.replace(ALONE, **fields)
    return dataclasses.replace(BOOK, codes=(code, *BOOK.codes[1:]))


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (changed(name="On my own"), "alone: renamed: “Alone” → “On my own”"),
        (changed(group="h"), "alone: moved (group): “g” → “h”"),
        (changed(parent="heard"), "alone: moved (parent): + “heard”"),
        (changed(definition="No one."), "alone: redefined: “Nobody to ask.” → “No one.”"),
        (changed(include=("Nobody near", "x", "y")),
         "alone: criteria changed (include): + “x”; “y”"),
        (changed(include=()), "alone: criteria changed (include): − “Nobody near”"),
        (changed(exclude=("x",)), "alone: criteria changed (exclude): + “x”"),
        (changed(examples=("x",)), "alone: examples changed (examples): + “x”"),
        (changed(counter_examples=(CounterExample("x", "y"),)),
         "alone: examples changed (counter_examples): + “x — y”"),
        (changed(patterns=("left alone",)), "alone: patterns changed: “alone” → “left alone”"),
        (changed(scopes=Attributes(negated="include")),
         "alone: scopes changed: + “negated: include”"),
        (changed(unit="reflection"), "alone: unit changed: “sentence” → “reflection”"),
        (changed(human_only=True), "alone: human-only changed: “no” → “yes”"),
        (changed(source=(Source("X 2001"),)), "alone: sources changed: + “X 2001 (not verified)”"),
        (BOOK.retire("alone", by="A"), "alone: retired"),
        (BOOK.merge(["alone"], "heard", by="A"), "alone: merged into heard"),
        (BOOK.split("alone", ["heard", "left"], by="A"), "alone: split into heard and left"),
        (BOOK.add(Code("new", "New", "x", "g"), by="A"), "new: added: + “New”"),
        (dataclasses.replace(BOOK, codes=BOOK.codes[1:]), "alone: removed: − “Alone”"),
        (dataclasses.replace(BOOK, codes=BOOK.codes[::-1]), "order of the codes changed"),
        (dataclasses.replace(BOOK, groups=BOOK.groups[::-1]), "order of the groups changed"),
        (BOOK.with_group(Group("i", "I")), "group added (i): + “I”"),
        (BOOK.with_group(Group("h", "I", "More.")), "group renamed (h): “H” → “I”"),
        (BOOK.with_group(Group("h", "H")), "group redescribed (h): − “More.”"),
        (dataclasses.replace(BOOK, general_rules=()),
         "general rules changed: − “Code what is said.”"),
        (dataclasses.replace(BOOK, title="T"), "title changed: “Codebook” → “T”"),
        (dataclasses.replace(BOOK, language="fr"), "language changed: “en” → “fr”"),
    ],
)  # fmt: skip
def test_each_difference_is_told_in_words(new, told):
    assert [str(row) for row in diff(BOOK, new)] == [told]


def test_a_provisional_code_that_was_defined_is_told_so():
    book = BOOK.provisional("Met", by="A")
    rows = diff(book, book.define("met", definition="x", by="A"))
    assert [row.kind for row in rows] == ["defined", "redefined"]
    assert [row.kind for row in diff(BOOK.retire("alone", by="A"), BOOK)] == ["restored"]


def test_a_codebook_does_not_differ_from_itself_by_its_history():
    back = BOOK.retire("alone", by="A").restore("alone", by="A")
    found = diff(BOOK, back)
    assert (len(found), str(found)) == (0, f"nothing changed ({BOOK.version})")


def test_a_diff_is_a_frame_a_page_and_a_text():
    found = diff(BOOK, changed(name="<On my own>"))
    assert list(found.to_frame().columns) == [
        "code_id",
        "kind",
        "field",
        "before",
        "after",
        "words",
    ]
    assert "&lt;On my own&gt;" in found._repr_html_()
    assert repr(found) == f"<CodebookDiff {found.before} → {found.after}: 1 change>"
    assert str(found).splitlines()[1] == "  alone: renamed: “Alone” → “<On my own>”"
    assert found.of("alone") == found.rows
    assert found.of("heard") == ()


words = st.sampled_from(["x", "y", "z"])
lists = st.lists(words, max_size=2).map(tuple)
any_code = st.builds(
    dataclasses.replace,
    st.sampled_from([ALONE, BOOK.codes[1]]),
    name=words,
    definition=words,
    group=st.sampled_from(["g", "h"]),
    include=lists,
    examples=lists,
    patterns=lists,
    scopes=st.sampled_from([Attributes(), Attributes(negated="include")]),
    human_only=st.booleans(),
    note=words,
)
any_book = st.builds(
    lambda codes, rules, language: Codebook(
        tuple(codes), BOOK.groups, general_rules=rules, language=language
    ),
    st.lists(any_code, min_size=1, unique_by=lambda code: code.id),
    lists,
    st.sampled_from(["en", "fr"]),
)
# What a version does not hold: it changes no coding.
OUTSIDE = {"note changed", "sources changed"}


@given(any_book, any_book)
@settings(max_examples=150, deadline=None)
def test_two_versions_differ_just_where_the_diff_says_so(old, new):
    kinds = {row.kind for row in diff(old, new)} - OUTSIDE
    assert bool(kinds) == (old.version != new.version)


# ── codings of an older codebook ──


def coded(*codes, version=BOOK.version):
    return Codings(
        tuple(
            Coding("R1", n, n + 5, code, "ana", codebook_version=version)
            for n, code in enumerate(codes)
        )
    )


def test_codings_of_this_version_are_not_outdated():
    found = outdated(coded("alone", "heard"), BOOK)
    assert (len(found), str(found)) == (
        0,
        f"no coding was made under another version than {BOOK.version}",
    )


def test_the_history_tells_whether_the_meaning_changed():
    book = (
        BOOK.define("alone", definition="No one near.", by="A")
        .define("heard", name="Listened to", by="A")
        .merge(["left"], "heard", by="A")
    )
    log = coded("alone", "alone", "left", "heard")
    told = {row.code_id: (row.codings, row.changed, row.changes, row.now)
            for row in outdated(log, book)}  # fmt: skip
    assert told == {
        "alone": (2, True, ("redefined",), ("alone",)),
        "heard": (1, True, ("renamed", "took up others"), ("heard",)),
        "left": (1, True, ("merged",), ("heard",)),
    }
    after = outdated(coded("alone", version=book.history[0].version_after), book)
    assert [(row.changed, row.changes) for row in after] == [(False, ())]
    assert str(after).endswith("the meaning is the same")


def test_an_older_codebook_tells_where_the_history_does_not():
    new = changed(patterns=("left alone",))
    assert [row.changed for row in outdated(coded("alone"), new)] == [None]
    assert "give the older codebook" in str(outdated(coded("alone"), new))
    (row,) = outdated(coded("alone"), new, older=BOOK)
    assert (row.changed, row.changes) == (False, ("patterns changed",))
    (row,) = outdated(coded("alone"), changed(definition="No one."), older=[BOOK])
    assert (row.changed, row.changes) == (True, ("redefined",))
    rules = dataclasses.replace(BOOK, general_rules=("Another.",))
    (row,) = outdated(coded("heard"), rules, older=BOOK)
    assert (row.changed, row.changes) == (True, ("general rules changed",))
    (row,) = outdated(coded("heard"), BOOK.merge(["alone"], "heard", by="A"), older=BOOK)
    assert (row.changed, row.changes) == (True, ("took up others",))


def test_a_gap_in_the_history_is_no_answer():
    book = BOOK.define("alone", name="X", by="A").define("alone", name="Y", by="A")
    edited = dataclasses.replace(book, general_rules=("By hand.",))
    assert [row.changed for row in outdated(coded("alone"), edited)] == [None]


def test_every_row_of_one_merge_is_one_step():
    book = BOOK.merge(["alone", "left"], "heard", by="A")
    told = {row.code_id: row.changes for row in outdated(coded("alone", "left", "heard"), book)}
    assert told == {"alone": ("merged",), "left": ("merged",), "heard": ("took up others",)}


def test_codings_of_a_code_that_is_gone_or_without_a_version_are_told():
    book = BOOK.provisional("Met", by="A")
    rows = outdated(coded("met", "nonsense", version=book.version), book.drop("met", by="A"))
    assert [(r.code_id, r.now, r.changed, r.changes) for r in rows] == [
        ("met", (), True, ("removed",)),
        ("nonsense", (), True, ("removed",)),
    ]
    (row,) = outdated(coded("alone", version=""), BOOK)
    assert (row.version, row.changed) == ("", None)
    frame = outdated(coded("alone", version="<old>"), BOOK)
    assert list(frame.to_frame()["codings"]) == [1]
    assert "&lt;old&gt;" in frame._repr_html_()
    assert repr(frame) == f"<Outdated: 1 coding older than version {BOOK.version}>"
