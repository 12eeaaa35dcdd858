"""A codebook in YAML, CSV and Excel: what is written is what is read, by hand or by us."""

import csv
import dataclasses
import io
from datetime import UTC, datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import FORMULA_STARTS, Attributes
from reflect_analysis.codebook import (
    Code,
    Codebook,
    CodeChange,
    CounterExample,
    Group,
    Origin,
    Source,
    read_codebook,
    write_codebook,
)
from reflect_analysis.codebook.cells import armed, join_counter, rearmed, split_counter, split_items
from reflect_analysis.errors import CodebookError, OutputError

ROOT = Path(__file__).parent.parent
SUFFIXES = (".yaml", ".csv", ".xlsx")

# Every letter that a text of a codebook may hold, and more often those that are traps.
letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="￾￿")
signs = "\"'`=+-@|:#—–•*&!%[]{},;>\t\n\\ ⏎"
traps = st.sampled_from([*signs, "\u2028", "_x0041_", "🙂"])
short = st.lists(st.one_of(letters, traps, traps), min_size=1, max_size=12).map("".join)
words = st.sampled_from(
    ["a", "-", "#", "# b", ":", "the", "long-word", "'", '"', "…", "é", "\n", ">"]
)
long = st.lists(words, min_size=20, max_size=50).map(" ".join)
texts = st.one_of(short, short, short, long)
said = texts.filter(lambda text: text.strip())
anything = st.one_of(st.just(""), texts)
several = st.lists(said, max_size=3).map(tuple)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True)
origins = st.builds(Origin, said, st.integers(0, 9), st.integers(10, 99))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them so
scopes = st.dictionaries(
    st.sampled_from(["negated", "hypothetical", "others", "reported", "prompt"]),
    st.sampled_from(["exclude", "include", "require"]),
).map(Attributes)


@st.composite
def codes(draw, code_id, groups, earlier):
    status = draw(st.sampled_from(["defined", "defined", "provisional", "retired"]))
    in_vivo = code_id.startswith("in_vivo_")
    living = [code.id for code in earlier if not code.retired]
    return Code(
        id=code_id,
        name=draw(said),
        definition=draw(said if status == "defined" else anything),
        group=draw(st.sampled_from(groups)),
        parent=draw(st.sampled_from([None, *living])),
        include=draw(several),
        exclude=draw(several),
        examples=draw(several),
        counter_examples=draw(
            st.lists(st.builds(CounterExample, said, said), max_size=2).map(tuple)
        ),
        patterns=draw(several),
        scopes=draw(scopes),
        unit=draw(st.sampled_from(["sentence", "reflection"])),
        human_only=draw(st.booleans()),
        source=draw(st.lists(st.builds(Source, said, st.booleans()), max_size=2).map(tuple)),
        note=draw(anything),
        status=status,
        origin=draw(st.none() | origins),
        in_vivo=in_vivo,
        name_approved_by=draw(anything),
        replaced_by=tuple(draw(st.lists(st.sampled_from(living), max_size=2, unique=True)))
        if status == "retired" and living
        else (),
    )


@st.composite
def codebooks(draw):
    groups = draw(
        st.lists(
            st.builds(Group, ids, said, anything), min_size=1, max_size=3, unique_by=lambda g: g.id
        )
    )
    code_ids = draw(
        st.lists(st.one_of(ids, st.from_regex(r"in_vivo_[1-9]", fullmatch=True)),
                 min_size=1, max_size=4, unique=True)
    )  # fmt: skip
    made = []
    for code_id in code_ids:
        made.append(draw(codes(code_id, [group.id for group in groups], made)))
    actions = ["create", "define", "rename", "redefine", "move", "merge", "split", "retire"]
    changes = st.builds(
        CodeChange,
        st.sampled_from([*actions, "restore", "approve", "drop"]),
        ids,
        st.lists(ids, max_size=2).map(tuple),
        anything,
        moments,
        anything,
        st.just("0123456789ab"),
        anything,
        st.none() | origins,
    )
    return Codebook(
        tuple(made),
        tuple(groups),
        title=draw(said),
        description=draw(anything),
        language=draw(st.sampled_from(["en", "fr", ""])),
        licence=draw(anything),
        general_rules=draw(several),
        history=draw(st.lists(changes, max_size=3).map(tuple)),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("codebooks with blanks")


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(book=codebooks())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_codebook_comes_back_as_it_was(folder, suffix, book):
    path = write_codebook(book, folder / f"book{suffix}", overwrite=True)
    assert read_codebook(path) == book


@given(st.lists(st.builds(CounterExample, said, said), max_size=3))
@settings(max_examples=100, deadline=None)
def test_counter_examples_of_any_words_come_back_from_their_cell(made):
    pairs = [split_counter(item) for item in split_items(join_counter(made))]
    assert pairs == [(each.text, each.why) for each in made]


@given(texts)
@settings(max_examples=100, deadline=None)
def test_no_cell_of_a_csv_file_is_a_formula_and_each_comes_back(text):
    cell = armed(text, for_csv=True)
    assert not cell.startswith(FORMULA_STARTS)
    assert rearmed(cell) == text == rearmed(armed(text, for_csv=False))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["peer-mentoring", "effective-mentorship"])
