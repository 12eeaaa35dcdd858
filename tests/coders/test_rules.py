"""RuleCoder: what counts where, what is passed over and why, and what is kept."""

import dataclasses
import os
import random
import shutil
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from reflect_analysis.cache import Cache
from reflect_analysis.coders import RuleCoder, code_segments, judging, matching, rules
from reflect_analysis.coders.evidence import shortened
from reflect_analysis.coders.patterns import read_pattern
from reflect_analysis.coders.results import Results
from reflect_analysis.coders.rulebook import Rulebook, read_rules
from reflect_analysis.corpus import Case, Clearance, Corpus, Document, Turn
from reflect_analysis.errors import CodebookError
from reflect_analysis.language import parse
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment


def cleared(*documents, cases=()):
    hashes = sorted({text_hash(document.text) for document in documents})
    clearances = tuple(Clearance(sha, "lead", "read") for sha in hashes)
    return Corpus(documents, tuple(map(Case, cases)), clearances)


@pytest.fixture
def coded(cache):
    """The passages that rules code in texts, as (code, passage)."""

    def code(codebook, *texts, by="sentence", documents=None):
        documents = documents or [Document(f"R{i}", text) for i, text in enumerate(texts)]
        cases = {t.case_id for d in documents for t in d.turns if t.case_id}
        segments = segment(cleared(*documents, cases=sorted(cases)), by, cache=cache)
        codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
        corpus = segments.corpus
        return [
            (c.code_id, corpus.document(c.document_id).passage(c.start, c.end)) for c in codings
        ]

    return code


def test_the_coding_is_the_segment_that_holds_the_evidence(coded, make_code, make_book):
    codebook = make_book(make_code("strain", "drain"))
    text = "It rained. I came home drained. I slept.\n\nThen nothing."
    assert coded(codebook, text) == [("strain", "I came home drained.")]
    assert coded(codebook, text, by="paragraph") == [
        ("strain", "It rained. I came home drained. I slept.")
    ]
    assert coded(codebook, text, by="document") == [("strain", text)]


def test_one_coding_a_segment_and_code_however_many_patterns(coded, make_code, make_book):
    codebook = make_book(make_code("strain", "drain", "worn out"), make_code("work", "work"))
    assert coded(codebook, "Drained and worn out by work, drained.") == [
        ("strain", "Drained and worn out by work, drained."),
        ("work", "Drained and worn out by work, drained."),
    ]


RECOVERY = "Last year I was drained. It rained. Now I laugh again! The bus was late."


def recovery(make_code, make_book, *patterns):
    return make_book(
        make_code("strain", "drain"),
        make_code("renewal", "laugh"),
        make_code("recovery", *patterns, unit="reflection"),
    )


def test_a_story_is_told_across_sentences_in_its_order(coded, make_code, make_book):
    codebook = recovery(make_code, make_book, "@strain >> @renewal")
    spans = dict(coded(codebook, RECOVERY))
    assert spans["recovery"] == "Last year I was drained. It rained. Now I laugh again!"
    assert "recovery" not in dict(coded(codebook, "I laugh. Then I was drained."))
    assert "recovery" not in dict(coded(codebook, "I was drained.", "I laugh."))
    assert "recovery" not in dict(coded(codebook, "I was drained. She laughs."))
    assert "recovery" in dict(coded(codebook, "I was drained and now I laugh."))


def test_a_story_may_have_alternatives_and_phrases_of_its_own(coded, make_code, make_book):
    codebook = recovery(make_code, make_book, "@strain | worn out >> @renewal | spring & back")
    assert "recovery" in dict(coded(codebook, "I was worn out. The spring is back."))
    assert "recovery" not in dict(coded(codebook, "I was worn out. It is spring."))


def test_a_code_of_the_reflection_is_coded_once_from_first_to_last_evidence(
    coded, make_code, make_book
):
    codebook = make_book(make_code("change", "change", unit="reflection"))
    text = "I changed. It rained. I changed again. The end."
    assert coded(codebook, text) == [("change", "I changed. It rained. I changed again.")]


