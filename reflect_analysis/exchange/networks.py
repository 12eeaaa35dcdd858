"""Pairs of codes as a network for Gephi, Cytoscape, R or Excel: GraphML, or nodes and edges.

What may be sent holds the pairs of `Pairs.shown` and nothing else: no count of a code by itself,
which a reader could hold against its pairs. The exact network is to be kept, and says so in its
file. Lines have no direction, because occurring together has none.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.disclosure import DEFAULT_K
from reflect_analysis.disclosure.sheets import disarmed
from reflect_analysis.errors import DisclosureError, OutputError
from reflect_analysis.exchange.placing import place_files

if TYPE_CHECKING:
    from reflect_analysis.pairs import CodePair, Pairs

__all__ = ["export_network", "to_network"]

KEEP_MARK = "KEEP: exact counts, never to be sent"
_MEASURES = ("jaccard", "overlap", "lift")


def to_network(pairs: Pairs, *, k: int = DEFAULT_K, exact: bool = False) -> Any:
    """Pairs of codes as a graph of networkx.

    Parameters
    ----------
    pairs : Pairs
    k : int
        As in `Pairs.shown`; at least 3.
    exact : bool
        All pairs that occur, and every code with its number of units: to keep.

    Returns
    -------
    networkx.Graph
        Nodes by code id with ``label`` (and ``units``); lines with ``both``, ``units``,
        ``participants``, ``jaccard``, ``overlap``, ``lift`` and, for layouts, ``weight``
        (Jaccard). ``graph["unit"]`` says in what the codes occur together.
    """
    import networkx as nx

    rows = [row for row in pairs.rows if row.n_both] if exact else pairs.shown(k=k)
    graph = nx.Graph(unit=pairs.unit, draft=pairs.draft)
    if exact:
        graph.graph["keep"] = KEEP_MARK
    codes = {code for row in rows for code in (row.first, row.second)}
    for code in pairs.incidence.codes:
        if exact:
            units = int((pairs.incidence.of(code) == 1).sum())
            graph.add_node(code, label=pairs.names[code], units=units)
        elif code in codes:
            graph.add_node(code, label=pairs.names[code])
    for row in rows:
        graph.add_edge(row.first, row.second, **_line(row))
    return graph


def _line(row: CodePair) -> dict[str, float]:
    measures = {name: round(float(getattr(row, name)), 6) for name in _MEASURES}
    counts = {"both": row.n_both, "units": row.n_units, "participants": row.persons.known}
    return {**counts, **measures, "weight": measures["jaccard"]}


def export_network(
    pairs: Pairs,
    path: str | Path,
    *,
    k: int = DEFAULT_K,
    exact: bool = False,
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write pairs of codes as a network.

    Parameters
    ----------
    pairs : Pairs
    path : str or Path
        Ending in ``.graphml``; or in ``.csv``, which becomes two files, ``NAME-nodes.csv`` and
        ``NAME-edges.csv``, with the columns that Gephi knows.
    k : int
        As in `Pairs.shown`.
    exact : bool
        All pairs with exact counts, to be kept: the files' names begin with ``KEEP-``.
    overwrite : bool
        Whether files of these names may be replaced.

    Returns
    -------
    tuple of Path
        The files written. Their numbers are those of `pairs_table`, which tells them to the
        ledger of releases: send both or neither.

    Raises
    ------
    ValueError
        If the suffix is neither.
    OutputError
        If a file exists.
    DisclosureError
        If exact counts would be written into a report's ``share``.
    """
    target = Path(path)
    if target.suffix.lower() not in {".graphml", ".csv"}:
        raise ValueError(f"no network format {target.suffix!r}; expected .graphml or .csv")
    folders = target.absolute().parents
    if exact and any(p.name == "share" and (p.parent / "keep").is_dir() for p in folders):
        raise DisclosureError(f"{target}: exact counts are to be kept, and 'share' is sent")
    marks = f"{'KEEP-' if exact else ''}{'DRAFT-' if pairs.draft else ''}"
    stem = marks + target.stem.removeprefix("KEEP-").removeprefix("DRAFT-")
    graph = to_network(pairs, k=k, exact=exact)
    files = _graphml(graph, stem) if target.suffix.lower() == ".graphml" else _tables(graph, stem)
    found = [target.with_name(name) for name in files]
    there = [each for each in found if each.exists()]
    if there and not overwrite:
        raise OutputError(f"{there[0]}: exists already; name another file, or say overwrite=True")
    place_files(target.parent, files)
    return tuple(found)


def _graphml(graph: Any, stem: str) -> dict[str, bytes]:
    import networkx as nx

    written = io.BytesIO()
    nx.write_graphml(graph, written, encoding="utf-8", prettyprint=True)
    return {f"{stem}.graphml": written.getvalue()}


def _tables(graph: Any, stem: str) -> dict[str, bytes]:
    nodes = [
        {"Id": code, "Label": node["label"], **_without(node)} for code, node in graph.nodes.data()
    ]
    edges = [
        {"Source": one, "Target": other, "Type": "Undirected", **line}
        for one, other, line in graph.edges.data()
    ]
    line = {"both": 0, "units": 0, "participants": 0, **dict.fromkeys(_MEASURES, 0), "weight": 0}
    return {
        f"{stem}-nodes.csv": _csv(nodes, ("Id", "Label")),
        f"{stem}-edges.csv": _csv(edges, ("Source", "Target", "Type", *line)),
    }


def _without(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != "label"}


def _csv(rows: list[dict[str, Any]], heads: tuple[str, ...]) -> bytes:
    """UTF-8 and LF; a name that a spreadsheet would run is disarmed."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    names = tuple(rows[0]) if rows else heads
    writer.writerow(names)
    for row in rows:
        cells = (row[name] for name in names)
        writer.writerow([disarmed(cell) if isinstance(cell, str) else cell for cell in cells])
    return written.getvalue().encode("utf-8")
