"""``trace``: every kind of number in a report is counted again, and its passages are listed."""

import json
import re
from itertools import product

import openpyxl
import pytest
from typer.testing import CliRunner

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.cli import app
from reflect_analysis.cli.trace import trace
from reflect_analysis.codebook import read_codebook
from reflect_analysis.codings import Coding, Codings, Seen, read_codings
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.demo import demo_files
from reflect_analysis.errors import AgreementError, ReportError, UnknownIdError
from reflect_analysis.frameworks import fill_framework, read_framework
from reflect_analysis.joint import joint_display
from reflect_analysis.project import Project
from reflect_analysis.readers import read_corpus
from reflect_analysis.reliability import measure_agreement
from reflect_analysis.segmentation import segment
from reflect_analysis.themes import theme_table

SPEC = "strain=exhaustion,detachment;recovery=burnout_recovery,renewal"
STATES = {
    "strain": ["exhaustion", "detachment"],
    "recovery": ["burnout_recovery", "renewal"],
}
DATED = Attributes(session="1")
NOWHERE = ("in no session", "--state", "strain", "--way", "first")
SHELF = demo_files().codebook.parent / "frameworks"


@pytest.fixture(scope="module")
def values():
    files = demo_files()
    return {
        "codings": read_codings(*files.codings),
        "corpus": read_corpus(files.corpus),
        "codebook": read_codebook(files.codebook),
    }


@pytest.fixture(scope="module")
def study(values, tmp_path_factory):
    path = tmp_path_factory.mktemp("a study") / "study.reflect"
    with Project.create(path, title="A study", by="lead") as project:
        project.save(by="lead", **values)
    return path


@pytest.fixture(scope="module")
def changes(values):
    return state_changes(**values, states=STATES)


def ask(*arguments):
    return CliRunner().invoke(app, ["trace", *map(str, arguments)])


def told(*arguments):
    done = ask(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_sizes_of_a_study_are_those_at_the_head_of_its_report(study, values):
    found = told(study, "--words")
    assert (found["texts"], found["participants"]) == ("197", "34")
    assert len({row["document_id"] for row in found["list"]}) == 197
    assert len({row["case_id"] for row in found["list"]} - {""}) == 34
    assert sum(int(n) for name, n in found.items() if name.startswith("of the kind")) == 197
    read = {row.document_id for row in values["codings"].seen}
    assert found["texts read"] == str(len(read & {row["document_id"] for row in found["list"]}))


def test_every_figure_of_a_row_of_the_theme_table_is_counted_again(study, values):
    (row,) = [r for r in theme_table(**values).rows if r.code_id == "isolation"]
    found = told(study, "isolation")
    assert found["participants"] == f"{row.participants} of {row.of_participants}"
    assert found["passages a participant (median)"] == f"{row.median_references:g}"
    assert found["communities"] == str(row.communities)


def test_each_state_of_each_session_is_traced_to_its_participants(study, changes):
    counts = changes.counts()
    for state, session in [("strain", "1"), ("not mentioned", "2"), ("no text", "1")]:
        asked = (study, "--states", SPEC, "--state", state, "--session", session, "--words")
        found = told(*asked)
        people = {row["case_id"] for row in found["list"]}
        assert found["participants"] == f"{counts.loc[state, session]} of 34"
        assert people == set(changes.people(state, session))
        coded = {row["case_id"] for row in found["list"] if row["text"]}
        assert coded == (people if state == "strain" else set())


def test_every_transition_is_made_of_the_people_who_made_it(changes):
    for first, last in (("1", "2"), ("1", "3")):
        moves = changes.transitions(first, last)
        for before, after in product(changes.names, changes.names):
            both = set(changes.people(before, first)) & set(changes.people(after, last))
            assert len(both) == moves.loc[before, after]


def test_a_single_transition_and_a_row_of_who_changed_are_traced(study, changes):
    moves = changes.transitions("1", "3")
    after = next(name for name in moves.columns if moves.loc["strain", name])
    asked = (study, "--states", SPEC, "--state", "strain", "--session", "1")
    found = told(*asked, "--then", after, "--later", "3")
    assert found["participants"] == f"{moves.loc['strain', after]} of 34"
    for row in changes.changed():
        for way in ("kept", "gained", "lost", "never"):
            found = told(study, "--states", SPEC, "--state", row.state, "--way", way, "--words")
            assert found["participants"] == f"{getattr(row, way)} of {row.paired}"
            people = {each["case_id"] for each in found["list"]}
            assert people == set(changes.ways(row.state, row.first, row.last)[way])


@pytest.mark.parametrize("state", STATES)
def test_each_row_of_the_first_sessions_is_made_of_the_people_whose_first_it_is(
    study, changes, state
):
    counts, first = changes.first_counts(state), changes.first_session(state)
    for session, n in counts.items():
        asked = ("--states", SPEC, "--state", state, "--way", "first", "--session", session)
        found = told(study, *asked, "--words")
        assert found["participants"] == f"{n} of {len(changes.participants)}"
        people = {row["case_id"] for row in found["list"]}
        assert len(people) == n
        if session in changes.sessions:
            assert people == {each for each, there in first.items() if there == session}
    assert sum(counts.values()) == len(changes.participants)


@pytest.mark.parametrize("state", STATES)
def test_behind_who_mentioned_one_state_stand_no_passages_of_the_other(study, state):
    asked = (study, "--states", SPEC, "--state", state, "--words")
    first = {each: told(*asked, "--way", "first", "--session", each) for each in "123"}
    nowhere = told(*asked, "--way", "first", "--session", "in no session")
    assert nowhere["participants"].split()[0] != "0"
    for found in (nowhere, told(*asked, "--way", "never")):
        assert found["passages"] == "0"
        assert not any(row["text"] for row in found["list"])
    for found in (*first.values(), *(told(*asked, "--way", way) for way in ("kept", "lost"))):
        about = {row["about"].partition(":")[0] for row in found["list"] if row["text"]}
        assert about <= {state}
    assert first["1"]["passages"] != "0"


def test_a_passage_in_a_text_that_was_not_read_for_all_codes_is_in_no_state(tmp_path, values):
    texts = [Document(f"t{n}", "So tired.", case_id="P1", attributes=DATED) for n in (1, 2)]
    log = Codings(
        (Coding("t2", 0, 9, "exhaustion", "ada"),),
        seen=(Seen("ada", "t1"), Seen("ada", "t2", codes=("exhaustion",))),
    )
    path = tmp_path / "half read.reflect"
    with Project.create(path, title="A study", by="lead") as project:
        corpus = Corpus(tuple(texts), (Case("P1"),), (Clearance(texts[0].sha256, "ada", "read"),))
        project.save(by="lead", corpus=corpus, codebook=values["codebook"], codings=log)
    asked = (path, "--states", SPEC, "--session")
    for more in (("1", "--state", "not mentioned"), NOWHERE):
        found = told(*asked, *more, "--words")
        assert (found["participants"], found["passages"]) == ("1 of 1", "0")
        assert found["list"][1]["about"].startswith("not read for all of the codes")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--session", "9"), "--session"),
        ((), "--session"),
        (("--session", "1", "--later", "3"), "--later"),
    ],
)
def test_a_first_session_is_one_session_that_there_is(study, more, named):
    done = ask(study, "--states", SPEC, "--state", "recovery", "--way", "first", *more)
    assert done.exit_code == 2
    assert f"Invalid value for {named}:" in done.output


