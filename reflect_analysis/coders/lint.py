"""What a codebook lacks, and where its rules overlap or idle: in words, with what to do.

A lint is advice and never an error: two codes may rightly fall on the same passage, and a pattern
that finds nothing here may find something in the next study. What it can know depends on what
it is given: the codebook alone, the texts as well, or codings too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, get_args

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.checking import family
from reflect_analysis.coders.evidence import shortened
from reflect_analysis.coders.idle import idle_patterns
from reflect_analysis.coders.readings import Rows
from reflect_analysis.coders.rulebook import is_naming
from reflect_analysis.coders.rules import Match, RuleCoder
from reflect_analysis.codings import Codings
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["LintReport", "LintRow", "lint_codebook"]

LintKind = Literal[
    "no definition",
    "no exclusion",
    "no example",
    "no counter-example",
    "no pattern",
    "human-only with patterns",
    "unreachable pattern",
    "finds another code's example",
    "same passages",
    "always together",
    "never found",
]
# Fewer passages of a code show nothing about what it stands with.
FEWEST = 3
# Two codes overlap if so much of the rarer one lies in the other.
SHARE = 0.5
# Patterns that are named in one line.
_SHOWN = 4

Passage = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class LintRow:
    """One thing to look at in a code.

    Parameters
    ----------
    code_id : str
    kind : str
        Such as ``"no counter-example"``.
    told : str
        What was seen, in words.
    advice : str
        What to do.
    count : int
        How many patterns, passages or examples it is about: by it the worst come first in a
        summary.
    """

    code_id: str
    kind: LintKind
    told: str
    advice: str
    count: int = 1

    def __str__(self) -> str:
        """In one line."""
        return f"{self.code_id}: {self.told}. {self.advice}"


@dataclass(frozen=True)
class LintReport:
    """What there is to look at in a codebook, in its order.

    Parameters
    ----------
    rows : tuple of LintRow
    """

    rows: tuple[LintRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LintRow]:
        return iter(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row each: ``code_id, kind, told, advice, count``."""
        return to_frame(self.rows, LintRow)

    def __repr__(self) -> str:
        counts = Counter(row.kind for row in self.rows)
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        return f"<LintReport: {told or 'nothing to look at'}>"

    def __str__(self) -> str:
        """One line each."""
        return "\n".join(map(str, self.rows)) or "Nothing to look at."

    def summary(self, each: int = 3) -> str:
        """By kind: how many there are, the worst few, and what to do.

        Parameters
        ----------
        each : int
            Rows that are shown of a kind.
        """
        kinds: dict[str, list[LintRow]] = {kind: [] for kind in get_args(LintKind)}
        for row in self.rows:
            kinds[row.kind].append(row)
        told = (line for kind, rows in kinds.items() if rows for line in _kind(kind, rows, each))
        return "\n".join(told) or "Nothing to look at."

    def _repr_html_(self) -> str:
        rows = ((row.code_id, row.told, row.advice) for row in self.rows)
        heads = ("Code", "What was seen", "What to do")
        return f"<p>{escape(repr(self))}</p>{html_table(heads, rows)}"


def lint_codebook(
    codebook: Codebook,
    segments: Segments | None = None,
    codings: Codings | None = None,
    *,
    model: str | None = None,
    cache: Cache | None = None,
) -> LintReport:
    """Look through a codebook for what it lacks and for rules that overlap or idle.

    Parameters
    ----------
    codebook : Codebook
    segments : Segments, optional
        With them, patterns that find nothing and codes that fall on the same passages are told.
    codings : Codings, optional
        People's or a machine's: which codes never stand without another is told of these;
        without them of what the rules find in `segments`.
    model : str, optional
        The English model; see `language.parse`.
    cache : Cache, optional
        By default `default_cache()`.

    Returns
    -------
    LintReport
        Empty where there is nothing to look at.

    Raises
    ------
    CodebookError
        If patterns do not parse.
    UnknownIdError
        If a coding names a code that the codebook lacks.

    Examples
    --------
    >>> from reflect_analysis.codebook import Group
    >>> code = Code("rest", "Rest", "Resting.", "care", exclude=("Sleep",), patterns=("nap", "nap"))
    >>> for row in lint_codebook(Codebook((code,), (Group("care", "Care"),))):
    ...     print(row.kind)
    no example
    no counter-example
    unreachable pattern
    """
    coder = RuleCoder(codebook, model=model, cache=cache)
    matches = coder.matches(segments) if segments is not None else ()
    passages = _coded(codings, codebook) if codings is not None else _matched(matches, segments)
    rows = [
        *_of_the_text(codebook, coder),
        *idle_rows(codebook),
        *_on_examples(codebook, coder),
        *_together(passages, codebook),
    ]
    if segments is not None:
        rows += _never_found(codebook, coder, matches, len(segments.by_document))
    order = {code_id: place for place, code_id in enumerate(codebook.ids)}
    return LintReport(tuple(sorted(rows, key=lambda row: order[row.code_id])))