def test_a_reflection_may_exclude_what_it_tells_elsewhere(coded, make_code, make_book):
    codebook = make_book(
        make_code("strain", "drain", "worn out", "!! @recovery"),
        make_code("renewal", "laugh"),
        make_code("recovery", "@strain >> @renewal", unit="reflection"),
    )
    assert [code for code, _ in coded(codebook, RECOVERY)] == ["renewal", "recovery"]
    assert [code for code, _ in coded(codebook, "I was drained. I was worn out.")] == [
        "strain",
        "strain",
    ]


def test_a_pattern_that_only_excludes_holds_for_all_patterns_of_its_code(
    coded, make_code, make_book
):
    codebook = make_book(make_code("strain", "drain", "worn out", "! baby"))
    texts = "Drained by the baby. Worn out with the baby. Worn out."
    assert coded(codebook, texts) == [("strain", "Worn out.")]


def transcript():
    text = "A: I was drained.\nF: Why are you drained?\nB: I laugh.\nA: Now I laugh."
    turns = []
    for line, case in zip(text.split("\n"), ["PA", None, "PB", "PA"], strict=True):
        start = text.index(line)
        turns.append(Turn(start + 3, start + len(line), line[0], case, coded=case is not None))
    return Document("M1", text, kind="transcript", turns=tuple(turns))


def test_a_story_in_a_transcript_is_one_speakers(coded, make_code, make_book):
    codebook = recovery(make_code, make_book, "@strain >> @renewal")
    found = coded(codebook, documents=[transcript()])
    assert found[:3] == [
        ("strain", "I was drained."),
        ("renewal", "Now I laugh."),
        ("renewal", "I laugh."),
    ]
    assert found[3][1].startswith("I was drained.")
    assert found[3][1].endswith("Now I laugh.")


def test_evidence_names_pattern_and_offsets_and_what_was_passed_over(make_code, make_book, cache):
    codebook = make_book(make_code("strain", "drain"))
    text = "I was not drained, then I was drained."
    segments = segment(cleared(Document("R1", text)), cache=cache)
    (coding,) = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert coding.evidence == "'drain' at 30–37; passed over: 'drain' at 10–17 (negated by 6–9)"
    assert coding.score is None
    assert coding.coder == "rules"


def test_a_long_pattern_is_cut_in_the_evidence_and_told_by_its_number(make_code, make_book, cache):
    words = "drain|" + "|".join(f"word{number}" for number in range(40))
    pattern = f"(be|feel|get) ...3 ({words}) ! ({words})ly"
    coder = RuleCoder(make_book(make_code("strain", "$x = a", pattern, "weary")), cache=cache)
    told = coder.explain(["I am drained. I am not drained. I am weary."])[0]["strain"]
    short = "'(be|feel|get) ...3 (drain|…) ! (drain|…)ly' (pattern 2)"
    assert told == (
        f"{short} at 2–12; 'weary' at 37–42; passed over: {short} at 16–30 (negated by 19–22)"
    )


def test_a_pattern_is_cut_between_its_words():
    assert shortened("drain  ! baby") == "drain ! baby"
    assert shortened("|".join(["drained"] * 9)) == "drained|" * 5 + "…"
    assert shortened("drained and " * 9) == "drained and drained and drained and drained…"
    assert shortened("x" * 99) == "x" * 47 + "…"


def test_matches_list_what_counts_and_what_blocked_the_rest(make_code, make_book, cache):
    codebook = make_book(make_code("strain", "drain ! baby", scopes={"others": "include"}))
    text = "I am drained. I am not drained. The baby drained me. She is drained."
    segments = segment(cleared(Document("R1", text)), cache=cache)
    matches = RuleCoder(codebook, cache=cache).matches(segments)
    assert [(m.counts, m.blocked) for m in matches] == [
        (True, ""),
        (False, "negated by 19–22"),
        (False, "unless 36–40"),
        (True, ""),
    ]
    assert {m.pattern for m in matches} == {"drain ! baby"}


