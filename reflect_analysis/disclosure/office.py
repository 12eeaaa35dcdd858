"""What Word and Excel write into every file by themselves: colours, palettes, names of parts.

A text may be called ``d8``, ``text1`` or ``image3``, and each of these stands in every Word file
there is: as a shade, as a colour of the theme, as the name of a part. So a value is no id where
the format's schema leaves no room for one: the attribute says what kind of value it holds, and the
value is of that kind. All else is searched: texts, properties, comments, caches of charts, and any
value of these same attributes that the schema does not know.

References
----------
ECMA-376-1:2016, Office Open XML File Formats: ST_UcharHexNumber, ST_HexColor, ST_LongHexNumber,
ST_ThemeColor, ST_SchemeColorVal, ST_TblStyleOverrideType, ST_PatternType.
"""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["is_moment", "is_of_office", "is_office_file", "is_part_name", "written_by_office"]

_PLACE = re.compile(
    r"(?:^|, )(?:word/|xl/|ppt/|docProps/|customXml/|_rels/|\[Content_Types\]|sheet ')"
)
_BYTE = re.compile(r"[0-9a-f]{2}")
_COLOUR = re.compile(r"auto|[0-9a-f]{6}|[0-9a-f]{8}")
_LONG = re.compile(r"[0-9a-f]{4}|[0-9a-f]{8}")
_OF_THEME = re.compile(r"(?:accent|background|bg|dark|dk|light|lt|text|tx)\d")
_BUILT_IN = re.compile(
    r"(?:(?:colorful|dark|light|medium)(?:grid|list|shading)\d?-accent\d|(?:bodytext|bodytextindent|heading|index|list|listbullet|listcontinue"
    r"|listnumber|toc)\d(?:char)?)"
)
_PART = re.compile(
    r"(?:\.\.|[/\\])*(?:(?:\.\.|_rels|charts|customxml|docprops|drawings|embeddings|media"
    r"|printersettings|tables|theme|word|worksheets|xl)/)*"
    r"(?:chart|colors|comments|drawing|footer|header|image|item|itemprops|printersettings|sheet"
    r"|style|table|theme|vmldrawing)\d+\.(?:bin|gif|jpe?g|png|svg|vml|xml)(?:\.rels)?"
)
_OF_MAPPING = re.compile(r"(?:accent|bg|t)\d")
_NAMESPACE = re.compile(
    r"(?:https?://(?:schemas\.(?:openxmlformats\.org|microsoft\.com)|purl\.(?:oclc\.)?org"
    r"|(?:www\.)?w3\.org)|urn:schemas-microsoft-com)"
    r"(?:[/:](?:\d{1,4}|1\.1|[a-z-]+(?:3d|14)?))*[/#]?"
)
_PREFIX = (  # w14, x14ac, w16se, xr10; then those without a number
    r"(?:(?:a|c|w|wp|x)1\d(?:ac|cex|cid|du|sdtdh|sdtfl|se|ext)?|xr\d{0,2}|cx\d?|am3d|thm15"
    r"|[abcmorvwx]|aink|cc|cdr|cp|dc|dcmitype|dcterms|ds|dsp|ma|mc|mo|mv|ns|o|oel|pic|rdf|sl|svg"
    r"|vt|wne|wp|wpc|wpg|wpi|wps|xdr|xlink|xml|xsi)"
)
_PREFIXES = re.compile(rf"{_PREFIX}(?:\s{_PREFIX})*")
_PREFIXED = re.compile(rf"xmlns(?::{_PREFIX})?|{_PREFIX}:[a-z]+")
_MOMENT = re.compile(r"\s*\d{4}-\d\d-\d\dt\d\d:\d\d:\d\dz\s*", re.IGNORECASE)
_GUID = re.compile(r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}")
# Kinds of value by the attribute's own name, whatever the element.
_BY_NAME = {
    **dict.fromkeys(("themefillshade", "themefilltint", "themeshade", "themetint"), _BYTE),
    **dict.fromkeys(("color", "fill", "lastclr", "rgb"), _COLOUR),
    **dict.fromkeys(("paraid", "rsidr", "rsidrdefault", "rsidrpr", "rsidp", "rsidtr"), _LONG),
    **dict.fromkeys(("textid", "rsidsect", "rsiddel"), _LONG),
    **dict.fromkeys(("themecolor", "themefill"), _OF_THEME),
    **dict.fromkeys(("itemid", "uri"), _GUID),
    **dict.fromkeys(("partname", "target"), _PART),
    **dict.fromkeys(("embed", "id", "link", "pict"), re.compile(r"rid\d+")),
    "ignorable": _PREFIXES,
    "patterntype": re.compile(r"gray\d+"),
    "requires": _PREFIXES,
    "styleid": _BUILT_IN,
}
# Kinds of value by element and attribute.
_BY_ELEMENT = {
    **dict.fromkeys((("color", "val"), ("srgbclr", "val")), _COLOUR),
    **{(tag, "val"): _LONG for tag in ("docid", "nsid", "rsid", "rsidroot", "tbllook", "tmpl")},
    **{
        (tag, "val"): _BUILT_IN
        for tag in ("basedon", "link", "next", "pstyle", "rstyle", "tblstyle")
    },
    ("created", "type"): re.compile("dcterms:w3cdtf"),
    ("modified", "type"): re.compile("dcterms:w3cdtf"),
    ("schemeclr", "val"): _OF_THEME,
    ("tblstylepr", "type"): re.compile(r"band[12](?:horz|vert)"),
}


