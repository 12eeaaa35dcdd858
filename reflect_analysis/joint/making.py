"""Making a joint display from codings, groups, scores, quotes and inferences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import QuoteRecord, QuoteSelection
from reflect_analysis.disclosure.joining import governed_groups, join_governed, join_small
from reflect_analysis.errors import FrameworkError, did_you_mean, raise_all
from reflect_analysis.incidence import Incidence, find_incidence, value_of
from reflect_analysis.joint.scales import score_of
from reflect_analysis.joint.values import (
    GroupShare,
    Inference,
    JointDisplay,
    JointRow,
    Scale,
    ScoreSummary,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus

__all__ = ["display_faults", "joint_display"]

_QUOTES = 2
_OTHERS, _UNKNOWN = "Other groups", "not known"


def joint_display(  # noqa: PLR0913  # a display joins all that a study holds of both kinds
    codings: Codings,
    *,
    corpus: Corpus,
    codebook: Codebook,
    by: str,
    scale: Scale | str | None = None,
    quotes: QuoteSelection | None = None,
    inferences: Iterable[Inference] = (),
    codes: Iterable[str] | None = None,
    k: int = 5,
) -> JointDisplay:
    """Put codes beside groups, a scale's scores, approved quotes and typed inferences.

    Parameters
    ----------
    codings : Codings
    corpus : Corpus
        Governed documents whose use in tables is not approved are left out.
    codebook : Codebook
    by : str
        An attribute of the participants, such as ``"experience"``.
    scale : Scale or str, optional
        Scores by participant, or the attribute that holds them.
    quotes : QuoteSelection, optional
        What `approved_quotes` let through: two of each code, of different documents.
    inferences : iterable of Inference
    codes : iterable of str, optional
        Ids of the codes that become rows, in the codebook's order; by default all in use.
    k : int
        Groups of fewer participants are joined, governed ones always.

    Returns
    -------
    JointDisplay

    Raises
    ------
    ValueError
        If nobody bears the attribute.
    FrameworkError
        If a score belongs to nobody in the corpus, an attribute is no number, or a code is
        unknown, retired or twice inferred on: every fault at once.
    """
    people = find_incidence(codings, corpus=corpus, codebook=codebook, unit="participant")
    group_of = {unit.id: value_of(corpus, unit.id, by) for unit in people.units}
    if not any(group_of.values()):
        raise ValueError(f"no participant who was read has the attribute {by!r}")
    given, wanted = tuple(inferences), None if codes is None else frozenset(codes)
    raise_all(FrameworkError, display_faults(given, scale, corpus, codebook, wanted))
    scores = _scores(scale, corpus)
    shares, groups = _shares(people, group_of, governed_groups(corpus, by), k)
    typed = {each.code_id: each for each in given}
    names = {code.id: code.name for code in codebook.public()}
    rows = tuple(
        JointRow(
            code,
            names[code],
            shares[code],
            *_summaries(people, code, scores),
            quotes=_two(quotes, code),
            inference=typed.get(code),
            total=_total(people, code),
            parent=codebook[code].parent or "",
        )
        for code in people.codes
        if wanted is None or code in wanted
    )
    name = scale.name if isinstance(scale, Scale) else scale or ""
    return JointDisplay(
        rows,
        by,
        groups,
        name,
        k,
        people.draft,
        people.runs,
        people,
        {case: group or _UNKNOWN for case, group in group_of.items()},
        frozenset(scores or ()),
    )


def _scale_faults(scale: Scale | str | None, corpus: Corpus) -> Iterator[str]:
    cases = {case.id: case for case in corpus.cases}
    if isinstance(scale, Scale):
        for case_id in scale.scores:
            if case_id not in cases:
                yield f"{scale.name}: the corpus has no participant {case_id!r}"
    elif scale is not None:
        given = {case_id: value_of(corpus, case_id, scale) for case_id in cases}
        if not any(given.values()):
            yield f"no participant has the attribute {scale!r}"
        for case_id, text in given.items():
            if text and score_of(text) is None:
                yield f"{case_id}: {scale} is no number"


def _scores(scale: Scale | str | None, corpus: Corpus) -> Mapping[str, float] | None:
    if scale is None or isinstance(scale, Scale):
        return scale.scores if scale else None
    given = ((case.id, score_of(value_of(corpus, case.id, scale))) for case in corpus.cases)
    return {case_id: score for case_id, score in given if score is not None}


def display_faults(
    inferences: Sequence[Inference],
    scale: Scale | str | None,
    corpus: Corpus,
    codebook: Codebook,
    codes: frozenset[str] | None = None,
) -> Iterator[str]:
    """What is wrong with what the caller of `joint_display` typed; scores are in no message."""
    inferred = [each.code_id for each in inferences]
    yield from _scale_faults(scale, corpus)
    yield from _code_faults("an inference names", dict.fromkeys(inferred), codebook)
    yield from _code_faults("codes names", sorted(codes or ()), codebook)
    twice = sorted({each for each in inferred if inferred.count(each) > 1})
    yield from (f"two inferences on {each!r}; join them" for each in twice)


def _code_faults(who: str, codes: Iterable[str], codebook: Codebook) -> Iterator[str]:
    for code_id in codes:
        if code_id not in codebook:
            yield f"{who} {code_id!r}, which is unknown{did_you_mean(code_id, codebook.ids)}"
        elif codebook[code_id].retired:
            yield f"{who} {code_id!r}, which is retired"


def _shares(
    people: Incidence, group_of: Mapping[str, str], governed: frozenset[str], k: int
) -> tuple[dict[str, tuple[GroupShare, ...]], tuple[str, ...]]:
    """Counts of each code by group, small and governed groups joined."""
    import pandas as pd

    # Who has no value is a group like another: left out, the theme table's total gives it back.
    labels = [group_of[unit.id] or _UNKNOWN for unit in people.units]
    names = sorted(set(labels), key=lambda group: (group == _UNKNOWN, group))
    counts = {group: _stacked(people, labels, group) for group in names}
    sizes = {group: labels.count(group) for group in names}
    frame = pd.DataFrame(counts)
    joined, _ = join_small(*join_governed(frame, sizes, governed, k, _OTHERS), k, _OTHERS)
    groups = tuple(map(str, joined.columns))
    half = len(people.codes)
    shares = {
        code: tuple(
            _share(group, int(joined[group].iloc[row]), int(joined[group].iloc[half + row]))
            for group in groups
        )
        for row, code in enumerate(people.codes)
    }
    return shares, groups


def _stacked(people: Incidence, labels: Sequence[str], group: str) -> list[int]:
    """Of one group: who mentioned each code, then who was read for each."""
    import numpy as np

    mine = people.said[[place for place, label in enumerate(labels) if label == group]]
    return [*np.nansum(mine, axis=0).astype(int), *(~np.isnan(mine)).sum(axis=0)]


def _share(group: str, n: int, of: int) -> GroupShare:
    from reflect_analysis.coefficients import wilson_interval

    low, high = wilson_interval(n, of) if of else (float("nan"),) * 2
    return GroupShare(group, n, of, low, high)


def _total(people: Incidence, code: str) -> tuple[int, int]:
    read = [value for value in people.of(code) if not isnan(value)]
    return int(sum(read)), len(read)


def _summaries(
    people: Incidence, code: str, scores: Mapping[str, float] | None
) -> tuple[ScoreSummary | None, ScoreSummary | None]:
    """Scores of those who mentioned a code and of those who were read and did not."""
    if scores is None:
        return None, None
    said = list(zip(people.units, people.of(code), strict=True))
    sides = ([unit.id for unit, value in said if value == wanted] for wanted in (1, 0))
    present, absent = (_summary(side, scores) for side in sides)
    return present, absent


def _summary(cases: Sequence[str], scores: Mapping[str, float]) -> ScoreSummary:
    import numpy as np

    given = [scores[case] for case in cases if case in scores]
    if not given:
        return ScoreSummary(0, len(cases), *(float("nan"),) * 5)
    lower, middle, upper = (float(each) for each in np.quantile(given, (0.25, 0.5, 0.75)))
    return ScoreSummary(len(given), len(cases), middle, lower, upper, min(given), max(given))


def _two(quotes: QuoteSelection | None, code: str) -> tuple[QuoteRecord, ...]:
    """Two quotes of a code, of two documents where there are such."""
    mine = [each for each in quotes.quotes if code in each.codes] if quotes else []
    first = {each.document_id: each for each in reversed(mine)}
    spread = [each for each in mine if first[each.document_id] is each]
    return tuple([*spread, *(each for each in mine if each not in spread)][:_QUOTES])
