"""Whether a match is denied, and by which word.

A negator denies what it governs in its own clause: what is said of a cause, a contrast or a
relative clause is not denied with it, nor what is presupposed. What a pattern spells out
itself (*not alone*) is never a denial of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from reflect_analysis.coders.cues import (
    ASSERTED_IF_DENIED,
    CARRYING,
    CAUSES,
    CONTRASTS,
    DEGREES,
    FILLERS,
    NEGATIVE_PRONOUNS,
    NEGATORS,
    NO_BEFORE,
    NOT_BEFORE,
    NOTHING_BEFORE,
    SURPRISED,
    UNDOING,
    UNDOING_NOUNS,
    WARDING,
)
from reflect_analysis.coders.grammar import SUBJECTS, Grammar, Judge

__all__ = ["is_denied", "negated", "surprised"]

# Dependencies through which a denial does not reach.
_ISLANDS = frozenset(["advcl", "parataxis", "appos", "csubj", "nsubj", "nsubjpass", "intj"])
_OBJECTS = frozenset(["xcomp", "dobj", "pcomp", "ccomp", "acl", "prep", "oprd"])
_DIRECT = frozenset(["dobj"])
_NEG = frozenset(["neg"])
_AUXILIARIES = frozenset(["aux", "auxpass"])
_OPEN = frozenset(["xcomp"])
_NEAR = 6
# "Nothing drains me like circle time" says that it does.
_COMPARED = frozenset(["like", "than", "as"])
_SKIPPED = 3


def negated(grammar: Grammar, said: Sequence[int]) -> int | None:
    """The word that denies a match, or `None`."""
    for cue, judge in grammar.cues("negated", said[0], _CUES, _judge):
        if cue in said:
            continue
        if any(judge(grammar, cue, token) for token in grammar.content(said)):
            return cue
    return None


def _judge(grammar: Grammar, cue: int) -> Judge | None:
    """How a word denies others, or `None` for a word that denies nothing."""
    form = grammar.forms[cue]
    if form in _BY_FORM:
        return _BY_FORM[form]
    lemma = grammar.parse.lemmas[cue]
    if lemma in _BY_LEMMA and grammar.parse.pos[cue] in ("VERB", "NOUN"):
        return _BY_LEMMA[lemma]
    return None


def _next(grammar: Grammar, cue: int) -> str:
    return grammar.forms[cue + 1] if cue + 1 < len(grammar.forms) else ""


# ── not, never, hardly ──


def _by_negator(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *not*, *never*, *hardly*: what follows in the clause that it stands in."""
    if cue > token or _is_outdone(grammar, cue) or _is_degree(grammar, cue, token):
        return False
    verb = _governor(grammar, cue)
    if surprised(grammar, verb):
        return False
    return _is_close(grammar, cue, token) or _reaches(grammar, verb, token)


def _is_outdone(grammar: Grammar, cue: int) -> bool:
    """*not just tired* is more than tired; but *never just go through the motions* is never."""
    if _next(grammar, cue) not in NOT_BEFORE:
        return False
    after = grammar.parse.pos[cue + 2 : cue + 3]
    return grammar.forms[cue] != "never" or after != ("VERB",)


def _governor(grammar: Grammar, cue: int) -> int:
    """The verb or word that a negator bears on: an auxiliary hands it on."""
    verb = _inverted(grammar, cue)
    if verb is not None:
        return verb
    head = grammar.parse.heads[cue]
    return grammar.parse.heads[head] if grammar.parse.deps[head] in ("aux", "auxpass") else head


def _inverted(grammar: Grammar, cue: int) -> int | None:
    """The verb of *not once did I feel* and *at no point was I*, where the negator comes first."""
    for here in grammar.path(cue):
        if grammar.parse.pos[here] in ("VERB", "AUX"):
            subject = grammar.child(here, SUBJECTS)
            helper = grammar.child(here, _AUXILIARIES)
            first = here if helper is None else helper
            return here if subject is not None and cue < first < subject else None
    return None


