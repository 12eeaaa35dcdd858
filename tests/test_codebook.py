"""The codebook: read, checked, fingerprinted."""

import dataclasses

import pytest

from reflect_analysis.codebook import (
    Code,
    Codebook,
    CodeChange,
    CounterExample,
    Group,
    Source,
    read_codebook,
)
from reflect_analysis.errors import CodebookError, UnknownIdError

GOOD = """\
title: Small
groups:
  - {id: g, name: Group}
codes:
  - id: belonging
    name: Belonging
    group: g
    definition: Feeling part of it.
    examples: [We are a team now.]
    counter_examples:
      - {text: I came., why: Attending only.}
    patterns: ["not alone"]
  - id: safe
    name: Safe
    group: g
    parent: belonging
    definition: Able to be open.
    human_only: true
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="book.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_codebook_is_read_whole(write):
    book = read_codebook(write(GOOD))
    assert book.ids == ("belonging", "safe")
    assert book["belonging"].patterns == ("not alone",)
    assert [code.id for code in book.machine_codes()] == ["belonging"]
    assert [code.id for code in book.children("belonging")] == ["safe"]


def test_every_fault_comes_with_its_line(write):
    bad = GOOD.replace("parent: belonging", "parent: belongin").replace(
        "group: g\n    definition", "group: gg\n    definition"
    )
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(bad))
    assert caught.value.faults == (
        "book.yaml, line 5: code 'belonging': unknown group 'gg'; did you mean 'g'?",
        "book.yaml, line 13: code 'safe': unknown parent 'belongin'; did you mean 'belonging'?",
    )


def test_a_code_without_definition_and_an_unknown_key_are_told_together(write):
    bad = GOOD.replace("    definition: Able to be open.\n", "    defnition: Able.\n")
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(bad))
    told = str(caught.value)
    assert "line 13: code 'safe': no definition" in told
    assert "code 'safe': unknown key 'defnition'; did you mean 'definition'?" in told


def test_faults_of_entries_and_between_codes_come_at_once_in_the_order_of_the_lines(write):
    path = write("""\
groups: [{id: g, name: G}]
codes:
  - {id: a, name: A, group: gg, definition: x}
  - {id: b, name: B, group: g, definition: x, parent: c}
  - {id: c, name: C, group: g, definition: x, parent: b}
  - {id: a, name: A, group: g, definition: ''}
  - {name: D, group: g, definition: x, unit: word, examples: [3], human_only: 5}
  - {id: E, name: , group: g, definition: x, scopes: {negatd: exclude}, source: [{cit: y}]}
