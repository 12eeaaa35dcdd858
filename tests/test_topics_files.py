"""Topics kept and read back: no pickle, no words unless asked for, the same rule for new texts."""

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis._numbers import NumbersFolder, hash_of
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Governance
from reflect_analysis.errors import NotClearedError, OutputError, TopicsError
from reflect_analysis.segments import Segment, Segments
from reflect_analysis.topics import TopicSettings, align, fit_topics
from reflect_analysis.topics.assigning import assign_topics
from reflect_analysis.topics.files import load_topics, save_topics
from reflect_analysis.topics.guided import topics_from_codes, topics_from_seeds
from reflect_analysis.topics.placing import place

QUICK = TopicSettings(refits=0)
WORDS = ["mud rain creek", "mentor tea diary", "tired legs winter", "mother soup story"]
LABELS = np.repeat([0, 1, 2, 3], [16, 12, 9, 7])
CENTRES = np.eye(4, 12) + 0.2
BOOK = Codebook(
    tuple(Code(name, name, f"About {name}.", "all") for name in ("rain", "asking")),
    (Group("all", "All"),),
)


def segments_of(labels, *, first=0, cases=(), cleared=True, language="en"):
    documents = tuple(
        Document(
            f"d{n:03}",
            f"We had {WORDS[label]} no {chr(97 + n % 26)}{n}.",
            case_id=f"P{n:03}",
            language=language,
        )
        for n, label in enumerate(labels, start=first)
    )
    known = {case.id: case for case in cases}
    people = tuple(known.get(d.case_id) or Case(d.case_id) for d in documents)
    clearances = tuple(Clearance(d.sha256, "lead", "read") for d in documents if cleared)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    return Segments(Corpus(documents, people, clearances), rows, "document")


def vectors_of(labels, *, noise=0.15, seed=1):
    rng = np.random.default_rng(seed)
    return (CENTRES[labels] + noise * rng.normal(size=(len(labels), 12))).astype(np.float32)


SEGMENTS = segments_of(LABELS)
VECTORS = vectors_of(LABELS)
NEW = segments_of([0, 1, 2, 3, 0], first=900)
NEW_VECTORS = vectors_of([0, 1, 2, 3, 0], seed=9)


def fitted(engine="k-means", vectors=VECTORS):
    return fit_topics(SEGMENTS, embeddings=vectors, engine=engine, n_topics=4, settings=QUICK)


@pytest.fixture(scope="module")
def topics():
    return fitted()


@pytest.fixture(scope="module")
def sorted_by_codes():
    return topics_from_codes(
        SEGMENTS, BOOK, embeddings=VECTORS, prototypes=CENTRES[:2], threshold=0.8
    )


def acted(topics):
    who = {"by": "Ana", "why": "read together", "at": datetime(2026, 3, 1, tzinfo=UTC)}
    members = topics.members(3)
    named = topics.name(0, "Rain", **who).merge((1, 2), **who)
    return named.split(3, {"a": members[:2], "b": members[2:]}, **who)


# There and back


