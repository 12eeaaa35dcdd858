"""Learning from codings: what is refused, how it is split, and what the evidence gives away."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from reflect_analysis.coders import code_segments
from reflect_analysis.coders.supervised import SupervisedCoder
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import TrainingDataError
from reflect_analysis.segmentation import segment

STRAIN = (
    "I am so worn out",
    "We are drained by noon",
    "Tired and worn again",
    "No strength is left",
)
JOY = ("We laugh in the yard", "A happy song at lunch", "They laugh and dance", "Such a happy day")
REST = ("The bus was late", "Rain on the roof", "We ordered paint", "The meeting is moved")
LIGHT = ("words", "form")


def lesson(times=5):
    """60 texts of 20 participants: 20 of strain, 20 of joy."""
    texts = [f"{text} {number}." for number in range(times) for text in (*STRAIN, *JOY, *REST)]
    y = pd.DataFrame(
        {
            "strain": [*[1.0] * 4, *[0.0] * 8] * times,
            "joy": [*[0.0] * 4, *[1.0] * 4, *[0.0] * 4] * times,
        }
    )
    groups = [f"P{row // 3}" for row in range(len(texts))]
    return texts, y, groups


@pytest.fixture(scope="module")
def trained():
    texts, y, groups = lesson()
    return SupervisedCoder(blocks=LIGHT).fit(texts, y, groups=groups)


@pytest.fixture
def codebook(make_code, make_book):
    return make_book(
        make_code("strain", "drain", "worn"),
        make_code("joy", "laugh"),
        make_code("soul", human_only=True),
    )


def segments_of(cache, *texts):
    documents = tuple(Document(f"R{number}", text) for number, text in enumerate(texts))
    cleared = tuple(Clearance(document.sha256, "a", "b") for document in documents)
    return segment(Corpus(documents, clearances=cleared), cache=cache)


def test_it_learns_and_its_scores_are_probabilities(trained):
    assert trained.codes_ == ("strain", "joy")
    scores = trained.predict_proba(["So worn and drained.", "We laugh.", "The bus."])
    assert ((scores > 0) & (scores < 1)).all()
    assert trained.predict(["So worn and drained.", "We laugh.", "The bus."]).tolist() == [
        [1, 0],
        [0, 1],
        [0, 0],
    ]
    assert trained.gives_probabilities


def test_it_is_said_whether_the_split_was_by_participant(trained):
    assert trained.grouped_
    assert repr(trained) == "<SupervisedCoder: 2 codes from 60 texts, split by participant>"
    assert "folds split by participant" in trained.told_
    texts, y, _ = lesson()
    alone = SupervisedCoder(blocks=LIGHT).fit(texts, y)
    assert not alone.grouped_
    assert "not split by participant" in repr(alone)
    assert "not by participant" in alone.told_


def test_where_nothing_could_be_split_nothing_is_said_to_be_chosen_in_folds():
    """All of one participant have the code: no fold could be learned from."""
    texts, y, _ = lesson()
    groups = ["P1" if row else "P2" for row in y["strain"]]
    coder = SupervisedCoder(blocks=LIGHT).fit(texts, y[["strain"]], groups=groups)
    assert coder.chosen_["strain"].folds == 0
    assert "chosen in folds" not in coder.told_
    assert "not split in folds: settings not chosen" in coder.told_
    assert repr(coder).endswith("60 texts, not split>")
    mixed = y.assign(joy=[float(row % 3 == 0) for row in range(60)])
    groups = [*groups[:59], "P3"]
    coder = SupervisedCoder(blocks=LIGHT).fit(texts, mixed, groups=groups)
    assert {code: bool(chosen.folds) for code, chosen in coder.chosen_.items()} == {
        "strain": False,
        "joy": True,
    }
    assert "chosen in folds split by participant (strain not split: " in coder.told_


def test_it_tells_which_texts_it_learned_from_where_they_have_ids():
    texts, y, groups = lesson()
    ids = [f"R{row}:0-9" for row in range(60)]
    coder = SupervisedCoder(blocks=LIGHT).fit(texts, y, groups=groups, ids=ids)
    assert coder.ids_ == tuple(ids)
    assert coder.fit(texts, y).ids_ == ()


def test_the_same_codings_give_the_same_coder(trained):
    texts, y, groups = lesson()
    again = SupervisedCoder(blocks=LIGHT).fit(texts, y, groups=groups)
    np.testing.assert_array_equal(again.predict_proba(texts), trained.predict_proba(texts))
    assert again.thresholds_ == trained.thresholds_


def test_the_edge_uses_the_thresholds_that_were_learned(trained, codebook, cache):
    segments = segments_of(cache, "So worn and drained.", "Rain.")
    codings = code_segments(trained, segments, codebook)
    assert [(c.document_id, c.code_id) for c in codings] == [("R0", "strain")]
    run = codings.runs[-1]
    assert run.settings["thresholds"] == trained.thresholds_
    assert "supervised: trained on 60 texts" in run.summary
    every = code_segments(trained, segments, codebook, threshold=0)
    assert len(every) == 4
    one = code_segments(trained, segments, codebook, threshold={"strain": 1.01})
    assert len(one) == 0
    with pytest.raises(ValueError, match="threshold: not a number, for strain"):
        code_segments(trained, segments, codebook, threshold={"strain": float("nan")})


# ── what is refused ─────────────────────────────────────────────────────────────


def test_every_code_with_fewer_than_ten_positives_is_refused_with_its_count():
    texts, y, groups = lesson()
    few = y.assign(rare=[1.0] * 4 + [0.0] * 56, never=0.0)
    with pytest.raises(TrainingDataError) as caught:
        SupervisedCoder(blocks=LIGHT).fit(texts, few, groups=groups)
    assert [fault.split(",")[0] for fault in caught.value.faults] == [
        "code 'rare': 4 positives of 60 texts",
        "code 'never': 0 positives of 60 texts",
    ]


def test_a_rare_code_can_be_skipped_and_is_named():
    texts, y, groups = lesson()
    few = y.assign(rare=[1.0] * 4 + [0.0] * 56)
    coder = SupervisedCoder(blocks=LIGHT, rare="skip").fit(texts, few, groups=groups)
    assert coder.codes_ == ("strain", "joy")
    assert dict(coder.refused_) == {"rare": 4}
    assert "refused: rare (4)" in repr(coder)
    assert "rare (4 positives) not learned" in coder.told_
    with pytest.raises(TrainingDataError, match=r"no code has 10 positives: rare \(4\)"):
        SupervisedCoder(blocks=LIGHT, rare="skip").fit(texts, few[["rare"]])


def test_a_rare_code_can_be_left_to_similarity_and_is_called_so(codebook):
    def embedding(texts):
        return [["worn" in text, "laugh" in text, "rain" in text.lower()] for text in texts]

    texts, y, groups = lesson()
    few = y.assign(joy=[*[0.0] * 4, 1.0, *[0.0] * 55])
    coder = SupervisedCoder(codebook, blocks=LIGHT, rare="similarity", embedding=embedding).fit(
        texts, few, groups=groups
    )
    assert (coder.codes_, coder.similar_) == (("strain", "joy"), ("joy",))
    assert not coder.gives_probabilities
    assert "by similarity: joy (1)" in repr(coder)
    told = coder.explain(["So worn, and we laugh."])[0]
    assert told["strain"].startswith("probability ")
    assert told["joy"].startswith("similarity ")


def test_one_class_unknown_codes_and_human_only_codes_are_named_together(codebook):
    texts, y, _ = lesson()
    wrong = y.assign(joy=1.0, soul=y["strain"], storm=y["strain"])
    with pytest.raises(TrainingDataError) as caught:
        SupervisedCoder(codebook, blocks=LIGHT).fit(texts, wrong)
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "code 'joy'",
        "code 'soul'",
        "code 'storm'",
    ]
    assert "all 60 texts have it" in caught.value.faults[0]
    assert "not one of the codebook that a machine may propose" in caught.value.faults[1]


def test_texts_that_were_not_read_for_a_code_are_left_out_for_it():
    texts, y, groups = lesson()
    partly = y.copy()
    partly.loc[36:, "joy"] = np.nan
    coder = SupervisedCoder(blocks=LIGHT).fit(texts, partly, groups=groups)
    assert {c: (x.positives, x.texts) for c, x in coder.chosen_.items()} == {
        "strain": (20, 60),
        "joy": (12, 36),
    }


def test_where_nothing_can_be_learned_nothing_is_proposed():
    texts = ["the same text"] * 60
    y = pd.DataFrame({"strain": [1.0, 0.0] * 30})
    coder = SupervisedCoder(blocks=("words",)).fit(texts, y)
    assert coder.thresholds_ == {"strain": 1.0}
    assert coder.predict(texts).sum() == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blocks": ["word"]}, "blocks: expected some of words, characters"),
        ({"blocks": []}, "blocks: expected some of"),
        ({"rare": "drop"}, "rare='drop'; expected"),
        ({"rare": "similarity"}, "needs a codebook"),
        ({"grid": {"C": ()}}, r"grid: expected values of 'C' to choose from, came \(\)"),
        ({"grid": {"C": 1.0}}, "grid: expected values of 'C' to choose from, came 1.0"),
    ],
)
def test_settings_that_mean_nothing_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        SupervisedCoder(**settings)


def test_what_was_not_trained_says_so():
    coder = SupervisedCoder()
    assert repr(coder) == "<SupervisedCoder: not trained>"
    with pytest.raises(ValueError, match="call fit"):
        coder.predict_proba(["a"])


# ── features ────────────────────────────────────────────────────────────────────


def test_rule_hits_are_features_of_all_codes(codebook):
    texts, y, groups = lesson()
    coder = SupervisedCoder(codebook, blocks=("rules",)).fit(texts, y, groups=groups)
    assert coder.predict(["Drained once more.", "Laughing aloud."]).tolist() == [[1, 0], [0, 1]]
    assert "for it: the rules of strain" in coder.explain(["I am worn."])[0]["strain"]
    assert coder.codebook_version == codebook.version


def test_the_neighbours_of_a_sentence_are_features(codebook, cache):
    def embedding(texts):
        return [["worn" in text, "laugh" in text] for text in texts]

    texts = ["It was so."] * 40
    around = [f"{'I was worn' if row % 2 else 'We laugh'}. It was so." for row in range(40)]
    y = pd.DataFrame({"strain": [float(row % 2) for row in range(40)]})
    coder = SupervisedCoder(blocks=("words", "around"), embedding=embedding)
    coder.fit(texts, y, contexts=around)
    assert coder.uses_context
    segments = segments_of(cache, "I was worn. It was so.", "We laugh. It was so.")
    codings = code_segments(coder, segments, codebook)
    assert [c.document_id for c in codings if c.start] == ["R0"]
    assert "what stands around it" in next(c.evidence for c in codings if c.start)
    with pytest.raises(ValueError, match="pass contexts="):
        coder.predict_proba(["It was so."])


def test_without_contexts_none_are_asked_for(trained):
    assert not trained.uses_context


def test_any_estimator_of_scikit_learn_serves(codebook, cache):
    texts, y, groups = lesson()
    segments = segments_of(cache, "So worn and drained.")
    sparse = SupervisedCoder(estimator=LinearSVC(), grid={"C": [0.1, 1]}, blocks=("words",))
    dense = SupervisedCoder(estimator=GaussianNB(), blocks=("words",))
    for coder in (sparse, dense):
        coder.fit(texts, y, groups=groups, sample_weight=[1.0] * 60)
        (coding,) = code_segments(coder, segments, codebook)
        assert (coding.code_id, 0 < coding.score < 1) == ("strain", True)
    assert sparse.chosen_["strain"].settings["C"] in (0.1, 1)
    assert "for it:" not in dense.explain(["worn"])[0]["strain"]


def test_the_weight_of_a_text_counts():
    texts = ["worn out", "worn out", "bus ride", "bus ride"] * 12
    y = [[1], [0], [0], [0]] * 12
    chance = [
        SupervisedCoder(blocks=("words",), grid={"C": [1.0]})
        .fit(texts, y, codes=["strain"], sample_weight=[1, weight, 1, 1] * 12)
        ._learned["strain"]
        .model.intercept_[0]
        for weight in (0.1, 10)
    ]
    assert chance[0] != chance[1]


def test_with_exclusive_codes_a_text_gets_the_likeliest(codebook, cache):
    texts, y, groups = lesson()
    named = [*["strain"] * 4, *["joy"] * 4, *["rest"] * 4] * 5
    coder = SupervisedCoder(blocks=LIGHT, exclusive=True).fit(texts, named, groups=groups)
    scores = coder.predict_proba(["So worn.", "Purple."])
    assert scores.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert coder.predict(["So worn.", "Purple."]).sum(axis=1).tolist() == [1, 1]
    assert "divided by their sum and are not calibrated any more" in coder.told_
    assert "threshold" not in coder.told_.partition(";")[0]
    assert coder.explain(["So worn."])[0]["strain"].startswith("share ")
    two = SupervisedCoder(codebook, blocks=LIGHT, exclusive=True)
    two.fit(texts[:8] * 3, y[:8].loc[[*range(8)] * 3])
    codings = code_segments(two, segments_of(cache, "Purple.", "We laugh."), codebook)
    assert [c.document_id for c in codings] == ["R0", "R1"]
    both = code_segments(two, segments_of(cache, "Purple."), codebook, threshold=0)
    assert len(both) == 2
    with pytest.raises(TrainingDataError, match="20 texts have none or several codes"):
        SupervisedCoder(blocks=LIGHT, exclusive=True).fit(texts, y)


# ── what it gives away ──────────────────────────────────────────────────────────


def test_evidence_names_a_word_that_three_participants_used_and_no_other():
    texts, y, groups = lesson()
    texts = [
        f"{t} Zelda zelda" if g in ("P0", "P4") and s else t
        for t, g, s in zip(texts, groups, y["strain"], strict=True)
    ]
    coder = SupervisedCoder(blocks=("words",)).fit(texts, y, groups=groups)
    told = coder.explain(["worn zelda"])[0]["strain"]
    assert "word 'worn'" in told
    assert "a rare word" in told
    assert "zelda" not in told.lower()
    unknown = SupervisedCoder(blocks=("words",)).fit(texts, y)
    assert "worn" not in unknown.explain(["worn zelda"])[0]["strain"]


def test_a_trained_coder_is_never_written_to_a_file(trained):
    with pytest.raises(TypeError, match="holds words of participants"):
        pickle.dumps(trained)
    with pytest.raises(TypeError, match="not written to a file or copied"):
        copy.deepcopy(trained)


def test_its_settings_can_be_cloned(trained):
    fresh = clone(trained, safe=False)
    assert repr(fresh) == "<SupervisedCoder: not trained>"
    assert tuple(fresh.blocks) == LIGHT
