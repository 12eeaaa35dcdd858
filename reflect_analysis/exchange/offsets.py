"""In which unit another program counted the positions in a text: inferred, and proved.

A position means nothing without its unit. Some programs count Unicode code points, some the
16-bit units of UTF-16, some the bytes of UTF-8; a line end of two characters counts as two or
as one. A wrong guess shifts every coding behind the first emoji, and nothing else shows it.
So each reading is tried on each text, and judged by what people do: they select whole words,
and some programs write the quote beside. A source that cannot tell two readings apart follows
the rest of the project; where that cannot either and the spans would differ, nothing is
guessed.

Invariant: what comes out are half-open code points of the text with LF line ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from reflect_analysis.exchange.values import LineEnds, Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Fit", "Positions", "Reading", "SourceText", "Written", "decode", "understand"]

UNITS: tuple[Unit, ...] = ("code points", "utf-16")
# A reading is proved when it fits better by half a selection, and by a tenth of those that differ.
_MARGIN, _SHARE = 0.5, 0.1
_TRAILING_BLANK = 0.75  # an end behind a blank is likely, and less so than one behind a word
_SHORTEST_QUOTE = 3  # characters; less proves nothing
_TOO_POOR, _ENOUGH = 0.6, 5
_MOST_BLANKS = 8  # blanks a character: further than that no quote is looked for
_ASTRAL = 0xFFFF
_INSIDE = "its positions cut a character in two"


@dataclass(frozen=True, slots=True)
class Reading:
    """What positions count, and whether a line end of CR and LF is two of them."""

    unit: Unit
    crlf: bool

    def line_ends(self, text: SourceText) -> LineEnds:
        """The rule for line ends, as a report says it."""
        if self.crlf and text.may_have_crlf:
            return "CRLF as two"
        return "CRLF as one" if text.has_crlf else "LF"


@dataclass(frozen=True, slots=True)
class Written:
    """A selection as the file has it."""

    start: int
    end: int
    quote: str = ""
    id: str = ""


@dataclass(frozen=True)
class SourceText:
    r"""A text with LF line ends, which remembers where CR and LF stood.

    Examples
    --------
    >>> text = SourceText.of("a\r\n🙂b")
    >>> text.text
    'a\n🙂b'
    >>> text.convert(Reading("utf-16", crlf=True), [3, 5, 6]).tolist()
    [2, 3, 4]
    >>> text.convert(Reading("utf-16", crlf=True), [4]).tolist()  # inside the emoji
    [-1]
    """

    text: str
    crlf_at: tuple[int, ...] = ()
    from_xml: bool = False

    @classmethod
    def of(cls, raw: str, *, from_xml: bool = False) -> SourceText:
        """A text as it was decoded, whatever its line ends.

        `from_xml`: it stood in XML, which makes one LF of every line end, so that the program
        may have counted two.
        """
        if "\r" not in raw:
            return cls(raw, (), from_xml)
        parts = raw.split("\r\n")
        # A lone CR is a line end of one character: nothing moves.
        pieces = [part.replace("\r", "\n") for part in parts]
        places, at = [], 0
        for piece in pieces[:-1]:
            at += len(piece)
            places.append(at)
            at += 1
        return cls("\n".join(pieces), tuple(places))

    @property
    def has_crlf(self) -> bool:
        """Whether any line ended in CR and LF."""
        return bool(self.crlf_at)

    @property
    def may_have_crlf(self) -> bool:
        """Whether a line end may have counted as two."""
        return self.has_crlf or (self.from_xml and "\n" in self.text)

    def lighten(self) -> None:
        """Forget what was computed for judging; a thousand texts would hold much of it."""
        for name in ("_points", "_breaks", "word_starts", "word_ends", "end_quality", "_classes"):
            self.__dict__.pop(name, None)

    def convert(self, reading: Reading, positions: Sequence[int] | Numbers) -> Numbers:
        """Code points of the text for positions counted otherwise; −1 where there is none.

        A position between CR and LF is that before the line end.
        """
        import numpy as np

        starts = self.starts(reading)
        wanted = np.asarray(positions, dtype=np.int64)
        index = np.searchsorted(starts, wanted)
        inside = np.minimum(index, len(starts) - 1)
        exact = (starts[inside] == wanted) & (wanted >= 0)
        before = np.maximum(inside - 1, 0)
        at_end = (wanted >= 0) & (wanted < starts[-1]) & ~exact & self._breaks[before]
        return np.where(exact, inside, np.where(at_end, before, -1))

    def length(self, reading: Reading) -> int:
        """How long the text is, as a reading counts."""
        return int(self.starts(reading)[-1])

    @cached_property
    def _points(self) -> NDArray[np.uint32]:
        import numpy as np

        return np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), dtype="<u4")

    @cached_property
    def _breaks(self) -> NDArray[np.bool_]:
        """Where a line end stands; with one place more, for the end of the text."""
        import numpy as np

        return np.append(self._points == ord("\n"), False)  # numpy takes it so

    def starts(self, reading: Reading) -> Numbers:
        """Where each code point begins, and the text ends, as a reading counts."""
        import numpy as np

        points = self._points
        widths = np.ones(len(points), dtype=np.int64)
        if reading.unit == "utf-16":
            widths += points > _ASTRAL
        elif reading.unit == "utf-8 bytes":
            for bound in (0x7F, 0x7FF, _ASTRAL):
                widths += points > bound
        if reading.crlf and self.crlf_at:
            widths[list(self.crlf_at)] += 1
        elif reading.crlf and self.from_xml:  # XML has made LF of every line end
            widths += points == ord("\n")
        return np.concatenate(([0], np.cumsum(widths)))

    @cached_property
    def word_starts(self) -> NDArray[np.bool_]:
        """Per place, whether a selection may well begin there: no word is cut, no blank."""
        letters, blanks = self._classes
        return ~(letters[1:] & letters[:-1]) & ~blanks[1:]

    @cached_property
    def word_ends(self) -> NDArray[np.bool_]:
        """Per place, whether no word is cut by an end there."""
        letters, _ = self._classes
        return ~(letters[1:] & letters[:-1])

    @cached_property
    def end_quality(self) -> Floats:
        """Per place, how likely people end a selection there, in [0, 1]."""
        import numpy as np

        _, blanks = self._classes
        clean = np.where(blanks[:-1], _TRAILING_BLANK, 1.0)
        return np.where(self.word_ends, clean, 0.0)

    @cached_property
    def _classes(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Letters and blanks, with a place before the text and one behind."""
        import numpy as np

        size = len(self.text) + 2
        letters = np.fromiter((False, *map(str.isalnum, self.text), False), bool, size)
        blanks = np.fromiter((True, *map(str.isspace, self.text), True), bool, size)
        return letters, blanks