def test_scores_and_explanations_of_bare_texts(make_code, make_book, cache):
    coder = RuleCoder(
        make_book(make_code("strain", "drain"), make_code("work", "work")), cache=cache
    )
    scores = coder.fit(["x"], None).predict_proba(["I am drained by work.", "Rain.", ""])
    np.testing.assert_array_equal(scores, [[1, 1], [0, 0], [0, 0]])
    assert coder.explain(["Rain.", "Not drained."]) == [
        {},
        {"strain": "passed over: 'drain' at 4–11 (negated by 0–3)"},
    ]


def test_only_machine_codes_with_patterns_are_looked_for(make_code, make_book, cache):
    codebook = make_book(
        make_code("strain", "drain"), make_code("bare"), make_code("soul", "soul", human_only=True)
    )
    assert RuleCoder(codebook, cache=cache).codes_ == ("strain",)


def test_a_reference_to_a_human_only_code_uses_its_patterns(coded, make_code, make_book):
    codebook = make_book(
        make_code("strain", "@soul & drain"), make_code("soul", "soul", human_only=True)
    )
    assert coded(codebook, "My soul is drained.") == [("strain", "My soul is drained.")]


def test_mistakes_in_patterns_are_told_all_at_once_with_code_pattern_and_column(
    make_code, make_book
):
    codebook = make_book(
        make_code("strain", "feel (alone", "drain >> laugh"),
        make_code("work", "@strian", "@bare", scopes={"negate": "exclude", "others": "maybe"}),
        make_code("bare"),
        make_code("loop", "@pool"),
        make_code("pool", "@loop"),
        make_code("empty", "! a"),
    )
    with pytest.raises(CodebookError) as caught:
        RuleCoder(codebook)
    assert list(caught.value.faults) == [
        ("code 'strain', pattern 1 'feel (alone', column 12: expected ')' for the '(' in column 6"),
        "code 'strain', pattern 'drain >> laugh': '>>' needs a code with unit: reflection",
        "code 'work': unknown scope 'negate'; did you mean 'negated'?",
        "code 'work': scope 'others' is 'maybe'; expected exclude, include, require",
        "code 'work', pattern '@strian': no code 'strian'; did you mean 'strain'?",
        "code 'work', pattern '@bare': code 'bare' has no patterns to refer to",
        "code 'loop' refers to itself: loop → pool → loop",
        "code 'pool' refers to itself: pool → loop → pool",
        "code 'empty': patterns that only exclude; there is nothing to exclude from",
    ]


def test_a_regular_expression_that_runs_for_ever_is_stopped_and_named(
    make_code, make_book, cache, monkeypatch
):
    monkeypatch.setattr("reflect_analysis.coders.matching.REGEX_SECONDS", 0.05)
    codebook = make_book(make_code("strain", "/(a|aa|a.)+$/"))
    segments = segment(cleared(Document("R7", "a" * 80 + "!b.", language="en")), cache=cache)
    with pytest.raises(CodebookError) as caught:
        code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    message = str(caught.value)
    assert "code 'strain'" in message
    assert "/(a|aa|a.)+$/" in message
    assert "'R7'" in message


@pytest.mark.parametrize("pattern", ["b ! /(a|aa|a.)+$/", "/b/ & /(a|aa|a.)+$/"])
def test_a_runaway_expression_is_stopped_wherever_it_stands_in_a_pattern(
    pattern, make_code, make_book, cache, monkeypatch
):
    monkeypatch.setattr("reflect_analysis.coders.matching.REGEX_SECONDS", 0.05)
    codebook = make_book(make_code("work", "work"), make_code("strain", pattern))
    coder = RuleCoder(codebook, cache=cache)
    with pytest.raises(CodebookError, match=r"code 'strain'.*runs too long"):
        coder.predict_proba(["b " + "a" * 80 + "!c."])
    assert coder.predict_proba(["I work."]).tolist() == [[1, 0]]


