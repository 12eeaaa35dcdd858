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
_SPLIT = re.compile(r"\s*[,;|·/()\n]\s*|\s+[–—-]\s+")
_MARKER = re.compile(r"^(?P<mark>[—–―~∼]|--|-(?=\s?\S))\s*(?P<rest>\S.*)$")

LONGEST = 200
MOST_WORDS = 14
_PART_WORDS = 6
_NAME_WORDS = 8


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
    parts = list(_parts(rest, plural=True))
    if (
        not re.search(r"[^\W\d_]{2}", rest)
        or len(rest.split()) > MOST_WORDS
        or re.search(r"[.!?…:]$", _unabbreviated(rest))
    ):
        return None
    is_told = any(part.kind in ("role", "title", "form") for part in parts)
    if is_told and (rest[0].isupper() or rest[0].isdigit() or parts[0].kind != "name"):
        return _attribution(parts)
    names = [part for part in parts if part.kind == "name"]
    like_name = all(_is_name(p) for p in _SPLIT.split(rest) if p and not p.isdigit())
    short = len(rest.split()) <= _NAME_WORDS
    if names and short and (like_name or after_quotation):
        return _attribution(parts)
    return None


def parse_plain(line: str, *, after_quotation: bool = False) -> Attribution | None:
    """An attribution without a mark: "ECE, Kamloops, Reflection", or `None`.

    It has two to four parts with one role among the first two, no "and", no full stop.
    After words in quotation marks a role or a title alone will do.
    """
    bare = _bare(line)
    if len(bare) > LONGEST:
        return None
    pieces = [piece for piece in _SPLIT.split(bare) if piece]
    if not bare or not (bare[0].isupper() or after_quotation) or bare[-1] in ".!?…:,;-–—":
        return None
    if re.search(r"\b(?:and|or|et|ou)\b|&", bare) or any(
        len(piece.split()) > _PART_WORDS for piece in pieces
    ):
        return None
    parts = list(_parts(bare, plural=False))
    if any(p.kind == "name" and piece[0].islower() for p, piece in zip(parts, pieces, strict=True)):
        return None
    roles = [n for n, part in enumerate(parts) if part.kind == "role"]
    if after_quotation and any(part.kind in ("role", "title") for part in parts):
        return _attribution(parts)
    if not 2 <= len(parts) <= 4 or len(roles) != 1 or roles[0] > 1:  # noqa: PLR2004  # role, place, province, kind
        return None
    return None if any(part.kind == "title" for part in parts) else _attribution(parts)


def parse_bracketed(inside: str) -> Attribution | None:
    """An attribution in brackets, or `None` where no role or title stands among the first."""
    parts = list(_parts(inside, plural=True))
    if len(inside.split()) > MOST_WORDS or not inside[:1].isupper():
        return None
    told = any(part.kind in ("role", "title") for part in parts[:2])
    return _attribution(parts) if told else None


def _unabbreviated(text: str) -> str:
    """A text without the full stop of an abbreviation at its end: "B.C.", "Jr."."""
    return re.sub(r"(?:\b[^\W\d_]\.)+$|\b(?:Jr|Sr|etc|Ed|Ph\.D|D)\.$", "x", text)


def _is_name(piece: str) -> bool:
    words = re.findall(r"[^\W\d_][\w.'’-]*", piece)
    return bool(words) and all(w[0].isupper() or w in PARTICLES for w in words)


def _parts(text: str, *, plural: bool) -> Iterator[_Part]:
    after_role = after_title = False
    for piece in _SPLIT.split(fold(text)):
        if not piece:
            continue
        part = _part(piece, after_role=after_role, after_title=after_title, plural=plural)
        after_role = after_role or part.kind == "role"
        after_title = after_title or part.kind == "title"
        yield part


def _part(piece: str, *, after_role: bool, after_title: bool, plural: bool) -> _Part:
    """What a part between commas is; what is not known for certain is a name."""
    words = re.findall(r"[\w][\w.'’-]*", piece)
    keys = [_key(word, plural=plural) for word in words]
    count = len(words)
    told = _told_part(words, keys)
    if told is not None:
        return told
    plain = [key for key in keys if not key.isdigit()]
    if plain and set(plain) <= MODIFIERS:
        return _Part("setting", piece, words=count)
    if plain and set(plain) <= FORMS | FOCUS_GROUP | MODIFIERS:
        return _Part("form", piece, piece, count)
    if after_title and (_is_acronym(words) or not ORGANISATIONS.isdisjoint(keys)):
        return _Part("organisation", piece, words=count)
    if after_role and not after_title and _may_be_place(piece):
        return _Part("place", piece, words=count)
    return _Part("name", "", words=count)


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
    return len(words) == 1 and words[0].isupper() and len(words[0]) > 2  # noqa: PLR2004  # "BC" is a place


def _may_be_place(piece: str) -> bool:
    if piece.casefold().replace(".", "") in PROVINCES:
        return True
    is_person = _HONORIFIC.match(piece) or _INITIALS.search(piece)
    number_within = re.search(r"\D\d", piece)  # "Cohort 3"; but "100 Mile House" is a town
    is_named = piece[0].isupper() or piece[0].isdigit()
    return is_named and not is_person and len(piece.split()) <= 4 and not number_within  # noqa: PLR2004  # Fort St. John


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
