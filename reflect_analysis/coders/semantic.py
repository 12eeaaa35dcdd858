"""`SemanticCoder`: codes by how alike a text is to what the codebook says of a code.

For a codebook that has examples and no codings yet. Its score is a *similarity*, less the mean
of that to the other codes: it has no unit, it differs from code to code, it changes where codes
are added to the codebook, and it is no probability. What it proposes is weak beside rules or
beside a coder that has learned; where people have coded, `fit` sets a threshold for each code.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.calibration import folds_of, steady_threshold
from reflect_analysis.coders.settings import Settings
from reflect_analysis.coders.similarity import Embedding, Likeness, embedding_name
from reflect_analysis.coders.training import Lesson, check_texts, read_lesson
from reflect_analysis.errors import CodebookError, TrainingDataError, raise_all

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["SemanticCoder"]

# Without codings: what is more alike than 99 of 100 examples of the other codes. On the
# demonstration 95 of 100 gave twice as many proposals and agreed no better.
SHARE = 0.99
# Where the codebook has no other examples to compare with: the cosine of loosely related texts.
ALONE = 0.35
# A threshold from fewer positives than these would be one person's sentence.
FEWEST = 3


class SemanticCoder(Settings):
    """Code by similarity to the definition, the inclusions and the examples of each code.

    The score of a text for a code is *near − missed − others*:

    - *near* is the mean cosine of the text with the two sentences of the code (its definition,
      inclusions and examples) that are nearest to it, or with the one that there is;
    - *missed* is by how much the nearest counter-example of the code is nearer than the nearest
      of these sentences, and 0 where it is not, or where there is none;
    - *others* is the mean of *near* over all other codes that a machine may propose, and 0 where
      there is no other. So a text that is alike to everything is alike to nothing.

    Parameters
    ----------
    codebook : Codebook
    embedding : str, Path or callable, optional
        Folder of a sentence-transformers model on this machine, or a function from texts to
        vectors (n_texts, n); by default the packaged all-MiniLM-L6-v2, which reads English.
    folds : int
        How many parts of the participants are told apart when thresholds are set.
    random_state : int
    cache : Cache, optional
        Where vectors are kept; by default `default_cache()`.

    Attributes
    ----------
    codes_ : tuple of str
        The codes that a machine may propose.
    thresholds_ : mapping of str to float
        The similarity from which a code is proposed. Before `fit`, and for a code with fewer
        than 3 positives: what 99 of 100 examples of the other codes (and the code's own
        counter-examples) stay under. After it, what agrees best with people by Cohen's κ, as
        the median over folds of participants.
    uncalibrated_ : mapping of str to int
        Codes whose threshold is still the codebook's, with their positives.
    grouped_ : bool
        Whether thresholds were set by folds of participants.
    whole_ : tuple of str
        Codes whose texts could not be split in folds: one participant has all of them, or all
        the others. Their thresholds were set on all texts at once.

    Raises
    ------
    CodebookError
        If the codebook has no code that a machine may propose.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Group
    >>> codebook = Codebook(
    ...     (
    ...         Code("rain", "Rain", "It rains.", "sky", examples=("Rain falls.",)),
    ...         Code("sun", "Sun", "The sun shines.", "sky", examples=("So much sun.",)),
    ...     ),
    ...     (Group("sky", "Sky"),),
    ... )
    >>> def embedding(texts):
    ...     return [["rain" in text.lower(), "sun" in text.lower()] for text in texts]
    >>> coder = SemanticCoder(codebook, embedding=embedding)
    >>> coder.predict_proba(["more rain", "no sun"]).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    >>> coder.explain(["more rain"])[0]["rain"]
    'similarity 1.00, threshold -1.00; nearest: the definition of rain (cosine 1.00)'
    """

    name: ClassVar[str] = "similarity"
    # Its scores are similarities: nothing may print them as probabilities.
    gives_probabilities: ClassVar[bool] = False

    def __init__(
        self,
        codebook: Codebook,
        *,
        embedding: Embedding = None,
        folds: int = 5,
        random_state: int = 0,
        cache: Cache | None = None,
    ) -> None:
        self.codebook = codebook
        self.embedding = embedding
        self.folds = folds
        self.random_state = random_state
        self.cache = cache
        self.codes_ = tuple(code.id for code in codebook.machine_codes())
        if not self.codes_:
            raise CodebookError("the codebook has no code that a machine may propose")
        self.uncalibrated_: Mapping[str, int] = MappingProxyType(dict.fromkeys(self.codes_, 0))
        self.grouped_ = False
        self.whole_: tuple[str, ...] = ()
        self._likeness: Likeness | None = None
        self._fitted: dict[str, float] = {}
        self._texts = 0

    def __repr__(self) -> str:
        set_by = len(self.codes_) - len(self.uncalibrated_)
        how = f"{set_by} thresholds set on {self._texts} texts" if set_by else "not calibrated"
        return f"<SemanticCoder: similarity to {len(self.codes_)} codes, {how}>"

    @property
    def codebook_version(self) -> str:
        """Version of the codebook whose words are compared."""
        return self.codebook.version

    @property
    def model_(self) -> str:
        """Name and hash of the model of the vectors."""
        return embedding_name(self.embedding)

    @property
    def thresholds_(self) -> dict[str, float]:
        """The similarity from which each code is proposed."""
        from_codebook = self._read().own_thresholds(SHARE)
        return {c: self._fitted.get(c, from_codebook.get(c, ALONE)) for c in self.codes_}

    @property
    def told_(self) -> str:
        """How thresholds were set, for the methods paragraph."""
        set_by = len(self.codes_) - len(self.uncalibrated_)
        rest = "thresholds taken from the codebook's own examples"
        if not set_by:
            return f"scores are similarities, {rest}"
        told = f"scores are similarities, thresholds of {set_by} codes set on human codings "
        told += f"({self._split_in_words()})"
        return f"{told}, the other {rest}" if self.uncalibrated_ else told

    def _split_in_words(self) -> str:
        """How texts were told apart when thresholds were set."""
        if len(self.whole_) == len(self._fitted):
            return "on all texts at once, not in folds"
        split = "by participant" if self.grouped_ else "by text, not by participant"
        whole = f"; {', '.join(self.whole_)} on all texts at once" if self.whole_ else ""
        return split + whole

    def fit(
        self,
        texts: Sequence[str],
        y: Any,
        *,
        groups: Sequence[Hashable] | None = None,
    ) -> SemanticCoder:
        """Set the threshold of each code on human codings; nothing else is learned.

        Parameters
        ----------
        texts : sequence of str
        y : DataFrame or array of shape (n_texts, n_codes)
            1 coded, 0 read and not coded, NaN not read. A frame names the codes by its
            columns; the columns of an array are `codes_`.
        groups : sequence, optional
            The participant of every text.

        Raises
        ------
        TrainingDataError
            With every fault.
        """
        lesson = read_lesson(texts, y, codes=self.codes_, groups=groups)
        unknown = sorted(set(lesson.codes).difference(self.codes_))
        raise_all(
            TrainingDataError, [f"code {u!r}: not one that a machine may propose" for u in unknown]
        )
        scores = self.predict_proba(texts)
        self._fitted = {}
        for code in lesson.codes:
            threshold = self._threshold(lesson, code, scores[:, self.codes_.index(code)])
            if threshold is not None:
                self._fitted[code] = threshold
        left = {c: lesson.positives(c) for c in self.codes_ if c not in self._fitted}
        self.uncalibrated_ = MappingProxyType(left)
        self.whole_ = tuple(code for code in self._fitted if not self._splits(lesson, code))
        self.grouped_ = groups is not None and len(self.whole_) < len(self._fitted)
        self._texts = len(texts)
        return self

    def _splits(self, lesson: Lesson, code: str) -> bool:
        """Whether the texts of a code can be split in folds."""
        rows = lesson.rows_of(code)
        groups = lesson.groups_of(rows)
        parts = folds_of(lesson.of(code)[rows], groups, self.folds, self.random_state)
        return next(iter(parts), None) is not None

    def _threshold(self, lesson: Lesson, code: str, scores: Array) -> float | None:
        rows = lesson.rows_of(code)
        y = lesson.of(code)[rows]
        if y.sum() < FEWEST or y.sum() == len(y):
            return None
        groups = lesson.groups_of(rows)
        return steady_threshold(
            scores[rows], y, groups=groups, folds=self.folds, random_state=self.random_state
        )

    def predict_proba(self, texts: Sequence[str]) -> Array:
        """Similarities, (n_texts, n_codes), about −1 to 1: scikit-learn's name, no probability."""
        check_texts(texts)
        return self._read().of_texts(texts)

    def explain(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """For every text and code the similarity and what of the codebook is nearest."""
        limits = self.thresholds_
        scores = self.predict_proba(texts)
        nearest = self._read().nearest(texts)
        return [
            {
                code: f"similarity {row[column]:.2f}, threshold {limits[code]:.2f}; "
                f"nearest: {near[code][0]} (cosine {near[code][1]:.2f})"
                for column, code in enumerate(self.codes_)
            }
            for row, near in zip(scores, nearest, strict=True)
        ]

    def _read(self) -> Likeness:
        """The codebook as vectors, made at the first use."""
        if self._likeness is None:
            self._likeness = Likeness(self.codebook, self.embedding, self.cache)
        return self._likeness
