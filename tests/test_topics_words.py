"""The words of topics, their secondary figures, and what a caption is embedded with."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import Coherence, TopicSettings, fit_topics
from reflect_analysis.topics.coherence import diversity, embedding_coherence, npmi
from reflect_analysis.topics.neighbours import unit
from reflect_analysis.topics.representations import vocabulary_of
from reflect_analysis.topics.selection import text_to_embed
from reflect_analysis.topics.words import analyser

RAIN = ["rain mud creek", "mud rain boots", "creek rain mud", "boots mud creek"]
TEA = ["tea mentor notes", "mentor notes tea", "notes tea visit", "visit mentor tea"]


def segments_of(texts, cases=None, **fields):
    """Texts as cleared documents of one segment each."""
    owners = cases or [f"P{i:03}" for i in range(len(texts))]
    documents = tuple(
        Document(f"d{i:04}", text, case_id=owner, **fields)
        for i, (text, owner) in enumerate(zip(texts, owners, strict=True))
    )
    people = tuple(Case(owner) for owner in dict.fromkeys(owners))
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


@pytest.fixture
def words():
    """The vocabulary of two topics of four texts, and their labels."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 4)
    vectors = unit(np.eye(8)[labels] + 0.05 * rng.normal(size=(8, 8)))
    return vocabulary_of(segments_of([*RAIN, *TEA]).rows, vectors, str.split), labels


# Words


def test_every_way_tells_a_topic_by_its_own_words(words):
    vocabulary, labels = words
    told = vocabulary.told(labels, 3)
    for way in ("words", "c-tf-idf", "key", "diverse"):
        rain, tea = told[way]
        assert set(rain) <= {"rain", "mud", "creek", "boots"}, way
        assert set(tea) <= {"tea", "mentor", "notes", "visit"}, way
        assert len(rain) == len(tea) == 3


def test_the_terms_of_each_text_stand_once_however_often_it_says_them():
    rows = segments_of(["rain and rain", "the of", "mud, Rain"]).rows
    counted = vocabulary_of(rows, unit(np.eye(3)), analyser())
    assert [sorted(each) for each in counted.texts] == [["rain"], [], ["mud", "rain"]]


def test_key_words_lie_nearest_to_the_centre(words):
    vocabulary, labels = words
    near = dict(zip(vocabulary.terms, vocabulary.nearness(labels, 2)[0], strict=True))
    key = vocabulary.told(labels, 4)["key"][0]
    assert [near[word] for word in key] == sorted((near[word] for word in key), reverse=True)
    assert near["mud"] > 0.9 > -0.9 > near["tea"]


def test_diverse_words_say_different_things():
    # "mud" and "muck" stand in the same texts; "cold" is as near to the topic, and apart.
    texts = ["mud muck", "muck mud", "cold", "cold", "tea", "tea"]
    rows = [[1, 0.5, 0], [1, 0.5, 0], [1, -0.5, 0], [1, -0.5, 0], [-1, 0, 1], [-1, 0, 1]]
    vocabulary = vocabulary_of(segments_of(texts).rows, unit(np.array(rows)), str.split)
    told = vocabulary.told(np.array([0, 0, 0, 0, 1, 1]), 2)
    assert "cold" in told["diverse"][0]
    assert len({"mud", "muck"} & set(told["diverse"][0])) == 1


def test_words_that_meet_in_texts_come_before_words_that_do_not():
    # Each of the six last words is as frequent as the others; three meet the first two.
    texts = ["rain mud ash", "rain mud oak", "rain mud elm", "rain fig", "mud pea", "rain yam"]
    vectors = np.tile([1.0, 0.1], (12, 1))
    vectors[6:] = [0.1, 1.0]
    every = [*texts, *(["tea"] * 6)]
    owners = ["P1"] * 12
    found = vocabulary_of(segments_of(every, owners).rows, unit(vectors), str.split)
    rain = found.words(np.repeat([0, 1], 6), 5)[0]
    assert set(rain) == {"rain", "mud", "ash", "oak", "elm"}


def test_a_word_of_all_topics_stands_in_three_at_most():
    texts = [text for n in range(1, 6) for text in [f"{'day ' * n}own{n} word{n}"] * 2]
    labels = np.repeat(np.arange(5), 2)
    found = vocabulary_of(segments_of(texts).rows, unit(np.eye(5)[labels]), str.split)
    assert sum("day" in row for row in found.by_frequency(labels, 3)) == 5
    assert sum("day" in row for row in found.words(labels, 3)) == 3


def test_outliers_and_rows_that_were_not_drawn_have_no_words(words):
    vocabulary, labels = words
    labels = labels.copy()
    labels[0], labels[4] = -1, -2
    assert len(vocabulary.by_frequency(labels, 3)) == 2
    assert vocabulary.weights(np.full(8, -1)).shape[0] == 0


