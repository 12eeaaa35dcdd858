"""Which further results a study allows: worked out, or told why not; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.change import state_changes
from reflect_analysis.comparison import compare_groups
from reflect_analysis.errors import FrameworkError, ReportError, UnknownIdError, did_you_mean
from reflect_analysis.frameworks import (
    answer_checklist,
    fill_framework,
)
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.saturation import saturation_curve
from reflect_analysis.themes import Approach

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.frameworks import ChecklistAnswer, Framework, Indicator
    from reflect_analysis.programmes import Programmes

__all__ = ["Wanted", "further_results", "read_states"]

Tell = Callable[[str], None]
States = Mapping[str, Sequence[str]]
_TWO_STATES = ("strain", "recovery")
_SHAPE = 'expected two states, such as "strain=exhaustion,detachment;recovery=renewal"'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a study asks for beyond what its texts and codebook give by themselves.

    Parameters
    ----------
    states : mapping of str to sequence of str, optional
        Two states and the codes or groups of codes of each (`read_states`).
    compare : tuple of str
        Attributes of participants by which groups are compared.
    frameworks : tuple of Framework
        Checklists among them, which their author answers.
    indicators : tuple of Indicator
        Each is asked for by one of the frameworks.
    answers : dict of str to ChecklistAnswer
        To the checklist among the frameworks.
    programmes : Programmes, optional
    """

    states: States | None = None
    compare: tuple[str, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    answers: Mapping[str, ChecklistAnswer] = field(default_factory=dict)
    programmes: Programmes | None = None


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
        Codes that occur together (by participant and by reflection), change over sessions where
        texts bear one and the states are named, groups compared, saturation where codes were
        made from passages, frameworks, programmes.

    Raises
    ------
    ReportError, FrameworkError, UnknownIdError
        If what is named is not there.
    """
    study = _Study(codings, corpus, codebook, approach, random_state, tell)
    if approach == "reflexive":
        if wanted.states or wanted.compare:
            raise ReportError(
                "states and compare: counts of participants are no measure of importance in a "
                "reflexive study; leave them out"
            )
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
            lambda: cooccurrence(self.codings, **self._values, unit="participant"),
            lambda: cooccurrence(self.codings, **self._values, unit="reflection"),
        )
        yield from self._changes(wanted.states)
        for attribute in wanted.compare:
            self._check_attribute(attribute)
            yield from self._tried(
                f"groups by {attribute!r}",
                lambda by=attribute: compare_groups(  # type: ignore[misc]  # mypy cannot type a default of a lambda
                    self.codings, **self._values, by=by, random_state=self.random_state
                ),
            )
        if any(code.origin is not None for code in self.codebook.in_use):
            yield from self._tried(
                "saturation",
                lambda: saturation_curve(
                    self.codings, **self._values, random_state=self.random_state
                ),
            )

    def _tried(self, name: str, *makers: Callable[[], Any]) -> Iterator[Any]:
        """Each result, or the reason why these texts do not allow it."""
        for make in makers:
            try:
                yield make()
            except UnknownIdError:
                raise
            except ValueError as error:
                self.tell(f"no {name}: {error}")

    def _changes(self, states: States | None) -> Iterator[Any]:
        told = states or self._states_of_groups()
        dated = any(document.attributes.get("session") for document in self.corpus)
        if told is None:
            if dated:
                self.tell("no change over sessions: name the states and their codes (--states)")
            return
        named = {name: self._codes(name, codes) for name, codes in told.items()}
        yield from self._tried(
            "change over sessions",
            lambda: state_changes(self.codings, **self._values, states=named),
        )

    def _states_of_groups(self) -> States | None:
        """The states where two groups of the codebook bear their names; else it is not said."""
        if {group.id for group in self.codebook.groups}.issuperset(_TWO_STATES):
            return {name: (name,) for name in _TWO_STATES}
        return None

    def _codes(self, state: str, names: Sequence[str]) -> tuple[str, ...]:
        """Codes by id, and those of groups."""
        groups = {group.id for group in self.codebook.groups}
        found: dict[str, None] = {}
        for name in names:
            if name in self.codebook:
                found[name] = None
            elif name in groups:
                found |= dict.fromkeys(c.id for c in self.codebook.in_use if c.group == name)
            else:
                hint = did_you_mean(name, self.codebook.ids)
                raise UnknownIdError(f"state {state!r}: the codebook has no code {name!r}{hint}")
        return tuple(found)

    def _check_attribute(self, attribute: str) -> None:
        known = sorted({name for case in self.corpus.cases for name in case.attributes})
        if attribute not in known:
            hint = did_you_mean(attribute, known)
            raise UnknownIdError(
                f"compare: no participant has the attribute {attribute!r}{hint}; expected one of "
                f"{', '.join(known) or 'none, as no participant has any'}"
            )

    def named(self, wanted: Wanted) -> Iterator[Any]:
        """Frameworks and programmes."""
        self._check_indicators(wanted.frameworks, wanted.indicators)
        for framework in wanted.frameworks:
            if framework.kind == "checklist":
                yield answer_checklist(framework, wanted.answers)
            else:
                yield self._filled(framework, wanted.indicators)
        if wanted.programmes is not None:
            yield wanted.programmes

    def _check_indicators(
        self, frameworks: Sequence[Framework], figures: Sequence[Indicator]
    ) -> None:
        asked = {name for each in frameworks for row in each for name in row.indicators}
        strange = [each.name for each in figures if each.name not in asked]
        if strange:
            raise FrameworkError(
                f"no framework of this report asks for the indicator {name!r}"
                f"{did_you_mean(name, asked)}"
                for name in strange
            )

    def _filled(self, framework: Framework, figures: Sequence[Indicator]) -> Any:
        mine = {name for row in framework for name in row.indicators}
        return fill_framework(
            framework,
            self.codings,
            **self._values,
            indicators=[each for each in figures if each.name in mine],
            approach=self.approach,
        )
