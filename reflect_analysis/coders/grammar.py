"""Questions about the dependency tree of a parse, for the scopes.

The small model's trees are right nine times in ten, so a scope asks the tree and, where a
wrong tree would matter, the order of the words as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from reflect_analysis.coders.cues import COLLECTIVES, FIRST_PERSON, SUBJECT_PARTS
from reflect_analysis.language import Parse

__all__ = ["Grammar", "Judge"]

_CONTENT = frozenset(["NOUN", "VERB", "ADJ", "ADV", "PROPN", "NUM", "INTJ", "X"])
SUBJECTS = frozenset(["nsubj", "nsubjpass"])
# Pairs of marks round words that somebody says. A straight single mark must close after a stop.
_QUOTES = re.compile(
    r"“([^”\n]{1,600})”|\"([^\"\n]{1,600})\"|«([^»\n]{1,600})»"
    r"|(?<!\w)‘([^‘\n]{1,300}?)’(?!\w)|(?<!\w)'(?=\w)([^'\n]{1,300}(?:'\w[^'\n]*)*[.,!?])'(?!\w)"
)


# Whether the word at one place acts on the word at another.
Judge: TypeAlias = "Callable[[Grammar, int, int], bool]"
# How a word acts, or `None`.
Finder: TypeAlias = "Callable[[Grammar, int], Judge | None]"


class Grammar:
    """One parse with what was looked up about it.

    Parameters
    ----------
    parse : Parse
    prompt : str
        The question that the text answers, where it is known.
    """

    __slots__ = ("_children", "_cues", "_quotes", "_starts", "forms", "parse", "prompt")

    def __init__(self, parse: Parse, prompt: str = "") -> None:
        self.parse = parse
        self.prompt = prompt
        self.forms = parse.forms
        self._children: dict[int, dict[int, list[int]]] = {}
        self._cues: dict[tuple[str, int], list[tuple[int, Judge]]] = {}
        self._quotes: list[tuple[int, int]] | None = None
        self._starts = [begin for begin, _ in parse.sentences]

    def sentence(self, token: int) -> tuple[int, int]:
        """The half-open tokens of the sentence of a token."""
        return self.parse.sentences[bisect_right(self._starts, token) - 1]

    def cues(
        self, scope: str, token: int, words: frozenset[str], find: Finder
    ) -> Sequence[tuple[int, Judge]]:
        """The words in the sentence of a token by which a scope may hold, each with how.

        Parameters
        ----------
        words : frozenset of str
            Forms and lemmas among which all of them are.
        """
        begin, end = self.sentence(token)
        found = self._cues.get((scope, begin))
        if found is None:
            forms, lemmas = self.forms, self.parse.lemmas
            named = [i for i in range(begin, end) if forms[i] in words or lemmas[i] in words]
            judged = [(cue, find(self, cue)) for cue in named]
            found = self._cues[scope, begin] = [(c, judge) for c, judge in judged if judge]
        return found

    def children(self, token: int) -> Sequence[int]:
        """The tokens that a token governs, in order."""
        begin, end = self.sentence(token)
        tree = self._children.get(begin)
        if tree is None:
            tree = self._children[begin] = {}
            for child in range(begin, end):
                head = self.parse.heads[child]
                if head != child:
                    tree.setdefault(head, []).append(child)
        return tree.get(token, ())

    def path(self, token: int) -> Iterator[int]:
        """A token and its governors, up to the root."""
        heads = self.parse.heads
        for _ in range(len(heads)):
            yield token
            if heads[token] == token:
                return
            token = heads[token]

    def chain(self, token: int, top: int) -> list[int] | None:
        """The path from a token to one of its governors, without that; `None` if it is none."""
        links: list[int] = []
        for here in self.path(token):
            if here == top:
                return links
            links.append(here)
        return None

    def content(self, said: Sequence[int]) -> Sequence[int]:
        """The words of a match that carry its sense; all of them where none does."""
        return [token for token in said if self.has_sense(token)] or said

    def has_sense(self, token: int) -> bool:
        """Whether a word carries sense by itself: *drained*, not *since*."""
        return self.parse.pos[token] in _CONTENT

    def top(self, said: Sequence[int]) -> int:
        """The word of a match that governs the others."""
        return min(self.content(said), key=lambda token: (len(list(self.path(token))), token))

    def child(self, token: int, deps: frozenset[str]) -> int | None:
        """The first child by one of these dependencies."""
        found = (child for child in self.children(token) if self.parse.deps[child] in deps)
        return next(found, None)

    def leftmost(self, token: int) -> int:
        """The first word of all that a token governs."""
        return min((token, *map(self.leftmost, self.children(token))))

    def subject(self, verb: int) -> int | None:
        """The subject of a verb, or of the verb whose subject it shares."""
        for _ in range(4):
            own = self.child(verb, SUBJECTS)
            if own is not None:
                return own
            if self.parse.deps[verb] not in ("conj", "xcomp", "aux", "auxpass", "advcl"):
                return None
            verb = self.parse.heads[verb]
        return None

    def has_first_person(self, token: int) -> bool:
        """Whether a phrase takes in the writer: *my partner and I*, *most of us*."""
        if self.forms[token] in FIRST_PERSON:
            return True
        deps, children = self.parse.deps, self.children(token)
        if self.forms[token] in COLLECTIVES and any(self.forms[c] == "our" for c in children):
            return True
        return any(
            self.has_first_person(child) for child in children if deps[child] in SUBJECT_PARTS
        )

    def between(self, left: int, right: int) -> Sequence[str]:
        """The forms that stand between two tokens."""
        return self.forms[left + 1 : right]

    def marks_between(self, left: int, right: int) -> bool:
        """Whether a comma or another mark stands between two tokens."""
        return "PUNCT" in self.parse.pos[left + 1 : right]

    def quotes(self) -> list[tuple[int, int]]:
        """Spans of quoted words, in code points, without the marks."""
        if self._quotes is None:
            matches = _QUOTES.finditer(self.parse.text)
            spans = (match.span(match.lastindex or 0) for match in matches)
            self._quotes = list(spans)
        return self._quotes

    def quote_at(self, token: int) -> tuple[int, int] | None:
        """The quotation in which a token stands."""
        start = self.parse.starts[token]
        return next((span for span in self.quotes() if span[0] <= start < span[1]), None)

    def span(self, token: int) -> tuple[int, int]:
        """Code points of a token."""
        return self.parse.starts[token], self.parse.ends[token]
