"""Attribution lines: who is quoted, without the name.

A name identifies, so an attribution is taken apart and only what is known not to be a name
is kept: words for a role, a title, a kind of text or an organisation, and the place that
follows a role. Everything else is dropped, a place written before the role included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ._blocks import fold
from ._vocabulary import (
    FOCUS_GROUP,
    FORMS,
    MODIFIERS,
    OF_PARTICIPANTS,
    ORGANISATIONS,
    PARTICLES,
    PROVINCES,
    ROLES,
    SMALL_WORDS,
    TITLES,
)

_HONORIFIC = re.compile(r"^(?:dr|mr|mrs|ms|mx|prof|mme|m|sr|rev)\b\.?\s", re.IGNORECASE)
_INITIALS = re.compile(r"(?:^|\s|\.|-)[^\W\d_]\.?$")
_JOINED = re.compile(r"\b(?:and|or|et|ou)\b|&")
_SPLIT = re.compile(r"\s*[,;|·/()~\n]\s*|\s+[–—-]\s+")
_MARKER = re.compile(r"^(?P<mark>[—–―~∼]|-{2,3}|-(?=\s?\S))\s*(?P<rest>\S.*)$")

LONGEST = 200
MOST_WORDS = 14
_PART_WORDS = 6
_NAME_WORDS = 8
_PLACE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Attribution:
    """What is known of who is quoted.

    Parameters
    ----------
    text : str
        The attribution without any name: ``"ECE, Kamloops, Reflection"``, ``"Executive
        Director, ECEBC"``; ``"named author"`` where nothing but a name stood there.
    voice : {"participant", "other"}
    role, place, form : str
        ``form`` is the kind of text that was quoted: a reflection, an interview.
    dropped : int
        Number of words left out because they may be a name.
    """

    text: str
    voice: Literal["participant", "other"]
    role: str = ""
    place: str = ""
    form: str = ""
    dropped: int = 0

    @property
    def is_bare_name(self) -> bool:
        """Whether nothing but a name stood there."""
        return self.text == "named author"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part between commas: what it is, and what of it is kept."""

    kind: Literal["role", "title", "form", "place", "organisation", "setting", "name"]
    kept: str
    form: str = ""
    words: int = 0


def marked(line: str) -> str:
    """What follows the dash or the tilde of an attribution line, or ``""``.

    Examples
    --------
    >>> marked("—Community of practice participant"), marked("~ Somebody"), marked("None here")
    ('Community of practice participant', 'Somebody', '')
    """
    found = _MARKER.match(_bare(line)) if len(line) <= LONGEST else None
    return found["rest"].strip() if found else ""


def bracketed(line: str) -> str:
    """What stands in the brackets of a line that is nothing else, or ``""``."""
    found = re.fullmatch(r"[(\[]([^()\[\]]+)[)\]]\.?", _bare(line)[: LONGEST + 1])
    return found[1].strip() if found else ""


def _bare(line: str) -> str:
    """A line without Markdown's emphasis."""
    return re.sub(r"^[*_]{1,3}|[*_]{1,3}$", "", fold(line)).strip()


def parse_marked(rest: str, *, after_quotation: bool = False) -> Attribution | None:
    """An attribution that a dash or a tilde announces, or `None` where it is none.

    Parameters
    ----------
    rest : str
        What follows the mark; a second line after a line break.
    after_quotation : bool
        Whether the words before stand in quotation marks; then any short line will do.
    """
    words = len(rest.split())
    if len(rest) > LONGEST or words > MOST_WORDS or not re.search(r"[^\W\d_]{2}", rest):
        return None
    if re.search(r"[.!?…:]$", _unabbreviated(rest)):
        return None
    parts = list(_parts(rest, plural=True))
    is_told = any(part.kind in ("role", "title", "form") for part in parts)
    if is_told and (rest[0].isupper() or rest[0].isdigit() or parts[0].kind != "name"):
        return _attribution(parts)
    like_name = all(_is_name(p) for p in _SPLIT.split(rest) if p and not p.isdigit())
    has_name = any(part.kind == "name" for part in parts) and words <= _NAME_WORDS
    return _attribution(parts) if has_name and (like_name or after_quotation) else None


def parse_plain(line: str, *, after_quotation: bool = False) -> Attribution | None:
    """An attribution without a mark: "ECE, Kamloops, Reflection", or `None`.

    It has two to four parts with one role among the first two, no "and", no full stop.
    After words in quotation marks a role or a title alone will do.
    """
    bare = _bare(line)
    if not 0 < len(bare) <= LONGEST or bare[-1] in ".!?…:,;-–—" or _JOINED.search(bare):
        return None
    pieces = [piece for piece in _SPLIT.split(bare) if piece]
    parts = list(_parts(bare, plural=False))
    is_written_small = any(
        part.kind == "name" and piece[0].islower()
        for part, piece in zip(parts, pieces, strict=True)
    )
    is_long = any(len(piece.split()) > _PART_WORDS for piece in pieces)
    if is_written_small or is_long or not (bare[0].isupper() or after_quotation):
        return None
    kinds = [part.kind for part in parts]
    if after_quotation and not {"role", "title"}.isdisjoint(kinds):
        return _attribution(parts)
    one_role = kinds.count("role") == 1 and "role" in kinds[:2] and "title" not in kinds
    return _attribution(parts) if one_role and len(parts) in (2, 3, 4) else None


