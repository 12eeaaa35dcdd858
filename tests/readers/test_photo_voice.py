"""Photo-voice folders: tables of stories, answers and their questions, pictures and consent."""

import io

import openpyxl
import PIL.Image
import pytest

from reflect_analysis.errors import CorpusError
from reflect_analysis.pictures import why_not_shown
from reflect_analysis.readers import read_corpus
from reflect_analysis.readers.photo_voice import PROMPTS

AGREED = "consent: {use_text: yes, use_picture: yes}"


@pytest.fixture
def folder(tmp_path):
    """A folder with two pictures."""
    for name in ("boots.png", "kettle.jpg"):
        PIL.Image.new("RGB", (6, 4), "green").save(tmp_path / name)
    return tmp_path


def written(folder, name: str, text: str):
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return read_corpus(path)


def answers_of(document) -> dict[str, str]:
    """The answers by their questions, as the module's head tells how to find them."""
    showed = [key for key in document.attributes.get("showed", "").split("; ") if key]
    paragraphs = document.text.split("\n\n")
    return dict(zip(showed, paragraphs[len(paragraphs) - len(showed) :], strict=True))


def test_each_answer_can_be_told_from_the_rest_by_its_question(folder):
    corpus = written(
        folder,
        "stories.yaml",
        f"- id: S-1\n  title: Boots\n  caption: |\n    I lost one.\n\n    I found it.\n  {AGREED}\n"
        '  showed: {do: "Ask.\\n\\nAsk again.\\n \\n\\nThen go.", see: "Boots", lives: ""}\n',
    )
    story = corpus.document("S-1")
    assert answers_of(story) == {"see": "Boots", "do": "Ask.\nAsk again.\nThen go."}
    assert story.text.startswith("Boots\n\nI lost one.\n\nI found it.\n\nBoots\n\nAsk.")
    assert set(PROMPTS) >= set(answers_of(story))
    assert not any(prompt in story.text for prompt in PROMPTS.values())


FORM = (
    "Participant ID;Photo;Alt text;Title;What do you SEE here?;What is really happening here?;"
    "How does this relate to our lives?;Why does this situation exist?;"
    "How could this image empower us?;What can we DO about it?;People shown;Place signs;"
    "use_text;use_picture;id;Season\r\n"
    "P01;boots.png;Nine boots;Boots;A row.;A morning.;We all have feet.;Snow.;By asking.;Wait.;"
    "nobody;none;yes;yes;S-1;winter\r\n"
)


def test_a_form_with_whole_questions_is_read_and_what_was_guessed_is_told(folder):
    corpus = written(folder, "Photovoice.csv", FORM)
    story = corpus.document("S-1")
    assert answers_of(story) == {
        "see": "A row.",
        "happening": "A morning.",
        "lives": "We all have feet.",
        "why": "Snow.",
        "empowered": "By asking.",
        "do": "Wait.",
    }
    assert (story.case_id, story.attributes["Season"]) == ("P01", "winter")
    assert story.place == "story S-1, row 2"
    assert why_not_shown(story.picture) == ()
    guessed = corpus.runs[0].settings["columns"]["Photovoice.csv"]
    assert guessed["showed.do"] == "What can we DO about it?"
    assert guessed["picture"] == "Photo"
    assert guessed["delimiter"] == "semicolon"
    assert not {"alt_text", "consent.use_text", "title"} & set(guessed)  # told, not guessed
    assert not corpus.omissions


def test_a_workbook_of_stories_is_read_and_says_its_rows(folder):
    book = openpyxl.Workbook()
    for line in FORM.replace("nobody", "everybody").strip().split("\r\n"):
        book.active.append(line.split(";"))
    file = io.BytesIO()
    book.save(file)
    path = folder / "photo-voice.xlsx"
    path.write_bytes(file.getvalue())
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    (fault,) = caught.value.faults
    assert fault == (
        "photo-voice.xlsx, row 2: story S-1: people shown 'everybody'; expected one of nobody, "
        "adults, children"
    )


