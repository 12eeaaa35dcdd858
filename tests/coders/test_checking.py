"""The examples of a codebook as its tests, and the lint: what is told and when."""

import dataclasses

import pytest

from reflect_analysis.codebook import CounterExample
from reflect_analysis.coders import (
    RuleCoder,
    check_examples,
    code_segments,
    lint,
    lint_codebook,
)
from reflect_analysis.coders.idle import idle_patterns
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import CodebookError, UnknownIdError
from reflect_analysis.provenance import text_hash
from reflect_analysis.segmentation import segment


def with_examples(code, examples=(), counters=(), **changes):
    counter_examples = tuple(CounterExample(text, "A near miss.") for text in counters)
    return dataclasses.replace(
        code, examples=tuple(examples), counter_examples=counter_examples, **changes
    )


def segments_of(cache, *texts):
    documents = tuple(Document(f"R{i}", text) for i, text in enumerate(texts))
    clearances = tuple(Clearance(text_hash(text), "lead", "read") for text in texts)
    return segment(Corpus(documents, clearances=clearances), cache=cache)


# ── examples ──


def test_examples_must_be_found_and_counter_examples_must_not(make_code, make_book, cache):
    code = with_examples(
        make_code("strain", "drain"),
        ["I am drained.", "I am not drained.", "I am glad."],
        ["She is drained.", "The sink drains."],
    )
    check = check_examples(make_book(code), cache=cache)
    assert [(r.kind, r.number, r.passed, r.found, r.blocked) for r in check] == [
        ("example", 1, True, "'drain' at 5–12", ""),
        ("example", 2, False, "", "'drain' at 9–16 (negated by 5–8)"),
        ("example", 3, False, "", ""),
        ("counter-example", 1, True, "", "'drain' at 7–14 (others by 0–3)"),
        ("counter-example", 2, False, "'drain' at 9–15", ""),
    ]
    assert not check.passed
    assert [row.number for row in check.failed] == [2, 3, 2]
    assert repr(check) == "<ExampleCheck: 2 of 5 examples and counter-examples pass>"
    assert str(check).splitlines() == [
        "strain: 1 of 3 examples pass, 1 of 2 counter-examples pass",
        "  example 2: nothing found; passed over 'drain' at 9–16 (negated by 5–8)",
        "  example 3: nothing found",
        "  counter-example 2: found by 'drain' at 9–15",
        "2 of 5 examples and counter-examples pass.",
    ]


def test_what_is_told_of_an_example_never_repeats_its_words(make_code, make_book, cache):
    code = with_examples(make_code("strain", "drain"), ["My secret drains me."], ["Drained elk."])
    check = check_examples(make_book(code), cache=cache)
    shown = str(check) + repr(check) + check._repr_html_() + check.to_frame().to_csv()
    assert "secret" not in shown
    assert "elk" not in shown
    assert list(check.to_frame().columns) == [
        *("code_id", "kind", "number", "passed", "found", "blocked")
    ]


def test_a_notebook_shows_what_does_not_pass_and_a_line_a_code(make_code, make_book, cache):
    code = with_examples(make_code("strain", "drain"), ["I am drained.", "Worn out."], ["Elk."])
    html = check_examples(make_book(code), cache=cache)._repr_html_()
    assert html.count("<tr>") == 4
    assert html.index("example 2: nothing found") < html.index("1 of 2") < html.index("1 of 1")


def test_a_subcode_is_found_for_its_parent(make_code, make_book, cache):
    parent = with_examples(make_code("future"), ["I stay."], ["I go."])
    child = dataclasses.replace(make_code("stay", "stay"), parent="future")
    grandchild = dataclasses.replace(make_code("go", "go"), parent="stay")
    check = check_examples(make_book(parent, child, grandchild), cache=cache)
    assert [(row.passed, row.found) for row in check] == [
        (True, "stay: 'stay' at 2–6"),
        (False, "go: 'go' at 2–4"),
    ]


def test_a_code_of_the_reflection_is_judged_on_the_whole_example(make_code, make_book, cache):
    code = make_code("recovery", "drain >> laugh", unit="reflection")
    code = with_examples(code, ["I was drained. Now I laugh."], ["I laugh. I was drained."])
    assert check_examples(make_book(code), cache=cache).passed


def test_codes_that_no_rules_look_for_are_named_and_not_counted(make_code, make_book, cache):
    soul = with_examples(make_code("soul", "soul", human_only=True), ["My soul."])
    bare = with_examples(make_code("bare"), counters=["Nothing."])
    check = check_examples(make_book(soul, bare, make_code("mute")), cache=cache)
    assert (len(check), check.passed, check.unchecked) == (0, True, ("soul", "bare"))
    assert "no rules look for soul, bare" in str(check)


def test_patterns_that_do_not_parse_are_told_before_anything_runs(make_code, make_book, cache):
    with pytest.raises(CodebookError, match="column 2"):
        check_examples(make_book(make_code("strain", "(")), cache=cache)


