"""Subtitles and transcripts: speakers, times, turns, and what is left out."""

from pathlib import Path

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from reflect_analysis.corpus import Document
from reflect_analysis.errors import CorpusError
from reflect_analysis.readers._found import Found, Place
from reflect_analysis.readers._speakers import checked_speakers, read_speaker_file
from reflect_analysis.readers.subtitles import parse_cues, read_subtitles
from reflect_analysis.readers.text import read_text_file
from reflect_analysis.readers.transcripts import is_transcript, layout_of, read_paragraphs, seconds

TEAMS = """WEBVTT

NOTE composed for a test

STYLE
::cue { color: papayawhip }

1
00:00:01.000 --> 00:00:04.000 align:start position:10%
<v Ana Lund>I put the kettle on &amp; sat down.</v>

2
00:00:04.200 --> 00:00:06.000
<v Ana Lund>Then the <i>door</i> opened.</v>

3
00:00:07.500 --> 00:00:09.000
<v.loud Host>Who was it?</v>

00:01:10.000 --> 00:01:12.250
<v Ben>Only me, <00:01:11.000>with the mittens.
"""
ZOOM = """WEBVTT

1
00:00:02.100 --> 00:00:04.000
Ana Lund: One thing: the snow was late.

2
00:00:04.500 --> 00:00:06.000
Ana Lund: We waited for it.

3
00:00:07.000 --> 00:00:08.000
Ben: So did we.
"""
OTTER = """Staff room, week three
Mon, Jan 6, 2025 3:15PM • 0:40

Ana Lund  0:03
I put the kettle on.

And I sat down.

Ben  0:21
At 10:30 we went out.
It had snowed.

Unknown Speaker  0:33
Hm.

Transcribed by https://otter.ai
"""


@pytest.fixture
def place(tmp_path):
    """Write a file; returns its place."""

    def at(name: str, content: str | bytes) -> Place:
        path = tmp_path / "the study" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Place(path, name)

    return at


def one(found: Found) -> Document:
    assert found.faults == ()
    (document,) = found.documents
    return document


def said(document: Document) -> list[tuple[str, str]]:
    return [(t.speaker, document.passage(t.start, t.end)) for t in document.turns]


# Subtitles


def test_voices_are_speakers_and_consecutive_cues_are_one_turn(place):
    document = one(read_subtitles(place("talk.vtt", TEAMS)))
    assert said(document) == [
        ("Ana Lund", "I put the kettle on & sat down. Then the door opened."),
        ("Host", "Who was it?"),
        ("Ben", "Only me, with the mittens."),
    ]
    assert document.kind == "transcript"
    assert document.case_id is None


def test_a_turn_begins_when_its_first_cue_does(place):
    document = one(read_subtitles(place("talk.vtt", TEAMS)))
    assert [turn.time for turn in document.turns] == [1.0, 7.5, 70.0]


def test_a_mapped_speaker_is_a_case_a_host_is_not_coded_the_rest_is_unknown(place):
    speakers = {"Ana Lund": "P01", "Host": None}
    found = read_subtitles(place("talk.vtt", TEAMS), speakers)
    turns = one(found).turns
    assert [(t.case_id, t.coded) for t in turns] == [("P01", True), (None, False), (None, True)]
    assert [o.place for o in found.omissions if "mapped" in o.reason] == [
        "speaker 3, first in turn 3"
    ]


def test_no_label_becomes_a_case_unasked(place):
    found = read_subtitles(place("talk.vtt", TEAMS))
    assert {turn.case_id for turn in one(found).turns} == {None}
    assert {o.place for o in found.omissions if "mapped" in o.reason} == {
        "speaker 1, first in turn 1",
        "speaker 2, first in turn 2",
        "speaker 3, first in turn 3",
    }


def test_comments_of_subtitles_are_listed_with_their_line(place):
    (note,) = [o for o in read_subtitles(place("t.vtt", TEAMS)).omissions if "notes" in o.reason]
    assert (note.place, note.words) == ("line 3", 4)


def test_names_before_the_words_are_speakers_and_other_colons_are_words(place):
    document = one(read_subtitles(place("zoom.vtt", ZOOM)))
    assert said(document) == [
        ("Ana Lund", "One thing: the snow was late. We waited for it."),
        ("Ben", "So did we."),
    ]


