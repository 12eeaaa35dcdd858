"""Pairs, groups, change and saturation as they may be sent: nobody follows from a number."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import Code, Codebook, Group, Origin
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.figures.change import flow_figure, session_grid
from reflect_analysis.figures.pairs import pairs_figure, pairs_network
from reflect_analysis.figures.saturation import saturation_figure
from reflect_analysis.joint import joint_display
from reflect_analysis.matrices import code_matrix
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.saturation import saturation_curve
from reflect_analysis.tables.change import changed_table, states_table
from reflect_analysis.tables.comparison import comparison_table
from reflect_analysis.tables.joint import joint_table
from reflect_analysis.tables.matrices import matrix_table
from reflect_analysis.tables.pairs import pairs_table
from reflect_analysis.tables.saturation import saturation_table
from reflect_analysis.tables.themes import shown_themes
from reflect_analysis.themes import theme_table

BOOK = Codebook(
    (
        Code("tired", "Tired", "d", "g", origin=Origin("p0-1", 0, 3)),
        Code("joy", "Joy", "d", "g", origin=Origin("p0-1", 0, 3)),
    ),
    (Group("g", "Group"),),
)
TEXT = "One two three four five six."


def study(people, *, kind="person", sessions=("1",)):
    """What each of some people says in each session."""
    cases, documents, codings, seen = [], [], [], []
    for n, said in enumerate(people):
        group = "mentor" if n % 2 else "educator"
        cases.append(Case(f"p{n}", Attributes(role=group)))
        for session, codes in zip(sessions, said, strict=True):
            name = f"p{n}-{session}"
            documents.append(
                Document(name, TEXT, case_id=f"p{n}", attributes=Attributes(session=session))
            )
            codings += [Coding(name, 0, 3, code, "ada", kind) for code in codes]
            seen.append(Seen("ada", name, kind))
    return Corpus(tuple(documents), tuple(cases)), Codings(tuple(codings), seen=tuple(seen))


def groups_of(both, tired, joy, neither):
    return [
        *([[{"tired", "joy"}]] * both),
        *([[{"tired"}]] * tired),
        *([[{"joy"}]] * joy),
        *([[set()]] * neither),
    ]


def pairs_of(people, **more):
    corpus, codings = study(people, **more)
    return cooccurrence(codings, corpus=corpus, codebook=BOOK, unit="participant")


def test_a_pair_is_shown_with_its_counts_first():
    table = pairs_table(pairs_of(groups_of(8, 6, 7, 9)))
    assert table.texts()[0][:4] == ("Tired", "Joy", "8", "8 of 30")
    assert "1 of 1 pair is shown" in table.note
    assert [(cell.what, cell.low, cell.total) for cell in table.released[0]] == [
        ("tired and joy", 8, 30)
    ]


@settings(max_examples=60, deadline=None)
@given(*[st.integers(0, 12)] * 4)
def test_no_shown_pair_leaves_one_to_four_people_anywhere(both, tired, joy, neither):
    shown = pairs_of(groups_of(both, tired, joy, neither)).shown()
    for _ in shown:
        assert not {1, 2, 3, 4}.intersection({both, tired, joy})
        assert 5 <= both + tired <= both + tired + joy + neither - 5


def test_an_unreviewed_machine_makes_every_table_a_draft():
    people = groups_of(8, 6, 7, 9)
    corpus, codings = study(people, kind="machine")
    about = {"corpus": corpus, "codebook": BOOK}
    states = {"strain": ["tired"], "recovery": ["joy"]}
    tables = (
        pairs_table(cooccurrence(codings, **about)),
        comparison_table(compare_groups(codings, by="role", **about)),
        states_table(state_changes(codings, states=states, **about)),
        saturation_table(saturation_curve(codings, orders=20, **about)),
    )
    assert all(table.draft for table in tables)
    assert not pairs_table(pairs_of(people)).draft


def test_groups_are_hidden_together_and_tell_the_ledger_what_they_show():
    # Of 15 and 15: joy in 8 and 7; tired in 2 and 5.
    people = [[{"joy"} if n < 15 else set()] for n in range(30)]
    for n in (0, 2, 1, 3, 5, 7, 9):
        people[n] = [people[n][0] | {"tired"}]
    corpus, codings = study(people)
    table = comparison_table(compare_groups(codings, corpus=corpus, codebook=BOOK, by="role"))
    tired, joy = table.texts()
    assert set(tired[1:]) == {"–*"}
    assert joy[1:3] == ("8 of 15", "7 of 15")
    assert table.released[0] == ()
    assert [(cell.where, cell.low) for cell in table.released[1]] == [
        ((("role", "educator"),), 8),
        ((("role", "mentor"),), 7),
    ]


@pytest.mark.parametrize(("lacking", "shown"), [(5, True), (2, False)])
def test_a_code_and_its_subcode_tell_no_few_people_of_a_group(lacking, shown):
    book = Codebook(
        (Code("trust", "Trust", "d", "g"), Code("gained", "Gained", "d", "g", parent="trust")),
        (Group("g", "Group"),),
    )
    # Of 20 and 20; the educators (even) of the parent alone are few, or five.
    said = {n: {"gained"} for n in range(20)} | {2 * n: {"trust"} for n in range(10, 10 + lacking)}
    corpus, codings = study([[said.get(n, set())] for n in range(40)])
    about = {"corpus": corpus, "codebook": book, "by": "role"}
    compared = comparison_table(compare_groups(codings, **about))
    crossed = matrix_table(code_matrix(codings, **about))
    joint = joint_table(joint_display(codings, **about))
    for table in (compared, crossed, joint):
        gained = next(row for row in table.texts() if row[0] == "Gained")
        assert (gained[1] == "10 of 20") is shown
        told = [cell for row in table.released for cell in row if cell.what == "gained"]
        assert any(cell.exact for cell in told) is shown


STATES = {"strain": ["tired"], "recovery": ["joy"]}


def changes_of(people):
    corpus, codings = study(people, sessions=("1", "2"))
    return state_changes(codings, corpus=corpus, codebook=BOOK, states=STATES)


def test_a_state_of_few_people_takes_another_with_it():
    people = [*([[{"tired"}, {"joy"}]] * 2), *([[{"joy"}, set()]] * 8), *([[set(), set()]] * 20)]
    table = states_table(changes_of(people))
    first = {row[0]: row[1] for row in table.texts()}
    assert first["strain"] == first["recovery"] == "–*"
    assert first["not mentioned"] == "20 of 30"
    assert all(cell.what != "strain" for row in table.released for cell in row if cell.low == 2)


def test_who_changed_stands_both_ways_or_not_at_all():
    many = [*([[{"tired"}, {"joy"}]] * 8), *([[set(), {"tired"}]] * 7)]
    many += [*([[set(), set()]] * 20), *([[{"tired"}, {"tired"}]] * 6)]
    strain, _ = changed_table(changes_of(many)).texts()
    assert strain[1:5] == ("6 of 41", "7 of 41", "8 of 41", "20 of 41")
    few = changed_table(changes_of([*many, [{"joy"}, set()]])).texts()[1]
    assert set(few[1:]) == {"–*"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(itertools.product(["t", "j", ""], repeat=2))), min_size=6))
def test_a_hidden_state_is_never_the_rest_of_the_others(moves):
    says = {"t": {"tired"}, "j": {"joy"}, "": set()}
    changes = changes_of([[says[a], says[b]] for a, b in moves])
    counts = changes.counts()
    table = states_table(changes)
    for place, session in enumerate(changes.sessions, start=1):
        hidden = [row[0] for row in table.texts() if row[place] == "–*"]
        assert len(hidden) != 1
        for name in set(changes.names) - set(hidden):
            assert counts.loc[name, session] not in {1, 2, 3, 4}


def test_the_saturation_table_tells_no_order_of_persons():
    corpus, codings = study([[{"tired"}], [{"joy"}], *[[set()]] * 10])
    curve = saturation_curve(codings, corpus=corpus, codebook=BOOK, orders=50)
    table = saturation_table(curve, every=4)
    assert [row[0] for row in table.texts()] == ["12"]
    assert [row[0] for row in saturation_table(curve).texts()] == ["5", "12"]
    assert table.texts()[-1][1] == "2.0"
    with pytest.raises(ValueError, match="at least 1"):
        saturation_table(curve, every=0)


@pytest.mark.parametrize("draw", [pairs_figure, pairs_network])
def test_a_figure_of_pairs_draws_those_that_may_be_sent(draw):
    full = draw(pairs_of(groups_of(8, 6, 7, 9)))
    assert list(full.data.n_both) == [8]
    assert "Tired and Joy 0.38" in full.alt_text
    empty = draw(pairs_of(groups_of(8, 3, 7, 9)))
    assert empty.data.empty
    assert b"No pair of codes may be shown" in empty.svg


MOVES = [*([[{"tired"}, {"joy"}]] * 8), *([[set(), {"tired"}]] * 7), *([[set(), set()]] * 20)]


def test_flows_of_few_people_are_not_drawn():
    figure = flow_figure(changes_of([*MOVES, *([[{"tired"}, set()]] * 2)]))
    moves = figure.data[figure.data.to_state != ""]
    assert (moves.participants >= 5).all()
    assert "hidden" not in figure.alt_text.split("Flows")[1]
    assert (moves.set_index(["state", "to_state"]).participants).get(("tired", "none")) is None


def test_a_figure_without_a_flow_says_so_in_the_picture_and_in_words():
    told = "Flows: none is drawn, as each could point to persons."
    without = flow_figure(changes_of([[{"tired"}, {"joy"}]] * 2 + [[set(), set()]] * 3))
    assert told in without.alt_text
    assert told in without.svg.decode("utf-8")
    some = flow_figure(changes_of([*MOVES, *([[{"tired"}, {"tired"}]] * 9)]))
    assert " from " in some.alt_text
    assert told not in some.alt_text + some.svg.decode("utf-8")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(list(itertools.product(["t", "j", ""], repeat=2))), min_size=6))
def test_no_flow_or_block_of_the_figure_is_one_to_four_people(moves):
    says = {"t": {"tired"}, "j": {"joy"}, "": set()}
    data = flow_figure(changes_of([[says[a], says[b]] for a, b in moves])).data
    shown = data[data.state != "hidden"]
    assert not set(shown.participants) & {1, 2, 3, 4}


def test_the_grid_says_that_it_is_kept():
    figure = session_grid(changes_of(MOVES[:6]))
    assert figure.name.startswith("KEEP")
    assert b"never to be sent" in figure.svg
    assert len(figure.data) == 12


def test_the_curve_draws_no_order_of_persons():
    corpus, codings = study([[{"tired"}], [{"joy"}], [set()], [set()], [set()], [set()]])
    curve = saturation_curve(codings, corpus=corpus, codebook=BOOK, orders=50)
    figure = saturation_figure(curve)
    assert list(figure.data.columns) == ["n", "mean", "low", "high"]
    assert figure.svg == saturation_figure(curve).svg


def test_a_state_and_a_code_of_one_name_are_two_things_to_the_ledger():
    # Sixteen of 32 are tired at first, eight of them again; the state is called as the code is.
    people = [[{"tired"} if n < 16 else set(), {"tired"} if n < 8 else set()] for n in range(32)]
    corpus, codings = study(people, sessions=("1", "2"))
    about = {"corpus": corpus, "codebook": BOOK}
    changes = state_changes(codings, states={"tired": ["tired"], "joy": ["joy"]}, **about)
    told = states_table(changes).told + changed_table(changes).told
    assert {cell.what for cell in changed_table(changes).told} >= {"state tired"}
    themes = {cell.what for cell in shown_themes(theme_table(codings, **about)).told}
    assert "tired" in themes
    assert all(cell.what.startswith("state ") for cell in told)
    assert not themes & {cell.what for cell in told}
    # What is withheld of a code leaves the state of its name, and the other way round.
    assert states_table(changes).without({"tired"}) == states_table(changes)
    assert states_table(changes).without({"state tired"}) != states_table(changes)
