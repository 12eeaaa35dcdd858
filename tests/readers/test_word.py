"""Word documents: what is read, and what is left out and listed."""

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import read_corpus
from reflect_analysis.readers._found import Place
from reflect_analysis.readers.word import read_word

W = nsdecls("w")


def bytes_of(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def content_of(path):
    return read_word(Place(path, path.name))


def add_xml(document, xml: str) -> None:
    """Put XML before the section's properties at the end of the body."""
    document.element.body.insert(-1, parse_xml(xml))


def test_tracked_deletions_are_left_out_and_insertions_are_read(save):
    document = docx.Document()
    add_xml(
        document,
        f'<w:p {W}><w:r><w:t xml:space="preserve">I was </w:t></w:r>'
        '<w:del w:id="1" w:author="x"><w:r><w:delText>so very</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="x"><w:r><w:t>really</w:t></w:r></w:ins>'
        '<w:r><w:t xml:space="preserve"> tired.</w:t></w:r></w:p>',
    )
    content = content_of(save("a.docx", bytes_of(document)))
    assert [p.text for p in content.paragraphs] == ["I was really tired."]
    (omission,) = content.omissions
    assert (omission.reason, omission.place, omission.words) == (
        "deleted while changes were tracked",
        "paragraph 1",
        2,
    )
    assert content.notes == {"tracked insertions": "1 read as text"}


def test_a_paragraph_whose_mark_was_deleted_runs_on(save):
    document = docx.Document()
    add_xml(
        document,
        f'<w:p {W}><w:pPr><w:rPr><w:del w:id="1" w:author="x"/></w:rPr></w:pPr>'
        '<w:r><w:t xml:space="preserve">I stayed </w:t></w:r></w:p>',
    )
    document.add_paragraph("late.")
    content = content_of(save("a.docx", bytes_of(document)))
    assert [p.text for p in content.paragraphs] == ["I stayed late."]


def test_comments_headers_and_footers_are_listed_with_their_words(save):
    document = docx.Document()
    paragraph = document.add_paragraph("I went home early and I slept.")
    document.add_comment(paragraph.runs, text="Is this about Tuesday?", author="A reader")
    document.sections[0].header.paragraphs[0].text = "Community of practice, confidential"
    document.sections[0].footer.paragraphs[0].text = "Page of the study"
    corpus = read_corpus(save("a.docx", bytes_of(document)))
    assert [d.text for d in corpus] == ["I went home early and I slept."]
    told = {omission.reason: omission.words for omission in corpus.omissions}
    assert told == {"a comment": 4, "a header": 4, "a footer": 4}
    assert "reader" not in repr(corpus.omissions)


def test_footnotes_are_listed_and_the_separators_are_not(save, with_members):
    document = docx.Document()
    document.add_paragraph("I went home.")
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>See the March minutes.</w:t></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    data = with_members(bytes_of(document), {"word/footnotes.xml": notes})
    (omission,) = content_of(save("a.docx", data)).omissions
    assert (omission.reason, omission.place, omission.words) == ("a footnote", "footnote 2", 4)


def test_a_text_box_is_read_once_after_its_paragraph(save):
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>I stood in the snow.</w:t></w:r></w:p></w:txbxContent>"
    add_xml(
        document,
        f'<w:p {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="urn:wps" xmlns:v="urn:v"><w:r><w:t>Outside.</w:t></w:r><w:r>'
        f"<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r></w:p>",
    )
    content = content_of(save("a.docx", bytes_of(document)))
    assert [p.text for p in content.paragraphs] == ["Outside.", "I stood in the snow."]


def test_hidden_text_and_pictures_are_listed(save):
    document = docx.Document()
    paragraph = document.add_paragraph("I saw it.")
    paragraph.add_run("Not for print.").font.hidden = True
    content = content_of(save("a.docx", bytes_of(document)))
    assert [p.text for p in content.paragraphs] == ["I saw it."]
    assert [(o.reason, o.words) for o in content.omissions] == [("hidden text", 3)]


def test_a_heading_is_one_by_its_style_or_by_its_outline(save):
    document = docx.Document()
    document.add_heading("Winter", 0)
    document.add_heading("What was hard", 2)
    add_xml(
        document,
        f'<w:p {W}><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Time</w:t></w:r></w:p>',
    )
    document.add_paragraph("one", style="List Bullet")
    content = content_of(save("a.docx", bytes_of(document)))
    assert [(p.text, p.level) for p in content.paragraphs] == [
        ("Winter", 1),
        ("What was hard", 2),
        ("Time", 3),
        ("• one", 0),
    ]


def table_of(rows) -> bytes:
    document = docx.Document()
    document.add_paragraph("Please write as much as you like.")
    table = document.add_table(len(rows), len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    return bytes_of(document)


def test_a_table_of_questions_gives_a_document_an_answer_with_its_prompt(save):
    path = save(
        "p03.docx",
        table_of(
            [
                ["Question", "Your answer"],
                ["What helped you this month?", "Tea with my partner, twice."],
                ["What was hard?", "The evenings were long."],
                ["Anything else?", ""],
            ]
        ),
    )
    save("p03.docx.yaml", "participant: P03\nsession: 02\n")
    corpus = read_corpus(path.parent)
    assert [(d.id, d.text, d.attributes["prompt"], d.case_id) for d in corpus] == [
        ("p03-a01", "Tea with my partner, twice.", "What helped you this month?", "P03"),
        ("p03-a02", "The evenings were long.", "What was hard?", "P03"),
    ]
    assert corpus.document("p03-a02").place == "table 1, row 3"
    assert corpus.document("p03-a01").attributes["session"] == "02"
    assert [(o.place, o.reason) for o in corpus.omissions] == [
        ("paragraph 1", "beside a table of questions and answers"),
        ("table 1, row 4", "a question without an answer"),
    ]


TURNS = (
    "Interviewer: What stayed with you?",
    "Fern Lowe: The creek, and that I waited.",
    "Interviewer: Why that?",
    "Fern Lowe: Nobody hurried me.",
    "Interviewer: Thank you.",
)


def _interview() -> bytes:
    document = docx.Document()
    for turn in TURNS:
        document.add_paragraph(turn)
    table = document.add_table(2, 2)
    rows = [["What helped you?", "Tea with my partner."], ["What was hard?", "The long evenings."]]
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    return bytes_of(document)


def test_a_talk_with_a_table_of_questions_at_its_end_keeps_its_turns(save):
    corpus = read_corpus(save("talk.docx", _interview()))
    assert [(d.id, d.kind, len(d.turns)) for d in corpus] == [
        ("talk", "transcript", 5),
        ("talk-a01", "reflection", 0),
        ("talk-a02", "reflection", 0),
    ]
    assert corpus.document("talk-a02").attributes["prompt"] == "What was hard?"
    assert {o.place for o in corpus.omissions} == {
        "speaker 1, first in turn 1",
        "speaker 2, first in turn 2",
    }


def test_the_answers_beside_a_talk_that_is_refused_are_left_out(save):
    path = save("talk.docx", _interview())
    keys = "quote_consent: no\nspeakers: {Fern Lowe: P03, Interviewer: null}\n"
    save("talk.docx.yaml", keys)
    corpus = read_corpus(path.parent)
    assert [d.id for d in corpus] == ["talk"]
    assert corpus.case("P03").quotes == "no"
    assert sum("is refused" in o.reason for o in corpus.omissions) == 2


def test_a_refused_consent_beside_a_table_of_questions_of_nobody_leaves_it_out(save):
    rows = [["What helped you?", "Tea with my partner, twice."], ["What was hard?", "Time."]]
    path = save("p03.docx", table_of(rows))
    save("p03.docx.yaml", "quote_consent: no\n")
    with pytest.raises(CorpusError, match="consent to be quoted is refused"):
        read_corpus(path.parent)


def test_a_table_of_turns_is_a_transcript(save):
    rows = [
        ["0:01", "P09", "I stayed late on Tuesday."],
        ["0:09", "P10", "I noticed."],
        ["0:12", "P09", "I was glad that you did."],
    ]
    document = docx.Document()
    table = document.add_table(3, 3)
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    path = save("meeting.docx", bytes_of(document))
    (found,) = read_corpus(path, speakers={"P09": "P09", "P10": "P10"})
    assert [t.case_id for t in found.turns] == ["P09", "P10", "P09"]


def test_the_cells_of_another_table_are_paragraphs(save):
    path = save("a.docx", table_of([["Left", "I wrote this on the left."]]))
    assert [p.text for p in content_of(path).paragraphs][1:] == [
        "Left",
        "I wrote this on the left.",
    ]


def test_front_matter_that_word_bent_is_straightened(save):
    document = docx.Document()
    for line in ("—", "id: R-1", "participant: “P04”", "---", "I was late and I ran."):
        document.add_paragraph(line)
    (found,) = read_corpus(save("a.docx", bytes_of(document)))
    assert (found.id, found.case_id, found.text) == ("R-1", "P04", "I was late and I ran.")
    assert found.place == "paragraph 5"


def test_a_fault_in_front_matter_names_its_paragraph(save):
    document = docx.Document()
    for line in ("---", "kind: letter", "---", "I was late."):
        document.add_paragraph(line)
    with pytest.raises(CorpusError, match=r"^a\.docx, paragraph 2: kind 'letter'; expected one of"):
        read_corpus(save("a.docx", bytes_of(document)))