def test_the_packaged_codebooks_come_back_with_their_version(tmp_path, suffix, name):
    book = read_codebook(ROOT / "codebooks" / f"{name}.yaml")
    again = read_codebook(write_codebook(book, tmp_path / f"book{suffix}"))
    assert again == book
    assert again.version == book.version


# ── what people see ──


BOOK = Codebook(
    (
        Code(
            "alone",
            "Alone",
            "The writer has nobody to ask. " * 8,
            "company",
            include=("Nobody near", "=HYPERLINK()"),
            patterns=("not|never alone", "@alone ! 'together'"),
            counter_examples=(CounterExample("I like the quiet.", "It is wanted."),),
        ),
        Code("together", "Together", "Part of a group.", "company", human_only=True),
    ),
    (Group("company", "Company"),),
    general_rules=("Code what is said.",),
)


def test_yaml_folds_long_texts_keeps_the_order_and_quotes_patterns(tmp_path):
    text = write_codebook(BOOK, tmp_path / "book.yaml").read_text(encoding="utf-8")
    assert "definition: >-\n      The writer has nobody" in text
    assert "      - 'not|never alone'\n      - '@alone ! ''together'''\n" in text
    assert max(map(len, text.split("\n"))) <= 110
    assert text.index("- id: alone") < text.index("- id: together")
    assert "note" not in text


def test_excel_has_a_row_a_code_and_no_formula(tmp_path):
    book = openpyxl.load_workbook(write_codebook(BOOK, tmp_path / "book.xlsx"))
    assert book.sheetnames == ["Codes", "Groups", "About", "How to"]
    rows = list(book["Codes"].iter_rows(values_only=True))
    assert rows[0][:5] == ("Id", "Name", "Group", "Parent", "Definition")
    assert rows[1][5] == "Nobody near\n=HYPERLINK()"
    assert rows[1][8] == "I like the quiet. — It is wanted."
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n"}
    assert "Status" not in rows[0]


def test_a_cell_of_excel_that_looks_like_a_formula_stays_text_when_it_is_edited(tmp_path):
    code = dataclasses.replace(BOOK.codes[0], patterns=("@alone ! x",))
    path = write_codebook(Codebook((code,), BOOK.groups), tmp_path / "book.xlsx")
    rows = list(openpyxl.load_workbook(path)["Codes"].iter_rows())
    place = [cell.value for cell in rows[0]].index("Patterns")
    cell = rows[1][place]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("@alone ! x", "s", True)