def _is_close(grammar: Grammar, cue: int, token: int) -> bool:
    """Whether only small words stand between: the tree need not be asked."""
    pos = grammar.parse.pos
    return all(
        grammar.forms[here] in FILLERS or pos[here] == "ADV"
        for here in range(cue + 1, token)
        if pos[here] != "PUNCT"
    ) and not grammar.marks_between(cue, token)


def _is_degree(grammar: Grammar, cue: int, token: int) -> bool:
    """The highest degree: *never so tired*, *couldn't be more drained*, *haven't felt this ill*."""
    between = frozenset(grammar.between(cue, token))
    if not between & DEGREES:
        return False
    before = grammar.parse.lemmas[max(cue - 2, 0) : cue]
    if grammar.forms[cue] == "never" or "could" in before or "can" in before:
        return True
    return "have" in before and bool(between & {"this", "so", "such"})


def surprised(grammar: Grammar, verb: int) -> bool:
    """Denied, past, and then it came: *never thought I would feel at home*, *never expected to*."""
    parse = grammar.parse
    if parse.lemmas[verb] not in SURPRISED or not is_denied(grammar, verb):
        return False
    children = grammar.children(verb)
    auxiliaries = {parse.lemmas[child] for child in children if parse.deps[child] == "aux"}
    past = parse.tags[verb] in ("VBD", "VBN") or bool(auxiliaries & {"could", "would"})
    did = any(grammar.forms[child] == "did" for child in children)
    promised = {"would", "could"} & set(parse.lemmas[verb + 1 : grammar.sentence(verb)[1]])
    open_ended = parse.lemmas[verb] in ("expect", "imagine", "dream")
    told = promised or (open_ended and grammar.child(verb, _OPEN) is not None)
    return (past or did) and bool(told)


def is_denied(grammar: Grammar, verb: int) -> bool:
    """Whether a verb has a negator of its own."""
    if grammar.child(verb, _NEG) is not None:
        return True
    forms = (grammar.forms[child] for child in grammar.children(verb))
    return any(form in NEGATORS or form == "no" for form in forms)


def _reaches(grammar: Grammar, top: int, token: int, *, relative: bool = False) -> bool:
    """Whether a denial of one word is a denial of another that it governs.

    Parameters
    ----------
    relative : bool
        Whether it reaches into a relative clause: *nothing that drains me*.
    """
    chain = grammar.chain(token, top)
    if chain is None:
        return False
    lemmas = grammar.parse.lemmas
    if any(lemmas[link] in ASSERTED_IF_DENIED for link in (*chain[1:], top) if link != token):
        return False
    return all(_passes(grammar, link, relative) for link in chain)


def _passes(grammar: Grammar, link: int, relative: bool) -> bool:  # noqa: FBT001  # private, one caller
    """Whether a denial goes from the governor of a word to the word."""
    dep, head = grammar.parse.deps[link], grammar.parse.heads[link]
    if dep == "advcl" and "like" in {grammar.forms[c] for c in grammar.children(link)}:
        return grammar.parse.lemmas[head] in CARRYING  # "I never feel like I belong"
    if dep in _ISLANDS or (dep == "relcl" and not relative):
        return False
    if dep == "prep":
        return grammar.forms[link] not in CAUSES
    if dep == "conj":
        contrast = CONTRASTS.intersection(grammar.between(min(head, link), max(head, link)))
        return not contrast and grammar.child(link, SUBJECTS) is None
    if dep == "ccomp":
        first = grammar.leftmost(link)
        carried = grammar.parse.lemmas[head] in CARRYING or grammar.parse.lemmas[head] == "be"
        return carried and not grammar.parse.tags[first].startswith("W")
    return True


# ── no, nobody, nothing, without ──


