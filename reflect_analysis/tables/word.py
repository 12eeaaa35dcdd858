"""Tables as a Word document in the manner of APA 7.

Bold number, italic title, three rules and no more, a note below; the header row is repeated
on every page, and a draft says so in the header of every page.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from typing import Any

from reflect_analysis.provenance import now
from reflect_analysis.tables.values import (
    Column,
    Table,
    joint_mark,
    natural_widths,
    printable,
    shared_widths,
)

__all__ = ["FONT", "LANDSCAPE", "PORTRAIT", "add_table", "forget_people", "is_wide", "to_docx"]

FONT = "Arial"  # named by APA 7, and drawn as wide on every system
PORTRAIT, LANDSCAPE = 16.5, 22.8  # centimetres between the margins of Letter paper
_OF_NUMBERS = 0.15  # centimetres, or a number touches the words of the column beside it
_WITH_NOTE = 2  # rows
_WIDE = 88  # characters of the table's size that a portrait page holds


def to_docx(tables: Sequence[Table]) -> bytes:
    """Tables as DOCX, one section each."""
    import docx
    from docx.enum.section import WD_SECTION

    document = docx.Document()
    _describe(document, tables)
    for index, table in enumerate(tables):
        section = document.add_section(WD_SECTION.NEW_PAGE) if index else document.sections[0]
        _lay_out(section, landscape=is_wide(table), mark=joint_mark(tables))
        add_table(document, table, width=LANDSCAPE if is_wide(table) else PORTRAIT)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def is_wide(table: Table) -> bool:
    """Whether a table asks for a page that is turned."""
    return sum(natural_widths(table)) + 2 * len(table.columns) > _WIDE


def _describe(document: Any, tables: Sequence[Table]) -> None:
    """Title, language and typeface; nobody as author."""
    from docx.shared import Pt

    forget_people(document, tables[0].title)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.paragraph_format.space_after = Pt(0)
    _set_language(style)
    _define_caption(document.styles["Caption"])
    _drop_styles(document)


_TOLD_BESIDE = ("/thumbnail", "/extended-properties", "/custom-properties")


def forget_people(document: Any, title: str) -> None:
    """Take out who made a document, and the small picture, the company and the manager beside it.

    Its dates become those of today: a template brings its own.

    Parameters
    ----------
    document : docx.document.Document
        Made from a template, which knows its own author.
    title : str
    """
    about = document.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "subject", "category"):
        setattr(about, name, "")
    about.title = printable(title)
    # Without the zone: python-docx writes every time as UTC.
    about.created = about.modified = now().replace(tzinfo=None)
    about.revision = 1
    about.language = "en-CA"
    links = document.part.package.rels
    for name in [name for name, link in links.items() if link.reltype.endswith(_TOLD_BESIDE)]:
        links.pop(name)


def _drop_styles(document: Any) -> None:
    """Take the template's styles out but for those in use: a small file is soon searched."""
    styles = document.styles.element
    kept = {
        "Normal",
        "Caption",
        "DefaultParagraphFont",
        "TableNormal",
        "NoList",
        "Header",
        "HeaderChar",
    }
    for style in styles.xpath("./w:style"):
        if style.get(_name("w:styleId")) not in kept:
            styles.remove(style)
    for latent in styles.xpath("./w:latentStyles"):
        styles.remove(latent)


def _define_caption(style: Any) -> None:
    """Word's own style for captions, by which it lists tables: bold number, italic title."""
    from docx.shared import Pt, RGBColor

    style.font.size, style.font.color.rgb = Pt(10.5), RGBColor(0, 0, 0)
    style.font.bold = style.font.italic = True
    style.paragraph_format.space_after = Pt(0)


def _set_language(style: Any) -> None:
    from docx.oxml import OxmlElement

    language = OxmlElement("w:lang")
    language.set(_name("w:val"), "en-CA")
    style.element.get_or_add_rPr().append(language)


