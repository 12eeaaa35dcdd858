"""A participant withdraws: their words go, and no copy, backup or undo brings them back.

A tombstone (`stones`) says who withdrew and by which texts they are known; `burying` learns them,
and `judging` says what becomes of a row; `applying` does so to all that a project holds and to
whatever comes in. `acting` is the act itself, and `remains` what lies outside the study.
"""

from __future__ import annotations

from reflect_analysis.project.withdrawal.applying import (
    Buried,
    alike_in,
    apply_tombstones,
    holds_case,
    laid,
)
from reflect_analysis.project.withdrawal.reporting import Sent, WithdrawalReport, alike_note
from reflect_analysis.project.withdrawal.stones import (
    Tombstone,
    add_tombstones,
    read_tombstones,
    set_again,
)

__all__ = [
    "Buried",
    "Sent",
    "Tombstone",
    "WithdrawalReport",
    "add_tombstones",
    "alike_in",
    "alike_note",
    "apply_tombstones",
    "holds_case",
    "laid",
    "read_tombstones",
    "set_again",
]
