"""OpenDocument, RTF, web pages and PDF: what is read, and what is left out and listed."""

import io

import odfdo
import pytest

from reflect_analysis.errors import CorpusError
from reflect_analysis.readers import read_corpus
from reflect_analysis.readers._found import Place
from reflect_analysis.readers.opendocument import read_opendocument
from reflect_analysis.readers.portable import read_portable
from reflect_analysis.readers.rich import read_rich
from reflect_analysis.readers.web import read_web


def content(read, path):
    return read(Place(path, path.name))


def words(found) -> list[str]:
    return [paragraph.text for paragraph in found.paragraphs]


def reasons(found) -> list[tuple[str, int]]:
    return [(omission.reason, omission.words) for omission in found.omissions]


# OpenDocument


def odt(xml: str) -> bytes:
    """A text whose body is this XML."""
    document = odfdo.Document("text")
    document.body.clear()
    for element in odfdo.Element.from_tag(f"<office:text>{xml}</office:text>").children:
        document.body.append(element)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_blanks_tabs_and_breaks_of_opendocument_are_text(save):
    xml = (
        '<text:p>one<text:s text:c="3"/>two\n   three<text:tab/>four<text:line-break/>five</text:p>'
    )
    found = content(read_opendocument, save("a.odt", odt(xml)))
    assert words(found) == ["one   two three\tfour\nfive"]


def test_notes_comments_and_deletions_of_opendocument_are_listed(save):
    xml = (
        "<text:tracked-changes><text:changed-region><text:deletion><office:change-info>"
        "<dc:creator>Somebody</dc:creator></office:change-info><text:p>so very tired</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:p>I was<office:annotation><dc:creator>A reader</dc:creator>"
        "<text:p>On Tuesday?</text:p></office:annotation> tired<text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>See minutes.</text:p></text:note-body>"
        "</text:note>.</text:p>"
    )
    found = content(read_opendocument, save("a.odt", odt(xml)))
    assert words(found) == ["I was tired."]
    assert reasons(found) == [
        ("deleted while changes were tracked", 3),
        ("a comment", 2),
        ("a footnote or an endnote", 2),
    ]


def test_lists_tables_and_boxes_of_opendocument_are_read(save):
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}{cell}</table:table-row>"
    xml = (
        "<text:list><text:list-item><text:p>tea</text:p></text:list-item></text:list>"
        "<text:p>Outside<draw:frame><draw:text-box><text:p>I stood in the snow.</text:p>"
        "</draw:text-box></draw:frame>.</text:p><table:table>"
        + row.format("What helped?", "Tea with my partner.")
        + row.format("What was hard?", "The long evenings.")
        + "</table:table>"
    )
    found = content(read_opendocument, save("a.odt", odt(xml)))
    assert words(found) == ["• tea", "Outside.", "I stood in the snow."]
    assert [(q, a.text) for q, a in found.answers] == [
        ("What helped?", "Tea with my partner."),
        ("What was hard?", "The long evenings."),
    ]


def test_a_locked_opendocument_says_so(save, with_members):
    manifest = '<m xmlns:manifest="urn:m"><manifest:encryption-data/></m>'
    data = with_members(odt("<text:p>x</text:p>"), {"META-INF/manifest.xml": manifest})
    with pytest.raises(CorpusError, match="locked with a password"):
        read_corpus(save("a.odt", data))


# RTF


def rtf(body: str) -> str:
    return (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
        r"{\f1\fswiss\fcharset77 Geneva;}}{\stylesheet{\s0 Normal;}{\s3\sb240\snext0 heading 2;}}"
        + body
        + "}"
    )


def test_letters_of_rtf_are_read_by_their_code_page(save):
    body = r"caf\'e9 \u8217\'92 \f1 caf\'8e\f0  na\u239?ve \lquote yes\rquote\~now\par"
    assert words(content(read_rich, save("a.rtf", rtf(body)))) == [
        "café ’ café naïve ‘yes’\u00a0now"
    ]


def test_headers_notes_and_hidden_text_of_rtf_are_listed(save):
    body = (
        r"{\header\pard\plain Study of the north\par}\pard I was {\deleted so very }tired"
        r"{\footnote\pard See the minutes.}. {\v not shown\v0 And I slept.}"
        r"{\*\annotation On Tuesday?}{\pict\pngblip 89504e47}\par"
    )
    found = content(read_rich, save("a.rtf", rtf(body)))
    assert words(found) == ["I was tired. And I slept."]
    assert reasons(found) == [
        ("a header", 4),
        ("deleted while changes were tracked", 2),
        ("a footnote", 3),
        ("hidden text", 2),
        ("a comment", 2),
        ("a picture", 0),
    ]


