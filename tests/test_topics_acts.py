"""What researchers do with topics: events laid over a solution that stays as it was."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.errors import TopicsError, UnknownIdError
from reflect_analysis.topics import Stability, Topic, Topics, TopicUnit
from reflect_analysis.topics.acts import Part, TopicAct, act_of, act_row, in_force

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
WHO = {"by": "Ana", "why": "read together", "at": AT}


def topics_of(sizes=(4, 3, 2, 1), *, engine="k-means"):
    """Topics without vectors: units s00, s01 … of participants P0, P1 … in turn."""
    labels = [number for number, size in enumerate(sizes) for _ in range(size)]
    units = tuple(
        TopicUnit(f"s{n:02}", f"d{n:02}", 0, 5, f"P{n % 4}", label, 0.9 - n / 100)
        for n, label in enumerate(labels)
    )
    rows = tuple(
        Topic(number, (f"word{number}", "tea"), size, min(size, 4), 1 / size, ())
        for number, size in enumerate(sizes)
    )
    return Topics(
        engine, len(units), rows, units, Stability(len(sizes), reason="made by hand"),
        centroids=tuple((float(n), 1.0) for n in range(len(sizes))), centre=(1.0, 0.0),
    )  # fmt: skip


TOPICS = topics_of()


def acted():
    return (
        TOPICS.name(1, "Waiting for rain", **WHO)
        .merge((0, 2), label="Tea", **WHO)
        .split(1, {"asking": ["s04"], "waiting": ["s05"]}, **WHO)
        .drop(3, **WHO)
    )


def test_acts_change_no_number_no_member_and_no_figure():
    after = acted()
    assert dataclasses.replace(after, acts=()) == TOPICS
    assert after.fingerprint == TOPICS.fingerprint
    assert [act.kind for act in after.acts] == ["name", "merge", "split", "drop"]
    assert TOPICS.acts == ()


def test_each_act_bears_the_solution_who_and_why():
    act = acted().acts[1]
    assert act == TopicAct(TOPICS.fingerprint, "merge", (0, 2), "Tea", "Ana", "read together", AT)
    assert len(act.id) == 20


def test_the_view_shows_what_holds():
    groups = acted().groups
    told = [(g.key, g.label, g.topics, g.size, g.participants, g.named) for g in groups]
    assert told == [
        ("0+2", "Tea", (0, 2), 6, 4, True),
        ("1a", "asking", (1,), 1, 1, True),
        ("1b", "waiting", (1,), 1, 1, True),
        ("1*", "Waiting for rain", (1,), 1, 1, True),
    ]
    first = TOPICS.groups[0]
    assert (first.key, first.label, first.named) == ("0", "word0, tea", False)


def test_a_frame_tells_names_and_acts_beside_the_unchanged_figures():
    frame = acted().to_frame()
    assert frame["label"].tolist() == ["Tea", "Waiting for rain", "Tea", "word3, tea"]
    assert frame["act"].tolist() == [
        "merged with 2", "split into asking, waiting", "merged with 0", "dropped",
    ]  # fmt: skip
    assert frame["size"].tolist() == [4, 3, 2, 1]
    assert "4 acts of researchers" in repr(acted())
    assert "Waiting for rain" in acted()._repr_html_()


def test_the_latest_name_counts_and_a_merged_name_is_for_all():
    topics = TOPICS.name(0, "One", **WHO).merge((0, 1), **WHO).name(1, "Two", **WHO)
    assert [topics.label(number) for number in range(3)] == ["Two", "Two", "word2, tea"]
    assert topics.named(0)
    assert not topics.named(2)
    with pytest.raises(UnknownIdError, match="no topic 9"):
        topics.label(9)


def test_merges_add_up():
    topics = TOPICS.merge((0, 1), **WHO).merge((1, 3), **WHO)
    assert [group.key for group in topics.groups] == ["0+1+3", "2"]
    assert topics.groups[0].label == "word0, tea / word1, tea / word3, tea"


def test_an_undone_act_holds_no_more_and_an_undo_can_be_undone():
    dropped = TOPICS.drop(1, **WHO)
    back = dropped.undo(dropped.acts[0].id, **WHO)
    assert [group.key for group in back.groups] == ["0", "1", "2", "3"]
    again = back.undo(back.acts[1].id, **WHO)
    assert [group.key for group in again.groups] == ["0", "2", "3"]
    assert len(again.acts) == 3


def test_the_same_act_again_after_an_undo_is_another_act():
    dropped = TOPICS.drop(1, **WHO)
    again = dropped.undo(dropped.acts[0].id, **WHO).drop(1, **WHO)
    assert again.act_told(1) == "dropped"
    assert len({act.id for act in again.acts}) == 3


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda t: t.name(9, "x", **WHO), "no topic 9; there are 4"),
        (lambda t: t.drop(1, **WHO).name(1, "x", **WHO), "topic 1 was dropped; undo that first"),
        (lambda t: t.drop(1, **WHO).merge((0, 1), **WHO), "topic 1 was dropped"),
        (lambda t: t.undo("nothing", **WHO), "no act 'nothing' to be undone"),
        (lambda t: t.split(1, {"a": ["s00"], "b": ["s05"]}, **WHO), "'s00' are not in topic 1"),
        (
            lambda t: t.merge((0, 1), **WHO).split(1, {"a": ["s04"], "b": ["s05"]}, **WHO),
            "topic 1 goes with 0 and 1; undo that first",
        ),
        (
            lambda t: t.split(1, {"a": ["s04"], "b": ["s05"]}, **WHO).merge((0, 1), **WHO),
            "topic 1 was split; undo that first",
        ),
    ],
)
def test_an_act_that_does_not_fit_is_a_named_error(act, message):
    with pytest.raises(TopicsError, match=message):
        act(TOPICS)


def test_an_act_on_which_another_rests_is_not_undone():
    dropped = TOPICS.drop(1, **WHO)
    back = dropped.undo(dropped.acts[0].id, **WHO)
    named = back.name(1, "Back", **WHO)
    with pytest.raises(TopicsError, match=r"rests on it .*was dropped"):
        named.undo(back.acts[1].id, **WHO)


def test_acts_of_another_solution_are_refused_whatever_their_numbers():
    other = topics_of((4, 3, 3))
    act = TOPICS.name(0, "Tea", **WHO).acts[0]
    with pytest.raises(TopicsError, match=r"is about the solution .*topics of another fit"):
        other.with_act(act)
    assert TOPICS.with_act(act, act).acts == (act,)
    assert TOPICS.with_act(act).with_act(act).acts == (act,)


def test_stored_acts_are_laid_over_their_solution_and_those_of_others_are_passed_over():
    other = topics_of((4, 3, 3)).name(0, "Coffee", **WHO)
    both = TOPICS.with_acts((*other.acts, *acted().acts))
    assert both.acts == acted().acts
    assert both.with_acts((*other.acts, *acted().acts)) == both
    assert acted().with_acts(acted().acts) == acted()
    assert TOPICS.with_acts(()) is TOPICS


def test_how_many_acts_are_about_another_solution_is_one_note():
    other = topics_of((4, 3, 3)).name(0, "Coffee", **WHO)
    alone = TOPICS.with_acts(other.acts)
    assert alone.acts == ()
    assert alone.notes == ("1 act is about another solution and changed nothing in this one.",)
    (note,) = TOPICS.with_acts(other.name(1, "Milk", **WHO).acts).notes
    assert note.startswith("2 acts are about another solution")


def test_of_two_who_worked_apart_an_act_that_does_not_fit_is_left_out_with_a_note():
    dropped = TOPICS.drop(1, **WHO).acts
    named = TOPICS.name(1, "Rain", by="Ben", why="it rains", at=AT).acts
    both = TOPICS.with_acts((*dropped, *named))
    assert both.acts == dropped
    (note,) = both.notes
    assert note.startswith("An act was left out: name ")
    assert "by 'Ben': topic 1 was dropped" in note
    assert both.with_acts((*dropped, *named)) == both
    assert TOPICS.with_acts((*named, *dropped)).acts == (*named, *dropped)


def test_a_part_whose_segments_are_all_gone_is_no_group_and_the_others_stay():
    split = acted().acts[2]
    parts = (Part("asking", ()), Part("waiting", ("s05",)))
    left = TOPICS.with_acts([dataclasses.replace(split, parts=parts)])
    assert [group.key for group in left.groups] == ["0", "1b", "1*", "2", "3"]
    assert left.acts[0].id == split.id
    with pytest.raises(ValueError, match="no segments in 'asking'"):
        TOPICS.split(1, {"asking": [], "waiting": ["s05"]}, **WHO)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"by": " "}, "by: an act has somebody"),
        ({"why": ""}, "why: an act has a reason"),
        ({"label": ""}, "label: expected a name"),
        ({"kind": "rename"}, "kind: expected one of name, merge, split, drop, undo"),
        ({"topics": (0, 1)}, "a name is of 1, each once"),
        ({"kind": "merge"}, "a merge is of at least 2"),
        ({"kind": "merge", "topics": (1, 1)}, "each once"),
        ({"kind": "split"}, "at least 2, came 0"),
        ({"kind": "split", "parts": (Part("a", ("s",)), Part("a", ("t",)))}, "label of its own"),
        ({"kind": "split", "parts": (Part("a", ("s",)), Part("b", ("s",)))}, "stands in two"),
        ({"kind": "undo", "topics": ()}, "expected the id of an act"),
    ],
)
def test_an_act_without_what_it_needs_is_a_value_error(fields, message):
    usual = {"kind": "name", "topics": (0,), "label": "x", "by": "Ana", "why": "seen"}
    with pytest.raises(ValueError, match=message):
        TopicAct("f", **(usual | fields))


def test_an_act_is_a_flat_row_and_comes_back():
    for act in acted().undo(acted().acts[0].id, **WHO).acts:
        row = json.loads(json.dumps(act_row(act)))
        assert all(isinstance(value, str) for value in row.values())
        assert act_of(row) == act
    with pytest.raises(TopicsError, match="act 'x': cannot be read"):
        act_of({"id": "x"})


@given(st.lists(st.sampled_from(["name", "merge", "drop", "undo"]), max_size=8))
def test_whatever_is_done_every_segment_of_a_kept_topic_stands_once(kinds):
    topics = TOPICS
    for place, kind in enumerate(kinds):
        number = place % 4
        try:
            if kind == "name":
                topics = topics.name(number, f"name {place}", **WHO)
            elif kind == "merge":
                topics = topics.merge((number, (number + 1) % 4), **WHO)
            elif kind == "drop":
                topics = topics.drop(number, **WHO)
            elif topics.acts:
                topics = topics.undo(topics.acts[-1].id, **WHO)
        except TopicsError:
            continue
    ids = [segment_id for group in topics.groups for segment_id in group.segment_ids]
    kept = {n for group in topics.groups for n in group.topics}
    assert sorted(ids) == sorted(u.segment_id for u in topics.units if u.topic in kept)
    dropped = [n for n in range(4) if "dropped" in topics.act_told(n)]
    assert kept | set(dropped) == set(range(4))
    assert len(in_force(topics.acts)) <= len(topics.acts)