def test_what_has_no_passages_of_its_own_says_where_it_comes_from(study):
    for kind in re.search(r"--origin (programmes[^.]*)\.", trace.__doc__)[1].split(","):
        assert told(study, "--origin", kind.strip())["asked"] == kind.strip()
    assert "programmes.csv" in ask(study, "--origin", "programmes").stdout
    assert "--coder" in told(study, "--origin", "coefficients")["from"]
    assert told("--origin", "programmes") == told(study, "--origin", "programmes")
    wrong = ask("--origin", "weather")
    assert wrong.exit_code == 2
    assert "coefficients" in wrong.output


@pytest.mark.parametrize("asked", [(), ("--words",), ("--way", "first"), ("--case", "P07")])
def test_all_but_an_origin_needs_a_study(asked):
    done = ask(*asked)
    assert done.exit_code == 2
    assert "Missing argument 'STUDY'." in done.stderr
    assert "Usage: " in done.stderr


def test_groups_of_codes_are_states_as_in_the_report(study):
    spec = "strain=strain_recovery;company=belonging_codes"
    assert isinstance(
        ask(study, "--states", spec, "--state", "strain", "--session", "1").exception,
        UnknownIdError,
    )
    spec = "strain=strain_recovery;company=mentoring"
    assert told(study, "--states", spec, "--state", "company", "--session", "1")["participants"]


def test_agreement_is_counted_again_with_every_unit_in_which_a_coder_found_the_code(study, values):
    measured = measure_agreement(**values).row("isolation")
    both, first, second, neither = measured.table
    coders = ("--coder", "coder-1", "--coder", "coder-2")
    found = told(study, "isolation", *coders, "--words")
    assert found["found by both"] == str(both)
    assert (found["by coder-1 alone"], found["by coder-2 alone"]) == (str(first), str(second))
    assert found["by neither"] == str(neither)
    assert found["alpha"] == f"{measured.alpha.value:.3f}"
    units = {
        about: len({row["document_id"] for row in found["list"] if row["about"] == about})
        for about in {row["about"] for row in found["list"]}
    }
    assert units.get("isolation: coder-1 and coder-2", 0) == both
    assert units.get("isolation: coder-1 alone", 0) == first
    assert units.get("isolation: coder-2 alone", 0) == second


@pytest.mark.slow
def test_agreement_by_sentence_lists_the_sentences_on_which_coders_differ(study, values):
    segments = segment(values["corpus"])
    measured = measure_agreement(**values, segments=segments, draws=1).row("isolation")
    _, first, second, _ = measured.table
    coders = ("--coder", "coder-1", "--coder", "coder-2")
    found = told(study, "isolation", *coders, "--unit", "sentence", "--words")
    assert found["units read by at least two"] == str(measured.units)
    assert (found["by coder-1 alone"], found["by coder-2 alone"]) == (str(first), str(second))
    alone = [row for row in found["list"] if row["about"].endswith("alone")]
    assert bool(alone) == bool(first + second)