def test_subrip_without_blank_lines_and_with_marks_is_read(place):
    text = (
        '1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}<font color="red">Ana:</font> I <3 snow.\r\n'
        "2\r\n00:00:02,000 --> 00:00:03,500\r\nBen: In 2024\r\n\r\nthere was none.\r\n"
    )
    document = one(read_subtitles(place("t.srt", text)))
    assert said(document) == [("Ana", "I <3 snow."), ("Ben", "In 2024 there was none.")]


def test_rolling_captions_are_taken_once_and_listed(place):
    cues = [
        "00:00:00.000 --> 00:00:02.000\nwe went to the creek",
        "00:00:02.000 --> 00:00:02.010\nwe went to the creek",
        "00:00:02.010 --> 00:00:04.000\nwe went to the creek\nin any weather",
        "00:00:04.000 --> 00:00:06.000\nin any weather\nyes",
        "00:00:06.000 --> 00:00:08.000\nyes\nwe did",
    ]
    found = read_subtitles(place("r.vtt", "WEBVTT\n\n" + "\n\n".join(cues) + "\n"))
    assert one(found).text == "we went to the creek in any weather yes we did"
    (again,) = [o for o in found.omissions if "rolling" in o.reason]
    assert again.words == 5 + 5 + 3 + 1


def test_a_cue_too_short_to_be_said_is_a_repetition(place):
    text = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\nhello<00:00.500><c> there</c>\n\n"
        "00:02.000 --> 00:02.010\nhello there\n \n\n"
        "00:02.010 --> 00:04.000\nhello there\nall<c> of you</c>\n"
    )
    assert one(read_subtitles(place("f.vtt", text))).text == "hello there all of you"


def test_a_caption_that_grows_is_taken_once(place):
    cues = [
        "00:00:00.000 --> 00:00:01.000\nAna: we went to",
        "00:00:01.000 --> 00:00:02.000\nAna: we went to the creek",
        "00:00:02.000 --> 00:00:03.000\nAna: we went to the creek again",
    ]
    found = read_subtitles(place("g.vtt", "WEBVTT\n\n" + "\n\n".join(cues)))
    assert said(one(found)) == [("Ana", "we went to the creek again")]


def test_who_says_yes_twice_said_it_twice(place):
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Yes.\n\n00:02.000 --> 00:03.000\n<v A>Yes.\n\n"
        "00:09.000 --> 00:10.000\n<v A>I did not go out.\n\n"
        "00:20.000 --> 00:21.000\n<v A>I did not go out.\n"
    )
    document = one(read_subtitles(place("y.vtt", text)))
    assert document.text == "A: Yes. Yes. I did not go out. I did not go out."


def test_subtitles_without_a_speaker_are_one_text_of_somebody_unknown(place):
    text = "1\n00:00:01,000 --> 00:00:02,000\nSnow\n\n2\n00:00:02,500 --> 00:00:03,000\nagain.\n"
    found = read_subtitles(place("video.srt", text))
    document = one(found)
    assert document.text == "Snow again."
    assert [(t.speaker, t.case_id) for t in document.turns] == [("", None)]
    assert [o.place for o in found.omissions] == ["no speaker"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "t.vtt, line 1: not WebVTT"),
        ("WEBVTT\n\n00:00:75.000 --> 00:01:02.000\nHello\n", "t.vtt, line 3: the times of a cue"),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nHello\n", "t.vtt, line 3: words outside of any cue"),
        ("WEBVTT\n", "t.vtt: no cue with its times"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHel\x00lo\n", "t.vtt, line 4: control character"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A&#x81;>Hello\n", "control character"),
    ],
)
def test_bad_subtitles_are_one_clear_error(place, content, told):
    try:
        faults = read_subtitles(place("t.vtt", content)).faults
    except CorpusError as error:
        faults = error.faults
    assert told in faults[0]
    assert "Hello" not in str(faults)


def test_an_empty_subtitle_file_is_listed(place):
    assert read_subtitles(place("t.vtt", "")).omissions[0].reason == "an empty file"


