"""Flowing text, whatever file it was taken from: one decision for every format.

A ``.txt``, a Word document, a page and a PDF go the same way: front matter makes one
document, turns make a transcript, attributions make quotes, and the rest is one reflection
or a page that is left out (`text`, `transcripts`, `attributed`, `plain`). So the same words
give the same documents, whatever program saved them.

**Beside the file.** A file ``NAME.docx.yaml`` beside ``NAME.docx`` holds its front matter, so
that a PDF or a picture can say what it is.

**Context.** A ``newsletter`` of no participant is read for its quotes; where it quotes
nobody it is kept whole with the voice ``"other"``, which is never coded. So is an
``infographic``: a newsletter of one page, credited to its ``community`` or ``author``.

**Questions and answers.** A table that asks gives one document an answer, with the question
as its ``prompt``. What else stands there is a title or an instruction; unless it is a talk,
which is read, and the answers stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Document, Omission, Picture
from reflect_analysis.errors import CorpusError
from reflect_analysis.pictures import why_unreadable

from ._files import read_decoded, read_text
from ._found import (
    Found,
    Place,
    is_garbled,
    left_out,
    merge,
    slug,
    with_consent,
    with_notes,
    word_count,
)
from ._paragraphs import Content, Paragraph, composed, front_matter, headings_of
from ._speakers import NOBODY, Speakers
from ._yaml import read_yaml
from .attributed import read_page
from .text import Keys, read_content
from .transcripts import is_transcript

FRONT_SUFFIXES = (".yaml", ".yml")
INFOGRAPHIC = "infographic"

_KIND = re.compile(r"^kind\s*:\s*[\"']?([\w -]+?)[\"']?\s*$", re.IGNORECASE | re.MULTILINE)
_VOICE = re.compile(r"^voice\s*:\s*\S", re.IGNORECASE | re.MULTILINE)
_RULE = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_LINE = re.compile(r"\blines? (\d+)")
_CREDIT = ("community", "author")


def front_of(place: Place) -> Path | None:
    """The file beside another that holds its front matter."""
    for suffix in FRONT_SUFFIXES:
        beside = place.path.with_name(place.path.name + suffix)
        if beside.is_file():
            return beside
    return None


def read_flowing_file(place: Place, speakers: Speakers = NOBODY) -> Found:
    """What a ``.txt`` or ``.md`` file gives.

    Raises
    ------
    CorpusError
        With every fault and its place.
    """
    decoded = read_decoded(place, pages=True)
    places = [f"line {n}" for n in range(1, decoded.text.count("\n") + 2)]
    return with_notes(_read(decoded.text, places, place, speakers), place.name, decoded.notes)


def read_laid_out(content: Content, place: Place, speakers: Speakers = NOBODY) -> Found:
    """What the content of a Word, OpenDocument, RTF, HTML or PDF file gives.

    Raises
    ------
    CorpusError
        With every fault and its place.
    """
    text, places = composed(content.paragraphs)
    beside = Found(omissions=content.omissions)
    if content.answers:
        talk = _talk(content, (text, places), place, speakers)
        found = talk or _read_answers(content, text, place, speakers)
    elif text:
        found = _read(text, places, place, speakers)
    else:
        told = any(not omission.place for omission in content.omissions)
        found = Found() if told else left_out(place.name, "a file without text")
    return with_notes(merge([found, beside]), place.name, content.notes)


def _read(text: str, places: Sequence[str], place: Place, speakers: Speakers) -> Found:
    """The decision; lines of the text become places in the file."""
    whole, places = _with_front(text, places, place)
    front = _front(whole)
    kinds = {word.casefold().strip() for word in _KIND.findall(front)}
    if INFOGRAPHIC in kinds:
        renamed = _KIND.sub("kind: newsletter", front, count=1)
        whole = renamed + whole[len(front) :]
    try:
        found = read_content(whole, place, speakers)
    except CorpusError as error:
        found = Found(faults=error.faults)
    if front:
        found = _as_context(found, kinds, has_voice=bool(_VOICE.search(front)))
    return _with_headings(_placed(found, places, place.name))


def _with_front(text: str, places: Sequence[str], place: Place) -> tuple[str, Sequence[str]]:
    """The text below the front matter that stands in a file beside it."""
    beside = front_of(place)
    if beside is None:
        return text, places
    name = beside.name
    if _RULE.match(text):
        raise CorpusError(
            f"{place.name}: front matter stands in it and in {name} beside it; keep one"
        )
    keys = read_text(Place(beside, name)).strip("\n").split("\n")
    keys = [line for line in keys if line.rstrip() not in ("---", "...")]
    head = ["---", *keys, "---", ""]
    told = [f"{name}, line {number}" for number in range(len(head))]
    return "\n".join([*head, text]), [*told, *places]


def _front(text: str) -> str:
    """The front matter of a text with its rules, ``""`` where there is none."""
    begins = _RULE.match(text)
    end = _CLOSING.search(text, begins.end()) if begins else None
    return text[: end.end()] if end else ""


def _as_context(found: Found, kinds: set[str], *, has_voice: bool) -> Found:
    """Newsletters of nobody: their quotes, or the whole as context."""
    parts = []
    for document in found.documents:
        is_context = document.kind == "newsletter" and not (document.case_id or document.turns)
        if not is_context or has_voice:
            parts.append(Found(documents=(document,)))
        elif INFOGRAPHIC in kinds:
            parts.append(_infographic(document))
        else:
            parts.append(_newsletter(document))
    return merge([replace(found, documents=()), *parts])


def _newsletter(document: Document) -> Found:
    """The quotes of a newsletter, or the newsletter with the voice of another."""
    page = read_page(document.text, name=document.source, stem=document.id)
    quoted = [d for d in page.documents if d.kind == "quote" or "selected" in d.flags]
    if not quoted:
        return Found(documents=(replace(document, voice="other"),))
    first = _first_line(document.place)
    return replace(
        page,
        documents=tuple(
            replace(d, attributes=document.attributes | d.attributes, place=_moved(d.place, first))
            for d in quoted
        ),
        omissions=tuple(replace(o, place=_moved(o.place, first)) for o in page.omissions),
    )


def _infographic(document: Document) -> Found:
    """An infographic: context that is credited to who made it."""
    told = document.attributes | {"form": INFOGRAPHIC}
    shown = replace(document, voice="other", attributes=told)
    if any(key in told for key in _CREDIT):
        return Found(documents=(shown,))
    fault = f"{document.source}: an infographic without 'community' or 'author' to be credited to"
    return Found(documents=(shown,), faults=(fault,))


def _first_line(place: str) -> int:
    found = _LINE.search(place)
    return int(found[1]) if found else 1


def _moved(place: str, first: int) -> str:
    """A line of a document's text as a line of the file."""
    return _LINE.sub(lambda line: f"line {int(line[1]) + first - 1}", place)


