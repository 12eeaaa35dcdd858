"""Sheets on which people test topics: what readers see, what the key holds, how it is scored."""

import dataclasses
import math

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._rows import Attributes
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.disclosure.sheets import read_sheet, write_sheet
from reflect_analysis.errors import CorpusError, OutputError, TopicsError
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import (
    Stability,
    Topic,
    Topics,
    TopicStability,
    TopicUnit,
    document_intrusion,
    naming_sheet,
    score_sheets,
    word_intrusion,
)

WORDS = (
    ("mud", "rain", "creek", "slug", "woods", "boots"),
    ("mentor", "tea", "notes", "visit", "asked", "pair"),
    ("tired", "legs", "winter", "voice", "shift", "bed"),
)


def study(*, people=8, quotes="yes", governed=(), stable=False):
    """Three topics, each with two texts of every participant, and their segments."""
    documents, units = [], []
    for topic, words in enumerate(WORDS):
        for person in range(people):
            for n in range(2):
                text = f"{words[n].capitalize()} and {words[person % 6]}, number {person}-{n}."
                name = f"P{person:02}-T{topic}-{n}"
                documents.append(Document(name, text, case_id=f"P{person:02}"))
                units.append(
                    TopicUnit(
                        f"{name}:0-{len(text)}", name, 0, len(text), f"P{person:02}", topic, 0.9
                    )
                )
    cases = tuple(
        Case(
            f"P{p:02}",
            quotes=quotes,
            governance=Governance("nation-a", ("topics",)) if p in governed else None,
        )
        for p in range(people)
    )
    cleared = tuple(Clearance(d.sha256, "lead", "read") for d in documents)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    segments = Segments(Corpus(tuple(documents), cases, cleared), rows, "document")
    ari = 0.8 if stable else 0.2
    topics = Topics(
        "k-means",
        len(units),
        tuple(
            Topic(n, words, 2 * people, people, 0.2, (), TopicStability(0.7, 0.5, 0.2, 5))
            for n, words in enumerate(WORDS)
        ),
        tuple(sorted(units, key=lambda unit: unit.segment_id)),
        Stability(3, ari, 0.0, ari, 0.0, refits=5, units=len(units), order=ari, order_shuffled=0.0),
        centroids=((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
    )
    return topics, segments


@pytest.fixture(scope="module")
def made():
    return study()


def sheets_of(topics, segments, **more):
    return (
        word_intrusion(topics, **more),
        document_intrusion(topics, segments, **more),
        naming_sheet(topics, segments, **more),
    )


def filled(sheet, path, key, answer):
    """The sheet as a reader sends it back; `answer` gives what she writes for a question."""
    rows = [cells for _, cells in read_sheet(sheet.save(path, key=key)[0])]
    for cells, question in zip(rows, sheet, strict=True):
        cells["answer"] = answer(question)
    path.unlink()
    write_sheet(path, "KEEP", rows, widths=dict.fromkeys(rows[0], 10))
    return path


# ── what readers see ────────────────────────────────────────────────────────────────────


def test_a_word_question_holds_the_topics_words_and_one_of_another_topic(made):
    for question in word_intrusion(made[0]):
        own = set(WORDS[int(question.topic)])
        odd = question.shown[int(question.answer) - 1]
        assert odd not in own
        assert set(question.shown) - {odd} <= own
        assert len(question.shown) == len(set(question.shown)) == 6


def test_a_passage_question_holds_passages_of_several_participants(made):
    topics, segments = made
    by_text = {row.text: row for row in segments}
    for question in document_intrusion(topics, segments):
        odd = int(question.answer) - 1
        rows = [by_text[text] for text in question.shown]
        mine = [row for place, row in enumerate(rows) if place != odd]
        assert {topics.assignments[row.id] for row in mine} == {int(question.topic)}
        assert topics.assignments[rows[odd].id] != int(question.topic)
        assert len({row.case_id for row in mine}) == 3


def test_a_name_is_applied_to_passages_that_it_was_not_made_from(made):
    topics, segments = made
    by_text = {row.text: topics.assignments[row.id] for row in segments}
    sheet = naming_sheet(topics, segments)
    for group in {question.group for question in sheet}:
        named, *applied = [question for question in sheet if question.group == group]
        assert named.task == "name"
        assert named.answer == ""
        assert not {q.shown[0] for q in applied} & set(named.shown)
        assert [q.answer for q in applied].count("yes") == 3
        for question in applied:
            inside = by_text[question.shown[0]] == int(question.topic)
            assert question.answer == ("yes" if inside else "no")


def test_the_sheet_tells_neither_the_answer_nor_the_topic(made, tmp_path):
    for sheet in sheets_of(*made):
        path, key = sheet.save(tmp_path / f"{sheet.kind}.xlsx")
        assert key.name == f"{sheet.kind}-key.xlsx"
        book = openpyxl.load_workbook(path)
        columns = [cell.value for cell in book["KEEP"][1]]
        assert not {"topic", "key", "stability"} & set(columns)
        assert {cells["answer"] for _, cells in read_sheet(path)} == {""}


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_each_row_says_that_it_is_kept_and_that_the_groups_are_not_stable(made, tmp_path, suffix):
    for sheet in sheets_of(*made):
        path, key = sheet.save(tmp_path / f"{sheet.kind}{suffix}")
        for _, cells in read_sheet(path):
            assert "never to be sent" in cells["standing"]
            assert "not stable" in cells["standing"]
        assert {cells["solution"] for _, cells in read_sheet(key)} == {"not stable"}
        assert {cells["stability"] for _, cells in read_sheet(key)} == {"stable"}


def test_a_sheets_repr_holds_no_participants_word(made):
    for sheet in sheets_of(*made):
        assert "not stable" in repr(sheet)
        assert not {word for words in WORDS for word in words} & set(repr(sheet).lower().split())


def test_the_same_seed_gives_the_same_sheet_and_another_seed_another(made):
    for one, two, other in zip(
        sheets_of(*made), sheets_of(*made), sheets_of(*made, random_state=1), strict=True
    ):
        assert one == two
        assert one.questions != other.questions
        assert not {q.id for q in one} & {q.id for q in other}


def test_who_refused_to_be_quoted_and_governed_records_are_in_no_sheet():
    topics, segments = study(governed=(1, 2))
    refused = Case("P00", quotes="no")
    cases = tuple(refused if case.id == "P00" else case for case in segments.corpus.cases)
    corpus = dataclasses.replace(segments.corpus, cases=cases)
    segments = dataclasses.replace(segments, corpus=corpus)
    hidden = {row.text for row in segments if row.case_id in {"P00", "P01", "P02"}}
    for sheet in sheets_of(topics, segments)[1:]:
        assert not hidden & {text for question in sheet for text in question.shown}


def test_a_long_passage_is_cut_at_a_word(made):
    sheet = document_intrusion(*made, longest=8)
    assert all(text.endswith(" […]") for question in sheet for text in question.shown)


# ── acts of researchers ─────────────────────────────────────────────────────────────────


def test_a_dropped_topic_is_not_asked_about_and_merged_ones_are_asked_as_one(made):
    topics, segments = made
    dropped = topics.drop(2, by="Ana", why="noise")
    assert {question.topic for question in word_intrusion(dropped)} == {"0", "1"}
    merged = topics.merge((0, 2), by="Ana", why="one thing")
    sheet = word_intrusion(merged)
    assert {question.topic for question in sheet} == {"0+2", "1"}
    assert sheet.stability["0+2"] == "not measured"
    assert {question.topic for question in document_intrusion(merged, segments)} == {"0+2", "1"}


def test_a_part_of_a_split_topic_has_no_words_and_is_left_out_by_name(made):
    topics, _ = made
    members = topics.members(1)
    parts = {"asking": members[:6], "tea": members[6:]}
    sheet = word_intrusion(topics.split(1, parts, by="Ana", why="two things"))
    assert {question.topic for question in sheet} == {"0", "2"}
    assert [line.partition(":")[0] for line in sheet.left_out] == ["topic 1a", "topic 1b"]


# ── what cannot be asked ────────────────────────────────────────────────────────────────


def test_one_topic_has_no_intruder(made):
    topics, segments = made
    alone = topics.merge((0, 1, 2), by="Ana", why="all one")
    for make in (
        lambda: word_intrusion(alone),
        lambda: document_intrusion(alone, segments),
        lambda: naming_sheet(alone, segments),
    ):
        with pytest.raises(TopicsError, match="two topics"):
            make()


def test_numbers_that_make_no_question_are_refused(made):
    with pytest.raises(ValueError, match="at least 3"):
        word_intrusion(made[0], shown=1)
    with pytest.raises(ValueError, match="each"):
        document_intrusion(*made, each=0)
    with pytest.raises(ValueError, match="even"):
        naming_sheet(*made, each=5)
    with pytest.raises(ValueError, match="longest"):
        document_intrusion(*made, longest=0)


def test_a_sheet_that_may_be_filled_in_is_not_written_over(made, tmp_path):
    sheet = word_intrusion(made[0])
    sheet.save(tmp_path / "words.xlsx")
    with pytest.raises(OutputError, match="filled in"):
        sheet.save(tmp_path / "words.xlsx")
    with pytest.raises(ValueError, match="xlsx"):
        sheet.save(tmp_path / "words.docx")


# ── scoring ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_right_answers_are_scored_as_right_in_every_kind(made, tmp_path, suffix):
    for sheet in sheets_of(*made):
        key = tmp_path / f"k-{sheet.kind}{suffix}"
        path = filled(sheet, tmp_path / f"{sheet.kind}{suffix}", key, lambda q: q.answer)
        scores = score_sheets(path, key)
        assert scores.kind == sheet.kind
        assert scores.overall.share == 1
        assert scores.overall.unanswered == 0
        assert [row.topic for row in scores] == ["0", "1", "2", "all"]
        assert scores.to_frame()["solution"].unique().tolist() == ["not stable"]
        assert "not stable" in repr(scores)
        assert "not stable" in scores._repr_html_()


def test_chance_stands_beside_the_share_with_wilsons_interval(made, tmp_path):
    key = tmp_path / "key.csv"
    sheet = word_intrusion(made[0], shown=5, each=2)
    path = filled(sheet, tmp_path / "a.csv", key, lambda q: q.answer if q.topic == "0" else "")
    scores = score_sheets(path, key)
    first, second, *_ = scores
    assert first.chance == pytest.approx(1 / 6)
    # Wilson's interval of 2 of 2: 2 / (2 + 1.96²) to 1
    assert (first.low, first.high) == pytest.approx((2 / (2 + 1.959964**2), 1.0))
    assert first.above_chance
    assert math.isnan(second.share)
    assert second.unanswered == 2
    assert not second.above_chance


def test_several_readers_are_counted_together_and_their_names_kept_apart(made, tmp_path):
    sheet, key = naming_sheet(*made), tmp_path / "key.xlsx"
    right = filled(sheet, tmp_path / "ana.xlsx", key, lambda q: q.answer or f"About {q.topic}")
    key.unlink()
    wrong = {"yes": "n", "no": "Y", "": ""}
    other = filled(sheet, tmp_path / "ben.xlsx", key, lambda q: wrong[q.answer])
    scores = score_sheets([right, other], key)
    assert scores.overall.share == 0.5
    assert scores.overall.chance == 0.5
    assert not scores.overall.above_chance
    assert {(row.topic, row.reader, row.name) for row in scores.names} == {
        (n, "ana", f"About {n}") for n in "012"
    }


def test_every_fault_of_a_filled_sheet_is_told_at_once(made, tmp_path):
    sheet, key = word_intrusion(made[0]), tmp_path / "key.csv"
    answers = iter(["9", "tea", *["1"] * 20])
    path = filled(sheet, tmp_path / "a.csv", key, lambda q: next(answers))
    text = path.read_text(encoding="utf-8-sig")
    foreign = text.splitlines()[3].replace(sheet.questions[2].id, "w000000-001")
    lines = [*text.splitlines(), text.splitlines()[4], foreign]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TopicsError) as caught:
        score_sheets(path, key)
    told = caught.value.faults
    assert len(told) == 4
    assert "row 2" in told[0]
    assert "from 1 to 6" in told[0]
    assert "row 3" in told[1]
    assert "twice" in told[2]
    assert "not in the key" in told[3]


def test_a_key_that_is_none_is_refused(made, tmp_path):
    sheet, key = word_intrusion(made[0]), tmp_path / "key.csv"
    path, _ = sheet.save(tmp_path / "a.csv", key=key)
    with pytest.raises(CorpusError, match="column"):
        score_sheets(path, path)
    key.write_text(key.read_text(encoding="utf-8-sig").replace(",6,", ",six,"), encoding="utf-8")
    with pytest.raises(TopicsError, match="as it came"):
        score_sheets(path, key)


def test_a_deleted_row_counts_as_unanswered(made, tmp_path):
    sheet, key = document_intrusion(*made), tmp_path / "key.csv"
    path = filled(sheet, tmp_path / "a.csv", key, lambda q: q.answer)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:-1]), encoding="utf-8")
    assert score_sheets(path, key).overall.unanswered == 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), shown=st.integers(3, 5), each=st.integers(1, 4))
def test_the_answer_is_always_a_place_among_what_is_shown(seed, shown, each):
    sheet = word_intrusion(study()[0], shown=shown, each=each, random_state=seed)
    for question in sheet:
        assert 1 <= int(question.answer) <= question.choices == len(question.shown)
    assert len({question.id for question in sheet}) == len(sheet)


def test_verdicts_are_an_attribute_of_the_sheet(made):
    assert word_intrusion(made[0]).stability == Attributes(
        {"0": "stable", "1": "stable", "2": "stable"}
    )