def is_of_office(place: str) -> bool:
    """Whether a place lies inside a Word or Excel file.

    Examples
    --------
    >>> is_of_office("word/styles.xml"), is_of_office("line 4, a comment")
    (True, False)
    """
    return bool(_PLACE.search(place))


def is_office_file(parts: Collection[str]) -> bool:
    """Whether a zip with these parts is a file of Word or Excel.

    Examples
    --------
    >>> is_office_file(["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
    True
    >>> is_office_file(["word/document.xml", "image3.png"])
    False
    """
    return {"[Content_Types].xml", "_rels/.rels"}.issubset(parts)


def is_moment(text: str) -> bool:
    """Whether a text is a moment as the properties of a file tell it, and nothing else.

    Examples
    --------
    >>> is_moment("2026-11-22T13:38:28Z"), is_moment("28z")
    (True, False)
    """
    return bool(_MOMENT.fullmatch(text))


def is_part_name(name: str) -> bool:
    """Whether a program gave a part of a file its name, with its number.

    Examples
    --------
    >>> is_part_name("word/media/image3.png"), is_part_name("word/media/P07.png")
    (True, False)
    """
    return bool(_PART.fullmatch(name.lower()))


def written_by_office(element: str, attribute: str, value: str | None = None) -> bool:
    """Whether the schema alone gives an attribute this value; without a value, this name.

    Parameters
    ----------
    element, attribute : str
        In small letters, with their prefixes.
    value : str, optional

    Examples
    --------
    >>> written_by_office("w:shd", "w:themefillshade", "D8")
    True
    >>> written_by_office("w:shd", "w:themefillshade", "P07"), written_by_office("c", "name", "D8")
    (False, False)
    """
    tag, name = element.rpartition(":")[2], attribute.rpartition(":")[2]
    is_mapping = tag == "clrschememapping" and bool(_OF_MAPPING.fullmatch(name))
    if value is None:
        return is_mapping or bool(_PREFIXED.fullmatch(attribute))
    told = value.strip().lower()
    if attribute.startswith("xmlns"):
        return bool(_NAMESPACE.fullmatch(told))
    kinds = (_BY_NAME.get(name), _BY_ELEMENT.get((tag, name)), _OF_THEME if is_mapping else None)
    return any(kind is not None and bool(kind.fullmatch(told)) for kind in kinds)
