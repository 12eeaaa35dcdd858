"""presidio's recognisers, set up for Canada and kept off the network.

presidio finds addresses, numbers of telephones, social insurance numbers, cards and accounts by
well-kept forms and checks. It is asked for forms alone: names come from the parse that the
project keeps anyway (`names`), because a second pipeline would cost as much again and find no
more. Its recogniser of e-mail addresses looks public suffixes up on the network; here it asks
the copy that lies in tldextract.

What it finds in a text is kept in the cache, for importing presidio imports torch (5 s): a
second check of the same texts loads neither.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from reflect_analysis.anonymity.findings import Finding
from reflect_analysis.anonymity.garbled import squeezed
from reflect_analysis.anonymity.remembering import Hit, Searched, in_blocks, made_by, recalled
from reflect_analysis.cache import Cache, default_cache
from reflect_analysis.corpus import Corpus

__all__ = ["find_by_presidio"]

_KINDS = {
    "EMAIL_ADDRESS": ("e-mail", 0.95, "an e-mail address"),
    "PHONE_NUMBER": ("phone", 0.9, "a telephone number that Canada's numbering plan allows"),
    "CA_SIN": ("SIN", 0.9, "nine digits that pass the check of a social insurance number"),
    "CREDIT_CARD": ("bank card", 0.9, "digits that pass the check of a payment card"),
    "IBAN_CODE": ("bank account", 0.9, "an international bank account number"),
    "IP_ADDRESS": ("IP address", 0.6, "the address of a computer"),
}
# A bare run of nine digits scores lower: presidio takes it with a weak form.
_LEAST = 0.3
_ASKED = ("presidio-analyzer", "phonenumbers", "tldextract", "regex")


def find_by_presidio(corpus: Corpus, *, cache: Cache | None = None) -> Iterator[Finding]:
    """What presidio finds in the texts: addresses, telephones, SINs, cards and accounts.

    Parameters
    ----------
    corpus : Corpus
    cache : Cache, optional
        By default `default_cache()`.
    """
    store = default_cache() if cache is None else cache
    for documents in in_blocks(corpus.documents):
        found = recalled("presidio", _maker(), documents, _by_presidio, store)
        for document in documents:
            for hit in found[document.sha256]:
                yield Finding(document.id, *hit)


@lru_cache(maxsize=1)
def _maker() -> str:
    """What decides what is found: presidio, and what it and its e-mail recogniser stand on."""
    return made_by("presidio", *(f"{name} {version(name)}" for name in _ASKED))


def _by_presidio(texts: Mapping[str, str]) -> Iterator[Searched]:
    for key, text in texts.items():
        wall, busy = time.monotonic(), time.process_time()
        hits = tuple(_hit(*found) for found in _analysed(text))
        took = max(time.monotonic() - wall, time.process_time() - busy)
        # An expression that takes too long is given up without an error: what it would have
        # found must not be missing for good.
        yield key, hits, took < _patience()


def _analysed(text: str) -> list[tuple[str, int, int]]:
    short = squeezed(text)
    results = _engine().analyze(
        short.text, language="en", entities=list(_KINDS), score_threshold=_LEAST
    )
    return [(result.entity_type, *short.span(result.start, result.end)) for result in results]


def _hit(entity: str, start: int, end: int) -> Hit:
    kind, score, why = _KINDS[entity]
    return Hit(start, end, kind, score, direct=True, why=why)


def _patience() -> float:
    """Seconds after which presidio gives an expression up."""
    from presidio_analyzer import pattern_recognizer

    return float(getattr(pattern_recognizer, "REGEX_TIMEOUT_SECONDS", 60))


@lru_cache(maxsize=1)
def _engine() -> Any:
    """An analyser without a model: forms and checks alone."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    registry = RecognizerRegistry(recognizers=_recognisers(), supported_languages=["en"])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
        supported_languages=["en"],
    )


def _recognisers() -> list[Any]:
    from presidio_analyzer.predefined_recognizers import (
        CaSinRecognizer,
        CreditCardRecognizer,
        IbanRecognizer,
        IpRecognizer,
        PhoneRecognizer,
    )

    return [
        _email_recogniser(),
        PhoneRecognizer(supported_regions=("CA",)),
        CaSinRecognizer(),
        CreditCardRecognizer(),
        IbanRecognizer(),
        IpRecognizer(),
    ]


# No part before the sign is longer, and no name of a host behind it.
_BEFORE_SIGN, _BEHIND_SIGN = 65, 255


def _around_signs(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text in which an e-mail address may stand."""
    start = end = -1
    for match in re.finditer("@", text):
        left = max(0, match.start() - _BEFORE_SIGN)
        if left > end:
            if end > 0:
                yield start, end
            start = left
        end = min(len(text), match.end() + _BEHIND_SIGN)
    if end > 0:
        yield start, end


def _email_recogniser() -> Any:
    """presidio's, with the public suffixes that tldextract carries instead of a look-up."""
    import tldextract
    from presidio_analyzer.predefined_recognizers import EmailRecognizer

    suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

    class OfflineEmailRecognizer(EmailRecognizer):
        def validate_result(self, pattern_text: str) -> bool:
            return bool(suffixes(pattern_text).fqdn)

        def analyze(self, text: str, *args: Any, **kwargs: Any) -> list[Any]:
            """Around each sign alone: presidio's form is slow in a long run without blanks."""
            found = []
            for start, end in _around_signs(text):
                for result in super().analyze(text[start:end], *args, **kwargs):
                    result.start, result.end = result.start + start, result.end + start
                    found.append(result)
            return found

    return OfflineEmailRecognizer()
