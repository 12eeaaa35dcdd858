"""Change over sessions: what each participant mentioned when, and who moved which way.

A participant in a session is in one of five states, and two of them are easily confused:
*not mentioned* is a text that was read and holds neither code, *no text* is no text at all.
People who stop writing are often those whom a study is about, so they stand in every table.
Texts mention, describe and tell; they do not show that anybody recovered, nor why.
"""

from reflect_analysis.change.finding import state_changes
from reflect_analysis.change.values import (
    BOTH,
    NEITHER,
    NO_TEXT,
    UNREAD,
    Changed,
    PersonSession,
    StateChanges,
)

__all__ = [
    "BOTH",
    "NEITHER",
    "NO_TEXT",
    "UNREAD",
    "Changed",
    "PersonSession",
    "StateChanges",
    "state_changes",
]
