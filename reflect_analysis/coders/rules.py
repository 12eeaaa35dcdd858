"""`RuleCoder`: codes by the patterns that the codebook gives.

Rules are the coder that a researcher can read: every coding names its pattern and the span,
and what was passed over says what blocked it. Results are kept in memory by text and by the
fingerprint of each code's rules, so that after an edit to one code only that code is run.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.judging import Find, Reading, judge
from reflect_analysis.coders.protocol import Proposal
from reflect_analysis.coders.results import Key, Results
from reflect_analysis.coders.rulebook import CodeRules, Rulebook, read_rules
from reflect_analysis.corpus import Document
from reflect_analysis.language import Stretch, model_identity, parse, readable, stretches
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Match", "RuleCoder"]

# Readings judged between two look-ups of parses: bounds the memory of a large corpus.
BATCH = 2_000
# Pieces of evidence that are printed for one coding.
SHOWN = 4

Found = Mapping[str, tuple[Find, ...]]
Used = tuple[int, int, Sequence[Find]]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern matched, whether it counts, and if not, what blocked it.

    `blocked` names the scope and the offsets of the word by which it holds, the words after
    ``!``, or the place of what excludes it; it is empty where the match counts.
    """

    document_id: str
    code_id: str
    pattern: str
    start: int
    end: int
    counts: bool
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One participant's words in one document, before they are parsed."""

    document: Document
    spans: tuple[Stretch, ...]
    prompt: str

    def texts(self) -> list[str]:
        return [self.document.passage(span.start, span.end) for span in self.spans]

    def key(self, maker: str) -> Key:
        spans = zip(self.spans, self.texts(), strict=True)
        return (maker, self.prompt, *(f"{span.start}:{text_hash(text)}" for span, text in spans))


