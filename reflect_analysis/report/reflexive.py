"""What a reflexive study tells of its own work: memos, and how its codebook changed.

The words of memos are printed only where the researcher asks for them, because a memo may quote
a participant; then they are searched like all that is sent. Flags, and codes that wait, are
notes between coders: they are counted and never printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reflect_analysis.codings import MemoKind
from reflect_analysis.errors import counted
from reflect_analysis.report.blocks import Block, Bullets, Heading, Paragraph

if TYPE_CHECKING:
    from reflect_analysis.codings import Memo
    from reflect_analysis.report.study import Study

__all__ = ["work_blocks"]

_KINDS: dict[MemoKind, str] = {
    "analytic": "analytic",
    "method": "on method",
    "reflexive": "reflexive",
    "flag": "flags",
    "waiting": "on codes that wait",
}
_PRINTED = ("analytic", "method", "reflexive")


def work_blocks(study: Study) -> Iterator[Block]:
    """Memos, where the study is reflexive or asks for their words; the codebook's changes."""
    reflexive = study.approach == "reflexive"
    if reflexive or study.memo_words:
        yield Heading("Memos")
        yield from _memos(study)
    if reflexive:
        yield Heading("How the codebook changed")
        yield Paragraph(_history(study))


def _memos(study: Study) -> Iterator[Block]:
    memos = _told(study)
    if not memos:
        yield Paragraph("The study holds no memo.")
        return
    yield Paragraph(_counts(study, memos))
    words = [memo for memo in memos if memo.kind in _PRINTED]
    if study.memo_words and words:
        # An in vivo name is a participant's words here too.
        told = [(memo, _line(study.codebook.printable(memo.text))) for memo in words]
        yield Bullets(tuple(f"{m.at:%Y-%m-%d}, {_KINDS[m.kind]}: {line}" for m, line in told))
    else:
        yield Paragraph("Their words are kept: a memo may quote a participant.", soft=True)


def _told(study: Study) -> list[Memo]:
    """The memos by day; none on a text whose use in tables is not approved."""
    permitted = {document.id for document in study.corpus.permitted("tables")}
    memos = [m for m in study.codings.memos if not m.document_id or m.document_id in permitted]
    return sorted(memos, key=lambda memo: (memo.at, memo.kind, memo.text))


def _counts(study: Study, memos: Sequence[Memo]) -> str:
    found = Counter(memo.kind for memo in memos)
    if study.coarse:
        names = ", ".join(name for kind, name in _KINDS.items() if found[kind])
        return f"The researchers kept memos: {names}."
    parts = ", ".join(f"{found[kind]} {name}" for kind, name in _KINDS.items() if found[kind])
    days = _days([memo.at for memo in memos])
    return f"The researchers kept {counted(len(memos), 'memo')} {days}: {parts}."


def _history(study: Study) -> str:
    """The kinds of changes and their days; which code stands in the appendix, day by day."""
    rows = study.printed.history
    if not rows:
        return "No change of the codebook was recorded."
    steps = Counter(row.action for row in rows)
    told = ", ".join(f"{action} {n}" for action, n in steps.items())
    days = _days([row.at for row in rows])
    return (
        f"The codebook has {counted(len(rows), 'change')} {days}: {told}. The appendix names the "
        "codes day by day."
    )


def _days(moments: Sequence[datetime]) -> str:
    first, last = (f"{moment:%Y-%m-%d}" for moment in (min(moments), max(moments)))
    return f"on {first}" if first == last else f"between {first} and {last}"


def _line(text: str) -> str:
    return " ".join(text.split())
