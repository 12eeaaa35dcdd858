"""Random numbers of a training, apart from those of the process.

Torch's dropout draws from the generator of the whole process. Here that generator is set for a
training and put back after it, so that a study's own random numbers stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reflect_analysis._optional import require

__all__ = ["device_of", "half_precision", "load_torch", "seeded"]


def load_torch() -> Any:
    """Torch, imported at the moment of use."""
    return require("torch", pip="sentence-transformers", purpose="train a sentence model")


@contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
    """Draw from this seed inside, and as if nothing had been drawn outside."""
    torch = load_torch()
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with (
        torch.random.fork_rng(devices=devices),
        torch.inference_mode(mode=False),
        torch.enable_grad(),
    ):
        torch.default_generator.manual_seed(seed)
        for each in devices:
            with torch.cuda.device(each):
                torch.cuda.manual_seed(seed)
        yield


def device_of(asked: str | None) -> str:
    """The device to compute on: the one asked for, else a GPU where there is one."""
    if asked is not None:
        return asked
    return "cuda" if load_torch().cuda.is_available() else "cpu"


def half_precision(device: str) -> bool:
    """Whether a device multiplies 16-bit numbers itself: training is then twice as fast."""
    torch = load_torch()
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
