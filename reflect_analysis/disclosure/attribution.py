"""What stands behind a printed quote: "ECE, Kamloops, Reflection", or less.

The invariant: every attribution is borne by at least k participants of the corpus, where
those who bear it are the ones *to whom these rules give it*, not the larger number of whom
it would be true. Otherwise a reader with the list of participants and these rules could
tell that "ECE, Kootenays" stands for the few in the Kootenays whose town was withheld.

So parts are withheld step by step for those who are left: the place first (town, region,
province, nothing), then the other parts, the kind of text last. Where those of whom the
least is said are too few, others are joined to them. A pseudonym is never a part, nor are
the name, the pair or anything else that stands for one person (a study that prints pseudonyms
says so in its template, and then role and place never stand beside them). A pair partner is
reckoned as one who knows: she takes herself and her partner away, so where a pair bears an
attribution k counts the others. Of governed cases nothing but the kind of text is said, and
enough others must bear the same attribution that it does not stand for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reflect_analysis.corpus import Corpus, Document
from reflect_analysis.disclosure.counts import DEFAULT_K, check_k
from reflect_analysis.disclosure.rarity import Risks, others_than_a_pair, risk
from reflect_analysis.disclosure.templates import ID, parse_template, printed_by

__all__ = ["TEMPLATE", "Attributions", "attribute_quote"]

KIND_LABELS: Mapping[str, str | None] = {
    "reflection": "Reflection",
    "photo-voice": "Photo-voice",
    "post": "Post",
    "transcript": "Meeting",
    "debrief": "Debrief",
    "quote": None,
    "newsletter": "Newsletter",
    "video": "Video",
}
TEMPLATE = ("role", "place", "kind")
_LADDERS: Mapping[str, tuple[str, ...]] = {"place": ("place", "region", "province")}

# One part of an attribution at every step of its ladder, the most telling first.
Steps = tuple[str | None, ...]
Parts = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A participant with the parts that one of her texts would be attributed by."""

    case_id: str
    pair: str
    governed: bool
    steps: tuple[Steps, ...]

    def at(self, level: Sequence[int]) -> Parts:
        """The parts that are left at a level."""
        return tuple(steps[depth] for steps, depth in zip(self.steps, level, strict=True))


