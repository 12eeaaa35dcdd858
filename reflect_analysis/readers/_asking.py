"""Which words ask for consent to be quoted, and what was answered in words of one's own.

A survey asks "May we quote your words?" and is answered "I do not agree". A question counts
where it says who may be quoted; where it only holds such a word ("Quotes?"), its answers
decide. An answer with a negation is a refusal, whatever else stands in it; one with a
condition is ``"ask"``; an agreement is read only where neither stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from reflect_analysis.corpus import Answer

Sense = Literal["quoting", "against", "general", ""]

_WHOSE = (
    r"(?:you|your|yours|me|my|mine|us|our|this|these|it|what|any|some|part|parts|words|answers"
    r"|anonymously|directly|participants|respondents)"
)
_QUOTED = re.compile(
    rf"\b(?:quot(?:e|ing) (?:from )?{_WHOSE}|(?:quotes|quotations?|excerpts) (?:from|of) {_WHOSE}"
    rf"|(?:your|my|our) quot(?:e|es|ations?)|quoted|cited|cit(?:e|ing) (?:you|your|me|my)"
    r"|(?:(?<!ez )vous|me|te|nous|etre|sois|soit|soient|sont|est|suis|soyez) cit(?:er|ee?s?)"
    r"|cit(?:er|ions|ees?|es) (?:vous|vos|votre|mes|mon|ma|nos|notre|ce que|des extraits|ces"
    r"|cette))"
    r"\b"
)
_MAY = re.compile(
    r"\b(?:may|can|could|would|agree\w*|consent\w*|allow\w*|permi[ts]\w*|ok|okay|fine|accept\w*"
    r"|approv\w*|authori[sz]\w*|autoris\w*|willing|happy|mind|comfortable|want|wish|like|object"
    r"|prefer|opt|let|please|do not|don t|never|puis|pouvons|peut|peuvent|pouvez|pourrions|accord"
    r"|voulez|veux|souhait\w*|refus\w*|decline)\b"
)
_MINE = re.compile(
    r"\b(?:your|my|vos|votre|mes|mon) (?:own )?(?:words|answers?|comments?|reflections?|responses?"
    r"|paroles|propos|reponses?|mots|commentaires?)\b"
)
_SHOWN = re.compile(
    r"\b(?:us(?:e|ed|ing)|shar\w+|publish\w*|print\w*|includ\w+|utilis\w+|publi\w+)\b"
)
_WORD = re.compile(r"\b(?:quot(?:e|es|ed|ing|able|ations?)|cit(?:er|ation|ations))\b")
_WE = re.compile(
    r"\b(?:(?:may|can|could) we|(?:do|will) you (?:give|allow|permit|agree)|permission|permitted"
    r"|pouvons nous|peut on|permettez)\b"
)
_CONSENT = re.compile(r"\bconsent\w*\b")
_WHO = re.compile(r"\b(?:i|you|we|je|j|vous)\b")
_FEWEST = 3

_AGAINST = re.compile(
    r"\b(?:not|no|never|don t|dont|ne|n|pas|jamais|refus\w+|declin\w+|object\w*|mind|oppos\w+"
    r"|opt out|rather|without|disagree)\b"
)
_REFUSED = re.compile(
    r"\b(?:no|non|not|never|nope|nor|neither|none|nobody|nothing|refus\w*|declin\w*|disagree\w*"
    r"|don t|dont|doesn t|can t|cant|cannot|won t|wouldn t|oppos\w+|object\w*|withh\w+|withdr\w+"
    r"|opt(?:ed)? out|unchecked|unselected|pas|jamais|aucun\w*|n accepte|n autorise)\b|^(?:0|off)$"
)
_CONDITION = re.compile(
    r"\b(?:but|if|unless|except|only|provided|depend\w*|first|before|until|without|as long|"
    r"mais|si|sauf|seulement|avant|sans|ask|contact|check with|demand\w+|contact\w+)\b"
)
_ASK = re.compile(r"\b(?:ask|check with|contact|demand(?:er|ez)|contactez)\b")
_AGREED = re.compile(
    r"^(?:i understand and )?(?:yes|yep|yeah|y|true|oui|ok|okay|sure|certainly|absolutely"
    r"|of course|fine|go ahead|permission granted"
    r"|(?:strongly )?agreed?|accept(?:ed)?|consent(?:ed)?|allowed|granted|checked|selected|ticked"
    r"|i (?:(?:do|strongly|fully|hereby) )?(?:agree|consent|accept|allow|permit|do|give)"
    r"|(?:bien sur|d accord|certainement|accepte|volontiers|coche)"
    r"|j (?:accepte|autorise)|je (?:suis d accord|consens|permets|veux bien|donne)"
    r"|you (?:may|can)|vous pouvez)\b"
)
_TICKS = frozenset("✓✔☑xX")
_MAY_BE = re.compile(
    r"^(?:my|these|mes) \w+ (?:may|can|peuvent) (?:be|etre) (?:quoted|cites?|citees)\b"
)
_LONGEST_YES = 25
_LONGEST_SHOWN = 12
_CURT = 3
_REPLIES = re.compile(
    r"\b(?:i (?:do not|don t|would|d|prefer|accept|allow|decline|give)|agree|quot(?:e|ed)|consent"
    r"|accept\w*|cite[re]?\w?|accord|please|thanks?|merci|rather)\b"
)


# "If you do not want this, tick here": then a tick refuses.
_OPTS_OUT = re.compile(r"\b(?:tick|check|cross|unless|opt out|coch\w+|sauf)\b")


def bare(text: str) -> str:
    """Letters and digits without accents, a blank between two words.

    Examples
    --------
    >>> bare("J’accepte d'être citée!")
    'j accepte d etre citee'
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", letters).strip()


