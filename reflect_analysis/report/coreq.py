"""COREQ's 32 items: filled where the study knows them, asked where only people do.

Who the researchers are (items 1 to 8) no program knows. They are asked in ``researchers.yaml``,
and an answer that is missing is printed as missing. Items that are made for interviews are
marked as not applicable to written reflections, never left out.

References
----------
Tong, A., Sainsbury, P., & Craig, J. (2007). Consolidated criteria for reporting qualitative
research (COREQ): a 32-item checklist for interviews and focus groups. International Journal
for Quality in Health Care 19(6), 349–357.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import FrameworkError, ReportError, did_you_mean, raise_all
from reflect_analysis.frameworks.files import load_yaml
from reflect_analysis.provenance import package_version
from reflect_analysis.tables import Column, Table

if TYPE_CHECKING:
    from reflect_analysis.report.study import Study

__all__ = ["QUESTIONS", "Researchers", "coreq_table", "read_researchers", "researchers_file"]

MISSING = "Missing: nobody has answered this yet"
_WRITTEN = "Not applicable: the texts were written"
_SPOKEN = frozenset({"transcript", "debrief"})
_ORIENTATIONS = {
    "content-analysis": "Content analysis",
    "coding-reliability": "Thematic analysis, coding for reliability",
    "codebook": "Thematic analysis with a codebook",
    "reflexive": "Reflexive thematic analysis",
}

# What people alone can answer: key, COREQ item (0: none), question.
QUESTIONS: dict[str, tuple[int, str]] = {
    "asked_by": (1, "Who led the sessions, or asked for the texts?"),
    "credentials": (2, "Which degrees or credentials do the researchers hold?"),
    "occupation": (3, "What was their occupation during the study?"),
    "gender": (4, "How do they describe their gender?"),
    "experience": (5, "Which experience and training do they bring?"),
    "relationship": (6, "Did they know the participants before the study?"),
    "known_to_participants": (7, "What did participants know of them and of their reasons?"),
    "interests": (8, "Which assumptions, biases and interests do they bring?"),
    "sampling": (10, "How were participants chosen?"),
    "recruitment": (11, "How were they approached?"),
    "non_participation": (13, "How many refused or left, and why?"),
    "setting": (14, "Where and when were the texts written?"),
    "guide": (17, "Which prompts were given, and were they tried before?"),
    "recording": (19, "Was anything recorded, and who transcribed it?"),
    "field_notes": (20, "Were field notes made?"),
    "transcripts_returned": (23, "Did participants see their texts or transcripts again?"),
    "participant_checking": (28, "Did participants comment on the findings?"),
    "positionality": (0, "Who reads, from which place, and what does that place let be seen?"),
}


@dataclass(frozen=True)
class Researchers:
    """What the researchers say of themselves and of the study.

    Parameters
    ----------
    answers : mapping of str to str
        By the keys of ``researchers.yaml``; what is missing is printed as missing.

    Raises
    ------
    ReportError
        With every unknown key.
    """

    answers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        raise_all(ReportError, _unknown(self.answers))

    def told(self, key: str) -> str:
        """The answer to a question; empty where there is none."""
        return self.answers.get(key, "").strip()

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the questions that nobody has answered."""
        return tuple(key for key in QUESTIONS if not self.told(key))

    def __repr__(self) -> str:
        answered = len(QUESTIONS) - len(self.missing)
        return f"<Researchers: {answered} of {len(QUESTIONS)} questions answered>"


def _unknown(keys: Mapping[str, Any]) -> Iterator[str]:
    for key in keys:
        if key not in QUESTIONS:
            yield f"unknown key {str(key)!r}{did_you_mean(str(key), QUESTIONS)}"


def read_researchers(path: str | Path) -> Researchers:
    """Read who the researchers are, from YAML.

    Parameters
    ----------
    path : str or Path
        A key a question, each with its answer as text; a report writes such a file with the
        questions into ``keep``. Left empty, a question stays open.

    Returns
    -------
    Researchers

    Raises
    ------
    ReportError
        With every fault and its line.
    """
    try:
        found = load_yaml(path, f"keys such as {', '.join(list(QUESTIONS)[:3])}")
    except FrameworkError as error:
        raise ReportError(error.faults) from None
    faults = []
    for key, answer in found.data.items():
        told = [*_unknown({key: answer})]
        if not isinstance(answer, str | None):
            told.append(f"{key}: expected text; put it in quotation marks")
        faults += [f"{found.name}{found.place((key,))[1]}: {each}" for each in told]
    raise_all(ReportError, faults)
    return Researchers({key: str(answer or "") for key, answer in found.data.items()})