@dataclass(frozen=True)
class Attributions:
    """The attributions of a corpus by one template, worked out once for all of it.

    Parameters
    ----------
    corpus : Corpus
    template : str or sequence of str
        Such as ``"{role}, {place}, {source}"``, or the names alone: ``place`` falls back to
        the region and the province, ``source`` (or ``kind``) is the kind of the document.
        ``{id}`` is the pseudonym: with it one other part at most is said beside the kind,
        and of governed participants nothing but the kind.
    k : int
        How many participants must bear the same attribution (its pseudonym apart), at least
        3; where a pair is among them, how many others.

    Raises
    ------
    ValueError
        If the template names something that stands for one person, or k < 3.
    """

    corpus: Corpus
    template: str | tuple[str, ...] = TEMPLATE
    k: int = DEFAULT_K

    def __post_init__(self) -> None:
        check_k(self.k)
        parse_template(self.template)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The parts that are withheld step by step; the pseudonym is none."""
        return tuple(name for name in parse_template(self.template)[0] if name != ID)

    @cached_property
    def risks(self) -> Risks:
        """How few share what is known of each participant, whatever is printed."""
        return risk(self.corpus, k=self.k)

    def of(self, document: Document, *, at: int = 0) -> str:
        """The attribution of the words at an offset of a document."""
        case_id = self._speaker(document, at)
        if case_id is None:
            return self._of_unknown(document)
        return self._said(document, case_id)

    def _said(self, document: Document, case_id: str) -> str:
        bearer = self._bearer(document, case_id)
        return self._printed(self._parts.get(bearer, ()), "" if bearer.governed else case_id)

    def names_a_pseudonym(self, document: Document, *, at: int = 0) -> bool:
        """Whether a pseudonym stands in the attribution."""
        case_id = self._speaker(document, at)
        if case_id is None or ID not in parse_template(self.template)[0]:
            return False
        return self.corpus.case(case_id).governance is None

    def _printed(
        self, parts: Sequence[str | None], case_id: str = "", *, nobody: str = "Participant"
    ) -> str:
        """Parts as one string; who is not named by a role is a participant."""
        names, joints = parse_template(self.template)
        named = dict(zip(self._names, parts, strict=False))
        about = [] if named.get("role") or not nobody else [nobody]
        if case_id and ID in names:
            # Never a pseudonym alone: the last search knows it by the words around it.
            named[ID] = " ".join([*about, case_id])
            about = []
        words = printed_by(joints, [named.get(name) for name in names])
        return ", ".join(filter(None, (*about, words))) or "Not a participant"

    def as_published(self, document: Document, *, at: int = 0) -> bool:
        """Whether an unknown speaker's words stand with what was published of her, such as a role.

        Nobody has counted how many bear such an attribution.
        """
        if "selected" not in document.flags or self._speaker(document, at) is not None:
            return False
        named = zip(self._names, self._steps(document, document.attributes), strict=True)
        return any(steps[0] for name, steps in named if name != "kind")

    def _speaker(self, document: Document, at: int) -> str | None:
        """The participant who is known to have said the words at an offset."""
        if document.voice != "participant" or not self.corpus.cases_of(document):
            return None
        return self.corpus.case_at(document.id, at)

    def shared_by(self, document: Document, *, at: int = 0) -> int:
        """How many participants bear the attribution that is printed for these words."""
        if self.names_a_pseudonym(document, at=at):
            return 1
        return self._shared.get(self.of(document, at=at), 0)

    @cached_property
    def _shared(self) -> dict[str, int]:
        """How many participants bear each attribution."""
        cases: dict[str, set[str]] = {}
        for bearer, parts in self._parts.items():
            cases.setdefault(self._printed(parts), set()).add(bearer.case_id)
        return {printed: len(ids) for printed, ids in cases.items()}

    def _of_unknown(self, document: Document) -> str:
        """The attribution where no participant is known to have said it.

        Of a quote that was published before (flag ``"selected"``) just the parts that were
        published with it stand: its readers have them, and nothing is added. Any other
        unknown person may be anybody, so she gets what enough known participants bear, or
        "Participant".
        """
        selected, own = "selected" in document.flags, document.voice == "participant"
        steps = self._steps(document, document.attributes)
        if selected:
            return self._printed([s[0] for s in steps], nobody="Participant" if own else "")
        if not own:
            return "Not a participant"
        borne = set(self._parts.values())
        options = (tuple(s[d] for s, d in zip(steps, lv, strict=True)) for lv in self._levels)
        return self._printed(next((parts for parts in options if parts in borne), ()))

    def _steps(self, document: Document, attributes: Mapping[str, Any]) -> tuple[Steps, ...]:
        """The parts of the template, each at every step of its ladder."""
        return tuple(_ladder(name, document, attributes) for name in self._names)

    def _bearer(self, document: Document, case_id: str) -> _Bearer:
        case = self.corpus.case(case_id)
        attributes = {**case.attributes, **document.attributes}
        steps = self._steps(document, attributes)
        if case.governance is not None:
            steps = tuple(
                each if name == "kind" else (None,) * len(each)
                for name, each in zip(self._names, steps, strict=True)
            )
        elif attributes.get("community") in self._governed_communities:
            steps = tuple(
                (None,) * len(each) if name == "community" else each
                for name, each in zip(self._names, steps, strict=True)
            )
        pair = str(attributes.get("pair") or f"alone:{case_id}")
        return _Bearer(case_id, pair, case.governance is not None, steps)

    @cached_property
    def _governed_communities(self) -> frozenset[Any]:
        governed = (case for case in self.corpus.cases if case.governance is not None)
        return frozenset(case.attributes.get("community") for case in governed) - {None}

    @cached_property
    def _bearers(self) -> tuple[_Bearer, ...]:
        found = {
            self._bearer(document, case_id): None
            for document in self.corpus
            if document.voice == "participant"
            for case_id in self.corpus.cases_of(document)
        }
        return tuple(found)

    @cached_property
    def _levels(self) -> tuple[tuple[int, ...], ...]:
        """How far each part has fallen, from nothing withheld to all but the kind."""
        steps = {name: len(_LADDERS.get(name, (name,))) + 1 for name in self._names}
        depths = [range(1 if name == "kind" else steps[name]) for name in self._names]
        return tuple(sorted(itertools.product(*depths), key=self._loss))

    def _loss(self, level: Sequence[int]) -> tuple[int, int, tuple[int, ...]]:
        """What is lost at a level: the place is given up first."""
        fallen = dict(zip(self._names, level, strict=True))
        others = sum(depth for name, depth in fallen.items() if name != "place")
        return others, fallen.get("place", 0), tuple(level)

    @cached_property
    def _parts(self) -> dict[_Bearer, Parts]:
        """The parts that each bearer's attribution keeps."""
        settled: dict[_Bearer, Parts] = {}
        for level in self._levels:
            for parts, members in _classes({b: b.at(level) for b in self._bearers}).items():
                left = [bearer for bearer in members if bearer not in settled]
                if self._is_safe(left):
                    settled |= dict.fromkeys(left, parts)
        nothing: Parts = (None,) * len(self._names)
        whole: dict[_Bearer, Parts] = {}
        for bare, members in _classes({b: self._kind_alone(b) for b in self._bearers}).items():
            of_kind = {bearer: settled.get(bearer, bare) for bearer in members}
            of_kind = self._with_company(of_kind, bare)
            unsafe = not self._is_accompanied(of_kind, bare)
            whole |= dict.fromkeys(members, nothing) if unsafe else of_kind
        return self._with_company(whole, nothing)

    def _kind_alone(self, bearer: _Bearer) -> Parts:
        """The least that is said before the kind is withheld too."""
        named = zip(self._names, bearer.steps, strict=True)
        return tuple(steps[0] if name == "kind" else None for name, steps in named)

    def _is_accompanied(self, settled: Mapping[_Bearer, Parts], bare: Parts) -> bool:
        """Whether nobody, or enough, bear the least."""
        members = [bearer for bearer, parts in settled.items() if parts == bare]
        return not members or self._is_safe(members)

    def _with_company(self, settled: dict[_Bearer, Parts], bare: Parts) -> dict[_Bearer, Parts]:
        """Withhold the parts of more people until those of whom the least is said are enough.

        They come from the largest class that can spare one; where none can, the smallest
        class is given up.
        """
        while not self._is_accompanied(settled, bare):
            classes = _classes(settled)
            del classes[bare]
            if not classes:
                break
            settled = settled | dict.fromkeys(self._company(classes), bare)
        return settled

    def _company(self, classes: Mapping[Parts, list[_Bearer]]) -> list[_Bearer]:
        """Who is to join those of whom nothing is said."""
        by_size = sorted(classes.values(), key=lambda m: (len(m), m[0].case_id))
        for members in reversed(by_size):
            spare = sorted(members, key=lambda bearer: (bearer.governed, bearer.case_id))
            if self._is_safe(spare[1:]):
                return spare[:1]
        return by_size[0]

    def _is_safe(self, members: Sequence[_Bearer]) -> bool:
        """Whether enough participants bear an attribution, from each one's partner's view."""
        if not self._are_enough(members):
            return False
        ungoverned = [bearer for bearer in members if not bearer.governed]
        return len(ungoverned) == len(members) or self._are_enough(ungoverned)

    def _are_enough(self, members: Sequence[_Bearer]) -> bool:
        pairs = {bearer.case_id: bearer.pair for bearer in members}
        return others_than_a_pair(pairs) >= self.k