def test_what_a_code_finds_does_not_hang_on_which_other_codes_are_judged(
    make_code, make_book, cache
):
    codebook = make_book(
        make_code("strain", "drain & I|me|my", "! baby", "worn out ! boot"),
        make_code("work", "(job|work) ...3 home", "I ...2 work && boss|owner"),
        make_code("both", "@strain & @work", "drain !! @work"),
        make_code("star", "exhaust*", "* out", "/dr[ae]in/ & my"),
    )
    texts = [
        "My boss drained me. I work hard.",
        "The baby drained me at work, and I took the job home.",
        "Worn out, exhausted, in worn out boots. I drain my sink.",
    ]
    together = RuleCoder(codebook, cache=cache).finds(texts)
    assert [sorted(found) for found in together] == [
        ["both", "star", "strain", "work"],
        ["both", "strain", "work"],
        ["both", "star", "strain"],
    ]
    everything = read_rules(codebook)
    for code_id in codebook.ids:
        alone = Rulebook(everything, [code_id])
        for text, found in zip(texts, together, strict=True):
            (parsed,) = parse([text], cache=cache)
            judged = judging.judge(alone, judging.Reading("R", ((0, parsed),)))
            assert judged.get(code_id) == found.get(code_id)


def test_the_steps_of_a_pattern_of_many_gaps_grow_with_the_text_not_with_its_powers(
    monkeypatch, found
):
    steps = []
    fits = matching._fits
    monkeypatch.setattr(matching, "_fits", lambda *given: steps.append(1) or fits(*given))
    pattern = "very ...30 very ...30 very ...30 very ...30 very ...30 badly:NOUN"
    for words in (60, 120):
        steps.clear()
        assert found(pattern, f"We were {'very ' * words}badly tired.") == []
        # Six words of the pattern, each tried once at a word of the text after each of 31.
        assert 0 < len(steps) <= 6 * 31 * (words + 10)


def test_of_several_gaps_each_is_as_short_as_it_can_be(found):
    text = "very, very nice but very long and tired"
    assert found("very ...30 but ...5 tired", text) == [text, text[6:]]
    assert found("very ...2 nice ...2 long", text) == [text[:29], text[6:29]]


def test_a_rare_word_is_looked_up_before_a_common_one():
    from reflect_analysis.coders.matching import cost

    def phrase(text):
        (leaf,) = read_pattern(text).leaves()
        return cost(leaf.variants[0])

    assert phrase("I ... zebra") == phrase("zebra") < phrase("school") < phrase("she") < phrase("I")
    assert phrase("* *:ADJ") > phrase("I")


@pytest.fixture
def counted(monkeypatch):
    """Empty memories, and the codes by which each reading was judged."""
    judged = []

    def count(rulebook, reading):
        judged.append(tuple(rulebook.rules))
        return judging.judge(rulebook, reading)

    monkeypatch.setattr(rules, "judge", count)
    monkeypatch.setattr(rules, "_kept", Results(limit=100))
    monkeypatch.setattr(rules, "_proposed", rules._Proposed(limit=100))
    return judged


def edited(codebook, code_id, *patterns):
    codes = tuple(
        dataclasses.replace(code, patterns=patterns) if code.id == code_id else code
        for code in codebook
    )
    return dataclasses.replace(codebook, codes=codes)


def many(make_code, make_book):
    words = ("drain", "laugh", "work", "rain", "sing", "walk")
    plain = [make_code(f"c{i}", word) for i, word in enumerate(words)]
    return make_book(*plain, make_code("both", "@c0 & @c1"))


def test_after_an_edit_only_that_code_and_what_refers_to_it_is_judged(
    counted, make_code, make_book, tmp_path
):
    store = Cache(tmp_path)
    codebook = many(make_code, make_book)
    texts = ("Drained, I laugh at work.", "It rains and I sing.")
    segments = segment(
        cleared(*(Document(f"R{i}", text) for i, text in enumerate(texts))), cache=store
    )

    def run(book):
        counted.clear()
        codings = code_segments(RuleCoder(book, cache=store), segments, book)
        return sorted((c.code_id, c.document_id) for c in codings), list(counted)

    first, judged = run(codebook)
    assert judged == [codebook.ids] * 2
    assert run(codebook) == (first, [])
    changed, judged = run(edited(codebook, "c5", "sing"))
    assert judged == [("c5",)]  # the other text holds nothing of the new pattern
    assert changed == sorted([*first, ("c5", "R1")])
    _, judged = run(edited(codebook, "c0", "rain"))
    assert {code for codes in judged for code in codes} == {"c0", "c1", "both"}
    assert run(codebook) == (first, [])


