"""The same coding over texts that are too many for one machine's memory, or its patience.

A data set of Parquet files is worked on by partition: read, checked for identifiers, cut, coded
and counted, by the processes of this machine or of a cluster (Dask). Memory is bounded by a
partition; what was written is not computed again; and the tables are, row for row, those of one
machine. `code_dataset` does it all; topics are sought in a sample, and every text is put to them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reflect_analysis.scale.doing import code_dataset
    from reflect_analysis.scale.runs import ScaledRun
    from reflect_analysis.scale.topic_counts import TopicCounts
    from reflect_analysis.scale.values import TopicSample

_HOMES = {
    "ScaledRun": "runs",
    "TopicCounts": "topic_counts",
    "TopicSample": "values",
    "code_dataset": "doing",
}

__all__ = ["ScaledRun", "TopicCounts", "TopicSample", "code_dataset"]


def __getattr__(name: str) -> Any:
    """A public name when it is asked for: a worker needs none of what the leader loads."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"reflect_analysis.scale.{_HOMES[name]}"), name)
