"""What a classifier sees of a text: words, characters, vectors, rule hits, likeness, form.

Each is a *block* of columns of about the same weight; a classifier may be given some of them.
Blocks are fitted on texts alone, never on labels: so one fit serves every fold inside `fit`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from reflect_analysis.cache import Cache
from reflect_analysis.codebook import Codebook
from reflect_analysis.coders.rules import RuleCoder
from reflect_analysis.coders.similarity import Embedding, Likeness, vectors_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    Array = npt.NDArray[np.float64]

__all__ = ["BLOCKS", "Block", "Features"]

Block = Literal["words", "characters", "vectors", "rules", "similarity", "form", "around"]

# In the order of their columns. "around" is what stands around a text, where that is given.
BLOCKS: tuple[Block, ...] = (
    "words",
    "characters",
    "vectors",
    "rules",
    "similarity",
    "form",
    "around",
)

# A word of fewer participants could be a person's own; evidence does not print it.
FEWEST_TO_NAME = 3
# A column that is nearly always 0 is not blown up beyond this when it is scaled.
_LEAST_SPREAD = 0.1
_WORD = re.compile(r"[^\W\d_]+")
_FORM = (
    *("length", "a question mark", "an exclamation mark", "the share of function words"),
    *("letters beyond English", "digits", "capitals", "the first person", "an address (@)"),
)
_FIRST = frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our"})


def _form(texts: Sequence[str]) -> Array:
    """(n_texts, 9): how a text is written, whatever it says; each about 0 to 1."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    rows = []
    for text in texts:
        words = _WORD.findall(text.lower())
        length = max(len(text), 1)
        rows.append(
            (
                np.log1p(len(words)) / 5,
                "?" in text,
                "!" in text,
                sum(word in ENGLISH_STOP_WORDS for word in words) / max(len(words), 1),
                sum(letter.isalpha() and not letter.isascii() for letter in text) / length,
                sum(map(str.isdigit, text)) / length,
                sum(map(str.isupper, text)) / length,
                not _FIRST.isdisjoint(words),
                text.lstrip().startswith("@"),
            )
        )
    return np.array(rows, dtype=float).reshape(len(texts), len(_FORM))


def _around(texts: Sequence[str], contexts: Sequence[str] | None) -> list[str]:
    """What stands around texts, without the texts themselves."""
    pairs = zip(texts, texts if contexts is None else contexts, strict=True)
    return [passage.replace(text, " ", 1).strip() for text, passage in pairs]


