"""Codebook and frameworks for others to adapt, without anything of the study's participants.

What travels is what the researchers made: definitions, rules, sources, frameworks. Examples,
notes and reasons stay, because in most studies they are participants' words, and so do the names
of who changed a code. The finished folder is searched for any passage that stood in a definition
after all.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from reflect_analysis._whole import whole_folder
from reflect_analysis.codebook import Codebook, write_codebook
from reflect_analysis.corpus import Corpus, Omission
from reflect_analysis.disclosure import check_share
from reflect_analysis.errors import OutputError, ReflectAnalysisError
from reflect_analysis.exchange.values import Exported
from reflect_analysis.frameworks import Framework

__all__ = ["export_public"]

_NAME = "codebook and frameworks, to be adapted"
_NOTE = "read it before it goes: the codebook's history says when a code was changed; names are out"
# Who is called by nothing but these words (and numbers) is called by a role.
_ROLES = {
    "a", "an", "the", "of", "our", "study", "team", "lead", "leader", "leading", "principal",
    "chief", "research", "researcher", "investigator", "coder", "analyst", "reader", "reviewer",
    "assistant", "supervisor", "coordinator", "facilitator", "first", "second", "third",
    "somebody", "machine", "rules",
}  # fmt: skip
_README = """\
{title}
{rule}

{description}

codebook.yaml   the codes with their definitions; edit it in any plain text editor
codebook.xlsx   the same for Excel
frameworks/     what the codes speak to (where there are any)
CREDITS.txt     licence, and the sources of the codes

