"""The values of a joint display: scales, inferences, and the display with exact counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Literal

from reflect_analysis._rows import html_table
from reflect_analysis.disclosure import QuoteRecord
from reflect_analysis.errors import FrameworkError, did_you_mean, raise_all
from reflect_analysis.provenance import Run

if TYPE_CHECKING:
    import pandas as pd

    from reflect_analysis.incidence import Incidence

__all__ = ["GroupShare", "Inference", "JointDisplay", "JointRow", "Scale", "ScoreSummary"]

InferenceKind = Literal["confirm", "expand", "discordant"]
INFERENCES = ("confirm", "expand", "discordant")


@dataclass(frozen=True, slots=True)
class Scale:
    """One score a participant, such as of a burnout inventory.

    Parameters
    ----------
    name : str
    scores : mapping of str to float
        By participant.
    """

    name: str
    scores: Mapping[str, float]

    def __post_init__(self) -> None:
        odd = sorted(case for case, score in self.scores.items() if not isfinite(score))
        raise_all(FrameworkError, (f"{self.name}: {case}: the score is no number" for case in odd))


@dataclass(frozen=True, slots=True)
class Inference:
    """What the researcher infers for one code from both kinds of data.

    Parameters
    ----------
    code_id : str
    kind : {"confirm", "expand", "discordant"}
    text, by : str

    Raises
    ------
    FrameworkError
        If the kind is another, or text or name are missing.
    """

    code_id: str
    kind: InferenceKind
    text: str
    by: str

    def __post_init__(self) -> None:
        faults = [f"no {name!r}" for name in ("text", "by") if not getattr(self, name).strip()]
        if self.kind not in INFERENCES:
            hint = did_you_mean(str(self.kind), INFERENCES)
            faults.append(f"{self.kind!r}; expected {', '.join(INFERENCES)}{hint}")
        raise_all(FrameworkError, (f"inference on {self.code_id!r}: {each}" for each in faults))


@dataclass(frozen=True, slots=True)
class GroupShare:
    """Participants of one group who mentioned a code.

    Parameters
    ----------
    group : str
    n, of : int
        Of those who were read for it.
    low, high : float
        Wilson's 95 % interval, in [0, 1]; ``nan`` where nobody was read.
    """

    group: str
    n: int
    of: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """Scores of those who mentioned a code, or of those who did not.

    Parameters
    ----------
    n, of : int
        Participants with a score, of those with or without it.
    median, lower, upper : float
        ``nan`` where nobody has a score; lower and upper quartile by linear interpolation.
    least, most : float
        Each the score of one person: for the study's own eyes.
    """

    n: int
    of: int
    median: float
    lower: float
    upper: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class JointRow:
    """One code beside everything else that is known.

    Parameters
    ----------
    code_id, code : str
    groups : tuple of GroupShare
    present, absent : ScoreSummary, optional
        Of those who mentioned it, and of those who were read for it and did not.
    quotes : tuple of QuoteRecord
        Two at most.
    inference : Inference, optional
    total : (int, int)
        Participants who mentioned it, of those who were read for it.
    parent : str
        The id of the code above it; empty where there is none.
    """

    code_id: str
    code: str
    groups: tuple[GroupShare, ...]
    present: ScoreSummary | None
    absent: ScoreSummary | None
    quotes: tuple[QuoteRecord, ...] = ()
    inference: Inference | None = None
    total: tuple[int, int] = (0, 0)
    parent: str = ""


@dataclass(frozen=True)
class JointDisplay:
    """Codes beside groups, scores, quotes and inferences, with exact counts: for own eyes.

    Parameters
    ----------
    rows : tuple of JointRow
        In the codebook's order.
    by : str
        The attribute of the groups.
    groups : tuple of str
        Governed and small groups are joined as "Other groups"; who has no value is "not known".
    scale : str
        Name of the scale; empty without one.
    k : int
        The smallest group that was left by itself.
    draft : bool
        Whether any of it rests on machine coding that nobody has reviewed.
    runs : tuple of Run
    people : Incidence, optional
        What was counted, from which follows what the display tells beside others.
    group_of : mapping of str to str
        Of each participant who was read, before groups were joined.
    scored : frozenset of str
        Participants with a score.
    withheld : frozenset of str, optional
        Codes whose row gives a hidden count back beside what else is told, as a report finds
        them; left out, they are found beside a theme table and one another.
    withheld_at : int, optional
        The k for which a report found them; with another nothing is shown.
    """

    rows: tuple[JointRow, ...]
    by: str
    groups: tuple[str, ...]
    scale: str = ""
    k: int = 5
    draft: bool = False
    runs: tuple[Run, ...] = ()
    people: Incidence | None = field(default=None, repr=False)
    group_of: Mapping[str, str] = field(default_factory=dict, repr=False)
    scored: frozenset[str] = field(default=frozenset(), repr=False)
    withheld: frozenset[str] | None = field(default=None, repr=False)
    withheld_at: int | None = field(default=None, repr=False)

    @property
    def open(self) -> tuple[JointRow, ...]:
        """The rows for which nobody has typed an inference."""
        return tuple(row for row in self.rows if row.inference is None)

    @property
    def joined(self) -> tuple[str, ...]:
        """The values of the attribute that stand together as "Other groups": for own eyes."""
        return tuple(sorted(set(self.group_of.values()).difference(self.groups)))

    def __len__(self) -> int:
        return len(self.rows)

    def to_frame(self) -> pd.DataFrame:
        """One row a code and group, with the scores beside it: exact."""
        import pandas as pd

        return pd.DataFrame([record for row in self.rows for record in self._records(row)])

    def _records(self, row: JointRow) -> Iterator[dict[str, object]]:
        bearers = set(self.group_of.values())
        for share in row.groups:
            yield {
                "code_id": row.code_id,
                "code": row.code,
                self.by: share.group,
                "joins": "" if share.group in bearers else "; ".join(self.joined),
                "participants": share.n,
                "of_participants": share.of,
                "low": share.low,
                "high": share.high,
                **_flat("with", row.present),
                **_flat("without", row.absent),
                "inference": row.inference.kind if row.inference else "",
            }

    def __repr__(self) -> str:
        scale = f", {self.scale}" if self.scale else ""
        typed = len(self) - len(self.open)
        return f"<JointDisplay by {self.by}{scale}: {len(self)} codes, {typed} inferences typed>"

    def _repr_html_(self) -> str:
        head = ("Code", *self.groups, f"{self.scale or 'Scores'} with", "without", "Inference")
        rows = (
            (
                row.code,
                *(f"{share.n} of {share.of}" for share in row.groups),
                _scores_told(row.present),
                _scores_told(row.absent),
                row.inference.kind if row.inference else "not typed",
            )
            for row in self.rows
        )
        return f"<p>{escape(repr(self))}</p>{html_table(head, rows)}"


def _flat(name: str, scores: ScoreSummary | None) -> dict[str, object]:
    if scores is None:
        return {}
    return {
        f"scores_{name}": scores.n,
        f"median_{name}": scores.median,
        f"least_{name}": scores.least,
        f"most_{name}": scores.most,
    }


def _scores_told(scores: ScoreSummary | None) -> str:
    if scores is None or not scores.n:
        return "–"
    return f"{scores.median:g} ({scores.least:g} to {scores.most:g}), n = {scores.n}"
