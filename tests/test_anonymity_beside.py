"""Identifiers beside the texts: alt texts, titles, prompts and names of files are searched."""

import dataclasses

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.anonymity import check_anonymity, mark_cleared, pseudonymise
from reflect_analysis.corpus import Case, Corpus, Document, Picture
from reflect_analysis.errors import NotClearedError

ALT = "A kettle that Petra keeps in the Otter Room at Maple Hollow Child Care in Salmo."


def story(alt_text="", *, path="a.jpg", source="", text="A kettle.", **attributes):
    """One picture with what stands beside it."""
    picture = Picture(path, alt_text)
    document = Document(
        "d1", text, "photo-voice", picture=picture, source=source, attributes=Attributes(attributes)
    )
    return Corpus((document,))


def told(corpus, field=None, **options):
    """Kind, words and directness of what was found."""
    found = check_anonymity(corpus, **options)
    return [(f.kind, found.words_of(f), f.direct) for f in found if field in (None, f.field)]


EVERYTHING = [
    ("name", "Petra", False),
    ("room", "Otter Room", False),
    ("centre", "Maple Hollow Child Care", True),
    ("town", "Salmo", False),
]


def test_an_alt_text_is_searched_as_a_text_is():
    assert told(story(ALT), "alt text") == EVERYTHING


@pytest.mark.parametrize("column", ["title", "caption", "prompt", "thread", "what_she_wrote"])
def test_prose_in_a_column_is_searched_as_a_text_is(column):
    assert told(story(**{column: ALT}), f"attribute {column}") == EVERYTHING


def test_prose_of_a_case_is_searched_too():
    case = Case("P01", Attributes({"comment": "Ask Petra in the Otter Room."}))
    found = told(Corpus((Document("d1", "A kettle.", case_id="P01"),), (case,)))
    assert found == [("name", "Petra", False), ("room", "Otter Room", False)]


def test_a_column_by_which_tables_are_made_is_no_prose():
    assert told(story(place="Salmo and the valley around it", role="ECE at a centre")) == []


def test_a_known_name_is_sought_in_an_alt_text():
    assert ("name", "Zorvelle", True) in told(story("It is zorvelle's."), known=["Zorvelle"]) or (
        "name",
        "zorvelle",
        True,
    ) in told(story("It is zorvelle's."), known=["Zorvelle"])


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("Petra Hall in Salmo", "Petra Hall"),
        ("petra_hall_interview", "petra_hall"),
        ("interview hall-petra 2025", "hall-petra"),
        ("Maria Lopez", "Maria Lopez"),
    ],
)
def test_a_file_that_is_called_as_a_person_is_direct(stem, words):
    assert ("name", words, True) in told(story(source=f"{stem}.txt"), "file name")
    assert ("name", words, True) in told(story(path=f"/x/{stem}.jpg"), "picture's file")


@pytest.mark.parametrize(
    "stem", ["Circle Time", "Spring Newsletter", "prince-george", "hope_reflection", "Kettle"]
)
def test_a_file_that_is_called_as_a_thing_is_no_finding(stem):
    assert told(story(source=f"{stem}.txt")) == []


@pytest.mark.parametrize("name", ["Petra Hall", "Sophia Park", "Maria Lane"])
def test_a_surname_that_is_a_thing_makes_a_full_name(name):
    assert told(Corpus((Document("d1", f"I talked with {name} all week."),))) == [
        ("name", name, True)
    ]


def test_a_hall_that_bears_a_given_name_is_nobody():
    found = told(Corpus((Document("d1", "We met in the Maria Hall again."),)))
    assert not any(direct for *_, direct in found)


def test_programs_are_no_towns():
    text = "Save it in Notepad, from Unicode, and I moved from Notepad to Unicode."
    assert told(Corpus((Document("d1", text),))) == []


def test_a_report_on_other_alt_texts_clears_nothing():
    corpus = story("A kettle on a sill.")
    found = check_anonymity(corpus)
    changed = dataclasses.replace(
        corpus.documents[0], picture=dataclasses.replace(corpus.documents[0].picture, alt_text=ALT)
    )
    with pytest.raises(NotClearedError, match="on other texts"):
        mark_cleared(Corpus((changed,)), found, by="lead", note="read")


def test_what_was_found_in_an_alt_text_is_replaced_there():
    corpus = story(ALT, thread="Welcome to Grace")
    after = pseudonymise(corpus, check_anonymity(corpus)).corpus.document("d1")
    for words in ("Petra", "Otter", "Maple Hollow", "Salmo"):
        assert words not in after.picture.alt_text
    assert "Grace" not in after.attributes["thread"]


def test_a_name_that_stands_in_an_attribute_is_told():
    corpus = story(text="I talked with Grace and she said yes.", thread="Welcome to Grace")
    found = check_anonymity(corpus)
    stays = {f.id: not f.field for f in found}
    done = pseudonymise(corpus, found, replace=stays)
    assert "Grace" not in done.corpus.document("d1").text
    assert done.corpus.document("d1").attributes["thread"] == "Welcome to Grace"
    assert any("attribute 'thread' holds a word that is also" in note for note in done.notes)


def test_a_picture_that_is_called_as_a_person_is_told():
    corpus = story("A kettle.", path="/x/Petra Hall.jpg")
    assert any("picture's file" in n for n in pseudonymise(corpus, check_anonymity(corpus)).notes)
