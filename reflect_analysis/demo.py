"""Where the demonstration lies: in an installed wheel, or in a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reflect_analysis.errors import CorpusError

__all__ = ["DemoFiles", "demo_files"]


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Paths of the demonstration.

    Parameters
    ----------
    corpus : Path
        The folder of texts, composed for this project.
    codebook : Path
        The starter codebook.
    codings : tuple of Path
        The folders of two independent, composed readings.
    approvals : Path
        The quotes that may be printed.
    """

    corpus: Path
    codebook: Path
    codings: tuple[Path, ...]
    approvals: Path


def demo_files() -> DemoFiles:
    """Find the demonstration: the copy in the package, else the checkout's folders.

    Returns
    -------
    DemoFiles

    Raises
    ------
    CorpusError
        If neither is there.

    Examples
    --------
    >>> demo_files().codebook.name
    'peer-mentoring.yaml'
    """
    package = Path(__file__).parent
    for root in (package / "_demo", package.parent):
        corpus, codebooks = root / "corpus", root / "codebooks"
        if corpus.is_dir() and codebooks.is_dir():
            codings = tuple(sorted((corpus / "codings").glob("coder-*")))
            book = codebooks / "peer-mentoring.yaml"
            return DemoFiles(corpus, book, codings, corpus / "approvals.csv")
    raise CorpusError(f"the demonstration is missing beside {package}; install the package again")
