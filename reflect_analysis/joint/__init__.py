"""The joint display: what people wrote beside what they scored, and what the researcher infers.

Each row is a code: participants by group with intervals, the scores of a scale among those who
mentioned it and those who did not, quotes that were approved, and an inference that a person
typed. Nothing here infers: a difference of scores beside a code is no effect of either.
"""

from reflect_analysis.joint.inferences import read_inferences, write_inferences
from reflect_analysis.joint.making import joint_display
from reflect_analysis.joint.scales import read_scale
from reflect_analysis.joint.values import (
    GroupShare,
    Inference,
    JointDisplay,
    JointRow,
    Scale,
    ScoreSummary,
)

__all__ = [
    "GroupShare",
    "Inference",
    "JointDisplay",
    "JointRow",
    "Scale",
    "ScoreSummary",
    "joint_display",
    "read_inferences",
    "read_scale",
    "write_inferences",
]
