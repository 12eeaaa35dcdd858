"""Consent to be quoted, wherever it is written: a refusal is never ignored in silence.

A column (or a key of front matter) that means consent is taken for it, and the guess
recorded; one that only looks like consent or governance is a fault. So is a column whose
question asks for it (`_asking`). An answer that says neither yes, no nor ask is a fault too,
and counts as no: so do the codes of an export (1, 2), which mean yes in one survey and no in
another, and "N/A"; a fault names the column's codes, and how to write what they stand for.
Where answers contradict, the strictest holds.

Consent to something else (to take part) says nothing of quoting where it is given; where it
is refused, it is a refusal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from reflect_analysis.corpus import Answer

from ._asking import Sense, are_answers, bare, names_quoting, sense_of, understood
from ._found import told_cell
from ._vocabulary import CONSENT, plain

ANSWERS: Mapping[str, Answer] = {
    **dict.fromkeys(("yes", "y", "true", "oui"), "yes"),
    **dict.fromkeys(("no", "n", "false", "non"), "no"),
    **dict.fromkeys(("ask", "", "demander"), "ask"),
}
GOVERNED = ("governance", "approved_uses")

_KNOWN = ("quote_consent", *GOVERNED)
_CLOSE = 0.8
_CODE_WORDS = 2
_LISTED = 6
# What an export writes for a choice ("1", "2.0", "A1", "-99"), and for a question not asked.
_CODE = re.compile(r"[a-z]?-?\d{1,4}(?:\.0+)?|n\s?/\s?a|n\.a\.|s\s?/\s?o|#n/a", re.IGNORECASE)
_SAY_CODES = (
    "which may mean either; export the labels instead of the codes, or write in place of each what "
    "your survey has under it: 'yes', 'no', 'ask' or words such as 'I agree' (say, 1 = 'yes', "
    "2 = 'no', N/A = 'ask')"
)
_REMEDY = "Rename it so; or, where it means something else, by another word"
_LIKE = f"did you mean 'quote_consent'? {_REMEDY}"


@dataclass(frozen=True, slots=True)
class ConsentColumn:
    """Where consent stands in a header, and what is wrong with the columns like it.

    Parameters
    ----------
    columns : Mapping of int to str
        What each of them asks; see `_asking.sense_of`.
    questions : Mapping of int to str
        The question that columns of its choices share.
    faults : tuple of str
    """

    columns: Mapping[int, Sense] = field(default_factory=dict)
    questions: Mapping[int, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def index(self) -> int | None:
        """The first of the columns; `None` where there is none."""
        return next(iter(self.columns), None)

    def answer(self, cells: Sequence[str], faults: list[str]) -> Answer | None:
        """The strictest answer of a row; `None` where no column asks."""
        if not self.columns:
            return None
        said = {n: cells[n] if n < len(cells) else "" for n in self.columns}
        filled = {self.questions.get(n) for n, word in said.items() if word.strip()}
        answers: list[Answer] = []
        for n, word in said.items():
            if word.strip() or self.questions.get(n) not in filled:
                answers += _meant(checked_answer(word, faults), word, self.columns[n])
        return strictest(answers)

    def guesses(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, str]:
        """Which columns were taken for it, and how many answers were read by their words."""
        names = [header[n] for n in self.columns]
        if names in ([], ["quote_consent"]):
            return {}
        told = {"quote_consent": "; ".join(names)}
        counts = Counter(
            answer
            for row in rows
            for n in self.columns
            if n < len(row)
            and row[n].strip().casefold() not in ANSWERS
            and (answer := understood(row[n]))
        )
        if counts:
            shown = ", ".join(f"{count} {answer}" for answer, count in sorted(counts.items()))
            told["quote_consent answers"] = f"by their words: {shown}"
        if against := [header[n] for n, sense in self.columns.items() if sense == "against"]:
            told["quote_consent refused by yes"] = "; ".join(against)
        if other := [header[n] for n, sense in self.columns.items() if sense == "general"]:
            told["consent that is not to be quoted"] = "; ".join(other)
        return told


def _meant(answer: Answer, word: str, sense: Sense) -> Iterator[Answer]:
    """What an answer means for quoting, by what was asked."""
    if sense == "quoting" or (sense == "general" and answer == "no"):
        yield answer
    elif sense == "against" and answer == "yes":
        yield "no"
    elif sense == "against":
        # "No" to "I do not want to be quoted" is not yet an agreement.
        yield "ask" if ANSWERS.get(word.strip().casefold()) == "no" else answer


NO_CONSENT = ConsentColumn()


def consent_column(
    header: Sequence[str],
    *,
    prompts: Sequence[str] = (),
    rows: Sequence[Sequence[str]] = (),
    taken: Collection[int] = (),
    governed: Collection[str] = (),
) -> ConsentColumn:
    """The columns of consent to be quoted.

    Parameters
    ----------
    header : sequence of str
    prompts : sequence of str
        The question of each column, where it differs from the header.
    rows : sequence of sequence of str
        Cells, by which a column is known whose name alone does not say.
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
    names = {n: tuple(dict.fromkeys((c, *prompts[n : n + 1]))) for n, c in free}
    exact = [n for n, each in names.items() if any(plain(name) in CONSENT for name in each)]
    cells = {n: [row[n] for row in rows if n < len(row)] for n in names}
    found: dict[int, Sense] = {
        n: sense
        for n, each in names.items()
        if (sense := "quoting" if n in exact else asked(each, cells[n]))
    }
    faults = []
    for n, column in free:
        if n in found:
            continue
        hints = [consent_hint(name) for name in names[n] if plain(name) not in governed]
        # In a table of the participants "quoting agreed" can mean nothing else.
        odd = any("quot" in plain(name) for name in names[n]) if governed else False
        odd = odd or _may_hide_answers(names[n], cells[n])
        hint = next(filter(None, hints), _LIKE if odd else "")
        faults += [f"the column {column!r}: {hint}"] if hint else []
    if len(exact) > 1:
        several = ", ".join(repr(header[n]) for n in exact)
        faults.append(f"several columns could be the consent to be quoted: {several}; keep one")
    faults += [told for n in found if (told := _codes_in(header[n], cells[n]))]
    questions = {n: header[n].rpartition(": ")[0] or header[n] for n in found}
    return ConsentColumn(found, questions, tuple(faults))


