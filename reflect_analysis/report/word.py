"""The whole report as a Word file, in the styles of a template that an institution can restyle.

Word's own styles are used by name (Title, Heading 1 to 3, List Bullet, Quote, Caption), so a
template decides how they look. Of the template nothing else is taken but its page, its header
and its footer: its text goes, and whoever made it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reflect_analysis.errors import ReportError
from reflect_analysis.report.blocks import (
    Block,
    Bullets,
    CodeEntry,
    Grid,
    Heading,
    Meanings,
    Paragraph,
    Photographs,
    Plate,
    Saying,
    Section,
)
from reflect_analysis.tables import DRAFT
from reflect_analysis.tables.values import printable
from reflect_analysis.tables.word import FONT, add_table, forget_people, is_wide

if TYPE_CHECKING:
    from reflect_analysis.report.contents import Contents

__all__ = ["check_template", "to_docx"]

_STYLES = {  # size in points, bold, italic, space before and after
    "Title": (22, True, False, 0, 6),
    "Heading 1": (15, True, False, 18, 6),
    "Heading 2": (12, True, False, 14, 4),
    "Heading 3": (10.5, True, False, 10, 2),
    "Quote": (10.5, False, False, 4, 6),
    "Caption": (10.5, False, False, 6, 4),
    "List Bullet": (10.5, False, False, 0, 3),
    "Normal": (10.5, False, False, 0, 6),
}
_SMALL = 9
_PHOTOGRAPH = 9.0  # centimetres wide
_KEPT_STYLES = frozenset(_STYLES) | {"Header", "Footer"}
# Links of a template that lead out of it, to people, or to text that is gone.
_LEFT_BEHIND = ("/comments", "/commentsExtended", "/people", "/attachedTemplate", "/customXml",
                "/glossaryDocument", "/commentsIds", "/commentsExtensible")  # fmt: skip


def check_template(path: str | Path) -> None:
    """Refuse a template that is no Word file, before the long work.

    Raises
    ------
    ReportError
    """
    _opened(Path(path))


def to_docx(contents: Contents, *, template: str | Path | None = None) -> bytes:
    """The report as DOCX.

    Parameters
    ----------
    contents : Contents
    template : path, optional
        A Word file whose styles, page, header and footer are taken.
    """
    study = contents.study
    document = _emptied(_opened(Path(template))) if template else _plain()
    forget_people(document, study.title)
    writer = _Writer(document, study.codebook.language)
    if study.draft:
        _mark(document, DRAFT)
    writer.say("Report of coded reflections", soft=True)
    writer.styled(study.title, "Title")
    writer.say(" · ".join(f"{number} {name}" for number, name in study.basis()), soft=True)
    for section in contents.sections:
        writer.add(section)
    version = f"Codebook version {study.codebook.version}."
    last = f"{version} Counts of fewer than {study.k} persons are hidden."
    writer.say(f"{DRAFT}. {last}" if study.draft else last, soft=True)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# ── the document ──


def _opened(path: Path) -> Any:
    import docx

    try:
        return docx.Document(str(path))
    except Exception as problem:  # noqa: BLE001  # python-docx raises whatever the file provokes
        raise ReportError(
            f"{path.name}: no Word file that can be a template ({type(problem).__name__}); "
            "save it as .docx, not .dotx or .doc"
        ) from None


def _emptied(document: Any) -> Any:
    """A template without its text, its comments and its links to other files."""
    body = document.element.body
    for child in list(body)[:-1] if body.sectPr is not None else list(body):
        body.remove(child)
    settings_part = document.part._settings_part  # noqa: SLF001  # python-docx has no call for its links
    for part in (document.part, settings_part):
        for name in [n for n, link in part.rels.items() if link.reltype.endswith(_LEFT_BEHIND)]:
            part.rels.pop(name)
    settings = document.settings.element
    for child in settings.xpath("./w:attachedTemplate"):
        settings.remove(child)
    return document


def _plain() -> Any:
    """An empty document in the house's own styles, on Letter paper."""
    import docx
    from docx.shared import Cm

    document = docx.Document()
    for name, look in _STYLES.items():
        _look(document.styles[name], *look)
    document.styles["Quote"].paragraph_format.left_indent = Cm(0.8)
    document.styles["Normal"].paragraph_format.line_spacing = 1.15
    _drop_styles(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.59), Cm(27.94)
    section.left_margin = section.right_margin = Cm(2.54)
    section.top_margin = section.bottom_margin = Cm(2.54)
    _number_pages(section)
    return document


