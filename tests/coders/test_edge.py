"""code_segments: whatever the coder, the same checks, the same rows."""

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from reflect_analysis.coders import Coder, Proposal, RuleCoder, SpanCoder, code_segments
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance, Turn
from reflect_analysis.errors import CoderError, GovernanceError, NotClearedError, UnknownIdError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segments


def cleared(*documents, cases=()):
    hashes = sorted({text_hash(document.text) for document in documents})
    return Corpus(documents, tuple(cases), tuple(Clearance(sha, "a", "b") for sha in hashes))


@pytest.fixture
def codebook(make_code, make_book):
    return make_book(
        make_code("strain", "drain"),
        make_code("story", "laugh", unit="reflection"),
        make_code("soul", human_only=True),
    )


@pytest.fixture
def segments(cache):
    corpus = cleared(Document("R1", "I am drained. I laugh."), Document("R2", "Rain."))
    return segment(corpus, cache=cache)


def rows(codings, corpus):
    return [(c.code_id, corpus.document(c.document_id).passage(c.start, c.end)) for c in codings]


def words(texts):
    return [["drained" in text, "laugh" in text] for text in texts]


def test_a_plain_function_is_a_coder(segments, codebook):
    codings = code_segments(words, segments, codebook)
    assert rows(codings, segments.corpus) == [
        ("strain", "I am drained."),
        ("story", "I am drained. I laugh."),
    ]
    assert codings.coders == ("words",)
    assert {c.score for c in codings} == {1.0}
    assert {c.coder_kind for c in codings} == {"machine"}


def test_columns_may_be_all_codes_but_a_human_only_one_is_never_applied(segments, codebook):
    codings = code_segments(lambda texts: np.ones((len(texts), 3)), segments, codebook, name="all")
    assert {c.code_id for c in codings} == {"strain", "story"}
    assert {code for row in codings.seen for code in row.codes} == {"strain", "story"}


def test_a_frame_names_its_columns(segments, codebook):
    def framed(texts):
        return pd.DataFrame(
            {"story": [0.0] * len(texts), "strain": ["drained" in t for t in texts]}
        )

    assert rows(code_segments(framed, segments, codebook), segments.corpus) == [
        ("strain", "I am drained.")
    ]


def test_a_scikit_learn_estimator_is_a_coder(segments, make_code, make_book):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.pipeline import make_pipeline

    codebook = make_book(make_code("strain"), make_code("joy"), make_code("rain"))
    texts = ["I am drained.", "I laugh.", "Rain.", "drained again", "laugh more", "rain falls"]
    truth = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]] * 2)
    names = ["strain", "joy", "rain"] * 2
    expected = [("strain", "I am drained."), ("joy", "I laugh."), ("rain", "Rain.")]
    by_label = make_pipeline(CountVectorizer(), LogisticRegression(C=100)).fit(texts, names)
    one = make_pipeline(CountVectorizer(), OneVsRestClassifier(LogisticRegression(C=100)))
    many = make_pipeline(CountVectorizer(), MultiOutputClassifier(LogisticRegression(C=100)))
    for coder in (by_label, one.fit(texts, truth), many.fit(texts, truth)):
        assert isinstance(coder, Coder)
        assert rows(code_segments(coder, segments, codebook), segments.corpus) == expected


def test_thresholds_are_for_all_codes_or_by_code(segments, codebook):
    def scored(texts):
        return [[0.6, 0.4]] * len(texts)

    def found(threshold):
        return {c.code_id for c in code_segments(scored, segments, codebook, threshold=threshold)}

    assert found(0.5) == {"strain"}
    assert found(0.3) == {"strain", "story"}
    assert found({"strain": 0.7, "story": 0.4}) == {"story"}
    assert found({"story": 0.4}) == {"strain", "story"}
    with pytest.raises(UnknownIdError, match="threshold: no code 'strian'; did you mean 'strain'"):
        found({"strian": 0.2})


