"""Whose experience a match tells, and in whose words.

Somebody else's is what has a third person for its subject: *my co-worker is exhausted*, *the
new girl cried*. A thing is nobody (*the week is draining*), and what somebody does to the
writer is the writer's (*she makes me feel seen*). What another person says or thinks is
reported, whoever it is about; what the writer said to others is the writer's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from reflect_analysis.coders.cues import (
    FIRST_OBJECT,
    FIRST_PERSON,
    OBJECT_CONTROL,
    OWN,
    PARTS_OF_SELF,
    PEOPLE,
    RELATIVE,
    SAYING,
    THIRD_POSSESSIVE,
    THIRD_PRONOUNS,
)
from reflect_analysis.coders.grammar import SUBJECTS, Grammar

__all__ = ["others", "reported"]

_POSSESSIVE = frozenset(["poss"])
_OBJECTS = frozenset(["dobj", "dative", "pobj", "prep", "nsubj", "ccomp", "xcomp"])
_RECEIVERS = frozenset(["dobj", "dative"])
_FURTHEST = 8
# What a verb of saying may have for its content, the word that ties a clause to it, and what
# stands before the comma where another clause begins.
_CONTENTS = frozenset(["ccomp", "xcomp"])
_MARKS = frozenset(["mark"])
_SAID_BEFORE = frozenset(["intj", "dobj", "ccomp", "xcomp", "conj", "oprd", "parataxis"])


# ── somebody else's ──


def others(grammar: Grammar, said: Sequence[int]) -> int | None:
    """The word for the person whose experience a match tells, if that is not the writer."""
    if any(grammar.forms[token] in FIRST_PERSON for token in said):
        return None
    if not any(map(grammar.has_sense, said)):
        return None  # "since" is nobody's experience
    token = grammar.top(said)
    person = _experiencer(grammar, token)
    if person is None or person in said or not _is_third(grammar, person):
        return None
    described = grammar.chain(token, person) is not None
    return None if not described and _happens_to_writer(grammar, person) else person


def _experiencer(grammar: Grammar, token: int) -> int | None:
    """The word for who feels or does what a word says, as near as the tree tells."""
    here = token
    for _ in range(_FURTHEST):
        owner = grammar.child(here, _POSSESSIVE)
        if owner is not None and _is_personal(grammar, owner):
            return owner
        subject = grammar.child(here, SUBJECTS)
        if subject is not None:
            return _who(grammar, token, here, subject)
        found, here = _upwards(grammar, here)
        if found is not None or here < 0:
            return found
    return None


def _is_personal(grammar: Grammar, owner: int) -> bool:
    """Whether an owner is a person: *her tears*, *the girl's tears*; not *the week's end*."""
    return grammar.forms[owner] in OWN | THIRD_POSSESSIVE or _is_third(grammar, owner)


def _who(grammar: Grammar, token: int, verb: int, subject: int) -> int | None:
    """Who has the experience that a clause with this subject tells."""
    if _is_stimulus(grammar, token):
        return None
    if grammar.forms[subject] in RELATIVE and grammar.parse.deps[verb] == "relcl":
        found, further = _described(grammar, grammar.parse.heads[verb])
        return found if found is not None else _experiencer(grammar, further)
    receiver = grammar.child(verb, _RECEIVERS)
    if verb == token and receiver is not None and not _is_person(grammar, subject):
        return receiver  # "this job drains people"
    return subject


def _is_stimulus(grammar: Grammar, token: int) -> bool:
    """*exhausting*, *draining*: the subject gives the feeling and does not have it."""
    return grammar.forms[token].endswith("ing") and (
        grammar.parse.pos[token] == "ADJ" or grammar.parse.deps[token] in ("acomp", "amod")
    )


def _upwards(grammar: Grammar, here: int) -> tuple[int | None, int]:
    """(who, next): the person found at this step, or the word to go on with; -1 ends the search."""
    dep, head = grammar.parse.deps[here], grammar.parse.heads[here]
    if head == here:
        return None, -1
    if dep == "relcl":
        return head, -1
    if dep in ("amod", "acl", "compound") and _is_third(grammar, head):
        return _described(grammar, head)
    if dep in SUBJECTS:
        return grammar.child(head, _RECEIVERS), -1
    if dep in ("xcomp", "ccomp", "acomp", "oprd") and grammar.parse.lemmas[head] in OBJECT_CONTROL:
        controlled = grammar.child(head, _RECEIVERS)
        if controlled is not None and controlled < here:
            return controlled, -1
    return None, head


def _described(grammar: Grammar, noun: int) -> tuple[int | None, int]:
    """*an exhausted colleague* is she; *I am an exhausted educator* is the subject."""
    dep, head = grammar.parse.deps[noun], grammar.parse.heads[noun]
    if dep in ("attr", "oprd") or (dep == "pobj" and grammar.forms[head] == "as"):
        return None, head
    return noun, -1


def _is_third(grammar: Grammar, person: int) -> bool:
    """Whether a word means a person who is neither the writer nor the reader."""
    form, parse = grammar.forms[person], grammar.parse
    if form in THIRD_PRONOUNS | THIRD_POSSESSIVE:
        return True
    if grammar.has_first_person(person):
        return False
    if form in PEOPLE or parse.lemmas[person] in PEOPLE:
        return True
    return parse.pos[person] == "PROPN" and _may_be_name(grammar, person)


def _is_person(grammar: Grammar, token: int) -> bool:
    own = grammar.forms[token] in ("you", "who") or grammar.has_first_person(token)
    return own or _is_third(grammar, token)


def _may_be_name(grammar: Grammar, token: int) -> bool:
    """A name is a person unless the parse knows it for a place, a date or a body."""
    start = grammar.parse.starts[token]
    labels = {e.label for e in grammar.parse.entities if e.start <= start < e.end}
    return not labels or "PERSON" in labels


def _happens_to_writer(grammar: Grammar, person: int) -> bool:
    """Whether a clause with this subject has the writer for its object: *she holds me up*."""
    if grammar.parse.deps[person] not in SUBJECTS:
        return False
    return _has_own_object(grammar, grammar.parse.heads[person], depth=0)


def _has_own_object(grammar: Grammar, verb: int, depth: int) -> bool:
    parse = grammar.parse
    for child in grammar.children(verb):
        if parse.deps[child] not in _OBJECTS:
            continue
        if child > verb and grammar.forms[child] in FIRST_OBJECT:
            return True
        inner = parse.deps[child] == "prep" or parse.lemmas[verb] in OBJECT_CONTROL
        if depth < 2 and inner and _has_own_object(grammar, child, depth + 1):  # noqa: PLR2004  # made me feel it in me
            return True
    return False


# ── another's words ──


def reported(grammar: Grammar, said: Sequence[int]) -> int | None:
    """The verb by which another person says or thinks what a match says, or `None`."""
    token = grammar.top(said)
    quotation = grammar.quote_at(token)
    if quotation is not None:
        return _quoted_by(grammar, token, quotation)
    for here in grammar.path(token):
        verb = _saying(grammar, here)
        if verb is not None and verb not in said and _is_anothers(grammar, verb):
            return verb
    return _according(grammar, token)


def _saying(grammar: Grammar, here: int) -> int | None:
    """The verb of saying whose content a clause is: *she says she is …*, *he is, she says, …*."""
    dep, head = grammar.parse.deps[here], grammar.parse.heads[here]
    lemmas = grammar.parse.lemmas
    if dep == "ccomp" and lemmas[head] in SAYING and _is_content(grammar, head, here):
        return head
    if dep == "xcomp" and lemmas[head] in ("tell", "ask", "warn"):
        return head
    for child in grammar.children(here):
        aside = grammar.parse.deps[child] == "parataxis" and lemmas[child] in SAYING
        if aside and len(grammar.children(child)) == 1:
            return child
    return None


def _is_content(grammar: Grammar, verb: int, clause: int) -> bool:
    """Whether a clause is what is said, and not the next thing told: *he said come, I was late*.

    A verb has one content. It is the first that follows it, unless what follows breaks off at
    a comma; one that goes before it is the content only where none follows.
    """
    deps = grammar.parse.deps
    contents = [child for child in grammar.children(verb) if deps[child] in _CONTENTS]
    after = [child for child in contents if child > verb]
    if clause < verb:
        return not after
    return after[0] == clause and not _breaks_off(grammar, verb, clause)


def _breaks_off(grammar: Grammar, verb: int, clause: int) -> bool:
    """Whether something else is said before a comma, and a clause of the writer's own follows."""
    subject = grammar.child(clause, SUBJECTS)
    if subject is None or not grammar.has_first_person(subject):
        return False
    if grammar.child(clause, _MARKS) is not None:
        return False
    parse, start = grammar.parse, grammar.leftmost(subject)
    commas = [here for here in range(verb + 1, start) if parse.pos[here] == "PUNCT"]
    said = range(verb + 1, commas[-1]) if commas else ()
    return any(parse.deps[here] in _SAID_BEFORE and parse.pos[here] != "PRON" for here in said)


