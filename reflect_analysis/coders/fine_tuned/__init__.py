"""`FineTunedCoder`: the packaged sentence model, trained further on people's codings.

A sentence model knows what sentences are about; what they *do* (report, judge, intend) it must
be taught. Here its layers are trained on coded texts, on the CPU or on a GPU where there is one.
The word pieces' own vectors stay as they are. Nothing is downloaded, no process-wide state is
left changed, and a saved coder holds numbers alone: no words of a text, and nothing that runs
when it is read. Vectors of training texts still tell something about them to one who has the
model, so a saved coder is kept where the texts are kept.
"""

from __future__ import annotations

from reflect_analysis.coders.fine_tuned.coder import FineTunedCoder

__all__ = ["FineTunedCoder"]
