"""A text with its neighbours, as word pieces: what the model reads.

The text stands first and what surrounds it second, a few words on either side, so that the
model reads the text in its place and its vector is still that of the text alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Passages", "around", "read_passages", "readable"]

# The most word pieces of a text with its neighbours; about 100 words.
MOST_PIECES = 128
# A text that stands in its context in other words is found by so many equal characters.
LEAST_EQUAL = 12
# Batches are padded to a multiple of this: every new shape costs the processor's library a
# compilation, which on short texts takes longer than the training itself.
PAD_TO = 8


@dataclass(frozen=True, slots=True)
class Passages:
    """Word pieces of texts.

    `pieces` are the ids of a text's word pieces, `second` the number of them, from the end,
    that belong to its neighbours.
    """

    pieces: tuple[tuple[int, ...], ...]
    second: tuple[int, ...]
    padding: int
    has_types: bool

    def __len__(self) -> int:
        return len(self.pieces)

    def in_order(self, size: int) -> list[list[int]]:
        """Places of the texts in batches of like length."""
        places = sorted(range(len(self)), key=lambda place: len(self.pieces[place]))
        return [places[start : start + size] for start in range(0, len(places), size)]

    def shuffled(self, size: int, rng: np.random.Generator) -> list[list[int]]:
        """Places of the texts in batches of nearly like length, in random order."""
        order, stretch = rng.permutation(len(self)).tolist(), size * 40
        batches: list[list[int]] = []
        for start in range(0, len(order), stretch):
            part = sorted(order[start : start + stretch], key=lambda p: len(self.pieces[p]))
            batches += [part[at : at + size] for at in range(0, len(part), size)]
        return [batches[at] for at in rng.permutation(len(batches))]

    def arrays(self, places: Sequence[int]) -> dict[str, npt.NDArray[np.int64]]:
        """(n_places, n_pieces) of ids, of what is text, and of what is the text itself."""
        import numpy as np

        longest = max(len(self.pieces[place]) for place in places)
        shape = (len(places), -(-longest // PAD_TO) * PAD_TO)
        ids = np.full(shape, self.padding, dtype=np.int64)
        mask, own = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, place in enumerate(places):
            length = len(self.pieces[place])
            ids[row, :length] = self.pieces[place]
            mask[row, :length] = 1
            own[row, : length - self.second[place]] = 1
        return {"ids": ids, "mask": mask, "own": own}


def read_passages(
    tokenizer: Any, texts: Sequence[str], contexts: Sequence[str], window: int
) -> Passages:
    """Cut texts and their neighbours into word pieces."""
    pieces, second = [], []
    for text, beside in zip(texts, _beside(texts, contexts, window), strict=True):
        read = tokenizer(
            readable(text),
            readable(beside) if beside else None,
            truncation="longest_first" if beside else True,
            max_length=MOST_PIECES,
            return_token_type_ids=False,
            return_attention_mask=False,
        )
        ids = tuple(read["input_ids"])
        pieces.append(ids)
        second.append(len(ids) - _first_length(read, beside=bool(beside)))
    has_types = "token_type_ids" in tokenizer.model_input_names
    return Passages(tuple(pieces), tuple(second), tokenizer.pad_token_id, has_types)


def _first_length(read: Any, *, beside: bool) -> int:
    """Pieces up to the end of the text, its closing mark included."""
    of_text = read.sequence_ids(0)
    if not beside:
        return len(of_text)
    return min(place for place, which in enumerate(of_text) if which == 1)


def _beside(texts: Sequence[str], contexts: Sequence[str], window: int) -> Iterator[str]:
    for text, context in zip(texts, contexts, strict=True):
        before, after = around(text, context, window) if window else ("", "")
        yield f"{before} ... {after}".strip() if before or after else ""


def around(text: str, context: str, window: int) -> tuple[str, str]:
    """The words before and after a text in its context, at most `window` on either side.

    A context that does not hold the text word by word is searched for the longest stretch
    that both share; where they share none, its first and last words are given.

    Examples
    --------
    >>> around("I was late.", "The bus came. I was late. Nobody minded.", 2)
    ('bus came.', 'Nobody minded.')
    """
    exact = context.find(text) if text else -1
    start = exact if exact >= 0 else _like(text, context)
    if start is None:
        words = context.split()
        return " ".join(words[:window]), " ".join(words[window:][-window:])
    before, after = context[:start].split(), context[start + len(text) :].split()
    return " ".join(before[-window:]), " ".join(after[:window])


def _like(text: str, context: str) -> int | None:
    """Where a text begins in a context that gives it in other words."""
    matcher = SequenceMatcher(None, context.lower(), text.lower(), autojunk=False)
    match = matcher.find_longest_match()
    return max(0, match.a - match.b) if match.size >= LEAST_EQUAL else None


def readable(text: str) -> str:
    """Without half a surrogate pair, which a broken export may leave and a tokeniser refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")
