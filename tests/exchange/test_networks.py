"""Pairs as a network: what may be sent holds the pairs that may be shown and nothing else."""

import csv

import networkx as nx
import pytest

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import DisclosureError, OutputError
from reflect_analysis.exchange.networks import export_network, to_network
from reflect_analysis.pairs import cooccurrence

BOOK = Codebook(
    (
        Code("joy", "=Joy", "d", "g"),
        Code("tired", "Tired", "d", "g"),
        Code("far", "Far", "d", "g"),
    ),
    (Group("g", "Group"),),
)


def pairs_of(*, kind="person"):
    """Of 30: joy and tired together in 8, each alone in 6; far with joy in 2."""
    said = [("joy", "tired")] * 8 + [("joy",)] * 6 + [("tired",)] * 6 + [()] * 8
    said += [("joy", "far")] * 2
    cases = tuple(Case(f"p{n:02}") for n in range(30))
    texts = tuple(Document(f"d{n:02}", "One two.", case_id=f"p{n:02}") for n in range(30))
    codings = [
        Coding(f"d{n:02}", 0, 3, code, "ada", kind)
        for n, codes in enumerate(said)
        for code in codes
    ]
    log = Codings(tuple(codings), seen=tuple(Seen("ada", text.id, kind) for text in texts))
    return cooccurrence(log, corpus=Corpus(texts, cases), codebook=BOOK, unit="participant")


def test_what_may_be_sent_has_no_pair_of_few_and_no_count_of_a_code():
    graph = to_network(pairs_of())
    assert set(graph.nodes) == {"joy", "tired"}
    assert graph.edges["joy", "tired"]["both"] == 8
    assert set(graph.nodes["joy"]) == {"label"}
    exact = to_network(pairs_of(), exact=True)
    assert exact.edges["joy", "far"]["both"] == 2
    assert exact.nodes["far"]["units"] == 2
    assert exact.graph["keep"].startswith("KEEP")


def test_graphml_is_read_back(tmp_path):
    (path,) = export_network(pairs_of(), tmp_path / "my pairs.graphml")
    back = nx.read_graphml(path)
    assert back.edges["joy", "tired"]["jaccard"] == pytest.approx(8 / 22, abs=1e-6)
    assert not back.is_directed()
    assert back.graph["unit"] == "participant"


def test_nodes_and_edges_are_two_tables_in_which_nothing_runs(tmp_path):
    nodes, edges = export_network(pairs_of(), tmp_path / "pairs.csv")
    assert (nodes.name, edges.name) == ("pairs-nodes.csv", "pairs-edges.csv")
    with nodes.open(encoding="utf-8", newline="") as file:
        assert [row["Label"] for row in csv.DictReader(file)] == ["'=Joy", "Tired"]
    with edges.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Source"], row["Target"], row["Type"]) == ("joy", "tired", "Undirected")


def test_exact_counts_and_drafts_say_so_in_the_name(tmp_path):
    (path,) = export_network(pairs_of(kind="machine"), tmp_path / "a.graphml", exact=True)
    assert path.name == "KEEP-DRAFT-a.graphml"
    (again,) = export_network(pairs_of(kind="machine"), path, exact=True, overwrite=True)
    assert again == path


def test_exact_counts_do_not_go_into_share_and_nothing_is_replaced(tmp_path):
    (tmp_path / "share").mkdir()
    (tmp_path / "keep").mkdir()
    with pytest.raises(DisclosureError):
        export_network(pairs_of(), tmp_path / "share" / "a.csv", exact=True)
    export_network(pairs_of(), tmp_path / "a.csv")
    with pytest.raises(OutputError, match="overwrite"):
        export_network(pairs_of(), tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"expected \.graphml or \.csv"):
        export_network(pairs_of(), tmp_path / "a.gexf")
