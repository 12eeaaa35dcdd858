"""From a number back to its passages: the number counted again is the number."""

from dataclasses import replace

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import Coding, Codings, Seen, read_codings
from reflect_analysis.comparison import compare_groups
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.demo import demo_files
from reflect_analysis.errors import UnknownIdError
from reflect_analysis.frameworks import fill_framework, read_framework
from reflect_analysis.joint import joint_display
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.readers import read_corpus
from reflect_analysis.segmentation import segment
from reflect_analysis.tables.tracing import trace_table
from reflect_analysis.themes import theme_table
from reflect_analysis.tracing import trace_count


@pytest.fixture(scope="module")
def log():
    return read_codings(*demo_files().codings)


@pytest.fixture(scope="module")
def study():
    files = demo_files()
    return {"corpus": read_corpus(files.corpus), "codebook": read_codebook(files.codebook)}


def test_every_row_of_the_theme_table_can_be_traced(log, study):
    for row in theme_table(log, **study).rows:
        found = trace_count(log, row.code_id, **study)
        assert found.of_participants == row.of_participants
        assert (found.participants, found.reflections, len(found)) == (
            row.participants or 0,
            row.reflections or 0,
            row.references or 0,
        )


@pytest.mark.parametrize("unit", ["reflection", "participant", "segment"])
def test_every_pair_can_be_traced(log, study, unit):
    segments = segment(study["corpus"], by="paragraph") if unit == "segment" else None
    pairs = cooccurrence(log, unit=unit, segments=segments, **study)
    together = [row for row in pairs.rows if row.n_both][::25]
    assert together
    for row in together:
        found = trace_count(
            log, row.first, with_code=row.second, unit=unit, segments=segments, **study
        )
        assert found.together == (row.n_both, row.n_units)
        assert found.participants == row.persons.known
        assert {each.code_id for each in found.passages} == {row.first, row.second}


def test_groups_of_a_comparison_and_states_of_a_session_can_be_traced(log, study):
    compared = compare_groups(log, by="experience", **study)
    for row in compared.rows[:4]:
        found = trace_count(log, row.code_id, where={"experience": row.first}, **study)
        assert (found.participants, found.of_participants) == (row.n_first, row.of_first)
    states = {"strain": ["exhaustion", "detachment"], "recovery": ["burnout_recovery", "renewal"]}
    changes = state_changes(log, states=states, **study)
    for session in changes.sessions:
        frame = changes.to_frame().query("session == @session")
        strained = set(frame[frame["state"].isin(["strain", "both"])]["case_id"])
        found = trace_count(log, states["strain"], session=session, **study)
        assert {row.case_id for row in found.passages} == strained


def test_groups_that_a_report_joins_are_named_by_their_values(log, study):
    compared = compare_groups(log, by="role", groups=("ECE", "others"), **study)
    roles = {case.attributes["role"] for case in study["corpus"].cases} - {"ECE"}
    for row in compared.rows[:4]:
        found = trace_count(log, row.code_id, where={"role": ", ".join(sorted(roles))}, **study)
        assert (found.participants, found.of_participants) == (row.n_second, row.of_second)
    display = joint_display(log, by="role", **study)
    isolation = next(each for each in display.rows if each.code_id == "isolation")
    share = next(each for each in isolation.groups if each.group == "Other groups")
    found = trace_count(log, "isolation", where={"role": ",".join(display.joined)}, **study)
    assert (found.participants, found.of_participants) == (share.n, share.of)


def test_who_bears_no_value_is_named_as_the_report_names_them(log, study):
    cases = tuple(
        replace(case, attributes=Attributes()) if case.attributes["role"] == "Supervisor" else case
        for case in study["corpus"].cases
    )
    without = replace(study["corpus"], cases=cases)
    about = {"corpus": without, "codebook": study["codebook"]}
    there = trace_count(log, "isolation", where={"role": "Supervisor"}, **study)
    found = trace_count(log, "isolation", where={"role": "not known"}, **about)
    assert (found.participants, len(found)) == (there.participants, len(there))


@pytest.mark.parametrize("asked", ["not known", "ECE, not known"])
def test_not_known_is_refused_where_everybody_who_was_read_bears_a_value(log, study, asked):
    with pytest.raises(UnknownIdError, match="role is known of every text that was read for it"):
        trace_count(log, "isolation", where={"role": asked}, **study)


