"""Forum threads: posts, prompts, and other members' words that a post repeats."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.corpus import Case, Clearance, Corpus, Governance
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers._found import Found, Place
from reflect_analysis.readers._quoting import Earlier, marked_quotes, plain_body
from reflect_analysis.readers.tabular import read_tables
from reflect_analysis.readers.threads import read_thread_file
from reflect_analysis.segmentation import segment

ASKED = "Look at one door in your room this week. Who decides when it opens?"
ANA = "Ours sticks, so the children call for me and I come running every single time they do."
TABLE = (
    "post_id,topic,author,reply_to,created_at,body_html\n"
    f'1,Doors,Host,,2025-01-06T08:00,"<p>{ASKED}</p>"\n'
    f'2,Doors,Ana L.,1,2025-01-06T09:00,"<p>{ANA}</p>"\n'
    "3,Doors,Ben,2,2025-01-06T10:00,"
    '"<blockquote>the children call for me</blockquote><p>Mine never call &amp; I wait.</p>"\n'
    '4,Snow,Ben,,2025-01-07T08:00,"<p>Does anybody go out when it is minus twenty?</p>"\n'
    '5,Snow,Ana L.,4,2025-01-07T09:00,"<p>Yes, in turns.</p>"\n'
)
WHO = {"Host": None, "Ana L.": "P01", "Ben": "P02"}
JSON = {
    "threads": [
        {
            "title": "Doors",
            "posts": [
                {
                    "id": 1,
                    "author": {"name": "Host", "email": "host@example.org"},
                    "body": ASKED,
                    "time": "2025-01-06T08:00",
                    "replies": [
                        {
                            "id": 2,
                            "author": {"name": "Ana L."},
                            "body": ANA,
                            "time": "2025-01-06T09:00",
                            "likes": 3,
                            "email": "ana@example.org",
                            "replies": [{"id": 3, "author": {"name": "Ben"}, "body": "Mine too."}],
                        }
                    ],
                }
            ],
        }
    ]
}


@pytest.fixture
def write(tmp_path):
    """Write a file; returns its place."""

    def writer(name: str, content) -> Place:
        text = content if isinstance(content, str) else json.dumps(content)
        path = tmp_path / "the study" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        return Place(path, name)

    return writer


def corpus_of(found: Found) -> Corpus:
    assert found.faults == ()
    spoken = {t.case_id for d in found.documents for t in d.turns}
    cases = sorted(({d.case_id for d in found.documents} | spoken) - {None})
    return Corpus(found.documents, tuple(Case(case) for case in cases))


def table(write, text, speakers=WHO, **mapping) -> Corpus:
    return corpus_of(read_tables(write("posts.csv", text), mapping, speakers))


def turns(corpus: Corpus, document_id: str) -> list[tuple[str, str | None, bool]]:
    document = corpus.document(document_id)
    return [(document.passage(t.start, t.end), t.case_id, t.coded) for t in document.turns]


def posts(*rows: str) -> str:
    return "id,thread,author,parent,time,text\n" + "".join(f"{row}\n" for row in rows)


# Posts, prompts, authors


def test_thread_parent_author_and_time_are_attributes_under_these_names(write):
    assert dict(table(write, TABLE).document("3").attributes) == {
        "thread": "Doors",
        "parent": "2",
        "author": "P02",
        "time": "2025-01-06T10:00",
        "prompt": ASKED,
    }


def test_the_provocation_is_the_prompt_of_every_reply_and_is_not_coded(write):
    corpus = table(write, TABLE)
    assert [corpus.document(n).attributes["prompt"] for n in "23"] == [ASKED, ASKED]
    opening = corpus.document("1")
    assert (opening.voice, opening.case_id, opening.kind) == ("other", None, "post")
    assert "prompt" not in opening.attributes


def test_a_members_question_is_her_post_and_the_prompt_of_its_replies(write):
    corpus = table(write, TABLE)
    question, reply = corpus.document("4"), corpus.document("5")
    assert (question.voice, question.case_id) == ("participant", "P02")
    assert reply.attributes["prompt"] == question.text
    assert reply.attributes["prompt_from"] == "4"


def test_html_becomes_text(write):
    assert table(write, TABLE).document("3").text == (
        "the children call for me\n\nMine never call & I wait."
    )


def test_an_author_whom_nobody_maps_is_an_unknown_case_without_her_name(write):
    found = read_tables(write("posts.csv", TABLE), {}, {"Host": None})
    assert {d.case_id for d in found.documents} == {None}
    told = [d.attributes["author"] for d in found.documents]
    assert told == ["organiser", "member 2", "member 3", "member 3", "member 2"]
    assert {o.place for o in found.omissions} == {
        "member 2, first in row 3",
        "member 3, first in row 4",
    }


def test_codes_as_authors_are_ids_and_that_is_shown(write):
    text = posts("1,a,P01,,2025-01-01,Why?", "2,a,P02,1,2025-01-02,Because.")
    found = read_tables(write("posts.csv", text), {})
    assert [d.case_id for d in found.documents] == ["P01", "P02"]
    assert found.guesses["posts.csv"]["participant"] == "author (codes as ids)"


def test_an_organiser_beside_them_does_not_hide_the_codes(write):
    text = posts("1,a,organiser,,2025-01-01,Why?", "2,a,P02,1,2025-01-02,Because.")
    found = read_tables(write("posts.csv", text), {})
    assert [d.case_id for d in found.documents] == [None, "P02"]


def test_a_mapping_takes_authors_for_participants_when_it_is_asked(write):
    corpus = table(write, TABLE, {"Host": None}, participant="author")
    assert corpus.document("2").case_id == "Ana L."


def test_a_column_of_roles_tells_the_organiser(write):
    text = (
        "id,thread,author,role,parent,time,text\n1,a,Ana,Facilitator,,2025-01-01,Why?\n"
        "2,a,Ben,ECE,1,2025-01-02,So.\n"
    )
    corpus = table(write, text, {"Ben": "P02"})
    assert [d.voice for d in corpus] == ["other", "participant"]


def test_the_earliest_post_opens_a_thread_without_parents(write):
    text = "id,thread,author,time,text\n2,a,P02,2025-01-02,Because.\n1,a,P01,2025-01-01,Why?\n"
    corpus = table(write, text, {})
    assert corpus.document("2").attributes["prompt"] == "Why?"
    assert "prompt" not in corpus.document("1").attributes


def test_a_prompt_that_the_table_gives_is_kept(write):
    text = "id,thread,participant,parent,prompt,text\n1,a,P01,,Ask.,One.\n2,a,P02,1,Ask.,Two.\n"
    corpus = table(write, text, {})
    assert [d.attributes["prompt"] for d in corpus] == ["Ask.", "Ask."]
    assert all("prompt_from" not in d.attributes for d in corpus)


# Quotations


def test_a_block_quotation_belongs_to_the_member_who_wrote_it(write):
    assert turns(table(write, TABLE), "3") == [
        ("the children call for me", "P01", False),
        ("Mine never call & I wait.", "P02", True),
    ]


@pytest.mark.parametrize(
    ("body", "quoted", "own"),
    [
        ("> we waited at the door\n\nSo did I.", "> we waited at the door", ["So did I."]),
        (
            "[quote=Ana]whatever she wrote[/quote] Yes.",
            "[quote=Ana]whatever she wrote[/quote]",
            ["Yes."],
        ),
        ('[quote="Ana, post:1"]ab[/quote]Yes.', '[quote="Ana, post:1"]ab[/quote]', ["Yes."]),
        ('Ana wrote: "we waited" and I see it.', 'Ana wrote: "we waited"', ["and I see it."]),
        ("Ana wrote:\n> we waited\n> long\nYes.", "Ana wrote:\n> we waited\n> long", ["Yes."]),
        ("Ana wrote:\nwe waited\n\nYes.", "Ana wrote:\nwe waited", ["Yes."]),
        ("Yes.\n\nOn 3 May 2025, Ana wrote:\nwe waited\n\nlong", None, ["Yes."]),
        (
            "Yes: we waited at the door until the bell rang, and so?",
            "we waited at the door until the bell rang",
            ["Yes:", ", and so?"],
        ),
        ("A [quote=Ana]x [quote=Ben]y[/quote] z[/quote] B", None, ["A", "B"]),
        ("A [quote=Ana]never closed", "[quote=Ana]never closed", ["A"]),
    ],
)
def test_quotations_are_marked_and_belong_to_their_writer(write, body, quoted, own):
    cell = body.replace('"', '""')
    text = posts(
        "1,a,Ana,,2025-01-01,And we waited at the door until the bell rang for snow.",
        f'2,a,Ben,1,2025-01-02,"{cell}"',
    )
    found = turns(table(write, text, {"Ana": "P01", "Ben": "P02"}), "2")
    assert [passage for passage, _, coded in found if coded] == own
    assert [case for _, case, coded in found if coded] == ["P02"] * len(own)
    ((passage, case, _),) = [each for each in found if not each[2]]
    assert case == "P01"
    assert quoted in (None, passage)


def test_a_quotation_of_nobody_here_belongs_to_nobody(write):
    text = posts("1,a,P01,,2025-01-01,Why?", '2,a,P02,1,2025-01-02,"> from some book\nYes."')
    assert turns(table(write, text, {}), "2")[0] == ("> from some book", None, False)


def test_seven_words_in_common_are_chance_and_eight_are_a_quotation(write):
    text = posts(
        "1,a,P01,,2025-01-01,one two three four five six seven eight nine",
        "2,a,P02,1,2025-01-02,one two three four five six seven but",
        "3,a,P02,1,2025-01-03,so two three four five six seven eight nine",
    )
    corpus = table(write, text, {})
    assert turns(corpus, "2") == []
    assert turns(corpus, "3") == [
        ("so", "P02", True),
        ("two three four five six seven eight nine", "P01", False),
    ]


def test_what_a_member_repeats_of_herself_is_her_own(write):
    text = posts(
        "1,a,P01,,2025-01-01,one two three four five six seven eight nine",
        "2,a,P01,1,2025-01-03,one two three four five six seven eight nine ten",
    )
    assert turns(table(write, text, {}), "2") == []


def test_a_later_post_is_quoted_by_no_earlier_one(write):
    words = "one two three four five six seven eight nine"
    text = posts(f"2,a,P02,1,2025-01-02,{words}", f"1,a,P01,,2025-01-01,{words} ten")
    corpus = table(write, text, {})
    assert turns(corpus, "1") == []
    assert turns(corpus, "2") == [(words, "P01", False)]


def test_words_of_the_provocation_are_nobodys_to_code(write):
    text = posts(f"1,a,Host,,2025-01-01,{ASKED}", f"2,a,Ana,1,2025-01-02,{ASKED} Me.")
    assert turns(table(write, text, {"Host": None, "Ana": "P01"}), "2") == [
        (ASKED.rstrip("?"), None, False),
        ("? Me.", "P01", True),
    ]


@pytest.mark.parametrize("by", ["document", "paragraph", "sentence", "turn"])
def test_no_segment_holds_a_word_of_a_quotation(write, by):
    corpus = table(write, TABLE)
    cleared = Corpus(
        corpus.documents, corpus.cases, tuple(Clearance(d.sha256, "a", "b") for d in corpus)
    )
    segments = segment(cleared, by=by)
    of_reply = [s for s in segments if s.document_id == "3"]
    assert [(s.text, s.case_id) for s in of_reply] == [("Mine never call & I wait.", "P02")]
    assert "1" not in segments.by_document
    assert {s.case_id for s in segments} == {"P01", "P02"}


words = st.lists(st.sampled_from(["we", "wait", "door", "snow", "I"]), max_size=30).map(" ".join)


@given(words, words)
def test_runs_are_letter_for_letter_in_the_earlier_post(before, after):
    earlier = Earlier()
    earlier.add(before, "A")
    for run in earlier.runs(after, "B"):
        passage = after[run.start : run.end]
        assert passage in before
        assert len(passage.split()) >= 8


@given(st.text('abc >\n[]/quote=AB:wrote<p>"', max_size=80))
def test_marks_of_quotation_are_spans_in_order_that_never_overlap(text):
    body, blocks = plain_body(text)
    quotes = marked_quotes(body, blocks)
    assert all(0 <= q.start < q.end <= len(body) for q in quotes)
    assert all(a.end <= b.start for a, b in pairwise(quotes))


# JSON


def test_replies_inside_posts_are_threads_with_parents(write):
    found = read_thread_file(write("forum.json", JSON), {}, WHO)
    corpus = corpus_of(found)
    assert [(d.id, d.case_id, d.attributes.get("parent", "")) for d in corpus] == [
        ("1", None, ""),
        ("2", "P01", "1"),
        ("3", "P02", "2"),
    ]
    assert {d.attributes["thread"] for d in corpus} == {"Doors"}
    assert corpus.document("3").attributes["prompt"] == ASKED
    assert corpus.document("2").attributes["likes"] == "3"
    assert "column 'email'" in {o.place for o in found.omissions}
    assert "@" not in str([d.attributes for d in corpus])


def test_flat_json_with_parents_is_read(write):
    flat = [
        {"id": "a", "thread_id": 7, "user": "P01", "parent_id": None, "content": "Why?"},
        {"id": "b", "thread_id": 7, "user": "P02", "parent_id": "a", "content": "So."},
    ]
    corpus = corpus_of(read_thread_file(write("forum.json", flat), {}, {}))
    assert corpus.document("b").attributes["prompt"] == "Why?"
    assert corpus.document("b").attributes["thread"] == "7"


def test_posts_without_ids_have_ids_of_their_own(write):
    nested = [{"author": "P01", "text": "Why?", "replies": [{"author": "P02", "text": "So."}]}]
    corpus = corpus_of(read_thread_file(write("forum.json", nested), {}, {}))
    assert len({d.id for d in corpus}) == 2
    assert [d.attributes.get("prompt") for d in corpus] == [None, "Why?"]


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], "7", "[]", '{"nbformat": 4, "cells": []}'])
def test_json_that_is_no_forum_is_listed(write, content):
    found = read_thread_file(write("other.json", content), {}, {})
    assert found.documents == ()
    assert "JSON without posts" in found.omissions[0].reason


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[{"text": "Hello"', "forum.json, line 1: not JSON"),
        ("[" * 100_000, "forum.json: not JSON that can be read"),
        ('[{"text": "a\\u0000b", "author": "P01"}]', "control character U+0000"),
    ],
)
def test_bad_json_is_one_clear_error(write, content, told):
    try:
        faults = read_thread_file(write("forum.json", content), {}, {}).faults
    except CorpusError as error:
        faults = error.faults
    assert told in faults[0]
    assert "Hello" not in faults[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "replies", "author", "id", "parent", "thread", "time"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_json_breaks_the_reader(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("json") / "forum.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        found = read_thread_file(Place(path, "forum.json"), {}, {})
    except CorpusError:
        return
    assert found.documents or found.omissions or found.faults


# Bad input and governance


def test_posts_that_answer_each_other_are_a_fault(write):
    text = posts("1,a,P01,2,2025-01-01,One.", "2,a,P02,1,2025-01-02,Two.")
    found = read_tables(write("posts.csv", text), {})
    assert "post '1' answers itself" in found.faults[0]


def test_a_parent_that_is_not_here_is_listed(write):
    text = posts("1,a,P01,,2025-01-01,One.", "2,a,P02,9,2025-01-02,Two.")
    found = read_tables(write("posts.csv", text), {})
    assert [o.place for o in found.omissions] == ["row 3"]
    assert found.documents[1].attributes["prompt"] == "One."


def test_deleted_and_empty_posts_are_listed(write):
    text = posts("1,a,P01,,2025-01-01,[deleted]", "2,a,P02,1,2025-01-02,Two.", "3,a,P02,1,,")
    found = read_tables(write("posts.csv", text), {})
    assert [d.id for d in found.documents] == ["2"]
    assert [o.place for o in found.omissions if "without words" in o.reason] == ["row 2", "row 4"]


def test_consent_beside_a_post_is_its_members_and_not_of_those_it_quotes(write):
    text = (
        "id,thread,participant,parent,quote_consent,text\n1,a,P01,,no,we waited at the door\n"
        '2,a,P02,1,yes,"> we waited at the door\nYes."\n'
    )
    found = read_tables(write("posts.csv", text), {})
    assert found.consents == (("P01", "no"), ("P02", "yes"))


def test_a_refused_post_of_nobody_known_is_left_out(write):
    text = "id,thread,author,parent,quote_consent,text\n1,a,Ana,,no,We waited.\n2,a,Ben,1,yes,So.\n"
    found = read_tables(write("posts.csv", text), {})
    assert [d.id for d in found.documents] == ["2"]
    assert any("consent to be quoted is refused" in o.reason for o in found.omissions)


def test_an_unknown_kind_is_a_fault_and_a_provocation_is_a_post(write):
    text = "id,kind,thread,author,parent,text\n1,provocation,a,Ana,,Why?\n2,letter,a,P02,1,So.\n"
    found = read_tables(write("posts.csv", text), {})
    assert found.faults[0].startswith("posts.csv, row 3: kind 'letter'")
    assert [(d.kind, d.voice) for d in found.documents] == [
        ("post", "other"),
        ("post", "participant"),
    ]


def test_a_topic_beside_a_participant_makes_no_forum(write):
    text = "id,participant,topic,text\n1,P01,Doors,We waited.\n2,P02,Doors,So did I.\n"
    found = read_tables(write("a.csv", text), {})
    assert [(d.kind, dict(d.attributes)) for d in found.documents] == [
        ("reflection", {"topic": "Doors"}),
        ("reflection", {"topic": "Doors"}),
    ]


def test_a_thread_of_reflections_is_no_forum(write):
    text = "id,kind,participant,thread,text\n1,reflection,P01,a,One.\n2,reflection,P02,a,Two.\n"
    found = read_tables(write("a.csv", text), {})
    assert all("prompt" not in d.attributes for d in found.documents)


def test_seconds_since_1970_tell_the_order(write):
    text = "id,thread,author,time,text\n2,a,P02,1736200000,So.\n1,a,P01,1736100000,Why?\n"
    assert table(write, text, {}).document("2").attributes["prompt"] == "Why?"


def test_lists_inside_posts_that_are_no_replies_are_listed(write):
    value = [{"author": "P01", "thread": "a", "text": "Why?", "tags": ["x"]}]
    found = read_thread_file(write("forum.json", value), {}, {})
    assert [o.place for o in found.omissions] == ["key 'tags'"]


def test_a_post_that_quotes_a_governed_member_waits_for_the_same_approval(write):
    corpus = table(write, TABLE)
    governed = Case("P01", governance=Governance("a nation"))
    corpus = Corpus(corpus.documents, (governed, Case("P02")))
    assert [d.id for d in corpus.permitted("coding")] == ["1", "4"]


def test_a_thread_without_its_opening_post_has_no_prompt(write):
    text = posts("2,a,P01,1,2025-01-02,One.", "3,a,P02,2,2025-01-03,Two.")
    assert all("prompt" not in d.attributes for d in table(write, text, {}))


def test_a_mail_address_in_the_line_above_a_quotation_names_its_writer(write):
    text = posts(
        "1,a,Ana L.,,2025-01-01,We waited.",
        '2,a,Ben,1,2025-01-02,"So.\n\nOn 3 May 2025, Ana L. <a@example.org> wrote:\n> We waited."',
    )
    (own, quoted) = turns(table(write, text, {"Ana L.": "P01", "Ben": "P02"}), "2")
    assert (own, quoted[1:]) == (("So.", "P02", True), ("P01", False))


def test_the_words_of_somebody_outside_the_thread_stay_the_members_own(write):
    text = posts(
        "1,a,P01,,2025-01-01,Why?",
        '2,a,P02,1,2025-01-02,"My director wrote: ""no more clay"" and I cried."',
    )
    assert turns(table(write, text, {}), "2") == []


def test_a_post_that_is_nothing_but_a_quotation_gives_no_segment(write):
    text = posts("1,a,P01,,2025-01-01,We waited.", "2,a,P02,1,2025-01-02,> We waited.")
    corpus = table(write, text, {})
    assert turns(corpus, "2") == [("> We waited.", "P01", False)]


def test_times_in_another_style_are_left_out_and_listed(write):
    text = posts(
        "1,a,P01,,2025-01-01,Why?", "2,a,P02,1,2025-01-02,So.", "3,a,P02,1,03/01/2025,And so."
    )
    found = read_tables(write("posts.csv", text), {})
    assert ["time" in d.attributes for d in found.documents] == [True, True, False]
    assert [o.place for o in found.omissions] == ["row 4"]


def test_where_no_time_tells_the_order_that_is_shown(write):
    text = "id,thread,author,text\n1,a,P01,Why?\n2,a,P02,So.\n"
    found = read_tables(write("posts.csv", text), {})
    assert found.guesses["posts.csv"]["order"] == "as the posts stand in the file"


def test_a_short_post_quoted_whole_belongs_to_its_writer(write):
    text = posts("1,a,P01,,2025-01-01,We waited.", '2,a,P02,1,2025-01-02,"> We waited.\nSo."')
    assert turns(table(write, text, {}), "2")[0][1] == "P01"


def test_a_column_of_dates_tells_the_order_and_keeps_its_name(write):
    text = "id,thread,author,Date,text\n2,a,P02,2025-01-02,So.\n1,a,P01,2025-01-01,Why?\n"
    reply = table(write, text, {}).document("2")
    assert (reply.attributes["prompt"], reply.attributes["Date"]) == ("Why?", "2025-01-02")
