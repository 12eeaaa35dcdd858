"""`SupervisedCoder`: one classifier a code, learned from people's codings.

Words, characters, sentence vectors, rule hits and likeness to the codebook are seen together.
What is chosen (regularisation, blocks of features, calibration, threshold) is chosen on texts
that the classifier did not learn from, in folds split by participant: a participant has a way
of writing, and who learned it from one text knows it in the next. How good a coder is is *not*
told by these folds, for they chose it: `evaluate` fits it anew in folds of its own around them.

A trained coder is never written to a file: it holds words of participants, and reading such a
file runs whatever is in it. With the same codings and `random_state` it is the same coder.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.features import BLOCKS, Block, Features
from reflect_analysis.coders.learning import Chosen, Learned, Learner
from reflect_analysis.coders.lessons import Lesson, check_positives, check_texts, read_lesson
from reflect_analysis.coders.reasons import heaviest
from reflect_analysis.coders.semantic import SemanticCoder
from reflect_analysis.coders.settings import Settings
from reflect_analysis.coders.similarity import Embedding, embedding_name

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Array = npt.NDArray[np.float64]

__all__ = ["SupervisedCoder"]

Rare = Literal["refuse", "skip", "similarity"]
RARE: tuple[Rare, ...] = ("refuse", "skip", "similarity")


class SupervisedCoder(Settings):
    """Learn codes from people's codings, a classifier a code.

    Parameters
    ----------
    codebook : Codebook, optional
        With it rule hits and likeness to the codebook are features too.
    estimator : scikit-learn classifier, optional
        In place of logistic regression with balanced classes; cloned for every code. Its own
        settings stand, unless `grid` names some.
    grid : mapping of str to sequence, optional
        Settings of the estimator to choose from; by default ``{"C": (1, 10)}`` for the default
        estimator, and none for another.
    blocks : sequence of str
        Features to choose from: ``"words"``, ``"characters"``, ``"vectors"``, ``"rules"``,
        ``"similarity"``, ``"form"``, ``"around"`` (the sentence's neighbours). Patterns that
        were written, or mended, on the very texts that are learned from hit these better than
        others, and so do examples that were taken from them: the coder leans on ``"rules"`` and
        ``"similarity"`` more than they deserve on new texts, and folds within these texts do not
        show it. Learn from other texts than the patterns were written on, or leave the two out.
    rare : {"refuse", "skip", "similarity"}
        What is done with a code of fewer than 10 positives: `fit` raises; or the code is left
        out and stands in `refused_`; or `SemanticCoder` codes it, by *similarity*.
    exclusive : bool
        One code a text: scores are made to sum to 1, so that they are calibrated no more, and
        only the likeliest code is proposed.
    embedding : str, Path or callable, optional
        As in `SemanticCoder`.
    folds : int
    random_state : int
    cache : Cache, optional
        Where parses and vectors are kept; by default `default_cache()`.
    progress : callable, optional
        Called with the number of codes learned and their total.

    Attributes
    ----------
    codes_ : tuple of str
        The codes that it proposes, a column each.
    thresholds_ : dict of str to float
    chosen_ : mapping of str to Chosen
    refused_ : mapping of str to int
        Codes with fewer than 10 positives, with their positives.
    similar_ : tuple of str
        Those of them that are coded by similarity.
    grouped_ : bool
        Whether folds were split by participant; a code that no two participants have, or lack,
        is not split (`chosen_` says in how many folds).
    ids_ : tuple of str
        The ids of the texts that it learned from, where `fit` was given them: what
        ``evaluate(…, trained_on=coder.ids_)`` keeps out of the measure.
    uses_context : bool
        Whether `predict_proba` asks for ``contexts=``.

    Examples
    --------
    >>> texts = ["worn out again", "so very tired", "we laughed a lot", "a good walk"] * 6
    >>> y = [[1], [1], [0], [0]] * 6
    >>> coder = SupervisedCoder(blocks=["words"]).fit(texts, y, codes=["strain"])
    >>> coder
    <SupervisedCoder: 1 codes from 24 texts, not split by participant>
    >>> (coder.predict_proba(["tired again", "a walk"]) >= coder.thresholds_["strain"]).tolist()
    [[True], [False]]
    """

    name: ClassVar[str] = "supervised"

    def __init__(  # noqa: PLR0913  # the settings of an estimator
        self,
        codebook: Codebook | None = None,
        *,
        estimator: Any = None,
        grid: Mapping[str, Sequence[Any]] | None = None,
        blocks: Sequence[Block] = BLOCKS,
        rare: Rare = "refuse",
        exclusive: bool = False,
        embedding: Embedding = None,
        folds: int = 5,
        random_state: int = 0,
        cache: Cache | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.codebook = codebook
        self.estimator = estimator
        self.grid = grid
        self.blocks = blocks
        self.rare = rare
        self.exclusive = exclusive
        self.embedding = embedding
        self.folds = folds
        self.random_state = random_state
        self.cache = cache
        self.progress = progress
        self._check_settings()

    def _check_settings(self) -> None:
        unknown = [block for block in self.blocks if block not in BLOCKS]
        if unknown or not self.blocks:
            raise ValueError(f"blocks: expected some of {', '.join(BLOCKS)}; came {self.blocks!r}")
        for name, values in (self.grid or {}).items():
            if isinstance(values, str) or not hasattr(values, "__len__") or not len(values):
                raise ValueError(
                    f"grid: expected values of {name!r} to choose from, came {values!r}"
                )
        if self.rare not in RARE:
            raise ValueError(f"rare={self.rare!r}; expected 'refuse', 'skip' or 'similarity'")
        if self.rare == "similarity" and (self.codebook is None or self.exclusive):
            raise ValueError(
                "rare='similarity' needs a codebook, and cannot go with exclusive=True: "
                "similarities and probabilities cannot be compared"
            )

    # ── what it says of itself ──

    def __repr__(self) -> str:
        if not hasattr(self, "trained_"):
            return "<SupervisedCoder: not trained>"
        told = f"<SupervisedCoder: {len(self.codes_)} codes from {self.trained_} texts, "
        split = any(chosen.folds for chosen in self.chosen_.values())
        by = "split by participant" if self.grouped_ else "not split by participant"
        told += by if split else "not split"
        if self.refused_:
            few = ", ".join(f"{code} ({count})" for code, count in self.refused_.items())
            told += f"; {'by similarity' if self.similar_ else 'refused'}: {few}"
        return f"{told}>"

    @property
    def codebook_version(self) -> str:
        """Version of the codebook whose rules and words are features."""
        if self.codebook is None:
            raise AttributeError("made without a codebook")
        return self.codebook.version

    @property
    def model_(self) -> str:
        """Name and hash of the model of the vectors."""
        return embedding_name(self.embedding)

    @property
    def uses_context(self) -> bool:
        """Whether `predict_proba` asks for what stands around the texts."""
        return "around" in getattr(self, "_used", ())

    @property
    def gives_probabilities(self) -> bool:
        """Whether all scores are probabilities; with ``exclusive=True`` they are not calibrated."""
        return not getattr(self, "similar_", ())

    @property
    def thresholds_(self) -> dict[str, float]:
        """The score from which each code is proposed."""
        if self.exclusive:  # the likeliest code is proposed, however likely it is
            return dict.fromkeys(self._trained(), 0.0)
        found = {code: learned.chosen.threshold for code, learned in self._trained().items()}
        if self._semantic is not None:
            found |= {code: self._semantic.thresholds_[code] for code in self.similar_}
        return {code: found[code] for code in self.codes_}

    @property
    def chosen_(self) -> Mapping[str, Chosen]:
        """What was chosen for each code that was learned."""
        return MappingProxyType({c: learned.chosen for c, learned in self._trained().items()})

    @property
    def told_(self) -> str:
        """How it was trained, for the methods paragraph."""
        split = "by participant" if self.grouped_ else "by text, not by participant"
        whole = [code for code, chosen in self.chosen_.items() if not chosen.folds]
        what = "settings" if self.exclusive else "settings and thresholds"
        same = "settings not chosen, and calibrated and given a threshold on the texts learned from"
        told = f"trained on {self.trained_:,} texts, "
        if len(whole) == len(self.chosen_):
            told += f"not split in folds: {same}"
        else:
            told += f"with {what} chosen in folds split {split}"
            told += f" ({', '.join(whole)} not split: {same})" if whole else ""
        if self.exclusive:
            told += (
                "; of each text the likeliest code is proposed, by probabilities that were divided "
                "by their sum and are not calibrated any more"
            )
        if not self.refused_:
            return told
        few = ", ".join(f"{code} ({count} positives)" for code, count in self.refused_.items())
        return f"{told}; {few} {'coded by similarity' if self.similar_ else 'not learned'}"

    def _trained(self) -> dict[str, Learned]:
        if not hasattr(self, "trained_"):
            raise ValueError("this coder has learned nothing yet: call fit(texts, y, groups=…)")
        return self._learned

    # ── learning ──

    def fit(
        self,
        texts: Sequence[str],
        y: Any,
        *,
        groups: Sequence[Hashable] | None = None,
        contexts: Sequence[str] | None = None,
        sample_weight: Any = None,
        codes: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
    ) -> SupervisedCoder:
        """Learn from texts and what people coded in them; see `training_set`.

        Parameters
        ----------
        texts : sequence of str
        y : DataFrame, array of shape (n_texts, n_codes), or sequence of str
            1 coded, 0 read and not coded, NaN not read: such a text is left out for that code.
            Or one code id a text.
        groups : sequence, optional
            The participant of every text. Without it the folds are split by text, and the
            result says so (`grouped_`).
        contexts : sequence of str, optional
            The passage in which every text stands (`contexts_of`).
        sample_weight : sequence of float, optional
            How much a text counts in learning; in calibration and thresholds all count alike.
        codes : sequence of str, optional
            What the columns of an array are; by default the codes of the codebook that a
            machine may propose.
        ids : sequence of str, optional
            What the texts are called in `ids_`; what this coder gives as evidence names no text.

        Returns
        -------
        SupervisedCoder
            Itself.

        Raises
        ------
        TrainingDataError
            With every fault: a code of fewer than 10 positives, of one class, or that no
            machine may propose; labels that are not 0, 1 or NaN.
        """
        self._check_settings()
        lesson = read_lesson(
            texts,
            y,
            codes=codes,
            known=self._able(),
            groups=groups,
            contexts=contexts,
            sample_weight=sample_weight,
            ids=ids,
        )
        few = check_positives(
            lesson, able=self._able(), exclusive=self.exclusive, rare=self.rare, ways=RARE
        )
        learnt = [code for code in lesson.codes if code not in few]
        self.__dict__.pop("trained_", None)
        self._features = Features(self.codebook, embedding=self.embedding, cache=self.cache)
        features = self._features.fit(
            texts, blocks=self.blocks, contexts=contexts, groups=lesson.groups
        )
        self._used = tuple(self._features.columns)
        learner = Learner(self.estimator, self.grid, self.folds, self.random_state)
        self._learned = {}
        for number, code in enumerate(learnt, 1):
            self._learned[code] = learner.learn(features, lesson, code, self._features)
            if self.progress is not None:
                self.progress(number, len(learnt))
        self._settle(lesson, few, learnt)
        self.ids_ = lesson.ids if ids is not None else ()
        return self

    def _settle(self, lesson: Lesson, few: dict[str, int], learnt: list[str]) -> None:
        """What was learned, as attributes; the rest by similarity where that is wanted."""
        by_similarity = self.rare == "similarity" and few
        self.similar_ = tuple(few) if by_similarity else ()
        self._semantic = self._by_similarity(lesson, few) if by_similarity else None
        self.codes_ = tuple(c for c in lesson.codes if c in learnt or c in self.similar_)
        self.refused_: Mapping[str, int] = MappingProxyType(few)
        self.grouped_ = lesson.groups is not None
        self.trained_ = len(lesson.texts)

    def _able(self) -> tuple[str, ...] | None:
        """The codes that a machine may propose, where there is a codebook."""
        if self.codebook is None:
            return None
        return tuple(code.id for code in self.codebook.machine_codes())

    def _by_similarity(self, lesson: Lesson, few: Iterable[str]) -> SemanticCoder:
        if self.codebook is None:
            raise ValueError("rare='similarity' needs a codebook")
        coder = SemanticCoder(
            self.codebook,
            embedding=self.embedding,
            folds=self.folds,
            random_state=self.random_state,
            cache=self.cache,
        )
        columns = [lesson.codes.index(code) for code in few]
        import pandas as pd

        y = pd.DataFrame(lesson.y[:, columns], columns=list(few))
        return coder.fit(lesson.texts, y, groups=lesson.groups)

    # ── use ──

    def predict_proba(
        self, texts: Sequence[str], *, contexts: Sequence[str] | None = None
    ) -> Array:
        """Calibrated probabilities, (n_texts, n_codes); for codes of `similar_` similarities.

        With ``exclusive=True`` they are divided by their sum over the codes, which leaves their
        order in a text as it was and calibrates nothing: they are shares, not chances.

        Parameters
        ----------
        texts : sequence of str
        contexts : sequence of str, optional
            Asked for where it was trained with them.
        """
        return self._scores(texts, self._seen(texts, contexts))

    def predict(
        self, texts: Sequence[str], *, contexts: Sequence[str] | None = None
    ) -> npt.NDArray[np.int_]:
        """1 where a code is proposed at its own threshold, else 0, (n_texts, n_codes)."""
        scores = self.predict_proba(texts, contexts=contexts)
        if self.exclusive:
            return np.asarray(np.eye(len(self.codes_), dtype=int)[scores.argmax(axis=1)])
        limits = np.array([self.thresholds_[code] for code in self.codes_])
        return np.asarray(scores >= limits, dtype=int)

    def explain(
        self, texts: Sequence[str], *, contexts: Sequence[str] | None = None
    ) -> list[dict[str, str]]:
        """For every text and code the score and what weighed most for it.

        A word is named where at least 3 participants used it in training; another is "a rare
        word". An estimator without ``coef_`` gives no weights, and its codes no evidence.
        """
        features = self._seen(texts, contexts)
        scores, limits = self._scores(texts, features), self.thresholds_
        found: list[dict[str, str]] = [{} for _ in texts]
        for code, learned in self._trained().items():
            column = self.codes_.index(code)
            parts = heaviest(
                learned.model, features[:, learned.columns], learned.columns, self._features.labels
            )
            for row, part in enumerate(parts):
                score = f"probability {scores[row, column]:.2f}, threshold {limits[code]:.2f}"
                if self.exclusive:
                    score = f"share {scores[row, column]:.2f} among {len(self.codes_)} codes"
                found[row][code] = f"{score}; for it: {part}" if part else score
        if self._semantic is not None:
            for row, told in enumerate(self._semantic.explain(texts)):
                found[row] |= {code: told[code] for code in self.similar_}
        return found

    def _seen(self, texts: Sequence[str], contexts: Sequence[str] | None) -> csr_matrix:
        check_texts(texts, contexts)
        self._trained()
        if self.uses_context and contexts is None:
            raise ValueError(
                "trained with the passage around each text: pass contexts= (contexts_of(segments))"
            )
        return self._features.transform(texts, contexts)

    def _scores(self, texts: Sequence[str], features: csr_matrix) -> Array:
        scores = np.zeros((len(texts), len(self.codes_)))
        for code, learned in self._trained().items():
            scores[:, self.codes_.index(code)] = learned.probabilities(features)
        if self._semantic is not None:
            similar = self._semantic.predict_proba(texts)
            for code in self.similar_:
                column = self._semantic.codes_.index(code)
                scores[:, self.codes_.index(code)] = similar[:, column]
        if self.exclusive:
            scores /= np.maximum(scores.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        return scores