stamp = st.integers(0, 3_599_999).map(
    lambda ms: f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
)
words = st.text("abc dé,!", min_size=1).filter(lambda t: t.strip() and "-->" not in t)


@given(st.lists(st.tuples(stamp, words), min_size=1, max_size=6))
def test_cues_are_those_that_a_well_kept_parser_finds(cues):
    text = "WEBVTT\n\n" + "\n\n".join(f"{at} --> 59:59.999\n{said}" for at, said in cues)
    found, _, faults = parse_cues(text, name="a.vtt", is_vtt=True)
    known = webvtt.WebVTT.from_string(text).captions
    assert faults == []
    assert [cue.start for cue in found] == [seconds(caption.start) for caption in known]
    assert ["\n".join(cue.lines) for cue in found] == [caption.raw_text for caption in known]


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser_of_cues(text):
    cues, _, faults = parse_cues(text, name="a.srt", is_vtt=False)
    assert cues or faults


# Layouts of texts


def test_name_and_time_above_the_words_are_turns(place):
    found = read_text_file(place("otter.txt", OTTER), {"Ana Lund": "P01"})
    document = one(found)
    assert said(document) == [
        ("Ana Lund", "I put the kettle on.\n\nAnd I sat down."),
        ("Ben", "At 10:30 we went out.\nIt had snowed."),
        ("Unknown Speaker", "Hm."),
    ]
    assert [t.time for t in document.turns] == [3.0, 21.0, 33.0]
    assert [t.case_id for t in document.turns] == ["P01", None, None]
    assert {(o.place, o.reason) for o in found.omissions if o.place.startswith("line")} == {
        ("line 1", "lines before the first speaker"),
        ("line 16", "a line of the program that transcribed"),
    }


def test_a_name_in_brackets_with_its_time_is_a_turn(place):
    text = "[Ana Lund] 14:03:22\nI put the kettle on.\n\n[Ben] 14:03:40\nGood.\n"
    document = one(read_text_file(place("zoom.txt", text)))
    assert said(document) == [("Ana Lund", "I put the kettle on."), ("Ben", "Good.")]


def test_times_in_the_text_are_times_and_no_words(place):
    text = (
        "[00:00:05] Facilitator: Shall we?\n\n(00:00:09) Ana: Yes.\n\n[laughter]\n\n"
        "Ben [00:00:20]: One thing: no.\n\nAna: Why?\n"
    )
    found = read_text_file(place("t.txt", text), {"Facilitator": None, "Ana": "P01", "Ben": "P02"})
    document = one(found)
    assert said(document)[2:] == [("Ben", "One thing: no."), ("Ana", "Why?")]
    assert [t.time for t in document.turns] == [5.0, 9.0, 20.0, None]
    assert [t.coded for t in document.turns] == [False, True, True, True]
    assert "00:" not in document.text


def test_names_in_brackets_before_the_words_are_turns(place):
    text = "[Ana] I stayed.\n[laughter] and more\n[Ben] Why?\n[Ana] It snowed.\n"
    document = one(read_text_file(place("t.txt", text)))
    assert said(document) == [
        ("Ana", "I stayed.\n[laughter] and more"),
        ("Ben", "Why?"),
        ("Ana", "It snowed."),
    ]


def test_older_teams_paragraphs_are_turns():
    paragraphs = [
        "0:0:0.0 --> 0:0:2.420\nAna Lund\nI put the kettle on.",
        "0:0:2.600 --> 0:0:4.0\nAna Lund\nI sat down.",
        "0:0:5.0 --> 0:0:6.0\nBen\nGood.",
    ]
    place = Place(Path("nowhere") / "teams.docx", "teams.docx")
    found = read_paragraphs(paragraphs, {}, place=place, place_of=lambda n: f"paragraph {n + 1}")
    assert said(one(found)) == [
        ("Ana Lund", "I put the kettle on.\n\nI sat down."),
        ("Ben", "Good."),
    ]


