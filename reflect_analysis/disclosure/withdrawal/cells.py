"""Which cells beside a text may repeat what somebody wrote, by their columns and their hashes.

A date, a role or a community is the same in many people's writing by chance, and a study is
counted by it: such a cell is another person's own, whatever words it shares with a text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from reflect_analysis.provenance import text_hash

__all__ = ["CATEGORY", "hashes_of_cell", "is_title", "may_quote"]

# With what a text ends in an export, where a cell beside it does not.
_ENDS = ("", "\n", " ", "\r\n", "\n\n", " \n")
_MOST = 15  # words of a fact: who writes more tells something, whatever the column is called

# Columns by which tables are made: what stands there stands on purpose.
CATEGORY = re.compile(
    r"(?i)(?:.*[\s_-])?(?:roles?|positions?|job|occupation|places?|towns?|city|village|locations?|"
    r"address|community|communities|regions?|provinces?|territory|nations?|band|first[\s_-]nations?|"
    r"authority|governance|cent(?:re|er)s?|schools?|daycare|workplace|employer|lieu|ville|région|"
    r"communauté|rôle)(?:[\s_-]?(?:name|type|kind))?"
)
# Columns that say when and by whom.
_WHEN_AND_WHO = re.compile(
    r"(?i)(?:(?:post|reply|sent|start|end|entry|created|updated|submitted|recorded|first|last|full)"
    r"[\s_-]?)?(?:dates?|times?|timestamp|day|month|year|authors?|writers?|speakers?|users?|"
    r"members?|participants?|names?|pr[ée]nom|nom|surname)(?:[\s_-]?(?:at|on|of|id|name|time))?|"
    r"(?:created|updated|posted|sent|submitted)[\s_-](?:at|on|by)"
)
# Columns that a forum may fill with the words with which a thread begins.
_TITLE = re.compile(
    r"(?i)(?:.*[\s_-])?(?:titles?|subjects?|headings?|headlines?|topics?|threads?|discussions?|"
    r"titre|sujet|objet)(?:[\s_-]?(?:name|line|text))?"
)


def may_quote(column: str, cell: str) -> bool:
    """Whether a cell of a column may hold words of a text.

    Examples
    --------
    >>> [may_quote(column, "May 2026") for column in ("prompt", "said", "date", "Job position")]
    [True, True, False, False]
    """
    return not _is_of_facts(column) or len(cell.split()) > _MOST


@lru_cache(maxsize=4096)
def _is_of_facts(column: str) -> bool:
    name = column.strip()
    return bool(CATEGORY.fullmatch(name) or _WHEN_AND_WHO.fullmatch(name))


def is_title(column: str) -> bool:
    """Whether a column holds titles.

    Examples
    --------
    >>> is_title("Thread title"), is_title("prompt")
    (True, False)
    """
    return bool(_TITLE.fullmatch(column.strip()))


def hashes_of_cell(cell: str) -> tuple[str, ...]:
    """The hashes of the texts that a cell may repeat: readers strip the blanks at its ends.

    Examples
    --------
    >>> text_hash("We stayed late. ") in hashes_of_cell("We stayed late.")
    True
    """
    return tuple(text_hash(f"{cell}{end}") for end in _ENDS)
