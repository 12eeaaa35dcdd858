"""Codebook and frameworks for others: what travels, and what never does."""

import dataclasses
from pathlib import Path

import openpyxl
import pytest

from reflect_analysis.codebook import Code, Codebook, Group, Source, read_codebook
from reflect_analysis.corpus import Case, Corpus, Document
from reflect_analysis.errors import DisclosureError, FrameworkError, OutputError
from reflect_analysis.exchange import export_public
from reflect_analysis.frameworks import Framework, FrameworkRow, read_framework

HERS = "We washed the paint pots side by side and somebody laughed."


def book(definition="The writer is part of a group."):
    code = Code(
        "together",
        "Together",
        definition,
        "company",
        examples=(HERS,),
        note=HERS,
        source=(Source("Nobody (2001). A book."),),
    )
    return Codebook((code,), (Group("company", "Company"),), title="A study", licence="CC BY 4.0")


def framework(code="together"):
    rows = (FrameworkRow("circle", "A circle", text="People meet.", supports=(code,)),)
    return Framework("circles", "Circles", "components", rows, always_said=("Beside pay.",))


CORPUS = Corpus((Document("P01-S1", HERS, case_id="P01"),), (Case("P01"),))


def texts_of(folder):
    return "".join(
        path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".txt", ".yaml")
    )


def test_definitions_frameworks_licence_and_credits_travel_without_examples(tmp_path):
    found = export_public(
        tmp_path / "out", codebook=book(), frameworks=[framework()], corpus=CORPUS
    )
    assert found.documents == ()
    assert read_codebook(tmp_path / "out" / "codebook.yaml")["together"].examples == ()
    assert read_framework(tmp_path / "out" / "frameworks" / "circles.yaml") == framework()
    words = texts_of(tmp_path / "out")
    assert "paint pots" not in words
    assert "Licence: CC BY 4.0" in words
    assert "Nobody (2001). A book. (not verified)" in words
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_examples_that_somebody_made_up_may_travel(tmp_path):
    export_public(tmp_path / "out", codebook=book(), composed=True)
    assert "paint pots" in texts_of(tmp_path / "out")


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("Ana Lopez", "researcher 1"),
        ("Ana Lopez, lead researcher", "researcher 1"),
        ("P07", "researcher 1"),
        ("lead researcher", "lead researcher"),
        ("coder-1", "coder-1"),
    ],
)
def test_who_changed_a_code_is_told_by_role_and_never_by_name(tmp_path, by, told):
    old = book()
    changed = old.revise(dataclasses.replace(old["together"], name="In company"), by=by)
    export_public(tmp_path / "out", codebook=changed)
    (row,) = read_codebook(tmp_path / "out" / "codebook.yaml").history
    assert row.by == told
    sheets = openpyxl.load_workbook(tmp_path / "out" / "codebook.xlsx")
    cells = {str(cell) for sheet in sheets for row in sheet.values for cell in row}
    assert told in cells
    assert told == by or not any(by in cell for cell in cells)


def test_names_stay_apart_and_an_approved_name_stays_approved(tmp_path):
    old = book()
    code = dataclasses.replace(
        old["together"], id="in_vivo_1", in_vivo=True, name_approved_by="Bo Holm"
    )
    changed = dataclasses.replace(old, codes=(code,))
    for n, by in enumerate(("Ana Lopez", "Bo Holm", "Ana Lopez")):
        changed = changed.revise(dataclasses.replace(changed["in_vivo_1"], name=f"N{n}"), by=by)
    changed = changed.approve_name("in_vivo_1", by="Bo Holm")
    export_public(tmp_path / "out", codebook=changed)
    found = read_codebook(tmp_path / "out" / "codebook.yaml")
    first, second = "researcher 1", "researcher 2"
    assert [row.by for row in found.history] == [first, second, first, second]
    assert found["in_vivo_1"].name_approved_by == second
    assert found["in_vivo_1"].public_name == "N2"
    assert "Bo Holm" not in texts_of(tmp_path / "out")


def test_a_definition_that_is_a_participants_passage_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(DisclosureError, match="words of P01-S1"):
        export_public(tmp_path / "out", codebook=book(HERS), corpus=CORPUS)
    assert list(tmp_path.iterdir()) == []


def test_a_framework_of_another_codebook_is_refused(tmp_path):
    with pytest.raises(FrameworkError, match="did you mean 'together'"):
        export_public(tmp_path / "out", codebook=book(), frameworks=[framework("togehter")])
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_is_replaced_only_when_it_is_such_an_export_and_asked(tmp_path):
    export_public(tmp_path / "out", codebook=book())
    with pytest.raises(OutputError, match="holds something"):
        export_public(tmp_path / "out", codebook=book())
    export_public(tmp_path / "out", codebook=book(), overwrite=True)
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="holds something"):
        export_public(tmp_path / "out", codebook=book(), overwrite=True)
    assert (tmp_path / "out" / "thesis.txt").is_file()


def test_whatever_the_disk_says_is_told_of_the_folder_and_nothing_is_left(tmp_path, monkeypatch):
    def full(_, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OutputError, match=r"out: cannot be written \(No space left"):
        export_public(tmp_path / "out", codebook=book())
    assert list(tmp_path.iterdir()) == []