def decode(data: bytes) -> SourceText:
    r"""A text member: UTF-8 with or without a mark at its front, or UTF-16 with one.

    Raises
    ------
    UnicodeDecodeError

    Examples
    --------
    >>> decode(b"\xef\xbb\xbfone\r\ntwo").text
    'one\ntwo'
    """
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return SourceText.of(data.decode("utf-16" if wide else "utf-8-sig"))


# ── one source ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Positions:
    """The selections of one source; `marks` are further positions that must lie in it."""

    id: str
    text: SourceText
    selections: tuple[Written, ...]
    marks: tuple[int, ...] = ()

    def readings(
        self, units: Iterable[Unit], line_ends: LineEnds = ""
    ) -> tuple[tuple[Reading, ...], ...]:
        """The readings of these positions, those together that give the same spans."""
        # Both, even where no line end tells them apart: the rest of the project may be one.
        both = (line_ends == "CRLF as two",) if line_ends else (False, True)
        found: dict[bytes, list[Reading]] = {}
        for unit, crlf in product(units, both):
            reading = Reading(unit, crlf)
            found.setdefault(self._spans(reading).tobytes(), []).append(reading)
        return tuple(map(tuple, found.values()))

    def _spans(self, reading: Reading) -> Numbers:
        import numpy as np

        written = [(row.start, row.end) for row in self.selections]
        written += [(mark, mark) for mark in self.marks]
        flat = np.array([self._bounded(n) for pair in written for n in pair], dtype=np.int64)
        return self.text.convert(reading, flat).reshape(-1, 2)

    @staticmethod
    def _bounded(number: int) -> int:
        """A position that numpy can hold; no text is so long."""
        return number if abs(number) < 2**62 else -1

    def fit(self, readings: tuple[Reading, ...]) -> Fit:
        """How readings that give the same spans fit the selections."""
        import numpy as np

        reading = readings[0]

        count = len(self.selections)
        spans = self._spans(reading)[:count]
        starts, ends = spans[:, 0], spans[:, 1]
        held = (starts >= 0) & (ends > starts)
        safe_starts, safe_ends = np.where(held, starts, 0), np.where(held, ends, 0)
        at_start = held & self.text.word_starts[safe_starts]
        at_end = held & self.text.word_ends[safe_ends]
        quality = np.where(held, (at_start + self.text.end_quality[safe_ends]) / 2, 0.0)
        found = np.array([self._quotes(i, spans[i]) for i in range(count)], dtype=bool)
        return Fit(self, reading, spans, held, at_start, at_end, found, quality, readings)

    def _quotes(self, index: int, span: Numbers) -> bool:
        """Whether the text of a span is, or begins with, the quote beside it."""
        quote = _plain(self.selections[index].quote)
        start, end = int(span[0]), int(span[1])
        if len(quote) < _SHORTEST_QUOTE or start < 0 or end <= start:
            return False
        # So much of a long passage shows whether it begins with the quote.
        near = min(end, start + _MOST_BLANKS * len(quote) + _MOST_BLANKS)
        passage = _plain(self.text.text[start:near])
        whole = passage == quote and near == end
        cut = len(passage) > len(quote) and len(quote) >= 10 * _SHORTEST_QUOTE
        return whole or (cut and passage.startswith(quote))


