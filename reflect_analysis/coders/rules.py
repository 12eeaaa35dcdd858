"""`RuleCoder`: codes by the patterns that the codebook gives.

Rules are the coder that a researcher can read: every coding names its pattern and the span,
and what was passed over says what blocked it. Results are kept in memory by text and by the
fingerprint of each code's rules, so that after an edit to one code only that code is run, and
only where what was edited can make a difference (`edits`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reflect_analysis._collector import without_collector
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.codebook import Code, Codebook
from reflect_analysis.coders.edits import Claim, Edits, hold_in
from reflect_analysis.coders.evidence import evidence
from reflect_analysis.coders.judging import Find, Reading, judge
from reflect_analysis.coders.protocol import Proposal
from reflect_analysis.coders.readings import (
    Piece,
    Rows,
    by_reflection,
    by_segment,
    pieces_of,
    single,
)
from reflect_analysis.coders.results import Key, Results
from reflect_analysis.coders.rulebook import CodeRules, Rulebook, read_rules
from reflect_analysis.language import model_identity, parse, readable
from reflect_analysis.provenance import fingerprint
from reflect_analysis.segments import Segments

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Match", "RuleCoder"]

# Readings judged between two look-ups of parses: bounds the memory of a large corpus.
BATCH = 2_000
# One part in so many of the codes must be new before results are written to the cache again.
WORTH_WRITING = 5

Found = Mapping[str, tuple[Find, ...]]
# By code.
Claims = Mapping[str, Claim]


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


class RuleCoder:
    """Code by the patterns of a codebook (see `coders.patterns` for their language).

    Where only a subcode matches, the coding bears the subcode: `theme_table` and `ratings` count
    it for its parent too, so that the parent needs no row of its own.

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
    >>> import pathlib, tempfile
    >>> from reflect_analysis.codebook import Code, Codebook, Group
    >>> code = Code("exhaustion", "Exhaustion", "Worn out.", "strain", patterns=("drain",))
    >>> cache = Cache(pathlib.Path(tempfile.mkdtemp()))
    >>> coder = RuleCoder(Codebook((code,), (Group("strain", "Strain"),)), cache=cache)
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
        self._edits = Edits(self._rules, _kept)
        self._books: dict[tuple[str, ...], Rulebook] = {}
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
            {c: evidence(finds, self.codebook[c].patterns) for c, finds in found.items()}
            for found in self._found_in(texts)
        ]

    def finds(self, texts: Iterable[str]) -> list[Found]:
        """For every text what each code found in it, match by match; see `Find`."""
        return list(self._found_in(texts))

    def matches(self, segments: Segments) -> tuple[Match, ...]:
        """Every match in the documents of some segments, with those that do not count.

        Returns
        -------
        tuple of Match
            By document, code and place.
        """
        return tuple(
            Match(piece.document.id, code_id, *find.about, not find.blocked, find.blocked)
            for piece, found in self._judged(pieces_of(segments), self.codes_)
            for code_id, finds in found.items()
            for find in finds
        )

    def propose(self, segments: Segments, codes: Sequence[str]) -> Iterator[Proposal]:
        """A proposal for every segment and code whose patterns count there.

        A code whose unit is the reflection gets one span a participant and document, from the
        segment of the first piece of evidence to that of the last. Proposals come code by code,
        then in the order of the documents; those of a code are kept for the same segments.
        """
        pieces = pieces_of(segments)
        about = [(piece.prompt, piece.spans) for piece in pieces]
        corpus = segments.corpus.fingerprint
        asked = fingerprint(segments.fingerprint, corpus, self.model_, about)
        able = [code_id for code_id in codes if code_id in self._rules]
        # The evidence names a pattern by its number: the order of the patterns counts too.
        keys = {c: (asked, *self._told_by(c)) for c in able}
        known = {c: _proposed.get(keys[c]) for c in able}
        missing = [c for c, rows in known.items() if rows is None]
        new = self._propose_anew(segments, pieces, missing) if missing else {}
        for code_id, proposals in new.items():
            _proposed.put(keys[code_id], proposals)
        for code_id, kept in known.items():
            yield from new[code_id] if kept is None else kept

    def _propose_anew(
        self, segments: Segments, pieces: Sequence[Piece], codes: Sequence[str]
    ) -> dict[str, list[Proposal]]:
        """What codes propose in all readings, code by code."""
        proposed: dict[str, list[Proposal]] = {code_id: [] for code_id in codes}
        # spaCy's documents leave no cycles either: looked at with 3,000 texts.
        with without_collector():
            for piece, found in self._judged(pieces, codes, keep=True):
                rows = Rows(segments.by_document[piece.document.id])
                for code_id, finds in found.items():
                    if not all(find.blocked for find in finds):
                        proposed[code_id] += _proposals(piece, rows, self.codebook[code_id], finds)
        return proposed

    def _told_by(self, code_id: str) -> tuple[str, str, str]:
        """What the proposals of a code depend on, beside the texts."""
        code = self.codebook[code_id]
        return code.unit, self._rules[code_id].fingerprint, fingerprint(code.patterns)

    def _found_in(self, texts: Iterable[str]) -> Iterator[Found]:
        """What is found in texts by themselves."""
        pieces = [single(number, text) for number, text in enumerate(texts)]
        for _, found in self._judged(pieces, self.codes_):
            yield found

    def _judged(
        self, pieces: Sequence[Piece], codes: Sequence[str], *, keep: bool = False
    ) -> Iterator[tuple[Piece, Found]]:
        """Each reading with what it holds; only what was not judged before is judged now.

        Parameters
        ----------
        keep : bool
            Whether results are taken from the cache and kept there.
        """
        rules = {code_id: self._rules[code_id] for code_id in codes}
        store = self.cache if self.cache is not None else default_cache()
        maker = self.model_
        # By the codes that were judged now, the others by their fingerprints.
        rest: dict[tuple[str, ...], dict[str, str]] = {}
        for first in range(0, len(pieces), BATCH):
            batch = pieces[first : first + BATCH]
            keys = [piece.key(maker) for piece in batch]
            if keep:
                _kept.load(keys, store)
            new = self._judge_missing(batch, keys, rules)
            if keep:
                worth = [k for k, (codes, _) in new.items() if self._is_worth_writing(codes)]
                _kept.save(worth, store)
            for piece, key in zip(batch, keys, strict=True):
                codes_now, found = new.get(key, ((), {}))
                if codes_now not in rest:
                    others = (each for c, each in rules.items() if c not in codes_now)
                    rest[codes_now] = {each.fingerprint: each.code_id for each in others}
                known = {**_kept.found(key, rest[codes_now]), **found}
                yield piece, {code: known[code] for code in rules if code in known}

    def _is_worth_writing(self, codes: Sequence[str]) -> bool:
        """Whether so many codes were judged anew that the cache should have them."""
        return len(codes) * WORTH_WRITING >= len(self._rules)

    def _judge_missing(
        self, pieces: Sequence[Piece], keys: Sequence[Key], rules: Mapping[str, CodeRules]
    ) -> dict[Key, tuple[tuple[str, ...], Found]]:
        """Judge each reading by the rules under which it was not judged yet.

        Returns
        -------
        dict of Key to (codes, found)
            What was judged now.
        """
        _kept.know(self._rules.values())
        wanted = frozenset(each.fingerprint for each in rules.values())
        missing = [_kept.missing(key, wanted) for key in keys]
        codes_of = {
            todo: tuple(code for code, each in rules.items() if each.fingerprint in todo)
            for todo in set(missing)
        }
        # Nothing is claimed where nothing is missing, so that it is settled.
        claimed = [self._claims(k, codes_of[each]) for k, each in zip(keys, missing, strict=True)]
        is_open = [_settled(claims) is None for claims in claimed]
        texts = [
            text
            for piece, opened in zip(pieces, is_open, strict=True)
            if opened
            for text in piece.texts()
        ]
        parses = {known.text: known for known in parse(texts, model=self.model, cache=self.cache)}
        judged: dict[Key, tuple[tuple[str, ...], Found]] = {}
        for piece, key, todo, claims in zip(pieces, keys, missing, claimed, strict=True):
            if todo:
                codes = codes_of[todo]
                found = _settled(claims)
                if found is None:
                    found = self._found(codes, claims, piece.reading(parses))
                _kept.put(key, {rules[code].fingerprint: found.get(code, ()) for code in codes})
                judged[key] = (codes, {code: found[code] for code in codes if found.get(code)})
        return judged

    def _claims(self, key: Key, codes: tuple[str, ...]) -> Claims | None:
        """What codes found in a reading before an edit; `None` where it must be judged."""
        claims: dict[str, Claim] = {}
        for code in codes:
            claim = self._edits.claim(key, self._rules[code])
            if claim is None:
                return None
            claims[code] = claim
        return claims

    def _found(self, codes: tuple[str, ...], claims: Claims | None, reading: Reading) -> Found:
        """What codes find in a reading; it is judged only where an edit can make a difference."""
        if claims is not None and hold_in(claims.values(), reading):
            return {code: claim.finds for code, claim in claims.items()}
        if codes not in self._books:
            self._books[codes] = Rulebook(self._rules, codes)
        return judge(self._books[codes], reading)


class _Proposed:
    """Proposals of codes for the same segments, the last used."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: OrderedDict[tuple[str, ...], list[Proposal]] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> list[Proposal] | None:
        """What is kept under a key."""
        return self._kept.get(key)

    def put(self, key: tuple[str, ...], proposals: list[Proposal]) -> None:
        """Keep the proposals of a code."""
        self._kept[key] = proposals
        while len(self._kept) > self.limit:
            self._kept.popitem(last=False)


def _settled(claims: Claims | None) -> Found | None:
    """What codes find in a reading; `None` where its words must be looked at."""
    if claims is None or any(claim.edits for claim in claims.values()):
        return None
    return {code: claim.finds for code, claim in claims.items()}


_kept = Results(limit=100_000)
_proposed = _Proposed(limit=500)


def _proposals(piece: Piece, rows: Rows, code: Code, finds: Sequence[Find]) -> Iterator[Proposal]:
    """The proposals of one code in one reading."""
    spans = by_reflection if code.unit == "reflection" else by_segment
    for start, end, used in spans(rows, finds):
        yield Proposal(piece.document.id, start, end, code.id, evidence(used, code.patterns))
