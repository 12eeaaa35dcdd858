"""The mean of several coders is a coder."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.multioutput import MultiOutputClassifier

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders import MeanCoder, SupervisedCoder, code_segments
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import CoderError
from reflect_analysis.segmentation import segment

BOOK = Codebook(
    (Code("tired", "Tired", "No strength left.", "g"), Code("glad", "Glad", "Joy.", "g")),
    (Group("g", "Feeling"),),
)


class Fixed:
    """Gives the same scores to every text."""

    def __init__(self, codes, row, *, name, reason=""):
        self.codes_, self.row, self.name, self.reason = codes, row, name, reason
        self.fitted = None

    def fit(self, texts, y, *, groups=None):
        self.fitted = (tuple(texts), groups)
        return self

    def predict_proba(self, texts):
        return np.tile(self.row, (len(texts), 1))

    def explain(self, texts):
        return [dict.fromkeys(self.codes_, self.reason) for _ in texts]


@pytest.fixture
def both():
    one = Fixed(("tired", "glad"), (0.2, 0.6), name="one", reason="near row 3")
    other = Fixed(("glad", "tired"), (0.8, 0.4), name="other", reason="word weights")
    return MeanCoder([one, other])


def test_scores_are_the_mean_column_by_column_whatever_their_order(both):
    assert both.codes_ == ("tired", "glad")
    assert both.predict_proba(["a", "b"]) == pytest.approx(np.array([[0.3, 0.7]] * 2))


def test_evidence_says_which_coder_said_what(both):
    assert both.explain(["a"])[0]["glad"] == "1 (one): near row 3; 2 (other): word weights"


def test_fit_hands_on_what_was_given_and_nothing_else(both):
    both.fit(["a", "b"], [[0, 1], [1, 0]], groups=["P1", "P2"])
    assert [coder.fitted for coder in both.coders] == [(("a", "b"), ["P1", "P2"])] * 2


def test_it_codes_at_the_edge_like_any_coder(both):
    document = Document("D1", "I was so glad.")
    corpus = Corpus((document,), clearances=(Clearance(document.sha256, "lead", "read"),))
    found = code_segments(both, segment(corpus, by="sentence"), BOOK)
    assert [(c.code_id, c.score, c.coder) for c in found] == [
        ("glad", pytest.approx(0.7), "one + other")
    ]
    assert "2 (other)" in found.codings[0].evidence


def test_coders_without_a_common_code_are_an_error():
    odd = MeanCoder([Fixed(("a",), (1,), name="x"), Fixed(("b",), (1,), name="y")])
    with pytest.raises(CoderError, match="no code in common"):
        odd.predict_proba(["t"])
    with pytest.raises(ValueError, match="two or more"):
        MeanCoder([Fixed(("a",), (1,), name="x")])


def test_two_learners_are_averaged():
    texts = [f"I was tired and worn {i}" for i in range(12)] + [
        f"We laughed {i}" for i in range(12)
    ]
    y = np.array([[1, 0]] * 12 + [[0, 1]] * 12)
    coders = [SupervisedCoder(BOOK, folds=2, blocks=[each]) for each in ("words", "characters")]
    mean = MeanCoder(coders).fit(texts, pd.DataFrame(y, columns=["tired", "glad"]))
    parts = [coder.predict_proba(["so tired"]) for coder in mean.coders]
    assert mean.predict_proba(["so tired"]) == pytest.approx(np.mean(parts, axis=0))
    assert mean.told_.startswith("the mean of the scores of 2 coders")


def test_a_code_that_was_never_seen_in_training_gets_no_chance():
    texts = np.zeros((4, 1))
    several = MultiOutputClassifier(DummyClassifier(strategy="prior"))
    several.fit(texts, np.array([[0, 1], [0, 0], [0, 1], [0, 1]]))

    class Wrapped:
        codes_ = ("tired", "glad")
        classes_ = several.classes_

        def fit(self, texts, y):
            raise NotImplementedError

        def predict_proba(self, texts):
            return several.predict_proba(np.zeros((len(texts), 1)))

    document = Document("D1", "I was so glad.")
    corpus = Corpus((document,), clearances=(Clearance(document.sha256, "lead", "read"),))
    found = code_segments(Wrapped(), segment(corpus, by="sentence"), BOOK)
    assert [(c.code_id, c.score) for c in found] == [("glad", 0.75)]
