"""What stands beside others' replies of a text that goes: that and nothing else is blotted out."""

from dataclasses import replace

import pytest

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Corpus, Document, Tombstone, Turn
from reflect_analysis.disclosure.withdrawal import BLOT, Prompts, honouring, leave_out
from reflect_analysis.readers import read_corpus

STONE = Tombstone("Bea", "2026-01-01", "lead")
CASES = (Case("Ana"), Case("Bea"))
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


def reply(number=2, **cells):
    beside = Attributes({"thread": "t", **cells})
    return Document(f"R{number}", f"Answer {number}.", case_id="Ana", attributes=beside)


def left_of(*documents, stones=(STONE,)):
    return leave_out(Corpus(documents, CASES), stones).corpus


def cells_of(*documents):
    return dict(left_of(*documents).document("R2").attributes)


# ── a post that quotes somebody ──


def test_a_post_that_quotes_a_member_leaves_no_word_of_its_writer_in_a_prompt():
    left = left_of(SHARED, reply(prompt=OPENING))
    assert left.document("R1").text == left.document("R2").attributes["prompt"]
    assert [line for line in left.document("R1").text.split("\n") if line.strip(BLOT)] == [QUOTED]


def test_a_part_of_such_a_post_goes_from_a_prompt_and_the_quoted_words_stay():
    prompt = f"{QUOTED} The copper kettle hummed until nobody could hear"
    blotted = cells_of(SHARED, reply(prompt=prompt))["prompt"]
    assert blotted.startswith(QUOTED)
    assert set(blotted[len(QUOTED) :]) == {" ", BLOT}


def test_a_prompt_in_an_old_file_is_blotted_though_the_post_is_so_already():
    first = left_of(SHARED)
    again = left_of(first.document("R1"), reply(prompt=OPENING), stones=first.withdrawn)
    assert again.document("R2").attributes["prompt"] == first.document("R1").text


def test_a_forum_without_a_member_who_quoted_another_has_her_post_in_no_prompt(tmp_path):
    path = tmp_path / "my forum.csv"
    path.write_text(
        "post_id,topic,author,reply_to,created_at,body\n"
        "1,Doors,Ana,,2025-01-06T08:00,We begin late today as on every other day of ours.\n"
        "2,Rain,Bea,,2025-01-06T09:00,[quote=Ana]We begin late today as on every other day of "
        "ours.[/quote] The copper kettle hummed until nobody could hear the rain.\n"
        "3,Rain,Cy,2,2025-01-06T10:00,So it goes with us all.\n",
        encoding="utf-8",
    )
    corpus = read_corpus(path, speakers={"Ana": "Ana", "Bea": "Bea", "Cy": "Cy"})
    assert "kettle" in corpus.documents[2].attributes["prompt"]
    left = leave_out(corpus, [STONE])
    assert left.blotted
    assert "kettle" not in str([(d.text, d.attributes) for d in left.corpus])
    assert "We begin late today" in left.corpus.documents[2].attributes["prompt"]


# ── other people's own cells ──

TOLD = Document(
    "R1",
    "I came on 8 April 2025 to be an early childhood educator at the centre in Fort St. John.",
    case_id="Bea",
    attributes=Attributes(thread="t"),
)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("date", "8 April 2025"),
        ("time", "on 8 April 2025"),
        ("role", "early childhood educator"),
        ("role", "an early childhood educator at the centre in Fort St. John"),
        ("community", "Fort St. John"),
        ("author", "educator at the centre in Fort St. John"),
        ("answer", "an early childhood educator"),
        ("first day", "I came on 8 April 2025 to be an"),
    ],
)
def test_a_cell_of_another_persons_own_stays_though_the_text_says_the_same(column, cell):
    assert cells_of(TOLD, reply(**{column: cell}))[column] == cell


@pytest.mark.parametrize("column", ["last time", "favourite place", "posted_to_community"])
def test_what_is_longer_than_a_fact_is_prose_whatever_the_column_is_called(column):
    told = f"{TOLD.text} {OPENING}"
    assert BLOT in cells_of(replace(TOLD, text=told), reply(**{column: f"Yes: {told}"}))[column]


