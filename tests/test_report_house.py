"""An institution's own look: its styles come last, load nothing, and hide no DRAFT."""

from dataclasses import replace

import docx
import pypdf
import pytest
from typer.testing import CliRunner

from reflect_analysis.cli import app
from reflect_analysis.codebook import Code, Codebook, Group
from reflect_analysis.codings import Coding, Codings, Seen
from reflect_analysis.corpus import Case, Clearance, Corpus, Document
from reflect_analysis.errors import ReportError
from reflect_analysis.report import write_report
from reflect_analysis.report.house import House, read_house
from reflect_analysis.report.portable import find_browser

BOOK = Codebook((Code("tired", "Tired", "It wears out.", "g"),), (Group("g", "Strain"),))
TEXTS = tuple(Document(f"P{n:02}-1", f"It was day {n} of a wet month.", case_id=f"P{n:02}")
              for n in range(12))  # fmt: skip
CORPUS = Corpus(
    TEXTS,
    tuple(Case(text.case_id) for text in TEXTS),
    clearances=tuple(Clearance(text.sha256, "lead", "read") for text in TEXTS),
)
CODINGS = Codings(
    tuple(Coding(text.id, 0, 6, "tired", "ada") for text in TEXTS[:8]),
    seen=tuple(Seen("ada", text.id) for text in TEXTS),
)
HOUSE = "h1 { color: #7a0f3c; }\n.mark { background: url(data:image/gif;base64,R0lG) }\n"


def write(out, **more):
    return write_report(out, corpus=CORPUS, codebook=BOOK, **{"codings": CODINGS, **more})


def by_a_machine():
    """The same, by a machine, so that the report is a draft."""
    named = {"coder": "rules", "coder_kind": "machine"}
    seen = tuple(replace(row, **named) for row in CODINGS.seen)
    return Codings(tuple(replace(row, **named) for row in CODINGS), seen=seen)