class _Terms:
    """Words (alone and in pairs) or characters, weighed by how rare they are."""

    def __init__(self, analyser: str, reach: tuple[int, int]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._noun = "word" if analyser == "word" else "letters"
        self._vectoriser = TfidfVectorizer(
            analyzer=analyser, ngram_range=reach, min_df=2, sublinear_tf=True
        )
        self._known = True

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        try:
            return self._vectoriser.fit_transform(texts)
        except ValueError:  # no word stands in two texts
            self._known = False
            return self.transform(texts)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        from scipy.sparse import csr_matrix

        if not self._known:
            return csr_matrix((len(texts), 0))
        return self._vectoriser.transform(texts)

    def labels(self, texts: Sequence[str], groups: Sequence[Hashable] | None) -> list[str]:
        """What a term is called: by itself only where three participants used it."""
        if not self._known:
            return []
        names = self._vectoriser.get_feature_names_out()
        if groups is None:
            return [f"a {self._noun}" if self._noun == "word" else self._noun] * len(names)
        used = self.transform(texts).astype(bool)
        people = np.zeros(len(names), dtype=int)
        owners: dict[Hashable, list[int]] = {}
        for row, group in enumerate(groups):
            owners.setdefault(group, []).append(row)
        for rows in owners.values():
            people += np.asarray(used[rows].sum(axis=0) > 0).ravel()
        rare = f"a rare {self._noun}" if self._noun == "word" else f"rare {self._noun}"
        return [
            f"{self._noun} {name!r}" if count >= FEWEST_TO_NAME else rare
            for name, count in zip(names, people, strict=True)
        ]


class _Numbers:
    """Columns of numbers, centred and of about unit length together."""

    def __init__(self, compute: Callable[[Sequence[str]], Array], *, scale: bool) -> None:
        self._compute = compute
        self._scale = scale

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        numbers = self._compute(texts)
        self._centre = numbers.mean(axis=0)
        spread = np.maximum(numbers.std(axis=0), _LEAST_SPREAD) * np.sqrt(numbers.shape[1])
        self._spread = spread if self._scale else np.ones(numbers.shape[1])
        return self._scaled(numbers)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        return self._scaled(self._compute(texts))

    def _scaled(self, numbers: Array) -> csr_matrix:
        from scipy.sparse import csr_matrix

        return csr_matrix((numbers - self._centre) / self._spread)


class Features:
    """Blocks of features, fitted on the texts of a training set.

    Parameters
    ----------
    codebook : Codebook, optional
        For ``"rules"`` and ``"similarity"``, which are left out without one. Both lean on the
        texts on which its patterns were written and from which its examples were taken.
    embedding : str, Path or callable, optional
    cache : Cache, optional

    Attributes
    ----------
    columns : dict of Block to slice
        Where the columns of each block stand.
    labels : tuple of str
        What each column is called in evidence; a column of ``"vectors"`` and ``"around"`` has
        no name of its own.
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        embedding: Embedding = None,
        cache: Cache | None = None,
    ) -> None:
        self._codebook = codebook
        self._embedding = embedding
        self._cache = cache
        self._made: dict[Block, Any] = {}
        self.columns: dict[Block, slice] = {}
        self.labels: tuple[str, ...] = ()

    def fit(
        self,
        texts: Sequence[str],
        *,
        blocks: Sequence[Block] = BLOCKS,
        contexts: Sequence[str] | None = None,
        groups: Sequence[Hashable] | None = None,
    ) -> csr_matrix:
        """Learn the blocks from texts; gives their columns, (n_texts, n_columns)."""
        from scipy.sparse import hstack

        self._made = {name: self._new(name) for name in BLOCKS if name in blocks}
        if contexts is None:
            self._made.pop("around", None)
        if self._codebook is None or not RuleCoder(self._codebook, cache=self._cache).codes_:
            self._made.pop("rules", None)
        if self._codebook is None:
            self._made.pop("similarity", None)
        around = _around(texts, contexts)
        parts = {
            name: block.fit(around if name == "around" else texts)
            for name, block in self._made.items()
        }
        labels: list[str] = []
        for name, part in parts.items():
            self.columns[name] = slice(len(labels), len(labels) + part.shape[1])
            labels += self._named(name, part.shape[1], texts, groups)
        self.labels = tuple(labels)
        return hstack(list(parts.values())).tocsr()

    def transform(self, texts: Sequence[str], contexts: Sequence[str] | None = None) -> csr_matrix:
        """The columns of other texts."""
        from scipy.sparse import hstack

        around = _around(texts, contexts)
        parts = [
            block.transform(around if name == "around" else texts)
            for name, block in self._made.items()
        ]
        return hstack(parts).tocsr()

    def of_blocks(self, blocks: Sequence[Block]) -> npt.NDArray[np.intp]:
        """The columns of some blocks, of those that there are."""
        found = [
            np.arange(self.columns[b].start, self.columns[b].stop)
            for b in blocks
            if b in self.columns
        ]
        return np.concatenate(found) if found else np.empty(0, dtype=int)

    def _new(self, name: Block) -> Any:
        if name == "words":
            return _Terms("word", (1, 2))
        if name == "characters":
            return _Terms("char_wb", (2, 5))
        return _Numbers(self._numbers(name), scale=name not in ("vectors", "around"))

    def _numbers(self, name: Block) -> Callable[[Sequence[str]], Array]:
        if name in ("vectors", "around"):
            return lambda texts: vectors_of(texts, self._embedding, self._cache)
        if name == "form" or self._codebook is None:
            return _form
        if name == "rules":
            return RuleCoder(self._codebook, cache=self._cache).predict_proba
        return Likeness(self._codebook, self._embedding, self._cache).of_texts

    def _named(
        self, name: Block, width: int, texts: Sequence[str], groups: Sequence[Hashable] | None
    ) -> list[str]:
        if name in ("words", "characters"):
            labels: list[str] = self._made[name].labels(texts, groups)
            return labels
        if name == "form":
            return list(_FORM)
        if self._codebook is not None and name in ("rules", "similarity"):
            rules = name == "rules"
            codes = (
                RuleCoder(self._codebook, cache=self._cache).codes_
                if rules
                else tuple(code.id for code in self._codebook.machine_codes())
            )
            return [f"{'the rules' if rules else 'similarity'} of {code}" for code in codes]
        whole = "the meaning of the sentence" if name == "vectors" else "what stands around it"
        return [whole] * width
