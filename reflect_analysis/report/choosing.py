"""Which further results a study allows: worked out, or told why not; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.change import state_changes
from reflect_analysis.comparison import compare_groups
from reflect_analysis.errors import FrameworkError, ReflectAnalysisError, ReportError
from reflect_analysis.frameworks import (
    answer_checklist,
    fill_framework,
)
from reflect_analysis.joint import joint_display
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.report.checking import check_wanted, codes_of_state, groups_asked
from reflect_analysis.report.unmade import NotMade
from reflect_analysis.saturation import saturation_curve
from reflect_analysis.themes import Approach

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.frameworks import ChecklistAnswer, Choice, Framework, Indicator
    from reflect_analysis.joint import Inference, Scale
    from reflect_analysis.programmes import Programmes

__all__ = ["Wanted", "further_results", "read_states"]

Tell = Callable[[str], None]
States = Mapping[str, Sequence[str]]
_TWO_STATES = ("strain", "recovery")
_NO_PAIRS = "the texts that were read do not allow it"
_NO_SESSIONS = "no participant’s text says in which session it was written"
_NO_GROUPS = "the participants who were read do not make up the two groups that were named"
_NOT_TWO = (
    "no two groups were named (such as --compare role=lead,assistant), and those who were read do "
    "not fall into exactly two"
)
_NO_DISPLAY = "none of the participants who were read belongs to one of the groups"
_NO_CURVE = "no text was read for all of the codes that were made from passages"
_SHAPE = 'expected two states, such as "strain=exhaustion,detachment;recovery=renewal"'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a study asks for beyond what its texts and codebook give by themselves.

    Parameters
    ----------
    states : mapping of str to sequence of str, optional
        Two states and the codes or groups of codes of each (`read_states`).
    compare : tuple of str
        Attributes of participants by which groups are compared: ``"role"``, or with two of its
        values ``"role=lead,assistant"``; the second may be ``others``.
    within : str
        An attribute of participants, such as ``"community"``, within which the compared groups
        are shuffled.
    frameworks : tuple of Framework
        Checklists among them, which their author answers.
    indicators : tuple of Indicator
        Each is asked for by one of the frameworks.
    answers : dict of str to ChecklistAnswer
        To the checklist among the frameworks.
    programmes : Programmes, optional
    choices : dict of str to Choice
        What a person chose, by the id of the framework (`read_choices`).
    joint : str
        An attribute of participants: accounts by its groups stand beside scores and inferences.
    scale : Scale or str, optional
        For the joint display: scores, or the attribute of participants that holds them.
    inferences : tuple of Inference
        For the joint display (`read_inferences`).
    k : int
        Groups of fewer people are joined in the joint display: as the report hides counts.
    """

    states: States | None = None
    compare: tuple[str, ...] = ()
    within: str = ""
    frameworks: tuple[Framework, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    answers: Mapping[str, ChecklistAnswer] = field(default_factory=dict)
    programmes: Programmes | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    joint: str = ""
    scale: Scale | str | None = None
    inferences: tuple[Inference, ...] = ()
    k: int = 5


def read_states(text: str | Path) -> dict[str, tuple[str, ...]]:
    """Read two states from a line, or from a YAML file with two keys.

    Parameters
    ----------
    text : str or Path
        ``"strain=exhaustion,detachment;recovery=burnout_recovery,renewal"``, or the path of a
        YAML file with the two states as keys and lists of codes.

    Returns
    -------
    dict of str to tuple of str

    Raises
    ------
    ReportError
        If there are not two states with a code each.

    Examples
    --------
    >>> read_states("strain=exhaustion,detachment; recovery=renewal")
    {'strain': ('exhaustion', 'detachment'), 'recovery': ('renewal',)}
    """
    given = str(text)
    states = _of_file(Path(given)) if given.endswith((".yaml", ".yml")) else _of_line(given)
    if len(states) != 2 or not all(states.values()):  # noqa: PLR2004  # one state and the other
        raise ReportError(f"states: {len(states)} with codes found; {_SHAPE}")
    return states


def _of_line(line: str) -> dict[str, tuple[str, ...]]:
    parts = [part.partition("=") for part in line.split(";") if part.strip()]
    return {name.strip(): _words(codes.split(",")) for name, _, codes in parts if name.strip()}


def _of_file(path: Path) -> dict[str, tuple[str, ...]]:
    from reflect_analysis.frameworks.files import load_yaml

    try:
        found = load_yaml(path, "two states as keys, each with a list of codes").data
    except FrameworkError as error:
        raise ReportError(error.faults) from None
    return {
        str(name): _words(codes if isinstance(codes, list) else ()) for name, codes in found.items()
    }


def _words(items: Iterable[Any]) -> tuple[str, ...]:
    return tuple(filter(None, (str(item).strip() for item in items)))


def further_results(
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    wanted: Wanted = Wanted(),  # frozen
    approach: Approach = "codebook",
    random_state: int = 0,
    tell: Tell = lambda _: None,
) -> tuple[Any, ...]:
    """The results beside the theme table that a study allows, for `write_report`.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
    codebook : Codebook
    wanted : Wanted
        Groups, states, frameworks, indicators and programmes that the study names.
    approach : str
        A reflexive study gets no counts: of all these only the frameworks and programmes that
        it names.
    random_state : int
    tell : callable
        Gets a line about each result that is not made, and why.

    Returns
    -------
    tuple
        Each result, and a `NotMade` in the place of one that these texts do not allow:
        codes that occur together (by participant and by reflection), change over sessions where
        texts bear one and the states are named, groups compared, saturation where codes were
        made from passages, frameworks, programmes.

    Raises
    ------
    ReportError, FrameworkError, UnknownIdError
        If what is named is not there: every fault, before anything is counted.
    """
    check_wanted(wanted, corpus=corpus, codebook=codebook, approach=approach)
    study = _Study(codings, corpus, codebook, approach, random_state, tell)
    if approach == "reflexive":
        tell("a reflexive study: no counts of codes that occur together, change or groups")
        return tuple(study.named(wanted))
    return (*study.counted(wanted), *study.named(wanted))


@dataclass(frozen=True, slots=True)
class _Study:
    """The values that every result is worked out from."""

    codings: Codings
    corpus: Corpus
    codebook: Codebook
    approach: Approach
    random_state: int
    tell: Tell

    @property
    def _values(self) -> dict[str, Any]:
        return {"corpus": self.corpus, "codebook": self.codebook}

    def counted(self, wanted: Wanted) -> Iterator[Any]:
        """What is counted of participants."""
        yield from self._tried(
            "codes that occur together",
            NotMade("Codes that occur together", _NO_PAIRS),
            lambda: cooccurrence(self.codings, **self._values, unit="participant"),
            lambda: cooccurrence(self.codings, **self._values, unit="reflection"),
        )
        yield from self._changes(wanted.states)
        yield from self._comparisons(wanted)
        yield from self._joint(wanted)
        if any(code.origin is not None for code in self.codebook.in_use):
            yield from self._tried(
                "saturation",
                NotMade("How soon new codes stopped coming", _NO_CURVE),
                lambda: saturation_curve(
                    self.codings, **self._values, random_state=self.random_state
                ),
            )

    def _comparisons(self, wanted: Wanted) -> Iterator[Any]:
        """Each pair of groups that the study names."""
        for asked in wanted.compare:
            by, groups = groups_asked(asked)
            make = partial(
                compare_groups,
                self.codings,
                **self._values,
                by=by,
                groups=groups,
                within=wanted.within or None,
                random_state=self.random_state,
            )
            missing = NotMade(f"Groups compared: {by}", _NO_GROUPS if groups else _NOT_TWO)
            yield from self._tried(f"groups by {by!r}", missing, make)

    def _joint(self, wanted: Wanted) -> Iterator[Any]:
        """Accounts by group beside scores and inferences, where the study asks for them."""
        if not wanted.joint:
            return
        yield from self._tried(
            "joint display",
            NotMade("Accounts and scores side by side", _NO_DISPLAY),
            lambda: self._display(wanted),
        )

    def _display(self, wanted: Wanted) -> Any:
        """The joint display; which of its groups are joined is told, and not printed."""
        display = joint_display(
            self.codings,
            **self._values,
            by=wanted.joint,
            scale=wanted.scale,
            inferences=wanted.inferences,
            k=wanted.k,
        )
        if display.joined:
            named = ", ".join(display.joined)
            self.tell(
                f"joint display by {wanted.joint!r}: joined as “Other groups”, as each has fewer "
                f"than {wanted.k} participants, is governed, or makes up their number: {named}"
            )
        return display

    def _tried(self, name: str, missing: NotMade, *makers: Callable[[], Any]) -> Iterator[Any]:
        """Each result, or in its place why these texts do not allow it.

        The error may name what participants bear, so that it is told and not printed.
        """
        for make in makers:
            try:
                yield make()
            except ReflectAnalysisError:
                raise
            except ValueError as error:
                self.tell(f"no {name}: {error}")
                yield missing

    def _changes(self, states: States | None) -> Iterator[Any]:
        told = states or self._states_of_groups()
        dated = any(document.attributes.get("session") for document in self.corpus)
        if told is None:
            if dated:
                self.tell("no change over sessions: name the states and their codes (--states)")
            return
        named = {name: codes_of_state(codes, self.codebook) for name, codes in told.items()}
        yield from self._tried(
            "change over sessions",
            NotMade("Change over sessions", _NO_SESSIONS),
            lambda: state_changes(self.codings, **self._values, states=named),
        )

    def _states_of_groups(self) -> States | None:
        """The states where two groups of the codebook bear their names; else it is not said."""
        if {group.id for group in self.codebook.groups}.issuperset(_TWO_STATES):
            return {name: (name,) for name in _TWO_STATES}
        return None

    def named(self, wanted: Wanted) -> Iterator[Any]:
        """Frameworks and programmes."""
        for framework in wanted.frameworks:
            if framework.kind == "checklist":
                yield answer_checklist(framework, wanted.answers)
            else:
                yield self._filled(framework, wanted)
        if wanted.programmes is not None:
            yield wanted.programmes

    def _filled(self, framework: Framework, wanted: Wanted) -> Any:
        mine = {name for row in framework for name in row.indicators}
        return fill_framework(
            framework,
            self.codings,
            **self._values,
            indicators=[each for each in wanted.indicators if each.name in mine],
            choice=wanted.choices.get(framework.id),
            approach=self.approach,
        )
