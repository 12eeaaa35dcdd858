"""`Codebook`: codes in groups, in the researcher's order, checked when made.

The version is the fingerprint of all that can change a coding, and is stamped on every one.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from reflect_analysis._rows import html_table, to_frame
from reflect_analysis.codebook.checks import ancestors, codebook_faults
from reflect_analysis.codebook.retiring import History
from reflect_analysis.codebook.rows import Code, CodeChange, CounterExample, Group, Source, tidy
from reflect_analysis.errors import CodebookError, UnknownIdError, did_you_mean, raise_all
from reflect_analysis.provenance import fingerprint

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

__all__ = ["Codebook"]

_NOT_SHOWN = (
    *("counter_examples", "patterns", "scopes", "note"),
    *("origin", "in_vivo", "name_approved_by", "replaced_by"),
)


@dataclass(frozen=True)
class Codebook(History):
    """Codes in groups, in the researcher's order.

    Parameters
    ----------
    codes : tuple of Code
        Retired codes included; empty before the first code of an open coding.
    groups : tuple of Group
    title, description, language, licence : str
    general_rules : tuple of str
        What holds for every code.
    history : tuple of CodeChange
        What was changed, in the order in which it was; not a part of the version.

    Raises
    ------
    CodebookError
        With every fault: doubled ids, unknown groups or parents, cycles, missing definitions.
    """

    codes: tuple[Code, ...]
    groups: tuple[Group, ...] = ()
    title: str = "Codebook"
    description: str = ""
    language: str = "en"
    licence: str = ""
    general_rules: tuple[str, ...] = ()
    history: tuple[CodeChange, ...] = ()

    def __post_init__(self) -> None:
        for name in ("title", "description", "language", "licence"):
            object.__setattr__(self, name, tidy(getattr(self, name)))
        rules = tuple(filter(None, map(tidy, self.general_rules)))
        object.__setattr__(self, "general_rules", rules)
        object.__setattr__(self, "title", self.title or "Codebook")
        about = "".join((self.title, self.description, self.language, self.licence, *rules))
        faults = codebook_faults(self.codes, self.groups, self.history, about)
        raise_all(CodebookError, faults)

    # ── codes ──

    @cached_property
    def _codes(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, wanted: object) -> bool:
        """Whether the codebook has a code, given by its id or by itself."""
        if isinstance(wanted, Code):
            return self._codes.get(wanted.id) == wanted
        return wanted in self._codes

    def __getitem__(self, code_id: str) -> Code:
        """The code of this id, or `UnknownIdError`."""
        try:
            return self._codes[code_id]
        except KeyError:
            hint = did_you_mean(code_id, self._codes)
            raise UnknownIdError(f"no code {code_id!r} in this codebook{hint}") from None

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the codes, in the codebook's order."""
        return tuple(self._codes)

    @cached_property
    def in_use(self) -> tuple[Code, ...]:
        """The codes that are not retired."""
        return tuple(code for code in self.codes if not code.retired)

    @cached_property
    def version(self) -> str:
        """Fingerprint of the content, 12 hex digits; stamped on every coding."""
        codes = [_content(code) for code in self.codes]
        return fingerprint(self.language, self.general_rules, codes)[:12]

    def group(self, group_id: str) -> Group:
        """The group of this id, or `UnknownIdError`."""
        found = {group.id: group for group in self.groups}.get(group_id)
        if found is None:
            raise UnknownIdError(f"no group {group_id!r} in this codebook")
        return found

    def machine_codes(self) -> tuple[Code, ...]:
        """The codes that a machine may propose: in use, with a definition, not human-only."""
        return tuple(code for code in self.in_use if code.definition and not code.human_only)

    def children(self, code_id: str) -> tuple[Code, ...]:
        """The subcodes of a code that are in use."""
        return tuple(code for code in self.in_use if code.parent == code_id)

    def ancestors(self, code_id: str) -> tuple[str, ...]:
        """Ids of the codes above a code, the nearest first; `UnknownIdError` for an unknown one."""
        code = self[code_id]
        return ancestors(code.id, self._parents)

    def counts_for(self, code_id: str, *, machine: bool = False) -> tuple[str, ...]:
        """The codes for which a passage of a code counts: itself, and those above it.

        **Here stands, for all counts, what a machine's coding is never counted for**: a
        human-only code, nor any that lies above one. Whoever adds up passages of subcodes asks
        this, or `family`, which is the same from above.

        Parameters
        ----------
        code_id : str
        machine : bool
            Whether a machine coded the passage.

        Returns
        -------
        tuple of str
            The nearest first; empty for a machine's passage of a human-only code.

        Examples
        --------
        >>> from reflect_analysis.codebook import Code, Codebook, Group
        >>> above = Code("grief", "Grief", "A loss.", "g", human_only=True)
        >>> below = Code("tears", "Tears", "They weep.", "g", parent="grief")
        >>> book = Codebook((above, below), (Group("g", "G"),))
        >>> book.counts_for("tears"), book.counts_for("tears", machine=True)
        (('tears', 'grief'), ('tears',))
        """
        line = (code_id, *self.ancestors(code_id))
        if not machine:
            return line
        return tuple(itertools.takewhile(lambda each: not self[each].human_only, line))

    def family(self, code_id: str, *, machine: bool = False) -> tuple[str, ...]:
        """The codes whose passages count for a code: itself, and the subcodes in use.

        Parameters
        ----------
        code_id : str
        machine : bool
            Whether a machine coded the passages; see `counts_for`.

        Returns
        -------
        tuple of str
            In the codebook's order.
        """
        members = dict.fromkeys((self[code_id].id, *(code.id for code in self.in_use)))
        return tuple(each for each in members if code_id in self.counts_for(each, machine=machine))

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        return {code.id: code.parent for code in self.codes}

    def check_ids(self, code_ids: Iterable[str], where: str) -> None:
        """Raise `UnknownIdError` for every id that is not a code, saying where it came from."""
        unknown = sorted(set(code_ids).difference(self._codes))
        hints = [f"{where}: no code {u!r}{did_you_mean(u, self._codes)}" for u in unknown]
        raise_all(UnknownIdError, hints)

    def check_in_use(self, code_ids: Iterable[str], where: str) -> None:
        """Raise `UnknownIdError` for every id under which nothing new may be coded.

        Parameters
        ----------
        code_ids : iterable of str
        where : str
            Where they came from, for the message.
        """
        wanted = sorted(set(code_ids))
        self.check_ids([each for each in wanted if each not in self.dropped], where)
        raise_all(
            UnknownIdError,
            [f"{where}: {self.why_not(each)}" for each in wanted if self.why_not(each)],
        )

    # ── what may be sent ──

    def public(self, *, composed: bool = False) -> Codebook:
        """The codebook as it may be printed: without what may be participants' words.

        Examples, counter-examples, notes, the passages that gave rise to codes, and the reasons
        in the history are left out: in most studies they come from the data. Names of in vivo
        codes are withheld until approved. Wherever the words of such a name stand in a text of
        the codebook, the neutral name takes their place; a name of a single word is looked for
        in the texts of its own code alone. The version is not that of the codebook any more:
        this is for printing.

        Parameters
        ----------
        composed : bool
            Whether somebody made up all examples, counter-examples and notes, and none quotes a
            participant: then they stay. The starter codebooks' are.
        """
        withheld = [code for code in self.codes if code.name_withheld]
        phrases, clean = self._phrases, _Withholding(self._phrases)
        alone = {code.id: _Withholding([*phrases, code]) for code in withheld}
        codes = (code if composed else _without_words(code) for code in self.codes)
        shown = dataclasses.replace(
            self,
            codes=tuple(alone.get(code.id, clean).code(code) for code in codes),
            groups=tuple(
                Group(group.id, clean.text(group.name), clean.text(group.description))
                for group in self.groups
            ),
            title=clean.text(self.title),
            description=clean.text(self.description),
            general_rules=tuple(map(clean.text, self.general_rules)),
            history=tuple(dataclasses.replace(row, reason="", origin=None) for row in self.history),
        )
        return self if shown == self else shown

    def printable(self, text: str) -> str:
        """A text about the study, such as a memo, as it may be printed.

        The neutral name stands in the place of an in vivo name that nobody approved, as in
        `public`.

        Examples
        --------
        >>> book = Codebook(()).provisional("the room breathes", by="Ana", in_vivo=True)
        >>> book.printable("Is “The room  breathes” about noise?")
        'Is “in vivo code: in_vivo_1” about noise?'
        """
        return _Withholding(self._phrases).text(text)

    @property
    def _phrases(self) -> list[Code]:
        """Codes whose withheld names are looked for in every text: those of several words."""
        return [c for c in self.codes if c.name_withheld and len(c.name.split()) > 1]

    # ── shown to the researcher ──

    def to_frame(self) -> pd.DataFrame:
        """One row a code, lists joined by line breaks.

        Returns
        -------
        DataFrame
            ``code_id, name, group, parent, definition, include, exclude, examples, unit,
            human_only, source, status``.
        """
        frame = to_frame(self.codes, Code, drop=_NOT_SHOWN).rename(columns={"id": "code_id"})
        for name in ("include", "exclude", "examples"):
            frame[name] = ["\n".join(items) for items in frame[name]]
        frame["source"] = ["\n".join(_printed(s) for s in code.source) for code in self.codes]
        return frame

    def __repr__(self) -> str:
        used, retired = len(self.in_use), len(self) - len(self.in_use)
        told = f"{used} code{'' if used == 1 else 's'}{f', {retired} retired' if retired else ''}"
        return f"<Codebook {self.title!r}: {told}, version {self.version}>"

    def _repr_html_(self) -> str:
        names = {group.id: group.name for group in self.groups}
        rows = ((names[code.group], _with_status(code), code.definition) for code in self.codes)
        return f"<p>{escape(repr(self))}</p>{html_table(('Group', 'Code', 'Definition'), rows)}"

    def _with(
        self,
        *,
        codes: Sequence[Code] | None = None,
        groups: Sequence[Group] | None = None,
        history: Sequence[CodeChange] | None = None,
    ) -> Self:
        return dataclasses.replace(
            self,
            codes=self.codes if codes is None else tuple(codes),
            groups=self.groups if groups is None else tuple(groups),
            history=self.history if history is None else tuple(history),
        )


