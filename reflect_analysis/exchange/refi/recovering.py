"""What `parts` said in descriptions, read back from them.

Another program passes over the side file and writes the project anew without it; descriptions
survive. So consent, governance, "people only" and the criteria of a code come back even then:
nobody's refusal is lost on the way through another program, and no machine becomes a person.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from reflect_analysis.codebook import CounterExample, Source
from reflect_analysis.corpus import Answer, Governance

__all__ = ["alt_text", "book_facts", "case_facts", "code_facts", "machine_coders", "strange_words"]

_CONSENT = re.compile(r"^Consent to be quoted: (\w+)\.$", re.MULTILINE)
_GOVERNED = re.compile(r"^Governed by (.+); approved: (.+)\.$", re.MULTILINE)
# What `parts.about_coding` and `parts.about_reading` write, and the alt text of a picture.
_PICTURE = "Picture: "
_PROPOSED = re.compile(r"\S+ by (.+): (?:.*, )?proposed by a machine, .+")
_OURS = re.compile(
    r"\S+ by .+: (?:proposed by a machine, .*|blind(?:, \w+ phase)?|\w+ phase|score [-+.\de]+)"
    r"|Read by .+\.|Picture: .*"
)
_LABELS = {
    "Include": "include",
    "Exclude": "exclude",
    "Example": "examples",
    "Not an example": "counter_examples",
    "Source": "source",
    "Note": "note",
}
_LINE = re.compile(rf"({'|'.join(_LABELS)}): (.+)")
_PEOPLE_ONLY = "Coded by people only."
_STATUS = re.compile(r"Status: (provisional|retired)")
_REPLACED = re.compile(r"Replaced by: ([a-z][a-z0-9_]*)")
_UNIT = re.compile(r"Unit: (reflection)")
_IN_VIVO = re.compile(r"In vivo: (in_vivo_\d+), (?:approved by (.+)|not approved)")
_OF_BOOK = re.compile(r"(Language|Licence|Rule): (.+)")


def case_facts(about: str) -> tuple[dict[str, Any], str]:
    """Consent and governance of a case, and the description without them.

    Examples
    --------
    >>> case_facts("Consent to be quoted: no.")
    ({'quotes': 'no'}, '')
    """
    facts: dict[str, Any] = {}
    consent, governed = _CONSENT.search(about), _GOVERNED.search(about)
    if consent and consent[1] in get_args(Answer):
        facts["quotes"] = consent[1]
        about = about.replace(consent[0], "", 1)
    if governed:
        uses = () if governed[2] == "nothing" else tuple(governed[2].split(", "))
        facts["governance"] = Governance(governed[1], uses)
        about = about.replace(governed[0], "", 1)
    return facts, about.strip()


def machine_coders(about: str) -> set[str]:
    """Coders that the description of a selection calls machines.

    Examples
    --------
    >>> machine_coders("help by rules: proposed by a machine, nobody has decided, score 0.5")
    {'rules'}
    """
    return {found[1] for line in about.split("\n") if (found := _PROPOSED.fullmatch(line))}


def alt_text(about: str) -> str | None:
    """The alt text of a picture, from the first line of its description."""
    first = about.partition("\n")[0]
    return first.removeprefix(_PICTURE) if first.startswith(_PICTURE) else None


def strange_words(about: str) -> str:
    r"""A description without the lines that this package wrote there.

    Examples
    --------
    >>> strange_words("Read by ada (blind).\nA remark of theirs.")
    'A remark of theirs.'
    """
    return "\n".join(line for line in about.split("\n") if not _OURS.fullmatch(line)).strip()


def code_facts(about: str) -> dict[str, Any]:
    r"""The definition of a code and its criteria, from the last paragraph of its description.

    Examples
    --------
    >>> code_facts("A sense of belonging.\n\nInclude: being welcomed\nCoded by people only.")
    {'definition': 'A sense of belonging.', 'include': ('being welcomed',), 'human_only': True}
    """
    definition, _, last = about.rpartition("\n\n")
    facts: dict[str, Any] = {}
    items: dict[str, list[str]] = {}
    replaced: list[str] = []
    for line in last.split("\n"):
        found = _LINE.fullmatch(line)
        if found:
            items.setdefault(_LABELS[found[1]], []).append(found[2])
        elif line == _PEOPLE_ONLY:
            facts["human_only"] = True
        elif (told := _told(line)) is None:
            # Not ours: a paragraph of the definition, or a program changed it.
            return {"definition": about}
        else:
            replaced += told.pop("replaced_by", ())
            facts |= told
    found_items: dict[str, Any] = {name: tuple(each) for name, each in items.items()}
    if "counter_examples" in found_items:
        pairs = [each.rpartition(" — ") for each in found_items["counter_examples"]]
        if not all(text.strip() and why.strip() for text, _, why in pairs):
            return {"definition": about}
        found_items["counter_examples"] = tuple(CounterExample(t, why) for t, _, why in pairs)
    if "source" in found_items:
        found_items["source"] = tuple(map(Source, found_items["source"]))
    if "note" in found_items:
        found_items["note"] = "\n".join(found_items["note"])
    facts |= {"replaced_by": tuple(replaced)} if replaced else {}
    return {"definition": definition, **found_items, **facts}


def _told(line: str) -> dict[str, Any] | None:
    """What a line says of a code's standing; `None` where it is none of ours."""
    if found := _STATUS.fullmatch(line):
        return {"status": found[1]}
    if found := _REPLACED.fullmatch(line):
        return {"replaced_by": (found[1],)}
    if found := _UNIT.fullmatch(line):
        return {"unit": found[1]}
    if found := _IN_VIVO.fullmatch(line):
        return {"in_vivo": found[1], "name_approved_by": found[2] or ""}
    return None


def book_facts(about: str) -> tuple[dict[str, Any], str]:
    r"""Language, licence and rules of a codebook, and the description without them.

    Examples
    --------
    >>> book_facts("Of the second round.\n\nLanguage: cs\nRule: one code a sentence")
    ({'language': 'cs', 'general_rules': ('one code a sentence',)}, 'Of the second round.')
    """
    rest, _, last = about.rpartition("\n\n")
    found = [_OF_BOOK.fullmatch(line) for line in last.split("\n")]
    if not all(found):
        return {}, about
    told = [(each[1], each[2]) for each in found if each]
    facts: dict[str, Any] = {name.lower(): text for name, text in told if name != "Rule"}
    rules = tuple(text for name, text in told if name == "Rule")
    return facts | ({"general_rules": rules} if rules else {}), rest