def _placed(found: Found, places: Sequence[str], name: str) -> Found:
    """A finding whose lines of the text are places in the file."""

    def told(place: str) -> str:
        return _LINE.sub(lambda line: _place_at(places, int(line[1]), line[0]), place)

    def fault(words: str) -> str:
        # Only what stands before the first colon is a place; behind it a word was quoted.
        head, colon, rest = words.partition(": ")
        return told(head) + colon + rest if head.startswith(name) else words

    return replace(
        found,
        documents=tuple(replace(d, place=told(d.place)) for d in found.documents),
        omissions=tuple(replace(o, place=told(o.place)) for o in found.omissions),
        faults=tuple(map(fault, found.faults)),
    )


def _place_at(places: Sequence[str], line: int, otherwise: str) -> str:
    return places[line - 1] if 0 < line <= len(places) else otherwise


def _with_headings(found: Found) -> Found:
    """Documents that know their own headings."""
    documents = []
    for document in found.documents:
        headings = "; ".join(dict.fromkeys(headings_of(document.text)))
        if headings and "headings" not in document.attributes:
            told = document.attributes | {"headings": headings}
            document = replace(document, attributes=told)  # noqa: PLW2901  # the same one, told more
        documents.append(document)
    return replace(found, documents=tuple(documents))


def _talk(
    content: Content, composed_text: tuple[str, Sequence[str]], place: Place, speakers: Speakers
) -> Found | None:
    """The talk that stands beside a table of questions, with its answers; `None` for no talk."""
    text, places = composed_text
    if not text:
        return None
    rest = [paragraph.text for paragraph in front_matter(content.paragraphs)[1]]
    found = _read(text, places, place, speakers)
    if not (is_transcript(rest, speakers=speakers) or any(d.turns for d in found.documents)):
        return None
    model = next((d for d in found.documents if d.turns), None)
    if model is None:
        return found
    refused = any(answer == "no" for _, answer in found.consents) and not model.case_id
    if refused:
        reason = "consent to be quoted is refused, and no participant is named to carry it"
        left = [
            left_out(place.name, reason, place=a.place, text=a.text) for _, a in content.answers
        ]
        return merge([found, *left])
    told = Attributes({k: v for k, v in model.attributes.items() if k != "headings"})
    model = replace(model, kind="reflection", attributes=told)
    answers = tuple(_answers((model,), content, place))
    return replace(found, documents=(*found.documents, *answers))


