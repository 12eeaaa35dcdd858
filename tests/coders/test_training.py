"""What may be learned from: only what people read, and only what its governors approved."""

import numpy as np
import pandas as pd
import pytest

from reflect_analysis.coders.contexts import contexts_of
from reflect_analysis.coders.training import read_lesson, training_set
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import (
    GovernanceError,
    NotClearedError,
    TrainingDataError,
    UnknownIdError,
)
from reflect_analysis.provenance import text_hash
from reflect_analysis.segments import Segment, Segments


def segments_of(*documents, cases=(), cleared=True, by="sentence"):
    hashes = sorted({text_hash(document.text) for document in documents}) if cleared else []
    corpus = Corpus(documents, tuple(cases), tuple(Clearance(sha, "a", "b") for sha in hashes))
    rows = []
    for document in documents:
        for sentence in document.text.split("|"):
            start = document.text.index(sentence)
            end = start + len(sentence)
            case = corpus.case_at(document.id, start)
            rows.append(Segment.of(document, start, end, case))
    return Segments(corpus, tuple(rows), by)


@pytest.fixture
def codebook(make_code, make_book):
    return make_book(
        make_code("strain"),
        make_code("joy"),
        make_code("story", unit="reflection"),
        make_code("soul", human_only=True),
    )


P1, P2 = Case("P1"), Case("P2")
GOVERNED = Case("P3", governance=Governance("nation-a", ("coding",)))


def test_read_and_not_coded_is_0_and_not_read_is_nan(codebook):
    segments = segments_of(
        Document("R1", "I am worn.|We laugh.", case_id="P1"),
        Document("R2", "Rain.", case_id="P2"),
        cases=[P1, P2],
    )
    log = Codings(
        (Coding("R1", 0, 10, "strain", "ada"),),
        seen=(Seen("ada", "R1"), Seen("ada", "R2", codes=("joy",))),
    )
    data = training_set(segments, log, codebook, coders=["ada"])
    assert data.y.columns.tolist() == ["strain", "joy"]
    assert data.texts == ("I am worn.", "We laugh.", "Rain.")
    np.testing.assert_array_equal(data.y, [[1, 0], [0, 0], [np.nan, 0]])
    assert data.groups == ("case:P1", "case:P1", "case:P2")


def test_what_nobody_read_is_left_out_and_counted(codebook):
    segments = segments_of(Document("R1", "One."), Document("R2", "Two.|Three."))
    data = training_set(segments, Codings(seen=(Seen("ada", "R1"),)), codebook, coders=["ada"])
    assert (data.ids, data.unread) == (("R1:0-4",), 2)
    assert "2 unread texts" in repr(data)
    with pytest.raises(TrainingDataError, match="bo: read none of the 3 texts"):
        training_set(segments, Codings(), codebook, coders=["bo"])


def test_governed_records_without_approval_for_training_are_left_out(codebook):
    documents = (
        Document("R1", "One.", case_id="P1"),
        Document("R2", "Two.", case_id="P3"),
    )
    log = Codings(seen=(Seen("ada", "R1"), Seen("ada", "R2")))
    data = training_set(
        segments_of(*documents, cases=[P1, GOVERNED]), log, codebook, coders=["ada"]
    )
    assert (data.ids, data.governed) == (("R1:0-4",), 1)
    with pytest.raises(GovernanceError, match="all 1 documents wait"):
        training_set(segments_of(documents[1], cases=[GOVERNED]), log, codebook, coders=["ada"])
    approved = Case("P3", governance=Governance("nation-a", ("training",)))
    data = training_set(segments_of(documents[1], cases=[approved]), log, codebook, coders=["ada"])
    assert (len(data), data.governed) == (1, 0)


def test_uncleared_texts_are_not_learned_from(codebook):
    segments = segments_of(Document("R1", "One secret."), cleared=False)
    with pytest.raises(NotClearedError) as caught:
        training_set(segments, Codings(seen=(Seen("ada", "R1"),)), codebook, coders=["ada"])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("combine", "expected"),
    [("majority", [1.0, np.nan, 0.0]), ("any", [1.0, 1.0, 0.0]), ("all", [1.0, 0.0, 0.0])],
)
def test_several_coders_are_combined(combine, expected, codebook):
    segments = segments_of(Document("R1", "One.|Two.|Three."))
    log = Codings(
        (
            Coding("R1", 0, 4, "strain", "ada"),
            Coding("R1", 0, 4, "strain", "bo"),
            Coding("R1", 5, 9, "strain", "bo"),
        ),
        seen=(Seen("ada", "R1"), Seen("bo", "R1")),
    )
    data = training_set(segments, log, codebook, coders=["ada", "bo"], combine=combine)
    np.testing.assert_array_equal(data.y["strain"], expected)
    assert data.disputed == (1 if combine == "majority" else 0)


