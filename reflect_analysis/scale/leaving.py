"""What was made of the texts of somebody who withdrew goes before anything else is done."""

from __future__ import annotations

from pathlib import Path

from reflect_analysis.readers.datasets import read_stones
from reflect_analysis.scale.dataset import papers_of, stones_key
from reflect_analysis.scale.files import OPEN, RunFolder
from reflect_analysis.scale.reasons import drop_reasons
from reflect_analysis.scale.telling import Tell

__all__ = ["drop_withdrawn"]


def drop_withdrawn(folder: RunFolder, source: Path, tell: Tell) -> frozenset[str]:
    """Remove what an earlier run made, where somebody withdrew since.

    It asks nothing but who withdrew, so that no fault of the data set keeps their rows. All
    partitions go: a text of the withdrawn may stand under another name in any of them.

    Parameters
    ----------
    folder : RunFolder
    source : Path
        The data set.
    tell : callable

    Returns
    -------
    frozenset of str
        Ids of the findings in their texts, whose reasons are not needed any more.

    Raises
    ------
    CorpusError
        If the sheet of reasons cannot be read.
    OutputError
        If another run is writing in the folder.
    """
    facts = folder.facts
    if not facts:
        return frozenset()
    stones = read_stones(papers_of(source))
    key = stones_key(stones)
    if key == facts.get("withdrawn", stones_key(())):
        return frozenset()
    with folder.held():
        folder.drop_partitions()
        out = drop_reasons(folder.keep / OPEN, (stone.case_id for stone in stones))
        folder.tell({"withdrawn": key})
    tell("who withdrew has changed: what was made before is removed, and all is coded anew")
    return out