def sense_of(name: str) -> Sense:
    """What the name or the question of a column plainly asks; ``""`` for anything else.

    Returns
    -------
    {"quoting", "against", "general", ""}
        ``"against"`` where a yes is a refusal, ``"general"`` for consent to something else.

    Examples
    --------
    >>> sense_of("May we quote your words?"), sense_of("Which quote stayed with you?")
    ('quoting', '')
    >>> sense_of("I do not want to be quoted"), sense_of("Do you consent to take part?")
    ('against', 'general')
    >>> sense_of("Pouvons-nous citer vos paroles ?"), sense_of("Pouvez-vous citer un exemple ?")
    ('quoting', '')
    """
    whole = bare(name)
    opts_out = _OPTS_OUT.search(whole) and _AGAINST.search(whole)
    for sentence in re.split(r"[.!?;:()\[\]]+", name):
        words = bare(sentence)
        quoted = _QUOTED.search(words)
        if quoted and _MAY.search(words):
            return "against" if opts_out or _AGAINST.search(words[: quoted.start()]) else "quoting"
    if names_quoting(name) and _WE.search(whole):
        return "against" if opts_out else "quoting"
    if _CONSENT.search(whole) and (_WORD.search(whole) or _MINE.search(whole)):
        return "quoting"
    asked = len(whole.split()) >= _FEWEST or _WHO.search(whole)
    return "general" if asked and _CONSENT.search(whole) else ""


def names_quoting(name: str) -> bool:
    """Whether a word of quoting stands in a name, or it asks to use somebody's words."""
    words = bare(name)
    used = _MINE.search(words) and _MAY.search(words) and _SHOWN.search(words)
    return bool(_WORD.search(words) or used)


def are_answers(cells: Iterable[str]) -> bool:
    """Whether most cells are short and say yes, no or ask, of the one who says it.

    Examples
    --------
    >>> are_answers(["Yes", "", "I do not agree"]), are_answers(["The long way home."])
    (True, False)
    """
    filled = [cell for cell in cells if cell.strip()]
    said = [c for c in filled if _is_reply(bare(c)) and understood(c)]
    return bool(filled) and 2 * len(said) > len(filled)


def _is_reply(words: str) -> bool:
    count = len(words.split())
    return count <= _CURT or (count <= _LONGEST_SHOWN and _REPLIES.search(words) is not None)


def understood(cell: str) -> Answer | None:
    """What was answered; `None` where it is not plain. A blank is no answer here.

    Examples
    --------
    >>> [understood(cell) for cell in ("I agree", "I do not agree", "Yes, but ask me first")]
    ['yes', 'no', 'ask']
    >>> understood("D’accord"), understood("Je n’accepte pas"), understood("perhaps")
    ('yes', 'no', None)
    """
    if cell.strip() and set(cell.strip()) <= _TICKS:
        return "yes"
    words = bare(cell)
    if _REFUSED.search(words) or words == "n":
        return "no"
    if _ASK.search(words):
        return "ask"
    if (_AGREED.match(words) or _MAY_BE.match(words)) and len(words.split()) <= _LONGEST_YES:
        return "ask" if _CONDITION.search(words) else "yes"
    return None
