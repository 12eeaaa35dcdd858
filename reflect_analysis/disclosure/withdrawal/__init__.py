"""What a withdrawal takes along, wherever a participant's words stand: in values or in a store.

The rules stand here once: whose words a text holds (`turns`), where other people's writing
quotes them (`words`) and in which columns (`cells`), what becomes of a codebook (`books`), and
which computed things go back to them (`hashes`). `anonymity.withdraw` applies them to values,
`project.withdrawal` to rows, and `honouring` to whatever is read again.
"""

from __future__ import annotations

from reflect_analysis.disclosure.withdrawal.books import (
    NO_TRACES,
    IsGone,
    Traces,
    clean,
    traces_in,
)
from reflect_analysis.disclosure.withdrawal.cells import CATEGORY, hashes_of_cell
from reflect_analysis.disclosure.withdrawal.files import (
    WITHDRAWN_FILES,
    read_withdrawn,
    write_withdrawn,
)
from reflect_analysis.disclosure.withdrawal.hashes import forget_everywhere, hashes_in
from reflect_analysis.disclosure.withdrawal.honouring import (
    LINKS,
    Left,
    Prompts,
    joined,
    leave_out,
    words_of,
)
from reflect_analysis.disclosure.withdrawal.turns import (
    Span,
    blots,
    has_many_words,
    is_shared,
    label_of,
    says_nothing,
    spans_of,
    without_speakers,
)
from reflect_analysis.disclosure.withdrawal.words import BLOT, Quotes, blotted_out

__all__ = [
    "BLOT",
    "CATEGORY",
    "LINKS",
    "NO_TRACES",
    "WITHDRAWN_FILES",
    "IsGone",
    "Left",
    "Move",
    "Pair",
    "Prompts",
    "Quotes",
    "Span",
    "Traces",
    "blots",
    "blotted_out",
    "clean",
    "forget_everywhere",
    "has_many_words",
    "hashes_in",
    "hashes_of_cell",
    "is_shared",
    "joined",
    "label_of",
    "leave_out",
    "read_withdrawn",
    "says_nothing",
    "spans_of",
    "traces_in",
    "without_speakers",
    "words_of",
    "write_withdrawn",
]

Pair = tuple[str, str]  # a document and the hash of a text of it
Move = tuple[str, str, str]  # a document, the hash of its text, and that of the blotted text
