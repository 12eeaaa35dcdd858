"""The language of a text that does not say it: detected, and never with daring.

A reflection is short and full of names and slang, so only languages that are spoken at
home around early learning centres in Canada are considered, and anything but a confident
answer is English.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from reflect_analysis.corpus import Document

DEFAULT = "en"
SHORTEST = 40
# Two sentences tell the language as surely as twenty do, and take a fifth of the time.
ENOUGH = 200
CONFIDENT = 0.9
CANDIDATES = (
    *("ar", "de", "en", "es", "fa", "fr", "hi", "it", "ja", "ko"),
    *("pa", "pl", "pt", "ru", "tl", "uk", "ur", "vi", "zh"),
)


def with_languages(
    documents: Iterable[Document],
) -> tuple[tuple[Document, ...], dict[str, int]]:
    """The documents, each with a language, and how often another than English was detected."""
    detected: Counter[str] = Counter()
    told = []
    for document in documents:
        if document.language:
            told.append(document)
            continue
        language = detect(document.text)
        if language != DEFAULT:
            detected[language] += 1
        told.append(dataclasses.replace(document, language=language))
    return tuple(told), dict(sorted(detected.items()))


def detect(text: str) -> str:
    """The language of a text as an ISO 639-1 code; English where that is not plain.

    Examples
    --------
    >>> detect("Cette année, je me sens enfin à ma place parmi les autres éducatrices.")
    'fr'
    >>> detect("Merci!")
    'en'
    """
    if len(text.strip()) < SHORTEST:
        return DEFAULT
    language, confidence = _identifier().classify(text.strip()[:ENOUGH])
    return str(language) if confidence >= CONFIDENT else DEFAULT


@cache
def _identifier() -> Any:
    """An identifier of our own: the package's own one is shared by the whole process."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(CANDIDATES)
    return identifier