def test_evidence_is_the_coders_own_where_it_has_any(segments, codebook):
    class Explaining:
        codes_ = ("strain",)

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return [[0.8 * ("drained" in text)] for text in texts]

        def explain(self, texts):
            return [{"strain": f"nearest example 3 of {len(texts)}"} for _ in texts]

    (coding,) = code_segments(Explaining(), segments, codebook)
    assert coding.evidence == "nearest example 3 of 1"
    Explaining.explain = lambda self, texts: []
    with pytest.raises(CoderError, match="explain gave 0 answers for 1 texts"):
        code_segments(Explaining(), segments, codebook)
    (coding, _) = code_segments(words, segments, codebook)
    assert coding.evidence == "score 1, threshold 0.5"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.ones(3), r"expected scores of shape \(3 texts, 3 codes\), got \(3,\)"),
        (np.ones((2, 2)), r"shape \(3 texts, 3 codes\), got \(2, 2\)"),
        (np.ones((3, 5)), r"expected 3 columns, a code each \(2 without those"),
        (
            np.array([[1, 0], [np.nan, 0], [1, np.inf]]),
            "2 scores are not finite numbers, first for text 2",
        ),
        ([["a", "b"]] * 3, "expected scores as numbers"),
        ([[1], [1, 2], [1]], "expected scores as numbers"),
    ],
)
def test_a_useless_answer_is_named(answer, message, segments, codebook):
    with pytest.raises(CoderError, match=message) as caught:
        code_segments(lambda texts: answer, segments, codebook, name="mine")
    assert "drained" not in str(caught.value)


def test_a_coder_that_names_its_codes_must_return_so_many_columns(segments, codebook):
    class Short:
        codes_ = ("strain", "story")

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return np.ones((len(texts), 3))

    with pytest.raises(CoderError, match=r"Short: expected scores of shape \(3 texts, 2\)"):
        code_segments(Short(), segments, codebook)
    Short.codes_ = ("strain", "storey")
    with pytest.raises(UnknownIdError, match="Short: no code 'storey'; did you mean 'story'"):
        code_segments(Short(), segments, codebook)


def test_a_classifier_of_two_classes_must_say_its_code(segments, make_code, make_book):
    class Binary:
        classes_ = np.array([0, 1])

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return np.ones((len(texts), 2))

    with pytest.raises(CoderError, match="does not say which code"):
        code_segments(Binary(), segments, make_book(make_code("a"), make_code("b")))


def test_what_is_no_coder_is_a_type_error(segments, codebook):
    for thing in (3, "rules", RuleCoder):
        with pytest.raises(TypeError, match="is no coder"):
            code_segments(thing, segments, codebook)


def test_a_coder_of_another_version_of_the_codebook_is_refused(
    segments, codebook, make_code, make_book, cache
):
    coder = RuleCoder(make_book(make_code("strain", "worn")), cache=cache)
    with pytest.raises(ValueError, match="make it anew from this codebook"):
        code_segments(coder, segments, codebook)


def test_every_document_that_was_read_is_seen_with_the_codes_that_were_looked_for(
    segments, codebook, cache
):
    codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert [(s.document_id, s.codes, s.coder_kind) for s in codings.seen] == [
        ("R1", ("strain", "story"), "machine"),
        ("R2", ("strain", "story"), "machine"),
    ]
    assert codings.to_matrix().loc["R2"].tolist() == [0.0, 0.0]


def test_where_no_code_is_looked_for_nothing_is_seen(segments, make_code, make_book, cache):
    codebook = make_book(make_code("bare"))
    codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert (len(codings), codings.seen) == (0, ())


def test_a_language_that_the_coder_cannot_read_is_neither_coded_nor_seen(codebook, cache):
    corpus = cleared(
        Document("R1", "I am drained."), Document("R2", "Très drained.", language="fr")
    )
    segments = segment(corpus, cache=cache)
    for coder in (RuleCoder(codebook, cache=cache), words):
        codings = code_segments(coder, segments, codebook)
        assert [s.document_id for s in codings.seen] == ["R1"]
        assert {c.document_id for c in codings} == {"R1"}
        assert "leaving out 1 document in a language" in codings.runs[-1].summary


def test_a_coder_may_read_other_languages(codebook, cache):
    segments = segment(cleared(Document("R2", "Je suis drained.", language="fr")), cache=cache)

    class French:
        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return words(texts)

        @staticmethod
        def reads(language):
            return language == "fr"

    assert len(code_segments(French(), segments, codebook)) == 1


GOVERNED = Case("P1", governance=Governance("nation-a", ("quotes",)))
APPROVED = Case("P2", governance=Governance("nation-b", ("coding",)))