@pytest.fixture
def sheet(tmp_path):
    def made(text, name="house.css"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return made


def test_a_stylesheet_comes_after_the_reports_own_and_a_word_file_beside_it(sheet, tmp_path):
    word = docx.Document()
    word.styles["Heading 1"].font.name = "Courier New"
    word.save(str(tmp_path / "house.docx"))
    sheets = sheet(HOUSE), sheet("h2 { color: #0a5470; }", "More of it.CSS")
    report = write(tmp_path / "out", template=(tmp_path / "house.docx", *sheets))
    head = report.main.read_text("utf-8").partition("</head>")[0]
    assert head.count("</style>") == 2
    assert head.index("--accent: #0a5470") < head.index(HOUSE) < head.index("h2 { color: #0a5470")
    document = docx.Document(str(report.out / "share" / "report.docx"))
    assert document.styles["Heading 1"].font.name == "Courier New"


def test_without_one_the_page_has_its_own_styles_alone(tmp_path):
    assert write(tmp_path / "out").main.read_text("utf-8").count("<style>") == 1
    assert read_house(None) == read_house(()) == House()


@pytest.mark.parametrize(
    "rule",
    [
        '@import "other.css";',
        "@IMPORT url(data:text/css,p{});",
        "p { background: url(https://example.org/a.png) }",
        'p { background: URL( "//example.org/a.png" ) }',
        "p { background: url(logo.png) }",
        r"p { background: \75 rl(https://example.org/a.png) }",
        r"p { background: u\rl(https://example.org/a.png) }",
        r"p { background: \000075rl(a.png) }",
        r"p { background: url(\68ttps://example.org/a.png) }",
        'p { background: image-set("a.png" 1x) }',
        'p { background: -webkit-image-set("a.png" 1x) }',
        '@font-face { src: src("a.woff2") }',
        "p { color: red } </style><script>alert(1)</script>",
        "p { color: red } </STYLE >",
        'p { content: "/*"; background: url(a.png); color: "*/" }',
    ],
)
def test_what_would_load_something_or_end_the_style_is_refused(rule, sheet, tmp_path):
    with pytest.raises(ReportError, match=r"house\.css, line 2: "):
        write(tmp_path / "out", template=sheet(f"h1 {{ color: red }}\n{rule}\n"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "rule",
    [
        'h1::before { content: "\\201C a / b <c>" }',
        "p { fill: url(#dots); background: url( 'data:image/png;base64,AAAA' ) }",
        '@font-face { font-family: House; src: url("data:font/woff2;base64,d09G") }',
        "@media (width < 40rem) { p { color: red } } /* https://example.org/guide */",
        "p > a { background-image: linear-gradient(red, blue) }",
    ],
)
def test_what_is_whole_by_itself_may_stand(rule, sheet):
    assert read_house(sheet(rule)).style == rule


def test_every_fault_of_every_stylesheet_is_told_at_once(sheet):
    one = sheet("p {}\n@import 'a.css';\nq { background: url(b.png) }\n", "one.css")
    two = sheet("p { background: url(c.png) }", "two.css")
    with pytest.raises(ReportError) as told:
        read_house([one, two])
    places = ["one.css, line 2: '@import", "one.css, line 3: 'url(b.png", "two.css, line 1: 'url(c"]
    assert len(told.value.faults) == len(places)
    for place, fault in zip(places, told.value.faults, strict=True):
        assert fault.startswith(place)
    assert "url(data:…)" in str(told.value)


def test_what_is_no_stylesheet_and_no_word_file_is_refused_by_name(sheet, tmp_path):
    with pytest.raises(ReportError, match=r"latin\.css: no UTF-8"):
        read_house(sheet("/* Universit\xe4t */".encode("latin-1"), "latin.css"))
    with pytest.raises(ReportError, match=r"none\.css: cannot be read"):
        read_house(tmp_path / "none.css")
    with pytest.raises(ReportError, match=r"house\.txt: no Word file"):
        read_house(sheet("h1 {}", "house.txt"))
    with pytest.raises(ReportError, match=r"a\.docx, b\.docx: .* one Word file"):
        read_house(["a.docx", "b.docx"])


HIDING = """body > .draft-strip, .watermark, html body .draft-strip.draft-strip {
  display: none !important; visibility: hidden !important; }
@layer standing { .draft-strip, .watermark { display: none !important } }
@media print { @page { @top-center { content: none } } }
@page { margin: 1cm; @top-center { font-size: 0 !important; visibility: hidden !important } }
@page plain { @top-center { content: none !important } }
body { page: plain; transform: translateX(0) !important; filter: grayscale(1) !important; }
.draft-strip, .watermark { scale: 0 !important; max-height: 0 !important;
  overflow: hidden !important; filter: opacity(0) !important;
  margin: -999rem !important; text-indent: -999rem !important; }
.draft-strip::first-line, .watermark::first-line { font-size: 0 !important; color: transparent; }
caption .draft, body > footer b { display: none !important; }
/* left open: { "
"""


@pytest.mark.skipif(find_browser() is None, reason="needs a browser that prints")
def test_no_stylesheet_hides_that_a_report_is_a_draft(sheet, tmp_path):
    report = write(
        tmp_path / "out",
        codings=by_a_machine(),
        formats=("html", "pdf"),
        template=sheet(HIDING),
    )
    pages = pypdf.PdfReader(report.out / "share" / "DRAFT-report.pdf").pages
    texts = [page.extract_text() for page in pages]
    top = "DRAFT: rests on machine coding that nobody has reviewed"
    assert all(top in text for text in texts)
    assert all("DRAFT" in text.replace(top, "") for text in texts)
    assert texts[0].count(top) == 2  # at the top of the page, and the strip
    plain = write(tmp_path / "plain", codings=by_a_machine(), formats=("html", "pdf"))
    marks = "".join(texts).count("DRAFT") - 2 * len(texts)  # each page has its top and watermark
    pages = pypdf.PdfReader(plain.out / "share" / "DRAFT-report.pdf").pages
    assert marks == sum(page.extract_text().count("DRAFT") - 2 for page in pages)


@pytest.mark.skipif(find_browser() is None, reason="needs a browser that prints")
def test_the_pdf_has_the_page_of_the_house(sheet, tmp_path):
    style = sheet("@media print { @page { size: 500pt 700pt } }")
    report = write(tmp_path / "out", formats=("html", "pdf"), template=style)
    box = pypdf.PdfReader(report.out / "share" / "report.pdf").pages[0].mediabox
    assert (round(box.width), round(box.height)) == (500, 700)


def test_the_command_refuses_a_stylesheet_before_the_texts_are_read(sheet, tmp_path):
    asked = ["report", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]
    asked += ["--codebook", str(tmp_path / "none.yaml"), "--cleared-by", "me", "--note", "read"]
    style = sheet("@import 'a.css';")
    done = CliRunner().invoke(app, [*asked, "--template", str(style)])
    assert isinstance(done.exception, ReportError)
    assert "house.css, line 1" in str(done.exception)