def test_a_code_of_the_reflection_is_learned_from_the_whole_of_it(codebook):
    segments = segments_of(Document("R1", "One.|Two."), Document("R2", "Rain."))
    log = Codings(
        (Coding("R1", 5, 9, "story", "ada"),), seen=(Seen("ada", "R1"), Seen("ada", "R2"))
    )
    data = training_set(segments, log, codebook, coders=["ada"], unit="reflection")
    assert (data.texts, data.y["story"].tolist()) == (("One.\nTwo.", "Rain."), [1.0, 0.0])


def test_a_code_that_no_machine_may_propose_is_not_learned(codebook):
    segments = segments_of(Document("R1", "One."))
    log = Codings(seen=(Seen("ada", "R1"),))
    with pytest.raises(TrainingDataError, match="'soul': human-only"):
        training_set(segments, log, codebook, coders=["ada"], codes=["soul"])
    with pytest.raises(UnknownIdError, match="did you mean 'strain'"):
        training_set(segments, log, codebook, coders=["ada"], codes=["strian"])
    with pytest.raises(ValueError, match="expected 'majority'"):
        training_set(segments, log, codebook, coders=["ada"], combine="most")


# ── what stands around ──────────────────────────────────────────────────────────


def test_a_context_is_the_passage_around_the_segment_and_holds_it():
    text = "It rained. I was worn. We laughed."
    document = Document("R1", text)
    corpus = Corpus((document,))
    row = Segment.of(document, 11, 22, None)
    assert contexts_of(Segments(corpus, (row,), "sentence")) == (text,)


def test_a_context_is_cut_at_sentences_and_is_the_same_without_the_neighbours():
    before, after = "Ab cd ef gh. " * 30, " Ij kl mn op." * 30
    document = Document("R1", f"{before}Here.{after}")
    start = len(before)
    row = Segment.of(document, start, start + 5, None)
    (context,) = contexts_of(Segments(Corpus((document,)), (row,), "sentence"))
    assert context.startswith("Ab cd ef gh. ")
    assert context.endswith(" Ij kl mn op.")
    assert "Here." in context
    assert 300 < len(context) <= 405
    more = (Segment.of(document, 0, 12, None), row)
    assert contexts_of(Segments(Corpus((document,)), more, "sentence"))[1] == context


def test_a_context_never_holds_another_speakers_words():
    text = "A: I am worn. So very. B: We laugh."
    turns = (Turn(3, 22, "A"), Turn(26, 35, "B"))
    document = Document("M1", text, kind="transcript", turns=turns)
    rows = (Segment.of(document, 14, 22, None), Segment.of(document, 26, 35, None))
    assert contexts_of(Segments(Corpus((document,)), rows, "sentence")) == (
        "I am worn. So very.",
        "We laugh.",
    )


# ── the gate of every fit ───────────────────────────────────────────────────────


def test_every_fault_is_told_at_once_by_row_and_code_without_a_word():
    y = pd.DataFrame({"strain": [0, 2, 1], "joy": [0.5, np.inf, 1]})
    with pytest.raises(TrainingDataError) as caught:
        read_lesson(["secret a", "b", "c"], y, sample_weight=[1, -1, 1])
    assert caught.value.faults == (
        "y, code 'strain', row 2: expected 0, 1 or NaN (not read)",
        "y, code 'joy', rows 1, 2: expected 0, 1 or NaN (not read)",
        "sample_weight: expected finite numbers of 0 or more, one a text",
    )


@pytest.mark.parametrize(
    ("texts", "y", "more", "message"),
    [
        ([], np.empty((0, 1)), {}, "no texts to learn from"),
        (["a", "b"], [[1]], {}, "y: expected one entry a text, 2 in all, came 1"),
        (["a", "b"], [[1], [0]], {"groups": ["P1"]}, "groups: expected one entry a text"),
        (["a", "b"], [[1, 0], [0, 1]], {}, r"shape \(n_texts, 1 codes\), came \(2, 2\)"),
        (["a", "b"], [["x"], ["y"]], {}, "something else than numbers"),
        (["a", "b"], ["strain", ""], {}, "row 2: expected a code id a text"),
        (["a", "b"], ["strain", "strian"], {}, "'strian'; did you mean 'strain'"),
    ],
)
def test_labels_that_cannot_be_read_are_named(texts, y, more, message):
    with pytest.raises(TrainingDataError, match=message):
        read_lesson(texts, y, codes=["strain"], **more)


def test_one_code_a_text_may_be_given_by_its_id():
    lesson = read_lesson(["a", "b", "c"], ["joy", "strain", "joy"])
    assert lesson.codes == ("joy", "strain")
    assert lesson.y.tolist() == [[1, 0], [0, 1], [1, 0]]


def test_texts_are_strings():
    with pytest.raises(TypeError, match="came one string"):
        read_lesson("a text", [[1]], codes=["strain"])
    with pytest.raises(TypeError, match=r"texts\[1\]: expected a string, came int"):
        read_lesson(["a", 3], [[1], [0]], codes=["strain"])
    with pytest.raises(ValueError, match="a context for each of 2 texts, came 1"):
        read_lesson(["a", "b"], [[1], [0]], codes=["strain"], contexts=["a b"])
