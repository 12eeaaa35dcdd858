"""Counts of persons as they may be printed: small ones hidden, and what gives them back.

The invariant: from a printed count, its denominator and everything printed beside it, at
least k − 1 values of a hidden count remain possible (fewer only where the group itself has
fewer members). A count of 1 to k − 1 is hidden, and so is its complement, and so is
"all of them": what everybody in a group said, each of them is known to have said.

Nought is printed where the group has at least k members. Percentages, intervals, medians
and the like follow the count (`Shown.hides_rest`): a Wilson interval to two decimals gives
n back for most denominators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reflect_analysis.corpus import Corpus

__all__ = [
    "DEFAULT_K",
    "HIDDEN",
    "Persons",
    "Shown",
    "count_note",
    "persons_in",
    "show_count",
    "show_persons",
]

DEFAULT_K = 5
HIDDEN = "–*"
_SMALLEST_K = 3  # with k = 2 the only hidden count would be 1, and "<2" would say so


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as it may be printed; the count itself is not kept.

    Parameters
    ----------
    text : str
        What is printed: the number, ``"<5"``, ``"≥32"`` or ``"–*"``.
    low, high : int
        What a reader can infer: the count lies in [low, high]; equal where it is printed.
    hides_rest : bool
        Whether all other figures of the same row (percentage, interval, median,
        references, reflections, communities, dots and bars) must be hidden as well.
    """

    text: str
    low: int
    high: int
    hides_rest: bool

    @property
    def exact(self) -> bool:
        """Whether the count itself is printed."""
        return self.low == self.high and self.text == str(self.low)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Persons:
    """How many persons may stand behind some texts.

    Parameters
    ----------
    known : int
        Participants, each counted once.
    unknown : int
        Texts of which nobody knows who wrote them: each may be another person.
    """

    known: int = 0
    unknown: int = 0

    @property
    def at_most(self) -> int:
        """The most persons that there can be: each unknown text counted as one."""
        return self.known + self.unknown


def check_k(k: int) -> None:
    """Raise `ValueError` unless k is a whole number of at least 3."""
    if k != int(k) or k < _SMALLEST_K:
        raise ValueError(f"k must be a whole number of at least {_SMALLEST_K}, not {k!r}")


def check_same_k(k: int, withheld_at: int | None, *, asked: str) -> None:
    """Refuse another k than that for which a report found what must be withheld.

    What is hidden was tried on what is shown with that k: with another, other counts stand
    beside it, and may give it back.

    Parameters
    ----------
    k : int
    withheld_at : int, optional
        `None` where nothing was withheld, or nobody knows for which k.
    asked : str
        The function whose value holds nothing withheld.

    Raises
    ------
    ValueError
    """
    check_k(k)
    if withheld_at not in {None, k}:
        raise ValueError(
            f"k = {k}: what is withheld here was found for k = {withheld_at}; ask with that, or "
            f"ask what {asked} gave"
        )


def is_sensitive(n: int, total: int, k: int) -> bool:
    """Whether a count is hidden: small, nearly all, all, or of a group of fewer than k."""
    if total < k:
        return True
    return 0 < n < k or total - n < k


def show_count(n: int, total: int, *, k: int = DEFAULT_K) -> Shown:
    """A count of persons as it may be printed beside its denominator.

    Parameters
    ----------
    n, total : int
        n of total persons, 0 ≤ n ≤ total.
    k : int
        The smallest count that is printed, at least 3.

    Returns
    -------
    Shown
        ``"<k"`` for 1 to k − 1; ``"≥total−k+1"`` where fewer than k are missing, all of
        them included; ``"–*"`` for either where total < 2k, because there the two would
        give each other away, and for everything where total < k.

    Raises
    ------
    ValueError
        If the numbers contradict each other or k < 3.

    Examples
    --------
    >>> [show_count(n, 36).text for n in (0, 3, 12, 33, 36)]
    ['0', '<5', '12', '≥32', '≥32']
    >>> [show_count(n, 8).text for n in (0, 3, 8)]
    ['0', '–*', '–*']
    """
    check_k(k)
    if not 0 <= n <= total:
        raise ValueError(f"n must lie between 0 and the total of {total}, not be {n}")
    if not is_sensitive(n, total, k):
        return Shown(str(n), n, n, hides_rest=False)
    if total < k:
        return Shown(HIDDEN, 0, total, hides_rest=total > 0)
    if total < 2 * k:
        return Shown(HIDDEN, 1, total, hides_rest=True)
    if n < k:
        return Shown(f"<{k}", 1, k - 1, hides_rest=True)
    return Shown(f"≥{total - k + 1}", total - k + 1, total, hides_rest=True)


def show_persons(persons: Persons, total: Persons, *, k: int = DEFAULT_K) -> Shown:
    """The participants behind a row as they may be printed, texts of unknown persons reckoned with.

    The text counts known participants alone. The rest of the row (references, reflections
    and so on) also counts texts of unknown persons, so it is hidden as well where the most
    persons that there can be are a hidden count among the most that there are: 3 texts of
    unknown persons are fewer than 5 persons, whoever wrote them. In a study of quotes
    without any participant the documents so stand in for persons. Where there is nobody at
    all to protect (everything was published before), nothing is hidden.

    Parameters
    ----------
    persons, total : Persons
        Behind the row, and in the study.
    k : int
        As in `show_count`.

    Returns
    -------
    Shown

    Examples
    --------
    >>> quotes = Persons(unknown=20)
    >>> show_persons(Persons(unknown=3), quotes).hides_rest
    True
    >>> show_persons(Persons(unknown=9), quotes).hides_rest
    False
    """
    known = show_count(persons.known, total.known, k=k)
    at_most = show_count(persons.at_most, total.at_most, k=k)
    gives_back = total.known >= k and not known.exact
    hides = gives_back or at_most.hides_rest
    text, high = ("0", 0) if total.known == 0 else (known.text, known.high)
    return Shown(text, known.low, high, hides_rest=hides)


def persons_in(corpus: Corpus, document_ids: Iterable[str]) -> Persons:
    """The persons who may stand behind some documents.

    Words of others (a director, an author) and quotes that were published before
    (flag ``"selected"``) without a participant's id count for nobody: they stay out of N.

    Raises
    ------
    UnknownIdError
        If a document is not in the corpus.
    """
    documents = [corpus.document(document_id) for document_id in dict.fromkeys(document_ids)]
    ours = [document for document in documents if document.voice == "participant"]
    cases = {case_id for document in ours for case_id in corpus.cases_of(document)}
    unknown = [d for d in ours if not corpus.cases_of(d) and "selected" not in d.flags]
    return Persons(len(cases), len(unknown))


def count_note(k: int = DEFAULT_K) -> str:
    """The note to be printed under a table with hidden counts.

    Examples
    --------
    >>> count_note()
    'Counts of 1 to 4 persons, and counts that all or all but 1 to 4 share, are hidden
    (<5, ≥, –*), and with them all figures that would give them back.'
    """
    small = f"1 to {k - 1}"
    return (
        f"Counts of {small} persons, and counts that all or all but {small} share, are hidden "
        f"(<{k}, ≥, {HIDDEN}), and with them all figures that would give them back."
    )