def parse_bracketed(inside: str) -> Attribution | None:
    """An attribution in brackets, or `None` where no role or title stands among the first."""
    if len(inside) > LONGEST or len(inside.split()) > MOST_WORDS or not inside[:1].isupper():
        return None
    parts = list(_parts(inside, plural=True))
    told = any(part.kind in ("role", "title") for part in parts[:2])
    return _attribution(parts) if told else None


def _unabbreviated(text: str) -> str:
    """A text without the full stop of an abbreviation at its end: "B.C.", "Jr."."""
    return re.sub(r"(?:\b[^\W\d_]\.)+$|\b(?:Jr|Sr|etc|Ed|Ph\.D|D)\.$", "x", text)


def _is_name(piece: str) -> bool:
    words = re.findall(r"[^\W\d_][\w.'’-]*", piece)
    return bool(words) and all(w[0].isupper() or w in PARTICLES for w in words)


def _parts(text: str, *, plural: bool) -> Iterator[_Part]:
    kinds: list[str] = []
    for piece in filter(None, _SPLIT.split(fold(text))):
        part = _part(piece, before=kinds, plural=plural)
        kinds.append(part.kind)
        yield part


def _part(piece: str, *, before: list[str], plural: bool) -> _Part:
    """What a part between commas is; what is not known for certain is a name."""
    words = re.findall(r"[\w][\w.'’-]*", piece)
    keys = [_key(word, plural=plural) for word in words]
    told = _told_part(words, keys)
    if told is not None:
        return told
    known = {key for key in keys if not key.isdigit()}
    kind: Literal["setting", "form", "organisation", "place", "name"] = "name"
    if known and known <= MODIFIERS:
        kind = "setting"
    elif known and known <= FORMS | FOCUS_GROUP | MODIFIERS:
        kind = "form"
    elif "title" in before and (_is_acronym(words) or not ORGANISATIONS.isdisjoint(keys)):
        kind = "organisation"
    elif "role" in before and "title" not in before and _may_be_place(piece, before):
        kind = "place"
    kept = "" if kind == "name" else piece
    return _Part(kind, kept, piece if kind == "form" else "", len(words))


def _told_part(words: list[str], keys: list[str]) -> _Part | None:
    """The part as a title or a role, where one stands in it and it is no sentence.

    A sentence has more words in small letters that are not known than words that are.
    """
    known = sum(key in ROLES | TITLES | FORMS | MODIFIERS - SMALL_WORDS for key in keys)
    told = ROLES | TITLES | FORMS | MODIFIERS
    strange = sum(w[0].islower() and k not in told for w, k in zip(words, keys, strict=True))
    if strange >= known:
        return None
    if not TITLES.isdisjoint(keys):
        return _Part("title", _kept(words, keys), words=len(words))
    if ROLES.isdisjoint(keys):
        return None
    form = " ".join(w for w, key in zip(words, keys, strict=True) if key in FORMS)
    role = [(w, key) for w, key in zip(words, keys, strict=True) if key not in FORMS]
    return _Part("role", _kept([w for w, _ in role], [k for _, k in role]), form, len(words))


def _key(word: str, *, plural: bool) -> str:
    key = word.casefold().rstrip(".")
    single = key.removesuffix("s")
    return single if plural and single in ROLES | TITLES | FORMS else key


def _kept(words: list[str], keys: list[str]) -> str:
    """The words that cannot be a name: known ones, and those in small letters."""
    known = ROLES | TITLES | MODIFIERS | ORGANISATIONS
    told = zip(words, keys, strict=True)
    kept = [w for w, key in told if key in known or w[0].islower() or w.isdigit()]
    while kept and kept[-1] in ("of", "for", "and", "the", "in", "at", "from", "with", "a"):
        kept.pop()
    return " ".join(kept)


def _is_acronym(words: list[str]) -> bool:
    return len(words) == 1 and words[0].isupper() and len(words[0]) > 2  # noqa: PLR2004  # two letters are a province


def _may_be_place(piece: str, before: list[str]) -> bool:
    """Whether a part may be a place: right after the role and no person, or a province.

    "Fort St. John" and "100 Mile House" are; "Cohort 3" is not.
    """
    if piece.casefold().replace(".", "") in PROVINCES:
        return True
    is_next = before[-1] in ("role", "form") and {"place", "setting"}.isdisjoint(before)
    if _HONORIFIC.match(piece) or _INITIALS.search(piece) or not is_next:
        return False
    town = re.sub(r"^\d+\s+", "", piece)
    is_named = town[:1].isupper() and not re.search(r"\d", town)
    return is_named and len(piece.split()) <= _PLACE_WORDS


def _attribution(parts: list[_Part]) -> Attribution:
    role_words = {
        key for part in parts if part.kind == "role" for key in part.kept.casefold().split()
    }
    is_title = any(part.kind == "title" for part in parts) and not role_words & OF_PARTICIPANTS
    is_told = any(part.kind in ("role", "form") for part in parts)
    voice: Literal["participant", "other"] = "participant" if is_told and not is_title else "other"
    kept = [
        " ".join(filter(None, (part.kept, part.form if part.kind == "role" else "")))
        for part in parts
        if part.kept and (part.kind != "place" or voice == "participant")
    ]
    told = [part for part in parts if part.kind in ("role", "title")]
    return Attribution(
        text=", ".join(kept) or "named author",
        voice=voice,
        role=next((part.kept for part in parts if part.kind == "role"), ""),
        place=", ".join(part.kept for part in parts if part.kind in ("place", "setting")),
        form=next((part.form for part in parts if part.form), ""),
        dropped=sum(part.words for part in parts if part.kind == "name")
        + sum(part.words - len(f"{part.kept} {part.form}".split()) for part in told),
    )
