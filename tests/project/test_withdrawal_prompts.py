"""In a study, too, others' prompts keep nothing of who withdrew, and keep what is their own."""

import dataclasses
import shutil

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Corpus, Document, Turn
from reflect_analysis.disclosure.withdrawal import BLOT, Prompts
from reflect_analysis.project import Project

CASES = (Case("Ana"), Case("Bea"), Case("Cy"))
QUOTED = "> We begin late today, as on every day."
OPENING = f"Not so.\n{QUOTED}\nThe copper kettle hummed until nobody could hear the rain.\nBye."
SHARED = Document(
    "R1",
    OPENING,
    case_id="Bea",
    attributes=Attributes(thread="t"),
    turns=(
        Turn(0, 7, "Bea", "Bea"),
        Turn(8, 8 + len(QUOTED), "Ana", "Ana", coded=False),
        Turn(9 + len(QUOTED), len(OPENING), "Bea", "Bea"),
    ),
)
OWN = dataclasses.replace(SHARED, text=OPENING.replace(QUOTED, "Not so at all."), turns=())


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of this test: empty, so that no model is loaded."""
    monkeypatch.setenv("REFLECT_CACHE", str(tmp_path / "cache"))


def reply(number=2, **cells):
    beside = Attributes({"thread": "t", **cells})
    return Document(f"R{number}", f"Answer {number}.", case_id="Ana", attributes=beside)


def saved(project, *documents):
    project.save(by="lead", corpus=Corpus(documents, CASES))


def prompt_in(project, document="R2"):
    return project.corpus().document(document).attributes["prompt"]


def test_a_post_that_quotes_a_member_goes_from_prompts_now_and_when_they_come_again(target):
    with Project.create(target) as project:
        saved(project, SHARED, reply(prompt=OPENING))
        project.withdraw("Bea", by="lead")
        left = project.corpus().document("R1").text
        assert [line for line in left.split("\n") if line.strip(BLOT)] == [QUOTED]
        assert prompt_in(project) == left
        saved(project, reply(3, prompt=OPENING))
        assert prompt_in(project, "R3") == left


def test_an_old_copy_that_is_merged_brings_no_such_prompt_back(tmp_path):
    here, there = tmp_path / "here.reflect", tmp_path / "there.reflect"
    with Project.create(here) as project:
        saved(project, SHARED, reply(prompt=OPENING), reply(3, said=f"{OPENING} So it is."))
    shutil.copy(here, there)
    with Project.open(here) as project:
        project.withdraw("Bea", by="lead")
        blotted = project.corpus().documents
    assert "kettle" not in str(blotted)
    for target, other in ((here, there), (there, here)):
        with Project.open(target) as project:
            project.merge(other, by="lead")
            assert project.corpus().documents == blotted


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_text_that_is_in_no_copy_any_more_is_known_in_a_prompt_by_its_hash(target, end):
    with Project.create(target) as project:
        saved(project, dataclasses.replace(OWN, text=f"{OWN.text}{end}"))
        project.withdraw("Bea", by="lead")
        saved(project, reply(prompt=OWN.text))
        assert set(prompt_in(project)) == {BLOT}
        assert project.corpus().document("R2").attributes["thread"] == "t"


def test_what_an_earlier_withdrawal_left_in_a_prompt_goes_with_the_next(target, monkeypatch):
    with Project.create(target) as project:
        saved(project, OWN, Document("R5", "Something else.", case_id="Cy"))
        project.withdraw("Bea", by="lead")
        with monkeypatch.context() as before:
            before.setattr(Prompts, "__bool__", lambda self: False)
            saved(project, reply(prompt=OWN.text))
        assert prompt_in(project) == OWN.text
        project.withdraw("Cy", by="lead")
        assert set(prompt_in(project)) == {BLOT}


def test_others_dates_and_roles_stay_though_the_text_says_the_same(target):
    own = dataclasses.replace(OWN, text="On 8 April 2025 I became an early childhood educator.")
    cells = {"date": "8 April 2025", "role": "early childhood educator"}
    with Project.create(target) as project:
        saved(project, own, reply(**cells))
        project.withdraw("Bea", by="lead")
        assert dict(project.corpus().document("R2").attributes) == {"thread": "t", **cells}


def test_a_studys_prompt_whose_wording_was_mended_stays(target):
    asked = "What did you hear when the rain came down at nigth?"
    mended = asked.replace("nigth", "night")
    text = "What did you hear when the rain came down? I heard nothing."
    with Project.create(target) as project:
        for prompt, more in ((asked, ""), (mended, " So.")):
            beside = Attributes(thread="t", prompt=prompt)
            own = dataclasses.replace(OWN, text=text + more, attributes=beside)
            saved(project, own, reply(prompt=mended), reply(3, prompt=asked))
        project.withdraw("Bea", by="lead")
        assert (prompt_in(project), prompt_in(project, "R3")) == (mended, asked)


def test_a_prompt_is_looked_through_once_for_the_caches_and_the_rows(target, monkeypatch):
    with Project.create(target) as project:
        saved(project, OWN, *(reply(n, prompt=OWN.text, n=n) for n in range(2, 6)))
        asked = []
        without = Prompts.without
        monkeypatch.setattr(
            Prompts, "without", lambda self, each: asked.append(0) or without(self, each)
        )
        project.withdraw("Bea", by="lead")
        # Once to forget what was computed before anything goes, once in the act itself.
        assert len(asked) <= 2 * 5
        assert set(prompt_in(project)) == {BLOT}
