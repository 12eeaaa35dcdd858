"""Figures of topics: what is drawn, what is not, and the verdict on each."""

import dataclasses
import io
import re
import warnings

import numpy as np
import pytest

from reflect_analysis.disclosure import HIDDEN, QuoteRecord, QuoteSelection
from reflect_analysis.figures import (
    topic_code_figure,
    topic_figure,
    topic_map,
    topic_quote_figure,
    topic_stability_figure,
)
from reflect_analysis.topics import (
    Alignment,
    AlignmentRow,
    Stability,
    Topic,
    Topics,
    TopicStability,
    TopicUnit,
)

SIZES = (12, 3, 9, 7)
WORDS = (("mud", "rain"), ("secret", "story"), ("pair", "listen"), ("tired", "winter"))


def topics(*, ari=0.3, own=0.4):
    """Four topics of 12, 3, 9 and 7 participants of 31, one text each."""
    units = [
        TopicUnit(f"P{n}{i:02}:0-9", f"P{n}{i:02}", 0, 9, f"P{n}{i:02}", n, 0.5)
        for n, size in enumerate(SIZES)
        for i in range(size)
    ]
    again = TopicStability(own, 0.5, 0.2, 5)
    rows = tuple(Topic(n, WORDS[n], size, size, 0.1, (), again) for n, size in enumerate(SIZES))
    measured = Stability(4, ari, 0.0, ari, -0.05, refits=5, units=31, order=ari, order_shuffled=0.0)
    corners = ((1.0, 0, 0), (0, 1.0, 0), (0.8, 0.6, 0), (0, 0, 1.0))
    return Topics("k-means", len(units), rows, tuple(units), measured, centroids=corners)


def alignment(**more):
    rows = tuple(
        AlignmentRow(n, code, similarity, 0.1)
        for n in range(4)
        for code, similarity in (("weather", 0.9 if n == 0 else 0.2), ("rest", 0.1))
    )
    return Alignment(rows, 0.45, **more)


def figures(found, **more):
    return (
        topic_map(found, **more),
        topic_code_figure(found, alignment(), **more),
        topic_stability_figure(found, **more),
        topic_figure(found, **more),
    )


def test_a_topic_of_few_persons_is_in_no_map_heat_map_or_stability_figure():
    for figure in figures(topics())[:3]:
        everything = figure.svg.decode() + figure.alt_text + figure.data.to_csv()
        assert "secret" not in everything
        assert "Topics not drawn: 1 of few persons." in figure.alt_text
        assert 1 not in set(figure.data.get("topic", []))


def test_a_dropped_topic_is_not_drawn_and_a_named_one_bears_its_name():
    found = topics().drop(3, by="Ana", why="noise").name(0, "Wet days", by="Ana", why="rain")
    for figure in figures(found)[:3]:
        assert "tired" not in figure.alt_text
        assert "1 dropped by a researcher" in figure.alt_text
        assert "Wet days (mud, rain)" in figure.alt_text
    assert "Wet days (mud, rain)" in topic_figure(found).alt_text


@pytest.mark.parametrize(("ari", "verdict"), [(0.3, "not stable"), (0.9, "stable")])
def test_the_verdict_stands_in_title_drawing_and_alt_text(ari, verdict):
    for figure in figures(topics(ari=ari)):
        assert f"({verdict})" in figure.title
        assert f"({verdict})" in figure.alt_text
        assert f"Exploratory groupings by a machine: {verdict}." in _texts(figure)


def test_a_topic_that_is_not_stable_is_told_apart_in_a_stable_solution():
    found = topics(ari=0.9)
    rows = [dataclasses.replace(row, stability=TopicStability(0.9, 0.9, 0.2, 5)) for row in found]
    rows[0] = dataclasses.replace(rows[0], stability=TopicStability(0.1, 0.1, 0.2, 5))
    mixed = dataclasses.replace(found, rows=tuple(rows))
    assert topic_map(mixed).data["topic_stability"].tolist()[:2] == ["not stable", "stable"]
    assert "mud, rain; not stable" in _texts(topic_figure(mixed))
    assert "pair, listen; not stable" not in _texts(topic_figure(mixed))
    assert ".10 not stable" in topic_stability_figure(mixed).alt_text
    assert "mud, rain; not stable: " in topic_figure(mixed).alt_text
    assert "pair, listen; not stable" not in topic_figure(mixed).alt_text


