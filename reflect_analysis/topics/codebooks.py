"""Topics back into the codebook and the codings: provisional codes, and one more coder.

A topic that no code covers may become a provisional code, which a person then defines or drops.
A topic that a code covers codes its segments by that code, as a machine's proposal like any
other: human-only codes never, governed records only where coding was approved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from reflect_analysis.codebook import Codebook, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.errors import (
    GovernanceError,
    NotClearedError,
    TopicsError,
    UnknownIdError,
    raise_all,
)
from reflect_analysis.provenance import Run, merge_runs, new_run, now
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics.acts import TopicGroup
from reflect_analysis.topics.alignment import Alignment, align
from reflect_analysis.topics.candidates import in_turn, may_be_quoted
from reflect_analysis.topics.groups import verdict_of
from reflect_analysis.topics.overlap import TOPICS_CODER
from reflect_analysis.topics.values import Topics, TopicUnit

__all__ = ["TOPICS_CODER", "topics_to_codebook", "topics_to_codings"]

_SHOWN = 10


# ── topics as provisional codes ─────────────────────────────────────────────────


def topics_to_codebook(
    topics: Topics,
    codebook: Codebook,
    alignment: Alignment | None = None,
    *,
    by: str,
    only: Sequence[int] | None = None,
    segments: Segments | None = None,
    at: datetime | None = None,
) -> Codebook:
    """A codebook with a provisional code for each topic that no code covers.

    Merged topics become one code and the parts of a split one a code each; dropped topics become
    none, nor does a topic that was made into a code before. A code has no definition: a person
    writes it, from the passages. It bears the name that a researcher gave, else the number, for
    a topic's words are participants' and stand in the history's reason alone, which is not sent.

    Parameters
    ----------
    topics : Topics
    codebook : Codebook
    alignment : Alignment, optional
        Of these topics with this codebook; by default made with the packaged model.
    by : str
        Who takes the topics into the codebook.
    only : sequence of int, optional
        Numbers of the topics to be taken, whether a code covers them or not.
    segments : Segments, optional
        With them the passage that a code comes from is one whose participant has not refused to
        be quoted, and whose governors approved quotes; without, a code has no origin.
    at : datetime, optional
        By default now.

    Returns
    -------
    Codebook
        The same, where there is nothing to take.

    Raises
    ------
    UnknownIdError
        If a number is not that of a topic.
    """
    for number in only or ():
        topics.label(number)  # raises for an unknown one
    if only is None:
        found = align(topics, codebook) if alignment is None else alignment
        _check_alignment(found, topics, codebook)
        wanted = set(found.uncovered) if len(found) else {row.number for row in topics}
    else:
        wanted = set(only)
    made = {change.reason.partition(";")[0] for change in codebook.history}
    result = codebook
    for group in topics.groups:
        source = _source(topics, group)
        if not wanted.issuperset(group.topics) or source in made:
            continue
        name = group.label if group.named else f"Topic {group.key}"
        origin = _origin(topics, group, segments)
        reason = f"{source}; {_about(topics, group)}"
        result = result.provisional(name, origin, by=by, reason=reason, at=at)
    return result


def _source(topics: Topics, group: TopicGroup) -> str:
    """Which topic of which solution a code comes from: the same twice makes no second code."""
    return f"topic {group.key} of the solution {topics.fingerprint[:12]}"


def _about(topics: Topics, group: TopicGroup) -> str:
    words = dict.fromkeys(word for number in group.topics for word in topics[number].words)
    told = f"; words: {', '.join(list(words)[:_SHOWN])}" if words else ""
    guided = f"; {topics.guided.mark}" if topics.guided else ""
    return (
        f"{group.size} segments of {group.participants} participants, solution "
        f"{topics.stability.verdict}{_own(topics, group)}{guided}{told}"
    )


def _own(topics: Topics, group: TopicGroup) -> str:
    """The verdict on the topic itself, where it is not that on the solution."""
    verdict = verdict_of(topics, group)
    return "" if verdict == topics.stability.verdict else f", this topic {verdict}"


def _unstable(topics: Topics, by_group: Mapping[str, str]) -> str:
    """Which of the topics that code are not stable by themselves."""
    coding = [group for group in topics.groups if group.key in by_group]
    keys = [g.key for g in coding if verdict_of(topics, g) == "not stable"]
    return f"; not stable by themselves: {', '.join(keys)}" if keys else ""


def _origin(topics: Topics, group: TopicGroup, segments: Segments | None) -> Origin | None:
    if segments is None:
        return None
    known = {row.id: row for row in segments}
    ids = frozenset(group.segment_ids)
    for segment_id in in_turn(unit for unit in topics.units if unit.segment_id in ids):
        row = known.get(segment_id)
        if row is not None and may_be_quoted(row, segments):
            return Origin(row.document_id, row.start, row.end)
    return None


def _check_alignment(alignment: Alignment, topics: Topics, codebook: Codebook) -> None:
    numbers = {row.topic for row in alignment}
    if numbers and numbers != {row.number for row in topics}:
        raise TopicsError(
            f"the alignment is of {len(numbers)} topics, there are {len(topics)}; "
            "align these topics with this codebook"
        )
    codebook.check_ids({row.code_id for row in alignment}, "the alignment")


# ── topics as a coder ───────────────────────────────────────────────────────────


def topics_to_codings(
    topics: Topics,
    segments: Segments,
    codebook: Codebook,
    alignment: Alignment | None = None,
    *,
    codes: Mapping[int | str, str] | None = None,
) -> Codings:
    """Codings of the segments of each topic by the code that covers it: one more coder.

    Parameters
    ----------
    topics : Topics
    segments : Segments
        Those that were grouped; others are not read. The documents are coded that were cleared,
        and whose governors approved coding.
    codebook : Codebook
        Its version is stamped on every coding.
    alignment : Alignment, optional
        Of these topics with this codebook; by default made with the packaged model.
    codes : mapping of int or str to str, optional
        The code of each topic as a person set it, by its number or by the key of its group
        (`TopicGroup.key`), such as a provisional one that `topics_to_codebook` made; it goes
        before the alignment. Human-only codes are refused.

    Returns
    -------
    Codings
        By the machine coder ``"topics"``: the score is the cosine of a segment with the centre
        of its topic. Dropped topics code nothing; merged ones code by the code of the one that
        is covered best. What was read stands in `Codings.seen`, with the codes looked for.

    Raises
    ------
    TopicsError
        If none of the segments was grouped, or a code may not be given by a machine.
    GovernanceError
        If every document waits for the approval of coding.
    NotClearedError
        If a document to be coded is not cleared.
    UnknownIdError
        If `codes` names a topic or a code that is not there.
    """
    given = dict(codes or {})
    _check_given(given, topics, codebook)
    found = align(topics, codebook) if alignment is None else alignment
    _check_alignment(found, topics, codebook)
    rows, governed = _read(topics, segments)
    able = frozenset(code.id for code in codebook.machine_codes())
    by_group = _codes_of(topics, found, given, able)
    looked = dict.fromkeys([*(r.code_id for r in found if r.code_id in able), *given.values()])
    run = _run(topics, segments, codebook, by_group, tuple(looked), len(rows), governed)
    units = {unit.segment_id: unit for unit in topics.units}
    code_of = {i: by_group.get(group.key) for group in topics.groups for i in group.segment_ids}
    at = now()
    codings = tuple(
        _coding(units[row.id], code_id, found, codebook, run, at)
        for row in rows
        if (code_id := code_of.get(row.id)) is not None
    )
    seen = _seen(rows, tuple(looked), run, at)
    return Codings(codings, seen=seen, runs=merge_runs(topics.runs, segments.runs, [run]))


def _check_given(given: Mapping[int | str, str], topics: Topics, codebook: Codebook) -> None:
    keys = {group.key for group in topics.groups} | {row.number for row in topics}
    unknown = [key for key in given if key not in keys]
    raise_all(UnknownIdError, [f"codes: no topic {key!r} that was not dropped" for key in unknown])
    codebook.check_in_use(given.values(), "codes")
    raise_all(
        TopicsError,
        [
            f"codes: topic {key} cannot code {code_id!r}: only people may give that code"
            for key, code_id in given.items()
            if codebook[code_id].human_only
        ],
    )


def _codes_of(
    topics: Topics, found: Alignment, given: Mapping[int | str, str], able: frozenset[str]
) -> dict[str, str]:
    """The code of each group that has one, by its key: what a person set goes first."""
    covered = {n: row for n, row in found.nearest.items() if found.covers(row)}
    result: dict[str, str] = {}
    for group in topics.groups:
        keys: tuple[int | str, ...] = (group.key, *group.topics)
        own = [given[key] for key in keys if key in given]
        near = [covered[number] for number in group.topics if number in covered]
        near.sort(key=lambda row: -row.excess)
        codes = [*own, *(row.code_id for row in near if row.code_id in able)]
        if codes:
            result[group.key] = codes[0]
    return result


def _read(topics: Topics, segments: Segments) -> tuple[list[Segment], int]:
    """The grouped segments that may be coded, and how many documents wait for an approval."""
    corpus = segments.corpus
    rows = [row for row in segments if row.id in topics.assignments]
    if not rows:
        raise TopicsError(
            f"none of the {len(segments)} segments was grouped into these topics; give the "
            "segments of the fit, or assign these first"
        )
    documents = dict.fromkeys(row.document_id for row in rows)
    governed = {d for d in documents if not corpus.permits(corpus.document(d), "coding")}
    if len(governed) == len(documents):
        raise GovernanceError(
            f"all {len(documents)} documents wait for the approval of those who govern them; "
            "add 'coding' to the approved uses of their cases when it is given"
        )
    waiting = [d.id for d in corpus.uncleared() if d.id in documents and d.id not in governed]
    if waiting:
        raise NotClearedError(
            f"{len(waiting)} documents are not cleared of identifiers: "
            f"{', '.join(waiting[:_SHOWN])}; clear them with mark_cleared(corpus, by=…, note=…)"
        )
    return [row for row in rows if row.document_id not in governed], len(governed)


def _coding(
    unit: TopicUnit,
    code_id: str,
    found: Alignment,
    codebook: Codebook,
    run: Run,
    at: datetime,
) -> Coding:
    near = {(row.topic, row.code_id): row.similarity for row in found}.get((unit.topic, code_id))
    told = "set by a person" if near is None else f"similarity {near:.2f} with the code"
    return Coding(
        document_id=unit.document_id,
        start=unit.start,
        end=unit.end,
        code_id=code_id,
        coder=TOPICS_CODER,
        coder_kind="machine",
        score=unit.similarity,
        evidence=f"topic {unit.topic} ({told}); segment {unit.similarity:.2f} with the topic",
        at=at,
        run_id=run.id,
        codebook_version=codebook.version,
    )


def _seen(
    rows: Sequence[Segment], codes: tuple[str, ...], run: Run, at: datetime
) -> tuple[Seen, ...]:
    """Every document of which a segment was read; nothing was, where no code was looked for."""
    if not codes:
        return ()
    read = dict.fromkeys(row.document_id for row in rows)
    return tuple(Seen(TOPICS_CODER, each, "machine", codes, at, run.id) for each in read)


def _run(
    topics: Topics,
    segments: Segments,
    codebook: Codebook,
    by_group: Mapping[str, str],
    looked: tuple[str, ...],
    n_rows: int,
    governed: int,
) -> Run:
    summary = (
        f"{n_rows} segments were coded by {len(by_group)} of {len(topics.groups)} topics "
        f"({topics.stability.verdict}{_unstable(topics, by_group)}) for the codes "
        f"that cover them (codebook {codebook.version}, {len(looked)} codes looked for)"
    )
    if topics.guided:
        summary += f"; {topics.guided.mark}"
    if governed:
        summary += f", leaving out {governed} governed documents without approval for coding"
    return new_run(
        "code",
        summary,
        settings={
            "coder": TOPICS_CODER,
            "topics": topics.fingerprint,
            "codes": dict(by_group),
            "looked_for": list(looked),
            "acts": [act.id for act in topics.acts],
            "left_out": {"governed": governed},
        },
        inputs=(topics.fingerprint, segments.fingerprint, codebook.version),
    )