def _is_anothers(grammar: Grammar, verb: int) -> bool:
    """Whether somebody other than the writer says it."""
    subject = grammar.subject(verb)
    if subject is None:
        return False
    if grammar.parse.deps[subject] == "nsubjpass":
        return grammar.parse.lemmas[verb] in ("tell", "ask", "warn", "assure")
    if grammar.forms[subject] in RELATIVE and grammar.parse.deps[verb] == "relcl":
        subject = grammar.parse.heads[verb]
    if grammar.has_first_person(subject) or grammar.forms[subject] in ("you", "one"):
        return False
    return grammar.parse.lemmas[subject] not in PARTS_OF_SELF


def _quoted_by(grammar: Grammar, token: int, quotation: tuple[int, int]) -> int | None:
    """The verb by which another person says a quotation; `None` for the writer's own words."""
    for verb in _verbs_by(grammar, token, quotation):
        return verb if _is_anothers(grammar, verb) else None
    return None


def _verbs_by(grammar: Grammar, token: int, quotation: tuple[int, int]) -> list[int]:
    """Verbs of saying round a quotation, in the sentences of its ends, the nearest first."""
    parse = grammar.parse
    start, end = quotation
    verbs = [
        verb
        for begin, stop in parse.sentences
        if parse.starts[begin] <= end + 1 and parse.ends[stop - 1] >= start - 1
        for verb in range(begin, stop)
        if parse.lemmas[verb] in SAYING
        and parse.pos[verb] == "VERB"
        and not start <= parse.starts[verb] < end
    ]
    return sorted(verbs, key=lambda verb: abs(verb - token))


def _according(grammar: Grammar, token: int) -> int | None:
    """*According to her, …*: the whole sentence is hers."""
    begin, end = grammar.sentence(token)
    for cue in range(begin, end - 1):
        if grammar.forms[cue] == "according" and grammar.forms[cue + 1] == "to":
            own = grammar.forms[cue + 2 : cue + 3] in (("me",), ("us",))
            return None if own or cue > token else cue
    return None
