"""A nought that is printed tells of nobody, and what follows from it is no secret kept."""

import re

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import StateChanges, state_changes
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.disclosure.counts import HIDDEN
from reflect_analysis.disclosure.linked import People, ToldRow, hidden_rows
from reflect_analysis.figures import flow_figure
from reflect_analysis.report.further import show_further
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.study import Study
from reflect_analysis.tables import changed_table, first_session_table, shown_themes, states_table

K = 5
CODES = {"t": "tired", "w": "well"}
BOOK = Codebook(
    tuple(Code(each, each.title(), "A thing.", "all") for each in CODES.values()),
    (Group("all", "All"),),
)
STATES = {"strain": ("tired",), "recovery": ("well",)}


def study_of(*paths):
    """So many people for each path: what they say in each session; "-" no text, "?" no session."""
    people = [path.split() for n, path in paths for _ in range(n)]
    documents, rows = [], []
    for number, path in enumerate(people):
        for place, said in enumerate(path, 1):
            if said == "-":
                continue
            session = Attributes() if said == "?" else Attributes(session=str(place))
            words = f"Day {number} of week {place} was wet."
            document = Document(
                f"P{number:02}-S{place}", words, case_id=f"P{number:02}", attributes=session
            )
            documents.append(document)
            rows += [Coding(document.id, 0, 5, CODES[each], "c", "person")
                     for each in said.strip(".?")]  # fmt: skip
    corpus = Corpus(tuple(documents), tuple(Case(f"P{n:02}") for n in range(len(people))))
    codings = Codings(tuple(rows), seen=tuple(Seen("c", d.id, "person") for d in documents))
    values = {"corpus": corpus, "codebook": BOOK}
    changes = state_changes(codings, **values, states=STATES)
    return Study(**values, codings=codings, k=K, further=(changes,))


def of_report(*paths) -> StateChanges:
    (found,) = protected(study_of(*paths))
    return found


# Fourteen are tired and twelve well, all of these tired as well: nobody is well alone.
ONE_SESSION = ((2, "t"), (12, "tw"), (20, "."))
# Two of thirty have no text with a session.
UNDATED = ((14, "t"), (14, "w"), (2, "?"))


def test_a_printed_nought_does_not_give_back_who_says_one_thing_alone():
    study = study_of(*ONE_SESSION)
    themes = {row[0]: row[1] for row in shown_themes(study.themes, k=K).texts()}
    assert (themes["Tired"], themes["Well"]) == ("14 of 34", "12 of 34")
    (changes,) = protected(study)
    # With nobody well alone, fourteen less twelve are the two.
    assert changes.shown(k=K)["recovery", "1"] is None


def test_nor_where_the_table_is_asked_for_alone():
    (changes,) = study_of(*ONE_SESSION).further
    assert changes.shown(k=K)["recovery", "1"] is None


def test_a_nought_from_which_nothing_follows_stands():
    changes = of_report((12, "t"), (12, "w"), (12, "."))
    assert changes.shown(k=K)["both", "1"] == 0


def test_a_count_like_which_nobody_was_imagined_is_held_back_too():
    study = study_of(*ONE_SESSION)
    people = People(study.further[0].texts, imagined=1)
    tired, well = people.said(["tired"]), people.said(["well"])
    parts = ((tired, people.everyone()), (well, people.everyone()))
    rows = [ToldRow("tired", (tired,), parts), ToldRow("both", (tired & well,), parts)]
    assert hidden_rows(people, rows, k=K) == {"both"}


# ── of how many change is told ──


def told_by(changes):
    """All that tables and figure of change say, beside the note on what is hidden."""
    tables = [states_table(changes, k=K), first_session_table(changes, k=K)]
    tables += [changed_table(changes, k=K)] if len(changes.sessions) > 1 else []
    for table in tables:
        yield table.note.partition("Counts of 1 to")[0]
        yield from (cell for row in table.texts() for cell in row[1:])
    figure = flow_figure(changes, k=K)
    yield from (figure.alt_text.partition("sessions")[2], figure.data.to_csv())


def tells(changes, number):
    return any(number in re.findall(r"\d+", words) for words in told_by(changes))


@pytest.mark.parametrize("paths", [UNDATED, ((14, "t t"), (14, "w w"), (2, "? -"))])
def test_how_many_have_no_session_is_not_told_where_they_are_few(paths):
    changes = of_report(*paths)
    assert not tells(changes, "28")
    assert not tells(changes, "14")
    assert changes.shown_people(k=K) is None
    assert changes.shown_moves(k=K) == {}
    assert changes.shown_changed(k=K) == () if len(changes.sessions) > 1 else True
    assert f"N = {HIDDEN}" in states_table(changes, k=K).note
    assert not any(states_table(changes, k=K).released or ())


def test_where_they_are_many_or_nobody_it_is_told():
    for more in ((), ((9, "?"),)):
        changes = of_report((14, "t"), (14, "w"), *more)
        assert changes.shown_people(k=K) == 28
        assert tells(changes, "28")


def test_the_report_has_a_sentence_where_all_is_withheld():
    (shown,) = show_further(study_of(*UNDATED), number=2, quotes={})
    assert "Every count is hidden" in " ".join(p for p in shown.parts if isinstance(p, str))


# ── what is asked for beside what a report tells ──


def test_all_that_can_be_asked_for_is_held_against_one_another(monkeypatch):
    told = []

    def noted(people, rows, **more):
        told.append([row.key for row in rows])
        return frozenset()

    monkeypatch.setattr("reflect_analysis.change.beside.hidden_beside_themes", noted)
    (changes,) = study_of((9, "t t w"), (9, "w w t"), (9, ". . .")).further
    changes.shown_first("strain", k=K)
    changes.shown_first("recovery", k=K)
    everything, usual = told
    assert everything[: len(usual)] == usual  # so that neither depends on the other
    firsts = [key[1] for key in everything if key[0] == "first"]
    assert (firsts[0], firsts[-1]) == ("recovery", "strain")
    spans = {key[2:] for key in everything if key[0] == "changed"}
    assert spans == {("1", "3"), ("1", "2"), ("2", "3")}


def test_change_that_is_withheld_is_withheld_backwards_too():
    (changes,) = study_of((9, "t t w"), (9, "w w t"), (9, ". . .")).further
    assert len(changes.shown_changed("2", "1", k=K)) == 2
    changes.hidden_before[K, False] = frozenset({("changed", "strain", "1", "2")})
    for sessions in (("1", "2"), ("2", "1")):
        assert [row.state for row in changes.shown_changed(*sessions, k=K)] == ["recovery"]


def test_what_a_report_withholds_is_not_asked_for_at_another_threshold():
    changes = of_report((14, "t"), (14, "w"))
    asks = (changes.shown, changes.shown_first, changes.shown_moves, changes.shown_people)
    for ask in asks:
        with pytest.raises(ValueError, match="found for k = 5; ask with that"):
            ask(k=3)
    assert changes.shown(k=K)["strain", "1"] == 14
