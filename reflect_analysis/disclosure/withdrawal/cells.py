"""Which columns beside a text may repeat what somebody wrote, and which hold facts.

A date, a role or a community is the same in many people's writing by chance, and a study is
counted by it: such a cell is another person's own, whatever words it shares with a text.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["CATEGORY", "may_quote"]

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


@lru_cache(maxsize=4096)
def may_quote(column: str) -> bool:
    """Whether cells of a column may hold words of a text.

    Examples
    --------
    >>> [may_quote(column) for column in ("prompt", "said", "date", "Job position")]
    [True, True, False, False]
    """
    name = column.strip()
    return not (CATEGORY.fullmatch(name) or _WHEN_AND_WHO.fullmatch(name))
