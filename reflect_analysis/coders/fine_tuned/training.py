"""Training a copy of the sentence model: on codes, or on pairs of texts.

Both ways are small enough for a CPU: the higher a layer, the faster it learns, the rate rises
and falls over the run, and texts of like length go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.coders.fine_tuned.network import Network, layers_of
from reflect_analysis.coders.fine_tuned.passages import Passages
from reflect_analysis.coders.fine_tuned.seeding import half_precision, load_torch
from reflect_analysis.coders.lessons import Lesson

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Plan", "train"]

HEAD_RATE = 1e-3
HEAD_DROPOUT = 0.2
DECAY = 0.01
STEEPEST = 1.0
# Share of the run in which the rate rises.
WARM_UP = 0.1
# How sharply pairs are told apart; .1 is usual for sentence models.
TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    `rate` is the learning rate of the highest layer, each lower one has `falling` times that
    of the one above; `smoothing` is the share of certainty that is spread over all codes;
    `balance` from 0 (codes count by their texts) to 1 (all codes count alike); `pairs` is the
    weight of the loss on pairs of texts beside that on codes.
    """

    epochs: int
    batch: int
    rate: float
    exclusive: bool
    falling: float = 0.9
    smoothing: float = 0.1
    balance: float = 0.0
    pairs: float = 0.0
    half: bool = True


def train(
    network: Network,
    passages: Passages,
    lesson: Lesson,
    plan: Plan,
    *,
    rng: np.random.Generator,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Train a network in place; torch's own generator must be seeded.

    `progress` is called with the number of texts of each batch.
    """
    torch = load_torch()
    optimiser = torch.optim.AdamW(_rates(network, plan), weight_decay=DECAY)
    rates = [group["lr"] for group in optimiser.param_groups]
    values = [value for group in optimiser.param_groups for value in group["params"]]
    material = _material(lesson, plan, network.device)
    half = plan.half and half_precision(network.device)
    network.train(on=True)
    steps = plan.epochs * -(-len(passages) // plan.batch)
    for step, places in enumerate(_batches(passages, plan, rng)):
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * _pace(step, steps)
        kind = network.device.partition(":")[0]
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=half):
            vectors = network.vectors(passages, places)
        loss = _loss(network, vectors.float(), material.of(places), plan)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(values, STEEPEST)
        optimiser.step()
        if progress is not None:
            progress(len(places))
    network.train(on=False)


def _batches(passages: Passages, plan: Plan, rng: np.random.Generator) -> Iterator[list[int]]:
    for _ in range(plan.epochs):
        yield from passages.shuffled(plan.batch, rng)


def _pace(step: int, steps: int) -> float:
    """Share of the full rate at a step: it rises, then falls to nothing."""
    rising = max(1.0, WARM_UP * steps)
    return min(step / rising, (steps - step) / max(1.0, steps - rising))


def _rates(network: Network, plan: Plan) -> list[dict[str, Any]]:
    """What is trained with which rate: the head, then the layers from the highest."""
    groups: list[dict[str, Any]] = [{"params": list(network.head.parameters()), "lr": HEAD_RATE}]
    for depth, layer in enumerate(reversed(layers_of(network.body))):
        values = [value for value in layer.parameters() if value.requires_grad]
        if values:
            groups.append({"params": values, "lr": plan.rate * plan.falling**depth})
    return groups


@dataclass(frozen=True)
class _Material:
    """Targets, what was read, weights, groups and weights of codes as tensors.

    `targets` is 0 where `read` is: what nobody read is neither yes nor no, and no loss.
    """

    targets: Any
    read: Any
    weights: Any
    groups: Any
    codes: Any

    def of(self, places: list[int]) -> _Material:
        groups = None if self.groups is None else self.groups[places]
        return _Material(
            self.targets[places], self.read[places], self.weights[places], groups, self.codes
        )


def _material(lesson: Lesson, plan: Plan, device: str) -> _Material:
    import numpy as np

    torch = load_torch()

    def tensor(values: npt.NDArray[Any]) -> Any:
        return torch.from_numpy(values.astype("float32")).to(device)

    read = ~np.isnan(lesson.y)
    counts = np.nansum(lesson.y, axis=0)
    if plan.exclusive:
        codes = (counts.mean() / counts) ** plan.balance
    else:
        codes = ((read.sum(axis=0) - counts) / counts) ** plan.balance
    groups = None
    if lesson.groups is not None:
        groups = tensor(np.unique(list(map(str, lesson.groups)), return_inverse=True)[1])
    targets = tensor(np.where(read, lesson.y, 0.0))
    return _Material(targets, tensor(read), tensor(lesson.weights), groups, tensor(codes))


def _loss(network: Network, vectors: Any, material: _Material, plan: Plan) -> Any:
    torch = load_torch()
    logits = network.head(torch.nn.functional.dropout(vectors, HEAD_DROPOUT))
    each = _exclusive(logits, material, plan) if plan.exclusive else _apart(logits, material, plan)
    loss = (each * material.weights).mean()
    return loss + plan.pairs * _pairs(vectors, material) if plan.pairs else loss


def _exclusive(logits: Any, material: _Material, plan: Plan) -> Any:
    """Cross-entropy of one code a text."""
    torch = load_torch()
    return torch.nn.functional.cross_entropy(
        logits,
        material.targets.argmax(dim=1),
        weight=material.codes,
        label_smoothing=plan.smoothing,
        reduction="none",
    )


def _apart(logits: Any, material: _Material, plan: Plan) -> Any:
    """Cross-entropy of each code by itself, summed: the mean would shrink with the codes."""
    torch = load_torch()
    soft = material.targets * (1 - plan.smoothing) + plan.smoothing / 2
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, soft, pos_weight=material.codes, reduction="none"
    )
    return (each * material.read).sum(dim=1)


def _pairs(vectors: Any, material: _Material) -> Any:
    """Contrast of pairs: texts that share codes come near, others part.

    Of two texts the codes count that both were read for. Two texts of one person are no pair
    where people are known: what they share may be the person's way of writing.
    """
    torch = load_torch()
    unit = torch.nn.functional.normalize(vectors, dim=1)
    near = (unit @ unit.T) / TEMPERATURE
    shared = material.targets @ material.targets.T
    own = material.targets @ material.read.T
    either = own + own.T - shared
    alike = shared / either.clamp(min=1)
    apart = ~torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    if material.groups is not None:
        apart = apart & (material.groups[:, None] != material.groups[None, :])
    logits = near.masked_fill(~apart, -1e4)
    alike = alike * apart
    log_chance = logits - logits.logsumexp(dim=1, keepdim=True)
    has_any = alike.sum(dim=1)
    each = -(alike * log_chance).sum(dim=1) / has_any.clamp(min=1e-6)
    return (each * (has_any > 0) * material.weights).mean()