def test_the_heat_map_tells_a_topic_that_is_not_stable_apart():
    found = topics(ari=0.9, own=0.9)
    first = dataclasses.replace(found[0], stability=TopicStability(0.1, 0.1, 0.2, 5))
    figure = topic_code_figure(
        dataclasses.replace(found, rows=(first, *found.rows[1:])), alignment()
    )
    for told in (_texts(figure), figure.alt_text):
        assert "mud, rain; not stable" in told
        assert "pair, listen; not stable" not in told
    by_topic = figure.data.groupby("topic")["topic_stability"].first().to_dict()
    assert by_topic == {0: "not stable", 2: "stable", 3: "stable"}
    assert set(figure.data["stability"]) == {"stable"}


def test_a_topic_largely_of_one_participant_says_so_in_every_figure_without_the_share():
    found = topics()
    rows = tuple(dataclasses.replace(row, largest_share=0.5123) for row in found.rows[:2])
    found = dataclasses.replace(found, rows=(*rows, *found.rows[2:]))
    none = QuoteSelection((), ())
    for figure in (*figures(found), topic_quote_figure(found, none)):
        for told in (_texts(figure), figure.alt_text, figure.data.to_csv()):
            assert "mud, rain; largely one participant" in " ".join(told.split())
            assert told.count("largely one participant") <= 3
            assert "pair, listen; largely" not in told
            assert "51" not in told


def test_topics_that_are_alike_lie_near_each_other():
    data = topic_map(topics()).data.set_index("topic")[["x", "y"]].to_numpy()
    near = np.linalg.norm(data[0] - data[1])  # topics 0 and 2
    assert near < np.linalg.norm(data[0] - data[2])
    # the data are places of topics: no row for a text
    assert len(data) == 3


def test_the_size_of_a_topic_whose_count_is_hidden_is_not_in_the_map():
    found = topics()
    # 28 of 31 participants in topic 0: nearly all
    units = tuple(dataclasses.replace(u, topic=2 if u.topic == 2 else 0) for u in found.units)
    rows = (dataclasses.replace(found.rows[0], size=22, participants=22),)
    rows += tuple(dataclasses.replace(row, size=9, participants=9) for row in found.rows[1:])
    many = [
        dataclasses.replace(units[0], segment_id=f"x{n}", case_id=f"P2{n:02}", topic=0)
        for n in range(9)
    ]
    rows = (dataclasses.replace(rows[0], size=31, participants=31), *rows[1:])
    all_of_them = dataclasses.replace(found, rows=rows, units=(*units, *many))
    data = topic_map(all_of_them).data.set_index("topic")
    assert data.loc[0, "participants"] == "≥27 of 31"
    assert data["texts"].isna()[0]


def test_the_count_of_a_hidden_topic_is_not_what_the_others_leave_of_all():
    """Of 31 persons and texts 12, 9 and 7 would leave 3."""
    data = topic_map(topics()).data.set_index("topic")
    assert data["participants"].tolist() == ["12 of 31", "9 of 31", HIDDEN]
    assert data["texts"].isna().tolist() == [False, False, True]
    drawn = topic_figure(topics()).data
    assert drawn["shown"].tolist() == ["12 of 31", "<5 of 31", "9 of 31", HIDDEN]
    assert drawn["texts"].tolist() == ["12 of 31", HIDDEN, "9 of 31", HIDDEN]
    assert "tired" in drawn["words"][3]  # its words point to nobody


def test_the_map_does_not_depend_on_the_sign_of_a_component():
    one = topic_map(topics()).data
    flipped = dataclasses.replace(
        topics(), centroids=tuple(tuple(v for v in row) for row in topics().centroids)
    )
    assert one.equals(topic_map(flipped).data)