def _classes(borne: Mapping[_Bearer, Parts]) -> dict[Parts, list[_Bearer]]:
    """Those who bear the same."""
    classes: dict[Parts, list[_Bearer]] = {}
    for bearer, parts in borne.items():
        classes.setdefault(parts, []).append(bearer)
    return classes


def _ladder(name: str, document: Document, attributes: Mapping[str, Any]) -> Steps:
    """One part at every step of its ladder: the value, then its fallbacks, then nothing."""
    if name == "kind":
        return KIND_LABELS.get(document.kind, document.kind), None
    values = [str(attributes.get(step) or "").strip() for step in _LADDERS.get(name, (name,))]
    return (*(value or None for value in values), None)


def attribute_quote(
    document: Document,
    corpus: Corpus,
    *,
    at: int = 0,
    template: str | Sequence[str] = TEMPLATE,
    k: int = DEFAULT_K,
) -> str:
    """The attribution of a quote, with as much withheld as keeps its speaker among k.

    Parameters
    ----------
    document : Document
        The document that holds the quote.
    corpus : Corpus
        The whole corpus: those who might have said it.
    at : int
        Offset of the quote; in a transcript it decides who spoke.
    template : str or sequence of str
        Such as ``"{role}, {place}, {source}"``; as in `Attributions`.
    k : int
        How many participants must bear the same attribution, at least 3.

    Returns
    -------
    str
        Such as ``"ECE, Kamloops, Reflection"`` or ``"Participant"``.

    Raises
    ------
    ValueError
        If the template names something that stands for one person, or k < 3.

    Notes
    -----
    For many quotes make one `Attributions` and ask it.

    Examples
    --------
    Two supervisors are too few, and "Participant" must not stand for them alone, so three
    of the eight ECEs are quoted as participants too:

    >>> from reflect_analysis.corpus import Case, Corpus, Document
    >>> def person(n, role):
    ...     return Case(f"P{n:02}", {"role": role, "place": "Kamloops"})
    >>> cases = [person(n, "ECE") for n in range(1, 9)]
    >>> cases += [person(n, "Supervisor") for n in range(9, 11)]
    >>> texts = [Document(f"{c.id}-1", "a text", case_id=c.id) for c in cases]
    >>> corpus = Corpus(tuple(texts), tuple(cases))
    >>> attribute_quote(texts[0], corpus), attribute_quote(texts[9], corpus)
    ('Participant, Reflection', 'Participant, Reflection')
    >>> attribute_quote(texts[7], corpus), Attributions(corpus).shared_by(texts[7])
    ('ECE, Kamloops, Reflection', 5)
    """
    asked = template if isinstance(template, str) else tuple(template)
    return Attributions(corpus, asked, k).of(document, at=at)