EDITS = (
    ("drain",),
    ("drain", "worn out"),
    ("worn out", "drain"),
    ("drain", "laugh & work", "not happy"),
    ("drain", "laugh & work", "$low"),
    ("drain", "$low", "! rain"),
    ("drain", "$low", "! sing"),
    ("work ! rain", "drain"),
    ("drain !! @calm", "sleep*"),
    ("drain", "sleep*", "/str[eo]ng/"),
    ("@calm", "drain"),
    ("drain", "drain", "sing"),
    ("sing && drain", "drain >> sing"),
    ("drain >> sing",),
    ("work & @calm",),
)
# Of the code that is edited, and of the one that it refers to.
SCOPES = ({}, {"others": "include"}, {"negated": "require"}, {"negated": "include"})


def test_whatever_was_edited_the_results_are_those_of_a_first_run(
    make_code, make_book, tmp_path, monkeypatch
):
    """Edits follow one another in all pairs; $low and the scopes change on the way."""
    store = Cache(tmp_path)
    texts = (
        "I am drained and worn out. It rains.",
        "We laugh at work, they sing. I felt low and strong.",
        "Drained. Then I sing in the rain. Calm now, sleepless.",
        "She is drained, I am not worn out. I work, I sleep.",
        "She is calm at work.",
        "She is drained. I sing.",
        "Nothing of it.",
    )
    corpus = cleared(*(Document(f"R{i}", text) for i, text in enumerate(texts)))
    segments = segment(corpus, cache=store)
    in_chains = 3 * len(EDITS)  # from here a code refers to the edited one, and that to another

    def book(number, words):
        scopes, in_chain = SCOPES[not number % 4], number >= in_chains
        # But in a chain not looked for by itself, so that it hides nothing by being judged anew.
        human_only = not in_chain
        calm = make_code("calm", "calm", f"$low = {words}", scopes=scopes, human_only=human_only)
        scopes = SCOPES[number // len(EDITS)]
        code = make_code("edited", *EDITS[number % len(EDITS)], unit="reflection", scopes=scopes)
        return make_book(code, calm, make_code("other", "@edited & rain" if in_chain else "rain"))

    def run(codebook):
        rows = code_segments(RuleCoder(codebook, cache=store), segments, codebook)
        return sorted((c.code_id, c.document_id, c.start, c.end, c.evidence) for c in rows)

    def forgetting(*, on_disk):
        monkeypatch.setattr(rules, "_kept", Results(limit=100))
        if on_disk:
            shutil.rmtree(tmp_path / "finds", ignore_errors=True)

    monkeypatch.setattr(rules, "_proposed", rules._Proposed(limit=0))
    books = [book(i, ("low", "low | happy")[i % 2]) for i in range(len(SCOPES) * len(EDITS))]
    fresh = []
    for each in books:
        forgetting(on_disk=True)
        fresh.append(run(each))
    assert len(set(map(str, fresh))) > len(EDITS) // 2
    forgetting(on_disk=True)
    order = [*range(len(books)), *reversed(range(len(books)))]
    assert [run(books[i]) for i in order] == [fresh[i] for i in order]
    pairs = [*product(range(len(books)), repeat=2)]
    other_scopes = [(i, (i + len(EDITS)) % len(books)) for i in range(len(books))]
    chains = [*product(range(in_chains, len(books)), repeat=2)]
    draw = random.Random(0)  # noqa: S311  # which to try, no secret
    some = [*draw.sample(pairs, k=60), *draw.sample(chains, k=60)]
    for first, then in [*other_scopes, *some]:
        forgetting(on_disk=True)
        run(books[first])
        forgetting(on_disk=False)  # as in a new process
        assert run(books[then]) == fresh[then]


def test_another_process_takes_results_from_the_cache(
    counted, make_code, make_book, tmp_path, monkeypatch
):
    store = Cache(tmp_path)
    codebook = many(make_code, make_book)
    segments = segment(cleared(Document("R0", "Drained, I am not laughing.")), cache=store)

    def run(book):
        counted.clear()
        monkeypatch.setattr(rules, "_kept", Results(limit=100))
        monkeypatch.setattr(rules, "_proposed", rules._Proposed(limit=100))
        coder = RuleCoder(book, cache=store)
        codings = code_segments(coder, segments, book)
        return [(c.code_id, c.start, c.evidence) for c in codings], list(counted)

    first, judged = run(codebook)
    assert len(judged) == 1
    assert run(codebook) == (first, [])
    _, judged = run(edited(codebook, "c5", "laugh"))
    assert judged == [("c5",)]
    assert run(edited(codebook, "c5", "sing"))[1] == []
    removed = store.forget([text_hash("Drained, I am not laughing.")])
    assert removed == 2
    _, judged = run(codebook)
    assert len(judged) == 1


def test_a_second_run_in_a_new_process_loads_neither_spacy_nor_torch(tmp_path):
    code = """
import sys
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.coders import RuleCoder, code_segments
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment
text = "I am drained. I am not drained. She says I am drained."
corpus = Corpus((Document("R1", text),), clearances=(Clearance(text_hash(text), "a", "b"),))
book = Codebook((Code("s", "S", "D.", "g", patterns=("drain",)),), (Group("g", "G"),))
print(len(code_segments(RuleCoder(book), segment(corpus), book)), end=" ")
print(sorted({"spacy", "torch", "thinc"} & set(sys.modules)))
"""
    environment = {**os.environ, "REFLECT_CACHE": str(tmp_path / "a cache")}
    printed = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout
        for _ in range(2)
    ]
    assert printed[0].startswith("1 [")
    assert "spacy" in printed[0]
    assert printed[1].split() == ["1", "[]"]


