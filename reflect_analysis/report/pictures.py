"""The pictures of a photo-voice study that may be printed, and why the others may not.

A picture is printed with words of its own caption that a named person approved, with an alt
text, and behind it the attribution that every quote has: one that enough participants bear.
What is printed is no copy of the file (`pictures`), and no name of a file goes along.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reflect_analysis.disclosure import (
    Attributions,
    QuoteRecord,
    QuoteSelection,
    approved_quotes,
    quote_record,
    repeats_passage,
)
from reflect_analysis.pictures import copy_picture, why_not_shown, why_unreadable
from reflect_analysis.report.quotes import with_identifiers

if TYPE_CHECKING:
    from reflect_analysis.corpus import Document
    from reflect_analysis.report.study import Study

__all__ = ["EmbeddedPicture", "PictureOmission", "Pictures", "embedded", "gather_pictures"]

_USE = "report"
_NOT_APPROVED = "no words of its caption are approved for the report"
_LARGEST = 1280  # pixels of the longer side: sharp on a page, and no street name to be read
_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class PictureOmission:
    """A picture that is not printed, by its story, and why."""

    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a report.

    Parameters
    ----------
    captions : tuple of QuoteRecord
        One for each picture that is printed: the approved words under it.
    omissions : tuple of PictureOmission
    candidates : tuple of QuoteRecord
        Whole captions for the register: of pictures that lack nothing else.
    """

    captions: tuple[QuoteRecord, ...] = ()
    omissions: tuple[PictureOmission, ...] = ()
    candidates: tuple[QuoteRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class EmbeddedPicture:
    """A picture as the page holds it."""

    data: str
    width: int
    height: int
    alt_text: str
    caption: str
    attribution: str
    language: str


def gather_pictures(study: Study) -> Pictures:
    """Choose the pictures that may be printed, each with approved words of its caption."""
    stories = [d for d in study.corpus if d.picture is not None and d.voice == "participant"]
    if not stories:
        return Pictures()
    names = Attributions(study.corpus, study.attribution, study.k)
    chosen = _captions(study, stories, names)
    by_story: dict[str, QuoteRecord] = {}
    for quote in sorted(chosen.quotes, key=lambda quote: quote.span):
        if quote.span not in study.withheld_quotes:
            by_story.setdefault(quote.document_id, quote)
    captions, omissions, candidates = [], [], []
    for story in stories:
        caption = by_story.get(story.id)
        reasons = tuple(dict.fromkeys(_reasons(study, story, caption, chosen)))
        if caption is None or reasons:
            omissions.append(PictureOmission(story.id, "; ".join(reasons)))
        else:
            captions.append(caption)
        start, end = _caption(story)
        if reasons == (_NOT_APPROVED,) and start < end:
            candidates.append(quote_record(story, start, end, attributions=names, use=_USE))
    told = (with_identifiers(study, record) for record in candidates)
    return Pictures(tuple(captions), tuple(omissions), tuple(told))


def _captions(study: Study, stories: list[Document], names: Attributions) -> QuoteSelection:
    """The approved passages of the stories' titles and captions."""
    ends = {story.id: (story, _caption_end(story)) for story in stories}
    records = []
    for approval in study.approvals:
        story, end = ends.get(approval.document_id, (None, 0))
        if story and approval.use == _USE and 0 <= approval.start < approval.end <= end:
            records.append(
                quote_record(story, approval.start, approval.end, attributions=names, use=_USE)
            )
    unlike = {record.span: record for record in records}
    return approved_quotes(
        unlike.values(), study.approvals, study.corpus, use=_USE, attributions=names
    )


def _caption_end(story: Document) -> int:
    """Where the title and caption end and the answers to the questions begin."""
    answers = [key for key in str(story.attributes.get("showed") or "").split("; ") if key]
    starts = [0, *(found.end() for found in re.finditer(r"\n\n+", story.text))]
    return starts[-len(answers)] if 0 < len(answers) < len(starts) else len(story.text)


def _caption(story: Document) -> tuple[int, int]:
    """The caption without its title, and without the answers to the questions."""
    title = str(story.attributes.get("title") or "")
    end = len(story.text[: _caption_end(story)].rstrip())
    start = len(title) if title and story.text.startswith(f"{title}\n\n") else 0
    return start + len(story.text[start:]) - len(story.text[start:].lstrip()), end


def _reasons(
    study: Study, story: Document, caption: QuoteRecord | None, chosen: QuoteSelection
) -> Iterator[str]:
    """Why a story's picture is not printed; nothing if it is."""
    picture = story.picture
    if picture is None:  # pragma: no cover  # stories have one
        return
    if not study.corpus.permits(story, "quotes"):
        yield "whoever governs the record has not approved quotes"
    yield from why_not_shown(picture)
    if picture.path is None:
        yield "its file is not known"
    elif why := why_unreadable(Path(picture.path)):
        yield why
    if caption is None:
        told = [o.reason for o in chosen.omissions if o.document_id == story.id]
        withheld = [why for span, why in study.withheld_quotes.items() if span[0] == story.id]
        yield from told or withheld or [_NOT_APPROVED]
    elif repeats_passage(picture.alt_text or "", story.text, caption.text):
        yield "its alt text repeats words of the story that nobody approved; describe the picture"


def embedded(study: Study, captions: tuple[QuoteRecord, ...]) -> tuple[EmbeddedPicture, ...]:
    """The pictures written anew, as text that a page can hold."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(
            _embedded(study, caption, Path(folder) / f"picture-{number}")
            for number, caption in enumerate(captions, start=1)
        )


def _embedded(study: Study, caption: QuoteRecord, beside: Path) -> EmbeddedPicture:
    story = study.corpus.document(caption.document_id)
    copied = copy_picture(story, beside, corpus=study.corpus, use="quotes", largest=_LARGEST)
    code = base64.b64encode(copied.path.read_bytes()).decode("ascii")
    return EmbeddedPicture(
        f"data:{_TYPES[copied.path.suffix]};base64,{code}",
        copied.width,
        copied.height,
        (story.picture.alt_text or "").strip() if story.picture else "",
        re.sub(r"\s+", " ", caption.text).strip(),
        caption.attribution,
        story.language,
    )
