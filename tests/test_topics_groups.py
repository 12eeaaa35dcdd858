"""Topics by session and attribute: participants n of N, small cells hidden, never texts."""

import dataclasses

import pytest

from reflect_analysis.corpus import Case, Corpus, Document, Governance
from reflect_analysis.disclosure import HIDDEN
from reflect_analysis.errors import TopicsError, UnknownIdError
from reflect_analysis.tables import Of, topics_by_table, untold
from reflect_analysis.topics import Stability, Topic, Topics, TopicUnit, topics_by

UNMEASURED = Stability(2)


def study(rows, *, governed=(), attributes=None, stability=UNMEASURED):
    """(participant, session, topic) → topics and corpus; one text a row."""
    documents, units = [], []
    for place, (case, session, topic) in enumerate(rows):
        name = f"d{place:03}"
        fields = {"session": session} if session else {}
        documents.append(Document(name, "Some words.", case_id=case, attributes=fields))
        units.append(TopicUnit(f"{name}:0-11", name, 0, 11, case, topic, 0.5))
    cases = tuple(
        Case(
            case,
            attributes=(attributes or {}).get(case, {}),
            governance=Governance("nation-a", ("topics",)) if case in governed else None,
        )
        for case in dict.fromkeys(case for case, _, _ in rows if case)
    )
    numbers = range(1 + max(topic for _, _, topic in rows))
    topics = Topics(
        "k-means",
        len(units),
        tuple(
            Topic(
                n,
                (f"word{n}", f"other{n}"),
                sum(u.topic == n for u in units),
                len({u.case_id for u in units if u.topic == n} - {None}),
                0.1,
                (),
            )
            for n in numbers
        ),
        tuple(units),
        stability,
        centroids=((1.0,),) * len(numbers),
    )
    return topics, Corpus(tuple(documents), cases)


def people(count, session, topic, *, start=0):
    return [(f"P{n:02}", session, topic) for n in range(start, start + count)]


def cell(found, topic, value):
    return next(row for row in found if (row.topic, row.value) == (topic, value))


def test_a_participant_with_three_texts_counts_once():
    rows = [*people(6, "1", 0), ("P00", "1", 0), ("P00", "1", 0), *people(4, "1", 1, start=6)]
    found = topics_by(*study(rows), "session")
    row = cell(found, "0", "1")
    assert (row.participants, row.of_participants, row.texts) == (6, 10, 8)


def test_the_interval_is_wilsons_on_participants():
    rows = [*people(5, "1", 0), *people(5, "1", 1, start=5)]
    row = cell(topics_by(*study(rows), "session"), "0", "1")
    # Wilson's interval of 5 of 10 at 95 %: .2366 to .7634
    assert (row.low, row.high) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_sessions_repeat_participants_so_that_no_total_is_given():
    rows = [*people(8, "1", 0), *people(8, "2", 0), *people(8, "2", 1, start=8)]
    found = topics_by(*study(rows), "session")
    assert found.repeated
    shown = found.shown()
    assert shown.columns == ("1", "2")
    assert shown.sizes == (8, 16)
    assert shown.to_frame().loc["0", "2"] == "8"
    assert shown.to_frame().loc["0", "1"] == HIDDEN  # all of a group


def test_roles_are_parts_so_that_a_hidden_cell_is_not_given_back_by_the_total():
    roles = {f"P{n:02}": {"role": "ECE" if n < 12 else "lead"} for n in range(24)}
    rows = [*people(8, "", 0), *people(2, "", 0, start=12), *people(24, "", 1)]
    topics, corpus = study(rows, attributes=roles)
    found = topics_by(topics, corpus, "role")
    assert not found.repeated
    frame = found.shown().to_frame()
    assert frame.loc["0"].tolist() == [HIDDEN, HIDDEN, "10"]
    table = topics_by_table(found)
    assert table.rows[2][1] == Of(10, 24)
    # what is hidden has no share and no interval
    assert table.rows[1] == ("lead", HIDDEN, HIDDEN, HIDDEN)


def test_small_groups_are_joined():
    roles = {f"P{n:02}": {"role": "ECE" if n < 12 else f"r{n // 3}"} for n in range(18)}
    topics, corpus = study([*people(18, "", 0), *people(18, "", 1)], attributes=roles)
    table = topics_by_table(topics_by(topics, corpus, "role"))
    assert {row[0] for row in table.rows} == {"ECE", "Other groups", "Total"}


def test_a_text_of_an_unknown_case_counts_for_no_participant():
    rows = [*people(6, "1", 0), (None, "1", 0), *people(6, "1", 1)]
    found = topics_by(*study(rows), "session")
    assert cell(found, "0", "1").participants == 6
    assert cell(found, "0", "1").of_participants == 6
    assert found.unplaced == 1


def test_governed_records_without_approval_for_tables_are_in_no_count():
    rows = [*people(9, "1", 0), *people(9, "1", 1)]
    found = topics_by(*study(rows, governed={"P00", "P01"}), "session")
    assert cell(found, "0", "1").of_participants == 7