def test_governed_records_without_approval_are_left_out_and_counted(codebook, cache):
    corpus = cleared(
        Document("R1", "I am drained.", case_id="P1"),
        Document("R2", "We are drained.", case_id="P2"),
        Document("R3", "Still drained."),
        cases=[GOVERNED, APPROVED],
    )
    codings = code_segments(
        RuleCoder(codebook, cache=cache), segment(corpus, cache=cache), codebook
    )
    assert {s.document_id for s in codings.seen} == {"R2", "R3"}
    assert {c.document_id for c in codings} == {"R2", "R3"}
    assert "leaving out 1 governed document without approval for coding" in codings.runs[-1].summary


def test_a_transcript_waits_for_all_who_govern_its_speakers(codebook, cache):
    text = "A: I am drained. B: So am I."
    turns = (Turn(3, 16, "A", "P1"), Turn(20, 28, "B", "P2"))
    document = Document("M1", text, kind="transcript", turns=turns)
    segments = segment(cleared(document, cases=[GOVERNED, APPROVED]), cache=cache)
    with pytest.raises(GovernanceError, match="M1"):
        code_segments(RuleCoder(codebook, cache=cache), segments, codebook)


def test_where_only_governed_records_are_left_it_is_an_error_with_ids_and_no_words(codebook, cache):
    documents = [Document(f"R{i}", f"I am drained {i}.", case_id="P1") for i in range(12)]
    segments = segment(cleared(*documents, cases=[GOVERNED]), cache=cache)
    with pytest.raises(GovernanceError) as caught:
        code_segments(words, segments, codebook)
    message = str(caught.value)
    assert "all 12 documents wait for the approval" in message
    assert "and 2 more" in message
    assert "drained" not in message
    assert "nation" not in message


def test_the_run_is_stamped_on_every_row(segments, codebook, cache):
    codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook, name="rules-2")
    run = codings.runs[-1]
    assert {c.run_id for c in codings} == {s.run_id for s in codings.seen} == {run.id}
    assert {c.codebook_version for c in codings} == {codebook.version}
    assert {c.coder for c in codings} == {"rules-2"}
    assert run.step == "code"
    assert run.inputs == (segments.fingerprint, codebook.version)
    assert run.model.startswith("en_core_web_sm")
    assert run.summary == (
        "3 segments of 2 documents were coded by rules-2 for 2 of 3 codes "
        f"(codebook {codebook.version})"
    )
    assert [r.step for r in codings.runs] == ["segment", "code"]


def test_a_span_coder_is_asked_for_machine_codes_and_checked(segments, codebook):
    class Spans:
        asked = ()

        def propose(self, segments, codes):
            self.asked = codes
            yield Proposal("R1", 0, 4, "strain", "by hand", 0.9)
            yield Proposal("R1", 0, 4, "soul", "by hand", 0.9)

    coder = Spans()
    assert isinstance(coder, SpanCoder)
    codings = code_segments(coder, segments, codebook)
    assert coder.asked == ("strain", "story")
    assert [(c.code_id, c.score) for c in codings] == [("strain", 0.9)]

    class Unknown(Spans):
        def propose(self, segments, codes):
            yield Proposal("R1", 0, 4, "strian", "")

    with pytest.raises(UnknownIdError, match="did you mean 'strain'"):
        code_segments(Unknown(), segments, codebook)


def test_a_span_coder_proposes_only_within_what_it_was_given(codebook, cache):
    corpus = cleared(
        Document("R1", "I am drained.", case_id="P1"),
        Document("R2", "We are drained.", case_id="P2"),
        cases=[GOVERNED, APPROVED],
    )

    class Wild:
        def propose(self, segments, codes):
            yield Proposal("R1", 0, 4, "strain", "drained")  # governed, and so not given
            yield Proposal("R9", 0, 4, "strain", "")
            yield Proposal("R2", 0, 400, "strain", "")
            yield Proposal("R2", 0, 4, "strain", "", float("nan"))
            yield ("R2", 0, 4)

    with pytest.raises(CoderError) as caught:
        code_segments(Wild(), segment(corpus, cache=cache), codebook)
    assert [fault.split(": ", 1)[0] for fault in caught.value.faults] == [
        f"Wild, proposal {number}" for number in range(1, 6)
    ]
    assert "drained" not in str(caught.value)