def asked(names: Iterable[str], cells: Sequence[str]) -> Sense:
    """What a column of one of these names asks of consent; ``""`` for any other column.

    Examples
    --------
    >>> asked(["Q9", "May we quote you?"], []), asked(["Quotes?"], ["No", "Yes"])
    ('quoting', 'quoting')
    >>> asked(["A quote that stayed"], ["The long way home is the way."])
    ''
    """
    names = list(names)
    senses = [sense_of(name) for name in names]
    known: tuple[Sense, ...] = ("against", "quoting", "general")
    plainly: Sense = next((sense for sense in known if sense in senses), "")
    if plainly not in ("", "general"):
        return plainly
    if any(map(names_quoting, names)) and are_answers(cells):
        is_against = any(bare(name).startswith(("do not", "don t", "no ")) for name in names)
        return "against" if is_against else "quoting"
    return plainly


def _may_hide_answers(names: Iterable[str], cells: Sequence[str]) -> bool:
    """Whether a name of quoting stands over cells of a word or two, such as codes."""
    filled = [cell for cell in cells if cell.strip()]
    short = all(len(cell.split()) <= _CODE_WORDS for cell in filled)
    return bool(filled) and short and any(map(names_quoting, names))


def _codes_in(column: str, cells: Iterable[str]) -> str:
    """Which codes a column of consent holds, and what to do about it; ``""`` where none.

    Examples
    --------
    >>> _codes_in("quote_consent", ["1", "yes", "2", "1"])[:50]
    "the column 'quote_consent' holds '1' (2), '2' (1),"
    >>> _codes_in("quote_consent", ["yes", "0", "oui", ""])
    ''
    """
    words = (cell.strip() for cell in cells)
    counts = Counter(w for w in words if _CODE.fullmatch(w) and understood(w) is None)
    told = ", ".join(f"{word!r} ({count})" for word, count in counts.most_common(_LISTED))
    return f"the column {column!r} holds {told}, {_SAY_CODES}" if counts else ""


def consent_hint(name: str) -> str:
    """What to do with a name that looks like consent or governance; ``""`` for any other."""
    word = plain(name)
    if sense_of(name) in ("quoting", "against"):
        return _LIKE
    near = [known for known in GOVERNED if known == word]
    if near:
        return f"{word!r} belongs in the table of the participants; put it there"
    if "consent" in word or get_close_matches(word, ["consent"], n=1, cutoff=_CLOSE):
        near = ["quote_consent"]
    near = near or get_close_matches(word, _KNOWN, n=1, cutoff=_CLOSE)
    return f"did you mean {near[0]!r}? {_REMEDY}" if near else ""


def checked_answer(word: str, faults: list[str]) -> Answer:
    """An answer; a blank is ``"ask"``, and what is no answer is ``"no"`` and a fault.

    Understood are yes, no and ask (``oui``, ``y``, ``true`` …), ticks, and answers in words ("I
    agree", "I do not agree", "Yes, but ask me first"); 0 is a box that nobody ticked: no. Other
    codes and "N/A" are not.

    Examples
    --------
    >>> [checked_answer(word, []) for word in ("Oui", " N ", "", "I do not agree")]
    ['yes', 'no', 'ask', 'no']
    >>> faults = []
    >>> checked_answer("1", faults), faults
    ('no', ["consent to be quoted '1'; expected 'yes', 'no' or 'ask'"])
    """
    answer = ANSWERS.get(word.strip().casefold()) or understood(word)
    if answer is None:
        told = told_cell(word)  # it may hold a name, which no message carries
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