def _lay_out(section: Any, *, landscape: bool, mark: str) -> None:
    """Letter paper with margins of 2.54 cm, turned where the table is wide."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    short, long = Cm(21.59), Cm(27.94)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    section.left_margin = section.right_margin = Cm(2.54)
    section.top_margin = section.bottom_margin = Cm(2.54)
    section.header.is_linked_to_previous = False
    if mark:
        paragraph = section.header.paragraphs[0]
        paragraph.add_run(mark).bold = True
        paragraph.alignment = 1


def add_table(document: Any, table: Table, *, width: float) -> None:
    """A table at the end of a document: caption, three rules, note.

    Parameters
    ----------
    document : docx.document.Document
    table : Table
    width : float
        Centimetres between the margins.
    """
    _add_heading(document, table)
    grid = document.add_table(rows=1, cols=len(table.columns))
    _rule(grid._tbl.tblPr, "w:tblBorders", ("top", "bottom"))  # noqa: SLF001  # python-docx has no call for borders
    _narrow_margins(grid)
    _describe_grid(grid, table)
    for cell, column in zip(grid.rows[0].cells, table.columns, strict=True):
        _fill(cell, column.name, column, bold=True)
        _rule(cell._tc.get_or_add_tcPr(), "w:tcBorders", ("bottom",))  # noqa: SLF001  # the same
    _mark_row(grid.rows[0], "w:tblHeader")
    texts = table.texts()
    kept: dict[bool, Any] = {}
    for heading, indices in table.sections():
        if heading:
            _add_spanner(grid, heading)
        for index in indices:
            _add_row(grid, texts[index], table.columns, indent=bool(heading), kept=kept)
    _set_widths(grid, table, width)
    if table.note:
        _keep_with_note(grid)
    _add_note(document, table)


def _add_heading(document: Any, table: Table) -> None:
    from docx.shared import Pt

    number = document.add_paragraph(style="Caption") if table.label else None
    if number is not None:
        number.add_run(table.label).italic = False
    title = document.add_paragraph(style="Caption")
    title.add_run(printable(table.title)).bold = False
    title.paragraph_format.space_after = Pt(6)
    for paragraph in filter(None, (number, title)):
        paragraph.paragraph_format.keep_with_next = True


def _describe_grid(grid: Any, table: Table) -> None:
    """What a screen reader says of the table."""
    from docx.oxml import OxmlElement

    caption = OxmlElement("w:tblCaption")
    caption.set(_name("w:val"), printable(table.heading))
    grid._tbl.tblPr.append(caption)  # noqa: SLF001  # python-docx has no call for a table's description


def _narrow_margins(grid: Any) -> None:
    """A millimetre and a half at each side of a cell: nine columns must fit."""
    from docx.oxml import OxmlElement

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(_name("w:w"), "85")
        margin.set(_name("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.append(margins)  # noqa: SLF001  # python-docx has no call for margins


def _add_row(
    grid: Any,
    texts: Sequence[str],
    columns: Sequence[Column],
    *,
    indent: bool,
    kept: dict[bool, Any],
) -> None:
    """A row; the first of its kind is made and kept, and the others are copies with other words.

    To make each cell anew takes five times as long.
    """
    from docx.text.run import Run

    if indent not in kept:
        kept[indent] = _made_row(grid, columns, indent=indent)
    row = copy.deepcopy(kept[indent])
    grid._tbl.append(row)  # noqa: SLF001  # python-docx has no call for a copy
    for cell, text in zip(row.tc_lst, texts, strict=True):
        paragraph = cell.p_lst[0]
        Run(paragraph.r_lst[0], paragraph).text = printable(text)


def _made_row(grid: Any, columns: Sequence[Column], *, indent: bool) -> Any:
    """A row of empty cells with everything that its words will stand in, out of the table."""
    from docx.shared import Cm

    row = grid.add_row()
    for cell, column in zip(row.cells, columns, strict=True):
        _fill(cell, "", column)
    if indent:
        row.cells[0].paragraphs[0].paragraph_format.left_indent = Cm(0.3)
    _mark_row(row, "w:cantSplit")
    grid._tbl.remove(row._tr)  # noqa: SLF001  # the same
    return row._tr  # noqa: SLF001  # the same


def _add_spanner(grid: Any, heading: str) -> None:
    """A group's heading across all columns, kept with the row below it."""
    row = grid.add_row()
    cell = row.cells[0].merge(row.cells[-1])
    _fill(cell, printable(heading), Column(""), bold=True)
    cell.paragraphs[0].paragraph_format.keep_with_next = True
    _mark_row(row, "w:cantSplit")


def _fill(cell: Any, text: str, column: Column, *, bold: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(printable(text))
    run.bold, run.font.size = bold, Pt(8.5)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    if column.kind != "text":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Cm(_OF_NUMBERS)


def _set_widths(grid: Any, table: Table, width: float) -> None:
    """Widths on the columns and on every cell: Word reads one, LibreOffice the other."""
    from docx.shared import Cm

    grid.autofit = False
    widths = [Cm(each) for each in shared_widths(table, width)]
    for column, own in zip(grid.columns, widths, strict=True):
        column.width = own
    for row in grid.rows:
        cells = row._tr.tc_lst  # noqa: SLF001  # row.cells repeats a merged cell
        for cell, own in zip(cells, widths, strict=False):
            cell.width = sum(widths) if len(cells) == 1 else own


def _keep_with_note(grid: Any) -> None:
    """The last rows go to the next page with the note, which else stands there alone."""
    for row in grid.rows[-_WITH_NOTE:]:
        for cell in row._tr.tc_lst:  # noqa: SLF001  # row.cells repeats a merged cell
            for paragraph in cell.p_lst:
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def _add_note(document: Any, table: Table) -> None:
    from docx.shared import Pt

    if table.note:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(6)
        for text, italic in (("Note. ", True), (printable(table.note), False)):
            run = paragraph.add_run(text)
            run.italic, run.font.size = italic, Pt(9)


def _rule(properties: Any, kind: str, sides: Sequence[str]) -> None:
    """Solid rules on these sides and on no other."""
    from docx.oxml import OxmlElement

    borders = OxmlElement(kind)
    for side in sides:
        border = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "000000")):
            border.set(_name(f"w:{key}"), value)
        borders.append(border)
    properties.append(borders)


def _mark_row(row: Any, mark: str) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(mark))  # noqa: SLF001  # python-docx has no call for it


def _name(prefixed: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(prefixed))