def test_a_value_with_a_comma_is_one_value(log, study):
    documents = (Document("q", "Glad of it.", attributes=Attributes(place="Thunder Bay, ON")),)
    codings = Codings((Coding("q", 0, 4, "isolation", "ada"),), seen=(Seen("ada", "q"),))
    about = {"corpus": Corpus(documents), "codebook": study["codebook"]}
    assert len(trace_count(codings, "isolation", where={"place": "Thunder Bay, ON"}, **about)) == 1


@pytest.mark.parametrize("asked", ["others", "Other groups", "ECE,others"])
def test_the_joined_group_itself_is_refused_with_how_it_is_named(log, study, asked):
    told = "no text has role .*is named by its values with commas, for instance role="
    with pytest.raises(UnknownIdError, match=told):
        trace_count(log, "isolation", where={"role": asked}, **study)


def test_accounts_for_a_row_of_a_framework_can_be_traced(log, study):
    shelf = demo_files().codebook.parent / "frameworks"
    filled = fill_framework(read_framework(shelf / "mentorship-decision-matrix.yaml"), log, **study)
    rows = [row for row in filled.rows if row.supports.passages]
    assert rows
    for row in rows:
        found = trace_count(log, row.row.supports, **study)
        assert found.participants == row.supports.persons.known
        assert found.reflections == row.supports.reflections


def test_one_participant_and_one_passage_are_found(log, study):
    found = trace_count(log, "isolation", case="P01", **study)
    assert {row.case_id for row in found.passages} == {"P01"}
    row = found.passages[0]
    text = study["corpus"].document(row.document_id).text
    assert row.text == text[row.start : row.end]
    assert row.text not in repr(found) + repr(row) + found._repr_html_()
    assert "text" not in found.to_frame()
    assert found.to_frame(words=True)["text"].tolist()[0] == row.text
    assert trace_table(found).keep


def test_what_nobody_read_for_is_no_nought(log, study):
    found = trace_count(log, "unsettling", **study)
    assert found.counts == (("participants", "– (nobody read for it)"),)


def test_what_nobody_has_is_named_with_what_there_is(log, study):
    with pytest.raises(UnknownIdError, match="no code 'isolaton'; did you mean 'isolation'"):
        trace_count(log, "isolaton", **study)
    with pytest.raises(UnknownIdError, match="no case 'P99'"):
        trace_count(log, "isolation", case="P99", **study)
    with pytest.raises(UnknownIdError, match="there are 1, 2, 3"):
        trace_count(log, "isolation", session="9", **study)
    with pytest.raises(UnknownIdError, match="'rol'; did you mean 'role'"):
        trace_count(log, "isolation", where={"rol": "ECE"}, **study)


def test_all_that_nobody_has_is_told_at_once(log, study):
    about = {"rol": "ECE", "role": "Cook", "experience": "new, old"}
    with pytest.raises(UnknownIdError) as told:
        trace_count(
            log, "isolaton", with_code="renewl", session="9", case="P99", where=about, **study
        )
    names = ["'isolaton'", "'renewl'", "'P99'", "'9'", "'rol'", "'Cook'", "'old'"]
    assert len(told.value.faults) == len(names)
    for name, fault in zip(names, told.value.faults, strict=True):
        assert name in fault


def test_a_code_that_is_retired_is_refused_by_name(log, study):
    book = study["codebook"].retire("renewal", by="lead", reason="Not used.")
    with pytest.raises(UnknownIdError, match="code 'renewal' is retired"):
        trace_count(log, "renewal", corpus=study["corpus"], codebook=book)


def test_a_text_of_an_unknown_writer_is_a_reflection_and_no_participant(study):
    texts = (
        Document("q", "Glad of it.", attributes=Attributes(session="1")),
        Document("r", "Glad of it.", case_id="P1"),
    )
    log = Codings(
        tuple(Coding(each.id, 0, 4, "isolation", "ada") for each in texts),
        seen=tuple(Seen("ada", each.id) for each in texts),
    )
    corpus = Corpus(texts, (Case("P1"),))
    found = trace_count(log, "isolation", corpus=corpus, codebook=study["codebook"])
    assert (found.participants, found.reflections, len(found)) == (1, 2, 2)
    assert {row.case_id for row in found.passages} == {None, "P1"}
