"""A codebook without the words of a participant who withdrew."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.disclosure.withdrawal.words import Quotes

__all__ = ["NO_TRACES", "Traces", "clean", "traces_in"]

IsGone = Callable[[str, int, int], bool]


class Traces(NamedTuple):
    """Where a codebook goes back to a person: ids of codes.

    Parameters
    ----------
    origins : tuple of str
        Codes that were first made from a passage of the person.
    in_vivo : tuple of str
        Codes that bore the person's words as their name.
    examples : tuple of str
        Codes with the person's words among their examples or in another text.
    """

    origins: tuple[str, ...] = ()
    in_vivo: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


NO_TRACES = Traces()


def clean(book: Codebook, is_gone: IsGone, quotes: Quotes) -> Codebook:
    """A codebook without the words of the withdrawn; itself where there are none.

    An in vivo name becomes a neutral one, an example goes, what is quoted in a definition or a
    note is blotted out.
    """
    names = [code.name for code in book if _is_theirs(code, is_gone, quotes)]
    for name in names:
        quotes = quotes.with_phrase(name)
    codes = tuple(_clean_code(code, is_gone, quotes) for code in book.codes)
    history = tuple(
        dataclasses.replace(row, reason=quotes.blot(row.reason)) for row in book.history
    )
    if codes == book.codes and history == book.history and not quotes:
        return book
    changed = dataclasses.replace(
        book,
        codes=codes,
        history=history,
        groups=tuple(
            dataclasses.replace(g, description=quotes.blot(g.description)) for g in book.groups
        ),
        description=quotes.blot(book.description),
        general_rules=tuple(map(quotes.blot, book.general_rules)),
    )
    return book if changed == book else changed


def traces_in(book: Codebook, is_gone: IsGone, quotes: Quotes) -> Traces:
    """Where a codebook goes back to the withdrawn."""
    return Traces(
        tuple(code.id for code in book if _comes_from(code, is_gone)),
        tuple(code.id for code in book if _is_theirs(code, is_gone, quotes)),
        tuple(code.id for code in book if _quotes(code, quotes)),
    )


def _comes_from(code: Code, is_gone: IsGone) -> bool:
    origin = code.origin
    return origin is not None and is_gone(origin.document_id, origin.start, origin.end)


def _is_theirs(code: Code, is_gone: IsGone, quotes: Quotes) -> bool:
    """Whether the name of a code is the words of the withdrawn."""
    if not code.in_vivo:
        return False
    return _comes_from(code, is_gone) if code.origin is not None else quotes.holds(code.name)


def _quotes(code: Code, quotes: Quotes) -> bool:
    return _clean_texts(code, quotes) != code


def _clean_code(code: Code, is_gone: IsGone, quotes: Quotes) -> Code:
    cleaned = _clean_texts(code, quotes)
    if not _is_theirs(code, is_gone, quotes):
        return cleaned
    neutral = f"in vivo code: {code.id}"
    return dataclasses.replace(cleaned, name=neutral, in_vivo=False, name_approved_by="")


def _clean_texts(code: Code, quotes: Quotes) -> Code:
    if not quotes:
        return code

    def left(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(quotes.blot(text) for text in texts if not quotes.holds(text))

    return dataclasses.replace(
        code,
        definition=quotes.blot(code.definition),
        note=quotes.blot(code.note),
        counter_examples=tuple(
            dataclasses.replace(each, text=quotes.blot(each.text), why=quotes.blot(each.why))
            for each in code.counter_examples
            if not quotes.holds(each.text)
        ),
        include=left(code.include),
        exclude=left(code.exclude),
        examples=left(code.examples),
    )