def _by_no(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *no*: its noun with what belongs to it, and what is said of it."""
    following = _next(grammar, cue)
    if following in NO_BEFORE or grammar.parse.deps[cue] == "intj":
        return False
    noun = grammar.parse.heads[cue]
    verb = _inverted(grammar, cue)
    if verb is not None and cue < token and _reaches(grammar, verb, token):
        return True
    if following in ("longer", "more"):
        return cue < token and _reaches(grammar, grammar.parse.heads[cue + 1], token)
    if grammar.marks_between(cue, cue + 2) and following != "one":
        return False
    return _by_pronoun(grammar, noun, token) or (cue < token and _is_attached(grammar, cue, token))


def _is_attached(grammar: Grammar, cue: int, token: int) -> bool:
    """Whether only adjectives and nouns stand between: *no real sense of belonging*."""
    between = range(cue + 1, token)
    inside = all(grammar.parse.pos[i] in ("ADJ", "NOUN", "ADV") for i in between)
    return inside and len(between) <= _SKIPPED


def _by_pronoun(grammar: Grammar, noun: int, token: int) -> bool:
    """Denied by *nothing*, *nobody* or *no …*: what belongs to it, and what is said of it."""
    if _next(grammar, noun) in NOTHING_BEFORE and grammar.forms[noun] == "nothing":
        return False
    if token == noun or _reaches(grammar, noun, token, relative=True):
        return True
    verb, dep = grammar.parse.heads[noun], grammar.parse.deps[noun]
    if dep in SUBJECTS:
        compared = _COMPARED.intersection(grammar.forms[token + 1 : token + _NEAR])
        return noun < token and not compared and _reaches(grammar, verb, token)
    return dep in _DIRECT and token == verb and grammar.parse.pos[token] == "VERB"


def _by_governing(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *without*: what it governs."""
    return cue < token and (_is_close(grammar, cue, token) or _reaches(grammar, cue, token))


def _by_phrase(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *rather than*, *instead of*, *far from*, *anything but*: what follows."""
    if _next(grammar, cue) not in _PHRASES[grammar.forms[cue]] or cue > token:
        return False
    return token - cue <= _NEAR and not grammar.marks_between(cue, token)


_PHRASES = {
    "rather": ("than",),
    "instead": ("of",),
    "far": ("from",),
    "anything": ("but",),
    "free": ("of", "from"),
}


# ── verbs and nouns that undo ──


def _by_undoing(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *stop crying*, *lack energy*, unless that is denied itself."""
    chain = grammar.chain(token, cue) if cue < token else None
    if not chain or is_denied(grammar, cue) or grammar.parse.deps[chain[-1]] not in _OBJECTS:
        return False
    last = chain[-1]
    purpose = grammar.forms[min((last, *grammar.children(last)))] == "to"
    if purpose and grammar.parse.lemmas[cue] in ("stop", "quit"):
        return False
    if grammar.parse.deps[last] == "prep" and grammar.parse.pos[cue] == "VERB":
        return False
    return all(_passes(grammar, link, relative=False) for link in chain[:-1])


def _by_warding(grammar: Grammar, cue: int, token: int) -> bool:
    """Denied by *keep me from burning out*."""
    chain = grammar.chain(token, cue) if cue < token else None
    if not chain or is_denied(grammar, cue):
        return False
    return any(grammar.forms[link] == "from" for link in chain) and "from" in grammar.between(
        cue, token
    )


def _by_stop(grammar: Grammar, cue: int, token: int) -> bool:
    return _by_undoing(grammar, cue, token) or _by_warding(grammar, cue, token)


_BY_FORM: dict[str, Judge] = {
    **dict.fromkeys(NEGATORS, _by_negator),
    **dict.fromkeys(NEGATIVE_PRONOUNS, _by_pronoun),
    **dict.fromkeys(_PHRASES, _by_phrase),
    "no": _by_no,
    "without": _by_governing,
}
_BY_LEMMA: dict[str, Judge] = {
    **dict.fromkeys(WARDING, _by_warding),
    **dict.fromkeys(UNDOING | UNDOING_NOUNS, _by_undoing),
    "stop": _by_stop,
    "prevent": _by_stop,
}
_CUES = frozenset([*_BY_FORM, *_BY_LEMMA])
