"""The sentence model with a head: what is trained, and what gives scores and vectors.

A text's vector is the mean over its own word pieces; those of its neighbours only inform them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.coders.fine_tuned.passages import Passages
from reflect_analysis.coders.fine_tuned.seeding import load_torch
from reflect_analysis.embeddings import load_model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Weights = Mapping[str, npt.NDArray[np.float32]]

__all__ = ["Network", "new_network", "tokenizer_of"]

BATCH = 32


@dataclass(frozen=True)
class Network:
    """A copy of a sentence model and a linear head, on a device."""

    body: Any
    head: Any
    device: str

    def vectors(self, passages: Passages, places: list[int]) -> Any:
        """Vectors of passages as a tensor, (n_places, n_dimensions)."""
        torch = load_torch()
        read = {k: torch.from_numpy(v).to(self.device) for k, v in passages.arrays(places).items()}
        given = {"input_ids": read["ids"], "attention_mask": read["mask"]}
        if passages.has_types:
            given["token_type_ids"] = read["mask"] - read["own"]
        states = self.body(**given).last_hidden_state.float()
        own = read["own"].unsqueeze(-1)
        return (states * own).sum(dim=1) / own.sum(dim=1).clamp(min=1)

    def scores(
        self, passages: Passages, *, exclusive: bool
    ) -> tuple[npt.NDArray[np.float64], Vectors]:
        """(probabilities, unit vectors) of passages, in their order."""
        import numpy as np

        torch = load_torch()
        self.train(on=False)
        probabilities = np.zeros((len(passages), self.head.out_features))
        vectors = np.zeros((len(passages), self.head.in_features), dtype=np.float32)
        with torch.no_grad():
            for places in passages.in_order(BATCH):
                found = self.vectors(passages, places)
                logits = self.head(found).double()
                chance = logits.softmax(dim=1) if exclusive else logits.sigmoid()
                probabilities[places] = chance.cpu().numpy()
                vectors[places] = torch.nn.functional.normalize(found, dim=1).cpu().numpy()
        return probabilities, vectors

    def train(self, *, on: bool) -> None:
        """With dropout while training, without it while scoring."""
        self.body.train(on)
        self.head.train(on)

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """What training changed, by name."""
        named = {f"body.{name}": value for name, value in _trained(self.body)}
        named |= {f"head.{name}": value for name, value in self.head.named_parameters()}
        return {name: value.detach().cpu().numpy().copy() for name, value in named.items()}

    def take(self, weights: Weights) -> None:
        """Put trained weights in place.

        Raises
        ------
        ValueError
            If a weight is missing, unknown or of another shape.
        """
        torch = load_torch()
        own = {f"body.{name}": value for name, value in _trained(self.body)}
        own |= {f"head.{name}": value for name, value in self.head.named_parameters()}
        if own.keys() != weights.keys():
            raise ValueError(f"weights differ: {sorted(own.keys() ^ weights.keys())[:3]}")
        with torch.no_grad():
            for name, value in own.items():
                if tuple(value.shape) != weights[name].shape:
                    raise ValueError(f"{name}: expected {tuple(value.shape)}")
                value.copy_(torch.from_numpy(weights[name].copy()))


def new_network(model: str | Path | None, codes: int, device: str) -> Network:
    """A fresh copy of a sentence model with an untrained head.

    The word pieces' own vectors stay as they are.
    """
    torch = load_torch()
    body = copy.deepcopy(_transformer(model).auto_model).to(device)
    for _, value in body.named_parameters():
        value.requires_grad = False
    for layer in layers_of(body):
        for value in layer.parameters():
            value.requires_grad = True
    head = torch.nn.Linear(body.config.hidden_size, codes)
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    return Network(body, head.to(device), device)


def layers_of(body: Any) -> list[Any]:
    """The layers of a model, lowest first."""
    layers = getattr(getattr(body, "encoder", None), "layer", None)
    if layers is None:
        raise TypeError(
            f"expected a model with layers as BERT has them, came {type(body).__name__}; "
            "give the folder of another sentence model"
        )
    return list(layers)


def tokenizer_of(model: str | Path | None) -> Any:
    """A copy of a model's tokeniser: cutting texts changes its settings."""
    return copy.deepcopy(load_model(model).tokenizer)


def _transformer(model: str | Path | None) -> Any:
    return load_model(model)[0]


def _trained(body: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in body.named_parameters() if value.requires_grad]
