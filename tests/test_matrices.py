"""Codes against texts, people and groups: what is not read is no zero, and few are never shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document, Governance, Turn
from reflect_analysis.matrices import UNKNOWN_GROUP, code_matrix
from reflect_analysis.tables import check_told, untold
from reflect_analysis.tables.matrices import matrix_table
from reflect_analysis.themes import theme_table

BOOK = Codebook(
    (
        Code("joy", "Joy", "d", "g"),
        Code("glee", "Glee", "d", "g", parent="joy"),
        Code("tired", "Tired", "d", "g"),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


def study(groups, *, said=(), sessions=("1",), unread=()):
    """People by group, the numbers of those who mention joy, and who was not read."""
    people = [(group, n) for group, size in groups.items() for n in range(size)]
    cases, documents, codings, seen = [], [], [], []
    for number, (group, _) in enumerate(people):
        own = Attributes(role=group) if group else Attributes()
        cases.append(Case(f"p{number:02}", own))
        for session in sessions:
            name = f"p{number:02}-{session}"
            about = Attributes(session=session)
            documents.append(Document(name, TEXT, case_id=f"p{number:02}", attributes=about))
            if number in said:
                codings.append(Coding(name, 0, 3, "glee", "ada"))
            if number not in unread:
                seen.append(Seen("ada", name))
    log = Codings(tuple(codings), seen=tuple(seen))
    return {"codings": log, "corpus": Corpus(tuple(documents), tuple(cases)), "codebook": BOOK}


def matrix(values, **more):
    return code_matrix(values.pop("codings"), **values, **more)


def test_found_is_one_read_is_nought_and_unread_is_not_known():
    found = matrix(study({"a": 3}, said={0}, unread={2}))
    assert found.to_frame().index.name == "case_id"
    assert found.to_frame()["joy"].tolist()[:2] == [1, 0]
    assert np.isnan(found.values[2]).all()
    assert found.read.sum(axis=1).tolist() == [3, 3, 0]


def test_passages_are_counted_where_that_is_asked_and_never_by_group():
    values = study({"a": 2}, said={0}, sessions=("1", "2"))
    assert matrix(dict(values), counts=True).to_frame().loc["p00", "joy"] == 2
    assert matrix(dict(values), by="document").rows == ("p00-1", "p00-2", "p01-1", "p01-2")
    with pytest.raises(ValueError, match="one participant would decide"):
        matrix(dict(values), by="role", counts=True)


def test_a_nought_may_need_every_text_to_be_read():
    values = study({"a": 1}, sessions=("1", "2"))
    log = Codings(seen=(Seen("ada", "p00-1"),))
    about = {"corpus": values["corpus"], "codebook": BOOK}
    assert code_matrix(log, **about).to_frame().loc["p00", "joy"] == 0
    assert np.isnan(code_matrix(log, only_whole=True, **about).to_frame().loc["p00", "joy"])


def test_a_transcript_is_one_document_and_each_speakers_own():
    text = "A: Yes we did.\n\nB: No we did not."
    turns = (Turn(3, 14, "A", "P0"), Turn(19, len(text), "B", "P1"))
    corpus = Corpus((Document("m", text, "transcript", turns=turns),), (Case("P0"), Case("P1")))
    log = Codings((Coding("m", 3, 14, "tired", "ada"),), seen=(Seen("ada", "m"),))
    by_case = code_matrix(log, corpus=corpus, codebook=BOOK)
    assert by_case.to_frame()["tired"].to_dict() == {"P0": 1, "P1": 0}
    assert code_matrix(log, corpus=corpus, codebook=BOOK, by="document").rows == ("m",)


def test_the_total_of_groups_is_that_of_the_theme_table():
    values = study({"a": 8, "b": 8, "": 6}, said=set(range(14)))
    found = matrix(dict(values), by="role")
    assert found.rows == ("a", "b", UNKNOWN_GROUP)
    table = theme_table(values["codings"], corpus=values["corpus"], codebook=BOOK)
    assert found.values[:, 0].sum() == table.rows[0].participants == 14
    assert sum(found.sizes) == table.rows[0].of_participants == found.people


def test_groups_of_few_are_joined_and_told_to_the_ledger():
    table = matrix_table(matrix(study({"a": 12, "b": 12, "c": 2}, said=set(range(18))), by="role"))
    names = [column.name for column in table.columns]
    assert names == ["Code", "b", "Other groups", "Total"]
    assert not untold(table)
    check_told([table])
    assert {cell.what for cell in table.told} == {"joy", "glee", "tired"}


def test_a_governed_group_is_no_column_of_its_own():
    values = study({"a": 8, "b": 8, "c": 8}, said=set(range(6)))
    corpus = values["corpus"]
    cases = tuple(
        Case(c.id, c.attributes, governance=Governance("nation-1", ("tables",)))
        if c.attributes["role"] == "c"
        else c
        for c in corpus.cases
    )
    governed = Corpus(corpus.documents, cases)
    found = code_matrix(values["codings"], corpus=governed, codebook=BOOK, by="role")
    assert "c" not in found.shown().columns
    assert "c" in found.rows


def test_a_code_that_was_read_for_in_others_has_no_n_beside_the_rest():
    values = study({"a": 8, "b": 8}, said=set(range(6)))
    seen = tuple(
        Seen("ada", row.document_id, codes=("joy", "glee") if number > 2 else ())
        for number, row in enumerate(values["codings"].seen)
    )
    log = Codings(values["codings"].codings, seen=seen)
    found = code_matrix(log, corpus=values["corpus"], codebook=BOOK, by="role")
    assert found.unlike == ("tired",)
    assert set(found.shown().to_frame().loc["tired"]) == {"–"}


def test_sessions_share_people_so_that_there_is_no_total_and_no_size_of_few():
    values = study({"a": 12}, said=set(range(6)), sessions=("1", "2"))
    log = values["codings"]
    log = Codings(log.codings, seen=tuple(r for r in log.seen if r.document_id != "p11-2"))
    found = code_matrix(log, corpus=values["corpus"], codebook=BOOK, by="session")
    assert found.repeated
    table = matrix_table(found)
    assert table.texts()[0] == ("Joy", "6 of 12", "6")
    assert not untold(table)
    assert all(cell.where for cell in table.told)


def test_a_matrix_of_people_is_kept_and_never_shown():
    found = matrix(study({"a": 6}, said={0}))
    table = matrix_table(found)
    assert table.keep
    assert "KEEP" in table.mark
    with pytest.raises(ValueError, match="never sent"):
        found.shown()
    assert "to keep" in found._repr_html_()


def test_an_attribute_that_nobody_bears_is_named():
    with pytest.raises(ValueError, match="'rol'; did you mean 'role'"):
        matrix(study({"a": 2}), by="rol")


def test_one_participant_and_nobody_read_make_a_table_and_no_crash():
    for values in (study({"a": 1}, said={0}), study({"a": 2}, unread={0, 1})):
        table = matrix_table(matrix(values, by="role"))
        assert not {"1", "2"}.intersection(" ".join(map(" ".join, table.texts())).split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 14), st.integers(0, 14)), min_size=2, max_size=4))
def test_what_is_shown_never_lets_one_to_four_persons_follow(groups):
    sizes = {f"g{number}": size for number, (size, _) in enumerate(groups)}
    said, first = set(), 0
    for size, n in groups:
        said |= set(range(first, first + min(n, size)))
        first += size
    table = matrix_table(matrix(study(sizes, said=said), by="role"))
    row = dict(zip((c.name for c in table.columns), table.rows[0], strict=True))
    shown = [cell for name, cell in row.items() if name != "Code" and not isinstance(cell, str)]
    for cell in shown:
        assert cell.n not in {1, 2, 3, 4}
        assert cell.n == 0 or cell.total - cell.n >= 5
    # Where the total and all cells but one are printed, the last one follows: it is none of few.
    total = row["Total"]
    parts = [cell for name, cell in row.items() if name not in {"Code", "Total"}]
    known = [cell.n for cell in parts if not isinstance(cell, str)]
    if not isinstance(total, str) and len(known) == len(parts) - 1:
        assert total.n - sum(known) not in {1, 2, 3, 4}
