"""The pattern language: what each sign finds, and what each mistake is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.coders import RuleCoder
from reflect_analysis.coders.patterns import PatternError, read_naming, read_pattern
from reflect_analysis.errors import CodebookError


def test_a_word_finds_all_its_forms(found):
    text = "It drains me, it drained me, I am drained, it is draining, a drain."
    assert found("drain", text) == ["drains", "drained", "drained", "draining", "drain"]


def test_case_apostrophes_and_hyphens_do_not_matter(found):
    assert found("don't", "I DON’T know") == ["DON’T"]
    assert found("don’t", "I didn't, I do not") == ["didn't", "do not"]
    assert found("worn out", "Worn-out, “worn” out") == ["Worn-out", "worn” out"]
    assert found("worn-out", "worn out") == ["worn out"]
    assert found("can't cannot", "I can't cannot") == ["can't cannot"]
    assert found("épuisée", "E\u0301puise\u0301e again") == ["E\u0301puise\u0301e"]


def test_a_quoted_word_finds_only_that_form(found):
    assert found('"left"', "I left, I leave, LEFT") == ["left", "LEFT"]
    assert found('"nothing left"', "nothing left, nothing leaves") == ["nothing left"]
    assert found('"cannot go"', "I cannot go") == ["cannot go"]
    assert found("“left”", "I left") == ["left"]


def test_a_star_after_letters_finds_every_word_that_begins_so(found):
    assert found("exhaust*", "exhaustion and an exhausting exhaust") == [
        "exhaustion",
        "exhausting",
        "exhaust",
    ]
    assert found("exhaust*", "It exhausted me") == ["exhausted"]


def test_alternatives_of_words_and_of_phrases(found):
    assert found("tired|weary", "tired and weary") == ["tired", "weary"]
    assert found("worn out | done in", "worn out, done in") == ["worn out", "done in"]
    assert found("(worn|tired) out", "worn out, tired out, worn") == ["worn out", "tired out"]
    assert found("(worn out)|weary", "worn out and weary") == ["worn out", "weary"]


def test_a_group_or_word_with_a_question_mark_may_be_missing(found):
    text = "tired, very tired, so tired"
    assert set(found("(very|so)? tired", text)) == {"tired", "very tired", "so tired"}
    assert found("so? much work", "so much work") == ["so much work", "much work"]
    assert found("keep (on and on)? going", "keep on and on going; keep going") == [
        "keep on and on going",
        "keep going",
    ]


def test_words_in_a_row_are_parted_by_no_comma(found):
    assert found("tired of", "I am tired, of course") == []
    assert found("tired of", "I am tired of it") == ["tired of"]


def test_a_gap_spans_up_to_so_many_words_and_never_leaves_the_sentence(found):
    text = "I feel so very much alone."
    assert found("feel ... alone", text) == ["feel so very much alone"]
    assert found("feel ...2 alone", text) == []
    assert found("feel ...3 alone", text) == ["feel so very much alone"]
    assert found("feel … alone", "I feel, well, alone.") == ["feel, well, alone"]
    assert found("feel ... alone", "I feel. He is alone.") == []
    assert found("drain ... me", "drain and drain me") == ["drain and drain me", "drain me"]


def test_a_star_is_any_one_word_but_no_mark(found):
    assert found("so * that", "so tired that") == ["so tired that"]
    assert found("so * that", "so, that") == []


def test_a_part_of_speech_can_be_asked_for(found):
    text = "I work hard and the work is hard."
    assert found("work:VERB", text) == ["work"]
    assert found("work:NOUN is", text) == ["work is"]
    assert found("is *:ADJ", text) == ["is hard"]
    assert found("work:NN is", text) == ["work is"]


def test_tokens_as_json(found):
    pattern = '[{"LEMMA": "feel"}, {"LOWER": {"IN": ["so", "very"]}, "OP": "?"}, {"POS": "ADJ"}]'
    assert found(pattern, "I felt so sad, she feels glad") == ["felt so sad", "feels glad"]
    assert found('[{"TEXT": "May"}]', "In May I may") == ["May"]
    assert found('very [{"LOWER": {"NOT_IN": ["sad"]}}]', "very sad, very glad") == ["very glad"]


def test_a_regular_expression_finds_within_a_sentence(found):
    assert found("/burn(ed|t)?.?out/", "Burnt-out. burned out") == ["Burnt-out", "burned out"]
    assert found("/tired.*home/", "I am tired. I go home.") == []
    assert found(r"/and\/or/", "this and/or that") == ["and/or"]
    assert found("/don't/", "I don’t") == ["don’t"]


def test_both_in_the_sentence_in_any_order(found):
    assert found("mentor & listen", "She listened, my mentor.") == ["listened, my mentor"]
    assert found("mentor & listen", "My mentor came. She listened.") == []
    assert found("mentor & listen & hour", "My mentor listened an hour.") == [
        "mentor listened an hour"
    ]


def test_unless_another_phrase_is_in_the_sentence(found):
    assert found("tired ! baby", "I am tired. The baby made me tired.") == ["tired"]
    assert found("tired & work ! baby ! night", "Work made me tired.") == ["Work made me tired"]
    assert found("tired & work ! baby ! night", "Night work made me tired.") == []


def test_another_codes_patterns_stand_like_a_phrase(found, make_code):
    strain = make_code("strain", "drain", "worn out")
    assert found("@strain", "I was drained and worn out.", more=[strain]) == ["drained", "worn out"]
    assert found("@strain & Friday", "Drained on Friday. Drained.", more=[strain]) == [
        "Drained on Friday"
    ]
    assert found("@strain", "I was not drained.", more=[strain]) == []


def test_where_something_else_stands_in_the_same_reflection(found):
    text = "My mentor came by. She listened. It rained."
    assert found("she listen && mentor|mentee", text) == ["She listened"]
    assert found("she listen && friend", text) == []
    assert found("she listen && mentor && rain", text) == ["She listened"]
    assert found("she listen && mentor !! rain", text) == []
    assert found("she listen && mentor & rain", text) == []
    assert found("she listen && mentor", "Had I no mentor! She listened.", scopes={}) == [
        "She listened"
    ]


def test_a_name_stands_for_words_in_every_code(found, make_code):
    words = make_code("words", "$job = work | line of duty")
    assert found("my $job", "I love my work, in my line of duty", more=[words]) == [
        "my work",
        "my line of duty",
    ]
    assert found("my ($job|pay)", "My pay and my works.", more=[words]) == ["My pay", "my works"]
    assert found("my $job? day", "My day, my work day.", more=[words]) == ["My day", "my work day"]


def test_a_name_for_words_is_named_once_and_known(make_code, make_book):
    codebook = make_book(
        make_code("strain", "$job = work|post", "my $jib"),
        make_code("other", "$job = trade", "$bad = (a", "@strain"),
        make_code("names", "$pay = wage"),
        make_code("last", "@names"),
    )
    with pytest.raises(CodebookError) as caught:
        RuleCoder(codebook)
    assert list(caught.value.faults) == [
        "code 'other', pattern 1 '$job = trade': code 'strain' names '$job' already",
        "code 'other', pattern 2 '$bad = (a', column 10: expected ')' for the '(' in column 8",
        (
            "code 'strain', pattern 2 'my $jib', column 4: no words are named '$jib'; "
            "did you mean 'job'?"
        ),
        "code 'last', pattern '@names': code 'names' has no patterns to refer to",
    ]


def test_columns_count_from_one_and_say_what_was_expected():
    mistakes = {
        "": (1, "expected a word, a group or '*', got the end of the pattern"),
        "feel (alone": (12, "expected ')' for the '(' in column 6"),
        "feel alone)": (11, "expected the end of the pattern, got ')'"),
        "worn|tired out": (5, "(worn|tired) out"),
        "(worn|tired out)": (6, "(worn|tired) out"),
        "worn| out": (5, "spaces on both sides"),
        "worn |out": (7, "spaces on both sides"),
        "a |": (4, "spaces on both sides"),
        "a | ": (5, "expected a word"),
        "a & ": (5, "expected a word"),
        "a ! b & c": (7, "'&' must stand before '!'"),
        "... alone": (1, "a gap needs a word on both sides"),
        "feel ...": (1, "a gap needs a word on both sides"),
        "feel ...99 alone": (6, "a gap is 1 to 30 words, not 99"),
        "very?": (1, "at least one word that is not optional"),
        '"left': (6, 'expected " at the end'),
        '""': (1, "expected words inside"),
        "/burn": (6, "expected '/' at the end"),
        "/(/": (3, "not a regular expression"),
        "//": (2, "expected a regular expression"),
        "/a*/": (2, "matches nothing at all"),
        "(a & b)": (4, "only words can stand inside"),
        "@ a": (1, "expected the id of a code after '@'"),
        "$ a": (1, "expected a name for words after '$'"),
        "my $job": (4, "no words are named '$job'; write '$job = one | another'"),
        "a !! b && c": (8, "'&&' must stand before '!!'"),
        "a ! b &c": (7, "'&' must stand before '!'"),
        "work:NUON": (5, "did you mean 'NOUN'"),
        '[{"LEMA": "x"}]': (1, "expected one of LOWER, LEMMA"),
        '[{"POS": 3}]': (1, 'expected a text, {"IN"'),
        '[{"POS": "ADJ", "OP": "+"}]': (1, "OP may be"),
        "[{]": (3, "not JSON"),
        '{"POS": "ADJ"}': (1, "expected a word"),
        "a , b": (3, "expected a word, a group or '*', got ','"),
        " ".join(["(a b|c d|e f)"] * 7).replace("|", " | "): (1, "2187 variants, 500 at most"),
    }
    for text, (column, expected) in mistakes.items():
        with pytest.raises(PatternError) as caught:
            read_pattern(text)
        assert (caught.value.column, expected in str(caught.value)) == (column, True), (
            text,
            str(caught.value),
        )


@given(st.text(st.sampled_from(list("ab'|&!@$>()[]{}\"/*?:. …-")), max_size=25))
def test_any_text_is_read_or_refused_with_a_column_inside_it(text):
    column, pattern = None, None
    try:
        pattern = read_pattern(text)
    except PatternError as error:
        column = error.column
    if pattern is None:
        assert column in range(1, len(text) + 2)
    else:
        assert pattern.text == text
        assert pattern.steps or pattern.unless or pattern.given or pattern.without


def test_the_guide_is_one_page_and_its_patterns_parse():
    from reflect_analysis.coders import patterns

    guide = patterns.__doc__ or ""
    assert len(guide.splitlines()) <= 66
    shown = [
        pattern
        for line in guide.splitlines()
        if re.match("``.+``  ", line)
        for pattern in re.findall("``(.+?)``", re.split(r"``(?= {2,}[^`])", line)[0] + "``")
    ]
    assert len(shown) >= 20
    for pattern in shown:
        naming = read_naming(pattern)
        assert naming[0] == "job" if naming else read_pattern(pattern).steps
    assert any(map(read_naming, shown))
