"""What is hidden beside change is hidden in the next release, and what is out is not linked to it.

Of people with one text in each of two sessions, the reflections of a code less its participants
are those who mention it in both.
"""

import dataclasses
import json
import re
from types import SimpleNamespace

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.change import state_changes
from reflect_analysis.cli._releasing import held, tell_hidden
from reflect_analysis.cli.report import _tell_of_report
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.disclosure import HIDDEN, Ledger, Release, ReleasedCell, read_ledger
from reflect_analysis.pairs import cooccurrence
from reflect_analysis.report import write_report
from reflect_analysis.report.contents import first_table
from reflect_analysis.report.further import title_of
from reflect_analysis.report.protecting import protected
from reflect_analysis.report.releasing import beside_earlier, hidden_beside_earlier, release_for
from reflect_analysis.report.study import Study
from reflect_analysis.tables import (
    changed_table,
    first_session_table,
    pairs_table,
    states_table,
)

CODES = ("tired", "detached", "proud", "curious")
BOOK = Codebook(
    tuple(Code(code, code.title(), "A thing.", "all") for code in CODES), (Group("all", "All"),)
)
STATES = {"strain": ("tired",), "recovery": ("proud",)}
HUSHED = ("12 of 24", HIDDEN, HIDDEN)
# Twelve of 24 say tired, two of them in both sessions.
TIRED = {
    n: [["tired"] * (n < 7), ["tired"] * (n in {0, 1, *range(7, 12)})]  # in the first, the second
    for n in range(24)
}


def values_of(people, book=BOOK):
    """A study of what each person says in each session; the other codes do not depend on it."""
    documents, rows, seen = [], [], []
    for n, sessions in people.items():
        for session, said in enumerate(sessions, 1):
            name = f"P{n:02}-{session}"
            place = Attributes(session=str(session))
            words = f"Day {n} of week {session} was wet."
            documents.append(Document(name, words, case_id=f"P{n:02}", attributes=place))
            seen.append(Seen("c", name, "person"))
            others = {"proud": n % 2 and session == 1, "curious": not n % 2, "detached": n % 4 < 2}
            told = (*said, *(code for code, says in others.items() if says))
            rows += [Coding(name, 0, 5, code, "c", "person") for code in told]
    stamps = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    corpus = Corpus(tuple(documents), tuple(Case(f"P{n:02}") for n in people), clearances=stamps)
    return {"corpus": corpus, "codebook": book, "codings": Codings(tuple(rows), seen=tuple(seen))}


def change_of(values):
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    return state_changes(values["codings"], **about, states=STATES)


def pairs_of(values, unit="reflection"):
    about = {"corpus": values["corpus"], "codebook": values["codebook"]}
    return cooccurrence(values["codings"], **about, unit=unit)


def study_of(values, *further, earlier=()):
    return Study(**values, further=further, earlier=earlier)


def released(study):
    """What a report tells of a study, as the ledger keeps it."""
    return release_for("ministry", study, first_table(study).told, ())


def row_of(study, code="tired"):
    """Participants, reflections and passages of a code, as the theme table has them."""
    (row,) = (each for each in first_table(study).texts() if each[0] == code.title())
    return row[1:4]


def change_cells(study):
    """All that is told of change."""
    (value,) = (each for each in protected(study) if type(each).__name__ == "StateChanges")
    tables = (states_table, changed_table, first_session_table)
    return {cell for make in tables for row in make(value, k=5).texts() for cell in row[1:]}


# ── first with change, then without ─────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The ledger of a report with change and one without it, and the second of them."""
    folder, values = tmp_path_factory.mktemp("two reports"), values_of(TIRED)
    kept = {"ledger": folder / "sent.json", "to": "ministry", "formats": ("html",)}
    about = {**values, "approach": "content-analysis"}
    for name, further in (("with", change_of(values)), ("without", pairs_of(values))):
        report = write_report(folder / name, **about, **kept, further=(further,))
    return read_ledger(folder / "sent.json"), report


def test_what_is_hidden_beside_change_is_hidden_in_the_report_after_it(reports):
    told = [
        {(c.unit, c.low) for c in release.cells if c.what == "tired"}
        for release in reports[0].releases
    ]
    assert told == [{("persons", 12)}] * 2


def test_the_theme_table_alone_hides_it_as_well(tmp_path):
    values, file = values_of(TIRED), tmp_path / "sent.json"
    Ledger((released(study_of(values, change_of(values))),)).save(file)
    table = held(
        study_of(values),
        first_table,
        lambda study, table: release_for("donor", study, table.told, ()),
        ledger=file,
        out=tmp_path / "themes.csv",
    )
    (row,) = (each for each in table.texts() if each[0] == "Tired")
    assert row[1:4] == HUSHED


def test_without_a_release_before_it_stands():
    assert row_of(study_of(values_of(TIRED))) == ("12 of 24", "14 of 48", "14")


def test_it_stays_hidden_in_every_release_after():
    values = values_of(TIRED)
    first = released(study_of(values, change_of(values)))
    second = released(study_of(values, earlier=(first,)))
    assert row_of(study_of(values, earlier=(second,))) == HUSHED