def test_a_code_of_the_reflection_is_scored_speaker_by_speaker(codebook, cache):
    text = "A: I was drained. B: I laugh. C: No. A: Yes, laugh."
    spoken = [("A", "I was drained."), ("B", "I laugh."), ("C", "No."), ("A", "Yes, laugh.")]
    turns = tuple(
        Turn(
            text.index(said),
            text.index(said) + len(said),
            speaker,
            "P2" if speaker == "A" else None,
        )
        for speaker, said in spoken
    )
    document = Document("M1", text, kind="transcript", turns=turns)
    segments = segment(cleared(document, cases=[APPROVED]), cache=cache)
    asked = []

    def both(texts):
        asked.extend(texts)
        return words(texts)

    codings = code_segments(both, segments, codebook)
    assert asked[4:] == ["I was drained.\nYes, laugh.", "I laugh.", "No."]
    assert [text[c.start : c.end] for c in codings if c.code_id == "story"] == [
        "I was drained. B: I laugh. C: No. A: Yes, laugh.",
        "I laugh.",
    ]


def test_no_segments_give_no_codings(codebook, cache):
    segments = segment(Corpus(()), cache=cache)
    assert len(code_segments(words, segments, codebook)) == 0
    assert len(code_segments(RuleCoder(codebook, cache=cache), segments, codebook)) == 0


def test_uncleared_texts_are_not_coded_whoever_made_the_segments(codebook, cache):
    documents = (Document("R1", "I am drained."), Document("R2", "Secret."))
    segments = segment(cleared(*documents), cache=cache)
    waiting = Corpus(documents, clearances=segments.corpus.clearances[:1])
    rows = Segments(waiting, segments.rows, "sentence")
    for coder in (RuleCoder(codebook, cache=cache), words):
        with pytest.raises(NotClearedError, match="1 of 2 documents are not cleared") as caught:
            code_segments(coder, rows, codebook)
        assert "Secret" not in str(caught.value)
    some = rows.where(lambda row: row.document_id not in {d.id for d in waiting.uncleared()})
    assert len(code_segments(words, some, codebook).seen) == 1


def test_a_coder_that_asks_for_it_gets_the_passage_around_each_text(segments, codebook):
    class Reader:
        codes_ = ("strain", "story")
        uses_context = True
        given: ClassVar[list] = []

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts, contexts=None):
            self.given.append((list(texts), contexts))
            return np.ones((len(texts), 2))

        def explain(self, texts, *, contexts=None):
            assert len(contexts) == len(texts)
            return [{"strain": f"of {len(contexts)}"} for _ in texts]

    codings = code_segments(Reader(), segments, codebook)
    (texts, around), (readings, whole) = Reader.given
    assert texts == ["I am drained.", "I laugh.", "Rain."]
    assert around == ["I am drained. I laugh.", "I am drained. I laugh.", "Rain."]
    assert readings == whole == ["I am drained.\nI laugh.", "Rain."]
    assert {c.evidence for c in codings if c.code_id == "strain"} == {"of 3"}


def test_the_coders_own_thresholds_hold_where_none_are_given(segments, codebook):
    class Tuned:
        codes_ = ("strain", "story")
        thresholds_: ClassVar[dict] = {"strain": 0.2}

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return np.full((len(texts), 2), 0.3)

    def found(threshold):
        given = code_segments(Tuned(), segments, codebook, threshold=threshold)
        return {c.code_id for c in given}

    assert found(None) == {"strain"}
    assert found({"story": 0.1}) == {"strain", "story"}
    assert found(0.4) == set()


def test_an_exclusive_coder_gives_each_text_its_likeliest_code(segments, make_code, make_book):
    codebook = make_book(make_code("strain"), make_code("joy"))

    class One:
        codes_ = ("strain", "joy")
        exclusive = True

        def fit(self, texts, y):
            return self

        def predict_proba(self, texts):
            return [[0.3, 0.1 + 0.3 * ("laugh" in text)] for text in texts]

    assert [c.code_id for c in code_segments(One(), segments, codebook)] == [
        "strain",
        "joy",
        "strain",
    ]


def test_a_retired_code_is_never_looked_for(segments, make_code, make_book):
    codebook = make_book(make_code("strain"), make_code("joy"))
    codebook = codebook.retire("joy", by="ada", reason="never found")
    codings = code_segments(lambda texts: np.ones((len(texts), 2)), segments, codebook, name="all")
    assert {c.code_id for c in codings} == {"strain"}
    assert {row.codes for row in codings.seen} == {("strain",)}