@pytest.mark.parametrize("cut", ["until nobody", "until nob…", "…", "until nobody could hear..."])
@pytest.mark.parametrize("column", ["title", "Thread subject", "thread"])
def test_a_title_that_is_the_beginning_of_the_first_post_goes_from_every_reply(column, cut):
    title = f"The copper kettle hummed {cut}"
    text = "The copper  kettle hummed until nobody could hear the rain."
    first = Document(
        "R1", text, case_id="Bea", attributes=Attributes({"thread": "t", column: title})
    )
    found = cells_of(first, reply(**{column: title}))[column]
    assert not set("kettle") & set(found)


def test_a_title_that_somebody_only_took_up_is_the_studys_and_stays():
    title = "What did you hear when the rain came down?"
    beside = Attributes(thread="t", title=title)
    first = replace(TOLD, text=f"You ask: {title} I heard nothing.", attributes=beside)
    assert cells_of(first, reply(title=title))["title"] == title
    (blotted,) = set(
        cells_of(replace(first, text=f"{title} Who knows."), reply(title=title))["title"]
    )
    assert blotted == BLOT


@pytest.mark.parametrize("end", ["\n", " ", "\r\n", ""])
def test_a_prompt_is_known_by_its_hash_though_the_text_ended_in_a_blank(end):
    """Readers strip the cells beside a text, and leave the text as it is."""
    text = "The copper kettle hummed until nobody could hear the rain."
    own = Document("R1", f"{text}{end}", case_id="Bea", attributes=Attributes(thread="t"))
    (stone,) = left_of(own, reply()).withdrawn
    left = left_of(reply(prompt=text), stones=[stone])
    assert set(left.document("R2").attributes["prompt"]) == {BLOT}


@pytest.mark.parametrize("column", ["prompt", "title", "said"])
def test_six_words_of_a_text_go_from_a_cell_of_prose(column):
    cell = "early childhood educator at the centre"
    assert set(cells_of(TOLD, reply(**{column: cell}))[column]) == {BLOT}


def test_a_short_text_goes_from_a_prompt_as_a_whole():
    short = replace(TOLD, text="Who else felt alone?")
    assert set(cells_of(short, reply(prompt=short.text))["prompt"]) == {BLOT}
    kept = cells_of(short, reply(role=short.text, prompt="Who felt alone?"))
    assert (kept["role"], kept["prompt"]) == (short.text, "Who felt alone?")


# ── the study's own prompt ──


def test_a_studys_prompt_stays_in_each_of_its_wordings():
    asked = "What did you hear when the rain came down at nigth?"
    mended = asked.replace("nigth", "night")
    own = replace(
        TOLD,
        text="What did you hear when the rain came down? I heard nothing.",
        attributes=Attributes(thread="t", prompt=asked),
    )
    later = replace(own, text=f"{own.text} So.", attributes=Attributes(thread="t", prompt=mended))
    prompts = Prompts([own, later])
    for prompt in (asked, mended):
        assert prompts.without(reply(prompt=prompt)) == reply(prompt=prompt)


# ── cost ──


def test_the_texts_of_a_thread_are_gathered_once_for_all_its_replies(monkeypatch):
    made = []
    near = honouring._Near
    monkeypatch.setattr(honouring, "_Near", lambda gone: made.append(0) or near(gone))
    gone = [replace(TOLD, id=f"G{n}", text=f"{TOLD.text} {n}.") for n in range(9)]
    prompts = Prompts(gone)
    monkeypatch.setattr(prompts, "_by_link", asked := Counting(prompts._by_link))
    for number in range(50):
        prompts.without(reply(number, prompt=TOLD.text))
    assert (len(made), asked.count) == (1, 1)


class Counting(dict):
    count = 0

    def get(self, key, default=None):
        self.count += 1
        return super().get(key, default)