def test_results_forget_old_rules_and_old_readings():
    results = Results(limit=2)
    from reflect_analysis.coders.results import MOST_RULES, Key

    keys = [Key("m", "", ((0, str(i)),)) for i in range(3)]
    for key in keys:
        results.put(key, {"a": (), "b": ()})
    assert results.missing(keys[0], frozenset("ab")) == frozenset("ab")
    assert results.missing(keys[2], frozenset("abc")) == frozenset("c")
    results.put(keys[2], {str(i): () for i in range(MOST_RULES)})
    assert results.missing(keys[2], frozenset("ab")) == frozenset("ab")
    assert Key("m", "", ((0, "x"), (5, "y"))).entry() is None


def test_the_order_of_codings_does_not_hang_on_what_was_kept(counted, make_code, make_book, cache):
    codebook = many(make_code, make_book)
    segments = segment(cleared(Document("R0", "I sing at work. Drained, I walk.")), cache=cache)
    whole = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    changed = edited(codebook, "c2", "walk")
    code_segments(RuleCoder(changed, cache=cache), segments, changed)
    again = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert [(c.code_id, c.start) for c in whole] == [(c.code_id, c.start) for c in again]


def test_a_subset_of_segments_gets_codings_only_in_itself(make_code, make_book, cache):
    codebook = recovery(make_code, make_book, "@strain >> @renewal")
    segments = segment(cleared(Document("R0", RECOVERY)), cache=cache)
    coder = RuleCoder(codebook, cache=cache)
    some = segments.where(lambda row: "laugh" not in row.text)
    assert [c.code_id for c in code_segments(coder, some, codebook)] == ["strain"]


def test_a_coder_says_what_it_is(make_code, make_book, cache):
    coder = RuleCoder(make_book(make_code("strain", "drain", "worn out")), cache=cache)
    assert repr(coder) == "<RuleCoder: 1 codes by 2 patterns>"
    assert coder.model_.startswith("en_core_web_sm")
    assert coder.reads("en-GB")
    assert not coder.reads("fr")


def test_readings_are_kept_no_longer_than_their_segments(make_code, make_book, cache):
    import gc

    from reflect_analysis.coders import readings

    codebook = make_book(make_code("strain", "drain"))
    segments = segment(cleared(Document("R0", "I am drained.")), cache=cache)
    code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert readings.pieces_of(segments) is readings.pieces_of(segments)
    del segments
    gc.collect()
    assert readings._last == []
