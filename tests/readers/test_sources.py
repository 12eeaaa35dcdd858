"""Encodings, ids, front matter beside a file, context, changed files and doubled texts."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import changed_sources, read_corpus
from reflect_analysis.readers._encodings import decode, guess_encoding

ENGLISH = "I didn’t know – “we’ll be fine,” she told me… It was a good day."
FRENCH = "J’étais fatiguée après la journée, et Noël approchait déjà à l’école."


STORY = """\
- id: PV1
  participant: P01
  caption: It takes as long as it takes.
  picture: kettle.png
  alt_text: A kettle.
  people_shown: nobody
  place_signs: none
  consent: {use_text: yes, use_picture: yes}
"""


@pytest.fixture
def picture() -> bytes:
    """A picture of one grey point."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (1, 1), 128).save(file, "PNG")
    return file.getvalue()


# Encodings


@pytest.mark.parametrize("text", [ENGLISH, FRENCH, "Noël", "She left her fiancé.", "Well…"])
@pytest.mark.parametrize(
    ("encoding", "shown"), [("cp1252", "Windows-1252"), ("mac_roman", "MacRoman")]
)
def test_an_encoding_that_the_letters_show_is_read_and_named(text, encoding, shown):
    found, named = decode(text.encode(encoding), "a.txt")
    assert found == text
    assert named.startswith(f"{shown} (guessed, certainty ")


