"""How few share what is known of one, templates of attributions, and the parts of the quotes."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.disclosure import (
    Approval,
    Attributions,
    approved_quotes,
    attribute_quote,
    find_single_rows,
    quote_record,
    risk,
)
from reflect_analysis.errors import UnknownIdError


def people(*rows, **extra):
    """A case for each (role, place, pair)."""
    return tuple(
        Case(f"P{n:02}", {"role": role, "place": place, "pair": pair}, **extra)
        for n, (role, place, pair) in enumerate(rows, start=1)
    )


def corpus_of(cases, kind="reflection"):
    documents = tuple(Document(f"{c.id}-1", f"text of {c.id}", kind, c.id) for c in cases)
    clear = tuple(Clearance(d.sha256, "me", "read") for d in documents)
    return Corpus(documents, cases, clear)


# ── the smallest class ──────────────────────────────────────────────────────────────────


def test_the_fewest_attributes_that_are_rare_together_are_named():
    rows = [("ECE", "Kamloops", "")] * 6 + [("ECE", "Nelson", "")] * 6
    rows += [("Cook", "Kamloops", "")] * 6 + [("Cook", "Nelson", "")]
    found = risk(corpus_of(people(*rows)))
    assert [(r.case_id, r.shared_by, r.rare) for r in found.exposed] == [
        ("P19", 1, ("role", "place"))
    ]
    assert found.smallest == 1
    assert "1 of 19 participants" in repr(found)
    assert "P19" in found._repr_html_()
    assert found.to_frame()["shared_by"].tolist() == [1, *[6] * 18]


def test_a_partner_takes_herself_and_her_partner_away():
    alone = risk(corpus_of(people(*[("ECE", "Nelson", "")] * 6)))
    paired = [("ECE", "Nelson", "pair-1")] * 2 + [("ECE", "Nelson", "")] * 4
    assert alone.smallest == 6
    found = risk(corpus_of(people(*paired)))
    assert {(row.shared_by, row.others) for row in found.rows} == {(6, 4)}
    assert len(found.exposed) == 6


def test_a_pair_of_two_roles_knows_none_of_either_class():
    rows = [("Mentor", "Nelson", f"pair-{n}") for n in range(5)]
    rows += [("Mentee", "Nelson", f"pair-{n}") for n in range(5)]
    assert risk(corpus_of(people(*rows))).exposed == ()


def test_a_quote_is_as_exposed_as_the_most_exposed_who_speaks():
    cases = people(*[("ECE", "Nelson", "")] * 6, ("Cook", "Nelson", ""))
    turns = (Turn(0, 10, "A", "P01"), Turn(10, 20, "B", "P07"), Turn(20, 30, "C"))
    meeting = Document("M1", "a" * 30, "transcript", turns=turns)
    found = risk(Corpus((meeting,), cases))
    assert found.of_quote(meeting, 0, 9).case_id == "P01"
    assert found.of_quote(meeting, 5, 12).case_id == "P07"
    assert found.of_quote(meeting, 22, 25) is None
    with pytest.raises(UnknownIdError):
        found.of_case("P99")


def test_what_only_the_texts_of_a_participant_say_is_known_too():
    corpus = corpus_of(people(*[("ECE", "Nelson", "")] * 6))
    cohorts = ["2024"] * 5 + ["2025"]
    documents = tuple(
        dataclasses.replace(d, attributes=Attributes(cohort=c))
        for d, c in zip(corpus, cohorts, strict=True)
    )
    found = risk(dataclasses.replace(corpus, documents=documents))
    assert [(r.case_id, r.shared_by, r.rare) for r in found.exposed] == [("P06", 1, ("cohort",))]


def test_the_register_says_what_is_rare():
    cases = people(*[("ECE", "Nelson", "")] * 6, ("Cook", "Nelson", ""))
    corpus = corpus_of(cases)
    named = Attributions(corpus)
    risks = [quote_record(d, 0, 4, attributions=named).risk for d in corpus]
    assert "role shared by 1" in risks[6]
    assert "shared by" not in risks[0]


def test_the_pair_is_no_attribute_to_combine_and_k_is_checked():
    with pytest.raises(ValueError, match="pair"):
        risk(corpus_of(()), attributes=("role", "pair"))
    with pytest.raises(ValueError, match="at least 3"):
        risk(corpus_of(()), k=1)
    assert risk(corpus_of(())).smallest == 0


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["ECE", "Cook"]), st.sampled_from("AB"), st.sampled_from(["", "p", "q"])
        ),
        max_size=14,
    )
)
def test_who_is_not_exposed_shares_every_part_of_what_is_known(rows):
    corpus = corpus_of(people(*rows))
    found = risk(corpus)
    for row in found.rows:
        assert 0 <= row.others <= row.shared_by
        assert (row.others < 5) == bool(row.rare)
        fewer = risk(corpus, attributes=("role",)).of_case(row.case_id)
        assert fewer.shared_by >= row.shared_by


# ── templates ───────────────────────────────────────────────────────────────────────────

SIX = people(*[("ECE", "Kamloops", "")] * 6)


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{role}, {place}, {source}", "ECE, Kamloops, Reflection"),
        ("{source} by {role} of {place}", "Reflection by ECE of Kamloops"),
        ("{role} ({place})", "ECE (Kamloops)"),
        ("{place}", "Participant, Kamloops"),
        ("{id}", "Participant P01"),
        ("{id}, {source}", "Participant P01, Reflection"),
        ("{id}, {role}, {source}", "P01, ECE, Reflection"),
        ("{id}, {place}", "Participant P01, Kamloops"),
        (("role", "kind"), "ECE, Reflection"),
    ],
)
def test_a_template_says_what_stands_behind_a_quote(template, printed):
    corpus = corpus_of(SIX)
    assert attribute_quote(corpus.documents[0], corpus, template=template) == printed


def test_parts_that_are_withheld_take_their_words_along():
    cases = [Case(f"P{n:02}", {"role": "ECE", "place": f"Town {n}"}) for n in range(6)]
    corpus = corpus_of(tuple(cases))
    told = attribute_quote(corpus.documents[0], corpus, template="{role} ({place}), {source}")
    assert told == "ECE, Reflection"


@pytest.mark.parametrize(
    "template",
    ["{id}, {role}, {place}", "{role} {region} {id}", "{name}", "{role} {pair}", "{role", "", "{}",
     "{role} {role}", "role", "{case_id}", "{0}"],
)  # fmt: skip
def test_a_template_that_names_a_person_or_nothing_is_refused(template):
    with pytest.raises(ValueError, match=r"attribution|pseudonym|brace"):
        Attributions(corpus_of(SIX), template)


def test_a_pseudonym_never_stands_behind_the_words_of_a_governed_participant():
    governed = people(*[("ECE", "Kamloops", "")] * 6, governance=Governance("n", ("quotes",)))
    theirs = tuple(dataclasses.replace(case, id=f"N{case.id}") for case in governed)
    corpus = corpus_of((*SIX, *theirs))
    named = Attributions(corpus, "{id}, {source}")
    told = {d.case_id: named.of(d) for d in corpus}
    assert told["P01"] == "Participant P01, Reflection"
    assert told["NP01"] == "Participant, Reflection"


def test_the_last_search_lets_a_pseudonym_stand_in_its_attribution_and_nowhere_else(tmp_path):
    corpus = corpus_of(SIX)
    named = Attributions(corpus, "{id}, {source}")
    record = quote_record(corpus.documents[0], 0, 4, attributions=named)
    page = tmp_path / "a.html"
    page.write_text("<p>“text” (Participant P01, Reflection)</p>", encoding="utf-8")
    assert find_single_rows(tmp_path, corpus, approved=[record]) == ()
    assert len(find_single_rows(tmp_path, corpus)) == 1
    for row in ("<td>P01</td>", "<p>Participant P01 said</p>", "<p>Participant P010, P01</p>"):
        page.write_text(f"<p>(Participant P01, Reflection)</p>{row}", encoding="utf-8")
        found = find_single_rows(tmp_path, corpus, approved=[record])
        assert [each.what for each in found] == ["P01"]


# ── one voice among many ────────────────────────────────────────────────────────────────


def selected(corpus, *, per_person, **about):
    named = Attributions(corpus)
    rows = [
        quote_record(d, n, n + 4, attributions=named, codes=(f"c{n}",))
        for d in corpus
        for n in range(per_person if d.case_id == "P01" else 1)
    ]
    yes = [Approval(*r.span, "report", "yes", "A. L.", "", r.sha256) for r in rows]
    return approved_quotes(rows, yes, corpus, **about)


def test_one_participant_has_at_most_a_tenth_of_all_quotes_and_two_where_there_are_few():
    few = selected(corpus_of(SIX), per_person=6)
    assert [q.document_id for q in few.quotes].count("P01-1") == 2
    assert {o.reason for o in few.omissions} == {
        "its participant would have more than 10% of all quotes"
    }
    many = corpus_of(people(*[("ECE", "Kamloops", "")] * 40))
    found = selected(many, per_person=8)
    assert [q.document_id for q in found.quotes].count("P01-1") == 4  # of 43
    assert len(selected(many, per_person=8, largest_share=1.0).quotes) == 47


@pytest.mark.parametrize("share", [0, -0.1, 1.2])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="largest_share"):
        selected(corpus_of(SIX), per_person=1, largest_share=share)