def test_a_topic_and_its_overlap_with_a_code_are_traced(study, values, tmp_path):
    texts = [each for each in values["corpus"].permitted("topics") if each.case_id][:6]
    rows = ["topic,words,segment_id,document_id,case_id,similarity,stability"]
    rows += [f"{n % 2},owl,{d.id}:0-{len(d.text)},{d.id},,0.5,stable" for n, d in enumerate(texts)]
    file = tmp_path / "topics.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    found = told(study, "--topic", "1", "--topics", file, "--words")
    mine = texts[1::2]
    assert found["texts"] == "3"
    assert found["participants"] == str(len({each.case_id for each in mine}))
    assert [row["text"] for row in found["list"]] == [each.text for each in mine]
    coded = {c.document_id for c in values["codings"] if c.code_id == "isolation"}
    with_code = told(study, "isolation", "--topic", "1", "--topics", file)
    assert with_code["texts"] == f"{sum(each.id in coded for each in mine)} of 3"
    file.write_text("\n".join([*rows, "1,owl,gone:0-3,gone,,0.5,stable"]), encoding="utf-8")
    assert isinstance(ask(study, "--topic", "1", "--topics", file).exception, ReportError)
    assert ask(study, "--topic", "7", "--topics", file).exit_code == 2


def test_both_sides_of_a_framework_and_groups_of_a_joint_display_are_traced(study, values):
    file = SHELF / "mentorship-decision-matrix.yaml"
    filled = fill_framework(read_framework(file), **values)
    row = next(each for each in filled.rows if each.row.id == "onboarding")
    asked = (study, "--framework", file, "--row", "onboarding")
    for side, more in ((row.supports, ()), (row.contradicts, ("--against",))):
        found = told(*asked, *more)
        assert found["participants"] == f"{side.persons.known} of {side.of_persons.known}"
    assert ask(study, "--framework", file, "--row", "interdisciplinary").exit_code == 2
    assert isinstance(ask(study, "--framework", file, "--row", "x").exception, UnknownIdError)
    joint = joint_display(**values, by="experience")
    (isolation,) = [each for each in joint.rows if each.code_id == "isolation"]
    for share in isolation.groups:
        found = told(study, "isolation", "--attribute", f"experience={share.group}")
        assert found["participants"] == f"{share.n} of {share.of}"


def test_words_are_shown_and_written_only_when_asked_for_and_marked_as_kept(study, tmp_path):
    asked = (study, "--states", SPEC, "--state", "strain", "--session", "1")
    plain, full = ask(*asked), ask(*asked, "--words")
    assert "“" not in plain.stdout
    assert "exact counts: keep them" in plain.stdout
    assert full.stdout.count("“") == int(told(*asked)["passages"])
    done = ask(*asked, "--out", tmp_path / "strain.xlsx")
    assert "never send it" in done.stdout
    assert openpyxl.load_workbook(tmp_path / "strain.xlsx").sheetnames[0].startswith("KEEP")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["--state", "strain"], "--states and --state belong together"),
        (["--states", SPEC, "--state", "strain"], "name the session"),
        (["--states", SPEC, "--state", "worn", "--session", "1"], "expected one of strain"),
        (["--states", SPEC, "--state", "strain", "--session", "9"], "expected one of 1, 2, 3"),
        (
            ["--states", SPEC, "--state", "both", "--way", "lost"],
            "expected one of strain, recovery",
        ),
        (["--states", SPEC, "--state", "strain", "--way", "won"], "expected one of kept"),
        (["--states", SPEC, "--state", "strain", "--session", "1", "--then", "both"], "--later"),
        (["isolation", "--states", SPEC, "--state", "strain"], "the codes are those of --states"),
        (["isolation", "--later", "3"], "--later belongs to --states"),
        (["--topic", "1"], "--topic and --topics belong together"),
        (["isolation", "--coder", "ada"], "two coders"),
        (["--coder", "ada", "--coder", "bo"], "name one code"),
        (["isolation", "--topic", "1", "--topics", "x", "--coder", "a"], "one number at a time"),
        (["--row", "onboarding"], "--framework and --row belong together"),
        (["isolation", "--against"], "--against belongs to --framework"),
        (["--with", "isolation"], "name the code"),
        (["--case", "P07"], "narrow counts of codes"),
        (["--session", "1"], "narrows counts of codes"),
    ],
)
def test_what_does_not_go_together_is_said(study, asked, expected):
    done = ask(study, *asked)
    assert done.exit_code == 2
    assert expected in " ".join(done.stderr.replace("│", " ").split())


def test_a_coder_whom_nobody_knows_is_named(study):
    done = ask(study, "isolation", "--coder", "coder-1", "--coder", "nobody")
    assert isinstance(done.exception, AgreementError)
