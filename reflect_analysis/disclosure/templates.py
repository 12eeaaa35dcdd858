"""The template of an attribution: which parts stand behind a quote, and what joins them.

``"{role}, {place}, {source}"`` or a sequence of names. The invariant: no template names a
person. A study that prints pseudonyms (``{id}``) says so, and then at most one other thing
is said of the participant beside the kind of text: pseudonym, role and town together are a
name, and her quotes under one pseudonym tell more than each alone.
"""

from __future__ import annotations

import string
from collections.abc import Sequence

__all__ = ["ID", "parse_template", "printed_by"]

ID = "id"
_KIND = "kind"
_ALIASES = {"source": _KIND}
_NEVER = frozenset({"case", "case_id", "email", "name", "pair", "participant", "pseudonym"})


def parse_template(template: str | Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a template, and the words before each and after the last.

    Parameters
    ----------
    template : str or sequence of str
        ``{role}``, ``{place}``, ``{source}`` (or ``{kind}``), ``{id}`` or any attribute in
        braces; or the names alone, which then are joined by commas.

    Returns
    -------
    (names, joints)
        One more joint than names.

    Raises
    ------
    ValueError
        If it names something that stands for one person, a part twice, or nothing.

    Examples
    --------
    >>> parse_template("{role} ({place}), {source}")
    (('role', 'place', 'kind'), ('', ' (', '), ', ''))
    """
    names, joints = _pieces(template)
    faults = sorted(_NEVER.intersection(names))
    if faults:
        raise ValueError(f"an attribution never holds {', '.join(faults)}")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"expected names of attributes in braces, each once, not {template!r}")
    about = [name for name in names if name not in {ID, _KIND}]
    if ID in names and len(about) > 1:
        raise ValueError(
            f"a pseudonym stands with one other part at most, not with {' and '.join(about)}: "
            "together they are a name"
        )
    return names, joints


def _pieces(template: str | Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not isinstance(template, str):
        names = tuple(_ALIASES.get(name, name) for name in template)
        return names, ("", *[", "] * (len(names) - 1), "")
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        raise ValueError(f"{template!r}: a brace that is not closed, or not opened") from None
    found = [(words, name) for words, name, _, _ in pieces if name is not None]
    names = tuple(_ALIASES.get(name.strip(), name.strip()) for _, name in found)
    if not all(name.isidentifier() for name in names):
        raise ValueError(f"{template!r}: expected names of attributes in braces, such as {{role}}")
    last = pieces[-1][0] if pieces and pieces[-1][1] is None else ""
    return names, (*(words for words, _ in found), last)


def printed_by(joints: Sequence[str], parts: Sequence[str | None]) -> str:
    """The parts that are left, joined as the template joins them.

    A part that was withheld takes the words before it along. Where brackets are left open or
    empty by that, commas join what is left.

    Examples
    --------
    >>> printed_by(("", " (", "), ", ""), ("ECE", "Kamloops", "Reflection"))
    'ECE (Kamloops), Reflection'
    >>> printed_by(("", " (", "), ", ""), ("ECE", None, "Reflection"))
    'ECE, Reflection'
    """
    if all(parts):
        words = (f"{joint}{part}" for joint, part in zip(joints, parts, strict=False))
        return f"{''.join(words)}{joints[-1]}"
    return ", ".join(part for part in parts if part)
