"""What a training leaves, and the training of all of it: networks, words, vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.coders.fine_tuned.files import hash_of
from reflect_analysis.coders.fine_tuned.lexical import Lexical, learn_lexical
from reflect_analysis.coders.fine_tuned.network import Network, new_network, tokenizer_of
from reflect_analysis.coders.fine_tuned.passages import Passages, read_passages
from reflect_analysis.coders.fine_tuned.seeding import device_of, seeded
from reflect_analysis.coders.fine_tuned.training import Plan, train
from reflect_analysis.coders.lessons import Lesson
from reflect_analysis.embeddings import model_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__all__ = ["Learned", "Settings", "learn"]

METHODS = ("auto", "contrastive", "full")
# Fewer texts than this are seen oftener and learned from in larger steps.
FEW = 1_000
EPOCHS_FEW, EPOCHS = 10, 3
RATE_FEW, RATE = 2e-4, 1e-4
# Texts whose nearness is given as evidence for a code.
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Settings:
    """How a coder learns and reads; see `FineTunedCoder`."""

    exclusive: bool
    method: str
    epochs: int | None
    learning_rate: float | None
    members: int
    lexical: float
    window: int
    balance: float
    smoothing: float
    batch: int
    seed: int
    model: str | Path | None
    device: str | None

    def check(self) -> None:
        """Refuse settings that cannot be, all at once.

        Raises
        ------
        ValueError
            With every setting, what was expected and what came.
        """
        wanted = {
            "method": (self.method in METHODS, f"one of {', '.join(map(repr, METHODS))}"),
            "epochs": (self.epochs is None or self.epochs >= 1, "1 or more"),
            "learning_rate": (self.learning_rate is None or self.learning_rate > 0, "above 0"),
            "members": (self.members >= 1, "1 or more"),
            "lexical": (0 <= self.lexical <= 1, "from 0 to 1"),
            "window": (self.window >= 0, "0 or more words"),
            "balance": (0 <= self.balance <= 1, "from 0 to 1"),
            "smoothing": (0 <= self.smoothing < 1, "from 0 to below 1"),
            "batch": (self.batch >= 1, "1 or more"),
        }
        faults = [
            f"{name}: expected {expected}, came {getattr(self, name)!r}"
            for name, (fine, expected) in wanted.items()
            if not fine
        ]
        if faults:
            raise ValueError("; ".join(faults))

    def kept(self) -> dict[str, Any]:
        """What is written beside the numbers: all but the folder and the device of here."""
        return {n: v for n, v in asdict(self).items() if n not in ("model", "device")}

    @classmethod
    def of(cls, kept: dict[str, Any], model: str | Path | None, device: str | None) -> Settings:
        """From what was written; a setting that is missing or unknown is a `TypeError`."""
        return cls(**kept, model=model, device=device)

    def plan(self, texts: int) -> Plan:
        """How so many texts are learned from."""
        few = texts < FEW
        return Plan(
            epochs=self.epochs or (EPOCHS_FEW if few else EPOCHS),
            batch=self.batch,
            rate=self.learning_rate or (RATE_FEW if few else RATE),
            exclusive=self.exclusive,
            smoothing=self.smoothing,
            balance=self.balance,
            pairs=1.0 if self.method == "contrastive" else 0.0,
        )


@dataclass(frozen=True)
class Learned:
    """Everything that a training leaves.

    `has_contexts` tells whether neighbours were read in training, and so are in use.
    `vectors` (n_texts, n_dimensions) and `targets` (n_texts, n_codes) are of the training
    texts, by the first network; a text that was not read for a code is no instance of it.
    `refused` are codes with too few positives, with these; `codebook_version` is empty where
    there was no codebook.
    """

    settings: Settings
    codes: tuple[str, ...]
    networks: tuple[Network, ...]
    lexical: Lexical | None
    ids: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    targets: npt.NDArray[np.bool_]
    method: str
    model: str
    seconds: float
    has_contexts: bool
    sha256: str = ""
    refused: Mapping[str, int] = field(default_factory=dict)
    codebook_version: str = ""

    def numbers(self) -> dict[str, npt.NDArray[Any]]:
        """All numbers by name, as they are kept."""
        named: dict[str, npt.NDArray[Any]] = {
            "texts.vectors": self.vectors,
            "texts.targets": self.targets,
        }
        for place, network in enumerate(self.networks):
            named |= {f"member{place}.{name}": v for name, v in network.weights().items()}
        if self.lexical is not None:
            named |= {f"lexical.{name}": v for name, v in self.lexical.weights().items()}
        return named

    def read(
        self, texts: Sequence[str], contexts: Sequence[str]
    ) -> tuple[Array, npt.NDArray[np.float32]]:
        """(scores, vectors) of texts."""
        import numpy as np

        how = self.settings
        contexts = contexts if self.has_contexts else [""] * len(texts)
        passages = read_passages(tokenizer_of(how.model), texts, contexts, how.window)
        read = [each.scores(passages, exclusive=how.exclusive) for each in self.networks]
        scores: Array = np.mean([each for each, _ in read], axis=0)
        if self.lexical is not None and len(texts):
            words = self.lexical.scores(texts, exclusive=how.exclusive)
            scores = (1 - how.lexical) * scores + how.lexical * words
        return scores, read[0][1]

    def evidence(self, scores: Array, vectors: npt.NDArray[np.float32]) -> list[dict[str, str]]:
        """For every text, by code: its score and the ids of the training texts most alike."""
        alike = vectors @ self.vectors.T
        return [
            {
                code: self._evidence(scores[row, column], alike[row], column)
                for column, code in enumerate(self.codes)
            }
            for row in range(len(scores))
        ]

    def _evidence(self, score: float, alike: npt.NDArray[np.float32], column: int) -> str:
        import numpy as np

        with_code = np.flatnonzero(self.targets[:, column])
        nearest = with_code[np.argsort(-alike[with_code], kind="stable")[:NEAREST]]
        named = ", ".join(f"{self.ids[place]} ({alike[place]:.2f})" for place in nearest)
        return f"score {score:.2f}; reads most like {named}"

    def about(self) -> dict[str, Any]:
        """What is written beside the numbers."""
        return {
            "settings": self.settings.kept(),
            "codes": list(self.codes),
            "members": len(self.networks),
            "ids": list(self.ids),
            "method": self.method,
            "model": self.model,
            "has_contexts": self.has_contexts,
            "seconds": round(self.seconds, 1),
            "sha256": self.sha256,
            "refused": dict(self.refused),
            "codebook_version": self.codebook_version,
        }

    @classmethod
    def of(
        cls, about: dict[str, Any], numbers: dict[str, npt.NDArray[Any]], settings: Settings
    ) -> Learned:
        """From what was written; what is missing is a `KeyError`, or a `ValueError`."""
        networks = []
        for place in range(about["members"]):
            network = _fresh(settings, len(about["codes"]), seed=0)
            network.take(_under(numbers, f"member{place}."))
            networks.append(network)
        lexical = _under(numbers, "lexical.")
        return cls(
            settings=settings,
            codes=tuple(about["codes"]),
            networks=tuple(networks),
            lexical=Lexical.of(lexical) if lexical else None,
            ids=tuple(about["ids"]),
            vectors=numbers["texts.vectors"],
            targets=numbers["texts.targets"],
            method=about["method"],
            model=about["model"],
            seconds=about["seconds"],
            has_contexts=about["has_contexts"],
            sha256=about["sha256"],
            # Coders that were saved by an earlier version have neither.
            refused=about.get("refused", {}),
            codebook_version=about.get("codebook_version", ""),
        )


def _under(numbers: dict[str, npt.NDArray[Any]], start: str) -> dict[str, npt.NDArray[Any]]:
    return {n.removeprefix(start): v for n, v in numbers.items() if n.startswith(start)}


def learn(
    settings: Settings, lesson: Lesson, progress: Callable[[int, int], None] | None = None
) -> Learned:
    """Train all members and the words beside them."""
    contexts = lesson.contexts or ("",) * len(lesson.texts)
    began = time.monotonic()
    plan = settings.plan(len(lesson.texts))
    passages = read_passages(tokenizer_of(settings.model), lesson.texts, contexts, settings.window)
    told = _Count(progress, plan.epochs * settings.members * len(passages))
    networks = tuple(
        _member(settings, lesson, passages, plan, settings.seed + place, told.more)
        for place in range(settings.members)
    )
    learned = Learned(
        settings=settings,
        codes=lesson.codes,
        networks=networks,
        lexical=_words(settings, lesson),
        ids=lesson.ids,
        vectors=networks[0].scores(passages, exclusive=settings.exclusive)[1],
        targets=lesson.y == 1,
        method="contrastive" if plan.pairs else "full",
        model=model_name(settings.model),
        seconds=time.monotonic() - began,
        has_contexts=any(contexts),
    )
    return replace(learned, sha256=hash_of(learned.numbers()))


def _words(settings: Settings, lesson: Lesson) -> Lexical | None:
    if not settings.lexical:
        return None
    return learn_lexical(
        lesson.texts,
        lesson.y,
        lesson.weights,
        exclusive=settings.exclusive,
        balance=settings.balance,
    )


def _member(
    settings: Settings,
    lesson: Lesson,
    passages: Passages,
    plan: Plan,
    seed: int,
    told: Callable[[int], None],
) -> Network:
    """One network, trained with its own random numbers."""
    import numpy as np

    device = device_of(settings.device)
    with seeded(seed, device):
        network = new_network(settings.model, len(lesson.codes), device)
        rng = np.random.default_rng(seed)
        train(network, passages, lesson, plan, rng=rng, progress=told)
    return network


def _fresh(settings: Settings, codes: int, *, seed: int) -> Network:
    device = device_of(settings.device)
    with seeded(seed, device):
        return new_network(settings.model, codes, device)


class _Count:
    """Turns the numbers of texts of batches into (done, total)."""

    def __init__(self, tell: Callable[[int, int], None] | None, total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0

    def more(self, texts: int) -> None:
        self.done += texts
        if self.tell is not None:
            self.tell(self.done, self.total)
