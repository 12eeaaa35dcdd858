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

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from reflect_analysis.anonymity.findings import Finding
from reflect_analysis.anonymity.garbled import squeezed
from reflect_analysis.cache import Cache, default_cache, entry_key
from reflect_analysis.corpus import Corpus
from reflect_analysis.provenance import text_hash

__all__ = ["find_by_presidio"]

# Raise it whenever presidio would be asked something else.
_FORMAT = 2
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
# Texts between two writes to the cache: an interrupted run keeps what it had.
_BLOCK = 2_000


def find_by_presidio(corpus: Corpus, *, cache: Cache | None = None) -> Iterator[Finding]:
    """What presidio finds in the texts: addresses, telephones, SINs, cards and accounts.

    Parameters
    ----------
    corpus : Corpus
    cache : Cache, optional
        By default `default_cache()`.
    """
    store = default_cache() if cache is None else cache
    for first in range(0, len(corpus), _BLOCK):
        block = corpus.documents[first : first + _BLOCK]
        hits = _hits([document.text for document in block], store)
        for document in block:
            for entity, start, end in hits[document.sha256]:
                kind, score, why = _KINDS[entity]
                yield Finding(document.id, start, end, kind, score, direct=True, why=why)


Hits = list[tuple[str, int, int]]


def _hits(texts: Sequence[str], store: Cache) -> dict[str, Hits]:
    """Entity and span of each hit, by the hash of the text; from the cache where it has them."""
    wanted = {text_hash(text): text for text in texts}
    keys = {entry_key(key, _maker()): key for key in wanted}
    found = {keys[entry]: _read(data) for entry, data in store.get_many("presidio", keys).items()}
    known = {key: hits for key, hits in found.items() if hits is not None}
    fresh = {key: _analysed(text) for key, text in wanted.items() if key not in known}
    entries = {entry_key(key, _maker()): json.dumps(hits).encode() for key, hits in fresh.items()}
    store.put_many("presidio", entries)
    return known | fresh


def _read(data: bytes) -> Hits | None:
    """A kept entry; a broken one counts as absent."""
    try:
        return [(str(entity), int(start), int(end)) for entity, start, end in json.loads(data)]
    except (ValueError, TypeError):
        return None


@lru_cache(maxsize=1)
def _maker() -> str:
    return f"presidio-{version('presidio-analyzer')}-phones-{version('phonenumbers')}-{_FORMAT}"


def _analysed(text: str) -> Hits:
    short = squeezed(text)
    results = _engine().analyze(
        short.text, language="en", entities=list(_KINDS), score_threshold=_LEAST
    )
    return [(result.entity_type, *short.span(result.start, result.end)) for result in results]


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
