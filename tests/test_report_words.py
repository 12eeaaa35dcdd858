"""What a report says of small and odd studies: one text, no participant, another language."""

from __future__ import annotations

import dataclasses

import pytest

from reflect_analysis import (
    Case,
    Codebook,
    Corpus,
    Document,
    RuleCoder,
    check_anonymity,
    code_segments,
    compare_groups,
    fit_topics,
    mark_cleared,
    read_codebook,
    segment,
)
from reflect_analysis._rows import Attributes
from reflect_analysis.errors import ReportError, agreeing, counted
from reflect_analysis.report.checking import check_wanted
from reflect_analysis.report.choosing import Wanted, further_results
from reflect_analysis.report.contents import gather
from reflect_analysis.report.grouping import gather_topics
from reflect_analysis.report.study import Study
from reflect_analysis.tables import comparison_table, joint_table

BOOK = """\
title: Small
language: {language}
groups:
  - {{id: strain, name: Strain}}
codes:
  - {{id: tired, name: Tired, group: strain, definition: Says it., patterns: [{word}]}}
  - {{id: glad, name: Glad, group: strain, definition: Says it., patterns: [glad]}}
"""
SAYS = (
    "The evening was long and somebody was tired of sweeping, says note {}.",
    "Everybody was glad to share one small table, says note {}.",
    "Nothing at all happened in the yard, says note {}.",
)
ROLES = (*("lead",) * 12, *("assistant",) * 12, "cook", "cook", *("owner",) * 4)


def book(tmp_path, language="en", word="tired") -> Codebook:
    (tmp_path / "book.yaml").write_text(BOOK.format(language=language, word=word), encoding="utf-8")
    return read_codebook(tmp_path / "book.yaml")


def texts(n, *, roles=(), known=True, language="en"):
    """Cleared texts, a participant each, or of nobody known."""
    documents = [
        Document(
            f"t{i:03}",
            SAYS[i % 3].format(i),
            case_id=f"p{i:03}" if known else None,
            language=language,
        )
        for i in range(n)
    ]
    bears = [Attributes(role=role, community=f"c{i % 2}") for i, role in enumerate(roles)]
    cases = [Case(f"p{i:03}", *bears[i : i + 1]) for i in range(n if known else 0)]
    corpus = Corpus(documents, cases)
    return mark_cleared(corpus, check_anonymity(corpus), by="A", note="read")


def study_of(corpus, codebook):
    codings = code_segments(RuleCoder(codebook), segment(corpus, by="sentence"), codebook)
    topics = fit_topics(segment(corpus, by="document"), random_state=0)
    return Study(corpus, codebook, codings, topics)


# ── groups ──────────────────────────────────────────────────────────────────────────────


def test_groups_that_are_not_two_are_refused_before_anything_is_coded_with_the_way_out(tmp_path):
    with pytest.raises(ReportError) as caught:
        check_wanted(
            Wanted(compare=("role",)), corpus=texts(30, roles=ROLES), codebook=book(tmp_path)
        )
    (fault,) = caught.value.faults
    assert "4 values of 'role' (lead, assistant, owner, cook)" in fault
    assert '"role=lead,assistant"' in fault
    assert '"role=lead,others"' in fault


def test_one_group_is_refused_in_the_singular(tmp_path):
    with pytest.raises(ReportError, match=r"1 value of 'role' \(lead\), and two groups"):
        check_wanted(
            Wanted(compare=("role",)), corpus=texts(12, roles=ROLES), codebook=book(tmp_path)
        )


@pytest.mark.parametrize("asked", ["role=lead,assistant", "role=cook,others", "community"])
def test_two_groups_are_asked_for_as_before(tmp_path, asked):
    check_wanted(Wanted(compare=(asked,)), corpus=texts(30, roles=ROLES), codebook=book(tmp_path))


def compared(tmp_path, groups, by="role"):
    corpus, codebook = texts(30, roles=ROLES), book(tmp_path)
    codings = code_segments(RuleCoder(codebook), segment(corpus, by="sentence"), codebook)
    return compare_groups(codings, corpus=corpus, codebook=codebook, by=by, groups=groups)


def test_a_comparison_says_that_others_bear_neither_group_and_never_how_many(tmp_path):
    note = comparison_table(compared(tmp_path, ("lead", "assistant"))).note
    assert "Others were read as well: who bears neither group" in note
    assert "6" not in note
    assert "Others were read" not in comparison_table(compared(tmp_path, ("lead", "others"))).note


def test_groups_that_are_communities_are_not_said_to_be_independent_of_themselves(tmp_path):
    of_roles, of_places = (
        compared(tmp_path, ("lead", "others")),
        compared(tmp_path, None, "community"),
    )
    assert "independent of their communities" in of_roles.note
    assert "independent of their communities" not in of_places.note
    assert "one community for independent of one another" in of_places.note