def test_topics_with_their_words_come_back_the_same(topics, tmp_path):
    folder = save_topics(acted(topics), tmp_path / "my topics", words=True)
    assert sorted(path.name for path in folder.iterdir()) == ["topics.json", "topics.safetensors"]
    back = load_topics(folder)
    assert back.fingerprint == topics.fingerprint
    assert repr(back) == repr(acted(topics))
    assert back.rows == acted(topics).rows
    assert back.centroids == topics.centroids
    assert back.placing == topics.placing
    assert back.acts == acted(topics).acts
    assert [run.id for run in back.runs] == [run.id for run in topics.runs]
    assert back.left_out == topics.left_out
    again = save_topics(back, tmp_path / "again", words=True)
    for name in ("topics.json", "topics.safetensors"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_no_word_of_a_participant_is_saved_unless_asked(topics, tmp_path):
    words = {word for theme in WORDS for word in theme.split()}
    said = [word for word in words if len(word) > 3]  # the bytes of numbers may spell a shorter one
    folder = acted(topics).save(tmp_path / "topics")
    kept = b"".join(path.read_bytes() for path in folder.iterdir()).decode("utf-8", "replace")
    assert not [word for word in said if word in kept]
    assert "read together" in kept
    back = load_topics(folder)
    assert [row.words for row in back] == [()] * 4
    assert back.label(0) == "Rain"
    assert back.label(1) == "topic 1"
    assert any("words of the topics were not saved" in note for note in back.notes)
    assert load_topics(back.save(tmp_path / "again")).notes == back.notes
    few = fit_topics(segments_of([0, 1]), embeddings=VECTORS[:2])
    assert few.terms
    assert load_topics(few.save(tmp_path / "few")).terms == ()
    assert load_topics(few.save(tmp_path / "whole", words=True)).terms == few.terms


def test_nothing_that_is_saved_is_a_pickle_and_reading_loads_no_learner(topics, tmp_path):
    folder = save_topics(topics, tmp_path / "topics")
    assert all(b"\x80\x04" not in path.read_bytes()[:2] for path in folder.iterdir())
    json.loads((folder / "topics.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    code = (
        "import sys; from reflect_analysis.topics.files import load_topics; "
        f"topics = load_topics({str(folder)!r}); "
        "heavy = {'sklearn', 'torch', 'bertopic', 'pickle5', 'joblib', 'sentence_transformers'}; "
        "print(topics.fingerprint, sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert told.stdout.split(" ", 1) == [topics.fingerprint, "[]\n"]


def test_a_mark_of_guidance_is_kept(sorted_by_codes, tmp_path):
    back = load_topics(save_topics(sorted_by_codes, tmp_path / "guided"))
    assert back.guided == sorted_by_codes.guided
    assert "no independent evidence" in repr(back)
    assert not align(back, BOOK, prototypes=CENTRES[:2]).independent


def test_an_existing_folder_is_not_written_over(topics, tmp_path):
    (tmp_path / "topics").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        save_topics(topics, tmp_path / "topics")
    assert [path.name for path in tmp_path.iterdir()] == ["topics"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "topics.json").unlink(), "holds no readable topics.json"),
        (lambda folder: (folder / "topics.json").write_text("{", "utf-8"), "expected JSON"),
        (lambda folder: edit(folder, format="x"), "expected format 'reflect-analysis topics 1'"),
        (lambda folder: (folder / "topics.safetensors").unlink(), "could not be read"),
        (lambda folder: edit(folder, sha256="0"), "not the numbers that topics.json was written"),
        (lambda folder: edit(folder, fingerprint="0"), "not those that were saved"),
        (lambda folder: edit(folder, topics={}), "expected saved topics, could not be read"),
    ],
)
def test_a_folder_that_was_changed_is_a_named_error(topics, tmp_path, change, message):
    folder = save_topics(topics, tmp_path / "topics")
    change(folder)
    with pytest.raises(TopicsError, match=message):
        load_topics(folder)


def edit(folder, **fields):
    path = folder / "topics.json"
    settings = json.loads(path.read_text(encoding="utf-8")) | fields
    path.write_text(json.dumps(settings), encoding="utf-8")


def test_a_hash_knows_names_shapes_and_values():
    one = {"a": np.arange(6.0)}
    assert hash_of(one) == hash_of({"a": np.arange(6.0)})
    assert hash_of(one) != hash_of({"b": np.arange(6.0)})
    assert hash_of(one) != hash_of({"a": np.arange(6.0).reshape(2, 3)})
    assert hash_of(one) != hash_of({"a": np.arange(6.0)[::-1]})


def test_a_broken_write_leaves_nothing(tmp_path):
    folder = NumbersFolder("x 1", "x", "thing", TopicsError)
    with pytest.raises(TypeError):
        folder.write(tmp_path / "out", {"bad": object()}, {})
    with pytest.raises(TypeError):
        folder.write(tmp_path / "out", {"bad": {1, 2}}, {"a": np.arange(3)})
    assert list(tmp_path.iterdir()) == []


# New texts


def test_the_texts_of_the_fit_come_into_their_own_topics(topics, tmp_path):
    back = load_topics(save_topics(topics, tmp_path / "topics"))
    for each in (topics, back):
        found = each.assign(SEGMENTS, embeddings=VECTORS)
        assert found.exact
        assert found.note == ""
        assert (found.n_same, found.n_fitted) == (44, 44)
        assert dict(found.assignments) == dict(topics.assignments)
    similar = {u.segment_id: u.similarity for u in topics.units}
    for unit in found:
        assert unit.similarity == pytest.approx(similar[unit.segment_id], abs=1e-5)


def test_new_texts_are_assigned_alike_by_the_fitted_and_the_loaded(topics, tmp_path):
    back = load_topics(save_topics(topics, tmp_path / "topics"))
    mine = topics.assign(NEW, embeddings=NEW_VECTORS)
    theirs = back.assign(NEW, embeddings=NEW_VECTORS)
    assert mine.rows == theirs.rows
    assert [row.topic for row in mine] == [0, 1, 2, 3, 0]
    assert (mine.n_fitted, mine.exact) == (0, True)
    assert repr(mine) == "<Assigned: 5 segments, 0 in no topic; topics not measured>"
    assert set(mine.to_frame()["stability"]) == {"not measured"}
    run = mine.runs[-1]
    assert (run.step, run.settings["topics"]) == ("assign", topics.fingerprint)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_a_centred_fit_is_repeated_by_its_rule_on_any_vectors(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(44, 12)).astype(np.float32)
    topics = fit_topics(SEGMENTS, embeddings=vectors, n_topics=3, settings=QUICK)
    found = topics.assign(SEGMENTS, embeddings=vectors)
    # k-means may stop a text short of the last mean; then the rule is not called exact.
    assert found.n_same == round(topics.placing.same * 44)
    assert found.exact == (found.n_same == 44)
    assert found.n_same >= 42


