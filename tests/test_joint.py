"""The joint display: codes beside groups, scores, quotes and what a person infers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.coefficients import wilson_interval
from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.disclosure import QuoteRecord, QuoteSelection
from reflect_analysis.errors import FrameworkError
from reflect_analysis.joint import Inference, Scale, joint_display, read_scale
from reflect_analysis.tables import export_table, untold
from reflect_analysis.tables.joint import joint_table

BOOK = Codebook(
    (Code("joy", "Joy", "d", "g"), Code("tired", "Tired", "d", "g")), (Group("g", "Group"),)
)
TEXT = "One two three four five six."


def study(people, *, governed=()):
    """People as (role, codes), each with one text."""
    cases = tuple(
        Case(
            f"p{n}",
            Attributes({"role": role} if role else {}),
            governance=Governance("nation", ("tables",)) if n in governed else None,
        )
        for n, (role, _) in enumerate(people)
    )
    documents = tuple(Document(f"d{n}", TEXT, case_id=f"p{n}") for n in range(len(people)))
    codings = tuple(
        Coding(f"d{n}", 0, 3, code, "ada") for n, (_, said) in enumerate(people) for code in said
    )
    seen = tuple(Seen("ada", document.id, "person") for document in documents)
    return Corpus(documents, cases), Codings(codings, seen=seen)


def display(people, governed=(), **more):
    corpus, codings = study(people, governed=governed)
    return joint_display(codings, corpus=corpus, codebook=BOOK, by="role", **more)


PEOPLE = [
    *([("mentor", ["joy"])] * 8),
    *([("mentor", [])] * 8),
    *([("educator", ["joy"])] * 6),
    *([("educator", ["tired"])] * 2),
    *([("educator", [])] * 6),
]
SCALE = Scale("Strain", {f"p{n}": float(n) for n in range(30)})


def test_groups_have_counts_and_wilson_intervals():
    joy = display(PEOPLE).rows[0]
    assert joy.total == (14, 30)
    educator, mentor = joy.groups
    assert (educator.n, educator.of, mentor.n, mentor.of) == (6, 14, 8, 16)
    assert (mentor.low, mentor.high) == wilson_interval(8, 16)


def test_scores_stand_beside_those_who_mentioned_it_and_those_who_did_not():
    joy = display(PEOPLE, scale=SCALE).rows[0]
    # p0–p7 and p16–p21 mentioned it.
    assert (joy.present.n, joy.present.median) == (14, 6.5)
    assert (joy.present.least, joy.present.most) == (0.0, 21.0)
    assert joy.absent.n == 16


def test_the_table_shows_what_may_be_sent_and_tells_the_ledger():
    table = joint_table(display(PEOPLE, scale=SCALE))
    joy, tired = table.texts()
    assert joy[1:5] == ("6 of 14", "43 % [21–67]", "8 of 16", "50 % [28–72]")
    assert joy[5] == "7, n = 14"
    assert set(tired[1:3]) == {"–*"}
    assert set(tired[5:7]) == {"–*"}
    assert untold(table) == ()
    assert {cell.low for cell in table.released[0]} == {6, 8, 14, 16}


def test_the_ends_of_the_range_are_not_printed():
    scores = Scale("Strain", {f"p{n}": 500.0 + 7 * n for n in range(30)})
    table = joint_table(display(PEOPLE, scale=scores))
    joy = display(PEOPLE, scale=scores).rows[0]
    ends = {f"{joy.present.least:g}", f"{joy.present.most:g}"}
    assert not [end for end in ends if end in str(table.texts())]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["mentor", "educator", ""]), st.booleans(), st.booleans()),
        min_size=6,
        max_size=40,
    )
)
def test_no_group_and_no_score_of_few_people_is_printed(rows):
    people = [(role or None, ["joy"] if said else []) for role, said, _ in rows]
    if not any(role for role, _ in people):
        return
    scale = Scale("S", {f"p{n}": 1.0 for n, (_, _, has) in enumerate(rows) if has})
    for cell in joint_table(display(people, scale=scale)).released[0]:
        assert cell.low == 0 or cell.low >= 5
        assert not cell.total or cell.total - cell.low >= 5
    without = sum(1 for n, (_, said, has) in enumerate(rows) if said and not has)
    printed = joint_table(display(people, scale=scale)).texts()[0][-3]
    assert "n =" not in printed or without not in {1, 2, 3, 4}


def test_who_has_no_group_is_a_group_and_small_ones_are_joined():
    people = [*PEOPLE, *([(None, ["joy"])] * 2), *([("cook", [])] * 3)]
    found = display(people)
    assert found.groups == ("educator", "mentor", "Other groups")
    assert found.rows[0].groups[-1].of == 5
    assert display([*PEOPLE, *([(None, [])] * 6)]).groups == ("educator", "mentor", "not known")


def test_a_governed_group_is_no_column():
    people = [*PEOPLE, *([("elder", ["joy"])] * 7)]
    found = display(people, governed=range(30, 37))
    assert "elder" not in found.groups
    assert found.groups[-1] == "Other groups"


def test_a_larger_k_than_the_groups_were_made_for_is_refused():
    with pytest.raises(ValueError, match="give joint_display k=10"):
        joint_table(display(PEOPLE), k=10)
    assert joint_table(display(PEOPLE, k=10), k=10).texts()[0][1] == "–*"


def quote(number, code, text="I am glad."):
    return QuoteRecord(f"d{number}", 0, 3, decision="yes", by="Ana", text=text, codes=(code,))


def test_two_quotes_of_two_documents_and_one_where_the_count_is_hidden():
    quotes = (quote(0, "joy"), quote(0, "joy", "Again."), quote(1, "joy", "So glad."))
    quotes += (quote(22, "tired", "Worn."), quote(23, "tired", "Worn out."))
    found = display(PEOPLE, quotes=QuoteSelection(quotes))
    assert [each.text for each in found.rows[0].quotes] == ["I am glad.", "So glad."]
    joy, tired = joint_table(found).texts()
    assert joy[5].count("“") == 2
    assert tired[5].count("“") == 1


def test_an_inference_is_typed_by_a_person_or_said_to_be_missing():
    typed = Inference("joy", "discordant", "Scores tell otherwise", "Ana")
    found = display(PEOPLE, inferences=[typed])
    assert [row.code_id for row in found.open] == ["tired"]
    table = joint_table(found)
    assert [cells[-1] for cells in table.texts()] == [
        "discordant: Scores tell otherwise (Ana)",
        "not typed yet",
    ]
    assert "1 of 2 inferences is not typed yet" in table.note
    with pytest.raises(FrameworkError) as caught:
        Inference("joy", "confrim", "", "Ana")
    assert "no 'text'" in str(caught.value)
    assert "did you mean 'confirm'" in str(caught.value)


def test_every_fault_of_what_was_typed_comes_at_once():
    one = Inference("joi", "confirm", "so", "Ana")
    two = [Inference("tired", "confirm", "so", "Ana")] * 2
    with pytest.raises(FrameworkError) as caught:
        display(PEOPLE, scale=Scale("Strain", {"p99": 1.0}), inferences=[one, *two], codes=["jay"])
    told = "\n".join(caught.value.faults)
    assert "Strain: the corpus has no participant 'p99'" in told
    assert "an inference names 'joi', which is unknown; did you mean 'joy'?" in told
    assert "codes names 'jay'" in told
    assert "two inferences on 'tired'" in told
    corpus, codings = study(PEOPLE)
    with pytest.raises(ValueError, match="attribute 'place'"):
        joint_display(codings, corpus=corpus, codebook=BOOK, by="place")


def test_codes_may_be_chosen_and_a_code_without_codings_has_a_row():
    found = display([("mentor", [])] * 12, codes=["tired"], scale=SCALE_OF_TWELVE)
    (row,) = found.rows
    assert row.total == (0, 12)
    assert math.isnan(row.present.median)
    assert joint_table(found).texts()[0][1:5] == ("0 of 12", "0 % [0–24]", "–*", "–*")


SCALE_OF_TWELVE = Scale("S", {f"p{n}": 3.0 for n in range(12)})


def test_one_participant_is_hidden():
    cells = joint_table(display([("mentor", ["joy"])], scale=Scale("S", {"p0": 3.0}))).texts()
    assert [set(row[1:5]) for row in cells] == [{"–*"}, {"–*"}]


def test_scores_may_be_an_attribute():
    corpus, codings = study(PEOPLE)
    cases = tuple(Case(c.id, c.attributes | {"uwes": f"{n},5"}) for n, c in enumerate(corpus.cases))
    corpus = Corpus(tuple(corpus), cases)
    about = {"corpus": corpus, "codebook": BOOK, "by": "role"}
    assert joint_display(codings, scale="uwes", **about).rows[0].present.least == 0.5
    with pytest.raises(FrameworkError, match="no participant has the attribute 'mbi'"):
        joint_display(codings, scale="mbi", **about)
    with pytest.raises(FrameworkError, match="p0: role is no number"):
        joint_display(codings, scale="role", **about)


def test_scores_are_read_with_every_fault_and_no_score_in_a_message(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("participant,Strain\np0,12\np1,\np0,13\n,4\np2,high\n", encoding="utf-8")
    with pytest.raises(FrameworkError) as caught:
        read_scale(path, "Strain")
    assert caught.value.faults == (
        "s.csv, row 4: 'p0' has a score already",
        "s.csv, row 5: no participant",
        "s.csv, row 6: Strain is no number",
    )
    path.write_text("participant,Strain\np0,12\np1,\n", encoding="utf-8")
    assert read_scale(path, "Strain").scores == {"p0": 12.0}
    with pytest.raises(FrameworkError, match="no column 'uwes'"):
        read_scale(path, "UWES")
    with pytest.raises(FrameworkError, match="p0: the score is no number"):
        Scale("S", {"p0": math.nan})


def test_the_display_is_shown_and_written(tmp_path):
    found = display(PEOPLE, scale=SCALE)
    assert "0 inferences typed" in repr(found)
    assert "6 of 14" in found._repr_html_()
    frame = found.to_frame()
    assert len(frame) == 4
    assert frame.median_with[0] == 6.5
    table = joint_table(found)
    for suffix in ("docx", "xlsx", "csv", "html"):
        assert export_table(table, tmp_path / f"t.{suffix}").exists()
