"""What a report is made from, and the sentences about its basis."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure import ALL, ALL_TEXTS, TEMPLATE, ReleasedCell, released_total
from reflect_analysis.errors import counted
from reflect_analysis.provenance import describe_methods, merge_runs
from reflect_analysis.reliability.wording import sentence_of
from reflect_analysis.report.methods import band, describe_without_counts, in_words, listed
from reflect_analysis.report.protecting import Protected, protect, quiet_in, yielding_in
from reflect_analysis.themes import (
    Approach,
    ThemeTable,
    shareable_themes,
    shown_participants,
    theme_table,
)

if TYPE_CHECKING:
    from reflect_analysis.codebook import Code, Codebook
    from reflect_analysis.codings import Codings
    from reflect_analysis.corpus import Corpus, Document
    from reflect_analysis.disclosure import Approval, Release
    from reflect_analysis.provenance import Run
    from reflect_analysis.reliability import Agreement
    from reflect_analysis.report.coreq import Researchers
    from reflect_analysis.topics import Alignment, Topics

__all__ = ["Study"]

_KINDS = {
    "reflection": "reflection",
    "photo-voice": "photo-voice story",
    "post": "post",
    "transcript": "meeting transcript",
    "debrief": "debrief",
    "quote": "quote",
    "newsletter": "newsletter text",
    "video": "video transcript",
}
_OF_KINDS = "texts by kind"
_REFUSAL = re.compile(r"\b(?:agree|consent)", re.IGNORECASE)
_APPROACHES: dict[Approach, str] = {
    "content-analysis": (
        "The study is a content analysis: codes are counted by participant, and each count "
        "stands with its denominator."
    ),
    "coding-reliability": (
        "The study codes for reliability: a codebook with definitions is applied by several "
        "coders, and agreement between them belongs to the results."
    ),
    "codebook": (
        "The study follows a codebook approach to thematic analysis: passages are coded by a "
        "codebook with definitions. Counts say how widely a code was found, not how much it "
        "weighs."
    ),
    "reflexive": (
        "The study is a reflexive thematic analysis: codes are the researcher's reading of the "
        "texts. No machine coder, agreement coefficient or count stands for importance."
    ),
}


@dataclass(frozen=True)
class Study:
    """The values behind a report.

    Parameters
    ----------
    corpus, codebook, codings, topics, alignment, approvals, claims, approach, k, findings
        As in `write_report`.
    agreement : Agreement, optional
        The same.
    attribution : str or tuple of str
        The template of what stands behind a quote.
    further : tuple
        Results beside the theme table, of the kinds that `further` knows.
    researchers : Researchers, optional
        Who they are, in their words.
    withheld : dict of str to str
        What is hidden because of what was sent before (a code, a topic, a total), as the ledger
        calls it, with the reason.
    withheld_quotes : dict of (str, int, int) to str
        Quotes that are not printed because of it.
    memo_words : bool
        Whether the words of memos are printed.
    earlier : tuple of Release
        What was sent before, of which readers know the numbers.
    """

    corpus: Corpus
    codebook: Codebook
    codings: Codings
    topics: Topics | None = None
    alignment: Alignment | None = None
    approvals: tuple[Approval, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    approach: Approach = "codebook"
    k: int = 5
    findings: Any = None
    agreement: Agreement | None = None
    attribution: str | tuple[str, ...] = TEMPLATE
    further: tuple[Any, ...] = ()
    researchers: Researchers | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)
    withheld_quotes: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    memo_words: bool = False
    earlier: tuple[Release, ...] = ()

    @cached_property
    def themes(self) -> ThemeTable:
        """The theme table with exact counts; rows that are not to be sent say so."""
        table = self._counted
        rows = (
            dataclasses.replace(
                row, withheld=row.code_id in self.withheld, quiet=row.code_id in self.quiet
            )
            for row in table.rows
        )
        return shareable_themes(dataclasses.replace(table, rows=tuple(rows)), k=self.k)

    @cached_property
    def quiet(self) -> frozenset[str]:
        """Codes whose reflections and passages would give a change of few people back."""
        return quiet_in(self)

    @cached_property
    def yielding(self) -> frozenset[int]:
        """Places of changes that tell nothing: printed reflections would give few people back."""
        return yielding_in(self)

    @cached_property
    def in_trees(self) -> Mapping[str, str]:
        """Codes hidden because of codes above or below them: a table by group would sum to them."""
        hidden = (row.code_id for row in self.themes.rows if row.withheld)
        return {code: "codes above or below it" for code in hidden if code not in self.withheld}

    @cached_property
    def agreed(self) -> Agreement | None:
        """The agreement as it may be sent: without the figures of codes hidden in their trees."""
        return self.agreement and self.agreement.hiding(self.in_trees).safe(k=self.k)

    @cached_property
    def beside(self) -> Protected:
        """The further results with what they withhold beside the themes and one another."""
        return protect(self)

    @cached_property
    def _counted(self) -> ThemeTable:
        return theme_table(
            self.codings,
            corpus=self.corpus,
            codebook=self.codebook,
            claims=self.claims,
            approach=self.approach,
        )

    @cached_property
    def coded(self) -> Codings:
        """The codings as the codebook names its codes now; `codings` is the log as it was made."""
        return self.codings.under(self.codebook)

    @cached_property
    def printed(self) -> Codebook:
        """The codebook as it may be sent."""
        return self.codebook.public()

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """The codes of the theme table, as they may be sent."""
        return tuple(self.printed[row.code_id] for row in self.themes.rows)

    @cached_property
    def draft(self) -> bool:
        """Whether anything rests on machine coding that nobody has reviewed."""
        return self.themes.draft or any(getattr(each, "draft", False) for each in self.further)

    @cached_property
    def texts(self) -> Corpus:
        """Participants' texts that may be tabulated."""
        return self.corpus.permitted("tables").where(lambda d: d.voice == "participant")

    @cached_property
    def read(self) -> frozenset[str]:
        """Ids of the texts that somebody, or a machine, read."""
        return frozenset(row.document_id for row in self.codings.seen)

    @cached_property
    def participants(self) -> frozenset[str]:
        """Known participants with a text."""
        return frozenset(case for d in self.texts for case in self.texts.cases_of(d))

    @property
    def coarse(self) -> bool:
        """Whether so few persons came or went since an earlier report that no sum is exact."""
        return any(what.startswith(ALL) for what in self.withheld)

    def totals(self) -> tuple[ReleasedCell, ...]:
        """What the sentences of the report tell in numbers, for the ledger."""
        if self.coarse:
            return tuple(
                ReleasedCell(f"{ALL}{many}", (), *band(n, self.k), 0, unit)
                for n, _, many, unit in self._sizes
            )
        cells = [released_total(f"{ALL}{many}", n, unit) for n, _, many, unit in self._sizes]
        if self._tells_kinds:
            kinds = Counter(document.kind for document in self.texts)
            cells += [
                ReleasedCell(_OF_KINDS, (("kind", kind),), n, n, n, "texts")
                for kind, n in kinds.items()
            ]
        read = sum(document.id in self.read for document in self.texts)
        # Of these the coders decide too, so they are held against earlier ones as readings.
        told = {"read": read, **{name: n for name, n in self._kept_apart if n >= self.k}}
        cells += [released_total(f"{ALL_TEXTS} {name}", n, "readings") for name, n in told.items()]
        return tuple(cells)

    @property
    def _tells_kinds(self) -> bool:
        """Whether each kind of text has its number; all or none, as they sum to the texts."""
        return not self.coarse and _OF_KINDS not in self.withheld

    @cached_property
    def _sizes(self) -> tuple[tuple[int, str, str, str], ...]:
        """How many there are of each, their names, and what the ledger calls their unit."""
        sessions = {d.attributes.get("session") for d in self.texts} - {None, ""}
        facts = (
            (len(self.texts), "text", "texts", "texts"),
            (len(self.participants), "participant", "participants", "persons"),
            (len(self._named("community")), "community", "communities", "communities"),
            (len(sessions), "session", "sessions", "sessions"),
        )
        return tuple(fact for fact in facts if fact[0])

    @property
    def title(self) -> str:
        """The codebook's title, where it has one of its own."""
        own = self.printed.title
        return own if own and own != "Codebook" else "What participants wrote"

    def basis(self) -> tuple[tuple[str, str], ...]:
        """What the report rests on, as numbers with their names."""
        if self.coarse:
            told = tuple((in_words(n, self.k), many) for n, _, many, _ in self._sizes)
        else:
            told = tuple((str(n), one if n == 1 else many) for n, one, many, _ in self._sizes)
        return told or (("0", "texts"),)

    def _named(self, attribute: str) -> set[Any]:
        cases = (self.corpus.case(case_id) for case_id in self.participants)
        return {case.attributes.get(attribute) for case in cases} - {None, ""}

    def kinds(self) -> str:
        """The kinds of texts as one sentence."""
        kinds = Counter(document.kind for document in self.texts)
        if not kinds:
            return "No text of a participant may be tabulated, so there is nothing to report."
        names = {kind: _KINDS.get(kind, kind) for kind, _ in kinds.most_common()}
        if len(self.texts) == 1 and self._tells_kinds:
            return f"The only text is a {names.popitem()[1]}."
        if not self._tells_kinds:
            return f"The texts are {listed([_plural(name) for name in sorted(names.values())])}."
        return f"The texts are {listed([counted(kinds[kind], n) for kind, n in names.items()])}."

    def coders(self) -> str:
        """Who read the texts, as one sentence."""
        people = {s.coder for s in self.codings.seen if s.coder_kind == "person"}
        machines = {s.coder for s in self.codings.seen if s.coder_kind == "machine"}
        told = []
        if people:
            told.append("one person" if len(people) == 1 else f"{len(people)} people")
        told += [f"a machine coder ({name})" for name in sorted(machines)]
        if not told:
            return "Nobody has coded these texts yet."
        if self.coarse:
            return f"Coding is by {listed(told)}."
        n_read = sum(document.id in self.read for document in self.texts)
        read = counted(n_read, "text", "were")
        if 0 < len(self.texts) - n_read < self.k:
            read = "nearly all texts were"  # the few that were not are not told
        return f"Coding is by {listed(told)}; {read} read."

    def left_out(self) -> tuple[str, ...]:
        """What does not stand in the counts, and why; empty where nothing was left out."""
        return tuple(self._left_out())

    def _left_out(self) -> Iterator[str]:
        permitted = self.corpus.permitted("tables")  # a sum over more would count governed texts
        if len(permitted) < len(self.corpus):
            # Without their number: it would tell how many there are of a few.
            yield "texts that wait for the approval of the nation or community that governs them"
        for name, n in self._kept_apart:
            yield f"{self._several(n)} {name}"
        permitted = self.corpus.permitted("tables")
        if others := sum(document.voice != "participant" for document in permitted):
            yield f"{counted(others, 'text')} in the words of others (a director, an author)"
        yield from self._not_taken()

    def _several(self, texts: int) -> str:
        """How many texts, where they are not of few persons."""
        if self.coarse:
            return "texts"
        return counted(texts, "text") if texts >= self.k else f"fewer than {self.k} texts"

    @cached_property
    def _kept_apart(self) -> tuple[tuple[str, int], ...]:
        """Participants' texts that do not stand in every count: why, and how many, if any."""
        permitted = self.corpus.permitted("tables")  # a sum over more would count governed texts
        unread = [document for document in self.texts if document.id not in self.read]
        passed_over = bool(self.read) or self._are_passed_over
        foreign = sum(map(self._is_foreign, unread)) if passed_over else 0
        flagged = {
            flag: sum(flag in document.flags for document in permitted)
            for flag in ("broken", "garbled")
        }
        counts = {
            **self._unread(foreign, len(unread) - foreign),
            "whose writer is not known: counted as reflections, never as participants": sum(
                not self.texts.cases_of(document) for document in self.texts
            ),
            "cut by a page or column break: never quoted": flagged["broken"],
            "garbled: never quoted": flagged["garbled"],
        }
        return tuple((name, n) for name, n in counts.items() if n)

    def _unread(self, foreign: int, others: int) -> dict[str, int]:
        """Texts that nobody read, by the reason: together where one of two would be few.

        How many there are in all and how many were read is told, so of two the one gives the
        other back.
        """
        if any(0 < n < self.k for n in (foreign, others)) and foreign and others:
            together = "that nobody has read, for any code or because of their language"
            return {together: foreign + others}
        return {
            "in a language that no coder read": foreign,
            "that nobody has read for any code": others,
        }

    def _not_taken(self) -> Iterator[str]:
        """What the readers left out, by the first words of their reasons; in full in ``keep``."""
        # Codings, approvals and a README in the folder are no sources, so they are not told here.
        told_of = (o.reason for o in self.corpus.omissions if o.words or o.place)
        reasons = Counter(re.split(r" \(|, ", reason)[0] for reason in told_of)
        # Without their number, and not in the sum: each stands for one person's refusal.
        for refused in [reason for reason in reasons if _REFUSAL.search(reason)]:
            del reasons[refused]
            yield f"pieces of the sources that were not taken: {refused}"
        if reasons and self.coarse:
            yield f"pieces of the sources that were not taken: {'; '.join(sorted(reasons))}"
        elif reasons:
            told = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
            yield f"{counted(reasons.total(), 'piece')} of the sources that were not taken: {told}"

    def _is_foreign(self, document: Document) -> bool:
        """Whether a text that nobody read is in a language that its coders do not read.

        A codebook may be in the language of the texts, and the rules read neither.
        """
        if document.language != self.codebook.language:
            return True
        return self._are_passed_over and document.language not in self._languages_read

    @cached_property
    def _are_passed_over(self) -> bool:
        """Whether a machine coder left out texts because of their language."""
        told = (run.settings.get("left_out") for run in self.codings.runs if run.step == "code")
        return any(isinstance(each, Mapping) and bool(each.get("language")) for each in told)

    @cached_property
    def _languages_read(self) -> frozenset[str]:
        return frozenset(d.language for d in self.texts if d.id in self.read)

    def methods(self) -> tuple[str, ...]:
        """The methods section in full: the approach, the people's work, the runs; to be kept."""
        ids = frozenset(document.id for document in self.corpus)
        return self._methods(ids, describe_methods(self.runs))

    def shared_methods(self) -> tuple[str, ...]:
        """The methods section as it may be sent: no sum in it includes governed records.

        Nor does a sum of passages stand beside a code whose own are hidden: it would give these.
        """
        if not self.coarse and not any(case.governance for case in self.corpus.cases):
            every = frozenset(document.id for document in self.corpus)
            runs = map(_without_passages, self.runs) if self._hides_passages else self.runs
            return self._methods(every, describe_methods(runs), sums=not self._hides_passages)
        ids = frozenset(document.id for document in self.texts)
        numbers = listed([f"{number} {name}" for number, name in self.basis()])
        told = f"The report rests on {numbers}. {describe_without_counts(self.runs)}"
        # Its counts leave governed records out by themselves.
        agreed = sentence_of(self.agreed, k=self.k, version=False) if self.agreed else ""
        by_people = "" if self.coarse else self._by_people(ids, sums=not self._hides_passages)
        agreed = "" if self.coarse else agreed
        return tuple(filter(None, (_APPROACHES[self.approach], by_people, told, agreed)))

    @property
    def _hides_passages(self) -> bool:
        """Whether the theme table hides the passages of any code."""
        shown = (shown_participants(row, k=self.k) for row in self.themes.rows)
        return bool(self.quiet) or any(each is not None and not each.exact for each in shown)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The chain of runs behind the report."""
        topics = self.topics.runs if self.topics else ()
        agreement = tuple(map(self._with_own_k, self.agreement.runs)) if self.agreement else ()
        return merge_runs(self.corpus.runs, self.codings.runs, topics, agreement)

    def _with_own_k(self, run: Run) -> Run:
        """The run of the agreement with the sentence for this study's k; versions stand after."""
        if run.step != "agreement" or self.agreed is None:
            return run
        told = sentence_of(self.agreed, k=self.k, version=False)
        return dataclasses.replace(run, summary=told.removesuffix("."))

    def _methods(self, ids: frozenset[str], told: str, *, sums: bool = True) -> tuple[str, ...]:
        by_people = self._by_people(ids, sums=sums)
        return tuple(filter(None, (_APPROACHES[self.approach], by_people, told)))

    def _by_people(self, ids: frozenset[str], *, sums: bool) -> str:
        """The people's work on these documents, with or without how much they marked."""
        codings = [c for c in self.codings if c.coder_kind == "person" and c.document_id in ids]
        seen = [s for s in self.codings.seen if s.coder_kind == "person" and s.document_id in ids]
        people = {s.coder for s in seen} | {coding.coder for coding in codings}
        if not people:
            return ""
        documents = {row.document_id for row in seen}
        blind = bool(codings) and all(coding.blind for coding in codings)
        who = "One person" if len(people) == 1 else f"{len(people)} people"
        proposals = {c.id for c in self.codings if c.document_id in ids}
        rows = sorted(self.codings.decisions, key=lambda row: (row.at, row.id))
        latest = {row.coding_id: row for row in rows}
        decided = sum(latest[each].action != "reopen" for each in proposals & latest.keys())
        marked, proposed = (
            (counted(len(codings), "passage"), counted(decided, "proposal"))
            if sums
            else ("passages", "proposals")
        )
        told = (
            f"{who} read {counted(len(documents), 'text')} and marked {marked}"
            f"{', without sight of other codings' if blind else ''}."
        )
        more = f" People decided on {proposed} of a machine." if decided else ""
        return f"{told}{more} The codebook's version is {self.codebook.version}."

    def limits(self) -> tuple[str, ...]:
        """What these results do not say."""
        return tuple(self._limits())

    def _limits(self) -> Iterator[str]:
        yield (
            "These are accounts of people who took part and wrote. Those who left do not write, "
            "and the participants are no sample of a population."
        )
        if self.approach != "reflexive":
            yield (
                "A count says in how many participants' texts a code was found. That somebody "
                "did not write of a thing does not say that it was not there."
            )
        if self.draft:
            yield (
                "Codes were proposed by a machine that reads words, not persons; nobody has "
                "reviewed all of them. The counts will change with the review."
            )
        if any("selected" in document.flags for document in self.texts):
            yield "Some quotes were published before: somebody chose them, and they are no sample."
        if self.topics is not None:
            yield (
                "Topics are groupings by a machine for exploring the texts. They are neither "
                "themes nor findings."
            )
        unverified = sum(not s.verified for code in self.codebook.in_use for s in code.source)
        if unverified:
            yield (
                "Sources in the codebook that could not be checked are marked as not verified: "
                f"{unverified}."
            )


def _without_passages(run: Run) -> Run:
    """The run of an import without how many codings were read."""
    summary = re.sub(r"^\d+ (?=codings? (?:was|were) read from )", "", run.summary)
    return dataclasses.replace(run, summary=summary)


def _plural(noun: str) -> str:
    return counted(2, noun).removeprefix("2 ")