def _plain(text: str) -> str:
    """A quote without what programs change: blanks, and the dots where it was cut."""
    return " ".join(text.split()).rstrip(".… ")


@dataclass(frozen=True, eq=False)
class Fit:
    """How one reading fits the selections of one source, an entry a selection."""

    positions: Positions
    reading: Reading
    spans: Numbers
    held: NDArray[np.bool_]
    at_start: NDArray[np.bool_]
    at_end: NDArray[np.bool_]
    quoted: NDArray[np.bool_]
    quality: Floats
    readings: tuple[Reading, ...]
    proved: bool = True
    runner_up: float = 0.0
    doubt: str = ""

    @property
    def score(self) -> float:
        """Share of the selections that fit, in [0, 1]."""
        return float(self.quality.mean()) if len(self.quality) else 1.0

    @property
    def poor(self) -> bool:
        """Whether so few selections fit that the positions count something else."""
        return len(self.quality) >= _ENOUGH and self.score < _TOO_POOR

    def span(self, index: int) -> tuple[int, int] | None:
        """The code points of a selection, or `None`."""
        start, end = (int(number) for number in self.spans[index])
        return (start, end) if self.held[index] else None

    def marks(self) -> list[int]:
        """The further positions, in code points; −1 outside."""
        count = len(self.positions.selections)
        rows = self.positions._spans(self.reading)[count:]  # noqa: SLF001  # its own source
        return [int(row[0]) for row in rows]

    def why_not(self, index: int) -> str:
        """Why a selection was not resolved."""
        row = self.positions.selections[index]
        length = self.positions.text.length(self.reading)
        place = f"{row.start}–{row.end}"
        if row.end <= row.start:
            return f"{place} is no span"
        if row.start < 0 or row.end > length:
            return f"{place} lies outside the text of {length} {self.reading.unit}"
        return f"{place}: {_INSIDE}"


# ── a project ───────────────────────────────────────────────────────────────────


def understand(
    sources: Sequence[Positions],
    *,
    unit: Unit = "",
    line_ends: LineEnds = "",
    units: Sequence[Unit] = UNITS,
    expected: Reading | None = None,
) -> tuple[list[Fit], list[str]]:
    """The reading of each source, and the faults where none can be chosen.

    Parameters
    ----------
    sources : sequence of Positions
    unit, line_ends : str
        What the researcher knows; empty to be inferred.
    units : sequence of str
        The units that the format can have.
    expected : Reading, optional
        What the program is known to write: decides between readings that fit alike.

    Returns
    -------
    list of Fit, list of str
        A fit a source; and every fault, with its source.
    """
    tried = [_fits(each, (unit,) if unit else units, line_ends) for each in sources]
    pooled = _pooled(tried)
    chosen: list[Fit] = []
    faults: list[str] = []
    for source, fits in zip(sources, tried, strict=True):
        fit, fault = _choose(fits, pooled, expected)
        if unit or line_ends:
            fit = _doubted(fit, _fits(source, units, ""))
        chosen.append(_named(fit, pooled))
        faults += filter(None, (fault, _contradiction(fits, fit)))
    return chosen, faults


def _fits(source: Positions, units: Iterable[Unit], line_ends: LineEnds) -> list[Fit]:
    """The fits of a source; where any reading finds a quote, the quote alone decides."""
    import numpy as np

    fits = [source.fit(same) for same in source.readings(units, line_ends)]
    quoted = np.any([fit.quoted for fit in fits], axis=0)
    source.text.lighten()
    return [
        dataclasses.replace(fit, quality=np.where(quoted, fit.quoted, fit.quality)) for fit in fits
    ]


