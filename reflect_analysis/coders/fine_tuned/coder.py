"""The coder itself: settings, learned state, and the verbs that every coder has."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.fine_tuned.files import read_coder, write_coder
from reflect_analysis.coders.fine_tuned.learned import Learned, Settings, learn
from reflect_analysis.coders.lessons import check_positives, check_texts, read_lesson
from reflect_analysis.embeddings import model_name
from reflect_analysis.errors import CoderError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["FineTunedCoder"]

Rare = Literal["refuse", "skip"]
RARE: tuple[Rare, ...] = ("refuse", "skip")


class FineTunedCoder:
    """Train the sentence model itself on people's codings, then code by it.

    Parameters
    ----------
    codes : sequence of str, optional
        Code ids, one a column of `y`; not needed where `y` names them.
    codebook : Codebook, optional
        With it a code that no machine may propose is refused, and its version is kept. Nothing
        of its words is learned.
    rare : {"refuse", "skip"}
        What is done with a code of fewer than 10 positives: `fit` raises; or the code is left
        out and stands in `refused_`. There is no falling back to similarity, as in
        `SupervisedCoder`: a saved coder holds no codebook to be like.
    exclusive : bool
        One code a text, so that scores sum to 1; else every code is judged by itself.
    method : {"auto", "contrastive", "full"}
        Learn from codes alone (``"full"``), or also from pairs of texts that share codes or do
        not (``"contrastive"``). ``"auto"`` is ``"full"``: pairs gave no gain where they were
        measured, with 50 texts a code.
    epochs : int, optional
        How often each text is seen; by default 10 times below 1,000 texts, else 3.
    learning_rate : float, optional
        Of the highest layer; by default 2e-4 below 1,000 texts, else 1e-4.
    members : int
        How many times the training is done with other random numbers; scores are the mean.
        Costs as many times the time and steadies the scores; on 5,200 sentences of diaries
        three were no more accurate than one.
    lexical : float in [0, 1]
        Share in the scores of a linear classifier on words and characters.
    window : int
        Words before and after a text that are read along where `fit` is given contexts. On
        sentences of diaries they tripled the time and gave nothing.
    balance : float in [0, 1]
        0: every text counts alike. 1: every code does, which favours rare codes.
    smoothing : float in [0, 1)
        Share of each label's certainty that is spread over the other answers: people err.
    batch : int
        Texts between two steps of the training.
    model : str or Path, optional
        Folder of another sentence model with layers as BERT has them.
    seed : int
    device : str, optional
        ``"cpu"`` or ``"cuda"``; by default a GPU where there is one.
    progress : callable, optional
        Called with the number of texts done and their total while training: ``epochs`` times
        ``members`` times the number of texts.

    Attributes
    ----------
    codes_ : tuple of str
    model_ : str
        Name and hash of the sentence model and of what was learned.
    refused_ : mapping of str to int
        Codes with fewer than 10 positives, with their positives.
    method_ : str
        Which way was taken.
    n_texts_ : int
    ids_ : tuple of str
        What the texts are called that it learned from: their ids where `fit` was given them.
    seconds_ : float
        How long the training took.

    Notes
    -----
    The same texts, settings and seed give the same scores on one machine with one number of
    threads; on another the last decimals differ and, after training, more than these. A GPU
    promises less. Texts in the first 128 word pieces are read, about 100 words. Scores are not
    calibrated.

    References
    ----------
    Tunstall, L., et al. (2022). Efficient few-shot learning without prompts.
    arXiv:2209.11055.
    Howard, J., & Ruder, S. (2018). Universal language model fine-tuning for text
    classification. ACL 2018, 328–339.
    Khosla, P., et al. (2020). Supervised contrastive learning. NeurIPS 33, 18661–18673.
    """

    name = "fine-tuned"
    uses_context = True

    def __init__(  # noqa: PLR0913  # scikit-learn's way: every setting is an argument
        self,
        *,
        codes: Sequence[str] | None = None,
        codebook: Codebook | None = None,
        rare: Rare = "refuse",
        exclusive: bool = False,
        method: str = "auto",
        epochs: int | None = None,
        learning_rate: float | None = None,
        members: int = 1,
        lexical: float = 0.4,
        window: int = 25,
        balance: float = 0.0,
        smoothing: float = 0.1,
        batch: int = 16,
        model: str | Path | None = None,
        seed: int = 0,
        device: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.codes = codes
        self.codebook = codebook
        self.rare = rare
        self.exclusive = exclusive
        self.method = method
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.members = members
        self.lexical = lexical
        self.window = window
        self.balance = balance
        self.smoothing = smoothing
        self.batch = batch
        self.model = model
        self.seed = seed
        self.device = device
        self.progress = progress
        self._learned: Learned | None = None

    def __repr__(self) -> str:
        learned = self._learned
        if learned is None:
            return f"<FineTunedCoder: not trained, {model_name(self.model)}>"
        return (
            f"<FineTunedCoder: {len(learned.codes)} codes learned from {len(learned.ids):,} texts "
            f"({learned.method}, members: {len(learned.networks)})>"
        )

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  # scikit-learn's signature
        """Settings by name, as scikit-learn copies an estimator."""
        return {name: getattr(self, name) for name in _NAMES}

    def set_params(self, **settings: Any) -> FineTunedCoder:
        """Change settings; they count from the next `fit` on."""
        unknown = sorted(settings.keys() - set(_NAMES))
        if unknown:
            raise ValueError(f"no setting {unknown[0]!r}; there are: {', '.join(_NAMES)}")
        for name, value in settings.items():
            setattr(self, name, value)
        return self

    @property
    def codes_(self) -> tuple[str, ...]:
        """The codes, one a column of the scores."""
        return self._state().codes

    @property
    def model_(self) -> str:
        """Name and hash of the sentence model, and the hash of what was learned."""
        learned = self._state()
        return f"{learned.model}, trained further (sha256 {learned.sha256[:12]}…)"

    @property
    def codebook_version(self) -> str:
        """Version of the codebook with which it was made."""
        kept = self._learned.codebook_version if self._learned else ""
        version = kept or (self.codebook.version if self.codebook is not None else "")
        if not version:
            raise AttributeError("made without a codebook")
        return version

    @property
    def refused_(self) -> Mapping[str, int]:
        """Codes with too few positives to learn, with these."""
        return MappingProxyType(dict(self._state().refused))

    @property
    def told_(self) -> str:
        """How it was trained, for the methods paragraph."""
        learned = self._state()
        how = learned.settings.plan(len(learned.ids))
        told = f"the sentence model trained further on {len(learned.ids):,} texts, each seen "
        told += f"{how.epochs} times, with settings as given; scores are not calibrated"
        if learned.refused:
            few = ", ".join(f"{code} ({n} positives)" for code, n in learned.refused.items())
            told += f"; {few} not learned"
        return told

    @property
    def method_(self) -> str:
        """``"contrastive"`` or ``"full"``."""
        return self._state().method

    @property
    def n_texts_(self) -> int:
        """How many texts it was trained on."""
        return len(self._state().ids)

    @property
    def ids_(self) -> tuple[str, ...]:
        """What the texts are called that it was trained on."""
        return tuple(self._state().ids)

    @property
    def seconds_(self) -> float:
        """How long the training took."""
        return self._state().seconds

    def fit(
        self,
        texts: Sequence[str],
        y: Any,
        *,
        contexts: Sequence[str] | None = None,
        sample_weight: Any = None,
        groups: Sequence[Hashable] | None = None,
        codes: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
    ) -> FineTunedCoder:
        """Train on coded texts; it takes what `training_set` gives.

        Parameters
        ----------
        texts : sequence of str
        y : array-like or DataFrame
            (n_texts, n_codes) of 1 coded, 0 read and not coded, NaN not read, a column a code:
            what was not read teaches nothing of that code. Or (n_texts,) of code ids.
        contexts : sequence of str, optional
            The text of the reflection around each text, with or without it; '' for none.
        sample_weight : array-like, optional
            (n_texts,) of 0 or more: how much each counts, for instance by the coders'
            confidence.
        groups : sequence, optional
            (n_texts,), whose each text is. Two texts of one group are no pair when pairs are
            contrasted. Nothing is chosen by a split, so groups do nothing else.
        codes : sequence of str, optional
            What the columns of an array are; by default the coder's own `codes`, else those of
            the codebook that a machine may propose.
        ids : sequence of str, optional
            (n_texts,) what `explain` calls the texts; by default ``row 1``, ``row 2`` …

        Returns
        -------
        FineTunedCoder
            Itself.

        Raises
        ------
        TrainingDataError
            If a code has fewer than 10 positives or no machine may propose it, there is one
            class only, or `y` or the weights are not numbers: every fault with its code and
            rows.
        MissingDependencyError
            If the model is not on this machine.
        """
        settings = self._settings()
        settings.check()
        if self.rare not in RARE:
            raise ValueError(f"rare={self.rare!r}; expected 'refuse' or 'skip'")
        book = self.codebook
        able = None if book is None else tuple(code.id for code in book.machine_codes())
        lesson = read_lesson(
            texts,
            y,
            codes=self.codes if codes is None else codes,
            known=able,
            contexts=contexts,
            sample_weight=sample_weight,
            groups=groups,
            ids=ids,
        )
        few = check_positives(
            lesson, able=able, exclusive=self.exclusive, rare=self.rare, ways=RARE
        )
        kept = lesson.of_codes(
            [code for code in lesson.codes if code not in few], exclusive=self.exclusive
        )
        learned = learn(settings, kept, self.progress)
        version = "" if book is None else book.version
        self._learned = replace(learned, refused=few, codebook_version=version)
        return self

    def predict_proba(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> Array:
        """Scores, (n_texts, n_codes), between 0 and 1.

        Parameters
        ----------
        texts : sequence of str
        contexts : sequence of str, optional
            As in `fit`. A coder that was trained with contexts should be given them; one that
            was trained without passes over them.
        """
        return self._read(texts, contexts)[0]

    def predict(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> list[str]:
        """The code with the highest score for every text, for codes that exclude each other."""
        best = self.predict_proba(texts, contexts).argmax(axis=1)
        return [self.codes_[column] for column in best]

    def explain(
        self, texts: Sequence[str], contexts: Sequence[str] | None = None
    ) -> list[dict[str, str]]:
        """For every text, by code: the score and the training texts that read most alike.

        They are given by their ids with the cosine: another participant's words are never
        repeated.
        """
        return self._state().evidence(*self._read(texts, contexts))

    def save(self, folder: str | Path) -> Path:
        """Keep the coder in a new folder: settings as JSON, numbers as safetensors.

        No text stands in it. What stands there still tells of them: the ids of the training
        texts, their vectors, which codes each has, and weights by hashed words, in which who
        has the folder can look up whether a word stood in the texts. Keep the folder where the
        texts are kept, and send it to nobody who may not read them.

        Raises
        ------
        OutputError
            If the folder exists already.
        """
        learned = self._state()
        return write_coder(Path(folder), learned.about(), learned.numbers())

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        model: str | Path | None = None,
        device: str | None = None,
    ) -> FineTunedCoder:
        """Read a coder that `save` has kept.

        Parameters
        ----------
        folder : str or Path
        model : str or Path, optional
            The folder of the sentence model, where it was not the packaged one.
        device : str, optional

        Raises
        ------
        CoderError
            If the folder holds no such coder, was changed, or was trained from another model.
        """
        about, numbers = read_coder(Path(folder))
        if about["model"] != model_name(model):
            raise CoderError(
                f"{folder}: trained from {about['model']}, came {model_name(model)}; "
                "give the folder of that model by model="
            )
        try:
            settings = Settings.of(about["settings"], model, device)
            learned = Learned.of(about, numbers, settings)
        except (KeyError, TypeError, ValueError) as error:
            raise CoderError(
                f"{folder}: not a coder of this version ({error}); train and save it again"
            ) from error
        coder = cls(codes=learned.codes, **about["settings"], model=model, device=device)
        coder._learned = learned
        return coder

    def _settings(self) -> Settings:
        names = (each.name for each in fields(Settings))
        return Settings(**{name: getattr(self, name) for name in names})

    def _state(self) -> Learned:
        if self._learned is None:
            raise CoderError("not trained yet: call fit(texts, y), or load(folder)")
        return self._learned

    def _read(
        self, texts: Sequence[str], contexts: Sequence[str] | None
    ) -> tuple[Array, npt.NDArray[np.float32]]:
        learned = self._state()
        check_texts(texts, contexts)
        return learned.read(texts, contexts if contexts is not None else [""] * len(texts))


_NAMES = ("codes", "codebook", "rare", *(each.name for each in fields(Settings)), "progress")