class RuleCoder:
    """Code by the patterns of a codebook (see `coders.patterns` for their language).

    Parameters
    ----------
    codebook : Codebook
    model : str, optional
        The English model; see `language.parse`.
    cache : Cache, optional
        Where parses are kept; by default `default_cache()`.

    Attributes
    ----------
    codes_ : tuple of str
        The codes that are looked for: those with patterns, never one that is human-only.

    Raises
    ------
    CodebookError
        If patterns do not parse or refer to unknown codes: each with code, pattern and column.

    Examples
    --------
    >>> from reflect_analysis.codebook import Code, Codebook, Group
    >>> code = Code("exhaustion", "Exhaustion", "Worn out.", "strain", patterns=("drain",))
    >>> coder = RuleCoder(Codebook((code,), (Group("strain", "Strain"),)))
    >>> coder.predict_proba(["I am drained.", "I am not drained."]).tolist()
    [[1.0], [0.0]]
    >>> coder.explain(["I am not drained."])
    [{'exhaustion': "passed over: 'drain' at 9–16 (negated by 5–8)"}]
    """

    name = "rules"

    def __init__(
        self, codebook: Codebook, *, model: str | None = None, cache: Cache | None = None
    ) -> None:
        self.codebook = codebook
        self.model = model
        self.cache = cache
        self._rules = read_rules(codebook)
        self.codes_ = tuple(c.id for c in codebook.machine_codes() if c.id in self._rules)

    def __repr__(self) -> str:
        patterns = sum(len(self._rules[code_id].patterns) for code_id in self.codes_)
        return f"<RuleCoder: {len(self.codes_)} codes by {patterns} patterns>"

    @property
    def model_(self) -> str:
        """Name and version of the English model."""
        return model_identity(self.model)

    @property
    def codebook_version(self) -> str:
        """Version of the codebook whose patterns are used."""
        return self.codebook.version

    @staticmethod
    def reads(language: str) -> bool:
        """Whether texts in a language can be coded by these rules."""
        return readable(language)

    def fit(self, texts: Sequence[str] = (), y: Any = None) -> RuleCoder:  # noqa: ARG002  # scikit-learn's signature; rules learn nothing
        """Do nothing: rules are written, not learned."""
        return self

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """1 where a code's patterns count in a text, else 0.

        Parameters
        ----------
        texts : sequence of str
            English; each is read by itself, without its document or prompt.

        Returns
        -------
        array of shape (n_texts, n_codes)
            Columns as in `codes_`.
        """
        import numpy as np

        scores = np.zeros((len(texts), len(self.codes_)))
        columns = {code_id: column for column, code_id in enumerate(self.codes_)}
        for row, found in enumerate(self._found_in(texts)):
            for code_id, finds in found.items():
                if any(not find.blocked for find in finds):
                    scores[row, columns[code_id]] = 1.0
        return scores

    def explain(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """For every text what was found by code, and what was passed over and why."""
        return [
            {code_id: _evidence(finds) for code_id, finds in found.items()}
            for found in self._found_in(texts)
        ]

    def matches(self, segments: Segments) -> tuple[Match, ...]:
        """Every match in the documents of some segments, with those that do not count.

        Returns
        -------
        tuple of Match
            By document, code and place.
        """
        return tuple(
            Match(piece.document.id, code_id, *find.about, not find.blocked, find.blocked)
            for piece, found in self._judged(_pieces(segments), self.codes_)
            for code_id, finds in found.items()
            for find in finds
        )

    def propose(self, segments: Segments, codes: Sequence[str]) -> Iterator[Proposal]:
        """A proposal for every segment and code whose patterns count there.

        A code whose unit is the reflection gets one span a participant and document, from the
        segment of the first piece of evidence to that of the last.
        """
        units = {code_id: self.codebook[code_id].unit for code_id in codes}
        for piece, found in self._judged(_pieces(segments), codes):
            rows = _Rows(segments.by_document[piece.document.id])
            for code_id, finds in found.items():
                if all(find.blocked for find in finds):
                    continue
                spans = _by_reflection if units[code_id] == "reflection" else _by_segment
                for start, end, used in spans(rows, finds):
                    yield Proposal(piece.document.id, start, end, code_id, _evidence(used))

    def _found_in(self, texts: Iterable[str]) -> Iterator[Found]:
        """What is found in texts by themselves."""
        pieces = [
            _Piece(Document(str(i), text), (Stretch(0, len(text), None, ""),), "")
            for i, text in enumerate(texts)
        ]
        for _, found in self._judged(pieces, self.codes_):
            yield found

    def _judged(
        self, pieces: Sequence[_Piece], codes: Sequence[str]
    ) -> Iterator[tuple[_Piece, Found]]:
        """Each reading with what it holds; only what was not judged before is judged now."""
        rules = {code_id: self._rules[code_id] for code_id in codes if code_id in self._rules}
        maker = self.model_
        for first in range(0, len(pieces), BATCH):
            batch = pieces[first : first + BATCH]
            keys = [piece.key(maker) for piece in batch]
            self._judge_missing(batch, keys, rules)
            for piece, key in zip(batch, keys, strict=True):
                yield piece, _kept.found(key, rules.values())

    def _judge_missing(
        self, pieces: Sequence[_Piece], keys: Sequence[Key], rules: Mapping[str, CodeRules]
    ) -> None:
        """Judge each reading by the rules under which it was not judged yet."""
        books: dict[tuple[str, ...], Rulebook] = {}
        wanted = frozenset(each.fingerprint for each in rules.values())
        missing = [_kept.missing(key, wanted) for key in keys]
        texts = [t for p, todo in zip(pieces, missing, strict=True) if todo for t in p.texts()]
        parses = {known.text: known for known in parse(texts, model=self.model, cache=self.cache)}
        for piece, key, todo in zip(pieces, keys, missing, strict=True):
            if not todo:
                continue
            codes = tuple(code for code, each in rules.items() if each.fingerprint in todo)
            reading = Reading(
                piece.document.id,
                tuple(
                    (s.start, parses[t]) for s, t in zip(piece.spans, piece.texts(), strict=True)
                ),
                piece.prompt,
            )
            if codes not in books:
                books[codes] = Rulebook(self._rules, codes)
            found = judge(books[codes], reading)
            _kept.put(key, {rules[code].fingerprint: found.get(code, ()) for code in codes})


_kept = Results(limit=100_000)


def _pieces(segments: Segments) -> list[_Piece]:
    """The readings of the documents that have segments: a transcript has one a speaker."""
    pieces = []
    for document_id in segments.by_document:
        document = segments.corpus.document(document_id)
        prompt = str(segments.corpus.attributes_of(document).get("prompt") or "")
        speakers: dict[tuple[str | None, str], list[Stretch]] = {}
        for stretch in stretches(document):
            label = "" if stretch.case_id else stretch.speaker
            speakers.setdefault((stretch.case_id, label), []).append(stretch)
        pieces += [_Piece(document, tuple(spans), prompt) for spans in speakers.values()]
    return pieces


class _Rows:
    """The segments of a document, found by place."""

    def __init__(self, rows: Sequence[Segment]) -> None:
        self._rows = sorted(rows, key=lambda row: row.start)
        self._starts = [row.start for row in self._rows]

    def at(self, place: int) -> Segment | None:
        """The segment in which a place lies."""
        index = bisect_right(self._starts, place) - 1
        return self._rows[index] if index >= 0 and place < self._rows[index].end else None


def _by_segment(rows: _Rows, finds: Sequence[Find]) -> Iterator[Used]:
    """For every segment with a find that counts: its span and the finds in it."""
    inside: dict[str, tuple[Segment, list[Find]]] = {}
    for find in finds:
        row = rows.at(find.start)
        if row is not None:
            inside.setdefault(row.id, (row, []))[1].append(find)
    for row, used in inside.values():
        if not all(find.blocked for find in used):
            yield row.start, row.end, used


def _by_reflection(rows: _Rows, finds: Sequence[Find]) -> Iterator[Used]:
    """One span from the segment of the first find that counts to that of the last."""
    places = [
        (first, last, find)
        for find in finds
        if not find.blocked
        and (first := rows.at(find.start)) is not None
        and (last := rows.at(find.end - 1)) is not None
    ]
    if places:
        start = min(first.start for first, _, _ in places)
        end = max(last.end for _, last, _ in places)
        yield start, end, [find for _, _, find in places]


def _evidence(finds: Sequence[Find]) -> str:
    """Pattern and offsets of what counts, then of what was passed over; never the words."""
    kept = [f"{f.pattern!r} at {_places(f)}" for f in finds if not f.blocked]
    passed = [f"{f.pattern!r} at {_places(f)} ({f.blocked})" for f in finds if f.blocked]
    parts = ["; ".join(_short(kept))] if kept else []
    if passed:
        parts.append(f"passed over: {'; '.join(_short(passed))}")
    return "; ".join(parts)


def _places(find: Find) -> str:
    return " and ".join(f"{start}–{end}" for start, end in find.pieces)


def _short(items: list[str]) -> list[str]:
    more = len(items) - SHOWN
    return [*items[:SHOWN], f"{more} more"] if more > 0 else items