def test_a_retired_code_is_neither_checked_nor_linted(make_code, make_book, cache):
    old = with_examples(make_code("old", "a", "a"), ["Nothing."])
    book = make_book(old, make_code("new", "b")).retire("old", by="lead", reason="Unused.")
    assert len(check_examples(book, cache=cache)) == 0
    assert {row.code_id for row in lint_codebook(book, cache=cache)} == {"new"}


# ── what codes lack ──


def told(report, kind):
    return [(row.code_id, row.told) for row in report if row.kind == kind]


def test_a_code_without_exclusion_example_or_counter_example_is_told(make_code, make_book, cache):
    whole = with_examples(make_code("whole", "a"), ["b"], ["c"], exclude=("d",))
    soul = with_examples(make_code("soul", human_only=True), (), ["c"], exclude=("d",))
    report = lint_codebook(make_book(whole, soul, make_code("strain", "drain")), cache=cache)
    assert [(row.code_id, row.kind) for row in report] == [
        ("strain", "no exclusion"),
        ("strain", "no example"),
        ("strain", "no counter-example"),
    ]
    assert all(row.advice.endswith(".") for row in report)


def test_human_only_codes_with_patterns_and_codes_without_any_are_told(make_code, make_book, cache):
    child = dataclasses.replace(make_code("child", "a"), parent="parent")
    codebook = make_book(
        make_code("soul", "soul", "$job = work", human_only=True),
        make_code("bare"),
        make_code("parent"),
        child,
    )
    report = lint_codebook(codebook, cache=cache)
    assert told(report, "human-only with patterns") == [
        ("soul", "only people give it, and it has 1 pattern")
    ]
    assert [code for code, _ in told(report, "no pattern")] == ["bare"]


@pytest.mark.parametrize(
    ("patterns", "what"),
    [
        (("drain", "tired", "drain"), "'drain' stands twice"),
        (
            ("drain|tired", "drain"),
            "'drain' finds nothing that 'drain|tired' does not find",
        ),
        (
            ("(worn|tired) out", "worn out ! baby"),
            "'worn out ! baby' finds nothing that '(worn|tired) out' does not find",
        ),
        (("feel ...6 alone", "feel ... alone"), "'feel ... alone' finds nothing that"),
        (("exhaust*", '"exhausted"'), "'\"exhausted\"' finds nothing that 'exhaust*'"),
        (("so? tired", '"tired"'), "'\"tired\"' finds nothing that 'so? tired'"),
        (("up late ! late", "a"), "'up late ! late' can find nothing: '!' excludes"),
        (("a", "tired", "! tired | weary"), "'tired' can find nothing: '!' excludes"),
        (("a", "$job = work"), "no pattern uses the words named '$job'"),
    ],
)
def test_a_pattern_that_finds_nothing_of_its_own_is_told(patterns, what, make_code, make_book):
    ((code_id, said),) = idle_patterns(make_book(make_code("strain", *patterns)))
    assert code_id == "strain"
    assert said.startswith(what)


@pytest.mark.parametrize(
    "patterns",
    [
        ("drain", "not drained"),
        ("drain ! baby", "drained off"),
        ("drain && mentor", "drained"),
        ("drain & work", "drain & home"),
        ("left", '"leave"', "leave:VERB"),
        ("so? tired ! so", "a"),
        ("@other", "b"),
        ("/a+/", "b"),
        ("tired ! very tired", "a"),
        ("feel ... alone", "feel alone"),
        ("$job = work", "my $job"),
    ],
)
def test_a_pattern_that_may_find_something_of_its_own_is_not_told(patterns, make_code, make_book):
    codebook = make_book(make_code("strain", *patterns), make_code("other", "c"))
    assert list(idle_patterns(codebook)) == []


def test_a_code_that_finds_anothers_example_is_told_with_its_pattern(make_code, make_book, cache):
    strain = with_examples(make_code("strain", "drain"), ["Drained.", "No.", "Drained at work."])
    work = with_examples(make_code("work", "work", "drain"), ["I do not work."])
    kin = dataclasses.replace(make_code("kin", "drain"), parent="strain")
    report = lint_codebook(make_book(strain, work, kin), cache=cache)
    assert told(report, "finds another code's example") == [
        ("work", "also finds examples 1, 3 of strain, by 'drain'; 'work'")
    ]


# ── what the texts show ──


def test_patterns_that_find_nothing_or_only_what_is_passed_over(make_code, make_book, cache):
    codebook = make_book(make_code("strain", "drain", "weary", "cry", "! baby", "$x = a"))
    segments = segments_of(cache, "I am drained.", "I never cry.")
    assert told(lint_codebook(codebook, segments, cache=cache), "never found") == [
        ("strain", "1 of 3 patterns find nothing in 2 documents: 'weary'"),
        ("strain", "what these find in 2 documents is always passed over: 'cry'"),
    ]