""")
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    assert [fault.removeprefix("book.yaml, ") for fault in caught.value.faults] == [
        "line 3: code 'a': unknown group 'gg'; did you mean 'g'?",
        "line 4: code 'b' is its own ancestor",
        "line 5: code 'c' is its own ancestor",
        "line 6: code 'a': definition is empty",
        "line 6: code 'a' stands in line 3 already",
        "line 7: code 5: no id",
        "line 7: code 5: examples, item 1: expected text; put it in quotation marks",
        "line 7: code 5: unit: 'word'; expected 'sentence' or 'reflection'",
        "line 7: code 5: human_only: expected true or false",
        "line 8: code 'E': id: expected a lower-case letter, then letters, digits, underscores",
        "line 8: code 'E': name is empty",
        (
            "line 8: code 'E': scopes, negatd: 'negatd'; expected 'negated', 'hypothetical', "
            "'others', 'reported' or 'prompt'"
        ),
        "line 8: code 'E': no source, item 1, cite",
        "line 8: code 'E': source, item 1: unknown key 'cit'; did you mean 'cite'?",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "groups: 3\ncodes: [1, null, [], {id: [a], parent: {b: c}}]\n",
        "groups: [null]\ncodes: {a: b}\n",
        "title: [x]\n",
        "groups: []\ncodes: []\n",
    ],
)
def test_a_file_of_any_shape_gives_faults_and_no_traceback(write, text):
    with pytest.raises(CodebookError, match=r"book\.yaml"):
        read_codebook(write(text))


def test_a_doubled_id_names_both_lines(write):
    with pytest.raises(CodebookError, match=r"line 13: code 'belonging' stands in line 5 already"):
        read_codebook(write(GOOD.replace("id: safe", "id: belonging")))


def test_a_cycle_is_a_fault(write):
    bad = GOOD.replace(
        "    group: g\n    definition: Feeling",
        "    group: g\n    parent: safe\n    definition: Feeling",
    )
    with pytest.raises(CodebookError, match="is its own ancestor"):
        read_codebook(write(bad))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("codes: [", "not YAML"),
        ("- a\n- b\n", "expected the keys"),
        ("", "expected the keys"),
        ("a: 1\na: 2\n", "line 2"),
        ("title: a\x07b\n", "not YAML"),
    ],
)
def test_what_is_no_codebook_is_said_in_one_error(write, text, told):
    with pytest.raises(CodebookError, match=told):
        read_codebook(write(text))


def test_a_missing_file_and_a_foreign_encoding_are_named(tmp_path):
    with pytest.raises(CodebookError, match="no such file"):
        read_codebook(tmp_path / "nowhere.yaml")
    with pytest.raises(CodebookError, match="this is a folder"):
        read_codebook(tmp_path)
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: caf\xe9\n")
    with pytest.raises(CodebookError, match="not UTF-8"):
        read_codebook(path)


def test_the_version_follows_the_content(write):
    book = read_codebook(write(GOOD))
    changed = read_codebook(write(GOOD.replace("Feeling part", "Feeling a part"), "other.yaml"))
    retitled = dataclasses.replace(book, title="Another title")
    assert book.version == retitled.version != changed.version


def test_values_are_checked_without_a_file_too():
    with pytest.raises(CodebookError) as caught:
        Codebook((Code("a", "A", " ", "x"), Code("a", "A", "d", "g")), (Group("g", "G"),))
    assert len(caught.value.faults) == 3


def test_unknown_codes_are_told_with_where_they_came_from(write):
    book = read_codebook(write(GOOD))
    with pytest.raises(UnknownIdError, match=r"codings\.csv: no code 'belong'; did you mean"):
        book.check_ids(["belong", "safe"], "codings.csv")


def test_texts_are_tidied_when_a_row_is_made():
    code = Code("a", " A\r\n", "d\r\ne ", "g", include=(" x ", "", "y"), source=[Source(" c ")])
    assert (code.name, code.definition, code.include) == ("A", "d\ne", ("x", "y"))
    assert code.source == (Source("c"),)
    assert CounterExample(" t", "w ") == CounterExample("t", "w")
    book = Codebook((code,), (Group("g", " G "),), title="  ", general_rules=("", " r"))
    assert (book.title, book.general_rules, book.group("g").name) == ("Codebook", ("r",), "G")


def test_one_text_in_the_place_of_a_list_is_an_error():
    with pytest.raises(TypeError, match="patterns is a tuple of texts"):
        Code("a", "A", "d", "g", patterns="not alone")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (Code("a", "", "d", "g"), "code 'a': no name"),
        (Code("a", "A", "d\x07", "g"), r"code 'a': control character U\+0007"),
        (Code("a", "A", "d", "g", counter_examples=(CounterExample("t", ""),)), "says why"),
        (Code("a", "A", "d", "g", source=(Source(""),)), "without its reference"),
        (Code("a", "A", "d", "g", note="\ufffe"), r"U\+FFFE"),
    ],
)
def test_what_no_file_could_hold_is_a_fault_of_the_value(code, told):
    with pytest.raises(CodebookError, match=told):
        Codebook((code,), (Group("g", "G"),))


def test_a_history_is_checked_like_the_rest():
    change = CodeChange("create", "no id!", reason="x\x00")
    with pytest.raises(CodebookError) as caught:
        Codebook((), history=(change,))
    assert len(caught.value.faults) == 2
    assert all(fault.startswith("history, row 1") for fault in caught.value.faults)


def test_a_file_with_provisional_and_retired_codes_is_read(write):
    book = read_codebook(
        write("""\
