"""Words and characters beside the model: a linear classifier whose scores are blended in.

Words and characters are hashed, so that a saved coder holds none in letters. That hides no
word from who looks for it: whoever has the numbers can hash a word of their own and see whether
it stood in the texts. A saved coder is kept where the texts are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.coders.fine_tuned.passages import readable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Lexical", "learn_lexical"]

COLUMNS = 2**18
# Inverse strength of the penalty, as is usual for unit rows of many columns; not tuned.
STRENGTH = 4.0
ROUNDS = 300
# A word that stands in one text alone tells two texts apart and no codes.
LEAST_TEXTS = 2
# Words with question, exclamation and other marks as words of their own.
WORD = r"(?u)\b\w+\b|[?!.:)(]+"


@dataclass(frozen=True, slots=True)
class Lexical:
    """Weights by hashed word or character sequence.

    `columns` (n_kept,) are the kept columns of the hash, `rarity` (n_kept,) their inverse
    document frequency, `coefficients` (n_codes, n_kept), `intercepts` (n_codes,).
    """

    columns: npt.NDArray[np.int64]
    rarity: npt.NDArray[np.float32]
    coefficients: npt.NDArray[np.float32]
    intercepts: npt.NDArray[np.float32]

    def scores(self, texts: Sequence[str], *, exclusive: bool) -> Array:
        """Probabilities, (n_texts, n_codes)."""
        import numpy as np
        from scipy.special import expit, softmax

        found = _weighed(_counted(texts)[:, self.columns], self.rarity)
        logits = np.asarray(found @ self.coefficients.T.astype(float)) + self.intercepts
        answer: Array = softmax(logits, axis=1) if exclusive else expit(logits)
        return answer

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """Its numbers by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, weights: Mapping[str, npt.NDArray[Any]]) -> Lexical:
        """From numbers by name."""
        return cls(**{name: weights[name] for name in cls.__slots__})


def learn_lexical(
    texts: Sequence[str], targets: Array, weights: Array, *, exclusive: bool, balance: float
) -> Lexical:
    """Learn which words and characters go with which codes.

    `targets` is (n_texts, n_codes) of 0, 1 and NaN: a text that was not read for a code is left
    out for it.
    """
    import numpy as np

    counts = _counted(texts)
    spread = np.asarray((counts > 0).sum(axis=0)).ravel()
    columns = np.flatnonzero(spread >= LEAST_TEXTS)
    rarity = (np.log((1 + len(texts)) / (1 + spread[columns])) + 1).astype(np.float32)
    features = _weighed(counts[:, columns], rarity)
    answers = [targets.argmax(axis=1)] if exclusive else list(targets.T)
    fitted = [_linear(features, each, weights, balance) for each in answers]
    coefficients = np.vstack([each[0] for each in fitted]).astype(np.float32)
    intercepts = np.concatenate([each[1] for each in fitted]).astype(np.float32)
    if exclusive and targets.shape[1] == 2:  # noqa: PLR2004  # one row of weights tells two codes apart
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    return Lexical(columns, rarity, coefficients, intercepts)


def _linear(
    features: Any, given: npt.NDArray[Any], weights: Array, balance: float
) -> tuple[Array, Array]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    read = np.flatnonzero(~np.isnan(given))
    features, weights, answers = features[read], weights[read], given[read].astype(int)
    counts = np.bincount(answers)
    shares = (counts.mean() / np.maximum(counts, 1)) ** balance
    model = LogisticRegression(C=STRENGTH, max_iter=ROUNDS)
    model.fit(features, answers, sample_weight=weights * shares[answers])
    return model.coef_, model.intercept_


def _counted(texts: Sequence[str]) -> Any:
    """Counts of hashed words (one and two) and characters (two to five), a row a text."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    shared: dict[str, Any] = {"n_features": COLUMNS, "alternate_sign": False, "norm": None}
    words = HashingVectorizer(ngram_range=(1, 2), token_pattern=WORD, **shared)
    characters = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **shared)
    read = [readable(text) for text in texts]
    return hstack([words.transform(read), characters.transform(read)]).tocsr()


def _weighed(counts: Any, rarity: npt.NDArray[np.float32]) -> Any:
    """Sublinear counts times rarity, rows of unit length."""
    import numpy as np
    from sklearn.preprocessing import normalize

    found = counts.astype(float)
    found.data = 1 + np.log(found.data)
    return normalize(found.multiply(rarity).tocsr())