def test_headings_and_tables_of_rtf_are_known(save):
    row = r"\trowd\cellx1\cellx2\pard\intbl {}\cell {}\cell\row "
    body = (
        r"\pard\s3 What was hard\par\pard\plain Time.\par "
        + row.format("What helped?", r"Tea.\par With my partner.")
        + row.format("What was hard?", "The long evenings.")
        + r"\pard Thank you all.\par"
    )
    found = content(read_rich, save("a.rtf", rtf(body)))
    assert [(p.text, p.level) for p in found.paragraphs] == [
        ("What was hard", 2),
        ("Time.", 0),
        ("Thank you all.", 0),
    ]
    assert [a.text for _, a in found.answers] == ["Tea.\n\nWith my partner.", "The long evenings."]


def test_a_text_box_of_rtf_is_read_after_the_rest(save):
    body = r"\pard Outside.\par{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard In the snow.\par}}}"
    assert words(content(read_rich, save("a.rtf", rtf(body)))) == ["Outside.", "In the snow."]


def test_text_called_rtf_is_a_fault(save):
    with pytest.raises(CorpusError, match="not RTF"):
        read_corpus(save("a.rtf", "Dear diary, I was tired."))


# Web pages

WEB = """<html><head><title>Our stories</title><style>p {color: red}</style></head>
<body class="menu"><header><a href="/">Home of stories</a></header>
<div id="cookie-notice">We use cookies here.</div><nav><ul><li>About</li><li>Join us</li></ul></nav>
<article><header><h1>Winter</h1></header><p>I was <b>tired</b>,<br>and I   stayed
until five.</p><!-- a note --><p hidden>secret words</p><del>gone now</del>
<ul><li>tea</li><li>walks</li></ul>
<blockquote><p>“I was counting.”</p><footer>— ECE, Nelson</footer></blockquote>
<img src="/a/b.png?x=1" alt="A pair of boots"></article>
<form>Subscribe here <button>Go</button></form><footer>Funded by many</footer>
<script>alert("<p>no</p>")</script></body></html>"""


def test_what_a_reader_came_for_is_read(save):
    found = content(read_web, save("a.html", WEB))
    assert words(found) == [
        "Winter",
        "I was tired,\nand I stayed until five.",
        "• tea",
        "• walks",
        "“I was counting.”",
        "— ECE, Nelson",
    ]
    assert found.paragraphs[0].level == 1


def test_what_stands_around_it_is_listed(save):
    found = content(read_web, save("a.html", WEB))
    assert reasons(found) == [
        ("the title of the page", 2),
        ("the header of the site", 3),
        ("a cookie banner", 4),
        ("navigation", 3),
        ("hidden", 2),
        ("struck out", 2),
        ("the description of a picture", 4),
        ("a form", 3),
        ("the footer of the site", 3),
    ]


def test_pictures_of_photo_voice_are_read_from_a_page(save):
    page = (
        "<h2>Photo-voice</h2><h3>Boots by the door</h3>"
        "<img src='boots.png' alt='A pair of boots by a door'>"
        "<p>I take them off before I go in. My day begins when they are dry.</p>"
    )
    (document,) = read_corpus(save("a.html", page))
    assert document.kind == "photo-voice"
    assert document.picture.alt_text == "A pair of boots by a door"


@pytest.mark.parametrize("meta", ["", '<meta charset="windows-1252">'])
def test_an_old_page_is_read_by_the_encoding_that_it_names_or_that_its_letters_show(save, meta):
    page = f"{meta}<p>I didn’t go to the café, and I slept.</p>".encode("cp1252")
    corpus = read_corpus(save("a.html", page))
    assert next(iter(corpus)).text == "I didn’t go to the café, and I slept."
    assert "1252" in corpus.runs[0].settings["columns"]["a.html"]["encoding"]


@pytest.mark.parametrize("depth", [300, 100_000])
def test_a_page_that_goes_too_deep_is_refused_and_no_part_of_it_read(save, depth):
    deep = "<div>" * depth + "I slept." + "</div>" * depth
    path = save("a.html", f"<p>I stayed.</p>\n{deep}\n<p>I rose.</p>")
    with pytest.raises(CorpusError, match="line 2: nested too deep"):
        read_corpus(path)