def test_sessions_stand_in_the_order_of_numbers():
    rows = [row for n in (10, 2, 1) for row in people(6, str(n), 0)]
    found = topics_by(*study([*rows, *people(6, "1", 1)]), "session")
    assert [value for value, _ in found.sizes] == ["1", "2", "10"]


def test_words_of_few_persons_are_withheld_in_what_is_sent_and_a_researchers_name_is_not():
    rows = [*people(20, "1", 0), *people(3, "1", 1)]
    topics, corpus = study([*rows, *people(4, "1", 2, start=20)])
    found = topics_by(topics, corpus)
    table = topics_by_table(found)
    assert "word1" not in str(table.texts()) + str(table.groups)
    assert "word1" in found.to_frame()["label"].str.cat()
    named = topics_by(topics.name(1, "Mud", by="Ana", why="it is"), corpus)
    assert any("Mud" in group for group in topics_by_table(named).groups)


@pytest.mark.parametrize(
    ("ari", "verdict"), [(0.2, "not stable"), (0.9, "stable"), (None, "not measured")]
)
def test_the_verdict_stands_in_the_title_with_each_topic_and_below(ari, verdict):
    measured = Stability(2, ari, 0.0, ari, 0.0, refits=5, order=ari) if ari else UNMEASURED
    rows = [*people(8, "1", 0), *people(8, "1", 1, start=8)]
    found = topics_by(*study(rows, stability=measured), "session")
    table = topics_by_table(found)
    assert table.title.endswith(f"({verdict})")
    assert all(group.endswith(f"({verdict})") for group in table.groups)
    assert ("Nothing should rest on them" in table.note) == (verdict == "not stable")
    assert verdict in repr(found)
    assert set(found.to_frame()["solution"]) == {verdict}


def test_merged_topics_are_counted_as_one_and_were_not_measured():
    rows = [*people(6, "1", 0), *people(6, "1", 1), *people(6, "1", 2, start=6)]
    measured = Stability(3, 0.9, 0.0, 0.9, 0.0, refits=5, order=0.9)
    topics, corpus = study(rows, stability=measured)
    merged = topics.merge((0, 1), label="Both", by="Ana", why="alike")
    row = cell(topics_by(merged, corpus), "0+1", "1")
    assert (row.label, row.participants, row.stability) == ("Both", 6, "not measured")


def test_a_mistyped_attribute_is_an_error_with_a_suggestion():
    topics, corpus = study(people(6, "1", 0))
    with pytest.raises(UnknownIdError, match="did you mean 'session'"):
        topics_by(topics, corpus, "sesion")


def test_another_corpus_and_no_topics_are_errors():
    topics, corpus = study(people(6, "1", 0))
    with pytest.raises(UnknownIdError, match="d000"):
        topics_by(topics, Corpus(()))
    none = dataclasses.replace(topics, engine="terms", rows=(), units=(), centroids=())
    with pytest.raises(TopicsError, match="nothing was grouped"):
        topics_by(none, corpus)


def test_a_governed_community_is_no_column_of_what_is_sent():
    places = {f"P{n:02}": {"place": "Lake" if n < 7 else "Hill"} for n in range(21)}
    topics, corpus = study([*people(21, "1", 0), *people(21, "2", 1)], attributes=places)
    cases = tuple(
        dataclasses.replace(case, governance=Governance("nation-a", ("topics", "tables")))
        if case.attributes["place"] == "Lake"
        else case
        for case in corpus.cases
    )
    found = topics_by(topics, dataclasses.replace(corpus, cases=cases), "place")
    assert "Lake" not in found.shown().columns
    assert "Lake" not in str(topics_by_table(found).texts())


def test_a_hidden_topic_is_not_what_the_other_topics_leave_of_a_group():
    """Of 15 persons in a session 6 and 5 in the first topics would leave 4 for the last."""
    rows = people(6, "1", 0) + people(5, "1", 1, start=6) + people(4, "1", 2, start=11)
    table = topics_by_table(topics_by(*study(rows)))
    assert [str(row[1]) for row in table.rows].count(HIDDEN) > 1
    assert not untold(table)


def test_a_topic_largely_of_one_participant_says_so_where_its_counts_are_shown():
    rows = [*people(8, "1", 0), *[("P00", "1", 0)] * 9, *people(8, "1", 1, start=8)]
    found = topics_by(*study(rows), "session")
    assert found.to_frame()["one_participant"].tolist() == [True, False]
    heads = dict.fromkeys(topics_by_table(found).groups)
    assert ["; largely one participant)" in head for head in heads] == [True, False]


def test_a_hidden_topic_does_not_tell_that_it_is_largely_one_participants():
    rows = [*people(2, "1", 0), *[("P00", "1", 0)] * 9, *people(8, "1", 1, start=8)]
    found = topics_by(*study(rows), "session")
    assert found.to_frame()["one_participant"].tolist() == [True, False]
    assert not any("largely" in head for head in topics_by_table(found).groups)
