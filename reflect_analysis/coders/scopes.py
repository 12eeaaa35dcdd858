"""What a match stands in: denied, imagined, somebody else's, reported, or the question itself.

Each scope is a function of the grammar of a text and the words of a match; it returns the
word by which it holds, or `None`. A code says for each whether it excludes, includes or
requires it; by default all exclude, because a codebook's general rules say so: what is
denied, wished, told of others or quoted is not the writer's own account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from reflect_analysis.coders.cues import (
    ABLE,
    ACHIEVED,
    CONDITIONS,
    CONTRASTS,
    DEGREES,
    FEARS,
    GENERIC,
    HABIT_PAIRS,
    HABITS,
    HEDGED,
    MODALS,
    PERCEPTION,
    QUESTIONS,
    TEMPORAL,
    WISHES,
)
from reflect_analysis.coders.grammar import SUBJECTS, Grammar, Judge
from reflect_analysis.coders.negation import is_denied, negated, surprised
from reflect_analysis.coders.persons import others, reported
from reflect_analysis.language import normalised

__all__ = ["SCOPES", "hypothetical", "negated", "others", "prompt", "reported"]

_NEAR = 8
_WISHED = frozenset(["xcomp", "ccomp", "dobj", "prep", "acomp", "acl", "advcl", "oprd", "conj"])
_AUXILIARIES = frozenset(["aux", "auxpass"])
_OPEN = frozenset(["xcomp"])


# ── imagined ──


def hypothetical(grammar: Grammar, said: Sequence[int]) -> int | None:
    """The word by which a match is only imagined: *if*, *would*, *wish*, *when I …*; or `None`."""
    cues = grammar.cues("hypothetical", said[0], _CUES, _judge)
    if not cues:
        return None
    token = grammar.top(said)
    found = (cue for cue, judge in cues if cue not in said and judge(grammar, cue, token))
    return next(found, None)


_CUES = CONDITIONS | TEMPORAL | MODALS | WISHES | FEARS


def _judge(grammar: Grammar, cue: int) -> Judge | None:
    """How a word makes others imagined, or `None` for a word that does not."""
    form, lemma = grammar.forms[cue], grammar.parse.lemmas[cue]
    if form in CONDITIONS:
        return _by_condition
    if form in TEMPORAL:
        return _by_time
    if lemma in MODALS and grammar.parse.pos[cue] == "AUX":
        return _by_modal
    if lemma in WISHES and grammar.parse.pos[cue] in ("VERB", "NOUN"):
        return _by_wish
    return _by_fear if lemma in FEARS else None


def _by_condition(grammar: Grammar, cue: int, token: int) -> bool:
    """In a clause with *if*, *unless*, *whether*; *as if* tells what is felt."""
    if cue > token or (cue and grammar.forms[cue - 1] == "as"):
        return False
    clause = grammar.parse.heads[cue]
    return grammar.chain(token, clause) is not None or _follows_at_once(grammar, cue, token)


def _follows_at_once(grammar: Grammar, cue: int, token: int) -> bool:
    """Whether a word follows so near that it is in the clause, whatever the tree says."""
    between = range(cue + 1, token)
    parts = any(grammar.forms[i] in CONTRASTS or grammar.parse.deps[i] == "mark" for i in between)
    return len(between) <= _NEAR and not parts and not grammar.marks_between(cue, token)


def _by_time(grammar: Grammar, cue: int, token: int) -> bool:
    """In a clause *when I rest*, where what follows is still to come: *I will feel better*.

    *When I am alone I cry* tells what happens again and again, and *when I was alone* what
    happened: neither is imagined. *When you are tired* says what holds for anybody.
    """
    verb = grammar.parse.heads[cue]
    if cue > token or grammar.parse.deps[verb] == "relcl" or verb == cue:
        return False
    if grammar.chain(token, verb) is None or _is_asked(grammar, cue, verb):
        return False
    tags = {grammar.parse.tags[each] for each in (verb, *_auxiliaries(grammar, verb))}
    if not tags & {"VBP", "VBZ", "MD"} or "VBD" in tags:
        return False
    subject = grammar.subject(verb)
    generic = subject is not None and grammar.forms[subject] in GENERIC
    return generic or any(_is_open(grammar, each) for each in _with_main(grammar, verb))


def _with_main(grammar: Grammar, verb: int) -> Iterator[int]:
    """The verb of a clause, that of the clause in which it stands, and the verbs that govern it."""
    yield verb
    here = grammar.parse.heads[verb]
    yield here
    while grammar.parse.deps[here] == "xcomp":
        here = grammar.parse.heads[here]
        yield here


def _auxiliaries(grammar: Grammar, verb: int) -> list[int]:
    return [c for c in grammar.children(verb) if grammar.parse.deps[c] in _AUXILIARIES]


def _is_open(grammar: Grammar, verb: int) -> bool:
    """Whether a clause is still to come, or asks for something: *will*, *should*, *call her*."""
    parse, auxiliaries = grammar.parse, _auxiliaries(grammar, verb)
    if any(parse.tags[each] == "MD" and parse.lemmas[each] not in ABLE for each in auxiliaries):
        return True
    if parse.lemmas[verb] == "go" and parse.tags[verb] == "VBG":
        return grammar.child(verb, _OPEN) is not None  # "I am going to rest"
    subject = grammar.child(verb, SUBJECTS)
    asked = parse.tags[verb] == "VB" and subject is None and not auxiliaries
    return asked and parse.heads[verb] == verb


def _is_asked(grammar: Grammar, cue: int, verb: int) -> bool:
    """Whether a clause with *when* is what somebody asks or knows: *she asked me when I …*."""
    head = grammar.parse.heads[verb]
    if head >= cue or grammar.parse.lemmas[head] not in QUESTIONS:
        return False
    return all(grammar.parse.pos[here] == "PRON" for here in range(head + 1, cue))


def _by_modal(grammar: Grammar, cue: int, token: int) -> bool:
    """With *would*, *could*, *might*, *should*, unless it is a habit, an ability or a hedge."""
    verb = grammar.parse.heads[cue]
    if cue > token or _is_had(grammar, cue, verb) or _tells(grammar, cue, verb, token):
        return False
    chain = grammar.chain(token, verb)
    return chain is not None and all(_shares_modal(grammar, link) for link in chain)


def _is_had(grammar: Grammar, cue: int, verb: int) -> bool:
    """Whether *'d* stands for *had*: *I'd been crying*."""
    forms = {grammar.forms[child] for child in grammar.children(verb)}
    participle = grammar.parse.tags[verb] == "VBN" and not forms & {"be", "get"}
    return grammar.forms[cue] == "'d" and "have" not in forms and ("been" in forms or participle)


def _shares_modal(grammar: Grammar, link: int) -> bool:
    """Whether a modal goes on from the governor of a word to the word."""
    dep, head = grammar.parse.deps[link], grammar.parse.heads[link]
    if dep in ("advcl", "relcl", "parataxis", "nsubj", "nsubjpass"):
        return False
    if dep in ("ccomp", "oprd", "dobj") and grammar.parse.lemmas[head] in HEDGED:
        return False
    if dep == "conj":
        own = grammar.child(link, SUBJECTS | _AUXILIARIES)
        return own is None and grammar.parse.tags[link] not in ("VBD", "VBP", "VBZ")
    return True


def _tells(grammar: Grammar, cue: int, verb: int, token: int) -> bool:
    """Whether a clause with a modal tells what was: a habit, an ability, a degree, a surprise."""
    lemma = grammar.parse.lemmas[cue]
    if any(surprised(grammar, here) for here in grammar.path(verb)):
        return True
    if _has_condition(grammar, verb):
        return False
    between = frozenset(grammar.between(cue, token))
    if lemma == "would":
        return _is_habit(grammar, verb)
    if lemma != "could":
        return False
    if between & DEGREES and is_denied(grammar, verb):
        return True
    after = frozenset((*between, grammar.forms[token], *grammar.forms[cue + 1 : cue + 3]))
    perceived = grammar.parse.lemmas[verb] in PERCEPTION
    return "have" not in between and (perceived or bool(after & ACHIEVED))


def _has_condition(grammar: Grammar, verb: int) -> bool:
    """Whether the sentence holds a condition, other than one that is asked or wondered about."""
    begin, end = grammar.sentence(verb)
    deps, heads = grammar.parse.deps, grammar.parse.heads
    cues = (here for here in range(begin, end) if grammar.forms[here] in CONDITIONS)
    return any(deps[heads[cue]] not in ("ccomp", "pcomp") for cue in cues)


def _is_habit(grammar: Grammar, verb: int) -> bool:
    """*Every Friday we would sit …*, *when I was new I would cry*: it happened again and again."""
    begin, end = grammar.sentence(verb)
    forms = grammar.forms[begin:end]
    if HABITS.intersection(forms) or HABIT_PAIRS.intersection(pairwise(forms)):
        return True
    whens = (here for here in range(begin, end) if grammar.forms[here] in TEMPORAL)
    clauses = (grammar.parse.heads[cue] for cue in whens)
    return any(
        grammar.parse.heads[clause] == verb and grammar.parse.tags[clause] == "VBD"
        for clause in clauses
    )


def _by_wish(grammar: Grammar, cue: int, token: int) -> bool:
    """What is wished, hoped, wanted or planned."""
    chain = grammar.chain(token, cue) if cue < token else None
    if not chain or surprised(grammar, cue):
        return False
    parse = grammar.parse
    if parse.lemmas[cue] == "need" and parse.deps[chain[-1]] not in ("xcomp", "ccomp"):
        return False
    if is_denied(grammar, cue) and parse.tags[cue] in ("VBD", "VBN"):
        return False  # "I never expected to feel so welcome"
    if any(parse.deps[link] in ("relcl", "parataxis") for link in chain):
        return False
    last = chain[-1]
    if parse.deps[last] == "conj" and grammar.child(last, SUBJECTS) is not None:
        return False
    return parse.deps[last] in _WISHED


def _by_fear(grammar: Grammar, cue: int, token: int) -> bool:
    """What is feared: *afraid of burning out*, *worried that I will break*."""
    chain = grammar.chain(token, cue) if cue < token else None
    if not chain:
        return False
    link = chain[-1]
    if grammar.parse.deps[link] in ("prep", "xcomp"):
        return grammar.forms[link] in ("of", "about", "that") or grammar.parse.deps[link] == "xcomp"
    auxiliaries = {
        grammar.parse.lemmas[child]
        for each in chain
        for child in grammar.children(each)
        if grammar.parse.deps[child] == "aux"
    }
    return grammar.parse.deps[link] == "ccomp" and bool(auxiliaries & {"will", "might", "may"})


# ── the question quoted back ──

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_LABELS = frozenset(["prompt", "question", "q"])
_SHORTEST = 5


def prompt(grammar: Grammar, said: Sequence[int]) -> int | None:
    """The first word of a sentence that begins with the prompt, if the match lies in that part."""
    if not grammar.prompt:
        return None
    begin, end = grammar.sentence(said[0])
    reach = _quoted_end(grammar, begin, end)
    return begin if grammar.parse.ends[said[-1]] <= reach else None


def _quoted_end(grammar: Grammar, begin: int, end: int) -> int:
    """Where the part of a sentence ends that is the prompt, word for word; 0 if none is."""
    parse = grammar.parse
    asked = _WORD.findall(normalised(grammar.prompt).lower())
    start, stop = parse.starts[begin], parse.ends[end - 1]
    written = list(_WORD.finditer(normalised(parse.text[start:stop]).lower()))
    if written and written[0][0] in _LABELS:
        written = written[1:]
    words = [match[0] for match in written]
    shared = max((_shared(words, asked[i:]) for i in range(len(asked))), default=0)
    enough = shared >= min(_SHORTEST, len(asked)) or (shared == len(words) and shared > 1)
    return start + written[shared - 1].end() if shared and enough else 0


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words two lists share from their beginning."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


# Cheapest first: the first that blocks a match ends its judgement.
SCOPES: Mapping[str, Callable[[Grammar, Sequence[int]], int | None]] = {
    "prompt": prompt,
    "negated": negated,
    "hypothetical": hypothetical,
    "others": others,
    "reported": reported,
}