groups: [{id: g, name: G}]
codes:
  - {id: in_vivo_1, name: the room breathes, group: g, status: provisional, in_vivo: true,
     origin: {document: R1, start: 3, end: 9}}
  - {id: b, name: B, group: g, definition: x}
  - {id: c, name: C, group: g, status: retired, replaced_by: [b]}
history:
  - {action: merge, code: c, into: [b], by: Ana, at: 2025-04-08T14:30:00-07:00}
  - {action: merge, code: c, into: [b], by: Ana, at: 2025-04-08}
""")
    )
    assert book["in_vivo_1"].name_withheld
    assert book.current_ids("c") == ("b",)
    assert [row.at.isoformat() for row in book.history] == [
        "2025-04-08T21:30:00+00:00",
        "2025-04-08T00:00:00+00:00",
    ]


def test_faults_of_statuses_and_histories_come_with_their_lines(write):
    path = write("""\
groups: [{id: g, name: G}]
codes:
  - {id: a, name: A, group: g, definition: x, status: retird}
  - {id: b, name: B, group: g, definition: x, replaced_by: [c]}
  - {id: words, name: their words, group: g, definition: x, in_vivo: true}
  - {id: d, name: D, group: g, definition: x, parent: e}
  - {id: e, name: E, group: g, status: retired, replaced_by: [nowhere]}
  - {id: f, name: F, group: g, status: provisional, origin: {document: R1, start: x}}
history:
  - {action: merg, code: a, at: long ago}
""")
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    told = [fault.removeprefix("book.yaml, ") for fault in caught.value.faults]
    assert told == [
        "line 3: code 'a': status: 'retird'; expected 'defined', 'provisional' or 'retired'",
        (
            "line 4: code 'b': replaced_by stands for a retired code alone, and its status is "
            "'defined'"
        ),
        "line 4: code 'b': replaced_by names no code 'c'",
        (
            "line 5: code 'words': the id of an in vivo code is in_vivo_1, in_vivo_2 …, because "
            "ids are printed and the words are a participant's"
        ),
        "line 6: code 'd': its parent 'e' is retired; move it to another or to none",
        "line 7: code 'e': replaced_by names no code 'nowhere'",
        "line 8: code 'f': origin, start: expected a whole number",
        "line 8: code 'f': no origin, end",
        (
            "line 10: change 1: action: 'merg'; expected 'create', 'define', 'rename', 'redefine', "
            "'move', 'merge', 'split', 'retire', 'restore', 'approve' or 'drop'"
        ),
        "line 10: change 1: at: expected a time such as 2025-04-08T14:30",
    ]


def test_a_codebook_is_shown_with_its_statuses():
    book = Codebook((Code("a", "<A>", "d", "g"),), (Group("g", "G"),))
    grown = book.provisional("B", by="Ana").retire("a", by="Ana")
    assert repr(grown) == f"<Codebook 'Codebook': 1 code, 1 retired, version {grown.version}>"
    assert "&lt;A&gt; (retired)" in grown._repr_html_()
    frame = grown.to_frame()
    assert dict(zip(frame["code_id"], frame["status"], strict=True)) == {
        "a": "retired",
        "b": "provisional",
    }


def test_a_code_is_there_by_its_id_and_by_itself():
    code = Code("belonging", "Belonging", "Feeling part of it.", "g")
    book = Codebook((code,), (Group("g", "Group"),))
    assert "belonging" in book
    assert code in book
    assert dataclasses.replace(code, definition="Another.") not in book
