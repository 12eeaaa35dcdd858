"""Web Annotations: by position and by quote, out and back, and whatever else calls itself so."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Decision
from reflect_analysis.corpus import Clearance, Corpus, Document
from reflect_analysis.errors import ExchangeError
from reflect_analysis.exchange import export_study, read_annotations, read_exchange, recognise
from reflect_analysis.exchange.annotations import annotations_page

AT = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)
TEXT = "🙂 We sang, and then we sang again at home."
BOOK = Codebook((Code("song", "Song", "Singing.", "g"),), (Group("g", "G"),), title="Songs")
CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def corpus(*texts):
    found = tuple(Document(f"R {n}/é", text) for n, text in enumerate(texts, 1))
    return Corpus(found, (), tuple(Clearance(each.sha256, "lead", "read", AT) for each in found))


def annotation(start, end, exact="", *, source="R%201%2F%C3%A9", prefix="", suffix="", **more):
    selectors = [{"type": "TextPositionSelector", "start": start, "end": end}]
    if exact:
        quoted = {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix}
        selectors.append(quoted)
    return {
        "type": "Annotation",
        "motivation": "tagging",
        "body": {"type": "TextualBody", "value": "Song"},
        "target": {"source": f"https://x.example/a/{source}", "selector": selectors},
        **more,
    }


def save(folder, *annotations, name="a.jsonld"):
    path = folder / name
    data = {"@context": CONTEXT, "type": "AnnotationPage", "items": list(annotations)}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def only(found):
    (row,) = found.report.selections
    return row


# ── out and back ──


def test_what_people_coded_or_accepted_leaves_and_comes_back_and_no_bare_proposal(tmp_path):
    texts = corpus(TEXT)
    start = TEXT.index("sang")
    own = Coding("R 1/é", start, start + 4, "song", "ada", at=AT)
    taken = Coding("R 1/é", start + 5, start + 9, "song", "rules", "machine", at=AT)
    bare = Coding("R 1/é", 0, 1, "song", "rules", "machine", at=AT)
    log = Codings((own, taken, bare), (Decision(taken.id, "accept", "ada", at=AT),))
    path = tmp_path / "a.jsonld"
    told = export_study(path, "jsonld", corpus=texts, codebook=BOOK, codings=log)
    assert told.documents == ("R 1/é",)
    assert recognise(path) == "annotations"
    found = read_exchange(path, corpus=texts, codebook=BOOK)
    assert {(c.start, c.end, c.code_id, c.coder, c.at) for c in found.codings} == {
        (own.start, own.end, "song", "ada", AT),
        (taken.start, taken.end, "song", "rules", AT),
    }
    assert found.report.resolved == found.report.selected == 2
    assert found.corpus is texts


def test_each_annotation_bears_position_and_quote_with_what_stands_around():
    start = TEXT.index("sang")
    log = Codings((Coding("R 1/é", start, start + 4, "song", "ada", at=AT),))
    data = json.loads(annotations_page(corpus(TEXT), BOOK, log))
    assert (data["@context"], data["type"], data["total"]) == (CONTEXT, "AnnotationCollection", 1)
    (item,) = data["first"]["items"]
    position, quoted = item["target"]["selector"]
    assert (position["start"], position["end"]) == (start, start + 4)
    assert (quoted["prefix"], quoted["exact"], quoted["suffix"]) == (
        "🙂 We ",
        "sang",
        ", and then we sang again at home",
    )
    assert item["created"] == "2025-03-04T09:30:00Z"
    assert item["body"]["value"] == "Song"


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_passage_comes_back_to_its_place(tmp_path_factory, data):
    text = data.draw(st.text(min_size=1, max_size=30).filter(str.strip))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    texts = corpus(text)
    log = Codings((Coding("R 1/é", start, end, "song", "ada", at=AT),))
    path = tmp_path_factory.mktemp("a") / "a.jsonld"
    page = json.dumps(json.loads(annotations_page(texts, BOOK, log)))  # lone surrogates escaped
    path.write_text(page, encoding="utf-8")
    (coding,) = read_annotations(path, texts, codebook=BOOK).codings
    assert (coding.start, coding.end) == (start, end)


# ── of other programs ──


def test_a_position_that_counts_otherwise_is_found_again_by_the_quote_and_said(tmp_path):
    start = TEXT.index("again") + 1  # a browser counts the emoji as two
    found = read_annotations(save(tmp_path, annotation(start, start + 5, "again")), corpus(TEXT))
    (coding,) = found.codings
    assert TEXT[coding.start : coding.end] == "again"
    assert "found again by its quote" in only(found).note
    assert found.report.sources[0].score == 0


def test_a_quote_that_stands_twice_is_told_apart_by_the_words_around_it(tmp_path):
    there = annotation(0, 4, "sang", prefix="then we ", suffix=" again")
    (coding,) = read_annotations(save(tmp_path, there), corpus(TEXT)).codings
    assert coding.start == TEXT.rindex("sang")


def test_what_stands_twice_or_nowhere_or_in_no_text_is_listed_and_never_guessed(tmp_path):
    rows = [
        annotation(0, 4, "sang"),
        annotation(0, 4, "shouted"),
        annotation(900, 904),
        annotation(0, 4, "sang", source="another"),
    ]
    found = read_annotations(save(tmp_path, *rows), corpus(TEXT))
    assert len(found.codings) == 0
    assert len(found.report.omissions) == len(rows)


def test_a_position_without_a_quote_is_taken_and_called_unproved(tmp_path):
    found = read_annotations(save(tmp_path, annotation(2, 4)), corpus(TEXT))
    assert len(found.codings) == 1
    assert "not proved" in only(found).note


def test_a_remark_is_a_memo_with_its_writer_and_time(tmp_path):
    body = [
        {"type": "TextualBody", "purpose": "tagging", "value": "Song"},
        {"type": "TextualBody", "purpose": "commenting", "value": "Twice!"},
    ]
    by = {"type": "Person", "nickname": "ben"}
    there = annotation(5, 9, "sang", body=body, creator=by, created="2025-03-04T09:30:00Z")
    found = read_annotations(save(tmp_path, there), corpus(TEXT))
    (memo,) = found.codings.memos
    assert (memo.by, memo.text, memo.start, memo.at) == ("ben", "Twice!", 5, AT)
    assert [row.coder for row in found.codings] == ["ben"]


def test_a_tag_that_the_codebook_lacks_is_a_fault(tmp_path):
    body = {"type": "TextualBody", "purpose": "tagging", "value": "Dance"}
    with pytest.raises(ExchangeError, match=r"annotation 1: no code 'Dance'"):
        read_annotations(
            save(tmp_path, annotation(5, 9, "sang", body=body)), corpus(TEXT), codebook=BOOK
        )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type": "Note"}', "[" * 100_000, "\ud800"])
def test_what_is_no_annotation_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "a.jsonld"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ExchangeError, match=r"a\.jsonld"):
        read_annotations(path, corpus(TEXT))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["type", "body", "target", "source", "selector", "value", "start", "end", "exact"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["body", "target", "creator", "created", "motivation"]), anything
    )
)
def test_whatever_stands_in_an_annotation_it_is_read_or_refused(tmp_path_factory, parts):
    path = save(tmp_path_factory.mktemp("a"), {"type": "Annotation", **parts})
    try:
        found = read_annotations(path, corpus(TEXT))
    except ExchangeError:
        return
    assert all(0 <= row.start < row.end <= len(TEXT) for row in found.codings)
