"""A result that was looked for and could not be made: a sentence where its section would stand.

What a reader expects and does not find is a gap in the report only if nobody says why. The sentence
holds no value that a participant bears and no count: those are told to the researcher alone.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NotMade"]


@dataclass(frozen=True, slots=True)
class NotMade:
    """A result that is not there, and why, in words that may be sent.

    Parameters
    ----------
    title : str
        Of the section that it would have.
    why : str
        The rest of the sentence that begins with "because".
    """

    title: str
    why: str

    @property
    def sentence(self) -> str:
        """What the report says in its place."""
        return f"Nothing is shown here, because {self.why}."

    def __repr__(self) -> str:
        return f"<NotMade {self.title!r}: {self.why}>"