def test_newer_teams_paragraphs_are_turns():
    paragraphs = ["Meeting", "Ana Lund   0:03\nI put the kettle on.", "Ben   1:02:03\nGood."]
    place = Place(Path("nowhere") / "teams.docx", "teams.docx")
    found = read_paragraphs(paragraphs, {}, place=place, place_of=lambda n: f"paragraph {n + 1}")
    assert [t.time for t in one(found).turns] == [3.0, 3723.0]
    assert "paragraph 1" in [omission.place for omission in found.omissions]


@pytest.mark.parametrize(
    "text",
    [
        "I stayed late. One thing: it snowed.\n\nThen I left: done.",
        "Phone: 12\nPlace: Nelson\nHours: nine to five",
        "What happened: snow.\n\nHow I felt: cold.\n\nWhat next: mittens.",
        "We met at 10:30\nand left at 11:30\nand slept.",
        "",
    ],
)
def test_what_only_looks_like_a_transcript_is_none(text):
    assert not is_transcript(text.split("\n"))


@given(st.lists(st.text(max_size=60), max_size=12))
def test_no_lines_break_the_search_for_a_layout(lines):
    layout = layout_of(lines)
    assert layout is None or layout.openings


def test_a_transcript_below_front_matter_keeps_its_keys(place):
    text = f"---\nid: M1\nkind: transcript\ncommunity: lakes\n---\n{OTTER}"
    document = one(read_text_file(place("otter.txt", text)))
    assert (document.id, dict(document.attributes)) == ("M1", {"community": "lakes"})
    assert len(document.turns) == 3


def test_front_matter_maps_the_speakers_of_another_layout(place):
    text = f"---\nid: M1\nspeakers:\n  Ana Lund: P01\n  Ben: null\n---\n{OTTER}"
    turns = one(read_text_file(place("otter.txt", text))).turns
    assert [(t.case_id, t.coded) for t in turns] == [("P01", True), (None, False), (None, True)]


def test_a_reflection_with_talk_in_it_stays_a_reflection(place):
    text = "---\nid: R1\nparticipant: P01\n---\nAna: look!\nMe: where?\nAna: there.\n"
    document = one(read_text_file(place("r.md", text)))
    assert (document.kind, document.turns, document.case_id) == ("reflection", (), "P01")


# The map of speakers


def test_speakers_yaml_beside_the_transcripts_maps_them(place):
    place("speakers.yaml", "Ana Lund: P01\ntalk.vtt:\n  Host: null\n  Ben: P02\n")
    turns = one(read_subtitles(place("talk.vtt", TEAMS))).turns
    assert [(t.case_id, t.coded) for t in turns] == [("P01", True), (None, False), ("P02", True)]
    other = one(read_subtitles(place("other.vtt", TEAMS))).turns
    assert [t.case_id for t in other] == ["P01", None, None]


def test_the_map_of_a_file_wins_over_the_call_and_the_call_over_the_map_of_all(place):
    place("speakers.yml", "Ana Lund: P01\nHost: P08\ntalk.vtt:\n  Ben: P02\n")
    given_ = {"Ben": "P99", "Host": None}
    turns = one(read_subtitles(place("talk.vtt", TEAMS), given_)).turns
    assert [(t.case_id, t.coded) for t in turns] == [("P01", True), (None, False), ("P02", True)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("- Ana\n- Ben\n", "speakers.yaml, line 1: expected a map"),
        ("Ana: [P01, P02]\n", "speakers.yaml, line 1: a speaker is one participant or null"),
        ("Ana: P01\nAna: P02\n", "speakers.yaml, line 2: 'Ana' stands twice"),
        ("Ana: {\n", "not YAML"),
    ],
)
def test_a_broken_map_is_a_fault_with_its_line(place, content, told):
    assert told in read_speaker_file(place("speakers.yaml", content)).faults[0]


@pytest.mark.parametrize("speakers", [["Ana"], {"Ana": 3}, {3: "P01"}, "Ana"])
def test_a_map_that_is_none_is_the_callers_mistake(speakers):
    with pytest.raises(TypeError):
        checked_speakers(speakers)


@pytest.mark.parametrize("speakers", [{"": "P01"}, {"Ana": " "}])
def test_an_empty_label_or_id_is_the_callers_mistake(speakers):
    with pytest.raises(ValueError, match="empty"):
        checked_speakers(speakers)
