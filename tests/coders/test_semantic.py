"""Similarity: what it is called, what it takes off, and how people set its thresholds."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from reflect_analysis.codebook import CounterExample
from reflect_analysis.coders import code_segments
from reflect_analysis.coders.semantic import SemanticCoder
from reflect_analysis.coders.similarity import vectors_of
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import CodebookError, CoderError, TrainingDataError
from reflect_analysis.segmentation import segment

WORDS = ("worn", "laugh", "rain")


def embedding(texts):
    """A stand-in: how often each of three words stands in a text."""
    return [[text.lower().count(word) for word in WORDS] for text in texts]


def with_examples(code, definition, *examples, counter=()):
    items = tuple(CounterExample(text, "a near miss") for text in counter)
    return dataclasses.replace(
        code, definition=definition, examples=examples, counter_examples=items
    )


@pytest.fixture
def codebook(make_code, make_book):
    return make_book(
        with_examples(make_code("strain"), "Worn out.", "So worn.", "Worn, worn, laugh."),
        with_examples(
            make_code("joy"), "They laugh.", "We laugh.", counter=("Laugh in the rain.",)
        ),
        with_examples(make_code("soul", human_only=True), "Rain.", "Rain falls."),
    )


def test_a_score_is_likeness_less_that_to_the_other_codes(codebook):
    coder = SemanticCoder(codebook, embedding=embedding)
    assert coder.codes_ == ("strain", "joy")
    scores = coder.predict_proba(["worn", "laugh", "nothing"])
    assert scores[0].tolist() == pytest.approx([1.0, -1.0])
    assert scores[1, 1] > 0.7 > scores[1, 0]
    assert scores[2].tolist() == [0.0, 0.0]


def test_the_score_is_what_the_documentation_says(make_code, make_book):
    vectors = {"a": [1, 0, 0], "b": [0.6, 0.8, 0], "c": [0, 0.6, 0.8], "near": [0.8, 0.6, 0]}

    def embed(texts):
        return [vectors[text] for text in texts]

    codes = (
        with_examples(make_code("one"), "a", "b", counter=("near",)),
        with_examples(make_code("two"), "c"),
        with_examples(make_code("three"), "b", "b"),
    )
    (scores,) = SemanticCoder(make_book(*codes), embedding=embed).predict_proba(["near"])
    near = [(0.8 + 0.96) / 2, 0.36, 0.96]
    missed = [1 - 0.96, 0, 0]
    others = [(near[1] + near[2]) / 2, (near[0] + near[2]) / 2, (near[0] + near[1]) / 2]
    assert scores.tolist() == pytest.approx(
        [n - m - o for n, m, o in zip(near, missed, others, strict=True)]
    )
    told = SemanticCoder.__doc__
    assert "near − missed − others" in told
    assert "mean of *near* over all other codes" in told


def test_a_counter_example_counts_where_the_text_is_nearer_to_it_than_to_all_that_belongs(
    codebook, make_book
):
    bare = make_book(*(dataclasses.replace(c, counter_examples=()) for c in codebook.codes))
    texts = ["we laugh", "laugh rain"]
    with_it = SemanticCoder(codebook, embedding=embedding).predict_proba(texts)[:, 1]
    without = SemanticCoder(bare, embedding=embedding).predict_proba(texts)[:, 1]
    assert with_it[0] == pytest.approx(without[0])
    assert with_it[1] == pytest.approx(without[1] - (1 - 2**-0.5))


def test_the_evidence_names_the_nearest_example_and_no_word_of_a_text(codebook):
    coder = SemanticCoder(codebook, embedding=embedding)
    told = coder.explain(["Worn, worn, laugh with Zelda"])[0]["strain"]
    assert "nearest: example 2 of strain (cosine 1.00)" in told
    assert told.startswith("similarity ")
    assert "Zelda" not in told
    assert "probab" not in told


def test_the_run_says_similarity_and_where_the_thresholds_come_from(codebook, cache):
    document = Document("R1", "I am worn. We laugh.")
    corpus = Corpus((document,), clearances=(Clearance(document.sha256, "a", "b"),))
    segments = segment(corpus, cache=cache)
    coder = SemanticCoder(codebook, embedding=embedding)
    codings = code_segments(coder, segments, codebook)
    assert {(c.code_id, c.start) for c in codings} == {("strain", 0), ("joy", 11)}
    run = codings.runs[-1]
    assert "similarity: scores are similarities, thresholds taken from the codebook" in run.summary
    assert run.settings["thresholds"] == coder.thresholds_
    assert run.model == "embedding"
    assert coder.gives_probabilities is False


def test_thresholds_are_set_on_codings_and_the_rest_stay_the_codebooks(codebook):
    texts = ["worn", "worn laugh", "laugh", "rain"] * 5
    strain = [1.0, 0, 0, 0] * 5
    joy = [0.0, 0, 1, 0] + [0.0, 0, 0, 0] * 4
    y = pd.DataFrame({"strain": strain, "joy": joy})
    coder = SemanticCoder(codebook, embedding=embedding)
    before = coder.thresholds_
    coder.fit(texts, y, groups=[f"P{row // 4}" for row in range(20)])
    assert coder.grouped_
    assert dict(coder.uncalibrated_) == {"joy": 1}
    assert coder.thresholds_["joy"] == before["joy"]
    scores = coder.predict_proba(["worn", "worn laugh"])[:, 0]
    assert scores[1] < coder.thresholds_["strain"] <= scores[0]
    assert "thresholds of 1 codes set on human codings (by participant)" in coder.told_
    assert "1 thresholds set on 20 texts" in repr(coder)
    assert not coder.fit(texts, y).grouped_
    assert "not by participant" in coder.told_


def test_ratings_of_what_was_not_read_count_for_nothing(codebook):
    texts = ["worn", "worn laugh", "laugh", "rain"] * 5 + ["worn laugh"] * 50
    y = np.full((70, 1), np.nan)
    y[:20, 0] = [1.0, 0, 0, 0] * 5
    frame = pd.DataFrame(y, columns=["strain"])
    coder = SemanticCoder(codebook, embedding=embedding).fit(texts, frame)
    scores = coder.predict_proba(["worn", "worn laugh"])[:, 0]
    assert scores[1] < coder.thresholds_["strain"] <= scores[0]


def test_a_code_that_people_alone_apply_is_refused(codebook):
    y = pd.DataFrame({"soul": [1, 0]})
    with pytest.raises(TrainingDataError, match="'soul': not one that a machine may propose"):
        SemanticCoder(codebook, embedding=embedding).fit(["a", "b"], y)


def test_a_codebook_of_human_only_codes_has_nothing_to_compare(make_code, make_book):
    with pytest.raises(CodebookError, match="no code that a machine may propose"):
        SemanticCoder(make_book(make_code("soul", human_only=True)), embedding=embedding)


def test_a_codebook_of_one_code_has_a_fixed_threshold(make_code, make_book):
    coder = SemanticCoder(make_book(with_examples(make_code("joy"), "Laugh.")), embedding=embedding)
    assert coder.thresholds_ == {"joy": 0.35}
    assert coder.predict_proba(["laugh", "rain"])[:, 0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([1.0, 2.0], r"shape \(2 texts, n\), got \(2,\)"),
        ([[1.0]], r"shape \(2 texts, n\), got \(1, 1\)"),
        ([["a"], ["b"]], "expected vectors as numbers"),
        ([[1.0], [np.nan]], "1 vectors are not finite numbers, first of text 2"),
    ],
)
def test_a_useless_embedding_is_named(answer, message):
    def mine(texts):
        return answer

    with pytest.raises(CoderError, match=f"mine: .*{message}"):
        vectors_of(["a", "b"], mine)


def test_settings_can_be_cloned(codebook):
    from sklearn.base import clone

    coder = SemanticCoder(codebook, embedding=embedding, folds=3)
    assert clone(coder, safe=False).get_params()["folds"] == 3
    assert coder.set_params(folds=4).folds == 4
    with pytest.raises(ValueError, match="no setting 'fold'"):
        coder.set_params(fold=4)


def test_the_packaged_model_tells_meanings_apart(make_code, make_book, cache):
    codebook = make_book(
        with_examples(make_code("strain"), "Being exhausted.", "I have no strength left."),
        with_examples(make_code("joy"), "Having fun together.", "We laughed all afternoon."),
    )
    coder = SemanticCoder(codebook, cache=cache)
    scores = coder.predict_proba(["I was utterly drained.", "It was such a joyful party."])
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]
    assert coder.model_.startswith("all-MiniLM-L6-v2")


def test_where_no_fold_by_participant_could_be_made_that_is_said(codebook):
    """One participant has all of a code: there is nobody to tell apart."""
    texts = ["worn", "worn laugh", "laugh", "rain"] * 5
    y = pd.DataFrame({"strain": [1.0, 0, 0, 0] * 5, "joy": [0.0, 0, 1, 0] * 5})
    coder = SemanticCoder(codebook, embedding=embedding)
    coder.fit(texts, y[["strain"]], groups=["P1" if row else "P2" for row in y["strain"]])
    assert (coder.grouped_, coder.whole_) == (False, ("strain",))
    assert "(on all texts at once, not in folds)" in coder.told_
    people = ["P1" if row else f"P{2 + place % 3}" for place, row in enumerate(y["strain"])]
    coder.fit(texts, y, groups=people)
    assert (coder.grouped_, coder.whole_) == (True, ("strain",))
    assert "2 codes set on human codings (by participant; strain on all texts at once)" in (
        coder.told_
    )
