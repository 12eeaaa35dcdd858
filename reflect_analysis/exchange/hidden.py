"""The words of records that may not leave, known again wherever somebody wrote them down.

Researchers quote within a sentence, between quotation marks, with an omission in the middle, with
the id of the text behind it; so whole texts are not compared but runs of words, punctuation and
capitals disregarded. A run that also stands in a text that leaves gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["HiddenWords"]

RUN = 4  # words in a row by which a record is known again
GAP = "[…]"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PIECES = re.compile(r"…|\.\.\.+|\[\W*\]|\([^()]*\)|[“”«»„\"—\n]")


class HiddenWords:
    """Texts that stay, texts that leave, and the names of what stays.

    Examples
    --------
    >>> hidden = HiddenWords(["They gave the drum to the elder."], ["It rained."], ["R07"])
    >>> hidden.masked("As in: they gave the drum away.")
    'As in: […] away.'
    >>> hidden.told_in("see R07"), hidden.told_in("They sang."), hidden.quoted_in("“the elder”")
    (True, False, True)
    """

    def __init__(self, hidden: Iterable[str], open_: Iterable[str], names: Iterable[str]) -> None:
        texts, others = list(map(_plain, hidden)), list(map(_plain, open_))
        self.hidden, self.open = _joined(texts), _joined(others)
        self.runs = frozenset(run for text in texts for run in _runs(text)) - frozenset(
            run for text in others for run in _runs(text)
        )
        told = sorted(filter(_is_telling, names), key=len, reverse=True)
        any_of = "|".join(map(re.escape, told))
        self.names = re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE) if told else None

    def hold(self, text: str) -> bool:
        """Whether a text as a whole is a passage of theirs."""
        plain = _plain(text)
        return bool(plain) and f" {plain} " in self.hidden

    def alone(self, text: str, *, least: int = 1) -> bool:
        """Whether a text is a passage of theirs, and of no text that leaves."""
        plain = _plain(text)
        return self.hold(text) and f" {plain} " not in self.open and len(plain.split()) >= least

    def told_in(self, text: str) -> bool:
        """Whether a text repeats them, or names one of their records."""
        return any(True for _ in self._spans(text)) or self._names_one(text)

    def quoted_in(self, text: str) -> bool:
        """Whether a text that may be a quote is one: whole, or in pieces beside omissions."""
        if self.hold(text) or self.told_in(text):
            return True
        pieces = list(filter(None, map(_plain, _PIECES.split(text))))
        return bool(pieces) and all(self.hold(each) for each in pieces)

    def masked(self, text: str) -> str:
        """A text with a gap where it repeats them or names one of their records."""
        for start, end in reversed(list(self._spans(text))):
            text = f"{text[:start]}{GAP}{text[end:]}"
        return self.names.sub(GAP, text) if self.names else text

    def _names_one(self, text: str) -> bool:
        return self.names is not None and self.names.search(text) is not None

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where runs of their words stand; runs that overlap are one."""
        words = list(_WORD.finditer(text))
        plain = [_plain(word[0]) for word in words]
        open_: tuple[int, int] | None = None
        for at in range(len(words) - RUN + 1):
            if " ".join(plain[at : at + RUN]) not in self.runs:
                continue
            start, end = words[at].start(), words[at + RUN - 1].end()
            if open_ and start <= open_[1]:
                open_ = (open_[0], end)
                continue
            if open_:
                yield open_
            open_ = (start, end)
        if open_:
            yield open_


def _plain(text: str) -> str:
    """The words of a text with one blank between them."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))


def _joined(texts: Iterable[str]) -> str:
    """Texts in one, so that no passage reaches from one into the next."""
    return "\n".join(f" {text} " for text in texts)


def _runs(plain: str) -> Iterator[str]:
    words = plain.split(" ")
    return (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def _is_telling(name: str) -> bool:
    """Whether a name cannot be a word or a number of a sentence."""
    return any(map(str.isalpha, name)) and any(map(str.isdigit, name))