def test_three_letters_in_a_long_text_are_enough():
    text = "The children played in the yard when I came. " * 2000 + "naïve Noémie’s café"
    assert guess_encoding(text.encode("mac_roman")).encoding == "mac_roman"
    assert guess_encoding(text.encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(save, encoding):
    corpus = read_corpus(save("a.txt", ENGLISH.encode(encoding)))
    assert next(iter(corpus)).text == ENGLISH
    shown = corpus.runs[0].settings["columns"]["a.txt"]["encoding"]
    assert shown == f"{encoding.upper()} (by its byte order mark)"


def test_two_encodings_in_one_file_are_a_fault(save):
    path = save("a.txt", b"caf\xc3\xa9 and I stayed\ncaf\xe9 and I left\n")
    with pytest.raises(CorpusError, match=r"a\.txt, line 2: .*two encodings in one file"):
        read_corpus(path)


def test_what_was_made_one_is_recorded(save):
    save("a.txt", b"\xef\xbb\xbfI stayed.\r\nI slept.\nI left.")
    path = save("b.csv", b"id,text\r\n1,I stayed\r\n")
    columns = read_corpus(path.parent).runs[0].settings["columns"]
    assert columns["a.txt"] == {"byte order mark": "left out", "line ends": "CRLF and LF"}
    assert columns["b.csv"]["line ends"] == "CRLF"


def test_a_plain_file_has_nothing_to_record(save):
    assert "a.txt" not in read_corpus(save("a.txt", "I stayed.")).runs[0].settings["columns"]


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_are_one_fault(data):
    try:
        text, _ = decode(data, "a.txt")
    except CorpusError as error:
        assert len(error.faults) == 1  # noqa: PT017  # either is right
    else:
        assert isinstance(text, str)


@given(st.text(max_size=200))
def test_utf8_is_never_guessed(text):
    assert decode(text.encode("utf-8", "replace"), "a.txt")[1] in (
        "",
        "UTF-16 (by its byte order mark)",
    )


# Ids


def test_files_of_one_stem_have_ids_of_their_paths(save):
    save("week 1/monday.txt", "I stayed late.")
    save("week 2/monday.txt", "I left early.")
    top = save("tuesday.txt", "I slept.").parent
    assert [d.id for d in read_corpus(top)] == ["tuesday", "week-1-monday", "week-2-monday"]


def test_files_of_one_stem_in_one_folder_have_ids_of_their_names(save):
    top = save("monday.txt", "I stayed late.").parent
    save("monday.rtf", ["I left early."])
    save("other/monday.txt", "I slept.")
    found = {d.source: d.id for d in read_corpus(top)}
    assert found == {
        "monday.rtf": "monday.rtf",
        "monday.txt": "monday.txt",
        "other/monday.txt": "other-monday",
    }


def test_paths_that_look_alike_as_ids_are_told_apart(save):
    save("a/b-c.txt", "I stayed late.")
    save("a-b/c.txt", "I slept well.")
    save("x/c.txt", "I slept.")
    top = save("x/b-c.txt", "I left early.").parent.parent
    ids = [d.id for d in read_corpus(top)]
    assert len(set(ids)) == 4


# Front matter beside a file, and context


@pytest.mark.parametrize("suffix", ["txt", "md", "docx", "odt", "rtf", "html"])
def test_a_file_beside_another_holds_its_front_matter(save, suffix):
    path = save(f"one.{suffix}", ["I was tired and I stayed."])
    save(f"one.{suffix}.yaml", "id: R-9\nparticipant: P02\nkind: debrief\n")
    (document,) = read_corpus(path.parent)
    assert (document.id, document.case_id, document.kind) == ("R-9", "P02", "debrief")
    assert document.text == "I was tired and I stayed."
    assert not [o for o in read_corpus(path.parent).omissions if o.source.endswith("yaml")]


def test_a_fault_in_the_file_beside_is_placed_in_it(save):
    path = save("one.rtf", ["I was tired."])
    save("one.rtf.yaml", "participant: P02\nkind: letter\n")
    with pytest.raises(CorpusError, match=r"one\.rtf\.yaml, line 2: kind 'letter'"):
        read_corpus(path.parent)


def test_front_matter_in_two_places_is_a_fault(save):
    path = save("one.txt", "---\nid: A\n---\nI was tired.")
    save("one.txt.yaml", "id: B\n")
    with pytest.raises(CorpusError, match="keep one"):
        read_corpus(path.parent)


def test_a_newsletter_that_quotes_nobody_is_context(save):
    body = "---\nkind: newsletter\ncommunity: c5\n---\n\nWe meet in March.\n\nBring a cup."
    (document,) = read_corpus(save("march.md", body))
    assert (document.kind, document.voice) == ("newsletter", "other")
    assert document.attributes["community"] == "c5"


def test_a_newsletter_that_quotes_gives_its_quotes_with_what_is_known_of_it(save):
    body = (
        "---\nid: N3\nkind: newsletter\ncommunity: c5\n---\n\nWe meet in March, all of us.\n\n"
        "“I stopped counting the hours because somebody was counting on me.”\n"
        "— ECE, Nelson, Reflection\n"
    )
    corpus = read_corpus(save("march.md", body))
    (document,) = corpus
    assert (document.id, document.kind, document.voice) == ("N3-q01", "reflection", "participant")
    assert document.attributes["community"] == "c5"
    assert document.place == "line 9"
    assert [(o.place, o.reason) for o in corpus.omissions] == [("line 7", "prose of the page")]


def test_an_infographic_is_context_that_is_credited(save):
    body = "---\nkind: infographic\ncommunity: c2\n---\n\nSix steps to a circle of one’s own."
    (document,) = read_corpus(save("steps.md", body))
    assert (document.kind, document.voice) == ("newsletter", "other")
    assert (document.attributes["form"], document.attributes["community"]) == ("infographic", "c2")


def test_an_infographic_without_credit_is_a_fault(save):
    with pytest.raises(CorpusError, match="without 'community' or 'author'"):
        read_corpus(save("steps.md", "---\nkind: infographic\n---\n\nSix steps to a circle."))


def test_a_picture_may_be_an_infographic_by_the_file_beside_it(save):
    path = save("steps.png", b"a picture")
    save("steps.png.yaml", "kind: infographic\ncommunity: c2\nalt_text: Six steps to a circle.\n")
    (document,) = read_corpus(path.parent)
    assert (document.id, document.text, document.voice) == (
        "steps",
        "Six steps to a circle.",
        "other",
    )
    assert document.picture.alt_text == "Six steps to a circle."


def test_a_video_is_read_by_its_transcript(save):
    body = (
        "---\nkind: video\nspeakers: {P01: P01, Host: null}\n---\n\nHost: Why?\n\nP01: I stayed.\n"
    )
    (document,) = read_corpus(save("clip.txt", body))
    assert document.kind == "video"
    assert [turn.case_id for turn in document.turns] == [None, "P01"]


def test_a_video_with_times_is_what_the_file_beside_it_says(save):
    cue = "00:00:0{0}.000 --> 00:00:0{1}.000\n<v {2}>{3}</v>\n\n".format
    path = save(
        "clip.vtt",
        "WEBVTT\n\n" + cue(1, 3, "Ana", "I stayed late.") + cue(4, 6, "Host", "Why?"),
    )
    save(
        "clip.vtt.yaml",
        "id: V1\nkind: video\ncommunity: c5\nquote_consent: no\nspeakers: {Ana: P03, Host: null}\n",
    )
    corpus = read_corpus(path.parent)
    (document,) = corpus
    assert (document.id, document.kind, document.attributes["community"]) == ("V1", "video", "c5")
    assert [turn.case_id for turn in document.turns] == ["P03", None]
    assert corpus.case("P03").quotes == "no"


# Changed files and doubled texts


def test_a_file_that_changed_or_went_is_noticed_and_named(save):
    top = save("a.txt", "I stayed late.").parent
    save("b.txt", "I left early.")
    save("c.csv", "id,text\nR1,I slept well.\n")
    corpus = read_corpus(top)
    assert changed_sources(corpus, top) == ()
    save("a.txt", "I stayed later.")
    (top / "c.csv").unlink()
    found = [(c.source, c.state, c.documents) for c in changed_sources(corpus, top)]
    assert found == [("a.txt", "changed", ("a",)), ("c.csv", "missing", ("R1",))]


def test_what_was_read_with_a_file_is_noticed_too(save, picture):
    top = save("a.txt", "I stayed late.").parent
    save("a.txt.yaml", "id: R1\nsession: 2\n")
    save("speakers.yaml", "Host: null\nAna: P01\n")
    save("talk.txt", "Host: How was it?\n\nAna: I slept.\n\nHost: And then?\n\nAna: I rose.")
    save("photos/kettle.png", picture)
    save("photos/stories.yaml", STORY)
    corpus = read_corpus(top)
    assert changed_sources(corpus, top) == ()
    save("a.txt.yaml", "id: R1\nsession: 3\n")
    save("speakers.yaml", "Host: null\nAna: P02\n")
    save("photos/kettle.png", picture + b"\0")
    found = [(c.source, c.state, c.documents) for c in changed_sources(corpus, top)]
    assert sorted(found) == [
        ("a.txt.yaml", "changed", ("R1",)),
        ("photos/kettle.png", "changed", ("PV1",)),
        ("speakers.yaml", "changed", ("talk",)),
    ]
    (top / "photos" / "kettle.png").unlink()
    assert ("photos/kettle.png", "missing") in [
        (c.source, c.state) for c in changed_sources(corpus, top)
    ]


def test_what_lies_beside_a_single_source_is_noticed(save, picture):
    stories = save("stories.yaml", STORY)
    save("kettle.png", picture)
    letter = save("a.txt", "I stayed late.")
    save("a.txt.yaml", "id: R1\n")
    for source, beside in ((stories, "kettle.png"), (letter, "a.txt.yaml")):
        corpus = read_corpus(source)
        assert changed_sources(corpus, source) == ()
        (source.parent / beside).write_bytes(b"id: R2\n")
        (change,) = changed_sources(corpus, source)
        assert (change.source, change.state) == (beside, "changed")


def test_files_whose_names_were_replaced_are_found_by_the_key_or_by_their_content(save, picture):
    import reflect_analysis as ra

    top = save("Petra Hall.txt", "I stayed late.").parent
    save("Petra Hall.txt.yaml", "id: R1\n")
    save("b.txt", "I left early.")
    save("photos/kettle.png", picture)
    save("photos/stories.yaml", STORY)
    corpus = read_corpus(top)
    found = ra.check_anonymity(corpus, recognisers=[])
    coded, key = ra.pseudonymise(corpus, found)
    assert "Petra" not in repr([d.source for d in coded]) + repr(coded.runs)
    assert changed_sources(coded, top) == changed_sources(coded, top, names=key.files) == ()
    save("b.txt", "I left late.")
    save("Petra Hall.txt.yaml", "id: R1\nsession: 4\n")
    save("photos/kettle.png", picture + b"\0")
    told = [(c.source, c.state, c.documents) for c in changed_sources(coded, top, names=key.files)]
    front, letter = coded.document("R1").source + ".yaml", coded.document("b").source
    assert (front, "changed", ("R1",)) in told
    assert (letter, "changed", ("b",)) in told
    assert [documents for _, _, documents in told if documents == ("PV1",)]
    assert {c.state for c in changed_sources(coded, top)} == {"missing"}


def test_texts_that_stand_twice_are_shown_and_kept(save):
    top = save("a.txt", "I stayed late because it snowed.").parent
    save("b.txt", "I stayed late\nbecause it snowed.")
    save("c.csv", "id,text\nR1,Not yet\nR2,Not yet\n")
    corpus = read_corpus(top)
    assert len(corpus) == 4
    assert corpus.runs[0].settings["doubled_texts"] == [["a", "b"]]
    assert corpus.runs[0].summary.endswith("; 1 has the words of another")