def researchers_file(researchers: Researchers) -> str:
    """The questions as a YAML file to be filled in, with the answers that are there."""
    import json

    lines = [
        "# What people alone can say of a study (COREQ; the number is that of its item).",
        "# Answer after the colon, in quotation marks; give the file back with --researchers.",
        "",
    ]
    for key, (item, question) in QUESTIONS.items():
        number = f"{item}. " if item else ""
        answer = json.dumps(researchers.told(key), ensure_ascii=False)
        lines += [f"# {number}{question}", f"{key}: {answer}"]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What an item is filled from."""

    study: Study
    researchers: Researchers

    @property
    def spoken(self) -> bool:
        """Whether any text was spoken."""
        return any(document.kind in _SPOKEN for document in self.study.texts)


Fill = Callable[[_Facts], str]


def coreq_table(study: Study, researchers: Researchers, *, number: int) -> Table:
    """The 32 items, each with what the study or its people say.

    Parameters
    ----------
    study : Study
    researchers : Researchers
    number : int
        As in "Table 1".

    Returns
    -------
    Table
    """
    facts = _Facts(study, researchers)
    rows = tuple((f"{n}. {name}", fill(facts) or MISSING) for _, n, name, fill in _ITEMS)
    return Table(
        "COREQ: what the study tells of itself",
        (Column("Item"), Column("In this study")),
        rows,
        number=number,
        groups=tuple(domain for domain, *_ in _ITEMS),
        group_name="Domain",
        note="COREQ was made for interviews and focus groups (Tong, Sainsbury & Craig, 2007).",
        released=((),) * len(rows),  # sums that it tells stand at the head of the report
    )


def _asked(key: str) -> Fill:
    return lambda facts: facts.researchers.told(key)


def _of_talk(key: str) -> Fill:
    """Of interviews and meetings; written texts have none."""
    return lambda facts: facts.researchers.told(key) or ("" if facts.spoken else _WRITTEN)


def _talk_alone(facts: _Facts) -> str:
    return "" if facts.spoken else _WRITTEN


def _sizes(*names: str) -> Fill:
    def fill(facts: _Facts) -> str:
        told = [f"{n} {name}" for n, name in facts.study.basis() if name.startswith(names)]
        return ", ".join(told)

    return fill


def _prompts(facts: _Facts) -> str:
    told = facts.researchers.told("guide")
    if told:
        return told
    prompted = any(document.attributes.get("prompt") for document in facts.study.texts)
    return f"Texts answer prompts. {MISSING}, in full" if prompted else ""


def _coders(facts: _Facts) -> str:
    return facts.study.coders()


def _saturation(facts: _Facts) -> str:
    curves = [v for v in facts.study.further if type(v).__name__ == "SaturationCurve"]
    if curves:
        return "Reckoned, as far as it may be shown; no curve proves that nothing new would come."
    return "Not reckoned: it needs codes that were made from passages."


def _rare(facts: _Facts) -> str:
    if facts.study.approach == "reflexive":
        return "Rare codes stand in Table 1 too; no count stands for importance."
    return "Rare codes stand in Table 1 too, their counts hidden where they are small."


def _derivation(facts: _Facts) -> str:
    codes = facts.study.codebook.in_use
    made = [code for code in codes if code.origin is not None]
    if not made:
        return "The codes were defined before the coding."
    if len(made) == len(codes):
        return "The codes were made from passages."
    return "Some codes were defined before the coding, others made from passages."


_QUOTED = "Approved quotes stand with an attribution that says no more than is safe."
_TEAM, _DESIGN, _ANALYSIS = "Research team", "Study design", "Analysis and findings"
_ITEMS: tuple[tuple[str, int, str, Fill], ...] = (
    (_TEAM, 1, "Interviewer or facilitator", _asked("asked_by")),
    (_TEAM, 2, "Credentials", _asked("credentials")),
    (_TEAM, 3, "Occupation", _asked("occupation")),
    (_TEAM, 4, "Gender", _asked("gender")),
    (_TEAM, 5, "Experience and training", _asked("experience")),
    (_TEAM, 6, "Relationship before the study", _asked("relationship")),
    (_TEAM, 7, "What participants knew of the researchers", _asked("known_to_participants")),
    (_TEAM, 8, "What the researchers bring", _asked("interests")),
    (_DESIGN, 9, "Methodological orientation", lambda f: _ORIENTATIONS[f.study.approach]),
    (_DESIGN, 10, "Sampling", _asked("sampling")),
    (_DESIGN, 11, "How participants were approached", _asked("recruitment")),
    (_DESIGN, 12, "Sample size", _sizes("participant", "text")),
    (_DESIGN, 13, "Non-participation", _asked("non_participation")),
    (_DESIGN, 14, "Setting", _asked("setting")),
    (_DESIGN, 15, "Presence of others", _talk_alone),
    (_DESIGN, 16, "Description of the sample", _sizes("communit", "session")),
    (_DESIGN, 17, "Guide or prompts", _prompts),
    (_DESIGN, 18, "Repeated collection", _sizes("session")),
    (_DESIGN, 19, "Recording", _of_talk("recording")),
    (_DESIGN, 20, "Field notes", _asked("field_notes")),
    (_DESIGN, 21, "Duration", _talk_alone),
    (_DESIGN, 22, "Saturation", _saturation),
    (_DESIGN, 23, "Transcripts returned", _of_talk("transcripts_returned")),
    (_ANALYSIS, 24, "Number of coders", _coders),
    (_ANALYSIS, 25, "Coding tree", lambda _: "The codebook stands in the appendix."),
    (_ANALYSIS, 26, "Derivation of themes", _derivation),
    (_ANALYSIS, 27, "Software", lambda _: f"reflect_analysis {package_version()}"),
    (_ANALYSIS, 28, "Participant checking", _asked("participant_checking")),
    (_ANALYSIS, 29, "Quotes presented", lambda _: _QUOTED),
    (
        _ANALYSIS,
        30,
        "Data and findings consistent",
        lambda _: "The study keeps the passages behind every number.",
    ),
    (_ANALYSIS, 31, "Clarity of major themes", lambda _: "Each code stands in Table 1."),
    (_ANALYSIS, 32, "Clarity of minor themes", _rare),
)