def test_csv_opens_in_excel_as_utf8_with_a_line_a_code(tmp_path):
    path = write_codebook(BOOK, tmp_path / "book.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["Kind", "code", "code", "group", *["about"] * 4, "rule"]


# ── tables by hand ──


def saved(tmp_path, rows, name="book.xlsx"):
    path = tmp_path / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    elif path.suffix == ".docx":
        document = docx.Document()
        table = document.add_table(len(rows), len(rows[0]))
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                table.cell(line, place).text = cell
        document.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return path


PLAIN = [
    ["Code name", "Definition", "Theme"],
    ["Being on my own", "Nobody near to ask.", "Belonging"],
    ["Ça va mieux", "Energy has come back.", "Strain & recovery"],
    ["Trust", "Can be open.", "Belonging"],
]


@pytest.mark.parametrize("name", ["book.csv", "book.xlsx", "book.docx"])
def test_a_table_by_hand_with_name_definition_and_group_is_a_codebook(tmp_path, name):
    book = read_codebook(saved(tmp_path, PLAIN, name))
    assert book.ids == ("being_on_my_own", "ca_va_mieux", "trust")
    assert [code.group for code in book] == ["belonging", "strain_recovery", "belonging"]
    assert [group.name for group in book.groups] == ["Belonging", "Strain & recovery"]


def test_lists_by_hand_stand_line_by_line_with_or_without_bullets(tmp_path):
    rows = [
        ["Name", "Definition", "When not to use", "Non-examples", "Colour", "Source"],
        ["Trust", "Open.", "• one\n• two\nthree", "A quiet day. — Nothing told.", "blue", "X 2001"],
    ]
    code = read_codebook(saved(tmp_path, rows))["trust"]
    assert code.exclude == ("one", "two", "three")
    assert code.counter_examples == (CounterExample("A quiet day.", "Nothing told."),)
    assert code.source == (Source("X 2001"),)
    assert code.note == "Colour: blue"


def test_a_title_above_the_table_and_a_group_named_once_are_understood(tmp_path):
    rows = [
        ["Our codebook, third draft", None, None],
        [None, None, None],
        ["Group", "Name", "Definition"],
        ["Strain", "Tired", "Worn out."],
        [None, "Numb", "Without feeling."],
    ]
    assert {code.group for code in read_codebook(saved(tmp_path, rows))} == {"strain"}


def test_a_table_without_groups_has_one(tmp_path):
    book = read_codebook(saved(tmp_path, [["Name", "Definition"], ["Tired", "Worn out."]]))
    assert [group.id for group in book.groups] == ["codes"]


def test_a_merged_heading_row_of_word_names_the_group_below_it(tmp_path):
    path = saved(
        tmp_path, [["Name", "Definition"], ["Strain", ""], ["Tired", "Worn out."]], "b.docx"
    )
    document = docx.Document(path)
    row = document.tables[0].rows[1].cells
    row[0].merge(row[1])
    document.save(path)
    assert [(code.id, code.group) for code in read_codebook(path)] == [("tired", "strain")]


def test_a_code_whose_definition_is_its_name_is_no_heading(tmp_path):
    for name in ("book.csv", "book.xlsx", "book.docx"):
        path = saved(tmp_path, [["Name", "Definition"], ["Trust", "Trust"]], name)
        assert read_codebook(path).ids == ("trust",)


def test_a_hidden_sheet_of_codes_is_not_read_and_a_hidden_sheet_of_ours_is(tmp_path):
    path = write_codebook(BOOK, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    book["Groups"].sheet_state = book["About"].sheet_state = "hidden"
    old = book.create_sheet("Codes of last year")
    old.append(["Name", "Definition"])
    old.append(["Gone", "Not any more."])
    old.sheet_state = "hidden"
    book.save(path)
    assert read_codebook(path) == BOOK


def test_a_new_row_in_excel_needs_no_id_and_may_name_its_group_and_parent(tmp_path):
    path = write_codebook(BOOK, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    book["Codes"].append([None, "Left out", "Company", "Alone", "Not asked to join."])
    book.save(path)
    code = read_codebook(path)["left_out"]
    assert (code.group, code.parent) == ("company", "alone")


def test_a_semicolon_file_of_a_french_excel_is_read(tmp_path):
    path = tmp_path / "book.csv"
    path.write_bytes(b"name;definition\r\nSeule;Personne, nulle part.\r\n")
    assert read_codebook(path)["seule"].definition == "Personne, nulle part."


# ── bad input ──


def faults(path):
    with pytest.raises(CodebookError) as caught:
        read_codebook(path)
    return caught.value.faults


def test_every_fault_of_a_table_is_told_at_once_with_its_row(tmp_path):
    rows = [
        ["id", "name", "definition", "group", "parent", "unit", "counter-examples", "scopes"],
        ["a", "A", "", "g", "", "word", "", ""],
        ["B!", "", "x", "g", "c", "", "no dash", "negatd: include"],
        ["a", "A", "x", "g", "", "", "", "negated: perhaps"],
    ]
    assert set(faults(saved(tmp_path, rows, "book.csv"))) == {
        "book.csv, row 2: code 'a': no definition",
        "book.csv, row 2: code 'a': unit: 'word'; expected 'sentence' or 'reflection'",
        "book.csv, row 3: code 'B!': counter_examples: expected 'text — why', one a line",
        (
            "book.csv, row 3: code 'B!': id: expected a lower-case letter, then letters, digits, "
            "underscores"
        ),
        "book.csv, row 3: code 'B!': no name",
        (
            "book.csv, row 3: code 'B!': scopes, negatd: 'negatd'; expected 'negated', "
            "'hypothetical', 'others', 'reported' or 'prompt'"
        ),
        "book.csv, row 3: code 'B!': unknown parent 'c'",
        (
            "book.csv, row 4: code 'a': scopes, negated: 'perhaps'; expected 'exclude', 'include' "
            "or 'require'"
        ),
        "book.csv, row 4: code 'a' stands in row 2 already",
    }


def test_a_mistyped_column_and_the_same_column_twice_are_faults(tmp_path):
    rows = [["Name", "Definition", "Exampels", "Label"], ["A", "x", "e", "b"]]
    assert faults(saved(tmp_path, rows)) == (
        "book.xlsx, row 1: unknown column 'Exampels'; did you mean 'examples'?",
        "book.xlsx, row 1: the column 'Label' says the same as another; join or rename them",
    )


def test_a_formula_and_an_error_of_excel_are_faults_with_their_cells(tmp_path):
    rows = [["Name", "Definition", "Patterns"], ["A", "x", '=CONCAT("a")'], ["B", "x", "#NAME?"]]
    told = faults(saved(tmp_path, rows))
    assert told[0].startswith("book.xlsx, row 2: column 3: a formula")
    assert told[1].startswith("book.xlsx, row 3: column 3: the Excel error #NAME?")


def test_a_table_without_codes_says_which_columns_came(tmp_path):
    assert faults(saved(tmp_path, [["Nom du code", "Sens"], ["A", "x"]])) == (
        (
            "book.xlsx: no table of codes: expected a row with the columns 'name' and "
            "'definition', came 'Nom du code', 'Sens'"
        ),
    )
    rows = [["Name", "Defintion"], ["A", "x"]]
    assert faults(saved(tmp_path, rows))[0].endswith("did you mean 'definition'?")
    assert "a codebook without codes" in faults(saved(tmp_path, PLAIN[:1]))[0]


def test_a_csv_file_of_windows_is_noticed_with_its_line(tmp_path):
    path = tmp_path / "book.csv"
    path.write_bytes("name,definition\nA,x\nB,café\n".encode("cp1252"))
    assert faults(path)[0].startswith("book.csv, line 3: not UTF-8 (byte 0xE9); it is perhaps in")


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("book.xlsx", b"no zip", "not a file of Excel or Word"),
        ("book.docx", EMPTY_ZIP, "not a Word file"),
        ("book.xlsx", EMPTY_ZIP, "not a workbook that can be read"),
        ("book.csv", b'name,definition\nA,"x', "row 2"),
        ("book.csv", b"", "no table of codes"),
        ("book.xls", b"", "save it as .xlsx"),
        ("book.csv", b"name,definition\nA,x\x07y", r"control character U\+0007"),
        ("book.csv", b"kind,name,definition\ncod,A,x\ncode,B,x", "did you mean 'code'"),
        ("book.csv", b"id,name,definition,origin\na,A,x,page 3", "expected a passage such as"),
        ("book.csv", b"kind,id,name,definition\ncode,a,A,x\nabout,titel,,x", "'titel'; expected"),
    ],
)
def test_what_cannot_be_read_is_one_named_error(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CodebookError, match=told):
        read_codebook(path)


def test_a_history_by_hand_is_checked_with_its_rows(tmp_path):
    rows = [
        ["kind", "id", "name", "definition", "action", "at", "by"],
        ["code", "a", "A", "x", "", "", ""],
        ["change", "a", "", "", "creat", "yesterday", "Ana"],
    ]
    assert faults(saved(tmp_path, rows, "book.csv")) == (
        (
            "book.csv, row 3: change 1: action: 'creat'; expected 'create', 'define', 'rename', "
            "'redefine', 'move', 'merge', 'split', 'retire', 'restore', 'approve' or 'drop'"
        ),
        "book.csv, row 3: change 1: at: expected a time such as 2025-04-08T14:30",
    )


def test_a_workbook_that_excel_holds_is_a_clear_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    path = write_codebook(BOOK, tmp_path / "book.xlsx")
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(CodebookError, match="open in Excel"):
            read_codebook(path)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", refuse)
        with pytest.raises(OutputError, match="open in Excel"):
            write_codebook(BOOK, path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_overwritten_unless_it_is_said(tmp_path):
    path = write_codebook(BOOK, tmp_path / "book.yaml")
    with pytest.raises(OutputError, match="exists already"):
        write_codebook(BOOK, path)
    assert write_codebook(BOOK, path, overwrite=True) == path


def test_what_cannot_be_written_is_said_before_anything_is(tmp_path):
    with pytest.raises(ValueError, match=r"\.yaml, \.xlsx or \.csv"):
        write_codebook(BOOK, tmp_path / "book.txt")
    with pytest.raises(CodebookError, match="no code to write"):
        write_codebook(Codebook(()), tmp_path / "book.yaml")
    with pytest.raises(OutputError, match="cannot be written"):
        write_codebook(BOOK, tmp_path / "nowhere" / "book.yaml")
    long = dataclasses.replace(BOOK.codes[1], definition="long " * 7000)
    for suffix in (".csv", ".xlsx"):
        with pytest.raises(CodebookError, match=r"definition has 34,999 letters; .* Write YAML"):
            write_codebook(Codebook((long,), BOOK.groups), tmp_path / f"book{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", ["-11", "-1.5", "-0,25"])
def test_a_negative_number_is_no_formula_in_a_codebook(number):
    assert armed(number, for_csv=True) == number
    assert rearmed(f"'{number}") == number  # as an earlier version wrote it
    assert rearmed(armed(f"'{number}", for_csv=True)) == f"'{number}"
    assert armed(f"{number}+1", for_csv=True) == f"'{number}+1"