def test_what_took_the_codes_place_is_hidden_too():
    values = values_of(TIRED)
    first = released(study_of(values, change_of(values)))
    book = BOOK.merge(["tired"], into="detached", by="lead", reason="one thing")
    later = study_of({**values, "codebook": book}, earlier=(first,))
    assert row_of(later, "detached")[1:] == HUSHED[1:]


def test_of_others_nothing_is_hidden():
    values = values_of(TIRED)
    first = released(study_of(values, change_of(values)))
    others = values_of({n + 50: said for n, said in TIRED.items()})
    assert row_of(study_of(others, earlier=(first,))) == ("12 of 24", "14 of 48", "14")


def test_pairs_by_reflection_do_not_give_it_back():
    """How far a code and its pair overlap tells in how many reflections each is."""
    values = values_of(TIRED)
    first = released(study_of(values, change_of(values)))

    def told(*earlier):
        study = study_of(values, pairs_of(values), earlier=earlier)
        return [row for row in pairs_table(protected(study)[0], k=5).texts() if "Tired" in row]

    assert [row[:4] for row in told()] == [
        ("Tired", "Detached", "6", "8 of 48"),
        ("Tired", "Curious", "6", "7 of 48"),
    ]
    assert told(first) == []


def test_the_ledger_refuses_what_a_release_keeps_quiet():
    persons = tuple(f"P{n}" for n in range(24))
    before = Release("ministry", persons=persons, quiet=("tired",))
    for unit in ("texts", "passages"):
        (leak,) = Ledger((before,)).check(
            Release("donor", (ReleasedCell("tired", (), 14, 14, 48, unit),), persons=persons)
        )
        assert leak.what == "tired"
        assert "beside change in what was sent to ministry" in leak.reason
    others = Release("donor", (ReleasedCell("tired", (), 14, 14, 48, "texts"),), persons=("Q",))
    assert Ledger((before,)).check(others) == ()


def test_what_is_quiet_is_kept_and_of_a_release_without_it_nothing_is_written(tmp_path):
    quiet, loud = Release("ministry", quiet=("tired",)), Release("donor")
    Ledger((quiet, loud)).save(tmp_path / "sent.json")
    assert read_ledger(tmp_path / "sent.json").releases == (quiet, loud)
    (rows,) = json.loads((tmp_path / "sent.json").read_text("utf-8")).values()
    assert [row.get("quiet") for row in rows] == [["tired"], None]


# ── first without change, then with it ──────────────────────────────────────────────────


def test_beside_reflections_that_are_out_nothing_is_told_of_change():
    values = values_of(TIRED)
    first = released(study_of(values))
    assert change_cells(study_of(values, change_of(values))) != {HIDDEN}
    later = study_of(values, change_of(values), earlier=(first,))
    assert change_cells(later) == {HIDDEN}
    assert row_of(later) == ("12 of 24", "14 of 48", "14")  # it is out, so it stands


def test_of_people_who_were_joined_by_others_neither():
    first = released(study_of(values_of(TIRED)))
    more = values_of({**TIRED, **{n: [(), ()] for n in range(24, 40)}})
    assert change_cells(study_of(more, change_of(more), earlier=(first,))) == {HIDDEN}


def test_pairs_that_gave_the_reflections_are_out_as_well():
    values = values_of(TIRED)
    pairs = pairs_of(values)
    cells = pairs_table(pairs, k=5).told
    study = study_of(values, pairs)
    first = dataclasses.replace(released(study), cells=cells)
    later = study_of(values, change_of(values), earlier=(first,))
    assert change_cells(later) == {HIDDEN}


def test_after_a_report_of_the_first_session_change_is_told():
    values = values_of(TIRED)
    first = released(study_of(values_of({n: said[:1] for n, said in TIRED.items()})))
    later = study_of(values, change_of(values), earlier=(first,))
    assert change_cells(later) != {HIDDEN}
    assert row_of(later) == HUSHED


def test_change_that_is_not_told_is_named_by_its_title_and_counted():
    values = values_of(TIRED)
    change = change_of(values)
    ledger = Ledger((released(study_of(values)),))
    shown, release = beside_earlier(study_of(values, change), ledger, lambda each: each, released)
    (why,) = release.withheld
    told = re.fullmatch(r"(.+): (\d+) rows hidden, because reflections .+", why)
    assert told[1] == title_of(change) == "Change over sessions"
    assert hidden_beside_earlier(shown) == int(told[2]) > 1


# ── how many are hidden ─────────────────────────────────────────────────────────────────


def test_a_line_of_several_rows_counts_for_all_of_them(reports, capsys):
    _, second = reports
    (line,) = second.withheld
    assert line.startswith("Codes in the same reflection: 2 rows hidden, from which")
    _tell_of_report(SimpleNamespace(corpus=Corpus(())), second)
    assert capsys.readouterr().err.startswith("2 counts or quotes are hidden")


@pytest.mark.parametrize(
    ("hidden", "told"),
    [(0, ""), (1, "1 count or quote is hidden"), (3, "3 counts or quotes are hidden")],
)
def test_the_command_counts_what_is_hidden(hidden, told, capsys):
    tell_hidden(hidden)
    assert capsys.readouterr().err.partition(" because")[0].strip() == told