@pytest.mark.parametrize("header", ["Photo,image", "see,What do you see here?"])
def test_two_columns_that_could_be_one_are_a_fault(folder, header):
    with pytest.raises(CorpusError, match=f"several columns could be .*{header[:3]}.*; keep one"):
        written(
            folder, "stories.csv", f"id,title,use_text,use_picture,{header}\nS-1,a,yes,no,b,c\n"
        )


@pytest.mark.parametrize("header", ["title", ",title"])
def test_a_cell_under_no_name_is_a_fault_not_lost(folder, header):
    row = "S-1,more,Boots,yes,no" if "," in header else "S-1,Boots,yes,no,more"
    with pytest.raises(CorpusError, match="row 2: a cell under no name"):
        written(folder, "stories.csv", f"id,{header},use_text,use_picture\n{row}\n")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("alt_text: A row\n  people_shown: nobody", "whether signs give the place away"),
        ("alt_text: A row\n  place_signs: none", "whether people are shown is not recorded"),
        ("people_shown: nobody\n  place_signs: none", "it has no alt text"),
        (
            "alt_text: A hand\n  people_shown: children\n  place_signs: none\n  releases: none yet",
            "children are shown and no release is recorded",
        ),
        (
            "alt_text: A bus\n  people_shown: nobody\n  place_signs: its number",
            "signs that may give the place away are recorded",
        ),
    ],
)
def test_a_picture_that_may_not_be_sent_is_listed_with_its_reason(folder, lines, reason):
    corpus = written(
        folder,
        "stories.yaml",
        f"- id: S-1\n  title: A\n  picture: boots.png\n  {lines}\n  {AGREED}\n",
    )
    (omission,) = corpus.omissions
    assert omission.reason.startswith("the picture is not sent until all is agreed and recorded (")
    assert reason in omission.reason
    assert omission.place == "story S-1, line 1"
    assert why_not_shown(corpus.document("S-1").picture)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"I laughed.", "not a picture"),
    ],
)
def test_a_broken_picture_is_listed_and_the_words_kept(folder, data, reason):
    (folder / "boots.png").write_bytes(data)
    corpus = written(
        folder, "stories.yaml", f"- id: S-1\n  title: A\n  picture: boots.png\n  {AGREED}\n"
    )
    (omission,) = corpus.omissions
    assert omission.reason.startswith(f"the picture cannot be copied ({reason}")
    assert corpus.document("S-1").picture is None
    assert corpus.document("S-1").text == "A"


def test_a_missing_picture_does_not_hide_other_faults(folder):
    with pytest.raises(CorpusError) as caught:
        written(
            folder,
            "stories.yaml",
            f"- id: S-1\n  title: A\n  picture: gone.png\n  people_shown: some\n  {AGREED}\n",
        )
    assert "people shown 'some'" in caught.value.faults[0]


def test_an_encoding_that_was_guessed_is_told(folder):
    path = folder / "stories.csv"
    text = "id,title,use_text,use_picture\r\nS-1,Été à l’école dehors près du café,yes,no\r\n"
    path.write_bytes(text.encode("cp1252"))
    corpus = read_corpus(path)
    assert corpus.document("S-1").text == "Été à l’école dehors près du café"
    assert "guessed" in corpus.runs[0].settings["columns"]["stories.csv"]["encoding"]


def test_a_broken_infographic_is_listed_and_its_description_kept(folder):
    words = "kind: infographic\ncommunity: c2\nalt_text: Six cups in a circle.\n"
    (folder / "cups.png").write_bytes(b"no picture")
    (folder / "cups.png.yaml").write_text(words, encoding="utf-8")
    (folder / "boots.png.yaml").write_text(words, encoding="utf-8")
    corpus = read_corpus(folder)
    assert corpus.document("cups").picture.path is None
    assert corpus.document("cups").picture.alt_text == "Six cups in a circle."
    assert corpus.document("boots").picture.path.endswith("boots.png")
    assert {d.voice for d in corpus} == {"other"}
    told = [o.reason for o in corpus.omissions if o.source == "cups.png"]
    assert told == [
        "the picture cannot be copied (not a picture that can be read); its description is kept"
    ]
