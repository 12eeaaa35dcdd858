"""Consent to be quoted, wherever it is written: a refusal is never ignored in silence.

A column (or a key of front matter) that means consent is taken for it, and the guess
recorded; one that only looks like consent or governance is a fault. An answer that is
none of yes, no and ask is a fault too. Where answers contradict, the strictest holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from reflect_analysis.corpus import Answer

from ._vocabulary import CONSENT, plain

ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(("yes", "y", "true", "oui"), "yes"),
    **dict.fromkeys(("no", "n", "false", "non"), "no"),
    **dict.fromkeys(("ask", "", "demander"), "ask"),
}
GOVERNED = ("governance", "approved_uses")

_KNOWN = ("quote_consent", *GOVERNED)
_CLOSE = 0.8
_SHOWN = 20
_REMEDY = "Rename it so; or, where it means something else, by another word"


@dataclass(frozen=True, slots=True)
class ConsentColumn:
    """Where consent stands in a header, and what is wrong with the columns like it."""

    index: int | None = None
    faults: tuple[str, ...] = ()


NO_CONSENT = ConsentColumn()


def consent_column(
    header: Sequence[str], *, taken: Collection[int] = (), governed: Collection[str] = ()
) -> ConsentColumn:
    """The column of consent to be quoted.

    Parameters
    ----------
    header : sequence of str
    taken : collection of int
        Columns that are known to be something else.
    governed : collection of str
        Which of ``governance`` and ``approved_uses`` may stand in this table.

    Examples
    --------
    >>> consent_column(["participant", "Quote-Consent"]).index
    1
    >>> consent_column(["participant", "quote_consnt"]).faults
    ("the column 'quote_consnt': did you mean 'quote_consent'? Rename it so; or, where it \
means something else, by another word",)
    """
    free = [(n, c) for n, c in enumerate(header) if c and n not in taken]
    found = [n for n, column in free if plain(column) in CONSENT]
    faults = [
        f"the column {column!r}: {hint}"
        for n, column in free
        if n not in found and plain(column) not in governed and (hint := consent_hint(column))
    ]
    if len(found) > 1:
        names = ", ".join(repr(header[n]) for n in found)
        faults.append(f"several columns could be the consent to be quoted: {names}; keep one")
    if governed:  # a table of the participants, where "quoting agreed" can mean nothing else
        words = [c for n, c in free if n not in found and "quot" in plain(c)]
        odd = [c for c in words if not consent_hint(c)]
        faults += [f"the column {c!r}: did you mean 'quote_consent'? {_REMEDY}" for c in odd]
    return ConsentColumn(found[0] if found else None, tuple(faults))


def consent_hint(name: str) -> str:
    """What to do with a name that looks like consent or governance; ``""`` for any other."""
    word = plain(name)
    near = [known for known in GOVERNED if known == word]
    if near:
        return f"{word!r} belongs in the table of the participants; put it there"
    if "consent" in word or get_close_matches(word, ["consent"], n=1, cutoff=_CLOSE):
        near = ["quote_consent"]
    near = near or get_close_matches(word, _KNOWN, n=1, cutoff=_CLOSE)
    return f"did you mean {near[0]!r}? {_REMEDY}" if near else ""


def checked_answer(word: str, faults: list[str]) -> Answer:
    """An answer; a blank is ``"ask"``, and what is no answer is ``"no"`` and a fault.

    Examples
    --------
    >>> [checked_answer(word, []) for word in ("Oui", " N ", "", "TRUE")]
    ['yes', 'no', 'ask', 'yes']
    """
    answer = ANSWERS.get(word.strip().casefold())
    if answer is None:
        # A long cell may be a participant's words, which no message carries.
        told = repr(word.strip()) if len(word.strip()) <= _SHOWN else "of several words"
        faults.append(f"consent to be quoted {told}; expected 'yes', 'no' or 'ask'")
    return answer or "no"


def strictest(answers: Iterable[Answer], default: Answer = "ask") -> Answer:
    """``"no"`` before ``"ask"`` before ``"yes"``.

    Examples
    --------
    >>> strictest(["yes", "no"]), strictest(["yes"]), strictest([])
    ('no', 'yes', 'ask')
    """
    order: tuple[Answer, ...] = ("no", "ask", "yes")
    return min(answers, key=order.index, default=default)
