"""Tables for LaTeX: booktabs' three rules, over as many pages as a table needs.

A floating table ends with its page and loses the rows below, and a column of natural width runs
over the margin: so the tables are long, every column has its width, and a wide one lies on its
side. A sign that LaTeX's own typeface lacks is left out without an error ("≥30" becomes "30"),
so signs are mathematics, and what no mathematics has is named in the file's first lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from reflect_analysis.tables.values import Column, Table, printable, shared_widths
from reflect_analysis.tables.word import LANDSCAPE, PORTRAIT, is_wide

__all__ = ["escaped_latex", "to_latex"]

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a row's end, a bare bracket would be read as its option
    "]": "{]}",
    "*": "{*}",  # the same of a bare star
    "`": r"\textasciigrave{}",  # it would be a quotation mark
    '"': r"\textquotedbl{}",  # the same
    "\ufffd": "?",
}
_SIGNS = {
    "≥": r"\geq",
    "≤": r"\leq",
    "≠": r"\neq",
    "≈": r"\approx",
    "−": "-",
    "×": r"\times",
    "±": r"\pm",
    "·": r"\cdot",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "α": r"\alpha",
    "β": r"\beta",
    "κ": r"\kappa",
    "λ": r"\lambda",
    "μ": r"\mu",
    "π": r"\pi",
    "ρ": r"\rho",
    "χ": r"\chi",
}
_MATHEMATICS = {sign: rf"\ensuremath{{{name}}}" for sign, name in _SIGNS.items()}
_LATEX = {**_ESCAPES, **_MATHEMATICS}
# Latin letters and the usual marks: what every typeface for XeLaTeX and LuaLaTeX has.
_USUAL = re.compile("[\t\n -~\u00a0-\u017f‐-‟†‡•…‰‹›€™]")
_TWICE = re.compile(r"([-',])(?=\1)")  # a pair would be one other sign
_SHOWN = 40  # characters
_MARGIN = 0.3  # centimetres of both sides of a cell together
_NEEDS = r"% Needs \usepackage{array,booktabs,longtable,pdflscape}; XeLaTeX or LuaLaTeX."


def to_latex(tables: Sequence[Table]) -> bytes:
    """Tables for LaTeX, to be compiled by XeLaTeX or LuaLaTeX; the head names what they need."""
    body = "\n\n".join("\n".join(_latex(table)) for table in tables)
    return ("\n".join((_NEEDS, *_unusual(body), "", body)) + "\n").encode()


def _unusual(body: str) -> Iterator[str]:
    """Which characters a typeface may lack: there LaTeX prints nothing, and says so in its log."""
    found = sorted({each for each in body if not _USUAL.match(each)})
    if found:
        shown = " ".join(found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        yield (
            rf"% Needs a typeface (\usepackage{{fontspec}}, \setmainfont) that has {shown}{more}: "
            "what it lacks is left out."
        )


def _latex(table: Table) -> Iterator[str]:
    wide = is_wide(table)
    yield from ([r"\begin{landscape}"] if wide else [])
    # A group keeps the sizes inside; \par ends a paragraph at the size that it was set in.
    yield r"\begingroup\footnotesize\setlength{\tabcolsep}{0.15cm}\setlength{\parindent}{0pt}"
    if table.label:
        yield rf"\textbf{{{table.label}}}\par"
    yield rf"\textit{{{_on_a_line(table.title)}}}\par\nopagebreak"
    width = LANDSCAPE if wide else PORTRAIT
    yield r"\setlength{\LTleft}{0pt}\setlength{\LTpre}{\smallskipamount}"
    yield rf"\begin{{longtable}}{{@{{}}{_columns(table, width)}@{{}}}}"
    if table.mark:  # in the head, which stands on every page
        yield rf"{_spanner(table, 'textbf', table.mark, width)} \\"
    yield from (r"\toprule", _row(column.name for column in table.columns), r"\midrule")
    yield r"\endhead"
    texts = table.texts()
    for heading, indices in table.sections():
        if heading:
            # The star keeps the heading on the page of the row below it.
            yield rf"{_spanner(table, 'textit', heading, width)} \\*"
        yield from (_row(texts[index]) for index in indices)
    yield r"\bottomrule"
    yield r"\end{longtable}"
    if table.note:
        yield rf"\textit{{Note.}} {_on_a_line(table.note)}\par"
    yield r"\endgroup"
    yield from ([r"\end{landscape}"] if wide else [])


def _spanner(table: Table, style: str, heading: str, width: float) -> str:
    """A heading across all columns: of their width, as a claim is a sentence."""
    told = rf"\{style}{{{_on_a_line(heading)}}}"
    return rf"\multicolumn{{{len(table.columns)}}}{{@{{}}p{{{width:.1f}cm}}@{{}}}}{{{told}}}"


def _columns(table: Table, width: float) -> str:
    widths = shared_widths(table, width)
    return "".join(map(_column, table.columns, widths))


def _column(column: Column, width: float) -> str:
    side = r"\raggedright" if column.kind == "text" else r"\raggedleft"
    return rf">{{{side}\arraybackslash}}p{{{max(width - _MARGIN, 0.4):.2f}cm}}"


def _row(cells: Iterable[str]) -> str:
    return rf"{' & '.join(map(escaped_latex, cells))} \\"


def _on_a_line(text: str) -> str:
    """Text where a line cannot be ended."""
    return escaped_latex(" ".join(text.split()))


def escaped_latex(text: str) -> str:
    r"""Text that LaTeX prints as it is; a line ends only between words.

    Examples
    --------
    >>> print(escaped_latex("50% of <5 & more"))
    50\% of \textless{}5 \& more
    >>> print(escaped_latex("≥30\n\n[two]"))
    \ensuremath{\geq}30\newline {[}two{]}
    """
    lines = (line.strip() for line in printable(text).splitlines())
    escaped = ("".join(_LATEX.get(each, each) for each in line) for line in lines if line)
    return _TWICE.sub(r"\1{}", r"\newline ".join(escaped))