def _look(style: Any, size: float, bold: bool, italic: bool, before: float, after: float) -> None:  # noqa: FBT001  # a row of _STYLES
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.rPr.rFonts
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)  # a theme's typeface would win
    style.font.bold, style.font.italic = bold, italic
    style.font.color.rgb = RGBColor(0x1D, 0x25, 0x28)
    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    if style.name == "Title":
        for border in style.element.pPr.xpath("./w:pBdr"):
            style.element.pPr.remove(border)


def _drop_styles(document: Any) -> None:
    """Take the unused styles out: a small file is soon searched."""
    kept = {document.styles[name].style_id for name in _KEPT_STYLES}
    kept |= {"DefaultParagraphFont", "TableNormal", "NoList"}
    root = document.styles.element
    from docx.oxml.ns import qn

    for style in root.xpath("./w:style"):
        if style.get(qn("w:styleId")) not in kept:
            root.remove(style)
        else:
            for link in style.xpath("./w:link"):
                style.remove(link)
    for latent in root.xpath("./w:latentStyles"):
        root.remove(latent)


def _number_pages(section: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = 1
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001  # python-docx has no call for a field


def _mark(document: Any, mark: str) -> None:
    """DRAFT at the head of every page, above what a template has there."""
    document.settings.odd_and_even_pages_header_footer = False
    for section in document.sections:
        section.different_first_page_header_footer = False
    paragraph = document.sections[0].header.paragraphs[0].insert_paragraph_before()
    paragraph.add_run(mark).bold = True
    paragraph.alignment = 1


# ── what is in it ──


class _Writer:
    """Draws blocks at the end of a document, wide tables on turned pages."""

    def __init__(self, document: Any, language: str) -> None:
        self.document, self.language = document, language
        first = document.sections[0]
        self._short, self._long = sorted((first.page_width, first.page_height))
        self._turned = first.page_width > first.page_height
        self._first = self._turned
        self._draw: dict[str, Callable[[Any], None]] = {
            "bullets": self._bullets,
            "code": self._code,
            "grid": self._grid,
            "heading": self._heading,
            "meanings": self._meanings,
            "paragraph": self._paragraph,
            "photographs": self._photographs,
            "plate": self._plate,
            "saying": self._saying,
        }

    def add(self, section: Section) -> None:
        """A section of the report."""
        blocks = (Heading(section.heading, 2), *section.blocks)
        for place, block in enumerate(blocks):
            self._turn(wide=self._first or _stands_before_a_wide_table(blocks[place:]))
            self._draw[block.kind](block)

    def styled(self, text: str, style: str) -> Any:
        """A paragraph in a style of the template, or plain where it has none of that name."""
        return self.document.add_paragraph(printable(text), style=self._style(style))

    def say(self, text: str, *, soft: bool = False) -> Any:
        """A plain paragraph."""
        from docx.shared import Pt, RGBColor

        paragraph = self.document.add_paragraph(style=self._style("Normal"))
        run = paragraph.add_run(printable(text))
        if soft:
            run.font.size, run.font.color.rgb = Pt(_SMALL), RGBColor(0x4F, 0x5B, 0x62)
        return paragraph

    def _style(self, name: str) -> Any:
        styles = self.document.styles
        return styles[name] if name in styles else None  # noqa: SIM401  # no mapping, and has no get

    def _turn(self, *, wide: bool) -> None:
        """Go on on a page that lies or stands."""
        from docx.enum.section import WD_ORIENT, WD_SECTION

        if wide == self._turned:
            return
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        sides = (self._long, self._short) if wide else (self._short, self._long)
        section.page_width, section.page_height = sides
        self._turned = wide

    @property
    def _width(self) -> float:
        """Centimetres between the margins."""
        section = self.document.sections[-1]
        return float((section.page_width - section.left_margin - section.right_margin) / 360_000)

    def _heading(self, block: Heading) -> None:
        self.styled(block.text, f"Heading {block.level - 1}")

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self.say("", soft=block.soft)
        if block.strong:
            paragraph.add_run(printable(block.strong)).bold = True
        run = paragraph.add_run(printable(block.text))
        if block.soft:
            run.font.size = paragraph.runs[0].font.size
            run.font.color.rgb = paragraph.runs[0].font.color.rgb

    def _bullets(self, block: Bullets) -> None:
        for item in block.items:
            self.styled(item, "List Bullet")

    def _meanings(self, block: Meanings) -> None:
        for sign, meaning in block.rows:
            paragraph = self.say("")
            paragraph.add_run(f"{printable(sign)}: ").bold = True
            paragraph.add_run(printable(meaning))

    def _grid(self, block: Grid) -> None:
        if block.table.mark:
            self.say(block.table.mark, soft=True)
        add_table(self.document, block.table, width=self._width)
        if not block.table.note:  # its note keeps a table from the next
            self.say("")

    def _plate(self, block: Plate) -> None:
        from docx.shared import Cm

        caption = self.document.add_paragraph(style=self._style("Caption"))
        caption.add_run(f"Figure {block.number}. ").bold = True
        caption.add_run(printable(block.caption)).italic = True
        caption.paragraph_format.keep_with_next = True
        picture = self.document.add_picture(io.BytesIO(block.figure.png), width=Cm(self._width))
        if picture.height > Cm(20):
            picture.width, picture.height = (
                round(picture.width * Cm(20) / picture.height),
                Cm(20),
            )
        _describe(picture, block.figure.title, block.figure.alt_text)

    def _photographs(self, block: Photographs) -> None:
        from docx.shared import Cm

        for picture in block.pictures:
            data = base64.b64decode(picture.data.partition(",")[2])
            shape = self.document.add_picture(io.BytesIO(data), width=Cm(_PHOTOGRAPH))
            _describe(shape, "Picture of a story", picture.alt_text)
            self.document.paragraphs[-1].paragraph_format.keep_with_next = True
            words = f"Picture and words: {picture.attribution}"
            self._say_quote(picture.caption, words, picture.language)

    def _saying(self, block: Saying) -> None:
        self._say_quote(block.text, block.attribution, block.language)

    def _say_quote(self, text: str, attribution: str, language: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Pt

        paragraph = self.document.add_paragraph(style=self._style("Quote"))
        run = paragraph.add_run(f"“{printable(text)}”")
        if language and language != self.language:
            mark = OxmlElement("w:lang")
            mark.set(qn("w:val"), language)
            run._r.get_or_add_rPr().append(mark)  # noqa: SLF001  # python-docx has no call for it
        run.add_break()
        behind = paragraph.add_run(printable(attribution))
        behind.font.size, behind.italic = Pt(_SMALL), False
        paragraph.paragraph_format.keep_together = True

    def _code(self, block: CodeEntry) -> None:
        self.styled(block.name, "Heading 3")
        paragraph = self.say(block.definition)
        for remark in block.remarks:
            paragraph.add_run(f" {printable(remark)}").italic = True
        for label, items in block.lists:
            self.say(label, soft=True).paragraph_format.keep_with_next = True
            for item in items:
                self.styled(item, "List Bullet")


def _stands_before_a_wide_table(blocks: Sequence[Block]) -> bool:
    """Whether a wide table comes next, after nothing but what leads to it."""
    for block in blocks:
        if isinstance(block, Grid):
            return is_wide(block.table)
        if not isinstance(block, Heading | Paragraph):
            return False
    return False


def _describe(picture: Any, title: str, alt_text: str) -> None:
    """What a screen reader says of a picture."""
    about = picture._inline.docPr  # noqa: SLF001  # python-docx has no call for alternative text
    about.set("descr", printable(alt_text))
    about.set("title", printable(title))
