"""Which coder: named so that every worker can make it for itself, once a process.

A trained coder travels in no message: `SupervisedCoder` refuses to be pickled. A coder is told by
a word, by the folder in which a `FineTunedCoder` was saved, or by a function that makes it from
the codebook, in which a `SupervisedCoder` is trained anew: with the same codings and
``random_state`` it is the same coder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.protocol import AnyCoder
from reflect_analysis.errors import CoderError, did_you_mean
from reflect_analysis.provenance import fingerprint

__all__ = [
    "KEEP_NOTHING",
    "NAMED",
    "CoderSpec",
    "called",
    "coder_fingerprint",
    "make_coder",
    "rows_for",
]

CoderSpec: TypeAlias = str | Path | Callable[[Codebook], AnyCoder]

NAMED = ("rules", "semantic", "static")
_FAST = ("rules", "static")
_ROWS, _ROWS_OF_SLOW = 5_000, 500
# What a coder says of itself, and that differs when it learned something else.
_SAID = ("name", "model_", "codebook_version", "told_", "method_", "thresholds_", "codes_", "ids_")


def rows_for(spec: CoderSpec) -> int:
    """Rows of a partition where nobody says how many; for a coder always the same.

    How far the work is, is told by the partition, and a stop costs those that were begun: with a
    slow coder, too, it must be little.

    Examples
    --------
    >>> rows_for("rules"), rows_for("semantic")
    (5000, 500)
    """
    return _ROWS if spec in _FAST else _ROWS_OF_SLOW


class _Nothing(Cache):
    """A cache that keeps nothing.

    A million parses would fill the disk and be asked for once: what is kept of a data set is
    what was written of each partition.
    """

    def get_many(
        self,
        kind: str,  # noqa: ARG002  # the signature of what it stands for
        keys: Iterable[str],  # noqa: ARG002  # the same
        *,
        remember: bool = False,  # noqa: ARG002  # the same
    ) -> dict[str, bytes]:
        """Nothing."""
        return {}

    def put_many(self, kind: str, entries: Mapping[str, bytes], *, remember: bool = False) -> None:
        """Keep nothing."""

    def forget(self, text_hashes: Iterable[str]) -> int:  # noqa: ARG002  # the same
        """Nothing was kept, so no folder is made."""
        return 0


KEEP_NOTHING = _Nothing(Path("nowhere"))
_made: dict[tuple[str, str], AnyCoder] = {}
_lock = threading.Lock()


def make_coder(spec: CoderSpec, codebook: Codebook) -> AnyCoder:
    """The coder of a specification; made once a process, its models with it.

    Parameters
    ----------
    spec : {"rules", "semantic", "static"}, path or callable
        ``"static"`` is `SemanticCoder` on averaged word vectors
        (`embeddings.average_words`), many times as fast and less able. A path is the folder of
        a `FineTunedCoder`. A callable takes the codebook and returns a coder; the workers must
        be able to import it.
    codebook : Codebook

    Raises
    ------
    CodebookError
        If the codebook's patterns cannot be read, or nothing in it can be coded.
    CoderError
        If the folder holds no coder.
    ValueError
        If it is none of these.
    """
    place = (called(spec), codebook.version)
    with _lock:
        if place not in _made:
            _made.clear()  # one coder with its models is what a worker's memory is bounded for
            _made[place] = _make(spec, codebook)
        return _made[place]


def called(spec: CoderSpec) -> str:
    """What a specification is known by; for an importable function the same in every process."""
    if callable(spec):
        return f"{spec.__module__}.{getattr(spec, '__qualname__', repr(spec))}"
    return str(spec) if str(spec) in NAMED else f"{spec} {_saved(spec)}"


def _saved(folder: str | Path) -> str:
    """The settings of a saved coder and the hash of what it learned; empty without a coder."""
    try:
        return (Path(folder) / "coder.json").read_text(encoding="utf-8")
    except OSError:
        return ""


def _make(spec: CoderSpec, codebook: Codebook) -> AnyCoder:
    if callable(spec):
        return spec(codebook)
    if spec == "rules":
        from reflect_analysis.coders.rules import RuleCoder

        return RuleCoder(codebook, cache=KEEP_NOTHING)
    if spec in ("semantic", "static"):
        from reflect_analysis.coders.semantic import SemanticCoder
        from reflect_analysis.embeddings import average_words

        chosen = average_words if spec == "static" else None
        return SemanticCoder(codebook, embedding=chosen, cache=KEEP_NOTHING)
    return _loaded(Path(spec))


def _loaded(folder: Path) -> AnyCoder:
    """A saved coder."""
    from reflect_analysis.coders.fine_tuned import FineTunedCoder

    if not folder.is_dir():
        hint = did_you_mean(str(folder), NAMED)
        raise CoderError(
            f"coder {str(folder)!r}: expected one of {', '.join(NAMED)}, or the folder of a saved "
            f"FineTunedCoder{hint}"
        )
    return FineTunedCoder.load(folder)


def coder_fingerprint(spec: CoderSpec, coder: AnyCoder) -> str:
    """What tells one coder from another: what it says of itself, and the hash of its folder.

    A coder that a function made is known by its thresholds, codes and training texts.
    """
    said = {name: _plain(getattr(coder, name, None)) for name in _SAID}
    saved = "" if callable(spec) or str(spec) in NAMED else _saved(spec)
    return fingerprint(type(coder).__qualname__, said, saved)[:20]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):  # another processor may differ in the last decimals
        return round(value, 6)
    return value if isinstance(value, str | int | None) else repr(value)
