"""Whether a study allows what is asked of it: every fault at once, before the long work.

What a report asks for beyond its theme table names codes, attributes, groups, rows and indicators.
All of it can be held against the codebook and the texts before anything is coded or counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from reflect_analysis.change.finding import check_states
from reflect_analysis.errors import (
    FrameworkError,
    ReflectAnalysisError,
    ReportError,
    UnknownIdError,
    counted,
    did_you_mean,
)
from reflect_analysis.frameworks.checklist import answer_faults
from reflect_analysis.frameworks.filling import filling_faults
from reflect_analysis.incidence import value_of
from reflect_analysis.joint.making import display_faults

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.corpus import Corpus
    from reflect_analysis.report.choosing import Wanted

__all__ = ["check_wanted", "codes_of_state", "groups_asked", "raise_together"]

Faults = Iterator[ReflectAnalysisError]
_OTHERS = "others"


def check_wanted(
    wanted: Wanted, *, corpus: Corpus, codebook: Codebook, approach: str = "codebook"
) -> None:
    """Refuse what a study cannot be asked.

    Parameters
    ----------
    wanted : Wanted
    corpus : Corpus
    codebook : Codebook
    approach : str

    Raises
    ------
    UnknownIdError, FrameworkError, ReportError
        With every fault; where there are several kinds of them, a `ReportError` that holds all.
    """
    raise_together(list(_faults(wanted, corpus, codebook, approach)))


def raise_together(errors: Sequence[ReflectAnalysisError]) -> None:
    """Raise several errors as one, with every fault; do nothing where there is none.

    Parameters
    ----------
    errors : sequence of ReflectAnalysisError

    Raises
    ------
    ReflectAnalysisError
        The only one as it is; of one class, that class; else `ReportError`.
    """
    if not errors:
        return
    if len(errors) == 1:
        raise errors[0]
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else ReportError
    raise kind(dict.fromkeys(fault for error in errors for fault in error.faults))


def _faults(wanted: Wanted, corpus: Corpus, codebook: Codebook, approach: str) -> Faults:
    if approach == "reflexive":
        if wanted.states or wanted.compare or wanted.within or wanted.joint:
            yield ReportError(
                "states, compare and joint: counts of participants are no measure of importance "
                "in a reflexive study; leave them out"
            )
    else:
        yield from _faults_of_states(wanted.states, codebook)
        yield from _faults_of_groups(wanted, corpus)
        yield from _faults_of_joint(wanted, corpus, codebook)
    yield from _faults_of_frameworks(wanted, codebook)


# ── states and groups ──


def codes_of_state(names: Sequence[str], codebook: Codebook) -> tuple[str, ...]:
    """The codes of a state, named by their ids or by groups of codes; unknown names are left out.

    Parameters
    ----------
    names : sequence of str
    codebook : Codebook
    """
    found: dict[str, None] = {}
    for name in names:
        if name in codebook:
            found[name] = None
        else:
            found |= dict.fromkeys(c.id for c in codebook.in_use if c.group == name)
    return tuple(found)


def _faults_of_states(states: Mapping[str, Sequence[str]] | None, codebook: Codebook) -> Faults:
    if not states:
        return
    known = {*codebook.ids, *(group.id for group in codebook.groups)}
    unknown = [(state, name) for state, names in states.items() for name in names]
    unknown = [(state, name) for state, name in unknown if name not in known]
    for state, name in unknown:
        hint = did_you_mean(name, known)
        yield UnknownIdError(f"state {state!r}: the codebook has no code {name!r}{hint}")
    if unknown:
        return
    try:
        check_states({s: codes_of_state(names, codebook) for s, names in states.items()}, codebook)
    except ReflectAnalysisError as error:
        yield error
    except ValueError as error:
        yield ReportError(str(error))


def groups_asked(asked: str) -> tuple[str, tuple[str, str] | None]:
    """The attribute by which groups are compared, and the two groups where they are named.

    Parameters
    ----------
    asked : str
        Such as ``"role"`` or ``"role=lead,assistant"``.

    Raises
    ------
    ReportError
        If it names anything but an attribute, or an attribute with two groups.
    """
    by, equals, named = (part.strip() for part in asked.partition("="))
    if not equals:
        return by, None
    groups = [group.strip() for group in named.split(",") if group.strip()]
    if len(groups) != 2 or groups[0] == groups[1] or not by:  # noqa: PLR2004  # one and the other
        raise ReportError(
            f"compare: {asked!r}; expected an attribute, or it with two groups: "
            '"role=lead,assistant"'
        )
    return by, (groups[0], groups[1])


def _faults_of_groups(wanted: Wanted, corpus: Corpus) -> Faults:
    if wanted.within and not wanted.compare:
        yield ReportError(
            "within: groups are shuffled within it where they are compared; name the attribute of "
            "the groups (compare=, --compare)"
        )
    elif wanted.within:
        yield from _faults_of_attribute(wanted.within, corpus, "within")
    for asked in wanted.compare:
        try:
            by, groups = groups_asked(asked)
        except ReportError as error:
            yield error
            continue
        faults = list(_faults_of_attribute(by, corpus, "compare"))
        yield from faults or _faults_of_two(by, groups, corpus)
        if wanted.within == by:
            yield ReportError(f"within {by!r}: each would hold one group; name another attribute")


def _faults_of_two(by: str, groups: Sequence[str] | None, corpus: Corpus) -> Faults:
    if groups is None:
        yield from _faults_of_all(by, corpus)
        return
    values = {value_of(corpus, case.id, by) for case in corpus.cases} - {""}
    for place, group in enumerate(groups):
        if group not in values and not (place and group == _OTHERS):
            yield UnknownIdError(
                f"compare: no participant’s {by} is {group!r}{did_you_mean(group, values)}; "
                f"expected two of {', '.join(sorted(values))}, the second may be {_OTHERS}"
            )


def _faults_of_all(by: str, corpus: Corpus) -> Faults:
    """Where no two groups are named, those who wrote must fall into two by themselves."""
    texts = corpus.permitted("tables").where(lambda document: document.voice == "participant")
    writers = {case for document in texts for case in texts.cases_of(document)}
    borne = Counter(value_of(corpus, case, by) for case in sorted(writers))
    values = [value for value, _ in borne.most_common() if value]
    if len(values) < 2:  # noqa: PLR2004  # one and the other
        yield ReportError(
            f"compare: those who wrote bear {counted(len(values), 'value')} of {by!r} "
            f"({', '.join(values) or 'none'}), and two groups are compared; name another attribute"
        )
    elif len(values) > 2:  # noqa: PLR2004  # one and the other
        yield ReportError(
            f"compare: those who wrote bear {counted(len(values), 'value')} of {by!r} "
            f"({', '.join(values)}), and two groups are compared; name two of them, such as "
            f'"{by}={values[0]},{values[1]}", or one and all others: "{by}={values[0]},{_OTHERS}"'
        )


def _faults_of_attribute(attribute: str, corpus: Corpus, asked: str) -> Faults:
    known = sorted({name for case in corpus.cases for name in case.attributes})
    if attribute not in known:
        hint = did_you_mean(attribute, known)
        yield UnknownIdError(
            f"{asked}: no participant has the attribute {attribute!r}{hint}; expected one of "
            f"{', '.join(known) or 'none, as no participant has any'}"
        )


def _faults_of_joint(wanted: Wanted, corpus: Corpus, codebook: Codebook) -> Faults:
    if wanted.joint:
        yield from _faults_of_attribute(wanted.joint, corpus, "joint")
    elif wanted.inferences or wanted.scale:
        yield ReportError(
            "inferences and scale: they stand in a joint display; name the attribute of its "
            "groups (joint=, --joint)"
        )
    told = tuple(display_faults(wanted.inferences, wanted.scale, corpus, codebook))
    if told and wanted.joint:
        yield FrameworkError(told)


# ── frameworks ──


def _faults_of_frameworks(wanted: Wanted, codebook: Codebook) -> Faults:
    told = [*_of_indicators(wanted), *_of_choices(wanted), *_of_answers(wanted)]
    for framework in wanted.frameworks:
        if framework.kind != "checklist":
            choice = wanted.choices.get(framework.id)
            told += filling_faults(framework, codebook, choice=choice)
    if told:
        yield FrameworkError(told)


def _of_indicators(wanted: Wanted) -> Iterator[str]:
    asked = {name for each in wanted.frameworks for row in each for name in row.indicators}
    for name in (each.name for each in wanted.indicators if each.name not in asked):
        hint = did_you_mean(name, asked)
        yield f"no framework of this report asks for the indicator {name!r}{hint}"


def _of_choices(wanted: Wanted) -> Iterator[str]:
    ids = [each.id for each in wanted.frameworks]
    for name in (each for each in wanted.choices if each not in ids):
        hint = did_you_mean(name, ids)
        yield f"a choice is of {name!r}, which is no framework of this report{hint}"


def _of_answers(wanted: Wanted) -> Iterator[str]:
    lists = [each for each in wanted.frameworks if each.kind == "checklist"]
    if wanted.answers and not lists:
        yield "answers: no framework of this report is a checklist (--framework)"
    for each in lists:
        yield from answer_faults(each, wanted.answers)
