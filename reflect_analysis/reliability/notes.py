"""What the reader of the figures must know beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reflect_analysis.reliability.basis import Basis
    from reflect_analysis.reliability.selection import Selection

__all__ = ["Remark", "remarks_of"]


@dataclass(frozen=True, slots=True)
class Remark:
    """What the reader of the figures must know beside them.

    Parameters
    ----------
    text : str
        With exact counts: for the study's own eyes.
    shared : str
        As it may be sent: without a count that gives others back. Empty: as `text`.
    uncounted : str
        As it may be sent of a study with governed records, of which every sum says how many
        they are. Empty: as `shared`.
    """

    text: str
    shared: str = ""
    uncounted: str = ""

    def to_send(self, *, governed: bool) -> str:
        """The words that may be sent."""
        shared = self.shared or self.text
        return (self.uncounted or shared) if governed else shared


def remarks_of(basis: Basis, selection: Selection) -> Iterator[Remark]:
    """What the reader of the figures must know, beside them."""
    readings = selection.readings
    yield from (Remark(f"{told}.") for told in basis.aside)
    yield from _blindness(selection)
    for name in sorted(readings.machines):
        yield Remark(
            f"{name} is a machine: this is agreement with a machine, and if it learnt from these "
            "coders' codings it is no independent reader."
        )
    own = readings.corrections_of_unknown_time()
    if own:
        yield _some(
            own,
            "codings that their own coder took back or changed count as corrected: no row of a "
            "later phase says whether that was before the coders met.",
        )
    yield from (Remark(told) for told in _version_notes(basis, selection))
    if basis.dropped:
        yield _some(basis.dropped, "codings of codes that the codebook dropped since are left out.")
    if basis.corpus is None:
        yield Remark(
            "No corpus was given: each document stands for itself in the intervals, which is too "
            "narrow where a participant wrote several; governance and languages were not checked."
        )


def _some(count: int, what: str) -> Remark:
    """A number of codings, which of one code is a count of that code."""
    return Remark(f"{count} {what}", f"Some {what}")


def _blindness(selection: Selection) -> Iterator[Remark]:
    """How it was known that readings were blind."""
    if not selection.blind_only:
        yield Remark("Readings with sight of others' codings are included; they flatter agreement.")
        return
    told, empty = selection.readings.by_codings()
    if told:
        by_codings = (
            "readings do not say themselves whether they were blind: they are taken as blind "
            "because the coder’s codings there are"
        )
        # How many hold no coding is, of one code, how many hold it.
        more = f"; {empty} hold no coding, and all the coder’s other codings are" * bool(empty)
        yield Remark(f"{told} {by_codings}{more}.", f"{told} {by_codings}.", f"Some {by_codings}.")


def _version_notes(basis: Basis, selection: Selection) -> Iterator[str]:
    """Codings by different versions of the codebook do not test one version."""
    versions = {row.codebook_version for row in selection.log} - {""}
    if len(versions) > 1:
        yield (
            f"The codings follow {len(versions)} versions of the codebook "
            f"({', '.join(sorted(versions))}): the difference between versions is in these figures."
        )
    elif versions and basis.codebook is not None and versions != {basis.codebook.version}:
        yield (
            f"The codings follow version {next(iter(versions))} of the codebook; the one given is "
            f"version {basis.codebook.version}."
        )