# ── the codebook by itself ──────────────────────────────────────────────────────


def _of_the_text(codebook: Codebook, coder: RuleCoder) -> Iterator[LintRow]:
    """What codes lack."""
    for code in codebook.in_use:
        if not code.definition:
            advice = "Define it, move its passages to another code, or drop it."
            yield LintRow(code.id, "no definition", "provisional: no definition yet", advice)
        if not code.exclude:
            advice = "Say what comes near and does not count, and which code it is instead"
            yield LintRow(code.id, "no exclusion", "no exclusion", f"{advice}.")
        if not code.examples and not code.human_only:
            advice = "Compose one or two: they are the tests of the definition and of the rules."
            yield LintRow(code.id, "no example", "no example", advice)
        if not code.counter_examples:
            advice = "Compose a near miss and say why it is none: that is where coders part."
            yield LintRow(code.id, "no counter-example", "no counter-example", advice)
        yield from _of_patterns(code, codebook, coder)


def _of_patterns(code: Code, codebook: Codebook, coder: RuleCoder) -> Iterator[LintRow]:
    """Patterns where none is used, and none where one is missed."""
    patterns = [text for text in code.patterns if not is_naming(text)]
    if code.human_only and patterns:
        count = _counted(len(patterns), "pattern")
        told = f"only people give it, and it has {count}"
        advice = "No machine proposes it: keep them only where '@' in another code refers to it."
        yield LintRow(code.id, "human-only with patterns", told, advice)
    if not code.human_only and not set(coder.codes_).intersection(family(code, codebook)):
        told = "no pattern, so the rules do not look for it and it shows as not read"
        advice = "Write patterns, code it by another coder, or mark it human_only."
        yield LintRow(code.id, "no pattern", told, advice)


def idle_rows(codebook: Codebook) -> Iterator[LintRow]:
    """Patterns that can find nothing, or nothing that another does not find."""
    for code_id, told in idle_patterns(codebook):
        yield LintRow(code_id, "unreachable pattern", told, "Take it out, or change it.")


def _on_examples(codebook: Codebook, coder: RuleCoder) -> Iterator[LintRow]:
    """Codes whose patterns count on another code's examples."""
    lines = _lines(codebook)
    seen: dict[tuple[str, str], dict[int, str]] = {}
    for code in codebook.in_use:
        for number, finds in enumerate(coder.finds(code.examples), start=1):
            for other, found in finds.items():
                kept = next((find for find in found if not find.blocked), None)
                if kept is not None and other not in lines[code.id]:
                    seen.setdefault((other, code.id), {})[number] = kept.pattern
    for (other, code_id), places in seen.items():
        noun = "example" if len(places) == 1 else "examples"
        numbers = ", ".join(map(str, places))
        told = f"also finds {noun} {numbers} of {code_id}, by {_quoted(list(places.values()))}"
        advice = "If both codes are right there, leave it; else narrow the pattern or add '!'."
        yield LintRow(other, "finds another code's example", told, advice, len(places))


def _lines(codebook: Codebook) -> dict[str, set[str]]:
    """For each code its own line: itself, its ancestors and its subcodes."""
    families = {code.id: set(family(code, codebook)) for code in codebook}
    return {
        code_id: {*own, *(other for other, line in families.items() if code_id in line)}
        for code_id, own in families.items()
    }


# ── the texts ───────────────────────────────────────────────────────────────────


def _matched(matches: Iterable[Match], segments: Segments | None) -> dict[str, set[Passage]]:
    """The segments in which the rules find each code."""
    found: dict[str, set[Passage]] = {}
    if segments is None:
        return found
    rows = {document_id: Rows(own) for document_id, own in segments.by_document.items()}
    for match in matches:
        row = rows[match.document_id].at(match.start) if match.counts else None
        if row is not None:
            found.setdefault(match.code_id, set()).add((row.document_id, row.start, row.end))
    return found


def _coded(codings: Codings, codebook: Codebook) -> dict[str, set[Passage]]:
    """The passages that were given each code."""
    codebook.check_ids((coding.code_id for coding in codings), "the codings")
    found: dict[str, set[Passage]] = {code.id: set() for code in codebook.in_use}
    for row in codings.current:
        if row.coding.region is not None:
            continue
        passage = (row.coding.document_id, row.coding.start, row.coding.end)
        if row.coding.code_id in found:
            found[row.coding.code_id].add(passage)
    return found