def _pooled(tried: Iterable[Sequence[Fit]]) -> dict[Reading, float]:
    """By how much each reading fits better than the worst, over the sources that can tell."""
    sums: dict[Reading, float] = {}
    for fits in tried:
        worst = min(float(fit.quality.sum()) for fit in fits)
        for fit in fits:
            gain = float(fit.quality.sum()) - worst
            for reading in fit.readings:
                sums[reading] = sums.get(reading, 0.0) + gain
    return sums


def _named(fit: Fit, pooled: dict[Reading, float]) -> Fit:
    """Of readings that give the same spans, the one that fits the project best gives the name."""
    best = max(fit.readings, key=lambda reading: pooled.get(reading, 0.0))
    return dataclasses.replace(fit, reading=best)


def _doubted(fit: Fit, others: Sequence[Fit]) -> Fit:
    """A reading that the researcher named, with a word where another fits clearly better."""
    best = max(others, key=lambda other: float(other.quality.sum()))
    if not _beaten(best, fit) or not (best.spans != fit.spans).any():
        return fit
    told = f"{best.reading.unit}, {best.reading.line_ends(fit.positions.text)}"
    return dataclasses.replace(
        fit,
        proved=False,
        runner_up=best.score,
        doubt=f"{told} fits better: {best.score:.0%} against {fit.score:.0%}",
    )


def _choose(
    fits: Sequence[Fit], pooled: dict[Reading, float], expected: Reading | None
) -> tuple[Fit, str]:
    """The fit of a source, and a fault where two fit alike and it matters."""
    ranked = sorted(fits, key=lambda fit: -float(fit.quality.sum()))
    best = ranked[0]
    rivals = [fit for fit in ranked[1:] if not _beaten(best, fit)]
    second = ranked[1].score if len(ranked) > 1 else 0.0
    if not rivals:
        return dataclasses.replace(best, runner_up=second), ""
    open_ = [best, *rivals]
    worst = min(float(fit.quality.sum()) for fit in fits)
    # What this source added itself is no evidence from the rest of the project.
    rest = {id(fit): _support(fit, pooled) - float(fit.quality.sum()) + worst for fit in open_}
    likely = sorted(open_, key=lambda fit: -rest[id(fit)])
    agreed = rest[id(likely[0])] - rest[id(likely[1])] >= _MARGIN
    known = [fit for fit in open_ if expected in fit.readings]
    winner = likely[0] if agreed else (known or likely)[0]
    winner = dataclasses.replace(winner, proved=False, runner_up=second)
    return winner, "" if agreed or known else _tie(open_)


def _support(fit: Fit, pooled: dict[Reading, float]) -> float:
    """How well the project fits a reading of one source."""
    return max(pooled.get(reading, 0.0) for reading in fit.readings)


def _beaten(best: Fit, other: Fit) -> bool:
    differing = int((best.spans != other.spans).any(axis=1).sum())
    margin = float(best.quality.sum() - other.quality.sum())
    # Where only positions of marks differ, no coding can be shifted.
    return differing == 0 or margin >= max(_MARGIN, _SHARE * differing)


def _tie(fits: Sequence[Fit]) -> str:
    told = " and ".join(
        f"{fit.reading.unit} with {fit.reading.line_ends(fit.positions.text)} ({fit.score:.0%})"
        for fit in fits
    )
    return (
        f"source {fits[0].positions.id!r}: its positions fit {told} alike, for other passages; "
        'look at one in the program that wrote it, then say unit="…" and line_ends="…" '
        "(--unit and --line-ends in the shell)"
    )


def _contradiction(fits: Sequence[Fit], chosen: Fit) -> str:
    """Two selections whose quotes prove different units, where neither is a stray."""
    import numpy as np

    if len(fits) == 1:
        return ""
    any_found: Any = sum((fit.quoted for fit in fits), start=fits[0].quoted)
    telling = any_found & ~np.all([fit.quoted for fit in fits], axis=0)
    against = telling & ~chosen.quoted
    if not against.any() or against.sum() < max(1, _SHARE * telling.sum()):
        return ""
    rows = chosen.positions.selections
    other = rows[int(np.flatnonzero(against)[0])]
    holds = np.flatnonzero(telling & chosen.quoted)
    first = rows[int(holds[0])] if len(holds) else rows[0]
    return (
        f"source {chosen.positions.id!r}: selections {first.id!r} ({first.start}–{first.end}) and "
        f"{other.id!r} ({other.start}–{other.end}) prove different units of their positions by "
        "the quotes beside them; export the project again"
    )
