"""The researcher's claims: a theme is a sentence that a person writes, one for a group of codes.

A heading of the codebook is no theme. Where a claim was typed, tables and the report print it in
the place of the heading; no program makes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.codebook.text import find_in_yaml
from reflect_analysis.errors import CodebookError, ReportError, did_you_mean, raise_all

if TYPE_CHECKING:
    from reflect_analysis.codebook import Codebook

__all__ = ["CLAIMS", "read_claims"]

CLAIMS = "claims.yaml"
_EXPECTED = "ids of groups of the codebook, each with the sentence that is claimed of it"


def read_claims(path: str | Path, codebook: Codebook | None = None) -> dict[str, str]:
    """Read what the researcher claims of groups of codes.

    Parameters
    ----------
    path : str or Path
        YAML: the id of a group, and the sentence.
    codebook : Codebook, optional
        A group that it lacks, or of which no code is in use, is a fault.

    Returns
    -------
    dict of str to str
        By group id, in the order of the file: for `theme_table` and `write_report`.

    Raises
    ------
    ReportError
        With every fault and its line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "claims.yaml"
    >>> _ = path.write_text("belonging: A place at the table keeps people in the work.")
    >>> read_claims(path)
    {'belonging': 'A place at the table keeps people in the work.'}
    """
    source = Path(path)
    try:
        found = find_in_yaml(source)
    except CodebookError as error:
        # The codebook's reader tells of its own keys.
        raise ReportError(
            f"{source.name}: expected {_EXPECTED}" if "'groups'" in fault else fault
            for fault in error.faults
        ) from None
    told = [
        (line, f"{found.name}{place}: {key}: {fault}")
        for key, claim in found.data.items()
        for line, place in [found.place((key,))]
        for fault in _faults(str(key), claim, codebook)
    ]
    raise_all(ReportError, (fault for _, fault in sorted(told)))
    return {str(key): " ".join(str(claim).split()) for key, claim in found.data.items()}


def _faults(key: str, claim: Any, codebook: Codebook | None) -> Iterator[str]:
    if claim is None or (isinstance(claim, str) and not claim.strip()):
        yield "is empty: a person types what is claimed"
    elif not isinstance(claim, str):
        yield "expected a sentence; put it in quotation marks"
    if codebook is None:
        return
    groups = {group.id: group.name for group in codebook.groups}
    if key not in groups:
        yield f"the codebook has no group of this id{_hint(key, groups)}"
    elif not any(code.group == key for code in codebook.in_use):
        yield "no code of this group is in use, so the claim would stand nowhere"


def _hint(key: str, groups: dict[str, str]) -> str:
    """The id that was meant: of a group that bears this name, or the nearest."""
    named = [each for each, name in groups.items() if name.casefold() == key.casefold()]
    if named:
        return f"; did you mean {named[0]!r}?"
    near = did_you_mean(key, groups)
    return near or f" (there are: {', '.join(groups) or 'none'})"
