"""Stand-ins: what a study writes in place of a name is no finding.

Pseudonyms such as *P07* and brackets such as *[name]* or *[e-mail 1]*; the surrogates that
`pseudonymise` writes are among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["BRACKETS", "is_stand_in", "stand_ins_in"]

# "P07", "ECE-12", "Mentor 3": how studies write pseudonyms.
_PSEUDONYM = re.compile(
    r"(?:[A-Z]{1,4}|[Pp]articipant|[Mm]entor|[Ee]ducator|[Cc]hild|[Pp]erson|[Cc]entre|[Tt]own)"
    r"[-_ ]?\d{1,4}"
)
_IN_TEXT = re.compile(r"(?<![\w-])[A-Z]{1,4}[-_]?\d{1,4}(?![\w-])")
BRACKETS = re.compile(r"\[[^\[\]\n]{1,40}\]")
_STAND_INS = """
    boy centre center child children city colleague community director educator employer
    facilitator girl mentor name names nation number organiser organizer parent participant
    partner person place redacted school student teacher town
"""
_PLACEHOLDERS = frozenset(_STAND_INS.split())


def is_stand_in(words: str) -> bool:
    """Whether words stand for an identifier.

    Examples
    --------
    >>> is_stand_in("P03"), is_stand_in("[e-mail 1]"), is_stand_in("Maria")
    (True, True, False)
    """
    bare = words.strip()
    bracket = BRACKETS.fullmatch(bare)
    return bool(_PSEUDONYM.fullmatch(bare)) or (bracket is not None and _is_placeholder(bare))


def _is_placeholder(bracket: str) -> bool:
    """Whether a bracket holds a stand-in ("[name]", "[Child 2]", "[laughs]") and no name."""
    inside = bracket.strip("[]").strip()
    words = re.findall(r"[^\W\d_]+", inside.lower())
    return inside == inside.lower() or bool(_PLACEHOLDERS.intersection(words))


def stand_ins_in(text: str) -> Iterator[tuple[int, int]]:
    """Code points of the pseudonyms and placeholders in a text."""
    for match in BRACKETS.finditer(text):
        if _is_placeholder(match[0]):
            yield match.span()
    for match in _IN_TEXT.finditer(text):
        yield match.span()
