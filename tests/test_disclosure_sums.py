"""Sums, ranks and differences that would give back what a table hides."""

import dataclasses

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.coefficients import adjusted_p_values
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.provenance import new_run
from reflect_analysis.report.further import show_further
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.study import Study
from reflect_analysis.saturation import saturation_curve
from reflect_analysis.tables import comparison_table, saturation_table

BOOK = Codebook(
    (Code("heard", "Heard", "d", "g"), Code("tired", "Tired", "d", "g")), (Group("g", "Group"),)
)


def study_of(*people):
    """One text a person: their role, and what they say."""
    documents = tuple(
        Document(f"P{n:02}-S1", f"It was day number {n} of a wet month.", case_id=f"P{n:02}")
        for n in range(len(people))
    )
    cases = tuple(Case(f"P{n:02}", Attributes(role=role)) for n, (role, _) in enumerate(people))
    rows = tuple(
        Coding(d.id, 0, 5, code, "ada", "person")
        for d, (_, codes) in zip(documents, people, strict=True)
        for code in codes
    )
    codings = Codings(rows, seen=tuple(Seen("ada", d.id, "person") for d in documents))
    return {"corpus": Corpus(documents, cases), "codebook": BOOK, "codings": codings}


def compared(values, groups):
    return compare_groups(**values, by="role", groups=groups)


# Of the six who bear neither group two say that they were heard.
NEITHER = [
    *[("A", {"heard"})] * 6, *[("A", set())] * 6, *[("B", {"heard"})] * 6, *[("B", set())] * 6,
    *[("C", {"heard"})] * 2, *[("C", set())] * 4,
]  # fmt: skip


def test_two_groups_do_not_give_back_how_many_of_the_others_said_it():
    values = study_of(*NEITHER)
    study = Study(**values, further=(compared(values, ("A", "B")),))
    (shown,) = show_further(study, number=2, quotes={})
    assert set(shown.tables[0].texts()[0][1:]) == {"–*"}


def test_where_many_of_the_others_said_it_both_groups_stand():
    people = [*NEITHER, *[("C", {"heard"})] * 4, *[("C", set())] * 2]
    values = study_of(*people)
    (found,) = protected(Study(**values, further=(compared(values, ("A", "B")),)))
    assert comparison_table(found).texts()[0][1:3] == ("6 of 12", "6 of 12")


def test_p_is_adjusted_for_the_tests_that_are_printed():
    people = [("A", {"heard", "tired"})] * 5 + [("A", {"heard"})] * 6 + [("A", set())] * 6
    people += [("B", {"heard"})] * 6 + [("B", {"tired"})] * 2 + [("B", set())] * 7
    comparison = compared(study_of(*people), None)
    heard, tired = comparison.rows
    assert comparison.n_tests == 2
    table = comparison_table(comparison)
    assert table.texts()[1][5] == "–*"  # two of one group say that they are tired
    assert float(table.texts()[0][6]) == pytest.approx(heard.p, abs=5e-4)
    both = adjusted_p_values([heard.p, tired.p])[0]
    assert both != pytest.approx(heard.p, abs=5e-4)
    assert "1 of 2 codes" in table.note
    assert "none of the tests" in table.note


def test_the_methods_sum_no_passages_where_a_code_is_hidden():
    many = [("A", {"heard"})] * 9 + [("A", set())] * 9
    few = [*many, ("A", {"tired"})]
    open_ones = " ".join(Study(**study_of(*many)).shared_methods())
    assert "marked 9 passages" in open_ones
    study = Study(**study_of(*few))
    told = " ".join(study.shared_methods())
    assert "10 passages" not in told
    assert "read 19 texts and marked passages" in told
    assert "marked 10 passages" in " ".join(study.methods())


def test_nor_how_many_codings_were_read_from_a_file():
    values = study_of(*[("A", {"heard"})] * 9, *[("A", set())] * 9, ("A", {"tired"}))
    run = new_run("import", "10 codings were read from study.qdpx")
    codings = dataclasses.replace(values["codings"], runs=(run,))
    told = " ".join(Study(**{**values, "codings": codings}).shared_methods())
    assert "10 codings" not in told
    assert "Codings were read from study.qdpx" in told


@pytest.mark.parametrize(
    ("texts", "rows"), [(6, ["6"]), (9, ["9"]), (10, ["5", "10"]), (11, ["5", "11"])]
)
def test_the_curve_does_not_tell_what_the_last_text_brought(texts, rows):
    values = study_of(*[("A", {"heard"})] * 5, *[("A", set())] * (texts - 5))
    curve = saturation_curve(**values, codes=["heard"], orders=20)
    assert [row[0] for row in saturation_table(curve).texts()] == rows
    study = Study(**values, further=(curve,))
    (shown,) = show_further(study, number=2, quotes={})
    drawn = [list(part.data["n"]) for part in shown.parts if hasattr(part, "svg")]
    assert drawn == ([[int(n) for n in rows]] if len(rows) > 1 else [])