def test_zero_shot_is_assigned_by_its_codes_and_thresholds(sorted_by_codes, tmp_path):
    back = load_topics(save_topics(sorted_by_codes, tmp_path / "topics"))
    found = back.assign(SEGMENTS, embeddings=VECTORS)
    assert found.exact
    assert dict(found.assignments) == dict(sorted_by_codes.assignments)
    assert -1 in found.assignments.values()


def test_where_no_rule_repeats_the_fit_the_result_says_so_with_the_share(tmp_path):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(44, 12)).astype(np.float32)
    ward = fitted("agglomerative", vectors)
    found = load_topics(ward.save(tmp_path / "ward")).assign(SEGMENTS, embeddings=vectors)
    assert not found.exact
    assert found.n_same < found.n_fitted == 44
    share = f"{found.n_same / 44:.1%} of the fitted texts"
    assert "Ward's method joins groups and keeps no rule" in found.note
    assert share in found.note
    assert share in found.runs[-1].summary
    assert "not by the rule of the fit" in repr(found)
    assert found.note[:30] in found._repr_html_()
    assert not found.to_frame()["exact"].any()


def test_texts_of_a_guided_fit_were_pulled_and_new_ones_are_not():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(44, 12)).astype(np.float32)
    seeds = {"rain": ["mud"], "asking": ["mentor"]}
    led = topics_from_seeds(
        SEGMENTS, seeds, embeddings=vectors, seed_vectors=CENTRES[:2], weight=0.7, n_topics=4,
        settings=QUICK,
    )  # fmt: skip
    found = led.assign(SEGMENTS, embeddings=vectors)
    assert not found.exact
    assert "pulled towards guides" in found.note


def test_outliers_stay_outside_and_what_the_nearest_centre_cannot_repeat_is_counted():
    vectors = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    labels = LABELS.copy()
    labels[[3, 20]] = -1
    rule = place(vectors, labels)
    assert not rule.exact
    assert rule.same == pytest.approx(1 - (rule.labels(vectors) != labels).mean())
    far = np.zeros((1, 12), dtype=np.float32)
    far[0, 11] = -1
    assert rule.labels(far).tolist() == [-1]
    assert place(vectors, np.full(44, -1)) is None


def test_an_engine_with_outliers_says_that_it_keeps_no_rule(topics, tmp_path):
    outside = {3, 20, 40}
    units = tuple(
        dataclasses.replace(unit, topic=-1, similarity=float("nan")) if n in outside else unit
        for n, unit in enumerate(topics.units)
    )
    unit_vectors = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    rule = place(unit_vectors, np.array([unit.topic for unit in units]))
    dense = dataclasses.replace(topics, engine="bertopic", units=units, placing=rule)
    found = load_topics(dense.save(tmp_path / "dense")).assign(SEGMENTS, embeddings=VECTORS)
    assert not found.exact
    assert found.n_same == round(rule.same * 44) < 44
    assert "HDBSCAN keeps no rule for a single text" in found.note
    assert "to none where it lies too far from it" in found.note
    assert found.rows == dense.assign(SEGMENTS, embeddings=VECTORS).rows


def test_only_texts_that_may_be_read_are_assigned(topics):
    people = [Case("P900", governance=Governance("nation-a", ()))]
    governed = segments_of([0, 1], first=900, cases=people)
    found = topics.assign(governed, embeddings=NEW_VECTORS[:2])
    assert [row.document_id for row in found] == ["d901"]
    assert dict(found.left_out) == {"governance": 1}
    french = segments_of([0], first=900, language="fr")
    assert dict(topics.assign(french, embeddings=NEW_VECTORS[:1]).left_out) == {"language": 1}
    with pytest.raises(NotClearedError):
        topics.assign(segments_of([0], first=900, cleared=False), embeddings=NEW_VECTORS[:1])


def test_what_cannot_be_assigned_is_a_named_error(topics):
    with pytest.raises(TopicsError, match=r"expected 12 dimensions, .* came 5"):
        topics.assign(NEW, embeddings=np.ones((5, 5)))
    with pytest.raises(TopicsError, match="expected 5 rows"):
        topics.assign(NEW, embeddings=NEW_VECTORS[:4])
    few = fit_topics(segments_of([0]), embeddings=VECTORS[:1])
    with pytest.raises(TopicsError, match="no topics to assign texts to"):
        assign_topics(few, NEW, embeddings=NEW_VECTORS)
    run = dataclasses.replace(topics.runs[-1], model="another (sha256 0…)")
    with pytest.raises(TopicsError, match="vectors are by another"):
        dataclasses.replace(topics, runs=(run,)).assign(NEW)