class _Withholding:
    """Puts neutral names in the place of in vivo names that nobody approved."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self.names = {_plain(code.name): code.public_name for code in codes}
        # The longest first: one participant's words may begin another's.
        ways = [_in_any_form(name) for name in sorted(self.names, key=len, reverse=True)]
        self.pattern = re.compile("|".join(ways), re.IGNORECASE) if ways else None

    def text(self, text: str) -> str:
        """A text of the codebook as it may be printed."""
        return self.pattern.sub(self._neutral, text) if self.pattern else text

    def _neutral(self, found: re.Match[str]) -> str:
        return self.names.get(_plain(found[0]), "in vivo code")

    def code(self, code: Code) -> Code:
        """A code as it may be printed."""
        return dataclasses.replace(
            code,
            name=code.public_name if code.name_withheld else self.text(code.name),
            definition=self.text(code.definition),
            include=tuple(map(self.text, code.include)),
            exclude=tuple(map(self.text, code.exclude)),
            examples=tuple(map(self.text, code.examples)),
            counter_examples=tuple(
                CounterExample(self.text(item.text), self.text(item.why))
                for item in code.counter_examples
            ),
            note=self.text(code.note),
            origin=None,
        )


def _without_words(code: Code) -> Code:
    """A code without what may have been taken from the data."""
    return dataclasses.replace(code, examples=(), counter_examples=(), note="")


def _plain(name: str) -> str:
    """A name with small letters, single blanks and straight apostrophes."""
    return " ".join(name.casefold().replace("’", "'").split())


def _in_any_form(plain: str) -> str:
    """A regular expression for a name, whatever its blanks and apostrophes."""
    words = (re.escape(word).replace("'", "['’]") for word in plain.split())
    return r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)"


def _with_status(code: Code) -> str:
    return code.name if code.status == "defined" else f"{code.name} ({code.status})"


def _printed(source: Source) -> str:
    return source.cite if source.verified else f"{source.cite} (not verified)"


def _content(code: Code) -> list[object]:
    """All of a code that can change what is coded by it.

    A status is in it only where it is not the usual one: versions of codebooks without a
    history are those that earlier codings bear.
    """
    counter = [_pair(item) for item in code.counter_examples]
    status = [] if code.status == "defined" else [code.status, code.replaced_by]
    return [
        *(code.id, code.name, code.definition, code.group, code.parent),
        *(code.include, code.exclude, code.examples, counter),
        *(code.patterns, dict(code.scopes), code.unit, code.human_only),
        *status,
    ]


def _pair(item: CounterExample) -> tuple[str, str]:
    return item.text, item.why