def test_a_page_nested_as_sites_are_is_read_whole(save):
    deep = "<div>" * 200 + "<p>I slept.</p>" + "</div>" * 200
    (document,) = read_corpus(save("a.html", f"<p>I stayed.</p>{deep}<p>I rose.</p>"))
    assert document.text == "I stayed.\n\nI slept.\n\nI rose."


# PDF

PAGES = [
    [
        "Peer mentoring news",
        "",
        "I did not know that anybody was counting the hours with me until she told me so, and",
        "then I could not stop thinking of it. The well-being of my room began there, in the en-",
        "trance, with two cups of tea and nothing else.",
        "",
        "It was the longest winter that I remember, and the warmest one, because we wrote to",
        "1",
    ],
    [
        "Peer mentoring news",
        "",
        "each other every week. I kept all of the letters in a drawer under the paints, where my",
        "entrance key is. My partner kept none of hers, she says, and I do not believe it.",
        "2",
    ],
]


def test_the_lines_of_a_pdf_become_paragraphs_across_pages(save, as_pdf):
    found = content(read_portable, save("a.pdf", as_pdf(PAGES)))
    first, second = words(found)
    assert first == (
        "I did not know that anybody was counting the hours with me until she told me so, and then "
        "I could not stop thinking of it. The well-being of my room began there, in the entrance, "
        "with two cups of tea and nothing else."
    )
    assert second == (
        "It was the longest winter that I remember, and the warmest one, because we wrote to each "
        "other every week. I kept all of the letters in a drawer under the paints, where my "
        "entrance key is. My partner kept none of hers, she says, and I do not believe it."
    )
    assert [p.place for p in found.paragraphs] == ["page 1", "page 1"]
    assert found.notes == {"hyphens at line ends": "1 taken away"}


def test_headers_that_come_back_are_listed_with_their_pages(save, as_pdf):
    found = content(read_portable, save("a.pdf", as_pdf(PAGES)))
    reason = "comes back on pages: a header or a footer"
    assert [(o.place, o.reason, o.words) for o in found.omissions] == [
        ("page 1", reason, 3),
        ("page 2", reason, 3),
    ]


def test_a_pdf_of_pictures_is_one_omission_that_says_so(save, as_pdf):
    path = save("scan.pdf", as_pdf([[], []]))
    with pytest.raises(CorpusError, match=r"scan\.pdf: a PDF of pictures, without text"):
        read_corpus(path)
    save("one.txt", "I stayed.")
    (omission,) = read_corpus(path.parent).omissions
    assert omission.source == "scan.pdf"


def test_a_locked_pdf_is_one_omission_that_says_so(save, as_pdf):
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(as_pdf(PAGES)))
    writer.encrypt("a word", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    path = save("locked.pdf", file.getvalue())
    save("one.txt", "I stayed.")
    (omission,) = read_corpus(path.parent).omissions
    assert omission.reason == "locked with a password; save it without one"


def test_an_attribution_without_a_dash_below_a_quotation_is_its_own_line(save, as_pdf):
    lines = [
        "What the community of practice has told us in the winter",
        "",
        '"I learned to ask before I step in and to wait for an answer."',
        "ECE, Nelson, Reflection",
        "We met at the library every second week and read together.",
    ]
    found = content(read_portable, save("a.pdf", as_pdf([lines])))
    assert [p.text for p in found.paragraphs] == [line for line in lines if line]
    corpus = read_corpus(save("news.pdf", as_pdf([lines])).parent / "news.pdf")
    (quote,) = corpus
    assert quote.text == "I learned to ask before I step in and to wait for an answer."
    assert quote.attributes["attribution"] == "ECE, Nelson, Reflection"


def test_the_quotes_of_a_newsletter_are_read_from_its_pdf(save, as_pdf):
    lines = [
        "News of the north, number seven",
        "",
        "We meet every month in the library, and anybody who works with children may come along.",
        "",
        "“I stopped counting the hours because somebody else was counting on me.”",
        "— ECE, Nelson, Reflection",
        "",
        "The next meeting of the circle is held in the library on the second Tuesday of March.",
    ]
    corpus = read_corpus(save("news.pdf", as_pdf([lines])))
    (document,) = corpus
    assert document.text == "I stopped counting the hours because somebody else was counting on me."
    assert (document.attributes["place"], document.place) == ("Nelson", "page 1")
    assert len(corpus.omissions) == 3