def test_one_of_several_codes_was_tested(tmp_path):
    both = compared(tmp_path, ("lead", "assistant"))
    one = dataclasses.replace(
        both,
        rows=tuple(
            dataclasses.replace(row, p=p)
            for row, p in zip(both.rows, (0.5, float("nan")), strict=True)
        ),
    )
    assert "1 of 2 codes was tested" in one.note
    assert "for 1 test (" in one.note


def displayed(tmp_path, roles, by="role"):
    corpus, codebook = texts(len(roles), roles=roles), book(tmp_path)
    codings = code_segments(RuleCoder(codebook), segment(corpus, by="sentence"), codebook)
    told: list[str] = []
    wanted = Wanted(joint=by)
    made = further_results(
        codings, corpus=corpus, codebook=codebook, wanted=wanted, random_state=0, tell=told.append
    )
    (display,) = [each for each in made if type(each).__name__ == "JointDisplay"]
    return display, told


def test_joined_groups_are_told_to_the_author_and_kept_but_not_sent(tmp_path):
    display, told = displayed(tmp_path, ROLES)
    assert display.joined == ("cook", "owner")
    assert [line for line in told if line.endswith("number: cook, owner")]
    frame = display.to_frame()
    assert set(frame.loc[frame.role == "Other groups", "joins"]) == {"cook; owner"}
    table = joint_table(display)
    assert "groups of fewer than 5 participants" in table.note
    assert "cook" not in f"{table.note}{table.columns}{table.rows}"


def test_a_display_of_one_joined_column_says_that_nothing_stands_beside_it(tmp_path):
    display, _ = displayed(tmp_path, ("lead",) * 2 + ("cook",) * 4)
    assert display.groups == ("Other groups",)
    assert "no group is left to stand beside them" in joint_table(display).note


def test_nothing_is_said_of_joined_groups_where_none_are(tmp_path):
    display, told = displayed(tmp_path, ("lead",) * 12 + ("cook",) * 12)
    assert display.joined == ()
    assert "Other groups" not in joint_table(display).note
    assert not [line for line in told if "joined" in line]


# ── texts ───────────────────────────────────────────────────────────────────────────────


def test_without_participants_the_words_that_several_use_are_counted_by_text(tmp_path):
    grouping = gather_topics(study_of(texts(12, known=False), book(tmp_path)), number=1)
    assert [column.name for column in grouping.table.columns] == ["Word", "Texts"]
    assert dict(grouping.table.rows)["tired"] == "<5"
    assert dict(grouping.table.rows)["note"] == "≥8"
    assert "Whose the texts are is not known" in grouping.table.note
    units = {cell.unit for row in grouping.table.released for cell in row}
    assert units == {"texts"}


def test_without_participants_groups_have_no_empty_column(tmp_path):
    grouping = gather_topics(study_of(texts(30, known=False), book(tmp_path)), number=1)
    assert "Participants" not in [column.name for column in grouping.table.columns]
    assert "Whose the texts are is not known" in grouping.table.note
    known = gather_topics(study_of(texts(30), book(tmp_path)), number=1)
    assert "Participants" in [column.name for column in known.table.columns]


def test_texts_that_the_rules_pass_over_are_not_said_to_be_unread_without_a_reason(tmp_path):
    study = study_of(texts(9, language="fr"), book(tmp_path, language="fr", word="las"))
    assert study.left_out() == ("9 texts in a language that no coder read",)
    assert gather_topics(study, number=1).sentences == (
        "No text was left to be grouped: texts are in a language that the grouping does not read.",
    )


def test_a_text_that_nobody_looked_at_is_of_no_foreign_language(tmp_path):
    study = study_of(texts(9), book(tmp_path))
    nobody = dataclasses.replace(study, codings=type(study.codings)())
    assert nobody.left_out() == ("9 texts that nobody has read for any code",)


def test_one_text_is_spoken_of_in_the_singular(tmp_path):
    study = study_of(texts(1), book(tmp_path))
    assert study.kinds() == "The only text is a reflection."
    assert study.coders().endswith("1 text was read.")
    assert gather_topics(study, number=1).sentences[0].startswith("1 text is too few")
    told = " ".join(study.methods())
    assert "1 document was cleared" in told
    assert "1 sentence of 1 document was taken" in told


def test_a_number_its_noun_and_its_verb_agree():
    assert counted(1, "community", "have") == "1 community has"
    assert counted(0, "story", "were") == "0 stories were"
    assert counted(2, "text") == "2 texts"
    assert (agreeing(1, "say"), agreeing(2, "were")) == ("say", "were")


def test_what_signs_mean_stands_below_the_figure_that_fills_a_page(tmp_path):
    found = gather(study_of(texts(8), book(tmp_path)))
    codes = next(each for each in found.sections if each.id == "codes")
    kinds = [block.kind for block in codes.blocks]
    assert kinds.index("grid") < kinds.index("plate") < kinds.index("meanings")
