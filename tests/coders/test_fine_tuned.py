"""The fine-tuned coder: what it learns, what it refuses, and that it leaves no trace."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from reflect_analysis.coders import code_segments
from reflect_analysis.coders.fine_tuned import FineTunedCoder
from reflect_analysis.coders.fine_tuned.passages import around
from reflect_analysis.coders.supervised import SupervisedCoder
from reflect_analysis.coders.training import training_set
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import CoderError, OutputError, TrainingDataError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment
from reflect_analysis.segments import Segment, Segments

WHO = (  # noqa: SIM905  # easier to read than twelve lines
    "the children, my mentor, a colleague, the parents, our director, the toddlers, two families, "
    "the educator, my group, the students, a friend, the team"
).split(", ")
TIRED = [
    f"By Friday I was worn out and {who} could see that I had no strength left." for who in WHO
]
GLAD = [
    f"I laughed all morning because {who} made me feel that I am in the right place." for who in WHO
]
TEXTS = TIRED + GLAD
LABELS = ["tired"] * len(TIRED) + ["glad"] * len(GLAD)
TABLE = pd.DataFrame({"tired": [1] * 12 + [0] * 12, "glad": [0] * 12 + [1] * 12})
NEW = ["I was exhausted and wanted to sleep.", "What a joy this morning was!"]


def coder(**settings):
    return FineTunedCoder(**{"epochs": 1, "seed": 3, "device": "cpu"} | settings)


@pytest.fixture(scope="module")
def trained():
    return coder(exclusive=True, epochs=4, method="full").fit(
        TEXTS, LABELS, ids=[f"r{place}" for place in range(24)]
    )


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    return trained.save(tmp_path_factory.mktemp("a folder with spaces") / "coder")


def test_new_texts_get_the_code_they_read_like(trained):
    scores = trained.predict_proba(NEW)
    assert trained.codes_ == ("glad", "tired")
    assert scores.shape == (2, 2)
    assert scores.sum(axis=1) == pytest.approx(1)
    assert trained.predict(NEW) == ["tired", "glad"]


def test_scores_of_a_text_do_not_depend_on_its_neighbours_in_the_list(trained):
    alone = np.vstack([trained.predict_proba([text]) for text in NEW + TEXTS[:3]])
    assert trained.predict_proba(NEW + TEXTS[:3]) == pytest.approx(alone, abs=1e-5)


def test_no_texts_give_no_rows(trained):
    assert trained.predict_proba([]).shape == (0, 2)
    assert trained.explain([]) == []


def test_the_same_seed_gives_the_same_scores_and_another_seed_others():
    first, again, other = (
        coder(exclusive=True, seed=seed).fit(TEXTS, LABELS).predict_proba(NEW) for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_a_training_leaves_the_process_as_it_was():
    import torch

    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002  # the process-wide generator is what is looked at
    with torch.no_grad():
        before = (torch.get_rng_state(), np.random.get_state()[1].copy(), warnings.filters[:])  # noqa: NPY002  # the same
        coder(exclusive=True).fit(TEXTS, LABELS).predict_proba(NEW)
        assert not torch.is_grad_enabled()
    assert (torch.get_rng_state() == before[0]).all()
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002  # the same
    assert warnings.filters[:] == before[2]


def test_the_shared_sentence_model_is_not_changed():
    from reflect_analysis.embeddings import load_model

    shared = load_model()
    before = {name: value.clone() for name, value in shared.named_parameters()}
    coder(exclusive=True).fit(TEXTS, LABELS)
    assert all((value == before[name]).all() for name, value in shared.named_parameters())


def test_codes_that_do_not_exclude_each_other_are_scored_apart():
    both = TABLE.assign(morning=[1, 0] * 12)
    found = coder().fit(TEXTS, both)
    scores = found.predict_proba(NEW)
    assert found.codes_ == ("tired", "glad", "morning")
    assert ((scores > 0) & (scores < 1)).all()
    assert scores.sum(axis=1) != pytest.approx(1)


def test_pairs_are_contrasted_and_people_are_kept_apart():
    groups = [f"p{place % 12}" for place in range(24)]
    one = coder(method="contrastive").fit(TEXTS, TABLE, groups=groups)
    whole = coder(method="contrastive").fit(TEXTS, TABLE)
    assert one.method_ == whole.method_ == "contrastive"
    assert coder().fit(TEXTS, TABLE).method_ == "full"
    assert (one.predict_proba(NEW) != whole.predict_proba(NEW)).any()


def test_members_are_averaged():
    settings = {"exclusive": True, "lexical": 0.0}
    both = coder(members=2, **settings).fit(TEXTS, LABELS).predict_proba(NEW)
    each = [coder(seed=s, **settings).fit(TEXTS, LABELS).predict_proba(NEW) for s in (3, 4)]
    assert both == pytest.approx(np.mean(each, axis=0))


def test_words_alone_are_a_coder_too():
    found = coder(exclusive=True, lexical=1.0).fit(TEXTS, LABELS)
    assert found.predict_proba(["worn out by Friday", "laughed all morning"]).argmax(
        1
    ).tolist() == [1, 0]


def around_each(texts):
    return [f"We ran for hours. {text} Then home." for text in texts]


def test_neighbours_are_read_by_a_coder_that_learned_with_them_alone(trained):
    learned = coder(exclusive=True).fit(TEXTS, LABELS, contexts=around_each(TEXTS))
    bare = learned.predict_proba(NEW)
    assert (learned.predict_proba(NEW, ["", ""]) == bare).all()
    assert (learned.predict_proba(NEW, around_each(NEW)) != bare).any()
    assert (trained.predict_proba(NEW, around_each(NEW)) == trained.predict_proba(NEW)).all()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("One two. I was late. Three four.", ("two.", "Three")),
        ("I was late.", ("", "")),
        ("One two. I was very late. Three four.", ("two.", "Three")),
        ("", ("", "")),
        ("Nothing alike", ("Nothing", "alike")),
    ],
)
def test_the_words_around_a_text_are_found_in_its_context(context, expected):
    text = "I was very late." if "very" in context else "I was late."
    assert around(text, context, 1) == expected


def test_a_text_in_other_words_is_found_in_its_context():
    context = "It rained. Until now there was no problem with it. The class went home."
    before, after = around("So far there was no problem with it.", context, 3)
    assert "rained" in before
    assert after.endswith("class went") or "The class" in after


def test_it_tells_which_texts_it_learned_from(trained):
    assert trained.ids_ == tuple(f"r{place}" for place in range(24))


def test_evidence_names_ids_and_no_words(trained):
    (why, _) = trained.explain(NEW)
    assert set(why) == {"glad", "tired"}
    named = {part.partition(" ")[0] for part in why["tired"].partition("like ")[2].split(", ")}
    assert named <= {f"r{place}" for place in range(12)}
    assert not any(word in why["tired"] for word in ("Friday", "strength", "mentor"))


def test_a_saved_coder_gives_the_same_scores(trained, saved):
    again = FineTunedCoder.load(saved, device="cpu")
    assert (again.predict_proba(NEW) == trained.predict_proba(NEW)).all()
    assert again.explain(NEW) == trained.explain(NEW)
    assert (again.codes_, again.model_, again.n_texts_) == (trained.codes_, trained.model_, 24)
    assert repr(again) == repr(trained)


def test_a_saved_coder_holds_no_text_in_letters_and_no_pickle(saved):
    assert {path.name for path in saved.iterdir()} == {"coder.json", "coder.safetensors"}
    for path in saved.iterdir():
        assert not any(word in path.read_bytes() for word in (b"Friday", b"toddlers", b"laughed"))


def test_a_folder_that_exists_is_not_overwritten(trained, saved):
    with pytest.raises(OutputError, match="exists already"):
        trained.save(saved)


def changed(saved, folder, change):
    """A copy of a saved coder with its settings changed."""
    folder.mkdir()
    (folder / "coder.safetensors").write_bytes((saved / "coder.safetensors").read_bytes())
    about = json.loads((saved / "coder.json").read_text(encoding="utf-8"))
    change(about)
    (folder / "coder.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: about.update(format="other"), "expected format"),
        (lambda about: about.update(sha256="0"), "not the numbers"),
        (lambda about: about.update(model="other-model"), "trained from other-model"),
        (lambda about: about.pop("codes"), "not a coder of this version"),
        (lambda about: about["settings"].update(colour="red"), "not a coder of this version"),
        (lambda about: about.update(codes=["one"]), "not a coder of this version"),
    ],
)
def test_a_changed_folder_is_refused(saved, tmp_path, change, message):
    with pytest.raises(CoderError, match=message):
        FineTunedCoder.load(changed(saved, tmp_path / "c", change))


def test_a_folder_without_a_coder_is_refused(tmp_path):
    with pytest.raises(CoderError, match=r"no readable coder\.json"):
        FineTunedCoder.load(tmp_path)


def test_a_broken_file_of_numbers_is_refused(saved, tmp_path):
    folder = changed(saved, tmp_path / "c", lambda about: None)
    (folder / "coder.safetensors").write_bytes(b"nothing")
    with pytest.raises(CoderError, match="could not be read"):
        FineTunedCoder.load(folder)


def refused(texts, y, **given):
    settings = {name: given.pop(name) for name in ("exclusive", "codes") if name in given}
    with pytest.raises(TrainingDataError) as caught:
        coder(**settings).fit(texts, y, **given)
    return caught.value.faults


def test_codes_with_too_few_positives_are_refused_with_their_counts():
    y = TABLE.assign(rare=[1] * 9 + [0] * 15, never=0)
    ways = "at least 10 are needed; code more, or choose rare='skip'"
    assert refused(TEXTS, y) == (
        f"code 'rare': 9 positives of 24 texts, {ways}",
        f"code 'never': 0 positives of 24 texts, {ways}",
    )


def test_one_class_alone_is_refused():
    assert "only one code, 'tired'" in refused(TEXTS, ["tired"] * 24, exclusive=True)[0]
    assert "all 24 texts have it" in refused(TEXTS, TABLE.assign(always=1))[0]


def test_every_fault_of_the_labels_is_told_at_once():
    y = TABLE.astype(float)
    y.iloc[2, 0] = 0.5
    y.iloc[[4, 5], 1] = 2
    assert refused(TEXTS, y, sample_weight=[-1] * 24) == (
        "y, code 'tired', row 3: expected 0, 1 or NaN (not read)",
        "y, code 'glad', rows 5, 6: expected 0, 1 or NaN (not read)",
        "sample_weight: expected finite numbers of 0 or more, one a text",
    )


def test_codes_that_exclude_each_other_stand_once_a_text():
    y = TABLE.copy()
    y.iloc[0, 1] = 1
    y.iloc[20, 1] = 0
    assert "rows 1, 21: 2 texts have none or several codes" in refused(TEXTS, y, exclusive=True)[0]


@pytest.mark.parametrize(
    ("y", "given", "message"),
    [
        (TABLE.to_numpy(), {}, "name the codes by codes="),
        (LABELS[:-1], {}, "y: expected one entry a text, 24 in all, came 23"),
        ([*LABELS[:-1], None], {}, "y, row 24: expected a code id"),
        (LABELS, {"codes": ["tired", "gladly"]}, "did you mean 'gladly'"),
        (TABLE.replace({1: "yes", 0: "no"}), {}, "something else than numbers"),
        (LABELS, {"sample_weight": [float("nan")] * 24}, "sample_weight: expected finite"),
        (LABELS, {"sample_weight": ["much"] * 24}, "sample_weight: expected numbers"),
        (LABELS, {"sample_weight": [0] * 24}, "all weights are 0"),
        (LABELS, {"groups": ["p1"]}, "groups: expected one entry a text"),
        (LABELS, {"ids": ["r1"]}, "ids: expected one entry a text"),
        (TABLE.set_axis(["tired", "tired"], axis=1), {}, "code 'tired' is named twice"),
    ],
)
def test_training_data_that_cannot_be_used_is_refused(y, given, message):
    assert message in "\n".join(refused(TEXTS, y, **given))


def test_a_rare_code_can_be_left_out_and_is_named():
    y = TABLE.assign(rare=[1] * 9 + [0] * 15)
    found = coder(rare="skip").fit(TEXTS, y)
    assert found.codes_ == ("tired", "glad")
    assert dict(found.refused_) == {"rare": 9}
    assert "rare (9 positives) not learned" in found.told_
    with pytest.raises(TrainingDataError, match=r"no code has 10 positives: rare \(9\)"):
        coder(rare="skip").fit(TEXTS, y[["rare"]])
    with pytest.raises(ValueError, match="rare='similarity'; expected 'refuse' or 'skip'"):
        coder(rare="similarity").fit(TEXTS, y)


def test_of_exclusive_codes_the_texts_of_a_rare_one_leave_with_it():
    named = [*LABELS[:10], "rare", "rare", *LABELS[12:]]
    found = coder(exclusive=True, rare="skip").fit(TEXTS, named)
    assert (found.codes_, found.n_texts_) == (("glad", "tired"), 22)


@pytest.mark.parametrize("method", ["full", "contrastive"])
def test_what_was_not_read_for_a_code_teaches_nothing_of_it(method):
    from reflect_analysis.coders.fine_tuned.learned import _words
    from reflect_analysis.coders.training import read_lesson

    y = TABLE.astype(float).assign(morning=[1.0, 0.0] * 12)
    partly = y.copy()
    partly.loc[20:, "morning"] = np.nan
    found = coder(method=method).fit(TEXTS, partly)
    assert np.isfinite(found.predict_proba(NEW)).all()
    assert found._state().targets[20:, 2].sum() == 0
    settings = found._settings()
    of_part = _words(settings, read_lesson(TEXTS, partly))
    alone = read_lesson(TEXTS, y.assign(morning=np.where(np.arange(24) < 20, y["morning"], 0)))
    as_zeros = _words(settings, alone)
    assert (of_part.coefficients[2] != as_zeros.coefficients[2]).any()
    assert (of_part.coefficients[:2] == as_zeros.coefficients[:2]).all()


def test_a_text_that_nobody_read_is_as_if_it_were_not_there():
    y = TABLE.astype(float)
    y.loc[[5, 20]] = np.nan
    rest = [row for row in range(24) if row not in (5, 20)]
    found = coder().fit(TEXTS, y)
    less = coder().fit([TEXTS[row] for row in rest], TABLE.iloc[rest])
    assert found.n_texts_ == 22
    assert (found.predict_proba(NEW) == less.predict_proba(NEW)).all()


def coded_texts(make_book, make_code):
    """What two people coded in 24 texts, of which one is disputed and one was not read."""
    documents = tuple(Document(f"R{i:02}", t, case_id=f"P{i % 12}") for i, t in enumerate(TEXTS))
    clear = tuple(Clearance(document.sha256, "a", "b") for document in documents)
    corpus = Corpus(documents, tuple(Case(f"P{i}") for i in range(12)), clear)
    rows = tuple(Segment.of(d, 0, len(d.text), d.case_id) for d in documents)
    codings = [
        Coding(row.document_id, row.start, row.end, LABELS[number], coder)
        for coder in ("ada", "bo")
        for number, row in enumerate(rows)
        if (coder, number) != ("bo", 3) and number != 7
    ]
    seen = [Seen(c, d.id) for c in ("ada", "bo") for d in documents if d.id != "R07"]
    book = make_book(make_code("tired"), make_code("glad"), make_code("soul", human_only=True))
    log = Codings(tuple(codings), seen=tuple(seen))
    return training_set(Segments(corpus, rows, "sentence"), log, book, coders=["ada", "bo"]), book


@pytest.mark.parametrize("kind", ["supervised", "fine-tuned"])
def test_every_coder_that_learns_takes_a_training_set_in_the_same_way(kind, make_book, make_code):
    data, book = coded_texts(make_book, make_code)
    assert (data.unread, data.disputed) == (1, 1)
    made = {
        "supervised": SupervisedCoder(book, blocks=("words",)),
        "fine-tuned": coder(codebook=book),
    }[kind]
    made.fit(data.texts, data.y, groups=data.groups, contexts=data.contexts, ids=data.ids)
    assert made.codes_ == ("tired", "glad")
    assert "trained" in made.told_
    assert dict(made.refused_) == {}
    assert made.codebook_version == book.version
    wrong = data.y.assign(soul=data.y["tired"], never=0.0)
    with pytest.raises(TrainingDataError) as caught:
        made.fit(data.texts, wrong)
    assert [fault.split(";")[0] for fault in caught.value.faults] == [
        "code 'soul': not one of the codebook that a machine may propose",
        "code 'never': not one of the codebook that a machine may propose",
        "code 'never': 0 positives of 23 texts, at least 10 are needed",
    ]


def test_what_was_refused_and_the_codebook_are_kept_with_a_coder(tmp_path, make_book, make_code):
    _, book = coded_texts(make_book, make_code)
    found = coder(codebook=book, codes=("tired", "glad")).fit(TEXTS, TABLE)
    again = FineTunedCoder.load(found.save(tmp_path / "coder"))
    assert again.codebook_version == book.version
    assert (again.told_, dict(again.refused_)) == (found.told_, {})

    def as_it_was(about):
        del about["codebook_version"], about["refused"]

    old = FineTunedCoder.load(changed(tmp_path / "coder", tmp_path / "old", as_it_was))
    assert not hasattr(old, "codebook_version")
    assert dict(old.refused_) == {}


def test_no_texts_are_nothing_to_learn_from():
    assert refused([], []) != ()


def test_one_string_is_no_list_of_texts(trained):
    with pytest.raises(TypeError, match="came one string"):
        trained.predict_proba("I was late.")
    with pytest.raises(TypeError, match=r"texts\[1\]: expected a string, came float"):
        trained.predict_proba(["I was late.", float("nan")])
    with pytest.raises(ValueError, match="a context for each of 1 texts, came 2"):
        trained.predict_proba(["I was late."], ["", ""])


def test_settings_that_cannot_be_are_told_at_once():
    with pytest.raises(
        ValueError, match=r"method: expected one of .* came 'best'; members: .* came 0"
    ):
        coder(method="best", members=0).fit(TEXTS, LABELS)


def test_a_coder_that_was_not_trained_says_so():
    with pytest.raises(CoderError, match="not trained yet"):
        coder().predict_proba(NEW)
    with pytest.raises(CoderError, match="not trained yet"):
        _ = coder().model_
    assert "not trained" in repr(coder())


def test_scikit_learn_copies_its_settings_and_not_what_it_learned(trained):
    from sklearn.base import clone

    copy = clone(trained)
    assert copy.get_params() == trained.get_params()
    with pytest.raises(CoderError, match="not trained yet"):
        _ = copy.codes_
    with pytest.raises(ValueError, match="no setting 'colour'"):
        copy.set_params(colour="red")


def test_settings_changed_after_training_count_from_the_next_one_on(trained):
    before = trained.predict_proba(NEW)
    copy = coder(exclusive=True).fit(TEXTS, LABELS)
    scores = copy.predict_proba(NEW)
    copy.set_params(lexical=1.0)
    assert (copy.predict_proba(NEW) == scores).all()
    assert (trained.predict_proba(NEW) == before).all()


def test_progress_reaches_its_total():
    told = []
    coder(members=2, progress=lambda done, total: told.append((done, total))).fit(TEXTS, TABLE)
    assert told == sorted(told)
    assert told[-1] == (48, 48)


def test_half_a_surrogate_pair_is_read(trained):
    assert np.isfinite(trained.predict_proba(["I was \ud83d tired"], ["so \ud83d it is"])).all()


def test_it_codes_segments_with_evidence(trained, make_code, make_book, cache):
    document = Document("R1", " ".join(NEW))
    corpus = Corpus((document,), (), (Clearance(text_hash(document.text), "a", "b"),))
    book = make_book(make_code("tired"), make_code("glad"))
    codings = code_segments(trained, segment(corpus, cache=cache), book)
    assert [row.code_id for row in codings] == ["tired", "glad"]
    assert all("reads most like r" in row.evidence for row in codings)
    assert codings.runs[-1].model == trained.model_
