"""Inferences that people typed: what they make of accounts and scores side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import did_you_mean
from reflect_analysis.joint.values import INFERENCES as KINDS
from reflect_analysis.joint.values import Inference
from reflect_analysis.judgements import JudgementFile, read_judgements, write_judgements

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook

__all__ = ["INFERENCES_FILE", "read_inferences", "write_inferences"]

INFERENCES_FILE = "inferences.yaml"
_SHAPE = JudgementFile("ids of codes", ("kind", "text", "by"))


def read_inferences(path: str | Path, codebook: Codebook | None = None) -> tuple[Inference, ...]:
    """Read what the researchers infer for each code from both kinds of data.

    Parameters
    ----------
    path : str or Path
        YAML: the id of a code, with ``kind`` (``confirm``, ``expand`` or ``discordant``),
        ``text`` and ``by``.
    codebook : Codebook, optional
        A code that it lacks, or has retired, is a fault.

    Returns
    -------
    tuple of Inference
        In the order of the file, for `joint_display`.

    Raises
    ------
    FrameworkError
        With every fault and its line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "inferences.yaml"
    >>> _ = path.write_text("isolation: {kind: confirm, text: Both rise., by: Ana}")
    >>> read_inferences(path)[0].kind
    'confirm'
    """

    def check(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        kind = str(entry.get("kind", KINDS[0])).strip()
        if kind not in KINDS:
            yield "kind", f"{kind!r}; expected {', '.join(KINDS)}{did_you_mean(kind, KINDS)}"
        if codebook is not None and name not in codebook:
            yield "", f"the codebook has no such code{did_you_mean(name, codebook.ids)}"
        elif codebook is not None and codebook[name].retired:
            yield "", "the code is retired"

    found = read_judgements(path, _SHAPE, lambda name, entry: Inference(name, **entry), check)
    return tuple(found.values())


def write_inferences(
    inferences: Iterable[Inference], path: str | Path, *, overwrite: bool = False
) -> Path:
    """Write inferences as YAML; `read_inferences` gives the same back.

    Parameters
    ----------
    inferences : iterable of Inference
        One a code.
    path : str or Path
    overwrite : bool
        Whether a file that lies there is replaced; comments in it are lost.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If a file lies there, or it cannot be written.
    ValueError
        If a code is inferred on twice: a file has one entry a code.
    """
    given = tuple(inferences)
    by_code = {each.code_id: each for each in given}
    if len(by_code) < len(given):
        raise ValueError("two inferences on one code; join them")
    return write_judgements(by_code, path, _SHAPE, overwrite=overwrite)
