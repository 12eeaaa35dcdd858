"""Several coders as one: the mean of their scores.

Coders that err in different places correct one another. The more unlike they are (another
sentence model, words beside vectors), the more is gained; the same coder with another seed gives
next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reflect_analysis.coders.asking import name_of
from reflect_analysis.errors import CoderError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["MeanCoder"]


class MeanCoder:
    """Code by the mean of several coders' scores.

    Parameters
    ----------
    coders : sequence of Coder
        Two or more that name their codes (``codes_``), such as `FineTunedCoder` of two sentence
        models. Coders that are trained already can be given too; then `fit` is not called.

    Attributes
    ----------
    codes_ : tuple of str
        The codes that all of them have, in the order of the first.

    Raises
    ------
    ValueError
        If fewer than two coders are given.

    Notes
    -----
    Scores are averaged as they are, each coder counting alike: give coders whose scores mean
    the same. Shares of codes that exclude each other do not go together with scores of codes
    that are judged one by one.

    References
    ----------
    Kittler, J., Hatef, M., Duin, R. P. W., & Matas, J. (1998). On combining classifiers. IEEE
    Transactions on Pattern Analysis and Machine Intelligence, 20(3), 226–239 (the sum rule).
    """

    uses_context = True

    def __init__(self, coders: Sequence[Any]) -> None:
        if len(coders) < 2:  # noqa: PLR2004  # a mean of one is that one
            raise ValueError(f"coders: expected two or more, came {len(coders)}")
        self.coders = tuple(coders)

    @property
    def name(self) -> str:
        """The names of the coders, each once."""
        return " + ".join(dict.fromkeys(map(name_of, self.coders)))

    @property
    def exclusive(self) -> bool:
        """Whether all of them give one code a text."""
        return all(getattr(coder, "exclusive", False) for coder in self.coders)

    @property
    def model_(self) -> str:
        """The models behind them."""
        models = (getattr(coder, "model_", "") for coder in self.coders)
        return "; ".join(dict.fromkeys(filter(None, models)))

    @property
    def told_(self) -> str:
        """How they were trained, as a clause of the methods paragraph."""
        clauses = (getattr(coder, "told_", "") for coder in self.coders)
        told = "; ".join(dict.fromkeys(filter(None, clauses)))
        mean = f"the mean of the scores of {len(self.coders)} coders"
        return f"{mean} ({told})" if told else mean

    @property
    def codes_(self) -> tuple[str, ...]:
        """The codes that all of them have, in the order of the first."""
        first, *others = (tuple(coder.codes_) for coder in self.coders)
        shared = tuple(code for code in first if all(code in codes for codes in others))
        if not shared:
            raise CoderError(f"{self.name}: the coders have no code in common")
        return shared

    def fit(
        self,
        texts: Sequence[str],
        y: Any,
        *,
        contexts: Sequence[str] | None = None,
        sample_weight: Any = None,
        groups: Sequence[Any] | None = None,
        ids: Sequence[str] | None = None,
    ) -> MeanCoder:
        """Train each of them on the same texts.

        Parameters
        ----------
        texts, y, contexts, sample_weight, groups, ids
            As each coder's `fit` takes them; what is left out is not handed on.

        Raises
        ------
        TrainingDataError
            As the coders raise it.
        """
        given = {
            "contexts": contexts,
            "sample_weight": sample_weight,
            "groups": groups,
            "ids": ids,
        }
        given = {name: value for name, value in given.items() if value is not None}
        for coder in self.coders:
            coder.fit(texts, y, **given)
        return self

    def predict_proba(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> Array:
        """Mean scores, (n_texts, n_codes)."""
        import numpy as np

        scores: Array = np.mean([self._scores(each, texts, contexts) for each in self.coders], 0)
        return scores

    def _scores(self, coder: Any, texts: Sequence[str], contexts: Sequence[str] | None) -> Array:
        """One coder's scores in the columns of all."""
        import numpy as np

        given = {"contexts": contexts} if contexts is not None and _reads_contexts(coder) else {}
        scores = np.asarray(coder.predict_proba(texts, **given), dtype=float)
        return scores[:, [coder.codes_.index(code) for code in self.codes_]]

    def explain(
        self, texts: Sequence[str], contexts: Sequence[str] | None = None
    ) -> list[dict[str, str]]:
        """For every text, by code: what each of them says, with its name."""
        told: list[dict[str, str]] = [{} for _ in texts]
        for number, coder in enumerate(self.coders, start=1):
            explain = getattr(coder, "explain", None)
            if explain is None:
                continue
            given = (
                {"contexts": contexts} if contexts is not None and _reads_contexts(coder) else {}
            )
            for row, reasons in zip(told, explain(texts, **given), strict=True):
                for code, reason in reasons.items():
                    said = f"{number} ({name_of(coder)}): {reason}"
                    row[code] = f"{row[code]}; {said}" if code in row else said
        return told

    def __repr__(self) -> str:
        return f"<MeanCoder: {', '.join(map(repr, self.coders))}>"


def _reads_contexts(coder: Any) -> bool:
    return bool(getattr(coder, "uses_context", False))
