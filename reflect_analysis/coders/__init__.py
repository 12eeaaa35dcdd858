"""Coders: what proposes codes for passages, and the one edge through which they do it.

`code_segments` takes any coder; `RuleCoder` codes by the patterns of the codebook, in the small
language that `coders.patterns` explains on one page.
"""

from __future__ import annotations

from reflect_analysis.coders.edge import code_segments
from reflect_analysis.coders.protocol import Coder, ExplainingCoder, Proposal, SpanCoder
from reflect_analysis.coders.rules import Match, RuleCoder

__all__ = [
    "Coder",
    "ExplainingCoder",
    "Match",
    "Proposal",
    "RuleCoder",
    "SpanCoder",
    "code_segments",
]