def test_codes_that_share_their_passages_are_told_once(make_code, make_book, cache):
    codebook = make_book(
        make_code("strain", "drain"),
        make_code("work", "work"),
        make_code("rain", "rain"),
        make_code("few", "often"),
    )
    texts = ["Drained at work."] * 2 + ["Drained at work, often, in the rain."]
    segments = segments_of(cache, *texts, "I work in rain.", "It rains.", "Rain.", "Work, rain.")
    report = lint_codebook(codebook, segments, cache=cache)
    assert told(report, "always together") == [
        ("strain", "all 3 passages are passages of work too")
    ]
    assert told(report, "same passages") == [("work", "3 of 5 passages are passages of rain too")]


def test_of_codings_what_never_stands_alone_is_told(make_code, make_book, cache):
    child = dataclasses.replace(make_code("c"), parent="a")
    codebook = make_book(make_code("a"), make_code("b"), child)
    rows = [Coding("R1", 10 * i, 10 * i + 9, "a", "ann") for i in range(3)]
    rows += [Coding("R1", 10 * i + 5, 10 * i + 9, "b", "bo") for i in range(4)]
    rows += [Coding("R1", 10 * i, 10 * i + 2, "c", "bo") for i in range(3)]
    codings = Codings(tuple(rows), seen=(Seen("ann", "R1"),))
    report = lint_codebook(codebook, codings=codings, cache=cache)
    assert told(report, "always together") == [("a", "all 3 passages are passages of b too")]
    stray = Codings((Coding("R1", 0, 1, "zzz", "ann"),))
    with pytest.raises(UnknownIdError):
        lint_codebook(codebook, codings=stray, cache=cache)


def test_the_report_is_shown_in_words(make_code, make_book, cache):
    code = with_examples(make_code("strain", "a"), ["b"], ["c"])
    report = lint_codebook(make_book(code), cache=cache)
    assert repr(report) == "<LintReport: 1 no exclusion>"
    assert str(report).startswith("strain: no exclusion. Say what comes near")
    assert ">strain</td>" in report._repr_html_()
    assert list(report.to_frame().columns) == ["code_id", "kind", "told", "advice", "count"]
    clean = with_examples(make_code("strain", "a"), ["b"], ["c"], exclude=("d",))
    empty = lint_codebook(make_book(clean), cache=cache)
    assert (str(empty), repr(empty)) == ("Nothing to look at.", "<LintReport: nothing to look at>")


def test_a_summary_counts_by_kind_and_shows_the_worst_few(make_code, make_book, cache):
    codes = [make_code(f"c{n}", *["nap", "nap", "nap"][: 2 + (n == 3)]) for n in range(1, 5)]
    report = lint_codebook(make_book(*codes), segments_of(cache, "Rain."), cache=cache)
    told = report.summary(each=2)
    assert "no exclusion (4): c1, c2 and 2 more\n  Say what comes near" in told
    assert "never found (4):\n  - c3: 3 of 3 patterns find nothing in 1 document" in told
    assert "\n  - and 2 more\n" in told
    assert told.count("keep it for other texts") == 1
    assert len(told) < len(str(report))


class Offset(int):
    """An offset that counts how often it is compared."""

    compared = 0

    def __lt__(self, other):
        Offset.compared += 1
        return int.__lt__(self, other)


def test_what_stands_together_is_found_in_one_sweep(make_code, make_book):
    n = 1_000
    spans = [("R1", Offset(10 * i), Offset(10 * i + 8)) for i in range(n)]
    passages = {"a": set(spans), "b": set(spans[: n // 2])}
    Offset.compared = 0
    rows = list(lint._together(passages, make_book(make_code("a"), make_code("b"))))
    assert [row.told for row in rows] == ["all 500 passages are passages of a too"]
    assert 0 < Offset.compared < 40 * n


def test_only_a_subcode_is_coded_and_the_parent_is_rolled_up_where_it_is_counted(
    make_code, make_book, cache
):
    from reflect_analysis.ratings import rate_documents
    from reflect_analysis.themes import theme_table

    codebook = make_book(
        make_code("future", "plan"),
        dataclasses.replace(make_code("stay", "stay"), parent="future"),
        dataclasses.replace(make_code("long", "for ever"), parent="stay"),
    )
    segments = segments_of(cache, "I stay.", "For ever.", "It rains.")
    codings = code_segments(RuleCoder(codebook, cache=cache), segments, codebook)
    assert [c.code_id for c in codings] == ["stay", "long"]
    table = theme_table(codings, corpus=segments.corpus, codebook=codebook)
    assert [row.reflections for row in table.rows] == [2, 2, 1]
    ratings = rate_documents(codings, coders=["rules"], codes=codebook.ids, codebook=codebook)
    assert ratings.values.sum(axis=0).tolist() == [[2, 2, 1]]