def test_given_vectors_make_the_axes_and_must_fit_the_units():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(31, 3))
    assert "texts’ vectors" in topic_map(topics(), embeddings=vectors).alt_text
    with pytest.raises(ValueError, match="31 rows"):
        topic_map(topics(), embeddings=vectors[:5])
    with pytest.raises(ValueError, match="umap"):
        topic_map(topics(), method="umap")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_map_of_no_topic_one_or_two_is_drawn(count):
    found = topics()
    few = dataclasses.replace(
        found,
        rows=found.rows[:count],
        units=tuple(u for u in found.units if u.topic < count),
        centroids=found.centroids[:count],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(topic_map(few).data) == min(count, 1)


def test_the_heat_map_frames_what_covers_and_says_which_topic_has_no_code():
    figure = topic_code_figure(topics(), alignment(), names={"weather": "Weather"})
    data = figure.data.set_index(["topic", "code_id"])
    assert data.loc[(0, "weather"), "covers"]
    assert data["covers"].sum() == 1
    assert "0, mud, rain; not stable: Weather" in figure.alt_text
    assert "No code covers topic 2, 3." in _texts(figure)
    assert ".90" in _texts(figure)


def test_a_guided_fit_is_said_to_be_no_independent_evidence():
    figure = topic_code_figure(topics(), alignment(mark="guided: no independent evidence"))
    assert "no independent evidence" in _texts(figure)
    assert "no independent evidence" in figure.alt_text


def test_only_the_codes_nearest_to_a_topic_are_drawn_where_they_are_many():
    figure = topic_code_figure(topics(), alignment(), most=1)
    assert set(figure.data["code_id"]) == {"weather"}


def test_each_figure_of_stability_stands_beside_its_shuffled_one():
    data = topic_stability_figure(topics()).data
    assert data["label"].tolist()[:3] == [
        "Samples of the texts (bootstrap)",
        "Seeds, same texts",
        "Order of the rows",
    ]
    assert data["shuffled"].tolist()[:3] == [-0.05, 0.0, 0.0]
    assert data["value"].tolist()[3:] == [0.4, 0.4, 0.4]


def test_what_was_not_measured_says_so():
    found = dataclasses.replace(topics(), stability=Stability(4, reason="too few texts"))
    figure = topic_stability_figure(found)
    assert "(not measured)" in figure.title
    assert "too few texts" in _texts(figure)


def test_only_approved_quotes_stand_in_the_figure_and_only_under_their_topic():
    def quote(document, text):
        return QuoteRecord(document, 0, len(text), text=text, attribution="an educator")

    selection = QuoteSelection((quote("P000", "So wet."), quote("P100", "A secret.")))
    figure = topic_quote_figure(topics(), selection)
    data = figure.data.set_index("topic")
    assert data.loc[0, "quote"] == "So wet."
    assert data.loc[2, "quote"] == ""
    # the topic of three persons is not drawn, and its quote with it
    assert "A secret." not in figure.alt_text + _texts(figure)
    assert "“So wet.”" in _texts(figure)
    assert "No approved quote." in _texts(figure)
    assert "not stable" in figure.title
    with pytest.raises(ValueError, match="each"):
        topic_quote_figure(topics(), selection, each=0)


def test_figures_are_read_in_black_and_white():
    """Marks differ in shape and filling, so no figure needs its colours."""
    from PIL import Image

    for figure in figures(topics()):
        grey = np.asarray(Image.open(io.BytesIO(figure.png)).convert("L"))
        assert grey.min() < 80
        assert grey.max() == 255


def test_drafts_say_so_and_the_same_data_give_the_same_bytes():
    for figure, again in zip(
        figures(topics(), draft=True), figures(topics(), draft=True), strict=True
    ):
        assert figure.alt_text.startswith("Draft.")
        assert figure.svg == again.svg


def _texts(figure):
    """The words that are drawn; the SVG holds glyphs, so the comments that matplotlib writes."""
    found = re.findall(r"<!-- (.*?) -->", figure.svg.decode())
    return "\n".join(found)