def test_the_other_words_stand_with_each_topic():
    texts = [*RAIN * 3, *TEA * 3]
    vectors = np.eye(2)[np.repeat([0, 1], 12)] + np.random.default_rng(1).normal(size=(24, 2)) / 9
    topics = fit_topics(
        segments_of([f"{text} {i}" for i, text in enumerate(texts)]),
        embeddings=vectors,
        n_topics=2,
        settings=TopicSettings(refits=0),
    )
    assert set(topics[0].other_words) == {"c-tf-idf", "key", "diverse"}
    assert topics.coherence.diversity == 1
    assert -1 <= topics.coherence.npmi <= 1
    assert "secondary: NPMI" in topics._repr_html_()
    assert set(topics.runs[-1].settings["secondary"]) == {"npmi", "diversity", "embedding"}


# Secondary figures


def test_npmi_by_hand():
    # Four texts; "rain" in 2, "mud" in 2, both in 1: ln(.25 / (.5 · .5)) = 0. "rain" and
    # "tea" in 2 each, never together: −1. "mud" and "tea": 1 text, 0. Mean −1/3.
    texts = [["rain", "mud"], ["rain"], ["mud", "tea"], ["tea"]]
    assert npmi([["rain", "mud", "tea"]], texts) == pytest.approx(-1 / 3)


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=4), min_size=1, max_size=12))
def test_npmi_lies_between_its_bounds_and_needs_two_words(texts):
    assert -1 <= npmi([["a", "b", "c"]], texts) <= 1
    assert math.isnan(npmi([["a"], []], texts))


def test_diversity_is_the_share_of_different_words():
    assert diversity([["a", "b"], ["b", "c"]]) == 0.75
    assert math.isnan(diversity([[], []]))


def test_embedding_coherence_rises_with_what_a_topic_shares():
    vectors = np.repeat(np.eye(3), 4, axis=0)
    whole = embedding_coherence(vectors, np.repeat([0, 1, 2], 4))
    mixed = embedding_coherence(vectors, np.tile([0, 1, 2], 4))
    assert whole > 0 > mixed
    assert math.isnan(embedding_coherence(vectors, np.full(12, -1)))


def test_secondary_figures_are_marked_as_such():
    assert str(Coherence(0.1, 0.8)) == ("secondary: NPMI .10, diversity .80, embedding coherence –")


# What is embedded


def test_a_caption_is_embedded_after_its_title_and_prompt(monkeypatch):
    from reflect_analysis.topics import selection

    read = []

    def embed(texts, **_):
        read.extend(texts)
        return np.eye(max(len(texts), 2), dtype=np.float32)[: len(texts)]

    monkeypatch.setattr(selection, "embed", embed)
    attributes = {"title": "Bottom left", "prompt": "What do you see?"}
    photo = segments_of(["Nine pairs."], kind="photo-voice", attributes=attributes)
    fit_topics(photo)
    assert read == ["Bottom left. What do you see? Nine pairs."]
    plain = TopicSettings(embedded_with=())
    assert text_to_embed(photo, photo.rows[0], plain) == "Nine pairs."
    post = segments_of(["Nine pairs."], kind="reflection", attributes=attributes)
    assert text_to_embed(post, post.rows[0], TopicSettings()) == "Nine pairs."


# BERTopic's models


@pytest.mark.slow
def test_bertopics_models_make_the_words_that_are_handed_in():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its packages say at import
        from bertopic.representation import BaseRepresentation
        from bertopic.vectorizers import ClassTfidfTransformer

    class Backwards(BaseRepresentation):
        """A representation model: the words of each topic the other way round."""

        def extract_topics(self, topic_model, documents, c_tf_idf, topics):
            return {number: rows[::-1] for number, rows in topics.items()}

    texts = [f"{text} Wilhelmina" if i == 1 else text for i, text in enumerate([*RAIN, *TEA])]
    segments = segments_of([f"{text} {i}" for i, text in enumerate(texts * 3)], ["P1", "P2"] * 12)
    vectors = np.tile(np.eye(2)[np.repeat([0, 1], 4)], (3, 1))
    vectors = vectors + np.random.default_rng(1).normal(size=vectors.shape) / 9
    own = ClassTfidfTransformer(reduce_frequent_words=True)
    backwards = Backwards()

    def fitted(**models):
        return fit_topics(
            segments,
            embeddings=vectors,
            n_topics=2,
            settings=TopicSettings(refits=0, **models),
        )

    plain, turned = fitted(ctfidf=own), fitted(ctfidf=own, representation=backwards)
    assert set(plain[0].words) == set(turned[0].words)
    assert plain[0].words == turned[0].words[::-1]
    assert "wilhelmina" not in turned[0].words + turned[1].words
    assert turned.runs[-1].settings["representation"] == "Backwards"
    assert not hasattr(own, "_idf_diag")
