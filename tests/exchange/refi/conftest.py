"""Projects as other programs write them, composed for the tests, and the rules of the format."""

import re
import uuid
import zipfile
from xml.sax.saxutils import escape, quoteattr

import pytest

NAMESPACE = "urn:QDA-XML:project:1.0"


def guid(name):
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name)).upper()


class Foreign:
    """A project of another program, written by hand."""

    def __init__(self, folder):
        self.folder = folder

    def write(
        self, body, members=(), *, name="study.qdpx", origin="Other 1.0", project="project.qde"
    ):
        """A .qdpx of the children of Project and its members."""
        path = self.folder / name
        head = f'<Project xmlns="{NAMESPACE}" name="A study" origin={quoteattr(origin)}>'
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                project, f"<?xml version='1.0' encoding='utf-8'?>{head}{body}</Project>"
            )
            for member, data in dict(members).items():
                archive.writestr(member, data)
        return path

    def codes(self, *names, **attributes):
        rows = "".join(self.code(name) for name in names)
        return f"<CodeBook><Codes>{rows}</Codes></CodeBook>"

    def code(self, name, inner="", *, codable="true"):
        return (
            f'<Code guid="{guid(name)}" name={quoteattr(name)} isCodable="{codable}">{inner}</Code>'
        )

    def source(self, name, inner, *, path=None, text=None):
        where = f' plainTextPath="{path}"' if path else ""
        content = f"<PlainTextContent>{escape(text)}</PlainTextContent>" if text else ""
        head = f'<TextSource guid="{guid(name)}" name={quoteattr(name)}{where}>'
        return f"{head}{content}{inner}</TextSource>"

    def selection(self, key, start, end, code=None, *, name=""):
        coding = (
            f'<Coding guid="{guid(key + "c")}"><CodeRef targetGUID="{guid(code)}"/></Coding>'
            if code
            else ""
        )
        shown = f" name={quoteattr(name)}" if name else ""
        return (
            f'<PlainTextSelection guid="{guid(key)}"{shown} startPosition="{start}" '
            f'endPosition="{end}">{coding}</PlainTextSelection>'
        )

    guid = staticmethod(guid)


@pytest.fixture
def foreign(tmp_path):
    return Foreign(tmp_path)


# ── the rules of the format, from its specification ──

_SELECTED = "Description? Coding* NoteRef*"
_REST = "Coding* NoteRef* VariableValue*"
CHILDREN = {
    "Project": "Users? CodeBook? Variables? Cases? Sources? Notes? Links? Sets? Graphs? "
    "Description? NoteRef*",
    "Users": "User+",
    "CodeBook": "Codes",
    "Codes": "Code+",
    "Code": "Description? NoteRef* Code*",
    "Variables": "Variable+",
    "Variable": "Description?",
    "Cases": "Case+",
    "Case": "Description? CodeRef* VariableValue* SourceRef* SelectionRef*",
    "Sources": "(TextSource|PictureSource)+",
    "TextSource": f"Description? PlainTextContent? PlainTextSelection* {_REST}",
    "TextDescription": f"Description? PlainTextContent? PlainTextSelection* {_REST}",
    "Note": f"Description? PlainTextContent? PlainTextSelection* {_REST}",
    "PictureSource": f"Description? TextDescription? PictureSelection* {_REST}",
    "PlainTextSelection": _SELECTED,
    "PictureSelection": _SELECTED,
    "Coding": "CodeRef NoteRef*",
    "VariableValue": "VariableRef "
    "(TextValue|BooleanValue|IntegerValue|FloatValue|DateValue|DateTimeValue)?",
    "Notes": "Note+",
}
REQUIRED = {
    "Project": ("name",),
    "User": ("guid",),
    "Code": ("guid", "name", "isCodable"),
    "Variable": ("guid", "name", "typeOfVariable"),
    "Case": ("guid",),
    "TextSource": ("guid",),
    "TextDescription": ("guid",),
    "PictureSource": ("guid",),
    "Note": ("guid",),
    "PlainTextSelection": ("guid", "startPosition", "endPosition"),
    "PictureSelection": ("guid", "firstX", "firstY", "secondX", "secondY"),
    "Coding": ("guid",),
}
_GUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_VALUES = {
    "BooleanValue": r"true|false",
    "IntegerValue": r"-?\d+",
    "FloatValue": r"-?\d+(\.\d+)?",
    "DateValue": r"\d{4}-\d\d-\d\d",
    "DateTimeValue": _TIME.pattern,
}


def breaches(root):
    """Everything in which a project breaks the rules of the format."""
    found, guids, wanted = [], [], set()
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        pattern = re.sub(r"(\w+)", r"(?:\1 )", CHILDREN.get(name, "")).replace(" )", ";)")
        below = "".join(f"{each.tag.rpartition('}')[2]};" for each in element)
        if not re.fullmatch(pattern.replace(" ", ""), below):
            found.append(f"{name} holds {below[:80]}")
        found += [
            f"{name} lacks {each}" for each in REQUIRED.get(name, ()) if each not in element.attrib
        ]
        for key, value in element.attrib.items():
            if key in ("guid", "targetGUID", "creatingUser") and not _GUID.fullmatch(value):
                found.append(f"{key} {value}")
            if key == "creationDateTime" and not _TIME.fullmatch(value):
                found.append(value)
        guids += [element.get("guid")] if element.get("guid") else []
        wanted |= {element.get("targetGUID"), element.get("creatingUser")} - {None}
        if name in _VALUES and not re.fullmatch(_VALUES[name], element.text or ""):
            found.append(f"{name} {element.text!r}")
    found += [f"{each} stands twice" for each in set(guids) if guids.count(each) > 1]
    return found + [f"nothing is {each}" for each in wanted.difference(guids)]


@pytest.fixture
def rule_breaches():
    return breaches
