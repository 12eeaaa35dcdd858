"""What a coder is told of a text and its writer: nothing that the study does not show."""

import json

import pytest
from typer.testing import CliRunner

from reflect_analysis._rows import Attributes
from reflect_analysis.cli import app
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import DisclosureError, ProjectError, UnknownIdError
from reflect_analysis.panel import Sitting
from reflect_analysis.project import Project
from reflect_analysis.review import Waiting, in_order, next_after

OWN = {
    "session": "2",
    "date": "2023-05-04",
    "prompt": "And then?",
    "Ort": "Altstadt",
    "lugar": "Villa",
    "school": "Little Otters",
    "nation": "Secwépemc",
    "language": "fr",
    "author": "Mary Jones",
}
OF_THE_CASE = {"role": "director of one", "years": "thirty", "pair": "pair-3", "place": "Oldtown"}
SECRETS = [
    value for name, value in {**OWN, **OF_THE_CASE}.items() if name not in {"session", "prompt"}
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "my study.reflect"
    document = Document("d0", "We waited.", case_id="P0", attributes=Attributes(OWN))
    cases = (Case("P0", Attributes(OF_THE_CASE)),)
    corpus = Corpus((document,), cases, (Clearance(document.sha256, "lead", ""),))
    with Project.create(path, title="Peers", by="lead") as project:
        project.save(by="lead", corpus=corpus)
        project.add_coder("lead", "lead", by="lead")
        project.add_coder("ann", by="lead")
    return path


@pytest.fixture
def project(path):
    with Project.open(path) as project:
        yield project


def ask(project, op="open", **told):
    return Sitting(project, "ann").take({"op": op, "id": "1", "session": "s", **told})


def test_unless_the_study_says_otherwise_only_session_and_year_are_told(project):
    shown = ask(project, document="d0")
    assert shown["attributes"] == [["session", "2"], ["year", "2023"]]
    told = json.dumps([shown, ask(project, "hello"), ask(project, "queue")], ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in told] == []


def test_what_is_hidden_is_named_but_for_what_names_the_person(project):
    hidden = ask(project, document="d0")["hidden"]
    assert hidden == sorted(
        ["Ort", "lugar", "school", "nation", "language", "role", "years", "place"]
    )


def test_a_lead_shows_attributes_of_text_and_writer_to_every_coder_and_hides_them_again(project):
    assert project.show_attributes(["role", " years ", "date"], by="lead") == (
        "role",
        "years",
        "date",
    )
    shown = ask(project, document="d0")
    told = dict(shown["attributes"])
    assert told == {
        "session": "2",
        "date": "2023-05-04",
        "role": "director of one",
        "years": "thirty",
    }
    assert "role" not in shown["hidden"]
    project.show_attributes([], by="lead")
    assert ask(project, document="d0")["attributes"] == [["session", "2"], ["year", "2023"]]


def test_an_open_panel_follows_what_is_shown(project):
    sitting = Sitting(project, "ann")
    asked = {"op": "open", "id": "1", "session": "s", "document": "d0"}
    sitting.take(asked)
    with Project.open(project.address.path) as other:
        other.show_attributes(["role"], by="lead")
    assert ["role", "director of one"] in sitting.take(asked)["attributes"]


def test_the_same_words_twice_are_one_event(project):
    project.show_attributes(["role"], by="lead")
    project.show_attributes(["role"], by="lead")
    assert [event.action for event in project.events()].count("show") == 1


@pytest.mark.parametrize(
    ("names", "by", "fault", "words"),
    [
        (["role"], "ann", ProjectError, "lead"),
        (["rolle"], "lead", UnknownIdError, "did you mean 'role'"),
        (["author"], "lead", DisclosureError, "names the person"),
        (["pair"], "lead", DisclosureError, "names the person"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(project, names, by, fault, words):
    with pytest.raises(fault, match=words) as told:
        project.show_attributes(names, by=by)
    assert not [secret for secret in SECRETS if secret in str(told.value)]
    assert project.shown_attributes() == ()


def test_the_command_says_who_may_show_what(path):
    told = CliRunner().invoke(
        app, ["panel", str(path), "--coder", "ann", "--show", "role", "--no-browser"]
    )
    assert isinstance(told.exception, ProjectError)
    assert "a lead of the study" in str(told.exception)


# ── flagged texts ──


def _row(name, *, flagged=False, read=False):
    return Waiting(
        name, name, "reflection", assigned=True, read=read, flagged=flagged, own=0, proposed=0
    )


def test_flagged_texts_are_a_queue_of_their_own_read_or_not():
    rows = [_row("a"), _row("b", flagged=True, read=True), _row("c"), _row("d", flagged=True)]
    assert [row.id for row in in_order(rows, "flagged")] == ["b", "d"]
    flagged = in_order(rows, "flagged")
    assert next_after(flagged, "", order="flagged") == "b"
    assert next_after(flagged, "b", order="flagged") == "d"
    assert next_after(flagged, "d", order="flagged") is None


def test_the_next_text_of_the_flagged_is_flagged(project):
    sitting = Sitting(project, "ann")
    empty = sitting.take({"op": "queue", "id": "1", "session": "s", "order": "flagged"})
    assert empty["queue"] == []
    told = {"op": "flag", "id": "6d9f5a3e-2f0b-4a55-9a53-0b7a4f0a0002", "session": "s"}
    sitting.take({**told, "document": "d0", "on": True})
    reply = sitting.take({"op": "next", "id": "2", "session": "s", "order": "flagged"})
    assert reply["id"] == "d0"
