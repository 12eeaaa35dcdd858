"""Words in context: where participants use a word, with what stands around it.

Only participants' own words are searched, of texts that were cleared and whose use in quotes is
approved: a facilitator's turn, a heading and a director's page are no place of a word. Nothing
is counted as a finding here, and nothing may be sent: each line is somebody's words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from reflect_analysis._rows import to_frame
from reflect_analysis.language.passages import cut
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.corpus import Corpus

__all__ = ["Concordance", "ConcordanceLine", "keyword_in_context"]

_SECONDS = 5.0
_LINES = 200  # of a notebook's cell; the frame has all
_APOSTROPHES = "'’ʼ"
_DASHES = "-‐‑–"


@dataclass(frozen=True, slots=True)
class ConcordanceLine:
    """One place of the words, with what stands before and after in the same paragraph.

    Parameters
    ----------
    document_id : str
    start, end : int
        Half-open code points of the words.
    case_id : str, optional
        Whose words they are; `None` where nobody knows.
    before, words, after : str
        On one line each; ``"…"`` where the paragraph goes on.
    """

    document_id: str
    start: int
    end: int
    case_id: str | None
    before: str = field(repr=False)
    words: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True)
class Concordance:
    """All places of some words: participants' words, for the study's own people alone.

    Parameters
    ----------
    lines : tuple of ConcordanceLine
        In the order of the texts.
    pattern : str
        What was looked for.
    of_participants, of_documents : int
        Participants and documents that were searched.
    runs : tuple of Run
        How the corpus came to be.
    """

    lines: tuple[ConcordanceLine, ...]
    pattern: str
    of_participants: int
    of_documents: int
    runs: tuple[Run, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[ConcordanceLine]:
        return iter(self.lines)

    @property
    def participants(self) -> int:
        """Known participants who use the words."""
        return len({line.case_id for line in self.lines} - {None})

    @property
    def documents(self) -> int:
        """Documents in which they stand."""
        return len({line.document_id for line in self.lines})

    def forms(self) -> dict[str, int]:
        """The words as they stand, whatever their case, the most frequent first."""
        return dict(Counter(line.words.casefold() for line in self.lines).most_common())

    def to_frame(self) -> pd.DataFrame:
        """One row a place, the fields of `ConcordanceLine`: to keep, never to send."""
        return to_frame(self.lines, ConcordanceLine)

    def __repr__(self) -> str:
        who = f"{self.participants} of {self.of_participants} participants"
        where = f"{self.documents} of {self.of_documents} texts"
        return f"<Concordance of {self.pattern!r}: {len(self)} places, {who}, {where}>"

    def _repr_html_(self) -> str:
        style = "padding:1px 6px;white-space:nowrap;font-family:monospace;text-align:"
        rows = "".join(
            f'<tr><td style="{style}left">{escape(line.document_id)}</td>'
            f'<td style="{style}right">{escape(line.before)}</td>'
            f'<td style="{style}left"><b>{escape(line.words)}</b></td>'
            f'<td style="{style}left">{escape(line.after)}</td></tr>'
            for line in self.lines[:_LINES]
        )
        more = len(self) - _LINES
        rest = f"<p>{more} more places: see .to_frame()</p>" if more > 0 else ""
        head = "".join(
            f'<th scope="col" style="{style}left">{name}</th>'
            for name in ("Text", "Before", "Words", "After")
        )
        note = f"<p>{escape(repr(self))} Participants’ words: to keep, not to send.</p>"
        return f"{note}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{rest}"


def keyword_in_context(
    corpus: Corpus,
    pattern: str | Sequence[str],
    *,
    window: int = 40,
    regex: bool = False,
    use: str = "quotes",
) -> Concordance:
    """Find words in participants' texts, with what stands around them.

    Parameters
    ----------
    corpus : Corpus
        Records whose governors have not approved `use` are left out.
    pattern : str or sequence of str
        A word, several words in a row, or a list of which any is looked for; whole words,
        whatever their case, apostrophes and line breaks. ``*`` stands for the rest of a word:
        ``"mentor*"``.
    window : int
        Characters before and after, at least 0.
    regex : bool
        Whether the pattern is a regular expression of the package `regex`.
    use : str
        The use that governed records must be approved for.

    Returns
    -------
    Concordance

    Raises
    ------
    NotClearedError
        If a document is not cleared.
    ValueError
        If there is nothing to look for, the window is negative, the expression is none, or it
        takes longer than five seconds.

    Examples
    --------
    >>> from reflect_analysis.corpus import Case, Clearance, Corpus, Document
    >>> text = Document("R1", "I am not alone. We are never alone here.", case_id="P1")
    >>> corpus = Corpus((text,), (Case("P1"),), (Clearance(text.sha256, "ada", "read"),))
    >>> found = keyword_in_context(corpus, "not alone", window=6)
    >>> [(line.before, line.words, line.after) for line in found]
    [('I am ', 'not alone', '. We a…')]
    """
    if window < 0:
        raise ValueError(f"window must not be negative, not {window!r}")
    told = [pattern] if isinstance(pattern, str) else list(pattern)
    search = _compiled(told, regex=regex)
    texts = corpus.permitted(use).where(lambda document: document.voice == "participant")
    texts.check_cleared()
    lines = tuple(_lines(texts, search, window))
    people = {case_id for document in texts for case_id in texts.cases_of(document)}
    return Concordance(lines, ", ".join(told), len(people), len(texts), corpus.runs)


def _compiled(patterns: Sequence[str], *, regex: bool) -> Any:
    """The expression that is searched; of plain words one that takes no time to fail."""
    import regex as engine  # type: ignore[import-untyped]  # its stubs are a package of their own

    wanted = [" ".join(each.split()) if not regex else each for each in patterns]
    if not wanted or not all(each.strip("* ") for each in wanted):
        raise ValueError("nothing to look for: give a word, words in a row, or a list of them")
    source = "|".join(f"(?:{each})" if regex else _plain(each) for each in wanted)
    try:
        return engine.compile(source, engine.IGNORECASE)
    except engine.error as problem:
        raise ValueError(f"{', '.join(patterns)!r} is no regular expression: {problem}") from None


def _plain(words: str) -> str:
    """Words in a row as an expression: whole words, any blank between them."""
    parts = [r"\s+" if character == " " else _character(character) for character in words]
    start = r"(?<!\w)" if re.match(r"\w", words) else ""
    end = r"(?!\w)" if re.search(r"\w\Z", words) else ""
    return f"{start}{''.join(parts)}{end}"


def _character(character: str) -> str:
    if character == "*":
        return r"\w*"
    for alike in (_APOSTROPHES, _DASHES):
        if character in alike:
            return f"[{re.escape(alike)}]"
    return re.escape(character)


def _lines(corpus: Corpus, search: Any, window: int) -> Iterator[ConcordanceLine]:
    from time import monotonic

    until = monotonic() + _SECONDS
    for document, stretch, spans in cut(corpus, "paragraph"):
        for start, end in spans:
            begin, stop = stretch.start + start, stretch.start + end
            left = max(until - monotonic(), 0.001)
            for at, to in _found(search, document.text, begin, stop, left):
                yield ConcordanceLine(
                    document.id,
                    at,
                    to,
                    corpus.case_at(document.id, at),
                    _before(document.text, begin, at, window),
                    _flat(document.text[at:to]),
                    _after(document.text, to, stop, window),
                )


def _found(search: Any, text: str, start: int, end: int, left: float) -> list[tuple[int, int]]:
    """Where the expression matches between two offsets; a match of nothing is none."""
    try:
        return [
            (start + found.start(), start + found.end())
            for found in search.finditer(text[start:end], timeout=left)
            if found.group().strip()
        ]
    except TimeoutError:
        raise ValueError(
            f"the expression takes longer than {_SECONDS:.0f} seconds; look for plain words, or "
            "write it without repeats inside repeats"
        ) from None


def _flat(text: str) -> str:
    return re.sub(r"\s", " ", text)


def _before(text: str, begin: int, at: int, window: int) -> str:
    cut_off = max(begin, at - window)
    return ("…" if cut_off > begin else "") + _flat(text[cut_off:at])


def _after(text: str, to: int, stop: int, window: int) -> str:
    cut_off = min(stop, to + window)
    return _flat(text[to:cut_off]) + ("…" if cut_off < stop else "")