def _together(passages: Mapping[str, set[Passage]], codebook: Codebook) -> Iterator[LintRow]:
    """Codes of which one hardly ever, or never, stands without the other."""
    lines = _lines(codebook)
    ranked = sorted(passages, key=lambda code_id: len(passages[code_id]))
    counts = _shared(passages, ranked)
    for first, second in combinations(range(len(ranked)), 2):
        rarer, other = ranked[first], ranked[second]
        total, shared = len(passages[rarer]), int(counts[first, second])
        if total < FEWEST or other in lines[rarer]:
            continue
        if shared == total:
            told = f"all {total} passages are passages of {other} too"
            advice = "Say what parts them in both definitions, or make one code of them."
            yield LintRow(rarer, "always together", told, advice, total)
        elif shared >= max(FEWEST, SHARE * total):
            told = f"{shared} of {total} passages are passages of {other} too"
            advice = "Look at some of them: both may be right; else part them by '!'."
            yield LintRow(rarer, "same passages", told, advice, shared)


def _shared(
    passages: Mapping[str, set[Passage]], codes: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many passages of one code overlap any of another, (n_codes, n_codes).

    One sweep over the texts gives the pairs that overlap, as a sparse matrix; the time hangs
    on these, not on the square of the passages.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    rows = sorted(set().union(*(passages[code_id] for code_id in codes)))
    if not rows:
        return np.zeros((len(codes), len(codes)), dtype=np.int64)
    place = {passage: number for number, passage in enumerate(rows)}
    given = [(place[p], column) for column, c in enumerate(codes) for p in passages[c]]
    coded = csr_matrix(
        (np.ones(len(given), np.int64), tuple(zip(*given, strict=True))), (len(rows), len(codes))
    )
    pairs = list(_overlapping(rows))
    meets = csr_matrix(
        (np.ones(len(pairs), np.int64), tuple(zip(*pairs, strict=True))), (len(rows), len(rows))
    )
    touched = (meets @ coded > 0).astype(np.int64)
    counts: np.ndarray[Any, np.dtype[np.int64]] = (coded.T @ touched).toarray()
    return counts


def _overlapping(rows: Sequence[Passage]) -> Iterator[tuple[int, int]]:
    """The places of passages that overlap, both ways and each with itself; `rows` is sorted."""
    open_: list[int] = []
    for number, (document_id, start, _) in enumerate(rows):
        open_ = [o for o in open_ if rows[o][0] == document_id and start < rows[o][2]]
        for other in open_:
            yield other, number
            yield number, other
        yield number, number
        open_.append(number)


def _never_found(
    codebook: Codebook, coder: RuleCoder, matches: Sequence[Match], documents: int
) -> Iterator[LintRow]:
    """Patterns that find nothing in the texts, or only what is passed over."""
    counted = {(m.code_id, m.pattern) for m in matches if m.counts}
    blocked = {(m.code_id, m.pattern) for m in matches} - counted
    where = _counted(documents, "document")
    for code in codebook:
        if code.id not in coder.codes_:
            continue
        finding = [text for text in code.patterns if not is_naming(text) and text[:1] not in "!&"]
        unseen = [p for p in finding if not {(code.id, p)} & (counted | blocked)]
        passed = [p for p in finding if (code.id, p) in blocked]
        if unseen:
            told = f"{len(unseen)} of {len(finding)} patterns find nothing in {where}: "
            advice = "Say it as the texts do, or keep it for other texts."
            told += _quoted(unseen)
            yield LintRow(code.id, "never found", told, advice, len(unseen))
        if passed:
            told = f"what these find in {where} is always passed over: {_quoted(passed)}"
            advice = "Look at `RuleCoder.matches`: a scope or '!' blocks every one."
            yield LintRow(code.id, "never found", told, advice, len(passed))


# ── words ───────────────────────────────────────────────────────────────────────


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _quoted(patterns: Sequence[str]) -> str:
    """The first of some patterns, each no longer than tells it from the others."""
    shown = [repr(shortened(pattern)) for pattern in dict.fromkeys(patterns)]
    more = len(shown) - _SHOWN
    return "; ".join(shown[:_SHOWN] + [f"and {more} more"] * (more > 0))


def _kind(kind: str, rows: Sequence[LintRow], each: int) -> Iterator[str]:
    """The worst rows of one kind, with each advice once; what says no more is a list of codes."""
    ranked = sorted(rows, key=lambda row: -row.count)
    shown, more = ranked[:each], len(rows) - each
    rest = f" and {more} more" if more > 0 else ""
    if all(row.told == kind for row in rows):
        yield f"{kind} ({len(rows)}): {', '.join(row.code_id for row in shown)}{rest}"
    else:
        yield f"{kind} ({len(rows)}):"
        yield from (f"  - {row.code_id}: {row.told}" for row in shown)
        yield from [f"  -{rest}"] if rest else []
    yield from (f"  {advice}" for advice in dict.fromkeys(row.advice for row in shown))