There is no participant material here: no examples, no notes, no counts. Write examples of your
own before you code, and code a few texts with a second person before you trust a definition.
"""


def export_public(
    folder: str | Path,
    *,
    codebook: Codebook,
    frameworks: Iterable[Framework] = (),
    corpus: Corpus | None = None,
    composed: bool = False,
    overwrite: bool = False,
    before: Callable[[Exported], object] | None = None,
) -> Exported:
    """Write a codebook and its frameworks for other places to adapt.

    Parameters
    ----------
    folder : str or Path
        To be made.
    codebook : Codebook
    frameworks : iterable of Framework
    corpus : Corpus, optional
        The study's texts: what is written is searched for passages and ids of them.
    composed : bool
        Whether somebody made up all examples, counter-examples and notes of the codebook, and
        none quotes a participant: then they go along.
    overwrite : bool
        Whether an earlier export there is replaced.
    before : callable, optional
        Called with what is returned when all of it is made, and not there yet.

    Returns
    -------
    Exported
        Of no document.

    Raises
    ------
    FrameworkError
        If a framework names a code that the codebook lacks.
    DisclosureError
        If a definition or a framework holds a passage of a text.
    OutputError
        If the folder exists, or holds something else.
    """
    target = Path(folder)
    _check_place(target, overwrite=overwrite)
    shown, kept = _without_names(codebook.public(composed=composed)), tuple(frameworks)
    for framework in kept:
        if framework.kind != "checklist":
            framework.check_codes(codebook)
    stays = "stay here: in most studies they are participants’ words"
    left = () if composed else (Omission("codebook", "examples, notes and reasons", stays),)
    leaving = Exported(target, _NAME, (), (), left, (_NOTE,) if shown.history else ())
    try:
        with whole_folder(target, replace=overwrite) as part:
            _write(part, shown, kept)
            if corpus is not None:
                check_share(part, corpus)
            if before is not None:
                before(leaving)
    except ReflectAnalysisError:  # some are OSErrors, too
        raise
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        raise OutputError(f"{target}: cannot be written ({why}); close its files") from None
    return leaving


def _without_names(codebook: Codebook) -> Codebook:
    """The codebook without the names of who changed or approved a code; roles stay.

    Each name becomes "researcher 1" and so on, so that it can still be told whether one
    person or several made the codes.
    """
    given = [row.by for row in codebook.history]
    given += [code.name_approved_by or "" for code in codebook]
    names = dict.fromkeys(each for each in given if each and not _is_role(each))
    stands = {name: f"researcher {number}" for number, name in enumerate(names, start=1)}
    return dataclasses.replace(
        codebook,
        codes=tuple(
            dataclasses.replace(
                code, name_approved_by=stands.get(code.name_approved_by, code.name_approved_by)
            )
            for code in codebook
        ),
        history=tuple(
            dataclasses.replace(row, by=stands.get(row.by, row.by)) for row in codebook.history
        ),
    )


def _is_role(name: str) -> bool:
    """Whether a name says what somebody does, and not who it is."""
    words = re.findall(r"[^\W\d]+", name.casefold().replace("_", " "))
    return bool(words) and _ROLES.issuperset(words)


def _check_place(target: Path, *, overwrite: bool) -> None:
    """An earlier export is known by its files; nothing else is ever replaced."""
    if not target.exists():
        return
    if not target.is_dir():
        raise OutputError(f"{target}: this is a file; name a folder")
    names = {path.name for path in target.iterdir()}
    ours = {"codebook.yaml", "codebook.xlsx", "frameworks", "CREDITS.txt", "README.txt"}
    if names and (not overwrite or not names <= ours or "CREDITS.txt" not in names):
        raise OutputError(f"{target}: holds something; name a new folder, or say overwrite")


def _write(folder: Path, codebook: Codebook, frameworks: tuple[Framework, ...]) -> None:
    for suffix in (".yaml", ".xlsx"):
        write_codebook(codebook, folder / f"codebook{suffix}")
    if frameworks:
        (folder / "frameworks").mkdir()
    for framework in frameworks:
        _put(folder / "frameworks" / f"{framework.id}.yaml", _as_yaml(framework))
    _put(folder / "CREDITS.txt", _credits(codebook, frameworks))
    rule, about = "=" * len(codebook.title), codebook.description or "A codebook."
    _put(
        folder / "README.txt",
        _README.format(title=codebook.title, rule=rule, description=about),
    )


def _as_yaml(framework: Framework) -> str:
    """A framework as `read_framework` reads it."""
    from ruamel.yaml import YAML

    rows = [
        _filled(
            id=row.id,
            name=row.name,
            part=row.part,
            text=row.text,
            condition=row.condition,
            indicators=list(row.indicators),
            **{"for": list(row.supports), "against": list(row.contradicts)},
            terms=list(row.terms),
        )
        for row in framework
    ]
    cases = [
        _filled(situation=c.situation, primary=c.primary, complementary=list(c.complementary))
        for c in framework.use_cases
    ]
    tree = _filled(
        id=framework.id,
        title=framework.title,
        kind=framework.kind,
        source=framework.source,
        licence=framework.licence,
        always_said=list(framework.always_said),
        rows=rows,
        use_cases=cases,
    )
    yaml, stream = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 100
    yaml.dump(tree, stream)
    return stream.getvalue()


def _filled(**entries: Any) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value}


def _credits(codebook: Codebook, frameworks: tuple[Framework, ...]) -> str:
    """Licences, and the sources of codes and frameworks."""
    unnamed = "not stated: ask those who made it before you share it"
    lines = [f"Codebook: {codebook.title}", f"Licence: {codebook.licence or unnamed}"]
    lines += [f"Version: {codebook.version}", ""]
    for framework in frameworks:
        lines += [f"Framework: {framework.title}", f"Licence: {framework.licence or unnamed}"]
        lines += [f"Source: {framework.source}"] * bool(framework.source) + [""]
    cited = {source.cite: source for code in codebook for source in code.source}
    told = [
        cite if source.verified else f"{cite} (not verified)"
        for cite, source in sorted(cited.items())
    ]
    lines += ["Sources of the codes:", *(f"- {each}" for each in told)] if told else []
    return "\n".join(lines).rstrip() + "\n"


def _put(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