def _answers(models: Iterable[Document], content: Content, place: Place) -> Iterator[Document]:
    """A document an answer, described as the file is."""
    for model in models:
        for number, (question, answer) in enumerate(content.answers, start=1):
            yield replace(
                model,
                id=f"{model.id}-a{number:02d}",
                text=answer.text.strip(),
                attributes=model.attributes | {"prompt": question},
                flags=("garbled",) if is_garbled(answer.text) else (),
                turns=(),
                source=place.name,
                place=answer.place,
            )


def _read_answers(content: Content, text: str, place: Place, speakers: Speakers) -> Found:
    """One document an answer, with the question as its prompt and the file's front matter."""
    whole, places = _with_front(text, [""] * (text.count("\n") + 1), place)
    front = _front(whole)
    found = Found(documents=(Document(slug(place.stem), "-", language=""),))
    if front:
        # Any text does: it is replaced by each answer.
        answered = f"{front}\n{content.answers[0][1].text}"
        found = _placed(read_content(answered, place, speakers), places, place.name)
    documents = tuple(_answers(found.documents, content, place))
    rest = _beside_answers(content.paragraphs, place.name)
    return replace(found, documents=documents, omissions=(*found.omissions, *rest))


def _beside_answers(paragraphs: Sequence[Paragraph], name: str) -> tuple[Omission, ...]:
    """What stands around a table of questions and answers: a title, an instruction."""
    reason = "beside a table of questions and answers"
    return tuple(
        Omission(name, paragraph.place, reason, word_count(paragraph.text))
        for paragraph in front_matter(paragraphs)[1]
    )


def read_picture(place: Place) -> Found:
    """The infographic that a picture is, by the file beside it.

    Raises
    ------
    CorpusError
        If the file beside it says something else, or does not describe the picture.
    """
    beside = front_of(place)
    name = beside.name if beside else place.name
    keys = read_yaml(read_text(Place(beside, name)), name).value if beside else None
    told = {key: entry.word for key, entry in keys.items()} if isinstance(keys, dict) else {}
    if told.get("kind", "").casefold() != INFOGRAPHIC:
        raise CorpusError(
            f"{name}: beside a picture; expected 'kind: infographic' (photo-voice has stories.yaml)"
        )
    alt_text = told.get("alt_text", "")
    if not alt_text:
        raise CorpusError(f"{name}: an infographic without 'alt_text', which says what it shows")
    found = _read(alt_text, [name] * (alt_text.count("\n") + 1), place, NOBODY)
    unreadable = why_unreadable(place.path)
    picture = Picture(None if unreadable else place.path.as_posix(), alt_text)
    shown = replace(found, documents=tuple(replace(d, picture=picture) for d in found.documents))
    if not unreadable:
        return shown
    reason = f"the picture cannot be copied ({unreadable}); its description is kept"
    return merge([shown, left_out(place.name, reason)])


def read_described(
    read: Callable[[Place, Speakers], Found], place: Place, speakers: Speakers = NOBODY
) -> Found:
    """What a transcript with times gives, and what the file beside it says of it.

    So a video is read by its transcript: ``clip.vtt``, and ``kind: video`` in
    ``clip.vtt.yaml``.

    Raises
    ------
    CorpusError
        With every fault and its place.
    """
    beside = front_of(place)
    if beside is None:
        return read(place, speakers)
    front = read_yaml(read_text(Place(beside, beside.name)), beside.name).value
    if not isinstance(front, dict):
        raise CorpusError(f"{beside.name}: no keys such as 'kind: …'")
    keys = Keys(front, beside.name, slug(place.stem))
    found = read(place, {**speakers, **keys.speakers()})
    parts = [_described(document, keys) for document in found.documents]
    rest = replace(found, documents=())
    return merge([rest, *parts, Found(faults=tuple(keys.faults), guesses=keys.guesses())])


def _described(document: Document, keys: Keys) -> Found:
    """A transcript as the keys describe it."""
    told = keys.document(default=document.kind)
    whole = replace(
        document,
        id=told.id,
        kind=told.kind,
        attributes=document.attributes | told.attributes,
        language=told.language or document.language,
    )
    return with_consent(whole, keys.consent())
